//! Conversations as a team uses them: by the API, on their pages, and live.

use contracts::{Address, MessageId, OrgId, Timestamp};
use serde_json::{Value, json};
use store::{Colleague, MOST_THREAD_NOTES, Reach, Reader};

use crate::browser::{Browser, newcomer};
use crate::gateway::{Gateway, answer, refused};
use crate::live::{Events, position};

const NUMBER: &str = "+628123456789";
const TALK: &str = "/conversations/+628123456789";

async fn patch(gateway: &Gateway, key: &str, body: &Value) -> (u16, Value) {
    let url = format!("{}/api/v1{TALK}", gateway.url);
    let (status, said) = answer(gateway.http.patch(url).bearer_auth(key).json(body)).await;
    (status.as_u16(), said)
}

/// How many conversations a list has, and how many messages are unread in it.
async fn listed(gateway: &Gateway, key: &str, show: &str) -> (usize, u64) {
    let (status, list) = answer(gateway.get(key, &format!("/conversations?show={show}"))).await;
    assert_eq!(status, 200, "{list}");
    let all = list["conversations"].as_array().expect("conversations");
    (all.len(), all.iter().filter_map(|one| one["unread"].as_u64()).sum())
}

/// Waits until a message to the number is sent and its row is there.
async fn sent(gateway: &Gateway, key: &str, text: &str) {
    let id = gateway.sends(key, &json!({ "to": NUMBER, "text": text })).await[0];
    gateway.message(key, id).await;
}

/// Logs somebody in.
async fn browser_of<'a>(gateway: &'a Gateway, name: &str) -> Browser<'a> {
    let mut browser = Browser::new(gateway, "en");
    browser.open("/login").await;
    browser.send("/login", &[("name", name), ("password", "correct horse")]).await;
    browser
}

/// What a field of the form has that is hidden.
fn hidden(page: &Browser<'_>, name: &str) -> String {
    let begin = format!("name=\"{name}\" value=\"");
    let rest = page.page.split(&begin).nth(1).unwrap_or_else(|| panic!("no {name}"));
    rest.split('"').next().expect("its end").to_owned()
}

#[tokio::test]
async fn a_conversation_is_assigned_archived_and_muted() {
    let gateway = Gateway::start().await;
    let (root, siti) = (gateway.user("root", true).await, gateway.user("siti", true).await);
    let budi = gateway.user("budi", false).await;
    let modem = gateway.modem("modem1", "+62811000001").await;
    gateway.receive(&modem, NUMBER, "Buka jam berapa?").await;

    // Who has nothing of it changes nothing of it.
    assert_eq!(patch(&gateway, &budi, &json!({ "archived": true })).await.0, 404);
    assert_eq!(patch(&gateway, &budi, &json!({})).await.0, 400);
    assert_eq!(patch(&gateway, &root, &json!({ "archived": "yes" })).await.0, 400);
    let (status, problem) = patch(&gateway, &root, &json!({ "assigned_to": "budi" })).await;
    let shown = (status, &problem["code"], &problem["field"]);
    assert_eq!(shown, (404, &json!("no-such-user"), &json!("assigned_to")), "{problem}");

    let (status, state) = patch(&gateway, &root, &json!({ "assigned_to": "Siti" })).await;
    assert_eq!((status, &state["assigned_to"]["name"]), (200, &json!("siti")), "{state}");
    assert_eq!(listed(&gateway, &siti, "mine").await, (1, 1));
    assert_eq!(listed(&gateway, &root, "mine").await, (0, 0));
    assert_eq!(listed(&gateway, &root, "unassigned").await, (0, 0));
    let (_, talk) = answer(gateway.get(&root, TALK)).await;
    assert_eq!(talk["assigned_to"]["name"], "siti", "{talk}");
    let (_, state) = patch(&gateway, &root, &json!({ "assigned_to": "" })).await;
    assert_eq!(state["assigned_to"], Value::Null, "{state}");
    assert_eq!(listed(&gateway, &root, "unassigned").await, (1, 1));

    let (_, state) = patch(&gateway, &siti, &json!({ "muted": true })).await;
    assert_eq!((&state["muted"], &state["unread"]), (&json!(true), &json!(0)), "{state}");
    assert_eq!(listed(&gateway, &siti, "open").await, (1, 0));
    assert_eq!(listed(&gateway, &root, "open").await, (1, 1));

    assert_eq!(patch(&gateway, &root, &json!({ "archived": true })).await.0, 200);
    assert_eq!(listed(&gateway, &root, "open").await.0, 0);
    assert_eq!(listed(&gateway, &root, "archived").await.0, 1);
    // Whoever looks for somebody finds them all the same.
    let (_, list) = answer(gateway.get(&root, "/conversations?q=81234")).await;
    assert_eq!(list["conversations"][0]["archived"], true, "{list}");
    gateway.receive(&modem, NUMBER, "Halo?").await;
    assert_eq!(listed(&gateway, &root, "open").await, (1, 2));
    assert_eq!(listed(&gateway, &root, "archived").await.0, 0);

    // A key that only reads mutes, and does nothing else.
    let new = json!({ "scopes": ["inbox:read"] });
    let (_, made) = answer(gateway.post(&root, "/keys", &new)).await;
    let narrow = made["key"].as_str().expect("a key");
    assert_eq!(patch(&gateway, narrow, &json!({ "muted": true })).await.0, 200);
    for body in [json!({ "archived": true }), json!({ "assigned_to": "" })] {
        let (status, problem) = patch(&gateway, narrow, &body).await;
        assert_eq!((status, &problem["code"]), (403, &json!("scope-missing")), "{problem}");
    }
    let said = refused(gateway.get(&root, "/conversations?show=all")).await;
    assert_eq!(said, (400, "malformed".to_owned()));
}

#[tokio::test]
async fn a_blocked_number_is_filed_and_not_counted() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let budi = gateway.user("budi", false).await;
    let modem = gateway.modem("modem1", "+62811000001").await;
    gateway.receive(&modem, NUMBER, "Menang undian!").await;
    sent(&gateway, &budi, "Siapa ini?").await;
    // Budi has the conversation, and blocks nobody for all of the organisation.
    let (status, problem) = patch(&gateway, &budi, &json!({ "blocked": true })).await;
    assert_eq!((status, &problem["code"]), (403, &json!("admins-only")), "{problem}");
    assert_eq!(patch(&gateway, &root, &json!({ "blocked": true })).await.0, 200);
    gateway.receive(&modem, NUMBER, "Klik di sini").await;
    assert_eq!(listed(&gateway, &root, "open").await.0, 0);
    assert_eq!(listed(&gateway, &root, "blocked").await, (1, 0));
    assert_eq!(listed(&gateway, &budi, "blocked").await.0, 1);

    let mut page = browser_of(&gateway, "root").await;
    page.open("/conversations").await.hides(NUMBER);
    page.open("/conversations?show=blocked").await.shows("Klik di sini");
    page.open(TALK).await.shows("Unblock the number");
    page.send(&format!("{TALK}/mark"), &[("block", "0")]).await;
    page.shows("The number is not blocked any more.");
    page.shows("Block the number");
    page.open("/conversations").await.shows(TALK);
    page.send(&format!("{TALK}/mark"), &[("archive", "1")]).await;
    assert_eq!(page.at, "/conversations");
    page.shows("The conversation is archived.");
    page.send(&format!("{TALK}/mark"), &[]).await;
    assert_eq!(page.status, 400);
    let mut other = browser_of(&gateway, "budi").await;
    other.open(TALK).await.hides("name=\"block\"");
    other.send(&format!("{TALK}/mark"), &[("block", "1")]).await;
    assert_eq!(other.status, 403);
}

#[tokio::test]
async fn a_note_is_seen_at_once_and_sent_to_nobody() {
    let gateway = Gateway::start().await;
    let mut page = newcomer(&gateway, "en").await;
    let siti = gateway.user("siti", true).await;
    let modem = gateway.modem("modem1", "+62811000001").await;
    gateway.receive(&modem, NUMBER, "Buka jam berapa?").await;
    page.open(TALK).await;
    let mut events = Events::open(&gateway, &page, &position(&page)).await;
    let new = json!({ "text": "Pelanggan <b>lama</b>" });
    let (status, made) = answer(gateway.post(&siti, &format!("{TALK}/notes"), &new)).await;
    assert_eq!((status.as_u16(), &made["kind"]), (201, &json!("note")), "{made}");
    assert_eq!(made["note"]["author_name"], "siti", "{made}");
    let id = made["note"]["id"].as_str().expect("an id").parse::<contracts::NoteId>();
    let place = MessageId::from_uuid(id.expect("an id").uuid());
    let told = events.patch(&format!("b-{place}")).await;
    let html = told["html"].as_str().expect("a part");
    assert!(html.contains("bubble note") && html.contains("&#60;b&#62;lama"), "{html}");
    let assigned = patch(&gateway, &siti, &json!({ "assigned_to": "siti" })).await;
    assert_eq!(assigned.0, 200, "{}", assigned.1);
    let marks = page.page.split("id=\"marks-").nth(1).and_then(|rest| rest.split('"').next());
    let told = events.patch(&format!("marks-{}", marks.expect("marks"))).await;
    assert!(told["html"].as_str().expect("a part").contains("With siti"), "{told}");
    for wrong in [" \n ".to_owned(), "x".repeat(2_001)] {
        let note = gateway.post(&siti, &format!("{TALK}/notes"), &json!({ "text": wrong }));
        assert_eq!(refused(note).await, (400, "malformed".to_owned()));
    }
    let nobody = gateway.post(&siti, "/conversations/+62899/notes", &json!({ "text": "x" }));
    assert_eq!(refused(nobody).await.0, 404);

    page.open(TALK).await.shows("<summary>Handling</summary>");
    page.send(&format!("{TALK}/mark"), &[("assign", "siti")]).await.shows("Assigned to siti");
    page.send(&format!("{TALK}/note"), &[("note", "Sudah ditelepon")]).await;
    page.shows("The note stands in the conversation.");
    page.shows("Sudah ditelepon");
    page.shows("Note of siti");
    page.hides("<b>lama");
    let (_, talk) = answer(gateway.get(&siti, TALK)).await;
    let kinds = talk["lines"].as_array().expect("lines").iter().map(|line| &line["kind"]);
    assert_eq!(kinds.collect::<Vec<_>>(), ["note", "note", "received"], "{talk}");
    assert_eq!(gateway.accepted(&siti).await, 0);
    page.send(&format!("{TALK}/note"), &[("note", " ")]).await;
    page.shows("A note is a text of 1 to");
    // What is refused is not lost.
    let long = format!("Catatan <i> {}", "x".repeat(2_000));
    page.send(&format!("{TALK}/note"), &[("note", &long)]).await;
    assert_eq!(page.status, 422);
    page.shows("A note is a text of 1 to");
    page.shows("id=\"handling\" data-fresh open>");
    page.shows("Catatan &#60;i&#62; xxx");
    page.shows(&format!("name=\"back\" value=\"{TALK}\""));
}

#[tokio::test]
async fn a_conversation_has_so_many_notes_and_no_more() {
    let gateway = Gateway::start().await;
    let mut page = newcomer(&gateway, "en").await;
    let siti = gateway.user("siti", true).await;
    let modem = gateway.modem("modem1", "+62811000001").await;
    gateway.receive(&modem, NUMBER, "Buka jam berapa?").await;
    let by = Colleague { id: gateway.id_of("siti").await, name: "siti".to_owned() };
    let reader = Reader { account: by.id, sent: true, names: true };
    let (reach, with) = (Reach::everything(OrgId::default_org()), Address::from_text(NUMBER));
    for _ in 0..MOST_THREAD_NOTES {
        let (store, now) = (&gateway.store, Timestamp::now());
        let note = store.note_in_conversation(reach, reader, &with, (&by, "x"), now).await;
        assert!(note.expect("a note").is_some());
    }
    let note = gateway.post(&siti, &format!("{TALK}/notes"), &json!({ "text": "Satu lagi" }));
    assert_eq!(refused(note).await, (409, "too-many-notes".to_owned()));
    page.send(&format!("{TALK}/note"), &[("note", "Satu lagi")]).await;
    assert_eq!(page.status, 422);
    page.shows("notes already, which is the most there may be");
    page.shows("Satu lagi</textarea>");
}

#[tokio::test]
async fn a_colleague_is_seen_to_write_and_to_have_answered() {
    let gateway = Gateway::start().await;
    let mut page = newcomer(&gateway, "en").await;
    let siti = gateway.user("siti", true).await;
    let modem = gateway.modem("modem1", "+62811000001").await;
    gateway.receive(&modem, NUMBER, "Buka jam berapa?").await;
    page.open(TALK).await;
    let mut events = Events::open(&gateway, &page, &position(&page)).await;
    let mut other = browser_of(&gateway, "siti").await;
    other.send(&format!("{TALK}/writing"), &[]).await;
    assert_eq!(other.status, 204);
    let told = events.patch(&format!("writing-{}", gateway.id_of("siti").await)).await;
    assert!(told["html"].as_str().expect("a part").contains("siti is writing"), "{told}");
    let list = told["list"].as_str().expect("lists").split(' ').next().expect("a list");
    page.shows(list);

    // The answer of a colleague that came since is said before a second goes out.
    sent(&gateway, &siti, "Jam 8.").await;
    let seen = hidden(&page, "seen");
    let fields = |seen| [("form", "talk"), ("to", NUMBER), ("text", "Jam <8>"), ("seen", seen)];
    page.send("/send", &fields(&seen)).await.shows("siti has written to this number");
    assert_eq!(page.status, 409);
    page.shows(&format!("name=\"back\" value=\"{TALK}\""));
    page.shows("Jam &#60;8&#62;</textarea>");
    page.shows("Send anyway");
    assert_eq!(gateway.accepted(&siti).await, 1);
    let seen = hidden(&page, "seen");
    page.send("/send", &fields(&seen)).await.shows("On its way.");
    assert_eq!(page.at, TALK);
    // What one sent oneself is no answer of a colleague.
    page.send("/send", &fields(&seen)).await;
    assert_eq!(page.status, 200);
}

#[tokio::test]
async fn a_template_is_at_hand_with_the_fields_of_the_contact() {
    let gateway = Gateway::start().await;
    let mut page = newcomer(&gateway, "en").await;
    let root = gateway.user("root", true).await;
    let contact = json!({ "name": "Ibu \"Ani\"", "number": NUMBER, "shared": true });
    assert_eq!(answer(gateway.post(&root, "/contacts", &contact)).await.0, 201);
    let text = json!({ "name": "Salam", "text": "Halo {name}, di {number}.", "shared": true });
    let (_, made) = answer(gateway.post(&root, "/templates", &text)).await;
    let id = made["id"].as_str().expect("an id");
    let braces = json!({ "name": "Kurung", "text": "{ {x}", "shared": true });
    assert_eq!(answer(gateway.post(&root, "/templates", &braces)).await.0, 201);
    page.open(TALK).await.shows("data-insert=\"Halo Ibu &#34;Ani&#34;, di +628123456789.\"");
    page.shows("data-insert=\"{ {x}\"");
    page.open(&format!("{TALK}?template={id}")).await;
    page.shows("Halo Ibu &#34;Ani&#34;, di +628123456789.</textarea>");
    // The page has no long text but the one that was chosen, so that it is never heavy.
    let long = json!({ "name": "Aturan", "text": "<&>".repeat(600), "shared": true });
    let (_, made) = answer(gateway.post(&root, "/templates", &long)).await;
    let path = format!("{TALK}?template={}", made["id"].as_str().expect("an id"));
    page.open(TALK).await.shows(&format!("<a href=\"{path}\"><bdi>Aturan</bdi></a>"));
    page.shows("data-insert=\"{ {x}\"");
    page.open(&path).await.shows("&#60;&#38;&#62;</textarea>");
}
