//! Sending through the modem's memory, and finding out whether that is worth anything.

use modem::{Event, ModemConfig, Outcome, SendMode, Uncertain};

use crate::SECOND;
use crate::bench::Bench;
use crate::peer::{Fault, Peer};

const FIRMWARE: &str = "Acme/M1/1.0";

fn bench(send: SendMode, peer: Peer) -> Bench {
    let mut bench = Bench::with(ModemConfig { send, ..ModemConfig::default() }, peer);
    bench.ready();
    bench.wait(SECOND);
    bench
}

fn accepted(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Accepted { reference: Some(_) })
}

/// The commands of one submission, by their names.
fn commands_of(bench: &mut Bench, id: u64) -> Vec<String> {
    let before = bench.peer.commands.len();
    bench.submit(id);
    let outcome = bench.sent(id);
    assert!(accepted(&outcome), "{outcome:?}");
    bench.wait(SECOND);
    let names = bench.peer.commands[before..].iter().filter(|text| text.starts_with("AT+CM"));
    names.map(|text| text.split('=').next().unwrap_or_default().to_owned()).collect()
}

fn seen(bench: &Bench) -> Vec<bool> {
    bench
        .events
        .iter()
        .filter_map(|event| match event {
            Event::MarksSent { firmware, marks } if firmware == FIRMWARE => Some(*marks),
            _ => None,
        })
        .collect()
}

#[test]
fn auto_looks_once_and_stores_where_that_proves_something() {
    let mut bench = bench(SendMode::Auto, Peer::new());
    assert_eq!(commands_of(&mut bench, 1), ["AT+CMGW", "AT+CMSS", "AT+CMGR", "AT+CMGD"]);
    assert_eq!(commands_of(&mut bench, 2), ["AT+CMGW", "AT+CMSS", "AT+CMGD"]);
    assert_eq!(seen(&bench), [true]);
    assert_eq!(bench.peer.network.len(), 2);
    assert!(bench.peer.slots.is_empty());
}

#[test]
fn auto_sends_directly_where_the_mark_proves_nothing() {
    let mut peer = Peer::new();
    peer.marks_sent = false;
    let mut bench = bench(SendMode::Auto, peer);
    assert_eq!(commands_of(&mut bench, 1), ["AT+CMGW", "AT+CMSS", "AT+CMGR", "AT+CMGD"]);
    assert_eq!(commands_of(&mut bench, 2), ["AT+CMGS"]);
    assert_eq!(seen(&bench), [false]);
    assert!(bench.peer.slots.is_empty());
}

#[test]
fn what_was_seen_in_an_earlier_run_is_not_looked_at_again() {
    for (marks, commands) in [(true, &["AT+CMGW", "AT+CMSS", "AT+CMGD"][..]), (false, &["AT+CMGS"])]
    {
        let config = ModemConfig {
            send: SendMode::Auto,
            marks_sent: [(FIRMWARE.to_owned(), marks)].into(),
            ..ModemConfig::default()
        };
        let mut bench = Bench::with(config, Peer::new());
        bench.ready();
        bench.wait(SECOND);
        assert_eq!(commands_of(&mut bench, 1), commands);
        assert!(seen(&bench).is_empty());
    }
}

/// A refused `+CMGW` sends nothing, so the message goes out directly, once.
#[test]
fn auto_sends_directly_where_nothing_can_be_stored() {
    let mut bench = bench(SendMode::Auto, Peer::new());
    bench.peer.refusal.push_back("+CMS ERROR: 322".into());
    let commands = commands_of(&mut bench, 1);
    assert_eq!(commands, ["AT+CMGW", "AT+CMGF", "AT+CMGS"], "{commands:?}");
    assert_eq!(commands_of(&mut bench, 2), ["AT+CMGS"]);
    assert_eq!(bench.peer.network.len(), 2);
    assert!(seen(&bench).is_empty());
}

/// A refusal of the network has nothing to do with the memory.
#[test]
fn a_refusal_of_the_network_is_told_and_the_slot_freed() {
    let mut bench = bench(SendMode::Auto, Peer::new());
    assert!(!commands_of(&mut bench, 1).is_empty());
    // Taken by the memory, refused by the network.
    bench.peer.answer("AT+CMSS=20", "+CMS ERROR: 38");
    bench.submit(2);
    assert!(matches!(bench.sent(2), Outcome::Rejected(failure) if failure.cms == Some(38)));
    bench.wait(SECOND);
    assert!(bench.peer.slots.is_empty());
    assert_eq!(bench.peer.network.len(), 1);
}

/// Slots are numbered in each memory: one that is looked at or deleted while another memory is selected would be
/// somebody else's message.
#[test]
fn what_was_stored_is_deleted_in_its_own_memory() {
    let mut peer = Peer::new();
    peer.answer("AT+CPMS=?", r#"+CPMS: ("SM","ME","SR"),("SM","ME"),("SM","ME")|OK"#);
    peer.answer(r#"AT+CPMS="SR""#, "+CPMS: 0,10,0,30,0,30|OK");
    let config = ModemConfig { send: SendMode::Stored, ..ModemConfig::default() };
    let mut bench = Bench::with(config, peer);
    // What lies in the memory that it goes through is read first; it comes between the looks into the others.
    bench.until(SECOND * 30, |bench| bench.modem.can_submit());
    bench.submit(1);
    assert!(accepted(&bench.sent(1)));
    bench.wait(SECOND * 5);
    let commands = &bench.peer.commands;
    let store = commands.iter().position(|text| text.starts_with("AT+CMGW")).unwrap();
    let elsewhere = commands[..store].iter().any(|text| text.starts_with(r#"AT+CPMS="SR"#));
    assert!(elsewhere, "no other memory was selected before: {commands:?}");
    assert!(bench.peer.slots.is_empty(), "{commands:?}");
}

/// A service centre that takes no validity: the message goes out without, and leaves nothing behind.
#[test]
fn a_second_try_frees_the_slot_of_the_first() {
    let mut bench = bench(SendMode::Stored, Peer::new());
    bench.peer.answers("AT+CMSS=20", &["+CMS ERROR: 198", "+CMSS: 9|OK"]);
    bench.submit_pdu(1, "11000B916407281553F80000AA05E8329BFD06", false);
    assert_eq!(bench.sent(1), Outcome::Accepted { reference: Some(9) });
    bench.wait(SECOND);
    assert!(bench.peer.slots.is_empty(), "{:?}", bench.peer.slots);
}

/// After a crash another message lies in the slot: its mark says nothing of ours, and whose it is the caller decides.
#[test]
fn the_mark_of_another_message_settles_nothing() {
    let mut bench = bench(SendMode::Stored, Peer::new());
    let at = bench.peer.commands.len() + 2;
    bench.peer.fault = Some((at, Fault::EffectThenReboot));
    bench.submit(1);
    assert_eq!(bench.sent(1), Outcome::Uncertain(Uncertain::Rebooted));
    let other = crate::bench::pdu_of(1).replace("E8329BFD06", "C8329BFD06");
    bench.peer.slots.insert(20, (3, format!("00{other}")));
    bench.wait(SECOND * 30);
    assert!(bench.peer.commands.iter().any(|text| text == "AT+CMGR=20"));
    assert!(!bench.events.iter().any(|event| matches!(event, Event::Settled { .. })));
    assert!(bench.events.iter().any(|event| matches!(event, Event::Found(_))));
}

/// When nobody knows which memory is selected, nothing is read or deleted by slot before one is selected anew.
#[test]
fn a_lost_answer_leaves_the_memory_in_doubt() {
    let enter = r#"AT+CPMS="ME""#;
    let calm = bench(SendMode::Direct, Peer::new());
    let at = calm.peer.commands.iter().position(|text| text == enter).unwrap();
    let mut peer = Peer::new();
    peer.fault = Some((at, Fault::Silent));
    let mut bench = Bench::new(peer);
    bench.ready();
    bench.wait(SECOND * 30);
    let after = &bench.peer.commands[at + 1..];
    let next = after.iter().find(|text| {
        ["AT+CPMS=", "AT+CMGL", "AT+CMGR", "AT+CMGD"].iter().any(|s| text.starts_with(s))
    });
    assert!(next.is_some_and(|text| text.starts_with("AT+CPMS=")), "{after:?}");
}
