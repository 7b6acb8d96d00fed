//! Whose something is that may be a user's, a team's or everybody's: a contact, a group or a template.

use std::fmt;
use std::str::FromStr;

use crate::ids::ParseIdError;
use crate::{TeamId, UserId};

/// Whose a contact, a group or a template is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Holder {
    /// All of the organisation share it.
    Everybody,
    /// It is this account's own.
    User(UserId),
    /// It is this team's: whoever is of the team reads and changes it.
    Team(TeamId),
}

impl Holder {
    /// Returns the account whose own it is.
    pub const fn user(self) -> Option<UserId> {
        match self {
            Self::User(user) => Some(user),
            Self::Everybody | Self::Team(_) => None,
        }
    }

    /// Returns the team whose it is.
    pub const fn team(self) -> Option<TeamId> {
        match self {
            Self::Team(team) => Some(team),
            Self::Everybody | Self::User(_) => None,
        }
    }

    /// Returns whether all of the organisation share it.
    pub const fn is_everybody(self) -> bool {
        matches!(self, Self::Everybody)
    }
}

/// An account; none: all of the organisation share it.
impl From<Option<UserId>> for Holder {
    fn from(owner: Option<UserId>) -> Self {
        owner.map_or(Self::Everybody, Self::User)
    }
}

/// The id of the account or of the team; nothing: all of the organisation share it.
impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everybody => Ok(()),
            Self::User(user) => write!(f, "{user}"),
            Self::Team(team) => write!(f, "{team}"),
        }
    }
}

impl FromStr for Holder {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        if text.is_empty() {
            return Ok(Self::Everybody);
        }
        let team = text.parse::<TeamId>().map(Self::Team);
        team.or_else(|_| text.parse::<UserId>().map(Self::User))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let user = Holder::User(UserId::derived("ani"));
        let team = Holder::Team(TeamId::derived("Sales"));
        for holder in [Holder::Everybody, user, team] {
            assert_eq!(holder.to_string().parse(), Ok(holder));
        }
        assert!("sim_1".parse::<Holder>().is_err());
        // What a conversation shows of three contacts is in this order from its end: one's own, the team's, everybody's.
        assert!(user.to_string() > team.to_string() && team.to_string() > String::new());
    }
}
