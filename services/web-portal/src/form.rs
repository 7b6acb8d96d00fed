//! Fields as programs write them that other gateways' interfaces are made for: `a=b&c=d` in the address, in a form, or in
//! both. Doors whose clients write octets in charsets of their own do not read them here.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::{Map, Value};

/// The most fields of one request.
pub(crate) const MOST_FIELDS: usize = 256;

/// Characters of an error's words that are given back.
const LONGEST_WORDS: usize = 200;

/// The fields of a request, in the order in which they were written: those of the address first.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Form {
    fields: Vec<(String, String)>,
    /// The one field that is not text before it is known in which charset it is.
    raw: Option<Vec<u8>>,
}

/// Why the fields of a request cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unreadable {
    /// The body is larger than any may be.
    #[error("the body is larger than {} bytes", crate::app::LARGEST_BODY)]
    TooLarge,
    /// The body did not come to its end.
    #[error("the body did not come whole")]
    Broken,
    /// There are more fields than any request needs.
    #[error("there are more than {MOST_FIELDS} fields")]
    TooMany,
    /// A field that is not in the one charset that is read here.
    #[error("{0} is not in UTF-8")]
    Charset(String),
    /// A body that is not the JSON which is read here.
    #[error("the body is not JSON: {0}")]
    Json(String),
    /// A field of the JSON that is of another kind than it has to be.
    #[error("{0}")]
    Field(String),
    /// A body of a type that is not read here.
    #[error("Content-Type: the body must be application/x-www-form-urlencoded")]
    Type,
}

/// A request's body as far as it came.
pub(crate) type Body = Result<Bytes, BytesRejection>;

/// The body, if it came whole.
pub(crate) fn whole(body: Body) -> Result<Bytes, Unreadable> {
    body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Unreadable::TooLarge,
        _ => Unreadable::Broken,
    })
}

impl Form {
    /// Reads the fields of an address and of a body, which is empty or a form.
    pub(crate) fn read(
        query: Option<&str>,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Self, Unreadable> {
        Self::read_with(query, headers, body, None)
    }

    /// The same, where the field with the name `raw` is octets.
    pub(crate) fn read_with(
        query: Option<&str>,
        headers: &HeaderMap,
        body: &[u8],
        raw: Option<&str>,
    ) -> Result<Self, Unreadable> {
        let mut form = Self::default();
        form.add(query.unwrap_or_default().as_bytes(), raw)?;
        let media = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
        let media = media.and_then(|value| value.split(|&b| b == b';').next()).unwrap_or_default();
        if media.trim_ascii().eq_ignore_ascii_case(b"application/x-www-form-urlencoded") {
            form.add(body, raw)?;
        } else if !body.trim_ascii().is_empty() {
            return Err(Unreadable::Type);
        }
        Ok(form)
    }

    fn add(&mut self, encoded: &[u8], raw: Option<&str>) -> Result<(), Unreadable> {
        for pair in encoded.split(|&b| b == b'&').filter(|pair| !pair.is_empty()) {
            if self.fields.len() == MOST_FIELDS {
                return Err(Unreadable::TooMany);
            }
            let at = pair.iter().position(|&b| b == b'=').unwrap_or(pair.len());
            let name = String::from_utf8(unescaped(&pair[..at]))
                .map_err(|_| Unreadable::Charset("the name of a field".to_owned()))?;
            let value = unescaped(pair.get(at + 1..).unwrap_or_default());
            let value = if raw == Some(name.as_str()) {
                self.raw = Some(value);
                String::new()
            } else {
                String::from_utf8(value).map_err(|_| Unreadable::Charset(shortened(&name)))?
            };
            self.fields.push((name, value));
        }
        Ok(())
    }

    /// The field that is octets.
    pub(crate) fn raw(&self) -> Option<&[u8]> {
        self.raw.as_deref()
    }

    /// The names of the fields.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|(name, _)| name.as_str())
    }

    /// A field; of one that is written more than once, what was written last.
    pub(crate) fn last(&self, name: &str) -> Option<&str> {
        self.fields.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// A field that has something in it, without the blanks around it.
    pub(crate) fn filled(&self, name: &str) -> Option<&str> {
        self.last(name).map(str::trim).filter(|value| !value.is_empty())
    }
}

/// A JSON object, and its fields as they are wanted.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Object(Map<String, Value>);

impl Object {
    /// Reads a body.
    pub(crate) fn read(body: &[u8]) -> Result<Self, Unreadable> {
        let read: Map<String, Value> = serde_json::from_slice(body).map_err(|error| {
            // The words may quote what was sent.
            Unreadable::Json(error.to_string().chars().take(LONGEST_WORDS).collect())
        })?;
        if read.len() > MOST_FIELDS { Err(Unreadable::TooMany) } else { Ok(Self(read)) }
    }

    /// A field that there is, and that is not null.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// A field that is an object.
    pub(crate) fn object(&self, name: &str) -> Result<Option<Self>, Unreadable> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Object(map)) if map.len() > MOST_FIELDS => Err(Unreadable::TooMany),
            Some(Value::Object(map)) => Ok(Some(Self(map.clone()))),
            Some(_) => Err(Unreadable::Field(format!("{name}: this has to be an object"))),
        }
    }

    /// A field that is a string, or a number that is written without its quotes.
    pub(crate) fn text(&self, name: &str) -> Result<Option<String>, Unreadable> {
        self.get(name).map(|value| scalar(name, value)).transpose()
    }

    /// A field that is a list of such, or one alone.
    pub(crate) fn texts(&self, name: &str) -> Result<Vec<String>, Unreadable> {
        match self.get(name) {
            None => Ok(Vec::new()),
            Some(Value::Array(items)) => items.iter().map(|item| scalar(name, item)).collect(),
            Some(value) => Ok(vec![scalar(name, value)?]),
        }
    }

    /// A field that is true or false, or 1 or 0 for them.
    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, Unreadable> {
        match self.text(name)?.as_deref() {
            None | Some("") => Ok(None),
            Some("true" | "1") => Ok(Some(true)),
            Some("false" | "0") => Ok(Some(false)),
            Some(_) => Err(Unreadable::Field(format!("{name}: this has to be true or false"))),
        }
    }

    /// The names of the fields.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter(|(_, value)| !value.is_null()).map(|(name, _)| name.as_str())
    }

    /// An item of the list `name`, which has to be an object.
    pub(crate) fn of(item: &Value, name: &str) -> Result<Self, Unreadable> {
        match item {
            Value::Object(map) if map.len() <= MOST_FIELDS => Ok(Self(map.clone())),
            Value::Object(_) => Err(Unreadable::TooMany),
            _ => Err(Unreadable::Field(format!("{name}: each of them has to be an object"))),
        }
    }

    /// Puts a text in the place of a field.
    pub(crate) fn set(&mut self, name: &str, text: String) {
        self.0.insert(name.to_owned(), Value::String(text));
    }

    /// All fields, none of which may be a list or an object, as those of a form.
    pub(crate) fn into_form(self) -> Result<Form, Unreadable> {
        self.into_form_with(str::to_owned, "")
    }

    /// The same, with other names; the text of the field `raw` becomes octets of UTF-8.
    pub(crate) fn into_form_with(
        self,
        renamed: impl Fn(&str) -> String,
        raw: &str,
    ) -> Result<Form, Unreadable> {
        let mut form = Form::default();
        for (name, value) in self.0.into_iter().filter(|(_, value)| !value.is_null()) {
            let text = scalar(&name, &value)?;
            let name = renamed(&name);
            if name == raw {
                form.raw = Some(text.into_bytes());
                form.fields.push((name, String::new()));
            } else {
                form.fields.push((name, text));
            }
        }
        Ok(form)
    }
}

fn scalar(name: &str, value: &Value) -> Result<String, Unreadable> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(is) => Ok(is.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => {
            Err(Unreadable::Field(format!("{}: this has to be a string", shortened(name))))
        }
    }
}

/// `%XX` and `+` undone.
fn unescaped(encoded: &[u8]) -> Vec<u8> {
    let spaced: Vec<u8> = encoded.iter().map(|&b| if b == b'+' { b' ' } else { b }).collect();
    percent_encoding::percent_decode(&spaced).collect()
}

fn shortened(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str, media: &'static str, body: &str) -> Result<Form, Unreadable> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(media));
        Form::read(Some(query), &headers, body.as_bytes())
    }

    #[test]
    fn the_form_speaks_last() {
        let media = "Application/X-WWW-Form-Urlencoded; charset=utf-8";
        let form = read("a=1&b=x%20+y&c&=d", media, "a=2&e=%C3%A9&e=").unwrap();
        assert_eq!(
            (form.last("a"), form.last("b"), form.last("c")),
            (Some("2"), Some("x  y"), Some(""))
        );
        assert_eq!((form.last("e"), form.filled("e"), form.last("f")), (Some(""), None, None));
        assert_eq!(form.filled("b"), Some("x  y"));
    }

    #[test]
    fn one_field_may_be_octets() {
        let form =
            Form::read_with(Some("to=1&content=%FF%00"), &HeaderMap::new(), b"", Some("content"));
        let form = form.unwrap();
        assert_eq!((form.raw(), form.last("to")), (Some(&[0xff, 0][..]), Some("1")));
        assert_eq!(form.names().collect::<Vec<_>>(), ["to", "content"]);
    }

    #[test]
    fn json_is_read_as_clients_write_it() {
        let read = |text: &str| Object::read(text.as_bytes());
        let object = read(
            r#"{"to":["+62811",812],"one":"a","flash":"1","test":false,"no":null,"o":{"x":1}}"#,
        )
        .unwrap();
        assert_eq!(object.texts("to"), Ok(vec!["+62811".to_owned(), "812".to_owned()]));
        assert_eq!(object.texts("one"), Ok(vec!["a".to_owned()]));
        assert_eq!((object.flag("flash"), object.flag("test")), (Ok(Some(true)), Ok(Some(false))));
        assert_eq!((object.text("no"), object.flag("none")), (Ok(None), Ok(None)));
        let inner = object.object("o").unwrap().unwrap().into_form().unwrap();
        assert_eq!(inner.last("x"), Some("1"));
        let words = |unreadable: Unreadable| unreadable.to_string();
        assert_eq!(object.text("to").map_err(words), Err("to: this has to be a string".to_owned()));
        assert_eq!(
            object.object("one").map_err(words),
            Err("one: this has to be an object".to_owned())
        );
        assert_eq!(
            object.flag("one").map_err(words),
            Err("one: this has to be true or false".to_owned())
        );
        for wrong in ["", "[]", "{", "\"x\"", &"[".repeat(100_000)] {
            assert!(matches!(read(wrong), Err(Unreadable::Json(_))), "{wrong:.9}");
        }
        let many: Vec<String> = (0..=MOST_FIELDS).map(|n| format!("\"{n}\":1")).collect();
        assert_eq!(read(&format!("{{{}}}", many.join(","))), Err(Unreadable::TooMany));
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        assert_eq!(read("text=%E9", "", ""), Err(Unreadable::Charset("text".to_owned())));
        assert_eq!(read("a=1", "application/json", "{}"), Err(Unreadable::Type));
        assert!(read("a=1", "application/json", "").is_ok(), "a type without a body");
        let fields = |count: usize| vec!["a=1"; count].join("&");
        assert!(read(&fields(MOST_FIELDS), "", "").is_ok());
        assert_eq!(read(&fields(MOST_FIELDS + 1), "", ""), Err(Unreadable::TooMany));
        let half = fields(MOST_FIELDS / 2 + 1);
        let both = read(&half, "application/x-www-form-urlencoded", &half);
        assert_eq!(both, Err(Unreadable::TooMany), "of both together");
    }
}
