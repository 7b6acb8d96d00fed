//! Stands between the browser and the gateway and writes down what is asked for, by every tab and worker.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// A passage to the gateway that remembers the requests.
pub(crate) struct Witness {
    /// `http://127.0.0.1:PORT`.
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Witness {
    /// Opens the passage to `http://ADDRESS:PORT`.
    pub(crate) async fn before(url: &str) -> Self {
        let gateway = url.strip_prefix("http://").unwrap().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let book = asked.clone();
        tokio::spawn(async move {
            while let Ok((browser, _)) = listener.accept().await {
                let Ok(gateway) = TcpStream::connect(&gateway).await else { continue };
                let (from_browser, mut to_browser) = browser.into_split();
                let (mut from_gateway, to_gateway) = gateway.into_split();
                tokio::spawn(listen(from_browser, to_gateway, book.clone()));
                tokio::spawn(async move {
                    let _ = tokio::io::copy(&mut from_gateway, &mut to_browser).await;
                });
            }
        });
        Self { url, asked }
    }

    /// What was asked for since the last time, as `METHOD PATH`.
    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

/// HTTP/1.1 without pipelining, as browsers speak it: a request begins where something is read.
async fn listen(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, book: Arc<Mutex<Vec<String>>>) {
    let mut bytes = vec![0; 64 * 1024];
    while let Ok(count @ 1..) = from.read(&mut bytes).await {
        let line = bytes[..count].split(|byte| *byte == b'\r').next().unwrap_or_default();
        if let Some(request) = line.strip_suffix(b" HTTP/1.1") {
            book.lock().unwrap().push(String::from_utf8_lossy(request).into_owned());
        }
        if to.write_all(&bytes[..count]).await.is_err() {
            return;
        }
    }
}
