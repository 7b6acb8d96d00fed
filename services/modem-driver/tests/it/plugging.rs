//! Modems that come and go.

use std::os::unix::fs::symlink;
use std::path::Path;

use contracts::MtState;
use contracts::modem::ModemStatus;
use contracts::mt::MtChange;
use modem_driver::usb::Roots;
use modem_sim::{Fault, FaultRule, Interfaces, SimulationConfig};
use testkit::wait_for;

use crate::rig::Rig;

#[tokio::test]
async fn unplugged_in_the_middle_and_plugged_in_again() {
    for (fault, out) in [(Fault::UnplugBefore, 0), (Fault::UnplugAfter, 1)] {
        let rig = Rig::new(1).await;
        let driver = rig.driver(&[1]).await;
        rig.online(1).await;
        rig.sim.modem(1).fault(FaultRule::times(fault, 1));
        let id = rig.dispatch("on its way").await;
        let MtChange::Uncertain { error, part: 1, .. } =
            rig.events.until(id, MtState::Uncertain).await
        else {
            panic!("{:?}", rig.events.of(id))
        };
        assert_eq!(error.code, "port-lost");
        wait_for("the modem to be offline", || async {
            let state = rig.states().await.pop()?;
            (state.status == ModemStatus::Offline).then_some(state.problem?)
        })
        .await;
        rig.sim.modem(1).replug(None).await.unwrap();
        let next = rig.dispatch("after it").await;
        rig.events.until(next, MtState::Sent).await;
        assert_eq!(rig.times_sent("on its way"), out, "not sent again in silence");
        rig.queue_is_empty().await;
        driver.stop().await;
    }
}

/// A modem that answers before it has said all of its start.
#[tokio::test]
async fn a_message_in_the_second_after_plugging_in_is_not_uncertain() {
    let timing = modem_sim::Timing {
        boot: std::time::Duration::from_secs(2),
        submit: std::time::Duration::from_millis(700),
        ..modem_sim::Timing::INSTANT
    };
    let rig = Rig::with(SimulationConfig::new(4).timing(timing)).await;
    let _driver = rig.driver(&[1, 2, 3, 4]).await;
    rig.online(4).await;
    for place in 1..=4 {
        rig.sim.modem(place).unplug().await;
    }
    let ids: Vec<_> = futures(&rig, 8).await;
    for place in 1..=4 {
        rig.sim.modem(place).replug(None).await.unwrap();
    }
    for id in ids {
        rig.events.until(id, MtState::Sent).await;
        assert!(!rig.events.states_of(id).contains(&MtState::Uncertain), "{:?}", rig.events.of(id));
    }
    assert_eq!(rig.sim.network().sent().len(), 8);
}

#[tokio::test]
async fn a_modem_that_is_gone_holds_no_messages() {
    let rig = Rig::new(2).await;
    let _driver = rig.driver(&[1, 2]).await;
    rig.online(2).await;
    rig.sim.modem(1).unplug().await;
    let ids: Vec<_> = futures(&rig, 10).await;
    for id in ids {
        rig.events.until(id, MtState::Sent).await;
    }
    assert!(rig.sim.network().sent().iter().all(|sent| sent.modem == 2));
}

async fn futures(rig: &Rig, count: usize) -> Vec<contracts::MessageId> {
    let mut ids = Vec::new();
    for n in 0..count {
        ids.push(rig.dispatch(&format!("number {n}")).await);
    }
    ids
}

#[tokio::test]
async fn a_port_nobody_can_open_is_explained_and_waited_for() {
    let rig = Rig::new(1).await;
    let mut settings = rig.settings(&[]);
    let late = rig.path("late");
    settings.modems.ports = vec![late.to_str().unwrap().parse().unwrap()];
    let _driver = rig.driver_with(settings).await;
    let state = wait_for("a state that explains", || async { rig.states().await.pop() }).await;
    assert_eq!(state.status, ModemStatus::Offline);
    let problem = state.problem.unwrap();
    assert_eq!(problem.code, "port-missing");
    assert!(problem.text.contains("late"), "{}", problem.text);
    symlink(rig.sim.modem(1).address().unwrap().to_string(), &late).unwrap();
    rig.online(1).await;
    // The passing name of the modem is gone.
    wait_for("one modem, not two", || async { (rig.states().await.len() == 1).then_some(()) })
        .await;
}

#[tokio::test]
async fn modems_over_tcp() {
    let mut simulation = SimulationConfig::new(1);
    simulation.tcp = true;
    let rig = Rig::with(simulation).await;
    let _driver = rig.driver(&[1]).await;
    assert!(rig.online(1).await[0].port.starts_with("tcp://127.0.0.1:"));
    let id = rig.dispatch("far away").await;
    rig.events.until(id, MtState::Sent).await;
}

/// Makes what the kernel shows of a stick: see `src/usb.rs`.
fn plug(roots: &Roots, usb_path: &str, nodes: &[&Path]) {
    let device = roots.sys.join("devices/usb1").join(usb_path);
    std::fs::create_dir_all(roots.sys.join("class/tty")).unwrap();
    for (number, node) in nodes.iter().enumerate() {
        let name = format!("ttyUSB{number}");
        let interface = device.join(format!("{usb_path}:1.{number}"));
        let tty = interface.join(&name).join("tty").join(&name);
        std::fs::create_dir_all(&tty).unwrap();
        std::fs::write(interface.join("bInterfaceNumber"), format!("{number:02x}\n")).unwrap();
        symlink(&tty, roots.sys.join("class/tty").join(&name)).unwrap();
        symlink(node, roots.dev.join(&name)).unwrap();
    }
    std::fs::write(device.join("idVendor"), "2c7c\n").unwrap();
    std::fs::write(device.join("idProduct"), "0125\n").unwrap();
}

fn unplug(roots: &Roots, usb_path: &str, count: usize) {
    for number in 0..count {
        std::fs::remove_file(roots.dev.join(format!("ttyUSB{number}"))).unwrap();
        std::fs::remove_file(roots.sys.join(format!("class/tty/ttyUSB{number}"))).unwrap();
    }
    std::fs::remove_dir_all(roots.sys.join("devices/usb1").join(usb_path)).unwrap();
}

#[tokio::test]
async fn a_stick_of_several_ports_is_one_modem() {
    let simulation =
        SimulationConfig::of_makes(1, &[modem_sim::Make::Quectel]).interfaces(Interfaces::All);
    let rig = Rig::with(simulation).await;
    let mut settings = rig.settings(&[]);
    settings.modems.discover = true;
    let driver = rig.driver_with(settings).await;
    let ports: Vec<String> =
        rig.sim.modem(1).ports().iter().map(|port| port.address.to_string()).collect();
    assert!(ports.len() > 2, "{ports:?}");
    let nodes: Vec<&Path> = ports.iter().map(Path::new).collect();
    let roots = Roots { dev: rig.path("dev"), sys: rig.path("sys") };

    plug(&roots, "1-1.4", &nodes);
    let states = rig.online(1).await;
    assert_eq!(states.len(), 1, "{states:?}");
    let id = rig.dispatch("by a stick").await;
    rig.events.until(id, MtState::Sent).await;

    unplug(&roots, "1-1.4", nodes.len());
    wait_for("the modem to be offline", || async {
        rig.states().await.iter().all(|s| s.status == ModemStatus::Offline).then_some(())
    })
    .await;
    plug(&roots, "1-1.4", &nodes);
    let again = rig.online(1).await;
    assert_eq!(again.len(), 1, "the same modem as before");
    assert_eq!(again[0].id, states[0].id);
    driver.stop().await;
}
