//! Requests that arrive together share a stored message.
//!
//! A broker that stores a message takes about as long as one that stores a hundred kilobytes, and with
//! `nats.sync = always` each stored message is a write to the disk. So while two stored messages of a priority are under
//! way, what arrives is gathered, and goes together as soon as one of them is answered. A request that arrives alone waits
//! for nothing. Nobody is told that a request was accepted before the broker has it.

use std::sync::Arc;
use std::time::Duration;

use bus::{Bus, PublishError};
use contracts::Priority;
use contracts::batch::{MtBatch, PrioritisedBatch};
use contracts::mt::{MtRequest, PrioritisedRequest};
use platform::Shutdown;
use tokio::sync::{Semaphore, mpsc, oneshot};
use tracing::{Instrument as _, Span};

/// Stored messages of one priority under way at a time.
const UNDER_WAY: usize = 2;
/// Requests that are gathered at most.
const TOGETHER: usize = 1_000;
/// Requests that wait to be gathered; more wait outside.
const WAITING: usize = 4_096;

/// Why a request was not stored, shared by all that went with it.
pub(crate) type Unpublished = Arc<PublishError>;

/// The way of single requests to the broker.
#[derive(Debug, Clone)]
pub(crate) struct Gathering {
    bus: Bus,
    patience: Duration,
    lanes: [Lane; Priority::ALL.len()],
}

/// The requests of one priority.
#[derive(Debug, Clone)]
struct Lane {
    /// Places of stored messages that may be under way.
    places: Arc<Semaphore>,
    /// Where requests wait while there is no place.
    queue: mpsc::Sender<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    request: MtRequest,
    span: Span,
    told: oneshot::Sender<Result<(), Unpublished>>,
}

impl Gathering {
    /// Begins to gather; ends with `shutdown`. The broker has `patience` to take a message.
    pub(crate) fn start(bus: &Bus, patience: Duration, shutdown: &Shutdown) -> Self {
        let lanes = Priority::ALL.map(|priority| {
            let (queue, waiting) = mpsc::channel(WAITING);
            let places = Arc::new(Semaphore::new(UNDER_WAY));
            shutdown.spawn(run(bus.clone(), priority, patience, Arc::clone(&places), waiting));
            Lane { places, queue }
        });
        Self { bus: bus.clone(), patience, lanes }
    }

    /// Returns when the broker has the request, whose id must be set.
    pub(crate) async fn publish(
        &self,
        priority: Priority,
        request: MtRequest,
    ) -> Result<(), Unpublished> {
        let lane = Priority::ALL.iter().position(|each| *each == priority);
        let Some(lane) = lane.and_then(|lane| self.lanes.get(lane)) else {
            return one(&self.bus, priority, &request, self.patience).await;
        };
        // A place is free only when nobody waits for one. While the broker is away, nobody waits for others to have waited.
        let place = lane.places.try_acquire();
        if place.is_ok() || !self.bus.is_connected() {
            return one(&self.bus, priority, &request, self.patience).await;
        }
        let (told, answer) = oneshot::channel();
        let waiting = Waiting { request, span: Span::current(), told };
        match lane.queue.send(waiting).await {
            // The other end answers, or went away with the program.
            Ok(()) => answer.await.unwrap_or_else(|_| {
                let (subject, waited) = (String::new(), Duration::ZERO);
                Err(Arc::new(PublishError::Unknown { subject, waited }))
            }),
            Err(mpsc::error::SendError(waiting)) => {
                one(&self.bus, priority, &waiting.request, self.patience).await
            }
        }
    }
}

/// Takes what waits as long as somebody may send.
async fn run(
    bus: Bus,
    priority: Priority,
    patience: Duration,
    places: Arc<Semaphore>,
    mut waiting: mpsc::Receiver<Waiting>,
) {
    let mut together = Vec::new();
    while waiting.recv_many(&mut together, TOGETHER).await > 0 {
        // Nobody closes the semaphore.
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        // What came while there was no place goes along.
        while together.len() < TOGETHER
            && let Ok(next) = waiting.try_recv()
        {
            together.push(next);
        }
        let (bus, gathered) = (bus.clone(), std::mem::take(&mut together));
        tokio::spawn(async move {
            publish(&bus, priority, patience, gathered).await;
            drop(place);
        });
    }
}

/// Publishes what was gathered, and tells each.
async fn publish(bus: &Bus, priority: Priority, patience: Duration, mut gathered: Vec<Waiting>) {
    // Requests of one account are the most alike. Their order among each other stays.
    gathered.sort_by_key(|waiting| waiting.request.owner);
    let batches = MtBatch::gather(gathered.iter().map(|waiting| waiting.request.clone()));
    let mut gathered = gathered.into_iter();
    let all = batches.into_iter().map(|batch| {
        let of_it: Vec<Waiting> = gathered.by_ref().take(batch.len()).collect();
        let span = of_it.first().map_or_else(Span::none, |first| first.span.clone());
        async move {
            let stored = if batch.others.is_empty() {
                one(bus, priority, &batch.first, patience).await
            } else {
                let message = PrioritisedBatch { priority, batch: &batch };
                bus.publish_within(&message, patience).await.map(drop).map_err(Arc::new)
            };
            for waiting in of_it {
                // Whoever asked may have gone away.
                let _ = waiting.told.send(stored.clone());
            }
        }
        .instrument(span)
    });
    futures_util::future::join_all(all).await;
}

async fn one(
    bus: &Bus,
    priority: Priority,
    request: &MtRequest,
    patience: Duration,
) -> Result<(), Unpublished> {
    let message = PrioritisedRequest { priority, request };
    bus.publish_within(&message, patience).await.map(drop).map_err(Arc::new)
}
