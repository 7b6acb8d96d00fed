//! Buckets.

use bus::{Bucket, Change, Kv, KvError};
use testkit::{NatsServer, wait_for};

use crate::{connect, within};

#[tokio::test]
async fn compare_and_set() {
    let server = NatsServer::start().await;
    let bus = connect(&server).await;
    let kv: Kv<u32> = bus.kv(Bucket::Attempts).await.unwrap();
    assert_eq!(kv.get("a.1").await.unwrap(), None);
    let first = kv.create("a.1", &1).await.unwrap();
    assert!(kv.create("a.1", &2).await.unwrap_err().is_conflict());
    let second = kv.update("a.1", &3, first).await.unwrap();
    assert!(kv.update("a.1", &4, first).await.unwrap_err().is_conflict());
    let entry = kv.get("a.1").await.unwrap().unwrap();
    assert_eq!((entry.value, entry.revision), (3, second));
    assert!(kv.delete_at("a.1", first).await.unwrap_err().is_conflict());
    kv.delete_at("a.1", second).await.unwrap();
    assert_eq!(kv.get("a.1").await.unwrap(), None);
    kv.create("a.1", &5).await.unwrap();
    kv.put("a.1", &6).await.unwrap();
    kv.delete("a.1").await.unwrap();
    assert!(kv.entries().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_value_of_another_type_is_an_error_not_a_panic() {
    let server = NatsServer::start().await;
    let bus = connect(&server).await;
    bus.kv::<String>(Bucket::Config).await.unwrap().put("k", &"text".to_owned()).await.unwrap();
    let numbers: Kv<u32> = bus.kv(Bucket::Config).await.unwrap();
    assert!(matches!(numbers.get("k").await, Err(KvError::Decode { .. })));
    assert!(numbers.entries().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_watch_tells_what_is_there_and_when_that_is_all() {
    let server = NatsServer::start().await;
    let bus = connect(&server).await;
    let kv: Kv<u32> = bus.kv(Bucket::Config).await.unwrap();
    let mut empty = kv.watch().await.unwrap();
    assert_eq!(within(empty.next()).await, Change::Complete);

    kv.put("a", &1).await.unwrap();
    kv.put("a", &2).await.unwrap();
    kv.put("b", &3).await.unwrap();
    kv.delete("b").await.unwrap();
    let mut watch = kv.watch().await.unwrap();
    let Change::Put { key, value, .. } = within(watch.next()).await else { panic!("a first") };
    assert_eq!((key.as_str(), value), ("a", 2));
    assert_eq!(within(watch.next()).await, Change::Deleted { key: "b".to_owned() });
    assert_eq!(within(watch.next()).await, Change::Complete);
    kv.put("c", &4).await.unwrap();
    assert!(matches!(within(watch.next()).await, Change::Put { key, value: 4, .. } if key == "c"));
    let entries = kv.entries().await.unwrap();
    assert_eq!(entries.len(), 2);
}

#[tokio::test]
async fn a_watch_can_be_for_some_keys() {
    let server = NatsServer::start().await;
    let bus = connect(&server).await;
    let kv: Kv<u32> = bus.kv(Bucket::Config).await.unwrap();
    kv.put("sim.a", &1).await.unwrap();
    kv.put("account.b", &2).await.unwrap();
    let mut watch = kv.watch_filtered("account.*").await.unwrap();
    assert!(matches!(within(watch.next()).await, Change::Put { value: 2, .. }));
    assert_eq!(within(watch.next()).await, Change::Complete);
}

#[tokio::test]
async fn a_lease_goes_by_itself() {
    let server = NatsServer::start().await;
    let bus = connect(&server).await;
    let kv: Kv<String> = bus.kv(Bucket::Leases).await.unwrap();
    kv.create("mdm_1", &"host a".to_owned()).await.unwrap();
    assert!(kv.create("mdm_1", &"host b".to_owned()).await.unwrap_err().is_conflict());
    wait_for("the lease to end", || async { kv.create("mdm_1", &"host b".to_owned()).await.ok() })
        .await;
}

#[tokio::test]
async fn what_may_be_forgotten_has_a_bound_and_makes_room() {
    let server = NatsServer::start().await;
    let bus = connect(&server).await;
    let context = async_nats::jetstream::new(bus.client().clone());
    for bucket in Bucket::ALL {
        let name = format!("KV_{}", bucket.as_str());
        let config = context.get_stream(name).await.unwrap().cached_info().config.clone();
        let is_old = config.discard == async_nats::jetstream::stream::DiscardPolicy::Old;
        assert_eq!(is_old, bucket.max_entries().is_some(), "{bucket:?}");
        let is_memory = config.storage == async_nats::jetstream::stream::StorageType::Memory;
        assert_eq!(is_memory, bucket.is_in_memory(), "{bucket:?}");
        let Some(most) = bucket.max_entries() else { continue };
        assert_eq!(config.max_messages, most, "{bucket:?}");
        assert!(bucket.max_age().is_some(), "{bucket:?}");
        let kv: Kv<u32> = bus.kv(bucket).await.unwrap();
        let first = kv.create("a", &1).await.unwrap();
        assert!(kv.create("a", &2).await.unwrap_err().is_conflict());
        kv.update("a", &3, first).await.unwrap();
        assert!(kv.update("a", &4, first).await.unwrap_err().is_conflict());
    }
}
