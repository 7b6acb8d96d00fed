//! Which way a message goes: which rule takes it, through which pool or SIM, and why.
//!
//! A decision is a pure function of the message, the rules, who is online, and what was decided before. So routers decide
//! by it, and the portal says by the same what a router would decide. The rules are made ready once, when they change
//! ([`Table::new`]); then a message costs a few steps a rule ([`Table::decide`]). What is wrong with rules is said by
//! [`check()`].
//!
//! A message that names a SIM or a pool keeps it: rules choose for those that name none. A rule that refuses is asked in any
//! case. What no rule takes and names nothing goes through the SIMs of its account's teams ([`Membership`]), else through the
//! default pool.

#![deny(clippy::unwrap_used, clippy::expect_used)]

pub mod check;
mod conditions;
mod covers;
mod decision;
mod membership;
mod online;
mod past;
mod share;
mod table;
mod zones;

pub use check::{Fault, Finding, Known, Place, check};
pub use decision::{Chosen, Decision, Explained, Miss, Passed, Way};
pub use membership::Membership;
pub use online::Online;
pub use past::Past;
pub use table::Table;
pub use zones::is_zone;

use contracts::mt::{Body, MtRequest};
use contracts::subject::Target;
use contracts::{KeyId, PhoneNumber, PoolId, Priority, Timestamp, UserId};

/// What is asked about a message.
#[derive(Clone)]
pub struct Message<'a> {
    /// The recipient.
    pub to: &'a PhoneNumber,
    /// The account that sends it.
    pub account: UserId,
    /// How urgent it is.
    pub priority: Priority,
    /// Its text; none: it is data.
    pub text: Option<&'a str>,
    /// The key by which it was sent; none: by no key.
    pub key: Option<KeyId>,
    /// Its tag.
    pub tag: Option<&'a str>,
    /// The sender that it asks for.
    pub sender: Option<&'a str>,
    /// The SIM or pool that it names; none: any will do.
    pub named: Option<Target>,
    /// The teams of the account; none: it is of none.
    pub teams: Option<&'a Membership>,
    /// When it is decided.
    pub at: Timestamp,
}

impl<'a> Message<'a> {
    /// That of a request.
    pub fn of(request: &'a MtRequest, priority: Priority, at: Timestamp) -> Self {
        let text = match &request.body {
            Body::Text { text, .. } => Some(text.as_str()),
            Body::Data { .. } => None,
        };
        let pool = request.pool.clone().map(Target::Pool);
        let named = request.sim.map(Target::Sim).or(pool);
        Self {
            to: &request.to,
            account: request.owner,
            priority,
            text,
            key: request.key,
            tag: request.tag.as_deref(),
            sender: request.sender.as_deref(),
            named,
            teams: None,
            at,
        }
    }

    /// The same of an account that is of teams, or of none.
    #[must_use]
    pub fn of_teams(self, teams: Option<&'a Membership>) -> Self {
        Self { teams, ..self }
    }

    /// Whether it leaves by SIMs of the account's teams only, so that no pool takes it.
    pub(crate) fn keeps_to_team(&self) -> bool {
        self.teams.is_some_and(|teams| teams.keeps_to().is_some())
    }

    /// Where it goes when no rule takes it.
    fn own_way(&self) -> Target {
        self.named.clone().unwrap_or_else(|| Target::Pool(PoolId::default_pool()))
    }
}
