//! What an import would change. Pure: what there is and what a file wants go in, changes in words come out.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::kind::Kind;
use super::section::{Entry, Fields, Section, cut};

/// Characters of a value that are shown.
const LONGEST_VALUE: usize = 60;
/// Fields of one change that are shown.
const MOST_FIELDS: usize = 12;

contracts::named! {
    /// What is done to an entry.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(crate) enum Sign {
        /// It is made.
        Add = "add",
        /// It is changed.
        Change = "change",
        /// It is removed.
        Remove = "remove",
    }
}

impl Sign {
    /// What stands before it in a list of changes.
    const fn mark(self) -> char {
        match self {
            Self::Add => '+',
            Self::Change => '~',
            Self::Remove => '-',
        }
    }
}

/// One change.
#[derive(Clone)]
pub(crate) struct Change {
    /// Of which kind.
    pub(crate) kind: Kind,
    /// What is done.
    pub(crate) sign: Sign,
    /// What the entry is called; empty: it is about the order of all.
    pub(crate) name: String,
    /// In one line: `~ pool main: strategy round_robin → sticky`.
    pub(crate) words: String,
    /// The key of the entry.
    pub(super) key: String,
    /// The entry as the file wants it; none: it is removed, or it is about the order of all.
    pub(super) wanted: Option<Entry>,
}

/// What has to be changed of a kind, in the order of the file. With `prune`, what the file does not have is removed.
pub(super) fn compare(kind: Kind, present: &Section, wanted: &Section, prune: bool) -> Vec<Change> {
    let mut changes = Vec::new();
    for entry in wanted.entries() {
        let change = |sign: Sign, what: String| Change {
            kind,
            sign,
            name: entry.name.clone(),
            words: format!("{} {} {}{what}", sign.mark(), kind.one(), entry.name),
            key: entry.key.clone(),
            wanted: Some(entry.clone()),
        };
        match present.find(&entry.key) {
            None => changes.push(change(Sign::Add, String::new())),
            Some(before) if before.fields != entry.fields || entry.is_anew => {
                let mut what = differences(&before.fields, &entry.fields);
                if entry.is_anew {
                    let is_pin = entry.fields.contains_key("pin");
                    let what_else = if is_pin { "another PIN" } else { "another secret in a URL" };
                    what.push(what_else.to_owned());
                }
                changes.push(change(Sign::Change, format!(": {}", what.join(", "))));
            }
            Some(_) => {}
        }
    }
    if prune {
        let gone =
            present.entries().filter(|entry| !entry.is_over && wanted.find(&entry.key).is_none());
        changes.extend(gone.map(|entry| Change {
            kind,
            sign: Sign::Remove,
            name: entry.name.clone(),
            words: format!("{} {} {}", Sign::Remove.mark(), kind.one(), entry.name),
            key: entry.key.clone(),
            wanted: None,
        }));
    }
    if kind == Kind::Rules {
        changes.extend(reordered(present, wanted, prune));
    }
    changes
}

/// That rules which stay are asked in another order.
fn reordered(present: &Section, wanted: &Section, prune: bool) -> Option<Change> {
    let merged = merged(present, wanted, prune);
    let after: Vec<&str> =
        merged.iter().copied().filter(|key| present.find(key).is_some()).collect();
    let before: Vec<&str> = present.keys().into_iter().filter(|key| after.contains(key)).collect();
    let names = |keys: &[&str]| cut(&keys.join(", "), 2 * LONGEST_VALUE);
    (before != after).then(|| Change {
        kind: Kind::Rules,
        sign: Sign::Change,
        name: String::new(),
        words: format!("~ order of rules: {} → {}", names(&before), names(&after)),
        key: String::new(),
        wanted: None,
    })
}

/// The keys of what is there afterwards, in order: as in the file, and what the file does not have stays behind what it stood
/// behind.
pub(super) fn merged<'a>(present: &'a Section, wanted: &'a Section, prune: bool) -> Vec<&'a str> {
    let mut keys = wanted.keys();
    if prune {
        return keys;
    }
    let mut before: Option<&str> = None;
    for key in present.keys() {
        if wanted.find(key).is_none() {
            let place = before.and_then(|before| keys.iter().position(|one| *one == before));
            keys.insert(place.map_or(0, |place| place + 1), key);
        }
        before = Some(key);
    }
    keys
}

/// The fields that differ, each as `name before → after`.
fn differences(before: &Fields, after: &Fields) -> Vec<String> {
    let (before, after) = (flat(before), flat(after));
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let differing = names.into_iter().filter(|name| before.get(*name) != after.get(*name));
    let shown =
        |value: Option<&&Value>| value.map_or_else(|| "none".to_owned(), |value| shown(value));
    let mut words: Vec<String> = differing
        .map(|name| format!("{name} {} → {}", shown(before.get(name)), shown(after.get(name))))
        .collect();
    if words.len() > MOST_FIELDS {
        let more = words.len() - MOST_FIELDS;
        words.truncate(MOST_FIELDS);
        words.push(format!("{more} more"));
    }
    words
}

/// Fields with those of the objects in them: `hours.from`.
fn flat(fields: &Fields) -> BTreeMap<String, &Value> {
    let mut all = BTreeMap::new();
    for (name, value) in fields {
        match value {
            Value::Object(inner) => {
                all.extend(inner.iter().map(|(field, value)| (format!("{name}.{field}"), value)));
            }
            value => {
                all.insert(name.clone(), value);
            }
        }
    }
    all
}

/// A value as it is read in a line.
fn shown(value: &Value) -> String {
    let text = match value {
        Value::String(text) if is_word(text) => text.clone(),
        Value::Array(list) => {
            let list: Vec<String> = list.iter().take(LONGEST_VALUE).map(shown).collect();
            format!("[{}]", list.join(" "))
        }
        Value::String(text) => Value::String(cut(text, LONGEST_VALUE)).to_string(),
        value => value.to_string(),
    };
    if text.chars().count() <= LONGEST_VALUE { text } else { cut(&text, LONGEST_VALUE) + "…" }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && !text.chars().any(|c| c.is_whitespace() || c.is_control() || c == '"')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn section(kind: Kind, entries: &Value) -> Section {
        let entries = entries.as_array().unwrap().iter();
        Section::of(entries.map(|fields| Entry::there(kind, fields.as_object().unwrap().clone())))
    }

    fn words(kind: Kind, present: &Value, wanted: &Value, prune: bool) -> Vec<String> {
        let changes = compare(kind, &section(kind, present), &section(kind, wanted), prune);
        changes.into_iter().map(|change| change.words).collect()
    }

    #[test]
    fn what_is_made_changed_and_removed_is_said_in_a_line_each() {
        let present = json!([
            { "name": "Jadwal", "keyword": "jadwal", "reply": "Senin 08:00" },
            { "name": "info", "keyword": "info", "reply": "Halo" },
            { "name": "old", "keyword": "old", "reply": "x" },
        ]);
        let wanted = json!([
            { "name": "jadwal", "keyword": "jam", "reply": "Senin 08:00", "aliases": ["a", "b c"] },
            { "name": "info", "keyword": "info", "reply": "Halo" },
            { "name": "new", "keyword": "new", "reply": "y" },
        ]);
        let changed = "~ service jadwal: aliases none → [a \"b c\"], keyword jadwal → jam, name Jadwal → jadwal";
        let all = [changed, "+ service new", "- service old"];
        assert_eq!(words(Kind::Services, &present, &wanted, true), all);
        assert_eq!(words(Kind::Services, &present, &wanted, false), all[..2]);
        assert!(words(Kind::Services, &present, &present, true).is_empty());
    }

    #[test]
    fn fields_of_objects_are_named_and_what_is_long_is_cut() {
        let present = json!([{ "name": "n", "hours": { "zone": "UTC", "from": "08:00" }, "refuse": "x".repeat(1_000) }]);
        let wanted = json!([{ "name": "n", "hours": { "zone": "UTC" }, "refuse": "a\nb\u{1b}" }]);
        let expected = format!(
            "~ rule n: hours.from 08:00 → none, refuse {}… → \"a\\nb\\u001b\"",
            "x".repeat(LONGEST_VALUE)
        );
        assert_eq!(words(Kind::Rules, &present, &wanted, false), [expected]);
        let many = |value: u32| {
            let fields = (0..30).map(|n| (format!("f{n:02}"), json!(value)));
            json!([fields.chain([("name".to_owned(), json!("n"))]).collect::<Fields>()])
        };
        let line = &words(Kind::Pools, &many(1), &many(2), false)[0];
        assert!(line.starts_with("~ pool n: f00 1 → 2, ") && line.ends_with(", 18 more"), "{line}");
    }

    fn rules(names: &str) -> Value {
        names.chars().map(|name| json!({ "name": name.to_string() })).collect()
    }

    fn order(present: &str, wanted: &str, prune: bool) -> String {
        let sections =
            (section(Kind::Rules, &rules(present)), section(Kind::Rules, &rules(wanted)));
        merged(&sections.0, &sections.1, prune).concat()
    }

    #[test]
    fn rules_that_a_file_does_not_have_stay_behind_what_they_stood_behind() {
        for (present, wanted, kept, pruned) in [
            ("abc", "abc", "abc", "abc"),
            ("abc", "", "abc", ""),
            ("", "ab", "ab", "ab"),
            ("abcd", "ca", "cdab", "ca"),
            ("xab", "ba", "xba", "ba"),
            ("ab", "cab", "cab", "cab"),
        ] {
            assert_eq!(order(present, wanted, false), kept, "{present} {wanted}");
            assert_eq!(order(present, wanted, true), pruned, "{present} {wanted}");
        }
    }

    #[test]
    fn another_order_of_rules_is_a_change() {
        let said = |present: &str, wanted: &str, prune| {
            words(Kind::Rules, &rules(present), &rules(wanted), prune)
        };
        assert_eq!(said("ab", "ba", false), ["~ order of rules: a, b → b, a"]);
        assert_eq!(said("ab", "axb", false), ["+ rule x"]);
        assert_eq!(said("abc", "ac", true), ["- rule b"]);
        assert!(said("abc", "ac", false).is_empty());
    }

    #[test]
    fn another_secret_is_a_change_that_does_not_show_it() {
        let fields = json!([{ "name": "a", "get_url": "http://a.example/?key=***" }]);
        let present = section(Kind::Services, &fields);
        let anew = present.entries().map(|entry| Entry { is_anew: true, ..entry.clone() });
        let changes = compare(Kind::Services, &present, &Section::of(anew), false);
        let words: Vec<&str> = changes.iter().map(|change| change.words.as_str()).collect();
        assert_eq!(words, ["~ service a: another secret in a URL"]);
    }

    #[test]
    fn what_is_over_is_not_removed() {
        let kind = Kind::Schedules;
        let present = section(kind, &json!([{ "name": "past" }]));
        let over = present.entries().map(|entry| Entry { is_over: true, ..entry.clone() });
        assert!(compare(kind, &Section::of(over), &Section::default(), true).is_empty());
        assert_eq!(compare(kind, &present, &Section::default(), true).len(), 1);
    }
}
