//! The page of a key, and what it says the key asked for lately.

use reqwest::StatusCode;
use serde_json::json;

use crate::browser::Browser;
use crate::gateway::{Gateway, answer, refused, told};

/// Logs somebody in.
async fn browser_of<'a>(gateway: &'a Gateway, name: &str) -> Browser<'a> {
    let mut browser = Browser::new(gateway, "en");
    browser.open("/login").await;
    browser.send("/login", &[("name", name), ("password", "correct horse")]).await;
    browser
}

#[tokio::test]
async fn a_key_shows_its_last_requests_and_nothing_of_what_they_said() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    gateway.user("budi", false).await;
    let new = json!({ "label": "shop", "scopes": ["inbox:read"] });
    let (_, made) = answer(gateway.post(&root, "/keys", &new)).await;
    let (key, id) = (made["key"].as_str().expect("a key"), made["id"].as_str().expect("an id"));
    let page = format!("/keys/{id}");
    let mut browser = browser_of(&gateway, "root").await;
    browser.open("/keys").await.shows(&format!("href=\"{page}\""));
    browser.open(&page).await.shows("No request with this key since the server was started.");

    assert_eq!(answer(gateway.get(key, "/inbox?q=rahasia")).await.0, StatusCode::OK);
    let sent = gateway.post(key, "/messages", &json!({ "to": "+62811111111", "text": "rahasia" }));
    assert_eq!(refused(sent).await, (403, "scope-missing".to_owned()));
    let message = contracts::MessageId::new();
    for path in [format!("/inbox/{message}"), "/inbox/+62811111111".to_owned()] {
        assert_eq!(refused(gateway.get(key, &path)).await.0, 404, "{path}");
    }
    browser.open(&page).await.shows("The last 100 requests since this server was started");
    for call in [
        "<code>GET /api/v1/inbox</code>",
        "<code>POST /api/v1/messages</code>",
        &*format!("<code>GET /api/v1/inbox/{message}</code>"),
        "<code>GET /api/v1/inbox/{id}</code>",
        "403 · <code lang=\"en\">scope-missing</code>",
        "404 · <code lang=\"en\">not-found</code>",
    ] {
        browser.shows(call);
    }
    for said in ["rahasia", "62811111111", key] {
        browser.hides(said);
    }
    // By the API, too.
    let path = format!("/keys/{id}/requests");
    let of_key: api::KeyRequests = told(gateway.get(&root, &path)).await;
    let newest = &of_key.requests[0];
    assert_eq!((newest.method.as_str(), newest.path.as_str()), ("GET", "/api/v1/inbox/{id}"));
    assert_eq!((newest.status, newest.refusal.as_deref()), (404, Some("not-found")));
    assert_eq!(of_key.requests.len(), 4);
    // What another key asked for stands at that key, and a key is shown to nobody else.
    browser.hides("/api/v1/keys");
    let mut other = browser_of(&gateway, "budi").await;
    for path in [&*page, "/keys/x"] {
        assert_eq!(other.open(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    browser.open("/keys").await;
    let revoke = format!("/account{page}/revoke");
    browser.send(&revoke, &[("page", "keys")]).await.shows("The key is revoked.");
    assert_eq!(browser.at, "/keys");
    assert_eq!(browser.open(&page).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_page_of_the_keys_has_programs_for_this_very_server() {
    let gateway = Gateway::start().await;
    gateway.user("root", true).await;
    let mut browser = browser_of(&gateway, "root").await;
    browser.open("/keys").await.shows("data-copy=\"example-1\"");
    browser.shows(&gateway.url);
    let new = [("label", "shop"), ("may", "all"), ("page", "keys")];
    browser.send("/account/keys", &new).await.shows("<h1>Keys for programs</h1>");
    browser.shows("data-copy=\"new-key\"");
    // The other way round it is part of the account's page.
    browser.send("/account/keys", &new[..2]).await.shows("<h1>Account</h1>");
}
