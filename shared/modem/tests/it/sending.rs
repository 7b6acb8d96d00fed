//! Sending.

use modem::{NotSent, Outcome, Uncertain};

use crate::SECOND;
use crate::bench::{Bench, pdu_of};
use crate::peer::Peer;

fn accepted(reference: u8) -> Outcome {
    Outcome::Accepted { reference: Some(reference) }
}

#[test]
fn one_message() {
    let mut bench = Bench::new(Peer::new());
    bench.ready();
    bench.submit(1);
    assert_eq!(bench.sent(1), accepted(7));
    assert_eq!(bench.peer.network, [format!("00{}", pdu_of(1))]);
}

/// The next `AT+CMGS` is written in the same poll in which the last `OK` comes.
#[test]
fn the_next_one_begins_with_the_last_ok() {
    let mut peer = Peer::new();
    peer.network_delay = SECOND;
    let mut bench = Bench::new(peer);
    bench.ready();
    bench.wait(SECOND * 5);
    for id in 1..=20 {
        bench.until(SECOND * 30, |bench| bench.modem.can_submit());
        bench.submit(id);
    }
    bench.until(SECOND * 60, |bench| bench.outcomes().len() == 20);
    let times: Vec<_> = bench
        .written
        .iter()
        .filter(|(_, bytes)| bytes.starts_with(b"AT+CMGS="))
        .map(|(at, _)| *at)
        .collect();
    assert!(times.windows(2).all(|pair| pair[1] == pair[0] + SECOND), "{times:?}");
}

#[test]
fn no_prompt_is_not_sent_and_the_line_is_in_step_again() {
    let mut peer = Peer::new();
    peer.no_prompt = true;
    let mut bench = Bench::new(peer);
    bench.ready();
    bench.submit(1);
    assert_eq!(bench.sent(1), Outcome::NotSent(NotSent::NoPrompt));
    assert!(bench.written.iter().any(|(_, bytes)| bytes == b"\x1b"));
    bench.peer.no_prompt = false;
    bench.ready();
    bench.submit(2);
    assert_eq!(bench.sent(2), accepted(7));
}

#[test]
fn an_error_in_place_of_the_prompt_is_a_refusal_and_no_pdu_is_written() {
    let mut bench = Bench::new(Peer::new());
    bench.ready();
    bench.wait(SECOND);
    let at = bench.peer.commands.len();
    bench.peer.fault = Some((at, crate::peer::Fault::Cms500));
    bench.submit(1);
    assert!(matches!(bench.sent(1), Outcome::Rejected(failure) if failure.cms == Some(500)));
    assert!(!bench.text().contains('\x1a'));
}

#[test]
fn no_answer_is_uncertain_after_two_minutes_and_a_late_one_settles_it() {
    let mut bench = Bench::new(Peer::new());
    bench.ready();
    bench.wait(SECOND);
    bench.peer.network_delay = SECOND * 121;
    bench.submit(1);
    assert_eq!(bench.sent(1), Outcome::Uncertain(Uncertain::NoAnswer));
    bench.until(SECOND * 20, |bench| {
        bench.events.contains(&modem::Event::Settled { id: 1, outcome: accepted(7) })
    });
}

/// A submission of unknown outcome, and the line in step again.
fn uncertain() -> Bench {
    let mut bench = Bench::new(Peer::new());
    bench.ready();
    bench.wait(SECOND);
    bench.peer.fault = Some((bench.peer.commands.len() + 1, crate::peer::Fault::Silent));
    bench.submit(1);
    assert_eq!(bench.sent(1), Outcome::Uncertain(Uncertain::NoAnswer));
    bench
}

fn settled(bench: &Bench) -> Vec<&modem::Event> {
    let is = |event: &&modem::Event| matches!(event, modem::Event::Settled { .. });
    bench.events.iter().filter(is).collect()
}

#[test]
fn a_late_refusal_settles_a_submission_when_it_can_be_nothing_else() {
    let mut bench = uncertain();
    bench.says(b"\r\n+CMS ERROR: 38\r\n");
    assert!(
        matches!(
            settled(&bench)[..],
            [modem::Event::Settled { id: 1, outcome: Outcome::Rejected(_) }]
        ),
        "{:?}",
        bench.events
    );
}

/// A list that was given up may be what is refused: the submission stays uncertain, for it may be out.
#[test]
fn a_late_refusal_of_another_command_settles_nothing() {
    for list_first in [false, true] {
        let mut bench = Bench::new(Peer::new());
        bench.ready();
        bench.wait(SECOND);
        let hangs = |bench: &mut Bench| {
            bench.peer.answers("AT+CMGL=4", &["", "OK"]);
            bench.says(b"\r\n^SMMEMFULL: \"SM\"\r\n");
            bench.wait(SECOND * 20);
        };
        if list_first {
            hangs(&mut bench);
            bench.ready();
            bench.wait(SECOND);
        }
        bench.until(SECOND * 60, |bench| bench.modem.can_submit());
        bench.peer.refusal.push_back(String::new());
        bench.submit(1);
        assert_eq!(bench.sent(1), Outcome::Uncertain(Uncertain::NoAnswer));
        if !list_first {
            bench.ready();
            bench.wait(SECOND * 2);
            hangs(&mut bench);
        }
        bench.says(b"\r\n+CMS ERROR: 500\r\n");
        bench.wait(SECOND * 5);
        bench.says(b"\r\n+CMS ERROR: 500\r\n");
        assert!(settled(&bench).is_empty(), "{list_first}: {:?}", settled(&bench));
    }
}

/// Once another message was given to the modem, a line may be about that one.
#[test]
fn a_late_line_after_the_next_message_settles_nothing() {
    let mut bench = uncertain();
    bench.ready();
    bench.until(SECOND * 60, |bench| bench.modem.can_submit());
    bench.submit(2);
    assert!(matches!(bench.sent(2), Outcome::Accepted { .. }));
    bench.says(b"\r\n+CMGS: 9\r\n");
    bench.says(b"\r\n+CMS ERROR: 38\r\n");
    bench.wait(SECOND);
    assert!(settled(&bench).is_empty(), "{:?}", settled(&bench));
}

#[test]
fn a_restarted_modem_tells_of_nothing_that_was_before() {
    let mut bench = uncertain();
    bench.says(b"\r\nRDY\r\n");
    bench.says(b"\r\n+CMS ERROR: 38\r\n");
    assert!(settled(&bench).is_empty());
}
