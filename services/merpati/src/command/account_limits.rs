//! `merpati limit --user`: how much accounts may send, and how much they have sent.

use api::{LimitedUser, UserLimits, UserUsed};
use contracts::UserId;

use super::accounts::user_id;
use super::limits::with_flags;
use crate::cli::SaidLimits;
use crate::client::Client;
use crate::output;

/// Changes the limits of an account: what is not named stays.
pub(super) async fn change(
    as_json: bool,
    client: &Client,
    name: &str,
    said: SaidLimits,
) -> anyhow::Result<()> {
    let is_of_sim = said.quiet.is_some()
        || said.warm_up.is_some()
        || said.recipients_per_month.is_some()
        || said.price.is_some()
        || said.spend_per_day.is_some()
        || said.spend_per_month.is_some();
    if is_of_sim {
        anyhow::bail!(
            "--quiet, --warm-up, --recipients-per-month, --price and --spend-… are for a SIM: say --sim SIM \
             (what an account may spend is its credit: merpati credit)"
        );
    }
    let path = path(client, name).await?;
    let before = client.get::<LimitedUser>(&path).await?.into_read().limits;
    set(as_json, client, &path, &with(before, said)).await
}

/// Removes the limits of an account, and its weight.
pub(super) async fn remove(as_json: bool, client: &Client, name: &str) -> anyhow::Result<()> {
    let path = path(client, name).await?;
    set(as_json, client, &path, &UserLimits::default()).await
}

async fn path(client: &Client, name: &str) -> anyhow::Result<String> {
    let id = match user_id(client, name).await {
        Err(_) if name == store::LOCAL => UserId::internal(),
        found => found?,
    };
    Ok(format!("/users/{id}/limits"))
}

async fn set(
    as_json: bool,
    client: &Client,
    path: &str,
    limits: &UserLimits,
) -> anyhow::Result<()> {
    let account = client.put::<LimitedUser>(path, limits).await.map_err(with_flags)?;
    if as_json {
        return account.print();
    }
    output::line(&format!("{} sends {}.", output::visible(&account.name), words(&account.limits)));
    Ok(())
}

/// What is set, with what was said.
fn with(before: UserLimits, said: SaidLimits) -> UserLimits {
    let number = |said: Option<u32>, before| said.map_or(before, |said| (said > 0).then_some(said));
    UserLimits {
        per_minute: number(said.per_minute, before.per_minute),
        per_hour: number(said.per_hour, before.per_hour),
        per_day: number(said.per_day, before.per_day),
        per_month: number(said.per_month, before.per_month),
        otp_per_hour: number(said.otp_per_hour, before.otp_per_hour),
        weight: number(said.weight, before.weight),
        zone: match said.zone {
            Some(said) => (said != "none").then_some(said),
            None => before.zone,
        },
    }
}

/// Shows the limits of an account, and how much of them is used.
pub(super) async fn show(as_json: bool, client: &Client, name: &str) -> anyhow::Result<()> {
    let account = client.get::<LimitedUser>(&path(client, name).await?).await?;
    if as_json {
        return account.print();
    }
    let LimitedUser { name, limits, used, .. } = &*account;
    if *limits == UserLimits::default() {
        output::line(&format!("{} has no limits, and one turn.", output::visible(name)));
        return Ok(());
    }
    let used = |of: fn(&UserUsed) -> u32| used.as_ref().map(of);
    let passwords = account.used.as_ref().and_then(|used| used.otp_per_hour);
    let of = |most: Option<u32>, used: Option<u32>| match (used, most) {
        (Some(used), Some(most)) => format!("{used} of {most}"),
        (Some(used), None) => format!("{used}, without a limit"),
        (None, Some(most)) => format!("at most {most}"),
        (None, None) => "-".to_owned(),
    };
    let apart = match limits.otp_per_hour {
        Some(most) => of(Some(most), passwords),
        None => "counted with all others".to_owned(),
    };
    output::facts(&[
        ("account", output::visible(name)),
        ("this minute", of(limits.per_minute, used(|used| used.per_minute))),
        ("this hour", of(limits.per_hour, used(|used| used.per_hour))),
        ("today", of(limits.per_day, used(|used| used.per_day))),
        ("this month", of(limits.per_month, used(|used| used.per_month))),
        ("passwords this hour", apart),
        ("turns in a round", limits.weight.unwrap_or(1).to_string()),
        (
            "zone",
            limits.zone.as_deref().map_or_else(|| "the router's host".to_owned(), output::visible),
        ),
    ]);
    Ok(())
}

/// Lists accounts with their limits, if there are any.
pub(super) fn table(accounts: &[LimitedUser]) {
    if accounts.is_empty() {
        return;
    }
    let rows: Vec<Vec<String>> = accounts
        .iter()
        .map(|account| vec![output::visible(&account.name), words(&account.limits)])
        .collect();
    output::table(&["ACCOUNT", "SENDS"], &rows);
}

/// Limits in words: `at most 100 an hour, at most 20 passwords an hour, with 3 turns in a round (Asia/Jakarta)`.
fn words(limits: &UserLimits) -> String {
    let numbers = [
        (limits.per_minute, "a minute"),
        (limits.per_hour, "an hour"),
        (limits.per_day, "a day"),
        (limits.per_month, "a month"),
    ];
    let numbers: Vec<String> =
        numbers.iter().filter_map(|(most, of)| Some(format!("{} {of}", (*most)?))).collect();
    let mut words = Vec::new();
    if numbers.is_empty() {
        words.push("as much as comes".to_owned());
    } else {
        words.push(format!("at most {}", numbers.join(", ")));
    }
    if let Some(most) = limits.otp_per_hour {
        words.push(format!("at most {most} passwords an hour"));
    }
    if let Some(turns) = limits.weight {
        words.push(format!("with {turns} turns in a round"));
    }
    let zone = limits.zone.as_deref().map(|zone| format!(" ({})", output::visible(zone)));
    format!("{}{}", words.join(", "), zone.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_said_stays_as_it_is() {
        let before = UserLimits {
            per_hour: Some(100),
            per_day: Some(500),
            weight: Some(2),
            ..UserLimits::default()
        };
        let said = SaidLimits {
            per_day: Some(0),
            zone: Some("Asia/Jakarta".to_owned()),
            otp_per_hour: Some(20),
            weight: Some(3),
            ..SaidLimits::default()
        };
        let after = with(before, said);
        assert_eq!(
            words(&after),
            "at most 100 an hour, at most 20 passwords an hour, with 3 turns in a round (Asia/Jakarta)"
        );
        assert_eq!(words(&UserLimits::default()), "as much as comes");
    }
}
