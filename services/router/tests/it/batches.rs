//! Many recipients in one stored request.

use std::collections::{HashMap, HashSet};

use bus::{Bucket, Durable, Event, Stream};
use contracts::batch::{
    BatchOrder, MtBatch, MtRecipient, Order, Place, PrioritisedBatch, order_key, place_key,
};
use contracts::config_kv::OptOut;
use contracts::modem::ModemStatus;
use contracts::mt::{Body, DlrCallback, Encoding, MtChange, MtRequest};
use contracts::{
    BatchId, MessageId, MtState, OrgId, PhoneNumber, Priority, Subject, Timestamp, UserId,
};

use crate::doubles::all_decided_of;
use crate::gateway::{Gateway, config, pool};

const BULK: Priority = Priority::Bulk;

/// Stores a batch of so many messages as one request; returns their ids in order.
async fn request(gateway: &Gateway, batch: Option<BatchId>, count: usize) -> Vec<MessageId> {
    let requests = (0..count).map(|n| {
        let to = PhoneNumber::parse(&format!("+62812{n:07}")).unwrap();
        let mut request = MtRequest::text(to, "Halo");
        (request.id, request.batch) = (Some(MessageId::new()), batch);
        request.created_at = Some(Timestamp::now());
        request
    });
    let batches = MtBatch::gather(requests);
    assert_eq!(batches.len(), 1);
    let batch = &batches[0];
    gateway.bus.publish(&PrioritisedBatch { priority: BULK, batch }).await.unwrap();
    batch.requests().filter_map(|request| request.id).collect()
}

async fn order(gateway: &Gateway, batch: BatchId, order: Order) {
    let orders = gateway.bus.kv::<BatchOrder>(Bucket::Batches).await.unwrap();
    let (org, owner, at) = (OrgId::default_org(), UserId::internal(), Timestamp::now());
    let order = BatchOrder { org, owner, order, by: None, at };
    orders.put(&order_key(batch), &order).await.unwrap();
}

/// Takes and sends so many messages; returns their ids.
async fn send(gateway: &Gateway, count: usize) -> Vec<MessageId> {
    let mut sent = Vec::new();
    for _ in 0..count {
        let item = gateway.take(&pool(), BULK).await;
        assert!(item.value.others.is_empty());
        sent.push(gateway.send(item).await);
    }
    sent
}

async fn nothing_waits(gateway: &Gateway) {
    testkit::wait_for("nothing to wait", || async {
        let waiting = gateway.bus.subject_counts(Stream::Wait).await.unwrap();
        (waiting.is_empty() && gateway.dispatched().await.is_empty()).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_batch_waits_as_one_item_and_goes_out_in_its_order() {
    let mut gateway = Gateway::start().await;
    let before = gateway.taken(Stream::Event).await;
    let ids = request(&gateway, Some(BatchId::new()), 150).await;
    testkit::wait_for("it to wait", || async {
        (gateway.taken(Stream::Wait).await == 1).then_some(())
    })
    .await;
    gateway.modem("a", ModemStatus::Ready).await;
    assert_eq!(send(&gateway, 150).await, ids);
    let mut states: HashMap<MessageId, Vec<MtState>> = HashMap::new();
    while states.values().filter(|states| states.len() == 3).count() < 150 {
        let (id, state) = gateway
            .event(|event| match event {
                Event::Mt(event) => Some((event.message, event.change.state())),
                _ => None,
            })
            .await;
        states.entry(id).or_default().push(state);
    }
    // A modem may be faster than the router tells.
    let expected = [MtState::Admitted, MtState::Released, MtState::Sent];
    assert!(states.values().all(|states| expected.iter().all(|state| states.contains(state))));
    assert_eq!(gateway.taken(Stream::Wait).await, 1, "one item for all");
    assert_eq!(gateway.taken(Stream::Event).await - before, 300, "released and sent, each once");
    testkit::wait_for("nothing to wait", || async {
        let waiting = gateway.bus.subject_counts(Stream::Wait).await.unwrap();
        waiting.is_empty().then_some(())
    })
    .await;
}

/// The router is killed again and again while a batch goes out.
#[tokio::test]
async fn kills_repeat_none_and_skip_none() {
    let mut gateway = Gateway::start().await;
    let ids = request(&gateway, Some(BatchId::new()), 300).await;
    gateway.modem("a", ModemStatus::Ready).await;
    let mut sent = Vec::new();
    for part in [1, 70, 3, 100, 60] {
        sent.extend(send(&gateway, part).await);
        gateway.kill_router().await;
        gateway.start_router(config()).await;
    }
    sent.extend(send(&gateway, ids.len() - sent.len()).await);
    assert_eq!(sent.iter().collect::<HashSet<_>>().len(), ids.len());
    assert_eq!(sent.iter().collect::<HashSet<_>>(), ids.iter().collect());
    testkit::wait_for("nothing to be left", || async {
        let waiting = gateway.bus.subject_counts(Stream::Wait).await.unwrap();
        (waiting.is_empty() && gateway.dispatched().await.is_empty()).then_some(())
    })
    .await;
}

/// The acknowledgement of a batch does not survive a broker that is killed. It comes back when the router has long forgotten what of it
/// was released, and nothing is sent again: that it is over stands beside it.
#[tokio::test]
async fn a_batch_that_is_over_and_comes_back_is_over() {
    let mut gateway = Gateway::start().await;
    let ids = request(&gateway, Some(BatchId::new()), 5).await;
    testkit::wait_for("it to wait", || async {
        (gateway.taken(Stream::Wait).await == 1).then_some(())
    })
    .await;
    let item = gateway.bus.item(Stream::Wait, 1).await.unwrap().unwrap();
    gateway.modem("a", ModemStatus::Ready).await;
    assert_eq!(send(&gateway, 5).await, ids);
    nothing_waits(&gateway).await;
    let ends = gateway.bus.kv::<Place>(Bucket::Handled).await.unwrap();
    let end = ends.get(&place_key(ids.iter().copied(), 0)).await.unwrap().unwrap().value;
    assert_eq!(end, Place { next: 5, done: Vec::new() });
    // Nothing tells any more what was released, and the broker knows no ids.
    gateway.stop_router().await;
    let js = async_nats::jetstream::new(gateway.bus.client().clone());
    js.get_stream(Stream::Event.as_str()).await.unwrap().purge().await.unwrap();
    gateway.forget_ids(Stream::Dispatch).await;
    js.publish(item.subject, item.payload).await.unwrap().await.unwrap();
    gateway.start_router(config()).await;
    gateway.modem("a", ModemStatus::Ready).await;
    nothing_waits(&gateway).await;
    assert_eq!(gateway.taken(Stream::Dispatch).await, 5, "none goes out again");
}

/// Of what goes its own way nothing is noted before it waits, and it goes that way again when its request comes again.
#[tokio::test]
async fn a_batch_about_which_nobody_is_asked_waits_once_and_has_no_note() {
    let gateway = Gateway::start().await;
    let requests = (0..5).map(|n| {
        let to = PhoneNumber::parse(&format!("+62812{n:07}")).unwrap();
        let mut request = MtRequest::text(to, "Halo");
        (request.id, request.created_at) = (Some(MessageId::new()), Some(Timestamp::now()));
        request
    });
    let batch = MtBatch::gather(requests).remove(0);
    gateway.bus.publish(&PrioritisedBatch { priority: BULK, batch: &batch }).await.unwrap();
    testkit::wait_for("it to wait", || async {
        (gateway.taken(Stream::Wait).await == 1).then_some(())
    })
    .await;
    // Without an id, as the broker does not know its own.
    let js = async_nats::jetstream::new(gateway.bus.client().clone());
    let again = serde_json::to_vec(&batch).unwrap();
    let subject = Subject::MtBatch(BULK).to_string();
    js.publish(subject, again.into()).await.unwrap().await.unwrap();
    all_decided_of(&gateway, &Durable::RouterBatches(BULK)).await;
    assert_eq!(gateway.taken(Stream::Wait).await, 1, "the same item");
    let handled = gateway.bus.kv::<serde_json::Value>(Bucket::Handled).await.unwrap();
    assert!(handled.entries().await.unwrap().is_empty());
}

/// One in the middle is refused while those before it wait; then the modem goes away for long, and the batch comes again. What
/// was refused is not looked at once more, whatever its recipient wants by then.
#[tokio::test]
async fn what_was_refused_stays_refused_when_the_batch_comes_again() {
    let mut gateway = Gateway::start().await;
    let ids = request(&gateway, None, 20).await;
    testkit::wait_for("it to wait", || async {
        (gateway.taken(Stream::Wait).await == 1).then_some(())
    })
    .await;
    let (org, number) = (OrgId::default_org(), PhoneNumber::parse("+628120000015").unwrap());
    let settings = gateway.bus.kv::<OptOut>(Bucket::Config).await.unwrap();
    let key = OptOut::key(org, &number);
    settings.put(&key, &OptOut { org, number: number.clone(), out: true }).await.unwrap();
    // The router knows it when it refuses another.
    loop {
        let other = gateway.request(BULK, MtRequest::text(number.clone(), "Halo")).await;
        let decided = gateway.event(|event| match event {
            Event::Mt(event) if event.message == other => Some(event.change.state()),
            _ => None,
        });
        if decided.await == MtState::Rejected {
            break;
        }
    }

    let places = gateway.bus.kv::<Place>(Bucket::Batches).await.unwrap();
    let noted = |place: Place| {
        let (places, key) = (places.clone(), place_key(ids.iter().copied(), 0));
        async move {
            testkit::wait_for("the place to be noted", || async {
                (places.get(&key).await.ok()??.value == place).then_some(())
            })
            .await;
        }
    };
    // Two are given to the modem, and from then on it is certain what was released.
    gateway.modem("a", ModemStatus::Ready).await;
    gateway.change(ids[1], MtState::Released).await;
    gateway.modem("a", ModemStatus::Offline).await;
    noted(Place { next: 2, done: Vec::new() }).await;
    gateway.modem("a", ModemStatus::Ready).await;
    gateway.change(ids[15], MtState::Rejected).await;
    gateway.modem("a", ModemStatus::Offline).await;
    noted(Place { next: 2, done: vec![(15, 16)] }).await;
    settings.put(&key, &OptOut { org, number: number.clone(), out: false }).await.unwrap();
    gateway.modem("a", ModemStatus::Ready).await;
    let sent = send(&gateway, 19).await;
    let rest: HashSet<MessageId> = ids.iter().copied().filter(|id| *id != ids[15]).collect();
    assert_eq!(sent.into_iter().collect::<HashSet<_>>(), rest);
    testkit::wait_for("nothing to wait", || async {
        let waiting = gateway.bus.subject_counts(Stream::Wait).await.unwrap();
        (waiting.is_empty() && gateway.dispatched().await.is_empty()).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_paused_batch_stands_in_nobodys_way_and_goes_on_where_it_was() {
    let gateway = Gateway::start().await;
    let batch = BatchId::new();
    let ids = request(&gateway, Some(batch), 20).await;
    gateway.modem("a", ModemStatus::Ready).await;
    let mut sent = send(&gateway, 5).await;
    order(&gateway, batch, Order::Paused).await;
    // What was released before goes out. One of the same account that waits behind the batch does, too.
    let behind = request(&gateway, None, 1).await[0];
    loop {
        let next = send(&gateway, 1).await[0];
        if next == behind {
            break;
        }
        sent.push(next);
    }
    assert!(sent.len() < ids.len(), "it stopped");
    order(&gateway, batch, Order::Running).await;
    sent.extend(send(&gateway, ids.len() - sent.len()).await);
    assert_eq!(sent, ids);
}

#[tokio::test]
async fn what_is_not_released_of_a_cancelled_batch_ends_at_once() {
    let mut gateway = Gateway::start().await;
    let (batch, by) = (BatchId::new(), UserId::derived("ani"));
    let ids = request(&gateway, Some(batch), 50).await;
    gateway.modem("a", ModemStatus::Ready).await;
    let mut sent: HashSet<MessageId> = send(&gateway, 3).await.into_iter().collect();
    let orders = gateway.bus.kv::<BatchOrder>(Bucket::Batches).await.unwrap();
    let (org, owner, at) = (OrgId::default_org(), UserId::internal(), Timestamp::now());
    let cancel = BatchOrder { org, owner, order: Order::Cancelled, by: Some(by), at };
    orders.put(&order_key(batch), &cancel).await.unwrap();
    let mut released: HashSet<MessageId> = HashSet::new();
    let mut cancelled: HashSet<MessageId> = HashSet::new();
    while released.len() + cancelled.len() < ids.len() {
        let (id, change) = gateway
            .event(|event| match event {
                Event::Mt(event) => Some((event.message, event.change.clone())),
                _ => None,
            })
            .await;
        match change {
            MtChange::Released { .. } => drop(released.insert(id)),
            MtChange::Cancelled { by: said } => {
                assert_eq!(said, Some(by));
                cancelled.insert(id);
            }
            _ => {}
        }
    }
    assert!(released.is_disjoint(&cancelled));
    assert!(cancelled.len() > 40, "{}", cancelled.len());
    sent.extend(send(&gateway, released.len() - sent.len()).await);
    assert_eq!(sent, released);
    // A message of the batch that is asked for later ends, too.
    let late = request(&gateway, Some(batch), 1).await[0];
    assert_eq!(
        gateway.change(late, MtState::Cancelled).await,
        MtChange::Cancelled { by: Some(by) }
    );
}

/// A router that starts while a batch is paused looks at all that is at hand of it at once, whatever room the modems have.
#[tokio::test]
async fn a_paused_batch_stands_in_nobodys_way_after_a_kill_either() {
    let mut gateway = Gateway::start().await;
    let batch = BatchId::new();
    let ids = request(&gateway, Some(batch), 200).await;
    gateway.modem("a", ModemStatus::Ready).await;
    let mut sent = send(&gateway, 3).await;
    order(&gateway, batch, Order::Paused).await;
    gateway.kill_router().await;
    gateway.start_router(config()).await;
    let behind = request(&gateway, None, 1).await[0];
    loop {
        let next = send(&gateway, 1).await[0];
        if next == behind {
            break;
        }
        sent.push(next);
    }
    order(&gateway, batch, Order::Running).await;
    sent.extend(send(&gateway, ids.len() - sent.len()).await);
    assert_eq!(sent, ids);
}

/// The first of a batch is refused, the second has a callback of its own and the third has none.
#[tokio::test]
async fn what_is_not_like_the_first_that_is_admitted_is_not_lost() {
    let mut gateway = Gateway::start().await;
    let mut requests: Vec<MtRequest> = (0..4)
        .map(|n| {
            let to = PhoneNumber::parse(&format!("+62812{n:07}")).unwrap();
            let mut request = MtRequest::text(to, "Halo");
            (request.id, request.created_at) = (Some(MessageId::new()), Some(Timestamp::now()));
            request
        })
        .collect();
    let text = "a".repeat(5_000);
    requests[0].body = Body::Text { text, encoding: Encoding::Auto };
    requests[1].dlr = Some(DlrCallback { url: "http://example.org".to_owned(), mask: 1 });
    let batches = MtBatch::gather(requests);
    assert_eq!(batches.len(), 1);
    let ids: Vec<MessageId> = batches[0].requests().filter_map(|request| request.id).collect();
    gateway.bus.publish(&PrioritisedBatch { priority: BULK, batch: &batches[0] }).await.unwrap();
    gateway.change(ids[0], MtState::Rejected).await;
    gateway.modem("a", ModemStatus::Ready).await;
    let sent: HashSet<MessageId> = send(&gateway, 3).await.into_iter().collect();
    assert_eq!(sent, ids[1..].iter().copied().collect());
}

/// A batch of another service that is as large as the broker takes waits as several items.
#[tokio::test]
async fn a_batch_as_large_as_the_broker_takes_is_split() {
    let gateway = Gateway::start().await;
    let mut requests: Vec<MtRequest> = Vec::new();
    for n in 0..660 {
        let to = PhoneNumber::parse(&format!("+62812{n:07}")).unwrap();
        let mut request = MtRequest::text(to, format!("{n} {}", "a".repeat(1_450)));
        request.id = Some(MessageId::new());
        requests.push(request);
    }
    let others =
        requests[1..].iter().filter_map(|own| MtRecipient::of(&requests[0], own)).collect();
    let batch = MtBatch { first: requests[0].clone(), others };
    assert_eq!(batch.len(), requests.len());
    let size = serde_json::to_vec(&batch).unwrap().len();
    assert!((1_000_000..1_048_000).contains(&size), "{size}");
    gateway.bus.publish(&PrioritisedBatch { priority: BULK, batch: &batch }).await.unwrap();
    testkit::wait_for("all to be refused or to wait", || async {
        let waiting = gateway.bus.subject_counts(Stream::Wait).await.unwrap();
        (waiting.values().sum::<u64>() >= 8).then_some(())
    })
    .await;
}

/// The broker has a place that the router did not hear of: an answer was lost, or another copy of the router was there.
#[tokio::test]
async fn a_place_is_noted_though_one_was_there_that_nobody_told_of() {
    let gateway = Gateway::start().await;
    let ids = request(&gateway, Some(BatchId::new()), 150).await;
    gateway.modem("a", ModemStatus::Ready).await;
    send(&gateway, 5).await;
    let places = gateway.bus.kv::<Place>(Bucket::Batches).await.unwrap();
    let key = place_key(ids.iter().copied(), 0);
    places.put(&key, &Place::default()).await.unwrap();
    send(&gateway, 140).await;
    testkit::wait_for("the place to be noted", || async {
        let place = places.get(&key).await.unwrap()?;
        (place.value.next >= 128).then_some(())
    })
    .await;
}

/// What waits for a modem that is away ends, too, and other messages of the account stay.
#[tokio::test]
async fn a_batch_is_cancelled_without_a_modem() {
    let mut gateway = Gateway::start().await;
    let batch = BatchId::new();
    let others = request(&gateway, None, 3).await;
    let ids = request(&gateway, Some(batch), 5).await;
    testkit::wait_for("both to wait", || async {
        (gateway.taken(Stream::Wait).await == 2).then_some(())
    })
    .await;
    order(&gateway, batch, Order::Cancelled).await;
    let mut cancelled = HashSet::new();
    while cancelled.len() < ids.len() {
        let id = gateway.event(|event| match event {
            Event::Mt(event) if event.change.state() == MtState::Cancelled => Some(event.message),
            _ => None,
        });
        cancelled.insert(id.await);
    }
    assert_eq!(cancelled, ids.into_iter().collect());
    gateway.modem("a", ModemStatus::Ready).await;
    assert_eq!(send(&gateway, 3).await, others);
}

/// A message that nobody waits before costs two stored messages on its way to the modems: what is to be sent, and that it
/// was released.
#[tokio::test]
async fn a_message_without_a_backlog_does_not_wait() {
    let mut gateway = Gateway::start().await;
    gateway.modem("a", ModemStatus::Ready).await;
    // Until the router has heard of the modem, a message waits.
    let first = gateway.request(Priority::Normal, MtRequest::text(crate::gateway::to(), "a")).await;
    let item = gateway.take(&pool(), Priority::Normal).await;
    assert_eq!(gateway.send(item).await, first);
    gateway.change(first, MtState::Sent).await;
    let (waited, told) = (gateway.taken(Stream::Wait).await, gateway.taken(Stream::Event).await);
    let second =
        gateway.request(Priority::Normal, MtRequest::text(crate::gateway::to(), "b")).await;
    let item = gateway.take(&pool(), Priority::Normal).await;
    assert_eq!(item.value.id, second);
    gateway.change(second, MtState::Released).await;
    assert_eq!(gateway.taken(Stream::Wait).await, waited);
    assert_eq!(gateway.taken(Stream::Event).await, told + 1);
}
