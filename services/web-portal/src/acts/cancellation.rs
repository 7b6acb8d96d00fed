//! Taking a message back before a modem has it.
//!
//! One place decides, wherever the message is: the entry of its first part in the send journal, which a driver must
//! make before it writes anything ([`contracts::cancellation`]). Neither the router nor a driver has to run for that.
//! The entry goes a minute after its message has left the queue, so a row that persistence has not brought up to date
//! could be that of a message that was sent long ago: the history has to be up to date first.

use std::time::Duration;

use bus::{Bucket, Entry, KvError, PublishError};
use contracts::cancellation::{self, Cancellation, FirstPart};
use contracts::mt::{MtChange, MtEvent};
use contracts::{MessageId, MtState, Priority, UserId};
use store::{MessageDetail, StoreError};

use crate::acts::history;
use crate::app::App;
use crate::authority::{Authority, Denied};
use crate::power::Power;

/// How long the history may take to be up to date, and the broker to confirm.
const PATIENCE: Duration = Duration::from_secs(5);
/// A driver that works on the message changes its entry now and then.
const TRIES: usize = 5;
/// The entry outlives the end of the message by this: clocks differ, and a driver may be slow.
const BEYOND_THE_END: Duration = Duration::from_hours(24);

/// A message that will not be sent, or not once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cancelled {
    /// It was cancelled before.
    pub(crate) before: bool,
    /// An earlier try may have gone out.
    pub(crate) doubtful: bool,
}

/// Why a message was not taken back, or perhaps not.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Uncancelled {
    /// Not with this authority.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// There is none of that id in reach.
    #[error("there is no such message")]
    NoSuchMessage,
    /// It is too far; nothing was changed.
    #[error("{}", too_late(*.0))]
    TooLate(MtState),
    /// The history is not up to date; nothing was changed.
    #[error("the message history is behind, so nobody can say yet whether the message was sent")]
    Behind,
    /// The broker has not done it.
    #[error("the broker cannot be reached, and nothing was changed")]
    Broker(#[source] KvError),
    /// The broker did not answer: it may be cancelled.
    #[error("the broker did not confirm in time, so the message may or may not be cancelled")]
    Unclear(#[source] KvError),
    /// It is cancelled, but that is not in its history yet.
    #[error("the message will not be sent, but the broker did not confirm that it told so")]
    Untold(#[source] PublishError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is said of a message that is too far to be taken back.
fn too_late(state: MtState) -> &'static str {
    match state {
        MtState::Sent | MtState::Undelivered | MtState::Delivered => {
            "it is too late: the network has the message"
        }
        MtState::Rejected | MtState::Expired | MtState::Failed => {
            "there is nothing to cancel: the message has ended without being sent"
        }
        MtState::Uncertain => {
            "it is too late: a modem had the message, and nobody knows whether it went out"
        }
        _ => "it is too late: a modem has the message, and it may be going out",
    }
}

/// Takes a message in reach back. Done twice it is done once.
pub(crate) async fn cancel(
    app: &App,
    authority: &Authority,
    id: MessageId,
) -> Result<Cancelled, Uncancelled> {
    authority.must(Power::MessagesCancel)?;
    let (reach, by) = (authority.reach, authority.account());
    let found = history::find(app, reach, id).await?.ok_or(Uncancelled::NoSuchMessage)?;
    let up_to_date = app.bus.history_caught_up();
    match tokio::time::timeout(PATIENCE, up_to_date).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => {
            tracing::warn!(%error, "the progress of the message history could not be read");
            return Err(Uncancelled::Behind);
        }
        Err(_) => return Err(Uncancelled::Behind),
    }
    let detail = app.store.message_detail(reach, id).await?.unwrap_or(found);
    let doubtful =
        detail.timeline.iter().any(|entry| matches!(entry.change, MtChange::Uncertain { .. }));
    match detail.message.state {
        MtState::Cancelled => return Ok(Cancelled { before: true, doubtful }),
        state if state.is_settled() || state == MtState::Uncertain => {
            return Err(Uncancelled::TooLate(state));
        }
        _ => {}
    }
    let (cancellation, before) = decide(app, &detail, by).await?;
    let about = MtEvent {
        message: id,
        org: detail.message.org,
        owner: detail.message.owner,
        at: cancellation.at,
        round: cancellation.round,
        otp: detail.message.priority == Priority::Otp,
        change: MtChange::Cancelled { by: cancellation.by },
        given: Vec::new(),
        report: None,
    };
    // Told again when it was cancelled before, for whoever did that may not have come so far.
    app.bus.publish_within(&about, PATIENCE).await.map_err(Uncancelled::Untold)?;
    tracing::info!(message.id = %id, by = ?by, before, "a message was cancelled");
    metrics::counter!("merpati_messages_cancelled_total").increment(u64::from(!before));
    Ok(Cancelled { before, doubtful })
}

/// Makes the entry in the journal, or finds that a cancel or a driver was there before.
async fn decide(
    app: &App,
    detail: &MessageDetail,
    by: Option<UserId>,
) -> Result<(Cancellation, bool), Uncancelled> {
    let journal = app.bus.kv::<FirstPart>(Bucket::Attempts).await.map_err(Uncancelled::Broker)?;
    let message = &detail.message;
    let key = cancellation::key(message.id);
    let ours = Cancellation {
        by,
        round: message.round,
        at: app.clock.now(),
        keep_until: detail
            .request
            .end(message.created_at, app.settings.expire_after)
            .plus(BEYOND_THE_END),
    };
    let entry = FirstPart::Cancelled(ours.clone());
    let mut replaces = None;
    for _ in 0..TRIES {
        let written = match replaces {
            None => journal.create(&key, &entry).await,
            Some(revision) => journal.update(&key, &entry, revision).await,
        };
        match written {
            Ok(_) => return Ok((ours, false)),
            // What stands there says more.
            Err(KvError::Conflict { .. } | KvError::Unknown { .. }) => {}
            Err(error) => return Err(Uncancelled::Broker(error)),
        }
        replaces = match journal.get(&key).await.map_err(Uncancelled::Unclear)? {
            Some(Entry { value: FirstPart::Cancelled(theirs), .. }) => {
                let before = theirs != ours;
                return Ok((theirs, before));
            }
            Some(Entry { value: FirstPart::Taken, .. }) => {
                return Err(Uncancelled::TooLate(MtState::Sending));
            }
            Some(Entry { value: FirstPart::Waiting | FirstPart::HandedOver, revision }) => {
                Some(revision)
            }
            None => None,
        };
    }
    // A modem tries it again and again at this moment.
    Err(Uncancelled::TooLate(MtState::Sending))
}
