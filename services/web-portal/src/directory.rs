//! Accounts, SIMs and modems as the bucket `config` has them: what every copy of the portal knows a moment after any copy
//! changed it.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use bus::{Bucket, Bus, Change};
use contracts::config_kv::{Modem, Sim, Team};
use contracts::modem::ModemState;
use contracts::{ModemId, OrgId, SimId, TeamId, UserId};
use platform::Shutdown;
use routing::Membership;
use serde::de::DeserializeOwned;
use serde_json::Value;
use store::Reach;
use tokio::sync::broadcast;

use crate::known_keys::KnownKeys;

/// Changes that a slow listener may be behind; one that is further behind looks at everything.
const BEHIND: usize = 1_024;

/// What has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Changed {
    /// An account, or what its sessions and keys may do.
    Account(UserId),
    /// Who may use a SIM.
    Sim(SimId),
    /// A modem's name, or whether it is used.
    Modem(ModemId),
}

/// The settings; clones are the same directory.
#[derive(Debug, Clone)]
pub(crate) struct Directory {
    known: Arc<RwLock<Known>>,
    keys: Arc<KnownKeys>,
    changes: broadcast::Sender<Changed>,
}

#[derive(Debug, Default)]
struct Known {
    sims: HashMap<SimId, Sim>,
    modems: HashMap<ModemId, Modem>,
    teams: HashMap<TeamId, Team>,
}

impl Directory {
    /// Begins to follow the bucket; ends with `shutdown`. With each change of an account, `keys` are forgotten.
    pub(crate) fn follow(bus: Bus, keys: Arc<KnownKeys>, shutdown: &Shutdown) -> Self {
        let directory = Self { known: Arc::default(), keys, changes: broadcast::channel(BEHIND).0 };
        let (follower, soft) = (directory.clone(), shutdown.soft.clone());
        shutdown.spawn(async move {
            soft.run_until_cancelled(Box::pin(follower.run(bus))).await;
        });
        directory
    }

    /// What changes from now on. After the connection to the broker was lost, everything is told to have changed.
    pub(crate) fn changes(&self) -> broadcast::Receiver<Changed> {
        self.changes.subscribe()
    }

    /// Who may use a SIM.
    pub(crate) fn sim(&self, id: SimId) -> Sim {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.sims.get(&id).cloned().unwrap_or_else(|| Sim::unset(OrgId::default_org()))
    }

    /// Whether everybody may send through a SIM.
    pub(crate) fn is_for_everybody(&self, id: SimId) -> bool {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.sims.get(&id).map_or_else(
            || Sim::unset(OrgId::default_org()).senders.is_everybody(),
            |sim| sim.senders.is_everybody(),
        )
    }

    /// What the teams of an account say of its ways; none: it is of none.
    pub(crate) fn teams_of(&self, account: UserId) -> Option<Membership> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let mut theirs =
            known.teams.values().filter(|team| team.users.contains(&account)).peekable();
        theirs.peek()?;
        Some(Membership::of(theirs))
    }

    /// Whether the wall of a team stands between an account and a SIM: around the SIM, also for administrators, or around the account.
    pub(crate) fn is_walled(&self, account: UserId, id: SimId) -> bool {
        let sim = self.sim(id);
        let is_of_others = sim.team.is_some() && !sim.lets_through(account, false);
        is_of_others || self.teams_of(account).is_some_and(|teams| !teams.lets_through(id))
    }

    /// Whether an account with this reach sends through a SIM.
    pub(crate) fn sends_through(&self, reach: Reach, account: UserId, id: SimId) -> bool {
        reach.sends_through(&self.sim(id)) && !self.is_walled(account, id)
    }

    /// Whether a message that `owner` sends is in reach: their own, anybody's, or that of somebody whom a manager leads. This is the
    /// store's condition for what is told live.
    pub(crate) fn sees(&self, reach: Reach, org: OrgId, owner: UserId) -> bool {
        reach.sees(org, owner) || self.leads(reach, org, owner)
    }

    /// The same of a received message, which belongs to `owner`, or to nobody and came to a SIM.
    pub(crate) fn reads(
        &self,
        reach: Reach,
        org: OrgId,
        owner: Option<UserId>,
        sim: SimId,
    ) -> bool {
        reach.reads(org, owner, &self.sim(sim))
            || owner.is_some_and(|owner| self.leads(reach, org, owner))
    }

    /// Whether a reach is that of a manager who is of a team with an account.
    fn leads(&self, reach: Reach, org: OrgId, account: UserId) -> bool {
        let Some(manager) = reach.leads().filter(|_| reach.org == org) else { return false };
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let is_both = |team: &Team| team.users.contains(&manager) && team.users.contains(&account);
        known.teams.values().any(|team| team.org == org && is_both(team))
    }

    /// What people set for a modem, if they did.
    pub(crate) fn modem(&self, id: ModemId) -> Option<Modem> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.modems.get(&id).cloned()
    }

    /// The organisation of a modem: that of its SIM. One without a SIM is for those whose gateway it is.
    pub(crate) fn org_of(&self, modem: &ModemState) -> OrgId {
        let Some(sim) = &modem.sim else { return OrgId::default_org() };
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.sims.get(&sim.id).map_or_else(OrgId::default_org, |sim| sim.org)
    }

    async fn run(self, bus: Bus) {
        loop {
            let opened = match bus.kv::<Value>(Bucket::Config).await {
                Ok(config) => config.watch().await,
                Err(error) => Err(error),
            };
            match opened {
                Ok(mut watch) => loop {
                    match watch.next().await {
                        Change::Put { key, value, .. } => self.note(&key, Some(value)),
                        Change::Deleted { key } => self.note(&key, None),
                        Change::Complete => {}
                    }
                },
                Err(error) => {
                    tracing::warn!(%error, "the settings cannot be read yet");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        }
    }

    fn note(&self, key: &str, value: Option<Value>) {
        let Some((kind, id)) = key.split_once('.') else { return };
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let changed = match kind {
            "account" => {
                self.keys.forget();
                id.parse().ok().map(Changed::Account)
            }
            "sim" => set(&mut known.sims, id, value).map(Changed::Sim),
            "modem" => set(&mut known.modems, id, value).map(Changed::Modem),
            // Who may use a SIM of a team, and what that changes, is told by the SIM.
            "team" => {
                set(&mut known.teams, id, value);
                None
            }
            // Of somebody else, or of a later version.
            _ => None,
        };
        drop(known);
        if let Some(changed) = changed {
            // Nobody listening is no error.
            let _ = self.changes.send(changed);
        }
    }
}

fn set<K, V>(map: &mut HashMap<K, V>, id: &str, value: Option<Value>) -> Option<K>
where
    K: std::str::FromStr + Eq + std::hash::Hash + Copy,
    V: DeserializeOwned,
{
    let id = id.parse().ok()?;
    match value.map(serde_json::from_value) {
        Some(Ok(value)) => {
            map.insert(id, value);
        }
        None => {
            map.remove(&id);
        }
        Some(Err(error)) => {
            tracing::warn!("skipping a setting that cannot be read: {error}");
            return None;
        }
    }
    Some(id)
}
