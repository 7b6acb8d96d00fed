//! Who may use a SIM, which pool it is in, and how much it may send.

use contracts::config_kv::{Access, Sim};
use contracts::limits::Limits;
use contracts::mo::MoReceived;
use contracts::{PoolId, SimId, Timestamp, UserId};

use crate::engine::on_engine;
use crate::{Reach, Store, StoreError};

/// A change of what is set for a SIM. A field that is none stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SimChange {
    /// Who may send through the SIM, besides administrators.
    pub senders: Option<Access>,
    /// Who may read what the SIM receives, besides administrators.
    pub readers: Option<Access>,
    /// How much it may send, and when; all of its limits, for they are checked together.
    pub limits: Option<Limits>,
    /// The pool that the SIM is in.
    pub pool: Option<PoolId>,
}

/// A SIM could not be changed.
#[derive(Debug, thiserror::Error)]
pub enum SimError {
    /// The SIM belongs to another organisation.
    #[error("the SIM belongs to another organisation")]
    Elsewhere,
    /// The organisation has no such account.
    #[error("there is no user {0}")]
    NoSuchUser(UserId),
    /// The SIM belongs to a team of this name, whose users are those who use it.
    #[error(
        "the SIM belongs to the team '{0}', whose users are those who use it: change the team, or take the SIM out of it"
    )]
    OfTeam(String),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Returns the SIMs of the organisation for which something was set, sorted by id. Of the accounts that may use
    /// them, only those in reach are named.
    pub async fn sims(&self, reach: Reach) -> Result<Vec<(SimId, Sim)>, StoreError> {
        on_engine!(self, db => db.sims(reach))
    }

    /// Returns the settings of a SIM of the organisation. Of the accounts that may use the SIM, only those in reach are
    /// named. A SIM for which nothing was set has [`Sim::unset`] and belongs to the default organisation.
    pub async fn sim(&self, reach: Reach, id: SimId) -> Result<Sim, SimError> {
        on_engine!(self, db => db.sim(reach, id))
    }

    /// Returns whether messages of an account may be sent through a SIM on somebody's behalf: whether the reach has the SIM, and no
    /// wall of a team stands between the account and it, which no administrator passes either. The router asks the same of each message.
    pub async fn may_send_through(
        &self,
        reach: Reach,
        owner: UserId,
        id: SimId,
    ) -> Result<bool, StoreError> {
        let sim = match self.sim(reach, id).await {
            Ok(sim) => sim,
            Err(SimError::Store(error)) => return Err(error),
            Err(SimError::Elsewhere | SimError::NoSuchUser(_) | SimError::OfTeam(_)) => {
                return Ok(false);
            }
        };
        let is_of_others = sim.team.is_some() && !sim.lets_through(owner, false);
        if is_of_others || !reach.sends_through(&sim) {
            return Ok(false);
        }
        let teams = self.teams(Reach::own(reach.org, owner)).await?;
        let keeps_to_own = teams.iter().any(|team| team.own_sims_only);
        Ok(!keeps_to_own || teams.iter().any(|team| team.sims.contains(&id)))
    }

    /// Returns whether a reach has a SIM to send through, whatever teams say: for whoever knows what these say, and asks it. Everybody
    /// else asks [`Store::may_send_through`].
    pub async fn sends_through(&self, reach: Reach, id: SimId) -> Result<bool, StoreError> {
        match self.sim(reach, id).await {
            Ok(sim) => Ok(reach.sends_through(&sim)),
            Err(SimError::Store(error)) => Err(error),
            Err(SimError::Elsewhere | SimError::NoSuchUser(_) | SimError::OfTeam(_)) => Ok(false),
        }
    }

    /// Returns whether a message that was received may be read on somebody's behalf.
    pub async fn may_read(&self, reach: Reach, message: &MoReceived) -> Result<bool, StoreError> {
        if message.owner.is_some() {
            // Whose it is says it all.
            return Ok(reach.reads(message.org, message.owner, &Sim::unset(message.org)));
        }
        match self.sim(reach, message.sim).await {
            Ok(sim) => Ok(reach.reads(message.org, None, &sim)),
            Err(SimError::Store(error)) => Err(error),
            Err(SimError::Elsewhere | SimError::NoSuchUser(_) | SimError::OfTeam(_)) => Ok(false),
        }
    }

    /// Changes what is set for a SIM of the organisation and returns the settings as they are then, for whoever reaches
    /// everything in the organisation.
    pub async fn change_sim(
        &self,
        reach: Reach,
        id: SimId,
        change: &SimChange,
        at: Timestamp,
    ) -> Result<Sim, SimError> {
        self.waking(on_engine!(self, db => db.change_sim(reach, id, change, at)))
    }
}
