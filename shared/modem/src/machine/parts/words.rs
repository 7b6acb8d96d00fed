//! What is wrong, in words.

use super::sim::Blocker;

/// What is wrong: a code, a sentence and an advice.
pub(crate) struct Words {
    pub(crate) code: &'static str,
    pub(crate) text: String,
    pub(crate) advice: &'static str,
}

pub(crate) fn words(code: &'static str, text: &str, advice: &'static str) -> Words {
    Words { code, text: text.to_owned(), advice }
}

pub(crate) fn blocked(blocker: Blocker) -> Words {
    match blocker {
        Blocker::NoSim => words("no-sim", "There is no SIM in the modem.", "Put a SIM in."),
        Blocker::SimFailure => words(
            "sim-failure",
            "The SIM does not work.",
            "Check that it is seated well, then whether it works in a phone.",
        ),
        Blocker::SimBusy => words(
            "sim-busy",
            "The SIM has been busy for half a minute.",
            "Wait; if it stays, take the SIM out and put it in again.",
        ),
        Blocker::PinNeeded => words(
            "pin-needed",
            "The SIM asks for its PIN.",
            "Set the SIM's PIN: on the modems page, or with `merpati pin`.",
        ),
        Blocker::PinRefused => words(
            "pin-wrong",
            "The SIM's PIN is wrong.",
            "Set the right PIN (modems page, or `merpati pin`): this one is not tried again, for three wrong ones lock the SIM.",
        ),
        Blocker::LastTry => words(
            "pin-last-try",
            "The SIM asks for its PIN and allows only one more try.",
            "Put the SIM in a phone and enter its PIN there; the last try is not used up here.",
        ),
        Blocker::Puk => words(
            "puk-needed",
            "The SIM is locked and asks for its PUK.",
            "Put the SIM in a phone and enter the PUK from the operator's letter; it is never tried here.",
        ),
        Blocker::Locked => words(
            "modem-locked",
            "The modem is locked to another SIM or operator.",
            "Use a SIM it is locked to, or have the modem unlocked.",
        ),
        Blocker::FlightMode => words(
            "flight-mode",
            "The modem's radio is turned off.",
            "Turn flight mode off: on the modems page, or with `merpati flight`.",
        ),
    }
}
