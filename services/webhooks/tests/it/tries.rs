//! URLs that fail, and those that are slow.

use std::time::Duration;

use contracts::{OrgId, Timestamp};
use platform::Clock;
use platform::config::{Period, Webhooks};
use store::{Callback, CallbackState, Reach};

use crate::gateway::{Customer, Gateway, config, delivered};

#[tokio::test]
async fn a_url_that_fails_is_tried_again_and_every_try_is_kept() {
    let gateway = Gateway::start().await;
    let mut customer = Customer::start(&["500 Oops", "302 Found", "200 OK"]).await;
    let message = gateway.message("a", &customer.url("/%d"), 1).await;
    gateway.happens(&message, delivered()).await;
    for _ in 0..3 {
        assert_eq!(customer.asked().await.target, "/1");
    }
    let callback = gateway.callback(message.id.unwrap(), CallbackState::Done).await;
    assert_eq!((callback.attempts, callback.last_error), (3, None));
    let reach = Reach::everything(OrgId::default_org());
    let tries = gateway.store.callback_attempts(reach, callback.id).await.unwrap();
    let told: Vec<_> = tries
        .into_iter()
        .map(|attempt| (attempt.attempt.http_status, attempt.attempt.error.unwrap_or_default()))
        .collect();
    assert_eq!(
        told,
        [
            (Some(500), "it answered 500: it has a fault of its own".to_owned()),
            (
                Some(302),
                "it answered 302: redirects are not followed, so put the final URL".to_owned()
            ),
            (Some(200), String::new()),
        ]
    );
}

/// An hour passes by the clock that the service is given, and nobody waits.
#[tokio::test]
async fn a_callback_is_tried_again_when_its_time_has_come_by_the_clock_of_the_service() {
    let hour = Duration::from_hours(1);
    let hourly = Webhooks { retry: vec![Period(hour)], ..config() };
    let mut gateway = Gateway::start_with(hourly.clone()).await;
    let mut customer = Customer::start(&["500 Oops", "200 OK"]).await;
    let message = gateway.message("a", &customer.url("/%d"), 1).await;
    let id = message.id.unwrap();
    gateway.happens(&message, delivered()).await;
    let failed = |all: &[Callback]| matches!(all, [one] if one.attempts == 1);
    let failed = gateway.callbacks(id, failed).await.remove(0);
    assert!(failed.next_at > Some(Timestamp::now().plus(hour / 2)), "{failed:?}");
    assert_eq!(customer.asked().await.target, "/1");
    gateway.stop_service().await;

    let ahead = Clock::following(Timestamp::now().plus(2 * hour));
    gateway.start_service_by(hourly, ahead);
    let done = gateway.callback(id, CallbackState::Done).await;
    assert_eq!(customer.asked().await.target, "/1");
    let reach = Reach::everything(OrgId::default_org());
    let tries = gateway.store.callback_attempts(reach, done.id).await.unwrap();
    assert!(tries[1].attempt.at.since(tries[0].attempt.at) > hour, "{tries:?}");
}

#[tokio::test]
async fn after_the_last_try_it_is_given_up() {
    let gateway = Gateway::start().await;
    let mut customer = Customer::start(&["404 Not Found"]).await;
    let message = gateway.message("a", &customer.url("/"), 1).await;
    gateway.happens(&message, delivered()).await;
    let callback = gateway.callback(message.id.unwrap(), CallbackState::Failed).await;
    assert_eq!((callback.attempts, callback.next_at), (3, None));
    assert_eq!(
        callback.last_error.as_deref(),
        Some("it answered 404: there is nothing at this URL")
    );
    assert!(customer.was_asked());

    // What is no URL is not tried twice.
    let message = gateway.message("a", "ftp://a.example/", 1).await;
    gateway.happens(&message, delivered()).await;
    let callback = gateway.callback(message.id.unwrap(), CallbackState::Failed).await;
    assert_eq!(callback.attempts, 1);
}

/// Nobody listens, then somebody who hangs up, talks nonsense, and says nothing; in the end it works.
#[tokio::test]
async fn a_url_is_told_at_last_whatever_was_wrong_with_it() {
    let mut config = config();
    config.timeout = Period(Duration::from_secs(1));
    config.retry = vec![Period(Duration::from_millis(100)); 9];
    let gateway = Gateway::start_with(config).await;
    let address = Customer::nobody().await;
    let message = gateway.message("a", &format!("http://{address}/%d"), 1).await;
    gateway.happens(&message, delivered()).await;
    let id = message.id.unwrap();
    let tried =
        |times| gateway.callbacks(id, move |all| matches!(all, [one] if one.attempts >= times));
    tried(1).await;
    let answers = [Customer::HANGS_UP, Customer::NONSENSE, Customer::SILENT, "200 OK"];
    let _customer = Customer::start_at(address, &answers).await;
    let callback = gateway.callback(id, CallbackState::Done).await;
    let reach = Reach::everything(OrgId::default_org());
    let tries = gateway.store.callback_attempts(reach, callback.id).await.unwrap();
    let errors: Vec<String> =
        tries.into_iter().filter_map(|attempt| attempt.attempt.error).collect();
    let mut rest = errors.iter().skip_while(|error| error.starts_with("cannot connect"));
    let mut next = || rest.next().expect("another error").as_str();
    assert!(next().starts_with("the connection broke"), "{errors:?}");
    assert!(next().starts_with("the connection broke"), "{errors:?}");
    assert_eq!(next(), "no answer within 1 s", "{errors:?}");
}

#[tokio::test]
async fn a_slow_url_slows_nobody_else() {
    let gateway = Gateway::start().await;
    let mut slow = Customer::start(&[""]).await;
    let mut quick = Customer::start(&["200 OK"]).await;
    for _ in 0..40 {
        let message = gateway.message("a", &slow.url("/"), 1).await;
        gateway.happens(&message, delivered()).await;
    }
    for _ in 0..4 {
        slow.asked().await;
    }
    for _ in 0..20 {
        let message = gateway.message("a", &quick.url("/"), 1).await;
        gateway.happens(&message, delivered()).await;
        quick.asked().await;
        gateway.callback(message.id.unwrap(), CallbackState::Done).await;
    }
    assert!(!slow.was_asked(), "four at a time are enough for one host");
}

#[tokio::test]
async fn what_is_pending_survives_a_restart() {
    let mut config = config();
    config.retry = vec![Period(Duration::from_secs(1))];
    let mut gateway = Gateway::start_with(config.clone()).await;
    let mut customer = Customer::start(&["503 Busy", "200 OK"]).await;
    let message = gateway.message("a", &customer.url("/"), 1).await;
    gateway.happens(&message, delivered()).await;
    customer.asked().await;
    gateway.callbacks(message.id.unwrap(), |all| matches!(all, [one] if one.attempts == 1)).await;
    gateway.stop_service().await;
    gateway.start_service(config);
    customer.asked().await;
    gateway.callback(message.id.unwrap(), CallbackState::Done).await;
}
