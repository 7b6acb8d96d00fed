//! The document as lists of entries, one list a kind. Pure.

use std::collections::{BTreeMap, HashSet};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::flaws::{Flaws, Place};
use super::kind::Kind;
use super::refusal::NotTaken;

/// The fields of an entry, by their names.
pub(crate) type Fields = Map<String, Value>;

/// Characters of what a file says that are said back.
const LONGEST_SAID: usize = 64;
/// Characters of what an entry is called, in changes.
const LONGEST_NAME: usize = 200;

/// An entry of a list.
// Without `Debug`, as all that holds a text: it is not for logs.
#[derive(Clone)]
pub(super) struct Entry {
    /// What tells it from the others of its kind.
    pub(super) key: String,
    /// What it is called.
    pub(super) name: String,
    /// Its number in the list of a file, from 1; 0: it is in none.
    pub(super) number: usize,
    /// Its fields, as they are kept and exported: without secrets.
    pub(super) fields: Fields,
    /// Its fields as the file has them, which may have a secret.
    pub(super) said: Fields,
    /// A secret of it is another than the gateway's, which the fields do not show.
    pub(super) is_anew: bool,
    /// It is over: it is not exported, and not missed where a file does not have it.
    pub(super) is_over: bool,
}

impl Entry {
    /// An entry that is there.
    pub(super) fn there(kind: Kind, fields: Fields) -> Self {
        let (key, name) = kind.identity(&fields).unwrap_or_default();
        let name = cut(&name, LONGEST_NAME);
        let said = fields.clone();
        Self { key, name, number: 0, fields, said, is_anew: false, is_over: false }
    }

    /// What it says.
    ///
    /// # Errors
    /// There is a field that the kind does not have, one is missing, or one is of another form.
    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<T, NotTaken> {
        let read = T::deserialize(Value::Object(self.said.clone()));
        read.map_err(|error| NotTaken::Wrong(cut(&in_words(&error.to_string()), 300)))
    }

    /// Where it stands in a file.
    pub(super) fn place(&self, kind: Kind) -> Place {
        Place::Entry(kind, self.number, cut(&self.name, LONGEST_SAID))
    }

    /// The same with these fields, as they are kept.
    #[must_use]
    pub(super) fn kept(self, fields: Fields) -> Self {
        Self { fields, ..self }
    }
}

/// What is wrong with fields. Of a field that there is not, the field that is meant, and not all that there are.
fn in_words(error: &str) -> String {
    let unknown = error.strip_prefix("unknown field `").and_then(|rest| rest.split_once('`'));
    let Some((field, known)) = unknown else { return error.to_owned() };
    let field = cut(field, LONGEST_SAID);
    let known = known.split('`').skip(1).step_by(2);
    let nearest = known.map(|name| (strsim::levenshtein(&field, name), name)).min();
    match nearest.filter(|(far, name)| *far <= name.len().max(field.len()) / 2) {
        Some((_, name)) => format!("there is no field '{field}', but there is '{name}'"),
        None => format!("there is no field '{field}'"),
    }
}

/// The entries of a kind, in their order.
#[derive(Clone, Default)]
pub(super) struct Section {
    entries: Vec<Entry>,
    /// The places of the entries by their keys.
    places: BTreeMap<String, usize>,
    /// How many entries came with a key.
    counts: BTreeMap<String, usize>,
}

impl Section {
    /// These entries. Of two that are told apart by nothing, the second is told by its number.
    pub(super) fn of(entries: impl IntoIterator<Item = Entry>) -> Self {
        let mut section = Self::default();
        for entry in entries {
            section.push(entry);
        }
        section
    }

    /// Those that these things are written as, sorted as people look for them.
    pub(super) fn sorted(entries: impl IntoIterator<Item = Entry>) -> Self {
        let mut entries: Vec<Entry> = entries.into_iter().collect();
        entries.sort_by(|a, b| a.key.cmp(&b.key));
        Self::of(entries)
    }

    fn push(&mut self, mut entry: Entry) {
        let count = self.counts.entry(entry.key.clone()).or_insert(0);
        *count += 1;
        if *count > 1 {
            entry.key = format!("{}\n{count}", entry.key);
            entry.name = format!("{} ({count})", entry.name);
        }
        self.places.insert(entry.key.clone(), self.entries.len());
        self.entries.push(entry);
    }

    /// All of them.
    pub(super) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }

    /// The one with a key.
    pub(super) fn find(&self, key: &str) -> Option<&Entry> {
        self.entries.get(*self.places.get(key)?)
    }

    /// Their keys, in order.
    pub(super) fn keys(&self) -> Vec<&str> {
        self.entries.iter().map(|entry| entry.key.as_str()).collect()
    }

    /// The list as it is written.
    pub(super) fn written(&self, kind: Kind) -> Value {
        let shown = self.entries.iter().filter(|entry| !entry.is_over);
        let one = |entry: &Entry| match kind {
            Kind::OptOuts => Value::String(entry.key.clone()),
            _ => Value::Object(entry.fields.clone()),
        };
        Value::Array(shown.map(one).collect())
    }
}

/// Reads a document. What is wrong with its lists is noted, and what is wrong with an entry later.
pub(super) fn read(document: &Fields, flaws: &mut Flaws) -> BTreeMap<Kind, Section> {
    let mut sections = BTreeMap::new();
    for (word, value) in document {
        let Ok(kind) = word.parse::<Kind>() else {
            let known: Vec<&str> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
            let text = "There is no such kind of settings.".to_owned();
            flaws.add(
                Place::Named(cut(word, LONGEST_SAID)),
                text,
                format!("Use {}.", known.join(", ")),
            );
            continue;
        };
        if let Some(section) = list(kind, value, flaws) {
            sections.insert(kind, section);
        }
    }
    sections
}

fn list(kind: Kind, value: &Value, flaws: &mut Flaws) -> Option<Section> {
    let whole = || Place::Named(kind.to_string());
    let Some(list) = value.as_array() else {
        let remedy = match kind {
            Kind::OptOuts => "Write optouts = [\"+628…\"].".to_owned(),
            _ => format!("Write each {} below [[{kind}]].", kind.one()),
        };
        flaws.add(whole(), "It is no list.".to_owned(), remedy);
        return None;
    };
    if list.len() > kind.most() {
        let text = format!("There are {} entries, and {} may be.", list.len(), kind.most());
        flaws.add(whole(), text, "Leave some out.".to_owned());
        return None;
    }
    let (mut entries, mut seen) = (Vec::new(), HashSet::new());
    for (value, number) in list.iter().zip(1..) {
        let Some(said) = fields(kind, value) else {
            let remedy = match kind {
                Kind::OptOuts => "Write optouts = [\"+628…\"].".to_owned(),
                _ => format!("Say its fields; '{}' names it.", kind.named_by()),
            };
            flaws.add(Place::Numbered(kind, number), "It is no entry.".to_owned(), remedy);
            continue;
        };
        let Some((key, name)) = kind.identity(&said) else {
            let text = format!("The field '{}' is missing, or no text.", kind.named_by());
            let remedy =
                format!("Say '{}': it tells this {} from others.", kind.named_by(), kind.one());
            flaws.add(Place::Numbered(kind, number), text, remedy);
            continue;
        };
        // An account may have one URL twice, and for whom it is told twice.
        if !seen.insert(key.clone()) && kind != Kind::Webhooks {
            let place = Place::Entry(kind, number, cut(&name, LONGEST_SAID));
            flaws.add(place, "It stands twice.".to_owned(), "Keep one of the two.".to_owned());
            continue;
        }
        let (fields, name) = (said.clone(), cut(&name, LONGEST_NAME));
        entries.push(Entry { key, name, number, fields, said, is_anew: false, is_over: false });
    }
    Some(Section::of(entries))
}

fn fields(kind: Kind, value: &Value) -> Option<Fields> {
    match (kind, value) {
        (Kind::OptOuts, Value::String(number)) => {
            let number = ("number".to_owned(), Value::String(number.clone()));
            Some(std::iter::once(number).collect())
        }
        (Kind::OptOuts, _) => None,
        (_, Value::Object(fields)) => Some(fields.clone()),
        _ => None,
    }
}

/// The fields of something, as they are written.
pub(super) fn written(value: &impl Serialize) -> Fields {
    match serde_json::to_value(value) {
        Ok(Value::Object(fields)) => fields,
        // Structures of texts, numbers and lists are objects.
        _ => Fields::new(),
    }
}

/// The beginning of a text.
pub(super) fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read_json(document: &Value) -> (BTreeMap<Kind, Section>, Vec<String>) {
        let mut flaws = Flaws::default();
        let sections = read(document.as_object().unwrap(), &mut flaws);
        let words = flaws.into_all().into_iter().map(|one| format!("{}: {}", one.place, one.text));
        (sections, words.collect())
    }

    #[test]
    fn each_list_that_is_none_is_named() {
        let (sections, flaws) = read_json(&json!({
            "service": [],
            "templates": {},
            "groups": ["x", { "code": "a" }, { "name": "Kelas" }, { "name": "KELAS" }],
            "optouts": ["+62811", { "number": "+62812" }],
        }));
        assert_eq!(
            flaws,
            [
                "groups 1: It is no entry.",
                "groups 2: The field 'name' is missing, or no text.",
                "groups 4 'KELAS': It stands twice.",
                "optouts 2: It is no entry.",
                "service: There is no such kind of settings.",
                "templates: It is no list.",
            ]
        );
        let keys = |kind| sections.get(&kind).map(Section::keys);
        assert_eq!(keys(Kind::Groups), Some(vec!["kelas"]));
        assert_eq!(keys(Kind::OptOuts), Some(vec!["+62811"]));
        assert_eq!(keys(Kind::Templates), None);
    }

    #[test]
    fn of_fields_that_there_are_the_nearest_is_named() {
        let error = |field: &str| {
            format!("unknown field `{field}`, expected one of `name`, `keyword`, `reply`")
        };
        let near = "there is no field 'keywrod', but there is 'keyword'";
        assert_eq!(in_words(&error("keywrod")), near);
        assert_eq!(in_words(&error("zzz")), "there is no field 'zzz'");
        let far = in_words(&error(&"x".repeat(100_000)));
        assert!(far.len() < 100, "{}", far.len());
        assert_eq!(in_words("missing field `name`"), "missing field `name`");
    }

    #[test]
    fn a_list_and_what_is_said_of_it_have_bounds() {
        let many = json!({ "pools": vec![json!({ "name": "a" }); Kind::Pools.most() + 1] });
        let (sections, flaws) = read_json(&many);
        assert!(sections.is_empty());
        assert_eq!(flaws, ["pools: There are 5001 entries, and 5000 may be."]);
        let long = "x".repeat(100_000);
        let (_, flaws) = read_json(&json!({ &long: [] }));
        assert!(flaws[0].len() < 200, "{}", flaws[0].len());
        let bad: Vec<Value> = vec![json!(1); 5_000];
        let (_, flaws) = read_json(&json!({ "pools": bad }));
        assert_eq!(flaws.len(), crate::acts::configuration::flaws::MOST);
    }

    #[test]
    fn one_url_may_stand_twice() {
        let hook = json!({ "url": "https://a.example/?token=x", "events": ["sms.received"] });
        let (sections, flaws) = read_json(&json!({ "webhooks": [hook, hook] }));
        assert!(flaws.is_empty());
        let names: Vec<&str> =
            sections[&Kind::Webhooks].entries().map(|entry| entry.name.as_str()).collect();
        assert_eq!(names, ["https://a.example/?token=***", "https://a.example/?token=*** (2)"]);
    }

    #[test]
    fn what_is_over_is_not_written() {
        let entry = |name: &str| {
            let fields = std::iter::once(("name".to_owned(), json!(name))).collect();
            Entry::there(Kind::Schedules, fields)
        };
        let over = Entry { is_over: true, ..entry("past") };
        let section = Section::sorted([entry("b"), over, entry("a")]);
        assert_eq!(section.written(Kind::Schedules), json!([{ "name": "a" }, { "name": "b" }]));
    }
}
