//! What the router knows of accounts and SIMs: the bucket `config`, watched.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use bus::{Bucket, Bus, Change, KvError, Watch};
use contracts::config_kv::{Account, Sim};
use contracts::{SimId, UserId};
use tokio_util::sync::CancellationToken;

/// Accounts and SIMs. Clones are the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings(Arc<RwLock<Known>>);

#[derive(Debug, Default)]
struct Known {
    accounts: HashMap<UserId, Account>,
    sims: HashMap<SimId, Sim>,
}

impl Settings {
    /// Whether an account may send. One that is not there may.
    pub(crate) fn may_send(&self, account: UserId) -> bool {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.accounts.get(&account).is_none_or(|account| account.enabled)
    }

    /// The account that a SIM's received messages belong to; none: everybody's.
    pub(crate) fn owner_of(&self, sim: SimId) -> Option<UserId> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.sims.get(&sim).and_then(|sim| sim.owner)
    }

    /// Reads what there is, and then follows every change until `soft` is cancelled. The first part is
    /// awaited before anything is decided.
    pub(crate) async fn watch(&self, bus: &Bus) -> Result<Follow, KvError> {
        let kv = bus.kv::<serde_json::Value>(Bucket::Config).await?;
        let mut follow = Follow { settings: self.clone(), watch: kv.watch().await? };
        while follow.step().await {}
        Ok(follow)
    }

    fn set(&self, key: &str, value: Option<serde_json::Value>) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        match key.split_once('.') {
            Some(("account", id)) => put(&mut known.accounts, id, value),
            Some(("sim", id)) => put(&mut known.sims, id, value),
            // Of a later version.
            _ => {}
        }
    }
}

fn put<K, V>(map: &mut HashMap<K, V>, id: &str, value: Option<serde_json::Value>)
where
    K: std::str::FromStr + Eq + std::hash::Hash,
    V: serde::de::DeserializeOwned,
{
    let Ok(id) = id.parse() else { return };
    match value.map(serde_json::from_value) {
        Some(Ok(value)) => {
            map.insert(id, value);
        }
        Some(Err(error)) => tracing::warn!("passing over a setting that cannot be read: {error}"),
        None => {
            map.remove(&id);
        }
    }
}

/// The watch, after what was there has been read.
pub(crate) struct Follow {
    settings: Settings,
    watch: Watch<serde_json::Value>,
}

impl Follow {
    /// Follows until `soft` is cancelled.
    pub(crate) async fn run(mut self, soft: CancellationToken) {
        let follow = async {
            loop {
                self.step().await;
            }
        };
        soft.run_until_cancelled(follow).await;
    }

    /// One change; false when it was the end of what was there.
    async fn step(&mut self) -> bool {
        match self.watch.next().await {
            Change::Put { key, value, .. } => self.settings.set(&key, Some(value)),
            Change::Deleted { key } => self.settings.set(&key, None),
            Change::Complete => return false,
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use contracts::{OrgId, PoolId};

    use super::*;

    #[test]
    fn an_account_that_is_not_there_may_send() {
        let settings = Settings::default();
        let account = UserId::derived("a");
        assert!(settings.may_send(account));
        let value =
            |enabled| serde_json::to_value(Account { org: OrgId::default_org(), enabled }).ok();
        settings.set(&format!("account.{account}"), value(false));
        assert!(!settings.may_send(account));
        settings.set(&format!("account.{account}"), Some(serde_json::json!("nonsense")));
        assert!(!settings.may_send(account), "nonsense changes nothing");
        settings.set(&format!("account.{account}"), value(true));
        assert!(settings.may_send(account));
        settings.set(&format!("account.{account}"), value(false));
        settings.set(&format!("account.{account}"), None);
        assert!(settings.may_send(account));
        settings.set("rule.1", Some(serde_json::json!({})));
    }

    #[test]
    fn a_sim_may_have_an_owner() {
        let settings = Settings::default();
        let (sim, owner) = (SimId::derived("1"), UserId::derived("a"));
        assert_eq!(settings.owner_of(sim), None);
        let value = Sim {
            org: OrgId::default_org(),
            owner: Some(owner),
            pool: PoolId::default_pool(),
            number: None,
        };
        settings.set(&format!("sim.{sim}"), serde_json::to_value(value).ok());
        assert_eq!(settings.owner_of(sim), Some(owner));
    }
}
