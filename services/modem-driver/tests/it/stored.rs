//! `send = "stored"`: what lies in the modem's memory says what became of a message, however late it is read.

use std::time::Duration;

use bus::Bucket;
use contracts::{MessageId, MtState};
use modem_driver::Settings;
use modem_sim::{Fault, FaultRule};
use platform::config::SendMode;
use serde_json::Value;
use testkit::wait_for;

use crate::rig::Rig;

/// A driver that is killed when the network has a stored message and the modem has not said so.
async fn killed(modems: usize) -> (Rig, Settings, MessageId) {
    let rig = Rig::new(modems).await;
    rig.sim.modem(1).fault(FaultRule::times(Fault::AcceptedSilent, 1));
    rig.sim.network().configure(|network| network.report_delay = Duration::from_hours(1));
    let mut settings = rig.settings(&[1]);
    settings.modems.send = SendMode::Stored;
    let driver = rig.driver_with(settings.clone()).await;
    let id = rig.dispatch("stored").await;
    rig.sim.network().sent_at_least(1).await;
    rig.events.until(id, MtState::Sending).await;
    driver.kill().await;
    (rig, settings, id)
}

async fn memory_is_empty(rig: &Rig) {
    wait_for("nothing left in the modem's memory", || async {
        (rig.sim.modem(1).status().stored == 0).then_some(())
    })
    .await;
}

/// The list takes its time; nothing is judged before it was read.
#[tokio::test]
async fn a_slow_list_is_waited_for() {
    let (rig, settings, id) = killed(1).await;
    let slow = Fault::Slow(Duration::from_secs(3));
    rig.sim.modem(1).fault(FaultRule::always(slow).on("CMGL"));
    let _driver = rig.driver_with(settings).await;
    rig.events.until(id, MtState::Sent).await;
    assert!(!rig.events.states_of(id).contains(&MtState::Uncertain), "{:?}", rig.events.of(id));
    assert_eq!(rig.times_sent("stored"), 1);
    memory_is_empty(&rig).await;
}

/// Another driver had to judge it without the modem; when that comes back, its memory knows, and it is told.
#[tokio::test]
async fn an_uncertain_message_is_told_when_the_memory_is_read() {
    let (rig, settings, id) = killed(2).await;
    let other = rig.driver(&[2]).await;
    rig.events.until(id, MtState::Uncertain).await;
    other.stop().await;
    let _driver = rig.driver_with(settings).await;
    rig.events.until(id, MtState::Sent).await;
    assert_eq!(rig.times_sent("stored"), 1);
    memory_is_empty(&rig).await;
}

/// Two messages of one text to one recipient look alike in the memory: one slot proves one of them.
#[tokio::test]
async fn one_slot_proves_one_message() {
    let (rig, settings, id) = killed(1).await;
    let journal = rig.bus.kv::<Value>(Bucket::Attempts).await.unwrap();
    let entry = journal.get(&format!("{id}.1")).await.unwrap().unwrap();
    let twin = MessageId::new();
    let mut uncertain = entry.value.clone();
    uncertain["stage"] = "uncertain".into();
    uncertain["error"] = serde_json::json!({"code": "no-answer", "text": "Who knows."});
    uncertain["at"] = serde_json::to_value(contracts::Timestamp::now()).unwrap();
    journal.create(&format!("{twin}.1"), &uncertain).await.unwrap();
    let _driver = rig.driver_with(settings).await;
    rig.events.until(id, MtState::Sent).await;
    memory_is_empty(&rig).await;
    let twin = journal.get(&format!("{twin}.1")).await.unwrap().unwrap();
    assert_eq!(twin.value["stage"], "uncertain");
}
