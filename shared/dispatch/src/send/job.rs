//! A message from the broker, composed while it waits for its turn.

use std::time::Duration;

use bus::Delivery;
use contracts::mt::{MtItem, MtRequest, SendError};
use contracts::subject::Target;
use contracts::{MessageId, Timestamp, composition};
use tpdu::Submit;

use crate::journal::about::About;
use crate::journal::entry;
use crate::reports;

/// How often the carriers of a pool are offered a message that one of them does not take, a second apart.
const OFFERS: u64 = 8;
/// The longest pause, in minutes, before a message that none of them took is requested again.
const LONGEST_PAUSE: u32 = 15;

/// A message and its parts as TPDUs, or why the message cannot be sent.
#[derive(Debug)]
pub(crate) struct Job {
    /// The message as it was delivered, to be settled with the broker.
    pub(crate) delivery: Delivery<MtItem>,
    /// The parts of the message, at least one.
    pub(crate) parts: Result<Vec<Submit>, SendError>,
    /// The recipient, as far as delivery reports tell one: see [`reports::tail`].
    pub(crate) tail: String,
}

impl Job {
    /// Encodes a message.
    pub(crate) fn new(delivery: Delivery<MtItem>) -> Self {
        let item = &delivery.value;
        let parts = composition::submits(item.id, &item.request).map_err(SendError::from);
        let tail = reports::tail(&delivery.value.request.to);
        Self { delivery, parts, tail }
    }

    pub(crate) fn id(&self) -> MessageId {
        self.delivery.value.id
    }

    /// Returns whose message this is, for events.
    pub(crate) fn about(&self) -> About {
        About::item(&self.delivery.value)
    }

    pub(crate) fn request(&self) -> &MtRequest {
        &self.delivery.value.request
    }

    /// Returns how many parts the message has; 0 when it cannot be encoded.
    pub(crate) fn part_count(&self) -> u8 {
        self.parts.as_ref().map_or(0, |parts| u8::try_from(parts.len()).unwrap_or(u8::MAX))
    }

    /// Returns the number by which a part is found again in a modem's memory.
    pub(crate) fn print(&self, part: u8) -> u64 {
        // Each part was encoded once when it was composed.
        let encoded = self.submit(part).and_then(|submit| submit.encode().ok());
        entry::fingerprint(&encoded.unwrap_or_default())
    }

    /// Returns whether a part asks for a validity period of its own.
    pub(crate) fn has_validity(&self, part: u8) -> bool {
        self.submit(part).is_some_and(|submit| submit.validity.is_some())
    }

    /// Has all parts sent with the validity period that the service centre uses.
    pub(crate) fn drop_validity(&mut self) {
        for submit in self.parts.iter_mut().flatten() {
            submit.validity = None;
        }
    }

    /// Returns whether the message's time is over at `now`.
    pub(crate) fn is_late(&self, now: Timestamp) -> bool {
        self.request().not_after.is_some_and(|end| end < now)
    }

    /// Returns whether another carrier may take the message that this one does not, for a few seconds more: it is for a
    /// pool.
    pub(crate) fn is_offered_on(&self) -> bool {
        let is_of_pool = matches!(self.delivery.value.target, Target::Pool(_));
        is_of_pool && self.delivery.delivered < OFFERS
    }

    /// Returns after how long a message that no carrier took is requested again: a minute more each round.
    pub(crate) fn pause(&self) -> Duration {
        let minutes = self.request().round.saturating_add(1).min(LONGEST_PAUSE);
        Duration::from_mins(minutes.into())
    }

    /// Gives the message back to the broker, which delivers it again: at once, or after `wait`.
    pub(crate) async fn give_back(self, wait: Option<Duration>) {
        let id = self.id();
        if let Err(error) = self.delivery.nak(wait).await {
            tracing::debug!(message.id = %id, "a message was not given back, and goes back by itself: {error}");
        }
    }

    /// Returns a part; the first part is 1.
    pub(crate) fn submit(&self, part: u8) -> Option<&Submit> {
        self.parts.as_ref().ok()?.get(usize::from(part).checked_sub(1)?)
    }
}
