//! The configuration: one commented file, `merpati.toml`, is both the defaults and the reference.

mod alerts;
mod error;
mod explain;
mod load;
mod network;
mod numbers;
mod reference;
mod sections;
mod value;

use std::path::PathBuf;

use serde::Deserialize;

pub use alerts::Alerts;
pub use error::ConfigError;
pub use load::Sources;
pub use network::Network;
pub use numbers::Numbers;
pub use reference::{Help, REFERENCE};
pub use sections::{
    BalanceQuery, Database, Disk, Doors, Http, Kannel, Limits, LogFormat, Mail, MailDoor,
    MailSubject, Metrics, Modems, Nats, Port, PortSettings, Retention, Router, SendMode, Services,
    Smtp, SmtpTls, Stopping, Sync, Telemetry, Tls, Webhooks,
};
pub use value::{Pattern, Period, PortAddress, Rate, Secret, Size, listen_address};

/// Everything that can be set.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The folder that holds everything. Never empty after [`Config::load`], and absolute.
    pub data: PathBuf,
    /// Where people and programs come in.
    pub http: Http,
    /// The broker.
    pub nats: Nats,
    /// The database.
    pub database: Database,
    /// The disk of the data folder.
    pub disk: Disk,
    /// The modems.
    pub modems: Modems,
    /// Admission and release.
    pub router: Router,
    /// How telephone numbers are read, and where messages may go.
    pub numbers: Numbers,
    /// How much a key and an account may ask for and send.
    pub limits: Limits,
    /// Kannel's dialect.
    pub kannel: Kannel,
    /// The dialects of other gateways.
    pub doors: Doors,
    /// Callbacks.
    pub webhooks: Webhooks,
    /// What keyword services may do on the gateway's machine.
    pub services: Services,
    /// Mails, out and in.
    pub mail: Mail,
    /// How long things are kept.
    pub retention: Retention,
    /// What operators are told of.
    pub alerts: Alerts,
    /// Logs and traces.
    pub telemetry: Telemetry,
    /// Metrics.
    pub metrics: Metrics,
    /// Stopping.
    pub shutdown: Stopping,
}
