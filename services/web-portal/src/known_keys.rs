//! API keys that were good a moment ago, so that the database is not asked for each request of a program.
//!
//! A key is known for a second. Before that, it is looked at again when a setting of an account changed: a revoked key, a
//! disabled account and another role are each told as one, by this process at once and by other copies of the portal
//! through the bucket `config`. While the broker is away, the second is the bound.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use contracts::Timestamp;
use platform::config::Network;
use store::{ApiKey, KeyCheck, SecretHash, Store, StoreError, User};
use tokio::sync::watch;
use tokio::time::Instant;

/// For how long a key is taken to be as it was.
const KNOWN_FOR: Duration = Duration::from_secs(1);
/// Keys that are kept in memory at most, a few hundred bytes each. All are forgotten when there are more.
const AT_MOST: usize = 10_000;

/// See the module.
#[derive(Debug)]
pub(crate) struct KnownKeys {
    known: Mutex<HashMap<SecretHash, Known>>,
    /// Changes of accounts that other copies of the portal made.
    heard: AtomicU64,
    /// Changes of settings that this process made.
    made: watch::Receiver<u64>,
}

/// A key and its account.
#[derive(Debug, Clone)]
pub(crate) struct GoodKey {
    /// The key.
    pub(crate) key: Arc<ApiKey>,
    /// The account that the key belongs to.
    pub(crate) user: Arc<User>,
    /// From where the key works.
    from: Arc<Allowed>,
}

impl GoodKey {
    /// Whether the key works from this address; none: from the socket in the data folder.
    pub(crate) fn works_from(&self, address: Option<IpAddr>) -> bool {
        match (&*self.from, address) {
            (Allowed::Anywhere, _) => true,
            (Allowed::Only(networks), Some(address)) => {
                networks.iter().any(|network| network.contains(address))
            }
            (Allowed::Only(_), None) => false,
        }
    }
}

/// From which addresses a key works.
#[derive(Debug, PartialEq, Eq)]
enum Allowed {
    Anywhere,
    Only(Vec<Network>),
}

impl Allowed {
    /// As the database keeps it. A network of a later version lets nobody in.
    fn read(kept: &str) -> Self {
        if kept.trim().is_empty() {
            return Self::Anywhere;
        }
        Self::Only(kept.split_whitespace().filter_map(|one| one.parse().ok()).collect())
    }
}

#[derive(Debug)]
struct Known {
    good: GoodKey,
    until: Instant,
    settings: SettingsSeen,
}

/// Which settings had been changed when the database was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct SettingsSeen {
    heard: u64,
    made: u64,
}

impl KnownKeys {
    /// Knows none yet.
    pub(crate) fn new(store: &Store) -> Self {
        let made = store.settings_changes();
        Self { known: Mutex::default(), heard: AtomicU64::new(0), made }
    }

    /// Forgets all keys: an account was changed.
    pub(crate) fn forget(&self) {
        self.heard.fetch_add(1, Ordering::AcqRel);
    }

    /// Returns the key with this secret, if it is good at `now`, and notes its use.
    pub(crate) async fn check(
        &self,
        store: &Store,
        secret: SecretHash,
        now: Timestamp,
    ) -> Result<Option<GoodKey>, StoreError> {
        // Seen before the database is asked: a change while it answers makes the answer old.
        let settings = self.settings();
        if let Some(good) = self.known(secret, settings, now) {
            return Ok(Some(good));
        }
        let asked = Instant::now();
        match store.check_key(secret, now).await? {
            KeyCheck::Valid { user, key } => {
                let from = Arc::new(Allowed::read(&key.allowed));
                let good = GoodKey { key: key.into(), user: user.into(), from };
                let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
                if known.len() >= AT_MOST {
                    known.clear();
                }
                let until = asked + KNOWN_FOR;
                known.insert(secret, Known { good: good.clone(), until, settings });
                Ok(Some(good))
            }
            KeyCheck::Unknown => Ok(None),
            refused => {
                tracing::info!(reason = ?refused, "a key that is no longer good was refused");
                Ok(None)
            }
        }
    }

    fn settings(&self) -> SettingsSeen {
        SettingsSeen { heard: self.heard.load(Ordering::Acquire), made: *self.made.borrow() }
    }

    fn known(&self, secret: SecretHash, settings: SettingsSeen, now: Timestamp) -> Option<GoodKey> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known.get(&secret)?;
        let good = &found.good;
        let is_good = found.settings == settings
            && Instant::now() < found.until
            && good.key.expires_at.is_none_or(|end| end > now);
        is_good.then(|| good.clone())
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "time is an argument here, and any time will do")]
mod tests {
    use contracts::OrgId;
    use store::{NewKey, NewUser, Reach, Role};

    use super::*;

    struct Rig {
        store: Store,
        /// The handle of another copy of the portal.
        elsewhere: Store,
        keys: KnownKeys,
        _folder: tempfile::TempDir,
    }

    impl Rig {
        async fn start() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("merpati.db");
            let store = Store::open(file.to_str().unwrap()).await.unwrap();
            store.migrate().await.unwrap();
            let elsewhere = Store::open(file.to_str().unwrap()).await.unwrap();
            let keys = KnownKeys::new(&store);
            Self { store, elsewhere, keys, _folder: folder }
        }

        async fn key(&self, secret: &str, expires_at: Option<Timestamp>) -> ApiKey {
            let (reach, now) = (Reach::everything(OrgId::default_org()), Timestamp::now());
            let user = NewUser {
                name: secret.to_owned(),
                password_hash: None,
                role: Role::User,
                language: None,
            };
            let owner = self.store.create_user(reach, &user, now).await.unwrap().id;
            let key = NewKey {
                owner,
                name: String::new(),
                prefix: secret.to_owned(),
                secret: SecretHash::of(secret),
                scopes: "all:any".to_owned(),
                allowed: String::new(),
                expires_at,
            };
            self.store.create_key(reach, &key, now).await.unwrap()
        }

        async fn is_good(&self, secret: &str) -> bool {
            self.is_good_at(secret, Timestamp::now()).await
        }

        async fn is_good_at(&self, secret: &str, now: Timestamp) -> bool {
            self.keys.check(&self.store, SecretHash::of(secret), now).await.unwrap().is_some()
        }
    }

    #[tokio::test]
    async fn a_key_that_this_process_revokes_is_refused_at_once() {
        let rig = Rig::start().await;
        let key = rig.key("a", None).await;
        assert!(rig.is_good("a").await && rig.is_good("a").await);
        let reach = Reach::everything(key.org);
        assert!(rig.store.revoke_key(reach, key.id, Timestamp::now()).await.unwrap());
        assert!(!rig.is_good("a").await);
        assert!(!rig.is_good("b").await);
    }

    #[tokio::test]
    async fn a_key_that_another_copy_revokes_is_refused_when_that_is_heard_or_after_a_second() {
        let rig = Rig::start().await;
        for (secret, is_heard) in [("heard", true), ("unheard", false)] {
            let key = rig.key(secret, None).await;
            assert!(rig.is_good(secret).await);
            let reach = Reach::everything(key.org);
            assert!(rig.elsewhere.revoke_key(reach, key.id, Timestamp::now()).await.unwrap());
            // The database is not asked.
            tokio::time::pause();
            assert!(rig.is_good(secret).await);
            if is_heard {
                rig.keys.forget();
            } else {
                tokio::time::advance(KNOWN_FOR).await;
            }
            tokio::time::resume();
            assert!(!rig.is_good(secret).await, "{secret}");
        }
    }

    #[test]
    fn a_key_works_from_the_networks_that_it_names() {
        let of = |kept: &str| match Allowed::read(kept) {
            Allowed::Anywhere => None,
            Allowed::Only(networks) => Some(networks.len()),
        };
        assert_eq!((of(""), of("10.0.0.0/8 ::1"), of("later:1")), (None, Some(2), Some(0)));
    }

    #[tokio::test]
    async fn a_known_key_ends_in_its_time() {
        let rig = Rig::start().await;
        let (now, end) = (Timestamp::now(), Timestamp::now().plus(Duration::from_hours(1)));
        rig.key("a", Some(end)).await;
        assert!(rig.is_good_at("a", now).await);
        assert!(!rig.is_good_at("a", end).await);
    }
}
