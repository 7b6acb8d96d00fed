//! Puts what happened into the lanes of the endpoints that are told of it.
//!
//! One task does so, in the order of the stream, so that nothing overtakes: what comes at one time is one transaction.
//! An event is acknowledged after that, and is unique for an endpoint, so an event told twice is sent once.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use contracts::{DeliveryId, MessageId, SimId, Timestamp, WebhookEvent};
use platform::Clock;
use store::{Listeners, Message, NewDelivery, Reach, Store, StoreError, Webhook};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::announcement::{About, Announcement};
use crate::listeners::{is_told, wants};
use crate::numbers::Numbers;
use crate::payload;

/// Events that wait to be written at a time.
const AT_ONCE: usize = 256;
/// After this the database is asked again when it did not answer.
const AFTER_FAILURE: Duration = Duration::from_secs(1);
/// Messages whose events are held at most. Beyond that, events of a message may change places.
const HELD: usize = 10_000;
/// After this long without the first event of a message, it was written by another copy, or given up: no other one waits
/// behind it. Until then it comes again several times.
const HELD_FOR: Duration = Duration::from_mins(1);

/// What one event tells, with its place in the stream.
struct Told {
    sequence: u64,
    happened: Vec<Announcement>,
    written: oneshot::Sender<Result<(), AnnounceError>>,
}

impl Told {
    /// The message that is being sent, when it tells of one.
    fn message(&self) -> Option<MessageId> {
        self.happened.iter().find_map(|announcement| match &announcement.about {
            About::Sent(event) => Some(event.message),
            About::Received(_) | About::Modem(_) | About::Batch(_) | About::Alert(_) => None,
        })
    }
}

/// Why an event was not put into lanes yet.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum AnnounceError {
    /// The database, for this event and maybe others.
    #[error(transparent)]
    Store(#[from] Arc<StoreError>),
    /// The row of the message is still to come.
    #[error("the message is not in the database yet")]
    NoMessage(MessageId),
    /// The service stops.
    #[error("the service stops")]
    Stopping,
}

impl From<StoreError> for AnnounceError {
    fn from(error: StoreError) -> Self {
        Self::Store(Arc::new(error))
    }
}

/// Where events are handed in.
#[derive(Clone)]
pub(crate) struct Announcer(mpsc::Sender<Told>);

/// Writes what was handed in, until every [`Announcer`] is gone.
pub(crate) struct Writer {
    store: Store,
    clock: Clock,
    numbers: Numbers,
    told: mpsc::Receiver<Told>,
    lanes: Arc<Notify>,
    /// Who is told of events, as that was when it was read last.
    listeners: Listeners,
    /// Messages without a row, each with the place of its first event that waits for the row, and when that was refused
    /// last: later ones wait behind it.
    held: HashMap<MessageId, (u64, Instant)>,
}

/// What became of a batch.
struct Written {
    /// How many deliveries are new.
    new: u64,
    /// What became of each event.
    each: Vec<Result<(), AnnounceError>>,
}

/// Both ends. `lanes` is woken when something new waits.
pub(crate) fn announcer(
    store: Store,
    clock: Clock,
    numbers: Numbers,
    lanes: Arc<Notify>,
) -> (Announcer, Writer) {
    let (write, told) = mpsc::channel(AT_ONCE);
    // No state has this version, so the first look reads all.
    let listeners = Listeners { version: -1, all: Vec::new() };
    let held = HashMap::new();
    (Announcer(write), Writer { store, clock, numbers, told, lanes, listeners, held })
}

impl Announcer {
    /// Returns once what an event tells is in the lanes of all that are told of it. Events are put there in the order in
    /// which this is called and first polled.
    pub(crate) async fn announce(
        &self,
        sequence: u64,
        happened: Vec<Announcement>,
    ) -> Result<(), AnnounceError> {
        if happened.is_empty() {
            return Ok(());
        }
        let (written, answer) = oneshot::channel();
        let told = Told { sequence, happened, written };
        self.0.send(told).await.map_err(|_| AnnounceError::Stopping)?;
        answer.await.unwrap_or(Err(AnnounceError::Stopping))
    }
}

/// Tells the other endpoints of its owner that an endpoint is disabled. `id` is what makes it a repetition.
pub(crate) async fn tell_disabled(
    store: &Store,
    gone: &Webhook,
    id: &str,
    reason: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let event = WebhookEvent::WebhookDisabled;
    let listeners = store.listeners(None).await?.map(|now| now.all).unwrap_or_default();
    let others = listeners.iter().map(|listener| &listener.webhook).filter(|other| {
        let is_same_owner = other.owner == gone.owner && other.org == gone.org;
        is_same_owner && other.id != gone.id && other.events.contains(&event)
    });
    let deliveries: Vec<_> = others
        .map(|other| NewDelivery {
            id: DeliveryId::derived(&format!("{}:{id}:disabled", other.id)),
            webhook: other.id,
            event,
            owner: Some(gone.owner),
            sim: None,
            payload: payload::disabled(gone.id, reason, now),
        })
        .collect();
    store.create_deliveries(&deliveries, now).await.map(drop)
}

impl Writer {
    /// While the database is away, what came first waits here, so that nothing overtakes it.
    pub(crate) async fn run(mut self, soft: CancellationToken) {
        let mut batch = Vec::with_capacity(AT_ONCE);
        while self.told.recv_many(&mut batch, AT_ONCE).await > 0 {
            batch.sort_by_key(|told: &Told| told.sequence);
            let each = match self.write_until_written(&batch, &soft).await {
                Ok(Written { new, each }) => {
                    if new > 0 {
                        self.lanes.notify_one();
                    }
                    each
                }
                Err(error) => vec![Err(AnnounceError::Store(error)); batch.len()],
            };
            for (told, result) in batch.drain(..).zip(each) {
                // Who does not wait any more has the event delivered again.
                let _ = told.written.send(result);
            }
        }
    }

    async fn write_until_written(
        &mut self,
        batch: &[Told],
        soft: &CancellationToken,
    ) -> Result<Written, Arc<StoreError>> {
        loop {
            match self.write(batch).await {
                Err(error) if error.is_temporary() && !soft.is_cancelled() => {
                    tracing::warn!(
                        events = batch.len(),
                        "what happened waits for the database: {error}"
                    );
                    let _ = tokio::time::timeout(AFTER_FAILURE, soft.cancelled()).await;
                }
                written => return written,
            }
        }
    }

    /// Writes a batch in one transaction.
    async fn write(&mut self, batch: &[Told]) -> Result<Written, Arc<StoreError>> {
        // Asked after the events came: an endpoint that was made before something happened is told of it. What the database
        // is asked is whether anything changed, which is one number.
        if let Some(changed) = self.store.listeners(Some(self.listeners.version)).await? {
            self.listeners = changed;
        }
        let mut deliveries = Vec::new();
        let mut each = Vec::with_capacity(batch.len());
        for told in batch {
            if let Some(message) = self.behind(told) {
                each.push(Err(AnnounceError::NoMessage(message)));
                continue;
            }
            let made = self.deliveries(&told.happened).await;
            if let Err(AnnounceError::Store(error)) = &made
                && error.is_temporary()
            {
                return Err(Arc::clone(error));
            }
            self.hold(told, &made);
            each.push(made.map(|mut made| deliveries.append(&mut made)));
        }
        let new = self.store.create_deliveries(&deliveries, self.clock.now()).await?;
        Ok(Written { new, each })
    }

    /// The message without a row, if an earlier event of it waits for the row.
    fn behind(&self, told: &Told) -> Option<MessageId> {
        let message = told.message()?;
        let (first, refused) = self.held.get(&message)?;
        (told.sequence > *first && refused.elapsed() < HELD_FOR).then_some(message)
    }

    /// Notes what became of an event that waits behind no other.
    fn hold<T>(&mut self, told: &Told, made: &Result<T, AnnounceError>) {
        let Some(message) = told.message() else { return };
        if matches!(made, Err(AnnounceError::NoMessage(_))) {
            if self.held.len() >= HELD {
                self.held.clear();
            }
            self.held.insert(message, (told.sequence, Instant::now()));
        } else {
            self.held.remove(&message);
        }
    }

    async fn deliveries(
        &self,
        happened: &[Announcement],
    ) -> Result<Vec<NewDelivery>, AnnounceError> {
        let mut deliveries = Vec::new();
        for announcement in happened {
            // Read when it is known that somebody wants it.
            let mut message = None;
            let wanting =
                self.listeners.all.iter().filter(|listener| wants(listener, announcement));
            for listener in wanting {
                if !is_told(&self.store, listener, announcement).await? {
                    continue;
                }
                if message.is_none() {
                    message = self.message(announcement).await?;
                }
                let webhook = &listener.webhook;
                deliveries.push(NewDelivery {
                    id: announcement.delivery(webhook.id),
                    webhook: webhook.id,
                    event: announcement.event,
                    owner: announcement.owner(),
                    sim: announcement.sim(),
                    payload: self.payload(announcement, message.as_ref(), webhook.raw_pdu),
                });
            }
        }
        Ok(deliveries)
    }

    /// The row of the message that is being sent, when it is about one.
    async fn message(&self, announcement: &Announcement) -> Result<Option<Message>, AnnounceError> {
        let About::Sent(event) = &announcement.about else { return Ok(None) };
        let message = self.store.message(Reach::everything(event.org), event.message).await?;
        message.map(Some).ok_or(AnnounceError::NoMessage(event.message))
    }

    fn payload(
        &self,
        announcement: &Announcement,
        message: Option<&Message>,
        raw_pdu: bool,
    ) -> String {
        let number = |sim: Option<SimId>| sim.and_then(|sim| self.numbers.of(sim));
        match (&announcement.about, message) {
            (About::Sent(event), Some(message)) => {
                let sim = event.change.through().map(|through| through.sim).or(message.sim);
                payload::sent(announcement.event, event, message, number(sim))
            }
            (About::Received(received), _) => {
                payload::received(received, number(Some(received.sim)), raw_pdu)
            }
            (About::Modem(event), _) => {
                payload::at_modem(announcement.event, event, number(event.sim))
            }
            (About::Batch(finished), _) => payload::finished(finished),
            (About::Alert(alert), _) => payload::alert(alert),
            // A message without a row was refused above.
            (About::Sent(_), None) => String::new(),
        }
    }
}
