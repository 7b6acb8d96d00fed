//! Who may use a SIM, and how much it may send, for administrators.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Html, Response};
use contracts::config_kv::Access;
use contracts::{SimId, TeamId, UserId};
use store::{Role, SimChange, SimError};

use super::failure::Failure;
use super::form::Form;
use super::frame::{Frame, html};
use super::hostile::Hostile;
use super::notice::Notice;
use super::parts::{Sentence, limit_words};
use super::sim_limits::{Number, numbers, used};
use super::visit::Visit;
use crate::acts::sim::{self, SimKept};
use crate::acts::{account, modem};
use crate::app::App;
use crate::words::Words;

#[derive(Template)]
#[template(path = "sim.html")]
struct SimPage {
    w: Words,
    frame: Frame,
    id: SimId,
    /// The modem it is in, and its number, where they are known.
    name: String,
    /// The team that it belongs to, whose users are those who use it.
    team: Option<(TeamId, Hostile)>,
    everybody_sends: bool,
    everybody_reads: bool,
    pool: String,
    people: Vec<Person>,
    /// That it sends nothing for now, and how much it has sent.
    closed: Option<Sentence>,
    used: Option<String>,
    numbers: [Number; 8],
    /// From when until when it is quiet.
    quiet: (String, String),
    zone: String,
    /// The parts of the first day, and that day.
    warm_up: (String, String),
}

/// An account that may be allowed something.
struct Person {
    id: UserId,
    name: String,
    sends: bool,
    reads: bool,
}

/// `GET /sims/{id}`.
pub(super) async fn show(
    State(app): State<App>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Html<String>, Failure> {
    let authority = visit.authority()?;
    let w = visit.words;
    let id: SimId = id.parse().map_err(|_| Failure::NotFound)?;
    let sim = sim::find(&app, authority, id).await?;
    let modems = modem::list(&app, authority).await?;
    let place = modems.iter().find_map(|modem| {
        let sim = modem.sim.as_ref().filter(|sim| sim.id == id)?;
        let number = sim.number.as_ref().map(|number| format!(" · {number}")).unwrap_or_default();
        Some(format!("{}{number}", modem.name))
    });
    let closed = modems.iter().find_map(|modem| {
        let is_it = modem.status.is_online() && modem.sim.as_ref().is_some_and(|sim| sim.id == id);
        if is_it { limit_words(w, modem) } else { None }
    });
    let limits = &sim.limits;
    let used = if limits.is_none() { None } else { used(&app, w, id, limits).await };
    let quiet = limits.quiet.map(|quiet| quiet.to_string()).unwrap_or_default();
    let (from, to) = quiet.split_once('-').unwrap_or_default();
    let users = account::list(&app, authority).await?;
    // Administrators may in any case.
    let people = users.into_iter().filter(|user| user.role != Role::Admin).map(|user| Person {
        sends: sim.senders.users.contains(&user.id),
        reads: sim.readers.users.contains(&user.id),
        id: user.id,
        name: user.name,
    });
    html(&SimPage {
        w,
        frame: Frame::of(&app, &visit).await,
        id,
        name: place.unwrap_or_else(|| id.to_string()),
        team: sim.team.map(|team| (team.id, Hostile(team.name))),
        everybody_sends: sim.senders.everybody,
        everybody_reads: sim.readers.everybody,
        pool: sim.pool.to_string(),
        people: people.collect(),
        closed,
        used,
        numbers: numbers(w, limits),
        quiet: (from.to_owned(), to.to_owned()),
        zone: limits.zone.clone().unwrap_or_default(),
        warm_up: limits.warm_up.map_or_else(Default::default, |warm_up| {
            (warm_up.first_day.to_string(), warm_up.from.to_string())
        }),
    })
}

/// `POST /sims/{id}`.
pub(super) async fn change(
    State(app): State<App>,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Failure> {
    let authority = form.visit.authority()?;
    let id: SimId = id.parse().map_err(|_| Failure::NotFound)?;
    let who = |field: &str| {
        let chosen: Result<Vec<UserId>, _> = form.fields(field).map(str::parse).collect();
        let users = chosen.map_err(|_| Failure::Malformed)?;
        let everybody = form.field(&format!("{field}-everybody")) == "yes";
        // Who was chosen before is kept for the day on which it is not everybody any more.
        Ok::<_, Failure>(Access { everybody, ..Access::only(users) })
    };
    let pool = match form.field("pool").trim() {
        "" => None,
        pool => Some(pool.parse().map_err(|_| Failure::Malformed)?),
    };
    let (mut senders, mut readers) = (Some(who("sends")?), Some(who("reads")?));
    if sim::find(&app, authority, id).await?.team.is_some() {
        // The page of such a SIM does not ask.
        (senders, readers) = (None, None);
    }
    let change = SimChange { senders, readers, limits: None, pool };
    sim::change(&app, authority, id, change).await?;
    let done = Notice::done(form.visit.words.sim_done());
    Ok(form.visit.lead_to(&format!("/sims/{id}"), done))
}

impl From<SimKept> for Failure {
    fn from(kept: SimKept) -> Self {
        match kept {
            SimKept::Denied(denied) => denied.into(),
            SimKept::Sim(error) => error.into(),
            // Said on the page by who sets limits.
            SimKept::Limits(_) => Self::Malformed,
        }
    }
}

impl From<SimError> for Failure {
    fn from(error: SimError) -> Self {
        match error {
            SimError::Elsewhere => Self::NotFound,
            SimError::NoSuchUser(_) | SimError::OfTeam(_) => Self::Malformed,
            SimError::Store(error) => error.into(),
        }
    }
}
