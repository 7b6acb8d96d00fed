//! What each call needs of its caller: the list of calls, walked.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use testkit::wait_for;
use web_portal::{Declared, declared, declared_pages};

use contracts::config_kv::Sim;
use contracts::{
    BroadcastId, BulkId, ContactId, ContactImportId, GroupId, KeyId, LinkId, MessageId, ModemId,
    OrgId, ScheduleId, ServiceId, SessionId, SimId, TeamId, TemplateId, UserId, WebhookId,
};

use crate::browser::Browser;
use crate::gateway::{Gateway, answer};

/// What an administrator has beyond others.
pub(crate) const SPECIAL: [&str; 10] = [
    "users:manage",
    "sims:manage",
    "optouts:manage",
    "routes:read",
    "routes:manage",
    "audit:read",
    "credits:manage",
    "history:import",
    "modems:operate",
    "gateway:operate",
];

/// A call about the thing of this id, with a body that it takes.
pub(crate) fn request(gateway: &Gateway, call: &Declared, id: &str) -> RequestBuilder {
    let path = call.path.replace("{id}", id).replace("{call}", "info");
    let body = match (call.method, call.path) {
        ("POST", "/messages" | "/messages/preview") => json!({ "to": "+62812345678", "text": "x" }),
        ("PATCH", "/modems/{id}") => json!({ "enabled": true }),
        ("PATCH", "/sims/{id}") => json!({ "readers": [] }),
        ("PATCH", "/bulk/{id}") => json!({ "number": "A", "text": "x" }),
        ("POST", "/bulk/{id}/send" | "/contact-imports/{id}/confirm") => json!({ "revision": 1 }),
        ("POST", "/webhooks/{id}/deliveries/replay") => json!({ "since": "2026-11-30T00:00:00Z" }),
        ("POST", "/users/{id}/role") => json!({ "role": "user" }),
        ("POST", "/users/{id}/password") => json!({ "password": "correct horse" }),
        ("POST", "/webhooks") => {
            json!({ "url": "ftp://a.example", "events": ["webhook.disabled"] })
        }
        ("POST", "/services") => {
            json!({ "name": "info", "keyword": "info", "get_url": "ftp://a.example" })
        }
        ("POST", "/services/test") => json!({ "from": "+62812345678", "text": "info" }),
        ("PUT", "/routes") => json!({ "version": 0, "rules": [{ "name": "" }] }),
        ("PUT", "/prices") => json!({ "version": 0, "currency": "a b" }),
        ("POST", "/credits/{id}") => json!({ "amount": "5000" }),
        ("POST", "/routes/test" | "/broadcasts/{id}/test") => json!({ "to": "+62812345678" }),
        ("POST", "/users") => json!({ "name": " no name " }),
        _ => json!({}),
    };
    // They would have no end.
    let path = if path.starts_with("/events") { format!("{path}?types=none") } else { path };
    let method = Method::from_bytes(call.method.as_bytes()).expect("a method");
    let request = gateway.http.request(method, format!("{}/api/v1{path}", gateway.url));
    if call.method == "GET" { request } else { request.json(&body) }
}

#[tokio::test]
async fn a_call_is_open_to_who_has_the_power_that_it_declares() {
    let gateway = Gateway::start().await;
    gateway.user("root", true).await;
    let budi = gateway.user("budi", false).await;
    for call in declared() {
        let shown = format!("{} {}", call.method, call.path);
        let (status, problem) = answer(request(&gateway, &call, "x")).await;
        if call.public {
            assert_eq!(status, 200, "{shown}");
            continue;
        }
        assert_eq!((status.as_u16(), &problem["code"]), (401, &json!("unknown-key")), "{shown}");
        let (status, problem) = answer(request(&gateway, &call, "x").bearer_auth(&budi)).await;
        let is_refused = call.power.is_some_and(|power| SPECIAL.contains(&power));
        assert_eq!(problem["code"] == "admins-only", is_refused, "{shown}: {status} {problem}");
        assert_ne!(status, 500, "{shown}: {problem}");
    }
}

/// A page or a form is shown or done for whoever has the power that it declares, by a session alone.
#[tokio::test]
async fn a_page_is_open_to_who_has_the_power_that_it_declares() {
    let gateway = Gateway::start().await;
    let key = gateway.user("root", true).await;
    gateway.user("budi", false).await;
    let modem = gateway.modem("modem1", "+62811000001").await;
    let mut visitors = Vec::new();
    for name in ["", "budi", "root"] {
        let mut browser = Browser::new(&gateway, "en");
        browser.open("/login").await;
        if !name.is_empty() {
            browser.send("/login", &[("name", name), ("password", "correct horse")]).await;
            assert_eq!(browser.at, "/", "{name}");
        }
        visitors.push((name, browser));
    }
    let mut walked = Vec::new();
    for page in declared_pages() {
        let Some(power) = page.power else { continue };
        let id = match page.path.split('/').nth(1).expect("a noun") {
            "messages" => MessageId::derived("absent").to_string(),
            "modems" => modem.id.to_string(),
            "sims" => SimId::derived("modem1").to_string(),
            _ => KeyId::new().to_string(),
        };
        let path = page.path.replace("{id}", &id).replace("{call}", "restart");
        for (name, browser) in &mut visitors {
            let shown = format!("{} {} by '{name}'", page.method, page.path);
            match page.method {
                "GET" => browser.open(&path).await,
                _ => browser.send(&path, &[("name", " no name ")]).await,
            };
            if name.is_empty() {
                assert!(browser.at.starts_with("/login"), "{shown} is at {}", browser.at);
                continue;
            }
            let is_refused = *name == "budi" && SPECIAL.contains(&power);
            assert_eq!(browser.status == 403, is_refused, "{shown}: {}", browser.status);
            assert_ne!(browser.status, 500, "{shown}");
        }
        // A key opens no page, whatever it may do.
        let method = Method::from_bytes(page.method.as_bytes()).expect("a method");
        let request = gateway.http.request(method, format!("{}{path}", gateway.url));
        let status = request.bearer_auth(&key).send().await.expect("an answer").status();
        assert!(status == 303 || status == 403, "{} {} by a key: {status}", page.method, page.path);
        walked.push(power);
    }
    for power in ["messages:send", "inbox:read", "keys:manage", "sims:manage", "users:manage"] {
        assert!(walked.contains(&power), "{power} in {walked:?}");
    }
}

/// What belongs to others answers as what is not there, whatever is asked about it.
#[tokio::test]
async fn a_stranger_s_id_is_as_one_that_is_not_there() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let budi = gateway.user("budi", false).await;
    let body = json!({ "to": "+62812345678", "text": "Halo" });
    let (_, sent) = answer(gateway.post(&root, "/messages", &body)).await;
    let sent = sent["messages"][0]["id"].as_str().expect("an id").to_owned();
    // It is there for who sent it.
    assert_eq!(answer(gateway.get(&root, &format!("/messages/{sent}"))).await.0, 200);
    let own = gateway.modem("modem1", "+62811000001").await;
    let received = gateway.receive(&own, "BANK", "Code 1").await.to_string();
    assert_eq!(answer(gateway.get(&root, &format!("/inbox/{received}"))).await.0, 200);
    let (_, keys) = answer(gateway.get(&root, "/keys")).await;
    let root_id = gateway.id_of("root").await.to_string();
    let keys = keys["keys"].as_array().expect("keys").clone();
    let key = keys.iter().find(|key| key["owner"] == root_id).expect("a key of root");
    let key = key["id"].as_str().expect("an id").to_owned();
    let new = json!({ "url": "https://a.example/hook", "events": ["sms.received"] });
    let (_, made) = answer(gateway.post(&root, "/webhooks", &new)).await;
    let webhook = made["id"].as_str().expect("an id").to_owned();
    let new = json!({ "name": "info", "keyword": "info", "reply": "Halo" });
    let (_, made) = answer(gateway.post(&root, "/services", &new)).await;
    let service = made["id"].as_str().expect("an id").to_owned();
    let new = json!({ "name": "Siti", "number": "+62812345678" });
    let (_, made) = answer(gateway.post(&root, "/contacts", &new)).await;
    let contact = made["id"].as_str().expect("an id").to_owned();
    let (_, made) = answer(gateway.post(&root, "/groups", &json!({ "name": "Toko" }))).await;
    let group = made["id"].as_str().expect("an id").to_owned();
    let new = json!({ "name": "Halo", "text": "Halo" });
    let (_, made) = answer(gateway.post(&root, "/templates", &new)).await;
    let template = made["id"].as_str().expect("an id").to_owned();
    let new = json!({
        "name": "Halo",
        "to": ["+62812345678"],
        "text": "Halo",
        "at": "2130-01-01 08:00",
        "zone": "Asia/Jakarta",
    });
    let (_, made) = answer(gateway.post(&root, "/schedules", &new)).await;
    let schedule = made["id"].as_str().expect("an id").to_owned();
    let new = json!({
        "name": "Halo",
        "to": ["+62812345678"],
        "text": "Halo",
        "zone": "Asia/Jakarta",
    });
    let (_, made) = answer(gateway.post(&root, "/broadcasts", &new)).await;
    let broadcast = made["id"].as_str().expect("an id").to_owned();
    let (_, users) = answer(gateway.get(&root, "/users")).await;
    let users = users["users"].as_array().expect("users");
    let is_root = |user: &&Value| user["name"] == "root";
    let root_id =
        users.iter().find(is_root).expect("root")["id"].as_str().expect("an id").to_owned();
    let (_, made) = answer(gateway.post(&root, "/bulk", &json!("+62812345678"))).await;
    let bulk = made["id"].as_str().expect("an id").to_owned();
    let (_, made) = answer(gateway.post(&root, "/contact-imports", &json!("+62812345678"))).await;
    let import = made["id"].as_str().expect("an id").to_owned();
    // A modem with a SIM of another organisation.
    let abroad = gateway.modem("modem2", "+62811000002").await;
    let sim = abroad.sim.as_ref().expect("a SIM").id;
    let settings = gateway.bus.kv::<Sim>(bus::Bucket::Config).await.expect("the bucket");
    let setting = Sim::unset(OrgId::derived("abroad"));
    settings.put(&format!("sim.{sim}"), &setting).await.expect("a setting");
    wait_for("the portal to know whose the modem is", || async {
        let (_, modems) = answer(gateway.get(&root, "/modems")).await;
        (modems["modems"].as_array().map(Vec::len) == Some(1)).then_some(())
    })
    .await;
    // The place of the newest entry of the audit log.
    let newest = async || {
        let (_, log) = answer(gateway.get(&root, "/audit?limit=1")).await;
        log["entries"][0]["sequence"].clone()
    };
    let before = newest().await;
    for call in declared().iter().filter(|call| call.path.contains("{id}")) {
        let shown = format!("{} {}", call.method, call.path);
        let (caller, theirs, absent) = match call.path.split('/').nth(1).expect("a noun") {
            "messages" => (&budi, sent.clone(), MessageId::derived("absent").to_string()),
            // Old ones, so that nobody waits for their rows.
            "batches" => {
                let old = |n: char| format!("bat_018f00000000700080000000000000{n}0");
                (&budi, old('1'), old('2'))
            }
            "inbox" => (&budi, received.clone(), MessageId::derived("absent").to_string()),
            "keys" => (&budi, key.clone(), KeyId::new().to_string()),
            "services" => (&budi, service.clone(), ServiceId::new().to_string()),
            "contacts" => (&budi, contact.clone(), ContactId::new().to_string()),
            "groups" => (&budi, group.clone(), GroupId::new().to_string()),
            "templates" => (&budi, template.clone(), TemplateId::new().to_string()),
            "schedules" => (&budi, schedule.clone(), ScheduleId::new().to_string()),
            "broadcasts" => (&budi, broadcast.clone(), BroadcastId::new().to_string()),
            "bulk" => (&budi, bulk.clone(), BulkId::new().to_string()),
            "contact-imports" => (&budi, import.clone(), ContactImportId::new().to_string()),
            "webhooks" => (&budi, webhook.clone(), WebhookId::new().to_string()),
            "modems" => (&root, abroad.id.to_string(), ModemId::derived("absent").to_string()),
            "credits" if call.method == "GET" => {
                (&budi, root_id.clone(), UserId::new().to_string())
            }
            // A test cannot make accounts of another organisation: an id that is nobody's, twice.
            "users" | "credits" => (&root, UserId::new().to_string(), UserId::new().to_string()),
            // Likewise.
            "sessions" => (&root, SessionId::new().to_string(), SessionId::new().to_string()),
            "teams" => (&root, TeamId::new().to_string(), TeamId::new().to_string()),
            "invitations" => (&root, LinkId::new().to_string(), LinkId::new().to_string()),
            // A SIM of which nothing is known is one that anybody may put into a modem.
            "sims" => continue,
            noun => panic!("{shown}: whose are {noun}?"),
        };
        let theirs = answer(request(&gateway, call, &theirs).bearer_auth(caller)).await;
        let absent = answer(request(&gateway, call, &absent).bearer_auth(caller)).await;
        assert_eq!(theirs.0, 404, "{shown}: {}", theirs.1);
        assert_eq!(theirs, absent, "{shown}");
    }
    // Nothing was done to it either.
    assert_eq!(newest().await, before);
    assert_eq!(answer(gateway.get(&root, "/me")).await.0, 200);
    assert_ne!(
        answer(gateway.get(&root, &format!("/messages/{sent}"))).await.1["state"],
        "cancelled"
    );
}

/// A key of `maker`'s user with these scopes.
async fn key_with(gateway: &Gateway, maker: &str, scopes: &[&str]) -> String {
    let new = json!({ "label": "scoped", "scopes": scopes });
    let (status, made) = answer(gateway.post(maker, "/keys", &new)).await;
    assert_eq!(status, 201, "{made}");
    assert_eq!(made["scopes"], scopes.join(" "));
    made["key"].as_str().expect("a key").to_owned()
}

#[tokio::test]
async fn a_key_may_what_its_scopes_say_and_no_more() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let mut powers: Vec<&str> = Vec::new();
    for power in declared().iter().filter_map(|call| call.power) {
        if !powers.contains(&power) {
            powers.push(power);
        }
    }
    for power in &powers {
        let others: Vec<&str> = powers.iter().copied().filter(|other| other != power).collect();
        let (without, with) =
            (key_with(&gateway, &root, &others).await, key_with(&gateway, &root, &[power]).await);
        for call in declared() {
            let shown = format!("{} {} by {power}", call.method, call.path);
            let needs = call.power == Some(power);
            let is_free = call.power.is_none();
            let (_, problem) = answer(request(&gateway, &call, "x").bearer_auth(&without)).await;
            assert_eq!(problem["code"] == "scope-missing", needs, "{shown}: {problem}");
            let (_, problem) = answer(request(&gateway, &call, "x").bearer_auth(&with)).await;
            let is_refused = problem["code"] == "scope-missing";
            assert_eq!(is_refused, !needs && !is_free, "{shown}: {problem}");
        }
    }
    // Kannel's clients send, and a key that may not is none.
    let silent = key_with(&gateway, &root, &["messages:read"]).await;
    let url = format!("{}/cgi-bin/sendsms", gateway.url);
    for (key, status) in [(&silent, 403), (&root, 202)] {
        let query =
            [("username", "root"), ("password", key), ("to", "+62812345678"), ("text", "x")];
        let sent = gateway.http.get(&url).query(&query).send().await.expect("an answer");
        assert_eq!(sent.status(), status);
    }
}

#[tokio::test]
async fn a_key_gives_no_more_than_it_has() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let budi = gateway.user("budi", false).await;
    let (root_id, budi_id) = (gateway.id_of("root").await, gateway.id_of("budi").await);
    // Who says nothing makes one like their own.
    let (_, made) = answer(gateway.post(&root, "/keys", &json!({}))).await;
    assert_eq!(made["scopes"], "all:any");
    let keeper = key_with(&gateway, &root, &["keys:manage", "users:manage"]).await;
    let (_, made) = answer(gateway.post(&keeper, "/keys", &json!({}))).await;
    assert_eq!(made["scopes"], "keys:manage users:manage");
    let (_, made) = answer(gateway.post(&keeper, "/keys", &json!({ "user": "budi" }))).await;
    assert_eq!(made["scopes"], "keys:manage users:manage");
    for (maker, scopes) in [
        (&keeper, json!(["messages:send"])),
        (&keeper, json!(["keys:manage", "modems:operate"])),
        (&keeper, json!(["all:any"])),
        (&budi, json!(["users:manage"])),
    ] {
        let (status, problem) =
            answer(gateway.post(maker, "/keys", &json!({ "scopes": scopes }))).await;
        assert_eq!((status.as_u16(), &problem["code"]), (403, &json!("scope-beyond")), "{scopes}");
    }
    let (status, problem) =
        answer(gateway.post(&root, "/keys", &json!({ "scopes": ["everything"] }))).await;
    assert_eq!((status.as_u16(), &problem["field"]), (400, &json!("scopes")), "{problem}");
    let (status, _) = answer(gateway.post(&root, "/keys", &json!({ "scopes": [] }))).await;
    assert_eq!(status, 400, "a key that may nothing");
    // Nor does it make an account that has more, or take one over.
    let new = json!({ "name": "siti", "password": "correct horse", "admin": true });
    for (path, body) in [
        ("/users".to_owned(), new),
        (format!("/users/{budi_id}/role"), json!({ "role": "admin" })),
        (format!("/users/{root_id}/password"), json!({ "password": "correct horse" })),
        // A password is all that the account may, and from any address.
        (format!("/users/{budi_id}/password"), json!({ "password": "correct horse" })),
        ("/users".to_owned(), json!({ "name": "siti", "password": "correct horse" })),
    ] {
        let (status, problem) = answer(gateway.post(&keeper, &path, &body)).await;
        assert_eq!((status.as_u16(), &problem["code"]), (403, &json!("scope-beyond")), "{path}");
    }
    let here = json!({ "scopes": ["all:any"], "allow": ["127.0.0.1"] });
    let (_, here) = answer(gateway.post(&root, "/keys", &here)).await;
    let here = here["key"].as_str().expect("a key");
    let path = format!("/users/{budi_id}/password");
    let password = json!({ "password": "correct horse" });
    let (status, problem) = answer(gateway.post(here, &path, &password)).await;
    assert_eq!((status.as_u16(), &problem["code"]), (403, &json!("scope-beyond")));
    assert_eq!(answer(gateway.post(&keeper, "/users", &json!({ "name": "siti" }))).await.0, 201);
}
