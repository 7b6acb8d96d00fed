//! A serial port: a tty of this host, or one far away over TCP, plain or with RFC 2217.
//!
//! One call, [`Port::exchange`], both reads and writes, so the loop above never waits with writing
//! for reading or the other way round. Whatever shows that the port is gone (end of file, `EIO`,
//! `ENODEV`, `ENXIO`, hang-up) is the same to the caller: it closes and opens anew.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf as _, BytesMut};
use platform::config::PortAddress;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_serial::SerialStream;

use crate::port::rfc2217::Codec;
use crate::port::serial::{self, OpenError};
use crate::port::tcp;

/// An open port.
#[derive(Debug)]
pub(crate) struct Port {
    wire: Wire,
    telnet: Option<Telnet>,
}

#[derive(Debug)]
enum Wire {
    Serial(SerialStream),
    Tcp(TcpStream),
}

#[derive(Debug)]
struct Telnet {
    codec: Codec,
    /// Octets ready for the connection.
    raw: BytesMut,
}

impl Port {
    /// Opens it; a tty for us alone, at `baud` where that means something.
    pub(crate) async fn open(address: &PortAddress, baud: u32) -> Result<Self, OpenError> {
        match address {
            PortAddress::Device(path) => {
                Ok(Self { wire: Wire::Serial(serial::open(path, baud)?), telnet: None })
            }
            PortAddress::Tcp(at) => {
                Ok(Self { wire: Wire::Tcp(tcp::connect(at).await?), telnet: None })
            }
            PortAddress::Rfc2217(at) => {
                let wire = Wire::Tcp(tcp::connect(at).await?);
                let mut codec = Codec::new(baud);
                let raw = BytesMut::from(&codec.greeting()[..]);
                Ok(Self { wire, telnet: Some(Telnet { codec, raw }) })
            }
        }
    }

    /// Writes `output` as the port takes it, and returns when something was read into `input`.
    ///
    /// May be dropped and called again: what was written has left `output`.
    ///
    /// # Errors
    /// The port is gone; an end of file is [`io::ErrorKind::UnexpectedEof`].
    pub(crate) async fn exchange(
        &mut self,
        input: &mut Vec<u8>,
        output: &mut BytesMut,
    ) -> io::Result<()> {
        poll_fn(|cx| self.poll_exchange(cx, input, output)).await
    }

    fn poll_exchange(
        &mut self,
        cx: &mut Context<'_>,
        input: &mut Vec<u8>,
        output: &mut BytesMut,
    ) -> Poll<io::Result<()>> {
        let mut octets = [0_u8; 4096];
        loop {
            if self.waiting(output)
                && let Poll::Ready(Err(error)) = self.poll_write(cx, output)
            {
                return Poll::Ready(Err(error));
            }
            let mut read = ReadBuf::new(&mut octets);
            match self.wire.poll_read(cx, &mut read) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Ready(Ok(())) if read.filled().is_empty() => {
                    return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
                }
                Poll::Ready(Ok(())) => {
                    let before = input.len();
                    self.take(read.filled(), input);
                    if input.len() > before {
                        return Poll::Ready(Ok(()));
                    }
                }
            }
        }
    }

    /// Holds DTR low until the port is opened again, where it has such a line.
    pub(crate) fn drop_dtr(&mut self) {
        if let Wire::Serial(tty) = &mut self.wire {
            serial::drop_dtr(tty);
        }
    }

    /// Returns whether there is something that the port could take now.
    fn waiting(&mut self, output: &mut BytesMut) -> bool {
        match &mut self.telnet {
            None => !output.is_empty(),
            Some(telnet) => {
                if !output.is_empty() && !telnet.codec.is_suspended() {
                    let mut raw = Vec::with_capacity(output.len());
                    Codec::encode(output, &mut raw);
                    telnet.raw.extend_from_slice(&raw);
                    output.clear();
                }
                !telnet.raw.is_empty()
            }
        }
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, output: &mut BytesMut) -> Poll<io::Result<()>> {
        let pending = match &mut self.telnet {
            None => output,
            Some(telnet) => &mut telnet.raw,
        };
        while !pending.is_empty() {
            match std::task::ready!(self.wire.poll_write(cx, pending)) {
                Ok(0) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Ok(n) => pending.advance(n),
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
        Poll::Ready(Ok(()))
    }

    fn take(&mut self, raw: &[u8], input: &mut Vec<u8>) {
        match &mut self.telnet {
            None => input.extend_from_slice(raw),
            Some(telnet) => {
                let mut reply = Vec::new();
                let refused = telnet.codec.is_refused();
                telnet.codec.decode(raw, input, &mut reply);
                if telnet.codec.is_refused() && !refused {
                    tracing::info!(
                        "the terminal server lets nobody set the speed of its port, which stays as it is set there"
                    );
                }
                telnet.raw.extend_from_slice(&reply);
            }
        }
    }
}

impl Wire {
    fn poll_read(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Serial(tty) => Pin::new(tty).poll_read(cx, buf),
            Self::Tcp(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        match self {
            Self::Serial(tty) => Pin::new(tty).poll_write(cx, octets),
            Self::Tcp(stream) => Pin::new(stream).poll_write(cx, octets),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    #[tokio::test]
    async fn a_far_port_is_read_written_and_seen_going() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("tcp://{}", listener.local_addr().unwrap()).parse().unwrap();
        let mut port = Port::open(&address, 115_200).await.unwrap();
        let (mut far, _) = listener.accept().await.unwrap();
        let echo = tokio::spawn(async move {
            let mut command = [0; 3];
            far.read_exact(&mut command).await.unwrap();
            far.write_all(b"\r\nOK\r\n").await.unwrap();
            command
        });
        let (mut input, mut output) = (Vec::new(), BytesMut::from("AT\r"));
        while !input.ends_with(b"OK\r\n") {
            port.exchange(&mut input, &mut output).await.unwrap();
        }
        assert_eq!(&echo.await.unwrap(), b"AT\r");
        let gone = port.exchange(&mut input, &mut output).await.unwrap_err();
        assert_eq!(gone.kind(), io::ErrorKind::UnexpectedEof);
    }

    #[tokio::test]
    async fn a_port_behind_rfc_2217_is_told_its_speed() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("rfc2217://{}", listener.local_addr().unwrap()).parse().unwrap();
        let mut port = Port::open(&address, 9_600).await.unwrap();
        let (mut far, _) = listener.accept().await.unwrap();
        let server = tokio::spawn(async move {
            far.write_all(&[255, 253, 44]).await.unwrap();
            let mut seen = Vec::new();
            while !seen.ends_with(b"AT\r") {
                let mut chunk = [0; 64];
                let n = far.read(&mut chunk).await.unwrap();
                seen.extend_from_slice(&chunk[..n]);
                if seen.windows(10).any(|w| w == [255, 250, 44, 1, 0, 0, 0x25, 0x80, 255, 240])
                    && !seen.contains(&b'A')
                {
                    far.write_all(b"RDY").await.unwrap();
                }
            }
            far.write_all(b"OK").await.unwrap();
            far
        });
        let (mut input, mut output) = (Vec::new(), BytesMut::new());
        while !input.starts_with(b"RDY") {
            port.exchange(&mut input, &mut output).await.unwrap();
        }
        output.extend_from_slice(b"AT\r");
        while !input.ends_with(b"OK") {
            port.exchange(&mut input, &mut output).await.unwrap();
        }
        drop(server.await.unwrap());
    }

    #[tokio::test]
    async fn a_port_nobody_listens_on_is_explained() {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let address = format!("tcp://{free}").parse().unwrap();
        let error = Port::open(&address, 9_600).await.unwrap_err();
        let problem = error.problem(contracts::Timestamp::from_micros(0));
        assert_eq!(problem.code, "port-refused");
        assert!(problem.text.contains(&free.to_string()), "{}", problem.text);
    }
}
