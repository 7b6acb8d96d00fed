//! The page of one modem: its card, and whatever can be done with it.

use std::time::Duration;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{Html, IntoResponse as _, Response};
use contracts::control::{AtReply, AtRequest, Call, TraceReply, TraceRequest};
use contracts::modem::{ModemState, ModemStatus};
use contracts::{ModemId, SimId};
use serde::Deserialize;

use super::call::{DIALLED, refused};
use super::card;
use crate::acts::modem;
use crate::app::App;
use crate::authority::Authority;
use crate::doors::pages::failure::Failure;
use crate::doors::pages::form::Form;
use crate::doors::pages::frame::{Frame, html};
use crate::doors::pages::hostile::Hostile;
use crate::doors::pages::notice::Notice;
use crate::doors::pages::parts::ModemCard;
use crate::doors::pages::visit::Visit;
use crate::power::Power;
use crate::secret::random_secret;
use crate::words::Words;

/// The most characters of an answer or a trace that are shown; a file has all of it.
const LONGEST_SHOWN: usize = 40_000;
/// For how long the line can be listened to, in seconds, the usual one first.
const TRACES: [u8; 4] = [10, 5, 30, 60];
/// How long the rest of a trace may take.
const TRACED: Duration = Duration::from_secs(10);

#[derive(Template)]
#[template(path = "modem.html")]
struct ModemPage {
    w: Words,
    frame: Frame,
    id: ModemId,
    name: String,
    card: ModemCard,
    test: Option<Test>,
    tools: Option<Tools>,
}

/// A message through the SIM to a phone at hand.
struct Test {
    sim: SimId,
    attempt: String,
    text: String,
}

/// For who may operate modems.
struct Tools {
    w: Words,
    number: String,
    smsc: String,
    /// The page of its SIM, for who may set it.
    sim: Option<SimId>,
    disabled: bool,
    /// It can be forgotten.
    away: bool,
    flies: bool,
    identity: Vec<(String, Hostile)>,
    traces: [u8; 4],
    answers: Answers,
}

/// What the last form asked for.
#[derive(Default)]
struct Answers {
    /// The network waits for an answer to what it said.
    ussd: bool,
    at: Option<Answer>,
    trace: Option<Answer>,
}

struct Answer {
    text: Hostile,
    is_cut: bool,
}

impl Answer {
    fn of(text: &str) -> Self {
        let shown: String = text.chars().take(LONGEST_SHOWN).collect();
        Self { is_cut: shown.len() < text.len(), text: Hostile(shown) }
    }
}

/// Where the visitor is in a dialogue.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::doors::pages) struct Place {
    ussd: String,
}

/// `GET /modems/{id}`.
pub(in crate::doors::pages) async fn show(
    State(app): State<App>,
    visit: Visit,
    Path(id): Path<String>,
    Query(place): Query<Place>,
) -> Result<Html<String>, Failure> {
    let id: ModemId = id.parse().map_err(|_| Failure::NotFound)?;
    let answers = Answers { ussd: place.ussd == "answer", ..Answers::default() };
    page(&app, &visit, id, answers).await
}

async fn page(
    app: &App,
    visit: &Visit,
    id: ModemId,
    answers: Answers,
) -> Result<Html<String>, Failure> {
    let authority = visit.authority()?;
    let w = visit.words;
    let frame = Frame { path: format!("/modems/{id}"), ..Frame::of(app, visit).await };
    let modem = modem::find(app, authority, id).await?.ok_or(Failure::NotFound)?;
    let csrf = authority.may(Power::ModemsOperate).then_some(visit.csrf.as_str());
    html(&ModemPage {
        w,
        frame,
        id,
        card: card(app, w, &modem, csrf),
        test: test(app, authority, w, &modem),
        tools: csrf.map(|_| Tools::of(w, authority, &modem, answers)),
        name: modem.name,
    })
}

/// None: its SIM sends nothing now, or nothing of the visitor's.
fn test(app: &App, authority: &Authority, w: Words, modem: &ModemState) -> Option<Test> {
    let sim = modem.sim.as_ref().filter(|_| modem.status.is_online())?.id;
    let may = authority.may(Power::MessagesSend)
        && app.directory.sends_through(authority.reach, authority.owner(), sim);
    may.then(|| Test { sim, attempt: random_secret(), text: w.modem_test_text(modem.name.clone()) })
}

impl Tools {
    fn of(w: Words, authority: &Authority, modem: &ModemState, answers: Answers) -> Self {
        let sim = modem.sim.as_ref();
        let number = sim.and_then(|sim| sim.number.as_ref()).map(ToString::to_string);
        let known = |value: Option<&String>| value.filter(|value| !value.is_empty()).cloned();
        let identity = [
            (w.modem_port(), Some(format!("{} · {}", modem.port, modem.host))),
            ("IMEI".to_owned(), known(modem.imei.as_ref())),
            ("ICCID".to_owned(), known(sim.and_then(|sim| sim.iccid.as_ref()))),
            ("IMSI".to_owned(), known(sim.and_then(|sim| sim.imsi.as_ref()))),
            (w.modem_firmware(), known(Some(&modem.firmware))),
        ];
        let identity =
            identity.into_iter().filter_map(|(name, value)| Some((name, Hostile(value?))));
        Self {
            w,
            number: number.unwrap_or_default(),
            smsc: sim.and_then(|sim| sim.smsc.clone()).unwrap_or_default(),
            sim: sim.filter(|_| authority.may(Power::SimsManage)).map(|sim| sim.id),
            disabled: modem.status == ModemStatus::Disabled,
            away: matches!(modem.status, ModemStatus::Offline | ModemStatus::Disabled),
            flies: modem.problem.as_ref().is_some_and(|problem| problem.code == "flight-mode"),
            identity: identity.collect(),
            traces: TRACES,
            answers,
        }
    }

    /// What the field for a code is called.
    fn ussd_label(&self) -> String {
        if self.answers.ussd { self.w.modem_ussd_answer() } else { self.w.modem_ussd() }
    }
}

/// `POST /modems/{id}/at`: one command, and its answer line by line.
pub(super) async fn command(app: &App, form: &Form, id: ModemId) -> Result<Response, Failure> {
    let (authority, w) = (form.visit.authority()?, form.visit.words);
    let command = form.field("command").trim().to_owned();
    let place = format!("/modems/{id}#at");
    if modem::check_command(&command).is_err() {
        return Ok(form.visit.lead_to(&place, Notice::failed(w.modem_at_hint())));
    }
    let request = AtRequest { command };
    match modem::ask::<AtReply>(app, authority, id, Call::At, &request, DIALLED).await {
        Ok(reply) => {
            let text = format!("› {}\n{}", request.command, reply.lines.join("\n"));
            let answers = Answers { at: Some(Answer::of(&text)), ..Answers::default() };
            Ok(page(app, &form.visit, id, answers).await?.into_response())
        }
        Err(error) => Ok(form.visit.lead_to(&place, refused(w, error)?)),
    }
}

/// `POST /modems/{id}/trace`: what goes over the line for some seconds, on the page or as a file.
pub(super) async fn trace(app: &App, form: &Form, id: ModemId) -> Result<Response, Failure> {
    let (authority, w) = (form.visit.authority()?, form.visit.words);
    let seconds: u8 = form.field("seconds").parse().map_err(|_| Failure::Malformed)?;
    if !TRACES.contains(&seconds) {
        return Err(Failure::Malformed);
    }
    let patience = Duration::from_secs(seconds.into()) + TRACED;
    let request = TraceRequest { seconds };
    match modem::ask::<TraceReply>(app, authority, id, Call::Trace, &request, patience).await {
        Ok(reply) if form.field("as") == "file" => {
            let headers = [
                (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
                (header::CONTENT_DISPOSITION, "attachment; filename=\"trace.txt\""),
            ];
            Ok((headers, reply.transcript).into_response())
        }
        Ok(reply) => {
            let answers =
                Answers { trace: Some(Answer::of(&reply.transcript)), ..Answers::default() };
            Ok(page(app, &form.visit, id, answers).await?.into_response())
        }
        Err(error) => Ok(form.visit.lead_to(&format!("/modems/{id}#trace"), refused(w, error)?)),
    }
}
