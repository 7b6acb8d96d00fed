//! How pools share their work. All of them are kept by one act, together with the rules.

use std::collections::BTreeMap;

use contracts::PoolId;
use contracts::routes::{Pool, Routes, Strategy, Weight};
use routing::Place as RoutePlace;
use serde::{Deserialize, Serialize};
use store::StoreError;

use super::check::Check;
use super::compare::compare;
use super::flaws::Flaws;
use super::kind::Kind;
use super::refusal::NotTaken;
use super::rules::noted;
use super::section::{Entry, Section, cut, written};
use super::there::There;
use crate::acts::route;
use crate::app::App;
use crate::authority::Authority;

/// What is set for a pool.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PoolFields {
    name: PoolId,
    #[serde(default)]
    strategy: Strategy,
    /// By the ids of SIMs.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    weights: BTreeMap<String, u32>,
}

/// The pools for which something is set.
pub(super) fn section(there: &There) -> Section {
    of(&there.routes.pools)
}

fn of(pools: &[Pool]) -> Section {
    Section::sorted(pools.iter().map(|pool| {
        let weights = pool.weights.iter();
        let fields = PoolFields {
            name: pool.name.clone(),
            strategy: pool.strategy,
            weights: weights.map(|one| (one.sim.to_string(), one.weight)).collect(),
        };
        Entry::there(Kind::Pools, written(&fields))
    }))
}

fn pool(entry: &Entry) -> Result<Pool, NotTaken> {
    let said: PoolFields = entry.read()?;
    let weights = said.weights.into_iter().map(|(sim, weight)| {
        let id = sim.parse().map_err(|_| {
            NotTaken::Wrong(format!("weights: '{}' is no id of a SIM", cut(&sim, 64)))
        })?;
        Ok(Weight { sim: id, weight })
    });
    let weights = weights.collect::<Result<Vec<Weight>, NotTaken>>()?;
    Ok(Pool { name: said.name, strategy: said.strategy, weights })
}

/// The pools of a file as they would be kept.
pub(super) async fn checked(
    look: &Check<'_>,
    said: Section,
    prune: bool,
    (flaws, warnings): (&mut Flaws, &mut Flaws),
) -> Result<Section, StoreError> {
    let present = section(look.there);
    if compare(Kind::Pools, &present, &said, prune).is_empty() {
        return Ok(said);
    }
    let mut is_readable = true;
    for entry in said.entries() {
        if let Err(error) = pool(entry) {
            is_readable = false;
            let remedy = "Change this pool in the file, or leave it out.".to_owned();
            flaws.add(entry.place(Kind::Pools), format!("{error}."), remedy);
        }
    }
    if !is_readable {
        return Ok(said);
    }
    let Ok(pools) = merged(look.there, &said, prune) else { return Ok(said) };
    let routes = Routes { pools, ..look.there.routes.clone() };
    let seen = route::checked(look.app, look.authority, routes).await;
    let is_ours = |place: &RoutePlace| matches!(place, RoutePlace::Pool(_));
    let Some(kept) = noted(Kind::Pools, seen, is_ours, (flaws, warnings))? else { return Ok(said) };
    let kept = of(&kept.pools);
    let kept = said.entries().map(|entry| match kept.find(&entry.key) {
        Some(now) => entry.clone().kept(now.fields.clone()),
        None => entry.clone(),
    });
    Ok(Section::of(kept))
}

/// The pools as they would be.
fn merged(there: &There, said: &Section, prune: bool) -> Result<Vec<Pool>, NotTaken> {
    let mut pools = Vec::new();
    for present in &there.routes.pools {
        match said.find(present.name.as_str()) {
            Some(entry) => pools.push(pool(entry)?),
            None if prune => {}
            None => pools.push(present.clone()),
        }
    }
    for entry in said.entries() {
        if !there.routes.pools.iter().any(|present| present.name.as_str() == entry.key) {
            pools.push(pool(entry)?);
        }
    }
    Ok(pools)
}

/// Keeps what a file wants.
pub(super) async fn apply(
    app: &App,
    authority: &Authority,
    there: &There,
    (said, prune): (&Section, bool),
) -> Result<(), NotTaken> {
    let pools = merged(there, said, prune)?;
    let routes = Routes { pools, ..there.routes.clone() };
    route::change(app, authority, routes, there.routes_version).await?;
    Ok(())
}
