//! SIMs: their pools, limits, and who may use them.

use std::num::NonZeroU32;

use contracts::config_kv::{Access, Sim};
use contracts::limits::{Limits, Quiet};
use contracts::{OrgId, PoolId, SimId};
use serde::{Deserialize, Serialize};
use store::SimChange;

use super::check::Check;
use super::compare::Change;
use super::kind::Kind;
use super::refusal::NotTaken;
use super::section::{Entry, Section, written};
use super::there::There;
use crate::acts::sim;
use crate::acts::sim_limits;
use crate::app::App;
use crate::authority::Authority;
use crate::power::Power;

/// The word for all accounts.
const EVERYBODY: &str = "everybody";

/// What is set for a SIM. What is absent is as for a SIM for which nothing is set.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SimFields {
    id: SimId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pool: Option<PoolId>,
    /// Users' names, or `everybody` alone; absent: everybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    senders: Option<Vec<String>>,
    /// The same; absent: nobody beside administrators.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    readers: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    per_minute: Option<NonZeroU32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    per_hour: Option<NonZeroU32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    per_day: Option<NonZeroU32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    per_month: Option<NonZeroU32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    price: Option<NonZeroU32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    spend_per_day: Option<NonZeroU32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    spend_per_month: Option<NonZeroU32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    recipients_per_month: Option<NonZeroU32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    quiet: Option<Quiet>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    warm_up: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    warm_up_from: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    zone: Option<String>,
}

/// The SIMs for which something is set.
pub(super) fn section(there: &There) -> Section {
    let set = there.sims.iter().map(|(id, sim)| (id, bare(sim))).filter(|(_, sim)| {
        let change = as_if_unset();
        !(change.senders.as_ref() == Some(&sim.senders)
            && change.readers.as_ref() == Some(&sim.readers)
            && change.limits.as_ref() == Some(&sim.limits)
            && change.pool.as_ref() == Some(&sim.pool))
    });
    Section::sorted(
        set.map(|(id, sim)| Entry::there(Kind::Sims, written(&fields(there, *id, &sim)))),
    )
}

/// A SIM as the list has it. Who uses one of a team is said by the team.
fn bare(sim: &Sim) -> Sim {
    if sim.team.is_none() {
        return sim.clone();
    }
    let Sim { senders, readers, team, .. } = Sim::unset(sim.org);
    Sim { senders, readers, team, ..sim.clone() }
}

fn fields(there: &There, id: SimId, sim: &Sim) -> SimFields {
    let names = |access: &Access| {
        if access.everybody {
            return vec![EVERYBODY.to_owned()];
        }
        let mut names: Vec<String> = access.users.iter().map(|id| there.user_name(*id)).collect();
        names.sort_by_key(|name| name.to_lowercase());
        names
    };
    let limits = &sim.limits;
    SimFields {
        id,
        pool: Some(sim.pool.clone()).filter(|pool| *pool != PoolId::default_pool()),
        senders: (!sim.senders.is_everybody()).then(|| names(&sim.senders)),
        readers: names(&sim.readers),
        per_minute: limits.per_minute,
        per_hour: limits.per_hour,
        per_day: limits.per_day,
        per_month: limits.per_month,
        price: limits.price,
        spend_per_day: limits.spend_per_day,
        spend_per_month: limits.spend_per_month,
        recipients_per_month: limits.recipients_per_month,
        quiet: limits.quiet,
        warm_up: limits.warm_up.map(|warm_up| warm_up.first_day.get()),
        warm_up_from: limits.warm_up.map(|warm_up| warm_up.from.to_string()),
        zone: limits.zone.clone(),
    }
}

/// What a file wants of a SIM, when it can be.
pub(super) async fn checked(look: &Check<'_>, entry: Entry) -> Result<Entry, NotTaken> {
    let Check { app, authority, there } = *look;
    authority.must_for_good(Power::SimsManage)?;
    let said: SimFields = entry.read()?;
    let change = change(app, there, &said)?;
    let sim = kept(sim::find(app, authority, said.id).await?, change);
    Ok(entry.kept(written(&fields(there, said.id, &sim))))
}

/// Keeps what a file wants.
pub(super) async fn apply(
    app: &App,
    authority: &Authority,
    there: &There,
    wanted: &Change,
) -> Result<(), NotTaken> {
    let (id, mut change) = if let Some(entry) = &wanted.wanted {
        let said: SimFields = entry.read()?;
        (said.id, change(app, there, &said)?)
    } else {
        let id = wanted.key.parse().map_err(|_| NotTaken::gone("SIM"))?;
        (id, as_if_unset())
    };
    if sim::find(app, authority, id).await?.team.is_some() {
        // What the list does not say of it is said by its team.
        let unset = as_if_unset();
        change.senders = change.senders.filter(|said| Some(said) != unset.senders.as_ref());
        change.readers = change.readers.filter(|said| Some(said) != unset.readers.as_ref());
    }
    sim::change(app, authority, id, change).await?;
    Ok(())
}

/// The change that makes a SIM as the file says, whatever is set for it now.
fn change(app: &App, there: &There, said: &SimFields) -> Result<SimChange, NotTaken> {
    let limits = Limits {
        per_minute: said.per_minute,
        per_hour: said.per_hour,
        per_day: said.per_day,
        per_month: said.per_month,
        price: said.price,
        spend_per_day: said.spend_per_day,
        spend_per_month: said.spend_per_month,
        recipients_per_month: said.recipients_per_month,
        quiet: said.quiet,
        warm_up: None,
        zone: said.zone.clone(),
    };
    if said.warm_up.is_some() && said.warm_up_from.is_none() {
        let words = "a warm-up in a file says its first day too: warm_up_from = \"2026-12-01\"";
        return Err(NotTaken::Wrong(words.to_owned()));
    }
    let from = said.warm_up_from.as_deref().unwrap_or_default();
    let limits = sim_limits::warmed_up(limits, said.warm_up, from, app.clock.now())?;
    Ok(SimChange {
        senders: Some(match &said.senders {
            Some(names) => access(there, names)?,
            None => Access::everybody(),
        }),
        readers: Some(access(there, &said.readers)?),
        limits: Some(sim_limits::checked(&limits)?),
        pool: Some(said.pool.clone().unwrap_or_else(PoolId::default_pool)),
    })
}

fn access(there: &There, names: &[String]) -> Result<Access, NotTaken> {
    if let [word] = names
        && word == EVERYBODY
    {
        return Ok(Access::everybody());
    }
    let ids = names.iter().map(|name| there.user(name).ok_or_else(|| no_such_user(name)));
    Ok(Access::only(ids.collect::<Result<Vec<_>, _>>()?))
}

/// That an account is not there.
pub(super) fn no_such_user(name: &str) -> NotTaken {
    let name = super::section::cut(name, 64);
    NotTaken::Wrong(format!(
        "there is no user named '{name}': add the account first (merpati user add)"
    ))
}

/// A SIM after a change.
fn kept(sim: Sim, change: SimChange) -> Sim {
    Sim {
        senders: change.senders.unwrap_or(sim.senders),
        readers: change.readers.unwrap_or(sim.readers),
        limits: change.limits.unwrap_or(sim.limits),
        pool: change.pool.unwrap_or(sim.pool),
        ..sim
    }
}

/// The change that takes back all that was set.
fn as_if_unset() -> SimChange {
    let Sim { senders, readers, limits, pool, .. } = Sim::unset(OrgId::default_org());
    SimChange {
        senders: Some(senders),
        readers: Some(readers),
        limits: Some(limits),
        pool: Some(pool),
    }
}
