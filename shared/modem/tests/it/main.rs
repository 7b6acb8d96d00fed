//! The machine in virtual time.

#![expect(clippy::disallowed_methods, reason = "time is an argument here, and any time will do")]
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on says where; the matrix is printed"
)]

mod bench;
mod boot;
mod field_cases;
mod layers;
mod makes;
mod matrix;
mod ops;
mod peer;
mod random;
mod readiness;
mod receiving;
mod recovery;
mod requests;
mod sending;
mod sim;
mod storing;
mod transcripts;

pub(crate) const SECOND: std::time::Duration = std::time::Duration::from_secs(1);
