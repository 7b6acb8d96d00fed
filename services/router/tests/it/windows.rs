//! Answers that are late or lost, between every two steps of a release: nothing is stored to be sent twice.

use std::time::Duration;

use bus::Stream;
use contracts::modem::ModemStatus;
use contracts::mt::{MtItem, MtRequest};
use contracts::{MessageId, MtState, Priority};
use testkit::{NatsProxy, PATIENCE, Point, wait_for, wait_for_within};

use crate::gateway::{Gateway, Second, pool, to};

/// A broker without the first router, a proxy, a router behind that, and one OTP: its items come again after 10 s.
async fn with_one_request() -> (Gateway, NatsProxy, Second, MessageId) {
    let mut gateway = Gateway::start().await;
    gateway.stop_router().await;
    let proxy = NatsProxy::to(gateway.nats.port()).await;
    let router = gateway.second_router(&proxy).await;
    let id = gateway.request(Priority::Otp, MtRequest::text(to(), "one")).await;
    gateway.change(id, MtState::Admitted).await;
    (gateway, proxy, router, id)
}

/// Waits until nothing waits any more and looks how often something was stored to be sent.
async fn dispatched_once(gateway: &Gateway) {
    wait_for("the queue to be empty", || async {
        let left = gateway.bus.subject_counts(Stream::Wait).await.ok()?;
        left.is_empty().then_some(())
    })
    .await;
    assert_eq!(gateway.taken(Stream::Dispatch).await, 1, "stored to be sent more than once");
}

async fn take(gateway: &Gateway) -> bus::Delivery<MtItem> {
    gateway.take(&pool(), Priority::Otp).await
}

#[tokio::test]
async fn what_was_stored_but_could_not_be_told_is_not_stored_again() {
    let (mut gateway, proxy, _router, id) = with_one_request().await;
    let told = proxy.hold(Point::Publish("sms.v1.event.mt.released".to_owned()));
    gateway.modem("a", ModemStatus::Ready).await;
    let item = take(&gateway).await;
    // The broker has long forgotten its id when the router has given up to tell and the item comes again.
    gateway.forget_ids(Stream::Dispatch).await;
    // Five tries within the patience, then the next round of them.
    told.held(6).await;
    told.lose();
    gateway.modem("a", ModemStatus::Ready).await;
    gateway.change(id, MtState::Released).await;
    gateway.send(item).await;
    dispatched_once(&gateway).await;
}

#[tokio::test]
async fn a_router_knows_what_another_copy_released() {
    let (mut gateway, proxy, router, id) = with_one_request().await;
    // The first router again, so that it hears what the second one does.
    let acks = proxy.hold(Point::Publish("$JS.ACK.SMS_WAIT.".to_owned()));
    gateway.modem("a", ModemStatus::Ready).await;
    let item = take(&gateway).await;
    gateway.start_router(crate::gateway::config()).await;
    gateway.change(id, MtState::Released).await;
    acks.held(1).await;
    gateway.forget_ids(Stream::Dispatch).await;
    router.kill().await;
    acks.lose();
    gateway.send(item).await;
    gateway.modem("a", ModemStatus::Ready).await;
    dispatched_once(&gateway).await;
}

#[tokio::test]
async fn a_router_that_was_there_heard_what_another_copy_released() {
    let mut gateway = Gateway::start().await;
    let proxy = NatsProxy::to(gateway.nats.port()).await;
    let router = gateway.second_router(&proxy).await;
    let acks = proxy.hold(Point::Publish("$JS.ACK.SMS_WAIT.".to_owned()));
    gateway.forget_ids(Stream::Dispatch).await;
    gateway.modem("a", ModemStatus::Ready).await;
    // Both take from the queue; until the one behind the proxy had one.
    let mut sent = 0;
    while acks.count() == 0 {
        gateway.request(Priority::Otp, MtRequest::text(to(), "one of many")).await;
        let item = take(&gateway).await;
        gateway.send(item).await;
        sent += 1;
    }
    router.kill().await;
    acks.lose();
    // What the dead router left in the queue is seen when the streams are counted, at the latest: an idle router does so each
    // minute, and soon when a modem comes or goes.
    let mut looks = 0;
    wait_for_within(PATIENCE * 3, "the queue to be empty", || {
        looks += 1;
        let is_there = looks / 50 % 2 == 0;
        let status = if is_there { ModemStatus::Ready } else { ModemStatus::Offline };
        let gateway = &gateway;
        async move {
            gateway.modem("a", ModemStatus::Ready).await;
            gateway.modem("b", status).await;
            let left = gateway.bus.subject_counts(Stream::Wait).await.ok()?;
            left.is_empty().then_some(())
        }
    })
    .await;
    assert_eq!(gateway.taken(Stream::Dispatch).await, sent, "stored to be sent more than once");
    gateway.stop_router().await;
}

#[tokio::test]
async fn a_router_killed_before_it_told_leaves_no_second_item() {
    let (mut gateway, proxy, router, id) = with_one_request().await;
    let told = proxy.hold(Point::Publish("sms.v1.event.mt.released".to_owned()));
    let acks = proxy.hold(Point::Publish("$JS.ACK.SMS_WAIT.".to_owned()));
    gateway.forget_ids(Stream::Dispatch).await;
    gateway.modem("a", ModemStatus::Ready).await;
    // It stands to be sent, and nobody was told.
    told.held(1).await;
    router.kill().await;
    told.lose();
    acks.lose();
    // Longer than the broker knows the id.
    tokio::time::sleep(Duration::from_millis(300)).await;
    gateway.start_router(crate::gateway::config()).await;
    gateway.modem("a", ModemStatus::Ready).await;
    gateway.change(id, MtState::Released).await;
    let item = take(&gateway).await;
    gateway.send(item).await;
    dispatched_once(&gateway).await;
}

#[tokio::test]
async fn an_answer_that_never_came_is_asked_for_before_anything_is_released() {
    let (mut gateway, proxy, _router, id) = with_one_request().await;
    let answers = proxy.hold(Point::Answer("sms.v1.mt.dispatch.".to_owned()));
    gateway.modem("a", ModemStatus::Ready).await;
    // Stored once, and four times known as the same; then the router gives up to hear so.
    answers.held(5).await;
    gateway.forget_ids(Stream::Dispatch).await;
    gateway.change(id, MtState::Released).await;
    answers.lose();
    let item = take(&gateway).await;
    gateway.send(item).await;
    dispatched_once(&gateway).await;
}

/// The broker does not hear that an item is still wanted, and delivers it again while it is released, which then fails.
#[tokio::test]
async fn what_comes_again_while_it_is_released_is_not_lost_when_that_fails() {
    let (mut gateway, proxy, _router, _) = with_one_request().await;
    let mut ids = Vec::new();
    for text in ["two", "three"] {
        let id = gateway.request(Priority::Otp, MtRequest::text(to(), text)).await;
        gateway.change(id, MtState::Admitted).await;
        ids.push(id);
    }
    let acks = proxy.hold(Point::Publish("$JS.ACK.SMS_WAIT.".to_owned()));
    gateway.modem("a", ModemStatus::Ready).await;
    let first = [take(&gateway).await, take(&gateway).await];
    // The third is at hand meanwhile, and the broker does not hear so.
    stay_online(&gateway, 6).await;
    let dispatched = proxy.hold(Point::Publish("sms.v1.mt.dispatch.".to_owned()));
    for item in first {
        let sent = gateway.send(item).await;
        ids.retain(|id| *id != sent);
    }
    dispatched.held(1).await;
    acks.lose();
    // The third comes again when more is fetched.
    stay_online(&gateway, 6).await;
    for text in ["four", "five"] {
        ids.push(gateway.request(Priority::Otp, MtRequest::text(to(), text)).await);
    }
    // The router gives up to have it stored, and begins anew.
    stay_online(&gateway, 6).await;
    dispatched.lose();
    gateway.modem("a", ModemStatus::Ready).await;
    while !ids.is_empty() {
        let item = take(&gateway).await;
        let sent = gateway.send(item).await;
        ids.retain(|id| *id != sent);
        gateway.modem("a", ModemStatus::Ready).await;
    }
}

/// The modem tells for so many seconds that it is there.
async fn stay_online(gateway: &Gateway, seconds: u64) {
    for _ in 0..seconds {
        gateway.modem("a", ModemStatus::Ready).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
