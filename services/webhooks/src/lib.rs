//! Delivers callbacks with retries, so a slow URL slows nobody else.
//!
//! There are two kinds: Kannel's `dlr-url`, by which a program is told what became of its message, and endpoints, which
//! are told of all events that they ask for, signed as Standard Webhooks says. An event becomes a row of the database,
//! the row is delivered, and every attempt is kept with what the URL answered, so that people can see why a program was
//! not told.
//!
//! ```text
//!                            ┌─ retry ─┐
//!                            ▼         │
//! events ─► notice ───────► row ─► courier ─► guard ─► URL of a message
//!             └─► announcer ─► lane ─► lanes ─► guard ─► endpoint
//!                               ▲        │
//!                               └─ wait ─┘
//! ```

pub mod address;
mod announcer;
mod courier;
pub mod escape;
mod fetch;
mod happening;
mod lanes;
mod listeners;
mod notice;
mod numbers;
mod payload;
mod post;
pub mod resolver;
mod run;
mod schedule;
mod told;
mod verdict;

pub use fetch::SetupError;
pub use run::{Deps, RunError, run};
