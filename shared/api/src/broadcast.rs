//! Broadcasts: one text to many, handed out at a pace.

use std::collections::BTreeMap;

use contracts::{
    BatchId, BroadcastId, GroupId, MessageId, PoolId, Priority, SimId, TemplateId, Timestamp,
    UserId,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::Encoding;

/// The answer to `GET /broadcasts`, sorted by name.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct Broadcasts {
    /// Those of this page, without `states`, `batches` and `quiet_until`.
    pub broadcasts: Vec<Broadcast>,
    /// `after` of the next page; none: this is the last.
    pub next: Option<String>,
}

/// One text to many, handed out at a pace.
// Without `Debug`, as all that holds a text: it is not for logs.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Broadcast {
    /// Its id.
    pub id: BroadcastId,
    /// The account whose messages it sends.
    pub owner: UserId,
    /// Its name.
    pub name: String,
    /// The text, with fields: `{name}`, `{number}`, `{email}` and `{note}` of the contact; `{{` is a brace.
    pub text: String,
    /// The groups whose contacts it is sent to. Who is in them is read when it starts.
    pub groups: Vec<GroupId>,
    /// How many numbers were written down beside them.
    pub numbers: u32,
    /// How urgent it is.
    pub priority: Priority,
    /// Message class 0 to 3; none: no class.
    pub class: Option<u8>,
    /// How long the network tries; none: as long as it likes.
    pub validity_minutes: Option<u32>,
    /// The SIM it must go out through; none: any.
    pub sim: Option<SimId>,
    /// The pool of modems it must go out through; none: the default one.
    pub pool: Option<PoolId>,
    /// The local date and time at which it starts; none: when somebody says so.
    pub at: Option<String>,
    /// The IANA zone of that time, and of recipients of whose country no one zone is known.
    pub zone: String,
    /// How fast it is handed out, such as `60/minute`; none: as fast as modems take it.
    pub pace: Option<String>,
    /// Local hours of each recipient in which nothing is handed out, such as `21:00-08:00`.
    pub quiet: Option<String>,
    /// Where it is: `draft`, `scheduled`, `running`, `paused`, `finished` or `cancelled`.
    pub state: String,
    /// Why it does not go on, or waits: `missed` (nobody was there to start it at its time, so it was paused), `nobody` (there was nobody to send it
    /// to), `too-many` (there were more than 100,000), `over-limit` (the account may send no more for a while), `unreadable` (text or zone were not known where it
    /// was to be sent, so it was paused), `disabled` (its account is disabled, so it was paused).
    pub trouble: Option<String>,
    /// When it starts, or goes on; none: nothing is to be done for it at any time.
    pub next: Option<Timestamp>,
    /// Who it is for.
    pub audience: BroadcastAudience,
    /// How many messages are in each state, by its name, without those states in which there is none.
    #[serde(default)]
    pub states: BTreeMap<String, u64>,
    /// The batches that its messages are.
    #[serde(default)]
    pub batches: Vec<BatchId>,
    /// Recipients who have quiet hours now.
    #[serde(default)]
    pub quiet_until: Vec<BroadcastQuiet>,
    /// How often its text was sent as a test.
    pub tests: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it came to its end.
    pub finished_at: Option<Timestamp>,
}

/// Who a broadcast is for, as far as its audience was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct BroadcastAudience {
    /// Numbers and members of groups before it starts, those counted that stand twice. Only said of one that was asked for by its id.
    pub expected: Option<u32>,
    /// All of them are read.
    pub read: bool,
    /// They are sent something.
    pub recipients: u32,
    /// They stand before it, in whatever writing.
    pub duplicates: u32,
    /// They asked to be sent nothing.
    pub opted_out: u32,
    /// They are no numbers, or numbers that are sent nothing.
    pub unusable: u32,
    /// Recipients who were handed out: their messages are made.
    pub handed_out: u32,
    /// Recipients who are still to be handed out.
    pub waiting: u32,
}

/// Recipients who have quiet hours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BroadcastQuiet {
    /// The zone by whose clocks they live.
    pub zone: String,
    /// How many.
    pub recipients: u32,
    /// Until when.
    pub until: Timestamp,
}

/// The body of `POST /broadcasts`. A broadcast is made as a draft.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewBroadcast {
    /// Its name.
    pub name: String,
    /// The numbers it is sent to, at most 50,000. Those that cannot be used are left out, and named when it has started.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to: Vec<String>,
    /// The groups whose contacts it is sent to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<GroupId>,
    /// The text, with fields: `{name}`, `{number}`, `{email}` and `{note}` of the contact; `{{` is a brace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// A template whose text, as it is now, is sent in place of `text`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<TemplateId>,
    /// The local date and time at which it starts once it is started, such as `2026-12-01 08:00`; at once when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// The IANA zone of that time, such as `Asia/Jakarta`, and of recipients of whose country no one zone is known.
    pub zone: String,
    /// How fast it is handed out, such as `60/minute` or `500/hour`; as fast as modems take it when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pace: Option<String>,
    /// Local hours of each recipient in which nothing is handed out, such as `21:00-08:00`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet: Option<String>,
    /// The alphabet; `auto` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<Encoding>,
    /// How urgent it is; `bulk` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// Message class 0 to 3; 0 is shown at once and not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<u8>,
    /// The same as class 0.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub flash: bool,
    /// How long the network tries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validity_minutes: Option<u32>,
    /// The SIM it must go out through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sim: Option<SimId>,
    /// The pool of modems it must go out through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool: Option<PoolId>,
    /// The name of the account whose messages it sends; the caller's own when absent. Another's: for administrators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
}

/// The body of `PATCH /broadcasts/{id}`, of a broadcast that is a draft or waits for its time. What is absent stays as it is. One that waits
/// becomes a draft again when its time, pace or quiet hours are changed.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BroadcastChanges {
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The numbers it is sent to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Vec<String>>,
    /// The groups whose contacts it is sent to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<GroupId>>,
    /// The text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// How urgent it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// The SIM it must go out through; empty: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sim: Option<String>,
    /// The pool of modems it must go out through; empty: the default one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool: Option<String>,
    /// The local date and time; empty: at once when it is started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// The IANA zone of that time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// How fast it is handed out; empty: as fast as modems take it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pace: Option<String>,
    /// Local hours of each recipient in which nothing is handed out; empty: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet: Option<String>,
}

/// The body of `POST /broadcasts/{id}/test`.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TestBroadcast {
    /// The number that gets the text, as the first of the audience would.
    pub to: String,
}

/// The query of `GET /broadcasts/{id}/recipients`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
pub struct ListBroadcastRecipients {
    /// Only those who are left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_out: Option<bool>,
    /// At most so many; 50 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Those after `next` of the page before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<u32>,
}

/// The answer to `GET /broadcasts/{id}/recipients`, in the order in which the audience was read.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct BroadcastRecipients {
    /// Those of this page.
    pub recipients: Vec<BroadcastRecipient>,
    /// `after` of the next page; none: this is the last.
    pub next: Option<u32>,
}

/// Somebody of an audience.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BroadcastRecipient {
    /// The place in the audience, the first being 0.
    pub place: u32,
    /// The number; as it was written where it is none.
    pub number: String,
    /// Why nothing is sent: `duplicate`, `opted-out` or `unusable`.
    pub left_out: Option<String>,
    /// The message; none: it was not made yet.
    pub message: Option<MessageId>,
    /// The state of the message, where it is still kept.
    pub state: Option<String>,
}
