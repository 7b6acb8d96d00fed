//! What is noted on this host of its ports, SIMs and firmwares, to outlive the driver: what people said through the
//! control service, which PINs a SIM refused, and what a firmware does with stored messages.
//!
//! A wrong PIN entered three times locks the SIM, so a refusal is written before the octets that enter a PIN go out.
//! PINs are sealed ([`crate::port::seal`]). What belongs to a port (PIN, flight mode) is in a file for each port, what
//! belongs to a SIM (its number, its service centre) in one for each SIM, so that it goes with the SIM to another port;
//! all are readable by the driver's user alone. Without a folder, notes live as long as the process.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, DirBuilder};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use modem::{ModemConfig, PinEvent, RefusedPin, SimSettings};
use serde::{Deserialize, Serialize};

use crate::port::seal::Seal;

/// All notes of a driver.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    folder: Option<PathBuf>,
    /// `None` where the key cannot be read or made: then no PIN is written.
    seal: Option<Seal>,
    sims: Mutex<HashMap<String, SimSettings>>,
    firmwares: Mutex<BTreeMap<String, bool>>,
}

/// What was seen of firmwares.
const FIRMWARES: &str = "firmwares.json";
/// How many firmwares are kept: what a modem calls itself could change each time.
const MOST_FIRMWARES: usize = 256;

impl Notes {
    /// Opens the notes in `folder`.
    pub(crate) fn open(folder: Option<&Path>) -> Arc<Self> {
        let seal = folder.and_then(|folder| {
            let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
            let seal = made.and_then(|()| Seal::of(folder));
            seal.inspect_err(|error| {
                tracing::error!(folder = %folder.display(), "PINs are not kept over a restart, as their key cannot be used: {error}");
            })
            .ok()
        });
        let mut notes = Self { folder: folder.map(Path::to_owned), seal, ..Self::default() };
        notes.firmwares = Mutex::new(notes.read(FIRMWARES).unwrap_or_default());
        Arc::new(notes)
    }

    /// Returns the notes of one port. `before` is a name that the port had in versions that kept PINs in the clear.
    pub(crate) fn port(self: &Arc<Self>, name: &str, before: &str) -> PortNotes {
        let mut notes =
            PortNotes { notes: self.clone(), name: name.to_owned(), port: PortNote::default() };
        notes.read();
        notes.read_plain(before);
        notes
    }

    /// Returns what was said of the SIM with this ICCID.
    pub(crate) fn sim(&self, iccid: &str) -> Option<SimSettings> {
        let mut sims = self.sims.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = sims.get(iccid) {
            return Some(known.clone());
        }
        let read: SimSettings = self.read(&file_of_sim(iccid))?;
        sims.insert(iccid.to_owned(), read.clone());
        Some(read)
    }

    /// Notes what a person said of the SIM with this ICCID.
    pub(crate) fn set_sim(&self, iccid: &str, said: &SimSettings) {
        let mut sims = self.sims.lock().unwrap_or_else(PoisonError::into_inner);
        sims.insert(iccid.to_owned(), said.clone());
        self.write(&file_of_sim(iccid), said);
    }

    /// Notes whether a firmware was seen to mark a stored message that went out as sent.
    fn saw(&self, firmware: String, marks: bool) {
        let mut firmwares = self.firmwares.lock().unwrap_or_else(PoisonError::into_inner);
        firmwares.insert(firmware, marks);
        while firmwares.len() > MOST_FIRMWARES {
            firmwares.pop_first();
        }
        self.write(FIRMWARES, &*firmwares);
    }

    fn read<T: for<'de> Deserialize<'de>>(&self, name: &str) -> Option<T> {
        let file = self.folder.as_ref()?.join(name);
        let octets = fs::read(&file).ok()?;
        serde_json::from_slice(&octets)
            .inspect_err(|error| {
                tracing::error!(file = %file.display(), "a note cannot be read: {error}");
            })
            .ok()
    }

    /// Writes a note, and returns whether it is kept.
    fn write<T: Serialize>(&self, name: &str, note: &T) -> bool {
        let Some(folder) = &self.folder else { return false };
        let written = replace(&folder.join(name), note);
        if let Err(error) = &written {
            tracing::error!(folder = %folder.display(), "a note could not be kept: {error}");
        }
        written.is_ok()
    }
}

/// The notes of one port.
#[derive(Debug)]
pub(crate) struct PortNotes {
    notes: Arc<Notes>,
    name: String,
    port: PortNote,
}

#[derive(Default)]
struct PortNote {
    pin: Option<String>,
    refused: Vec<RefusedPin>,
    /// Refusals that cannot be read without their key, as they stand in the file.
    unopened: Vec<RefusedPin>,
    flight_mode: bool,
    /// What was said of a SIM that does not tell its ICCID.
    sim: SimSettings,
}

impl std::fmt::Debug for PortNote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PortNote(pin {}, {} refused)", self.pin.is_some(), self.refused.len())
    }
}

/// The note of a port as it is in the file, with PINs sealed.
#[derive(Default, Serialize, Deserialize)]
struct Written {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pin: Option<String>,
    #[serde(default)]
    refused: Vec<RefusedPin>,
    #[serde(default)]
    flight_mode: bool,
    #[serde(flatten)]
    sim: SimSettings,
}

impl PortNotes {
    /// Tells a modem what is noted; what was said on this host goes before the configuration.
    pub(crate) fn fill(&self, config: &mut ModemConfig) {
        if let Some(pin) = &self.port.pin {
            config.pin = Some(pin.clone());
        }
        let no_record = self.notes.folder.is_some() && self.notes.seal.is_none();
        if no_record || (self.port.pin.is_none() && !self.port.unopened.is_empty()) {
            // The PIN may be the one that was refused, or its refusal could not be kept: a person has to say it anew.
            config.pin = None;
        }
        config.refused_pins.extend(self.port.refused.iter().cloned());
        config.flight_mode |= self.port.flight_mode;
        let firmwares = self.notes.firmwares.lock().unwrap_or_else(PoisonError::into_inner);
        config.marks_sent.clone_from(&firmwares);
        let SimSettings { number, smsc } = self.port.sim.clone();
        config.number = number.or(config.number.take());
        config.smsc = smsc.or(config.smsc.take());
    }

    /// Notes the PIN that a person said.
    pub(crate) fn set_pin(&mut self, pin: &str) {
        self.port.pin = Some(pin.to_owned());
        self.port.unopened.clear();
        self.write();
    }

    /// Notes that a person turned flight mode on or off.
    pub(crate) fn set_flight_mode(&mut self, on: bool) {
        self.port.flight_mode = on;
        self.write();
    }

    /// Notes what a person said of the SIM with this ICCID, or of one that does not tell its ICCID. Returns all that
    /// was said of that SIM.
    pub(crate) fn set_sim(
        &mut self,
        iccid: Option<&str>,
        change: impl FnOnce(&mut SimSettings),
    ) -> SimSettings {
        let Some(iccid) = iccid else {
            change(&mut self.port.sim);
            self.write();
            return self.port.sim.clone();
        };
        let mut said = self.notes.sim(iccid).unwrap_or_default();
        change(&mut said);
        self.notes.set_sim(iccid, &said);
        said
    }

    /// Returns what was said of the SIM with this ICCID.
    pub(crate) fn sim(&self, iccid: &str) -> Option<SimSettings> {
        self.notes.sim(iccid)
    }

    /// Notes whether a firmware was seen to mark a stored message that went out as sent.
    pub(crate) fn saw(&self, firmware: String, marks: bool) {
        self.notes.saw(firmware, marks);
    }

    /// Notes that a PIN was used.
    pub(crate) fn record(&mut self, event: &PinEvent) {
        let (PinEvent::Trying(pin)
        | PinEvent::Accepted(pin)
        | PinEvent::NotTried(pin)
        | PinEvent::Refused(pin)) = event;
        self.port.refused.retain(|kept| (&kept.iccid, &kept.pin) != (&pin.iccid, &pin.pin));
        match event {
            PinEvent::Trying(_) => self.port.refused.push(pin.clone()),
            PinEvent::Accepted(_) | PinEvent::NotTried(_) => {}
            PinEvent::Refused(_) => {
                self.port.refused.push(pin.clone());
                if self.port.pin.as_ref() == Some(&pin.pin) {
                    self.port.pin = None;
                }
            }
        }
        self.write();
    }

    fn file(&self) -> String {
        format!("port-{}.json", plain_name(&self.name))
    }

    fn about_pin(&self) -> String {
        format!("pin of {}", self.name)
    }

    fn about_refused(&self, iccid: Option<&str>) -> String {
        format!("pin that SIM {} refused on {}", iccid.unwrap_or("?"), self.name)
    }

    fn read(&mut self) {
        let Some(written) = self.notes.read::<Written>(&self.file()) else { return };
        let open = |about: &str, sealed: &str| {
            let opened = self.notes.seal.as_ref().and_then(|seal| seal.open(about, sealed));
            if opened.is_none() {
                tracing::error!(
                    port = self.name,
                    "a PIN kept on this host cannot be opened, as its key was changed or lost; set the PIN anew"
                );
            }
            opened
        };
        let (mut refused, mut unopened) = (Vec::new(), Vec::new());
        for sealed in written.refused {
            match open(&self.about_refused(sealed.iccid.as_deref()), &sealed.pin) {
                Some(pin) => refused.push(RefusedPin { pin, ..sealed }),
                None => unopened.push(sealed),
            }
        }
        self.port = PortNote {
            pin: written.pin.as_ref().and_then(|sealed| open(&self.about_pin(), sealed)),
            refused,
            unopened,
            flight_mode: written.flight_mode,
            sim: written.sim,
        };
    }

    /// Reads PINs as they were kept before they were sealed, seals them and removes their file.
    fn read_plain(&mut self, before: &str) {
        let Some(folder) = self.notes.folder.clone() else { return };
        let name = format!("pin-{}.json", plain_name(before));
        let Some(plain) = self.notes.read::<Written>(&name) else { return };
        if self.notes.seal.is_none() {
            // The note can still be read the next time.
            (self.port.pin, self.port.refused) = (plain.pin, plain.refused);
            return;
        }
        self.port.pin = self.port.pin.take().or(plain.pin);
        self.port.refused.extend(plain.refused);
        if !self.write() {
            return;
        }
        let file = folder.join(name);
        for file in [file.with_extension("new"), file] {
            if let Err(error) = fs::remove_file(&file)
                && error.kind() != io::ErrorKind::NotFound
            {
                tracing::error!(file = %file.display(), "a PIN is still in the clear: {error}");
            }
        }
    }

    fn write(&self) -> bool {
        let seal = |about: &str, secret: &str| self.notes.seal.as_ref()?.seal(about, secret).ok();
        let refused = self.port.refused.iter().filter_map(|refused| {
            let about = self.about_refused(refused.iccid.as_deref());
            Some(RefusedPin { pin: seal(&about, &refused.pin)?, ..refused.clone() })
        });
        let written = Written {
            pin: self.port.pin.as_ref().and_then(|pin| seal(&self.about_pin(), pin)),
            refused: refused.chain(self.port.unopened.iter().cloned()).collect(),
            flight_mode: self.port.flight_mode,
            sim: self.port.sim.clone(),
        };
        self.notes.write(&self.file(), &written)
    }
}

fn file_of_sim(iccid: &str) -> String {
    format!("sim-{}.json", plain_name(iccid))
}

/// Returns a text as it can stand in a file's name.
fn plain_name(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}

fn replace<T: Serialize>(file: &Path, note: &T) -> io::Result<()> {
    let new = file.with_extension("new");
    let mut options = fs::OpenOptions::new();
    let mut out = options.create(true).truncate(true).write(true).mode(0o600).open(&new)?;
    out.write_all(&serde_json::to_vec(note)?)?;
    out.sync_all()?;
    fs::rename(new, file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    const PORT: &str = "/dev/ttyUSB0";
    const PIN: &str = "40718293";

    fn open(folder: &Path) -> PortNotes {
        Notes::open(Some(folder)).port(PORT, PORT)
    }

    fn told(folder: &Path) -> ModemConfig {
        let mut config = ModemConfig::default();
        open(folder).fill(&mut config);
        config
    }

    fn refused(certain: bool) -> RefusedPin {
        RefusedPin { iccid: Some("8962".to_owned()), pin: PIN.to_owned(), certain }
    }

    /// Asserts that the PIN stands in no file, and that nobody else may read one.
    fn is_sealed(folder: &Path) {
        for entry in fs::read_dir(folder).unwrap() {
            let file = entry.unwrap().path();
            let octets = fs::read(&file).unwrap();
            let text = String::from_utf8_lossy(&octets);
            assert!(!text.contains(PIN), "{}: {text}", file.display());
            let mode = fs::metadata(&file).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{}", file.display());
        }
    }

    #[test]
    fn a_refused_pin_is_remembered_over_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let mut notes = open(dir.path());
        notes.set_pin(PIN);
        notes.record(&PinEvent::Trying(refused(false)));
        is_sealed(dir.path());

        // Killed before the answer: it counts as refused.
        let config = told(dir.path());
        assert_eq!(config.pin.as_deref(), Some(PIN));
        assert_eq!(config.refused_pins, [refused(false)]);

        open(dir.path()).record(&PinEvent::Refused(refused(true)));
        let config = told(dir.path());
        assert_eq!((config.pin, config.refused_pins), (None, vec![refused(true)]));
        is_sealed(dir.path());

        open(dir.path()).record(&PinEvent::Accepted(refused(false)));
        assert!(told(dir.path()).refused_pins.is_empty());
    }

    #[test]
    fn a_plain_file_of_earlier_is_sealed() {
        let dir = tempfile::tempdir().unwrap();
        let plain = dir.path().join("pin-_dev_ttyUSB0.json");
        let text = format!(
            r#"{{"pin":"{PIN}","refused":[{{"iccid":"8962","pin":"{PIN}","certain":true}}]}}"#
        );
        fs::write(&plain, &text).unwrap();
        fs::write(plain.with_extension("new"), text).unwrap();
        for _ in 0..2 {
            let config = told(dir.path());
            assert_eq!(config.pin.as_deref(), Some(PIN));
            assert_eq!(config.refused_pins, [refused(true)]);
            is_sealed(dir.path());
            assert!(!plain.exists());
        }
    }

    #[test]
    fn a_sealed_pin_is_of_no_use_without_its_key_or_for_another_port() {
        let dir = tempfile::tempdir().unwrap();
        open(dir.path()).set_pin(PIN);
        let here = dir.path().join("port-_dev_ttyUSB0.json");
        fs::copy(&here, dir.path().join("port-_dev_ttyUSB1.json")).unwrap();
        let mut config = ModemConfig::default();
        let notes = Notes::open(Some(dir.path()));
        notes.port("/dev/ttyUSB1", "").fill(&mut config);
        assert_eq!(config.pin, None);
        fs::remove_file(dir.path().join("key")).unwrap();
        assert_eq!(told(dir.path()).pin, None);
    }

    /// Without its key nobody knows which PIN was refused: none is tried before a person says one.
    #[test]
    fn a_refusal_outlives_its_key() {
        let dir = tempfile::tempdir().unwrap();
        open(dir.path()).record(&PinEvent::Refused(refused(true)));
        fs::remove_file(dir.path().join("key")).unwrap();
        for _ in 0..2 {
            let mut config = ModemConfig { pin: Some(PIN.to_owned()), ..ModemConfig::default() };
            let mut port = open(dir.path());
            port.fill(&mut config);
            assert_eq!(config.pin, None);
            port.set_flight_mode(false);
        }
        let mut port = open(dir.path());
        port.set_pin("2222");
        assert_eq!(told(dir.path()).pin.as_deref(), Some("2222"));
    }

    #[test]
    fn marks_of_a_firmware_are_known_at_every_port() {
        let dir = tempfile::tempdir().unwrap();
        open(dir.path()).saw("Acme/M1/1.0".to_owned(), true);
        let mut config = ModemConfig::default();
        Notes::open(Some(dir.path())).port("tcp://far:1", "").fill(&mut config);
        assert_eq!(config.marks_sent, [("Acme/M1/1.0".to_owned(), true)].into());
    }

    #[test]
    fn settings_of_a_sim_go_with_the_sim() {
        let dir = tempfile::tempdir().unwrap();
        let mut port = open(dir.path());
        port.set_flight_mode(true);
        port.set_sim(Some("8962"), |sim| sim.number = Some("+62811".to_owned()));
        let said = port.set_sim(Some("8962"), |sim| sim.smsc = Some("+62816".to_owned()));
        port.set_sim(None, |sim| sim.number = Some("+62899".to_owned()));

        let config = told(dir.path());
        assert!(config.flight_mode);
        assert_eq!(config.number.as_deref(), Some("+62899"));
        let notes = Notes::open(Some(dir.path()));
        assert_eq!(notes.port("tcp://far:1", "").sim("8962"), Some(said));
        assert_eq!(notes.sim("8963"), None);
        is_sealed(dir.path());
    }
}
