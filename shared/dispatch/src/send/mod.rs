//! The way of a message from the broker to the carrier.
//!
//! A sender takes work when its carrier is ready, enters each attempt in the journal, has the parts sent, and settles
//! what became of them. Whether a message may be sent at all is decided elsewhere: the router admits, the journal
//! judges.

mod attempt;
mod begin;
mod conclude;
mod ending;
mod job;
pub(crate) mod sender;
mod wanted;
mod work;
mod write;
