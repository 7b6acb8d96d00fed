//! The names by which columns hold properties of messages.

use contracts::dlr::DlrOutcome;
use contracts::mt::{Encoding, MtRequest};

use crate::StoreError;
use crate::column::json;

/// Reads the request of a message, as it came first.
pub(crate) fn request_of(text: &str) -> Result<MtRequest, StoreError> {
    json("messages.request", text)
}

/// Returns the name of an encoding in the database.
pub(crate) const fn encoding_name(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Auto => "auto",
        Encoding::Gsm7 => "gsm7",
        Encoding::Smart => "smart",
        Encoding::Ucs2 => "ucs2",
    }
}

pub(crate) fn encoding_named(name: Option<&str>) -> Encoding {
    match name {
        Some("gsm7") => Encoding::Gsm7,
        Some("smart") => Encoding::Smart,
        Some("ucs2") => Encoding::Ucs2,
        _ => Encoding::Auto,
    }
}

/// Returns the name of an outcome in the database, and its rank. A report is never replaced by one of a lower rank.
pub(crate) const fn outcome_name(outcome: DlrOutcome) -> (&'static str, i64) {
    match outcome {
        DlrOutcome::Buffered => ("buffered", 1),
        DlrOutcome::Undelivered => ("undelivered", 2),
        DlrOutcome::Delivered => ("delivered", 3),
    }
}

pub(crate) fn outcome_named(name: &str) -> Result<DlrOutcome, StoreError> {
    match name {
        "buffered" => Ok(DlrOutcome::Buffered),
        "undelivered" => Ok(DlrOutcome::Undelivered),
        "delivered" => Ok(DlrOutcome::Delivered),
        other => Err(StoreError::Column {
            column: "message_parts.report_outcome",
            found: other.chars().take(40).collect(),
        }),
    }
}
