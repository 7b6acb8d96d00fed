//! Looks through the journal: after a start and after each loss of the broker before anything is pulled, and every
//! ten seconds.
//!
//! An ack can be lost when the broker is killed; the item then comes back, or lies in the stream for ever
//! without being delivered. So what the journal knows as finished is told again (which told twice is
//! one) and removed by its place in the stream; what is not finished is reclaimed by its stored ack
//! subject, so that it comes at once and not when its ack time is over. An entry goes a minute after its
//! item was seen gone, for a killed broker may bring back what was acked within its last seconds; never
//! by age.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use bus::{Ack, Stream};
use contracts::mt::MtItem;
use contracts::{MessageId, ModemId};
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

/// Markers of removed entries are removed when there may be so many of them.
const MARKERS: u64 = 2_000;
/// An entry that is kept for long is written anew, so that it does not keep all markers after it.
const REWRITTEN_AFTER: Duration = Duration::from_mins(30);

/// Sweeps until nobody asks any more.
pub(crate) async fn run(dispatch: Arc<Dispatch>, mut asks: mpsc::UnboundedReceiver<Reclaim>) {
    let mut gone: HashMap<String, (u64, Instant)> = HashMap::new();
    let mut compacted = 0;
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
            match pass(&dispatch, &modems, &mut gone, &mut compacted).await {
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

/// Looks once at all entries that are this driver's or nobody's. Entries of `reclaimed` modems are this driver's,
/// whatever became of their writer, for this driver has the port and the lease of those modems.
async fn pass(
    dispatch: &Dispatch,
    reclaimed: &HashSet<ModemId>,
    gone: &mut HashMap<String, (u64, Instant)>,
    compacted: &mut u64,
) -> Result<(), String> {
    let words = |error: bus::KvError| error.to_string();
    let mut messages: BTreeMap<MessageId, BTreeMap<u8, Recorded>> = BTreeMap::new();
    let All { entries, foreign, oldest } = dispatch.journal.all().await.map_err(words)?;
    for (key, recorded) in entries {
        if let Some((message, part)) = entry::parse_key(&key)
            && !foreign.contains(&message)
        {
            messages.entry(message).or_default().insert(part, recorded);
        }
    }
    if messages.is_empty() {
        gone.clear();
        return Ok(());
    }
    let writers: HashSet<ModemId> =
        messages.values().flat_map(BTreeMap::values).map(|r| r.entry.modem).collect();
    let mut holders: HashMap<ModemId, Holder> = HashMap::new();
    for modem in writers {
        if let Some(held) = dispatch.leases.get(&modem.to_string()).await.map_err(words)? {
            holders.insert(modem, held.value);
        }
    }
    let holder = |entry: &Entry| holders.get(&entry.modem);
    let mut seen = HashSet::new();
    for (message, parts) in messages {
        let ours = parts.values().any(|Recorded { entry, .. }| {
            reclaimed.contains(&entry.modem)
                || entry.driver == dispatch.id
                || holder(entry).is_none()
        });
        if !ours || dispatch.in_hand.has(message) {
            continue;
        }
        let alive = |entry: &Entry| {
            !reclaimed.contains(&entry.modem)
                && holder(entry).is_some_and(|holder| holder.driver == entry.driver)
        };
        let reclaim = parts.values().any(|r| reclaimed.contains(&r.entry.modem));
        let is_gone = look_at(dispatch, message, &parts, alive, reclaim).await?;
        for (part, Recorded { entry, revision }) in parts {
            let key = entry::key(message, part);
            seen.insert(key.clone());
            if !is_gone {
                gone.remove(&key);
                continue;
            }
            let now = dispatch.clock.now();
            if entry.keep_until.is_some_and(|end| end > now) {
                if now.since(entry.at) > REWRITTEN_AFTER {
                    let entry = Entry { at: now, ..entry };
                    // Another driver may do the same.
                    if let Err(error) = dispatch.journal.write(&key, &entry, Some(revision)).await {
                        tracing::debug!(key, "a kept entry was not written anew: {error}");
                    }
                }
                continue;
            }
            let (known, since) = *gone.entry(key.clone()).or_insert((revision, Instant::now()));
            if known != revision {
                gone.insert(key, (revision, Instant::now()));
            } else if since.elapsed() >= OUTLIVES {
                match dispatch.journal.remove(&key, revision).await {
                    Ok(()) => drop(gone.remove(&key)),
                    Err(error) => {
                        tracing::debug!(key, "an entry was not removed and stays: {error}");
                    }
                }
            }
        }
    }
    gone.retain(|key, _| seen.contains(key));
    if oldest > compacted.saturating_add(MARKERS) {
        dispatch.journal.compact(oldest).await.map_err(words)?;
        *compacted = oldest;
    }
    Ok(())
}

/// Looks at one message, and returns whether the item of the message is gone.
async fn look_at(
    dispatch: &Dispatch,
    message: MessageId,
    parts: &BTreeMap<u8, Recorded>,
    alive: impl Fn(&Entry) -> bool,
    reclaim: bool,
) -> Result<bool, String> {
    let latest = parts.values().max_by_key(|r| (r.entry.round, r.entry.sequence));
    let Some(Recorded { entry: latest, .. }) = latest else { return Ok(true) };
    if latest.sequence == 0 {
        // Taken back, and no driver has met its item.
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
    let entries: Vec<Recorded> = (1..).map_while(|part: u8| parts.get(&part).cloned()).collect();
    let request = &item.request;
    let verdict = judge(&entries, latest.parts, request.round, request.tries, latest.sim, &alive);
    if verdict.is_finished() {
        let about = About::item(&item);
        await_reports(dispatch, &item, &entries).await;
        for change in verdict.changes() {
            dispatch.tell_change(about, change).await;
        }
        let removed = dispatch.bus.delete_item(Stream::Dispatch, latest.sequence).await;
        let removed = removed.map_err(|error| error.to_string())?;
        tracing::info!(message.id = %message, removed, "the message was finished before and the acknowledgement of its item was lost; the item was taken out of the queue");
    } else if reclaim && !entries.iter().any(|recorded| alive(&recorded.entry)) {
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
