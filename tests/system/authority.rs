//! Who may use a SIM, and modems that are named and disabled, from the command line to the air.

use modem_sim::Make;
use serde_json::json;

use crate::gateway::run;
use crate::rig::Rig;

#[tokio::test(flavor = "multi_thread")]
async fn a_sim_is_for_whom_it_is_said() {
    let rig = Rig::start(&[Make::Wavecom, Make::Quectel]).await;
    let gateway = &rig.gateway;
    let to = rig.number(2);
    let first = gateway.send(&to, "for the operator").await;
    gateway.until(&first, &["sent", "delivered"]).await;
    gateway.inbox(1).await;
    let (_, own) = gateway.get("/inbox").await;
    assert_eq!(own["messages"], json!([]), "a user reads no SIM that was not opened");
    let sims = gateway.cli(&["sims", "modem2", "--readers", "tester"]).await;
    assert_eq!((&sims["senders"], &sims["readers"]), (&json!("everybody"), &json!(["tester"])));
    let (_, own) = gateway.get("/inbox").await;
    assert_eq!(own["messages"][0]["text"], "for the operator");

    // Nobody but administrators sends through the first: what names it is refused, the rest goes out by the second.
    let closed = gateway.cli(&["sims", "modem1", "--senders", "nobody"]).await;
    let sim = closed["id"].as_str().unwrap();
    let (status, problem) =
        gateway.post("/messages", &json!({ "to": [to], "text": "x", "sim": sim })).await;
    assert_eq!((status, &problem["code"]), (403, &json!("sim-not-yours")), "{problem}");
    testkit::wait_for("the first SIM to be in no pool", || async {
        let modem = gateway.cli(&["modems", "modem1"]).await;
        (modem["pools"] == json!([])).then_some(())
    })
    .await;
    let modem2 = gateway.cli(&["modems", "modem2"]).await["id"].clone();
    for n in 0..6 {
        let id = gateway.send("+628123456789", &format!("for any SIM {n}")).await;
        let message = gateway.until(&id, &["sent", "delivered"]).await;
        assert_eq!(message["modem"], modem2, "{message}");
    }
    let output = run(gateway.data(), &["sims"], None).await;
    let table = String::from_utf8(output.stdout).unwrap();
    assert!(table.starts_with("SIM ") && table.contains("administrators"), "{table}");
    let output = run(gateway.data(), &["sims", "modem1", "--senders", "nobody-here"], None).await;
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("There is no user named 'nobody-here'"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_modem_is_named_chosen_by_its_id_and_disabled() {
    let rig = Rig::start(&[Make::Wavecom, Make::Quectel]).await;
    let gateway = &rig.gateway;
    gateway.cli(&["modems", "name", "modem2", "Attic"]).await;
    let attic = testkit::wait_for("the name", || async {
        let modems = gateway.cli(&["modems"]).await;
        let modems = modems["modems"].as_array().unwrap();
        modems.iter().find(|modem| modem["name"] == "Attic").cloned()
    })
    .await;
    let id = attic["id"].as_str().unwrap();
    let chosen = gateway.cli(&["modems", &id[..12]]).await;
    assert_eq!(chosen["id"], attic["id"], "by the beginning of its id");
    let output = run(gateway.data(), &["modems"], None).await;
    let table = String::from_utf8(output.stdout).unwrap();
    assert!(table.contains(&format!("  {}: ", &id[..12])), "{table}");

    gateway.cli(&["modems", "disable", "Attic"]).await;
    testkit::wait_for("it to be disabled", || async {
        (gateway.cli(&["modems", "Attic"]).await["status"] == "disabled").then_some(())
    })
    .await;
    for n in 0..4 {
        let sent = gateway.send("+628123456789", &format!("by the other {n}")).await;
        let message = gateway.until(&sent, &["sent", "delivered"]).await;
        assert_ne!(message["modem"], attic["id"], "{message}");
    }
    // It still receives.
    let sent = gateway.send(&rig.number(2), "kept").await;
    gateway.until(&sent, &["delivered"]).await;
    assert_eq!(gateway.inbox(1).await[0]["text"], "kept");
    let doctor = run(gateway.data(), &["doctor"], None).await;
    let told = String::from_utf8(doctor.stdout).unwrap();
    assert!(!told.lines().any(|line| line.contains("PROBLEM") && line.contains("Attic")), "{told}");
    let output = run(gateway.data(), &["modems", "forget", "Attic"], None).await;
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("half a minute"), "{error}");
    gateway.cli(&["modems", "enable", "Attic"]).await;
    gateway.modems_ready(2).await;
}
