//! Cancelling, and sending again.

use bus::{Bucket, Kv};
use contracts::cancellation;
use contracts::mt::{MtChange, MtEvent, SendError, SentPart, Through};
use contracts::{MessageId, ModemId, OrgId, SimId, Timestamp};
use serde_json::{Value, json};
use testkit::wait_for;

use crate::browser::Browser;
use crate::gateway::{Gateway, answer};

async fn sent(gateway: &Gateway, key: &str) -> MessageId {
    let body = json!({ "to": "+62812345678", "text": "Halo" });
    let (status, sent) = answer(gateway.post(key, "/messages", &body)).await;
    assert_eq!(status, 202, "{sent}");
    sent["messages"][0]["id"].as_str().expect("an id").parse().expect("an id")
}

async fn cancelled(gateway: &Gateway, key: &str, id: MessageId) -> (u16, Value) {
    let url = format!("{}/api/v1/messages/{id}", gateway.url);
    let (status, body) = answer(gateway.http.delete(url).bearer_auth(key)).await;
    (status.as_u16(), body)
}

async fn tell(gateway: &Gateway, id: MessageId, change: MtChange) {
    let reach = store::Reach::everything(OrgId::default_org());
    let request = wait_for("the row", || async {
        gateway.store.message_detail(reach, id).await.ok().flatten()
    })
    .await
    .request;
    let event = MtEvent::of(id, &request, Timestamp::now(), change);
    gateway.bus.publish(&event).await.expect("an event");
}

fn the_network_took_it() -> MtChange {
    let through = Through { modem: ModemId::derived("a"), sim: SimId::derived("a") };
    let at = Timestamp::now();
    MtChange::Sent { through, parts: vec![SentPart { part: 1, reference: 1, at }] }
}

async fn until(gateway: &Gateway, key: &str, id: MessageId, state: &str) -> Value {
    wait_for(state, || async {
        let (_, message) = answer(gateway.get(key, &format!("/messages/{id}"))).await;
        (message["state"] == state).then_some(message)
    })
    .await
}

async fn journal(gateway: &Gateway) -> Kv<Value> {
    gateway.bus.kv(Bucket::Attempts).await.expect("the journal")
}

#[tokio::test]
async fn what_no_modem_has_is_taken_back_once_and_it_is_said_by_whom() {
    let gateway = Gateway::start().await;
    let key = gateway.user("budi", false).await;
    let stranger = gateway.user("sari", false).await;
    let id = sent(&gateway, &key).await;
    assert_eq!(cancelled(&gateway, &stranger, id).await.0, 404);
    let (status, body) = cancelled(&gateway, &key, id).await;
    assert_eq!((status, &body["already"]), (200, &json!(false)), "{body}");
    assert_eq!(body["text"], "Cancelled: it will not be sent.");
    let message = until(&gateway, &key, id, "cancelled").await;
    assert_eq!(message["timeline"][1]["text"], "Cancelled by budi.");
    assert_eq!(message["timeline"][1]["by"]["name"], "budi");
    let (status, body) = cancelled(&gateway, &key, id).await;
    assert_eq!((status, &body["already"]), (200, &json!(true)), "{body}");
    // No driver passes this by.
    let entry = journal(&gateway).await.get(&cancellation::key(id)).await.expect("the journal");
    assert_eq!(entry.expect("an entry").value["stage"], "cancelled");
    let message = until(&gateway, &key, id, "cancelled").await;
    assert_eq!(message["timeline"].as_array().map(Vec::len), Some(2), "{message}");
    let unknown = cancelled(&gateway, &key, MessageId::derived("nobody's")).await;
    assert_eq!(unknown.0, 404, "{}", unknown.1);
}

#[tokio::test]
async fn whoever_cancelled_and_died_before_telling_is_made_good_by_the_next() {
    let gateway = Gateway::start().await;
    let key = gateway.user("budi", false).await;
    let id = sent(&gateway, &key).await;
    let now = Timestamp::now();
    let entry =
        json!({ "stage": "cancelled", "by": null, "round": 0, "at": now, "keep_until": now });
    journal(&gateway).await.create(&cancellation::key(id), &entry).await.expect("an entry");
    let (status, body) = cancelled(&gateway, &key, id).await;
    assert_eq!((status, &body["already"]), (200, &json!(true)), "{body}");
    let message = until(&gateway, &key, id, "cancelled").await;
    assert_eq!(message["timeline"][1]["text"], "Cancelled.");
}

#[tokio::test]
async fn what_a_modem_has_is_too_late_and_between_two_tries_it_is_not() {
    let gateway = Gateway::start().await;
    let key = gateway.user("budi", false).await;
    let id = sent(&gateway, &key).await;
    let (journal, part) = (journal(&gateway).await, cancellation::key(id));
    let at = Timestamp::now();
    let revision = journal.create(&part, &json!({ "stage": "writing", "at": at })).await;
    let (status, body) = cancelled(&gateway, &key, id).await;
    assert_eq!((status, &body["code"]), (409, &json!("too-late")), "{body}");
    assert_eq!(body["detail"], "It is too late: a modem has the message, and it may be going out.");
    // A try failed, and another follows: it can be taken back again.
    let waiting = json!({ "stage": "waiting", "at": at });
    journal.update(&part, &waiting, revision.expect("an entry")).await.expect("an entry");
    assert_eq!(cancelled(&gateway, &key, id).await.0, 200);
    until(&gateway, &key, id, "cancelled").await;
}

/// The journal forgets a message a minute after it was sent; what was told of it counts, also when it was told just
/// now and the history is not yet so far.
#[tokio::test]
async fn what_was_sent_is_too_late_also_before_its_row_says_so() {
    let gateway = Gateway::start().await;
    let key = gateway.user("budi", false).await;
    for _ in 0..10 {
        let id = sent(&gateway, &key).await;
        tell(&gateway, id, the_network_took_it()).await;
        let (status, body) = cancelled(&gateway, &key, id).await;
        assert_eq!((status, &body["state"]), (409, &json!("sent")), "{body}");
        assert_eq!(body["detail"], "It is too late: the network has the message.");
    }
}

#[tokio::test]
async fn what_did_not_reach_anybody_is_sent_again_once_as_a_message_that_names_it() {
    let gateway = Gateway::start().await;
    let key = gateway.user("budi", false).await;
    let body = json!({ "to": "+62812345678", "text": "Halo “dunia”", "encoding": "smart", "priority": "otp",
        "not_after": Timestamp::now().plus(std::time::Duration::from_mins(5)) });
    let (_, first) = answer(gateway.post(&key, "/messages", &body)).await;
    let old: MessageId = first["messages"][0]["id"].as_str().expect("an id").parse().expect("one");
    let path = format!("/messages/{old}/again");
    let (status, refused) = answer(gateway.post(&key, &path, &json!({}))).await;
    assert_eq!((status.as_u16(), &refused["code"]), (409, &json!("not-over")), "{refused}");
    let error = SendError { code: "cms-38".into(), text: "No network.".into() };
    tell(&gateway, old, MtChange::Failed { error, through: None, tries: 3 }).await;
    until(&gateway, &key, old, "failed").await;

    let (status, again) = answer(gateway.post(&key, &path, &json!({}))).await;
    assert_eq!(status, 202, "{again}");
    assert_eq!(again["again_of"], json!(old));
    let new: MessageId = again["messages"][0]["id"].as_str().expect("an id").parse().expect("one");
    assert_ne!(new, old);
    let message = until(&gateway, &key, new, "accepted").await;
    assert_eq!((&message["text"], &message["priority"]), (&body["text"], &body["priority"]));
    assert_eq!((&message["encoding"], &message["again_of"]), (&first["encoding"], &json!(old)));
    let reach = store::Reach::everything(OrgId::default_org());
    let detail = gateway.store.message_detail(reach, new).await.expect("a database");
    let request = detail.expect("the row").request;
    let end = request.not_after.expect("an end").since(Timestamp::now());
    assert!((250..=300).contains(&end.as_secs()), "it may take as long as the first one: {end:?}");

    let (status, replayed) = answer(gateway.post(&key, &path, &json!({}))).await;
    assert_eq!((status.as_u16(), &replayed["messages"][0]["id"]), (202, &json!(new)), "{replayed}");
    let (_, message) = answer(gateway.get(&key, &format!("/messages/{old}"))).await;
    assert_eq!(message["repeated_as"], json!(new));
}

#[tokio::test]
async fn the_page_has_both_buttons_at_their_time() {
    let gateway = Gateway::start().await;
    let key = gateway.user("budi", false).await;
    let id = sent(&gateway, &key).await;
    let mut browser = Browser::new(&gateway, "en");
    browser.open("/login").await;
    browser.send("/login", &[("name", "budi"), ("password", "correct horse")]).await;
    browser.open(&format!("/messages/{id}")).await;
    browser.shows(&format!("/messages/{id}/cancel"));
    assert!(!browser.page.contains("Send again"));
    browser.send(&format!("/messages/{id}/cancel"), &[]).await;
    assert_eq!(browser.at, format!("/messages/{id}"));
    browser.shows("It will not be sent.");
    until(&gateway, &key, id, "cancelled").await;
    browser.open(&format!("/messages/{id}")).await;
    browser.shows("Cancelled by budi.");
    assert!(!browser.page.contains(&format!("/messages/{id}/cancel")));
    browser.send(&format!("/messages/{id}/again"), &[]).await;
    assert!(browser.at.starts_with("/messages/") && !browser.at.contains(&id.to_string()));
    browser.shows("Sent again in place of an earlier message");
    browser.open(&format!("/messages/{id}")).await;
    browser.shows("It was sent again as a new message");

    let late = sent(&gateway, &key).await;
    tell(&gateway, late, the_network_took_it()).await;
    browser.send(&format!("/messages/{late}/cancel"), &[]).await;
    browser.shows("It is too late to cancel");
}
