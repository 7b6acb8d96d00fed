//! Typed, prefixed ids: `msg_0198…`. The text form is the prefix, `_` and 32 lower-case hex digits
//! of a UUID, so an id is one NATS subject token and says what it names.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// Namespace of the ids that are derived from something in the world (a SIM, a modem, a PDU), so that
/// every host derives the same one.
const NAMESPACE: Uuid = Uuid::from_u128(0x6d65_7270_6174_4973_8d6f_6465_6d73_5631);

/// A text that is not an id of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{found}' is not an id of the form {prefix}_ and 32 hex digits")]
pub struct ParseIdError {
    prefix: &'static str,
    found: String,
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// The prefix of its text form, without the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// Wraps a UUID.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// A new id, ordered by time (UUID version 7).
            #[expect(clippy::new_without_default, reason = "a new id is not a default")]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }

            /// The id of a thing in the world: the same name gives the same id on every host (UUID version 5).
            pub fn derived(name: &str) -> Self {
                Self(Uuid::new_v5(&NAMESPACE, format!("{}:{name}", $prefix).as_bytes()))
            }

            /// The UUID inside.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0.simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                text.strip_prefix(concat!($prefix, "_"))
                    .filter(|hex| hex.len() == 32)
                    .and_then(|hex| Uuid::try_parse(hex).ok())
                    .map(Self)
                    .ok_or_else(|| ParseIdError { prefix: $prefix, found: text.chars().take(64).collect() })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        #[cfg(feature = "openapi")]
        crate::schema::text!($name, concat!("^", $prefix, "_[0-9a-f]{32}$"));

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

id!(
    /// A message, sent or received.
    MessageId,
    "msg"
);
id!(
    /// Something that happened.
    EventId,
    "evt"
);
id!(
    /// A SIM: derived from its ICCID, or its IMSI where there is none.
    SimId,
    "sim"
);
id!(
    /// A modem: derived from its IMEI and the path of its port, so two modems with one IMEI stay two.
    ModemId,
    "mdm"
);
id!(
    /// A person or program with an account.
    UserId,
    "usr"
);
id!(
    /// An organisation, to which users, SIMs and messages belong.
    OrgId,
    "org"
);
id!(
    /// An API key.
    KeyId,
    "key"
);
id!(
    /// Messages that were accepted together and can be paused and cancelled together.
    BatchId,
    "bat"
);
id!(
    /// Credit of an account that a router was given to spend.
    BlockId,
    "blk"
);
id!(
    /// A callback to a customer's URL.
    CallbackId,
    "cbk"
);
id!(
    /// A customer's endpoint for events.
    WebhookId,
    "whk"
);
id!(
    /// One event on its way to one endpoint: the same however often it is tried, so it is what the endpoint knows a
    /// repetition by.
    DeliveryId,
    "whd"
);
id!(
    /// A keyword service: what a message with a keyword calls.
    ServiceId,
    "svc"
);
id!(
    /// A contact: a name and its number.
    ContactId,
    "con"
);
id!(
    /// A file of contacts, or contacts that were merged: what can be undone as a whole.
    ContactImportId,
    "cim"
);
id!(
    /// A group of contacts.
    GroupId,
    "grp"
);
id!(
    /// A team: users of an organisation, with SIMs of their own.
    TeamId,
    "team"
);
id!(
    /// A text that is kept to be sent again and again.
    TemplateId,
    "tpl"
);
id!(
    /// What is sent at a time, once or again and again.
    ScheduleId,
    "sch"
);
id!(
    /// One text to many, handed out at a pace.
    BroadcastId,
    "brd"
);
id!(
    /// Something that is or was wrong with the gateway, and is told to its operators.
    AlertId,
    "alr"
);
id!(
    /// A file of which each row becomes a message.
    BulkId,
    "blk"
);

impl BulkId {
    /// The batch that the messages of a file are from its `n`th ten thousand on, the first being 0: the same whoever sends them,
    /// however often.
    pub fn batch(self, n: u32) -> BatchId {
        BatchId::derived(&format!("{self} {n}"))
    }
}

id!(
    /// A note in a conversation, for colleagues.
    NoteId,
    "nte"
);
id!(
    /// A session of a browser.
    SessionId,
    "ses"
);
id!(
    /// A link that works once: an invitation, or a link for a new password.
    LinkId,
    "lnk"
);

impl SessionId {
    /// The id of the session whose cookie has this SHA-256. It says which session is meant, and is of no use to come in.
    pub const fn of_cookie(sha256: [u8; 32]) -> Self {
        let [first @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = sha256;
        Self(Uuid::from_bytes(first))
    }
}

impl ScheduleId {
    /// The batch that the messages of one time of a schedule are: the same whoever makes them, however often.
    pub fn batch(self, time: crate::Timestamp) -> BatchId {
        BatchId::derived(&format!("{self}:{}", time.as_micros()))
    }

    /// The message to one recipient of one time of a schedule.
    pub fn message(self, time: crate::Timestamp, to: &crate::PhoneNumber) -> MessageId {
        MessageId::derived(&format!("{self}:{}:{to}", time.as_micros()))
    }
}

impl BroadcastId {
    /// The batch that some recipients of a broadcast are, the first [`crate::batch::MOST_RECIPIENTS`] being batch 0: the same whoever
    /// makes them, however often.
    pub fn batch(self, place: u32) -> BatchId {
        BatchId::derived(&format!("{self}:{place}"))
    }

    /// The message to one recipient of a broadcast, the first being 0.
    pub fn message(self, recipient: u32) -> MessageId {
        MessageId::derived(&format!("{self}:{recipient}"))
    }
}

impl CallbackId {
    /// The id of the call that a received message sets off: one message is one call, however often it is told.
    pub fn of_received(message: MessageId) -> Self {
        Self::derived(&format!("received:{message}"))
    }

    /// The id of what a call sends on to one of several numbers: it is sent on once, however often that is tried.
    pub fn of_forward(call: Self, number: &crate::PhoneNumber) -> Self {
        Self::derived(&format!("forward:{call}:{number}"))
    }

    /// The id of what an endpoint answers to a received message, the first text being 0: however often the endpoint is
    /// told of the message, these are its answers.
    pub fn of_answer(webhook: WebhookId, message: MessageId, text: usize) -> Self {
        Self::derived(&format!("answer:{webhook}:{message}:{text}"))
    }
}

impl ContactId {
    /// The id of a contact that was brought from elsewhere: one that is brought again is known again.
    pub fn of_source(org: OrgId, owner: crate::Holder, source: &str) -> Self {
        Self::derived(&format!("{org}:{owner}:{source}"))
    }
}

impl OrgId {
    /// The organisation that exists from the first migration on.
    pub fn default_org() -> Self {
        Self::derived("default")
    }
}

impl UserId {
    /// The owner of messages that name none: those of other services on the broker.
    pub fn internal() -> Self {
        Self::derived("internal")
    }
}

impl MessageId {
    /// The id of the message that tells somebody of alerts which opened together: told again, it is the same message.
    pub fn of_alerts(together: EventId, to: &crate::PhoneNumber) -> Self {
        Self::derived(&format!("{together}:alerts:{to}"))
    }

    /// The id of a request that came without one: the same for every reader of the same stored
    /// message, as it is made of the stream's sequence and the time of storing.
    pub fn from_stored(at: crate::Timestamp, sequence: u64) -> Self {
        Self::derived(&format!("{}:{sequence}", at.as_micros()))
    }

    /// The id of the copy of a received message that lies in the inbox of an account: one message has one copy for an account.
    pub fn of_copy(message: Self, user: UserId) -> Self {
        Self::derived(&format!("copy:{message}:{user}"))
    }

    /// The id of the reply that a call comes to: one call has one reply, however often it is sent.
    pub fn of_reply(call: CallbackId) -> Self {
        Self::derived(&format!("reply:{call}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form_round_trips() {
        let id = MessageId::new();
        assert_eq!(id.to_string().parse::<MessageId>(), Ok(id));
        assert!(id.to_string().starts_with("msg_"));
        assert_eq!(id.to_string().len(), 36);
    }

    #[test]
    fn another_kind_is_refused() {
        let sim = SimId::derived("8962101234").to_string();
        assert!(sim.parse::<ModemId>().is_err());
        assert!("msg_".parse::<MessageId>().is_err());
        assert!("msg_0198.0".parse::<MessageId>().is_err());
    }

    #[test]
    fn derived_ids_are_the_same_everywhere() {
        assert_eq!(SimId::derived("8962"), SimId::derived("8962"));
        assert_ne!(SimId::derived("8962").uuid(), ModemId::derived("8962").uuid());
    }
}
