//! Kannel's answers, octet for octet: clients compare whole bodies.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Response, StatusCode, header};
use axum::response::IntoResponse;

/// The one body of success. playSMS compares the whole last line with it: no newline may follow.
pub(crate) const ACCEPTED: &str = "0: Accepted for delivery";

/// Why a request is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    /// Unknown user, or not one of that user's keys.
    #[error("Authorization failed for sendsms")]
    Unauthorized,
    /// No `to`.
    #[error("Missing receiver number, rejected")]
    NoReceiver,
    /// An empty `to`.
    #[error("Empty receiver number not allowed, rejected")]
    EmptyReceiver,
    /// A `to` that no keypad can dial.
    #[error("Garbage 'to' field, rejected.")]
    GarbageReceiver,
    /// A field that cannot be read.
    #[error("{0} field misformed, rejected")]
    Misformed(&'static str),
    /// A header that fills the message.
    #[error("UDH field is too long, rejected")]
    UdhTooLong,
    /// Text that is not in its charset.
    #[error("Charset or body misformed, rejected")]
    Charset,
    /// A field Merpati does not serve: refused, as the message would be another one without it.
    #[error("{0} field not supported, rejected")]
    Unsupported(&'static str),
    /// Kannel would cut it off in silence.
    #[error("Text too long, {parts} parts where {limit} are allowed, rejected")]
    TooLong {
        /// Of how many parts it would be.
        parts: usize,
        /// The most there may be.
        limit: usize,
    },
    /// More receivers than one request may have.
    #[error("Too many receivers, rejected")]
    TooMany,
    /// A body that is neither form nor text.
    #[error("Unsupported content-type, rejected")]
    ContentType,
    /// The disk or the broker has no room for new messages.
    #[error("The gateway's disk is full, nothing was accepted, try again later.")]
    Full,
    /// The broker or the database does not answer, or too much was sent; with the seconds to wait, where known.
    #[error("Temporal failure, try again later.")]
    Temporary(Option<u64>),
}

impl Refusal {
    /// To be sent again, after `wait` where that is known.
    pub(crate) fn later(wait: Option<Duration>) -> Self {
        Self::Temporary(wait.map(|wait| wait.as_secs()))
    }

    const fn status(&self) -> StatusCode {
        match self {
            Self::Unauthorized => StatusCode::FORBIDDEN,
            Self::ContentType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Full | Self::Temporary(_) => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

/// A whole body with its length, and the connection closed after it: the clients are of HTTP/1.0.
pub(crate) fn plain(status: StatusCode, body: String) -> Response<Body> {
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CONNECTION, "close"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, headers, body).into_response()
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response<Body> {
        let mut response = plain(self.status(), self.to_string());
        if let Self::Temporary(Some(seconds)) = self {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}
