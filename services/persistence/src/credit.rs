//! Credit: blocks for routers that ask for some, and what they did not spend back to the accounts.
//!
//! Every copy of the service answers; the broker gives each question to one of them. A block that is over is closed when all events
//! were read that the stream held then, by whichever copy: what a router told within the time of the block is among them, and a
//! router tells before a message goes on, and takes what was told later for not told.

use std::sync::Arc;
use std::time::Duration;

use bus::{Bus, Durable};
use contracts::Timestamp;
use contracts::credit::{GROUP, TAKE, TakeBlock};
use futures_util::StreamExt as _;
use platform::Clock;
use store::{Store, StoreError};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::alarm::Alarm;
use crate::outage::{Outage, Stopped};

/// How long a router may spend a block.
pub const LASTS: Duration = Duration::from_mins(1);

/// How long after that it is closed: the clock of another copy may go before.
pub const GRACE: Duration = Duration::from_secs(30);

/// Blocks that are closed together.
const AT_ONCE: u32 = 500;

/// The longest sleep: the wall clock may be set, and another copy may have given a block.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);

/// Questions that are answered at one time.
const QUESTIONS: usize = 16;

/// The largest question, in bytes: about twice what a router sends.
const LARGEST_QUESTION: usize = 1_024;

/// Gives blocks, and closes them.
#[derive(Clone)]
pub(crate) struct Bank {
    pub(crate) bus: Bus,
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    /// Told when messages are due that waited for credit.
    pub(crate) alarm: Arc<Alarm>,
    /// Told when a block was given.
    pub(crate) given: Arc<Notify>,
}

/// Why blocks that are over were not closed this time.
#[derive(Debug, thiserror::Error)]
enum CloseError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the broker does not say how far its consumers are: {0}")]
    Lookup(#[from] bus::ItemError),
}

impl Bank {
    /// Answers those who ask for blocks, until the soft shutdown.
    pub(crate) async fn give(self, soft: CancellationToken) {
        let mut outage = Outage::new("giving credit to routers");
        let client = self.bus.client().clone();
        let asked = loop {
            match client.queue_subscribe(TAKE, GROUP.to_owned()).await {
                Ok(asked) => break asked,
                Err(error) => {
                    if outage.pause(&error, &soft).await.is_err() {
                        return;
                    }
                }
            }
        };
        let answers = asked.for_each_concurrent(QUESTIONS, |asked| {
            let bank = self.clone();
            async move { bank.answer(asked).await }
        });
        // What is not answered any more is asked again, and another copy answers.
        soft.run_until_cancelled(answers).await;
    }

    async fn answer(&self, asked: async_nats::Message) {
        let Some(reply) = asked.reply else { return };
        if asked.payload.len() > LARGEST_QUESTION {
            return;
        }
        let Ok(wanted) = serde_json::from_slice::<TakeBlock>(&asked.payload) else {
            tracing::warn!("a question for credit cannot be read and is not answered");
            return;
        };
        let now = self.clock.now();
        let closes_at = now.plus(LASTS).plus(GRACE);
        let answer = match self.store.take_block(&wanted, LASTS, closes_at, now).await {
            Ok(answer) => answer,
            Err(error) => {
                // Without an answer, messages wait for a little.
                tracing::warn!(account = %wanted.account, "a router that asks for credit is not answered: {error}");
                return;
            }
        };
        self.given.notify_one();
        let payload = serde_json::to_vec(&answer).unwrap_or_default();
        if let Err(error) = self.bus.client().publish(reply, payload.into()).await {
            tracing::debug!(
                "an answer to a router that asks for credit did not get through: {error}"
            );
        }
    }

    /// Closes blocks whose time is over, until the soft shutdown.
    pub(crate) async fn close(self, soft: CancellationToken) {
        let mut outage = Outage::new("giving back credit");
        loop {
            // Registered before looking, so that a block given meanwhile wakes.
            let given = self.given.notified();
            let closed = tokio::select! {
                () = soft.cancelled() => return,
                closed = self.close_over() => closed,
            };
            let sleep = match closed {
                Ok(sleep) => sleep,
                Err(error) => {
                    if let Err(Stopped) = outage.pause(&error, &soft).await {
                        return;
                    }
                    continue;
                }
            };
            outage.over();
            tokio::select! {
                () = soft.cancelled() => return,
                () = given => {}
                () = tokio::time::sleep(sleep) => {}
            }
        }
    }

    /// Closes what is over and says how long there is nothing more to close.
    async fn close_over(&self) -> Result<Duration, CloseError> {
        loop {
            let now = self.clock.now();
            let over = self.store.blocks_over(now, AT_ONCE).await?;
            if over.is_empty() {
                let next = self.store.next_block_end().await?;
                let sleep = next.map_or(LONGEST_SLEEP, |at: Timestamp| at.since(now));
                return Ok(sleep.clamp(Duration::from_millis(100), LONGEST_SLEEP));
            }
            // Everything that the stream holds now was written.
            self.bus.caught_up(&Durable::PersistenceEvents).await?;
            let raised = self.store.close_blocks(&over, now).await?;
            if self.store.wake_for_credit(&raised, now).await? {
                self.alarm.no_later(now, now);
            }
        }
    }
}
