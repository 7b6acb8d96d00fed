//! Held messages: requested again when due, expired when their time is over.
//!
//! A request is published first and noted as published after. Between the two it may be published again:
//! after a crash, or when no answer came from the broker. The broker takes two with one id for one only
//! within two minutes, so before anything is published it is waited until our own consumers have read what
//! the streams held: our own request comes back by them and settles its hold.

use std::sync::Arc;
use std::time::Duration;

use bus::{Bus, Durable, PublishError};
use contracts::mt::{MtChange, MtEvent};
use contracts::{Timestamp, mt::PrioritisedRequest};
use store::{Held, Store, StoreError};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::batch::BATCH;
use crate::outage::{Outage, Stopped};

/// The longest sleep: the wall clock may be set, and another copy that stored a hold may have died.
const LONGEST_SLEEP: Duration = Duration::from_mins(1);

/// Requests held messages again.
pub(crate) struct Due {
    pub(crate) bus: Bus,
    pub(crate) store: Store,
    /// Told when a message was held.
    pub(crate) held: Arc<Notify>,
}

/// Why due messages were not dealt with this time.
#[derive(Debug, thiserror::Error)]
enum DueError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Publish(#[from] PublishError),
    #[error("the broker does not say how far its consumers are: {0}")]
    Lookup(#[from] bus::ItemError),
}

impl Due {
    /// Until the soft shutdown.
    pub(crate) async fn run(self, soft: CancellationToken) {
        let mut outage = Outage::new("requesting held messages again");
        loop {
            match self.caught_up_then_work(&soft, &mut outage).await {
                Err(error) => {
                    if outage.pause(&error, &soft).await.is_err() {
                        return;
                    }
                }
                Ok(Stopped) => return,
            }
        }
    }

    async fn caught_up_then_work(
        &self,
        soft: &CancellationToken,
        outage: &mut Outage,
    ) -> Result<Stopped, DueError> {
        for durable in [Durable::PersistenceRequests, Durable::PersistenceEvents] {
            // What the stream holds now was read and written.
            tokio::select! {
                () = soft.cancelled() => return Ok(Stopped),
                caught_up = self.bus.caught_up(&durable) => caught_up?,
            }
        }
        loop {
            // Registered before looking, so that a hold stored meanwhile wakes.
            let woken = self.held.notified();
            let sleep = tokio::select! {
                // Broken off anywhere it is done again, by whoever runs next.
                () = soft.cancelled() => return Ok(Stopped),
                sleep = self.work() => sleep?,
            };
            outage.over();
            tokio::select! {
                () = soft.cancelled() => return Ok(Stopped),
                () = woken => {}
                () = tokio::time::sleep(sleep) => {}
            }
        }
    }

    /// Deals with all that is due and says how long there is nothing more to do.
    async fn work(&self) -> Result<Duration, DueError> {
        loop {
            let now = Timestamp::now();
            let limit = u32::try_from(BATCH).unwrap_or(u32::MAX);
            let due = self.store.due(now, limit).await?;
            if due.is_empty() {
                let next = self.store.next_due().await?;
                // Due and yet not among the due: a row that cannot be read. The log says which.
                let sleep = next.map(|at| at.since(now)).filter(|wait| !wait.is_zero());
                return Ok(sleep.unwrap_or(LONGEST_SLEEP).min(LONGEST_SLEEP));
            }
            self.publish(&due, now).await?;
            self.store.settle_due(&due).await?;
        }
    }

    async fn publish(&self, due: &[Held], now: Timestamp) -> Result<(), DueError> {
        let (over, again): (Vec<_>, Vec<_>) = due.iter().partition(|held| held.is_over(now));
        let requests: Vec<_> = again
            .iter()
            .map(|held| PrioritisedRequest { priority: held.priority, request: &held.request })
            .collect();
        self.bus.publish_all(&requests).await?;
        let expired: Vec<_> = over
            .iter()
            .map(|held| MtEvent::of(held.id, &held.request, now, MtChange::Expired {}))
            .collect();
        self.bus.publish_all(&expired).await?;
        for held in again {
            tracing::info!(
                message.id = %held.id,
                round = held.request.round,
                "a held message is due and is requested again"
            );
        }
        for held in over {
            tracing::info!(message.id = %held.id, "a held message is expired: its time is over");
        }
        Ok(())
    }
}
