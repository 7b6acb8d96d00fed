//! The first minute.
