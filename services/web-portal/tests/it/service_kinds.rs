//! Keyword services that ask, keep and hand on, by the API and on pages. Nobody calls them here.

use contracts::mo::MoReceived;
use contracts::{Address, CallbackId, MessageId, ModemId, OrgId, ServiceId, SimId, Timestamp};
use reqwest::StatusCode;
use serde_json::{Value, json};
use store::{AfterCall, Keeping, NewAsking, NewEntry, NewServiceCall, ServiceDeed};

use crate::browser::newcomer;
use crate::gateway::{Gateway, answer};

async fn change(gateway: &Gateway, key: &str, name: &str, body: &Value) -> (StatusCode, Value) {
    let url = format!("{}/api/v1/services/{name}", gateway.url);
    answer(gateway.http.patch(url).bearer_auth(key).json(body)).await
}

/// Keeps what somebody wrote to a service.
async fn keep(gateway: &Gateway, service: &str, from: &str, body: &str) -> CallbackId {
    let service: ServiceId = service.parse().expect("an id");
    let message = received(from, &format!("x {body}"));
    let at = message.received_at;
    let entry = NewEntry {
        service,
        sender: message.from.clone(),
        question: 0,
        body: body.to_owned(),
        is_right: Some(body == "jakarta"),
        keeping: Keeping::All,
        at,
    };
    let new = NewServiceCall { service, message, next_at: at };
    let call = gateway.store.create_service_call(&new, at).await.expect("a call").expect("new");
    let deed = ServiceDeed::Keep(entry);
    gateway.store.settle_deed(call, &deed, &AfterCall::Done(None), at).await.expect("it is kept");
    call
}

/// A message that came.
fn received(from: &str, text: &str) -> MoReceived {
    MoReceived {
        id: MessageId::new(),
        org: OrgId::default_org(),
        owner: None,
        modem: ModemId::derived("m"),
        sim: SimId::derived("s"),
        to: None,
        from: Address::from_text(from),
        text: Some(text.to_owned()),
        data: None,
        class: None,
        ports: None,
        parts: 1,
        missing: Vec::new(),
        pdus: Vec::new(),
        smsc_at: None,
        received_at: Timestamp::now(),
        wish: None,
    }
}

#[tokio::test]
async fn each_kind_is_made_shown_and_tried() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    gateway.user("ani", false).await;
    let ani = gateway.id_of("ani").await.to_string();
    gateway.modem("modem1", "+62811000001").await;
    let number = json!({ "name": "Siti", "number": "+628777000001" });
    let (_, made) = answer(gateway.post(&root, "/contacts", &number)).await;
    let group = json!({ "name": "Warga" });
    let (_, group) = answer(gateway.post(&root, "/groups", &group)).await;
    let url = format!("{}/api/v1/contacts/{}", gateway.url, made["id"].as_str().expect("an id"));
    let groups = json!({ "groups": [group["id"]] });
    let (status, said) = answer(gateway.http.patch(url).bearer_auth(&root).json(&groups)).await;
    assert_eq!(status, 200, "{said}");
    for (keyword, does, shown) in [
        (
            "kuis",
            json!({ "quiz": ["Ibu kota? = Jakarta,DKI"], "reply": "Benar", "otherwise": "Salah" }),
            json!({ "quiz": ["Ibu kota? = Jakarta, DKI"], "reply": "Benar", "otherwise": "Salah", "once": true }),
        ),
        (
            "survei",
            json!({ "survey": ["Nama?", "Puas? = ya, tidak"], "leave": "KELUAR", "wait_minutes": 60 }),
            json!({ "survey": ["Nama?", "Puas? = ya, tidak"], "leave": "keluar", "wait_minutes": 60 }),
        ),
        (
            "info",
            json!({ "scenario": ["BUKA = Senin", "harga kue = 5000"], "reply": "Apa?" }),
            json!({ "scenario": ["buka = Senin", "harga kue = 5000"], "reply": "Apa?" }),
        ),
        ("papan", json!({ "board": "" }), json!({ "board": "", "shown": 20 })),
        ("rapat", json!({ "inbox": ["ANI"] }), json!({ "inbox": [ani] })),
        (
            "pv",
            json!({ "inbox_named": true, "otherwise": "Siapa?" }),
            json!({ "inbox_named": true, "otherwise": "Siapa?" }),
        ),
        (
            "bc",
            json!({ "to_group": "warga", "pin": "481516" }),
            json!({ "to_group": group["id"], "has_pin": true, "max_messages": 4 }),
        ),
        (
            "#warga",
            json!({ "to_group": "warga", "senders": ["+628123456789"] }),
            json!({ "to_group": group["id"], "senders": ["+628123456789"] }),
        ),
    ] {
        let mut new = json!({ "name": keyword, "keyword": keyword });
        new.as_object_mut().expect("an object").extend(does.as_object().expect("one").clone());
        let (status, made) = answer(gateway.post(&root, "/services", &new)).await;
        assert_eq!(status, 201, "{made}");
        for (field, value) in shown.as_object().expect("an object") {
            assert_eq!(&made[field], value, "{keyword}: {made}");
        }
        assert!(!made.to_string().contains("481516") && !made.to_string().contains("argon2"));
    }
    for (text, expected) in [
        ("KUIS dki", json!({ "question": 1, "right": true, "keeps": "dki", "reply": "Benar" })),
        ("kuis Bandung", json!({ "right": false, "reply": "Salah" })),
        ("survei", json!({ "reply": "Nama?" })),
        ("info BUKA", json!({ "reply": "Senin" })),
        ("info harga kue", json!({ "reply": "5000" })),
        ("info harga", json!({ "reply": "Apa?" })),
        ("papan banjir", json!({ "keeps": "banjir", "question": null })),
        ("rapat jam 9", json!({ "inbox": [ani] })),
        ("pv ani halo", json!({ "inbox": [ani], "reply": null })),
        ("pv siapa halo", json!({ "inbox": null, "reply": "Siapa?" })),
        ("bc 000000 halo", json!({ "to_group": group["id"], "reply": null })),
    ] {
        let test = json!({ "from": "+628123456789", "text": text });
        let (_, tested) = answer(gateway.post(&root, "/services/test", &test)).await;
        for (field, value) in expected.as_object().expect("an object") {
            assert_eq!(&tested[field], value, "{text}: {tested}");
        }
        assert!(!tested.to_string().contains("wrong PIN"), "whether a PIN is right is not said");
    }
    let test = json!({ "from": "+628123456789", "text": "#warga halo" });
    let (_, tested) = answer(gateway.post(&root, "/services/test", &test)).await;
    assert!(tested["reply"].as_str().expect("words").contains("to 1 contacts"), "{tested}");
    let test = json!({ "from": "+628999999999", "text": "#warga halo" });
    let (_, tested) = answer(gateway.post(&root, "/services/test", &test)).await;
    assert!(tested["no_reply"].as_str().expect("words").contains("none of those"), "{tested}");
    let (_, sent) = answer(gateway.get(&root, "/messages")).await;
    assert_eq!(sent["messages"], json!([]), "nothing was sent");
}

#[tokio::test]
async fn what_cannot_be_asked_kept_or_handed_on_is_refused_in_words() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let budi = gateway.user("budi", false).await;
    answer(gateway.post(&root, "/groups", &json!({ "name": "Warga" }))).await;
    for (does, words) in [
        (
            json!({ "quiz": ["Ibu kota?"] }),
            "'quiz' cannot be used: each question has a right answer",
        ),
        (json!({ "quiz": ["x = y"], "leave": "keluar" }), "'leave' goes with survey"),
        (json!({ "quiz": ["x = y"], "survey": ["x"] }), "Say one of get_url"),
        (
            json!({ "survey": ["Nama {nama}?"] }),
            "The text cannot be used: there is no field {nama}",
        ),
        (json!({ "survey": ["Nama?"], "leave": "dua kata" }), "A survey is left by one word"),
        (json!({ "scenario": ["buka"] }), "'scenario' cannot be used: a line is WORDS = ANSWER"),
        (json!({ "board": "../x" }), "The address of a board is 3 to 64"),
        (json!({ "reply": "x", "shown": 5 }), "'shown' goes with board"),
        (json!({ "inbox": ["siapa"] }), "There is no account 'siapa'"),
        (json!({ "inbox": ["budi"], "inbox_named": true }), "Say whose inbox gets the message"),
        (json!({ "to_group": "warga" }), "Say who may send to the group"),
        (json!({ "to_group": "warga", "pin": "1234" }), "Say who may send to the group"),
        (json!({ "to_group": "warga", "senders": ["888"] }), "'888' is no number of a phone"),
        (json!({ "to_group": "warga", "pin": "481516", "reply": "x" }), "'reply' goes with"),
        (json!({ "to_group": "nobody", "pin": "481516" }), "There is no group 'nobody'"),
    ] {
        let mut new = json!({ "name": "x", "keyword": "x" });
        new.as_object_mut().expect("an object").extend(does.as_object().expect("one").clone());
        let (status, problem) = answer(gateway.post(&root, "/services", &new)).await;
        assert_eq!(status, 400, "{problem}");
        let detail = problem["detail"].as_str().expect("words");
        assert!(detail.starts_with(words), "{detail}");
    }
    // Into the inboxes of others only an administrator puts something.
    for (does, expected) in [
        (json!({ "inbox": ["root"] }), 400),
        (json!({ "inbox_named": true }), 403),
        (json!({ "inbox": ["budi"] }), 201),
    ] {
        let mut new = json!({ "name": "x", "keyword": "x" });
        new.as_object_mut().expect("an object").extend(does.as_object().expect("one").clone());
        let (status, said) = answer(gateway.post(&budi, "/services", &new)).await;
        assert_eq!(status.as_u16(), expected, "{said}");
    }
    let one = json!({ "name": "satu", "keyword": "satu", "board": "warga" });
    assert_eq!(answer(gateway.post(&root, "/services", &one)).await.0, 201);
    let two = json!({ "name": "dua", "keyword": "dua", "board": "WARGA" });
    let (status, problem) = answer(gateway.post(&root, "/services", &two)).await;
    assert_eq!((status.as_u16(), &problem["code"]), (409, &json!("name-taken")), "{problem}");
}

#[tokio::test]
async fn a_text_alone_changes_what_is_sent_back_and_nothing_else() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    answer(gateway.post(&root, "/groups", &json!({ "name": "Warga" }))).await;
    for (name, does, kept) in [
        ("pilih", json!({ "vote": ["ya", "tidak"], "reply": "A" }), "vote"),
        ("ikut", json!({ "subscribe": "warga" }), "subscribe"),
        ("kuis", json!({ "quiz": ["x = y"], "reply": "A" }), "quiz"),
        ("papan", json!({ "board": "papan-1" }), "board"),
    ] {
        let mut new = json!({ "name": name, "keyword": name });
        new.as_object_mut().expect("an object").extend(does.as_object().expect("one").clone());
        let (status, made) = answer(gateway.post(&root, "/services", &new)).await;
        assert_eq!(status, 201, "{made}");
        let (status, changed) = change(&gateway, &root, name, &json!({ "reply": "B" })).await;
        assert_eq!((status.as_u16(), &changed["reply"]), (200, &json!("B")), "{changed}");
        assert_eq!(changed[kept], made[kept], "{changed}");
    }
    let new = json!({ "name": "bc", "keyword": "bc", "to_group": "warga", "pin": "481516" });
    answer(gateway.post(&root, "/services", &new)).await;
    let (status, problem) = change(&gateway, &root, "bc", &json!({ "reply": "B" })).await;
    assert_eq!(status, 400, "{problem}");
    // The PIN stays when nothing is said of it, and goes when something is.
    let (_, changed) = change(&gateway, &root, "bc", &json!({ "to_group": "warga" })).await;
    assert_eq!(changed["has_pin"], true, "{changed}");
    let by_code = json!({ "to_group": "warga", "pin": "", "senders": ["+628123456789"] });
    let (_, changed) = change(&gateway, &root, "bc", &by_code).await;
    assert_eq!((changed.get("has_pin"), &changed["senders"][0]), (None, &json!("+628123456789")));
    for by_pin in [json!({ "to_group": "warga", "pin": "481516" }), json!({ "pin": "234200" })] {
        let (status, changed) = change(&gateway, &root, "bc", &by_pin).await;
        assert_eq!(status, 200, "{changed}");
        let kept = (&changed["has_pin"], &changed["senders"]);
        assert_eq!(kept, (&json!(true), &json!(["+628123456789"])), "who may send stays");
    }
    let (_, changed) = change(&gateway, &root, "bc", &json!({ "senders": [] })).await;
    assert_eq!((&changed["has_pin"], changed.get("senders")), (&json!(true), None), "{changed}");
}

/// Whose survey a phone takes part in is known to those who see the survey.
#[tokio::test]
async fn who_is_asked_something_is_said_to_who_sees_the_service() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let budi = gateway.user("budi", false).await;
    let sim = gateway.modem("modem1", "+62811000001").await.sim.expect("a SIM").id;
    let new = json!({ "name": "survei", "keyword": "survei", "survey": ["Nama?"] });
    let (_, made) = answer(gateway.post(&root, "/services", &new)).await;
    let service: ServiceId = made["id"].as_str().expect("an id").parse().expect("an id");
    let at = Timestamp::now();
    let message = MoReceived { sim, ..received("+628123456789", "survei") };
    let call = NewServiceCall { service, message, next_at: at };
    let call = gateway.store.create_service_call(&call, at).await.expect("a call").expect("new");
    let asking = NewAsking {
        service,
        sim,
        sender: "+628123456789".parse().expect("a number"),
        code: None,
        body: None,
        expires_at: at.plus(std::time::Duration::from_hours(1)),
    };
    let deed = ServiceDeed::Ask(asking);
    gateway.store.settle_deed(call, &deed, &AfterCall::Done(None), at).await.expect("it asks");
    let test = json!({ "from": "+628123456789", "text": "Ani", "sim": sim });
    for (key, is_asking) in [(&root, true), (&budi, false)] {
        let (_, tested) = answer(gateway.post(key, "/services/test", &test)).await;
        let is_said = tested["is_asking"] == true;
        assert_eq!((is_said, tested["elsewhere"] == true), (is_asking, false), "{tested}");
    }
}

#[tokio::test]
async fn what_is_not_said_of_a_kind_stays_as_it_is() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    gateway.user("ani", false).await;
    let ani = gateway.id_of("ani").await.to_string();
    for (name, does, changes, expected) in [
        (
            "kuis",
            json!({ "quiz": ["x = y"], "once": false, "otherwise": "Salah", "reply": "Benar" }),
            vec![json!({ "quiz": ["a = b"] }), json!({ "otherwise": "Keliru" })],
            json!({ "quiz": ["a = b"], "once": false, "otherwise": "Keliru", "reply": "Benar" }),
        ),
        (
            "survei",
            json!({ "survey": ["Nama?"], "leave": "keluar", "wait_minutes": 60, "reply": "A" }),
            vec![json!({ "survey": ["Umur?"] }), json!({ "wait_minutes": 5, "reply": "B" })],
            json!({ "survey": ["Umur?"], "leave": "keluar", "wait_minutes": 5, "reply": "B" }),
        ),
        (
            "papan",
            json!({ "board": "papan-1", "shown": 5, "reply": "A" }),
            vec![json!({ "board": "papan-2" }), json!({ "shown": 7 })],
            json!({ "board": "papan-2", "shown": 7, "reply": "A" }),
        ),
        (
            "rapat",
            json!({ "inbox": ["ani"], "otherwise": "Siapa?", "reply": "A" }),
            vec![json!({ "otherwise": "Apa?" })],
            json!({ "inbox": [ani], "otherwise": "Apa?", "reply": "A" }),
        ),
        (
            "pilih",
            json!({ "vote": ["ya", "tidak"], "reply": "A" }),
            vec![json!({ "vote": ["ya", "tidak", "mungkin"] })],
            json!({ "vote": ["ya", "tidak", "mungkin"], "reply": "A" }),
        ),
    ] {
        let mut new = json!({ "name": name, "keyword": name });
        new.as_object_mut().expect("an object").extend(does.as_object().expect("one").clone());
        let (status, made) = answer(gateway.post(&root, "/services", &new)).await;
        assert_eq!(status, 201, "{made}");
        let mut changed = made;
        for said in changes {
            let status;
            (status, changed) = change(&gateway, &root, name, &said).await;
            assert_eq!(status, 200, "{said}: {changed}");
        }
        for (field, value) in expected.as_object().expect("an object") {
            assert_eq!(&changed[field], value, "{name}: {changed}");
        }
    }
    for (name, wrong) in [
        ("kuis", json!({ "shown": 5 })),
        ("papan", json!({ "pin": "481516" })),
        ("pilih", json!({ "otherwise": "x" })),
        ("survei", json!({ "quiz": ["x = y"], "leave": "keluar" })),
    ] {
        let (status, problem) = change(&gateway, &root, name, &wrong).await;
        assert_eq!(status, 400, "{wrong}: {problem}");
        assert!(problem["detail"].as_str().expect("words").contains("goes with"), "{problem}");
    }
}

#[tokio::test]
async fn what_a_service_keeps_is_listed_hidden_and_forgotten() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let budi = gateway.user("budi", false).await;
    let new = json!({ "name": "kuis", "keyword": "kuis", "quiz": ["Ibu kota? = Jakarta"] });
    let (_, made) = answer(gateway.post(&root, "/services", &new)).await;
    let service = made["id"].as_str().expect("an id");
    keep(&gateway, service, "+628123456789", "bandung").await;
    let last = keep(&gateway, service, "+628123456780", "jakarta").await.to_string();
    let (status, page) = answer(gateway.get(&root, "/services/kuis/entries?limit=1")).await;
    assert_eq!(status, 200, "{page}");
    let entry = &page["entries"][0];
    assert_eq!((&entry["id"], &entry["right"]), (&json!(last), &json!(true)), "{page}");
    assert_eq!((&entry["question"], &entry["text"]), (&json!(1), &json!("jakarta")));
    let next = page["next"].as_str().expect("another page");
    let path = format!("/services/kuis/entries?after={next}");
    let (_, page) = answer(gateway.get(&root, &path)).await;
    assert_eq!((&page["entries"][0]["text"], page.get("next")), (&json!("bandung"), None));
    let table = gateway.get(&root, "/services/kuis/entries").header("accept", "text/csv");
    let table = table.send().await.expect("an answer").text().await.expect("a text");
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), 3, "{table}");
    assert!(
        lines[1].contains("\"'+628123456780\",\"1\",\"Ibu kota?\",\"jakarta\",\"true\""),
        "{table}"
    );
    let (_, shown) = answer(gateway.get(&root, "/services/kuis")).await;
    assert_eq!(shown["kept"], json!([{ "question": 1, "kept": 2, "right": 1 }]));

    let entry = format!("{}/api/v1/services/kuis/entries/{last}", gateway.url);
    let hide = async |key: &str, body: Value| {
        answer(gateway.http.patch(&entry).bearer_auth(key).json(&body)).await.0.as_u16()
    };
    assert_eq!(hide(&budi, json!({})).await, 404);
    assert_eq!(hide(&root, json!({})).await, 204);
    let (_, page) = answer(gateway.get(&root, "/services/kuis/entries")).await;
    assert_eq!(page["entries"][0]["hidden"], true, "{page}");
    assert_eq!(hide(&root, json!({ "hidden": false })).await, 204);
    for (path, status) in [
        ("/services/kuis/entries?after=x", 400),
        ("/services/kuis/entries?limit=0", 400),
        ("/services/none/entries", 404),
    ] {
        assert_eq!(answer(gateway.get(&root, path)).await.0.as_u16(), status, "{path}");
    }
    assert_eq!(answer(gateway.get(&budi, "/services/kuis/entries")).await.0, 404);
    let clear = async |key: &str| {
        let url = format!("{}/api/v1/services/kuis/entries", gateway.url);
        answer(gateway.http.delete(url).bearer_auth(key)).await.0.as_u16()
    };
    assert_eq!(clear(&budi).await, 404);
    assert_eq!(clear(&root).await, 204);
    let (_, page) = answer(gateway.get(&root, "/services/kuis/entries")).await;
    assert_eq!(page["entries"], json!([]));
}

#[tokio::test]
async fn everybody_sees_a_board_and_no_whole_number() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let new = json!({ "name": "Warga <b>", "keyword": "papan", "board": "warga-1", "shown": 2 });
    let (_, made) = answer(gateway.post(&root, "/services", &new)).await;
    let service = made["id"].as_str().expect("an id");
    for text in ["pertama", "<script>alert(1)</script>", "ketiga\nbaris"] {
        keep(&gateway, service, "+628123456789", text).await;
    }
    let look = async |path: &str| {
        let answer = gateway.http.get(format!("{}/boards/{path}", gateway.url));
        let answer = answer.send().await.expect("an answer");
        (answer.status().as_u16(), answer.text().await.expect("a text"))
    };
    let (status, page) = look("warga-1").await;
    assert_eq!(status, 200, "{page}");
    assert!(page.contains("&#60;script&#62;alert(1)") && page.contains("ketiga"), "{page}");
    assert!(!page.contains("<script>alert") && !page.contains("Warga <b>"), "{page}");
    assert!(!page.contains("pertama"), "it shows two");
    let (_, text) = look("warga-1.txt").await;
    assert_eq!(text.lines().count(), 2, "{text}");
    let (_, feed) = look("WARGA-1.json").await;
    let feed: Value = serde_json::from_str(&feed).expect("JSON");
    assert_eq!(feed["entries"][0]["text"], "ketiga\nbaris", "{feed}");
    for said in [page, text, feed.to_string()] {
        assert!(!said.contains("8123456789") && said.contains("+62"), "{said}");
    }
    assert_eq!(look("warga-2").await.0, 404);
    let (status, none) = look("warga-2.json").await;
    let none: Value = serde_json::from_str(&none).expect("JSON");
    assert_eq!((status, &none["error"]), (404, &json!("There is no board of this address.")));
    assert_eq!(look(&"x".repeat(500)).await.0, 404);
    assert_eq!(change(&gateway, &root, "papan", &json!({})).await.0, 404, "its name is another");
    let name = made["id"].as_str().expect("an id");
    let (status, _) = change(&gateway, &root, name, &json!({ "board": "" })).await;
    assert_eq!(status, 200);
    assert_eq!(look("warga-1").await.0, 404, "it is seen by nobody any more");
    let mut last = (0, String::new());
    for _ in 0..70 {
        last = look("warga-1").await;
    }
    assert_eq!(last.0, 429, "nobody looks without an end");
    assert!(last.1.contains("</html>"), "it says so: {}", last.1);
    assert_eq!(look("warga-1.json").await.0, 429);
}

#[tokio::test]
async fn kinds_are_made_and_moderated_on_the_page() {
    for (language, added, bad, no_answer, kept, moderated, cleared) in [
        (
            "en",
            "takes messages now.",
            "Say who may send to the group",
            "Each question has a right answer",
            "What it keeps",
            "The text is moderated.",
            "What the service kept is forgotten.",
        ),
        (
            "id",
            "kini mengambil pesan.",
            "Tulis siapa yang boleh mengirim ke grup",
            "Setiap pertanyaan punya jawaban benar",
            "Yang disimpan",
            "Teksnya sudah dimoderasi.",
            "Yang disimpan layanan sudah dilupakan.",
        ),
    ] {
        let gateway = Gateway::start().await;
        let mut browser = newcomer(&gateway, language).await;
        browser.send("/groups", &[("name", "Warga")]).await;
        let to_group =
            [("name", "bc"), ("keyword", "bc"), ("action", "to-group"), ("group", "Warga")];
        browser.send("/services", &to_group).await.shows(bad);
        assert_eq!(browser.status, 422);
        let with_pin = [&to_group[..], &[("pin", "481516")]].concat();
        browser.send("/services", &with_pin).await.shows(added);
        browser.hides("481516");
        let quiz = [("name", "kuis"), ("keyword", "kuis"), ("action", "quiz"), ("lines", "Siapa?")];
        browser.send("/services", &quiz).await.shows(no_answer);
        let survey = [
            ("name", "survei"),
            ("keyword", "survei"),
            ("action", "survey"),
            ("lines", "Nama?\r\nPuas? = ya, tidak"),
            ("minutes", "60"),
            ("argument", "Terima kasih"),
        ];
        browser.send("/services", &survey).await.shows(added);
        browser.open("/services/survei").await.shows("Nama?\nPuas? = ya, tidak");
        browser.shows("value=\"60\"");
        let board = [
            ("name", "papan"),
            ("keyword", "papan"),
            ("action", "board"),
            ("address", "papan-1"),
            ("shown", "5"),
        ];
        browser.send("/services", &board).await.shows(added);
        let own = browser.open("/services/papan").await;
        own.shows(kept);
        own.shows("href=\"/boards/papan-1\"");
        let link = own.page.split("action=\"/services/svc_").nth(1).expect("a form");
        let id = format!("svc_{}", &link[..32]);
        let entry = keep(&gateway, &id, "+628123456789", "<i>banjir").await.to_string();
        browser.open(&format!("/services/{id}")).await.shows("&#60;i&#62;banjir");
        browser.open("/boards/papan-1").await.shows("&#60;i&#62;banjir");
        let hide = [("entry", entry.as_str()), ("hidden", "yes")];
        browser.send(&format!("/services/{id}/entries"), &hide).await.shows(moderated);
        browser.open("/boards/papan-1").await.hides("banjir");
        browser.open(&format!("/services/{id}/entries.csv")).await.shows("banjir");
        browser.send(&format!("/services/{id}/clear"), &[]).await.shows(cleared);
    }
}
