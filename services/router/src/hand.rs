//! A stored message at hand: the messages in it, each on its own way, and the one receipt that waits for all of them.
//!
//! An item of `SMS_WAIT`, or a request, may be a batch. Its messages take their turns like any other. The stored message is
//! acknowledged when all of them are done, and given back when one of them is. So that those done before are not looked at
//! again when it comes again, the router notes in the bucket `batches` how far it has come, once a handful and whenever it
//! gives a stored message back; then also which messages beyond that place are done, for what was refused, or sent another
//! way, is not to be looked at once more hours later. The end is a place too, noted before the acknowledgement and never removed: an
//! acknowledgement does not survive a broker that is killed, and an item that came back without its place would send out again whatever was
//! released longer ago than the router remembers. It stands in a bucket of its own, `handled`, which keeps the latest for some days:
//! each item leaves one, and the places of what waits are not to make room for them. There it is put whatever other copies of the router
//! noted, for what is over is over, and it is looked for first. After a kill, what was released beyond the place, or told
//! to be held, is known from the events (see [`crate::recent`] and [`crate::holds`]).
//!
//! A place that the release before this one noted is found by the first message of its item ([`place_key_before`]) and goes on from
//! there, under the name of today. One that says more of the item than there is in it was another's.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bus::{Bucket, Bus, Entry, Kv, KvError, Receipt};
use contracts::batch::{Place, place_key, place_key_before};
use contracts::mt::MtItem;
use futures_util::future::{try_join, try_join3};
use tokio::time::Instant;
use tracing::Span;

use crate::progress::Progress;

/// Messages that may be done before the place is noted again.
const HANDFUL: usize = 64;
/// The broker is told once in this time that a stored message is still wanted, however many messages are in it.
const TOLD_ENOUGH: Duration = Duration::from_secs(1);

/// Where a stored message waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum From {
    /// In `SMS_WAIT`: a lane counts it.
    Wait,
    /// In `SMS_REQUEST`: it was just asked for.
    Request,
}

/// A message at hand.
#[derive(Debug)]
pub(crate) struct Turn {
    /// The message.
    pub(crate) item: MtItem,
    index: usize,
    hand: Arc<Hand>,
}

/// What becomes of a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Settle {
    /// The message needs nothing more.
    Done,
    /// The stored message has to come again, after this time.
    Back(Option<Duration>),
}

/// What became of the stored message when a turn was settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gone {
    /// It is at hand for other messages in it, or no lane counts it.
    No,
    /// It was acknowledged.
    Acknowledged,
    /// It was given back.
    Back,
}

#[derive(Debug)]
struct Hand {
    bus: Bus,
    from: From,
    receipt: Receipt,
    span: Span,
    /// Where the place is noted; none: the stored message is one message.
    key: Option<String>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    progress: Progress,
    /// What is noted, and its revision in the bucket.
    noted: Place,
    revision: Option<u64>,
    /// Somebody writes it at this moment.
    noting: bool,
    /// When the broker was last told that it is still wanted.
    told_at: Option<Instant>,
    /// It has to come again.
    back: Option<Duration>,
}

/// The turns of a stored message whose place is known.
///
/// # Errors
/// All of its messages are done, and only the acknowledgement is missing: its receipt is given back for that.
pub(crate) fn turns(
    bus: &Bus,
    from: From,
    span: Span,
    item: &MtItem,
    receipt: Receipt,
    came: Option<&Came>,
) -> Result<Vec<Turn>, Receipt> {
    let total = item.len();
    let progress = Progress::at(came.map(|came| &came.place), total);
    if progress.is_over() {
        return Err(receipt);
    }
    let left: Vec<bool> = (0..total).map(|index| progress.is_left(index)).collect();
    let state = State {
        progress,
        noted: came.map_or_else(Place::default, |came| came.place.clone()),
        revision: came.and_then(|came| came.revision),
        noting: false,
        told_at: None,
        back: None,
    };
    let key = (total > 1).then(|| key_of(item));
    let bus = bus.clone();
    let hand = Arc::new(Hand { bus, from, receipt, span, key, state: Mutex::new(state) });
    let messages = item.messages().zip(left).enumerate();
    let turn = |(index, (item, is_left)): (usize, (MtItem, bool))| {
        is_left.then(|| Turn { item, index, hand: Arc::clone(&hand) })
    };
    Ok(messages.filter_map(turn).collect())
}

/// How far a router came with an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Came {
    place: Place,
    /// The revision of the place where it is noted as the item goes on; none: it stands elsewhere.
    revision: Option<u64>,
}

/// The buckets of places, opened once for all items that are fetched together.
pub(crate) struct Places {
    ends: Kv<Place>,
    places: Kv<Place>,
}

impl Places {
    pub(crate) async fn open(bus: &Bus) -> Result<Self, KvError> {
        let buckets = try_join(bus.kv::<Place>(Bucket::Handled), bus.kv::<Place>(Bucket::Batches));
        let (ends, places) = buckets.await?;
        Ok(Self { ends, places })
    }

    /// How far the router came with an item that is a batch, if some of it is done.
    pub(crate) async fn of(&self, item: &MtItem) -> Result<Option<Came>, KvError> {
        let Self { ends, places } = self;
        let (key, before) = (key_of(item), place_key_before(item.id, item.request.round));
        let all = try_join3(ends.get(&key), places.get(&key), places.get(&before)).await?;
        Ok(match all {
            (Some(end), _, _) => Some(Came { place: end.value, revision: None }),
            (None, Some(Entry { value, revision }), _) => {
                Some(Came { place: value, revision: Some(revision) })
            }
            (None, None, before) => {
                let place = before.map(|before| before.value);
                let place = place.filter(|place| is_within(place, item.len()));
                place.map(|place| Came { place, revision: None })
            }
        })
    }
}

/// Whether a place may be that of an item with so many messages which is not over.
fn is_within(place: &Place, total: usize) -> bool {
    place.next < total && place.done.iter().all(|(_, to)| *to <= total)
}

fn key_of(item: &MtItem) -> String {
    let others = item.others.iter().map(|other| other.id);
    place_key(std::iter::once(item.id).chain(others), item.request.round)
}

impl Turn {
    /// A span that follows the stored message.
    pub(crate) fn span(&self) -> Span {
        self.hand.span.clone()
    }

    /// Tells the broker that the stored message is still wanted. It is told once for all messages in it.
    pub(crate) async fn progress(&self) -> Result<(), bus::AckError> {
        {
            let mut state = self.hand.state.lock().unwrap_or_else(PoisonError::into_inner);
            if state.told_at.is_some_and(|at| at.elapsed() < TOLD_ENOUGH) {
                return Ok(());
            }
            state.told_at = Some(Instant::now());
        }
        self.hand.receipt.progress().await
    }

    /// Settles the turn, and the stored message when it was the last.
    pub(crate) async fn settle(self, how: Settle) -> Gone {
        let Self { index, hand, item } = self;
        if let Some(noted) = hand.settled(index, how) {
            hand.note(noted).await;
        }
        // The last of them finds itself alone.
        let Some(hand) = Arc::into_inner(hand) else { return Gone::No };
        hand.note_end().await;
        if let Some(last) = hand.unnoted() {
            hand.note(last).await;
        }
        let (state, from) = (hand.state.into_inner(), hand.from);
        let state = state.unwrap_or_else(PoisonError::into_inner);
        let all_done = state.progress.is_over();
        let settled = if all_done {
            hand.receipt.ack().await
        } else {
            hand.receipt.nak(state.back.filter(|delay| !delay.is_zero())).await
        };
        if let Err(error) = settled {
            // No loss: the stored message comes again, and its messages are seen to be released.
            tracing::debug!(message.id = %item.id, "{error}");
        }
        match from {
            From::Request => Gone::No,
            From::Wait if all_done => Gone::Acknowledged,
            From::Wait => Gone::Back,
        }
    }
}

/// A place to be noted.
struct Note {
    place: Place,
    revision: Option<u64>,
}

impl Hand {
    /// Notes in memory what became of a message; returns the place if the bucket should have it now.
    fn settled(&self, index: usize, how: Settle) -> Option<Note> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match how {
            Settle::Done => {
                state.progress.done(index);
            }
            Settle::Back(delay) => {
                let delay = delay.unwrap_or_default();
                state.back = Some(state.back.map_or(delay, |other| other.max(delay)));
            }
        }
        // Another copy of the router may have come further.
        let far = state.progress.next().saturating_sub(state.noted.next);
        let is_last = state.progress.is_over();
        let due = far >= HANDFUL || (far > 0 && state.back.is_some());
        if self.key.is_none() || state.noting || is_last || !due {
            return None;
        }
        state.noting = true;
        Some(Note { place: state.progress.place(), revision: state.revision })
    }

    /// The place at which a stored message is given back, if that is not noted.
    fn unnoted(&self) -> Option<Note> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let place = state.progress.place();
        let is_new = self.key.is_some() && !state.progress.is_over() && place != state.noted;
        is_new.then_some(Note { place, revision: state.revision })
    }

    /// Notes that a stored message is over, if it is. The few messages of a request that go out at once need no such note: they are
    /// remembered for longer than a broker can forget that.
    async fn note_end(&self) {
        let (Some(key), From::Wait) = (&self.key, self.from) else { return };
        let end = {
            let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            if !state.progress.is_over() {
                return;
            }
            state.progress.place()
        };
        let write = async {
            let ends = self.bus.kv::<Place>(Bucket::Handled).await?;
            match ends.put(key, &end).await {
                // It may have been noted. A broker that does not answer this either is asked no more.
                Err(KvError::Unknown { .. }) => match ends.get(key).await? {
                    Some(_) => Ok(()),
                    None => ends.put(key, &end).await.map(|_| ()),
                },
                noted => noted.map(|_| ()),
            }
        };
        if let Err(error) = write.await {
            tracing::debug!("that a batch is over could not be noted: {error}");
        }
    }

    /// Notes a place in the bucket. A place that is there and was not heard of, for an answer was lost or another copy of
    /// the router wrote it, is read instead, and the next note follows it.
    async fn note(&self, Note { place, revision }: Note) {
        let Some(key) = &self.key else { return };
        let write = async {
            let places = self.bus.kv::<Place>(Bucket::Batches).await?;
            let written = match revision {
                Some(revision) => places.update(key, &place, revision).await,
                None => places.create(key, &place).await,
            };
            match written {
                Ok(revision) => Ok(Some(Entry { value: place, revision })),
                Err(KvError::Conflict { .. } | KvError::Unknown { .. }) => places.get(key).await,
                Err(error) => Err(error),
            }
        };
        let there = write.await;
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.noting = false;
        match there {
            Ok(Some(Entry { value, revision })) => {
                (state.revision, state.noted) = (Some(revision), value);
            }
            Ok(None) => state.revision = None,
            // The next message that is done tries again.
            Err(error) => {
                tracing::debug!("the place of a batch could not be noted: {error}");
            }
        }
    }
}
