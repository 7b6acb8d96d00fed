//! The ids of others, on the pages. What the calls of the API say of these is walked in `powers.rs`.

use contracts::{
    BroadcastId, BulkId, ContactId, GroupId, KeyId, LinkId, MessageId, ScheduleId, ServiceId,
    TemplateId, UserId, WebhookId,
};
use web_portal::declared_pages;

use super::{Things, filled, logged_in, newest, noun};
use crate::gateway::Gateway;

/// What a page of this kind can be told to do.
fn calls(noun: &str) -> &'static [&'static str] {
    match noun {
        "contacts" | "groups" | "templates" => &["change", "remove"],
        "schedules" => &["change", "pause", "resume", "run", "remove"],
        "broadcasts" => &["change", "start", "pause", "resume", "cancel", "test", "remove"],
        "bulk" => &["plan", "send", "pause", "resume", "cancel", "remove"],
        "webhooks" => {
            &["test", "enable", "disable", "answer", "silence", "rotate", "replay", "remove"]
        }
        "users" => &["role", "disable", "enable", "totp-off", "sessions", "act", "password-link"],
        _ => &["remove"],
    }
}

/// An id that nobody has.
fn absent(noun: &str) -> String {
    match noun {
        "messages" => MessageId::derived("absent").to_string(),
        "keys" => KeyId::new().to_string(),
        "services" => ServiceId::new().to_string(),
        "contacts" => ContactId::new().to_string(),
        "groups" => GroupId::new().to_string(),
        "templates" => TemplateId::new().to_string(),
        "schedules" => ScheduleId::new().to_string(),
        "broadcasts" => BroadcastId::new().to_string(),
        "bulk" => BulkId::new().to_string(),
        "webhooks" => WebhookId::new().to_string(),
        "invitations" => LinkId::new().to_string(),
        _ => UserId::new().to_string(),
    }
}

/// What stands at an address of somebody else's thing is what stands at one of nothing, whatever is asked of it.
#[tokio::test]
async fn a_stranger_s_page_is_as_one_that_is_not_there() {
    let gateway = Gateway::start().await;
    let root = gateway.user("root", true).await;
    gateway.user("budi", false).await;
    let things = Things::make(&gateway, &root, "Rahasia", "Sangat rahasia").await;
    // It is there for whose it is.
    let mut owner = logged_in(&gateway, "root").await;
    let contact = things.id("contacts").expect("a contact");
    owner.open(&format!("/contacts/{contact}")).await.shows("Rahasia");
    let mut budi = logged_in(&gateway, "budi").await;
    let before = newest(&gateway, &root).await;
    let mut tried = 0;
    for page in declared_pages().iter().filter(|page| page.path.contains("{id}")) {
        let noun = noun(page.path);
        let Some(theirs) = things.id(noun) else { continue };
        for call in calls(noun) {
            let mut seen = Vec::new();
            for id in [theirs, &absent(noun)] {
                let path = filled(page.path, id, call);
                match page.method {
                    "GET" => budi.open(&path).await,
                    _ => budi.send(&path, &[("name", "Baru"), ("text", "Baru")]).await,
                };
                budi.hides("ahasia");
                seen.push(budi.status.as_u16());
            }
            let shown = format!("{} {} ({call}): {seen:?}", page.method, page.path);
            assert_eq!(seen[0], seen[1], "{shown}");
            // Who may not do it at all is told so of either; a form may be refused before its thing is looked for.
            let refusals: &[u16] = match page.method {
                "GET" => &[403, 404],
                _ => &[400, 403, 404, 422],
            };
            assert!(refusals.contains(&seen[0]), "{shown}");
            tried += 1;
            if !page.path.contains("{call}") {
                break;
            }
        }
    }
    assert!(tried > 30, "{tried} pages and forms");
    assert_eq!(newest(&gateway, &root).await, before, "nothing was changed");
    owner.open(&format!("/contacts/{contact}")).await.shows("Rahasia");
}

/// An id is one of ours or nothing: what is written in its place reaches no statement and no file.
#[tokio::test]
async fn what_is_no_id_is_nothing() {
    let gateway = Gateway::start().await;
    gateway.user("root", true).await;
    let mut browser = logged_in(&gateway, "root").await;
    for id in [
        "..%2F..%2Fetc%2Fpasswd",
        "%2e%2e%2f",
        "1%27%20OR%20%271%27%3D%271",
        "%00",
        "%F0%28%8C%28",
        "*",
        "con_",
        "con_0198c0ffee000000000000000000000",
    ] {
        for page in declared_pages() {
            if page.method != "GET" || !page.path.contains("{id}") {
                continue;
            }
            browser.open(&filled(page.path, id, "x")).await;
            let status = browser.status.as_u16();
            assert!(status == 404 || status == 400, "{} of {id}: {status}", page.path);
        }
    }
    browser.open("/").await;
    assert_eq!(browser.status, 200);
}
