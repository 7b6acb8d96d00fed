//! The machine in virtual time.

mod bench;
mod boot;
mod matrix;
mod peer;
mod sending;

pub(crate) const SECOND: std::time::Duration = std::time::Duration::from_secs(1);
