//! PINs on this host: what a person said through the control service, and which ones a SIM refused.
//!
//! A wrong PIN entered three times locks the SIM, so a refusal must outlive the process. One file for
//! each port in a folder of the driver's, readable by its user alone; it is written before the octets
//! that enter a PIN go out. Without a folder PINs live as long as the process.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use modem::{ModemConfig, PinEvent, RefusedPin};
use serde::{Deserialize, Serialize};

/// What is known of one port's PINs.
#[derive(Debug, Default)]
pub(crate) struct Pins {
    file: Option<PathBuf>,
    kept: Kept,
}

#[derive(Default, Serialize, Deserialize)]
struct Kept {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pin: Option<String>,
    #[serde(default)]
    refused: Vec<RefusedPin>,
}

impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Kept(pin {}, {} refused)", self.pin.is_some(), self.refused.len())
    }
}

impl Pins {
    /// Those of `port`, kept in `folder`.
    pub(crate) fn open(folder: Option<&Path>, port: &str) -> Self {
        let name: String =
            port.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        let file = folder.map(|folder| folder.join(format!("pin-{name}.json")));
        let kept = file
            .as_ref()
            .and_then(|file| fs::read(file).ok())
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default();
        Self { file, kept }
    }

    /// Tells a modem what is known; what was said on this host goes before the configuration.
    pub(crate) fn fill(&self, config: &mut ModemConfig) {
        if let Some(pin) = &self.kept.pin {
            config.pin = Some(pin.clone());
        }
        config.refused_pins.extend(self.kept.refused.iter().cloned());
    }

    /// A person said it.
    pub(crate) fn set(&mut self, pin: &str) {
        self.kept.pin = Some(pin.to_owned());
        self.write();
    }

    /// It was used.
    pub(crate) fn record(&mut self, event: &PinEvent) {
        let (PinEvent::Trying(pin)
        | PinEvent::Accepted(pin)
        | PinEvent::NotTried(pin)
        | PinEvent::Refused(pin)) = event;
        self.kept.refused.retain(|kept| (&kept.iccid, &kept.pin) != (&pin.iccid, &pin.pin));
        match event {
            PinEvent::Trying(_) => self.kept.refused.push(pin.clone()),
            PinEvent::Accepted(_) | PinEvent::NotTried(_) => {}
            PinEvent::Refused(_) => {
                self.kept.refused.push(pin.clone());
                if self.kept.pin.as_ref() == Some(&pin.pin) {
                    self.kept.pin = None;
                }
            }
        }
        self.write();
    }

    fn write(&self) {
        let Some(file) = &self.file else { return };
        if let Err(error) = replace(file, &self.kept) {
            tracing::error!(file = %file.display(), "the state of a PIN could not be kept: {error}");
        }
    }
}

fn replace(file: &Path, kept: &Kept) -> std::io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let new = file.with_extension("new");
    let mut options = fs::OpenOptions::new();
    let mut out = options.create(true).truncate(true).write(true).mode(0o600).open(&new)?;
    out.write_all(&serde_json::to_vec(kept)?)?;
    out.sync_all()?;
    fs::rename(new, file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_refused_pin_is_remembered_over_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let (iccid, pin) = (Some("8962".to_owned()), "0000".to_owned());
        let tried = RefusedPin { iccid, pin, certain: false };
        let mut pins = Pins::open(Some(dir.path()), "/dev/ttyUSB0");
        pins.set("0000");
        pins.record(&PinEvent::Trying(tried.clone()));

        // Killed before the answer: it counts as refused.
        let mut config = ModemConfig::default();
        let mut pins = Pins::open(Some(dir.path()), "/dev/ttyUSB0");
        pins.fill(&mut config);
        assert_eq!(config.pin.as_deref(), Some("0000"));
        assert_eq!(config.refused_pins, std::slice::from_ref(&tried));

        let refused = RefusedPin { certain: true, ..tried.clone() };
        pins.record(&PinEvent::Refused(refused.clone()));
        let mut config = ModemConfig::default();
        Pins::open(Some(dir.path()), "/dev/ttyUSB0").fill(&mut config);
        assert_eq!((config.pin, config.refused_pins), (None, vec![refused]));

        pins.record(&PinEvent::Accepted(tried));
        let file = dir.path().join("pin-_dev_ttyUSB0.json");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(!fs::read_to_string(file).unwrap().contains("0000"));
    }
}
