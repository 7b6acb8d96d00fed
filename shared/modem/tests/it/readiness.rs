//! What "ready" needs: whatever the set-up is refused, and however long, no PDU goes out as a text, and no modem is
//! called ready that is not set up.

use std::time::Duration;

use modem::{Event, NotSent, Outcome, Status};

use crate::SECOND;
use crate::bench::{Bench, pdu_of};
use crate::peer::{Lasts, Peer, REPORT, Refusal};

/// A modem that is in text mode when it starts, and says what is set.
fn peer() -> Peer {
    let mut peer = Peer::new();
    peer.text_mode = true;
    peer.starts_in_text_mode = true;
    peer
}

fn refusing(commands: &[&str], answer: &str, lasts: Lasts) -> Peer {
    let mut peer = peer();
    let refusal = |command: &&str| Refusal {
        command: (*command).to_owned(),
        answer: answer.to_owned(),
        lasts,
    };
    peer.refusals = commands.iter().map(refusal).collect();
    peer
}

fn problem(bench: &Bench) -> &'static str {
    bench.modem.snapshot().problem.map_or("", |problem| problem.code)
}

/// A message goes out to its own recipient, and its report comes.
fn works(bench: &mut Bench, note: &str) {
    bench.submit(1);
    assert_eq!(bench.sent(1), Outcome::Accepted { reference: Some(7) }, "{note}");
    assert_eq!(bench.peer.network, [format!("00{}", pdu_of(1))], "{note}");
    bench.says(format!("\r\n+CDS: 25\r\n{REPORT}\r\n").as_bytes());
    assert_eq!(bench.received(), [REPORT], "{note}");
}

/// The field's cases: a module that answers `+CME ERROR: 3517` while it boots, and one that says `ERROR`.
#[test]
fn no_pdu_is_written_before_pdu_mode_is_confirmed() {
    for answer in ["+CME ERROR: 3517", "ERROR"] {
        let until = Lasts::Until(SECOND * 15);
        let mut bench = Bench::new(refusing(&["AT+CMGF=0"], answer, until));
        bench.wait(SECOND * 14);
        let snapshot = bench.modem.snapshot();
        assert_ne!(snapshot.status, Status::Ready);
        assert!(snapshot.text.contains(&format!("AT+CMGF=0: {answer}")), "{}", snapshot.text);
        assert_eq!(problem(&bench), "set-up-refused");
        bench.submit(9);
        assert_eq!(bench.sent(9), Outcome::NotSent(NotSent::NotReady));
        bench.until(SECOND * 16, |bench| bench.status() == Status::Ready);
        assert!(bench.elapsed() > SECOND * 15, "{:?}", bench.elapsed());
        works(&mut bench, answer);
        assert!(bench.peer.texts.is_empty(), "{:?}", bench.peer.texts);
        // The stores are looked into then.
        bench.wait(SECOND);
        assert!(bench.text().contains("AT+CMGL=4"));
    }
}

#[test]
fn everything_about_messages_refused_for_fifteen_seconds() {
    let commands = ["AT+CMGF", "AT+CSMS", "AT+CPMS", "AT+CNMI", "AT+CMGL", "AT+CSCA", "AT+CMMS"];
    for answer in ["+CME ERROR: 3517", "ERROR", "+CMS ERROR: 500", "+CME ERROR: SIM busy", ""] {
        let until = Lasts::Until(SECOND * 15);
        let mut bench = Bench::new(refusing(&commands, answer, until));
        let limit = if answer.is_empty() { SECOND * 40 } else { SECOND * 30 };
        bench.until(limit, |bench| bench.status() == Status::Ready);
        assert!(bench.elapsed() >= SECOND * 15, "{answer:?} {:?}", bench.elapsed());
        assert_eq!((problem(&bench), &bench.peer.announcing[..]), ("", &[2, 1, 0, 1, 0][..]));
        works(&mut bench, answer);
        assert!(bench.peer.texts.is_empty(), "{:?}", bench.peer.texts);
    }
}

#[test]
fn a_modem_that_has_only_text_mode_says_so_and_is_given_nothing() {
    let mut peer = refusing(&["AT+CMGF=0"], "ERROR", Lasts::Ever);
    peer.answer("AT+CMGF=?", "+CMGF: (1)|OK");
    let mut bench = Bench::new(peer);
    for _ in 0..600 {
        bench.wait(SECOND);
        let snapshot = bench.modem.snapshot();
        assert_eq!((snapshot.status, problem(&bench)), (Status::Blocked, "no-pdu-mode"));
        assert!(!bench.modem.can_submit());
    }
    bench.submit(9);
    assert_eq!(bench.sent(9), Outcome::NotSent(NotSent::NotReady));
    for command in ["AT+CMGS", "AT+CMGW", "AT+CMGL", "AT+CMGR"] {
        assert!(!bench.text().contains(command), "{command}");
    }
    assert!(bench.events.iter().all(|event| *event != Event::Ready));
    // It is asked now and then.
    let asked = bench.text().matches("AT+CMGF=0\r").count();
    assert!((10..60).contains(&asked), "{asked}");
    // Newer firmware.
    bench.peer.refusals.clear();
    bench.ready();
    works(&mut bench, "after all");
}

/// SIM800C: one time OK, the next time ERROR.
#[test]
fn pdu_mode_refused_by_turns() {
    let mut peer = peer();
    peer.answers("AT+CMGF=0", &["ERROR", "OK", "ERROR", "OK", "ERROR", "OK"]);
    let mut bench = Bench::new(peer);
    bench.ready();
    works(&mut bench, "by turns");
    assert!(bench.peer.texts.is_empty());
}

/// `OK` is said, and text mode stays.
#[test]
fn pdu_mode_that_has_no_effect_is_no_pdu_mode() {
    let mut peer = peer();
    peer.answer("AT+CMGF?", "+CMGF: 1|OK");
    let mut bench = Bench::new(peer);
    bench.wait(SECOND * 120);
    assert_eq!((bench.status(), problem(&bench)), (Status::Blocked, "set-up-refused"));
    assert!(bench.modem.snapshot().text.contains("AT+CMGF=0 has no effect"));
}

/// A modem whose echo cannot be turned off, or was off before: a dip of its power goes by without a sign.
#[test]
fn a_restart_without_a_word_does_not_make_a_text_of_a_pdu() {
    for echo_stays in [true, false] {
        let mut peer = peer();
        peer.echo_stays = echo_stays;
        let mut bench = Bench::new(peer);
        bench.ready();
        for (id, pause) in [(1, SECOND), (2, SECOND * 3), (3, SECOND * 100)] {
            // Left in text mode by the profile that it starts with, as is its echo.
            if echo_stays || pause > SECOND * 2 {
                bench.peer.text_mode = true;
            }
            bench.wait(pause);
            bench.submit(id);
            assert!(matches!(bench.sent(id), Outcome::Accepted { .. }), "{echo_stays} {id}");
        }
        assert!(bench.peer.texts.is_empty(), "{:?}", bench.peer.texts);
        assert_eq!(bench.peer.network.len(), 3);
    }
}

/// A command by hand that sets text mode, and whose answer never comes.
#[test]
fn text_mode_by_hand_without_an_answer() {
    let mut bench = Bench::new(peer());
    bench.ready();
    bench.wait(SECOND);
    bench.peer.answer("AT+CSQ;+CMGF=1", "");
    bench.modem.at(bench.now, 1, "AT+CSQ;+CMGF=1");
    bench.peer.text_mode = true;
    bench.wait(SECOND * 31);
    bench.ready();
    bench.submit(1);
    assert!(matches!(bench.sent(1), Outcome::Accepted { .. }));
    assert!(bench.peer.texts.is_empty());
}

/// PDU mode is lost at work, and refused from then on: it is put off, and what was to be sent is given back.
#[test]
fn pdu_mode_refused_at_work() {
    let mut bench = Bench::new(peer());
    bench.ready();
    bench.wait(SECOND * 5);
    bench.peer.text_mode = true;
    bench.peer.refusals =
        vec![Refusal { command: "AT+CMGF=0".into(), answer: "ERROR".into(), lasts: Lasts::Ever }];
    bench.submit(1);
    assert_eq!(bench.sent(1), Outcome::NotSent(NotSent::NotReady));
    bench.wait(SECOND);
    assert_eq!(problem(&bench), "set-up-refused");
    assert!(bench.peer.texts.is_empty());
}

/// A modem that lacks reports for good sends and receives, and says what it lacks; when it gives them later, it is
/// set up with them.
#[test]
fn reports_that_are_refused_for_good_are_done_without_visibly() {
    let mut peer = peer();
    peer.refusals = ["AT+CNMI=2,1,0,1,0", "AT+CNMI=2,1,0,2,0"]
        .map(|command| Refusal {
            command: command.into(),
            answer: "+CMS ERROR: 303".into(),
            lasts: Lasts::Ever,
        })
        .to_vec();
    peer.answer("AT+CNMI=2,1,0,0,0", "OK");
    peer.answers("AT+CNMI?", &["+CNMI: 2,1,0,0,0|OK"]);
    let mut bench = Bench::new(peer);
    bench.wait(SECOND * 30);
    assert_eq!((bench.status(), problem(&bench)), (Status::Starting, "set-up-refused"));
    assert!(!bench.text().contains("AT+CNMI=2,1,0,0,0"), "what may be in force is let be");
    bench.ready();
    assert_eq!(problem(&bench), "no-reports");
    assert_eq!(bench.peer.announcing, [2, 1, 0, 0, 0]);
    // Known by now.
    bench.modem.restart(bench.now);
    bench.wait(SECOND);
    assert_eq!((bench.status(), problem(&bench)), (Status::Ready, "no-reports"));
    bench.peer.refusals.clear();
    bench.peer.answer("AT+CNMI?", "+CNMI: 2,1,0,1,0|OK");
    bench.wait(SECOND * 330);
    assert_eq!((bench.status(), problem(&bench)), (Status::Ready, ""));
    works(&mut bench, "reports after all");
}

/// A modem that says itself that it gives no reports is not waited for.
#[test]
fn reports_that_are_not_offered_are_not_waited_for() {
    let mut peer = peer();
    peer.answer("AT+CNMI=?", "+CNMI: (0-2),(0,1),(0),(0),(0,1)|OK")
        .answer("AT+CNMI=2,1,0,0,0", "OK")
        .answer("AT+CNMI?", "+CNMI: 2,1,0,0,0|OK");
    let mut bench = Bench::new(peer);
    bench.ready();
    assert_eq!((bench.elapsed(), problem(&bench)), (Duration::ZERO, "no-reports"));
}

/// Each command of the set-up, and each family of commands, refused once, for fifteen seconds, and for ever, in each way.
#[test]
fn every_refusal_of_every_step() {
    let mut calm = Bench::new(peer());
    calm.ready();
    let mut commands: Vec<String> = calm.peer.commands.clone();
    commands.retain(|command| command != "AT");
    // What is only asked when something else was refused.
    commands.extend(["AT+CSMS?", "AT+CPMS?", "AT+CMGF=?"].map(str::to_owned));
    commands.extend(
        ["AT+CMGF", "AT+CSMS", "AT+CPMS", "AT+CNMI", "AT+CREG", "AT+CSCA", "AT+CG", "AT+C"]
            .map(str::to_owned),
    );
    let answers = [
        "ERROR",
        "+CME ERROR: 3517",
        "+CMS ERROR: 500",
        "+CME ERROR: SIM busy",
        "+CME ERROR: later",
        "",
    ];
    let lasts = [Lasts::Times(1), Lasts::Until(SECOND * 15), Lasts::Ever];
    println!("{} commands, {} answers, {} durations", commands.len(), answers.len(), lasts.len());
    for command in &commands {
        for answer in answers {
            for lasts in lasts {
                refused(command, answer, lasts);
            }
        }
    }
}

fn refused(command: &str, answer: &str, lasts: Lasts) {
    let note = format!("{command} {answer:?} {lasts:?}");
    let mut bench = Bench::new(refusing(&[command], answer, lasts));
    let end = if lasts == Lasts::Ever { 300 } else { 60 };
    let mut ready_at = None;
    for _ in 0..end * 2 {
        bench.wait(SECOND / 2);
        if bench.status() != Status::Ready {
            continue;
        }
        ready_at.get_or_insert(bench.elapsed());
        assert!(!bench.peer.text_mode, "ready in text mode: {note}");
        let in_force = bench.peer.announcing[..4] == [2, 1, 0, 1];
        assert!(
            in_force || (problem(&bench) == "no-reports" && lasts == Lasts::Ever),
            "ready without reports and receiving: {note}"
        );
        if bench.modem.can_submit() {
            break;
        }
    }
    // What comes while the modem misses a command is given back, and given again.
    let given_back = |outcome: &Outcome| *outcome == Outcome::NotSent(NotSent::NotReady);
    let outcome = (1..=3)
        .map(|id| {
            bench.wait(SECOND * 30 * u32::from(id > 1));
            bench.submit_pdu(id, &pdu_of(1), false);
            bench.sent(id)
        })
        .find(|outcome| !given_back(outcome) || ready_at.is_none())
        .unwrap_or(Outcome::NotSent(NotSent::NotReady));
    assert!(bench.peer.texts.is_empty(), "sent to a wrong number: {note} {:?}", bench.peer.texts);
    let never = ["AT+CMGF", "AT+C", "AT+CPIN?"].contains(&command);
    match ready_at {
        // The lock is asked for until it is told, and PDU mode is not done without.
        None if lasts == Lasts::Ever => {
            assert!(
                never || command == "AT+CMGF=0",
                "never ready: {note} {:?}",
                bench.modem.snapshot()
            );
            assert_eq!(outcome, Outcome::NotSent(NotSent::NotReady), "{note}");
            assert!(!bench.modem.snapshot().text.is_empty());
        }
        None => panic!("not ready within a minute: {note} {:?}", bench.modem.snapshot()),
        Some(at) => {
            assert!(at <= SECOND * 46 || lasts == Lasts::Ever, "ready after {at:?}: {note}");
            assert!(matches!(outcome, Outcome::Accepted { .. }), "{note}: {outcome:?}");
            assert_eq!(bench.peer.network, [format!("00{}", pdu_of(1))], "{note}");
        }
    }
}
