//! What people set as one document: exported, compared, imported, and taken back.

use std::collections::BTreeSet;

use contracts::SimId;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::gateway::{Gateway, answer};

async fn put(gateway: &Gateway, key: &str, path: &str, body: &Value) -> (StatusCode, Value) {
    let url = format!("{}/api/v1{path}", gateway.url);
    answer(gateway.http.put(url).bearer_auth(key).json(body)).await
}

async fn made(gateway: &Gateway, key: &str, path: &str, body: &Value) -> Value {
    let (status, made) = answer(gateway.post(key, path, body)).await;
    assert_eq!(status, 201, "{path}: {made}");
    made
}

async fn document(gateway: &Gateway, key: &str) -> Value {
    let (status, shown) = answer(gateway.get(key, "/configuration")).await;
    assert_eq!(status, 200, "{shown}");
    assert_eq!(shown.get("left_out"), None, "{shown}");
    shown["document"].clone()
}

async fn check(gateway: &Gateway, key: &str, document: &Value, prune: bool) -> Value {
    let body = json!({ "document": document, "prune": prune });
    let (status, checked) = answer(gateway.post(key, "/configuration/check", &body)).await;
    assert_eq!(status, 200, "{checked}");
    checked
}

/// The words of the changes that an import would make.
async fn changes(gateway: &Gateway, key: &str, document: &Value, prune: bool) -> Vec<String> {
    let checked = check(gateway, key, document, prune).await;
    assert_eq!(checked.get("faults"), None, "{checked}");
    words(&checked["changes"])
}

fn words(changes: &Value) -> Vec<String> {
    let changes = changes.as_array().expect("changes");
    changes.iter().map(|one| one["words"].as_str().expect("words").to_owned()).collect()
}

/// What is wrong with a document, each as `place: text`.
async fn faults(gateway: &Gateway, key: &str, document: &Value) -> Vec<String> {
    let checked = check(gateway, key, document, false).await;
    let faults = checked["faults"].as_array().cloned().unwrap_or_default();
    let text = |fault: &Value, field: &str| fault[field].as_str().expect("a text").to_owned();
    for fault in &faults {
        assert!(text(fault, "remedy").ends_with('.'), "{fault}");
    }
    faults.iter().map(|one| format!("{}: {}", text(one, "place"), text(one, "text"))).collect()
}

/// Imports to the end, and returns what was changed.
async fn import(gateway: &Gateway, key: &str, document: &Value, prune: bool) -> Vec<String> {
    let mut version = check(gateway, key, document, prune).await["version"].clone();
    let mut done = Vec::new();
    loop {
        let body = json!({ "document": document, "prune": prune, "version": version });
        let (status, imported) = put(gateway, key, "/configuration", &body).await;
        assert_eq!(status, 200, "{imported}");
        done.extend(words(&imported["done"]));
        version = imported["version"].clone();
        if imported["left"] == 0 {
            return done;
        }
        assert_ne!(imported["done"], json!([]), "{imported}");
    }
}

/// One of each kind, of two accounts.
async fn set_all(gateway: &Gateway) -> (String, String) {
    let root = gateway.user("root", true).await;
    let budi = gateway.user("budi", false).await;
    let sim = gateway.modem("modem1", "+62811000001").await.sim.expect("a SIM").id;
    let team = json!({ "name": "Penjualan", "users": ["budi"], "own_sims_only": true });
    made(gateway, &root, "/teams", &team).await;
    let changes = json!({
        "readers": ["budi"],
        "pool": "vip",
        "limits": { "per_hour": 100, "recipients_per_month": 99, "price": 350, "spend_per_day": 100_000, "quiet": "22:00-06:00", "zone": "Asia/Jakarta" },
    });
    let url = format!("{}/api/v1/sims/{sim}", gateway.url);
    let (status, said) = answer(gateway.http.patch(url).bearer_auth(&root).json(&changes)).await;
    assert_eq!(status, 200, "{said}");
    let routes = json!({
        "version": 0,
        "rules": [
            { "name": "night", "priorities": ["bulk"], "accounts": ["budi"], "tags": ["promo"], "senders": ["Toko"],
              "refuse": "No bulk at night.",
              "hours": { "zone": "Asia/Jakarta", "from": "21:00", "until": "07:00" } },
            { "name": "all", "targets": [{ "pool": "vip" }, { "sim": sim }] },
        ],
        "pools": [{ "name": "vip", "strategy": "weighted", "weights": [{ "sim": sim, "weight": 3 }] }],
    });
    let (status, said) = put(gateway, &root, "/routes", &routes).await;
    assert_eq!(status, 200, "{said}");
    made(gateway, &root, "/groups", &json!({ "name": "Kelas", "code": "k", "shared": true })).await;
    made(gateway, &budi, "/groups", &json!({ "name": "Milik Budi" })).await;
    let rule = json!({ "of": "any", "tags": ["vip"], "no_tags": ["lama"], "fields": { "Kota asal": "Bandung" } });
    let ruled = json!({ "name": "Pilihan", "rule": rule, "shared": true });
    made(gateway, &root, "/groups", &ruled).await;
    let template = json!({ "name": "Salam", "text": "Halo\n{name}", "shared": true });
    made(gateway, &root, "/templates", &template).await;
    let url = "http://a.example/jadwal?t=%a&token=rahasia";
    let jadwal =
        json!({ "name": "Jadwal", "keyword": "JADWAL", "aliases": ["jam"], "get_url": url });
    made(gateway, &root, "/services", &jadwal).await;
    let joins =
        json!({ "name": "Ikut", "keyword": "ikut", "subscribe": "Kelas", "reply": "Terima kasih" });
    made(gateway, &root, "/services", &joins).await;
    let budis = json!({ "name": "Pesanan", "match": "^order", "place": 7, "reply": "{from}" });
    made(gateway, &budi, "/services", &budis).await;
    let schedule = json!({
        "name": "Pagi", "to": ["+62811111"], "text": "Selamat pagi", "at": "2130-12-01 08:00",
        "zone": "Asia/Jakarta", "repeat": "FREQ=DAILY",
    });
    made(gateway, &budi, "/schedules", &schedule).await;
    let webhook = json!({ "url": "https://budi:sandi@a.example/hook", "events": ["sms.received"] });
    made(gateway, &budi, "/webhooks", &webhook).await;
    made(gateway, &budi, "/webhooks", &webhook).await;
    (root, budi)
}

#[tokio::test]
async fn what_is_exported_is_imported_elsewhere_and_exported_the_same() {
    let first = Gateway::start().await;
    let (root, _) = set_all(&first).await;
    let exported = document(&first, &root).await;
    assert_eq!(exported, document(&first, &root).await);
    let text = exported.to_string();
    for secret in ["rahasia", "sandi", "whsec_", "created_at", "grp_", "usr_", "svc_", "Milik"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    let kinds = exported.as_object().expect("an object").iter();
    for (kind, list) in kinds {
        assert_ne!(list, &json!([]), "{kind}");
    }
    assert_eq!(exported["webhooks"].as_array().map(Vec::len), Some(2));
    assert!(changes(&first, &root, &exported, true).await.is_empty());

    // Another gateway has the accounts, and none of the secrets.
    let second = Gateway::start().await;
    let root = second.user("root", true).await;
    let missing = faults(&second, &root, &exported).await;
    assert!(missing.iter().any(|one| one.contains("There is no user named 'budi'")), "{missing:?}");
    second.user("budi", false).await;
    let missing = faults(&second, &root, &exported).await;
    let of_secrets = missing.iter().filter(|one| one.contains("write the secret in its place"));
    assert_eq!((of_secrets.count(), missing.len()), (3, 3), "{missing:?}");
    let with = text.replace("token=***", "token=lain").replace("budi:***@", "budi:lain@");
    let with: Value = serde_json::from_str(&with).expect("JSON");
    let done = import(&second, &root, &with, false).await;
    assert!(done.iter().all(|line| line.starts_with("+ ")) && done.len() == 14, "{done:?}");
    assert_eq!(document(&second, &root).await, exported);
    assert!(changes(&second, &root, &exported, true).await.is_empty());
    assert!(changes(&second, &root, &with, true).await.is_empty(), "the secrets are known now");
}

#[tokio::test]
async fn each_kind_is_changed_and_brought_back() {
    let gateway = Gateway::start().await;
    let (root, _) = set_all(&gateway).await;
    let before = document(&gateway, &root).await;
    let mut wanted = before.clone();
    let sim = before["sims"][0]["id"].as_str().expect("an id").to_owned();
    wanted["sims"][0]["per_hour"] = json!(50);
    wanted["sims"][0]["readers"] = json!(["everybody"]);
    wanted["pools"][0]["strategy"] = json!("sticky");
    wanted["rules"] = json!([before["rules"][1], before["rules"][0]]);
    wanted["rules"][1]["hours"]["until"] = json!("06:00");
    wanted["groups"][0]["name"] = json!("KELAS");
    wanted["groups"][1]["rule"]["of"] = json!("all");
    wanted["groups"][1]["rule"]["tags"] = json!(["vip", " baru "]);
    wanted["templates"][0]["text"] = json!("Halo");
    // As it is written by hand: small letters are made of it, and then it does not differ.
    let jadwal = wanted["services"].as_array_mut().expect("services");
    let jadwal = jadwal.iter_mut().find(|one| one["name"] == "Jadwal").expect("Jadwal");
    jadwal["keyword"] = json!("WAKTU");
    jadwal["reply_with_body"] = json!(true);
    wanted["schedules"][0]["paused"] = json!(true);
    wanted["schedules"][0]["to"] = json!(["+62811111", "+62 812-222"]);
    wanted["webhooks"][1]["enabled"] = json!(false);
    wanted["webhooks"][1]["events"] = json!(["sms.sent", "sms.received"]);
    let expected = [
        format!("~ SIM {sim}: per_hour 100 → 50, readers [budi] → [everybody]"),
        "~ pool vip: strategy weighted → sticky".to_owned(),
        "~ rule night: hours.until 07:00 → 06:00".to_owned(),
        "~ order of rules: night, all → all, night".to_owned(),
        "~ group KELAS: name Kelas → KELAS".to_owned(),
        "~ group Pilihan: rule.of any → all, rule.tags [vip] → [vip baru]".to_owned(),
        "~ template Salam: text \"Halo\\n{name}\" → Halo".to_owned(),
        "~ service Jadwal: keyword jadwal → waktu, reply_with_body none → true".to_owned(),
    ];
    let said = changes(&gateway, &root, &wanted, true).await;
    assert_eq!(said[..8], expected, "{said:?}");
    assert!(said[8].starts_with("~ schedule Pagi of budi: paused none → true, to "), "{said:?}");
    assert!(
        said[9].starts_with("~ webhook https://budi:***@a.example/hook of budi (2): "),
        "{said:?}"
    );
    assert_eq!(said.len(), 10);
    assert_eq!(import(&gateway, &root, &wanted, true).await, said);
    assert!(changes(&gateway, &root, &wanted, true).await.is_empty(), "it is so now");
    assert_eq!(document(&gateway, &root).await["services"][1]["keyword"], "waktu");
    // Each is kept by its own act, which counts versions and keeps secrets.
    let (_, routes) = answer(gateway.get(&root, "/routes")).await;
    assert_eq!(routes["version"], 3, "rules and pools are one act each");
    let (_, services) = answer(gateway.get(&root, "/services")).await;
    assert!(services.to_string().contains("token=rahasia"), "{services}");

    import(&gateway, &root, &before, true).await;
    assert_eq!(document(&gateway, &root).await, before);
}

#[tokio::test]
async fn what_is_wrong_is_named_in_each_place_and_nothing_is_changed() {
    let gateway = Gateway::start().await;
    let (root, _) = set_all(&gateway).await;
    let before = document(&gateway, &root).await;
    let wrong = json!({
        "groups": [
            { "name": "Baru", "rule": { "of": "all", "tags": ["dua kata"] } },
            { "name": "Semua", "rule": { "of": "each" } },
            { "name": "Pilihan" },
        ],
        "templates": [{ "name": "Salam", "text": " " }],
        "rules": [{ "name": "bank", "prefixes": ["bank"], "refuse": "No." }],
        "services": [
            { "name": "Baru", "keyword": "baru", "keywrod": "x", "reply": "x" },
            { "name": "Dua", "keyword": "dua kata", "reply": "x" },
            { "name": "Tiga", "keyword": "tiga", "subscribe": "Tidak ada" },
            { "name": "Jadwal", "owner": "budi", "keyword": "jadwal", "reply": "x" },
        ],
        "schedules": [
            { "name": "Lewat", "text": "x", "to": ["+62811111"], "at": "2020-01-01 08:00", "zone": "UTC" },
        ],
        "webhooks": [
            { "url": "https://b.example/", "events": ["sms.received"], "secret": "whsec_mine" },
        ],
        "acounts": [],
    });
    let said = faults(&gateway, &root, &wrong).await;
    for (place, text) in [
        ("groups 1 'Baru'", "A rule has at most 10 conditions"),
        ("groups 2 'Semua'", "each"),
        ("groups 3 'Pilihan'", "by its rule, and that stays so"),
        ("templates 1 'Salam'", "A template is a text of 1 to"),
        ("rules 1 'bank'", "'bank' is nothing that a number begins with"),
        ("services 1 'Baru'", "There is no field 'keywrod', but there is 'keyword'."),
        ("services 2 'Dua'", "A keyword is one word"),
        ("services 3 'Tiga'", "There is no group 'Tidak ada'"),
        ("services 4 'Jadwal'", "owner: the service is of root"),
        ("schedules 1 'Lewat'", "there is no such time from now on"),
        ("webhooks 1 'https://b.example/'", "secret: a file has none"),
        ("acounts", "There is no such kind of settings."),
    ] {
        let is_said = said.iter().any(|one| one.starts_with(place) && one.contains(text));
        assert!(is_said, "{place}: {text} in {said:#?}");
    }
    assert_eq!(said.len(), 12, "{said:#?}");
    let version = check(&gateway, &root, &wrong, true).await["version"].clone();
    let body = json!({ "document": wrong, "prune": true, "version": version });
    let (status, refused) = put(&gateway, &root, "/configuration", &body).await;
    assert_eq!(
        (status.as_u16(), &refused["code"]),
        (422, &json!("configuration-invalid")),
        "{refused}"
    );
    assert_eq!(refused["faults"].as_array().map(Vec::len), Some(12), "{refused}");
    assert!(!refused.to_string().contains("whsec_mine"), "{refused}");
    assert_eq!(document(&gateway, &root).await, before);
}

#[tokio::test]
async fn what_a_file_does_not_have_stays_unless_it_is_pruned() {
    let gateway = Gateway::start().await;
    let (root, _) = set_all(&gateway).await;
    let before = document(&gateway, &root).await;
    // The keyword of a service that goes is free for one that comes.
    let some = json!({
        "services": [{ "name": "Lain", "owner": "root", "keyword": "jadwal", "reply": "x" }],
        "templates": [],
    });
    let said = faults(&gateway, &root, &some).await;
    assert!(said[0].contains("have the keyword 'jadwal'"), "{said:?}");
    let expected = [
        "- service Pesanan",
        "- service Jadwal",
        "- service Ikut",
        "- template Salam",
        "+ service Lain",
    ];
    assert_eq!(import(&gateway, &root, &some, true).await, expected);
    let after = document(&gateway, &root).await;
    assert_eq!(after["services"].as_array().map(Vec::len), Some(1));
    for kind in ["teams", "sims", "pools", "rules", "groups", "schedules", "webhooks"] {
        assert_eq!(after[kind], before[kind], "{kind}");
    }
    let rule = json!({ "rules": [{ "name": "new", "refuse": "No." }] });
    assert_eq!(import(&gateway, &root, &rule, false).await, ["+ rule new"]);
    let after = document(&gateway, &root).await;
    let names: Vec<&Value> =
        after["rules"].as_array().expect("rules").iter().map(|rule| &rule["name"]).collect();
    assert_eq!(names, ["night", "all", "new"]);
    // Two endpoints with one URL, one after the other.
    let said = import(&gateway, &root, &json!({ "webhooks": [] }), true).await;
    assert_eq!(said.len(), 2, "{said:?}");
    // Of a SIM nothing is set any more.
    let said =
        import(&gateway, &root, &json!({ "sims": [], "rules": [], "pools": [] }), true).await;
    assert_eq!(said.len(), 5, "{said:?}");
    assert_eq!(document(&gateway, &root).await["sims"], json!([]));
}

#[tokio::test]
async fn who_changes_a_setting_meanwhile_is_not_overwritten() {
    let gateway = Gateway::start().await;
    let (root, _) = set_all(&gateway).await;
    let wanted = json!({ "groups": [{ "name": "Baru" }] });
    let version = check(&gateway, &root, &wanted, false).await["version"].clone();
    let template = json!({ "name": "Lain", "text": "x", "shared": true });
    made(&gateway, &root, "/templates", &template).await;
    let body = json!({ "document": wanted, "version": version });
    let (status, refused) = put(&gateway, &root, "/configuration", &body).await;
    let expected = (409, &json!("configuration-changed"), &json!([]));
    assert_eq!((status.as_u16(), &refused["code"], &refused["done"]), expected, "{refused}");
    assert_eq!(document(&gateway, &root).await["groups"].as_array().map(Vec::len), Some(2));
    // Who opts out is no change of what people set.
    let version = check(&gateway, &root, &wanted, false).await["version"].clone();
    let out = json!({ "numbers": ["+62811222333"] });
    let (status, said) = answer(gateway.post(&root, "/optouts", &out)).await;
    assert!(status.is_success(), "{said}");
    let body = json!({ "document": wanted, "version": version });
    assert_eq!(put(&gateway, &root, "/configuration", &body).await.0, 200);
}

#[tokio::test]
async fn many_changes_are_made_some_a_call() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let templates: Vec<Value> =
        (0..60).map(|n| json!({ "name": format!("T{n:02}"), "text": "x" })).collect();
    let wanted = json!({ "templates": templates });
    let version = check(&gateway, &root, &wanted, false).await["version"].clone();
    let body = json!({ "document": wanted, "version": version });
    let (_, imported) = put(&gateway, &root, "/configuration", &body).await;
    assert_eq!(imported["left"], 35, "{imported}");
    // Whoever was cut off there begins anew, and does what is left.
    assert_eq!(import(&gateway, &root, &wanted, false).await.len(), 35);
    assert_eq!(document(&gateway, &root).await["templates"], wanted["templates"]);
    let many: Vec<Value> =
        (0..=500).map(|n| json!({ "name": format!("T{n}"), "text": "x" })).collect();
    let said = faults(&gateway, &root, &json!({ "templates": many })).await;
    assert!(said.len() == 1 && said[0].contains("500 may be"), "{said:?}");
}

#[tokio::test]
async fn a_secret_of_a_file_is_kept_and_never_said() {
    let gateway = Gateway::start().await;
    let (root, _) = set_all(&gateway).await;
    let exported = document(&gateway, &root).await;
    let anew = exported.to_string().replace("token=***", "token=baru");
    let anew: Value = serde_json::from_str(&anew).expect("JSON");
    let said = import(&gateway, &root, &anew, true).await;
    assert_eq!(said, ["~ service Jadwal: another secret in a URL"]);
    let (_, services) = answer(gateway.get(&root, "/services")).await;
    assert!(services.to_string().contains("token=baru"), "{services}");
    assert_eq!(document(&gateway, &root).await, exported);
    // A mark without anything that it could stand for.
    let lost = json!({ "services": [{ "name": "X", "keyword": "x", "get_url": "http://b.example/?key=***" }] });
    let said = faults(&gateway, &root, &lost).await;
    assert!(said[0].contains("write the secret in its place"), "{said:?}");
}

/// What is said of a service for a group and of a board in a document.
#[tokio::test]
async fn a_pin_of_a_file_is_kept_and_what_a_service_does_not_have_is_refused() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    made(&gateway, &root, "/groups", &json!({ "name": "Warga", "shared": true })).await;
    let new = json!({ "name": "bc", "keyword": "bc", "to_group": "Warga", "pin": "481516", "senders": ["+628123456789"] });
    made(&gateway, &root, "/services", &new).await;
    let exported = document(&gateway, &root).await;
    assert_eq!(exported["services"][0]["pin"], "***", "{exported}");
    let mut anew = exported.clone();
    anew["services"][0]["pin"] = json!("481516");
    assert!(changes(&gateway, &root, &anew, true).await.is_empty(), "it is the same");
    anew["services"][0]["pin"] = json!("234200");
    let expected = ["~ service bc: another PIN"];
    assert_eq!(changes(&gateway, &root, &anew, true).await, expected);
    assert_eq!(import(&gateway, &root, &anew, true).await, expected);
    assert!(changes(&gateway, &root, &anew, true).await.is_empty(), "it is so now");
    assert_eq!(document(&gateway, &root).await, exported);
    for (service, words) in [
        (json!({ "to_group": "Warga", "pin": "***" }), "write the PIN in its place"),
        (json!({ "board": "*" }), "then export"),
        (json!({ "board": "papan", "pin": "481516" }), "'pin' goes with to_group"),
        (json!({ "reply": "x", "otherwise": "y" }), "'otherwise' goes with quiz"),
        (json!({ "quiz": ["x = y"], "leave": "keluar" }), "'leave' goes with survey"),
    ] {
        let mut fields = json!({ "name": "lain", "keyword": "lain", "owner": "root" });
        let all = fields.as_object_mut().expect("an object");
        all.extend(service.as_object().expect("an object").clone());
        let said = faults(&gateway, &root, &json!({ "services": [fields] })).await;
        assert!(said.len() == 1 && said[0].contains(words), "{service}: {said:?}");
    }
    let said = faults(&gateway, &root, &json!({ "optouts": [{ "number": "+62811" }] })).await;
    assert_eq!(said.len(), 1, "{said:?}");
}

#[tokio::test]
async fn opt_outs_are_in_it_when_they_are_asked_for() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let wanted = json!({ "optouts": ["+62 811-222-333", "+62811222333", "+62811222444"] });
    assert_eq!(import(&gateway, &root, &wanted, false).await.len(), 2);
    assert_eq!(document(&gateway, &root).await.get("optouts"), None);
    let (_, shown) = answer(gateway.get(&root, "/configuration?optouts=true")).await;
    assert_eq!(shown["document"]["optouts"], json!(["+62811222333", "+62811222444"]));
    let one = json!({ "optouts": ["+62811222444"] });
    assert!(changes(&gateway, &root, &one, false).await.is_empty());
    // Somebody wrote STOP since the file was written.
    assert!(import(&gateway, &root, &one, true).await.is_empty());
    let (_, shown) = answer(gateway.get(&root, "/configuration?optouts=true")).await;
    assert_eq!(shown["document"]["optouts"].as_array().map(Vec::len), Some(2), "{shown}");
    let said = faults(&gateway, &root, &json!({ "optouts": [""] })).await;
    assert_eq!(said.len(), 1, "{said:?}");
}

#[tokio::test]
async fn a_narrow_key_does_no_more_by_a_document_than_by_hand() {
    let gateway = Gateway::start().await;
    let (root, budi) = set_all(&gateway).await;
    let (status, refused) = answer(gateway.get(&budi, "/configuration")).await;
    assert_eq!((status.as_u16(), &refused["code"]), (403, &json!("admins-only")));
    let key_of = async |scopes: &[&str]| {
        let new = json!({ "label": "narrow", "scopes": scopes });
        let made = made(&gateway, &root, "/keys", &new).await;
        made["key"].as_str().expect("a key").to_owned()
    };
    let key = key_of(&["routes:read", "routes:manage"]).await;
    let (_, shown) = answer(gateway.get(&key, "/configuration")).await;
    let kinds: Vec<&String> = shown["document"].as_object().expect("an object").keys().collect();
    assert_eq!(kinds, ["pools", "rules"]);
    assert_eq!(shown["left_out"].as_array().map(Vec::len), Some(7), "{shown}");
    let wanted = json!({ "templates": [{ "name": "Baru", "text": "x" }] });
    let said = faults(&gateway, &key, &wanted).await;
    assert_eq!(said, ["templates: The scopes of the key lack templates:read."]);
    let key = key_of(&["routes:read", "routes:manage", "templates:read"]).await;
    let said = faults(&gateway, &key, &wanted).await;
    assert_eq!(said, ["templates 1 'Baru': The scopes of the key lack templates:write."]);
    let version = check(&gateway, &key, &wanted, false).await["version"].clone();
    let body = json!({ "document": wanted, "version": version });
    assert_eq!(put(&gateway, &key, "/configuration", &body).await.0, 422);
    // What another account's service does is for who has the power over accounts.
    let mut all = vec!["routes:read", "routes:manage", "services:read", "services:write"];
    all.extend(["inbox:read", "messages:send"]);
    let key = key_of(&all).await;
    let service =
        json!({ "services": [{ "name": "X", "owner": "budi", "keyword": "x", "reply": "x" }] });
    let said = faults(&gateway, &key, &service).await;
    assert!(said[0].ends_with("lack users:manage."), "{said:?}");
    // Nor is it removed, and that is known beforehand.
    let service =
        json!({ "services": [{ "name": "X", "owner": "root", "keyword": "x", "reply": "x" }] });
    let checked = check(&gateway, &key, &service, true).await;
    let faults = checked["faults"].as_array().expect("faults");
    assert!(faults.iter().any(|one| one["place"] == "services 'Pesanan'"), "{checked}");
    assert!(faults.iter().all(|one| one["place"] != "services 'Jadwal'"), "it is one's own");
    // A team without SIMs gives none to everybody when it is removed.
    let key = key_of(&["routes:read", "routes:manage", "users:manage"]).await;
    let said = import(&gateway, &key, &json!({ "teams": [] }), true).await;
    assert_eq!(said, ["- team Penjualan"]);
}

#[tokio::test]
async fn hostile_documents_are_refused_in_few_words() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let long = "x".repeat(100_000);
    let odd = json!({
        &long: [],
        "sims": "everything",
        "pools": [{ "name": &long }, 7, null, [], { "name": { "name": "x" } }],
        "services": [{ "name": &long, "keyword": "x", "reply": "x" }, { "name": "a\u{202e}b\n", "reply": "x" }],
        "optouts": { "number": "+62811" },
    });
    let said = faults(&gateway, &root, &odd).await;
    assert!(said.len() >= 8, "{}", said.len());
    assert!(said.iter().all(|one| one.chars().count() < 600), "{said:?}");
    let many: Vec<Value> = (0..3_000).map(|n| json!({ "name": n })).collect();
    assert_eq!(faults(&gateway, &root, &json!({ "groups": many })).await.len(), 100);
    let (mut deep, mut close) = (String::new(), String::new());
    for _ in 0..5_000 {
        deep.push_str("{\"a\":");
        close.push('}');
    }
    let body = format!("{{\"document\":{deep}1{close}}}");
    let url = format!("{}/api/v1/configuration/check", gateway.url);
    let (status, said) = answer(gateway.http.post(url).bearer_auth(&root).body(body)).await;
    assert_eq!((status.as_u16(), &said["code"]), (400, &json!("malformed")), "{said}");
    assert_eq!(answer(gateway.get(&root, "/me")).await.0, 200);
}

/// A SIM that goes from one team to another by a file is nobody's in no moment, and who used it before is forgotten.
#[tokio::test]
async fn teams_and_their_sims_are_as_the_file_says() {
    let gateway = Gateway::start().await;
    let (root, _) = set_all(&gateway).await;
    let sim = SimId::derived("modem1").to_string();
    let team = |name: &str, sims: &[&str]| json!({ "name": name, "users": ["budi"], "sims": sims });
    let first = json!({ "teams": [team("A", &[&sim]), team("B", &[])] });
    let expected = ["+ team A", "+ team B", "- team Penjualan"];
    assert_eq!(import(&gateway, &root, &first, true).await, expected);
    let after = document(&gateway, &root).await;
    assert_eq!(after["teams"][0]["sims"], json!([sim]));
    // What else is set for the SIM stays, and who reads it is said by the team.
    assert_eq!(after["sims"][0]["pool"], "vip");
    assert_eq!(after["sims"][0]["readers"], Value::Null);
    assert!(changes(&gateway, &root, &after, true).await.is_empty());
    for teams in [
        json!([team("A", &[]), team("B", &[&sim])]),
        json!([team("A", &[&sim]), team("B", &[])]),
        json!([team("C", &[&sim])]),
    ] {
        let said = import(&gateway, &root, &json!({ "teams": teams.clone() }), true).await;
        assert!(said.len() >= 2, "{said:?}");
        let now = document(&gateway, &root).await;
        let of = |teams: &Value| {
            let all = teams.as_array().expect("teams").clone();
            all.into_iter()
                .map(|team| (team["name"].clone(), team["sims"].get(0).cloned()))
                .collect::<Vec<_>>()
        };
        assert_eq!(of(&now["teams"]), of(&teams));
    }
    // A team that has something is not removed, and that is known before anything is changed.
    let group = json!({ "name": "Toko", "team": "C" });
    let group = made(&gateway, &root, "/groups", &group).await;
    let other = json!({ "teams": [team("E", &[])] });
    let checked = check(&gateway, &root, &other, true).await;
    let said = &checked["faults"][0];
    assert_eq!((&said["place"], &checked["changes"]), (&json!("teams 'C'"), &json!([])), "{said}");
    assert!(faults(&gateway, &root, &other).await.is_empty(), "without prune it stays");
    let url = format!("{}/api/v1/groups/{}", gateway.url, group["id"].as_str().expect("an id"));
    assert_eq!(answer(gateway.http.delete(url).bearer_auth(&root)).await.0, 204);
    assert_eq!(changes(&gateway, &root, &other, true).await, ["+ team E", "- team C"]);
    let twice = json!({ "teams": [{ "name": "D", "users": ["nobody-here"] }] });
    let said = faults(&gateway, &root, &twice).await;
    assert!(said[0].contains("There is no user named 'nobody-here'"), "{said:?}");
}

/// As many SIMs as a team may have are exchanged, and by more teams than one call changes.
#[tokio::test]
async fn teams_exchange_their_sims_however_many_they_are() {
    const TEAMS: usize = 30;
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let sims = |of: &str, count: usize| -> BTreeSet<SimId> {
        (0..count).map(|n| SimId::derived(&format!("{of} {n}"))).collect()
    };
    let teams = |turned: usize| {
        let name = |n: usize| format!("team {n:02}");
        let mut teams: Vec<Value> = (0..TEAMS)
            .map(|n| json!({ "name": name(n), "sims": sims(&name((n + turned) % TEAMS), 1) }))
            .collect();
        let full = ["x", "y"].map(|of| sims(of, store::MOST_SIMS_OF_TEAM));
        teams.push(json!({ "name": "x", "sims": full[turned % 2] }));
        teams.push(json!({ "name": "y", "sims": full[(turned + 1) % 2] }));
        json!(teams)
    };
    for turned in [0, 1, TEAMS / 2 + 1] {
        let wanted = json!({ "teams": teams(turned) });
        import(&gateway, &root, &wanted, true).await;
        let now = document(&gateway, &root).await;
        let all = now["teams"].as_array().expect("teams").iter();
        let of = |team: &Value| (team["name"].clone(), team["sims"].clone());
        let expected = wanted["teams"].as_array().expect("teams").iter();
        assert_eq!(all.map(of).collect::<Vec<_>>(), expected.map(of).collect::<Vec<_>>());
    }
}
