//! The codec against PDUs from outside sources, and laws that hold for any input.

mod published;
