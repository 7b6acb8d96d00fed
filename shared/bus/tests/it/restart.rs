//! The broker is killed and comes back.

use std::time::Duration;

use bus::{Bucket, Bus, Change, Durable, Kv, NatsConfig, PublishError, Wait};
use contracts::Priority;
use contracts::mt::{MtItem, MtRequest, PrioritisedRequest, Waiting};
use testkit::{NatsProxy, NatsServer, Point, wait_for};
use tokio_util::sync::CancellationToken;

use crate::{connect, item, publish_request, request, within};

#[tokio::test]
async fn readers_go_on_after_a_kill() {
    let mut server = NatsServer::start().await;
    let bus = connect(&server).await;
    let durable = Durable::RouterRequests(Priority::Normal);
    let mut deliveries = bus.consume::<MtRequest>(&durable).await.unwrap();
    for round in 0..3 {
        let sent = publish_request(&bus, Priority::Normal, &format!("before {round}")).await;
        loop {
            // An ack can be lost with the broker: then the one before comes again.
            let delivery = within(deliveries.next()).await;
            let found = delivery.value == sent;
            delivery.ack().await.unwrap();
            if found {
                break;
            }
        }
        server.restart().await;
    }
    let sent = publish_request(&bus, Priority::Normal, "after").await;
    loop {
        let delivery = within(deliveries.next()).await;
        let found = delivery.value == sent;
        delivery.ack().await.unwrap();
        if found {
            return;
        }
    }
}

#[tokio::test]
async fn a_reader_that_waits_through_the_kill_is_quick() {
    let mut server = NatsServer::start().await;
    let bus = connect(&server).await;
    let durable = Durable::RouterRequests(Priority::Otp);
    let mut deliveries = bus.consume::<MtRequest>(&durable).await.unwrap();
    let reader = tokio::spawn(async move { deliveries.next().await.value });
    server.restart().await;
    let sent = publish_request(&bus, Priority::Otp, "hello").await;
    let begun = std::time::Instant::now();
    assert_eq!(within(reader).await.unwrap(), sent);
    // Not after a missing heartbeat, but with the connection.
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn an_answer_that_is_late_stores_nothing_twice() {
    let server = NatsServer::start().await;
    let proxy = NatsProxy::to(server.port()).await;
    let config = NatsConfig::new(proxy.url(), server.user(), server.password());
    let bus = Bus::connect(&config, "test", &CancellationToken::new()).await.unwrap();
    let answers = proxy.hold(Point::Answer("sms.v1.mt.request.".to_owned()));
    let publishing = publish_request(&bus, Priority::Normal, "late");
    // It is sent again each time that no answer comes.
    let (_, ()) = tokio::join!(publishing, async {
        answers.held(3).await;
        answers.open();
    });
    let counts = bus.subject_counts(bus::Stream::Request).await.unwrap();
    assert_eq!(counts.values().sum::<u64>(), 1);
    proxy.cut();
    proxy.mend();
    publish_request(&bus, Priority::Normal, "after a cut").await;
}

#[tokio::test]
async fn publishing_rides_over_a_restart() {
    let mut server = NatsServer::start().await;
    let bus = connect(&server).await;
    server.kill9();
    let publishing = {
        let bus = bus.clone();
        tokio::spawn(async move {
            let item = item("hello", Priority::Normal);
            bus.publish_within(&Waiting(&item), Duration::from_secs(30)).await.map(|_| item)
        })
    };
    wait_for("the loss to be seen", || async { (!bus.is_connected()).then_some(()) }).await;
    assert!(!publishing.is_finished());
    server.restart().await;
    let sent = within(publishing).await.unwrap().unwrap();
    let durable = Durable::Wait(sent.request.owner, sent.priority, sent.target.clone());
    let got = bus.fetch::<MtItem>(&durable, 10, Wait::None).await.unwrap();
    assert_eq!(got.len(), 1);
    assert_eq!(got[0].value, sent);
}

#[tokio::test]
async fn without_a_connection_nothing_is_said_to_be_stored() {
    let mut server = NatsServer::start().await;
    let bus = connect(&server).await;
    server.kill9();
    wait_for("the loss to be seen", || async { (!bus.is_connected()).then_some(()) }).await;
    let request = request("hello");
    let request = PrioritisedRequest { priority: Priority::Normal, request: &request };
    let error = bus.publish_within(&request, Duration::from_millis(300)).await.unwrap_err();
    assert!(matches!(error, PublishError::NotConnected { .. }), "{error:?}");
}

#[tokio::test]
async fn no_answer_is_unknown_and_the_retry_is_one_message() {
    let server = NatsServer::start().await;
    let bus = connect(&server).await;
    let item = item("hello", Priority::Normal);
    server.pause().await;
    let error = bus.publish_within(&Waiting(&item), Duration::from_millis(500)).await.unwrap_err();
    assert!(error.is_unknown(), "{error:?}");
    server.resume();
    // It was in the socket all the time: stored, and found to be a duplicate now.
    let published = bus.publish(&Waiting(&item)).await.unwrap();
    assert!(published.duplicate);
}

#[tokio::test]
async fn a_watch_goes_on_after_a_kill() {
    let mut server = NatsServer::start().await;
    let bus = connect(&server).await;
    let kv: Kv<u32> = bus.kv(Bucket::Config).await.unwrap();
    kv.put("a", &1).await.unwrap();
    let mut watch = kv.watch().await.unwrap();
    assert!(matches!(within(watch.next()).await, Change::Put { .. }));
    assert_eq!(within(watch.next()).await, Change::Complete);
    server.restart().await;
    wait_for("the bucket to take a value", || async { kv.put("b", &2).await.ok() }).await;
    loop {
        if matches!(within(watch.next()).await, Change::Put { key, value: 2, .. } if key == "b") {
            return;
        }
    }
}

#[tokio::test]
async fn a_consumer_deleted_by_a_person_is_made_again() {
    let server = NatsServer::start().await;
    let bus = connect(&server).await;
    let durable = Durable::RouterRequests(Priority::Normal);
    let mut deliveries = bus.consume::<MtRequest>(&durable).await.unwrap();
    let context = async_nats::jetstream::new(bus.client().clone());
    context.delete_consumer_from_stream(durable.name(), "SMS_REQUEST").await.unwrap();
    let reader = tokio::spawn(async move { within(deliveries.next()).await.value });
    wait_for("the consumer to be there again", || async {
        context
            .get_consumer_from_stream::<async_nats::jetstream::consumer::pull::Config, _, _>(
                &durable.name(),
                "SMS_REQUEST",
            )
            .await
            .ok()
    })
    .await;
    let sent = publish_request(&bus, Priority::Normal, "hello").await;
    assert_eq!(reader.await.unwrap(), sent);
}
