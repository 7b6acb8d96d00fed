//! The send journal: what is known of each part of each message, in the bucket `attempts`.
//!
//! An entry is made before the PDU is written, by create, so of two drivers only one writes. After a
//! crash it says whether a part is `not sent`, `sent`, or nobody knows. An acknowledgement can be
//! lost when the broker is killed; **the journal, not the ack, decides**. Entries go 60 s after their
//! item is seen gone from the stream, never by age (see [`crate::sweep`]).
//!
//! Key: `<message>.<part>`; the first part is 1. Parts go out in order, so the parts of a message
//! that have no entry are the last ones.

use std::collections::HashSet;

use bus::{Bucket, Bus, Kv, KvError};
use contracts::mt::SendError;
use contracts::{MessageId, ModemId, OrgId, SimId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

/// How far a part is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "stage", rename_all = "snake_case")]
pub(crate) enum Stage {
    /// It is about to be written, or written, and the answer is not known.
    Writing,
    /// The network took it.
    Sent {
        /// TP-MR.
        reference: u8,
        /// When.
        #[serde(rename = "sent_at")]
        at: Timestamp,
    },
    /// It did not go out; the same item comes again.
    Waiting,
    /// It did not go out; the router has the message, which comes again in a later round.
    HandedOver,
    /// Given up.
    Failed {
        /// Why.
        error: SendError,
    },
    /// Too late to send.
    Expired,
    /// The message was taken back before a modem had it: [`contracts::cancellation`].
    Cancelled {
        /// Who did it.
        by: Option<UserId>,
    },
    /// Nobody knows, and the message's policy is to leave it so.
    Uncertain {
        /// What happened.
        error: SendError,
    },
}

/// What the journal holds of one part. A cancel, which no modem made, says only its stage, its round and its times; no
/// place in the stream, 0, is that of an item that no driver has met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// How far it is.
    #[serde(flatten)]
    pub(crate) stage: Stage,
    /// The modem it was given to last.
    #[serde(default = "no_modem")]
    pub(crate) modem: ModemId,
    /// The SIM in it.
    #[serde(default = "no_sim")]
    pub(crate) sim: SimId,
    /// Which run of which driver wrote this.
    #[serde(default)]
    pub(crate) driver: String,
    /// The revision of the lease under which it was written.
    #[serde(default)]
    pub(crate) lease: u64,
    /// Which try this is, over all rounds.
    #[serde(default)]
    pub(crate) tries: u32,
    /// How often it came back without having been tried, since the last try.
    #[serde(default)]
    pub(crate) returns: u32,
    /// The round of the request.
    pub(crate) round: u32,
    /// The message's organisation; none in entries of earlier releases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) org: Option<OrgId>,
    /// Its account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) owner: Option<UserId>,
    /// The item's place in `SMS_DISPATCH`.
    #[serde(default)]
    pub(crate) sequence: u64,
    /// Where its ack goes.
    #[serde(default)]
    pub(crate) ack: String,
    /// Of how many parts the message is.
    #[serde(default)]
    pub(crate) parts: u8,
    /// Of the TPDU, by which it is found again in a modem's memory: see [`fingerprint`].
    #[serde(default)]
    pub(crate) print: u64,
    /// The recipient, as far as reports tell one ([`crate::reports::tail`]); none in entries of earlier releases.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) to: String,
    /// Not to be swept before, though the item is gone: other parts of the message are still to come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) keep_until: Option<Timestamp>,
    /// When this was written.
    pub(crate) at: Timestamp,
}

fn no_modem() -> ModemId {
    ModemId::derived("none")
}

fn no_sim() -> SimId {
    SimId::derived("none")
}

impl Entry {
    /// It says that what `end` ends has begun: it is of the same driver under the same lease.
    pub(crate) fn is_begun_by(&self, end: &Self) -> bool {
        self.stage == Stage::Writing && (self.lease, &self.driver) == (end.lease, &end.driver)
    }

    /// When the part was given to the network, as well as this entry knows.
    pub(crate) fn sent_at(&self) -> Timestamp {
        match self.stage {
            Stage::Sent { at, .. } => at,
            _ => self.at,
        }
    }

    /// The message was taken back.
    pub(crate) fn is_cancelled(&self) -> bool {
        matches!(self.stage, Stage::Cancelled { .. })
    }
}

/// The key of a part.
pub(crate) fn key(message: MessageId, part: u8) -> String {
    format!("{message}.{part}")
}

/// The message and part of a key.
pub(crate) fn parse_key(key: &str) -> Option<(MessageId, u8)> {
    let (message, part) = key.split_once('.')?;
    Some((message.parse().ok()?, part.parse().ok()?))
}

/// An entry with the revision by which it may be replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Recorded {
    pub(crate) entry: Entry,
    pub(crate) revision: u64,
}

/// All that the journal holds.
#[derive(Debug)]
pub(crate) struct All {
    pub(crate) entries: Vec<(String, Recorded)>,
    /// Messages with an entry that a later release wrote and this one cannot read: they are left to that release.
    pub(crate) foreign: HashSet<MessageId>,
    /// The least revision, of entries of either kind.
    pub(crate) oldest: u64,
}

/// The bucket.
#[derive(Debug, Clone)]
pub(crate) struct Journal {
    bucket: Kv<Entry>,
    /// The same, with what this release cannot read.
    written: Kv<serde_json::Value>,
    connection: watch::Receiver<bool>,
}

impl Journal {
    /// # Errors
    /// When the broker does not answer.
    pub(crate) async fn open(bus: &Bus) -> Result<Self, KvError> {
        let (bucket, written) = (bus.kv(Bucket::Attempts).await?, bus.kv(Bucket::Attempts).await?);
        Ok(Self { bucket, written, connection: bus.connection() })
    }

    /// No answer comes to what was asked of a broker that was lost, so that is not waited for; what was
    /// asked may be done.
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
                bucket: bus::Bucket::Attempts.name(),
                key: key.to_owned(),
            }),
        }
    }

    /// Writes an entry: over the one of `revision`, or where there is none.
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
        match self.answered(key, writing).await {
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
        }
    }

    /// The entry of a part.
    pub(crate) async fn entry(&self, key: &str) -> Result<Option<Recorded>, KvError> {
        let found = self.answered(key, self.bucket.get(key)).await?;
        Ok(found.map(|e| Recorded { entry: e.value, revision: e.revision }))
    }

    /// The entries of a message's parts, in order, up to the first that has none.
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

    /// The same, asked until the broker answers. None of a message with an entry that a later release wrote.
    pub(crate) async fn entries_when_answered(
        &self,
        message: MessageId,
        parts: u8,
    ) -> Vec<Recorded> {
        loop {
            match self.entries_of(message, parts).await {
                Ok(entries) => return entries,
                Err(error @ KvError::Decode { .. }) => {
                    tracing::warn!(message.id = %message, "left to the release that wrote it: {error}");
                    return vec![];
                }
                Err(error) => tracing::warn!(message.id = %message, "{error}"),
            }
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        }
    }

    /// All there are.
    pub(crate) async fn all(&self) -> Result<All, KvError> {
        let mut all = All { entries: Vec::new(), foreign: HashSet::new(), oldest: u64::MAX };
        for (key, written) in self.written.entries().await? {
            let revision = written.revision;
            all.oldest = all.oldest.min(revision);
            match serde_json::from_value(written.value) {
                Ok(entry) => all.entries.push((key, Recorded { entry, revision })),
                Err(error) => {
                    tracing::debug!(key, "left to the release that wrote it: {error}");
                    all.foreign.extend(parse_key(&key).map(|(message, _)| message));
                }
            }
        }
        Ok(all)
    }

    /// Removes an entry that was not changed since. A marker stays, until [`Journal::compact`].
    pub(crate) async fn remove(&self, key: &str, revision: u64) -> Result<(), KvError> {
        self.answered(key, self.bucket.delete_at(key, revision)).await
    }

    /// Removes the markers that are older than every entry. `oldest` is that of [`Journal::all`],
    /// which reads the oldest first: should it ever end too early, that still holds.
    pub(crate) async fn compact(&self, oldest: u64) -> Result<(), KvError> {
        self.bucket.drop_before(oldest).await
    }
}

/// A number that two TPDUs share only by chance, whatever TP-MR the modem gave them (FNV-1a).
pub(crate) fn fingerprint(tpdu: &[u8]) -> u64 {
    tpdu.iter()
        .enumerate()
        .filter(|(index, _)| *index != 1)
        .fold(0xcbf2_9ce4_8422_2325, |hash, (_, octet)| {
            (hash ^ u64::from(*octet)).wrapping_mul(0x0100_0000_01b3)
        })
}

#[cfg(test)]
pub(crate) mod tests {
    use contracts::cancellation::{Cancellation, FirstPart};

    use super::*;

    pub(crate) fn entry(stage: Stage) -> Entry {
        Entry {
            stage,
            modem: ModemId::derived("a"),
            sim: SimId::derived("a"),
            driver: "me".to_owned(),
            lease: 1,
            tries: 2,
            returns: 0,
            round: 1,
            org: None,
            owner: None,
            sequence: 9,
            ack: "$JS.ACK.x".to_owned(),
            parts: 3,
            print: 0,
            to: String::new(),
            keep_until: None,
            at: Timestamp::from_micros(0),
        }
    }

    #[tokio::test]
    async fn what_was_removed_leaves_no_trace_and_what_was_changed_stays() {
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
        journal.compact(third.unwrap()).await.unwrap();
        assert_eq!(journal.all().await.unwrap().entries.len(), 1);
        let subject = "$JS.API.STREAM.INFO.KV_attempts";
        let info = bus.client().request(subject, "".into()).await.unwrap();
        let info: serde_json::Value = serde_json::from_slice(&info.payload).unwrap();
        // The third entry, and the marker that came after it.
        assert_eq!(info["state"]["messages"], 2);
    }

    /// A driver of a later release shares the journal while a gateway is brought up to date.
    #[tokio::test]
    async fn what_a_later_release_wrote_is_told_and_kept() {
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
        assert_eq!((all.oldest, all.entries.len()), (revision, 1));
        assert_eq!(all.foreign, HashSet::from([later]));
        let read = journal.entries_of(later, 1).await;
        assert!(matches!(read, Err(KvError::Decode { .. })), "{read:?}");
        journal.compact(all.oldest).await.unwrap();
        assert_eq!(journal.all().await.unwrap().foreign, HashSet::from([later]));
    }

    #[test]
    fn a_cancel_of_the_portal_is_an_entry_and_a_cancel_can_read_ours() {
        let (by, at) = (Some(UserId::derived("a")), Timestamp::from_micros(5));
        let cancel = Cancellation { by, round: 2, at, keep_until: at };
        let json = serde_json::to_value(FirstPart::Cancelled(cancel.clone())).unwrap();
        let read: Entry = serde_json::from_value(json).unwrap();
        assert_eq!((&read.stage, read.round, read.sequence), (&Stage::Cancelled { by }, 2, 0));
        assert_eq!(read.keep_until, Some(at));
        let seen = |entry: &Entry| {
            serde_json::from_value::<FirstPart>(serde_json::to_value(entry).unwrap()).unwrap()
        };
        assert_eq!(seen(&read), FirstPart::Cancelled(cancel));
        assert_eq!(seen(&entry(Stage::Waiting)), FirstPart::Waiting);
        assert_eq!(seen(&entry(Stage::HandedOver)), FirstPart::HandedOver);
        for taken in [Stage::Writing, Stage::Sent { reference: 1, at }, Stage::Expired] {
            assert_eq!(seen(&entry(taken)), FirstPart::Taken);
        }
    }

    #[test]
    fn entries_are_one_flat_object_and_keys_are_read_back() {
        let json = serde_json::to_value(entry(Stage::Sent {
            reference: 7,
            at: Timestamp::from_micros(5),
        }))
        .unwrap();
        assert_eq!(json["stage"], "sent");
        assert_eq!(json["sequence"], 9);
        assert_eq!(
            serde_json::from_value::<Entry>(json).unwrap(),
            entry(Stage::Sent { reference: 7, at: Timestamp::from_micros(5) })
        );
        let message = MessageId::new();
        assert_eq!(key(message, 1), contracts::cancellation::key(message));
        assert_eq!(parse_key(&key(message, 12)), Some((message, 12)));
        assert_eq!(parse_key("x"), None);
    }
}
