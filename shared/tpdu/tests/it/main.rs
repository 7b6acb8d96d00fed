//! The codec against octets from outside sources, and laws that hold for any input.

#![expect(clippy::disallowed_methods, reason = "how long a test takes is measured")]
#![expect(clippy::unwrap_used, reason = "what tests share may panic as tests may")]

mod alphabets;
mod cut;
mod errors;
mod fields;
mod laws;
mod mutation;
mod properties;
mod published;
mod reported;
mod splitting;
