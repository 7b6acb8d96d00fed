//! What happens, as endpoints and event streams are told of it.

use std::collections::BTreeMap;

use contracts::alert::Alert;
use contracts::batch::BatchFinished;
use contracts::mo::MoReceived;
use contracts::modem::ModemEvent;
use contracts::mt::SendError;
use contracts::{
    Address, BatchId, MessageId, ModemId, MtState, PhoneNumber, SimId, Timestamp, UserId,
    WebhookEvent, WebhookId,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// The most bytes of PDUs in an event. What is longer is left out, and said to be.
const MOST_PDUS: usize = 16 * 1024;

/// Something that happened: the body of a request to an endpoint, and the `data` of an event of `GET /events`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Happened {
    /// What.
    #[serde(rename = "type")]
    pub kind: WebhookEvent,
    /// When.
    pub timestamp: Timestamp,
    /// To what.
    pub data: HappenedTo,
}

/// To what something happened.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum HappenedTo {
    /// A message was received.
    Received(Box<ReceivedEvent>),
    /// Something to a message that is being sent.
    Sent(Box<SentEvent>),
    /// Something to a modem.
    Modem(ModemHappening),
    /// An endpoint was disabled.
    Webhook(WebhookGone),
    /// All messages of a batch came to an end.
    Batch(BatchEvent),
    /// A conversation of two machines was stopped.
    Loop(LoopEvent),
    /// Something is wrong with the gateway, or is over.
    Alert(Box<Alert>),
}

/// A message that was received.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReceivedEvent {
    /// Its id. One whose missing parts came after all is told again, with the same id.
    pub id: MessageId,
    /// Who sent it: a number, or a name.
    pub from: Address,
    /// The number of the SIM, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<PhoneNumber>,
    /// Its text. Absent for data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Its octets in hex. Absent for a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// Its message class, 0 to 3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<u8>,
    /// Destination and source port.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ports: Option<(u16, u16)>,
    /// Of how many parts it is.
    pub parts: u8,
    /// Parts that did not come in time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<u8>,
    /// The SIM that received it.
    pub sim: SimId,
    /// The modem that received it.
    pub modem: ModemId,
    /// When the service centre got it, by the service centre's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub smsc_at: Option<Timestamp>,
    /// When it was received.
    pub received_at: Timestamp,
    /// The PDUs of its parts in hex. Only for endpoints that want them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pdus: Option<Vec<String>>,
    /// The PDUs are larger than 16 KiB.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pdus_left_out: bool,
}

/// A message that is being sent, as it was when something happened to it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SentEvent {
    /// Its id.
    pub id: MessageId,
    /// Its number, for clients that need an integer.
    pub number: i64,
    /// The account that sends it.
    pub owner: UserId,
    /// The batch that it belongs to, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<BatchId>,
    /// The recipient.
    pub to: PhoneNumber,
    /// The number of the SIM, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<PhoneNumber>,
    /// The state that this brought.
    pub state: MtState,
    /// Of how many parts it is, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parts: Option<u8>,
    /// The SIM it goes or went out through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sim: Option<SimId>,
    /// The modem it goes or went out by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modem: Option<ModemId>,
    /// What went wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<SendError>,
    /// When it was accepted.
    pub created_at: Timestamp,
}

/// Something that happened to a modem.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ModemHappening {
    /// The modem.
    pub modem: ModemId,
    /// The SIM in it, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sim: Option<SimId>,
    /// The number of the SIM, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<PhoneNumber>,
    /// The other side of a call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<PhoneNumber>,
    /// In words; of `ussd.received` the network's text.
    pub text: String,
}

/// An endpoint that the gateway disabled.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WebhookGone {
    /// The endpoint.
    pub webhook: WebhookId,
    /// Why.
    pub reason: String,
}

/// A batch of which every message was sent, or ended without being sent.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BatchEvent {
    /// The batch.
    pub batch: BatchId,
    /// The account whose messages it has.
    pub owner: UserId,
    /// How many messages it has.
    pub messages: u64,
    /// How many messages were in each state when this was told, by its name. Delivery reports may come later.
    pub states: BTreeMap<String, u64>,
}

/// A conversation of two machines that was stopped.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LoopEvent {
    /// The sender who is sent nothing back by keyword services and endpoints.
    pub from: Address,
    /// The account whose reply was the first not to be sent.
    pub owner: UserId,
    /// How many messages of the sender were answered before, in the time that `webhooks.machine` says.
    pub replies: u32,
    /// Until when nothing is sent back.
    pub until: Timestamp,
}

impl Happened {
    /// A message was received by a SIM whose number is `to`.
    pub fn received(message: &MoReceived, to: Option<PhoneNumber>, raw_pdu: bool) -> Self {
        let fits = message.pdus.iter().map(String::len).sum::<usize>() <= MOST_PDUS;
        let data = ReceivedEvent {
            id: message.id,
            from: message.from.clone(),
            to: message.to.clone().or(to),
            text: message.text.clone(),
            data: message.data.clone(),
            class: message.class,
            ports: message.ports,
            parts: message.parts,
            missing: message.missing.clone(),
            sim: message.sim,
            modem: message.modem,
            smsc_at: message.smsc_at,
            received_at: message.received_at,
            pdus: (raw_pdu && fits).then(|| message.pdus.clone()),
            pdus_left_out: raw_pdu && !fits,
        };
        Self {
            kind: WebhookEvent::SmsReceived,
            timestamp: message.received_at,
            data: HappenedTo::Received(Box::new(data)),
        }
    }

    /// All messages of a batch came to an end.
    pub fn finished(finished: &BatchFinished) -> Self {
        let data = BatchEvent {
            batch: finished.batch,
            owner: finished.owner,
            messages: finished.messages,
            states: finished
                .states
                .iter()
                .map(|one| (one.state.as_str().to_owned(), one.count))
                .collect(),
        };
        let kind = WebhookEvent::BatchFinished;
        Self { kind, timestamp: finished.at, data: HappenedTo::Batch(data) }
    }

    /// Something is wrong with the gateway, or is over.
    pub fn alert(alert: &Alert) -> Self {
        Self {
            kind: WebhookEvent::of_alert(alert),
            timestamp: alert.closed_at.unwrap_or(alert.opened_at),
            data: HappenedTo::Alert(Box::new(alert.clone())),
        }
    }

    /// Something happened to a modem, in which is a SIM whose number is `to`.
    pub fn at_modem(kind: WebhookEvent, event: &ModemEvent, to: Option<PhoneNumber>) -> Self {
        let data = ModemHappening {
            modem: event.modem,
            sim: event.sim,
            to,
            from: event.from.clone(),
            text: event.text.clone(),
        };
        Self { kind, timestamp: event.at, data: HappenedTo::Modem(data) }
    }
}

/// The query of `GET /events`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
pub struct FollowEvents {
    /// Only these, with commas between them, such as `sms.received,sms.delivered`; all that the key may read when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub types: Option<String>,
    /// Those after the event of this `id`; from now when absent. A header `Last-Event-ID` says the same, and goes before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// The query of `GET /events/next`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
pub struct NextEvents {
    /// Only these, with commas between them; all that the key may read when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub types: Option<String>,
    /// Those after `next` of the answer before; from now when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// At most so many; 50 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// The answer to `GET /events/next`: what happened, oldest first. It waits 20 seconds for something to happen.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Events {
    /// What happened.
    pub events: Vec<Happened>,
    /// `after` of the next request.
    pub next: String,
    /// Some of what happened after `after` is not kept any more, or nothing is known of that place: look at the lists.
    pub gap: bool,
}
