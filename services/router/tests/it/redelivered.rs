//! Requests whose first delivery was lost: what was made of them then is not known.

use std::collections::HashSet;
use std::time::Duration;

use bus::{Durable, Event, Stream, Wait};
use contracts::modem::ModemStatus;
use contracts::mt::{Gate, MtChange, MtEvent, MtRequest};
use contracts::{MessageId, MtState, Priority, Timestamp, UserId};
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
