//! How much accounts with limits may still send: blocks of their limits, taken from the bucket `usage`.
//!
//! All routers count in one entry for each account, by compare-and-set and ahead of what is sent, a block at a time: a hundredth of
//! the smallest limit, at least one part. What a router has of a block it gives out without asking anybody, for a minute at most;
//! what is left then is given back with the next block, or by itself when nothing is sent any more. So no limit is exceeded,
//! however many routers there are, and a router that is killed keeps what is left of its block from the others until the window
//! turns. Routers follow the counts: an account that has reached a limit goes on when another router gives something back.
//!
//! The state here is of one task and does no I/O: [`Quotas::asks`] says what is to be asked of the broker by [`allot`].

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bus::{Kv, KvError};
use contracts::limits::{AccountCounter, AccountLimits, Closed, Limit, Limits, Usage};
use contracts::{MessageId, Priority, Timestamp, UserId};
use jiff::tz::TimeZone;
use tokio::time::Instant;

use crate::heard::Admitted;

/// How often a count is stored anew that another router changed meanwhile.
const TRIES: usize = 8;
/// When the broker is asked again that did not answer.
const AFTER_FAILURE: Duration = Duration::from_secs(1);
/// After how long what is left of a block that nobody uses is given back.
const IDLE: Duration = Duration::from_secs(2);

/// The limits by which one counter of an account counts.
#[derive(Debug)]
pub(crate) struct Quota {
    /// What is counted together.
    pub(crate) counter: AccountCounter,
    limits: Limits,
    zone: TimeZone,
}

impl Quota {
    /// The limits for messages of a priority; none: nothing is limited.
    pub(crate) fn of(account: UserId, limits: &AccountLimits, priority: Priority) -> Option<Self> {
        let passwords = priority == Priority::Otp && limits.counts_passwords_apart();
        let limits = limits.of(priority);
        let (counter, zone) = (AccountCounter { account, passwords }, limits.time_zone());
        (!limits.is_none()).then_some(Self { counter, limits, zone })
    }
}

/// Whether a message may go, as far as the limits of its account are about that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It may go.
    Open,
    /// A limit is reached.
    Closed(Closed),
    /// The broker is being asked.
    Asking,
    /// The broker did not answer, and is asked again later.
    Unknown,
}

/// Parts that this router may give out. They are counted already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Block {
    left: u32,
    /// The windows in which they are counted.
    counted_in: Usage,
    taken_at: Timestamp,
}

impl Block {
    /// Whether its minute is not over.
    fn holds_at(&self, now: Timestamp) -> bool {
        self.taken_at <= now && now < self.counted_in.per_minute.until
    }
}

/// What is to be asked of the broker.
#[derive(Debug)]
pub(crate) struct Ask {
    /// For what.
    pub(crate) quota: Arc<Quota>,
    parts: u32,
    unused: Option<Block>,
    at: Timestamp,
}

/// What the broker has for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Allotment {
    /// So many parts may go.
    Block(Block),
    /// A message of so many parts may not.
    Closed(Closed, u32),
    /// Nobody knows.
    Failed,
}

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Quotas {
    counters: HashMap<AccountCounter, Counter>,
    /// What was taken for messages that are being released.
    taken: HashMap<MessageId, Taken>,
    asks: Vec<Ask>,
    /// What was admitted and waits for an answer of the broker.
    parked: HashMap<AccountCounter, Vec<Admitted>>,
    /// When the broker is asked again.
    again_at: Option<Instant>,
}

#[derive(Debug, Default)]
struct Counter {
    block: Option<Block>,
    /// When something of the block was taken last.
    used_at: Option<Instant>,
    asking: bool,
    shut: Option<Shut>,
    /// What was held comes again then, and that many parts of it.
    held: Option<(Timestamp, u32)>,
}

/// A limit that was found to be reached.
#[derive(Debug)]
struct Shut {
    quota: Arc<Quota>,
    closed: Closed,
    /// The parts of the message that did not fit.
    parts: u32,
    found_at: Timestamp,
}

#[derive(Debug)]
struct Taken {
    counter: AccountCounter,
    parts: u32,
    until: Timestamp,
}

impl Counter {
    fn closed_at(&self, now: Timestamp) -> Option<&Closed> {
        let Shut { closed, found_at, .. } = self.shut.as_ref()?;
        // A clock that is set back does not keep an account closed for long.
        (*found_at <= now && now < closed.until).then_some(closed)
    }
}

impl Quotas {
    /// Whether a message of so many parts may go at `now`. The broker is asked when that is not known.
    pub(crate) fn standing(&mut self, quota: &Arc<Quota>, parts: u8, now: Timestamp) -> Standing {
        let counter = self.counters.entry(quota.counter).or_default();
        if let Some(closed) = counter.closed_at(now) {
            return Standing::Closed(closed.clone());
        }
        let parts = u32::from(parts.max(1));
        let is_enough = |block: &Block| block.holds_at(now) && block.left >= parts;
        if counter.block.as_ref().is_some_and(is_enough) {
            return Standing::Open;
        }
        if counter.asking {
            return Standing::Asking;
        }
        if self.again_at.is_some_and(|again_at| again_at > Instant::now()) {
            return Standing::Unknown;
        }
        counter.asking = true;
        let unused = counter.block.take().filter(|block| block.left > 0);
        self.asks.push(Ask { quota: Arc::clone(quota), parts, unused, at: now });
        Standing::Asking
    }

    /// What is to be asked now.
    pub(crate) fn asks(&mut self) -> Vec<Ask> {
        std::mem::take(&mut self.asks)
    }

    /// The broker said what it has.
    pub(crate) fn allotted(&mut self, quota: &Arc<Quota>, allotment: Allotment, now: Timestamp) {
        let counter = self.counters.entry(quota.counter).or_default();
        counter.asking = false;
        match allotment {
            Allotment::Block(block) => {
                (counter.block, counter.shut) = (Some(block), None);
                counter.used_at = Some(Instant::now());
                self.again_at = None;
            }
            Allotment::Closed(closed, parts) => {
                let quota = Arc::clone(quota);
                counter.shut = Some(Shut { quota, closed, parts, found_at: now });
                self.again_at = None;
            }
            Allotment::Failed => self.again_at = Some(Instant::now() + AFTER_FAILURE),
        }
    }

    /// Takes the parts of a message that is going to be released.
    pub(crate) fn take(&mut self, quota: &Quota, message: MessageId, parts: u8) {
        let Some(counter) = self.counters.get_mut(&quota.counter) else { return };
        let Some(block) = &mut counter.block else { return };
        let parts = u32::from(parts.max(1));
        block.left = block.left.saturating_sub(parts);
        counter.used_at = Some(Instant::now());
        let until = block.counted_in.per_minute.until;
        self.taken.insert(message, Taken { counter: quota.counter, parts, until });
    }

    /// What is counted of an account changed. Says whether the account may send again that had reached a limit.
    pub(crate) fn heard(
        &mut self,
        counter: AccountCounter,
        mut usage: Usage,
        now: Timestamp,
    ) -> bool {
        let Some(counter) = self.counters.get_mut(&counter) else { return false };
        let Some(Shut { quota, parts, .. }) = &counter.shut else { return false };
        usage.advance(now, &quota.zone);
        let opens = quota.limits.closed(&usage, *parts, now, &quota.zone).is_none();
        if opens {
            counter.shut = None;
        }
        opens
    }

    /// A message was released, or certainly was not: then what was taken for it may go to another.
    pub(crate) fn settled(&mut self, message: MessageId, released: bool) {
        let Some(Taken { counter, parts, until }) = self.taken.remove(&message) else { return };
        let block = self.counters.get_mut(&counter).and_then(|counter| counter.block.as_mut());
        if let Some(block) =
            block.filter(|block| !released && block.counted_in.per_minute.until == until)
        {
            block.left += parts;
        }
    }

    /// When an account sends again that has reached a limit; none: it may send, as far as is known.
    pub(crate) fn opens_at(&self, quota: &Quota, now: Timestamp) -> Option<Timestamp> {
        let counter = self.counters.get(&quota.counter)?;
        counter.closed_at(now).map(|closed| closed.until)
    }

    /// Until when a message of so many parts is held that comes while a limit is reached. Not all that is held comes again in
    /// the moment in which the limit opens, only to be held once more: as much as its shortest limit allows comes in each window.
    pub(crate) fn held_until(&mut self, quota: &Quota, closed: &Closed, parts: u8) -> Timestamp {
        let parts = u32::from(parts.max(1));
        let counter = self.counters.entry(quota.counter).or_default();
        let (until, before) =
            counter.held.filter(|(until, _)| *until >= closed.until).unwrap_or((closed.until, 0));
        let Some((limit, most)) = quota.limits.set().next() else { return closed.until };
        let held = if before > 0 && before.saturating_add(parts) > most {
            let mut next = Usage::default();
            next.advance(until, &quota.zone);
            (next.of(limit).map_or(until, |counted| counted.until), parts)
        } else {
            (until, before.saturating_add(parts))
        };
        counter.held = Some(held);
        held.0
    }

    /// Keeps what was admitted until the broker has said what it has.
    pub(crate) fn park(&mut self, counter: AccountCounter, admitted: Admitted) {
        self.parked.entry(counter).or_default().push(admitted);
    }

    /// What was kept for that, in its order.
    pub(crate) fn unpark(&mut self, counter: AccountCounter) -> Vec<Admitted> {
        self.parked.remove(&counter).unwrap_or_default()
    }

    /// Limits may have changed: what was found to be closed is looked at anew, and what has no limits any more is forgotten.
    pub(crate) fn settings_changed(&mut self, is_limited: impl Fn(AccountCounter) -> bool) {
        self.counters.retain(|counter, state| {
            (state.shut, state.held) = (None, None);
            state.asking || is_limited(*counter)
        });
    }

    /// When the broker is asked again that did not answer.
    pub(crate) fn again_at(&self) -> Option<Instant> {
        self.again_at
    }

    /// What is left of blocks of which nothing was taken for a while at `now`, and where that is counted; `None`: of all blocks.
    pub(crate) fn leftovers(&mut self, now: Option<Instant>) -> Vec<(AccountCounter, Block)> {
        let left = self.counters.iter_mut().filter_map(|(counter, state)| {
            let is_used = |now: Instant| state.used_at.is_some_and(|at| at + IDLE > now);
            if now.is_some_and(is_used) {
                return None;
            }
            let block = state.block.take_if(|block| block.left > 0)?;
            Some((*counter, block))
        });
        left.collect()
    }
}

/// Takes a block out of what an account may send, and gives back what is left of the one before.
pub(crate) async fn allot(usage: &Kv<Usage>, mut ask: Ask) -> (Arc<Quota>, Allotment) {
    let key = ask.quota.counter.key();
    for _ in 0..TRIES {
        match allot_once(usage, &key, &ask).await {
            Ok(allotment) => return (ask.quota, allotment),
            Err(KvError::Conflict { .. }) => {}
            // It may be given back already, and given back twice it would be more than there was.
            Err(KvError::Unknown { .. }) => ask.unused = None,
            Err(error) => {
                tracing::warn!("what an account has sent cannot be counted: {error}");
                return (ask.quota, Allotment::Failed);
            }
        }
    }
    tracing::warn!("what an account has sent could not be counted, for others count it too");
    (ask.quota, Allotment::Failed)
}

async fn allot_once(usage: &Kv<Usage>, key: &str, ask: &Ask) -> Result<Allotment, KvError> {
    let stored = usage.get(key).await?;
    let (before, revision) = match stored {
        Some(entry) => (entry.value, Some(entry.revision)),
        None => (Usage::default(), None),
    };
    let (after, allotment) = decide(&ask.quota, before, ask.parts, ask.unused.as_ref(), ask.at);
    if let Some(after) = after {
        write(usage, key, &after, revision).await?;
    }
    Ok(allotment)
}

/// Gives back what is left of a block.
pub(crate) async fn return_block(usage: &Kv<Usage>, counter: AccountCounter, block: Block) {
    let key = counter.key();
    for _ in 0..TRIES {
        let written = async {
            let Some(entry) = usage.get(&key).await? else { return Ok::<(), KvError>(()) };
            let mut after = entry.value;
            if give_back(&mut after, &block) {
                write(usage, &key, &after, Some(entry.revision)).await?;
            }
            Ok(())
        };
        match written.await {
            Err(KvError::Conflict { .. }) => {}
            Err(error) => return tracing::debug!("a block of an account stays counted: {error}"),
            Ok(()) => return,
        }
    }
}

async fn write(
    usage: &Kv<Usage>,
    key: &str,
    value: &Usage,
    revision: Option<u64>,
) -> Result<u64, KvError> {
    match revision {
        Some(revision) => usage.update(key, value, revision).await,
        None => usage.create(key, value).await,
    }
}

/// What is to be stored, if that changes, and what may go.
fn decide(
    quota: &Quota,
    mut usage: Usage,
    parts: u32,
    unused: Option<&Block>,
    now: Timestamp,
) -> (Option<Usage>, Allotment) {
    let Quota { limits, zone, .. } = quota;
    // Before the windows go on, for those that are over are not those of the block.
    let is_less = unused.is_some_and(|block| give_back(&mut usage, block));
    usage.advance(now, zone);
    if let Some(closed) = limits.closed(&usage, parts, now, zone) {
        return (is_less.then_some(usage), Allotment::Closed(closed, parts));
    }
    let room = limits.room(&usage, now).unwrap_or(u32::MAX);
    let left = limits.block().min(room).max(parts);
    // What accounts spend is not counted here.
    usage.count(left, 0);
    let block = Block { left, counted_in: usage.clone(), taken_at: now };
    (Some(usage), Allotment::Block(block))
}

/// Takes what is left of a block back, from those windows in which it was counted. Says whether there are any.
fn give_back(usage: &mut Usage, block: &Block) -> bool {
    let mut any = false;
    for limit in Limit::COUNTED {
        let then = block.counted_in.of(limit).map(|counted| counted.until);
        if let Some(counted) = usage.of_mut(limit).filter(|counted| Some(counted.until) == then) {
            counted.used = counted.used.saturating_sub(block.left);
            any = true;
        }
    }
    any
}

#[cfg(test)]
mod tests;
