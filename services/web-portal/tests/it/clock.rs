//! What ends by time, by the clock that the portal is given: nobody waits.

use std::time::Duration;

use contracts::Timestamp;
use platform::Clock;
use serde_json::json;

use crate::browser::Browser;
use crate::gateway::{Gateway, answer};

#[tokio::test]
async fn sessions_and_keys_end_by_the_clock_of_the_portal() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let now = Timestamp::now();
    let new = json!({ "expires_at": now.plus(Duration::from_hours(1)) });
    let (status, made) = answer(gateway.post(&root, "/keys", &new)).await;
    assert_eq!(status, 201, "{made}");
    let key = made["key"].as_str().expect("a key");
    let mut browser = Browser::new(&gateway, "en");
    browser.open("/login").await;
    browser.send("/login", &[("name", "root"), ("password", "correct horse")]).await;
    assert_eq!(browser.at, "/");
    // A session that nobody uses ends after three days.
    for (hours, by_key, by_session) in [(0, 200, 200), (2, 401, 200), (4 * 24, 401, 303)] {
        let ahead = Clock::following(now.plus(Duration::from_hours(hours)));
        let copy = gateway.copy_by(ahead).await;
        let called = gateway.http.get(format!("{copy}/api/v1/me")).bearer_auth(key).send().await;
        assert_eq!(called.expect("an answer").status(), by_key, "{hours} hours ahead");
        let page = gateway.http.get(format!("{copy}/account")).header("cookie", browser.cookie());
        let page = page.send().await.expect("an answer");
        assert_eq!(page.status(), by_session, "{hours} hours ahead");
    }
}
