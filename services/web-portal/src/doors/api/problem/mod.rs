//! Errors as programs get them: `application/problem+json` (RFC 9457) with a stable `code`.
//!
//! What goes wrong inside is told to the log; outside there is only a sentence that says what the caller can do.

pub(super) mod code;

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;
use contracts::bounds::OutOfBounds;
use platform::DiskTrouble;
use serde_json::{Map, Value, json};
use store::StoreError;

use super::limits;
use crate::acts::acceptance::Unaccepted;
use crate::acts::draft::Unsendable;
use crate::acts::not_read::NotRead;
use crate::authority::{Denied, Unchecked};
use crate::causes::in_full;
use crate::limits::{Left, TooMuch};
use crate::requests::Refusal;

pub(super) use code::Code;

/// When it makes sense to ask again while there is no room.
const NO_ROOM: Duration = Duration::from_secs(30);

/// One refusal, as it is answered.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    code: Code,
    status: StatusCode,
    detail: String,
    members: Map<String, Value>,
    retry_after: Option<Duration>,
    /// The limit that there is too little left of.
    left: Option<Box<Left>>,
}

impl Problem {
    /// A problem with its stable code, and what happened in a sentence.
    pub(crate) fn new(code: Code, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        let (status, members) = (code.status(), Map::new());
        Self { code, status, detail, members, retry_after: None, left: None }
    }

    /// The same with another status than the code has elsewhere.
    #[must_use]
    pub(crate) const fn answered(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// A member of its own, beyond those of the RFC.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }

    /// Its sentence, and the field it is about.
    #[cfg(test)]
    pub(crate) fn shown(&self) -> (String, Value) {
        (self.detail.clone(), self.members.get("field").cloned().unwrap_or_default())
    }

    /// When it makes sense to ask again.
    #[must_use]
    pub(crate) const fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// Something in the request cannot be read.
    pub(crate) fn malformed(detail: impl Into<String>) -> Self {
        Self::new(Code::Malformed, detail)
    }

    /// There is nothing under this address, or it belongs to somebody else.
    pub(crate) fn not_found(what: &str) -> Self {
        let detail = format!("There is no {what} here, or it is not yours.");
        Self::new(Code::NotFound, detail)
    }

    /// No key, or none that is known.
    pub(crate) fn unauthorized(detail: impl Into<String>) -> Self {
        Self::new(Code::UnknownKey, detail)
    }

    /// Something of ours is not there at the moment.
    pub(crate) fn unavailable(code: Code, detail: impl Into<String>) -> Self {
        Self::new(code, detail).retry_after(Duration::from_secs(5))
    }

    /// The disk has no room for new messages.
    pub(crate) fn disk(trouble: &DiskTrouble) -> Self {
        let detail = format!("{} Nothing was accepted.", sentence(&trouble.to_string()));
        Self::unavailable(Code::DiskFull, detail).retry_after(NO_ROOM)
    }

    /// A call of ours does not say what it needs.
    pub(crate) fn undeclared() -> Self {
        tracing::error!("a call does not say which power it needs, so it is open to nobody");
        Self::ours()
    }

    /// An error of ours: its words go to the log only.
    pub(crate) fn internal(error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error = %in_full(error), "a request failed because of an internal error");
        Self::ours()
    }

    /// What is said of an error of ours.
    pub(crate) fn ours() -> Self {
        let detail =
            "Something went wrong inside the gateway; its log says what. Nothing was lost.";
        Self::new(Code::Internal, detail)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response<Body> {
        let body = api::Problem {
            kind: format!("urn:merpati:problem:{}", self.code),
            title: self.code.title().to_owned(),
            status: self.status.as_u16(),
            detail: self.detail,
            code: self.code.as_str().to_owned(),
            members: self.members,
        };
        // Strings and numbers can always be written.
        let body = serde_json::to_string(&body).unwrap_or_default();
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json")),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        ];
        let mut response = (self.status, headers, body).into_response();
        response.extensions_mut().insert(Refusal(self.code.as_str()));
        if let Some(wait) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs()));
        }
        if let Some(left) = self.left {
            limits::add(response.headers_mut(), &left);
        }
        if self.status == StatusCode::UNAUTHORIZED {
            let bearer = HeaderValue::from_static("Bearer realm=\"merpati\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, bearer);
        }
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        if error.is_temporary() {
            tracing::warn!(error = %in_full(&error), "the database does not answer");
            let detail =
                "The gateway's database does not answer at the moment. Try again in a moment.";
            return Self::unavailable(Code::DatabaseUnavailable, detail);
        }
        Self::internal(&error)
    }
}

impl From<NotRead> for Problem {
    fn from(not_read: NotRead) -> Self {
        match not_read {
            NotRead::Denied(denied) => denied.into(),
            NotRead::Store(error) => error.into(),
        }
    }
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Powerless(_) => {
                let detail = "The role of this account does not allow it; an administrator's does.";
                Self::new(Code::AdminsOnly, detail)
            }
            Denied::OutOfScope(power) => Self::new(
                Code::ScopeMissing,
                format!(
                    "The scopes of this key do not include '{}', which this call needs.",
                    power.as_str()
                ),
            )
            .with("scope", power.as_str()),
            Denied::Beyond => Self::new(
                Code::ScopeBeyond,
                "A key gives nobody more than it may itself: neither a key with more scopes, nor an account or a \
                 password with more powers.",
            ),
            Denied::Lasting(end) => Self::new(
                Code::KeyExpires,
                format!(
                    "This key is good until {end}, and what it gives would stay: accounts, passwords, roles, set-up \
                     links and the use of SIMs are given on the pages, by the command line on the gateway's own \
                     machine, or with an administrator's key that does not expire."
                ),
            ),
        }
    }
}

impl From<Unchecked> for Problem {
    fn from(unchecked: Unchecked) -> Self {
        match unchecked {
            Unchecked::TooMuch(refused) => refused.into(),
            Unchecked::Elsewhere => Self::new(
                Code::AddressNotAllowed,
                "This API key works from other addresses only. Send the request from one of those, or make a key \
                 for this one.",
            ),
            Unchecked::TooOften(wait) => Self::new(
                Code::TooManyRequests,
                format!("There were too many tries: try again in {} s.", wait.as_secs() + 1),
            ),
            Unchecked::Store(error) => error.into(),
        }
    }
}

impl From<Unsendable> for Problem {
    fn from(refused: Unsendable) -> Self {
        let detail = sentence(&refused.to_string());
        let invalid = |code| Self::new(code, detail.as_str());
        match refused {
            Unsendable::NoRecipient => invalid(Code::NoRecipient).with("field", "to"),
            Unsendable::TooMany { found, limit } => invalid(Code::TooManyRecipients)
                .with("field", "to")
                .with("found", found)
                .with("limit", limit),
            Unsendable::Twice(_) => invalid(Code::RecipientTwice).with("field", "to"),
            Unsendable::Recipients(bad) => {
                let named: Vec<Value> = bad
                    .iter()
                    .map(|b| {
                        let (code, reason) = (b.reason.code(), b.reason.to_string());
                        json!({ "to": b.written, "code": code, "reason": reason })
                    })
                    .collect();
                invalid(Code::InvalidRecipient).with("field", "to").with("recipients", named)
            }
            Unsendable::Blank => invalid(Code::BlankText),
            Unsendable::Empty => invalid(Code::EmptyText),
            Unsendable::TooLong { parts, limit } => invalid(Code::TextTooLong)
                .with("field", "text")
                .with("parts", parts)
                .with("limit", limit),
            Unsendable::OutOfBounds(OutOfBounds { field, most, .. }) => {
                invalid(Code::FieldTooLarge).with("field", field).with("limit", most)
            }
            Unsendable::EndsTooSoon => Self::malformed(detail).with("field", "not_after"),
            Unsendable::Body(_) => invalid(Code::CannotBeEncoded),
        }
    }
}

impl From<TooMuch> for Problem {
    fn from(refused: TooMuch) -> Self {
        let words = sentence(&refused.to_string());
        let problem =
            Self::new(Code::TooManyRequests, words).with("limit", refused.limit.to_string());
        let problem = Self { left: Some(Box::new(refused.left())), ..problem };
        match refused.wait {
            // Whole seconds, and not one too few.
            Some(wait) => problem.retry_after(Duration::from_secs(wait.as_secs() + 1)),
            None => problem,
        }
    }
}

impl From<Unaccepted> for Problem {
    fn from(refused: Unaccepted) -> Self {
        match refused {
            Unaccepted::Unsendable(refused) => refused.into(),
            Unaccepted::Store(error) => error.into(),
            Unaccepted::Denied(denied) => denied.into(),
            Unaccepted::TooMuch(refused) => refused.into(),
            Unaccepted::SimNotYours => Self::new(
                Code::SimNotYours,
                "This account may not send through this SIM, so nothing was sent. Leave 'sim' out, choose one of \
                 'GET /sims', or ask an administrator.",
            ),
            Unaccepted::KeyReused => Self::new(
                Code::IdempotencyKeyReused,
                "This Idempotency-Key was used in the last 24 hours for a request that differs from this one: in \
                 its text, recipients, options or call. Nothing was sent by this one. Use another key \
                 for another message.",
            ),
            Unaccepted::Disk(trouble) => Self::disk(&trouble),
            Unaccepted::Full(error) => {
                tracing::error!(error = %in_full(&error), "a message could not be accepted");
                let detail = "The gateway's message broker is full, so nothing was accepted: its disk has no room, \
                              or the limit of its streams is reached (nats.max_bytes). Send it again when \
                              messages have gone out, or when whoever runs the gateway has made room.";
                Self::unavailable(Code::BrokerFull, detail).retry_after(NO_ROOM)
            }
            Unaccepted::Broker(error) => {
                tracing::warn!(error = %in_full(&error), "a message could not be accepted");
                let detail = "The gateway's message broker cannot be reached, so nothing was accepted. \
                              Send it again in a moment.";
                Self::unavailable(Code::BrokerUnavailable, detail)
            }
            Unaccepted::Unclear { ids, source } => {
                tracing::warn!(error = %in_full(&source), "the broker did not confirm messages");
                let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
                let detail = "The gateway's message broker did not confirm in time. It may have some or \
                              all of the messages: ask for the ids given here before sending again, or \
                              send it again with the same Idempotency-Key.";
                Self::unavailable(Code::BrokerUnconfirmed, detail).with("ids", ids)
            }
        }
    }
}

/// A message of an error as a sentence.
pub(crate) fn sentence(words: &str) -> String {
    let mut chars = words.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", chars.as_str().trim_end_matches('.'))
}

/// What handlers of the API answer.
pub(crate) type Answer<T> = Result<T, Problem>;
