//! Coming in by a link that works once: an invitation, or a link for a new password.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;
use store::{CreateUserError, LinkError};

use super::failure::Failure;
use super::form::Form;
use super::frame::{Frame, html};
use super::log_in::unfit_words;
use super::notice::Notice;
use super::users::role_words;
use super::visit::{self, Visit};
use crate::acts::invitation::{self, NotTaken};
use crate::acts::password_link;
use crate::app::App;
use crate::words::Words;

#[derive(Template)]
#[template(path = "invitation.html")]
struct InvitationPage {
    w: Words,
    frame: Frame,
    token: String,
    /// What the account may do.
    role: String,
    name: String,
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "password.html")]
struct PasswordPage {
    w: Words,
    frame: Frame,
    token: String,
    /// Whose password it is.
    name: String,
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "link_void.html")]
struct VoidPage {
    w: Words,
    frame: Frame,
}

/// The link's token.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Link {
    #[serde(default)]
    token: String,
}

/// The link does not work, and what to do.
async fn void(app: &App, visit: &Visit, error: LinkError) -> Result<Response, Failure> {
    match error {
        LinkError::Unknown | LinkError::Spent | LinkError::Expired => {
            let page = VoidPage { w: visit.words, frame: Frame::of(app, visit).await };
            Ok((StatusCode::GONE, html(&page)?).into_response())
        }
        LinkError::Store(error) => Err(error.into()),
        LinkError::TooMany | LinkError::User(_) | LinkError::Change(_) => Err(Failure::Internal),
    }
}

/// `GET /invitation?token=…`.
pub(super) async fn show_invitation(
    State(app): State<App>,
    visit: Visit,
    Query(link): Query<Link>,
) -> Result<Response, Failure> {
    let w = visit.words;
    match invitation::check(&app, &link.token).await {
        Ok(role) => {
            let frame = Frame::of(&app, &visit).await;
            let (token, role, name) = (link.token, role_words(w, role), String::new());
            let page = InvitationPage { w, frame, token, role, name, error: None };
            Ok(html(&page)?.into_response())
        }
        Err(error) => void(&app, &visit, error).await,
    }
}

/// `POST /invitation`.
pub(super) async fn take_invitation(
    State(app): State<App>,
    form: Form,
) -> Result<Response, Failure> {
    let visit = &form.visit;
    let w = visit.words;
    let (token, name) = (form.field("token"), form.field("name").trim());
    let password = form.field("password");
    let error = match invitation::take(&app, token, name, password, w.language().tag()).await {
        Ok(user) => {
            let (jar, next) = visit::come_in(&app, visit, &user, "/").await?;
            return Ok((jar, Redirect::to(&next)).into_response());
        }
        Err(NotTaken::Unfit(unfit)) => unfit_words(w, unfit),
        Err(NotTaken::Link(LinkError::User(CreateUserError::NameTaken(_)))) => w.users_taken(),
        Err(NotTaken::Link(LinkError::User(CreateUserError::Store(error)))) => {
            return Err(error.into());
        }
        Err(NotTaken::Link(error)) => return void(&app, visit, error).await,
    };
    // The link may have been used meanwhile.
    let role = match invitation::check(&app, token).await {
        Ok(role) => role_words(w, role),
        Err(error) => return void(&app, visit, error).await,
    };
    let frame = Frame { path: "/invitation".to_owned(), ..Frame::of(&app, visit).await };
    let (token, name) = (token.to_owned(), name.to_owned());
    let page = InvitationPage { w, frame, token, role, name, error: Some(error) };
    Ok((StatusCode::UNPROCESSABLE_ENTITY, html(&page)?).into_response())
}

/// `GET /password?token=…`.
pub(super) async fn show_password(
    State(app): State<App>,
    visit: Visit,
    Query(link): Query<Link>,
) -> Result<Response, Failure> {
    match password_link::check(&app, &link.token).await {
        Ok(user) => {
            let frame = Frame::of(&app, &visit).await;
            let (token, name, w) = (link.token, user.name, visit.words);
            let page = PasswordPage { w, frame, token, name, error: None };
            Ok(html(&page)?.into_response())
        }
        Err(error) => void(&app, &visit, error).await,
    }
}

/// `POST /password`: who set a password logs in with it.
pub(super) async fn take_password(State(app): State<App>, form: Form) -> Result<Response, Failure> {
    let visit = &form.visit;
    let w = visit.words;
    let token = form.field("token");
    let unfit = match password_link::take(&app, token, form.field("password")).await {
        Ok(_) => return Ok(visit.lead_to("/login", Notice::done(w.password_set()))),
        Err(NotTaken::Unfit(unfit)) => unfit_words(w, unfit),
        Err(NotTaken::Link(error)) => return void(&app, visit, error).await,
    };
    let name = match password_link::check(&app, token).await {
        Ok(user) => user.name,
        Err(error) => return void(&app, visit, error).await,
    };
    let frame = Frame { path: "/password".to_owned(), ..Frame::of(&app, visit).await };
    let page = PasswordPage { w, frame, token: token.to_owned(), name, error: Some(unfit) };
    Ok((StatusCode::UNPROCESSABLE_ENTITY, html(&page)?).into_response())
}
