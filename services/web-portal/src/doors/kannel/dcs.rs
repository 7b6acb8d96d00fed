//! TP-DCS as Kannel makes it of `mclass`, `alt-dcs`, `mwi` and `compress` (3GPP TS 23.038, section 4).

use tpdu::Alphabet;

/// What a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Asked {
    /// `mclass`.
    pub(super) class: Option<u8>,
    /// `alt-dcs`: the class in the form `1111 0acc`.
    pub(super) alternative: bool,
    /// `mwi`: 0 to 3 say that something waits, 4 to 7 that it does no longer.
    pub(super) waiting: Option<u8>,
    /// `compress`.
    pub(super) compressed: bool,
}

/// The octet, for a message in that alphabet; none: the usual one, made of alphabet and class.
///
/// Text and data that come with a waiting indication are kept; the group which is not kept is for an empty message, and
/// for one that takes the indication back.
pub(super) const fn octet(asked: Asked, alphabet: Alphabet, is_empty: bool) -> Option<u8> {
    if let Some(waiting) = asked.waiting {
        let kind = waiting & 0x03;
        let is_on = waiting & 0x04 == 0;
        let group = match alphabet {
            Alphabet::Gsm7 if is_empty || !is_on => 0xC0,
            Alphabet::Gsm7 => 0xD0,
            Alphabet::Ucs2 | Alphabet::Data => 0xE0,
        };
        return Some(group | if is_on { 0x08 } else { 0 } | kind);
    }
    let letters = match alphabet {
        Alphabet::Gsm7 => 0,
        Alphabet::Data => 0x04,
        Alphabet::Ucs2 => 0x08,
    };
    if asked.compressed {
        let class = match asked.class {
            Some(class) => 0x10 | class,
            None => 0,
        };
        return Some(0x20 | letters | class);
    }
    if asked.alternative && letters != 0x08 {
        let class = match asked.class {
            Some(class) => class,
            None => 1,
        };
        return Some(0xF0 | letters | class);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: Asked =
        Asked { class: None, alternative: false, waiting: None, compressed: false };

    #[test]
    fn octets_are_kannels() {
        let waiting = |n| Asked { waiting: Some(n), ..NOTHING };
        for (n, alphabet, is_empty, expected) in [
            (0, Alphabet::Gsm7, false, 0xD8),
            (1, Alphabet::Gsm7, false, 0xD9),
            (0, Alphabet::Gsm7, true, 0xC8),
            (0, Alphabet::Ucs2, false, 0xE8),
            (3, Alphabet::Data, false, 0xEB),
            (4, Alphabet::Gsm7, false, 0xC0),
            (7, Alphabet::Gsm7, true, 0xC3),
            (4, Alphabet::Ucs2, false, 0xE0),
        ] {
            assert_eq!(octet(waiting(n), alphabet, is_empty), Some(expected), "mwi={n}");
        }
        let other = |class| Asked { class, alternative: true, ..NOTHING };
        assert_eq!(octet(other(Some(0)), Alphabet::Gsm7, false), Some(0xF0));
        assert_eq!(octet(other(Some(3)), Alphabet::Data, false), Some(0xF7));
        assert_eq!(octet(other(None), Alphabet::Gsm7, false), Some(0xF1));
        assert_eq!(octet(other(Some(1)), Alphabet::Ucs2, false), None, "there is no such form");
        let packed = |class| Asked { class, compressed: true, ..NOTHING };
        assert_eq!(octet(packed(None), Alphabet::Data, false), Some(0x24));
        assert_eq!(octet(packed(Some(1)), Alphabet::Ucs2, false), Some(0x39));
        assert_eq!(octet(NOTHING, Alphabet::Gsm7, false), None);
    }
}
