//! What every carrier of messages needs between the broker and the network.
//!
//! A carrier is one way to a network that takes one part of a message at a time: a GSM modem, a bind to a service
//! centre. What it carries is in the hands of this crate, which holds the promises: nothing is sent twice in silence,
//! a message of several parts goes out through one SIM, and what was received is acknowledged only when it is kept.
//!
//! The journal decides what is sent ([`Sender`]), the lease keeps other drivers away ([`Dispatch::lease`]), verdict and
//! sweep find out after a crash how a message stands, a settlement tells what became of it, and reports and late
//! answers are matched to their parts ([`Inbound`]). The journal is shared by all drivers on all hosts.
//!
//! # What a carrier does itself
//!
//! - It implements [`Carrier`]: who it is, whether it takes a message, and what came of a part. Each carrier has a
//!   [`ModemId`](contracts::ModemId) and a [`SimId`](contracts::SimId) of its own; for a bind, `SimId::derived` of
//!   system id and address is one, since the SIM is what replies, quotas and reports belong to.
//! - It runs a [`Sender`] for as long as it is there, and the lease beside it.
//! - It hands what it receives to [`Inbound::keep`], and acknowledges it to the network only where that says that it is
//!   safe. Parts, received messages and reports are TPDUs, as in the contracts: a carrier with another language on the
//!   wire translates at its edge. A reference of more than eight bits has to be folded into TP-MR there; recipient and
//!   time tell apart what that confuses.
//! - It shows its state in the bucket `modems`, as people and the router look for it there, and answers to control.
//!
//! `tests/it` has a carrier without a modem, which keeps the same promises.

mod carrier;
mod dispatch;
mod journal;
mod lease;
mod open;
mod outstanding;
mod receive;
mod reports;
mod retry;
mod send;
mod settle;
mod spool;

pub use carrier::{Again, Candidate, Carrier, MayBegin, Outcome, Progress, Submission};
pub use dispatch::Dispatch;
pub use lease::{Held, LeaseState, Moment};
pub use open::{Surroundings, Upkeep};
pub use outstanding::Outstanding;
pub use receive::inbound::{Inbound, Kept, Matched, Received};
pub use retry::RetryPolicy;
pub use send::sender::Sender;
pub use spool::SpoolState;
pub use spool::file::{SpoolContent, SpoolLimits, look_at_spool};
