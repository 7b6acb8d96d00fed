//! `+CMS ERROR`: why a short message failed (27.005, 3.2.5).
//!
//! 0–127 is the network's RP-Cause (24.011, 8.2.5.4), 128–255 the service centre's TP-Failure-Cause
//! (23.040, 9.2.3.22), 300–511 the modem's, from 512 on the maker's. A maker's code means different
//! things at different makers; what is said here is what was seen most.

use crate::coded_error::{CodedError, Family, entry};
use crate::error_class::{Described, ErrorClass};
use ErrorClass::{
    AlreadySent, Ambiguous, Busy, Ill, MaybeSent, NoSmsc, NothingToAck, Permanent, Storage,
    Temporary,
};

/// A `+CMS ERROR`: its code, or the text of one that has no known code.
pub type CmsError = CodedError<Cms>;

/// The family of `+CMS ERROR`.
pub enum Cms {}

impl Family for Cms {
    const NAME: &'static str = "+CMS ERROR";
    const TABLE: &'static [Described] = TABLE;
    const WITHOUT_CODE: &'static Described = &UNKNOWN_TEXT;

    fn unlisted(code: u16) -> &'static Described {
        match code {
            0..=127 => &OTHER_NETWORK,
            128..=255 => &OTHER_CENTRE,
            256..=511 => &OTHER_MODEM,
            512.. => &OTHER_MAKER,
        }
    }
}

const CHECK_NUMBER: &str = "Check the recipient's number.";
const CHECK_CREDIT: &str =
    "Check the SIM's balance and whether its tariff allows SMS to this number.";
const ASK_OPERATOR: &str = "Ask the SIM's operator whether SMS is allowed for this SIM.";
const WAIT: &str = "Wait: the message is tried again by itself.";
const CHANGE_OPTIONS: &str = "Send the message without special options such as class or protocol.";
const REPORT: &str = "If it happens again, report it with a trace of the serial line.";
const CHECK_SIM: &str = "Check that the SIM is seated well, then whether it works in a phone.";
const EMPTY_STORAGE: &str = "Wait: messages on the SIM are read and deleted by themselves.";

static OTHER_NETWORK: Described = entry(
    41,
    Temporary,
    "network error",
    "The network refused the message with a code that has no name; such codes count as temporary.",
    WAIT,
);
static OTHER_CENTRE: Described = entry(
    255,
    Ambiguous,
    "service centre error",
    "The service centre refused the message with a code of its own.",
    "Ask the SIM's operator what the code means.",
);
static OTHER_MODEM: Described = entry(
    500,
    Ambiguous,
    "modem error",
    "The modem refused the message with a code that has no name.",
    REPORT,
);
static OTHER_MAKER: Described = entry(
    512,
    Ambiguous,
    "maker's error",
    "The modem refused the message with a code of its maker.",
    "Look the code up in the modem's manual.",
);
static UNKNOWN_TEXT: Described = entry(
    500,
    Ambiguous,
    "unknown error",
    "The modem refused the message in words of its own.",
    "Look the words up in the modem's manual.",
);

#[rustfmt::skip]
static TABLE: &[Described] = &[
    // RP-Cause: the network.
    entry(1, Permanent, "unassigned (unallocated) number", "The number does not exist.", CHECK_NUMBER),
    entry(8, Permanent, "operator determined barring", "The operator has barred this SIM from sending SMS.", ASK_OPERATOR),
    entry(10, Permanent, "call barred", "Sending SMS is barred for this SIM, often for want of credit.", CHECK_CREDIT),
    entry(17, Temporary, "network failure", "The network failed to carry the message.", WAIT),
    entry(21, Permanent, "short message transfer rejected", "The network rejected the message, often for its number or for want of credit.", CHECK_CREDIT),
    entry(22, Temporary, "congestion or memory capacity exceeded", "The network or the recipient has no room for the message just now.", WAIT),
    entry(27, Ambiguous, "destination out of service", "The recipient cannot be reached by the network.", "Check the recipient's number, and try later."),
    entry(28, Permanent, "unidentified subscriber", "The network does not know this SIM or the recipient.", "Check that the SIM is activated, and the recipient's number."),
    entry(29, Permanent, "facility rejected", "The network does not grant SMS to this SIM, often for want of credit.", CHECK_CREDIT),
    entry(30, Permanent, "unknown subscriber", "The recipient is not known to the network.", CHECK_NUMBER),
    entry(38, Ambiguous, "network out of order", "The network says it is out of order for this message, which it also says when the SIM may not send it.", "Check the SIM's balance first, for an empty balance is a usual cause; then the recipient's number; else the network has a fault and it is enough to wait."),
    entry(41, Temporary, "temporary failure", "The network failed for a short time.", WAIT),
    entry(42, Temporary, "congestion", "The network is overloaded.", WAIT),
    entry(47, Temporary, "resources unavailable, unspecified", "The network has no room for the message just now.", WAIT),
    entry(50, Permanent, "requested facility not subscribed", "This SIM's contract does not include SMS, or its credit is used up.", CHECK_CREDIT),
    entry(69, Permanent, "requested facility not implemented", "The network cannot carry this kind of message.", CHANGE_OPTIONS),
    entry(81, Ambiguous, "invalid short message transfer reference value", "Modem and network disagree about which message is meant.", REPORT),
    entry(95, Permanent, "invalid message, unspecified", "The network finds the message malformed.", CHANGE_OPTIONS),
    entry(96, Permanent, "invalid mandatory information", "The network finds a part of the message malformed, often the number.", CHECK_NUMBER),
    entry(97, Permanent, "message type non-existent or not implemented", "The network does not know this kind of message.", CHANGE_OPTIONS),
    entry(98, Temporary, "message not compatible with short message protocol state", "The network was not ready for the message at that moment.", WAIT),
    entry(99, Permanent, "information element non-existent or not implemented", "The network does not know an option of the message.", CHANGE_OPTIONS),
    entry(111, Permanent, "protocol error, unspecified", "The network finds the message in breach of the protocol.", CHANGE_OPTIONS),
    entry(127, Ambiguous, "interworking, unspecified", "The message was lost on the way between two networks; the exact cause is not told.", "Check the recipient's number, and whether the SIM may send to that network."),
    // TP-Failure-Cause: the service centre.
    entry(128, Permanent, "telematic interworking not supported", "The service centre cannot convert this message to another medium.", CHANGE_OPTIONS),
    entry(129, Permanent, "short message type 0 not supported", "The service centre does not carry silent messages.", CHANGE_OPTIONS),
    entry(130, Permanent, "cannot replace short message", "The service centre cannot replace an earlier message by this one.", CHANGE_OPTIONS),
    entry(143, Permanent, "unspecified TP-PID error", "The service centre does not accept the protocol id of the message.", CHANGE_OPTIONS),
    entry(144, Permanent, "data coding scheme (alphabet) not supported", "The service centre does not accept the alphabet of the message.", "Send the message in the GSM alphabet."),
    entry(145, Permanent, "message class not supported", "The service centre does not accept the class of the message.", "Send the message without class."),
    entry(159, Permanent, "unspecified TP-DCS error", "The service centre does not accept the coding of the message.", "Send the message in the GSM alphabet and without class."),
    entry(160, Permanent, "command cannot be actioned", "The service centre cannot do what the message asks.", CHANGE_OPTIONS),
    entry(161, Permanent, "command unsupported", "The service centre does not know what the message asks.", CHANGE_OPTIONS),
    entry(175, Permanent, "unspecified TP-Command error", "The service centre does not accept the command in the message.", CHANGE_OPTIONS),
    entry(176, Permanent, "TPDU not supported", "The service centre does not accept this kind of message.", CHANGE_OPTIONS),
    entry(192, Temporary, "service centre busy", "The service centre is overloaded.", WAIT),
    entry(193, Permanent, "no service centre subscription", "This SIM may not use this service centre.", "Check the service centre's number (SMSC) of the SIM."),
    entry(194, Temporary, "service centre system failure", "The service centre has a fault.", WAIT),
    entry(195, Permanent, "invalid short message entity address", "The service centre does not accept the recipient's number.", CHECK_NUMBER),
    entry(196, Permanent, "destination barred", "The recipient, or this kind of number, is barred for this SIM.", "Ask the SIM's operator whether it may send to this number."),
    entry(197, AlreadySent, "short message rejected, duplicate", "The service centre has this message already.", "Nothing: the message counts as sent."),
    entry(198, Permanent, "validity period format not supported", "The service centre does not accept the way the validity is written.", "Send the message without validity."),
    entry(199, Permanent, "validity period not supported", "The service centre does not accept a validity.", "Send the message without validity."),
    entry(208, Storage, "SIM storage full", "The SIM has no room for another message.", EMPTY_STORAGE),
    entry(209, Storage, "no storage capability in SIM", "The SIM cannot store messages.", "Nothing, when the modem has storage of its own; else use another SIM."),
    entry(210, Storage, "error in mobile station", "The modem failed to store a message.", REPORT),
    entry(211, Storage, "memory capacity exceeded", "The modem has no room for another message.", EMPTY_STORAGE),
    entry(212, Temporary, "SIM application toolkit busy", "An application on the SIM is at work.", WAIT),
    entry(213, Temporary, "SIM data download error", "The SIM refused data from the network.", WAIT),
    entry(255, Ambiguous, "unspecified error cause", "The service centre refused the message and does not say why.", CHECK_CREDIT),
    // The modem.
    entry(300, Temporary, "modem failure", "The modem failed to send the message.", "If it happens often, restart the modem and check its power supply."),
    entry(301, Temporary, "SMS service of modem reserved", "Another program or the modem itself is using SMS just now.", "Make sure that no other program uses the modem."),
    entry(302, Busy, "operation not allowed", "The modem is not ready for SMS yet.", "Wait; if it stays, check the SIM and restart the modem."),
    entry(303, Ill, "operation not supported", "The modem says it cannot do this with SMS at all.", "Check that the port is the modem's command port."),
    entry(304, Permanent, "invalid PDU mode parameter", "The modem finds the message malformed.", "Check the recipient's number and the message's options."),
    entry(305, Permanent, "invalid text mode parameter", "The modem finds a parameter malformed, or is not in PDU mode.", REPORT),
    entry(310, Ill, "SIM not inserted", "There is no SIM in the modem.", "Put a SIM in."),
    entry(311, Ill, "SIM PIN required", "The SIM asks for its PIN.", "Set the SIM's PIN."),
    entry(312, Ill, "phone-to-SIM PIN required", "The modem is locked to another SIM.", "Use the SIM it is locked to, or have the modem unlocked."),
    entry(313, Ill, "SIM failure", "The SIM does not work.", CHECK_SIM),
    entry(314, Busy, "SIM busy", "The SIM is busy, as it is just after the start.", WAIT),
    entry(315, Ill, "SIM wrong", "The modem does not accept this SIM.", "Use a SIM that the modem is not locked against."),
    entry(316, Ill, "SIM PUK required", "The SIM is locked after wrong PINs and asks for its PUK.", "Put the SIM in a phone and enter the PUK from the operator's letter."),
    entry(317, Ill, "SIM PIN2 required", "The SIM asks for its second PIN, which sending SMS should not need.", "Turn off fixed dialling (FDN) on the SIM in a phone."),
    entry(318, Ill, "SIM PUK2 required", "The SIM's second PIN is locked.", "Turn off fixed dialling (FDN) on the SIM in a phone."),
    entry(320, Ill, "memory failure", "The message storage does not work.", CHECK_SIM),
    entry(321, Storage, "invalid memory index", "There is no message in this slot; it is gone already.", "Nothing."),
    entry(322, Storage, "memory full", "The message storage is full.", EMPTY_STORAGE),
    entry(330, NoSmsc, "SMSC address unknown", "The SIM has no service centre number.", "Set the operator's service centre number (SMSC) for this modem."),
    entry(331, Temporary, "no network service", "The modem has no network.", "Check antenna and signal; the message waits for the network."),
    entry(332, MaybeSent, "network timeout", "The network did not answer; the message may have gone out.", "Wait for its delivery report before sending it again."),
    entry(340, NothingToAck, "no acknowledgement expected", "There was no message to acknowledge.", "Nothing."),
    entry(500, Ambiguous, "unknown error", "The modem refused the message and does not say why.", CHECK_CREDIT),
    // Makers'. Their numbers overlap; these are the readings seen most (Wavecom, Sierra, SIMCom, Quectel).
    entry(512, Temporary, "maker's error 512 (no connection, or aborted)", "The modem could not get through, often because a message came in at that moment.", WAIT),
    entry(513, Temporary, "maker's error 513 (lower layer failure)", "The radio link failed.", WAIT),
    entry(514, Busy, "maker's error 514 (SIM or link busy)", "The modem is busy with the SIM or the link.", WAIT),
    entry(515, Busy, "maker's error 515 (starting, or busy with a command)", "The modem is still starting.", WAIT),
    entry(517, Busy, "maker's error 517 (SIM not ready)", "The SIM is not ready yet.", WAIT),
    entry(521, MaybeSent, "maker's error 521 (time ran out)", "The network did not answer; the message may have gone out.", "Wait for its delivery report before sending it again."),
    entry(522, Busy, "maker's error 522 (not allowed just now)", "The modem is busy.", WAIT),
    entry(531, Permanent, "maker's error 531 (number not in the fixed dialling list)", "The SIM may only send to the numbers of its fixed dialling list (FDN).", "Turn off fixed dialling (FDN) on the SIM in a phone."),
    entry(532, Busy, "maker's error 532 (SIM or network not ready)", "The SIM or network is not ready yet.", WAIT),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coded_error;

    #[test]
    fn the_code_of_an_empty_balance() {
        let error = CmsError::from(38);
        assert_eq!(error.to_string(), "+CMS ERROR: 38 (network out of order)");
        assert!(error.advice().contains("empty balance is a usual cause"));
        assert_eq!(error.class(), Ambiguous);
    }

    /// The classes, typed in a second time from the tables of the standard and of makers.
    #[test]
    fn classes() {
        let expect = |class, codes: &[u16]| {
            for &code in codes {
                assert_eq!(CmsError::from(code).class(), class, "CMS {code}");
            }
        };
        expect(
            Permanent,
            &[
                1, 8, 10, 21, 28, 29, 30, 50, 69, 95, 96, 97, 99, 111, 128, 129, 130, 143, 144,
                145, 159, 160, 161, 175, 176, 193, 195, 196, 198, 199, 304, 305, 531,
            ],
        );
        expect(AlreadySent, &[197]);
        expect(Temporary, &[17, 22, 41, 42, 47, 98, 192, 194, 212, 300, 301, 331, 512, 513]);
        expect(Ambiguous, &[38, 27, 127, 255, 500]);
        expect(MaybeSent, &[332]);
        expect(Busy, &[302, 314, 514, 515]);
        expect(Ill, &[303, 310, 311, 312, 313, 315, 316, 317, 318, 320]);
        expect(Storage, &[208, 209, 210, 211, 321, 322]);
        expect(NoSmsc, &[330]);
        expect(NothingToAck, &[340]);
    }

    #[test]
    fn every_code_has_words() {
        coded_error::tests::every_code_has_words::<Cms>();
    }

    #[test]
    fn the_table_is_in_order_and_its_names_are_unique() {
        coded_error::tests::the_table_is_in_order_and_its_names_are_unique::<Cms>();
    }
}
