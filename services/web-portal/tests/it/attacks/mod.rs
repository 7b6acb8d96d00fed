//! What attackers try, a file for each class of attack.
//!
//! Which test holds which requirement of security stands in [`requirements`]: many are held where what they are about is tested,
//! here or in another crate. The files beside it try what goes through a whole portal, and walk the lists of pages and calls, so
//! that a page or a call that is added is tried, too.

mod csrf;
mod formulae;
mod hostile;
mod ids;
mod log_in;
mod redirects;
mod requests;
mod requirements;
mod sessions;
mod upload;

use api::AuditLog;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::gateway::{Gateway, answer, told};

const PASSWORD: &str = "correct horse";

/// A browser of somebody who is logged in.
async fn logged_in<'a>(gateway: &'a Gateway, name: &str) -> Browser<'a> {
    let mut browser = Browser::new(gateway, "en");
    browser.open("/login").await;
    browser.send("/login", &[("name", name), ("password", PASSWORD)]).await;
    assert_eq!(browser.at, "/", "{name}");
    browser
}

/// The place of the newest entry of the audit log, which whatever is changed moves.
async fn newest(gateway: &Gateway, key: &str) -> i64 {
    let log: AuditLog = told(gateway.get(key, "/audit?limit=1")).await;
    log.entries.first().map_or(0, |entry| entry.sequence)
}

/// What somebody has: one of each kind that has an id.
struct Things(Vec<(&'static str, String)>);

impl Things {
    /// Makes them with a key; each has this name, and this text where it has one.
    async fn make(gateway: &Gateway, key: &str, name: &str, text: &str) -> Self {
        let plan = json!({
            "name": name,
            "to": ["+62812345678"],
            "text": text,
            "at": "2130-01-01 08:00",
            "zone": "Asia/Jakarta",
        });
        let mut things = Vec::new();
        for (noun, body) in [
            ("users", json!({ "name": name })),
            ("invitations", json!({ "role": "user", "label": name })),
            ("keys", json!({ "label": name })),
            ("webhooks", json!({ "url": "https://a.example/hook", "events": ["sms.received"] })),
            ("services", json!({ "name": name, "keyword": "info", "reply": text })),
            ("contacts", json!({ "name": name, "number": "+62812345678", "note": text })),
            ("groups", json!({ "name": name })),
            ("templates", json!({ "name": name, "text": text })),
            ("schedules", plan),
            (
                "broadcasts",
                json!({ "name": name, "to": ["+62812345678"], "text": text, "zone": "Asia/Jakarta" }),
            ),
            // A file of one row.
            ("bulk", json!("+62812345678")),
        ] {
            things.push((noun, Self::one(gateway, key, noun, &body).await));
        }
        let message = json!({ "to": "+62812345678", "text": text });
        let sent = gateway.sends(key, &message).await;
        things.push(("messages", sent[0].to_string()));
        Self(things)
    }

    async fn one(gateway: &Gateway, key: &str, noun: &str, body: &Value) -> String {
        let (status, made) = answer(gateway.post(key, &format!("/{noun}"), body)).await;
        assert_eq!(status, 201, "{noun}: {made}");
        made["id"].as_str().expect("an id").to_owned()
    }

    /// The id of what is of this kind; none: there is none of it.
    fn id(&self, noun: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| *known == noun).map(|(_, id)| id.as_str())
    }
}

/// A path of a page or a call with what stands in the place of what it names.
fn filled(path: &str, id: &str, call: &str) -> String {
    path.replace("{id}", id)
        .replace("{call}", call)
        .replace("{number}", "%2B62812345678")
        .replace("{version}", "1")
}

/// The kind of thing that a path is about.
fn noun(path: &str) -> &str {
    match path.split('/').nth(1).unwrap_or_default() {
        "account" if path.starts_with("/account/keys") => "keys",
        "users" if path.starts_with("/users/invitations") => "invitations",
        noun => noun,
    }
}
