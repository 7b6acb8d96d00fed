//! What is known of single models, as data: `models.toml`, and what users add in the same form.
//!
//! The list is a set of hints. A modem that is not in it works with [`Profile::default`], which finds
//! out by asking.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use at::ussd::Coding;
use serde::Deserialize;

static BUILT_IN: &str = include_str!("models.toml");

/// A model list that cannot be read.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the model list is wrong: {0}")]
pub struct ModelsError(#[source] toml::de::Error);

/// All that is known of models; cheap to clone.
#[derive(Debug, Clone)]
pub struct Models(Arc<List>);

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    #[serde(default)]
    model: Vec<Profile>,
    #[serde(default)]
    usb: Vec<UsbModel>,
}

/// How a modem takes and gives USSD texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UssdCoding {
    /// Texts go as they are; packed ones are tried when that is refused.
    #[default]
    Plain,
    /// Texts go as packed septets, in hex.
    Packed,
    /// Texts go as UCS-2, in hex.
    Ucs2,
}

impl From<UssdCoding> for Coding {
    fn from(coding: UssdCoding) -> Self {
        match coding {
            UssdCoding::Plain => Self::Plain,
            UssdCoding::Packed => Self::Packed,
            UssdCoding::Ucs2 => Self::Ucs2,
        }
    }
}

/// What is known of one model. Every field has a default that fits modems in general.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Profile {
    /// A name for logs.
    pub name: String,
    /// Words of which one stands in the answer to `ATI` or `AT+CGMI`, in any case. With none, any answer fits.
    pub manufacturer: Vec<String>,
    /// Words of which one stands in the answer to `ATI` or `AT+CGMM`, in any case. With none, any answer fits.
    pub model: Vec<String>,
    /// Commands to send after the identity is known; a refused one is passed over.
    pub init: Vec<String>,
    /// Commands to send after the PIN was entered.
    pub init_sim: Vec<String>,
    /// The values of `AT+CNMI` to try before those that are chosen by asking, such as `2,1,0,1,0`.
    pub announce: Vec<String>,
    /// Memories for messages, best first, before those that are chosen by asking.
    pub storage: Vec<String>,
    /// The command that reads the ICCID.
    pub iccid: Option<String>,
    /// The command that tells how often a PIN may still be entered.
    pub pin_tries: Option<String>,
    /// How USSD texts are given.
    pub ussd: UssdCoding,
    /// The beginnings of unsolicited lines that are dropped without a look.
    pub ignore: Vec<String>,
    /// The names of commands whose answer ends without `OK`, such as `+CPIN`.
    pub no_ok: Vec<String>,
    /// Whether `STO UNSENT` becomes `STO SENT` when the message went out.
    pub marks_sent: bool,
    /// Whether messages are read and deleted one by one, because listing hangs.
    pub no_list: bool,
    /// How many milliseconds to wait at most for `SMS Ready` or its like after the PIN.
    pub sms_ready_ms: u64,
    /// The milliseconds between a final result and the next command.
    pub command_gap_ms: u64,
    /// The most octets in one write; 0 is no limit.
    pub chunk: usize,
    /// The milliseconds between two such writes.
    pub chunk_gap_ms: u64,
    /// How long the prompt may take, in milliseconds.
    pub prompt_ms: u64,
    /// How long the network may take to answer a submission, in milliseconds.
    pub submit_ms: u64,
    /// The command that restarts the modem.
    pub reset: String,
    /// Whether PDUs are written without the `00` that stands for the SIM's service centre.
    pub no_smsc_prefix: bool,
}

impl Default for Profile {
    fn default() -> Self {
        Self {
            name: String::new(),
            manufacturer: Vec::new(),
            model: Vec::new(),
            init: Vec::new(),
            init_sim: Vec::new(),
            announce: Vec::new(),
            storage: Vec::new(),
            iccid: None,
            pin_tries: None,
            ussd: UssdCoding::Plain,
            ignore: Vec::new(),
            no_ok: Vec::new(),
            marks_sent: false,
            no_list: false,
            sms_ready_ms: 0,
            command_gap_ms: 0,
            chunk: 0,
            chunk_gap_ms: 0,
            prompt_ms: 10_000,
            submit_ms: 120_000,
            reset: "AT+CFUN=1,1".into(),
            no_smsc_prefix: false,
        }
    }
}

impl Profile {
    /// How long the prompt may take.
    pub fn prompt(&self) -> Duration {
        Duration::from_millis(self.prompt_ms)
    }

    /// How long the network may take to answer a submission.
    pub fn submit(&self) -> Duration {
        Duration::from_millis(self.submit_ms)
    }

    fn fits(&self, identity: &str) -> bool {
        let any = |words: &[String]| {
            words.is_empty() || words.iter().any(|word| identity.contains(&word.to_lowercase()))
        };
        any(&self.manufacturer) && any(&self.model)
    }
}

/// A modem on USB that shows several serial ports.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UsbModel {
    /// The USB vendor id, in 4 hex digits.
    pub vendor: String,
    /// The USB product ids, in 4 hex digits each. With none, all of the vendor's fit.
    #[serde(default)]
    pub products: Vec<String>,
    /// The interfaces that take commands, best first.
    pub interfaces: Vec<u8>,
    /// A name for people.
    #[serde(default)]
    pub name: String,
}

impl Models {
    /// The built-in list.
    pub fn built_in() -> Self {
        static LIST: OnceLock<Arc<List>> = OnceLock::new();
        // The file is part of the program, and a test reads it.
        Self(LIST.get_or_init(|| Arc::new(toml::from_str(BUILT_IN).unwrap_or_default())).clone())
    }

    /// The list as a file, with comments: the reference for users' own.
    pub fn built_in_text() -> &'static str {
        BUILT_IN
    }

    /// This list with the user's entries, in the same form, before its own.
    pub fn with(&self, text: &str) -> Result<Self, ModelsError> {
        let mut list: List = toml::from_str(text).map_err(ModelsError)?;
        list.model.extend(self.0.model.iter().cloned());
        list.usb.extend(self.0.usb.iter().cloned());
        Ok(Self(Arc::new(list)))
    }

    /// The first entry that fits what the modem says of itself (`ATI`, `+CGMI`, `+CGMM` together).
    pub fn find(&self, identity: &str) -> Option<&Profile> {
        let identity = identity.to_lowercase();
        self.0.model.iter().find(|profile| profile.fits(&identity))
    }

    /// Which interfaces of a USB modem take commands, best first; `None` when the list does not know it.
    pub fn command_interfaces(&self, vendor: &str, product: &str) -> Option<&[u8]> {
        let same = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
        let fits = |usb: &&UsbModel| {
            same(&usb.vendor, vendor)
                && (usb.products.is_empty() || usb.products.iter().any(|p| same(p, product)))
        };
        self.0.usb.iter().find(fits).map(|usb| usb.interfaces.as_slice())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_list_is_read() {
        let list: List = toml::from_str(BUILT_IN).unwrap();
        assert!(list.model.len() >= 10, "{} models", list.model.len());
        assert!(list.model.iter().all(|profile| !profile.name.is_empty()));
    }

    #[test]
    fn a_users_entry_goes_before() {
        let models = Models::built_in();
        assert_eq!(models.find("huawei\nE1550").unwrap().name, "huawei");
        let models = models
            .with("[[model]]\nname = \"mine\"\nmodel = [\"E1550\"]\ninit = [\"AT^CURC=1\"]")
            .unwrap();
        assert_eq!(models.find("huawei\nE1550").unwrap().name, "mine");
        assert_eq!(models.find("huawei\nE3372").unwrap().name, "huawei");
    }

    #[test]
    fn makers_with_several_entries() {
        let models = Models::built_in();
        let name = |said: &str| models.find(said).map(|profile| profile.name.as_str());
        assert_eq!(name("Telit\nHE910-D"), Some("telit-he910"));
        assert_eq!(name("Telit\nLE910C1-EUX"), Some("telit"));
        assert_eq!(name("SIMCOM_Ltd\nSIMCOM_SIM800L"), Some("simcom"));
        assert_eq!(name("SIMCOM INCORPORATED\nA7670E-LNXY-UBL"), Some("simcom-lte"));
        assert_eq!(name("FOXCOM MODEM\nQuectel_M26"), Some("quectel"));
        assert_eq!(name("u-blox\nSARA-R500S"), None);
    }

    /// Interfaces and ids that no USB device can have would be typing errors; of two entries for one product only
    /// the first is ever used.
    #[test]
    fn ports_are_named_once_and_rightly() {
        let list: List = toml::from_str(BUILT_IN).unwrap();
        let mut seen = std::collections::HashSet::new();
        for usb in &list.usb {
            let is_id = |id: &String| id.len() == 4 && id.bytes().all(|b| b.is_ascii_hexdigit());
            assert!(is_id(&usb.vendor) && usb.products.iter().all(is_id), "{usb:?}");
            assert!(!usb.interfaces.is_empty() && !usb.name.is_empty(), "{usb:?}");
            let all = [String::new()];
            let products = if usb.products.is_empty() { &all[..] } else { &usb.products };
            for product in products {
                assert!(seen.insert((usb.vendor.clone(), product.clone())), "{usb:?} again");
                assert!(!seen.contains(&(usb.vendor.clone(), String::new())) || product.is_empty());
            }
        }
    }

    #[test]
    fn a_wrong_key_is_named() {
        let error = Models::built_in().with("[[model]]\nname = \"mine\"\nprompt = 3").unwrap_err();
        assert!(error.to_string().contains("prompt"), "{error}");
    }

    #[test]
    fn ports_of_sticks() {
        let models = Models::built_in();
        assert_eq!(models.command_interfaces("2C7C", "0125"), Some(&[2, 3][..]));
        assert_eq!(models.command_interfaces("19D2", "000A"), Some(&[0, 1][..]));
        assert_eq!(models.command_interfaces("1e2d", "0061"), Some(&[2, 0][..]));
        assert_eq!(models.command_interfaces("1e2d", "0058"), Some(&[0, 2][..]));
        assert_eq!(models.command_interfaces("ffff", "0000"), None);
    }
}
