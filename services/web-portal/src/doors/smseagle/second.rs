//! Version 2: `POST /api/v2/messages/sms`, JSON both ways, with the token in the header `access-token`.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::sending::{self, Sent, Wanted};
use crate::app::App;
use crate::authority::Authority;
use crate::doors::refused::Refused;
use crate::form::{self, Body, Object, Unreadable};

/// Priorities go from 0, the usual one, to 9; from this one on a message goes before others.
const URGENT: i64 = 5;

/// `POST /api/v2/messages/sms`, and `sms_single`, whose `to` is one number.
pub(crate) async fn messages_sms(
    State(app): State<App>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    answer(send(&app, &headers, body).await)
}

async fn send(app: &App, headers: &HeaderMap, body: Body) -> Result<(Sent, String), Refused> {
    let token = headers.get("access-token").and_then(|token| token.to_str().ok());
    let authority = Authority::by_key(app, token.unwrap_or_default().trim()).await?;
    let authority = authority.ok_or(Refused::Unknown)?;
    let wanted = read(&Object::read(&form::whole(body)?)?)?;
    let text = wanted.text.clone();
    Ok((sending::send(app, &authority, wanted).await?, text))
}

fn read(object: &Object) -> Result<Wanted, Unreadable> {
    let field = |name: &str, words: &str| Unreadable::Field(format!("{name}: {words}"));
    for name in ["contacts", "groups"] {
        if object.get(name).is_some_and(|value| value.as_array().is_none_or(|all| !all.is_empty()))
        {
            return Err(field(name, "this gateway does not send to contacts and groups yet"));
        }
    }
    if !matches!(object.text("encoding")?.as_deref(), None | Some("" | "standard" | "unicode")) {
        return Err(field("encoding", "there are standard and unicode"));
    }
    let priority = object.text("priority")?.unwrap_or_default();
    let priority = if priority.is_empty() { Ok(0) } else { priority.parse::<i64>() };
    let priority = priority.ok().filter(|priority| (0..=9).contains(priority));
    let priority = priority.ok_or_else(|| field("priority", "this is a number from 0 to 9"))?;
    Ok(Wanted {
        to: object.texts("to")?,
        text: object.text("text")?.unwrap_or_default(),
        urgent: priority >= URGENT,
        flash: object.flag("flash")?.unwrap_or_default(),
        validity: object.text("validity")?.filter(|word| !word.is_empty()),
        date: object.text("date")?.filter(|date| !date.is_empty()),
        test: object.flag("test")?.unwrap_or_default(),
    })
}

fn answer(sent: Result<(Sent, String), Refused>) -> Response {
    let refused = match sent {
        Ok((sent, text)) => {
            let items = sent.into_iter().map(|(number, to)| {
                json!({ "status": "queued", "message": text, "number": to, "id": number })
            });
            let items: Value = items.collect();
            return ([(header::CACHE_CONTROL, "no-store")], Json(items)).into_response();
        }
        Err(refused) => refused,
    };
    tracing::info!(refusal = refused.kind(), "a request in SMSEagle's form was refused");
    let status = match refused {
        Refused::Unreadable(Unreadable::TooLarge) => StatusCode::PAYLOAD_TOO_LARGE,
        Refused::Unreadable(_) | Refused::Unsendable(_) => StatusCode::BAD_REQUEST,
        Refused::Unknown => StatusCode::UNAUTHORIZED,
        Refused::Denied(_) => StatusCode::FORBIDDEN,
        Refused::TooMuch(_) => StatusCode::TOO_MANY_REQUESTS,
        // Whoever asked again would perhaps send twice.
        Refused::Unclear(_) => StatusCode::INTERNAL_SERVER_ERROR,
        Refused::Full | Refused::Later => StatusCode::SERVICE_UNAVAILABLE,
    };
    let body = Json(json!({ "message": sending::named(&refused, "text") }));
    let mut response = (status, body).into_response();
    if let Some(seconds) = refused.retry_after() {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}
