//! Delivers callbacks with retries, so a slow URL slows nobody else.
//!
//! There are three kinds: Kannel's `dlr-url`, by which a program is told what became of its message; keyword services, each
//! of which is called for the messages that begin with its keyword, and whose answer may go back to the sender; and
//! endpoints, which are told of all events that they ask for, signed as Standard Webhooks says, or sent a mail. An event becomes a row of
//! the database, the row is delivered, and what the URL answered is kept, so that people can see why a program was not
//! told.
//!
//! ```text
//!                            ┌─ retry ─┐
//!                            ▼         │
//! events ─► notice ───────► row ─► courier ─► guard ─► URL of a message or a service ─► reply
//!             └─► announcer ─► lane ─► lanes ─► guard ─► endpoint
//!                               ▲        │
//!                               └─ wait ─┘
//! ```

mod access_log;
pub mod address;
mod announcement;
mod announcer;
mod answers;
mod courier;
mod fetch;
mod form;
mod keywords;
mod lanes;
mod listeners;
mod loops;
mod mailer;
mod notice;
mod numbers;
mod parcel;
mod payload;
mod post;
mod program;
mod replier;
pub mod resolver;
mod run;
mod schedule;
mod service;
mod smsgate;
mod told;
mod twilio;
mod twiml;
mod verdict;

pub use fetch::SetupError;
pub use mailer::MailerError;
pub use run::{Deps, RunError, run};
