//! Messages as SMSGate shows them: one with all of its recipients.

use std::collections::BTreeMap;

use contracts::mt::Body;
use contracts::{MtState, PhoneNumber, Timestamp};
use serde::Serialize;
use store::{Message, Received};

/// How far a message, or a recipient's part of it, is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) enum State {
    Pending,
    Cancelling,
    Processed,
    Sent,
    Delivered,
    Cancelled,
    Failed,
}

impl State {
    const fn of(state: MtState) -> Self {
        match state {
            MtState::Accepted
            | MtState::Admitted
            | MtState::Held
            | MtState::Released
            | MtState::Deferred
            | MtState::Unknown => Self::Pending,
            MtState::Sending | MtState::Uncertain => Self::Processed,
            MtState::Sent => Self::Sent,
            MtState::Delivered => Self::Delivered,
            MtState::Cancelled => Self::Cancelled,
            MtState::Rejected | MtState::Failed | MtState::Expired | MtState::Undelivered => {
                Self::Failed
            }
        }
    }

    /// The states of a message whose word this is.
    pub(super) fn named(word: &str) -> Option<Vec<MtState>> {
        let all =
            MtState::ALL.iter().copied().filter(|state| format!("{:?}", Self::of(*state)) == word);
        let all: Vec<MtState> = all.collect();
        (!all.is_empty()).then_some(all)
    }

    /// That of a whole message: the least far that any of its recipients is, as long as one is not at its end.
    fn of_all(states: impl Iterator<Item = Self>) -> Self {
        states.min().unwrap_or(Self::Pending)
    }
}

#[derive(Debug, Clone, Serialize)]
struct Recipient {
    #[serde(rename = "phoneNumber")]
    phone_number: String,
    state: State,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
struct Text {
    text: String,
}

/// A message.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Shown {
    id: String,
    device_id: String,
    state: State,
    is_hashed: bool,
    is_encrypted: bool,
    recipients: Vec<Recipient>,
    states: BTreeMap<String, Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text_message: Option<Text>,
}

impl Shown {
    /// One that was just accepted.
    pub(super) fn accepted<'a>(
        id: String,
        to: impl Iterator<Item = &'a PhoneNumber>,
        now: Timestamp,
    ) -> Self {
        let pending = |to: &PhoneNumber| Recipient {
            phone_number: to.to_string(),
            state: State::Pending,
            error: None,
        };
        Self {
            id,
            device_id: String::new(),
            state: State::Pending,
            is_hashed: false,
            is_encrypted: false,
            recipients: to.map(pending).collect(),
            states: [("Pending".to_owned(), now)].into(),
            text_message: None,
        }
    }

    /// What is known of all of a message's recipients. None: there is none.
    pub(super) fn of(id: String, messages: &[&Message], with_text: bool) -> Option<Self> {
        let first = messages.first()?;
        let text = match &first.body {
            Body::Text { text, .. } if with_text => Some(Text { text: text.clone() }),
            _ => None,
        };
        let recipients = messages.iter().map(|message| Recipient {
            phone_number: message.to.to_string(),
            state: State::of(message.state),
            error: message.error.as_ref().map(|error| error.text.clone()),
        });
        let state = State::of_all(messages.iter().map(|message| State::of(message.state)));
        let changed = messages.iter().map(|message| message.updated_at).max()?;
        let mut states = BTreeMap::from([("Pending".to_owned(), first.created_at)]);
        if state != State::Pending {
            states.insert(format!("{state:?}"), changed);
        }
        let modem = messages.iter().find_map(|message| message.modem);
        Some(Self {
            id,
            device_id: modem.map(|modem| modem.to_string()).unwrap_or_default(),
            state,
            is_hashed: false,
            is_encrypted: false,
            recipients: recipients.collect(),
            states,
            text_message: text,
        })
    }

    /// Whether something of it can be taken back.
    pub(super) fn is_pending(&self) -> bool {
        self.recipients.iter().any(|one| one.state == State::Pending)
    }

    /// The same, on its way to be taken back.
    pub(super) fn cancelling(mut self) -> Self {
        self.state = State::Cancelling;
        for recipient in self.recipients.iter_mut().filter(|one| one.state == State::Pending) {
            recipient.state = State::Cancelling;
        }
        self
    }
}

/// A received message.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Incoming {
    id: String,
    device_id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    sender: String,
    recipient: Option<String>,
    sim_number: Option<u8>,
    content_preview: String,
    created_at: Timestamp,
}

impl Incoming {
    pub(super) fn of(received: &Received, recipient: Option<&PhoneNumber>) -> Self {
        let recipient = received.to.as_ref().or(recipient);
        Self {
            id: received.id.uuid().to_string(),
            device_id: received.modem.to_string(),
            kind: if received.text.is_some() { "SMS" } else { "DATA_SMS" },
            sender: received.from.to_string(),
            recipient: recipient.map(ToString::to_string),
            sim_number: Some(1),
            content_preview: received.text.clone().unwrap_or_default(),
            created_at: received.received_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_as_far_as_the_last_of_its_recipients() {
        let of = |states: &[MtState]| State::of_all(states.iter().map(|state| State::of(*state)));
        assert_eq!(of(&[MtState::Delivered, MtState::Held]), State::Pending);
        assert_eq!(of(&[MtState::Delivered, MtState::Sending]), State::Processed);
        assert_eq!(of(&[MtState::Delivered, MtState::Sent, MtState::Failed]), State::Sent);
        assert_eq!(of(&[MtState::Failed, MtState::Expired]), State::Failed);
        assert_eq!(State::named("Sent"), Some(vec![MtState::Sent]));
        assert_eq!(State::named("Processed").map(|states| states.len()), Some(2));
        assert_eq!(State::named("Cancelling"), None);
    }
}
