//! The end of a try: the journal first, then the events, then the broker.
//!
//! In a task of its own, so the modem's next message does not wait for it; only the journal's part must
//! be done before the next PDU is written. Everything is tried until the broker has it: what a crash
//! leaves undone, the sweep does from the journal.

use std::sync::Arc;
use std::time::Duration;

use bus::{Delivery, KvError, PublishError};
use contracts::mt::{MtChange, MtItem, SendError};
use contracts::subject::Target;
use contracts::{Message, SimId, Subject};
use serde::Serialize;
use tokio::sync::oneshot;

use crate::driver::Driver;
use crate::journal::about::About;
use crate::journal::entry::{self, Entry, Recorded, Stage};
use crate::journal::in_hand::Holding;
use crate::receive::record::{Answer, Record};
use crate::receive::reports::{self, Awaited, Reports};
use crate::receive::spool_file::SpoolError;

/// What is to be done.
pub(crate) struct Settlement {
    /// The message.
    pub(crate) about: About,
    /// It, to be settled.
    pub(crate) delivery: Delivery<MtItem>,
    /// Kept until all is done.
    pub(crate) holding: Holding,
    /// Entries: key, entry, the revision they replace.
    pub(crate) entries: Vec<(String, Entry, Option<u64>)>,
    /// An entry to be taken back.
    pub(crate) withdrawal: Option<Withdrawal>,
    /// A part that waits for its report.
    pub(crate) awaited: Option<(String, Awaited)>,
    /// Done when `Sending` is told, which goes before.
    pub(crate) after: Option<oneshot::Receiver<()>>,
    /// What is told.
    pub(crate) changes: Vec<MtChange>,
    /// What the broker is told in the end.
    pub(crate) end: End,
}

/// What becomes of the item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum End {
    /// It is done.
    Done,
    /// It is delivered again, now or after a while.
    Again(Option<Duration>),
    /// It goes to the modem that holds this SIM.
    To(SimId),
}

impl Settlement {
    /// Does it. `journaled` is told when the journal has it.
    pub(crate) async fn carry_out(
        self,
        driver: Arc<Driver>,
        reports: Arc<Reports>,
        journaled: oneshot::Sender<()>,
    ) {
        let mut judged = Judged::Here;
        for (key, entry, revision) in &self.entries {
            judged = judged.and(
                write(&driver, self.about, key, entry, *revision, self.awaited.as_ref()).await,
            );
        }
        if let Some(withdrawal) = self.withdrawal {
            judged = judged.and(withdrawal.carry_out(&driver, self.about).await);
        }
        // The sender may have ended.
        let _ = journaled.send(());
        match &self.awaited {
            Some((key, awaited)) if judged == Judged::Here => keep(&reports, key, awaited).await,
            Some((_, awaited)) => reports.forget(awaited),
            None => {}
        }
        let message = self.about.message;
        if judged == Judged::Elsewhere {
            tracing::warn!(message.id = %message, "another driver has judged it meanwhile, and decides");
            self.delivery.receipt.leave();
            return;
        }
        if let Some(after) = self.after {
            let _ = after.await;
        }
        for change in self.changes {
            driver.tell_change(self.about, change).await;
        }
        let settled = match self.end {
            End::Done => self.delivery.ack().await,
            End::Again(delay) => self.delivery.nak(delay).await,
            End::To(sim) => {
                let place = self.delivery.sequence;
                redirect(&driver, &self.delivery.value, sim, place).await;
                self.delivery.ack().await
            }
        };
        if let Err(error) = settled {
            tracing::warn!(message.id = %message, "{error}");
        }
        drop(self.holding);
    }
}

/// Who decides what becomes of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Judged {
    /// We do: the journal has what was to be written.
    Here,
    /// A driver that had the item after us: what we found out is too late, and nothing may be told or settled.
    Elsewhere,
}

impl Judged {
    fn and(self, other: Self) -> Self {
        if self == Self::Here { other } else { self }
    }
}

/// An entry of a part that was not given to the modem after all. The journal may have it, may get it late, or never.
pub(crate) struct Withdrawal {
    pub(crate) key: String,
    /// The entry that was written, or may have been.
    pub(crate) begun: Entry,
    /// What takes its place.
    pub(crate) waiting: Entry,
    /// Of the entry that it was to replace; none: there was none.
    pub(crate) revision: Option<u64>,
}

impl Withdrawal {
    /// Until the journal has it: then what comes late of the other is refused. What another driver has written
    /// meanwhile stays.
    pub(crate) async fn carry_out(self, driver: &Driver, about: About) -> Judged {
        let Self { key, begun, waiting, mut revision } = self;
        let mut spooled = false;
        let mut wait = Duration::from_millis(50);
        loop {
            if !spooled && !driver.bus.is_connected() {
                spooled = spool(driver, about, &key, &waiting, None).await;
            }
            match driver.journal.write(&key, &waiting, revision).await {
                Ok(_) => return Judged::Here,
                Err(error) if error.is_conflict() => match driver.journal.entry(&key).await {
                    Ok(Some(there)) if there.entry == begun => revision = Some(there.revision),
                    Ok(Some(there)) if there.entry.is_cancelled() => return Judged::Here,
                    Ok(Some(_)) | Err(KvError::Decode { .. }) => return Judged::Elsewhere,
                    Ok(None) => revision = None,
                    Err(error) => tracing::debug!(key, "the journal does not answer: {error}"),
                },
                Err(error) => tracing::warn!(key, "the journal waits for the broker: {error}"),
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(Duration::from_secs(2));
        }
    }
}

/// Writes an entry until the journal has it, over the one of `revision`.
///
/// An entry that another driver has written since stays: its revision and lease say that it had the item after us, and what
/// it judged or is doing must not be undone. Only that a part is out goes before everything else, or it would go out again; and
/// that it may be out is written anew where the broker has lost the entry.
/// What has to wait for the broker is kept in the spool, with what its report is matched by.
pub(crate) async fn write(
    driver: &Driver,
    about: About,
    key: &str,
    entry: &Entry,
    mut revision: Option<u64>,
    awaited: Option<&(String, Awaited)>,
) -> Judged {
    let is_out = matches!(entry.stage, Stage::Sent { .. });
    let may_be_out = is_out || matches!(entry.stage, Stage::Uncertain { .. });
    let mut spooled = false;
    let mut wait = Duration::from_millis(50);
    loop {
        if !spooled && !driver.bus.is_connected() {
            spooled = spool(driver, about, key, entry, awaited).await;
        }
        match driver.journal.write(key, entry, revision).await {
            Ok(_) => return Judged::Here,
            Err(error) if error.is_conflict() => match driver.journal.entry(key).await {
                Ok(Some(there)) if is_out && matches!(there.entry.stage, Stage::Sent { .. }) => {
                    return Judged::Here;
                }
                // It was taken back after an answer of the journal was lost that it waits again. The item comes again,
                // and its end is told then.
                Ok(Some(there)) if !is_out && there.entry.is_cancelled() => return Judged::Here,
                Ok(Some(there)) if is_out || there.entry.is_begun_by(entry) => {
                    revision = Some(there.revision);
                }
                Ok(None) if may_be_out => revision = None,
                Ok(_) | Err(KvError::Decode { .. }) => return Judged::Elsewhere,
                Err(error) => tracing::debug!(key, "the journal does not answer: {error}"),
            },
            Err(error) => {
                tracing::warn!(key, "the journal waits for the broker: {error}");
                if !spooled {
                    spooled = spool(driver, about, key, entry, awaited).await;
                }
            }
        }
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(Duration::from_secs(2));
    }
}

/// That a part went out, or that it was not given to the modem at all, is known only here: a driver that is killed
/// before the broker is back still knows it afterwards. Other ends it may forget: then the part is uncertain. Returns whether
/// nothing is left to be kept.
async fn spool(
    driver: &Driver,
    about: About,
    key: &str,
    entry: &Entry,
    awaited: Option<&(String, Awaited)>,
) -> bool {
    let is_known = matches!(entry.stage, Stage::Sent { .. } | Stage::Waiting);
    let Some((message, part)) = entry::parse_key(key).filter(|_| is_known) else { return true };
    let About { org, owner, .. } = about;
    let (entry, awaited) = (entry.clone(), awaited.cloned());
    let answer = Answer { message, part, org, owner, entry, awaited };
    match driver.spool.append(Record::Answer(Box::new(answer))).await {
        Ok(()) | Err(SpoolError::NoFolder) => true,
        Err(error) => {
            tracing::debug!(key, "the answer to it is not kept on this host: {error}");
            false
        }
    }
}

/// Keeps by what a report is matched, until the broker has it; without it the report is told unmatched.
pub(crate) async fn keep(reports: &Reports, key: &str, awaited: &Awaited) {
    let mut wait = Duration::from_millis(50);
    loop {
        match reports.keep(key, awaited).await {
            Ok(()) => return,
            // What stands there is of another release: it stays.
            Err(error @ KvError::Decode { .. }) => {
                tracing::warn!(message.id = %awaited.message, "a delivery report of this message may stay unmatched: {error}");
                return;
            }
            Err(error) => tracing::debug!(key, "waiting for a report is not noted yet: {error}"),
        }
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(Duration::from_secs(2));
    }
}

/// What another run of a driver left as sent, or uncertain, waits for its reports: that run may have been killed before it
/// could say so.
pub(crate) async fn await_reports(driver: &Driver, item: &MtItem, entries: &[Recorded]) {
    let options = &item.request.options;
    for (part, Recorded { entry, .. }) in (1..).zip(entries) {
        let reference = match entry.stage {
            Stage::Sent { reference, .. } => Some(reference),
            Stage::Uncertain { .. } => None,
            _ => continue,
        };
        if options.no_report || entry.driver == driver.id {
            continue;
        }
        let sent_at = entry.sent_at();
        let awaited = Awaited {
            message: item.id,
            part,
            parts: entry.parts,
            org: item.request.org,
            owner: item.request.owner,
            sent_at,
            until: Awaited::end(sent_at, options.validity_minutes),
            uncertain: reference.is_none(),
        };
        let key = reports::key(entry.sim, reference, &reports::tail(&item.request.to));
        keep(&driver.waiting_of(entry.modem).reports, &key, &awaited).await;
    }
}

/// Gives an item to the modem that holds `sim`, whose journal entries follow it to its new place. `from` is the item's
/// place until now: moved twice from there, it is one. An item that the broker does not take at its new place is failed.
pub(crate) async fn redirect(driver: &Driver, item: &MtItem, sim: SimId, from: u64) {
    let item = MtItem { target: Target::Sim(sim), ..item.clone() };
    let moved = Moved { item, from };
    let item = &moved.item;
    let mut wait = Duration::from_millis(100);
    let sequence = loop {
        match driver.bus.publish(&moved).await {
            Ok(published) => break published.sequence,
            Err(error @ (PublishError::TooLarge { .. } | PublishError::Encode { .. })) => {
                tracing::error!(message.id = %item.id, "{error}");
                return cannot_move(driver, item).await;
            }
            Err(error) => tracing::warn!(message.id = %item.id, "{error}"),
        }
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(Duration::from_secs(5));
    };
    let entries = driver.journal.entries_when_answered(item.id, item.parts).await;
    for (part, recorded) in (1..).zip(entries) {
        let entry = Entry { sequence, round: item.request.round, ..recorded.entry };
        let key = entry::key(item.id, part);
        // A conflict: the other modem has it in hand already, and knows its place.
        if let Err(error) = driver.journal.write(&key, &entry, Some(recorded.revision)).await {
            tracing::debug!(key, "the entry stays as it is: {error}");
        }
    }
}

/// The item will be gone from its old place, so its end is told.
async fn cannot_move(driver: &Driver, item: &MtItem) {
    let error = SendError {
        code: "too-large".to_owned(),
        text: "The rest of the message has to go out through the SIM that sent its first parts, and is too large for \
               the broker's limit. Send a shorter message, or raise max_payload of the NATS server."
            .to_owned(),
    };
    let failed = MtChange::Failed { error, through: None, tries: item.request.tries };
    driver.tell_change(About::item(item), failed).await;
}

/// An item that changes its target. It has an id of its own, or the broker would take it for a duplicate of itself.
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
