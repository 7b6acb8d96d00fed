//! The modems, and what can be done about them.

use std::time::Duration;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse as _, Response};
use contracts::ModemId;
use contracts::control::{Call, PinRequest, UssdReply, UssdRequest};
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

/// `POST /modems/{id}/{pin,ussd,restart}`: the page with the modem's answer.
pub(super) async fn call(
    State(app): State<App>,
    Path((id, call)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Failure> {
    let user = form.visit.admin()?;
    let w = form.visit.words;
    let id: ModemId = id.parse().map_err(|_| Failure::NotFound)?;
    tracing::info!(modem = %id, call, by = %user.name, "a modem is asked");
    let answered = match call.as_str() {
        "restart" => {
            let body = json!({});
            let patience = Duration::from_secs(15);
            control::call::<Value>(&app.bus, id, Call::Restart, &body, patience)
                .await
                .map(|_| w.modem_did_restart())
        }
        "pin" => {
            let body = PinRequest { pin: form.field("pin").trim().to_owned() };
            if control::check_pin(&body.pin).is_ok() {
                let patience = Duration::from_secs(20);
                control::call::<Value>(&app.bus, id, Call::Pin, &body, patience)
                    .await
                    .map(|_| w.modem_did_pin())
            } else {
                Err(CallError::Refused(w.modem_pin_hint()))
            }
        }
        "ussd" => {
            let body = UssdRequest { code: form.field("code").trim().to_owned() };
            let patience = Duration::from_secs(50);
            control::call::<UssdReply>(&app.bus, id, Call::Ussd, &body, patience)
                .await
                .map(|reply| w.modem_did_ussd(reply.text))
        }
        _ => return Err(Failure::NotFound),
    };
    let words = answered.unwrap_or_else(|error| w.modem_call_failed(error.to_string()));
    Ok(page(&app, &form.visit, Some(words)).await?.into_response())
}
