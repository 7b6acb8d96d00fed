//! What the release has done beside its loop: fetching, dispatching, giving back, counting, sweeping.

use std::collections::HashMap;
use std::time::Duration;

use async_nats::jetstream;
use bus::{AckError, Bus, ConsumeError, Delivery, Durable, PublishError, Stream, Wait};
use contracts::mt::{Dispatched, MtChange, MtEvent, MtItem};
use contracts::subject::Target;
use contracts::{MessageId, Priority, Subject, Timestamp, UserId};
use futures_util::StreamExt as _;
use tracing::Instrument as _;

use crate::room::{dispatch_subject, wait_subject};

/// How long an item is given back for that could not be released.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// Questions to the broker at one time.
const AT_ONCE: usize = 16;
/// Items looked at, at most.
const LOOK_AT_MOST: usize = 256;

/// One account's items of one priority.
pub(crate) type LaneKey = (UserId, Priority);

/// What became of an item at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// Stored in `SMS_DISPATCH`.
    Dispatched,
    /// Gone without that: its time was over.
    Expired,
    /// Gone: it was released before and only came back, or it was taken back.
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
    Fetched {
        lane: LaneKey,
        items: Vec<Delivery<MtItem>>,
    },
    Ended {
        lane: LaneKey,
        message: MessageId,
        round: u32,
        end: End,
    },
    Counted(Option<Counts>),
    /// What stands in the stream for a lane, by its place.
    Seen {
        lane: LaneKey,
        items: Vec<(u64, MessageId, u32)>,
    },
    /// So many of them were taken out.
    Swept {
        lane: LaneKey,
        count: u64,
    },
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
        metrics::counter!("merpati_router_released_total", "priority" => item.priority.as_str())
            .increment(1);
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

/// Takes an item out of `SMS_WAIT` that was released before, or taken back.
pub(crate) async fn drop_released(lane: LaneKey, delivery: Delivery<MtItem>) -> Done {
    let (message, round) = (delivery.value.id, delivery.value.request.round);
    tracing::debug!(message.id = %message, "it was released before, or taken back; dropped");
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
        Ok::<_, bus::ItemError>((waiting, dispatched))
    };
    let (waiting, dispatched) =
        read.await.inspect_err(|error| tracing::debug!("{error}; counting again later")).ok()?;
    let context = jetstream::new(bus.client().clone());
    let stream = context.get_stream_no_info(Stream::Dispatch.name()).await.ok()?;
    let stream = &stream;
    let dispatched = dispatched.into_iter().filter_map(|(subject, count)| {
        let (target, priority) = dispatch_subject(&subject)?;
        Some(async move {
            let durable = Durable::dispatch(&target, priority);
            // The broker may have items that it never delivers: acknowledged ones that came back when it was
            // killed. Its consumer knows how many it still will; the modem-driver sweeps the others.
            let alive = match stream.consumer_info(durable.name()).await {
                Ok(info) => info.num_pending.saturating_add(info.num_ack_pending as u64),
                Err(_) => count,
            };
            ((target, priority), u32::try_from(count.min(alive)).unwrap_or(u32::MAX))
        })
    });
    let dispatched = futures_util::stream::iter(dispatched)
        .buffer_unordered(AT_ONCE)
        .filter(|(_, count)| std::future::ready(*count > 0))
        .collect()
        .await;
    let waiting = waiting
        .into_iter()
        .filter_map(|(subject, count)| Some((wait_subject(&subject)?, count)))
        .collect();
    Some(Counts { waiting, dispatched })
}

/// Looks at what stands in `SMS_WAIT` for a lane, whether it is delivered or not.
pub(crate) async fn look(bus: Bus, lane: LaneKey) -> Done {
    let mut items = Vec::new();
    let subject = Subject::MtWait(lane.0, lane.1).to_string();
    let context = jetstream::new(bus.client().clone());
    if let Ok(stream) = context.get_stream_no_info(Stream::Wait.name()).await {
        let mut from = 1;
        while items.len() < LOOK_AT_MOST
            && let Ok(found) = stream.get_first_raw_message_by_subject(&subject, from).await
        {
            from = found.sequence + 1;
            if let Ok(item) = serde_json::from_slice::<MtItem>(&found.payload) {
                items.push((found.sequence, item.id, item.request.round));
            }
        }
    }
    Done::Seen { lane, items }
}

/// Takes items out of `SMS_WAIT` by their places.
pub(crate) async fn sweep(bus: Bus, lane: LaneKey, sequences: Vec<u64>) -> Done {
    let mut count = 0;
    for sequence in sequences {
        match bus.delete_item(Stream::Wait, sequence).await {
            Ok(_) => count += 1,
            Err(error) => tracing::debug!("{error}; it is swept later"),
        }
    }
    tracing::debug!(account = %lane.0, count, "swept items that were released before");
    Done::Swept { lane, count }
}
