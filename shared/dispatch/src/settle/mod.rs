//! What follows from what is known of a message: entries are written until the journal has them, people are told, items
//! are moved or taken out of the queue, and what was uncertain becomes certain.
//!
//! Nothing in this folder talks to a carrier.

pub(crate) mod awaiting;
pub(crate) mod certainty;
pub(crate) mod proof;
pub(crate) mod redirect;
pub(crate) mod settlement;
pub(crate) mod sweep;
pub(crate) mod writing;
