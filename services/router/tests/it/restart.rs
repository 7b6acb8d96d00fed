//! Killed in the middle: nothing is lost, and nothing is dispatched twice.

use std::collections::HashMap;

use contracts::modem::ModemStatus;
use contracts::{MessageId, Priority, UserId};

use crate::gateway::{Gateway, config, pool};

/// Takes and sends until each of `ids` was seen; how often each was.
async fn send_all(gateway: &Gateway, seen: &mut HashMap<MessageId, u32>, until: usize) {
    while seen.len() < until {
        let item = gateway.take(&pool(), Priority::Normal).await;
        let id = gateway.send(item).await;
        *seen.entry(id).or_insert(0) += 1;
    }
}

#[tokio::test]
async fn a_router_that_is_killed_goes_on_where_it_was() {
    let mut gateway = Gateway::start().await;
    gateway.modem("a", ModemStatus::Ready).await;
    gateway.modem("b", ModemStatus::Ready).await;
    let account = UserId::derived("a");
    gateway.request_many(account, Priority::Normal, 60).await;
    let mut seen = HashMap::new();
    for until in [15, 30, 45] {
        send_all(&gateway, &mut seen, until).await;
        gateway.kill_router().await;
        gateway.start_router(config()).await;
    }
    gateway.stop_router().await;
    gateway.start_router(config()).await;
    send_all(&gateway, &mut seen, 60).await;
    assert!(seen.values().all(|times| *times == 1), "{seen:?}");
}

#[tokio::test]
async fn a_broker_that_is_killed_brings_nothing_twice() {
    let mut gateway = Gateway::start().await;
    gateway.modem("a", ModemStatus::Ready).await;
    let account = UserId::derived("a");
    let ids = gateway.request_many(account, Priority::Normal, 30).await;
    let mut seen = HashMap::new();
    send_all(&gateway, &mut seen, 12).await;
    gateway.nats.restart().await;
    // The modem-driver's journal is not here: what was acknowledged just before may come to it again,
    // once. More than that would be the router's doing.
    send_all(&gateway, &mut seen, ids.len()).await;
    assert!(seen.values().all(|times| *times <= 2), "{seen:?}");
}
