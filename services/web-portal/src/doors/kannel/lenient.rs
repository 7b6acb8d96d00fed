//! A connection whose request lines may be written as Kannel takes them, and whose refusals always have words.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum_server::accept::Accept;
use futures_util::TryFutureExt as _;
use futures_util::future::MapOk;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::request_lines::RequestLines;

/// Octets that are read at a time while request lines are looked at.
const CHUNK: usize = 8 * 1024;
/// The longest answer of the HTTP server itself.
const LONGEST_REFUSAL: usize = 512;

/// Makes connections lenient, after `A` has accepted them.
#[derive(Debug, Clone)]
pub(crate) struct Lenient<A>(pub(crate) A);

type Accepted<I, S> = (Connection<I>, S);

impl<A: Accept<I, S>, I, S> Accept<I, S> for Lenient<A> {
    type Stream = Connection<A::Stream>;
    type Service = A::Service;
    type Future = MapOk<A::Future, fn((A::Stream, A::Service)) -> Accepted<A::Stream, A::Service>>;

    fn accept(&self, stream: I, service: S) -> Self::Future {
        self.0
            .accept(stream, service)
            .map_ok(|(stream, service)| (Connection::new(stream), service))
    }
}

/// The connection.
#[derive(Debug)]
pub(crate) struct Connection<I> {
    inner: I,
    lines: RequestLines,
    /// What was read and encoded, and how much of it was handed on.
    input: Pending,
    /// Words of a refusal that are still to be written.
    output: Pending,
}

#[derive(Debug, Default)]
struct Pending {
    octets: Vec<u8>,
    done: usize,
}

impl Pending {
    fn left(&self) -> &[u8] {
        &self.octets[self.done..]
    }

    /// So many more are done. Nothing is kept when all are.
    fn advance(&mut self, count: usize) {
        self.done += count;
        if self.done == self.octets.len() {
            *self = Self::default();
        }
    }
}

impl<I> Connection<I> {
    fn new(inner: I) -> Self {
        let lines = RequestLines::default();
        Self { inner, lines, input: Pending::default(), output: Pending::default() }
    }
}

impl<I: AsyncRead + Unpin> AsyncRead for Connection<I> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.input.left().is_empty() {
            if this.lines.is_through() {
                return Pin::new(&mut this.inner).poll_read(cx, buf);
            }
            let mut chunk = [0; CHUNK];
            let mut read = ReadBuf::new(&mut chunk);
            ready!(Pin::new(&mut this.inner).poll_read(cx, &mut read))?;
            this.lines.encode(read.filled(), &mut this.input.octets);
        }
        let count = this.input.left().len().min(buf.remaining());
        buf.put_slice(&this.input.left()[..count]);
        this.input.advance(count);
        Poll::Ready(Ok(()))
    }
}

impl<I: AsyncWrite + Unpin> Connection<I> {
    fn poll_output(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.output.left().is_empty() {
            let written = ready!(Pin::new(&mut self.inner).poll_write(cx, self.output.left()))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.output.advance(written);
        }
        Poll::Ready(Ok(()))
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for Connection<I> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        ready!(this.poll_output(cx))?;
        if let Some(answer) = in_words(octets) {
            this.output = Pending { octets: answer.into_bytes(), done: 0 };
            // Whatever cannot be written now is written before anything else.
            if let Poll::Ready(Err(error)) = this.poll_output(cx) {
                return Poll::Ready(Err(error));
            }
            return Poll::Ready(Ok(octets.len()));
        }
        Pin::new(&mut this.inner).poll_write(cx, octets)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_output(cx))?;
        Pin::new(&mut this.inner).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_output(cx))?;
        Pin::new(&mut this.inner).poll_shutdown(cx)
    }
}

/// The answer with words for one that the HTTP server gives to what it cannot read: a status, no type, no body.
/// Handlers never see such a request.
fn in_words(octets: &[u8]) -> Option<String> {
    let head = octets.strip_prefix(b"HTTP/1.1 ").filter(|_| octets.len() <= LONGEST_REFUSAL)?;
    let head = std::str::from_utf8(head).ok()?.strip_suffix("\r\n\r\n")?.to_ascii_lowercase();
    if !head.contains("\r\ncontent-length: 0") || head.contains("\r\ncontent-type:") {
        return None;
    }
    let (status, words) = match head.get(..3)? {
        "400" => (
            "400 Bad Request",
            "The request cannot be read: its first line or one of its headers is not HTTP. \
             Percent-encode what stands in the address, blanks too (%20).",
        ),
        "414" => (
            "414 URI Too Long",
            "The address is too long, rejected: at most 65,534 octets. Send the parameters as a form, by POST.",
        ),
        "431" => (
            "431 Request Header Fields Too Large",
            "The address and the headers are too large, or the headers too many, rejected. \
             Send the parameters as a form, by POST.",
        ),
        _ => return None,
    };
    Some(format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: {}\r\n\
         cache-control: no-store\r\nconnection: close\r\n\r\n{words}",
        words.len()
    ))
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    #[tokio::test]
    async fn what_is_read_comes_whole_through_small_buffers() {
        let request = b"GET /cgi-bin/sendsms?text=\"caf\xe9\" HTTP/1.0\r\n\r\n";
        let (mut client, server) = tokio::io::duplex(7);
        let mut connection = Connection::new(server);
        let writing = async {
            client.write_all(request).await.unwrap();
            drop(client);
        };
        let reading = async {
            let (mut all, mut small) = (Vec::new(), [0; 3]);
            loop {
                match connection.read(&mut small).await.unwrap() {
                    0 => return all,
                    n => all.extend_from_slice(&small[..n]),
                }
            }
        };
        let ((), all) = tokio::join!(writing, reading);
        assert_eq!(all, b"GET /cgi-bin/sendsms?text=%22caf%E9%22 HTTP/1.0\r\n\r\n");
    }

    #[tokio::test]
    async fn an_empty_refusal_gets_words() {
        let empty = "HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
        let (mut client, server) = tokio::io::duplex(16);
        let mut connection = Connection::new(server);
        let writing = async {
            connection.write_all(empty.as_bytes()).await.unwrap();
            connection.shutdown().await.unwrap();
        };
        let mut answer = String::new();
        let ((), read) = tokio::join!(writing, client.read_to_string(&mut answer));
        read.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("content-length: {}", body.len())), "{head}");
        assert!(body.starts_with("The request cannot be read"), "{body}");
    }

    #[test]
    fn answers_of_handlers_stay_as_they_are() {
        let ours =
            "HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain\r\ncontent-length: 0\r\n\r\n";
        assert_eq!(in_words(ours.as_bytes()), None);
        let full = "HTTP/1.1 400 Bad Request\r\ncontent-length: 3\r\n\r\nabc";
        assert_eq!(in_words(full.as_bytes()), None);
        let fine = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
        assert_eq!(in_words(fine.as_bytes()), None);
    }
}
