//! The send journal: what is known of each part of each message, in the bucket `attempts`.
//!
//! An entry is made before the PDU is written, by create, so of two drivers only one writes. After a
//! crash it says whether a part is `not sent`, `sent`, or nobody knows. An acknowledgement can be
//! lost when the broker is killed; **the journal, not the ack, decides**. Entries go 60 s after their
//! item is seen gone from the stream, never by age (see [`crate::sweep`]).
//!
//! Key: `<message>.<part>`; the first part is 1. Parts go out in order, so the parts of a message
//! that have no entry are the last ones.

use bus::{Kv, KvError};
use contracts::mt::{MtChange, SendError, SentPart, Through};
use contracts::{MessageId, ModemId, SimId, Timestamp};
use serde::{Deserialize, Serialize};

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
    /// Nobody knows, and the message's policy is to leave it so.
    Uncertain {
        /// What happened.
        error: SendError,
    },
}

/// What the journal holds of one part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// How far it is.
    #[serde(flatten)]
    pub(crate) stage: Stage,
    /// The modem it was given to last.
    pub(crate) modem: ModemId,
    /// The SIM in it.
    pub(crate) sim: SimId,
    /// Which run of which driver wrote this.
    pub(crate) driver: String,
    /// The revision of the lease under which it was written.
    pub(crate) lease: u64,
    /// Which try this is, over all rounds.
    pub(crate) tries: u32,
    /// How often it came back without having been tried, since the last try.
    #[serde(default)]
    pub(crate) returns: u32,
    /// The round of the request.
    pub(crate) round: u32,
    /// The item's place in `SMS_DISPATCH`.
    pub(crate) sequence: u64,
    /// Where its ack goes.
    pub(crate) ack: String,
    /// Of how many parts the message is.
    pub(crate) parts: u8,
    /// Of the TPDU, by which it is found again in a modem's memory: see [`fingerprint`].
    #[serde(default)]
    pub(crate) print: u64,
    /// Not to be swept before, though the item is gone: other parts of the message are still to come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) keep_until: Option<Timestamp>,
    /// When this was written.
    pub(crate) at: Timestamp,
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

/// The bucket.
#[derive(Debug, Clone)]
pub(crate) struct Journal {
    bucket: Kv<Entry>,
}

impl Journal {
    pub(crate) fn new(bucket: Kv<Entry>) -> Self {
        Self { bucket }
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
        let written = match revision {
            Some(revision) => self.bucket.update(key, entry, revision).await,
            None => self.bucket.create(key, entry).await,
        };
        match written {
            Err(error @ (KvError::Unknown { .. } | KvError::Conflict { .. })) => {
                // An answer that was lost: what stands there may be ours.
                match self.bucket.get(key).await {
                    Ok(Some(there)) if there.value == *entry => Ok(there.revision),
                    _ => Err(error),
                }
            }
            other => other,
        }
    }

    /// The entry of a part.
    pub(crate) async fn entry(&self, key: &str) -> Result<Option<Recorded>, KvError> {
        let found = self.bucket.get(key).await?;
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

    /// All there are.
    pub(crate) async fn all(&self) -> Result<Vec<(String, Recorded)>, KvError> {
        let entries = self.bucket.entries().await?;
        let recorded = |e: bus::Entry<Entry>| Recorded { entry: e.value, revision: e.revision };
        Ok(entries.into_iter().map(|(key, entry)| (key, recorded(entry))).collect())
    }

    /// Removes an entry that was not changed since.
    pub(crate) async fn remove(&self, key: &str, revision: u64) -> Result<(), KvError> {
        self.bucket.delete_at(key, revision).await
    }
}

/// A number that two TPDUs share only by chance, whatever TP-MR the modem gave them (FNV-1a).
pub(crate) fn fingerprint(tpdu: &[u8]) -> u64 {
    tpdu.iter().enumerate().filter(|(index, _)| *index != 1).fold(
        0xcbf2_9ce4_8422_2325,
        |hash, (_, octet)| (hash ^ u64::from(*octet)).wrapping_mul(0x0100_0000_01b3),
    )
}

/// What an item that came from the broker means, given the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Go on with this part.
    Go {
        /// The part to write next.
        part: u8,
        /// The parts the network has.
        sent: Vec<SentPart>,
        /// Replace the part's entry at this revision; none: create it.
        revision: Option<u64>,
        /// Tries that have ended.
        tries: u32,
        /// Returns since the last of them.
        returns: u32,
    },
    /// All parts are with the network.
    Sent { through: Through, parts: Vec<SentPart> },
    /// It was given up.
    Failed { through: Through, error: SendError, tries: u32 },
    /// Its time was over.
    Expired,
    /// This item was handed to the router, and its ack was lost.
    HandedOver,
    /// Nobody knows whether this part went out, and it is left so.
    Uncertain { through: Through, part: u8, error: SendError },
    /// A driver that is gone was writing this part.
    Orphaned { part: u8, sent: Vec<SentPart>, recorded: Recorded },
    /// A driver that lives has it in hand.
    InHand,
    /// Its first parts went out through this SIM, and the rest must follow.
    Elsewhere(SimId),
}

impl Verdict {
    /// Nothing is left to do for the item.
    pub(crate) fn is_finished(&self) -> bool {
        matches!(
            self,
            Self::Sent { .. }
                | Self::Failed { .. }
                | Self::Expired
                | Self::HandedOver
                | Self::Uncertain { .. }
        )
    }

    /// What has to have been told of a finished item; told twice it is one.
    pub(crate) fn changes(self) -> Vec<MtChange> {
        match self {
            Self::Sent { through, parts } => vec![MtChange::Sent { through, parts }],
            Self::Failed { through, error, tries } => {
                vec![MtChange::Failed { error, through: Some(through), tries }]
            }
            Self::Expired => vec![MtChange::Expired {}],
            Self::Uncertain { through, part, error } => {
                vec![MtChange::Uncertain { error, through, part }]
            }
            // `deferred` was told before the ack, which is all that was lost.
            Self::HandedOver
            | Self::Go { .. }
            | Self::Orphaned { .. }
            | Self::InHand
            | Self::Elsewhere(_) => vec![],
        }
    }
}

/// Judges an item of `round` by the entries of its parts, in order, for a driver that would send it
/// through `sim`. `lives` says of a `Writing` entry whether its writer is still at it.
pub(crate) fn judge(
    entries: &[Recorded],
    parts: u8,
    round: u32,
    requested_tries: u32,
    sim: SimId,
    lives: impl Fn(&Entry) -> bool,
) -> Verdict {
    let mut sent = Vec::new();
    let mut tries = requested_tries;
    let mut returns = 0;
    for (part, recorded) in (1_u8..).zip(entries) {
        let Recorded { entry, revision } = recorded;
        let revision = *revision;
        let through = Through { modem: entry.modem, sim: entry.sim };
        tries = tries.max(entry.tries);
        // What an earlier round came to is history, unless it is that a part went out.
        let past = entry.round < round;
        if entry.round > round {
            return Verdict::HandedOver;
        }
        match &entry.stage {
            Stage::Sent { reference, at } => {
                sent.push(SentPart { part, reference: *reference, at: *at });
            }
            Stage::Writing if lives(entry) => return Verdict::InHand,
            Stage::Writing => {
                return Verdict::Orphaned { part, sent, recorded: recorded.clone() };
            }
            Stage::Failed { error } if !past => {
                let (error, tries) = (error.clone(), entry.tries);
                return Verdict::Failed { through, error, tries };
            }
            Stage::Expired if !past => return Verdict::Expired,
            Stage::HandedOver if !past => return Verdict::HandedOver,
            Stage::Uncertain { error } if !past => {
                return Verdict::Uncertain { through, part, error: error.clone() };
            }
            Stage::Waiting
            | Stage::Failed { .. }
            | Stage::Expired
            | Stage::HandedOver
            | Stage::Uncertain { .. } => {
                if !past {
                    returns = entry.returns;
                }
                return go_on(entries, part, sent, Some(revision), tries, returns, sim);
            }
        }
    }
    let next = u8::try_from(sent.len()).unwrap_or(u8::MAX).saturating_add(1);
    if next > parts
        && let Some(Recorded { entry, .. }) = entries.last()
    {
        let through = Through { modem: entry.modem, sim: entry.sim };
        return Verdict::Sent { through, parts: sent };
    }
    go_on(entries, next, sent, None, tries, returns, sim)
}

fn go_on(
    entries: &[Recorded],
    part: u8,
    sent: Vec<SentPart>,
    revision: Option<u64>,
    tries: u32,
    returns: u32,
    sim: SimId,
) -> Verdict {
    let elsewhere = entries
        .iter()
        .map(|recorded| &recorded.entry)
        .find(|entry| matches!(entry.stage, Stage::Sent { .. }) && entry.sim != sim);
    match elsewhere {
        Some(entry) => Verdict::Elsewhere(entry.sim),
        None => Verdict::Go { part, sent, revision, tries, returns },
    }
}

#[cfg(test)]
pub(crate) mod tests {
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
            sequence: 9,
            ack: "$JS.ACK.x".to_owned(),
            parts: 3,
            print: 0,
            keep_until: None,
            at: Timestamp::from_micros(0),
        }
    }

    fn recorded(stages: &[Stage]) -> Vec<Recorded> {
        (10..).zip(stages).map(|(revision, s)| Recorded { entry: entry(s.clone()), revision }).collect()
    }

    fn through() -> Through {
        Through { modem: ModemId::derived("a"), sim: SimId::derived("a") }
    }

    fn sent() -> Stage {
        Stage::Sent { reference: 7, at: Timestamp::from_micros(5) }
    }

    fn sent_part(part: u8) -> SentPart {
        SentPart { part, reference: 7, at: Timestamp::from_micros(5) }
    }

    fn judged(stages: &[Stage], round: u32) -> Verdict {
        judge(&recorded(stages), 3, round, 0, SimId::derived("a"), |_| false)
    }

    #[test]
    fn it_goes_on_at_the_first_part_that_is_not_out() {
        let go = |part, sent, revision, tries| Verdict::Go { part, sent, revision, tries, returns: 0 };
        assert_eq!(judged(&[], 1), go(1, vec![], None, 0));
        assert_eq!(judged(&[sent()], 1), go(2, vec![sent_part(1)], None, 2));
        assert_eq!(judged(&[sent(), Stage::Waiting], 1), go(2, vec![sent_part(1)], Some(11), 2));
        assert_eq!(
            judged(&[sent(), sent(), sent()], 1),
            Verdict::Sent {
                through: through(),
                parts: vec![sent_part(1), sent_part(2), sent_part(3)]
            }
        );
    }

    #[test]
    fn an_item_whose_ack_was_lost_is_not_sent_again() {
        let error = SendError { code: "cms-38".to_owned(), text: "No.".to_owned() };
        assert_eq!(judged(&[Stage::HandedOver], 1), Verdict::HandedOver);
        // The next round may try; a stale item of an earlier round may not.
        assert!(matches!(judged(&[Stage::HandedOver], 2), Verdict::Go { part: 1, .. }));
        assert_eq!(judged(&[sent()], 0), Verdict::HandedOver);
        assert_eq!(judged(&[Stage::Expired], 1), Verdict::Expired);
        assert_eq!(
            judged(&[Stage::Failed { error: error.clone() }], 1),
            Verdict::Failed { through: through(), error: error.clone(), tries: 2 }
        );
        assert_eq!(
            judged(&[sent(), Stage::Uncertain { error: error.clone() }], 1),
            Verdict::Uncertain { through: through(), part: 2, error }
        );
    }

    #[test]
    fn a_part_in_writing_belongs_to_its_writer_while_that_lives() {
        let entries = recorded(&[Stage::Writing]);
        let here = SimId::derived("a");
        assert_eq!(judge(&entries, 1, 1, 0, here, |_| true), Verdict::InHand);
        assert!(matches!(
            judge(&entries, 1, 1, 0, here, |_| false),
            Verdict::Orphaned { part: 1, recorded: Recorded { revision: 10, .. }, .. }
        ));
        // Even when another round comes: it may be going out right now.
        assert_eq!(judge(&entries, 1, 2, 0, here, |_| true), Verdict::InHand);
    }

    #[test]
    fn the_rest_of_a_message_follows_through_the_same_sim() {
        let there = SimId::derived("b");
        let entries = recorded(&[sent(), Stage::Waiting]);
        assert_eq!(
            judge(&entries, 3, 1, 0, there, |_| false),
            Verdict::Elsewhere(SimId::derived("a"))
        );
        // Nothing went out yet: any SIM will do.
        let entries = recorded(&[Stage::Waiting]);
        assert!(matches!(judge(&entries, 3, 1, 0, there, |_| false), Verdict::Go { part: 1, .. }));
    }

    #[test]
    fn entries_are_one_flat_object_and_keys_are_read_back() {
        let json = serde_json::to_value(entry(sent())).unwrap();
        assert_eq!(json["stage"], "sent");
        assert_eq!(json["sequence"], 9);
        assert_eq!(serde_json::from_value::<Entry>(json).unwrap(), entry(sent()));
        let message = MessageId::new();
        assert_eq!(parse_key(&key(message, 12)), Some((message, 12)));
        assert_eq!(parse_key("x"), None);
    }
}
