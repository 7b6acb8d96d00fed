//! Webhooks against a real broker, a real database and real sockets.

#![expect(clippy::disallowed_methods, reason = "a test has its time from the system")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

mod alerts;
mod endpoint;
mod endpoints;
mod forms;
mod gateway;
mod guard;
mod loops;
mod mails;
mod programs;
mod replies;
mod service_kinds;
mod services;
mod told;
mod tries;
