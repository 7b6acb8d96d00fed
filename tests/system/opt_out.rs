//! Who writes STOP is sent nothing more, by whatever way, until they write START.

use modem_sim::Make;
use serde_json::json;
use testkit::wait_for_within;

use crate::gateway::{PATIENCE, run};
use crate::rig::Rig;

const CUSTOMER: &str = "+6285711112222";

/// The numbers that are out, once there are so many.
async fn out(rig: &Rig, count: usize) -> Vec<String> {
    wait_for_within(PATIENCE, &format!("{count} numbers to be out"), || async {
        let all = rig.gateway.cli(&["optout", "list"]).await;
        let all = all["optouts"].as_array().unwrap().iter();
        let all: Vec<_> = all.map(|one| one["number"].as_str().unwrap().to_owned()).collect();
        (all.len() == count).then_some(all)
    })
    .await
}

/// Sends until a message is refused, or until one is not: settings reach the router a moment after they are made.
async fn sends_until(rig: &Rig, refused: bool) -> serde_json::Value {
    wait_for_within(PATIENCE, "the router to know", || async {
        let id = rig.gateway.send(CUSTOMER, "Diskon hari ini").await;
        let message = rig.gateway.until(&id, &["delivered", "sent", "rejected"]).await;
        ((message["state"] == "rejected") == refused).then_some(message)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_writes_stop_is_sent_nothing_more() {
    let rig = Rig::start(&[Make::Wavecom]).await;
    let gateway = &rig.gateway;
    rig.network().send_text(1, CUSTOMER, "Stop").unwrap();
    assert_eq!(out(&rig, 1).await, [CUSTOMER]);
    let refused = sends_until(&rig, true).await;
    assert_eq!(refused["error"]["code"], "opted-out", "{refused}");
    let sent = rig.network().sent_count();
    // By a door of another gateway, and to many at once.
    let batch = json!({ "to": [CUSTOMER, "+6281234567890"], "text": "Semua" });
    let (status, batch) = gateway.post("/batches", &batch).await;
    assert_eq!(status, 202, "{batch}");
    let path = format!("/batches/{}", batch["id"].as_str().unwrap());
    wait_for_within(PATIENCE, "the batch to be over", || async {
        let states = gateway.get(&path).await.1["states"].clone();
        let over = states["rejected"] == 1 && (states["delivered"] == 1 || states["sent"] == 1);
        over.then_some(())
    })
    .await;
    let all = rig.network().sent_at_least(sent + 1).await;
    assert!(all[usize::try_from(sent).unwrap()..].iter().all(|sent| sent.to() != CUSTOMER));

    let history = gateway.cli(&["optout", "show", CUSTOMER]).await;
    assert_eq!(
        (&history["out"], &history["changes"][0]["source"]),
        (&json!(true), &json!("message"))
    );
    rig.network().send_text(1, CUSTOMER, "START").unwrap();
    out(&rig, 0).await;
    sends_until(&rig, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_of_others_are_taken_over() {
    let rig = Rig::start(&[Make::Wavecom]).await;
    let gateway = &rig.gateway;
    let list = gateway.data().join("list.csv");
    std::fs::write(&list, "number,since\n+62811,2020\n+62812,2021\nnobody,2022\n").unwrap();
    let file = list.to_str().unwrap();
    let shown = gateway.cli(&["optout", "import", file, "--dry-run"]).await;
    assert_eq!(shown, json!({ "numbers": 2, "left_out": 1 }));
    out(&rig, 0).await;
    assert_eq!(gateway.cli(&["optout", "import", file]).await["changed"], 2);
    assert_eq!(gateway.cli(&["optout", "import", file]).await["changed"], 0, "a second time");
    gateway.cli(&["optout", "add", "888"]).await;
    assert_eq!(out(&rig, 3).await, ["+62811", "+62812", "888"]);
    gateway.cli(&["optout", "remove", "+62811", "888"]).await;
    assert_eq!(out(&rig, 1).await, ["+62812"]);
    let output = run(gateway.data(), &["optout", "remove", "+62811"], None).await;
    assert!(!output.status.success(), "it is not out");
    let output = run(gateway.data(), &["optout", "add", "somebody"], None).await;
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("These are no numbers: somebody"), "{error}");
    // A user sees who is out, and changes nothing.
    let (status, seen) = gateway.get("/optouts").await;
    assert_eq!((status, seen["optouts"].as_array().map(Vec::len)), (200, Some(1)), "{seen}");
    let (status, refused) = gateway.post("/optouts", &json!({ "numbers": ["+62899"] })).await;
    assert_eq!((status, &refused["code"]), (403, &json!("admins-only")), "{refused}");
}
