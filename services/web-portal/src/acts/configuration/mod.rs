//! What people set in a gateway as one document, for a repository: read, compared with what there is, and brought in.
//!
//! The document has a list for each [`Kind`] of settings. It names things by what people call them, and has nothing in it that
//! changes by itself, and no secret: two exports of the same settings are the same. A document is looked at as a whole first, by what
//! the acts that keep each of its entries ask ([`check()`]). Then those acts keep them, one after another ([`import`]): with
//! the powers that each of them needs, so a document gives nobody more than they may do by hand. What an import leaves undone, the
//! same import does when it is run again.

mod check;
mod compare;
mod flaws;
mod groups;
mod kind;
mod opt_outs;
mod pools;
mod refusal;
mod rules;
mod schedules;
mod secrets;
mod section;
mod services;
mod sims;
mod teams;
mod templates;
mod there;
mod webhooks;

use store::StoreError;

use crate::acts::not_read::NotRead;
use crate::app::App;
use crate::authority::{Authority, Denied};
use crate::power::Power;
pub(crate) use check::Plan;
pub(crate) use compare::Change;
pub(crate) use flaws::Flaw;
pub(crate) use kind::Kind;
pub(crate) use refusal::NotTaken;
pub(crate) use section::Fields;
use section::Section;
use there::There;

/// The most acts of one call, so that it ends in time and says how far it came.
const AT_ONCE: usize = 25;

/// What people set.
pub(crate) struct Shown {
    /// The document.
    pub(crate) document: Fields,
    /// What tells these settings from others.
    pub(crate) version: String,
    /// The kinds that are not in it, and why: they may not be read with this authority, or there are too many.
    pub(crate) left_out: Vec<(Kind, String)>,
}

/// What came of an import.
pub(crate) struct Imported {
    /// What was changed.
    pub(crate) done: Vec<Change>,
    /// How many changes are left for the next call.
    pub(crate) left: usize,
    /// What tells the settings from others now.
    pub(crate) version: String,
}

/// Why a document was not imported, or not to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotImported {
    /// Something could not be read.
    #[error(transparent)]
    Read(#[from] NotRead),
    /// Something is wrong with it. Nothing was changed.
    #[error("the document cannot be imported like that; nothing was changed")]
    Wrong(Vec<Flaw>),
    /// Somebody changed a setting meanwhile.
    #[error(
        "settings were changed meanwhile{}: look at what would be changed now, then import again", after(.done)
    )]
    Meanwhile {
        /// The changes that were made before that was seen, each in a line.
        done: Vec<String>,
    },
    /// An act refused what it had not refused beforehand.
    #[error("{change} could not be done: {why}{}; import again when that is mended", after(.done))]
    Stopped {
        /// The change, in a line.
        change: String,
        /// What it said.
        #[source]
        why: NotTaken,
        /// The changes that were made before, each in a line.
        done: Vec<String>,
    },
}

impl From<Denied> for NotImported {
    fn from(denied: Denied) -> Self {
        Self::Read(denied.into())
    }
}

impl From<StoreError> for NotImported {
    fn from(error: StoreError) -> Self {
        Self::Read(error.into())
    }
}

/// As in `, after 3 changes were made`.
fn after(done: &[String]) -> String {
    match done.len() {
        0 => ", before anything was changed".to_owned(),
        1 => ", after one change was made".to_owned(),
        count => format!(", after {count} changes were made"),
    }
}

/// The document of what is set, as far as it may be read; opt-outs when they are wanted.
pub(crate) async fn show(
    app: &App,
    authority: &Authority,
    has_opt_outs: bool,
) -> Result<Shown, NotRead> {
    authority.must(Power::RoutesRead)?;
    let there = There::of(app, authority, has_opt_outs).await?;
    let (mut document, version) = (there.document(), there.version());
    let denied = there.left_out.iter().map(|(kind, denied)| (*kind, denied.to_string()));
    let mut left_out: Vec<(Kind, String)> = denied.collect();
    if let Some(why) = opt_outs::too_many(&there) {
        document.remove(Kind::OptOuts.as_str());
        left_out.push((Kind::OptOuts, why));
    }
    Ok(Shown { document, version, left_out })
}

/// What an import would change, and what is wrong with the document. With `prune`, what is not in a list of the document is
/// removed; what has no list in it stays in any case.
pub(crate) async fn check(
    app: &App,
    authority: &Authority,
    document: &Fields,
    prune: bool,
) -> Result<Plan, NotRead> {
    authority.must(Power::RoutesManage)?;
    Box::pin(Plan::of(app, authority, document, prune)).await
}

/// Makes the settings like a document, a few changes a call: until none are left, whoever imports calls again with the version that
/// the answer has.
pub(crate) async fn import(
    app: &App,
    authority: &Authority,
    document: &Fields,
    (prune, version): (bool, &str),
) -> Result<Imported, NotImported> {
    authority.must(Power::RoutesManage)?;
    let mut plan = Box::pin(Plan::of(app, authority, document, prune)).await?;
    if !plan.flaws.is_empty() {
        return Err(NotImported::Wrong(plan.flaws));
    }
    if plan.version != version {
        return Err(NotImported::Meanwhile { done: Vec::new() });
    }
    let has_opt_outs = plan.wanted.contains_key(&Kind::OptOuts);
    teams::takers_first(&plan.there, &mut plan.changes);
    let (mut done, mut rest): (Vec<Change>, &[Change]) = (Vec::new(), &plan.changes);
    // What there is since a team was changed here, which took SIMs of others, and so changed these and what those SIMs say.
    let mut since: Option<There> = None;
    for _ in 0..AT_ONCE {
        let Some(first) = rest.first() else { break };
        let (act, others) = rest.split_at(size_of_act(first, rest));
        rest = others;
        let lines = || done.iter().map(|change| change.words.clone()).collect::<Vec<String>>();
        // Somebody else may be at it too.
        let there = There::of(app, authority, has_opt_outs && first.kind == Kind::OptOuts).await?;
        let of_teams = is_of_teams(first);
        let before = since.as_ref().filter(|_| of_teams).unwrap_or(&plan.there);
        // One team changes others, so what becomes of all of them is looked at.
        let looked_at: Vec<&Change> = if first.kind == Kind::Teams {
            act.iter().chain(rest.iter().filter(|change| is_of_teams(change))).collect()
        } else {
            act.iter().collect()
        };
        if !is_as_before(before, &there, &looked_at) {
            return Err(NotImported::Meanwhile { done: lines() });
        }
        let none = Section::default();
        let wanted = plan.wanted.get(&first.kind).unwrap_or(&none);
        let applied = first.kind.apply(app, authority, &there, (act, wanted, prune));
        let applied = Box::pin(applied).await;
        applied.map_err(|why| NotImported::Stopped {
            change: first.words.clone(),
            why,
            done: lines(),
        })?;
        done.extend_from_slice(act);
        if first.kind == Kind::Teams {
            since = Some(There::of(app, authority, false).await?);
        }
    }
    // A team keeps what another one is to take until that does.
    let takes_more =
        rest.iter().any(|change| change.kind == Kind::Teams && change.wanted.is_some());
    let there = There::of(app, authority, has_opt_outs).await?;
    let is_there = |change: &Change| {
        let wanted = change.wanted.as_ref().map(|entry| &entry.fields);
        let is_open = takes_more && is_of_teams(change);
        is_open || change.key.is_empty() || there.fields(change.kind, &change.key) == wanted
    };
    if !done.iter().all(is_there) {
        let done = done.iter().map(|change| change.words.clone()).collect();
        return Err(NotImported::Meanwhile { done });
    }
    let (changes, left) = (done.len(), rest.len());
    tracing::info!(changes, left, by = authority.name(), "settings were imported");
    Ok(Imported { done, left, version: there.version() })
}

/// How many of the changes, which begin with this one, are made by one act.
fn size_of_act(first: &Change, rest: &[Change]) -> usize {
    if !first.kind.is_one_act() {
        return 1;
    }
    rest.iter().take_while(|change| change.kind == first.kind).count()
}

/// Whether a change is of a team, or of a SIM, of which its team says who uses it.
fn is_of_teams(change: &Change) -> bool {
    [Kind::Teams, Kind::Sims].contains(&change.kind)
}

/// Whether what is to be changed is still as it was before.
fn is_as_before(before: &There, there: &There, changes: &[&Change]) -> bool {
    let is_same = |change: &&Change| {
        let (kind, key) = (change.kind, change.key.as_str());
        before.fields(kind, key) == there.fields(kind, key)
    };
    let keys = |there: &There| {
        let section = there.section(Kind::Rules);
        section.map(|section| section.keys().into_iter().map(str::to_owned).collect::<Vec<_>>())
    };
    let is_ordered =
        changes.iter().all(|change| change.kind != Kind::Rules) || keys(before) == keys(there);
    is_ordered && changes.iter().all(is_same)
}
