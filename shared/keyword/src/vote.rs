//! Which option a message votes for.

use contracts::mo::MoReceived;

use crate::text_of;

/// Returns the option that is the second word of a message, letter case aside. The options are in small letters.
pub fn option<'a>(options: &'a [String], message: &MoReceived) -> Option<&'a str> {
    let text = text_of(message);
    let word = text.split_whitespace().nth(1)?.to_lowercase();
    options.iter().find(|option| **option == word).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::message;

    #[test]
    fn the_word_after_the_keyword_is_the_vote() {
        let options = ["ya".to_owned(), "tidak".to_owned()];
        for (text, vote) in [
            ("PILIH ya", Some("ya")),
            ("pilih  TIDAK terima kasih", Some("tidak")),
            ("pilih mungkin", None),
            ("pilih", None),
            ("ya", None),
            ("", None),
        ] {
            assert_eq!(option(&options, &message(text)), vote, "{text:?}");
        }
    }
}
