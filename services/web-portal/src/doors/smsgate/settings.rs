//! What is set and what happened to modems, in SMSGate's forms. What is set stands in `merpati.toml` and is read here alone.

use std::time::Duration;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use contracts::Timestamp;
use contracts::modem::{ModemEvent, ModemEventKind};
use platform::config::Rate;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::authorize;
use super::listing::time;
use super::reply::{self, Refusal};
use crate::acts::modem;
use crate::app::{App, Settings};
use crate::doors::refused::Refused;
use crate::form::{self, Body, Form, Object};
use crate::power::Power;

/// Entries of a log.
const ENTRIES: u32 = 500;
/// The bits of an id that every reader of JSON keeps.
const ID_BITS: u128 = (1 << 53) - 1;
const DAY: u64 = 24 * 60 * 60;

/// What of the configuration has a counterpart.
fn shown(settings: &Settings) -> Value {
    let mut messages = Map::new();
    messages.insert("processing_order".to_owned(), json!("FIFO"));
    limit(&mut messages, settings.of_account);
    if let Some(days) = days(settings.retention.messages.duration()) {
        messages.insert("log_lifetime_days".to_owned(), json!(days));
    }
    let mut logs = Map::new();
    if let Some(days) = days(settings.retention.timeline.duration()) {
        logs.insert("lifetime_days".to_owned(), json!(days));
    }
    json!({
        "messages": messages,
        "logs": logs,
        "webhooks": { "internet_required": false, "retry_count": settings.tries },
    })
}

/// As SMSGate has it: for a minute, an hour or a day. Nothing of one for another time.
fn limit(messages: &mut Map<String, Value>, rate: Option<Rate>) {
    let period = match rate.map(|rate| rate.period.as_secs()) {
        None => "Disabled",
        Some(60) => "PerMinute",
        Some(3_600) => "PerHour",
        Some(DAY) => "PerDay",
        Some(_) => return,
    };
    messages.insert("limit_period".to_owned(), json!(period));
    if let Some(rate) = rate {
        messages.insert("limit_value".to_owned(), json!(rate.count));
    }
}

/// Whole days; none: for ever.
fn days(kept: Duration) -> Option<u64> {
    (!kept.is_zero()).then(|| kept.as_secs().div_ceil(DAY))
}

/// `GET /settings`, and `PUT` and `PATCH` of what is set already.
pub(crate) async fn settings(
    State(app): State<App>,
    method: Method,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let done = async {
        let authority = authorize(&app, &headers).await?;
        authority.must(Power::ModemsRead).map_err(Refused::from)?;
        let now = shown(&app.settings);
        match method {
            Method::GET => {}
            Method::PUT | Method::PATCH => {
                let wanted = Object::read(&form::whole(body)?)?;
                for section in wanted.names() {
                    let given = wanted.object(section)?;
                    for name in given.iter().flat_map(Object::names) {
                        let value = given.as_ref().and_then(|given| given.get(name));
                        if value.is_some_and(|value| now[section].get(name) != Some(value)) {
                            return Err(Refusal::unset(section, name));
                        }
                    }
                }
            }
            _ => return Err(Refusal::method()),
        }
        Ok(reply::json(StatusCode::OK, &now))
    };
    reply::answered(done.await)
}

/// A line of the log.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    id: u64,
    created_at: Timestamp,
    module: &'static str,
    priority: &'static str,
    message: String,
    context: Value,
}

impl From<ModemEvent> for Entry {
    fn from(event: ModemEvent) -> Self {
        let priority = match event.kind {
            ModemEventKind::Online => "INFO",
            ModemEventKind::Blocked => "ERROR",
            _ => "WARN",
        };
        // 53 bits fit.
        let id = u64::try_from(event.id.uuid().as_u128() & ID_BITS).unwrap_or_default();
        Self {
            id,
            created_at: event.at,
            module: "modems",
            priority,
            message: event.text,
            context: json!({ "deviceId": event.modem, "event": event.kind }),
        }
    }
}

/// `GET /logs`: what happened to modems, newest first.
pub(crate) async fn logs(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let done = async {
        let authority = authorize(&app, &headers).await?;
        let form = Form::read(query.as_deref(), &HeaderMap::new(), b"")?;
        let (since, until) = (time(&form, "from")?, time(&form, "to")?);
        let events = modem::events(&app, &authority, since, until, ENTRIES).await;
        let events = events.map_err(Refused::from)?.into_iter();
        Ok(reply::json(StatusCode::OK, &events.map(Entry::from).collect::<Vec<_>>()))
    };
    reply::answered(done.await)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_a_counterpart_is_shown() {
        let mut messages = Map::new();
        limit(&mut messages, Some("500/1h".parse().unwrap()));
        assert_eq!(json!(messages), json!({ "limit_period": "PerHour", "limit_value": 500 }));
        let mut messages = Map::new();
        limit(&mut messages, Some("500/2h".parse().unwrap()));
        assert_eq!(messages.len(), 0);
        limit(&mut messages, None);
        assert_eq!(json!(messages), json!({ "limit_period": "Disabled" }));
        assert_eq!(days(Duration::from_secs(DAY + 1)), Some(2));
        assert_eq!(days(Duration::ZERO), None);
    }
}
