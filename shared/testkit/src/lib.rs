//! Real parts for tests: a nats-server per test, a way to it that can be held up, temporary databases, waiting with an end.
//!
//! Nothing here is a stand-in. A real nats-server is ready in about ten milliseconds, so each test
//! has its own, with fixed subject names; what a mock would hide (redelivery, duplicate windows,
//! a killed broker) is what the tests are about. Errors panic with words: a test that cannot have
//! its parts has failed.

#![expect(clippy::expect_used, reason = "a test that cannot have its parts has failed")]
#![expect(clippy::disallowed_methods, reason = "a real server is waited for in real time")]
#![expect(clippy::print_stdout, reason = "a test says what it could not try")]

pub mod database;
pub mod disk;
pub mod mail;
pub mod nats;
pub mod proxy;
pub mod source;
pub mod wait;

pub use database::{PostgresServer, TempDatabase};
pub use disk::{SmallDisk, Unwritable};
pub use mail::{Mail, MailSink};
pub use nats::{NatsServer, nats_servers};
pub use proxy::{Hold, NatsProxy, Point, Tally};
pub use wait::{PATIENCE, wait_for, wait_for_within};
