//! `merpati limit`: how much SIMs and accounts may send, and how much they have sent.

use api::{LimitedUsers, Sim, SimChanges, SimLimits, SimUsed, Sims};
use contracts::limits::Closed;

use super::account_limits;
use super::sims::choose;
use crate::cli::{self, Limited, SetLimit};
use crate::client::{Client, ClientError};
use crate::output;

/// Shows and sets limits.
pub(crate) async fn run(as_json: bool, client: &Client, said: cli::Limit) -> anyhow::Result<()> {
    match said {
        cli::Limit::List => list(as_json, client).await,
        cli::Limit::Show { of } => {
            let sim = match of {
                Limited { user: Some(name), .. } => {
                    return account_limits::show(as_json, client, &name).await;
                }
                Limited { sim, .. } => sim.unwrap_or_default(),
            };
            let sim = client.get::<Sim>(&path(client, &sim).await?).await?;
            if as_json {
                return sim.print();
            }
            show(&sim);
            Ok(())
        }
        cli::Limit::Set(SetLimit { of: Limited { user: Some(name), .. }, limits }) => {
            account_limits::change(as_json, client, &name, limits).await
        }
        cli::Limit::Set(SetLimit { of, limits }) => {
            if limits.weight.is_some() || limits.otp_per_hour.is_some() {
                anyhow::bail!("--weight and --otp-per-hour are for an account: say --user NAME");
            }
            let path = path(client, &of.sim.unwrap_or_default()).await?;
            let before = client.get::<Sim>(&path).await?.limits.clone().unwrap_or_default();
            set(as_json, client, &path, with(before, limits)).await
        }
        cli::Limit::Remove { of: Limited { user: Some(name), .. } } => {
            account_limits::remove(as_json, client, &name).await
        }
        cli::Limit::Remove { of } => {
            let path = path(client, &of.sim.unwrap_or_default()).await?;
            set(as_json, client, &path, SimLimits::default()).await
        }
    }
}

/// The path of the SIM that is meant.
async fn path(client: &Client, wanted: &str) -> anyhow::Result<String> {
    let answer = client.get::<Sims>("/sims").await?;
    Ok(format!("/sims/{}", choose(&answer.sims, wanted)?))
}

/// What is set, with what was said.
fn with(before: SimLimits, said: cli::SaidLimits) -> SimLimits {
    let number = |said: Option<u32>, before| said.map_or(before, |said| (said > 0).then_some(said));
    let text = |said: Option<String>, before| match said {
        Some(said) => (said != "none").then_some(said),
        None => before,
    };
    // Who says how it begins, says when.
    let warm_up_from = if said.warm_up.is_some() { said.warm_up_from } else { before.warm_up_from };
    SimLimits {
        warm_up: number(said.warm_up, before.warm_up),
        warm_up_from,
        per_minute: number(said.per_minute, before.per_minute),
        per_hour: number(said.per_hour, before.per_hour),
        per_day: number(said.per_day, before.per_day),
        per_month: number(said.per_month, before.per_month),
        price: number(said.price, before.price),
        spend_per_day: number(said.spend_per_day, before.spend_per_day),
        spend_per_month: number(said.spend_per_month, before.spend_per_month),
        recipients_per_month: number(said.recipients_per_month, before.recipients_per_month),
        quiet: text(said.quiet, before.quiet),
        zone: text(said.zone, before.zone),
    }
}

async fn set(as_json: bool, client: &Client, path: &str, limits: SimLimits) -> anyhow::Result<()> {
    let changes = SimChanges { limits: Some(limits), ..SimChanges::default() };
    let sim = client.patch::<Sim>(path, &changes).await.map_err(with_flags)?;
    if as_json {
        return sim.print();
    }
    output::line(&match &sim.limits {
        Some(limits) => format!("{} sends {}.", name(&sim), words(limits)),
        None => format!("{} sends as much as comes.", name(&sim)),
    });
    Ok(())
}

/// What was refused, with limits named as this command names them.
pub(super) fn with_flags(error: ClientError) -> ClientError {
    let ClientError::Refused(mut words) = error else { return error };
    for field in [
        "per_minute",
        "per_hour",
        "per_day",
        "per_month",
        "recipients_per_month",
        "spend_per_day",
        "spend_per_month",
        "otp_per_hour",
        "warm_up",
    ] {
        words = flagged(&words, field);
    }
    ClientError::Refused(words)
}

/// A text with a field named as a flag, where the name stands as a word.
fn flagged(words: &str, field: &str) -> String {
    let flag = format!("--{}", field.replace('_', "-"));
    let is_of_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let (mut done, mut rest) = (String::new(), words);
    while let Some((before, after)) = rest.split_once(field) {
        let is_word = !before.ends_with(is_of_word) && !after.starts_with(is_of_word);
        done.push_str(before);
        done.push_str(if is_word { &flag } else { field });
        rest = after;
    }
    done + rest
}

async fn list(as_json: bool, client: &Client) -> anyhow::Result<()> {
    let answer = client.get::<Sims>("/sims").await?;
    let limited: Vec<&Sim> = answer.sims.iter().filter(|sim| sim.limits.is_some()).collect();
    // Who may see SIMs need not manage accounts.
    let accounts = match client.get::<LimitedUsers>("/limits").await {
        Ok(answer) => answer.into_read().users,
        Err(ClientError::Refused(words)) => {
            output::note(&format!(
                "Limits of accounts are seen by administrators: {}",
                output::visible(&words)
            ));
            Vec::new()
        }
        Err(error) => return Err(error.into()),
    };
    if as_json {
        let sims = limited.iter().map(serde_json::to_value);
        let all = sims.chain(accounts.iter().map(serde_json::to_value));
        return output::json(&all.collect::<Result<Vec<_>, _>>()?);
    }
    if limited.is_empty() && accounts.is_empty() {
        output::line(
            "Nothing has limits. Set one: merpati limit set --sim SIM --per-hour 100, or --user NAME",
        );
        return Ok(());
    }
    let rows: Vec<Vec<String>> = limited
        .iter()
        .map(|sim| {
            let limits = sim.limits.as_ref().map(words).unwrap_or_default();
            vec![name(sim), limits, now(sim).unwrap_or_else(|| "-".to_owned())]
        })
        .collect();
    if !rows.is_empty() {
        output::table(&["SIM", "SENDS", "FOR NOW"], &rows);
    }
    account_limits::table(&accounts);
    Ok(())
}

fn show(sim: &Sim) {
    let Some(limits) = &sim.limits else {
        output::line(&format!("{} has no limits: it sends as much as comes.", name(sim)));
        return;
    };
    let used = |of: fn(SimUsed) -> u32| sim.used.map(of);
    let of = |most: Option<u32>, used: Option<u32>| match (used, most) {
        (Some(used), Some(most)) => format!("{used} of {most}"),
        (Some(used), None) => format!("{used}, without a limit"),
        (None, Some(most)) => format!("at most {most}"),
        (None, None) => "-".to_owned(),
    };
    let of_set = |most: Option<u32>, used: Option<u32>| match most {
        Some(_) => of(most, used),
        None => "-".to_owned(),
    };
    let counted = |of: fn(SimUsed) -> Option<u32>| sim.used.and_then(of);
    let today = sim.used.map_or(limits.per_day, |used| used.day_limit);
    output::facts(&[
        ("SIM", name(sim)),
        ("this minute", of(limits.per_minute, used(|used| used.per_minute))),
        ("this hour", of(limits.per_hour, used(|used| used.per_hour))),
        ("today", of(today, used(|used| used.per_day))),
        ("this month", of(limits.per_month, used(|used| used.per_month))),
        (
            "recipients",
            of_set(limits.recipients_per_month, counted(|used| used.recipients_per_month)),
        ),
        ("a part costs", output::cell(limits.price.map(|price| price.to_string()).as_deref())),
        ("spent today", of_set(limits.spend_per_day, counted(|used| used.spend_per_day))),
        ("spent", of_set(limits.spend_per_month, counted(|used| used.spend_per_month))),
        (
            "warm-up",
            limits.warm_up.map_or_else(
                || "-".to_owned(),
                |first| {
                    let from = output::cell(limits.warm_up_from.as_deref());
                    format!("{first} a day from {from}, twice as many each week")
                },
            ),
        ),
        ("quiet hours", output::cell(limits.quiet.as_deref())),
        (
            "zone",
            limits.zone.as_deref().map_or_else(|| "the modem's host".to_owned(), output::visible),
        ),
        ("for now", now(sim).unwrap_or_else(|| "it sends".to_owned())),
    ]);
}

/// What people know a SIM by.
fn name(sim: &Sim) -> String {
    let number = sim.number.as_ref().map(ToString::to_string);
    let name = number.or_else(|| sim.modem_name.as_deref().map(output::visible));
    name.unwrap_or_else(|| sim.id.to_string())
}

/// Limits in words: `at most 5 a minute and 100 an hour, and only passwords 22:00-06:00 (Asia/Jakarta)`.
fn words(limits: &SimLimits) -> String {
    let numbers = [
        (limits.per_minute, "a minute"),
        (limits.per_hour, "an hour"),
        (limits.per_day, "a day"),
        (limits.per_month, "a month"),
        (limits.recipients_per_month, "different recipients a month"),
        (limits.spend_per_day, "spent a day"),
        (limits.spend_per_month, "spent a month"),
    ];
    let numbers: Vec<String> =
        numbers.iter().filter_map(|(most, of)| Some(format!("{} {of}", (*most)?))).collect();
    let mut words = Vec::new();
    if !numbers.is_empty() {
        words.push(format!("at most {}", numbers.join(", ")));
    }
    if let Some(price) = limits.price {
        words.push(format!("at {price} a part"));
    }
    if let Some(quiet) = &limits.quiet {
        words.push(format!("only passwords {}", output::visible(quiet)));
    }
    if let Some(first) = limits.warm_up {
        let from = output::cell(limits.warm_up_from.as_deref());
        words.push(format!("at first {first} a day, from {from} on twice as many each week"));
    }
    if words.is_empty() {
        words.push("as much as comes".to_owned());
    }
    let zone = limits.zone.as_deref().map(|zone| format!(" ({})", output::visible(zone)));
    format!("{}{}", words.join(", "), zone.unwrap_or_default())
}

/// That it sends nothing for now, or to nobody new.
fn now(sim: &Sim) -> Option<String> {
    let to_nobody_new = sim.closed_to_new.as_ref().map(closed_to_new);
    sim.closed.as_ref().map(closed).or(to_nobody_new)
}

/// Why it sends to nobody new for now.
pub(super) fn closed_to_new(closed: &Closed) -> String {
    format!("to nobody new until {}: {closed}", output::local_time(closed.until))
}

/// Why it sends nothing for now.
pub(super) fn closed(closed: &Closed) -> String {
    format!("nothing until {}: {closed}", output::local_time(closed.until))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_refused_names_flags() {
        let words = |words: &str| with_flags(ClientError::Refused(words.to_owned())).to_string();
        assert_eq!(
            words(
                "The limit per_hour is 9 and per_day only 2, so per_hour would never be reached."
            ),
            "The limit --per-hour is 9 and --per-day only 2, so --per-hour would never be reached."
        );
        assert_eq!(
            words("spend_per_day and recipients_per_month"),
            "--spend-per-day and --recipients-per-month"
        );
    }

    #[test]
    fn what_was_not_said_stays_as_it_is() {
        let before = SimLimits {
            per_hour: Some(100),
            per_day: Some(500),
            quiet: Some("22:00-06:00".to_owned()),
            warm_up: Some(10),
            warm_up_from: Some("2020-01-01".to_owned()),
            ..SimLimits::default()
        };
        let said = cli::SaidLimits {
            per_minute: Some(5),
            per_hour: None,
            per_day: Some(0),
            per_month: None,
            recipients_per_month: Some(200),
            price: Some(350),
            spend_per_day: None,
            spend_per_month: Some(9_000),
            warm_up: Some(20),
            warm_up_from: None,
            quiet: Some("none".to_owned()),
            zone: Some("Asia/Jakarta".to_owned()),
            otp_per_hour: None,
            weight: None,
        };
        let after = with(before, said);
        assert_eq!(
            words(&after),
            "at most 5 a minute, 100 an hour, 200 different recipients a month, 9000 spent a month, at 350 a part, at first 20 a day, from - on twice as many each week (Asia/Jakarta)"
        );
        assert_eq!((after.per_day, after.quiet), (None, None));
        assert_eq!((after.warm_up, after.warm_up_from), (Some(20), None), "it begins today");
        let quiet = SimLimits { quiet: Some("22:00-06:00".to_owned()), ..SimLimits::default() };
        assert_eq!(words(&quiet), "only passwords 22:00-06:00");
    }
}
