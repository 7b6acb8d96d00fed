//! From a tool's arguments to a request of the API.

use axum::body::Body;
use axum::http::{HeaderValue, Method, Request, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use super::tools::Tool;

/// Why a tool cannot be used with these arguments.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum BadArguments {
    /// One is missing.
    #[error("'{0}' is missing")]
    Missing(&'static str),
    /// One is none of the tool's.
    #[error("there is no argument '{given}'; there are {known}")]
    Unknown {
        /// Its name, cut.
        given: String,
        /// Those there are.
        known: String,
    },
    /// One is of another kind.
    #[error("'{0}' is not of the kind that the tool's schema says")]
    Kind(String),
    /// The word for an attempt cannot be sent on.
    #[error("'idempotency_key' has 1 to 255 visible ASCII characters")]
    Key,
}

/// The arguments of a tool, of which none is unknown and none is missing.
#[derive(Debug)]
pub(super) struct Asked(Map<String, Value>);

impl Asked {
    pub(super) fn of(tool: &Tool, mut arguments: Map<String, Value>) -> Result<Self, BadArguments> {
        // Many programs that fill in schemas write null for what they leave out.
        arguments.retain(|_, value| !value.is_null());
        let known = |name: &str| tool.arguments.iter().any(|argument| argument.name == name);
        if let Some(given) = arguments.keys().find(|name| !known(name)) {
            let known: Vec<&str> = tool.arguments.iter().map(|argument| argument.name).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            return Err(BadArguments::Unknown { given: given.chars().take(40).collect(), known });
        }
        let missing = tool
            .arguments
            .iter()
            .find(|argument| argument.is_needed && !arguments.contains_key(argument.name));
        missing.map_or(Ok(Self(arguments)), |missing| Err(BadArguments::Missing(missing.name)))
    }

    /// A call with the arguments in the places of its path, and the others in its query, or in its body if it has one.
    pub(super) fn call(
        mut self,
        method: Method,
        path: &str,
    ) -> Result<Request<Body>, BadArguments> {
        let mut target = String::new();
        for (at, piece) in path.split(['{', '}']).enumerate() {
            if at % 2 == 0 {
                target.push_str(piece);
                continue;
            }
            let value = self.0.remove(piece).unwrap_or_default();
            target.extend(utf8_percent_encode(&word(piece, &value)?, NON_ALPHANUMERIC));
        }
        if method == Method::GET || method == Method::DELETE {
            for (nth, (name, value)) in self.0.iter().enumerate() {
                let value = word(name, value)?;
                let value = utf8_percent_encode(&value, NON_ALPHANUMERIC);
                target.push(if nth == 0 { '?' } else { '&' });
                target.extend([name, "="]);
                target.extend(value);
            }
            return Ok(request(method, &target, Body::empty()));
        }
        let body =
            if self.0.is_empty() { Body::empty() } else { json_body(&Value::Object(self.0)) };
        Ok(request(method, &target, body))
    }

    /// The call that sends, and whether it only shows what would be sent.
    pub(super) fn send(mut self) -> Result<(Request<Body>, bool), BadArguments> {
        let is_dry = match self.0.remove("confirm") {
            None | Some(Value::Bool(false)) => true,
            Some(Value::Bool(true)) => false,
            Some(_) => return Err(BadArguments::Kind("confirm".to_owned())),
        };
        let key = match self.0.remove("idempotency_key") {
            None => None,
            Some(key) => {
                let key = key.as_str().filter(|key| key.bytes().all(|b| b.is_ascii_graphic()));
                let key = key.and_then(|key| HeaderValue::from_str(key).ok());
                Some(key.ok_or(BadArguments::Key)?)
            }
        };
        self.0.insert("dry_run".to_owned(), json!(is_dry));
        let mut call = request(Method::POST, "/messages", json_body(&Value::Object(self.0)));
        if let Some(key) = key.filter(|_| !is_dry) {
            call.headers_mut().insert("idempotency-key", key);
        }
        Ok((call, is_dry))
    }
}

/// What stands in a path or a query for a value.
fn word(name: &str, value: &Value) -> Result<String, BadArguments> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(flag) => Ok(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => {
            Err(BadArguments::Kind(name.chars().take(40).collect()))
        }
    }
}

fn json_body(value: &Value) -> Body {
    Body::from(value.to_string())
}

fn request(method: Method, target: &str, body: Body) -> Request<Body> {
    let mut request = Request::new(body);
    *request.method_mut() = method;
    // Letters, digits, and what percent-encoding makes of all the rest.
    *request.uri_mut() = target.parse().unwrap_or_default();
    let json = HeaderValue::from_static("application/json");
    request.headers_mut().insert(header::CONTENT_TYPE, json);
    request
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;

    use super::super::tools::TOOLS;
    use super::*;

    fn tool(name: &str) -> &'static Tool {
        TOOLS.iter().find(|tool| tool.name == name).unwrap()
    }

    fn asked(name: &str, arguments: &Value) -> Result<Asked, BadArguments> {
        Asked::of(tool(name), arguments.as_object().unwrap().clone())
    }

    #[test]
    fn arguments_come_into_the_path_and_the_query_as_they_are() {
        let asked = asked("message_status", &json!({ "id": "../users?x=1#/ü" })).unwrap();
        let call = asked.call(Method::GET, "/messages/{id}").unwrap();
        assert_eq!(call.uri(), "/messages/%2E%2E%2Fusers%3Fx%3D1%23%2F%C3%BC");
        let asked =
            self::asked("list_sent", &json!({ "to": "+62 8&state=x", "limit": 5, "state": null }))
                .unwrap();
        let call = asked.call(Method::GET, "/messages").unwrap();
        assert_eq!(call.uri(), "/messages?limit=5&to=%2B62%208%26state%3Dx");
    }

    #[tokio::test]
    async fn nothing_is_sent_without_a_confirmation() {
        for (confirm, is_dry) in [(json!(null), true), (json!(false), true), (json!(true), false)] {
            let arguments = json!({ "to": ["+62812"], "text": "x", "confirm": confirm, "idempotency_key": "a" });
            let (call, said) = asked("send_message", &arguments).unwrap().send().unwrap();
            assert_eq!(said, is_dry);
            assert_eq!(call.headers().contains_key("idempotency-key"), !is_dry);
            let body = to_bytes(call.into_body(), 1_000).await.unwrap();
            let body: Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(body, json!({ "to": ["+62812"], "text": "x", "dry_run": is_dry }));
        }
        let odd = json!({ "to": ["+62812"], "text": "x", "confirm": "yes" });
        let refused = asked("send_message", &odd).unwrap().send().unwrap_err();
        assert_eq!(refused, BadArguments::Kind("confirm".to_owned()));
    }

    #[test]
    fn what_is_missing_or_unknown_is_named() {
        assert_eq!(
            asked("send_message", &json!({ "to": [] })).unwrap_err(),
            BadArguments::Missing("text")
        );
        let unknown = asked("list_modems", &json!({ "x".repeat(1_000): 1 })).unwrap_err();
        assert_eq!(
            unknown,
            BadArguments::Unknown { given: "x".repeat(40), known: "none".to_owned() }
        );
    }
}
