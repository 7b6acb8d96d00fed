//! Moves an item to the modem that holds a certain SIM.

use bus::{Backoff, PublishError};
use contracts::mt::{MtChange, MtItem, SendError};
use contracts::subject::Target;
use contracts::{Message, SimId, Subject};
use serde::Serialize;

use crate::dispatch::Dispatch;
use crate::journal::about::About;
use crate::journal::entry::{self, Entry};

/// Gives an item to the modem that holds `sim`, and has the journal's entries follow the item to its new place. `from`
/// is the item's place until now: an item that is moved twice from there is one. A message whose item the broker does
/// not take is told as failed.
pub(crate) async fn redirect(dispatch: &Dispatch, item: &MtItem, sim: SimId, from: u64) {
    let item = MtItem { target: Target::Sim(sim), ..item.clone() };
    let moved = Moved { item, from };
    let item = &moved.item;
    let mut pauses = Backoff::of_millis(100, 5_000);
    let sequence = loop {
        match dispatch.bus.publish(&moved).await {
            Ok(published) => break published.sequence,
            Err(error @ (PublishError::TooLarge { .. } | PublishError::Encode { .. })) => {
                tracing::error!(message.id = %item.id, "the message cannot be moved to its SIM: {error}");
                return cannot_move(dispatch, item).await;
            }
            Err(error) => {
                tracing::warn!(message.id = %item.id, "the message is not moved to its SIM yet: {error}");
            }
        }
        pauses.wait().await;
    };
    let entries = dispatch.journal.entries_when_answered(item.id, item.parts).await;
    for (part, recorded) in (1..).zip(entries) {
        let entry = Entry { sequence, round: item.request.round, ..recorded.entry };
        let key = entry::key(item.id, part);
        // A conflict: the other modem has it in hand already, and knows its place.
        if let Err(error) = dispatch.journal.write(&key, &entry, Some(recorded.revision)).await {
            tracing::debug!(key, "an entry stays as it is: {error}");
        }
    }
}

/// Tells the end of an item that will be gone from its old place and has no new one.
async fn cannot_move(dispatch: &Dispatch, item: &MtItem) {
    let error = SendError {
        code: "too-large".to_owned(),
        text: "The rest of the message has to go out through the SIM that sent its first parts, and is too large for \
               the broker's limit. Send a shorter message, or raise max_payload of the NATS server."
            .to_owned(),
    };
    let failed = MtChange::Failed { error, through: None, tries: item.request.tries };
    dispatch.tell_change(About::item(item), failed).await;
}

/// An item that changes its target. Its `Nats-Msg-Id` is another than before, or the broker would take the item for a
/// duplicate of itself.
#[derive(Debug, Serialize)]
#[serde(transparent)]
struct Moved {
    item: MtItem,
    #[serde(skip)]
    from: u64,
}

impl Message for Moved {
    fn subject(&self) -> Subject {
        Subject::MtDispatch(self.item.target.clone(), self.item.priority)
    }

    fn msg_id(&self) -> String {
        let MtItem { id, target, request, .. } = &self.item;
        format!("{id}:dispatch:{}:{target}:{}", request.round, self.from)
    }
}
