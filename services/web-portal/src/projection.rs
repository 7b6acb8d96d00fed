//! Settings to the broker: the bucket `config` is made and kept as the database is.
//!
//! Any number of copies may do it at once, and any of them may be slow. Each reads the bucket's entry first and the
//! setting afterwards, and replaces that very entry: whoever read an older setting finds that the entry has changed
//! meanwhile, and looks again.

use std::time::Duration;

use bus::{Bucket, Bus, Entry, Kv, KvError};
use platform::Shutdown;
use serde_json::Value;
use store::{Store, StoreError};

use crate::causes::in_full;

/// How often it is looked for changes that another copy made and could not publish.
const LOOK: Duration = Duration::from_secs(1);
/// Changes taken at one time.
const TAKEN: u32 = 200;

/// Why a change could not be told.
#[derive(Debug, thiserror::Error)]
enum ProjectError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Bucket(#[from] KvError),
}

/// Publishes each change at once, until the soft step.
pub(crate) async fn follow(bus: Bus, store: Store, shutdown: Shutdown) {
    let mut changes = store.settings_changes();
    let mut look = tokio::time::interval(LOOK);
    look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut bucket = None;
    let mut said = false;
    loop {
        tokio::select! {
            () = shutdown.soft.cancelled() => return,
            // The store, which counts, is there as long as this loop.
            _ = changes.changed() => {}
            _ = look.tick() => {}
        }
        match publish_changes(&bus, &store, &mut bucket).await {
            Ok(()) => said = false,
            Err(error) if !said => {
                said = true;
                tracing::warn!(error = %in_full(&error), "settings could not be published to the broker yet; trying again");
            }
            Err(_) => {}
        }
    }
}

async fn publish_changes(
    bus: &Bus,
    store: &Store,
    bucket: &mut Option<Kv<Value>>,
) -> Result<(), ProjectError> {
    if bucket.is_none() {
        let opened = bus.kv::<Value>(Bucket::Config).await?;
        compare(&opened, store).await?;
        *bucket = Some(opened);
    }
    let Some(bucket) = bucket else { return Ok(()) };
    loop {
        let keys = store.unpublished_settings(TAKEN).await?;
        if keys.is_empty() {
            return Ok(());
        }
        for key in keys {
            publish(bucket, store, &key).await?;
        }
    }
}

/// Publishes what the bucket has otherwise: a broker that was set up anew has nothing, and a database that was put
/// back from a copy is older than the bucket.
async fn compare(bucket: &Kv<Value>, store: &Store) -> Result<(), ProjectError> {
    let there: std::collections::HashMap<String, Entry<Value>> =
        bucket.entries().await?.into_iter().collect();
    for setting in store.settings().await? {
        if there.get(&setting.key).is_none_or(|entry| entry.value != setting.value) {
            publish(bucket, store, &setting.key).await?;
        }
    }
    Ok(())
}

/// Makes the bucket's entry of one key what the database says.
async fn publish(bucket: &Kv<Value>, store: &Store, key: &str) -> Result<(), ProjectError> {
    loop {
        let there = bucket.get(key).await?;
        if replace(bucket, store, key, there).await? {
            return Ok(());
        }
    }
}

/// Puts the present setting in place of the entry that was `there`; false: the entry is another now. The setting is
/// read here, after the entry: the order of the two is what keeps a slow copy from putting back what is over.
async fn replace(
    bucket: &Kv<Value>,
    store: &Store,
    key: &str,
    there: Option<Entry<Value>>,
) -> Result<bool, ProjectError> {
    let Some(setting) = store.setting(key).await? else { return Ok(true) };
    let put = match there {
        Some(entry) if entry.value == setting.value => Ok(entry.revision),
        Some(entry) => bucket.update(key, &setting.value, entry.revision).await,
        None => bucket.create(key, &setting.value).await,
    };
    match put {
        Ok(_) => {
            store.setting_published(key, setting.version).await?;
            Ok(true)
        }
        Err(error) if error.is_conflict() => Ok(false),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test has its time from the system")]
mod tests {
    use bus::NatsConfig;
    use contracts::{OrgId, Timestamp, UserId};
    use store::{NewUser, Reach, Role};
    use testkit::{NatsServer, TempDatabase};

    use super::*;

    struct Rig {
        _nats: NatsServer,
        _database: TempDatabase,
        store: Store,
        bus: Bus,
        bucket: Kv<Value>,
        shutdown: Shutdown,
    }

    impl Rig {
        async fn start() -> Self {
            let nats = NatsServer::start().await;
            let database = TempDatabase::postgres().await;
            let store = Store::open(database.url()).await.unwrap();
            store.migrate().await.unwrap();
            let shutdown = Shutdown::new();
            let settings = NatsConfig::new(nats.url(), nats.user(), nats.password());
            let bus = Bus::connect(&settings, "test", &shutdown.soft).await.unwrap();
            let bucket = bus.kv(Bucket::Config).await.unwrap();
            Self { _nats: nats, _database: database, store, bus, bucket, shutdown }
        }

        async fn user(&self) -> UserId {
            let new = NewUser {
                name: "ani".to_owned(),
                password_hash: None,
                role: Role::User,
                language: None,
            };
            let everything = Reach::everything(OrgId::default_org());
            self.store.create_user(everything, &new, Timestamp::now()).await.unwrap().id
        }

        async fn enable(&self, user: UserId, enabled: bool) {
            let (reach, now) = (Reach::everything(OrgId::default_org()), Timestamp::now());
            self.store.set_user_enabled(reach, user, enabled, now).await.unwrap();
        }

        async fn is_enabled(&self, key: &str) -> Option<bool> {
            let entry = self.bucket.get(key).await.unwrap()?;
            entry.value["enabled"].as_bool()
        }
    }

    /// One copy of the portal reads and stalls; meanwhile the account is disabled, and another copy says so.
    #[tokio::test]
    async fn a_copy_that_stalls_enables_nobody() {
        let rig = Rig::start().await;
        let user = rig.user().await;
        let key = format!("account.{user}");
        let seen = rig.bucket.get(&key).await.unwrap();
        rig.enable(user, false).await;
        publish(&rig.bucket, &rig.store, &key).await.unwrap();
        assert_eq!(rig.is_enabled(&key).await, Some(false));
        // It goes on with what it saw: there was no entry.
        assert!(!replace(&rig.bucket, &rig.store, &key, seen).await.unwrap());
        assert_eq!(rig.is_enabled(&key).await, Some(false));
        let seen = rig.bucket.get(&key).await.unwrap();
        rig.enable(user, true).await;
        publish(&rig.bucket, &rig.store, &key).await.unwrap();
        rig.enable(user, false).await;
        publish(&rig.bucket, &rig.store, &key).await.unwrap();
        assert!(!replace(&rig.bucket, &rig.store, &key, seen).await.unwrap());
        assert_eq!(rig.is_enabled(&key).await, Some(false));
        assert!(rig.store.unpublished_settings(1).await.unwrap().is_empty());
    }

    /// Three copies publish while an account is enabled and disabled without rest.
    #[tokio::test]
    async fn copies_end_with_what_the_database_says() {
        let rig = Rig::start().await;
        let user = rig.user().await;
        let key = format!("account.{user}");
        for _ in 0..3 {
            let (bus, stop) = (rig.bus.clone(), rig.shutdown.clone());
            tokio::spawn(follow(bus, rig.store.clone(), stop));
        }
        for round in 0..40 {
            rig.enable(user, round % 2 == 0).await;
        }
        testkit::wait_for("all to be published", || async {
            let open = rig.store.unpublished_settings(1).await.unwrap();
            open.is_empty().then_some(())
        })
        .await;
        assert_eq!(rig.is_enabled(&key).await, Some(false));
        let setting = rig.store.setting(&key).await.unwrap().unwrap();
        assert_eq!(rig.bucket.get(&key).await.unwrap().unwrap().value, setting.value);
        rig.shutdown.soft.cancel();
    }

    /// A broker that lost everything is filled; so is one that is newer than a database that was put back.
    #[tokio::test]
    async fn the_bucket_is_made_as_the_database_is() {
        let rig = Rig::start().await;
        let user = rig.user().await;
        let key = format!("account.{user}");
        publish(&rig.bucket, &rig.store, &key).await.unwrap();
        rig.bucket.delete(&key).await.unwrap();
        compare(&rig.bucket, &rig.store).await.unwrap();
        assert_eq!(rig.is_enabled(&key).await, Some(true));
        let newer = serde_json::json!({ "org": "x", "enabled": false, "version": 99 });
        rig.bucket.put(&key, &newer).await.unwrap();
        compare(&rig.bucket, &rig.store).await.unwrap();
        assert_eq!(rig.is_enabled(&key).await, Some(true));
    }
}
