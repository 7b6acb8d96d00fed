//! Decisions by time, of a router whose clock is hours ahead: nobody waits.

use std::time::Duration;

use contracts::mt::MtRequest;
use contracts::{MtState, Priority, SimId, Timestamp};
use platform::Clock;

use crate::gateway::{Gateway, config, to};
use crate::mo::{piece, received, units};

const HOUR: Duration = Duration::from_hours(1);

/// The clock of a router that was stopped and starts again.
fn two_hours_on() -> Clock {
    Clock::following(Timestamp::now().plus(2 * HOUR))
}

#[tokio::test]
async fn what_waits_expires_by_the_clock_of_the_router() {
    let mut gateway = Gateway::start().await;
    let end = Timestamp::now().plus(HOUR);
    let mut request = MtRequest::text(to(), "through a SIM that is away");
    request.sim = Some(SimId::derived("away"));
    request.not_after = Some(end);
    let id = gateway.request(Priority::Normal, request).await;
    gateway.change(id, MtState::Admitted).await;
    gateway.stop_router().await;
    gateway.start_router_by(two_hours_on(), config()).await;
    let told_at = gateway
        .event(|event| match event {
            bus::Event::Mt(event) if event.message == id => Some((event.change.state(), event.at)),
            _ => None,
        })
        .await;
    assert_eq!(told_at.0, MtState::Expired);
    assert!(told_at.1 >= end);
}

#[tokio::test]
async fn what_is_scheduled_is_held_until_the_clock_of_the_router_says_so() {
    let mut gateway = Gateway::start().await;
    let mut request = MtRequest::text(to(), "in an hour");
    request.not_before = Some(Timestamp::now().plus(HOUR));
    request.not_after = Some(Timestamp::now().plus(3 * HOUR));
    let early = gateway.request(Priority::Normal, request.clone()).await;
    gateway.change(early, MtState::Held).await;
    gateway.stop_router().await;
    gateway.start_router_by(two_hours_on(), config()).await;
    let due = gateway.request(Priority::Normal, request).await;
    gateway.change(due, MtState::Admitted).await;
}

#[tokio::test]
async fn missing_parts_are_waited_for_by_the_clock_of_the_router() {
    let mut gateway = Gateway::start().await;
    gateway.bus.publish(&piece(9, 2, 1, &units("satu"), 1)).await.unwrap();
    gateway.stop_router().await;
    gateway.start_router_by(two_hours_on(), config()).await;
    assert_eq!(received(&mut gateway).await.missing, [2]);
}
