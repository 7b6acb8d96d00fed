//! A modem's port as a TCP listener, raw: what ser2net makes of a serial port.
//!
//! One client at a time; a second one is turned away as ser2net does, because two drivers on one modem
//! would take each other's answers. Without a client what the modem says is lost, as on a cable.

use std::io;
use std::net::SocketAddr;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead as _, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// Output that waits for a client to read; more is thrown away.
const MOST_PENDING: usize = 256 * 1024;

/// A listener and its client.
pub(crate) struct TcpPort {
    listener: TcpListener,
    address: SocketAddr,
    client: Option<TcpStream>,
    pending: Vec<u8>,
}

impl TcpPort {
    /// Port 0 takes a free one.
    pub(crate) async fn open(address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address, client: None, pending: Vec::new() })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) {
        let Some(client) = &self.client else { return };
        let written =
            if self.pending.is_empty() { client.try_write(bytes).unwrap_or(0) } else { 0 };
        let rest = &bytes[written..];
        if self.pending.len() + rest.len() <= MOST_PENDING {
            self.pending.extend_from_slice(rest);
        }
    }

    /// Takes clients, writes what waits, and reads.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<usize> {
        loop {
            if let Poll::Ready(Ok((stream, peer))) = self.listener.poll_accept(cx) {
                if self.client.is_none() {
                    // Answers are small and waited for.
                    let _ = stream.set_nodelay(true);
                    self.client = Some(stream);
                } else {
                    tracing::debug!(%peer, "turned away: the simulated port is in use");
                }
                continue;
            }
            let Some(client) = &mut self.client else { return Poll::Pending };
            let mut gone = false;
            while !self.pending.is_empty() && !gone {
                match client.poll_write_ready(cx) {
                    Poll::Pending => break,
                    Poll::Ready(Err(_)) => gone = true,
                    Poll::Ready(Ok(())) => match client.try_write(&self.pending) {
                        Ok(written) => {
                            self.pending.drain(..written);
                        }
                        Err(error) => gone = error.kind() != io::ErrorKind::WouldBlock,
                    },
                }
            }
            let mut into = ReadBuf::new(buffer);
            match std::pin::Pin::new(client).poll_read(cx, &mut into) {
                Poll::Ready(Ok(())) if !into.filled().is_empty() => {
                    return Poll::Ready(into.filled().len());
                }
                Poll::Ready(_) => gone = true,
                Poll::Pending if !gone => return Poll::Pending,
                Poll::Pending => {}
            }
            if gone {
                self.client = None;
                self.pending.clear();
            }
        }
    }
}
