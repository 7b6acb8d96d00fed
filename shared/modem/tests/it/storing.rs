//! Sending through the modem's memory, and finding out whether that is worth anything.

use modem::{Event, ModemConfig, Outcome, SendMode};

use crate::SECOND;
use crate::bench::Bench;
use crate::peer::Peer;

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
    bench.ready();
    // It comes between the looks into the other memories.
    bench.submit(1);
    assert!(accepted(&bench.sent(1)));
    bench.wait(SECOND * 5);
    let commands = &bench.peer.commands;
    let store = commands.iter().position(|text| text.starts_with("AT+CMGW")).unwrap();
    let elsewhere = commands[..store].iter().any(|text| text.starts_with(r#"AT+CPMS="SR"#));
    assert!(elsewhere, "no other memory was selected before: {commands:?}");
    assert!(bench.peer.slots.is_empty(), "{commands:?}");
}
