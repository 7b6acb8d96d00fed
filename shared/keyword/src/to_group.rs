//! The PIN before a text that is sent on to a group, the code that is sent back in place of one, and the hash by which a PIN is
//! known.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use contracts::mo::MoReceived;

use crate::{after_keyword, text_of};

/// The fewest characters of a PIN.
pub const SHORTEST_PIN: usize = 6;
/// The most characters of a PIN.
pub const LONGEST_PIN: usize = 32;
/// How many digits a code has.
pub const CODE_DIGITS: usize = 6;
/// What stands in the place of a PIN that was struck.
const STRUCK: &str = "****";

/// What a message with a PIN says.
#[derive(Clone, PartialEq, Eq)]
pub struct WithPin {
    /// The PIN.
    pub pin: String,
    /// The text that follows it.
    pub text: String,
    /// The whole message, with the PIN struck.
    pub struck: String,
}

/// Returns whether a text may be a PIN: one word of so many characters.
pub fn is_pin(text: &str) -> bool {
    (SHORTEST_PIN..=LONGEST_PIN).contains(&text.chars().count())
        && !text.chars().any(|c| c.is_whitespace() || c.is_control())
}

/// Returns the PIN of a message, the word after the keyword, and the text after it. None: there is no such word.
pub fn with_pin(message: &MoReceived) -> Option<WithPin> {
    let rest = after_keyword(message);
    let (pin, text) = rest.split_once(char::is_whitespace).unwrap_or((rest.as_str(), ""));
    if pin.is_empty() {
        return None;
    }
    let keyword = text_of(message);
    let keyword = keyword.split_whitespace().next().unwrap_or_default();
    let text = text.trim();
    let struck = format!("{keyword} {STRUCK} {text}").trim_end().to_owned();
    Some(WithPin { pin: pin.to_owned(), text: text.to_owned(), struck })
}

/// Returns the code that a message consists of, if it is one.
pub fn code(message: &MoReceived) -> Option<String> {
    let text = text_of(message);
    let said = text.trim();
    let is_code = said.len() == CODE_DIGITS && said.bytes().all(|byte| byte.is_ascii_digit());
    is_code.then(|| said.to_owned())
}

/// Returns what is sent to who is to send a code back, so that a text goes to so many contacts.
pub fn asks_for(code: &str, contacts: usize) -> String {
    format!(
        "To send this to {contacts} contacts, reply {code} within 10 minutes. \
         Untuk mengirim ke {contacts} kontak, balas {code} dalam 10 menit."
    )
}

/// Returns the hash by which a PIN is known, with a salt that nobody else has. None: there is not memory enough. This takes some
/// hundredths of a second.
pub fn hash(pin: &str, salt: [u8; 16]) -> Option<String> {
    let hash = hasher()?.hash_password_with_salt(pin.as_bytes(), &salt).ok()?;
    Some(hash.to_string())
}

/// Returns whether a PIN is the one of this hash. This takes some hundredths of a second.
pub fn is_right(pin: &str, hash: &str) -> bool {
    if pin.chars().count() > LONGEST_PIN {
        return false;
    }
    let Ok(parsed) = PasswordHash::new(hash) else { return false };
    hasher().is_some_and(|hasher| hasher.verify_password(pin.as_bytes(), &parsed).is_ok())
}

fn hasher() -> Option<Argon2<'static>> {
    let params = Params::new(19 * 1024, 2, 1, None).ok()?;
    Some(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::message;

    #[test]
    fn the_word_after_the_keyword_is_the_pin_and_is_struck() {
        let said = with_pin(&message("BC 481516  Rapat jam 9\nbesok")).unwrap();
        assert_eq!((said.pin.as_str(), said.text.as_str()), ("481516", "Rapat jam 9\nbesok"));
        assert_eq!(said.struck, "BC **** Rapat jam 9\nbesok");
        let bare = with_pin(&message("BC 481516")).unwrap();
        assert_eq!((bare.text.as_str(), bare.struck.as_str()), ("", "BC ****"));
        assert!(with_pin(&message("BC")).is_none());
    }

    #[test]
    fn only_the_right_pin_is_taken() {
        let known = hash("481516", [7; 16]).unwrap();
        assert!(known.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{known}");
        assert!(is_right("481516", &known));
        for wrong in ["481517", "", "481516 ", &"x".repeat(LONGEST_PIN + 1)] {
            assert!(!is_right(wrong, &known), "{wrong}");
        }
        assert!(!is_right("481516", "481516"));
        assert!(is_pin("481516") && !is_pin("48151") && !is_pin("4815 16"));
        assert!(!is_pin(&"1".repeat(LONGEST_PIN + 1)));
    }

    #[test]
    fn a_code_is_six_digits_and_nothing_else() {
        assert_eq!(code(&message(" 012345\n")).as_deref(), Some("012345"));
        for none in ["12345", "1234567", "12345a", "ya 123456", "١٢٣٤٥٦", ""] {
            assert_eq!(code(&message(none)), None, "{none}");
        }
        assert!(asks_for("012345", 500).len() <= 160);
    }
}
