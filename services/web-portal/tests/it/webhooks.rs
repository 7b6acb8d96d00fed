//! Endpoints for events: by the API and on the pages. Nobody calls them here.

use contracts::{DeliveryId, Timestamp, WebhookEvent, WebhookId};
use serde_json::{Value, json};
use store::NewDelivery;

use crate::browser::newcomer;
use crate::gateway::{Gateway, answer};

#[tokio::test]
async fn a_webhook_is_made_shown_changed_and_removed() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let budi = gateway.user("budi", false).await;
    let new = json!({
        "url": "https://shop.example/hook",
        "events": ["sms.received", "sms.received", "sms.delivered"],
        "sender": "0812-3456-789",
        "keyword": " info ",
    });
    let (status, made) = answer(gateway.post(&budi, "/webhooks", &new)).await;
    assert_eq!(status, 201, "{made}");
    let secret = made["secret"].as_str().expect("a secret").to_owned();
    assert!(secret.starts_with("whsec_") && secret.len() == 50, "{secret}");
    assert_eq!(made["events"], json!(["sms.received", "sms.delivered"]));
    assert_eq!((&made["keyword"], &made["enabled"]), (&json!("info"), &json!(true)));
    let path = format!("/webhooks/{}", made["id"].as_str().expect("an id"));
    // Nobody sees the secret again, and administrators see the rest.
    for key in [&budi, &root] {
        let (status, shown) = answer(gateway.get(key, &path)).await;
        assert_eq!((status.as_u16(), shown.get("secret")), (200, None));
        let (_, all) = answer(gateway.get(key, "/webhooks")).await;
        assert_eq!(all["webhooks"], json!([shown]));
        assert!(!all.to_string().contains(&secret));
    }
    let patch = |body: Value| {
        let request = gateway.http.patch(format!("{}/api/v1{path}", gateway.url));
        answer(request.bearer_auth(&budi).json(&body))
    };
    let changes = json!({ "sender": "", "enabled": false, "events": ["call.missed"] });
    let (status, changed) = patch(changes).await;
    assert_eq!(status, 200, "{changed}");
    assert_eq!((changed.get("sender"), &changed["keyword"]), (None, &json!("info")));
    assert_eq!((&changed["enabled"], &changed["events"]), (&json!(false), &json!(["call.missed"])));
    let (status, refused) = answer(gateway.post(&budi, &format!("{path}/test"), &json!({}))).await;
    assert_eq!((status.as_u16(), &refused["code"]), (409, &json!("webhook-disabled")));
    let (_, rotated) = answer(gateway.post(&budi, &format!("{path}/rotate"), &json!({}))).await;
    assert_ne!(rotated["secret"], json!(secret));
    assert!(rotated["old_secret_until"].is_string(), "{rotated}");
    let (status, log) = answer(gateway.get(&budi, &format!("{path}/deliveries?limit=5"))).await;
    assert_eq!((status.as_u16(), log), (200, json!({ "deliveries": [] })));
    let replay = format!("{path}/deliveries/replay");
    let (status, _) = answer(gateway.post(&budi, &replay, &json!({}))).await;
    assert_eq!(status, 400, "what is sent again?");
    let since = json!({ "since": "2026-11-01T00:00:00Z" });
    let (status, replayed) = answer(gateway.post(&budi, &replay, &since)).await;
    assert_eq!((status.as_u16(), replayed), (202, json!({ "replayed": 0 })));
    let delete = gateway.http.delete(format!("{}/api/v1{path}", gateway.url)).bearer_auth(&budi);
    assert_eq!(delete.send().await.expect("an answer").status(), 204);
    assert_eq!(answer(gateway.get(&budi, &path)).await.0, 404);
}

#[tokio::test]
async fn a_webhook_that_could_not_be_told_is_refused() {
    let gateway = Gateway::start().await;
    let budi = gateway.user("budi", false).await;
    for (body, field) in [
        (json!({ "url": "shop.example", "events": ["sms.received"] }), "url"),
        (json!({ "url": "ftp://shop.example/", "events": ["sms.received"] }), "url"),
        (json!({ "url": "https://shop.example/", "events": [] }), "events"),
        (json!({ "url": "https://shop.example/", "events": ["sms.flown"] }), "events"),
        (json!({ "events": ["sms.received"] }), "url"),
    ] {
        let (status, problem) = answer(gateway.post(&budi, "/webhooks", &body)).await;
        assert_eq!((status.as_u16(), &problem["field"]), (400, &json!(field)), "{problem}");
    }
    let good = json!({ "url": "https://shop.example/", "events": ["sms.received"] });
    for _ in 0..20 {
        assert_eq!(answer(gateway.post(&budi, "/webhooks", &good)).await.0, 201);
    }
    let (status, problem) = answer(gateway.post(&budi, "/webhooks", &good)).await;
    assert_eq!((status.as_u16(), &problem["limit"]), (409, &json!(20)), "{problem}");
}

/// What a key may not read, an endpoint that it makes is not told.
#[tokio::test]
async fn a_key_makes_no_webhook_that_sees_more_than_it_does() {
    let gateway = Gateway::start().await;
    let budi = gateway.user("budi", false).await;
    let key = async |body: Value| {
        let (_, made) = answer(gateway.post(&budi, "/keys", &body)).await;
        made["key"].as_str().expect("a key").to_owned()
    };
    let narrow = key(json!({ "scopes": ["webhooks:write", "messages:read"] })).await;
    let hook = |event: &str| json!({ "url": "https://shop.example/", "events": [event] });
    let (status, problem) = answer(gateway.post(&narrow, "/webhooks", &hook("sms.received"))).await;
    assert_eq!((status.as_u16(), &problem["scope"]), (403, &json!("inbox:read")), "{problem}");
    assert_eq!(answer(gateway.post(&narrow, "/webhooks", &hook("sms.sent"))).await.0, 201);
    // Nor does one that ends leave one behind.
    let ends = key(json!({ "expires_at": "2099-01-01T00:00:00Z" })).await;
    let (status, problem) = answer(gateway.post(&ends, "/webhooks", &hook("sms.sent"))).await;
    assert_eq!((status.as_u16(), &problem["code"]), (403, &json!("key-expires")), "{problem}");
    // And it does not redirect what somebody else's scopes made.
    let (_, made) = answer(gateway.post(&budi, "/webhooks", &hook("sms.received"))).await;
    let path = format!("{}/api/v1/webhooks/{}", gateway.url, made["id"].as_str().expect("an id"));
    let body = json!({ "url": "https://evil.example/" });
    let patch = gateway.http.patch(&path).bearer_auth(&narrow).json(&body);
    assert_eq!(answer(patch).await.0, 403);
    // Neither with other events: what waits and what is sent again would go there too.
    let body = json!({ "url": "https://evil.example/", "events": ["sms.sent"] });
    let patch = gateway.http.patch(&path).bearer_auth(&narrow).json(&body);
    let (status, problem) = answer(patch).await;
    assert_eq!((status.as_u16(), &problem["scope"]), (403, &json!("inbox:read")), "{problem}");
}

/// What an endpoint answers is sent by its account, so the key that switches that on may send.
#[tokio::test]
async fn answers_are_switched_on_by_who_may_send() {
    let gateway = Gateway::start().await;
    let budi = gateway.user("budi", false).await;
    let scopes = json!({ "scopes": ["webhooks:write", "webhooks:read", "inbox:read"] });
    let (_, narrow) = answer(gateway.post(&budi, "/keys", &scopes)).await;
    let narrow = narrow["key"].as_str().expect("a key").to_owned();
    let hook = |event: &str| json!({ "url": "https://shop.example/", "events": [event], "reply_with_body": true });
    let (status, problem) = answer(gateway.post(&narrow, "/webhooks", &hook("sms.received"))).await;
    assert_eq!((status.as_u16(), &problem["scope"]), (403, &json!("messages:send")), "{problem}");
    let (status, problem) = answer(gateway.post(&budi, "/webhooks", &hook("sms.sent"))).await;
    let field = json!("reply_with_body");
    assert_eq!((status.as_u16(), &problem["field"]), (400, &field), "{problem}");
    let (status, made) = answer(gateway.post(&budi, "/webhooks", &hook("sms.received"))).await;
    assert_eq!(status, 201, "{made}");
    assert_eq!((&made["reply_with_body"], &made["max_messages"]), (&json!(true), &json!(1)));
    let path = format!("/webhooks/{}", made["id"].as_str().expect("an id"));
    let patch = |key: &str, body: Value| {
        let request = gateway.http.patch(format!("{}/api/v1{path}", gateway.url));
        answer(request.bearer_auth(key).json(&body))
    };
    // Nor does the narrow key say who answers.
    let (status, _) = patch(&narrow, json!({ "keyword": "info" })).await;
    assert_eq!(status, 403);
    let (status, _) = patch(&budi, json!({ "events": ["sms.sent"] })).await;
    assert_eq!(status, 400, "there would be nothing to answer");
    let changes = json!({ "reply_with_body": false, "max_messages": 3, "events": ["sms.sent"] });
    let (status, changed) = patch(&budi, changes).await;
    assert_eq!(status, 200, "{changed}");
    let shown = (&changed["reply_with_body"], &changed["max_messages"]);
    assert_eq!(shown, (&json!(false), &json!(3)));
    let many = json!({ "max_messages": 21 });
    assert_eq!(patch(&budi, many).await.0, 400);
}

#[tokio::test]
async fn a_program_of_twilio_is_told_of_messages_alone() {
    let gateway = Gateway::start().await;
    let budi = gateway.user("budi", false).await;
    let hook = |format: &str, event: &str| json!({ "url": "https://shop.example/", "events": [event], "format": format });
    for (body, field) in [
        (hook("twilio", "modem.online"), "events"),
        (hook("twilio", "batch.finished"), "events"),
        (hook("smsgate", "sms.received"), "format"),
    ] {
        let (status, problem) = answer(gateway.post(&budi, "/webhooks", &body)).await;
        assert_eq!((status.as_u16(), &problem["field"]), (400, &json!(field)), "{problem}");
    }
    let good = hook("twilio", "sms.received");
    let (status, made) = answer(gateway.post(&budi, "/webhooks", &good)).await;
    assert_eq!((status.as_u16(), &made["format"]), (201, &json!("twilio")), "{made}");
}

/// The log says what an endpoint was told, and that is read by who may read it elsewhere.
#[tokio::test]
async fn a_key_reads_no_text_in_a_log_that_it_may_not_read_in_the_inbox() {
    let gateway = Gateway::start().await;
    let budi = gateway.user("budi", false).await;
    let hook = json!({ "url": "https://shop.example/", "events": ["sms.received", "sms.sent"] });
    let (_, made) = answer(gateway.post(&budi, "/webhooks", &hook)).await;
    let id: WebhookId = made["id"].as_str().expect("an id").parse().expect("an id");
    let row = |event| NewDelivery {
        id: DeliveryId::new(),
        webhook: id,
        event,
        owner: None,
        sim: None,
        payload: r#"{"text":"rahasia"}"#.to_owned(),
    };
    let rows = [row(WebhookEvent::SmsReceived), row(WebhookEvent::SmsSent)];
    gateway.store.create_deliveries(&rows, Timestamp::now()).await.expect("a database");
    let scopes = json!({ "scopes": ["webhooks:read", "messages:read"] });
    let (_, narrow) = answer(gateway.post(&budi, "/keys", &scopes)).await;
    let narrow = narrow["key"].as_str().expect("a key").to_owned();
    for (key, received) in [(&budi, json!({ "text": "rahasia" })), (&narrow, Value::Null)] {
        let (_, log) = answer(gateway.get(key, &format!("/webhooks/{id}/deliveries"))).await;
        let payload = |event: &str| {
            let mut all = log["deliveries"].as_array().expect("a list").iter();
            all.find(|delivery| delivery["event"] == event).expect("its row")["payload"].clone()
        };
        assert_eq!(payload("sms.received"), received);
        assert_eq!(payload("sms.sent"), json!({ "text": "rahasia" }));
    }
}

#[tokio::test]
async fn an_endpoint_may_be_a_mail_address_when_there_is_a_mail_server() {
    let hook = |events: Value| json!({ "url": "mailto:ops@shop.example", "events": events });
    let without = Gateway::start().await;
    let root = without.user("root", true).await;
    let (status, problem) =
        answer(without.post(&root, "/webhooks", &hook(json!(["sms.received"])))).await;
    assert_eq!((status.as_u16(), &problem["field"]), (400, &json!("url")));
    assert!(problem["detail"].as_str().expect("words").contains("mail.smtp.host"), "{problem}");

    let flags = [("mail.smtp.host", "127.0.0.1"), ("mail.smtp.from", "sms@gateway.example")];
    let gateway = Gateway::start_with(&flags).await;
    // Anybody could be mailed, so it is for administrators, and for keys that have the power over accounts.
    let budi = gateway.user("budi", false).await;
    let (status, problem) =
        answer(gateway.post(&budi, "/webhooks", &hook(json!(["sms.received"])))).await;
    assert_eq!((status.as_u16(), &problem["code"]), (403, &json!("admins-only")), "{problem}");
    let budi = gateway.user("root", true).await;
    let narrow = json!({ "label": "hooks", "scopes": ["webhooks:write", "inbox:read"] });
    let (_, narrow) = answer(gateway.post(&budi, "/keys", &narrow)).await;
    let narrow = narrow["key"].as_str().expect("a key");
    let (status, problem) =
        answer(gateway.post(narrow, "/webhooks", &hook(json!(["sms.received"])))).await;
    assert_eq!(status.as_u16(), 403, "{problem}");
    let both = hook(json!(["sms.received", "sms.sent"]));
    let (status, problem) = answer(gateway.post(&budi, "/webhooks", &both)).await;
    assert_eq!((status.as_u16(), &problem["field"]), (400, &json!("events")), "{problem}");
    let good = hook(json!(["sms.received", "call.missed"]));
    let (status, made) = answer(gateway.post(&budi, "/webhooks", &good)).await;
    assert_eq!(status, 201, "{made}");
    let url = format!("{}/api/v1/webhooks/{}", gateway.url, made["id"].as_str().expect("an id"));
    let more = json!({ "events": ["sms.sent"] });
    let change = async |url: &str, body: &Value| {
        answer(gateway.http.patch(url).bearer_auth(&budi).json(body)).await
    };
    let (status, problem) = change(&url, &more).await;
    assert_eq!((status.as_u16(), &problem["field"]), (400, &json!("events")), "{problem}");
    // The rest of it changes, and so does the address, but it stays one that mails.
    let (status, changed) = change(&url, &json!({ "url": "mailto:b@shop.example" })).await;
    assert_eq!((status.as_u16(), &changed["url"]), (200, &json!("mailto:b@shop.example")));
    let (status, problem) = change(&url, &json!({ "url": "https://shop.example/" })).await;
    assert_eq!((status.as_u16(), &problem["field"]), (400, &json!("url")), "{problem}");
    let web = json!({ "url": "https://shop.example/", "events": ["sms.received", "sms.sent"] });
    let (_, web) = answer(gateway.post(&budi, "/webhooks", &web)).await;
    let url = format!("{}/api/v1/webhooks/{}", gateway.url, web["id"].as_str().expect("an id"));
    let to_mail = json!({ "url": "mailto:b@shop.example", "events": ["sms.received"] });
    let (status, problem) = change(&url, &to_mail).await;
    assert_eq!((status.as_u16(), &problem["field"]), (400, &json!("url")), "{problem}");
    let twilio =
        json!({ "url": "mailto:b@shop.example", "events": ["sms.received"], "format": "twilio" });
    let (status, problem) = answer(gateway.post(&budi, "/webhooks", &twilio)).await;
    assert_eq!((status.as_u16(), &problem["field"]), (400, &json!("url")), "{problem}");
    let two = json!({ "url": "mailto:a@b.example,c@d.example", "events": ["sms.received"] });
    assert_eq!(answer(gateway.post(&budi, "/webhooks", &two)).await.0, 400);
}

#[tokio::test]
async fn a_webhook_is_made_on_the_page_and_its_secret_is_shown_once() {
    for (language, none, no_events, secret_once, answers, disabled, removed) in [
        (
            "en",
            "There are no webhooks yet.",
            "Choose at least one event.",
            "it is not shown again",
            "What it answers to a received message is sent back to the sender.",
            "The webhook is disabled. What waits is kept.",
            "The webhook is removed.",
        ),
        (
            "id",
            "Belum ada webhook.",
            "Pilih paling sedikit satu kejadian.",
            "rahasia tidak ditampilkan lagi",
            "Jawabannya atas pesan masuk dikirim kembali ke pengirim.",
            "Webhook dinonaktifkan. Yang menunggu tetap disimpan.",
            "Webhook dihapus.",
        ),
    ] {
        let gateway = Gateway::start().await;
        let mut browser = newcomer(&gateway, language).await;
        browser.open("/account").await.shows("href=\"/webhooks\"");
        browser.open("/webhooks").await.shows(none);
        let url = ("url", "https://user:pass@shop.example/hook?token=x");
        browser.send("/webhooks", &[url]).await.shows(no_events);
        assert_eq!(browser.status, 422);
        browser.send("/webhooks", &[url, ("event", "sms.sent"), ("replies", "yes")]).await;
        assert_eq!(
            browser.status, 422,
            "what is answered to sms.received is sent back, and it is not told"
        );
        let events = [("event", "sms.received"), ("event", "sms.sent")];
        let fields = [url, events[0], events[1], ("keyword", "<b>info")];
        browser.send("/webhooks", &fields).await.shows(secret_once);
        browser.shows("whsec_");
        browser.shows("sms.received, sms.sent");
        browser.shows("&#60;b&#62;info");
        browser.open("/webhooks").await.shows("https://shop.example/hook");
        browser.hides("token=x");
        let id = browser.page.split("/webhooks/whk_").nth(1).expect("a link");
        let id: WebhookId = format!("whk_{}", &id[..32]).parse().expect("an id");
        let path = format!("/webhooks/{id}");
        browser.open(&path).await.hides("whsec_");
        browser.send(&format!("{path}/answer"), &[]).await.shows(answers);
        browser.open(&path).await.shows(&format!("{path}/silence"));
        browser.send(&format!("{path}/silence"), &[]).await.hides(answers);
        browser.send(&format!("{path}/disable"), &[]).await.shows(disabled);
        assert_eq!(browser.at, path);
        browser.send(&format!("{path}/rotate"), &[]).await.shows("whsec_");
        browser.send(&format!("{path}/enable"), &[]).await;
        browser.send(&format!("{path}/remove"), &[]).await.shows(removed);
        assert_eq!(browser.open(&path).await.status, 404);
    }
}

/// As with services: what another account is told of is changed by who manages accounts.
#[tokio::test]
async fn a_narrow_key_of_an_administrator_changes_its_own_webhooks_alone() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let budi = gateway.user("budi", false).await;
    let hook = json!({ "url": "https://shop.example/", "events": ["sms.sent"] });
    let narrow = ["webhooks:read", "webhooks:write", "messages:read"];
    for (scopes, is_done) in
        [(narrow.to_vec(), false), ([&narrow[..], &["users:manage"]].concat(), true)]
    {
        let (_, made) = answer(gateway.post(&budi, "/webhooks", &hook)).await;
        let path = format!("/webhooks/{}", made["id"].as_str().expect("an id"));
        let (_, key) = answer(gateway.post(&root, "/keys", &json!({ "scopes": scopes }))).await;
        let key = key["key"].as_str().expect("a key");
        assert_eq!(answer(gateway.get(key, &path)).await.0, 200, "it is read");
        let since = json!({ "since": "2026-11-30T00:00:00Z" });
        let url = format!("{}/api/v1{path}", gateway.url);
        for request in [
            gateway.http.patch(&url).bearer_auth(key).json(&json!({ "max_messages": 2 })),
            gateway.post(key, &format!("{path}/rotate"), &json!({})),
            gateway.post(key, &format!("{path}/deliveries/replay"), &since),
            gateway.http.delete(&url).bearer_auth(key),
        ] {
            let (status, said) = answer(request).await;
            assert_eq!(status != 404, is_done, "{status} {said}");
            assert!(is_done == status.is_success(), "{status} {said}");
        }
    }
}
