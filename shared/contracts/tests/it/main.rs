//! The golden files: what each release wrote decodes for ever.
//!
//! A file is never changed once a release has written it. A new field or kind gets a new file beside
//! the old one (`mt_request.2.json`). `GOLDEN=write` writes files that are not there yet.
//!
//! The documents of the broker's subjects are made from them.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

mod golden;
mod items;
mod reference;
mod tolerance;
