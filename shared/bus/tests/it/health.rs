//! Whether the broker stores what it is given, asked of each stream and bucket.

use std::time::Duration;

use async_nats::jetstream::{self, consumer::pull, stream::Info};
use bus::{Bucket, Bus, Durable, Kv, NatsConfig, PublishError, Stream, Unhealthy, Wait};
use contracts::mt::{Dispatched, MtItem, PrioritisedRequest};
use contracts::subject::Target;
use contracts::{PoolId, Priority};
use testkit::{NatsServer, SmallDisk, nats_servers, wait_for};
use tokio_util::sync::CancellationToken;

use crate::{connect, publish_request, publish_waiting, within};

async fn info(bus: &Bus, stream: &str) -> Info {
    let context = jetstream::new(bus.client().clone());
    let mut stream = context.get_stream(stream).await.unwrap();
    stream.info().await.unwrap().clone()
}

#[tokio::test]
async fn asking_leaves_nothing_and_disturbs_nobody() {
    for program in nats_servers() {
        let server = NatsServer::start_program(program, "").await;
        let bus = connect(&server).await;
        for _ in 0..3 {
            bus.healthy().await.unwrap();
            // Until the answer is old: nothing but time makes it so.
            tokio::time::sleep(Duration::from_millis(2_100)).await;
        }
        for stream in Stream::ALL {
            let state = info(&bus, stream.as_str()).await.state;
            assert_eq!(state.messages, 0, "{}", stream.as_str());
            // The list of dead letters walks through the numbers.
            assert_eq!(state.last_sequence, if stream == Stream::Dead { 0 } else { 3 });
            for durable in bus::Durable::FIXED.iter().filter(|d| d.stream() == stream) {
                let context = jetstream::new(bus.client().clone());
                let consumer = context
                    .get_consumer_from_stream::<pull::Config, _, _>(durable.name(), stream.as_str())
                    .await
                    .unwrap();
                assert_eq!(consumer.cached_info().num_pending, 0, "{durable:?}");
            }
        }
        for bucket in Bucket::ALL {
            let state = info(&bus, &format!("KV_{}", bucket.as_str())).await.state;
            assert!(state.messages <= 1, "{bucket:?}");
            let kv: Kv<u32> = bus.kv(bucket).await.unwrap();
            assert!(kv.entries().await.unwrap().is_empty(), "{bucket:?}");
        }
    }
}

#[tokio::test]
async fn many_who_ask_cost_no_more_than_one() {
    let server = NatsServer::start().await;
    let bus = connect(&server).await;
    let all = (0..100).map(|_| {
        let bus = bus.clone();
        tokio::spawn(async move { bus.healthy().await })
    });
    for one in all.collect::<Vec<_>>() {
        one.await.unwrap().unwrap();
    }
    let probes = info(&bus, "SMS_WAIT").await.state.last_sequence;
    // More than one only when the machine needed more than two seconds for a hundred tasks.
    assert!(probes <= 2, "{probes}");
}

#[tokio::test]
async fn a_broker_that_stands_still_is_told_within_seconds_and_doubted() {
    let server = NatsServer::start().await;
    let bus = connect(&server).await;
    bus.healthy().await.unwrap();
    let mut doubts = bus.doubts();
    server.pause().await;
    let publishing = {
        let bus = bus.clone();
        tokio::spawn(async move { publish_waiting(&bus, "hello").await })
    };
    within(doubts.changed()).await.unwrap();
    let begun = std::time::Instant::now();
    let unhealthy =
        wait_for("the silence to be told", || async { bus.healthy().await.err() }).await;
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    assert!(unhealthy.is_silent(), "{unhealthy}");
    assert!(unhealthy.to_string().contains("SMS_WAIT"), "{unhealthy}");
    assert!(unhealthy.to_string().contains("KV_attempts"), "{unhealthy}");
    server.resume();
    within(publishing).await.unwrap();
    wait_for("health to come back", || async { bus.healthy().await.ok() }).await;
}

#[tokio::test]
async fn a_stream_that_somebody_deleted_is_named_alone_and_made_again() {
    let server = NatsServer::start().await;
    let bus = connect(&server).await;
    let durable = Durable::dispatch(&Target::Pool(PoolId::default_pool()), Priority::Normal);
    assert!(bus.fetch::<MtItem>(&durable, 1, Wait::None).await.unwrap().is_empty());
    jetstream::new(bus.client().clone()).delete_stream("SMS_DISPATCH").await.unwrap();
    let unhealthy = bus.healthy().await.unwrap_err();
    let Unhealthy::Silent { streams, .. } = unhealthy else { panic!("{unhealthy}") };
    let names: Vec<&str> = streams.iter().map(|ill| ill.stream.as_str()).collect();
    assert_eq!(names, ["SMS_DISPATCH"]);
    wait_for("it to be made again", || async { bus.healthy().await.ok() }).await;
    let item = crate::item("next", Priority::Normal);
    bus.publish(&Dispatched(&item)).await.unwrap();
    // The consumer went with the stream.
    let fetched = wait_for("its consumer to be made again", || async {
        bus.fetch::<MtItem>(&durable, 1, Wait::None).await.ok()?.pop()
    });
    assert_eq!(fetched.await.value, item);
}

#[tokio::test]
async fn a_stream_at_its_limit_refuses_and_no_restart_would_help() {
    let server = NatsServer::start().await;
    let mut config = NatsConfig::new(server.url(), server.user(), server.password());
    config.max_bytes = Some(20_000);
    let bus = Bus::connect(&config, "test", &CancellationToken::new()).await.unwrap();
    while bus
        .publish_within(
            &contracts::mt::Waiting(&crate::item("x", Priority::Bulk)),
            Duration::from_secs(5),
        )
        .await
        .is_ok()
    {}
    // A probe is smaller than any message, so probes take the last bytes.
    let context = jetstream::new(bus.client().clone());
    for _ in 0..1_000 {
        if context.publish("sms.v1.probe.SMS_WAIT", "".into()).await.unwrap().await.is_err() {
            break;
        }
    }
    let unhealthy = bus.healthy().await.unwrap_err();
    assert!(!unhealthy.is_silent(), "{unhealthy}");
    assert!(unhealthy.to_string().contains("SMS_WAIT (maximum bytes exceeded)"), "{unhealthy}");
}

/// The stream of requests answers for what nobody reads without keeping it, also when it refuses every request.
#[tokio::test]
async fn requests_at_their_limit_are_told_though_their_probe_is_answered() {
    for program in nats_servers() {
        let server = NatsServer::start_program(program, "").await;
        let mut config = NatsConfig::new(server.url(), server.user(), server.password());
        config.max_bytes = Some(40_000);
        let bus = Bus::connect(&config, "test", &CancellationToken::new()).await.unwrap();
        bus.healthy().await.unwrap();
        // Nobody reads them: they stay.
        let refused = loop {
            let request = crate::request("penuh");
            let request = PrioritisedRequest { priority: Priority::Bulk, request: &request };
            if let Err(error) = bus.publish_within(&request, Duration::from_secs(5)).await {
                break error;
            }
        };
        assert!(matches!(refused, PublishError::Full { .. }), "{refused}");
        let unhealthy =
            wait_for("the limit to be told", || async { bus.healthy().await.err() }).await;
        assert!(!unhealthy.is_silent(), "no restart would help: {unhealthy}");
        assert!(
            unhealthy.to_string().contains("SMS_REQUEST (maximum bytes exceeded)"),
            "{unhealthy}"
        );
        let all = jetstream::new(bus.client().clone()).get_stream("SMS_REQUEST").await.unwrap();
        all.purge().await.unwrap();
        wait_for("health to come back", || async { bus.healthy().await.ok() }).await;
    }
}

/// What an earlier release made: no probes, and consumers that read all of their streams.
#[tokio::test]
async fn streams_and_consumers_of_an_earlier_release_are_brought_up_to_date() {
    for program in nats_servers() {
        let server = NatsServer::start_program(program, "").await;
        let bus = connect(&server).await;
        let sent = publish_request(&bus, Priority::Normal, "before").await;
        let context = jetstream::new(bus.client().clone());
        for (stream, durable) in [
            ("SMS_REQUEST", "persistence"),
            ("SMS_EVENT", "persistence"),
            ("SMS_EVENT", "webhooks"),
        ] {
            let found = context
                .get_consumer_from_stream::<pull::Config, _, _>(durable, stream)
                .await
                .unwrap();
            let config = found.cached_info().config.clone();
            let old = pull::Config {
                durable_name: Some(durable.to_owned()),
                ack_policy: config.ack_policy,
                ack_wait: config.ack_wait,
                max_ack_pending: config.max_ack_pending,
                max_waiting: config.max_waiting,
                num_replicas: config.num_replicas,
                ..pull::Config::default()
            };
            context.create_consumer_on_stream(old, stream).await.unwrap();
        }
        for stream in Stream::ALL {
            let mut config = info(&bus, stream.as_str()).await.config;
            config.subjects.retain(|subject| !subject.starts_with("sms.v1.probe."));
            context.update_stream(config).await.unwrap();
        }
        assert!(bus.healthy().await.unwrap_err().is_silent());
        let bus = connect(&server).await;
        bus.healthy().await.unwrap();
        let requests = bus
            .fetch::<contracts::mt::MtRequest>(
                &bus::Durable::PersistenceRequests,
                10,
                bus::Wait::UpTo(crate::PATIENCE),
            )
            .await
            .unwrap();
        assert_eq!(requests.len(), 1);
        assert_eq!(requests[0].value, sent);
    }
}

/// The disk gets full under load: then the broker may answer for everything and store nothing, mostly also when there
/// is space again. A restart is what helps, and loses nothing.
#[tokio::test]
async fn a_full_disk_is_told_whatever_the_broker_says_of_itself() {
    for program in nats_servers() {
        let Some(disk) = SmallDisk::mount(60) else { return };
        let mut server = NatsServer::start_in(disk.path(), program, "").await;
        let bus = connect(&server).await;
        bus.healthy().await.unwrap();
        disk.fill();
        let mut stored = 0;
        for n in 0..200 {
            let text = format!("{n} {}", "x".repeat(100));
            let item = crate::item(&text, Priority::Bulk);
            let waiting = contracts::mt::Waiting(&item);
            match bus.publish_within(&waiting, Duration::from_millis(500)).await {
                Ok(_) => stored += 1,
                Err(_) => break,
            }
        }
        assert!(stored < 200, "it does not take more than the disk holds");
        let unhealthy =
            wait_for("the silence to be told", || async { bus.healthy().await.err() }).await;
        assert!(unhealthy.is_silent(), "{unhealthy}");
        assert!(unhealthy.to_string().contains("SMS_WAIT"), "{unhealthy}");
        disk.empty();
        let kept_before = stored;
        // Until the answer before is old: nothing but time makes it so.
        tokio::time::sleep(Duration::from_millis(2_100)).await;
        // Sometimes a server goes on by itself, mostly it does not; it is said as it is.
        let said = bus.healthy().await;
        let context = jetstream::new(bus.client().clone());
        let stored = async {
            context.publish("sms.v1.mt.wait.a.b.pool.c", "".into()).await.ok()?.await.ok()
        };
        let stores = tokio::time::timeout(Duration::from_secs(5), stored).await.ok().flatten();
        assert!(said.is_err() || stores.is_some(), "{said:?} although nothing is stored");
        server.restart().await;
        wait_for("health to come back", || async { bus.healthy().await.ok() }).await;
        let kept = info(&bus, "SMS_WAIT").await.state.messages;
        assert!(kept >= kept_before, "{kept} of {kept_before}");
    }
}
