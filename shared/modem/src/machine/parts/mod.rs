//! The parts of the machine: plain types, and owners of state that say what may be done with it.
//!
//! No part knows the machine or writes to a modem. The files beside this folder do that: each is an `impl` of
//! [`super::Modem`] that asks the parts what to do, and tells them what was done.

pub(crate) mod active;
pub(crate) mod agenda;
pub(crate) mod announce;
pub(crate) mod by_hand;
pub(crate) mod call;
pub(crate) mod desk;
pub(crate) mod device;
pub(crate) mod errands;
pub(crate) mod handshake;
pub(crate) mod health;
pub(crate) mod inbox;
pub(crate) mod link;
pub(crate) mod memories;
pub(crate) mod needs;
pub(crate) mod network;
pub(crate) mod notices;
pub(crate) mod outbox;
pub(crate) mod partial;
pub(crate) mod pdu;
pub(crate) mod phase;
pub(crate) mod refusal;
pub(crate) mod sending;
pub(crate) mod setup;
pub(crate) mod sim;
pub(crate) mod task;
pub(crate) mod words;
