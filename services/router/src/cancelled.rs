//! Messages that were taken back, so that they go no further.
//!
//! What decides is the send journal, which no driver passes by; the router only spares such a message its way. It
//! follows the `cancelled` events of the stream from the oldest on, so a cancel that came while no router ran counts.

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use async_nats::jetstream;
use async_nats::jetstream::consumer::{DeliverPolicy, pull};
use async_nats::jetstream::stream::LastRawMessageErrorKind;
use bus::{Bus, Stream};
use contracts::mt::MtEvent;
use contracts::{MessageId, MtState, Subject};
use futures_util::StreamExt as _;
use tokio_util::sync::CancellationToken;

/// At most so many are remembered, the latest; about 5 MB.
const AT_MOST: usize = 100_000;
/// After the broker was lost.
const PAUSE: Duration = Duration::from_secs(1);

type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Messages that were taken back. Clones are the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cancelled(Arc<RwLock<Known>>);

#[derive(Debug, Default)]
struct Known {
    messages: HashSet<MessageId>,
    order: VecDeque<MessageId>,
}

/// Why it is not known what was taken back.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the cancelled messages from the stream of events")]
pub struct CancelledError(#[source] Cause);

impl Cancelled {
    /// Whether it was taken back.
    pub(crate) fn contains(&self, message: MessageId) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).messages.contains(&message)
    }

    fn insert(&self, message: MessageId) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.messages.insert(message) {
            known.order.push_back(message);
        }
        while known.order.len() > AT_MOST {
            let oldest = known.order.pop_front();
            oldest.map(|oldest| known.messages.remove(&oldest));
        }
    }

    /// Reads what there is; the rest is followed by [`Follow::run`].
    pub(crate) async fn follow(&self, bus: &Bus) -> Result<Follow, CancelledError> {
        let mut follow =
            Follow { cancelled: self.clone(), bus: bus.clone(), events: None, next: 1 };
        let last = last(bus).await.map_err(CancelledError)?;
        while follow.next <= last {
            follow.step().await.map_err(CancelledError)?;
        }
        Ok(follow)
    }
}

/// The reader of the events, after what was there has been read.
pub(crate) struct Follow {
    cancelled: Cancelled,
    bus: Bus,
    events: Option<pull::Ordered>,
    /// The place in the stream from which to go on.
    next: u64,
}

impl Follow {
    /// Follows until `soft` is cancelled.
    pub(crate) async fn run(mut self, soft: CancellationToken) {
        let follow = async {
            loop {
                if let Err(error) = self.step().await {
                    tracing::debug!("cancelled messages are followed again in a moment: {error}");
                    self.events = None;
                    tokio::time::sleep(PAUSE).await;
                }
            }
        };
        soft.run_until_cancelled(follow).await;
    }

    /// One event.
    async fn step(&mut self) -> Result<(), Cause> {
        let events = match &mut self.events {
            Some(events) => events,
            none => {
                let stream = jetstream::new(self.bus.client().clone());
                let stream = stream.get_stream_no_info(Stream::Event.as_str()).await?;
                let config = pull::OrderedConfig {
                    deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: self.next },
                    filter_subject: subject(),
                    ..pull::OrderedConfig::default()
                };
                none.insert(stream.create_consumer(config).await?.messages().await?)
            }
        };
        let event = events.next().await.ok_or("the events came to an end")??;
        self.next = event.info()?.stream_sequence + 1;
        // One that cannot be read is kept as a dead letter by persistence.
        if let Ok(MtEvent { message, .. }) = serde_json::from_slice(&event.payload) {
            self.cancelled.insert(message);
        }
        Ok(())
    }
}

/// The place of the last of these events; 0: there is none.
async fn last(bus: &Bus) -> Result<u64, Cause> {
    let stream = jetstream::new(bus.client().clone());
    let stream = stream.get_stream_no_info(Stream::Event.as_str()).await?;
    match stream.get_last_raw_message_by_subject(&subject()).await {
        Ok(last) => Ok(last.sequence),
        Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => Ok(0),
        Err(error) => Err(error.into()),
    }
}

fn subject() -> String {
    Subject::MtEvent(MtState::Cancelled).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_are_remembered_and_no_more() {
        let cancelled = Cancelled::default();
        let id = |n: usize| MessageId::derived(&n.to_string());
        for n in 0..=AT_MOST {
            cancelled.insert(id(n));
            cancelled.insert(id(n));
        }
        assert!(!cancelled.contains(id(0)));
        assert!(cancelled.contains(id(1)) && cancelled.contains(id(AT_MOST)));
    }
}
