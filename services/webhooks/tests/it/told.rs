//! What is told, and what is not.

use contracts::mt::{MtChange, MtEvent, MtRequest, SendError, SentPart, Through};
use contracts::{ModemId, Priority, SimId, Timestamp};
use store::CallbackState;

use crate::gateway::{Customer, Gateway, config, delivered, request};

pub(crate) fn sent() -> MtChange {
    let through = Through { modem: ModemId::derived("a"), sim: SimId::derived("a") };
    let at = Timestamp::from_micros(0);
    MtChange::Sent { through, parts: vec![SentPart { part: 1, reference: 42, at }] }
}

#[tokio::test]
async fn a_url_is_told_with_its_escape_codes_filled_in() {
    let gateway = Gateway::start().await;
    let mut customer = Customer::start(&["200 OK"]).await;
    let url = customer.url("/dlr?type=%d&to=%p&text=%b&at=%T&ref=%F&id=%I&a=%A&x=100%%");
    let message = gateway.message("Halo & dunia", &url, 31).await;
    gateway.happens(&message, sent()).await;
    let id = message.id.unwrap();
    let target = customer.asked().await.target;
    assert_eq!(
        target,
        format!(
            "/dlr?type=8&to=%2B628123456789&text=Halo+%26+dunia&at=1771208066&ref=42&id={id}&a=ACK%2F&x=100%"
        )
    );
    gateway.happens(&message, delivered()).await;
    // Told twice by the stream, once to the URL.
    gateway.happens(&message, delivered()).await;
    assert!(customer.asked().await.target.starts_with("/dlr?type=1&"));
    let callbacks = gateway
        .callbacks(id, |all| all.iter().filter(|c| c.state == CallbackState::Done).count() == 2)
        .await;
    let keys: Vec<&str> = callbacks.iter().map(|c| c.event_key.as_str()).collect();
    assert_eq!(keys, ["dlr-8", "dlr-1"]);
    assert!(!customer.was_asked());
}

#[tokio::test]
async fn only_what_was_asked_for_is_told() {
    let gateway = Gateway::start().await;
    let mut customer = Customer::start(&["200 OK"]).await;
    let url = customer.url("/%d/%A");
    let quiet = gateway.message("a", &url, 2).await;
    gateway.happens(&quiet, sent()).await;
    gateway.happens(&quiet, delivered()).await;
    let failing = gateway.message("b", &url, 2).await;
    let error = SendError { code: "cms-38".to_owned(), text: "No network.".to_owned() };
    gateway.happens(&failing, MtChange::Failed { error, through: None, tries: 3 }).await;
    assert_eq!(customer.asked().await.target, "/2/NACK%2F38%2FNo+network.");
    gateway.callbacks(quiet.id.unwrap(), <[_]>::is_empty).await;
    gateway.callback(failing.id.unwrap(), CallbackState::Done).await;
}

#[tokio::test]
async fn an_event_may_be_quicker_than_its_message() {
    let gateway = Gateway::start().await;
    let mut customer = Customer::start(&["204 No Content"]).await;
    let request = request("a", &customer.url("/%d"), 1);
    gateway.happens(&request, delivered()).await;
    gateway.store_request(&request).await;
    assert_eq!(customer.asked().await.target, "/1");
    gateway.callback(request.id.unwrap(), CallbackState::Done).await;
}

/// The end of a one-time password stands last in the stream, and is told while all before it still waits to be read.
#[tokio::test]
async fn a_one_time_password_is_told_behind_no_backlog() {
    let mut gateway = Gateway::start().await;
    let mut customer = Customer::start(&["200 OK"]).await;
    gateway.stop_service().await;
    let bulk = gateway.message("Promo", "http://127.0.0.1:1/", 0).await;
    let at = Timestamp::from_micros(0);
    let event = |request: &MtRequest, priority| {
        MtEvent::of(request.id.unwrap(), request, at, delivered()).of_priority(priority)
    };
    let events: Vec<_> =
        (0..50_000).map(|n| MtEvent { round: n, ..event(&bulk, Priority::Bulk) }).collect();
    gateway.bus.publish_all(&events).await.unwrap();
    let otp = gateway.message("Kode 1234", &customer.url("/%d"), 1).await;
    gateway.bus.publish(&event(&otp, Priority::Otp)).await.unwrap();
    gateway.start_service(config());
    assert_eq!(customer.asked().await.target, "/1");
    let context = async_nats::jetstream::new(gateway.bus.client().clone());
    let durable = bus::Durable::WebhooksEvents;
    let stream = context.get_stream(durable.stream().as_str()).await.unwrap();
    let info = stream.consumer_info(durable.name()).await.unwrap();
    assert!(info.num_pending > 0, "the backlog is still there");
}
