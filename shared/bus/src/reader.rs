//! Reading a stream from a place on, for those who follow along and may be away for a while.
//!
//! The broker keeps a consumer for each reader that it forgets by itself; the reader makes it anew where it was, when the
//! connection or the broker is back. Nothing is acknowledged.

use std::time::Duration;

use async_nats::jetstream::consumer::{DeliverPolicy, pull};
use contracts::Timestamp;
use futures_util::StreamExt as _;

use crate::item::{ItemError, failed};
use crate::{Bus, Stored, Stream};

/// Messages that are fetched at a time: a reader that stands still has no more than these in memory.
const AT_ONCE: i64 = 64;
/// How long after an error it is read again.
const AGAIN: Duration = Duration::from_secs(1);

/// What a stream holds now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// When the stream was made: another time, and all places are other places.
    pub made_at: Timestamp,
    /// The first place at which a message may be.
    pub first: u64,
    /// The last place that was given to a message; 0: none was.
    pub last: u64,
    /// The bytes of what it holds.
    pub bytes: u64,
    /// The bytes that it may hold. None: it has no limit of its own.
    pub most_bytes: Option<u64>,
}

/// Reads a stream in its order.
pub struct Reader {
    bus: Bus,
    stream: Stream,
    /// The last place that was read.
    place: u64,
    messages: Option<pull::Ordered>,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Reader({}, after {})", self.stream, self.place)
    }
}

impl Bus {
    /// What a stream holds now.
    ///
    /// # Errors
    /// When the broker does not answer.
    pub async fn extent(&self, stream: Stream) -> Result<Extent, ItemError> {
        let handle = self.inner.context.get_stream(stream.as_str()).await;
        let handle = handle.map_err(|error| failed("see the extent", stream)(Box::new(error)))?;
        let info = handle.cached_info();
        let micros = i64::try_from(info.created.unix_timestamp_nanos() / 1000).unwrap_or_default();
        Ok(Extent {
            made_at: Timestamp::from_micros(micros),
            first: info.state.first_sequence,
            last: info.state.last_sequence,
            bytes: info.state.bytes,
            // A limit below zero is none, and so is zero.
            most_bytes: u64::try_from(info.config.max_bytes).ok().filter(|most| *most > 0),
        })
    }

    /// Reads what a stream has after a place, and then what comes.
    pub fn read_after(&self, stream: Stream, place: u64) -> Reader {
        Reader { bus: self.clone(), stream, place, messages: None }
    }
}

impl Reader {
    /// The next message. It waits for one as long as it takes, over failures of the broker too. May be dropped while it
    /// waits.
    pub async fn next(&mut self) -> Stored {
        loop {
            if let Some(messages) = &mut self.messages {
                match messages.next().await {
                    Some(Ok(message)) => {
                        if let Ok(info) = message.info() {
                            let (sequence, published) = (info.stream_sequence, info.published);
                            let nanos = published.unix_timestamp_nanos();
                            let micros = i64::try_from(nanos / 1000).unwrap_or_default();
                            self.place = sequence;
                            return Stored {
                                sequence,
                                subject: message.subject.to_string(),
                                stored_at: Timestamp::from_micros(micros),
                                traceparent: None,
                                reason: None,
                                payload: message.payload.clone(),
                            };
                        }
                        continue;
                    }
                    Some(Err(error)) => {
                        tracing::debug!(stream = %self.stream, "a reader begins anew: {error}");
                    }
                    None => {}
                }
                self.messages = None;
                tokio::time::sleep(AGAIN).await;
            }
            match open(self.bus.clone(), self.stream, self.place).await {
                Ok(messages) => self.messages = Some(messages),
                Err(error) => {
                    tracing::debug!("a reader waits: {error}");
                    tokio::time::sleep(AGAIN).await;
                }
            }
        }
    }
}

/// Makes a consumer that begins after a place.
async fn open(bus: Bus, stream: Stream, place: u64) -> Result<pull::Ordered, ItemError> {
    let failed = failed("read on", stream);
    let handle = bus.inner.context.get_stream_no_info(stream.as_str()).await;
    let handle = handle.map_err(|error| failed(Box::new(error)))?;
    let config = pull::OrderedConfig {
        deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: place + 1 },
        max_batch: AT_ONCE,
        ..pull::OrderedConfig::default()
    };
    let consumer = handle.create_consumer(config).await;
    let consumer = consumer.map_err(|error| failed(Box::new(error)))?;
    consumer.messages().await.map_err(|error| failed(Box::new(error)))
}
