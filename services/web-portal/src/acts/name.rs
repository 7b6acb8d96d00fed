//! Names that people give: of accounts and of modems, and lists that are sorted by them.

/// The most characters of what contacts, groups and templates are searched for.
pub(crate) const LONGEST_SEARCHED: usize = 100;

/// Whether a name can be typed as it is shown: nothing invisible in it, no spaces at either end.
pub(crate) fn is_typable(name: &str) -> bool {
    name.trim() == name && !name.chars().any(|c| c.is_control() || is_invisible(c))
}

/// Characters that show nothing, or change how what stands around them is shown. Zero-width joiner and
/// non-joiner stay: scripts and emoji need them.
pub(crate) const fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

/// Whether a text is a name of something that people make: 1 to `longest` visible characters without spaces at its ends.
pub(crate) fn is_name(written: &str, longest: usize) -> bool {
    (1..=longest).contains(&written.chars().count()) && is_typable(written)
}
