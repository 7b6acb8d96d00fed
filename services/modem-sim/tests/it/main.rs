//! The simulation from outside: ports, faults while it runs, the network, the control port.

#![expect(clippy::disallowed_methods, reason = "a test has its time from the system")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::match_wild_err_arm,
    reason = "functions of tests that are not tests themselves"
)]

mod client;
mod control;
mod dialects;
mod messages;
mod ports;
mod rig;
mod trouble;
