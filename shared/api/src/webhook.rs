//! Endpoints for events.

use contracts::{DeliveryId, MessageId, SimId, Timestamp, UserId, WebhookEvent, WebhookId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// The answer to `GET /webhooks`, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct Webhooks {
    /// The caller's, or all of the organisation for administrators.
    pub webhooks: Vec<Webhook>,
}

/// In which form an endpoint is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum WebhookFormat {
    /// As Standard Webhooks says.
    #[default]
    Standard,
    /// As SMSGate tells its own. Such an endpoint is made by SMSGate's interface.
    Smsgate,
    /// As Twilio tells its own: a form that is posted, and answered with TwiML.
    Twilio,
}

/// An endpoint that is told of events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// Whose it is. It is told what this account may see.
    pub owner: UserId,
    /// Where events are sent.
    pub url: String,
    /// Which events.
    pub events: Vec<WebhookEvent>,
    /// Of what is received, only what comes to this SIM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sim: Option<SimId>,
    /// Of what is received, only what comes from this sender.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<String>,
    /// Of what is received, only texts that begin so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keyword: Option<String>,
    /// Whether `sms.received` has the PDUs too.
    pub raw_pdu: bool,
    /// In which form it is told.
    #[serde(default)]
    pub format: WebhookFormat,
    /// Whether what it answers to `sms.received` is sent back to the sender.
    #[serde(default)]
    pub reply_with_body: bool,
    /// Of how many parts a reply is at most; the rest is cut off. 0: nothing is sent back.
    #[serde(default)]
    pub max_messages: u8,
    /// Whether it is told anything.
    pub enabled: bool,
    /// Since when it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled_at: Option<Timestamp>,
    /// Why the gateway disabled it; none: a person did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled_reason: Option<String>,
    /// How many events wait.
    pub pending: u64,
    /// How many events were not kept because too many waited.
    pub dropped: u64,
    /// How many tries in a row failed.
    pub failures: u32,
    /// When the next try is, while events wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_at: Option<Timestamp>,
    /// Until when the secret before the present one signs too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old_secret_until: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// What signs the requests. Only in the answers to `POST /webhooks` and `POST /webhooks/{id}/rotate`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

/// The body of `POST /webhooks`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWebhook {
    /// Where events are sent: an `http` or `https` URL, or `mailto:` and an address.
    pub url: String,
    /// Which events.
    pub events: Vec<WebhookEvent>,
    /// Of what is received, only what comes to this SIM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sim: Option<SimId>,
    /// Of what is received, only what comes from this sender.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<String>,
    /// Of what is received, only texts that begin so, letter case aside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keyword: Option<String>,
    /// Whether `sms.received` has the PDUs too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub raw_pdu: bool,
    /// In which form it is told: `standard` or `twilio`; `standard` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<WebhookFormat>,
    /// Whether what it answers to `sms.received` is sent back to the sender.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reply_with_body: bool,
    /// Of how many parts a reply is at most; 1 when absent. 0: nothing is sent back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_messages: Option<u8>,
}

/// The body of `PATCH /webhooks/{id}`. What is absent stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookChanges {
    /// Where events are sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Which events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<WebhookEvent>>,
    /// Of what is received, only what comes to this SIM; an empty text takes the filter away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sim: Option<String>,
    /// Of what is received, only what comes from this sender; an empty text takes the filter away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<String>,
    /// Of what is received, only texts that begin so; an empty text takes the filter away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keyword: Option<String>,
    /// Whether `sms.received` has the PDUs too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw_pdu: Option<bool>,
    /// Whether what it answers to `sms.received` is sent back to the sender.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_with_body: Option<bool>,
    /// Of how many parts a reply is at most; 0: nothing is sent back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_messages: Option<u8>,
    /// Whether it is told anything. One that is enabled again is tried at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
}

/// The query of `GET /webhooks/{id}/deliveries`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
pub struct ListDeliveries {
    /// At most so many; 50 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Those after `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
}

/// The answer to `GET /webhooks/{id}/deliveries`, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct WebhookDeliveries {
    /// Those of this page.
    pub deliveries: Vec<WebhookDelivery>,
    /// `before` of the next page; none: this is the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// An event on its way to an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WebhookDelivery {
    /// Its id, which is the header `webhook-id` of every try.
    pub id: DeliveryId,
    /// The event; `webhook.test` is a test.
    pub event: String,
    /// `pending`, `done` or `failed`.
    pub state: String,
    /// When it came.
    pub created_at: Timestamp,
    /// The tries, oldest first.
    pub attempts: Vec<WebhookAttempt>,
    /// What came of what the endpoint answered, where that is sent back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replies: Vec<WebhookReply>,
    /// The body that is sent; none where the key may not read the event.
    #[schema(value_type = Option<Object>)]
    pub payload: serde_json::Value,
}

/// One try to send an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WebhookAttempt {
    /// When it began.
    pub at: Timestamp,
    /// How long it took.
    pub duration_ms: u64,
    /// What the endpoint answered, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http_status: Option<u16>,
    /// What went wrong, in words; none: the endpoint took it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// How the answer begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
}

/// What came of a text that an endpoint answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WebhookReply {
    /// The message that is sent back; none: nothing is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<MessageId>,
    /// Why nothing is sent back, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// The body of `POST /webhooks/{id}/deliveries/replay`: one delivery, or a time.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplayDeliveries {
    /// This one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<DeliveryId>,
    /// Those that came from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Those that came before; now when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Of a time, also those that the endpoint took, and not only those that were given up.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub all: bool,
}

/// The answer to `POST /webhooks/{id}/deliveries/replay`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Replayed {
    /// How many are sent again.
    pub replayed: u64,
}
