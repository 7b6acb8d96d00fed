//! Modems: their states, and what can be asked of them.

use std::time::Duration;

use axum::Json as Answered;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use contracts::ModemId;
use contracts::control::{
    AtRequest, Call, FlightRequest, NumberRequest, PinRequest, TraceRequest, UssdRequest,
};
use contracts::modem::ModemState;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::body::{Id, Json};
use crate::app::App;
use crate::caller::Caller;
use crate::control::{self, CallError};
use crate::problem::{Answer, Problem};

/// `GET /modems`.
pub(super) async fn list(State(app): State<App>, caller: Caller) -> Answer<Answered<Value>> {
    let modems: Vec<Value> =
        app.fleet.all().await.into_iter().map(|modem| shown(&modem, &caller)).collect();
    Ok(Answered(json!({ "modems": modems })))
}

/// `GET /modems/{id}`.
pub(super) async fn one(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<ModemId>,
) -> Answer<Answered<Value>> {
    let modem = app.fleet.modem(id).await.ok_or_else(|| Problem::not_found("modem of this id"))?;
    Ok(Answered(shown(&modem, &caller)))
}

/// A modem's state, and whether messages can go out by it. Identities are for administrators.
fn shown(modem: &ModemState, caller: &Caller) -> Value {
    let mut value = json!(modem);
    value["online"] = json!(modem.is_online_at(contracts::Timestamp::now()));
    if !caller.admin {
        if let Some(object) = value.as_object_mut() {
            object.remove("imei");
        }
        if let Some(sim) = value.get_mut("sim").and_then(Value::as_object_mut) {
            sim.remove("imsi");
            sim.remove("iccid");
        }
    }
    value
}

/// `POST /modems/{id}/{call}`.
pub(super) async fn call(
    State(app): State<App>,
    caller: Caller,
    Path((id, call)): Path<(String, String)>,
    Json(body): Json<Value>,
) -> Answer<Answered<Value>> {
    caller.must_be_admin()?;
    let id: ModemId = id.parse().map_err(|_| Problem::not_found("modem of this id"))?;
    let call = Call::ALL.into_iter().find(|known| known.as_str() == call);
    let call = call.ok_or_else(|| Problem::not_found("such call of a modem"))?;
    let patience = check(call, &body)?;
    let who = caller.user.as_ref().map_or("local", |user| user.name.as_str());
    tracing::info!(modem = %id, call = call.as_str(), by = who, "a modem is asked");
    let answer: Value = control::call(&app.bus, id, call, &body, patience).await?;
    Ok(Answered(answer))
}

/// What is asked must be readable before the modem is troubled; says how long the answer may take.
fn check(call: Call, body: &Value) -> Answer<Duration> {
    match call {
        Call::Info => Ok(Duration::from_secs(5)),
        Call::Restart | Call::Reset => Ok(Duration::from_secs(15)),
        Call::Flight => read::<FlightRequest>(body).map(|_| Duration::from_secs(15)),
        Call::Number | Call::Smsc => read::<NumberRequest>(body).map(|_| Duration::from_secs(15)),
        Call::Ussd => {
            let request: UssdRequest = read(body)?;
            if request.code.trim().is_empty() {
                return Err(Problem::malformed("The USSD code is empty."));
            }
            Ok(Duration::from_secs(50))
        }
        Call::At => {
            let request: AtRequest = read(body)?;
            if request.command.chars().any(char::is_control) {
                return Err(Problem::malformed("An AT command is one line."));
            }
            Ok(Duration::from_secs(50))
        }
        Call::Pin => {
            let request: PinRequest = read(body)?;
            control::check_pin(&request.pin).map_err(Problem::malformed)?;
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

impl From<CallError> for Problem {
    fn from(error: CallError) -> Self {
        match error {
            CallError::NobodyThere => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "modem-away",
                "The modem cannot be asked",
                "No driver answers for this modem: it is unplugged, or its host is off.",
            ),
            CallError::TooSlow => Self::new(
                StatusCode::GATEWAY_TIMEOUT,
                "modem-silent",
                "The modem did not answer",
                "The modem did not answer in time.",
            ),
            CallError::PinRefused(words) => {
                Self::new(StatusCode::CONFLICT, "pin-refused", "The SIM refused its PIN", words)
            }
            CallError::Refused(words) => {
                Self::new(StatusCode::BAD_GATEWAY, "modem-refused", "The modem refused", words)
            }
            CallError::Broker(source) => {
                tracing::warn!(error = %source, "a modem cannot be asked");
                Self::unavailable(
                    "broker-unavailable",
                    "The gateway's message broker cannot be reached.",
                )
            }
        }
    }
}
