//! `/send`, `/rate`, `/balance` and `/ping`.

use axum::body::Bytes;
use axum::extract::{FromRequest as _, RawQuery, Request, State};
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::Response;
use contracts::Amount;
use serde_json::{Value, json};

use super::reply::{self, Refusal};
use super::request;
use crate::acts::acceptance;
use crate::acts::credit;
use crate::acts::draft::Unsendable;
use crate::acts::rehearsal;
use crate::app::App;
use crate::authority::Authority;
use crate::doors::refused::Refused;
use crate::form::{self, Body, Form};

/// The field that is octets.
const CONTENT: Option<&str> = Some("content");

/// `GET` or `POST /send`.
pub(crate) async fn send(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let done = async {
        let body = form::whole(body)?;
        let form = Form::read_with(query.as_deref(), &headers, &body, CONTENT)?;
        submit(&app, &form).await
    };
    done.await.map_or_else(|refusal: Refusal| refusal.plain(), reply::plain)
}

async fn submit(app: &App, form: &Form) -> Result<String, Refusal> {
    let authority = authorize(app, form).await?;
    request::check_names(form)?;
    let to = form.filled("to").ok_or_else(|| Refusal::missing("to"))?;
    let draft = request::draft(app, form, vec![to.to_owned()])?;
    draft.is_meant()?;
    let accepted =
        acceptance::accept(app, &authority, &draft, None).await.map_err(Refused::from)?;
    // A draft to one recipient is one message.
    let message = accepted.messages.first().ok_or(Unsendable::NoRecipient)?;
    Ok(reply::success(message.id))
}

async fn authorize(app: &App, form: &Form) -> Result<Authority, Refusal> {
    let name = form.filled("username").ok_or_else(|| Refusal::missing("username"))?;
    let key = form.filled("password").ok_or_else(|| Refusal::missing("password"))?;
    request::authorize(app, name, key).await
}

/// `GET /rate`: of how many parts a message would be, and what one of them costs.
pub(crate) async fn rate(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let done = async {
        let body = form::whole(body)?;
        let form = Form::read_with(query.as_deref(), &headers, &body, CONTENT)?;
        let authority = authorize(&app, &form).await?;
        rated(&app, &authority, &form).await
    };
    match done.await {
        Ok(rate) => reply::json_of(&rate),
        Err(refusal) => refusal.json(),
    }
}

/// The parts of a message that is not sent, and the price of one.
pub(super) async fn rated(app: &App, authority: &Authority, form: &Form) -> Result<Value, Refusal> {
    let to = form.filled("to").ok_or_else(|| Refusal::missing("to"))?;
    let draft = request::draft(app, form, vec![to.to_owned()])?;
    let rehearsal = rehearsal::rehearse(app, authority, &draft).await.map_err(Refused::from)?;
    let parts = rehearsal.count.parts;
    let all = rehearsal.cost.unwrap_or_default().ten_thousandths();
    let one = Amount::from_ten_thousandths(all / i64::try_from(parts.max(1)).unwrap_or(i64::MAX));
    let rate = one.to_string().parse::<f64>().unwrap_or_default();
    Ok(json!({ "submit_sm_count": parts, "unit_rate": rate }))
}

/// `GET /balance`.
pub(crate) async fn balance(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let done = async {
        let body = form::whole(body)?;
        let form = Form::read(query.as_deref(), &headers, &body)?;
        let authority = authorize(&app, &form).await?;
        credit(&app, &authority).await
    };
    match done.await {
        Ok(credit) => reply::json_of(&credit),
        Err(refusal) => refusal.json(),
    }
}

/// What an account has. Without a limit that is not defined, as Jasmin says.
pub(super) async fn credit(app: &App, authority: &Authority) -> Result<Value, Refusal> {
    let left = credit::own(app, authority).await.map_err(Refused::from)?;
    let left = left.and_then(|left| left.to_string().parse::<f64>().ok());
    Ok(json!({ "balance": left.map_or(json!("ND"), |left| json!(left)), "sms_count": "ND" }))
}

/// `GET /ping`.
pub(crate) async fn ping() -> Response {
    reply::plain("Jasmin/PONG".to_owned())
}

/// The portal's page has `POST /send`, too. What comes with a `username` is a program's.
pub(crate) async fn send_or_page(State(app): State<App>, request: Request, next: Next) -> Response {
    if request.method() != Method::POST || request.uri().path() != "/send" {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let body = Bytes::from_request(Request::from_parts(parts.clone(), body), &app).await;
    let query = parts.uri.query().map(str::to_owned);
    let is_program = match &body {
        Ok(body) => Form::read_with(query.as_deref(), &parts.headers, body, CONTENT)
            .map_or_else(|_| query.is_some(), |form| form.last("username").is_some()),
        Err(_) => true,
    };
    match body {
        Ok(body) if !is_program => next.run(Request::from_parts(parts, body.into())).await,
        body => send(State(app), RawQuery(query), parts.headers, body).await,
    }
}
