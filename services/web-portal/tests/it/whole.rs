//! What is done to the gateway as a whole, by program and by page.

use serde_json::json;

use crate::browser::Browser;
use crate::gateway::{Gateway, answer, refused};

/// Somebody who has logged in.
async fn visitor<'a>(gateway: &'a Gateway, name: &str) -> Browser<'a> {
    let mut browser = Browser::new(gateway, "en");
    browser.open("/login").await;
    browser.send("/login", &[("name", name), ("password", "correct horse")]).await;
    browser
}

#[tokio::test]
async fn an_administrator_suspends_isolates_and_resumes_by_program_and_by_page() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let budi = gateway.user("budi", false).await;
    let modem = gateway.modem("modem1", "+62811000001").await;
    let running = json!({ "status": "running", "isolated": false, "suspended": [] });
    let now = async || answer(gateway.get(&root, "/gateway")).await.1;
    assert_eq!(now().await, running);

    let nothing = json!({});
    let isolated = json!({ "status": "isolated", "isolated": true, "suspended": [] });
    for _ in 0..2 {
        let (status, state) = answer(gateway.post(&root, "/gateway/isolate", &nothing)).await;
        assert_eq!((status.as_u16(), state), (200, isolated.clone()));
    }
    // Messages are taken as ever.
    let message = json!({ "to": "+62812345678", "text": "halo" });
    assert_eq!(answer(gateway.post(&root, "/messages", &message)).await.0, 202);
    let (_, state) = answer(gateway.post(&root, "/gateway/suspend", &nothing)).await;
    let suspended = json!({ "status": "suspended", "isolated": true, "suspended": [modem.id] });
    assert_eq!(state, suspended);
    let (_, state) = answer(gateway.post(&root, "/gateway/resume", &nothing)).await;
    assert_eq!(state, running);
    for call in ["suspend", "isolate", "resume"] {
        let path = format!("/gateway/{call}");
        assert_eq!(refused(gateway.post(&budi, &path, &nothing)).await.0, 403, "{call}");
    }
    assert_eq!(refused(gateway.get(&budi, "/gateway")).await.0, 403);

    let mut browser = visitor(&gateway, "root").await;
    browser.open("/modems").await.shows("Messages go out, and what is received is told");
    browser.send("/gateway/isolate", &[]).await.shows("The gateway is isolated.");
    browser.shows("told to no endpoint and no service until it is resumed");
    assert_eq!(now().await, isolated);
    browser.send("/gateway/resume", &[]).await.shows("The gateway is running again.");
    assert_eq!(now().await, running);
    browser.send("/gateway/explode", &[]).await;
    assert_eq!(browser.status, 404);
    let mut other = visitor(&gateway, "budi").await;
    other.open("/modems").await.hides("/gateway/isolate");
}
