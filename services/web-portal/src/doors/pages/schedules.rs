//! Schedules: a list with search, and a page for each.

mod written;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use contracts::{GroupId, ScheduleId};
use recurrence::PlanError;
use store::{
    MOST_GROUPS_OF_SCHEDULE, MOST_SCHEDULES, NamePage, Schedule, ScheduleError, ScheduleRun,
    ScheduleTrouble,
};

use super::contacts::{following, place, searched};
use super::failure::Failure;
use super::form::Form;
use super::frame::{Frame, html};
use super::groups::Listing;
use super::hostile::Hostile;
use super::notice::Notice;
use super::parts::{Sentence, When, within};
use super::send::error_words;
use super::visit::Visit;
use crate::acts::acceptance::{Attempt, IdempotencyKey};
use crate::acts::belonging::{Belonging, Lent};
use crate::acts::group;
use crate::acts::schedule::{self, NotDone};
use crate::app::App;
use crate::power::Power;
use crate::secret::random_secret;
use crate::words::{Language, Words};
use written::Written;

/// Schedules of one page.
const ROWS: u32 = 50;
/// Groups that are offered for a schedule.
const OFFERED: u32 = 100;

#[derive(Template)]
#[template(path = "schedules.html")]
struct SchedulesPage {
    w: Words,
    frame: Frame,
    rows: Vec<Row>,
    search: String,
    first: bool,
    more: Option<String>,
    form: Written,
    groups: Vec<Choice>,
    may_write: bool,
    errors: Vec<String>,
}

#[derive(Template)]
#[template(path = "schedule.html")]
struct SchedulePage {
    w: Words,
    frame: Frame,
    path: String,
    shown: Row,
    times: Vec<When>,
    attempt: String,
    form: Written,
    groups: Vec<Choice>,
    may_write: bool,
    errors: Vec<String>,
}

/// A schedule in the list.
struct Row {
    id: ScheduleId,
    name: Hostile,
    text: Hostile,
    /// When it is sent, as it was written.
    when: String,
    next: Sentence,
    last: Sentence,
    paused: bool,
}

/// A group that a schedule may be for.
struct Choice {
    id: GroupId,
    name: Hostile,
    chosen: bool,
}

/// What the form of a schedule begins with, from the form of the first page.
pub(super) struct Begun {
    /// The numbers, one on each line.
    pub(super) to: String,
    pub(super) groups: Vec<GroupId>,
    pub(super) text: String,
    pub(super) date: String,
    pub(super) time: String,
    pub(super) zone: String,
}

/// The list with a form that is begun.
pub(super) async fn begun(app: &App, visit: &Visit, begun: Begun) -> Result<Html<String>, Failure> {
    page(app, visit, Listing::default(), Written::begun(begun), Vec::new()).await
}

/// `GET /schedules`.
pub(super) async fn list(
    State(app): State<App>,
    visit: Visit,
    Query(listing): Query<Listing>,
) -> Result<Html<String>, Failure> {
    let form = Written::empty(&app);
    page(&app, &visit, listing, form, Vec::new()).await
}

async fn page(
    app: &App,
    visit: &Visit,
    listing: Listing,
    form: Written,
    errors: Vec<String>,
) -> Result<Html<String>, Failure> {
    let (w, authority) = (visit.words, visit.authority()?);
    let place = place(listing.after.as_deref(), ROWS)?;
    let first = place.after.is_none();
    let (schedules, next) =
        schedule::list(app, authority, Some(searched(&listing.q)?), &place).await?;
    let query = [("q", listing.q.clone())];
    html(&SchedulesPage {
        w,
        frame: Frame { path: "/schedules".to_owned(), ..Frame::of(app, visit).await },
        rows: schedules.into_iter().map(|schedule| row(w, schedule)).collect(),
        search: listing.q,
        first,
        more: next.map(|next| following("/schedules", &query, &next)),
        groups: choices(app, visit, &form.groups).await?,
        form,
        may_write: may_write(visit)?,
        errors,
    })
}

/// Whoever has something sent at a time has it sent.
fn may_write(visit: &Visit) -> Result<bool, Failure> {
    let authority = visit.authority()?;
    Ok(authority.may(Power::SchedulesWrite) && authority.may(Power::MessagesSend))
}

/// The groups that a schedule may be for.
async fn choices(app: &App, visit: &Visit, chosen: &[GroupId]) -> Result<Vec<Choice>, Failure> {
    let authority = visit.authority()?;
    if !authority.may(Power::ContactsRead) {
        return Ok(Vec::new());
    }
    let page = NamePage { after: None, limit: OFFERED };
    let (groups, _) = group::list(app, authority, None, &page).await?;
    let choice = |group: store::Group| Choice {
        id: group.id,
        chosen: chosen.contains(&group.id),
        name: Hostile(group.name).short(Hostile::CHOICE),
    };
    // Those that a schedule of one's own may be for: others' are not, not even for administrators.
    let lent = Lent::to(app, authority.org, authority.owner()).await?;
    let groups = groups.into_iter().filter(|group| lent.has(group.owner));
    let mut choices: Vec<Choice> = groups.map(choice).collect();
    // One that is not among the first of them, or is gone, stays until somebody takes it away.
    for id in chosen {
        if choices.iter().all(|choice| choice.id != *id) {
            choices.push(Choice { id: *id, name: Hostile(id.to_string()), chosen: true });
        }
    }
    Ok(choices)
}

fn row(w: Words, schedule: Schedule) -> Row {
    let language = match w.language() {
        Language::English => recurrence::Language::English,
        Language::Indonesian => recurrence::Language::Indonesian,
    };
    let plan = schedule::plan(&schedule.timing);
    let repetition = plan.and_then(|plan| plan.words(language));
    let local = schedule::local(&schedule.timing);
    let zone = schedule.timing.zone.clone();
    let when = match repetition {
        Some(repetition) => w.schedules_from(local, repetition, zone),
        None => w.schedules_once(local, zone),
    };
    let next = match schedule.next_at {
        Some(next) => w.schedules_next(within(next)),
        None if schedule.paused => w.schedules_paused(),
        None => w.schedules_over(),
    };
    Row {
        id: schedule.id,
        name: Hostile(schedule.name).short(Hostile::NAME),
        text: Hostile(schedule.message.text).short(Hostile::ABOUT),
        when,
        next: Sentence(next),
        last: Sentence(schedule.last.map(|run| last(w, &run)).unwrap_or_default()),
        paused: schedule.paused,
    }
}

/// What came of the last time.
fn last(w: Words, run: &ScheduleRun) -> String {
    let at = within(run.at);
    match run.trouble {
        None => w.schedules_sent(at, run.messages),
        Some(ScheduleTrouble::Missed) => w.schedules_missed(at),
        Some(ScheduleTrouble::Nobody) => w.schedules_nobody(at),
        Some(ScheduleTrouble::TooMany) => w.schedules_too_many_recipients(at),
        Some(ScheduleTrouble::OverLimit) => w.schedules_over_limit(at),
        Some(ScheduleTrouble::Unreadable) => w.schedules_unreadable(at),
    }
}

/// `POST /schedules`.
pub(super) async fn add(State(app): State<App>, form: Form) -> Result<Response, Failure> {
    let (visit, w) = (&form.visit, form.visit.words);
    let written = Written::from(&form)?;
    let wanted = written.wanted(&app);
    match schedule::make(&app, visit.authority()?, Belonging::default(), wanted).await {
        Ok(made) => Ok(visit.lead_to("/schedules", Notice::done(w.schedules_added(made.name)))),
        Err(refused) => {
            let words = words(w, refused)?;
            let page = page(&app, visit, Listing::default(), written, words).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

/// `GET /schedules/{id}`.
pub(super) async fn show(
    State(app): State<App>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Html<String>, Failure> {
    let id: ScheduleId = id.parse().map_err(|_| Failure::NotFound)?;
    let found = schedule::one(&app, visit.authority()?, id).await?.ok_or(Failure::NotFound)?;
    let form = Written::of(&found);
    one_page(&app, &visit, found, form, Vec::new()).await
}

async fn one_page(
    app: &App,
    visit: &Visit,
    found: Schedule,
    form: Written,
    errors: Vec<String>,
) -> Result<Html<String>, Failure> {
    let path = format!("/schedules/{}", found.id);
    html(&SchedulePage {
        w: visit.words,
        frame: Frame { path: path.clone(), ..Frame::of(app, visit).await },
        path,
        times: schedule::upcoming(&found).into_iter().map(When).collect(),
        shown: row(visit.words, found),
        attempt: random_secret(),
        groups: choices(app, visit, &form.groups).await?,
        form,
        may_write: may_write(visit)?,
        errors,
    })
}

/// `POST /schedules/{id}/{call}`.
pub(super) async fn call(
    State(app): State<App>,
    Path((id, call)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Failure> {
    let (visit, w) = (&form.visit, form.visit.words);
    let authority = visit.authority()?;
    let id: ScheduleId = id.parse().map_err(|_| Failure::NotFound)?;
    let own = format!("/schedules/{id}");
    let done = match call.as_str() {
        "remove" => {
            if !schedule::remove(&app, authority, id).await? {
                return Err(Failure::NotFound);
            }
            return Ok(visit.lead_to("/schedules", Notice::done(w.schedules_removed())));
        }
        "pause" => schedule::pause(&app, authority, id).await.map(|_| w.schedules_paused_now()),
        "resume" => schedule::resume(&app, authority, id).await.map(|_| w.schedules_resumed()),
        "run" => {
            let attempt = IdempotencyKey::parse(form.field("attempt"));
            let call = "POST /schedules/{id}/run";
            let attempt = attempt.map(|key| Attempt::Named { key, call });
            let run = schedule::run(&app, authority, id, attempt.as_ref()).await;
            run.map(|accepted| w.sent_notice(accepted.messages.len()))
        }
        "change" => {
            let written = Written::from(&form)?;
            match schedule::change(&app, authority, id, written.changes()).await {
                Ok(_) => Ok(w.schedules_changed()),
                Err(refused) => {
                    let words = words(w, refused)?;
                    let found = schedule::one(&app, authority, id).await?;
                    let found = found.ok_or(Failure::NotFound)?;
                    let page = one_page(&app, visit, found, written, words).await?;
                    return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
                }
            }
        }
        _ => return Err(Failure::NotFound),
    };
    let notice = match done {
        Ok(words) => Notice::done(words),
        Err(refused) => Notice::failed(words(w, refused)?.join(" ")),
    };
    Ok(visit.lead_to(&own, notice))
}

/// What is wrong with what was written, for who wrote it.
fn words(w: Words, refused: NotDone) -> Result<Vec<String>, Failure> {
    let words = match refused {
        NotDone::Name => w.contacts_bad_name(schedule::LONGEST_NAME),
        NotDone::TooManyGroups => w.schedules_bad_groups(MOST_GROUPS_OF_SCHEDULE),
        NotDone::When(PlanError::Begins(_) | PlanError::Year(_)) => w.schedules_bad_time(),
        NotDone::When(PlanError::Zone(zone)) => w.schedules_bad_zone(zone),
        NotDone::When(PlanError::Repetition(error)) => w.schedules_bad_rule(error.to_string()),
        NotDone::Never => w.schedules_never(),
        NotDone::Unaccepted(refused) => return Ok(error_words(w, &refused)),
        NotDone::Make(ScheduleError::TooMany) => w.schedules_too_many(MOST_SCHEDULES),
        NotDone::Make(ScheduleError::NameTaken(_)) => w.schedules_taken(),
        NotDone::Make(ScheduleError::NoSuchGroup(_)) => w.contacts_no_group(),
        NotDone::NoSuchSchedule => return Err(Failure::NotFound),
        NotDone::NotTheirs(refused) => return Err(refused.into()),
        NotDone::Make(ScheduleError::Store(error)) => return Err(error.into()),
    };
    Ok(vec![words])
}
