//! What is on the broker after a service has started.

use std::time::Duration;

use async_nats::jetstream;
use bus::{Bus, ConnectError, Durable, NatsConfig, Stream};
use testkit::NatsServer;
use tokio_util::sync::CancellationToken;

use crate::{connect, within};

#[tokio::test]
async fn everything_is_there_with_its_settings() {
    let server = NatsServer::start().await;
    let bus = connect(&server).await;
    let context = jetstream::new(bus.client().clone());

    let requests = context.get_stream("SMS_REQUEST").await.unwrap();
    let config = &requests.cached_info().config;
    assert_eq!(config.retention, jetstream::stream::RetentionPolicy::Interest);
    assert_eq!(config.discard, jetstream::stream::DiscardPolicy::New);
    assert_eq!(config.max_age, Duration::ZERO);
    assert_eq!(config.duplicate_window, Duration::from_mins(2));
    assert_eq!(requests.cached_info().state.consumer_count, 8);

    let dispatch = context.get_stream("SMS_DISPATCH").await.unwrap();
    let config = &dispatch.cached_info().config;
    assert_eq!(config.retention, jetstream::stream::RetentionPolicy::WorkQueue);
    assert_eq!(config.duplicate_window, Duration::from_mins(2));

    let durable =
        Durable::DispatchPool(contracts::PoolId::default_pool(), contracts::Priority::Otp);
    bus.ensure(&durable).await.unwrap();
    let consumer = context
        .get_consumer_from_stream::<jetstream::consumer::pull::Config, _, _>(
            &durable.name(),
            "SMS_DISPATCH",
        )
        .await
        .unwrap();
    let config = &consumer.cached_info().config;
    assert_eq!(config.max_ack_pending, -1);
    assert_eq!(config.max_waiting, 8192);
    assert_eq!(config.ack_wait, Duration::from_secs(10));
    assert_eq!(config.filter_subject, "sms.v1.mt.dispatch.pool.default.otp");
}

#[tokio::test]
async fn starting_again_changes_nothing() {
    let server = NatsServer::start().await;
    let first = connect(&server).await;
    let created = |bus: &Bus| {
        let context = jetstream::new(bus.client().clone());
        async move {
            let mut all = Vec::new();
            for stream in Stream::ALL {
                all.push(context.get_stream(stream.as_str()).await.unwrap().cached_info().created);
            }
            all
        }
    };
    let before = created(&first).await;
    let second = connect(&server).await;
    assert_eq!(created(&second).await, before);
}

#[tokio::test]
async fn many_services_can_start_at_once() {
    let server = NatsServer::start().await;
    let all: Vec<_> = (0..8)
        .map(|_| {
            let config = NatsConfig::new(server.url(), server.user(), server.password());
            tokio::spawn(
                async move { Bus::connect(&config, "test", &CancellationToken::new()).await },
            )
        })
        .collect();
    for one in all {
        within(one).await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn the_limit_in_bytes_is_shared_out_and_kept() {
    let server = NatsServer::start().await;
    let mut config = NatsConfig::new(server.url(), server.user(), server.password());
    config.max_bytes = Some(100_000_000);
    let bus = Bus::connect(&config, "test", &CancellationToken::new()).await.unwrap();
    let context = jetstream::new(bus.client().clone());
    let limit = || async {
        context.get_stream("SMS_REQUEST").await.unwrap().cached_info().config.max_bytes
    };
    assert_eq!(limit().await, 20_000_000);
    // A service that names no limit leaves it alone; one that names another changes it.
    connect(&server).await;
    assert_eq!(limit().await, 20_000_000);
    config.max_bytes = Some(200_000_000);
    Bus::connect(&config, "test", &CancellationToken::new()).await.unwrap();
    assert_eq!(limit().await, 40_000_000);
}

#[tokio::test]
async fn a_foreign_stream_in_the_way_is_named() {
    let server = NatsServer::start().await;
    let client = async_nats::ConnectOptions::new()
        .user_and_password(server.user().to_owned(), server.password().to_owned())
        .connect(server.url())
        .await
        .unwrap();
    let context = jetstream::new(client);
    context
        .create_stream(jetstream::stream::Config {
            name: "SMS_WAIT".to_owned(),
            subjects: vec!["sms.v1.mt.wait.*.*".to_owned()],
            storage: jetstream::stream::StorageType::Memory,
            ..Default::default()
        })
        .await
        .unwrap();
    let mut config = NatsConfig::new(server.url(), server.user(), server.password());
    config.replicas = 1;
    let token = CancellationToken::new();
    let connecting = Bus::connect(&config, "test", &token);
    let error =
        tokio::time::timeout(Duration::from_mins(1), connecting).await.unwrap().unwrap_err();
    assert!(matches!(error, ConnectError::Topology(_)), "{error:?}");
    assert!(error.to_string().contains("SMS_WAIT"), "{error}");
}
