//! playSMS's webservices, so that its clients change a host name and nothing else.
//!
//! `u` is the name of an account and `h` one of its API keys, or the token that it had in playSMS. An answer is playSMS's: see [`reply`]. What concerns
//! others' credit and the like is answered in words with playSMS's own number.

mod accounts;
mod contacts;
mod listing;
mod reply;
mod sending;
mod tokens;
mod value;

use axum::body::Body as Answer;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Response, StatusCode};
use axum::response::IntoResponse as _;

use store::Door;

use crate::app::App;
use crate::authority::Authority;
use crate::form::{self, Body, Form};
use reply::{Done, Fault, Format, Refusal};

/// `/index.php?app=ws`.
pub(crate) async fn webservices(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response<Answer> {
    let form = form::whole(body)
        .and_then(|body| Form::read(query.as_deref(), &headers, &body))
        .map_err(Refusal::from);
    let format = form.as_ref().ok().and_then(|form| form.filled("format"));
    let format = format.map(Format::named).unwrap_or_default();
    let done = match form {
        Ok(form) if !is_webservices(&form) => return not_here(),
        Ok(form) => operate(&app, &form).await,
        Err(refusal) => Err(refusal),
    };
    if let Err(refusal) = &done {
        tracing::info!(fault = %refusal.fault(), "a webservices request was refused");
    }
    reply::response(done, format, app.clock.now())
}

/// `app` is written in two ways.
fn is_webservices(form: &Form) -> bool {
    matches!(form.filled("app"), Some("ws" | "webservices"))
}

/// playSMS has pages and callbacks of gateways there, too.
fn not_here() -> Response<Answer> {
    let words = "Only playSMS's webservices are here: /index.php?app=ws.";
    (StatusCode::NOT_FOUND, words).into_response()
}

async fn operate(app: &App, form: &Form) -> Result<Done, Refusal> {
    // The name that playSMS 0.9 had for it.
    let operation = form.filled("op").or_else(|| form.filled("ta"));
    let operation = operation.ok_or(Refusal::of(Fault::Missing))?.to_ascii_lowercase();
    match operation.as_str() {
        "get_token" => tokens::get(app, form).await,
        "set_token" => tokens::set(app, &authorize(app, form).await?).await,
        "pv" => sending::send(app, &authorize(app, form).await?, form).await,
        "ds" => listing::sent(app, &authorize(app, form).await?, form).await,
        "in" => listing::by_keyword(app, &authorize(app, form).await?, form).await,
        "ix" => listing::received(app, &authorize(app, form).await?, form).await,
        "sx" => listing::of_everybody(app, &authorize(app, form).await?, form).await,
        "query" => accounts::query(app, &authorize(app, form).await?).await,
        "cr" => accounts::credit(app, &authorize(app, form).await?).await,
        "get_contact" => contacts::contacts(app, &authorize(app, form).await?, form).await,
        "get_contact_group" => contacts::groups(app, &authorize(app, form).await?, form).await,
        "inject" => accounts::inject(app, &administrator(app, form).await?, form).await,
        "accountadd" => accounts::add(app, &administrator(app, form).await?, form).await,
        "accountban" => accounts::ban(app, &administrator(app, form).await?, form).await,
        "accountunban" => accounts::unban(app, &administrator(app, form).await?, form).await,
        other => {
            let fault = accounts::without_counterpart(other).ok_or(Refusal::of(Fault::Unknown))?;
            administrator(app, form).await?;
            Err(Refusal::with(fault, "this gateway has nothing that it could mean"))
        }
    }
}

async fn authorize(app: &App, form: &Form) -> Result<Authority, Refusal> {
    let unauthorized = || Refusal::of(Fault::Unauthorized);
    let name = form.filled("u").ok_or_else(unauthorized)?;
    let key = form.filled("h").ok_or_else(unauthorized)?;
    if let Some(authority) = Authority::by_name_and_key(app, name, key).await? {
        return Ok(authority);
    }
    // A token that was brought from playSMS.
    let token = Authority::by_door_password(app, (Door::PlaySms, name, key)).await?;
    token.ok_or_else(unauthorized)
}

/// Who asks for what only administrators may is told by another number that nobody of this name and key is here.
async fn administrator(app: &App, form: &Form) -> Result<Authority, Refusal> {
    let authority = authorize(app, form).await;
    authority.map_err(|refusal| match refusal.fault() {
        Fault::Unauthorized => Refusal::of(Fault::NoAdmin),
        _ => refusal,
    })
}
