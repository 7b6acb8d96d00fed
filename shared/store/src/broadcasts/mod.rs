//! Broadcasts: one text to many, with what is known of each contact filled in, handed out at a pace and outside of quiet hours.
//!
//! A broadcast is written down as a draft and changed as one. Once it runs, its audience is read into rows in pieces, and messages
//! are made of these rows in pieces ([`crate::BroadcastPiece`]), both by persistence. What has not been handed out is a row and nothing else, so a pause or a
//! cancel costs the same for ten recipients as for a hundred thousand.

mod text;

use contracts::limits::Quiet;
use contracts::{BatchId, BroadcastId, GroupId, MessageId, MtState, OrgId, Timestamp, UserId};

use crate::engine::on_engine;
use crate::{NamePage, NamePlace, Reach, ScheduledMessage, Store, StoreError};

pub use text::{BadPersonalText, PersonalField, PersonalText, Personalia};

/// The most broadcasts of one account.
pub const MOST_BROADCASTS: u32 = 200;
/// The most groups of one broadcast.
pub const MOST_GROUPS_OF_BROADCAST: usize = 100;
/// The most numbers that are written down for one broadcast.
pub const MOST_NUMBERS_OF_BROADCAST: usize = 50_000;
/// The most characters of a number that is written down.
pub const LONGEST_BROADCAST_NUMBER: usize = 64;
/// The most numbers and members of groups that a broadcast is for, those counted that stand twice.
pub const MOST_AUDIENCE: u32 = 100_000;
/// The most messages that a pace is of.
pub const FASTEST_PACE: u32 = 100_000;

contracts::named! {
    /// Where a broadcast is.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum BroadcastState {
        /// It is being written, and nothing of it is sent.
        Draft = "draft",
        /// It starts at its time.
        Scheduled = "scheduled",
        /// Its audience is read, and then it is handed out.
        Running = "running",
        /// Nothing of it is handed out or released until it is resumed.
        Paused = "paused",
        /// All of its messages were sent, or ended without being sent.
        Finished = "finished",
        /// What was not sent then is not sent.
        Cancelled = "cancelled",
    }
}

contracts::named! {
    /// Why a broadcast does not go on, or why it waits.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum BroadcastTrouble {
        /// Its time went by while nobody was there to start it, so it was paused.
        Missed = "missed",
        /// There was nobody to send it to.
        Nobody = "nobody",
        /// Its audience had become larger than one may be, so it was cancelled.
        TooMany = "too-many",
        /// The account may send no more for a while, so what is left waits.
        OverLimit = "over-limit",
        /// Something of it cannot be read where it is to be sent, so it was paused.
        Unreadable = "unreadable",
        /// Its account is disabled, so it was paused.
        Disabled = "disabled",
    }
}

contracts::named! {
    /// Why somebody of an audience is sent nothing.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum LeftOut {
        /// The number stands before it, in whatever writing.
        Duplicate = "duplicate",
        /// The holder of the number asked to be sent nothing.
        OptedOut = "opted-out",
        /// It is no number, or one that is sent nothing.
        Unusable = "unusable",
    }
}

contracts::named! {
    /// What a pace counts by.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum PacePeriod {
        /// A minute.
        Minute = "minute",
        /// An hour.
        Hour = "hour",
    }
}

impl PacePeriod {
    /// Returns how many seconds it has.
    pub const fn seconds(self) -> u32 {
        match self {
            Self::Minute => 60,
            Self::Hour => 3_600,
        }
    }
}

/// How fast a broadcast is handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// So many messages, at least 1 and at most [`FASTEST_PACE`].
    pub messages: u32,
    /// In each of these.
    pub per: PacePeriod,
}

/// What was written is no pace.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{0}' is no pace: write so many messages a minute or an hour, such as 60/minute or 500/hour, at least 1 and at most {FASTEST_PACE}"
)]
pub struct BadPace(String);

impl std::str::FromStr for Pace {
    type Err = BadPace;

    fn from_str(text: &str) -> Result<Self, BadPace> {
        let read = || {
            let (messages, per) = text.split_once('/')?;
            let messages: u32 = messages.trim().parse().ok()?;
            let per = per.trim().parse().ok()?;
            (1..=FASTEST_PACE).contains(&messages).then_some(Self { messages, per })
        };
        read().ok_or_else(|| BadPace(text.chars().filter(|c| !c.is_control()).take(40).collect()))
    }
}

impl std::fmt::Display for Pace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.messages, self.per)
    }
}

/// How a broadcast is handed out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BroadcastPlan {
    /// The local date and time at which it starts. None: when somebody says so.
    pub starts: Option<String>,
    /// The IANA zone of that time, and of recipients of whom no zone is known.
    pub zone: String,
    /// How fast. None: as fast as modems take them.
    pub pace: Option<Pace>,
    /// Local hours of each recipient in which nothing is handed out for them.
    pub quiet: Option<Quiet>,
}

/// Who of an audience was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Audience {
    /// They are sent something.
    pub recipients: u32,
    /// They stand before it.
    pub duplicates: u32,
    /// They asked to be sent nothing.
    pub opted_out: u32,
    /// They are no numbers, or are sent nothing.
    pub unusable: u32,
}

/// How far the audience of a broadcast was read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reading {
    /// The part that is read: groups by their places, and after the last of them the numbers that were written down.
    pub part: u32,
    /// Of the part, what comes after this: the id of a contact, or the place of a number. Empty: all of it.
    pub after: String,
}

/// A broadcast.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broadcast {
    /// The id of the broadcast.
    pub id: BroadcastId,
    /// The organisation of the broadcast.
    pub org: OrgId,
    /// The account whose messages it sends.
    pub owner: UserId,
    /// The name; no other broadcast of the account is called so, letter case aside.
    pub name: String,
    /// What is sent. The text is a [`PersonalText`].
    pub message: ScheduledMessage,
    /// The groups whose contacts it is sent to. Who is in them is read when it starts.
    pub groups: Vec<GroupId>,
    /// How many numbers were written down beside them.
    pub numbers: u32,
    /// How it is handed out.
    pub plan: BroadcastPlan,
    /// Where it is.
    pub state: BroadcastState,
    /// Why it does not go on, or why it waits.
    pub trouble: Option<BroadcastTrouble>,
    /// Counted up by every change.
    pub version: u64,
    /// When something is to be done for it.
    pub next_at: Option<Timestamp>,
    /// How far its audience was read. None: it was not begun, or all of it was read.
    pub reading: Option<Reading>,
    /// How many of its audience were looked at.
    pub candidates: u32,
    /// Who of them is counted.
    pub audience: Audience,
    /// Recipients whose messages were made.
    pub handed: u32,
    /// Messages that waited for modems when the last ones were made, those counted.
    pub in_hand: u32,
    /// How often its text was sent as a test.
    pub tests: u32,
    /// When the broadcast was made.
    pub created_at: Timestamp,
    /// When the broadcast was last changed.
    pub updated_at: Timestamp,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it came to its end.
    pub finished_at: Option<Timestamp>,
}

/// A broadcast to be made: a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBroadcast {
    /// The account whose messages it sends.
    pub owner: UserId,
    /// The name.
    pub name: String,
    /// What is sent.
    pub message: ScheduledMessage,
    /// The groups whose contacts it is sent to.
    pub groups: Vec<GroupId>,
    /// The numbers it is sent to, as they were written.
    pub numbers: Vec<String>,
    /// How it is handed out.
    pub plan: BroadcastPlan,
}

/// A change of a draft, or of a broadcast that waits for its time. A field that is none stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BroadcastChange {
    /// What it is called.
    pub name: Option<String>,
    /// What is sent.
    pub message: Option<ScheduledMessage>,
    /// The groups whose contacts it is sent to.
    pub groups: Option<Vec<GroupId>>,
    /// The numbers it is sent to, as they were written.
    pub numbers: Option<Vec<String>>,
    /// How it is handed out. A broadcast that waits for its time becomes a draft again, for the time may be another one.
    pub plan: Option<BroadcastPlan>,
    /// One that waits for its time is not changed.
    pub drafts_only: bool,
}

/// What is said of a broadcast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BroadcastOrder {
    /// A draft starts: at this time, or now.
    Start(Option<Timestamp>),
    /// One that runs is paused; one that waits for its time becomes a draft again.
    Pause,
    /// One that is paused goes on.
    Resume,
    /// It ends.
    Cancel,
}

/// Somebody of an audience.
#[derive(Clone, PartialEq, Eq)]
pub struct BroadcastRecipient {
    /// The place in the audience, from 0.
    pub place: u32,
    /// The number; as it was written where it is none.
    pub number: String,
    /// Why nothing is sent.
    pub left_out: Option<LeftOut>,
    /// The message. None: it was not made yet, and never is for somebody who is left out.
    pub message: Option<MessageId>,
    /// The state of the message, where its history is still kept.
    pub state: Option<MtState>,
}

/// Shows no number.
impl std::fmt::Debug for BroadcastRecipient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "BroadcastRecipient({}, {:?}, {:?})", self.place, self.left_out, self.message)
    }
}

/// How many recipients who live by the clocks of a zone are still to be handed out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneShare {
    /// The name of the zone.
    pub zone: String,
    /// How many.
    pub remaining: u32,
}

/// Who a broadcast is for, before it starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedAudience {
    /// How many numbers and members of groups, those counted that stand twice.
    pub count: u32,
    /// What is known of the first of them, the number as it was written.
    pub first: Option<Personalia>,
}

/// How far a broadcast is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BroadcastProgress {
    /// The batches that its messages are.
    pub batches: Vec<BatchId>,
    /// How many of its messages are in each state.
    pub states: Vec<(MtState, u64)>,
    /// Who is still to be handed out, by zone.
    pub waiting: Vec<ZoneShare>,
}

/// A broadcast was not made or changed.
#[derive(Debug, thiserror::Error)]
pub enum BroadcastError {
    /// The account has as many as it may have.
    #[error("there are {MOST_BROADCASTS} broadcasts already, which is the most there may be")]
    TooMany,
    /// Another broadcast of the account has the name.
    #[error("there is a broadcast '{0}' already")]
    NameTaken(String),
    /// A group is not there, or the account may not read it.
    #[error("there is no group {0}")]
    NoSuchGroup(GroupId),
    /// The broadcast is not in a state in which that is done.
    #[error("{}", .0.what_first())]
    In(BroadcastState),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl BroadcastState {
    /// Returns what a broadcast in the state is, and what can be done first, for whoever asked for what cannot be done in it.
    const fn what_first(self) -> &'static str {
        match self {
            Self::Draft => "the broadcast is a draft: start it first",
            Self::Scheduled => {
                "the broadcast is scheduled: cancel it first, or pause it, which makes it a draft again"
            }
            Self::Running => "the broadcast is running: cancel it first",
            Self::Paused => "the broadcast is paused: cancel it first, or resume it",
            Self::Finished => "the broadcast is finished: make another one",
            Self::Cancelled => "the broadcast is cancelled: make another one",
        }
    }
}

impl Broadcast {
    /// Returns the place of the broadcast in lists.
    pub fn place(&self) -> NamePlace {
        NamePlace { name_key: self.name.to_lowercase(), id: self.id.to_string() }
    }

    /// Returns how many recipients are still to be handed out.
    pub const fn remaining(&self) -> u32 {
        self.audience.recipients.saturating_sub(self.handed)
    }
}

impl Store {
    /// Keeps a new broadcast of an account in reach.
    pub async fn create_broadcast(
        &self,
        reach: Reach,
        new: &NewBroadcast,
        at: Timestamp,
    ) -> Result<Broadcast, BroadcastError> {
        on_engine!(self, db => db.create_broadcast(reach, new, at))
    }

    /// Returns a page of the broadcasts in reach whose name has a text in it, sorted by name, and the place at which the next page
    /// begins.
    pub async fn broadcasts(
        &self,
        reach: Reach,
        search: Option<&str>,
        page: &NamePage,
    ) -> Result<(Vec<Broadcast>, Option<NamePlace>), StoreError> {
        on_engine!(self, db => db.broadcasts(reach, search, page))
    }

    /// Returns a broadcast in reach.
    pub async fn broadcast(
        &self,
        reach: Reach,
        id: BroadcastId,
    ) -> Result<Option<Broadcast>, StoreError> {
        on_engine!(self, db => db.broadcast(reach, id))
    }

    /// Changes a broadcast in reach that is not under way, and returns it as it is then. None: there is no such broadcast.
    pub async fn change_broadcast(
        &self,
        reach: Reach,
        id: BroadcastId,
        change: &BroadcastChange,
        at: Timestamp,
    ) -> Result<Option<Broadcast>, BroadcastError> {
        on_engine!(self, db => db.change_broadcast(reach, id, change, at))
    }

    /// Gives an order to a broadcast in reach, and returns it as it is then. An order given twice is given once. None: there is no such
    /// broadcast.
    pub async fn order_broadcast(
        &self,
        reach: Reach,
        id: BroadcastId,
        order: BroadcastOrder,
        at: Timestamp,
    ) -> Result<Option<Broadcast>, BroadcastError> {
        on_engine!(self, db => db.order_broadcast(reach, id, order, at))
    }

    /// Removes a broadcast in reach that is not under way. What it sent stays. Returns false when there is none.
    pub async fn remove_broadcast(
        &self,
        reach: Reach,
        id: BroadcastId,
    ) -> Result<bool, BroadcastError> {
        on_engine!(self, db => db.remove_broadcast(reach, id))
    }

    /// Returns who a broadcast in reach is for. None: there is no such broadcast.
    pub async fn broadcast_audience(
        &self,
        reach: Reach,
        id: BroadcastId,
    ) -> Result<Option<ExpectedAudience>, StoreError> {
        on_engine!(self, db => db.broadcast_audience(reach, id))
    }

    /// Returns whether some contact in the groups of a broadcast in reach has something in this field.
    pub async fn broadcast_has(
        &self,
        reach: Reach,
        id: BroadcastId,
        field: PersonalField,
    ) -> Result<bool, StoreError> {
        on_engine!(self, db => db.broadcast_has(reach, id, field))
    }

    /// Returns whether some contact in the groups of a broadcast in reach has something in a field of this very name, which people gave
    /// contacts.
    pub async fn broadcast_has_own(
        &self,
        reach: Reach,
        id: BroadcastId,
        name: &str,
    ) -> Result<bool, StoreError> {
        on_engine!(self, db => db.broadcast_has_own(reach, id, name))
    }

    /// Returns at most `limit` of the audience of a broadcast in reach, in the order in which it was read, from the one after the
    /// place `after`; only those who are left out, if that is asked for.
    pub async fn broadcast_recipients(
        &self,
        reach: Reach,
        id: BroadcastId,
        after: Option<u32>,
        left_out: bool,
        limit: u32,
    ) -> Result<Vec<BroadcastRecipient>, StoreError> {
        on_engine!(self, db => db.broadcast_recipients(reach, id, after, left_out, limit))
    }

    /// Returns how far a broadcast in reach is.
    pub async fn broadcast_progress(
        &self,
        reach: Reach,
        id: BroadcastId,
    ) -> Result<BroadcastProgress, StoreError> {
        on_engine!(self, db => db.broadcast_progress(reach, id))
    }

    /// Notes that the text of a broadcast in reach was sent as a test. Returns false when there is none.
    pub async fn note_broadcast_test(
        &self,
        reach: Reach,
        id: BroadcastId,
    ) -> Result<bool, StoreError> {
        on_engine!(self, db => db.note_broadcast_test(reach, id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pace_is_read_as_it_is_written() {
        for text in ["60/minute", "1/hour", "100000/minute"] {
            assert_eq!(text.parse::<Pace>().unwrap().to_string(), text);
        }
        for wrong in ["", "0/minute", "100001/minute", "60", "60/day", "-1/hour", "60/minute/hour"]
        {
            assert!(wrong.parse::<Pace>().is_err(), "{wrong}");
        }
    }
}
