//! What to do with an item, given what the journal has of the message's parts. Pure.

use contracts::mt::{Keeper, MtChange, SendError, SentPart, Through};
use contracts::{SimId, Timestamp, UserId};

use crate::journal::entry::{Entry, Recorded, Stage};

/// What an item that came from the broker means, given the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Go on with this part.
    Go {
        /// The part to write next.
        part: u8,
        /// The parts the network has.
        sent: Vec<SentPart>,
        /// The revision at which the part's entry is replaced; `None` when there is no entry.
        revision: Option<u64>,
        /// The number of tries that have ended.
        tries: u32,
        /// How often the message came back without having been tried since the last of them.
        returns: u32,
    },
    /// All parts are with the network.
    Sent { through: Through, parts: Vec<SentPart> },
    /// The message was given up.
    Failed { through: Through, error: SendError, tries: u32 },
    /// The message's time was over.
    Expired,
    /// The message was taken back before a modem had it.
    Cancelled { by: Option<UserId>, recorded: Recorded },
    /// This item was handed to the router, and its ack was lost. `None` where that is told by a later round, or cannot be
    /// told again.
    HandedOver(Option<Deferral>),
    /// Nobody knows whether this part went out, and the part is left so.
    Uncertain { through: Through, part: u8, error: SendError },
    /// A driver that is gone was writing this part.
    Orphaned { part: u8, sent: Vec<SentPart>, recorded: Recorded },
    /// A driver that lives has the message in hand.
    InHand,
    /// The first parts went out through this SIM, and the others must follow.
    Elsewhere(SimId),
}

/// What was to be told of a message that the router has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Deferral {
    pub(crate) through: Through,
    pub(crate) error: SendError,
    pub(crate) until: Timestamp,
    pub(crate) tries: u32,
}

impl Verdict {
    /// Returns whether nothing is left to do for the item.
    pub(crate) fn is_finished(&self) -> bool {
        matches!(
            self,
            Self::Sent { .. }
                | Self::Failed { .. }
                | Self::Expired
                | Self::Cancelled { .. }
                | Self::HandedOver(_)
                | Self::Uncertain { .. }
        )
    }

    /// Returns the changes that have to have been told of a finished item. A change that is told twice is one.
    pub(crate) fn changes(self) -> Vec<MtChange> {
        match self {
            Self::Sent { through, parts } => vec![MtChange::Sent { through, parts }],
            Self::Failed { through, error, tries } => {
                vec![MtChange::Failed { error, through: Some(through), tries }]
            }
            Self::Expired => vec![MtChange::Expired {}],
            Self::Cancelled { by, .. } => vec![MtChange::Cancelled { by }],
            Self::Uncertain { through, part, error } => {
                vec![MtChange::Uncertain { error, through, part }]
            }
            Self::HandedOver(Some(Deferral { through, error, until, tries })) => {
                let (kept_by, through) = (Keeper::Router, Some(through));
                vec![MtChange::Deferred { error, until, tries, kept_by, through }]
            }
            Self::HandedOver(None)
            | Self::Go { .. }
            | Self::Orphaned { .. }
            | Self::InHand
            | Self::Elsewhere(_) => vec![],
        }
    }
}

/// Judges an item of `round` by the entries of its parts, in order, for a driver that would send it
/// through `sim`. `lives` says of a `Writing` entry whether its writer is still at it.
pub(crate) fn judge(
    entries: &[Recorded],
    parts: u8,
    round: u32,
    requested_tries: u32,
    sim: SimId,
    lives: impl Fn(&Entry) -> bool,
) -> Verdict {
    let mut sent = Vec::new();
    let mut tries = requested_tries;
    let mut returns = 0;
    for (part, recorded) in (1_u8..).zip(entries) {
        let Recorded { entry, revision } = recorded;
        let revision = *revision;
        let through = Through { modem: entry.modem, sim: entry.sim };
        tries = tries.max(entry.tries);
        // In whatever round that was.
        if let Stage::Cancelled { by } = entry.stage {
            return Verdict::Cancelled { by, recorded: recorded.clone() };
        }
        // What an earlier round came to is history, unless it is that a part went out.
        let past = entry.round < round;
        if entry.round > round {
            return Verdict::HandedOver(None);
        }
        match &entry.stage {
            Stage::Sent { reference, at } => {
                sent.push(SentPart { part, reference: *reference, at: *at });
            }
            Stage::Writing if lives(entry) => return Verdict::InHand,
            Stage::Writing => {
                return Verdict::Orphaned { part, sent, recorded: recorded.clone() };
            }
            Stage::Failed { error } if !past => {
                let (error, tries) = (error.clone(), entry.tries);
                return Verdict::Failed { through, error, tries };
            }
            Stage::Expired if !past => return Verdict::Expired,
            Stage::HandedOver { error, until } if !past => {
                let deferral = error.clone().zip(*until);
                let tries = entry.tries;
                return Verdict::HandedOver(deferral.map(|(error, until)| Deferral {
                    through,
                    error,
                    until,
                    tries,
                }));
            }
            Stage::Uncertain { error } if !past => {
                return Verdict::Uncertain { through, part, error: error.clone() };
            }
            Stage::Waiting
            | Stage::Failed { .. }
            | Stage::Expired
            | Stage::HandedOver { .. }
            | Stage::Cancelled { .. }
            | Stage::Uncertain { .. } => {
                if !past {
                    returns = entry.returns;
                }
                return go_on(entries, part, sent, Some(revision), tries, returns, sim);
            }
        }
    }
    let next = u8::try_from(sent.len()).unwrap_or(u8::MAX).saturating_add(1);
    if next > parts
        && let Some(Recorded { entry, .. }) = entries.last()
    {
        let through = Through { modem: entry.modem, sim: entry.sim };
        return Verdict::Sent { through, parts: sent };
    }
    go_on(entries, next, sent, None, tries, returns, sim)
}

fn go_on(
    entries: &[Recorded],
    part: u8,
    sent: Vec<SentPart>,
    revision: Option<u64>,
    tries: u32,
    returns: u32,
    sim: SimId,
) -> Verdict {
    let elsewhere = entries
        .iter()
        .map(|recorded| &recorded.entry)
        .find(|entry| matches!(entry.stage, Stage::Sent { .. }) && entry.sim != sim);
    match elsewhere {
        Some(entry) => Verdict::Elsewhere(entry.sim),
        None => Verdict::Go { part, sent, revision, tries, returns },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::entry::tests::entry;
    use contracts::{ModemId, Timestamp};

    fn recorded(stages: &[Stage]) -> Vec<Recorded> {
        (10..)
            .zip(stages)
            .map(|(revision, s)| Recorded { entry: entry(s.clone()), revision })
            .collect()
    }

    fn through() -> Through {
        Through { modem: ModemId::derived("a"), sim: SimId::derived("a") }
    }

    fn sent() -> Stage {
        Stage::Sent { reference: 7, at: Timestamp::from_micros(5) }
    }

    fn sent_part(part: u8) -> SentPart {
        SentPart { part, reference: 7, at: Timestamp::from_micros(5) }
    }

    fn judged(stages: &[Stage], round: u32) -> Verdict {
        judge(&recorded(stages), 3, round, 0, SimId::derived("a"), |_| false)
    }

    #[test]
    fn a_message_goes_on_at_the_first_part_that_is_not_out() {
        let go =
            |part, sent, revision, tries| Verdict::Go { part, sent, revision, tries, returns: 0 };
        assert_eq!(judged(&[], 1), go(1, vec![], None, 0));
        assert_eq!(judged(&[sent()], 1), go(2, vec![sent_part(1)], None, 2));
        assert_eq!(judged(&[sent(), Stage::Waiting], 1), go(2, vec![sent_part(1)], Some(11), 2));
        assert_eq!(
            judged(&[sent(), sent(), sent()], 1),
            Verdict::Sent {
                through: through(),
                parts: vec![sent_part(1), sent_part(2), sent_part(3)]
            }
        );
    }

    #[test]
    fn an_item_whose_ack_was_lost_is_not_sent_again() {
        let error = SendError { code: "cms-38".to_owned(), text: "No.".to_owned() };
        let handed_over = |error, until| Stage::HandedOver { error, until };
        let before = handed_over(None, None);
        assert_eq!(judged(std::slice::from_ref(&before), 1), Verdict::HandedOver(None));
        let until = Timestamp::from_micros(60_000_000);
        let told = judged(&[handed_over(Some(error.clone()), Some(until))], 1).changes();
        assert_eq!(
            told,
            [MtChange::Deferred {
                error: error.clone(),
                until,
                tries: 2,
                kept_by: Keeper::Router,
                through: Some(through()),
            }]
        );
        // The next round may try; a stale item of an earlier round may not.
        assert!(matches!(judged(&[before], 2), Verdict::Go { part: 1, .. }));
        assert_eq!(judged(&[sent()], 0), Verdict::HandedOver(None));
        assert_eq!(judged(&[Stage::Expired], 1), Verdict::Expired);
        assert_eq!(
            judged(&[Stage::Failed { error: error.clone() }], 1),
            Verdict::Failed { through: through(), error: error.clone(), tries: 2 }
        );
        assert_eq!(
            judged(&[sent(), Stage::Uncertain { error: error.clone() }], 1),
            Verdict::Uncertain { through: through(), part: 2, error }
        );
    }

    #[test]
    fn a_cancelled_message_is_sent_in_no_round() {
        let by = Some(UserId::derived("a"));
        for round in 0..3 {
            let verdict = judged(&[Stage::Cancelled { by }], round);
            assert!(verdict.is_finished());
            assert_eq!(verdict.changes(), [MtChange::Cancelled { by }]);
        }
    }

    #[test]
    fn a_part_in_writing_belongs_to_its_writer_while_that_lives() {
        let entries = recorded(&[Stage::Writing]);
        let here = SimId::derived("a");
        assert_eq!(judge(&entries, 1, 1, 0, here, |_| true), Verdict::InHand);
        assert!(matches!(
            judge(&entries, 1, 1, 0, here, |_| false),
            Verdict::Orphaned { part: 1, recorded: Recorded { revision: 10, .. }, .. }
        ));
        // Even when another round comes: it may be going out right now.
        assert_eq!(judge(&entries, 1, 2, 0, here, |_| true), Verdict::InHand);
    }

    #[test]
    fn the_rest_of_a_message_follows_through_the_same_sim() {
        let there = SimId::derived("b");
        let entries = recorded(&[sent(), Stage::Waiting]);
        assert_eq!(
            judge(&entries, 3, 1, 0, there, |_| false),
            Verdict::Elsewhere(SimId::derived("a"))
        );
        // Nothing went out yet: any SIM will do.
        let entries = recorded(&[Stage::Waiting]);
        assert!(matches!(judge(&entries, 3, 1, 0, there, |_| false), Verdict::Go { part: 1, .. }));
    }
}
