//! Templates.

use api::{ListByName, NewTemplate, TemplateChanges, Templates};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use contracts::TemplateId;
use store::{CreateTemplateError, MOST_TEMPLATES, Template};

use super::body::{CheckedJson, CheckedQuery, PathId};
use super::caller::Caller;
use super::paging;
use super::problem::{Answer, Code, Problem, sentence};
use crate::acts::belonging::Belonging;
use crate::acts::template::{self, NotDone};
use crate::app::App;

/// `GET /templates`.
pub(super) async fn list(
    State(app): State<App>,
    Caller(authority): Caller,
    CheckedQuery(listing): CheckedQuery<ListByName>,
) -> Answer<Json<Templates>> {
    let page = paging::page_by_name(listing.limit, listing.after.as_deref())?;
    let (templates, next) = template::list(&app, &authority, listing.q.as_deref(), &page).await?;
    let templates = templates.into_iter().map(shown).collect();
    Ok(Json(Templates { templates, next: next.map(|next| next.to_string()) }))
}

/// `POST /templates`.
pub(super) async fn add(
    State(app): State<App>,
    Caller(authority): Caller,
    CheckedJson(new): CheckedJson<NewTemplate>,
) -> Answer<impl IntoResponse> {
    let belonging = Belonging { shared: new.shared, user: new.user, team: new.team };
    let made = template::make(&app, &authority, belonging, (&new.name, &new.text)).await?;
    Ok((StatusCode::CREATED, Json(shown(made))))
}

/// `GET /templates/{id}`.
pub(super) async fn one(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<TemplateId>,
) -> Answer<Json<api::Template>> {
    let found = template::one(&app, &authority, id).await?.ok_or_else(nowhere)?;
    Ok(Json(shown(found)))
}

/// `PATCH /templates/{id}`.
pub(super) async fn change(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<TemplateId>,
    CheckedJson(changes): CheckedJson<TemplateChanges>,
) -> Answer<Json<api::Template>> {
    let change = (changes.name.as_deref(), changes.text.as_deref());
    let changed = template::change(&app, &authority, id, change).await?;
    Ok(Json(shown(changed.ok_or_else(nowhere)?)))
}

/// `DELETE /templates/{id}`.
pub(super) async fn remove(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<TemplateId>,
) -> Answer<StatusCode> {
    let removed = template::remove(&app, &authority, id).await?;
    if removed { Ok(StatusCode::NO_CONTENT) } else { Err(nowhere()) }
}

fn nowhere() -> Problem {
    Problem::not_found("template of this id")
}

fn shown(template: Template) -> api::Template {
    let Template { id, owner, name, text, created_at, updated_at, .. } = template;
    let (owner, team) = (owner.user(), owner.team());
    api::Template { id, owner, team, name, text, created_at, updated_at }
}

impl From<NotDone> for Problem {
    fn from(refused: NotDone) -> Self {
        let detail = sentence(&refused.to_string());
        match refused {
            NotDone::NotTheirs(refused) => refused.into(),
            NotDone::Name => Self::malformed(detail).with("field", "name"),
            NotDone::Text => Self::malformed(detail).with("field", "text"),
            NotDone::Make(CreateTemplateError::TooMany) => {
                Self::new(Code::TooManyTemplates, detail).with("limit", MOST_TEMPLATES)
            }
            NotDone::Make(CreateTemplateError::NameTaken(_)) => Self::new(Code::NameTaken, detail),
            NotDone::Make(CreateTemplateError::Store(error)) => error.into(),
        }
    }
}
