//! A modem of a `kannel.conf` as a port of `merpati.toml`.

use contracts::PhoneNumber;
use platform::config::PortAddress;

/// A port.
pub(super) struct Modem {
    pub(super) path: PortAddress,
    pub(super) baud: Option<u32>,
    pub(super) pin: Option<String>,
    pub(super) smsc: Option<PhoneNumber>,
    pub(super) number: Option<PhoneNumber>,
}

/// Leaves out the PIN.
impl std::fmt::Debug for Modem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Modem({}, {:?})", self.path, self.baud)
    }
}

impl Modem {
    /// The port as `merpati.toml` has it.
    pub(super) fn toml(&self) -> String {
        let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
        let mut lines = vec!["[[modems.port]]".to_owned()];
        lines.push(format!("path = {}", quoted(&self.path.to_string())));
        lines.extend(self.baud.map(|baud| format!("baud = {baud}")));
        lines.extend(self.pin.as_deref().map(|pin| format!("pin = {}", quoted(pin))));
        let numbers = [("number", &self.number), ("smsc", &self.smsc)];
        for (key, number) in numbers {
            lines.extend(
                number.as_ref().map(|number| format!("{key} = {}", quoted(number.as_str()))),
            );
        }
        lines.join("\n") + "\n"
    }
}
