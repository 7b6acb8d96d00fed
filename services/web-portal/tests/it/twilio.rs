//! Twilio's messages.

use contracts::Priority;
use contracts::mt::{Body, DlrForm, Encoding};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::gateway::{Gateway, answer};
use crate::kannel::requested;
use crate::socket;

const OPEN: (&str, &str) = ("doors.twilio", "true");
const ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";
const FORM: &str = "application/x-www-form-urlencoded";

fn call(gateway: &Gateway, key: &str, method: Method, path: &str) -> RequestBuilder {
    let url = format!("{}/2010-04-01/Accounts/{ACCOUNT}{path}", gateway.url);
    gateway.http.request(method, url).basic_auth(ACCOUNT, Some(key))
}

async fn create(gateway: &Gateway, key: &str, fields: &[(&str, &str)]) -> (u16, Value) {
    let (status, said) =
        answer(call(gateway, key, Method::POST, "/Messages.json").form(fields)).await;
    (status.as_u16(), said)
}

async fn list(gateway: &Gateway, key: &str, query: &[(&str, &str)]) -> Value {
    let (status, said) =
        answer(call(gateway, key, Method::GET, "/Messages.json").query(query)).await;
    assert_eq!(status, 200, "{said}");
    said
}

#[tokio::test]
async fn a_message_is_created_and_fetched() {
    let gateway = Gateway::start_with(&[OPEN]).await;
    let key = gateway.user("shop", false).await;
    let fields = [
        ("To", "+62812345678"),
        ("From", "+15005550006"),
        ("Body", "Kode 1234"),
        ("ValidityPeriod", "600"),
    ];
    let (status, said) = create(&gateway, &key, &fields).await;
    assert_eq!(status, 201, "{said}");
    let request = requested(&gateway, Priority::Normal).await;
    assert_eq!(request.body, Body::Text { text: "Kode 1234".to_owned(), encoding: Encoding::Auto });
    let wait = request.not_after.expect("an end").since(request.created_at.expect("a time"));
    // The clock is read twice, and a moment passes in between.
    assert!((599..=600).contains(&wait.as_secs()), "{wait:?}");
    let sid = format!("SM{}", request.id.expect("an id").uuid().simple());
    let uri = format!("/2010-04-01/Accounts/{ACCOUNT}/Messages/{sid}");
    let created = said["date_created"].as_str().expect("a time").to_owned();
    assert_eq!(
        said,
        json!({
            "sid": sid, "account_sid": ACCOUNT, "api_version": "2010-04-01", "body": "Kode 1234",
            "num_segments": "1", "num_media": "0", "direction": "outbound-api", "from": "+15005550006",
            "to": "+62812345678", "status": "queued", "price": null, "price_unit": null,
            "error_code": null, "error_message": null, "messaging_service_sid": null,
            "date_created": created, "date_sent": null, "date_updated": created, "uri": format!("{uri}.json"),
            "subresource_uris": { "media": format!("{uri}/Media.json") },
        })
    );
    assert!(
        created.ends_with(" +0000") && created.len() == "Mon, 30 Nov 2026 14:00:00 +0000".len(),
        "{created}"
    );

    let (status, fetched) =
        answer(call(&gateway, &key, Method::GET, &format!("/Messages/{sid}.json"))).await;
    assert_eq!(status, 200, "{fetched}");
    assert_eq!(
        (&fetched["sid"], &fetched["from"]),
        (&json!(sid), &Value::Null),
        "no SIM has it yet"
    );
    assert_eq!((&fetched["to"], &fetched["status"]), (&said["to"], &said["status"]));

    let cancel = |sid: &str| {
        let path = format!("/Messages/{sid}.json");
        call(&gateway, &key, Method::POST, &path).form(&[("Status", "canceled")])
    };
    let (status, cancelled) = answer(cancel(&sid)).await;
    assert_eq!((status.as_u16(), &cancelled["status"]), (200, &json!("canceled")));
    let ended = testkit::wait_for("the end", || async {
        let (_, said) =
            answer(call(&gateway, &key, Method::GET, &format!("/Messages/{sid}.json"))).await;
        (said["status"] == "canceled").then_some(())
    });
    ended.await;
    let other = gateway.user("other", false).await;
    for (key, sid) in
        [(&other, sid.as_str()), (&key, "SM00000000000000000000000000000000"), (&key, "x")]
    {
        let (status, said) =
            answer(call(&gateway, key, Method::GET, &format!("/Messages/{sid}.json"))).await;
        assert_eq!((status.as_u16(), &said["code"]), (404, &json!(20404)), "{sid}");
    }
}

#[tokio::test]
async fn what_was_sent_and_received_is_listed_together() {
    let gateway = Gateway::start_with(&[OPEN]).await;
    let key = gateway.user("root", true).await;
    let modem = gateway.modem("modem1", "+62811000001").await;
    for n in 0..3 {
        create(&gateway, &key, &[("To", "+62812345678"), ("Body", &format!("out {n}"))]).await;
        gateway.accepted(&key).await;
        gateway.receive(&modem, "+62855000000", &format!("in {n}")).await;
    }
    // Each page follows the one before, and nothing is missing or there twice.
    let mut seen = Vec::new();
    let mut page = list(&gateway, &key, &[("PageSize", "2")]).await;
    loop {
        assert_eq!((&page["page_size"], &page["start"]), (&json!(2), &json!(0)));
        for one in page["messages"].as_array().expect("messages") {
            seen.push(format!(
                "{} {}",
                one["direction"].as_str().expect("a word"),
                one["body"].as_str().expect("a text")
            ));
        }
        let Some(next) = page["next_page_uri"].as_str() else { break };
        assert!(seen.len() < 20, "{seen:?}");
        let request =
            gateway.http.get(format!("{}{next}", gateway.url)).basic_auth("AC1", Some(&key));
        page = answer(request).await.1;
    }
    seen.retain(|one| !one.contains("msg_"));
    let expected = [
        "inbound in 2",
        "outbound-api out 2",
        "inbound in 1",
        "outbound-api out 1",
        "inbound in 0",
        "outbound-api out 0",
    ];
    assert_eq!(seen, expected);

    let bodies = async |query: &[(&str, &str)]| {
        let page = list(&gateway, &key, query).await;
        let all = page["messages"].as_array().expect("messages").clone();
        all.iter().map(|one| one["body"].as_str().expect("a text").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(bodies(&[("To", "+62812345678")]).await, ["out 2", "out 1", "out 0"]);
    assert_eq!(bodies(&[("From", "+62855000000")]).await, ["in 2", "in 1", "in 0"]);
    testkit::wait_for("the SIM's number", || async {
        let found = bodies(&[("To", "+62811000001")]).await;
        (found == ["in 2", "in 1", "in 0"]).then_some(())
    })
    .await;
    assert!(bodies(&[("DateSent<", "2001-01-01")]).await.is_empty());
    assert_eq!(bodies(&[("DateSent>", "2001-01-01T00:00:00Z")]).await.len(), 9);
    let received = list(&gateway, &key, &[("From", "+62855000000"), ("PageSize", "1")]).await;
    let one = &received["messages"][0];
    assert_eq!((&one["status"], &one["to"]), (&json!("received"), &json!("+62811000001")));
    let path = format!("/Messages/{}.json", one["sid"].as_str().expect("an id"));
    assert_eq!(&answer(call(&gateway, &key, Method::GET, &path)).await.1, one);
}

#[tokio::test]
async fn what_is_wrong_has_its_number() {
    let gateway = Gateway::start_with(&[OPEN]).await;
    let key = gateway.user("shop", false).await;
    let (to, body) = (("To", "+62812345678"), ("Body", "x"));
    let long = "x".repeat(100_000);
    for (fields, code, words) in [
        (vec![body], 21604, "A 'To' phone number is required."),
        (vec![to], 21602, "Message body is required."),
        (vec![("To", "bob"), body], 21211, "Invalid 'To' Phone Number: "),
        (vec![to, ("Body", long.as_str())], 21617, "Body: the text is too long"),
        (vec![to, body, ("MediaUrl", "https://a.example/x.png")], 20001, "MediaUrl: "),
        (vec![to, body, ("ValidityPeriod", "0")], 20001, "ValidityPeriod: "),
        (vec![to, body, ("SendAt", "2099-01-01T00:00:00Z")], 20001, "ScheduleType: "),
        (vec![to, body, ("ScheduleType", "fixed"), ("SendAt", "soon")], 20001, "SendAt: "),
        (vec![to, body, ("SmartEncoded", "perhaps")], 20001, "SmartEncoded: "),
        (vec![to, body, ("From", &long[..65])], 20001, "From: "),
    ] {
        let (status, said) = create(&gateway, &key, &fields).await;
        assert_eq!(
            (status, &said["code"], &said["status"]),
            (400, &json!(code), &json!(400)),
            "{said}"
        );
        assert_eq!(said["more_info"], format!("https://www.twilio.com/docs/errors/{code}"));
        assert!(said["message"].as_str().expect("words").starts_with(words), "{said}");
    }
    let (status, said) = create(&gateway, "wrong", &[to, body]).await;
    assert_eq!(
        (status, &said["code"], &said["message"]),
        (401, &json!(20003), &json!("Authenticate"))
    );
    let narrow = json!({ "user": "shop", "scopes": ["inbox:read"] });
    let narrow = socket::call(&gateway, "POST", "/api/v1/keys", &narrow).await;
    let narrow = narrow.1["key"].as_str().expect("a key").to_owned();
    let (status, said) = create(&gateway, &narrow, &[to, body]).await;
    assert_eq!((status, &said["code"]), (403, &json!(20403)));
    assert_eq!(said["message"], "the scopes of the key lack messages:send");
    let refused = answer(call(&gateway, &narrow, Method::GET, "/Messages.json")).await;
    assert_eq!(refused.0, 403);

    let post = |body: String| {
        let request = call(&gateway, &key, Method::POST, "/Messages.json");
        answer(request.header("content-type", FORM).body(body))
    };
    let (status, said) = post("a=1&".repeat(257)).await;
    assert_eq!(
        (status.as_u16(), &said["message"]),
        (400, &json!("there are more than 256 fields"))
    );
    let (status, said) = post(format!("Body={}", "x".repeat(1024 * 1024))).await;
    assert_eq!((status.as_u16(), &said["code"]), (413, &json!(20001)));
    let (_, said) = post("To=0811&Body=caf%E9".to_owned()).await;
    assert_eq!(said["message"], "Body is not in UTF-8");
    for (path, status, code) in [
        ("/Calls.json", 404, 20404),
        ("/Messages.json?PageSize=1001", 400, 20001),
        ("/Messages.json?PageToken=x", 400, 20001),
        ("/Messages.json?DateSent=x", 400, 20001),
    ] {
        let (found, said) = answer(call(&gateway, &key, Method::GET, path)).await;
        assert_eq!((found.as_u16(), &said["code"]), (status, &json!(code)), "{path}");
    }
    let (status, said) = answer(call(&gateway, &key, Method::PUT, "/Messages.json")).await;
    assert_eq!((status.as_u16(), &said["code"]), (405, &json!(20004)));
    assert_eq!(gateway.accepted(&key).await, 0);
    let (status, said) = answer(call(&gateway, &key, Method::GET, ".json")).await;
    assert_eq!(
        (status.as_u16(), &said["status"], &said["friendly_name"]),
        (200, &json!("active"), &json!("shop"))
    );
}

#[tokio::test]
async fn a_scheduled_message_waits() {
    let gateway = Gateway::start_with(&[OPEN]).await;
    let key = gateway.user("shop", false).await;
    let fields = [
        ("To", "+62812345678"),
        ("Body", "x"),
        ("ScheduleType", "fixed"),
        ("SendAt", "2099-01-02T03:04:05Z"),
        ("MessagingServiceSid", "MG0123456789abcdef0123456789abcdef"),
    ];
    let (status, said) = create(&gateway, &key, &fields).await;
    assert_eq!((status, &said["status"]), (201, &json!("scheduled")));
    assert_eq!(said["messaging_service_sid"], "MG0123456789abcdef0123456789abcdef");
    let request = requested(&gateway, Priority::Normal).await;
    assert_eq!(request.not_before.expect("a time").to_jiff().to_string(), "2099-01-02T03:04:05Z");
    let shut = Gateway::start().await;
    let (status, words) = answer(call(&shut, &key, Method::GET, "/Messages.json")).await;
    assert_eq!(status, 404);
    assert!(words.as_str().expect("words").contains("MERPATI__DOORS__TWILIO=true"), "{words}");
}

/// What a status callback says is signed with the key that came with the request, before anything has happened.
#[tokio::test]
async fn a_status_callback_is_signed_beforehand() {
    let gateway = Gateway::start_with(&[OPEN]).await;
    let key = gateway.user("shop", false).await;
    let fields = [
        ("To", "+62812345678"),
        ("From", "+15005550006"),
        ("Body", "x"),
        ("StatusCallback", "https://shop.example/status?a=1"),
    ];
    let (status, said) = create(&gateway, &key, &fields).await;
    assert_eq!(status, 201, "{said}");
    let request = requested(&gateway, Priority::Normal).await;
    assert_eq!(said["sid"], format!("SM{}", request.id.expect("an id").uuid().simple()));
    let dlr = request.dlr.expect("a callback");
    assert_eq!((dlr.url.as_str(), dlr.mask), ("https://shop.example/status?a=1", 27));
    let Some(DlrForm::Twilio(form)) = request.dlr_form else { panic!("no form of Twilio's") };
    assert_eq!((form.account.as_str(), form.from.as_deref()), (ACCOUNT, Some("+15005550006")));
    let statuses: Vec<&str> = form.signatures.iter().map(|one| one.status.as_str()).collect();
    assert_eq!(statuses, ["sent", "delivered", "undelivered", "failed"]);
    assert!(form.signatures.iter().all(|one| one.signature.len() == 28), "{:?}", form.signatures);
    for wrong in ["ftp://x", "shop"] {
        let fields = [("To", "+62812345678"), ("Body", "x"), ("StatusCallback", wrong)];
        let (status, said) = create(&gateway, &key, &fields).await;
        assert_eq!((status, &said["code"]), (400, &json!(21609)));
    }
    let long = format!("https://shop.example/{}", "x".repeat(2_048));
    let (status, said) =
        create(&gateway, &key, &[("To", "+62812345678"), ("Body", "x"), ("StatusCallback", &long)])
            .await;
    assert_eq!((status, &said["code"]), (400, &json!(21609)), "{said}");
}
