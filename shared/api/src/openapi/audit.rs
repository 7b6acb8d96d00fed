//! The calls of the audit log.

use super::call::{Call, Calls};
use crate::{AuditLog, AuditVerdict, ListAudit, VerifyAudit};

/// Adds them.
pub(super) fn add(calls: &mut Calls) {
    calls.group("Audit log");
    calls.add(
        Call::get(
            "listAudit",
            "/audit",
            "Lists what was done, by whom and from where, newest first.",
        )
        .needs("audit:read")
        .asks::<ListAudit>()
        .answers::<AuditLog>(200, "A page. With `Accept: text/csv`, all of them as CSV."),
    );
    calls.add(
        Call::get(
            "verifyAudit",
            "/audit/verify",
            "Verifies that no entry was changed, removed or put between others.",
        )
        .needs("audit:read")
        .asks::<VerifyAudit>()
        .answers::<AuditVerdict>(200, "What came of it."),
    );
}
