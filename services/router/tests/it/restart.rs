//! Killed in the middle: nothing is lost, and nothing is dispatched twice.

use std::collections::HashMap;

use bus::Stream;
use contracts::modem::ModemStatus;
use contracts::{MessageId, Priority, UserId};
use testkit::wait_for;

use crate::gateway::{Gateway, config, pool};

/// What was sent: how often each message was, and the places of the items.
#[derive(Default)]
struct Sent {
    times: HashMap<MessageId, u32>,
    places: Vec<u64>,
}

impl Sent {
    /// Takes and sends until so many messages were.
    async fn until(&mut self, gateway: &Gateway, count: usize) {
        while self.times.len() < count {
            let item = gateway.take(&pool(), Priority::Normal).await;
            self.places.push(item.sequence);
            *self.times.entry(gateway.send(item).await).or_insert(0) += 1;
        }
    }

    fn once(&self) -> bool {
        self.times.values().all(|times| *times == 1)
    }
}

#[tokio::test]
async fn a_router_that_is_killed_goes_on_where_it_was() {
    let mut gateway = Gateway::start().await;
    gateway.modem("a", ModemStatus::Ready).await;
    gateway.modem("b", ModemStatus::Ready).await;
    let account = UserId::derived("a");
    gateway.request_many(account, Priority::Normal, 60).await;
    let mut sent = Sent::default();
    for until in [15, 30, 45] {
        sent.until(&gateway, until).await;
        gateway.kill_router().await;
        gateway.start_router(config()).await;
    }
    gateway.stop_router().await;
    gateway.start_router(config()).await;
    sent.until(&gateway, 60).await;
    assert!(sent.once(), "{:?}", sent.times);
}

#[tokio::test]
async fn a_broker_that_is_killed_brings_nothing_twice() {
    let mut gateway = Gateway::start().await;
    gateway.modem("a", ModemStatus::Ready).await;
    let account = UserId::derived("a");
    let ids = gateway.request_many(account, Priority::Normal, 30).await;
    let mut sent = Sent::default();
    sent.until(&gateway, 12).await;
    gateway.nats.restart().await;
    // As the modem-driver does by its journal before it asks for anything.
    for place in &sent.places {
        wait_for("the broker to be swept", || async {
            gateway.bus.delete_item(Stream::Dispatch, *place).await.ok()
        })
        .await;
    }
    sent.until(&gateway, ids.len()).await;
    assert!(sent.once(), "{:?}", sent.times);
    // Acknowledged items come back when the broker is killed, and some are never delivered again.
    wait_for("the waiting queue to be swept", || async {
        gateway.modem("a", ModemStatus::Ready).await;
        let left = gateway.bus.subject_counts(Stream::Wait).await.ok()?;
        left.is_empty().then_some(())
    })
    .await;
}
