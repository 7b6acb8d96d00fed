//! The audit log.

use api::{
    AuditActor, AuditBreak, AuditEntry, AuditLog, AuditSubject, AuditVerdict, ListAudit,
    VerifyAudit,
};
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use store::AuditPlace;

use super::body::CheckedQuery;
use super::caller::Caller;
use super::problem::{Answer, Problem, sentence};
use super::{csv, paging};
use crate::acts::audit::{self, NotShown, Shown, Wanted};
use crate::acts::export;
use crate::app::App;

/// `GET /audit`: a page, or all of it as CSV.
pub(super) async fn list(
    State(app): State<App>,
    Caller(authority): Caller,
    headers: HeaderMap,
    CheckedQuery(listing): CheckedQuery<ListAudit>,
) -> Answer<Response> {
    let limit = paging::page(listing.limit, None)?.limit;
    let before = listing.before.as_deref().map(str::parse::<AuditPlace>).transpose();
    let before = before.map_err(|error| Problem::malformed(format!("before: {error}.")))?;
    let wanted = Wanted {
        actor: listing.actor.unwrap_or_default(),
        action: listing.action.unwrap_or_default(),
        subject: listing.subject.unwrap_or_default(),
        since: listing.since,
        until: listing.until,
    };
    if csv::is_wanted(&headers) {
        return Ok(csv::answer(export::audit_log(&app, &authority, &wanted).await?));
    }
    let Shown { entries, next } = audit::list(&app, &authority, &wanted, before, limit).await?;
    let entries = entries.into_iter().map(shown).collect();
    Ok(Json(AuditLog { entries, next: next.map(|next| next.to_string()) }).into_response())
}

/// `GET /audit/verify`.
pub(super) async fn verify(
    State(app): State<App>,
    Caller(authority): Caller,
    CheckedQuery(asked): CheckedQuery<VerifyAudit>,
) -> Answer<Json<AuditVerdict>> {
    let after = asked.after.unwrap_or_default();
    let verdict = audit::verify(&app, &authority, after).await?;
    let broken = verdict
        .broken
        .map(|(sequence, fault)| AuditBreak { sequence, fault: fault.as_str().to_owned() });
    Ok(Json(AuditVerdict {
        whole: broken.is_none(),
        checked: verdict.checked,
        through: verdict.through,
        hash: verdict.hash,
        broken,
        next: verdict.more.then_some(verdict.through),
    }))
}

fn shown(entry: store::AuditEntry) -> AuditEntry {
    let actor = AuditActor {
        kind: entry.actor_kind,
        id: entry.actor,
        name: entry.actor_name,
        key: entry.actor_key.and_then(|key| key.parse().ok()),
    };
    AuditEntry {
        sequence: entry.sequence,
        at: entry.at,
        actor,
        door: entry.door,
        address: entry.address,
        action: entry.action,
        subject: AuditSubject { id: entry.subject, name: entry.subject_name },
        before: entry.before,
        after: entry.after,
        previous: entry.previous,
        hash: entry.hash,
    }
}

impl From<NotShown> for Problem {
    fn from(refused: NotShown) -> Self {
        match refused {
            NotShown::Denied(denied) => denied.into(),
            NotShown::NoSuchAction(_) => {
                Self::malformed(sentence(&refused.to_string())).with("field", "action")
            }
            NotShown::Beyond { last } => Self::malformed(sentence(&refused.to_string()))
                .with("field", "after")
                .with("last", last),
            NotShown::Store(error) => error.into(),
        }
    }
}
