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
        (
            with(json!({ "reply": "Dari {form}" })),
            400,
            "malformed",
            "The text cannot be used: there is no field {form}; did you mean {from}?",
        ),
        (with(json!({ "match": "x" })), 400, "malformed", "Say one of keyword and match"),
        (with(json!({ "keyword": "" })), 400, "malformed", "Say one of keyword and match"),
        (
            with(json!({ "keyword": "", "match": "ab(c" })),
            400,
            "malformed",
            "The expression cannot be used: unclosed group (character 3).",
        ),
        (with(json!({ "from": "a b" })), 400, "malformed", "Senders begin with 1 to 20"),
        (with(json!({ "when": "noon" })), 400, "malformed", "The times cannot be used: 'noon'"),
        (with(json!({ "place": 0 })), 400, "malformed", "The field 'place'"),
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

#[tokio::test]
async fn an_expression_takes_the_place_of_a_keyword_and_what_is_taken_twice_is_named() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let budi = gateway.user("budi", false).await;
    let modem = gateway.modem("modem1", "+62811000001").await;
    let sim = modem.sim.expect("a SIM").id.to_string();
    let add = async |key: &str, new: Value| {
        let (status, made) = answer(gateway.post(key, "/services", &new)).await;
        assert_eq!(status, 201, "{made}");
        made
    };
    add(&root, json!({ "name": "rest", "keyword": "default", "reply": "Apa?" })).await;
    let late = add(&root, json!({ "name": "late", "match": "[0-9]+", "reply": "{rest}" })).await;
    assert_eq!(
        (&late["match"], &late["place"], &late["keyword"]),
        (&json!("[0-9]+"), &json!(100), &json!(""))
    );
    let first = json!({ "name": "first", "match": "^pesan", "place": 5, "sim": sim, "from": "+62 8",
        "when": "mon-sun UTC", "reply": "{from}: {word1}" });
    let first = add(&root, first).await;
    assert_eq!((&first["sim"], &first["from"]), (&json!(sim), &json!("+628")));
    add(&root, json!({ "name": "info", "keyword": "info", "reply": "9" })).await;
    let (_, all) = answer(gateway.get(&root, "/services")).await;
    let names: Vec<_> =
        all["services"].as_array().expect("services").iter().map(|one| &one["name"]).collect();
    assert_eq!(names, ["info", "first", "late", "rest"]);

    let test = async |from: &str, text: &str| {
        let test = json!({ "from": from, "text": text, "sim": sim });
        let (_, tested) = answer(gateway.post(&root, "/services/test", &test)).await;
        (tested["service"]["name"].clone(), tested["reply"].clone())
    };
    let said = |name: &str, reply: &str| (json!(name), json!(reply));
    assert_eq!(test("+628123456789", "PESAN 2").await, said("first", "+628123456789: 2"));
    assert_eq!(test("+447700900123", "pesan 2").await, said("late", "2"));
    assert_eq!(test("+628123456789", "info 2").await, said("info", "9"));
    assert_eq!(test("+628123456789", "halo").await, said("rest", "Apa?"));

    let twin = add(&root, json!({ "name": "twin", "match": "[0-9]+", "reply": "x" })).await;
    assert_eq!(twin["conflicts"][0]["name"], "late");
    let own = add(&budi, json!({ "name": "own", "keyword": "INFO", "reply": "x" })).await;
    assert_eq!(own.get("conflicts"), None, "of what is another's, nothing is said");
    let (_, shown) = answer(gateway.get(&root, "/services/own")).await;
    let words = shown["conflicts"][0]["words"].as_str().expect("words");
    assert!(words.starts_with("The service 'info' has the keyword 'info' too"), "{words}");

    let (status, changed) = patch(&gateway, &root, "twin", &json!({ "keyword": "kembar" })).await;
    assert_eq!(
        (status.as_u16(), changed.get("match"), changed.get("conflicts")),
        (200, None, None)
    );
    let (_, changed) =
        patch(&gateway, &root, "info", &json!({ "match": "^info$", "place": 1 })).await;
    assert_eq!((&changed["keyword"], &changed["place"]), (&json!(""), &json!(1)));
    let (_, changed) =
        patch(&gateway, &root, "first", &json!({ "sim": "", "from": "", "when": "" })).await;
    assert_eq!((changed.get("sim"), changed.get("from"), changed.get("when")), (None, None, None));
    assert_eq!(changed["match"], "^pesan");
    assert_eq!(patch(&gateway, &root, "first", &json!({ "sim": "sim_1" })).await.0, 400);
}

#[tokio::test]
async fn a_service_sends_on_and_keeps_groups() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let budi = gateway.user("budi", false).await;
    gateway.modem("modem1", "+62811000001").await;
    let (_, group) = answer(gateway.post(&root, "/groups", &json!({ "name": "Warga" }))).await;
    let refused = async |key: &str, new: Value, words: &str| {
        let mut whole = json!({ "name": "x", "keyword": "x" });
        whole.as_object_mut().expect("fields").extend(new.as_object().expect("fields").clone());
        let (status, problem) = answer(gateway.post(key, "/services", &whole)).await;
        assert_eq!(status, 400, "{problem}");
        let detail = problem["detail"].as_str().expect("words");
        assert!(detail.starts_with(words), "{detail}");
    };
    let to = |numbers: &[&str]| json!({ "forward_to": numbers });
    refused(&root, to(&["888"]), "'888' is no number of a phone").await;
    refused(&root, to(&["0811-000-001"]), "'0811000001' is one of this gateway's own SIMs").await;
    refused(&root, to(&[]), "Say one of get_url").await;
    refused(&root, json!({ "forward_text": "x" }), "A text is sent on to 1 to 10 numbers").await;
    refused(&root, json!({ "subscribe": "nowhere" }), "There is no group 'nowhere'").await;
    // The group is another account's.
    refused(&budi, json!({ "subscribe": "warga" }), "There is no group 'warga'").await;
    // Nor does an administrator mean it by its name; its id says so.
    let (_, private) = answer(gateway.post(&budi, "/groups", &json!({ "name": "Tim" }))).await;
    refused(&root, json!({ "to_group": "tim", "pin": "481516" }), "There is no group 'tim'").await;
    let by_id = json!({ "name": "tim", "keyword": "tim", "subscribe": private["id"] });
    let (status, made) = answer(gateway.post(&root, "/services", &by_id)).await;
    assert_eq!((status.as_u16(), &made["subscribe"]), (201, &private["id"]), "{made}");
    let both = json!({ "subscribe": "warga", "unsubscribe": "warga" });
    refused(&root, both, "Say one of get_url").await;
    let text = json!({ "forward_to": ["+628123456789"], "forward_text": "{txt}" });
    refused(&root, text, "The text cannot be used: there is no field {txt}").await;

    let add = async |new: Value| {
        let (status, made) = answer(gateway.post(&root, "/services", &new)).await;
        assert_eq!(status, 201, "{made}");
        made
    };
    let made =
        add(json!({ "name": "on", "keyword": "lapor", "forward_to": ["+62 8123456789"] })).await;
    assert_eq!(
        (&made["forward_to"], &made["forward_text"], &made["max_messages"]),
        (&json!(["+628123456789"]), &json!("From {from}: {text}"), &json!(4))
    );
    let made =
        add(json!({ "name": "in", "keyword": "ikut", "subscribe": "WARGA", "reply": "Ya." })).await;
    assert_eq!((&made["subscribe"], &made["reply"]), (&group["id"], &json!("Ya.")));
    add(json!({ "name": "out", "keyword": "keluar", "unsubscribe": group["id"] })).await;

    let test = async |from: &str, text: &str| {
        let test = json!({ "from": from, "text": text });
        answer(gateway.post(&root, "/services/test", &test)).await.1
    };
    let tested = test("BANK", "lapor banjir").await;
    assert_eq!(
        (&tested["forward_to"], &tested["forward_text"]),
        (&json!(["+628123456789"]), &json!("From BANK: lapor banjir"))
    );
    assert_eq!(
        tested["summary"],
        "The service 'on' takes this message. It sends its text on. Nothing is sent back."
    );
    let tested = test("08123456789", "lapor banjir").await;
    assert_eq!(tested.get("forward_to"), None, "{tested}");
    assert!(tested["no_reply"].as_str().expect("words").starts_with("each number"), "{tested}");
    let tested = test("+628123456780", "ikut").await;
    assert_eq!((&tested["subscribe"], &tested["reply"]), (&group["id"], &json!("Ya.")));
    let tested = test("BANK", "ikut").await;
    assert_eq!((tested.get("subscribe"), tested.get("reply")), (None, None));
    let tested = test("+628123456780", "keluar").await;
    assert_eq!((&tested["unsubscribe"], tested.get("no_reply")), (&group["id"], None));
    let (_, contacts) = answer(gateway.get(&root, "/contacts")).await;
    assert_eq!(contacts["contacts"], json!([]), "nothing was done");

    // Another deed takes the place of what it did.
    let (_, changed) = patch(&gateway, &root, "in", &json!({ "forward_to": ["+628999999"] })).await;
    assert_eq!((changed.get("subscribe"), changed.get("reply")), (None, None));
    assert_eq!(changed["forward_to"], json!(["+628999999"]));
    let scopes = json!({ "scopes": ["services:write", "inbox:read"] });
    let (_, narrow) = answer(gateway.post(&root, "/keys", &scopes)).await;
    let narrow = narrow["key"].as_str().expect("a key");
    for (new, lacks) in [
        (
            json!({ "name": "y", "keyword": "y", "forward_to": ["+628999999"], "max_messages": 0 }),
            "messages:send",
        ),
        (json!({ "name": "y", "keyword": "y", "unsubscribe": "warga" }), "contacts:write"),
    ] {
        let (status, problem) = answer(gateway.post(narrow, "/services", &new)).await;
        assert_eq!(status, 403, "{problem}");
        assert!(problem["detail"].as_str().expect("words").contains(lacks), "{problem}");
    }
}

#[tokio::test]
async fn a_service_counts_votes() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    gateway.modem("modem1", "+62811000001").await;
    let poll = json!({ "name": "pilih", "keyword": "pilih", "vote": ["Ya", "tidak", "YA"], "reply": "{word1}!" });
    let (status, made) = answer(gateway.post(&root, "/services", &poll)).await;
    assert_eq!(status, 201, "{made}");
    assert_eq!((&made["vote"], &made["reply"]), (&json!(["ya", "tidak"]), &json!("{word1}!")));
    let one = json!({ "name": "x", "keyword": "x", "vote": ["ya"] });
    let (status, problem) = answer(gateway.post(&root, "/services", &one)).await;
    assert_eq!(status, 400, "{problem}");
    assert!(
        problem["detail"].as_str().expect("words").starts_with("Senders vote for 2 to 20"),
        "{problem}"
    );
    let test = async |text: &str| {
        let test = json!({ "from": "+628123456789", "text": text });
        answer(gateway.post(&root, "/services/test", &test)).await.1
    };
    let tested = test("PILIH Tidak").await;
    assert_eq!((&tested["vote"], &tested["reply"]), (&json!("tidak"), &json!("Tidak!")));
    let tested = test("pilih mungkin").await;
    assert_eq!((tested.get("vote"), tested.get("reply")), (None, None));
    assert!(tested["no_reply"].as_str().expect("words").contains("none of the options"));
    let (_, shown) = answer(gateway.get(&root, "/services/pilih")).await;
    let none = json!([{ "option": "ya", "votes": 0 }, { "option": "tidak", "votes": 0 }]);
    assert_eq!(shown["votes"], none, "nothing was counted");
}

#[tokio::test]
async fn a_program_that_the_configuration_does_not_name_is_refused() {
    let gateway = Gateway::start().await;
    for (line, words) in [
        ("/bin/echo {text}", "'/bin/echo' is not among services.programs"),
        ("echo", "The command line cannot be used: it does not begin with the whole path"),
        ("/bin/echo {txt}", "The command line cannot be used: there is no field {txt}"),
    ] {
        let new = json!({ "name": "x", "keyword": "x", "exec": line });
        let (status, problem) =
            crate::socket::call(&gateway, "POST", "/api/v1/services", &new).await;
        assert_eq!(status, 400, "{problem}");
        let detail = problem["detail"].as_str().expect("words");
        assert!(detail.contains(words), "{detail}");
    }
    let budi = gateway.user("budi", false).await;
    let new = json!({ "name": "x", "keyword": "x", "exec": "/bin/echo" });
    let (status, problem) = answer(gateway.post(&budi, "/services", &new)).await;
    assert_eq!(status, 403, "{problem}");
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
    for (language, none, bad_keyword, bad_match, added, takes, nobody, changed, removed) in [
        (
            "en",
            "There are no keyword services yet.",
            "A keyword is one word of 1 to 64 characters.",
            "a parenthesis is opened and not closed, at character 8.",
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
            "ada kurung yang dibuka dan tidak ditutup, pada karakter ke-8.",
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
        let expression = [
            ("name", "pesan"),
            ("match", "^pesan ("),
            ("place", "7"),
            ("sender", "+628"),
            ("when", "mon-sun UTC"),
            ("action", "reply"),
            ("argument", "{word1}"),
            ("parts", "1"),
        ];
        browser.send("/services", &expression).await.shows(bad_match);
        assert_eq!(browser.status, 422);
        let mut good_one = expression;
        good_one[1].1 = "^pesan ";
        browser.send("/services", &good_one).await.shows(added);
        browser.shows("/^pesan/ (7) · +628… · mon-sun UTC");
        tried(&mut browser, "Pesan bakso").await.shows(takes);
        browser.shows("^pesan");
        browser.send("/services/pesan/remove", &[]).await.shows(removed);
        let poll = [
            ("name", "pilih"),
            ("keyword", "pilih"),
            ("action", "vote"),
            ("options", "Ya, tidak"),
            ("argument", "{word1}!"),
            ("parts", "1"),
        ];
        browser.send("/services", &poll).await.shows(added);
        browser.open("/services/pilih").await.shows("value=\"ya tidak\"");
        browser.shows("<bdi>ya</bdi>: 0");
        let numbers = [
            ("name", "lapor"),
            ("keyword", "lapor"),
            ("action", "forward"),
            ("numbers", "+62 812-3456-789, 08123456780"),
            ("argument", "{text}"),
            ("parts", "1"),
        ];
        browser.send("/services", &numbers).await.shows(added);
        browser.shows("{text} → +628123456789, 08123456780");
        for name in ["pilih", "lapor"] {
            browser.send(&format!("/services/{name}/remove"), &[]).await.shows(removed);
        }
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
