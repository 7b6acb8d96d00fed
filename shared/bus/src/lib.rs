//! NATS for Merpati's services: connection, topology, typed publish and consume, trace headers, dead letters.
//!
//! Why a crate between the services and the client library: the promises of the gateway live here, in
//! one place. What is published carries its `Nats-Msg-Id`, and a publish whose answer did not come is
//! tried again with the same id, or reported as [`PublishError::Unknown`], never as failed. A delivery
//! that is dropped goes back to the broker. Streams and consumers are declared in [`topology`] and
//! compared with what the broker echoes, because nats-server 2.9 drops settings it does not know
//! without a word. Everything goes on by itself when the broker is killed and comes back.
//!
//! Rejected: an in-memory stand-in for tests and small installations (a second code path that hides
//! redelivery), and the client library's own key-value creation (it fails on 2.9).

mod connect;
pub mod consume;
pub mod delivery;
pub mod durable;
mod event;
mod health;
pub mod item;
pub mod kv;
mod pause;
mod payload;
pub mod publish;
mod pull;
mod reader;
mod requested;
mod server;
pub mod settings;
pub mod stream;
pub mod subscribe;
pub mod topology;
pub mod trace;
mod truncated;
mod watch;

pub use connect::{Bus, ConnectError, server_version};
pub use consume::{ConsumeError, Deliveries, Wait, quiet_after};
pub use delivery::{Ack, AckError, Delivery, Receipt};
pub use durable::Durable;
pub use event::Event;
pub use health::{Ill, Unhealthy};
pub use item::{ItemError, Stored};
pub use kv::{Bucket, Entry, Kv, KvError};
pub use pause::{Backoff, sleep_until};
pub use payload::Payload;
pub use publish::{PublishError, Published};
pub use reader::{Extent, Reader};
pub use requested::Requested;
pub use server::{ServerVersion, Weakness};
pub use settings::NatsConfig;
pub use stream::Stream;
pub use subscribe::{Hint, SubscribeError, Subscription, Unread};
pub use topology::TopologyError;
pub use watch::{Change, Watch};

/// An error of the client library, kept as the source of ours.
pub(crate) type Cause = Box<dyn std::error::Error + Send + Sync>;
