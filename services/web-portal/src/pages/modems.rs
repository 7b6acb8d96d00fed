//! The modems, and what can be done about them.

use std::time::Duration;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse as _, Response};
use contracts::control::{Call, FlightRequest, NumberRequest, PinRequest, UssdReply, UssdRequest};
use contracts::{ModemId, PhoneNumber};
use serde_json::{Value, json};
use store::Role;

use super::failure::Failure;
use super::form::Form;
use super::frame::{Frame, html};
use super::parts::{ModemCard, Online};
use super::visit::Visit;
use crate::app::App;
use crate::control::{self, CallError};
use crate::hostile::Hostile;
use crate::words::Words;

/// How long a driver may take to say that it heard.
const TOLD: Duration = Duration::from_secs(15);
/// How long a network may take to answer a code.
const DIALLED: Duration = Duration::from_secs(50);

#[derive(Template)]
#[template(path = "modems.html")]
struct ModemsPage {
    w: Words,
    frame: Frame,
    online: Online,
    cards: Vec<ModemCard>,
    answer: Option<Hostile>,
}

/// `GET /modems`.
pub(super) async fn show(State(app): State<App>, visit: Visit) -> Result<Html<String>, Failure> {
    page(&app, &visit, None).await
}

async fn page(app: &App, visit: &Visit, answer: Option<String>) -> Result<Html<String>, Failure> {
    let is_admin = visit.user()?.role == Role::Admin;
    let w = visit.words;
    let frame = Frame { path: "/modems".to_owned(), ..Frame::of(app, visit) };
    let modems = app.fleet.all().await;
    let csrf = is_admin.then_some(visit.csrf.as_str());
    html(&ModemsPage {
        w,
        frame,
        online: Online::of(w, &modems),
        cards: modems.iter().map(|modem| ModemCard::of(w, modem, csrf)).collect(),
        answer: answer.map(Hostile),
    })
}

/// `POST /modems/{id}/{restart,reset,flight,pin,number,smsc,ussd}`: the page with the modem's answer.
pub(super) async fn call(
    State(app): State<App>,
    Path((id, call)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Failure> {
    let user = form.visit.admin()?;
    let w = form.visit.words;
    let id: ModemId = id.parse().map_err(|_| Failure::NotFound)?;
    tracing::info!(modem = %id, call, by = %user.name, "a modem is asked");
    let asked = match call.as_str() {
        "restart" => Ok((Call::Restart, json!({}), w.modem_did_restart())),
        "reset" => Ok((Call::Reset, json!({}), w.modem_did_reset())),
        "flight" => {
            let on = form.field("on") == "on";
            let words = if on { w.modem_did_flight_on() } else { w.modem_did_flight_off() };
            Ok((Call::Flight, json!(FlightRequest { on }), words))
        }
        "pin" => {
            let pin = form.field("pin").trim().to_owned();
            match control::check_pin(&pin) {
                Ok(()) => Ok((Call::Pin, json!(PinRequest { pin }), w.modem_did_pin())),
                Err(_) => Err(CallError::Refused(w.modem_pin_hint())),
            }
        }
        "number" => said_number(w, &form).map(|body| (Call::Number, body, w.modem_did_number())),
        "smsc" => said_number(w, &form).map(|body| (Call::Smsc, body, w.modem_did_number())),
        "ussd" => {
            let body = UssdRequest { code: form.field("code").trim().to_owned() };
            Ok((Call::Ussd, json!(body), String::new()))
        }
        _ => return Err(Failure::NotFound),
    };
    let answered = match asked {
        Ok((Call::Ussd, body, _)) => {
            let reply = control::call::<UssdReply>(&app.bus, id, Call::Ussd, &body, DIALLED);
            reply.await.map(|reply| w.modem_did_ussd(reply.text))
        }
        Ok((call, body, words)) => {
            control::call::<Value>(&app.bus, id, call, &body, TOLD).await.map(|_| words)
        }
        Err(error) => Err(error),
    };
    let words = answered.unwrap_or_else(|error| w.modem_call_failed(error.to_string()));
    Ok(page(&app, &form.visit, Some(words)).await?.into_response())
}

/// A number of the SIM; an empty field takes back what was said.
fn said_number(w: Words, form: &Form) -> Result<Value, CallError> {
    let number = match form.field("number").trim() {
        "" => None,
        text => {
            let number = PhoneNumber::parse(text);
            Some(number.map_err(|_| CallError::Refused(w.modem_number_wrong()))?)
        }
    };
    Ok(json!(NumberRequest { number }))
}
