//! The second page of a log-in: the code of a phone, or setting one up where the role has to.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;
use store::User;

use super::failure::Failure;
use super::form::Form;
use super::frame::{Frame, html};
use super::log_in::local;
use super::notice::Notice;
use super::totp::{CodesPage, Enrolment};
use super::visit::{self, Visit};
use crate::acts::log_in::{self, NotIn};
use crate::acts::second_factor::NotTaken;
use crate::app::App;
use crate::words::Words;

#[derive(Template)]
#[template(path = "login_code.html")]
struct CodePage {
    w: Words,
    frame: Frame,
    next: String,
    error: Option<String>,
    /// What a phone is set up with; none: it is set up.
    enrolment: Option<Enrolment>,
}

/// Where to go on.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Going {
    #[serde(default)]
    next: String,
}

/// `GET /login/code`.
pub(super) async fn show(
    State(app): State<App>,
    visit: Visit,
    Query(going): Query<Going>,
) -> Result<Response, Failure> {
    let next = local(&going.next).to_owned();
    if visit.authority.is_some() {
        return Ok(Redirect::to(&next).into_response());
    }
    let Some(user) = waiting(&app, &visit).await? else { return Ok(begin_again(&visit)) };
    page(&app, &visit, &user, next, (StatusCode::OK, None)).await
}

/// Who gave the right password in this browser.
async fn waiting(app: &App, visit: &Visit) -> Result<Option<User>, Failure> {
    match &visit.log_in {
        Some(cookie) => Ok(log_in::waiting(app, cookie).await?),
        None => Ok(None),
    }
}

fn begin_again(visit: &Visit) -> Response {
    visit.lead_to("/login", Notice::failed(visit.words.login_code_late()))
}

async fn page(
    app: &App,
    visit: &Visit,
    user: &User,
    next: String,
    (status, error): (StatusCode, Option<String>),
) -> Result<Response, Failure> {
    let w = visit.words;
    let enrolment = if user.second_factor { None } else { Enrolment::of(app, user).await? };
    let frame = Frame { path: "/login/code".to_owned(), ..Frame::of(app, visit).await };
    let page = html(&CodePage { w, frame, next, error, enrolment })?;
    Ok((status, page).into_response())
}

/// `POST /login/code`.
pub(super) async fn give(State(app): State<App>, form: Form) -> Result<Response, Failure> {
    let visit = &form.visit;
    let w = visit.words;
    let next = local(form.field("next")).to_owned();
    let code = form.field("code");
    let Some(cookie) = &visit.log_in else { return Ok(begin_again(visit)) };
    let Some(user) = waiting(&app, visit).await? else { return Ok(begin_again(visit)) };
    let done = if user.second_factor {
        log_in::give(&app, cookie, code).await.map(|user| (user, Vec::new()))
    } else {
        log_in::enrol(&app, cookie, code).await
    };
    match done {
        Ok((user, codes)) if codes.is_empty() => {
            let jar = visit::finish(&app, visit, &user).await?;
            Ok((jar, Redirect::to(&next)).into_response())
        }
        Ok((user, codes)) => {
            let jar = visit::finish(&app, visit, &user).await?;
            // Its links are those of who is logged in, whom the next page knows.
            let frame = Frame { path: "/login/code".to_owned(), ..Frame::of(&app, visit).await };
            let page = html(&CodesPage { w, frame, codes, next })?;
            Ok((jar, page).into_response())
        }
        Err(NotIn::Ended) => Ok(begin_again(visit)),
        Err(NotIn::Code(NotTaken::Store(error))) => Err(error.into()),
        Err(NotIn::Code(refused)) => {
            let said = refusal(w, &refused);
            page(&app, visit, &user, next, (said.0, Some(said.1))).await
        }
    }
}

/// Why a code was not taken, and the status that goes with it.
pub(super) fn refusal(w: Words, refused: &NotTaken) -> (StatusCode, String) {
    match refused {
        NotTaken::TooOften(wait) => {
            (StatusCode::TOO_MANY_REQUESTS, w.login_throttled(wait.as_secs() + 1))
        }
        NotTaken::Wrong | NotTaken::Nothing | NotTaken::Store(_) => {
            (StatusCode::UNAUTHORIZED, w.totp_wrong())
        }
    }
}
