//! Whose message an event is about.

use contracts::mt::MtItem;
use contracts::{MessageId, OrgId, Priority, UserId};

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
}
