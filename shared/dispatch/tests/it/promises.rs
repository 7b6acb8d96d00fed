//! Nothing is sent twice in silence, nothing is lost, and reports find their messages.

use std::time::Duration;

use contracts::mo::MoPart;
use contracts::mt::{Keeper, MtChange, SentPart};
use contracts::{ModemId, MtState, OrgId, SimId, Timestamp};
use dispatch::{Kept, Received};
use platform::Clock;
use testkit::{NatsProxy, Point, wait_for};
use tpdu::{Address, Pdu, Scts, Status, StatusReport};

use crate::network::Mood;
use crate::rig::{Rig, TO};

/// Returns a report that the message with this reference was delivered.
fn delivered(name: &str, reference: u8) -> Received {
    let now = Timestamp::now();
    let at = Scts::from_timestamp(now.as_micros() / 1_000_000, 0).unwrap();
    let report = StatusReport {
        more: false,
        loop_prevention: false,
        of_command: false,
        reference,
        recipient: Address::number(TO).unwrap(),
        smsc_time: at,
        discharged: at,
        status: Status(0),
        parameters: tpdu::Parameters::default(),
    };
    let (_, pdu) = Pdu { smsc: None, tpdu: report }.to_hex().unwrap();
    let sim = SimId::derived(name);
    Received::Report(MoPart {
        id: MoPart::id_of(sim, &pdu),
        org: OrgId::default_org(),
        modem: ModemId::derived(name),
        sim,
        to: None,
        pdu,
        received_at: now,
    })
}

fn parts_of(change: MtChange) -> Vec<SentPart> {
    match change {
        MtChange::Sent { parts, .. } => parts,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn runs_share_the_work_and_each_message_goes_out_once() {
    let rig = Rig::new().await;
    let _first = rig.run(&["a", "b"]).await;
    let _second = rig.run(&["c"]).await;
    let mut messages = Vec::new();
    for n in 0..40 {
        messages.push(rig.dispatch(&format!("shared {n}")).await);
    }
    for message in &messages {
        rig.until(*message, MtState::Sent).await;
    }
    rig.queue_is_empty().await;
    for message in messages {
        assert_eq!(rig.network.times(message), 1);
    }
}

#[tokio::test]
async fn a_message_that_a_killed_run_had_begun_is_uncertain_and_not_sent_again() {
    let rig = Rig::new().await;
    rig.network.is_now(Mood::IsSilent);
    let run = rig.run(&["a"]).await;
    let begun = rig.dispatch("begun").await;
    rig.taken(1).await;
    run.kill().await;
    rig.network.is_now(Mood::Answers);
    let _run = rig.run(&["a"]).await;
    let MtChange::Uncertain { error, .. } = rig.until(begun, MtState::Uncertain).await else {
        panic!("{:?}", rig.states_of(begun))
    };
    assert_eq!(error.code, "driver-stopped");
    // The driver that was killed had told it live only; when it was is in the journal.
    assert_eq!(rig.states_of(begun), [MtState::Uncertain]);
    let (told, live) = (rig.events_of(begun).remove(0).given, rig.live_of(begun));
    assert_eq!(told.len(), 1);
    assert_eq!((live[0].at, &live[0].change), (told[0].at, &told[0].change()));
    let next = rig.dispatch("next").await;
    rig.until(next, MtState::Sent).await;
    rig.queue_is_empty().await;
    assert_eq!((rig.network.times(begun), rig.network.times(next)), (1, 1));
}

#[tokio::test]
async fn a_report_proves_that_an_uncertain_message_went_out() {
    let rig = Rig::new().await;
    rig.network.is_now(Mood::IsSilent);
    let run = rig.run(&["a"]).await;
    let message = rig.dispatch("begun").await;
    rig.taken(1).await;
    run.kill().await;
    let run = rig.run(&["a"]).await;
    rig.until(message, MtState::Uncertain).await;
    rig.queue_is_empty().await;
    let inbound = run.inbound("a");
    let kept = inbound.keep(delivered("a", 7), true).await;
    assert!(matches!(kept, Kept::Published(Some(_))), "{kept:?}");
    inbound.heed(kept).await;
    let parts = parts_of(rig.until(message, MtState::Sent).await);
    assert_eq!(parts[0].reference, 7);
    assert_eq!(rig.network.times(message), 1);
}

#[tokio::test]
async fn a_report_finds_its_message() {
    let rig = Rig::new().await;
    let run = rig.run(&["a"]).await;
    let messages = [rig.dispatch("first").await, rig.dispatch("second").await];
    for message in messages {
        let parts = parts_of(rig.until(message, MtState::Sent).await);
        let inbound = run.inbound("a");
        let kept = inbound.keep(delivered("a", parts[0].reference), false).await;
        assert!(kept.is_safe());
        inbound.heed(kept).await;
        // The report and the end of the message are one event.
        rig.until(message, MtState::Delivered).await;
        let events = rig.events_of(message);
        let report = events.last().unwrap().report.as_deref().unwrap();
        assert_eq!((report.message, report.reference), (Some(message), parts[0].reference));
        assert_eq!(rig.states_of(message), [MtState::Sent, MtState::Delivered]);
    }
    assert_eq!(rig.dlrs().len(), 0);
}

/// A message of several parts is at its end when all reports are in, which a driver does not know.
#[tokio::test]
async fn a_report_of_one_of_several_parts_is_an_event_of_its_own() {
    let rig = Rig::new().await;
    let run = rig.run(&["a"]).await;
    let message = rig.dispatch(&"merpati ".repeat(30)).await;
    let parts = parts_of(rig.until(message, MtState::Sent).await);
    assert_eq!(parts.len(), 2);
    let inbound = run.inbound("a");
    inbound.heed(inbound.keep(delivered("a", parts[1].reference), false).await).await;
    wait_for("the report", || async { (rig.dlrs() == [(Some(message), Some(2))]).then_some(()) })
        .await;
    assert_eq!(rig.states_of(message), [MtState::Sent]);
}

/// That a modem has it is told at once, and stored with what came of it.
#[tokio::test]
async fn what_is_told_live_is_stored_with_what_came_of_it() {
    let rig = Rig::new().await;
    rig.network.is_now(Mood::RefusesOnce);
    let _run = rig.run(&["a"]).await;
    let message = rig.dispatch(&"merpati ".repeat(30)).await;
    rig.until(message, MtState::Sent).await;
    assert_eq!(rig.states_of(message), [MtState::Deferred, MtState::Sent]);
    let told: Vec<_> = rig.events_of(message).into_iter().flat_map(|event| event.given).collect();
    let named: Vec<_> = told.iter().map(|given| (given.part, given.parts, given.tries)).collect();
    assert_eq!(named, [(1, 2, 1), (1, 2, 2), (2, 2, 2)]);
    assert!(told.is_sorted_by_key(|given| given.at), "{told:?}");
    let live: Vec<_> = rig.live_of(message).into_iter().map(|e| (e.at, e.change)).collect();
    assert_eq!(live, told.iter().map(|given| (given.at, given.change())).collect::<Vec<_>>());
}

/// A modem that is slow: whoever looks at the database is to see where the message is, too.
#[tokio::test]
async fn what_is_with_a_silent_modem_is_stored_after_a_while() {
    let rig = Rig::new().await;
    rig.network.is_now(Mood::IsSilent);
    let _run = rig.run(&["a"]).await;
    let message = rig.dispatch("silent").await;
    let sending = rig.until(message, MtState::Sending).await;
    let live = rig.live_of(message);
    assert_eq!(live.iter().map(|event| &event.change).collect::<Vec<_>>(), [&sending]);
    assert_eq!(rig.events_of(message)[0].at, live[0].at, "it is stored as of when it was");
}

#[tokio::test]
async fn a_refused_message_is_tried_again() {
    let rig = Rig::new().await;
    rig.network.is_now(Mood::RefusesOnce);
    let _run = rig.run(&["a"]).await;
    let message = rig.dispatch("refused").await;
    rig.until(message, MtState::Sent).await;
    assert!(rig.states_of(message).contains(&MtState::Deferred));
    assert_eq!(rig.network.times(message), 1);
}

/// The journal has that the router keeps it, and nobody else has.
#[tokio::test]
async fn what_a_killed_run_did_not_tell_of_a_later_try_is_told_by_the_next() {
    let rig = Rig::new().await;
    rig.network.is_now(Mood::RefusesOnce);
    let way = NatsProxy::to(rig.server.port()).await;
    let untold = way.hold(Point::Publish("sms.v1.event.mt.deferred".to_owned()));
    let wait = Duration::from_mins(1);
    let run = rig.run_on(&way.url(), Clock::system(), wait, &["a"]).await;
    let message = rig.dispatch("refused").await;
    untold.held(1).await;
    run.kill().await;
    untold.lose();
    let _run = rig.run(&["a"]).await;
    let MtChange::Deferred { error, until, tries, kept_by, .. } =
        rig.until(message, MtState::Deferred).await
    else {
        panic!("{:?}", rig.states_of(message))
    };
    assert_eq!((error.code.as_str(), tries, kept_by), ("busy", 1, Keeper::Router));
    assert!(until > Timestamp::now());
    rig.queue_is_empty().await;
    assert_eq!(rig.network.times(message), 0, "the router has it");
}

#[tokio::test]
async fn the_parts_of_a_message_go_out_in_order_through_one_sim() {
    let rig = Rig::new().await;
    let _run = rig.run(&["a", "b"]).await;
    let long = rig.dispatch(&"merpati ".repeat(60)).await;
    assert_eq!(parts_of(rig.until(long, MtState::Sent).await).len(), 4);
    let taken = rig.network.taken();
    assert_eq!(taken.iter().map(|taken| taken.part).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert!(taken.iter().all(|part| part.sim == taken[0].sim), "{taken:?}");
}

#[tokio::test]
async fn a_killed_broker_neither_loses_nor_doubles_a_message() {
    let mut rig = Rig::new().await;
    let _run = rig.run(&["a", "b"]).await;
    let mut messages = Vec::new();
    for n in 0..40 {
        messages.push(rig.dispatch(&format!("broker {n}")).await);
    }
    rig.taken(10).await;
    rig.server.kill9();
    rig.server.restart().await;
    for message in &messages {
        rig.until(*message, MtState::Sent).await;
    }
    for message in messages {
        assert_eq!(rig.network.times(message), 1);
    }
    rig.queue_is_empty().await;
}

/// The clock of the run, and no other, says when a message's time is over.
#[tokio::test]
async fn a_message_is_late_by_the_clock_of_the_run() {
    let rig = Rig::new().await;
    let begin: Timestamp = "2031-05-01T12:00:00Z".parse().unwrap();
    let run = rig.run_by(Clock::following(begin), &["a"]).await;
    let in_time = rig.dispatch_until("in time", Some(begin.plus(Duration::from_hours(1)))).await;
    let parts = parts_of(rig.until(in_time, MtState::Sent).await);
    assert!(parts[0].at.since(begin) < Duration::from_mins(10), "{parts:?}");
    rig.queue_is_empty().await;
    run.kill().await;
    let later = Clock::following(begin.plus(Duration::from_hours(2)));
    let _run = rig.run_by(later, &["a"]).await;
    let late = rig.dispatch_until("late", Some(begin.plus(Duration::from_hours(1)))).await;
    rig.until(late, MtState::Expired).await;
    assert_eq!((rig.network.times(in_time), rig.network.times(late)), (1, 0));
}

/// The network waits for an acknowledgement, and the broker is away: the report goes to the disk and is published when
/// the broker is back.
#[tokio::test]
async fn a_report_received_without_a_broker_is_kept_and_published_later() {
    let mut rig = Rig::new().await;
    let run = rig.run(&["a"]).await;
    let message = rig.dispatch("sent").await;
    let parts = parts_of(rig.until(message, MtState::Sent).await);
    rig.queue_is_empty().await;
    rig.server.kill9();
    let kept = run.inbound("a").keep(delivered("a", parts[0].reference), false).await;
    assert!(matches!(kept, Kept::Spooled), "{kept:?}");
    assert_eq!(dispatch::look_at_spool(&rig.state()).unwrap().entries, 1);
    rig.server.restart().await;
    rig.until(message, MtState::Delivered).await;
}
