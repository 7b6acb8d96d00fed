//! Teams, with their users and SIMs. They stand before SIMs: whoever uses a SIM of a team is said by the team. Those that the file does
//! not have are removed after the others are as it says, so that a SIM which moves from one to another is nobody's in no moment.

use std::collections::BTreeSet;

use contracts::SimId;
use serde::{Deserialize, Serialize};
use store::{MOST_SIMS_OF_TEAM, MOST_USERS_OF_TEAM, TeamError};

use super::check::Check;
use super::compare::{Change, Sign};
use super::kind::Kind;
use super::refusal::NotTaken;
use super::section::{Entry, Section, written};
use super::sims::no_such_user;
use super::there::There;
use crate::acts::not_read::NotRead;
use crate::acts::team::{self, NotDone, Wanted, checked_name};
use crate::app::App;
use crate::authority::Authority;
use crate::power::Power;

/// A team.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TeamFields {
    name: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    own_sims_only: bool,
    /// Users' names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    users: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    sims: Vec<SimId>,
}

/// All teams.
pub(super) fn section(there: &There) -> Section {
    Section::sorted(there.teams.iter().map(|team| {
        let mut users: Vec<String> = team.users.iter().map(|id| there.user_name(*id)).collect();
        users.sort_by_key(|name| name.to_lowercase());
        let fields = TeamFields {
            name: team.name.clone(),
            own_sims_only: team.own_sims_only,
            users,
            sims: team.sims.iter().copied().collect(),
        };
        Entry::there(Kind::Teams, written(&fields))
    }))
}

/// What a file wants of a team, when it can be.
pub(super) fn checked(look: &Check<'_>, entry: Entry) -> Result<Entry, NotTaken> {
    look.authority.must_for_good(Power::UsersManage)?;
    look.authority.must_for_good(Power::SimsManage)?;
    let mut said: TeamFields = entry.read()?;
    said.name = checked_name(&said.name)?;
    let user = |name: &String| {
        let id = look.there.user(name).ok_or_else(|| no_such_user(name))?;
        Ok::<_, NotTaken>(look.there.user_name(id))
    };
    said.users = said.users.iter().map(user).collect::<Result<_, _>>()?;
    said.users.sort_by_key(|name| name.to_lowercase());
    said.users.dedup();
    said.sims.sort_unstable();
    said.sims.dedup();
    if said.users.len() > MOST_USERS_OF_TEAM {
        return Err(NotDone::from(TeamError::TooManyUsers).into());
    }
    if said.sims.len() > MOST_SIMS_OF_TEAM {
        return Err(NotDone::from(TeamError::TooManySims).into());
    }
    Ok(entry.kept(written(&said)))
}

/// Whether a team that a file does not have cannot be removed, for it has contacts, groups or templates. Those of a team are in no file.
pub(super) async fn keeps(look: &Check<'_>, key: &str) -> Result<bool, NotRead> {
    let mut teams = look.there.teams.iter();
    let Some(team) = teams.find(|team| team.name.to_lowercase() == key) else { return Ok(false) };
    team::has_book(look.app, look.authority, team.id).await
}

/// Keeps what a file wants of a team. `all` are those that the file has.
pub(super) async fn apply(
    app: &App,
    authority: &Authority,
    there: &There,
    (change, all): (&Change, &Section),
) -> Result<(), NotTaken> {
    let present = there.teams.iter().find(|team| team.name.to_lowercase() == change.key);
    let said = change.wanted.as_ref().map(Entry::read::<TeamFields>).transpose()?;
    match (change.sign, present, said) {
        (Sign::Add, None, Some(said)) => {
            team::make(app, authority, wanted(said)).await?;
        }
        (Sign::Change, Some(present), Some(mut said)) => {
            // What another team of the file is to have stays until that takes it.
            let now = team::one(app, authority, present.id).await?;
            let others = of_others(all, &change.key)?;
            said.sims.extend(
                now.into_iter().flat_map(|now| now.sims).filter(|sim| others.contains(sim)),
            );
            team::change(app, authority, present.id, wanted(said)).await?;
        }
        (Sign::Remove, Some(present), _) => {
            // Whoever prunes says that what is not in the file is nobody's. What moved elsewhere is gone from it by now. A team without
            // SIMs frees none, which needs no power over them.
            team::remove(app, authority, present.id, !present.sims.is_empty()).await?;
        }
        _ => return Err(NotTaken::gone("team")),
    }
    Ok(())
}

/// Puts teams that take SIMs before those that only lose some, which are as the file says when the others have taken theirs. So each call
/// of a long import brings it on.
pub(super) fn takers_first(there: &There, changes: &mut [Change]) {
    let is_kept = |change: &&Change| change.kind == Kind::Teams && change.sign != Sign::Remove;
    let count = changes.iter().take_while(is_kept).count();
    changes[..count].sort_by_cached_key(|change| only_loses(there, change));
}

/// Whether a team has all SIMs that it is to have.
fn only_loses(there: &There, change: &Change) -> bool {
    let said = change.wanted.as_ref().and_then(|entry| entry.read::<TeamFields>().ok());
    let present = there.teams.iter().find(|team| team.name.to_lowercase() == change.key);
    let (Some(said), Some(present)) = (said, present) else { return false };
    said.sims.iter().all(|sim| present.sims.contains(sim))
}

/// The SIMs that the other teams of a file are to have.
fn of_others(all: &Section, key: &str) -> Result<BTreeSet<SimId>, NotTaken> {
    let mut sims = BTreeSet::new();
    for entry in all.entries().filter(|entry| entry.key != key) {
        sims.extend(entry.read::<TeamFields>()?.sims);
    }
    Ok(sims)
}

fn wanted(said: TeamFields) -> Wanted {
    Wanted {
        name: Some(said.name),
        own_sims_only: Some(said.own_sims_only),
        users: Some(said.users),
        sims: Some(said.sims),
        // In the file they are of this team, wherever they are now.
        takes_sims: true,
        version: None,
    }
}
