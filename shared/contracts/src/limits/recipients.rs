//! The different recipients of a SIM in a month.

use serde::{Deserialize, Serialize};

use super::{Closed, Limit, Limits, MOST_RECIPIENTS, Usage};
use crate::Timestamp;

/// The code of the error with which a SIM leaves a message to others, or to later, because its recipient would be one too many.
pub const NEW_RECIPIENT: &str = "new-recipient";

/// A print of a recipient's number: 48 bits of a keyed hash, so that the count says who it was to nobody who only reads
/// it, and that two SIMs' counts cannot be compared.
///
/// Two of a thousand numbers share a print once in half a billion months. Whoever makes prints makes them of the number as
/// it is dialled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Recipient(u64);

impl Recipient {
    /// The bits of a print.
    const BITS: u32 = 48;

    /// The print of which a hash has the bits.
    pub const fn of_hash(hash: u64) -> Self {
        Self(hash & ((1 << Self::BITS) - 1))
    }
}

impl Usage {
    /// Whether a recipient was counted in this month.
    pub fn knows(&self, recipient: Recipient) -> bool {
        self.recipients.binary_search(&recipient).is_ok()
    }

    /// Counts a recipient. Returns whether it was not counted before in this month. Of more than [`MOST_RECIPIENTS`] none is
    /// counted.
    pub fn count_recipient(&mut self, recipient: Recipient) -> bool {
        let Err(place) = self.recipients.binary_search(&recipient) else { return false };
        let has_room = self.recipients.len() < usize::try_from(MOST_RECIPIENTS).unwrap_or(0);
        if has_room {
            self.recipients.insert(place, recipient);
            self.recount();
        }
        has_room
    }

    /// Takes a recipient back whom nothing was sent to after all.
    pub fn take_recipient_back(&mut self, recipient: Recipient) {
        if let Ok(place) = self.recipients.binary_search(&recipient) {
            self.recipients.remove(place);
            self.recount();
        }
    }

    fn recount(&mut self) {
        self.recipients_per_month.used = u32::try_from(self.recipients.len()).unwrap_or(u32::MAX);
    }
}

impl Limits {
    /// Why nobody new is sent anything at `now`, and until when; none: somebody is.
    pub fn closed_to_new(&self, usage: &Usage, now: Timestamp) -> Option<Closed> {
        let limit = Limit::Recipients;
        let most = self.most(limit)?;
        let until = usage.of(limit)?.until;
        (usage.used(limit, now) >= most).then_some(Closed {
            limit,
            most: Some(most),
            until,
            passwords: false,
        })
    }

    /// Why a message to this recipient may not be begun at `now`, though another may: the SIM had as many different
    /// recipients in this month as it may, and this one is new.
    pub fn refuses(&self, usage: &Usage, recipient: Recipient, now: Timestamp) -> Option<Closed> {
        self.closed_to_new(usage, now).filter(|_| !usage.knows(recipient))
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use jiff::tz::TimeZone;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn recipient(number: u64) -> Recipient {
        Recipient::of_hash(number)
    }

    #[test]
    fn who_was_counted_passes_and_who_is_new_waits_for_the_next_month() {
        let limits = Limits { recipients_per_month: NonZeroU32::new(2), ..Limits::default() };
        let mut usage = Usage::default();
        let now = at("2026-12-01T10:00:00Z");
        usage.advance(now, &TimeZone::UTC);
        assert!(usage.count_recipient(recipient(7)) && !usage.count_recipient(recipient(7)));
        assert_eq!(limits.refuses(&usage, recipient(8), now), None);
        assert!(usage.count_recipient(recipient(8)));
        assert_eq!(limits.refuses(&usage, recipient(7), now), None);
        let refused = limits.refuses(&usage, recipient(9), now).unwrap();
        assert_eq!(refused.until, at("2027-01-01T00:00:00Z"));
        assert_eq!(refused.to_string(), "the limit of 2 different recipients a month is reached");
        assert_eq!(limits.closed(&usage, 1, now, &TimeZone::UTC), None, "it sends to the others");
        assert_eq!(limits.changes_at(&usage, now, &TimeZone::UTC), Some(refused.until));
        usage.take_recipient_back(recipient(8));
        assert_eq!(limits.refuses(&usage, recipient(9), now), None);
        usage.count_recipient(recipient(9));
        usage.advance(refused.until, &TimeZone::UTC);
        assert_eq!((usage.used(Limit::Recipients, refused.until), usage.recipients.len()), (0, 0));
    }

    #[test]
    fn no_more_are_remembered_than_can_be_limited() {
        let mut usage = Usage::default();
        usage.advance(at("2026-12-01T10:00:00Z"), &TimeZone::UTC);
        for number in 0..u64::from(MOST_RECIPIENTS) {
            assert!(usage.count_recipient(recipient(number)));
        }
        assert!(!usage.count_recipient(recipient(u64::MAX)));
        assert_eq!(usage.recipients_per_month.used, MOST_RECIPIENTS);
        assert!(serde_json::to_vec(&usage).unwrap().len() < 20_000);
    }
}
