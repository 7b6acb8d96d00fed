//! How an attempt ends, by the carrier's answer, the message and the driver's settings. Pure.
//!
//! Tries are bounded and counted over all rounds of a message. A wait under 30 s is left to the broker, which delivers
//! the item again; for a longer one the message leaves the broker, so that rules and people can still act on it
//! (DESIGN, step 8).

use std::time::Duration;

use contracts::Timestamp;
use contracts::mt::{Keeper, MtChange, SendError, Through, WhenUncertain};

use crate::carrier::{Again, Outcome};
use crate::journal::entry::Stage;
use crate::journal::verdict::Verdict;
use crate::retry::RetryPolicy;

/// The longest wait for which the broker keeps a message.
const SOON: Duration = Duration::from_secs(30);
/// How often a message may come back without having been tried before that counts as a try.
const MOST_RETURNS: u32 = 8;

/// How an attempt to send a part ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The network has the part.
    Sent {
        /// TP-MR, when the modem told it.
        reference: Option<u8>,
    },
    /// The service centre takes no validity period: the part is written again at once, without one.
    WithoutValidity,
    /// The part did not go out, and the broker delivers the item again.
    Again {
        /// Why the part did not go out.
        error: SendError,
        /// How long the broker waits.
        wait: Duration,
        /// Whether this was a try. A part that the modem was not ready for was not tried.
        tried: bool,
    },
    /// The part did not go out, and the router keeps the message.
    Later {
        /// Why the part did not go out.
        error: SendError,
        /// When the router releases the message again.
        until: Timestamp,
    },
    /// The message is given up.
    Failed {
        /// Why the message can never go out, or what the last try ended with.
        error: SendError,
    },
    /// The message's time is over, or will be before the next try.
    Expired {
        /// What the last try ended with.
        error: Option<SendError>,
    },
    /// Nobody knows whether the part went out.
    Uncertain {
        /// What happened.
        error: SendError,
        /// What follows by the message's policy; `None` when the part is left as it is.
        then: Option<Box<Ending>>,
    },
    /// Something is missing just now: the message comes again in a moment, and nobody is told.
    NotNow(String),
    /// The journal says that the message is not to be written.
    Judged(Box<Verdict>),
}

/// What decides, beside the carrier's answer, how an attempt ends.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terms<'a> {
    pub(crate) retry: &'a RetryPolicy,
    /// Which try this is, over all rounds; the first is 1.
    pub(crate) tries: u32,
    /// How often the message came back without having been tried since the last try.
    pub(crate) returns: u32,
    /// When the message's time is over.
    pub(crate) not_after: Option<Timestamp>,
    /// What the message wants when nobody knows whether it went out.
    pub(crate) when_uncertain: WhenUncertain,
    /// Whether the TPDU carries a validity period.
    pub(crate) has_validity: bool,
}

/// Returns how an attempt ends of which `outcome` came at `now`.
pub(crate) fn ending(outcome: Outcome, terms: Terms<'_>, now: Timestamp) -> Ending {
    match outcome {
        Outcome::Sent { reference } => Ending::Sent { reference },
        Outcome::NotTried(error) => untried(error, terms, now),
        Outcome::Uncertain(error) => uncertain(error, terms, now),
        Outcome::Refused { error, again } => match again {
            Again::Yes => tried(error, terms.retry.tries, terms, now),
            Again::Perhaps => tried(error, terms.retry.doubtful_tries, terms, now),
            Again::WithoutValidity if terms.has_validity => Ending::WithoutValidity,
            Again::WithoutValidity | Again::No => Ending::Failed { error },
        },
    }
}

/// Returns how an attempt ends when nobody knows whether the part went out.
pub(crate) fn uncertain(error: SendError, terms: Terms<'_>, now: Timestamp) -> Ending {
    let then = match terms.when_uncertain {
        WhenUncertain::Hold => None,
        WhenUncertain::Resend => {
            Some(Box::new(tried(error.clone(), terms.retry.tries, terms, now)))
        }
    };
    Ending::Uncertain { error, then }
}

/// Returns how an attempt ends when the part was not tried at all: again in a moment, which is no try unless it goes on
/// like that.
fn untried(error: SendError, terms: Terms<'_>, now: Timestamp) -> Ending {
    if terms.returns >= MOST_RETURNS {
        return tried(error, terms.retry.tries, terms, now);
    }
    let wait = Duration::from_millis(250 << terms.returns).min(Duration::from_secs(20));
    Ending::Again { error, wait, tried: false }
}

/// Returns how an attempt ends when the part was tried and did not go out, with at most `most` tries in all.
fn tried(error: SendError, most: u32, terms: Terms<'_>, now: Timestamp) -> Ending {
    let most = most.min(terms.retry.tries).max(1);
    if terms.tries >= most {
        return Ending::Failed { error };
    }
    let index = usize::try_from(terms.tries.saturating_sub(1)).unwrap_or(usize::MAX);
    let waits = &terms.retry.waits;
    let wait = waits.get(index).or(waits.last()).copied().unwrap_or(SOON);
    let until = now.plus(wait);
    if terms.not_after.is_some_and(|end| end < until) {
        Ending::Expired { error: Some(error) }
    } else if wait < SOON {
        Ending::Again { error, wait, tried: true }
    } else {
        Ending::Later { error, until }
    }
}

impl Ending {
    /// Returns what went wrong, if anything did.
    pub(crate) fn error(&self) -> Option<&SendError> {
        match self {
            Self::Again { error, .. }
            | Self::Later { error, .. }
            | Self::Failed { error }
            | Self::Uncertain { error, .. } => Some(error),
            Self::Expired { error } => error.as_ref(),
            Self::Sent { .. } | Self::WithoutValidity | Self::NotNow(_) | Self::Judged(_) => None,
        }
    }

    /// Returns the stage in which the journal has the part from `at` on; `None` when the journal is not told.
    pub(crate) fn stage(&self, at: Timestamp) -> Option<Stage> {
        Some(match self {
            Self::Sent { reference } => Stage::Sent { reference: reference.unwrap_or(0), at },
            Self::Again { .. } => Stage::Waiting,
            Self::Later { error, until } => {
                Stage::HandedOver { error: Some(error.clone()), until: Some(*until) }
            }
            Self::Failed { error } => Stage::Failed { error: error.clone() },
            Self::Expired { .. } => Stage::Expired,
            Self::Uncertain { error, .. } => Stage::Uncertain { error: error.clone() },
            Self::WithoutValidity | Self::NotNow(_) | Self::Judged(_) => return None,
        })
    }

    /// Returns what people are told of the message when its `tries`-th try ended at `at`. That a message is sent is
    /// told with its parts, which an ending does not know.
    pub(crate) fn change(
        &self,
        part: u8,
        tries: u32,
        through: Through,
        at: Timestamp,
    ) -> Option<MtChange> {
        let deferred = |error: &SendError, until, kept_by| MtChange::Deferred {
            error: error.clone(),
            until,
            tries,
            kept_by,
            through: Some(through),
        };
        Some(match self {
            Self::Again { error, wait, .. } => deferred(error, at.plus(*wait), Keeper::Broker),
            Self::Later { error, until } => deferred(error, *until, Keeper::Router),
            Self::Failed { error } => {
                MtChange::Failed { error: error.clone(), through: Some(through), tries }
            }
            Self::Expired { .. } => MtChange::Expired {},
            Self::Uncertain { error, .. } => {
                MtChange::Uncertain { error: error.clone(), through, part }
            }
            Self::Sent { .. } | Self::WithoutValidity | Self::NotNow(_) | Self::Judged(_) => {
                return None;
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        Timestamp::from_micros(0)
    }

    fn terms(retry: &RetryPolicy) -> Terms<'_> {
        Terms {
            retry,
            tries: 1,
            returns: 0,
            not_after: None,
            when_uncertain: WhenUncertain::Hold,
            has_validity: false,
        }
    }

    fn error() -> SendError {
        SendError { code: "cms-38".to_owned(), text: "Network out of order.".to_owned() }
    }

    fn refused(again: Again) -> Outcome {
        Outcome::Refused { error: error(), again }
    }

    #[test]
    fn each_outcome_has_its_ending() {
        let retry = RetryPolicy::default();
        let with_validity = Terms { has_validity: true, ..terms(&retry) };
        let of = |outcome: Outcome| ending(outcome, terms(&retry), now());
        let Ending::Again { error: told, wait, tried: true } = of(refused(Again::Perhaps)) else {
            panic!("what may help is tried again")
        };
        assert_eq!(told, error());
        assert_eq!(wait, Duration::from_secs(5));
        let permanent = ending(refused(Again::No), with_validity, now());
        assert!(matches!(permanent, Ending::Failed { .. }));
        let about_validity = refused(Again::WithoutValidity);
        assert_eq!(ending(about_validity.clone(), with_validity, now()), Ending::WithoutValidity);
        assert!(matches!(of(about_validity), Ending::Failed { .. }));
        let sent = of(Outcome::Sent { reference: Some(7) });
        assert_eq!(sent, Ending::Sent { reference: Some(7) });
        let maybe = of(Outcome::Uncertain(error()));
        assert_eq!(maybe, Ending::Uncertain { error: error(), then: None });
        assert!(matches!(
            of(Outcome::NotTried(error())),
            Ending::Again { tried: false, wait, .. } if wait == Duration::from_millis(250)
        ));
    }

    #[test]
    fn waits_grow_and_tries_end() {
        let retry = RetryPolicy::default();
        let after = |tries, again| ending(refused(again), Terms { tries, ..terms(&retry) }, now());
        let waits = |tries| match after(tries, Again::Yes) {
            Ending::Again { wait, tried: true, .. } => wait,
            other => panic!("{other:?}"),
        };
        assert_eq!((waits(1), waits(2)), (Duration::from_secs(5), Duration::from_secs(15)));
        for (tries, minutes) in [(3, 1), (4, 5)] {
            let Ending::Later { until, .. } = after(tries, Again::Yes) else {
                panic!("the router keeps it")
            };
            assert_eq!(until, now().plus(Duration::from_mins(minutes)));
        }
        assert!(matches!(after(5, Again::Yes), Ending::Failed { .. }));
        assert!(matches!(after(3, Again::Perhaps), Ending::Failed { .. }));
    }

    #[test]
    fn nothing_is_tried_after_its_time() {
        let retry = RetryPolicy::default();
        let until = |seconds| {
            let not_after = Some(now().plus(Duration::from_secs(seconds)));
            let terms = Terms { not_after, ..terms(&retry) };
            ending(refused(Again::Yes), terms, now())
        };
        let Ending::Expired { error: Some(error) } = until(4) else { panic!("5 s are too long") };
        assert_eq!(error.code, "cms-38");
        assert!(matches!(until(6), Ending::Again { .. }));
    }

    #[test]
    fn returns_without_a_try_count_as_a_try_when_they_go_on() {
        let retry = RetryPolicy::default();
        let after = |returns| {
            let terms = Terms { returns, ..terms(&retry) };
            ending(Outcome::NotTried(error()), terms, now())
        };
        let mut waits = Vec::new();
        for returns in 0..MOST_RETURNS {
            let Ending::Again { wait, tried: false, .. } = after(returns) else {
                panic!("return {returns} is no try")
            };
            waits.push(wait.as_millis());
        }
        assert_eq!(waits, [250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 20_000]);
        assert!(matches!(after(MOST_RETURNS), Ending::Again { tried: true, .. }));
    }

    #[test]
    fn an_uncertain_part_is_left_or_sent_again_as_the_message_wants() {
        let retry = RetryPolicy { tries: 2, ..RetryPolicy::default() };
        let resend = Terms { when_uncertain: WhenUncertain::Resend, ..terms(&retry) };
        let after = |tries| {
            let Ending::Uncertain { then: Some(then), .. } =
                ending(Outcome::Uncertain(error()), Terms { tries, ..resend }, now())
            else {
                panic!("it is sent again")
            };
            *then
        };
        assert!(matches!(after(1), Ending::Again { tried: true, .. }));
        assert!(matches!(after(2), Ending::Failed { .. }));
    }
}
