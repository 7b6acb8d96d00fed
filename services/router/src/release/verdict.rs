//! Whether an item may go now: one decision for what was just fetched, for what is at hand, and for whose turn it is.

use contracts::batch::{BatchOrder, Order};
use contracts::mt::{MtChange, MtRequest, SendError};
use contracts::{Timestamp, UserId};

/// What is known of an item, beside what its request says.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    /// Its message was taken back.
    pub(crate) cancelled: bool,
    /// Its round was released before. None: that is not known at the moment, so it may have gone out.
    pub(crate) released: Option<bool>,
    /// How its round was told to be held before, if it was: it comes in its next.
    pub(crate) held: Option<MtChange>,
    /// What was said of its batch, if something was.
    pub(crate) order: Option<BatchOrder>,
    /// Why it has lost its leave, if it has.
    pub(crate) refusal: Option<SendError>,
    /// The SIM that was chosen for it is closed to it, and another way is to be chosen.
    pub(crate) astray: bool,
    /// A modem of its target is online.
    pub(crate) online: bool,
}

/// What is to become of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// A modem may have it as soon as there is room.
    Go,
    /// It waits: for a modem, or until it is known what was released.
    Hold,
    /// It waits at hand, for its batch is paused.
    Pause,
    /// It is told to be cancelled, for its batch was.
    Cancel(Option<UserId>),
    /// It is taken out of the stream without a word, for its message was taken back.
    DropCancelled,
    /// It is taken out of the stream, for it went out before and only came back.
    DropReleased,
    /// It is taken out of the stream, for it was told to be held before and only came back.
    DropHeld(MtChange),
    /// It is told to be rejected.
    Refuse(SendError),
    /// It is told to be expired.
    Expire,
    /// It is requested again, so that its way is chosen anew.
    Reroute,
}

impl Verdict {
    /// Whether the item does not go out on the way that was chosen for it.
    pub(super) const fn is_end(&self) -> bool {
        match self {
            Self::Cancel(_)
            | Self::DropCancelled
            | Self::Refuse(_)
            | Self::Expire
            | Self::Reroute => true,
            Self::Go | Self::Hold | Self::Pause | Self::DropReleased | Self::DropHeld(_) => false,
        }
    }
}

/// Decides what is to become of an item at `now`.
///
/// What cannot be undone comes first: a message that was taken back or has gone out is told nothing more of, and one that was
/// told to be held comes in its next round, whatever would be decided now. While it is not known whether it has gone out, it waits.
pub(crate) fn verdict(request: &MtRequest, facts: Facts, now: Timestamp) -> Verdict {
    match facts {
        Facts { cancelled: true, .. } => Verdict::DropCancelled,
        Facts { released: Some(true), .. } => Verdict::DropReleased,
        Facts { released: None, .. } => Verdict::Hold,
        Facts { held: Some(held), .. } => Verdict::DropHeld(held),
        Facts { order: Some(BatchOrder { order: Order::Cancelled, by, .. }), .. } => {
            Verdict::Cancel(by)
        }
        Facts { refusal: Some(error), .. } => Verdict::Refuse(error),
        Facts { .. } if request.not_after.is_some_and(|end| end <= now) => Verdict::Expire,
        Facts { order: Some(BatchOrder { order: Order::Paused, .. }), .. } => Verdict::Pause,
        Facts { astray: true, .. } => Verdict::Reroute,
        Facts { online: false, .. } => Verdict::Hold,
        Facts { online: true, .. } => Verdict::Go,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use contracts::PhoneNumber;
    use contracts::mt::Gate;

    use super::*;

    #[test]
    fn the_first_reason_decides() {
        let end = Timestamp::from_micros(7_200_000_000);
        let to = PhoneNumber::parse("+628123456789").unwrap();
        let request = MtRequest { not_after: Some(end), ..MtRequest::text(to, "Halo") };
        let error = SendError { code: "account-disabled".to_owned(), text: String::new() };
        let refused = || Some(error.clone());
        let refuse = || Verdict::Refuse(error.clone());
        let (before, after) = (end.minus(Duration::from_micros(1)), end);
        let facts = |cancelled, released, refusal, online| Facts {
            cancelled,
            released,
            held: None,
            order: None,
            refusal,
            astray: false,
            online,
        };
        for (line, (facts, now, expected)) in [
            (facts(false, Some(false), None, true), before, Verdict::Go),
            (facts(false, Some(false), None, false), before, Verdict::Hold),
            // Its time is over, with or without a modem.
            (facts(false, Some(false), None, true), after, Verdict::Expire),
            (facts(false, Some(false), None, false), after, Verdict::Expire),
            // It has lost its leave, with or without a modem, in time or late.
            (facts(false, Some(false), refused(), true), before, refuse()),
            (facts(false, Some(false), refused(), false), before, refuse()),
            (facts(false, Some(false), refused(), true), after, refuse()),
            // Nobody knows whether it went out: nothing is told of it.
            (facts(false, None, None, true), before, Verdict::Hold),
            (facts(false, None, None, true), after, Verdict::Hold),
            (facts(false, None, refused(), false), after, Verdict::Hold),
            // It went out.
            (facts(false, Some(true), None, true), before, Verdict::DropReleased),
            (facts(false, Some(true), refused(), false), after, Verdict::DropReleased),
            // It was taken back.
            (facts(true, Some(false), None, true), before, Verdict::DropCancelled),
            (facts(true, None, None, false), after, Verdict::DropCancelled),
            (facts(true, Some(true), refused(), true), after, Verdict::DropCancelled),
        ]
        .into_iter()
        .enumerate()
        {
            assert_eq!(verdict(&request, facts, now), expected, "line {}", line + 1);
        }
    }

    #[test]
    fn an_order_acts_on_what_has_not_gone_out() {
        let to = PhoneNumber::parse("+628123456789").unwrap();
        let end = Timestamp::from_micros(1);
        let request = MtRequest { not_after: Some(end), ..MtRequest::text(to, "Halo") };
        let by = Some(UserId::derived("1"));
        let facts = |order, released, online| {
            let org = contracts::OrgId::default_org();
            let owner = UserId::internal();
            let order = Some(BatchOrder { org, owner, order, by, at: end });
            let (cancelled, held, refusal, astray) = (false, None, None, false);
            Facts { cancelled, released, held, order, refusal, astray, online }
        };
        let before = Timestamp::from_micros(0);
        for (facts, now, expected) in [
            (facts(Order::Running, Some(false), true), before, Verdict::Go),
            (facts(Order::Paused, Some(false), true), before, Verdict::Pause),
            (facts(Order::Paused, Some(false), false), before, Verdict::Pause),
            (facts(Order::Paused, Some(false), true), end, Verdict::Expire),
            (facts(Order::Paused, Some(true), true), before, Verdict::DropReleased),
            (facts(Order::Cancelled, Some(false), false), end, Verdict::Cancel(by)),
            (facts(Order::Cancelled, Some(true), true), before, Verdict::DropReleased),
            (facts(Order::Cancelled, None, true), before, Verdict::Hold),
        ] {
            assert_eq!(verdict(&request, facts.clone(), now), expected, "{facts:?}");
        }
    }

    #[test]
    fn what_goes_astray_is_sent_another_way_unless_it_is_over() {
        let to = PhoneNumber::parse("+628123456789").unwrap();
        let end = Timestamp::from_micros(1);
        let request = MtRequest { not_after: Some(end), ..MtRequest::text(to, "Halo") };
        let facts = |released, online| Facts {
            cancelled: false,
            released,
            held: None,
            order: None,
            refusal: None,
            astray: true,
            online,
        };
        let before = Timestamp::from_micros(0);
        for (facts, now, expected) in [
            (facts(Some(false), true), before, Verdict::Reroute),
            (facts(Some(false), false), before, Verdict::Reroute),
            (facts(Some(false), true), end, Verdict::Expire),
            (facts(None, true), before, Verdict::Hold),
            (facts(Some(true), true), before, Verdict::DropReleased),
        ] {
            assert_eq!(verdict(&request, facts.clone(), now), expected, "{facts:?}");
        }
    }

    #[test]
    fn what_was_told_to_be_held_does_not_go_whatever_would_be_decided_now() {
        let to = PhoneNumber::parse("+628123456789").unwrap();
        let end = Timestamp::from_micros(1);
        let request = MtRequest { not_after: Some(end), ..MtRequest::text(to, "Halo") };
        let until = Timestamp::from_micros(0);
        let held = MtChange::Held { gate: Gate::Route, until, tries: 0, round: 1 };
        let error = SendError { code: "opted-out".to_owned(), text: String::new() };
        let facts = |released, refusal, astray, online| Facts {
            cancelled: false,
            released,
            held: Some(held.clone()),
            order: None,
            refusal,
            astray,
            online,
        };
        let drop_held = || Verdict::DropHeld(held.clone());
        for (facts, now, expected) in [
            (facts(Some(false), None, false, true), until, drop_held()),
            (facts(Some(false), None, false, false), until, drop_held()),
            (facts(Some(false), None, true, true), until, drop_held()),
            (facts(Some(false), Some(error), false, true), until, drop_held()),
            (facts(Some(false), None, false, true), end, drop_held()),
            // It was tried, and held after that.
            (facts(Some(true), None, false, true), until, Verdict::DropReleased),
            // Whether it is being released at this moment is not known.
            (facts(None, None, false, true), until, Verdict::Hold),
        ] {
            assert_eq!(verdict(&request, facts.clone(), now), expected, "{facts:?}");
        }
    }

    #[test]
    fn what_has_no_end_never_expires() {
        let to = PhoneNumber::parse("+628123456789").unwrap();
        let facts = Facts {
            cancelled: false,
            released: Some(false),
            held: None,
            order: None,
            refusal: None,
            astray: false,
            online: true,
        };
        let at = Timestamp::from_micros(i64::MAX);
        assert_eq!(verdict(&MtRequest::text(to, "Halo"), facts, at), Verdict::Go);
    }
}
