//! Whether the broker stores what it is given.
//!
//! A broker whose disk was full goes on answering: for its account, for the state of a stream, even a publish
//! that expects another last sequence is refused as it should be. It stores nothing all the same. nats-server
//! 2.9 closes JetStream as a whole, newer ones each stream whose file could not be written, and both keep it
//! closed after there is space, until they are restarted. So only a message that was stored proves anything.
//!
//! Each stream has a subject of its own for that, `sms.v1.probe.<stream>`, which no consumer reads. In a bucket
//! the new message replaces the one before; `SMS_REQUEST` keeps nothing that nobody reads; from the others it is
//! deleted at once. Because a message that nobody reads is answered without being kept, it proves nothing of a
//! `SMS_REQUEST` that is full: so the size of that stream is looked at, too. Whoever asks within [`FRESH`] gets the same
//! answer, so that many probes cost no more than one.
//!
//! A stream that is not there any more, because somebody deleted it, is told and made again.

use std::fmt;
use std::time::Duration;

use async_nats::RequestErrorKind;
use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::context::GetStreamErrorKind;
use bytes::Bytes;
use futures_util::future::join_all;
use serde::Deserialize;
use tokio::sync::{Mutex, watch};
use tokio::time::Instant;

use crate::publish::{MAX_BYTES, is_limit};
use crate::stream::probe_subject;
use crate::{Bucket, Bus, Stream, topology};

/// How long an answer is used again.
const FRESH: Duration = Duration::from_secs(2);
/// How long a stream may take to store a message of no bytes.
const ANSWER: Duration = Duration::from_secs(2);

/// What a request takes in `SMS_REQUEST` at most, but for the longest ones: with less room than that the stream is full.
const A_REQUEST: u64 = 2_048;

/// Why the broker cannot be relied upon at the moment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unhealthy {
    /// There is no connection.
    #[error("there is no connection to NATS at {url}")]
    NotConnected {
        /// Where, without a password.
        url: String,
    },
    /// Streams that store nothing.
    #[error(
        "NATS at {url} does not store anything in {}. When its disk was full, it needs space and then a restart; \
         the private broker of `merpati up` is restarted by itself", listed(.streams)
    )]
    Silent {
        /// Where, without a password.
        url: String,
        /// The streams, each with what came in place of an answer.
        streams: Vec<Ill>,
    },
    /// Streams that are full: their own limit is reached, or one of the account.
    #[error(
        "NATS at {url} has no room in {}. Let the backlog be sent, or raise the limit: nats.max_bytes, or that of \
         the NATS account", listed(.streams)
    )]
    Full {
        /// Where, without a password.
        url: String,
        /// The streams, each with its reason.
        streams: Vec<Ill>,
    },
}

impl Unhealthy {
    /// Whether a restart of the broker may mend it. A stream that is at its limit works.
    pub const fn is_silent(&self) -> bool {
        matches!(self, Self::NotConnected { .. } | Self::Silent { .. })
    }
}

/// A stream that did not store a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ill {
    /// Its name on the broker.
    pub stream: String,
    /// What it said; none: it said nothing.
    pub reason: Option<String>,
}

impl fmt::Display for Ill {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.reason {
            None => f.write_str(&self.stream),
            Some(reason) => write!(f, "{} ({reason})", self.stream),
        }
    }
}

fn listed(streams: &[Ill]) -> String {
    streams.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// What is known of the broker's health.
#[derive(Debug)]
pub(crate) struct Health {
    known: Mutex<Known>,
    doubts: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Known {
    last: Option<(Instant, Result<(), Unhealthy>)>,
    /// How many doubts there had been when all streams last stored.
    settled: u64,
    /// Probes that could not be deleted yet.
    leftovers: Vec<(Stream, u64)>,
}

impl Health {
    pub(crate) fn new() -> Self {
        Self { known: Mutex::default(), doubts: watch::channel(0).0 }
    }
}

/// What came of one probe.
enum Answer {
    Stored(u64),
    /// Nobody listens for the subject: JetStream is closed, or the stream is not there.
    Nobody,
    /// Nothing, or the reason why it cannot.
    Failed(Option<String>),
    /// The stream is at its limit.
    Full(String),
}

/// The broker's answer to a publish.
#[derive(Deserialize)]
struct Acknowledged {
    #[serde(default)]
    seq: u64,
    error: Option<ApiError>,
}

#[derive(Deserialize)]
struct ApiError {
    #[serde(default)]
    description: String,
}

impl Bus {
    /// Whether the connection stands and every stream and bucket stores what it is given. Takes a few seconds
    /// at most; concurrent calls share one answer.
    ///
    /// # Errors
    /// Which do not, in words, for `/readyz`.
    pub async fn healthy(&self) -> Result<(), Unhealthy> {
        let url = self.inner.settings.shown_url();
        if !self.is_connected() {
            return Err(Unhealthy::NotConnected { url });
        }
        let mut known = self.inner.health.known.lock().await;
        if let Some((at, result)) = &known.last
            && at.elapsed() < FRESH
        {
            return result.clone();
        }
        let doubts = *self.inner.health.doubts.borrow();
        // Each probe leaves a hole in the numbering of dead letters, which their list walks through: they are
        // asked only when something went unanswered.
        let streams =
            Stream::ALL.into_iter().filter(|s| *s != Stream::Dead || doubts != known.settled);
        let streams: Vec<Stream> = streams.collect();
        let names = streams.iter().map(|stream| stream.as_str().to_owned());
        let names: Vec<String> = names.chain(Bucket::ALL.map(Bucket::stream_name)).collect();
        let answers = join_all(names.iter().map(|name| self.probe(name))).await;
        let (mut silent, mut full, mut absent) = (Vec::new(), Vec::new(), None);
        for (place, (stream, answer)) in names.into_iter().zip(answers).enumerate() {
            match answer {
                Answer::Stored(sequence) => {
                    let kept = streams.get(place).filter(|stream| **stream != Stream::Request);
                    known.leftovers.extend(kept.map(|stream| (*stream, sequence)));
                }
                Answer::Nobody => {
                    absent.get_or_insert_with(|| stream.clone());
                    silent.push(Ill { stream, reason: None });
                }
                Answer::Failed(reason) => silent.push(Ill { stream, reason }),
                Answer::Full(why) => full.push(Ill { stream, reason: Some(why) }),
            }
        }
        self.remove(&mut known.leftovers).await;
        if let Some(stream) = absent {
            self.make_again(&stream).await;
        }
        let result = if !silent.is_empty() {
            Err(Unhealthy::Silent { url, streams: silent })
        } else if !full.is_empty() {
            Err(Unhealthy::Full { url, streams: full })
        } else {
            known.settled = doubts;
            Ok(())
        };
        known.last = Some((Instant::now(), result.clone()));
        result
    }

    /// Counts up whenever the broker owed an answer and did not give it. Who keeps a broker looks at
    /// [`Bus::healthy`] then.
    pub fn doubts(&self) -> watch::Receiver<u64> {
        self.inner.health.doubts.subscribe()
    }

    /// The broker did not answer.
    pub(crate) fn doubt(&self) {
        self.inner.health.doubts.send_modify(|doubts| *doubts = doubts.wrapping_add(1));
    }

    async fn probe(&self, stream: &str) -> Answer {
        let asked = self.inner.client.request(probe_subject(stream), Bytes::new());
        let answer = match tokio::time::timeout(ANSWER, asked).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) if error.kind() == RequestErrorKind::NoResponders => {
                return Answer::Nobody;
            }
            _ => return Answer::Failed(None),
        };
        match serde_json::from_slice::<Acknowledged>(&answer.payload) {
            Ok(Acknowledged { error: Some(error), .. }) if is_limit(&error.description) => {
                Answer::Full(error.description)
            }
            Ok(Acknowledged { error: Some(error), .. }) => Answer::Failed(Some(error.description)),
            // What could not be written to the disk is acknowledged as number 0 where nobody reads it.
            Ok(Acknowledged { seq: 0, .. }) => Answer::Failed(None),
            Ok(Acknowledged { seq, .. }) if stream == Stream::Request.as_str() => {
                self.has_room(stream, seq).await
            }
            Ok(Acknowledged { seq, .. }) => Answer::Stored(seq),
            Err(error) => Answer::Failed(Some(format!("an answer that is none: {error}"))),
        }
    }

    /// Makes everything again if the broker says that it has no such stream: somebody deleted it, with what it held. It is
    /// told as silent until the next look.
    async fn make_again(&self, stream: &str) {
        let (context, settings) = (&self.inner.context, &self.inner.settings);
        // A broker that is starting or stands still says nothing of the kind.
        let Ok(Err(error)) = tokio::time::timeout(ANSWER, context.get_stream(stream)).await else {
            return;
        };
        let GetStreamErrorKind::JetStream(why) = error.kind() else { return };
        if why.error_code() != ErrorCode::STREAM_NOT_FOUND {
            return;
        }
        match topology::ensure_all(context, settings).await {
            Ok(()) => tracing::warn!(
                "somebody deleted {stream} on the broker, with what it held; it is made again"
            ),
            Err(error) => tracing::warn!("somebody deleted {stream} on the broker: {error}"),
        }
    }

    /// Whether the stream has room for another request. It answered the probe with `seq`.
    async fn has_room(&self, stream: &str, seq: u64) -> Answer {
        let context = async_nats::jetstream::new(self.inner.client.clone());
        let looked = tokio::time::timeout(ANSWER, context.get_stream(stream)).await;
        let Ok(looked) = looked else { return Answer::Failed(None) };
        let found = match &looked {
            Ok(found) => found.cached_info(),
            Err(error) => return Answer::Failed(Some(error.to_string())),
        };
        // A limit below zero is none.
        match u64::try_from(found.config.max_bytes) {
            Ok(limit) if limit.saturating_sub(found.state.bytes) < A_REQUEST => {
                Answer::Full(MAX_BYTES.to_owned())
            }
            _ => Answer::Stored(seq),
        }
    }

    /// Deletes stored probes; those it cannot delete stay listed, for the next time.
    async fn remove(&self, leftovers: &mut Vec<(Stream, u64)>) {
        let deleted = join_all(leftovers.iter().map(|(stream, sequence)| {
            tokio::time::timeout(ANSWER, self.delete_item(*stream, *sequence))
        }));
        let mut deleted = deleted.await.into_iter();
        leftovers.retain(|_| !matches!(deleted.next(), Some(Ok(Ok(_)))));
        // A broker that stores and never deletes is none we know of.
        leftovers.truncate(64);
    }
}
