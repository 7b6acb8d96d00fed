//! Everybody with an account, for administrators.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use contracts::UserId;
use store::{CreateUserError, Role};

use super::failure::Failure;
use super::form::Form;
use super::frame::{Frame, html};
use super::log_in::unfit_words;
use super::notice::Notice;
use super::parts::{Sentence, within};
use super::visit::Visit;
use crate::acts::account::{self, AccountError, NewAccount};
use crate::app::App;
use crate::words::Words;

#[derive(Template)]
#[template(path = "users.html")]
struct UsersPage {
    w: Words,
    frame: Frame,
    users: Vec<UserRow>,
    /// The account of messages that name none.
    local: UserId,
    name: String,
    error: Option<String>,
}

/// A person in the list.
struct UserRow {
    id: UserId,
    name: String,
    admin: bool,
    since: Sentence,
}

/// `GET /users`.
pub(super) async fn show(State(app): State<App>, visit: Visit) -> Result<Html<String>, Failure> {
    page(&app, &visit, "", None).await
}

async fn page(
    app: &App,
    visit: &Visit,
    name: &str,
    error: Option<String>,
) -> Result<Html<String>, Failure> {
    let authority = visit.authority()?;
    let w = visit.words;
    let users = account::list(app, authority).await?;
    let users = users.into_iter().map(|user| UserRow {
        id: user.id,
        name: user.name,
        admin: user.role == Role::Admin,
        since: Sentence(w.users_since(within(user.created_at))),
    });
    let frame = Frame::of(app, visit).await;
    let (users, local, name) = (users.collect(), UserId::internal(), name.to_owned());
    html(&UsersPage { w, frame, users, local, name, error })
}

/// `POST /users`.
pub(super) async fn add(State(app): State<App>, form: Form) -> Result<Response, Failure> {
    let visit = &form.visit;
    let authority = visit.authority()?;
    let w = visit.words;
    let written = form.field("name").trim();
    let again = async |words: String| {
        let page = page(&app, visit, written, Some(words)).await?;
        Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
    };
    let role = if form.field("admin") == "yes" { Role::Admin } else { Role::User };
    let (name, password) = (written.to_owned(), Some(form.field("password").to_owned()));
    let new = NewAccount { name, password, role, language: None };
    match account::make(&app, authority, new).await {
        Ok(user) => Ok(visit.lead_to("/users", Notice::done(w.users_added(user.name)))),
        Err(AccountError::Unfit(unfit)) => again(unfit_words(w, unfit)).await,
        Err(AccountError::Make(CreateUserError::NameTaken(_))) => again(w.users_taken()).await,
        Err(AccountError::Make(CreateUserError::Store(error))) => Err(error.into()),
        Err(AccountError::Make(CreateUserError::NoSuchOrg(_)) | AccountError::Change(_)) => {
            Err(Failure::Internal)
        }
        Err(AccountError::Denied(_)) => Err(Failure::Forbidden),
    }
}
