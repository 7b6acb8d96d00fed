//! Numbers of a gateway that has a home country, by several doors.

use contracts::Priority;
use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::browser::newcomer;
use crate::gateway::{Gateway, answer};
use crate::kannel::requested;

const HOME: (&str, &str) = ("numbers.home_country", "ID");
const DOORS: [(&str, &str); 5] = [
    ("doors.playsms", "true"),
    ("doors.smseagle", "true"),
    ("doors.twilio", "true"),
    ("doors.jasmin", "true"),
    ("doors.smsgate", "true"),
];
/// A number of Singapore, and what is said of it.
const ABROAD: (&str, &str) = ("+6591234567", "it is a number of SG, and messages go to ID only");

/// A request of each of the doors that sends to a number.
fn sending(gateway: &Gateway, key: &str, to: &str) -> Vec<(&'static str, RequestBuilder)> {
    let (http, url) = (&gateway.http, &gateway.url);
    let account = "AC0123456789abcdef0123456789abcdef";
    let text = [("text", "Halo")];
    let own = [("username", "budi"), ("password", key), ("to", to)];
    let eagle = [("access_token", key), ("to", to), ("message", "Halo")];
    let playsms =
        [("app", "ws"), ("op", "pv"), ("u", "budi"), ("h", key), ("to", to), ("msg", "Halo")];
    let gate = json!({ "textMessage": { "text": "Halo" }, "phoneNumbers": [to] });
    let twilio = format!("{url}/2010-04-01/Accounts/{account}/Messages.json");
    vec![
        ("api", gateway.post(key, "/messages", &json!({ "to": to, "text": "Halo" }))),
        ("kannel", http.get(format!("{url}/cgi-bin/sendsms")).query(&own).query(&text)),
        ("jasmin", http.get(format!("{url}/send")).query(&own).query(&[("content", "Halo")])),
        ("smseagle", http.get(format!("{url}/http_api/send_sms")).query(&eagle)),
        ("playsms", http.get(format!("{url}/index.php")).query(&playsms)),
        (
            "twilio",
            http.post(twilio).basic_auth(account, Some(key)).form(&[
                ("To", to),
                ("From", "Merpati"),
                ("Body", "Halo"),
            ]),
        ),
        (
            "smsgate",
            http.post(format!("{url}/3rdparty/v1/messages"))
                .basic_auth("budi", Some(key))
                .json(&gate),
        ),
    ]
}

async fn said(request: RequestBuilder) -> (u16, String) {
    let response = request.send().await.expect("an answer");
    (response.status().as_u16(), response.text().await.expect("a body"))
}

#[tokio::test]
async fn each_door_sends_to_a_number_at_home_as_networks_know_it() {
    let gateway = Gateway::start_with(&[&[HOME][..], &DOORS].concat()).await;
    let key = gateway.user("budi", false).await;
    for (door, request) in sending(&gateway, &key, "08123456789") {
        let (status, words) = said(request).await;
        assert!((200..300).contains(&status), "{door}: {status} {words}");
        let request = requested(&gateway, Priority::Normal).await;
        assert_eq!(request.to.as_str(), "+628123456789", "{door}");
    }
    let written = ["0812-3456-789", "8123456789", "62 812 3456 789", "+62 (0) 812 3456 789", "888"];
    let body = json!({ "to": written, "text": "Halo", "dry_run": true });
    let (status, dry) = answer(gateway.post(&key, "/messages", &body)).await;
    assert_eq!(status, 200, "{dry}");
    let to: Vec<&Value> =
        dry["messages"].as_array().expect("a list").iter().map(|one| &one["to"]).collect();
    assert_eq!(to, [&json!("+628123456789"), &json!("888")]);
    let body = json!({ "to": written, "text": "Halo" });
    let (_, count) = answer(gateway.post(&key, "/messages/preview", &body)).await;
    assert_eq!(count["recipients"], 2);
}

#[tokio::test]
async fn each_door_names_a_number_that_is_sent_nothing() {
    let gateway = Gateway::start_with(&[&[HOME][..], &DOORS].concat()).await;
    let key = gateway.user("budi", false).await;
    let (abroad, words) = ABROAD;
    for (door, request) in sending(&gateway, &key, abroad) {
        let (status, said) = said(request).await;
        match door {
            // As a number on its black list.
            "kannel" => {
                assert_eq!(status, 400, "{said}");
                assert!(said.contains("denied by white- and/or black-lists"), "{said}");
                continue;
            }
            // Whose answers are all 200.
            "playsms" | "smseagle" => assert_eq!(status, 200, "{door}: {said}"),
            "twilio" => {
                let said: Value = serde_json::from_str(&said).expect("JSON");
                assert_eq!((status, &said["code"]), (400, &json!(21408)), "{said}");
            }
            _ => assert!((400..500).contains(&status), "{door}: {status} {said}"),
        }
        assert!(said.contains(words), "{door}: {said}");
    }
    assert_eq!(gateway.accepted(&key).await, 0, "nothing was sent");

    // Each of them is named.
    let to = ["08123456789", "+62812", abroad, "08091234567", "112", "bob"];
    let body = json!({ "to": to, "text": "Halo" });
    let (status, problem) = answer(gateway.post(&key, "/messages", &body)).await;
    assert_eq!(
        (status.as_u16(), &problem["code"]),
        (422, &json!("invalid-recipient")),
        "{problem}"
    );
    let bad = problem["recipients"].as_array().expect("a list");
    let bad: Vec<(&str, &str)> = bad
        .iter()
        .map(|one| (one["to"].as_str().expect("a text"), one["code"].as_str().expect("a text")))
        .collect();
    assert_eq!(
        bad,
        [
            ("+62812", "number-impossible"),
            (abroad, "destination-not-allowed"),
            ("08091234567", "premium-number"),
            ("112", "destination-not-allowed"),
            ("bob", "number-impossible"),
        ]
    );

    // Kannel sends to the others of a list.
    let own = [("username", "budi"), ("password", key.as_str()), ("text", "Halo")];
    let url = format!("{}/cgi-bin/sendsms", gateway.url);
    let to = format!("08123456789 {abroad}");
    let (status, said) = said(gateway.http.get(url).query(&own).query(&[("to", to)])).await;
    assert_eq!(status, 202, "{said}");
    assert_eq!(gateway.accepted(&key).await, 2, "the one before, and this one");
}

#[tokio::test]
async fn the_page_says_it_in_its_language() {
    let gateway = Gateway::start_with(&[HOME]).await;
    let mut browser = newcomer(&gateway, "en").await;
    let fields = [("to", "+6591234567, +62812345, 112, 08091234567"), ("text", "Halo")];
    browser.send("/send", &fields).await;
    assert_eq!(browser.status, 422);
    browser.shows(&format!("“{}” is sent nothing: {}", ABROAD.0, ABROAD.1));
    browser.shows("“+62812345” is not a phone number: numbers of ID have 7 to 12 digits after +62");
    browser.shows("it is an emergency number: call it");
    browser.shows("it costs more than other numbers");
    browser.send("/send", &[("to", "0812 3456 789"), ("text", "Halo")]).await;
    assert_eq!(requested(&gateway, Priority::Normal).await.to.as_str(), "+628123456789");
}

#[tokio::test]
async fn contacts_and_opt_outs_are_known_by_the_number_that_is_sent_to() {
    let gateway = Gateway::start_with(&[HOME]).await;
    let root = gateway.user("root", true).await;
    let new = json!({ "name": "Siti", "number": "0812 345-678" });
    let (_, siti) = answer(gateway.post(&root, "/contacts", &new)).await;
    assert_eq!(siti["number"], "+62812345678");
    let new = json!({ "name": "Mei", "number": ABROAD.0 });
    let (status, mei) = answer(gateway.post(&root, "/contacts", &new)).await;
    assert_eq!((status.as_u16(), &mei["number"]), (201, &json!(ABROAD.0)), "kept, and not sent to");

    let numbers = json!({ "numbers": ["0812345678", "+62 812 345 678", "888"] });
    let (_, done) = answer(gateway.post(&root, "/optouts", &numbers)).await;
    assert_eq!(done["changed"], 2);
    let (_, all) = answer(gateway.get(&root, "/optouts")).await;
    let all = all["optouts"].as_array().expect("a list").iter();
    let numbers: Vec<&Value> = all.map(|one| &one["number"]).collect();
    assert_eq!(numbers, [&json!("+62812345678"), &json!("888")]);
    let (_, one) = answer(gateway.get(&root, "/optouts/62812345678")).await;
    assert_eq!(one["out"], true);

    let ids = gateway.sends(&root, &json!({ "to": "0813 456 789", "text": "Halo" })).await;
    gateway.message(&root, ids[0]).await;
    let (_, found) = answer(gateway.get(&root, "/messages?to=0813456789")).await;
    assert_eq!(found["messages"][0]["id"], json!(ids[0]));
}
