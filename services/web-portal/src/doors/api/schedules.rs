//! Schedules.

use api::{
    BatchAcceptance, ListByName, NewMessage, NewSchedule, Nothing, Recipients, ScheduleChanges,
    Schedules,
};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use contracts::ScheduleId;
use recurrence::PlanError;
use store::{MOST_SCHEDULES, Schedule, ScheduleError, ScheduleRun};

use super::body::{CheckedJson, CheckedQuery, PathId};
use super::caller::Caller;
use super::messages::{attempt, replayed};
use super::preview::alphabet;
use super::problem::{Answer, Code, Problem, sentence};
use super::{limits, paging, written};
use crate::acts::belonging::Belonging;
use crate::acts::schedule::{self, Changes, NotDone, Wanted};
use crate::app::App;

/// `GET /schedules`.
pub(super) async fn list(
    State(app): State<App>,
    Caller(authority): Caller,
    CheckedQuery(listing): CheckedQuery<ListByName>,
) -> Answer<Json<Schedules>> {
    let page = paging::page_by_name(listing.limit, listing.after.as_deref())?;
    let (schedules, next) = schedule::list(&app, &authority, listing.q.as_deref(), &page).await?;
    let schedules = schedules.into_iter().map(shown).collect();
    Ok(Json(Schedules { schedules, next: next.map(|next| next.to_string()) }))
}

/// `POST /schedules`.
pub(super) async fn add(
    State(app): State<App>,
    Caller(authority): Caller,
    CheckedJson(new): CheckedJson<NewSchedule>,
) -> Answer<Response> {
    let belonging = Belonging { user: new.user, ..Belonging::default() };
    let message = NewMessage {
        to: Recipients::Several(new.to),
        text: Some(new.text),
        encoding: new.encoding,
        priority: new.priority,
        class: new.class,
        flash: new.flash,
        validity_minutes: new.validity_minutes,
        sim: new.sim,
        pool: new.pool,
        ..NewMessage::default()
    };
    let wanted = Wanted {
        name: new.name,
        draft: written::draft(message, app.settings.languages)?,
        groups: new.groups,
        at: new.at,
        zone: new.zone,
        repeat: new.repeat,
        paused: new.paused,
    };
    let made = schedule::make(&app, &authority, belonging, wanted).await?;
    Ok((StatusCode::CREATED, Json(shown(made))).into_response())
}

/// `GET /schedules/{id}`.
pub(super) async fn one(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<ScheduleId>,
) -> Answer<Json<api::Schedule>> {
    let found = schedule::one(&app, &authority, id).await?.ok_or_else(nowhere)?;
    Ok(Json(shown(found)))
}

/// `PATCH /schedules/{id}`.
pub(super) async fn change(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<ScheduleId>,
    CheckedJson(changes): CheckedJson<ScheduleChanges>,
) -> Answer<Json<api::Schedule>> {
    let ScheduleChanges { name, to, groups, text, priority, at, zone, repeat, paused } = changes;
    let changes = Changes { name, to, groups, text, priority, at, zone, repeat, paused };
    Ok(Json(shown(schedule::change(&app, &authority, id, changes).await?)))
}

/// `DELETE /schedules/{id}`.
pub(super) async fn remove(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<ScheduleId>,
) -> Answer<StatusCode> {
    let removed = schedule::remove(&app, &authority, id).await?;
    if removed { Ok(StatusCode::NO_CONTENT) } else { Err(nowhere()) }
}

/// `POST /schedules/{id}/pause`.
pub(super) async fn pause(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<ScheduleId>,
    _: CheckedJson<Nothing>,
) -> Answer<Json<api::Schedule>> {
    Ok(Json(shown(schedule::pause(&app, &authority, id).await?)))
}

/// `POST /schedules/{id}/resume`.
pub(super) async fn resume(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<ScheduleId>,
    _: CheckedJson<Nothing>,
) -> Answer<Json<api::Schedule>> {
    Ok(Json(shown(schedule::resume(&app, &authority, id).await?)))
}

/// `POST /schedules/{id}/run`: 202 when the broker has all messages.
pub(super) async fn run(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<ScheduleId>,
    headers: HeaderMap,
    _: CheckedJson<Nothing>,
) -> Answer<Response> {
    let attempt = attempt(&headers, "POST /api/v1/schedules/{id}/run")?;
    let accepted = schedule::run(&app, &authority, id, attempt.as_ref()).await?;
    let answer = BatchAcceptance {
        // A draft that is a batch was accepted as one.
        id: accepted.batch.ok_or_else(nowhere)?,
        total: accepted.messages.len(),
        parts: accepted.count.parts,
        alphabet: alphabet(&accepted.count),
    };
    let headers = (limits::headers(&accepted.left), replayed(accepted.repeated));
    Ok((StatusCode::ACCEPTED, headers, Json(answer)).into_response())
}

fn nowhere() -> Problem {
    Problem::not_found("schedule of this id")
}

fn shown(schedule: Schedule) -> api::Schedule {
    let (next, at) = (schedule::upcoming(&schedule), schedule::local(&schedule.timing));
    let Schedule { id, owner, name, message, numbers, groups, timing, paused, .. } = schedule;
    let (last, created_at, updated_at) = (schedule.last, schedule.created_at, schedule.updated_at);
    api::Schedule {
        id,
        owner,
        name,
        to: numbers,
        groups,
        text: message.text,
        priority: message.priority,
        class: message.options.class,
        validity_minutes: message.options.validity_minutes,
        sim: message.sim,
        pool: message.pool,
        at,
        zone: timing.zone,
        repeat: timing.repetition,
        paused,
        next,
        last: last.map(|run| {
            let ScheduleRun { at, batch, messages, trouble } = run;
            let trouble = trouble.map(|trouble| trouble.as_str().to_owned());
            api::ScheduleRun { at, batch, messages, trouble }
        }),
        created_at,
        updated_at,
    }
}

impl From<NotDone> for Problem {
    fn from(refused: NotDone) -> Self {
        let detail = sentence(&refused.to_string());
        match refused {
            NotDone::NotTheirs(refused) => refused.into(),
            NotDone::Name => Self::malformed(detail).with("field", "name"),
            NotDone::TooManyGroups => Self::malformed(detail).with("field", "groups"),
            NotDone::When(PlanError::Zone(_)) => Self::malformed(detail).with("field", "zone"),
            NotDone::When(PlanError::Repetition(_)) => {
                Self::malformed(detail).with("field", "repeat")
            }
            NotDone::When(PlanError::Begins(_) | PlanError::Year(_)) | NotDone::Never => {
                Self::malformed(detail).with("field", "at")
            }
            NotDone::Unaccepted(refused) => refused.into(),
            NotDone::NoSuchSchedule => nowhere(),
            NotDone::Make(ScheduleError::TooMany) => {
                Self::new(Code::TooManySchedules, detail).with("limit", MOST_SCHEDULES)
            }
            NotDone::Make(ScheduleError::NameTaken(_)) => Self::new(Code::NameTaken, detail),
            NotDone::Make(ScheduleError::NoSuchGroup(_)) => {
                Self::not_found("group of one of these ids")
            }
            NotDone::Make(ScheduleError::Store(error)) => error.into(),
        }
    }
}
