//! Everybody with an account, for administrators.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use contracts::Timestamp;
use store::{CreateUserError, NewUser, Role};

use super::failure::Failure;
use super::form::Form;
use super::frame::{Frame, html};
use super::log_in::unfit_words;
use super::notice::Notice;
use super::parts::{Sentence, within};
use super::visit::Visit;
use crate::acts::account;
use crate::app::App;
use crate::power::Power;
use crate::words::Words;

#[derive(Template)]
#[template(path = "users.html")]
struct UsersPage {
    w: Words,
    frame: Frame,
    users: Vec<UserRow>,
    name: String,
    error: Option<String>,
}

/// A person in the list.
struct UserRow {
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
    let authority = visit.must(Power::UsersManage)?;
    let w = visit.words;
    let users = app.store.users(authority.org).await?;
    let users = users.into_iter().map(|user| UserRow {
        name: user.name,
        admin: user.role == Role::Admin,
        since: Sentence(w.users_since(within(user.created_at))),
    });
    let frame = Frame::of(app, visit);
    html(&UsersPage { w, frame, users: users.collect(), name: name.to_owned(), error })
}

/// `POST /users`.
pub(super) async fn add(State(app): State<App>, form: Form) -> Result<Response, Failure> {
    let visit = &form.visit;
    let authority = visit.must(Power::UsersManage)?;
    let w = visit.words;
    let written = form.field("name").trim();
    let again = async |words: String| {
        let page = page(&app, visit, written, Some(words)).await?;
        Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
    };
    let name = match account::name(written) {
        Ok(name) => name,
        Err(unfit) => return again(unfit_words(w, unfit)).await,
    };
    let hash = match account::hash(form.field("password").to_owned()).await {
        Ok(hash) => hash,
        Err(unfit) => return again(unfit_words(w, unfit)).await,
    };
    let role = if form.field("admin") == "yes" { Role::Admin } else { Role::User };
    let new = NewUser { org: authority.org, name, password_hash: Some(hash), role, language: None };
    match app.store.create_user(&new, Timestamp::now()).await {
        Ok(user) => {
            tracing::info!(user = %user.name, role = %user.role, by = authority.name(), "an account was made");
            Ok(visit.lead_to("/users", Notice::done(w.users_added(user.name))))
        }
        Err(CreateUserError::NameTaken(_)) => again(w.users_taken()).await,
        Err(CreateUserError::NoSuchOrg(_)) => Err(Failure::Internal),
        Err(CreateUserError::Store(error)) => Err(error.into()),
    }
}
