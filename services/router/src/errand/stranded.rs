//! Taking items out of the queue of a SIM that is away: see [`crate::release`].

use async_nats::jetstream;
use bus::{Bucket, Bus, ItemError, KvError, PublishError, Stream};
use contracts::journal::{self, HandOver};
use contracts::mt::{Gate, MtChange, MtItem, SendError};
use contracts::subject::Target;
use contracts::{Priority, SimId, Subject, Timestamp};

use super::{Done, tell};

/// Items that are looked at, of one queue.
const LOOK_AT_MOST: usize = 16;

/// Why an item was not taken out this time.
#[derive(Debug, thiserror::Error)]
enum HandOverError {
    #[error(transparent)]
    Journal(#[from] KvError),
    #[error(transparent)]
    Publish(#[from] PublishError),
    #[error(transparent)]
    Item(#[from] ItemError),
}

/// Looks at what stands in the queue of a SIM, the foremost first.
pub(crate) async fn look(bus: Bus, sim: SimId, priority: Priority) -> Done {
    let mut items = Vec::new();
    let subject = Subject::MtDispatch(Target::Sim(sim), priority).to_string();
    let context = jetstream::new(bus.client().clone());
    if let Ok(stream) = context.get_stream_no_info(Stream::Dispatch.as_str()).await {
        let mut from = 1;
        while items.len() < LOOK_AT_MOST
            && let Ok(found) = stream.get_first_raw_message_by_subject(&subject, from).await
        {
            from = found.sequence + 1;
            if let Ok(item) = serde_json::from_slice::<MtItem>(&found.payload) {
                items.push((found.sequence, item));
            }
        }
    }
    Done::Stranded { sim, items }
}

/// Takes an item out of the queue of a SIM, unless a driver has begun it, and tells that it is requested again at once.
pub(crate) async fn hand_over(
    bus: Bus,
    item: MtItem,
    sim: SimId,
    place: u64,
    at: Timestamp,
) -> Done {
    let message = item.id;
    let left = match take_out(&bus, &item, sim, place, at).await {
        Ok(left) => left,
        Err(error) => {
            // It is looked at again with the next count.
            tracing::debug!(message.id = %message, "a message stays in the queue of a SIM that is away: {error}");
            false
        }
    };
    if left {
        tracing::info!(message.id = %message, sim.id = %sim, "a message left the queue of a SIM that is away, and takes another way");
        metrics::counter!("merpati_router_stranded_total").increment(1);
    }
    Done::HandedOver { item: Box::new(item), left }
}

/// Returns whether the item is out.
async fn take_out(
    bus: &Bus,
    item: &MtItem,
    sim: SimId,
    place: u64,
    at: Timestamp,
) -> Result<bool, HandOverError> {
    let error = SendError {
        code: "sim-away".to_owned(),
        text: "The SIM that was chosen for the message is away.".to_owned(),
    };
    let entry = HandOver::of(item, sim, place, error, at);
    let (attempts, key) = (bus.kv::<HandOver>(Bucket::Attempts).await?, journal::key(item.id, 1));
    match attempts.create(&key, &entry).await {
        Ok(_) => {}
        Err(error) if error.is_conflict() => match attempts.get(&key).await {
            // Of this round: it was not told to its end. Of an earlier one: it is history.
            Ok(Some(there)) if there.value.is_routers() && there.value.round <= entry.round => {
                if there.value.round < entry.round {
                    attempts.update(&key, &entry, there.revision).await?;
                }
            }
            // A driver has begun it, or it was cancelled: they see to the rest.
            Ok(_) | Err(KvError::Decode { .. }) => return Ok(false),
            Err(error) => return Err(error.into()),
        },
        Err(error) => return Err(error.into()),
    }
    let (tries, round) = (item.request.tries, item.request.round + 1);
    tell(bus, item, MtChange::Held { gate: Gate::Route, until: at, tries, round }, at).await?;
    bus.delete_item(Stream::Dispatch, place).await?;
    Ok(true)
}
