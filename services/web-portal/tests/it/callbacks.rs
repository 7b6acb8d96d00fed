//! What became of the calls of a message's URL, on its page.

use std::time::Duration;

use contracts::{OrgId, Timestamp};
use serde_json::json;
use store::{CallbackAttempt, NewCallback, NextStep, Reach};
use testkit::wait_for;

use crate::browser::{Browser, newcomer};
use crate::gateway::Gateway;

#[tokio::test]
async fn the_page_says_what_was_tried_what_came_back_and_what_follows() {
    let gateway = Gateway::start().await;
    let mut browser = newcomer(&gateway, "en").await;
    let key = gateway.user("shop", true).await;
    let url = "https://ani:secret@shop.example/dlr?id=7&token=secret";
    let body = json!({ "to": "+62812345678", "text": "Halo", "dlr": { "url": url, "mask": 3 } });
    let id = gateway.sends(&key, &body).await[0];
    let reach = Reach::everything(OrgId::default_org());
    let row = wait_for("the row", || async {
        gateway.store.message_detail(reach, id).await.expect("a database")
    })
    .await;
    let page = format!("/messages/{id}");
    browser.open(&page).await.shows("Callbacks");
    browser.shows("Nothing has happened yet that it is told.");

    let now = Timestamp::now();
    let (org, owner) = (row.message.org, row.message.owner);
    let new = |key: &str| NewCallback {
        org,
        owner,
        message: id,
        event_key: key.to_owned(),
        url: url.to_owned(),
        form: store::CallbackForm::default(),
        next_at: now,
    };
    let made = gateway.store.create_callback(&new("dlr-8"), now).await.expect("a database");
    let first = made.expect("a callback");
    browser.open(&page).await.shows("That the network took it");
    browser.shows("Not called yet. It is called at <time");
    browser.shows("https://shop.example/dlr");
    browser.hides("secret");

    let attempt = |status: Option<u16>, error: Option<&str>| CallbackAttempt {
        at: now,
        duration: Duration::from_millis(20),
        http_status: status,
        error: error.map(str::to_owned),
    };
    let later = now.plus(Duration::from_mins(5));
    let no_answer = attempt(None, Some("No answer <in> 10 s."));
    let busy = attempt(Some(503), Some("It answered 503 Service Unavailable."));
    gateway
        .store
        .record_callback_attempt(first, &no_answer, NextStep::Retry(later))
        .await
        .expect("kept");
    gateway
        .store
        .record_callback_attempt(first, &busy, NextStep::Retry(later))
        .await
        .expect("kept");
    browser.open(&page).await.shows("No answer &#60;in&#62; 10 s.");
    browser.shows("HTTP 503");
    browser.shows("It is called again at <time");
    let taken = attempt(Some(200), None);
    gateway.store.record_callback_attempt(first, &taken, NextStep::Done).await.expect("kept");
    let second = gateway.store.create_callback(&new("dlr-2"), now).await.expect("a database");
    let second = second.expect("a callback");
    gateway.store.record_callback_attempt(second, &busy, NextStep::GiveUp).await.expect("kept");
    browser.open(&page).await.shows("HTTP 200: it was taken.");
    browser.shows("That it was not delivered");
    browser.shows("Given up: it is not called again.");
    browser.hides("It is called again");

    // Programs are told the same.
    let calls = gateway.message(&key, id).await.callbacks.expect("callbacks");
    let tried: Vec<Option<u16>> = calls[0].attempts.iter().map(|tried| tried.http_status).collect();
    assert_eq!((tried, calls[0].tries), (vec![None, Some(503), Some(200)], 3));
    assert_eq!(calls[0].attempts[0].error.as_deref(), Some("No answer <in> 10 s."));

    let mut indonesian = Browser::new(&gateway, "id");
    indonesian.open("/login").await;
    indonesian.send("/login", &[("name", "shop"), ("password", "correct horse")]).await;
    indonesian.open(&page).await.shows("Tidak dipanggil lagi");
    indonesian.shows("HTTP 200: diterima.");
    // Who asked for no callback is told of none.
    let plain = json!({ "to": "+62812345678", "text": "Halo" });
    let plain = format!("/messages/{}", gateway.sends(&key, &plain).await[0]);
    browser.open(&plain).await.hides("Callbacks");
}
