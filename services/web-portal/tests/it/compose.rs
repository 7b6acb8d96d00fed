//! The form to write a message, as a browser without JavaScript sees it: names, fields, times, and what is shown before anything is sent.

use serde_json::{Value, json};
use testkit::wait_for;

use crate::browser::Browser;
use crate::gateway::{Gateway, answer};

/// Logs somebody in.
async fn browser_of<'a>(gateway: &'a Gateway, name: &str) -> Browser<'a> {
    let mut browser = Browser::new(gateway, "en");
    browser.open("/login").await;
    browser.send("/login", &[("name", name), ("password", "correct horse")]).await;
    browser
}

async fn made(gateway: &Gateway, key: &str, path: &str, body: &Value) -> Value {
    let (status, made) = answer(gateway.post(key, path, body)).await;
    assert_eq!(status, 201, "{path} {body}: {made}");
    made
}

/// Two called Siti and a Budi, all of a class.
async fn a_class(gateway: &Gateway, key: &str) -> String {
    let group = made(gateway, key, "/groups", &json!({ "name": "Kelas 7A", "code": "7A" })).await;
    let id = group["id"].as_str().expect("an id").to_owned();
    for (name, number) in
        [("Siti Aminah", "+62812000001"), ("Siti Nur", "+62812000002"), ("Budi", "+62812000003")]
    {
        let contact = json!({ "name": name, "number": number, "groups": [id] });
        made(gateway, key, "/contacts", &contact).await;
    }
    id
}

/// What stands in a hidden field of the page.
fn hidden(page: &str, name: &str) -> String {
    let begin = format!("name=\"{name}\" value=\"");
    let rest = page.split(&begin).nth(1).unwrap_or_else(|| panic!("no {name} in:\n{page}"));
    rest.split('"').next().unwrap_or_default().to_owned()
}

/// Sends what is looked at.
async fn send_it(browser: &mut Browser<'_>, fields: &[(&str, &str)]) {
    let (seen, attempt) = (hidden(&browser.page, "seen"), hidden(&browser.page, "attempt"));
    let mut all = vec![("form", "looked"), ("seen", &*seen), ("attempt", &*attempt)];
    all.extend_from_slice(fields);
    browser.send("/send", &all).await;
}

#[tokio::test]
async fn names_and_groups_are_shown_before_they_are_sent_to() {
    let gateway = Gateway::start().await;
    let key = gateway.user("root", true).await;
    gateway.modem("modem1", "+62811000001").await;
    a_class(&gateway, &key).await;
    let mut browser = browser_of(&gateway, "root").await;
    for (to, says) in [
        ("Siti", "“Siti” could be several: Siti Aminah +62812000001; Siti Nur +62812000002."),
        ("Tono", "“Tono” is neither a phone number nor the name of a contact or group."),
        ("#Kelas 9", "“#Kelas 9” is neither a phone number nor"),
        ("#", "“#” is neither a phone number nor"),
    ] {
        browser.send("/send", &[("form", "compose"), ("to", to), ("text", "Halo")]).await;
        assert_eq!(browser.status, 422, "{to}");
        browser.shows(says);
        browser.shows(&format!("{to}</textarea>"));
    }
    for (to, says) in [
        ("budi", "budi → Budi, +62812000003"),
        ("SITI A", "SITI A → Siti Aminah, +62812000001"),
        ("Kelas 7A", "Kelas 7A → 3 contacts of the group Kelas 7A"),
    ] {
        browser.send("/send", &[("form", "compose"), ("to", to), ("text", "Halo")]).await;
        assert_eq!(browser.status, 200, "{to}");
        browser.shows("Before it is sent");
        browser.shows(says);
        browser.shows("Online now: modem1.");
    }
    assert_eq!(gateway.accepted(&key).await, 0, "a look sends nothing");

    // The group, one of it by his number once more, and two that are in none, on lines.
    let to = "#7a\n+62 812-000-003\n+62855000001; +62855000002";
    let fields = [("to", to), ("text", "Halo")];
    let mut first = vec![("form", "compose")];
    first.extend_from_slice(&fields);
    browser.send("/send", &first).await.shows("#7a → 3 contacts of the group Kelas 7A");
    browser.shows("Send 5 messages");
    browser.shows("5 messages, 5 parts in all");
    send_it(&mut browser, &fields).await;
    assert!(browser.at.starts_with("/sent?batch="), "{}", browser.at);
    browser.shows("5 messages are on their way.");
    let batch = browser.at.clone();
    // With the one that counted.
    wait_for("the rows of all", || async {
        (gateway.messages(&key).await.len() == 6).then_some(())
    })
    .await;
    browser.open(&batch).await;
    assert_eq!(browser.page.matches("<article").count(), 5);
    browser.shows("The messages of one sending.");
}

#[tokio::test]
async fn what_has_changed_since_it_was_looked_at_is_looked_at_again() {
    let gateway = Gateway::start().await;
    let key = gateway.user("root", true).await;
    let group = a_class(&gateway, &key).await;
    let mut browser = browser_of(&gateway, "root").await;
    let fields = [("to", "#7A"), ("text", "Halo")];
    browser.send("/send/look", &fields).await.shows("Send 3 messages");
    let new = json!({ "name": "Tono", "number": "+62812000004", "groups": [group] });
    made(&gateway, &key, "/contacts", &new).await;
    send_it(&mut browser, &fields).await;
    browser.shows("It has changed since you looked");
    browser.shows("Send 4 messages");
    assert_eq!(gateway.accepted(&key).await, 0);
    send_it(&mut browser, &fields).await;
    assert!(browser.at.starts_with("/sent?batch="), "{}", browser.at);
}

#[tokio::test]
async fn fields_of_the_text_are_filled_in_from_contacts() {
    let gateway = Gateway::start().await;
    let key = gateway.user("root", true).await;
    a_class(&gateway, &key).await;
    let mut browser = browser_of(&gateway, "root").await;
    let fields = [("to", "Budi, +62855000001"), ("text", "Halo {name}: {number}, {{x}")];
    let mut first = vec![("form", "compose")];
    first.extend_from_slice(&fields);
    browser.send("/send", &first).await.shows("Halo Budi: +62812000003, {x}");
    browser.shows("Halo : +62855000001, {x}");
    browser.shows("One recipient has nothing in a field of the text");
    send_it(&mut browser, &fields).await;
    let mut texts = wait_for("both messages", || async {
        let all = gateway.messages(&key).await;
        let texts: Vec<String> = all.into_iter().filter_map(|one| one.text).collect();
        (texts.len() == 2).then_some(texts)
    })
    .await;
    texts.sort();
    assert_eq!(texts, ["Halo : +62855000001, {x}", "Halo Budi: +62812000003, {x}"]);
    // What has no such field is a text like any other.
    browser.send("/send", &[("to", "+62855000001"), ("text", "{x} {{")]).await.shows("{x} {{");
    // A long note in many places is no way to fill the memory.
    let note = json!({ "name": "Nita", "number": "+62812000009", "note": "x".repeat(500) });
    made(&gateway, &key, "/contacts", &note).await;
    let many = "{note}".repeat(10_000);
    browser.send("/send", &[("to", "Nita"), ("text", &many)]).await.shows("The text is too long");
}

#[tokio::test]
async fn when_and_how_are_said_in_the_form() {
    let gateway = Gateway::start().await;
    let key = gateway.user("root", true).await;
    let mut browser = browser_of(&gateway, "root").await;
    let to = [("form", "compose"), ("to", "+62855000001"), ("text", "Halo")];
    let with = |more: &[(&'static str, &'static str)]| {
        let mut all = to.to_vec();
        all.extend_from_slice(more);
        all
    };
    for (more, says) in [
        (&[("date", "2130-12-01")][..], "A time needs both: a date and a time of day."),
        (&[("date", "2020-12-01"), ("time", "08:00")], "has gone by. Leave it empty to send now."),
        (
            &[("until-date", "2020-12-01"), ("until-time", "08:00")],
            "is not to be sent has gone by.",
        ),
        (
            &[
                ("date", "2130-12-01"),
                ("time", "08:00"),
                ("until-date", "2130-11-30"),
                ("until-time", "08:00"),
            ],
            "“not after” is earlier than “not before”.",
        ),
    ] {
        browser.send("/send", &with(more)).await.shows(says);
        assert_eq!(browser.status, 422, "{more:?}");
        // What was chosen stays, and is seen.
        browser.shows(&format!("value=\"{}\"", more[0].1));
        browser.shows("<details class=\"more\" open>");
    }
    let chosen = [
        ("to", "+62855000001"),
        ("text", "Halo"),
        ("date", "2130-12-01"),
        ("time", "08:00"),
        ("until-date", "2130-12-02"),
        ("until-time", "08:00"),
        ("zone", "Asia/Jakarta"),
        ("priority", "bulk"),
        ("flash", "1"),
        ("double", "1"),
    ];
    let mut first = vec![("form", "compose")];
    first.extend_from_slice(&chosen);
    browser.send("/send", &first).await.shows("Before it is sent");
    browser.shows("<time datetime=\"2130-12-01T01:00:00Z\">");
    browser.shows("Flash message");
    browser.shows("(written in the zone Asia/Jakarta)");
    // Changing it goes back to the form, with all that was chosen.
    browser.send("/send/count", &chosen).await.shows("value=\"2130-12-02\"");
    browser.shows("<option value=\"bulk\" selected>");
    browser.send("/send/look", &chosen).await;
    send_it(&mut browser, &chosen).await;
    assert!(browser.at.starts_with("/messages/msg_"), "{}", browser.at);
    browser.shows("<dt>Not after</dt>");
    let sent = gateway.messages(&key).await;
    let (_, message) = answer(gateway.get(&key, &format!("/messages/{}", sent[0].id))).await;
    assert_eq!(message["priority"], "bulk", "{message}");
    // What is repeated is a schedule.
    browser
        .send("/send/repeat", &[("to", "+62855000001"), ("text", "Halo"), ("date", "2130-12-01")])
        .await;
    browser.shows("FREQ=WEEKLY");
    browser.shows("value=\"2130-12-01\"");
    browser.shows("+62855000001</textarea>");
}

#[tokio::test]
async fn a_schedule_is_begun_with_groups() {
    let gateway = Gateway::start().await;
    let key = gateway.user("root", true).await;
    let group = made(&gateway, &key, "/groups", &json!({ "name": "Kosong" })).await;
    let mut browser = browser_of(&gateway, "root").await;
    // An empty group is nobody.
    browser.send("/send/repeat", &[("to", "#Kosong"), ("text", "Halo")]).await;
    browser.shows("Nobody is in the group “Kosong”.");
    let id = group["id"].as_str().expect("an id");
    let contact = json!({ "name": "Budi", "number": "+62812000003", "groups": [id] });
    made(&gateway, &key, "/contacts", &contact).await;
    browser.send("/send/repeat", &[("to", "#Kosong"), ("text", "Halo")]).await;
    // The owner of a contact that a key made is the account of the key, and so is that of the group.
    browser.shows(&format!("name=\"group\" value=\"{id}\" checked"));
}

#[tokio::test]
async fn culprits_are_named_and_replaced_by_one_click() {
    let gateway = Gateway::start().await;
    gateway.user("root", true).await;
    let mut browser = browser_of(&gateway, "root").await;
    let fields = [("to", "+62855000001"), ("text", "“Halo” – 😀")];
    browser.send("/send/count", &fields).await.shows("Look-alikes that cost less: “ → &#34;");
    browser.shows("Replace them in the text");
    browser.send("/send/alike", &fields).await.shows("&#34;Halo&#34; - 😀</textarea>");
    browser.shows("+62855000001</textarea>");
    // What has no look-alike stays, and is still named.
    browser.shows("😀 makes the message Unicode");
    browser.hides("Replace them in the text");
    // Where it is looked at before it is sent there is the same button, and what is sent then is what was looked at.
    browser.send("/send/look", &fields).await.shows("Look-alikes that cost less: “ → &#34;");
    browser.shows("<dt>When</dt><dd><bdi>At once</bdi></dd>");
    let mut replace = fields.to_vec();
    replace.push(("replace", "alike"));
    browser.send("/send/look", &replace).await.shows("Before it is sent");
    browser.hides("Replace them in the text");
    let text = hidden(&browser.page, "text").replace("&#34;", "\"");
    assert_eq!(text, "\"Halo\" - 😀");
    send_it(&mut browser, &[("to", "+62855000001"), ("text", &text)]).await;
    assert!(browser.at.starts_with("/messages/msg_"), "{}", browser.at);
    browser.shows("&#34;Halo&#34; - 😀");
}

#[tokio::test]
async fn templates_and_people_are_at_hand() {
    let gateway = Gateway::start().await;
    let key = gateway.user("root", true).await;
    a_class(&gateway, &key).await;
    let new = json!({ "name": "Salam", "text": "Halo {name}" });
    let template = made(&gateway, &key, "/templates", &new).await;
    let id = template["id"].as_str().expect("an id");
    let mut browser = browser_of(&gateway, "root").await;
    browser.open("/").await.shows(&format!("name=\"template\" value=\"{id}\""));
    let fields = [("to", "Budi"), ("text", ""), ("template", id)];
    browser.send("/send/template", &fields).await.shows("Halo {name}</textarea>");
    let fields = [("to", "Budi"), ("text", "Bu!"), ("template", id)];
    browser.send("/send/template", &fields).await.shows("Bu!\nHalo {name}</textarea>");
    browser.open(&format!("/?template={id}")).await.shows("Halo {name}</textarea>");

    let patches = "application/vnd.merpati.patches+json";
    browser.headers.push(("accept", patches.to_owned()));
    browser.send("/send/people", &[("to", "+62811, siti")]).await.shows("Siti Aminah");
    browser.shows("+62812000002");
    browser.hides("Budi");
    browser.send("/send/people", &[("to", "#kel")]).await.shows("#Kelas 7A");
    browser.shows("group of 3 contacts");
    browser.send("/send/people", &[("to", "s")]).await.hides("Siti");
}

/// Which way one's own message goes is for whoever sends it, rules or not; and nobody is sent to by the name that another gave.
#[tokio::test]
async fn whoever_may_send_sees_the_way_of_their_own_messages_and_their_own_contacts() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    let budi = gateway.user("budi", false).await;
    gateway.modem("modem1", "+62811000001").await;
    let contact = |name: &str| json!({ "name": name, "number": "+62812000001" });
    made(&gateway, &root, "/contacts", &contact("Rahasia")).await;
    made(&gateway, &budi, "/contacts", &contact("Siti")).await;
    let mut browser = browser_of(&gateway, "budi").await;
    browser.send("/send", &[("form", "compose"), ("to", "Siti"), ("text", "Halo")]).await;
    assert_eq!(browser.status, 200);
    browser.shows("Online now: modem1.");
    browser.send("/send", &[("form", "compose"), ("to", "Rahasia"), ("text", "Halo")]).await;
    assert_eq!(browser.status, 422);
    browser.shows("“Rahasia” is neither a phone number nor the name of a contact or group.");
    browser.headers.push(("accept", "application/vnd.merpati.patches+json".to_owned()));
    browser.send("/send/people", &[("to", "rahas")]).await.hides("+62812000001");
}

#[tokio::test]
async fn what_costs_is_looked_at_first() {
    let gateway = Gateway::start().await;
    let key = gateway.user("root", true).await;
    let mut browser = browser_of(&gateway, "root").await;
    let fields = [("form", "compose"), ("to", "+62855000001"), ("text", "Halo")];
    browser.send("/send", &fields).await;
    assert!(browser.at.starts_with("/messages/msg_"), "one plain message goes at once");
    let prices = json!({ "version": 0, "currency": "IDR", "usual": "350", "prefixes": [] });
    let request = gateway.http.put(format!("{}/api/v1/prices", gateway.url));
    let (status, said) = answer(request.bearer_auth(&key).json(&prices)).await;
    assert_eq!(status, 200, "{said}");
    browser.send("/send", &fields).await.shows("Cost of all");
    browser.shows("350");
    browser.shows("Before it is sent");
}

#[tokio::test]
async fn whoever_opted_out_is_named_before_anything_is_sent() {
    let gateway = Gateway::start().await;
    gateway.user("root", true).await;
    let mut browser = browser_of(&gateway, "root").await;
    browser.open("/optouts").await;
    browser.send("/optouts", &[("numbers", "+62855000001")]).await;
    let fields = [("to", "+62855000001, +62855000002"), ("text", "Halo")];
    browser.send("/send/look", &fields).await;
    browser.shows("It is refused: the recipient asked to be sent nothing more.");
    assert_eq!(browser.page.matches("class=\"refused\"").count(), 1);
}

#[tokio::test]
async fn the_navigation_shows_what_one_may_see() {
    let gateway = Gateway::start().await;
    gateway.user("root", true).await;
    gateway.user("budi", false).await;
    let (mut root, mut budi) =
        (browser_of(&gateway, "root").await, browser_of(&gateway, "budi").await);
    root.open("/groups").await;
    budi.open("/groups").await;
    for path in ["/contacts", "/groups", "/templates", "/services", "/webhooks", "/account"] {
        for page in [&root, &budi] {
            page.shows(&format!("<a href=\"{path}\" data-letter="));
        }
    }
    for path in ["/routes", "/status", "/audit", "/users", "/teams"] {
        root.shows(&format!("<a href=\"{path}\" data-letter="));
        budi.hides(&format!("<a href=\"{path}\""));
    }
    // This page is behind “More”, which says so.
    root.shows("<summary class=\"here\">");
    root.open("/sent").await.hides("<summary class=\"here\">");
}

#[tokio::test]
async fn the_pages_can_be_installed() {
    let gateway = Gateway::start().await;
    let url = format!("{}/manifest.webmanifest", gateway.url);
    let answer = gateway.http.get(url).send().await.expect("an answer");
    assert_eq!(answer.headers()["content-type"], "application/manifest+json");
    let manifest: Value = answer.json().await.expect("a manifest");
    assert_eq!((&manifest["start_url"], &manifest["display"]), (&json!("/"), &json!("standalone")));
    let icons = manifest["icons"].as_array().expect("icons");
    assert_eq!(icons.len(), 2);
    for icon in icons {
        let url = format!("{}{}", gateway.url, icon["src"].as_str().expect("a URL"));
        let file = gateway.http.get(url).send().await.expect("a file");
        assert_eq!(file.status(), 200, "{icon}");
        assert_eq!(file.headers()["content-type"], "image/svg+xml");
    }
}
