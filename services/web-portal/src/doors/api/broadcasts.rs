//! Broadcasts.

use api::{
    BroadcastAudience, BroadcastChanges, BroadcastQuiet, BroadcastRecipients, Broadcasts,
    ListBroadcastRecipients, ListByName, NewBroadcast, NewMessage, Nothing, Recipients,
    TestBroadcast,
};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use contracts::{BroadcastId, Priority};
use recurrence::PlanError;
use store::{Broadcast, BroadcastError, BroadcastProgress, MOST_AUDIENCE, MOST_BROADCASTS};

use super::body::{CheckedJson, CheckedQuery, PathId};
use super::caller::Caller;
use super::messages::{accepted, attempt, replayed};
use super::problem::{Answer, Code, Problem, sentence};
use super::{csv, limits, paging, written};
use crate::acts::belonging::Belonging;
use crate::acts::broadcast::recipients;
use crate::acts::broadcast::{self, Call, Changes, NotDone, Shown, Wanted, WantedTiming};
use crate::app::App;
use crate::authority::Authority;

/// `GET /broadcasts`.
pub(super) async fn list(
    State(app): State<App>,
    Caller(authority): Caller,
    CheckedQuery(listing): CheckedQuery<ListByName>,
) -> Answer<Json<Broadcasts>> {
    let page = paging::page_by_name(listing.limit, listing.after.as_deref())?;
    let (broadcasts, next) = broadcast::list(&app, &authority, listing.q.as_deref(), &page).await?;
    let broadcasts = broadcasts.into_iter().map(alone).collect();
    Ok(Json(Broadcasts { broadcasts, next: next.map(|next| next.to_string()) }))
}

/// `POST /broadcasts`.
pub(super) async fn add(
    State(app): State<App>,
    Caller(authority): Caller,
    CheckedJson(new): CheckedJson<NewBroadcast>,
) -> Answer<Response> {
    if new.text.is_some() == new.template.is_some() {
        let detail = "A broadcast has either 'text' or 'template': say one of them.";
        return Err(Problem::malformed(detail));
    }
    let belonging = Belonging { user: new.user, ..Belonging::default() };
    let message = NewMessage {
        to: Recipients::Several(new.to),
        // That of a template is put in its place.
        text: Some(new.text.unwrap_or_else(|| "-".to_owned())),
        encoding: new.encoding,
        priority: new.priority.unwrap_or(Priority::Bulk),
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
        template: new.template,
        groups: new.groups,
        timing: WantedTiming {
            at: new.at.unwrap_or_default(),
            zone: new.zone,
            pace: new.pace.unwrap_or_default(),
            quiet: new.quiet.unwrap_or_default(),
        },
    };
    let made = broadcast::make(&app, &authority, belonging, wanted).await?;
    Ok((StatusCode::CREATED, Json(alone(made))).into_response())
}

/// `GET /broadcasts/{id}`.
pub(super) async fn one(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<BroadcastId>,
) -> Answer<Json<api::Broadcast>> {
    let found = broadcast::one(&app, &authority, id).await?.ok_or_else(nowhere)?;
    Ok(Json(shown(found)))
}

/// `PATCH /broadcasts/{id}`.
pub(super) async fn change(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<BroadcastId>,
    CheckedJson(changes): CheckedJson<BroadcastChanges>,
) -> Answer<Json<api::Broadcast>> {
    let BroadcastChanges { name, to, groups, text, priority, sim, pool, .. } = changes;
    let BroadcastChanges { at, zone, pace, quiet, .. } = changes;
    let changes = Changes { name, to, groups, text, priority, sim, pool, at, zone, pace, quiet };
    Ok(Json(alone(broadcast::change(&app, &authority, id, changes).await?.broadcast)))
}

/// `DELETE /broadcasts/{id}`.
pub(super) async fn remove(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<BroadcastId>,
) -> Answer<StatusCode> {
    let removed = broadcast::remove(&app, &authority, id).await?;
    if removed { Ok(StatusCode::NO_CONTENT) } else { Err(nowhere()) }
}

/// `POST /broadcasts/{id}/start`.
pub(super) async fn start(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<BroadcastId>,
    _: CheckedJson<Nothing>,
) -> Answer<Json<api::Broadcast>> {
    Ok(Json(shown(broadcast::start(&app, &authority, id).await?)))
}

/// `POST /broadcasts/{id}/pause`.
pub(super) async fn pause(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<BroadcastId>,
    _: CheckedJson<Nothing>,
) -> Answer<Json<api::Broadcast>> {
    call(&app, &authority, id, Call::Pause).await
}

/// `POST /broadcasts/{id}/resume`.
pub(super) async fn resume(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<BroadcastId>,
    _: CheckedJson<Nothing>,
) -> Answer<Json<api::Broadcast>> {
    call(&app, &authority, id, Call::Resume).await
}

/// `POST /broadcasts/{id}/cancel`.
pub(super) async fn cancel(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<BroadcastId>,
    _: CheckedJson<Nothing>,
) -> Answer<Json<api::Broadcast>> {
    call(&app, &authority, id, Call::Cancel).await
}

async fn call(
    app: &App,
    authority: &Authority,
    id: BroadcastId,
    call: Call,
) -> Answer<Json<api::Broadcast>> {
    Ok(Json(shown(broadcast::call(app, authority, id, call).await?)))
}

/// `POST /broadcasts/{id}/test`: 202 when the broker has the message.
pub(super) async fn test(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<BroadcastId>,
    headers: HeaderMap,
    CheckedJson(TestBroadcast { to }): CheckedJson<TestBroadcast>,
) -> Answer<Response> {
    let attempt = attempt(&headers, "POST /api/v1/broadcasts/{id}/test")?;
    let sent = broadcast::test(&app, &authority, id, &to, attempt.as_ref()).await?;
    let headers = (limits::headers(&sent.left), replayed(sent.repeated));
    Ok((StatusCode::ACCEPTED, headers, Json(accepted(&sent))).into_response())
}

/// `GET /broadcasts/{id}/recipients`: a page, or all of them as CSV.
pub(super) async fn recipients(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<BroadcastId>,
    headers: HeaderMap,
    CheckedQuery(listing): CheckedQuery<ListBroadcastRecipients>,
) -> Answer<Response> {
    if csv::is_wanted(&headers) {
        let all = recipients::csv(&app, &authority, id).await?.ok_or_else(nowhere)?;
        return Ok(csv::answer(all));
    }
    let limit = paging::page(listing.limit, None)?.limit;
    let left_out = listing.left_out.unwrap_or_default();
    let found = recipients::list(&app, &authority, id, listing.after, left_out, limit).await?;
    let (found, more) = found.ok_or_else(nowhere)?;
    let next = found.last().map(|last| last.place).filter(|_| more);
    let recipients = found.into_iter().map(|one| api::BroadcastRecipient {
        place: one.place,
        number: one.number,
        left_out: one.left_out.map(|why| why.to_string()),
        message: one.message,
        state: one.state.map(|state| state.to_string()),
    });
    let recipients = recipients.collect();
    Ok(Json(BroadcastRecipients { recipients, next }).into_response())
}

fn nowhere() -> Problem {
    Problem::not_found("broadcast of this id")
}

/// A broadcast without what only one that is asked for by its id says.
fn alone(broadcast: Broadcast) -> api::Broadcast {
    let progress = BroadcastProgress::default();
    shown(Shown { broadcast, progress, audience: None, quiet_until: Vec::new() })
}

fn shown(shown: Shown) -> api::Broadcast {
    let Shown { broadcast, progress, audience, quiet_until } = shown;
    let timing = broadcast::timing(&broadcast);
    let if_any = |text: String| Some(text).filter(|text| !text.is_empty());
    let quiet_until = quiet_until.into_iter().map(|(zone, until)| {
        let share = progress.waiting.iter().find(|share| share.zone == zone);
        BroadcastQuiet { recipients: share.map_or(0, |share| share.remaining), zone, until }
    });
    let quiet_until = quiet_until.collect();
    let counted = broadcast.audience;
    api::Broadcast {
        id: broadcast.id,
        owner: broadcast.owner,
        audience: BroadcastAudience {
            expected: audience,
            read: broadcast.reading.is_none() && broadcast.started_at.is_some(),
            recipients: counted.recipients,
            duplicates: counted.duplicates,
            opted_out: counted.opted_out,
            unusable: counted.unusable,
            handed_out: broadcast.handed,
            waiting: broadcast.remaining(),
        },
        name: broadcast.name,
        text: broadcast.message.text,
        groups: broadcast.groups,
        numbers: broadcast.numbers,
        priority: broadcast.message.priority,
        class: broadcast.message.options.class,
        validity_minutes: broadcast.message.options.validity_minutes,
        sim: broadcast.message.sim,
        pool: broadcast.message.pool,
        at: if_any(timing.at),
        zone: timing.zone,
        pace: if_any(timing.pace),
        quiet: if_any(timing.quiet),
        state: broadcast.state.to_string(),
        trouble: broadcast.trouble.map(|trouble| trouble.to_string()),
        next: broadcast.next_at,
        states: progress.states.iter().map(|(state, n)| (state.to_string(), *n)).collect(),
        batches: progress.batches,
        quiet_until,
        tests: broadcast.tests,
        created_at: broadcast.created_at,
        updated_at: broadcast.updated_at,
        started_at: broadcast.started_at,
        finished_at: broadcast.finished_at,
    }
}

impl From<NotDone> for Problem {
    fn from(refused: NotDone) -> Self {
        let detail = sentence(&refused.to_string());
        match refused {
            NotDone::NotTheirs(refused) => refused.into(),
            NotDone::Name => Self::malformed(detail).with("field", "name"),
            NotDone::TooManyGroups => Self::malformed(detail).with("field", "groups"),
            NotDone::TooManyNumbers => Self::malformed(detail).with("field", "to"),
            NotDone::NoSuchTemplate => Self::not_found("template of this id"),
            NotDone::Text(_) | NotDone::NobodyHas(_) => {
                Self::malformed(detail).with("field", "text")
            }
            NotDone::Sim(_) => Self::malformed(detail).with("field", "sim"),
            NotDone::Pool(_) => Self::malformed(detail).with("field", "pool"),
            NotDone::When(PlanError::Zone(_)) => Self::malformed(detail).with("field", "zone"),
            NotDone::When(_) | NotDone::Past => Self::malformed(detail).with("field", "at"),
            NotDone::Pace(_) => Self::malformed(detail).with("field", "pace"),
            NotDone::Quiet(_) => Self::malformed(detail).with("field", "quiet"),
            NotDone::Nobody => Self::new(Code::NoRecipient, detail).with("field", "to"),
            NotDone::TooLarge(found) => Self::new(Code::TooManyRecipients, detail)
                .with("field", "groups")
                .with("found", found)
                .with("limit", MOST_AUDIENCE),
            NotDone::Unaccepted(refused) => refused.into(),
            NotDone::NoSuchBroadcast => nowhere(),
            NotDone::Batch(refused) => refused.into(),
            NotDone::Make(BroadcastError::TooMany) => {
                Self::new(Code::TooManyBroadcasts, detail).with("limit", MOST_BROADCASTS)
            }
            NotDone::Make(BroadcastError::NameTaken(_)) => Self::new(Code::NameTaken, detail),
            NotDone::Make(BroadcastError::In(state)) => {
                Self::new(Code::BroadcastState, detail).with("state", state.as_str())
            }
            NotDone::Make(BroadcastError::NoSuchGroup(_)) => {
                Self::not_found("group of one of these ids")
            }
            NotDone::Make(BroadcastError::Store(error)) => error.into(),
        }
    }
}
