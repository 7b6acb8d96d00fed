//! Configuration, telemetry, lifecycle, health, clock and id sources of Merpati's services.

pub mod config;
pub mod shutdown;

pub use config::Config;
pub use shutdown::Shutdown;
