//! Webhooks against a real broker, a real database and real sockets.

mod gateway;
mod guard;
mod told;
mod tries;
