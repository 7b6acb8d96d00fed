//! What keyword services are told of a message, in the words of Kannel, and what they send back. Without I/O, so that
//! whoever calls a URL and whoever only says what would be called say the same.

pub mod addressed;
pub mod board;
pub mod command;
pub mod content;
pub mod escape;
pub mod expression;
pub mod quiz;
pub mod reply;
pub mod request;
pub mod rule;
#[cfg(test)]
mod sample;
pub mod scenario;
pub mod survey;
pub mod template;
pub mod times;
pub mod to_group;
pub mod vote;

use std::borrow::Cow;

use contracts::bounds;
use contracts::mo::MoReceived;

/// Returns whether the first part of a message did not come, so that its first word is not known.
pub fn is_beheaded(message: &MoReceived) -> bool {
    message.missing.contains(&1)
}

/// Returns the text of a message; of octets, what they are in UTF-8.
pub fn text_of(message: &MoReceived) -> Cow<'_, str> {
    if let Some(text) = &message.text {
        return Cow::Borrowed(text);
    }
    let octets = message.data.as_deref().and_then(|data| tpdu::from_hex(data).ok());
    let octets = octets.unwrap_or_default();
    Cow::Owned(String::from_utf8_lossy(&octets).into_owned())
}

/// Returns the first word of a message in small letters; empty when there is none, or when it is longer than any keyword.
pub fn first_word(message: &MoReceived) -> String {
    let text = text_of(message);
    let word = text.split_whitespace().next().unwrap_or_default();
    if word.chars().count() > bounds::KEYWORD { String::new() } else { word.to_lowercase() }
}

/// Returns what follows the first word of a message, without blanks at its ends.
pub fn after_keyword(message: &MoReceived) -> String {
    let text = text_of(message);
    let begin = text.trim_start();
    let end = begin.find(char::is_whitespace).unwrap_or(begin.len());
    begin.get(end..).unwrap_or_default().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::message;

    #[test]
    fn the_first_word_is_what_stands_before_the_first_blank() {
        for (text, word) in [
            ("INFO jadwal", "info"),
            ("  Info\njadwal", "info"),
            ("informasi", "informasi"),
            ("ÇOK iyi", "çok"),
            ("", ""),
            (" \r\n", ""),
        ] {
            assert_eq!(first_word(&message(text)), word, "{text:?}");
        }
        assert_eq!(first_word(&message(&"x".repeat(bounds::KEYWORD + 1))), "");
        let data = MoReceived { text: None, data: Some("494E464F2001".to_owned()), ..message("") };
        assert_eq!(first_word(&data), "info");
    }
}
