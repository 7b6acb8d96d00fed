//! Broadcasts, by the API and on their pages.

use contracts::BroadcastId;
use reqwest::StatusCode;
use serde_json::{Value, json};
use testkit::wait_for;

use crate::browser::Browser;
use crate::gateway::{Gateway, answer, refused, told};

fn new_broadcast() -> Value {
    json!({
        "name": "Libur",
        "to": ["+62 811-111", "+62811111", "0811 222", "nobody"],
        "text": "Hai {number}, besok libur",
        "zone": "asia/jakarta",
    })
}

async fn made(gateway: &Gateway, key: &str, body: &Value) -> api::Broadcast {
    let (status, made) = answer(gateway.post(key, "/broadcasts", body)).await;
    assert_eq!(status, 201, "{made}");
    serde_json::from_value(made).expect("a broadcast")
}

async fn patch(gateway: &Gateway, key: &str, path: &str, body: &Value) -> (u16, Value) {
    let url = format!("{}/api/v1{path}", gateway.url);
    let (status, said) = answer(gateway.http.patch(url).bearer_auth(key).json(body)).await;
    (status.as_u16(), said)
}

async fn call(gateway: &Gateway, key: &str, id: BroadcastId, call: &str) -> (u16, Value) {
    let path = format!("/broadcasts/{id}/{call}");
    let (status, said) = answer(gateway.post(key, &path, &json!({}))).await;
    (status.as_u16(), said)
}

/// The broadcast once it is so.
async fn once(
    gateway: &Gateway,
    key: &str,
    id: BroadcastId,
    is_so: impl Fn(&api::Broadcast) -> bool,
) -> api::Broadcast {
    wait_for("the broadcast", || async {
        let now: api::Broadcast = told(gateway.get(key, &format!("/broadcasts/{id}"))).await;
        Some(now).filter(&is_so)
    })
    .await
}

#[tokio::test]
async fn a_broadcast_is_tested_started_paused_and_cancelled() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let budi = gateway.user("budi", false).await;
    let (_, group) = answer(gateway.post(&budi, "/groups", &json!({ "name": "Toko" }))).await;
    let contact = json!({ "name": "Siti", "number": "+62812333", "groups": [group["id"]] });
    assert_eq!(answer(gateway.post(&budi, "/contacts", &contact)).await.0, 201);
    let broadcast = made(&gateway, &budi, &new_broadcast()).await;
    let id = broadcast.id;
    assert_eq!((broadcast.state.as_str(), broadcast.numbers), ("draft", 4));
    assert_eq!((broadcast.zone.as_str(), broadcast.priority.as_str()), ("Asia/Jakarta", "bulk"));
    let path = format!("/broadcasts/{id}");
    let change = json!({
        "text": "Hai {name} {{", "groups": [group["id"]], "pace": "6000/minute", "quiet": "03:00-03:01",
    });
    let (status, changed) = patch(&gateway, &budi, &path, &change).await;
    assert_eq!((status, &changed["pace"]), (200, &json!("6000/minute")), "{changed}");
    let shown: api::Broadcast = told(gateway.get(&root, &path)).await;
    assert_eq!(shown.audience.expected, Some(5));
    assert_eq!(shown.quiet.as_deref(), Some("03:00-03:01"));
    let (status, problem) = patch(&gateway, &budi, &path, &json!({ "sim": "modem1" })).await;
    assert_eq!((status, &problem["field"]), (400, &json!("sim")), "{problem}");
    for (pool, shown) in [("kilat", json!("kilat")), ("", Value::Null)] {
        let (_, changed) = patch(&gateway, &budi, &path, &json!({ "pool": pool })).await;
        assert_eq!(changed["pool"], shown, "{changed}");
    }
    let (_, found) = answer(gateway.get(&budi, "/broadcasts?q=LIB")).await;
    assert_eq!(found["broadcasts"].as_array().map(Vec::len), Some(1));

    // A test is a message of its own, once for one name.
    let test = || {
        let request = gateway.post(&budi, &format!("{path}/test"), &json!({ "to": "+62899999" }));
        request.header("idempotency-key", "test-1")
    };
    let (status, sent) = answer(test()).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{sent}");
    assert_eq!(answer(test()).await.1["messages"][0]["id"], sent["messages"][0]["id"]);
    let all = gateway.messages(&budi).await;
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].text.as_deref(), Some("Hai Siti {"));
    let shown: api::Broadcast = told(gateway.get(&budi, &path)).await;
    assert_eq!((shown.tests, shown.state.as_str()), (1, "draft"));

    let (status, started) = call(&gateway, &budi, id, "start").await;
    assert_eq!((status, &started["state"]), (200, &json!("running")), "{started}");
    let out = once(&gateway, &budi, id, |now| now.audience.handed_out == 3).await;
    let counted = (out.audience.duplicates, out.audience.unusable, out.audience.waiting);
    assert_eq!((counted, out.audience.read), ((1, 1, 0), true));
    assert_eq!(out.batches, [id.batch(0)]);
    let batch = id.batch(0);
    let sent: api::Messages = told(gateway.get(&budi, &format!("/messages?batch={batch}"))).await;
    let mut texts: Vec<_> = sent.messages.iter().filter_map(|one| one.text.clone()).collect();
    texts.sort_unstable();
    assert_eq!(texts, ["Hai  {", "Hai  {", "Hai Siti {"]);
    for _ in 0..2 {
        let (status, now) = call(&gateway, &budi, id, "start").await;
        assert_eq!((status, &now["state"]), (200, &json!("running")), "started twice is once");
    }
    let (_, all) = answer(gateway.get(&budi, &format!("{path}/recipients?limit=2"))).await;
    assert_eq!((all["recipients"].as_array().map(Vec::len), &all["next"]), (Some(2), &json!(1)));
    let (_, rest) = answer(gateway.get(&budi, &format!("{path}/recipients?after=1"))).await;
    assert_eq!(
        (rest["recipients"].as_array().map(Vec::len), &rest["next"]),
        (Some(3), &Value::Null)
    );
    let (_, left) = answer(gateway.get(&budi, &format!("{path}/recipients?left_out=true"))).await;
    let left: Vec<_> = left["recipients"].as_array().expect("a list").iter().collect();
    let why: Vec<_> = left.iter().map(|one| (&one["number"], &one["left_out"])).collect();
    let expected = [(json!("+62811111"), json!("duplicate")), (json!("nobody"), json!("unusable"))];
    assert_eq!(why, expected.iter().map(|(number, why)| (number, why)).collect::<Vec<_>>());
    let csv = gateway.get(&budi, &format!("{path}/recipients")).header("accept", "text/csv");
    let csv = csv.send().await.expect("an answer").text().await.expect("a text");
    assert_eq!(csv.lines().count(), 6, "{csv}");
    assert!(csv.contains("\"'+62811111\",\"duplicate\"") && csv.contains("\"held\""), "{csv}");

    for (order, state) in [("pause", "paused"), ("pause", "paused"), ("resume", "running")] {
        let (status, now) = call(&gateway, &budi, id, order).await;
        assert_eq!((status, &now["state"]), (200, &json!(state)), "{order}: {now}");
    }
    let batch_path = format!("/batches/{batch}");
    let (status, now) = call(&gateway, &budi, id, "cancel").await;
    assert_eq!((status, &now["state"]), (200, &json!("cancelled")), "{now}");
    let (_, now) = answer(gateway.get(&budi, &batch_path)).await;
    assert_eq!(now["order"], "cancelled");
    let ended = once(&gateway, &budi, id, |now| now.states.get("cancelled") == Some(&3)).await;
    assert!(ended.finished_at.is_some());
    for order in ["resume", "pause", "start"] {
        let (status, problem) = call(&gateway, &budi, id, order).await;
        assert_eq!((status, &problem["code"]), (409, &json!("broadcast-state")), "{problem}");
        assert_eq!(problem["state"], "cancelled");
    }
    let (status, problem) = patch(&gateway, &budi, &path, &json!({ "text": "x" })).await;
    assert_eq!((status, &problem["code"]), (409, &json!("broadcast-state")));
    let removed = gateway.http.delete(format!("{}/api/v1{path}", gateway.url)).bearer_auth(&budi);
    assert_eq!(removed.send().await.expect("an answer").status(), 204);
    assert_eq!(refused(gateway.get(&budi, &path)).await.0, 404);
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_with_the_field() {
    let gateway = Gateway::start().await;
    gateway.user("root", true).await;
    let budi = gateway.user("budi", false).await;
    for (change, status, code, field) in [
        (json!({ "at": "tomorrow" }), 400, "malformed", "at"),
        (json!({ "at": "2020-01-01 08:00" }), 400, "malformed", "at"),
        (json!({ "zone": "Jakarta" }), 400, "malformed", "zone"),
        (json!({ "pace": "0/minute" }), 400, "malformed", "pace"),
        (json!({ "pace": "100001/hour" }), 400, "malformed", "pace"),
        (json!({ "quiet": "08:00-08:00" }), 400, "malformed", "quiet"),
        (json!({ "name": " x" }), 400, "malformed", "name"),
        (json!({ "to": [] }), 422, "no-recipient", "to"),
        (json!({ "to": ["nobody", "no number"] }), 422, "invalid-recipient", "to"),
        (json!({ "text": "Hai {nama}" }), 400, "malformed", "text"),
        (json!({ "text": "Hai {" }), 400, "malformed", "text"),
        (json!({ "text": "" }), 422, "empty-text", ""),
        (json!({ "text": " " }), 422, "blank-text", ""),
        (json!({ "text": "x".repeat(10_000) }), 422, "text-too-long", "text"),
        (json!({ "text": null }), 400, "malformed", ""),
        (
            json!({ "text": null, "template": format!("tpl_{}", "0".repeat(32)) }),
            404,
            "not-found",
            "",
        ),
        (json!({ "groups": [format!("grp_{}", "0".repeat(32))] }), 404, "not-found", ""),
        (json!({ "user": "root" }), 403, "admins-only", ""),
    ] {
        let mut new = new_broadcast();
        let fields = new.as_object_mut().expect("fields");
        fields.extend(change.as_object().expect("fields").clone());
        let (found, problem) = answer(gateway.post(&budi, "/broadcasts", &new)).await;
        let said = problem["field"].as_str().unwrap_or_default();
        let of_problem = (found.as_u16(), problem["code"].as_str().unwrap_or_default(), said);
        assert_eq!(of_problem, (status, code, field), "{change}: {problem}");
    }
    // A field that nobody has, and groups of nobody, are known when it is started.
    let (_, group) = answer(gateway.post(&budi, "/groups", &json!({ "name": "Toko" }))).await;
    let mut new = new_broadcast();
    new["text"] = json!("Hai {name}");
    let id = made(&gateway, &budi, &new).await.id;
    let (status, problem) = call(&gateway, &budi, id, "start").await;
    assert_eq!((status, &problem["field"]), (400, &json!("text")), "{problem}");
    let detail = problem["detail"].as_str().expect("words");
    assert!(detail.starts_with("Nobody this broadcast is for has anything in {name}"), "{detail}");
    let empty = json!({ "to": [], "groups": [group["id"]], "text": "Hai" });
    let path = format!("/broadcasts/{id}");
    assert_eq!(patch(&gateway, &budi, &path, &empty).await.0, 200);
    let (status, problem) = call(&gateway, &budi, id, "start").await;
    assert_eq!((status, &problem["code"]), (422, &json!("no-recipient")), "{problem}");
    let (_, problem) = answer(gateway.post(&budi, "/broadcasts", &new)).await;
    assert_eq!(problem["code"], "name-taken");

    // One that waits for its time starts by itself, and is taken back by a pause.
    let later = json!({ "at": "2130-12-01 08:00", "to": ["+62811111"] });
    assert_eq!(patch(&gateway, &budi, &path, &later).await.0, 200);
    let (_, waits) = call(&gateway, &budi, id, "start").await;
    let said = (&waits["state"], &waits["next"]);
    assert_eq!(said, (&json!("scheduled"), &json!("2130-12-01T01:00:00Z")), "{waits}");
    let (_, draft) = call(&gateway, &budi, id, "pause").await;
    assert_eq!((&draft["state"], &draft["next"]), (&json!("draft"), &Value::Null));

    // What it sends is changed while it waits, by who may start it; its time as it is makes it no draft.
    assert_eq!(call(&gateway, &budi, id, "start").await.1["state"], "scheduled");
    let same = json!({ "text": "Halo", "at": "2130-12-01 08:00", "zone": "Asia/Jakarta" });
    let (status, now) = patch(&gateway, &budi, &path, &same).await;
    assert_eq!((status, &now["state"]), (200, &json!("scheduled")), "{now}");
    let scopes = json!({ "scopes": ["broadcasts:read", "broadcasts:write"] });
    let (_, narrow) = answer(gateway.post(&budi, "/keys", &scopes)).await;
    let ends = json!({ "expires_at": "2099-01-01T00:00:00Z" });
    let (_, ends) = answer(gateway.post(&budi, "/keys", &ends)).await;
    for (key, code) in [(narrow, "scope-missing"), (ends, "key-expires")] {
        let key = key["key"].as_str().expect("a key");
        for change in [
            json!({ "text": "Lain" }),
            json!({ "to": ["+62899"] }),
            json!({ "groups": [] }),
            json!({ "priority": "otp" }),
            json!({ "pool": "kilat" }),
        ] {
            let (status, problem) = patch(&gateway, key, &path, &change).await;
            assert_eq!((status, &problem["code"]), (403, &json!(code)), "{change}: {problem}");
        }
        let name = json!({ "name": "Hai" });
        assert_eq!(patch(&gateway, key, &path, &name).await.0, 200, "what it is called");
    }
    let (_, now) = patch(&gateway, &budi, &path, &json!({ "pace": "60/minute" })).await;
    assert_eq!(now["state"], "draft", "{now}");

    // Nobody starts what they may not send.
    let scopes = json!({ "scopes": ["broadcasts:read", "broadcasts:write", "contacts:read"] });
    let (_, key) = answer(gateway.post(&budi, "/keys", &scopes)).await;
    let key = key["key"].as_str().expect("a key");
    let (_, problem) = call(&gateway, key, id, "start").await;
    assert_eq!(problem["scope"], "messages:send", "{problem}");
    let test = answer(gateway.post(key, &format!("{path}/test"), &json!({ "to": "+62811" }))).await;
    assert_eq!(test.1["scope"], "messages:send");
}

#[tokio::test]
async fn a_template_gives_its_text() {
    let gateway = Gateway::start().await;
    let budi = gateway.user("budi", false).await;
    let template = json!({ "name": "Libur", "text": "Besok libur, {number}" });
    let (_, template) = answer(gateway.post(&budi, "/templates", &template)).await;
    let mut new = new_broadcast();
    (new["text"], new["template"]) = (Value::Null, template["id"].clone());
    let broadcast = made(&gateway, &budi, &new).await;
    assert_eq!(broadcast.text, "Besok libur, {number}");
}

#[tokio::test]
async fn broadcasts_have_pages() {
    let gateway = Gateway::start().await;
    gateway.user("root", true).await;
    let budi = gateway.user("budi", false).await;
    let mut browser = Browser::new(&gateway, "en");
    browser.open("/login").await;
    browser.send("/login", &[("name", "budi"), ("password", "correct horse")]).await;
    browser.open("/broadcasts").await.shows("There are no broadcasts yet.");
    let mut fields = vec![
        ("name", "<b>Libur"),
        ("text", "Hai {nama}"),
        ("audience", "+62 811 111\n+62811111\nnobody"),
        ("date", ""),
        ("time", ""),
        ("zone", "Asia/Jakarta"),
        ("pace", "100000"),
        ("per", "minute"),
        ("quiet-from", "03:00"),
        ("quiet-to", "03:01"),
    ];
    browser.send("/broadcasts", &fields).await;
    assert_eq!(browser.status, 422);
    browser.shows("there is no field {nama}");
    browser.shows("value=\"100000\"");
    fields[1] = ("text", "Hai {number}");
    browser.send("/broadcasts", &fields).await;
    assert_eq!(browser.status, 200);
    let own = browser.at.clone();
    assert!(own.starts_with("/broadcasts/brd_"), "{own}");
    browser.shows("&#60;b&#62;Libur");
    browser.shows("It is for 3 numbers");
    browser.send(&format!("{own}/test"), &[("number", "+62 899 999"), ("attempt", "one")]).await;
    browser.shows("The test is on its way.");
    browser.shows("It was tested once.");
    let changed = [&fields[..2], &[("audience", ""), ("zone", "Asia/Jakarta")]].concat();
    browser.send(&format!("{own}/change"), &changed).await.shows("The draft is saved.");
    browser.shows("3 numbers are written down");
    // A save that leaves the time as it is leaves it to start by itself.
    let timed = [("audience", ""), ("date", "2130-12-01"), ("time", "08:00"), fields[5]];
    let timed = [&fields[..2], &timed].concat();
    let change = format!("{own}/change");
    browser.send(&change, &timed).await.shows("The draft is saved.");
    browser.send(&format!("{own}/start"), &[]).await.shows("The broadcast is started.");
    browser.shows("Change the broadcast");
    browser.send(&change, &timed).await.shows("The broadcast is saved, and starts at its time.");
    browser.send(&change, &changed).await.shows("It is a draft again: start it anew.");
    browser.send(&format!("{own}/start"), &[]).await.shows("The broadcast is started.");
    let id: BroadcastId = own.trim_start_matches("/broadcasts/").parse().expect("an id");
    once(&gateway, &budi, id, |now| now.audience.handed_out == 1).await;
    browser.open(&own).await.shows("1 of 1 recipients handed out");
    browser.shows("Cannot be used");
    browser.shows("data-renew");
    browser.send(&format!("{own}/pause"), &[]).await.shows("Nothing more of it goes out");
    browser.open("/broadcasts").await.shows("· Paused");
    browser.open(&own).await;
    browser.send(&format!("{own}/remove"), &[]).await.shows("That cannot be done now.");
    browser.send(&format!("{own}/resume"), &[]).await.shows("The broadcast goes on.");
    browser.send(&format!("{own}/cancel"), &[]).await.shows("The broadcast is cancelled");
    browser.open(&format!("{own}/recipients.csv")).await.shows("\"duplicate\"");
    let mut other = Browser::new(&gateway, "id");
    other.open("/login").await;
    other.send("/login", &[("name", "root"), ("password", "correct horse")]).await;
    other.open("/broadcasts?q=libur").await.shows("Dibatalkan");
    browser.open(&own).await;
    browser.send(&format!("{own}/remove"), &[]).await.shows("The broadcast is removed");
    browser.open(&own).await;
    assert_eq!(browser.status, 404);
}

/// An administrator's key has others' broadcasts changed and started only when it may manage accounts.
#[tokio::test]
async fn a_narrow_key_of_an_administrator_changes_its_own_alone() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let budi = gateway.user("budi", false).await;
    let id = made(&gateway, &budi, &new_broadcast()).await.id;
    let path = format!("/broadcasts/{id}");
    let narrow = ["broadcasts:read", "broadcasts:write", "messages:send"];
    for (scopes, expected) in
        [(narrow.to_vec(), 404), ([&narrow[..], &["users:manage"]].concat(), 200)]
    {
        let (_, key) = answer(gateway.post(&root, "/keys", &json!({ "scopes": scopes }))).await;
        let key = key["key"].as_str().expect("a key");
        assert_eq!(answer(gateway.get(key, &path)).await.0, 200, "it is read");
        let (status, said) = patch(&gateway, key, &path, &json!({ "text": "Lain" })).await;
        assert_eq!(status, expected, "{said}");
        assert_eq!(call(&gateway, key, id, "start").await.0, expected);
    }
}
