//! What keyword services keep of messages: answers to quizzes and surveys, and the texts of boards.

use contracts::{CallbackId, Timestamp};
use futures_util::future::ready;
use futures_util::stream::{self, StreamExt as _};
use serde_json::json;
use store::{AuditAction, Entry, EntryCount, EntryPlace, PublicBoard, Service, StoreError};

use super::export::Csv;
use super::service;
use crate::acts::belonging::changed_by;
use crate::acts::not_read::NotRead;
use crate::app::App;
use crate::authority::Authority;
use crate::csv::row;
use crate::power::Power;

/// Entries that are read at once for a table.
const AT_ONCE: u32 = 500;
/// The columns of a table.
const COLUMNS: [&str; 8] = ["id", "at", "from", "question", "asked", "answer", "right", "session"];

/// A page of entries, newest first.
pub(crate) struct Entries {
    /// The entries.
    pub(crate) entries: Vec<Entry>,
    /// Where the next page begins; none: this page is the last.
    pub(crate) next: Option<EntryPlace>,
}

/// A page of what a service in reach keeps, by its id or its name. None: there is no such service.
pub(crate) async fn list(
    app: &App,
    authority: &Authority,
    said: &str,
    behind: Option<EntryPlace>,
    limit: u32,
) -> Result<Option<Entries>, NotRead> {
    authority.must(Power::InboxRead)?;
    let Some(service) = service::find(app, authority.reach, said).await? else { return Ok(None) };
    Ok(Some(page(app, authority, &service, behind, limit).await?))
}

/// Whoever asks was looked at before.
async fn page(
    app: &App,
    authority: &Authority,
    service: &Service,
    behind: Option<EntryPlace>,
    limit: u32,
) -> Result<Entries, StoreError> {
    let one_more = limit.saturating_add(1);
    let mut entries =
        app.store.service_entries(authority.reach, service.id, behind, one_more).await?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let has_more = entries.len() > limit;
    entries.truncate(limit);
    let next = entries.last().filter(|_| has_more).map(Entry::place);
    Ok(Entries { entries, next })
}

/// How many entries each question of a service has.
pub(crate) async fn counts(
    app: &App,
    authority: &Authority,
    service: &Service,
) -> Result<Vec<EntryCount>, NotRead> {
    authority.must(Power::ServicesRead)?;
    Ok(app.store.count_service_entries(authority.reach, service.id).await?)
}

/// All that a service in reach keeps as a table, newest first. None: there is no such service.
pub(crate) async fn csv(
    app: &App,
    authority: &Authority,
    said: &str,
) -> Result<Option<Csv>, NotRead> {
    authority.must(Power::InboxRead)?;
    let Some(service) = service::find(app, authority.reach, said).await? else { return Ok(None) };
    // The first page at once, so that what cannot be read is known before anything is written.
    let first = page(app, authority, &service, None, AT_ONCE).await?;
    let begin = row(&COLUMNS) + &rows(&service, &first);
    let going = (app.clone(), authority.clone(), service, first.next);
    let rest = stream::unfold(going, |(app, authority, service, next)| async move {
        let behind = Some(next?);
        Some(match page(&app, &authority, &service, behind, AT_ONCE).await {
            Ok(more) => {
                let text = rows(&service, &more);
                (Ok(text), (app, authority, service, more.next))
            }
            Err(error) => (Err(NotRead::Store(error)), (app, authority, service, None)),
        })
    });
    Ok(Some(stream::once(ready(Ok(begin))).chain(rest).boxed()))
}

fn rows(service: &Service, page: &Entries) -> String {
    let questions = match &service.action {
        store::ServiceAction::Quiz(quiz) => quiz.questions.as_slice(),
        store::ServiceAction::Survey(survey) => survey.questions.as_slice(),
        _ => &[],
    };
    let of = |entry: &Entry| {
        let at = usize::try_from(entry.question).ok();
        let asked = at.and_then(|at| questions.get(at)).map(|asked| asked.text.clone());
        row(&[
            entry.id.to_string(),
            entry.at.to_string(),
            entry.sender.to_string(),
            entry.question.saturating_add(1).to_string(),
            asked.unwrap_or_default(),
            entry.body.clone(),
            entry.is_right.map(|right| right.to_string()).unwrap_or_default(),
            entry.asking.map(|asking| asking.to_string()).unwrap_or_default(),
        ])
    };
    page.entries.iter().map(of).collect()
}

/// Says whether the board of a service in reach shows a text; false: there is no such text.
pub(crate) async fn hide(
    app: &App,
    authority: &Authority,
    said: &str,
    entry: CallbackId,
    hidden: bool,
) -> Result<bool, NotRead> {
    authority.must(Power::ServicesWrite)?;
    let reach = changed_by(authority);
    let Some(service) = service::find(app, reach, said).await? else { return Ok(false) };
    let told = authority.entry(app, AuditAction::ServiceModerated);
    let told = told.about(&service.id, &service.name);
    let told = told.with(&json!({ "entry": entry, "hidden": hidden }));
    let store = app.store.audited(told);
    let done = store.hide_service_entry(reach, service.id, entry, hidden).await?;
    if done {
        tracing::info!(service.id = %service.id, by = authority.name(), hidden, "a text of a board was moderated");
    }
    Ok(done)
}

/// Forgets what a service in reach keeps; false: there is no such service.
pub(crate) async fn clear(app: &App, authority: &Authority, said: &str) -> Result<bool, NotRead> {
    authority.must(Power::ServicesWrite)?;
    let reach = changed_by(authority);
    let Some(service) = service::find(app, reach, said).await? else { return Ok(false) };
    let told = authority.entry(app, AuditAction::ServiceCleared);
    let store = app.store.audited(told.about(&service.id, &service.name));
    let done = store.clear_service(reach, service.id).await?;
    if done {
        tracing::info!(service.id = %service.id, by = authority.name(), "what a keyword service keeps was forgotten");
    }
    Ok(done)
}

/// The board that everybody may see under an address.
pub(crate) async fn board(app: &App, address: &str) -> Result<Option<PublicBoard>, StoreError> {
    if address.chars().count() > store::LONGEST_ADDRESS {
        return Ok(None);
    }
    app.store.public_board(&address.to_lowercase()).await
}

/// The place of an entry, as lists have it.
pub(crate) fn written_place(place: EntryPlace) -> String {
    format!("{}.{}", place.at.as_micros(), place.id)
}

/// The place of an entry, when the text is one.
pub(crate) fn read_place(text: &str) -> Option<EntryPlace> {
    let (at, id) = text.split_once('.')?;
    Some(EntryPlace { at: Timestamp::from_micros(at.parse().ok()?), id: id.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_is_written() {
        let place = EntryPlace { at: Timestamp::from_micros(-7), id: CallbackId::derived("1") };
        assert_eq!(read_place(&written_place(place)), Some(place));
        for bad in ["", ".", "1", "1.", "x.cbk_1", &"x".repeat(64)] {
            assert_eq!(read_place(bad), None, "{bad}");
        }
    }
}
