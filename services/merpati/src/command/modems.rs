//! `merpati modems`: the modems, and what is set for them.

use std::fmt::Write as _;
use std::time::Duration;

use api::{Modem, ModemChanges, ModemSettings, Modems, Nothing};
use contracts::modem::{Balance, ModemProblem, ModemState, Spooled};
use contracts::{ModemId, Timestamp};
use platform::Clock;
use serde_json::json;

use super::ids::{begins, short};
use super::limits;
use crate::cli::{self, ModemChange};
use crate::client::Client;
use crate::output::{self, WIDTH, cell};

/// Shows the modems or one of them, or changes what is set for one.
pub(crate) async fn run(
    as_json: bool,
    client: &Client,
    arguments: cli::Modems,
) -> anyhow::Result<()> {
    match (arguments.modem, arguments.change) {
        (None, None) => list(as_json, client).await,
        (Some(modem), None) => one(as_json, client, &modem).await,
        (_, Some(change)) => set(as_json, client, change).await,
    }
}

/// Names, disables, enables or forgets a modem.
async fn set(as_json: bool, client: &Client, change: ModemChange) -> anyhow::Result<()> {
    let name = |name: &str| ModemChanges { name: Some(name.to_owned()), enabled: None };
    let enabled = |enabled| ModemChanges { name: None, enabled: Some(enabled) };
    let (modem, changes, said) = match change {
        ModemChange::Name { modem, name: said } if said.is_empty() => {
            (modem, name(""), "The modem is called by its port again.".to_owned())
        }
        ModemChange::Name { modem, name: said } => {
            let words = format!("The modem is called {} now.", output::visible(&said));
            (modem, name(&said), words)
        }
        ModemChange::Disable { modem } => {
            let said = "The modem sends nothing until it is enabled. What it receives is kept.";
            (modem, enabled(false), said.to_owned())
        }
        ModemChange::Enable { modem } => {
            (modem, enabled(true), "The modem is used again.".to_owned())
        }
        ModemChange::Forget { modem } => {
            let id = find(client, &modem).await?;
            client.delete::<Nothing>(&format!("/modems/{id}")).await?;
            if as_json {
                return output::json(&json!({ "id": id, "forgotten": true }));
            }
            output::line("The modem is forgotten. If it comes back, it is a new one.");
            return Ok(());
        }
    };
    let id = find(client, &modem).await?;
    let answer = client.patch::<ModemSettings>(&format!("/modems/{id}"), &changes).await?;
    if as_json {
        return answer.print();
    }
    output::line(&said);
    Ok(())
}

/// Shows every modem and what it does.
async fn list(as_json: bool, client: &Client) -> anyhow::Result<()> {
    let answer = client.get::<Modems>("/modems").await?;
    if as_json {
        return answer.print();
    }
    if answer.modems.is_empty() {
        output::line(
            "No modem yet. Plug one in, or say where it is: merpati up --modem /dev/ttyUSB0",
        );
        output::line("Try without hardware: merpati up --sim 2");
        return Ok(());
    }
    let modems: Vec<&ModemState> = answer.modems.iter().map(|modem| &modem.state).collect();
    for line in lines(&modems, Clock::system().now()) {
        output::line(&line);
    }
    Ok(())
}

/// The list: a row for each modem, under it its state in words, who it and its SIM are, and what is wrong.
fn lines(modems: &[&ModemState], now: Timestamp) -> Vec<String> {
    let rows: Vec<Vec<String>> = modems
        .iter()
        .map(|modem| {
            vec![
                cell(Some(&modem.name)),
                modem.status.as_str().to_owned(),
                number(modem),
                network(modem),
                signal(modem),
                modem.queue.to_string(),
                modem.sent_today.to_string(),
                modem.failed_today.to_string(),
                cell(Some(&modem.model)),
            ]
        })
        .collect();
    let header =
        ["NAME", "STATUS", "NUMBER", "NETWORK", "SIGNAL", "QUEUE", "SENT", "FAILED", "MODEL"];
    let mut table = output::rows(&header, &rows).into_iter();
    let mut lines: Vec<String> = table.next().into_iter().collect();
    let ids: Vec<String> = modems.iter().map(|modem| modem.id.to_string()).collect();
    for (modem, row) in modems.iter().zip(table) {
        lines.push(row);
        let mut words =
            format!("{}: {}", short(&modem.id.to_string(), &ids), cell(Some(&modem.text)));
        let iccid = modem.sim.as_ref().and_then(|sim| sim.iccid.as_ref());
        for (name, value) in [("IMEI", modem.imei.as_ref()), ("SIM", iccid)] {
            if let Some(value) = value {
                let _ = write!(words, " {name} {}.", output::visible(value));
            }
        }
        lines.extend(output::wrapped(&words, "  ", WIDTH));
        if let Some(problem) = &modem.problem {
            lines.extend(output::wrapped(&problem_words(problem, now), "  ! ", WIDTH));
        }
        if let Some(closed) = &modem.closed {
            let words = format!("Its SIM sends {}.", limits::closed(closed));
            lines.extend(output::wrapped(&words, "  ! ", WIDTH));
        }
        if let Some(closed) = &modem.closed_to_new {
            let words = format!("Its SIM sends {}.", limits::closed_to_new(closed));
            lines.extend(output::wrapped(&words, "  ! ", WIDTH));
        }
        if let Some(balance) = &modem.balance {
            let is_well = !balance.low && balance.problem.is_none();
            let mark = if is_well { "  " } else { "  ! " };
            let words = format!("Balance: {}", balance_words(balance, now));
            lines.extend(output::wrapped(&words, mark, WIDTH));
        }
        if let Some(spool) = &modem.spool {
            let words = format!("Spool: {}", spool_words(spool, &modem.host, now));
            lines.extend(output::wrapped(&words, "  ! ", WIDTH));
        }
    }
    lines
}

/// Shows everything that is known of one modem.
async fn one(as_json: bool, client: &Client, modem: &str) -> anyhow::Result<()> {
    let id = find(client, modem).await?;
    let modem = client.get::<Modem>(&format!("/modems/{id}")).await?;
    if as_json {
        return modem.print();
    }
    output::facts(&facts(&modem.state, Clock::system().now()));
    Ok(())
}

fn facts(modem: &ModemState, now: Timestamp) -> Vec<(&'static str, String)> {
    let sim = modem.sim.as_ref();
    let pools: Vec<&str> = modem.pools.iter().map(contracts::PoolId::as_str).collect();
    let mut facts = vec![
        ("name", cell(Some(&modem.name))),
        ("id", modem.id.to_string()),
        ("status", format!("{}: {}", modem.status.as_str(), cell(Some(&modem.text)))),
        ("since", output::local_time(modem.since)),
        ("port", place(modem)),
        ("model", format!("{} {}", cell(Some(&modem.manufacturer)), cell(Some(&modem.model)))),
        ("firmware", cell(Some(&modem.firmware))),
        ("IMEI", cell(modem.imei.as_deref())),
        ("SIM", cell(sim.and_then(|sim| sim.iccid.as_deref()))),
        ("IMSI", cell(sim.and_then(|sim| sim.imsi.as_deref()))),
        ("number", number(modem)),
        ("SMSC", cell(sim.and_then(|sim| sim.smsc.as_deref()))),
        ("network", network(modem)),
        ("signal", signal(modem)),
        ("pools", pools.join(", ")),
        ("queue", modem.queue.to_string()),
        ("today", format!("{} sent, {} failed", modem.sent_today, modem.failed_today)),
    ];
    let balance = modem.balance.as_ref().map(|balance| balance_words(balance, now));
    facts.extend(balance.map(|words| ("balance", words)));
    facts.extend(modem.closed.as_ref().map(|closed| ("limits", limits::closed(closed))));
    let to_nobody_new = modem.closed_to_new.as_ref();
    facts.extend(to_nobody_new.map(|closed| ("recipients", limits::closed_to_new(closed))));
    let spool = modem.spool.as_ref().map(|spool| spool_words(spool, &modem.host, now));
    facts.extend(spool.map(|words| ("spool", words)));
    let problem = modem.problem.as_ref().map(|problem| problem_words(problem, now));
    facts.push(("last error", problem.unwrap_or_else(|| "none".to_owned())));
    facts
}

fn number(modem: &ModemState) -> String {
    let number = modem.sim.as_ref().and_then(|sim| sim.number.as_ref());
    number.map_or_else(|| "-".to_owned(), ToString::to_string)
}

/// The port and the host that it is on.
fn place(modem: &ModemState) -> String {
    format!("{} on {}", cell(Some(&modem.port)), cell(Some(&modem.host)))
}

/// Operator and technology: `TELKOMSEL LTE, roaming`.
fn network(modem: &ModemState) -> String {
    let mut network = cell(modem.operator.as_deref());
    if let Some(technology) = &modem.technology {
        let _ = write!(network, " {}", output::visible(technology));
    }
    if modem.roaming {
        network.push_str(", roaming");
    }
    network
}

fn signal(modem: &ModemState) -> String {
    modem.signal_dbm.map_or_else(|| "-".to_owned(), |dbm| format!("{dbm} dBm"))
}

/// What is on the SIM, and why that is not known now.
fn balance_words(balance: &Balance, now: Timestamp) -> String {
    let mut words = match balance.amount {
        None => "not known".to_owned(),
        Some(amount) => {
            let written = Some(balance.text.as_str()).filter(|text| !text.is_empty());
            let amount = written.map_or_else(|| amount.to_string(), output::visible);
            let low = if balance.low { "; low, top it up" } else { "" };
            format!("{amount}, {} ago{low}", age(now.since(balance.at)))
        }
    };
    if let Some(problem) = &balance.problem {
        let _ = write!(words, " ({})", problem_words(problem, now));
    }
    words
}

/// What a modem received and waits on its host's disk, as the broker did not take it.
fn spool_words(spool: &Spooled, host: &str, now: Timestamp) -> String {
    let full = if spool.full { "; it takes no more" } else { "" };
    format!(
        "{} received and not published yet, on the disk of {}, for {}{full}",
        spool.entries,
        cell(Some(host)),
        age(now.since(spool.since)),
    )
}

/// What is or was wrong, since when, and what to do.
fn problem_words(problem: &ModemProblem, now: Timestamp) -> String {
    let (text, advice) = (output::visible(&problem.text), output::visible(&problem.advice));
    let words = format!("{} ago: {text} {advice}", age(now.since(problem.at)));
    words.trim_end().to_owned()
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
pub(super) async fn find(client: &Client, wanted: &str) -> anyhow::Result<ModemId> {
    let answer = client.get::<Modems>("/modems").await?;
    let modems: Vec<&ModemState> = answer.modems.iter().map(|modem| &modem.state).collect();
    choose(&modems, wanted)
}

fn choose(modems: &[&ModemState], wanted: &str) -> anyhow::Result<ModemId> {
    let is_it = |modem: &&&ModemState| {
        modem.id.to_string() == wanted
            || modem.name == wanted
            || modem.port == wanted
            || modem.imei.as_deref() == Some(wanted)
    };
    let mut found: Vec<&&ModemState> = modems.iter().filter(is_it).collect();
    if found.is_empty() {
        found = modems.iter().filter(|modem| begins(&modem.id.to_string(), wanted)).collect();
    }
    let ids: Vec<String> = modems.iter().map(|modem| modem.id.to_string()).collect();
    let told = |modem: &&&ModemState| {
        let id = short(&modem.id.to_string(), &ids);
        let name = cell(Some(&modem.name));
        format!("{id} ({name}, {}, {})", modem.status.as_str(), place(modem))
    };
    match found.as_slice() {
        [modem] => Ok(modem.id),
        [] => {
            let names: Vec<&str> = modems.iter().map(|modem| modem.name.as_str()).collect();
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

#[cfg(test)]
mod tests {
    use contracts::limits::Closed;

    use super::*;

    fn read(state: &serde_json::Value) -> ModemState {
        let mut whole = json!({
            "id": "mdm_00000000000000000000000000000000", "name": "", "port": "", "host": "",
            "status": "ready",
            "text": "", "since": "2026-01-01T00:00:00Z", "seen_at": "2026-01-01T00:10:00Z",
        });
        for (name, value) in state.as_object().unwrap() {
            whole[name] = value.clone();
        }
        serde_json::from_value(whole).unwrap()
    }

    fn fleet() -> Vec<ModemState> {
        vec![
            read(&json!({
                "id": "mdm_1cbfd238544754908fce8f8767e5d5ed", "name": "ttyUSB2", "status": "ready", "text": "Ready on TELKOMSEL.",
                "manufacturer": "Quectel", "model": "EC25", "imei": "867723001234567",
                "sim": {"id": "sim_00000000000000000000000000000000", "iccid": "8962101234567890123", "number": "+6281100000001", "smsc": "+62816"},
                "operator": "TELKOMSEL", "technology": "LTE", "roaming": true, "signal_dbm": -85,
                "queue": 1, "sent_today": 1204, "failed_today": 3, "port": "/dev/ttyUSB2",
                "problem": {
                    "code": "cms-38", "at": "2026-01-01T00:00:00Z", "advice": "",
                    "text": "Network out of order (+CMS ERROR: 38). A usual cause is an empty balance: \
                             check it, and top it up."
                },
            })),
            read(&json!({
                "name": "evil\u{1b}[2J", "status": "blocked", "text": "The SIM asks for its PIN.",
                "model": "", "queue": 0, "sent_today": 0, "failed_today": 0,
                "problem": {
                    "code": "pin-needed", "at": "2026-01-01T00:09:00Z",
                    "text": "The SIM asks for its PIN.", "advice": "Set the SIM's PIN for this modem."
                },
            })),
        ]
    }

    fn lines(fleet: &[ModemState]) -> Vec<String> {
        super::lines(&fleet.iter().collect::<Vec<_>>(), now())
    }

    fn now() -> Timestamp {
        "2026-01-01T00:10:00Z".parse().unwrap()
    }

    #[test]
    fn the_list_says_all_and_fits_a_terminal() {
        let lines = lines(&fleet());
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
        let at = "2026-01-01T00:00:00Z";
        let sim = "sim_00000000000000000000000000000000";
        let balance = |told: serde_json::Value| -> Balance {
            let mut whole = json!({ "sim": sim, "at": at });
            for (name, value) in told.as_object().unwrap() {
                whole[name] = value.clone();
            }
            serde_json::from_value(whole).unwrap()
        };
        fleet[0].balance = Some(balance(json!({"amount": "25000", "text": "Rp 25.000"})));
        fleet[1].balance = Some(balance(json!({
            "amount": "900", "text": "Rp\u{1b}900", "low": true,
            "problem": {
                "code": "x", "at": "2026-01-01T00:09:30Z", "text": "No answer.", "advice": "Wait."
            },
        })));
        let told = lines(&fleet);
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
        let unknown = balance(json!({
            "problem": {"code": "x", "at": at, "text": "The code is wrong.", "advice": ""},
        }));
        assert_eq!(balance_words(&unknown, now()), "not known (10 min ago: The code is wrong.)");
    }

    #[test]
    fn a_limit_that_is_reached_is_told() {
        let mut fleet = fleet();
        fleet[0].closed = Some(Closed {
            limit: contracts::limits::Limit::Hour,
            most: Some(100),
            until: "2026-01-01T01:00:00Z".parse().unwrap(),
            passwords: false,
        });
        let text = lines(&fleet).join("\n");
        assert!(text.contains("  ! Its SIM sends nothing until 202"), "{text}");
        assert!(text.contains("the limit of 100 messages an hour is"), "{text}");
        assert!(facts(&fleet[0], now()).iter().any(|(name, _)| *name == "limits"));
    }

    #[test]
    fn what_waits_on_the_host_is_told() {
        let mut fleet = fleet();
        fleet[0].host = "shop".to_owned();
        let since = "2026-01-01T00:00:00Z".parse().unwrap();
        fleet[0].spool = Some(Spooled { entries: 7, since, full: true });
        let told =
            "7 received and not published yet, on the disk of shop, for 10 min; it takes no more";
        assert!(lines(&fleet).join("\n").contains("  ! Spool: 7 received"));
        assert!(facts(&fleet[0], now()).contains(&("spool", told.to_owned())));
    }

    #[test]
    fn a_modem_is_chosen_by_name_or_id() {
        let modem = |id: &str, port: &str, status: &str| {
            read(&json!({
                "id": format!("mdm_{id}544754908fce8f8767e5d5ed"), "name": "modem1",
                "host": "attic", "port": port, "status": status,
            }))
        };
        let fleet =
            [modem("1cbfd238", "/dev/ttyUSB0", "ready"), modem("1cbfd239", "/a", "offline")];
        let all: Vec<&ModemState> = fleet.iter().collect();
        let chosen = |wanted: &str| choose(&all, wanted).map_err(|error| error.to_string());
        assert_eq!(chosen("/a"), Ok(fleet[1].id));
        assert_eq!(chosen("mdm_1cbfd239"), Ok(fleet[1].id));
        assert_eq!(chosen("1cbfd238"), Ok(fleet[0].id));
        let both = chosen("modem1").unwrap_err();
        assert_eq!(
            both,
            "more than one modem is meant by modem1; say the id of one: mdm_1cbfd238 (modem1, ready, \
             /dev/ttyUSB0 on attic), mdm_1cbfd239 (modem1, offline, /a on attic)"
        );
        assert!(chosen("1cbf").unwrap_err().starts_with("more than one"), "a prefix of both");
        assert!(chosen("mdm_").unwrap_err().starts_with("there is no modem mdm_"));
        assert!(chosen("x\u{1b}[2J").unwrap_err().starts_with("there is no modem x\u{fffd}[2J"));
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
