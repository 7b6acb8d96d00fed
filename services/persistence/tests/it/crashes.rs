//! The service and the broker die at any moment.

use std::time::Duration;

use bus::Durable;
use contracts::batch::{MtBatch, MtRecipient, PrioritisedBatch};
use contracts::dlr::DlrOutcome;
use contracts::mt::{MtChange, MtRequest};
use contracts::{MtState, Priority};
use testkit::wait_for;

use crate::history::report;
use crate::{World, admitted, request, sending, sent};

async fn tell_all(world: &World, wanted: &MtRequest) {
    world.request(wanted).await;
    for change in [admitted(), MtChange::RELEASED, sending(), sent()] {
        world.tell(wanted, change).await;
    }
    world.bus.publish(&report(wanted, DlrOutcome::Delivered)).await.unwrap();
}

async fn all_are_delivered_once(world: &World, all: &[MtRequest]) {
    // What a crashed reader had comes again only after a while; the report may be read before the rest.
    world.settled(&Durable::PersistenceRequests).await;
    world.settled(&Durable::PersistenceEvents).await;
    let mut numbers = Vec::new();
    for wanted in all {
        let detail = world.in_state(wanted, MtState::Delivered).await;
        let states: Vec<_> = detail.timeline.iter().map(|entry| entry.change.state()).collect();
        assert_eq!(
            states,
            [
                MtState::Admitted,
                MtState::Released,
                MtState::Sending,
                MtState::Sent,
                MtState::Delivered
            ]
        );
        numbers.push(detail.message.number);
    }
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), all.len());
}

pub(crate) async fn nothing_is_lost_or_doubled_by_crashes(world: World) {
    let all: Vec<_> = (0..60).map(|n| request(&format!("Halo {n}"))).collect();
    // A second copy works beside the one that crashes.
    let steady = world.run().await;
    for some in all.chunks(10) {
        let service = world.run_to_crash();
        for wanted in some {
            tell_all(&world, wanted).await;
        }
        // Wherever it is: before, in or after a transaction.
        service.shutdown_background();
    }
    all_are_delivered_once(&world, &all).await;
    steady.stop().await;
}

pub(crate) async fn many_rows_of_one_delivery_are_written_by_several_transactions(world: World) {
    let all: Vec<_> = (0..6 * persistence::ROWS).map(|_| request("Halo")).collect();
    let mut batches = MtBatch::gather(all.iter().cloned());
    // One stored message, as another service may publish it: larger than those of Merpati's own.
    let mut batch = batches.remove(0);
    batch.others.extend(batches.iter().flat_map(|more| {
        more.requests().map(|request| MtRecipient::of(&batch.first, &request).unwrap())
    }));
    assert_eq!(batch.len(), all.len());
    let priority = Priority::Bulk;
    world.bus.publish(&PrioritisedBatch { priority, batch: &batch }).await.unwrap();
    // Killed between two transactions, or in one.
    let crashing = world.run_to_crash();
    let some =
        wait_for("the first rows", || async { Some(world.rows().await).filter(|rows| *rows > 0) });
    let some = some.await;
    crashing.shutdown_background();
    assert_eq!(some % persistence::ROWS, 0);
    let service = world.run().await;
    world.settled(&Durable::PersistenceRequests).await;
    assert_eq!(world.rows().await, all.len());
    service.stop().await;
}

pub(crate) async fn nothing_is_lost_by_a_killed_broker(mut world: World) {
    let service = world.run().await;
    let all: Vec<_> = (0..40).map(|n| request(&format!("Halo {n}"))).collect();
    for wanted in &all[..20] {
        tell_all(&world, wanted).await;
    }
    world.nats.kill9();
    world.nats.restart().await;
    wait_for("the broker", || async { world.bus.healthy().await.ok() }).await;
    for wanted in &all[20..] {
        tell_all(&world, wanted).await;
    }
    // A broker that was killed may have forgotten an ack and delivers again, or even an event's place.
    all_are_delivered_once(&world, &all).await;
    tokio::time::timeout(Duration::from_secs(30), service.stop()).await.unwrap();
}
