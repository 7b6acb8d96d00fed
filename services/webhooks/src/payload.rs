//! The bodies of requests to endpoints: `{"type": …, "timestamp": …, "data": …}`.

use api::{Happened, HappenedTo, LoopEvent, SentEvent, WebhookGone};
use contracts::alert::Alert;
use contracts::batch::BatchFinished;
use contracts::mo::MoReceived;
use contracts::modem::ModemEvent;
use contracts::mt::MtEvent;
use contracts::{PhoneNumber, Timestamp, WebhookEvent, WebhookId};
use store::{Message, StoppedLoop};

/// Writes a body. Nothing in one can fail to be written as JSON.
fn body(happened: &Happened) -> String {
    serde_json::to_string(happened).unwrap_or_default()
}

/// A message that was received by a SIM whose number is `to`.
pub(crate) fn received(message: &MoReceived, to: Option<PhoneNumber>, raw_pdu: bool) -> String {
    body(&Happened::received(message, to, raw_pdu))
}

/// What happened to a message that goes or went through a SIM whose number is `from`.
pub(crate) fn sent(
    kind: WebhookEvent,
    event: &MtEvent,
    message: &Message,
    from: Option<PhoneNumber>,
) -> String {
    let through = event.change.through();
    let data = SentEvent {
        id: message.id,
        number: message.number,
        owner: message.owner,
        batch: message.batch,
        to: message.to.clone(),
        from,
        state: event.change.state(),
        parts: message.parts,
        sim: through.map(|through| through.sim).or(message.sim),
        modem: through.map(|through| through.modem).or(message.modem),
        error: event.change.error().cloned(),
        created_at: message.created_at,
    };
    body(&Happened { kind, timestamp: event.at, data: HappenedTo::Sent(Box::new(data)) })
}

/// Something that happened to a modem, in which is a SIM whose number is `to`.
pub(crate) fn at_modem(kind: WebhookEvent, event: &ModemEvent, to: Option<PhoneNumber>) -> String {
    body(&Happened::at_modem(kind, event, to))
}

/// All messages of a batch came to an end.
pub(crate) fn finished(finished: &BatchFinished) -> String {
    body(&Happened::finished(finished))
}

/// Something is wrong with the gateway, or is over.
pub(crate) fn alert(alert: &Alert) -> String {
    body(&Happened::alert(alert))
}

/// An endpoint was disabled by the gateway.
pub(crate) fn disabled(webhook: WebhookId, reason: &str, at: Timestamp) -> String {
    let data = HappenedTo::Webhook(WebhookGone { webhook, reason: reason.to_owned() });
    body(&Happened { kind: WebhookEvent::WebhookDisabled, timestamp: at, data })
}

/// A conversation of two machines was stopped.
pub(crate) fn stopped(stopped: &StoppedLoop) -> String {
    let data = HappenedTo::Loop(LoopEvent {
        from: stopped.sender.clone(),
        owner: stopped.owner,
        replies: stopped.replies,
        until: stopped.until,
    });
    body(&Happened { kind: WebhookEvent::LoopStopped, timestamp: stopped.stopped_at, data })
}

#[cfg(test)]
mod tests {
    use contracts::{Address, MessageId, ModemId, SimId};
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
            wish: None,
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
