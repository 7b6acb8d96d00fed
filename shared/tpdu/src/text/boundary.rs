//! Where what a reader sees as one character ends.
//!
//! A small rule of our own in place of the tables of Unicode annex 29: it decides only which of two equally cheap
//! cuts is prettier, and a missed case is a torn accent in the middle of a long message, nothing lost.

const JOINER: char = '\u{200D}';

/// Looks at a text character by character.
#[derive(Default)]
pub(super) struct Boundaries {
    before: Option<char>,
    /// Regional indicators in a row so far; two make a flag.
    regional: usize,
}

impl Boundaries {
    /// Whether a reader sees a new character begin with this one.
    pub(super) fn before(&mut self, c: char) -> bool {
        let joined = self.before.is_some_and(|before| {
            extends(c)
                || before == JOINER
                || (before == '\r' && c == '\n')
                || (is_regional(c) && self.regional % 2 == 1)
                || (is_virama(before) && c.is_alphabetic())
                || (is_hangul(before) && ('\u{1160}'..='\u{11FF}').contains(&c))
        });
        self.regional = if is_regional(c) { self.regional + 1 } else { 0 };
        self.before = Some(c);
        !joined
    }
}

/// Belongs to what stands before it: accents, vowel signs, joiners, variation selectors, skin tones, tags.
fn extends(c: char) -> bool {
    match u32::from(c) {
        0x0300..=0x036F
        | 0x0483..=0x0489
        | 0x0591..=0x05BD
        | 0x05BF
        | 0x05C1..=0x05C2
        | 0x05C4..=0x05C5
        | 0x05C7
        | 0x0610..=0x061A
        | 0x064B..=0x065F
        | 0x0670
        | 0x06D6..=0x06DC
        | 0x06DF..=0x06E4
        | 0x06E7..=0x06E8
        | 0x06EA..=0x06ED
        | 0x0E31
        | 0x0E33..=0x0E3A
        | 0x0E47..=0x0E4E
        | 0x0EB1
        | 0x0EB3..=0x0EBC
        | 0x0EC8..=0x0ECE
        | 0x0F71..=0x0F84
        | 0x102B..=0x103E
        | 0x17B4..=0x17D3
        | 0x1AB0..=0x1AFF
        | 0x1DC0..=0x1DFF
        | 0x200C..=0x200D
        | 0x20D0..=0x20FF
        | 0x302A..=0x302F
        | 0x3099..=0x309A
        | 0xFE00..=0xFE0F
        | 0xFE20..=0xFE2F
        | 0x1_F3FB..=0x1_F3FF
        | 0xE_0020..=0xE_007F
        | 0xE_0100..=0xE_01EF => true,
        // The scripts of India have their signs at the same places of their blocks.
        indic @ 0x0900..=0x0D7F => {
            matches!(indic & 0x7F, 0x00..=0x03 | 0x3C | 0x3E..=0x4D | 0x51..=0x57 | 0x62..=0x63)
        }
        _ => false,
    }
}

fn is_virama(c: char) -> bool {
    let code = u32::from(c);
    (0x0900..=0x0D7F).contains(&code) && code & 0x7F == 0x4D
}

fn is_hangul(c: char) -> bool {
    ('\u{1100}'..='\u{11FF}').contains(&c) || ('\u{AC00}'..='\u{D7A3}').contains(&c)
}

fn is_regional(c: char) -> bool {
    ('\u{1F1E6}'..='\u{1F1FF}').contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(text: &str) -> usize {
        let mut boundaries = Boundaries::default();
        text.chars().filter(|&c| boundaries.before(c)).count()
    }

    #[test]
    fn what_readers_see() {
        for (text, characters) in [
            ("abc", 3),
            ("e\u{301}a", 2),
            ("👨‍👩‍👧‍👦", 1),
            ("👍🏽!", 2),
            ("🇮🇩🇫🇷", 2),
            ("\r\n", 1),
            ("क्षि", 1),
            ("각", 1),
            ("❤️", 1),
            ("กำ", 1),
        ] {
            assert_eq!(seen(text), characters, "{text}");
        }
    }
}
