//! Configuration, telemetry, lifecycle, clock, files and secrets of Merpati's services.
//!
//! What every service needs around its work and what must be the same in all of them. Nothing here
//! knows of messages or modems.

mod clock;
pub mod config;
pub mod disk;
pub mod files;
mod log;
pub mod metrics;
pub mod shutdown;
pub mod telemetry;
pub mod tls;
pub mod token;

pub use clock::Clock;
pub use config::Config;
pub use disk::{Disk, DiskTrouble, Space};
pub use files::FolderLock;
pub use metrics::Metrics;
pub use shutdown::Shutdown;
pub use telemetry::{Telemetry, set_log};
pub use token::random_token;
