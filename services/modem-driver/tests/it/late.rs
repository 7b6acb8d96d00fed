//! A modem says what became of a message when nobody waits for it any more.

use std::time::Duration;

use contracts::MtState;
use modem::Models;
use modem_sim::{Fault, FaultRule};

use crate::rig::Rig;

/// A message whose answer `+CMS ERROR: code` comes two seconds late, and one after it.
async fn late(code: u16) -> (Rig, contracts::MessageId) {
    let rig = Rig::new(1).await;
    let impatient =
        "[[model]]\nname = \"impatient\"\nmanufacturer = [\"wavecom\"]\nsubmit_ms = 500\n";
    let mut settings = rig.settings(&[1]);
    settings.models = Models::built_in().with(impatient).unwrap();
    rig.sim.modem(1).fault(Fault::SubmitTime(Duration::from_millis(2500)));
    rig.sim.modem(1).fault(FaultRule::times(Fault::Cms(code), 1));
    let driver = rig.driver_with(settings).await;
    let id = rig.dispatch("late").await;
    rig.events.until(id, MtState::Uncertain).await;
    rig.sim.modem(1).clear(Some("submit-time"));
    // The driver stays as long as the test.
    tokio::spawn(async move {
        let _driver = driver;
        std::future::pending::<()>().await;
    });
    (rig, id)
}

/// "Network timeout": the network may have it. It stays uncertain, and is not sent again.
#[tokio::test]
async fn a_late_maybe_leaves_it_uncertain() {
    let (rig, id) = late(332).await;
    let next = rig.dispatch("next").await;
    rig.events.until(next, MtState::Sent).await;
    rig.queue_is_empty().await;
    assert_eq!(rig.times_sent("late"), 0);
    assert_eq!(rig.events.states_of(id).last(), Some(&MtState::Uncertain));
}

/// "Duplicate": the service centre has it.
#[tokio::test]
async fn a_late_duplicate_means_sent() {
    let (rig, id) = late(197).await;
    rig.events.until(id, MtState::Sent).await;
    assert_eq!(rig.times_sent("late"), 0);
}

/// A real refusal: it is not out, and is sent again.
#[tokio::test]
async fn a_late_refusal_has_it_sent_again() {
    let (rig, id) = late(42).await;
    rig.events.until(id, MtState::Sent).await;
    assert_eq!(rig.times_sent("late"), 1);
}
