//! Characters that look alike, or nearly, in GSM 7-bit.
//!
//! Only what a reader would take for the same: quotation marks, dashes, spaces, accents on Latin letters, Greek
//! capitals with a Latin form, Cyrillic ones too. Not a transliteration of other scripts, nor words for
//! signs: what has no look-alike leaves the text UCS-2.

use super::Replacement;
use crate::gsm7::Shifts;

/// The text with look-alikes where the tables lack a character, and what was replaced; none when one has no
/// look-alike.
pub(super) fn replace(text: &str, shifts: Shifts) -> Option<(String, Vec<Replacement>)> {
    let mut out = String::with_capacity(text.len());
    let mut replaced: Vec<Replacement> = Vec::new();
    for c in text.chars() {
        if shifts.septet(c).is_some() {
            out.push(c);
            continue;
        }
        let to = look_alike(c).filter(|to| to.chars().all(|c| shifts.septet(c).is_some()))?;
        out.push_str(to);
        match replaced.iter_mut().find(|replacement| replacement.from == c) {
            Some(replacement) => replacement.times += 1,
            None => replaced.push(Replacement { from: c, to, times: 1 }),
        }
    }
    Some((out, replaced))
}

/// Returns what a reader takes for a character that the default alphabet of GSM 7-bit lacks, in characters of that alphabet; empty
/// for a character that nobody sees. None: the alphabet has the character itself, or nothing like it.
pub fn alike(c: char) -> Option<&'static str> {
    let shifts = Shifts::default();
    if shifts.septet(c).is_some() {
        return None;
    }
    look_alike(c).filter(|to| to.chars().all(|c| shifts.septet(c).is_some()))
}

const fn look_alike(c: char) -> Option<&'static str> {
    Some(match c {
        // Seen by nobody: zero-width space and joiners, word joiner, soft hyphen, marks of direction, byte order
        // mark, variation selectors.
        '\u{200B}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2060}'
        | '\u{2066}'..='\u{2069}'
        | '\u{FEFF}'
        | '\u{00AD}'
        | '\u{FE00}'..='\u{FE0F}' => "",
        '\t' | '\u{00A0}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}' => " ",
        '\u{2028}' | '\u{2029}' | '\u{0085}' => "\n",
        '‘' | '’' | '‚' | '‛' | '′' | '‵' | 'ʹ' | 'ʻ' | 'ʼ' | '`' | '´' | '＇' => {
            "'"
        }
        '“' | '”' | '„' | '‟' | '″' | '‶' | '«' | '»' | '＂' => "\"",
        '‹' => "<",
        '›' => ">",
        '‐'..='―' | '−' | '⁃' | '﹘' | '﹣' | '－' | '─' => "-",
        '…' => "...",
        '‥' => "..",
        '•' | '‣' | '∙' | '⋅' | '·' | '●' | '▪' => "*",
        '⁄' | '∕' => "/",
        '∖' => "\\",
        '¦' | '∣' | '│' => "|",
        'ˆ' => "^",
        '˜' | '∼' | '～' => "~",
        '‼' => "!!",
        '⁉' => "!?",
        '！' => "!",
        '？' => "?",
        '，' | '、' => ",",
        '．' | '。' => ".",
        '：' => ":",
        '；' => ";",
        '（' => "(",
        '）' => ")",
        '™' => "TM",
        '©' => "(c)",
        '®' => "(R)",
        '№' => "No",
        '¹' => "1",
        '²' => "2",
        '³' => "3",
        '½' => "1/2",
        '¼' => "1/4",
        '¾' => "3/4",
        '≤' => "<=",
        '≥' => ">=",
        '≠' => "!=",
        '→' => "->",
        '←' => "<-",
        'ﬀ' => "ff",
        'ﬁ' => "fi",
        'ﬂ' => "fl",
        'ﬃ' => "ffi",
        'ﬄ' => "ffl",
        'Œ' => "OE",
        'œ' => "oe",
        'Ĳ' => "IJ",
        'ĳ' => "ij",
        'ẞ' => "SS",
        'À' | 'Á' | 'Â' | 'Ã' | 'Ā' | 'Ă' | 'Ą' | 'Ǎ' | 'Ạ' | 'Ả' | 'Ấ' | 'Ầ' | 'Ẩ' | 'Ẫ' | 'Ậ'
        | 'Ắ' | 'Ằ' | 'Ẳ' | 'Ẵ' | 'Ặ' | 'Α' | 'А' | 'Ａ' => "A",
        'á' | 'â' | 'ã' | 'ā' | 'ă' | 'ą' | 'ǎ' | 'ạ' | 'ả' | 'ấ' | 'ầ' | 'ẩ' | 'ẫ' | 'ậ' | 'ắ'
        | 'ằ' | 'ẳ' | 'ẵ' | 'ặ' | 'ª' | 'а' | 'ａ' => "a",
        'Β' | 'В' => "B",
        'Ć' | 'Ĉ' | 'Ċ' | 'Č' | 'С' => "C",
        'ć' | 'ĉ' | 'ċ' | 'č' | 'с' => "c",
        'ç' => "Ç",
        'Ď' | 'Đ' | 'Ð' => "D",
        'ď' | 'đ' | 'ð' => "d",
        'È' | 'Ê' | 'Ë' | 'Ē' | 'Ĕ' | 'Ė' | 'Ę' | 'Ě' | 'Ẹ' | 'Ẻ' | 'Ẽ' | 'Ế' | 'Ề' | 'Ể' | 'Ễ'
        | 'Ệ' | 'Ε' | 'Е' | 'Ё' => "E",
        'ê' | 'ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' | 'ẹ' | 'ẻ' | 'ẽ' | 'ế' | 'ề' | 'ể' | 'ễ' | 'ệ'
        | 'е' | 'ё' => "e",
        'Ĝ' | 'Ğ' | 'Ġ' | 'Ģ' => "G",
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => "g",
        'Ĥ' | 'Ħ' | 'Η' | 'Н' => "H",
        'ĥ' | 'ħ' => "h",
        'Ì' | 'Í' | 'Î' | 'Ï' | 'Ĩ' | 'Ī' | 'Ĭ' | 'Į' | 'İ' | 'Ǐ' | 'Ỉ' | 'Ị' | 'Ι' | 'І' => {
            "I"
        }
        'í' | 'î' | 'ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' | 'ǐ' | 'ỉ' | 'ị' | 'і' => "i",
        'Ĵ' | 'Ј' => "J",
        'ĵ' | 'ј' => "j",
        'Ķ' | 'Κ' | 'К' => "K",
        'ķ' => "k",
        'Ĺ' | 'Ļ' | 'Ľ' | 'Ŀ' | 'Ł' => "L",
        'ĺ' | 'ļ' | 'ľ' | 'ŀ' | 'ł' => "l",
        'Μ' | 'М' => "M",
        'Ń' | 'Ņ' | 'Ň' | 'Ν' => "N",
        'ń' | 'ņ' | 'ň' | 'ŉ' => "n",
        'Ò' | 'Ó' | 'Ô' | 'Õ' | 'Ō' | 'Ŏ' | 'Ő' | 'Ơ' | 'Ǒ' | 'Ọ' | 'Ỏ' | 'Ố' | 'Ồ' | 'Ổ' | 'Ỗ'
        | 'Ộ' | 'Ớ' | 'Ờ' | 'Ở' | 'Ỡ' | 'Ợ' | 'Ο' | 'О' => "O",
        'ó' | 'ô' | 'õ' | 'ō' | 'ŏ' | 'ő' | 'ơ' | 'ǒ' | 'ọ' | 'ỏ' | 'ố' | 'ồ' | 'ổ' | 'ỗ' | 'ộ'
        | 'ớ' | 'ờ' | 'ở' | 'ỡ' | 'ợ' | 'º' | '°' | 'ο' | 'о' => "o",
        'Ρ' | 'Р' => "P",
        'р' => "p",
        'Ŕ' | 'Ŗ' | 'Ř' => "R",
        'ŕ' | 'ŗ' | 'ř' => "r",
        'Ś' | 'Ŝ' | 'Ş' | 'Š' | 'Ș' | 'Ѕ' => "S",
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' | 'ѕ' => "s",
        'Ţ' | 'Ť' | 'Ŧ' | 'Ț' | 'Τ' | 'Т' => "T",
        'ţ' | 'ť' | 'ŧ' | 'ț' => "t",
        'Ù' | 'Ú' | 'Û' | 'Ũ' | 'Ū' | 'Ŭ' | 'Ů' | 'Ű' | 'Ų' | 'Ư' | 'Ǔ' | 'Ụ' | 'Ủ' | 'Ứ' | 'Ừ'
        | 'Ử' | 'Ữ' | 'Ự' => "U",
        'ú' | 'û' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' | 'ư' | 'ǔ' | 'ụ' | 'ủ' | 'ứ' | 'ừ' | 'ử'
        | 'ữ' | 'ự' => "u",
        'Ŵ' => "W",
        'ŵ' => "w",
        'Χ' | 'Х' => "X",
        '×' | 'х' => "x",
        'Ý' | 'Ŷ' | 'Ÿ' | 'Ỳ' | 'Ỵ' | 'Ỷ' | 'Ỹ' | 'Υ' => "Y",
        'ý' | 'ÿ' | 'ŷ' | 'ỳ' | 'ỵ' | 'ỷ' | 'ỹ' | 'у' => "y",
        'Ź' | 'Ż' | 'Ž' | 'Ζ' => "Z",
        'ź' | 'ż' | 'ž' => "z",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_default_alphabet_lacks_is_replaced() {
        assert_eq!(alike('“'), Some("\""));
        assert_eq!(alike('\u{200B}'), Some(""));
        for c in ['a', 'é', '€', '😀', 'Ж'] {
            assert_eq!(alike(c), None, "{c}");
        }
    }

    #[test]
    fn all_are_in_the_default_alphabet_and_stand_for_what_is_not() {
        let plain = |c| Shifts::default().septet(c).is_some();
        let mut found = 0;
        for (c, to) in ('\0'..=char::MAX).filter_map(|c| Some((c, look_alike(c)?))) {
            found += 1;
            assert!(!plain(c), "{c:?} is in the alphabet");
            assert!(to.chars().all(plain), "{to:?} is not in the alphabet");
        }
        assert!(found > 400, "{found} look-alikes");
    }

    #[test]
    fn one_without_a_look_alike_leaves_all_as_it_is() {
        assert_eq!(replace("it’s 漢", Shifts::default()), None);
        let (text, replaced) = replace("“ñ”\u{200B}", Shifts::default()).unwrap();
        assert_eq!((text.as_str(), replaced.len()), ("\"ñ\"", 3));
    }
}
