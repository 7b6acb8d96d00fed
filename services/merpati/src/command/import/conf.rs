//! `kannel.conf` as text: groups of `key = value`, with files included anywhere.
//!
//! ```text
//! file  = *( line LF )
//! line  = "" | "#" comment | "include" "=" value | "group" "=" value | key "=" value
//! value = DQUOTE *( char | "\" DQUOTE | "\\" ) DQUOTE | text
//! ```
//!
//! An empty line ends a group. What people wrote that Kannel would not read so is read as it is meant, and said: a quote
//! that is not closed, a comment behind a value, a file included in the middle of a group. Nothing here stops the reading.

use std::path::{Path, PathBuf};

/// Bytes of one file.
pub(super) const LARGEST_FILE: usize = 1024 * 1024;
/// Files that are read, each as often as it is included.
const MOST_FILES: usize = 64;
/// Files that are included by one another.
const DEEPEST: usize = 8;
/// Groups that are read.
const MOST_GROUPS: usize = 5_000;
/// Keys of one group.
const MOST_KEYS: usize = 200;
/// Remarks that are kept; there is one more that says so.
const MOST_REMARKS: usize = 5_000;

/// Where something stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// The file.
    pub(super) file: PathBuf,
    /// The line; 1 is the first.
    pub(super) line: usize,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.file.display(), self.line)
    }
}

/// Something that a person should know of a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Remark {
    /// Where.
    pub(super) place: Place,
    /// What, as a part of a sentence.
    pub(super) words: String,
}

/// One `key = value`.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// Where it stands.
    pub(super) place: Place,
    /// The key in small letters.
    pub(super) key: String,
    /// The value, which may be a password.
    pub(super) value: String,
}

/// Leaves out the value.
impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Entry({}, {})", self.place, self.key)
    }
}

/// A group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    /// Where it begins.
    pub(super) place: Place,
    /// What it is: `smsc`, `sms-service`, ….
    pub(super) kind: String,
    /// What stands in it.
    pub(super) entries: Vec<Entry>,
}

impl Group {
    /// The value of a key. As with Kannel, the last one counts.
    pub(super) fn value(&self, key: &str) -> Option<&str> {
        self.entry(key).map(|entry| entry.value.as_str())
    }

    /// The entry of a key.
    pub(super) fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().rfind(|entry| entry.key == key)
    }
}

/// What was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Conf {
    /// The groups, in order.
    pub(super) groups: Vec<Group>,
    /// What was read otherwise than it is written.
    pub(super) remarks: Vec<Remark>,
}

/// A file or a folder that is included.
pub(super) enum Included {
    /// The text of a file.
    File(String),
    /// The files of a folder.
    Folder(Vec<PathBuf>),
}

/// Where included files come from. The error is a part of a sentence.
pub(super) type Load<'a> = dyn FnMut(&Path) -> Result<Included, String> + 'a;

/// Reads a file and what it includes.
pub(super) fn read(file: &Path, text: &str, load: &mut Load<'_>) -> Conf {
    let mut reader = Reader { conf: Conf::default(), files: 1, load };
    let mut path = vec![file.to_owned()];
    reader.text(&mut path, text, None);
    reader.conf
}

struct Reader<'a, 'b> {
    conf: Conf,
    files: usize,
    load: &'a mut Load<'b>,
}

impl Reader<'_, '_> {
    /// Reads a file, the last of `path`, which are included by one another. What stands in no group of its own stands in
    /// `around`, the group in which the file is included.
    fn text(&mut self, path: &mut Vec<PathBuf>, text: &str, around: Option<usize>) {
        let Some(file) = path.last().cloned() else { return };
        let mut group = around;
        for (number, line) in text.lines().enumerate() {
            let place = Place { file: file.clone(), line: number + 1 };
            let line = line.trim();
            if line.is_empty() {
                group = None;
                continue;
            }
            if line.starts_with('#') {
                continue;
            }
            let Some((key, value)) = line.split_once('=') else {
                self.remark(place, "there is no '=' in this line, so it is passed over".to_owned());
                continue;
            };
            let key = key.trim().to_lowercase();
            let (value, oddity) = value_of(value);
            if let Some(oddity) = oddity {
                self.remark(place.clone(), format!("'{}': {oddity}", shown(&key)));
            }
            match key.as_str() {
                "include" => self.include(path, &place, &value, group),
                "group" => group = self.begin(place, &value),
                _ => self.add(place, key, value, group),
            }
        }
    }

    fn begin(&mut self, place: Place, kind: &str) -> Option<usize> {
        if self.conf.groups.len() >= MOST_GROUPS {
            self.remark(place, format!("there are more than {MOST_GROUPS} groups"));
            return None;
        }
        self.conf.groups.push(Group { place, kind: kind.to_lowercase(), entries: Vec::new() });
        Some(self.conf.groups.len() - 1)
    }

    fn add(&mut self, place: Place, key: String, value: String, group: Option<usize>) {
        let found = group.and_then(|group| self.conf.groups.get_mut(group));
        let words = match found {
            None => format!("'{}' stands in no group, so it is passed over", shown(&key)),
            Some(group) if group.entries.len() >= MOST_KEYS => {
                format!("there are more than {MOST_KEYS} keys in this group")
            }
            Some(group) => return group.entries.push(Entry { place, key, value }),
        };
        self.remark(place, words);
    }

    fn include(
        &mut self,
        path: &mut Vec<PathBuf>,
        place: &Place,
        wanted: &str,
        group: Option<usize>,
    ) {
        let folder = place.file.parent().unwrap_or(Path::new(""));
        let wanted = folder.join(wanted);
        let named = shown(&wanted.display().to_string());
        let refused = if path.len() >= DEEPEST {
            Some(format!("more than {DEEPEST} files include one another"))
        } else if path.contains(&wanted) {
            Some("it is included by itself".to_owned())
        } else if self.files >= MOST_FILES {
            Some(format!("there are more than {MOST_FILES} files"))
        } else {
            None
        };
        let loaded = match refused {
            Some(refused) => Err(refused),
            None => (self.load)(&wanted),
        };
        match loaded {
            Err(why) => self.remark(place.clone(), format!("{named} is not read: {why}")),
            Ok(Included::File(text)) => {
                self.files += 1;
                path.push(wanted);
                self.text(path, &text, group);
                path.pop();
            }
            Ok(Included::Folder(files)) => {
                // A folder is a step of its own, so that one that includes itself comes to an end.
                path.push(wanted);
                for file in files {
                    self.include(path, place, &file.display().to_string(), group);
                }
                path.pop();
            }
        }
    }

    fn remark(&mut self, place: Place, words: String) {
        match self.conf.remarks.len() {
            ..MOST_REMARKS => self.conf.remarks.push(Remark { place, words }),
            MOST_REMARKS => {
                let words = "there is more to be said, and it is left out".to_owned();
                self.conf.remarks.push(Remark { place, words });
            }
            _ => {}
        }
    }
}

/// What stands behind the `=`, and what is odd about how it is written.
fn value_of(written: &str) -> (String, Option<&'static str>) {
    let written = written.trim();
    let Some(quoted) = written.strip_prefix('"') else {
        let comment = written
            .char_indices()
            .find(|(at, c)| *c == '#' && written[..*at].ends_with([' ', '\t']))
            .map(|(at, _)| at);
        return match comment {
            None => (written.to_owned(), None),
            Some(at) => (written[..at].trim_end().to_owned(), Some(COMMENT)),
        };
    };
    let mut value = String::new();
    let mut rest = quoted.chars();
    while let Some(c) = rest.next() {
        match c {
            '"' => {
                let behind = rest.as_str().trim();
                return match behind.chars().next() {
                    None => (value, None),
                    Some('#') => (value, Some(COMMENT)),
                    Some(_) => (value, Some("what stands behind the quotes is passed over")),
                };
            }
            '\\' if rest.as_str().starts_with(['"', '\\']) => value.extend(rest.next()),
            c => value.push(c),
        }
    }
    (
        value.trim_end().to_owned(),
        Some("the quote is not closed; it is read to the end of the line"),
    )
}

const COMMENT: &str = "the comment behind the value is taken off";

/// A text of the file as it may be shown: in part, and without what moves the cursor.
pub(super) fn shown(text: &str) -> String {
    text.chars().take(120).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    fn nothing(_: &Path) -> Result<Included, String> {
        Err("there is none".to_owned())
    }

    fn of(text: &str) -> Conf {
        read(Path::new("kannel.conf"), text, &mut nothing)
    }

    fn with(files: &[(&str, &str)]) -> Conf {
        let files: HashMap<PathBuf, String> =
            files.iter().map(|(name, text)| (PathBuf::from(name), (*text).to_owned())).collect();
        let main = files[Path::new("kannel.conf")].clone();
        read(Path::new("kannel.conf"), &main, &mut |path| {
            files.get(path).cloned().map(Included::File).ok_or_else(|| "there is none".to_owned())
        })
    }

    fn words(conf: &Conf) -> Vec<String> {
        conf.remarks
            .iter()
            .map(|remark| format!("{}: {}", remark.place.line, remark.words))
            .collect()
    }

    #[test]
    fn groups_end_with_an_empty_line() {
        let conf = of("# Kannel\ngroup = core\nadmin-port=13000\n\n\
                       group = SMSC\n# a modem\nsmsc = at\nSpeed = \"115200\"\n\nstray = 1\n");
        assert_eq!(conf.groups.len(), 2);
        assert_eq!(
            (conf.groups[0].kind.as_str(), conf.groups[0].value("admin-port")),
            ("core", Some("13000"))
        );
        assert_eq!(
            (conf.groups[1].kind.as_str(), conf.groups[1].value("speed")),
            ("smsc", Some("115200"))
        );
        assert_eq!(words(&conf), ["10: 'stray' stands in no group, so it is passed over"]);
        // One that follows without an empty line is another one, too.
        assert_eq!(of("group = a\nx = 1\ngroup = b\ny = 2").groups.len(), 2);
    }

    #[test]
    fn what_is_written_oddly_is_read_as_it_is_meant_and_said() {
        for (line, value, oddity) in [
            (
                "k = \"*.*.*.*",
                "*.*.*.*",
                "the quote is not closed; it is read to the end of the line",
            ),
            ("k = 7200000 #comment", "7200000", COMMENT),
            ("k = 7200000#5", "7200000#5", ""),
            ("k = \"a\\\"b\\\\c\\d\"", "a\"b\\c\\d", ""),
            ("k = \"a # b\" # c", "a # b", COMMENT),
            ("k = \"a\" b", "a", "what stands behind the quotes is passed over"),
            ("k = http://x/?a=b&c=%a", "http://x/?a=b&c=%a", ""),
            ("k =", "", ""),
        ] {
            let conf = of(&format!("group = g\n{line}\n"));
            assert_eq!(conf.groups[0].value("k"), Some(value), "{line}");
            let said = conf.remarks.first().map(|remark| remark.words.as_str()).unwrap_or_default();
            assert_eq!(said.trim_start_matches("'k': "), oddity, "{line}");
        }
    }

    #[test]
    fn files_are_included_anywhere() {
        let conf = with(&[
            (
                "kannel.conf",
                "group = smsc\nsmsc = at\ninclude = \"modems.conf\"\nsms-center = 1\n\ninclude = users/a.conf\n",
            ),
            ("modems.conf", "# none\ngroup = modems\nid = e160\n"),
            ("users/a.conf", "group = sendsms-user\nusername = a\ninclude = keys.conf\n"),
            ("users/keys.conf", "password = b\n"),
        ]);
        let kinds: Vec<_> = conf.groups.iter().map(|group| group.kind.as_str()).collect();
        assert_eq!(kinds, ["smsc", "modems", "sendsms-user"]);
        assert_eq!(conf.groups[0].value("sms-center"), Some("1"), "the group goes on");
        assert_eq!(conf.groups[2].value("password"), Some("b"), "of the group around it");
        assert_eq!(conf.groups[2].entries[1].place.to_string(), "users/keys.conf:1");
    }

    #[test]
    fn files_that_include_one_another_come_to_an_end() {
        let conf = with(&[
            ("kannel.conf", "group = a\ninclude = b.conf\ninclude = none.conf\n"),
            ("b.conf", "group = b\ninclude = kannel.conf\ninclude = b.conf\n"),
        ]);
        assert_eq!(conf.groups.len(), 2);
        assert_eq!(
            words(&conf),
            [
                "2: kannel.conf is not read: it is included by itself",
                "3: b.conf is not read: it is included by itself",
                "3: none.conf is not read: there is none",
            ]
        );
        // Each includes the next, without end.
        let mut n = 0;
        let deep = read(Path::new("0"), "include = 1", &mut |_| {
            n += 1;
            Ok(Included::File(format!("include = {}\ninclude = x{n}\n", n + 1)))
        });
        assert!(n <= MOST_FILES, "{n}");
        assert!(words(&deep).iter().any(|words| words.contains("more than 8 files")), "{deep:?}");
        let folder = read(Path::new("a"), "include = .", &mut |_| {
            Ok(Included::Folder(vec![PathBuf::from("."), PathBuf::from("b")]))
        });
        assert!(!folder.remarks.is_empty());
    }

    #[test]
    fn there_is_an_end_to_everything() {
        let conf = of(&"group = g\n".repeat(MOST_GROUPS + 1));
        assert_eq!((conf.groups.len(), conf.remarks.len()), (MOST_GROUPS, 1));
        let conf = of(&format!("group = g\n{}", "k = 1\n".repeat(MOST_KEYS + 1)));
        assert_eq!((conf.groups[0].entries.len(), conf.remarks.len()), (MOST_KEYS, 1));
        let conf = of(&"x\n".repeat(MOST_REMARKS + 5));
        assert_eq!(conf.remarks.len(), MOST_REMARKS + 1);
        assert!(format!("{:?}", of("group = g\npassword = geheim\n")).find("geheim").is_none());
    }

    proptest! {
        #[test]
        fn whatever_is_written_is_read(text in "(group|include|k|\"|#|=|\\\\| |\t|\n|\r|é|\u{0}){0,200}") {
            let mut n = 0;
            let conf = read(Path::new("x"), &text, &mut |_| {
                n += 1;
                Ok(Included::File(text.clone()))
            });
            prop_assert!(n <= MOST_FILES);
            prop_assert!(conf.remarks.len() <= MOST_REMARKS + 1);
        }

        #[test]
        fn a_value_in_quotes_is_what_was_quoted(value in "[^\n\r\u{0}]{0,80}") {
            let quoted = value.replace('\\', "\\\\").replace('"', "\\\"");
            let conf = of(&format!("group = g\nk = \"{quoted}\"\n"));
            prop_assert_eq!(conf.groups[0].value("k"), Some(value.as_str()));
            prop_assert!(conf.remarks.is_empty());
        }
    }
}
