//! From the broker to the hub.
//!
//! Plain subscriptions, not durable ones: what is lost while nobody listens is in the database, and a
//! page that is loaded anew shows it.

use std::time::Duration;

use bus::{Bus, Event, SubscribeError};
use contracts::Filter;
use contracts::batch::MtBatch;
use contracts::mt::MtRequest;
use platform::Shutdown;

use super::{Happening, Hub};

/// Messages of a batch that open pages are told of: as many as a list shows.
const SHOWN_OF_A_BATCH: usize = 50;

/// Begins to listen; returns when the broker knows of it, so that nothing that is published later is missed.
pub(crate) async fn listen(
    bus: &Bus,
    hub: &Hub,
    shutdown: &Shutdown,
) -> Result<(), SubscribeError> {
    let mut requests = bus.subscribe::<MtRequest>(&Filter::MtRequests).await?;
    let mut batches = bus.subscribe::<MtBatch>(&Filter::MtBatches).await?;
    let mut events = bus.subscribe::<Event>(&Filter::Events).await?;
    let (hub, soft) = (hub.clone(), shutdown.soft.clone());
    shutdown.spawn(async move {
        loop {
            tokio::select! {
                () = soft.cancelled() => return,
                request = requests.next() => match request {
                    // A request that is made again after a hold is no new message.
                    Some(request) if request.value.round == 0 => {
                        hub.announce(Happening::Requested(Box::new(request.value)));
                    }
                    Some(_) => {}
                    None => tokio::time::sleep(Duration::from_secs(1)).await,
                },
                batch = batches.next() => match batch {
                    Some(batch) => {
                        for request in batch.value.requests().take(SHOWN_OF_A_BATCH) {
                            hub.announce(Happening::Requested(Box::new(request)));
                        }
                    }
                    None => tokio::time::sleep(Duration::from_secs(1)).await,
                },
                event = events.next() => match event.map(|hint| hint.value) {
                    Some(Event::Mt(event)) => hub.announce(Happening::Mt(Box::new(event))),
                    Some(Event::MoReceived(mo)) => hub.announce(Happening::Received(Box::new(mo))),
                    Some(_) => {}
                    None => tokio::time::sleep(Duration::from_secs(1)).await,
                },
            }
        }
    });
    Ok(())
}
