//! What PHP can write of an array: as JSON, as XML and serialized, octet for octet.

use std::fmt::Write as _;

/// A value of a PHP program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Null,
    Int(i64),
    Text(String),
    List(Vec<Self>),
    Map(Vec<(&'static str, Self)>),
}

impl Value {
    /// A string.
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// As `json_encode` writes it.
    pub(super) fn json(&self) -> String {
        let mut out = String::new();
        self.write_json(&mut out);
        out
    }

    fn write_json(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Int(number) => out.push_str(&number.to_string()),
            Self::Text(text) => write_json_text(text, out),
            Self::List(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    item.write_json(out);
                }
                out.push(']');
            }
            Self::Map(fields) => {
                out.push('{');
                for (at, (name, value)) in fields.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    write_json_text(name, out);
                    out.push(':');
                    value.write_json(out);
                }
                out.push('}');
            }
        }
    }

    /// As SimpleXML writes it, in an element `response`; an item of a list is an element `item`.
    pub(super) fn xml(&self) -> String {
        let mut out = "<?xml version=\"1.0\"?>\n".to_owned();
        self.write_xml("response", &mut out);
        out.push('\n');
        out
    }

    fn write_xml(&self, name: &str, out: &mut String) {
        if let Self::Null = self {
            // A string always takes what is written to it.
            let _ = write!(out, "<{name}/>");
            return;
        }
        let _ = write!(out, "<{name}>");
        match self {
            Self::Null => {}
            Self::Int(number) => out.push_str(&number.to_string()),
            Self::Text(text) => write_xml_text(text, out),
            Self::List(items) => {
                for item in items {
                    item.write_xml("item", out);
                }
            }
            Self::Map(fields) => {
                for (name, value) in fields {
                    value.write_xml(name, out);
                }
            }
        }
        let _ = write!(out, "</{name}>");
    }

    /// As `serialize` writes it: lengths are in octets.
    pub(super) fn serialized(&self) -> String {
        let mut out = String::new();
        self.write_serialized(&mut out);
        out
    }

    fn write_serialized(&self, out: &mut String) {
        // A string always takes what is written to it.
        let _ = match self {
            Self::Null => write!(out, "N;"),
            Self::Int(number) => write!(out, "i:{number};"),
            Self::Text(text) => write!(out, "s:{}:\"{text}\";", text.len()),
            Self::List(items) => {
                let _ = write!(out, "a:{}:{{", items.len());
                for (at, item) in items.iter().enumerate() {
                    let _ = write!(out, "i:{at};");
                    item.write_serialized(out);
                }
                write!(out, "}}")
            }
            Self::Map(fields) => {
                let _ = write!(out, "a:{}:{{", fields.len());
                for (name, value) in fields {
                    let _ = write!(out, "s:{}:\"{name}\";", name.len());
                    value.write_serialized(out);
                }
                write!(out, "}}")
            }
        };
    }
}

/// PHP escapes the slash, and everything that is not ASCII.
fn write_json_text(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '/' => out.push_str("\\/"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            ' '..='\u{7f}' => out.push(c),
            _ => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    // A string always takes what is written to it.
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out.push('"');
}

/// Without a charset in its first line, XML has everything beyond ASCII as references. What XML cannot hold at all
/// becomes U+FFFD.
fn write_xml_text(text: &str, out: &mut String) {
    for c in text.chars() {
        let _ = match c {
            '&' => write!(out, "&amp;"),
            '<' => write!(out, "&lt;"),
            '>' => write!(out, "&gt;"),
            '\r' => write!(out, "&#13;"),
            '\t' | '\n' | ' '..='\u{7f}' => write!(out, "{c}"),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => write!(out, "&#xFFFD;"),
            _ => write!(out, "&#x{:X};", u32::from(c)),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Value {
        let item =
            Value::Map(vec![("to", Value::text("+62812")), ("msg", Value::text("a<b/\"П😀\u{1}"))]);
        Value::Map(vec![
            ("data", Value::List(vec![item])),
            ("error_string", Value::Null),
            ("empty", Value::text("")),
            ("timestamp", Value::Int(1_700_000_000)),
        ])
    }

    #[test]
    fn json_is_escaped_as_by_php() {
        assert_eq!(
            sample().json(),
            "{\"data\":[{\"to\":\"+62812\",\"msg\":\"a<b\\/\\\"\\u041f\\ud83d\\ude00\\u0001\"}],\
             \"error_string\":null,\"empty\":\"\",\"timestamp\":1700000000}"
        );
        let read: serde_json::Value = serde_json::from_str(&sample().json()).unwrap();
        assert_eq!(read["data"][0]["msg"], "a<b/\"П😀\u{1}");
    }

    #[test]
    fn xml_names_the_items_of_a_list() {
        assert_eq!(
            sample().xml(),
            "<?xml version=\"1.0\"?>\n<response><data><item><to>+62812</to>\
             <msg>a&lt;b/\"&#x41F;&#x1F600;&#xFFFD;</msg></item></data><error_string/><empty></empty>\
             <timestamp>1700000000</timestamp></response>\n"
        );
    }

    #[test]
    fn serialized_lengths_are_octets() {
        assert_eq!(
            sample().serialized(),
            "a:4:{s:4:\"data\";a:1:{i:0;a:2:{s:2:\"to\";s:6:\"+62812\";s:3:\"msg\";s:12:\"a<b/\"П😀\u{1}\";}}\
             s:12:\"error_string\";N;s:5:\"empty\";s:0:\"\";s:9:\"timestamp\";i:1700000000;}"
        );
    }
}
