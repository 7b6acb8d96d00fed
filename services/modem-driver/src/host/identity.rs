//! Who a modem and its SIM are.
//!
//! A port's name is no identity: `ttyUSB0` becomes `ttyUSB4` when plugged in anew. The IMEI alone is
//! none either: cheap sticks share one. So a modem is its IMEI in its USB socket, or its port where
//! there is no USB; without an IMEI it is its port on its host. A SIM is its ICCID, for that is
//! printed on it and can be read before the PIN; its IMSI where the modem does not tell the ICCID.

use contracts::{ModemId, SimId};
use platform::config::PortAddress;

use crate::port::address;
use crate::port::said::View;

/// Where a modem is plugged in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// The driver's host.
    pub(crate) host: String,
    /// The USB path (`1-1.2`), where it is on USB.
    pub(crate) usb_path: Option<String>,
    /// The port.
    pub(crate) port: PortAddress,
}

impl Place {
    /// Returns the id of the modem with this IMEI here.
    pub(crate) fn modem(&self, imei: Option<&str>) -> ModemId {
        let socket = self
            .usb_path
            .as_ref()
            .map_or_else(|| format!("port:{}", self.port), |path| format!("usb:{path}"));
        match imei.map(digits).filter(|imei| imei.len() >= 14) {
            Some(imei) => ModemId::derived(&format!("imei:{imei}:{socket}")),
            // A far port is the same from every host; a local one is not.
            None if address::is_local(&self.port) => {
                ModemId::derived(&format!("host:{}:{socket}", self.host))
            }
            None => ModemId::derived(&socket),
        }
    }
}

/// Returns the id of the SIM with this ICCID or IMSI; of "the SIM in this modem" when neither can be read.
pub(crate) fn sim(iccid: Option<&str>, imsi: Option<&str>, modem: ModemId) -> SimId {
    // The filler of the last half-octet and the check digit's spaces are the modem's, not the SIM's.
    match (
        iccid.map(digits).filter(|id| id.len() >= 18),
        imsi.map(digits).filter(|id| id.len() >= 6),
    ) {
        (Some(iccid), _) => SimId::derived(&iccid),
        (None, Some(imsi)) => SimId::derived(&format!("imsi:{imsi}")),
        (None, None) => SimId::derived(&format!("modem:{modem}")),
    }
}

/// Returns the SIM of a modem as the modem is seen.
pub(crate) fn sim_of(view: &View, modem: ModemId) -> SimId {
    let sim = view.snapshot.sim.as_ref();
    let iccid = sim.and_then(|sim| sim.iccid.as_deref());
    let imsi = sim.and_then(|sim| sim.imsi.as_deref());
    crate::host::identity::sim(iccid, imsi, modem)
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(usb: Option<&str>, port: &str) -> Place {
        Place {
            host: "pi".to_owned(),
            usb_path: usb.map(str::to_owned),
            port: port.parse().unwrap(),
        }
    }

    #[test]
    fn two_modems_with_one_imei_stay_two() {
        let imei = Some("867723001234567");
        let one = place(Some("1-1.2"), "/dev/ttyUSB0").modem(imei);
        assert_ne!(one, place(Some("1-1.3"), "/dev/ttyUSB4").modem(imei));
        // Plugged out and in again, it is the same under another name.
        assert_eq!(one, place(Some("1-1.2"), "/dev/ttyUSB7").modem(imei));
        let far = place(None, "tcp://gw:4001").modem(imei);
        assert_ne!(far, place(None, "tcp://gw:4002").modem(imei));
    }

    #[test]
    fn a_modem_without_imei_is_its_port() {
        let here = place(None, "/dev/ttyS0");
        assert_eq!(here.modem(None), here.modem(Some("0")));
        let there = Place { host: "other".to_owned(), ..here.clone() };
        assert_ne!(here.modem(None), there.modem(None));
        let far = place(None, "tcp://gw:4001");
        assert_eq!(far.modem(None), Place { host: "other".to_owned(), ..far.clone() }.modem(None));
    }

    #[test]
    fn a_sim_is_its_iccid_however_the_modem_writes_it() {
        let modem = place(None, "/dev/ttyS0").modem(None);
        let plain = sim(Some("8962101234567890123"), None, modem);
        assert_eq!(plain, sim(Some("8962101234567890123F"), Some("510101234567890"), modem));
        assert_eq!(plain, sim(Some(" 89621012 34567890123"), None, modem));
        let by_imsi = sim(None, Some("510101234567890"), modem);
        assert_ne!(plain, by_imsi);
        assert_eq!(by_imsi, sim(Some("?"), Some("510101234567890"), modem));
        assert_ne!(sim(None, None, modem), by_imsi);
    }
}
