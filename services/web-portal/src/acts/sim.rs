//! SIMs, who may use them, and how much they may send.

use std::collections::{BTreeMap, HashMap};

use contracts::config_kv::Sim;
use contracts::{PhoneNumber, SimId};
use store::{AuditAction, SimChange, SimError};

use crate::acts::masked;
use crate::acts::not_read::NotRead;
use crate::acts::sim_limits::{NotLimits, checked};
use crate::app::App;
use crate::authority::{Authority, Denied};
use crate::power::Power;

/// Why a SIM was not found, or why what is set for it was not changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SimKept {
    /// Not with this authority.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The change.
    #[error(transparent)]
    Sim(#[from] SimError),
    /// Its limits cannot be meant.
    #[error(transparent)]
    Limits(#[from] NotLimits),
}

/// The SIMs that are `seen` in modems, and those for which something was set.
pub(crate) async fn list(
    app: &App,
    authority: &Authority,
    seen: impl Iterator<Item = SimId>,
) -> Result<BTreeMap<SimId, Sim>, NotRead> {
    authority.must(Power::ModemsRead)?;
    let mut sims: BTreeMap<SimId, Sim> = seen.map(|sim| (sim, Sim::unset(authority.org))).collect();
    sims.extend(app.store.sims(authority.reach).await?);
    Ok(sims)
}

/// A SIM of the organisation.
pub(crate) async fn find(app: &App, authority: &Authority, id: SimId) -> Result<Sim, SimKept> {
    authority.must_one_of([Power::ModemsRead, Power::SimsManage])?;
    Ok(app.store.sim(authority.reach, id).await?)
}

/// Says who may use a SIM, which pool it is in, and how much it may send.
pub(crate) async fn change(
    app: &App,
    authority: &Authority,
    id: SimId,
    change: SimChange,
) -> Result<Sim, SimKept> {
    authority.must_for_good(Power::SimsManage)?;
    let limits = change.limits.as_ref().map(checked).transpose()?;
    let change = SimChange { limits, ..change };
    let is_limits = change.senders.is_none() && change.readers.is_none() && change.pool.is_none();
    let action = if is_limits { AuditAction::SimLimitsChanged } else { AuditAction::SimChanged };
    let number = app.fleet.numbers(authority.org).await.get(&id).map(masked::number);
    let entry = authority.entry(app, action).about(&id, &number.unwrap_or_default());
    let store = app.store.audited(entry);
    let sim = store.change_sim(authority.reach, id, &change, app.clock.now()).await?;
    if let Some(limits) = &change.limits {
        tracing::info!(sim = %id, by = authority.name(), ?limits, "the limits of a SIM were changed");
    }
    if let Some(pool) = &change.pool {
        tracing::info!(sim = %id, by = authority.name(), %pool, "a SIM was put into a pool");
    }
    if change.senders.is_some() || change.readers.is_some() {
        tracing::info!(sim = %id, by = authority.name(), "who may use a SIM was changed");
    }
    Ok(sim)
}

/// The SIM that has a number, among those that are in modems now.
pub(crate) fn with_number(numbers: &HashMap<SimId, PhoneNumber>, written: &str) -> Option<SimId> {
    let wanted = PhoneNumber::parse(written).ok()?;
    numbers.iter().find(|(_, number)| **number == wanted).map(|(sim, _)| *sim)
}
