//! Names that people give: of accounts and of modems, and lists that are sorted by them.

/// The most characters of what contacts, groups and templates are searched for.
pub(crate) const LONGEST_SEARCHED: usize = 100;

/// Whether a name can be typed as it is shown: nothing invisible in it, no spaces at either end, and not more marks on a letter than
/// any script has.
pub(crate) fn is_typable(name: &str) -> bool {
    name.trim() == name
        && !name.chars().any(|c| c.is_control() || is_invisible(c))
        && joins_what_can_be_joined(name)
        && !is_stacked(name)
}

/// Whether each joiner of a name stands between letters or pictures that may need one. Elsewhere it shows nothing, and makes a name
/// that looks like another.
fn joins_what_can_be_joined(name: &str) -> bool {
    let is_joiner = |c: char| matches!(c, '\u{200c}' | '\u{200d}');
    // As if a blank stood at both ends.
    let mut before = ' ';
    for c in name.chars().chain([' ']) {
        let joins_nothing = |beside: char| beside.is_ascii() || is_joiner(beside);
        if is_joiner(c) && joins_nothing(before) || is_joiner(before) && joins_nothing(c) {
            return false;
        }
        before = c;
    }
    true
}

/// The most marks that a letter of a name has above and below it.
const MOST_MARKS: usize = 4;

/// Whether marks are stacked on a letter, so that they paint over the lines around the name.
fn is_stacked(name: &str) -> bool {
    let mut marks = 0;
    name.chars().any(|c| {
        marks = if is_mark(c) { marks + 1 } else { 0 };
        marks > MOST_MARKS
    })
}

/// The marks that go with letters of every script, and those of scripts whose marks are stacked.
pub(crate) const fn is_mark(c: char) -> bool {
    matches!(
        c,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5bd}' | '\u{610}'..='\u{61a}'
            | '\u{64b}'..='\u{65f}' | '\u{6d6}'..='\u{6dc}' | '\u{e31}' | '\u{e34}'..='\u{e3a}'
            | '\u{e47}'..='\u{e4e}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
            | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}'
    )
}

/// Characters that show nothing, or change how what stands around them is shown. Zero-width joiner and
/// non-joiner stay: scripts and emoji need them.
pub(crate) const fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e007f}'
    )
}

/// Whether a text is a name of something that people make: 1 to `longest` visible characters without spaces at its ends.
pub(crate) fn is_name(written: &str, longest: usize) -> bool {
    (1..=longest).contains(&written.chars().count()) && is_typable(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_what_it_looks_like() {
        for name in [
            "budi",
            "Siti Nurhaliza",
            "می\u{200c}خواهم",
            "👩\u{200d}🔧",
            "Nguyễn",
            "e\u{302}\u{301}",
        ] {
            assert!(is_name(name, 64), "{name:?}");
        }
        for name in [
            "",
            "\u{200d}",
            "budi\u{200d}",
            "\u{200c}budi",
            "bu\u{200d}di",
            "می\u{200c}\u{200c}خواهم",
            // Letters and signs that show nothing.
            "\u{3164}",
            "\u{2800}",
            "budi\u{115f}",
            "budi\u{ffa0}",
            "bu\u{34f}di",
            "bu\u{2066}di",
            "budi\u{1d173}",
        ] {
            assert!(!is_name(name, 64), "{name:?}");
        }
    }

    #[test]
    fn marks_are_not_stacked() {
        for mark in ['\u{301}', '\u{489}', '\u{64b}', '\u{e49}', '\u{1ab0}', '\u{20dd}', '\u{fe20}']
        {
            let with = |marks: usize| format!("a{}", String::from(mark).repeat(marks));
            assert!(is_name(&with(MOST_MARKS), 64), "{mark:?}");
            assert!(!is_name(&with(MOST_MARKS + 1), 64), "{mark:?}");
        }
    }
}
