//! `merpati sims`: SIM cards, and who may use them.

use serde_json::{Map, Value, json};

use super::modems::{begins, short};
use crate::cli::Sims;
use crate::client::Client;
use crate::output;

/// Shows the SIMs, or one of them after it was changed.
pub(crate) async fn run(as_json: bool, client: &Client, arguments: Sims) -> anyhow::Result<()> {
    let answer: Value = client.get("/sims").await?;
    let all = answer["sims"].as_array().map(Vec::as_slice).unwrap_or_default();
    let Some(wanted) = arguments.sim else {
        if as_json {
            return output::json(&answer);
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
    let id = choose(all, &wanted)?;
    let mut changes = Map::new();
    for (name, said) in [("senders", arguments.senders), ("readers", arguments.readers)] {
        if let Some(said) = said {
            changes.insert(name.to_owned(), who(&said));
        }
    }
    let path = format!("/sims/{id}");
    let sim: Value = if changes.is_empty() {
        client.get(&path).await?
    } else {
        client.patch(&path, &changes).await?
    };
    if as_json {
        return output::json(&sim);
    }
    table(std::slice::from_ref(&sim), all);
    Ok(())
}

/// `everybody`, `nobody`, or names with commas.
fn who(said: &str) -> Value {
    match said.trim() {
        "everybody" => json!("everybody"),
        "nobody" | "" => json!([]),
        names => names.split(',').map(str::trim).filter(|name| !name.is_empty()).collect(),
    }
}

fn table(sims: &[Value], all: &[Value]) {
    let ids: Vec<String> = all.iter().map(|sim| text(&sim["id"])).collect();
    let rows: Vec<Vec<String>> = sims
        .iter()
        .map(|sim| {
            vec![
                short(&text(&sim["id"]), &ids),
                text(&sim["number"]),
                text(&sim["modem_name"]),
                allowed(sim, "senders", "may_send"),
                allowed(sim, "readers", "may_read"),
            ]
        })
        .collect();
    output::table(&["SIM", "NUMBER", "MODEM", "WHO SENDS", "WHO READS"], &rows);
}

/// Who may, for administrators; for others whether they may themselves.
fn allowed(sim: &Value, list: &str, own: &str) -> String {
    match &sim[list] {
        Value::String(everybody) => everybody.clone(),
        Value::Array(names) if names.is_empty() => "administrators".to_owned(),
        Value::Array(names) => names.iter().map(text).collect::<Vec<_>>().join(", "),
        _ if sim[own] == true => "you".to_owned(),
        _ => "not you".to_owned(),
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| "-".to_owned(), output::visible)
}

/// The id of the SIM of that id, number, ICCID or modem's name, or whose id alone begins so.
fn choose(sims: &[Value], wanted: &str) -> anyhow::Result<String> {
    let is_it = |sim: &&Value| {
        ["id", "number", "iccid", "modem_name"].iter().any(|field| sim[*field] == *wanted)
    };
    let mut found: Vec<&Value> = sims.iter().filter(is_it).collect();
    if found.is_empty() {
        found = sims.iter().filter(|sim| begins(&text(&sim["id"]), wanted)).collect();
    }
    let wanted = output::visible(wanted);
    match found.as_slice() {
        [sim] => Ok(text(&sim["id"])),
        [] => anyhow::bail!("there is no SIM {wanted}; merpati sims shows those there are"),
        _ => anyhow::bail!("more than one SIM is meant by {wanted}; merpati sims shows their ids"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_is_said_in_words() {
        assert_eq!(who("everybody"), json!("everybody"));
        assert_eq!(who("nobody"), json!([]));
        assert_eq!(who("ani, budi,"), json!(["ani", "budi"]));
        let sim = json!({ "senders": "everybody", "readers": ["ani"], "may_read": true });
        assert_eq!(allowed(&sim, "senders", "may_send"), "everybody");
        assert_eq!(allowed(&sim, "readers", "may_read"), "ani");
        assert_eq!(allowed(&json!({ "may_read": true }), "readers", "may_read"), "you");
        assert_eq!(allowed(&json!({ "readers": [] }), "readers", "may_read"), "administrators");
    }

    #[test]
    fn a_sim_is_chosen_by_what_is_known_of_it() {
        let sims = [
            json!({ "id": "sim_71532b22c6365f6b", "number": "+6281", "modem_name": "Attic" }),
            json!({ "id": "sim_71532b23c6365f6b", "number": null, "modem_name": null }),
        ];
        for wanted in ["sim_71532b22c6365f6b", "71532b22", "+6281", "Attic"] {
            assert_eq!(choose(&sims, wanted).unwrap(), "sim_71532b22c6365f6b", "{wanted}");
        }
        assert!(choose(&sims, "7153").unwrap_err().to_string().starts_with("more than one"));
        assert!(choose(&sims, "Cellar").unwrap_err().to_string().starts_with("there is no SIM"));
    }
}
