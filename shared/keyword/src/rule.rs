//! Which messages a service takes, beside the keyword that it has: by an expression, the SIM, the sender, the time.

use contracts::Address;
use contracts::mo::MoReceived;
use store::ServiceRule;

use crate::expression::Expressions;
use crate::text_of;
use crate::times::Times;

/// Returns whether a message is one that the rule lets through.
pub fn takes(rule: &ServiceRule, message: &MoReceived, expressions: &Expressions) -> bool {
    let ServiceRule { pattern, place: _, sim, sender, times } = rule;
    sim.is_none_or(|sim| sim == message.sim)
        && sender.as_deref().is_none_or(|begin| is_from(&message.from, begin))
        && times.as_deref().is_none_or(|times| {
            times.parse::<Times>().is_ok_and(|times| times.contains(message.received_at))
        })
        && pattern.as_deref().is_none_or(|pattern| expressions.matches(pattern, &text_of(message)))
}

/// Whether a sender is written so at the beginning, letter case of a name aside.
fn is_from(sender: &Address, begin: &str) -> bool {
    sender.to_string().to_lowercase().starts_with(&begin.to_lowercase())
}

/// Returns whether there may be a message that both rules let through, whatever it says and whenever it comes.
pub fn may_overlap(one: &ServiceRule, other: &ServiceRule) -> bool {
    let sims = match (one.sim, other.sim) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    };
    let senders = match (&one.sender, &other.sender) {
        (Some(one), Some(other)) => {
            let (one, other) = (one.to_lowercase(), other.to_lowercase());
            one.starts_with(&other) || other.starts_with(&one)
        }
        _ => true,
    };
    sims && senders
}

#[cfg(test)]
mod tests {
    use contracts::SimId;

    use super::*;
    use crate::sample::message;

    fn takes_it(rule: &ServiceRule, message: &MoReceived) -> bool {
        takes(rule, message, &Expressions::default())
    }

    #[test]
    fn every_condition_has_to_fit() {
        let mo = message("Order 12");
        assert!(takes_it(&ServiceRule::default(), &mo));
        let rule = ServiceRule {
            pattern: Some("[0-9]{2}$".to_owned()),
            sim: Some(SimId::derived("s")),
            sender: Some("+628".to_owned()),
            // 10:00 on a Monday.
            times: Some("mon 10:00-10:01 UTC".to_owned()),
            ..ServiceRule::default()
        };
        assert!(takes_it(&rule, &mo));
        for other in [
            ServiceRule { pattern: Some("[0-9]{3}$".to_owned()), ..rule.clone() },
            ServiceRule { sim: Some(SimId::derived("t")), ..rule.clone() },
            ServiceRule { sender: Some("+629".to_owned()), ..rule.clone() },
            ServiceRule { times: Some("mon 10:01-10:02 UTC".to_owned()), ..rule.clone() },
            ServiceRule { times: Some("nonsense".to_owned()), ..rule.clone() },
        ] {
            assert!(!takes_it(&other, &mo), "{other:?}");
        }
        let from_bank = MoReceived { from: Address::from_text("BANK-X"), ..mo };
        let rule = ServiceRule { sender: Some("bank".to_owned()), ..ServiceRule::default() };
        assert!(takes_it(&rule, &from_bank));
    }

    #[test]
    fn rules_of_other_sims_or_senders_do_not_meet() {
        let of = |sim: Option<&str>, sender: Option<&str>| ServiceRule {
            sim: sim.map(SimId::derived),
            sender: sender.map(str::to_owned),
            ..ServiceRule::default()
        };
        assert!(may_overlap(&of(None, None), &of(Some("s"), Some("+62"))));
        assert!(may_overlap(&of(Some("s"), Some("+628")), &of(Some("s"), Some("+62"))));
        assert!(!may_overlap(&of(Some("s"), None), &of(Some("t"), None)));
        assert!(!may_overlap(&of(None, Some("+628")), &of(None, Some("+629"))));
    }
}
