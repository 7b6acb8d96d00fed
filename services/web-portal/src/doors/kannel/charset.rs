//! From octets and a charset name to text.
//!
//! Kannel hands names to iconv. Ours are those names of iconv whose charset is in the WHATWG encoding standard or is
//! a code page of DOS, and UTF-16 and UTF-32 in all their forms. Where a name leaves the byte order open and no byte
//! order mark says it, the order is that of iconv on a PC. EBCDIC, the national variants of ISO 646, UTF-7 and
//! ISO-2022 beside the Japanese one are not read; such a name is refused.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};
use oem_cp::code_table::DECODING_TABLE_CP_MAP;
use oem_cp::code_table_type::TableType;

/// The longest name that is looked at; iconv's longest has 28 characters.
const LONGEST_NAME: usize = 64;

/// Why octets are no text in a charset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CharsetError {
    /// That name is not one of ours.
    #[error("the charset is not known")]
    Unknown,
    /// The octets cannot be read in it.
    #[error("the octets are not in that charset")]
    Malformed,
}

/// A charset.
#[derive(Debug, Clone, Copy)]
enum Charset {
    /// Of the encoding standard.
    Web(&'static Encoding),
    /// A code page of DOS.
    CodePage(&'static TableType),
    /// UTF-16; the order is open.
    Utf16,
    /// UTF-32, the order open or said.
    Utf32(Order),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Open,
    Big,
    Little,
}

/// The text of `octets` in the charset called `name`, without replacing anything. A byte order mark is no character
/// of the text.
pub(crate) fn decode(octets: &[u8], name: &str) -> Result<String, CharsetError> {
    let text = match by_name(name).ok_or(CharsetError::Unknown)? {
        Charset::Web(encoding) => web(octets, encoding),
        Charset::CodePage(table) => table.decode_string_checked(octets),
        Charset::Utf16 if octets.starts_with(b"\xfe\xff") => web(octets, UTF_16BE),
        Charset::Utf16 => web(octets, UTF_16LE),
        Charset::Utf32(order) => utf32(octets, order),
    };
    text.ok_or(CharsetError::Malformed)
}

/// The text of octets of which nothing says in which charset they are: UTF-8, and if they are not, Windows-1252,
/// which holds ISO 8859-1. True: it was not UTF-8.
pub(crate) fn guess(octets: &[u8]) -> (String, bool) {
    match web(octets, encoding_rs::UTF_8) {
        Some(text) => (text, false),
        None => (WINDOWS_1252.decode_without_bom_handling(octets).0.into_owned(), true),
    }
}

fn by_name(name: &str) -> Option<Charset> {
    // iconv's `//TRANSLIT` and `//IGNORE` are about writing.
    let name = name.trim().split("//").next().unwrap_or_default();
    if name.len() > LONGEST_NAME {
        return None;
    }
    let name = name.trim_end_matches('/').to_ascii_uppercase();
    let key: String = name.chars().filter(|c| !matches!(c, '-' | '_')).collect();
    Some(match key.as_str() {
        "UTF8" | "ISO10646/UTF8" => Charset::Web(encoding_rs::UTF_8),
        "UTF16" | "UCS2" | "UNICODE" | "CSUNICODE" | "ISO10646/UCS2" | "ISO10646UCS2" => {
            Charset::Utf16
        }
        "UTF16BE" | "UCS2BE" | "UNICODEBIG" => Charset::Web(UTF_16BE),
        "UTF16LE" | "UCS2LE" | "UNICODELITTLE" => Charset::Web(UTF_16LE),
        "UTF32" => Charset::Utf32(Order::Open),
        "UTF32BE" | "UCS4" | "UCS4BE" | "CSUCS4" | "ISO10646" | "ISO10646/UCS4" | "106461:1993"
        | "106461:1993/UCS4" => Charset::Utf32(Order::Big),
        "UTF32LE" | "UCS4LE" | "WCHART" => Charset::Utf32(Order::Little),
        // The standard takes one for KOI8-U, and has no `%` of its own in the other.
        "KOI8RU" | "864" | "CP864" | "IBM864" | "CSIBM864" => return None,
        key => by_number(key).or_else(|| by_label(&name, key))?,
    })
}

/// `CP850`, `IBM850`, `850`, `WINDOWS-1252`, …
fn by_number(key: &str) -> Option<Charset> {
    let digits = ["CSPC8CODEPAGE", "CSIBM", "IBM", "CP", "WINDOWS", "MS"]
        .iter()
        .find_map(|prefix| key.strip_prefix(prefix))
        .unwrap_or(key);
    let number: u16 = digits.parse().ok().filter(|_| !digits.starts_with(['0', '+']))?;
    let label = match number {
        367 | 819 => "iso-8859-1",
        813 => "iso-8859-7",
        866 => "ibm866",
        874 => "windows-874",
        912 => "iso-8859-2",
        915 => "iso-8859-5",
        916 => "iso-8859-8",
        920 => "iso-8859-9",
        923 => "iso-8859-15",
        932 | 943 => "shift_jis",
        936 => "gbk",
        949 => "euc-kr",
        950 => "big5",
        1089 => "iso-8859-6",
        1250..=1258 => return label(&format!("windows-{number}")),
        _ => return DECODING_TABLE_CP_MAP.get(&number).map(Charset::CodePage),
    };
    self::label(label)
}

/// The names that the encoding standard has, and those of iconv that it lacks.
fn by_label(name: &str, key: &str) -> Option<Charset> {
    if let Some(known) = label(name) {
        return Some(known);
    }
    let same = match key {
        "8859_1" | "88591" | "LATIN1" | "L1" | "MSANSI" | "ISO646US" | "646" | "ANSIX3.41968"
        | "ANSIX3.41986" | "ANSIX3.4" | "CSASCII" | "ISO646.IRV:1991" | "ISOIR6" | "US" => {
            "iso-8859-1"
        }
        "MSEE" => "windows-1250",
        "MSCYRL" => "windows-1251",
        "MSGREEK" => "windows-1253",
        "MSTURK" => "windows-1254",
        "MSHEBR" => "windows-1255",
        "MSARAB" => "windows-1256",
        "WINBALTRIM" => "windows-1257",
        "SJIS" | "SJISOPEN" | "SJISWIN" | "CSWINDOWS31J" | "IBM943" => "shift_jis",
        "EUCJP" | "UJIS" | "EUCJPMS" | "EUCJPWIN" | "EUCJPOPEN" => "euc-jp",
        "EUCKR" | "UHC" => "euc-kr",
        "EUCCN" | "CNGB" => "gbk",
        "BIGFIVE" | "BIG5HKSCS" => "big5",
        "TIS620.25290" | "TIS620.25330" | "TIS6202529.1" | "TIS6202533.0" | "THAI8" => "tis-620",
        "MAC" => "macintosh",
        "MACCYRILLIC" => "x-mac-cyrillic",
        "CSPC775BALTIC" => return by_number("775"),
        "CSPC850MULTILINGUAL" => return by_number("850"),
        "CSPCP852" => return by_number("852"),
        "CSPC858MULTILINGUAL" => return by_number("858"),
        "CSPC862LATINHEBREW" => return by_number("862"),
        "CPIBM861" | "CPIS" => return by_number("861"),
        "CPGR" => return by_number("869"),
        key => {
            // `8859_5`, `ISO88595`, `ISO_8859-5:1988`.
            let key = key.strip_prefix("ISO").unwrap_or(key);
            let part = key.split(':').next()?.strip_prefix("8859")?;
            let part: u8 = part.parse().ok()?;
            return label(&format!("iso-8859-{part}"));
        }
    };
    label(same)
}

fn label(label: &str) -> Option<Charset> {
    // What the standard calls a replacement encoding is one that is not read.
    Encoding::for_label_no_replacement(label.as_bytes()).map(Charset::Web)
}

fn web(octets: &[u8], encoding: &'static Encoding) -> Option<String> {
    let octets = match Encoding::for_bom(octets) {
        Some((marked, length)) if marked == encoding => &octets[length..],
        _ => octets,
    };
    encoding.decode_without_bom_handling_and_without_replacement(octets).map(Cow::into_owned)
}

fn utf32(octets: &[u8], order: Order) -> Option<String> {
    const MARK: u32 = 0xFEFF;
    if !octets.len().is_multiple_of(4) {
        return None;
    }
    let big = match order {
        Order::Big => true,
        Order::Little => false,
        Order::Open => octets.starts_with(&MARK.to_be_bytes()),
    };
    let units = octets.chunks_exact(4).map(|unit| {
        let unit = [unit[0], unit[1], unit[2], unit[3]];
        if big { u32::from_be_bytes(unit) } else { u32::from_le_bytes(unit) }
    });
    units.skip_while(|&unit| unit == MARK).map(char::from_u32).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::io::Write as _;
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn byte_orders_are_those_of_iconv() {
        for (name, octets) in [
            ("UTF-16BE", &b"\x04\x1f"[..]),
            ("utf-16", b"\x1f\x04"),
            ("UTF-16", b"\xfe\xff\x04\x1f"),
            ("UTF-16", b"\xff\xfe\x1f\x04"),
            ("UTF-16LE", b"\x1f\x04"),
            ("UTF-16BE", b"\xfe\xff\x04\x1f"),
            ("ucs-2", b"\x1f\x04"),
            ("UCS-2BE", b"\x04\x1f"),
            ("UNICODE", b"\x1f\x04"),
            ("UCS-4", b"\0\0\x04\x1f"),
            ("UCS-4LE", b"\x1f\x04\0\0"),
            ("UTF-32", b"\x1f\x04\0\0"),
            ("UTF-32", b"\0\0\xfe\xff\0\0\x04\x1f"),
            ("UTF-32BE", b"\0\0\x04\x1f"),
        ] {
            assert_eq!(decode(octets, name).as_deref(), Ok("П"), "{name}");
        }
    }

    #[test]
    fn names_of_iconv_are_known() {
        assert_eq!(decode(b"caf\xe9", "ISO-8859-1").as_deref(), Ok("café"));
        assert_eq!(decode(b"caf\x82", "CP437").as_deref(), Ok("café"));
        assert_eq!(decode(b"caf\x82", "ibm850").as_deref(), Ok("café"));
        assert_eq!(decode(b"\x80", "cp858").as_deref(), Ok("Ç"));
        assert_eq!(decode(b"\xa4", "8859_15").as_deref(), Ok("€"));
        assert_eq!(decode("halo €".as_bytes(), " utf8 ").as_deref(), Ok("halo €"));
        assert_eq!(decode("halo €".as_bytes(), "UTF-8//TRANSLIT").as_deref(), Ok("halo €"));
    }

    #[test]
    fn nothing_is_replaced() {
        assert_eq!(decode(b"caf\xe9", "UTF-8"), Err(CharsetError::Malformed));
        assert_eq!(decode(b"\x04", "UTF-16BE"), Err(CharsetError::Malformed));
        assert_eq!(decode(b"\xd8\x3d", "UTF-16BE"), Err(CharsetError::Malformed));
        assert_eq!(decode(b"\0\0\xd8\x3d", "UCS-4"), Err(CharsetError::Malformed));
        assert_eq!(decode(b"x", "klingon"), Err(CharsetError::Unknown));
        assert_eq!(decode(b"x", "IBM037"), Err(CharsetError::Unknown));
        assert_eq!(decode(b"x", &"x".repeat(100_000)), Err(CharsetError::Unknown));
        assert_eq!(decode(b"x", "ISO-2022-KR"), Err(CharsetError::Unknown));
    }

    #[test]
    fn what_names_no_charset_is_text_all_the_same() {
        assert_eq!(guess("café".as_bytes()), ("café".to_owned(), false));
        assert_eq!(guess(b"caf\xe9 \x80"), ("café €".to_owned(), true));
    }

    /// What iconv makes of each of `lines`; what it cannot read is left out.
    fn iconv(name: &str, lines: &[Vec<u8>]) -> Option<Vec<String>> {
        let mut child = Command::new("iconv")
            .args(["-c", "-f", name, "-t", "UTF-8"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("iconv comes with the C library");
        let mut stdin = child.stdin.take().expect("a pipe");
        // A charset that it cannot read makes it end early.
        let _ = stdin.write_all(&lines.join(&b'\n'));
        drop(stdin);
        let text = String::from_utf8(child.wait_with_output().ok()?.stdout).ok()?;
        let lines_of: Vec<String> = text.split('\n').map(str::to_owned).collect();
        (lines_of.len() == lines.len()).then_some(lines_of)
    }

    /// Octets that the standard reads otherwise than older tables: letters of Belarus in place of a line, the sign of an
    /// increment, a logo, the euro.
    const NEWER: [(&str, u8); 5] = [
        ("KOI8-U", 0xae),
        ("KOI8-U", 0xbe),
        ("macintosh", 0xc6),
        ("macintosh", 0xf0),
        ("x-mac-cyrillic", 0xff),
    ];

    /// Every name that iconv has, octet for octet against iconv: read alike, or refused.
    #[test]
    fn whatever_iconv_reads_is_read_alike_or_refused() {
        let listed = Command::new("iconv").arg("-l").output().expect("iconv").stdout;
        let listed = String::from_utf8(listed).expect("names");
        let names: BTreeSet<&str> =
            listed.split_whitespace().map(|name| name.trim_end_matches('/')).collect();
        assert!(names.len() > 500, "{}", names.len());
        let octets: Vec<Vec<u8>> =
            (0x20..=0xff).filter(|octet| *octet != b'\n').map(|octet| vec![octet]).collect();
        let (mut known, mut differ) = (0, Vec::new());
        for name in names {
            let Some(charset) = by_name(name) else { continue };
            known += 1;
            match charset {
                Charset::Utf16 | Charset::Utf32(_) => continue,
                Charset::Web(encoding) if encoding == UTF_16BE || encoding == UTF_16LE => continue,
                Charset::Web(encoding) if !encoding.is_single_byte() => {
                    let words: &[&str] = if encoding == encoding_rs::BIG5 {
                        &["漢字"]
                    } else {
                        &["汉字", "한국말", "漢字"]
                    };
                    let mut encoded = words.iter().map(|words| (*words, encoding.encode(words)));
                    let (words, (octets, ..)) =
                        encoded.find(|(_, (.., lost))| !lost).expect("words");
                    assert_eq!(decode(&octets, name).as_deref(), Ok(words), "{name}");
                    let theirs = iconv(name, &[octets.into_owned()]);
                    if theirs.as_deref() != Some(&[words.to_owned()]) {
                        differ.push(format!("{name}: {words}, iconv {theirs:?}"));
                    }
                    continue;
                }
                Charset::Web(_) | Charset::CodePage(_) => {}
            }
            let theirs = iconv(name, &octets);
            let theirs =
                theirs.unwrap_or_else(|| panic!("{name} is known here, and iconv says no"));
            for (octet, theirs) in octets.iter().zip(theirs) {
                let Ok(ours) = decode(octet, name) else {
                    if !theirs.is_empty() {
                        differ.push(format!("{name} {octet:02x?}: refused, iconv {theirs}"));
                    }
                    continue;
                };
                // The encoding standard has characters where older tables have none or control codes.
                let control = theirs.chars().all(char::is_control);
                let is_newer = matches!(charset, Charset::Web(encoding)
                    if NEWER.contains(&(encoding.name(), octet[0])));
                if ours != theirs && !control && !is_newer {
                    differ.push(format!("{name} {octet:02x?}: {ours}, iconv {theirs}"));
                }
            }
        }
        assert!(differ.is_empty(), "{} of {known} names: {differ:#?}", differ.len());
        assert!(known > 250, "{known} of iconv's names are known");
    }
}
