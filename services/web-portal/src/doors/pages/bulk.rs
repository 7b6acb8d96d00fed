//! Files of which each row becomes a message: a list with the form that uploads one, and a page for each, which shows what can be
//! done with it next: say what is sent, look through it, send it, and see how far it is.

pub(super) mod file_form;
mod shown;
mod written;

use std::fmt::Write as _;

use askama::Template;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::{MethodRouter, post};
use contracts::BulkId;
use recurrence::PlanError;
use serde::Deserialize;
use sheet::{LARGEST_FILE, MOST_COLUMNS, MOST_ROWS, Unreadable};
use store::{CreateBulkError, MOST_BULKS};

use super::batches;
use super::failure::Failure;
use super::form::Form;
use super::frame::{Frame, html};
use super::hostile::Hostile;
use super::notice::Notice;
use super::parts::{SendFrom, Sentence, When, within};
use super::send::error_words;
use super::visit::Visit;
use crate::acts::bulk::filled::BadText;
use crate::acts::bulk::plan::Skip;
use crate::acts::bulk::{self, Asked, Known, NotDone};
use crate::acts::modem;
use crate::app::App;
use crate::csv;
use crate::words::Words;
use file_form::FileForm;
use shown::{Reason, Sending, SkippedRow, Step, reason_words};
use written::Written;

/// Rows that are shown of those that become no message; the rest is in a file.
const SHOWN: usize = 50;
/// Rows that are read at a time for that file.
const AT_ONCE: usize = 1_000;
/// The bytes of a form beside its file.
pub(super) const AROUND: usize = 64 * 1024;

#[derive(Template)]
#[template(path = "bulk.html")]
struct BulkPage {
    w: Words,
    frame: Frame,
    rows: Vec<Row>,
    errors: Vec<String>,
}

/// A file in the list.
struct Row {
    id: BulkId,
    name: Hostile,
    rows: u32,
    state: Sentence,
}

#[derive(Template)]
#[template(path = "bulk_file.html")]
struct FilePage {
    w: Words,
    frame: Frame,
    path: String,
    name: Hostile,
    rows: u32,
    at: When,
    /// The names of the columns, each with the field it is.
    columns: Vec<Column>,
    form: Written,
    /// Numbers stay as they are written, so a zero may be missing.
    may_mend: bool,
    senders: Vec<SendFrom>,
    /// What was said is sent; none: nothing was.
    review: Option<Review>,
    sending: Option<Sending>,
    errors: Vec<String>,
}

/// A column as a choice, and as a field of the text.
struct Column {
    place: usize,
    name: String,
    /// The field, which hides nothing.
    field: Hostile,
    sample: Hostile,
    chosen: bool,
}

/// What would be sent.
struct Review {
    messages: u32,
    parts: u64,
    unicode: u32,
    cut_off: u32,
    skipped: u32,
    reasons: Vec<Reason>,
    revision: u32,
    when: Sentence,
    step: Option<Step>,
    /// The rows are kept still.
    is_kept: bool,
    /// The first of the rows that become no message.
    rows: Vec<SkippedRow>,
}

/// Which message is shown, the first being 1.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct At {
    message: Option<u32>,
}

/// `POST /bulk`, whose body is larger than others may be.
pub(super) fn upload_route() -> MethodRouter<App> {
    post(upload).layer(DefaultBodyLimit::max(LARGEST_FILE + AROUND))
}

/// `GET /bulk`.
pub(super) async fn list(State(app): State<App>, visit: Visit) -> Result<Html<String>, Failure> {
    page(&app, &visit, Vec::new()).await
}

async fn page(app: &App, visit: &Visit, errors: Vec<String>) -> Result<Html<String>, Failure> {
    let w = visit.words;
    let files = bulk::list(app, visit.authority()?).await.map_err(failure)?;
    html(&BulkPage {
        w,
        frame: Frame { path: "/bulk".to_owned(), ..Frame::of(app, visit).await },
        rows: files.into_iter().map(|known| row(w, known)).collect(),
        errors,
    })
}

/// What a file is called on a page. One that a program gave may have no name.
pub(super) fn file_name(w: Words, name: &str) -> Hostile {
    Hostile(if name.trim().is_empty() { w.bulk_unnamed() } else { name.to_owned() })
}

fn row(w: Words, known: Known) -> Row {
    let Known { bulk, plan, .. } = known;
    let messages = plan.map_or(0, |plan| plan.counts.messages);
    let state = match (bulk.sent_at, bulk.sending) {
        (Some(at), _) => w.bulk_sent_at(within(at), messages),
        (None, Some(_)) => w.bulk_half_sent(),
        (None, None) => w.bulk_draft(within(bulk.created_at)),
    };
    Row {
        id: bulk.id,
        name: file_name(w, &bulk.name).short(Hostile::NAME),
        rows: bulk.rows,
        state: Sentence(state),
    }
}

/// `POST /bulk`.
async fn upload(State(app): State<App>, form: FileForm) -> Result<Response, Failure> {
    let FileForm { visit, name, file, .. } = form;
    let uploaded = match file {
        Ok(file) => bulk::upload(&app, visit.authority()?, &name, file).await,
        Err(unreadable) => Err(unreadable.into()),
    };
    match uploaded {
        Ok(known) => {
            let notice = Notice::done(visit.words.bulk_uploaded(known.bulk.rows));
            Ok(visit.lead_to(&format!("/bulk/{}", known.bulk.id), notice))
        }
        Err(refused) => {
            let errors = words(visit.words, refused)?;
            let page = page(&app, &visit, errors).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

/// `GET /bulk/example.csv`: a file as it should be.
pub(super) async fn example(visit: Visit) -> Response {
    let w = visit.words;
    let rows = [
        [w.bulk_example_number(), w.bulk_example_name(), w.bulk_example_day()],
        ["+62 812 3456 7890".to_owned(), "Siti".to_owned(), "12".to_owned()],
        ["+62 813 4567 8901".to_owned(), "Budi".to_owned(), "17".to_owned()],
    ];
    // Numbers are to be seen as they are to be written: nobody else's words are in it.
    let text = rows.map(|row| row.join(",") + "\r\n").concat();
    csv_file("attachment; filename=\"example.csv\"", &text)
}

pub(super) fn csv_file(disposition: &'static str, text: &str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    (headers, format!("\u{feff}{text}")).into_response()
}

/// `GET /bulk/{id}`.
pub(super) async fn show(
    State(app): State<App>,
    visit: Visit,
    Path(id): Path<String>,
    Query(at): Query<At>,
) -> Result<Html<String>, Failure> {
    let id: BulkId = id.parse().map_err(|_| Failure::NotFound)?;
    let known = bulk::one(&app, visit.authority()?, id).await.map_err(failure)?;
    let form = Written::of(&app, &known);
    file_page(&app, &visit, known, form, at.message.unwrap_or(1), Vec::new()).await
}

async fn file_page(
    app: &App,
    visit: &Visit,
    known: Known,
    form: Written,
    at: u32,
    errors: Vec<String>,
) -> Result<Html<String>, Failure> {
    let w = visit.words;
    let path = format!("/bulk/{}", known.bulk.id);
    let is_sending = known.bulk.sending.is_some();
    let review = review(app, visit, &known, at).await?;
    let sending = if is_sending { Some(Sending::of(app, visit, &known).await?) } else { None };
    let mut senders = Vec::new();
    if !is_sending {
        let authority = visit.authority()?;
        let modems = modem::list(app, authority).await.unwrap_or_default();
        let of = |state| super::home::sender(app, w, authority, state);
        senders.extend(modems.iter().filter_map(of));
        for sender in &mut senders {
            sender.chosen = form.sim == sender.sim.to_string();
        }
    }
    // A first row that names the columns says nothing of what stands in them.
    let sample = if form.names { Vec::new() } else { known.bulk.header.clone() };
    let names = bulk::names(&known.bulk, form.names);
    let columns = names.iter().enumerate().map(|(place, name)| Column {
        field: Hostile(format!("{{{name}}}")).short(Hostile::NAME),
        sample: Hostile(sample.get(place).cloned().unwrap_or_default()).short(Hostile::CHOICE),
        chosen: form.number == place.to_string(),
        name: name.clone(),
        place,
    });
    html(&FilePage {
        w,
        frame: Frame { path: path.clone(), ..Frame::of(app, visit).await },
        path,
        name: file_name(w, &known.bulk.name),
        rows: known.bulk.rows,
        at: When(known.bulk.created_at),
        columns: columns.collect(),
        form,
        may_mend: app.settings.numbering.home.is_none(),
        senders,
        review,
        sending,
        errors,
    })
}

async fn review(
    app: &App,
    visit: &Visit,
    known: &Known,
    at: u32,
) -> Result<Option<Review>, Failure> {
    let w = visit.words;
    let Some(plan) = &known.plan else { return Ok(None) };
    let (authority, id) = (visit.authority()?, known.bulk.id);
    let message = at.clamp(1, plan.counts.messages.max(1));
    let asked = Asked { message: Some(message - 1), limit: 1, ..Asked::default() };
    let of_one = bulk::rows(app, authority, id, asked).await;
    // Of a file that is being sent, whose page is asked for again and again, they stand in a file alone.
    let skipped = if known.bulk.sending.is_some() {
        Ok((Vec::new(), None))
    } else {
        let asked = Asked { skipped: true, limit: SHOWN, ..Asked::default() };
        bulk::rows(app, authority, id, asked).await
    };
    // Rows go after a day; what came of them stays.
    let (one, rows) = match (of_one, skipped) {
        (Ok((one, _)), Ok((rows, _))) => (one.into_iter().next(), rows),
        (Err(NotDone::Gone), _) | (_, Err(NotDone::Gone)) => (None, Vec::new()),
        (Err(refused), _) | (_, Err(refused)) => return Err(failure(refused)),
    };
    let reasons = plan.counts.skipped.iter().map(|(reason, count)| Reason {
        words: reason
            .parse::<Skip>()
            .map_or_else(|_| reason.clone(), |reason| reason_words(w, reason)),
        count: *count,
    });
    Ok(Some(Review {
        messages: plan.counts.messages,
        parts: plan.counts.parts,
        unicode: plan.counts.unicode,
        cut_off: plan.counts.cut_off,
        skipped: plan.counts.all_skipped(),
        reasons: reasons.collect(),
        revision: known.bulk.revision,
        when: Sentence(
            plan.not_before.map_or_else(|| w.bulk_at_once(), |at| w.bulk_at(within(at))),
        ),
        is_kept: one.is_some() || !rows.is_empty(),
        step: one.and_then(|row| Step::of(row, message, plan.counts.messages)),
        rows: rows.into_iter().map(|row| SkippedRow::of(w, row)).collect(),
    }))
}

/// `POST /bulk/{id}/{call}`.
pub(super) async fn call(
    State(app): State<App>,
    Path((id, call)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Failure> {
    let (visit, w) = (&form.visit, form.visit.words);
    let authority = visit.authority()?;
    let id: BulkId = id.parse().map_err(|_| Failure::NotFound)?;
    let own = format!("/bulk/{id}");
    let done = match call.as_str() {
        "plan" => {
            let written = Written::from(&form);
            match bulk::plan(&app, authority, id, written.wanted()?).await {
                Ok(_) => return Ok(visit.lead_to(&own, Notice::done(w.bulk_planned()))),
                Err(refused) => {
                    let errors = words(w, refused)?;
                    let known = bulk::one(&app, authority, id).await.map_err(failure)?;
                    let page = file_page(&app, visit, known, written, 1, errors).await?;
                    return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
                }
            }
        }
        "send" => {
            let revision = form.field("revision").parse::<u32>().map_err(|_| Failure::Malformed)?;
            let sent = bulk::send(&app, authority, id, revision).await;
            sent.map(|known| w.bulk_sent(known.plan.map_or(0, |plan| plan.counts.messages)))
        }
        "remove" => {
            bulk::remove(&app, authority, id).await.map_err(failure)?;
            return Ok(visit.lead_to("/bulk", Notice::done(w.bulk_removed())));
        }
        call => {
            let order = batches::order_named(call).ok_or(Failure::NotFound)?;
            let known = bulk::one(&app, authority, id).await.map_err(failure)?;
            let all = bulk::batches(&known);
            let notice =
                batches::ordered(&app, visit, &all, (order, w.bulk_is_cancelled())).await?;
            return Ok(visit.lead_to(&own, notice));
        }
    };
    let notice = match done {
        Ok(words) => Notice::done(words),
        Err(refused) => Notice::failed(words(w, refused)?.join(" ")),
    };
    Ok(visit.lead_to(&own, notice))
}

/// `GET /bulk/{id}/skipped.csv`: all rows that become no message.
pub(super) async fn skipped_csv(
    State(app): State<App>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let (w, authority) = (visit.words, visit.authority()?);
    let id: BulkId = id.parse().map_err(|_| Failure::NotFound)?;
    let mut text = csv::row(&[w.bulk_line(), w.bulk_number(), w.bulk_reason()]);
    let mut next = Some(0);
    while let Some(from) = next {
        let asked = Asked { from, skipped: true, limit: AT_ONCE, ..Asked::default() };
        let (rows, after) = bulk::rows(&app, authority, id, asked).await.map_err(failure)?;
        for row in rows {
            let shown = SkippedRow::of(w, row);
            let cells = [shown.line.to_string(), shown.written.0, shown.words];
            // Writing to a text does not fail.
            let _ = write!(text, "{}", csv::row(&cells));
        }
        next = after;
    }
    Ok(csv_file("attachment; filename=\"skipped.csv\"", &text))
}

/// What stops a page.
fn failure(refused: NotDone) -> Failure {
    match refused {
        NotDone::Denied(denied) => denied.into(),
        NotDone::Store(error) | NotDone::Make(CreateBulkError::Store(error)) => error.into(),
        _ => Failure::NotFound,
    }
}

/// What is wrong with what was uploaded or written, for who did.
fn words(w: Words, refused: NotDone) -> Result<Vec<String>, Failure> {
    let words = match refused {
        NotDone::Unreadable(unreadable) => unreadable_words(w, &unreadable),
        NotDone::Make(CreateBulkError::TooMany) => w.bulk_too_many(MOST_BULKS),
        NotDone::Gone => w.bulk_gone(),
        NotDone::Sending => w.bulk_is_sending(),
        NotDone::Changed | NotDone::NoPlan => w.bulk_changed(),
        NotDone::Nothing => w.bulk_nothing(),
        NotDone::Column => w.bulk_bad_column(),
        NotDone::Text => w.bulk_bad_text(bulk::LONGEST_TEXT),
        NotDone::Field(BadText::NoSuchColumn { name }) => w.bulk_no_column(name),
        NotDone::Field(BadText::Open { at }) => w.bulk_open_brace(at),
        NotDone::When(PlanError::Zone(zone)) => w.schedules_bad_zone(zone),
        NotDone::When(_) => w.schedules_bad_time(),
        NotDone::Over => w.bulk_over(),
        NotDone::Unaccepted(refused) => return Ok(error_words(w, &refused)),
        NotDone::Denied(_)
        | NotDone::NoSuchBulk
        | NotDone::Store(_)
        | NotDone::Make(CreateBulkError::Store(_)) => return Err(failure(refused)),
    };
    Ok(vec![words])
}

pub(super) fn unreadable_words(w: Words, unreadable: &Unreadable) -> String {
    match unreadable {
        Unreadable::Empty => w.bulk_file_empty(),
        Unreadable::TooLarge => w.bulk_file_too_large(LARGEST_FILE / 1024 / 1024),
        Unreadable::TooManyRows => w.bulk_file_too_many_rows(MOST_ROWS),
        Unreadable::TooManyColumns { line } => w.bulk_file_too_wide(*line, MOST_COLUMNS),
        Unreadable::CellTooLong { line } => w.bulk_file_long_cell(*line),
        Unreadable::TooMuchText | Unreadable::TooMuchUnpacked => w.bulk_file_too_much(),
        Unreadable::OldWorkbook => w.bulk_file_old(),
        Unreadable::BrokenWorkbook => w.bulk_file_broken(),
        Unreadable::NoSheet => w.bulk_file_no_sheet(),
    }
}
