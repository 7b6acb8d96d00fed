//! `merpati credit`: what accounts may spend, and what messages cost.

use anyhow::{Context as _, bail};
use api::{AddCredit, Credit, Credits, Ledger, NewPrices, Nothing, PrefixPrice, Prices};
use contracts::routes::Prefix;
use contracts::{Amount, UserId};

use super::accounts::user_id;
use crate::cli;
use crate::client::Client;
use crate::output;

/// Shows and changes credit and prices.
pub(crate) async fn run(as_json: bool, client: &Client, said: cli::Credit) -> anyhow::Result<()> {
    match said {
        cli::Credit::Show { name: None } => list(as_json, client).await,
        cli::Credit::Show { name: Some(name) } => {
            let path = format!("/credits/{}", user_id(client, &name).await?);
            let credit = client.get::<Credit>(&path).await?;
            if as_json {
                return credit.print();
            }
            say(client, &credit).await
        }
        cli::Credit::Add { name, amount, note } => {
            let path = format!("/credits/{}", user_id(client, &name).await?);
            let credit = client.post::<Credit>(&path, &AddCredit { amount, note }).await?;
            if as_json {
                return credit.print();
            }
            say(client, &credit).await
        }
        cli::Credit::Unlimited { name } => {
            let path = format!("/credits/{}", user_id(client, &name).await?);
            client.delete::<Nothing>(&path).await?;
            if as_json {
                return output::json(&Nothing {});
            }
            output::line(&format!("{} sends as much as it likes.", output::visible(&name)));
            Ok(())
        }
        cli::Credit::Ledger { name, limit } => ledger(as_json, client, name, limit).await,
        cli::Credit::Price(said) => price(as_json, client, said).await,
    }
}

/// An amount with the word for its currency, if there is one.
fn shown(amount: Amount, currency: &str) -> String {
    if currency.is_empty() { amount.to_string() } else { format!("{amount} {currency}") }
}

async fn say(client: &Client, credit: &Credit) -> anyhow::Result<()> {
    let currency = client.get::<Prices>("/prices").await?.into_read().currency;
    let name = output::visible(&credit.name);
    output::line(&if credit.limited {
        format!("{name} has {} left.", shown(credit.left, &currency))
    } else {
        format!("{name} sends as much as it likes.")
    });
    Ok(())
}

async fn list(as_json: bool, client: &Client) -> anyhow::Result<()> {
    let all = client.get::<Credits>("/credits").await?;
    if as_json {
        return all.print();
    }
    if all.credits.is_empty() {
        output::line("Every account sends as much as it likes; merpati credit add limits one.");
        return Ok(());
    }
    let rows = all.credits.iter().map(|credit| {
        let left =
            if credit.limited { shown(credit.left, &all.currency) } else { "unlimited".to_owned() };
        let since = credit.updated_at.map_or_else(|| "-".to_owned(), output::local_time);
        vec![output::visible(&credit.name), left, since]
    });
    output::table(&["ACCOUNT", "LEFT", "CHANGED"], &rows.collect::<Vec<_>>());
    Ok(())
}

async fn ledger(
    as_json: bool,
    client: &Client,
    name: Option<String>,
    limit: u16,
) -> anyhow::Result<()> {
    let account: UserId = match name {
        Some(name) => user_id(client, &name).await?,
        None => match client.get::<Credits>("/credits").await?.into_read().credits.as_slice() {
            [one] => one.account,
            _ => bail!("say whose ledger: merpati credit show lists the accounts that have one"),
        },
    };
    let path = format!("/credits/{account}/ledger?limit={limit}");
    let ledger = client.get::<Ledger>(&path).await?;
    if as_json {
        return ledger.print();
    }
    if ledger.entries.is_empty() {
        output::line("Nothing happened to the credit of this account.");
        return Ok(());
    }
    let rows = ledger.entries.iter().map(|entry| {
        let message = entry.message.map(|message| message.to_string());
        let about = entry.note.as_deref().map(output::visible).or(message);
        let about = about.unwrap_or_else(|| "-".to_owned());
        vec![output::local_time(entry.at), entry.kind.clone(), entry.amount.to_string(), about]
    });
    output::table(&["WHEN", "WHAT", "AMOUNT", "ABOUT"], &rows.collect::<Vec<_>>());
    Ok(())
}

async fn price(as_json: bool, client: &Client, said: cli::Price) -> anyhow::Result<()> {
    let now = client.get::<Prices>("/prices").await?.into_read();
    let Prices { version, currency, usual, prefixes } = now.clone();
    let mut new = NewPrices { version, currency, usual, prefixes };
    match said {
        cli::Price::List => return show(as_json, &now),
        cli::Price::Set { prefix, price } => {
            let prefix = read(&prefix)?;
            new.prefixes.retain(|one| one.prefix != prefix);
            new.prefixes.push(PrefixPrice { prefix, price });
        }
        cli::Price::Remove { prefix } => {
            let prefix = read(&prefix)?;
            let before = new.prefixes.len();
            new.prefixes.retain(|one| one.prefix != prefix);
            if new.prefixes.len() == before {
                bail!(
                    "{prefix} has no price of its own; merpati credit price list shows those that have"
                );
            }
        }
        cli::Price::Usual { price } => new.usual = price,
        cli::Price::Currency { word } => new.currency = word,
    }
    let prices = client.put::<Prices>("/prices", &new).await?.into_read();
    show(as_json, &prices)
}

fn read(written: &str) -> anyhow::Result<String> {
    let prefix = written.parse::<Prefix>().context("this is no prefix")?;
    Ok(prefix.to_string())
}

fn show(as_json: bool, prices: &Prices) -> anyhow::Result<()> {
    if as_json {
        return output::json(prices);
    }
    if prices.version == 0 {
        output::line("Everything is free: there are no prices.");
        return Ok(());
    }
    let priced = |what: &str, price| vec![what.to_owned(), shown(price, &prices.currency)];
    let mut rows: Vec<_> =
        prices.prefixes.iter().map(|one| priced(&one.prefix, one.price)).collect();
    rows.push(priced("all others", prices.usual));
    output::table(&["NUMBERS", "PRICE OF A PART"], &rows);
    Ok(())
}
