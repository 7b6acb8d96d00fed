//! The document as TOML: written so that a change of one setting is a change of few lines, and read back. Pure.

use std::fmt::Write as _;

use serde_json::{Map, Value};
use toml::Table;

/// The lists in the order in which they are written; what is not here comes behind.
const KINDS: [&str; 9] =
    ["teams", "sims", "pools", "rules", "groups", "templates", "services", "schedules", "webhooks"];
/// The fields that stand first.
const FIRST: [&str; 4] = ["id", "name", "url", "owner"];
/// What stands at the beginning of a file.
const HEAD: &str = "# What is set in a Merpati gateway.\n\
                    # merpati config diff FILE says what differs, merpati config import FILE makes the gateway so.\n";

/// What is wrong with a text.
#[derive(Debug)]
pub(super) struct Wrong {
    /// In which line, where that is known.
    pub(super) line: Option<usize>,
    /// What.
    pub(super) words: String,
}

/// The document as a file has it. The same document is always the same text.
pub(super) fn text(document: &Map<String, Value>) -> String {
    let mut names: Vec<&str> = document.keys().map(String::as_str).collect();
    names.sort_by_key(|name| {
        (KINDS.iter().position(|kind| kind == name).unwrap_or(KINDS.len()), *name)
    });
    // Plain values stand before tables, or they would belong to the last of them.
    let (mut plain, mut tables) = (String::new(), String::new());
    for name in names {
        let list = document.get(name).and_then(Value::as_array);
        let objects: Option<Vec<&Map<String, Value>>> =
            list.and_then(|list| list.iter().map(Value::as_object).collect());
        match (objects, list) {
            (Some(objects), _) if !objects.is_empty() => {
                for fields in objects {
                    tables.push_str(&entry(name, fields));
                }
            }
            (_, Some(list)) if !list.is_empty() => {
                let lines = list.iter().filter_map(as_toml).map(|one| format!("  {one},\n"));
                let _ = write!(plain, "{} = [\n{}]\n", key(name), lines.collect::<String>());
            }
            _ => {
                let _ = writeln!(plain, "{} = []", key(name));
            }
        }
    }
    let gap = if plain.is_empty() { "" } else { "\n" };
    format!("{HEAD}{gap}{plain}{tables}")
}

fn entry(kind: &str, fields: &Map<String, Value>) -> String {
    let mut names: Vec<&str> = fields.keys().map(String::as_str).collect();
    names.sort_by_key(|name| {
        (FIRST.iter().position(|first| first == name).unwrap_or(FIRST.len()), *name)
    });
    let mut text = format!("\n[[{}]]\n", key(kind));
    for name in names {
        // A field that is null is absent.
        if let Some(value) = fields.get(name).and_then(as_toml) {
            let _ = writeln!(text, "{} = {value}", key(name));
        }
    }
    text
}

/// A key, in quotes where it must be.
fn key(name: &str) -> String {
    let is_bare = !name.is_empty()
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    // A text of JSON is one of TOML that stands in one line, but for one character that JSON does not escape.
    let quoted = || Value::from(name).to_string().replace('\u{7f}', "\\u007F");
    if is_bare { name.to_owned() } else { quoted() }
}

fn as_toml(value: &Value) -> Option<toml::Value> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(flag) => toml::Value::Boolean(*flag),
        Value::Number(number) => match number.as_i64() {
            Some(number) => toml::Value::Integer(number),
            None => toml::Value::Float(number.as_f64()?),
        },
        Value::String(text) => toml::Value::String(text.clone()),
        Value::Array(list) => toml::Value::Array(list.iter().filter_map(as_toml).collect()),
        Value::Object(fields) => {
            let fields =
                fields.iter().filter_map(|(name, value)| Some((name.clone(), as_toml(value)?)));
            toml::Value::Table(fields.collect())
        }
    })
}

/// Reads a file. Texts that nest deeper than a parser should follow are refused by it.
pub(super) fn read(text: &str) -> Result<Map<String, Value>, Wrong> {
    let table = text.parse::<Table>().map_err(|error| Wrong {
        line: error.span().map(|span| line_at(text, span.start)),
        words: error.message().to_owned(),
    })?;
    table.into_iter().map(|(name, value)| Ok((name.clone(), as_json(&name, value)?))).collect()
}

fn line_at(text: &str, place: usize) -> usize {
    let before = text.as_bytes().get(..place).unwrap_or_default();
    1 + String::from_utf8_lossy(before).matches('\n').count()
}

fn as_json(name: &str, value: toml::Value) -> Result<Value, Wrong> {
    let wrong = |words: &str| {
        let name: String = name.chars().take(64).collect();
        Wrong { line: None, words: format!("'{name}': {words}") }
    };
    Ok(match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => Value::from(number),
        toml::Value::Float(number) => serde_json::Number::from_f64(number)
            .map(Value::Number)
            .ok_or_else(|| wrong("it is no number that can be kept"))?,
        toml::Value::Boolean(flag) => Value::Bool(flag),
        toml::Value::Datetime(_) => return Err(wrong("write dates and times in quotes")),
        toml::Value::Array(list) => {
            let list = list.into_iter().map(|one| as_json(name, one));
            Value::Array(list.collect::<Result<_, _>>()?)
        }
        toml::Value::Table(table) => {
            let fields =
                table.into_iter().map(|(name, value)| Ok((name.clone(), as_json(&name, value)?)));
            Value::Object(fields.collect::<Result<_, Wrong>>()?)
        }
    })
}

/// The line in which the entry of a place such as `services 2 'jadwal'` begins.
pub(super) fn line_of(text: &str, place: &str) -> Option<usize> {
    let mut words = place.split(' ');
    let (kind, number) = (words.next()?, words.next()?.parse::<usize>().ok()?);
    let head = format!("[[{kind}]]");
    let mut lines = text.lines().zip(1..).filter(|(line, _)| line.trim() == head);
    lines.nth(number.checked_sub(1)?).map(|(_, line)| line)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        let Value::Object(object) = value else { panic!("no object: {value}") };
        object
    }

    #[test]
    fn a_document_reads_well() {
        let document = object(json!({
            "webhooks": [],
            "optouts": ["+62811", "+62812"],
            "services": [
                { "aliases": ["a"], "keyword": "jadwal", "name": "Jadwal", "owner": "budi", "reply": "Senin\n\"08:00\"" },
            ],
            "rules": [
                { "name": "night", "hours": { "zone": "UTC", "from": "22:00" }, "through": ["pool:x"], "refuse": null },
            ],
        }));
        let text = text(&document);
        let expected = "# What is set in a Merpati gateway.\n\
            # merpati config diff FILE says what differs, merpati config import FILE makes the gateway so.\n\
            \n\
            webhooks = []\n\
            optouts = [\n  \"+62811\",\n  \"+62812\",\n]\n\
            \n\
            [[rules]]\n\
            name = \"night\"\n\
            hours = { from = \"22:00\", zone = \"UTC\" }\n\
            through = [\"pool:x\"]\n\
            \n\
            [[services]]\n\
            name = \"Jadwal\"\n\
            owner = \"budi\"\n\
            aliases = [\"a\"]\n\
            keyword = \"jadwal\"\n";
        assert!(text.starts_with(expected), "{text}");
        let mut without_null = document;
        without_null["rules"][0].as_object_mut().unwrap().remove("refuse");
        assert_eq!(read(&text).unwrap(), without_null);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        let at = |text: &str| read(text).map_err(|wrong| wrong.line).unwrap_err();
        assert_eq!(at("[[rules]]\nname = \"a\"\nname = \"b\"\n"), Some(3));
        assert!(at("\n\nrules = [[[\n") >= Some(3));
        let dated = read("[[schedules]]\nat = 2026-12-01T08:00:00\n").unwrap_err();
        assert_eq!(dated.words, "'at': write dates and times in quotes");
        assert!(read("x = nan").is_err());
    }

    #[test]
    fn what_nests_without_end_is_refused() {
        for (open, close) in [("[", "]"), ("{a=", "}")] {
            let deep = format!("x = {}1{}", open.repeat(100_000), close.repeat(100_000));
            assert!(read(&deep).is_err());
        }
        assert!(read(&format!("[{}a]", "a.".repeat(100_000))).is_err());
    }

    #[test]
    fn an_entry_has_a_line() {
        let text = "[[rules]]\nname = \"a\"\n\n[[services]]\n\n  [[services]]\n";
        assert_eq!(line_of(text, "services 2 'jadwal'"), Some(6));
        assert_eq!(line_of(text, "rules 1"), Some(1));
        for nowhere in ["rules: all rules together", "services 3 'x'", "services 0", "groups", ""] {
            assert_eq!(line_of(text, nowhere), None, "{nowhere}");
        }
    }

    fn scalar() -> impl Strategy<Value = Value> {
        prop_oneof![
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ]
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(
            lists in proptest::collection::btree_map("[a-z]{1,8}|\\PC{1,8}", proptest::collection::vec(
                proptest::collection::btree_map("[a-z_]{1,8}|\\PC{0,8}", prop_oneof![
                    scalar(),
                    proptest::collection::vec(scalar(), 0..3).prop_map(Value::from),
                    proptest::collection::btree_map(any::<String>(), scalar(), 0..3)
                        .prop_map(|fields| Value::Object(fields.into_iter().collect())),
                ], 0..5).prop_map(|fields| Value::Object(fields.into_iter().collect())),
                0..3,
            ), 0..4),
        ) {
            let document: Map<String, Value> =
                lists.into_iter().map(|(name, list)| (name, Value::Array(list))).collect();
            let written = text(&document);
            prop_assert_eq!(&read(&written).unwrap(), &document, "{}", written);
            prop_assert_eq!(text(&read(&written).unwrap()), written);
        }
    }
}
