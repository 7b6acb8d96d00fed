//! What the release has done beside its loop: fetching, dispatching, giving back, counting, sweeping, recalling.
//!
//! An errand that tells an event is given the time at which the loop decided it.

pub(crate) mod stranded;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream;
use bus::{Bus, ConsumeError, Delivery, Durable, PublishError, Receipt, Stream, Wait};
use contracts::mt::{
    AlsoAdmitted, Dispatched, Gate, MtChange, MtEvent, MtItem, MtRequest, SendError, Waiting,
};
use contracts::subject::Target;
use contracts::{MessageId, Priority, SimId, Subject, Timestamp, UserId};
use futures_util::future::try_join;
use futures_util::{StreamExt as _, stream};
use tokio::sync::{Semaphore, SemaphorePermit};
use tracing::Instrument as _;

use crate::hand::{Came, Gone, Places, Settle, Turn};
use crate::heard::Admitted;
use crate::holds::Holds;
use crate::lane::LaneKey;
use crate::quotas::{Allotment, Quota};
use crate::recent::{self, Release as Released};

/// How long an item is given back for that could not be released.
const AFTER_FAILURE: Duration = Duration::from_secs(1);
const BACK_LATER: Settle = Settle::Back(Some(AFTER_FAILURE));

/// Ends that are told at one time. A batch of ten thousand that is cancelled would otherwise stand before everything else
/// that the router has to tell the broker.
static ENDS: Semaphore = Semaphore::const_new(256);
/// How often the broker is told that an item whose end has not been told is still wanted.
const PROGRESS: Duration = Duration::from_secs(3);

/// Places of batches that are asked for at once.
const PLACES_AT_ONCE: usize = 16;

/// Items looked at, at most.
const LOOK_AT_MOST: usize = 256;

/// What became of an item at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// Stored in `SMS_DISPATCH`.
    Dispatched,
    /// Gone without that: its time was over, or it may not go out any more.
    Over,
    /// Gone: it was released before and only came back, or it was taken back.
    Again,
    /// Stored in `SMS_DISPATCH`, but that could not be told: given back to the stream, to be told when it comes.
    Untold,
    /// Given back to the stream untried.
    GivenBack,
    /// Given back to the stream, for the broker did not take it.
    Failed,
    /// Given back to the stream, and nobody knows whether it is stored in `SMS_DISPATCH`.
    Unanswered,
}

/// What the streams have.
pub(crate) struct Counts {
    pub(crate) waiting: HashMap<LaneKey, u64>,
    pub(crate) dispatched: HashMap<(Target, Priority), u32>,
}

/// So many items of a lane; the time of the first of them is over then.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Arrived {
    pub(crate) count: u64,
    pub(crate) end: Option<Timestamp>,
}

/// What ran beside the loop and has come to its end.
pub(crate) enum Done {
    Fetched {
        lane: LaneKey,
        items: Vec<(Delivery<MtItem>, Option<Came>)>,
    },
    Ended {
        lane: LaneKey,
        message: MessageId,
        round: u32,
        end: End,
        gone: Gone,
    },
    /// Items of these lanes were stored in `SMS_WAIT`, or could not be.
    Waits {
        lanes: HashMap<LaneKey, Arrived>,
        stored: bool,
    },
    Counted(Option<Counts>),
    /// What was released, as far as the broker knows. What was told to be held is in [`Holds`] by then.
    Recalled(Option<Vec<Released>>),
    /// When the time of a lane's foremost item is over; none: nothing is there, or it has no end.
    Foremost {
        lane: LaneKey,
        end: Option<Timestamp>,
    },
    /// What stands in the stream for a lane, by its place.
    Seen {
        lane: LaneKey,
        items: Vec<(u64, MtItem)>,
    },
    /// What stands in the queue of a SIM that is away, by its place.
    Stranded {
        sim: SimId,
        items: Vec<(u64, MtItem)>,
    },
    /// Whether a message left the queue of a SIM that is away.
    HandedOver {
        item: Box<MtItem>,
        left: bool,
    },
    /// The lanes for which the broker has a consumer.
    Consumers(Vec<LaneKey>),
    /// The consumer of a lane is gone, or stays until the router asks for all of them again.
    Removed,
    /// What was left of a block is given back.
    Returned,
    /// What an account with limits may send.
    Allotted(Arc<Quota>, Allotment),
    /// So many of them were taken out.
    Swept {
        lane: LaneKey,
        count: u64,
    },
}

/// Stores the item in `SMS_DISPATCH`, tells so, and takes it out of its stream, in this order: killed between
/// any two of them, the item comes back and is stored no second time.
pub(crate) async fn dispatch(bus: Bus, lane: LaneKey, turn: Turn, at: Timestamp) -> Done {
    let item = &turn.item;
    let message = item.id;
    let work = async {
        if let Err(error) = bus.publish(&Dispatched(item)).await {
            tracing::warn!(message.id = %message, "a message could not be released and is tried again: {error}");
            return if error.is_unknown() { End::Unanswered } else { End::Failed };
        }
        metrics::counter!("merpati_router_released_total", "priority" => item.priority.as_str())
            .increment(1);
        match tell(&bus, item, released(item), at).await {
            Ok(()) => {
                tracing::debug!(message.id = %message, target = %item.target, "a message was released");
                End::Dispatched
            }
            Err(error) => {
                tracing::warn!(message.id = %message, "a message was released, and that could not be told yet: {error}");
                End::Untold
            }
        }
    };
    let end = work.instrument(tracing::info_span!(parent: turn.span(), "release")).await;
    let settle = if end == End::Dispatched { Settle::Done } else { BACK_LATER };
    ended(lane, turn, end, settle).await
}

/// That an item was released. It may not have been told that it was admitted.
fn released(item: &MtItem) -> MtChange {
    let (target, rule) = (Some(item.target.clone()), item.rule.clone());
    MtChange::Released { parts: Some(item.parts), target, rule }
}

/// Settles a turn.
async fn ended(lane: LaneKey, turn: Turn, end: End, settle: Settle) -> Done {
    let (message, round) = (turn.item.id, turn.item.request.round);
    let gone = turn.settle(settle).await;
    Done::Ended { lane, message, round, end, gone }
}

/// Has what was admitted of requests stored in `SMS_WAIT`, tells of it, and acknowledges the requests.
pub(crate) async fn wait(bus: Bus, admitted: Vec<Admitted>, at: Timestamp) -> Done {
    let items = || admitted.iter().flat_map(|admitted| &admitted.items);
    let mut by_lane: HashMap<LaneKey, Vec<&MtItem>> = HashMap::new();
    for item in items() {
        by_lane.entry(LaneKey::of(item)).or_default().push(item);
    }
    let arrived = |items: &Vec<&MtItem>| Arrived {
        count: items.len() as u64,
        end: items.iter().filter_map(|item| item.request.not_after).min(),
    };
    let lanes = by_lane.iter().map(|(lane, items)| (lane.clone(), arrived(items))).collect();
    let span = admitted.first().map_or_else(tracing::Span::none, |first| first.span.clone());
    let work = async {
        let waiting: Vec<Waiting<'_>> = items().map(Waiting).collect();
        let alike = by_lane.values();
        let told: Vec<MtEvent> =
            alike.filter_map(|items| admission(items.iter().copied(), at)).collect();
        let stored = try_join(bus.publish_all(&waiting), bus.publish_all(&told)).await.map(|_| ());
        if let Err(error) = &stored {
            tracing::warn!(
                requests = admitted.len(),
                "requests could not be put into the queue and are tried again: {error}"
            );
        }
        stored.is_ok()
    };
    let stored = work.instrument(span).await;
    for Admitted { receipt, .. } in admitted {
        let settled =
            if stored { receipt.ack().await } else { receipt.nak(Some(AFTER_FAILURE)).await };
        if let Err(error) = settled {
            tracing::debug!("{error}");
        }
    }
    Done::Waits { lanes, stored }
}

/// That the items of one lane that are no batches were admitted: one event, whatever their number.
fn admission<'a>(items: impl Iterator<Item = &'a MtItem>, at: Timestamp) -> Option<MtEvent> {
    let mut alone = items.filter(|item| item.others.is_empty());
    let MtItem { id, parts, request, target, rule, .. } = alone.next()?;
    let others = alone.map(|item| AlsoAdmitted {
        message: item.id,
        round: item.request.round,
        parts: item.parts,
        rule: item.rule.clone(),
    });
    let (parts, target, rule) = (*parts, target.clone(), rule.clone());
    let change = MtChange::Admitted { parts, target, others: others.collect(), rule };
    Some(MtEvent::of(*id, request, at, change))
}

/// Tells that the time of an item is over and takes it out of its stream.
pub(crate) async fn expire(bus: Bus, lane: LaneKey, turn: Turn, at: Timestamp) -> Done {
    end(bus, lane, turn, MtChange::Expired {}, at).await
}

/// Tells why an item may not go out any more and takes it out of its stream.
pub(crate) async fn refuse(
    bus: Bus,
    lane: LaneKey,
    turn: Turn,
    error: SendError,
    at: Timestamp,
) -> Done {
    end(bus, lane, turn, MtChange::Rejected { error }, at).await
}

/// Tells that an item is to be requested again at once, so that its way is chosen anew, and takes it out of its stream.
pub(crate) async fn reroute(bus: Bus, lane: LaneKey, turn: Turn, at: Timestamp) -> Done {
    let MtRequest { tries, round, .. } = turn.item.request;
    let held = MtChange::Held { gate: Gate::Route, until: at, tries, round: round + 1 };
    end(bus, lane, turn, held, at).await
}

/// Tells that an item is held by a gate and requested again at `until`, and takes it out of its stream.
pub(crate) async fn hold(
    bus: Bus,
    lane: LaneKey,
    turn: Turn,
    (gate, until): (Gate, Timestamp),
    at: Timestamp,
) -> Done {
    let MtRequest { tries, round, .. } = turn.item.request;
    let held = MtChange::Held { gate, until, tries, round: round + 1 };
    end(bus, lane, turn, held, at).await
}

/// Tells that the batch of an item was cancelled and takes the item out of its stream.
pub(crate) async fn cancel(
    bus: Bus,
    lane: LaneKey,
    turn: Turn,
    by: Option<UserId>,
    at: Timestamp,
) -> Done {
    end(bus, lane, turn, MtChange::Cancelled { by }, at).await
}

async fn end(bus: Bus, lane: LaneKey, turn: Turn, change: MtChange, at: Timestamp) -> Done {
    let (message, state) = (turn.item.id, change.state());
    let _place = place_among_ends(&turn).await;
    match tell(&bus, &turn.item, change, at).await {
        Ok(()) => {
            tracing::info!(message.id = %message, "a message is {state}: that was decided while it waited for its turn");
            ended(lane, turn, End::Over, Settle::Done).await
        }
        Err(error) => {
            tracing::warn!(message.id = %message, "a message is {state}, and that could not be told yet: {error}");
            ended(lane, turn, End::Failed, BACK_LATER).await
        }
    }
}

/// Takes an item out of its stream that was released before. That is told again, for maybe it could not be told:
/// told twice, it is kept once.
pub(crate) async fn drop_released(bus: Bus, lane: LaneKey, turn: Turn, at: Timestamp) -> Done {
    let change = released(&turn.item);
    drop_told(bus, lane, turn, change, at).await
}

/// Takes an item out of its stream that was told to be held before, as that was told. That is told again, too: it may have been
/// heard and not stored.
pub(crate) async fn drop_told(
    bus: Bus,
    lane: LaneKey,
    turn: Turn,
    change: MtChange,
    at: Timestamp,
) -> Done {
    let (message, state) = (turn.item.id, change.state());
    tracing::debug!(message.id = %message, "a message that was {state} before left the queue");
    let _place = place_among_ends(&turn).await;
    match tell(&bus, &turn.item, change, at).await {
        Ok(()) => ended(lane, turn, End::Again, Settle::Done).await,
        Err(error) => {
            tracing::debug!(message.id = %message, "a message was {state}, and that could not be told yet: {error}");
            ended(lane, turn, End::GivenBack, BACK_LATER).await
        }
    }
}

/// Takes an item out of its stream whose message was taken back.
pub(crate) async fn drop_cancelled(lane: LaneKey, turn: Turn) -> Done {
    tracing::debug!(message.id = %turn.item.id, "a message that was taken back left the queue");
    ended(lane, turn, End::Again, Settle::Done).await
}

/// Waits for a place among the ends that are told.
async fn place_among_ends(turn: &Turn) -> Option<SemaphorePermit<'static>> {
    loop {
        match tokio::time::timeout(PROGRESS, ENDS.acquire()).await {
            // Nobody closes it.
            Ok(place) => return place.ok(),
            Err(tokio::time::error::Elapsed { .. }) => {
                // It comes again if the broker does not hear of it.
                let _ = turn.progress().await;
            }
        }
    }
}

async fn tell(
    bus: &Bus,
    item: &MtItem,
    change: MtChange,
    at: Timestamp,
) -> Result<(), PublishError> {
    let event = MtEvent::of(item.id, &item.request, at, change).of_priority(item.priority);
    bus.publish(&event).await.map(drop)
}

/// Gives an item back to its stream.
pub(crate) async fn give_back(lane: LaneKey, turn: Turn, delay: Option<Duration>) -> Done {
    ended(lane, turn, End::GivenBack, Settle::Back(delay)).await
}

/// Takes an item out of `SMS_WAIT` whose messages are all done.
pub(crate) async fn acknowledge(lane: LaneKey, item: MtItem, receipt: Receipt) -> Done {
    let (message, round) = (item.id, item.request.round);
    if let Err(error) = receipt.ack().await {
        tracing::debug!(message.id = %message, "{error}");
    }
    Done::Ended { lane, message, round, end: End::Again, gone: Gone::Acknowledged }
}

/// Fetches items of a lane, each with the place to which the router has come with it before.
pub(crate) async fn fetch(bus: Bus, lane: LaneKey, count: usize) -> Done {
    let LaneKey { account, priority, target } = &lane;
    let found = match bus.fetch::<MtItem>(&lane.durable(), count, Wait::None).await {
        Ok(found) => found,
        Err(ConsumeError::NotConnected) => Vec::new(),
        Err(error) => {
            tracing::warn!(%account, %priority, %target, "{error}; trying again");
            Vec::new()
        }
    };
    // A broker that does not answer is not asked once for each of them.
    let places = if found.iter().any(|delivery| is_batch(&delivery.value)) {
        Some(Places::open(&bus).await.map_err(|error| error.to_string()))
    } else {
        None
    };
    let places = places.as_ref();
    let mut items = Vec::with_capacity(found.len());
    let looks = found.into_iter().map(|delivery| async move {
        let place = match places {
            Some(Ok(places)) if is_batch(&delivery.value) => {
                places.of(&delivery.value).await.map_err(|error| error.to_string())
            }
            Some(Err(error)) if is_batch(&delivery.value) => Err(error.clone()),
            _ => Ok(None),
        };
        (delivery, place)
    });
    let looked: Vec<_> = stream::iter(looks).buffered(PLACES_AT_ONCE).collect().await;
    for (delivery, place) in looked {
        match place {
            Ok(place) => items.push((delivery, place)),
            Err(error) => {
                tracing::warn!(%account, %priority, %target, "{error}; a batch waits");
                if let Err(error) = delivery.nak(Some(AFTER_FAILURE)).await {
                    tracing::debug!("{error}");
                }
            }
        }
    }
    Done::Fetched { lane, items }
}

/// Whether there are several messages in an item.
const fn is_batch(item: &MtItem) -> bool {
    !item.others.is_empty()
}

/// Asks for which lanes the broker has a consumer.
pub(crate) async fn consumers(bus: Bus) -> Done {
    let names = bus.durables(Stream::Wait).await;
    let names = names.inspect_err(|error| tracing::debug!("{error}; they are asked for later"));
    let lanes = names.unwrap_or_default();
    Done::Consumers(lanes.iter().filter_map(|name| LaneKey::of_durable(name)).collect())
}

/// Removes the consumer of a lane in which nothing waits.
pub(crate) async fn remove_consumer(bus: Bus, lane: LaneKey) -> Done {
    if let Err(error) = bus.remove_durable(&lane.durable()).await {
        tracing::debug!("{error}; it stays");
    }
    Done::Removed
}

/// What the two streams have; nothing when the broker does not answer.
pub(crate) async fn counts(bus: &Bus) -> Option<Counts> {
    let read = async {
        let waiting = bus.subject_counts(Stream::Wait).await?;
        let dispatched = bus.subject_counts(Stream::Dispatch).await?;
        // The broker may have items that it never delivers: acknowledged ones that came back when it was
        // killed. Its consumer knows how many it still will; the modem-driver sweeps the others.
        let alive = if dispatched.is_empty() {
            HashMap::new()
        } else {
            bus.left_to_consumers(Stream::Dispatch).await?
        };
        Ok::<_, bus::ItemError>((waiting, dispatched, alive))
    };
    let (waiting, dispatched, alive) =
        read.await.inspect_err(|error| tracing::debug!("{error}; counting again later")).ok()?;
    let dispatched = dispatched
        .into_iter()
        .filter_map(|(subject, count)| {
            let Ok(Subject::MtDispatch(target, priority)) = subject.parse() else { return None };
            let name = Durable::dispatch(&target, priority).name();
            let alive = alive.get(&name).copied().unwrap_or(count);
            Some(((target, priority), u32::try_from(count.min(alive)).unwrap_or(u32::MAX)))
        })
        .filter(|(_, count)| *count > 0)
        .collect();
    let waiting = waiting
        .into_iter()
        .filter_map(|(subject, count)| match subject.parse() {
            Ok(Subject::MtWait(account, priority, target)) => {
                Some((LaneKey { account, priority, target }, count))
            }
            _ => None,
        })
        .collect();
    Some(Counts { waiting, dispatched })
}

/// Looks at what stands in `SMS_WAIT` for a lane, whether it is delivered or not.
pub(crate) async fn look(bus: Bus, lane: LaneKey) -> Done {
    let mut items = Vec::new();
    let subject = subject_of(&lane);
    let context = jetstream::new(bus.client().clone());
    if let Ok(stream) = context.get_stream_no_info(Stream::Wait.as_str()).await {
        let mut from = 1;
        while items.len() < LOOK_AT_MOST
            && let Ok(found) = stream.get_first_raw_message_by_subject(&subject, from).await
        {
            from = found.sequence + 1;
            if let Ok(item) = serde_json::from_slice::<MtItem>(&found.payload) {
                items.push((found.sequence, item));
            }
        }
    }
    Done::Seen { lane, items }
}

/// Looks when the time of a lane's foremost item is over, whether it is delivered or not.
pub(crate) async fn foremost(bus: Bus, lane: LaneKey) -> Done {
    let context = jetstream::new(bus.client().clone());
    let look = async {
        let stream = context.get_stream_no_info(Stream::Wait.as_str()).await.ok()?;
        let found = stream.get_first_raw_message_by_subject(subject_of(&lane), 1).await.ok()?;
        let item: MtItem = serde_json::from_slice(&found.payload).ok()?;
        item.request.not_after
    };
    let end = look.await;
    Done::Foremost { lane, end }
}

fn subject_of(lane: &LaneKey) -> String {
    Subject::MtWait(lane.account, lane.priority, lane.target.clone()).to_string()
}

/// Reads what was released, and what was told to be held.
pub(crate) async fn recall(bus: Bus, holds: Holds) -> Done {
    let read = try_join(recent::read(&bus), holds.recall(&bus)).await;
    let read = read.inspect_err(|error| tracing::warn!("{error}; nothing is released till then"));
    Done::Recalled(read.ok().map(|(released, ())| released))
}

/// Takes items out of `SMS_WAIT` by their places that were released before, and tells that again.
pub(crate) async fn sweep(
    bus: Bus,
    lane: LaneKey,
    items: Vec<(u64, MtItem)>,
    at: Timestamp,
) -> Done {
    let mut count = 0;
    for (sequence, item) in items {
        let told =
            item.messages().map(|item| MtEvent::of(item.id, &item.request, at, released(&item)));
        if let Err(error) = bus.publish_all(&told.collect::<Vec<_>>()).await {
            tracing::debug!("{error}; it is swept later");
            continue;
        }
        match bus.delete_item(Stream::Wait, sequence).await {
            Ok(_) => count += 1,
            Err(error) => tracing::debug!("{error}; it is swept later"),
        }
    }
    tracing::debug!(account = %lane.account, count, "items that were released before were swept out of the queue");
    Done::Swept { lane, count }
}

#[cfg(test)]
mod tests;
