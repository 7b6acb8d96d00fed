//! How much accounts may send, and whose turn it is.

use std::collections::HashSet;

use bus::{Bucket, Event, Stream};
use contracts::batch::{MtBatch, PrioritisedBatch};
use contracts::limits::{AccountCounter, AccountLimits, Limit, Usage};
use contracts::modem::ModemStatus;
use contracts::mt::{Gate, MtChange, MtRequest};
use contracts::{BatchId, MessageId, MtState, PhoneNumber, Priority, Timestamp, UserId};
use platform::config::Router;
use testkit::{NatsProxy, wait_for};

use crate::gateway::{Gateway, config, pool, to};

const NORMAL: Priority = Priority::Normal;

fn account() -> UserId {
    UserId::derived("budi")
}

/// When this month is over, by the clock of UTC.
fn end_of_month() -> Timestamp {
    let limits = AccountLimits { zone: Some("UTC".to_owned()), ..AccountLimits::default() };
    let mut usage = Usage::default();
    usage.advance(Timestamp::now(), &limits.of(NORMAL).time_zone());
    usage.per_month.until
}

/// What is counted of the account in this month.
async fn used(gateway: &Gateway, passwords: bool) -> u32 {
    let key = AccountCounter { account: account(), passwords }.key();
    let usage = gateway.bus.kv::<Usage>(Bucket::Usage).await.unwrap().get(&key).await.unwrap();
    usage.map_or(0, |entry| entry.value.used(Limit::Month, Timestamp::now()))
}

/// What becomes of messages first, beside that they were admitted.
async fn ends(gateway: &mut Gateway, ids: &[MessageId]) -> Vec<MtChange> {
    let mut left: HashSet<MessageId> = ids.iter().copied().collect();
    let mut changes = Vec::new();
    while !left.is_empty() {
        let (id, change) = gateway
            .event(|event| match event {
                Event::Mt(event) if event.change.state() != MtState::Admitted => {
                    Some((event.message, event.change.clone()))
                }
                _ => None,
            })
            .await;
        if left.remove(&id) {
            changes.push(change);
        }
    }
    changes
}

/// Waits until all of these messages are admitted, in whatever order that is told.
async fn admitted(gateway: &mut Gateway, ids: &[MessageId]) {
    let mut left: HashSet<MessageId> = ids.iter().copied().collect();
    while !left.is_empty() {
        let id = gateway.event(|event| match event {
            Event::Mt(event) if event.change.state() == MtState::Admitted => Some(event.message),
            _ => None,
        });
        left.remove(&id.await);
    }
}

/// Stores so many requests of the account as one message; returns their ids in order.
async fn together(gateway: &Gateway, count: usize, batch: Option<BatchId>) -> Vec<MessageId> {
    let requests = (0..count).map(|n| {
        let to = PhoneNumber::parse(&format!("+62812{n:07}")).unwrap();
        let mut request = MtRequest::text(to, "Halo");
        (request.id, request.owner) = (Some(MessageId::new()), account());
        (request.created_at, request.batch) = (Some(Timestamp::now()), batch);
        request
    });
    let batches = MtBatch::gather(requests);
    let [batch] = &batches[..] else { panic!("one batch") };
    gateway.bus.publish(&PrioritisedBatch { priority: NORMAL, batch }).await.unwrap();
    batch.requests().filter_map(|request| request.id).collect()
}

fn held(changes: &[MtChange]) -> Vec<&MtChange> {
    changes.iter().filter(|change| change.state() == MtState::Held).collect()
}

#[tokio::test]
async fn what_is_over_a_limit_is_held_until_it_opens() {
    let limits = r#"{"per_month":2,"zone":"UTC"}"#;
    let mut gateway = Gateway::start_limited(config(), account(), limits).await;
    gateway.modem("a", ModemStatus::Ready).await;
    gateway.releases().await;
    let first = gateway.take(&pool(), NORMAL).await;
    gateway.send(first).await;
    let ids = gateway.request_many(account(), NORMAL, 2).await;
    let until = end_of_month();
    for change in ends(&mut gateway, &ids).await {
        assert_eq!(change.state(), MtState::Released);
    }
    assert_eq!(used(&gateway, false).await, 2);
    let ids = gateway.request_many(account(), NORMAL, 2).await;
    let changes = ends(&mut gateway, &ids).await;
    let expected = MtChange::Held { gate: Gate::Limit, until, tries: 0, round: 1 };
    assert_eq!(held(&changes), [&expected, &expected]);
    assert_eq!(
        expected.to_string(),
        format!("Waits until {until}: its account has sent what its limits allow.")
    );
    // So is each of those that only came together.
    let ids = together(&gateway, 3, None).await;
    assert_eq!(held(&ends(&mut gateway, &ids).await).len(), 3);
    // Of a service that sends for nobody in particular, and of others, everything goes.
    let others = gateway.request_many(UserId::internal(), NORMAL, 1).await;
    for _ in 0..2 {
        let item = gateway.take(&pool(), NORMAL).await;
        gateway.send(item).await;
    }
    assert_eq!(ends(&mut gateway, &others).await[0].state(), MtState::Released);
    // What was counted is counted after a restart.
    gateway.stop_router().await;
    gateway.modem("a", ModemStatus::Ready).await;
    gateway.start_router(config()).await;
    gateway.releases().await;
    let ids = gateway.request_many(account(), NORMAL, 1).await;
    assert_eq!(ends(&mut gateway, &ids).await[0].state(), MtState::Held);
    assert_eq!(used(&gateway, false).await, 2);
}

#[tokio::test]
async fn one_time_passwords_have_a_limit_of_their_own() {
    let limits = r#"{"per_month":1,"otp_per_hour":2,"zone":"UTC"}"#;
    let mut gateway = Gateway::start_limited(config(), account(), limits).await;
    gateway.modem("a", ModemStatus::Ready).await;
    gateway.releases().await;
    let ids = gateway.request_many(account(), NORMAL, 2).await;
    assert_eq!(held(&ends(&mut gateway, &ids).await).len(), 1);
    let ids = gateway.request_many(account(), Priority::Otp, 2).await;
    assert_eq!(held(&ends(&mut gateway, &ids).await).len(), 0, "the other limit keeps none");
    let ids = gateway.request_many(account(), Priority::Otp, 1).await;
    assert_eq!(held(&ends(&mut gateway, &ids).await).len(), 1);
    assert_eq!((used(&gateway, false).await, used(&gateway, true).await), (1, 2));
}

#[tokio::test]
async fn what_was_given_to_modems_before_is_not_counted_again() {
    let limits = r#"{"per_month":2,"zone":"UTC"}"#;
    let mut gateway = Gateway::start_limited(config(), account(), limits).await;
    gateway.modem("a", ModemStatus::Ready).await;
    let mut ids = gateway.request_many(account(), NORMAL, 1).await;
    assert_eq!(ends(&mut gateway, &ids).await[0].state(), MtState::Released);
    // Its modem did not take it, and that was no try.
    let mut again = MtRequest::text(to(), "message 0");
    (again.id, again.owner) = (Some(ids[0]), account());
    (again.round, again.counted) = (1, true);
    ids = vec![gateway.request(NORMAL, again).await];
    assert_eq!(ends(&mut gateway, &ids).await[0].state(), MtState::Released);
    assert_eq!(used(&gateway, false).await, 1);
}

#[tokio::test]
async fn two_routers_share_a_limit() {
    let limits = r#"{"per_month":6,"zone":"UTC"}"#;
    let mut gateway = Gateway::start_limited(config(), account(), limits).await;
    let proxy = NatsProxy::to(gateway.nats.port()).await;
    let second = gateway.second_router(&proxy).await;
    gateway.modem("a", ModemStatus::Ready).await;
    gateway.request_many(account(), NORMAL, 14).await;
    let mut sent = HashSet::new();
    for _ in 0..6 {
        let item = gateway.take(&pool(), NORMAL).await;
        sent.insert(gateway.send(item).await);
        gateway.modem("a", ModemStatus::Ready).await;
    }
    assert_eq!(sent.len(), 6);
    // All others were held, or wait in the queue.
    let mut held = 0;
    let mut waiting = 0;
    while held + waiting < 8 {
        let state = gateway.event(|event| match event {
            Event::Mt(event) if !sent.contains(&event.message) => Some(event.change.state()),
            _ => None,
        });
        match state.await {
            MtState::Held => held += 1,
            MtState::Admitted => waiting += 1,
            other => panic!("{other}"),
        }
    }
    gateway.stop_router().await;
    second.kill().await;
    assert_eq!(gateway.taken(Stream::Dispatch).await, 6);
    assert_eq!(used(&gateway, false).await, 6);
}

#[tokio::test]
async fn a_batch_waits_in_its_lane_and_others_go_on() {
    let limits = r#"{"per_month":3,"zone":"UTC"}"#;
    let mut gateway = Gateway::start_limited(config(), account(), limits).await;
    let ids = together(&gateway, 10, Some(BatchId::new())).await;
    gateway.modem("a", ModemStatus::Ready).await;
    let mut sent = Vec::new();
    for _ in 0..3 {
        let item = gateway.take(&pool(), NORMAL).await;
        sent.push(gateway.send(item).await);
        gateway.modem("a", ModemStatus::Ready).await;
    }
    assert_eq!(sent, ids[..3]);
    let others = gateway.request_many(UserId::derived("ani"), NORMAL, 4).await;
    let mut gone = HashSet::new();
    for _ in 0..4 {
        let item = gateway.take(&pool(), NORMAL).await;
        gone.insert(gateway.send(item).await);
        gateway.modem("a", ModemStatus::Ready).await;
    }
    assert_eq!(gone, others.iter().copied().collect());
    wait_for("one item to wait", || async {
        let waiting = gateway.bus.subject_counts(Stream::Wait).await.ok()?;
        (waiting.values().sum::<u64>() == 1).then_some(())
    })
    .await;
    // The rest goes as soon as the limit is another.
    gateway.limit(account(), "{}").await;
    for _ in 3..10 {
        gateway.modem("a", ModemStatus::Ready).await;
        let item = gateway.take(&pool(), NORMAL).await;
        sent.push(gateway.send(item).await);
    }
    assert_eq!(sent, ids);
    gateway.stop_router().await;
    assert_eq!(gateway.taken(Stream::Dispatch).await, 14);
}

#[tokio::test]
async fn an_account_of_a_larger_weight_has_more_turns() {
    let slow = Router { depth: 1, ..config() };
    let mut gateway = Gateway::start_limited(slow, account(), r#"{"weight":3}"#).await;
    let light = UserId::derived("light");
    let mut waiting = gateway.request_many(account(), NORMAL, 30).await;
    waiting.extend(gateway.request_many(light, NORMAL, 30).await);
    admitted(&mut gateway, &waiting).await;
    let mut of_light = 0;
    for _ in 0..20 {
        gateway.modem("a", ModemStatus::Ready).await;
        let item = gateway.take(&pool(), NORMAL).await;
        of_light += usize::from(item.value.request.owner == light);
        gateway.send(item).await;
    }
    assert!((4..=7).contains(&of_light), "one in four, and not {of_light} of 20");
}

#[tokio::test]
async fn a_number_is_sent_no_more_than_the_gateway_says() {
    let mut gateway = Gateway::start_for_recipients("2/7d").await;
    gateway.modem("a", ModemStatus::Ready).await;
    let mut ids = gateway.request_many(account(), NORMAL, 2).await;
    ids.extend(gateway.request_many(UserId::derived("ani"), NORMAL, 1).await);
    let changes = ends(&mut gateway, &ids).await;
    let kept = held(&changes);
    let [MtChange::Held { gate, until, round, .. }] = kept[..] else { panic!("{changes:?}") };
    assert_eq!((*gate, *round), (Gate::Recipient, 1));
    assert!(*until > Timestamp::now());
    let other = MtRequest::text(PhoneNumber::parse("+628111111111").unwrap(), "Halo");
    let id = gateway.request(NORMAL, other).await;
    gateway.change(id, MtState::Admitted).await;
    // It comes again in its next round while the time is not over.
    let mut again = MtRequest::text(to(), "again");
    again.round = 1;
    let id = gateway.request(NORMAL, again).await;
    let change = gateway.change(id, MtState::Held).await;
    assert_eq!(change, MtChange::Held { gate: Gate::Recipient, until: *until, tries: 0, round: 2 });
}
