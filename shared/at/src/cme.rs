//! `+CME ERROR`: why a command failed (27.007, 9.2).

use crate::coded_error::{CodedError, Family, entry};
use crate::error_class::{Described, ErrorClass};
use ErrorClass::{Ambiguous, Busy, Ill, Permanent, Storage, Temporary};

/// A `+CME ERROR`: its code, or the text of one that has no known code.
pub type CmeError = CodedError<Cme>;

/// The family of `+CME ERROR`.
pub enum Cme {}

impl Family for Cme {
    const NAME: &'static str = "+CME ERROR";
    const TABLE: &'static [Described] = TABLE;
    const WITHOUT_CODE: &'static Described = &OTHER;

    fn unlisted(_: u16) -> &'static Described {
        &OTHER
    }
}

const WAIT: &str = "Wait: it is tried again by itself.";
const CHECK_SIM: &str = "Check that the SIM is seated well, then whether it works in a phone.";
const UNLOCK: &str =
    "Use a SIM of the operator the modem is locked to, or have the modem unlocked.";
const CHECK_NUMBER: &str = "Check the recipient's number.";
const NOTHING: &str = "Nothing: the modem works without this command.";
const DATA_ONLY: &str = "Nothing: it concerns mobile data, which SMS does not need.";

static OTHER: Described = entry(
    100,
    Ambiguous,
    "unknown error",
    "The modem refused a command with a code or words of its maker.",
    "Look the code up in the modem's manual.",
);

#[rustfmt::skip]
static TABLE: &[Described] = &[
    entry(0, Ill, "phone failure", "The modem has a fault.", "Restart the modem and check its power supply."),
    entry(1, Ill, "no connection to phone", "The port has lost its modem.", "Unplug the modem and plug it in again."),
    entry(2, Busy, "phone-adaptor link reserved", "Another program is using the modem.", "Make sure that no other program uses the modem."),
    entry(3, Busy, "operation not allowed", "The modem does not allow this just now.", "Wait; if it stays, check the SIM and restart the modem."),
    entry(4, Permanent, "operation not supported", "The modem does not know this command.", NOTHING),
    entry(5, Ill, "PH-SIM PIN required", "The modem is locked to another SIM.", UNLOCK),
    entry(6, Ill, "PH-FSIM PIN required", "The modem is locked to the first SIM that was in it.", UNLOCK),
    entry(7, Ill, "PH-FSIM PUK required", "The modem is locked to the first SIM that was in it, and its PIN is blocked.", UNLOCK),
    entry(10, Ill, "SIM not inserted", "There is no SIM in the modem.", "Put a SIM in."),
    entry(11, Ill, "SIM PIN required", "The SIM asks for its PIN.", "Set the SIM's PIN."),
    entry(12, Ill, "SIM PUK required", "The SIM is locked after wrong PINs and asks for its PUK.", "Put the SIM in a phone and enter the PUK from the operator's letter."),
    entry(13, Ill, "SIM failure", "The SIM does not work.", CHECK_SIM),
    entry(14, Busy, "SIM busy", "The SIM is busy, as it is just after the start.", WAIT),
    entry(15, Ill, "SIM wrong", "The modem does not accept this SIM.", UNLOCK),
    entry(16, Ill, "incorrect password", "The PIN is wrong.", "Set the right PIN: it is not tried again until you do."),
    entry(17, Ill, "SIM PIN2 required", "The SIM asks for its second PIN.", "Turn off fixed dialling (FDN) on the SIM in a phone."),
    entry(18, Ill, "SIM PUK2 required", "The SIM's second PIN is locked.", "Turn off fixed dialling (FDN) on the SIM in a phone."),
    entry(20, Storage, "memory full", "The modem's memory is full.", "Wait: messages are read and deleted by themselves."),
    entry(21, Storage, "invalid index", "There is nothing in this slot.", "Nothing."),
    entry(22, Storage, "not found", "There is no such entry.", "Nothing."),
    entry(23, Ill, "memory failure", "The modem's memory has a fault.", CHECK_SIM),
    entry(24, Permanent, "text string too long", "A text is too long for the modem.", "Shorten it."),
    entry(25, Permanent, "invalid characters in text string", "The modem does not accept a character.", "Remove unusual characters."),
    entry(26, Permanent, "dial string too long", "The number is too long.", CHECK_NUMBER),
    entry(27, Permanent, "invalid characters in dial string", "The number has characters that no number has.", CHECK_NUMBER),
    entry(30, Temporary, "no network service", "The modem has no network.", "Check antenna and signal."),
    entry(31, Temporary, "network timeout", "The network did not answer.", WAIT),
    entry(32, Ill, "network not allowed, emergency calls only", "The network does not let this SIM in.", "Check that the SIM is activated and paid for."),
    entry(40, Ill, "network personalization PIN required", "The modem is locked to another network.", UNLOCK),
    entry(41, Ill, "network personalization PUK required", "The modem is locked to another network.", UNLOCK),
    entry(42, Ill, "network subset personalization PIN required", "The modem is locked to other SIMs of the network.", UNLOCK),
    entry(43, Ill, "network subset personalization PUK required", "The modem is locked to other SIMs of the network.", UNLOCK),
    entry(44, Ill, "service provider personalization PIN required", "The modem is locked to another provider.", UNLOCK),
    entry(45, Ill, "service provider personalization PUK required", "The modem is locked to another provider.", UNLOCK),
    entry(46, Ill, "corporate personalization PIN required", "The modem is locked to another company.", UNLOCK),
    entry(47, Ill, "corporate personalization PUK required", "The modem is locked to another company.", UNLOCK),
    entry(48, Ill, "hidden key required", "The modem is locked.", UNLOCK),
    entry(49, Permanent, "EAP method not supported", "The modem does not know this way to prove who it is.", NOTHING),
    entry(50, Permanent, "incorrect parameters", "The modem does not accept a parameter of the command.", NOTHING),
    entry(51, Busy, "command implemented but currently disabled", "The modem does not allow this just now.", WAIT),
    entry(52, Temporary, "command aborted by user", "The command was broken off.", WAIT),
    entry(53, Temporary, "not attached to network due to restrictions", "The modem is kept from the network by its settings.", "Check the modem's own settings."),
    entry(54, Ill, "emergency calls only", "The modem is restricted to emergency calls.", "Check that the SIM is activated and paid for."),
    entry(55, Busy, "operation not allowed because of restrictions", "The modem's settings forbid this.", "Check the modem's own settings."),
    entry(56, Permanent, "fixed dial number only", "The SIM may only reach the numbers of its fixed dialling list (FDN).", "Turn off fixed dialling (FDN) on the SIM in a phone."),
    entry(57, Busy, "temporarily out of service due to other usage", "The modem is busy with something else.", WAIT),
    entry(58, Permanent, "language or alphabet not supported", "The modem does not know this alphabet.", NOTHING),
    entry(59, Permanent, "unexpected data value", "The modem does not accept a value.", NOTHING),
    entry(60, Temporary, "system failure", "The modem or the network has a fault.", WAIT),
    entry(61, Permanent, "data missing", "The modem wants another parameter.", NOTHING),
    entry(62, Permanent, "call barred", "The network bars this call.", "Ask the SIM's operator."),
    entry(63, Temporary, "message waiting indication subscription failure", "The network refused to announce voice mail.", NOTHING),
    entry(100, Ambiguous, "unknown", "The modem refused a command and does not say why.", "Look into the modem's manual."),
    entry(103, Ill, "illegal MS", "The network does not accept this SIM.", "Check that the SIM is activated and paid for."),
    entry(106, Ill, "illegal ME", "The network does not accept this modem; its IMEI may be barred.", "Ask the operator whether the modem's IMEI is barred."),
    entry(107, Temporary, "GPRS services not allowed", "The SIM may not use mobile data.", DATA_ONLY),
    entry(111, Temporary, "PLMN not allowed", "The network does not let this SIM in.", "Check roaming and whether the SIM is paid for."),
    entry(112, Temporary, "location area not allowed", "The network does not let this SIM in at this place.", "Check roaming and whether the SIM is paid for."),
    entry(113, Temporary, "roaming not allowed in this location area", "The SIM may not roam here.", "Have roaming turned on for the SIM, or use a local one."),
    entry(132, Permanent, "service option not supported", "The network does not know this service.", DATA_ONLY),
    entry(133, Permanent, "requested service option not subscribed", "The SIM's contract does not include this service.", DATA_ONLY),
    entry(134, Temporary, "service option temporarily out of order", "The service is down.", WAIT),
    entry(148, Temporary, "unspecified GPRS error", "Mobile data has a fault.", DATA_ONLY),
    entry(149, Temporary, "PDP authentication failure", "Mobile data was refused.", DATA_ONLY),
    entry(150, Temporary, "invalid mobile class", "Mobile data was refused.", DATA_ONLY),
    entry(256, Temporary, "operation temporarily not allowed", "The modem does not allow this just now.", WAIT),
    entry(257, Temporary, "call barred or rejected", "The network rejected the request.", WAIT),
    entry(258, Temporary, "phone is busy", "The modem is in a call.", WAIT),
    entry(259, Temporary, "user abort", "The command was broken off.", WAIT),
    entry(260, Permanent, "invalid dial string", "The number has characters that no number has.", CHECK_NUMBER),
    entry(262, Ill, "SIM blocked", "The SIM is blocked for good.", "Ask the operator for a new SIM."),
    entry(515, Busy, "starting, or busy with a command", "The modem is still starting.", WAIT),
    entry(772, Ill, "SIM powered down", "The modem has switched the SIM off.", "Restart the modem."),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coded_error;

    /// The classes, typed in a second time from the tables of the standard and of makers.
    #[test]
    fn classes() {
        let expect = |class, codes: &[u16]| {
            for &code in codes {
                assert_eq!(CmeError::from(code).class(), class, "CME {code}");
            }
        };
        expect(Permanent, &[25, 26, 27]);
        expect(Temporary, &[30, 31, 256]);
        expect(Busy, &[14, 515]);
        expect(
            Ill,
            &[10, 11, 12, 13, 15, 16, 17, 18, 32, 40, 41, 42, 43, 44, 45, 46, 47, 48, 262, 772],
        );
    }

    #[test]
    fn every_code_has_words() {
        coded_error::tests::every_code_has_words::<Cme>();
    }

    #[test]
    fn the_table_is_in_order_and_its_names_are_unique() {
        coded_error::tests::the_table_is_in_order_and_its_names_are_unique::<Cme>();
    }
}
