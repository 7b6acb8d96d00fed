//! A mail to `NUMBER@host` is a message to that number: SMTP, for what can send mail and nothing else.
//!
//! The door is shut unless `mail.door.listen` names an address. Whoever comes in names an account and one of its keys, by
//! `AUTH`; without TLS that is taken on this machine alone, unless `mail.door.allow_plain` says otherwise. A mail is
//! answered with 250 when the broker has its messages. One that comes again, by its Message-ID, is known again, so that
//! a server which had no answer may try again.
//!
//! Connections, lines, recipients, octets and times are bounded, and a client that goes on asking what is not understood
//! is sent away. `smtp-proto` reads the commands and finds the end of a mail; `mail-parser` reads the mail.

mod dialogue;
mod letter;
mod reply;
mod sending;
mod session;

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum_server::tls_rustls::RustlsConfig;
use platform::Shutdown;
use tokio::net::TcpListener;
use tokio_util::task::TaskTracker;

use crate::app::App;
use crate::origin;
use session::Session;

/// The most connections at one time.
const CONNECTIONS: usize = 128;
/// The most connections of one address at one time.
const OF_AN_ADDRESS: usize = 16;
/// How long it is waited when no connection can be taken: the process may open no more files for now.
const AFTER_FAILURE: Duration = Duration::from_millis(100);
/// How long a mail that is on its way when the gateway stops may take.
const GOODBYE: Duration = Duration::from_secs(10);

/// How many connections there are, by address.
#[derive(Debug, Clone, Default)]
struct Open(Arc<Mutex<HashMap<IpAddr, usize>>>);

/// A connection that counts as long as it is held.
struct Place {
    open: Open,
    address: IpAddr,
}

impl Open {
    /// A place for a connection from there; none: there are too many.
    fn take(&self, address: IpAddr) -> Option<Place> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let all: usize = open.values().sum();
        let of_address = open.get(&address).copied().unwrap_or_default();
        if all >= CONNECTIONS || of_address >= OF_AN_ADDRESS {
            return None;
        }
        open.insert(address, of_address + 1);
        Some(Place { open: self.clone(), address })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.open.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.address);
            }
        }
    }
}

/// Takes mails until the soft step; those under way are taken to their end.
pub(crate) async fn serve(
    listener: std::net::TcpListener,
    tls: Option<RustlsConfig>,
    app: App,
    shutdown: Shutdown,
) -> io::Result<()> {
    let listener = TcpListener::from_std(listener)?;
    let (open, sessions) = (Open::default(), TaskTracker::new());
    loop {
        let accepted = tokio::select! {
            () = shutdown.soft.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a mail connection cannot be taken");
                tokio::time::sleep(AFTER_FAILURE).await;
                continue;
            }
        };
        let address = address_of(peer);
        let Some(place) = open.take(address) else {
            // The client sees the end of the connection, and tries again later, as mail servers do.
            tracing::debug!("a mail connection is one too many");
            continue;
        };
        let session = Session::new(app.clone(), address, tls.clone(), shutdown.clone());
        sessions.spawn(async move {
            Box::pin(origin::of_mail(address, session.run(stream))).await;
            drop(place);
        });
    }
    sessions.close();
    tokio::select! {
        () = sessions.wait() => {}
        () = shutdown.hard.cancelled() => {}
        () = tokio::time::sleep(GOODBYE) => {}
    }
    Ok(())
}

/// The address of a peer; one of IPv4 that came by a socket of IPv6 is one of IPv4.
fn address_of(peer: SocketAddr) -> IpAddr {
    peer.ip().to_canonical()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_so_many_connections_and_all_together_so_many() {
        let open = Open::default();
        let at = |n: u8| IpAddr::from([192, 0, 2, n]);
        let mut places: Vec<Place> = (0..OF_AN_ADDRESS).filter_map(|_| open.take(at(1))).collect();
        assert_eq!((places.len(), open.take(at(1)).is_some()), (OF_AN_ADDRESS, false));
        places.pop();
        places.extend(open.take(at(1)));
        assert_eq!(places.len(), OF_AN_ADDRESS);
        let others = (2..=u8::MAX).filter_map(|n| open.take(at(n)));
        places.extend(others);
        assert_eq!(places.len(), CONNECTIONS);
        drop(places);
        assert_eq!(open.0.lock().expect("a lock").len(), 0);
    }
}
