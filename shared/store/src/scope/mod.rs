//! Who may see what.

use contracts::config_kv::Sim;
use contracts::{OrgId, UserId};

/// Whose rows are read. Nothing outside the organisation is ever seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    /// The organisation.
    pub org: OrgId,
    /// Who in the organisation looks.
    pub viewer: Viewer,
}

/// Who looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Viewer {
    /// An administrator, who sees all of the organisation.
    All,
    /// A program, which sees all messages that the organisation sends, and received messages as a [`Viewer::User`]
    /// does.
    Service(UserId),
    /// A user, who sees the messages that the user sent, those that were received for the user, and those that came
    /// to SIMs which the user may read.
    User(UserId),
}

impl Scope {
    /// Makes the scope of all that an organisation has.
    pub const fn all(org: OrgId) -> Self {
        Self { org, viewer: Viewer::All }
    }

    /// Makes the scope of one user of an organisation.
    pub const fn user(org: OrgId, user: UserId) -> Self {
        Self { org, viewer: Viewer::User(user) }
    }

    /// Returns whether a message that `owner` sends is seen.
    pub fn sees(self, org: OrgId, owner: UserId) -> bool {
        org == self.org
            && match self.viewer {
                Viewer::All | Viewer::Service(_) => true,
                Viewer::User(user) => owner == user,
            }
    }

    /// Returns whether a received message is seen that came to a SIM with these settings. `owner` is the account that
    /// the message belongs to, if it belongs to one. The inbox says the same in SQL; this condition is for messages
    /// that are shown live.
    pub fn reads(self, org: OrgId, owner: Option<UserId>, sim: &Sim) -> bool {
        let of_sim = |user| sim.org == org && sim.readers.allows(user);
        org == self.org
            && match self.viewer {
                Viewer::All => true,
                Viewer::Service(user) | Viewer::User(user) => {
                    owner.map_or_else(|| of_sim(user), |owner| owner == user)
                }
            }
    }

    /// Returns whether messages may be sent through a SIM with these settings.
    pub fn sends_through(self, sim: &Sim) -> bool {
        sim.org == self.org
            && match self.viewer {
                Viewer::All => true,
                Viewer::Service(user) | Viewer::User(user) => sim.senders.allows(user),
            }
    }
}
