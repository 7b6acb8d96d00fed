//! The router against a real broker.

#![expect(clippy::disallowed_methods, reason = "a test has its time from the system")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

mod batches;
mod clock;
mod credit;
mod doubles;
mod gateway;
mod limits;
mod mo;
mod mt;
mod numbers;
mod redelivered;
mod restart;
mod revoked;
mod routes;
mod strangers;
mod windows;
