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

#[tokio::test]
async fn a_key_stands_for_the_whole_request() {
    let gateway = Gateway::start().await;
    let key = gateway.user("budi", false).await;
    let send = async |attempt: &str, body: &serde_json::Value| {
        let request =
            gateway.post(&key, "/messages", body).header("idempotency-key", attempt.to_owned());
        answer(request).await
    };
    let first = json!({ "to": "+62812345678", "text": "Halo" });
    assert_eq!(send("order-1", &first).await.0, 202);
    for differs in [
        json!({ "to": "+62812345679", "text": "Halo" }),
        json!({ "to": ["+62812345678", "+62812345679"], "text": "Halo" }),
        json!({ "to": "+62812345678", "text": "Halo", "priority": "otp" }),
        json!({ "to": "+62812345678", "text": "Halo", "not_before": "2030-01-01T00:00:00Z" }),
        json!({ "to": "+62812345678", "text": "Halo", "flash": true }),
        json!({ "to": "+62812345678", "text": "Halo", "dlr": { "url": "http://h/", "mask": 1 } }),
    ] {
        let (status, problem) = send("order-1", &differs).await;
        assert_eq!(
            (status.as_u16(), &problem["code"]),
            (422, &json!("idempotency-key-reused")),
            "{differs}"
        );
    }
    // Another way to write the same.
    let same =
        json!({ "to": ["+62 812-345678"], "text": "Halo", "priority": "normal", "flash": false });
    let (status, again) = send("order-1", &same).await;
    assert_eq!(status, 202, "{again}");
    // What was refused has taken no key.
    assert_eq!(send("order-2", &json!({ "to": "+62812345678", "text": "" })).await.0, 422);
    assert_eq!(send("order-2", &first).await.0, 202);
    wait_for("the rows", || async {
        let (_, list) = answer(gateway.get(&key, "/messages")).await;
        (list["messages"].as_array().map(Vec::len) == Some(2)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_text_that_the_database_cannot_keep_as_it_is_may_be_told_again() {
    let gateway = Gateway::start().await;
    let key = gateway.user("budi", false).await;
    let body = json!({ "to": "+62812345678", "text": "a\u{0}b" });
    let send = || gateway.post(&key, "/messages", &body).header("idempotency-key", "order-1");
    let (status, first) = answer(send()).await;
    assert_eq!(status, 202, "{first}");
    let path = format!("/messages/{}", first["messages"][0]["id"].as_str().expect("an id"));
    assert_eq!(answer(gateway.get(&key, &path)).await.0, 200, "its row is there");
    let again = send().send().await.expect("an answer");
    assert_eq!(again.status(), 202);
    assert_eq!(again.headers()["idempotency-replayed"], "true");
}
