//! Whose message an event is about.

use contracts::mt::{MtChange, MtEvent, MtItem};
use contracts::{MessageId, OrgId, Priority, Timestamp, UserId};

/// A message and whose it is, as events name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct About {
    pub(crate) message: MessageId,
    pub(crate) org: OrgId,
    pub(crate) owner: UserId,
    pub(crate) round: u32,
    /// The message is known to be a one-time password.
    pub(crate) otp: bool,
}

impl About {
    /// Returns whose message `item` is.
    pub(crate) fn item(item: &MtItem) -> Self {
        let MtItem { id, request, .. } = item;
        Self {
            message: *id,
            org: request.org,
            owner: request.owner,
            round: request.round,
            otp: item.priority == Priority::Otp,
        }
    }

    /// Returns the event of what happened to the message.
    pub(crate) fn event(self, at: Timestamp, change: MtChange) -> MtEvent {
        let Self { message, org, owner, round, otp } = self;
        MtEvent { message, org, owner, at, round, otp, change, given: Vec::new(), report: None }
    }
}
