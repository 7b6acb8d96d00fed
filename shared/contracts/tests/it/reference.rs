//! The AsyncAPI document (3.0) of the broker's subjects, and the page of them: made from the subjects and the golden files
//! of this crate, and compared with what is checked in.
//!
//! Schemas and examples come from the golden files, which are written as the types write them and decode for ever: so the
//! documents say nothing that the types do not do. More fields may come.

use std::fmt::Write as _;

use contracts::modem::ModemEventKind;
use contracts::subject::Target;
use contracts::{MtState, PoolId, Priority, SimId, Subject, UserId};
use serde_json::{Map, Value, json};

/// Who publishes to a subject, as other services see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Publisher {
    /// Any service, with credentials of its own.
    Anybody,
    /// The gateway.
    Gateway,
}

/// Subjects of one kind.
struct Channel {
    /// Its name in the document.
    name: &'static str,
    /// The subjects, `{…}` standing for a part that varies.
    address: &'static str,
    /// The parts that vary, with the words that they may be; none: ids and names.
    varies: &'static [(&'static str, &'static [&'static str])],
    publisher: Publisher,
    /// The stream that keeps it; none: it is told live.
    stream: Option<&'static str>,
    /// The type of what is published.
    message: &'static str,
    /// Golden files of it.
    examples: &'static [(&'static str, &'static str)],
    about: &'static str,
}

macro_rules! golden {
    ($($name:literal),*) => {
        &[$(($name, include_str!(concat!("../../golden/", $name, ".json")))),*]
    };
}

const PRIORITIES: [&str; Priority::ALL.len()] = {
    let mut words = [""; Priority::ALL.len()];
    let mut at = 0;
    while at < words.len() {
        words[at] = Priority::ALL[at].as_str();
        at += 1;
    }
    words
};
const STATES: [&str; MtState::ALL.len()] = {
    let mut words = [""; MtState::ALL.len()];
    let mut at = 0;
    while at < words.len() {
        words[at] = MtState::ALL[at].as_str();
        at += 1;
    }
    words
};
const MODEM_EVENTS: [&str; ModemEventKind::ALL.len()] = {
    let mut words = [""; ModemEventKind::ALL.len()];
    let mut at = 0;
    while at < words.len() {
        words[at] = ModemEventKind::ALL[at].as_str();
        at += 1;
    }
    words
};

const CHANNELS: [Channel; 17] = [
    Channel {
        name: "mtRequest",
        address: "sms.v1.mt.request.{priority}",
        varies: &[("priority", &PRIORITIES)],
        publisher: Publisher::Anybody,
        stream: Some("SMS_REQUEST"),
        message: "MtRequest",
        examples: golden!("mt_request", "mt_request_data"),
        about: "A message is to be sent. Give each an `id` and a header `Nats-Msg-Id` of `{id}:request:0`, so that what is published twice is sent once",
    },
    Channel {
        name: "mtBatch",
        address: "sms.v1.mt.batch.{priority}",
        varies: &[("priority", &PRIORITIES)],
        publisher: Publisher::Anybody,
        stream: Some("SMS_REQUEST"),
        message: "MtBatch",
        examples: golden!("mt_batch", "mt_batch_of_one"),
        about: "Messages to as many as 10,000 recipients are to be sent, each with an `id` of its own",
    },
    Channel {
        name: "mtWait",
        address: "sms.v1.mt.wait.{account}.{priority}.{kind}.{target}",
        varies: &[
            ("account", &[]),
            ("priority", &PRIORITIES),
            ("kind", &["pool", "sim"]),
            ("target", &[]),
        ],
        publisher: Publisher::Gateway,
        stream: Some("SMS_WAIT"),
        message: "MtItem",
        examples: golden!("mt_item_pool"),
        about: "Admitted, and waiting for its account's turn. The gateway's own: nobody else reads it",
    },
    Channel {
        name: "mtDispatch",
        address: "sms.v1.mt.dispatch.{kind}.{target}.{priority}",
        varies: &[("kind", &["pool", "sim"]), ("target", &[]), ("priority", &PRIORITIES)],
        publisher: Publisher::Gateway,
        stream: Some("SMS_DISPATCH"),
        message: "MtItem",
        examples: golden!("mt_item_sim"),
        about: "To be sent now. The gateway's own: a carrier takes it",
    },
    Channel {
        name: "mtEvent",
        address: "sms.v1.event.mt.{state}",
        varies: &[("state", &STATES)],
        publisher: Publisher::Gateway,
        stream: Some("SMS_EVENT"),
        message: "MtEvent",
        examples: golden!(
            "mt_event_admitted_together",
            "mt_event_sent_given",
            "mt_event_delivered_report",
            "mt_event_failed"
        ),
        about: "Something happened to a message that is being sent. One event may tell several things that happened together",
    },
    Channel {
        name: "otpEvent",
        address: "sms.v1.event.mt.{state}.otp",
        varies: &[("state", &STATES)],
        publisher: Publisher::Gateway,
        stream: Some("SMS_EVENT"),
        message: "MtEvent",
        examples: golden!("mt_event_sent_otp"),
        about: "The same of one-time passwords, which have a lane of their own",
    },
    Channel {
        name: "mtLive",
        address: "sms.v1.live.mt.{state}",
        varies: &[("state", &STATES)],
        publisher: Publisher::Gateway,
        stream: None,
        message: "MtEvent",
        examples: golden!("mt_event_sending"),
        about: "Something happens to a message at this moment, for those who watch",
    },
    Channel {
        name: "moPart",
        address: "sms.v1.event.mo.part",
        varies: &[],
        publisher: Publisher::Gateway,
        stream: Some("SMS_EVENT"),
        message: "MoPart",
        examples: golden!("mo_part"),
        about: "A part of a message was received",
    },
    Channel {
        name: "moReceived",
        address: "sms.v1.event.mo.received",
        varies: &[],
        publisher: Publisher::Gateway,
        stream: Some("SMS_EVENT"),
        message: "MoReceived",
        examples: golden!("mo_received_text", "mo_received_data"),
        about: "A whole message was received",
    },
    Channel {
        name: "dlr",
        address: "sms.v1.event.dlr",
        varies: &[],
        publisher: Publisher::Gateway,
        stream: Some("SMS_EVENT"),
        message: "Dlr",
        examples: golden!("dlr_matched", "dlr_unmatched"),
        about: "A delivery report that is not in the event of its message",
    },
    Channel {
        name: "modemEvent",
        address: "sms.v1.event.modem.{kind}",
        varies: &[("kind", &MODEM_EVENTS)],
        publisher: Publisher::Gateway,
        stream: Some("SMS_EVENT"),
        message: "ModemEvent",
        examples: golden!("modem_event", "modem_event_ussd"),
        about: "Something happened to a modem",
    },
    Channel {
        name: "batchFinished",
        address: "sms.v1.event.batch.finished",
        varies: &[],
        publisher: Publisher::Gateway,
        stream: Some("SMS_EVENT"),
        message: "BatchFinished",
        examples: golden!("batch_finished"),
        about: "Every message of a batch was sent, or ended without being sent",
    },
    Channel {
        name: "alert",
        address: "sms.v1.event.alert.{change}",
        varies: &[("change", &["opened", "closed"])],
        publisher: Publisher::Gateway,
        stream: Some("SMS_EVENT"),
        message: "Alert",
        examples: golden!("alert_opened", "alert_closed"),
        about: "Something is wrong with the gateway, or is over",
    },
    Channel {
        name: "charged",
        address: "sms.v1.event.credit.charged",
        varies: &[],
        publisher: Publisher::Gateway,
        stream: Some("SMS_EVENT"),
        message: "Charged",
        examples: golden!("credit_charged"),
        about: "Messages of an account that has credit were paid for, before they go on",
    },
    Channel {
        name: "written",
        address: "sms.v1.live.written",
        varies: &[],
        publisher: Publisher::Gateway,
        stream: None,
        message: "Written",
        examples: golden!("written"),
        about: "Messages were written to the database, for those who wait for their rows",
    },
    Channel {
        name: "scheduled",
        address: "sms.v1.live.scheduled",
        varies: &[],
        publisher: Publisher::Gateway,
        stream: None,
        message: "Scheduled",
        examples: golden!("scheduled"),
        about: "A schedule has its next time then, for persistence, which sends for it",
    },
    Channel {
        name: "talked",
        address: "sms.v1.live.talked",
        varies: &[],
        publisher: Publisher::Gateway,
        stream: None,
        message: "Talked",
        examples: golden!("talked_noted", "talked_writing"),
        about: "Somebody does something with a conversation, for pages that are open",
    },
];

/// The name of the channel of a subject. A new kind of subject does not compile until it has one.
const fn channel(subject: &Subject) -> &'static str {
    match subject {
        Subject::MtRequest(_) => "mtRequest",
        Subject::MtBatch(_) => "mtBatch",
        Subject::MtWait(..) => "mtWait",
        Subject::MtDispatch(..) => "mtDispatch",
        Subject::MtEvent(_) => "mtEvent",
        Subject::OtpEvent(_) => "otpEvent",
        Subject::MtLive(_) => "mtLive",
        Subject::MoPart => "moPart",
        Subject::MoReceived => "moReceived",
        Subject::Dlr => "dlr",
        Subject::Modem(_) => "modemEvent",
        Subject::BatchFinished => "batchFinished",
        Subject::AlertOpened | Subject::AlertClosed => "alert",
        Subject::Charged => "charged",
        Subject::Written => "written",
        Subject::Scheduled => "scheduled",
        Subject::Talked => "talked",
    }
}

/// The document.
fn document() -> Value {
    let (mut channels, mut operations) = (Map::new(), Map::new());
    let (mut messages, mut schemas) = (Map::new(), Map::new());
    for one in &CHANNELS {
        let reference = format!("#/components/messages/{}", one.name);
        let mut channel = json!({
            "address": one.address,
            "description": format!("{}.", one.about),
            "messages": { one.message: { "$ref": reference } },
        });
        for (name, words) in one.varies {
            channel["parameters"][name] =
                if words.is_empty() { json!({}) } else { json!({ "enum": words }) };
        }
        channels.insert(one.name.to_owned(), channel);
        // The document is the gateway's: it receives what others publish.
        let action = match one.publisher {
            Publisher::Anybody => "receive",
            Publisher::Gateway => "send",
        };
        let operation = json!({
            "action": action,
            "channel": { "$ref": format!("#/channels/{}", one.name) },
            "summary": kept(one),
        });
        operations.insert(
            format!("{action}{}{}", one.name[..1].to_uppercase(), &one.name[1..]),
            operation,
        );
        let read = |text: &str| serde_json::from_str::<Value>(text).expect("a golden file is JSON");
        let examples: Vec<Value> = one
            .examples
            .iter()
            .map(|(name, text)| json!({ "name": name, "payload": read(text) }))
            .collect();
        for (_, text) in one.examples {
            let schema = schemas.remove(one.message);
            schemas.insert(one.message.to_owned(), of_example(&read(text), schema));
        }
        let payload = json!({ "$ref": format!("#/components/schemas/{}", one.message) });
        let message = json!({ "name": one.message, "payload": payload, "examples": examples });
        messages.insert(one.name.to_owned(), message);
    }
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Merpati on NATS",
            "version": "1",
            "description": "Subjects of the broker, for services of your own. The version stands in the subject: fields are added, never changed; readers ignore what they do not know. `merpati nats credentials NAME` prints an address and credentials.",
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
        "components": { "messages": messages, "schemas": schemas },
    })
}

/// Where a message is kept, in a few words.
fn kept(channel: &Channel) -> String {
    match channel.stream {
        Some(stream) => format!("Kept in the stream {stream}."),
        None => "Told live; no stream keeps it.".to_owned(),
    }
}

/// A schema that an example fits, and what an earlier one fits.
fn of_example(example: &Value, before: Option<Value>) -> Value {
    let before = before.unwrap_or_else(|| json!({}));
    match example {
        Value::Object(fields) => {
            let mut properties = before["properties"].as_object().cloned().unwrap_or_default();
            for (name, value) in fields {
                let known = properties.remove(name);
                properties.insert(name.clone(), of_example(value, known));
            }
            json!({ "type": "object", "properties": properties })
        }
        Value::Array(list) => {
            let known = before.get("items").cloned();
            let items = list.iter().fold(known, |known, one| Some(of_example(one, known)));
            json!({ "type": "array", "items": items.unwrap_or_else(|| json!({})) })
        }
        Value::String(_) => json!({ "type": "string" }),
        Value::Number(number) if number.is_f64() => json!({ "type": "number" }),
        Value::Number(_) => json!({ "type": "integer" }),
        Value::Bool(_) => json!({ "type": "boolean" }),
        Value::Null => before,
    }
}

/// The document in YAML.
fn yaml() -> String {
    let mut text = String::from(
        "# Made from shared/contracts: MERPATI_WRITE_GOLDEN=1 cargo test -p contracts\n",
    );
    block(&document(), 0, &mut text);
    text
}

/// A key as YAML has it: plain where nobody takes it for something else.
fn key(name: &str) -> String {
    let is_word = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let is_value = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"].contains(&name);
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic());
    if is_word && begins && !is_value { name.to_owned() } else { Value::from(name).to_string() }
}

/// Writes an object or a list as a block. What is a JSON string is a YAML string, too.
fn block(value: &Value, depth: usize, text: &mut String) {
    let entries: Vec<(String, &Value)> = match value {
        Value::Object(object) => {
            object.iter().map(|(name, value)| (format!("{}:", key(name)), value)).collect()
        }
        Value::Array(list) => list.iter().map(|value| ("-".to_owned(), value)).collect(),
        _ => Vec::new(),
    };
    for (head, value) in entries {
        let indent = "  ".repeat(depth);
        let is_block = match value {
            Value::Object(object) => !object.is_empty(),
            Value::Array(list) => !list.is_empty(),
            _ => false,
        };
        if is_block {
            let _ = writeln!(text, "{indent}{head}");
            block(value, depth + 1, text);
        } else {
            let _ = writeln!(text, "{indent}{head} {value}");
        }
    }
}

/// The page of all subjects, in Markdown.
fn page() -> String {
    let mut text = String::from(
        "# Subjects\n\nWhat passes on the broker, made from `shared/contracts`; [asyncapi.yaml](asyncapi.yaml) has the same with schemas and examples. \
         Services of your own publish\nrequests and batches, with credentials from `merpati nats credentials NAME`: [in Rust](../examples/internal_service.rs), \
         [in Python](../examples/internal_service.py). What the gateway\npublishes is read with a NATS user of your own that may \
         ([operations](../operations.md)); for most programs [webhooks](../api.md#webhooks) and [the event stream](../api.md#what-happens-as-a-stream) are simpler.\n\n\
         | subject | published by | kept in | what |\n|---|---|---|---|\n",
    );
    for one in &CHANNELS {
        let by = match one.publisher {
            Publisher::Anybody => "any service",
            Publisher::Gateway => "the gateway",
        };
        let stream = one.stream.map_or_else(|| "(live)".to_owned(), |stream| format!("`{stream}`"));
        let _ = writeln!(
            text,
            "| `{}` | {by} | {stream} | {}: `{}` |",
            one.address, one.about, one.message
        );
    }
    text.push_str("\n| part | |\n|---|---|\n");
    let mut known = Vec::new();
    for (name, words) in CHANNELS.iter().flat_map(|one| one.varies) {
        if known.contains(&(name, words)) {
            continue;
        }
        known.push((name, words));
        let words = if words.is_empty() {
            "an id or a name".to_owned()
        } else {
            words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
        };
        let _ = writeln!(text, "| `{{{name}}}` | {words} |");
    }
    text
}

fn compare(file: &str, made: &str) {
    let path = format!("{}/../../docs/reference/{file}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("MERPATI_WRITE_GOLDEN").is_some() {
        std::fs::write(&path, made).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        made == kept,
        "{file} differs: MERPATI_WRITE_GOLDEN=1 cargo test -p contracts, then look at the diff"
    );
}

#[test]
fn the_documents_are_those_that_are_checked_in() {
    compare("asyncapi.yaml", &yaml());
    compare("subjects.md", &page());
}

#[test]
fn every_subject_is_in_the_document_by_its_address() {
    let (pool, sim) = (Target::Pool(PoolId::default_pool()), Target::Sim(SimId::derived("s")));
    let mut subjects = vec![
        Subject::MoPart,
        Subject::MoReceived,
        Subject::Dlr,
        Subject::BatchFinished,
        Subject::AlertOpened,
        Subject::AlertClosed,
        Subject::Charged,
        Subject::Written,
        Subject::Scheduled,
        Subject::Talked,
        Subject::MtWait(UserId::internal(), Priority::Normal, pool.clone()),
        Subject::MtWait(UserId::internal(), Priority::Otp, sim.clone()),
        Subject::MtDispatch(pool, Priority::Bulk),
        Subject::MtDispatch(sim, Priority::Otp),
    ];
    subjects.extend(Priority::ALL.map(Subject::MtRequest));
    subjects.extend(Priority::ALL.map(Subject::MtBatch));
    subjects.extend(MtState::ALL.map(Subject::MtEvent));
    subjects.extend(MtState::ALL.map(Subject::OtpEvent));
    subjects.extend(MtState::ALL.map(Subject::MtLive));
    subjects.extend(ModemEventKind::ALL.map(Subject::Modem));
    for subject in &subjects {
        let channel = CHANNELS.iter().find(|one| one.name == channel(subject)).unwrap();
        let text = subject.to_string();
        let (mut written, mut known) = (text.split('.'), channel.address.split('.'));
        let fits = |part: &str, word: &str| match part.strip_prefix('{') {
            None => part == word,
            Some(name) => {
                let name = name.trim_end_matches('}');
                let (_, words) = channel.varies.iter().find(|(one, _)| *one == name).unwrap();
                words.is_empty() || words.contains(&word)
            }
        };
        let all = known.by_ref().all(|part| written.next().is_some_and(|word| fits(part, word)));
        assert!(all && written.next().is_none(), "{text} is not {}", channel.address);
    }
    for one in &CHANNELS {
        assert!(subjects.iter().any(|subject| channel(subject) == one.name), "{}", one.name);
    }
}

fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            found.extend(object.get("$ref").and_then(Value::as_str).map(str::to_owned));
            for value in object.values() {
                references(value, found);
            }
        }
        Value::Array(list) => {
            for value in list {
                references(value, found);
            }
        }
        _ => {}
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_example_is_read() {
    let document = document();
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 30, "{}", found.len());
    for reference in found {
        let pointer = reference.trim_start_matches('#');
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
    for (name, message) in document["components"]["messages"].as_object().unwrap() {
        for example in message["examples"].as_array().unwrap() {
            assert!(example["payload"].is_object(), "{name}");
        }
    }
}
