//! A message from the broker, made ready for a modem while it waits for its turn.

use bus::Delivery;
use contracts::mt::{MtItem, MtRequest, SendError};
use contracts::{MessageId, Timestamp, composition};
use tpdu::Submit;

use crate::journal::about::About;
use crate::receive::reports;

/// A message and its parts as TPDUs, or why it cannot be sent.
#[derive(Debug)]
pub(crate) struct Job {
    /// It, to be settled.
    pub(crate) delivery: Delivery<MtItem>,
    /// Its parts, at least one.
    pub(crate) parts: Result<Vec<Submit>, SendError>,
    /// By what its reports are matched.
    pub(crate) tail: String,
}

impl Job {
    /// Encodes it.
    pub(crate) fn new(delivery: Delivery<MtItem>) -> Self {
        let item = &delivery.value;
        let parts = composition::submits(item.id, &item.request).map_err(SendError::from);
        let tail = reports::tail(&delivery.value.request.to);
        Self { delivery, parts, tail }
    }

    pub(crate) fn id(&self) -> MessageId {
        self.delivery.value.id
    }

    /// Returns whose message the job is, for events.
    pub(crate) fn about(&self) -> About {
        About::item(&self.delivery.value)
    }

    pub(crate) fn request(&self) -> &MtRequest {
        &self.delivery.value.request
    }

    /// Its time is over at `now`.
    pub(crate) fn is_late(&self, now: Timestamp) -> bool {
        self.request().not_after.is_some_and(|end| end < now)
    }
}
