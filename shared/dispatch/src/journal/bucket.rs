//! The bucket `attempts`, which holds the journal.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use bus::{Bucket, Bus, Kv, KvError};
use contracts::MessageId;
use tokio::sync::watch;

use crate::journal::entry::{Entry, Recorded, key, parse_key};

/// All entries of the journal.
#[derive(Debug)]
pub(crate) struct All {
    pub(crate) entries: Vec<(String, Recorded)>,
    /// Messages with an entry that a later release wrote and this one cannot read: they are left to that release.
    pub(crate) foreign: HashSet<MessageId>,
    /// The revisions of entries of either kind.
    pub(crate) revisions: Vec<u64>,
}

/// The journal of all drivers.
#[derive(Debug, Clone)]
pub(crate) struct Journal {
    bucket: Kv<Entry>,
    /// The same bucket, with entries that this release cannot read.
    written: Kv<serde_json::Value>,
    /// What this process wrote last, as far as it is there.
    own: Arc<Mutex<HashMap<String, Recorded>>>,
    connection: watch::Receiver<bool>,
}

impl Journal {
    /// Opens the bucket.
    ///
    /// # Errors
    /// When the broker does not answer.
    pub(crate) async fn open(bus: &Bus) -> Result<Self, KvError> {
        let (bucket, written) = (bus.kv(Bucket::Attempts).await?, bus.kv(Bucket::Attempts).await?);
        Ok(Self { bucket, written, own: Arc::default(), connection: bus.connection() })
    }

    /// Waits for an answer of the broker, but not beyond the loss of the connection: no answer comes to what was asked
    /// of a broker that was lost, though what was asked may be done.
    async fn answered<T>(
        &self,
        key: &str,
        asked: impl Future<Output = Result<T, KvError>>,
    ) -> Result<T, KvError> {
        let mut connection = self.connection.clone();
        connection.mark_unchanged();
        tokio::select! {
            biased;
            answer = asked => answer,
            Ok(()) = connection.changed() => Err(KvError::Unknown {
                bucket: bus::Bucket::Attempts.as_str(),
                key: key.to_owned(),
            }),
        }
    }

    /// Writes an entry over the one of `revision`, or, without a revision, where there is no entry.
    ///
    /// # Errors
    /// A conflict when there is another; everything else means that it may be written.
    pub(crate) async fn write(
        &self,
        key: &str,
        entry: &Entry,
        revision: Option<u64>,
    ) -> Result<u64, KvError> {
        let writing = async {
            match revision {
                Some(revision) => self.bucket.update(key, entry, revision).await,
                None => self.bucket.create(key, entry).await,
            }
        };
        let written = match self.answered(key, writing).await {
            // Nobody can be asked; the caller may have something to keep meanwhile.
            Err(error) if !*self.connection.borrow() => Err(error),
            Err(error @ (KvError::Unknown { .. } | KvError::Conflict { .. })) => {
                // An answer that was lost: what stands there may be ours.
                match self.entry(key).await {
                    Ok(Some(there)) if there.entry == *entry => Ok(there.revision),
                    _ => Err(error),
                }
            }
            other => other,
        };
        if let Ok(revision) = written {
            self.remember(key, &Recorded { entry: entry.clone(), revision });
        }
        written
    }

    /// Notes an entry as one that this driver is to look at.
    pub(crate) fn remember(&self, key: &str, recorded: &Recorded) {
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        own.insert(key.to_owned(), recorded.clone());
    }

    /// Returns what this driver is to look at, as it was when this driver wrote or read it last.
    pub(crate) fn own(&self) -> Vec<(String, Recorded)> {
        let own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        own.iter().map(|(key, recorded)| (key.clone(), recorded.clone())).collect()
    }

    /// Returns the entry of a part.
    pub(crate) async fn entry(&self, key: &str) -> Result<Option<Recorded>, KvError> {
        let found = self.answered(key, self.bucket.get(key)).await?;
        Ok(found.map(|e| Recorded { entry: e.value, revision: e.revision }))
    }

    /// Returns the entries of a message's parts, in order, up to the first part that has none.
    pub(crate) async fn entries_of(
        &self,
        message: MessageId,
        parts: u8,
    ) -> Result<Vec<Recorded>, KvError> {
        let mut all = Vec::new();
        for part in 1..=parts {
            match self.entry(&key(message, part)).await? {
                Some(recorded) => all.push(recorded),
                None => break,
            }
        }
        Ok(all)
    }

    /// Returns the same as [`Journal::entries_of`], asked until the broker answers. None of a message with an entry
    /// that a later release wrote.
    pub(crate) async fn entries_when_answered(
        &self,
        message: MessageId,
        parts: u8,
    ) -> Vec<Recorded> {
        loop {
            match self.entries_of(message, parts).await {
                Ok(entries) => return entries,
                Err(error @ KvError::Decode { .. }) => {
                    tracing::warn!(message.id = %message, "an entry of the journal is left to the later release that wrote it: {error}");
                    return vec![];
                }
                Err(error) => {
                    tracing::warn!(message.id = %message, "the journal does not answer: {error}");
                }
            }
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        }
    }

    /// Returns all entries there are.
    pub(crate) async fn all(&self) -> Result<All, KvError> {
        let mut all = All { entries: Vec::new(), foreign: HashSet::new(), revisions: Vec::new() };
        for (key, written) in self.written.entries().await? {
            let revision = written.revision;
            all.revisions.push(revision);
            match serde_json::from_value(written.value) {
                Ok(entry) => all.entries.push((key, Recorded { entry, revision })),
                Err(error) => {
                    tracing::debug!(
                        key,
                        "an entry of the journal is left to the later release that wrote it: {error}"
                    );
                    all.foreign.extend(parse_key(&key).map(|(message, _)| message));
                }
            }
        }
        Ok(all)
    }

    /// Removes an entry that was not changed since. A marker stays, until [`Journal::remove_before`].
    pub(crate) async fn remove(&self, key: &str, revision: u64) -> Result<(), KvError> {
        let removed = self.answered(key, self.bucket.delete_at(key, revision)).await;
        // One that somebody has changed is left to whoever did.
        if !matches!(&removed, Err(error) if !error.is_conflict()) {
            self.forget(key, revision);
        }
        removed
    }

    /// Removes all that was written before `revision`: entries that are over, and markers. What was changed since was written
    /// later, and stays. However much it is, that is one question, and leaves no marker.
    pub(crate) async fn remove_before(&self, revision: u64) -> Result<(), KvError> {
        self.bucket.drop_before(revision).await
    }

    /// Notes that this driver need not look at an entry any more that was not changed since.
    pub(crate) fn forget(&self, key: &str, revision: u64) {
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        if own.get(key).is_some_and(|recorded| recorded.revision == revision) {
            own.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::entry::Stage;
    use crate::journal::entry::tests::entry;

    #[tokio::test]
    async fn removed_entries_leave_no_trace_and_changed_entries_stay() {
        let server = testkit::NatsServer::start().await;
        let config = bus::NatsConfig::new(server.url(), server.user(), server.password());
        let shutdown = tokio_util::sync::CancellationToken::new();
        let bus = bus::Bus::connect(&config, "test", &shutdown).await.unwrap();
        let journal = Journal::open(&bus).await.unwrap();
        let (first, second) = (key(MessageId::new(), 1), key(MessageId::new(), 1));
        let old = journal.write(&first, &entry(Stage::Writing), None).await.unwrap();
        let new = journal.write(&first, &entry(Stage::Waiting), Some(old)).await.unwrap();
        let other = journal.write(&second, &entry(Stage::Writing), None).await.unwrap();
        // Written twice, as after a lost answer, it is one.
        let again = journal.write(&second, &entry(Stage::Writing), None).await.unwrap();
        assert_eq!(again, other);
        assert!(journal.write(&first, &entry(Stage::Expired), Some(old)).await.is_err());

        assert!(journal.remove(&first, old).await.is_err(), "it was changed since");
        assert_eq!(journal.entry(&first).await.unwrap().map(|r| r.revision), Some(new));
        journal.remove(&first, new).await.unwrap();
        let third = journal.write(&key(MessageId::new(), 1), &entry(Stage::Writing), None).await;
        let left = journal.all().await.unwrap();
        assert_eq!(left.entries.len(), 2);
        journal.remove(&second, other).await.unwrap();
        journal.remove_before(third.unwrap()).await.unwrap();
        assert_eq!(journal.all().await.unwrap().entries.len(), 1);
        let subject = "$JS.API.STREAM.INFO.KV_attempts";
        let info = bus.client().request(subject, "".into()).await.unwrap();
        let info: serde_json::Value = serde_json::from_slice(&info.payload).unwrap();
        // The third entry, and the marker that came after it.
        assert_eq!(info["state"]["messages"], 2);
    }

    /// A driver of a later release shares the journal while a gateway is brought up to date.
    #[tokio::test]
    async fn entries_of_a_later_release_are_told_and_kept() {
        let server = testkit::NatsServer::start().await;
        let config = bus::NatsConfig::new(server.url(), server.user(), server.password());
        let shutdown = tokio_util::sync::CancellationToken::new();
        let bus = bus::Bus::connect(&config, "test", &shutdown).await.unwrap();
        let journal = Journal::open(&bus).await.unwrap();
        let (later, known) = (MessageId::new(), MessageId::new());
        let mut written = serde_json::to_value(entry(Stage::Writing)).unwrap();
        written["stage"] = "beamed".into();
        let revision = journal.written.create(&key(later, 1), &written).await.unwrap();
        journal.write(&key(known, 1), &entry(Stage::Waiting), None).await.unwrap();
        let all = journal.all().await.unwrap();
        assert_eq!((all.revisions.iter().min(), all.entries.len()), (Some(&revision), 1));
        assert_eq!(all.foreign, HashSet::from([later]));
        let read = journal.entries_of(later, 1).await;
        assert!(matches!(read, Err(KvError::Decode { .. })), "{read:?}");
        journal.remove_before(revision).await.unwrap();
        assert_eq!(journal.all().await.unwrap().foreign, HashSet::from([later]));
    }
}
