//! What becomes of a message that more than one driver, or more than one release, has judged.

use std::time::Duration;

use bus::Bucket;
use contracts::mt::MtChange;
use contracts::subject::Target;
use contracts::{MessageId, ModemId, MtState, PoolId, Priority, SimId};
use modem_sim::{Fault, FaultRule, SimulationConfig};
use serde_json::{Value, json};
use testkit::{NatsProxy, NatsServer, Point, wait_for};
use tokio::task::JoinSet;

use crate::rig::Rig;

fn key(message: MessageId) -> String {
    format!("{message}.1")
}

async fn journal(rig: &Rig) -> bus::Kv<Value> {
    rig.bus.kv(Bucket::Attempts).await.unwrap()
}

/// Has another driver hold the lease of a modem, and live.
fn lives(rig: &Rig, modem: ModemId, driver: &'static str) -> JoinSet<()> {
    let bus = rig.bus.clone();
    let mut living = JoinSet::new();
    living.spawn(async move {
        let leases = bus.kv::<Value>(Bucket::Leases).await.unwrap();
        let holder = json!({"driver": driver, "host": "far", "boot": "", "port": null});
        loop {
            leases.put(&modem.to_string(), &holder).await.unwrap();
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    });
    living
}

/// A driver was cut off from the broker while its modem had a message. Another one has the item meanwhile: what the first
/// finds out late must not undo what the other is doing, nor have the item delivered again.
#[tokio::test]
async fn a_driver_that_was_cut_off_yields_to_the_one_that_has_the_message_now() {
    let rig = Rig::slow(1, Duration::from_millis(500)).await;
    rig.sim.modem(1).fault(FaultRule::times(Fault::Cms(42), 1));
    let way = NatsProxy::to(rig.server.port()).await;
    let _driver = rig.driver_by(&way.url(), rig.settings(&[1])).await;
    rig.online(1).await;
    let id = rig.dispatch("cut off").await;
    let sending = rig.events.until(id, MtState::Sending).await;
    let MtChange::Sending { through, .. } = sending else { panic!("{sending:?}") };
    way.cut();

    // As the other one does after the item came to it: it goes on, for it knows that the first is gone.
    let journal = journal(&rig).await;
    let entry = journal.get(&key(id)).await.unwrap().unwrap();
    assert_eq!(entry.value["stage"], "writing");
    let other = ModemId::derived("other");
    assert_ne!(through.modem, other);
    let _living = lives(&rig, other, "drv_other");
    let mut theirs = entry.value.clone();
    theirs["driver"] = "drv_other".into();
    theirs["modem"] = other.to_string().into();
    theirs["lease"] = json!(entry.value["lease"].as_u64().unwrap() + 1000);
    theirs["tries"] = 2.into();
    let theirs_at = journal.update(&key(id), &theirs, entry.revision).await.unwrap();
    way.mend();

    // Sent after the first one has come to its end.
    let next = rig.dispatch("next").await;
    rig.events.until(next, MtState::Sent).await;
    let entry = journal.get(&key(id)).await.unwrap().unwrap();
    assert_eq!((entry.revision, &entry.value), (theirs_at, &theirs));
    assert_eq!(rig.times_sent("cut off"), 0, "{:?}", rig.events.of(id));
    assert!(!rig.events.states_of(id).contains(&MtState::Deferred));
}

/// That a part is out is true whoever says it, and later than anybody else: it must not go out again.
#[tokio::test]
async fn a_part_that_is_out_goes_before_the_guess_of_another_driver() {
    let rig = Rig::slow(1, Duration::from_millis(500)).await;
    let way = NatsProxy::to(rig.server.port()).await;
    let _driver = rig.driver_by(&way.url(), rig.settings(&[1])).await;
    rig.online(1).await;
    let id = rig.dispatch("cut off").await;
    rig.events.until(id, MtState::Sending).await;
    way.cut();
    let journal = journal(&rig).await;
    let entry = journal.get(&key(id)).await.unwrap().unwrap();
    let mut theirs = entry.value.clone();
    theirs["driver"] = "drv_other".into();
    theirs["stage"] = "uncertain".into();
    theirs["error"] = json!({"code": "driver-stopped", "text": "Who knows."});
    journal.update(&key(id), &theirs, entry.revision).await.unwrap();
    rig.sim.network().sent_at_least(1).await;
    way.mend();
    rig.events.until(id, MtState::Sent).await;
    assert_eq!(journal.get(&key(id)).await.unwrap().unwrap().value["stage"], "sent");
    assert_eq!(rig.times_sent("cut off"), 1);
}

/// A broker that was on a full disk, or lost its power, may have lost the entry. Then it is not known any more that the
/// message was given to a modem: what the driver knows is written anew.
#[tokio::test]
async fn an_entry_that_the_broker_lost_is_written_again() {
    let rig = Rig::new(1).await;
    rig.sim.modem(1).fault(FaultRule::times(Fault::AcceptedSilent, 1));
    rig.sim.modem(1).fault(Fault::NoReport);
    let mut settings = rig.settings(&[1]);
    let impatient =
        "[[model]]\nname = \"impatient\"\nmanufacturer = [\"wavecom\"]\nsubmit_ms = 1500\n";
    settings.models = modem::Models::built_in().with(impatient).unwrap();
    let _driver = rig.driver_with(settings).await;
    rig.online(1).await;
    let id = rig.dispatch("lost").await;
    rig.events.until(id, MtState::Sending).await;
    let journal = journal(&rig).await;
    journal.delete(&key(id)).await.unwrap();
    rig.events.until(id, MtState::Uncertain).await;
    let next = rig.dispatch("next").await;
    rig.events.until(next, MtState::Sent).await;
    rig.queue_is_empty().await;
    assert_eq!(journal.get(&key(id)).await.unwrap().unwrap().value["stage"], "uncertain");
    assert_eq!(rig.times_sent("lost"), 1, "{:?}", rig.events.of(id));
}

/// The first parts went out through a SIM that is away: the item is moved to it, once, though the broker is late with
/// its answer.
#[tokio::test]
async fn an_item_is_moved_once_though_the_answer_is_late() {
    let rig = Rig::new(1).await;
    let id = MessageId::new();
    first_part_is_out_elsewhere(&rig, id).await;
    let way = NatsProxy::to(rig.server.port()).await;
    let late = way.hold(Point::Answer("sms.v1.mt.dispatch.sim.".to_owned()));
    let _driver = rig.driver_by(&way.url(), rig.settings(&[1])).await;
    rig.online(1).await;
    dispatch_long(&rig, id, &"merpati ".repeat(40)).await;
    // For longer than one call of publish is patient (10 s, asking anew each 2 s): then it is published again.
    wait_for("the next call", || async { (late.count() >= 7).then_some(()) }).await;
    late.open();
    rig.events.until(id, MtState::Deferred).await;
    rig_has(&rig, "sms.v1.mt.dispatch.sim.", 1).await;
    rig_has(&rig, "sms.v1.mt.dispatch.pool.", 0).await;
}

/// An item that the broker does not take at its new place ends in words.
#[tokio::test]
async fn an_item_that_cannot_be_moved_is_failed() {
    let limit = 4_096;
    let server = NatsServer::start_with(&format!("max_payload: {limit}")).await;
    let rig = Rig::on(server, SimulationConfig::new(1)).await;
    let id = MessageId::new();
    first_part_is_out_elsewhere(&rig, id).await;
    // The SIM's name is longer than the pool's: what just fitted does so no more.
    let mut text = "merpati ".repeat(40);
    text.push_str(&"x".repeat(limit));
    while rig.bus.publish(&contracts::mt::Dispatched(&long(id, &text))).await.is_err() {
        text.truncate(text.len() - 4);
    }
    let _driver = rig.driver(&[1]).await;
    let failed = rig.events.until(id, MtState::Failed).await;
    let MtChange::Failed { error, .. } = failed else { panic!("{failed:?}") };
    assert_eq!(error.code, "too-large");
    rig.queue_is_empty().await;
    assert_eq!(rig.sim.network().sent_count(), 0);
}

/// An entry whose stage only a later release knows: its message is left to that release.
#[tokio::test]
async fn a_message_of_a_later_release_is_left_to_that_release() {
    let rig = Rig::new(1).await;
    let id = MessageId::new();
    let journal = journal(&rig).await;
    let mut entry = entry(id, "waiting", SimId::derived("s"));
    entry["stage"] = "beamed".into();
    let revision = journal.create(&key(id), &entry).await.unwrap();
    rig.bus.publish(&contracts::mt::Dispatched(&long(id, "of tomorrow"))).await.unwrap();
    let _driver = rig.driver(&[1]).await;
    let next = rig.dispatch("next").await;
    rig.events.until(next, MtState::Sent).await;
    assert_eq!(journal.get(&key(id)).await.unwrap().unwrap().revision, revision);
    assert_eq!(rig.times_sent("of tomorrow"), 0);
    entry["stage"] = "waiting".into();
    journal.update(&key(id), &entry, revision).await.unwrap();
    rig.events.until(id, MtState::Sent).await;
}

fn entry(message: MessageId, stage: &str, sim: SimId) -> Value {
    let at = contracts::Timestamp::now();
    json!({
        "stage": stage, "reference": 7, "sent_at": at, "modem": ModemId::derived("far"), "sim": sim,
        "driver": "drv_other", "lease": 1, "tries": 1, "round": 0, "sequence": 1, "ack": "",
        "parts": 3, "at": at, "message": message,
    })
}

async fn first_part_is_out_elsewhere(rig: &Rig, id: MessageId) {
    let entry = entry(id, "sent", SimId::derived("away"));
    journal(rig).await.create(&key(id), &entry).await.unwrap();
}

fn long(id: MessageId, text: &str) -> contracts::mt::MtItem {
    let mut request = contracts::mt::MtRequest::text(crate::rig::TO.parse().unwrap(), text);
    request.id = Some(id);
    let target = Target::Pool(PoolId::default_pool());
    contracts::mt::MtItem {
        id,
        priority: Priority::Normal,
        target,
        parts: 3,
        request,
        rule: None,
        others: Vec::new(),
    }
}

async fn dispatch_long(rig: &Rig, id: MessageId, text: &str) {
    rig.bus.publish(&contracts::mt::Dispatched(&long(id, text))).await.unwrap();
}

async fn rig_has(rig: &Rig, subject: &str, items: u64) {
    wait_for(&format!("{items} at {subject}"), || async {
        let counts = rig.bus.subject_counts(bus::Stream::Dispatch).await.unwrap();
        let of_it = counts.iter().filter(|(at, _)| at.starts_with(subject));
        (of_it.map(|(_, count)| *count).sum::<u64>() == items).then_some(())
    })
    .await;
}
