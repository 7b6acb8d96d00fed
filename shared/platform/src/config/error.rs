//! Why a configuration is refused.

use std::path::PathBuf;

use super::reference::Help;

/// Why the configuration is refused.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration file {path}: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file is not TOML.
    #[error("the configuration file {path} is not valid TOML: {source}")]
    NotToml {
        /// The file.
        path: PathBuf,
        /// Where and why.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// There is no such setting.
    #[error("{origin} sets {key}, but there is no such setting; {allowed}")]
    UnknownKey {
        /// Its name, with dots.
        key: String,
        /// The layer it stands in.
        origin: String,
        /// What there is instead.
        allowed: String,
    },
    /// The value does not fit.
    #[error("{origin} sets {key} to {found}, which does not fit: {reason}{help}")]
    WrongValue {
        /// Its name, with dots.
        key: String,
        /// The layer it stands in.
        origin: String,
        /// What was found; hidden for secrets.
        found: String,
        /// What is wrong with it.
        reason: String,
        /// What the reference says about it.
        help: Box<Help>,
    },
    /// Values that do not go together.
    #[error("{0}")]
    Together(String),
    /// The reference file of the program does not fit the program: a fault of ours.
    #[error("the built-in defaults are wrong: {0}")]
    Reference(String),
}
