//! Cancelling, and sending again.

use api::{Acceptance, Cancellation, MessageDetail, Problem};
use bus::{Bucket, Kv};
use contracts::cancellation;
use contracts::mt::{MtChange, MtEvent, SendError, SentPart, Through};
use contracts::{MessageId, ModemId, MtState, OrgId, Priority, SimId, Timestamp};
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use testkit::wait_for;

use crate::browser::Browser;
use crate::gateway::{Gateway, answer, refused, told};

async fn sent(gateway: &Gateway, key: &str) -> MessageId {
    let body = json!({ "to": "+62812345678", "text": "Halo" });
    gateway.sends(key, &body).await[0]
}

fn cancel(gateway: &Gateway, key: &str, id: MessageId) -> RequestBuilder {
    gateway.http.delete(format!("{}/api/v1/messages/{id}", gateway.url)).bearer_auth(key)
}

async fn cancelled(gateway: &Gateway, key: &str, id: MessageId) -> Cancellation {
    told(cancel(gateway, key, id)).await
}

/// Why a message is not cancelled: the code, and the sentence.
async fn not_cancelled(gateway: &Gateway, key: &str, id: MessageId) -> (u16, String, Problem) {
    let (status, body) = answer(cancel(gateway, key, id)).await;
    let problem: Problem = serde_json::from_value(body).expect("a problem");
    (status.as_u16(), problem.code.clone(), problem)
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

async fn until(gateway: &Gateway, key: &str, id: MessageId, state: MtState) -> MessageDetail {
    wait_for(state.as_str(), || async {
        let detail = gateway.message(key, id).await;
        (detail.message.state == state).then_some(detail)
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
    assert_eq!(not_cancelled(&gateway, &stranger, id).await.0, 404);
    let told = cancelled(&gateway, &key, id).await;
    assert_eq!((told.already, &*told.text), (false, "Cancelled: it will not be sent."));
    let message = until(&gateway, &key, id, MtState::Cancelled).await;
    assert_eq!(message.timeline[1].text, "Cancelled by budi.");
    let by = message.timeline[1].by.as_ref().expect("somebody");
    assert_eq!(by.name.as_deref(), Some("budi"));
    assert!(cancelled(&gateway, &key, id).await.already);
    // No driver passes this by.
    let entry = journal(&gateway).await.get(&cancellation::key(id)).await.expect("the journal");
    assert_eq!(entry.expect("an entry").value["stage"], "cancelled");
    let message = until(&gateway, &key, id, MtState::Cancelled).await;
    assert_eq!(message.timeline.len(), 2);
    let unknown = not_cancelled(&gateway, &key, MessageId::derived("nobody's")).await;
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
    assert!(cancelled(&gateway, &key, id).await.already);
    let message = until(&gateway, &key, id, MtState::Cancelled).await;
    assert_eq!(message.timeline[1].text, "Cancelled.");
}

#[tokio::test]
async fn what_a_modem_has_is_too_late_and_between_two_tries_it_is_not() {
    let gateway = Gateway::start().await;
    let key = gateway.user("budi", false).await;
    let id = sent(&gateway, &key).await;
    let (journal, part) = (journal(&gateway).await, cancellation::key(id));
    let at = Timestamp::now();
    let revision = journal.create(&part, &json!({ "stage": "writing", "at": at })).await;
    let (status, code, problem) = not_cancelled(&gateway, &key, id).await;
    assert_eq!((status, &*code), (409, "too-late"));
    let detail = "It is too late: a modem has the message, and it may be going out.";
    assert_eq!(problem.detail, detail);
    // A try failed, and another follows: it can be taken back again.
    let waiting = json!({ "stage": "waiting", "at": at });
    journal.update(&part, &waiting, revision.expect("an entry")).await.expect("an entry");
    assert!(!cancelled(&gateway, &key, id).await.already);
    until(&gateway, &key, id, MtState::Cancelled).await;
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
        let (status, _, problem) = not_cancelled(&gateway, &key, id).await;
        assert_eq!((status, &problem.members["state"]), (409, &json!("sent")));
        assert_eq!(problem.detail, "It is too late: the network has the message.");
    }
}

#[tokio::test]
async fn what_did_not_reach_anybody_is_sent_again_once_as_a_message_that_names_it() {
    let gateway = Gateway::start().await;
    let key = gateway.user("budi", false).await;
    let body = json!({ "to": "+62812345678", "text": "Halo “dunia”", "encoding": "smart", "priority": "otp",
        "not_after": Timestamp::now().plus(std::time::Duration::from_mins(5)) });
    let first: Acceptance = told(gateway.post(&key, "/messages", &body)).await;
    let old = first.messages[0].id;
    let path = format!("/messages/{old}/again");
    let again = || gateway.post(&key, &path, &json!({}));
    assert_eq!(refused(again()).await, (409, "not-over".to_owned()));
    let error = SendError { code: "cms-38".into(), text: "No network.".into() };
    tell(&gateway, old, MtChange::Failed { error, through: None, tries: 3 }).await;
    until(&gateway, &key, old, MtState::Failed).await;

    let second: Acceptance = told(again()).await;
    let new = second.messages[0].id;
    assert_eq!(second.again_of, Some(old));
    assert_ne!(new, old);
    let message = until(&gateway, &key, new, MtState::Accepted).await;
    assert_eq!(message.message.text.as_deref(), body["text"].as_str());
    assert_eq!(message.message.priority, Priority::Otp);
    assert_eq!((message.alphabet, message.again_of), (Some(first.alphabet), Some(old)));
    let reach = store::Reach::everything(OrgId::default_org());
    let detail = gateway.store.message_detail(reach, new).await.expect("a database");
    let request = detail.expect("the row").request;
    let end = request.not_after.expect("an end").since(Timestamp::now());
    assert!((250..=300).contains(&end.as_secs()), "it may take as long as the first one: {end:?}");

    let replayed: Acceptance = told(again()).await;
    assert_eq!(replayed.messages[0].id, new);
    assert_eq!(gateway.message(&key, old).await.repeated_as, Some(new));
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
    until(&gateway, &key, id, MtState::Cancelled).await;
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

/// A message that would be over before it may be sent is a slip, and says which field it is.
#[tokio::test]
async fn what_ends_before_it_begins_is_refused() {
    let gateway = Gateway::start().await;
    let key = gateway.user("budi", false).await;
    let soon = Timestamp::now().plus(std::time::Duration::from_mins(5));
    let message = |begin: Timestamp, end: Timestamp| json!({ "to": "+62812345678", "text": "Halo", "not_before": begin, "not_after": end });
    let wrong = message(soon, soon.minus(std::time::Duration::from_secs(1)));
    let (status, problem) = answer(gateway.post(&key, "/messages", &wrong)).await;
    assert_eq!((status.as_u16(), &problem["field"]), (400, &json!("not_after")), "{problem}");
    assert_eq!(gateway.accepted(&key).await, 0);
    let (status, said) = answer(gateway.post(&key, "/messages", &message(soon, soon))).await;
    assert_eq!(status, 202, "{said}");
}
