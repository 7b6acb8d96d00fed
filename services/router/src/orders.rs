//! What was said of batches: paused, resumed, cancelled. Followed in the bucket `batches`.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use bus::{Bucket, Bus, Change, KvError, Watch};
use contracts::BatchId;
use contracts::batch::{BatchOrder, Order};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::heard::Heard;

/// The keys of orders, and not those of places.
const KEYS: &str = "order.*";

/// Orders other than to go on. Clones are the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct Orders(Arc<RwLock<HashMap<BatchId, BatchOrder>>>);

impl Orders {
    /// What was said of a batch; none: it goes on.
    pub(crate) fn of(&self, batch: BatchId) -> Option<BatchOrder> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(&batch).cloned()
    }

    /// Begins to follow the bucket.
    pub(crate) async fn watch(&self, bus: &Bus) -> Result<Follow, KvError> {
        let watch = bus.kv::<BatchOrder>(Bucket::Batches).await?.watch_filtered(KEYS).await?;
        Ok(Follow { orders: self.clone(), watch })
    }

    fn note(&self, key: &str, order: Option<BatchOrder>) {
        let Some(batch) = batch_of(key) else { return };
        let mut orders = self.0.write().unwrap_or_else(PoisonError::into_inner);
        match order.filter(|order| order.order != Order::Running) {
            Some(order) => orders.insert(batch, order),
            None => orders.remove(&batch),
        };
    }
}

fn batch_of(key: &str) -> Option<BatchId> {
    key.strip_prefix("order.")?.parse().ok()
}

/// The follower of the bucket.
pub(crate) struct Follow {
    orders: Orders,
    watch: Watch<BatchOrder>,
}

impl Follow {
    /// Reads what there is, so that nothing is released that was paused before.
    pub(crate) async fn catch_up(&mut self) {
        loop {
            match self.watch.next().await {
                Change::Put { key, value, .. } => self.orders.note(&key, Some(value)),
                Change::Deleted { key } => self.orders.note(&key, None),
                Change::Complete => return,
            }
        }
    }

    /// Follows until `soft` is cancelled, and tells the release of each change.
    pub(crate) async fn run(mut self, release: mpsc::Sender<Heard>, soft: CancellationToken) {
        let follow = async {
            loop {
                let (key, order) = match self.watch.next().await {
                    Change::Put { key, value, .. } => (key, value),
                    // By its age, when the batch is long over.
                    Change::Deleted { key } => {
                        self.orders.note(&key, None);
                        continue;
                    }
                    Change::Complete => continue,
                };
                self.orders.note(&key, Some(order.clone()));
                let Some(batch) = batch_of(&key) else { continue };
                if release.send(Heard::Order(batch, order)).await.is_err() {
                    break;
                }
            }
        };
        soft.run_until_cancelled(follow).await;
    }
}
