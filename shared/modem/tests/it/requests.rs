//! What a person asks for, and calls.

use modem::{Event, ModemConfig, NotSent, Outcome, RequestError, Session, UssdText};

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

/// What the network says unasked is told by a modem only when it was asked to.
#[test]
fn unasked_texts_are_switched_on() {
    let mut bench = Bench::new(Peer::new());
    bench.peer.answer("AT+CUSD=1", "OK");
    bench.ready();
    assert!(bench.text().contains("AT+CUSD=1\r"), "{}", bench.text());
}

#[test]
fn the_answer_may_come_before_its_ok_and_in_any_split() {
    for chunk in [1, 3, usize::MAX] {
        let mut bench = ready();
        bench.chunk = chunk;
        bench.peer.answer("AT+CUSD=1,\"*888#\",15", "+CUSD: 0,\"Pulsa\r\nRp 5\",15|OK");
        bench.modem.ussd(bench.now, 1, "*888#");
        bench.wait(SECOND);
        let text = UssdText { session: Session::Done, text: Some("Pulsa\nRp 5".into()) };
        assert_eq!(ussd(&bench, 1), Some(Ok(text)), "{chunk}");
        assert!(!bench.events.iter().any(|event| matches!(event, Event::UssdPush(_))));
        assert!(bench.modem.can_submit());
        bench.submit(1);
        assert!(matches!(bench.sent(1), Outcome::Accepted { .. }));
    }
}

/// 27.007, 7.15: what the network says of the session when it has no text.
#[test]
fn a_session_ends_as_the_network_says() {
    for (said, session, text) in [
        ("+CUSD: 2", Session::Ended, None),
        ("+CUSD: 2,\"Terima kasih\",15", Session::Ended, Some("Terima kasih")),
        ("+CUSD: 3", Session::OtherClient, None),
        ("+CUSD: 4", Session::NotSupported, None),
        ("+CUSD: 5", Session::TimedOut, None),
        ("+CUSD: 0,\"\"", Session::Done, None),
    ] {
        let mut bench = ready();
        bench.peer.answer("AT+CUSD=1,\"*1#\",15", &format!("OK|{said}"));
        bench.modem.ussd(bench.now, 1, "*1#");
        bench.wait(SECOND);
        let text = UssdText { session, text: text.map(str::to_owned) };
        assert_eq!(ussd(&bench, 1), Some(Ok(text)), "{said}");
        assert!(bench.modem.can_submit(), "{said}");
        assert!(!bench.text().contains("AT+CUSD=2\r"), "{said}: it is over already");
    }
}

fn menu() -> Bench {
    let mut bench = ready();
    bench.peer.answer("AT+CUSD=1,\"*123#\",15", "OK|+CUSD: 1,\"1. Saldo\",15");
    bench.modem.ussd(bench.now, 1, "*123#");
    bench.wait(SECOND);
    assert_eq!(ussd(&bench, 1).unwrap().unwrap().session, Session::AnswerWanted);
    assert!(!bench.modem.can_submit());
    bench
}

#[test]
fn an_open_session_is_cancelled_by_an_empty_text() {
    let mut bench = menu();
    bench.modem.ussd(bench.now, 2, " ");
    bench.wait(SECOND);
    let ended = UssdText { session: Session::Ended, text: None };
    assert_eq!(ussd(&bench, 2), Some(Ok(ended)));
    assert_eq!(bench.text().matches("AT+CUSD=2\r").count(), 1);
    assert!(bench.modem.can_submit());
    bench.wait(SECOND * 90);
    assert_eq!(bench.text().matches("AT+CUSD=2\r").count(), 1, "it is ended once");
}

#[test]
fn the_network_ends_an_open_session() {
    for said in ["+CUSD: 5", "+CUSD: 2"] {
        let mut bench = menu();
        bench.says(format!("\r\n{said}\r\n").as_bytes());
        assert!(bench.modem.can_submit(), "{said}");
        let told: Vec<_> = bench
            .events
            .iter()
            .filter(|event| matches!(event, Event::UssdPush(UssdText { text: Some(_), .. })))
            .collect();
        assert!(told.is_empty(), "{told:?}");
        bench.wait(SECOND * 90);
        assert!(!bench.text().contains("AT+CUSD=2\r"), "{said}: it is over already");
    }
}

/// A message is refused while a code waits for the network, so that another modem may send it, and taken afterwards;
/// a code that comes while a message goes out waits for that.
#[test]
fn codes_and_messages_do_not_meet() {
    let mut bench = menu();
    bench.submit(7);
    assert_eq!(bench.outcome(7), Some(Outcome::NotSent(NotSent::NotReady)));
    bench.modem.ussd(bench.now, 2, "");
    bench.wait(SECOND);
    bench.submit(8);
    bench.modem.ussd(bench.now, 3, "*888#");
    assert!(matches!(bench.sent(8), Outcome::Accepted { .. }));
    bench.wait(SECOND);
    assert_eq!(ussd(&bench, 3).unwrap().unwrap().text.as_deref(), Some("Pulsa Rp 10.000"));
    let text = bench.text();
    assert!(text.rfind("AT+CMGS=") < text.rfind("AT+CUSD=1,"), "{text}");
}

/// The codings of one text in the field: the scheme says little.
#[test]
fn one_text_in_every_coding() {
    for said in [
        "\"Pulsa Rp 5000\",15",
        "\"Pulsa Rp 5000\",0",
        "\"Pulsa Rp 5000\",68",
        "\"Pulsa Rp 5000\"",
        "\"50756C73612052702035303030\",68",
        "\"50756C73612052702035303030\",0",
        "\"D03A7B1E0649E1A01A0C0603\",15",
        "\"D03A7B1E0649E1A01A0C0603\",0",
        "\"00500075006C0073006100200052007000200035003000300030\",72",
        "\"00500075006C0073006100200052007000200035003000300030\",15",
    ] {
        let mut bench = ready();
        bench.peer.answer("AT+CUSD=1,\"*1#\",15", &format!("OK|+CUSD: 0,{said}"));
        bench.modem.ussd(bench.now, 1, "*1#");
        bench.wait(SECOND);
        assert_eq!(
            ussd(&bench, 1).unwrap().unwrap().text.as_deref(),
            Some("Pulsa Rp 5000"),
            "{said}"
        );
    }
}

#[test]
fn a_session_that_nobody_answers_is_ended() {
    let mut bench = ready();
    bench.peer.answer("AT+CUSD=1,\"*1#\",15", "OK|+CUSD: 1,\"Pilih\",15");
    bench.modem.ussd(bench.now, 1, "*1#");
    bench.wait(SECOND);
    assert!(!bench.modem.can_submit());
    bench.wait(SECOND * 61);
    assert!(bench.text().contains("AT+CUSD=2\r"));
    assert!(bench.modem.can_submit());
}

/// An operator that sends a menu after each message must not stop the sending.
#[test]
fn a_menu_that_comes_by_itself_is_closed_at_once() {
    let mut bench = ready();
    bench.says(b"\r\n+CUSD: 1,\"Promo\",15\r\n");
    assert!(bench.modem.can_submit());
    bench.wait(SECOND);
    assert!(bench.events.iter().any(|event| matches!(event, Event::UssdPush(_))));
    assert!(bench.text().contains("AT+CUSD=2\r"));
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
