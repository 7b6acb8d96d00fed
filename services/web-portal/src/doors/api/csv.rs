//! Lists as CSV, for who asks for it by `Accept: text/csv`.

use axum::body::Body;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};

use crate::acts::export::Csv;

/// Whether CSV is asked for.
pub(super) fn is_wanted(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let kinds = accept.into_iter().flat_map(|accept| accept.split(','));
    let mut kinds = kinds.filter_map(|kind| kind.split(';').next());
    kinds.any(|kind| kind.trim().eq_ignore_ascii_case("text/csv"))
}

/// The answer.
pub(super) fn answer(csv: Csv) -> Response {
    let headers = [(header::CONTENT_TYPE, "text/csv; charset=utf-8")];
    (headers, Body::from_stream(csv)).into_response()
}
