//! Batches: hundreds of recipients in one request.

use std::collections::HashMap;
use std::time::Duration;

use modem_sim::{Fault, Make};
use serde_json::{Value, json};
use testkit::wait_for_within;

use crate::gateway::{Gateway, PATIENCE};
use crate::rig::Rig;

/// Sends a batch and returns its id.
async fn send(gateway: &Gateway, body: &Value) -> String {
    let (status, answer) = gateway.post("/batches", body).await;
    assert_eq!(status, 202, "{answer}");
    answer["id"].as_str().unwrap().to_owned()
}

async fn batch(gateway: &Gateway, id: &str) -> Value {
    let (status, batch) = gateway.get(&format!("/batches/{id}")).await;
    assert_eq!(status, 200, "{batch}");
    batch
}

async fn order(gateway: &Gateway, id: &str, order: &str) -> Value {
    let (status, batch) = gateway.post(&format!("/batches/{id}/{order}"), &json!({})).await;
    assert_eq!(status, 200, "{batch}");
    batch
}

/// How many messages of a batch are in one of `states`.
fn count(batch: &Value, states: &[&str]) -> u64 {
    states.iter().filter_map(|state| batch["states"][*state].as_u64()).sum()
}

/// The batch, when all of its messages are in one of `states`.
async fn until(gateway: &Gateway, id: &str, states: &[&str]) -> Value {
    wait_for_within(PATIENCE, &format!("all messages of the batch to be {states:?}"), || async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let batch = batch(gateway, id).await;
        (Some(count(&batch, states)) == batch["total"].as_u64()).then_some(batch)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn kills_lose_none_and_repeat_none() {
    const RECIPIENTS: u64 = 300;
    let mut rig = Rig::start(&[Make::Wavecom, Make::Huawei]).await;
    let text = |n: u64| if n.is_multiple_of(3) { format!("Halo {n}") } else { "Halo".to_owned() };
    let number = |n: u64| format!("+62876{n:07}");
    let to: Vec<Value> = (0..RECIPIENTS)
        .map(|n| match n % 3 {
            0 => json!({ "to": number(n), "text": text(n) }),
            _ => json!({ "to": number(n) }),
        })
        .collect();
    // What a killed reader had at hand comes again after ten seconds; with another priority it is half a minute.
    let body = json!({ "to": to, "text": "Halo", "priority": "otp" });
    let id = send(&rig.gateway, &body).await;
    for sent in [50, 170] {
        rig.network().sent_at_least(sent).await;
        rig.gateway.kill(false).await;
        rig.gateway.restart().await;
    }
    let batch = until(&rig.gateway, &id, &["sent", "delivered", "uncertain"]).await;
    assert_eq!(batch["total"], RECIPIENTS, "{batch}");
    let mut texts: HashMap<String, Vec<String>> = HashMap::new();
    for sent in rig.network().sent() {
        texts.entry(sent.to()).or_default().push(sent.submit.text().unwrap());
    }
    for n in 0..RECIPIENTS {
        if let Some(texts) = texts.remove(&number(n)) {
            assert_eq!(texts, [text(n)], "{}", number(n));
        }
    }
    assert!(texts.is_empty(), "nobody asked for these: {texts:?}");
    // What was at the two modems when the gateway was killed may be uncertain, and nothing else.
    let uncertain = count(&batch, &["uncertain"]);
    assert!(uncertain <= 4, "{batch}");
    let reached = rig.network().sent_count();
    assert!(reached + uncertain >= RECIPIENTS, "{reached} {batch}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_paused_goes_on_and_is_cancelled() {
    let rig = Rig::start(&[Make::Quectel]).await;
    rig.modem(1).fault(Fault::SubmitTime(Duration::from_millis(50)));
    let to: Vec<String> = (0..200).map(|n| format!("+62875{n:07}")).collect();
    let id = send(&rig.gateway, &json!({ "to": to, "text": "Halo" })).await;
    rig.network().sent_at_least(5).await;
    let paused = order(&rig.gateway, &id, "pause").await;
    assert_eq!(paused["order"], "paused", "{paused}");
    // Another message of the same account passes by, and is the last to be sent.
    let other = rig.gateway.send("+628740000000", "other").await;
    rig.gateway.until(&other, &["sent", "delivered"]).await;
    let sent = rig.network().sent_count();
    assert!(sent < 100, "{sent}");
    // The modem sends the next message that comes, and none of the batch before it.
    let next = rig.gateway.send("+628740000001", "next").await;
    rig.gateway.until(&next, &["sent", "delivered"]).await;
    assert_eq!(rig.network().sent_count(), sent + 1, "it is paused");
    assert_eq!(order(&rig.gateway, &id, "resume").await["order"], "running");
    rig.network().sent_at_least(sent + 6).await;
    order(&rig.gateway, &id, "cancel").await;
    let batch = until(&rig.gateway, &id, &["sent", "delivered", "cancelled"]).await;
    assert_eq!((&batch["order"], &batch["total"]), (&json!("cancelled"), &json!(200)));
    assert_eq!(batch["done"], 200, "{batch}");
    let sent = rig.network().sent_count();
    assert_eq!(count(&batch, &["sent", "delivered"]) + 2, sent, "{batch}");
    assert!(count(&batch, &["cancelled"]) > 50, "{batch}");
    let (status, refused) = rig.gateway.post(&format!("/batches/{id}/resume"), &json!({})).await;
    assert_eq!(status, 409, "{refused}");
}
