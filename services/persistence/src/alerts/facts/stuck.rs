//! Messages that something has in hand for too long, and conversations that were stopped.

use contracts::Timestamp;
use contracts::alert::AlertKind;
use platform::config::Alerts;
use store::Stuck;

use crate::alerts::rules::{Key, Said, Seen};

/// Messages that are held beyond their time, that a modem has, and of which nobody knows, for too long.
pub(super) fn messages(stuck: Stuck, config: &Alerts, now: Timestamp, seen: &mut Seen) {
    seen.kinds.insert(AlertKind::MessageStuck);
    let limit = config.queue_older_than.duration();
    let Stuck { overdue, sending, uncertain } = stuck;
    for (subject, since, what, advice) in [
        (
            "held",
            overdue,
            "A message is held that should have been requested again at",
            "See whether persistence runs and reaches the broker: merpati doctor, and its log.",
        ),
        (
            "sending",
            sending,
            "A modem has a message without an answer since",
            "See which modem has it, and whether its driver runs: merpati messages --state sending, merpati modems.",
        ),
        (
            "uncertain",
            uncertain,
            "Nobody knows of a message whether it went out, since",
            "See the page of the message, and send it again if it did not arrive: merpati messages --state uncertain.",
        ),
    ] {
        let Some(since) = since.filter(|since| !limit.is_zero() && now.since(*since) >= limit)
        else {
            continue;
        };
        let (text, advice) = (format!("{what} {since}."), advice.to_owned());
        let said = Said { name: subject.to_owned(), text, advice };
        seen.bad.insert(Key::new(AlertKind::MessageStuck, subject), said);
    }
}

/// Conversations of two machines that were stopped.
pub(super) fn loops(stopped: u32, config: &Alerts, seen: &mut Seen) {
    seen.kinds.insert(AlertKind::LoopStopped);
    if stopped == 0 || !config.loops {
        return;
    }
    let text = if stopped == 1 {
        "A sender answers like a machine, and is sent nothing back for an hour.".to_owned()
    } else {
        format!("{stopped} senders answer like machines, and are sent nothing back for an hour.")
    };
    let said = Said {
        name: "replies".to_owned(),
        text,
        advice: "See who it is in the log of webhooks (a conversation of two machines was stopped), and which service or endpoint answers."
            .to_owned(),
    };
    seen.bad.insert(Key::new(AlertKind::LoopStopped, "replies"), said);
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use platform::Config;
    use platform::config::{Period, Sources};

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(1_790_000_000_000_000 + seconds * 1_000_000)
    }

    fn config() -> Alerts {
        Config::load(&Sources::default()).unwrap().alerts
    }

    #[test]
    fn what_is_in_hand_for_too_long_is_told_by_where_it_is() {
        let seen = |stuck: Stuck, config: &Alerts| {
            let mut seen = Seen::default();
            messages(stuck, config, at(1_000), &mut seen);
            seen.bad.into_values().map(|said| said.name).collect::<Vec<_>>()
        };
        assert_eq!(seen(Stuck::default(), &config()), Vec::<String>::new());
        let recent =
            Stuck { overdue: Some(at(900)), sending: Some(at(401)), uncertain: Some(at(999)) };
        assert_eq!(seen(recent, &config()), Vec::<String>::new());
        let old = Stuck { overdue: Some(at(400)), sending: Some(at(400)), uncertain: Some(at(0)) };
        assert_eq!(seen(old, &config()), ["held", "sending", "uncertain"]);
        let off = Alerts { queue_older_than: Period(Duration::ZERO), ..config() };
        assert_eq!(seen(old, &off), Vec::<String>::new());
    }

    #[test]
    fn a_machine_that_answers_is_told() {
        let seen = |stopped, config: &Alerts| {
            let mut seen = Seen::default();
            loops(stopped, config, &mut seen);
            seen.bad.into_values().map(|said| said.text).next()
        };
        assert_eq!(seen(0, &config()), None);
        assert!(seen(1, &config()).is_some_and(|text| text.starts_with("A sender answers")));
        assert!(seen(3, &config()).is_some_and(|text| text.starts_with("3 senders answer")));
        assert_eq!(seen(3, &Alerts { loops: false, ..config() }), None);
    }
}
