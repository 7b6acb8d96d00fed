//! The rows of broadcasts and of their audiences.

use super::super::contacts::fields_of;
use crate::column::{json, parsed, parsed_if, small, time};
use crate::{
    Audience, Broadcast, BroadcastPlan, Pace, PacePeriod, Personalia, Reading, StoreError,
};

/// A row of `broadcasts`.
#[derive(sqlx::FromRow)]
pub(crate) struct BroadcastRow {
    pub(crate) id: String,
    org: String,
    owner: String,
    name: String,
    message: String,
    group_ids: String,
    numbers: i64,
    starts: Option<String>,
    zone: String,
    pace: Option<i64>,
    pace_seconds: Option<i64>,
    quiet: Option<String>,
    state: String,
    trouble: Option<String>,
    version: i64,
    next_at: Option<i64>,
    read_part: Option<i64>,
    read_after: Option<String>,
    candidates: i64,
    recipients: i64,
    duplicates: i64,
    opted_out: i64,
    unusable: i64,
    handed: i64,
    in_hand: i64,
    tests: i64,
    created_at: i64,
    updated_at: i64,
    started_at: Option<i64>,
    finished_at: Option<i64>,
}

/// Selects the columns of [`BroadcastRow`]; a condition has to follow.
pub(crate) const SELECT: &str = "SELECT b.id, b.org, b.owner, b.name, b.message, b.group_ids, \
    b.numbers, b.starts, b.zone, b.pace, b.pace_seconds, b.quiet, b.state, b.trouble, b.version, \
    b.next_at, b.read_part, b.read_after, b.candidates, b.recipients, b.duplicates, b.opted_out, \
    b.unusable, b.handed, b.in_hand, b.tests, b.created_at, b.updated_at, b.started_at, \
    b.finished_at FROM broadcasts b WHERE ";

impl TryFrom<BroadcastRow> for Broadcast {
    type Error = StoreError;

    fn try_from(row: BroadcastRow) -> Result<Self, StoreError> {
        let groups = row.group_ids.split_whitespace();
        let groups = groups.map(|group| parsed("broadcasts.group_ids", group));
        let pace = match (row.pace, row.pace_seconds) {
            (Some(messages), Some(seconds)) => {
                let is_that = |period: &PacePeriod| i64::from(period.seconds()) == seconds;
                let per = PacePeriod::ALL.into_iter().find(is_that).unwrap_or(PacePeriod::Hour);
                Some(Pace { messages: small("broadcasts.pace", messages)?, per })
            }
            _ => None,
        };
        let reading = match (row.read_part, row.read_after) {
            (Some(part), Some(after)) => {
                Some(Reading { part: small("broadcasts.read_part", part)?, after })
            }
            _ => None,
        };
        Ok(Self {
            id: parsed("broadcasts.id", &row.id)?,
            org: parsed("broadcasts.org", &row.org)?,
            owner: parsed("broadcasts.owner", &row.owner)?,
            name: row.name,
            message: json("broadcasts.message", &row.message)?,
            groups: groups.collect::<Result<_, _>>()?,
            numbers: small("broadcasts.numbers", row.numbers)?,
            plan: BroadcastPlan {
                starts: row.starts,
                zone: row.zone,
                pace,
                quiet: parsed_if("broadcasts.quiet", row.quiet.as_deref())?,
            },
            state: parsed("broadcasts.state", &row.state)?,
            trouble: parsed_if("broadcasts.trouble", row.trouble.as_deref())?,
            version: small("broadcasts.version", row.version)?,
            next_at: row.next_at.map(time),
            reading,
            candidates: small("broadcasts.candidates", row.candidates)?,
            audience: Audience {
                recipients: small("broadcasts.recipients", row.recipients)?,
                duplicates: small("broadcasts.duplicates", row.duplicates)?,
                opted_out: small("broadcasts.opted_out", row.opted_out)?,
                unusable: small("broadcasts.unusable", row.unusable)?,
            },
            handed: small("broadcasts.handed", row.handed)?,
            in_hand: small("broadcasts.in_hand", row.in_hand)?,
            tests: small("broadcasts.tests", row.tests)?,
            created_at: time(row.created_at),
            updated_at: time(row.updated_at),
            started_at: row.started_at.map(time),
            finished_at: row.finished_at.map(time),
        })
    }
}

/// Somebody who may be a recipient: a contact of a group.
#[derive(sqlx::FromRow)]
pub(crate) struct MemberRow {
    pub(crate) id: String,
    pub(crate) number: String,
    name: String,
    email: Option<String>,
    note: Option<String>,
    fields: Option<String>,
}

impl MemberRow {
    /// What is known of them, to be filled in.
    pub(super) fn personalia(self) -> Result<Personalia, StoreError> {
        let Self { number, name, email, note, fields, .. } = self;
        let (email, note) = (email.unwrap_or_default(), note.unwrap_or_default());
        let fields = fields_of(fields.as_deref())?;
        Ok(Personalia { name, number, email, note, fields })
    }
}

/// One of an audience.
#[derive(sqlx::FromRow)]
pub(super) struct RecipientRow {
    pub(super) place: i64,
    pub(super) number: String,
    pub(super) recipient: Option<i64>,
    pub(super) left_out: Option<String>,
    pub(super) handed: bool,
}
