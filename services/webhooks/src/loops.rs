//! Says that a conversation of two machines was stopped: in the log, and to the endpoints that want to know of it.
//!
//! That it was stopped is a row, which is written where the reply is refused, so whoever finds it untold tells it; an
//! endpoint is told once, for the id of what it is told is made of the row.

use std::sync::Arc;

use contracts::{DeliveryId, WebhookEvent};
use platform::Clock;
use store::{Listener, NewDelivery, StoppedLoop, Store, StoreError};
use tokio::sync::Notify;

use crate::payload;

/// Conversations that are told at once.
const AT_ONCE: u32 = 100;

/// See the module.
#[derive(Clone)]
pub(crate) struct Loops {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    /// A lane may be due.
    pub(crate) wake: Arc<Notify>,
}

impl Loops {
    /// Tells what was stopped and not told yet, when the service starts.
    pub(crate) async fn begin(self) {
        if let Err(error) = self.tell().await {
            tracing::warn!("which conversations were stopped cannot be told yet: {error}");
        }
    }

    /// Tells what was stopped and not told yet.
    pub(crate) async fn tell(&self) -> Result<(), StoreError> {
        let stopped = self.store.untold_loops(AT_ONCE).await?;
        if stopped.is_empty() {
            return Ok(());
        }
        let listeners = self.store.listeners(None).await?.map(|now| now.all).unwrap_or_default();
        for one in stopped {
            metrics::counter!("merpati_reply_loops_total").increment(1);
            tracing::warn!(
                sender = one.sender.masked(),
                "a sender answers every reply at once, as a machine does: after {} replies it is sent nothing \
                 back until {}",
                one.replies,
                one.until
            );
            let told = listeners.iter().filter(|listener| wants(listener, &one));
            let deliveries: Vec<_> = told.map(|listener| delivery(listener, &one)).collect();
            if self.store.create_deliveries(&deliveries, self.clock.now()).await? > 0 {
                self.wake.notify_one();
            }
            self.store.loop_told(&one).await?;
        }
        Ok(())
    }
}

/// Whether an endpoint wants to be told and may be.
fn wants(listener: &Listener, stopped: &StoppedLoop) -> bool {
    listener.webhook.events.contains(&WebhookEvent::LoopStopped)
        && listener.reach.sees(stopped.org, stopped.owner)
}

fn delivery(listener: &Listener, stopped: &StoppedLoop) -> NewDelivery {
    let StoppedLoop { org, owner, sender, stopped_at, .. } = stopped;
    let webhook = listener.webhook.id;
    let id = format!("{webhook}:loop:{org}:{sender}:{}", stopped_at.as_micros());
    NewDelivery {
        id: DeliveryId::derived(&id),
        webhook,
        event: WebhookEvent::LoopStopped,
        owner: Some(*owner),
        sim: None,
        payload: payload::stopped(stopped),
    }
}
