//! Why a message waits, for programs and the command line.

use contracts::limits::NEW_RECIPIENT;

use crate::acts::waiting::{Waiting, Why};

/// As programs get it.
pub(super) fn shown(waiting: &Waiting) -> api::Waiting {
    api::Waiting {
        code: code(&waiting.why).to_owned(),
        reason: reason(waiting),
        until: waiting.until,
        expires_at: waiting.ends_at,
    }
}

/// Why the message waits, in English sentences.
fn reason(waiting: &Waiting) -> String {
    match (&waiting.why, waiting.until) {
            (Why::Unchecked, _) => {
                "It was accepted, and the router looks at it next. If that lasts, see whether the router runs.".to_owned()
            }
            (Why::Scheduled, Some(until)) => format!("Waits until {until}: it is scheduled."),
            (Why::Scheduled, None) => "It is scheduled for later.".to_owned(),
            (Why::TryFailed(error), until) => {
                let words = match error {
                    None => "The last try failed.".to_owned(),
                    // That was no try.
                    Some(error) if error.code == NEW_RECIPIENT => error.text.clone(),
                    Some(error) => format!("The last try failed: {error}"),
                };
                match until {
                    Some(until) => format!("{words} It is tried again at {until}."),
                    None => words,
                }
            }
            (Why::AccountLimit, Some(until)) => {
                format!("Waits until {until}: its account has sent what its limits allow.")
            }
            (Why::AccountLimit, None) => "Its account has sent what its limits allow.".to_owned(),
            (Why::AccountClosed(closed), _) => {
                format!("Its account sends nothing until {}: {closed}.", closed.until)
            }
            (Why::RecipientLimit, Some(until)) => format!(
                "Waits until {until}: the number was sent as many messages as one number is sent (limits.recipient)."
            ),
            (Why::RecipientLimit, None) => {
                "The number was sent as many messages as one number is sent (limits.recipient).".to_owned()
            }
            (Why::Double, Some(until)) => format!(
                "Waits until {until}: the same text went to the same number a moment before. Cancel it if it was not meant; 'allow_double' sends such a message at once."
            ),
            (Why::Double, None) => "The same text went to the same number a moment before.".to_owned(),
            (Why::Rule, Some(until)) => format!("Waits until {until}: a rule holds it."),
            (Why::Rule, None) => "A rule holds it.".to_owned(),
            (Why::NoCredit, _) => {
                "The account has not enough credit for it. It is sent when the account is given some.".to_owned()
            }
            (Why::CreditUnknown, _) => {
                "Whether the account has enough credit for it is not known at the moment, for persistence does not answer. It is tried again in a moment.".to_owned()
            }
            (Why::NoModem, _) => {
                "No modem is online. It is sent as soon as one is.".to_owned()
            }
            (Why::PoolAway(pool), _) => {
                format!("No modem of the pool '{pool}' is online. It is sent as soon as one is.")
            }
            (Why::SimAway(modem), _) => format!(
                "The SIM it must go out through is in {modem}, which is not online. It is sent as soon as it is."
            ),
            (Why::SimUnknown, _) => {
                "The SIM it must go out through is in no modem. It is sent as soon as it is in one that is online.".to_owned()
            }
            (Why::SimClosed(closed), _) => {
                format!("The SIM it must go out through sends nothing until {}: {closed}.", closed.until)
            }
            (Why::PoolClosed(closed), _) => format!(
                "Every SIM that may send it sends nothing for now. The first sends again at {}: {closed}.",
                closed.until
            ),
            (Why::Turn, _) => "It waits its turn: messages before it are sent first.".to_owned(),
        }
}

/// A stable name, for programs.
const fn code(why: &Why) -> &'static str {
    match why {
        Why::Unchecked => "unchecked",
        Why::Scheduled => "scheduled",
        Why::TryFailed(_) => "try-failed",
        Why::AccountLimit | Why::AccountClosed(_) => "account-limit",
        Why::RecipientLimit => "recipient-limit",
        Why::Double => "double",
        Why::Rule => "rule",
        Why::NoCredit => "no-credit",
        Why::CreditUnknown => "credit-unknown",
        Why::NoModem => "no-modem",
        Why::PoolAway(_) => "pool-offline",
        Why::SimAway(_) => "sim-offline",
        Why::SimUnknown => "sim-unknown",
        Why::SimClosed(_) => "sim-limit",
        Why::PoolClosed(_) => "pool-limit",
        Why::Turn => "turn",
    }
}
