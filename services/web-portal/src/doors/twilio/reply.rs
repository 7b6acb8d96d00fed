//! Twilio's answers and its numbers for what is wrong.

use axum::Json;
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;

use super::shown::Shown;
use crate::acts::draft::{Part, Unsendable};
use crate::doors::refused::Refused;
use crate::form::Unreadable;

/// What is wrong, by Twilio's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub(super) enum Code {
    Invalid = 20_001,
    Unauthorized = 20_003,
    Method = 20_004,
    Forbidden = 20_403,
    NotFound = 20_404,
    TooMany = 20_429,
    Unclear = 20_500,
    Unavailable = 20_503,
    BadTo = 21_211,
    NotAllowed = 21_408,
    NoBody = 21_602,
    NoTo = 21_604,
    BadCallback = 21_609,
    TooLong = 21_617,
    TooLate = 30_409,
}

impl Code {
    const fn status(self) -> StatusCode {
        match self {
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooLate => StatusCode::CONFLICT,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::Unclear => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Invalid
            | Self::BadTo
            | Self::NotAllowed
            | Self::NoBody
            | Self::NoTo
            | Self::BadCallback
            | Self::TooLong => StatusCode::BAD_REQUEST,
        }
    }
}

/// Why a request was not done.
#[derive(Debug)]
pub(super) struct Refusal {
    code: Code,
    status: StatusCode,
    message: String,
    /// Seconds after which it makes sense to ask again.
    retry_after: Option<u64>,
}

#[derive(Serialize)]
struct Error {
    code: u32,
    message: String,
    more_info: String,
    status: u16,
}

impl Refusal {
    pub(super) fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, status: code.status(), message: message.into(), retry_after: None }
    }

    pub(super) fn not_found(uri: &Uri) -> Self {
        let path: String = uri.path().chars().take(200).collect();
        Self::new(Code::NotFound, format!("The requested resource {path} was not found"))
    }

    pub(super) fn method() -> Self {
        Self::new(Code::Method, "Method not allowed")
    }

    /// The number, for the log.
    pub(super) const fn number(&self) -> u32 {
        self.code as u32
    }
}

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Self {
        let words = refused.to_string();
        let mut refusal = match &refused {
            Refused::Unreadable(_) => Self::new(Code::Invalid, words),
            Refused::Unknown => Self::new(Code::Unauthorized, "Authenticate"),
            Refused::Denied(_) => Self::new(Code::Forbidden, words),
            Refused::Unsendable(Unsendable::NoRecipient) => {
                Self::new(Code::NoTo, "A 'To' phone number is required.")
            }
            Refused::Unsendable(Unsendable::Empty) => {
                Self::new(Code::NoBody, "Message body is required.")
            }
            Refused::Unsendable(Unsendable::Recipients(bad))
                if bad.iter().all(|bad| bad.reason.is_forbidden()) =>
            {
                Self::new(
                    Code::NotAllowed,
                    format!("Sending to this 'To' number is not allowed: {words}"),
                )
            }
            Refused::Unsendable(unsendable) => match unsendable.part() {
                Part::Recipients => {
                    Self::new(Code::BadTo, format!("Invalid 'To' Phone Number: {words}"))
                }
                Part::Callback => Self::new(Code::BadCallback, format!("StatusCallback: {words}")),
                Part::End => Self::new(Code::Invalid, format!("ValidityPeriod: {words}")),
                Part::Text => Self::new(Code::TooLong, format!("Body: {words}")),
            },
            Refused::TooMuch(_) => Self::new(Code::TooMany, format!("Too Many Requests: {words}")),
            Refused::Full | Refused::Later => Self::new(Code::Unavailable, words),
            // Whoever asked again would perhaps send twice.
            Refused::Unclear(_) => Self::new(Code::Unclear, words),
        };
        if refused == Refused::Unreadable(Unreadable::TooLarge) {
            refusal.status = StatusCode::PAYLOAD_TOO_LARGE;
        }
        refusal.retry_after = refused.retry_after();
        refusal
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let number = self.number();
        let error = Error {
            code: number,
            message: self.message,
            more_info: format!("https://www.twilio.com/docs/errors/{number}"),
            status: self.status.as_u16(),
        };
        let mut response = answer(self.status, &error);
        if self.code == Code::Unauthorized {
            let basic = header::HeaderValue::from_static("Basic realm=\"Twilio API\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, basic);
        }
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

fn answer(status: StatusCode, body: &impl Serialize) -> Response {
    (status, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

/// A message that was just accepted.
pub(super) fn created(shown: &Shown) -> Response {
    answer(StatusCode::CREATED, shown)
}

/// A message.
pub(super) fn message(shown: &Shown) -> Response {
    answer(StatusCode::OK, shown)
}

/// A page of a list.
#[derive(Debug, Serialize)]
pub(super) struct List {
    pub(super) first_page_uri: String,
    pub(super) end: usize,
    pub(super) previous_page_uri: Option<String>,
    pub(super) messages: Vec<Shown>,
    pub(super) uri: String,
    pub(super) page_size: u32,
    pub(super) start: usize,
    pub(super) next_page_uri: Option<String>,
    pub(super) page: u32,
}

pub(super) fn list(list: &List) -> Response {
    answer(StatusCode::OK, list)
}

/// What there is to say of an account.
pub(super) fn account(sid: &str, name: &str) -> Response {
    let base = format!("/2010-04-01/Accounts/{sid}");
    let account = json!({
        "sid": sid,
        "friendly_name": name,
        "status": "active",
        "type": "Full",
        "owner_account_sid": sid,
        "uri": format!("{base}.json"),
        "subresource_uris": { "messages": format!("{base}/Messages.json") },
    });
    answer(StatusCode::OK, &account)
}
