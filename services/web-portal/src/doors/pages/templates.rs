//! Templates: a list with search, and a page for each.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use contracts::TemplateId;
use store::{CreateTemplateError, MOST_TEMPLATES, Restorable};

use super::contacts::{following, place, searched};
use super::failure::Failure;
use super::form::Form;
use super::frame::{Frame, html};
use super::groups::Listing;
use super::hostile::Hostile;
use super::notice::Notice;
use super::restoring::restored;
use super::visit::Visit;
use super::whose::{self, Whose};
use crate::acts::belonging::{NotTheirs, may_share};
use crate::acts::template::{self, NotDone};
use crate::app::App;
use crate::power::Power;
use crate::words::Words;

/// Templates of one page.
const ROWS: u32 = 50;

#[derive(Template)]
#[template(path = "templates.html")]
struct TemplatesPage {
    w: Words,
    frame: Frame,
    rows: Vec<Row>,
    search: String,
    first: bool,
    more: Option<String>,
    name: String,
    text: String,
    may_write: bool,
    whose: Whose,
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "template.html")]
struct TemplatePage {
    w: Words,
    frame: Frame,
    path: String,
    shown: Hostile,
    name: String,
    text: String,
    may_write: bool,
    error: Option<String>,
}

/// A template in the list.
struct Row {
    id: TemplateId,
    name: Hostile,
    text: Hostile,
    shared: bool,
    /// The name of the team whose it is.
    team: Option<Hostile>,
}

/// `GET /templates`.
pub(super) async fn list(
    State(app): State<App>,
    visit: Visit,
    Query(listing): Query<Listing>,
) -> Result<Html<String>, Failure> {
    page(&app, &visit, listing, ("", "", ""), None).await
}

async fn page(
    app: &App,
    visit: &Visit,
    listing: Listing,
    (name, text, shared): (&str, &str, &str),
    error: Option<String>,
) -> Result<Html<String>, Failure> {
    let authority = visit.authority()?;
    let place = place(listing.after.as_deref(), ROWS)?;
    let first = place.after.is_none();
    let (templates, next) =
        template::list(app, authority, Some(searched(&listing.q)?), &place).await?;
    let query = [("q", listing.q.clone())];
    let whose = Whose::of(app, authority, shared).await?;
    html(&TemplatesPage {
        w: visit.words,
        frame: Frame { path: "/templates".to_owned(), ..Frame::of(app, visit).await },
        rows: templates.into_iter().map(|template| row(template, &whose)).collect(),
        search: listing.q,
        first,
        more: next.map(|next| following("/templates", &query, &next)),
        name: name.to_owned(),
        text: text.to_owned(),
        may_write: authority.may(Power::TemplatesWrite),
        whose,
        error,
    })
}

fn row(template: store::Template, whose: &Whose) -> Row {
    Row {
        id: template.id,
        name: Hostile(template.name).short(Hostile::NAME),
        text: Hostile(template.text).short(Hostile::TEXT),
        shared: template.owner.is_everybody(),
        team: whose.team(template.owner),
    }
}

/// `POST /templates`.
pub(super) async fn add(State(app): State<App>, form: Form) -> Result<Response, Failure> {
    let (visit, w) = (&form.visit, form.visit.words);
    let written = (form.field("name").trim(), form.field("text"));
    let shared = form.field("shared");
    let belonging = whose::said(shared);
    match template::make(&app, visit.authority()?, belonging, written).await {
        Ok(made) => Ok(visit.lead_to("/templates", Notice::done(w.templates_added(made.name)))),
        Err(refused) => {
            let words = words(w, refused)?;
            let written = (written.0, written.1, shared);
            let page = page(&app, visit, Listing::default(), written, Some(words)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

/// `GET /templates/{id}`.
pub(super) async fn show(
    State(app): State<App>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Html<String>, Failure> {
    let id: TemplateId = id.parse().map_err(|_| Failure::NotFound)?;
    let found = template::one(&app, visit.authority()?, id).await?.ok_or(Failure::NotFound)?;
    one_page(&app, &visit, &found, (&found.name, &found.text), None).await
}

async fn one_page(
    app: &App,
    visit: &Visit,
    found: &store::Template,
    (name, text): (&str, &str),
    error: Option<String>,
) -> Result<Html<String>, Failure> {
    let authority = visit.authority()?;
    let is_own = !found.owner.is_everybody() || may_share(authority);
    let path = format!("/templates/{}", found.id);
    html(&TemplatePage {
        w: visit.words,
        frame: Frame { path: path.clone(), ..Frame::of(app, visit).await },
        path,
        shown: Hostile(found.name.clone()),
        name: name.to_owned(),
        text: text.to_owned(),
        may_write: authority.may(Power::TemplatesWrite) && is_own,
        error,
    })
}

/// `POST /templates/{id}/{call}`.
pub(super) async fn call(
    State(app): State<App>,
    Path((id, call)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Failure> {
    let (visit, w) = (&form.visit, form.visit.words);
    let authority = visit.authority()?;
    let id: TemplateId = id.parse().map_err(|_| Failure::NotFound)?;
    match call.as_str() {
        "remove" => {
            if !template::remove(&app, authority, id).await? {
                return Err(Failure::NotFound);
            }
            let notice = Notice::removed(w.templates_removed(), Restorable::Template(id));
            Ok(visit.lead_to("/templates", notice))
        }
        "restore" => restored(&app, visit, Restorable::Template(id)).await,
        "change" => {
            let written = (form.field("name").trim(), form.field("text"));
            let change = (Some(written.0), Some(written.1));
            match template::change(&app, authority, id, change).await {
                Ok(changed) => {
                    changed.ok_or(Failure::NotFound)?;
                    let notice = Notice::done(w.templates_changed());
                    Ok(visit.lead_to(&format!("/templates/{id}"), notice))
                }
                Err(refused) => {
                    let words = words(w, refused)?;
                    let found = template::one(&app, authority, id).await?;
                    let found = found.ok_or(Failure::NotFound)?;
                    let page = one_page(&app, visit, &found, written, Some(words)).await?;
                    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
                }
            }
        }
        _ => Err(Failure::NotFound),
    }
}

/// What is wrong with what was written, for who wrote it.
fn words(w: Words, refused: NotDone) -> Result<String, Failure> {
    match refused {
        NotDone::Name => Ok(w.contacts_bad_name(template::LONGEST_NAME)),
        NotDone::Text => Ok(w.templates_bad_text(template::LONGEST_TEXT)),
        NotDone::Make(CreateTemplateError::TooMany) => Ok(w.templates_too_many(MOST_TEMPLATES)),
        NotDone::Make(CreateTemplateError::NameTaken(_)) => Ok(w.templates_taken()),
        NotDone::NotTheirs(NotTheirs::NoSuchTeam(_)) => Ok(w.contacts_no_team()),
        NotDone::NotTheirs(refused) => Err(refused.into()),
        NotDone::Make(CreateTemplateError::Store(error)) => Err(error.into()),
    }
}
