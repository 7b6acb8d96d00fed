//! What modems hand over while the broker is away.

use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use bus::Event;
use contracts::dlr::DlrOutcome;
use contracts::{MessageId, MtState};
use modem::Models;
use modem_driver::{Settings, SpoolLimits, look_at_spool};
use modem_sim::{Fault, Make, SimulationConfig, Timing};
use testkit::wait_for;
use tpdu::{Deliver, Pdu};

use crate::rig::Rig;

/// How long the network waits for an acknowledgement here.
const NETWORK_WAITS: Duration = Duration::from_secs(4);
const FROM: &str = "+628159919457";

/// Returns a rig with two modems that hand over reports and messages directly, and a network that is not patient.
async fn rig() -> (Rig, Settings) {
    let timing =
        Timing { submit: Duration::from_millis(20), acknowledge: NETWORK_WAITS, ..Timing::INSTANT };
    let rig = Rig::with(SimulationConfig::of_makes(2, &[Make::Sim800]).timing(timing)).await;
    rig.sim.network().configure(|network| {
        network.report_delay = Duration::from_millis(300);
        network.redelivery = Duration::from_millis(100);
    });
    let mut settings = rig.settings(&[1, 2]);
    settings.state = Some(rig.path("state"));
    let direct =
        "[[model]]\nname = \"direct\"\nmanufacturer = [\"simcom\"]\nannounce = [\"2,2,0,1,0\"]\n";
    settings.models = Models::built_in().with(direct).unwrap();
    (rig, settings)
}

fn texts_received(rig: &Rig) -> Vec<String> {
    let text = |event| match event {
        Event::MoPart(part) => Pdu::<Deliver>::from_hex(&part.pdu).unwrap().tpdu.text(),
        _ => None,
    };
    rig.events.all().into_iter().filter_map(text).collect()
}

async fn is_delivered(rig: &Rig, message: MessageId) {
    let what = format!("the report of {message} ({:?})", rig.events.states_of(message));
    let dlr = rig.events.find(&what, |event| match event {
        Event::Dlr(dlr) if dlr.message == Some(message) => Some(dlr.clone()),
        _ => None,
    });
    assert_eq!(dlr.await.outcome, DlrOutcome::Delivered);
}

fn entries(folder: &Path) -> usize {
    look_at_spool(folder).unwrap().entries
}

/// Kills the broker under load, so that it is away for longer than the network waits. What the modems were told
/// meanwhile is on this host's disk.
async fn broker_goes(rig: &mut Rig, settings: &Settings) -> Vec<MessageId> {
    let mut ids = Vec::new();
    for n in 0..60 {
        ids.push(rig.dispatch(&format!("spool {n}")).await);
    }
    rig.sim.network().sent_at_least(25).await;
    rig.server.kill9();
    for n in 0..10 {
        for place in 1..=2 {
            rig.sim.network().send_text(place, FROM, &format!("to {place}: {n}")).unwrap();
        }
    }
    // The time itself is what is tried here: reports come meanwhile, and would be given up.
    tokio::time::sleep(NETWORK_WAITS + Duration::from_secs(1)).await;
    let folder = settings.state.as_deref().unwrap();
    wait_for("the network to be rid of everything", || async {
        let waiting = rig.sim.network().waiting(1) + rig.sim.network().waiting(2);
        (waiting == 0 && entries(folder) > 20).then_some(())
    })
    .await;
    ids
}

/// Asserts that each message went out once, each has its report, and each received text came once. Returns how many
/// messages are uncertain; none of these is on the air.
async fn nothing_is_lost(rig: &Rig, settings: &Settings, ids: &[MessageId]) -> usize {
    let mut uncertain = 0;
    for (n, id) in ids.iter().enumerate() {
        let told = |states: Vec<MtState>| {
            states.into_iter().find(|state| matches!(state, MtState::Sent | MtState::Uncertain))
        };
        let text = format!("spool {n}");
        let first = wait_for(&text, || async { told(rig.events.states_of(*id)) }).await;
        if first == MtState::Uncertain {
            assert_eq!(rig.times_sent(&text), 0, "{text} is out, and that was on this host's disk");
            uncertain += 1;
            continue;
        }
        is_delivered(rig, *id).await;
        assert_eq!(rig.times_sent(&text), 1);
        assert!(!rig.events.states_of(*id).contains(&MtState::Uncertain), "{text}");
    }
    for place in 1..=2 {
        for n in 0..10 {
            let text = format!("to {place}: {n}");
            wait_for(&text, || async { texts_received(rig).contains(&text).then_some(()) }).await;
        }
        // In the order in which they came.
        let prefix = format!("to {place}: ");
        let texts: Vec<String> = texts_received(rig);
        let of_place: Vec<&String> =
            texts.iter().filter(|text| text.starts_with(&prefix)).collect();
        assert!(of_place.is_sorted(), "{of_place:?}");
        assert_eq!(of_place.len(), 10);
    }
    let folder = settings.state.as_deref().unwrap();
    wait_for("an empty spool", || async { (entries(folder) == 0).then_some(()) }).await;
    let unmatched = |event: &Event| matches!(event, Event::Dlr(dlr) if dlr.message.is_none());
    assert_eq!(rig.events.all().iter().filter(|event| unmatched(event)).count(), 0);
    wait_for("states without a spool", || async {
        rig.states().await.iter().all(|state| state.spool.is_none()).then_some(())
    })
    .await;
    uncertain
}

#[tokio::test]
async fn nothing_is_lost_while_the_broker_is_away_for_longer_than_the_network_waits() {
    let (mut rig, settings) = rig().await;
    let _driver = rig.driver_with(settings.clone()).await;
    rig.online(2).await;
    let ids = broker_goes(&mut rig, &settings).await;
    rig.server.restart().await;
    assert_eq!(nothing_is_lost(&rig, &settings, &ids).await, 0);
}

/// And the driver is killed in between, in the middle of a record. What the broker was noting as begun when it went, the
/// driver never heard of and so never gave to a modem; the next driver finds the note, and cannot know that. That is one
/// message for each modem at most.
#[tokio::test]
async fn nothing_is_lost_when_the_driver_is_killed_meanwhile() {
    let (mut rig, settings) = rig().await;
    let driver = rig.driver_with(settings.clone()).await;
    rig.online(2).await;
    let ids = broker_goes(&mut rig, &settings).await;
    driver.kill().await;
    let file = settings.state.as_deref().unwrap().join("received.spool");
    let mut file = std::fs::OpenOptions::new().append(true).open(file).unwrap();
    file.write_all(b"+{\"kind\":\"report\",\"pdu\":\"07").unwrap();
    rig.server.restart().await;
    let _driver = rig.driver_with(settings.clone()).await;
    let uncertain = nothing_is_lost(&rig, &settings, &ids).await;
    assert!(uncertain <= 2, "{uncertain} are uncertain");
}

/// The broker is away, and the spool cannot be written either, as on a full disk. As soon as it can, it has what the modem
/// answered, or a driver that is killed then would not know it.
#[tokio::test]
async fn an_answer_goes_to_the_spool_as_soon_as_that_can_be_written() {
    let (mut rig, settings) = rig().await;
    let folder = settings.state.clone().unwrap();
    std::fs::create_dir_all(&folder).unwrap();
    let file = std::fs::File::create(folder.join("received.spool")).unwrap();
    file.lock().unwrap();
    for place in 1..=2 {
        rig.sim.modem(place).fault(Fault::SubmitTime(Duration::from_millis(500)));
        rig.sim.modem(place).fault(Fault::NoReport);
    }
    let driver = rig.driver_with(settings.clone()).await;
    rig.online(2).await;
    let id = rig.dispatch("nowhere").await;
    rig.events.until(id, MtState::Sending).await;
    rig.server.kill9();
    rig.sim.network().sent_at_least(1).await;
    // So that it is tried in vain before: nothing tells that outside, and too short a time fails nothing.
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(entries(&folder), 0);
    file.unlock().unwrap();
    wait_for("the answer on disk", || async { (entries(&folder) == 1).then_some(()) }).await;
    driver.kill().await;
    rig.server.restart().await;
    let _driver = rig.driver_with(settings).await;
    rig.events.until(id, MtState::Sent).await;
    assert_eq!(rig.times_sent("nowhere"), 1);
}

/// What has no place is left to the network, as without a spool, and comes again when the broker is back.
#[tokio::test]
async fn a_full_spool_refuses_and_says_so() {
    let (mut rig, mut settings) = rig().await;
    settings.spool = SpoolLimits { entries: 3, ..SpoolLimits::default() };
    let _driver = rig.driver_with(settings.clone()).await;
    rig.online(2).await;
    rig.server.kill9();
    for n in 0..6 {
        rig.sim.network().send_text(1, FROM, &format!("to 1: {n}")).unwrap();
    }
    let folder = settings.state.as_deref().unwrap();
    wait_for("a full spool", || async { (entries(folder) == 3).then_some(()) }).await;
    rig.server.restart().await;
    for n in 0..6 {
        let text = format!("to 1: {n}");
        wait_for(&text, || async { texts_received(&rig).contains(&text).then_some(()) }).await;
    }
}
