//! Messages are found by their words, by the API and on the pages.

use serde_json::json;
use testkit::wait_for;

use crate::browser::newcomer;
use crate::gateway::{Gateway, answer};

#[tokio::test]
async fn messages_are_found_by_words_and_parts_of_numbers() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let budi = gateway.user("budi", false).await;
    for (key, to, text) in [
        (&root, "+628123456789", "Rapat jam 9 & 10%"),
        (&root, "+628129998877", "Kode Anda 1234"),
        (&budi, "+628123456789", "Rapat milik Budi"),
    ] {
        let body = json!({ "to": to, "text": text });
        let (_, sent) = answer(gateway.post(key, "/messages", &body)).await;
        let path = format!("/messages/{}", sent["messages"][0]["id"].as_str().expect("an id"));
        // Its row is there.
        assert_eq!(answer(gateway.get(key, &path)).await.0, 200);
    }
    let modem = gateway.modem("modem1", "+62811000001").await;
    gateway.receive(&modem, "+6285711112222", "Hadir jam 9").await;
    let found = async |key: &str, path: &str, q: &str| {
        let url = format!("{}/api/v1{path}", gateway.url);
        let (status, page) =
            answer(gateway.http.get(url).bearer_auth(key).query(&[("q", q), ("limit", "5")])).await;
        assert_eq!(status, 200, "{page}");
        page["messages"].as_array().expect("a list").len()
    };
    for (key, path, q, count) in [
        (&root, "/messages", "RAPAT", 2),
        (&budi, "/messages", "rapat", 1),
        (&root, "/messages", "rapat 0812345", 2),
        (&root, "/messages", "99988", 1),
        (&budi, "/messages", "kode", 0),
        (&root, "/messages", "%", 0),
        (&root, "/messages", "rapat\" OR \"kode", 0),
        (&root, "/messages", " ", 3),
        (&root, "/inbox", "hadir 57111", 1),
        (&budi, "/inbox", "hadir", 0),
    ] {
        assert_eq!(found(key, path, q).await, count, "{path} {q}");
    }
    for path in ["/messages", "/inbox"] {
        let url = format!("{}/api/v1{path}", gateway.url);
        let long = "x".repeat(10_240);
        let (status, problem) =
            answer(gateway.http.get(url).bearer_auth(&root).query(&[("q", &long)])).await;
        assert_eq!((status.as_u16(), &problem["field"]), (400, &json!("q")), "{problem}");
    }
}

#[tokio::test]
async fn a_box_on_the_pages_finds_messages() {
    for (language, label, nothing) in [
        ("en", "Find messages", "Nothing like this was found."),
        ("id", "Cari pesan", "Tidak ada yang cocok."),
    ] {
        let gateway = Gateway::start().await;
        let mut browser = newcomer(&gateway, language).await;
        for n in 0..41 {
            let text = format!("Rapat <{n}> & lain");
            browser.send("/send", &[("to", "+62812345678"), ("text", &text)]).await;
        }
        browser.send("/send", &[("to", "+62812345678"), ("text", "Kode 77")]).await;
        wait_for("the rows of all", || async {
            let reach = store::Reach::everything(contracts::OrgId::default_org());
            let page = store::Page { before: None, limit: 50 };
            let all = gateway.store.messages(reach, &store::MessageFilter::default(), page).await;
            (all.ok()?.messages.len() == 42).then_some(())
        })
        .await;
        browser.open("/sent").await.shows(label);
        browser.shows("data-list=\"outgoing\"");
        browser.open("/sent?q=rapat+%26+lain").await.shows("&#60;40&#62;");
        browser.hides("Kode 77");
        // What comes meanwhile is not put into what was found.
        browser.hides("data-list=");
        browser.shows("value=\"rapat &#38; lain\"");
        let older = browser.page.split("href=\"/sent?q=").nth(1).expect("a link");
        let older = format!("/sent?q={}", older.split('"').next().expect("its end"));
        browser.open(&older.replace("&#38;", "&")).await.shows("&#60;0&#62;");
        browser.hides("Kode 77");
        for path in ["/sent?q=tiada", "/received?q=tiada", "/sent?q=%25"] {
            browser.open(path).await.shows(nothing);
        }
        let long = format!("/sent?q={}", "x".repeat(10_240));
        assert_eq!(browser.open(&long).await.status, 400);
    }
}
