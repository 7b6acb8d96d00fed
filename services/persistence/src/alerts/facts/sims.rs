//! SIMs that have nearly or wholly used up what they may send.

use contracts::alert::AlertKind;
use contracts::limits::{Closed, Limit};
use platform::config::Alerts;

use super::{Modem, clipped};
use crate::alerts::rules::{Key, Said, Seen};

/// What is wrong with the SIMs in modems.
pub(super) fn limits(all: &[Modem], config: &Alerts, seen: &mut Seen) {
    use AlertKind::{QuotaLow, SimBlocked};
    seen.kinds.extend([SimBlocked, QuotaLow]);
    if !config.sim_limits {
        return;
    }
    for modem in all {
        let Some(sim) = &modem.state.sim else { continue };
        let blocked = Key::new(SimBlocked, sim.id.to_string());
        let low = Key::new(QuotaLow, sim.id.to_string());
        if !modem.is_online() {
            // What it has sent is known again when it is back.
            seen.unclear.extend([blocked, low]);
            continue;
        }
        let name = clipped(&modem.state.name);
        let (closed, to_new) = (&modem.state.closed, &modem.state.closed_to_new);
        if let Some(closed) = closed.as_ref().filter(|closed| is_rare(closed.limit)) {
            seen.bad.insert(blocked, blocked_for(&name, "nothing", closed));
        } else if let Some(closed) = to_new {
            seen.bad.insert(blocked, blocked_for(&name, "to nobody new", closed));
        } else if let Some(limit) = modem.state.low.filter(|limit| is_rare(*limit)) {
            let text =
                format!("Nine tenths of the {} of the SIM in {name} are used.", words(limit));
            let advice = "See how much is left: merpati limit show. When the limit is reached, other SIMs of its pool take over, or messages wait."
                .to_owned();
            seen.bad.insert(low, Said { name, text, advice });
        }
    }
}

fn blocked_for(name: &str, what: &str, closed: &Closed) -> Said {
    Said {
        name: name.to_owned(),
        text: format!("The SIM in {name} sends {what} until {}: {closed}.", closed.until),
        advice:
            "Raise the limit, or put another SIM into its pool: merpati limit set, merpati sims."
                .to_owned(),
    }
}

/// Whether a limit is reached seldom enough to be told. Those of a minute and an hour set the pace, and quiet hours come each
/// day.
const fn is_rare(limit: Limit) -> bool {
    matches!(
        limit,
        Limit::Day | Limit::Month | Limit::SpendDay | Limit::SpendMonth | Limit::Recipients
    )
}

const fn words(limit: Limit) -> &'static str {
    match limit {
        Limit::Day => "messages of this day",
        Limit::Month => "messages of this month",
        Limit::SpendDay => "money of this day",
        Limit::SpendMonth => "money of this month",
        Limit::Recipients => "different recipients of this month",
        Limit::Minute | Limit::Hour | Limit::Quiet | Limit::Unknown => "limit",
    }
}

#[cfg(test)]
mod tests {
    use contracts::modem::ModemStatus;
    use contracts::{SimId, Timestamp};
    use platform::Config;
    use platform::config::Sources;

    use super::*;
    use crate::alerts::facts::tests::modem;

    fn look(modem: &Modem, config: &Alerts) -> (Vec<AlertKind>, Vec<AlertKind>) {
        let mut seen = Seen::default();
        limits(std::slice::from_ref(modem), config, &mut seen);
        let sim = SimId::derived(&modem.state.name).to_string();
        let of = |is_in: &dyn Fn(&Key) -> bool| {
            let kinds = [AlertKind::SimBlocked, AlertKind::QuotaLow].into_iter();
            kinds.filter(|kind| is_in(&Key::new(*kind, sim.clone()))).collect()
        };
        (of(&|key| seen.bad.contains_key(key)), of(&|key| seen.unclear.contains(key)))
    }

    #[test]
    fn a_sim_that_may_send_no_more_is_told_and_one_that_keeps_the_pace_is_not() {
        use AlertKind::{QuotaLow, SimBlocked};
        let config = Config::load(&Sources::default()).unwrap().alerts;
        let closed = |limit| {
            let until = Timestamp::from_micros(1);
            Some(Closed { limit, most: Some(9), until, passwords: false })
        };
        let mut modem = modem("a", ModemStatus::Ready);
        assert_eq!(look(&modem, &config), (vec![], vec![]));
        for (limit, told) in [
            (Limit::Minute, false),
            (Limit::Hour, false),
            (Limit::Quiet, false),
            (Limit::Unknown, false),
            (Limit::Day, true),
            (Limit::Month, true),
            (Limit::SpendDay, true),
            (Limit::SpendMonth, true),
        ] {
            modem.state.closed = closed(limit);
            let bad = if told { vec![SimBlocked] } else { vec![] };
            assert_eq!(look(&modem, &config), (bad, vec![]), "{limit}");
        }
        modem.state.closed = None;
        modem.state.closed_to_new = closed(Limit::Recipients);
        assert_eq!(look(&modem, &config), (vec![SimBlocked], vec![]));
        let off = Alerts { sim_limits: false, ..config.clone() };
        assert_eq!(look(&modem, &off), (vec![], vec![]));
        modem.state.closed_to_new = None;
        modem.state.low = Some(Limit::Month);
        assert_eq!(look(&modem, &config), (vec![QuotaLow], vec![]));
        modem.is_stale = true;
        assert_eq!(look(&modem, &config), (vec![], vec![SimBlocked, QuotaLow]));
    }
}
