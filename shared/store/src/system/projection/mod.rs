//! The projection, which writes rows from the requests and events of the streams. It is for the service `persistence`
//! alone.
//!
//! Each call is one transaction and idempotent: the same requests and events again change nothing. The two streams
//! are read apart, so an event may come before its request. The event then makes a row without a request, which no
//! reader sees until the request fills it in. Rejected: keeping such events aside until the request is there, which
//! needs a second store and a second order.
//!
//! A state only moves forward: to a higher phase ([`contracts::MtState::phase`]) or, while a message waits, to a
//! later round or to a later event of the same round.

use std::time::Duration;

use contracts::credit::Charged;
use contracts::dlr::Dlr;
use contracts::mo::MoReceived;
use contracts::modem::ModemEvent;
use contracts::mt::{Keeper, MtChange, MtEvent, MtRequest};
use contracts::{MessageId, Priority, Timestamp, UserId};

use crate::engine::on_engine;
use crate::{Store, StoreError};

/// A request as it stands in the stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRequest {
    pub(crate) id: MessageId,
    pub(crate) created_at: Timestamp,
    pub(crate) priority: Priority,
    pub(crate) request: MtRequest,
    pub(crate) ends_at: Option<Timestamp>,
}

impl StoredRequest {
    /// Takes a request from its place in the stream, which gives the id and the time where the request has none.
    pub fn new(
        request: MtRequest,
        priority: Priority,
        stored_at: Timestamp,
        sequence: u64,
    ) -> Self {
        let request = request.stored(stored_at, sequence);
        // `stored` filled in both.
        let id = request.id.unwrap_or_else(|| MessageId::from_stored(stored_at, sequence));
        let created_at = request.created_at.unwrap_or(stored_at);
        let ends_at = request.not_after;
        Self { id, created_at, priority, request, ends_at }
    }

    /// Gives the request an end where it has none: `time` after it was accepted, or after it may be sent.
    #[must_use]
    pub fn expiring_after(mut self, time: Duration) -> Self {
        self.ends_at = Some(self.request.end(self.created_at, time));
        self
    }

    /// Returns the id of the message.
    pub const fn id(&self) -> MessageId {
        self.id
    }
}

/// An event as it stands in the stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// The sequence that the event has in the stream.
    pub sequence: u64,
    /// The event.
    pub body: StoredEventBody,
}

impl StoredEvent {
    /// When a message was paid for, or something happened to it.
    fn at(&self) -> Option<Timestamp> {
        match &self.body {
            StoredEventBody::Mt(event) => Some(event.at),
            StoredEventBody::Charged(charged) => Some(charged.at),
            _ => None,
        }
    }
}

/// The events that leave rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoredEventBody {
    /// Something happened to a message.
    Mt(MtEvent),
    /// A message was received.
    Received(MoReceived),
    /// A delivery report came.
    Dlr(Dlr),
    /// Something happened to a modem.
    Modem(ModemEvent),
    /// Messages were paid for.
    Charged(Charged),
}

/// What follows from a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Projected {
    /// The outcomes of messages of which every part now has one. They are to be published before the batch is
    /// acknowledged.
    pub outcomes: Vec<MtEvent>,
    /// When the first of the messages of this batch is due or over.
    pub due: Option<Timestamp>,
    /// Whether all messages of some batch came to an end by this ([`Store::finished_batches`]).
    pub finished: bool,
    /// Whether messages were written without the words by which they are found, as many requests at once are, because others
    /// press: they are to be given theirs by [`Store::give_words`].
    pub wordless: bool,
    /// The accounts whose credit was charged or raised: messages of theirs that wait for credit may go on by
    /// [`Store::wake_for_credit`].
    pub credited: Vec<UserId>,
}

impl Projected {
    /// Notes a time at which a message is due.
    pub(crate) fn due_at(&mut self, micros: Option<i64>) {
        let at = micros.map(Timestamp::from_micros);
        self.due = self.due.into_iter().chain(at).min();
    }
}

impl Store {
    /// Writes requests to rows.
    pub async fn project_requests(
        &self,
        requests: &[StoredRequest],
    ) -> Result<Projected, StoreError> {
        on_engine!(self, db => db.project_requests(requests))
    }

    /// Writes events to rows, at the time of the last of them: see [`Store::project_events_at`].
    pub async fn project_events(&self, events: &[StoredEvent]) -> Result<Projected, StoreError> {
        let now = events.iter().filter_map(StoredEvent::at).max();
        self.project_events_at(events, now.unwrap_or(Timestamp::from_micros(0))).await
    }

    /// Writes events to rows at `now`, by the clock of whoever writes them: those who told them may have others. Whoever asks by a
    /// received message to be sent nothing more, or to be sent messages again, has that written as a setting.
    pub async fn project_events_at(
        &self,
        events: &[StoredEvent],
        now: Timestamp,
    ) -> Result<Projected, StoreError> {
        let done = on_engine!(self, db => db.project_events(events, now));
        let asks = |event: &StoredEvent| {
            matches!(&event.body, StoredEventBody::Received(MoReceived { wish: Some(_), .. }))
        };
        if events.iter().any(asks) { self.waking(done) } else { done }
    }
}

/// Returns the key of an event in the timeline of its message: an event that is told twice has one key and is one
/// line.
///
/// A modem may do some things twice in a round with one count, such as an uncertain resend. The place in the stream tells
/// these apart. That a part is given to a modem is told apart by its time, for several events may tell it, in whatever
/// round.
pub(crate) fn event_key(event: &MtEvent, sequence: u64) -> String {
    use contracts::Message as _;
    match &event.change {
        MtChange::Sending { part, tries, .. } => {
            let (message, at) = (event.message, event.at.as_micros());
            format!("{message}:sending:{part}.{tries}:{at}")
        }
        // It ends the round.
        MtChange::Deferred { kept_by: Keeper::Router, .. } => event.msg_id(),
        MtChange::Deferred { .. } | MtChange::Uncertain { .. } | MtChange::Unknown => {
            format!("{}:{sequence}", event.msg_id())
        }
        _ => event.msg_id(),
    }
}
