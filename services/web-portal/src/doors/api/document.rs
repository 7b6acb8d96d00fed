//! The OpenAPI document of these calls.

use std::sync::LazyLock;

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

use super::problem::{Answer, Problem};

/// The document, and the name of this version of it.
static DOCUMENT: LazyLock<Result<(String, String), serde_json::Error>> = LazyLock::new(|| {
    let text = ::api::openapi::json()?;
    let digest = Sha256::digest(text.as_bytes());
    let tag = format!("\"{}\"", HEXLOWER.encode(&digest[..8]));
    Ok((text, tag))
});

/// `GET /openapi.json`: for everybody, as there is nothing in it that the documentation does not say.
pub(super) async fn show(headers: HeaderMap) -> Answer<Response> {
    let (text, tag) = DOCUMENT.as_ref().map_err(|error| Problem::internal(error))?;
    let kept = [
        (header::CACHE_CONTROL, "public, max-age=3600"),
        (header::ETAG, tag.as_str()),
        // A page of another site may draw it.
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    let known = headers.get(header::IF_NONE_MATCH).and_then(|known| known.to_str().ok());
    if known.is_some_and(|known| known.split(',').any(|one| one.trim() == tag)) {
        return Ok((StatusCode::NOT_MODIFIED, kept).into_response());
    }
    let kind = [(header::CONTENT_TYPE, "application/json")];
    Ok((kept, kind, text.as_str()).into_response())
}
