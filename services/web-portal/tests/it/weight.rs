//! What pages weigh: under 100 kB each, however much there is and whatever others wrote.

use std::collections::BTreeMap;

use contracts::mt::MtRequest;
use contracts::{
    Address, ContactId, Holder, MessageId, ModemId, OrgId, PhoneNumber, Priority, SimId, Timestamp,
};
use serde_json::{Value, json};
use store::{
    BroadcastPlan, Colleague, LONGEST_THREAD_NOTE, NewBroadcast, NewContact, NewGroup, NewOptOuts,
    NewSchedule, NewService, NewTemplate, NewUser, NewWebhook, OptOutSource, Reach, Reader, Role,
    ServiceAction, ServiceRule, Store, StoredRequest, Timing, WebhookFilter, WebhookForm,
    WebhookSecret,
};

use crate::browser::newcomer;
use crate::gateway::{Gateway, answer};

/// The most octets of a page.
const MOST: usize = 100_000;
/// More of everything than a page of a list has.
const MANY: usize = 110;
/// As many modems as a gateway has.
const MODEMS: usize = 200;
/// Who has a long conversation with the gateway.
const OTHER: &str = "+628120000000";
/// Whose conversation is full of notes.
const NOTED: &str = "+628130000001";

/// A text of which nothing is short on a page.
fn text(characters: usize) -> String {
    "<\u{202e}&é\"'>\u{200b}".chars().cycle().take(characters).collect()
}

/// A name as long as people write one, all of it escaped.
fn name(number: usize) -> String {
    format!("{number:03} {}", "<&>\"'".repeat(11))
}

/// Messages in both directions; returns one that was sent and one that was received.
async fn messages(gateway: &Gateway) -> (MessageId, MessageId) {
    let now = Timestamp::now();
    let owner = gateway.id_of("Ani").await;
    let to = PhoneNumber::parse(OTHER).expect("a number");
    let sent = MessageId::new();
    let requests: Vec<StoredRequest> = (0..MANY)
        .map(|number| {
            let request = MtRequest {
                id: Some(if number == 0 { sent } else { MessageId::new() }),
                owner,
                created_at: Some(now),
                ..MtRequest::text(to.clone(), text(10_000))
            };
            let sequence = u64::try_from(number).expect("a number") + 1;
            StoredRequest::new(request, Priority::Normal, now, sequence)
        })
        .collect();
    gateway.store.project_requests(&requests).await.expect("rows");
    let modem = gateway.modem("modem000", "+62811000000").await;
    let mut received = None;
    for number in 0..50 {
        let from = if number % 2 == 0 { OTHER.to_owned() } else { format!("+62813{number:07}") };
        received = Some(gateway.receive(&modem, &from, &text(10_000)).await);
    }
    let by = Colleague { id: owner, name: name(0) };
    let reader = Reader { account: owner, sent: true, names: true };
    let (everything, with) = (Reach::everything(OrgId::default_org()), Address::from_text(NOTED));
    let note = text(LONGEST_THREAD_NOTE);
    for _ in 0..MANY {
        let (store, now) = (&gateway.store, Timestamp::now());
        let kept = store.note_in_conversation(everything, reader, &with, (&by, &note), now).await;
        assert!(kept.expect("a note").is_some());
    }
    (sent, received.expect("a message"))
}

/// One more of what people keep.
async fn keep(store: &Store, number: usize) {
    let (everything, now) = (Reach::everything(OrgId::default_org()), Timestamp::now());
    let user = NewUser {
        name: format!("user{number}"),
        password_hash: None,
        role: Role::User,
        language: None,
    };
    let user = store.create_user(everything, &user, now).await.expect("a user");
    let group = NewGroup { owner: Holder::Everybody, name: name(number), code: None, rule: None };
    let group = store.create_group(everything, &group, now).await.expect("a group");
    let to = PhoneNumber::parse(&format!("+62814{number:07}")).expect("a number");
    let contact = NewContact {
        id: ContactId::new(),
        owner: Holder::Everybody,
        name: name(number),
        number: to.clone(),
        email: Some("o'brien&sons@example.com".to_owned()),
        note: Some(text(500)),
        tags: vec!["vip".to_owned()],
        groups: vec![group.id],
        fields: BTreeMap::new(),
    };
    store.create_contacts(everything, &[contact], now).await.expect("a contact");
    let template = NewTemplate { owner: Holder::Everybody, name: name(number), text: text(5_000) };
    store.create_template(everything, &template, now).await.expect("a template");
    let message = json!({ "text": text(5_000) });
    let broadcast = NewBroadcast {
        owner: user.id,
        name: name(number),
        message: serde_json::from_value(message.clone()).expect("a message"),
        groups: vec![group.id],
        numbers: vec![to.to_string()],
        plan: BroadcastPlan {
            starts: None,
            zone: "Asia/Jakarta".to_owned(),
            pace: None,
            quiet: None,
        },
    };
    store.create_broadcast(everything, &broadcast, now).await.expect("a broadcast");
    let schedule = NewSchedule {
        owner: user.id,
        name: name(number),
        message: serde_json::from_value(message).expect("a message"),
        numbers: vec![to.clone()],
        groups: vec![group.id],
        timing: Timing {
            starts: "2130-01-01T08:00:00".to_owned(),
            zone: "Asia/Jakarta".to_owned(),
            repetition: Some("FREQ=DAILY".to_owned()),
        },
        paused: false,
        next_at: "2130-01-01T01:00:00Z".parse().ok(),
    };
    store.create_schedule(everything, &schedule, now).await.expect("a schedule");
    let source = OptOutSource::Import;
    let out = NewOptOuts { numbers: vec![to], out: true, source, account: user.id };
    store.change_opt_outs(everything, &out, now).await.expect("an opt-out");
    let webhook = NewWebhook {
        owner: user.id,
        url: format!("https://shop.example/hook?{}", "a=1&".repeat(500)),
        events: vec![contracts::WebhookEvent::SmsReceived],
        filter: WebhookFilter::default(),
        raw_pdu: false,
        reply_with_body: false,
        max_messages: 1,
        form: WebhookForm::Standard,
        secret: WebhookSecret::new("whsec_MQ==".to_owned()),
    };
    store.create_webhook(everything, &webhook, now).await.expect("an endpoint");
    let service = NewService {
        owner: user.id,
        name: format!("service{number}"),
        keywords: vec![format!("word{number}")],
        rule: ServiceRule::default(),
        action: ServiceAction::Reply(text(1_000)),
        reply_with_body: true,
        max_messages: 1,
        omit_empty: false,
    };
    store.create_service(everything, &service, now).await.expect("a service");
}

#[tokio::test]
async fn no_page_is_heavy_however_much_there_is() {
    let gateway = Gateway::start().await;
    let mut browser = newcomer(&gateway, "id").await;
    let key = gateway.user("root", true).await;
    let (sent, received) = messages(&gateway).await;
    for number in 0..MANY {
        keep(&gateway.store, number).await;
    }
    for number in 1..MODEMS {
        gateway.modem(&format!("modem{number:03}"), &format!("+62811{number:07}")).await;
    }
    // What is done by acts stands in the audit log.
    for number in 0..30 {
        let group = json!({ "name": format!("<b>&{number}") });
        assert_eq!(answer(gateway.post(&key, "/groups", &group)).await.0, 201);
    }
    let (_, now) = answer(gateway.get(&key, "/routes")).await;
    let rules: Vec<Value> = (0..MANY)
        .map(|number| {
            let prefixes: Vec<String> = (100..120).map(|n| format!("+62{n}{number:03}")).collect();
            let targets = json!([{ "pool": "default" }]);
            json!({ "name": format!("rule {number:03}"), "prefixes": prefixes, "targets": targets })
        })
        .collect();
    let request = gateway.http.put(format!("{}/api/v1/routes", gateway.url)).bearer_auth(&key);
    let request = request.json(&json!({ "version": now["version"], "rules": rules }));
    assert_eq!(answer(request).await.0, 200);
    testkit::wait_for("all modems", || async {
        (gateway.modems(&key).await.len() == MODEMS).then_some(())
    })
    .await;
    let pages = [
        "/".to_owned(),
        "/conversations".to_owned(),
        format!("/conversations/{OTHER}"),
        format!("/conversations/{NOTED}"),
        "/sent".to_owned(),
        format!("/messages/{sent}"),
        "/received".to_owned(),
        format!("/received/{received}"),
        "/bulk".to_owned(),
        "/contacts".to_owned(),
        "/groups".to_owned(),
        "/templates".to_owned(),
        "/schedules".to_owned(),
        "/broadcasts".to_owned(),
        "/services".to_owned(),
        "/webhooks".to_owned(),
        "/modems".to_owned(),
        "/modems/add".to_owned(),
        format!("/modems/{}", ModemId::derived("modem001")),
        format!("/sims/{}", SimId::derived("modem001")),
        "/routes".to_owned(),
        "/reports".to_owned(),
        "/status".to_owned(),
        "/audit".to_owned(),
        "/account".to_owned(),
        "/keys".to_owned(),
        "/users".to_owned(),
        "/credits".to_owned(),
        "/optouts".to_owned(),
    ];
    let mut heavy = Vec::new();
    for path in pages {
        browser.open(&path).await;
        assert_eq!(browser.status, 200, "{path}");
        let octets = browser.page.len();
        if octets >= MOST {
            heavy.push((path, octets));
        }
    }
    assert!(heavy.is_empty(), "{heavy:?}");
    // What does not fit on a page of a list follows.
    for (path, row) in [
        ("/users", "<bdi>user"),
        ("/services", "<bdi>service"),
        ("/webhooks", "href=\"/webhooks/whk_"),
        ("/routes", "<bdi>rule "),
    ] {
        browser.open(path).await;
        let mut rows = browser.page.matches(row).count();
        assert!(rows < MANY, "{path}: {rows} on a page");
        while let Some((_, more)) = browser.page.split_once(&format!("href=\"{path}?from=")) {
            let from = more.split('"').next().expect("its end").to_owned();
            browser.open(&format!("{path}?from={from}")).await;
            rows += browser.page.matches(row).count();
        }
        assert_eq!(rows, MANY, "{path}");
    }
}

/// A list shows the beginning of a long text, and leads to all of it.
#[tokio::test]
async fn a_long_text_is_whole_on_its_own_page() {
    let gateway = Gateway::start().await;
    let mut browser = newcomer(&gateway, "en").await;
    let modem = gateway.modem("modem1", "+62811000001").await;
    let long = format!("{} FINIS", "word ".repeat(300));
    let id = gateway.receive(&modem, OTHER, &long).await;
    let short = gateway.receive(&modem, OTHER, "short").await;
    let whole = format!("href=\"/received/{id}\"");
    for path in ["/received".to_owned(), "/".to_owned(), format!("/conversations/{OTHER}")] {
        browser.open(&path).await.shows(&whole);
        browser.hides("FINIS");
        browser.hides(&format!("href=\"/received/{short}\""));
    }
    browser.open(&format!("/received/{id}")).await.shows("FINIS</p>");
    browser.hides(&whole);
    for other in [MessageId::new().to_string(), "x".to_owned()] {
        browser.open(&format!("/received/{other}")).await;
        assert_eq!(browser.status, 404, "{other}");
    }
    // A note has a page of its conversation that begins with it.
    browser.open(&format!("/conversations/{OTHER}")).await;
    browser.send(&format!("/conversations/{OTHER}/note"), &[("note", &long)]).await;
    browser.open(&format!("/conversations/{OTHER}")).await.hides("FINIS");
    let mut links = browser.page.split("href=\"").filter_map(|rest| rest.split('"').next());
    let link = links.find(|link| link.contains("whole=")).expect("a link").replace("&#38;", "&");
    browser.open(&link).await.shows("FINIS</p>");
    // One that was sent has its page anyway.
    browser.send("/send", &[("to", "+62812345678"), ("text", &long)]).await;
    testkit::wait_for("the row", || async {
        let reach = Reach::everything(OrgId::default_org());
        let page = store::Page { before: None, limit: 1 };
        let all = gateway.store.messages(reach, &store::MessageFilter::default(), page).await;
        all.ok()?.messages.pop()
    })
    .await;
    browser.open("/sent").await.hides("FINIS");
    let link = browser.page.split("class=\"row-link\" href=\"").nth(1).expect("a link");
    let link = link.split('"').next().expect("its end").to_owned();
    browser.open(&link).await.shows("FINIS</p>");
}
