//! `Idempotency-Key`.

use serde_json::json;
use testkit::wait_for;

use crate::gateway::{Gateway, answer};

#[tokio::test]
async fn an_attempt_told_twice_is_one() {
    let gateway = Gateway::start().await;
    let key = gateway.user("budi", false).await;
    let body = json!({ "to": ["+62812345678", "+62812345679"], "text": "Your order has left" });
    let send = |attempt: &str, body: &serde_json::Value| {
        gateway.post(&key, "/messages", body).header("idempotency-key", attempt.to_owned())
    };
    // At the same time, as an impatient client does.
    let (first, second) =
        tokio::join!(answer(send("order-1", &body)), answer(send("order-1", &body)));
    assert_eq!((first.0.as_u16(), second.0.as_u16()), (202, 202));
    let ids = |sent: &serde_json::Value| {
        let messages = sent["messages"].as_array().expect("messages");
        messages.iter().map(|m| m["id"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&first.1), ids(&second.1));
    wait_for("both rows", || async {
        let (_, list) = answer(gateway.get(&key, "/messages")).await;
        let found = list["messages"].as_array().map(Vec::len).unwrap_or_default();
        assert!(found <= 2);
        (found == 2).then_some(())
    })
    .await;
    let again = send("order-1", &body).send().await.expect("an answer");
    assert_eq!(again.headers()["idempotency-replayed"], "true");
    let (status, problem) =
        answer(send("order-1", &json!({ "to": "+62812345678", "text": "another" }))).await;
    assert_eq!((status.as_u16(), &problem["code"]), (422, &json!("idempotency-key-reused")));
    let (status, other) = answer(send("order-2", &body)).await;
    assert_eq!(status, 202);
    assert_ne!(ids(&other), ids(&first.1));
}
