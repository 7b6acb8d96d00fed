//! The portal as a person meets it, in a real browser.

#![expect(clippy::disallowed_methods, reason = "a test has its time from the system")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

#[expect(dead_code, reason = "the system tests use more of it")]
#[path = "../system/gateway.rs"]
mod gateway;

mod accessibility;
mod away;
mod broadcasts;
mod browser;
mod bulk;
mod compose;
mod contacts;
mod conversations;
mod docs;
mod first_minute;
mod modems;
mod phone_codes;
mod pictures;
mod team;
mod webhooks;
mod witness;
