//! Setting up.

use std::time::Duration;

use modem::{Event, Status};

use crate::SECOND;
use crate::bench::Bench;
use crate::peer::Peer;

#[test]
fn a_modem_that_answers_at_once_is_ready_at_once() {
    let mut bench = Bench::new(Peer::new());
    bench.ready();
    assert_eq!(bench.elapsed(), Duration::ZERO, "{:?}", bench.peer.commands);
    let snapshot = bench.modem.snapshot();
    assert_eq!(snapshot.identity.imei.as_deref(), Some("356938035643809"));
    assert_eq!(snapshot.announcing.as_deref(), Some("+CNMI: 2,1,0,1,0"));
    assert!(bench.events.contains(&Event::Ready));
    bench.wait(SECOND);
    let snapshot = bench.modem.snapshot();
    assert_eq!(snapshot.signal_dbm, Some(-73), "{:?} {:?}", bench.peer.commands, bench.events);
    assert_eq!(snapshot.text, "Ready on TELKOMSEL.");
    let sim = snapshot.sim.unwrap();
    assert_eq!(sim.number.as_deref(), Some("+62811223344"));
    assert_eq!(sim.smsc.as_deref(), Some("+62816124"));
    assert!(
        bench
            .events
            .iter()
            .all(|event| !matches!(event, Event::Garbage(_) | Event::Stalled { .. })),
        "{:?}",
        bench.events
    );
}

/// 5 ms for each answer, as a USB modem takes: about thirty commands.
#[test]
fn five_milliseconds_an_answer_is_ready_within_a_fifth_of_a_second() {
    let mut peer = Peer::new();
    peer.delay = Duration::from_millis(5);
    let mut bench = Bench::new(peer);
    bench.ready();
    assert!(bench.elapsed() < Duration::from_millis(200), "{:?}", bench.elapsed());
}

#[test]
fn status_words_of_what_is_missing() {
    let words = |command: &str, answer: &str| {
        let mut peer = Peer::new();
        peer.answer(command, answer);
        let mut bench = Bench::new(peer);
        bench.wait(SECOND * 45);
        let snapshot = bench.modem.snapshot();
        let problem = snapshot.problem.unwrap();
        assert!(problem.advice.ends_with('.'));
        (snapshot.status, problem.code, snapshot.text)
    };
    assert_eq!(
        words("AT+CPIN?", "+CPIN: SIM PIN|OK"),
        (Status::Blocked, "pin-needed", "The SIM asks for its PIN.".into())
    );
    assert_eq!(
        words("AT+CPIN?", "+CPIN: SIM PUK|OK"),
        (Status::Blocked, "puk-needed", "The SIM is locked and asks for its PUK.".into())
    );
    assert_eq!(
        words("AT+CPIN?", "+CME ERROR: 10"),
        (Status::Blocked, "no-sim", "There is no SIM in the modem.".into())
    );
    assert_eq!(
        words("AT+CPIN?", "+CME ERROR: 13"),
        (Status::Blocked, "sim-failure", "The SIM does not work.".into())
    );
    assert_eq!(
        words("AT+CPIN?", "+CPIN: PH-NET PIN|OK"),
        (Status::Blocked, "modem-locked", "The modem is locked to another SIM or operator.".into())
    );
    assert_eq!(
        words("AT+CPIN?", "+CME ERROR: 14"),
        (Status::Blocked, "sim-busy", "The SIM has been busy for half a minute.".into())
    );
    assert_eq!(
        words("AT+CSCA?", "+CSCA: \"\",129|OK"),
        (Status::Blocked, "no-smsc", "The SIM has no SMSC number.".into())
    );
    assert_eq!(
        words("AT+CREG?", "+CREG: 2,2|OK"),
        (Status::Searching, "not-registered", "Not registered: searching for a network.".into())
    );
    assert_eq!(
        words("AT+CREG?", "+CREG: 2,3|OK"),
        (
            Status::Searching,
            "registration-denied",
            "Not registered: the network refuses this SIM.".into()
        )
    );
}
