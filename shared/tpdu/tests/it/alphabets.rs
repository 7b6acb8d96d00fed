//! Facts of TS 23.038 about the tables, typed in from the standard's text and from the sources named.

use tpdu::gsm7::{self, ESC};
use tpdu::{Language, Shifts, ucs2};

const fn shifts(locking: Option<Language>, single: Option<Language>) -> Shifts {
    Shifts { locking, single }
}

/// The default alphabet, row by row as TS 23.038, 6.2.1 prints it; the place of ESC left out.
#[test]
fn default_alphabet() {
    let all = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
               ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
    let septets: Vec<u8> = (0..128).filter(|&septet| septet != ESC).collect();
    assert_eq!(gsm7::decode(&septets, Shifts::default()), all);
    assert_eq!(gsm7::encode(all, Shifts::default()).unwrap(), septets);
}

/// Its extension, 6.2.1.1.
#[test]
fn extension() {
    let text = "\u{c}^{}\\[~]|€";
    let septets = [0x0A, 0x14, 0x28, 0x29, 0x2F, 0x3C, 0x3D, 0x3E, 0x40, 0x65];
    let escaped: Vec<u8> = septets.into_iter().flat_map(|septet| [ESC, septet]).collect();
    assert_eq!(gsm7::encode(text, Shifts::default()).unwrap(), escaped);
    for language in Language::ALL {
        let read = gsm7::decode(&escaped, shifts(None, Some(language)));
        assert_eq!(read, text, "every extension has them: {language:?}");
    }
}

/// 6.2.1: what the extension lacks reads as the alphabet has it; ESC alone is a space.
#[test]
fn unknown_escapes() {
    assert_eq!(gsm7::decode(&[ESC, 0x41, ESC, 0x0D], Shifts::default()), "A\r");
    assert_eq!(gsm7::decode(&[0x41, ESC], Shifts::default()), "A ");
    assert_eq!(gsm7::decode(&[ESC, ESC, 0x41], Shifts::default()), " A");
}

/// Rows of AOSP's GsmAlphabet.java (`sLanguageTables`, `sLanguageShiftTables`): languages, place, characters.
#[test]
fn national_tables() {
    use Language::{
        Bengali, Gujarati, Hindi, Kannada, Malayalam, Oriya, Portuguese, Punjabi, Spanish, Tamil,
        Telugu, Turkish, Urdu,
    };
    for (language, from, row) in [
        (Turkish, 0x00, "@£$¥€éùıòÇ\nĞğ\rÅå"),
        (Turkish, 0x1C, "ŞşßÉ"),
        (Turkish, 0x40, "İABC"),
        (Turkish, 0x60, "çabc"),
        (Portuguese, 0x00, "@£$¥êéúíóç\nÔô\rÁáΔ_ªÇÀ∞^\\€Ó|"),
        (Portuguese, 0x1C, "ÂâÊÉ !\"#º%"),
        (Portuguese, 0x5B, "ÃÕÚÜ§~abc"),
        (Portuguese, 0x7A, "zãõ`üà"),
        (Bengali, 0x60, "\u{9ce}abc"),
        (Bengali, 0x13, "\u{993}\u{994}\u{995}\u{996}\u{997}\u{998}\u{999}\u{99a}"),
        (Gujarati, 0x40, "\u{aac}\u{aad}\u{aae}\u{aaf}\u{ab0}"),
        (Hindi, 0x00, "\u{901}\u{902}\u{903}\u{905}\u{906}\u{907}\u{908}\u{909}\u{90a}\u{90b}\n"),
        (Hindi, 0x3C, "\u{929}\u{92a}\u{92b}?\u{92c}\u{92d}"),
        (Hindi, 0x7A, "z\u{972}\u{97b}\u{97c}\u{97e}\u{97f}"),
        (Kannada, 0x60, "\u{cd5}abc"),
        (Malayalam, 0x7A, "z\u{d60}\u{d61}\u{d62}\u{d63}\u{d79}"),
        (Oriya, 0x4A, "\u{b36}\u{b37}\u{b38}\u{b39}\u{b3c}\u{b3d}\u{b3e}"),
        (Punjabi, 0x7A, "z\u{a70}\u{a71}\u{a72}\u{a73}\u{a74}"),
        (Tamil, 0x42, "\u{bae}\u{baf}\u{bb0}\u{bb1}\u{bb2}\u{bb3}\u{bb4}\u{bb5}\u{bb6}\u{bb7}"),
        (Telugu, 0x49, "\u{c35}\u{c36}\u{c37}\u{c38}\u{c39}"),
        (Urdu, 0x00, "\u{627}\u{622}\u{628}\u{67b}\u{680}\u{67e}\u{6a6}\u{62a}\u{6c2}\u{67f}\n"),
        (Urdu, 0x40, "\u{635}\u{636}\u{637}\u{638}\u{639}\u{641}\u{642}\u{6a9}\u{6aa}\u{6ab}"),
    ] {
        let septets: Vec<u8> = (from..).take(row.chars().count()).collect();
        let tables = shifts(Some(language), None);
        assert_eq!(gsm7::decode(&septets, tables), row, "{language:?} from {from:#x}");
        assert_eq!(gsm7::encode(row, tables).unwrap(), septets, "{language:?} from {from:#x}");
    }
    for (language, place, c) in [
        (Turkish, 0x47, 'Ğ'),
        (Turkish, 0x49, 'İ'),
        (Turkish, 0x53, 'Ş'),
        (Turkish, 0x63, 'ç'),
        (Turkish, 0x67, 'ğ'),
        (Turkish, 0x69, 'ı'),
        (Turkish, 0x73, 'ş'),
        (Spanish, 0x09, 'ç'),
        (Spanish, 0x41, 'Á'),
        (Spanish, 0x49, 'Í'),
        (Spanish, 0x4F, 'Ó'),
        (Spanish, 0x55, 'Ú'),
        (Spanish, 0x61, 'á'),
        (Spanish, 0x69, 'í'),
        (Spanish, 0x6F, 'ó'),
        (Spanish, 0x75, 'ú'),
        (Portuguese, 0x05, 'ê'),
        (Portuguese, 0x0B, 'Ô'),
        (Portuguese, 0x0F, 'á'),
        (Portuguese, 0x41, 'À'),
        (Portuguese, 0x5B, 'Ã'),
        (Portuguese, 0x61, 'Â'),
        (Portuguese, 0x7F, 'â'),
        (Bengali, 0x19, '\u{9e6}'),
        (Gujarati, 0x25, '\u{aef}'),
        (Hindi, 0x3A, '\u{971}'),
        (Kannada, 0x2A, '\u{cf2}'),
        (Malayalam, 0x34, '\u{d7f}'),
        (Oriya, 0x2C, '\u{b71}'),
        (Punjabi, 0x2D, '\u{a75}'),
        (Tamil, 0x2E, '\u{bfa}'),
        (Telugu, 0x32, '\u{c7f}'),
        (Urdu, 0x3F, '\u{6d4}'),
        (Urdu, 0x41, 'A'),
    ] {
        let read = gsm7::decode(&[ESC, place], shifts(None, Some(language)));
        assert_eq!(read, c.to_string(), "{language:?} {place:#x}");
    }
}

/// A.3: the scripts of India have no capitals in the alphabet, and all have small letters, digits and CR LF.
#[test]
fn what_national_alphabets_share() {
    for language in Language::ALL {
        assert_eq!(Language::from_code(language.code()), Some(language));
        assert_eq!(Language::from_tag(language.tag()), Some(language));
        let tables = shifts(Some(language), Some(language));
        let text = "0123456789 abcdefghijklmnopqrstuvwxyz\r\n!,.?";
        assert_eq!(gsm7::encode(text, tables).unwrap().len(), text.len(), "{language:?}");
        let both = "ABCXYZ@£$¥€";
        let septets = gsm7::encode(both, tables).unwrap();
        assert_eq!(gsm7::decode(&septets, tables), both, "{language:?}");
    }
    assert_eq!(Language::from_code(0), None);
    assert_eq!(Language::from_code(14), None);
    assert!(!Language::Spanish.has_locking());
}

/// Every septet and escape that has a character reads back as itself, or as a shorter way to write it.
#[test]
fn tables_read_what_they_write() {
    let languages = || std::iter::once(None).chain(Language::ALL.map(Some));
    for tables in languages().flat_map(|a| languages().map(move |b| shifts(a, b))) {
        for septets in (0..128).flat_map(|septet| [vec![septet], vec![ESC, septet]]) {
            let text = gsm7::decode(&septets, tables);
            if text.contains(char::REPLACEMENT_CHARACTER) {
                continue;
            }
            let written = gsm7::encode(&text, tables).unwrap();
            assert!(written.len() <= septets.len(), "{tables:?} {septets:?}");
            assert_eq!(gsm7::decode(&written, tables), text, "{tables:?} {septets:?}");
        }
    }
}

/// U+1F54A is D83D DD4A: "The Unicode Standard", table 3-5's rule.
#[test]
fn utf_16() {
    assert_eq!(ucs2::encode("A🕊"), [0x00, 0x41, 0xD8, 0x3D, 0xDD, 0x4A]);
    assert_eq!(ucs2::decode(&[0x00, 0x41, 0xD8, 0x3D, 0xDD, 0x4A]), "A🕊");
    assert_eq!(ucs2::decode(&[0xD8, 0x3D, 0x00, 0x41]), "\u{fffd}A");
    assert_eq!(ucs2::decode(&[0xDD, 0x4A, 0x00]), "\u{fffd}\u{fffd}");
}
