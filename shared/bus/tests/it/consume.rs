//! Publish, consume, give back, give up.

use std::time::Duration;

use async_nats::jetstream;
use bus::publish::PATIENCE as PUBLISH_PATIENCE;
use bus::{Ack, Durable, Event, PublishError, Stream, Wait};
use contracts::mt::{
    Dispatched, MtChange, MtEvent, MtItem, MtRequest, PrioritisedRequest, Waiting,
};
use contracts::{Priority, Timestamp};
use testkit::{NatsServer, wait_for};

use crate::{PATIENCE, connect, item, publish_request, publish_waiting, request, within};

#[tokio::test]
async fn a_request_reaches_router_and_persistence_and_then_goes() {
    let server = NatsServer::start().await;
    let bus = connect(&server).await;
    let sent = publish_request(&bus, Priority::Normal, "hello").await;
    let mut seen = Vec::new();
    for durable in [Durable::RouterRequests(Priority::Normal), Durable::PersistenceRequests] {
        let mut deliveries = bus.consume::<MtRequest>(&durable).await.unwrap();
        let delivery = within(deliveries.next()).await;
        assert_eq!(delivery.value, sent);
        assert_eq!(delivery.delivered, 1);
        assert_eq!(delivery.subject, "sms.v1.mt.request.normal");
        assert!(Timestamp::now().since(delivery.stored_at) < PATIENCE);
        seen.push(delivery.sequence);
        delivery.double_ack().await.unwrap();
    }
    assert_eq!(seen[0], seen[1]);
    let gone =
        || async { bus.item(Stream::Request, seen[0]).await.unwrap().is_none().then_some(()) };
    wait_for("both acks to free it", gone).await;
}

#[tokio::test]
async fn the_same_message_twice_is_one() {
    let server = NatsServer::start().await;
    let bus = connect(&server).await;
    let item = item("hello", Priority::Normal);
    let first = bus.publish(&Waiting(&item)).await.unwrap();
    let second = bus.publish(&Waiting(&item)).await.unwrap();
    assert!(!first.duplicate && second.duplicate);
    assert_eq!(first.sequence, second.sequence);
}

#[tokio::test]
async fn many_are_published_in_order() {
    let server = NatsServer::start().await;
    let bus = connect(&server).await;
    let items: Vec<_> = (0..600).map(|n| item(&n.to_string(), Priority::Bulk)).collect();
    let waiting: Vec<_> = items.iter().map(Waiting).collect();
    bus.publish_all(&waiting).await.unwrap();
    bus.publish_all(&waiting).await.unwrap();
    let counts = bus.subject_counts(Stream::Wait).await.unwrap();
    let owner = items[0].request.owner;
    assert_eq!(counts.get(&format!("sms.v1.mt.wait.{owner}.bulk.pool.default")), Some(&600));
    let durable = Durable::Wait(owner, Priority::Bulk, items[0].target.clone());
    let mut deliveries = bus.consume::<MtItem>(&durable).await.unwrap();
    let mut got = Vec::new();
    while got.len() < items.len() {
        let mut room = 100;
        let has_room = |_: &_| {
            room -= 1;
            room > 0
        };
        for delivery in within(deliveries.batch(has_room)).await {
            got.push(delivery.value.clone());
            delivery.ack().await.unwrap();
        }
    }
    assert_eq!(got, items);
}

#[tokio::test]
async fn few_large_messages_are_asked_for_ahead() {
    let server = NatsServer::start().await;
    let bus = connect(&server).await;
    // 36 MB in all, of which 16 may be at hand.
    let text = "x".repeat(900_000);
    let items: Vec<_> = (0..40).map(|n| request(&format!("{n} {text}"))).collect();
    for request in &items {
        bus.publish(&PrioritisedRequest { priority: Priority::Bulk, request }).await.unwrap();
    }
    let durable = Durable::PersistenceRequests;
    let mut deliveries = bus.consume::<MtRequest>(&durable).await.unwrap();
    let mut got = Vec::new();
    for nth in 0..items.len() {
        got.push(within(deliveries.next()).await);
        if nth == 16 {
            // The pull that these came with is over, and no other one was made for those that do not fit into it.
            let context = jetstream::new(bus.client().clone());
            let stream = context.get_stream(durable.stream().as_str()).await.unwrap();
            let info = stream.consumer_info(durable.name()).await.unwrap();
            assert!(info.num_ack_pending <= 18, "{}", info.num_ack_pending);
        }
    }
    let got: Vec<_> = got.iter().map(|delivery| delivery.value.id).collect();
    assert_eq!(got, items.iter().map(|request| request.id).collect::<Vec<_>>());
}

#[tokio::test]
async fn what_comes_one_by_one_is_read_together_by_a_paced_reader() {
    let server = NatsServer::start().await;
    let bus = connect(&server).await;
    let durable = Durable::RouterRequests(Priority::Normal);
    // Longer than it takes to publish five, however busy the machine is.
    let mut deliveries =
        bus.consume::<MtRequest>(&durable).await.unwrap().paced(Duration::from_secs(3));
    let first = publish_request(&bus, Priority::Normal, "first").await;
    let batch = within(deliveries.batch(|_| true)).await;
    assert_eq!(batch.iter().map(|delivery| &delivery.value).collect::<Vec<_>>(), [&first]);
    let mut sent = Vec::new();
    for n in 0..5 {
        sent.push(publish_request(&bus, Priority::Normal, &n.to_string()).await);
    }
    let mut batch = within(deliveries.batch(|_| true)).await;
    assert_eq!(batch.iter().map(|delivery| delivery.value.clone()).collect::<Vec<_>>(), sent);
    // A batch ends where the reader has no more room, and the next one goes on there.
    for delivery in batch.drain(..) {
        delivery.nak(None).await.unwrap();
    }
    let (mut room, mut again) = (2, 0);
    let cut = within(deliveries.batch(|_| {
        room -= 1;
        room > 0
    }));
    // Kept, for what is dropped comes again.
    let cut = cut.await;
    assert_eq!(cut.len(), 2);
    while again < 3 {
        again += within(deliveries.batch(|_| true)).await.len();
    }
    assert_eq!(again, 3);
}

#[tokio::test]
async fn what_is_dropped_comes_again() {
    let server = NatsServer::start().await;
    let bus = connect(&server).await;
    let item = publish_waiting(&bus, "hello").await;
    let durable = Durable::Wait(item.request.owner, item.priority, item.target.clone());
    let mut deliveries = bus.consume::<MtItem>(&durable).await.unwrap();
    for time in 1..=3 {
        let delivery = within(deliveries.next()).await;
        assert_eq!(delivery.delivered, time);
        assert_eq!(delivery.value, item);
    }
}

#[tokio::test]
async fn what_was_prefetched_goes_back_when_the_reader_stops() {
    let server = NatsServer::start().await;
    let bus = connect(&server).await;
    for n in 0..5 {
        publish_request(&bus, Priority::Otp, &n.to_string()).await;
    }
    let durable = Durable::RouterRequests(Priority::Otp);
    let mut first = bus.consume::<MtRequest>(&durable).await.unwrap();
    within(first.next()).await.ack().await.unwrap();
    drop(first);
    let mut second = bus.consume::<MtRequest>(&durable).await.unwrap();
    // Long before the ten seconds after which the broker would deliver them again by itself.
    let four = async {
        for _ in 0..4 {
            second.next().await.ack().await.unwrap();
        }
    };
    tokio::time::timeout(Duration::from_secs(5), four).await.expect("given back at once");
}

#[tokio::test]
async fn fetching_waits_or_does_not() {
    let server = NatsServer::start().await;
    let bus = connect(&server).await;
    let pool = contracts::PoolId::default_pool();
    let durable = Durable::DispatchPool(pool, Priority::Normal);
    let none = within(bus.fetch::<MtItem>(&durable, 5, Wait::None)).await.unwrap();
    assert!(none.is_empty());
    let short = Wait::UpTo(Duration::from_millis(50));
    assert!(within(bus.fetch::<MtItem>(&durable, 5, short)).await.unwrap().is_empty());

    let waiting = {
        let (bus, durable) = (bus.clone(), durable.clone());
        tokio::spawn(async move { bus.fetch::<MtItem>(&durable, 5, Wait::UpTo(PATIENCE)).await })
    };
    let sent = item("hello", Priority::Normal);
    bus.publish(&Dispatched(&sent)).await.unwrap();
    let got = within(waiting).await.unwrap().unwrap();
    assert_eq!(got.len(), 1);
    assert_eq!(got[0].value, sent);
}

#[tokio::test]
async fn a_delayed_nak_comes_later_and_progress_holds_it_off() {
    let server = NatsServer::start().await;
    let bus = connect(&server).await;
    let item = publish_waiting(&bus, "hello").await;
    let durable = Durable::Wait(item.request.owner, item.priority, item.target.clone());
    let mut deliveries = bus.consume::<MtItem>(&durable).await.unwrap();
    let delivery = within(deliveries.next()).await;
    delivery.progress().await.unwrap();
    let begun = std::time::Instant::now();
    delivery.nak(Some(Duration::from_millis(400))).await.unwrap();
    let again = within(deliveries.next()).await;
    assert!(begun.elapsed() >= Duration::from_millis(350));
    assert_eq!(again.delivered, 2);
}

#[tokio::test]
async fn a_stored_ack_subject_settles_from_another_process() {
    let server = NatsServer::start().await;
    let bus = connect(&server).await;
    let item = publish_waiting(&bus, "hello").await;
    let durable = Durable::Wait(item.request.owner, item.priority, item.target.clone());
    let mut got = bus.fetch::<MtItem>(&durable, 1, Wait::UpTo(PATIENCE)).await.unwrap();
    let (value, receipt) = got.remove(0).into_parts();
    assert_eq!(value, item);
    let ack_subject = receipt.leave();

    let other = connect(&server).await;
    other.acknowledge(&ack_subject, Ack::Progress).await.unwrap();
    other.acknowledge(&ack_subject, Ack::Again(None)).await.unwrap();
    let mut got = other.fetch::<MtItem>(&durable, 1, Wait::UpTo(PATIENCE)).await.unwrap();
    assert_eq!(got[0].delivered, 2);
    let sequence = got[0].sequence;
    let ack_subject = got.remove(0).receipt.leave();
    other.acknowledge(&ack_subject, Ack::Done).await.unwrap();
    assert!(other.item(Stream::Wait, sequence).await.unwrap().is_none());
}

#[tokio::test]
async fn an_item_is_read_and_deleted_by_its_place() {
    let server = NatsServer::start().await;
    let bus = connect(&server).await;
    let item = item("hello", Priority::Normal);
    let place = bus.publish(&Waiting(&item)).await.unwrap().sequence;
    let stored = bus.item(Stream::Wait, place).await.unwrap().unwrap();
    assert_eq!(stored.decode::<MtItem>(), Ok(item));
    assert!(bus.delete_item(Stream::Wait, place).await.unwrap());
    assert!(!bus.delete_item(Stream::Wait, place).await.unwrap());
    assert!(!bus.delete_item(Stream::Wait, 4711).await.unwrap());
    assert!(bus.item(Stream::Wait, place).await.unwrap().is_none());
}

#[tokio::test]
async fn what_does_not_parse_is_kept_as_a_dead_letter() {
    let server = NatsServer::start().await;
    let bus = connect(&server).await;
    let context = jetstream::new(bus.client().clone());
    context
        .publish("sms.v1.mt.request.normal", r#"{"to":"bob","text":"secret"}"#.into())
        .await
        .unwrap()
        .await
        .unwrap();
    let good = publish_request(&bus, Priority::Normal, "hello").await;
    let durable = Durable::RouterRequests(Priority::Normal);
    let mut router = bus.consume::<MtRequest>(&durable).await.unwrap();
    assert_eq!(within(router.next()).await.value, good);
    let mut persistence = bus.consume::<MtRequest>(&Durable::PersistenceRequests).await.unwrap();
    assert_eq!(within(persistence.next()).await.value, good);

    let dead =
        wait_for("the dead letter", || async { bus.item(Stream::Dead, 1).await.unwrap() }).await;
    assert_eq!(dead.subject, "sms.v1.dead.mt.request.normal");
    assert_eq!(&dead.payload[..], br#"{"to":"bob","text":"secret"}"#);
    let reason = dead.reason.unwrap();
    assert!(reason.contains("'b'"), "{reason}");
    assert!(bus.item(Stream::Dead, 2).await.unwrap().is_none());
    let freed = || async { bus.item(Stream::Request, 1).await.unwrap().is_none().then_some(()) };
    wait_for("both readers to let go of it", freed).await;
}

#[tokio::test]
async fn a_delivery_can_be_given_up() {
    let server = NatsServer::start().await;
    let bus = connect(&server).await;
    let item = publish_waiting(&bus, "hello").await;
    let durable = Durable::Wait(item.request.owner, item.priority, item.target.clone());
    let mut got = bus.fetch::<MtItem>(&durable, 1, Wait::UpTo(PATIENCE)).await.unwrap();
    got.remove(0).dead("no such\r\npool").await.unwrap();
    let dead = bus.item(Stream::Dead, 1).await.unwrap().unwrap();
    assert_eq!(dead.reason.as_deref(), Some("no such  pool"));
    assert_eq!(dead.decode::<MtItem>(), Ok(item));
}

#[tokio::test]
async fn events_are_told_apart_by_subject() {
    let server = NatsServer::start().await;
    let bus = connect(&server).await;
    let request = request("hello");
    let event = MtEvent::of(request.id.unwrap(), &request, Timestamp::now(), MtChange::RELEASED);
    let context = jetstream::new(bus.client().clone());
    context.publish("sms.v1.event.of.tomorrow", "{}".into()).await.unwrap().await.unwrap();
    let mut hints = bus.subscribe::<Event>(&contracts::Filter::Events).await.unwrap();
    bus.publish(&event).await.unwrap();
    assert_eq!(within(hints.next()).await.unwrap().value, Event::Mt(event.clone()));
    let mut all = bus.consume::<Event>(&Durable::PersistenceEvents).await.unwrap();
    assert_eq!(within(all.next()).await.value, Event::Unknown);
    assert_eq!(within(all.next()).await.value, Event::Mt(event));
}

#[tokio::test]
async fn a_full_stream_refuses_and_says_so() {
    let server = NatsServer::start().await;
    let mut config = bus::NatsConfig::new(server.url(), server.user(), server.password());
    config.max_bytes = Some(10_000);
    let token = tokio_util::sync::CancellationToken::new();
    let bus = bus::Bus::connect(&config, "test", &token).await.unwrap();
    let long = "x".repeat(500);
    let mut refused = None;
    for _ in 0..10 {
        let request = request(&long);
        let request = PrioritisedRequest { priority: Priority::Bulk, request: &request };
        if let Err(error) = bus.publish_within(&request, PUBLISH_PATIENCE).await {
            refused = Some(error);
            break;
        }
    }
    let error = refused.expect("2,000 bytes do not hold ten messages of 500");
    assert!(matches!(error, PublishError::Full { .. }), "{error:?}");
}

#[tokio::test]
async fn a_message_too_large_is_said_to_be() {
    let server = NatsServer::start().await;
    let bus = connect(&server).await;
    let request = request(&"x".repeat(2_000_000));
    let request = PrioritisedRequest { priority: Priority::Bulk, request: &request };
    let error = bus.publish(&request).await.unwrap_err();
    assert!(matches!(error, PublishError::TooLarge { .. }), "{error:?}");
}
