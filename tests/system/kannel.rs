//! Kannel's `sendsms`, as its clients send it, and its `dlr-url`.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::routing::get;
use testkit::wait_for_within;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use crate::gateway::{Gateway, PATIENCE};
use crate::send::numbers;

/// Sends one request byte for byte and reads until the gateway closes.
async fn raw(gateway: &Gateway, request: &str) -> String {
    let address = gateway.url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    tokio::time::timeout(PATIENCE, stream.read_to_string(&mut answer)).await.unwrap().unwrap();
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn http_1_0_without_host_gets_the_exact_body() {
    let data = tempfile::tempdir().unwrap();
    let gateway = Gateway::start(data.path(), &["--sim", "2"]).await;
    let [_, to] = numbers(&gateway).await;
    let key = gateway.key();
    let path = format!(
        "/cgi-bin/sendsms?username=tester&password={key}&to={}&charset=UTF-16BE&coding=2&text=%00H%00i%20%AC",
        to.replace('+', "%2B")
    );
    let answer = raw(&gateway, &format!("GET {path} HTTP/1.0\r\n\r\n")).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.0 202"), "{head}");
    assert!(!head.to_lowercase().contains("chunked"), "{head}");
    assert_eq!(body, "0: Accepted for delivery");
    assert_eq!(gateway.inbox(1).await[0]["text"], "Hi€");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_is_refused_in_kannels_words() {
    let data = tempfile::tempdir().unwrap();
    let gateway = Gateway::start(data.path(), &["--no-discovery"]).await;
    let answer = raw(
        &gateway,
        "GET /cgi-bin/sendsms?username=tester&password=x&to=123&text=a HTTP/1.0\r\n\r\n",
    )
    .await;
    assert!(answer.starts_with("HTTP/1.0 403"), "{answer}");
    assert!(answer.ends_with("Authorization failed for sendsms"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn dlr_urls_are_fetched_with_their_escape_codes() {
    let (tell, mut told) = mpsc::unbounded_channel();
    let tell = Arc::new(tell);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let app = axum::Router::new()
        .route(
            "/dlr",
            get(
                |State(tell): State<Arc<mpsc::UnboundedSender<String>>>,
                 RawQuery(query): RawQuery| async move {
                    tell.send(query.unwrap_or_default()).unwrap();
                    "ok"
                },
            ),
        )
        .with_state(tell);
    tokio::spawn(async move { axum::serve(listener, app).await });

    let data = tempfile::tempdir().unwrap();
    // The test's own server is on this machine, where callbacks may go only when that is said.
    let allowed = [("MERPATI__WEBHOOKS__ALLOW", "127.0.0.1")];
    let gateway = Gateway::start_with(data.path(), &["--sim", "2"], &allowed).await;
    let [from, to] = numbers(&gateway).await;
    let _ = from;
    let dlr = format!("http://127.0.0.1:{port}/dlr?type=%d&to=%p&text=%a");
    let query = [
        ("username", "tester"),
        ("password", gateway.key()),
        ("to", to.as_str()),
        ("text", "a & b"),
        ("dlr-mask", "31"),
        ("dlr-url", dlr.as_str()),
    ];
    let answer = reqwest::Client::new()
        .get(format!("{}/cgi-bin/sendsms", gateway.url))
        .query(&query)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 202);
    let mut types = Vec::new();
    while !types.contains(&"1".to_owned()) {
        let query = tokio::time::timeout(PATIENCE, told.recv()).await.expect("a callback").unwrap();
        let kind = query.strip_prefix("type=").and_then(|q| q.split('&').next()).unwrap();
        types.push(kind.to_owned());
    }
    assert!(types.contains(&"8".to_owned()), "accepted by the network, then delivered: {types:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_that_may_not_be_made_says_so_with_the_message() {
    let data = tempfile::tempdir().unwrap();
    let gateway = Gateway::start(data.path(), &["--sim", "2"]).await;
    let [_, to] = numbers(&gateway).await;
    let url = "http://127.0.0.1:9/?type=%d";
    let dlr = serde_json::json!({ "url": url, "mask": 8 });
    let id = gateway.send_with(serde_json::json!({ "to": to, "text": "hi", "dlr": dlr })).await;
    let error = wait_for_within(PATIENCE, "a callback that was given up", || async {
        let (_, message) = gateway.get(&format!("/messages/{id}")).await;
        let callback = &message["callbacks"][0];
        assert!(callback.is_null() || callback["url"] == "http://127.0.0.1:9/?type=8", "{message}");
        callback["error"].as_str().map(str::to_owned)
    })
    .await;
    assert!(error.contains("webhooks.allow"), "{error}");
}
