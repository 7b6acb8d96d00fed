//! A batch of messages: how far it is, and what was said of it.
//!
//! An order is one entry of the bucket `batches`, which every router follows: it acts at once on all messages of the batch
//! that are not released, and costs the same for one message as for ten thousand. Messages that persistence holds for a
//! later time wait in no queue, so a cancel tells their end itself.

use std::time::Duration;

use bus::{Bucket, KvError, PublishError};
use contracts::batch::{self, BatchOrder, Order};
use contracts::mt::{MtChange, MtEvent};
use contracts::{BatchId, MtState, Priority, UserId};
use store::{Message, MessageFilter, Page, StoreError};
use tokio::time::Instant;

use crate::acts::history::may_be_new;
use crate::app::App;
use crate::authority::{Authority, Denied};
use crate::power::Power;

/// How long the rows of a new batch are waited for.
const ROWS_COME_WITHIN: Duration = Duration::from_secs(2);
/// How often rows of a new batch are looked for.
const LOOK: Duration = Duration::from_millis(30);
/// Somebody else gives orders at the same moment.
const TRIES: usize = 5;
/// Held messages that are taken back at a time.
const HELD_AT_ONCE: u32 = 500;

/// How far a batch is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Progress {
    /// What was said of it.
    pub(crate) order: Order,
    /// How many messages are in each state.
    pub(crate) states: Vec<(MtState, u64)>,
}

/// Why nothing can be said of a batch, or why an order was not given.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BatchError {
    /// The account lacks the power.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// No message in reach belongs to it.
    #[error("there is no such batch")]
    NoSuchBatch,
    /// A cancelled batch stays cancelled.
    #[error("the batch was cancelled, and cannot go on")]
    Cancelled,
    /// The broker did not take the order.
    #[error("the broker cannot be reached")]
    Broker(#[source] KvError),
    /// The order stands; not all held messages have been told their end.
    #[error(
        "the batch is cancelled, but the broker did not confirm that all of its held messages know"
    )]
    Untold(#[source] PublishError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How far a batch in reach is. The rows of one that was just accepted are waited for.
pub(crate) async fn progress(
    app: &App,
    authority: &Authority,
    id: BatchId,
) -> Result<Progress, BatchError> {
    authority.must(Power::MessagesRead)?;
    look(app, authority, id).await
}

async fn look(app: &App, authority: &Authority, id: BatchId) -> Result<Progress, BatchError> {
    let begun = Instant::now();
    let states = loop {
        let states = app.store.batch(authority.reach, id).await?;
        if !states.is_empty() {
            break states;
        }
        if begun.elapsed() >= ROWS_COME_WITHIN || !may_be_new(id.uuid(), app.clock.now()) {
            return Err(BatchError::NoSuchBatch);
        }
        tokio::time::sleep(LOOK).await;
    };
    let orders = app.bus.kv::<BatchOrder>(Bucket::Batches).await.map_err(BatchError::Broker)?;
    let order = orders.get(&batch::order_key(id)).await.map_err(BatchError::Broker)?;
    Ok(Progress { order: order.map(|entry| entry.value.order).unwrap_or_default(), states })
}

/// Gives an order to a batch in reach. Given twice, it is given once.
pub(crate) async fn order(
    app: &App,
    authority: &Authority,
    id: BatchId,
    order: Order,
) -> Result<Progress, BatchError> {
    authority.must(Power::MessagesCancel)?;
    look(app, authority, id).await?;
    give(app, authority, id, order).await?;
    if order == Order::Cancelled {
        take_back_held(app, authority, id).await?;
    }
    tracing::info!(batch = %id, ?order, by = authority.name(), "a batch was given an order");
    look(app, authority, id).await
}

async fn give(
    app: &App,
    authority: &Authority,
    id: BatchId,
    order: Order,
) -> Result<(), BatchError> {
    let filter = MessageFilter { batch: Some(id), ..MessageFilter::default() };
    let page = Page { before: None, limit: 1 };
    let one = app.store.messages(authority.reach, &filter, page).await?;
    let owner = one.messages.first().ok_or(BatchError::NoSuchBatch)?.owner;
    give_of(app, authority, owner, (id, order)).await
}

/// Gives an order to a batch of an account, whose messages may still be to come.
pub(super) async fn give_of(
    app: &App,
    authority: &Authority,
    owner: UserId,
    (id, order): (BatchId, Order),
) -> Result<(), BatchError> {
    let orders = app.bus.kv::<BatchOrder>(Bucket::Batches).await.map_err(BatchError::Broker)?;
    let (key, org, by) = (batch::order_key(id), authority.org, authority.account());
    let mut conflict = None;
    for _ in 0..TRIES {
        let now = orders.get(&key).await.map_err(BatchError::Broker)?;
        let new = BatchOrder { org, owner, order, by, at: app.clock.now() };
        let given = match now {
            Some(entry) if entry.value.order == order => return Ok(()),
            Some(entry) if entry.value.order == Order::Cancelled => {
                return Err(BatchError::Cancelled);
            }
            Some(entry) => orders.update(&key, &new, entry.revision).await,
            None if order == Order::Running => return Ok(()),
            None => orders.create(&key, &new).await,
        };
        match given {
            Ok(_) => return Ok(()),
            // What stands there says more.
            Err(error @ (KvError::Conflict { .. } | KvError::Unknown { .. })) => {
                conflict = Some(error);
            }
            Err(error) => return Err(BatchError::Broker(error)),
        }
    }
    conflict.map_or(Ok(()), |error| Err(BatchError::Broker(error)))
}

/// Tells the end of messages that are in no queue. Those that are requested again at this moment end at the router.
pub(super) async fn take_back_held(
    app: &App,
    authority: &Authority,
    id: BatchId,
) -> Result<(), BatchError> {
    let states = vec![MtState::Held];
    let held = MessageFilter { states, batch: Some(id), ..MessageFilter::default() };
    let mut before = None;
    loop {
        let page = Page { before, limit: HELD_AT_ONCE };
        let page = app.store.messages(authority.reach, &held, page).await?;
        let ends: Vec<MtEvent> =
            page.messages.iter().map(|message| end(app, authority, message)).collect();
        app.bus.publish_all(&ends).await.map_err(BatchError::Untold)?;
        before = page.next;
        if before.is_none() {
            return Ok(());
        }
    }
}

fn end(app: &App, authority: &Authority, message: &Message) -> MtEvent {
    MtEvent {
        message: message.id,
        org: message.org,
        owner: message.owner,
        at: app.clock.now(),
        round: message.round,
        otp: message.priority == Priority::Otp,
        change: MtChange::Cancelled { by: authority.account() },
        given: Vec::new(),
        report: None,
    }
}
