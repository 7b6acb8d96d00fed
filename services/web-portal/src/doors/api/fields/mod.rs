//! What each call takes: the one list of fields and their bounds, by which requests are checked before anything else
//! reads them, and which docs/api.md quotes.
//!
//! A call that is not listed takes nothing, and so does one for whose method and path there is no entry.

mod audit;
mod broadcasts;
mod bulk;
mod configuration;
mod conversations;
mod credits;
mod fault;
mod kind;
mod people;
mod phone_book;
mod reports;
mod routes;
mod schedules;

use axum::extract::Request;
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use contracts::{WebhookEvent, bounds, limits};
use keyword::{command, expression, times, to_group};
use serde_json::Value;
use store::{
    LONGEST_ADDRESS, LONGEST_SEARCH, MOST_CONFIRMED, MOST_INBOXES, MOST_LINES, MOST_QUESTIONS,
    MOST_SHOWN, Survey,
};

use fault::Fault;
pub use kind::Kind;
use kind::WRITTEN_NUMBER;

use super::problem::{Answer, Problem};
use crate::acts::account::LONGEST_NAME as NAME;
use crate::acts::key::LONGEST_LABEL;
use crate::acts::{acceptance, group, import, modem, opt_out, service, trial, webhook};
use crate::password;
use crate::power::SCOPES;

/// One call under `/api/v1`.
#[derive(Debug, Clone, Copy)]
pub struct Call {
    /// Its method.
    pub method: &'static str,
    /// Its path; `{…}` stands for any one segment.
    pub path: &'static str,
    /// What its query may have.
    pub query: &'static [Field],
    /// What its body may have.
    pub body: &'static [Field],
}

/// A field of a query or of a JSON object.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What may stand in it.
    pub kind: Kind,
    /// Whether it must be there.
    pub required: bool,
}

/// A field that may be left out.
const fn may(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: false }
}

/// A field that must be there.
const fn must(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: true }
}

const fn get(path: &'static str, query: &'static [Field]) -> Call {
    Call { method: "GET", path, query, body: &[] }
}

const fn delete(path: &'static str, query: &'static [Field]) -> Call {
    Call { method: "DELETE", path, query, body: &[] }
}

const fn patch(path: &'static str, body: &'static [Field]) -> Call {
    Call { method: "PATCH", path, query: &[], body }
}

const fn put(path: &'static str, body: &'static [Field]) -> Call {
    Call { method: "PUT", path, query: &[], body }
}

const fn post(path: &'static str, body: &'static [Field]) -> Call {
    Call { method: "POST", path, query: &[], body }
}

/// Characters of an AT command.
const AT_COMMAND: usize = modem::LONGEST_COMMAND;
/// The most messages of a page.
pub(crate) const PAGE: u32 = 500;
/// The most characters of the place of an entry of a keyword service.
const ENTRY_PLACE: usize = 64;

/// A message to be sent.
const MESSAGE: &[Field] = &[
    may("to", Kind::Recipients),
    may("text", Kind::Parts),
    may("data", Kind::Parts),
    may("encoding", Kind::OneOf(&["auto", "gsm7", "smart", "ucs2"])),
    may("languages", Kind::Tags),
    may("priority", Kind::OneOf(&["otp", "normal", "bulk"])),
    may("class", Kind::Number(0, 3)),
    may("flash", Kind::Flag),
    may("dcs", Kind::Number(0, 255)),
    may("validity_minutes", Kind::Number(1, bounds::VALIDITY_MINUTES as i64)),
    may("report", Kind::Flag),
    may("protocol_id", Kind::Number(0, 255)),
    may("reply_path", Kind::Flag),
    may("ports", Kind::Ports),
    may("udh", Kind::Hex(bounds::UDH)),
    may("not_before", Kind::Time),
    may("not_after", Kind::Time),
    may("sim", Kind::Id("sim_")),
    may("pool", Kind::Text(32)),
    may("tag", Kind::Text(bounds::TAG)),
    may("sender", Kind::Text(bounds::SENDER)),
    may("when_uncertain", Kind::OneOf(&["hold", "resend"])),
    may("allow_double", Kind::Flag),
    may("dry_run", Kind::Flag),
    may(
        "dlr",
        Kind::Object(&[must("url", Kind::Url(bounds::URL)), must("mask", Kind::Number(0, 63))]),
    ),
];
/// A message to be sent to many.
const BATCH: &[Field] = &{
    let mut fields = [may("to", Kind::BatchRecipients); MESSAGE.len()];
    let mut n = 1;
    while n < MESSAGE.len() {
        fields[n] = MESSAGE[n];
        n += 1;
    }
    fields
};
/// The events of webhooks.
const EVENTS: [&str; WebhookEvent::ALL.len()] = {
    let mut words = [""; WebhookEvent::ALL.len()];
    let mut n = 0;
    while n < words.len() {
        words[n] = WebhookEvent::ALL[n].as_str();
        n += 1;
    }
    words
};
const NONE: &[Field] = &[];
/// How much a SIM may send.
const LIMITS: &[Field] = &[
    may("per_minute", Kind::Number(1, limits::MOST as i64)),
    may("per_hour", Kind::Number(1, limits::MOST as i64)),
    may("per_day", Kind::Number(1, limits::MOST as i64)),
    may("per_month", Kind::Number(1, limits::MOST as i64)),
    may("price", Kind::Number(1, limits::MOST_SPEND as i64)),
    may("spend_per_day", Kind::Number(1, limits::MOST_SPEND as i64)),
    may("spend_per_month", Kind::Number(1, limits::MOST_SPEND as i64)),
    may("recipients_per_month", Kind::Number(1, limits::MOST_RECIPIENTS as i64)),
    may("quiet", Kind::Hours),
    may("warm_up", Kind::Number(1, limits::MOST as i64)),
    may("warm_up_from", Kind::Day),
    may("zone", Kind::Zone),
];
/// How much an account may send.
const USER_LIMITS: &[Field] = &[
    may("per_minute", Kind::Number(1, limits::MOST as i64)),
    may("per_hour", Kind::Number(1, limits::MOST as i64)),
    may("per_day", Kind::Number(1, limits::MOST as i64)),
    may("per_month", Kind::Number(1, limits::MOST as i64)),
    may("otp_per_hour", Kind::Number(1, limits::MOST as i64)),
    may("weight", Kind::Number(1, limits::MOST_WEIGHT as i64)),
    may("zone", Kind::Zone),
];
/// A recipient of a batch who has a text of its own.
const RECIPIENT: &[Field] = &[must("to", Kind::Text(WRITTEN_NUMBER)), may("text", Kind::Parts)];
const NUMBER: &[Field] = &[may("number", Kind::Text(WRITTEN_NUMBER))];

/// A message that another gateway sent.
const PAST_SENT: &[Field] = &[
    must("source", Kind::Text(import::LONGEST_SOURCE)),
    may("number", Kind::Number(1, i64::MAX)),
    may("owner", Kind::Id("usr_")),
    must("to", Kind::Text(import::LONGEST_NUMBER)),
    must("text", Kind::Text(import::LONGEST_TEXT)),
    must("state", Kind::OneOf(&import::ENDS)),
    must("at", Kind::Time),
    may("ended_at", Kind::Time),
];
/// A message that another gateway received.
const PAST_RECEIVED: &[Field] = &[
    must("source", Kind::Text(import::LONGEST_SOURCE)),
    may("number", Kind::Number(1, i64::MAX)),
    may("owner", Kind::Id("usr_")),
    must("from", Kind::Text(import::LONGEST_NUMBER)),
    may("to", Kind::Text(import::LONGEST_NUMBER)),
    must("text", Kind::Text(import::LONGEST_TEXT)),
    must("at", Kind::Time),
];

/// Every call that takes something.
pub const CALLS: &[Call] = &[
    post("/messages", MESSAGE),
    post("/batches", BATCH),
    post("/messages/preview", MESSAGE),
    bulk::BULK[0],
    bulk::BULK[1],
    bulk::BULK[2],
    bulk::BULK[3],
    get(
        "/messages",
        &[
            may("state", Kind::Text(256)),
            may("to", Kind::Text(WRITTEN_NUMBER)),
            may("batch", Kind::Id("bat_")),
            may("sim", Kind::Id("sim_")),
            may("user", Kind::Text(NAME)),
            may("since", Kind::Time),
            may("until", Kind::Time),
            may("q", Kind::Text(LONGEST_SEARCH)),
            may("limit", Kind::Number(1, PAGE as i64)),
            may("before", Kind::Cursor),
        ],
    ),
    get("/messages/{id}", &[may("after", Kind::Text(20))]),
    get(
        "/inbox",
        &[
            may("sim", Kind::Id("sim_")),
            may("from", Kind::Text(WRITTEN_NUMBER)),
            may("user", Kind::Text(NAME)),
            may("since", Kind::Time),
            may("until", Kind::Time),
            may("q", Kind::Text(LONGEST_SEARCH)),
            may("limit", Kind::Number(1, PAGE as i64)),
            may("before", Kind::Cursor),
        ],
    ),
    conversations::CONVERSATIONS[0],
    conversations::CONVERSATIONS[1],
    conversations::CONVERSATIONS[2],
    conversations::CONVERSATIONS[3],
    conversations::CONVERSATIONS[4],
    post("/modems/{id}/ussd", &[must("code", Kind::Text(modem::LONGEST_USSD))]),
    post("/modems/{id}/at", &[must("command", Kind::Text(AT_COMMAND))]),
    post("/modems/{id}/pin", &[must("pin", Kind::Text(8))]),
    post("/modems/{id}/flight", &[must("on", Kind::Flag)]),
    post("/modems/{id}/number", NUMBER),
    post("/modems/{id}/smsc", NUMBER),
    post("/modems/{id}/trace", &[must("seconds", Kind::Number(1, 60))]),
    patch(
        "/modems/{id}",
        &[may("name", Kind::Text(modem::LONGEST_NAME)), may("enabled", Kind::Flag)],
    ),
    patch(
        "/sims/{id}",
        &[
            may("senders", Kind::Who),
            may("readers", Kind::Who),
            may("limits", Kind::Object(LIMITS)),
            may("pool", Kind::Text(32)),
        ],
    ),
    post(
        "/users",
        &[
            must("name", Kind::Text(NAME)),
            may("password", Kind::Text(password::MOST)),
            may("role", Kind::OneOf(&people::ROLES)),
            may("admin", Kind::Flag),
            may("service", Kind::Flag),
            may("language", Kind::OneOf(&["en", "id"])),
        ],
    ),
    post("/users/{id}/password", &[must("password", Kind::TextOrNull(password::MOST))]),
    post("/users/{id}/role", &[must("role", Kind::OneOf(&people::ROLES))]),
    put("/users/{id}/limits", USER_LIMITS),
    people::PEOPLE[0],
    people::PEOPLE[1],
    people::PEOPLE[2],
    people::PEOPLE[3],
    people::PEOPLE[4],
    post(
        "/keys",
        &[
            may("user", Kind::Text(NAME)),
            may("label", Kind::Text(LONGEST_LABEL)),
            may("scopes", Kind::Several(&SCOPES)),
            may("allow", Kind::Networks),
            may("expires_at", Kind::Time),
            may("kannel_password", Kind::Text(password::MOST)),
            may("playsms_token", Kind::Text(password::MOST)),
            may("playsms_password_hash", Kind::OldHash),
        ],
    ),
    post(
        "/webhooks",
        &[
            must("url", Kind::UrlOrMail(bounds::URL)),
            must("events", Kind::Several(&EVENTS)),
            may("sim", Kind::Id("sim_")),
            may("sender", Kind::Text(webhook::LONGEST_FILTER)),
            may("keyword", Kind::Text(webhook::LONGEST_FILTER)),
            may("raw_pdu", Kind::Flag),
            may("format", Kind::OneOf(&["standard", "twilio"])),
            may("reply_with_body", Kind::Flag),
            may("max_messages", Kind::Number(0, bounds::REPLY_PARTS as i64)),
        ],
    ),
    patch(
        "/webhooks/{id}",
        &[
            may("url", Kind::UrlOrMail(bounds::URL)),
            may("events", Kind::Several(&EVENTS)),
            may("sim", Kind::Text(36)),
            may("sender", Kind::Text(webhook::LONGEST_FILTER)),
            may("keyword", Kind::Text(webhook::LONGEST_FILTER)),
            may("raw_pdu", Kind::Flag),
            may("reply_with_body", Kind::Flag),
            may("max_messages", Kind::Number(0, bounds::REPLY_PARTS as i64)),
            may("enabled", Kind::Flag),
        ],
    ),
    get(
        "/webhooks/{id}/deliveries",
        &[may("limit", Kind::Number(1, PAGE as i64)), may("before", Kind::Text(64))],
    ),
    post(
        "/webhooks/{id}/deliveries/replay",
        &[
            may("delivery", Kind::Id("whd_")),
            may("since", Kind::Time),
            may("until", Kind::Time),
            may("all", Kind::Flag),
        ],
    ),
    post(
        "/services",
        &[
            must("name", Kind::Text(service::LONGEST_NAME)),
            may("keyword", Kind::Text(bounds::KEYWORD)),
            may("aliases", Kind::Texts(service::MOST_ALIASES, bounds::KEYWORD)),
            may("match", Kind::Text(expression::LONGEST)),
            may("place", Kind::Number(1, service::LAST_PLACE as i64)),
            may("sim", Kind::Id("sim_")),
            may("from", Kind::Text(trial::LONGEST_SENDER)),
            may("when", Kind::Text(times::LONGEST)),
            may("get_url", Kind::Url(bounds::URL)),
            may("post_url", Kind::Url(bounds::URL)),
            may("post_xml", Kind::Url(bounds::URL)),
            may("reply", Kind::Text(service::LONGEST_REPLY)),
            may("exec", Kind::Text(command::LONGEST)),
            may("forward_to", Kind::Phones(service::MOST_FORWARDS)),
            may("forward_text", Kind::Text(service::LONGEST_REPLY)),
            may("subscribe", Kind::Text(group::LONGEST_NAME)),
            may("unsubscribe", Kind::Text(group::LONGEST_NAME)),
            may("vote", Kind::Texts(service::MOST_OPTIONS, service::LONGEST_OPTION)),
            may("quiz", Kind::Texts(MOST_QUESTIONS, service::LONGEST_LINE)),
            may("survey", Kind::Texts(MOST_QUESTIONS, service::LONGEST_LINE)),
            may("scenario", Kind::Texts(MOST_LINES, service::LONGEST_LINE)),
            may("otherwise", Kind::Text(service::LONGEST_REPLY)),
            may("once", Kind::Flag),
            may("leave", Kind::Text(bounds::KEYWORD)),
            may("wait_minutes", Kind::Number(1, Survey::MOST_MINUTES as i64)),
            may("board", Kind::Text(LONGEST_ADDRESS)),
            may("shown", Kind::Number(1, MOST_SHOWN as i64)),
            may("inbox", Kind::Texts(MOST_INBOXES, NAME)),
            may("inbox_named", Kind::Flag),
            may("to_group", Kind::Text(group::LONGEST_NAME)),
            may("pin", Kind::Text(to_group::LONGEST_PIN)),
            may("senders", Kind::Phones(MOST_CONFIRMED)),
            may("reply_with_body", Kind::Flag),
            may("max_messages", Kind::Number(0, bounds::REPLY_PARTS as i64)),
            may("omit_empty", Kind::Flag),
        ],
    ),
    post(
        "/services/test",
        &[
            must("from", Kind::Text(trial::LONGEST_SENDER)),
            must("text", Kind::Text(trial::LONGEST_TEXT)),
            may("sim", Kind::Id("sim_")),
        ],
    ),
    patch(
        "/services/{id}",
        &[
            may("name", Kind::Text(service::LONGEST_NAME)),
            may("keyword", Kind::Text(bounds::KEYWORD)),
            may("aliases", Kind::Texts(service::MOST_ALIASES, bounds::KEYWORD)),
            may("match", Kind::Text(expression::LONGEST)),
            may("place", Kind::Number(1, service::LAST_PLACE as i64)),
            may("sim", Kind::Text(36)),
            may("from", Kind::Text(trial::LONGEST_SENDER)),
            may("when", Kind::Text(times::LONGEST)),
            may("get_url", Kind::Url(bounds::URL)),
            may("post_url", Kind::Url(bounds::URL)),
            may("post_xml", Kind::Url(bounds::URL)),
            may("reply", Kind::Text(service::LONGEST_REPLY)),
            may("exec", Kind::Text(command::LONGEST)),
            may("forward_to", Kind::Phones(service::MOST_FORWARDS)),
            may("forward_text", Kind::Text(service::LONGEST_REPLY)),
            may("subscribe", Kind::Text(group::LONGEST_NAME)),
            may("unsubscribe", Kind::Text(group::LONGEST_NAME)),
            may("vote", Kind::Texts(service::MOST_OPTIONS, service::LONGEST_OPTION)),
            may("quiz", Kind::Texts(MOST_QUESTIONS, service::LONGEST_LINE)),
            may("survey", Kind::Texts(MOST_QUESTIONS, service::LONGEST_LINE)),
            may("scenario", Kind::Texts(MOST_LINES, service::LONGEST_LINE)),
            may("otherwise", Kind::Text(service::LONGEST_REPLY)),
            may("once", Kind::Flag),
            may("leave", Kind::Text(bounds::KEYWORD)),
            may("wait_minutes", Kind::Number(1, Survey::MOST_MINUTES as i64)),
            may("board", Kind::Text(LONGEST_ADDRESS)),
            may("shown", Kind::Number(1, MOST_SHOWN as i64)),
            may("inbox", Kind::Texts(MOST_INBOXES, NAME)),
            may("inbox_named", Kind::Flag),
            may("to_group", Kind::Text(group::LONGEST_NAME)),
            may("pin", Kind::Text(to_group::LONGEST_PIN)),
            may("senders", Kind::Phones(MOST_CONFIRMED)),
            may("reply_with_body", Kind::Flag),
            may("max_messages", Kind::Number(0, bounds::REPLY_PARTS as i64)),
            may("omit_empty", Kind::Flag),
        ],
    ),
    get(
        "/services/{id}/entries",
        &[may("limit", Kind::Number(1, PAGE as i64)), may("after", Kind::Text(ENTRY_PLACE))],
    ),
    patch("/services/{id}/entries/{entry}", &[may("hidden", Kind::Flag)]),
    phone_book::CONTACTS[0],
    phone_book::CONTACTS[1],
    phone_book::CONTACTS[2],
    phone_book::CONTACTS[3],
    phone_book::CONTACTS[4],
    phone_book::CONTACTS[5],
    phone_book::IMPORTS[0],
    phone_book::IMPORTS[1],
    phone_book::IMPORTS[2],
    phone_book::IMPORTS[3],
    phone_book::GROUPS[0],
    phone_book::GROUPS[1],
    phone_book::GROUPS[2],
    phone_book::TEMPLATES[0],
    phone_book::TEMPLATES[1],
    phone_book::TEMPLATES[2],
    schedules::SCHEDULES[0],
    schedules::SCHEDULES[1],
    schedules::SCHEDULES[2],
    broadcasts::BROADCASTS[0],
    broadcasts::BROADCASTS[1],
    broadcasts::BROADCASTS[2],
    broadcasts::BROADCASTS[3],
    broadcasts::BROADCASTS[4],
    get(
        "/optouts",
        &[may("limit", Kind::Number(1, PAGE as i64)), may("after", Kind::Text(WRITTEN_NUMBER))],
    ),
    post(
        "/optouts",
        &[must("numbers", Kind::Phones(opt_out::MOST_NUMBERS)), may("imported", Kind::Flag)],
    ),
    routes::ROUTES[0],
    routes::ROUTES[1],
    routes::ROUTES[2],
    audit::AUDIT[0],
    audit::AUDIT[1],
    reports::REPORTS,
    configuration::CONFIGURATION[0],
    configuration::CONFIGURATION[1],
    configuration::CONFIGURATION[2],
    credits::CREDITS[0],
    credits::CREDITS[1],
    credits::CREDITS[2],
    post(
        "/history",
        &[
            must("from", Kind::Text(import::LONGEST_FROM)),
            may("sent", Kind::Objects(import::AT_ONCE, PAST_SENT)),
            may("received", Kind::Objects(import::AT_ONCE, PAST_RECEIVED)),
        ],
    ),
    get("/events", &[may("types", Kind::Text(512)), may("after", Kind::Text(64))]),
    get(
        "/events/next",
        &[
            may("types", Kind::Text(512)),
            may("after", Kind::Text(64)),
            may("limit", Kind::Number(1, super::events::MOST as i64)),
        ],
    ),
    get(
        "/alerts",
        &[
            may("all", Kind::OneOf(&["true", "false"])),
            may("limit", Kind::Number(1, super::alerts::MOST as i64)),
        ],
    ),
    get("/dead", &[may("limit", Kind::Number(1, 200)), may("before", Kind::Number(0, i64::MAX))]),
];

/// The entry of a call; none: it takes nothing.
fn entry(method: &Method, path: &str) -> Option<&'static Call> {
    // HEAD is answered as GET.
    let method = if *method == Method::HEAD { "GET" } else { method.as_str() };
    let fits = |call: &&Call| {
        let (mut asked, mut known) = (path.split('/'), call.path.split('/'));
        call.method == method
            && known.by_ref().all(|k| asked.next().is_some_and(|a| k.starts_with('{') || k == a))
            && asked.next().is_none()
    };
    CALLS.iter().find(fits)
}

/// The middleware of all calls: refuses a query with fields that the call does not have, or that are too large.
pub(crate) async fn check_query(request: Request, next: Next) -> Response {
    if let Some(query) = request.uri().query() {
        let fields = entry(request.method(), request.uri().path()).map_or(NONE, |call| call.query);
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let checked =
                find(fields, &name, "").and_then(|field| field.kind.check_text(&value, field.name));
            if let Err(fault) = checked {
                return Problem::from(fault).into_response();
            }
        }
    }
    next.run(request).await
}

/// Refuses a body with fields that the call does not have, or that are too large, and one that lacks a field.
pub(crate) fn check_body(method: &Method, path: &str, body: &Value) -> Answer<()> {
    let fields = entry(method, path).map_or(NONE, |call| call.body);
    check_object(fields, body, "").map_err(Problem::from)
}

fn check_object(fields: &'static [Field], value: &Value, place: &str) -> Result<(), Fault> {
    let Some(object) = value.as_object() else {
        return Err(Fault::wrong(place.trim_end_matches('.'), &Kind::Object(fields)));
    };
    for (name, value) in object {
        let field = find(fields, name, place)?;
        field.check(value, &format!("{place}{}", field.name))?;
    }
    let missing = |field: &&Field| field.required && !object.contains_key(field.name);
    match fields.iter().find(missing) {
        Some(field) => {
            Err(Fault::Missing { field: format!("{place}{}", field.name), kind: field.kind })
        }
        None => Ok(()),
    }
}

fn find(fields: &'static [Field], name: &str, place: &str) -> Result<&'static Field, Fault> {
    fields.iter().find(|field| field.name == name).ok_or_else(|| {
        let name: String = name.chars().take(NAME).collect();
        Fault::Unknown { field: format!("{place}{name}"), known: fields }
    })
}

impl Field {
    fn check(&self, value: &Value, place: &str) -> Result<(), Fault> {
        match value {
            // As if it were left out.
            Value::Null if !self.required || matches!(self.kind, Kind::TextOrNull(_)) => Ok(()),
            _ => self.kind.check(value, place),
        }
    }
}

/// The names of fields, as they stand in a sentence.
fn names(fields: &[Field]) -> String {
    fields.iter().map(|field| field.name).collect::<Vec<_>>().join(", ")
}

/// The table of all fields and their bounds, as docs/api.md has it.
pub fn reference() -> String {
    let mut table = vec![format!(
        "| call | field | |\n|---|---|---|\n| all that send | header `Idempotency-Key` | 1 to {} visible ASCII characters |\n",
        acceptance::LONGEST_KEY
    )];
    for call in CALLS {
        let shown = format!("`{} {}`", call.method, call.path);
        // The same as the call before it.
        if call.path == "/messages/preview" {
            table.push(format!("| {shown} | as `POST /messages` | |\n"));
            continue;
        }
        for (field, place) in
            call.query.iter().map(|f| (f, "?")).chain(call.body.iter().map(|f| (f, "")))
        {
            rows(&mut table, &shown, place, field);
        }
    }
    table.concat()
}

fn rows(table: &mut Vec<String>, call: &str, place: &str, field: &Field) {
    if let Kind::Object(fields) = field.kind {
        for inner in fields {
            rows(table, call, &format!("{place}{}.", field.name), inner);
        }
        return;
    }
    let (name, kind) = (field.name, field.kind);
    let needed = if field.required { "; must be there" } else { "" };
    table.push(format!("| {call} | `{place}{name}` | {kind}{needed} |\n"));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refused(path: &str, body: &Value) -> (String, Value) {
        match check_body(&Method::POST, path, body) {
            Ok(()) => (String::new(), Value::Null),
            Err(problem) => problem.shown(),
        }
    }

    #[test]
    fn the_documentation_quotes_the_bounds() {
        let docs = include_str!("../../../../../../docs/api.md");
        assert!(docs.contains(&reference()), "docs/api.md should have:\n{}", reference());
    }

    #[test]
    fn a_slip_is_named_and_the_right_name_guessed() {
        let (detail, field) = refused("/users/usr_1/password", &json!({ "pasword": "x" }));
        assert_eq!(
            detail,
            "There is no field 'pasword'. Did you mean 'password'? There are password."
        );
        assert_eq!(field, "pasword");
        let (detail, _) = refused("/users/usr_1/password", &json!({}));
        assert!(
            detail.starts_with("The field 'password' is missing: a text of at most 256"),
            "{detail}"
        );
        assert_eq!(refused("/users/usr_1/password", &json!({ "password": null })).0, "");
        let (detail, _) = refused("/users/usr_1/disable", &json!({ "x": 1 }));
        assert_eq!(detail, "There is no field 'x'. This call takes no fields there.");
        let (detail, field) = refused("/messages", &json!({ "dlr": { "uri": "x", "mask": 1 } }));
        assert!(detail.contains("'dlr.uri'. Did you mean 'url'?"), "{detail}");
        assert_eq!(field, "dlr.uri");
        let (detail, _) = refused("/messages", &json!({ "priority": "high" }));
        assert_eq!(detail, "The field 'priority' has to be otp, normal or bulk.");
        let (detail, _) = refused("/messages", &json!([]));
        assert!(
            detail.starts_with("The body is not what this call takes: a JSON object with to, "),
            "{detail}"
        );
    }

    #[test]
    fn a_call_is_found_by_its_own_path_only() {
        let path = |method, path| entry(&method, path).map(|call| call.path);
        assert_eq!(path(Method::POST, "/messages"), Some("/messages"));
        assert_eq!(path(Method::HEAD, "/messages/msg_1"), Some("/messages/{id}"));
        assert_eq!(path(Method::POST, "/modems/mdm_1/ussd"), Some("/modems/{id}/ussd"));
        for other in ["/messages/", "/messages/a/b", "/modems/mdm_1/other", "/", ""] {
            assert_eq!(path(Method::POST, other), None, "{other}");
        }
    }
}
