//! What the release has done beside its loop: fetching, dispatching, giving back, counting.

use std::collections::HashMap;
use std::time::Duration;

use bus::{AckError, Bus, ConsumeError, Delivery, Durable, PublishError, Stream, Wait};
use contracts::mt::{Dispatched, MtChange, MtEvent, MtItem};
use contracts::subject::Target;
use contracts::{MessageId, Priority, Timestamp, UserId};
use tracing::Instrument as _;

use crate::room::{dispatch_subject, wait_subject};

/// How long an item is given back for that could not be released.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// One account's items of one priority.
pub(crate) type LaneKey = (UserId, Priority);

/// What became of an item at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// Stored in `SMS_DISPATCH`.
    Dispatched,
    /// Gone without that: its time was over.
    Expired,
    /// Gone: it was released before and only came back.
    Again,
    /// Given back to the stream untried.
    GivenBack,
    /// Given back to the stream, for the broker did not take it.
    Failed,
}

/// What the streams have.
pub(crate) struct Counts {
    pub(crate) waiting: HashMap<LaneKey, u64>,
    pub(crate) dispatched: HashMap<(Target, Priority), u32>,
}

/// What ran beside the loop and has come to its end.
pub(crate) enum Done {
    Fetched { lane: LaneKey, items: Vec<Delivery<MtItem>> },
    Ended { lane: LaneKey, message: MessageId, round: u32, end: End },
    Counted(Option<Counts>),
}

/// Stores the item in `SMS_DISPATCH`, tells so, and takes it out of `SMS_WAIT`, in this order: killed between
/// any two of them, the item comes back and is stored no second time.
pub(crate) async fn dispatch(bus: Bus, lane: LaneKey, delivery: Delivery<MtItem>) -> Done {
    let span = delivery.span("release");
    let (item, receipt) = delivery.into_parts();
    let (message, round) = (item.id, item.request.round);
    let now = Timestamp::now();
    let work = async {
        let event = |change| MtEvent::of(message, &item.request, now, change);
        if item.request.not_after.is_some_and(|until| until <= now) {
            bus.publish(&event(MtChange::Expired {})).await?;
            tracing::info!(message.id = %message, "expired while it waited for its turn");
            return Ok(End::Expired);
        }
        bus.publish(&Dispatched(&item)).await?;
        bus.publish(&event(MtChange::Released {})).await?;
        tracing::debug!(message.id = %message, target = %item.target, "released");
        Ok::<_, PublishError>(End::Dispatched)
    };
    let end = work.instrument(span).await.unwrap_or_else(|error| {
        tracing::warn!(message.id = %message, "not released yet, it is tried again: {error}");
        End::Failed
    });
    let settled = match end {
        End::Failed => receipt.nak(Some(AFTER_FAILURE)).await,
        _ => receipt.ack().await,
    };
    note(message, settled);
    Done::Ended { lane, message, round, end }
}

/// Takes an item out of `SMS_WAIT` that was released before.
pub(crate) async fn drop_released(lane: LaneKey, delivery: Delivery<MtItem>) -> Done {
    let (message, round) = (delivery.value.id, delivery.value.request.round);
    tracing::debug!(message.id = %message, "it came back although it was released; dropped");
    note(message, delivery.ack().await);
    Done::Ended { lane, message, round, end: End::Again }
}

/// Gives an item back to `SMS_WAIT`.
pub(crate) async fn give_back(
    lane: LaneKey,
    delivery: Delivery<MtItem>,
    delay: Option<Duration>,
) -> Done {
    let (message, round) = (delivery.value.id, delivery.value.request.round);
    note(message, delivery.nak(delay).await);
    Done::Ended { lane, message, round, end: End::GivenBack }
}

/// An acknowledgement that does not arrive is no loss: the item comes back and is seen to be released.
fn note(message: MessageId, settled: Result<(), AckError>) {
    if let Err(error) = settled {
        tracing::debug!(message.id = %message, "{error}");
    }
}

pub(crate) async fn fetch(bus: Bus, lane: LaneKey, count: usize) -> Done {
    let items = match bus.fetch(&Durable::Wait(lane.0, lane.1), count, Wait::None).await {
        Ok(items) => items,
        Err(ConsumeError::NotConnected) => Vec::new(),
        Err(error) => {
            tracing::warn!(account = %lane.0, priority = %lane.1, "{error}; trying again");
            Vec::new()
        }
    };
    Done::Fetched { lane, items }
}

/// What the two streams have; nothing when the broker does not answer.
pub(crate) async fn counts(bus: &Bus) -> Option<Counts> {
    let read = async {
        let waiting = bus.stream_subject_counts(Stream::Wait, ">").await?;
        let dispatched = bus.stream_subject_counts(Stream::Dispatch, ">").await?;
        Ok::<_, bus::ItemError>(Counts {
            waiting: waiting
                .into_iter()
                .filter_map(|(subject, count)| Some((wait_subject(&subject)?, count)))
                .collect(),
            dispatched: dispatched
                .into_iter()
                .filter_map(|(subject, count)| {
                    let count = u32::try_from(count).unwrap_or(u32::MAX);
                    Some((dispatch_subject(&subject)?, count))
                })
                .collect(),
        })
    };
    read.await.inspect_err(|error| tracing::debug!("{error}; counting again later")).ok()
}
