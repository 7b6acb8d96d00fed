//! What was decided, and why.

use std::fmt;

use contracts::subject::Target;
use contracts::{PoolId, SimId};

/// What becomes of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision<'t> {
    /// The rule that took it, by its name; none: it keeps the way that it names, or goes through the default pool.
    pub rule: Option<&'t str>,
    /// Which way it goes.
    pub way: Way<'t>,
}

/// Which way a message goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way<'t> {
    /// Through these modems.
    Through(Chosen),
    /// It is refused, for this reason.
    Refused(&'t str),
    /// The users of a team of its account send through SIMs of their teams only, and it has none, or the message names a pool.
    Walled,
}

/// Which modems may send a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// These.
    pub target: Target,
    /// The pool whose strategy chose the SIM; none: no strategy chose it.
    pub shared: Option<PoolId>,
    /// Whether it is a SIM of a team of the account, and was chosen for that.
    pub of_team: bool,
    /// Whether one of them is online.
    pub online: bool,
}

impl Chosen {
    /// The SIM, if it is one.
    pub const fn sim(&self) -> Option<SimId> {
        match &self.target {
            Target::Sim(sim) => Some(*sim),
            Target::Pool(_) => None,
        }
    }
}

/// A decision with all that led to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained<'t> {
    /// The rules that were asked before and do not take the message.
    pub passed: Vec<Passed<'t>>,
    /// What was decided.
    pub decision: Decision<'t>,
}

/// A rule that does not take a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passed<'t> {
    /// Its name.
    pub rule: &'t str,
    /// Why.
    pub why: Miss,
}

/// Why a rule does not take a message: the first condition that does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Miss {
    /// The rule is not enabled.
    Disabled,
    /// The message names a SIM or a pool, and the rule chooses one.
    Named,
    /// The number begins otherwise.
    Prefix,
    /// Another account sends it.
    Account,
    /// It has another priority.
    Priority,
    /// The text begins with another word.
    Keyword,
    /// It came by another key, or by none.
    Key,
    /// It has another tag, or none.
    Tag,
    /// It asks for another sender, or for none.
    Sender,
    /// It is another time.
    Hours,
    /// The account may use none of the SIMs and pools of the rule.
    Walled,
}

impl fmt::Display for Miss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Disabled => "it is switched off",
            Self::Named => "the message names a SIM or a pool itself",
            Self::Prefix => "the number begins with none of its prefixes",
            Self::Account => "the account is none of its accounts",
            Self::Priority => "the priority is none of its priorities",
            Self::Keyword => "the text begins with none of its words",
            Self::Key => "the key is none of its keys",
            Self::Tag => "the tag is none of its tags",
            Self::Sender => "the sender is none of its senders",
            Self::Hours => "it is outside of its hours",
            Self::Walled => "the account may send through none of its SIMs and pools",
        })
    }
}
