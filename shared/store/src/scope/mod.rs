//! Who may see what.

use contracts::config_kv::Sim;
use contracts::{OrgId, UserId};

/// Whose rows are read: nothing outside the organisation is ever seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    /// The organisation.
    pub org: OrgId,
    /// Who in it looks.
    pub viewer: Viewer,
}

/// Who looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Viewer {
    /// An administrator: all of the organisation.
    All,
    /// A program: all that is sent, and received messages as a [`Viewer::User`].
    Service(UserId),
    /// A user: what they sent, what was received for them, and what came to SIMs that they may read.
    User(UserId),
}

impl Scope {
    /// All of an organisation.
    pub const fn all(org: OrgId) -> Self {
        Self { org, viewer: Viewer::All }
    }

    /// What one user of an organisation sees.
    pub const fn user(org: OrgId, user: UserId) -> Self {
        Self { org, viewer: Viewer::User(user) }
    }

    /// Whether a message that `owner` sends is seen.
    pub fn sees(self, org: OrgId, owner: UserId) -> bool {
        org == self.org
            && match self.viewer {
                Viewer::All | Viewer::Service(_) => true,
                Viewer::User(user) => owner == user,
            }
    }

    /// Whether a message is seen that came to a SIM with these settings: the inbox's condition in SQL, said once more for
    /// what happens live. `owner` is the account that the message belongs to; none: nobody.
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

    /// Whether messages may be sent through a SIM with these settings.
    pub fn sends_through(self, sim: &Sim) -> bool {
        sim.org == self.org
            && match self.viewer {
                Viewer::All => true,
                Viewer::Service(user) | Viewer::User(user) => sim.senders.allows(user),
            }
    }
}
