//! What is known of each part of each message, and what that means.
//!
//! The journal, not the acknowledgement, decides whether a message was sent (ADR 0003). This folder has the entries,
//! their bucket, and the judgement of an item by them; what is done about it is in [`crate::settle`].

pub(crate) mod about;
pub(crate) mod bucket;
pub(crate) mod entry;
pub(crate) mod in_hand;
pub(crate) mod reclaim;
pub(crate) mod verdict;
