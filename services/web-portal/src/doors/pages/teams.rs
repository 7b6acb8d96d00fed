//! Teams: a list, and a page for each with its users and SIMs.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use contracts::{SimId, TeamId, UserId};
use store::{
    MOST_SIMS_OF_TEAM, MOST_TEAMS, MOST_TEAMS_OF_USER, MOST_USERS_OF_TEAM, Team, TeamError,
};

use super::failure::Failure;
use super::form::Form;
use super::frame::{Frame, html};
use super::hostile::Hostile;
use super::notice::Notice;
use super::visit::Visit;
use crate::acts::team::{self, LONGEST_NAME, NotDone, Wanted};
use crate::acts::{account, modem, sim};
use crate::app::App;
use crate::words::Words;

#[derive(Template)]
#[template(path = "teams.html")]
struct TeamsPage {
    w: Words,
    frame: Frame,
    rows: Vec<Row>,
    name: String,
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "team.html")]
struct TeamPage {
    w: Words,
    frame: Frame,
    path: String,
    /// The version that was looked at.
    version: String,
    shown: Hostile,
    name: String,
    own_sims_only: bool,
    people: Vec<Person>,
    sims: Vec<SimChoice>,
    has_sims: bool,
    error: Option<String>,
}

/// A team in the list.
struct Row {
    id: TeamId,
    name: Hostile,
    users: usize,
    sims: usize,
    own_sims_only: bool,
}

/// An account that may be of the team.
struct Person {
    id: UserId,
    name: String,
    is_of_it: bool,
}

/// A SIM that may belong to the team.
struct SimChoice {
    id: SimId,
    name: String,
    is_of_it: bool,
}

/// What was written of a team.
struct Written {
    version: String,
    name: String,
    own_sims_only: bool,
    users: BTreeSet<UserId>,
    sims: BTreeSet<SimId>,
}

impl Written {
    fn of(team: &Team) -> Self {
        Self {
            version: team.version(),
            name: team.name.clone(),
            own_sims_only: team.own_sims_only,
            users: team.users.clone(),
            sims: team.sims.clone(),
        }
    }

    fn read(form: &Form) -> Result<Self, Failure> {
        let users: Result<BTreeSet<UserId>, _> = form.fields("user").map(str::parse).collect();
        let sims: Result<BTreeSet<SimId>, _> = form.fields("sim").map(str::parse).collect();
        Ok(Self {
            version: form.field("version").to_owned(),
            name: form.field("name").trim().to_owned(),
            own_sims_only: form.field("own_sims_only") == "yes",
            users: users.map_err(|_| Failure::Malformed)?,
            sims: sims.map_err(|_| Failure::Malformed)?,
        })
    }

    fn wanted(&self) -> Wanted {
        Wanted {
            name: Some(self.name.clone()),
            own_sims_only: Some(self.own_sims_only),
            users: Some(self.users.iter().map(ToString::to_string).collect()),
            sims: Some(self.sims.iter().copied().collect()),
            takes_sims: false,
            version: Some(self.version.clone()),
        }
    }
}

/// `GET /teams`.
pub(super) async fn list(State(app): State<App>, visit: Visit) -> Result<Html<String>, Failure> {
    page(&app, &visit, "", None).await
}

async fn page(
    app: &App,
    visit: &Visit,
    name: &str,
    error: Option<String>,
) -> Result<Html<String>, Failure> {
    let teams = team::list(app, visit.authority()?).await?;
    let rows = teams.into_iter().map(|team| Row {
        id: team.id,
        name: Hostile(team.name),
        users: team.users.len(),
        sims: team.sims.len(),
        own_sims_only: team.own_sims_only,
    });
    html(&TeamsPage {
        w: visit.words,
        frame: Frame { path: "/teams".to_owned(), ..Frame::of(app, visit).await },
        rows: rows.collect(),
        name: name.to_owned(),
        error,
    })
}

/// `POST /teams`. Who is of it is said on its page.
pub(super) async fn add(State(app): State<App>, form: Form) -> Result<Response, Failure> {
    let (visit, w) = (&form.visit, form.visit.words);
    let name = form.field("name").trim();
    let wanted = Wanted { name: Some(name.to_owned()), ..Wanted::default() };
    match team::make(&app, visit.authority()?, wanted).await {
        Ok(made) => {
            let notice = Notice::done(w.teams_added(made.name));
            Ok(visit.lead_to(&format!("/teams/{}", made.id), notice))
        }
        Err(refused) => {
            let words = words(w, refused)?;
            let page = page(&app, visit, name, Some(words)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

/// `GET /teams/{id}`.
pub(super) async fn show(
    State(app): State<App>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Html<String>, Failure> {
    let id: TeamId = id.parse().map_err(|_| Failure::NotFound)?;
    let found = team::one(&app, visit.authority()?, id).await?.ok_or(Failure::NotFound)?;
    one_page(&app, &visit, &found, &Written::of(&found), None).await
}

async fn one_page(
    app: &App,
    visit: &Visit,
    team: &Team,
    written: &Written,
    error: Option<String>,
) -> Result<Html<String>, Failure> {
    let authority = visit.authority()?;
    let path = format!("/teams/{}", team.id);
    let users = account::list(app, authority).await?;
    let people = users.into_iter().map(|user| Person {
        is_of_it: written.users.contains(&user.id),
        id: user.id,
        name: user.name,
    });
    let modems = modem::list(app, authority).await?;
    let seen = modems.iter().filter_map(|modem| modem.sim.as_ref().map(|sim| sim.id));
    let all = sim::list(app, authority, seen).await?;
    // Those of other teams are theirs.
    let free = all.iter().filter(|(_, sim)| sim.team.as_ref().is_none_or(|of| of.id == team.id));
    let sims = free.map(|(id, sim)| {
        let modem = modems.iter().find(|modem| modem.sim.as_ref().is_some_and(|sim| sim.id == *id));
        let number = modem.and_then(|modem| modem.sim.as_ref()?.number.as_ref());
        let name = match (modem, number) {
            (Some(modem), Some(number)) => format!("{} · {number}", modem.name),
            (Some(modem), None) => modem.name.clone(),
            // What somebody said of it; nothing else is known of a SIM that is in no modem.
            (None, _) => sim.number.as_ref().map_or_else(|| id.to_string(), ToString::to_string),
        };
        SimChoice { id: *id, name, is_of_it: written.sims.contains(id) }
    });
    html(&TeamPage {
        w: visit.words,
        frame: Frame { path: path.clone(), ..Frame::of(app, visit).await },
        path,
        version: written.version.clone(),
        shown: Hostile(team.name.clone()),
        name: written.name.clone(),
        own_sims_only: written.own_sims_only,
        people: people.collect(),
        sims: sims.collect(),
        has_sims: !team.sims.is_empty(),
        error,
    })
}

/// `POST /teams/{id}/{call}`.
pub(super) async fn call(
    State(app): State<App>,
    Path((id, call)): Path<(String, String)>,
    form: Form,
) -> Result<Response, Failure> {
    let (visit, w) = (&form.visit, form.visit.words);
    let authority = visit.authority()?;
    let id: TeamId = id.parse().map_err(|_| Failure::NotFound)?;
    let found = team::one(&app, authority, id).await?.ok_or(Failure::NotFound)?;
    let (written, done) = match call.as_str() {
        "change" => {
            let written = Written::read(&form)?;
            let done = team::change(&app, authority, id, written.wanted()).await;
            (written, done.map(|_| (format!("/teams/{id}"), w.teams_changed())))
        }
        "remove" => {
            let frees_sims = form.field("free_sims") == "yes";
            let done = team::remove(&app, authority, id, frees_sims).await;
            let to = "/teams".to_owned();
            (Written::of(&found), done.map(|()| (to, w.teams_removed())))
        }
        _ => return Err(Failure::NotFound),
    };
    match done {
        Ok((to, words)) => Ok(visit.lead_to(&to, Notice::done(words))),
        Err(NotDone::Team(TeamError::Meanwhile)) => {
            let now = team::one(&app, authority, id).await?.ok_or(Failure::NotFound)?;
            let words = Some(w.teams_meanwhile());
            let page = one_page(&app, visit, &now, &Written::of(&now), words).await?;
            Ok((StatusCode::CONFLICT, page).into_response())
        }
        Err(refused) => {
            let words = words(w, refused)?;
            let page = one_page(&app, visit, &found, &written, Some(words)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

/// What is wrong with what was written, for who wrote it.
fn words(w: Words, refused: NotDone) -> Result<String, Failure> {
    match refused {
        NotDone::Name => Ok(w.contacts_bad_name(LONGEST_NAME)),
        NotDone::Team(TeamError::Meanwhile) => Ok(w.teams_meanwhile()),
        NotDone::Team(TeamError::TooMany) => Ok(w.teams_too_many(MOST_TEAMS)),
        NotDone::Team(TeamError::NameTaken(_)) => Ok(w.teams_taken()),
        NotDone::Team(TeamError::TooManyUsers) => Ok(w.teams_too_many_users(MOST_USERS_OF_TEAM)),
        NotDone::Team(TeamError::TooManySims) => Ok(w.teams_too_many_sims(MOST_SIMS_OF_TEAM)),
        NotDone::Team(TeamError::TooManyTeams(_)) => {
            Ok(w.teams_too_many_of_user(MOST_TEAMS_OF_USER))
        }
        NotDone::Team(TeamError::SimOfAnother(_)) => Ok(w.teams_sim_of_another()),
        NotDone::Team(TeamError::HasSims(_)) => Ok(w.teams_has_sims()),
        NotDone::Team(TeamError::HasBook) => Ok(w.teams_has_book()),
        NotDone::Team(TeamError::NoSuchTeam) => Err(Failure::NotFound),
        NotDone::NoSuchUser(_) | NotDone::Team(TeamError::NoSuchUser(_)) => Err(Failure::Malformed),
        NotDone::Denied(denied) => Err(denied.into()),
        NotDone::Team(TeamError::Store(error)) => Err(error.into()),
    }
}
