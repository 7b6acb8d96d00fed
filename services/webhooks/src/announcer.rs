//! Puts what happened into the lanes of the endpoints that are told of it.
//!
//! What comes at one time is one transaction, in the order of the stream. Each event is acknowledged after that, and is
//! unique for an endpoint, so an event told twice is sent once.

use std::sync::Arc;

use contracts::{MessageId, PhoneNumber, SimId};
use platform::Clock;
use store::{Message, NewDelivery, Reach, Store, StoreError};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::Instant;

use crate::happening::{About, Happening};
use crate::listeners::{Listeners, is_told, wants};
use crate::numbers::Numbers;
use crate::payload;

/// Events that wait to be written at a time.
const AT_ONCE: usize = 256;

/// What was made of one event, with its place in the stream.
struct Told {
    sequence: u64,
    deliveries: Vec<NewDelivery>,
    written: oneshot::Sender<Result<(), Arc<StoreError>>>,
}

/// Why an event was not put into lanes yet.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AnnounceError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The database, for this event and others.
    #[error(transparent)]
    Write(#[from] Arc<StoreError>),
    /// The row of the message is still to come.
    #[error("the message is not in the database yet")]
    NoMessage(MessageId),
    /// The service stops.
    #[error("the service stops")]
    Stopping,
}

/// Where events are handed in.
#[derive(Clone)]
pub(crate) struct Announcer {
    store: Store,
    clock: Clock,
    numbers: Numbers,
    listeners: Arc<Listeners>,
    write: mpsc::Sender<Told>,
}

/// Writes what was handed in, until every [`Announcer`] is gone.
pub(crate) struct Writer {
    store: Store,
    clock: Clock,
    told: mpsc::Receiver<Told>,
    lanes: Arc<Notify>,
}

/// Both ends. `lanes` is woken when something new waits.
pub(crate) fn announcer(
    store: Store,
    clock: Clock,
    numbers: Numbers,
    lanes: Arc<Notify>,
) -> (Announcer, Writer) {
    let (write, told) = mpsc::channel(AT_ONCE);
    let listeners = Arc::default();
    let writer = Writer { store: store.clone(), clock, told, lanes };
    (Announcer { store, clock, numbers, listeners, write }, writer)
}

impl Announcer {
    /// Returns once what an event tells is in the lanes of all that are told of it.
    pub(crate) async fn announce(
        &self,
        sequence: u64,
        happened: Vec<Happening>,
    ) -> Result<(), AnnounceError> {
        if happened.is_empty() {
            return Ok(());
        }
        let listeners = self.listeners.as_of(&self.store, Instant::now()).await?;
        let mut deliveries = Vec::new();
        for happening in &happened {
            // Read when it is known that somebody wants it.
            let mut message = None;
            for listener in listeners.iter().filter(|listener| wants(listener, happening)) {
                if !is_told(&self.store, listener, happening).await? {
                    continue;
                }
                if message.is_none() {
                    message = self.message(happening).await?;
                }
                let webhook = &listener.webhook;
                deliveries.push(NewDelivery {
                    id: happening.delivery(webhook.id),
                    webhook: webhook.id,
                    event: happening.event,
                    payload: self.payload(happening, message.as_ref(), webhook.raw_pdu),
                });
            }
        }
        if deliveries.is_empty() {
            return Ok(());
        }
        let (written, answer) = oneshot::channel();
        let told = Told { sequence, deliveries, written };
        self.write.send(told).await.map_err(|_| AnnounceError::Stopping)?;
        Ok(answer.await.map_err(|_| AnnounceError::Stopping)??)
    }

    /// That an endpoint was disabled, for the other endpoints of its owner.
    pub(crate) async fn disabled(
        &self,
        gone: &store::Webhook,
        id: &str,
        reason: &str,
    ) -> Result<(), StoreError> {
        let event = contracts::WebhookEvent::WebhookDisabled;
        let now = self.clock.now();
        let listeners = self.listeners.as_of(&self.store, Instant::now()).await?;
        let others = listeners.iter().map(|listener| &listener.webhook).filter(|other| {
            let is_told = other.owner == gone.owner && other.org == gone.org;
            is_told && other.id != gone.id && other.events.contains(&event)
        });
        let deliveries: Vec<_> = others
            .map(|other| NewDelivery {
                id: contracts::DeliveryId::derived(&format!("{}:{id}:disabled", other.id)),
                webhook: other.id,
                event,
                payload: payload::disabled(gone.id, reason, now),
            })
            .collect();
        self.store.create_deliveries(&deliveries, now).await.map(drop)
    }

    /// The row of the message that is being sent, when it is about one.
    async fn message(&self, happening: &Happening) -> Result<Option<Message>, AnnounceError> {
        let About::Sent(event) = &happening.about else { return Ok(None) };
        let message = self.store.message(Reach::everything(event.org), event.message).await?;
        message.map(Some).ok_or(AnnounceError::NoMessage(event.message))
    }

    fn payload(&self, happening: &Happening, message: Option<&Message>, raw_pdu: bool) -> String {
        let number = |sim: Option<SimId>| sim.and_then(|sim| self.numbers.of(sim));
        match (&happening.about, message) {
            (About::Sent(event), Some(message)) => {
                let sim = event.change.through().map(|through| through.sim).or(message.sim);
                payload::sent(happening.event, event, message, number(sim))
            }
            (About::Received(received), _) => {
                let to: Option<PhoneNumber> =
                    received.to.clone().or_else(|| number(Some(received.sim)));
                payload::received(received, to, raw_pdu)
            }
            (About::Modem(event), _) => {
                payload::at_modem(happening.event, event, number(event.sim))
            }
            // A message without a row was refused above.
            (About::Sent(_), None) => String::new(),
        }
    }
}

impl Writer {
    pub(crate) async fn run(mut self) {
        let mut batch = Vec::with_capacity(AT_ONCE);
        while self.told.recv_many(&mut batch, AT_ONCE).await > 0 {
            batch.sort_by_key(|told| told.sequence);
            let mut deliveries = Vec::new();
            for told in &mut batch {
                deliveries.append(&mut told.deliveries);
            }
            let done = self.store.create_deliveries(&deliveries, self.clock.now()).await;
            let done = done.map_err(Arc::new);
            if matches!(done, Ok(new) if new > 0) {
                self.lanes.notify_one();
            }
            for told in batch.drain(..) {
                // Who does not wait any more has the event delivered again.
                let _ = told.written.send(done.as_ref().map(|_| ()).map_err(Arc::clone));
            }
        }
    }
}
