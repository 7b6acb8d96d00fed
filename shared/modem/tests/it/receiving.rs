//! Receiving.

use modem::{Event, ModemConfig, Outcome, ReceivedKind, SendMode, Uncertain};

use crate::SECOND;
use crate::bench::{Bench, pdu_of};
use crate::peer::{DELIVER, Fault, Peer, REPORT};

/// A modem that only gives messages directly.
fn direct() -> Peer {
    let mut peer = Peer::new();
    peer.answer("AT+CNMI=?", "+CNMI: (0-2),(0,2),(0,2),(0,1),(0)|OK")
        .answer("AT+CNMI=2,2,0,1,0", "OK")
        .answer("AT+CNMI?", "+CNMI: 2,2,0,1,0|OK");
    peer
}

fn receipts(bench: &Bench) -> Vec<modem::Receipt> {
    let receipt = |event: &Event| match event {
        Event::Received(received) => Some(received.receipt),
        _ => None,
    };
    bench.events.iter().filter_map(receipt).collect()
}

fn says_cmt(bench: &mut Bench) {
    bench.says(format!("\r\n+CMT: ,35\r\n{DELIVER}\r\n").as_bytes());
}

#[test]
fn nothing_is_deleted_before_it_is_stored() {
    let mut peer = Peer::new();
    peer.slots.insert(3, (1, DELIVER.into()));
    let mut bench = Bench::new(peer);
    bench.stores = false;
    bench.ready();
    bench.wait(SECOND * 300);
    assert_eq!(bench.received(), [DELIVER], "handed out once, however often it is listed");
    assert_eq!(bench.modem.snapshot().unanswered, 1);
    assert!(!bench.text().contains("AT+CMGD"));
    let receipt = receipts(&bench)[0];
    bench.modem.stored(bench.now, receipt);
    bench.wait(SECOND);
    assert!(bench.peer.slots.is_empty());
    assert_eq!(bench.modem.snapshot().unanswered, 0);
}

#[test]
fn what_could_not_be_kept_stays_and_comes_again() {
    let mut peer = Peer::new();
    peer.slots.insert(3, (1, DELIVER.into()));
    let mut bench = Bench::new(peer);
    bench.stores = false;
    bench.ready();
    bench.wait(SECOND);
    let receipt = receipts(&bench)[0];
    bench.modem.refused(bench.now, receipt);
    bench.wait(SECOND * 70);
    assert_eq!(bench.received().len(), 2);
    assert_eq!(bench.peer.slots.len(), 1);
}

#[test]
fn a_direct_message_is_acknowledged_after_it_is_stored() {
    let mut bench = Bench::new(direct());
    bench.stores = false;
    bench.ready();
    bench.wait(SECOND);
    says_cmt(&mut bench);
    bench.wait(SECOND * 5);
    assert_eq!(bench.received(), [DELIVER]);
    assert_eq!(bench.peer.acknowledged, 0);
    let receipt = receipts(&bench)[0];
    bench.modem.stored(bench.now, receipt);
    bench.wait(SECOND);
    assert_eq!(bench.peer.acknowledged, 1);
    assert!(bench.text().contains("AT+CNMA\r"));
}

#[test]
fn a_direct_message_that_could_not_be_kept_is_refused_to_the_network() {
    let mut bench = Bench::new(direct());
    bench.stores = false;
    bench.ready();
    bench.wait(SECOND);
    says_cmt(&mut bench);
    let receipt = receipts(&bench)[0];
    bench.modem.refused(bench.now, receipt);
    bench.wait(SECOND);
    assert!(bench.text().contains("AT+CNMA=2\r"));
}

#[test]
fn without_phase_2_plus_nothing_is_acknowledged() {
    let mut peer = direct();
    peer.answer("AT+CSMS=?", "+CSMS: (0)|OK").answer("AT+CSMS=0", "+CSMS: 1,1,1|OK");
    let mut bench = Bench::new(peer);
    bench.ready();
    bench.wait(SECOND);
    says_cmt(&mut bench);
    bench.wait(SECOND);
    assert_eq!(bench.received(), [DELIVER]);
    assert_eq!(bench.peer.acknowledged, 0);
}

/// 27.005: after a missed acknowledgement the modem stops to announce messages.
#[test]
fn too_late_an_acknowledgement_has_the_announcing_set_again() {
    let mut peer = direct();
    peer.answer("AT+CNMA", "+CMS ERROR: 340");
    let mut bench = Bench::new(peer);
    bench.ready();
    bench.wait(SECOND);
    let before = bench.text().matches("AT+CNMI=2,2,0,1,0").count();
    says_cmt(&mut bench);
    bench.wait(SECOND);
    assert_eq!(bench.text().matches("AT+CNMI=2,2,0,1,0").count(), before + 1);
}

#[test]
fn a_message_between_command_and_prompt_and_between_pdu_and_answer() {
    for before_prompt in [true, false] {
        let mut peer = direct();
        peer.delay = SECOND;
        peer.network_delay = SECOND * 5;
        let mut bench = Bench::new(peer);
        bench.ready();
        bench.wait(SECOND * 40);
        bench.submit(1);
        if !before_prompt {
            bench.wait(SECOND * 2);
            assert!(bench.text().ends_with('\u{1a}'));
        }
        let text = format!("\r\n+CMT: ,35\r\n{DELIVER}\r\n\r\n+CDS: 25\r\n{REPORT}\r\n");
        for byte in text.bytes() {
            bench.says(&[byte]);
        }
        assert_eq!(bench.received(), [DELIVER, REPORT]);
        assert_eq!(bench.sent(1), Outcome::Accepted { reference: Some(7) });
        bench.wait(SECOND * 5);
        assert_eq!(bench.peer.acknowledged, 2);
    }
}

/// A report that comes before the `OK` of its message comes after its acceptance.
#[test]
fn a_report_before_the_ok() {
    let mut bench = Bench::new(Peer::new());
    bench.ready();
    bench.wait(SECOND);
    bench.peer.refusal.push_back(format!("+CMGS: 7|+CDS: 25|{REPORT}|OK"));
    bench.submit(1);
    bench.sent(1);
    bench.wait(SECOND);
    let order: Vec<_> = bench
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Submitted { .. } => Some("submitted"),
            Event::Received(received) if received.kind == ReceivedKind::StatusReport => {
                Some("report")
            }
            _ => None,
        })
        .collect();
    assert_eq!(order, ["submitted", "report"]);
}

#[test]
fn a_report_without_service_centre_address_gets_one() {
    let mut bench = Bench::new(Peer::new());
    bench.ready();
    bench.wait(SECOND);
    let bare = &REPORT[14..];
    bench.says(format!("\r\n+CDS: {}\r\n{bare}\r\n", bare.len() / 2).as_bytes());
    assert_eq!(bench.received(), [format!("00{bare}")]);
}

#[test]
fn a_pdu_over_two_lines_is_joined() {
    let mut bench = Bench::new(Peer::new());
    bench.ready();
    bench.wait(SECOND);
    let (first, second) = DELIVER.split_at(40);
    bench.says(format!("\r\n+CMT: ,35\r\n{first}\r\n{second}\r\n").as_bytes());
    assert_eq!(bench.received(), [DELIVER]);
}

#[test]
fn a_header_without_pdu_takes_nothing_with_it() {
    let mut bench = Bench::new(Peer::new());
    bench.ready();
    bench.wait(SECOND);
    bench.says(b"\r\n+CMT: ,35\r\n");
    bench.submit(1);
    assert_eq!(bench.sent(1), Outcome::Accepted { reference: Some(7) });
    bench.wait(SECOND * 5);
    assert!(bench.received().is_empty());
    says_cmt(&mut bench);
    assert_eq!(bench.received(), [DELIVER]);
}

/// Indexes that name nothing, and memories that are others.
#[test]
fn odd_announcements_have_the_memory_listed() {
    for urc in
        ["+CMTI: \"SM\",-1", "+CMTI: ,-1", "+CMTI: \"ME\",9", "+CMTI: \"SM\",9", "+CMTI: \"MT\",9"]
    {
        let mut bench = Bench::new(Peer::new());
        bench.ready();
        bench.wait(SECOND);
        bench.peer.slots.insert(4, (0, DELIVER.into()));
        bench.says(format!("\r\n{urc}\r\n").as_bytes());
        bench.wait(SECOND * 2);
        assert_eq!(bench.received(), [DELIVER], "{urc}");
        assert!(bench.peer.slots.is_empty(), "{urc}");
    }
}

#[test]
fn what_is_never_announced_is_found_within_a_minute() {
    let mut bench = Bench::new(Peer::new());
    bench.ready();
    bench.wait(SECOND);
    bench.peer.slots.insert(4, (0, DELIVER.into()));
    bench.wait(SECOND * 65);
    assert_eq!(bench.received(), [DELIVER]);
}

#[test]
fn a_modem_that_announces_nothing_is_looked_at_each_five_seconds() {
    let mut peer = Peer::new();
    peer.answer("AT+CNMI=?", "ERROR")
        .answer("AT+CNMI=2,1,0,1,0", "ERROR")
        .answer("AT+CNMI?", "ERROR");
    let mut bench = Bench::new(peer);
    bench.ready();
    bench.wait(SECOND);
    bench.peer.slots.insert(4, (0, DELIVER.into()));
    bench.wait(SECOND * 6);
    assert_eq!(bench.received(), [DELIVER]);
}

#[test]
fn a_full_sim_is_drained_and_looked_at_again() {
    let mut peer = Peer::new();
    for slot in 1..=30 {
        peer.slots.insert(slot, (0, DELIVER.replace("90416282", &format!("9041{slot:02}82"))));
    }
    peer.answer("AT+CPMS=\"SM\",\"SM\",\"SM\"", "+CPMS: 30,30,30,30,30,30|OK");
    let mut bench = Bench::new(peer);
    bench.ready();
    bench.until(SECOND * 30, |bench| bench.peer.slots.is_empty());
    assert_eq!(bench.received().len(), 30);
    // What the network held back comes without announcement.
    bench.peer.slots.insert(1, (0, DELIVER.into()));
    bench.says(b"\r\n^SMMEMFULL: \"SM\"\r\n");
    bench.wait(SECOND * 2);
    assert_eq!(bench.received().len(), 31);
}

/// A storm of announcements does not stop the sending, nor the other way round.
#[test]
fn a_storm_of_messages_and_a_queue_share_the_modem() {
    let mut peer = Peer::new();
    peer.network_delay = SECOND;
    let mut bench = Bench::new(peer);
    bench.ready();
    bench.wait(SECOND);
    let mut id = 0;
    for number in 0..25 {
        let urc = bench.peer.receives(&DELIVER.replace("90416282", &format!("9041{number:02}82")));
        bench.says(&urc);
    }
    let end = bench.now + SECOND * 30;
    while bench.now < end {
        if bench.modem.can_submit() {
            id += 1;
            bench.submit(id);
        }
        bench.wait(std::time::Duration::from_millis(100));
    }
    assert_eq!(bench.received().len(), 25);
    assert!(bench.peer.network.len() >= 27, "{} sent in 30 s", bench.peer.network.len());
}

/// gammu #217: a message whose deletion fails is given out again and again.
#[test]
fn a_failing_deletion_gives_nothing_twice() {
    let mut peer = Peer::new();
    peer.slots.insert(4, (0, DELIVER.into()));
    peer.answer("AT+CMGD=4", "+CMS ERROR: 320");
    let mut bench = Bench::new(peer);
    bench.ready();
    bench.wait(SECOND * 600);
    assert_eq!(bench.received(), [DELIVER]);
    let tries = bench.text().matches("AT+CMGD=4\r").count();
    assert!((5..15).contains(&tries), "{tries} tries to delete");
}

/// The slot was reused while the modem restarted: the new message must not be deleted for the old one.
#[test]
fn a_reused_slot_is_read_before_it_is_deleted() {
    let mut peer = Peer::new();
    peer.slots.insert(4, (0, DELIVER.into()));
    let mut bench = Bench::new(peer);
    bench.stores = false;
    bench.ready();
    bench.wait(SECOND);
    let receipt = receipts(&bench)[0];
    let other = DELIVER.replace("90416282", "90417782");
    bench.peer.slots.insert(4, (0, other.clone()));
    bench.says(b"\r\nRDY\r\n");
    bench.modem.stored(bench.now, receipt);
    bench.wait(SECOND * 5);
    assert_eq!(bench.received(), [DELIVER.to_owned(), other]);
    assert_eq!(bench.peer.slots.len(), 1);
}

/// Huawei: the list hangs, single reads work.
#[test]
fn a_list_that_hangs_is_replaced_by_single_reads() {
    let mut peer = Peer::new();
    peer.answer("AT+CMGL=4", "");
    peer.slots.insert(4, (0, DELIVER.into()));
    let mut bench = Bench::new(peer);
    bench.ready();
    bench.until(SECOND * 200, |bench| !bench.received().is_empty());
    assert_eq!(bench.received(), [DELIVER]);
}

/// SIM800 after a brown-out: text mode again.
#[test]
fn text_mode_is_left_and_the_message_read_again() {
    let mut peer = Peer::new();
    peer.answers(
        "AT+CMGR=4",
        &["+CMGR: \"REC UNREAD\",\"+62815\",,\"06/02/16,09:14:26+28\"|PV admin ari jelek|OK"],
    );
    let mut bench = Bench::new(peer);
    bench.ready();
    bench.wait(SECOND);
    let before = bench.text().matches("AT+CMGF=0").count();
    bench.peer.slots.insert(4, (0, DELIVER.into()));
    bench.says(b"\r\n+CMTI: \"SM\",4\r\n");
    bench.wait(SECOND * 2);
    assert_eq!(bench.text().matches("AT+CMGF=0").count(), before + 1);
    assert_eq!(bench.received(), [DELIVER]);
}

#[test]
fn a_message_for_sending_found_in_store_is_told_and_left_when_refused() {
    let mut peer = Peer::new();
    peer.slots.insert(7, (3, format!("00{}", pdu_of(1))));
    let mut bench = Bench::new(peer);
    bench.ready();
    bench.wait(SECOND);
    let found = bench.events.iter().find_map(|event| match event {
        Event::Found(found) => Some(found.clone()),
        _ => None,
    });
    assert!(found.unwrap().sent);
    assert!(bench.peer.slots.is_empty(), "the bench stores it, so it is deleted");
}

/// `STO SENT` settles what was uncertain.
#[test]
fn a_stored_submission_that_went_out_is_settled_after_the_crash() {
    let config = ModemConfig { send: SendMode::Stored, ..ModemConfig::default() };
    let mut bench = Bench::with(config, Peer::new());
    bench.ready();
    bench.wait(SECOND);
    let at = bench.peer.commands.len() + 2;
    bench.peer.fault = Some((at, Fault::EffectThenReboot));
    bench.submit(1);
    assert_eq!(bench.sent(1), Outcome::Uncertain(Uncertain::Rebooted));
    let settled = Event::Settled { id: 1, outcome: Outcome::Accepted { reference: None } };
    bench.until(SECOND * 30, |bench| bench.events.contains(&settled));
    bench.wait(SECOND);
    assert!(bench.peer.slots.is_empty());
}

fn says_cds(bench: &mut Bench) {
    bench.says(format!("\r\n+CDS: 25\r\n{REPORT}\r\n").as_bytes());
}

/// What the last run of the driver was given and did not acknowledge is refused, so that it comes again.
#[test]
fn what_an_earlier_run_left_unacknowledged_is_refused_at_the_start() {
    let mut peer = Peer::new();
    peer.waits_for_acknowledgement = true;
    let mut bench = Bench::new(peer);
    bench.ready();
    assert!(!bench.peer.waits_for_acknowledgement);
    let text = bench.text();
    assert_eq!(text.matches("AT+CNMA=2\r").count(), 1);
    assert!(text.find("AT+CNMA=2\r") < text.find("AT+CNMI=2,1,0,1,0\r"), "{text}");
}

/// A modem that takes no refusal gives up after 12 to 20 seconds, and then announces nothing (27.005, 3.4.4).
#[test]
fn where_nothing_can_be_refused_the_announcing_is_set_again_when_the_modem_has_given_up() {
    for gives_up_after in [12, 15, 20] {
        let mut peer = Peer::new();
        peer.waits_for_acknowledgement = true;
        peer.answer("AT+CNMA=2", "ERROR").answer("AT+CNMA", "ERROR");
        let mut bench = Bench::new(peer);
        bench.ready();
        bench.wait(SECOND * gives_up_after);
        bench.peer.gives_up_waiting();
        bench.wait(SECOND * 3);
        assert_eq!(bench.peer.announcing, [2, 1, 0, 1, 0], "after {gives_up_after} s");
        assert_eq!(bench.status(), modem::Status::Ready);
        // And at work: an answer that never comes, and one that comes too late.
        bench.stores = false;
        says_cds(&mut bench);
        bench.wait(SECOND * gives_up_after);
        bench.peer.gives_up_waiting();
        bench.wait(SECOND * 3);
        assert_eq!(bench.peer.announcing, [2, 1, 0, 1, 0], "at work, after {gives_up_after} s");
        // What was stored meanwhile is found.
        bench.wait(SECOND * 30);
        let checks = bench.text().matches("AT+CNMI?\r").count();
        bench.wait(SECOND * 60);
        assert_eq!(bench.text().matches("AT+CNMI?\r").count(), checks, "it is looked at no more");
    }
}

#[test]
fn what_is_acknowledged_in_time_is_not_looked_after() {
    let mut bench = Bench::new(Peer::new());
    bench.ready();
    let before = bench.text().matches("AT+CNMI?\r").count();
    for _ in 0..20 {
        says_cds(&mut bench);
        bench.wait(SECOND);
    }
    assert_eq!(bench.peer.acknowledged, 20);
    assert_eq!(bench.text().matches("AT+CNMI?\r").count(), before);
}

/// It waits until it is known whose it is, unacknowledged.
#[test]
fn a_direct_message_before_the_sim_is_read_belongs_to_the_sim() {
    for phase in ["AT+CPIN?", "AT+CIMI", "AT+CCID", "AT+CMGF=0"] {
        let mut peer = direct();
        peer.delay = std::time::Duration::from_millis(5);
        let mut bench = Bench::new(peer);
        bench.until(SECOND * 5, |bench| bench.text().contains(phase));
        says_cmt(&mut bench);
        bench.ready();
        bench.wait(SECOND);
        let place = |wanted: &dyn Fn(&Event) -> bool| bench.events.iter().position(wanted).unwrap();
        let sim = place(&|event| matches!(event, Event::Sim(sim) if sim.iccid.is_some()));
        let received = place(&|event| matches!(event, Event::Received(_)));
        assert!(sim < received, "{phase}: {:?}", bench.events);
        assert_eq!(bench.received(), [DELIVER], "{phase}");
        assert!(!bench.peer.waits_for_acknowledgement, "{phase}");
    }
}

/// A SIM that is not to be read for long: nothing is lost, and not all of it is kept in mind.
#[test]
fn messages_before_the_sim_is_read_are_bounded() {
    let mut peer = direct();
    peer.answer("AT+CPIN?", "+CPIN: SIM PIN|OK");
    let mut bench = Bench::new(peer);
    bench.wait(SECOND);
    for number in 0..70 {
        let pdu = DELIVER.replace("90416282", &format!("9041{number:02}82"));
        bench.says(format!("\r\n+CMT: ,35\r\n{pdu}\r\n").as_bytes());
    }
    assert_eq!(bench.received().len(), 6);
    bench.peer.answer("AT+CPIN?", "+CPIN: READY|OK");
    bench.ready();
    assert_eq!(bench.received().len(), 70);
}
