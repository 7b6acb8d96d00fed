//! `merpati sims`: SIM cards, and who may use them.

use api::{Sim, SimChanges, Sims, Who};
use contracts::SimId;

use super::ids::{begins, short};
use crate::cli;
use crate::client::Client;
use crate::output;

/// Shows the SIMs, or one of them after it was changed.
pub(crate) async fn run(
    as_json: bool,
    client: &Client,
    arguments: cli::Sims,
) -> anyhow::Result<()> {
    let answer = client.get::<Sims>("/sims").await?;
    let all = &answer.sims;
    let Some(wanted) = arguments.sim else {
        if as_json {
            return answer.print();
        }
        if all.is_empty() {
            output::line(
                "No SIM yet. What is in a modem is here as soon as the modem has read it.",
            );
        } else {
            table(all, all);
        }
        return Ok(());
    };
    let path = format!("/sims/{}", choose(all, &wanted)?);
    let changes = SimChanges {
        senders: arguments.senders.as_deref().map(who),
        readers: arguments.readers.as_deref().map(who),
        limits: None,
        pool: arguments.pool,
    };
    let sim = if changes == SimChanges::default() {
        client.get::<Sim>(&path).await?
    } else {
        client.patch::<Sim>(&path, &changes).await?
    };
    if as_json {
        return sim.print();
    }
    table(std::slice::from_ref(&*sim), all);
    Ok(())
}

/// `everybody`, `nobody`, or names with commas.
fn who(said: &str) -> Who {
    match said.trim() {
        "everybody" => Who::everybody(),
        "nobody" | "" => Who::Only(Vec::new()),
        names => {
            let names = names.split(',').map(str::trim).filter(|name| !name.is_empty());
            Who::Only(names.map(str::to_owned).collect())
        }
    }
}

fn table(sims: &[Sim], all: &[Sim]) {
    let ids: Vec<String> = all.iter().map(|sim| sim.id.to_string()).collect();
    let rows: Vec<Vec<String>> = sims
        .iter()
        .map(|sim| {
            vec![
                short(&sim.id.to_string(), &ids),
                sim.number.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string),
                output::cell(sim.modem_name.as_deref()),
                sim.pool.to_string(),
                allowed(sim.senders.as_ref(), sim.may_send),
                allowed(sim.readers.as_ref(), sim.may_read),
            ]
        })
        .collect();
    output::table(&["SIM", "NUMBER", "MODEM", "POOL", "WHO SENDS", "WHO READS"], &rows);
}

/// Who may, for administrators; for others whether they may themselves.
fn allowed(list: Option<&Who>, may: bool) -> String {
    match list {
        Some(Who::Everybody(_)) => "everybody".to_owned(),
        Some(Who::Only(names)) if names.is_empty() => "administrators".to_owned(),
        Some(Who::Only(names)) => output::visible(&names.join(", ")),
        None if may => "you".to_owned(),
        None => "not you".to_owned(),
    }
}

/// The id of the SIM of that id, number, ICCID or modem's name, or whose id alone begins so.
pub(super) fn choose(sims: &[Sim], wanted: &str) -> anyhow::Result<SimId> {
    let is_it = |sim: &&Sim| {
        sim.id.to_string() == wanted
            || sim.number.as_ref().is_some_and(|number| number.to_string() == wanted)
            || sim.iccid.as_deref() == Some(wanted)
            || sim.modem_name.as_deref() == Some(wanted)
    };
    let mut found: Vec<&Sim> = sims.iter().filter(is_it).collect();
    if found.is_empty() {
        found = sims.iter().filter(|sim| begins(&sim.id.to_string(), wanted)).collect();
    }
    let wanted = output::visible(wanted);
    match found.as_slice() {
        [sim] => Ok(sim.id),
        [] => anyhow::bail!("there is no SIM {wanted}; merpati sims shows those there are"),
        _ => anyhow::bail!("more than one SIM is meant by {wanted}; merpati sims shows their ids"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_is_said_in_words() {
        let only = |names: &[&str]| Who::Only(names.iter().map(ToString::to_string).collect());
        assert_eq!(who("everybody"), Who::everybody());
        assert_eq!(who("nobody"), only(&[]));
        assert_eq!(who("ani, budi,"), only(&["ani", "budi"]));
        assert_eq!(allowed(Some(&Who::everybody()), false), "everybody");
        assert_eq!(allowed(Some(&only(&["ani"])), true), "ani");
        assert_eq!(allowed(Some(&only(&[])), true), "administrators");
        assert_eq!(allowed(None, true), "you");
        assert_eq!(allowed(None, false), "not you");
    }

    #[test]
    fn a_sim_is_chosen_by_what_is_known_of_it() {
        let sim = |id: &str, number: Option<&str>, modem: Option<&str>| Sim {
            id: format!("sim_{id}5b9c9ff730d96e17").parse().unwrap(),
            number: number.map(|number| number.parse().unwrap()),
            modem: None,
            modem_name: modem.map(str::to_owned),
            online: false,
            may_send: true,
            may_read: true,
            pool: contracts::PoolId::default_pool(),
            team: None,
            iccid: None,
            senders: None,
            readers: None,
            limits: None,
            closed: None,
            closed_to_new: None,
            used: None,
        };
        let sims = [
            sim("71532b22c6365f6b", Some("+6281"), Some("Attic")),
            sim("71532b23c6365f6b", None, None),
        ];
        for wanted in ["sim_71532b22c6365f6b", "71532b22", "+6281", "Attic"] {
            assert_eq!(choose(&sims, wanted).unwrap(), sims[0].id, "{wanted}");
        }
        assert!(choose(&sims, "7153").unwrap_err().to_string().starts_with("more than one"));
        assert!(choose(&sims, "Cellar").unwrap_err().to_string().starts_with("there is no SIM"));
    }
}
