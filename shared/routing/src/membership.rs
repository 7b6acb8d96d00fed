//! What the teams of an account say of the SIMs that its messages leave by.
//!
//! A team is a wall around its SIMs, which is asked by `may_use` wherever a SIM is chosen, and, if it says so, a wall around its users:
//! then nothing of theirs leaves by a SIM that is not of a team of theirs. Beyond that it is a preference: of what names no way,
//! and is taken by no rule, the SIMs of the team are the first choice, for nobody else uses them.

use std::collections::BTreeSet;

use contracts::SimId;
use contracts::config_kv::Team;

use crate::{Online, Past};

/// The teams of an account, made ready.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Membership {
    sims: BTreeSet<SimId>,
    keeps_to: Option<String>,
}

impl Membership {
    /// Gathers teams that an account is of.
    pub fn of<'t>(teams: impl IntoIterator<Item = &'t Team>) -> Self {
        let mut all = Self::default();
        for team in teams {
            all.sims.extend(&team.sims);
            // Of several that say so, the first by name is named, in whatever order they come.
            if team.own_sims_only && all.keeps_to.as_ref().is_none_or(|name| team.name < *name) {
                all.keeps_to = Some(team.name.clone());
            }
        }
        all
    }

    /// Returns the team whose users send through SIMs of their teams only, by its name. None: the account may use others.
    pub fn keeps_to(&self) -> Option<&str> {
        self.keeps_to.as_deref()
    }

    /// Returns whether messages of the account may leave by a SIM, as far as its own teams say.
    pub fn lets_through(&self, sim: SimId) -> bool {
        self.keeps_to.is_none() || self.sims.contains(&sim)
    }

    /// Returns the SIM that sent least today among those that are online and may be used.
    pub(crate) fn choose(
        &self,
        online: &Online,
        past: &Past,
        may_use: impl Fn(SimId) -> bool,
    ) -> Option<SimId> {
        let there = self.sims.iter().filter_map(|sim| {
            let sent = online.sent_today_if_there(*sim)?;
            Some((sent.saturating_add(past.given(*sim, sent)), *sim))
        });
        there.filter(|(_, sim)| may_use(*sim)).min().map(|(_, sim)| sim)
    }

    /// Returns the first of the SIMs that may be used, wherever it is.
    pub(crate) fn first(&self, may_use: impl Fn(SimId) -> bool) -> Option<SimId> {
        self.sims.iter().copied().find(|sim| may_use(*sim))
    }
}
