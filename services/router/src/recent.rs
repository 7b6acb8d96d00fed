//! What was released in the last hour, so that an item that comes back is not released again.
//!
//! An acknowledgement can be lost when the broker or the router is killed; then the item of `SMS_WAIT`
//! is delivered again although its message is long with a modem. The send journal would catch most of
//! these, but it forgets a minute after the item is gone. So the router remembers, and at start reads
//! what it released in the minutes before it died from its own `released` events. These are published
//! only after the item to dispatch is stored: a message that was not released cannot be taken for one
//! that was.

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use async_nats::jetstream;
use async_nats::jetstream::consumer::DeliverPolicy;
use bus::Bus;
use contracts::mt::MtEvent;
use contracts::{MessageId, MtState, Subject, Timestamp};
use futures_util::StreamExt as _;

/// How long a release is remembered.
const REMEMBERED: Duration = Duration::from_hours(1);
/// At most so many, about 10 MB.
const AT_MOST: usize = 100_000;
/// What is read at start: so far back from the last release there was.
const BEFORE_THE_LAST: Duration = Duration::from_mins(10);
/// The name of the stream of events.
const EVENTS: &str = "SMS_EVENT";

/// Messages and rounds that were released.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    known: HashSet<(MessageId, u32)>,
    order: VecDeque<(Timestamp, MessageId, u32)>,
}

impl Recent {
    /// It was released at `at`.
    pub(crate) fn insert(&mut self, message: MessageId, round: u32, at: Timestamp) {
        if self.known.insert((message, round)) {
            self.order.push_back((at, message, round));
        }
        while let Some(&(oldest, message, round)) = self.order.front() {
            if self.order.len() <= AT_MOST && at.since(oldest) < REMEMBERED {
                break;
            }
            self.order.pop_front();
            self.known.remove(&(message, round));
        }
    }

    /// It was not released after all.
    pub(crate) fn forget(&mut self, message: MessageId, round: u32) {
        // Its place in the order stays: what goes out of it is then gone already.
        self.known.remove(&(message, round));
    }

    /// Whether it was released.
    pub(crate) fn contains(&self, message: MessageId, round: u32) -> bool {
        self.known.contains(&(message, round))
    }
}

/// Why the last releases could not be read.
#[derive(Debug, thiserror::Error)]
pub enum RecentError {
    /// The stream does not answer.
    #[error("cannot find the last release in the stream of events")]
    Last(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Events cannot be read from there on.
    #[error("cannot read the last releases from the stream of events")]
    Read(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Reads what was released in the minutes before the last release.
pub(crate) async fn load(bus: &Bus) -> Result<Recent, RecentError> {
    let mut recent = Recent::default();
    let subject = Subject::MtEvent(MtState::Released).to_string();
    let context = jetstream::new(bus.client().clone());
    let stream = context
        .get_stream_no_info(EVENTS)
        .await
        .map_err(|error| RecentError::Last(error.into()))?;
    let last = match stream.get_last_raw_message_by_subject(&subject).await {
        Ok(last) => last,
        Err(error)
            if error.kind() == jetstream::stream::LastRawMessageErrorKind::NoMessageFound =>
        {
            return Ok(recent);
        }
        Err(error) => return Err(RecentError::Last(error.into())),
    };
    let start_time = last.time - BEFORE_THE_LAST;
    let consumer = stream
        .create_consumer(jetstream::consumer::pull::OrderedConfig {
            deliver_policy: DeliverPolicy::ByStartTime { start_time },
            filter_subject: subject,
            ..Default::default()
        })
        .await
        .map_err(|error| RecentError::Read(error.into()))?;
    let mut events = consumer.messages().await.map_err(|error| RecentError::Read(error.into()))?;
    while let Some(event) = events.next().await {
        let event = event.map_err(|error| RecentError::Read(error.into()))?;
        let sequence = event.info().map_err(RecentError::Read)?.stream_sequence;
        if let Ok(MtEvent { message, round, at, .. }) = serde_json::from_slice(&event.payload) {
            recent.insert(message, round, at);
        }
        if sequence >= last.sequence {
            break;
        }
    }
    Ok(recent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_is_remembered_for_an_hour() {
        let mut recent = Recent::default();
        let (one, two) = (MessageId::derived("1"), MessageId::derived("2"));
        let start = Timestamp::from_micros(0);
        recent.insert(one, 0, start);
        assert!(recent.contains(one, 0));
        assert!(!recent.contains(one, 1), "another round is another release");
        recent.insert(two, 0, start.plus(Duration::from_secs(3_599)));
        assert!(recent.contains(one, 0));
        recent.insert(two, 1, start.plus(Duration::from_secs(3_601)));
        assert!(!recent.contains(one, 0));
        assert!(recent.contains(two, 0) && recent.contains(two, 1));
    }
}
