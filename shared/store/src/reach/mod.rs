//! On whose behalf a call acts, and what is theirs.

use contracts::config_kv::Sim;
use contracts::{OrgId, UserId};

/// On whose behalf a call acts. Nothing outside the organisation is ever seen or changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// The organisation.
    pub org: OrgId,
    /// Whose rows in the organisation are reached.
    pub owner: Owner,
}

/// Whose rows are reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// Anybody's: the reach of an administrator.
    Anybody,
    /// The messages that anybody sends, and otherwise only what is this account's own: the reach of a program.
    Program(UserId),
    /// Only what is this account's own: the messages that it sent, those that were received for it, and those that
    /// came to SIMs which it may read.
    Only(UserId),
}

impl Reach {
    /// Makes the reach of all that an organisation has.
    pub const fn everything(org: OrgId) -> Self {
        Self { org, owner: Owner::Anybody }
    }

    /// Makes the reach of one user of an organisation.
    pub const fn own(org: OrgId, user: UserId) -> Self {
        Self { org, owner: Owner::Only(user) }
    }

    /// Returns whether a message that `owner` sends is seen.
    pub fn sees(self, org: OrgId, owner: UserId) -> bool {
        org == self.org
            && match self.owner {
                Owner::Anybody | Owner::Program(_) => true,
                Owner::Only(user) => owner == user,
            }
    }

    /// Returns whether a received message is seen that came to a SIM with these settings. `owner` is the account that
    /// the message belongs to, if it belongs to one. The inbox says the same in SQL; this condition is for messages
    /// that are shown live.
    pub fn reads(self, org: OrgId, owner: Option<UserId>, sim: &Sim) -> bool {
        let of_sim = |user| sim.org == org && sim.readers.allows(user);
        org == self.org
            && match self.owner {
                Owner::Anybody => true,
                Owner::Program(user) | Owner::Only(user) => {
                    owner.map_or_else(|| of_sim(user), |owner| owner == user)
                }
            }
    }

    /// Returns whether messages may be sent through a SIM with these settings.
    pub fn sends_through(self, sim: &Sim) -> bool {
        sim.org == self.org
            && match self.owner {
                Owner::Anybody => true,
                Owner::Program(user) | Owner::Only(user) => sim.senders.allows(user),
            }
    }
}
