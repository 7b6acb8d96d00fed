//! Teams: users of an organisation with SIMs of their own.
//!
//! A SIM of a team is behind the wall that every SIM may have: only those who may send through it do, and it is in no pool. Whoever is of
//! the team may, and nobody else: each change of a team writes that where each SIM says who may use it, in the same transaction. So
//! whatever asks a SIM who may use it, in this release and the one before, keeps to the wall without knowing of teams. Rejected: to
//! ask for the team of a SIM wherever one is used, for one place that forgets to would be a hole.

use std::collections::BTreeSet;

use contracts::{OrgId, SimId, TeamId, Timestamp, UserId};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use crate::engine::on_engine;
use crate::{Reach, Store, StoreError};

/// The most teams of an organisation.
pub const MOST_TEAMS: u32 = 200;
/// The most users of a team.
pub const MOST_USERS_OF_TEAM: usize = 100;
/// The most SIMs of a team.
pub const MOST_SIMS_OF_TEAM: usize = 100;
/// The most teams that one user is of.
pub const MOST_TEAMS_OF_USER: u32 = 10;

/// A team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    /// The id of the team.
    pub id: TeamId,
    /// The organisation of the team.
    pub org: OrgId,
    /// The name; no other team of the organisation is called so, letter case aside.
    pub name: String,
    /// Whether its users send through SIMs of their teams only.
    pub own_sims_only: bool,
    /// Its users.
    pub users: BTreeSet<UserId>,
    /// Its SIMs, which belong to no other team.
    pub sims: BTreeSet<SimId>,
    /// When the team was made.
    pub created_at: Timestamp,
}

impl Team {
    /// Returns what tells the team as it is from the team as it was before a change, or will be after one.
    pub fn version(&self) -> String {
        let Self { name, own_sims_only, users, sims, .. } = self;
        let said = serde_json::json!([name, own_sims_only, users, sims]).to_string();
        let hash: [u8; 32] = Sha256::digest(said.as_bytes()).into();
        HEXLOWER.encode(&hash)
    }
}

/// A team to be made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewTeam {
    /// The name.
    pub name: String,
    /// Whether its users send through SIMs of their teams only.
    pub own_sims_only: bool,
    /// Its users.
    pub users: BTreeSet<UserId>,
    /// Its SIMs.
    pub sims: BTreeSet<SimId>,
    /// Whether SIMs of other teams become its own. They are nobody's in no moment.
    pub takes_sims: bool,
}

/// What is to be changed of a team. What is none stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TeamChange {
    /// The version that was looked at: a team that somebody else changed since is not changed. None: as it is now.
    pub version: Option<String>,
    /// The name.
    pub name: Option<String>,
    /// Whether its users send through SIMs of their teams only.
    pub own_sims_only: Option<bool>,
    /// All of its users.
    pub users: Option<BTreeSet<UserId>>,
    /// All of its SIMs. One that is not named any more belongs to nobody: everybody sends through it, and only administrators read it.
    pub sims: Option<BTreeSet<SimId>>,
    /// Whether SIMs of other teams become its own. They are nobody's in no moment. Until others have taken theirs, it may have twice as
    /// many as a team has else.
    pub takes_sims: bool,
}

/// A team was not made, changed or removed.
#[derive(Debug, thiserror::Error)]
pub enum TeamError {
    /// There is no such team.
    #[error("there is no such team")]
    NoSuchTeam,
    /// It is not the version that was looked at.
    #[error("somebody changed the team meanwhile: look at it and change it again")]
    Meanwhile,
    /// There are as many as there may be.
    #[error("there are {MOST_TEAMS} teams already, which is the most there may be")]
    TooMany,
    /// Another team has the name.
    #[error("there is a team '{0}' already")]
    NameTaken(String),
    /// There are too many users.
    #[error("a team has at most {MOST_USERS_OF_TEAM} users")]
    TooManyUsers,
    /// There are too many SIMs.
    #[error("a team has at most {MOST_SIMS_OF_TEAM} SIMs")]
    TooManySims,
    /// The organisation has no such account.
    #[error("there is no user {0}")]
    NoSuchUser(UserId),
    /// The account is of as many teams as it may be.
    #[error(
        "the user {0} is of {MOST_TEAMS_OF_USER} teams already, which is the most there may be"
    )]
    TooManyTeams(UserId),
    /// The SIM belongs to another team, or to another organisation.
    #[error("the SIM {0} belongs to another team; take it out of that team first")]
    SimOfAnother(SimId),
    /// The team that is to be removed has so many SIMs.
    #[error(
        "the team has {0} SIMs: take them out of it first, after which everybody sends through them, and then give them to another team if you like"
    )]
    HasSims(usize),
    /// The team that is to be removed has contacts, groups or templates.
    #[error("the team has contacts, groups or templates: remove them first")]
    HasBook,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Returns the teams of the organisation, sorted by name: all of them for whoever reaches everything in it, otherwise those
    /// that the account is of.
    pub async fn teams(&self, reach: Reach) -> Result<Vec<Team>, StoreError> {
        on_engine!(self, db => db.teams(reach))
    }

    /// Returns a team as [`Store::teams`] does.
    pub async fn team(&self, reach: Reach, id: TeamId) -> Result<Option<Team>, StoreError> {
        on_engine!(self, db => db.team(reach, id))
    }

    /// Returns whether a team has contacts, groups or templates, for whoever reaches everything in the organisation. Such a one is not
    /// removed.
    pub async fn team_has_book(&self, reach: Reach, id: TeamId) -> Result<bool, StoreError> {
        on_engine!(self, db => db.team_has_book(reach, id))
    }

    /// Makes a team, for whoever reaches everything in the organisation. From then on its SIMs are for its users alone.
    pub async fn create_team(
        &self,
        reach: Reach,
        new: &NewTeam,
        at: Timestamp,
    ) -> Result<Team, TeamError> {
        self.waking(on_engine!(self, db => db.create_team(reach, new, at)))
    }

    /// Changes a team, for whoever reaches everything in the organisation, and returns it as it is then.
    pub async fn change_team(
        &self,
        reach: Reach,
        id: TeamId,
        change: &TeamChange,
        at: Timestamp,
    ) -> Result<Team, TeamError> {
        self.waking(on_engine!(self, db => db.change_team(reach, id, change, at)))
    }

    /// Removes a team, for whoever reaches everything in the organisation. One that has SIMs stays, unless `frees_sims` says that they
    /// are to belong to nobody. So does one that has contacts, groups or templates, which are removed
    /// first: they would be in nobody's reach, and it is for nobody to say that all of the organisation may read them.
    pub async fn remove_team(
        &self,
        reach: Reach,
        id: TeamId,
        frees_sims: bool,
        at: Timestamp,
    ) -> Result<(), TeamError> {
        self.waking(on_engine!(self, db => db.remove_team(reach, id, frees_sims, at)))
    }
}
