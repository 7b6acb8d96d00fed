//! Requests over kept-alive connections, as fast as they are answered.
//!
//! Plain sockets and requests written by hand: the load comes from the cores that are measured, so it has to be cheap.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::gateway::PATIENCE;

/// Writes the request of a number.
pub(crate) type Write = Arc<dyn Fn(u64) -> Vec<u8> + Send + Sync>;

/// When a measurement ends.
#[derive(Clone, Copy)]
pub(crate) enum End {
    /// After a time.
    Time(Duration),
    /// After that many requests of all connections together.
    Requests(u64),
}

/// What was taken, and in what time.
pub(crate) struct Taken {
    /// Requests that were answered 202.
    pub(crate) requests: u64,
    /// From the first request to the last answer.
    pub(crate) time: Duration,
}

/// An HTTP/1.1 connection that is kept; where the program closes it after an answer, the next request opens another.
pub(crate) struct Connection {
    address: String,
    stream: Option<TcpStream>,
    answer: Vec<u8>,
}

impl Connection {
    /// Connects to `HOST:PORT`.
    pub(crate) async fn open(address: &str) -> Self {
        let stream = Some(connect(address).await);
        Self { address: address.to_owned(), stream, answer: Vec::with_capacity(64 * 1024) }
    }

    /// Sends a request, reads the whole answer, and gives its status.
    pub(crate) async fn ask(&mut self, request: &[u8]) -> u16 {
        self.answer.clear();
        let exchange = async {
            let mut stream = match self.stream.take() {
                Some(stream) => stream,
                None => connect(&self.address).await,
            };
            stream.write_all(request).await.unwrap();
            let mut head = None;
            loop {
                let read = stream.read_buf(&mut self.answer).await.unwrap();
                assert!(read > 0, "{} closed: {}", self.address, beginning(&self.answer));
                head = head.or_else(|| Head::read(&self.answer));
                if let Some(Head { status, whole, closes }) = head
                    && self.answer.len() >= whole
                {
                    self.stream = (!closes).then_some(stream);
                    return status;
                }
            }
        };
        tokio::time::timeout(PATIENCE, exchange).await.expect("an answer in time")
    }

    /// The beginning of the last answer.
    pub(crate) fn last(&self) -> String {
        beginning(&self.answer)
    }
}

async fn connect(address: &str) -> TcpStream {
    let stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

fn beginning(answer: &[u8]) -> String {
    String::from_utf8_lossy(&answer[..answer.len().min(1000)]).into_owned()
}

/// What the head of an answer says.
#[derive(Clone, Copy)]
struct Head {
    status: u16,
    /// Octets of the answer with its head.
    whole: usize,
    /// The connection ends with the answer.
    closes: bool,
}

impl Head {
    /// None until all of it is there.
    fn read(answer: &[u8]) -> Option<Self> {
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
        let head = String::from_utf8_lossy(&answer[..end]).to_ascii_lowercase();
        let field = |name: &str| {
            let mut lines = head.lines().filter_map(|line| line.split_once(':'));
            lines.find(|(field, _)| *field == name).map(|(_, value)| value.trim())
        };
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        let length: Option<usize> = field("content-length").and_then(|length| length.parse().ok());
        Some(Self {
            status: status.expect("an answer with a status"),
            whole: end + length.expect("an answer with its length"),
            closes: field("connection") == Some("close"),
        })
    }
}

/// Asks over `connections` at one time. Requests are numbered from 0, and each must be answered 202.
pub(crate) async fn drive(address: &str, connections: usize, end: End, write: &Write) -> Taken {
    let numbers = Arc::new(AtomicU64::new(0));
    let mut opened = Vec::new();
    for _ in 0..connections {
        opened.push(Connection::open(address).await);
    }
    let started = Instant::now();
    let mut running = JoinSet::new();
    for mut connection in opened {
        let (write, numbers) = (Arc::clone(write), Arc::clone(&numbers));
        running.spawn(async move {
            let mut taken = 0;
            loop {
                let number = numbers.fetch_add(1, Ordering::Relaxed);
                let is_over = match end {
                    End::Time(time) => started.elapsed() >= time,
                    End::Requests(all) => number >= all,
                };
                if is_over {
                    return taken;
                }
                let status = connection.ask(&write(number)).await;
                assert_eq!(status, 202, "{}", connection.last());
                taken += 1;
            }
        });
    }
    let requests = running.join_all().await.iter().sum();
    Taken { requests, time: started.elapsed() }
}
