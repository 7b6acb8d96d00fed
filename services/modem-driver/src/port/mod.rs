//! A modem's port, and the state machine of the modem behind it.
//!
//! The pump alone reads and writes the port. All others hold a handle, and hear what the modem says through a channel.
//! Nothing here waits for the broker or knows that there is one; of the crate `bus` only its pauses are used, and of
//! `dispatch` only the words for what came of a submission. Of a message only the TPDU is seen.

pub(crate) mod address;
pub(crate) mod answer;
pub(crate) mod candidates;
mod dialogue;
pub(crate) mod handle;
mod lines;
pub(crate) mod notes;
pub(crate) mod pump;
mod rfc2217;
pub(crate) mod said;
mod seal;
pub(crate) mod serial;
mod tcp;
mod transcript;
mod wire;
