//! `Idempotency-Key`.

use api::Acceptance;
use serde_json::json;
use testkit::wait_for;

use crate::gateway::{Gateway, answer, refused, told};

#[tokio::test]
async fn an_attempt_told_twice_is_one() {
    let gateway = Gateway::start().await;
    let key = gateway.user("budi", false).await;
    let body = json!({ "to": ["+62812345678", "+62812345679"], "text": "Your order has left" });
    let send = |attempt: &str, body: &serde_json::Value| {
        gateway.post(&key, "/messages", body).header("idempotency-key", attempt.to_owned())
    };
    // At the same time, as an impatient client does.
    let (first, second): (Acceptance, Acceptance) =
        tokio::join!(told(send("order-1", &body)), told(send("order-1", &body)));
    let ids = |sent: &Acceptance| sent.messages.iter().map(|m| m.id).collect::<Vec<_>>();
    assert_eq!(ids(&first), ids(&second));
    wait_for("both rows", || async {
        let found = gateway.messages(&key).await.len();
        assert!(found <= 2);
        (found == 2).then_some(())
    })
    .await;
    let again = send("order-1", &body).send().await.expect("an answer");
    assert_eq!(again.headers()["idempotency-replayed"], "true");
    let another = send("order-1", &json!({ "to": "+62812345678", "text": "another" }));
    assert_eq!(refused(another).await, (422, "idempotency-key-reused".to_owned()));
    let other: Acceptance = told(send("order-2", &body)).await;
    assert_ne!(ids(&other), ids(&first));
}

#[tokio::test]
async fn a_key_stands_for_the_whole_request() {
    let gateway = Gateway::start().await;
    let key = gateway.user("budi", false).await;
    let send = |attempt: &str, body: &serde_json::Value| {
        gateway.post(&key, "/messages", body).header("idempotency-key", attempt.to_owned())
    };
    let first = json!({ "to": "+62812345678", "text": "Halo" });
    assert_eq!(answer(send("order-1", &first)).await.0, 202);
    for differs in [
        json!({ "to": "+62812345679", "text": "Halo" }),
        json!({ "to": ["+62812345678", "+62812345679"], "text": "Halo" }),
        json!({ "to": "+62812345678", "text": "Halo", "priority": "otp" }),
        json!({ "to": "+62812345678", "text": "Halo", "not_before": "2030-01-01T00:00:00Z" }),
        json!({ "to": "+62812345678", "text": "Halo", "flash": true }),
        json!({ "to": "+62812345678", "text": "Halo", "dlr": { "url": "http://h/", "mask": 1 } }),
    ] {
        let refused = refused(send("order-1", &differs)).await;
        assert_eq!(refused, (422, "idempotency-key-reused".to_owned()), "{differs}");
    }
    // Another way to write the same.
    let same =
        json!({ "to": ["+62 812-345678"], "text": "Halo", "priority": "normal", "flash": false });
    let (status, again) = answer(send("order-1", &same)).await;
    assert_eq!(status, 202, "{again}");
    // What was refused has taken no key.
    let empty = json!({ "to": "+62812345678", "text": "" });
    assert_eq!(answer(send("order-2", &empty)).await.0, 422);
    assert_eq!(answer(send("order-2", &first)).await.0, 202);
    wait_for("the rows", || async { (gateway.messages(&key).await.len() == 2).then_some(()) })
        .await;
}

#[tokio::test]
async fn a_text_that_the_database_cannot_keep_as_it_is_may_be_told_again() {
    let gateway = Gateway::start().await;
    let key = gateway.user("budi", false).await;
    let body = json!({ "to": "+62812345678", "text": "a\u{0}b" });
    let send = || gateway.post(&key, "/messages", &body).header("idempotency-key", "order-1");
    let first: Acceptance = told(send()).await;
    let id = first.messages[0].id;
    assert_eq!(gateway.message(&key, id).await.message.id, id, "its row is there");
    let again = send().send().await.expect("an answer");
    assert_eq!(again.status(), 202);
    assert_eq!(again.headers()["idempotency-replayed"], "true");
}
