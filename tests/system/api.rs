//! The programs' API: what it accepts, what it refuses, and in which words.

use serde_json::json;

use crate::gateway::Gateway;

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_recipient_refuses_the_whole_request_and_is_named() {
    let data = tempfile::tempdir().unwrap();
    let gateway = Gateway::start(data.path(), &["--no-discovery"]).await;
    let body = json!({ "to": ["+6281234567890", "", "bob"], "text": "hello" });
    let (status, problem) = gateway.post("/messages", &body).await;
    assert_eq!(status, 422, "{problem}");
    let text = problem.to_string();
    assert!(text.contains("bob") && text.contains("empty"), "{text}");
    let (_, list) = gateway.get("/messages").await;
    assert_eq!(list["messages"], json!([]), "nothing of it was kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_of_ten_thousand_characters_is_refused_in_words() {
    let data = tempfile::tempdir().unwrap();
    let gateway = Gateway::start(data.path(), &["--no-discovery"]).await;
    let body = json!({ "to": ["+6281234567890"], "text": "a".repeat(10_000) });
    let (status, problem) = gateway.post("/messages", &body).await;
    assert_eq!(status, 422, "{problem}");
    let detail = problem["detail"].as_str().unwrap();
    // 10,000 septets at 153 a part.
    assert!(detail.contains("66 parts") && detail.contains("10"), "{detail}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_key_is_refused_in_words() {
    let data = tempfile::tempdir().unwrap();
    let gateway = Gateway::start(data.path(), &["--no-discovery"]).await;
    let http = reqwest::Client::new();
    let url = format!("{}/api/v1/inbox", gateway.url);
    for request in [http.get(&url), http.get(&url).bearer_auth("nobody")] {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 401);
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        let problem: serde_json::Value = response.json().await.unwrap();
        assert!(problem["detail"].as_str().unwrap().contains("key"), "{problem}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_modem_a_message_is_accepted_and_says_why_it_waits() {
    let data = tempfile::tempdir().unwrap();
    let gateway = Gateway::start(data.path(), &["--no-discovery"]).await;
    let http = reqwest::Client::new();
    for path in ["/healthz", "/readyz"] {
        let answer = http.get(format!("{}{path}", gateway.url)).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path} without modems");
    }
    let id = gateway.send("+6281234567890", "patience").await;
    let message = gateway.until(&id, &["admitted"]).await;
    let reason = message["waiting"]["reason"].as_str().unwrap();
    assert!(reason.contains("modem") && reason.contains("online"), "{reason}");
    assert_eq!(message["parts"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_again_is_the_same_message() {
    let data = tempfile::tempdir().unwrap();
    let gateway = Gateway::start(data.path(), &["--no-discovery"]).await;
    let send = || async {
        let response = reqwest::Client::new()
            .post(format!("{}/api/v1/messages", gateway.url))
            .bearer_auth(gateway.key())
            .header("Idempotency-Key", "order-17")
            .json(&json!({ "to": ["+6281234567890"], "text": "once" }))
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 202);
        let answer: serde_json::Value = response.json().await.unwrap();
        answer["messages"][0]["id"].as_str().unwrap().to_owned()
    };
    let first = send().await;
    assert_eq!(send().await, first);
    gateway.until(&first, &["admitted"]).await;
    let (_, list) = gateway.get("/messages").await;
    assert_eq!(list["messages"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_sees_only_their_own() {
    let data = tempfile::tempdir().unwrap();
    let gateway = Gateway::start(data.path(), &["--no-discovery"]).await;
    let id = gateway.send("+6281234567890", "private").await;
    gateway.until(&id, &["admitted"]).await;
    let other = gateway.new_key("other").await;
    let http = reqwest::Client::new();
    let get =
        |path: String| http.get(format!("{}/api/v1{path}", gateway.url)).bearer_auth(&other).send();
    assert_eq!(get(format!("/messages/{id}")).await.unwrap().status(), 404);
    let list: serde_json::Value = get("/messages".into()).await.unwrap().json().await.unwrap();
    assert_eq!(list["messages"], json!([]));
}
