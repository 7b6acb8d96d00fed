//! What the service `webhooks` does with the lanes of endpoints.

use std::time::Duration;

use contracts::{DeliveryId, SimId, Timestamp, UserId, WebhookEvent, WebhookId};

use crate::engine::on_engine;
use crate::{
    Answered, Reach, Store, StoreError, Webhook, WebhookAttempt, WebhookDelivery, WebhookReply,
};

/// An endpoint that is told of events, and what its owner may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    /// The endpoint.
    pub webhook: Webhook,
    /// What its owner may see.
    pub reach: Reach,
}

/// Who is told of events, and which state of that it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listeners {
    /// Another number is another state.
    pub version: i64,
    /// The endpoints of enabled accounts that are not disabled.
    pub all: Vec<Listener>,
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
    /// Whose the thing is that the event tells, if it is somebody's.
    pub owner: Option<UserId>,
    /// The SIM that it happened to, where known.
    pub sim: Option<SimId>,
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
    /// Returns who is told of events, unless that is still as it was in the version that the caller knows. Whatever
    /// changed before the call is in the answer.
    pub async fn listeners(&self, known: Option<i64>) -> Result<Option<Listeners>, StoreError> {
        on_engine!(self, db => db.listeners(known))
    }

    /// Adds events to the ends of their lanes, in this order. Returns how many are new.
    pub async fn create_deliveries(
        &self,
        new: &[NewDelivery],
        at: Timestamp,
    ) -> Result<u64, StoreError> {
        on_engine!(self, db => db.create_deliveries(new, at))
    }

    /// Takes at most `limit` lanes that are due at `now`, and puts each off by `lease`. A lane whose taker dies is due again
    /// after that time. Of one account, no more than `places` lanes are taken at one time.
    pub async fn take_lanes(
        &self,
        now: Timestamp,
        lease: Duration,
        limit: u32,
        places: u32,
    ) -> Result<Vec<WebhookId>, StoreError> {
        on_engine!(self, db => db.take_lanes(now, lease, limit, places))
    }

    /// Returns the endpoint of a lane that the caller has until `held_until`, with what its owner may see now, and the
    /// first events that wait. None when the lane is somebody else's by now, or is gone.
    pub async fn lane(
        &self,
        id: WebhookId,
        held_until: Timestamp,
        limit: u32,
    ) -> Result<Option<(Listener, Vec<WebhookDelivery>)>, StoreError> {
        on_engine!(self, db => db.lane(id, held_until, limit))
    }

    /// Deletes events that wait in a lane which the caller has until `held_until`: its owner may not see any more what they
    /// tell. Returns whether the lane is still the caller's.
    pub async fn withdraw_deliveries(
        &self,
        webhook: WebhookId,
        held_until: Timestamp,
        deliveries: &[DeliveryId],
    ) -> Result<bool, StoreError> {
        on_engine!(self, db => db.withdraw_deliveries(webhook, held_until, deliveries))
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

    /// Keeps a try of an event that the endpoint took, and what is sent back for it, which is the caller's until the time
    /// that each of the replies has. A reply that there is already is not kept again, nor is one of an event that was over
    /// before. Returns whether the lane is still the caller's, and the replies that are to be sent: those that are no more
    /// than the sender may be sent and the account may send.
    pub async fn settle_answered(
        &self,
        delivery: &WebhookDelivery,
        held_until: Timestamp,
        attempt: &WebhookAttempt,
        answered: &Answered,
    ) -> Result<(bool, Vec<WebhookReply>), StoreError> {
        on_engine!(self, db => db.settle_answered(delivery, held_until, attempt, answered))
    }

    /// Returns when the next lane is due of an account that has less than `places` lanes taken at `now`, if something
    /// waits.
    pub async fn next_lane_at(
        &self,
        now: Timestamp,
        places: u32,
    ) -> Result<Option<Timestamp>, StoreError> {
        on_engine!(self, db => db.next_lane_at(now, places))
    }

    /// Deletes events that endpoints took or that were given up: those that are older than `before`, and of each
    /// endpoint those before the newest [`KEPT`]; and what waits since before then for an endpoint that was disabled
    /// before then, or whose account is disabled. At most `limit` of each.
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
