//! Conversations, by the API and on their pages, and lists as CSV.

use contracts::config_kv::Access;
use contracts::{OrgId, Timestamp};
use serde_json::{Value, json};
use store::{Reach, SimChange};

use crate::browser::{Browser, newcomer};
use crate::gateway::{Gateway, answer};
use crate::live::{Events, position};

/// Logs somebody in.
async fn browser_of<'a>(gateway: &'a Gateway, name: &str) -> Browser<'a> {
    let mut browser = Browser::new(gateway, "en");
    browser.open("/login").await;
    browser.send("/login", &[("name", name), ("password", "correct horse")]).await;
    browser
}

/// Waits until a message of a text is sent and its row is there.
async fn sent(gateway: &Gateway, key: &str, to: &str, text: &str) -> String {
    let id = gateway.sends(key, &json!({ "to": to, "text": text })).await[0];
    gateway.message(key, id).await;
    id.to_string()
}

fn texts(talk: &Value) -> Vec<&str> {
    let lines = talk["lines"].as_array().expect("lines").iter();
    lines
        .map(|line| {
            let message =
                [&line["sent"], &line["received"]].into_iter().find(|one| one.is_object());
            message.and_then(|message| message["text"].as_str()).expect("a text")
        })
        .collect()
}

#[tokio::test]
async fn a_conversation_is_of_one_phone_and_shows_what_its_reader_may_read() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let (budi, siti) = (gateway.user("budi", false).await, gateway.user("siti", false).await);
    let modem = gateway.modem("modem1", "+62811000001").await;
    sent(&gateway, &budi, "08123456789", "Halo").await;
    sent(&gateway, &siti, "+628123456789", "Rahasia").await;
    gateway.receive(&modem, "+628123456789", "Siapa ini?").await;

    let (status, list) = answer(gateway.get(&root, "/conversations")).await;
    assert_eq!(status, 200, "{list}");
    let all = list["conversations"].as_array().expect("conversations");
    assert_eq!(all.len(), 1, "{list}");
    assert_eq!((&all[0]["with"], &all[0]["unread"]), (&json!("+628123456789"), &json!(1)));
    assert_eq!(all[0]["last"]["kind"], "received");
    for number in ["+628123456789", "08123456789", "+62%20812-3456-789"] {
        let (_, talk) = answer(gateway.get(&root, &format!("/conversations/{number}"))).await;
        assert_eq!(texts(&talk), ["Siapa ini?", "Rahasia", "Halo"], "{number}");
    }
    // The SIM's messages are for administrators until somebody else may read them.
    let (_, talk) = answer(gateway.get(&budi, "/conversations/+628123456789")).await;
    assert_eq!((texts(&talk), &talk["unread"]), (vec!["Halo"], &json!(0)));
    let everything = Reach::everything(OrgId::default_org());
    let sim = modem.sim.as_ref().expect("a SIM").id;
    let readers =
        SimChange { senders: None, readers: Some(Access::everybody()), limits: None, pool: None };
    gateway.store.change_sim(everything, sim, &readers, Timestamp::now()).await.expect("a setting");
    let (_, talk) = answer(gateway.get(&budi, "/conversations/+628123456789")).await;
    assert_eq!((texts(&talk), &talk["unread"]), (vec!["Siapa ini?", "Halo"], &json!(1)));

    // What one has read, another has not.
    let read = gateway.post(&budi, "/conversations/08123456789/read", &json!({}));
    assert_eq!(answer(read).await, (reqwest::StatusCode::OK, json!({ "unread": 0 })));
    let (_, list) = answer(gateway.get(&budi, "/conversations")).await;
    assert_eq!(list["conversations"][0]["unread"], 0, "{list}");
    let (_, list) = answer(gateway.get(&siti, "/conversations")).await;
    assert_eq!(list["conversations"][0]["unread"], 1, "{list}");

    // A key that may not read what is sent sees what is received.
    let body = json!({ "scopes": ["inbox:read"] });
    let (_, made) = answer(gateway.post(&budi, "/keys", &body)).await;
    let narrow = made["key"].as_str().expect("a key");
    let (_, talk) = answer(gateway.get(narrow, "/conversations/+628123456789")).await;
    assert_eq!(texts(&talk), ["Siapa ini?"]);
    let (_, talk) = answer(gateway.get(&root, "/conversations/+628123456780")).await;
    assert_eq!((&talk["lines"], &talk["next"]), (&json!([]), &Value::Null));
    let (status, problem) = answer(gateway.get(&root, "/conversations?q=x&limit=0")).await;
    assert_eq!((status.as_u16(), &problem["field"]), (400, &json!("limit")), "{problem}");
}

#[tokio::test]
async fn a_conversation_is_found_by_name_and_goes_on_in_pages() {
    let gateway = Gateway::start().await;
    let budi = gateway.user("budi", false).await;
    let new = json!({ "name": "Ibu <b>", "number": "08123456789" });
    assert_eq!(answer(gateway.post(&budi, "/contacts", &new)).await.0, 201);
    for n in 0..3 {
        sent(&gateway, &budi, "+628123456789", &format!("n{n}")).await;
    }
    sent(&gateway, &budi, "+628123450000", "other").await;
    let (_, list) = answer(gateway.get(&budi, "/conversations?q=ibu")).await;
    let found = list["conversations"].as_array().expect("conversations");
    assert_eq!((found.len(), &found[0]["name"]), (1, &json!("Ibu <b>")), "{list}");
    let mut all = Vec::new();
    let mut before = String::new();
    loop {
        let path = format!("/conversations/+628123456789?limit=2{before}");
        let (_, talk) = answer(gateway.get(&budi, &path)).await;
        all.extend(texts(&talk).into_iter().map(str::to_owned));
        let Some(next) = talk["next"].as_str() else { break };
        before = format!("&before={next}");
    }
    assert_eq!(all, ["n2", "n1", "n0"]);

    let mut page = browser_of(&gateway, "budi").await;
    page.open("/conversations").await.shows("Ibu &#60;b&#62;");
    page.shows("href=\"/conversations/+628123456789\"");
    page.open("/conversations?q=ibu").await.hides("other");
    page.open("/conversations?q=tiada").await.shows("Nothing like this was found.");
    page.open("/conversations/+628123456789").await.shows("Ibu &#60;b&#62;");
    assert_eq!(page.page.matches("<article class=\"bubble out\"").count(), 3);
    page.open(&format!("/conversations/{}", "9".repeat(65))).await;
    assert_eq!(page.status, 404);
}

#[tokio::test]
async fn the_page_shows_hostile_texts_as_texts_and_marks_them_as_read() {
    let gateway = Gateway::start().await;
    let mut page = newcomer(&gateway, "en").await;
    let modem = gateway.modem("modem1", "+62811000001").await;
    let marks = "\u{301}".repeat(10_000);
    let hostile = format!("<script>alert(1)</script> \u{202e}drow =SUM(A1) {marks}");
    gateway.receive(&modem, "+628123456789", &hostile).await;
    gateway.receive(&modem, "\"><b>BANK", "Your code is 123456").await;
    page.open("/conversations").await.shows("1 new");
    page.hides("<script>alert");
    page.shows("&#60;script&#62;");
    page.open("/conversations/+628123456789").await.hides("<script>alert");
    page.shows("<span class=\"mark\">U+202E</span>");
    // A name cannot be answered, a number can, through the SIM that was written to.
    let sim = modem.sim.as_ref().expect("a SIM").id;
    page.shows(&format!("name=\"sim\" value=\"{sim}\""));
    page.open("/conversations").await;
    assert_eq!(page.page.matches("class=\"badge\"").count(), 1, "the first is read");
    let name = page.page.split("href=\"/conversations/%22").nth(1).expect("a link");
    let name = format!("/conversations/%22{}", name.split('"').next().expect("its end"));
    page.open(&name).await.shows("cannot be answered");
    page.hides("id=\"talk-form\"");
    page.hides("<b>BANK");
    page.open("/conversations").await.hides("class=\"badge\"");
    // A name that nobody has is no page, and a number that nobody wrote to is a page to write on.
    page.open("/conversations/NOBODY").await;
    assert_eq!(page.status, 404);
    page.open("/conversations/+628120000009").await.shows("id=\"talk-form\"");
}

#[tokio::test]
async fn a_reply_goes_through_the_sim_and_leads_back() {
    let gateway = Gateway::start().await;
    let mut page = newcomer(&gateway, "en").await;
    let modem = gateway.modem("modem1", "+62811000001").await;
    gateway.receive(&modem, "+628123456789", "Buka jam berapa?").await;
    page.open("/conversations/+628123456789").await;
    let sim = modem.sim.as_ref().expect("a SIM").id.to_string();
    let fields =
        [("form", "talk"), ("to", "+628123456789"), ("sim", sim.as_str()), ("text", "Jam 8.")];
    page.send("/send", &fields).await.shows("On its way.");
    assert_eq!(page.at, "/conversations/+628123456789");
    testkit::wait_for("the reply in the conversation", || async {
        let reach = Reach::everything(OrgId::default_org());
        let (filter, page) = (store::MessageFilter::default(), store::Page::default());
        let all = gateway.store.messages(reach, &filter, page).await.expect("a database");
        all.messages.first().map(drop)
    })
    .await;
    page.open("/conversations/+628123456789").await.shows("Jam 8.");
    page.shows("data-state=\"accepted\"");
    // A text that is kept is an answer at hand.
    let root = gateway.user("root", true).await;
    let new = json!({ "name": "Jam <b>", "text": "Jam 8 & 9", "shared": true });
    let (_, made) = answer(gateway.post(&root, "/templates", &new)).await;
    let id = made["id"].as_str().expect("an id").to_owned();
    page.open("/conversations/+628123456789").await.shows("Jam &#60;b&#62;");
    page.open(&format!("/conversations/+628123456789?template={id}")).await;
    page.shows("Jam 8 &#38; 9</textarea>");
    page.shows("9 characters");
    page.open(&format!("/conversations/+628123456789?template=tpl_{}", "0".repeat(32))).await;
    assert_eq!(page.status, 404);
    let empty = [("form", "talk"), ("to", "+628123456789"), ("text", "")];
    page.send("/send", &empty).await.shows("Write a text first.");
    assert_eq!(page.status, 422);
}

#[tokio::test]
async fn what_is_said_is_told_to_the_pages_of_its_phone() {
    let gateway = Gateway::start().await;
    let mut page = newcomer(&gateway, "en").await;
    let modem = gateway.modem("modem1", "+62811000001").await;
    page.open("/conversations/+628123456789").await;
    let lists = page.page.split("data-list=\"talk-").nth(1).expect("lists").to_owned();
    let lists = format!("talk-{}", lists.split('"').next().expect("their end"));
    let mut events = Events::open(&gateway, &page, &position(&page)).await;
    let id = gateway.receive(&modem, "08123456789", "<b>Halo").await;
    let patch = events.patch(&format!("b-{id}")).await;
    let told = patch["list"].as_str().expect("lists");
    assert!(told.split(' ').any(|list| lists.split(' ').any(|one| one == list)), "{told} {lists}");
    let html = patch["html"].as_str().expect("a part");
    assert!(html.contains("&#60;b&#62;Halo") && html.contains("bubble in"), "{html}");
}

async fn csv(gateway: &Gateway, key: &str, path: &str) -> String {
    let asked = gateway.get(key, path).header("accept", "text/csv").send().await;
    let answer = asked.expect("an answer");
    assert_eq!(answer.status(), 200, "{path}");
    assert_eq!(answer.headers()["content-type"], "text/csv; charset=utf-8");
    answer.text().await.expect("text")
}

#[tokio::test]
async fn lists_are_written_as_csv_without_formulae() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let budi = gateway.user("budi", false).await;
    let modem = gateway.modem("modem1", "+62811000001").await;
    let to: Vec<String> = (0..501).map(|n| format!("+62812{n:07}")).collect();
    let batch = json!({ "to": to, "text": "=1+1" });
    assert_eq!(answer(gateway.post(&budi, "/batches", &batch)).await.0, 202);
    sent(&gateway, &root, "+628123456780", "a \"quoted\"\nline").await;
    gateway.receive(&modem, "@BANK", "=HYPERLINK(\"http://evil.example\")").await;
    testkit::wait_for("all rows", || async {
        let reach = Reach::everything(OrgId::default_org());
        let page = store::Page { before: None, limit: 1_000 };
        let all = gateway.store.messages(reach, &store::MessageFilter::default(), page).await;
        (all.expect("a database").messages.len() == 502).then_some(())
    })
    .await;
    // Two pages of the database, and the header.
    let all = csv(&gateway, &budi, "/messages").await;
    assert_eq!(all.matches("\r\n").count(), 502);
    assert!(
        all.starts_with("\"id\",\"accepted_at\",\"to\",\"text\"")
            && all.contains(",\"'+628120000500\",\"'=1+1\",")
    );
    assert!(!all.contains("quoted"), "it is another account's");
    let one = csv(&gateway, &root, "/messages?q=quoted").await;
    assert!(
        one.contains("\"a \"\"quoted\"\"\nline\"") && one.matches("\r\n").count() == 2,
        "{one}"
    );
    let received = csv(&gateway, &root, "/inbox").await;
    assert!(
        received.contains("\"'@BANK\"") && received.contains("\"'=HYPERLINK(\"\"http"),
        "{received}"
    );
    assert_eq!(csv(&gateway, &budi, "/inbox").await.matches("\r\n").count(), 1);

    let mut page = browser_of(&gateway, "root").await;
    page.open("/sent?q=quoted").await.shows("href=\"/sent.csv?q=quoted\"");
    page.open("/sent.csv?q=quoted").await.shows("\"id\",\"accepted_at\"");
    page.shows("\"a \"\"quoted\"\"\nline\"");
    page.open("/received.csv").await.shows("'=HYPERLINK");
}

#[tokio::test]
async fn old_addresses_lead_to_the_new_ones() {
    let gateway = Gateway::start().await;
    let mut page = newcomer(&gateway, "en").await;
    for (old, new) in [
        ("/outbox", "/sent"),
        ("/outbox?q=a%26b", "/sent?q=a%26b"),
        ("/inbox", "/received"),
        ("/inbox?before=1.msg_0", "/received?before=1.msg_0"),
    ] {
        let answer = gateway.http.get(format!("{}{old}", gateway.url)).send().await;
        let answer = answer.expect("an answer");
        assert_eq!(answer.status(), 308, "{old}");
        assert_eq!(answer.headers()["location"], new);
    }
    page.open("/keys").await.shows("action=\"/account/keys\"");
    page.hides("action=\"/account/password\"");
    page.open("/account").await.shows("href=\"/keys\"");
}
