//! Teams: users of an organisation with SIMs of their own.

use std::collections::BTreeSet;

use contracts::{SimId, TeamId, UserId};
use store::{AuditAction, NewTeam, StoreError, Team, TeamChange, TeamError, User};

use super::account;
use super::name::is_name;
use super::not_read::NotRead;
use crate::app::App;
use crate::authority::{Authority, Denied};
use crate::power::Power;

/// The most characters of a team's name.
pub(crate) const LONGEST_NAME: usize = 64;

/// Why a team was not made, changed or removed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotDone {
    /// Not with this authority.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The name cannot be one.
    #[error("a name is 1 to {LONGEST_NAME} visible characters without spaces at its ends")]
    Name,
    /// There is no such account.
    #[error("there is no user named '{0}'; nothing was changed")]
    NoSuchUser(String),
    /// The store.
    #[error(transparent)]
    Team(#[from] TeamError),
}

impl From<StoreError> for NotDone {
    fn from(error: StoreError) -> Self {
        Self::Team(error.into())
    }
}

impl From<NotRead> for NotDone {
    fn from(error: NotRead) -> Self {
        match error {
            NotRead::Denied(denied) => denied.into(),
            NotRead::Store(error) => error.into(),
        }
    }
}

/// What is to be of a team. Users are named by their names or ids.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    /// Its name.
    pub(crate) name: Option<String>,
    /// Whether its users send through SIMs of their teams only.
    pub(crate) own_sims_only: Option<bool>,
    /// All of its users.
    pub(crate) users: Option<Vec<String>>,
    /// All of its SIMs.
    pub(crate) sims: Option<Vec<SimId>>,
    /// Whether SIMs of other teams become its own.
    pub(crate) takes_sims: bool,
    /// The version that was looked at; none: it is changed as it is now.
    pub(crate) version: Option<String>,
}

/// The teams of the organisation, by name.
pub(crate) async fn list(app: &App, authority: &Authority) -> Result<Vec<Team>, NotRead> {
    authority.must(Power::UsersManage)?;
    Ok(app.store.teams(authority.reach).await?)
}

/// One of them.
pub(crate) async fn one(
    app: &App,
    authority: &Authority,
    id: TeamId,
) -> Result<Option<Team>, NotRead> {
    authority.must(Power::UsersManage)?;
    Ok(app.store.team(authority.reach, id).await?)
}

/// Whether one has contacts, groups or templates, with which it is not removed.
pub(crate) async fn has_book(
    app: &App,
    authority: &Authority,
    id: TeamId,
) -> Result<bool, NotRead> {
    authority.must(Power::UsersManage)?;
    Ok(app.store.team_has_book(authority.reach, id).await?)
}

/// Makes one. What is not said of it is empty.
pub(crate) async fn make(
    app: &App,
    authority: &Authority,
    wanted: Wanted,
) -> Result<Team, NotDone> {
    authority.must_for_good(Power::UsersManage)?;
    let change = checked(app, authority, wanted).await?;
    let new = NewTeam {
        name: change.name.ok_or(NotDone::Name)?,
        own_sims_only: change.own_sims_only.unwrap_or_default(),
        users: change.users.unwrap_or_default(),
        sims: change.sims.unwrap_or_default(),
        takes_sims: change.takes_sims,
    };
    let store = app.store.audited(authority.entry(app, AuditAction::TeamCreated));
    let team = store.create_team(authority.reach, &new, app.clock.now()).await?;
    tracing::info!(team = %team.id, by = authority.name(), "a team was made");
    Ok(team)
}

/// Changes one. What is not said of it stays.
pub(crate) async fn change(
    app: &App,
    authority: &Authority,
    id: TeamId,
    wanted: Wanted,
) -> Result<Team, NotDone> {
    authority.must_for_good(Power::UsersManage)?;
    let change = checked(app, authority, wanted).await?;
    let store = app.store.audited(authority.entry(app, AuditAction::TeamChanged));
    let team = store.change_team(authority.reach, id, &change, app.clock.now()).await?;
    tracing::info!(team = %id, by = authority.name(), "a team was changed");
    Ok(team)
}

/// Removes one that has no SIMs, or lets them belong to nobody.
pub(crate) async fn remove(
    app: &App,
    authority: &Authority,
    id: TeamId,
    frees_sims: bool,
) -> Result<(), NotDone> {
    authority.must_for_good(Power::UsersManage)?;
    if frees_sims {
        authority.must_for_good(Power::SimsManage)?;
    }
    let store = app.store.audited(authority.entry(app, AuditAction::TeamRemoved));
    store.remove_team(authority.reach, id, frees_sims, app.clock.now()).await?;
    tracing::info!(team = %id, by = authority.name(), "a team was removed");
    Ok(())
}

/// What is wanted of a team as it would be kept, when it may be. Whoever says which users a team has says by that who may use its SIMs.
async fn checked(app: &App, authority: &Authority, wanted: Wanted) -> Result<TeamChange, NotDone> {
    authority.must_for_good(Power::UsersManage)?;
    authority.must_for_good(Power::SimsManage)?;
    let users = match wanted.users {
        None => None,
        Some(names) => {
            let all = account::list(app, authority).await?;
            Some(names.iter().map(|name| find(&all, name)).collect::<Result<BTreeSet<_>, _>>()?)
        }
    };
    Ok(TeamChange {
        version: wanted.version,
        name: wanted.name.map(|name| checked_name(&name)).transpose()?,
        own_sims_only: wanted.own_sims_only,
        users,
        sims: wanted.sims.map(|sims| sims.into_iter().collect()),
        takes_sims: wanted.takes_sims,
    })
}

/// A name, when it can be one.
pub(crate) fn checked_name(written: &str) -> Result<String, NotDone> {
    if is_name(written, LONGEST_NAME) { Ok(written.to_owned()) } else { Err(NotDone::Name) }
}

/// The account of this name or id.
fn find(users: &[User], said: &str) -> Result<UserId, NotDone> {
    let lower = said.to_lowercase();
    let is_it = |user: &&User| user.name.to_lowercase() == lower || user.id.to_string() == said;
    let user = users.iter().find(is_it);
    user.map(|user| user.id).ok_or_else(|| NotDone::NoSuchUser(said.chars().take(64).collect()))
}
