//! The send journal: what is known of each part of each message, in the bucket `attempts`.
//!
//! An entry is made before the PDU is written, by create, so of two drivers only one writes. After a
//! crash it says whether a part is `not sent`, `sent`, or nobody knows. An acknowledgement can be
//! lost when the broker is killed; **the journal, not the ack, decides**. Entries go 60 s after their
//! item is seen gone from the stream, never by age (see [`crate::settle::sweep`]).
//!
//! Key: `<message>.<part>`; the first part is 1. Parts go out in order, so the parts of a message
//! that have no entry are the last ones.

use contracts::mt::{Given, SendError, Through};
use contracts::{MessageId, ModemId, OrgId, SimId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// How far a part has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "stage", rename_all = "snake_case")]
pub(crate) enum Stage {
    /// The part is about to be written to the modem, or is written, and the answer is not known.
    Writing,
    /// The network took the part.
    Sent {
        /// The TP-MR that the modem told; 0 when none was told.
        reference: u8,
        /// When the network took the part.
        #[serde(rename = "sent_at")]
        at: Timestamp,
    },
    /// The part did not go out, and the broker delivers the same item again.
    Waiting,
    /// The part did not go out. The router has the message, which comes again in a later round.
    HandedOver {
        /// What the try ended with; `None` in entries of earlier releases, as `until` is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<SendError>,
        /// When the message comes again.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Timestamp>,
    },
    /// The message is given up.
    Failed {
        /// What the last try ended with.
        error: SendError,
    },
    /// The message's time was over before the part could be sent.
    Expired,
    /// The message was taken back before a modem had it: [`contracts::cancellation`].
    Cancelled {
        /// Who took the message back.
        by: Option<UserId>,
    },
    /// Nobody knows whether the part went out, and the message's policy is to leave it so.
    Uncertain {
        /// What happened.
        error: SendError,
    },
}

/// What the journal holds of one part. A cancel, which no modem made, says only its stage, its round and its times; no
/// place in the stream, 0, is that of an item that no driver has met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// How far the part has come.
    #[serde(flatten)]
    pub(crate) stage: Stage,
    /// The modem that the part was given to last.
    #[serde(default = "no_modem")]
    pub(crate) modem: ModemId,
    /// The SIM in that modem.
    #[serde(default = "no_sim")]
    pub(crate) sim: SimId,
    /// The id of the run of the driver that wrote this entry.
    #[serde(default)]
    pub(crate) driver: String,
    /// The revision of the lease under which this entry was written.
    #[serde(default)]
    pub(crate) lease: u64,
    /// Which try this is, over all rounds.
    #[serde(default)]
    pub(crate) tries: u32,
    /// How often the part came back without having been tried, since the last try.
    #[serde(default)]
    pub(crate) returns: u32,
    /// The round of the request.
    pub(crate) round: u32,
    /// The message's organisation; `None` in entries of earlier releases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) org: Option<OrgId>,
    /// The message's account; `None` in entries of earlier releases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) owner: Option<UserId>,
    /// The item's place in `SMS_DISPATCH`.
    #[serde(default)]
    pub(crate) sequence: u64,
    /// The subject that the item's ack goes to.
    #[serde(default)]
    pub(crate) ack: String,
    /// The number of the message's parts.
    #[serde(default)]
    pub(crate) parts: u8,
    /// The fingerprint by which the TPDU is found again in a modem's memory: see [`fingerprint`].
    #[serde(default)]
    pub(crate) print: u64,
    /// The recipient, as far as reports tell one ([`crate::reports::tail`]); none in entries of earlier
    /// releases.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) to: String,
    /// The end of the time in which this entry stays though its item is gone, as other parts of the message are still
    /// to come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) keep_until: Option<Timestamp>,
    /// When the part was given to the modem, or was about to be; `None` in entries of earlier releases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) begun_at: Option<Timestamp>,
    /// When this entry was written.
    pub(crate) at: Timestamp,
}

fn no_modem() -> ModemId {
    ModemId::derived("none")
}

fn no_sim() -> SimId {
    SimId::derived("none")
}

impl Entry {
    /// Returns whether this entry says that the attempt has begun that `end` ends: one by the same driver under the
    /// same lease.
    pub(crate) fn is_begun_by(&self, end: &Self) -> bool {
        self.stage == Stage::Writing && (self.lease, &self.driver) == (end.lease, &end.driver)
    }

    /// Returns when the part was given to the network, as well as this entry knows.
    pub(crate) fn sent_at(&self) -> Timestamp {
        match self.stage {
            Stage::Sent { at, .. } => at,
            _ => self.at,
        }
    }

    /// Returns how the part with this number was given to the modem, if the modem has it, had it or may have had it.
    pub(crate) fn given(&self, part: u8) -> Option<Given> {
        match self.stage {
            Stage::Writing
            | Stage::Sent { .. }
            | Stage::Failed { .. }
            | Stage::Uncertain { .. } => {}
            Stage::Waiting
            | Stage::HandedOver { .. }
            | Stage::Expired
            | Stage::Cancelled { .. } => return None,
        }
        let through = Through { modem: self.modem, sim: self.sim };
        let at = self.begun_at.unwrap_or(self.at);
        Some(Given { at, through, part, parts: self.parts, tries: self.tries })
    }

    /// Returns whether the message was taken back.
    pub(crate) fn is_cancelled(&self) -> bool {
        matches!(self.stage, Stage::Cancelled { .. })
    }
}

/// Returns the key of a part.
pub(crate) fn key(message: MessageId, part: u8) -> String {
    contracts::journal::key(message, part)
}

/// Returns the message and the part that a key stands for.
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

/// Returns how those of a message's parts, in order, were given to modems that a modem has, had or may have had.
pub(crate) fn given(entries: &[Recorded]) -> Vec<Given> {
    (1..).zip(entries).filter_map(|(part, recorded)| recorded.entry.given(part)).collect()
}

/// Returns a number that two TPDUs share only by chance, whatever TP-MR the modem gave them (FNV-1a).
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
            begun_at: Some(Timestamp::from_micros(-1)),
            at: Timestamp::from_micros(0),
        }
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
        let error = Some(SendError { code: "cms-38".to_owned(), text: "No.".to_owned() });
        let handed_over = entry(Stage::HandedOver { error, until: Some(at) });
        assert_eq!(seen(&handed_over), FirstPart::HandedOver);
        for taken in [Stage::Writing, Stage::Sent { reference: 1, at }, Stage::Expired] {
            assert_eq!(seen(&entry(taken)), FirstPart::Taken);
        }
    }

    /// Persistence reads what a driver wrote.
    #[test]
    fn others_read_whether_a_modem_may_have_a_part() {
        let at = Timestamp::from_micros(5);
        let error = SendError { code: "cms-38".to_owned(), text: "No.".to_owned() };
        for stage in [
            Stage::Writing,
            Stage::Sent { reference: 1, at },
            Stage::Failed { error: error.clone() },
            Stage::Uncertain { error: error.clone() },
            Stage::Waiting,
            Stage::HandedOver { error: Some(error), until: Some(at) },
            Stage::Cancelled { by: None },
            Stage::Expired,
        ] {
            let ours = entry(stage);
            let json = serde_json::to_value(&ours).unwrap();
            let read: contracts::journal::PartEntry = serde_json::from_value(json).unwrap();
            assert_eq!(read.given(2), ours.given(2), "{ours:?}");
        }
    }

    /// To a driver it is what one of its own is: the end of a round, which is told when it is found.
    #[test]
    fn what_the_router_takes_from_a_queue_is_the_end_of_a_round() {
        use contracts::journal::{HandOver, PartStage};
        use contracts::mt::{MtItem, MtRequest};
        use contracts::subject::Target;

        use crate::journal::verdict::{Verdict, judge};

        let sim = SimId::derived("a");
        let mut request = MtRequest::text("+628123456789".parse().unwrap(), "Halo");
        (request.round, request.tries) = (1, 2);
        let item = MtItem {
            id: MessageId::new(),
            priority: contracts::Priority::Normal,
            target: Target::Sim(sim),
            parts: 1,
            request,
            rule: None,
            others: Vec::new(),
        };
        let error = SendError { code: "sim-away".to_owned(), text: "Away.".to_owned() };
        let at = Timestamp::from_micros(7);
        let written = HandOver::of(&item, sim, 9, error.clone(), at);
        let read: Entry = serde_json::from_value(serde_json::to_value(&written).unwrap()).unwrap();
        let stage = Stage::HandedOver { error: Some(error), until: Some(at) };
        assert_eq!((&read.stage, read.modem, read.sequence), (&stage, no_modem(), 9));
        let seen = |entry: &Entry| {
            serde_json::from_value::<HandOver>(serde_json::to_value(entry).unwrap())
        };
        assert!(!seen(&entry(stage)).is_ok_and(|there| there.is_routers()), "a driver's own");
        let begun = seen(&entry(Stage::Writing));
        assert!(begun.is_err() || begun.is_ok_and(|there| there.stage != PartStage::HandedOver));
        let judged = |round| {
            let recorded = Recorded { entry: read.clone(), revision: 1 };
            judge(&[recorded], 1, round, 2, sim, |_| false)
        };
        let Verdict::HandedOver(Some(deferral)) = judged(1) else { panic!("its round is over") };
        assert_eq!((deferral.until, deferral.tries), (at, 2));
        assert!(matches!(judged(2), Verdict::Go { part: 1, tries: 2, .. }), "the next one begins");
    }

    /// It says no more than that in entries of earlier releases.
    #[test]
    fn a_handed_over_message_of_an_earlier_release_is_read() {
        let mut json = serde_json::to_value(entry(Stage::Waiting)).unwrap();
        json["stage"] = "handed_over".into();
        let read: Entry = serde_json::from_value(json).unwrap();
        assert_eq!(read.stage, Stage::HandedOver { error: None, until: None });
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
