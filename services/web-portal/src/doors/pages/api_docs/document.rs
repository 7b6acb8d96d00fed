//! The API's document as the page shows it: groups of calls, and the types that they take and answer with.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use api::openapi;
use serde_json::Value;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Document {
    pub(super) groups: Vec<Group>,
    pub(super) types: Vec<Type>,
}

/// Calls about one thing.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) name: String,
    /// Where it is on the page.
    pub(super) anchor: String,
    pub(super) about: String,
    pub(super) calls: Vec<Call>,
}

/// A call.
#[derive(Debug)]
pub(super) struct Call {
    /// Its name in clients that are made from the document, and its anchor.
    pub(super) id: String,
    pub(super) method: &'static str,
    /// With `/api/v1`.
    pub(super) path: String,
    pub(super) summary: String,
    /// What a key has to be allowed.
    pub(super) scope: Option<String>,
    /// It needs no key.
    pub(super) public: bool,
    /// What may stand in the query and in headers.
    pub(super) parameters: Vec<Field>,
    /// The type of its body.
    pub(super) body: Option<String>,
    pub(super) answers: Vec<Answer>,
}

/// What a call answers when it does what it is for.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: String,
    pub(super) about: String,
    pub(super) kind: Option<String>,
}

/// A type of the document.
#[derive(Debug)]
pub(super) struct Type {
    pub(super) name: String,
    pub(super) about: String,
    /// What it is, where it has no fields.
    pub(super) kind: Kind,
    pub(super) fields: Vec<Field>,
}

/// A field of a type, or of a query.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) about: String,
    pub(super) required: bool,
}

/// What may stand somewhere.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Kind {
    /// In words, before the name of a type, if there is one.
    pub(super) words: String,
    /// A type of the document.
    pub(super) named: Option<String>,
}

const METHODS: [(&str, &str); 5] =
    [("get", "GET"), ("put", "PUT"), ("post", "POST"), ("patch", "PATCH"), ("delete", "DELETE")];

/// How deep a schema is looked into for its words; ours end long before.
const DEEPEST: usize = 4;

impl Document {
    /// That of this program. A document that could not be written, which a test rules out, has nothing in it.
    pub(super) fn of_this_version() -> Self {
        let document = serde_json::to_value(openapi::document()).unwrap_or_default();
        let schemas = document["components"]["schemas"].as_object();
        let types = schemas.into_iter().flatten().map(|(name, schema)| Type {
            name: name.clone(),
            about: text(&schema["description"]),
            kind: kind(schema, 0),
            fields: fields(schema, &document),
        });
        let mut calls: BTreeMap<String, Vec<Call>> = BTreeMap::new();
        for (path, operations) in document["paths"].as_object().into_iter().flatten() {
            for (name, method) in METHODS {
                if let Some(operation) = operations.get(name) {
                    let group = text(&operation["tags"][0]);
                    calls.entry(group).or_default().push(call(method, path, operation));
                }
            }
        }
        let tags = document["tags"].as_array().into_iter().flatten();
        let groups = tags.map(|tag| {
            let name = text(&tag["name"]);
            let calls = calls.remove(&name).unwrap_or_default();
            let anchor = name.to_lowercase().replace(' ', "-");
            Group { name, anchor, about: text(&tag["description"]), calls }
        });
        Self { groups: groups.collect(), types: types.collect() }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn call(method: &'static str, path: &str, operation: &Value) -> Call {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    // What the path has stands in the path.
    let parameters = parameters.filter(|one| one["in"] != "path").map(|one| Field {
        name: text(&one["name"]),
        kind: kind(&one["schema"], 0),
        about: text(&one["description"]),
        required: one["required"] == true,
    });
    let answers = operation["responses"].as_object().into_iter().flatten();
    let answers = answers.filter(|(status, _)| *status != "default").map(|(status, answer)| {
        let contents = answer["content"].as_object().into_iter().flatten();
        let mut named = contents.filter_map(|(_, content)| kind(&content["schema"], 0).named);
        Answer { status: status.clone(), about: text(&answer["description"]), kind: named.next() }
    });
    let body = &operation["requestBody"]["content"]["application/json"]["schema"];
    let key = operation["security"][0].get("key");
    Call {
        id: text(&operation["operationId"]),
        method,
        path: format!("{}{path}", openapi::BASE),
        summary: text(&operation["summary"]),
        scope: key.and_then(|scopes| scopes[0].as_str()).map(str::to_owned),
        public: key.is_none(),
        parameters: parameters.collect(),
        body: kind(body, 0).named,
        answers: answers.collect(),
    }
}

/// The fields of an object, with those of the objects that it is made of.
fn fields(schema: &Value, document: &Value) -> Vec<Field> {
    let required = |name: &str| {
        let names = schema["required"].as_array();
        names.is_some_and(|names| names.iter().any(|one| one == name))
    };
    let own = schema["properties"].as_object().into_iter().flatten().map(|(name, field)| Field {
        name: name.clone(),
        kind: kind(field, 0),
        about: about(field),
        required: required(name),
    });
    let mut all: Vec<Field> = own.collect();
    for part in ["allOf", "oneOf"].iter().filter_map(|key| schema[*key].as_array()).flatten() {
        let is_made_of = schema.get("allOf").is_some() || part.get("properties").is_some();
        if !is_made_of {
            continue;
        }
        match part["$ref"].as_str().map(name_of) {
            Some(name) => all.extend(fields(&document["components"]["schemas"][name], document)),
            None => all.extend(fields(part, document)),
        }
    }
    all
}

/// The words of a field, which stand beside a reference in some schemas and above it in others.
fn about(field: &Value) -> String {
    let within = field["oneOf"].as_array().into_iter().flatten();
    let mut all =
        std::iter::once(field).chain(within).filter_map(|one| one["description"].as_str());
    all.next().unwrap_or_default().to_owned()
}

fn name_of(reference: &str) -> &str {
    reference.rsplit('/').next().unwrap_or_default()
}

/// What a schema allows, in words.
fn kind(schema: &Value, depth: usize) -> Kind {
    if depth > DEEPEST {
        return Kind::default();
    }
    if let Some(reference) = schema["$ref"].as_str() {
        return Kind { words: String::new(), named: Some(name_of(reference).to_owned()) };
    }
    if let Some(choices) = schema["oneOf"].as_array().or(schema["anyOf"].as_array()) {
        return choice(choices, depth);
    }
    if let Some(words) = schema["enum"].as_array() {
        let words = words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ");
        return Kind { words, named: None };
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one.as_str()],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let is_list = types.contains(&"array");
    let inner = if is_list { kind(&schema["items"], depth + 1) } else { Kind::default() };
    let mut words = types.join(" | ");
    if is_list && (!inner.words.is_empty() || inner.named.is_some()) {
        let _ = write!(words, " of {}", inner.words);
    }
    if let Some(pattern) = schema["pattern"].as_str() {
        let _ = write!(words, " {pattern}");
    }
    Kind { words: words.trim().to_owned(), named: inner.named }
}

/// One of several; that it may be `null` is said as of a plain type.
fn choice(choices: &[Value], depth: usize) -> Kind {
    let (nulls, others): (Vec<&Value>, Vec<&Value>) =
        choices.iter().partition(|one| one["type"] == "null");
    let kinds: Vec<Kind> = others.iter().map(|one| kind(one, depth + 1)).collect();
    match kinds.as_slice() {
        [one] if nulls.is_empty() => one.clone(),
        [Kind { words, named: Some(named) }] => {
            let words = format!("null | {words}").trim().to_owned();
            Kind { words, named: Some(named.clone()) }
        }
        several => {
            let one = |kind: &Kind| {
                let named = kind.named.as_deref().unwrap_or_default();
                format!("{} {named}", kind.words).trim().to_owned()
            };
            let words: Vec<String> =
                several.iter().map(one).filter(|one| !one.is_empty()).collect();
            Kind { words: words.join(" | "), named: None }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_call_of_the_document_is_in_a_group_and_every_type_it_names_is_there() {
        let document = Document::of_this_version();
        let calls: Vec<&Call> = document.groups.iter().flat_map(|group| &group.calls).collect();
        let whole = serde_json::to_value(openapi::document()).unwrap();
        let paths = whole["paths"].as_object().unwrap();
        let count: usize = paths.values().map(|path| path.as_object().unwrap().len()).sum();
        assert_eq!(calls.len(), count);
        let named = |kind: &Option<String>| {
            kind.as_ref().is_none_or(|name| document.types.iter().any(|one| one.name == *name))
        };
        for call in calls {
            assert!(named(&call.body), "{}", call.path);
            assert!(call.answers.iter().all(|answer| named(&answer.kind)), "{}", call.path);
            assert!(!call.answers.is_empty() && !call.id.is_empty(), "{}", call.path);
        }
        for one in &document.types {
            let has_words = !one.kind.words.is_empty() || one.kind.named.is_some();
            assert!(!one.fields.is_empty() || has_words, "{} says nothing", one.name);
            for field in &one.fields {
                assert!(named(&field.kind.named), "{}.{}", one.name, field.name);
            }
        }
    }

    #[test]
    fn what_may_stand_somewhere_is_said_in_words() {
        let of = |schema: Value| {
            let Kind { words, named } = kind(&schema, 0);
            (words, named.unwrap_or_default())
        };
        let reference = serde_json::json!({ "$ref": "#/components/schemas/SimId" });
        assert_eq!(of(reference.clone()), (String::new(), "SimId".to_owned()));
        let list = serde_json::json!({ "type": "array", "items": reference });
        assert_eq!(of(list), ("array of".to_owned(), "SimId".to_owned()));
        let or_null = serde_json::json!({ "oneOf": [reference, { "type": "null" }] });
        assert_eq!(of(or_null), ("null |".to_owned(), "SimId".to_owned()));
        let plain = serde_json::json!({ "type": ["string", "null"] });
        assert_eq!(of(plain), ("string | null".to_owned(), String::new()));
        let words = serde_json::json!({ "type": "string", "enum": ["a", "b"] });
        assert_eq!(of(words), ("a, b".to_owned(), String::new()));
    }
}
