//! Parts in, whole messages out: `mo.part` → `mo.received`.
//!
//! What came of a message is kept in the bucket `mo_parts` and changed by compare-and-set, so parts may
//! come in any order, to any copy of the router, and twice. After [`Reassembly::patience`] a message is shown with
//! parts missing; each part that still comes adds to it under the same id. A part is acknowledged only
//! when it is in the bucket and, if its message is to be shown, the message is stored.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bus::{Bucket, Bus, Change, Deliveries, Delivery, Kv, KvError, PublishError};
use contracts::Timestamp;
use contracts::mo::{MoPart, MoReceived};
use contracts::wishes::WishWords;
use platform::Clock;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tpdu::Concat;
use tracing::Instrument as _;

use crate::settings::Settings;
use crate::whole::{Gathered, Kind, Step, kind, single};

/// Parts under way at once.
const AT_ONCE: usize = 64;
/// After this a part is delivered again that could not be kept.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// Why a part could not be kept yet.
#[derive(Debug, thiserror::Error)]
enum PartError {
    #[error(transparent)]
    Kept(#[from] KvError),
    #[error(transparent)]
    Told(#[from] PublishError),
}

/// See the module.
#[derive(Clone)]
pub(crate) struct Reassembly {
    pub(crate) bus: Bus,
    pub(crate) clock: Clock,
    pub(crate) settings: Settings,
    pub(crate) gathered: Kv<Gathered>,
    /// How long missing parts are waited for.
    pub(crate) patience: Duration,
    /// By which people ask to be sent nothing more.
    pub(crate) words: Arc<WishWords>,
}

impl Reassembly {
    /// The bucket.
    pub(crate) async fn open(bus: &Bus) -> Result<Kv<Gathered>, KvError> {
        bus.kv(Bucket::MoParts).await
    }

    /// Reads parts until `soft` is cancelled, then finishes those under way.
    pub(crate) async fn run(self, parts: Deliveries<MoPart>, soft: CancellationToken) {
        let take = |part| self.take(part);
        parts.for_each_concurrent(AT_ONCE, &soft, take).await;
    }

    async fn take(&self, delivery: Delivery<MoPart>) {
        let span = delivery.span("reassemble");
        let (part, receipt) = delivery.into_parts();
        let work = async {
            let id = part.id;
            match self.put(part).await {
                Ok(()) => receipt.ack().await,
                Err(error) => {
                    tracing::warn!(part.id = %id, "a received part is not kept yet, it is tried again: {error}");
                    receipt.nak(Some(AFTER_FAILURE)).await
                }
            }
        };
        if let Err(error) = work.instrument(span).await {
            tracing::debug!("{error}");
        }
    }

    async fn put(&self, part: MoPart) -> Result<(), PartError> {
        let owner = self.settings.owner_of(part.sim);
        match kind(&part) {
            Kind::Single(deliver) => self.tell(single(&part, Some(&deliver), owner)).await,
            Kind::Unreadable => {
                tracing::warn!(
                    part.id = %part.id,
                    sim.id = %part.sim,
                    "a received PDU cannot be read; it is kept as it came"
                );
                self.tell(single(&part, None, owner)).await
            }
            Kind::Part(key, concat) => self.gather(&key, part, concat).await,
        }
    }

    async fn gather(&self, key: &str, part: MoPart, concat: Concat) -> Result<(), PartError> {
        loop {
            let entry = self.gathered.get(key).await?;
            let step = match &entry {
                None => Step::Added(Gathered::new(part.clone(), concat)),
                Some(entry) => entry.value.with(part.clone(), concat),
            };
            let (now, another) = match (step, &entry) {
                (Step::Added(now), _) => (Some(now), false),
                (Step::Another(now), _) => (Some(now), true),
                (Step::Known, _) => (None, false),
            };
            // What was there under this key is not lost to a new message with its reference.
            if let (true, Some(entry)) = (another, &entry)
                && !entry.value.is_to_be_shown()
            {
                self.show(&entry.value).await?;
            }
            let written = match (&now, &entry) {
                (None, _) => Ok(()),
                (Some(now), None) => self.gathered.create(key, now).await.map(drop),
                (Some(now), Some(entry)) => {
                    self.gathered.update(key, now, entry.revision).await.map(drop)
                }
            };
            match written {
                // Another part came at the same time.
                Err(error) if error.is_conflict() => continue,
                other => other?,
            }
            // Also when it was known: the answer to the first time may not have been heard.
            let now = now.or_else(|| entry.map(|entry| entry.value));
            return match now {
                Some(now) if now.is_to_be_shown() => self.show(&now).await,
                _ => Ok(()),
            };
        }
    }

    /// Publishes what there is of a message.
    async fn show(&self, gathered: &Gathered) -> Result<(), PartError> {
        let Some(sim) = gathered.sim() else { return Ok(()) };
        match gathered.message(self.settings.owner_of(sim)) {
            Some(message) => self.tell(message).await,
            None => Ok(()),
        }
    }

    async fn tell(&self, message: MoReceived) -> Result<(), PartError> {
        let message = MoReceived { wish: self.words.wish(&message), ..message };
        self.bus.publish(&message).await?;
        tracing::info!(
            message.id = %message.id,
            sim.id = %message.sim,
            parts = message.parts,
            missing = message.missing.len(),
            "received a message from {}",
            message.from.masked()
        );
        Ok(())
    }

    /// Shows messages whose missing parts were waited for long enough, until `soft` is cancelled.
    ///
    /// Follows the bucket, and so knows also what other copies of the router and its own last life kept.
    pub(crate) async fn lose_patience(self, soft: CancellationToken) {
        let follow = async {
            let mut watch = loop {
                match self.gathered.watch().await {
                    Ok(watch) => break watch,
                    Err(error) => {
                        tracing::warn!("cannot follow the parts of received messages: {error}");
                        tokio::time::sleep(AFTER_FAILURE).await;
                    }
                }
            };
            // By a clock that nobody sets: see `until_due`.
            let mut due: BTreeMap<(Instant, String), u64> = BTreeMap::new();
            loop {
                let next = due.keys().next().map(|(at, _)| *at);
                tokio::select! {
                    change = watch.next() => match change {
                        Change::Put { key, value, revision } => {
                            due.retain(|(_, other), _| *other != key);
                            if let Some(at) = value.due(self.patience) {
                                let wait = until_due(at, self.patience, self.clock.now());
                                due.insert((Instant::now() + wait, key), revision);
                            }
                        }
                        Change::Deleted { key } => due.retain(|(_, other), _| *other != key),
                        Change::Complete => {}
                    },
                    () = sleep_until(next) => {
                        let Some(((_, key), revision)) = due.pop_first() else { continue };
                        if let Err(error) = self.give_up_on(&key, revision).await {
                            tracing::warn!("a message with missing parts is not shown yet: {error}");
                            due.insert((Instant::now() + AFTER_FAILURE, key), revision);
                        }
                    }
                }
            }
        };
        soft.run_until_cancelled(follow).await;
    }

    async fn give_up_on(&self, key: &str, revision: u64) -> Result<(), PartError> {
        let entry = self.gathered.get(key).await?;
        let Some(entry) = entry.filter(|entry| entry.revision == revision) else {
            // It has changed, and the watch tells how.
            return Ok(());
        };
        self.show(&entry.value).await?;
        match self.gathered.update(key, &entry.value.shown(), revision).await {
            Err(error) if !error.is_conflict() => Err(error.into()),
            // A part came at the same moment: its own change follows, and with it another time to give up.
            _ => Ok(()),
        }
    }
}

/// How long after it is heard of a message is shown that is `due` then: never longer than the patience, for the time is that
/// of the clock of the modem's host, which may be ahead of this one, or this one was set back.
fn until_due(due: Timestamp, patience: Duration, now: Timestamp) -> Duration {
    due.since(now).min(patience)
}

async fn sleep_until(time: Option<Instant>) {
    match time {
        Some(time) => tokio::time::sleep_until(time).await,
        None => std::future::pending().await,
    }
}
