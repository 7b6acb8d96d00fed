//! What is seen of modems, queue and messages.

use contracts::modem::{Balance, ModemProblem, SimState};
use contracts::{Amount, SimId};
use platform::Config;
use platform::config::{Period, Sources};

use super::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(1_790_000_000_000_000 + seconds * 1_000_000)
}

fn config() -> Alerts {
    Config::load(&Sources::default()).unwrap().alerts
}

/// A modem with a SIM of the same name.
pub(in crate::alerts) fn modem(name: &str, status: ModemStatus) -> Modem {
    let sim =
        SimState { id: SimId::derived(name), iccid: None, imsi: None, number: None, smsc: None };
    let state = ModemState {
        id: ModemId::derived(name),
        name: name.to_owned(),
        port: format!("/dev/{name}"),
        host: "attic".to_owned(),
        status,
        text: "In words.".to_owned(),
        manufacturer: String::new(),
        model: String::new(),
        firmware: String::new(),
        imei: None,
        sim: Some(sim),
        operator: None,
        technology: None,
        roaming: false,
        signal_dbm: None,
        pools: Vec::new(),
        problem: None,
        queue: 0,
        sent_today: 0,
        failed_today: 0,
        balance: None,
        spool: None,
        closed: None,
        closed_to_new: None,
        low: None,
        since: at(0),
        seen_at: at(0),
    };
    Modem { state, is_stale: false }
}

fn of_modem(modem: &Modem, config: &Alerts) -> (Vec<AlertKind>, Vec<AlertKind>) {
    let mut seen = Seen::default();
    modems(std::slice::from_ref(modem), config, &mut seen);
    let id = modem.state.id.to_string();
    let sim = SimId::derived(&modem.state.name).to_string();
    let (mut bad, mut unclear) = (Vec::new(), Vec::new());
    for kind in AlertKind::ALL {
        assert_eq!(
            seen.kinds.contains(&kind),
            matches!(kind, AlertKind::ModemOffline | AlertKind::ModemSick | AlertKind::BalanceLow)
        );
        for subject in [&id, &sim] {
            let key = Key::new(kind, subject.clone());
            bad.extend(seen.bad.contains_key(&key).then_some(kind));
            unclear.extend(seen.unclear.contains(&key).then_some(kind));
        }
    }
    (bad, unclear)
}

#[test]
fn what_is_wrong_with_a_modem() {
    use AlertKind::{ModemOffline, ModemSick};
    use ModemStatus as S;
    for (status, bad, unclear) in [
        (S::Ready, vec![], vec![]),
        (S::Sending, vec![], vec![]),
        (S::Disabled, vec![], vec![]),
        (S::Offline, vec![ModemOffline], vec![ModemSick]),
        (S::Searching, vec![ModemSick], vec![]),
        (S::Blocked, vec![ModemSick], vec![]),
        (S::Degraded, vec![ModemSick], vec![]),
        (S::Starting, vec![], vec![ModemOffline, ModemSick]),
        (S::Unknown, vec![], vec![ModemOffline, ModemSick]),
    ] {
        let mut modem = modem("a", status);
        assert_eq!(of_modem(&modem, &config()), (bad, unclear), "{status}");
        let off = Alerts { modem_after: Period(Duration::ZERO), ..config() };
        assert_eq!(of_modem(&modem, &off), (vec![], vec![]), "{status}");
        modem.is_stale = true;
        let gone = if status == S::Disabled {
            (vec![], vec![])
        } else {
            (vec![ModemOffline], vec![ModemSick])
        };
        assert_eq!(of_modem(&modem, &config()), gone, "{status}");
    }
}

#[test]
fn a_modem_s_own_words_are_passed_on_and_bounded() {
    let mut modem = modem("a", ModemStatus::Blocked);
    modem.state.text = format!("PIN\u{1b}[2J {}", "x".repeat(10_000));
    modem.state.problem = Some(ModemProblem {
        code: "pin-needed".to_owned(),
        text: "The SIM wants a PIN.".to_owned(),
        advice: "Say its PIN.".to_owned(),
        at: at(0),
    });
    let mut seen = Seen::default();
    modems(std::slice::from_ref(&modem), &config(), &mut seen);
    let said = &seen.bad[&Key::new(AlertKind::ModemSick, modem.state.id.to_string())];
    assert_eq!((&*said.name, &*said.advice), ("a", "Say its PIN."));
    assert!(said.text.starts_with("Modem a does not send. PIN[2J xxx"), "{}", said.text);
    assert!(said.text.len() < 300);
}

#[test]
fn a_balance_is_low_high_or_not_known() {
    use AlertKind::BalanceLow;
    let amount = "1000".parse::<Amount>().ok();
    for (amount, low, bad, unclear) in [
        (amount, true, vec![BalanceLow], vec![]),
        (amount, false, vec![], vec![]),
        (None, false, vec![], vec![BalanceLow]),
    ] {
        let mut modem = modem("a", ModemStatus::Ready);
        let balance = Balance {
            sim: SimId::derived("a"),
            amount,
            text: "Rp 1.000".to_owned(),
            at: at(0),
            low,
            problem: None,
        };
        modem.state.balance = Some(balance);
        assert_eq!(of_modem(&modem, &config()), (bad, unclear));
        let off = Alerts { balance: false, ..config() };
        assert_eq!(of_modem(&modem, &off), (vec![], vec![]));
    }
}

#[test]
fn a_driver_that_is_not_heard_is_gone_whatever_its_clock_says() {
    let mut facts = Facts::default();
    let mut state = modem("a", ModemStatus::Ready).state;
    let mut is_stale = |state: &ModemState, seconds| {
        facts.aged(state.clone(), Duration::from_secs(seconds)).is_stale
    };
    assert!(!is_stale(&state, 0));
    assert!(!is_stale(&state, 29));
    assert!(is_stale(&state, 30));
    // The clock of the host was set back, and the driver writes.
    state.seen_at = at(-9_999);
    assert!(!is_stale(&state, 31));
    assert!(is_stale(&state, 61));
}

#[test]
fn what_waits_for_too_long() {
    let seen = |usual: Option<i64>, bulk: Option<i64>, config: &Alerts| {
        let mut seen = Seen::default();
        let oldest = OldestWaiting { usual: usual.map(at), bulk: bulk.map(at) };
        queue(oldest, &[], config, at(100_000), &mut seen);
        seen.bad.len()
    };
    assert_eq!(seen(None, None, &config()), 0);
    assert_eq!(seen(Some(99_500), Some(20_000), &config()), 0);
    assert_eq!(seen(Some(99_400), None, &config()), 1);
    assert_eq!(seen(Some(0), Some(0), &config()), 2);
    let off = Alerts { queue_older_than: Period(Duration::ZERO), ..config() };
    assert_eq!(seen(Some(0), None, &off), 0);
}

#[test]
fn too_many_fail() {
    let seen = |failed, ended, config: &Alerts| {
        let mut seen = Seen::default();
        failures(LastEnds { ended, failed }, config, &mut seen);
        !seen.bad.is_empty()
    };
    assert!(!seen(0, 0, &config()));
    // Of so few nothing is said.
    assert!(!seen(9, 9, &config()));
    assert!(seen(3, 10, &config()));
    assert!(!seen(14, 50, &config()));
    assert!(seen(15, 50, &config()));
    assert!(!seen(50, 50, &Alerts { failure_percent: 0, ..config() }));
}

/// What waits while every SIM rests by its own limits is no alert, and neither ends one.
#[test]
fn what_waits_for_sims_that_rest_is_as_it_should_be() {
    use contracts::limits::{Closed, Limit};
    let oldest = OldestWaiting { usual: Some(at(0)), bulk: None };
    let mut rests = modem("a", ModemStatus::Ready);
    rests.state.closed =
        Some(Closed { limit: Limit::Quiet, most: None, until: at(200_000), passwords: true });
    let open = modem("b", ModemStatus::Ready);
    let look = |modems: &[Modem]| {
        let mut seen = Seen::default();
        queue(oldest, modems, &config(), at(100_000), &mut seen);
        let key = Key::new(AlertKind::QueueOld, "messages");
        (seen.bad.contains_key(&key), seen.unclear.contains(&key))
    };
    assert_eq!(look(&[rests.clone()]), (false, true));
    assert_eq!(look(&[rests, open]), (true, false));
    assert_eq!(look(&[]), (true, false));
}
