//! The same text to the same number, a moment later.

use std::time::Duration;

use async_nats::jetstream::{self, consumer::pull};
use bus::{Bucket, Durable, Stream};
use contracts::mt::{Gate, MtChange, MtRequest};
use contracts::{MtState, Priority, Timestamp, UserId};
use platform::config::{Period, Router};
use testkit::wait_for;

use crate::gateway::{Gateway, config, to};

const NORMAL: Priority = Priority::Normal;

fn watchful() -> Router {
    Router { doubles: Period(Duration::from_hours(1)), ..config() }
}

fn request(text: &str) -> MtRequest {
    MtRequest { owner: UserId::derived("budi"), ..MtRequest::text(to(), text) }
}

/// Waits until the router has decided on all requests.
pub(crate) async fn all_decided(gateway: &Gateway) {
    all_decided_of(gateway, &Durable::RouterRequests(NORMAL)).await;
}

/// Waits until the router has decided on all requests of a consumer.
pub(crate) async fn all_decided_of(gateway: &Gateway, durable: &Durable) {
    let context = jetstream::new(gateway.bus.client().clone());
    let name = durable.name();
    wait_for("the requests to be decided on", || async {
        let stream = Stream::Request.as_str();
        let consumer = context.get_consumer_from_stream::<pull::Config, _, _>(&name, stream).await;
        let mut consumer = consumer.ok()?;
        let info = consumer.info().await.ok()?;
        (info.num_pending == 0 && info.num_ack_pending == 0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_double_is_held_until_the_time_is_over() {
    let mut gateway = Gateway::start_with(watchful()).await;
    let first = gateway.request(NORMAL, request("Halo")).await;
    gateway.change(first, MtState::Admitted).await;
    let double = gateway.request(NORMAL, request("Halo")).await;
    let change = gateway.change(double, MtState::Held).await;
    let MtChange::Held { gate: Gate::Double, until, tries: 0, round: 1 } = change else {
        panic!("{change}");
    };
    assert!(until > Timestamp::now());
    // What differs, or is meant, is none.
    let meant = MtRequest { allow_double: true, ..request("Halo") };
    let other = MtRequest { owner: UserId::derived("ani"), ..request("Halo") };
    let again = MtRequest { again_of: Some(first), ..request("Halo") };
    for request in [meant, other, again, request("halo")] {
        let id = gateway.request(NORMAL, request).await;
        gateway.change(id, MtState::Admitted).await;
    }
    // When its time has come it is sent after all, whatever was sent meanwhile.
    let mut due = request("Halo");
    (due.id, due.round) = (Some(double), 1);
    gateway.request(NORMAL, due).await;
    gateway.change(double, MtState::Admitted).await;
}

#[tokio::test]
async fn a_message_that_is_delivered_again_is_no_double_of_itself() {
    let mut gateway = Gateway::start_with(watchful()).await;
    let first = gateway.request(NORMAL, request("Halo")).await;
    gateway.change(first, MtState::Admitted).await;
    let double = gateway.request(NORMAL, request("Halo")).await;
    gateway.change(double, MtState::Held).await;
    // Without an id of its own, the broker does not know it as the same.
    let context = jetstream::new(gateway.bus.client().clone());
    for id in [first, double] {
        let json = serde_json::to_vec(&MtRequest { id: Some(id), ..request("Halo") }).unwrap();
        context.publish("sms.v1.mt.request.normal", json.into()).await.unwrap().await.unwrap();
    }
    all_decided(&gateway).await;
    let kv = gateway.bus.kv::<serde_json::Value>(Bucket::Doubles).await.unwrap();
    let entries = kv.entries().await.unwrap();
    let [(key, seen)] = &entries[..] else { panic!("{entries:?}") };
    assert!(!key.contains("62812") && !seen.value.to_string().contains("Halo"));
    assert_eq!(seen.value["message"], serde_json::json!(first));
    assert_eq!(seen.value["held"], serde_json::json!([double]), "the second, once");
    let waiting = gateway.bus.subject_counts(Stream::Wait).await.unwrap();
    assert_eq!(waiting.values().sum::<u64>(), 1, "the first, once");
}

#[tokio::test]
async fn nothing_is_remembered_while_it_is_off() {
    let mut gateway = Gateway::start().await;
    for _ in 0..2 {
        let id = gateway.request(NORMAL, request("Halo")).await;
        gateway.change(id, MtState::Admitted).await;
    }
    for bucket in [Bucket::Doubles, Bucket::Recipients] {
        let kv = gateway.bus.kv::<serde_json::Value>(bucket).await.unwrap();
        assert!(kv.entries().await.unwrap().is_empty(), "{bucket:?}");
    }
}
