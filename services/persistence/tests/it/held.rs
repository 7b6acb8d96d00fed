//! Messages that wait outside the broker.

use std::time::Duration;

use bus::{Durable, Wait};
use contracts::mt::{Gate, MtChange, MtEvent, MtRequest, PrioritisedRequest};
use contracts::{MtState, OrgId, Priority, Timestamp};
use store::{MessageFilter, Page, Reach};
use testkit::{wait_for, wait_for_within};

use crate::{World, request};

fn held_for(time: Duration, round: u32) -> MtChange {
    MtChange::Held { gate: Gate::BackOff, until: Timestamp::now().plus(time), tries: 3, round }
}

/// What the router would take next.
pub(crate) async fn next_request(world: &World) -> MtRequest {
    let durable = Durable::RouterRequests(Priority::Normal);
    let deliveries = wait_for("a request", || async {
        let wait = Wait::UpTo(Duration::from_secs(5));
        world.bus.fetch::<MtRequest>(&durable, 1, wait).await.ok().filter(|all| !all.is_empty())
    });
    let delivery = deliveries.await.remove(0);
    let request = delivery.value.clone();
    delivery.double_ack().await.unwrap();
    request
}

async fn nothing_is_due(world: &World) {
    wait_for("nothing to be due", || async {
        world.store.next_due().await.unwrap().is_none().then_some(())
    })
    .await;
}

pub(crate) async fn a_held_message_is_requested_again_when_due(world: World) {
    let service = world.run().await;
    let wanted = request("Halo");
    world.request(&wanted).await;
    assert_eq!(next_request(&world).await, wanted);
    let until = Timestamp::now().plus(Duration::from_millis(700));
    let later = MtChange::Held { gate: Gate::Schedule, until, tries: 3, round: 1 };
    world.tell(&wanted, later).await;
    let now = world.in_state(&wanted, MtState::Held).await;
    assert_eq!((now.message.held_until, now.message.gate), (Some(until), Some(Gate::Schedule)));
    let again = next_request(&world).await;
    assert!(Timestamp::now() >= until);
    assert_eq!(again, MtRequest { round: 1, tries: 3, ..wanted.clone() });
    nothing_is_due(&world).await;
    service.stop().await;
    assert_eq!(world.taken("SMS_REQUEST").await, 2);
}

pub(crate) async fn a_hold_outlives_the_service(world: World) {
    let service = world.run().await;
    let wanted = request("Halo");
    world.request(&wanted).await;
    next_request(&world).await;
    world.tell(&wanted, held_for(Duration::from_mins(1), 1)).await;
    world.in_state(&wanted, MtState::Held).await;
    service.stop().await;
    // While it is away: a hold that is over before it is back, of a message it does not know yet.
    let other = request("Hai");
    world.request(&other).await;
    next_request(&world).await;
    world.tell(&other, held_for(Duration::ZERO, 1)).await;
    let service = world.run().await;
    let again = next_request(&world).await;
    assert_eq!((again.id, again.round), (other.id, 1));
    wait_for("the first alone to be held", || async {
        let due = world.store.next_due().await.unwrap();
        (due.expect("the first is still held") > Timestamp::now()).then_some(())
    })
    .await;
    service.stop().await;
}

/// It died between publishing the request and noting that; more than the broker's two minutes ago, so
/// the broker would not know the second as a duplicate: here the first has no id at all.
pub(crate) async fn what_was_requested_before_a_crash_is_not_requested_again(world: World) {
    let service = world.run().await;
    let wanted = request("Halo");
    world.request(&wanted).await;
    world.in_state(&wanted, MtState::Accepted).await;
    service.stop().await;
    let until = Duration::from_millis(50);
    world.tell(&wanted, held_for(until, 1)).await;
    let again = MtRequest { round: 1, tries: 3, ..wanted.clone() };
    let context = async_nats::jetstream::new(world.bus.client().clone());
    let payload = serde_json::to_vec(&again).unwrap();
    let sent = context.publish("sms.v1.mt.request.normal", payload.into()).await.unwrap();
    sent.await.unwrap();
    let service = world.run().await;
    world.in_state(&wanted, MtState::Held).await;
    nothing_is_due(&world).await;
    // Something that is due later is requested, so the timer did run.
    let other = request("Hai");
    world.request(&other).await;
    world.tell(&other, held_for(until, 1)).await;
    loop {
        let next = next_request(&world).await;
        if next.id == other.id && next.round == 1 {
            break;
        }
    }
    service.stop().await;
    assert_eq!(world.taken("SMS_REQUEST").await, 4);
}

pub(crate) async fn a_held_message_expires_at_its_end(world: World) {
    let service = world.run().await;
    let mut wanted = request("Halo");
    wanted.not_after = Some(Timestamp::now().plus(Duration::from_millis(300)));
    world.request(&wanted).await;
    world.tell(&wanted, held_for(Duration::from_hours(1), 1)).await;
    let end = world.in_state(&wanted, MtState::Expired).await;
    assert!(Some(end.message.updated_at) >= wanted.not_after);
    assert_eq!(
        end.timeline.last().unwrap().change.to_string(),
        "Its time was over before it could be sent."
    );
    service.stop().await;
    assert_eq!(world.taken("SMS_REQUEST").await, 1);
}

pub(crate) async fn what_waits_where_nobody_looks_expires_at_its_end(world: World) {
    let service = world.run().await;
    let end = Timestamp::now().plus(Duration::from_millis(500));
    let wanted = ["accepted", "admitted", "released", "sending"].map(|text| {
        let mut wanted = request(text);
        wanted.not_after = Some(end);
        wanted
    });
    for request in &wanted {
        world.request(request).await;
    }
    world.tell(&wanted[1], crate::admitted()).await;
    world.tell(&wanted[2], crate::admitted()).await;
    world.tell(&wanted[2], MtChange::RELEASED).await;
    world.tell(&wanted[3], crate::sending()).await;
    for request in &wanted[..3] {
        let expired = world.in_state(request, MtState::Expired).await;
        assert!(expired.message.updated_at >= end);
    }
    world.settled(&Durable::PersistenceEvents).await;
    // A modem has it: the modem-driver tells what becomes of it.
    world.in_state(&wanted[3], MtState::Sending).await;
    service.stop().await;
    assert_eq!(world.taken("SMS_EVENT").await, 7, "each end is told once");
}

/// A driver that never comes back, or whose result could be stored nowhere. What one says later is right all the same.
pub(crate) async fn what_nothing_is_heard_of_is_uncertain(world: World) {
    let wanted = [request("silent"), request("late"), request("new")];
    let an_hour_ago = Timestamp::now().minus(Duration::from_hours(1));
    for (request, at) in wanted.iter().zip([an_hour_ago, an_hour_ago, Timestamp::now()]) {
        world.request(request).await;
        let sending = MtEvent::of(request.id.unwrap(), request, at, crate::sending());
        world.bus.publish(&sending).await.unwrap();
    }
    let service = world.run().await;
    for request in &wanted[..2] {
        let now = world.in_state(request, MtState::Uncertain).await;
        let said = now.timeline.last().unwrap().change.to_string();
        assert!(said.contains("15 minutes"), "{said}");
    }
    world.tell(&wanted[1], crate::sent()).await;
    world.in_state(&wanted[1], MtState::Sent).await;
    world.settled(&Durable::PersistenceEvents).await;
    world.in_state(&wanted[0], MtState::Uncertain).await;
    world.in_state(&wanted[2], MtState::Sending).await;
    service.stop().await;
    assert_eq!(world.taken("SMS_EVENT").await, 6, "each is told once");
    assert_eq!(world.taken("SMS_REQUEST").await, 3, "nothing is sent again by that");
}

/// However many modems were lost at once: what is too much for one look is not left for a look a minute later.
pub(crate) async fn nothing_is_heard_of_many_at_once(world: World) {
    let wanted: Vec<_> = (0..1_050).map(|n| request(&format!("silent {n}"))).collect();
    let an_hour_ago = Timestamp::now().minus(Duration::from_hours(1));
    let sending: Vec<_> = wanted
        .iter()
        .map(|request| MtEvent::of(request.id.unwrap(), request, an_hour_ago, crate::sending()))
        .collect();
    let requests =
        wanted.iter().map(|request| PrioritisedRequest { priority: Priority::Normal, request });
    world.bus.publish_all(&requests.collect::<Vec<_>>()).await.unwrap();
    world.bus.publish_all(&sending).await.unwrap();
    let service = world.run().await;
    wait_for_within(Duration::from_mins(2), "all to be uncertain", || async {
        let states = vec![MtState::Accepted, MtState::Sending];
        let filter = MessageFilter { states, ..MessageFilter::default() };
        let reach = Reach::everything(OrgId::default_org());
        let left = world.store.messages(reach, &filter, Page::default()).await.unwrap();
        (left.messages.is_empty() && world.rows().await == wanted.len()).then_some(())
    })
    .await;
    service.stop().await;
    assert_eq!(world.taken("SMS_EVENT").await, 2_100, "each is told once");
}

/// What a driver had told live only when it was killed, and no driver comes back.
pub(crate) async fn what_only_the_journal_knows_to_be_with_a_modem_ends_as_promised(world: World) {
    let attempts = world.bus.kv::<serde_json::Value>(bus::Bucket::Attempts).await.unwrap();
    let enter = async |request: &MtRequest, part: u8, parts: u8, stage: &str, at: Timestamp| {
        let key = contracts::journal::key(request.id.unwrap(), part);
        let through = crate::through();
        let entry = serde_json::json!({
            "stage": stage, "modem": through.modem, "sim": through.sim, "driver": "drv_gone",
            "tries": 1, "parts": parts, "begun_at": at, "at": at,
        });
        attempts.create(&key, &entry).await.unwrap();
    };
    let an_hour_ago = Timestamp::now().minus(Duration::from_hours(1));
    let [gone, half, new, refused, waits] =
        ["gone", "half", "new", "refused", "waits"].map(request);
    for request in [&gone, &half, &new, &refused, &waits] {
        world.request(request).await;
        let id = request.id.unwrap();
        let released = MtEvent::of(id, request, an_hour_ago, MtChange::RELEASED);
        world.bus.publish(&released).await.unwrap();
    }
    let begun = an_hour_ago.plus(Duration::from_mins(20));
    enter(&gone, 1, 1, "writing", begun).await;
    enter(&half, 1, 2, "sent", begun).await;
    enter(&half, 2, 2, "writing", begun.plus(Duration::from_secs(5))).await;
    enter(&new, 1, 1, "writing", Timestamp::now()).await;
    enter(&refused, 1, 1, "waiting", begun).await;
    let service = world.run().await;
    for (request, part) in [(&gone, 1), (&half, 2)] {
        let end = world.in_state(request, MtState::Uncertain).await;
        let changes: Vec<_> = end.timeline.iter().map(|entry| &entry.change).collect();
        assert_eq!(*changes[0], MtChange::RELEASED);
        assert!(matches!(changes[1], MtChange::Sending { part: given, .. } if *given == part));
        let MtChange::Uncertain { error, part: named, through } = changes[2] else {
            panic!("{changes:?}")
        };
        assert_eq!((error.code.as_str(), *named, *through), ("unheard", part, crate::through()));
        assert!(end.timeline[1].at < an_hour_ago.plus(Duration::from_mins(30)), "when it was");
    }
    world.in_state(&new, MtState::Sending).await;
    world.settled(&Durable::PersistenceEvents).await;
    for request in [&refused, &waits] {
        world.in_state(request, MtState::Released).await;
    }
    service.stop().await;
    assert_eq!(world.taken("SMS_EVENT").await, 10, "each is told once");
}

/// Whether a modem has it is not in the database when its time is over.
pub(crate) async fn what_is_with_a_modem_at_its_end_does_not_expire(world: World) {
    let attempts = world.bus.kv::<serde_json::Value>(bus::Bucket::Attempts).await.unwrap();
    let service = world.run().await;
    let end = Timestamp::now().plus(Duration::from_millis(500));
    let wanted = ["with a modem", "waits"].map(|text| {
        let mut wanted = request(text);
        wanted.not_after = Some(end);
        wanted
    });
    let through = crate::through();
    let entry = serde_json::json!({
        "stage": "writing", "modem": through.modem, "sim": through.sim, "tries": 1, "parts": 1,
        "begun_at": end, "at": end,
    });
    attempts.create(&contracts::journal::key(wanted[0].id.unwrap(), 1), &entry).await.unwrap();
    for request in &wanted {
        world.request(request).await;
        world.tell(request, MtChange::RELEASED).await;
    }
    world.in_state(&wanted[1], MtState::Expired).await;
    let sending = world.in_state(&wanted[0], MtState::Sending).await;
    assert_eq!(sending.timeline.last().unwrap().at, end);
    world.tell(&wanted[0], crate::sent()).await;
    let sent = world.in_state(&wanted[0], MtState::Sent).await;
    assert_eq!(sent.timeline.len(), 3);
    service.stop().await;
}

pub(crate) async fn a_settled_message_is_never_requested(world: World) {
    // All of it waits in the broker when the service starts: the hold is over, and so is the message.
    let wanted = request("Halo");
    world.request(&wanted).await;
    world.tell(&wanted, held_for(Duration::ZERO, 1)).await;
    world.tell(&wanted, MtChange::Cancelled { by: None }).await;
    let service = world.run().await;
    world.in_state(&wanted, MtState::Cancelled).await;
    world.settled(&Durable::PersistenceEvents).await;
    service.stop().await;
    assert_eq!(world.taken("SMS_REQUEST").await, 1);
}
