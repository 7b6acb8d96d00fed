//! The bodies of requests to endpoints: `{"type": …, "timestamp": …, "data": …}`.

use contracts::mo::MoReceived;
use contracts::modem::ModemEvent;
use contracts::mt::{MtEvent, SendError};
use contracts::{
    Address, BatchId, MessageId, ModemId, MtState, PhoneNumber, SimId, Timestamp, UserId,
    WebhookEvent, WebhookId,
};
use serde::Serialize;
use store::Message;

/// The most bytes of PDUs in a body. What is longer is left out, and said to be.
const MOST_PDUS: usize = 16 * 1024;

/// A whole body.
#[derive(Debug, Serialize)]
struct Body<T> {
    #[serde(rename = "type")]
    kind: WebhookEvent,
    timestamp: Timestamp,
    data: T,
}

/// Writes a body. Nothing in one can fail to be written as JSON.
fn body<T: Serialize>(kind: WebhookEvent, timestamp: Timestamp, data: T) -> String {
    serde_json::to_string(&Body { kind, timestamp, data }).unwrap_or_default()
}

#[derive(Serialize)]
struct Incoming<'a> {
    id: MessageId,
    from: &'a Address,
    /// The number of the SIM.
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<PhoneNumber>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ports: Option<(u16, u16)>,
    parts: u8,
    #[serde(skip_serializing_if = "<[u8]>::is_empty")]
    missing: &'a [u8],
    sim: SimId,
    modem: ModemId,
    #[serde(skip_serializing_if = "Option::is_none")]
    smsc_at: Option<Timestamp>,
    received_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pdus: Option<&'a [String]>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pdus_left_out: bool,
}

/// A message that was received by a SIM whose number is `to`.
pub(crate) fn received(message: &MoReceived, to: Option<PhoneNumber>, raw_pdu: bool) -> String {
    let fits = message.pdus.iter().map(String::len).sum::<usize>() <= MOST_PDUS;
    let data = Incoming {
        id: message.id,
        from: &message.from,
        to,
        text: message.text.as_deref(),
        data: message.data.as_deref(),
        class: message.class,
        ports: message.ports,
        parts: message.parts,
        missing: &message.missing,
        sim: message.sim,
        modem: message.modem,
        smsc_at: message.smsc_at,
        received_at: message.received_at,
        pdus: (raw_pdu && fits).then_some(&message.pdus),
        pdus_left_out: raw_pdu && !fits,
    };
    body(WebhookEvent::SmsReceived, message.received_at, data)
}

#[derive(Serialize)]
struct Sent<'a> {
    id: MessageId,
    number: i64,
    owner: UserId,
    #[serde(skip_serializing_if = "Option::is_none")]
    batch: Option<BatchId>,
    to: &'a PhoneNumber,
    /// The number of the SIM.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<PhoneNumber>,
    state: MtState,
    #[serde(skip_serializing_if = "Option::is_none")]
    parts: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sim: Option<SimId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    modem: Option<ModemId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a SendError>,
    created_at: Timestamp,
}

/// What happened to a message that goes or went through a SIM whose number is `from`.
pub(crate) fn sent(
    kind: WebhookEvent,
    event: &MtEvent,
    message: &Message,
    from: Option<PhoneNumber>,
) -> String {
    let through = event.change.through();
    let data = Sent {
        id: message.id,
        number: message.number,
        owner: message.owner,
        batch: message.batch,
        to: &message.to,
        from,
        state: event.change.state(),
        parts: message.parts,
        sim: through.map(|through| through.sim).or(message.sim),
        modem: through.map(|through| through.modem).or(message.modem),
        error: event.change.error(),
        created_at: message.created_at,
    };
    body(kind, event.at, data)
}

#[derive(Serialize)]
struct AtModem<'a> {
    modem: ModemId,
    #[serde(skip_serializing_if = "Option::is_none")]
    sim: Option<SimId>,
    /// The number of the SIM.
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<PhoneNumber>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<&'a PhoneNumber>,
    text: &'a str,
}

/// Something that happened to a modem, in which is a SIM whose number is `to`.
pub(crate) fn at_modem(kind: WebhookEvent, event: &ModemEvent, to: Option<PhoneNumber>) -> String {
    let data = AtModem {
        modem: event.modem,
        sim: event.sim,
        to,
        from: event.from.as_ref(),
        text: &event.text,
    };
    body(kind, event.at, data)
}

#[derive(Serialize)]
struct Gone<'a> {
    webhook: WebhookId,
    reason: &'a str,
}

/// An endpoint was disabled by the gateway.
pub(crate) fn disabled(webhook: WebhookId, reason: &str, at: Timestamp) -> String {
    body(WebhookEvent::WebhookDisabled, at, Gone { webhook, reason })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn message() -> MoReceived {
        MoReceived {
            id: MessageId::derived("1"),
            org: contracts::OrgId::default_org(),
            owner: None,
            modem: ModemId::derived("m"),
            sim: SimId::derived("s"),
            to: None,
            from: Address::from_text("+628123456789"),
            text: Some("Halo".to_owned()),
            data: None,
            class: None,
            ports: None,
            parts: 1,
            missing: Vec::new(),
            pdus: vec!["0001".to_owned()],
            smsc_at: None,
            received_at: "2026-11-30T10:00:00Z".parse().unwrap(),
        }
    }

    #[test]
    fn a_received_message_is_as_documented() {
        let to = Some(PhoneNumber::parse("+62811000001").unwrap());
        let body: Value = serde_json::from_str(&received(&message(), to, true)).unwrap();
        let expected = json!({
            "type": "sms.received",
            "timestamp": "2026-11-30T10:00:00Z",
            "data": {
                "id": MessageId::derived("1"),
                "from": "+628123456789",
                "to": "+62811000001",
                "text": "Halo",
                "parts": 1,
                "sim": SimId::derived("s"),
                "modem": ModemId::derived("m"),
                "received_at": "2026-11-30T10:00:00Z",
                "pdus": ["0001"],
            },
        });
        assert_eq!(body, expected);
    }

    #[test]
    fn pdus_are_sent_when_asked_for_and_when_they_fit() {
        let mut message = message();
        let data = |message: &MoReceived, raw| -> Value {
            let body: Value = serde_json::from_str(&received(message, None, raw)).unwrap();
            body["data"].clone()
        };
        assert_eq!(data(&message, false).get("pdus"), None);
        message.pdus = vec!["00".repeat(176); 255];
        let large = data(&message, true);
        assert_eq!((large.get("pdus"), &large["pdus_left_out"]), (None, &json!(true)));
    }
}
