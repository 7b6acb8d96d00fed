//! Schedules, by the API and on their page.

use contracts::{MtState, Timestamp};
use reqwest::StatusCode;
use serde_json::{Value, json};
use testkit::wait_for;

use crate::browser::Browser;
use crate::gateway::{Gateway, answer, refused, told};

fn new_schedule() -> Value {
    json!({
        "name": "Salam",
        "to": ["+62 811-111", "+62811111", "888"],
        "text": "Selamat pagi",
        "at": "2130-12-01 08:00",
        "zone": "asia/jakarta",
        "repeat": "freq=weekly;byday=fr,mo",
    })
}

async fn made(gateway: &Gateway, key: &str, body: &Value) -> Value {
    let (status, made) = answer(gateway.post(key, "/schedules", body)).await;
    assert_eq!(status, 201, "{made}");
    made
}

async fn patch(gateway: &Gateway, key: &str, path: &str, body: &Value) -> (u16, Value) {
    let url = format!("{}/api/v1{path}", gateway.url);
    let (status, said) = answer(gateway.http.patch(url).bearer_auth(key).json(body)).await;
    (status.as_u16(), said)
}

fn path(schedule: &Value) -> String {
    format!("/schedules/{}", schedule["id"].as_str().expect("an id"))
}

#[tokio::test]
async fn a_schedule_is_made_changed_paused_and_removed() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let budi = gateway.user("budi", false).await;
    let schedule = made(&gateway, &budi, &new_schedule()).await;
    assert_eq!(schedule["to"], json!(["+62811111", "888"]));
    let shown = ["at", "zone", "repeat"].map(|field| schedule[field].as_str().expect("a text"));
    assert_eq!(shown, ["2130-12-01 08:00", "Asia/Jakarta", "FREQ=WEEKLY;BYDAY=MO,FR"]);
    // The first of December 2130 is a Friday.
    let times = [
        "2130-12-01T01:00:00Z",
        "2130-12-04T01:00:00Z",
        "2130-12-08T01:00:00Z",
        "2130-12-11T01:00:00Z",
        "2130-12-15T01:00:00Z",
    ];
    assert_eq!(schedule["next"], json!(times));
    let path = path(&schedule);
    for key in [&budi, &root] {
        assert_eq!(answer(gateway.get(key, &path)).await.1, schedule);
        let (_, found) = answer(gateway.get(key, "/schedules?q=SAL")).await;
        assert_eq!(found, json!({ "schedules": [schedule], "next": null }));
    }

    let change =
        json!({ "text": "Selamat malam", "repeat": "", "to": ["+62812222"], "priority": "bulk" });
    let (status, changed) = patch(&gateway, &budi, &path, &change).await;
    assert_eq!((status, &changed["next"]), (200, &json!(["2130-12-01T01:00:00Z"])), "{changed}");
    assert_eq!((&changed["text"], &changed["repeat"]), (&json!("Selamat malam"), &Value::Null));
    assert_eq!((&changed["to"], &changed["priority"]), (&json!(["+62812222"]), &json!("bulk")));
    for (call, paused, count) in [("pause", true, 0), ("resume", false, 1)] {
        let call = format!("{path}/{call}");
        let (status, now) = answer(gateway.post(&budi, &call, &json!({}))).await;
        assert_eq!((status.as_u16(), &now["paused"]), (200, &json!(paused)), "{now}");
        assert_eq!(now["next"].as_array().map(Vec::len), Some(count));
    }
    let (_, paused) = patch(&gateway, &budi, &path, &json!({ "paused": true })).await;
    assert_eq!((&paused["paused"], &paused["next"]), (&json!(true), &json!([])));

    let delete = |path: &str| gateway.http.delete(format!("{}/api/v1{path}", gateway.url));
    let removed = delete(&path).bearer_auth(&budi).send().await.expect("an answer");
    assert_eq!(removed.status(), 204);
    assert_eq!(refused(gateway.get(&budi, &path)).await.0, 404);
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_and_named() {
    let gateway = Gateway::start().await;
    gateway.user("root", true).await;
    let budi = gateway.user("budi", false).await;
    let numbers = |count: usize| (0..count).map(|n| format!("+62811{n:06}")).collect::<Vec<_>>();
    for (change, status, code, field) in [
        (json!({ "at": "tomorrow" }), 400, "malformed", "at"),
        (json!({ "at": "2020-01-01 08:00", "repeat": "" }), 400, "malformed", "at"),
        (json!({ "at": "1920-01-01 08:00" }), 400, "malformed", "at"),
        (json!({ "zone": "Jakarta" }), 400, "malformed", "zone"),
        (json!({ "repeat": "FREQ=HOURLY" }), 400, "malformed", "repeat"),
        (json!({ "repeat": "FREQ=DAILY;UNTIL=20200101" }), 400, "malformed", "at"),
        (json!({ "name": " x" }), 400, "malformed", "name"),
        (json!({ "to": [] }), 422, "no-recipient", "to"),
        (json!({ "to": ["nobody"] }), 422, "invalid-recipient", "to"),
        (json!({ "to": numbers(1_001) }), 400, "malformed", "to"),
        (json!({ "text": "" }), 422, "empty-text", ""),
        (json!({ "text": " " }), 422, "blank-text", ""),
        (json!({ "text": "x".repeat(10_000) }), 422, "text-too-long", "text"),
        (json!({ "groups": [format!("grp_{}", "0".repeat(32))] }), 404, "not-found", ""),
        (json!({ "user": "root" }), 403, "admins-only", ""),
    ] {
        let mut new = new_schedule();
        let fields = new.as_object_mut().expect("fields");
        fields.extend(change.as_object().expect("fields").clone());
        let (found, problem) = answer(gateway.post(&budi, "/schedules", &new)).await;
        let (found, said) = (found.as_u16(), problem["field"].as_str().unwrap_or_default());
        let expected = (status, code, field);
        let of_problem = (found, problem["code"].as_str().unwrap_or_default(), said);
        assert_eq!(of_problem, expected, "{change}: {problem}");
    }
    let mut most = new_schedule();
    most["to"] = json!(numbers(1_000));
    let schedule = made(&gateway, &budi, &most).await;
    let (status, problem) = answer(gateway.post(&budi, "/schedules", &most)).await;
    assert_eq!((status.as_u16(), &problem["code"]), (409, &json!("name-taken")));
    let (_, problem) = patch(&gateway, &budi, &path(&schedule), &json!({ "repeat": "x" })).await;
    let detail = problem["detail"].as_str().expect("words");
    assert!(detail.starts_with("'x' is no part of a repetition"), "{detail}");
    // Nobody sends what they may not send, at whatever time.
    let new = json!({ "scopes": ["schedules:read", "schedules:write"] });
    let (_, key) = answer(gateway.post(&budi, "/keys", &new)).await;
    let key = key["key"].as_str().expect("a key");
    let (_, problem) = answer(gateway.post(key, "/schedules", &new_schedule())).await;
    assert_eq!(problem["scope"], "messages:send", "{problem}");
    let pause = format!("{}/pause", path(&schedule));
    assert_eq!(answer(gateway.post(key, &pause, &json!({}))).await.0, 200);
}

#[tokio::test]
async fn it_is_sent_when_its_time_comes_and_when_somebody_says_so() {
    let gateway = Gateway::start().await;
    let budi = gateway.user("budi", false).await;
    let (_, group) = answer(gateway.post(&budi, "/groups", &json!({ "name": "Toko" }))).await;
    let contact = json!({ "name": "Siti", "number": "+62812222", "groups": [group["id"]] });
    assert_eq!(answer(gateway.post(&budi, "/contacts", &contact)).await.0, 201);
    // To the second.
    let soon = Timestamp::now().as_micros() / 1_000_000 + 4;
    let soon = Timestamp::from_micros(soon * 1_000_000);
    let at = soon.to_string().replace('T', " ").replace('Z', "");
    let mut new = new_schedule();
    new["to"] = json!(["+62811111"]);
    new["groups"] = json!([group["id"]]);
    (new["at"], new["zone"], new["repeat"]) = (json!(at), json!("UTC"), Value::Null);
    let schedule = made(&gateway, &budi, &new).await;
    assert_eq!(schedule["next"], json!([soon]));
    let path = path(&schedule);
    let sent = wait_for("the time to come", || async {
        let now: api::Schedule = told(gateway.get(&budi, &path)).await;
        now.last.map(|last| (last, now.next))
    })
    .await;
    assert_eq!((sent.0.at, sent.0.messages, sent.0.trouble.as_deref()), (soon, 2, None));
    assert_eq!(sent.1, [], "once");
    let batch = sent.0.batch.expect("a batch");
    let found = format!("/messages?batch={batch}");
    let all: api::Messages = told(gateway.get(&budi, &found)).await;
    let mut to: Vec<_> = all.messages.iter().map(|message| message.to.to_string()).collect();
    to.sort_unstable();
    assert_eq!(to, ["+62811111", "+62812222"]);
    assert!(all.messages.iter().all(|message| message.state == MtState::Held));
    let (status, _) = answer(gateway.post(&budi, &format!("{path}/resume"), &json!({}))).await;
    assert_eq!(status, 200, "it is not paused, so nothing is to be done");

    // By hand it is a batch as any other, once for one name.
    let run = || {
        let request = gateway.post(&budi, &format!("{path}/run"), &json!({}));
        request.header("idempotency-key", "run-1")
    };
    let (status, first) = answer(run()).await;
    assert_eq!((status, &first["total"]), (StatusCode::ACCEPTED, &json!(2)), "{first}");
    assert_eq!(answer(run()).await.1["id"], first["id"]);
    let now: api::Schedule = told(gateway.get(&budi, &path)).await;
    let last = now.last.expect("a last time");
    assert_eq!(last.batch.map(|batch| json!(batch)), Some(first["id"].clone()));
    assert!(last.at > soon);
}

#[tokio::test]
async fn schedules_have_a_page() {
    let gateway = Gateway::start().await;
    gateway.user("root", true).await;
    let budi = gateway.user("budi", false).await;
    let mut browser = Browser::new(&gateway, "en");
    browser.open("/login").await;
    browser.send("/login", &[("name", "budi"), ("password", "correct horse")]).await;
    browser.open("/schedules").await.shows("There are no schedules yet.");
    let mut fields = vec![
        ("name", "<b>Salam"),
        ("to", "+62 811 111\n888"),
        ("text", "Selamat pagi"),
        ("date", "2130-12-01"),
        ("time", "08:00"),
        ("zone", "Asia/Nowhere"),
        ("repeat", "other"),
        ("rule", "FREQ=DAILY;INTERVAL=3"),
    ];
    browser.send("/schedules", &fields).await;
    assert_eq!(browser.status, 422);
    browser.shows("The time zone Asia/Nowhere is not known.");
    browser.shows("value=\"FREQ=DAILY;INTERVAL=3\"");
    fields[5] = ("zone", "Asia/Jakarta");
    browser.send("/schedules", &fields).await;
    assert_eq!((browser.status.as_u16(), browser.at.as_str()), (200, "/schedules"));
    browser.shows("From 2130-12-01 08:00 (Asia/Jakarta), every 3 days");
    browser.shows("&#60;b&#62;Salam");
    browser.send("/schedules", &fields).await.shows("Another schedule is called so.");

    browser.open("/schedules?q=salam").await;
    let own = browser.page.split("href=\"/schedules/").nth(1).expect("a link");
    let own = format!("/schedules/{}", own.split('"').next().expect("an id"));
    browser.open(&own).await.shows("Next times");
    let changed = [&fields[..6], &[("repeat", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"), ("rule", "")]];
    browser.send(&format!("{own}/change"), &changed.concat()).await;
    browser.shows("The schedule is saved.");
    browser.shows("every week on Monday, Tuesday, Wednesday, Thursday and Friday");
    browser.send(&format!("{own}/pause"), &[]).await.shows("The schedule is paused.");
    browser.open("/schedules").await.shows("· paused");
    browser.open(&own).await;
    browser.send(&format!("{own}/resume"), &[]).await.shows("The schedule goes on.");
    browser.send(&format!("{own}/run"), &[("attempt", "one")]).await;
    let accepted = gateway.accepted(&budi).await;
    assert_eq!(accepted, 2);
    let mut other = Browser::new(&gateway, "id");
    other.open("/login").await;
    other.send("/login", &[("name", "root"), ("password", "correct horse")]).await;
    other
        .open("/schedules")
        .await
        .shows("setiap minggu pada hari Senin, Selasa, Rabu, Kamis dan Jumat");
    other.shows("Terakhir dikirim");
    browser.open(&own).await;
    browser.send(&format!("{own}/remove"), &[]).await.shows("The schedule is removed");
    browser.open(&own).await;
    assert_eq!(browser.status, 404);
}

/// An administrator's key has others' schedules changed and sent only when it may manage accounts.
#[tokio::test]
async fn a_narrow_key_of_an_administrator_changes_its_own_alone() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let budi = gateway.user("budi", false).await;
    let path = path(&made(&gateway, &budi, &new_schedule()).await);
    let narrow = ["schedules:read", "schedules:write", "messages:send"];
    for (scopes, expected) in
        [(narrow.to_vec(), 404), ([&narrow[..], &["users:manage"]].concat(), 200)]
    {
        let (_, key) = answer(gateway.post(&root, "/keys", &json!({ "scopes": scopes }))).await;
        let key = key["key"].as_str().expect("a key");
        assert_eq!(answer(gateway.get(key, &path)).await.0, 200, "it is read");
        let (status, said) = patch(&gateway, key, &path, &json!({ "text": "Lain" })).await;
        assert_eq!(status, expected, "{said}");
        let pause = format!("{path}/pause");
        assert_eq!(answer(gateway.post(key, &pause, &json!({}))).await.0, expected);
    }
}
