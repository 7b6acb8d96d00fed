//! Reading what callers send: JSON of any content type, queries and path segments, with errors in words.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::{StatusCode, request};
use serde::de::DeserializeOwned;

use super::fields;
use super::problem::{Answer, Code, Problem};
use crate::app::{App, LARGEST_BODY};

/// Characters of an error's words that are given back.
const LONGEST_WORDS: usize = 300;

/// A JSON body, of which [`fields`] says what may be in it. An empty one is read as `{}`.
pub(super) struct CheckedJson<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<App> for CheckedJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Answer<Self> {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let bytes = Bytes::from_request(request, app).await.map_err(|rejected| {
            if rejected.status() == StatusCode::PAYLOAD_TOO_LARGE {
                let detail = format!("The body is larger than {} KiB.", LARGEST_BODY / 1024);
                Problem::new(Code::BodyTooLarge, detail)
            } else {
                Problem::malformed("The body could not be read to its end.")
            }
        })?;
        let bytes = if bytes.is_empty() { Bytes::from_static(b"{}") } else { bytes };
        let unread = |error: serde_json::Error| {
            // The words may quote what was sent.
            let words: String = error.to_string().chars().take(LONGEST_WORDS).collect();
            Problem::malformed(format!("The body is not the JSON that is expected: {words}."))
        };
        fields::check_body(&method, &path, &serde_json::from_slice(&bytes).map_err(unread)?)?;
        serde_json::from_slice(&bytes).map(Self).map_err(unread)
    }
}

/// The query. [`fields::check_query`] has refused what does not belong there.
pub(super) struct CheckedQuery<T>(pub(super) T);

impl<T: DeserializeOwned + Send> FromRequestParts<App> for CheckedQuery<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut request::Parts, app: &App) -> Answer<Self> {
        match Query::<T>::from_request_parts(parts, app).await {
            Ok(Query(query)) => Ok(Self(query)),
            Err(rejected) => {
                let words: String = rejected.body_text().chars().take(LONGEST_WORDS).collect();
                Err(Problem::malformed(format!("The query cannot be read: {words}.")))
            }
        }
    }
}

/// The last part of the path as an id; anything else is not found.
pub(super) struct PathId<T>(pub(super) T);

impl<T: std::str::FromStr + Send> FromRequestParts<App> for PathId<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut request::Parts, app: &App) -> Answer<Self> {
        let Ok(Path(text)) = Path::<String>::from_request_parts(parts, app).await else {
            return Err(Problem::not_found("such thing"));
        };
        text.parse().map(Self).map_err(|_| Problem::not_found("such id"))
    }
}
