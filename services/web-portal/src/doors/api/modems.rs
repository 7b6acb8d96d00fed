//! Modems: their states, and what can be asked of them.

use std::time::Duration;

use api::{Modem, ModemChanges, ModemSettings, Modems};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use contracts::control::{
    AtRequest, Call, FlightRequest, NumberRequest, PinRequest, TraceRequest, UssdRequest,
};
use contracts::modem::ModemState;
use contracts::{ModemId, Timestamp};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use store::ModemChange;

use super::body::{CheckedJson, PathId};
use super::caller::{Caller, key_ended};
use super::problem::{Answer, Code, Problem};
use crate::acts::modem::{self, CallError, Unchanged};
use crate::app::App;
use crate::authority::Authority;
use crate::power::Power;

/// `GET /modems`.
pub(super) async fn list(
    State(app): State<App>,
    Caller(authority): Caller,
) -> Answer<Json<Modems>> {
    let now = app.clock.now();
    let modems = modem::list(&app, &authority).await?.into_iter();
    Ok(Json(Modems { modems: modems.map(|modem| shown(modem, &authority, now)).collect() }))
}

/// `GET /modems/{id}`.
pub(super) async fn one(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<ModemId>,
) -> Answer<Json<Modem>> {
    let modem = modem::find(&app, &authority, id).await?;
    let modem = modem.ok_or_else(no_such_modem)?;
    Ok(Json(shown(modem, &authority, app.clock.now())))
}

fn no_such_modem() -> Problem {
    Problem::not_found("modem of this id")
}

/// `PATCH /modems/{id}`.
pub(super) async fn change(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<ModemId>,
    CheckedJson(changes): CheckedJson<ModemChanges>,
) -> Answer<Json<ModemSettings>> {
    let ModemChanges { name, enabled } = changes;
    if name.is_none() && enabled.is_none() {
        return Err(Problem::malformed("Say what is to be changed: 'name' or 'enabled'."));
    }
    let set = modem::change(&app, &authority, id, &ModemChange { name, enabled }).await?;
    Ok(Json(ModemSettings { id, name: set.name, enabled: set.enabled }))
}

/// `DELETE /modems/{id}`: forgets one that is gone.
pub(super) async fn forget(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<ModemId>,
) -> Answer<StatusCode> {
    modem::forget(&app, &authority, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A modem's state, and whether messages can go out by it. Identities are for administrators.
fn shown(mut state: ModemState, authority: &Authority, now: Timestamp) -> Modem {
    if !authority.may(Power::ModemsOperate) {
        state.imei = None;
        if let Some(sim) = &mut state.sim {
            sim.imsi = None;
            sim.iccid = None;
        }
    }
    Modem { online: state.is_online_at(now), state }
}

/// `POST /modems/{id}/{call}`.
pub(super) async fn call(
    State(app): State<App>,
    Caller(authority): Caller,
    Path((id, call)): Path<(String, String)>,
    CheckedJson(body): CheckedJson<Value>,
) -> Answer<Json<Value>> {
    let id: ModemId = id.parse().map_err(|_| no_such_modem())?;
    let call = call.parse::<Call>().map_err(|_| Problem::not_found("such call of a modem"))?;
    let patience = check(call, &body)?;
    let answer: Value = modem::ask(&app, &authority, id, call, &body, patience).await?;
    // A modem that took an order has nothing to say.
    Ok(Json(if answer.is_null() { json!({}) } else { answer }))
}

/// What is asked must be readable before the modem is troubled; says how long the answer may take.
fn check(call: Call, body: &Value) -> Answer<Duration> {
    match call {
        Call::Info | Call::Lines => Ok(Duration::from_secs(5)),
        Call::Restart | Call::Reset => Ok(Duration::from_secs(15)),
        Call::Flight => read::<FlightRequest>(body).map(|_| Duration::from_secs(15)),
        Call::Number | Call::Smsc => read::<NumberRequest>(body).map(|_| Duration::from_secs(15)),
        Call::Ussd => {
            let request: UssdRequest = read(body)?;
            if request.code.trim().is_empty() {
                return Err(Problem::malformed("The USSD code is empty.").with("field", "code"));
            }
            Ok(Duration::from_secs(50))
        }
        Call::At => {
            let request: AtRequest = read(body)?;
            modem::check_command(&request.command)
                .map_err(|detail| Problem::malformed(detail).with("field", "command"))?;
            Ok(Duration::from_secs(50))
        }
        Call::Pin => {
            let request: PinRequest = read(body)?;
            modem::check_pin(&request.pin).map_err(Problem::malformed)?;
            Ok(Duration::from_secs(20))
        }
        Call::Trace => {
            let request: TraceRequest = read(body)?;
            if !(1..=60).contains(&request.seconds) {
                return Err(Problem::malformed("A trace takes 1 to 60 seconds."));
            }
            Ok(Duration::from_secs(u64::from(request.seconds) + 10))
        }
    }
}

fn read<T: DeserializeOwned>(body: &Value) -> Answer<T> {
    T::deserialize(body).map_err(|error| {
        Problem::malformed(format!("The body is not what this call takes: {error}."))
    })
}

impl From<Unchanged> for Problem {
    fn from(unchanged: Unchanged) -> Self {
        match unchanged {
            Unchanged::Denied(denied) => denied.into(),
            Unchanged::BadName => Self::new(
                Code::InvalidName,
                "A modem's name has at most 32 visible characters and no spaces at either end.",
            ),
            Unchanged::NameTaken => Self::new(Code::NameTaken, "Another modem is called so."),
            Unchanged::Here => Self::new(
                Code::ModemHere,
                "A driver told of this modem less than half a minute ago. Unplug it, wait half a minute, and try \
                 again. If its port stands in the configuration, take it out there, or disable the modem.",
            ),
            Unchanged::NoSuchModem => no_such_modem(),
            Unchanged::Store(error) => error.into(),
            Unchanged::Broker(error) => {
                tracing::warn!(%error, "a modem cannot be forgotten yet");
                Self::unavailable(
                    Code::BrokerUnavailable,
                    "The gateway's message broker cannot be reached.",
                )
            }
        }
    }
}

impl From<CallError> for Problem {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Denied(denied) => denied.into(),
            CallError::NoSuchModem => no_such_modem(),
            CallError::Ended => key_ended(),
            CallError::Store(error) => error.into(),
            CallError::NobodyThere => Self::new(
                Code::ModemAway,
                "No driver answers for this modem: it is unplugged, or its host is off.",
            ),
            CallError::TooSlow => Self::new(Code::ModemSilent, "The modem did not answer in time."),
            CallError::PinRefused(words) => Self::new(Code::PinRefused, words),
            CallError::NotAllowed(words) => Self::malformed(words).with("field", "command"),
            CallError::Refused(words) => Self::new(Code::ModemRefused, words),
            CallError::Broker(source) => {
                tracing::warn!(error = %source, "a modem cannot be asked");
                Self::unavailable(
                    Code::BrokerUnavailable,
                    "The gateway's message broker cannot be reached.",
                )
            }
        }
    }
}
