//! How a modem is, for people and for programs: its live state, its tally of the day, its health and its balance, and
//! the control service by which it is asked and told.
//!
//! Sending and receiving note here what happens to them; whether a sick modem rests is decided here too. Messages
//! do not pass through this folder.

mod amount;
pub(crate) mod balance;
pub(crate) mod control;
mod health;
pub(crate) mod state;
pub(crate) mod tally;
