//! Coming in: set-up by the one-time link, log-in, log-out.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;
use store::{CreateUserError, SetupError};

use super::failure::Failure;
use super::form::Form;
use super::frame::{Frame, html};
use super::notice::Notice;
use super::visit::{self, Visit};
use crate::acts::account::Unfit;
use crate::acts::session::{self, NotLoggedIn};
use crate::acts::setup::{self, NotSetUp};
use crate::app::App;
use crate::password;
use crate::words::Words;

#[derive(Template)]
#[template(path = "setup.html")]
struct SetupPage {
    w: Words,
    frame: Frame,
    token: String,
    name: String,
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "setup_away.html")]
struct SetupAway {
    w: Words,
    frame: Frame,
    title: String,
    words: String,
    has_users: bool,
}

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage {
    w: Words,
    frame: Frame,
    next: String,
    name: String,
    error: Option<String>,
}

/// The link's token.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Link {
    #[serde(default)]
    token: String,
}

/// `GET /setup?token=…`.
pub(super) async fn show_setup(
    State(app): State<App>,
    visit: Visit,
    Query(link): Query<Link>,
) -> Result<Response, Failure> {
    match setup::check(&app, &link.token).await {
        Ok(()) => {
            let frame = Frame::of(&app, &visit).await;
            let (token, name) = (link.token, String::new());
            let page = SetupPage { w: visit.words, frame, token, name, error: None };
            Ok(html(&page)?.into_response())
        }
        Err(error) => void(&app, &visit, error).await,
    }
}

/// The link does not work: why, and what to do.
async fn void(app: &App, visit: &Visit, error: SetupError) -> Result<Response, Failure> {
    let w = visit.words;
    let has_users = match error {
        SetupError::AdminExists => true,
        SetupError::Unknown | SetupError::Spent | SetupError::Expired => false,
        SetupError::Store(error) => return Err(error.into()),
        SetupError::User(_) => return Err(Failure::Internal),
    };
    let frame = Frame::of(app, visit).await;
    let (title, words) = (w.setup_void_title(), w.setup_void());
    let page = SetupAway { w, frame, title, words, has_users };
    Ok((StatusCode::GONE, html(&page)?).into_response())
}

/// `POST /setup`.
pub(super) async fn set_up(State(app): State<App>, form: Form) -> Result<Response, Failure> {
    let visit = &form.visit;
    let w = visit.words;
    let name = form.field("name").trim().to_owned();
    let around = Frame { path: "/setup".to_owned(), ..Frame::of(&app, visit).await };
    let again = |error: String| {
        let frame = around.clone();
        let token = form.field("token").to_owned();
        let page = SetupPage { w, frame, token, name: name.clone(), error: Some(error) };
        Ok((StatusCode::UNPROCESSABLE_ENTITY, html(&page)?).into_response())
    };
    let (token, password) = (form.field("token"), form.field("password"));
    match setup::set_up(&app, token, &name, password, w.language().tag()).await {
        Ok(user) => {
            let (jar, next) = visit::come_in(&app, visit, &user, "/").await?;
            Ok((jar, Redirect::to(&next)).into_response())
        }
        Err(NotSetUp::Unfit(unfit)) => again(unfit_words(w, unfit)),
        Err(NotSetUp::Setup(SetupError::User(CreateUserError::NameTaken(_)))) => {
            again(w.users_taken())
        }
        Err(NotSetUp::Setup(error)) => void(&app, visit, error).await,
    }
}

/// What does not do about a name or password.
pub(super) fn unfit_words(w: Words, unfit: Unfit) -> String {
    match unfit {
        Unfit::Name => w.users_bad_name(),
        Unfit::Password(password::Unfit::Short) => w.password_short(password::LEAST),
        Unfit::Password(password::Unfit::Long) => w.password_long(password::MOST),
        Unfit::Hashing => w.error_unavailable(),
    }
}

/// Where to go on, and whether somebody just left.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Going {
    #[serde(default)]
    next: String,
}

/// `GET /login`.
pub(super) async fn show_login(
    State(app): State<App>,
    visit: Visit,
    Query(going): Query<Going>,
) -> Result<Response, Failure> {
    let next = local(&going.next);
    if visit.authority.is_some() {
        return Ok(Redirect::to(next).into_response());
    }
    let w = visit.words;
    let frame = Frame::of(&app, &visit).await;
    if !app.store.admin_exists().await? {
        let (title, words) = (w.setup_needed_title(), w.setup_needed());
        let page = SetupAway { w, frame, title, words, has_users: false };
        return Ok(html(&page)?.into_response());
    }
    let (next, name) = (next.to_owned(), String::new());
    Ok(html(&LoginPage { w, frame, next, name, error: None })?.into_response())
}

/// `POST /login`.
pub(super) async fn log_in(State(app): State<App>, form: Form) -> Result<Response, Failure> {
    let visit = &form.visit;
    let w = visit.words;
    let name = form.field("name").trim();
    let next = local(form.field("next")).to_owned();
    let around = Frame { path: "/login".to_owned(), ..Frame::of(&app, visit).await };
    let again = |status: StatusCode, error: String| -> Result<Response, Failure> {
        let frame = around.clone();
        let (next, name) = (next.clone(), name.to_owned());
        let page: Html<String> = html(&LoginPage { w, frame, next, name, error: Some(error) })?;
        Ok((status, page).into_response())
    };
    let checked = session::check(&app, name, form.field("password"), visit.address).await;
    let user = match checked {
        Ok(user) => user,
        Err(NotLoggedIn::TooOften(wait)) => {
            return again(StatusCode::TOO_MANY_REQUESTS, w.login_throttled(wait.as_secs() + 1));
        }
        Err(NotLoggedIn::Wrong) => return again(StatusCode::UNAUTHORIZED, w.login_wrong()),
        Err(NotLoggedIn::Program) => return again(StatusCode::FORBIDDEN, w.login_program()),
        Err(NotLoggedIn::Store(error)) => return Err(error.into()),
    };
    let (jar, next) = visit::come_in(&app, visit, &user, &next).await?;
    Ok((jar, Redirect::to(&next)).into_response())
}

/// `POST /logout`.
pub(super) async fn log_out(State(app): State<App>, form: Form) -> Result<Response, Failure> {
    let jar = visit::log_out(&app, &form.visit).await?;
    let (visit, w) = (&form.visit, form.visit.words);
    let is_acting = visit.authority.as_ref().is_some_and(|own| own.acting().is_some());
    let page = if is_acting {
        visit.lead_to("/users", Notice::done(w.acting_ended()))
    } else {
        visit.lead_to("/login", Notice::done(w.login_ended()))
    };
    Ok((jar, page).into_response())
}

/// A path of ours; anything that leads elsewhere becomes the first page.
pub(super) fn local(path: &str) -> &str {
    let is_ours = path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains('\\')
        && !path.chars().any(char::is_control);
    if is_ours { path } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_away() {
        assert_eq!(local("/inbox?before=x"), "/inbox?before=x");
        for path in ["", "https://evil.example", "//evil.example", "/\\evil.example", "/a\r\nb"] {
            assert_eq!(local(path), "/", "{path:?}");
        }
    }
}
