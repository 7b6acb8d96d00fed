//! Kannel's `sendsms`, so that its clients change a host name and nothing else.
//!
//! Auth is `username` and `password`, the password being one of that user's API keys, or the one that was imported with
//! the user. Kannel's own answers, octet for octet; on success always the same, also when no modem is online, for clients take
//! any other for an error. What of an accepted request is not done as it was written stands in a header.
//!
//! [`Lenient`] goes before the HTTP server: clients of Kannel write request lines that no server takes but Kannel's.

mod admin;
mod charset;
mod dcs;
mod lenient;
mod parameters;
mod reply;
mod request;
mod request_lines;
mod xml;

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Method, Response, Uri};
use axum::response::IntoResponse as _;
use store::Door;

use crate::acts::acceptance::{self, Unaccepted};
use crate::acts::draft::Unsendable;
use crate::app::App;
use crate::authority::{Authority, Unchecked};
use crate::causes::in_full;
pub(crate) use admin::{Admin, page as admin_page};
pub(crate) use lenient::Lenient;
use parameters::Parameters;
use reply::Refusal;

/// When it makes sense to ask again while the database does not answer.
const DATABASE_ANSWERS_AFTER: Duration = Duration::from_secs(5);

/// `GET|POST /cgi-bin/sendsms`.
pub(crate) async fn sendsms(
    State(app): State<App>,
    method: Method,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let sent = match method {
        Method::GET | Method::HEAD | Method::POST => {
            send(&app, query.as_deref(), &headers, &body).await
        }
        _ => Err(Refusal::Method),
    };
    match sent {
        Ok(notices) => reply::accepted(&notices),
        Err(refusal) => {
            tracing::info!(refusal = refusal.without_details(), "a sendsms request was refused");
            refusal.into_response()
        }
    }
}

/// What else Kannel may have there.
pub(crate) async fn unknown(uri: Uri) -> Response<Body> {
    let refusal = match uri.path() {
        "/cgi-bin/sendota" => Refusal::OverTheAir,
        _ => Refusal::UnknownRequest,
    };
    refusal.into_response()
}

async fn send(
    app: &App,
    query: Option<&str>,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Vec<String>, Refusal> {
    let parameters = Parameters::read(query, headers, body)?;
    let authority = authorize(app, &parameters).await?;
    let settings = &app.settings;
    let asked =
        request::read(&parameters, app.clock.now(), settings.languages, &settings.numbering)?;
    acceptance::accept(app, &authority, &asked.draft, None).await.map_err(refusal)?;
    if !asked.notices.is_empty() {
        tracing::info!(
            notices = asked.notices.len(),
            "a sendsms request was read otherwise than it is written"
        );
    }
    Ok(asked.notices)
}

async fn authorize(app: &App, parameters: &Parameters) -> Result<Authority, Refusal> {
    let name = parameters.text(&["username", "user"]).ok_or(Refusal::Unauthorized)?;
    let key = parameters.text(&["password", "pass"]).ok_or(Refusal::Unauthorized)?;
    let authority = Authority::by_name_and_key(app, &name, &key).await.map_err(unchecked)?;
    if let Some(authority) = authority {
        return Ok(authority);
    }
    let said = (Door::Kannel, name.trim(), &*key);
    let authority = Authority::by_door_password(app, said).await.map_err(unchecked)?;
    authority.ok_or(Refusal::Unauthorized)
}

/// The key could not be looked at: when to ask again.
fn unchecked(unchecked: Unchecked) -> Refusal {
    match unchecked {
        Unchecked::Elsewhere => Refusal::Unauthorized,
        Unchecked::TooOften(wait) => Refusal::later(Some(wait + Duration::from_secs(1))),
        Unchecked::TooMuch(refused) => {
            // Whole seconds, and not one too few.
            Refusal::later(refused.wait.map(|wait| wait + Duration::from_secs(1)))
        }
        Unchecked::Store(error) if error.is_temporary() => {
            tracing::warn!(error = %in_full(&error), "the database does not answer");
            Refusal::later(Some(DATABASE_ANSWERS_AFTER))
        }
        Unchecked::Store(error) => {
            tracing::error!(error = %in_full(&error), "a request failed because of an internal error");
            Refusal::later(None)
        }
    }
}

fn refusal(refused: Unaccepted) -> Refusal {
    match refused {
        Unaccepted::Unsendable(unsendable) => match unsendable {
            Unsendable::NoRecipient => Refusal::EmptyReceiver,
            Unsendable::Recipients(_) => Refusal::Denied,
            Unsendable::TooMany { .. } => Refusal::TooMany,
            Unsendable::OutOfBounds(out) if out.field == "dlr.url" => Refusal::Misformed("DLR-URL"),
            Unsendable::TooLong { parts, limit } => Refusal::TooLong { parts, limit },
            Unsendable::OutOfBounds(_)
            | Unsendable::Empty
            | Unsendable::Blank
            | Unsendable::Twice(_)
            | Unsendable::EndsTooSoon
            | Unsendable::Body(_) => Refusal::Unsendable(unsendable.to_string()),
        },
        Unaccepted::TooMuch(refused) => match refused.wait {
            Some(wait) => Refusal::later(Some(wait + Duration::from_secs(1))),
            None => Refusal::TooMany,
        },
        Unaccepted::SimNotYours | Unaccepted::Denied(_) => Refusal::Unauthorized,
        Unaccepted::Disk(_) | Unaccepted::Full(_) => Refusal::Full,
        Unaccepted::KeyReused
        | Unaccepted::Broker(_)
        | Unaccepted::Unclear { .. }
        | Unaccepted::Store(_) => {
            tracing::warn!(error = %in_full(&refused), "a message could not be accepted");
            Refusal::later(None)
        }
    }
}
