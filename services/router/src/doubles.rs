//! Which text went to which number of late: the bucket `doubles`, which is in the broker's memory and has the last hundred thousand.
//!
//! The first message of a text takes its key; whoever finds the key taken by another message within the time is a double. The
//! entry has the message's id, so that a message that the broker delivers again is no double of itself, and the ids of the doubles
//! that were held, so that one that is delivered again is held again and is not sent beside what was held.
//!
//! No key shows a number or a text: it is a hash, keyed by organisation and account. That is no secret from those who may read the
//! broker, who may read the texts as well.

use std::time::Duration;

use bus::{Bucket, Bus, Entry, Kv, KvError};
use contracts::mt::{Body, MtRequest};
use contracts::{MessageId, Timestamp};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// How often an entry is written anew that another router changed meanwhile.
const TRIES: usize = 8;
/// Doubles of one message that are remembered.
const HELD_AT_MOST: usize = 32;

/// See the module. Clones are the same.
#[derive(Debug, Clone)]
pub(crate) struct Doubles {
    seen: Kv<Seen>,
    window: Duration,
}

/// The message that had a text last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Seen {
    message: MessageId,
    at: Timestamp,
    /// Those that were held for it or for one before it, the latest.
    #[serde(default)]
    held: Vec<MessageId>,
}

/// What a message is beside what was seen.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    /// It goes.
    Goes,
    /// It goes, once this is stored.
    First(Seen),
    /// It is held until then.
    Held(Timestamp),
    /// It is held until then, once this is stored.
    Double(Timestamp, Seen),
}

impl Doubles {
    /// With the time within which the same text is a double.
    pub(crate) async fn open(bus: &Bus, window: Duration) -> Result<Self, KvError> {
        Ok(Self { seen: bus.kv(Bucket::Doubles).await?, window })
    }

    /// Until when a message is held as a double; none: it is none. Where the broker does not say, it is none: a text that comes
    /// twice is better than one that does not come. One that is delivered again is none unless it was held as one.
    pub(crate) async fn until(
        &self,
        message: MessageId,
        request: &MtRequest,
        now: Timestamp,
        again: bool,
    ) -> Option<Timestamp> {
        let key = key(request)?;
        for _ in 0..TRIES {
            match self.look(&key, message, now, again).await {
                Ok(until) => return until,
                Err(KvError::Conflict { .. } | KvError::Unknown { .. }) => {}
                Err(error) => {
                    tracing::warn!(message.id = %message, "whether a message is a double is not known, and it goes: {error}");
                    return None;
                }
            }
        }
        // So many of it come at this moment.
        (!again).then(|| now.plus(self.window))
    }

    async fn look(
        &self,
        key: &str,
        message: MessageId,
        now: Timestamp,
        again: bool,
    ) -> Result<Option<Timestamp>, KvError> {
        let first = Seen { message, at: now, held: Vec::new() };
        match self.seen.create(key, &first).await {
            Ok(_) => return Ok(None),
            Err(KvError::Conflict { .. } | KvError::Unknown { .. }) => {}
            Err(error) => return Err(error),
        }
        let Some(Entry { value, revision }) = self.seen.get(key).await? else {
            // Its time was over between the two.
            self.seen.create(key, &first).await?;
            return Ok(None);
        };
        match step(value, message, self.window, now, again) {
            Step::Goes => Ok(None),
            Step::Held(until) => Ok(Some(until)),
            Step::First(seen) => {
                self.seen.update(key, &seen, revision).await?;
                Ok(None)
            }
            Step::Double(until, seen) => {
                self.seen.update(key, &seen, revision).await?;
                Ok(Some(until))
            }
        }
    }
}

fn step(seen: Seen, message: MessageId, window: Duration, now: Timestamp, again: bool) -> Step {
    if seen.message == message {
        return Step::Goes;
    }
    // Whatever is done to the clock, nothing is held for longer.
    let until = seen.at.plus(window).min(now.plus(window));
    if seen.held.contains(&message) {
        return Step::Held(until);
    }
    if until <= now {
        return Step::First(Seen { message, at: now, held: seen.held });
    }
    // Nobody remembers to have held it: it went on.
    if again {
        return Step::Goes;
    }
    let mut held = seen.held;
    held.push(message);
    if held.len() > HELD_AT_MOST {
        held.remove(0);
    }
    Step::Double(until, Seen { message: seen.message, at: seen.at, held })
}

/// The key of a text to a number from an account.
fn key(request: &MtRequest) -> Option<String> {
    let account = format!("{}:{}", request.org, request.owner);
    let mut mac = Hmac::<Sha256>::new_from_slice(account.as_bytes()).ok()?;
    mac.update(request.to.as_str().as_bytes());
    match &request.body {
        Body::Text { text, .. } => {
            mac.update(b"\0text\0");
            mac.update(text.as_bytes());
        }
        Body::Data { data } => {
            mac.update(b"\0data\0");
            mac.update(data.to_ascii_uppercase().as_bytes());
        }
    }
    Some(tpdu::to_hex(&mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use contracts::PhoneNumber;
    use contracts::UserId;

    use super::*;

    const WINDOW: Duration = Duration::from_secs(30);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    fn id(n: usize) -> MessageId {
        MessageId::derived(&n.to_string())
    }

    fn seen(message: usize, seconds: i64, held: &[usize]) -> Seen {
        let held = held.iter().map(|n| id(*n)).collect();
        Seen { message: id(message), at: at(seconds), held }
    }

    #[test]
    fn another_message_of_the_same_text_is_a_double_until_the_time_is_over() {
        for (before, message, now, expected) in [
            (seen(1, 0, &[]), 1, 10, Step::Goes),
            (seen(1, 0, &[]), 1, 90, Step::Goes),
            (seen(1, 0, &[]), 2, 10, Step::Double(at(30), seen(1, 0, &[2]))),
            (seen(1, 0, &[2]), 2, 10, Step::Held(at(30))),
            // Delivered again when its time has come: it was held, and that is told again and no more.
            (seen(1, 0, &[2]), 2, 31, Step::Held(at(30))),
            (seen(1, 0, &[2]), 3, 29, Step::Double(at(30), seen(1, 0, &[2, 3]))),
            (seen(1, 0, &[2]), 3, 30, Step::First(seen(3, 30, &[2]))),
            // The clock was set back by an hour.
            (seen(1, 3_600, &[]), 2, 0, Step::Double(at(30), seen(1, 3_600, &[2]))),
        ] {
            let found = step(before.clone(), id(message), WINDOW, at(now), false);
            assert_eq!(found, expected, "{before:?} {message} at {now}");
        }
    }

    #[test]
    fn what_is_delivered_again_is_held_again_or_goes_on() {
        for (before, message, now, expected) in [
            (seen(1, 0, &[]), 1, 10, Step::Goes),
            (seen(1, 0, &[]), 2, 10, Step::Goes),
            (seen(1, 0, &[2]), 2, 10, Step::Held(at(30))),
            (seen(1, 0, &[]), 2, 30, Step::First(seen(2, 30, &[]))),
        ] {
            let found = step(before.clone(), id(message), WINDOW, at(now), true);
            assert_eq!(found, expected, "{before:?} {message} at {now}");
        }
    }

    #[test]
    fn no_more_doubles_are_remembered_than_the_bound() {
        let mut before = seen(0, 0, &[]);
        for n in 1..=HELD_AT_MOST + 5 {
            let Step::Double(_, after) = step(before, id(n), WINDOW, at(1), false) else {
                panic!("{n} is a double");
            };
            before = after;
        }
        assert_eq!(before.held.len(), HELD_AT_MOST);
        assert!(!before.held.contains(&id(5)) && before.held.contains(&id(6)));
    }

    #[test]
    fn a_key_is_of_account_number_and_text_and_shows_none() {
        let of = |to: &str, text: &str, owner: &str| {
            let to = PhoneNumber::parse(to).unwrap();
            let owner = UserId::derived(owner);
            key(&MtRequest { owner, ..MtRequest::text(to, text) }).unwrap()
        };
        let one = of("+628123456789", "Halo", "a");
        assert_eq!(one, of("+628123456789", "Halo", "a"));
        assert_eq!(one.len(), 64);
        assert!(one.bytes().all(|byte| byte.is_ascii_hexdigit()), "{one}");
        for other in [
            of("+628123456780", "Halo", "a"),
            of("+628123456789", "halo", "a"),
            of("+628123456789", "Halo", "b"),
        ] {
            assert_ne!(one, other);
        }
        let data = |data: &str| {
            let body = Body::Data { data: data.to_owned() };
            let to = PhoneNumber::parse("888").unwrap();
            key(&MtRequest { body, ..MtRequest::text(to, "") }).unwrap()
        };
        assert_eq!(data("00ff"), data("00FF"));
    }
}
