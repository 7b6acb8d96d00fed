//! The portal as a person meets it, in a real browser.

#[path = "../system/gateway.rs"]
mod gateway;

mod browser;
mod first_minute;
