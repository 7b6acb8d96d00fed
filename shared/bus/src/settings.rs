//! How to reach the broker.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

/// The shortest time after which what is not acknowledged is delivered again. Router and persistence say each three seconds that they
/// are still at work.
pub const SHORTEST_ACK_WAIT: Duration = Duration::from_secs(5);

/// Where the broker is and who we are there. `Debug` hides the password.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NatsConfig {
    /// `nats://HOST:PORT` or `tls://HOST:PORT`, several with commas.
    pub url: String,
    /// The user.
    pub user: Option<String>,
    /// That user's password.
    pub password: Option<String>,
    /// A credentials file (JWT and NKey seed) in place of user and password.
    pub credentials: Option<PathBuf>,
    /// PEM file with the authorities to trust, when they are not the system's.
    pub ca: Option<PathBuf>,
    /// Copies of each stream in a cluster.
    pub replicas: usize,
    /// Bytes that all streams together may take; none: the server's own limit.
    pub max_bytes: Option<u64>,
    /// After how long, at most, the broker delivers again what is not acknowledged; none: as long as each consumer has it. See
    /// [`NatsConfig::redelivering_within`].
    #[serde(skip)]
    pub ack_wait: Option<Duration>,
}

impl Default for NatsConfig {
    fn default() -> Self {
        Self {
            url: "nats://127.0.0.1:4222".to_owned(),
            user: None,
            password: None,
            credentials: None,
            ca: None,
            replicas: 1,
            max_bytes: None,
            ack_wait: None,
        }
    }
}

impl NatsConfig {
    /// A broker at `url` that lets in `user`.
    pub fn new(url: impl Into<String>, user: &str, password: &str) -> Self {
        Self {
            url: url.into(),
            user: Some(user.to_owned()),
            password: Some(password.to_owned()),
            ..Self::default()
        }
    }

    /// The same broker, which delivers what is not acknowledged again within this time, or [`SHORTEST_ACK_WAIT`] when that is longer.
    ///
    /// A consumer has one such time, whoever reads from it, so all that connect to a broker have to name the same. The program names
    /// none: this is for tests of what becomes of the work of somebody who was killed. A driver says each ten seconds that it is at
    /// work, and where one takes part the time has to be longer than that.
    #[must_use]
    pub fn redelivering_within(self, time: Duration) -> Self {
        Self { ack_wait: Some(time.max(SHORTEST_ACK_WAIT)), ..self }
    }

    /// Where the servers are, one by one.
    pub(crate) fn addresses(&self) -> Vec<&str> {
        self.url.split(',').map(str::trim).collect()
    }

    /// The URLs, without the passwords that may stand in them: for logs.
    pub fn shown_url(&self) -> String {
        let shown = self.url.split(',').map(|url| match url.trim().split_once("://") {
            Some((scheme, rest)) => match rest.rsplit_once('@') {
                Some((_, host)) => format!("{scheme}://{host}"),
                None => format!("{scheme}://{rest}"),
            },
            None => url.rsplit('@').next().unwrap_or_default().trim().to_owned(),
        });
        shown.collect::<Vec<_>>().join(",")
    }
}

impl fmt::Debug for NatsConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NatsConfig")
            .field("url", &self.shown_url())
            .field("user", &self.user)
            .field("password", &self.password.as_ref().map(|_| "[hidden]"))
            .field("credentials", &self.credentials)
            .field("ca", &self.ca)
            .field("replicas", &self.replicas)
            .field("max_bytes", &self.max_bytes)
            .field("ack_wait", &self.ack_wait)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_is_shown() {
        let config =
            NatsConfig::new("nats://bob:secret1@a:4222, tls://b:4222", "merpati", "secret2");
        let shown = format!("{config:?}");
        assert!(!shown.contains("secret"), "{shown}");
        assert!(shown.contains("nats://a:4222,tls://b:4222"), "{shown}");
    }
}
