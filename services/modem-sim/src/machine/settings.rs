//! What commands set and a reboot forgets.

use crate::make::Profile;

/// Settings of the modem as a whole.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    /// `+CMEE`
    pub(super) cmee: u8,
    /// `+CMGF`: text mode.
    pub(super) text_mode: bool,
    /// `+CSDH`: text mode headers in full.
    pub(super) headers: bool,
    /// `+CSCS`
    pub(super) charset: String,
    /// `+CSMS`
    pub(super) csms: u8,
    /// `+CNMI`
    pub(super) cnmi: [u8; 5],
    /// `+CPMS`: the memories to read, to write and to receive.
    pub(super) cpms: [&'static str; 3],
    /// `+CMMS`
    pub(super) cmms: u8,
    /// `+CSMP`: first octet, validity, protocol id, coding.
    pub(super) csmp: [u8; 4],
    /// `+CREG`, `+CGREG`, `+CEREG`
    pub(super) registration: [u8; 3],
    /// `+COPS=3,<format>`
    pub(super) operator_format: u8,
    /// `+CFUN`
    pub(super) cfun: u8,
    /// `+CLIP`
    pub(super) clip: bool,
    /// `+CRC`
    pub(super) crc: bool,
    /// `+CUSD`
    pub(super) cusd: bool,
    /// Chatter is on.
    pub(super) noisy: bool,
}

impl Settings {
    pub(super) fn factory(profile: &Profile) -> Self {
        let memory = profile.memories[0].name;
        Self {
            cmee: 0,
            text_mode: false,
            headers: false,
            charset: "GSM".to_owned(),
            csms: 0,
            cnmi: [0; 5],
            cpms: [memory; 3],
            cmms: 0,
            csmp: [17, 167, 0, 0],
            registration: [0; 3],
            operator_format: 0,
            cfun: 1,
            clip: false,
            crc: false,
            cusd: false,
            noisy: true,
        }
    }
}
