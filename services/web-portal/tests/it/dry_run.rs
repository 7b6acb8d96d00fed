//! A dry run, and lists of what was not one.

use api::{DryRun, Messages};
use serde_json::{Value, json};
use testkit::wait_for;

use crate::gateway::{Gateway, answer, told};

#[tokio::test]
async fn what_would_be_sent_is_said_and_nothing_is_sent() {
    let gateway = Gateway::start_with(&[("limits.key_messages", "2/1h")]).await;
    let key = gateway.user("budi", false).await;
    let body =
        json!({ "to": ["+62 812-345678", "12345"], "text": "Selamat pagi ☀", "dry_run": true });
    for _ in 0..3 {
        let (status, said) = answer(gateway.post(&key, "/messages", &body)).await;
        assert_eq!(status, 200, "{said}");
        let run: DryRun = serde_json::from_value(said).expect("a dry run");
        assert!(run.dry_run);
        assert_eq!((run.total, run.parts, run.alphabet.encoding.as_str()), (2, 1, "ucs2"));
        let to: Vec<(String, bool)> = run
            .messages
            .expect("messages")
            .iter()
            .map(|message| (message.to.to_string(), message.short_code))
            .collect();
        assert_eq!(to, [("+62812345678".to_owned(), false), ("12345".to_owned(), true)]);
    }
    let batch = json!({ "to": [{ "to": "+62812345678", "text": "a" }], "dry_run": true });
    let run: DryRun = told(gateway.post(&key, "/batches", &batch)).await;
    assert_eq!((run.total, run.messages.is_none()), (1, true));
    assert!(gateway.messages(&key).await.is_empty(), "nothing was stored");
    // It counted against no limit, and its name is free.
    let mut real = body.clone();
    real.as_object_mut().expect("an object").remove("dry_run");
    let named = |body: &Value| gateway.post(&key, "/messages", body).header("idempotency-key", "x");
    assert_eq!(answer(named(&body)).await.0, 200);
    assert_eq!(answer(named(&real)).await.0, 202);
    wait_for("what was sent", || async { (gateway.messages(&key).await.len() == 2).then_some(()) })
        .await;
}

#[tokio::test]
async fn a_dry_run_is_refused_as_the_real_one() {
    let gateway = Gateway::start().await;
    let key = gateway.user("budi", false).await;
    for body in [
        json!({ "to": ["+62812345678", "bob"], "text": "x" }),
        json!({ "to": "+62812345678", "text": "x".repeat(2_000) }),
        json!({ "to": "+62812345678", "text": "Ж", "encoding": "gsm7" }),
        json!({ "to": "+62812345678", "text": "  " }),
        json!({ "to": [], "text": "x" }),
        json!({ "to": "+62812345678", "data": "0102", "text": "x" }),
        json!({ "to": "+62812345678", "text": "x", "class": 0, "dcs": 240 }),
    ] {
        let real = answer(gateway.post(&key, "/messages", &body)).await;
        assert!(real.0.is_client_error(), "{body}: {real:?}");
        let mut dry = body.clone();
        dry["dry_run"] = json!(true);
        assert_eq!(answer(gateway.post(&key, "/messages", &dry)).await, real, "{body}");
    }
}

#[tokio::test]
async fn a_list_ends_where_it_is_told_to() {
    let gateway = Gateway::start().await;
    let key = gateway.user("budi", false).await;
    for text in ["one", "two"] {
        gateway.sends(&key, &json!({ "to": "+62812345678", "text": text })).await;
    }
    let second = wait_for("both rows", || async {
        let mut messages = gateway.messages(&key).await;
        (messages.len() == 2).then(|| messages.remove(0).created_at)
    })
    .await;
    let list = async |query: String| -> Vec<String> {
        let list: Messages = told(gateway.get(&key, &format!("/messages?{query}"))).await;
        list.messages.into_iter().filter_map(|message| message.text).collect()
    };
    assert_eq!(list(format!("until={second}")).await, ["one"]);
    assert_eq!(list(format!("since={second}")).await, ["two"]);
    let sim = contracts::SimId::derived("any");
    assert!(list(format!("sim={sim}")).await.is_empty(), "none of them went out");
    assert_eq!(answer(gateway.get(&key, &format!("/inbox?until={second}"))).await.0, 200);
}

#[tokio::test]
async fn beside_the_calls_there_are_problems_too() {
    let gateway = Gateway::start().await;
    for path in ["/api/v1/nothing", "/api/v2/messages", "/api/messages"] {
        let asked = gateway.http.get(format!("{}{path}", gateway.url)).send().await;
        let asked = asked.expect("an answer");
        assert_eq!(asked.headers()["content-type"], "application/problem+json", "{path}");
        let problem: Value = asked.json().await.expect("a problem");
        assert_eq!((&problem["status"], &problem["code"]), (&json!(404), &json!("no-such-call")));
    }
}
