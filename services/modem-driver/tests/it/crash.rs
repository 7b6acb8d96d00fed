//! Killed in the middle: driver and broker. Nothing is sent twice in silence, nothing is lost.

use std::time::Duration;

use contracts::mt::{MtChange, WhenUncertain};
use contracts::{MtState, Priority};
use testkit::wait_for;

use crate::rig::Rig;

async fn in_flight(rig: &Rig, count: u64) {
    rig.sim.network().sent_at_least(count).await;
}

/// A driver that is killed when the network has the message and the modem has not said so yet.
async fn killed_in_the_middle(policy: WhenUncertain) -> (Rig, contracts::MessageId) {
    let rig = Rig::new(1).await;
    rig.sim.modem(1).fault(modem_sim::FaultRule::times(modem_sim::Fault::AcceptedSilent, 1));
    rig.sim.network().configure(|network| network.report_delay = Duration::from_mins(10));
    let driver = rig.driver(&[1]).await;
    let id = rig
        .dispatch_with(Priority::Normal, "middle", |item| item.request.when_uncertain = policy)
        .await;
    in_flight(&rig, 1).await;
    rig.events.until(id, MtState::Sending).await;
    driver.kill().await;
    (rig, id)
}

#[tokio::test]
async fn a_killed_driver_leaves_its_message_uncertain_and_says_so() {
    let (rig, id) = killed_in_the_middle(WhenUncertain::Hold).await;
    let _driver = rig.driver(&[1]).await;
    let MtChange::Uncertain { error, .. } = rig.events.until(id, MtState::Uncertain).await else {
        panic!("{:?}", rig.events.of(id))
    };
    assert_eq!(error.code, "driver-stopped");
    rig.queue_is_empty().await;
    assert_eq!(rig.times_sent("middle"), 1);
    let next = rig.dispatch("next").await;
    rig.events.until(next, MtState::Sent).await;
}

/// `AT+CMGW`, then `AT+CMSS`: the modem's memory tells after a crash what became of it.
#[tokio::test]
async fn a_stored_message_is_certain_after_a_crash() {
    let rig = Rig::new(1).await;
    rig.sim.modem(1).fault(modem_sim::FaultRule::times(modem_sim::Fault::AcceptedSilent, 1));
    rig.sim.network().configure(|network| network.report_delay = Duration::from_hours(1));
    let mut settings = rig.settings(&[1]);
    settings.modems.send = platform::config::SendMode::Stored;
    let driver = rig.driver_with(settings.clone()).await;
    let id = rig.dispatch("stored").await;
    in_flight(&rig, 1).await;
    driver.kill().await;
    let _driver = rig.driver_with(settings).await;
    rig.events.until(id, MtState::Sent).await;
    assert_eq!(rig.times_sent("stored"), 1);
    wait_for("nothing left in the modem's memory", || async {
        (rig.sim.modem(1).status().stored == 0).then_some(())
    })
    .await;
}

/// `send = "auto"`: the first message shows that the firmware marks what went out, so the next one is certain.
#[tokio::test]
async fn the_marks_of_a_firmware_are_found_out_and_kept() {
    let rig = Rig::new(1).await;
    let mut settings = rig.settings(&[1]);
    settings.modems.send = platform::config::SendMode::Auto;
    settings.state = Some(rig.path("state"));
    let driver = rig.driver_with(settings.clone()).await;
    let first = rig.dispatch("first").await;
    rig.events.until(first, MtState::Sent).await;
    let kept = wait_for("what was seen to be kept", || async {
        std::fs::read_to_string(rig.path("state").join("firmwares.json")).ok()
    })
    .await;
    assert!(kept.contains("true"), "{kept}");
    rig.sim.modem(1).fault(modem_sim::FaultRule::times(modem_sim::Fault::AcceptedSilent, 1));
    let id = rig.dispatch("second").await;
    in_flight(&rig, 2).await;
    driver.kill().await;
    let _driver = rig.driver_with(settings).await;
    rig.events.until(id, MtState::Sent).await;
    assert_eq!(rig.times_sent("second"), 1);
    assert!(!rig.events.states_of(id).contains(&MtState::Uncertain));
}

#[tokio::test]
async fn an_uncertain_message_is_sent_again_only_where_it_wants_that() {
    let (rig, id) = killed_in_the_middle(WhenUncertain::Resend).await;
    let _driver = rig.driver(&[1]).await;
    rig.events.until(id, MtState::Sent).await;
    let states = rig.events.states_of(id);
    assert!(states.contains(&MtState::Uncertain), "{states:?}");
    assert_eq!(rig.times_sent("middle"), 2);
}

#[tokio::test]
async fn a_killed_drivers_message_is_judged_by_another() {
    let (rig, id) = {
        let rig = Rig::new(2).await;
        rig.sim.modem(1).fault(modem_sim::FaultRule::times(modem_sim::Fault::AcceptedSilent, 1));
        rig.sim.network().configure(|network| network.report_delay = Duration::from_mins(10));
        let driver = rig.driver(&[1]).await;
        let id = rig.dispatch("middle").await;
        in_flight(&rig, 1).await;
        driver.kill().await;
        (rig, id)
    };
    // The modem of the killed driver does not come back.
    let _driver = rig.driver(&[2]).await;
    rig.events.until(id, MtState::Uncertain).await;
    assert_eq!(rig.times_sent("middle"), 1);
}

#[tokio::test]
async fn a_long_message_goes_on_where_it_ended() {
    let rig = Rig::slow(1, Duration::from_millis(300)).await;
    let text = "merpati ".repeat(60);
    let driver = rig.driver(&[1]).await;
    let id = rig
        .dispatch_with(Priority::Normal, &text, |item| {
            item.request.when_uncertain = WhenUncertain::Resend;
            item.parts = 4;
        })
        .await;
    in_flight(&rig, 2).await;
    driver.kill().await;
    let _driver = rig.driver(&[1]).await;
    let MtChange::Sent { parts, .. } = rig.events.until(id, MtState::Sent).await else {
        panic!("{:?}", rig.events.of(id))
    };
    assert_eq!(parts.len(), 4);
    let sent = rig.sim.network().sent();
    let sequences: Vec<u8> =
        sent.iter().filter_map(|s| s.submit.concat()).map(|concat| concat.sequence).collect();
    let first: Vec<&u8> = sequences.iter().filter(|part| **part == 1).collect();
    assert_eq!(first.len(), 1, "{sequences:?}");
    // At most one part twice: the one that was under way, and that was told as uncertain.
    assert!(sequences.len() <= 5, "{sequences:?}");
    let references: Vec<u16> =
        sent.iter().filter_map(|s| s.submit.concat()).map(|concat| concat.reference).collect();
    assert!(references.iter().all(|reference| *reference == references[0]));
}

#[tokio::test]
async fn a_killed_broker_loses_and_doubles_nothing() {
    let mut rig = Rig::slow(2, Duration::from_millis(20)).await;
    let _driver = rig.driver(&[1, 2]).await;
    rig.online(2).await;
    let mut ids = Vec::new();
    for n in 0..60 {
        ids.push(rig.dispatch(&format!("broker {n}")).await);
    }
    in_flight(&rig, 15).await;
    rig.server.kill9();
    rig.server.restart().await;
    in_flight(&rig, 35).await;
    rig.server.kill9();
    rig.server.restart().await;
    for (n, id) in ids.iter().enumerate() {
        wait_for(&format!("{n} to be settled"), || async {
            let states = rig.events.states_of(*id);
            states.iter().any(|s| matches!(s, MtState::Sent | MtState::Uncertain)).then_some(())
        })
        .await;
    }
    for (n, id) in ids.iter().enumerate() {
        let times = rig.times_sent(&format!("broker {n}"));
        assert_eq!(times, 1, "broker {n}: {:?}", rig.events.of(*id));
    }
    rig.queue_is_empty().await;
}

#[tokio::test]
async fn an_item_whose_ack_was_lost_is_taken_out_of_the_queue() {
    let rig = Rig::new(1).await;
    let driver = rig.driver(&[1]).await;
    let id = rig.dispatch("finished").await;
    rig.events.until(id, MtState::Sent).await;
    rig.queue_is_empty().await;
    driver.stop().await;
    // As a killed broker brings it back: the same item, and an entry that knows its place.
    let attempts = rig.bus.kv::<serde_json::Value>(bus::Bucket::Attempts).await.unwrap();
    let key = format!("{id}.1");
    let entry = attempts.get(&key).await.unwrap().unwrap();
    assert_eq!(entry.value["stage"], "sent");
    let item = {
        let target = contracts::subject::Target::Pool(contracts::PoolId::default_pool());
        let mut request =
            contracts::mt::MtRequest::text(crate::rig::TO.parse().unwrap(), "finished");
        request.id = Some(id);
        contracts::mt::MtItem {
            id,
            priority: Priority::Normal,
            target,
            parts: 1,
            request,
            rule: None,
            others: Vec::new(),
        }
    };
    let back = Again(item);
    let place = rig.bus.publish(&back).await.unwrap().sequence;
    let mut moved = entry.value.clone();
    moved["sequence"] = place.into();
    attempts.update(&key, &moved, entry.revision).await.unwrap();
    let _driver = rig.driver(&[1]).await;
    rig.queue_is_empty().await;
    assert_eq!(rig.times_sent("finished"), 1);
}

/// An item as it stands in the stream, with another id for the broker.
#[derive(serde::Serialize)]
#[serde(transparent)]
struct Again(contracts::mt::MtItem);

impl contracts::Message for Again {
    fn subject(&self) -> contracts::Subject {
        contracts::Subject::MtDispatch(self.0.target.clone(), self.0.priority)
    }

    fn msg_id(&self) -> String {
        format!("{}:again", self.0.id)
    }
}
