//! Settings to the broker: what the database's outbox holds goes into the bucket `config`, in order.
//!
//! Any number of copies may do it: a value that is put twice is the same value.

use std::time::Duration;

use bus::{Bucket, Bus, Kv, KvError};
use contracts::Timestamp;
use platform::Shutdown;
use serde_json::Value;
use store::{Store, StoreError};

use crate::problem::in_full;

/// How often the outbox is looked at: a change of an account is known to router and drivers within this time.
const LOOK: Duration = Duration::from_secs(1);
/// Changes taken at one time.
const TAKEN: u32 = 200;

/// Why a change could not be told.
#[derive(Debug, thiserror::Error)]
enum ProjectError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Bucket(#[from] KvError),
}

/// Follows the outbox until the soft step.
pub(crate) async fn follow(bus: Bus, store: Store, shutdown: Shutdown) {
    let mut look = tokio::time::interval(LOOK);
    look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut bucket = None;
    let mut said = false;
    loop {
        tokio::select! {
            () = shutdown.soft.cancelled() => return,
            _ = look.tick() => {}
        }
        match tell(&bus, &store, &mut bucket).await {
            Ok(()) => said = false,
            Err(error) if !said => {
                said = true;
                tracing::warn!(error = %in_full(&error), "settings could not be told yet; trying again");
            }
            Err(_) => {}
        }
    }
}

async fn tell(
    bus: &Bus,
    store: &Store,
    bucket: &mut Option<Kv<Value>>,
) -> Result<(), ProjectError> {
    if bucket.is_none() {
        let opened = bus.kv::<Value>(Bucket::Config).await?;
        fill(&opened, store).await?;
        *bucket = Some(opened);
    }
    let Some(bucket) = bucket else { return Ok(()) };
    loop {
        let entries = store.outbox(TAKEN).await?;
        if entries.is_empty() {
            return Ok(());
        }
        let mut told = Vec::with_capacity(entries.len());
        for entry in entries {
            match &entry.value {
                Some(value) => {
                    bucket.put(&entry.key, value).await?;
                }
                None => bucket.delete(&entry.key).await?,
            }
            told.push(entry.sequence);
        }
        store.outbox_published(&told, Timestamp::now()).await?;
    }
}

/// A broker that was set up anew has an empty bucket: everything is told again.
async fn fill(bucket: &Kv<Value>, store: &Store) -> Result<(), ProjectError> {
    if !bucket.entries().await?.is_empty() {
        return Ok(());
    }
    for (key, value) in store.config_values().await? {
        bucket.put(&key, &value).await?;
    }
    Ok(())
}
