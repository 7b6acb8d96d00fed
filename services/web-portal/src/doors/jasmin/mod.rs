//! Jasmin's HTTP API: `/send`, `/rate`, `/balance`, `/ping`, and its REST API below `/secure`.
//!
//! `username` is the name of an account and `password` one of its API keys.

mod content;
mod reply;
mod request;
mod rest;
mod simple;

pub(crate) use rest::{secure_balance, secure_ping, secure_rate, secure_send, secure_sendbatch};
pub(crate) use simple::{balance, ping, rate, send, send_or_page};
