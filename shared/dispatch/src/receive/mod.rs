//! What carriers receive: messages, delivery reports, late answers.
//!
//! What was received is acknowledged to the network only after the broker, or the spool on this host's disk, has it.
//! Reports are matched here to the parts that they are about; what a report proves goes to [`crate::settle`].

pub(crate) mod backlog;
pub(crate) mod inbound;
