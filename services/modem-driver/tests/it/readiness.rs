//! Modems that refuse their set-up, and those that have no PDU mode: nothing goes out to a wrong number.

use std::time::Duration;

use bus::Event;
use contracts::MtState;
use contracts::dlr::DlrOutcome;
use contracts::modem::ModemStatus;
use modem_sim::{Fault, FaultRule};
use testkit::wait_for;

use crate::rig::{Rig, TO};

/// The commands that a module of the field answered by `+CME ERROR: 3517` until it had started.
const REFUSED: [&str; 7] = ["CMGF", "CSMS", "CPMS", "CNMI", "CMGL", "CSCA", "CMMS"];

/// Asserts that nothing went out but to the recipient.
fn only_to_the_recipient(rig: &Rig) {
    let others: Vec<_> = rig.sim.network().sent().iter().map(modem_sim::Sent::to).collect();
    assert!(others.iter().all(|to| to == TO), "{others:?}");
}

#[tokio::test]
async fn a_modem_that_refuses_its_set_up_for_a_while_is_ready_when_all_of_it_is_in_force() {
    let rig = Rig::new(4).await;
    let refused_for = Duration::from_secs(15);
    let begun = tokio::time::Instant::now();
    for place in 1..=4 {
        rig.sim.modem(place).fault(Fault::TextStored);
        for command in REFUSED {
            let rule = FaultRule::lasting(Fault::Cme(3517), refused_for).on(command);
            rig.sim.modem(place).fault(rule);
        }
    }
    let _driver = rig.driver(&[1, 2, 3, 4]).await;
    let id = rig.dispatch("after the start").await;
    wait_for("the reason of each", || async {
        let states = rig.states().await;
        let code = |state: &contracts::modem::ModemState| {
            state.problem.as_ref().map(|problem| problem.code.clone())
        };
        let told = states.iter().filter(|state| code(state).as_deref() == Some("set-up-refused"));
        (told.count() == 4).then_some(())
    })
    .await;
    // The first online one waits until here.
    wait_for("a modem to be online", || async {
        rig.states().await.iter().any(|state| state.status.is_online()).then_some(())
    })
    .await;
    assert!(begun.elapsed() >= refused_for, "ready after {:?}", begun.elapsed());
    rig.online(4).await;
    assert!(begun.elapsed() < Duration::from_secs(45), "ready after {:?}", begun.elapsed());
    rig.events.until(id, MtState::Sent).await;
    let delivered = |event: &Event| match event {
        Event::Dlr(dlr) if dlr.message == Some(id) => Some(dlr.outcome),
        _ => None,
    };
    assert_eq!(rig.events.find("its report", delivered).await, DlrOutcome::Delivered);
    only_to_the_recipient(&rig);
    assert_eq!(rig.times_sent("after the start"), 1);
}

#[tokio::test]
async fn a_modem_without_pdu_mode_says_so_and_another_one_sends() {
    let rig = Rig::new(2).await;
    rig.sim.modem(1).fault(Fault::TextOnly);
    let _driver = rig.driver(&[1, 2]).await;
    let id = rig.dispatch("by the other one").await;
    rig.events.until(id, MtState::Sent).await;
    let states = wait_for("the reason", || async {
        let states = rig.states().await;
        states.iter().any(|state| state.status == ModemStatus::Blocked).then_some(states)
    })
    .await;
    let blocked = states.iter().find(|state| state.status == ModemStatus::Blocked).unwrap();
    assert_eq!(blocked.problem.as_ref().unwrap().code, "no-pdu-mode");
    assert!(blocked.text.contains("no PDU mode"), "{}", blocked.text);
    only_to_the_recipient(&rig);
    assert!(rig.sim.network().sent().iter().all(|sent| sent.modem == 2));
}
