//! Pays for messages of accounts that have credit, out of blocks that the router holds.
//!
//! A block is asked of persistence, with the next one before it is empty, so that nobody is asked for each message. What was paid is
//! told, and the broker has that, before the messages go on; and it counts only when the broker had it within the time of the block,
//! by the clock that nobody sets. So persistence, which closes a block later than that, has read all that was paid out of it: a router
//! that is killed costs nobody anything, and however many there are, they spend no more than there is.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_nats::RequestErrorKind;
use bus::{Bus, PublishError};
use contracts::credit::{BlockAnswer, Charge, Charged, TAKE, TakeBlock};
use contracts::mt::{Gate, MtChange, MtItem};
use contracts::{Amount, BlockId, MessageId, OrgId, Priority, Timestamp, UserId};
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

use crate::settings::Settings;

/// How long persistence has to answer.
const ANSWERED_WITHIN: Duration = Duration::from_secs(2);
/// How often it is asked for one block. The answer to all of them is the same block.
const ASKED: u32 = 2;
/// How long nobody may be there who is asked, as while persistence is started again, until messages wait.
const NOBODY_FOR: Duration = Duration::from_secs(4);
/// When it is asked again that was not there.
const AFTER_NOBODY: Duration = Duration::from_millis(500);
/// For how long it is not asked again after it had nothing, or did not answer.
const REST: Duration = Duration::from_secs(1);
/// So many messages like the first one are to be paid out of the first block.
const FIRST_WISH: i64 = 16;
/// How long before the end of its time a block is spent no more: it takes a moment to tell what was paid.
const BEFORE_THE_END: Duration = Duration::from_secs(10);
/// When a message that the credit does not pay for is looked at again, unless the account is given credit before; twice as long
/// after each round in which it was held.
const LOOK_AGAIN: Duration = Duration::from_hours(1);
/// How often that becomes twice as long.
const LONGER: u32 = 4;
/// When a message is looked at again of which nobody could say whether the credit pays for it.
const ASK_AGAIN: Duration = Duration::from_secs(30);
/// The same of a one-time password, for which somebody waits.
const ASK_AGAIN_FOR_OTP: Duration = Duration::from_secs(3);
/// The most messages that are told together to be paid. Of so many ids the event is far smaller than what a broker takes.
const TOLD_AT_ONCE: usize = 1_000;

/// Why a message is not paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unpaid {
    /// The credit does not suffice.
    Out,
    /// Nobody answers who knows it.
    Unknown,
}

impl Unpaid {
    /// That a message waits for that.
    pub(crate) fn held(self, item: &MtItem, now: Timestamp) -> MtChange {
        let (gate, wait) = match self {
            Self::Out => {
                let times = 1 << item.request.round.min(LONGER);
                (Gate::Credit, LOOK_AGAIN.saturating_mul(times))
            }
            Self::Unknown if item.priority == Priority::Otp => {
                (Gate::CreditUnknown, ASK_AGAIN_FOR_OTP)
            }
            Self::Unknown => (Gate::CreditUnknown, ASK_AGAIN),
        };
        let (tries, round) = (item.request.tries, item.request.round + 1);
        MtChange::Held { gate, until: now.plus(wait), tries, round }
    }
}

/// What was paid could not be told, or not in time: nothing of it is paid.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotTold {
    /// The broker.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// The time of a block was over before the broker had it.
    #[error("the broker took it after the time of the credit that it was paid with")]
    TooLate,
}

/// The blocks of all accounts. Clones are the same.
#[derive(Clone)]
pub(crate) struct Credit {
    bus: Bus,
    settings: Settings,
    /// What is asked for ahead.
    tasks: TaskTracker,
    purses: Arc<Mutex<HashMap<UserId, Arc<tokio::sync::Mutex<Purse>>>>>,
}

/// The blocks of an account.
#[derive(Debug, Default)]
struct Purse {
    blocks: Vec<Block>,
    /// How much is asked for next.
    wished: i64,
    refusal: Option<Refusal>,
    /// A block is asked for ahead.
    asking: bool,
}

/// Credit that may be spent until a moment.
#[derive(Debug, Clone, Copy)]
struct Block {
    id: BlockId,
    left: i64,
    until: Instant,
}

/// What was heard when there was no block.
#[derive(Debug, Clone, Copy)]
struct Refusal {
    why: Unpaid,
    /// What is left of the credit.
    left: i64,
    until: Instant,
}

/// What a message is paid with.
enum Means {
    /// This block.
    Block(Block),
    /// The account does not pay.
    Nothing,
}

impl Credit {
    /// Of an account nothing is known yet.
    pub(crate) fn new(bus: Bus, settings: Settings, tasks: TaskTracker) -> Self {
        Self { bus, settings, tasks, purses: Arc::default() }
    }

    /// What a message costs; nothing when its account does not pay, or paid before.
    fn cost(&self, item: &MtItem) -> Option<i64> {
        let request = &item.request;
        if request.paid && request.round > 0 || !self.settings.is_limited(request.owner) {
            return None;
        }
        let prices = self.settings.prices(request.org)?;
        let cost = prices.cost(&request.to, item.parts).ten_thousandths();
        (cost > 0).then_some(cost)
    }

    /// Pays for those of these messages that cost something, and has that told. Returns those that are not paid. If all are to be paid
    /// or none, nothing is told to be paid when one is not; what was taken out of blocks for it comes back with them.
    ///
    /// # Errors
    /// When what was paid could not be told: then nobody knows that it was paid, and all is to be decided again.
    pub(crate) async fn pay(
        &self,
        items: &[MtItem],
        now: Timestamp,
        all_or_none: bool,
    ) -> Result<HashMap<MessageId, Unpaid>, NotTold> {
        let mut unpaid = HashMap::new();
        let mut told: Vec<Charged> = Vec::new();
        let mut until: Option<Instant> = None;
        for item in items {
            let Some(cost) = self.cost(item) else { continue };
            let (org, account) = (item.request.org, item.request.owner);
            match self.pay_one(org, account, cost).await {
                Ok(Means::Nothing) => {}
                Ok(Means::Block(block)) => {
                    let cost = Amount::from_ten_thousandths(cost);
                    let charge = Charge { message: item.id, cost };
                    until = until.into_iter().chain([block.until]).min();
                    if let Some(last) = told.last_mut()
                        && last.block == block.id
                        && last.charges.len() < TOLD_AT_ONCE
                    {
                        last.charges.push(charge);
                    } else {
                        let (block, at) = (block.id, now);
                        told.push(Charged { block, org, account, at, charges: vec![charge] });
                    }
                }
                Err(why) => {
                    unpaid.insert(item.id, why);
                }
            }
        }
        if all_or_none && !unpaid.is_empty() {
            return Ok(unpaid);
        }
        self.bus.publish_all(&told).await?;
        if until.is_some_and(|until| until + BEFORE_THE_END <= Instant::now()) {
            return Err(NotTold::TooLate);
        }
        Ok(unpaid)
    }

    async fn pay_one(&self, org: OrgId, account: UserId, cost: i64) -> Result<Means, Unpaid> {
        let shared = self.purse(account);
        // Whoever pays for the same account waits here while a block is asked for, and finds it.
        let mut purse = shared.lock().await;
        let means = self.means(&mut purse, org, account, cost).await?;
        if matches!(means, Means::Block(_)) && purse.is_low() && !purse.asking {
            purse.asking = true;
            let (this, wished) = (self.clone(), purse.wished);
            let shared = Arc::clone(&shared);
            self.tasks.spawn(async move {
                let block = this.ask(org, account, cost, wished, true).await;
                let mut purse = shared.lock().await;
                purse.asking = false;
                match block {
                    Ok(Means::Block(block)) => purse.put(block),
                    // It is asked again when it is needed.
                    Ok(Means::Nothing) => {}
                    Err(refusal) => purse.rest(Refusal { left: i64::MAX, ..refusal }),
                }
            });
        }
        Ok(means)
    }

    /// Takes a cost out of a block, which is asked for if there is none.
    async fn means(
        &self,
        purse: &mut Purse,
        org: OrgId,
        account: UserId,
        cost: i64,
    ) -> Result<Means, Unpaid> {
        let now = Instant::now();
        if let Some(block) = purse.take(cost, now) {
            return Ok(Means::Block(block));
        }
        if let Some(why) = purse.refuses(cost, now) {
            return Err(why);
        }
        if purse.wished < cost {
            purse.wished = cost.saturating_mul(FIRST_WISH);
        }
        match self.ask(org, account, cost, purse.wished, false).await {
            Ok(Means::Nothing) => Ok(Means::Nothing),
            Ok(Means::Block(block)) => {
                purse.put(block);
                purse.take(cost, Instant::now()).map(Means::Block).ok_or(Unpaid::Unknown)
            }
            Err(refusal) => {
                purse.rest(refusal);
                Err(refusal.why)
            }
        }
    }

    /// Asks persistence for a block, which has to pay for `needed` at least.
    async fn ask(
        &self,
        org: OrgId,
        account: UserId,
        needed: i64,
        wished: i64,
        ahead: bool,
    ) -> Result<Means, Refusal> {
        let amount = Amount::from_ten_thousandths;
        let (needed, wished) = (amount(needed), amount(wished));
        let wanted = TakeBlock { id: BlockId::new(), org, account, needed, wished, ahead };
        let unknown = || Refusal { why: Unpaid::Unknown, left: 0, until: Instant::now() + REST };
        let Ok(payload) = serde_json::to_vec(&wanted) else { return Err(unknown()) };
        // Before it is asked: persistence counts the time of the block from a later moment.
        let begun = Instant::now();
        let mut asked_times = 0;
        while asked_times < ASKED {
            let asked = self.bus.client().request(TAKE, payload.clone().into());
            let answer = match tokio::time::timeout(ANSWERED_WITHIN, asked).await {
                Ok(Ok(answer)) => answer,
                Ok(Err(error))
                    if error.kind() == RequestErrorKind::NoResponders
                        && begun.elapsed() < NOBODY_FOR =>
                {
                    tokio::time::sleep(AFTER_NOBODY).await;
                    continue;
                }
                Ok(Err(error)) => {
                    tracing::warn!(%account, "credit cannot be asked for: {error}");
                    return Err(unknown());
                }
                Err(_) => {
                    asked_times += 1;
                    continue;
                }
            };
            return match serde_json::from_slice(&answer.payload) {
                Ok(BlockAnswer::Granted { amount, lasts_seconds }) => {
                    let lasts = Duration::from_secs(u64::from(lasts_seconds));
                    let until = begun + lasts.saturating_sub(BEFORE_THE_END);
                    let left = amount.ten_thousandths();
                    Ok(Means::Block(Block { id: wanted.id, left, until }))
                }
                Ok(BlockAnswer::Out { left }) => {
                    let (left, until) = (left.ten_thousandths(), Instant::now() + REST);
                    Err(Refusal { why: Unpaid::Out, left, until })
                }
                Ok(BlockAnswer::Unlimited) => Ok(Means::Nothing),
                Ok(BlockAnswer::Other) | Err(_) => Err(unknown()),
            };
        }
        tracing::warn!(%account, "nobody answers who is asked for credit");
        Err(unknown())
    }

    fn purse(&self, account: UserId) -> Arc<tokio::sync::Mutex<Purse>> {
        let mut purses = self.purses.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(purses.entry(account).or_default())
    }
}

impl Purse {
    /// Takes a cost out of the first block that has it.
    fn take(&mut self, cost: i64, now: Instant) -> Option<Block> {
        if self.blocks.iter().any(|block| block.left > 0 && block.until <= now) {
            // It was more than was needed.
            self.wished /= 2;
        }
        self.blocks.retain(|block| block.left > 0 && block.until > now);
        let block = self.blocks.iter_mut().find(|block| block.left >= cost)?;
        block.left -= cost;
        Some(*block)
    }

    fn put(&mut self, block: Block) {
        // What was asked for did not last: twice as much is asked for next.
        self.wished = self.wished.saturating_mul(2).min(block.left.saturating_mul(2));
        self.refusal = None;
        self.blocks.push(block);
    }

    fn rest(&mut self, refusal: Refusal) {
        self.refusal = Some(refusal);
    }

    /// Why a cost is not paid, as far as that was heard a moment ago.
    fn refuses(&self, cost: i64, now: Instant) -> Option<Unpaid> {
        let refusal = self.refusal.filter(|refusal| refusal.until > now)?;
        (refusal.why == Unpaid::Unknown || cost > refusal.left).then_some(refusal.why)
    }

    /// Whether less is left than half of what was asked for last, and a block may be asked for ahead.
    fn is_low(&self) -> bool {
        let left = self.blocks.iter().fold(0_i64, |sum, block| sum.saturating_add(block.left));
        let rests = self.refusal.is_some_and(|refusal| refusal.until > Instant::now());
        !rests && left < self.wished / 4
    }
}

/// Those of these messages that are paid, in their order, and the changes that tell of the others.
pub(crate) fn parted(
    items: Vec<MtItem>,
    unpaid: &HashMap<MessageId, Unpaid>,
    now: Timestamp,
) -> (Vec<MtItem>, Vec<(MtItem, MtChange)>) {
    let (unpaid_items, paid): (Vec<_>, Vec<_>) =
        items.into_iter().partition(|item| unpaid.contains_key(&item.id));
    let held = unpaid_items.into_iter().filter_map(|item| {
        let change = unpaid.get(&item.id)?.held(&item, now);
        Some((item, change))
    });
    (paid, held.collect())
}

#[cfg(test)]
mod tests;
