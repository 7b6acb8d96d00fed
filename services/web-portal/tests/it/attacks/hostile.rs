//! Texts and names that are made to do something where they are shown.

use contracts::modem::ModemState;
use serde_json::{Value, json};
use testkit::wait_for;
use web_portal::declared_pages;

use super::{Things, filled, logged_in, noun};
use crate::browser::Browser;
use crate::gateway::{Gateway, answer};
use crate::live::{Events, position};

/// A name that ends attributes and elements, and begins a script.
const NAME: &str = "Qzx\"'></title></textarea><script>alert(1)</script>";
/// How its script is written on a page.
const SHOWN: &str = "&#60;script&#62;alert(1)&#60;/script&#62;";
/// A text of an SMS: markup, a line that is turned round, and what ends an event of a stream.
const TEXT: &str =
    "Tzx\"'></p><img src=x onerror=alert(1)>\u{202e}gnp.exe\n\nevent: forged\ndata: forged\n\n=1+1";
/// How its picture is written on a page.
const TEXT_SHOWN: &str = "&#60;img src=x onerror=alert(1)&#62;<span class=\"mark\">U+202E</span>";
/// Who says that they sent it.
const SENDER: &str = "<b>BANK</b>";

/// Sets rules of routes, of which one has the name.
async fn rule(gateway: &Gateway, key: &str) {
    let (_, now) = answer(gateway.get(key, "/routes")).await;
    let rules = json!([{ "name": NAME, "tags": ["none"], "refuse": "No." }]);
    let body = json!({ "version": now["version"], "rules": rules, "pools": now["pools"] });
    let url = format!("{}/api/v1/routes", gateway.url);
    let (status, set) = answer(gateway.http.put(url).bearer_auth(key).json(&body)).await;
    assert_eq!(status, 200, "{set}");
}

/// A modem whose name and network are hostile.
async fn modem(gateway: &Gateway) -> ModemState {
    let modem = gateway.modem("modem1", "+62811000001").await;
    let state = ModemState {
        name: NAME.to_owned(),
        operator: Some(NAME.to_owned()),
        text: NAME.to_owned(),
        firmware: NAME.to_owned(),
        ..modem
    };
    let modems = gateway.bus.kv(bus::Bucket::Modems).await.expect("the bucket");
    modems.put(&state.id.to_string(), &state).await.expect("a state");
    state
}

#[track_caller]
fn is_text(browser: &Browser<'_>) {
    for markup in
        ["<script>alert", "<img src=x", "Qzx\"", "Tzx\"", "<b>BANK", "</title></textarea>"]
    {
        browser.hides(markup);
    }
    // What was written as text twice would be shown as what stands for it.
    browser.hides("&#38;#60;");
}

/// Every page is looked at, so that one that is added is, too.
#[tokio::test]
async fn names_and_texts_are_text_on_every_page() {
    let gateway = Gateway::start().await;
    let key = gateway.user("root", true).await;
    let modem = modem(&gateway).await;
    let things = Things::make(&gateway, &key, NAME, TEXT).await;
    rule(&gateway, &key).await;
    gateway.receive(&modem, "+62812345678", TEXT).await;
    gateway.receive(&modem, SENDER, TEXT).await;
    wait_for("the modem's name", || async {
        let modems = gateway.modems(&key).await;
        modems.iter().any(|modem| modem.state.name == NAME).then_some(())
    })
    .await;
    let mut browser = logged_in(&gateway, "root").await;
    browser.open("/bulk").await;
    let (token, file) =
        (browser.csrf.clone(), format!("nomor,<img src=x>\n+62812345678,{SENDER}\n"));
    browser.upload("/bulk", &token, "<script>alert(1)</script>.csv", file.as_bytes()).await;
    assert!(browser.at.starts_with("/bulk/blk_"), "{}", browser.at);
    is_text(&browser);
    for page in declared_pages().iter().filter(|page| page.method == "GET") {
        // It has no end, and these are no pages.
        if page.path == "/events" || page.path.rsplit_once('.').is_some_and(|(_, end)| end == "csv")
        {
            continue;
        }
        let of_modem = modem.id.to_string();
        let of_sim = modem.sim.as_ref().expect("a SIM").id.to_string();
        let id = match noun(page.path) {
            "routes" => "0",
            "sims" => of_sim.as_str(),
            noun => things.id(noun).unwrap_or(&of_modem),
        };
        browser.open(&filled(page.path, id, "")).await;
        assert_ne!(browser.status, 500, "{}", page.path);
        is_text(&browser);
    }
    // And they are shown, where they are looked for.
    for (kind, shows) in [
        ("users", SHOWN),
        ("keys", SHOWN),
        ("contacts", SHOWN),
        ("groups", SHOWN),
        ("templates", SHOWN),
        ("schedules", SHOWN),
        ("broadcasts", SHOWN),
        ("services", SHOWN),
        ("routes", SHOWN),
        ("modems", SHOWN),
        ("audit", SHOWN),
        ("received", TEXT_SHOWN),
        ("sent", TEXT_SHOWN),
        ("conversations", TEXT_SHOWN),
        ("conversations/+62812345678", TEXT_SHOWN),
    ] {
        browser.open(&format!("/{kind}")).await.shows(shows);
    }
    for kind in ["users", "contacts", "groups", "templates", "schedules", "broadcasts", "services"]
    {
        let id = things.id(kind).expect("one of this kind");
        browser.open(&format!("/{kind}/{id}")).await.shows(SHOWN);
    }
    let message = things.id("messages").expect("a message");
    browser.open(&format!("/messages/{message}")).await.shows(TEXT_SHOWN);
    browser.open("/received").await.shows("&#60;b&#62;BANK&#60;/b&#62;");
}

/// What a form refuses is shown again with what was written, as it was written.
#[tokio::test]
async fn what_a_form_gives_back_is_text() {
    let gateway = Gateway::start().await;
    gateway.user("root", true).await;
    let mut browser = logged_in(&gateway, "root").await;
    let everything = [
        "name", "number", "to", "text", "note", "tags", "email", "label", "keyword", "aliases",
        "pattern", "url", "argument", "zone", "date", "time", "rule", "amount", "prefix", "price",
        "currency", "account", "tried", "from", "allow", "code", "q", "entry", "numbers", "group",
    ];
    for page in declared_pages().iter().filter(|page| page.method != "GET") {
        // They end the session, ask for a file, or have a text of another kind in the place of one of these.
        if ["/logout", "/bulk", "/account/sessions"].contains(&page.path) {
            continue;
        }
        let fields: Vec<(&str, &str)> =
            everything.iter().map(|name| (*name, "\"><b>Q</b>")).collect();
        let path = filled(page.path, "x", "change");
        browser.send(&path, &fields).await;
        assert_ne!(browser.status, 500, "{path}");
        browser.hides("\"><b>Q");
        browser.hides("<b>Q</b>");
    }
    let mut stranger = Browser::new(&gateway, "en");
    stranger.open("/login?next=%2F%22%3E%3Cb%3EQ%3C%2Fb%3E").await.hides("<b>Q");
    stranger.send("/login", &[("name", "\"><b>Q</b>"), ("password", "x")]).await.hides("<b>Q");
    // A page that says what is not there does not say it with markup.
    stranger.open("/%22%3E%3Cb%3EQ%3C%2Fb%3E").await.hides("<b>Q");
}

/// Programs and open pages are told the text as it is, and a line of it is no line of the stream.
#[tokio::test]
async fn a_text_stays_one_value_in_json_and_in_the_stream() {
    let gateway = Gateway::start().await;
    let key = gateway.user("root", true).await;
    let modem = modem(&gateway).await;
    let mut browser = logged_in(&gateway, "root").await;
    browser.open("/").await;
    let mut events = Events::open(&gateway, &browser, &position(&browser)).await;
    let id = gateway.receive(&modem, SENDER, TEXT).await;
    let told = loop {
        let (event, data) = events.next().await.expect("the connection stays");
        assert!(
            ["begin", "stale", "patches", "waits"].contains(&event.as_str()),
            "{event}: {data}"
        );
        if event != "patches" {
            continue;
        }
        let patches: Vec<Value> = serde_json::from_str(&data).expect("JSON on one line");
        if let Some(row) = patches.into_iter().find(|patch| patch["id"] == format!("m-{id}")) {
            break row;
        }
    };
    let html = told["html"].as_str().expect("a row");
    assert!(html.contains(TEXT_SHOWN) && html.contains("&#60;b&#62;BANK"), "{html}");
    assert!(!html.contains("<img") && !html.contains("<b>"), "{html}");
    let (_, seen) = answer(gateway.get(&key, &format!("/inbox/{id}"))).await;
    assert_eq!((&seen["text"], &seen["from"]), (&json!(TEXT), &json!(SENDER)));
}

/// Ten thousand marks on one letter are one line of a page, and a few of its bytes.
#[tokio::test]
async fn marks_are_not_stacked_over_a_page() {
    let gateway = Gateway::start().await;
    let key = gateway.user("root", true).await;
    let modem = gateway.modem("modem1", "+62811000001").await;
    let text = format!("Z{}algo", "\u{301}".repeat(10_000));
    gateway.receive(&modem, "+62812345678", &text).await;
    let mut browser = logged_in(&gateway, "root").await;
    for path in ["/", "/received", "/conversations/+62812345678"] {
        browser.open(path).await.shows("<span class=\"mark\">+9992</span>algo");
        assert!(browser.page.matches('\u{301}').count() < 100, "{path}");
    }
    // Nor in a name, which would paint over the lines around it.
    let name = format!("Z{}algo", "\u{301}".repeat(20));
    for (path, body) in [
        ("/users", json!({ "name": name })),
        ("/groups", json!({ "name": name })),
        ("/contacts", json!({ "name": name, "number": "+62812345678" })),
        ("/templates", json!({ "name": name, "text": "x" })),
        ("/invitations", json!({ "role": "user", "label": name })),
    ] {
        let (status, refused) = answer(gateway.post(&key, path, &body)).await;
        assert!(status == 400 || status == 422, "{path}: {status} {refused}");
    }
}

/// The style sheet clips what the portal cannot count: marks of any script.
#[test]
fn what_shows_texts_of_others_is_clipped() {
    let sheet = concat!(env!("CARGO_MANIFEST_DIR"), "/static/portal.css");
    let sheet = std::fs::read_to_string(sheet).expect("the style sheet");
    let clipped: Vec<&str> = sheet
        .split('}')
        .filter_map(|rule| rule.split_once('{'))
        .filter(|(_, style)| style.contains("overflow: clip"))
        .flat_map(|(selectors, _)| selectors.split(','))
        .filter_map(|selector| selector.trim().lines().last().map(str::trim))
        .collect();
    for shown in ["h1", ".text", ".said", ".sample", ".facts dd", ".card li > div"] {
        assert!(clipped.contains(&shown), "{shown} in {clipped:?}");
    }
}

/// What templates call the names that others gave.
const NAMES: [&str; 15] = [
    "row.name",
    "row.shown",
    "user.name",
    "service.name",
    "modem.name",
    "key.label",
    "one.label",
    "shown",
    "shown.name",
    "entry.from",
    "person.name",
    "template.name",
    "account.name",
    "alert.title",
    "open.browser",
];

/// Names of others stand in an element that keeps their direction to themselves.
#[test]
fn names_do_not_turn_round_what_stands_beside_them() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/templates");
    let mut isolated = 0;
    for entry in std::fs::read_dir(folder).expect("the templates") {
        let path = entry.expect("an entry").path();
        let source = std::fs::read_to_string(&path).expect("a template");
        // The names of queues are ours.
        if path.ends_with("status.html") {
            continue;
        }
        for name in NAMES {
            for (at, _) in source.match_indices(&format!("{{{{ {name} }}}}")) {
                let before = &source[..at];
                let is_within = |begin: &str, end: &str| {
                    before.rsplit_once(begin).is_some_and(|(_, rest)| !rest.contains(end))
                };
                // Nothing stands beside a name in an attribute, a title or an option.
                let is_alone = before.ends_with('"')
                    || is_within("{% block title %}", "{% endblock")
                    || is_within("<option", "</option>");
                let is_isolated = before.ends_with("<bdi>");
                assert!(is_alone || is_isolated, "{name} in {}", path.display());
                isolated += usize::from(is_isolated);
            }
        }
    }
    assert!(isolated > 30, "{isolated} names");
}
