//! On whose behalf a call acts, and what is theirs.

use contracts::config_kv::{Access, Sim};
use contracts::{OrgId, UserId};

use crate::StoreError;

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
    /// What is this account's own, and the gateway itself: its modems, its queue and its alerts. The reach of an operator.
    Operator(UserId),
    /// What is this account's own, the messages of the users of its teams, and what all of the organisation share: contacts, groups
    /// and templates that are everybody's, and who opted out. The reach of a manager.
    Manager(UserId),
    /// Only what is this account's own: the messages that it sent, those that were received for it, and those that
    /// came to SIMs which it may read. As with every reach of one account, the contacts, groups and templates of its teams are with it.
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

    /// Makes the reach of a program's account.
    pub const fn program(org: OrgId, account: UserId) -> Self {
        Self { org, owner: Owner::Program(account) }
    }

    /// Makes the reach of an operator's account.
    pub const fn operator(org: OrgId, account: UserId) -> Self {
        Self { org, owner: Owner::Operator(account) }
    }

    /// Makes the reach of a manager's account.
    pub const fn manager(org: OrgId, account: UserId) -> Self {
        Self { org, owner: Owner::Manager(account) }
    }

    /// Returns whether a message that `owner` sends is seen, as far as that can be told without knowing who is of which team:
    /// [`Self::leads`] says whose teams are to be looked at besides.
    pub fn sees(self, org: OrgId, owner: UserId) -> bool {
        org == self.org && (matches!(self.owner, Owner::Program(_)) || self.owns(owner))
    }

    /// Returns whether a received message is seen that came to a SIM with these settings. `owner` is the account that
    /// the message belongs to, if it belongs to one.
    pub fn reads(self, org: OrgId, owner: Option<UserId>, sim: &Sim) -> bool {
        let of_sim = || sim.org == org && self.is_among(&sim.readers);
        org == self.org && owner.map_or_else(of_sim, |owner| self.owns(owner))
    }

    /// Returns the account whose teams' users are reached with it: what they send, and what is received for them.
    pub const fn leads(self) -> Option<UserId> {
        match self.owner {
            Owner::Manager(account) => Some(account),
            Owner::Anybody | Owner::Program(_) | Owner::Operator(_) | Owner::Only(_) => None,
        }
    }

    /// Returns whether messages may be sent through a SIM with these settings.
    pub fn sends_through(self, sim: &Sim) -> bool {
        sim.org == self.org && self.is_among(&sim.senders)
    }

    /// Refuses to change what belongs to all of the organisation, unless everything in it is reached.
    pub(crate) fn must_be_everything(self, doing: &'static str) -> Result<(), StoreError> {
        match self.owner {
            Owner::Anybody => Ok(()),
            Owner::Program(_) | Owner::Operator(_) | Owner::Manager(_) | Owner::Only(_) => {
                Err(StoreError::OutOfReach { doing })
            }
        }
    }

    /// Refuses to read or change the gateway itself, unless it is reached.
    pub(crate) fn must_be_gateway(self, doing: &'static str) -> Result<(), StoreError> {
        match self.owner {
            Owner::Operator(_) => Ok(()),
            _ => self.must_be_everything(doing),
        }
    }

    /// Refuses to change what all of an organisation share, unless that is reached.
    pub(crate) fn must_be_shared(self, doing: &'static str) -> Result<(), StoreError> {
        match self.owner {
            Owner::Manager(_) => Ok(()),
            _ => self.must_be_everything(doing),
        }
    }

    /// Returns whether the gateway itself is reached: what is wrong with it is told, and programs on its hosts may be run.
    pub const fn operates(self) -> bool {
        matches!(self.owner, Owner::Anybody | Owner::Operator(_))
    }

    /// Returns whether what all of the organisation share may be changed.
    pub const fn shares(self) -> bool {
        matches!(self.owner, Owner::Anybody | Owner::Manager(_))
    }

    /// Refuses to act for an account that is another one's.
    pub(crate) fn must_own(self, owner: UserId, doing: &'static str) -> Result<(), StoreError> {
        if self.owns(owner) { Ok(()) } else { Err(StoreError::OutOfReach { doing }) }
    }

    /// Returns the one account whose own is reached. None when anybody's is.
    pub(crate) const fn account(self) -> Option<UserId> {
        match self.owner {
            Owner::Anybody => None,
            Owner::Program(account)
            | Owner::Operator(account)
            | Owner::Manager(account)
            | Owner::Only(account) => Some(account),
        }
    }

    /// Returns the one account whose sent messages alone are reached. None when anybody's are.
    pub(crate) const fn sends_for(self) -> Option<UserId> {
        match self.owner {
            Owner::Anybody | Owner::Program(_) => None,
            Owner::Operator(account) | Owner::Manager(account) | Owner::Only(account) => {
                Some(account)
            }
        }
    }

    fn owns(self, owner: UserId) -> bool {
        self.account().is_none_or(|account| account == owner)
    }

    fn is_among(self, access: &Access) -> bool {
        self.account().is_none_or(|account| access.allows(account))
    }
}
