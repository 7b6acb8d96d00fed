//! The chain: the row of an entry, what its hash is made of, and a walk along rows that finds what is not whole.

use sha2::{Digest, Sha256};

use super::{AuditEntry, AuditFault, AuditVerdict};
use crate::StoreError;
use crate::column::{json, time};

/// What every hash begins with, so that rows of another form never have the hash of one of this form.
const FORM: &[u8] = b"merpati audit 1";

/// A row of `audit`, all of it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct AuditRow {
    pub(crate) org: String,
    pub(crate) sequence: i64,
    pub(crate) at: i64,
    pub(crate) actor_kind: String,
    pub(crate) actor: String,
    pub(crate) actor_name: String,
    pub(crate) actor_key: Option<String>,
    pub(crate) door: String,
    pub(crate) address: Option<String>,
    pub(crate) action: String,
    pub(crate) subject: String,
    pub(crate) subject_name: String,
    pub(crate) before_json: String,
    pub(crate) after_json: String,
    pub(crate) previous: String,
    pub(crate) hash: String,
}

/// The columns of [`AuditRow`].
pub(crate) const COLUMNS: &str = "org, sequence, at, actor_kind, actor, actor_name, actor_key, door, address, \
                                  action, subject, subject_name, before_json, after_json, previous, hash";

impl AuditRow {
    /// The SHA-256 of all that the row says but its hash: [`FORM`], then each column in the order of [`COLUMNS`] as its length
    /// in bytes (8 octets, the highest first) and its text in UTF-8, numbers in decimal. A column that is NULL is the length
    /// of 2⁶⁴ − 1 alone.
    pub(crate) fn made_hash(&self) -> String {
        let (sequence, at) = (self.sequence.to_string(), self.at.to_string());
        let said: [Option<&str>; 15] = [
            Some(self.org.as_str()),
            Some(&sequence),
            Some(&at),
            Some(&self.actor_kind),
            Some(&self.actor),
            Some(&self.actor_name),
            self.actor_key.as_deref(),
            Some(&self.door),
            self.address.as_deref(),
            Some(&self.action),
            Some(&self.subject),
            Some(&self.subject_name),
            Some(&self.before_json),
            Some(&self.after_json),
            Some(&self.previous),
        ];
        let mut digest = Sha256::new();
        digest.update(FORM);
        for text in said {
            let length = text.map_or(u64::MAX, |text| text.len() as u64);
            digest.update(length.to_be_bytes());
            digest.update(text.unwrap_or_default().as_bytes());
        }
        let hash: [u8; 32] = digest.finalize().into();
        data_encoding::HEXLOWER.encode(&hash)
    }
}

impl TryFrom<AuditRow> for AuditEntry {
    type Error = StoreError;

    fn try_from(row: AuditRow) -> Result<Self, StoreError> {
        Ok(Self {
            sequence: row.sequence,
            at: time(row.at),
            actor_kind: row.actor_kind,
            actor: row.actor,
            actor_name: row.actor_name,
            actor_key: row.actor_key,
            door: row.door,
            address: row.address,
            action: row.action,
            subject: row.subject,
            subject_name: row.subject_name,
            before: json("audit.before_json", &row.before_json)?,
            after: json("audit.after_json", &row.after_json)?,
            previous: row.previous,
            hash: row.hash,
        })
    }
}

/// The last entry of a chain, as `audit_heads` has it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Head {
    /// The sequence of the entry; 0: there is none.
    pub(crate) sequence: i64,
    /// Its hash.
    pub(crate) hash: String,
}

/// A walk along a chain.
pub(crate) struct Chain {
    head: Head,
    checked: u64,
    through: i64,
    hash: String,
    broken: Option<(i64, AuditFault)>,
}

impl Chain {
    /// A walk from the begin of the chain that has this head.
    pub(crate) const fn new(head: Head) -> Self {
        Self { head, checked: 0, through: 0, hash: String::new(), broken: None }
    }

    /// Has the walk begin after the entry `after`, which is this row.
    pub(crate) fn begin(&mut self, after: i64, row: Option<&AuditRow>) {
        match row.filter(|row| row.sequence == after) {
            None => self.broken = Some((after, AuditFault::Missing)),
            Some(row) if row.hash != row.made_hash() || self.is_another_end(row) => {
                self.broken = Some((after, AuditFault::Changed));
            }
            Some(row) => {
                self.through = after;
                self.hash.clone_from(&row.hash);
            }
        }
    }

    /// How many entries were looked at.
    pub(crate) const fn checked(&self) -> u64 {
        self.checked
    }

    /// The last entry that is whole.
    pub(crate) const fn through(&self) -> i64 {
        self.through
    }

    /// Whether there is something left to look at.
    pub(crate) const fn goes_on(&self) -> bool {
        self.broken.is_none() && self.through < self.head.sequence
    }

    /// Whether a row stands where the chain ends and is not what the head says: all up to there was written anew.
    fn is_another_end(&self, row: &AuditRow) -> bool {
        row.sequence == self.head.sequence && row.hash != self.head.hash
    }

    /// Looks at the rows after [`Self::through`], in order; that there are none says that the chain ends there.
    pub(crate) fn check(&mut self, rows: &[AuditRow]) {
        if rows.is_empty() {
            self.broken = Some((self.through + 1, AuditFault::Missing));
        }
        for row in rows {
            if !self.goes_on() {
                return;
            }
            self.checked += 1;
            let next = self.through + 1;
            let fault = if row.sequence != next {
                Some(AuditFault::Missing)
            } else if row.previous != self.hash {
                Some(AuditFault::Unlinked)
            } else if row.hash != row.made_hash() || self.is_another_end(row) {
                Some(AuditFault::Changed)
            } else {
                None
            };
            if let Some(fault) = fault {
                self.broken = Some((next, fault));
                return;
            }
            self.through = next;
            self.hash.clone_from(&row.hash);
        }
    }

    /// What came of it.
    pub(crate) fn verdict(self) -> AuditVerdict {
        let (more, last) = (self.goes_on(), self.head.sequence);
        let Self { checked, through, hash, broken, .. } = self;
        AuditVerdict { checked, through, hash, broken, more, last }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(sequence: i64, previous: &str) -> AuditRow {
        let mut row = AuditRow {
            org: "org_1".to_owned(),
            sequence,
            at: 1_790_000_000_000_000,
            actor_kind: "user".to_owned(),
            actor: "usr_1".to_owned(),
            actor_name: "Ani".to_owned(),
            actor_key: None,
            door: "page".to_owned(),
            address: Some("203.0.113.7".to_owned()),
            action: "key.revoked".to_owned(),
            subject: "key_1".to_owned(),
            subject_name: "shop".to_owned(),
            before_json: "{}".to_owned(),
            after_json: "{}".to_owned(),
            previous: previous.to_owned(),
            hash: String::new(),
        };
        row.hash = row.made_hash();
        row
    }

    fn chain(length: i64) -> (Vec<AuditRow>, Head) {
        let mut rows: Vec<AuditRow> = Vec::new();
        for sequence in 1..=length {
            let previous = rows.last().map_or("", |row| row.hash.as_str()).to_owned();
            rows.push(row(sequence, &previous));
        }
        let hash = rows.last().map(|row| row.hash.clone()).unwrap_or_default();
        (rows, Head { sequence: length, hash })
    }

    fn walked(rows: &[AuditRow], head: &Head) -> AuditVerdict {
        let mut chain = Chain::new(head.clone());
        while chain.goes_on() {
            let from = usize::try_from(chain.through()).unwrap().min(rows.len());
            chain.check(&rows[from..rows.len().min(from + 3)]);
        }
        chain.verdict()
    }

    #[test]
    fn what_is_moved_from_one_column_to_the_next_has_another_hash() {
        let one = row(1, "");
        let mut other = one.clone();
        other.actor_name = "An".to_owned();
        other.actor_kind = "useri".to_owned();
        assert_ne!(one.made_hash(), other.made_hash());
        let mut absent = one.clone();
        absent.address = None;
        let mut empty = one.clone();
        empty.address = Some(String::new());
        assert_ne!(absent.made_hash(), empty.made_hash());
        // What was written by one release is verified by every later one.
        assert_eq!(one.hash, GOLDEN);
    }

    /// Made of the same columns by another program, after the words of [`AuditRow::made_hash`].
    const GOLDEN: &str = "456f2031edfe5a5a40bda5a47110bf3fb5eec7973389280e1d38702522679836";

    #[test]
    fn whatever_is_done_to_a_chain_is_found_at_its_place() {
        let (rows, head) = chain(8);
        let whole = walked(&rows, &head);
        assert_eq!((whole.checked, whole.through, &whole.hash), (8, 8, &head.hash));
        assert_eq!((whole.broken, whole.more), (None, false));

        let mut changed = rows.clone();
        changed[4].actor_name = "Budi".to_owned();
        assert_eq!(walked(&changed, &head).broken, Some((5, AuditFault::Changed)));
        // Whoever makes its hash anew has unlinked the next one.
        changed[4].hash = changed[4].made_hash();
        assert_eq!(walked(&changed, &head).broken, Some((6, AuditFault::Unlinked)));
        let mut removed = rows.clone();
        removed.remove(2);
        assert_eq!(walked(&removed, &head).broken, Some((3, AuditFault::Missing)));
        assert_eq!(walked(&rows[..6], &head).broken, Some((7, AuditFault::Missing)));
        assert_eq!(walked(&[], &head).broken, Some((1, AuditFault::Missing)));
        // A chain that was made anew from its begin does not end as the head says.
        let mut anew = rows;
        anew[0].actor_name = "Budi".to_owned();
        let mut previous = String::new();
        for row in &mut anew {
            row.previous = previous;
            row.hash = row.made_hash();
            previous = row.hash.clone();
        }
        assert_eq!(walked(&anew, &head).broken, Some((8, AuditFault::Changed)));
        assert_eq!(walked(&[], &Head::default()).broken, None);
    }

    #[test]
    fn a_walk_begins_after_an_entry_that_is_whole() {
        let (rows, head) = chain(4);
        let mut chain = Chain::new(head.clone());
        chain.begin(2, rows.get(1));
        chain.check(&rows[2..]);
        let verdict = chain.verdict();
        assert_eq!((verdict.checked, verdict.through, verdict.broken), (2, 4, None));
        let mut chain = Chain::new(head);
        chain.begin(2, rows.get(2));
        assert_eq!(chain.verdict().broken, Some((2, AuditFault::Missing)));
    }
}
