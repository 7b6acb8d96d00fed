//! What is left of a caller's limits, in headers.
//!
//! `RateLimit-Policy` names each limit that the request counted against, with its quota and its time in seconds, and
//! `RateLimit` what is left of it and in how many seconds all of it is there again (the structured fields of the IETF's
//! draft-ietf-httpapi-ratelimit-headers). Rejected: the older `RateLimit-Limit`, `-Remaining` and `-Reset`, which can tell of
//! one limit only, where a key and its account each have two.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

use crate::limits::Left;

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LEFT: HeaderName = HeaderName::from_static("ratelimit");

/// What a caller had left, from where it is known to where the answer is.
#[derive(Debug, Clone, Default)]
pub(super) struct Told(Arc<OnceLock<Vec<Left>>>);

impl Told {
    /// Notes it, the first time.
    pub(super) fn note(&self, left: &[Left]) {
        self.0.get_or_init(|| left.to_vec());
    }
}

/// The middleware of all calls: says what is left of the limits of requests.
pub(super) async fn tell(mut request: Request, next: Next) -> Response {
    let told = Told::default();
    request.extensions_mut().insert(told.clone());
    let mut response = next.run(request).await;
    for left in told.0.get().into_iter().flatten() {
        add(response.headers_mut(), left);
    }
    response
}

/// The headers of some limits.
pub(super) fn headers(left: &[Left]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for left in left {
        add(&mut headers, left);
    }
    headers
}

/// Lists of structured fields may come in several lines.
pub(super) fn add(headers: &mut HeaderMap, left: &Left) {
    let Left { name, limit, count, whole_in } = left;
    let policy = format!("\"{name}\";q={};w={}", limit.count, whole(limit.period));
    let present = format!("\"{name}\";r={count};t={}", whole(*whole_in));
    for (header, value) in [(POLICY, policy), (LEFT, present)] {
        // Names and numbers can always be written.
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.append(header, value);
        }
    }
}

/// Whole seconds, and not one too few.
fn whole(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_limit_has_its_line() {
        let left = |name, count| Left {
            name,
            limit: "600/1m".parse().unwrap(),
            count,
            whole_in: Duration::from_millis(1_001),
        };
        let headers = headers(&[left("key-requests", 599), left("user-requests", 0)]);
        let lines = |name| -> Vec<&str> {
            headers.get_all(name).iter().map(|line| line.to_str().unwrap()).collect()
        };
        assert_eq!(lines(POLICY), ["\"key-requests\";q=600;w=60", "\"user-requests\";q=600;w=60"]);
        assert_eq!(lines(LEFT), ["\"key-requests\";r=599;t=2", "\"user-requests\";r=0;t=2"]);
    }
}
