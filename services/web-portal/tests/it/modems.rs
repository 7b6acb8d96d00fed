//! Modems that are named, disabled, gone and forgotten.

use std::time::Duration;

use api::{Modem, ModemSettings};
use contracts::control::{COMMAND_NOT_ALLOWED, Call};
use contracts::modem::{ModemState, ModemStatus};
use contracts::{ModemId, Timestamp};
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use testkit::wait_for;

use crate::browser::newcomer;
use crate::gateway::{Gateway, answer, refused, told};

/// A modem whose host has not been heard of for `seconds`.
async fn silent(gateway: &Gateway, name: &str, seconds: u64) -> ModemState {
    let state = gateway.modem(name, "+62811000009").await;
    let seen_at = Timestamp::now().minus(Duration::from_secs(seconds));
    let state = ModemState { seen_at, ..state };
    let modems = gateway.bus.kv(bus::Bucket::Modems).await.expect("the bucket");
    modems.put(&state.id.to_string(), &state).await.expect("a state");
    state
}

async fn known(gateway: &Gateway, key: &str, count: usize) -> Vec<Modem> {
    wait_for("the modems", || async {
        let modems = gateway.modems(key).await;
        (modems.len() == count).then_some(modems)
    })
    .await
}

async fn one(gateway: &Gateway, key: &str, id: ModemId) -> Modem {
    told(gateway.get(key, &format!("/modems/{id}"))).await
}

#[tokio::test]
async fn a_modem_that_is_gone_says_so_and_is_forgotten() {
    let gateway = Gateway::start().await;
    let key = gateway.user("root", true).await;
    let here = gateway.modem("modem1", "+62811000001").await;
    let gone = silent(&gateway, "modem2", 3_600).await;
    known(&gateway, &key, 2).await;
    let modem = wait_for("its age", || async {
        let modem = one(&gateway, &key, gone.id).await;
        (modem.state.status == ModemStatus::Offline).then_some(modem)
    })
    .await;
    assert_eq!((modem.state.signal_dbm, modem.online), (None, false));
    assert_eq!(modem.state.problem.expect("a problem").code, "host-silent");
    assert!(modem.state.text.contains("not been heard of since"), "{}", modem.state.text);
    let url = |id| format!("{}/api/v1/modems/{id}", gateway.url);
    let forget = |id| gateway.http.delete(url(id)).bearer_auth(&key);
    assert_eq!(refused(forget(here.id)).await, (409, "modem-here".to_owned()));
    assert_eq!(answer(forget(gone.id)).await.0, 204);
    let left = known(&gateway, &key, 1).await;
    assert_eq!(left[0].state.id, here.id);
    assert_eq!(refused(forget(gone.id)).await.0, 404);
}

#[tokio::test]
async fn two_of_one_name_are_told_apart() {
    let gateway = Gateway::start().await;
    let key = gateway.user("root", true).await;
    let budi = gateway.user("budi", false).await;
    let first = gateway.modem("modem1", "+62811000001").await;
    let second = gateway.modem("modem2", "+62811000002").await;
    known(&gateway, &key, 2).await;
    let set = |key: &str, id, body: Value| {
        let url = format!("{}/api/v1/modems/{id}", gateway.url);
        gateway.http.patch(url).bearer_auth(key).json(&body)
    };
    assert_eq!(refused(set(&budi, first.id, json!({ "name": "Attic" }))).await.0, 403);
    let now: ModemSettings = told(set(&key, first.id, json!({ "name": "Attic" }))).await;
    assert_eq!(now.name.as_deref(), Some("Attic"));
    wait_for("the name", || async {
        (one(&gateway, &budi, first.id).await.state.name == "Attic").then_some(())
    })
    .await;
    for (body, code) in [
        (json!({ "name": "Attic" }), "name-taken"),
        (json!({ "name": "x".repeat(33) }), "malformed"),
        (json!({ "name": "a\u{202e}b" }), "invalid-name"),
        (json!({ "nmae": "x" }), "malformed"),
        (json!({}), "malformed"),
    ] {
        assert_eq!(refused(set(&key, second.id, body.clone())).await.1, code, "{body}");
    }
    let now: ModemSettings = told(set(&key, first.id, json!({ "name": "" }))).await;
    assert_eq!(now.name, None);
    wait_for("the port's name", || async {
        (one(&gateway, &key, first.id).await.state.name == "modem1").then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_modem_is_named_and_disabled_on_its_page() {
    let gateway = Gateway::start().await;
    let mut browser = newcomer(&gateway, "en").await;
    let key = gateway.user("root", true).await;
    let first = gateway.modem("modem1", "+62811000001").await;
    gateway.modem("modem2", "+62811000002").await;
    let gone = silent(&gateway, "modem3", 3_600).await;
    known(&gateway, &key, 3).await;
    // One that is gone is marked where it can be chosen.
    browser.open("/").await.shows("modem3 · +62811000009 · Offline</option>");
    browser.open("/modems").await.shows("Its host test is not heard of any more.");
    let path = |what: &str| format!("/modems/{}/{what}", first.id);
    browser.send(&path("name"), &[("name", "Attic")]).await.shows("The name is kept.");
    browser.send(&path("disable"), &[]).await.shows("The modem is disabled");
    wait_for("the modem to be disabled", || async {
        let modem = one(&gateway, &key, first.id).await.state;
        (modem.status == ModemStatus::Disabled && modem.name == "Attic").then_some(())
    })
    .await;
    browser.open("/modems").await.shows("It sends nothing. What it receives is kept.");
    browser.open("/").await;
    assert!(!browser.page.contains("Attic · +62811000001</option>"), "it cannot be chosen");
    browser.send(&path("forget"), &[]).await.shows("A driver told of this modem");
    browser.send(&path("enable"), &[]).await.shows("The modem is enabled.");
    let forget = format!("/modems/{}/forget", gone.id);
    browser.send(&forget, &[]).await.shows("The modem is forgotten.");
    known(&gateway, &key, 2).await;
}

/// A command that no modem is given by hand is the fault of whoever asks, not the modem's.
#[tokio::test]
async fn a_command_that_is_not_allowed_is_named_as_a_field() {
    let gateway = Gateway::start().await;
    let key = gateway.user("root", true).await;
    let modem = gateway.modem("modem1", "+62811000001").await;
    let client = gateway.bus.client().clone();
    let mut calls = client.subscribe(Call::At.subject(modem.id)).await.expect("a subscription");
    tokio::spawn(async move {
        // As the driver answers.
        let request = calls.next().await.expect("a call");
        let mut refusal = async_nats::HeaderMap::new();
        let words = "this command is not allowed here: a command begins with AT";
        refusal.insert("Nats-Service-Error", words);
        refusal.insert("Nats-Service-Error-Code", COMMAND_NOT_ALLOWED.to_string());
        let reply = request.reply.expect("a reply subject");
        client.publish_with_headers(reply, refusal, "".into()).await.expect("published");
    });
    let path = format!("/modems/{}/at", modem.id);
    let (status, problem) = answer(gateway.post(&key, &path, &json!({ "command": "hello" }))).await;
    assert_eq!((status.as_u16(), &problem["field"]), (400, &json!("command")), "{problem}");
}
