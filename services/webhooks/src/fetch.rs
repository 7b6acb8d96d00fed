//! One request to a customer's URL: a callback is a GET or a form that is posted, what an endpoint is told is a POST, and a service's call is either.
//!
//! Success is any 2xx. Redirects are not followed (a public host could point inwards), no proxy of
//! the environment is used (it would connect for us, past the guard), and at most [`BODY_LIMIT`] of the
//! answer is read, so that the connection can be used again and what was answered can be shown or sent back.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use contracts::Timestamp;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::redirect::Policy;
use store::CallbackForm;
use url::Url;

use crate::resolver::{GuardError, Guarded, Pinned};

/// The type of a body that a callback posts, and what an endpoint is told in Twilio's form.
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

/// How much of an answer is read.
const BODY_LIMIT: usize = 64 * 1024;

/// How much of the beginning of an answer is kept.
const KEPT_OF_ANSWER: usize = 1024;

/// What an endpoint answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The status code.
    pub(crate) status: u16,
    /// How long it wants to be left alone.
    pub(crate) retry_after: Option<RetryAfter>,
    /// What kind of body it has, as it says.
    pub(crate) content_type: Option<String>,
    /// Its body, as much as was read.
    pub(crate) body: Vec<u8>,
    /// What a mail server said, if it was one.
    pub(crate) by_mail: Option<String>,
}

impl Answer {
    /// What a mail server answered, with a code that means the same as HTTP's as far as it is good or not.
    pub(crate) fn of_mail(status: u16, said: &str) -> Self {
        let said: String = said.chars().take(KEPT_OF_ANSWER / 4).collect();
        let body = said.clone().into_bytes();
        Self { status, retry_after: None, content_type: None, body, by_mail: Some(said) }
    }

    /// Whether a mail server has refused this one mail, whoever sends it and whenever (RFC 5321, 4.2.3).
    pub(crate) fn is_final(&self) -> bool {
        self.by_mail.is_some() && (550..=559).contains(&self.status)
    }

    /// How its body begins.
    pub(crate) fn begins(&self) -> String {
        String::from_utf8_lossy(&self.body[..self.body.len().min(KEPT_OF_ANSWER)]).into_owned()
    }

    /// What it means, in words for the owner of the URL.
    pub(crate) fn words(&self) -> String {
        match &self.by_mail {
            Some(said) => format!("the mail server answered {}: {said}", self.status),
            None => FetchError::Status { status: self.status }.to_string(),
        }
    }

    /// How long it wants to be left alone from `now` on, where its status says that it may.
    pub(crate) fn rest(&self, now: Timestamp) -> Option<Duration> {
        let wanted = self.retry_after.filter(|_| matches!(self.status, 429 | 502..=504))?;
        Some(match wanted {
            RetryAfter::For(time) => time,
            RetryAfter::Until(end) => end.since(now),
        })
    }
}

/// The header `Retry-After`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RetryAfter {
    /// For so long.
    For(Duration),
    /// Until then, by the clock of whoever says so.
    Until(Timestamp),
}

impl RetryAfter {
    /// Grammar: seconds | `Sun, 06 Nov 1994 08:49:37 GMT`.
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(seconds) = text.parse() {
            return Some(Self::For(Duration::from_secs(seconds)));
        }
        let end = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
        Some(Self::Until(Timestamp::from_micros(end.as_microsecond())))
    }
}

/// Fetches URLs under the guard.
#[derive(Clone)]
pub(crate) struct Fetcher {
    client: reqwest::Client,
    guard: Arc<Guarded>,
    timeout: Duration,
}

/// Why a fetch is not a success, in words for the owner of the URL.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    /// The text is no URL, or not one that is fetched.
    #[error("the URL cannot be used: {0}")]
    Url(String),
    /// The guard refused.
    #[error("{0}")]
    Guard(String),
    /// The URL took too long to answer.
    #[error("no answer within {} s", .0.as_secs())]
    Timeout(Duration),
    /// No connection, or it broke.
    #[error("{0}")]
    Connection(String),
    /// An answer that is not 2xx.
    #[error("it answered {status}{}", hint(*.status))]
    Status {
        /// The status code.
        status: u16,
    },
    /// An answer that does not say that it was taken.
    #[error("it answered {status}, and its answer is not {expected}")]
    Unexpected {
        /// The status code.
        status: u16,
        /// What it has to be.
        expected: String,
    },
}

impl FetchError {
    /// The status code, when there was an answer.
    pub(crate) fn status(&self) -> Option<u16> {
        match self {
            Self::Status { status } | Self::Unexpected { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// Trying again later can change nothing.
    pub(crate) fn is_final(&self) -> bool {
        matches!(self, Self::Url(_))
    }
}

fn hint(status: u16) -> &'static str {
    match status {
        300..=399 => ": redirects are not followed, so put the final URL",
        401 | 403 => ": it refuses us",
        404 | 410 => ": there is nothing at this URL",
        429 => ": it is asked too often",
        500..=599 => ": it has a fault of its own",
        _ => "",
    }
}

/// Why the fetcher cannot be made.
#[derive(Debug, thiserror::Error)]
#[error("cannot set up the HTTP client")]
pub struct SetupError(#[source] reqwest::Error);

impl Fetcher {
    pub(crate) fn new(guard: Guarded, timeout: Duration) -> Result<Self, SetupError> {
        let guard = Arc::new(guard);
        let client = reqwest::Client::builder()
            .user_agent(concat!("Merpati/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .no_proxy()
            .timeout(timeout)
            .connect_timeout(timeout.min(Duration::from_secs(10)))
            .pool_idle_timeout(Duration::from_secs(20))
            .pool_max_idle_per_host(4)
            .dns_resolver(Arc::new(Pinned(Arc::clone(&guard))))
            .build()
            .map_err(SetupError)?;
        Ok(Self { client, guard, timeout })
    }

    /// Calls a URL as its callback says; the status code of a success.
    pub(crate) async fn report(&self, url: &str, form: &CallbackForm) -> Result<u16, FetchError> {
        let kind = form.post.as_ref().map(|_| (CONTENT_TYPE.to_string(), FORM.to_owned()));
        let headers = kind.into_iter().chain(form.signature.clone());
        let body = form.post.as_ref().map(|body| body.clone().into_bytes());
        let (answer, _) = self.exchange(url, headers, body).await?;
        match (answer.status, &form.expects) {
            (200..=299, Some(expected)) if answer.begins().trim() != expected => {
                Err(FetchError::Unexpected { status: answer.status, expected: expected.clone() })
            }
            (status @ 200..=299, _) => Ok(status),
            (status, _) => Err(FetchError::Status { status }),
        }
    }

    /// Sends a body of this type; the answer, whatever its status, and why its body broke off, if it did.
    pub(crate) async fn post(
        &self,
        url: &str,
        kind: &str,
        headers: impl IntoIterator<Item = (&'static str, String)>,
        body: String,
    ) -> Result<(Answer, Option<FetchError>), FetchError> {
        let kind = (CONTENT_TYPE.as_str(), kind.to_owned());
        let headers = headers.into_iter().chain([kind]);
        self.exchange(url, headers, Some(body.into_bytes())).await
    }

    /// Sends a body, or without one fetches; the answer, whatever its status, when it came as a whole.
    pub(crate) async fn call(
        &self,
        url: &str,
        headers: impl IntoIterator<Item = (impl AsRef<str>, String)>,
        body: Option<Vec<u8>>,
    ) -> Result<Answer, FetchError> {
        match self.exchange(url, headers, body).await? {
            (answer, None) => Ok(answer),
            (_, Some(broken_off)) => Err(broken_off),
        }
    }

    /// Sends a body, or without one fetches; the answer, and why its body broke off, if it did.
    async fn exchange(
        &self,
        url: &str,
        headers: impl IntoIterator<Item = (impl AsRef<str>, String)>,
        body: Option<Vec<u8>>,
    ) -> Result<(Answer, Option<FetchError>), FetchError> {
        let url = self.guarded(url)?;
        let mut request = match body {
            Some(body) => self.client.post(url).body(body),
            None => self.client.get(url),
        };
        for (name, value) in headers {
            request = request.header(name.as_ref(), value);
        }
        self.request(request).await
    }

    /// The URL, when it may be called as far as it says itself. A name is checked when it is resolved.
    fn guarded(&self, url: &str) -> Result<Url, FetchError> {
        let url = parse(url)?;
        if let Some(host) = url.host() {
            self.guard.check_literal(&host).map_err(|e| FetchError::Guard(e.to_string()))?;
        }
        Ok(url)
    }

    async fn request(
        &self,
        request: reqwest::RequestBuilder,
    ) -> Result<(Answer, Option<FetchError>), FetchError> {
        let mut answer = request.send().await.map_err(|error| self.explain(&error))?;
        let status = answer.status().as_u16();
        let retry_after = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        let retry_after = retry_after.and_then(RetryAfter::parse);
        let content_type = answer.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let content_type = content_type.map(str::to_owned);
        let mut body = Vec::new();
        let broken_off = loop {
            match answer.chunk().await {
                Ok(Some(chunk)) => {
                    let room = BODY_LIMIT - body.len();
                    body.extend_from_slice(&chunk[..room.min(chunk.len())]);
                    if body.len() >= BODY_LIMIT {
                        break None;
                    }
                }
                Ok(None) => break None,
                Err(error) => break Some(self.explain(&error)),
            }
        };
        Ok((Answer { status, retry_after, content_type, body, by_mail: None }, broken_off))
    }

    /// The cause in words, without the URL, which may hold a password.
    fn explain(&self, error: &reqwest::Error) -> FetchError {
        let mut cause = error.source();
        let mut last = None;
        while let Some(inner) = cause {
            if let Some(guard) = inner.downcast_ref::<GuardError>() {
                return FetchError::Guard(guard.to_string());
            }
            last = Some(inner.to_string());
            cause = inner.source();
        }
        if error.is_timeout() {
            return FetchError::Timeout(self.timeout);
        }
        let what = if error.is_connect() { "cannot connect" } else { "the connection broke" };
        FetchError::Connection(last.map_or_else(|| what.to_owned(), |why| format!("{what}: {why}")))
    }
}

/// The URL, when it is one that is fetched.
fn parse(text: &str) -> Result<Url, FetchError> {
    let url = Url::parse(text).map_err(|error| FetchError::Url(error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(FetchError::Url(format!(
            "it begins with {}:, not with http: or https:",
            url.scheme()
        )));
    }
    Ok(url)
}

/// Host and port of a URL: what a slow one slows. URLs that cannot be used share the empty one.
pub(crate) fn host_of(text: &str) -> String {
    let Ok(url) = Url::parse(text) else { return String::new() };
    let host = url.host_str().unwrap_or_default();
    format!("{host}:{}", url.port_or_known_default().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_web_is_fetched() {
        assert!(parse("http://a.example/x?y=%20").is_ok());
        let error = parse("file:///etc/passwd").unwrap_err();
        assert_eq!(
            error.to_string(),
            "the URL cannot be used: it begins with file:, not with http: or https:"
        );
        assert!(error.is_final());
        assert!(parse("no url").unwrap_err().is_final());
    }

    #[test]
    fn the_host_is_what_is_slow() {
        assert_eq!(host_of("http://A.example/x"), "a.example:80");
        assert_eq!(host_of("https://u:p@a.example:8443/x"), "a.example:8443");
        assert_eq!(host_of("nothing"), "");
    }
}
