//! The ends of batches.

use bus::{Deliveries, Event};
use contracts::batch::{BatchFinished, StateCount};
use contracts::mt::{MtChange, MtRequest};
use contracts::{BatchId, MtState, Subject};

use crate::{World, request, sent};

fn of_batch(name: &str, size: u32) -> MtRequest {
    let batch = Some(BatchId::derived(name));
    MtRequest { batch, batch_size: Some(size), ..request("Halo") }
}

/// The next end of a batch that is told.
async fn finished(events: &mut Deliveries<Event>) -> BatchFinished {
    loop {
        let next = tokio::time::timeout(testkit::PATIENCE, events.next()).await;
        let delivery = next.expect("the end of a batch");
        let value = delivery.value.clone();
        delivery.ack().await.unwrap();
        if let Event::Batch(finished) = value {
            return finished;
        }
    }
}

/// An end that came while nobody told it, and one that comes now: each is told once.
pub(crate) async fn the_end_of_a_batch_is_told_once(world: World) {
    let mut events = world.bus.consume::<Event>(&bus::Durable::WebhooksEvents).await.unwrap();
    let (one, two, other) = (of_batch("a", 2), of_batch("a", 2), of_batch("b", 1));
    let first = world.run().await;
    for request in [&one, &two, &other] {
        world.request(request).await;
        world.in_state(request, MtState::Accepted).await;
    }
    world.tell(&one, sent()).await;
    world.tell(&two, MtChange::Cancelled { by: None }).await;
    let told = finished(&mut events).await;
    assert_eq!((told.batch, told.owner, told.messages), (one.batch.unwrap(), one.owner, 2));
    let count = |state| StateCount { state, count: 1 };
    assert_eq!(told.states, [count(MtState::Cancelled), count(MtState::Sent)]);
    first.stop().await;
    // A copy was killed when it had written the end of the other batch, and before it told that.
    world.finish(&other).await;
    let second = world.run().await;
    assert_eq!(finished(&mut events).await.batch, other.batch.unwrap());
    second.stop().await;
    let third = world.run().await;
    let last = of_batch("c", 1);
    world.request(&last).await;
    world.in_state(&last, MtState::Accepted).await;
    world.tell(&last, MtChange::Expired {}).await;
    assert_eq!(finished(&mut events).await.batch, last.batch.unwrap(), "none is told again");
    third.stop().await;
    assert_eq!(Subject::BatchFinished.to_string(), "sms.v1.event.batch.finished");
}
