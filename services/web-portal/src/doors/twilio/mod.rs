//! Twilio's messages: `/2010-04-01/Accounts/{AccountSid}/Messages.json`, so that its SDKs send by another base URL.
//!
//! An API key takes the place of the auth token; the account's id may be any.

mod listing;
mod reply;
mod sending;
mod shown;
mod signature;

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, Method, Uri};
use axum::response::{IntoResponse as _, Response};
use contracts::MessageId;
use uuid::Uuid;

use crate::acts::cancellation::{self, Uncancelled};
use crate::acts::{history, inbox};
use crate::app::App;
use crate::authority::Authority;
use crate::basic;
use crate::causes::in_full;
use crate::doors::refused::Refused;
use crate::form::{self, Body, Form};
use crate::power::Power;
use reply::{Code, Refusal};
use shown::Shown;

/// The most characters of an account's id; Twilio's have 34.
const LONGEST_ACCOUNT: usize = 64;

/// A request, as far as it was read.
struct Asked {
    authority: Authority,
    /// The key, with which status callbacks are signed.
    key: String,
    /// The id of the account, as the client has it.
    account: String,
    form: Form,
}

/// `Messages.json`: sends by POST, lists by GET.
pub(crate) async fn messages(
    State(app): State<App>,
    Path(account): Path<String>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    body: Body,
) -> Response {
    let done = async {
        let asked = read(&app, account, &uri, &headers, query.as_deref(), body).await?;
        match method {
            Method::POST => sending::create(&app, &asked).await,
            Method::GET => listing::list(&app, &asked).await,
            _ => Err(Refusal::method()),
        }
    };
    answered(done.await)
}

/// `Messages/SM….json`: one message by GET; cancelled by POST.
pub(crate) async fn message(
    State(app): State<App>,
    Path((account, file)): Path<(String, String)>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    body: Body,
) -> Response {
    let done = async {
        let asked = read(&app, account, &uri, &headers, query.as_deref(), body).await?;
        let id = sid(&file).ok_or_else(|| Refusal::not_found(&uri))?;
        match method {
            Method::GET => Ok(reply::message(&fetch(&app, &asked, id, &uri).await?)),
            Method::POST => update(&app, &asked, id, &uri).await,
            _ => Err(Refusal::method()),
        }
    };
    answered(done.await)
}

/// `AC….json`: the account, by which clients look whether their token is good.
pub(crate) async fn account(
    State(app): State<App>,
    Path(file): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let done = async {
        let account = file.strip_suffix(".json").unwrap_or_default().to_owned();
        let asked = read(&app, account, &uri, &headers, None, Ok(axum::body::Bytes::new())).await?;
        Ok(reply::account(&asked.account, asked.authority.name()))
    };
    answered(done.await)
}

/// What of Twilio's API is not served.
pub(crate) async fn unknown(uri: Uri) -> Response {
    Refusal::not_found(&uri).into_response()
}

fn answered(done: Result<Response, Refusal>) -> Response {
    done.unwrap_or_else(|refusal| {
        tracing::info!(code = refusal.number(), "a request in Twilio's form was refused");
        refusal.into_response()
    })
}

async fn read(
    app: &App,
    account: String,
    uri: &Uri,
    headers: &HeaderMap,
    query: Option<&str>,
    body: Body,
) -> Result<Asked, Refusal> {
    let fits = (1..=LONGEST_ACCOUNT).contains(&account.len())
        && account.bytes().all(|b| b.is_ascii_alphanumeric());
    if !fits {
        return Err(Refusal::not_found(uri));
    }
    let (_, key) = basic::credentials(headers).ok_or(Refused::Unknown)?;
    let authority = Authority::by_key(app, &key).await.map_err(Refused::from)?;
    let authority = authority.ok_or(Refused::Unknown)?;
    let body = form::whole(body).map_err(Refused::from)?;
    let form = Form::read(query, headers, &body).map_err(Refused::from)?;
    Ok(Asked { authority, key, account, form })
}

/// The message of `SM….json`.
fn sid(file: &str) -> Option<MessageId> {
    let digits = file.strip_prefix("SM")?.strip_suffix(".json")?;
    let fits = digits.len() == 32 && digits.bytes().all(|b| b.is_ascii_hexdigit());
    fits.then(|| Uuid::try_parse(digits).ok()).flatten().map(MessageId::from_uuid)
}

/// One sent, or one received.
async fn fetch(app: &App, asked: &Asked, id: MessageId, uri: &Uri) -> Result<Shown, Refusal> {
    let authority = &asked.authority;
    let numbers = app.fleet.numbers(authority.org).await;
    // What was received has its row before anybody knows its id, and nothing waits for it.
    if authority.may(Power::InboxRead)
        && let Some(received) = inbox::one(app, authority, id).await.map_err(Refused::from)?
    {
        return Ok(Shown::received(&received, &asked.account, &numbers));
    }
    let detail = history::one(app, authority, id).await.map_err(Refused::from)?;
    let detail = detail.ok_or_else(|| Refusal::not_found(uri))?;
    let mut shown = Shown::sent(&detail.message, &asked.account, &numbers);
    shown.sent_at(detail.parts.iter().filter_map(|part| part.sent_at).max());
    Ok(shown)
}

/// `Status=canceled` takes a message back.
async fn update(app: &App, asked: &Asked, id: MessageId, uri: &Uri) -> Result<Response, Refusal> {
    if asked.form.filled("Status") != Some("canceled") {
        let words = "Status: a message can only be canceled here; nothing else of it is changed.";
        return Err(Refusal::new(Code::Invalid, words));
    }
    // The answer shows the message, and must not be refused after it was cancelled.
    asked.authority.must(Power::MessagesRead).map_err(Refused::from)?;
    let cancelled = cancellation::cancel(app, &asked.authority, id).await;
    if let Err(untold @ Uncancelled::Untold(_)) = &cancelled {
        tracing::warn!(error = %in_full(untold), "a message is cancelled, and that is not told yet");
    }
    match cancelled {
        Ok(_) | Err(Uncancelled::Untold(_)) => {
            let mut shown = fetch(app, asked, id, uri).await?;
            // Its row says so a moment later.
            shown.status = "canceled";
            Ok(reply::message(&shown))
        }
        Err(Uncancelled::NoSuchMessage) => Err(Refusal::not_found(uri)),
        Err(refused @ Uncancelled::TooLate(_)) => {
            Err(Refusal::new(Code::TooLate, refused.to_string()))
        }
        Err(Uncancelled::Denied(denied)) => Err(Refused::from(denied).into()),
        Err(Uncancelled::Store(error)) => Err(Refused::later(&error).into()),
        Err(other @ (Uncancelled::Behind | Uncancelled::Broker(_) | Uncancelled::Unclear(_))) => {
            tracing::warn!(error = %other, "a message may not be cancelled");
            Err(Refused::Unclear(other.to_string()).into())
        }
    }
}
