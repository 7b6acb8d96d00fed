//! Several names in a cell: between commas, semicolons or bars. A name that one of these parts, or that would be read as another one,
//! stands between quotation marks, each of its own being written twice, so that what is exported is imported again as it was.

/// What parts names.
pub(super) const SEPARATORS: [char; 3] = [',', ';', '|'];
/// What parts them in an address book of Google: `* myContacts ::: Friends`.
const GOOGLES: &str = ":::";

/// A name in a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Listed {
    /// It stood between quotation marks, and is meant as it is.
    Quoted(String),
    /// It did not.
    Plain(String),
}

/// The names in a cell, none of which is empty.
pub(super) fn names(cell: &str) -> Vec<Listed> {
    let (mut names, mut rest) = (Vec::new(), cell.trim_start());
    while !rest.is_empty() {
        let (name, after) = if let Some((name, after)) = quoted(rest) {
            (Listed::Quoted(name), after)
        } else {
            let end = end(rest).unwrap_or(rest.len());
            (Listed::Plain(rest[..end].trim().to_owned()), &rest[end..])
        };
        let (Listed::Quoted(text) | Listed::Plain(text)) = &name;
        if !text.is_empty() {
            names.push(name);
        }
        let after = after.strip_prefix(GOOGLES).or_else(|| after.strip_prefix(SEPARATORS));
        rest = after.unwrap_or_default().trim_start();
    }
    names
}

/// Whether a cell has names that are parted, or one between quotation marks, and not just blanks between them.
pub(super) fn is_list(cell: &str) -> bool {
    cell.contains(SEPARATORS) || quoted(cell.trim_start()).is_some()
}

/// Names as a cell.
pub(crate) fn cell(names: &[&str]) -> String {
    let written = names.iter().map(|name| {
        if needs_quotes(name) {
            format!("\"{}\"", name.replace('"', "\"\""))
        } else {
            (*name).to_owned()
        }
    });
    written.collect::<Vec<_>>().join(", ")
}

/// Whether a name would be read as another one, or as several.
pub(crate) fn needs_quotes(name: &str) -> bool {
    name.starts_with(['"', '*', '#'])
        || end(name).is_some()
        || !name.split_whitespace().eq(name.split(' '))
}

/// Where a name without quotation marks ends, if another may follow.
fn end(text: &str) -> Option<usize> {
    let googles = text.find(GOOGLES);
    text.find(SEPARATORS).into_iter().chain(googles).min()
}

/// The name between quotation marks with which a text begins, and what stands behind it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut rest = text.strip_prefix('"')?;
    let mut name = String::new();
    loop {
        let (piece, after) = rest.split_once('"')?;
        name.push_str(piece);
        let Some(more) = after.strip_prefix('"') else {
            let after = after.trim_start();
            // A quotation mark within a name ends none.
            let is_end = after.is_empty() || end(after) == Some(0);
            return is_end.then_some((name, after));
        };
        name.push('"');
        rest = more;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let all = [
            "Toko",
            "Toko, besar",
            "a;b|c",
            "\"A\"",
            "5\" pipa",
            "* myContacts",
            "a ::: b",
            "a  b",
            "#satu",
            ",",
            "\"",
            "Ünï",
        ];
        let read: Vec<String> = names(&cell(&all))
            .into_iter()
            .map(|name| match name {
                Listed::Quoted(text) | Listed::Plain(text) => text,
            })
            .collect();
        assert_eq!(read, all);
        for name in all {
            let read = names(&cell(&[name]));
            let written = name.to_owned();
            let is = if needs_quotes(name) { Listed::Quoted } else { Listed::Plain };
            assert_eq!(read, [is(written)]);
        }
    }

    #[test]
    fn what_people_write_has_no_marks_and_may_have_one_too_many() {
        let plain = |text: &str| Listed::Plain(text.to_owned());
        assert_eq!(names(" a, b;c ||d,"), ["a", "b", "c", "d"].map(plain));
        assert_eq!(names("* mine ::: Friends"), ["* mine", "Friends"].map(plain));
        assert_eq!(names("\"a, b"), ["\"a", "b"].map(plain));
        assert_eq!(names("\"a\" b, c"), ["\"a\" b", "c"].map(plain));
        assert_eq!(names(" , "), []);
        assert!(is_list("a,b") && is_list("\"#a\"") && !is_list("a b") && !is_list("\"a b"));
    }
}
