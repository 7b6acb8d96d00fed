//! The texts of `+CUSD` (27.007, 7.15), in every coding seen in the field.
//!
//! A modem gives the text plain, as packed 7-bit octets in hex (Huawei, ZTE, some Telit), as UCS-2 in hex, or each
//! letter as an octet in hex (8-bit data, or the character set `HEX`), and the data coding scheme often does not say
//! which. So plain is believed unless the text is hex of something readable.

use crate::command::{hex, unhex};
use crate::fields::fields;

/// What the network says about the session: the first field of `+CUSD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Session {
    /// 0: done, nothing more is wanted.
    Done,
    /// 1: an answer is wanted.
    AnswerWanted,
    /// 2: ended by the network.
    Ended,
    /// 3: another program of the modem answered.
    OtherClient,
    /// 4: not supported.
    NotSupported,
    /// 5: time ran out.
    TimedOut,
}

/// A whole `+CUSD`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// What becomes of the session.
    pub session: Session,
    /// The text, when there is one.
    pub text: Option<String>,
}

/// How a modem wants and gives USSD texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Coding {
    /// Texts go as they are; the coding of those that come is guessed.
    #[default]
    Plain,
    /// Texts go as packed septets, in hex.
    Packed,
    /// Texts go as UCS-2, in hex.
    Ucs2,
}

/// Whether a value is whole; when not, the text goes on in the next line. It ends in the closing quote and the coding
/// scheme; without a scheme, in a quote that closes another one.
pub fn is_complete(value: &str) -> bool {
    let Some((before, tail)) = value.rsplit_once('"') else { return true };
    if !before.contains('"') {
        return false;
    }
    match tail.trim().strip_prefix(',') {
        Some(scheme) => scheme.trim().parse::<u16>().is_ok(),
        None => tail.trim().is_empty() && value.matches('"').count().is_multiple_of(2),
    }
}

/// Reads the value of `+CUSD:`.
pub fn parse(value: &str, coding: Coding) -> Option<Reply> {
    let session = match fields(value).first()?.number::<u8>()? {
        0 => Session::Done,
        1 => Session::AnswerWanted,
        2 => Session::Ended,
        3 => Session::OtherClient,
        4 => Session::NotSupported,
        5 => Session::TimedOut,
        _ => return None,
    };
    // The text may hold quotes and commas of its own: it reaches from the first to the last quote.
    let text = value.split_once('"').map(|(_, rest)| match rest.rsplit_once('"') {
        Some((text, tail)) => (text, tail.trim().trim_start_matches(',').trim().parse::<u8>().ok()),
        None => (rest, None),
    });
    let text = text.map(|(text, dcs)| decode(text, dcs, coding));
    // Some networks end the text by a zero and leave what stood there before behind it.
    let text = text.map(|text| text.split('\0').next().unwrap_or_default().to_owned());
    let text = text.filter(|text| !text.is_empty());
    Some(Reply { session, text })
}

/// Reads a text with its data coding scheme (23.038, 5).
pub fn decode(text: &str, dcs: Option<u8>, coding: Coding) -> String {
    let Some(octets) = unhex(text).filter(|octets| !octets.is_empty()) else {
        return text.to_owned();
    };
    let is_ucs2 = dcs.is_some_and(|dcs| dcs & 0xCC == 0x48 || dcs == 0x11);
    let looks_ucs2 = octets.len() >= 4 && octets.len().is_multiple_of(2) && {
        let zeros = octets.iter().step_by(2).filter(|octet| **octet == 0).count();
        zeros * 2 * 10 >= octets.len() * 8
    };
    if (is_ucs2 && octets.len().is_multiple_of(2)) || looks_ucs2 || coding == Coding::Ucs2 {
        let units: Vec<u16> =
            octets.as_chunks::<2>().0.iter().map(|pair| u16::from_be_bytes(*pair)).collect();
        return String::from_utf16_lossy(&units);
    }
    if let Some(letters) = ascii(&octets, text) {
        return letters;
    }
    let unpacked = unpack(&octets);
    let has_letter = text.bytes().any(|byte| byte.is_ascii_alphabetic());
    let readable = unpacked.chars().filter(|c| c.is_ascii_graphic() || c.is_whitespace()).count();
    let likely = has_letter && octets.len() >= 4 && readable * 10 >= unpacked.chars().count() * 9;
    if coding == Coding::Packed || likely { unpacked } else { text.to_owned() }
}

/// Octets that are letters, if they are: all readable, one of them a letter, and, as the digits in which they were
/// written could be a number, a blank between them.
fn ascii(octets: &[u8], hex: &str) -> Option<String> {
    let is_blank = |octet: &u8| matches!(octet, b' ' | b'\n' | b'\r');
    let reads = octets.len() >= 4
        && octets.iter().all(|octet| octet.is_ascii_graphic() || is_blank(octet))
        && octets.iter().any(u8::is_ascii_alphabetic);
    let is_number = hex.bytes().all(|byte| byte.is_ascii_digit());
    (reads && (!is_number || octets.iter().any(is_blank)))
        .then(|| octets.iter().copied().map(char::from).collect())
}

/// Writes a code as the modem wants it, and its data coding scheme; what the GSM alphabet does not
/// have becomes UCS-2.
pub fn encode(code: &str, coding: Coding) -> (String, u8) {
    let septets: Option<Vec<u8>> = code.chars().map(septet).collect();
    match (coding, septets) {
        (Coding::Plain, Some(_)) => (code.to_owned(), 15),
        (Coding::Packed, Some(septets)) => (hex(&pack(septets)), 15),
        _ => {
            let octets: Vec<u8> = code.encode_utf16().flat_map(u16::to_be_bytes).collect();
            (hex(&octets), 72)
        }
    }
}

/// The GSM default alphabet (23.038, 6.2.1); ESC stands for itself.
const ALPHABET: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u{1b}ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

fn septet(letter: char) -> Option<u8> {
    ALPHABET
        .chars()
        .position(|known| known == letter && letter != '\u{1b}')
        .and_then(|at| u8::try_from(at).ok())
}

/// Packs septets; seven spare bits at the end are a CR, as they would read as `@` (23.038, 6.1.2.3.1).
fn pack(mut septets: Vec<u8>) -> Vec<u8> {
    if septets.len() % 8 == 7 {
        septets.push(0x0D);
    }
    let mut octets = Vec::new();
    let (mut store, mut bits) = (0_u16, 0);
    for septet in septets {
        store |= u16::from(septet & 0x7F) << bits;
        bits += 7;
        if bits >= 8 {
            octets.push(store.to_le_bytes()[0]);
            store >>= 8;
            bits -= 8;
        }
    }
    if bits > 0 {
        octets.push(store.to_le_bytes()[0]);
    }
    octets
}

/// Unpacks septets into text; a CR that only fills the last octet is dropped.
fn unpack(octets: &[u8]) -> String {
    let mut septets = Vec::new();
    let (mut store, mut bits) = (0_u16, 0);
    for octet in octets {
        store |= u16::from(*octet) << bits;
        bits += 8;
        while bits >= 7 {
            septets.push((store & 0x7F).to_le_bytes()[0]);
            store >>= 7;
            bits -= 7;
        }
    }
    if octets.len().is_multiple_of(7) && matches!(septets.last(), Some(0x0D | 0)) {
        septets.pop();
    }
    let letters: Vec<char> = ALPHABET.chars().collect();
    let mut text = String::new();
    let mut escaped = false;
    for septet in septets {
        if septet == 0x1B && !escaped {
            escaped = true;
            continue;
        }
        let plain = letters.get(usize::from(septet)).copied().unwrap_or(' ');
        text.push(if std::mem::take(&mut escaped) {
            extension(septet).unwrap_or(plain)
        } else {
            plain
        });
    }
    text
}

/// The extension table (23.038, 6.2.1.1).
fn extension(septet: u8) -> Option<char> {
    Some(match septet {
        0x0A => '\u{c}',
        0x14 => '^',
        0x28 => '{',
        0x29 => '}',
        0x2F => '\\',
        0x3C => '[',
        0x3D => '~',
        0x3E => ']',
        0x40 => '|',
        0x65 => '€',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_alphabet_has_128_letters() {
        assert_eq!(ALPHABET.chars().count(), 128);
        assert_eq!(septet('@'), Some(0));
        assert_eq!(septet('*'), Some(0x2A));
        assert_eq!(septet('à'), Some(0x7F));
        assert_eq!(septet('\u{1b}'), None);
    }

    /// 23.038, 6.1.2.3; the bytes of `*100#` are those of the Huawei E1550 guides (`AA180C3602`).
    #[test]
    fn packed_as_huawei_wants_it() {
        assert_eq!(encode("*100#", Coding::Packed), ("AA180C3602".into(), 15));
        assert_eq!(decode("AA180C3602", Some(15), Coding::Packed), "*100#");
    }

    #[test]
    fn plain_stays_plain() {
        assert_eq!(encode("*888#", Coding::Plain), ("*888#".into(), 15));
        assert_eq!(decode("Pulsa Rp 10.000", Some(15), Coding::Plain), "Pulsa Rp 10.000");
        assert_eq!(decode("10000", Some(15), Coding::Plain), "10000");
        assert_eq!(decode("1234567890", Some(15), Coding::Plain), "1234567890");
        assert_eq!(decode("CAFE", Some(15), Coding::Plain), "CAFE");
    }

    #[test]
    fn packed_is_recognised() {
        let text = "Saldo Anda Rp 25000 s/d 01/12";
        let septets: Vec<u8> = text.chars().filter_map(septet).collect();
        let packed = hex(&pack(septets));
        assert_eq!(decode(&packed, Some(15), Coding::Plain), text);
    }

    /// The beginning of a balance that gammu's issue 513 has, from a modem whose character set was HEX; also as octets
    /// of 8-bit data.
    #[test]
    fn octets_of_letters_are_recognised() {
        let text = "Sisa pulsa Rp.3000.Aktif sd 26/02/2020.\nKonten";
        let octets = "536973612070756C73612052702E333030302E416B7469662073642032362F30322F323032302E0A4B6F6E74656E";
        for coding in [Coding::Plain, Coding::Packed] {
            for dcs in [Some(0), Some(15), Some(68), None] {
                assert_eq!(decode(octets, dcs, coding), text, "{coding:?} {dcs:?}");
            }
        }
        assert_eq!(decode("52702035303030", Some(68), Coding::Plain), "Rp 5000");
        // Numbers, and packed text, are not taken for it.
        assert_eq!(decode("41424344", Some(0), Coding::Plain), "41424344");
        assert_eq!(decode("D3B0BC7C0E9BCB20", Some(15), Coding::Plain).len(), 9);
        for text in ["Pulsa Rp 10.000", "1. Saldo\n2. Promo", "OK", "a", "Terima kasih"] {
            let packed = hex(&pack(text.chars().filter_map(septet).collect()));
            assert_eq!(decode(&packed, Some(15), Coding::Packed), text);
        }
    }

    #[test]
    fn seven_spare_bits() {
        let septets: Vec<u8> = "1234567".chars().filter_map(septet).collect();
        let octets = pack(septets);
        assert_eq!(octets.len(), 7);
        assert_eq!(unpack(&octets), "1234567");
    }

    #[test]
    fn ucs2_by_scheme_and_by_looks() {
        assert_eq!(decode("0411043004340430", Some(72), Coding::Plain), "Бада");
        assert_eq!(decode("00520070002000350030", Some(15), Coding::Plain), "Rp 50");
        assert_eq!(encode("*1#", Coding::Ucs2), ("002A00310023".into(), 72));
    }

    #[test]
    fn a_text_ends_at_its_first_zero() {
        let said = |value: &str| parse(value, Coding::Plain).and_then(|reply| reply.text);
        let saldo = "00530061006C0064006F00200035";
        assert_eq!(said(&format!("0,\"{saldo}000000410042\",72")).as_deref(), Some("Saldo 5"));
        assert_eq!(said(&format!("0,\"{saldo}0000\",72")).as_deref(), Some("Saldo 5"));
        assert_eq!(said("2,\"00000041\",72"), None);
        // In the GSM alphabet 0 is a letter.
        let letters: Vec<u8> = "Kirim @ 5".chars().filter_map(septet).collect();
        let packed = format!("0,\"{}\",15", hex(&pack(letters)));
        assert_eq!(parse(&packed, Coding::Packed).unwrap().text.as_deref(), Some("Kirim @ 5"));
    }

    #[test]
    fn whole_and_broken_values() {
        assert!(is_complete("0"));
        assert!(is_complete("2,\"done\",15"));
        assert!(is_complete("2,\"done\""));
        assert!(!is_complete("1,\"1. Balance"));
        assert!(!is_complete("1,\"say \"yes\" or no"));
        let reply = parse("1,\"1. Say \"yes\"\n2. no\",15", Coding::Plain).unwrap();
        assert_eq!(reply.session, Session::AnswerWanted);
        assert_eq!(reply.text.as_deref(), Some("1. Say \"yes\"\n2. no"));
        assert_eq!(
            parse("4", Coding::Plain),
            Some(Reply { session: Session::NotSupported, text: None })
        );
        assert_eq!(parse("9", Coding::Plain), None);
        assert_eq!(parse("", Coding::Plain), None);
    }
}
