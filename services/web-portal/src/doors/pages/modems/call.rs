//! What a form asks of a modem, or sets for it.

use std::time::Duration;

use axum::extract::{Path, State};
use axum::response::Response;
use contracts::control::{
    Call, FlightRequest, NumberRequest, PinReply, PinRequest, UssdReply, UssdRequest,
};
use contracts::{ModemId, PhoneNumber};
use serde_json::{Value, json};
use store::ModemChange;

use super::one;
use crate::acts::modem::{self, CallError};
use crate::app::App;
use crate::authority::Authority;
use crate::doors::pages::failure::Failure;
use crate::doors::pages::form::Form;
use crate::doors::pages::notice::Notice;
use crate::words::Words;

/// How long a driver may take to say that it heard, or what the SIM says to a PIN.
const TOLD: Duration = Duration::from_secs(20);
/// How long a network may take to answer a code, or a modem to answer a command.
pub(super) const DIALLED: Duration = Duration::from_secs(50);

/// `POST /modems/{id}/{restart,reset,flight,pin,number,smsc,name,enable,disable,forget,ussd,at,trace}`: leads to the page that the
/// form is on, with the modem's answer; `at` and `trace` are the page of the modem with a longer one.
pub(in crate::doors::pages) async fn call(
    State(app): State<App>,
    Path((id, call)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Failure> {
    let authority = form.visit.authority()?;
    let w = form.visit.words;
    let id: ModemId = id.parse().map_err(|_| Failure::NotFound)?;
    match call.as_str() {
        "at" => return one::command(&app, &form, id).await,
        "trace" => return one::trace(&app, &form, id).await,
        _ => {}
    }
    let place = match (form.field("place"), call.as_str()) {
        // Where the answer to it is given.
        (_, "ussd") => format!("/modems/{id}#ussd"),
        ("page", _) => format!("/modems/{id}"),
        _ => format!("/modems#modem-{id}"),
    };
    if let Some(notice) = set(&app, &form, authority, id, &call).await? {
        let is_gone = call == "forget" && !notice.failed;
        return Ok(form.visit.lead_to(if is_gone { "/modems" } else { &place }, notice));
    }
    let asked = Asked::read(w, &call, &form).ok_or(Failure::NotFound)?;
    let answered = match asked {
        Ok(asked) => asked.of(&app, authority, w, id).await,
        Err(words) => Err(CallError::Refused(words)),
    };
    Ok(match answered {
        Ok(Said { words, asks: true }) => {
            form.visit.lead_to(&format!("/modems/{id}?ussd=answer#ussd"), Notice::done(words))
        }
        Ok(Said { words, asks: false }) => form.visit.lead_to(&place, Notice::done(words)),
        Err(error) => form.visit.lead_to(&place, refused(w, error)?),
    })
}

/// Why a modem gave no answer, in words on the page, or as a page of its own.
pub(super) fn refused(w: Words, error: CallError) -> Result<Notice, Failure> {
    Err(match error {
        CallError::NoSuchModem => Failure::NotFound,
        CallError::Ended => Failure::LogInFirst,
        CallError::Denied(_) => Failure::Forbidden,
        CallError::Store(error) => error.into(),
        CallError::PinRefused(_) => return Ok(Notice::failed(w.modem_pin_refused())),
        error => return Ok(Notice::failed(w.modem_call_failed(error.to_string()))),
    })
}

/// What a modem said, in words.
struct Said {
    words: String,
    /// The network waits for an answer.
    asks: bool,
}

impl From<String> for Said {
    fn from(words: String) -> Self {
        Self { words, asks: false }
    }
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
    ) -> Result<Said, CallError> {
        match self {
            Self::Order(call, body, words) => {
                modem::ask::<Value>(app, authority, id, call, &body, TOLD).await?;
                Ok(words.into())
            }
            Self::Ussd(request) => {
                let reply: UssdReply =
                    modem::ask(app, authority, id, Call::Ussd, &request, DIALLED).await?;
                let words = w.modem_did_ussd(reply.text);
                let words = format!("› {}\n{words}", request.code);
                Ok(Said { words, asks: reply.answer_wanted })
            }
            Self::Pin(request) => {
                let reply: Option<PinReply> =
                    modem::ask(app, authority, id, Call::Pin, &request, TOLD).await?;
                let words = match reply {
                    Some(PinReply { entered: true }) => w.modem_did_pin(),
                    // Nor does the driver of an older release say what the SIM did.
                    Some(PinReply { entered: false }) | None => w.modem_kept_pin(),
                };
                Ok(words.into())
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
