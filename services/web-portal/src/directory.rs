//! Accounts, SIMs and modems as the bucket `config` has them: what every copy of the portal knows a moment after any copy
//! changed it.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use bus::{Bucket, Bus, Change};
use contracts::config_kv::{Modem, Sim};
use contracts::modem::ModemState;
use contracts::{ModemId, OrgId, SimId, UserId};
use platform::Shutdown;
use serde::de::DeserializeOwned;
use serde_json::Value;
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
