//! What a person asks for, and calls.

use modem::{Event, ModemConfig, Outcome, RequestError, Session, UssdText};

use crate::SECOND;
use crate::bench::Bench;
use crate::peer::Peer;

fn ready() -> Bench {
    let mut bench = Bench::new(Peer::new());
    bench.ready();
    bench.wait(SECOND);
    bench
}

fn ussd(bench: &Bench, wanted: u64) -> Option<Result<UssdText, RequestError>> {
    let answers: Vec<_> = bench
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Ussd { id, result } if *id == wanted => Some(result.clone()),
            _ => None,
        })
        .collect();
    assert!(answers.len() <= 1, "{answers:?}");
    answers.into_iter().next()
}

fn at(bench: &Bench, wanted: u64) -> Option<Result<Vec<String>, RequestError>> {
    bench.events.iter().find_map(|event| match event {
        Event::AtReply { id, result } if *id == wanted => Some(result.clone()),
        _ => None,
    })
}

#[test]
fn a_balance() {
    let mut bench = ready();
    bench.modem.ussd(bench.now, 5, "*888#");
    bench.wait(SECOND);
    let text = UssdText { session: Session::Done, text: Some("Pulsa Rp 10.000".into()) };
    assert_eq!(ussd(&bench, 5), Some(Ok(text)));
}

#[test]
fn a_menu_with_an_answer_in_several_lines() {
    let mut bench = ready();
    bench.peer.answer("AT+CUSD=1,\"*100#\",15", "OK");
    bench.peer.answer("AT+CUSD=1,\"1\",15", "OK|+CUSD: 0,\"Rp 5\",15");
    bench.modem.ussd(bench.now, 1, "*100#");
    bench.wait(SECOND);
    bench.says(b"\r\n+CUSD: 1,\"1. Saldo\n2. \"Promo\"\r\n3. Keluar\",15\r\n");
    let menu = ussd(&bench, 1).unwrap().unwrap();
    assert_eq!(menu.session, Session::AnswerWanted);
    assert_eq!(menu.text.as_deref(), Some("1. Saldo\n2. \"Promo\"\n3. Keluar"));
    assert!(!bench.modem.can_submit(), "no message goes out in the middle of a session");
    bench.modem.ussd(bench.now, 2, "1");
    bench.wait(SECOND);
    assert_eq!(ussd(&bench, 2).unwrap().unwrap().text.as_deref(), Some("Rp 5"));
    assert!(bench.modem.can_submit());
}

#[test]
fn a_session_that_nobody_answers_is_ended() {
    let mut bench = ready();
    bench.says(b"\r\n+CUSD: 1,\"Pilih\",15\r\n");
    assert!(bench.events.iter().any(|event| matches!(event, Event::UssdPush(_))));
    assert!(!bench.modem.can_submit());
    bench.wait(SECOND * 61);
    assert!(bench.text().contains("AT+CUSD=2\r"));
    assert!(bench.modem.can_submit());
}

#[test]
fn a_code_that_the_network_does_not_answer() {
    let mut bench = ready();
    bench.peer.answer("AT+CUSD=1,\"*1#\",15", "OK");
    bench.modem.ussd(bench.now, 1, "*1#");
    bench.wait(SECOND * 61);
    assert_eq!(ussd(&bench, 1), Some(Err(RequestError::NoAnswer)));
    assert!(bench.modem.can_submit());
}

/// A modem that is not in the list and wants packed hex.
#[test]
fn packed_is_tried_when_plain_is_refused() {
    let mut bench = ready();
    bench.peer.answer("AT+CUSD=1,\"*100#\",15", "+CME ERROR: 100");
    bench.peer.answer("AT+CUSD=1,\"AA180C3602\",15", "OK|+CUSD: 0,\"D3B0BC7C0E9BCB20\",15");
    bench.modem.ussd(bench.now, 1, "*100#");
    bench.wait(SECOND);
    assert!(ussd(&bench, 1).unwrap().is_ok());
}

#[test]
fn ussd_ucs2() {
    let mut bench = ready();
    bench.says(b"\r\n+CUSD: 0,\"00520070002000350030\",72\r\n");
    let text = UssdText { session: Session::Done, text: Some("Rp 50".into()) };
    assert!(bench.events.contains(&Event::UssdPush(text)));
}

#[test]
fn a_command_by_hand() {
    let mut bench = ready();
    bench.modem.at(bench.now, 9, "AT+CSQ");
    bench.wait(SECOND);
    assert_eq!(at(&bench, 9), Some(Ok(vec!["+CSQ: 20,99".into(), "OK".into()])));
}

#[test]
fn a_command_by_hand_works_while_the_sim_asks_for_its_pin() {
    let mut peer = Peer::new();
    peer.pin = Some(("1234".into(), false));
    let mut bench = Bench::new(peer);
    bench.wait(SECOND * 3);
    bench.modem.at(bench.now, 9, "AT+CSQ");
    bench.wait(SECOND);
    assert!(at(&bench, 9).unwrap().is_ok());
}

#[test]
fn a_command_that_asks_for_text_is_left_at_once() {
    let mut bench = ready();
    bench.peer.answer("AT+CMGC=9", "> ");
    bench.modem.at(bench.now, 1, "AT+CMGS=20");
    bench.pump();
    assert!(matches!(at(&bench, 1), Some(Err(RequestError::NotAllowed(_)))));
    bench.modem.at(bench.now, 2, "AT+QFUPL=1");
    bench.peer.answer("AT+QFUPL=1", "> ");
    bench.wait(SECOND * 40);
    assert!(at(&bench, 2).is_some());
    bench.submit(1);
    assert!(matches!(bench.sent(1), Outcome::Accepted { .. }));
}

#[test]
fn a_command_that_changes_settings_has_them_set_again() {
    let mut bench = ready();
    bench.peer.answer("AT+CMGF=1", "OK");
    let before = bench.text().matches("AT+CMGF=0").count();
    bench.modem.at(bench.now, 1, "AT+CMGF=1");
    bench.wait(SECOND * 2);
    assert_eq!(bench.text().matches("AT+CMGF=0").count(), before + 1);
    bench.ready();
}

#[test]
fn a_missed_call_is_told_once() {
    let mut bench = ready();
    for _ in 0..3 {
        bench.says(b"\r\nRING\r\n\r\n+CLIP: \"+628111\",145,\"\",0,\"\",0\r\n");
        bench.wait(SECOND * 5);
    }
    bench.wait(SECOND * 10);
    let calls: Vec<_> =
        bench.events.iter().filter(|event| matches!(event, Event::MissedCall { .. })).collect();
    assert_eq!(calls, [&Event::MissedCall { from: Some("+628111".into()) }]);
}

#[test]
fn a_call_can_be_hung_up() {
    let config = ModemConfig { hang_up: true, ..ModemConfig::default() };
    let mut bench = Bench::with(config, Peer::new());
    bench.ready();
    bench.wait(SECOND);
    bench.says(b"\r\nRING\r\n\r\n+CLIP: \"+628111\",145\r\n");
    bench.wait(SECOND);
    assert!(bench.text().contains("ATH\r"));
    bench.says(b"\r\nNO CARRIER\r\n");
    assert!(bench.events.contains(&Event::MissedCall { from: Some("+628111".into()) }));
}
