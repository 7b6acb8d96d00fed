//! What the service `webhooks` does with the lanes of endpoints.

use std::time::Duration;

use contracts::{DeliveryId, Timestamp, WebhookEvent, WebhookId};

use crate::engine::on_engine;
use crate::{Reach, Store, StoreError, Webhook, WebhookAttempt, WebhookDelivery};

/// An endpoint that is told of events, and what its owner may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    /// The endpoint.
    pub webhook: Webhook,
    /// What its owner may see.
    pub reach: Reach,
}

/// An event for an endpoint.
#[derive(Clone, PartialEq, Eq)]
pub struct NewDelivery {
    /// The id, made from the event and the endpoint, so that an event told twice is one.
    pub id: DeliveryId,
    /// The endpoint.
    pub webhook: WebhookId,
    /// The event.
    pub event: WebhookEvent,
    /// The body, JSON.
    pub payload: String,
}

/// Leaves out the body.
impl std::fmt::Debug for NewDelivery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NewDelivery({}, {}, {})", self.id, self.webhook, self.event)
    }
}

/// What follows a try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AfterTry {
    /// The endpoint took the event, and the next one follows.
    Taken,
    /// The event is given up, and the next one follows: at once, or when the lane has waited until then.
    GivenUp(Option<Timestamp>),
    /// The lane waits until then, and the same event follows.
    Wait(Timestamp),
    /// The endpoint is disabled for this reason; what waits stays.
    Disable(String),
}

impl Store {
    /// Returns the endpoints of enabled accounts that are not disabled.
    pub async fn listeners(&self) -> Result<Vec<Listener>, StoreError> {
        on_engine!(self, db => db.listeners())
    }

    /// Adds events to the ends of their lanes, in this order. Returns how many are new.
    pub async fn create_deliveries(
        &self,
        new: &[NewDelivery],
        at: Timestamp,
    ) -> Result<u64, StoreError> {
        on_engine!(self, db => db.create_deliveries(new, at))
    }

    /// Takes lanes that are due at `now`, and puts each off by `lease`. A lane whose taker dies is due again after that
    /// time.
    pub async fn take_lanes(
        &self,
        now: Timestamp,
        lease: Duration,
        limit: u32,
    ) -> Result<Vec<WebhookId>, StoreError> {
        on_engine!(self, db => db.take_lanes(now, lease, limit))
    }

    /// Returns the endpoint of a lane that the caller has until `held_until`, and the first events that wait. None when
    /// the lane is somebody else's by now, or is gone.
    pub async fn lane(
        &self,
        id: WebhookId,
        held_until: Timestamp,
        limit: u32,
    ) -> Result<Option<(Webhook, Vec<WebhookDelivery>)>, StoreError> {
        on_engine!(self, db => db.lane(id, held_until, limit))
    }

    /// Puts off a taken lane from `held_until` to `until`. Returns false when the lane is somebody else's by now.
    pub async fn keep_lane(
        &self,
        id: WebhookId,
        held_until: Timestamp,
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        on_engine!(self, db => db.keep_lane(id, held_until, until))
    }

    /// Gives a taken lane back. It is due at `now` when something waits.
    pub async fn release_lane(
        &self,
        id: WebhookId,
        held_until: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        on_engine!(self, db => db.release_lane(id, held_until, now))
    }

    /// Keeps a try and what follows it. Returns whether the lane is still the caller's.
    pub async fn settle_delivery(
        &self,
        delivery: &WebhookDelivery,
        held_until: Timestamp,
        attempt: &WebhookAttempt,
        after: &AfterTry,
    ) -> Result<bool, StoreError> {
        on_engine!(self, db => db.settle_delivery(delivery, held_until, attempt, after))
    }

    /// Returns when the next lane is due, if something waits.
    pub async fn next_lane_at(&self) -> Result<Option<Timestamp>, StoreError> {
        on_engine!(self, db => db.next_lane_at())
    }

    /// Deletes events that endpoints took or that were given up: those that are older than `before`, and of each
    /// endpoint those before the newest [`KEPT`]. At most `limit`.
    pub async fn remove_old_deliveries(
        &self,
        before: Option<Timestamp>,
        limit: u32,
    ) -> Result<u64, StoreError> {
        on_engine!(self, db => db.remove_old_deliveries(before, limit))
    }
}

/// How many events of one endpoint are kept at most beside those that wait.
pub const KEPT: u32 = 20_000;
