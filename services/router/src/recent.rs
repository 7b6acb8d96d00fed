//! What was released in the last day, so that an item that comes back is not released again.
//!
//! An acknowledgement can be lost when the broker or the router is killed; then the item of `SMS_WAIT`
//! is delivered again although its message is long with a modem. The send journal would catch most of
//! these, but it forgets a minute after the item is gone. So the router remembers, and learns what other copies of it
//! release from the events as they are told. At start, after each loss of the connection and when the broker did not say
//! whether it has an item, the router asks the broker before it releases anything more: the `released` events of the last
//! minutes, what stands in `SMS_DISPATCH`, and what drivers told of the last minutes. All of it is there only after the item was
//! stored: a message that was not released cannot be taken for one that was.
//!
//! A router may be killed after it stored an item and before it told so. While the item stands in `SMS_DISPATCH`, it is seen there; when
//! it is gone, its driver has told what became of it before it took it out. Which of the two it is may change while the router looks: it
//! looks at what stands there first.

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use async_nats::jetstream::consumer::DeliverPolicy;
use async_nats::jetstream::stream::LastRawMessageErrorKind;
use async_nats::jetstream::{self, ErrorCode};
use bus::{Bus, Stream};
use contracts::mt::{MtEvent, MtItem};
use contracts::{Filter, MessageId, MtState, Subject};
use futures_util::StreamExt as _;
use tokio::time::Instant;

/// How long a release is remembered. A request that is delivered again, for the broker was killed when it had just been acknowledged, may
/// have its messages wait a second time in the queue of another SIM, which has reached a limit and opens hours later.
const REMEMBERED: Duration = Duration::from_hours(24);
/// At most so many, about 10 MB.
const AT_MOST: usize = 100_000;
/// What is read of the events: so far back from the last release there was.
const BEFORE_THE_LAST: Duration = Duration::from_mins(10);
/// The broker is taken not to answer when it says nothing for so long.
const SILENCE: Duration = Duration::from_secs(5);

/// What is told only of a message that was released.
const TOLD_OF_RELEASED: [Subject; 8] = [
    Subject::MtEvent(MtState::Released),
    Subject::MtEvent(MtState::Deferred),
    Subject::MtEvent(MtState::Sent),
    Subject::OtpEvent(MtState::Sent),
    Subject::MtEvent(MtState::Uncertain),
    Subject::OtpEvent(MtState::Uncertain),
    Subject::MtEvent(MtState::Failed),
    Subject::OtpEvent(MtState::Failed),
];

/// Messages and rounds that were released.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    known: HashSet<(MessageId, u32)>,
    /// By a clock that nobody sets: one that jumped forward would forget them all.
    order: VecDeque<(Instant, MessageId, u32)>,
}

impl Recent {
    /// Notes that a round of a message was released, which is heard at `now`.
    pub(crate) fn insert(&mut self, message: MessageId, round: u32, now: Instant) {
        if self.known.insert((message, round)) {
            self.order.push_back((now, message, round));
        }
        while let Some(&(oldest, message, round)) = self.order.front() {
            if self.order.len() <= AT_MOST && now.saturating_duration_since(oldest) < REMEMBERED {
                break;
            }
            self.order.pop_front();
            self.known.remove(&(message, round));
        }
    }

    /// Notes that the release did not come about.
    pub(crate) fn forget(&mut self, message: MessageId, round: u32) {
        // Its place in the order stays: what goes out of it is then gone already.
        self.known.remove(&(message, round));
    }

    /// Whether it was released.
    pub(crate) fn contains(&self, message: MessageId, round: u32) -> bool {
        self.known.contains(&(message, round))
    }
}

/// A message and round that was released.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Release {
    pub(crate) message: MessageId,
    pub(crate) round: u32,
}

/// Why it is not known what was released or held.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RecallError {
    /// The last event cannot be found.
    #[error("cannot find the last event of a kind in the stream of events: {0}")]
    Last(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Events cannot be read from there on.
    #[error("cannot read the last events of a kind from the stream of events: {0}")]
    Events(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Since when something waits is not known.
    #[error("cannot see since when something waits: {0}")]
    Waiting(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The items to be sent cannot be looked at.
    #[error("cannot see what is to be sent: {0}")]
    Standing(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Reads what stands in `SMS_DISPATCH`, and what was told of released messages in the minutes before the last event of each kind.
pub(crate) async fn read(bus: &Bus) -> Result<Vec<Release>, RecallError> {
    let context = jetstream::new(bus.client().clone());
    let mut releases = standing(&context).await?;
    for subject in &TOLD_OF_RELEASED {
        let told = last_told(&context, subject, Reach::Minutes).await?;
        let release = |MtEvent { message, round, .. }| Release { message, round };
        releases.extend(told.into_iter().map(release));
    }
    Ok(releases)
}

/// How far back events are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// The minutes before the last of them.
    Minutes,
    /// These minutes, and all the time for which the oldest item of `SMS_WAIT` has been there: whatever was told of something that
    /// still waits.
    WhatWaits,
}

/// Reads the last events of one subject.
pub(crate) async fn last_told(
    context: &jetstream::Context,
    subject: &Subject,
    reach: Reach,
) -> Result<Vec<MtEvent>, RecallError> {
    let mut told = Vec::new();
    let subject = subject.to_string();
    let stream = context
        .get_stream_no_info(Stream::Event.as_str())
        .await
        .map_err(|error| RecallError::Last(error.into()))?;
    let last = match stream.get_last_raw_message_by_subject(&subject).await {
        Ok(last) => last,
        Err(error) if is_nothing(error.kind()) => return Ok(told),
        Err(error) => return Err(RecallError::Last(error.into())),
    };
    let mut start_time = last.time - BEFORE_THE_LAST;
    if reach == Reach::WhatWaits {
        let waiting = context.get_stream(Stream::Wait.as_str()).await;
        let waiting = waiting.map_err(|error| RecallError::Waiting(error.into()))?;
        let state = &waiting.cached_info().state;
        if state.messages > 0 {
            start_time = start_time.min(state.first_timestamp);
        }
    }
    let consumer = stream
        .create_consumer(jetstream::consumer::pull::OrderedConfig {
            deliver_policy: DeliverPolicy::ByStartTime { start_time },
            filter_subject: subject,
            ..Default::default()
        })
        .await
        .map_err(|error| RecallError::Events(error.into()))?;
    let mut events =
        consumer.messages().await.map_err(|error| RecallError::Events(error.into()))?;
    loop {
        let next = tokio::time::timeout(SILENCE, events.next()).await;
        let Some(event) = next.map_err(|error| RecallError::Events(error.into()))? else { break };
        let event = event.map_err(|error| RecallError::Events(error.into()))?;
        let sequence = event.info().map_err(RecallError::Events)?.stream_sequence;
        if let Ok(event) = serde_json::from_slice(&event.payload) {
            told.push(event);
        }
        if sequence >= last.sequence {
            break;
        }
    }
    Ok(told)
}

/// The broker has no (further) message there.
fn is_nothing(kind: LastRawMessageErrorKind) -> bool {
    match kind {
        LastRawMessageErrorKind::NoMessageFound => true,
        LastRawMessageErrorKind::JetStream(why) => why.error_code() == ErrorCode::NO_MESSAGE_FOUND,
        _ => false,
    }
}

/// What is to be sent now, whoever released it: it is told to be released a moment later, or never, if its router was
/// killed between the two. There is little of it, for the router keeps this stream shallow.
async fn standing(context: &jetstream::Context) -> Result<Vec<Release>, RecallError> {
    let mut releases = Vec::new();
    let stream = context
        .get_stream_no_info(Stream::Dispatch.as_str())
        .await
        .map_err(|error| RecallError::Standing(error.into()))?;
    let mut from = 1;
    let dispatched = Filter::MtDispatch.to_string();
    while releases.len() < AT_MOST {
        let found = stream.get_first_raw_message_by_subject(&dispatched, from).await;
        let found = match found {
            Ok(found) => found,
            Err(error) if is_nothing(error.kind()) => break,
            Err(error) => return Err(RecallError::Standing(error.into())),
        };
        from = found.sequence + 1;
        if let Ok(MtItem { id, request, .. }) = serde_json::from_slice(&found.payload) {
            releases.push(Release { message: id, round: request.round });
        }
    }
    Ok(releases)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_is_remembered_for_a_day() {
        let mut recent = Recent::default();
        let (one, two) = (MessageId::derived("1"), MessageId::derived("2"));
        let start = Instant::now();
        recent.insert(one, 0, start);
        assert!(recent.contains(one, 0));
        assert!(!recent.contains(one, 1), "another round is another release");
        recent.insert(two, 0, start + REMEMBERED - Duration::from_secs(1));
        assert!(recent.contains(one, 0));
        recent.insert(two, 1, start + REMEMBERED + Duration::from_secs(1));
        assert!(!recent.contains(one, 0));
        assert!(recent.contains(two, 0) && recent.contains(two, 1));
    }
}
