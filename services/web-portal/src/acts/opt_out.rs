//! Who asked to be sent nothing more, and who is sent messages again.

use contracts::PhoneNumber;
use serde_json::json;
use store::{AuditAction, NewOptOuts, OptOutChange, OptOutSource, StoreError};

use crate::acts::masked;
use crate::acts::not_read::NotRead;
use crate::app::App;
use crate::authority::{Authority, Denied};
use crate::power::Power;

/// The most numbers of one change.
pub(crate) const MOST_NUMBERS: usize = 1_000;
/// How much of what was said of a number is shown.
const CHANGES: u32 = 100;

/// How many of what are no numbers are named.
const NAMED: usize = 10;
/// Characters of each that are named.
const LONGEST_NAMED: usize = 32;

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotChanged {
    /// Not with this authority.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// There are none, or too many.
    #[error("say 1 to {MOST_NUMBERS} numbers at a time")]
    Count,
    /// These are none; at most ten are named.
    #[error("these are no numbers: {}", .0.join(", "))]
    NoNumbers(Vec<String>),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The numbers that are out, sorted, from the one after `after`; and whether more follow.
pub(crate) async fn list(
    app: &App,
    authority: &Authority,
    after: Option<&PhoneNumber>,
    limit: u32,
) -> Result<(Vec<OptOutChange>, bool), NotRead> {
    authority.must(Power::OptOutsRead)?;
    let mut all = app.store.opt_outs(authority.reach, after, limit + 1).await?;
    let more = all.len() > usize::try_from(limit).unwrap_or(usize::MAX);
    all.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok((all, more))
}

/// What was said of a number, newest first; nothing: it was never out.
pub(crate) async fn history(
    app: &App,
    authority: &Authority,
    number: &PhoneNumber,
) -> Result<Vec<OptOutChange>, NotRead> {
    authority.must(Power::OptOutsRead)?;
    let number = app.settings.numbering.normal(number);
    Ok(app.store.opt_out_changes(authority.reach, &number, CHANGES).await?)
}

/// Says that numbers, as people write them, are out, or are sent messages again. Returns of how many that is new.
pub(crate) async fn change(
    app: &App,
    authority: &Authority,
    written: &[String],
    out: bool,
    source: OptOutSource,
) -> Result<u64, NotChanged> {
    authority.must_for_good(Power::OptOutsManage)?;
    if !(1..=MOST_NUMBERS).contains(&written.len()) {
        return Err(NotChanged::Count);
    }
    let mut numbers = Vec::with_capacity(written.len());
    let mut wrong = Vec::new();
    for text in written {
        match app.settings.numbering.written(text) {
            Ok(number) => numbers.push(number),
            Err(_) if wrong.len() < NAMED => wrong.push(text.chars().take(LONGEST_NAMED).collect()),
            Err(_) => {}
        }
    }
    if !wrong.is_empty() {
        return Err(NotChanged::NoNumbers(wrong));
    }
    let new = NewOptOuts { numbers, out, source, account: authority.owner() };
    let action = if out { AuditAction::OptOutAdded } else { AuditAction::OptOutRemoved };
    let named: Vec<String> = new.numbers.iter().take(NAMED).map(masked::number).collect();
    let with = json!({ "numbers": new.numbers.len(), "source": source.as_str() });
    let entry = authority.entry(app, action).about(&named.join(", "), "").with(&with);
    let store = app.store.audited(entry);
    let changed = store.change_opt_outs(authority.reach, &new, app.clock.now()).await?;
    tracing::info!(changed, out, by = authority.name(), "it was changed who is sent nothing");
    Ok(changed)
}
