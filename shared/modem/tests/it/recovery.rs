//! When the modem does not answer, or not as it should.

use std::time::Duration;

use modem::{Event, Force, NotSent, Outcome, Status, Uncertain};

use crate::SECOND;
use crate::bench::Bench;
use crate::peer::{Fault, Peer};

#[test]
fn a_silent_port_is_opened_again_and_again_without_end() {
    let mut peer = Peer::new();
    peer.fault = Some((0, Fault::Dead));
    peer.dead_for_good = true;
    let mut bench = Bench::new(peer);
    bench.wait(SECOND * 5);
    let snapshot = bench.modem.snapshot();
    assert_eq!(snapshot.problem.unwrap().code, "no-answer");
    assert!(bench.reopened[0].never_answered);
    bench.wait(SECOND * 6000);
    let pauses: Vec<_> = bench.reopened.iter().map(|reopen| reopen.after.as_secs()).collect();
    assert!(pauses.len() > 50, "{pauses:?}");
    assert_eq!(pauses.iter().max(), Some(&60));
    assert!(bench.reopened.iter().any(|reopen| reopen.force == Force::DropDtr));
    assert!(bench.reopened.iter().any(|reopen| reopen.force == Force::PowerCycle));
    // And back.
    bench.peer.dead_for_good = false;
    bench.ready();
}

#[test]
fn a_modem_that_starts_takes_its_time() {
    let mut peer = Peer::new();
    peer.fault = Some((0, Fault::Silent));
    let mut bench = Bench::new(peer);
    bench.wait(Duration::from_millis(200));
    bench.says(b"\xff\0\0\r\nRDY\r\n\r\n+CFUN: 1\r\n\r\n+CPIN: READY\r\n");
    bench.ready();
    bench.says(b"\r\nCall Ready\r\n\r\nSMS Ready\r\n");
    bench.wait(SECOND * 10);
    assert_eq!(bench.status(), Status::Ready);
    assert!(!bench.events.contains(&Event::Rebooted));
    assert_eq!(bench.modem.snapshot().counters.reboots, 0);
}

#[test]
fn a_restart_in_the_middle_of_a_submission() {
    for (stage, expected) in
        [(0, Outcome::NotSent(NotSent::Rebooted)), (1, Outcome::Uncertain(Uncertain::Rebooted))]
    {
        let mut bench = Bench::new(Peer::new());
        bench.ready();
        bench.wait(SECOND);
        bench.peer.fault = Some((bench.peer.commands.len() + stage, Fault::Reboot));
        bench.submit(1);
        assert_eq!(bench.sent(1), expected);
        bench.ready();
        assert!(bench.events.contains(&Event::Rebooted));
    }
}

#[test]
fn a_lost_port_in_the_middle_of_a_submission() {
    for (stage, expected) in
        [(0, Outcome::NotSent(NotSent::PortLost)), (1, Outcome::Uncertain(Uncertain::PortLost))]
    {
        let mut bench = Bench::new(Peer::new());
        bench.ready();
        bench.wait(SECOND);
        bench.peer.fault = Some((bench.peer.commands.len() + stage, Fault::Unplugged));
        bench.submit(1);
        assert_eq!(bench.sent(1), expected);
        assert_eq!(bench.status(), Status::Closed);
        bench.ready();
    }
}

/// `+CMGS: 7` came and the port is gone before `OK`: it is out.
#[test]
fn a_reference_without_ok_is_acceptance() {
    let mut bench = Bench::new(Peer::new());
    bench.ready();
    bench.wait(SECOND);
    bench.peer.refusal.push_back("+CMGS: 99".into());
    bench.submit(1);
    assert_eq!(bench.sent(1), Outcome::Accepted { reference: Some(99) });
    bench.modem.handle_closed(bench.now);
    bench.pump();
    assert_eq!(bench.outcomes()[&1].len(), 1);
}

#[test]
fn a_modem_that_gives_no_references() {
    let mut bench = Bench::new(Peer::new());
    bench.ready();
    bench.wait(SECOND);
    bench.peer.refusal.extend(["OK".to_owned(), "OK".to_owned()]);
    let begun = bench.now;
    bench.submit(1);
    assert_eq!(bench.sent(1), Outcome::Accepted { reference: None });
    assert!(bench.now >= begun + SECOND * 30, "a reference may come after a stray OK");
    bench.ready();
    let begun = bench.now;
    bench.submit(2);
    assert_eq!(bench.sent(2), Outcome::Accepted { reference: None });
    assert!(bench.now < begun + SECOND, "it is known now");
}

/// Wavecom: a message comes in while one goes out.
#[test]
fn a_collision_with_a_message_that_comes_in_is_tried_again_at_once() {
    let mut peer = Peer::new();
    peer.network_delay = SECOND;
    let mut bench = Bench::new(peer);
    bench.ready();
    bench.wait(SECOND);
    bench.peer.refusal.push_back("+CMS ERROR: 512".into());
    bench.submit(1);
    bench.wait(SECOND / 2);
    bench.says(format!("\r\n+CMT: ,35\r\n{}\r\n", crate::peer::DELIVER).as_bytes());
    assert_eq!(bench.sent(1), Outcome::Accepted { reference: Some(7) });
    let text = bench.text();
    assert!(text.find("AT+CNMA").unwrap() < text.rfind("AT+CMGS").unwrap(), "acknowledged first");
}

#[test]
fn a_refused_validity_is_left_out() {
    let mut bench = Bench::new(Peer::new());
    bench.ready();
    bench.wait(SECOND);
    bench.peer.refusal.push_back("+CMS ERROR: 198".into());
    bench.submit_pdu(1, "11000B916407281553F80000AA05E8329BFD06", false);
    assert_eq!(bench.sent(1), Outcome::Accepted { reference: Some(7) });
    assert_eq!(bench.peer.network, ["0001000B916407281553F8000005E8329BFD06"]);
}

#[test]
fn a_refusal_has_the_mode_set_again_before_the_next_message() {
    let mut bench = Bench::new(Peer::new());
    bench.ready();
    bench.wait(SECOND);
    bench.peer.refusal.push_back("+CMS ERROR: 38".into());
    bench.submit(1);
    bench.submit(2);
    assert!(matches!(bench.sent(1), Outcome::Rejected(failure) if failure.code == "cms-38"));
    assert_eq!(bench.sent(2), Outcome::Accepted { reference: Some(7) });
    let text = bench.text();
    let (mode, last) = (text.rfind("AT+CMGF=0").unwrap(), text.rfind("AT+CMGS").unwrap());
    assert!(mode < last && mode > text.find("AT+CMGS").unwrap());
}

#[test]
fn registration_lost_and_found() {
    let mut bench = Bench::new(Peer::new());
    bench.ready();
    bench.wait(SECOND);
    bench.peer.answer("AT+CREG?", "+CREG: 2,2|OK");
    bench.says(b"\r\n+CREG: 2\r\n");
    assert_eq!(bench.status(), Status::Searching);
    assert!(!bench.modem.can_submit());
    bench.wait(SECOND * 20);
    bench.peer.answer("AT+CREG?", "+CREG: 2,5|OK");
    bench.ready();
    assert!(bench.modem.snapshot().text.ends_with("roaming."));
}

#[test]
fn without_network_for_long_it_searches_anew_and_turns_the_radio_off_and_on() {
    let mut peer = Peer::new();
    peer.answer("AT+CREG?", "+CREG: 2,0|OK").answer("AT+COPS=0", "OK");
    peer.answer("AT+CFUN=0", "OK").answer("AT+CFUN=1", "OK");
    let mut bench = Bench::new(peer);
    bench.wait(SECOND * 240);
    assert_eq!(bench.text().matches("AT+COPS=0\r").count(), 1);
    bench.wait(SECOND * 900);
    assert!(bench.text().contains("AT+CFUN=0\rAT+CFUN=1\r"));
    bench.wait(SECOND * 60);
    assert_eq!(bench.status(), Status::Searching);
}

/// An idle modem that dies is noticed by the keep-alive.
#[test]
fn a_modem_that_dies_idle_is_noticed_within_a_minute() {
    let mut bench = Bench::new(Peer::new());
    bench.ready();
    bench.wait(SECOND * 2);
    bench.peer.fault = Some((bench.peer.commands.len(), Fault::Dead));
    bench.until(SECOND * 60, |bench| bench.status() == Status::Recovering);
    bench.ready();
}

/// A modem that answers nothing but `AT` of what it is asked when idle is not restarted for that.
#[test]
fn a_mute_command_is_not_asked_for_ever() {
    let mut peer = Peer::new();
    peer.answer("AT+COPS?", "").answer("AT+CSCA?", "").answer("AT+CGMR", "");
    let mut bench = Bench::new(peer);
    bench.ready();
    bench.wait(SECOND * 3600);
    assert_eq!(bench.status(), Status::Ready);
    assert_eq!(bench.text().matches("AT+COPS?\r").count(), 2);
    assert!(bench.reopened.is_empty());
}

/// gammu's F_CPIN_NO_OK: learned at the first time.
#[test]
fn an_answer_without_ok_is_learned() {
    let mut peer = Peer::new();
    peer.answer("AT+CPIN?", "+CPIN: READY");
    let mut bench = Bench::new(peer);
    bench.ready();
    bench.wait(SECOND * 300);
    assert_eq!(bench.modem.snapshot().counters.timeouts, 1);
    assert_eq!(bench.status(), Status::Ready);
}

/// A stray `OK` at the start: the offers must not be read one command late.
#[test]
fn one_answer_behind_is_noticed() {
    for at in 3..20 {
        let mut peer = Peer::new();
        peer.fault = Some((at, Fault::Twice));
        let mut bench = Bench::new(peer);
        bench.ready();
        bench.wait(SECOND * 5);
        let snapshot = bench.modem.snapshot();
        assert_eq!(snapshot.announcing.as_deref(), Some("+CNMI: 2,1,0,1,0"), "at {at}");
        let sim = snapshot.sim.unwrap();
        assert_eq!(sim.smsc.as_deref(), Some("+62816124"), "at {at}");
    }
}

#[test]
fn a_prompt_left_open_by_another_program_is_left_without_sending() {
    let mut peer = Peer::new();
    peer.answer("AT+CMGS=18", "");
    let mut bench = Bench::new(peer);
    // The peer is at its prompt with a whole PDU before the port is opened.
    bench.peer.hears(b"AT+CMGS=18\r0001000B916407281553F8000005E8329BFD06");
    bench.ready();
    assert!(bench.peer.network.is_empty());
    assert!(bench.written.iter().any(|(_, bytes)| bytes == b"\x1b"));
}

#[test]
fn a_modem_that_talks_garbage_says_so() {
    let mut peer = Peer::new();
    peer.fault = Some((0, Fault::Dead));
    peer.dead_for_good = true;
    let mut bench = Bench::new(peer);
    for _ in 0..50 {
        bench.says(b"\x80\xfe\x00\xff~~\x01{{\r\x81\n");
        bench.wait(SECOND / 10);
    }
    assert_eq!(bench.modem.snapshot().problem.unwrap().code, "garbage");
}

/// SIM800 after a dip of its power: echo is on and text mode may be. A PDU would go out as a text, to the
/// number that its length is.
#[test]
fn settings_lost_are_noticed_before_a_pdu_is_written() {
    let mut bench = Bench::new(Peer::new());
    bench.ready();
    bench.wait(SECOND);
    bench.peer.loses_settings();
    bench.submit(1);
    assert!(matches!(bench.sent(1), Outcome::NotSent(_)));
    assert!(bench.peer.network.is_empty());
    bench.until(SECOND * 20, |bench| bench.text().matches("AT+CMGF=0").count() == 2);
    bench.ready();
    bench.submit(2);
    assert_eq!(bench.sent(2), Outcome::Accepted { reference: Some(7) });
}

/// An echo that cannot be turned off is no such sign.
#[test]
fn an_echo_that_stays_is_let_be() {
    let mut peer = Peer::new();
    peer.echo_stays = true;
    let mut bench = Bench::new(peer);
    bench.ready();
    bench.wait(SECOND);
    for id in 1..=3 {
        bench.submit(id);
        assert!(matches!(bench.sent(id), Outcome::Accepted { .. }));
    }
    assert_eq!(bench.peer.commands.iter().filter(|command| *command == "ATE0").count(), 1);
}

/// 27.005: a modem that was not acknowledged in time stops to announce, without a word.
#[test]
fn announcing_that_stopped_is_noticed() {
    let mut bench = Bench::new(Peer::new());
    bench.ready();
    bench.wait(SECOND);
    bench.peer.answers("AT+CNMI?", &["+CNMI: 2,0,0,0,0|OK", "+CNMI: 2,1,0,1,0|OK"]);
    bench.wait(SECOND * 320);
    assert_eq!(bench.text().matches("AT+CNMI=2,1,0,1,0").count(), 2);
    assert_eq!(bench.status(), Status::Ready);
}

/// Plugged in anew, it answers before it says that it has started: a message that it was given meanwhile is not of
/// before its start.
#[test]
fn late_news_of_the_start_does_not_make_a_message_uncertain() {
    let mut peer = Peer::new();
    peer.network_delay = SECOND;
    let mut bench = Bench::new(peer);
    bench.ready();
    bench.submit(1);
    bench.wait(SECOND / 2);
    bench.says(b"\r\nRDY\r\n\r\n+CFUN: 1\r\n\r\n+CPIN: READY\r\n");
    assert_eq!(bench.sent(1), Outcome::Accepted { reference: Some(7) });
    assert!(!bench.events.contains(&Event::Rebooted));
    // It is set up all the same before it is given another one.
    bench.wait(SECOND);
    assert_eq!(bench.text().matches("ATE0\r").count(), 2);
    bench.ready();
    // Later it is a restart at once.
    bench.wait(SECOND * 20);
    bench.submit(2);
    bench.wait(SECOND / 2);
    bench.says(b"\r\nRDY\r\n");
    assert_eq!(bench.outcome(2), Some(Outcome::Uncertain(Uncertain::Rebooted)));
}

/// Where it was no news, the answer never comes, and is not waited for long.
#[test]
fn a_restart_just_after_the_port_was_opened_is_noticed_soon() {
    let mut bench = Bench::new(Peer::new());
    bench.ready();
    bench.wait(SECOND);
    bench.peer.fault = Some((bench.peer.commands.len() + 1, Fault::Reboot));
    bench.submit(1);
    let begun = bench.now;
    assert_eq!(bench.sent(1), Outcome::Uncertain(Uncertain::Rebooted));
    assert!(bench.now < begun + SECOND * 30, "{:?}", bench.now - begun);
    bench.ready();
}
