//! A way to the database that can be cut.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

/// Passes connections on to another address, until it is cut.
pub(crate) struct Proxy {
    address: SocketAddr,
    to: Arc<str>,
    cut: CancellationToken,
}

impl Proxy {
    /// A way to `to` (`host:port`).
    pub(crate) async fn to(to: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let proxy = Self { address, to: to.into(), cut: CancellationToken::new() };
        proxy.pass(listener);
        proxy
    }

    /// Where it listens, as `host:port`.
    pub(crate) fn address(&self) -> String {
        self.address.to_string()
    }

    /// Ends all connections and takes no new ones.
    pub(crate) fn cut(&self) {
        self.cut.cancel();
    }

    /// Takes connections again.
    pub(crate) async fn mend(&mut self) {
        self.cut = CancellationToken::new();
        let listener = testkit::wait_for("the same port", || async {
            TcpListener::bind(self.address).await.ok()
        });
        self.pass(listener.await);
    }

    fn pass(&self, listener: TcpListener) {
        let (to, cut) = (Arc::clone(&self.to), self.cut.clone());
        let every = cut.clone();
        let accept = async move {
            while let Ok((mut from, _)) = listener.accept().await {
                let (to, cut) = (Arc::clone(&to), cut.clone());
                tokio::spawn(cut.run_until_cancelled_owned(async move {
                    if let Ok(mut there) = TcpStream::connect(&*to).await {
                        let _ = tokio::io::copy_bidirectional(&mut from, &mut there).await;
                    }
                }));
            }
        };
        tokio::spawn(every.run_until_cancelled_owned(accept));
    }
}
