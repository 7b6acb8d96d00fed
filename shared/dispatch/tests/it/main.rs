//! What carriers are promised, with a carrier that has no modem, on a real nats-server.

#![expect(clippy::disallowed_methods, reason = "a test has its time from the system")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod layers;
mod network;
mod promises;
mod rig;
