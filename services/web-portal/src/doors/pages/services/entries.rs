//! What a keyword service keeps of messages, on its page and as a table.

use axum::extract::{Path, State};
use axum::response::Response;
use contracts::{CallbackId, ServiceId};
use store::{Entry, EntryCount, Service, ServiceAction};

use super::super::failure::Failure;
use super::super::form::Form;
use super::super::hostile::Hostile;
use super::super::lists::file;
use super::super::notice::Notice;
use super::super::parts::When;
use super::super::visit::Visit;
use crate::acts::entry;
use crate::app::App;
use crate::power::Power;
use crate::words::Words;

/// How many of the last entries the page shows.
const SHOWN: u32 = 50;

/// What a service keeps.
pub(crate) struct Kept {
    /// Of each question, how many.
    pub(crate) counts: Vec<String>,
    /// The last entries.
    pub(crate) entries: Vec<Line>,
    /// Whether texts can be hidden.
    pub(crate) is_board: bool,
    /// Where everybody may see the board.
    pub(crate) address: Option<String>,
}

/// An entry.
pub(crate) struct Line {
    pub(crate) id: CallbackId,
    pub(crate) at: When,
    pub(crate) from: Hostile,
    pub(crate) question: u32,
    pub(crate) text: Hostile,
    pub(crate) hidden: bool,
}

/// What a service keeps, where it keeps something and who visits may read it.
pub(super) async fn kept(
    app: &App,
    visit: &Visit,
    w: Words,
    service: &Service,
) -> Result<Option<Kept>, Failure> {
    let authority = visit.authority()?;
    let is_board = matches!(service.action, ServiceAction::Board(_));
    let keeps =
        is_board || matches!(service.action, ServiceAction::Quiz(_) | ServiceAction::Survey(_));
    if !keeps || !authority.may(Power::InboxRead) {
        return Ok(None);
    }
    let counts = entry::counts(app, authority, service).await?;
    let said = service.id.to_string();
    let page = entry::list(app, authority, &said, None, SHOWN).await?;
    let entries = page.map(|page| page.entries).unwrap_or_default();
    Ok(Some(Kept {
        counts: counts.iter().map(|count| counted(w, *count)).collect(),
        entries: entries.iter().map(line).collect(),
        is_board,
        address: service.action.address().map(|address| format!("/boards/{address}")),
    }))
}

fn counted(w: Words, count: EntryCount) -> String {
    let number = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    let question = number(u64::from(count.question) + 1);
    w.services_entries_of(number(count.all), question, number(count.right))
}

fn line(entry: &Entry) -> Line {
    Line {
        id: entry.id,
        at: When(entry.at),
        from: Hostile(entry.sender.to_string()),
        question: entry.question.saturating_add(1),
        text: Hostile(entry.body.clone()).short(Hostile::TEXT),
        hidden: entry.hidden,
    }
}

/// `GET /services/{id}/entries.csv`: all that it keeps.
pub(in super::super) async fn entries_csv(
    State(app): State<App>,
    visit: Visit,
    Path(said): Path<String>,
) -> Result<Response, Failure> {
    let table = entry::csv(&app, visit.authority()?, &said).await?.ok_or(Failure::NotFound)?;
    Ok(file("attachment; filename=\"entries.csv\"", table))
}

/// `POST /services/{id}/entries`: hides a text of a board, or shows it again.
pub(in super::super) async fn moderate(
    State(app): State<App>,
    Path(said): Path<String>,
    form: Form,
) -> Result<Response, Failure> {
    let visit = &form.visit;
    let service: ServiceId = said.parse().map_err(|_| Failure::NotFound)?;
    let id = form.field("entry").parse().map_err(|_| Failure::NotFound)?;
    let hidden = form.field("hidden") == "yes";
    if !entry::hide(&app, visit.authority()?, &said, id, hidden).await? {
        return Err(Failure::NotFound);
    }
    let path = format!("/services/{service}");
    Ok(visit.lead_to(&path, Notice::done(visit.words.services_entry_changed())))
}

/// `POST /services/{id}/clear`: forgets all that it keeps.
pub(in super::super) async fn clear(
    State(app): State<App>,
    Path(said): Path<String>,
    form: Form,
) -> Result<Response, Failure> {
    let visit = &form.visit;
    let service: ServiceId = said.parse().map_err(|_| Failure::NotFound)?;
    if !entry::clear(&app, visit.authority()?, &said).await? {
        return Err(Failure::NotFound);
    }
    let path = format!("/services/{service}");
    Ok(visit.lead_to(&path, Notice::done(visit.words.services_cleared())))
}
