//! The driver on a real nats-server and simulated modems.

#![expect(clippy::disallowed_methods, reason = "a test has its time from the system")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod announcing;
mod balance;
mod cancelling;
mod clock;
mod control;
mod crash;
mod judging;
mod late;
mod layers;
mod limits;
mod plugging;
mod readiness;
mod receiving;
mod reports;
mod rig;
mod sending;
mod sharing;
mod spool;
mod stored;
mod trace;
