//! Modems: what is set for one, forgetting one, and asking one by its control service.
//!
//! A modem is asked by request and reply on the broker, subject `modem.<id>.<call>`.

use std::time::Duration;

use async_nats::client::RequestErrorKind;
use bus::{Bucket, Bus, KvError};
use contracts::config_kv::Modem;
use contracts::control::{COMMAND_NOT_ALLOWED, Call, PIN_REFUSED};
use contracts::modem::{ModemEvent, ModemState, STATE_IS_STALE_AFTER};
use contracts::{ModemId, PhoneNumber, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use store::{AuditAction, ModemChange, ModemError, StoreError};

use super::masked;
use super::name::is_typable;
use super::not_read::NotRead;
use crate::access::Access;
use crate::app::App;
use crate::authority::{Authority, Denied};
use crate::power::Power;

/// The modems of the organisation by name.
pub(crate) async fn list(app: &App, authority: &Authority) -> Result<Vec<ModemState>, Denied> {
    authority.must(Power::ModemsRead)?;
    Ok(app.fleet.of(authority.org).await)
}

/// One of them.
pub(crate) async fn find(
    app: &App,
    authority: &Authority,
    id: ModemId,
) -> Result<Option<ModemState>, Denied> {
    authority.must(Power::ModemsRead)?;
    Ok(app.fleet.modem_of(authority.org, id).await)
}

/// What happened to them from `since` on and before `until`, newest first.
pub(crate) async fn events(
    app: &App,
    authority: &Authority,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    limit: u32,
) -> Result<Vec<ModemEvent>, NotRead> {
    authority.must(Power::ModemsRead)?;
    Ok(app.store.modem_events(authority.reach, since, until, limit).await?)
}

/// Why a modem's settings were not changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unchanged {
    /// Not with this authority.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The name is too long, or has characters nobody can type.
    #[error("a modem's name has 1 to 32 visible characters, and no spaces at either end")]
    BadName,
    /// Another modem has that name.
    #[error("another modem has that name")]
    NameTaken,
    /// A driver looks after the modem now.
    #[error("a driver told of the modem less than half a minute ago")]
    Here,
    /// There is none, or it is another organisation's.
    #[error("there is no such modem")]
    NoSuchModem,
    /// The database.
    #[error(transparent)]
    Store(StoreError),
    /// The broker.
    #[error(transparent)]
    Broker(#[from] KvError),
}

impl From<ModemError> for Unchanged {
    fn from(error: ModemError) -> Self {
        match error {
            ModemError::Elsewhere => Self::NoSuchModem,
            ModemError::NameTaken(_) => Self::NameTaken,
            ModemError::Store(error) => Self::Store(error),
        }
    }
}

/// The most characters of a modem's name.
pub(crate) const LONGEST_NAME: usize = 32;

/// Sets a modem's name, or whether it is used.
pub(crate) async fn change(
    app: &App,
    authority: &Authority,
    id: ModemId,
    change: &ModemChange,
) -> Result<Modem, Unchanged> {
    authority.must(Power::ModemsOperate)?;
    let modem = app.fleet.modem_of(authority.org, id).await.ok_or(Unchanged::NoSuchModem)?;
    if let Some(name) = &change.name {
        if !is_typable(name) || name.chars().count() > LONGEST_NAME {
            return Err(Unchanged::BadName);
        }
        let others =
            app.fleet.of(authority.org).await.into_iter().filter(|other| other.id != modem.id);
        if !name.is_empty() && others.map(|other| other.name).any(|other| other == *name) {
            return Err(Unchanged::NameTaken);
        }
    }
    let entry = authority.entry(app, AuditAction::ModemChanged).about(&modem.id, &modem.name);
    let store = app.store.audited(entry);
    let set = store.change_modem(authority.reach, modem.id, change, app.clock.now()).await?;
    tracing::info!(modem = %modem.id, by = authority.name(), "a modem's settings were changed");
    Ok(set)
}

/// Forgets a modem that is gone, and what was set for it. One that comes back is a new one.
pub(crate) async fn forget(app: &App, authority: &Authority, id: ModemId) -> Result<(), Unchanged> {
    authority.must(Power::ModemsOperate)?;
    let modem = app.fleet.modem_of(authority.org, id).await.ok_or(Unchanged::NoSuchModem)?;
    let modems = app.bus.kv::<ModemState>(Bucket::Modems).await?;
    let key = modem.id.to_string();
    let now = app.clock.now();
    // The driver may have written it again since it was looked at.
    if let Some(entry) = modems.get(&key).await? {
        // In both directions: when the clock was set back, its writer is not waited for until that time comes again.
        if now.distance(entry.value.seen_at) < STATE_IS_STALE_AFTER {
            return Err(Unchanged::Here);
        }
        match modems.delete_at(&key, entry.revision).await {
            Err(error) if error.is_conflict() => return Err(Unchanged::Here),
            deleted => deleted?,
        }
    }
    let entry = authority.entry(app, AuditAction::ModemForgotten).about(&modem.id, &modem.name);
    let store = app.store.audited(entry);
    store.change_modem(authority.reach, modem.id, &ModemChange::forget(), now).await?;
    tracing::info!(modem = %modem.id, by = authority.name(), "a modem was forgotten");
    Ok(())
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    /// Not with this authority.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// There is none, or it is another organisation's.
    #[error("there is no such modem")]
    NoSuchModem,
    /// The session or key by which somebody asked is no longer good.
    #[error("whoever asked may not ask any more")]
    Ended,
    /// No driver serves this modem.
    #[error("no driver answers for this modem")]
    NobodyThere,
    /// It took too long.
    #[error("the modem did not answer in time")]
    TooSlow,
    /// The driver or the modem says no, in words.
    #[error("{0}")]
    Refused(String),
    /// The SIM refused its PIN, or the PIN may not be tried, in the driver's words.
    #[error("{0}")]
    PinRefused(String),
    /// The AT command is none that may be given by hand, in the driver's words.
    #[error("{0}")]
    NotAllowed(String),
    /// The broker.
    #[error("the broker cannot be reached")]
    Broker(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The database, where it is to stand who asked.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The most characters of a USSD code: what 160 octets hold (3GPP TS 23.038, 6.1.2.3).
pub(crate) const LONGEST_USSD: usize = 182;

/// The most characters of an AT command.
pub(crate) const LONGEST_COMMAND: usize = 512;

/// Header of an error of a NATS micro service.
const SERVICE_ERROR: &str = "Nats-Service-Error";
/// Header of the code of such an error.
const SERVICE_ERROR_CODE: &str = "Nats-Service-Error-Code";

/// Asks a modem, and waits for the answer as long as the authority is good.
pub(crate) async fn ask<T: DeserializeOwned>(
    app: &App,
    authority: &Authority,
    modem: ModemId,
    asked: Call,
    body: &(impl Serialize + Sync),
    patience: Duration,
) -> Result<T, CallError> {
    authority.must(Power::ModemsOperate)?;
    let state = app.fleet.modem_of(authority.org, modem).await.ok_or(CallError::NoSuchModem)?;
    if let Some(action) = action_of(asked) {
        let body = serde_json::to_value(body).unwrap_or_default();
        let entry = authority.entry(app, action).about(&modem, &state.name);
        app.store.append_audit(entry.with(&said(asked, &body))).await?;
    }
    tracing::info!(modem = %modem, call = asked.as_str(), by = authority.name(), "a modem is asked");
    let answer = call(&app.bus, modem, asked, body, patience);
    Access::of(authority).while_good(app, answer).await.unwrap_or(Err(CallError::Ended))
}

/// As what a call stands in the audit log; none: it only looks, and at nothing that is private.
const fn action_of(asked: Call) -> Option<AuditAction> {
    Some(match asked {
        Call::Info | Call::Lines => return None,
        Call::Ussd => AuditAction::ModemUssd,
        Call::At => AuditAction::ModemAt,
        Call::Restart => AuditAction::ModemRestarted,
        Call::Reset => AuditAction::ModemReset,
        Call::Flight => AuditAction::ModemFlight,
        Call::Number => AuditAction::ModemNumber,
        Call::Smsc => AuditAction::ModemSmsc,
        Call::Pin => AuditAction::ModemPin,
        Call::Trace => AuditAction::ModemTraced,
    })
}

/// What of a call stands in the audit log: no PIN, and no whole number.
fn said(asked: Call, body: &Value) -> Value {
    let text = |field: &str| body[field].as_str().unwrap_or_default();
    match asked {
        Call::Ussd => json!({ "code": masked::code(text("code")) }),
        Call::At => json!({ "command": masked::command(text("command")) }),
        Call::Flight => json!({ "on": body["on"] }),
        Call::Number | Call::Smsc => {
            let number = PhoneNumber::parse(text("number")).ok();
            json!({ "number": number.as_ref().map(masked::number) })
        }
        Call::Trace => json!({ "seconds": body["seconds"] }),
        Call::Info | Call::Lines | Call::Restart | Call::Reset | Call::Pin => json!({}),
    }
}

async fn call<T: DeserializeOwned>(
    bus: &Bus,
    modem: ModemId,
    call: Call,
    body: &(impl Serialize + Sync),
    patience: Duration,
) -> Result<T, CallError> {
    let payload = serde_json::to_vec(body).map_err(|error| CallError::Broker(Box::new(error)))?;
    let request = async_nats::Request::new().payload(payload.into()).timeout(Some(patience));
    let reply = bus.client().send_request(call.subject(modem), request).await;
    let reply = reply.map_err(|error| match error.kind() {
        RequestErrorKind::NoResponders => CallError::NobodyThere,
        RequestErrorKind::TimedOut => CallError::TooSlow,
        _ => CallError::Broker(Box::new(error)),
    })?;
    if let Some(words) = reply.headers.as_ref().and_then(|headers| headers.get(SERVICE_ERROR)) {
        let code = reply.headers.as_ref().and_then(|headers| headers.get(SERVICE_ERROR_CODE));
        let words = words.to_string();
        return Err(match code.and_then(|code| code.as_str().parse().ok()) {
            Some(PIN_REFUSED) => CallError::PinRefused(words),
            Some(COMMAND_NOT_ALLOWED) => CallError::NotAllowed(words),
            _ => CallError::Refused(words),
        });
    }
    let payload: &[u8] = if reply.payload.is_empty() { b"null" } else { &reply.payload };
    serde_json::from_slice(payload).map_err(|error| CallError::Broker(Box::new(error)))
}

/// Refuses what no SIM takes.
pub(crate) fn check_pin(pin: &str) -> Result<(), &'static str> {
    let fits = (4..=8).contains(&pin.len()) && pin.bytes().all(|b| b.is_ascii_digit());
    if fits { Ok(()) } else { Err("A PIN has 4 to 8 digits.") }
}

/// Refuses what is no command, or more than one line.
pub(crate) fn check_command(command: &str) -> Result<(), &'static str> {
    if command.trim().is_empty() {
        return Err("The AT command is empty.");
    }
    if command.chars().any(char::is_control) {
        return Err("An AT command is one line.");
    }
    Ok(())
}
