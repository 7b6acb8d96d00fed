//! `merpati team`: users with SIMs of their own.

use anyhow::Context as _;
use api::{NewTeam, Nothing, Sims, Team, TeamChanges, Teams};
use contracts::SimId;

use super::sims::choose;
use crate::cli::{AddTeam, ChangeTeam, Switch, Team as Said};
use crate::client::{Answer, Client};
use crate::output;

/// Shows, makes, changes and removes teams.
pub(crate) async fn run(as_json: bool, client: &Client, said: Said) -> anyhow::Result<()> {
    match said {
        Said::List => list(as_json, client).await,
        Said::Show { team } => {
            let path = path_of(client, &team).await?;
            shown(as_json, client, &client.get::<Team>(&path).await?).await
        }
        Said::Add(AddTeam { name, users, sims, own_sims_only }) => {
            let sims = chosen(client, sims.iter().map(String::as_str)).await?;
            let new = NewTeam { name, own_sims_only, users, sims };
            shown(as_json, client, &client.post::<Team>("/teams", &new).await?).await
        }
        Said::Change(ChangeTeam { team, name, users, sims, own_sims_only }) => {
            let path = path_of(client, &team).await?;
            let sims = match &sims {
                Some(sims) => Some(chosen(client, names(sims, "none")).await?),
                None => None,
            };
            let users =
                users.map(|users| names(&users, "nobody").map(str::to_owned).collect::<Vec<_>>());
            let own_sims_only = own_sims_only.map(|switch| switch == Switch::On);
            let changes = TeamChanges { name, own_sims_only, users, sims };
            shown(as_json, client, &client.patch::<Team>(&path, &changes).await?).await
        }
        Said::Remove { team, free_sims } => {
            let mut path = path_of(client, &team).await?;
            if free_sims {
                path.push_str("?free_sims=true");
            }
            let done = client.delete::<Nothing>(&path).await?;
            if as_json {
                return done.print();
            }
            output::line("The team is removed.");
            Ok(())
        }
    }
}

/// Names with commas; one word stands for none.
fn names<'a>(said: &'a str, none: &'a str) -> impl Iterator<Item = &'a str> {
    let all = said.split(',').map(str::trim);
    all.filter(move |name| !name.is_empty() && *name != none)
}

/// The path of the team of this name, letter case aside, or of this id.
async fn path_of(client: &Client, said: &str) -> anyhow::Result<String> {
    let teams = client.get::<Teams>("/teams").await?;
    let lower = said.trim().to_lowercase();
    let is_it = |team: &&Team| team.name.to_lowercase() == lower || team.id.to_string() == lower;
    let team = teams.teams.iter().find(is_it).with_context(|| {
        let said = output::visible(said);
        format!("there is no team '{said}'; merpati team list shows those there are")
    })?;
    Ok(format!("/teams/{}", team.id))
}

/// The SIMs that are meant.
async fn chosen<'a>(
    client: &Client,
    said: impl Iterator<Item = &'a str>,
) -> anyhow::Result<Vec<SimId>> {
    let said: Vec<&str> = said.collect();
    if said.is_empty() {
        return Ok(Vec::new());
    }
    let sims = client.get::<Sims>("/sims").await?;
    said.into_iter().map(|said| choose(&sims.sims, said)).collect()
}

async fn list(as_json: bool, client: &Client) -> anyhow::Result<()> {
    let answer = client.get::<Teams>("/teams").await?;
    if as_json {
        return answer.print();
    }
    if answer.teams.is_empty() {
        output::line("There are no teams. merpati team add makes one.");
        return Ok(());
    }
    let row = |team: &Team| {
        let only = if team.own_sims_only { "yes" } else { "no" };
        vec![
            output::visible(&team.name),
            output::cell(Some(&team.users.join(", "))),
            team.sims.len().to_string(),
            only.to_owned(),
        ]
    };
    let rows: Vec<Vec<String>> = answer.teams.iter().map(row).collect();
    output::table(&["TEAM", "USERS", "SIMS", "OWN SIMS ONLY"], &rows);
    Ok(())
}

/// Shows a team, its SIMs by the modems that have them.
async fn shown(as_json: bool, client: &Client, team: &Answer<Team>) -> anyhow::Result<()> {
    if as_json {
        return team.print();
    }
    let sims = client.get::<Sims>("/sims").await?;
    let name = |id: &SimId| {
        let sim = sims.sims.iter().find(|sim| sim.id == *id);
        let number = sim.and_then(|sim| sim.number.as_ref()).map(ToString::to_string);
        let modem = sim.and_then(|sim| sim.modem_name.clone());
        number.or(modem).unwrap_or_else(|| id.to_string())
    };
    let list = |names: Vec<String>| {
        if names.is_empty() { "-".to_owned() } else { output::visible(&names.join(", ")) }
    };
    output::facts(&[
        ("Team", output::visible(&team.name)),
        ("Id", team.id.to_string()),
        ("Users", list(team.users.clone())),
        ("SIMs", list(team.sims.iter().map(name).collect())),
        ("Own SIMs only", if team.own_sims_only { "yes" } else { "no" }.to_owned()),
    ]);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_word_stands_for_none() {
        let all = |said| names(said, "nobody").collect::<Vec<_>>();
        assert_eq!(all("ani, budi,"), ["ani", "budi"]);
        assert!(all("nobody").is_empty() && all("").is_empty());
    }
}
