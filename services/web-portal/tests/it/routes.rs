//! Rules of messages' ways: by the API, on the page, and tried.

use contracts::SimId;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::gateway::{Gateway, answer, refused};

fn put(gateway: &Gateway, key: &str, body: &Value) -> reqwest::RequestBuilder {
    gateway.http.put(format!("{}/api/v1/routes", gateway.url)).bearer_auth(key).json(body)
}

async fn set(gateway: &Gateway, key: &str, rules: Value) -> Value {
    let (_, now) = answer(gateway.get(key, "/routes")).await;
    let body = json!({ "version": now["version"], "rules": rules, "pools": now["pools"] });
    let (status, set) = answer(put(gateway, key, &body)).await;
    assert_eq!(status, 200, "{set}");
    set
}

async fn tried(gateway: &Gateway, key: &str, test: Value) -> Value {
    let (status, tested) = answer(gateway.post(key, "/routes/test", &test)).await;
    assert_eq!(status, 200, "{tested}");
    tested
}

#[tokio::test]
async fn rules_ask_by_which_key_a_message_came_and_how_it_was_marked() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let key = contracts::KeyId::derived("shop").to_string();
    let rules = json!([
        { "name": "shop", "keys": [key], "tags": ["invoices"], "targets": [{ "pool": "default" }] },
        { "name": "bank", "senders": ["BANK"], "refuse": "Not by this name." },
    ]);
    let set = set(&gateway, &root, rules).await;
    assert_eq!(set["rules"][0]["keys"], json!([key]));
    assert_eq!(set["rules"][0]["tags"], json!(["invoices"]));
    assert_eq!(set["rules"][1]["senders"], json!(["BANK"]));
    let to = "+6281200000001";
    let by_shop = json!({ "to": to, "key": key, "tag": "invoices", "sender": "BANK" });
    assert_eq!(tried(&gateway, &root, by_shop).await["rule"], "shop");
    let other = tried(&gateway, &root, json!({ "to": to, "key": key, "tag": "news" })).await;
    assert_eq!(other["passed"][0]["why"], "the tag is none of its tags");
    assert_eq!(other["passed"][1]["why"], "the sender is none of its senders");
    let (_, now) = answer(gateway.get(&root, "/routes")).await;
    let many: Vec<String> = (0..21).map(|n| format!("t{n}")).collect();
    let body = json!({
        "version": now["version"],
        "rules": [{ "name": "x", "tags": many, "refuse": "no" }],
    });
    assert!([400, 422].contains(&refused(put(&gateway, &root, &body)).await.0));
    let mut page = Browser::new(&gateway, "en");
    page.open("/login").await;
    page.send("/login", &[("name", "root"), ("password", "correct horse")]).await;
    page.open("/routes").await.shows("invoices");
}

#[tokio::test]
async fn rules_are_set_as_a_whole_and_taken_back() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    gateway.user("budi", false).await;
    let (_, none) = answer(gateway.get(&root, "/routes")).await;
    assert_eq!((&none["version"], &none["rules"]), (&json!(0), &json!([])));
    let rule = json!({
        "name": "office", "prefixes": ["+62 812", "0812"], "accounts": ["Budi"],
        "priorities": ["normal", "bulk"], "keywords": ["Promo"],
        "hours": { "zone": "Asia/Jakarta", "from": "8:00", "until": "17:00", "days": ["mon"] },
        "targets": [{ "pool": "vip" }, { "pool": "default" }],
    });
    let one = set(&gateway, &root, json!([rule])).await;
    assert_eq!(one["version"], 1);
    let shown = &one["rules"][0];
    assert_eq!(shown["prefixes"], json!(["+62812", "0812"]));
    assert_eq!((&shown["accounts"], &shown["keywords"]), (&json!(["budi"]), &json!(["promo"])));
    assert_eq!(shown["hours"]["from"], "08:00");
    let warnings: Vec<&str> = one["warnings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["text"].as_str().unwrap())
        .collect();
    assert_eq!(warnings[0], "No SIM is in the pool vip.");

    // Who has an older version in hand is told.
    let (status, problem) =
        answer(put(&gateway, &root, &json!({ "version": 0, "rules": [] }))).await;
    assert_eq!((status.as_u16(), &problem["code"]), (409, &json!("routes-changed")));
    assert_eq!(problem["version"], 1);
    // What is shown can be given back.
    let again = set(&gateway, &root, one["rules"].clone()).await;
    assert_eq!((&again["rules"], &again["version"]), (&one["rules"], &json!(2)));
    set(&gateway, &root, json!([])).await;

    let (_, versions) = answer(gateway.get(&root, "/routes/versions")).await;
    let numbers: Vec<_> = versions["versions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["version"].as_i64().unwrap(), one["rules"].as_u64().unwrap()))
        .collect();
    assert_eq!(numbers, [(3, 0), (2, 1), (1, 1)]);
    assert_eq!(versions["versions"][0]["by"], "root");
    let (_, second) = answer(gateway.get(&root, "/routes/versions/2")).await;
    assert_eq!(second["rules"], one["rules"]);
    for absent in ["9", "0", "x"] {
        let path = format!("/routes/versions/{absent}");
        assert_eq!(refused(gateway.get(&root, &path)).await.0, 404, "{absent}");
    }
    let (_, back) = answer(gateway.post(&root, "/routes/restore", &json!({}))).await;
    assert_eq!((&back["rules"], &back["version"]), (&one["rules"], &json!(4)));
    let restore = json!({ "version": 3, "now": 3 });
    assert_eq!(refused(gateway.post(&root, "/routes/restore", &restore)).await.0, 409);
    let (_, none) = answer(gateway.post(&root, "/routes/restore", &json!({ "version": 3 }))).await;
    assert_eq!(none["rules"], json!([]));
}

#[tokio::test]
async fn what_is_wrong_is_refused_with_its_place_and_a_remedy() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let refuse = |rules: Value| {
        let body = json!({ "version": 0, "rules": rules });
        let request = put(&gateway, &root, &body);
        async move { answer(request).await }
    };
    let twice = json!([{ "name": "x", "refuse": "a" }, { "name": "x", "refuse": "b" }]);
    let (status, problem) = refuse(twice).await;
    assert_eq!((status.as_u16(), &problem["code"]), (422, &json!("routes-invalid")));
    let finding = &problem["findings"][0];
    assert_eq!(
        (&finding["place"], &finding["text"]),
        (&json!("rule 2 'x'"), &json!("Rule 1 has the same name."))
    );
    assert!(finding["remedy"].as_str().unwrap().contains("another name"));
    assert!(problem["detail"].as_str().unwrap().contains("rule 2 'x'"), "{problem}");
    for (rule, status, words) in [
        (
            json!({ "name": "x", "prefixes": ["bank"], "refuse": "n" }),
            422,
            "'bank' is nothing that a number",
        ),
        (
            json!({ "name": "x", "accounts": ["nobody"], "refuse": "n" }),
            422,
            "no user named 'nobody'",
        ),
        (json!({ "name": "x", "targets": [{}] }), 422, "either a pool or a SIM"),
        (
            json!({ "name": "x", "hours": { "zone": "UTC", "from": "25:00" }, "refuse": "n" }),
            422,
            "no time of day",
        ),
        (
            json!({ "name": "x", "hours": { "zone": "Mars" }, "refuse": "n" }),
            422,
            "no time zone 'Mars'",
        ),
        (json!({ "name": "x" }), 422, "neither chooses a way nor refuses"),
        (json!({ "name": "x".repeat(65), "refuse": "n" }), 400, "at most 64"),
        (json!({ "name": "x", "when": {} }), 400, "no field 'rules.when'"),
        (json!({ "name": "x", "days": ["mon"], "refuse": "n" }), 400, "rules.days"),
    ] {
        let (found, problem) = refuse(json!([rule])).await;
        assert_eq!(found, status, "{problem}");
        assert!(problem["detail"].as_str().unwrap().contains(words), "{words}: {problem}");
    }
    let many: Vec<Value> =
        (0..1_001).map(|n| json!({ "name": n.to_string(), "refuse": "n" })).collect();
    assert_eq!(refuse(json!(many)).await.0, 400);
    // Large, each as it may be, and too large together.
    let accounts: Vec<String> =
        (0..100).map(|n| contracts::UserId::derived(&n.to_string()).to_string()).collect();
    let large: Vec<Value> = (0..150)
        .map(|n| json!({ "name": n.to_string(), "accounts": accounts, "refuse": "n" }))
        .collect();
    let (status, problem) = refuse(json!(large)).await;
    assert_eq!(status, 422, "{problem}");
    assert!(problem["detail"].as_str().unwrap().contains("512 KiB"), "{problem}");
    let (_, now) = answer(gateway.get(&root, "/routes")).await;
    assert_eq!(now["version"], 0, "nothing was done");
}

#[tokio::test]
async fn it_is_said_which_way_a_message_would_go_and_why() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    gateway.user("budi", false).await;
    let budi = gateway.id_of("budi").await;
    let nobody = tried(&gateway, &root, json!({ "to": "+62812345678" })).await;
    assert_eq!(nobody["target"], json!({ "pool": "default" }));
    assert!(nobody["summary"].as_str().unwrap().contains("no modem of it is online"), "{nobody}");
    gateway.modem("modem1", "+62811000001").await;
    testkit::wait_for("the modem to be known", || async {
        let tested = tried(&gateway, &root, json!({ "to": "+62812345678" })).await;
        (tested["modems"] == json!(["modem1"])).then_some(())
    })
    .await;
    let none = tried(&gateway, &root, json!({ "to": "+62812345678" })).await;
    assert_eq!(none["summary"], "No rule matches: pool default, modem modem1 is online.");
    assert_eq!((&none["passed"], none.get("rule")), (&json!([]), None));

    let sim = SimId::derived("modem1");
    let rules = json!([
        { "name": "off", "enabled": false, "targets": [{ "pool": "vip" }] },
        { "name": "abroad", "prefixes": ["+1"], "refuse": "Not abroad." },
        { "name": "budi", "accounts": ["budi"], "keywords": ["promo"], "targets": [{ "pool": "vip" }, { "sim": sim }] },
    ]);
    set(&gateway, &root, rules).await;
    let by = tried(
        &gateway,
        &root,
        json!({ "to": "0812345678", "account": "budi", "text": "Promo baru" }),
    )
    .await;
    assert_eq!((&by["rule"], &by["target"]), (&json!("budi"), &json!({ "sim": sim })));
    assert_eq!(by["summary"], "Rule 'budi' takes it: SIM +62811000001, modem modem1 is online.");
    let passed: Vec<_> =
        by["passed"].as_array().unwrap().iter().map(|one| one["rule"].as_str().unwrap()).collect();
    assert_eq!(passed, ["off", "abroad"]);
    let other =
        tried(&gateway, &root, json!({ "to": "0812345678", "account": budi, "text": "Halo" }))
            .await;
    assert_eq!(other["passed"][2]["why"], "the text begins with none of its words");
    assert_eq!(other.get("rule"), None);
    let abroad = tried(&gateway, &root, json!({ "to": "+15551234567", "pool": "vip" })).await;
    assert_eq!(
        (&abroad["refused"]["code"], &abroad["refused"]["text"]),
        (&json!("rule-refused"), &json!("Not abroad."))
    );
    assert_eq!(abroad["summary"], "Refused by rule 'abroad': Not abroad.");

    // Who opted out, in whatever writing, an account that is disabled, and a SIM that is for others.
    let numbers = json!({ "numbers": ["0812345678"] });
    assert_eq!(answer(gateway.post(&root, "/optouts", &numbers)).await.0, 200);
    let out = tried(&gateway, &root, json!({ "to": "+62812345678" })).await;
    assert_eq!(out["refused"]["code"], "opted-out");
    let patch = |path: String, body: Value| {
        gateway.http.patch(format!("{}/api/v1{path}", gateway.url)).bearer_auth(&root).json(&body)
    };
    assert_eq!(answer(patch(format!("/sims/{sim}"), json!({ "senders": ["root"] }))).await.0, 200);
    let test = json!({ "to": "+62899", "account": "budi", "sim": sim });
    testkit::wait_for("the portal to know of the wall", || async {
        let walled = tried(&gateway, &root, test.clone()).await;
        (walled["refused"]["code"] == "sim-not-allowed").then_some(())
    })
    .await;
    let (status, _) =
        answer(gateway.post(&root, &format!("/users/{budi}/disable"), &json!({}))).await;
    assert!(status.is_success());
    let disabled = tried(&gateway, &root, json!({ "to": "+62899", "account": "budi" })).await;
    assert_eq!(disabled["refused"]["code"], "account-disabled");
    for (test, status) in [
        (json!({ "to": "nobody" }), 422),
        (json!({ "to": "+62899", "account": "nobody" }), 422),
        (json!({ "text": "x" }), 400),
    ] {
        assert_eq!(refused(gateway.post(&root, "/routes/test", &test)).await.0, status, "{test}");
    }
}

#[tokio::test]
async fn a_sim_is_put_into_a_pool_whose_strategy_chooses_it() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let modem = gateway.modem("modem1", "+62811000001").await;
    let sim = modem.sim.expect("a SIM").id;
    let path = format!("{}/api/v1/sims/{sim}", gateway.url);
    let patch =
        |pool: &str| gateway.http.patch(&path).bearer_auth(&root).json(&json!({ "pool": pool }));
    let (status, changed) = answer(patch("vip")).await;
    assert_eq!((status.as_u16(), &changed["pool"]), (200, &json!("vip")), "{changed}");
    assert_eq!(refused(patch("No Pool")).await.0, 400);
    let (_, routes) = answer(gateway.get(&root, "/routes")).await;
    assert_eq!(routes["members"][0]["pool"], "vip");
    assert_eq!(routes["members"][0]["sim"], json!(sim));
    let pools = json!([{ "name": "default", "strategy": "sticky" }]);
    let body = json!({ "version": 0, "rules": [], "pools": pools });
    assert_eq!(answer(put(&gateway, &root, &body)).await.0, 200);
    // The modem still sends for the default pool: nobody runs it here.
    testkit::wait_for("the strategy to choose it", || async {
        let tested = tried(&gateway, &root, json!({ "to": "+62812345678" })).await;
        (tested["strategy"] == "sticky").then_some(tested)
    })
    .await;
    let unknown = json!([{ "name": "default", "strategy": "by_weather" }]);
    let body = json!({ "version": 1, "rules": [], "pools": unknown });
    assert_eq!(refused(put(&gateway, &root, &body)).await.0, 400);
}

#[tokio::test]
async fn rules_are_made_moved_tried_and_taken_back_on_the_page() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    gateway.user("budi", false).await;
    gateway.modem("modem1", "+62811000001").await;
    let mut browser = Browser::new(&gateway, "en");
    browser.open("/login").await;
    browser.send("/login", &[("name", "root"), ("password", "correct horse")]).await;
    browser.open("/modems").await.shows("/routes");
    browser.open("/routes").await.shows("There are no rules");
    let add = [
        ("version", "0"),
        ("name", "<b>codes"),
        ("enabled", "yes"),
        ("prefixes", "+62 ,, 0812"),
        ("priority", "otp"),
        ("way", "pool:default"),
        ("way", ""),
    ];
    browser.send("/routes", &add).await;
    assert_eq!(browser.at, "/routes", "{}", browser.status);
    browser.shows("The rule is asked from now on.");
    browser.shows("&#60;b&#62;codes");
    let second = [("version", "1"), ("name", "rest"), ("enabled", "yes"), ("refuse", "Closed.")];
    browser.send("/routes", &second).await.shows("refused: Closed.");
    // What is wrong is said, and what was written is kept.
    let wrong = [("version", "2"), ("name", "rest"), ("enabled", "yes"), ("keywords", "promo")];
    browser.send("/routes", &wrong).await;
    assert_eq!(browser.status, 422);
    browser.shows("Rule 2 has the same name; choose another.");
    browser.shows("Choose a pool or a SIM, or say why it refuses.");
    browser.shows("value=\"promo\"");
    browser.send("/routes/2/up", &[("version", "2")]).await.shows("another place");
    browser.shows("It never takes anything: rule 1 (rest)");
    browser.send("/routes/2/up", &[("version", "2")]).await.shows("changed the rules meanwhile");
    let test = [("tried-to", "+62812345678"), ("tried-priority", "otp")];
    browser.send("/routes/test", &test).await.shows("The rule rest refuses it: Closed.");
    browser.open("/routes/1").await.shows("value=\"Closed.\"");
    let off = [("version", "3"), ("name", "rest"), ("refuse", "Closed.")];
    browser.send("/routes/1/change", &off).await.shows("It is saved");
    browser.send("/routes/test", &test).await.shows("pool default. Online now: modem1.");
    browser.shows("rest: it is switched off.");
    let pool = [("version", "4"), ("pool", "default"), ("strategy", "round_robin")];
    browser.send("/routes/pools", &pool).await.shows("It is saved");
    let (_, now) = answer(gateway.get(&root, "/routes")).await;
    assert_eq!(now["pools"], json!([{ "name": "default", "strategy": "round_robin" }]));
    browser.send("/routes/1/remove", &[("version", "5")]).await.shows("The rule is removed.");
    browser
        .send("/routes/undo", &[("version", "6"), ("to-version", "2")])
        .await
        .shows("as they were");
    let (_, now) = answer(gateway.get(&root, "/routes")).await;
    let names: Vec<_> = now["rules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| rule["name"].as_str().unwrap())
        .collect();
    assert_eq!((names, &now["pools"]), (vec!["<b>codes", "rest"], &json!([])));
    for nowhere in ["/routes/3", "/routes/0", "/routes/x"] {
        browser.open(nowhere).await;
        assert_eq!(browser.status, 404, "{nowhere}");
    }
    let mut other = Browser::new(&gateway, "id");
    other.open("/login").await;
    other.send("/login", &[("name", "budi"), ("password", "correct horse")]).await;
    other.open("/routes").await;
    assert_eq!(other.status, 403);
}
