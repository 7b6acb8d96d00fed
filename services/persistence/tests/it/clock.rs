//! Decisions by time, of a service whose clock is hours ahead: nobody waits.

use std::time::Duration;

use contracts::mt::{Gate, MtChange};
use contracts::{MtState, Timestamp};
use testkit::wait_for;

use crate::{World, request};

const HOUR: Duration = Duration::from_hours(1);

pub(crate) async fn what_is_due_or_over_is_told_by_the_clock_of_the_service(world: World) {
    let service = world.run().await;
    let now = Timestamp::now();
    let (due, mut over, mut waiting) = (request("due"), request("over"), request("waiting"));
    over.not_after = Some(now.plus(HOUR));
    waiting.not_after = Some(now.plus(HOUR));
    let held = |until| MtChange::Held { gate: Gate::BackOff, until, tries: 3, round: 1 };
    for (request, change) in [
        (&due, held(now.plus(HOUR))),
        (&over, held(now.plus(3 * HOUR))),
        (&waiting, crate::admitted()),
    ] {
        world.request(request).await;
        let state = change.state();
        world.tell(request, change).await;
        world.in_state(request, state).await;
    }
    world.settled(&bus::Durable::PersistenceRequests).await;
    service.stop().await;
    assert_eq!(world.taken("SMS_REQUEST").await, 3, "nothing is due yet");

    let service = world.run_ahead(2 * HOUR).await;
    for request in [&over, &waiting] {
        let expired = world.in_state(request, MtState::Expired).await;
        assert!(Some(expired.message.updated_at) >= request.not_after);
    }
    wait_for("the due one to be requested again", || async {
        (world.taken("SMS_REQUEST").await == 4).then_some(())
    })
    .await;
    service.stop().await;
}
