//! Contacts from files: uploaded, columns said, looked through, confirmed, taken back. Contacts that are merged are remembered and
//! taken back in the same way.
//!
//! A file is kept in the database as a file of messages is, and is its account's alone. What would become of a row is found when it is
//! said what the columns are, and kept beside the rows. When the file is confirmed, each row is read again and held against
//! contacts as they are then, a piece of the file in a transaction: what was skipped stays skipped, and a contact that somebody
//! changes at the same time is left. To confirm twice, or at two copies of the portal, does nothing twice.

mod going;
mod judge;
pub(crate) mod listed;
pub(crate) mod plan;
mod writing;

use contracts::{ContactImportId, Holder, PhoneNumber};
use serde_json::json;
use sheet::{Sheet, Unreadable};
use store::{
    AuditAction, BulkRow, ContactImport, ContactImportError, ContactImportPiece, CreateGroupError,
    LeftContact, MOST_MERGED, NewContactImport, Reach, StoreError,
};
use tokio::sync::Semaphore;

use super::belonging::{Belonging, NotTheirs, changed_by, must_be_of};
use super::bulk;
use super::contact::{LONGEST_NOTE, MOST_FIELDS, MOST_TAGS};
use crate::app::App;
use crate::authority::{Authority, Denied};
use crate::csv;
use crate::power::Power;
use going::Way;
use judge::Judge;
use plan::{NoRole, Outcome, Plan, Role, guessed};
use writing::{contacts, groups, made_groups, step};

/// The most characters of a file's name that are kept.
pub(crate) const LONGEST_NAME: usize = 120;
/// Contacts that are taken back in a transaction.
const TAKEN_BACK_AT_ONCE: u32 = 200;
/// Contacts that are named of those that were left.
const NAMED: u32 = 100;
/// Files that this copy of the portal makes to contacts at a time.
static WRITING: Semaphore = Semaphore::const_new(1);

/// Why nothing was done with a file of contacts.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotDone {
    /// Whose the contacts are to be.
    #[error(transparent)]
    NotTheirs(#[from] NotTheirs),
    /// It cannot be read.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// It could not be kept, or made to contacts.
    #[error(transparent)]
    Import(#[from] ContactImportError),
    /// There is none of that id.
    #[error("there is no such file")]
    NoSuchImport,
    /// Its rows are gone.
    #[error("the rows of the file are kept for a day, and are gone")]
    Gone,
    /// It was confirmed.
    #[error("the file was confirmed already, and cannot be changed")]
    Confirmed,
    /// Somebody changed it meanwhile, or nobody has said what its columns are.
    #[error("what the columns are was changed meanwhile, or not said yet: look at it again")]
    Changed,
    /// No row becomes a contact.
    #[error("no row becomes a contact")]
    Nothing,
    /// A word says of no column what it is.
    #[error(transparent)]
    Role(#[from] NoRole),
    /// The columns are not those of the file.
    #[error(
        "'roles' says what each column of the file is, once each field and at least once 'number'; there are at most {MOST_FIELDS} fields"
    )]
    Columns,
    /// It was not confirmed, so there is nothing to take back.
    #[error("the file was not confirmed, so there is nothing to take back")]
    NothingToUndo,
    /// It was taken back, or is being, before all of it was imported.
    #[error("the import is taken back, or was, before all of its rows were imported")]
    TakenBack,
    /// There are too few contacts to be merged, or too many.
    #[error("2 to {MOST_MERGED} contacts are merged at a time")]
    TooFew,
    /// Together they have more tags, fields or notes than a contact has.
    #[error(
        "together they have more than {MOST_TAGS} tags, {MOST_FIELDS} fields or {LONGEST_NOTE} characters that differ or are notes"
    )]
    TooMuch,
    /// A group could not be made.
    #[error(transparent)]
    Group(#[from] CreateGroupError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Denied> for NotDone {
    fn from(denied: Denied) -> Self {
        Self::NotTheirs(denied.into())
    }
}

/// What somebody says of the columns of a file.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    /// The first row names the columns; none: as it seems.
    pub(crate) names: Option<bool>,
    /// What each column is, as [`Role`] reads it; none: as it seems.
    pub(crate) columns: Option<Vec<String>>,
    /// Contacts that are there stay as they are.
    pub(crate) keep: bool,
}

/// An import with what is known of it.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    /// The import.
    pub(crate) import: ContactImport,
    /// The names of its columns.
    pub(crate) names: Vec<String>,
    /// Whether the first row names them.
    pub(crate) has_names: bool,
    /// What the columns are, as it was said or as it seems.
    pub(crate) columns: Vec<Role>,
    /// What was said; none: nobody has.
    pub(crate) plan: Option<Plan>,
}

/// Which rows are looked at.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Asked {
    /// From this row on, from 0.
    pub(crate) from: u32,
    /// Only those that become none.
    pub(crate) skipped: bool,
    /// At most so many.
    pub(crate) limit: usize,
}

/// A row with what would become of it.
#[derive(Debug, Clone)]
pub(crate) struct Judged {
    /// Its place in the file, from 0.
    pub(crate) place: u32,
    /// Its line in the file.
    pub(crate) line: u64,
    /// What stands in the columns of the name.
    pub(crate) name: String,
    /// What stands in the first column of a number in which something stands.
    pub(crate) number: String,
    /// What would become of it.
    pub(crate) outcome: Outcome,
}

/// Reads a file and keeps it.
pub(crate) async fn upload(
    app: &App,
    authority: &Authority,
    belonging: Belonging,
    name: &str,
    file: Vec<u8>,
) -> Result<Known, NotDone> {
    authority.must(Power::ContactsWrite)?;
    let owner = belonging.holder(app, authority).await?;
    let _place = bulk::READING.acquire().await;
    let read = tokio::task::spawn_blocking(move || sheet::read_contacts(&file)).await;
    let sheet = read.map_err(|_| Unreadable::NoSheet)??;
    let name: String = name.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect();
    let new = NewContactImport { owner, ..new_import(authority, name.trim(), sheet) };
    let rows: usize = new.pieces.iter().map(Vec::len).sum();
    let with = json!({ "rows": rows, "columns": new.columns });
    let entry = authority.entry(app, AuditAction::ContactImportUploaded).with(&with);
    let store = app.store.audited(entry);
    Ok(known(store.create_contact_import(own(authority), &new, app.clock.now()).await?))
}

/// The imports of whoever asks, newest first.
pub(crate) async fn list(app: &App, authority: &Authority) -> Result<Vec<Known>, NotDone> {
    authority.must(Power::ContactsWrite)?;
    Ok(app.store.contact_imports(own(authority)).await?.into_iter().map(known).collect())
}

/// One of them.
pub(crate) async fn one(
    app: &App,
    authority: &Authority,
    id: ContactImportId,
) -> Result<Known, NotDone> {
    authority.must(Power::ContactsWrite)?;
    find(app, authority, id).await
}

/// Says what the columns of a file are, and finds out what would become of each row.
pub(crate) async fn plan(
    app: &App,
    authority: &Authority,
    id: ContactImportId,
    wanted: Wanted,
) -> Result<Known, NotDone> {
    authority.must(Power::ContactsWrite)?;
    let present = find(app, authority, id).await?;
    if present.import.applied.is_some() {
        return Err(NotDone::Confirmed);
    }
    must_be_of(app, authority, present.import.owner).await?;
    let mut plan = planned(&present.import, wanted)?;
    let groups = groups(app, authority, &present.import).await?;
    let mut judge = Judge::new(plan.clone(), app.settings.numbering.clone(), groups);
    let (mut outcomes, mut place) = (Vec::new(), 0);
    while place < present.import.rows {
        let piece = piece(app, authority, id, place).await?;
        let next = piece.place + count(piece.rows.len());
        if next <= place {
            return Err(NotDone::Gone);
        }
        let numbers = numbers(&judge, &piece.rows);
        let known = contacts(app, authority, &present.import, &numbers).await?;
        let at = piece.place;
        // Hundreds of rows are read, while others are served.
        let judged = tokio::task::spawn_blocking(move || {
            let outcomes = judge.judge(&piece.rows, &known);
            (judge, outcomes)
        });
        let (back, found) = judged.await.map_err(|_| NotDone::Gone)?;
        judge = back;
        outcomes.push((at, json!(found)));
        place = next;
    }
    plan.counts = std::mem::take(&mut judge.counts);
    let with = json!({ "made": plan.counts.made, "changed": plan.counts.changed });
    let entry = authority.entry(app, AuditAction::ContactImportChanged).with(&with);
    let store = app.store.audited(entry);
    let (revision, now) = (present.import.revision, app.clock.now());
    let reach = own(authority);
    let changed =
        store.plan_contact_import(reach, id, revision, &json!(plan), &outcomes, now).await?;
    changed.map(known).ok_or(NotDone::Changed)
}

/// Rows of a file with what would become of them, and the place of the row after them, if there are more.
pub(crate) async fn rows(
    app: &App,
    authority: &Authority,
    id: ContactImportId,
    asked: Asked,
) -> Result<(Vec<Judged>, Option<u32>), NotDone> {
    authority.must(Power::ContactsWrite)?;
    let present = find(app, authority, id).await?;
    let plan = present.plan.as_ref().ok_or(NotDone::Changed)?;
    let mut found = Vec::new();
    let mut from = asked.from;
    while from < present.import.rows {
        let piece = piece(app, authority, id, from).await?;
        let end = piece.place + count(piece.rows.len());
        if end <= from {
            return Err(NotDone::Gone);
        }
        let outcomes = outcomes(&piece)?;
        for ((row, outcome), place) in piece.rows.iter().zip(outcomes).zip(piece.place..) {
            let is_skipped = matches!(outcome, Outcome::Skipped(_));
            if place < from || outcome == Outcome::Names || asked.skipped && !is_skipped {
                continue;
            }
            if found.len() >= asked.limit {
                return Ok((found, Some(place)));
            }
            let of = |wanted: &Role| -> Vec<String> {
                let cells = row.cells.iter().zip(&plan.columns);
                let cells = cells.filter(|(cell, role)| *role == wanted && !cell.is_empty());
                cells.map(|(cell, _)| cell.clone()).collect()
            };
            let (name, number) = (of(&Role::Name).join(" "), of(&Role::Number));
            let number = number.into_iter().next().unwrap_or_default();
            found.push(Judged { place, line: row.line, name, number, outcome });
        }
        from = end;
    }
    Ok((found, None))
}

/// Makes the rows of a file to contacts, as it was said at a revision what its columns are. What was done already is not done again. A
/// large file may take longer than a call waits: then it goes on, and what is returned has no time at which it was over.
pub(crate) async fn confirm(
    app: &App,
    authority: &Authority,
    id: ContactImportId,
    revision: u32,
) -> Result<Known, NotDone> {
    authority.must(Power::ContactsWrite)?;
    let present = find(app, authority, id).await?;
    if present.import.applied_at.is_some() {
        return Ok(present);
    }
    if present.import.undo_at.is_some() {
        return Err(NotDone::TakenBack);
    }
    must_be_of(app, authority, present.import.owner).await?;
    let plan = present.plan.as_ref().ok_or(NotDone::Changed)?;
    if plan.counts.made + plan.counts.changed == 0 {
        return Err(NotDone::Nothing);
    }
    let with = json!({ "made": plan.counts.made, "changed": plan.counts.changed });
    let entry = authority.entry(app, AuditAction::ContactImportConfirmed).with(&with);
    let store = app.store.audited(entry);
    let begun = store.begin_contact_import(own(authority), id, revision, app.clock.now()).await?;
    // From here on it stays as it is now, at this revision.
    begun.ok_or(NotDone::Changed)?;
    let (to, by) = (app.clone(), authority.clone());
    let work = Box::pin(async move { write(&to, &by, id).await });
    going::waited(app, authority, (id, Way::In), work).await
}

/// Whether this copy of the portal makes the rows of a file to contacts at the moment.
pub(crate) fn is_being_made(id: ContactImportId) -> bool {
    going::is((id, Way::In))
}

/// Whether this copy of the portal takes an import back at the moment.
pub(crate) fn is_being_taken_back(id: ContactImportId) -> bool {
    going::is((id, Way::Back))
}

/// Makes the rows that are left to contacts.
async fn write(app: &App, authority: &Authority, id: ContactImportId) -> Result<Known, NotDone> {
    let _turn = WRITING.acquire().await;
    let begun = find(app, authority, id).await?;
    let plan = begun.plan.clone().ok_or(NotDone::Changed)?;
    let mut import = begun.import;
    if import.applied_at.is_some() || import.undo_at.is_some() {
        return Ok(known(import));
    }
    let groups = made_groups(app, authority, &import, &plan).await?;
    while import.applied_at.is_none() && import.undo_at.is_none() {
        let place = import.applied.unwrap_or_default();
        let piece = piece(app, authority, id, place).await?;
        if piece.place != place {
            return Err(NotDone::Gone);
        }
        let step = step(app, authority, &import, (&plan, &groups), &piece).await?;
        let (reach, writes) = (own(authority), changed_by(authority));
        let now = app.clock.now();
        let written = app.store.write_contact_import(reach, writes, id, &step, now).await?;
        import = written.ok_or(NotDone::NoSuchImport)?;
    }
    Ok(known(import))
}

/// Takes an import back, as far as nothing of it was changed since; a large one as [`confirm`] makes it.
pub(crate) async fn undo(
    app: &App,
    authority: &Authority,
    id: ContactImportId,
) -> Result<Known, NotDone> {
    authority.must(Power::ContactsWrite)?;
    let present = find(app, authority, id).await?;
    must_be_of(app, authority, present.import.owner).await?;
    let store = app.store.audited(authority.entry(app, AuditAction::ContactImportUndone));
    let begun = store.begin_contact_import_undo(own(authority), id, app.clock.now()).await?;
    begun.ok_or(NotDone::NothingToUndo)?;
    let (to, by) = (app.clone(), authority.clone());
    let work = Box::pin(async move { take_back(&to, &by, id).await });
    going::waited(app, authority, (id, Way::Back), work).await
}

/// Takes back what is left of an import. One that is still being made stops for that after a piece.
async fn take_back(
    app: &App,
    authority: &Authority,
    id: ContactImportId,
) -> Result<Known, NotDone> {
    let _turn = WRITING.acquire().await;
    let mut import = find(app, authority, id).await?.import;
    while import.undone_at.is_none() {
        let (reach, writes, now) = (own(authority), changed_by(authority), app.clock.now());
        let limit = TAKEN_BACK_AT_ONCE;
        let undone = app.store.undo_contact_import(reach, writes, id, limit, now).await?;
        import = undone.ok_or(NotDone::NoSuchImport)?;
    }
    Ok(known(import))
}

/// The first of the contacts that were left when an import was taken back.
pub(crate) async fn left(
    app: &App,
    authority: &Authority,
    id: ContactImportId,
) -> Result<Vec<LeftContact>, NotDone> {
    authority.must(Power::ContactsWrite)?;
    Ok(app.store.left_contacts(own(authority), id, NAMED).await?)
}

/// Forgets an import; its contacts stay.
pub(crate) async fn remove(
    app: &App,
    authority: &Authority,
    id: ContactImportId,
) -> Result<(), NotDone> {
    authority.must(Power::ContactsWrite)?;
    let store = app.store.audited(authority.entry(app, AuditAction::ContactImportRemoved));
    let removed = store.remove_contact_import(own(authority), id).await?;
    if removed { Ok(()) } else { Err(NotDone::NoSuchImport) }
}

/// What only whoever uploaded it reaches.
fn own(authority: &Authority) -> Reach {
    Reach::own(authority.org, authority.owner())
}

async fn find(app: &App, authority: &Authority, id: ContactImportId) -> Result<Known, NotDone> {
    let import = app.store.contact_import(own(authority), id).await?;
    Ok(known(import.ok_or(NotDone::NoSuchImport)?))
}

async fn piece(
    app: &App,
    authority: &Authority,
    id: ContactImportId,
    row: u32,
) -> Result<ContactImportPiece, NotDone> {
    app.store.contact_import_piece(own(authority), id, row).await?.ok_or(NotDone::Gone)
}

/// What would become of the rows of a piece, as it was found.
fn outcomes(piece: &ContactImportPiece) -> Result<Vec<Outcome>, NotDone> {
    let outcomes = piece.outcomes.clone().ok_or(NotDone::Changed)?;
    serde_json::from_value(outcomes).map_err(|_| NotDone::Changed)
}

/// A plan of another release that this one cannot read is none.
pub(super) fn known(import: ContactImport) -> Known {
    let plan: Option<Plan> = import.plan.clone().and_then(|plan| serde_json::from_value(plan).ok());
    let has_names =
        plan.as_ref().map_or_else(|| sheet::names_columns(&import.header), |plan| plan.names);
    let names = names(&import, has_names);
    let columns = match &plan {
        Some(plan) => plan.columns.clone(),
        None => guessed(&names, Some(import.header.as_slice()).filter(|_| !has_names)),
    };
    Known { import, names, has_names, columns, plan }
}

/// The names of the columns of a file, whose first row has them or does not.
pub(crate) fn names(import: &ContactImport, has_names: bool) -> Vec<String> {
    let first = has_names.then_some(import.header.as_slice());
    let names = sheet::column_names(first, usize::try_from(import.columns).unwrap_or_default());
    names.iter().map(|name| csv::plain(name)).collect()
}

/// A file as it is kept, of whoever uploads it.
fn new_import(authority: &Authority, name: &str, sheet: Sheet) -> NewContactImport {
    let header = sheet.rows.first().map(|row| row.cells.clone()).unwrap_or_default();
    let columns = count(sheet.columns);
    let pieces = bulk::pieces(sheet.rows);
    let account = authority.owner();
    let name = name.to_owned();
    NewContactImport { account, owner: Holder::Everybody, name, columns, header, pieces }
}

/// What the columns are to be, when that can be.
fn planned(import: &ContactImport, wanted: Wanted) -> Result<Plan, NotDone> {
    let has_names = wanted.names.unwrap_or_else(|| sheet::names_columns(&import.header));
    let names = names(import, has_names);
    let columns = match wanted.columns {
        Some(said) => {
            said.iter().map(|role| role.parse()).collect::<Result<Vec<Role>, NoRole>>()?
        }
        None => guessed(&names, Some(import.header.as_slice()).filter(|_| !has_names)),
    };
    let mut fields: Vec<String> = columns
        .iter()
        .filter_map(|role| match role {
            Role::Field(name) => Some(name.to_lowercase()),
            _ => None,
        })
        .collect();
    let all = fields.len();
    fields.sort_unstable();
    fields.dedup();
    let fits = columns.len() == names.len()
        && columns.contains(&Role::Number)
        && all == fields.len()
        && all <= MOST_FIELDS;
    if !fits {
        return Err(NotDone::Columns);
    }
    Ok(Plan { names: has_names, columns, keep: wanted.keep, ..Plan::default() })
}

/// The numbers of the rows that can be contacts.
fn numbers(judge: &Judge, rows: &[BulkRow]) -> Vec<PhoneNumber> {
    rows.iter().filter_map(|row| Some(judge.read(row).ok()?.contact.number)).collect()
}

fn count(rows: usize) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}
