//! What the journal says a delivery report is about, where nothing waits for that report.
//!
//! A driver that was killed may have left a part in the journal for which nothing waits in the bucket of reports yet:
//! it is written after the journal, and for a part whose answer never came only when another driver has judged the
//! part. A report to the part's recipient proves that the part is out, so it is judged by that, and neither left
//! uncertain nor sent again.

use std::time::Duration;

use bus::KvError;
use contracts::mo::MoPart;
use contracts::{MessageId, OrgId, Timestamp, UserId};
use tpdu::StatusReport;

use crate::dispatch::Dispatch;
use crate::journal::entry::{self, Entry, Recorded, Stage};
use crate::reports::{Awaited, CLOSE, SKEW};

/// How often a part is looked for whose entry changes meanwhile.
const TRIES: usize = 4;

/// A report whose part is looked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reported<'a> {
    pub(crate) part: &'a MoPart,
    pub(crate) report: &'a StatusReport,
    /// The recipient, as [`crate::reports::tail`] has it.
    pub(crate) tail: &'a str,
    /// When the service centre took the message.
    pub(crate) taken_at: Option<Timestamp>,
}

/// A part of the journal that may be meant.
struct Candidate {
    message: MessageId,
    part: u8,
    recorded: Recorded,
    distance: Duration,
}

/// Finds the part that a report is about. With `unanswered` the part may also be one of which nobody knows whether it
/// went out; if a driver that is gone was writing that part, the journal has it as sent when this returns.
///
/// # Errors
/// The broker does not answer.
pub(crate) async fn find(
    dispatch: &Dispatch,
    reported: Reported<'_>,
    unanswered: bool,
) -> Result<Option<Awaited>, KvError> {
    let reference = reported.report.reference;
    for _ in 0..TRIES {
        let candidates = candidates(dispatch, reported).await?;
        let with_reference = candidates.iter().filter(|one| {
            matches!(one.recorded.entry.stage, Stage::Sent { reference: given, .. } if given == reference)
                && one.distance <= SKEW
        });
        if let Some(sent) = with_reference.min_by_key(|one| one.distance) {
            return Ok(Some(sent.awaited(false)));
        }
        if !unanswered {
            return Ok(None);
        }
        let mut open = Vec::new();
        for one in candidates {
            if one.fits(reported.taken_at)
                && is_open(dispatch, reported, &one.recorded.entry).await?
            {
                open.push(one);
            }
        }
        // Parts are written in order, and reported in that order more often than not.
        let Some(oldest) = open.into_iter().min_by_key(|one| one.recorded.entry.at) else {
            return Ok(None);
        };
        if oldest.recorded.entry.stage != Stage::Writing {
            return Ok(Some(oldest.awaited(true)));
        }
        let at = dispatch.clock.now();
        let sent =
            Entry { stage: Stage::Sent { reference, at }, at, ..oldest.recorded.entry.clone() };
        let key = entry::key(oldest.message, oldest.part);
        match dispatch.journal.write(&key, &sent, Some(oldest.recorded.revision)).await {
            Ok(_) => {
                tracing::info!(message.id = %oldest.message, oldest.part, "a delivery report proves that the part went out before its driver stopped");
                return Ok(Some(oldest.awaited(false)));
            }
            // Another driver judged the part in this moment.
            Err(error) if error.is_conflict() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

/// Returns the parts that went, or may have gone, to the report's recipient through the report's SIM.
async fn candidates(
    dispatch: &Dispatch,
    reported: Reported<'_>,
) -> Result<Vec<Candidate>, KvError> {
    let all = dispatch.journal.all().await?.entries.into_iter();
    let of_it = all.filter(|(_, recorded)| {
        let entry = &recorded.entry;
        entry.sim == reported.part.sim && !entry.to.is_empty() && entry.to == reported.tail
    });
    Ok(of_it
        .filter_map(|(key, recorded)| {
            let (message, part) = entry::parse_key(&key)?;
            let sent_at = recorded.entry.sent_at();
            let distance = reported
                .taken_at
                .map_or(Duration::ZERO, |taken| taken.since(sent_at).max(sent_at.since(taken)));
            Some(Candidate { message, part, recorded, distance })
        })
        .collect())
}

/// Returns whether nobody knows if the part of an entry went out, and nobody is about to say so.
async fn is_open(
    dispatch: &Dispatch,
    reported: Reported<'_>,
    entry: &Entry,
) -> Result<bool, KvError> {
    match entry.stage {
        Stage::Uncertain { .. } => Ok(true),
        // What this driver is writing is waited for, and what it is about to write has no report.
        Stage::Writing if entry.driver == dispatch.id => Ok(false),
        // This driver has the modem now.
        Stage::Writing if entry.modem == reported.part.modem => Ok(true),
        Stage::Writing => Ok(!dispatch.is_alive(entry).await?),
        _ => Ok(false),
    }
}

impl Candidate {
    /// Returns whether the service centre may have taken this part at `taken_at`. Of a part that is uncertain, only the
    /// time is known at which it was judged, which was some time after the part was written.
    fn fits(&self, taken_at: Option<Timestamp>) -> bool {
        let entry = &self.recorded.entry;
        let is_before = taken_at.is_some_and(|taken| taken < entry.at);
        let is_judged = matches!(entry.stage, Stage::Uncertain { .. });
        self.distance <= if is_judged && is_before { SKEW } else { CLOSE }
    }

    fn awaited(&self, uncertain: bool) -> Awaited {
        let entry = &self.recorded.entry;
        let sent_at = entry.sent_at();
        Awaited {
            message: self.message,
            part: self.part,
            parts: entry.parts,
            org: entry.org.unwrap_or_else(OrgId::default_org),
            owner: entry.owner.unwrap_or_else(UserId::internal),
            sent_at,
            until: Awaited::end(sent_at, None),
            round: entry.round,
            uncertain,
        }
    }
}
