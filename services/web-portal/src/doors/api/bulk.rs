//! Files of which each row becomes a message.

use api::{Bulk, BulkPlan, BulkRow, BulkRows, Bulks, ListBulkRows, PlanBulk, SendBulk, UploadBulk};
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use contracts::{BulkId, Priority};
use futures_util::StreamExt as _;
use recurrence::PlanError;
use sheet::{LARGEST_FILE, Unreadable};
use store::{CreateBulkError, MOST_BULKS};

use super::body::{CheckedJson, CheckedQuery, PathId};
use super::caller::Caller;
use super::fields::PAGE;
use super::problem::{Answer, Code, Problem, sentence};
use crate::acts::bulk::plan::Outcome;
use crate::acts::bulk::{self, Asked, Column, Judged, Known, NotDone, Wanted};
use crate::app::App;

/// Rows of a page when nobody says.
const USUAL: u32 = 50;

/// `POST /bulk`: the body is the file.
pub(super) async fn upload(
    State(app): State<App>,
    Caller(authority): Caller,
    CheckedQuery(query): CheckedQuery<UploadBulk>,
    headers: HeaderMap,
    body: Body,
) -> Answer<impl IntoResponse> {
    let _room = bulk::room().await;
    let file = received(&headers, body).await?;
    let known = bulk::upload(&app, &authority, query.name.as_deref().unwrap_or(""), file).await?;
    Ok((StatusCode::CREATED, Json(shown(known))))
}

/// The file, of which no more is taken than any may have.
pub(super) async fn received(headers: &HeaderMap, body: Body) -> Answer<Vec<u8>> {
    let declared = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    let declared: Option<usize> = declared.and_then(|length| length.parse().ok());
    if declared.is_some_and(|length| length > LARGEST_FILE) {
        return Err(NotDone::from(Unreadable::TooLarge).into());
    }
    let mut file = Vec::new();
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let broken = |_| Problem::malformed("The body could not be read to its end.");
        let chunk = chunk.map_err(broken)?;
        if file.len() + chunk.len() > LARGEST_FILE {
            return Err(NotDone::from(Unreadable::TooLarge).into());
        }
        file.extend_from_slice(&chunk);
    }
    Ok(file)
}

/// `GET /bulk`.
pub(super) async fn list(State(app): State<App>, Caller(authority): Caller) -> Answer<Json<Bulks>> {
    let files = bulk::list(&app, &authority).await?;
    Ok(Json(Bulks { files: files.into_iter().map(shown).collect() }))
}

/// `GET /bulk/{id}`.
pub(super) async fn one(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<BulkId>,
) -> Answer<Json<Bulk>> {
    Ok(Json(shown(bulk::one(&app, &authority, id).await?)))
}

/// `PATCH /bulk/{id}`.
pub(super) async fn plan(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<BulkId>,
    CheckedJson(plan): CheckedJson<PlanBulk>,
) -> Answer<Json<Bulk>> {
    let wanted = Wanted {
        number: Column::Named(plan.number),
        names: plan.has_names,
        text: plan.text,
        alike: plan.alike,
        mend: plan.mend,
        priority: plan.priority.unwrap_or(Priority::Bulk),
        sim: plan.sim,
        pool: plan.pool,
        at: plan.at,
        zone: plan.zone,
    };
    Ok(Json(shown(bulk::plan(&app, &authority, id, wanted).await?)))
}

/// `GET /bulk/{id}/rows`.
pub(super) async fn rows(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<BulkId>,
    CheckedQuery(query): CheckedQuery<ListBulkRows>,
) -> Answer<Json<BulkRows>> {
    let limit = query.limit.unwrap_or(USUAL).clamp(1, PAGE);
    let asked = Asked {
        from: query.from.unwrap_or_default(),
        message: query.message,
        skipped: query.show.as_deref() == Some("skipped"),
        limit: usize::try_from(limit).unwrap_or_default(),
    };
    let (rows, next) = bulk::rows(&app, &authority, id, asked).await?;
    Ok(Json(BulkRows { rows: rows.into_iter().map(row).collect(), next }))
}

/// `POST /bulk/{id}/send`.
pub(super) async fn send(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<BulkId>,
    CheckedJson(send): CheckedJson<SendBulk>,
) -> Answer<impl IntoResponse> {
    let known = bulk::send(&app, &authority, id, send.revision).await?;
    Ok((StatusCode::ACCEPTED, Json(shown(known))))
}

/// `DELETE /bulk/{id}`.
pub(super) async fn remove(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<BulkId>,
) -> Answer<StatusCode> {
    bulk::remove(&app, &authority, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn shown(known: Known) -> Bulk {
    let batches = bulk::batches(&known);
    let Known { bulk, names, has_names, plan } = known;
    let plan = plan.map(|plan| BulkPlan {
        number: names.get(plan.number).cloned().unwrap_or_default(),
        text: plan.text,
        alike: plan.alike,
        mend: plan.mend,
        priority: plan.priority,
        sim: plan.sim,
        pool: plan.pool,
        not_before: plan.not_before,
        messages: plan.counts.messages,
        parts: plan.counts.parts,
        unicode: plan.counts.unicode,
        cut_off: plan.counts.cut_off,
        skipped: plan.counts.skipped,
    });
    Bulk {
        id: bulk.id,
        name: bulk.name,
        columns: names,
        has_names,
        rows: bulk.rows,
        plan,
        revision: bulk.revision,
        batches,
        sending: bulk.sending.is_some(),
        sent_at: bulk.sent_at,
        created_at: bulk.created_at,
    }
}

fn row(judged: Judged) -> BulkRow {
    let Judged { place, line, written, outcome, text } = judged;
    let (to, parts, text, skipped) = match outcome {
        Outcome::Message { to, parts, .. } => (Some(to), Some(parts), Some(text), None),
        Outcome::Skipped(reason) => (None, None, None, Some(reason.as_str().to_owned())),
        Outcome::Names => (None, None, None, None),
    };
    BulkRow { row: place, line, written, to, text, parts, skipped }
}

impl From<NotDone> for Problem {
    fn from(refused: NotDone) -> Self {
        let detail = sentence(&refused.to_string());
        match refused {
            NotDone::Denied(denied) => denied.into(),
            NotDone::Unreadable(Unreadable::TooLarge) => Self::new(Code::BodyTooLarge, detail),
            NotDone::Unreadable(_) => Self::new(Code::UnreadableFile, detail),
            NotDone::Make(CreateBulkError::TooMany) => {
                Self::new(Code::TooManyFiles, detail).with("limit", MOST_BULKS)
            }
            NotDone::Make(CreateBulkError::Store(error)) | NotDone::Store(error) => error.into(),
            NotDone::NoSuchBulk => Self::not_found("file of this id"),
            NotDone::Gone => Self::new(Code::RowsGone, detail),
            NotDone::Sending => Self::new(Code::BulkSending, detail),
            NotDone::Changed | NotDone::NoPlan => Self::new(Code::BulkChanged, detail),
            NotDone::Nothing => Self::new(Code::NoRecipient, detail),
            NotDone::Column => Self::malformed(detail).with("field", "number"),
            NotDone::Text | NotDone::Field(_) => Self::malformed(detail).with("field", "text"),
            NotDone::When(PlanError::Zone(_)) => Self::malformed(detail).with("field", "zone"),
            NotDone::When(_) | NotDone::Over => Self::malformed(detail).with("field", "at"),
            NotDone::Unaccepted(refused) => refused.into(),
        }
    }
}
