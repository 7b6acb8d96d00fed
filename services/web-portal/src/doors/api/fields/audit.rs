//! What the calls of the audit log take.

use store::{AuditAction, AuditPlace};

use super::{Call, Kind, PAGE, get, may};
use crate::acts::audit::LONGEST_WORD;

/// What can be done that is told of.
const ACTIONS: [&str; AuditAction::ALL.len()] = {
    let mut words = [""; AuditAction::ALL.len()];
    let mut n = 0;
    while n < words.len() {
        words[n] = AuditAction::ALL[n].as_str();
        n += 1;
    }
    words
};

/// The calls of the audit log.
pub(super) const AUDIT: [Call; 2] = [
    get(
        "/audit",
        &[
            may("actor", Kind::Text(LONGEST_WORD)),
            may("action", Kind::OneOf(&ACTIONS)),
            may("subject", Kind::Text(LONGEST_WORD)),
            may("since", Kind::Time),
            may("until", Kind::Time),
            may("limit", Kind::Number(1, PAGE as i64)),
            may("before", Kind::Text(AuditPlace::LONGEST)),
        ],
    ),
    get("/audit/verify", &[may("after", Kind::Number(0, i64::MAX))]),
];
