//! A SIM sends as much as it may, and says when it sends again.

use modem_sim::Make;
use serde_json::{Value, json};
use testkit::wait_for_within;

use crate::gateway::{PATIENCE, run};
use crate::rig::Rig;

/// A zone in which it is noon now, so that no day ends while a test runs.
fn zone_of_noon() -> String {
    let hour = contracts::Timestamp::now().as_micros() / 3_600_000_000 % 24;
    match hour - 12 {
        0 => "UTC".to_owned(),
        west @ 1.. => format!("Etc/GMT+{west}"),
        east => format!("Etc/GMT{east}"),
    }
}

/// The SIM in a modem, once it fits.
async fn sim_in(rig: &Rig, modem: &str, fits: impl Fn(&Value) -> bool) -> Value {
    wait_for_within(PATIENCE, "the SIM to be so", || async {
        let sim = rig.gateway.cli(&["limit", "show", "--sim", modem]).await;
        fits(&sim).then_some(sim)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_moves_traffic_to_the_other_sim_and_says_when_it_opens() {
    let rig = Rig::start(&[Make::Wavecom, Make::Quectel]).await;
    let gateway = &rig.gateway;
    assert_eq!(gateway.cli(&["limit", "list"]).await, json!([]));
    let zone = zone_of_noon();
    let set = ["limit", "set", "--sim", "modem1", "--per-day", "2", "--per-hour", "2"];
    let set = gateway.cli(&[&set[..], &["--zone", &zone]].concat()).await;
    let sim = set["id"].as_str().unwrap().to_owned();
    let limits = json!({ "per_hour": 2, "per_day": 2, "zone": zone });
    assert_eq!(set["limits"], limits, "{set}");
    // What is not named stays, and what cannot be meant changes nothing.
    let hour = ["limit", "set", "--sim", &sim, "--per-hour", "none"];
    assert_eq!(gateway.cli(&hour).await["limits"], json!({ "per_day": 2, "zone": zone }));
    for (wrong, remedy) in [
        (["--per-hour", "3"], "--per-hour would never be reached: lower it to 2 or less"),
        (["--zone", "Asia/Jakata"], "the nearest is Asia/Jakarta"),
        (["--quiet", "22-6"], "22:00-06:00"),
        (["--per-hour", "0"], "a whole number from 1"),
    ] {
        let arguments = [&["limit", "set", "--sim", &sim][..], &wrong[..]].concat();
        let output = run(gateway.data(), &arguments, None).await;
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && said.contains(remedy), "{said}");
    }
    // Two go out through it, and the rest through the other one.
    let through = json!({ "to": "+6281234567890", "text": "lewat modem1", "sim": sim });
    for _ in 0..2 {
        let (status, sent) = gateway.post("/messages", &through).await;
        assert_eq!(status, 202, "{sent}");
        let id = sent["messages"][0]["id"].as_str().unwrap();
        gateway.until(id, &["sent", "delivered"]).await;
    }
    let full = sim_in(&rig, "modem1", |sim| !sim["closed"].is_null()).await;
    assert_eq!((&full["closed"]["limit"], &full["closed"]["most"]), (&json!("per_day"), &json!(2)));
    assert_eq!(full["used"]["per_day"], 2, "{full}");
    let (_, sent) = gateway.post("/messages", &through).await;
    let waits = sent["messages"][0]["id"].as_str().unwrap();
    let waiting = wait_for_within(PATIENCE, "the message to say why it waits", || async {
        let message = gateway.cli(&["messages", waits]).await;
        (message["waiting"]["code"] == "sim-limit").then_some(message)
    })
    .await;
    let reason = waiting["waiting"]["reason"].as_str().unwrap();
    assert!(reason.contains("the limit of 2 messages a day is reached"), "{reason}");
    assert_eq!(waiting["waiting"]["until"], full["closed"]["until"]);
    for n in 0..3 {
        let id = gateway.send("+6281234567890", &format!("lewat yang lain {n}")).await;
        gateway.until(&id, &["sent", "delivered"]).await;
    }
    let by = |modem| rig.network().sent().iter().filter(|sent| sent.modem == modem).count();
    assert_eq!((by(1), by(2)), (2, 3));
    for (arguments, words) in [
        (vec!["modems"], "the limit of 2 messages a day is reached"),
        (vec!["limit", "list"], "at most 2 a day"),
        (vec!["limit", "show", "--sim", "modem1"], "2 of 2"),
    ] {
        let output = run(gateway.data(), &arguments, None).await;
        let said = String::from_utf8(output.stdout).unwrap();
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(words), "{said}");
    }
    gateway.cli(&["limit", "remove", "--sim", "modem1"]).await;
    gateway.until(waits, &["sent", "delivered"]).await;
    assert_eq!((by(1), by(2)), (3, 3));
}
