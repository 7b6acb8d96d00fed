//! Reports go on when one of them was not acknowledged (27.005, 3.4.4).

use std::time::Duration;

use bus::Event;
use contracts::{MessageId, MtState};
use modem_sim::{Fault, FaultRule, SimulationConfig, Timing};
use testkit::wait_for;

use crate::rig::Rig;

async fn is_reported(rig: &Rig, id: MessageId) {
    let report = |event: &Event| match event {
        Event::Dlr(dlr) if dlr.message == Some(id) => Some(()),
        _ => None,
    };
    rig.events.find("its report", report).await;
}

/// A modem that has given a report to a driver, which has died since.
async fn left_with_a_report() -> Rig {
    let timing = Timing { acknowledge: Duration::from_secs(4), ..Timing::INSTANT };
    let rig = Rig::with(SimulationConfig::new(1).timing(timing)).await;
    // What the driver says is not heard, as if it had died before.
    rig.sim.modem(1).fault(FaultRule::always(Fault::Error).on("CNMA"));
    let driver = rig.driver(&[1]).await;
    let id = rig.dispatch("in hand").await;
    rig.events.until(id, MtState::Sent).await;
    is_reported(&rig, id).await;
    driver.kill().await;
    rig
}

#[tokio::test]
async fn a_report_that_a_dead_driver_had_is_refused_so_that_nothing_stops() {
    let rig = left_with_a_report().await;
    rig.sim.modem(1).clear(None);
    let _driver = rig.driver(&[1]).await;
    let id = rig.dispatch("the next").await;
    rig.events.until(id, MtState::Sent).await;
    is_reported(&rig, id).await;
    assert_eq!(rig.sim.modem(1).status().gave_up, 0);
}

#[tokio::test]
async fn a_modem_that_gave_up_is_told_again_at_once() {
    let rig = left_with_a_report().await;
    let _driver = rig.driver(&[1]).await;
    wait_for("the modem to give up", || async {
        (rig.sim.modem(1).status().gave_up == 1).then_some(())
    })
    .await;
    let begun = tokio::time::Instant::now();
    wait_for("reports to be on again", || async {
        (rig.sim.modem(1).status().announcing[..4] == [2, 1, 0, 1]).then_some(())
    })
    .await;
    // Without a look it would take five minutes.
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    rig.sim.modem(1).clear(None);
    let id = rig.dispatch("the next").await;
    rig.events.until(id, MtState::Sent).await;
    is_reported(&rig, id).await;
}
