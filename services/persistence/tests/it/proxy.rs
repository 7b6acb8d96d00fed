//! A way to the database that can be cut.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

/// Passes connections on to another address, until it is cut.
pub(crate) struct Proxy {
    address: SocketAddr,
    to: Arc<str>,
    cut: CancellationToken,
    /// Cancelled, the connections that began under it stand still.
    standing: Arc<Mutex<CancellationToken>>,
}

impl Proxy {
    /// A way to `to` (`host:port`).
    pub(crate) async fn to(to: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (cut, standing) = (CancellationToken::new(), Arc::default());
        let proxy = Self { address, to: to.into(), cut, standing };
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

    /// Lets no byte pass on the connections there are, and does not end them: a network that lost its way. New ones
    /// are as good as before.
    pub(crate) fn swallow(&self) {
        std::mem::take(&mut *self.standing.lock().expect("no test panicked")).cancel();
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
        let standing = Arc::clone(&self.standing);
        let every = cut.clone();
        let accept = async move {
            while let Ok((mut from, _)) = listener.accept().await {
                let (to, cut) = (Arc::clone(&to), cut.clone());
                let stands = standing.lock().expect("no test panicked").clone();
                tokio::spawn(cut.run_until_cancelled_owned(async move {
                    if let Ok(mut there) = TcpStream::connect(&*to).await {
                        tokio::select! {
                            _ = tokio::io::copy_bidirectional(&mut from, &mut there) => {}
                            () = stands.cancelled() => std::future::pending().await,
                        }
                    }
                }));
            }
        };
        tokio::spawn(every.run_until_cancelled_owned(accept));
    }
}
