//! Writes to the journal what must stand there, until it does.

use bus::{Backoff, KvError};

use crate::dispatch::Dispatch;
use crate::journal::about::About;
use crate::journal::entry::{self, Entry, Stage};
use crate::reports::Awaited;
use crate::spool::file::SpoolError;
use crate::spool::record::{Answer, Record};

/// Between tries to write an entry.
const PAUSES: Backoff = Backoff::of_millis(50, 2_000);

/// Who decides what becomes of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Judged {
    /// This driver does: the journal has what was to be written.
    Here,
    /// A driver that had the item later: what was found out here is too late, and nothing may be told or settled.
    Elsewhere,
}

impl Judged {
    /// Returns who decides what becomes of a message of several parts.
    pub(crate) fn and(self, other: Self) -> Self {
        if self == Self::Here { other } else { self }
    }
}

/// An entry that takes the place of another.
#[derive(Debug)]
pub(crate) struct Replacement {
    pub(crate) key: String,
    pub(crate) entry: Entry,
    /// The revision of the entry that is replaced; `None` when there was no entry.
    pub(crate) revision: Option<u64>,
}

/// Takes back the entry of a part that was not given to the modem after all. The journal may have the entry, may get it
/// late, or never.
pub(crate) struct Withdrawal {
    pub(crate) key: String,
    /// The entry that was written, or may have been.
    pub(crate) begun: Entry,
    /// The revision of the entry that `begun` was to replace; `None` when there was no entry.
    pub(crate) revision: Option<u64>,
}

impl Withdrawal {
    /// Writes that the part waits, until the journal has it: then what comes late of the other entry is refused. What
    /// another driver has written meanwhile stays.
    pub(crate) async fn carry_out(self, dispatch: &Dispatch, about: About) -> Judged {
        let Self { key, begun, mut revision } = self;
        let tries = begun.tries.saturating_sub(1);
        let at = dispatch.clock.now();
        let waiting = Entry { stage: Stage::Waiting, tries, at, ..begun.clone() };
        let mut spooled = false;
        let mut pauses = PAUSES;
        loop {
            if !spooled && !dispatch.bus.is_connected() {
                spooled = spool(dispatch, about, &key, &waiting, None).await;
            }
            match dispatch.journal.write(&key, &waiting, revision).await {
                Ok(_) => return Judged::Here,
                Err(error) if error.is_conflict() => match dispatch.journal.entry(&key).await {
                    Ok(Some(there)) if there.entry == begun => revision = Some(there.revision),
                    Ok(Some(there)) if there.entry.is_cancelled() => return Judged::Here,
                    Ok(Some(_)) | Err(KvError::Decode { .. }) => return Judged::Elsewhere,
                    Ok(None) => revision = None,
                    Err(error) => tracing::debug!(key, "the journal does not answer: {error}"),
                },
                Err(error) => tracing::warn!(key, "the journal waits for the broker: {error}"),
            }
            pauses.wait().await;
        }
    }
}

/// Writes an entry until the journal has it, over the one of the replaced revision.
///
/// An entry that another driver has written since stays: its revision and lease say that it had the item later, and
/// what it judged or is doing must not be undone. Only that a part is out goes before everything else, or the part
/// would go out again; and that a part may be out is written anew where the broker has lost the entry. What has to wait
/// for the broker is kept in the spool, with what its report is matched by.
pub(crate) async fn write(
    dispatch: &Dispatch,
    about: About,
    replacement: &Replacement,
    awaited: Option<&(String, Awaited)>,
) -> Judged {
    let Replacement { key, entry, revision } = replacement;
    let mut revision = *revision;
    let is_out = matches!(entry.stage, Stage::Sent { .. });
    let may_be_out = is_out || matches!(entry.stage, Stage::Uncertain { .. });
    let mut spooled = false;
    let mut pauses = PAUSES;
    loop {
        if !spooled && !dispatch.bus.is_connected() {
            spooled = spool(dispatch, about, key, entry, awaited).await;
        }
        match dispatch.journal.write(key, entry, revision).await {
            Ok(_) => return Judged::Here,
            Err(error) if error.is_conflict() => match dispatch.journal.entry(key).await {
                Ok(Some(there)) if is_out && matches!(there.entry.stage, Stage::Sent { .. }) => {
                    return Judged::Here;
                }
                // The message was cancelled after the journal had that the part waits again and that answer was lost. The
                // item comes again, and its end is told then.
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
                    spooled = spool(dispatch, about, key, entry, awaited).await;
                }
            }
        }
        pauses.wait().await;
    }
}

/// Keeps an entry on this host. That a part went out, or that it was not given to the modem at all, is known only here:
/// a driver that is killed before the broker is back still knows it afterwards. Other ends the driver may forget: then
/// the part is uncertain. Returns whether nothing is left to be kept.
async fn spool(
    dispatch: &Dispatch,
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
    match dispatch.spool.append(Record::Answer(Box::new(answer))).await {
        Ok(()) | Err(SpoolError::NoFolder) => true,
        Err(error) => {
            tracing::debug!(key, "the answer to a part is not kept on this host: {error}");
            false
        }
    }
}
