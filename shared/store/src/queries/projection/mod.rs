//! The projection.

mod events;
mod outcome;
mod received;
mod requests;
mod state;
