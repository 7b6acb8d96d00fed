//! Every field of every call has its bound: the list of them is walked.

use reqwest::{Method, StatusCode};
use serde_json::{Map, Value, json};
use web_portal::fields::{CALLS, Call, Field, Kind};

use crate::gateway::{Gateway, answer};

/// Something that may stand in a field, and something that is one too large, or out of its range.
fn samples(kind: &Kind) -> (Value, Value) {
    let text = |length: usize| json!("x".repeat(length));
    match kind {
        Kind::Text(most) | Kind::TextOrNull(most) => (text(*most), text(most + 1)),
        Kind::Number(least, most) => {
            (json!(most), most.checked_add(1).map_or(json!(least - 1), |n| json!(n)))
        }
        Kind::Flag => (json!(true), json!("true")),
        Kind::Time => (json!("2030-01-01T00:00:00Z"), json!("tomorrow")),
        Kind::LocalTime => (json!("2130-01-01 08:00"), text(20)),
        Kind::Pace => (json!("100000/minute"), json!("100001/minute")),
        Kind::Zone => (json!("Asia/Jakarta"), text(65)),
        Kind::Repetition => (json!("FREQ=DAILY"), text(201)),
        Kind::Id(prefix) => (
            json!(format!("{prefix}{}", "0".repeat(32))),
            json!(format!("{prefix}{}", "0".repeat(33))),
        ),
        Kind::OneOf(words) => (json!(words[0]), json!("something else")),
        Kind::Url(most) | Kind::UrlOrMail(most) => {
            let url = |length: usize| json!(format!("http://h/{}", "u".repeat(length - 9)));
            (url(*most), url(most + 1))
        }
        // 139 octets of header, and their length before them.
        Kind::Hex(most) => {
            (json!(format!("8B{}", "0".repeat(most - 2))), json!("0".repeat(most + 2)))
        }
        // Ten parts of 153 characters.
        Kind::Parts => (text(1_530), text(1_531)),
        Kind::Recipients => {
            let number = |length: usize| json!(format!("+62{}812345678", "-".repeat(length - 12)));
            (number(64), number(65))
        }
        Kind::BatchRecipients => {
            let to = |length: usize| json!([{ "to": format!("+62{}812345678", "-".repeat(length - 12)) }]);
            (to(64), to(65))
        }
        Kind::Several(words) => (json!([words[0]]), json!(["nothing"])),
        Kind::Texts(most, size) => {
            let texts = |count: usize, size: usize| json!(vec!["x".repeat(size); count]);
            (texts(*most, *size), texts(most + 1, 1))
        }
        Kind::Ids(most, prefix) => {
            let ids = |count: usize| json!(vec![format!("{prefix}{}", "0".repeat(32)); count]);
            (ids(*most), ids(most + 1))
        }
        Kind::Phone => {
            let number = |length: usize| json!(format!("+62{}812345678", "-".repeat(length - 12)));
            (number(64), number(65))
        }
        Kind::Phones(most) => {
            let numbers = |count: usize| json!(vec!["+62812345678"; count]);
            (numbers(*most), numbers(most + 1))
        }
        Kind::Named(_, name, size) => {
            let one = |text: usize| json!({ "x".repeat(*name): "x".repeat(text) });
            (one(*size), one(size + 1))
        }
        Kind::Email(most) => {
            let email = |length: usize| json!(format!("{}@x", "e".repeat(length - 2)));
            (email(*most), email(most + 1))
        }
        Kind::OldHash => (json!("0".repeat(32)), json!("0".repeat(33))),
        // Alone it says too little.
        Kind::Day => (json!(""), json!("2026-02-30")),
        Kind::Hours => (json!("22:00-06:00"), json!("22:00-22:00")),
        Kind::NameCursor => (json!("con_0.a"), json!("con_0")),
        // So many of them that are whole would be a body that is too large.
        Kind::Objects(most, fields) => (json!([needed(fields)]), json!(vec![json!({}); most + 1])),
        Kind::Amount => (json!("99999999999999.9999"), json!("100000000000000")),
        Kind::Prefix => (json!("+621234567890123"), json!("+6212345678901234")),
        Kind::Tags => (json!("auto"), json!(["xx"])),
        Kind::Ports => (json!([0, 65_535]), json!([0, 65_536])),
        Kind::Cursor => {
            let id = format!("msg_{}", "0".repeat(32));
            (json!(format!("0.{id}")), json!(id))
        }
        Kind::Networks => (json!(["10.0.0.0/8", "::1"]), json!(["10.0.0.0/33"])),
        Kind::Who => (json!("everybody"), json!(["x".repeat(65)])),
        Kind::Document => (json!({}), json!([])),
        Kind::Object(_) => panic!("objects are walked into"),
    }
}

/// Where a field stands: `dlr.url` is in the object `dlr`.
struct Place {
    call: &'static Call,
    is_query: bool,
    field: &'static Field,
    /// The object around it, if it is in one.
    within: Option<&'static Field>,
}

impl Place {
    fn name(&self) -> String {
        let within = self.within.map(|field| format!("{}.", field.name)).unwrap_or_default();
        format!("{within}{}", self.field.name)
    }
}

fn places() -> Vec<Place> {
    let mut all = Vec::new();
    for call in CALLS {
        let query = call.query.iter().map(|field| (true, field));
        for (is_query, field) in query.chain(call.body.iter().map(|field| (false, field))) {
            match field.kind {
                Kind::Object(inner) => {
                    all.extend(inner.iter().map(|inner| Place {
                        call,
                        is_query,
                        field: inner,
                        within: Some(field),
                    }));
                }
                _ => all.push(Place { call, is_query, field, within: None }),
            }
        }
    }
    all
}

/// All that must be there, with a value that does.
fn needed(fields: &[Field]) -> Map<String, Value> {
    let needed = fields.iter().filter(|field| field.required);
    needed.map(|field| (field.name.to_owned(), samples(&field.kind).0)).collect()
}

/// A request that would do, with `value` in the one place.
async fn ask(gateway: &Gateway, key: &str, place: &Place, value: &Value) -> (StatusCode, Value) {
    let mut body = needed(place.call.body);
    let mut query = Map::new();
    let sends = ["/messages", "/messages/preview", "/batches", "/schedules", "/broadcasts"]
        .contains(&place.call.path);
    if sends && place.call.method == "POST" {
        let to = if ["/batches", "/schedules", "/broadcasts"].contains(&place.call.path) {
            json!(["+62812345678"])
        } else {
            json!("+62812345678")
        };
        body.insert("to".to_owned(), to);
        if place.field.name != "data" {
            body.insert("text".to_owned(), json!("Halo"));
        }
    }
    let name = place.field.name.to_owned();
    match place.within {
        Some(within) => {
            let Kind::Object(fields) = within.kind else { panic!("{}", within.name) };
            let mut object = needed(fields);
            // What a SIM may spend is by what a part costs.
            if place.field.name.starts_with("spend_per_") {
                object.insert("price".to_owned(), json!(1));
            }
            object.insert(name, value.clone());
            body.insert(within.name.to_owned(), Value::Object(object));
        }
        None if place.is_query => drop(query.insert(name, value.clone())),
        None => drop(body.insert(name, value.clone())),
    }
    let kind = match place.call.path.split('/').nth(1) {
        Some("sims") => "sim",
        Some("users" | "credits") => "usr",
        Some("webhooks") => "whk",
        Some("services") => "svc",
        Some("contacts") => "con",
        Some("contact-imports") => "cim",
        Some("groups") => "grp",
        Some("templates") => "tpl",
        Some("teams") => "team",
        Some("schedules") => "sch",
        Some("broadcasts") => "brd",
        Some("bulk") => "blk",
        _ => "mdm",
    };
    let path = place.call.path.replace("{id}", &format!("{kind}_{}", "0".repeat(32)));
    let method = Method::from_bytes(place.call.method.as_bytes()).expect("a method");
    let mut request = gateway
        .http
        .request(method.clone(), format!("{}/api/v1{path}", gateway.url))
        .bearer_auth(key);
    if !query.is_empty() {
        let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let pairs: Vec<(String, String)> =
            query.iter().map(|(name, value)| (name.clone(), plain(value))).collect();
        request = request.query(&pairs);
    }
    if method != Method::GET {
        request = request.json(&body);
    }
    answer(request).await
}

#[tokio::test]
async fn at_its_bound_it_is_taken_and_above_refused_by_name() {
    let gateway = Gateway::start().await;
    let key = gateway.user("root", true).await;
    for place in places() {
        let (call, name) = (place.call, place.name());
        if call.path.starts_with("/events") {
            // What is right has no end: `following` looks at their bounds.
            continue;
        }
        if call.path == "/audit/verify" {
            // What is right is an entry that there is: `audit` looks at its bounds.
            continue;
        }
        let (good, bad) = samples(&place.field.kind);
        let (status, said) = ask(&gateway, &key, &place, &good).await;
        assert_eq!(
            said["field"],
            Value::Null,
            "{} {} {name}: {status} {said}",
            call.method,
            call.path
        );
        if call.path == "/messages/preview" && matches!(place.field.kind, Kind::Parts) {
            // It is for finding out how much too long a text is.
            continue;
        }
        let (status, said) = ask(&gateway, &key, &place, &bad).await;
        let refused = status == 400 || status == 422;
        assert!(refused, "{} {} {name}: {status} {said}", call.method, call.path);
        // Of a message's text and data the parts are counted together.
        let named = said["field"] == json!(name)
            || said["detail"].as_str().is_some_and(|detail| detail.contains(&name))
            || (matches!(place.field.kind, Kind::Parts) && said["code"] == "text-too-long");
        assert!(named, "{} {} {name}: {said}", call.method, call.path);
    }
}

#[tokio::test]
async fn an_unknown_field_is_refused_everywhere() {
    let gateway = Gateway::start().await;
    let key = gateway.user("root", true).await;
    let id = "mdm_00000000000000000000000000000000";
    let user = json!({ "name": "budi", "pasword": "correct horse" });
    let calls = [
        ("POST", "/users".to_owned(), user, "pasword"),
        (
            "POST",
            "/users/usr_00000000000000000000000000000000/password".to_owned(),
            json!({ "pasword": "x" }),
            "pasword",
        ),
        (
            "POST",
            "/users/usr_00000000000000000000000000000000/disable".to_owned(),
            json!({ "why": "x" }),
            "why",
        ),
        ("POST", "/setup-link".to_owned(), json!({ "for": "x" }), "for"),
        ("POST", "/keys".to_owned(), json!({ "expires": "2030-01-01T00:00:00Z" }), "expires"),
        (
            "POST",
            "/messages".to_owned(),
            json!({ "to": "+62812345678", "text": "x", "dlr": { "url": "http://h/", "mask": 1, "method": "x" } }),
            "dlr.method",
        ),
        ("POST", format!("/modems/{id}/restart"), json!({ "hard": true }), "hard"),
        ("POST", format!("/modems/{id}/number"), json!({ "nummer": "+62812" }), "nummer"),
        ("GET", "/messages?to=%2B62812&form=x".to_owned(), Value::Null, "form"),
        ("GET", format!("/messages/{id}?afer=1"), Value::Null, "afer"),
        ("GET", "/inbox?form=%2B62812".to_owned(), Value::Null, "form"),
        ("GET", "/me?x=1".to_owned(), Value::Null, "x"),
        ("GET", "/modems?online=1".to_owned(), Value::Null, "online"),
        ("GET", "/keys?user=x".to_owned(), Value::Null, "user"),
        (
            "DELETE",
            "/keys/key_00000000000000000000000000000000?force=1".to_owned(),
            Value::Null,
            "force",
        ),
    ];
    for (method, path, body, field) in calls {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        let request =
            gateway.http.request(method, format!("{}/api/v1{path}", gateway.url)).bearer_auth(&key);
        let (status, said) =
            answer(if body.is_null() { request } else { request.json(&body) }).await;
        assert_eq!((status.as_u16(), &said["field"]), (400, &json!(field)), "{path}: {said}");
    }
    let me = json!({ "user": "root" });
    let (_, made) = answer(gateway.post(&key, "/keys", &me)).await;
    assert_eq!(made["user"], "root", "what is right goes on");
}

#[tokio::test]
async fn a_password_is_not_removed_by_a_slip() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    gateway.user("ani", true).await;
    let (_, users) = answer(gateway.get(&root, "/users")).await;
    let ani =
        users["users"].as_array().and_then(|all| all.iter().find(|user| user["name"] == "ani"));
    let path = format!("/users/{}/password", ani.expect("ani")["id"].as_str().expect("an id"));
    for body in [json!({}), json!({ "pasword": "another one" })] {
        let (status, said) = answer(gateway.post(&root, &path, &body)).await;
        assert_eq!((status.as_u16(), &said["code"]), (400, &json!("malformed")), "{said}");
        assert!(
            said["detail"].as_str().is_some_and(|detail| detail.contains("password")),
            "{said}"
        );
    }
    let (_, users) = answer(gateway.get(&root, "/users")).await;
    let all = users["users"].as_array().expect("users");
    assert!(all.iter().all(|user| user["has_password"] == true), "{users}");
    let (status, _) = answer(gateway.post(&root, &path, &json!({ "password": null }))).await;
    assert_eq!(status, 204, "who wants it says so");
}

#[tokio::test]
async fn forms_are_bounded_too() {
    let gateway = Gateway::start().await;
    let mut browser = crate::browser::newcomer(&gateway, "en").await;
    let long = "x".repeat(65);
    browser.send("/account/keys", &[("label", &long)]).await;
    assert_eq!(browser.status, 400);
    browser.shows("may have at most 64 characters");
    let many: Vec<(String, &str)> = (0..70).map(|n| (format!("field{n}"), "x")).collect();
    let many: Vec<(&str, &str)> =
        many.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    browser.open("/account").await;
    browser.send("/account/keys", &many).await;
    assert_eq!(browser.status, 400);
    browser.open("/account").await;
    browser.send("/account/keys", &[("label", &long[..64])]).await.shows(&long[..64]);
}
