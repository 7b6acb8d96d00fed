//! Host names to addresses, once for each fetch.
//!
//! The guard stands between the resolver and the connection: what it lets through is what is connected
//! to, so a name that resolves differently a moment later (DNS rebinding) gains nothing.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::address::{AllowList, Refused};

/// The answer to a question for a name.
pub type Addresses<'a> = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send + 'a>>;

/// Who knows the addresses of names. Tests bring their own.
pub trait Resolver: Send + Sync + 'static {
    /// The addresses of `host`, in the order to try them.
    fn addresses<'a>(&'a self, host: &'a str) -> Addresses<'a>;
}

/// The system's resolver.
#[derive(Debug, Default)]
pub struct SystemResolver;

impl Resolver for SystemResolver {
    fn addresses<'a>(&'a self, host: &'a str) -> Addresses<'a> {
        Box::pin(async move {
            let found = tokio::net::lookup_host((host, 0)).await?;
            Ok(found.map(|socket| socket.ip()).collect())
        })
    }
}

/// Resolves, and lets only allowed addresses through.
pub(crate) struct Guarded {
    resolver: Arc<dyn Resolver>,
    allow: AllowList,
}

impl Guarded {
    pub(crate) fn new(resolver: Arc<dyn Resolver>, allow: AllowList) -> Self {
        Self { resolver, allow }
    }

    /// Checks a host that is an address itself: no resolver is asked for those.
    pub(crate) fn check_literal(&self, host: &url::Host<&str>) -> Result<(), Refused> {
        let address = match *host {
            url::Host::Domain(_) => return Ok(()),
            url::Host::Ipv4(v4) => IpAddr::V4(v4),
            url::Host::Ipv6(v6) => IpAddr::V6(v6),
        };
        self.allow.check(&address.to_string(), address)
    }

    async fn allowed(&self, host: &str) -> Result<Vec<IpAddr>, GuardError> {
        let found = self.resolver.addresses(host).await.map_err(GuardError::Unresolved)?;
        let mut refused = None;
        let mut allowed = Vec::with_capacity(found.len());
        for address in found {
            match self.allow.check(host, address) {
                Ok(()) => allowed.push(address),
                Err(error) => refused = Some(error),
            }
        }
        // One private address among public ones is refused as a whole: no honest host has both.
        match refused {
            Some(error) => Err(GuardError::Refused(error)),
            None if allowed.is_empty() => Err(GuardError::NoAddress(host.to_owned())),
            None => Ok(allowed),
        }
    }
}

/// Why a host is not connected to.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GuardError {
    /// No answer, or no such name.
    #[error("its name cannot be resolved: {0}")]
    Unresolved(#[source] io::Error),
    /// The name has no address.
    #[error("{0} has no address")]
    NoAddress(String),
    /// Not a public address.
    #[error(transparent)]
    Refused(Refused),
}

/// The shape `reqwest` wants; it connects to these addresses and no others.
#[derive(Clone)]
pub(crate) struct Pinned(pub(crate) Arc<Guarded>);

impl Resolve for Pinned {
    fn resolve(&self, name: Name) -> Resolving {
        let guarded = Arc::clone(&self.0);
        Box::pin(async move {
            let addresses = guarded.allowed(name.as_str()).await?;
            let sockets: Addrs =
                Box::new(addresses.into_iter().map(|address| SocketAddr::new(address, 0)));
            Ok(sockets)
        })
    }
}
