//! Files of contacts: a list with the form that uploads one, and a page for each, which shows what can be done with it next: say what
//! its columns are, look through it, confirm it, take it back. Contacts that were merged have such a page, too.

use std::fmt::Write as _;

use askama::Template;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::{MethodRouter, post};
use contracts::{ContactId, ContactImportId};
use sheet::LARGEST_FILE;
use store::{
    ContactImportError, ContactImportKind, CreateGroupError, LeftWhy, MOST_CONTACT_IMPORTS,
    MOST_CONTACTS, MOST_GROUPS, MOST_GROUPS_OF_CONTACT, MOST_MERGED,
};

use super::bulk::file_form::FileForm;
use super::bulk::file_name;
use super::bulk::{AROUND, csv_file, unreadable_words};
use super::failure::Failure;
use super::form::Form;
use super::frame::{Frame, html};
use super::hostile::Hostile;
use super::notice::Notice;
use super::parts::{Sentence, When, within};
use super::visit::Visit;
use super::whose::{self, Whose};
use crate::acts::belonging::NotTheirs;
use crate::acts::contact_import::plan::{Outcome, Role, Skip};
use crate::acts::contact_import::{self, Asked, Judged, Known, NotDone, Wanted};
use crate::app::App;
use crate::csv;
use crate::words::Words;

/// Rows that are shown; the rest of those that are skipped is in a file.
const SHOWN: usize = 50;
/// Rows that are read at a time for that file.
const AT_ONCE: usize = 1_000;

#[derive(Template)]
#[template(path = "contact_imports.html")]
struct ImportsPage {
    w: Words,
    frame: Frame,
    rows: Vec<Listed>,
    whose: Whose,
    errors: Vec<String>,
}

/// An import in the list.
struct Listed {
    id: ContactImportId,
    name: Hostile,
    state: Sentence,
}

#[derive(Template)]
#[template(path = "contact_import.html")]
struct ImportPage {
    w: Words,
    frame: Frame,
    path: String,
    name: Hostile,
    is_file: bool,
    rows: u32,
    at: When,
    has_names: bool,
    keep: bool,
    columns: Vec<Column>,
    /// What would become of the rows; none: it was not said what the columns are.
    review: Option<Review>,
    /// What became of them; none: it was not confirmed.
    result: Option<Outcomes>,
    errors: Vec<String>,
}

/// A column, and what it may be.
struct Column {
    place: usize,
    name: Hostile,
    sample: Hostile,
    choices: Vec<Choice>,
}

/// What a column may be.
struct Choice {
    value: String,
    words: Hostile,
    chosen: bool,
}

/// What would become of the rows.
struct Review {
    made: u32,
    changed: u32,
    same: u32,
    skipped: u32,
    groups: Vec<Hostile>,
    rows: Vec<Row>,
    reasons: Vec<(String, u32)>,
    left_out: Vec<Row>,
    revision: u32,
    may_confirm: bool,
}

/// A row with what would become of it.
struct Row {
    line: u64,
    name: Hostile,
    number: Hostile,
    words: String,
}

/// What became of the rows.
struct Outcomes {
    state: Sentence,
    facts: Vec<(String, u32)>,
    left: Vec<Left>,
    may_go_on: bool,
    may_undo: bool,
    revision: u32,
}

/// A contact that was left as it is.
struct Left {
    id: ContactId,
    is_there: bool,
    name: Hostile,
    words: String,
}

/// `POST /contact-imports`, whose body is larger than others may be.
pub(super) fn upload_route() -> MethodRouter<App> {
    post(upload).layer(DefaultBodyLimit::max(LARGEST_FILE + AROUND))
}

/// `GET /contact-imports`.
pub(super) async fn list(State(app): State<App>, visit: Visit) -> Result<Html<String>, Failure> {
    page(&app, &visit, Vec::new()).await
}

async fn page(app: &App, visit: &Visit, errors: Vec<String>) -> Result<Html<String>, Failure> {
    let w = visit.words;
    let authority = visit.authority()?;
    let imports = contact_import::list(app, authority).await.map_err(failure)?;
    html(&ImportsPage {
        w,
        frame: Frame { path: "/contact-imports".to_owned(), ..Frame::of(app, visit).await },
        rows: imports.iter().map(|known| listed(w, known)).collect(),
        whose: Whose::of(app, authority, "").await?,
        errors,
    })
}

fn listed(w: Words, known: &Known) -> Listed {
    let state = state(w, known);
    Listed { id: known.import.id, name: file_name(w, &known.import.name), state: Sentence(state) }
}

/// How far an import is.
fn state(w: Words, known: &Known) -> String {
    let import = &known.import;
    if let Some(at) = import.undone_at {
        return w.imports_undone_at(within(at));
    }
    if contact_import::is_being_taken_back(import.id) {
        return w.imports_being_undone();
    }
    if import.undo_at.is_some() {
        return w.imports_half_undone();
    }
    match (import.kind, import.applied_at, import.applied) {
        (ContactImportKind::Merge, Some(at), _) => {
            w.imports_merged_at(within(at), import.counts.removed.saturating_add(1))
        }
        (ContactImportKind::File, Some(at), _) => {
            w.imports_applied_at(within(at), import.counts.changed, import.counts.made)
        }
        (_, None, Some(_)) if contact_import::is_being_made(import.id) => w.imports_being_made(),
        (_, None, Some(_)) => w.imports_half_applied(),
        (_, None, None) => w.imports_draft(within(import.created_at)),
    }
}

/// `POST /contact-imports`.
async fn upload(State(app): State<App>, form: FileForm) -> Result<Response, Failure> {
    let FileForm { visit, name, file, shared } = form;
    let belonging = whose::said(&shared);
    let uploaded = match file {
        Ok(file) => contact_import::upload(&app, visit.authority()?, belonging, &name, file).await,
        Err(unreadable) => Err(unreadable.into()),
    };
    match uploaded {
        Ok(known) => {
            let notice = Notice::done(visit.words.imports_uploaded(known.import.rows));
            Ok(visit.lead_to(&format!("/contact-imports/{}", known.import.id), notice))
        }
        Err(refused) => {
            let words = words(visit.words, refused)?;
            let page = page(&app, &visit, vec![words]).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

/// `GET /contact-imports/{id}`.
pub(super) async fn show(
    State(app): State<App>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Html<String>, Failure> {
    let id: ContactImportId = id.parse().map_err(|_| Failure::NotFound)?;
    let known = contact_import::one(&app, visit.authority()?, id).await.map_err(failure)?;
    import_page(&app, &visit, known, Refused::default()).await
}

/// What was refused, and is said on the page.
#[derive(Default)]
struct Refused {
    errors: Vec<String>,
    /// What a plan that was refused said of contacts that are there; none: it was no plan.
    keep: Option<bool>,
}

async fn import_page(
    app: &App,
    visit: &Visit,
    known: Known,
    Refused { errors, keep }: Refused,
) -> Result<Html<String>, Failure> {
    let w = visit.words;
    let path = format!("/contact-imports/{}", known.import.id);
    // What would become of the rows is known of the plan before, which is not the one that the form shows.
    let review = match keep {
        Some(_) => None,
        None => review(app, visit, &known).await?,
    };
    let planned = known.plan.as_ref().is_some_and(|plan| plan.keep);
    let result = result(app, visit, &known).await?;
    // A first row that names the columns says nothing of what stands in them.
    let sample = if known.has_names { Vec::new() } else { known.import.header.clone() };
    let columns = known.names.iter().enumerate().map(|(place, name)| Column {
        place,
        name: Hostile(name.clone()),
        sample: Hostile(sample.get(place).cloned().unwrap_or_default()),
        choices: choices(w, name, known.columns.get(place).unwrap_or(&Role::Ignored)),
    });
    html(&ImportPage {
        w,
        frame: Frame { path: path.clone(), ..Frame::of(app, visit).await },
        path,
        name: file_name(w, &known.import.name),
        is_file: known.import.kind == ContactImportKind::File,
        rows: known.import.rows,
        at: When(known.import.created_at),
        has_names: known.has_names,
        keep: keep.unwrap_or(planned),
        columns: columns.collect(),
        review,
        result,
        errors,
    })
}

/// What a column may be: what every column may be, and a field that is called as it is.
fn choices(w: Words, name: &str, chosen: &Role) -> Vec<Choice> {
    let usual = [
        (Role::Ignored, w.imports_role_ignored()),
        (Role::Name, w.contacts_name()),
        (Role::Number, w.contacts_number()),
        (Role::Email, w.imports_role_email()),
        (Role::Note, w.imports_role_note()),
        (Role::Tags, w.imports_role_tags()),
        (Role::Groups, w.contacts_groups()),
    ];
    let mut roles: Vec<(Role, String)> = usual.to_vec();
    let short: String = name.chars().take(crate::acts::contact::LONGEST_FIELD_NAME).collect();
    let own = format!("field:{}", short.trim()).parse::<Role>().ok();
    for role in own.into_iter().chain(Some(chosen.clone())) {
        if let Role::Field(field) = &role
            && !roles.iter().any(|(known, _)| *known == role)
        {
            let words = w.imports_role_field(field.clone());
            roles.push((role, words));
        }
    }
    let choices = roles.into_iter().map(|(role, words)| Choice {
        value: role.to_string(),
        words: Hostile(words),
        chosen: role == *chosen,
    });
    choices.collect()
}

async fn review(app: &App, visit: &Visit, known: &Known) -> Result<Option<Review>, Failure> {
    let w = visit.words;
    let Some(plan) = &known.plan else { return Ok(None) };
    if known.import.applied.is_some() && plan.counts.skipped.is_empty() {
        return Ok(None);
    }
    let (authority, id) = (visit.authority()?, known.import.id);
    let mut pages = [Vec::new(), Vec::new()];
    for (skipped, rows) in [false, true].into_iter().zip(&mut pages) {
        let asked = Asked { skipped, limit: SHOWN, ..Asked::default() };
        match contact_import::rows(app, authority, id, asked).await {
            Ok((found, _)) => rows.extend(found.into_iter().map(|one| row(w, one))),
            // Rows go after a day; what became of them stays.
            Err(NotDone::Gone) => {}
            Err(refused) => return Err(failure(refused)),
        }
    }
    let [rows, left_out] = pages;
    let reasons = plan.counts.skipped.iter().map(|(reason, count)| {
        let words = reason.parse::<Skip>();
        (words.map_or_else(|_| reason.clone(), |reason| reason_words(w, reason)), *count)
    });
    let will_do = plan.counts.made + plan.counts.changed > 0;
    Ok(Some(Review {
        made: plan.counts.made,
        changed: plan.counts.changed,
        same: plan.counts.same,
        skipped: plan.counts.all_skipped(),
        groups: plan.counts.new_groups.iter().cloned().map(Hostile).collect(),
        rows,
        reasons: reasons.collect(),
        left_out,
        revision: known.import.revision,
        may_confirm: known.import.applied.is_none() && will_do,
    }))
}

fn row(w: Words, judged: Judged) -> Row {
    let words = match judged.outcome {
        Outcome::New => w.imports_becomes_new(),
        Outcome::Changed => w.imports_becomes_changed(),
        Outcome::Same | Outcome::Names => w.imports_becomes_same(),
        Outcome::Skipped(reason) => reason_words(w, reason),
    };
    Row { line: judged.line, name: Hostile(judged.name), number: Hostile(judged.number), words }
}

/// Why a row becomes no contact.
fn reason_words(w: Words, reason: Skip) -> String {
    match reason {
        Skip::NoNumber => w.bulk_skip_no_number(),
        Skip::NotANumber => w.bulk_skip_not_a_number(),
        Skip::Rounded => w.bulk_skip_rounded(),
        Skip::Twice => w.bulk_skip_twice(),
        Skip::There => w.imports_skip_there(),
        Skip::Name => w.imports_skip_name(),
        Skip::Email => w.contacts_bad_email(),
        Skip::Note => w.imports_skip_note(),
        Skip::Tags => w.imports_skip_tags(),
        Skip::Groups => w.imports_skip_groups(),
        Skip::Fields => w.imports_skip_fields(),
    }
}

async fn result(app: &App, visit: &Visit, known: &Known) -> Result<Option<Outcomes>, Failure> {
    let w = visit.words;
    let import = &known.import;
    if import.applied.is_none() {
        return Ok(None);
    }
    let left = contact_import::left(app, visit.authority()?, import.id).await.map_err(failure)?;
    let counts = &import.counts;
    let facts = [
        (w.imports_new(), counts.made),
        (w.imports_changed(), counts.changed),
        (w.imports_same(), counts.same),
        (w.bulk_skipped(), counts.skipped),
        (w.imports_merged_away(), counts.removed),
        (w.imports_undone(), counts.undone),
        (w.imports_left(), counts.left),
    ];
    let left = left.into_iter().map(|one| Left {
        id: one.contact,
        is_there: !matches!(one.why, LeftWhy::Removed | LeftWhy::Full),
        name: Hostile(one.name),
        words: match one.why {
            LeftWhy::Changed => w.imports_left_changed(),
            LeftWhy::Removed => w.imports_left_removed(),
            LeftWhy::There => w.imports_left_there(),
            LeftWhy::Full => w.imports_left_full(),
        },
    });
    Ok(Some(Outcomes {
        state: Sentence(state(w, known)),
        facts: facts.into_iter().filter(|(_, count)| *count > 0).collect(),
        left: left.collect(),
        may_go_on: import.applied_at.is_none()
            && import.undo_at.is_none()
            && !contact_import::is_being_made(import.id),
        may_undo: import.undone_at.is_none() && !contact_import::is_being_taken_back(import.id),
        revision: import.revision,
    }))
}

/// `POST /contact-imports/{id}/{call}`.
pub(super) async fn call(
    State(app): State<App>,
    Path((id, call)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Failure> {
    let (visit, w) = (&form.visit, form.visit.words);
    let authority = visit.authority()?;
    let id: ContactImportId = id.parse().map_err(|_| Failure::NotFound)?;
    let own = format!("/contact-imports/{id}");
    let done = match call.as_str() {
        "plan" => {
            let wanted = Wanted {
                names: Some(form.field("names") == "1"),
                columns: Some(form.fields("role").map(str::to_owned).collect()),
                keep: form.field("keep") == "1",
            };
            let planned = contact_import::plan(&app, authority, id, wanted).await;
            planned.map(|_| w.imports_planned())
        }
        "confirm" => {
            let revision = form.field("revision").parse::<u32>().map_err(|_| Failure::Malformed)?;
            let confirmed = contact_import::confirm(&app, authority, id, revision).await;
            confirmed.map(|known| match known.import.applied_at {
                Some(_) => w.imports_confirmed(),
                None => w.imports_goes_on(),
            })
        }
        "undo" => {
            let undone = contact_import::undo(&app, authority, id).await;
            undone.map(|known| match (known.import.undone_at, known.import.kind) {
                (Some(_), ContactImportKind::File) => w.imports_taken_back(),
                (Some(_), ContactImportKind::Merge) => w.imports_merge_undone(),
                (None, _) => w.imports_goes_on(),
            })
        }
        "remove" => {
            contact_import::remove(&app, authority, id).await.map_err(failure)?;
            return Ok(visit.lead_to("/contact-imports", Notice::done(w.imports_removed())));
        }
        _ => return Err(Failure::NotFound),
    };
    match done {
        Ok(words) => Ok(visit.lead_to(&own, Notice::done(words))),
        Err(refused) => {
            let words = words(w, refused)?;
            let mut known = contact_import::one(&app, authority, id).await.map_err(failure)?;
            let mut keep = None;
            if call == "plan" {
                // What was said stays.
                keep = Some(form.field("keep") == "1");
                known.has_names = form.field("names") == "1";
                known.names = contact_import::names(&known.import, known.has_names);
                let roles =
                    form.fields("role").map(|role| role.parse::<Role>().unwrap_or_default());
                known.columns = roles.collect();
            }
            let refused = Refused { errors: vec![words], keep };
            let page = import_page(&app, visit, known, refused).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

/// `GET /contact-imports/{id}/skipped.csv`: all rows that become no contact.
pub(super) async fn skipped_csv(
    State(app): State<App>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let (w, authority) = (visit.words, visit.authority()?);
    let id: ContactImportId = id.parse().map_err(|_| Failure::NotFound)?;
    let head = [w.bulk_line(), w.contacts_name(), w.bulk_number(), w.bulk_reason()];
    let mut text = csv::row(&head);
    let mut next = Some(0);
    while let Some(from) = next {
        let asked = Asked { from, skipped: true, limit: AT_ONCE };
        let page = contact_import::rows(&app, authority, id, asked).await;
        let (rows, after) = page.map_err(failure)?;
        for one in rows {
            let row = row(w, one);
            let cells = [row.line.to_string(), row.name.0, row.number.0, row.words];
            // Writing to a text does not fail.
            let _ = write!(text, "{}", csv::row(&cells));
        }
        next = after;
    }
    Ok(csv_file("attachment; filename=\"skipped.csv\"", &text))
}

/// What stops a page.
pub(super) fn failure(refused: NotDone) -> Failure {
    match refused {
        NotDone::NotTheirs(refused) => refused.into(),
        NotDone::Store(error)
        | NotDone::Import(ContactImportError::Store(error))
        | NotDone::Group(CreateGroupError::Store(error)) => error.into(),
        _ => Failure::NotFound,
    }
}

/// What is wrong with what was uploaded or said, for who did.
pub(super) fn words(w: Words, refused: NotDone) -> Result<String, Failure> {
    Ok(match refused {
        NotDone::Unreadable(sheet::Unreadable::NoSheet) => w.imports_file_no_sheet(),
        NotDone::Unreadable(unreadable) => unreadable_words(w, &unreadable),
        NotDone::Import(ContactImportError::TooMany) => w.imports_too_many(MOST_CONTACT_IMPORTS),
        NotDone::Import(ContactImportError::TooManyContacts) => w.contacts_too_many(MOST_CONTACTS),
        NotDone::Import(ContactImportError::TooManyGroups) => {
            w.contacts_bad_groups(MOST_GROUPS_OF_CONTACT)
        }
        NotDone::Import(ContactImportError::NoSuchContact(_)) => w.doubles_gone(),
        NotDone::Group(CreateGroupError::NameTaken(_)) => w.groups_taken(),
        NotDone::Group(CreateGroupError::TooMany | CreateGroupError::TooManyRules) => {
            w.groups_too_many(MOST_GROUPS)
        }
        NotDone::Gone => w.bulk_gone(),
        NotDone::Confirmed | NotDone::NothingToUndo | NotDone::TakenBack | NotDone::Changed => {
            w.imports_look_again()
        }
        NotDone::Nothing => w.imports_nothing(),
        NotDone::Columns | NotDone::Role(_) => {
            w.imports_bad_columns(crate::acts::contact::MOST_FIELDS)
        }
        NotDone::TooFew => w.doubles_too_few(MOST_MERGED),
        NotDone::TooMuch => w.doubles_too_much(),
        NotDone::NotTheirs(NotTheirs::NoSuchTeam(_)) => w.contacts_no_team(),
        NotDone::NotTheirs(_)
        | NotDone::NoSuchImport
        | NotDone::Import(ContactImportError::Store(_))
        | NotDone::Group(CreateGroupError::Store(_))
        | NotDone::Store(_) => return Err(failure(refused)),
    })
}
