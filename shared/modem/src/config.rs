//! What a modem is told from outside.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::models::Models;

/// How messages are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SendMode {
    /// Messages are given to the network at once (`+CMGS`).
    #[default]
    Direct,
    /// Messages are put into the modem's memory and sent from there (`+CMGW`, then `+CMSS`). That costs one more
    /// command and wear of the SIM's flash; after a crash, `STO SENT` proves that a message went out.
    Stored,
    /// Messages are stored on firmware that was seen to turn `STO UNSENT` into `STO SENT`, else given directly. Of a
    /// firmware that nobody has seen at it, the first message is stored and looked at afterwards.
    Auto,
}

/// A PIN that a SIM refused, or that was entered with an unknown outcome.
///
/// A refused PIN is not entered again. One of unknown outcome is, when the SIM still has all its tries or a person sets
/// the PIN anew.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedPin {
    /// The ICCID of the SIM, where it can be read without the PIN; `None`: any SIM.
    pub iccid: Option<String>,
    /// The PIN.
    pub pin: String,
    /// Whether it is certain that the SIM refused the PIN.
    #[serde(default)]
    pub certain: bool,
}

impl fmt::Debug for RefusedPin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefusedPin")
            .field("iccid", &self.iccid)
            .field("certain", &self.certain)
            .finish_non_exhaustive()
    }
}

/// What a person said of one SIM.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SimSettings {
    /// The SIM's own number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// The number of the SIM's service centre.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub smsc: Option<String>,
}

impl fmt::Debug for SimSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimSettings").field("smsc", &self.smsc).finish_non_exhaustive()
    }
}

/// Everything a [`crate::Modem`] is told from outside. The default fits any modem whose SIM has no PIN.
#[derive(Clone)]
pub struct ModemConfig {
    /// The SIM's PIN.
    pub pin: Option<String>,
    /// PINs that are not to be entered, as [`crate::PinEvent`] told in earlier runs.
    pub refused_pins: Vec<RefusedPin>,
    /// The SIM's own number, when a person said it; else the SIM is asked.
    pub number: Option<String>,
    /// The service centre's number, which is written when the SIM has another or none.
    pub smsc: Option<String>,
    /// What a person said of single SIMs, by ICCID. This goes before `number` and `smsc`, which are for any SIM.
    pub sims: BTreeMap<String, SimSettings>,
    /// How messages are sent.
    pub send: SendMode,
    /// What [`crate::Event::MarksSent`] told in earlier runs, by firmware.
    pub marks_sent: BTreeMap<String, bool>,
    /// Whether incoming calls are hung up.
    pub hang_up: bool,
    /// Whether the modem is to keep its radio off (flight mode).
    pub flight_mode: bool,
    /// What is known of single models: the built-in list, and what the user adds.
    pub models: Models,
}

impl Default for ModemConfig {
    fn default() -> Self {
        Self {
            pin: None,
            refused_pins: Vec::new(),
            number: None,
            smsc: None,
            sims: BTreeMap::new(),
            send: SendMode::Direct,
            marks_sent: BTreeMap::new(),
            hang_up: false,
            flight_mode: false,
            models: Models::built_in(),
        }
    }
}

impl fmt::Debug for ModemConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModemConfig")
            .field("pin", &self.pin.as_ref().map(|_| "set"))
            .field("send", &self.send)
            .field("flight_mode", &self.flight_mode)
            .finish_non_exhaustive()
    }
}
