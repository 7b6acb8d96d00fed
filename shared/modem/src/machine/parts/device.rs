//! What the modem says it is, and what is known of its model.

use at::reply;

use super::task::Step;
use crate::event::Identity;
use crate::models::{Models, Profile};

/// Commands that read the ICCID, in the order in which they are tried.
///
/// `+CRSM` reads the file itself (EF-ICCID, 31.102, 4.2.1); ZTE has the two after it, then Cinterion, MediaTek, Sierra.
const ICCID: [&str; 13] = [
    "AT+CCID",
    "AT^ICCID?",
    "AT+QCCID",
    "AT+ICCID",
    "AT+CICCID",
    "AT#CCID",
    "AT+CCID?",
    "AT+CRSM=176,12258,0,0,10",
    "AT+ZGETICCID",
    "AT+ZICCID?",
    "AT^SCID",
    "AT+EICCID?",
    "AT!ICCID?",
];

/// What the modem is.
#[derive(Debug, Default)]
pub(crate) struct Device {
    profile: Profile,
    identity: Identity,
    /// All that the modem has said of itself in this set-up.
    said: String,
    /// The IMEI, when `ATI` has it.
    imei_in_info: Option<String>,
}

impl Device {
    /// The modem is set up anew, and asked again what it is.
    pub(crate) fn begin_set_up(&mut self) {
        self.said.clear();
        self.imei_in_info = None;
    }

    /// What is known of the model.
    pub(crate) fn profile(&self) -> &Profile {
        &self.profile
    }

    pub(crate) fn identity(&self) -> &Identity {
        &self.identity
    }

    /// All that the modem has said of itself in this set-up.
    pub(crate) fn said(&self) -> &str {
        &self.said
    }

    /// Keeps the answer to a question for what the modem is.
    pub(crate) fn keep(&mut self, step: Step, lines: &[String]) {
        let text = lines
            .iter()
            .map(|line| match reply::name(line) {
                Some(name) => line[name.len() + 1..].trim().trim_matches('"').to_owned(),
                // Motorola's telephones put quotes around each.
                None => line.trim_matches('"').to_owned(),
            })
            .collect::<Vec<_>>();
        let joined = text.join(" ");
        match step {
            Step::Manufacturer => self.identity.manufacturer = joined,
            Step::Model => self.identity.model = joined,
            Step::Revision => self.identity.revision = joined,
            Step::Serial(_) => {
                self.identity.imei = lines.iter().find_map(|line| reply::imei(line));
                return;
            }
            Step::Info => {
                let own = lines.iter().filter(|line| line.to_ascii_uppercase().contains("IMEI"));
                self.imei_in_info = own.clone().find_map(|line| reply::imei(line));
            }
            _ => {}
        }
        self.said.push_str(&text.join("\n"));
        self.said.push('\n');
    }

    /// All that the modem says of itself is known: chooses the profile.
    pub(crate) fn identify(&mut self, models: &Models) {
        if self.identity.imei.is_none() {
            self.identity.imei = self.imei_in_info.take();
        }
        let profile = models.find(&self.said);
        self.identity.profile = profile.map(|profile| profile.name.clone());
        self.profile = profile.cloned().unwrap_or_default();
    }

    /// Commands that may read the ICCID, best first.
    pub(crate) fn iccid_commands(&self) -> impl Iterator<Item = &str> {
        let own = self.profile.iccid.as_deref();
        own.into_iter().chain(ICCID.into_iter().filter(move |text| own != Some(*text)))
    }
}
