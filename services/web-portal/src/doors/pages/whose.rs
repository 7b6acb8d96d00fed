//! Whose a contact, a group or a template is: what a form offers, what it said, and how a list names a team.

use contracts::{Holder, TeamId};

use super::failure::Failure;
use super::hostile::Hostile;
use crate::acts::belonging::{self, Belonging, may_share};
use crate::app::App;
use crate::authority::Authority;

/// What all of the organisation share, as a form says it.
const EVERYBODY: &str = "yes";

/// Whose something that is made may be, beside one's own.
pub(super) struct Whose {
    /// The teams, by name.
    pub(super) teams: Vec<TeamChoice>,
    /// All of the organisation may share it.
    pub(super) may_share: bool,
    /// That was chosen.
    pub(super) is_shared: bool,
}

/// A team whose it may be.
pub(super) struct TeamChoice {
    /// The id of the team.
    pub(super) id: TeamId,
    /// The name of the team.
    pub(super) name: Hostile,
    /// It was chosen.
    pub(super) chosen: bool,
}

impl Whose {
    /// Returns what may be chosen with an authority, and what a form said already.
    pub(super) async fn of(app: &App, authority: &Authority, said: &str) -> Result<Self, Failure> {
        let teams = belonging::teams(app, authority).await?.into_iter();
        let choice = |team: store::Team| TeamChoice {
            id: team.id,
            name: Hostile(team.name).short(Hostile::CHOICE),
            chosen: team.id.to_string() == said,
        };
        Ok(Self {
            teams: teams.map(choice).collect(),
            may_share: may_share(authority),
            is_shared: said == EVERYBODY,
        })
    }

    /// Returns whether there is nothing to choose.
    pub(super) fn is_empty(&self) -> bool {
        self.teams.is_empty() && !self.may_share
    }

    /// Returns the name of the team whose something is, if it is a team's.
    pub(super) fn team(&self, holder: Holder) -> Option<Hostile> {
        let team = holder.team()?;
        self.teams.iter().find(|known| known.id == team).map(|known| known.name.clone())
    }
}

/// Whose something is to be, as a form said it: one's own when it said nothing.
pub(super) fn said(written: &str) -> Belonging {
    match written {
        "" => Belonging::default(),
        EVERYBODY => Belonging { shared: true, ..Belonging::default() },
        team => Belonging { team: Some(team.to_owned()), ..Belonging::default() },
    }
}
