//! What a key may ask for and send.

use contracts::Timestamp;
use reqwest::header::RETRY_AFTER;
use serde_json::json;

use crate::gateway::{Gateway, answer};

#[tokio::test]
async fn a_leaked_key_does_not_send_without_end() {
    let gateway = Gateway::start_with(&[("limits.key_messages", "3/1h")]).await;
    let key = gateway.user("budi", false).await;
    let body = json!({ "to": ["+62812345678", "+62812345679"], "text": "Halo" });
    assert_eq!(answer(gateway.post(&key, "/messages", &body)).await.0, 202);
    let refused = gateway.post(&key, "/messages", &body).send().await.expect("an answer");
    assert_eq!(refused.status(), 429);
    let wait: u64 =
        refused.headers()[RETRY_AFTER].to_str().expect("text").parse().expect("seconds");
    assert!((1..=1_201).contains(&wait), "{wait}");
    let problem: serde_json::Value = refused.json().await.expect("a problem");
    assert_eq!(
        (&problem["code"], &problem["limit"]),
        (&json!("too-many-requests"), &json!("3 each 1h"))
    );
    // Kannel's endpoint says it in its form; its clients take this for a reason to try again.
    let url = format!("{}/cgi-bin/sendsms", gateway.url);
    let kannel = |to: &str| {
        let query =
            [("username", "budi"), ("password", key.as_str()), ("to", to), ("text", "Halo")];
        gateway.http.get(&url).query(&query).send()
    };
    let taken = kannel("+62812345678").await.expect("an answer");
    assert_eq!(taken.status(), 202);
    let refused = kannel("+62812345678").await.expect("an answer");
    assert_eq!(refused.status(), 503);
    assert!(refused.headers().contains_key(RETRY_AFTER));
    assert_eq!(refused.text().await.expect("a body"), "Temporal failure, try again later.");
    // What was sent before may be told again, and costs nothing.
    let other = gateway.user("ani", false).await;
    let attempt = || gateway.post(&other, "/messages", &body).header("idempotency-key", "order-1");
    for _ in 0..3 {
        assert_eq!(answer(attempt()).await.0, 202);
    }
}

#[tokio::test]
async fn an_account_is_limited_over_all_its_keys_and_pages() {
    let gateway = Gateway::start_with(&[("limits.user_messages", "2/1h")]).await;
    let mut browser = crate::browser::newcomer(&gateway, "en").await;
    let name = "Ani";
    let key = async || {
        let made =
            crate::socket::call(&gateway, "POST", "/api/v1/keys", &json!({ "user": name })).await;
        made.1["key"].as_str().expect("a key").to_owned()
    };
    let body = json!({ "to": "+62812345678", "text": "Halo" });
    for _ in 0..2 {
        assert_eq!(answer(gateway.post(&key().await, "/messages", &body)).await.0, 202);
    }
    assert_eq!(answer(gateway.post(&key().await, "/messages", &body)).await.0, 429);
    browser.send("/send", &[("to", "+62812345678"), ("text", "Halo")]).await;
    browser.shows("This account has sent as much as it may for now");
}

#[tokio::test]
async fn a_key_asks_no_more_than_its_limit() {
    let gateway = Gateway::start_with(&[("limits.key_requests", "5/1h")]).await;
    let key = gateway.user("budi", false).await;
    for _ in 0..5 {
        assert_eq!(answer(gateway.get(&key, "/me")).await.0, 200);
    }
    let (status, problem) = answer(gateway.get(&key, "/me")).await;
    assert_eq!(
        (status.as_u16(), &problem["code"]),
        (429, &json!("too-many-requests")),
        "{problem}"
    );
    let other = gateway.user("ani", false).await;
    assert_eq!(answer(gateway.get(&other, "/me")).await.0, 200);
}

#[tokio::test]
async fn a_key_makes_none_that_outlives_it() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let soon = Timestamp::now().plus(std::time::Duration::from_hours(1));
    let (_, made) = answer(gateway.post(&root, "/keys", &json!({ "expires_at": soon }))).await;
    let passing = made["key"].as_str().expect("a key").to_owned();
    let later = soon.plus(std::time::Duration::from_secs(1));
    let ask = async |body: serde_json::Value| answer(gateway.post(&passing, "/keys", &body)).await;
    for whose in [json!({ "expires_at": later }), json!({ "user": "root", "expires_at": later })] {
        let (status, problem) = ask(whose).await;
        assert_eq!(
            (status.as_u16(), &problem["code"]),
            (403, &json!("key-would-outlive")),
            "{problem}"
        );
    }
    let (status, child) = ask(json!({ "label": "without an end" })).await;
    assert_eq!((status.as_u16(), &child["expires_at"]), (201, &json!(soon)), "it has its maker's");
    let sooner = Timestamp::now().plus(std::time::Duration::from_mins(1));
    assert_eq!(ask(json!({ "expires_at": sooner })).await.0, 201);
    let (_, lasting) = answer(gateway.post(&root, "/keys", &json!({}))).await;
    assert_eq!(lasting["expires_at"], serde_json::Value::Null);
}

/// The lines of a header.
fn lines(answer: &reqwest::Response, name: &str) -> Vec<String> {
    let lines = answer.headers().get_all(name).iter();
    lines.map(|line| line.to_str().expect("text").to_owned()).collect()
}

#[tokio::test]
async fn what_is_left_stands_in_every_answer() {
    let flags = [
        ("limits.key_requests", "10/1h"),
        ("limits.user_requests", ""),
        ("limits.key_messages", ""),
        ("limits.user_messages", "4/1m"),
    ];
    let gateway = Gateway::start_with(&flags).await;
    let key = gateway.user("budi", false).await;
    let me = gateway.get(&key, "/me").send().await.expect("an answer");
    assert_eq!(lines(&me, "ratelimit-policy"), ["\"key-requests\";q=10;w=3600"]);
    assert_eq!(lines(&me, "ratelimit"), ["\"key-requests\";r=9;t=360"]);
    let body = json!({ "to": ["+62812345678", "+62812345679", "+62812345670"], "text": "Halo" });
    let sent = gateway.post(&key, "/messages", &body).send().await.expect("an answer");
    assert_eq!(
        lines(&sent, "ratelimit"),
        ["\"user-messages\";r=1;t=45", "\"key-requests\";r=8;t=720",]
    );
    let refused = gateway.post(&key, "/messages", &body).send().await.expect("an answer");
    assert_eq!(refused.status(), 429);
    let left = lines(&refused, "ratelimit");
    assert!(left[0].starts_with("\"user-messages\";r=0;t="), "{left:?}");
    assert!(left[1].starts_with("\"key-requests\";r=7;"), "{left:?}");
    // A refusal for another reason says it too, and who has no key has no limits.
    let absent = gateway.get(&key, "/modems/mdm_1").send().await.expect("an answer");
    assert_eq!((absent.status().as_u16(), lines(&absent, "ratelimit").len()), (404, 1));
    let stranger = gateway.http.get(format!("{}/api/v1/me", gateway.url)).send().await;
    assert!(lines(&stranger.expect("an answer"), "ratelimit").is_empty());
}
