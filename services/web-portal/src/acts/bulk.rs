//! Files of which each row becomes a message: uploaded, planned, looked through, sent.
//!
//! A file is its owner's alone. It is kept in the database, so that any copy of the portal goes on with it. What is sent is
//! batches as programs send them, whose ids follow from that of the file: to send again after a kill, or twice at once, sends
//! nothing twice.

pub(crate) mod filled;
mod judge;
pub(crate) mod plan;

use std::collections::{HashMap, HashSet};

use contracts::mt::{Body, Encoding, SendOptions};
use contracts::{BatchId, BulkId, PoolId, Priority, SimId, Timestamp};
use recurrence::{Plan as Times, PlanError};
use serde_json::{Value, json};
use sheet::{Sheet, Unreadable};
use store::{
    AuditAction, Bulk, BulkOutcomes, BulkPiece, BulkPlace, BulkRow, CreateBulkError, NewBulk,
    Reach, StoreError,
};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::acceptance::{self, Attempt, IdempotencyKey, Sender, Unaccepted};
use super::draft::{Draft, OF_A_BATCH};
use crate::app::App;
use crate::authority::{Authority, Denied};
use crate::power::Power;
use filled::{BadText, Filled};
use judge::Judge;
use plan::{Counts, Outcome, Plan};

/// The most characters of a file's name that are kept.
pub(crate) const LONGEST_NAME: usize = 120;
/// The most characters of a text with fields.
pub(crate) const LONGEST_TEXT: usize = 10_000;
/// Rows of a piece.
const PIECE_ROWS: usize = 200;
/// Bytes of the cells of a piece, more or less.
const PIECE_BYTES: usize = 256 * 1024;
/// Files that are on their way into this copy of the portal at a time; others wait.
static COMING: Semaphore = Semaphore::const_new(8);
/// Files that are read at a time: each takes memory of a few times its size.
pub(super) static READING: Semaphore = Semaphore::const_new(2);
/// Files that this copy of the portal sends at a time. Who sends one twice at once, as by a double click, finds it sent. Another
/// copy may send it meanwhile: its messages have the same ids there.
static SENDING: Semaphore = Semaphore::const_new(1);

/// Why nothing was done with a file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotDone {
    /// The account lacks the power.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// It cannot be read.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// It could not be kept.
    #[error(transparent)]
    Make(#[from] CreateBulkError),
    /// There is none of that id.
    #[error("there is no such file")]
    NoSuchBulk,
    /// Its rows are gone.
    #[error("the rows of the file are kept for a day, and are gone")]
    Gone,
    /// It is being sent, or was.
    #[error("the file is being sent already, and cannot be changed")]
    Sending,
    /// Somebody changed it meanwhile.
    #[error("it was changed meanwhile what is sent: look at it again")]
    Changed,
    /// Nobody has said what is sent.
    #[error("it was not said yet what is sent")]
    NoPlan,
    /// No row becomes a message.
    #[error("no row becomes a message")]
    Nothing,
    /// There is no such column.
    #[error("the column of the numbers is none of the file's")]
    Column,
    /// There is no text.
    #[error("the text is empty, or has more than {LONGEST_TEXT} characters")]
    Text,
    /// A field of the text.
    #[error(transparent)]
    Field(#[from] BadText),
    /// The time.
    #[error(transparent)]
    When(#[from] PlanError),
    /// The time is over.
    #[error("the time is over")]
    Over,
    /// Some of its batches, or all, were not accepted.
    #[error(transparent)]
    Unaccepted(#[from] Unaccepted),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Which column has the numbers.
#[derive(Debug, Clone)]
pub(crate) enum Column {
    /// The one of this name.
    Named(String),
    /// The one at this place, from 0.
    At(usize),
}

/// What somebody wants sent of a file.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    /// The column of the numbers.
    pub(crate) number: Column,
    /// The first row names the columns; none: as it seems.
    pub(crate) names: Option<bool>,
    /// The text, with fields.
    pub(crate) text: String,
    /// Similar characters take the place of those that make a message longer.
    pub(crate) alike: bool,
    /// A zero is put before numbers that a spreadsheet has cut.
    pub(crate) mend: bool,
    /// How urgent.
    pub(crate) priority: Priority,
    /// The SIM it must go out through.
    pub(crate) sim: Option<SimId>,
    /// The pool it must go out through.
    pub(crate) pool: Option<PoolId>,
    /// The local date and time; none: at once.
    pub(crate) at: Option<String>,
    /// The zone of that time.
    pub(crate) zone: Option<String>,
}

/// A file with what is known of it.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    /// The file.
    pub(crate) bulk: Bulk,
    /// The names of its columns, by its plan, or as it seems.
    pub(crate) names: Vec<String>,
    /// Whether the first row names them.
    pub(crate) has_names: bool,
    /// What is sent.
    pub(crate) plan: Option<Plan>,
}

/// Which rows are looked at.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Asked {
    /// From this row on, from 0.
    pub(crate) from: u32,
    /// From this message on, from 0, in the place of a row.
    pub(crate) message: Option<u32>,
    /// Only those that become none.
    pub(crate) skipped: bool,
    /// At most so many.
    pub(crate) limit: usize,
}

/// A row with what becomes of it.
#[derive(Debug, Clone)]
pub(crate) struct Judged {
    /// Its place in the file, from 0.
    pub(crate) place: u32,
    /// Its line in the file.
    pub(crate) line: u64,
    /// What stands in the column of the numbers.
    pub(crate) written: String,
    /// What becomes of it.
    pub(crate) outcome: Outcome,
    /// The text, of one that becomes a message.
    pub(crate) text: String,
}

/// Holds a place for a file that comes in; waits for one.
pub(crate) async fn room() -> Option<SemaphorePermit<'static>> {
    // Nobody closes it.
    COMING.acquire().await.ok()
}

/// Reads a file and keeps it.
pub(crate) async fn upload(
    app: &App,
    authority: &Authority,
    name: &str,
    file: Vec<u8>,
) -> Result<Known, NotDone> {
    authority.must(Power::MessagesSend)?;
    app.has_room().map_err(Unaccepted::from)?;
    let _place = READING.acquire().await;
    let read = tokio::task::spawn_blocking(move || sheet::read(&file)).await;
    let sheet = read.map_err(|_| Unreadable::NoSheet)??;
    let name: String = name.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect();
    let new = new_bulk(authority, name.trim(), sheet);
    let rows: usize = new.pieces.iter().map(Vec::len).sum();
    let with = json!({ "rows": rows, "columns": new.columns });
    let entry = authority.entry(app, AuditAction::BulkUploaded).with(&with);
    let store = app.store.audited(entry);
    Ok(known(store.create_bulk(own(authority), &new, app.clock.now()).await?))
}

/// The files of whoever asks, newest first.
pub(crate) async fn list(app: &App, authority: &Authority) -> Result<Vec<Known>, NotDone> {
    authority.must(Power::MessagesSend)?;
    Ok(app.store.bulks(own(authority)).await?.into_iter().map(known).collect())
}

/// One of them.
pub(crate) async fn one(app: &App, authority: &Authority, id: BulkId) -> Result<Known, NotDone> {
    authority.must(Power::MessagesSend)?;
    find(app, authority, id).await
}

/// Says what is sent of a file, and finds out what becomes of each row.
pub(crate) async fn plan(
    app: &App,
    authority: &Authority,
    id: BulkId,
    wanted: Wanted,
) -> Result<Known, NotDone> {
    authority.must(Power::MessagesSend)?;
    let present = find(app, authority, id).await?;
    if present.bulk.sending.is_some() {
        return Err(NotDone::Sending);
    }
    let (mut plan, text) = planned(app, &present.bulk, wanted)?;
    let sender = (authority.reach, authority.owner());
    if let Some(sim) = plan.sim
        && !acceptance::may_send_through(app, sender, sim).await?
    {
        return Err(Unaccepted::SimNotYours.into());
    }
    let settings = &app.settings;
    let numbers = settings.numbering.clone();
    let mut judge = Judge::new(&plan, text, numbers, settings.languages, settings.max_parts);
    let (mut outcomes, mut place) = (Vec::new(), 0);
    while place < present.bulk.rows {
        let piece = piece(app, authority, id, BulkPlace::Row(place)).await?;
        let next = piece.place + count(piece.rows.len());
        if next <= place {
            return Err(NotDone::Gone);
        }
        let read: Vec<_> = piece.rows.iter().filter_map(|row| judge.number(row).ok()).collect();
        let out = app.store.opted_out(authority.reach, &read).await?;
        let (first_message, at) = (judge.counts.messages, piece.place);
        // Hundreds of texts are counted, while others are served.
        let judged = tokio::task::spawn_blocking(move || {
            let out: HashSet<_> = out.into_iter().collect();
            let outcomes = judge.judge(&piece.rows, &out);
            (judge, outcomes)
        });
        let (back, found) = judged.await.map_err(|_| NotDone::Gone)?;
        judge = back;
        outcomes.push(BulkOutcomes { place: at, outcomes: json!(found), first_message });
        place = next;
    }
    plan.counts = std::mem::take(&mut judge.counts);
    let Counts { messages, parts, .. } = plan.counts;
    let with = json!({ "messages": messages, "parts": parts, "text_changed": true });
    let entry = authority.entry(app, AuditAction::BulkChanged).with(&with);
    let store = app.store.audited(entry);
    let (revision, now) = (present.bulk.revision, app.clock.now());
    let changed =
        store.plan_bulk(own(authority), id, revision, &json!(plan), &outcomes, now).await?;
    changed.map(known).ok_or(NotDone::Changed)
}

/// Rows of a file with what becomes of them, and the place of the row after them, if there are more.
pub(crate) async fn rows(
    app: &App,
    authority: &Authority,
    id: BulkId,
    asked: Asked,
) -> Result<(Vec<Judged>, Option<u32>), NotDone> {
    authority.must(Power::MessagesSend)?;
    let present = find(app, authority, id).await?;
    let (plan, text) = confirmed(&present)?;
    let mut found = Vec::new();
    let mut from = asked.from;
    if let Some(message) = asked.message {
        if message >= plan.counts.messages {
            return Ok((found, None));
        }
        let piece = piece(app, authority, id, BulkPlace::Message(message)).await?;
        let left = message.saturating_sub(piece.first_message);
        let all = judged(&piece, plan, &text)?;
        let is_message = |row: &&Judged| matches!(row.outcome, Outcome::Message { .. });
        let nth = all.iter().filter(is_message).nth(usize::try_from(left).unwrap_or(usize::MAX));
        from = nth.ok_or(NotDone::Gone)?.place;
    }
    while from < present.bulk.rows {
        let piece = piece(app, authority, id, BulkPlace::Row(from)).await?;
        let end = piece.place + count(piece.rows.len());
        if end <= from {
            return Err(NotDone::Gone);
        }
        for row in judged(&piece, plan, &text)?.into_iter().filter(|row| row.place >= from) {
            if matches!(row.outcome, Outcome::Names) {
                continue;
            }
            if asked.skipped && !matches!(row.outcome, Outcome::Skipped(_)) {
                continue;
            }
            if found.len() >= asked.limit {
                return Ok((found, Some(row.place)));
            }
            found.push(row);
        }
        from = end;
    }
    Ok((found, None))
}

/// Sends a file as it was planned at a revision: in batches, of which each is accepted once, however often this is done.
pub(crate) async fn send(
    app: &App,
    authority: &Authority,
    id: BulkId,
    revision: u32,
) -> Result<Known, NotDone> {
    authority.must(Power::MessagesSend)?;
    let _turn = SENDING.acquire().await;
    let present = find(app, authority, id).await?;
    if present.bulk.sent_at.is_some() {
        return Ok(present);
    }
    let (plan, _) = confirmed(&present)?;
    if plan.counts.messages == 0 {
        return Err(NotDone::Nothing);
    }
    let now = app.clock.now();
    let is_over = plan.not_before.is_some_and(|at| at < now);
    if present.bulk.sending.is_none() && is_over {
        return Err(NotDone::Over);
    }
    let with = json!({ "messages": plan.counts.messages, "parts": plan.counts.parts });
    let entry = authority.entry(app, AuditAction::BulkSent).with(&with);
    let store = app.store.audited(entry);
    let begun = store.begin_bulk(own(authority), id, revision, now).await?;
    // From here on it stays as it is now, at this revision.
    let begun = known(begun.ok_or(NotDone::Changed)?);
    let (plan, text) = confirmed(&begun)?;
    let mut batch = begun.bulk.sending.unwrap_or_default();
    let all = count_of_batches(&plan.counts);
    while batch < all {
        let draft = draft(app, authority, &begun, (plan, &text), batch).await?;
        // Visible characters, and few of them.
        let key = IdempotencyKey::parse(&format!("{id}:{batch}"));
        let attempt = key.map(|key| Attempt::Named { key, call: "bulk" });
        acceptance::accept_for(app, Sender::of(authority), &draft, attempt.as_ref()).await?;
        batch += 1;
        let at = app.clock.now();
        app.store.note_bulk_batches(own(authority), id, batch, batch == all, at).await?;
    }
    find(app, authority, id).await
}

/// Removes a file; what it sent stays.
pub(crate) async fn remove(app: &App, authority: &Authority, id: BulkId) -> Result<(), NotDone> {
    authority.must(Power::MessagesSend)?;
    let store = app.store.audited(authority.entry(app, AuditAction::BulkRemoved));
    let removed = store.remove_bulk(own(authority), id).await?;
    if removed { Ok(()) } else { Err(NotDone::NoSuchBulk) }
}

/// The batches that the broker has of a file.
pub(crate) fn batches(known: &Known) -> Vec<BatchId> {
    (0..known.bulk.sending.unwrap_or_default()).map(|n| known.bulk.id.batch(n)).collect()
}

/// What only whoever uploaded it reaches.
fn own(authority: &Authority) -> Reach {
    Reach::own(authority.org, authority.owner())
}

async fn find(app: &App, authority: &Authority, id: BulkId) -> Result<Known, NotDone> {
    let bulk = app.store.bulk(own(authority), id).await?.ok_or(NotDone::NoSuchBulk)?;
    Ok(known(bulk))
}

async fn piece(
    app: &App,
    authority: &Authority,
    id: BulkId,
    place: BulkPlace,
) -> Result<BulkPiece, NotDone> {
    app.store.bulk_piece(own(authority), id, place).await?.ok_or(NotDone::Gone)
}

/// A plan of another release that this one cannot read is none.
fn known(bulk: Bulk) -> Known {
    let plan: Option<Plan> = bulk.plan.clone().and_then(|plan| serde_json::from_value(plan).ok());
    let has_names =
        plan.as_ref().map_or_else(|| sheet::names_columns(&bulk.header), |plan| plan.names);
    Known { names: names(&bulk, has_names), has_names, plan, bulk }
}

/// The names of the columns of a file, whose first row has them or does not.
pub(crate) fn names(bulk: &Bulk, has_names: bool) -> Vec<String> {
    let first = has_names.then_some(bulk.header.as_slice());
    sheet::column_names(first, usize::try_from(bulk.columns).unwrap_or_default())
}

/// The rows of a file as they are kept: in pieces that are read at a time.
pub(super) fn pieces(rows: Vec<sheet::Row>) -> Vec<Vec<BulkRow>> {
    let (mut pieces, mut piece, mut bytes) = (Vec::new(), Vec::new(), 0);
    for row in rows {
        bytes += row.cells.iter().map(String::len).sum::<usize>();
        piece.push(BulkRow { line: row.line, cells: row.cells });
        if piece.len() == PIECE_ROWS || bytes >= PIECE_BYTES {
            pieces.push(std::mem::take(&mut piece));
            bytes = 0;
        }
    }
    if !piece.is_empty() {
        pieces.push(piece);
    }
    pieces
}

fn new_bulk(authority: &Authority, name: &str, sheet: Sheet) -> NewBulk {
    let header = sheet.rows.first().map(|row| row.cells.clone()).unwrap_or_default();
    let columns = count(sheet.columns);
    let pieces = pieces(sheet.rows);
    NewBulk { owner: authority.owner(), name: name.to_owned(), columns, header, pieces }
}

/// The plan that is wanted, as far as it needs no row, with its text.
fn planned(app: &App, bulk: &Bulk, wanted: Wanted) -> Result<(Plan, Filled), NotDone> {
    let names_columns = wanted.names.unwrap_or_else(|| sheet::names_columns(&bulk.header));
    let names = names(bulk, names_columns);
    let number = match &wanted.number {
        Column::Named(wanted) => names.iter().position(|name| name == wanted),
        Column::At(place) => Some(*place).filter(|place| *place < names.len()),
    };
    let number = number.ok_or(NotDone::Column)?;
    let length = wanted.text.chars().count();
    if length > LONGEST_TEXT || wanted.text.trim().is_empty() {
        return Err(NotDone::Text);
    }
    let text = Filled::parse(&wanted.text, &names)?;
    let at = wanted.at.as_deref().map(str::trim).filter(|at| !at.is_empty());
    let not_before = match at {
        Some(at) => {
            let zone = wanted.zone.as_deref().unwrap_or("UTC");
            let times = Times::parse(at, zone.trim(), None)?;
            let next = times.after(app.clock.now().to_jiff()).ok_or(NotDone::Over)?;
            Some(Timestamp::from(next))
        }
        None => None,
    };
    let plan = Plan {
        number,
        names: names_columns,
        alike: wanted.alike,
        mend: wanted.mend,
        priority: wanted.priority,
        sim: wanted.sim,
        pool: wanted.pool.clone(),
        at: at.map(str::to_owned),
        zone: wanted.zone.clone().filter(|_| not_before.is_some()),
        not_before,
        counts: Counts::default(),
        text: wanted.text,
    };
    Ok((plan, text))
}

/// The plan of a file that has one, with its text.
fn confirmed(known: &Known) -> Result<(&Plan, Filled), NotDone> {
    let plan = known.plan.as_ref().ok_or(NotDone::NoPlan)?;
    Ok((plan, Filled::parse(&plan.text, &known.names)?))
}

/// The rows of a piece, with what was found to become of them.
fn judged(piece: &BulkPiece, plan: &Plan, text: &Filled) -> Result<Vec<Judged>, NotDone> {
    let outcomes: Value = piece.outcomes.clone().ok_or(NotDone::NoPlan)?;
    let outcomes: Vec<Outcome> = serde_json::from_value(outcomes).map_err(|_| NotDone::NoPlan)?;
    let rows = piece.rows.iter().zip(outcomes).zip(piece.place..);
    Ok(rows
        .map(|((row, outcome), place)| Judged {
            place,
            line: row.line,
            written: row.cells.get(plan.number).cloned().unwrap_or_default(),
            text: match outcome {
                Outcome::Message { .. } => text.of(&row.cells),
                Outcome::Names | Outcome::Skipped(_) => String::new(),
            },
            outcome,
        })
        .collect())
}

/// The messages of one batch.
async fn draft(
    app: &App,
    authority: &Authority,
    known: &Known,
    (plan, text): (&Plan, &Filled),
    batch: u32,
) -> Result<Draft, NotDone> {
    let id = known.bulk.id;
    let first = batch.saturating_mul(count(OF_A_BATCH));
    let end = plan.counts.messages.min(first.saturating_add(count(OF_A_BATCH)));
    let (mut to, mut own) = (Vec::new(), HashMap::new());
    let start = piece(app, authority, id, BulkPlace::Message(first)).await?;
    let (mut message, mut place) = (start.first_message, start.place);
    let is_same = text.is_same_for_all();
    while message < end && place < known.bulk.rows {
        let piece = piece(app, authority, id, BulkPlace::Row(place)).await?;
        let next = piece.place + count(piece.rows.len());
        if next <= place {
            return Err(NotDone::Gone);
        }
        for row in judged(&piece, plan, text)? {
            let Outcome::Message { to: number, .. } = row.outcome else { continue };
            if (first..end).contains(&message) {
                if !is_same {
                    own.insert(to.len(), row.text);
                }
                to.push(number.to_string());
            }
            message += 1;
        }
        place = next;
    }
    if count(to.len()) != end - first {
        return Err(NotDone::Gone);
    }
    let encoding = if plan.alike { Encoding::Smart } else { Encoding::Auto };
    // Of texts that differ, the one of the plan goes to nobody.
    let body = Body::Text { text: text.of(&[]), encoding };
    let languages = app.settings.languages;
    Ok(Draft {
        to,
        own,
        is_batch: true,
        priority: plan.priority,
        not_before: plan.not_before,
        sim: plan.sim,
        pool: plan.pool.clone(),
        options: SendOptions { languages, ..SendOptions::default() },
        batch: Some(id.batch(batch)),
        ..Draft::of(body)
    })
}

/// How many batches that many messages are.
pub(crate) fn count_of_batches(counts: &Counts) -> u32 {
    counts.messages.div_ceil(count(OF_A_BATCH))
}

/// A count of what is bounded by far fewer.
fn count(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}
