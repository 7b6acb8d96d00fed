//! Which account a message names, into whose inbox it is put: `@NAME text`, or `PV NAME text`.

use contracts::mo::MoReceived;

use crate::{after_keyword, text_of};

/// The most characters of a name.
const LONGEST: usize = 100;

/// Returns the name: what follows an at sign at the begin of the message, and otherwise the word after the keyword.
pub fn name(message: &MoReceived) -> Option<String> {
    let text = text_of(message);
    let first = text.split_whitespace().next()?;
    let second = || after_keyword(message).split_whitespace().next().map(str::to_owned);
    let name = match first.strip_prefix('@') {
        Some("") | None => second()?,
        Some(name) => name.to_owned(),
    };
    let name = name.trim_start_matches('@').trim_end_matches([',', ':']);
    let is_name = !name.is_empty() && !name.chars().any(char::is_control);
    (is_name && name.chars().count() <= LONGEST).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::message;

    #[test]
    fn a_name_follows_an_at_sign_or_the_keyword() {
        for (text, named) in [
            ("@ani halo", Some("ani")),
            ("@Ani: halo", Some("Ani")),
            (" @ani", Some("ani")),
            ("@ ani halo", Some("ani")),
            ("PV ani halo", Some("ani")),
            ("pv @ani halo", Some("ani")),
            ("pv", None),
            ("@", None),
            ("@, halo", None),
            ("", None),
        ] {
            assert_eq!(name(&message(text)).as_deref(), named, "{text:?}");
        }
        assert_eq!(name(&message(&format!("@{}", "x".repeat(LONGEST + 1)))), None);
    }
}
