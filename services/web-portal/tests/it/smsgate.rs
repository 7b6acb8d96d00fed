//! SMSGate's third-party API.

use contracts::Priority;
use contracts::mt::{Body, Encoding};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::gateway::{Gateway, answer};
use crate::kannel::{requested, requested_together};
use crate::socket;

const OPEN: (&str, &str) = ("doors.smsgate", "true");

fn call(gateway: &Gateway, key: &str, method: Method, path: &str) -> RequestBuilder {
    let url = format!("{}/3rdparty/v1{path}", gateway.url);
    gateway.http.request(method, url).basic_auth("bridge", Some(key))
}

async fn send(gateway: &Gateway, key: &str, body: &Value) -> (u16, Value) {
    let (status, said) = answer(call(gateway, key, Method::POST, "/messages").json(body)).await;
    (status.as_u16(), said)
}

async fn get(gateway: &Gateway, key: &str, path: &str) -> (u16, Value) {
    let (status, said) = answer(call(gateway, key, Method::GET, path)).await;
    (status.as_u16(), said)
}

#[tokio::test]
async fn a_message_is_sent_shown_and_taken_back() {
    let gateway = Gateway::start_with(&[OPEN]).await;
    let key = gateway.user("bridge", false).await;
    let body = json!({ "textMessage": { "text": "Halo" }, "phoneNumbers": ["0811", "+62812345678"],
        "withDeliveryReport": true, "priority": 100, "ttl": 600 });
    let (status, said) = send(&gateway, &key, &body).await;
    assert_eq!(status, 202, "{said}");
    let requests = requested_together(&gateway, Priority::Otp).await;
    let batch = requests[0].batch.expect("a batch").uuid().to_string();
    let at = said["states"]["Pending"].clone();
    let pending = |to: &str| json!({ "phoneNumber": to, "state": "Pending" });
    assert_eq!(
        said,
        json!({
            "id": batch, "deviceId": "", "state": "Pending", "isHashed": false, "isEncrypted": false,
            "recipients": [pending("0811"), pending("+62812345678")], "states": { "Pending": at },
        })
    );
    let wait =
        requests[0].not_after.expect("an end").since(requests[0].created_at.expect("a time"));
    assert!((599..=600).contains(&wait.as_secs()), "{wait:?}");

    let (status, shown) = get(&gateway, &key, &format!("/messages/{batch}")).await;
    assert_eq!((status, &shown["state"]), (200, &json!("Pending")), "{shown}");
    assert_eq!(shown["recipients"].as_array().expect("a list").len(), 2);
    assert_eq!(shown["textMessage"], json!({ "text": "Halo" }));
    // Clients that know SMSGate from before say it in the singular.
    let before = get(&gateway, &key, &format!("/message/{batch}")).await;
    assert_eq!((before.0, &before.1["id"]), (200, &shown["id"]));
    let (_, list) = get(&gateway, &key, "/messages?includeContent=true").await;
    assert_eq!(list[0]["id"], json!(batch));
    assert_eq!(list.as_array().expect("a list").len(), 1, "{list}");
    let (_, list) = get(&gateway, &key, "/messages?state=Sent").await;
    assert_eq!(list, json!([]));

    let path = format!("/messages/{batch}");
    let (status, said) = answer(call(&gateway, &key, Method::DELETE, &path)).await;
    assert_eq!((status.as_u16(), &said["state"]), (202, &json!("Cancelling")), "{said}");
    let other = gateway.user("other", false).await;
    let foreign =
        gateway.http.get(format!("{}/3rdparty/v1{path}", gateway.url)).bearer_auth(&other);
    assert_eq!(answer(foreign).await.0, 404);
}

#[tokio::test]
async fn an_id_of_the_clients_own_is_good_once() {
    let gateway = Gateway::start_with(&[OPEN]).await;
    let key = gateway.user("bridge", false).await;
    let body = json!({ "id": "order-17", "message": "Halo", "phoneNumbers": ["+62812345678"] });
    let (status, said) = send(&gateway, &key, &body).await;
    assert_eq!((status, &said["id"]), (202, &json!("order-17")), "{said}");
    let request = requested(&gateway, Priority::Normal).await;
    assert_eq!(request.body, Body::Text { text: "Halo".to_owned(), encoding: Encoding::Auto });
    assert_eq!(send(&gateway, &key, &body).await.0, 409);
    let other = json!({ "id": "order-17", "message": "Another", "phoneNumbers": ["+62812345678"] });
    assert_eq!(send(&gateway, &key, &other).await.0, 409);
    let (status, shown) = get(&gateway, &key, "/messages/order-17").await;
    assert_eq!((status, &shown["id"]), (200, &json!("order-17")), "{shown}");
    assert_eq!(gateway.accepted(&key).await, 1);

    let data = json!({ "dataMessage": { "data": "AP8=", "port": 5505 }, "phoneNumbers": ["0811"], "priority": -1,
        "withDeliveryReport": false, "scheduleAt": "2099-01-02T03:04:05Z" });
    assert_eq!(send(&gateway, &key, &data).await.0, 202);
    let request = requested(&gateway, Priority::Bulk).await;
    assert_eq!(request.body, Body::Data { data: "00FF".to_owned() });
    assert_eq!((request.options.ports, request.options.no_report), (Some((5505, 0)), true));
    assert_eq!(request.not_before.expect("a time").to_jiff().to_string(), "2099-01-02T03:04:05Z");
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let gateway = Gateway::start_with(&[OPEN]).await;
    let key = gateway.user("bridge", false).await;
    let text = json!({ "text": "x" });
    let to = json!(["+62812345678"]);
    for (body, status, words) in [
        (json!({ "textMessage": text }), 400, "phoneNumbers: there is no recipient"),
        (json!({ "phoneNumbers": to }), 400, "textMessage: the text is empty"),
        (json!({ "phoneNumbers": to, "textMessage": {} }), 400, "textMessage: the text is empty"),
        (
            json!({ "phoneNumbers": to, "textMessage": "x" }),
            400,
            "textMessage: this has to be an object",
        ),
        (
            json!({ "phoneNumbers": to, "textMessage": text, "message": "x" }),
            400,
            "textMessage: there is message",
        ),
        (
            json!({ "phoneNumbers": to, "textMessage": text, "dataMessage": { "data": "" } }),
            400,
            "dataMessage: there is textMessage",
        ),
        (
            json!({ "phoneNumbers": to, "dataMessage": { "data": "?", "port": 1 } }),
            400,
            "dataMessage.data: ",
        ),
        (
            json!({ "phoneNumbers": to, "dataMessage": { "data": "AA==", "port": 65536 } }),
            400,
            "dataMessage.port: ",
        ),
        (
            json!({ "phoneNumbers": ["bob", "0811"], "textMessage": text }),
            400,
            "phoneNumbers: nothing was sent",
        ),
        (
            json!({ "phoneNumbers": vec!["0811"; 101], "textMessage": text }),
            400,
            "phoneNumbers: there are 101",
        ),
        (
            json!({ "phoneNumbers": to, "textMessage": { "text": "x".repeat(100_000) } }),
            400,
            "textMessage: the text is too long",
        ),
        (json!({ "phoneNumbers": to, "textMessage": text, "priority": 128 }), 400, "priority: "),
        (json!({ "phoneNumbers": to, "textMessage": text, "ttl": 0 }), 400, "ttl: "),
        (
            json!({ "phoneNumbers": to, "textMessage": text, "ttl": 5, "validUntil": "2099-01-01T00:00:00Z" }),
            400,
            "validUntil: ",
        ),
        (
            json!({ "phoneNumbers": to, "textMessage": text, "scheduleAt": "soon" }),
            400,
            "scheduleAt: ",
        ),
        (
            json!({ "phoneNumbers": to, "textMessage": text, "isEncrypted": true }),
            400,
            "isEncrypted: ",
        ),
        (json!({ "phoneNumbers": to, "textMessage": text, "deviceId": "x" }), 400, "deviceId: "),
        (json!({ "phoneNumbers": to, "textMessage": text, "id": "x".repeat(37) }), 400, "id: "),
        (json!([]), 400, "the body is not JSON"),
        (
            json!({ "textMessage": { "text": "x".repeat(1024 * 1024) } }),
            413,
            "the body is larger than",
        ),
    ] {
        let (found, said) = send(&gateway, &key, &body).await;
        let said = said["message"].as_str().expect("words");
        assert_eq!(found, status, "{said}");
        assert!(said.starts_with(words), "{said}");
    }
    let good = json!({ "phoneNumbers": to, "textMessage": text });
    let (status, said) = send(&gateway, "wrong", &good).await;
    assert_eq!((status, said), (401, json!({ "message": "Unauthorized" })));
    let narrow = json!({ "user": "bridge", "scopes": ["inbox:read"] });
    let narrow = socket::call(&gateway, "POST", "/api/v1/keys", &narrow).await;
    let narrow = narrow.1["key"].as_str().expect("a key").to_owned();
    let (status, said) = send(&gateway, &narrow, &good).await;
    assert_eq!(
        (status, said),
        (403, json!({ "message": "the scopes of the key lack messages:send" }))
    );
    for (path, status) in [
        ("/messages/none", 404),
        ("/messages?limit=101", 400),
        ("/messages?offset=x", 400),
        ("/messages?from=yesterday", 400),
        ("/messages?state=Lost", 400),
        ("/logs?from=yesterday", 400),
        ("/auth/token/refresh", 501),
    ] {
        assert_eq!(get(&gateway, &key, path).await.0, status, "{path}");
    }
    assert_eq!(gateway.accepted(&key).await, 0);
    let shut = Gateway::start().await;
    let (status, words) = get(&shut, &key, "/messages").await;
    assert_eq!(status, 404);
    assert!(words.as_str().expect("words").contains("MERPATI__DOORS__SMSGATE=true"), "{words}");
}

#[tokio::test]
async fn what_was_received_and_what_there_is_can_be_read() {
    let gateway = Gateway::start_with(&[OPEN]).await;
    let key = gateway.user("bridge", true).await;
    let modem = gateway.modem("modem1", "+62811000001").await;
    for n in 0..3 {
        gateway.receive(&modem, "+62855", &format!("in {n}")).await;
    }
    let (status, devices) = testkit::wait_for("the modem", || async {
        let found = get(&gateway, &key, "/devices").await;
        (found.1[0]["id"] == json!(modem.id)).then_some(found)
    })
    .await;
    assert_eq!((status, &devices[0]["name"]), (200, &json!("modem1")));
    let (status, inbox) = get(&gateway, &key, "/inbox?limit=2&offset=1").await;
    assert_eq!(status, 200, "{inbox}");
    let texts: Vec<&Value> =
        inbox.as_array().expect("a list").iter().map(|one| &one["contentPreview"]).collect();
    assert_eq!(texts, [&json!("in 1"), &json!("in 0")]);
    assert_eq!(
        (&inbox[0]["sender"], &inbox[0]["recipient"]),
        (&json!("+62855"), &json!("+62811000001"))
    );
    assert_eq!((&inbox[0]["type"], &inbox[0]["deviceId"]), (&json!("SMS"), &json!(modem.id)));
    let body = json!({ "deviceId": modem.id, "textMessage": { "text": "x" }, "phoneNumbers": ["+62812345678"] });
    assert_eq!(send(&gateway, &key, &body).await.0, 202);
    assert_eq!(requested(&gateway, Priority::Normal).await.sim, modem.sim.map(|sim| sim.id));
    for path in ["/health", "/health/live", "/health/ready", "/health/startup"] {
        let url = format!("{}/3rdparty/v1{path}", gateway.url);
        let (status, said) = answer(gateway.http.get(url)).await;
        assert_eq!((status.as_u16(), &said["status"]), (200, &json!("pass")), "{path}: {said}");
    }
}

#[tokio::test]
async fn an_endpoint_is_registered_for_one_event() {
    let gateway = Gateway::start_with(&[OPEN]).await;
    let key = gateway.user("bridge", false).await;
    let body = json!({ "url": "https://bridge.example/hook", "event": "sms:received" });
    let (status, said) = answer(call(&gateway, &key, Method::POST, "/webhooks").json(&body)).await;
    assert_eq!(status, 201, "{said}");
    assert_eq!((&said["url"], &said["event"]), (&body["url"], &body["event"]));
    assert!(said["signingKey"].as_str().expect("a key").starts_with("whsec_"), "{said}");
    let id = said["id"].as_str().expect("an id").to_owned();
    let failed = json!({ "url": "https://bridge.example/hook", "event": "sms:failed" });
    assert_eq!(answer(call(&gateway, &key, Method::POST, "/webhooks").json(&failed)).await.0, 201);
    // What was made elsewhere is told in another form, and is not listed here.
    let other = json!({ "url": "https://shop.example/", "events": ["sms.received"] });
    let (status, made) = answer(gateway.post(&key, "/webhooks", &other)).await;
    assert_eq!(status, 201, "{made}");
    let (_, all) = get(&gateway, &key, "/webhooks").await;
    let events: Vec<&Value> =
        all.as_array().expect("a list").iter().map(|one| &one["event"]).collect();
    assert_eq!(events, [&json!("sms:failed"), &json!("sms:received")]);
    assert!(all[0].get("signingKey").is_none(), "it is told once");
    let elsewhere = made["id"].as_str().expect("an id").to_owned();
    for (id, status) in [(id.as_str(), 204), (id.as_str(), 404), (&elsewhere, 404), ("x", 404)] {
        let path = format!("/webhooks/{id}");
        assert_eq!(
            answer(call(&gateway, &key, Method::DELETE, &path)).await.0.as_u16(),
            status,
            "{id}"
        );
    }
    for (body, words) in [
        (
            json!({ "url": "https://a.example/", "event": "sms:data-received" }),
            "event: there are sms:received",
        ),
        (json!({ "url": "ftp://a.example/", "event": "sms:sent" }), "url: "),
        (json!({ "event": "sms:sent" }), "url: "),
        (
            json!({ "url": "https://a.example/", "event": "sms:sent", "deviceId": "x" }),
            "deviceId: ",
        ),
    ] {
        let (status, said) =
            answer(call(&gateway, &key, Method::POST, "/webhooks").json(&body)).await;
        assert_eq!(status, 400, "{said}");
        assert!(said["message"].as_str().expect("words").starts_with(words), "{said}");
    }
}

#[tokio::test]
async fn a_token_is_a_key_that_ends_and_has_the_scopes_of_that_meaning() {
    let gateway = Gateway::start_with(&[OPEN]).await;
    let key = gateway.user("bridge", false).await;
    let make = async |body: Value| {
        let asked = call(&gateway, &key, Method::POST, "/auth/token").json(&body);
        let (status, said) = answer(asked).await;
        (status.as_u16(), said)
    };
    for (body, words) in [
        (json!({ "scopes": [] }), "scopes:"),
        (json!({ "scopes": ["messages:burn"] }), "scopes:"),
        (json!({ "scopes": ["tokens:refresh"] }), "scopes:"),
        (json!({ "scopes": ["messages:send"], "ttl": 0 }), "ttl:"),
        (json!({ "scopes": ["messages:send"], "ttl": 31_536_001 }), "ttl:"),
        (json!({ "scopes": ["messages:send"], "ttl": "x" }), "ttl:"),
    ] {
        let (status, said) = make(body).await;
        assert_eq!(status, 400, "{said}");
        assert!(said["message"].as_str().expect("words").starts_with(words), "{said}");
    }
    let (status, made) = make(json!({ "scopes": ["messages:list"], "ttl": 600 })).await;
    assert_eq!((status, &made["tokenType"]), (201, &json!("Bearer")), "{made}");
    assert!(made["expiresAt"].is_string(), "{made}");
    let token = made["accessToken"].as_str().expect("a token").to_owned();
    let path = |path: &str| format!("{}/3rdparty/v1{path}", gateway.url);
    let inbox = || gateway.http.get(path("/inbox")).bearer_auth(&token);
    assert_eq!(answer(inbox()).await.0, 200);
    let body = json!({ "textMessage": { "text": "x" }, "phoneNumbers": ["0811"] });
    let send = gateway.http.post(path("/messages")).bearer_auth(&token).json(&body);
    assert_eq!(answer(send).await.0, 403);
    let gone = format!("/auth/token/{}", made["id"].as_str().expect("an id"));
    let other = gateway.user("other", false).await;
    assert_eq!(answer(gateway.http.delete(path(&gone)).bearer_auth(&other)).await.0, 404);
    let delete = call(&gateway, &key, Method::DELETE, &gone).send().await.expect("an answer");
    assert_eq!(delete.status(), 204);
    assert_eq!(answer(inbox()).await.0, 401);
}

#[tokio::test]
async fn what_came_in_a_time_is_told_again_to_one_s_own_endpoints() {
    let gateway = Gateway::start_with(&[OPEN]).await;
    let key = gateway.user("bridge", false).await;
    let hook = json!({ "url": "https://a.example/", "event": "sms:received" });
    let (_, made) = answer(call(&gateway, &key, Method::POST, "/webhooks").json(&hook)).await;
    let id: contracts::WebhookId = made["id"].as_str().expect("an id").parse().expect("an id");
    let row = store::NewDelivery {
        id: contracts::DeliveryId::derived("1"),
        webhook: id,
        event: contracts::WebhookEvent::SmsReceived,
        owner: None,
        sim: None,
        payload: "{}".to_owned(),
    };
    let (store, now) = (&gateway.store, contracts::Timestamp::now());
    store.create_deliveries(&[row], now).await.expect("a database");
    let lease = std::time::Duration::from_mins(1);
    assert_eq!(store.take_lanes(now, lease, 1, 1).await.expect("a database"), [id]);
    let held = now.plus(lease);
    let (_, waiting) = store.lane(id, held, 1).await.expect("a database").expect("a lane");
    let ids: Vec<_> = waiting.iter().map(|one| one.id).collect();
    let tried = store::WebhookAttempt {
        at: now,
        duration: lease,
        http_status: Some(200),
        error: None,
        answer: None,
    };
    let taken = store::AfterTry::Taken;
    store.settle_delivery(&waiting[0], held, &tried, &taken).await.expect("a database");
    store.release_lane(id, held, now).await.expect("a database");
    let refresh = async |body: Value| {
        let asked = call(&gateway, &key, Method::POST, "/inbox/refresh").json(&body);
        asked.send().await.expect("an answer").status().as_u16()
    };
    assert_eq!(refresh(json!({})).await, 400);
    assert_eq!(refresh(json!({ "since": "yesterday" })).await, 400);
    assert_eq!(refresh(json!({ "since": "2026-01-01T00:00:00Z" })).await, 202);
    let everything = store::Reach::everything(contracts::OrgId::default_org());
    let log = store.webhook_log(everything, id, None, 9).await.expect("a database");
    let again: Vec<_> = log.iter().map(|one| (one.delivery.id, one.delivery.state)).collect();
    assert_eq!(again, [(ids[0], store::DeliveryState::Pending)]);
}

#[tokio::test]
async fn settings_are_read_and_those_of_the_configuration_are_changed_there() {
    let flags = [OPEN, ("limits.user_messages", "500/1h"), ("retention.messages", "30d")];
    let gateway = Gateway::start_with(&flags).await;
    let key = gateway.user("bridge", false).await;
    let (status, set) = get(&gateway, &key, "/settings").await;
    assert_eq!(status, 200, "{set}");
    let messages = json!({ "processing_order": "FIFO", "limit_period": "PerHour", "limit_value": 500,
        "log_lifetime_days": 30 });
    assert_eq!(set["messages"], messages);
    assert_eq!(set["webhooks"]["internet_required"], false);
    assert!(set["webhooks"]["retry_count"].as_u64().expect("a number") > 1, "{set}");
    for method in [Method::PUT, Method::PATCH] {
        let change = async |body: &Value| {
            let asked = call(&gateway, &key, method.clone(), "/settings").json(body);
            let (status, said) = answer(asked).await;
            (status.as_u16(), said)
        };
        // Who writes what was read changes nothing.
        assert_eq!(change(&set).await, (200, set.clone()));
        for (body, words) in [
            (
                json!({ "messages": { "limit_value": 501 } }),
                "messages.limit_value: this is limits.user_messages of merpati.toml",
            ),
            (
                json!({ "encryption": { "passphrase": "x" } }),
                "encryption.passphrase: nothing is encrypted",
            ),
            (
                json!({ "ping": { "interval_seconds": 9 } }),
                "ping.interval_seconds: there is nothing like it",
            ),
        ] {
            let (status, said) = change(&body).await;
            assert_eq!(status, 501, "{said}");
            assert!(said["message"].as_str().expect("words").starts_with(words), "{said}");
        }
        assert_eq!(change(&json!({ "messages": 5 })).await.0, 400);
        assert_eq!(change(&json!([])).await.0, 400);
    }
    assert_eq!(get(&gateway, "wrong", "/settings").await.0, 401);
}

#[tokio::test]
async fn what_happened_to_modems_is_the_log() {
    use contracts::modem::{ModemEvent, ModemEventKind};
    let gateway = Gateway::start_with(&[OPEN]).await;
    let key = gateway.user("bridge", false).await;
    let modem = contracts::ModemId::derived("m");
    let event = |kind, at: &str| ModemEvent {
        id: contracts::EventId::new(),
        kind,
        modem,
        sim: None,
        text: "In words.".to_owned(),
        from: None,
        at: at.parse().expect("a time"),
    };
    let events = [
        event(ModemEventKind::Online, "2026-11-30T10:00:00Z"),
        event(ModemEventKind::Blocked, "2026-11-30T11:00:00Z"),
    ];
    let stored = events.map(|event| store::StoredEvent {
        sequence: 1,
        body: store::StoredEventBody::Modem(event),
    });
    gateway.store.project_events(&stored).await.expect("a database");
    let (status, log) = get(&gateway, &key, "/logs").await;
    assert_eq!(status, 200, "{log}");
    let last = &log[0];
    assert_eq!(
        (&last["priority"], &last["createdAt"]),
        (&json!("ERROR"), &json!("2026-11-30T11:00:00Z"))
    );
    assert_eq!((&last["module"], &last["message"]), (&json!("modems"), &json!("In words.")));
    assert_eq!(last["context"], json!({ "deviceId": modem, "event": "blocked" }));
    assert!(last["id"].as_u64().expect("an id") < 1 << 53, "{last}");
    let (_, until) = get(&gateway, &key, "/logs?to=2026-11-30T11:00:00Z").await;
    assert_eq!((&until[0]["priority"], until.as_array().map(Vec::len)), (&json!("INFO"), Some(1)));
    let (_, none) = get(&gateway, &key, "/logs?from=2026-11-30T12:00:00Z").await;
    assert_eq!(none, json!([]));
}
