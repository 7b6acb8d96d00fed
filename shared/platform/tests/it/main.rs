//! The platform as its users meet it.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

mod config;
mod serving;
mod traces;
