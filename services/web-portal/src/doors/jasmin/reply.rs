//! Jasmin's answers: `Success "ID"` or `Error "WORDS"`, in plain text or inside of JSON.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use contracts::MessageId;
use serde_json::{Value, json};

use crate::acts::draft::{Part, Unsendable};
use crate::doors::refused::Refused;
use crate::form::Unreadable;

/// Why a request was not done: the status and what stands in the quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) words: String,
    retry_after: Option<u64>,
}

impl Refusal {
    /// Something in the request is wrong.
    pub(super) fn bad(words: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, words: words.into(), retry_after: None }
    }

    /// An argument that has to be there is not.
    pub(super) fn missing(name: &str) -> Self {
        Self::bad(format!("Mandatory argument [{name}] is not found."))
    }

    /// An argument cannot be read.
    pub(super) fn invalid(name: &str, value: &str) -> Self {
        let value: String = value.chars().filter(|c| !c.is_control()).take(32).collect();
        Self::bad(format!("Argument [{name}] has an invalid value: [{value}]."))
    }

    /// No account of this name has this key.
    pub(super) fn unknown(name: &str) -> Self {
        let name: String = name.chars().filter(|c| !c.is_control()).take(64).collect();
        let words = format!("Authentication failure for username:{name}");
        Self { status: StatusCode::FORBIDDEN, words, retry_after: None }
    }

    /// As a body of its own.
    pub(super) fn plain(&self) -> Response {
        self.logged();
        self.with_rest((self.status, plain(self.line())).into_response())
    }

    /// Inside of JSON.
    pub(super) fn json(&self) -> Response {
        self.logged();
        self.with_rest((self.status, Json(json!({ "message": self.line() }))).into_response())
    }

    fn line(&self) -> String {
        format!("Error \"{}\"", self.words.replace('"', "'"))
    }

    fn logged(&self) {
        tracing::info!(status = self.status.as_u16(), "a request in Jasmin's form was refused");
    }

    fn with_rest(&self, mut response: Response) -> Response {
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

impl From<Unreadable> for Refusal {
    fn from(unreadable: Unreadable) -> Self {
        Refused::from(unreadable).into()
    }
}

impl From<Unsendable> for Refusal {
    fn from(unsendable: Unsendable) -> Self {
        Refused::from(unsendable).into()
    }
}

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Self {
        let words = refused.to_string();
        let (status, words) = match &refused {
            Refused::Unreadable(Unreadable::TooLarge) => (StatusCode::PAYLOAD_TOO_LARGE, words),
            Refused::Unreadable(_) => (StatusCode::BAD_REQUEST, words),
            Refused::Unsendable(unsendable) => {
                let name = match unsendable.part() {
                    Part::Recipients => "to",
                    Part::Text => "content",
                    Part::Callback => "dlr-url",
                    Part::End => "validity-period",
                };
                let words = format!("Argument [{name}] has an invalid value: {words}");
                (StatusCode::BAD_REQUEST, words)
            }
            Refused::Unknown | Refused::Denied(_) => (StatusCode::FORBIDDEN, words),
            Refused::TooMuch(_) => {
                (StatusCode::FORBIDDEN, format!("User throughput exceeded: {words}"))
            }
            Refused::Full | Refused::Unclear(_) | Refused::Later => {
                (StatusCode::INTERNAL_SERVER_ERROR, format!("Cannot send submit_sm: {words}"))
            }
        };
        Self { status, words, retry_after: refused.retry_after() }
    }
}

/// The line that says that a message was accepted.
pub(super) fn success(id: MessageId) -> String {
    format!("Success \"{}\"", id.uuid())
}

/// A body of plain text.
pub(super) fn plain(text: String) -> Response {
    let kind = "text/plain; charset=utf-8";
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-store")], text).into_response()
}

/// What `/secure` answers with.
pub(super) fn data(data: &Value) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], Json(json!({ "data": data }))).into_response()
}

/// JSON as it is.
pub(super) fn json_of(value: &Value) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], Json(value)).into_response()
}
