//! Configuration, telemetry, lifecycle, health, clock and id sources of Merpati's services.
//!
//! What every service needs around its work and what must be the same in all of them. Nothing here
//! knows of messages or modems.

pub mod clock;
pub mod config;
pub mod files;
pub mod health;
pub mod metrics;
pub mod shutdown;
pub mod telemetry;
pub mod tls;
pub mod token;

pub use clock::{Clock, ManualClock, SharedClock, SystemClock};
pub use config::Config;
pub use files::FolderLock;
pub use health::Health;
pub use metrics::Metrics;
pub use shutdown::Shutdown;
pub use telemetry::Telemetry;
pub use token::random_token;
