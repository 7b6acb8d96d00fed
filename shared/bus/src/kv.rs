//! Buckets: keys with values, compare-and-set, and what changes in them.
//!
//! A bucket is a stream `KV_<name>` with one message a key. The streams are made by hand (see
//! [`crate::topology`]) because the client library's own way fails on nats-server 2.9.

use std::marker::PhantomData;
use std::time::Duration;

use async_nats::jetstream::kv::{CreateErrorKind, Operation, Store, UpdateErrorKind};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Bus, Cause, Change, Watch};

contracts::named! {
    /// A bucket.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum Bucket {
        /// Settings for router and drivers, a projection of the database.
        Config = "config",
        /// The live state of modems. Readers age entries by `seen_at`.
        Modems = "modems",
        /// One driver a modem: entries go after three seconds.
        Leases = "leases",
        /// The journal of sending.
        Attempts = "attempts",
        /// Which message part a delivery report is about: for five days and a day.
        Reports = "reports",
        /// Parts of received messages: for a day and an hour.
        MoParts = "mo_parts",
        /// What was said of batches of messages, and how far the router has come with those that wait: for a month.
        Batches = "batches",
        /// Which ways the messages of stored requests took, and which of the items that waited are over: for eight days, the last million.
        /// The broker may be down for days, and brings back then what was acknowledged as it was killed.
        Handled = "handled",
        /// What SIMs and accounts with limits have sent in this hour, day and month: for two months.
        Usage = "usage",
        /// Which text went to which number of late: for two hours, the last 100,000.
        Doubles = "doubles",
        /// How many messages went to which number of late: for eight days, the last million numbers.
        Recipients = "recipients",
    }
}

impl Bucket {
    /// After how long an entry goes by itself; none: never.
    pub const fn max_age(self) -> Option<Duration> {
        const HOUR: u64 = 3600;
        match self {
            Self::Leases => Some(Duration::from_secs(3)),
            Self::Reports => Some(Duration::from_secs(6 * 24 * HOUR)),
            Self::MoParts => Some(Duration::from_secs(25 * HOUR)),
            Self::Batches => Some(Duration::from_secs(30 * 24 * HOUR)),
            Self::Usage => Some(Duration::from_secs(62 * 24 * HOUR)),
            Self::Doubles => Some(Duration::from_secs(2 * HOUR)),
            Self::Handled | Self::Recipients => Some(Duration::from_secs(8 * 24 * HOUR)),
            Self::Config | Self::Modems | Self::Attempts => None,
        }
    }

    /// How many entries it has at most; none: as many as the broker takes. Beyond that the oldest go.
    pub const fn max_entries(self) -> Option<i64> {
        match self {
            Self::Doubles => Some(100_000),
            Self::Handled | Self::Recipients => Some(1_000_000),
            _ => None,
        }
    }

    pub(crate) fn stream_name(self) -> String {
        format!("KV_{}", self.as_str())
    }
}

/// Why a bucket did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum KvError {
    /// Somebody else was there first: the key exists, or its revision is another.
    #[error("{bucket}/{key} was changed by somebody else")]
    Conflict {
        /// The bucket.
        bucket: &'static str,
        /// The key.
        key: String,
    },
    /// No answer came: the change may have been made.
    #[error("no answer from the broker for {bucket}/{key}; the change may have been made")]
    Unknown {
        /// The bucket.
        bucket: &'static str,
        /// The key.
        key: String,
    },
    /// The value is not of this type.
    #[error("the value of {bucket}/{key} is not the expected JSON: {source}")]
    Decode {
        /// The bucket.
        bucket: &'static str,
        /// The key.
        key: String,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// Everything else.
    #[error("cannot use {bucket}/{key}: {source}")]
    Failed {
        /// The bucket.
        bucket: &'static str,
        /// The key, empty where it is about all.
        key: String,
        /// Why.
        #[source]
        source: Cause,
    },
}

impl KvError {
    /// Somebody else was there first.
    pub const fn is_conflict(&self) -> bool {
        matches!(self, Self::Conflict { .. })
    }
}

/// A value and its revision, for [`Kv::update`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry<T> {
    /// The value.
    pub value: T,
    /// Its revision.
    pub revision: u64,
}

/// A bucket whose values are all of one type. Keys are of `A–Z a–z 0–9 - _ = / .`
pub struct Kv<T> {
    bus: Bus,
    bucket: Bucket,
    store: Store,
    value: PhantomData<fn() -> T>,
}

impl<T> Clone for Kv<T> {
    fn clone(&self) -> Self {
        Self {
            bus: self.bus.clone(),
            bucket: self.bucket,
            store: self.store.clone(),
            value: PhantomData,
        }
    }
}

impl<T> std::fmt::Debug for Kv<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Kv({})", self.bucket.as_str())
    }
}

impl Bus {
    /// Opens a bucket.
    ///
    /// # Errors
    /// When the broker does not answer.
    pub async fn kv<T: Serialize + DeserializeOwned + Send>(
        &self,
        bucket: Bucket,
    ) -> Result<Kv<T>, KvError> {
        let store = self.inner.context.get_key_value(bucket.as_str()).await.map_err(|error| {
            KvError::Failed { bucket: bucket.as_str(), key: String::new(), source: Box::new(error) }
        })?;
        Ok(Kv { bus: self.clone(), bucket, store, value: PhantomData })
    }
}

impl<T: Serialize + DeserializeOwned + Send> Kv<T> {
    /// The value of a key; none when there is none.
    ///
    /// # Errors
    /// When the broker does not answer, or the value is of another type.
    pub async fn get(&self, key: &str) -> Result<Option<Entry<T>>, KvError> {
        let entry = self.store.entry(key).await.map_err(|error| self.failed(key, error))?;
        entry
            .filter(|entry| entry.operation == Operation::Put)
            .map(|entry| {
                let value = serde_json::from_slice(&entry.value).map_err(|source| {
                    KvError::Decode { bucket: self.bucket.as_str(), key: key.to_owned(), source }
                })?;
                Ok(Entry { value, revision: entry.revision })
            })
            .transpose()
    }

    /// Sets a key, whatever it was. Returns the revision.
    ///
    /// # Errors
    /// When the broker does not answer.
    pub async fn put(&self, key: &str, value: &T) -> Result<u64, KvError> {
        let bytes = self.encode(key, value)?;
        self.store.put(key, bytes).await.map_err(|error| match error.kind() {
            async_nats::jetstream::kv::PutErrorKind::Ack => self.unknown(key),
            _ => self.failed(key, error),
        })
    }

    /// Sets a key that has no value. Returns the revision.
    ///
    /// # Errors
    /// [`KvError::Conflict`] when it has one.
    pub async fn create(&self, key: &str, value: &T) -> Result<u64, KvError> {
        let bytes = self.encode(key, value)?;
        self.store.create(key, bytes).await.map_err(|error| match error.kind() {
            CreateErrorKind::AlreadyExists => self.conflict(key),
            CreateErrorKind::Ack => self.unknown(key),
            _ => self.failed(key, error),
        })
    }

    /// Sets a key whose revision is still `revision`. Returns the new one.
    ///
    /// # Errors
    /// [`KvError::Conflict`] when it is another.
    pub async fn update(&self, key: &str, value: &T, revision: u64) -> Result<u64, KvError> {
        let bytes = self.encode(key, value)?;
        self.store.update(key, bytes, revision).await.map_err(|error| match error.kind() {
            UpdateErrorKind::WrongLastRevision => self.conflict(key),
            UpdateErrorKind::TimedOut => self.unknown(key),
            _ => self.failed(key, error),
        })
    }

    /// Removes a key; it need not exist. A marker of some bytes stays.
    ///
    /// # Errors
    /// When the broker does not answer.
    pub async fn delete(&self, key: &str) -> Result<(), KvError> {
        self.store.delete(key).await.map_err(|error| self.failed(key, error))
    }

    /// Removes a key whose revision is still `revision`.
    ///
    /// # Errors
    /// [`KvError::Conflict`] when it is another.
    pub async fn delete_at(&self, key: &str, revision: u64) -> Result<(), KvError> {
        let deleted = self.store.delete_expect_revision(key, Some(revision)).await;
        deleted.map_err(|error| match error.kind() {
            UpdateErrorKind::WrongLastRevision => self.conflict(key),
            UpdateErrorKind::TimedOut => self.unknown(key),
            _ => self.failed(key, error),
        })
    }

    /// Removes all that was written before `revision`, values and the markers of [`Kv::delete`], which in
    /// a bucket whose keys are never used again would grow without end. Cheap however much it is, unlike
    /// removing single keys without a marker (6 ms each among 20,000). A watch is not told.
    ///
    /// # Errors
    /// When the broker does not answer.
    pub async fn drop_before(&self, revision: u64) -> Result<(), KvError> {
        // Nothing is before the first, and nats-server takes "before 1" for "everything".
        if revision <= 1 {
            return Ok(());
        }
        let context = &self.bus.inner.context;
        let stream = context.get_stream_no_info(self.bucket.stream_name()).await;
        let stream = stream.map_err(|error| self.failed("", error))?;
        let purged = stream.purge().sequence(revision).await;
        purged.map(|_| ()).map_err(|error| self.failed("", error))
    }

    /// All keys that have a value, with it. Values of another type are passed over.
    ///
    /// # Errors
    /// When the broker does not answer.
    pub async fn entries(&self) -> Result<Vec<(String, Entry<T>)>, KvError> {
        let mut watch = self.watch_filtered(">").await?;
        let mut all = std::collections::BTreeMap::new();
        loop {
            let change = tokio::time::timeout(Duration::from_secs(10), watch.next())
                .await
                .map_err(|elapsed| self.failed("", elapsed))?;
            match change {
                Change::Put { key, value, revision } => {
                    all.insert(key, Entry { value, revision });
                }
                Change::Deleted { key } => {
                    all.remove(&key);
                }
                Change::Complete => return Ok(all.into_iter().collect()),
            }
        }
    }

    /// All present entries, then [`Change::Complete`], then every change.
    ///
    /// # Errors
    /// When the broker does not answer.
    pub async fn watch(&self) -> Result<Watch<T>, KvError> {
        self.watch_filtered(">").await
    }

    /// Like [`Kv::watch`] for the keys that match: `*` stands for one token between dots, `>` for the
    /// rest.
    ///
    /// # Errors
    /// When the broker does not answer.
    pub async fn watch_filtered(&self, filter: &str) -> Result<Watch<T>, KvError> {
        Watch::open(self.bus.clone(), self.bucket, filter).await.map_err(|source| KvError::Failed {
            bucket: self.bucket.as_str(),
            key: filter.to_owned(),
            source,
        })
    }

    fn encode(&self, key: &str, value: &T) -> Result<bytes::Bytes, KvError> {
        serde_json::to_vec(value).map(Into::into).map_err(|source| KvError::Failed {
            bucket: self.bucket.as_str(),
            key: key.to_owned(),
            source: Box::new(source),
        })
    }

    fn conflict(&self, key: &str) -> KvError {
        KvError::Conflict { bucket: self.bucket.as_str(), key: key.to_owned() }
    }

    fn unknown(&self, key: &str) -> KvError {
        self.bus.doubt();
        KvError::Unknown { bucket: self.bucket.as_str(), key: key.to_owned() }
    }

    fn failed(&self, key: &str, source: impl Into<Cause>) -> KvError {
        KvError::Failed { bucket: self.bucket.as_str(), key: key.to_owned(), source: source.into() }
    }
}
