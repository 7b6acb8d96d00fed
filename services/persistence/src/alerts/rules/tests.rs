//! The rules as a table, and what holds whatever is seen.

use contracts::{OrgId, Timestamp};
use proptest::prelude::*;

use super::*;

const RULES: Rules =
    Rules { modem_after: Duration::from_secs(20), over_after: Duration::from_secs(30) };

/// What is seen of one subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum See {
    Good,
    Bad,
    Unclear,
    /// Nothing of its kind could be looked at.
    Nothing,
}

fn seen(all: &[(AlertKind, See)]) -> Seen {
    let mut seen = Seen::default();
    for (kind, see) in all {
        let key = Key::new(*kind, "a");
        if *see != See::Nothing {
            seen.kinds.insert(*kind);
        }
        match see {
            See::Bad => {
                let text = |text: &str| text.to_owned();
                let said = Said { name: text("a"), text: text("bad"), advice: text("mend it") };
                seen.bad.insert(key, said);
            }
            See::Unclear => {
                seen.unclear.insert(key);
            }
            See::Good | See::Nothing => {}
        }
    }
    seen
}

/// Looks one after the other, with the alerts as the store keeps them.
#[derive(Default)]
struct Story {
    memory: Memory,
    open: Vec<Alert>,
}

impl Story {
    /// Looks at `now`, and says which alerts began and which are over.
    fn look(&mut self, now: u64, all: &[(AlertKind, See)]) -> (Vec<AlertKind>, Vec<AlertKind>) {
        let steps = self.memory.step(&RULES, &seen(all), &self.open, Duration::from_secs(now));
        let opened: Vec<AlertKind> = steps.opened.iter().map(|new| new.kind).collect();
        let (closed, open) = std::mem::take(&mut self.open)
            .into_iter()
            .partition::<Vec<_>, _>(|alert| steps.closed.contains(&alert.id));
        self.open = open;
        self.open.extend(steps.opened.into_iter().map(|new| Alert {
            id: AlertId::new(),
            org: OrgId::default_org(),
            kind: new.kind,
            subject: new.subject,
            name: new.name,
            text: new.text,
            advice: new.advice,
            opened_at: Timestamp::from_micros(0),
            closed_at: None,
        }));
        (opened, closed.into_iter().map(|alert| alert.kind).collect())
    }
}

/// What happens at each look, ten seconds apart: `+` it begins, `-` it is over.
fn story(kind: AlertKind, looks: &str) -> String {
    let mut story = Story::default();
    let signs = looks.chars().zip(0_u64..).map(|(look, n)| {
        let see = match look {
            'b' => See::Bad,
            'g' => See::Good,
            'u' => See::Unclear,
            _ => See::Nothing,
        };
        match story.look(n * 10, &[(kind, see)]) {
            (opened, closed) if opened.len() == 1 && closed.is_empty() => '+',
            (opened, closed) if opened.is_empty() && closed.len() == 1 => '-',
            (opened, closed) => {
                assert!(opened.is_empty() && closed.is_empty(), "{looks} at {n}");
                '.'
            }
        }
    });
    signs.collect()
}

#[test]
fn an_alert_begins_when_it_lasts_and_is_over_when_it_is_good_for_long() {
    for (kind, looks, expected) in [
        // A modem that is gone for 20 s, and back for 30 s.
        (AlertKind::ModemOffline, "bbbbgggg", "..+....-"),
        // One that comes back in between.
        (AlertKind::ModemOffline, "bbgbbgbb", "........"),
        // Flapping is one alert.
        (AlertKind::ModemOffline, "bbbggbgggbgggg", "..+..........-"),
        // What could not be looked at changes nothing, and neither does what is unclear.
        (AlertKind::ModemSick, "b b", "..+"),
        (AlertKind::ModemSick, "bub", "..+"),
        (AlertKind::ModemSick, "bbb    ", "..+...."),
        (AlertKind::ModemSick, "bbbuuuuuu", "..+......"),
        (AlertKind::ModemSick, "bbbguug", "..+...-"),
        // Others last when they are seen.
        (AlertKind::QueueOld, "bbgggg", "+....-"),
        (AlertKind::FailureRate, "ggbg", "..+."),
        (AlertKind::DiskLow, "gggg", "...."),
    ] {
        assert_eq!(story(kind, looks), expected, "{kind}: {looks}");
    }
}

#[test]
fn kinds_have_nothing_to_do_with_each_other() {
    let mut story = Story::default();
    let (disk, queue) = (AlertKind::DiskLow, AlertKind::QueueOld);
    assert_eq!(story.look(0, &[(disk, See::Bad), (queue, See::Good)]), (vec![disk], vec![]));
    assert_eq!(story.look(10, &[(disk, See::Good), (queue, See::Bad)]), (vec![queue], vec![]));
    assert_eq!(story.look(40, &[(disk, See::Good), (queue, See::Bad)]), (vec![], vec![disk]));
}

#[test]
fn what_another_copy_opened_is_closed_here_and_not_opened_again() {
    let mut first = Story::default();
    let kind = AlertKind::BrokerFull;
    assert_eq!(first.look(0, &[(kind, See::Bad)]).0, [kind]);
    let mut second = Story { open: first.open.clone(), ..Story::default() };
    assert_eq!(second.look(0, &[(kind, See::Bad)]), (vec![], vec![]));
    assert_eq!(second.look(10, &[(kind, See::Good)]), (vec![], vec![]));
    assert_eq!(second.look(40, &[(kind, See::Good)]), (vec![], vec![kind]));
}

#[test]
fn no_more_are_open_than_may_be() {
    let most = usize::try_from(MOST_OPEN_ALERTS).unwrap();
    let mut many = seen(&[(AlertKind::BalanceLow, See::Bad)]);
    let said = many.bad.values().next().cloned().unwrap();
    for n in 0..most + 50 {
        many.bad.insert(Key::new(AlertKind::BalanceLow, n.to_string()), said.clone());
    }
    let steps = Memory::default().step(&RULES, &many, &[], Duration::ZERO);
    assert_eq!(steps.opened.len(), most);
}

fn see() -> impl Strategy<Value = See> {
    prop_oneof![Just(See::Good), Just(See::Bad), Just(See::Unclear), Just(See::Nothing)]
}

proptest! {
    /// One of a kind and a subject is open at a time; it begins only after it was bad for long enough, and is over only after it
    /// was not bad for long enough.
    #[test]
    fn nothing_is_told_twice_or_too_early(
        looks in proptest::collection::vec((see(), 1_u64..15), 1..60),
        is_modem in any::<bool>(),
    ) {
        let kind = if is_modem { AlertKind::ModemOffline } else { AlertKind::QueueOld };
        let mut story = Story::default();
        let (mut now, mut is_open) = (0, false);
        // When it was last seen to be good, and to be bad.
        let (mut good, mut bad) = (None, None);
        let begun = RULES.opens_after(kind).as_secs();
        for (see, step) in looks {
            now += step;
            let (opened, closed) = story.look(now, &[(kind, see)]);
            prop_assert!(opened.len() + closed.len() <= 1);
            prop_assert!(story.open.len() <= 1);
            match see {
                See::Good => good = Some(now),
                See::Bad => bad = Some(now),
                See::Unclear | See::Nothing => {}
            }
            if !opened.is_empty() {
                prop_assert!(!is_open && see == See::Bad);
                prop_assert!(good.is_none_or(|good| now - good >= begun));
                is_open = true;
            }
            if !closed.is_empty() {
                prop_assert!(is_open && see == See::Good);
                prop_assert!(bad.is_none_or(|bad| now - bad >= RULES.over_after.as_secs()));
                is_open = false;
            }
        }
    }
}
