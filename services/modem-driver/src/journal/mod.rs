//! What is known of each part of each message, and what follows from that.
//!
//! The journal, not the acknowledgement, decides whether a message was sent (ADR 0003). This folder writes its entries,
//! judges items by them after a crash, and corrects them when something becomes certain. It talks to the broker and
//! to the spool on this host's disk. It knows modems and SIMs by their ids and never talks to one, so it takes of the
//! driver only [`crate::dispatch`] and what [`crate::receive`] keeps: all of this would serve another kind of carrier.

pub(crate) mod about;
pub(crate) mod awaiting;
pub(crate) mod bucket;
pub(crate) mod certainty;
pub(crate) mod entry;
pub(crate) mod in_hand;
pub(crate) mod lease;
pub(crate) mod proof;
pub(crate) mod reclaim;
pub(crate) mod redirect;
pub(crate) mod sweep;
pub(crate) mod verdict;
pub(crate) mod writing;
