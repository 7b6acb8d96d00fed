//! What the send journal says of messages that persistence takes for not being with a modem.
//!
//! A driver tells live that a part is with a modem, and stores that with what came of it, or when the modem is slow. A
//! driver that was killed in between, and never comes back, has stored it in the journal alone: before a message is told
//! to be over, and when nothing is heard of it for long, the journal is asked.

use std::collections::HashSet;

use bus::{Bucket, Bus, Kv, KvError};
use contracts::journal::{PartEntry, key};
use contracts::mt::{Given, MtEvent};
use contracts::{MessageId, OrgId, UserId};
use futures_util::stream::{StreamExt as _, TryStreamExt as _};

/// How many messages are asked about at once.
const AT_ONCE: usize = 32;
/// How much is remembered of what was told.
const REMEMBERED: usize = 10_000;

/// A message that the journal is asked about, as events name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct About {
    pub(crate) message: MessageId,
    pub(crate) org: OrgId,
    pub(crate) owner: UserId,
    pub(crate) round: u32,
}

/// Asks the journal.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    /// What was told: the database knows it, or can do nothing with it.
    told: HashSet<(MessageId, Given)>,
}

impl Journal {
    /// Returns the events of those of these messages that a modem has, had or may have had, that the last of their parts
    /// was given to it, as far as that was not [told](Journal::told).
    pub(crate) async fn given(
        &self,
        bus: &Bus,
        messages: Vec<About>,
    ) -> Result<Vec<NewlyGiven>, KvError> {
        let attempts = bus.kv::<PartEntry>(Bucket::Attempts).await?;
        let looks = messages.into_iter().map(|about| {
            let attempts = &attempts;
            async move { last_given(attempts, about.message).await.map(|given| (about, given)) }
        });
        let found: Vec<_> =
            futures_util::stream::iter(looks).buffered(AT_ONCE).try_collect().await?;
        let given = found.into_iter().filter_map(|(about, given)| Some((about, given?)));
        let new = given.filter(|(about, given)| !self.told.contains(&(about.message, *given)));
        Ok(new.map(|(about, given)| NewlyGiven { about, given }).collect())
    }

    /// Notes that these were told, and that the database has that.
    pub(crate) fn told(&mut self, given: &[NewlyGiven]) {
        if self.told.len() > REMEMBERED {
            self.told.clear();
        }
        self.told.extend(given.iter().map(|new| (new.about.message, new.given)));
    }
}

/// A part that was given to a modem, which has not been told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NewlyGiven {
    pub(crate) about: About,
    given: Given,
}

impl NewlyGiven {
    /// The event that tells so.
    pub(crate) fn event(&self) -> MtEvent {
        let About { message, org, owner, round } = self.about;
        let (at, change) = (self.given.at, self.given.change());
        let (given, report) = (Vec::new(), None);
        MtEvent { message, org, owner, at, round, otp: false, change, given, report }
    }
}

/// Returns how the last part of a message that the journal has was given to a modem, if it was.
async fn last_given(
    attempts: &Kv<PartEntry>,
    message: MessageId,
) -> Result<Option<Given>, KvError> {
    let (mut last, mut parts) = (None, 1);
    for part in 1..=u8::MAX {
        if part > parts {
            break;
        }
        match attempts.get(&key(message, part)).await {
            Ok(Some(entry)) => {
                parts = entry.value.parts;
                last = entry.value.given(part);
            }
            Ok(None) => break,
            Err(error @ KvError::Decode { .. }) => {
                tracing::warn!(message.id = %message, "an entry of the journal is left to the later release that wrote it: {error}");
                break;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(last)
}
