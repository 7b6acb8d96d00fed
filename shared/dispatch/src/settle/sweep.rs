//! Looks through the journal: after a start and after each loss of the broker before anything is pulled, and every
//! ten seconds.
//!
//! An ack can be lost when the broker is killed; the item then comes back, or lies in the stream for ever
//! without being delivered. So what the journal knows as finished is told again (which told twice is
//! one) and removed by its place in the stream; what is not finished is reclaimed by its stored ack
//! subject, so that it comes at once and not when its ack time is over. An entry goes a minute after its
//! item was seen gone, for a killed broker may bring back what was acked within its last seconds; never
//! by age. Entries that are over and older than all others go together, by one question to the broker: one by one, each took
//! nats-server 2.9 a millisecond, in which whoever sent a message waited. Behind an entry that stays, each is removed by itself.
//!
//! Every ten seconds a driver looks at what it wrote itself, which it remembers. The whole bucket also holds what other
//! drivers wrote, and is read by one of them every ten seconds: each reads it as much more seldom as there are drivers.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use bus::{Ack, Stream};
use contracts::mt::MtItem;
use contracts::{MessageId, ModemId};
use futures_util::StreamExt as _;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::dispatch::Dispatch;
use crate::journal::about::About;
use crate::journal::bucket::All;
use crate::journal::entry::{self, Entry, Recorded};
use crate::journal::reclaim::Reclaim;
use crate::journal::verdict::judge;
use crate::lease::Holder;
use crate::settle::awaiting::await_reports;

/// How often the journal is looked through without anybody asking.
const EACH: Duration = Duration::from_secs(10);
/// How long an entry outlives its item.
const OUTLIVES: Duration = Duration::from_mins(1);
/// Questions to the broker at one time.
const AT_ONCE: usize = 16;

/// Entries that are over are removed one by one when they are no more than this.
const AT_ONCE_APART: usize = 128;
/// What is older than all entries is removed when it may be so much, for there may be markers in it.
const MARKERS: u64 = 2_000;
/// An entry that is kept for long is written anew, so that it does not keep all that came after it.
const REWRITTEN_AFTER: Duration = Duration::from_mins(30);

/// Sweeps until nobody asks any more.
pub(crate) async fn run(dispatch: Arc<Dispatch>, mut asks: mpsc::UnboundedReceiver<Reclaim>) {
    let mut sweep = Sweep::new(dispatch);
    loop {
        let mut asked = Vec::new();
        tokio::select! {
            ask = asks.recv() => match ask {
                Some(ask) => asked.push(ask),
                None => return,
            },
            () = tokio::time::sleep(EACH) => {}
        }
        while let Ok(ask) = asks.try_recv() {
            asked.push(ask);
        }
        let modems: HashSet<ModemId> = asked.iter().map(|ask| ask.modem).collect();
        loop {
            let swept = if asked.is_empty() && Instant::now() < sweep.whole_at {
                sweep.own().await
            } else {
                sweep.whole(&modems).await
            };
            match swept {
                Ok(()) => break,
                Err(error) if asked.is_empty() => {
                    tracing::debug!("the journal was not swept: {error}");
                    break;
                }
                Err(error) => {
                    tracing::info!("the journal waits for the broker: {error}");
                    tokio::time::sleep(Duration::from_millis(300)).await;
                }
            }
        }
        for ask in asked {
            // The line that asked may have ended.
            let _ = ask.done.send(());
        }
    }
}

type Messages = BTreeMap<MessageId, BTreeMap<u8, Recorded>>;

fn by_message(entries: impl IntoIterator<Item = (String, Recorded)>) -> Messages {
    let mut messages = Messages::new();
    for (key, recorded) in entries {
        if let Some((message, part)) = entry::parse_key(&key) {
            messages.entry(message).or_default().insert(part, recorded);
        }
    }
    messages
}

/// What one look through the journal leaves for the next.
struct Sweep {
    dispatch: Arc<Dispatch>,
    /// Entries whose items are gone: their revisions, and since when that is known.
    gone: HashMap<String, (u64, Instant)>,
    /// Everything before this revision was removed.
    removed_before: u64,
    /// When the whole bucket is to be read again.
    whole_at: Instant,
}

/// What is known of the writers of entries in one look.
struct Writers {
    /// Entries of these modems are this driver's, whatever became of their writer, for this driver has the port and the
    /// lease of those modems.
    reclaimed: HashSet<ModemId>,
    /// Who has which modem; none: only this driver's own entries are looked at.
    holders: Option<HashMap<ModemId, Holder>>,
    driver: String,
}

impl Writers {
    /// Whether the writer of an entry may still be writing.
    fn is_alive(&self, entry: &Entry) -> bool {
        !self.reclaimed.contains(&entry.modem)
            && match &self.holders {
                None => entry.driver == self.driver,
                Some(holders) => {
                    holders.get(&entry.modem).is_some_and(|holder| holder.driver == entry.driver)
                }
            }
    }

    /// Whether this driver looks at an entry all the time.
    fn is_own(&self, entry: &Entry) -> bool {
        entry.driver == self.driver || self.reclaimed.contains(&entry.modem)
    }
}

impl Sweep {
    fn new(dispatch: Arc<Dispatch>) -> Self {
        Self { dispatch, gone: HashMap::new(), removed_before: 0, whole_at: Instant::now() + EACH }
    }

    /// Looks once at the entries that this driver wrote.
    async fn own(&mut self) -> Result<(), String> {
        let driver = self.dispatch.id.clone();
        let writers = Writers { reclaimed: HashSet::new(), holders: None, driver };
        let mut messages = by_message(self.dispatch.journal.own());
        // Of what was seen gone, it is looked once more whether that is so before the entry goes.
        messages.retain(|message, parts| {
            !parts.iter().all(|(part, recorded)| {
                self.gone.get(&entry::key(*message, *part)).is_some_and(|(revision, since)| {
                    *revision == recorded.revision && since.elapsed() < OUTLIVES
                })
            })
        });
        let over = self.look_through(messages, &writers).await?;
        if over.len() > AT_ONCE_APART {
            // Nothing is lost by their staying until all are read.
            self.whole_at = Instant::now();
        } else {
            self.remove(over).await;
        }
        Ok(())
    }

    /// Looks once at all entries that are this driver's or nobody's.
    async fn whole(&mut self, reclaimed: &HashSet<ModemId>) -> Result<(), String> {
        let words = |error: bus::KvError| error.to_string();
        let dispatch = Arc::clone(&self.dispatch);
        let All { entries, foreign, revisions } = dispatch.journal.all().await.map_err(words)?;
        let holders = dispatch.leases.entries().await.map_err(words)?.into_iter();
        let holders: HashMap<ModemId, Holder> = holders
            .filter_map(|(modem, holder)| Some((modem.parse().ok()?, holder.value)))
            .collect();
        let drivers: HashSet<&str> = holders.values().map(|holder| &*holder.driver).collect();
        let drivers = u32::try_from(drivers.len()).unwrap_or(u32::MAX).max(1);
        self.whole_at = Instant::now() + EACH.saturating_mul(drivers);
        let writers = Writers {
            reclaimed: reclaimed.clone(),
            holders: Some(holders),
            driver: dispatch.id.clone(),
        };
        let keys: HashSet<&str> = entries.iter().map(|(key, _)| &**key).collect();
        self.gone.retain(|key, _| keys.contains(&**key));
        for (key, recorded) in &entries {
            if writers.is_own(&recorded.entry) {
                dispatch.journal.remember(key, recorded);
            }
        }
        let mut messages = by_message(entries);
        messages.retain(|message, parts| {
            !foreign.contains(message)
                && parts
                    .values()
                    .any(|Recorded { entry, .. }| writers.is_own(entry) || !writers.is_alive(entry))
        });
        let over = self.look_through(messages, &writers).await?;
        let over = self.remove_together(over, &revisions).await.map_err(words)?;
        self.remove(over).await;
        Ok(())
    }

    /// Removes those of the entries that are over before which no other of the bucket's `revisions` stands. Returns the rest.
    async fn remove_together(
        &mut self,
        over: Vec<(String, u64)>,
        revisions: &[u64],
    ) -> Result<Vec<(String, u64)>, bus::KvError> {
        let of_over: HashSet<u64> = over.iter().map(|(_, revision)| *revision).collect();
        let stays = revisions.iter().filter(|revision| !of_over.contains(revision)).min();
        let end = || revisions.iter().max().map_or(0, |last| last + 1);
        let first = stays.copied().unwrap_or_else(end);
        let (before, rest): (Vec<_>, Vec<_>) =
            over.into_iter().partition(|(_, revision)| *revision < first);
        if !before.is_empty() || first > self.removed_before.saturating_add(MARKERS) {
            self.dispatch.journal.remove_before(first).await?;
            self.removed_before = first;
        }
        for (key, revision) in before {
            self.dispatch.journal.forget(&key, revision);
            self.gone.remove(&key);
        }
        Ok(rest)
    }

    /// Removes entries one by one.
    async fn remove(&mut self, over: Vec<(String, u64)>) {
        let dispatch = Arc::clone(&self.dispatch);
        let removals = over.into_iter().map(async |(key, revision)| {
            let removed = dispatch.journal.remove(&key, revision).await;
            (key, removed)
        });
        let mut removals = futures_util::stream::iter(removals).buffer_unordered(AT_ONCE);
        while let Some((key, removed)) = removals.next().await {
            match removed {
                Ok(()) => drop(self.gone.remove(&key)),
                Err(error) => {
                    tracing::debug!(key, "an entry was not removed and stays: {error}");
                }
            }
        }
    }

    /// Looks at messages that are not in hand. Returns the entries whose items are gone for a minute, with their revisions.
    async fn look_through(
        &mut self,
        mut messages: Messages,
        writers: &Writers,
    ) -> Result<Vec<(String, u64)>, String> {
        let dispatch = Arc::clone(&self.dispatch);
        let dispatch = &*dispatch;
        messages.retain(|message, _| !dispatch.in_hand.has(*message));
        if messages.is_empty() {
            return Ok(Vec::new());
        }
        let first = dispatch.bus.first_place(Stream::Dispatch).await;
        let first = first.map_err(|error| error.to_string())?;
        let looks = messages.into_iter().map(|(message, parts)| async move {
            let is_gone = look_at(dispatch, message, &parts, writers, first).await;
            (message, parts, is_gone)
        });
        let mut looks = futures_util::stream::iter(looks).buffer_unordered(AT_ONCE);
        let mut over = Vec::new();
        while let Some((message, parts, is_gone)) = looks.next().await {
            let is_gone = is_gone?;
            for (part, Recorded { entry, revision }) in parts {
                let key = entry::key(message, part);
                if !is_gone {
                    self.gone.remove(&key);
                    continue;
                }
                let now = dispatch.clock.now();
                if entry.keep_until.is_some_and(|end| end > now) {
                    if now.since(entry.at) > REWRITTEN_AFTER {
                        let entry = Entry { at: now, ..entry };
                        // Another driver may do the same.
                        if let Err(error) =
                            dispatch.journal.write(&key, &entry, Some(revision)).await
                        {
                            tracing::debug!(key, "a kept entry was not written anew: {error}");
                        }
                    }
                    continue;
                }
                let (known, since) =
                    *self.gone.entry(key.clone()).or_insert((revision, Instant::now()));
                if known != revision {
                    self.gone.insert(key, (revision, Instant::now()));
                } else if since.elapsed() >= OUTLIVES {
                    over.push((key, revision));
                }
            }
        }
        Ok(over)
    }
}

/// Looks at one message, and returns whether the item of the message is gone.
async fn look_at(
    dispatch: &Dispatch,
    message: MessageId,
    parts: &BTreeMap<u8, Recorded>,
    writers: &Writers,
    first: u64,
) -> Result<bool, String> {
    let latest = parts.values().max_by_key(|r| (r.entry.round, r.entry.sequence));
    let Some(Recorded { entry: latest, .. }) = latest else { return Ok(true) };
    // Taken back, and no driver has met its item; or the stream begins after it.
    if latest.sequence < first.max(1) {
        return Ok(true);
    }
    let stored = dispatch
        .bus
        .item(Stream::Dispatch, latest.sequence)
        .await
        .map_err(|error| error.to_string())?;
    // A stream that was made anew counts from 1 again: then this is another message's place.
    let item = stored.and_then(|stored| stored.decode::<MtItem>().ok());
    let Some(item) = item.filter(|item| item.id == message) else { return Ok(true) };
    let request = &item.request;
    let judged = |entries: &[Recorded]| {
        let alive = |entry: &Entry| writers.is_alive(entry);
        judge(entries, latest.parts, request.round, request.tries, latest.sim, alive)
    };
    let mut entries: Vec<Recorded> =
        (1..).map_while(|part: u8| parts.get(&part).cloned()).collect();
    let mut verdict = judged(&entries);
    if verdict.is_finished() && writers.holders.is_none() {
        // What is remembered is not decided by: another may have written since.
        let read = dispatch.journal.entries_of(message, latest.parts).await;
        entries = read.map_err(|error| error.to_string())?;
        verdict = judged(&entries);
    }
    let reclaim = parts.values().any(|r| writers.reclaimed.contains(&r.entry.modem));
    if verdict.is_finished() {
        let about = About::item(&item);
        await_reports(dispatch, &item, &entries).await;
        for change in verdict.changes() {
            dispatch.tell_ended(about, change, entry::given(&entries)).await;
        }
        let removed = dispatch.bus.delete_item(Stream::Dispatch, latest.sequence).await;
        let removed = removed.map_err(|error| error.to_string())?;
        tracing::info!(message.id = %message, removed, "the message was finished before and the acknowledgement of its item was lost; the item was taken out of the queue");
    } else if reclaim && !entries.iter().any(|recorded| writers.is_alive(&recorded.entry)) {
        match dispatch.bus.acknowledge(&latest.ack, Ack::Again(None)).await {
            Ok(()) => {
                tracing::info!(message.id = %message, "the message was unfinished when its driver stopped and is reclaimed");
            }
            // The broker delivers the item again by itself.
            Err(error) => {
                tracing::debug!(message.id = %message, "the message was not reclaimed: {error}");
            }
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests;
