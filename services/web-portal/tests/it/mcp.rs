//! Agents: the Model Context Protocol at `/mcp`.

use contracts::Priority;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::gateway::{Gateway, answer, told};
use crate::kannel::requested;

/// Asks for a method of the protocol, as a client of its version of 2025 does.
async fn ask(gateway: &Gateway, key: &str, method: &str, params: &Value) -> (StatusCode, Value) {
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
    let request = gateway
        .http
        .post(format!("{}/mcp", gateway.url))
        .bearer_auth(key)
        .header("accept", "application/json, text/event-stream")
        .header("mcp-protocol-version", "2025-06-18")
        .json(&body);
    answer(request).await
}

/// Uses a tool. Returns whether it says that it failed, and what it says.
async fn used(gateway: &Gateway, key: &str, tool: &str, arguments: &Value) -> (bool, Value) {
    let params = json!({ "name": tool, "arguments": arguments });
    let (status, said) = ask(gateway, key, "tools/call", &params).await;
    assert_eq!(status, 200, "{said}");
    let result = &said["result"];
    let text = result["content"][0]["text"].as_str().expect("a text beside the structure");
    let structure = result["structuredContent"].clone();
    assert_eq!(serde_json::from_str::<Value>(text).expect("JSON"), structure);
    (result["isError"] == true, structure)
}

async fn tools(gateway: &Gateway, key: &str) -> Vec<String> {
    let (status, said) = ask(gateway, key, "tools/list", &json!({})).await;
    assert_eq!(status, 200, "{said}");
    let tools = said["result"]["tools"].as_array().expect("tools");
    tools.iter().map(|tool| tool["name"].as_str().expect("a name").to_owned()).collect()
}

#[tokio::test]
async fn an_agent_is_shown_what_it_would_send_and_sends_it_when_told_to() {
    let gateway = Gateway::start().await;
    let key = gateway.user("budi", false).await;
    let hello = json!({
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": { "name": "test", "version": "1" },
    });
    let (status, said) = ask(&gateway, &key, "initialize", &hello).await;
    assert_eq!(status, 200, "{said}");
    assert_eq!(said["result"]["serverInfo"]["name"], "merpati");
    assert!(said["result"]["instructions"].as_str().is_some_and(|text| text.contains("confirm")));

    let message = json!({ "to": ["+62 812-345678"], "text": "Selamat pagi" });
    let (failed, shown) = used(&gateway, &key, "send_message", &message).await;
    assert!(!failed, "{shown}");
    assert_eq!((&shown["dry_run"], &shown["parts"]), (&json!(true), &json!(1)));
    assert!(shown["next"].as_str().is_some_and(|next| next.starts_with("Nothing was sent")));
    assert!(gateway.messages(&key).await.is_empty());

    let mut agreed = message;
    agreed["confirm"] = json!(true);
    agreed["idempotency_key"] = json!("the-first");
    let mut ids = Vec::new();
    for _ in 0..2 {
        let (failed, sent) = used(&gateway, &key, "send_message", &agreed).await;
        assert!(!failed, "{sent}");
        ids.push(sent["messages"][0]["id"].as_str().expect("an id").to_owned());
    }
    assert_eq!(ids[0], ids[1]);
    assert_eq!(requested(&gateway, Priority::Normal).await.to.to_string(), "+62812345678");
    let (failed, status) = used(&gateway, &key, "message_status", &json!({ "id": ids[0] })).await;
    assert!(!failed, "{status}");
    assert_eq!(status["state"], "accepted");
    let (failed, talk) =
        used(&gateway, &key, "conversation", &json!({ "number": "+62812345678" })).await;
    assert!(!failed, "{talk}");
    let lines = talk["lines"].as_array().expect("lines");
    assert_eq!((lines.len(), &lines[0]["sent"]["id"]), (1, &json!(ids[0])));
}

#[tokio::test]
async fn an_agent_may_what_its_key_may() {
    let gateway = Gateway::start().await;
    let owner = gateway.user("budi", false).await;
    let body = json!({ "scopes": ["messages:read", "inbox:read"] });
    let narrow: Value = told(gateway.post(&owner, "/keys", &body)).await;
    let narrow = narrow["key"].as_str().expect("a key");
    assert_eq!(
        tools(&gateway, narrow).await,
        ["message_status", "list_sent", "list_received", "conversation", "batch_status"]
    );
    assert_eq!(tools(&gateway, &owner).await.len(), 10);
    let message = json!({ "to": ["+62812345678"], "text": "x", "confirm": true });
    let (failed, said) = used(&gateway, narrow, "send_message", &message).await;
    assert!(failed);
    assert_eq!(said["status"], 403, "{said}");
    let (failed, said) = used(&gateway, narrow, "message_status", &json!({ "id": "msg_1" })).await;
    assert!(failed);
    assert_eq!(said["code"], "not-found", "{said}");
}

#[tokio::test]
async fn who_has_no_key_and_what_is_no_request_are_refused() {
    let gateway = Gateway::start_with(&[("limits.key_requests", "7/1h")]).await;
    let key = gateway.user("budi", false).await;
    let (status, said) = ask(&gateway, "mrp_00000000_none", "tools/list", &json!({})).await;
    assert_eq!((status, &said["code"]), (StatusCode::UNAUTHORIZED, &json!("unknown-key")));
    let (status, said) = ask(&gateway, &key, "tools/call", &json!({ "name": "rm" })).await;
    assert_eq!((status, &said["error"]["code"]), (StatusCode::OK, &json!(-32602)), "{said}");
    for arguments in [json!({ "text": "x" }), json!({ "to": ["1"], "text": "x", "cc": "y" })] {
        let (failed, said) = used(&gateway, &key, "send_message", &arguments).await;
        assert!(failed);
        assert_eq!(said["code"], "malformed", "{said}");
    }
    let (failed, said) =
        used(&gateway, &key, "send_message", &json!({ "to": ["bob"], "text": "x" })).await;
    assert!(failed);
    assert_eq!(said["status"], 422, "{said}");
    // A page of another origin, and a body beyond the bound.
    let post = || gateway.http.post(format!("{}/mcp", gateway.url)).bearer_auth(&key);
    let accept = ("accept", "application/json, text/event-stream");
    let page = post().header(accept.0, accept.1).header("origin", "https://evil.example");
    let refused = page.json(&json!({})).send().await.expect("an answer").status();
    assert_eq!(refused, StatusCode::FORBIDDEN);
    let large = json!({ "jsonrpc": "2.0", "id": 1, "method": "x".repeat(2 * 1024 * 1024) });
    let large = post().header(accept.0, accept.1).json(&large).send().await.expect("an answer");
    assert_eq!(large.status(), StatusCode::PAYLOAD_TOO_LARGE);
    // A tool is one request of its key, not two.
    let (status, said) = ask(&gateway, &key, "tools/list", &json!({})).await;
    assert_eq!(status, 200, "{said}");
    let (status, _) = ask(&gateway, &key, "tools/list", &json!({})).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
}
