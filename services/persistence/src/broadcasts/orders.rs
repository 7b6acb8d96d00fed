//! Orders of broadcasts that their batches were not told: whoever gave one notes it first and tells the batches then, and may be killed
//! between the two.

use std::time::Duration;

use bus::{Bucket, Kv, KvError};
use contracts::batch::{BatchOrder, MOST_RECIPIENTS, Order, order_key};
use contracts::{BatchId, Timestamp};
use store::{Broadcast, BroadcastState, StoreError};

use crate::due::Due;

/// How long whoever gives an order has to tell it to the batches, and to note that they were told.
const TOLD_WITHIN: Duration = Duration::from_secs(10);
/// Broadcasts that are dealt with together.
const AT_ONCE: u32 = 8;
/// How often an order is written anew that somebody else changed meanwhile.
const TRIES: usize = 4;

/// Why batches were not told this time.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TellError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the batches of a broadcast cannot be told its order: {0}")]
    Broker(#[from] KvError),
}

/// Tells batches what follows from the states of their broadcasts, where whoever gave the order did not come to it.
pub(crate) async fn tell_untold(due: &Due, now: Timestamp) -> Result<(), TellError> {
    let untold = due.store.untold_broadcasts(now.minus(TOLD_WITHIN), AT_ONCE).await?;
    if untold.is_empty() {
        return Ok(());
    }
    let orders = due.bus.kv::<BatchOrder>(Bucket::Batches).await?;
    let size = u32::try_from(MOST_RECIPIENTS).unwrap_or(u32::MAX);
    for broadcast in &untold {
        if let Some(order) = order_of(broadcast.state) {
            for place in 0..broadcast.audience.recipients.div_ceil(size) {
                give(&orders, broadcast, (broadcast.id.batch(place), order), now).await?;
            }
            tracing::info!(broadcast.id = %broadcast.id, ?order, "the batches of a broadcast are told an order that they were not told");
        }
        due.store.untold_broadcast_told(broadcast, now).await?;
    }
    Ok(())
}

/// What batches are told of a broadcast in a state; none: there are none that wait for it.
fn order_of(state: BroadcastState) -> Option<Order> {
    match state {
        BroadcastState::Running => Some(Order::Running),
        BroadcastState::Paused => Some(Order::Paused),
        BroadcastState::Cancelled => Some(Order::Cancelled),
        BroadcastState::Draft | BroadcastState::Scheduled | BroadcastState::Finished => None,
    }
}

/// Gives an order to a batch, unless it was cancelled, and stays so.
async fn give(
    orders: &Kv<BatchOrder>,
    broadcast: &Broadcast,
    (batch, order): (BatchId, Order),
    at: Timestamp,
) -> Result<(), KvError> {
    let (org, owner) = (broadcast.org, broadcast.owner);
    let (key, new) = (order_key(batch), BatchOrder { org, owner, order, by: None, at });
    let mut tries = 0;
    loop {
        let given = match orders.get(&key).await? {
            Some(now) if now.value.order == order || now.value.order == Order::Cancelled => {
                return Ok(());
            }
            Some(now) => orders.update(&key, &new, now.revision).await,
            None if order == Order::Running => return Ok(()),
            None => orders.create(&key, &new).await,
        };
        tries += 1;
        match given {
            Ok(_) => return Ok(()),
            // What stands there says more.
            Err(KvError::Conflict { .. } | KvError::Unknown { .. }) if tries < TRIES => {}
            Err(error) => return Err(error),
        }
    }
}
