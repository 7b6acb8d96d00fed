//! SMSGate's answers: JSON, and of what is wrong a message.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use serde_json::json;

use crate::acts::draft::Part;
use crate::doors::refused::Refused;
use crate::form::Unreadable;

/// Why a request was not done.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    status: StatusCode,
    /// SMSGate's word for it, where it has one.
    error: Option<&'static str>,
    message: String,
    retry_after: Option<u64>,
}

impl Refusal {
    fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, error: None, message: message.into(), retry_after: None }
    }

    /// A field is wrong.
    pub(super) fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub(super) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Message not found")
    }

    pub(super) fn no_webhook() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Webhook not found")
    }

    pub(super) fn no_token() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Token not found")
    }

    pub(super) fn method() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed")
    }

    pub(super) fn known_before() -> Self {
        Self::new(StatusCode::CONFLICT, "id: there is a message of this id already")
    }

    pub(super) fn too_late() -> Self {
        Self::new(StatusCode::CONFLICT, "The message is not pending any more")
    }

    /// What is set here otherwise, or nowhere.
    pub(super) fn unset(section: &str, name: &str) -> Self {
        let words = match (section, name) {
            ("messages", "limit_period" | "limit_value") => {
                "this is limits.user_messages of merpati.toml"
            }
            ("messages", "log_lifetime_days") => "this is retention.messages of merpati.toml",
            ("logs", "lifetime_days") => "this is retention.timeline of merpati.toml",
            ("webhooks", "retry_count") => "this is webhooks.schedule of merpati.toml",
            ("webhooks", "signing_key") => {
                "each webhook has a key of its own, which POST /webhooks answers"
            }
            ("encryption", _) => "nothing is encrypted for a phone's app",
            _ => "there is nothing like it here",
        };
        let named =
            |name: &str| -> String { name.chars().filter(|c| !c.is_control()).take(64).collect() };
        let words = format!("{}.{}: {words}, and nothing was changed", named(section), named(name));
        Self::new(StatusCode::NOT_IMPLEMENTED, words)
    }

    /// It would be something else here.
    pub(super) fn unserved() -> Self {
        let words = "This is not served here: there are /messages, /inbox, /devices, /webhooks, /settings, /logs, /auth/token and /health";
        Self::new(StatusCode::NOT_IMPLEMENTED, words)
    }
}

impl From<Unreadable> for Refusal {
    fn from(unreadable: Unreadable) -> Self {
        Refused::from(unreadable).into()
    }
}

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Self {
        let words = refused.to_string();
        let mut refusal = match &refused {
            Refused::Unreadable(Unreadable::TooLarge) => {
                Self::new(StatusCode::PAYLOAD_TOO_LARGE, words)
            }
            Refused::Unreadable(_) => Self::bad(words),
            Refused::Unknown => Self::new(StatusCode::UNAUTHORIZED, "Unauthorized"),
            Refused::Denied(_) => Self::new(StatusCode::FORBIDDEN, words),
            Refused::Unsendable(unsendable) => {
                let field = match unsendable.part() {
                    Part::Recipients => "phoneNumbers",
                    Part::Text | Part::Callback => "textMessage",
                    Part::End => "validUntil",
                };
                Self::bad(format!("{field}: {words}"))
            }
            Refused::TooMuch(_) => Self::new(StatusCode::TOO_MANY_REQUESTS, words),
            Refused::Full => Self {
                error: Some("QueueLimitExceeded"),
                ..Self::new(StatusCode::SERVICE_UNAVAILABLE, words)
            },
            Refused::Later => Self::new(StatusCode::SERVICE_UNAVAILABLE, words),
            // Whoever asked again would perhaps send twice.
            Refused::Unclear(_) => Self::new(StatusCode::INTERNAL_SERVER_ERROR, words),
        };
        refusal.retry_after = refused.retry_after();
        refusal
    }
}

/// The answer, or the refusal.
pub(super) fn answered(done: Result<Response, Refusal>) -> Response {
    let refusal = match done {
        Ok(response) => return response,
        Err(refusal) => refusal,
    };
    tracing::info!(status = refusal.status.as_u16(), "a request in SMSGate's form was refused");
    let body = match refusal.error {
        Some(error) => json!({ "error": error, "message": refusal.message }),
        None => json!({ "message": refusal.message }),
    };
    let mut response = json(refusal.status, &body);
    if refusal.status == StatusCode::UNAUTHORIZED {
        let basic = header::HeaderValue::from_static("Basic realm=\"Restricted\"");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, basic);
    }
    if let Some(seconds) = refusal.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

/// That it was done, and nothing more.
pub(super) fn nothing() -> Response {
    StatusCode::NO_CONTENT.into_response()
}

/// That it is done in a while.
pub(super) fn accepted() -> Response {
    StatusCode::ACCEPTED.into_response()
}

/// A body of JSON.
pub(super) fn json(status: StatusCode, body: &impl Serialize) -> Response {
    (status, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}
