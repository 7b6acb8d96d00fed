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

use async_nats::jetstream;
use bus::{Bus, Stream};
use contracts::mt::{MtEvent, MtItem};
use contracts::{Filter, MessageId, MtState, Subject};
use tokio::time::Instant;

use crate::told::{Reach, RecallError, is_nothing, last_told};

/// How long a release is remembered. A request that is delivered again, for the broker was killed when it had just been acknowledged, may
/// have its messages wait a second time in the queue of another SIM, which has reached a limit and opens hours later.
const REMEMBERED: Duration = Duration::from_hours(24);
/// At most so many, about 10 MB.
const AT_MOST: usize = 100_000;
/// So many events of a kind are read at least, if there are as many, and no more than twice as many.
const READ: u64 = 50_000;

/// What is told only of a message that was released. What is most in doubt comes last, and is forgotten last.
const TOLD_OF_RELEASED: [Subject; 8] = [
    Subject::MtEvent(MtState::Failed),
    Subject::MtEvent(MtState::Uncertain),
    Subject::MtEvent(MtState::Sent),
    Subject::OtpEvent(MtState::Failed),
    Subject::OtpEvent(MtState::Uncertain),
    Subject::OtpEvent(MtState::Sent),
    Subject::MtEvent(MtState::Deferred),
    Subject::MtEvent(MtState::Released),
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

/// Reads what stands in `SMS_DISPATCH`, and what was told of released messages in the minutes before the last event of each kind, or the
/// latest of it where that is very much. What is to be forgotten first is the first of it.
pub(crate) async fn read(bus: &Bus) -> Result<Vec<Release>, RecallError> {
    let context = jetstream::new(bus.client().clone());
    let standing = standing(&context).await?;
    let mut releases = Vec::new();
    for subject in &TOLD_OF_RELEASED {
        let hear = |MtEvent { message, round, .. }: MtEvent| {
            releases.push(Release { message, round });
        };
        last_told(&context, subject, Reach::Minutes, None, READ, hear).await?;
    }
    releases.extend(standing);
    Ok(releases)
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
