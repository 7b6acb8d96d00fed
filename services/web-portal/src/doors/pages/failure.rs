//! What goes wrong on a page.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::acts::not_read::NotRead;
use crate::authority::Denied;
use crate::causes::in_full;
use crate::words::Words;

/// A page that cannot be shown. The middleware around all pages makes a page of it, for it knows the visitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Nobody is logged in.
    LogInFirst,
    /// Only administrators may.
    Forbidden,
    /// There is nothing.
    NotFound,
    /// No such message, or somebody else's.
    NoSuchMessage,
    /// The form's token is not this visitor's.
    Forged,
    /// What was sent cannot be read.
    Malformed,
    /// A field holds more than it may.
    TooLarge {
        /// The field; empty: one that nobody fills in by hand.
        field: &'static str,
        /// How many characters it may have.
        most: usize,
    },
    /// Somebody looks too often.
    TooOften {
        /// After how many seconds the next look is let through.
        seconds: u64,
    },
    /// Broker or database are away.
    Unavailable,
    /// An error of ours.
    Internal,
}

impl Failure {
    pub(super) const fn status(self) -> StatusCode {
        match self {
            Self::LogInFirst => StatusCode::SEE_OTHER,
            Self::Forbidden | Self::Forged => StatusCode::FORBIDDEN,
            Self::NotFound | Self::NoSuchMessage => StatusCode::NOT_FOUND,
            Self::Malformed | Self::TooLarge { .. } => StatusCode::BAD_REQUEST,
            Self::TooOften { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    pub(super) fn title(self, w: Words) -> String {
        match self {
            Self::NoSuchMessage => w.message_not_found_title(),
            Self::NotFound => w.error_not_found_title(),
            _ => w.error_title(),
        }
    }

    pub(super) fn words(self, w: Words) -> String {
        match self {
            Self::LogInFirst => w.login_first(),
            Self::Forbidden => w.error_forbidden(),
            Self::NotFound => w.error_not_found(),
            Self::NoSuchMessage => w.message_not_found(),
            Self::Forged => w.error_csrf(),
            Self::Malformed => w.error_malformed(),
            Self::TooLarge { field, most } => w.error_too_large(field.to_owned(), most),
            Self::TooOften { seconds } => w.error_too_often(seconds),
            Self::Unavailable => w.error_unavailable(),
            Self::Internal => w.error_internal(),
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Denied> for Failure {
    fn from(_: Denied) -> Self {
        Self::Forbidden
    }
}

impl From<NotRead> for Failure {
    fn from(not_read: NotRead) -> Self {
        match not_read {
            NotRead::Denied(denied) => denied.into(),
            NotRead::Store(error) => error.into(),
        }
    }
}

impl From<store::StoreError> for Failure {
    fn from(error: store::StoreError) -> Self {
        if error.is_temporary() {
            tracing::warn!(error = %in_full(&error), "the database does not answer");
            return Self::Unavailable;
        }
        tracing::error!(error = %in_full(&error), "a page failed because of an internal error");
        Self::Internal
    }
}

impl From<askama::Error> for Failure {
    fn from(error: askama::Error) -> Self {
        tracing::error!(%error, "a template could not be rendered");
        Self::Internal
    }
}
