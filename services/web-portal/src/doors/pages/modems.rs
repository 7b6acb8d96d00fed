//! The modems, and what can be done about them.

use std::time::Duration;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Html, Response};
use contracts::config_kv::Gateway;
use contracts::control::{
    Call, FlightRequest, NumberRequest, PinReply, PinRequest, UssdReply, UssdRequest,
};
use contracts::{ModemId, PhoneNumber};
use serde_json::{Value, json};
use store::ModemChange;

use super::failure::Failure;
use super::form::Form;
use super::frame::{Frame, html};
use super::notice::Notice;
use super::parts::{ModemCard, Online};
use super::visit::Visit;
use crate::acts::gateway;
use crate::acts::modem::{self, CallError};
use crate::app::App;
use crate::authority::Authority;
use crate::power::Power;
use crate::words::Words;

/// How long a driver may take to say that it heard, or what the SIM says to a PIN.
const TOLD: Duration = Duration::from_secs(20);
/// How long a network may take to answer a code.
const DIALLED: Duration = Duration::from_secs(50);

#[derive(Template)]
#[template(path = "modems.html")]
struct ModemsPage {
    w: Words,
    frame: Frame,
    online: Online,
    cards: Vec<ModemCard>,
    /// What is done to the gateway as a whole, for who may do that.
    gateway: Option<Gateway>,
}

/// `GET /modems`.
pub(super) async fn show(State(app): State<App>, visit: Visit) -> Result<Html<String>, Failure> {
    let authority = visit.authority()?;
    let w = visit.words;
    let frame = Frame::of(&app, &visit).await;
    let modems = modem::list(&app, authority).await?;
    let csrf = authority.may(Power::ModemsOperate).then_some(visit.csrf.as_str());
    let gateway = match csrf {
        Some(_) => Some(gateway::now(&app, authority).await?),
        None => None,
    };
    html(&ModemsPage {
        w,
        frame,
        online: Online::of(w, &modems, app.clock.now()),
        cards: modems.iter().map(|modem| ModemCard::of(w, modem, csrf)).collect(),
        gateway,
    })
}

/// `POST /gateway/{suspend,isolate,resume}`: leads to the page of the modems.
pub(super) async fn gateway(
    State(app): State<App>,
    Path(call): Path<String>,
    form: Form,
) -> Result<Response, Failure> {
    let (authority, w) = (form.visit.authority()?, form.visit.words);
    let words = match call.as_str() {
        "suspend" => gateway::suspend(&app, authority).await.map(|_| w.gateway_did_suspend()),
        "isolate" => gateway::isolate(&app, authority).await.map(|_| w.gateway_did_isolate()),
        "resume" => gateway::resume(&app, authority).await.map(|_| w.gateway_did_resume()),
        _ => return Err(Failure::NotFound),
    };
    Ok(form.visit.lead_to("/modems#gateway", Notice::done(words?)))
}

/// `POST /modems/{id}/{restart,reset,flight,pin,number,smsc,ussd}`: leads to the page with the modem's answer.
pub(super) async fn call(
    State(app): State<App>,
    Path((id, call)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Failure> {
    let authority = form.visit.authority()?;
    let w = form.visit.words;
    let id: ModemId = id.parse().map_err(|_| Failure::NotFound)?;
    let place = format!("/modems#modem-{id}");
    if let Some(notice) = set(&app, &form, authority, id, &call).await? {
        return Ok(form.visit.lead_to(&place, notice));
    }
    let asked = Asked::read(w, &call, &form).ok_or(Failure::NotFound)?;
    let answered = match asked {
        Ok(asked) => asked.of(&app, authority, w, id).await,
        Err(words) => Err(CallError::Refused(words)),
    };
    let notice = match answered {
        Ok(words) => Notice::done(words),
        Err(CallError::NoSuchModem) => return Err(Failure::NotFound),
        Err(CallError::Ended) => return Err(Failure::LogInFirst),
        Err(CallError::Denied(_)) => return Err(Failure::Forbidden),
        Err(CallError::Store(error)) => return Err(error.into()),
        Err(CallError::PinRefused(_)) => Notice::failed(w.modem_pin_refused()),
        Err(error) => Notice::failed(w.modem_call_failed(error.to_string())),
    };
    Ok(form.visit.lead_to(&place, notice))
}

/// What a form asks of a modem.
enum Asked {
    /// What has no answer but that it was heard: the call, its body, and what to say then.
    Order(Call, Value, String),
    Ussd(UssdRequest),
    Pin(PinRequest),
}

impl Asked {
    /// None: there is no such call. What is wrong with a field is said in words.
    fn read(w: Words, call: &str, form: &Form) -> Option<Result<Self, String>> {
        let order = |call, words| Ok(Self::Order(call, json!({}), words));
        let number = |call| {
            let body = said_number(w, form)?;
            Ok(Self::Order(call, body, w.modem_did_number()))
        };
        Some(match call {
            "restart" => order(Call::Restart, w.modem_did_restart()),
            "reset" => order(Call::Reset, w.modem_did_reset()),
            "flight" => {
                let on = form.field("on") == "on";
                let words = if on { w.modem_did_flight_on() } else { w.modem_did_flight_off() };
                Ok(Self::Order(Call::Flight, json!(FlightRequest { on }), words))
            }
            "pin" => {
                let pin = form.field("pin").trim().to_owned();
                match modem::check_pin(&pin) {
                    Ok(()) => Ok(Self::Pin(PinRequest { pin })),
                    Err(_) => Err(w.modem_pin_hint()),
                }
            }
            "number" => number(Call::Number),
            "smsc" => number(Call::Smsc),
            "ussd" => Ok(Self::Ussd(UssdRequest { code: form.field("code").trim().to_owned() })),
            _ => return None,
        })
    }

    /// Asks a modem, and says its answer in words.
    async fn of(
        self,
        app: &App,
        authority: &Authority,
        w: Words,
        id: ModemId,
    ) -> Result<String, CallError> {
        match self {
            Self::Order(call, body, words) => {
                modem::ask::<Value>(app, authority, id, call, &body, TOLD).await?;
                Ok(words)
            }
            Self::Ussd(request) => {
                let reply: UssdReply =
                    modem::ask(app, authority, id, Call::Ussd, &request, DIALLED).await?;
                Ok(w.modem_did_ussd(reply.text))
            }
            Self::Pin(request) => {
                let reply: Option<PinReply> =
                    modem::ask(app, authority, id, Call::Pin, &request, TOLD).await?;
                Ok(match reply {
                    Some(PinReply { entered: true }) => w.modem_did_pin(),
                    // Nor does the driver of an older release say what the SIM did.
                    Some(PinReply { entered: false }) | None => w.modem_kept_pin(),
                })
            }
        }
    }
}

/// What is set for the modem and needs no driver to answer; none: it is something else.
async fn set(
    app: &App,
    form: &Form,
    authority: &Authority,
    id: ModemId,
    call: &str,
) -> Result<Option<Notice>, Failure> {
    let w = form.visit.words;
    let set = match call {
        "name" => {
            let written = form.field("name").trim();
            let change = ModemChange { name: Some(written.to_owned()), enabled: None };
            modem::change(app, authority, id, &change).await.map(|_| w.modem_did_name())
        }
        "enable" | "disable" => {
            let enabled = call == "enable";
            let change = ModemChange { name: None, enabled: Some(enabled) };
            let words = if enabled { w.modem_did_enable() } else { w.modem_did_disable() };
            modem::change(app, authority, id, &change).await.map(|_| words)
        }
        "forget" => modem::forget(app, authority, id).await.map(|()| w.modem_did_forget()),
        _ => return Ok(None),
    };
    set.map(|words| Some(Notice::done(words))).or_else(|refused| match refused {
        modem::Unchanged::Denied(_) => Err(Failure::Forbidden),
        modem::Unchanged::BadName => Ok(Some(Notice::failed(w.modem_name_hint()))),
        modem::Unchanged::NameTaken => Ok(Some(Notice::failed(w.modem_name_taken()))),
        modem::Unchanged::Here => Ok(Some(Notice::failed(w.modem_forget_here()))),
        modem::Unchanged::NoSuchModem => Err(Failure::NotFound),
        modem::Unchanged::Store(error) => Err(error.into()),
        modem::Unchanged::Broker(error) => {
            tracing::warn!(%error, "a modem cannot be forgotten yet");
            Err(Failure::Unavailable)
        }
    })
}

/// A number of the SIM; an empty field takes back what was said.
fn said_number(w: Words, form: &Form) -> Result<Value, String> {
    let number = match form.field("number").trim() {
        "" => None,
        text => Some(PhoneNumber::parse(text).map_err(|_| w.modem_number_wrong())?),
    };
    Ok(json!(NumberRequest { number }))
}
