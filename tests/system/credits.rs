//! An account that pays for what it sends, from the command line to the air.

use modem_sim::Make;
use serde_json::{Value, json};
use testkit::wait_for_within;

use crate::gateway::{PATIENCE, run};
use crate::rig::Rig;

const TO: &str = "+628123456789";

/// The entries of the ledger of this kind.
async fn entries(rig: &Rig, kind: &str) -> usize {
    let ledger = rig.gateway.cli(&["credit", "ledger", "tester"]).await;
    let entries = ledger["entries"].as_array().unwrap();
    entries.iter().filter(|entry| entry["kind"] == kind).count()
}

async fn waits_for_credit(rig: &Rig, id: &str) -> Option<()> {
    let message = rig.gateway.get(&format!("/messages/{id}")).await.1;
    (message["waiting"]["code"] == "no-credit").then_some(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_credit_pays_for_is_sent_and_the_rest_waits() {
    let rig = Rig::start(&[Make::Wavecom]).await;
    let gateway = &rig.gateway;
    let free = gateway.cli(&["credit", "show", "tester"]).await;
    assert_eq!(free["limited"], json!(false), "{free}");
    let prices = gateway.cli(&["credit", "price", "set", "+62", "350"]).await;
    assert_eq!(prices["prefixes"], json!([{ "prefix": "+62", "price": "350" }]));
    gateway.cli(&["credit", "price", "currency", "IDR"]).await;
    let given = gateway.cli(&["credit", "add", "tester", "800", "--note", "for a test"]).await;
    assert_eq!((&given["limited"], &given["left"]), (&json!(true), &json!("800")));
    // Settings reach the router a moment after they are made.
    let waiting = wait_for_within(PATIENCE, "the credit to be spent", || async {
        let id = gateway.send(TO, "Halo").await;
        wait_for_within(PATIENCE, "it to be decided on", || async {
            let message = gateway.get(&format!("/messages/{id}")).await.1;
            let is_sent = message["state"] == "delivered" || message["state"] == "sent";
            let is_held = message["waiting"]["code"] == "no-credit";
            (is_sent || is_held).then_some(is_held)
        })
        .await
        .then_some(id)
    })
    .await;
    assert_eq!(entries(&rig, "charge").await, 2);
    let output = run(gateway.data(), &["why", &waiting], None).await;
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.contains("not enough credit"), "{told}");
    let output = run(gateway.data(), &["credit", "show", "tester"], None).await;
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "tester has 100 IDR left.\n");
    gateway.cli(&["credit", "add", "tester", "250"]).await;
    let sent = gateway.until(&waiting, &["sent", "delivered"]).await;
    assert_eq!(sent["cost"], "350", "{sent}");
    // What is taken back is given back.
    let next = gateway.send(TO, "Halo lagi").await;
    wait_for_within(PATIENCE, "it to wait", || waits_for_credit(&rig, &next)).await;
    let (status, cancelled) = gateway.delete(&format!("/messages/{next}")).await;
    assert_eq!(status, 200, "{cancelled}");
    let empty: Value = gateway.cli(&["credit", "show", "tester"]).await;
    assert_eq!(empty["left"], "0", "{empty}");
    assert_eq!((entries(&rig, "charge").await, entries(&rig, "refund").await), (3, 0));
    let output = run(gateway.data(), &["credit", "add", "tester", "-1"], None).await;
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("has only 0"), "{error}");
    gateway.cli(&["credit", "unlimited", "tester"]).await;
    let free = gateway.send(TO, "Gratis").await;
    gateway.until(&free, &["sent", "delivered"]).await;
    let output = run(gateway.data(), &["credit", "price", "list"], None).await;
    let table = String::from_utf8(output.stdout).unwrap();
    assert!(table.contains("+62") && table.contains("350 IDR"), "{table}");
}
