//! A message as Twilio shows it.

use std::collections::HashMap;

use contracts::mt::{Body, Gate, SendError};
use contracts::{MessageId, MtState, PhoneNumber, SimId, Timestamp};
use serde::Serialize;
use store::{Message, Received};

/// A message, in the order of Twilio's fields.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Shown {
    body: String,
    pub(super) num_segments: String,
    direction: &'static str,
    pub(super) from: Option<String>,
    date_updated: String,
    price: Option<String>,
    error_message: Option<String>,
    uri: String,
    account_sid: String,
    num_media: &'static str,
    to: Option<String>,
    date_created: String,
    pub(super) status: &'static str,
    sid: String,
    date_sent: Option<String>,
    pub(super) messaging_service_sid: Option<String>,
    error_code: Option<u32>,
    price_unit: Option<String>,
    api_version: &'static str,
    subresource_uris: Subresources,
}

#[derive(Debug, Clone, Serialize)]
struct Subresources {
    media: String,
}

/// The numbers of the SIMs that are known.
pub(super) type Numbers = HashMap<SimId, PhoneNumber>;

impl Shown {
    /// One that is or was to be sent.
    pub(super) fn sent(message: &Message, account: &str, numbers: &Numbers) -> Self {
        let text = match &message.body {
            Body::Text { text, .. } => text,
            Body::Data { data } => data,
        };
        let parts = message.parts.map_or(0, usize::from);
        let mut shown = Self::new(message.id, account, text.clone(), parts, message.created_at);
        shown.from = message.sim.and_then(|sim| numbers.get(&sim)).map(ToString::to_string);
        shown.to = Some(message.to.to_string());
        shown.status = status(message.state, message.gate);
        shown.date_updated = written(message.updated_at);
        (shown.error_code, shown.error_message) = error(message.state, message.error.as_ref());
        shown.sent_at((message.state == MtState::Sent).then_some(message.updated_at));
        shown
    }

    /// One that was just accepted.
    pub(super) fn accepted(
        id: MessageId,
        to: &PhoneNumber,
        account: &str,
        text: &str,
        parts: usize,
        at: Timestamp,
    ) -> Self {
        let mut shown = Self::new(id, account, text.to_owned(), parts, at);
        shown.to = Some(to.to_string());
        shown
    }

    /// One that was received.
    pub(super) fn received(received: &Received, account: &str, numbers: &Numbers) -> Self {
        let text = received.text.clone().or_else(|| received.data.clone()).unwrap_or_default();
        let parts = usize::from(received.parts);
        let mut shown = Self::new(received.id, account, text, parts, received.received_at);
        shown.direction = "inbound";
        shown.from = Some(received.from.to_string());
        let to = received.to.as_ref().or_else(|| numbers.get(&received.sim));
        shown.to = to.map(ToString::to_string);
        shown.status = "received";
        shown.sent_at(Some(received.smsc_at.unwrap_or(received.received_at)));
        shown
    }

    /// When the network took it.
    pub(super) fn sent_at(&mut self, at: Option<Timestamp>) {
        if let Some(at) = at {
            self.date_sent = Some(written(at));
        }
    }

    fn new(id: MessageId, account: &str, text: String, parts: usize, at: Timestamp) -> Self {
        let sid = sid_of(id);
        let base = format!("/2010-04-01/Accounts/{account}/Messages/{sid}");
        Self {
            body: text,
            num_segments: parts.to_string(),
            direction: "outbound-api",
            from: None,
            date_updated: written(at),
            price: None,
            error_message: None,
            uri: format!("{base}.json"),
            account_sid: account.to_owned(),
            num_media: "0",
            to: None,
            date_created: written(at),
            status: "queued",
            sid,
            date_sent: None,
            messaging_service_sid: None,
            error_code: None,
            price_unit: None,
            api_version: "2010-04-01",
            subresource_uris: Subresources { media: format!("{base}/Media.json") },
        }
    }
}

/// The id as Twilio writes it.
pub(super) fn sid_of(id: MessageId) -> String {
    format!("SM{}", id.uuid().simple())
}

/// A time as RFC 2822 writes it.
fn written(at: Timestamp) -> String {
    at.to_jiff().strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()
}

const fn status(state: MtState, gate: Option<Gate>) -> &'static str {
    match state {
        MtState::Held if matches!(gate, Some(Gate::Schedule)) => "scheduled",
        MtState::Accepted
        | MtState::Admitted
        | MtState::Held
        | MtState::Released
        | MtState::Deferred
        | MtState::Unknown => "queued",
        MtState::Sending | MtState::Uncertain => "sending",
        MtState::Sent => "sent",
        MtState::Delivered => "delivered",
        MtState::Undelivered | MtState::Expired => "undelivered",
        MtState::Failed | MtState::Rejected => "failed",
        MtState::Cancelled => "canceled",
    }
}

/// Twilio's number and our words for a bad end.
fn error(state: MtState, error: Option<&SendError>) -> (Option<u32>, Option<String>) {
    let code = match state {
        MtState::Undelivered => 30_003,
        MtState::Expired => 30_036,
        MtState::Failed | MtState::Rejected => 30_008,
        _ => return (None, None),
    };
    (Some(code), error.map(|error| error.text.clone()))
}
