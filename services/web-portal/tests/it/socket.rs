//! The socket in the data folder.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;

use crate::gateway::Gateway;

/// A call over the socket: status and body.
pub(crate) async fn call(
    gateway: &Gateway,
    method: &str,
    path: &str,
    body: &Value,
) -> (u16, Value) {
    let socket = gateway.dir.path().join("merpati.sock");
    let mut stream = UnixStream::connect(socket).await.expect("the socket");
    let body = body.to_string();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.expect("a request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).expect("a status");
    (status, serde_json::from_str(body).unwrap_or_else(|_| json!(body)))
}

#[tokio::test]
async fn its_owner_is_administrator_without_a_key() {
    let gateway = Gateway::start().await;
    let socket = gateway.dir.path().join("merpati.sock");
    let mode = std::fs::metadata(&socket).expect("the socket").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let (status, me) = call(&gateway, "GET", "/api/v1/me", &json!({})).await;
    assert_eq!((status, &me["admin"]), (200, &json!(true)));
    let (status, sent) =
        call(&gateway, "POST", "/api/v1/messages", &json!({"to": "+62812345678", "text": "hi"}))
            .await;
    assert_eq!(status, 202, "{sent}");
    let id = sent["messages"][0]["id"].as_str().expect("an id");
    let (status, message) =
        call(&gateway, "GET", &format!("/api/v1/messages/{id}?after="), &json!({})).await;
    assert_eq!((status, &message["state"]), (200, &json!("accepted")), "{message}");
    assert_eq!(message["version"], 0);
}

#[tokio::test]
async fn the_set_up_link_is_renewed_until_there_is_an_administrator() {
    let gateway = Gateway::start().await;
    let first = gateway.setup_link.clone().expect("a link");
    let (status, second) = call(&gateway, "POST", "/api/v1/setup-link", &json!({})).await;
    assert_eq!(status, 200);
    let second = second["url"].as_str().expect("a link").to_owned();
    assert_ne!(first, second);
    let open = async |link: &str| gateway.http.get(link).send().await.expect("a page").status();
    assert_eq!(open(&first).await, 410);
    assert_eq!(open(&second).await, 200);
    gateway.user("root", true).await;
    assert_eq!(open(&second).await, 410);
    let (status, refused) = call(&gateway, "POST", "/api/v1/setup-link", &json!({})).await;
    assert_eq!((status, &refused["code"]), (409, &json!("admin-exists")));
}
