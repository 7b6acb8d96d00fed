//! The words by which people ask to be sent nothing more, or to be sent messages again. Pure.
//!
//! A word counts when it is all that the message says: who writes *Please stop by tomorrow* asks for nothing. What follows from
//! a wish is not decided here: persistence keeps it, and the settings tell it to every router.

use std::collections::HashMap;

use crate::Address;
use crate::mo::{MoReceived, Wish};

/// The words, as messages are compared with them.
#[derive(Debug, Clone, Default)]
pub struct WishWords(HashMap<String, Wish>);

impl WishWords {
    /// Makes those of the configuration. A word that stands in both lists stops, for that harms less.
    pub fn new(stop: &[String], start: &[String]) -> Self {
        let with = |words: &[String], wish| {
            words.iter().map(|word| (plain(word), wish)).collect::<Vec<_>>()
        };
        let all = with(start, Wish::Start).into_iter().chain(with(stop, Wish::Stop));
        Self(all.filter(|(word, _)| !word.is_empty()).collect())
    }

    /// Returns what the sender of a message asks for, if that is all that it says. A name has no number that could be kept from
    /// being sent to.
    pub fn wish(&self, message: &MoReceived) -> Option<Wish> {
        let text = message.text.as_deref().filter(|text| text.len() <= LONGEST)?;
        if !matches!(message.from, Address::Number(_)) {
            return None;
        }
        self.0.get(&plain(text)).copied()
    }
}

/// No text that is longer can be a word: of bytes.
const LONGEST: usize = 256;

/// A text without the letter case and the signs around it, its words one space apart.
fn plain(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    words.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase()
}

#[cfg(test)]
mod tests {
    use crate::{MessageId, ModemId, OrgId, SimId, Timestamp};

    use super::*;

    fn message(from: &str, text: &str) -> MoReceived {
        MoReceived {
            id: MessageId::derived(text),
            org: OrgId::default_org(),
            owner: None,
            modem: ModemId::derived("m"),
            sim: SimId::derived("s"),
            to: None,
            from: Address::from_text(from),
            text: Some(text.to_owned()),
            data: None,
            class: None,
            ports: None,
            parts: 1,
            missing: Vec::new(),
            pdus: Vec::new(),
            smsc_at: None,
            received_at: Timestamp::from_micros(0),
            wish: None,
        }
    }

    fn words() -> WishWords {
        let words = |all: &[&str]| all.iter().map(ToString::to_string).collect::<Vec<_>>();
        WishWords::new(&words(&["STOP", "Stop All", "both", " "]), &words(&["START", "both"]))
    }

    #[test]
    fn a_word_counts_when_it_is_all_there_is() {
        let wish = |text: &str| words().wish(&message("+628123456789", text));
        for text in ["STOP", "stop", " Stop.\n", "\"STOP!\"", "stop  all", "BOTH"] {
            assert_eq!(wish(text), Some(Wish::Stop), "{text:?}");
        }
        for text in ["start", "Start!"] {
            assert_eq!(wish(text), Some(Wish::Start), "{text:?}");
        }
        for text in ["", " ", ".", "stop it", "please stop", "sto p", "nonstop"] {
            assert_eq!(wish(text), None, "{text:?}");
        }
        assert_eq!(wish(&format!("stop{}", " ".repeat(LONGEST))), None, "too long to be looked at");
    }

    #[test]
    fn only_a_number_can_ask_and_only_by_a_text() {
        assert_eq!(words().wish(&message("BANK", "STOP")), None);
        let data = MoReceived { text: None, data: Some("53".to_owned()), ..message("+62811", "") };
        assert_eq!(words().wish(&data), None);
        assert_eq!(words().wish(&message("+62811", "STOP")), Some(Wish::Stop));
        assert_eq!(words().wish(&message("888", "stop")), Some(Wish::Stop));
    }
}
