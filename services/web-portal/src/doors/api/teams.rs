//! Teams.

use std::collections::HashMap;

use api::{NewTeam, RemoveTeam, TeamChanges, Teams};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use contracts::{TeamId, UserId};
use store::{MOST_TEAMS, MOST_TEAMS_OF_USER, Team, TeamError};

use super::body::{CheckedJson, CheckedQuery, PathId};
use super::caller::Caller;
use super::problem::{Answer, Code, Problem, sentence};
use crate::acts::account;
use crate::acts::team::{self, NotDone, Wanted};
use crate::app::App;
use crate::authority::Authority;

/// `GET /teams`.
pub(super) async fn list(State(app): State<App>, Caller(authority): Caller) -> Answer<Json<Teams>> {
    let teams = team::list(&app, &authority).await?;
    let names = names(&app, &authority).await?;
    Ok(Json(Teams { teams: teams.into_iter().map(|team| shown(&names, team)).collect() }))
}

/// `POST /teams`.
pub(super) async fn add(
    State(app): State<App>,
    Caller(authority): Caller,
    CheckedJson(new): CheckedJson<NewTeam>,
) -> Answer<impl IntoResponse> {
    let NewTeam { name, own_sims_only, users, sims } = new;
    let wanted = Wanted {
        name: Some(name),
        own_sims_only: Some(own_sims_only),
        users: Some(users),
        sims: Some(sims),
        takes_sims: false,
        version: None,
    };
    let made = team::make(&app, &authority, wanted).await?;
    Ok((StatusCode::CREATED, Json(shown(&names(&app, &authority).await?, made))))
}

/// `GET /teams/{id}`.
pub(super) async fn one(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<TeamId>,
) -> Answer<Json<api::Team>> {
    let found = team::one(&app, &authority, id).await?.ok_or_else(nowhere)?;
    Ok(Json(shown(&names(&app, &authority).await?, found)))
}

/// `PATCH /teams/{id}`.
pub(super) async fn change(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<TeamId>,
    CheckedJson(changes): CheckedJson<TeamChanges>,
) -> Answer<Json<api::Team>> {
    let TeamChanges { name, own_sims_only, users, sims } = changes;
    let wanted = Wanted { name, own_sims_only, users, sims, ..Wanted::default() };
    let changed = team::change(&app, &authority, id, wanted).await?;
    Ok(Json(shown(&names(&app, &authority).await?, changed)))
}

/// `DELETE /teams/{id}`.
pub(super) async fn remove(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<TeamId>,
    CheckedQuery(query): CheckedQuery<RemoveTeam>,
) -> Answer<StatusCode> {
    team::remove(&app, &authority, id, query.free_sims.unwrap_or_default()).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn nowhere() -> Problem {
    Problem::not_found("team of this id")
}

/// The names of the accounts.
async fn names(app: &App, authority: &Authority) -> Answer<HashMap<UserId, String>> {
    let users = account::list(app, authority).await?;
    Ok(users.into_iter().map(|user| (user.id, user.name)).collect())
}

fn shown(names: &HashMap<UserId, String>, team: Team) -> api::Team {
    let Team { id, name, own_sims_only, users, sims, created_at, .. } = team;
    let name_of = |user: &UserId| names.get(user).cloned().unwrap_or_else(|| user.to_string());
    let mut users: Vec<String> = users.iter().map(name_of).collect();
    users.sort_by_key(|name| name.to_lowercase());
    api::Team { id, name, own_sims_only, users, sims: sims.into_iter().collect(), created_at }
}

impl From<NotDone> for Problem {
    fn from(refused: NotDone) -> Self {
        let detail = sentence(&refused.to_string());
        match refused {
            NotDone::Denied(denied) => denied.into(),
            NotDone::Name => Self::malformed(detail).with("field", "name"),
            NotDone::NoSuchUser(_) | NotDone::Team(TeamError::NoSuchUser(_)) => {
                Self::new(Code::NoSuchUser, detail).answered(StatusCode::UNPROCESSABLE_ENTITY)
            }
            NotDone::Team(TeamError::NoSuchTeam) => nowhere(),
            // No call says which version it has seen.
            NotDone::Team(TeamError::Meanwhile) => Self::malformed(detail),
            NotDone::Team(TeamError::TooMany) => {
                Self::new(Code::TooManyTeams, detail).with("limit", MOST_TEAMS)
            }
            NotDone::Team(TeamError::TooManyTeams(_)) => {
                Self::new(Code::TooManyTeams, detail).with("limit", MOST_TEAMS_OF_USER)
            }
            NotDone::Team(TeamError::NameTaken(_)) => Self::new(Code::NameTaken, detail),
            NotDone::Team(TeamError::TooManyUsers) => {
                Self::malformed(detail).with("field", "users")
            }
            NotDone::Team(TeamError::TooManySims) => Self::malformed(detail).with("field", "sims"),
            NotDone::Team(TeamError::SimOfAnother(_)) => Self::new(Code::SimOfTeam, detail),
            NotDone::Team(TeamError::HasSims(_)) => Self::new(Code::TeamHasSims, detail),
            NotDone::Team(TeamError::Store(error)) => error.into(),
        }
    }
}
