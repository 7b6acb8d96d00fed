//! A way to the broker on which single messages are held up, lost, or everything is cut.
//!
//! The proxy reads the broker's protocol in both directions, frame by frame. What matches a [`Point`] waits until its
//! [`Hold`] is opened; everything else passes by, as the answers of one stream pass those of another that is slow.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};

/// What is held up: messages whose subject begins so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Point {
    /// On their way from a client to the broker. Acknowledgements of deliveries are published to
    /// `$JS.ACK.STREAM.CONSUMER.…`, questions about streams to `$JS.API.…`.
    Publish(String),
    /// The broker's answers to what a client published: that it is stored.
    Answer(String),
    /// On their way from the broker to a client.
    Delivery(String),
}

/// See the module. Ends with the runtime it was started on.
#[derive(Debug)]
pub struct NatsProxy {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    to: SocketAddr,
    points: Mutex<Vec<Arc<Held>>>,
    tallies: Mutex<Vec<(Point, Arc<AtomicUsize>)>>,
    /// Where the answers to be held up will go.
    answers: Mutex<HashMap<String, Arc<Held>>>,
    /// Each cut adds one: connections of an earlier number end.
    cut: watch::Sender<Cut>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Cut {
    times: u32,
    now: bool,
}

/// A message that is held up, and where it goes.
type Waiting = (mpsc::UnboundedSender<Vec<u8>>, Vec<u8>);

/// A point and what waits at it.
#[derive(Debug)]
struct Held {
    point: Point,
    /// None when it is open.
    waiting: Mutex<Option<Vec<Waiting>>>,
    count: watch::Sender<usize>,
}

/// Holds messages up until it is opened or dropped.
#[derive(Debug)]
pub struct Hold(Arc<Held>);

/// How many messages have passed a point.
#[derive(Debug)]
pub struct Tally(Arc<AtomicUsize>);

impl Tally {
    /// So many.
    pub fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Hold {
    /// Returns when at least so many messages have been held up.
    pub async fn held(&self, count: usize) {
        let mut held = self.0.count.subscribe();
        let wait = held.wait_for(|held| *held >= count);
        let waited = tokio::time::timeout(crate::PATIENCE, wait).await;
        assert!(waited.is_ok(), "waited in vain for {count} message(s) at {:?}", self.0.point);
    }

    /// How many messages have been held up.
    pub fn count(&self) -> usize {
        *self.0.count.borrow()
    }

    /// Lets everything pass, that held up first.
    pub fn open(self) {
        self.0.open();
    }

    /// Loses what is held up and lets the rest pass.
    pub fn lose(self) {
        lock(&self.0.waiting).take();
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.0.open();
    }
}

impl Held {
    fn open(&self) {
        for (way, frame) in lock(&self.waiting).take().into_iter().flatten() {
            // Its connection may have ended.
            let _ = way.send(frame);
        }
    }

    /// Keeps a frame, or gives it back when the point is open.
    fn keep(&self, way: &mpsc::UnboundedSender<Vec<u8>>, frame: Vec<u8>) -> Option<Vec<u8>> {
        match &mut *lock(&self.waiting) {
            Some(waiting) => waiting.push((way.clone(), frame)),
            None => return Some(frame),
        }
        self.count.send_modify(|count| *count += 1);
        None
    }

    fn is_open(&self) -> bool {
        lock(&self.waiting).is_none()
    }
}

impl NatsProxy {
    /// A way to the server that listens on `port` of 127.0.0.1; see [`crate::NatsServer::port`].
    ///
    /// # Panics
    /// When there is no free port.
    pub async fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("its address");
        let shared = Arc::new(Shared {
            to: SocketAddr::from(([127, 0, 0, 1], port)),
            points: Mutex::default(),
            tallies: Mutex::default(),
            answers: Mutex::default(),
            cut: watch::Sender::new(Cut::default()),
        });
        let accept = Arc::clone(&shared);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(Arc::clone(&accept).pass(client));
            }
        });
        Self { address, shared }
    }

    /// `nats://127.0.0.1:PORT`, for the clients that are to come this way.
    pub fn url(&self) -> String {
        format!("nats://{}", self.address)
    }

    /// Holds up what passes this point from now on.
    pub fn hold(&self, point: Point) -> Hold {
        let held = Arc::new(Held {
            point,
            waiting: Mutex::new(Some(Vec::new())),
            count: watch::Sender::new(0),
        });
        let mut points = lock(&self.shared.points);
        points.retain(|held| !held.is_open());
        points.push(Arc::clone(&held));
        Hold(held)
    }

    /// Counts what passes this point from now on: an [`Point::Answer`] never does.
    pub fn tally(&self, point: Point) -> Tally {
        let count = Arc::new(AtomicUsize::new(0));
        lock(&self.shared.tallies).push((point, Arc::clone(&count)));
        Tally(count)
    }

    /// Ends all connections and takes no new ones until [`NatsProxy::mend`].
    pub fn cut(&self) {
        self.shared.cut.send_modify(|cut| *cut = Cut { times: cut.times + 1, now: true });
    }

    /// Takes connections again.
    pub fn mend(&self) {
        self.shared.cut.send_modify(|cut| cut.now = false);
    }
}

impl Shared {
    /// One connection, until either side or a cut ends it.
    async fn pass(self: Arc<Self>, client: TcpStream) {
        let mut cut = self.cut.subscribe();
        let begun = *cut.borrow_and_update();
        if begun.now {
            return;
        }
        let Ok(server) = TcpStream::connect(self.to).await else { return };
        // Each frame is small and waited for.
        let (_, _) = (client.set_nodelay(true), server.set_nodelay(true));
        let (from_client, to_client) = client.into_split();
        let (from_server, to_server) = server.into_split();
        let (up, up_frames) = mpsc::unbounded_channel();
        let (down, down_frames) = mpsc::unbounded_channel();
        tokio::select! {
            () = self.read(from_client, up) => {}
            () = self.read(from_server, down) => {}
            () = write(to_server, up_frames) => {}
            () = write(to_client, down_frames) => {}
            _ = cut.wait_for(|cut| cut.times != begun.times) => {}
        }
    }

    async fn read(&self, from: OwnedReadHalf, way: mpsc::UnboundedSender<Vec<u8>>) {
        let mut from = BufReader::new(from);
        while let Some(frame) = read_frame(&mut from).await {
            let passes = match self.point_of(&frame) {
                Some(held) => held.keep(&way, frame.bytes),
                None => Some(frame.bytes),
            };
            if let Some(bytes) = passes
                && way.send(bytes).is_err()
            {
                break;
            }
        }
    }

    /// Where a frame is to be held up.
    fn point_of(&self, frame: &Frame) -> Option<Arc<Held>> {
        let (subject, reply) = (frame.subject.as_deref()?, frame.reply.as_deref());
        if !frame.from_client
            && let Some(held) = lock(&self.answers).remove(subject)
        {
            return Some(held);
        }
        for (point, count) in lock(&self.tallies).iter() {
            let passes = match point {
                Point::Publish(begins) => frame.from_client && subject.starts_with(begins),
                Point::Delivery(begins) => !frame.from_client && subject.starts_with(begins),
                Point::Answer(_) => false,
            };
            count.fetch_add(usize::from(passes), Ordering::Relaxed);
        }
        for held in lock(&self.points).iter().filter(|held| !held.is_open()) {
            match &held.point {
                Point::Publish(begins) if frame.from_client && subject.starts_with(begins) => {
                    return Some(Arc::clone(held));
                }
                Point::Delivery(begins) if !frame.from_client && subject.starts_with(begins) => {
                    return Some(Arc::clone(held));
                }
                Point::Answer(begins) if frame.from_client && subject.starts_with(begins) => {
                    if let Some(reply) = reply {
                        lock(&self.answers).insert(reply.to_owned(), Arc::clone(held));
                    }
                }
                _ => {}
            }
        }
        None
    }
}

/// One message or line of the protocol, as it came.
struct Frame {
    bytes: Vec<u8>,
    from_client: bool,
    subject: Option<String>,
    reply: Option<String>,
}

/// None at the end of the connection.
async fn read_frame(from: &mut BufReader<OwnedReadHalf>) -> Option<Frame> {
    let mut bytes = Vec::new();
    if from.read_until(b'\n', &mut bytes).await.ok()? == 0 {
        return None;
    }
    let line = String::from_utf8_lossy(&bytes).into_owned();
    let words: Vec<&str> = line.split_ascii_whitespace().collect();
    // (H)PUB subject [reply] [header bytes] bytes; (H)MSG subject id [reply] [header bytes] bytes.
    let (from_client, sizes, before) = match words.first() {
        Some(&"PUB") => (true, 1, 2),
        Some(&"HPUB") => (true, 2, 2),
        Some(&"MSG") => (false, 1, 3),
        Some(&"HMSG") => (false, 2, 3),
        _ => return Some(Frame { bytes, from_client: false, subject: None, reply: None }),
    };
    let reply = (words.len() > before + sizes).then(|| words.get(before)).flatten();
    let subject = words.get(1).map(|subject| (*subject).to_owned());
    let reply = reply.map(|reply| (*reply).to_owned());
    let size: usize = words.last()?.parse().ok()?;
    let start = bytes.len();
    bytes.resize(start + size + 2, 0);
    from.read_exact(bytes.get_mut(start..)?).await.ok()?;
    Some(Frame { bytes, from_client, subject, reply })
}

async fn write(mut to: OwnedWriteHalf, mut frames: mpsc::UnboundedReceiver<Vec<u8>>) {
    while let Some(frame) = frames.recv().await {
        if to.write_all(&frame).await.is_err() {
            return;
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
