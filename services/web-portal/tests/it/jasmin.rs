//! Jasmin's HTTP API, octet for octet.

use contracts::Priority;
use contracts::mt::{Body, DlrCallback, DlrForm, Encoding, JasminBatch, JasminForm};
use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::gateway::{Gateway, answer};
use crate::kannel::{requested, requested_together};
use crate::socket;

const OPEN: (&str, &str) = ("doors.jasmin", "true");

async fn said(request: RequestBuilder) -> (u16, String) {
    let response = request.send().await.expect("an answer");
    (response.status().as_u16(), response.text().await.expect("a body"))
}

fn text(text: &str, encoding: Encoding) -> Body {
    Body::Text { text: text.to_owned(), encoding }
}

#[tokio::test]
async fn a_message_is_sent_by_address_and_by_form() {
    let gateway = Gateway::start_with(&[OPEN]).await;
    let key = gateway.user("foo", false).await;
    let url = format!("{}/send", gateway.url);
    let own = [
        ("username", "foo"),
        ("password", key.as_str()),
        ("to", "+62812345678"),
        ("from", "JASMIN"),
    ];
    let (status, words) =
        said(gateway.http.get(&url).query(&own).query(&[("content", "Halo $5 @")])).await;
    let request = requested(&gateway, Priority::Normal).await;
    assert_eq!(
        (status, words),
        (200, format!("Success \"{}\"", request.id.expect("an id").uuid()))
    );
    assert_eq!(request.body, text("Halo $5 @", Encoding::Auto));
    assert_eq!((request.dlr, request.dlr_form), (None, None));

    // As RapidPro does: octets of GSM 7-bit, and receipts by POST.
    let query = format!(
        "{url}?username=foo&password={key}&to=0811&coding=0&priority=3&content=a%00b%1b%65&validity-period=60\
         &dlr=yes&dlr-url=http%3A%2F%2Fexample.org%2Fdlr&dlr-level=2&dlr-method=POST"
    );
    assert_eq!(said(gateway.http.get(query)).await.0, 200);
    let request = requested(&gateway, Priority::Otp).await;
    assert_eq!(request.body, text("a@b\u{20ac}", Encoding::Auto));
    assert_eq!(request.options.validity_minutes, Some(60));
    assert_eq!(
        request.dlr,
        Some(DlrCallback { url: "http://example.org/dlr".to_owned(), mask: 19 })
    );
    assert_eq!(
        request.dlr_form,
        Some(DlrForm::Jasmin(JasminForm { level: 2, post: true, batch: None }))
    );

    // By a form; and the page that has the same address still has it.
    let mut form = own.to_vec();
    form.extend([("coding", "8"), ("hex-content", "041f0021")]);
    assert_eq!(said(gateway.http.post(&url).form(&form)).await.0, 200);
    assert_eq!(requested(&gateway, Priority::Normal).await.body, text("\u{41f}!", Encoding::Ucs2));
    let mut browser = Browser::new(&gateway, "en");
    browser.open("/login").await;
    browser.send("/login", &[("name", "foo"), ("password", "correct horse")]).await;
    browser.send("/send", &[("to", "+62812345679"), ("text", "from the page")]).await;
    assert_eq!(requested(&gateway, Priority::Normal).await.to.as_str(), "+62812345679");

    let (status, rate) = answer(
        gateway
            .http
            .get(format!("{}/rate", gateway.url))
            .query(&own)
            .query(&[("content", "x".repeat(200))]),
    )
    .await;
    assert_eq!((status.as_u16(), rate), (200, json!({ "submit_sm_count": 2, "unit_rate": 0.0 })));
    let (_, balance) =
        answer(gateway.http.get(format!("{}/balance", gateway.url)).query(&own[..2])).await;
    assert_eq!(balance, json!({ "balance": "ND", "sms_count": "ND" }));
    assert_eq!(
        said(gateway.http.get(format!("{}/ping", gateway.url))).await,
        (200, "Jasmin/PONG".to_owned())
    );
}

#[tokio::test]
async fn its_refusals_are_jasmins() {
    let gateway = Gateway::start_with(&[OPEN]).await;
    let key = gateway.user("foo", false).await;
    let narrow = json!({ "user": "foo", "scopes": ["messages:read"] });
    let narrow = socket::call(&gateway, "POST", "/api/v1/keys", &narrow).await;
    let narrow = narrow.1["key"].as_str().expect("a key").to_owned();
    let url = format!("{}/send", gateway.url);
    let user = ("username", "foo");
    let own = [user, ("password", key.as_str())];
    let (to, content) = (("to", "+62812345678"), ("content", "x"));
    let long = "x".repeat(50_000);
    for (fields, status, words) in [
        (vec![own[1], to, content], 400, "Mandatory argument [username] is not found."),
        (vec![user, to, content], 400, "Mandatory argument [password] is not found."),
        (
            vec![user, ("password", "x"), to, content],
            403,
            "Authentication failure for username:foo",
        ),
        (
            vec![("username", "bar"), own[1], to, content],
            403,
            "Authentication failure for username:bar",
        ),
        (
            vec![user, ("password", &narrow), to, content],
            403,
            "the scopes of the key lack messages:send",
        ),
        (vec![own[0], own[1], content], 400, "Mandatory argument [to] is not found."),
        (vec![own[0], own[1], to], 400, "content or hex-content not present."),
        (
            vec![own[0], own[1], to, content, ("colour", "red")],
            400,
            "Argument [colour] is unknown.",
        ),
        (
            vec![own[0], own[1], to, content, ("coding", "15")],
            400,
            "Argument [coding] has an invalid value: [15].",
        ),
        (
            vec![own[0], own[1], to, content, ("priority", "x")],
            400,
            "Argument [priority] has an invalid value: [x].",
        ),
        (
            vec![own[0], own[1], to, content, ("sdt", "soon")],
            400,
            "Argument [sdt] has an invalid value: [soon].",
        ),
        (
            vec![own[0], own[1], to, content, ("dlr", "yes")],
            400,
            "Mandatory argument [dlr-url] is not found.",
        ),
        (
            vec![own[0], own[1], to, content, ("dlr", "yes"), ("dlr-url", "ftp://x")],
            400,
            "Argument [dlr-url] has an invalid value: [ftp://x].",
        ),
        (
            vec![own[0], own[1], to, ("hex-content", "0x")],
            400,
            "Argument [hex-content] has an invalid value: [0x].",
        ),
        (
            vec![own[0], own[1], to, content, ("hex-content", "00")],
            400,
            "content and hex-content cannot be used both in same request.",
        ),
        (
            vec![own[0], own[1], ("to", "bob"), content],
            400,
            "Argument [to] has an invalid value: nothing was sent",
        ),
        (
            vec![own[0], own[1], to, ("content", &long)],
            400,
            "Argument [content] has an invalid value: the text is too long",
        ),
    ] {
        let (found, line) =
            said(gateway.http.post(&url).query(&[("username", "")][..0]).form(&fields)).await;
        let page = !fields.contains(&user) && !fields.iter().any(|one| one.0 == "username");
        if page {
            // Without a name it is the page's, which does not know who asks.
            assert_ne!(found, 200, "{line}");
            let (found, line) = said(gateway.http.get(&url).query(&fields)).await;
            assert_eq!((found, line), (status, format!("Error \"{words}\"")));
            continue;
        }
        assert_eq!(found, status, "{line}");
        assert!(line.starts_with(&format!("Error \"{words}")) && line.ends_with('"'), "{line}");
    }
    let (status, line) =
        said(gateway.http.get(format!("{url}?username=foo&password={key}&to=0811&content=caf%E9")))
            .await;
    assert_eq!((status, line.contains("the content is not of it")), (400, true), "{line}");
    let large = [user, ("content", &"x".repeat(1024 * 1024))];
    assert_eq!(said(gateway.http.post(&url).form(&large)).await.0, 413);
    let many: Vec<_> = (0..257).map(|_| user).collect();
    let (status, line) = said(gateway.http.post(format!("{url}?username=foo")).form(&many)).await;
    assert_eq!((status, line.as_str()), (400, "Error \"there are more than 256 fields\""));
    assert_eq!(gateway.accepted(&key).await, 0);
    let shut = Gateway::start().await;
    let (status, words) = said(shut.http.get(format!("{}/secure/balance", shut.url))).await;
    assert_eq!((status, words.contains("MERPATI__DOORS__JASMIN=true")), (404, true), "{words}");
    assert_eq!(said(shut.http.get(format!("{}/send", shut.url))).await.0, 404);
}

fn secure(gateway: &Gateway, key: &str, path: &str, body: &Value) -> RequestBuilder {
    let url = format!("{}/secure/{path}", gateway.url);
    gateway.http.post(url).basic_auth("foo", Some(key)).json(body)
}

#[tokio::test]
async fn json_is_sent_alone_and_in_batches() {
    let gateway =
        Gateway::start_with(&[OPEN, ("limits.key_messages", ""), ("limits.user_messages", "")])
            .await;
    let key = gateway.user("foo", false).await;
    let one = json!({ "to": 62_812_345_678_i64, "from": "x", "content": "caf\u{e9}", "dlr": "no" });
    let (status, said) = answer(secure(&gateway, &key, "send", &one)).await;
    let request = requested(&gateway, Priority::Normal).await;
    assert_eq!(status, 200);
    assert_eq!(
        said,
        json!({ "data": format!("Success \"{}\"", request.id.expect("an id").uuid()) })
    );
    assert_eq!(request.body, text("caf\u{e9}", Encoding::Auto));

    let batch = json!({
        "globals": { "from": "x", "dlr": "yes", "dlr_url": "http://example.org/", "dlr_level": 3, "dlr_method": "GET" },
        "batch_config": { "schedule_at": "2099-01-02 03:04:05" },
        "messages": [{ "to": ["0811", "0812"], "content": "both" }, { "to": "0813", "content": "one" }],
    });
    let (status, said) = answer(secure(&gateway, &key, "sendbatch", &batch)).await;
    assert_eq!(status, 200, "{said}");
    let requests = requested_together(&gateway, Priority::Normal).await;
    let id = requests[0].batch.expect("a batch").uuid().to_string();
    assert_eq!(said, json!({ "data": { "batchId": id, "messageCount": 3 } }));
    let texts: Vec<&Body> = requests.iter().map(|request| &request.body).collect();
    assert_eq!(
        texts,
        [
            &text("both", Encoding::Auto),
            &text("both", Encoding::Auto),
            &text("one", Encoding::Auto)
        ]
    );
    for request in &requests {
        assert_eq!(
            request.dlr_form,
            Some(DlrForm::Jasmin(JasminForm { level: 3, post: false, batch: None }))
        );
        assert_eq!(
            request.not_before.expect("a time").to_jiff().to_string(),
            "2099-01-02T03:04:05Z"
        );
    }

    for (path, body, status, words) in [
        ("sendbatch", json!({}), 400, "Mandatory argument [messages] is not found."),
        (
            "sendbatch",
            json!({ "messages": [1] }),
            400,
            "messages: each of them has to be an object",
        ),
        (
            "sendbatch",
            json!({ "messages": [{ "content": "x" }] }),
            400,
            "Mandatory argument [to] is not found.",
        ),
        (
            "sendbatch",
            json!({ "messages": [{ "to": "0811" }] }),
            400,
            "content or hex-content not present.",
        ),
        (
            "sendbatch",
            json!({ "messages": [{ "to": "0811", "content": "x", "coding": 8 }] }),
            400,
            "Argument [coding] is one of a message here",
        ),
        (
            "sendbatch",
            json!({ "messages": [{ "to": ["0811", "bob"], "content": "x" }] }),
            400,
            "Argument [to] has an invalid value: nothing was sent",
        ),
        (
            "sendbatch",
            json!({ "messages": [{ "to": "0811", "content": "x" }], "batch_config": { "callback_url": "ftp://x" } }),
            400,
            "Argument [callback_url] has an invalid value: [ftp://x].",
        ),
        (
            "sendbatch",
            json!({ "messages": [{ "to": "0811", "content": "x" }], "batch_config": { "schedule_at": "soon" } }),
            400,
            "Argument [schedule_at] has an invalid value: [soon].",
        ),
        (
            "sendbatch",
            json!({ "messages": [{ "to": vec!["0811"; 10_001], "content": "x" }] }),
            400,
            "Argument [to] has an invalid value: there are 10001 recipients",
        ),
        ("send", json!({ "to": ["0811"], "content": "x" }), 400, "to: this has to be a string"),
        ("send", json!({ "content": "x" }), 400, "Mandatory argument [to] is not found."),
        ("send", json!([]), 400, "the body is not JSON"),
    ] {
        let (found, said) = answer(secure(&gateway, &key, path, &body)).await;
        let line = said["message"].as_str().expect("words");
        assert_eq!(found.as_u16(), status, "{line}");
        assert!(line.starts_with(&format!("Error \"{words}")), "{line}");
    }
    let (status, said) = answer(secure(&gateway, "wrong", "send", &one)).await;
    assert_eq!(
        (status.as_u16(), said),
        (403, json!({ "message": "Error \"Authentication failure for username:foo\"" }))
    );
    assert_eq!(gateway.accepted(&key).await, 4);

    let urls = json!({ "callback_url": "http://x/good", "errback_url": "http://x/bad" });
    let batch = json!({ "globals": { "content": "x" }, "batch_config": urls,
        "messages": [{ "to": ["0811", "0812"] }] });
    let (status, said) = answer(secure(&gateway, &key, "sendbatch", &batch)).await;
    assert_eq!(status, 200, "{said}");
    let request = requested_together(&gateway, Priority::Normal).await.remove(0);
    let (callback, errback) = (Some("http://x/good".to_owned()), Some("http://x/bad".to_owned()));
    let batch = Some(JasminBatch { callback, errback });
    let form = DlrForm::Jasmin(JasminForm { level: 0, post: false, batch });
    assert_eq!((request.dlr_form, request.dlr.expect("a URL").mask), (Some(form), 26));

    let many: Vec<String> = (0..10_000).map(|n| format!("08110{n:05}")).collect();
    let batch = json!({ "globals": { "content": "x" }, "messages": [{ "to": many }] });
    let (status, said) = answer(secure(&gateway, &key, "sendbatch", &batch)).await;
    assert_eq!((status.as_u16(), &said["data"]["messageCount"]), (200, &json!(10_000)));
}
