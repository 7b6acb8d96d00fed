//! What is delivered again, for the router that had it was killed: what was made of it then is not known.

use std::collections::HashSet;
use std::time::Duration;

use bus::{Bucket, Durable, Event, Stream, Wait};
use contracts::batch::{MtRecipient, Place, place_key, place_key_before};
use contracts::modem::ModemStatus;
use contracts::mt::{
    Gate, MtChange, MtEvent, MtItem, MtRequest, SendError, SentPart, Through, Waiting,
};
use contracts::subject::Target;
use contracts::{MessageId, ModemId, MtState, Priority, SimId, Timestamp, UserId};
use platform::config::{Period, Router};
use testkit::wait_for;

use crate::doubles::all_decided;
use crate::gateway::{Gateway, config, to};

const NORMAL: Priority = Priority::Normal;

fn account() -> UserId {
    UserId::derived("budi")
}

fn request(text: &str) -> MtRequest {
    MtRequest { owner: account(), ..MtRequest::text(to(), text) }
}

/// Takes requests as a router does that is killed then, while no router runs. They come again after a while.
async fn lose(gateway: &Gateway, ids: &[MessageId], after: Option<Duration>) {
    let mut left: HashSet<MessageId> = ids.iter().copied().collect();
    let durable = Durable::RouterRequests(NORMAL);
    while !left.is_empty() {
        let wait = Wait::UpTo(Duration::from_secs(8));
        let found = wait_for("the requests to be delivered", || async {
            gateway.bus.fetch::<MtRequest>(&durable, 8, wait).await.ok()
        });
        for delivery in found.await {
            if let Some(id) = delivery.value.id {
                left.remove(&id);
            }
            delivery.nak(after).await.unwrap();
        }
    }
}

/// What is told of a message first.
async fn first_told(gateway: &mut Gateway, id: MessageId) -> MtState {
    gateway
        .event(|event| match event {
            Event::Mt(event) if event.message == id => Some(event.change.state()),
            _ => None,
        })
        .await
}

#[tokio::test]
async fn what_may_wait_in_the_queue_is_not_told_to_be_a_double() {
    let watchful = Router { doubles: Period(Duration::from_hours(1)), ..config() };
    let mut gateway = Gateway::start_with(watchful.clone()).await;
    let first = gateway.request(NORMAL, request("Halo")).await;
    gateway.change(first, MtState::Admitted).await;
    gateway.stop_router().await;
    let second = gateway.request(NORMAL, request("Halo")).await;
    lose(&gateway, &[second], None).await;
    gateway.start_router(watchful).await;
    assert_eq!(first_told(&mut gateway, second).await, MtState::Admitted);
}

#[tokio::test]
async fn what_may_wait_in_the_queue_is_not_told_to_be_over_a_limit() {
    let limits = r#"{"per_month":1,"zone":"UTC"}"#;
    let mut gateway = Gateway::start_limited(config(), account(), limits).await;
    gateway.modem("a", ModemStatus::Ready).await;
    let first = gateway.request(NORMAL, request("Halo")).await;
    gateway.change(first, MtState::Released).await;
    gateway.stop_router().await;
    let second = gateway.request(NORMAL, request("Hai")).await;
    // It comes when the router knows what was released, most likely.
    lose(&gateway, &[second], Some(Duration::from_secs(5))).await;
    gateway.modem("a", ModemStatus::Ready).await;
    gateway.start_router(config()).await;
    let other = gateway.request(NORMAL, MtRequest::text(to(), "of somebody else")).await;
    let mut left = HashSet::from([(second, MtState::Admitted), (other, MtState::Released)]);
    while !left.is_empty() {
        let told = gateway.event(|event| match event {
            Event::Mt(event) => Some((event.message, event.change.state())),
            _ => None,
        });
        left.remove(&told.await);
    }
}

#[tokio::test]
async fn what_was_told_to_be_held_does_not_go_out_beside_that() {
    let mut gateway = Gateway::start().await;
    gateway.stop_router().await;
    let id = gateway.request(NORMAL, request("Halo")).await;
    lose(&gateway, &[id], None).await;
    let until = Timestamp::now().plus(Duration::from_hours(1));
    let change = MtChange::Held { gate: Gate::Credit, until, tries: 0, round: 1 };
    let held = MtEvent::of(id, &request("Halo"), Timestamp::now(), change);
    gateway.bus.publish(&held).await.unwrap();
    gateway.start_router(config()).await;
    all_decided(&gateway).await;
    assert_eq!(gateway.taken(Stream::Wait).await, 0);
    // Another that is lost was not held.
    gateway.stop_router().await;
    let other = gateway.request(NORMAL, request("Hai")).await;
    lose(&gateway, &[other], None).await;
    gateway.start_router(config()).await;
    assert_eq!(first_told(&mut gateway, other).await, MtState::Admitted);
}

/// So many messages that wait for a SIM as one item.
fn item(sim: SimId, count: usize) -> MtItem {
    let mut requests = (0..count).map(|_| MtRequest {
        id: Some(MessageId::new()),
        created_at: Some(Timestamp::now()),
        ..request("Halo")
    });
    let first = requests.next().unwrap();
    let others = requests.map(|request| MtRecipient::of(&first, &request).unwrap()).collect();
    MtItem {
        id: first.id.unwrap(),
        priority: NORMAL,
        target: Target::Sim(sim),
        parts: 1,
        request: first,
        rule: None,
        others,
    }
}

/// The SIM of what waits went away, and a router began to have messages take another way. It is killed after each of the steps that this
/// takes; then the SIM is back. What was told to take another way is requested again by persistence, and must not go out beside that.
#[tokio::test]
async fn what_took_another_way_goes_out_on_it_alone_wherever_its_router_was_killed() {
    let mut gateway = Gateway::start().await;
    gateway.stop_router().await;
    let sim = SimId::derived("a");
    let places = gateway.bus.kv::<Place>(Bucket::Batches).await.unwrap();
    let (mut stays, mut leaves) = (HashSet::new(), HashSet::new());
    for (count, index, is_told, is_noted) in [
        // Alone: before it is told, and after that, before the item is acknowledged.
        (1, 0, false, false),
        (1, 0, true, false),
        // One of several, also after the place was noted.
        (4, 2, false, false),
        (4, 2, true, false),
        (4, 2, true, true),
        (4, 0, true, false),
    ] {
        let item = item(sim, count);
        gateway.bus.publish(&Waiting(&item)).await.unwrap();
        stays.extend(item.messages().map(|message| message.id));
        if is_told {
            let message = item.messages().nth(index).unwrap();
            let change =
                MtChange::Held { gate: Gate::Route, until: Timestamp::now(), tries: 0, round: 1 };
            let held = MtEvent::of(message.id, &message.request, Timestamp::now(), change);
            gateway.bus.publish(&held.of_priority(NORMAL)).await.unwrap();
            stays.remove(&message.id);
            leaves.insert(message.id);
            let next = MtRequest { round: 1, sim: Some(sim), ..message.request };
            gateway.request(NORMAL, next).await;
        }
        if is_noted {
            let place = Place { next: 0, done: vec![(index, index + 1)] };
            let ids = item.messages().map(|message| message.id);
            places.put(&place_key(ids, 0), &place).await.unwrap();
        }
    }
    gateway.start_router(config()).await;
    gateway.modem("a", ModemStatus::Ready).await;
    let mut sent = Vec::new();
    while sent.len() < stays.len() + leaves.len() {
        let delivery = gateway.take(&Target::Sim(sim), NORMAL).await;
        sent.push((delivery.value.id, delivery.value.request.round));
        gateway.send(delivery).await;
    }
    wait_for("nothing to be left", || async {
        let waiting = gateway.bus.subject_counts(Stream::Wait).await.unwrap();
        (waiting.is_empty() && gateway.dispatched().await.is_empty()).then_some(())
    })
    .await;
    let expected: HashSet<(MessageId, u32)> =
        stays.iter().map(|id| (*id, 0)).chain(leaves.iter().map(|id| (*id, 1))).collect();
    assert_eq!(sent.iter().copied().collect::<HashSet<_>>(), expected);
    assert_eq!(sent.len(), expected.len(), "each once");
}

/// The release before named the place of an item by its first message. Items that waited as it was replaced go on where they were, though
/// nothing tells any more what was released of them.
#[tokio::test]
async fn an_item_goes_on_from_the_place_that_the_release_before_noted() {
    let mut gateway = Gateway::start().await;
    gateway.stop_router().await;
    let sim = SimId::derived("a");
    let places = gateway.bus.kv::<Place>(Bucket::Batches).await.unwrap();
    let ids = |item: &MtItem| item.messages().map(|message| message.id).collect::<Vec<_>>();
    let (half, other) = (item(sim, 5), item(sim, 3));
    for (item, place) in [
        (&half, Place { next: 2, done: vec![(3, 4)] }),
        // It was that of a longer item, which began with the same message.
        (&other, Place { next: 4, done: Vec::new() }),
    ] {
        gateway.bus.publish(&Waiting(item)).await.unwrap();
        places.put(&place_key_before(item.id, 0), &place).await.unwrap();
    }
    gateway.start_router(config()).await;
    gateway.modem("a", ModemStatus::Ready).await;
    let mut sent = HashSet::new();
    for _ in 0..5 {
        let delivery = gateway.take(&Target::Sim(sim), NORMAL).await;
        sent.insert(gateway.send(delivery).await);
    }
    wait_for("nothing to be left", || async {
        let waiting = gateway.bus.subject_counts(Stream::Wait).await.unwrap();
        (waiting.is_empty() && gateway.dispatched().await.is_empty()).then_some(())
    })
    .await;
    let mut expected: HashSet<MessageId> = ids(&other).into_iter().collect();
    expected.extend([ids(&half)[2], ids(&half)[4]]);
    assert_eq!(sent, expected);
    assert_eq!(gateway.taken(Stream::Dispatch).await, 5, "none beside them");
    let ends = gateway.bus.kv::<Place>(Bucket::Handled).await.unwrap();
    let end = ends.get(&place_key(ids(&half), 0)).await.unwrap().map(|end| end.value);
    assert_eq!(end, Some(Place { next: 5, done: Vec::new() }));
}

/// A router was killed when it had given messages to a modem, and before it told so. The modem was done with them while no router ran:
/// they stand nowhere any more, and the broker has forgotten their ids.
#[tokio::test]
async fn what_a_modem_was_done_with_while_no_router_ran_is_not_released_again() {
    let mut gateway = Gateway::start().await;
    gateway.stop_router().await;
    let sim = SimId::derived("a");
    let through = Through { modem: ModemId::derived("a"), sim };
    let error = || SendError { code: "cms-38".to_owned(), text: "No network.".to_owned() };
    let (at, part) = (Timestamp::now(), 1);
    let parts = vec![SentPart { part, reference: 1, at }];
    for change in [
        MtChange::Sent { through, parts },
        MtChange::Uncertain { error: error(), through, part },
        MtChange::Failed { error: error(), through: Some(through), tries: 3 },
    ] {
        let item = item(sim, 1);
        gateway.bus.publish(&Waiting(&item)).await.unwrap();
        let told = MtEvent::of(item.id, &item.request, at, change);
        gateway.bus.publish(&told.of_priority(NORMAL)).await.unwrap();
    }
    let last = item(sim, 1);
    gateway.bus.publish(&Waiting(&last)).await.unwrap();
    gateway.start_router(config()).await;
    gateway.modem("a", ModemStatus::Ready).await;
    let delivery = gateway.take(&Target::Sim(sim), NORMAL).await;
    assert_eq!(gateway.send(delivery).await, last.id);
    wait_for("nothing to be left", || async {
        let waiting = gateway.bus.subject_counts(Stream::Wait).await.unwrap();
        (waiting.is_empty() && gateway.dispatched().await.is_empty()).then_some(())
    })
    .await;
    assert_eq!(gateway.taken(Stream::Dispatch).await, 1);
}
