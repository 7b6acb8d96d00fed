//! `merpati modems`, and what can be asked of one modem.

use std::fmt::Write as _;
use std::time::Duration;

use contracts::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use crate::cli::{ModemChange, Modems};
use crate::client::Client;
use crate::output::{self, WIDTH};

/// Shows the modems or one of them, or changes what is set for one.
pub(crate) async fn run(as_json: bool, client: &Client, arguments: Modems) -> anyhow::Result<()> {
    match (arguments.modem, arguments.change) {
        (None, None) => list(as_json, client).await,
        (Some(modem), None) => one(as_json, client, &modem).await,
        (_, Some(change)) => set(as_json, client, change).await,
    }
}

/// Names, disables, enables or forgets a modem.
async fn set(as_json: bool, client: &Client, change: ModemChange) -> anyhow::Result<()> {
    let (modem, body, said) = match change {
        ModemChange::Name { modem, name } if name.is_empty() => {
            (modem, json!({ "name": "" }), "The modem is called by its port again.".to_owned())
        }
        ModemChange::Name { modem, name } => {
            let said = format!("The modem is called {} now.", output::visible(&name));
            (modem, json!({ "name": name }), said)
        }
        ModemChange::Disable { modem } => {
            let said = "The modem sends nothing until it is enabled. What it receives is kept.";
            (modem, json!({ "enabled": false }), said.to_owned())
        }
        ModemChange::Enable { modem } => {
            (modem, json!({ "enabled": true }), "The modem is used again.".to_owned())
        }
        ModemChange::Forget { modem } => {
            let id = find(client, &modem).await?;
            let _: Value = client.delete(&format!("/modems/{id}")).await?;
            if as_json {
                return output::json(&json!({ "id": id, "forgotten": true }));
            }
            output::line("The modem is forgotten. If it comes back, it is a new one.");
            return Ok(());
        }
    };
    let id = find(client, &modem).await?;
    let answer: Value = client.patch(&format!("/modems/{id}"), &body).await?;
    if as_json {
        return output::json(&answer);
    }
    output::line(&said);
    Ok(())
}

/// Shows every modem and what it does.
async fn list(as_json: bool, client: &Client) -> anyhow::Result<()> {
    let answer: Value = client.get("/modems").await?;
    if as_json {
        return output::json(&answer);
    }
    let modems = answer["modems"].as_array().map(Vec::as_slice).unwrap_or_default();
    if modems.is_empty() {
        output::line(
            "No modem yet. Plug one in, or say where it is: merpati up --modem /dev/ttyUSB0",
        );
        output::line("Try without hardware: merpati up --sim 2");
        return Ok(());
    }
    for line in lines(modems, Timestamp::now()) {
        output::line(&line);
    }
    Ok(())
}

/// The list: a row for each modem, under it its state in words, who it and its SIM are, and what is wrong.
fn lines(modems: &[Value], now: Timestamp) -> Vec<String> {
    let rows: Vec<Vec<String>> = modems
        .iter()
        .map(|modem| {
            vec![
                text(&modem["name"]),
                text(&modem["status"]),
                text(&modem["sim"]["number"]),
                network(modem),
                signal(modem),
                text(&modem["queue"]),
                text(&modem["sent_today"]),
                text(&modem["failed_today"]),
                text(&modem["model"]),
            ]
        })
        .collect();
    let header =
        ["NAME", "STATUS", "NUMBER", "NETWORK", "SIGNAL", "QUEUE", "SENT", "FAILED", "MODEL"];
    let mut table = output::rows(&header, &rows).into_iter();
    let mut lines: Vec<String> = table.next().into_iter().collect();
    let ids: Vec<String> = modems.iter().map(|modem| text(&modem["id"])).collect();
    for (modem, row) in modems.iter().zip(table) {
        lines.push(row);
        let mut words = format!("{}: {}", short(&text(&modem["id"]), &ids), text(&modem["text"]));
        for (name, value) in [("IMEI", &modem["imei"]), ("SIM", &modem["sim"]["iccid"])] {
            if !value.is_null() {
                let _ = write!(words, " {name} {}.", text(value));
            }
        }
        lines.extend(output::wrapped(&words, "  ", WIDTH));
        if let Some(problem) = problem(modem, now) {
            lines.extend(output::wrapped(&problem, "  ! ", WIDTH));
        }
        if let Some(balance) = balance(modem, now) {
            let is_well = modem["balance"]["low"] != true && modem["balance"]["problem"].is_null();
            let mark = if is_well { "  " } else { "  ! " };
            lines.extend(output::wrapped(&format!("Balance: {balance}"), mark, WIDTH));
        }
        if let Some(spool) = spool(modem, now) {
            lines.extend(output::wrapped(&format!("Spool: {spool}"), "  ! ", WIDTH));
        }
    }
    lines
}

/// Shows everything that is known of one modem.
async fn one(as_json: bool, client: &Client, modem: &str) -> anyhow::Result<()> {
    let id = find(client, modem).await?;
    let modem: Value = client.get(&format!("/modems/{id}")).await?;
    if as_json {
        return output::json(&modem);
    }
    output::facts(&facts(&modem, Timestamp::now()));
    Ok(())
}

fn facts(modem: &Value, now: Timestamp) -> Vec<(&'static str, String)> {
    let pools = modem["pools"].as_array().into_iter().flatten().map(text);
    let mut facts = vec![
        ("name", text(&modem["name"])),
        ("id", text(&modem["id"])),
        ("status", format!("{}: {}", text(&modem["status"]), text(&modem["text"]))),
        ("since", output::local_time(&modem["since"])),
        ("port", format!("{} on {}", text(&modem["port"]), text(&modem["host"]))),
        ("model", format!("{} {}", text(&modem["manufacturer"]), text(&modem["model"]))),
        ("firmware", text(&modem["firmware"])),
        ("IMEI", text(&modem["imei"])),
        ("SIM", text(&modem["sim"]["iccid"])),
        ("IMSI", text(&modem["sim"]["imsi"])),
        ("number", text(&modem["sim"]["number"])),
        ("SMSC", text(&modem["sim"]["smsc"])),
        ("network", network(modem)),
        ("signal", signal(modem)),
        ("pools", pools.collect::<Vec<_>>().join(", ")),
        ("queue", text(&modem["queue"])),
        (
            "today",
            format!("{} sent, {} failed", text(&modem["sent_today"]), text(&modem["failed_today"])),
        ),
    ];
    if let Some(balance) = balance(modem, now) {
        facts.push(("balance", balance));
    }
    if let Some(spool) = spool(modem, now) {
        facts.push(("spool", spool));
    }
    facts.push(("last error", problem(modem, now).unwrap_or_else(|| "none".to_owned())));
    facts
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) if text.is_empty() => "-".to_owned(),
        Value::String(text) => output::visible(text),
        Value::Null => "-".to_owned(),
        other => other.to_string(),
    }
}

/// Operator and technology: `TELKOMSEL LTE, roaming`.
fn network(modem: &Value) -> String {
    let mut network = text(&modem["operator"]);
    if !modem["technology"].is_null() {
        let _ = write!(network, " {}", text(&modem["technology"]));
    }
    if modem["roaming"] == true {
        network.push_str(", roaming");
    }
    network
}

fn signal(modem: &Value) -> String {
    match &modem["signal_dbm"] {
        Value::Null => "-".to_owned(),
        dbm => format!("{dbm} dBm"),
    }
}

/// What is on the SIM, where it is asked for, and why that is not known now.
fn balance(modem: &Value, now: Timestamp) -> Option<String> {
    let balance = &modem["balance"];
    if balance.is_null() {
        return None;
    }
    let at = balance["at"].as_str().and_then(|at| at.parse::<Timestamp>().ok());
    let when = at.map(|at| format!(", {} ago", age(now.since(at)))).unwrap_or_default();
    let written = balance["text"].as_str().filter(|text| !text.is_empty());
    let amount = written.map_or_else(|| text(&balance["amount"]), output::visible);
    let mut words = match (&balance["amount"], balance["low"] == true) {
        (Value::Null, _) => "not known".to_owned(),
        (_, false) => format!("{amount}{when}"),
        (_, true) => format!("{amount}{when}; low, top it up"),
    };
    if let Some(problem) = problem(balance, now) {
        let _ = write!(words, " ({problem})");
    }
    Some(words)
}

/// What it received and waits on its host's disk, as the broker did not take it.
fn spool(modem: &Value, now: Timestamp) -> Option<String> {
    let spool = &modem["spool"];
    if spool.is_null() {
        return None;
    }
    let since = spool["since"].as_str().and_then(|at| at.parse::<Timestamp>().ok());
    let when = since.map(|at| format!(", for {}", age(now.since(at)))).unwrap_or_default();
    let full = if spool["full"] == true { "; it takes no more" } else { "" };
    Some(format!(
        "{} received and not published yet, on the disk of {}{when}{full}",
        text(&spool["entries"]),
        text(&modem["host"]),
    ))
}

/// What is or was wrong last, since when, and what to do.
fn problem(thing: &Value, now: Timestamp) -> Option<String> {
    let problem = &thing["problem"];
    if problem.is_null() {
        return None;
    }
    let at = problem["at"].as_str().and_then(|at| at.parse::<Timestamp>().ok());
    let when = at.map(|at| format!("{} ago: ", age(now.since(at)))).unwrap_or_default();
    let words = format!("{when}{} {}", text(&problem["text"]), text(&problem["advice"]));
    Some(words.trim_end_matches(['-', ' ']).to_owned())
}

fn age(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds @ 120..7200 => format!("{} min", seconds / 60),
        seconds @ 7200..172_800 => format!("{} h", seconds / 3600),
        seconds => format!("{} days", seconds / 86_400),
    }
}

/// The id of the modem of that id, name, port or IMEI, or whose id alone begins so.
async fn find(client: &Client, wanted: &str) -> anyhow::Result<String> {
    let answer: Value = client.get("/modems").await?;
    let modems = answer["modems"].as_array().map(Vec::as_slice).unwrap_or_default();
    choose(modems, wanted)
}

fn choose(modems: &[Value], wanted: &str) -> anyhow::Result<String> {
    let ids: Vec<String> = modems.iter().map(|modem| text(&modem["id"])).collect();
    let is_it = |modem: &&Value| {
        ["id", "name", "port", "imei"].iter().any(|field| modem[*field] == *wanted)
    };
    let mut found: Vec<&Value> = modems.iter().filter(is_it).collect();
    if found.is_empty() {
        let begins = |modem: &&Value| begins(&text(&modem["id"]), wanted);
        found = modems.iter().filter(begins).collect();
    }
    let told = |modem: &&Value| {
        let id = short(&text(&modem["id"]), &ids);
        let place = format!("{} on {}", text(&modem["port"]), text(&modem["host"]));
        format!("{id} ({}, {}, {place})", text(&modem["name"]), text(&modem["status"]))
    };
    match found.as_slice() {
        [modem] => Ok(modem["id"].as_str().unwrap_or_default().to_owned()),
        [] => {
            let names: Vec<&str> = modems.iter().filter_map(|m| m["name"].as_str()).collect();
            anyhow::bail!(
                "there is no modem {}; there are: {}",
                output::visible(wanted),
                output::visible(&names.join(", "))
            )
        }
        several => {
            let several: Vec<String> = several.iter().map(told).collect();
            anyhow::bail!(
                "more than one modem is meant by {}; say the id of one: {}",
                output::visible(wanted),
                several.join(", ")
            )
        }
    }
}

/// The fewest characters of an id that are said.
const SHORTEST: usize = "mdm_".len() + 8;

/// So much of an id as tells it from the others.
pub(super) fn short(id: &str, all: &[String]) -> String {
    let others = || all.iter().filter(|other| *other != id);
    let is_unique = |length: &usize| {
        id.get(..*length).is_some_and(|part| !others().any(|other| other.starts_with(part)))
    };
    let length = (SHORTEST..id.len()).find(is_unique);
    length.and_then(|length| id.get(..length)).unwrap_or(id).to_owned()
}

/// Whether an id begins so, its prefix said or not.
pub(super) fn begins(id: &str, wanted: &str) -> bool {
    let digits = id.split_once('_').map_or(id, |(_, digits)| digits);
    let wanted_digits = wanted.split_once('_').map_or(wanted, |(_, digits)| digits);
    let is_long_enough = wanted_digits.len() >= 4;
    is_long_enough && (id.starts_with(wanted) || digits.starts_with(wanted))
}

async fn ask(
    client: &Client,
    modem: &str,
    call: &str,
    body: &impl Serialize,
) -> anyhow::Result<Value> {
    let id = find(client, modem).await?;
    Ok(client.post(&format!("/modems/{id}/{call}"), body).await?)
}

/// Gives the modem an AT command.
pub(crate) async fn at(
    as_json: bool,
    client: &Client,
    modem: &str,
    command: &str,
) -> anyhow::Result<()> {
    let answer = ask(client, modem, "at", &json!({ "command": command })).await?;
    if as_json {
        return output::json(&answer);
    }
    for line in answer["lines"].as_array().into_iter().flatten() {
        output::line(&output::visible(line.as_str().unwrap_or_default()));
    }
    Ok(())
}

/// Dials a USSD code.
pub(crate) async fn ussd(
    as_json: bool,
    client: &Client,
    modem: &str,
    code: &str,
) -> anyhow::Result<()> {
    let answer = ask(client, modem, "ussd", &json!({ "code": code })).await?;
    if as_json {
        return output::json(&answer);
    }
    for line in answer["text"].as_str().unwrap_or_default().lines() {
        output::line(&output::visible(line));
    }
    if answer["answer_wanted"] == true {
        output::note(&format!("The network waits for an answer: merpati ussd {modem} ANSWER"));
    }
    Ok(())
}

/// Records the serial line.
pub(crate) async fn trace(
    as_json: bool,
    client: &Client,
    modem: &str,
    seconds: u8,
) -> anyhow::Result<()> {
    if !as_json {
        output::note(&format!("recording for {seconds} s …"));
    }
    let answer = ask(client, modem, "trace", &json!({ "seconds": seconds })).await?;
    if as_json {
        return output::json(&answer);
    }
    for line in answer["transcript"].as_str().unwrap_or_default().lines() {
        output::line(&output::visible(line));
    }
    output::note("It holds phone numbers, message texts and the SIM's numbers, but no PIN.");
    Ok(())
}

/// Asks for something that has no answer but what becomes of the modem.
async fn order(
    as_json: bool,
    client: &Client,
    modem: &str,
    call: &str,
    body: &Value,
    said: &str,
) -> anyhow::Result<()> {
    let answer = ask(client, modem, call, body).await?;
    if as_json {
        return output::json(&answer);
    }
    output::line(said);
    Ok(())
}

/// Sets a modem up anew, or switches it off and on.
pub(crate) async fn restart(
    as_json: bool,
    client: &Client,
    modem: &str,
    hard: bool,
) -> anyhow::Result<()> {
    let (call, said) = if hard {
        ("reset", "The modem is switched off and on, when the message at hand is out.")
    } else {
        ("restart", "The modem is set up anew, when the message at hand is out.")
    };
    order(as_json, client, modem, call, &json!({}), said).await
}

/// Turns the radio off or on.
pub(crate) async fn flight(
    as_json: bool,
    client: &Client,
    modem: &str,
    on: bool,
) -> anyhow::Result<()> {
    let said = if on {
        "The radio is turned off, and stays off until: merpati flight MODEM off"
    } else {
        "The radio is turned on."
    };
    order(as_json, client, modem, "flight", &json!({ "on": on }), said).await
}

/// Sets a number of the SIM: its own (`number`), or its service centre's (`smsc`).
pub(crate) async fn number(
    as_json: bool,
    client: &Client,
    call: &str,
    number: &crate::cli::SimNumber,
) -> anyhow::Result<()> {
    let said = match number.number {
        Some(_) => "The number is kept on the modem's host, for this SIM.",
        None => "What was said is forgotten: the configuration or the SIM itself counts again.",
    };
    let body = json!({ "number": number.number });
    order(as_json, client, &number.modem, call, &body, said).await
}

/// Gives the SIM its PIN, and says what the SIM did with it.
pub(crate) async fn pin(as_json: bool, client: &Client, modem: &str) -> anyhow::Result<()> {
    let pin = super::first_line_of_input("the PIN")?;
    let answer = ask(client, modem, "pin", &json!({ "pin": pin })).await?;
    if as_json {
        return output::json(&answer);
    }
    output::line(match answer["entered"].as_bool() {
        Some(true) => "The SIM is unlocked. The PIN is kept sealed on the modem's host.",
        _ => "The PIN is kept sealed on the modem's host, for when the SIM asks for it.",
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fleet() -> Vec<Value> {
        vec![
            json!({
                "id": "mdm_1cbfd238544754908fce8f8767e5d5ed", "name": "ttyUSB2", "status": "ready", "text": "Ready on TELKOMSEL.",
                "manufacturer": "Quectel", "model": "EC25", "imei": "867723001234567",
                "sim": {"iccid": "8962101234567890123", "number": "+6281100000001", "smsc": "+62816"},
                "operator": "TELKOMSEL", "technology": "LTE", "roaming": true, "signal_dbm": -85,
                "queue": 1, "sent_today": 1204, "failed_today": 3, "port": "/dev/ttyUSB2",
                "problem": {
                    "code": "cms-38", "at": "2026-01-01T00:00:00Z", "advice": "",
                    "text": "Network out of order (+CMS ERROR: 38). A usual cause is an empty balance: \
                             check it, and top it up."
                },
            }),
            json!({
                "name": "evil\u{1b}[2J", "status": "blocked", "text": "The SIM asks for its PIN.",
                "model": "", "queue": 0, "sent_today": 0, "failed_today": 0,
                "problem": {
                    "code": "pin-needed", "at": "2026-01-01T00:09:00Z",
                    "text": "The SIM asks for its PIN.", "advice": "Set the SIM's PIN for this modem."
                },
            }),
        ]
    }

    fn now() -> Timestamp {
        "2026-01-01T00:10:00Z".parse().unwrap()
    }

    #[test]
    fn the_list_says_all_and_fits_a_terminal() {
        let lines = lines(&fleet(), now());
        let text = lines.join("\n");
        for word in [
            "TELKOMSEL LTE, roaming",
            "-85 dBm",
            "1204",
            "EC25",
            "  mdm_1cbfd238: Ready on TELKOMSEL. IMEI 867723001234567. SIM 8962101234567890123.",
            "  ! 10 min ago: Network out of order",
            "top it up.",
            "  ! 60 s ago: The SIM asks for its PIN. Set the SIM's PIN for this modem.",
        ] {
            assert!(text.contains(word), "{word}: {text}");
        }
        assert!(lines.iter().all(|line| line.chars().count() <= WIDTH), "{text}");
        assert!(!text.contains('\u{1b}'), "{text}");
    }

    #[test]
    fn a_balance_is_told_with_its_age_and_what_is_wrong() {
        let mut fleet = fleet();
        assert_eq!(balance(&fleet[0], now()), None, "nobody asks for it");
        let at = "2026-01-01T00:00:00Z";
        fleet[0]["balance"] =
            json!({"amount": "25000", "text": "Rp 25.000", "at": at, "low": false});
        fleet[1]["balance"] = json!({
            "amount": "900", "text": "Rp\u{1b}900", "at": at, "low": true,
            "problem": {"at": "2026-01-01T00:09:30Z", "text": "No answer.", "advice": "Wait."},
        });
        let told = lines(&fleet, now());
        let text = told.join("\n");
        for words in [
            "\n  Balance: Rp 25.000, 10 min ago\n",
            "  ! Balance: ",
            "; low, top it up (30 s ago: No answer. Wait.)",
        ] {
            assert!(text.contains(words), "{words}: {text}");
        }
        assert!(!text.contains('\u{1b}'), "{text}");
        let fact = facts(&fleet[0], now()).into_iter().find(|(name, _)| *name == "balance");
        assert_eq!(fact.unwrap().1, "Rp 25.000, 10 min ago");
        fleet[0]["balance"] = json!({
            "amount": null, "text": "", "at": at,
            "problem": {"at": at, "text": "The code is wrong.", "advice": ""},
        });
        let words = balance(&fleet[0], now()).unwrap();
        assert_eq!(words, "not known (10 min ago: The code is wrong.)");
    }

    #[test]
    fn what_waits_on_the_host_is_told() {
        let mut fleet = fleet();
        assert_eq!(spool(&fleet[0], now()), None);
        fleet[0]["host"] = json!("shop");
        fleet[0]["spool"] = json!({"entries": 7, "since": "2026-01-01T00:00:00Z", "full": true});
        let told =
            "7 received and not published yet, on the disk of shop, for 10 min; it takes no more";
        assert_eq!(spool(&fleet[0], now()).as_deref(), Some(told));
        assert!(lines(&fleet, now()).join("\n").contains("  ! Spool: 7 received"));
        assert!(facts(&fleet[0], now()).contains(&("spool", told.to_owned())));
    }

    #[test]
    fn a_modem_is_chosen_by_name_or_id() {
        let modem = |id: &str, port: &str, status: &str| {
            json!({ "id": format!("mdm_{id}544754908fce8f8767e5d5ed"), "name": "modem1", "host": "attic",
                    "port": port, "status": status, "imei": null })
        };
        let fleet =
            [modem("1cbfd238", "/dev/ttyUSB0", "ready"), modem("1cbfd239", "/a", "offline")];
        let chosen = |wanted: &str| choose(&fleet, wanted).map_err(|error| error.to_string());
        assert_eq!(chosen("/a"), Ok(text(&fleet[1]["id"])));
        assert_eq!(chosen("mdm_1cbfd239"), Ok(text(&fleet[1]["id"])));
        assert_eq!(chosen("1cbfd238"), Ok(text(&fleet[0]["id"])));
        let both = chosen("modem1").unwrap_err();
        assert_eq!(
            both,
            "more than one modem is meant by modem1; say the id of one: mdm_1cbfd238 (modem1, ready, \
             /dev/ttyUSB0 on attic), mdm_1cbfd239 (modem1, offline, /a on attic)"
        );
        assert!(chosen("1cbf").unwrap_err().starts_with("more than one"), "a prefix of both");
        assert!(chosen("mdm_").unwrap_err().starts_with("there is no modem mdm_"));
        assert!(chosen("x\u{1b}[2J").unwrap_err().starts_with("there is no modem x\u{fffd}[2J"));
        let ids = fleet.iter().map(|modem| text(&modem["id"])).collect::<Vec<_>>();
        assert_eq!(short(&ids[0], &ids), "mdm_1cbfd238");
        let twins = ["mdm_1cbfd2385".to_owned(), "mdm_1cbfd2386".to_owned()];
        assert_eq!(short(&twins[0], &twins), "mdm_1cbfd2385");
    }

    #[test]
    fn one_modem_is_told_in_full() {
        let facts = facts(&fleet()[0], now());
        let fact = |name: &str| facts.iter().find(|(known, _)| *known == name).unwrap().1.clone();
        assert_eq!(fact("SMSC"), "+62816");
        assert_eq!(fact("today"), "1204 sent, 3 failed");
        assert!(fact("last error").starts_with("10 min ago: Network out of order"));
    }
}
