//! Delivery reports whose message was not judged yet, by this driver or by the one that was killed.

use std::time::Duration;

use contracts::dlr::{Dlr, DlrOutcome};
use contracts::{MessageId, MtState};
use modem::Models;
use modem_sim::{Fault, FaultRule};
use serde_json::Value;
use testkit::{NatsProxy, Point, wait_for};
use tpdu::{Parameters, Scts, Status, StatusReport};

use crate::rig::Rig;

/// Of the broker's requests, those by which a driver gets messages to send.
const PULLS: &str = "$JS.API.CONSUMER.MSG.NEXT.SMS_DISPATCH";
/// What is written to the bucket of parts that wait for reports.
const AWAITED: &str = "$KV.reports.";

/// Returns the first report that was published.
async fn first_report(rig: &Rig) -> Dlr {
    let report = |event: &bus::Event| match event {
        bus::Event::Dlr(dlr) => Some(dlr.clone()),
        _ => None,
    };
    rig.events.find("a report", report).await
}

/// Has the network report on the message that it took last. `temporary`: the service centre still tries.
fn report(rig: &Rig, temporary: bool) {
    let sent = rig.sim.network().sent().pop().unwrap();
    let now = Scts::from_timestamp(contracts::Timestamp::now().as_micros() / 1_000_000, 0).unwrap();
    let report = StatusReport {
        more: false,
        loop_prevention: false,
        of_command: false,
        reference: sent.submit.reference,
        recipient: sent.submit.destination,
        smsc_time: now,
        discharged: now,
        status: Status(if temporary { 0x20 } else { 0 }),
        parameters: Parameters::default(),
    };
    rig.sim.network().send_report(sent.modem, &report).unwrap();
}

async fn entry(rig: &Rig, id: MessageId) -> Option<bus::Entry<Value>> {
    let journal = rig.bus.kv::<Value>(bus::Bucket::Attempts).await.unwrap();
    journal.get(&format!("{id}.1")).await.unwrap()
}

async fn stage_is(rig: &Rig, id: MessageId, stage: &str) {
    wait_for(&format!("the journal to say {stage}"), || async {
        entry(rig, id).await.filter(|entry| entry.value["stage"] == stage)
    })
    .await;
}

/// The modem takes a message, and says so too late: its driver is killed meanwhile.
async fn killed_with_a_message_at_the_modem() -> (Rig, MessageId) {
    let rig = Rig::new(1).await;
    rig.sim.modem(1).fault(FaultRule::times(Fault::AcceptedSilent, 1));
    rig.sim.modem(1).fault(FaultRule::times(Fault::NoReport, 1));
    let driver = rig.driver(&[1]).await;
    let id = rig.dispatch("middle").await;
    rig.sim.network().sent_at_least(1).await;
    rig.events.until(id, MtState::Sending).await;
    driver.kill().await;
    (rig, id)
}

/// The report comes to the next driver before that one has met the message again. It proves that the message is out.
#[tokio::test]
async fn a_report_that_comes_before_its_message_was_judged_is_matched() {
    let (rig, id) = killed_with_a_message_at_the_modem().await;
    let way = NatsProxy::to(rig.server.port()).await;
    let pulls = way.hold(Point::Publish(PULLS.to_owned()));
    let _driver = rig.driver_by(&way.url(), rig.settings(&[1])).await;
    report(&rig, false);
    let dlr = first_report(&rig).await;
    assert_eq!(dlr.message, Some(id));
    pulls.open();
    rig.events.until(id, MtState::Sent).await;
    rig.queue_is_empty().await;
    assert!(!rig.events.states_of(id).contains(&MtState::Uncertain), "{:?}", rig.events.of(id));
    assert_eq!(rig.times_sent("middle"), 1);
}

/// The first report says that the service centre still tries: the last one is matched too, however late it comes.
#[tokio::test]
async fn after_a_passing_report_the_last_one_is_matched_too() {
    let (rig, id) = killed_with_a_message_at_the_modem().await;
    let way = NatsProxy::to(rig.server.port()).await;
    let pulls = way.hold(Point::Publish(PULLS.to_owned()));
    let _driver = rig.driver_by(&way.url(), rig.settings(&[1])).await;
    report(&rig, true);
    assert_eq!(first_report(&rig).await.message, Some(id));
    pulls.open();
    rig.events.until(id, MtState::Sent).await;
    rig.queue_is_empty().await;
    forget(&rig, id).await;
    report(&rig, false);
    is_last(&rig, id).await;
}

/// As the sweep does when the item is gone for a minute.
async fn forget(rig: &Rig, id: MessageId) {
    let journal = rig.bus.kv::<Value>(bus::Bucket::Attempts).await.unwrap();
    journal.delete(&format!("{id}.1")).await.unwrap();
}

/// Asserts that the report is the last one and matched.
async fn is_last(rig: &Rig, id: MessageId) {
    let last = |event: &bus::Event| match event {
        bus::Event::Dlr(dlr) if dlr.outcome == DlrOutcome::Delivered => Some(dlr.message),
        _ => None,
    };
    assert_eq!(rig.events.find("the last report", last).await, Some(id));
}

/// A driver that is killed between the journal and the bucket of parts that wait for reports: by which of them a report is
/// matched afterwards depends on when it comes.
async fn killed_before_it_waits_for_the_report() -> (Rig, MessageId) {
    let rig = Rig::new(1).await;
    rig.sim.modem(1).fault(FaultRule::times(Fault::NoReport, 1));
    let way = NatsProxy::to(rig.server.port()).await;
    let awaited = way.hold(Point::Publish(AWAITED.to_owned()));
    let driver = rig.driver_by(&way.url(), rig.settings(&[1])).await;
    let id = rig.dispatch("noted").await;
    stage_is(&rig, id, "sent").await;
    awaited.held(1).await;
    driver.kill().await;
    awaited.lose();
    (rig, id)
}

#[tokio::test]
async fn a_sent_message_is_known_by_the_journal_until_it_waits_for_its_report() {
    let (rig, id) = killed_before_it_waits_for_the_report().await;
    let way = NatsProxy::to(rig.server.port()).await;
    let pulls = way.hold(Point::Publish(PULLS.to_owned()));
    let _driver = rig.driver_by(&way.url(), rig.settings(&[1])).await;
    report(&rig, false);
    assert_eq!(first_report(&rig).await.message, Some(id));
    pulls.open();
    rig.events.until(id, MtState::Sent).await;
}

#[tokio::test]
async fn a_sent_message_waits_for_its_report_again_when_its_item_comes_again() {
    let (rig, id) = killed_before_it_waits_for_the_report().await;
    let _driver = rig.driver(&[1]).await;
    rig.events.until(id, MtState::Sent).await;
    rig.queue_is_empty().await;
    forget(&rig, id).await;
    report(&rig, false);
    assert_eq!(first_report(&rig).await.message, Some(id));
}

/// The same of a message that was left uncertain.
#[tokio::test]
async fn an_uncertain_message_waits_for_its_report_again() {
    let (rig, id) = killed_with_a_message_at_the_modem().await;
    let way = NatsProxy::to(rig.server.port()).await;
    let awaited = way.hold(Point::Publish(AWAITED.to_owned()));
    let driver = rig.driver_by(&way.url(), rig.settings(&[1])).await;
    stage_is(&rig, id, "uncertain").await;
    driver.kill().await;
    awaited.lose();
    let _driver = rig.driver(&[1]).await;
    rig.events.until(id, MtState::Uncertain).await;
    report(&rig, false);
    assert_eq!(first_report(&rig).await.message, Some(id));
    rig.events.until(id, MtState::Sent).await;
    rig.queue_is_empty().await;
}

/// The modem never answers, and the report comes long before that is known: it waits on this host's disk meanwhile, and keeps
/// nothing else from being told.
#[tokio::test]
async fn a_report_waits_until_the_answer_is_given_up() {
    let rig = Rig::new(2).await;
    for place in 1..=2 {
        rig.sim.modem(place).fault(FaultRule::times(Fault::AcceptedSilent, 1));
    }
    let mut settings = rig.settings(&[1, 2]);
    settings.state = Some(rig.path("state"));
    settings.models = Models::built_in()
        .with("[[model]]\nname = \"patient\"\nmanufacturer = [\"wavecom\"]\nsubmit_ms = 7000\nannounce = [\"2,2,0,1,0\"]\n")
        .unwrap();
    rig.sim.network().configure(|network| network.report_delay = Duration::from_millis(50));
    let _driver = rig.driver_with(settings).await;
    let id = rig.dispatch("silent").await;
    let sent = rig.sim.network().sent_at_least(1).await;
    wait_for("the report on disk", || async {
        (modem_driver::look_at_spool(&rig.path("state")).unwrap().entries == 1).then_some(())
    })
    .await;
    let other = 3 - sent[0].modem;
    rig.sim.network().send_text(other, "+628159919457", "meanwhile").unwrap();
    let received = |event: &bus::Event| matches!(event, bus::Event::MoPart(_)).then_some(());
    rig.events.find("what came meanwhile", received).await;
    assert!(!rig.events.states_of(id).contains(&MtState::Sent));
    assert_eq!(first_report(&rig).await.message, Some(id));
    rig.events.until(id, MtState::Sent).await;
    rig.queue_is_empty().await;
    assert_eq!(rig.times_sent("silent"), 1);
}
