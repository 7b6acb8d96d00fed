//! One-time passwords have lanes of their own.

use bus::Durable;
use contracts::batch::{MtBatch, PrioritisedBatch};
use contracts::mt::{MtEvent, PrioritisedRequest};
use contracts::{MtState, Priority, Timestamp};

use crate::{World, admitted, request, sent};

pub(crate) async fn a_one_time_password_is_behind_no_backlog(world: World) {
    let bulk: Vec<_> = (0..100_000).map(|_| request("Promo")).collect();
    // The second half is only told of, the first is only asked for.
    let batches = MtBatch::gather(bulk[..50_000].iter().cloned());
    let priority = Priority::Bulk;
    let stored = batches.iter().map(|batch| PrioritisedBatch { priority, batch });
    world.bus.publish_all(&stored.collect::<Vec<_>>()).await.unwrap();
    let told = bulk[50_000..].iter().map(|one| {
        MtEvent::of(one.id.unwrap(), one, Timestamp::now(), admitted()).of_priority(priority)
    });
    world.bus.publish_all(&told.collect::<Vec<_>>()).await.unwrap();

    let priority = Priority::Otp;
    let wanted = request("Kode 1234");
    world.bus.publish(&PrioritisedRequest { priority, request: &wanted }).await.unwrap();
    let told = MtEvent::of(wanted.id.unwrap(), &wanted, Timestamp::now(), sent());
    world.bus.publish(&told.of_priority(priority)).await.unwrap();
    // It stands last in both streams when persistence begins.
    let service = world.run_to_crash();
    let detail = world.in_state(&wanted, MtState::Sent).await;
    assert_eq!(detail.message.priority, Priority::Otp);
    for durable in [Durable::PersistenceRequests, Durable::PersistenceEvents] {
        assert!(world.unwritten(&durable).await > 0, "{durable:?} still has a backlog");
    }
    service.shutdown_background();
}
