//! Waits for the reports of parts that an earlier run of a driver left as sent or uncertain.

use contracts::mt::MtItem;

use crate::dispatch::Dispatch;
use crate::journal::entry::{Recorded, Stage};
use crate::reports::{self, Awaited};

/// Has what another run of a driver left as sent, or uncertain, wait for its reports: that run may have been killed
/// before it could say so.
pub(crate) async fn await_reports(dispatch: &Dispatch, item: &MtItem, entries: &[Recorded]) {
    let options = &item.request.options;
    for (part, Recorded { entry, .. }) in (1..).zip(entries) {
        let reference = match entry.stage {
            Stage::Sent { reference, .. } => Some(reference),
            Stage::Uncertain { .. } => None,
            _ => continue,
        };
        if options.no_report || entry.driver == dispatch.id {
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
            round: item.request.round,
            uncertain: reference.is_none(),
        };
        let key = reports::key(entry.sim, reference, &reports::tail(&item.request.to));
        dispatch.outstanding_of(entry.modem).reports.keep_until_kept(&key, &awaited).await;
    }
}
