//! playSMS's webservices, octet for octet.

use contracts::Priority;
use contracts::mt::{Body, Encoding, MtRequest};
use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::gateway::Gateway;
use crate::kannel::{requested, requested_together};
use crate::socket;

const OPEN: (&str, &str) = ("doors.playsms", "true");
const FORM: &str = "application/x-www-form-urlencoded";

/// What a client of playSMS's webservices asks, with its credentials.
struct Client<'a> {
    gateway: &'a Gateway,
    name: &'static str,
    key: String,
}

impl<'a> Client<'a> {
    async fn of(gateway: &'a Gateway, name: &'static str, admin: bool) -> Self {
        Self { gateway, name, key: gateway.user(name, admin).await }
    }

    fn request(&self, fields: &[(&str, &str)]) -> RequestBuilder {
        let own = [("app", "ws"), ("u", self.name), ("h", self.key.as_str())];
        let url = format!("{}/index.php", self.gateway.url);
        self.gateway.http.get(url).query(&own).query(fields)
    }

    /// The body, which comes with 200 whatever it says. The time in it is 0.
    async fn body(&self, fields: &[(&str, &str)]) -> String {
        body(self.request(fields)).await
    }

    async fn json(&self, fields: &[(&str, &str)]) -> Value {
        serde_json::from_str(&self.body(fields).await).expect("JSON")
    }

    async fn error(&self, fields: &[(&str, &str)]) -> (String, String) {
        let answer = self.json(fields).await;
        assert_eq!(answer["status"], "ERR", "{answer}");
        let text = |name: &str| answer[name].as_str().expect("a string").to_owned();
        (text("error"), text("error_string"))
    }
}

async fn body(request: RequestBuilder) -> String {
    let response = request.send().await.expect("an answer");
    assert_eq!(response.status(), 200);
    let body = response.text().await.expect("a body");
    let digits = |c: char| c.is_ascii_digit();
    let at = body.find("timestamp").expect("a timestamp") + "timestamp".len();
    let from = at + body[at..].find(digits).expect("a time");
    let to = from + body[from..].find(|c| !digits(c)).expect("its end");
    assert!(to - from == 10, "{body}");
    format!("{}0{}", &body[..from], &body[to..])
}

fn text_of(request: &MtRequest) -> (&str, Encoding) {
    match &request.body {
        Body::Text { text, encoding } => (text, *encoding),
        Body::Data { .. } => panic!("data"),
    }
}

#[tokio::test]
async fn a_message_is_sent_and_followed() {
    let gateway = Gateway::start_with(&[OPEN]).await;
    let client = Client::of(&gateway, "budi", false).await;
    let sent = client.body(&[("op", "pv"), ("to", "+62812345678"), ("msg", "Halo\u{20ac}/")]).await;
    let request = requested(&gateway, Priority::Normal).await;
    let number = request.number.expect("a number");
    let queue = request.batch.expect("a batch").uuid().simple().to_string();
    assert_eq!(
        sent,
        format!(
            "{{\"data\":[{{\"status\":\"OK\",\"error\":\"0\",\"smslog_id\":\"{number}\",\
             \"queue\":\"{queue}\",\"to\":\"+62812345678\"}}],\"error_string\":null,\"timestamp\":0}}"
        )
    );
    assert_eq!(text_of(&request), ("Halo\u{20ac}/", Encoding::Auto));

    // Asked for at once, it is waited for; by its number, by its queue, and among all.
    let number = number.to_string();
    for one in [("smslog_id", number.as_str()), ("queue", &queue), ("last", "0")] {
        let found = client.json(&[("op", "ds"), one]).await;
        assert_eq!(found["error_string"], Value::Null);
        let data = found["data"].as_array().expect("data");
        assert_eq!(data.len(), 1, "{one:?}");
        assert_eq!(data[0]["smslog_id"], json!(number));
        assert_eq!((&data[0]["src"], &data[0]["dst"]), (&json!(""), &json!("+62812345678")));
        assert_eq!((&data[0]["msg"], &data[0]["status"]), (&json!("Halo\u{20ac}/"), &json!("0")));
        assert_eq!(data[0]["dt"].as_str().expect("a time").len(), "2026-11-30 12:00:00".len());
        let keys: Vec<&String> = data[0].as_object().expect("a map").keys().collect();
        assert_eq!(keys.len(), 7, "{keys:?}");
    }
    let none = ("400".to_owned(), "no delivery status available".to_owned());
    assert_eq!(client.error(&[("op", "ds"), ("last", &number)]).await, none);
    assert_eq!(
        client.error(&[("op", "ds"), ("queue", "afb5f34575e30ec4efe4471cf5d1bee4")]).await,
        none
    );
    assert_eq!(client.error(&[("op", "ds"), ("dt", "2001-01-01")]).await, none);
    // Nobody else's.
    let other = Client::of(&gateway, "siti", false).await;
    assert_eq!(other.error(&[("op", "ds"), ("queue", &queue)]).await, none);
}

#[tokio::test]
async fn many_ways_to_write_one_message() {
    let gateway = Gateway::start_with(&[OPEN]).await;
    let client = Client::of(&gateway, "budi", false).await;
    let url = format!("{}/index.php?app=webservices&ta=PV", gateway.url);
    let fields = [
        ("u", "BUDI"),
        ("h", &client.key),
        ("to", "0811, 0812"),
        ("msg", " Halo "),
        ("footer", "-- Budi"),
        ("unicode", "1"),
        ("type", "flash"),
        ("schedule", "2099-01-02 03:04:05"),
    ];
    let sent: Value =
        serde_json::from_str(&body(gateway.http.post(url).form(&fields)).await).expect("JSON");
    let data = sent["data"].as_array().expect("data");
    assert_eq!(data.len(), 2);
    assert_ne!(data[0]["smslog_id"], data[1]["smslog_id"]);
    assert_eq!(data[0]["queue"], data[1]["queue"]);
    let requests = requested_together(&gateway, Priority::Normal).await;
    assert_eq!(requests.iter().map(|one| one.to.as_str()).collect::<Vec<_>>(), ["0811", "0812"]);
    assert_eq!(text_of(&requests[0]), ("Halo -- Budi", Encoding::Ucs2));
    assert_eq!(requests[0].options.class, Some(0));
    let at = requests[0].not_before.expect("a time").to_jiff().to_string();
    assert_eq!(at, "2099-01-02T03:04:05Z");

    let xml = client.body(&[("op", "cr"), ("format", "xml")]).await;
    assert_eq!(
        xml,
        "<?xml version=\"1.0\"?>\n<response><status>OK</status><error>0</error><credit>9999999999.999</credit>\
         <error_string/><timestamp>0</timestamp></response>\n"
    );
    let php = client.body(&[("op", "nothing"), ("format", "serialize")]).await;
    assert_eq!(
        php,
        "a:4:{s:6:\"status\";s:3:\"ERR\";s:5:\"error\";s:3:\"101\";\
         s:12:\"error_string\";s:36:\"type of action is invalid or unknown\";s:9:\"timestamp\";i:0;}"
    );
}

#[tokio::test]
async fn its_refusals_are_playsms_and_nothing_is_half_accepted() {
    let gateway =
        Gateway::start_with(&[OPEN, ("limits.key_messages", ""), ("limits.user_messages", "")])
            .await;
    let client = Client::of(&gateway, "budi", false).await;
    let to = ("to", "+62812345678");
    let (pv, msg) = (("op", "pv"), ("msg", "x"));
    for (fields, number, words) in [
        (vec![], "102", "one or more field empty"),
        (vec![("op", "fly")], "101", "type of action is invalid or unknown"),
        (vec![pv, ("h", "wrong")], "100", "authentication failed"),
        (vec![pv, ("u", "siti"), to, msg], "100", "authentication failed"),
        (vec![pv, ("u", "")], "100", "authentication failed"),
        (vec![pv, msg], "201", "destination number or message is empty"),
        (vec![pv, to, ("msg", " ")], "201", "destination number or message is empty"),
        (vec![pv, ("to", "#friends"), msg], "200", "send message failed: to: messages to groups"),
        (vec![pv, ("to", "0811,bob"), msg], "200", "send message failed: to: nothing was sent"),
        (vec![pv, to, msg, ("type", "mms")], "200", "send message failed: type: "),
        (vec![pv, to, msg, ("unicode", "yes")], "200", "send message failed: unicode: "),
        (vec![pv, to, msg, ("schedule", "soon")], "200", "send message failed: schedule: "),
        (vec![("op", "ds"), ("last", "x")], "501", "no data returned or result is empty: last: "),
        (vec![("op", "ix")], "501", "no data returned or result is empty"),
        (vec![("op", "sx")], "501", "no data returned or result is empty"),
        (vec![("op", "get_contact"), ("kwd", "x")], "501", "no data returned or result is empty"),
        (vec![("op", "inject"), ("from", "1"), msg], "600", "admin level authentication failed"),
        (vec![("op", "creditadd"), ("h", "wrong")], "600", "admin level authentication failed"),
        (vec![("op", "get_token"), ("p", "wrong")], "100", "authentication failed"),
    ] {
        let (found, said) = client.error(&fields).await;
        assert_eq!(found, number, "{fields:?}: {said}");
        assert!(said.starts_with(words), "{fields:?}: {said}");
        assert!(words.contains(": ") || said == words, "{fields:?}: {said}");
    }
    // More recipients than a batch may have, more fields than a request may have, more than a body may have, and what is
    // no text.
    let url = format!("{}/index.php?app=ws&op=pv&u=budi&h={}", gateway.url, client.key);
    let refused = async |body: String, kind: &'static str| {
        let request = gateway.http.post(&url).header("content-type", kind).body(body);
        let answer: Value = serde_json::from_str(&self::body(request).await).expect("JSON");
        assert_eq!(answer["error"], "200", "{answer}");
        answer["error_string"].as_str().expect("words").to_owned()
    };
    let many = vec!["0811"; 10_001].join(",");
    let said = refused(format!("msg=x&to={many}"), FORM).await;
    assert!(
        said.contains("to: there are 10001 recipients, and a request may have 10000"),
        "{said}"
    );
    let said = refused("a=1&".repeat(257), FORM).await;
    assert_eq!(said, "send message failed: there are more than 256 fields");
    let said = refused(format!("msg={}", "x".repeat(1024 * 1024)), FORM).await;
    assert_eq!(said, "send message failed: the body is larger than 1048576 bytes");
    let said = refused("to=0811&msg=caf%E9".to_owned(), FORM).await;
    assert_eq!(said, "send message failed: msg is not in UTF-8");
    let said = refused("{}".to_owned(), "application/json").await;
    assert!(said.starts_with("send message failed: Content-Type: "), "{said}");
    let said = refused(format!("to=0811&msg={}", "x".repeat(100_000)), FORM).await;
    assert!(said.starts_with("send message failed: msg: the text is too long"), "{said}");
    // None of all this was accepted.
    assert_eq!(gateway.accepted(&client.key).await, 0);
    // As many as there may be are.
    let many: Vec<String> = (0..10_000).map(|n| format!("08110{n:05}")).collect();
    let fields = format!("msg=x&to={}", many.join(","));
    let request = gateway.http.post(&url).header("content-type", FORM).body(fields);
    let answer: Value = serde_json::from_str(&body(request).await).expect("JSON");
    assert_eq!(answer["data"].as_array().expect("data").len(), 10_000);
}

#[tokio::test]
async fn a_key_does_what_its_scopes_say() {
    let gateway = Gateway::start_with(&[OPEN]).await;
    let mut client = Client::of(&gateway, "budi", false).await;
    let narrow = json!({ "user": "budi", "scopes": ["messages:read"] });
    let made = socket::call(&gateway, "POST", "/api/v1/keys", &narrow).await;
    client.key = made.1["key"].as_str().expect("a key").to_owned();
    let send = [("op", "pv"), ("to", "+62812345678"), ("msg", "x")];
    let (number, said) = client.error(&send).await;
    assert_eq!(
        (number.as_str(), said.as_str()),
        ("100", "authentication failed: the scopes of the key lack messages:send")
    );
    assert_eq!(client.error(&[("op", "ix")]).await.0, "100");
    assert_eq!(client.error(&[("op", "ds")]).await.0, "400");
    assert_eq!(client.error(&[("op", "set_token")]).await.0, "100");
}

#[tokio::test]
async fn a_token_is_made_for_a_name_and_a_password() {
    let gateway = Gateway::start_with(&[OPEN]).await;
    let mut client = Client::of(&gateway, "budi", false).await;
    let get = [("op", "get_token"), ("p", "correct horse")];
    let first = client.json(&get).await["token"].as_str().expect("a token").to_owned();
    client.key.clone_from(&first);
    assert_eq!(client.json(&[("op", "query")]).await["data"]["user"]["username"], "budi");
    // With another token than the one that asks for it, the one is good no longer.
    let second =
        client.json(&[("op", "set_token")]).await["token"].as_str().expect("a token").to_owned();
    assert_eq!(client.error(&[("op", "query")]).await.0, "100");
    client.key = second;
    assert_eq!(client.json(&[("op", "query")]).await["error"], "0");
    // Tokens do not grow without end: the oldest goes.
    for _ in 0..9 {
        client.json(&get).await;
    }
    assert_eq!(client.json(&[("op", "query")]).await["error"], "0");
    client.json(&get).await;
    assert_eq!(client.error(&[("op", "query")]).await.0, "100");
}

#[tokio::test]
async fn an_administrator_injects_and_reads() {
    let gateway = Gateway::start_with(&[OPEN]).await;
    let root = Client::of(&gateway, "root", true).await;
    gateway.modem("modem1", "+62811000001").await;
    // The portal hears of a modem a moment after it is there.
    testkit::wait_for("the modem", || async {
        let fields = [
            ("op", "inject"),
            ("from", "+62855"),
            ("msg", "info  harga beras"),
            ("recvnum", "+62811000001"),
        ];
        (root.json(&fields).await["error"] == "0").then_some(())
    })
    .await;
    testkit::wait_for("the message", || async {
        root.json(&[("op", "ix")]).await["data"].as_array().cloned()
    })
    .await;
    for (op, fields) in [("ix", 5), ("sx", 5), ("in", 7)] {
        let found = root.json(&[("op", op), ("src", "+62855"), ("dst", "+62811000001")]).await;
        let one = &found["data"][0];
        assert_eq!(one.as_object().expect("a map").len(), fields, "{op}: {found}");
        assert_eq!((&one["src"], &one["dst"]), (&json!("+62855"), &json!("+62811000001")), "{op}");
    }
    let found = root.json(&[("op", "in"), ("kwd", "Info")]).await;
    assert_eq!(found["data"][0]["kwd"], "INFO");
    assert_eq!(found["data"][0]["msg"], "harga beras");
    assert_eq!(root.error(&[("op", "in"), ("kwd", "REG")]).await.0, "501");
    let before = found["data"][0]["id"].as_str().expect("an id").to_owned();

    let inject = [("op", "inject"), ("from", "+62856"), ("msg", "REG BOB")];
    assert_eq!(
        root.body(&inject).await,
        "{\"status\":\"OK\",\"error\":\"0\",\"error_string\":null,\"timestamp\":0}"
    );
    let injected = testkit::wait_for("the message", || async {
        let found = root.json(&[("op", "ix"), ("last", &before)]).await;
        found["data"].as_array().cloned()
    })
    .await;
    assert_eq!((&injected[0]["src"], &injected[0]["msg"]), (&json!("+62856"), &json!("REG BOB")));
    let mut elsewhere = inject.to_vec();
    elsewhere.push(("recvnum", "+62811999999"));
    assert_eq!(root.error(&elsewhere).await.0, "601");
    assert_eq!(root.error(&[("op", "inject"), ("from", "+62856")]).await.0, "602");

    let add = [
        ("op", "accountadd"),
        ("data_username", "siti"),
        ("data_password", "correct horse"),
        ("data_status", "3"),
    ];
    assert_eq!(root.json(&add).await["error"], "0");
    assert_eq!(root.error(&add).await.0, "604");
    assert_eq!(root.error(&add[..3]).await.0, "603");
    let get = [("op", "get_token"), ("u", "siti"), ("p", "correct horse")];
    assert_eq!(root.json(&get).await["error"], "0");
    let who = ("data_username", "Siti");
    assert_eq!(root.json(&[("op", "accountban"), who]).await["error"], "0");
    assert_eq!(root.error(&get).await.0, "100");
    assert_eq!(root.json(&[("op", "accountunban"), who]).await["error"], "0");
    assert_eq!(root.error(&[("op", "accountban"), ("data_username", "nobody")]).await.0, "611");
    assert_eq!(root.error(&[("op", "creditadd"), who]).await.0, "622");
}

#[tokio::test]
async fn a_door_that_is_shut_says_how_it_is_opened() {
    let gateway = Gateway::start().await;
    let answer = gateway.http.get(format!("{}/index.php?app=ws&op=cr", gateway.url)).send();
    let answer = answer.await.expect("an answer");
    assert_eq!(answer.status(), 404);
    let words = answer.text().await.expect("words");
    assert!(words.contains("MERPATI__DOORS__PLAYSMS=true"), "{words}");
    let open = Gateway::start_with(&[OPEN]).await;
    let answer = open.http.get(format!("{}/index.php?app=call&cat=gateway", open.url)).send();
    assert_eq!(answer.await.expect("an answer").status(), 404);
}

#[tokio::test]
async fn contacts_and_groups_are_told_as_playsms_tells_them() {
    let gateway = Gateway::start_with(&[OPEN]).await;
    let client = Client::of(&gateway, "budi", false).await;
    let post = async |path: &str, new: &Value| {
        let (status, made) = crate::gateway::answer(gateway.post(&client.key, path, new)).await;
        assert_eq!(status, 201, "{made}");
        made
    };
    let group = post("/groups", &json!({ "name": "Teman", "code": "TEMAN" })).await;
    let siti = json!({ "name": "Siti", "number": "+62812345678", "email": "s@a.example", "groups": [group["id"]] });
    post("/contacts", &siti).await;
    post("/contacts", &json!({ "name": "Dewi", "number": "0813" })).await;
    let number = |text: &str, name: &str| {
        let at = text.find(&format!("\"{name}\":\"")).expect("a field") + name.len() + 4;
        text[at..].split('"').next().expect("its end").to_owned()
    };
    let found = client.body(&[("op", "get_contact"), ("kwd", "sit")]).await;
    let (pid, gpid) = (number(&found, "pid"), number(&found, "gpid"));
    assert!(pid.parse::<u32>().is_ok() && gpid.parse::<u32>().is_ok(), "{found}");
    assert_eq!(
        found,
        format!(
            "{{\"status\":\"OK\",\"error\":\"0\",\"data\":[{{\"pid\":\"{pid}\",\"gpid\":\"{gpid}\",\
             \"p_desc\":\"Siti\",\"p_num\":\"+62812345678\",\"email\":\"s@a.example\",\
             \"group_name\":\"Teman\",\"code\":\"TEMAN\"}}],\"error_string\":null,\"timestamp\":0}}"
        )
    );
    let all = client.json(&[("op", "get_contact")]).await;
    assert_eq!(
        (all["data"][0]["p_desc"].as_str(), all["data"][0]["gpid"].as_str()),
        (Some("Dewi"), Some(""))
    );
    assert_eq!(all["data"].as_array().map(Vec::len), Some(2));
    let one = client.json(&[("op", "get_contact"), ("c", "1")]).await;
    assert_eq!(one["data"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        client.body(&[("op", "get_contact_group"), ("kwd", "tem")]).await,
        format!(
            "{{\"status\":\"OK\",\"error\":\"0\",\"data\":[{{\"gpid\":\"{gpid}\",\"group_name\":\"Teman\",\
             \"code\":\"TEMAN\"}}],\"error_string\":null,\"timestamp\":0}}"
        )
    );
    let long = "x".repeat(101);
    for op in ["get_contact", "get_contact_group"] {
        let (number, said) = client.error(&[("op", op), ("kwd", &long)]).await;
        assert_eq!(number, "501", "{op}: {said}");
        assert!(said.ends_with("kwd: it has at most 100 characters"), "{op}: {said}");
    }
    let nothing = ("501".to_owned(), "no data returned or result is empty".to_owned());
    let other = Client::of(&gateway, "ani", false).await;
    assert_eq!(other.error(&[("op", "get_contact")]).await, nothing);
}
