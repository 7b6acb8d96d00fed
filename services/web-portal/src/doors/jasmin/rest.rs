//! Jasmin's REST API: JSON below `/secure`, by `Authorization: Basic`.

use std::collections::HashMap;
use std::time::Duration;

use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use contracts::mt::{DlrCallback, DlrForm, JasminBatch, JasminForm};
use contracts::{Timestamp, bounds};
use serde_json::{Value, json};

use super::reply::{self, Refusal};
use super::{request, simple};
use crate::acts::acceptance;
use crate::acts::draft::{Draft, Unsendable};
use crate::app::App;
use crate::authority::Authority;
use crate::basic;
use crate::doors::refused::Refused;
use crate::form::{self, Body, Form, Object, Unreadable};

/// Kannel's values for a message that the network took, and for one that was not sent.
const SENT_OR_NOT: u8 = 8 | 2 | 16;
/// What the messages of a batch may have of their own.
const OWN: [&str; 3] = ["to", "content", "from"];

async fn authorize(app: &App, headers: &HeaderMap) -> Result<Authority, Refusal> {
    let (name, key) = basic::credentials(headers).unwrap_or_default();
    request::authorize(app, &name, &key).await
}

/// `GET /secure/ping`.
pub(crate) async fn secure_ping() -> Response {
    reply::data(&json!("Jasmin/PONG"))
}

/// `GET /secure/balance`.
pub(crate) async fn secure_balance(State(app): State<App>, headers: HeaderMap) -> Response {
    let done = async {
        let authority = authorize(&app, &headers).await?;
        simple::credit(&app, &authority).await
    };
    match done.await {
        Ok(credit) => reply::data(&credit),
        Err(refusal) => refusal.json(),
    }
}

/// `GET /secure/rate`.
pub(crate) async fn secure_rate(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let done = async {
        let authority = authorize(&app, &headers).await?;
        let form = Form::read_with(query.as_deref(), &headers, b"", Some("content"))?;
        simple::rated(&app, &authority, &form).await
    };
    match done.await {
        Ok(rate) => reply::data(&rate),
        Err(refusal) => refusal.json(),
    }
}

/// `POST /secure/send`.
pub(crate) async fn secure_send(
    State(app): State<App>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let done = async {
        let authority = authorize(&app, &headers).await?;
        let form = as_form(Object::read(&form::whole(body)?)?)?;
        request::check_names(&form)?;
        let to = form.filled("to").ok_or_else(|| Refusal::missing("to"))?.to_owned();
        let draft = request::draft(&app, &form, vec![to])?;
        draft.is_meant()?;
        let accepted = acceptance::accept(&app, &authority, &draft, None).await;
        let accepted = accepted.map_err(Refused::from)?;
        let message = accepted.messages.first().ok_or(Unsendable::NoRecipient)?;
        Ok(reply::success(message.id))
    };
    done.await.map_or_else(|refusal: Refusal| refusal.json(), |said| reply::data(&json!(said)))
}

/// The fields of JSON as those of a form. `-` is written `_` in them, and texts are text: their octets are UTF-8.
fn as_form(object: Object) -> Result<Form, Unreadable> {
    object.into_form_with(|name| name.replace('_', "-"), "content")
}

/// `POST /secure/sendbatch`: all of its messages are accepted, or none.
pub(crate) async fn secure_sendbatch(
    State(app): State<App>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let done = async {
        let authority = authorize(&app, &headers).await?;
        let draft = batch(&app, &Object::read(&form::whole(body)?)?)?;
        draft.is_meant()?;
        let accepted = acceptance::accept(&app, &authority, &draft, None).await;
        let accepted = accepted.map_err(Refused::from)?;
        let id = accepted.batch.map(|batch| batch.uuid().to_string()).unwrap_or_default();
        Ok(json!({ "batchId": id, "messageCount": accepted.messages.len() }))
    };
    done.await.map_or_else(|refusal: Refusal| refusal.json(), |data| reply::data(&data))
}

fn batch(app: &App, object: &Object) -> Result<Draft, Refusal> {
    let config = object.object("batch_config")?.unwrap_or_default();
    let globals = object.object("globals")?.unwrap_or_default();
    let common = globals.text("content")?;
    let (mut to, mut own) = (Vec::new(), HashMap::new());
    let Some(Value::Array(messages)) = object.get("messages") else {
        return Err(Refusal::missing("messages"));
    };
    for message in messages {
        let message = Object::of(message, "messages")?;
        if let Some(other) = message.names().find(|name| !OWN.contains(name)) {
            let other: String = other.chars().take(32).collect();
            let words =
                format!("Argument [{other}] is one of a message here: it belongs into globals.");
            return Err(Refusal::bad(words));
        }
        let text = message.text("content")?;
        if text.is_none() && common.is_none() {
            return Err(Refusal::bad("content or hex-content not present."));
        }
        let recipients = message.texts("to")?;
        if recipients.is_empty() {
            return Err(Refusal::missing("to"));
        }
        for recipient in recipients {
            if let Some(text) = &text {
                own.insert(to.len(), text.clone());
            }
            to.push(recipient);
        }
    }
    let mut form = globals;
    // The texts of all recipients take its place; it says only how they are encoded.
    form.set("content", common.unwrap_or_else(|| own.get(&0).cloned().unwrap_or_default()));
    let form = as_form(form)?;
    request::check_names(&form)?;
    let mut draft = request::draft(app, &form, to)?;
    if !own.is_empty() && matches!(draft.body, contracts::mt::Body::Data { .. }) {
        return Err(Refusal::bad(
            "Argument [coding] has an invalid value: texts are sent in a batch.",
        ));
    }
    if let Some(at) = config.text("schedule_at")? {
        draft.not_before = Some(
            scheduled(&at, app.clock.now()).ok_or_else(|| Refusal::invalid("schedule_at", &at))?,
        );
    }
    call_for_each(&mut draft, called(&config)?);
    (draft.own, draft.is_batch) = (own, true);
    Ok(draft)
}

/// What is to be called for each message of a batch.
fn called(config: &Object) -> Result<JasminBatch, Refusal> {
    let url = |name: &str| match config.text(name)?.filter(|url| !url.is_empty()) {
        None => Ok(None),
        Some(url) => {
            let is_web = url.starts_with("http://") || url.starts_with("https://");
            if is_web && url.len() <= bounds::URL {
                Ok(Some(url))
            } else {
                Err(Refusal::invalid(name, &url))
            }
        }
    };
    Ok(JasminBatch { callback: url("callback_url")?, errback: url("errback_url")? })
}

/// Has URLs called for each message, beside what its receipts tell.
fn call_for_each(draft: &mut Draft, called: JasminBatch) {
    let Some(url) = called.callback.as_ref().or(called.errback.as_ref()).cloned() else { return };
    match &mut draft.dlr {
        Some(dlr) => dlr.mask |= SENT_OR_NOT,
        None => draft.dlr = Some(DlrCallback { url, mask: SENT_OR_NOT }),
    }
    let batch = Some(called);
    match &mut draft.dlr_form {
        Some(DlrForm::Jasmin(form)) => form.batch = batch,
        _ => draft.dlr_form = Some(DlrForm::Jasmin(JasminForm { level: 0, post: false, batch })),
    }
}

/// `2017-11-15 09:00:00` in UTC, or `86400s` from now on.
fn scheduled(at: &str, now: Timestamp) -> Option<Timestamp> {
    if let Some(seconds) = at.strip_suffix('s') {
        return Some(now.plus(Duration::from_secs(u64::from(seconds.parse::<u32>().ok()?))));
    }
    let at = jiff::civil::DateTime::strptime("%Y-%m-%d %H:%M:%S", at).ok()?;
    let at = jiff::tz::Offset::UTC.to_timestamp(at).ok()?;
    Some(Timestamp::from_micros(at.as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_may_wait() {
        let now: Timestamp = "2026-11-30T12:00:00Z".parse().unwrap();
        let at = |text: &str| scheduled(text, now).map(|at| at.to_jiff().to_string());
        assert_eq!(at("86400s").as_deref(), Some("2026-12-01T12:00:00Z"));
        assert_eq!(at("2027-11-15 09:00:00").as_deref(), Some("2027-11-15T09:00:00Z"));
        for wrong in ["", "s", "-1s", "99999999999s", "2027-11-15", "soon"] {
            assert_eq!(at(wrong), None, "{wrong}");
        }
    }
}
