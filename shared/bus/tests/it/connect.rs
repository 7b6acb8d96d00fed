//! What people read when the broker is not as it must be.

use bus::{Bus, ConnectError, NatsConfig};
use testkit::{NatsServer, wait_for};
use tokio_util::sync::CancellationToken;

use crate::{connect, within};

#[tokio::test]
async fn a_wrong_password_is_said_at_once() {
    let server = NatsServer::start().await;
    let config = NatsConfig::new(server.url(), server.user(), "wrong");
    let error = within(Bus::connect(&config, "test", &CancellationToken::new())).await.unwrap_err();
    assert!(matches!(error, ConnectError::Refused { .. }), "{error:?}");
    assert!(error.to_string().contains("nats.password"), "{error}");
    assert!(!error.to_string().contains("wrong"), "{error}");
}

#[tokio::test]
async fn a_server_without_jetstream_is_refused() {
    let server = NatsServer::start_with("jetstream: false").await;
    let config = NatsConfig::new(server.url(), server.user(), server.password());
    let error = within(Bus::connect(&config, "test", &CancellationToken::new())).await.unwrap_err();
    assert!(matches!(error, ConnectError::NoJetStream { .. }), "{error:?}");
}

#[tokio::test]
async fn a_url_that_is_none_is_refused() {
    let config = NatsConfig { url: "nats://:x:y".to_owned(), ..NatsConfig::default() };
    let error = within(Bus::connect(&config, "test", &CancellationToken::new())).await.unwrap_err();
    assert!(matches!(error, ConnectError::Url { .. }), "{error:?}");
}

#[tokio::test]
async fn it_waits_for_a_server_that_is_down() {
    let mut server = NatsServer::start().await;
    server.kill9();
    let config = NatsConfig::new(server.url(), server.user(), server.password());
    let token = CancellationToken::new();
    let connecting = tokio::spawn(async move { Bus::connect(&config, "test", &token).await });
    // In its place somebody counts who knocks, and hangs up.
    let door = wait_for("the server's port", || async {
        tokio::net::TcpListener::bind(("127.0.0.1", server.port())).await.ok()
    })
    .await;
    for _ in 0..2 {
        drop(within(door.accept()).await.unwrap());
    }
    assert!(!connecting.is_finished());
    drop(door);
    server.restart().await;
    let bus = within(connecting).await.unwrap().unwrap();
    bus.healthy().await.unwrap();
}

#[tokio::test]
async fn waiting_ends_when_the_program_is_stopped() {
    let mut server = NatsServer::start().await;
    server.kill9();
    let config = NatsConfig::new(server.url(), server.user(), server.password());
    let token = CancellationToken::new();
    token.cancel();
    let error = within(Bus::connect(&config, "test", &token)).await.unwrap_err();
    assert!(matches!(error, ConnectError::Stopped), "{error:?}");
}

#[tokio::test]
async fn health_follows_the_server() {
    let mut server = NatsServer::start().await;
    let bus = connect(&server).await;
    bus.healthy().await.unwrap();
    server.kill9();
    let words = wait_for("the loss to be seen", || async { bus.healthy().await.err() }).await;
    assert!(words.to_string().contains("127.0.0.1"), "{words}");
    server.restart().await;
    wait_for("health to come back", || async { bus.healthy().await.ok() }).await;
}

#[tokio::test]
async fn draining_sends_what_was_given_back() {
    let server = NatsServer::start().await;
    let bus = connect(&server).await;
    let item = crate::publish_waiting(&bus, "hello").await;
    let durable = bus::Durable::Wait(item.request.owner, item.priority, item.target.clone());
    let got =
        bus.fetch::<contracts::mt::MtItem>(&durable, 1, bus::Wait::UpTo(crate::PATIENCE)).await;
    drop(got.unwrap());
    bus.drain().await;
    let other = connect(&server).await;
    let again = other.fetch::<contracts::mt::MtItem>(&durable, 1, bus::Wait::None).await.unwrap();
    assert_eq!(again[0].delivered, 2);
}
