//! `/api/v1`.

use api::{Acceptance, Inbox, Keys, MessageDetail, Messages};
use bus::Wait;
use contracts::Priority;
use contracts::batch::MtBatch;
use contracts::mo::MoReceived;
use contracts::mt::{MtChange, MtEvent};
use contracts::{Address, MessageId, MtState, OrgId, Timestamp};
use serde_json::{Value, json};
use testkit::wait_for;

use crate::gateway::{Gateway, answer, told};

#[tokio::test]
async fn what_is_accepted_is_with_the_broker_and_found_at_once() {
    let gateway = Gateway::start().await;
    let key = gateway.user("budi", false).await;
    let body = json!({ "to": ["+62 812-345678", "08123"], "text": "Halo", "priority": "otp" });
    let sent: Acceptance = told(gateway.post(&key, "/messages", &body)).await;
    assert_eq!(sent.messages[0].to, "+62812345678".parse().expect("a number"));
    assert_eq!(sent.messages[0].state, MtState::Accepted);
    let requests = gateway
        .bus
        .fetch::<MtBatch>(&bus::Durable::RouterBatches(Priority::Otp), 10, Wait::None)
        .await
        .expect("requests");
    assert_eq!(requests.len(), 1, "one stored request for both");
    assert_eq!(requests[0].value.len(), 2);
    assert!(requests[0].value.requests().all(|request| request.number.is_some()));
    for sent in &sent.messages {
        let detail = gateway.message(&key, sent.id).await;
        assert_eq!(detail.message.text.as_deref(), Some("Halo"));
        assert_eq!(detail.message.state, MtState::Accepted);
        assert_eq!(detail.timeline[0].text, "Accepted: the gateway has it, and keeps it.");
        let waiting = detail.message.waiting.expect("it waits");
        assert_eq!(waiting.reason, "No modem is online. It is sent as soon as one is.");
        // What is not known yet is null, and not left out.
        let message = answer(gateway.get(&key, &format!("/messages/{}", sent.id))).await.1;
        for field in ["parts", "modem", "sim", "error"] {
            assert!(message.get(field).is_some(), "{field}");
        }
    }
    let list: Messages = told(gateway.get(&key, "/messages?limit=1")).await;
    assert_eq!(list.messages.len(), 1);
    let place = list.next.expect("a cursor");
    let next = format!("/messages?limit=1&before={place}");
    let second: Messages = told(gateway.get(&key, &next)).await;
    assert_eq!(second.messages.len(), 1);
    // A place stays good when its message is gone: here, in a list that never had it.
    let other = gateway.user("ani", false).await;
    let body = json!({ "to": "+62812345678", "text": "before" });
    assert_eq!(answer(gateway.post(&other, "/messages", &body)).await.0, 202);
    let empty: Messages = told(gateway.get(&other, &format!("/messages?before={place}"))).await;
    assert!(empty.messages.is_empty(), "it is newer than that place");
    // What is no place of a list says so, and does not end the list in silence.
    let id = list.messages[0].id.to_string();
    for place in [&*id, "msg_00000000000000000000000000000000", "x", ""] {
        for list in ["messages", "inbox"] {
            let (status, problem) =
                answer(gateway.get(&key, &format!("/{list}?before={place}"))).await;
            assert_eq!((status.as_u16(), &problem["field"]), (400, &json!("before")), "{place}");
        }
    }
}

#[tokio::test]
async fn what_a_message_waits_for_is_no_modem_while_one_is_online() {
    let gateway = Gateway::start().await;
    let key = gateway.user("budi", false).await;
    gateway.modem("modem1", "+62811000001").await;
    wait_for("the modem", || async {
        gateway.modems(&key).await.first().is_some_and(|modem| modem.online).then_some(())
    })
    .await;
    let modem = gateway.modems(&key).await.remove(0).state;
    assert_eq!(modem.name, "modem1");
    let number = modem.sim.and_then(|sim| sim.number).map(|number| number.to_string());
    assert_eq!(number.as_deref(), Some("+62811000001"));
    assert_eq!(modem.imei, None, "identities are for administrators");
    let body = json!({ "to": "+62812345678", "text": "Halo" });
    let id = gateway.sends(&key, &body).await[0];
    let waiting = gateway.message(&key, id).await.message.waiting.expect("it waits");
    assert_eq!(waiting.code, "unchecked", "no router runs in this test");
}

#[tokio::test]
async fn the_next_version_is_waited_for() {
    let gateway = Gateway::start().await;
    let key = gateway.user("budi", false).await;
    let body = json!({ "to": "+62812345678", "text": "Halo" });
    let id = gateway.sends(&key, &body).await[0];
    let version = gateway.message(&key, id).await.version;
    let path = format!("/messages/{id}?after={version}");
    let waiting = tokio::spawn(told::<MessageDetail>(gateway.get(&key, &path)));
    let stored = gateway
        .store
        .message_detail(store::Reach::everything(OrgId::default_org()), id)
        .await
        .expect("a database")
        .expect("the row");
    let error = contracts::mt::SendError { code: "test".into(), text: "No.".into() };
    let event = MtEvent::of(id, &stored.request, Timestamp::now(), MtChange::Rejected { error });
    gateway.bus.publish(&event).await.expect("an event");
    let detail = waiting.await.expect("an answer");
    assert_eq!(detail.message.state, MtState::Rejected);
    assert_eq!(detail.timeline[1].text, "Refused: No.");
    assert_eq!(detail.message.error.expect("an error").code, "test");
}

#[tokio::test]
async fn the_sender_is_told_how_the_text_goes_out() {
    let gateway = Gateway::start().await;
    let key = gateway.user("budi", false).await;
    let turkish = "İyi günler! ".repeat(12);
    let body = |more: Value| {
        let mut body = json!({ "to": "+62812345678", "text": turkish });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let (status, without) = answer(gateway.post(&key, "/messages", &body(json!({})))).await;
    assert_eq!(status, 202, "{without}");
    assert_eq!((&without["parts"], &without["encoding"]), (&json!(3), &json!("ucs2")));
    assert_eq!((&without["tables"], &without["replaced"]), (&Value::Null, &json!([])));

    for languages in [json!("auto"), json!(["es", "tr"]), json!("tr")] {
        let body = body(json!({ "languages": languages }));
        let (_, with) = answer(gateway.post(&key, "/messages", &body)).await;
        assert_eq!((&with["parts"], &with["encoding"]), (&json!(1), &json!("gsm7")), "{with}");
        assert_eq!(with["tables"]["locking"], "tr");
        // The message says so later, too; preview says the same before.
        let id = with["messages"][0]["id"].as_str().expect("an id");
        let (_, message) = answer(gateway.get(&key, &format!("/messages/{id}"))).await;
        assert_eq!(message["tables"], with["tables"], "{message}");
        assert_eq!(message["text"], turkish);
        let (_, preview) = answer(gateway.post(&key, "/messages/preview", &body)).await;
        assert_eq!((&preview["parts"], &preview["tables"]), (&with["parts"], &with["tables"]));
    }

    let quoted = "“Halo” ".repeat(12);
    let body = json!({ "to": "+62812345678", "text": quoted, "encoding": "smart" });
    let (_, smart) = answer(gateway.post(&key, "/messages", &body)).await;
    assert_eq!((&smart["parts"], &smart["encoding"]), (&json!(1), &json!("gsm7")));
    let replaced = json!([
        { "from": "“", "to": "\"", "times": 12 },
        { "from": "”", "to": "\"", "times": 12 },
    ]);
    assert_eq!(smart["replaced"], replaced);
    let id = smart["messages"][0]["id"].as_str().expect("an id");
    let (_, message) = answer(gateway.get(&key, &format!("/messages/{id}"))).await;
    assert_eq!((&message["replaced"], &message["text"]), (&replaced, &json!(quoted)));
}

#[tokio::test]
async fn configured_languages_are_for_texts_that_name_none() {
    let gateway = Gateway::start_with(&[("http.languages", "tr")]).await;
    let key = gateway.user("budi", false).await;
    let turkish = "İyi günler! ".repeat(12);
    let parts = async |more: Value| {
        let mut body = json!({ "to": "+62812345678", "text": turkish });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let (status, sent) = answer(gateway.post(&key, "/messages", &body)).await;
        assert_eq!(status, 202, "{sent}");
        let (_, preview) = answer(gateway.post(&key, "/messages/preview", &body)).await;
        assert_eq!(preview["parts"], sent["parts"]);
        sent["parts"].as_u64()
    };
    assert_eq!(parts(json!({})).await, Some(1));
    assert_eq!(parts(json!({ "languages": [] })).await, Some(3));
    assert_eq!(parts(json!({ "languages": ["hi"] })).await, Some(3));
    assert_eq!(parts(json!({ "encoding": "ucs2" })).await, Some(3));
    // What was accepted says it, so that nobody after the portal needs to know the configuration.
    let page = store::Page { before: None, limit: 4 };
    let reach = store::Reach::everything(OrgId::default_org());
    let first = store::MessageFilter::default();
    let stored = testkit::wait_for("the rows", || async {
        let page = gateway.store.messages(reach, &first, page).await.expect("a database");
        (page.messages.len() == 4).then_some(page.messages)
    })
    .await;
    let detail = gateway.store.message_detail(reach, stored[3].id).await.expect("a database");
    let request = detail.expect("the row").request;
    assert_eq!(request.options.languages.to_string(), "tr");
}

#[tokio::test]
async fn bad_requests_are_refused_in_words() {
    let gateway = Gateway::start().await;
    let key = gateway.user("budi", false).await;
    let refused = async |body: Value| {
        let (status, problem) = answer(gateway.post(&key, "/messages", &body)).await;
        assert_eq!(problem["status"], status.as_u16(), "{problem}");
        (status.as_u16(), problem["code"].as_str().unwrap_or_default().to_owned(), problem)
    };
    let (status, code, problem) =
        refused(json!({ "to": ["+62812345678", "", "bob"], "text": "x" })).await;
    assert_eq!((status, code.as_str()), (422, "invalid-recipient"));
    assert_eq!(
        problem["recipients"][1],
        json!({"to": "bob", "code": "number-impossible", "reason": "'b' cannot be in a phone number"})
    );
    let (status, code, problem) =
        refused(json!({ "to": "+62812345678", "text": "x".repeat(10_000) })).await;
    assert_eq!((status, code.as_str()), (422, "text-too-long"));
    assert_eq!((&problem["parts"], &problem["limit"]), (&json!(66), &json!(10)));
    assert!(
        problem["detail"]
            .as_str()
            .is_some_and(|d| d.contains("66 parts") && d.contains("10 are allowed"))
    );
    for (body, wanted) in [
        (json!({ "text": "x" }), "no-recipient"),
        (json!({ "to": "+62812345678" }), "empty-text"),
        (json!({ "to": "+62812345678", "text": "x", "priority": "urgent" }), "malformed"),
        (json!({ "to": "+62812345678", "txt": "x" }), "malformed"),
        (json!({ "to": "+62812345678", "text": "é€ё", "encoding": "gsm7" }), "cannot-be-encoded"),
        (json!({ "to": "+62812345678", "data": "xyz" }), "cannot-be-encoded"),
        (json!({ "to": "+62812345678", "text": "x", "encoding": "utf-8" }), "malformed"),
        (json!({ "to": "+62812345678", "text": "x", "languages": ["id"] }), "malformed"),
        (json!({ "to": "+62812345678", "text": "x", "languages": 7 }), "malformed"),
        (json!({ "to": "+62812345678", "data": "00", "languages": "auto" }), "malformed"),
        (json!({ "to": "+62812345678", "text": "x", "when_uncertain": "ask" }), "malformed"),
    ] {
        assert_eq!(refused(body).await.1, wanted);
    }
    let (_, _, problem) =
        refused(json!({ "to": "+62812345678", "text": "x", "languages": { "tr": true } })).await;
    let detail = problem["detail"].as_str().unwrap_or_default();
    assert!(detail.contains("languages are a list of two-letter codes"), "{detail}");
    let huge = json!({ "to": "+62812345678", "text": "x".repeat(2 * 1024 * 1024) });
    assert_eq!(refused(huge).await.1, "body-too-large");
    let (reach, all) =
        (store::Reach::everything(OrgId::default_org()), store::MessageFilter::default());
    let page = gateway.store.messages(reach, &all, store::Page::default()).await;
    assert_eq!(page.expect("a database").messages.len(), 0, "nothing was sent");
}

#[tokio::test]
async fn an_unknown_key_is_told_so() {
    let gateway = Gateway::start().await;
    let body = json!({ "to": "+62812345678", "text": "x" });
    let no_key = gateway.http.post(format!("{}/api/v1/messages", gateway.url)).json(&body);
    let response = no_key.send().await.expect("an answer");
    assert_eq!(response.status(), 401);
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    assert!(response.headers().contains_key("www-authenticate"));
    let (status, problem) = answer(gateway.post("mrp_nonsense", "/messages", &body)).await;
    assert_eq!(status, 401);
    assert_eq!(problem["code"], "unknown-key");
    assert!(problem["detail"].as_str().is_some_and(|d| d.contains("API key is not known")));
    let (status, problem) =
        answer(gateway.http.get(format!("{}/api/v1/nothing", gateway.url))).await;
    assert_eq!((status.as_u16(), &problem["code"]), (404, &json!("no-such-call")));
}

#[tokio::test]
async fn everybody_sees_their_own() {
    let gateway = Gateway::start().await;
    let (one, other) = (gateway.user("budi", false).await, gateway.user("siti", false).await);
    let admin = gateway.user("root", true).await;
    let body = json!({ "to": "+62812345678", "text": "secret" });
    let path = format!("/messages/{}", gateway.sends(&one, &body).await[0]);
    assert_eq!(answer(gateway.get(&one, &path)).await.0, 200);
    assert_eq!(answer(gateway.get(&admin, &path)).await.0, 200);
    assert_eq!(answer(gateway.get(&other, &path)).await.0, 404);
    for path in ["/users", "/dead", "/alerts"] {
        let (status, problem) = answer(gateway.get(&one, path)).await;
        assert_eq!((status.as_u16(), &problem["code"]), (403, &json!("admins-only")), "{path}");
        assert_eq!(answer(gateway.get(&admin, path)).await.0, 200, "{path}");
    }
    let other_s = json!({ "user": "siti" });
    assert_eq!(answer(gateway.post(&one, "/keys", &other_s)).await.0, 403);
    let keys = told::<Keys>(gateway.get(&one, "/keys")).await.keys;
    assert_eq!(keys.len(), 1);
    let id = keys[0].id;
    let revoke = gateway.http.delete(format!("{}/api/v1/keys/{id}", gateway.url)).bearer_auth(&one);
    assert_eq!(answer(revoke).await.0, 204);
    assert_eq!(answer(gateway.get(&one, "/me")).await.0, 401);
}

#[tokio::test]
async fn what_is_received_is_in_the_inbox() {
    let gateway = Gateway::start().await;
    let key = gateway.user("root", true).await;
    let modem = gateway.modem("modem1", "+62811000001").await;
    let sim = modem.sim.expect("a SIM").id;
    let mo = MoReceived {
        id: MessageId::new(),
        org: OrgId::default_org(),
        owner: None,
        modem: modem.id,
        sim,
        to: Some("+62811000001".parse().expect("a number")),
        from: Address::from_text("+628159919457"),
        text: Some("PV admin ari jelek".to_owned()),
        data: None,
        class: None,
        ports: None,
        parts: 1,
        missing: Vec::new(),
        pdus: Vec::new(),
        smsc_at: None,
        received_at: Timestamp::now(),
        wish: None,
    };
    gateway.bus.publish(&mo).await.expect("published");
    let inbox = wait_for("the message in the inbox", || async {
        let inbox: Inbox = told(gateway.get(&key, "/inbox")).await;
        (inbox.messages.len() == 1).then_some(inbox)
    })
    .await;
    let message = &inbox.messages[0];
    assert_eq!((message.id, &message.from, &message.text), (mo.id, &mo.from, &mo.text));
    assert_eq!((message.sim, message.received_at), (sim, mo.received_at));
    assert_eq!(inbox.next, None);
}

#[tokio::test]
async fn counting_is_by_the_code_that_sends() {
    let gateway = Gateway::start().await;
    let key = gateway.user("budi", false).await;
    let preview = async |text: &str| {
        answer(gateway.post(&key, "/messages/preview", &json!({ "text": text }))).await.1
    };
    let count = preview("Halo").await;
    assert_eq!((&count["encoding"], &count["parts"]), (&json!("gsm7"), &json!(1)));
    assert_eq!(count["units_left"], 156);
    let count = preview("Halo 😀").await;
    assert_eq!((&count["encoding"], &count["not_gsm7"]), (&json!("ucs2"), &json!("😀")));
    assert_eq!(count["units"], 7);
}

#[tokio::test]
async fn a_dead_broker_is_told_and_nothing_is_half_done() {
    let mut gateway = Gateway::start().await;
    let key = gateway.user("budi", false).await;
    gateway.nats.kill9();
    let body = json!({ "to": ["+62812345678", "+62812345679"], "text": "x" });
    let (status, problem) = answer(gateway.post(&key, "/messages", &body)).await;
    assert_eq!(status, 503, "{problem}");
    assert_eq!(problem["code"], "broker-unavailable");
    assert!(problem["detail"].as_str().is_some_and(|d| d.contains("nothing was accepted")));
    let ready = gateway.http.get(format!("{}/readyz", gateway.url)).send().await.expect("a page");
    assert_eq!(ready.status(), 503);
    let health = gateway.http.get(format!("{}/healthz", gateway.url)).send().await.expect("a page");
    assert_eq!(health.status(), 200);
    gateway.nats.restart().await;
    wait_for("the broker", || async {
        let (status, _) = answer(gateway.post(&key, "/messages", &body)).await;
        (status == 202).then_some(())
    })
    .await;
    let ready = gateway.http.get(format!("{}/readyz", gateway.url)).send().await.expect("a page");
    assert_eq!(ready.status(), 200);
}
