//! `merpati pool`: pools of SIMs, and how they share the work.

use anyhow::Context as _;
use api::{RoutePool, RouteWeight, Routes, Sims};
use contracts::PoolId;
use contracts::routes::Strategy;

use super::routes::{read, write};
use crate::cli::PoolCommand;
use crate::client::Client;
use crate::output;

/// Shows pools, and says how their SIMs share the work.
pub(crate) async fn run(as_json: bool, client: &Client, said: PoolCommand) -> anyhow::Result<()> {
    match said {
        PoolCommand::List => list_pools(as_json, client).await,
        PoolCommand::Set { pool, strategy, weights } => {
            let sims = client.get::<Sims>("/sims").await?;
            let weights = weights.iter().map(|said| weight(said, &sims));
            let weights = weights.collect::<anyhow::Result<Vec<_>>>()?;
            let mut routes = read(client).await?;
            routes.pools.retain(|known| known.name != pool);
            if strategy != Strategy::AsFree || !weights.is_empty() {
                routes.pools.push(RoutePool { name: pool.clone(), strategy, weights });
            }
            write(as_json, client, routes, &format!("The pool {pool} is {}.", words(strategy)))
                .await
        }
    }
}

/// `SIM=WEIGHT`, where the SIM is named by its id or its number.
fn weight(said: &str, sims: &Sims) -> anyhow::Result<RouteWeight> {
    let read = || {
        let (name, weight) = said.rsplit_once('=')?;
        let is_it = |number: &contracts::PhoneNumber| number.as_str() == name;
        let by_number =
            sims.sims.iter().find(|sim| sim.number.as_ref().is_some_and(is_it)).map(|sim| sim.id);
        let sim = name.parse().ok().or(by_number)?;
        Some(RouteWeight { sim, weight: weight.parse().ok()? })
    };
    read().with_context(|| {
        format!("'{said}' is no weight: say SIM=WEIGHT, with the SIM's id or number")
    })
}

async fn list_pools(as_json: bool, client: &Client) -> anyhow::Result<()> {
    let routes = client.get::<Routes>("/routes").await?;
    if as_json {
        return routes.print();
    }
    let of = |name: &PoolId| {
        let set = routes.pools.iter().find(|pool| pool.name == *name);
        let members: Vec<String> = routes
            .members
            .iter()
            .filter(|member| member.pool == *name)
            .map(|member| {
                let name = member.modem_name.clone().unwrap_or_else(|| member.sim.to_string());
                let weights = set.map(|pool| pool.weights.as_slice()).unwrap_or_default();
                let weight = weights.iter().find(|one| one.sim == member.sim);
                let weight = weight.map(|one| format!(" ×{}", one.weight)).unwrap_or_default();
                format!("{name}{weight}{}", if member.online { "" } else { " (away)" })
            })
            .collect();
        let members = if members.is_empty() { "-".to_owned() } else { members.join(", ") };
        let strategy = words(set.map_or(Strategy::AsFree, |pool| pool.strategy));
        vec![name.to_string(), strategy.to_owned(), output::visible(&members)]
    };
    let mut names: Vec<&PoolId> = routes.members.iter().map(|member| &member.pool).collect();
    names.extend(routes.pools.iter().map(|pool| &pool.name));
    let default = PoolId::default_pool();
    names.push(&default);
    names.sort();
    names.dedup();
    let rows: Vec<Vec<String>> = names.into_iter().map(of).collect();
    output::table(&["POOL", "STRATEGY", "SIMS"], &rows);
    Ok(())
}

/// A strategy as it is typed.
fn words(strategy: Strategy) -> &'static str {
    match strategy {
        Strategy::AsFree => "as-free",
        Strategy::RoundRobin => "round-robin",
        Strategy::Weighted => "weighted",
        Strategy::LeastUsed => "least-used",
        Strategy::Sticky => "sticky",
        Strategy::Other => "-",
    }
}
