//! What comes from a modem and from the network: messages, delivery reports, late answers.
//!
//! A received message is acknowledged only after the broker, or the spool on this host's disk, has it. Reports are
//! matched here to the parts that they are about. Nothing in this folder sends; what a report proves about a part goes
//! to [`crate::journal`].

pub(crate) mod backlog;
pub(crate) mod outstanding;
pub(crate) mod publisher;
pub(crate) mod receiver;
pub(crate) mod record;
pub(crate) mod reports;
pub(crate) mod spool;
pub(crate) mod spool_file;

pub use spool_file::{SpoolContent, SpoolLimits, look_at_spool};
