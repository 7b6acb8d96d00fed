//! SMSEagle's HTTP API, octet for octet.

use contracts::Priority;
use contracts::mt::{Body, Encoding};
use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::gateway::{Gateway, answer};
use crate::kannel::{requested, requested_together};
use crate::socket;

const OPEN: (&str, &str) = ("doors.smseagle", "true");

async fn first(gateway: &Gateway, path: &str, fields: &[(&str, &str)]) -> String {
    let request = gateway.http.get(format!("{}{path}", gateway.url)).query(fields);
    let response = request.send().await.expect("an answer");
    assert_eq!(response.status(), 200);
    response.text().await.expect("a body")
}

async fn rpc(gateway: &Gateway, body: &Value) -> Value {
    let (status, answer) =
        answer(gateway.http.post(format!("{}/jsonrpc/sms", gateway.url)).json(body)).await;
    assert_eq!(status, 200);
    answer
}

fn second(gateway: &Gateway, token: &str, body: &Value) -> RequestBuilder {
    let url = format!("{}/api/v2/messages/sms", gateway.url);
    gateway.http.post(url).header("access-token", token).json(body)
}

#[tokio::test]
async fn the_first_version_says_ok() {
    let gateway = Gateway::start_with(&[OPEN]).await;
    let key = gateway.user("nagios", false).await;
    let fields =
        [("access_token", key.as_str()), ("to", "+62812345678"), ("message", "Host down \u{2713}")];
    let said = first(&gateway, "/http_api/send_sms", &fields).await;
    let request = requested(&gateway, Priority::Normal).await;
    assert_eq!(said, format!("OK; ID={}", request.number.expect("a number")));
    assert_eq!(
        request.body,
        Body::Text { text: "Host down \u{2713}".to_owned(), encoding: Encoding::Auto }
    );

    let fields = [
        ("login", "Nagios"),
        ("pass", key.as_str()),
        ("to", "0811,0812"),
        ("message", "x"),
        ("highpriority", "1"),
        ("flash", "1"),
        ("unicode", "1"),
        ("validity", "1h"),
        ("date", "209901020304"),
        ("responsetype", "xml"),
    ];
    let said = first(&gateway, "/index.php/http_api/send_sms", &fields).await;
    let requests = requested_together(&gateway, Priority::Otp).await;
    let ids: Vec<i64> = requests.iter().map(|request| request.number.expect("a number")).collect();
    assert_eq!(
        said,
        format!(
            "<xml>\n<message_id>{}</message_id>\n<message_id>{}</message_id>\n<status>ok</status>\n</xml>",
            ids[0], ids[1]
        )
    );
    assert_eq!(
        (requests[0].options.class, requests[0].options.validity_minutes),
        (Some(0), Some(60))
    );
    assert_eq!(
        requests[0].not_before.expect("a time").to_jiff().to_string(),
        "2099-01-02T03:04:00Z"
    );
}

#[tokio::test]
async fn json_rpc_says_it_as_wanted() {
    let gateway = Gateway::start_with(&[OPEN]).await;
    let key = gateway.user("apprise", false).await;
    let call = |to: &str, kind: &str, test: u8| {
        json!({ "method": "sms.send_sms", "params": {
            "access_token": key, "to": to, "message": "x", "highpriority": 0, "unicode": 1,
            "message_type": "sms", "flash": 0, "test": test, "responsetype": kind,
        }})
    };
    let said = rpc(&gateway, &call("+62812345678", "extended", 0)).await;
    let number = requested(&gateway, Priority::Normal).await.number.expect("a number");
    assert_eq!(said, json!({ "result": { "message_id": number, "status": "ok" } }));
    let said = rpc(&gateway, &call("+62812345678", "simple", 0)).await;
    let number = requested(&gateway, Priority::Normal).await.number.expect("a number");
    assert_eq!(said, json!({ "result": format!("OK; ID={number}") }));
    let said = rpc(&gateway, &call("0811,0812", "extended", 0)).await;
    let numbers: Vec<i64> = requested_together(&gateway, Priority::Normal)
        .await
        .iter()
        .map(|request| request.number.expect("a number"))
        .collect();
    let each = |number: i64| json!({ "message_id": number, "status": "ok" });
    assert_eq!(said, json!({ "result": [each(numbers[0]), each(numbers[1])] }));
    // A test sends nothing, and still says what is wrong.
    let said = rpc(&gateway, &call("0811,0812", "simple", 1)).await;
    assert_eq!(said, json!({ "result": "OK; ID=0,0" }));
    let said = rpc(&gateway, &call("bob", "extended", 1)).await;
    assert_eq!(said["result"]["status"], "error");
    assert_eq!(gateway.accepted(&key).await, 4);
    let group =
        json!({ "method": "sms.send_togroup", "params": { "access_token": key, "groupname": "a" }});
    let said = rpc(&gateway, &group).await;
    assert_eq!(
        said["result"],
        "Wrong parameters: this gateway does not send to contacts and groups yet"
    );
}

#[tokio::test]
async fn the_second_version_queues() {
    let gateway = Gateway::start_with(&[OPEN]).await;
    let key = gateway.user("kuma", false).await;
    let body = json!({ "to": ["+62812345678"], "contacts": [], "groups": [], "text": "Down",
        "encoding": "standard", "priority": 9 });
    let (status, said) = answer(second(&gateway, &key, &body)).await;
    let number = requested(&gateway, Priority::Otp).await.number.expect("a number");
    assert_eq!(status, 200);
    assert_eq!(
        said,
        json!([{ "status": "queued", "message": "Down", "number": "+62812345678", "id": number }])
    );

    for (body, status, words) in [
        (json!({ "text": "x" }), 400, "to: there is no recipient"),
        (json!({ "to": ["0811"] }), 400, "text: the text is empty"),
        (json!({ "to": ["0811", "bob"], "text": "x" }), 400, "to: nothing was sent"),
        (json!({ "to": [{}], "text": "x" }), 400, "to: this has to be a string"),
        (
            json!({ "to": ["0811"], "text": "x", "groups": [1] }),
            400,
            "groups: this gateway does not send to",
        ),
        (json!({ "to": ["0811"], "text": "x", "priority": 10 }), 400, "priority: this is a number"),
        (json!({ "to": ["0811"], "text": "x", "encoding": "klingon" }), 400, "encoding: there are"),
        (json!({ "to": ["0811"], "text": "x", "validity": "long" }), 400, "validity: this is none"),
        (json!(["to"]), 400, "the body is not JSON"),
        (
            json!({ "to": ["0811"], "text": "x".repeat(1024 * 1024) }),
            413,
            "the body is larger than",
        ),
        (json!({ "to": vec!["0811"; 10_001], "text": "x" }), 400, "to: there are 10001 recipients"),
        (json!({ "to": ["0811"], "text": "x".repeat(100_000) }), 400, "text: the text is too long"),
    ] {
        let (found, said) = answer(second(&gateway, &key, &body)).await;
        let said = said["message"].as_str().expect("words");
        assert_eq!(found.as_u16(), status, "{said}");
        assert!(said.starts_with(words), "{said}");
    }
    let one = json!({ "to": ["0811"], "text": "x" });
    assert_eq!(answer(second(&gateway, "wrong", &one)).await.0, 401);
    let narrow = json!({ "user": "kuma", "scopes": ["messages:read"] });
    let narrow = socket::call(&gateway, "POST", "/api/v1/keys", &narrow).await;
    let narrow = narrow.1["key"].as_str().expect("a key").to_owned();
    let (status, said) = answer(second(&gateway, &narrow, &one)).await;
    assert_eq!(
        (status.as_u16(), &said["message"]),
        (403, &json!("the scopes of the key lack messages:send"))
    );
    assert_eq!(gateway.accepted(&key).await, 1, "nothing of all this was accepted");
}

#[tokio::test]
async fn the_first_version_refuses_in_its_words() {
    let gateway = Gateway::start_with(&[OPEN]).await;
    let key = gateway.user("nagios", false).await;
    let own = ("access_token", key.as_str());
    let (to, message) = (("to", "+62812345678"), ("message", "x"));
    for (fields, words) in [
        (vec![("access_token", "x"), to, message], "Invalid access token"),
        (vec![("login", "nagios"), ("pass", "x"), to, message], "Invalid login or password"),
        (
            vec![("login", "other"), ("pass", key.as_str()), to, message],
            "Invalid login or password",
        ),
        (vec![to, message], "Invalid login or password"),
        (vec![own, message], "Wrong parameters: to: there is no recipient"),
        (vec![own, to], "Wrong parameters: message: the text is empty"),
        (vec![own, ("to", "0811,bob"), message], "Wrong parameters: to: nothing was sent"),
        (vec![own, to, message, ("flash", "yes")], "Wrong parameters: flash: this is 0 or 1"),
        (vec![own, to, message, ("date", "soon")], "Wrong parameters: date: this is no time"),
        (vec![own, to, message, ("message_type", "mms")], "Wrong parameters: message_type: "),
    ] {
        let said = first(&gateway, "/http_api/send_sms", &fields).await;
        assert!(said.starts_with(words), "{fields:?}: {said}");
    }
    let said =
        first(&gateway, "/http_api/send_sms", &[own, message, ("responsetype", "xml")]).await;
    assert!(said.starts_with("<xml>\n<error_text>Wrong parameters: to: "), "{said}");
    assert!(said.ends_with("</error_text>\n<status>error</status>\n</xml>"), "{said}");
    let url =
        format!("{}/http_api/send_sms?access_token={key}&to=0811&message=caf%E9", gateway.url);
    let said = gateway.http.get(url).send().await.expect("an answer").text().await.expect("words");
    assert_eq!(said, "Wrong parameters: message is not in UTF-8");
    let bad = json!({ "method": "sms.send_sms", "params": { "access_token": "x", "to": "0811", "message": "x",
        "responsetype": "extended" }});
    let said = rpc(&gateway, &bad).await;
    assert_eq!(
        said,
        json!({ "result": { "error_text": "Invalid access token", "status": "error" } })
    );
    assert_eq!(gateway.accepted(&key).await, 0);
    let shut = Gateway::start().await;
    for path in ["/http_api/send_sms", "/index.php/jsonrpc/sms", "/api/v2/messages/sms"] {
        let answer = shut.http.get(format!("{}{path}", shut.url)).send().await.expect("an answer");
        assert_eq!(answer.status(), 404, "{path}");
        let words = answer.text().await.expect("words");
        assert!(words.contains("MERPATI__DOORS__SMSEAGLE=true"), "{path}: {words}");
    }
}
