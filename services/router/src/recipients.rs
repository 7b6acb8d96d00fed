//! How many messages an organisation has sent to one number of late: the bucket `recipients`, which has the last million numbers.
//!
//! The time is one of the clock in UTC: with `20/1d`, each day has twenty. An entry has a print of 8 bytes of the id of each message,
//! so that one that the broker delivers again is counted once.

use bus::{Bucket, Bus, Entry, Kv, KvError};
use contracts::{EventId, MessageId, OrgId, PhoneNumber, Timestamp};
use platform::config::Rate;
use serde::{Deserialize, Serialize};

/// How often an entry is written anew that another router changed meanwhile. Many routers may send to one number.
const TRIES: usize = 16;

/// See the module. Clones are the same.
#[derive(Debug, Clone)]
pub(crate) struct Recipients {
    sent: Kv<Sent>,
    most: Rate,
}

/// What a number was sent in a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Sent {
    /// When the time ends.
    until: Timestamp,
    /// The last 8 bytes of the ids of the messages.
    #[serde(default)]
    prints: Vec<u64>,
}

/// What becomes of a message.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    /// It was counted before.
    Counted,
    /// It goes, once this is stored.
    Goes(Sent),
    /// It is held until then.
    Held(Timestamp),
}

impl Recipients {
    /// With the most messages that a number is sent.
    pub(crate) async fn open(bus: &Bus, most: Rate) -> Result<Self, KvError> {
        Ok(Self { sent: bus.kv(Bucket::Recipients).await?, most })
    }

    /// Until when a message is held because its recipient was sent enough; none: it goes, and is counted. One that is delivered
    /// again is not held.
    pub(crate) async fn until(
        &self,
        message: MessageId,
        (org, to): (OrgId, &PhoneNumber),
        now: Timestamp,
        again: bool,
    ) -> Result<Option<Timestamp>, KvError> {
        // Hashed, so that no key shows a number.
        let key = EventId::derived(&format!("{org}:{to}")).to_string();
        let mut tries = 1;
        loop {
            let entry = self.sent.get(&key).await?;
            let (before, revision) = match entry {
                Some(Entry { value, revision }) => (Some(value), Some(revision)),
                None => (None, None),
            };
            let after = match step(before, message, self.most, now) {
                Step::Counted => return Ok(None),
                Step::Held(until) => return Ok((!again).then_some(until)),
                Step::Goes(after) => after,
            };
            let written = match revision {
                Some(revision) => self.sent.update(&key, &after, revision).await,
                None => self.sent.create(&key, &after).await,
            };
            match written {
                Ok(_) => return Ok(None),
                Err(KvError::Conflict { .. } | KvError::Unknown { .. }) if tries < TRIES => {
                    tries += 1;
                }
                Err(error) => return Err(error),
            }
        }
    }
}

fn step(before: Option<Sent>, message: MessageId, most: Rate, now: Timestamp) -> Step {
    let until = end(most, now);
    // A time that is over, and one of another configuration or of another clock, is not this one.
    let of_this_time = before.filter(|sent| sent.until == until);
    let mut sent = of_this_time.unwrap_or(Sent { until, prints: Vec::new() });
    let (_, print) = message.uuid().as_u64_pair();
    if sent.prints.contains(&print) {
        return Step::Counted;
    }
    if sent.prints.len() >= usize::try_from(most.count.get()).unwrap_or(usize::MAX) {
        return Step::Held(until);
    }
    sent.prints.push(print);
    Step::Goes(sent)
}

/// When the time ends that `now` is in.
fn end(most: Rate, now: Timestamp) -> Timestamp {
    let period = i64::try_from(most.period.as_micros()).unwrap_or(i64::MAX).max(1);
    let into = now.as_micros().rem_euclid(period);
    Timestamp::from_micros((now.as_micros() - into).saturating_add(period))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(time: &str) -> Timestamp {
        format!("2026-12-01T{time}Z").parse().unwrap()
    }

    fn id(n: u32) -> MessageId {
        MessageId::derived(&n.to_string())
    }

    #[test]
    fn a_number_is_sent_so_many_in_a_time() {
        let most: Rate = "2/1h".parse().unwrap();
        let mut sent = None;
        let mut send = |n, time| match step(sent.clone(), id(n), most, at(time)) {
            Step::Goes(after) => {
                sent = Some(after);
                Ok(())
            }
            Step::Counted => Ok(()),
            Step::Held(until) => Err(until),
        };
        assert_eq!(send(1, "10:00:00"), Ok(()));
        assert_eq!(send(2, "10:30:00"), Ok(()));
        assert_eq!(send(1, "10:40:00"), Ok(()), "it is delivered again");
        assert_eq!(send(3, "10:59:59"), Err(at("11:00:00")));
        assert_eq!(send(3, "11:00:00"), Ok(()));
        assert_eq!(send(4, "11:00:00"), Ok(()));
        assert_eq!(send(5, "11:00:00"), Err(at("12:00:00")));
        assert_eq!(send(5, "08:00:00"), Ok(()), "a clock that is set back holds nobody for long");
    }

    #[test]
    fn a_day_is_one_of_utc() {
        let most: Rate = "20/1d".parse().unwrap();
        let midnight: Timestamp = "2026-12-02T00:00:00Z".parse().unwrap();
        assert_eq!(end(most, at("00:00:00")), midnight);
        assert_eq!(end(most, at("23:59:59")), midnight);
        assert_eq!(end(most, Timestamp::from_micros(-1)), Timestamp::from_micros(0));
    }
}
