//! The way of a message from the broker to the modem.
//!
//! A sender takes work when its modem is ready, enters each attempt in the journal, writes the parts, and settles what
//! became of them. Whether a message may be sent at all is decided elsewhere: the router admits, the journal judges.
//! Modems are reached through [`crate::port`] alone, and what is known of a message through [`crate::journal`].

mod attempt;
mod begin;
pub(crate) mod carrier;
mod conclude;
mod ending;
mod job;
pub(crate) mod sender;
mod settlement;
mod work;
mod write;
