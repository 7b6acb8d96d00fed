//! Rules send messages through the SIM that they name, and say so.

use modem_sim::Make;
use testkit::wait_for_within;

use crate::gateway::{PATIENCE, run};
use crate::rig::Rig;

const HERE: &str = "+6285711112222";
const ABROAD: &str = "+15551234567";

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_chooses_the_sim_and_the_timeline_says_so() {
    let rig = Rig::start(&[Make::Wavecom, Make::Huawei]).await;
    let gateway = &rig.gateway;
    // Without any rule it is said, too.
    let tested = gateway.cli(&["route", "test", "--to", HERE]).await;
    assert_eq!(tested["target"]["pool"], "default", "{tested}");
    assert_eq!(tested["modems"].as_array().map(Vec::len), Some(2), "{tested}");
    let output = run(gateway.data(), &["route", "test", "--to", HERE], None).await;
    let words = String::from_utf8(output.stdout).unwrap();
    assert!(words.contains("No rule matches: pool default, modems "), "{words}");
    assert!(words.contains("are online"), "{words}");

    let sims = gateway.cli(&["sims"]).await;
    let sims: Vec<String> = sims["sims"]
        .as_array()
        .unwrap()
        .iter()
        .map(|sim| sim["id"].as_str().unwrap().to_owned())
        .collect();
    let [first, second] = &sims[..] else { panic!("{sims:?}") };
    gateway.cli(&["sims", first, "--pool", "vip"]).await;
    gateway.cli(&["route", "add", "ours", "--prefix", "+62857", "--through", "vip,default"]).await;
    gateway.cli(&["route", "add", "abroad", "--prefix", "+1", "--refuse", "Not abroad."]).await;
    // The driver tells of the pool in a moment, and the router knows the rules then.
    wait_for_within(PATIENCE, "the rule to count", || async {
        let tested = gateway.cli(&["route", "test", "--to", HERE]).await;
        (tested["target"]["pool"] == "vip").then_some(())
    })
    .await;
    let message = wait_for_within(PATIENCE, "a message to go by the rule", || async {
        let id = gateway.send(HERE, "Halo").await;
        let message = gateway.until(&id, &["sent", "delivered"]).await;
        let timeline = message["timeline"].as_array().unwrap();
        let by_rule = "Queued as one part, by rule 'ours' through the pool vip.";
        timeline.iter().any(|line| line["text"] == by_rule).then_some(message.clone())
    })
    .await;
    assert_eq!(message["sim"], first.as_str(), "{message}");
    let id = gateway.send(ABROAD, "Halo").await;
    let refused = gateway.until(&id, &["rejected"]).await;
    assert_eq!(refused["error"]["code"], "rule-refused", "{refused}");

    // Another SIM, by a rule that goes before; and all of it taken back.
    let through = format!("sim:{second}");
    gateway
        .cli(&["route", "add", "promo", "--keyword", "promo", "--through", &through, "--at", "1"])
        .await;
    let test = ["route", "test", "--to", HERE, "--text", "Promo hari ini", "--priority", "bulk"];
    let tested = gateway.cli(&test).await;
    assert_eq!(
        (&tested["rule"], &tested["target"]["sim"]),
        (&"promo".into(), &second.as_str().into())
    );
    gateway.cli(&["route", "move", "promo", "3"]).await;
    let tested = gateway.cli(&test).await;
    assert_eq!((&tested["rule"], &tested["passed"]), (&"ours".into(), &serde_json::json!([])));
    let before = gateway.cli(&["route", "export"]).await;
    gateway.cli(&["route", "remove", "ours"]).await;
    assert_eq!(gateway.cli(&["route", "undo"]).await["rules"], before["rules"]);
    let file = gateway.data().join("rules.json");
    std::fs::write(&file, before.to_string()).unwrap();
    gateway.cli(&["route", "undo", "--to", "1"]).await;
    let imported = gateway.cli(&["route", "import", file.to_str().unwrap()]).await;
    assert_eq!(imported["rules"], before["rules"]);
    let output =
        run(gateway.data(), &["route", "add", "x", "--prefix", "bank", "--refuse", "n"], None)
            .await;
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("'bank' is nothing that a number begins with"), "{error}");

    // One SIM for each recipient.
    gateway.cli(&["sims", first, "--pool", "default"]).await;
    gateway.cli(&["route", "import", file.to_str().unwrap()]).await;
    gateway.cli(&["route", "remove", "ours"]).await;
    let pools = gateway.cli(&["pool", "set", "default", "--strategy", "sticky"]).await;
    assert_eq!(pools["pools"][0]["strategy"], "sticky");
    let output = run(gateway.data(), &["pool", "list"], None).await;
    let words = String::from_utf8(output.stdout).unwrap();
    assert!(words.contains("default") && words.contains("sticky"), "{words}");
}
