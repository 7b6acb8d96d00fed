//! The end of an attempt: the journal first, then the events, then the broker.
//!
//! A settlement is carried out in a task of its own, so the modem's next message does not wait for it; only the
//! journal's part must be done before the next PDU is written. Everything is tried until the broker has it: what a
//! crash leaves undone, the sweep does from the journal.

use std::sync::Arc;
use std::time::Duration;

use bus::Delivery;
use contracts::SimId;
use contracts::mt::{Given, MtChange, MtItem};
use tokio::sync::oneshot;

use crate::dispatch::Dispatch;
use crate::journal::about::About;
use crate::journal::in_hand::Holding;
use crate::reports::{Awaited, Reports};
use crate::settle::redirect::redirect;
use crate::settle::writing::{Judged, Replacement, Withdrawal, write};

/// What is left to do for a message that a carrier is done with.
pub(crate) struct Settlement {
    /// The item, to be settled with the broker.
    pub(crate) delivery: Delivery<MtItem>,
    /// Keeps the message in hand until all is done.
    pub(crate) holding: Holding,
    /// Entries that the journal is to have.
    pub(crate) entries: Vec<Replacement>,
    /// What takes back an entry that the journal may have.
    pub(crate) withdrawal: Option<Withdrawal>,
    /// What a report will be matched by, and the key of that in the bucket of reports.
    pub(crate) awaited: Option<(String, Awaited)>,
    /// What is told of the message.
    pub(crate) changes: Vec<MtChange>,
    /// The parts that were given to modems, which is told with the first of `changes`. Without any, a later event of the
    /// message tells that: the journal has it.
    pub(crate) given: Vec<Given>,
    /// The SIM whose modem is to have the item.
    pub(crate) moves_to: Option<SimId>,
    /// After how long the broker delivers the item again; `None` when the item is done with.
    pub(crate) again_after: Option<Duration>,
}

impl Settlement {
    /// Returns a settlement that only tells the broker that the item is done with.
    pub(crate) fn new(delivery: Delivery<MtItem>, holding: Holding) -> Self {
        Self {
            delivery,
            holding,
            entries: Vec::new(),
            withdrawal: None,
            awaited: None,
            changes: Vec::new(),
            given: Vec::new(),
            moves_to: None,
            again_after: None,
        }
    }

    /// Does what is left to do. `journaled` hears when the journal has its part.
    pub(crate) async fn carry_out(
        self,
        dispatch: Arc<Dispatch>,
        reports: Arc<Reports>,
        journaled: oneshot::Sender<()>,
    ) {
        let about = About::item(&self.delivery.value);
        let message = about.message;
        let mut judged = Judged::Here;
        for entry in &self.entries {
            judged = judged.and(write(&dispatch, about, entry, self.awaited.as_ref()).await);
        }
        if let Some(withdrawal) = self.withdrawal {
            judged = judged.and(withdrawal.carry_out(&dispatch, about).await);
        }
        // The sender may have ended.
        let _ = journaled.send(());
        match &self.awaited {
            Some((key, awaited)) if judged == Judged::Here => {
                reports.keep_until_kept(key, awaited).await;
            }
            Some((_, awaited)) => reports.forget(awaited),
            None => {}
        }
        if judged == Judged::Elsewhere {
            tracing::warn!(message.id = %message, "another driver has judged the message meanwhile, and decides what becomes of it");
            self.delivery.receipt.leave();
            return;
        }
        let mut given = self.given;
        for change in self.changes {
            dispatch.tell_ended(about, change, std::mem::take(&mut given)).await;
        }
        if let Some(sim) = self.moves_to {
            let place = self.delivery.sequence;
            redirect(&dispatch, &self.delivery.value, sim, place).await;
        }
        let settled = match self.again_after {
            Some(wait) => self.delivery.nak(Some(wait)).await,
            None => self.delivery.ack().await,
        };
        if let Err(error) = settled {
            tracing::warn!(message.id = %message, "the item of the message was not settled: {error}");
        }
        drop(self.holding);
    }
}
