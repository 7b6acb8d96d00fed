//! An entry to be written.

use std::fmt;
use std::net::IpAddr;

use contracts::{KeyId, OrgId, Timestamp, UserId};
use serde::Serialize;
use serde_json::{Map, Value};

use super::AuditAction;
use super::chain::AuditRow;
use crate::column::storable;

/// The most characters of a name or an id in an entry.
const LONGEST_NAME: usize = 200;
/// The most bytes of the value of a field, as JSON.
const LONGEST_VALUE: usize = 500;
/// The most bytes of all fields together, as JSON.
const LARGEST: usize = 4_000;
/// How deep the fields of an object within an object have names of their own.
const DEEPEST: usize = 3;

contracts::named! {
    /// What kind of actor did something.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum AuditActorKind {
        /// A person, by a session.
        User = "user",
        /// A program, by a key of an account.
        Key = "key",
        /// The gateway's own user, by the socket in the data folder: the command line.
        Local = "local",
        /// Whoever had the set-up link.
        Setup = "setup",
        /// Whoever had an invitation.
        Invited = "invited",
        /// A program that the configuration lets in without an account.
        Service = "service",
        /// Somebody who did not get in.
        Stranger = "stranger",
    }
}

contracts::named! {
    /// By which door somebody came.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum AuditDoor {
        /// The portal's pages.
        Page = "page",
        /// `/api/v1`.
        Api = "api",
        /// The socket in the data folder.
        Socket = "socket",
        /// `/mcp`.
        Mcp = "mcp",
        /// Kannel's endpoint.
        Kannel = "kannel",
        /// Kannel's admin pages.
        KannelAdmin = "kannel-admin",
        /// playSMS's webservices.
        PlaySms = "playsms",
        /// Jasmin's HTTP API.
        Jasmin = "jasmin",
        /// Twilio's API.
        Twilio = "twilio",
        /// SMSEagle's API.
        SmsEagle = "smseagle",
        /// SMSGate's API.
        SmsGate = "smsgate",
        /// Mails that come in.
        Mail = "mail",
    }
}

/// Who did something, as they were called then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditActor {
    kind: AuditActorKind,
    id: String,
    name: String,
    key: Option<KeyId>,
}

impl AuditActor {
    /// An account; with `key`, by that key.
    pub fn account(id: UserId, name: &str, key: Option<KeyId>) -> Self {
        let kind = if key.is_some() { AuditActorKind::Key } else { AuditActorKind::User };
        Self { kind, id: id.to_string(), name: name.to_owned(), key }
    }

    /// Somebody without an account. The id is the word of the kind, so that it can be looked for.
    pub fn without_account(kind: AuditActorKind, name: &str) -> Self {
        Self { kind, id: kind.as_str().to_owned(), name: name.to_owned(), key: None }
    }
}

/// An entry to be written. Secrets, texts of messages and whole numbers of others do not belong in it: whoever makes one leaves
/// them out.
#[derive(Debug, Clone, PartialEq)]
pub struct NewAuditEntry {
    org: OrgId,
    at: Timestamp,
    actor: AuditActor,
    door: AuditDoor,
    address: Option<IpAddr>,
    action: AuditAction,
    subject: String,
    subject_name: String,
    before: Map<String, Value>,
    after: Map<String, Value>,
}

impl NewAuditEntry {
    /// An entry of what was done by an actor, who came by a door and from an address, where that is known.
    pub fn new(
        org: OrgId,
        at: Timestamp,
        actor: AuditActor,
        (door, address): (AuditDoor, Option<IpAddr>),
        action: AuditAction,
    ) -> Self {
        Self {
            org,
            at,
            actor,
            door,
            address,
            action,
            subject: String::new(),
            subject_name: String::new(),
            before: Map::new(),
            after: Map::new(),
        }
    }

    /// Says what it was done to. An empty name leaves the one that is known.
    #[must_use]
    pub fn about(mut self, id: &dyn fmt::Display, name: &str) -> Self {
        self.set_subject(&id.to_string(), name);
        self
    }

    /// Says how something was before and how it is after that: of two objects the fields that differ.
    #[must_use]
    pub fn changed(mut self, before: &impl Serialize, after: &impl Serialize) -> Self {
        self.add_change(before, after);
        self
    }

    /// Says how something is after it was done: the fields of an object that are not `null`.
    #[must_use]
    pub fn with(mut self, after: &impl Serialize) -> Self {
        self.add_change(&Value::Null, after);
        self
    }

    pub(crate) const fn org(&self) -> OrgId {
        self.org
    }

    pub(crate) fn set_subject(&mut self, id: &str, name: &str) {
        id.clone_into(&mut self.subject);
        if !name.is_empty() {
            name.clone_into(&mut self.subject_name);
        }
    }

    pub(crate) fn add_change(&mut self, before: &impl Serialize, after: &impl Serialize) {
        let (before, after) = (fields(before), fields(after));
        let differ = |all: &Map<String, Value>, others: &Map<String, Value>| {
            let own = all.iter().filter(|(name, value)| others.get(*name) != Some(*value));
            own.map(|(name, value)| (name.clone(), value.clone())).collect::<Vec<_>>()
        };
        self.before.extend(differ(&before, &after));
        self.after.extend(differ(&after, &before));
    }

    /// The row of the entry after the one with this hash; its own hash is made.
    pub(crate) fn row(&self, sequence: i64, previous: String) -> AuditRow {
        let mut row = AuditRow {
            org: self.org.to_string(),
            sequence,
            at: self.at.as_micros(),
            actor_kind: self.actor.kind.as_str().to_owned(),
            actor: cut(&self.actor.id),
            actor_name: cut(&self.actor.name),
            actor_key: self.actor.key.map(|key| key.to_string()),
            door: self.door.as_str().to_owned(),
            address: self.address.map(|address| address.to_string()),
            action: self.action.as_str().to_owned(),
            subject: cut(&self.subject),
            subject_name: cut(&self.subject_name),
            before_json: bounded(&self.before),
            after_json: bounded(&self.after),
            previous,
            hash: String::new(),
        };
        row.hash = row.made_hash();
        row
    }
}

/// The fields of an object that are not `null`; those of an object within it are named as in `limits.per_hour`.
fn fields(value: &impl Serialize) -> Map<String, Value> {
    let mut found = Map::new();
    if let Ok(Value::Object(object)) = serde_json::to_value(value) {
        flatten("", object, 1, &mut found);
    }
    found
}

fn flatten(within: &str, object: Map<String, Value>, depth: usize, found: &mut Map<String, Value>) {
    for (name, value) in object {
        let name = format!("{within}{name}");
        match value {
            Value::Null => {}
            Value::Object(inner) if depth < DEEPEST => {
                flatten(&format!("{name}."), inner, depth + 1, found);
            }
            value => drop(found.insert(name, value)),
        }
    }
}

/// Fields as JSON of a bounded size. What is cut says so.
fn bounded(fields: &Map<String, Value>) -> String {
    let mut kept = Map::new();
    let mut size = 2;
    for (at, (name, value)) in fields.iter().enumerate() {
        let value = match value.to_string() {
            json if json.len() <= LONGEST_VALUE => value.clone(),
            json => {
                let begin: String = json.chars().take(LONGEST_VALUE / 4).collect();
                Value::String(format!("{begin}… ({} bytes, cut)", json.len()))
            }
        };
        let name = cut(name);
        size += name.len() + value.to_string().len() + 8;
        if size > LARGEST {
            let left = fields.len() - at;
            kept.insert("…".to_owned(), Value::String(format!("{left} more, cut")));
            break;
        }
        kept.insert(name, value);
    }
    Value::Object(kept).to_string()
}

/// A name or an id of a bounded length. What is cut ends in `…`.
fn cut(text: &str) -> String {
    let text = storable(text);
    if text.chars().count() <= LONGEST_NAME {
        return text;
    }
    let begin: String = text.chars().take(LONGEST_NAME - 1).collect();
    format!("{begin}…")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn entry() -> NewAuditEntry {
        let actor = AuditActor::without_account(AuditActorKind::Local, "local");
        let (org, at) = (OrgId::default_org(), Timestamp::from_micros(1));
        NewAuditEntry::new(org, at, actor, (AuditDoor::Socket, None), AuditAction::SimChanged)
    }

    fn of(row: &str) -> Value {
        serde_json::from_str(row).unwrap()
    }

    #[test]
    fn only_what_differs_is_told() {
        let before = json!({ "pool": "default", "limits": { "per_hour": 100, "zone": "UTC" } });
        let after = json!({ "pool": "default", "limits": { "per_hour": 50, "zone": "UTC", "per_day": null } });
        let row = entry().changed(&before, &after).row(1, String::new());
        assert_eq!(of(&row.before_json), json!({ "limits.per_hour": 100 }));
        assert_eq!(of(&row.after_json), json!({ "limits.per_hour": 50 }));
        let row = entry().changed(&after, &after).row(1, String::new());
        assert_eq!((row.before_json.as_str(), row.after_json.as_str()), ("{}", "{}"));
    }

    #[test]
    fn an_entry_is_bounded_and_says_what_was_cut() {
        let long = "\u{1f54a}\0\"".repeat(10_000);
        let many: Map<String, Value> =
            (0..1_000).map(|n| (format!("field{n}"), json!("x".repeat(400)))).collect();
        let row = entry()
            .about(&long, &long)
            .changed(&json!({ "text": long }), &json!({ "text": "short" }))
            .with(&many)
            .row(1, String::new());
        assert!(row.before_json.len() < 1_100 && row.before_json.contains("bytes, cut)"));
        assert!(row.after_json.len() <= LARGEST + 100, "{}", row.after_json.len());
        assert!(row.after_json.contains("more, cut"), "{}", row.after_json);
        assert_eq!(row.subject_name.chars().count(), LONGEST_NAME);
        assert!(row.subject.ends_with('…') && !row.subject.contains('\0'));
        // What was cut is JSON all the same.
        assert!(of(&row.after_json).is_object() && of(&row.before_json).is_object());
    }
}
