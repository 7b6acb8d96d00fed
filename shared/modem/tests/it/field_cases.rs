//! What modems in the field said when other programs failed on them: public reports, by their number in our list.
//!
//! Reports about PDUs stand in `tpdu`, those about USSD in `at`, about identities and ports in the modem-driver, about
//! Kannel's clients in the portal.

use std::time::Duration;

use modem::{Event, Outcome, Status};

use crate::SECOND;
use crate::bench::{Bench, pdu_of};
use crate::peer::{DELIVER, Lasts, Peer, Refusal};

fn refuses(command: &str, answer: &str, lasts: Lasts) -> Peer {
    let mut peer = Peer::new();
    peer.refusals.push(Refusal { command: command.to_owned(), answer: answer.to_owned(), lasts });
    peer
}

fn smsc(bench: &Bench) -> Option<String> {
    bench.events.iter().rev().find_map(|event| match event {
        Event::Sim(sim) => sim.smsc.clone(),
        _ => None,
    })
}

#[test]
fn b20_without_pdu_mode_no_pdu_is_written() {
    let in_text_mode = |answer: &str, lasts| {
        let mut peer = refuses("AT+CMGF=0", answer, lasts);
        peer.text_mode = true;
        peer.starts_in_text_mode = true;
        peer
    };
    for answer in ["+CME ERROR: 3517", "ERROR", "+CMS ERROR: 305"] {
        let mut bench = Bench::new(in_text_mode(answer, Lasts::Ever));
        bench.wait(Duration::from_mins(3));
        assert_ne!(bench.status(), Status::Ready, "{answer}");
        bench.submit(1);
        bench.wait(Duration::from_mins(1));
        assert!(!bench.text().contains("AT+CMGS"), "{answer}");
        let mut bench = Bench::new(in_text_mode(answer, Lasts::Until(SECOND * 15)));
        bench.ready();
        bench.submit(1);
        assert_eq!(bench.sent(1), Outcome::Accepted { reference: Some(7) }, "{answer}");
        assert_eq!(bench.peer.texts, [], "{answer}");
    }
}

#[test]
fn b24_a_modem_without_imei_works() {
    let mut peer = Peer::new();
    peer.answer("AT+CGSN", "+CME ERROR: memory failure");
    let mut bench = Bench::new(peer);
    bench.ready();
    bench.submit(1);
    assert_eq!(bench.sent(1), Outcome::Accepted { reference: Some(7) });
}

#[test]
fn b29_messages_for_sending_in_the_memory_are_not_taken_for_received_ones() {
    let mut peer = Peer::new();
    peer.slots.insert(1, (3, format!("00{}", pdu_of(1))));
    peer.slots.insert(2, (2, format!("00{}", pdu_of(2))));
    peer.slots.insert(3, (0, DELIVER.to_owned()));
    let mut bench = Bench::new(peer);
    bench.ready();
    bench.wait(SECOND * 2);
    assert_eq!(bench.received(), [DELIVER]);
}

#[test]
fn b31_a_list_is_read_behind_garbage_and_with_blanks_in_its_header() {
    let mut peer = Peer::new();
    let list = format!("\u{1}\u{7f}garbage|+CMGL: 1, 0,,35|{DELIVER}|OK");
    peer.answers("AT+CMGL=4", &[list.as_str(), "OK"]);
    let mut bench = Bench::new(peer);
    bench.ready();
    bench.wait(SECOND * 2);
    assert_eq!(bench.received(), [DELIVER]);
}

#[test]
fn b32_a_sim_that_is_busy_at_first_is_waited_for() {
    let busy = refuses("AT+C", "+CME ERROR: SIM busy", Lasts::Until(SECOND * 12));
    let mut bench = Bench::new(busy);
    bench.ready();
    assert!(bench.elapsed() < SECOND * 30, "{:?}", bench.elapsed());
}

#[test]
fn b33_a_service_centre_with_a_blank_before_its_type_is_read() {
    let mut peer = Peer::new();
    peer.answer("AT+CSCA?", "+CSCA: \"79185599999\", 145|OK");
    let mut bench = Bench::new(peer);
    bench.ready();
    bench.wait(SECOND);
    assert_eq!(smsc(&bench).as_deref(), Some("+79185599999"));
}

#[test]
fn b34_an_unknown_error_is_temporary_and_text_mode_is_noticed_before_the_next_pdu() {
    let mut peer = Peer::new();
    peer.refusal.push_back("+CMS ERROR: 34".to_owned());
    let mut bench = Bench::new(peer);
    bench.ready();
    bench.submit(1);
    let Outcome::Rejected(failure) = bench.sent(1) else { panic!("{:?}", bench.outcome(1)) };
    assert_eq!(failure.class, at::ErrorClass::Temporary);
    // It forgets its settings without a word; the echo that comes back gives it away.
    bench.peer.starts_in_text_mode = true;
    bench.peer.loses_settings();
    bench.submit(2);
    bench.wait(Duration::from_mins(3));
    assert_eq!(bench.peer.texts, [], "a PDU went out as a text");
}
