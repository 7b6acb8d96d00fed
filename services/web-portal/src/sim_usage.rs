//! What of their limits SIMs have used, as their drivers count: a copy of the counts of SIMs in the bucket `usage`, kept by a
//! watch. So a page with all modems asks the broker nothing.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use bus::{Bucket, Bus, Change, Watch};
use contracts::SimId;
use contracts::limits::Usage;
use platform::Shutdown;

/// The keys of SIMs in the bucket `usage`; those of accounts have a dot.
const SIMS: &str = "*";
/// When the bucket is opened again that could not be.
const AGAIN: Duration = Duration::from_secs(1);

/// See the module. Clones are the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct SimUsage(Arc<RwLock<HashMap<SimId, Usage>>>);

impl SimUsage {
    /// Begins to follow the bucket; ends with `shutdown`.
    pub(crate) fn follow(bus: Bus, shutdown: &Shutdown) -> Self {
        let usage = Self::default();
        let soft = shutdown.soft.clone();
        shutdown.spawn(soft.run_until_cancelled_owned(usage.clone().run(bus)));
        usage
    }

    /// What a SIM has used, as far as that was heard, without the prints of its recipients.
    pub(crate) fn of(&self, sim: SimId) -> Usage {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.get(&sim).cloned().unwrap_or_default()
    }

    async fn run(self, bus: Bus) {
        loop {
            let opened = match bus.kv::<Usage>(Bucket::Usage).await {
                Ok(usage) => usage.watch_filtered(SIMS).await,
                Err(error) => Err(error),
            };
            match opened {
                Ok(watch) => self.read(watch).await,
                Err(error) => {
                    tracing::warn!(%error, "what SIMs have sent cannot be read yet");
                    tokio::time::sleep(AGAIN).await;
                }
            }
        }
    }

    async fn read(&self, mut watch: Watch<Usage>) {
        loop {
            match watch.next().await {
                Change::Put { key, value, .. } => self.set(&key, Some(value)),
                Change::Deleted { key } => self.set(&key, None),
                Change::Complete => {}
            }
        }
    }

    fn set(&self, key: &str, usage: Option<Usage>) {
        let Ok(sim) = key.parse::<SimId>() else { return };
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        match usage {
            // How many recipients there were is counted beside them.
            Some(usage) => known.insert(sim, Usage { recipients: Vec::new(), ..usage }),
            None => known.remove(&sim),
        };
    }
}

#[cfg(test)]
mod tests {
    use contracts::Timestamp;
    use contracts::limits::Limit;

    use super::*;

    #[test]
    fn what_was_counted_last_is_known_of_sims_only() {
        let (known, sim) = (SimUsage::default(), SimId::derived("a"));
        let now: Timestamp = "2026-12-01T10:30:00Z".parse().unwrap();
        let mut usage = Usage::default();
        usage.advance(now, &jiff::tz::TimeZone::UTC);
        usage.count(3, 0);
        known.set("somebody", Some(usage.clone()));
        known.set(&sim.to_string(), Some(usage));
        assert_eq!(known.of(sim).used(Limit::Hour, now), 3);
        assert_eq!(known.of(SimId::derived("b")), Usage::default());
        known.set(&sim.to_string(), None);
        assert_eq!(known.of(sim), Usage::default());
    }
}
