//! Kannel's answers, octet for octet: clients compare whole bodies.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;

/// The one body of success. playSMS compares the whole last line with it: no newline may follow.
pub(crate) const ACCEPTED: &str = "0: Accepted for delivery";

/// The header that says what of an accepted request was not done as it was written.
const NOTICE: HeaderName = HeaderName::from_static("x-merpati-notice");
/// The longest value of that header.
const LONGEST_NOTICE: usize = 1_000;

/// Why a request is not taken. The words are Kannel's where Kannel refuses the same.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    /// Unknown user, or not one of that user's keys.
    #[error("Authorization failed for sendsms")]
    Unauthorized,
    /// No `to` in a query or form.
    #[error("Missing receiver number, rejected")]
    NoReceiver,
    /// No receiver in headers or XML.
    #[error("Missing receiver(s) number(s), rejected")]
    NoReceivers,
    /// An empty `to`.
    #[error("Empty receiver number not allowed, rejected")]
    EmptyReceiver,
    /// Receivers, and none of them is made of what numbers are made of.
    #[error("Number(s) has/have been denied by white- and/or black-lists.")]
    Denied,
    /// Receivers, and none of them is a number that can be dialled.
    #[error("No receiver can be dialled, rejected: {0}")]
    Undialable(String),
    /// A field that cannot be read.
    #[error("{0} field misformed, rejected")]
    Misformed(&'static str),
    /// An account that is no name.
    #[error("Account field misformed or too long, rejected")]
    Account,
    /// A header that fills the message.
    #[error("UDH field is too long, rejected")]
    UdhTooLong,
    /// Text that is not in its charset.
    #[error("Charset or body misformed, rejected")]
    Charset,
    /// A charset that is not read here.
    #[error("Charset not supported, rejected: send UTF-8 or UTF-16BE")]
    UnknownCharset,
    /// A field Merpati does not serve: refused, as the message would be another one without it.
    #[error("{0} field not supported, rejected")]
    Unsupported(&'static str),
    /// XML that is not well-formed, or has what it needs not have.
    #[error("XML misformed, rejected: {0}")]
    Xml(&'static str),
    /// It cannot be sent as it is.
    #[error("Message cannot be sent, rejected: {0}")]
    Unsendable(String),
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
    /// A body of text that is neither plain nor XML.
    #[error("Unsupported content-type, rejected")]
    TextType,
    /// A body of anything else.
    #[error("Invalid content-type")]
    ContentType,
    /// The disk or the broker has no room for new messages.
    #[error("The gateway's disk is full, nothing was accepted, try again later.")]
    Full,
    /// Neither GET, HEAD nor POST.
    #[error("Method not supported, rejected: use GET, HEAD or POST")]
    Method,
    /// Kannel's `sendota`.
    #[error(
        "Over-the-air settings are not made here: send them by sendsms, with udh and text, rejected"
    )]
    OverTheAir,
    /// Another address of Kannel's.
    #[error("Unknown request.")]
    UnknownRequest,
    /// The broker or the database does not answer, or too much was sent; with the seconds to wait, where known.
    #[error("Temporal failure, try again later.")]
    Temporary(Option<u64>),
}

impl Refusal {
    /// To be sent again, after `wait` where that is known.
    pub(crate) fn later(wait: Option<Duration>) -> Self {
        Self::Temporary(wait.map(|wait| wait.as_secs()))
    }

    /// Its words for a log, where numbers and texts do not belong.
    pub(super) fn without_details(&self) -> String {
        match self {
            Self::Undialable(_) => "no receiver can be dialled".to_owned(),
            Self::Unsendable(_) => "the message cannot be sent".to_owned(),
            other => other.to_string(),
        }
    }

    const fn status(&self) -> StatusCode {
        match self {
            Self::Unauthorized => StatusCode::FORBIDDEN,
            Self::UnknownRequest | Self::OverTheAir => StatusCode::NOT_FOUND,
            Self::TextType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Full | Self::Temporary(_) => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

/// The answer to a message that is kept. What was read otherwise than it was written stands in a header, for
/// the body must not change.
pub(crate) fn accepted(notices: &[String]) -> Response<Body> {
    let mut response = plain(StatusCode::ACCEPTED, ACCEPTED.to_owned());
    if !notices.is_empty() {
        let visible = |c: char| if c.is_ascii_graphic() || c == ' ' { c } else { '?' };
        let words: String = notices.join("; ").chars().map(visible).take(LONGEST_NOTICE).collect();
        if let Ok(value) = HeaderValue::from_str(&words) {
            response.headers_mut().insert(NOTICE, value);
        }
    }
    response
}

/// A whole body with its length. The HTTP server keeps the connection where the client does, as Kannel's does.
fn plain(status: StatusCode, body: String) -> Response<Body> {
    let headers =
        [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_is_one_bounded_line() {
        let answer = accepted(&["not sent to 'a\r\nX: y'".to_owned(), "é".repeat(5_000)]);
        let notice = answer.headers()["x-merpati-notice"].to_str().unwrap();
        assert!(notice.starts_with("not sent to 'a??X: y'; ???"), "{notice}");
        assert_eq!(notice.len(), LONGEST_NOTICE);
        assert!(!accepted(&[]).headers().contains_key("x-merpati-notice"));
    }
}
