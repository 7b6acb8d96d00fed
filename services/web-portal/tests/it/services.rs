//! Keyword services by the API. Nobody calls them here.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::browser::{Browser, newcomer};
use crate::gateway::{Gateway, answer};

#[tokio::test]
async fn a_service_is_made_shown_and_removed() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let budi = gateway.user("budi", false).await;
    let new = json!({
        "name": "Jam Toko",
        "keyword": " INFO ",
        "aliases": ["Jam", "info"],
        "get_url": "http://127.0.0.1:1/?t=%a",
        "reply_with_body": true,
        "max_messages": 3,
    });
    let (status, made) = answer(gateway.post(&budi, "/services", &new)).await;
    assert_eq!(status, 201, "{made}");
    assert_eq!((&made["keyword"], &made["aliases"]), (&json!("info"), &json!(["jam"])));
    assert_eq!((&made["reply_with_body"], &made["max_messages"]), (&json!(true), &json!(3)));
    let path = format!("/services/{}", made["id"].as_str().expect("an id"));
    for key in [&budi, &root] {
        let (_, all) = answer(gateway.get(key, "/services")).await;
        assert_eq!(all["services"], json!([made]));
        let (status, shown) = answer(gateway.get(key, &path)).await;
        assert_eq!((status.as_u16(), &shown["calls"]), (200, &json!([])));
    }
    let delete = gateway.http.delete(format!("{}/api/v1{path}", gateway.url)).bearer_auth(&budi);
    assert_eq!(delete.send().await.expect("an answer").status(), 204);
    assert_eq!(answer(gateway.get(&budi, &path)).await.0, 404);
}

#[tokio::test]
async fn what_cannot_be_a_service_is_refused_in_words() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let good = json!({ "name": "a", "keyword": "a", "reply": "Halo" });
    assert_eq!(answer(gateway.post(&root, "/services", &good)).await.0, 201);
    let with = |changes: Value| {
        let mut new = json!({ "name": "b", "keyword": "b", "reply": "Halo" });
        let fields = changes.as_object().expect("fields").clone();
        new.as_object_mut().expect("fields").extend(fields);
        new
    };
    for (new, status, code, words) in [
        (with(json!({ "name": " b" })), 400, "malformed", "A name is 1 to 64 characters"),
        (with(json!({ "keyword": "two words" })), 400, "malformed", "A keyword is one word"),
        (with(json!({ "reply": " " })), 400, "malformed", "A reply is a text of 1 to"),
        (with(json!({ "get_url": "http://a.example/" })), 400, "malformed", "Say one of get_url,"),
        (with(json!({ "reply": null })), 400, "malformed", "Say one of get_url,"),
        (
            with(json!({ "reply": null, "get_url": "http://%k.example/" })),
            400,
            "malformed",
            "The URL cannot be used: an escape code stands in its host.",
        ),
        (with(json!({ "name": "A" })), 409, "name-taken", "There is a service 'A' already"),
        (with(json!({ "aliases": ["A"] })), 409, "keyword-taken", "Another service of the account"),
        (with(json!({ "max_messages": 21 })), 400, "malformed", "The field 'max_messages'"),
    ] {
        let (found, problem) = answer(gateway.post(&root, "/services", &new)).await;
        assert_eq!((found.as_u16(), &problem["code"]), (status, &json!(code)), "{new}: {problem}");
        let detail = problem["detail"].as_str().expect("words");
        assert!(detail.starts_with(words), "{detail}");
    }
}

/// What a service does for its account, its maker may do.
#[tokio::test]
async fn a_key_makes_no_service_that_may_more_than_it() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let key = async |scopes: &[&str]| {
        let (_, made) = answer(gateway.post(&root, "/keys", &json!({ "scopes": scopes }))).await;
        made["key"].as_str().expect("a key").to_owned()
    };
    let told = json!({ "name": "a", "keyword": "a", "get_url": "http://a.example/" });
    let mut replies = told.clone();
    replies["reply_with_body"] = true.into();
    replies["keyword"] = "b".into();
    replies["name"] = "b".into();
    for (scopes, new, lacks) in [
        (&["services:write"][..], &told, Some("inbox:read")),
        (&["services:write", "inbox:read"], &told, None),
        (&["services:write", "inbox:read"], &replies, Some("messages:send")),
        (&["services:write", "inbox:read", "messages:send"], &replies, None),
    ] {
        let (status, made) = answer(gateway.post(&key(scopes).await, "/services", new)).await;
        match lacks {
            Some(lacks) => {
                assert_eq!(status, 403, "{made}");
                assert!(made["detail"].as_str().expect("words").contains(lacks), "{made}");
            }
            None => assert_eq!(status, 201, "{made}"),
        }
    }
}

async fn patch(gateway: &Gateway, key: &str, name: &str, body: &Value) -> (StatusCode, Value) {
    let url = format!("{}/api/v1/services/{name}", gateway.url);
    answer(gateway.http.patch(url).bearer_auth(key).json(body)).await
}

#[tokio::test]
async fn a_service_is_changed_by_its_name_or_its_id() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let budi = gateway.user("budi", false).await;
    let new = json!({ "name": "Jam Toko", "keyword": "jam", "aliases": ["buka"], "reply": "9" });
    let (_, made) = answer(gateway.post(&budi, "/services", &new)).await;
    let id = made["id"].as_str().expect("an id").to_owned();
    let other = json!({ "name": "harga", "keyword": "harga", "reply": "9" });
    answer(gateway.post(&budi, "/services", &other)).await;

    let (status, same) = patch(&gateway, &budi, &id, &json!({})).await;
    assert_eq!((status.as_u16(), &same), (200, &made));
    let changes =
        json!({ "keyword": "INFO", "get_url": "http://a.example/?%a", "reply_with_body": true });
    // An administrator changes what is somebody else's, which stays theirs.
    let (status, changed) = patch(&gateway, &root, "JAM%20toko", &changes).await;
    assert_eq!(status, 200, "{changed}");
    assert_eq!((&changed["keyword"], &changed["aliases"]), (&json!("info"), &json!(["buka"])));
    assert_eq!(changed["get_url"], "http://a.example/?%a");
    assert_eq!((changed.get("reply"), &changed["owner"]), (None, &made["owner"]));
    let (_, shown) = answer(gateway.get(&budi, "/services/jam%20toko")).await;
    assert_eq!((&shown["id"], &shown["keyword"]), (&made["id"], &json!("info")));
    let (_, changed) =
        patch(&gateway, &budi, &id, &json!({ "aliases": [], "name": "Info", "reply": "Tutup" }))
            .await;
    assert_eq!((changed.get("aliases"), &changed["reply"]), (None, &json!("Tutup")));

    for (changes, status, code, words) in [
        (json!({ "name": "HARGA" }), 409, "name-taken", "There is a service 'HARGA' already"),
        (json!({ "aliases": ["harga"] }), 409, "keyword-taken", "Another service of the account"),
        (json!({ "keyword": "two words" }), 400, "malformed", "A keyword is one word"),
        (json!({ "reply": " " }), 400, "malformed", "A reply is a text of 1 to"),
        (
            json!({ "reply": "x", "get_url": "http://a.example/" }),
            400,
            "malformed",
            "Say one of get_url,",
        ),
        (json!({ "max_messages": 21 }), 400, "malformed", "The field 'max_messages'"),
        (json!({ "owner": "usr_1" }), 400, "malformed", "There is no field 'owner'"),
    ] {
        let (found, problem) = patch(&gateway, &budi, "info", &changes).await;
        assert_eq!((found.as_u16(), &problem["code"]), (status, &json!(code)), "{changes}");
        let detail = problem["detail"].as_str().expect("words");
        assert!(detail.starts_with(words), "{detail}");
    }
    assert_eq!(patch(&gateway, &budi, &"x".repeat(500), &json!({})).await.0, 404);
    let siti = gateway.user("siti", false).await;
    assert_eq!(patch(&gateway, &siti, &id, &json!({ "name": "x" })).await.0, 404);
    let scopes = json!({ "scopes": ["services:write", "inbox:read"] });
    let (_, narrow) = answer(gateway.post(&budi, "/keys", &scopes)).await;
    let narrow = narrow["key"].as_str().expect("a key");
    let (status, problem) = patch(&gateway, narrow, &id, &json!({ "name": "x" })).await;
    assert_eq!((status.as_u16(), &problem["code"]), (403, &json!("scope-missing")), "it replies");
    let delete = gateway.http.delete(format!("{}/api/v1/services/INFO", gateway.url));
    assert_eq!(delete.bearer_auth(&budi).send().await.expect("an answer").status(), 204);
}

#[tokio::test]
async fn what_would_become_of_a_message_is_said_and_nothing_is_done() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let budi = gateway.user("budi", false).await;
    let modem = gateway.modem("modem1", "+62811000001").await;
    let sim = modem.sim.expect("a SIM").id.to_string();
    for new in [
        json!({ "name": "jam", "keyword": "jam", "aliases": ["buka"], "reply": "Buka jam 9." }),
        json!({ "name": "info", "keyword": "info", "get_url": "http://a.example/?a=%a&q=%q&p=%P",
            "reply_with_body": true, "max_messages": 2 }),
        json!({ "name": "sunyi", "keyword": "sunyi", "post_url": "http://a.example/", "max_messages": 0 }),
        json!({ "name": "panjang", "keyword": "panjang",
            "get_url": format!("http://a.example/?{}", "%b".repeat(900)) }),
    ] {
        assert_eq!(answer(gateway.post(&root, "/services", &new)).await.0, 201, "{new}");
    }
    let test = async |key: &str, from: &str, text: &str| {
        let (status, tested) =
            answer(gateway.post(key, "/services/test", &json!({ "from": from, "text": text })))
                .await;
        assert_eq!(status, 200, "{tested}");
        tested
    };
    let tested = test(&root, "+628123456789", "Buka?").await;
    assert_eq!(
        (&tested["summary"], &tested["word"]),
        (&json!("No service takes this message."), &json!("buka?"))
    );
    let tested = test(&root, "+628123456789", " BUKA kapan").await;
    assert_eq!(
        (&tested["service"]["name"], &tested["reply"]),
        (&json!("jam"), &json!("Buka jam 9."))
    );
    assert_eq!((&tested["sim"], tested.get("url")), (&json!(sim), None));
    assert_eq!(tested["summary"], "The service 'jam' takes this message. Its text is sent back.");
    let tested = test(&root, "08123456789", "info a&b").await;
    assert_eq!(tested["url"], "http://a.example/?a=info+a%26b&q=08123456789&p=%2B62811000001");
    assert_eq!(tested["reply_with_body"], true);
    let tested = test(&root, "+628123456789", "sunyi").await;
    assert_eq!((&tested["url"], tested.get("no_reply")), (&json!("http://a.example/"), None));
    let tested = test(&root, "+628123456789", &format!("panjang {}", "x".repeat(200))).await;
    assert!(tested["summary"].as_str().expect("words").contains("would be too long"), "{tested}");
    for (from, why) in [
        ("BANK", "the sender is a name"),
        ("888", "the sender is a short code"),
        ("0811000001", "the sender is one of this gateway's own SIMs"),
    ] {
        let tested = test(&root, from, "jam").await;
        assert!(tested["no_reply"].as_str().expect("words").starts_with(why), "{from}: {tested}");
        assert_eq!(tested.get("reply"), None);
    }
    // Of what is another account's, nothing is said.
    let tested = test(&budi, "+628123456789", "jam").await;
    assert_eq!((&tested["elsewhere"], tested.get("service")), (&json!(true), None));
    assert!(!tested.to_string().contains("Buka jam"), "{tested}");
    // A service whose account may not read what the SIM receives takes nothing.
    let own = json!({ "name": "budi", "keyword": "budi", "reply": "Halo" });
    answer(gateway.post(&budi, "/services", &own)).await;
    let tested = test(&budi, "+628123456789", "budi").await;
    assert_eq!(tested["summary"], "No service takes this message.");
    let long = json!({ "from": "+628123456789", "text": "x".repeat(10_001) });
    assert_eq!(answer(gateway.post(&root, "/services/test", &long)).await.0, 400);
    // Who asks to be sent nothing more is answered by no service, whatever its keyword.
    let stop = json!({ "name": "berhenti", "keyword": "stop", "reply": "Sampai jumpa." });
    assert_eq!(answer(gateway.post(&root, "/services", &stop)).await.0, 201);
    let tested = test(&root, "+628123456789", "Stop").await;
    let why = tested["no_reply"].as_str().expect("words");
    assert!(why.contains("asks to be sent nothing more"), "{tested}");
    assert_eq!(tested["reply"], Value::Null, "{tested}");
    let tested = test(&root, "+628123456789", "stop it").await;
    assert_eq!(tested["reply"], json!("Sampai jumpa."), "{tested}");
    let (_, shown) = answer(gateway.get(&root, "/services/jam")).await;
    assert_eq!(shown["calls"], json!([]), "nothing was called");
    let (_, sent) = answer(gateway.get(&root, "/messages")).await;
    assert_eq!(sent["messages"], json!([]), "nothing was sent");
}

#[tokio::test]
async fn a_service_is_made_tried_changed_and_removed_on_the_page() {
    for (language, none, bad_keyword, added, takes, nobody, changed, removed) in [
        (
            "en",
            "There are no keyword services yet.",
            "A keyword is one word of 1 to 64 characters.",
            "takes messages now.",
            "takes this message.",
            "No service takes this message.",
            "The service is changed.",
            "The service is removed.",
        ),
        (
            "id",
            "Belum ada layanan kata kunci.",
            "Kata kunci adalah satu kata dari 1 sampai 64 karakter.",
            "kini mengambil pesan.",
            "mengambil pesan ini.",
            "Tidak ada layanan yang mengambil pesan ini.",
            "Layanan diubah.",
            "Layanan dihapus.",
        ),
    ] {
        let gateway = Gateway::start().await;
        let mut browser = newcomer(&gateway, language).await;
        browser.open("/account").await.shows("href=\"/services\"");
        browser.open("/services").await.shows(none);
        let fields = [
            ("name", "<b>Jam"),
            ("keyword", "two words"),
            ("aliases", "buka, tutup"),
            ("action", "get-url"),
            ("argument", "http://user:rahasia@a.example/jam?t=%a&token=x"),
            ("with_body", "yes"),
            ("parts", "2"),
        ];
        browser.send("/services", &fields).await.shows(bad_keyword);
        assert_eq!(browser.status, 422);
        browser.shows("value=\"two words\"");
        let mut good = fields;
        good[1].1 = "JAM";
        browser.send("/services", &good).await.shows(added);
        browser.shows("jam buka tutup");
        browser.shows("http://a.example/jam");
        browser.hides("rahasia");
        browser.hides("<b>Jam");
        let second = [
            ("name", "lain"),
            ("keyword", "default"),
            ("action", "reply"),
            ("argument", "?"),
            ("parts", "1"),
        ];
        browser.send("/services", &second).await;
        let order = (browser.page.find("&#60;b&#62;Jam</bdi>"), browser.page.find("lain</bdi>"));
        assert!(order.0.is_some() && order.0 < order.1, "{order:?}");

        tried(&mut browser, "Buka &").await.shows(takes);
        browser.shows("http://user:rahasia@a.example/jam?t=Buka+%26&#38;token=x");
        browser.shows("value=\"Buka &#38;\"");
        tried(&mut browser, "apa").await.shows("lain");
        browser.open("/services").await;
        let link = browser.page.split("href=\"/services/svc_").nth(2).expect("a second link");
        let default = format!("/services/svc_{}", &link[..32]);
        browser.open(&default).await.shows("value=\"default\"");
        browser.send(&format!("{default}/remove"), &[]).await.shows(removed);
        assert_eq!(browser.open(&default).await.status, 404);
        browser.open("/services").await;
        tried(&mut browser, "apa").await.shows(nobody);

        browser.open("/services/%3Cb%3Ejam").await.shows("rahasia");
        let link = browser.page.split("action=\"/services/svc_").nth(1).expect("a form");
        let own = format!("/services/svc_{}", &link[..32]);
        let mut other = good;
        (other[3].1, other[4].1) = ("reply", "<i>Buka jam 9.");
        browser.send(&own, &other).await.shows(changed);
        assert_eq!(browser.at, own);
        browser.shows("&#60;i&#62;Buka jam 9.");
        other[6].1 = "21";
        assert_eq!(browser.send(&own, &other).await.status, 400);
    }
}

/// What the test box says of a text from a number.
async fn tried<'a, 'g>(browser: &'a mut Browser<'g>, text: &str) -> &'a mut Browser<'g> {
    browser.send("/services/test", &[("from", "+628123456789"), ("tried", text)]).await
}
