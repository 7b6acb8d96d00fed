//! What comes from a modem.

use bus::Event;
use contracts::MtState;
use contracts::dlr::DlrOutcome;
use modem_sim::{Fault, FaultRule};
use testkit::{NatsProxy, Point, wait_for};
use tpdu::{Deliver, Pdu};

use crate::rig::Rig;

#[tokio::test]
async fn a_message_is_stored_and_then_deleted_from_the_sim() {
    for place in 1..=4 {
        let rig = Rig::new(4).await;
        let driver = rig.driver(&[place]).await;
        rig.online(1).await;
        rig.sim.network().send_text(place, "+628159919457", "PV admin ari jelek").unwrap();
        let part = rig
            .events
            .find("a part", |event| match event {
                Event::MoPart(part) => Some(part.clone()),
                _ => None,
            })
            .await;
        let deliver = Pdu::<Deliver>::from_hex(&part.pdu).unwrap().tpdu;
        assert_eq!(deliver.text().as_deref(), Some("PV admin ari jelek"));
        wait_for("nothing left on SIM and in network", || async {
            let left = rig.sim.modem(place).status().stored + rig.sim.network().waiting(place);
            (left == 0).then_some(())
        })
        .await;
        let parts = rig.events.all().into_iter().filter(|e| matches!(e, Event::MoPart(_))).count();
        assert_eq!(parts, 1, "told once");
        driver.stop().await;
    }
}

#[tokio::test]
async fn nothing_is_taken_from_the_sim_while_the_broker_is_away() {
    let mut rig = Rig::new(1).await;
    let _driver = rig.driver(&[1]).await;
    rig.online(1).await;
    rig.server.kill9();
    rig.sim.network().send_text(1, "+628159919457", "kept").unwrap();
    rig.server.restart().await;
    let found = rig.events.find("the part", |event| match event {
        Event::MoPart(part) => Some(part.pdu.clone()),
        _ => None,
    });
    let deliver = Pdu::<Deliver>::from_hex(&found.await).unwrap().tpdu;
    assert_eq!(deliver.text().as_deref(), Some("kept"));
}

#[tokio::test]
async fn a_report_finds_its_message() {
    let rig = Rig::new(1).await;
    let _driver = rig.driver(&[1]).await;
    let id = rig.dispatch(&"merpati ".repeat(40)).await;
    rig.events.until(id, MtState::Sent).await;
    for part in 1..=3 {
        let dlr = rig
            .events
            .find("a report of each part", |event| match event {
                Event::Dlr(dlr) if dlr.message == Some(id) && dlr.part == Some(part) => {
                    Some(dlr.clone())
                }
                _ => None,
            })
            .await;
        assert_eq!((dlr.outcome, dlr.parts), (DlrOutcome::Delivered, Some(3)));
    }
}

#[tokio::test]
async fn a_report_before_the_answer_finds_its_message() {
    let rig = Rig::new(4).await;
    for place in 1..=4 {
        rig.sim.modem(place).fault(Fault::ReportFirst);
    }
    for place in 1..=4 {
        let driver = rig.driver(&[place]).await;
        let id = rig.dispatch("quick").await;
        rig.events.until(id, MtState::Sent).await;
        rig.events
            .find("the report", |event| match event {
                Event::Dlr(dlr) if dlr.message == Some(id) => Some(()),
                _ => None,
            })
            .await;
        driver.stop().await;
    }
}

#[tokio::test]
async fn a_report_of_nothing_we_know_is_told_unmatched() {
    let rig = Rig::new(1).await;
    let _driver = rig.driver(&[1]).await;
    rig.online(1).await;
    let zone = 7 * 60;
    let time =
        tpdu::Scts::from_timestamp(contracts::Timestamp::now().as_micros() / 1_000_000, zone);
    let report = tpdu::StatusReport {
        more: false,
        loop_prevention: false,
        of_command: false,
        reference: 99,
        recipient: tpdu::Address::number("+628129999999").unwrap(),
        smsc_time: time.unwrap(),
        discharged: time.unwrap(),
        status: tpdu::Status(0x46),
        parameters: tpdu::Parameters::default(),
    };
    rig.sim.network().send_report(1, &report).unwrap();
    let dlr = rig
        .events
        .find("the report", |event| match event {
            Event::Dlr(dlr) => Some(dlr.clone()),
            _ => None,
        })
        .await;
    assert_eq!((dlr.message, dlr.outcome), (None, DlrOutcome::Undelivered));
    assert_eq!((dlr.reference, dlr.text.as_str()), (99, "the validity period is over"));
}

#[tokio::test]
async fn a_report_proves_that_an_uncertain_message_went_out() {
    let rig = Rig::new(1).await;
    rig.sim.network().configure(|network| network.report_delay = std::time::Duration::from_secs(2));
    let _driver = rig.driver(&[1]).await;
    rig.online(1).await;
    // The first that a modem says of its start may be late news of the one that made its port; from then on it is a restart.
    rig.sim.modem(1).reboot();
    let first = rig.dispatch("first").await;
    rig.events.until(first, MtState::Sent).await;
    // Taken by the network, and the modem restarts before it says so.
    rig.sim.modem(1).fault(FaultRule::times(Fault::RebootAfter, 1));
    let id = rig.dispatch("who knows").await;
    rig.events.until(id, MtState::Uncertain).await;
    rig.events
        .find("the report", |event| match event {
            Event::Dlr(dlr) if dlr.message == Some(id) => Some(()),
            _ => None,
        })
        .await;
    rig.events.until(id, MtState::Sent).await;
    assert_eq!(rig.times_sent("who knows"), 1);
}

#[tokio::test]
async fn a_missed_call_and_another_sim_are_told() {
    use contracts::modem::ModemEventKind;
    let rig = Rig::new(1).await;
    let _driver = rig.driver(&[1]).await;
    let before = rig.online(1).await[0].sim.clone().unwrap().id;
    rig.sim.modem(1).ring("+628159919457", 2);
    let of_kind = |kind: ModemEventKind| {
        move |event: &Event| match event {
            Event::Modem(event) if event.kind == kind => Some(event.clone()),
            _ => None,
        }
    };
    let call = rig.events.find("the call", of_kind(ModemEventKind::MissedCall)).await;
    assert_eq!(call.from.unwrap().to_string(), "+628159919457");
    rig.sim.modem(1).swap_sim(101);
    rig.sim.modem(1).reboot();
    rig.events.find("the other SIM", of_kind(ModemEventKind::SimChanged)).await;
    wait_for("the other SIM in its state", || async {
        rig.states()
            .await
            .iter()
            .any(|s| s.sim.as_ref().is_some_and(|sim| sim.id != before))
            .then_some(())
    })
    .await;
}

/// More messages than are taken in hand at one time wait for the broker when another SIM is put in. All of them came to the
/// first one.
#[tokio::test]
async fn a_backlog_belongs_to_the_sim_that_received_it() {
    const COUNT: usize = 20;
    let rig = Rig::new(1).await;
    for n in 0..COUNT {
        rig.sim.network().send_text(1, "+628159919457", &format!("to the first: {n}")).unwrap();
    }
    wait_for("all of them on the SIM", || async {
        (rig.sim.modem(1).status().stored == COUNT).then_some(())
    })
    .await;
    let way = NatsProxy::to(rig.server.port()).await;
    let parts = way.hold(Point::Publish("sms.v1.event.mo".to_owned()));
    let _driver = rig.driver_by(&way.url(), rig.settings(&[1])).await;
    parts.held(16).await;
    let first = rig.online(1).await[0].sim.as_ref().unwrap().id;
    rig.sim.modem(1).swap_sim(101);
    rig.sim.modem(1).reboot();
    wait_for("the other SIM", || async {
        let sim = rig.states().await[0].sim.as_ref()?.id;
        (sim != first).then_some(())
    })
    .await;
    parts.open();
    let received = wait_for("all of them", || async {
        let sims = rig.events.all().into_iter().filter_map(|event| match event {
            Event::MoPart(part) => Some(part.sim),
            _ => None,
        });
        let sims: Vec<_> = sims.collect();
        (sims.len() == COUNT).then_some(sims)
    })
    .await;
    assert!(received.iter().all(|sim| *sim == first), "{received:?}");
}
