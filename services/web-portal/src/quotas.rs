//! Which accounts have reached one of their limits, as routers count: a copy of the limits in the bucket `config` and of the counts
//! in the bucket `usage`, kept by watches.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use bus::{Bucket, Bus, Change, KvError, Watch};
use contracts::config_kv::LimitedAccount;
use contracts::limits::{AccountCounter, AccountLimits, Closed, Usage};
use contracts::{Priority, Timestamp, UserId};
use platform::Shutdown;

/// The keys of limits in the bucket `config`.
const LIMITS: &str = "limits.*";
/// When the buckets are opened again that could not be.
const AGAIN: Duration = Duration::from_secs(1);

/// See the module. Clones are the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct Quotas(Arc<RwLock<Known>>);

#[derive(Debug, Default)]
struct Known {
    limits: HashMap<UserId, AccountLimits>,
    used: HashMap<AccountCounter, Usage>,
}

impl Quotas {
    /// Begins to follow the buckets; ends with `shutdown`.
    pub(crate) fn follow(bus: Bus, shutdown: &Shutdown) -> Self {
        let quotas = Self::default();
        let soft = shutdown.soft.clone();
        shutdown.spawn(soft.run_until_cancelled_owned(quotas.clone().run(bus)));
        quotas
    }

    async fn run(self, bus: Bus) {
        loop {
            match open(&bus).await {
                Ok((limits, used)) => self.read(limits, used).await,
                Err(error) => {
                    tracing::warn!(%error, "what accounts have sent cannot be read yet");
                    tokio::time::sleep(AGAIN).await;
                }
            }
        }
    }

    /// The limit for which an account sends nothing of a priority at `now`, as far as that was heard.
    pub(crate) fn closed(
        &self,
        account: UserId,
        priority: Priority,
        now: Timestamp,
    ) -> Option<Closed> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let of_account = known.limits.get(&account)?;
        let passwords = priority == Priority::Otp && of_account.counts_passwords_apart();
        let limits = of_account.of(priority);
        let mut used = known.used.get(&AccountCounter { account, passwords })?.clone();
        if limits.is_none() {
            return None;
        }
        let zone = limits.time_zone();
        used.advance(now, &zone);
        limits.closed(&used, 1, now, &zone)
    }

    async fn read(&self, mut limits: Watch<LimitedAccount>, mut used: Watch<Usage>) {
        loop {
            tokio::select! {
                change = limits.next() => {
                    if let Change::Put { key, value, .. } = change {
                        self.set(&key, value.limits);
                    }
                }
                change = used.next() => {
                    if let Change::Put { key, value, .. } = change {
                        self.count(&key, value);
                    }
                }
            }
        }
    }

    fn set(&self, key: &str, limits: AccountLimits) {
        let Some(account) = key.strip_prefix("limits.").and_then(|id| id.parse().ok()) else {
            return;
        };
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if limits.is_unset() {
            known.limits.remove(&account);
        } else {
            known.limits.insert(account, limits);
        }
    }

    fn count(&self, key: &str, used: Usage) {
        let Some(counter) = AccountCounter::of_key(key) else { return };
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        known.used.insert(counter, used);
    }
}

async fn open(bus: &Bus) -> Result<(Watch<LimitedAccount>, Watch<Usage>), KvError> {
    let limits = bus.kv::<LimitedAccount>(Bucket::Config).await?.watch_filtered(LIMITS).await?;
    let used = bus.kv::<Usage>(Bucket::Usage).await?.watch_filtered(AccountCounter::KEYS).await?;
    Ok((limits, used))
}

#[cfg(test)]
mod tests {
    use contracts::limits::Limit;

    use super::*;

    #[test]
    fn an_account_is_closed_by_what_routers_counted() {
        let quotas = Quotas::default();
        let account = UserId::derived("budi");
        let now: Timestamp = "2026-12-01T10:30:00Z".parse().unwrap();
        let set = |json: &str| {
            quotas.set(&LimitedAccount::key(account), serde_json::from_str(json).unwrap());
        };
        let count = |passwords, parts| {
            let mut used = Usage::default();
            used.advance(now, &jiff::tz::TimeZone::UTC);
            used.count(parts, 0);
            quotas.count(&AccountCounter { account, passwords }.key(), used);
        };
        let closed = |priority| quotas.closed(account, priority, now).map(|closed| closed.limit);
        set(r#"{"per_hour":3,"otp_per_hour":9,"zone":"UTC"}"#);
        assert_eq!(closed(Priority::Bulk), None, "nothing was counted yet");
        count(false, 3);
        count(true, 8);
        assert_eq!(closed(Priority::Bulk), Some(Limit::Hour));
        assert_eq!(closed(Priority::Otp), None);
        count(true, 9);
        assert_eq!(closed(Priority::Otp), Some(Limit::Hour));
        let later = now.plus(Duration::from_mins(30));
        assert_eq!(quotas.closed(account, Priority::Bulk, later), None);
        set("{}");
        assert_eq!((closed(Priority::Bulk), closed(Priority::Otp)), (None, None));
        quotas.count("sim_1", Usage::default());
    }
}
