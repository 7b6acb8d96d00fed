//! Delivers callbacks with retries, so a slow URL slows nobody else.
//!
//! One kind for now: Kannel's `dlr-url`, by which a program is told what became of its message. An event
//! becomes a row of the database, the row is delivered, and every attempt is kept with what the URL
//! answered, so that people can see why a program was not told.
//!
//! ```text
//! events ─► notice ─► row ─► courier ─► guard ─► URL
//!                      ▲        │
//!                      └─ retry ┘
//! ```

pub mod address;
mod courier;
pub mod escape;
mod fetch;
mod notice;
mod numbers;
pub mod resolver;
mod run;
mod schedule;
mod told;

pub use fetch::SetupError;
pub use run::{Deps, RunError, run};
