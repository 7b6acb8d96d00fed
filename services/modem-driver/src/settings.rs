//! What the driver is told: ports, how to talk to their modems, how often to try.

use std::path::PathBuf;

use contracts::PhoneNumber;
use dispatch::{RetryPolicy, SpoolLimits};
use modem::{Models, ModemConfig};
use platform::config::{Modems, PortAddress, PortSettings};

/// Settings of a driver.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Candidates and how to use them: the section `[modems]`.
    pub modems: Modems,
    /// How often and when a message is tried.
    pub retry: RetryPolicy,
    /// Where PINs, which of them were refused, and the spool of what is received are kept; none: nowhere.
    pub state: Option<PathBuf>,
    /// How much the spool takes.
    pub spool: SpoolLimits,
    /// What is known of single models.
    pub models: Models,
}

impl Settings {
    /// Returns the settings of the section `[modems]`, and the usual ones for what is not in it: no folder, the default
    /// spool, the built-in models.
    pub fn new(modems: Modems) -> Self {
        let retry = RetryPolicy {
            waits: modems.retry.iter().map(|period| period.duration()).collect(),
            tries: modems.tries,
            doubtful_tries: modems.doubtful_tries,
        };
        Self {
            modems,
            retry,
            state: None,
            spool: SpoolLimits::default(),
            models: Models::built_in(),
        }
    }

    /// Returns how to talk to the modem on a port.
    pub(crate) fn modem(&self, port: &PortAddress) -> (ModemConfig, PortSettings) {
        let own = self.modems.for_port(port);
        let number = |number: &Option<PhoneNumber>| number.as_ref().map(ToString::to_string);
        let config = ModemConfig {
            pin: own.pin.as_ref().map(|pin| pin.expose().to_owned()),
            number: number(&own.number),
            smsc: number(&own.smsc),
            send: match own.send {
                platform::config::SendMode::Auto => modem::SendMode::Auto,
                platform::config::SendMode::Direct => modem::SendMode::Direct,
                platform::config::SendMode::Stored => modem::SendMode::Stored,
            },
            hang_up: self.modems.hang_up,
            models: self.models.clone(),
            ..ModemConfig::default()
        };
        (config, own)
    }
}
