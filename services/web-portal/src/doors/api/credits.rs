//! Credit of accounts, and what messages cost.

use api::{
    AddCredit, Credit, Credits, Ledger, LedgerLine, ListLedger, NewPrices, PrefixPrice, Prices,
    PricesVersion, PricesVersions,
};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use contracts::UserId;
use contracts::credit::{self as contract, Price};
use store::LedgerEntry;

use super::body::{CheckedJson, CheckedQuery, PathId};
use super::caller::Caller;
use super::paging;
use super::problem::{Answer, Code, Problem, sentence};
use crate::acts::credit::{self, NotChanged, Seen};
use crate::acts::price::{self, NotChanged as NotPriced};
use crate::app::App;

/// `GET /credits`.
pub(super) async fn list(
    State(app): State<App>,
    Caller(authority): Caller,
) -> Answer<Json<Credits>> {
    let all = credit::list(&app, &authority).await?;
    let (prices, _) = price::show(&app, &authority).await?;
    let credits = all.into_iter().map(shown).collect();
    Ok(Json(Credits { credits, currency: prices.currency }))
}

/// `GET /credits/{id}`.
pub(super) async fn one(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<UserId>,
) -> Answer<Json<Credit>> {
    let seen = credit::one(&app, &authority, id).await?;
    Ok(Json(shown(seen.ok_or_else(nobody)?)))
}

/// `POST /credits/{id}`.
pub(super) async fn add(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<UserId>,
    CheckedJson(AddCredit { amount, note }): CheckedJson<AddCredit>,
) -> Answer<Json<Credit>> {
    Ok(Json(shown(credit::add(&app, &authority, id, amount, note).await?)))
}

/// `DELETE /credits/{id}`.
pub(super) async fn remove(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<UserId>,
) -> Answer<StatusCode> {
    credit::make_unlimited(&app, &authority, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /credits/{id}/ledger`.
pub(super) async fn ledger(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<UserId>,
    CheckedQuery(listing): CheckedQuery<ListLedger>,
) -> Answer<Json<Ledger>> {
    let limit = paging::page(listing.limit, None)?.limit;
    credit::one(&app, &authority, id).await?.ok_or_else(nobody)?;
    let (entries, more) = credit::ledger(&app, &authority, id, listing.before, limit).await?;
    let next = entries.last().filter(|_| more).map(|last| last.id);
    Ok(Json(Ledger { entries: entries.into_iter().map(line).collect(), next }))
}

/// `GET /prices`.
pub(super) async fn prices(
    State(app): State<App>,
    Caller(authority): Caller,
) -> Answer<Json<Prices>> {
    let (prices, version) = price::show(&app, &authority).await?;
    Ok(Json(priced(prices, version)))
}

/// `PUT /prices`.
pub(super) async fn set_prices(
    State(app): State<App>,
    Caller(authority): Caller,
    CheckedJson(new): CheckedJson<NewPrices>,
) -> Answer<Json<Prices>> {
    let NewPrices { version, currency, usual, prefixes } = new;
    let read = |PrefixPrice { prefix, price }: PrefixPrice| {
        let prefix = prefix.parse().map_err(|error: contracts::routes::ParsePrefixError| {
            Problem::malformed(sentence(&error.to_string())).with("field", "prefixes.prefix")
        })?;
        Ok::<_, Problem>(Price { prefix, price })
    };
    let prefixes = prefixes.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let new = contract::Prices { org: authority.org, currency, usual, prefixes };
    let (prices, version) = price::change(&app, &authority, new, version).await?;
    Ok(Json(priced(prices, version)))
}

/// `GET /prices/versions`.
pub(super) async fn versions(
    State(app): State<App>,
    Caller(authority): Caller,
) -> Answer<Json<PricesVersions>> {
    let versions = price::versions(&app, &authority).await?.into_iter();
    let versions = versions.map(|(one, by)| PricesVersion {
        version: one.version,
        at: one.at,
        by,
        prices: one.prices,
    });
    Ok(Json(PricesVersions { versions: versions.collect() }))
}

/// `GET /prices/versions/{version}`.
pub(super) async fn of_version(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(version): PathId<i64>,
) -> Answer<Json<Prices>> {
    let prices = price::of_version(&app, &authority, version).await?;
    let prices = prices.ok_or_else(|| Problem::not_found("version of the prices"))?;
    Ok(Json(priced(prices, version)))
}

fn nobody() -> Problem {
    Problem::not_found("account of this id")
}

fn shown(seen: Seen) -> Credit {
    let Seen { account, name, limited, left, in_blocks, updated_at } = seen;
    Credit { account, name, limited, left, reserved: in_blocks, updated_at }
}

fn line(entry: LedgerEntry) -> LedgerLine {
    let LedgerEntry { id, account: _, kind, amount, message, note, by, at } = entry;
    LedgerLine { id, kind: kind.as_str().to_owned(), amount, message, note, by, at }
}

fn priced(prices: contract::Prices, version: i64) -> Prices {
    let contract::Prices { org: _, currency, usual, prefixes } = prices;
    let prefixes = prefixes
        .into_iter()
        .map(|Price { prefix, price }| PrefixPrice { prefix: prefix.to_string(), price });
    Prices { version, currency, usual, prefixes: prefixes.collect() }
}

impl From<NotChanged> for Problem {
    fn from(refused: NotChanged) -> Self {
        let detail = sentence(&refused.to_string());
        match refused {
            NotChanged::Denied(denied) => denied.into(),
            NotChanged::Store(error) => error.into(),
            NotChanged::NoSuchAccount => nobody(),
            NotChanged::Nothing | NotChanged::TooMuch => {
                Self::malformed(detail).with("field", "amount")
            }
            NotChanged::LongNote => Self::malformed(detail).with("field", "note"),
            NotChanged::TooLittle(left) => {
                Self::new(Code::TooLittleCredit, detail).with("left", left.to_string())
            }
        }
    }
}

impl From<NotPriced> for Problem {
    fn from(refused: NotPriced) -> Self {
        let detail = sentence(&refused.to_string());
        match refused {
            NotPriced::Denied(denied) => denied.into(),
            NotPriced::Store(error) => error.into(),
            NotPriced::Wrong(_) => Self::malformed(detail),
            NotPriced::Meanwhile(version) => {
                Self::new(Code::PricesChanged, detail).with("version", version)
            }
        }
    }
}
