//! Times of schedules: which are due, and what becomes of one.
//!
//! A time that is sent becomes rows of messages that are held and due at once, in the transaction that notes the next time. So
//! whoever is killed at whatever moment has done all of it or nothing, and what is done is requested as every message is that was
//! held, once. The ids of the messages are made from schedule, time and recipient: a time that is done twice makes nothing twice.

use std::time::Duration;

use contracts::{MessageId, Timestamp};

use crate::engine::on_engine;
use crate::{Schedule, ScheduleRun, ScheduleTrouble, Store, StoreError};

/// What became of a time of a schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleSent {
    /// What is noted of it.
    pub run: ScheduleRun,
    /// The messages that were made.
    pub messages: Vec<MessageId>,
}

/// The bounds of what a schedule sends.
#[derive(Debug, Clone, Copy)]
pub struct ScheduleBounds {
    /// After this a message without an end of its own is over.
    pub expire_after: Duration,
    /// How many messages an account may send in which time, of whatever kind; none: as many as it likes. What is sent from the inside
    /// has no such bound.
    pub of_account: Option<(u32, Duration)>,
}

impl Store {
    /// Returns when the next time of any schedule is. None when there is none.
    pub async fn next_schedule(&self) -> Result<Option<Timestamp>, StoreError> {
        on_engine!(self, db => db.next_schedule())
    }

    /// Returns the schedules of all organisations whose time has come at `now`, longest due first. A row that cannot be read is
    /// logged and left out.
    pub async fn due_schedules(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Schedule>, StoreError> {
        on_engine!(self, db => db.due_schedules(now, limit))
    }

    /// Returns schedules of all organisations whose next time is later than `after`, the nearest first, and of one time by id: those
    /// that come after this one, where a page before ended with it. A row that cannot be read is logged and left out.
    pub async fn far_schedules(
        &self,
        after: Timestamp,
        than: Option<&Schedule>,
        limit: u32,
    ) -> Result<Vec<Schedule>, StoreError> {
        on_engine!(self, db => db.far_schedules(after, than, limit))
    }

    /// Notes that the next time of a schedule, as it was read, is another. Returns false when it was changed or sent meanwhile.
    pub async fn set_next_time(
        &self,
        schedule: &Schedule,
        next: Timestamp,
    ) -> Result<bool, StoreError> {
        on_engine!(self, db => db.set_next_time(schedule, next))
    }

    /// Sends for the time that a schedule, as it was read, has next: makes its messages, held and due at `now`, and notes that its
    /// next time is `next`, within these bounds. Nothing is made for nobody, nor for more
    /// recipients than a time may have. None: the schedule was changed or removed meanwhile, or another copy of the service was
    /// first, and nothing was done.
    pub async fn send_scheduled(
        &self,
        schedule: &Schedule,
        next: Option<Timestamp>,
        now: Timestamp,
        within: ScheduleBounds,
    ) -> Result<Option<ScheduleSent>, StoreError> {
        on_engine!(self, db => db.send_scheduled(schedule, next, now, within))
    }

    /// Lets the time go by that a schedule, as it was read, has next, and notes why and that its next time is `next`. Returns false
    /// when nothing was done, as [`Store::send_scheduled`] returns none.
    pub async fn pass_scheduled(
        &self,
        schedule: &Schedule,
        next: Option<Timestamp>,
        trouble: ScheduleTrouble,
    ) -> Result<bool, StoreError> {
        on_engine!(self, db => db.pass_scheduled(schedule, next, trouble))
    }
}
