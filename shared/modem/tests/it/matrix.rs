//! Every fault at every command of a session, generated: whatever happens, nothing is lost, nothing is sent
//! twice in silence, every request ends once, and the modem comes back.

use std::collections::BTreeMap;

use modem::{Event, ModemConfig, Outcome, SendMode, Status};

use crate::SECOND;
use crate::bench::{Bench, pdu_of};
use crate::peer::{DELIVER, Fault, Peer};

const MESSAGES: u64 = 3;

/// Distinct messages: the seconds of the time differ.
fn deliver(number: usize) -> String {
    let pdu = DELIVER.replace("90416282", &format!("9041{number:02}82"));
    assert_ne!(pdu, DELIVER);
    pdu
}

struct Run {
    bench: Bench,
    /// What became of each message in the end, and of its attempts.
    letter: char,
}

fn peer() -> Peer {
    let mut peer = Peer::new();
    // As its settings were stored: so is it after each restart.
    peer.text_mode = true;
    peer.starts_in_text_mode = true;
    peer.network_delay = SECOND;
    peer.delay = std::time::Duration::from_millis(2);
    peer.slots.insert(1, (0, deliver(1)));
    peer.slots.insert(5, (1, deliver(5)));
    peer
}

/// A session: set up, drain, send three messages, receive two, a USSD code, a command by hand, an idle minute.
fn session(send: SendMode, fault: Option<(usize, Fault)>) -> Run {
    let mut peer = peer();
    peer.fault = fault;
    let config = ModemConfig { send, ..ModemConfig::default() };

    let mut bench = Bench::with(config, peer);
    let mut sent: BTreeMap<u64, Option<Outcome>> = (1..=MESSAGES).map(|m| (m, None)).collect();
    let mut attempts: BTreeMap<u64, u64> = BTreeMap::new();
    let mut pending: Vec<u64> = (1..=MESSAGES).collect();
    let mut in_flight: Vec<(u64, u64)> = Vec::new();
    let mut letter = '.';
    let mut incoming = 0;
    let mut asked = false;
    let end = bench.now + SECOND * 3600;
    let mut calm_until = None;
    while bench.now < end {
        bench.pump();
        // A driver: what was not sent, or refused for a while, is sent again; what is uncertain is not.
        let outcomes = bench.outcomes();
        in_flight.retain(|(message, id)| {
            let Some(outcome) = outcomes.get(id).map(|list| list[0].clone()) else { return true };
            match outcome {
                Outcome::NotSent(_) => {
                    pending.insert(0, *message);
                    letter = if letter == '.' { 'n' } else { letter };
                }
                Outcome::Rejected(_) => {
                    pending.insert(0, *message);
                    letter = 'r';
                }
                Outcome::Uncertain(_) => {
                    letter = 'u';
                    sent.insert(*message, Some(outcome));
                }
                Outcome::Accepted { .. } => {
                    sent.insert(*message, Some(outcome));
                }
            }
            false
        });
        if let Some(message) = pending.first().copied()
            && bench.modem.can_submit()
        {
            pending.remove(0);
            let attempt = attempts.entry(message).or_default();
            *attempt += 1;
            assert!(*attempt < 20, "message {message} is tried for ever");
            let id = message * 100 + *attempt;
            in_flight.push((message, id));
            bench.submit_pdu(id, &pdu_of(message), true);
            if incoming < 2 {
                incoming += 1;
                let urc = bench.peer.receives(&deliver(10 + incoming));
                bench.says(&urc);
            }
            continue;
        }
        let all_sent = sent.values().all(Option::is_some);
        if all_sent && !asked && bench.status() == Status::Ready {
            asked = true;
            bench.modem.ussd(bench.now, 1, "*888#");
            bench.modem.at(bench.now, 2, "AT+CSQ");
        }
        if asked && calm_until.is_none() && bench.status() == Status::Ready {
            calm_until = Some(bench.now + SECOND * 130);
        }
        if calm_until.is_some_and(|at| at <= bench.now) && bench.status() == Status::Ready {
            break;
        }
        bench.wait(std::time::Duration::from_millis(500));
    }
    bench.wait(SECOND * 2);
    // A fault at the very end has its time too.
    bench.ready();
    check(&bench, &sent, &outcomes_note(fault));
    Run { bench, letter }
}

fn outcomes_note(fault: Option<(usize, Fault)>) -> String {
    format!("{fault:?}")
}

fn check(bench: &Bench, sent: &BTreeMap<u64, Option<Outcome>>, note: &str) {
    let tail = || {
        format!(
            "{note}\ncommands {:?}\nevents {:#?}",
            bench.peer.commands,
            bench.events.iter().filter(|e| !matches!(e, Event::StatusChanged)).collect::<Vec<_>>()
        )
    };
    assert_eq!(bench.status(), Status::Ready, "not back: {} {:?}", tail(), bench.modem.snapshot());
    for (id, outcomes) in bench.outcomes() {
        assert_eq!(outcomes.len(), 1, "submission {id} ended {outcomes:?}: {}", tail());
    }
    for (message, outcome) in sent {
        let pdu = format!("00{}", pdu_of(*message));
        let times = bench.peer.network.iter().filter(|sent| **sent == pdu).count();
        match outcome {
            Some(Outcome::Accepted { .. }) => {
                assert_eq!(times, 1, "message {message} went out {times} times: {}", tail());
            }
            Some(Outcome::Uncertain(_)) => assert!(times <= 1, "message {message}: {}", tail()),
            other => panic!("message {message} ended as {other:?}: {}", tail()),
        }
    }
    let texts = &bench.peer.texts;
    assert!(texts.is_empty(), "sent to a wrong number: {texts:?} {}", tail());
    let mut received = bench.received();
    received.sort();
    let mut expected: Vec<String> = [1, 5, 11, 12].map(deliver).to_vec();
    expected.extend(std::iter::repeat_n(DELIVER.to_owned(), bench.peer.incoming as usize));
    expected.sort();
    assert_eq!(received, expected, "received: {}", tail());
    let left: Vec<_> = bench.peer.slots.iter().filter(|(slot, _)| **slot < 20).collect();
    assert!(left.is_empty(), "left on the SIM: {left:?} {}", tail());
    let answers = |wanted: u64| {
        let is = |event: &&Event| match event {
            Event::Ussd { id, .. } | Event::AtReply { id, .. } => *id == wanted,
            _ => false,
        };
        bench.events.iter().filter(is).count()
    };
    assert_eq!((answers(1), answers(2)), (1, 1), "requests: {}", tail());
}

/// Prints one row a fault, one letter a command: `.` nothing noticed, `n` not sent at first, `r` refused at
/// first, `u` uncertain.
fn matrix(name: &str, send: SendMode) {
    let calm = session(send, None);
    assert_eq!(calm.letter, '.');
    let commands = calm.bench.peer.commands.len();
    println!("\n{name}: {} faults at each of {commands} commands", Fault::ALL.len());
    for fault in Fault::ALL {
        let at = |at| session(send, Some((at, fault))).letter;
        let row: String = (0..commands).map(at).collect();
        println!("{:>20} {row}", format!("{fault:?}"));
    }
    for (at, command) in calm.bench.peer.commands.iter().enumerate() {
        print!("{at}:{command} ");
    }
    println!();
}

#[test]
fn every_fault_at_every_command_sending_directly() {
    matrix("direct", SendMode::Direct);
}

#[test]
fn every_fault_at_every_command_sending_from_store() {
    matrix("stored", SendMode::Stored);
}

#[test]
fn every_fault_at_every_command_finding_out_what_the_store_is_worth() {
    matrix("auto", SendMode::Auto);
}

/// A fault while the PIN is entered: it is entered once all the same, and the modem comes back, by itself or,
/// where the outcome is not to be known, when a person says the PIN again.
#[test]
fn every_fault_while_the_pin_is_entered() {
    let commands = {
        let mut bench = locked(None);
        bench.ready();
        bench.peer.commands.len()
    };
    for fault in Fault::ALL {
        let mut row = String::new();
        for at in 0..commands.min(24) {
            let mut bench = locked(Some((at, fault)));
            bench.wait(SECOND * 300);
            // A refusal of the right PIN by a fault counts as the SIM's own.
            let blocked = bench.status() == Status::Blocked;
            let problem = bench.modem.snapshot().problem.map(|problem| problem.code);
            assert!(bench.peer.pins.len() <= 2, "{fault:?} at {at}: {:?}", bench.peer.pins);
            if blocked {
                let entering =
                    bench.peer.commands.get(at).is_some_and(|c| c.starts_with("AT+CPIN="));
                assert!(entering, "{fault:?} at {at}: {problem:?} {:?}", bench.peer.commands);
                assert_eq!(problem, Some("pin-wrong"), "{fault:?} at {at}");
            } else {
                assert_eq!(bench.status(), Status::Ready, "{fault:?} at {at}: {problem:?}");
            }
            row.push(if blocked { 'b' } else { '.' });
        }
        println!("{:>20} {row}", format!("{fault:?}"));
    }
}

fn locked(fault: Option<(usize, Fault)>) -> Bench {
    let mut peer = Peer::new();
    peer.fault = fault;
    peer.pin = Some(("1234".into(), false));
    peer.answer("AT+CPINR=\"SIM PIN\"", "+CPINR: SIM PIN,3,3|OK");
    let config = ModemConfig { pin: Some("1234".into()), ..ModemConfig::default() };
    Bench::with(config, peer)
}
