//! The API as an administrator asks it.

use reqwest::Method;
use serde_json::{Value, json};

use crate::gateway::{Gateway, PATIENCE};

/// Calls with an administrator's key, each of which has to work.
pub(super) struct Api {
    url: String,
    key: String,
    http: reqwest::Client,
}

impl Api {
    /// The API of a gateway for an account that there is.
    pub(super) async fn of(gateway: &Gateway, account: &str) -> Self {
        let key = gateway.cli(&["key", "add", account]).await;
        let key = key["key"].as_str().expect("key add prints the key").to_owned();
        let http = reqwest::Client::builder().timeout(PATIENCE).build().unwrap();
        Self { url: format!("{}/api/v1", gateway.url), key, http }
    }

    pub(super) async fn get(&self, path: &str) -> Value {
        self.told(path, self.request(Method::GET, path)).await
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> Value {
        self.told(path, self.request(Method::POST, path).json(body)).await
    }

    pub(super) async fn put(&self, path: &str, body: &Value) -> Value {
        self.told(path, self.request(Method::PUT, path).json(body)).await
    }

    pub(super) async fn patch(&self, path: &str, body: &Value) -> Value {
        self.told(path, self.request(Method::PATCH, path).json(body)).await
    }

    /// Makes something and returns its id.
    pub(super) async fn made(&self, path: &str, body: &Value) -> String {
        let made = self.post(path, body).await;
        made["id"].as_str().unwrap_or_else(|| panic!("{path}: {made}")).to_owned()
    }

    /// Uploads a file of rows to the path of a list and returns its id.
    pub(super) async fn file(&self, list: &str, name: &str, rows: String) -> String {
        let path = format!("{list}?name={name}");
        let made = self.told(&path, self.request(Method::POST, &path).body(rows)).await;
        made["id"].as_str().unwrap_or_else(|| panic!("{path}: {made}")).to_owned()
    }

    /// Sends a message and returns its id.
    pub(super) async fn send(&self, body: &Value) -> String {
        let sent = self.post("/messages", body).await;
        sent["messages"][0]["id"].as_str().unwrap_or_else(|| panic!("{sent}")).to_owned()
    }

    /// Waits until a message is in one of these states. Each request waits for a change at the gateway.
    pub(super) async fn until(&self, id: &str, states: &[&str]) {
        let waited = tokio::time::timeout(PATIENCE, async {
            let mut known = String::new();
            loop {
                let message = self.get(&format!("/messages/{id}?after={known}")).await;
                if states.contains(&message["state"].as_str().unwrap_or_default()) {
                    return;
                }
                known = message["version"].to_string();
            }
        });
        assert!(waited.await.is_ok(), "{id} is none of {states:?} in time");
    }

    /// The modem that is called so; its name, its state and its SIM.
    pub(super) async fn modem(&self, name: &str) -> Value {
        let modems = self.get("/modems").await;
        let all = modems["modems"].as_array().expect("modems");
        all.iter().find(|modem| modem["name"] == json!(name)).cloned().unwrap_or_default()
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url)).bearer_auth(&self.key)
    }

    async fn told(&self, path: &str, request: reqwest::RequestBuilder) -> Value {
        let response = request.send().await.unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or_default()
    }
}
