//! The command line's way to a running gateway: `/api/v1` over the socket in its data folder, where
//! the file's permissions are the key, or over the network by `MERPATI_URL` and `MERPATI_KEY`.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use bytes::Bytes;
use reqwest::{Method, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::output;

/// The API keeps a request open this long at most (a trace of a minute).
const PATIENCE: Duration = Duration::from_secs(75);

/// Why the gateway could not be asked, or what it answered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientError {
    #[error("no gateway runs on {}. Start one with: merpati up", .0.display())]
    NotRunning(PathBuf),
    #[error("the gateway's socket {} cannot be opened: it belongs to another user. Run this as that user, or use MERPATI_URL and MERPATI_KEY", .0.display())]
    Forbidden(PathBuf),
    #[error("the gateway broke off the connection")]
    Broken(#[source] reqwest::Error),
    #[error("the gateway at {0} cannot be reached")]
    Remote(String, #[source] reqwest::Error),
    #[error("the gateway did not answer within {} s", PATIENCE.as_secs())]
    Silent,
    #[error("{0}")]
    Refused(String),
    #[error("the gateway answered something this version of merpati does not understand")]
    Answer(#[source] serde_json::Error),
}

/// What the gateway answered: read, and as it was given, which may be more.
pub(crate) struct Answer<T> {
    read: T,
    given: Value,
}

impl<T> Answer<T> {
    /// Prints it as it was given.
    pub(crate) fn print(&self) -> anyhow::Result<()> {
        output::json(&self.given)
    }

    /// What was read of it.
    pub(crate) fn into_read(self) -> T {
        self.read
    }
}

impl<T> std::ops::Deref for Answer<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.read
    }
}

/// A way to one gateway.
pub(crate) struct Client {
    way: Way,
    http: reqwest::Client,
}

enum Way {
    /// The socket in the data folder; whoever may open it may do everything.
    Socket(PathBuf),
    /// Over the network, by an API key.
    Remote { url: String, key: String },
}

impl Client {
    /// By `MERPATI_URL` and `MERPATI_KEY` when set, else the socket in the data folder.
    pub(crate) fn new(data: &Path) -> anyhow::Result<Self> {
        let builder = reqwest::Client::builder().timeout(PATIENCE);
        let Some(url) = std::env::var("MERPATI_URL").ok().filter(|url| !url.is_empty()) else {
            let socket = crate::data::socket(data);
            let http = builder.unix_socket(socket.as_path()).no_proxy().build()?;
            return Ok(Self { way: Way::Socket(socket), http });
        };
        let key = std::env::var("MERPATI_KEY")
            .context("MERPATI_URL is set, so MERPATI_KEY must be too")?;
        let url = url.trim_end_matches('/').to_owned();
        Ok(Self { way: Way::Remote { url, key }, http: builder.build()? })
    }

    /// `GET path`.
    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
    ) -> Result<Answer<T>, ClientError> {
        self.call(Method::GET, path, None).await
    }

    /// `POST path` with a JSON body.
    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<Answer<T>, ClientError> {
        let body = serde_json::to_vec(body).map_err(ClientError::Answer)?;
        self.call(Method::POST, path, Some(body)).await
    }

    /// `POST path` with a file, of which the gateway finds out itself what it is.
    pub(crate) async fn post_file<T: DeserializeOwned>(
        &self,
        path: &str,
        file: Vec<u8>,
    ) -> Result<Answer<T>, ClientError> {
        self.call(Method::POST, path, Some(file)).await
    }

    /// `PUT path` with a JSON body.
    pub(crate) async fn put<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<Answer<T>, ClientError> {
        let body = serde_json::to_vec(body).map_err(ClientError::Answer)?;
        self.call(Method::PUT, path, Some(body)).await
    }

    /// `PATCH path` with a JSON body.
    pub(crate) async fn patch<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<Answer<T>, ClientError> {
        let body = serde_json::to_vec(body).map_err(ClientError::Answer)?;
        self.call(Method::PATCH, path, Some(body)).await
    }

    /// `DELETE path`.
    pub(crate) async fn delete<T: DeserializeOwned>(
        &self,
        path: &str,
    ) -> Result<Answer<T>, ClientError> {
        self.call(Method::DELETE, path, None).await
    }

    /// `GET path`, as CSV.
    pub(crate) async fn csv(&self, path: &str) -> Result<String, ClientError> {
        let path = format!("/api/v1{path}");
        let (status, bytes) = self.exchange(Method::GET, &path, Some("text/csv"), None).await?;
        if !status.is_success() {
            return Err(ClientError::Refused(problem(status, &bytes)));
        }
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// What keeps the gateway from being ready, a line each; none when it is.
    pub(crate) async fn unready(&self) -> Result<Vec<String>, ClientError> {
        let (status, bytes) = self.exchange(Method::GET, "/readyz", None, None).await?;
        if status.is_success() {
            return Ok(Vec::new());
        }
        Ok(String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect())
    }

    async fn exchange(
        &self,
        method: Method,
        path: &str,
        accept: Option<&'static str>,
        body: Option<Vec<u8>>,
    ) -> Result<(StatusCode, Bytes), ClientError> {
        let url = match &self.way {
            Way::Socket(_) => format!("http://localhost{path}"),
            Way::Remote { url, .. } => format!("{url}{path}"),
        };
        let mut request = self.http.request(method, url);
        if let Way::Remote { key, .. } = &self.way {
            request = request.bearer_auth(key);
        }
        if let Some(accept) = accept {
            request = request.header("accept", accept);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body);
        }
        let response = request.send().await.map_err(|error| self.failed(error))?;
        let status = response.status();
        let body = response.bytes().await.map_err(|error| self.failed(error))?;
        Ok((status, body))
    }

    fn failed(&self, error: reqwest::Error) -> ClientError {
        if error.is_timeout() {
            return ClientError::Silent;
        }
        match &self.way {
            Way::Remote { url, .. } => ClientError::Remote(url.clone(), error),
            Way::Socket(socket) if error.is_connect() => match io_kind(&error) {
                Some(io::ErrorKind::PermissionDenied) => ClientError::Forbidden(socket.clone()),
                _ => ClientError::NotRunning(socket.parent().unwrap_or(socket).to_owned()),
            },
            Way::Socket(_) => ClientError::Broken(error),
        }
    }

    async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
    ) -> Result<Answer<T>, ClientError> {
        let (status, bytes) = self.exchange(method, &format!("/api/v1{path}"), None, body).await?;
        if !status.is_success() {
            return Err(ClientError::Refused(problem(status, &bytes)));
        }
        let bytes = if bytes.is_empty() { Bytes::from_static(b"{}") } else { bytes };
        let given: Value = serde_json::from_slice(&bytes).map_err(ClientError::Answer)?;
        let read = T::deserialize(&given).map_err(ClientError::Answer)?;
        Ok(Answer { read, given })
    }
}

/// What the system said, where it is among the causes of an error.
fn io_kind(error: &reqwest::Error) -> Option<io::ErrorKind> {
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return Some(error.kind());
        }
        cause = error.source();
    }
    None
}

/// An RFC 9457 problem in one line for a person.
fn problem(status: StatusCode, body: &[u8]) -> String {
    match serde_json::from_slice::<api::Problem>(body) {
        Ok(problem) => problem.detail,
        // Not the gateway's own words: a proxy's, say.
        Err(_) => format!("the gateway answered {status}"),
    }
}

/// What somebody typed, as one segment of a path.
pub(crate) fn segment(typed: &str) -> String {
    url::form_urlencoded::byte_serialize(typed.as_bytes()).collect()
}
