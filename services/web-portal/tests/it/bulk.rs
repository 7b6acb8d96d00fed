//! Files of which each row becomes a message, on their pages and by the API.

use std::fmt::Write as _;

use reqwest::StatusCode;
use serde_json::{Value, json};
use testkit::wait_for;

use crate::bounds::flood;
use crate::browser::{BOUNDARY, Browser, newcomer, uploaded};
use crate::gateway::{Gateway, answer, refused};

/// As much as a form may take of a file that is too large: the bound, and what both sides' sockets hold.
const TAKEN: usize = 40 * 1024 * 1024;

async fn upload(gateway: &Gateway, key: &str, file: impl Into<reqwest::Body>) -> (u16, Value) {
    let url = format!("{}/api/v1/bulk?name=tagihan.csv", gateway.url);
    let (status, said) = answer(gateway.http.post(url).bearer_auth(key).body(file)).await;
    (status.as_u16(), said)
}

async fn plan(gateway: &Gateway, key: &str, id: &str, plan: &Value) -> (u16, Value) {
    let url = format!("{}/api/v1/bulk/{id}", gateway.url);
    let (status, said) = answer(gateway.http.patch(url).bearer_auth(key).json(plan)).await;
    (status.as_u16(), said)
}

fn id(bulk: &Value) -> String {
    bulk["id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn a_file_is_uploaded_looked_through_and_sent_on_its_pages() {
    let gateway = Gateway::start().await;
    let mut browser = newcomer(&gateway, "en").await;
    let key =
        crate::socket::call(&gateway, "POST", "/api/v1/keys", &json!({ "user": "Ani" })).await;
    let key = key.1["key"].as_str().expect("a key").to_owned();
    browser.open("/bulk").await.shows("There are no files yet");
    browser.shows("/bulk/example.csv");
    let token = browser.csrf.clone();
    let file = "nomor;nama\r\n+62811111111;Siti\r\n+62811111111;Budi\r\n6.28E+11;Cici\r\n\
                '+62811111112;Dédé \u{202e}<b>\r\n;Eka\r\n"
        .as_bytes();
    browser.upload("/bulk", &token, "tagihan <b>.csv", file).await;
    assert!(browser.at.starts_with("/bulk/blk_"), "{}", browser.at);
    browser.shows("tagihan &#60;b&#62;.csv");
    for words in ["6 rows", "{nomor}", "{nama}"] {
        browser.shows(words);
    }
    let path = browser.at.clone();

    // What cannot be filled in is named, and what was written stays.
    let wrong = [("column", "0"), ("names", "1"), ("text", "Halo {nam}")];
    browser.send(&format!("{path}/plan"), &wrong).await;
    assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY);
    browser.shows("There is no column nam");
    browser.shows("Halo {nam}</textarea>");
    let right = [("column", "0"), ("names", "1"), ("text", "Halo {nama}!"), ("mend", "1")];
    browser.send(&format!("{path}/plan"), &right).await;
    assert_eq!((browser.status, &browser.at), (StatusCode::OK, &path));
    browser.shows("Message 1 of 2");
    browser.shows("Halo Siti!");
    browser.shows("Send 2 messages");
    browser.shows("An earlier row has the number: 1");
    browser.shows("6.28E+11");
    browser.open(&format!("{path}?message=2")).await.shows("Message 2 of 2");
    // What turns the line round is shown, and what is markup is none.
    browser.shows("Halo Dédé <span class=\"mark\">U+202E</span>&#60;b&#62;!");
    browser.open(&format!("{path}/skipped.csv")).await;
    browser.shows("\"3\",\"'+62811111111\",\"An earlier row has the number\"");
    assert_eq!(gateway.messages(&key).await.len(), 0, "nothing is sent before it is confirmed");

    browser.open(&path).await;
    let revision = [("revision", "1")];
    for _ in 0..2 {
        browser.send(&format!("{path}/send"), &revision).await.shows("2 messages were accepted");
    }
    browser.shows("How far it is");
    wait_for("both messages", || async { (gateway.messages(&key).await.len() == 2).then_some(()) })
        .await;
    let mut texts: Vec<String> =
        gateway.messages(&key).await.into_iter().filter_map(|one| one.text).collect();
    texts.sort();
    assert_eq!(texts, ["Halo Dédé \u{202e}<b>!", "Halo Siti!"]);
    browser.send(&format!("{path}/pause"), &[]).await.shows("Paused.");
    browser.shows("Go on");
    browser.send(&format!("{path}/cancel"), &[]).await.shows("Cancelled.");
    browser.send(&format!("{path}/resume"), &[]).await.shows("It was cancelled, and cannot go on");
    browser.send(&format!("{path}/plan"), &right).await.shows("It is being sent already");
    browser.send(&format!("{path}/remove"), &[]).await.shows("The file is removed");
    browser.open(&path).await;
    assert_eq!(browser.status, StatusCode::NOT_FOUND);
    assert_eq!(gateway.messages(&key).await.len(), 2, "what it sent stays");
}

#[tokio::test]
async fn a_form_of_another_site_uploads_nothing() {
    let gateway = Gateway::start().await;
    let mut browser = newcomer(&gateway, "id").await;
    browser.open("/bulk").await.shows("Belum ada berkas");
    let token = browser.csrf.clone();
    browser.upload("/bulk", "other", "a.csv", b"0811111111").await;
    assert_eq!(browser.status, StatusCode::FORBIDDEN);
    browser.upload("/bulk", "", "a.csv", b"0811111111").await;
    assert_eq!(browser.status, StatusCode::FORBIDDEN);
    browser.headers.push(("origin", "https://evil.example".to_owned()));
    browser.upload("/bulk", &token, "a.csv", b"0811111111").await;
    assert_eq!(browser.status, StatusCode::FORBIDDEN);
    browser.headers.clear();
    browser.open("/bulk").await.shows("Belum ada berkas");
    browser.upload("/bulk", &token, "a.csv", b"").await.shows("Berkasnya kosong");
    browser.upload("/bulk", &token, "a.xlsx", b"PK\x03\x04").await;
    browser.shows("tidak bisa dibaca");
    // Somebody who has not come in uploads nothing, and is led to where one logs in.
    let mut stranger = Browser::new(&gateway, "en");
    stranger.open("/login").await;
    let token = stranger.csrf.clone();
    stranger.upload("/bulk", &token, "a.csv", b"0811111111").await;
    assert!(stranger.at.starts_with("/login"), "{}", stranger.at);
}

#[tokio::test]
async fn a_file_of_two_gigabytes_is_refused_before_it_came() {
    let gateway = Gateway::start().await;
    let key = gateway.user("budi", false).await;
    let mut browser = newcomer(&gateway, "en").await;
    browser.open("/bulk").await;
    let token = browser.csrf.clone();
    let page = |more: &str| {
        let cookie = browser.cookie();
        format!(
            "POST /bulk HTTP/1.1\r\nhost: x\r\ncookie: {cookie}\r\naccept-language: en\r\n\
             content-type: multipart/form-data; boundary={BOUNDARY}\r\n{more}\r\n\r\n"
        )
    };
    let call = |more: &str| {
        format!(
            "POST /api/v1/bulk HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\n\
             content-type: text/csv\r\n{more}\r\n\r\n"
        )
    };
    let line = b"+62811111111,Siti\r\n".repeat(3_000);
    let mut chunk = format!("{:x}\r\n", line.len()).into_bytes();
    chunk.extend_from_slice(&line);
    chunk.extend_from_slice(b"\r\n");
    let head = uploaded(&token, "big.csv", b"");
    let head = head.strip_suffix(format!("\r\n--{BOUNDARY}--\r\n").as_bytes()).expect("a form");
    let mut begin = format!("{:x}\r\n", head.len());
    begin.push_str(&String::from_utf8_lossy(head));
    begin.push_str("\r\n");
    let declared = "content-length: 2147483648";
    let endless = "transfer-encoding: chunked";
    for (name, head, piece, status) in [
        ("a call that says it", call(declared), &line, "413"),
        ("a call without an end", call(endless), &chunk, "413"),
        ("a form that says it", page(declared), &line, "422"),
        ("a form without an end", page(endless) + &begin, &chunk, "422"),
    ] {
        let (taken, said) = flood(&gateway, &head, piece).await;
        assert!(said.starts_with(&format!("HTTP/1.1 {status} ")), "{name}: {said:.300}");
        assert!(said.contains("larger than 16 MB"), "{name}: {said:.300}");
        assert!(taken < TAKEN, "{name}: {taken}");
    }
    assert_eq!(answer(gateway.get(&key, "/bulk")).await.1["files"], json!([]));
    browser.open("/bulk").await.shows("There are no files yet");
}

#[tokio::test]
async fn fifty_thousand_rows_are_looked_through_and_one_more_is_refused() {
    let gateway = Gateway::start().await;
    let key = gateway.user("root", true).await;
    let mut file = String::from("nomor,nama\n");
    for n in 0..50_000 {
        // Every tenth number stands there twice.
        let number = if n % 10 == 9 { n - 1 } else { n };
        let _ = writeln!(file, "+62811{number:06},orang {n}");
    }
    let (status, made) = upload(&gateway, &key, file.clone()).await;
    assert_eq!((status, &made["rows"]), (201, &json!(50_001)), "{made}");
    let id = id(&made);
    assert_eq!(made["columns"], json!(["nomor", "nama"]));
    let wanted = json!({ "number": "nomor", "text": "Halo {nama}" });
    let (status, planned) = plan(&gateway, &key, &id, &wanted).await;
    assert_eq!(status, 200, "{planned}");
    let sent = &planned["plan"];
    assert_eq!((&sent["messages"], &sent["parts"]), (&json!(45_000), &json!(45_000)));
    assert_eq!(sent["skipped"], json!({ "twice": 5_000 }));
    assert_eq!(sent["priority"], "bulk");
    // The last message, and the rows around it.
    let (_, last) = answer(gateway.get(&key, &format!("/bulk/{id}/rows?message=44999"))).await;
    assert_eq!(last["rows"][0]["text"], "Halo orang 49998", "{last}");
    assert_eq!((&last["rows"][1]["skipped"], &last["next"]), (&json!("twice"), &Value::Null));
    let (mut found, mut next) = (0, json!(0));
    while !next.is_null() {
        let path = format!("/bulk/{id}/rows?show=skipped&limit=500&from={next}");
        let (_, page) = answer(gateway.get(&key, &path)).await;
        found += page["rows"].as_array().expect("rows").len();
        next = page["next"].clone();
    }
    assert_eq!(found, 5_000);
    file.push_str("+62811999999,lagi\n");
    let (status, problem) = upload(&gateway, &key, file).await;
    assert_eq!((status, &problem["code"]), (422, &json!("unreadable-file")));
    assert_eq!(problem["detail"], "The file has more than 50000 rows.");
}

#[tokio::test]
async fn a_file_is_sent_in_batches_and_once() {
    let limits = [("limits.key_messages", "50000/1h"), ("limits.user_messages", "50000/1h")];
    let gateway = Gateway::start_with(&limits).await;
    let key = gateway.user("root", true).await;
    let mut file = String::new();
    for n in 0..10_003 {
        let _ = writeln!(file, "+62811{n:06}");
    }
    let (_, made) = upload(&gateway, &key, file).await;
    let id = id(&made);
    let send = |revision: u32| {
        gateway.post(&key, &format!("/bulk/{id}/send"), &json!({ "revision": revision }))
    };
    assert_eq!(refused(send(1)).await, (409, "bulk-changed".to_owned()), "nothing was said yet");
    let (_, planned) = plan(&gateway, &key, &id, &json!({ "number": "A", "text": "Halo" })).await;
    assert_eq!(planned["revision"], 1);
    assert_eq!(refused(send(2)).await, (409, "bulk-changed".to_owned()), "that is not what it is");
    // Twice at once, and once more.
    let (one, other) = tokio::join!(answer(send(1)), answer(send(1)));
    let again = answer(send(1)).await;
    for (status, sent) in [&one, &other, &again] {
        assert_eq!(status.as_u16(), 202, "{sent}");
        assert_eq!(sent["batches"].as_array().map(Vec::len), Some(2), "{sent}");
        assert!(sent["sent_at"].is_string(), "{sent}");
    }
    let batches = again.1["batches"].as_array().expect("batches").clone();
    for (batch, total) in batches.iter().zip([10_000, 3]) {
        let path = format!("/batches/{}", batch.as_str().expect("an id"));
        wait_for("all messages of the batch", || async {
            let (_, batch) = answer(gateway.get(&key, &path)).await;
            (batch["total"] == json!(total)).then_some(())
        })
        .await;
    }
    let changed = plan(&gateway, &key, &id, &json!({ "number": "A", "text": "Lain" })).await;
    assert_eq!((changed.0, &changed.1["code"]), (409, &json!("bulk-sending")));
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_and_named() {
    let gateway = Gateway::start().await;
    let key = gateway.user("root", true).await;
    let file = "nomor,nama\n+62811111111,Siti\n+62811111112,Budi\n";
    let (_, made) = upload(&gateway, &key, file).await;
    let id = id(&made);
    let right = json!({ "number": "nomor", "text": "Halo {nama}" });
    for (change, field) in [
        (json!({ "number": "telepon" }), "number"),
        (json!({ "text": "Halo {nam}" }), "text"),
        (json!({ "text": "Halo {nama" }), "text"),
        (json!({ "text": " " }), "text"),
        (json!({ "at": "tomorrow" }), "at"),
        (json!({ "at": "2020-01-01 08:00", "zone": "Asia/Jakarta" }), "at"),
        (json!({ "at": "2130-01-01 08:00", "zone": "Jakarta" }), "zone"),
    ] {
        let mut wanted = right.clone();
        let fields = wanted.as_object_mut().expect("fields");
        fields.extend(change.as_object().expect("fields").clone());
        let (status, problem) = plan(&gateway, &key, &id, &wanted).await;
        assert_eq!((status, &problem["field"]), (400, &json!(field)), "{change}: {problem}");
    }
    // Who opted out is skipped, and so is a row without a text.
    let out = json!({ "numbers": ["+62811111112"] });
    assert_eq!(answer(gateway.post(&key, "/optouts", &out)).await.0, 200);
    let mut later = right.clone();
    later["at"] = json!("2130-01-01 08:00");
    later["zone"] = json!("Asia/Jakarta");
    let (_, planned) = plan(&gateway, &key, &id, &later).await;
    assert_eq!(planned["plan"]["skipped"], json!({ "opted-out": 1 }), "{planned}");
    assert_eq!(planned["plan"]["not_before"], "2130-01-01T01:00:00Z");
    let nobody = json!({ "number": "nama", "text": "Halo" });
    let (_, planned) = plan(&gateway, &key, &id, &nobody).await;
    assert_eq!(planned["plan"]["messages"], 0, "{planned}");
    let send = json!({ "revision": planned["revision"] });
    let said = refused(gateway.post(&key, &format!("/bulk/{id}/send"), &send)).await;
    assert_eq!(said, (422, "no-recipient".to_owned()));
    // Combining marks without end are a text as any other, which has too many parts.
    let marks = "\u{301}".repeat(2_000);
    let (_, made) = upload(&gateway, &key, format!("+62811111111,{marks}\n")).await;
    let id = made["id"].as_str().expect("an id");
    let (_, planned) = plan(&gateway, &key, id, &json!({ "number": "A", "text": "a{B}" })).await;
    assert_eq!(planned["plan"]["skipped"], json!({ "too-long": 1 }), "{planned}");
}
