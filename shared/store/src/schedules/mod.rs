//! Schedules: what is sent at a time, once or again and again.
//!
//! When the next time is, whoever makes or changes a schedule says; the database only finds what is due. A schedule that is paused or
//! over has no next time, and costs nothing until it is looked at.

use std::fmt;

use contracts::mt::{Body, Encoding, MtRequest, SendOptions, WhenUncertain};
use contracts::{
    BatchId, GroupId, OrgId, PhoneNumber, PoolId, Priority, ScheduleId, SimId, Timestamp, UserId,
};
use serde::{Deserialize, Serialize};

use crate::engine::on_engine;
use crate::{NamePage, NamePlace, Reach, Store, StoreError};

/// The most schedules of one account.
pub const MOST_SCHEDULES: u32 = 1_000;
/// The most groups of one schedule.
pub const MOST_GROUPS_OF_SCHEDULE: usize = 100;

contracts::named! {
    /// Why nothing was sent at the last time of a schedule.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum ScheduleTrouble {
        /// Nobody was there to send it, and then it was too late.
        Missed = "missed",
        /// There was nobody to send it to: the groups are empty or gone.
        Nobody = "nobody",
        /// There were more recipients than a time may have.
        TooMany = "too-many",
        /// With them, the account would have sent more than it may.
        OverLimit = "over-limit",
        /// Something of it cannot be read where it was to be sent. When that is its zone or its repetition, there is no next
        /// time.
        Unreadable = "unreadable",
    }
}

/// What a schedule sends, the same to each recipient.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduledMessage {
    /// The text.
    pub text: String,
    /// How the text becomes octets.
    #[serde(default)]
    pub encoding: Encoding,
    /// How urgent it is.
    #[serde(default)]
    pub priority: Priority,
    /// The SIM it must go out through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sim: Option<SimId>,
    /// The pool it must go out through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool: Option<PoolId>,
    /// Fields of the TPDU.
    #[serde(default)]
    pub options: SendOptions,
    /// What to do when nobody knows whether it went out.
    #[serde(default)]
    pub when_uncertain: WhenUncertain,
}

/// Shows no text.
impl fmt::Debug for ScheduledMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ScheduledMessage({} characters)", self.text.chars().count())
    }
}

/// When something is sent, as it was written. What it means is for others to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timing {
    /// The local date and time at which it begins.
    pub starts: String,
    /// The IANA zone.
    pub zone: String,
    /// The rule by which it is repeated. None: it is sent once.
    pub repetition: Option<String>,
}

/// A time of a schedule that went by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleRun {
    /// The time.
    pub at: Timestamp,
    /// The batch that the messages are. None: there are none.
    pub batch: Option<BatchId>,
    /// How many messages there are.
    pub messages: u32,
    /// Why there are none.
    pub trouble: Option<ScheduleTrouble>,
}

/// A schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// The id of the schedule.
    pub id: ScheduleId,
    /// The organisation of the schedule.
    pub org: OrgId,
    /// The account whose messages it sends.
    pub owner: UserId,
    /// The name; no other schedule of the account is called so, letter case aside.
    pub name: String,
    /// What is sent.
    pub message: ScheduledMessage,
    /// The numbers it is sent to.
    pub numbers: Vec<PhoneNumber>,
    /// The groups whose contacts it is sent to. Who is in them is read at each time.
    pub groups: Vec<GroupId>,
    /// When it is sent.
    pub timing: Timing,
    /// Whether its times go by without anything being sent.
    pub paused: bool,
    /// When it is sent next. None: it is paused, or over.
    pub next_at: Option<Timestamp>,
    /// Its last time.
    pub last: Option<ScheduleRun>,
    /// When the schedule was made.
    pub created_at: Timestamp,
    /// When the schedule was last changed.
    pub updated_at: Timestamp,
}

/// A schedule to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSchedule {
    /// The account whose messages it sends.
    pub owner: UserId,
    /// The name.
    pub name: String,
    /// What is sent.
    pub message: ScheduledMessage,
    /// The numbers it is sent to.
    pub numbers: Vec<PhoneNumber>,
    /// The groups whose contacts it is sent to.
    pub groups: Vec<GroupId>,
    /// When it is sent.
    pub timing: Timing,
    /// Whether its times go by without anything being sent.
    pub paused: bool,
    /// When it is sent next.
    pub next_at: Option<Timestamp>,
}

/// A change of a schedule. A field that is none stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ScheduleChange {
    /// What it is called.
    pub name: Option<String>,
    /// What is sent.
    pub message: Option<ScheduledMessage>,
    /// The numbers it is sent to.
    pub numbers: Option<Vec<PhoneNumber>>,
    /// The groups whose contacts it is sent to.
    pub groups: Option<Vec<GroupId>>,
    /// When it is sent.
    pub timing: Option<Timing>,
    /// Whether and when it goes on.
    pub going: Option<Going>,
}

/// Whether and when a schedule goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Going {
    /// Whether its times go by without anything being sent.
    pub paused: bool,
    /// When it is sent next.
    pub next_at: Option<Timestamp>,
}

/// A schedule was not made or changed.
#[derive(Debug, thiserror::Error)]
pub enum ScheduleError {
    /// The account has as many as it may have.
    #[error("there are {MOST_SCHEDULES} schedules already, which is the most there may be")]
    TooMany,
    /// Another schedule of the account has the name.
    #[error("there is a schedule '{0}' already")]
    NameTaken(String),
    /// A group is not there, or the account may not read it.
    #[error("there is no group {0}")]
    NoSuchGroup(GroupId),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Schedule {
    /// Returns the place of the schedule in lists.
    pub fn place(&self) -> NamePlace {
        NamePlace { name_key: self.name.to_lowercase(), id: self.id.to_string() }
    }

    /// Returns the request to one of the `messages` recipients of a time, which is accepted at `now`. However often it is made, it
    /// is the same message.
    pub(crate) fn request(
        &self,
        to: PhoneNumber,
        time: Timestamp,
        messages: u32,
        now: Timestamp,
    ) -> MtRequest {
        let ScheduledMessage { text, encoding, sim, pool, options, when_uncertain, .. } =
            &self.message;
        MtRequest {
            id: Some(self.id.message(time, &to)),
            org: self.org,
            owner: self.owner,
            body: Body::Text { text: text.clone(), encoding: *encoding },
            created_at: Some(now),
            sim: *sim,
            pool: pool.clone(),
            options: *options,
            when_uncertain: *when_uncertain,
            batch: Some(self.id.batch(time)),
            batch_size: Some(messages),
            ..MtRequest::text(to, "")
        }
    }
}

impl Store {
    /// Keeps a new schedule of an account in reach.
    pub async fn create_schedule(
        &self,
        reach: Reach,
        new: &NewSchedule,
        at: Timestamp,
    ) -> Result<Schedule, ScheduleError> {
        on_engine!(self, db => db.create_schedule(reach, new, at))
    }

    /// Returns a page of the schedules in reach whose name has a text in it, sorted by name, and the place at which the next page
    /// begins.
    pub async fn schedules(
        &self,
        reach: Reach,
        search: Option<&str>,
        page: &NamePage,
    ) -> Result<(Vec<Schedule>, Option<NamePlace>), StoreError> {
        on_engine!(self, db => db.schedules(reach, search, page))
    }

    /// Returns a schedule in reach.
    pub async fn schedule(
        &self,
        reach: Reach,
        id: ScheduleId,
    ) -> Result<Option<Schedule>, StoreError> {
        on_engine!(self, db => db.schedule(reach, id))
    }

    /// Changes a schedule in reach and returns it as it is then. None: there is no such schedule.
    pub async fn change_schedule(
        &self,
        reach: Reach,
        id: ScheduleId,
        change: &ScheduleChange,
        at: Timestamp,
    ) -> Result<Option<Schedule>, ScheduleError> {
        on_engine!(self, db => db.change_schedule(reach, id, change, at))
    }

    /// Removes a schedule in reach. What it sent stays. Returns false when there is none.
    pub async fn remove_schedule(&self, reach: Reach, id: ScheduleId) -> Result<bool, StoreError> {
        on_engine!(self, db => db.remove_schedule(reach, id))
    }

    /// Returns the recipients that a schedule in reach has now, each once, and one more than a time may have at most. None: there is
    /// no such schedule.
    pub async fn schedule_recipients(
        &self,
        reach: Reach,
        id: ScheduleId,
    ) -> Result<Option<Vec<PhoneNumber>>, StoreError> {
        on_engine!(self, db => db.schedule_recipients(reach, id))
    }

    /// Notes that a schedule in reach was sent by hand. Returns false when there is none.
    pub async fn note_schedule_run(
        &self,
        reach: Reach,
        id: ScheduleId,
        run: &ScheduleRun,
    ) -> Result<bool, StoreError> {
        on_engine!(self, db => db.note_schedule_run(reach, id, run))
    }
}
