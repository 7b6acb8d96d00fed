//! Conversions between columns and typed values.

use std::str::FromStr;

use contracts::Timestamp;

use crate::StoreError;

/// Parses a typed value from its text.
pub(crate) fn parsed<T: FromStr>(column: &'static str, text: &str) -> Result<T, StoreError> {
    text.parse().map_err(|_| unreadable(column, text))
}

/// Parses a typed value from its text, when there is a text.
pub(crate) fn parsed_if<T: FromStr>(
    column: &'static str,
    text: Option<&str>,
) -> Result<Option<T>, StoreError> {
    text.map(|text| parsed(column, text)).transpose()
}

/// Narrows an integer of the database.
pub(crate) fn small<T: TryFrom<i64>>(column: &'static str, n: i64) -> Result<T, StoreError> {
    T::try_from(n).map_err(|_| unreadable(column, &n.to_string()))
}

/// Narrows an integer of the database, when there is one.
pub(crate) fn small_if<T: TryFrom<i64>>(
    column: &'static str,
    n: Option<i64>,
) -> Result<Option<T>, StoreError> {
    n.map(|n| small(column, n)).transpose()
}

/// Reads a value from its JSON.
pub(crate) fn json<T: serde::de::DeserializeOwned>(
    column: &'static str,
    text: &str,
) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|_| unreadable(column, text))
}

/// Writes a value as JSON.
pub(crate) fn to_json<T: serde::Serialize>(
    what: &'static str,
    value: &T,
) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|source| StoreError::Json { what, source })
}

/// Converts a time of the database.
pub(crate) fn time(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros)
}

/// Converts the sequence of a stream to an integer of the database. No stream comes near the largest one.
pub(crate) fn sequence(sequence: u64) -> i64 {
    i64::try_from(sequence).unwrap_or(i64::MAX)
}

/// Replaces U+0000, which PostgreSQL refuses, by U+FFFD. A hostile UCS-2 message may hold U+0000; the PDU that is
/// kept with the message stays as it was.
pub(crate) fn storable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

pub(crate) fn unreadable(column: &'static str, text: &str) -> StoreError {
    // These columns hold ids, names and JSON. JSON may hold the text of a message, so it is not shown.
    let found =
        if text.starts_with(['{', '[']) { "JSON".into() } else { text.chars().take(40).collect() };
    StoreError::Column { column, found }
}
