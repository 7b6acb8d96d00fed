//! The audit log: what was done, by whom and from where; and whether its chain is whole.

use contracts::Timestamp;
use store::{AuditAction, AuditEntry, AuditFilter, AuditPlace, AuditVerdict, StoreError};

use crate::acts::not_read::NotRead;
use crate::app::App;
use crate::authority::{Authority, Denied};
use crate::power::Power;

/// The most characters of an id, or of a name, that entries are looked for by.
pub(crate) const LONGEST_WORD: usize = 200;
/// Entries that one call verifies.
pub(crate) const VERIFIED: u32 = 50_000;

/// Why the log was not read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotShown {
    /// Not with this authority.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// Nothing is called so that can be done.
    #[error(
        "there is no action '{0}'; an action is such as key.revoked, and the documentation of the API lists them"
    )]
    NoSuchAction(String),
    /// A chain is to be verified from where it does not reach.
    #[error("the log ends with the entry {last}: verify it after one of its entries, 0 to {last}")]
    Beyond {
        /// The last entry.
        last: i64,
    },
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<NotRead> for NotShown {
    fn from(not_read: NotRead) -> Self {
        match not_read {
            NotRead::Denied(denied) => Self::Denied(denied),
            NotRead::Store(error) => Self::Store(error),
        }
    }
}

/// Which entries are wanted. What is empty is not asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// Who acted: the name or the id of an account, or the word of a kind of actor, such as `local`.
    pub(crate) actor: String,
    /// The word of an action.
    pub(crate) action: String,
    /// The id of what it was done to.
    pub(crate) subject: String,
    /// Only what was done at this time or later.
    pub(crate) since: Option<Timestamp>,
    /// Only what was done before this time.
    pub(crate) until: Option<Timestamp>,
}

/// Entries, newest first.
#[derive(Debug)]
pub(crate) struct Shown {
    /// Those of this page.
    pub(crate) entries: Vec<AuditEntry>,
    /// After which the next page begins; none: this is the last.
    pub(crate) next: Option<AuditPlace>,
}

/// A page of the entries that are wanted, from the one after `before`, at most `limit` of them.
pub(crate) async fn list(
    app: &App,
    authority: &Authority,
    wanted: &Wanted,
    before: Option<AuditPlace>,
    limit: u32,
) -> Result<Shown, NotShown> {
    authority.must(Power::AuditRead)?;
    let filter = filter(app, authority, wanted).await?;
    Ok(page(app, authority, &filter, before, limit).await?)
}

/// Reads a page by a filter that was made before.
pub(super) async fn page(
    app: &App,
    authority: &Authority,
    filter: &AuditFilter,
    before: Option<AuditPlace>,
    limit: u32,
) -> Result<Shown, NotRead> {
    authority.must(Power::AuditRead)?;
    // One more than the page has says whether another page follows.
    let mut entries = app.store.audit(authority.reach, filter, before, limit + 1).await?;
    let rows = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = entries.len() > rows;
    entries.truncate(rows);
    let last = entries.last().filter(|_| more);
    let next = last.map(|last| AuditPlace { at: last.at, sequence: last.sequence });
    Ok(Shown { entries, next })
}

/// The filter of what is wanted. A name that no account has now is looked for as the id that it may be.
pub(super) async fn filter(
    app: &App,
    authority: &Authority,
    wanted: &Wanted,
) -> Result<AuditFilter, NotShown> {
    authority.must(Power::AuditRead)?;
    let filled = |text: &str| Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned);
    let action = match filled(&wanted.action) {
        None => None,
        Some(word) => Some(word.parse::<AuditAction>().map_err(|_| NotShown::NoSuchAction(word))?),
    };
    let actor = match filled(&wanted.actor) {
        None => None,
        Some(said) => match app.store.find_user(authority.reach, &said).await? {
            Some(user) => Some(user.id.to_string()),
            None => Some(said),
        },
    };
    let subject = filled(&wanted.subject);
    Ok(AuditFilter { actor, action, subject, since: wanted.since, until: wanted.until })
}

/// Verifies the chain after the entry `after`, at most [`VERIFIED`] entries of it.
pub(crate) async fn verify(
    app: &App,
    authority: &Authority,
    after: i64,
) -> Result<AuditVerdict, NotShown> {
    authority.must(Power::AuditRead)?;
    let verdict = app.store.verify_audit(authority.reach, after, VERIFIED).await?;
    // That nothing is there says nothing of what is.
    if after > verdict.last {
        return Err(NotShown::Beyond { last: verdict.last });
    }
    if let Some((sequence, fault)) = &verdict.broken {
        tracing::error!(sequence, %fault, "the chain of the audit log is broken");
    }
    Ok(verdict)
}
