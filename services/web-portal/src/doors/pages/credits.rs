//! Credit of accounts and its ledger, and what messages cost.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use contracts::credit::{Price, Prices};
use contracts::routes::Prefix;
use contracts::{Amount, EventId, MessageId, UserId};
use serde::Deserialize;
use store::{LONGEST_NOTE, LedgerEntry, LedgerKind, MOST_CREDIT};

use super::failure::Failure;
use super::form::Form;
use super::frame::{Frame, html};
use super::notice::Notice;
use super::parts::When;
use super::visit::Visit;
use crate::acts::credit::{self, NotChanged, Seen};
use crate::acts::price::{self, NotChanged as NotPriced};
use crate::app::App;
use crate::power::Power;
use crate::words::Words;

/// Entries of one page.
const ROWS: u32 = 50;

#[derive(Template)]
#[template(path = "credits.html")]
struct CreditsPage {
    w: Words,
    frame: Frame,
    rows: Vec<Row>,
    prices: Vec<PriceRow>,
    usual: String,
    currency: String,
    version: i64,
    may_change: bool,
    said: Said,
}

#[derive(Template)]
#[template(path = "credit.html")]
struct CreditPage {
    w: Words,
    frame: Frame,
    row: Row,
    entries: Vec<Entry>,
    first: bool,
    more: Option<String>,
    may_change: bool,
}

/// An account in the list.
struct Row {
    account: UserId,
    name: String,
    limited: bool,
    left: String,
}

/// A price in the list.
struct PriceRow {
    prefix: String,
    price: String,
}

/// An entry of the ledger.
struct Entry {
    what: String,
    amount: String,
    note: String,
    message: Option<MessageId>,
    at: When,
}

/// What somebody wrote, and why that was not taken.
#[derive(Default)]
struct Said {
    credit_error: Option<String>,
    name: String,
    amount: String,
    note: String,
    price_error: Option<String>,
    prefix: String,
    price: String,
    /// None: nothing was written.
    currency: Option<String>,
}

/// Where a ledger begins.
#[derive(Default, Deserialize)]
pub(super) struct Listing {
    #[serde(default)]
    before: Option<String>,
}

/// `GET /credits`.
pub(super) async fn list(State(app): State<App>, visit: Visit) -> Result<Html<String>, Failure> {
    page(&app, &visit, Said::default()).await
}

async fn page(app: &App, visit: &Visit, said: Said) -> Result<Html<String>, Failure> {
    let (w, authority) = (visit.words, visit.authority()?);
    let all = credit::list(app, authority).await?;
    let (prices, version) = price::show(app, authority).await?;
    let rows = all.into_iter().map(|seen| row(seen, &prices.currency));
    html(&CreditsPage {
        w,
        frame: Frame { path: "/credits".to_owned(), ..Frame::of(app, visit).await },
        rows: rows.collect(),
        prices: prices.prefixes.iter().map(|one| price_row(one, &prices)).collect(),
        usual: shown(prices.usual, &prices.currency),
        currency: said.currency.clone().unwrap_or(prices.currency),
        version,
        may_change: authority.may(Power::CreditsManage),
        said,
    })
}

/// `GET /credits/{id}`.
pub(super) async fn show(
    State(app): State<App>,
    visit: Visit,
    Path(id): Path<String>,
    Query(listing): Query<Listing>,
) -> Result<Html<String>, Failure> {
    let (w, authority) = (visit.words, visit.authority()?);
    let id: UserId = id.parse().map_err(|_| Failure::NotFound)?;
    let seen = credit::one(&app, authority, id).await?.ok_or(Failure::NotFound)?;
    let before = listing.before.as_deref().map(str::parse::<EventId>).transpose();
    let before = before.map_err(|_| Failure::NotFound)?;
    let (entries, more) = credit::ledger(&app, authority, id, before, ROWS).await?;
    let (prices, _) = price::show(&app, authority).await?;
    let more = entries.last().filter(|_| more);
    let more = more.map(|last| format!("/credits/{id}?before={}", last.id));
    let entries = entries.into_iter().map(|one| entry(w, one, &prices.currency));
    let page = CreditPage {
        w,
        frame: Frame { path: format!("/credits/{id}"), ..Frame::of(&app, &visit).await },
        row: row(seen, &prices.currency),
        entries: entries.collect(),
        first: before.is_none(),
        more,
        may_change: authority.may(Power::CreditsManage),
    };
    html(&page)
}

/// `POST /credits`.
pub(super) async fn add(State(app): State<App>, form: Form) -> Result<Response, Failure> {
    let (visit, w) = (&form.visit, form.visit.words);
    let authority = visit.authority()?;
    let refuse = async |words: String| {
        let said = Said {
            credit_error: Some(words),
            name: again(&form, "name"),
            amount: again(&form, "amount"),
            note: again(&form, "note"),
            ..Said::default()
        };
        let page = page(&app, visit, said).await?;
        Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
    };
    let Ok(amount) = form.field("amount").trim().parse::<Amount>() else {
        return refuse(w.credits_bad_amount()).await;
    };
    let found = credit::account_named(&app, authority, form.field("name").trim()).await?;
    let Some(account) = found else { return refuse(w.credits_no_account()).await };
    let note = Some(form.field("note").to_owned());
    match credit::add(&app, authority, account, amount, note).await {
        Ok(seen) => {
            let (prices, _) = price::show(&app, authority).await?;
            let left = shown(seen.left, &prices.currency);
            Ok(visit.lead_to("/credits", Notice::done(w.credits_added(left, seen.name))))
        }
        Err(NotChanged::Nothing) => refuse(w.credits_nothing()).await,
        Err(NotChanged::TooMuch) => refuse(w.credits_too_much(MOST_CREDIT.to_string())).await,
        Err(NotChanged::LongNote) => refuse(w.credits_long_note(LONGEST_NOTE)).await,
        Err(NotChanged::NoSuchAccount) => refuse(w.credits_no_account()).await,
        Err(NotChanged::TooLittle(left)) => refuse(w.credits_too_little(left.to_string())).await,
        Err(NotChanged::Denied(denied)) => Err(denied.into()),
        Err(NotChanged::Store(error)) => Err(error.into()),
    }
}

/// `POST /credits/{id}/unlimited`.
pub(super) async fn make_unlimited(
    State(app): State<App>,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Failure> {
    let (visit, w) = (&form.visit, form.visit.words);
    let id: UserId = id.parse().map_err(|_| Failure::NotFound)?;
    match credit::make_unlimited(&app, visit.authority()?, id).await {
        Ok(()) => Ok(visit.lead_to("/credits", Notice::done(w.credits_unlimited_now()))),
        Err(NotChanged::Denied(denied)) => Err(denied.into()),
        Err(NotChanged::Store(error)) => Err(error.into()),
        Err(_) => Err(Failure::NotFound),
    }
}

/// `POST /credits/prices`.
pub(super) async fn set_price(State(app): State<App>, form: Form) -> Result<Response, Failure> {
    let w = form.visit.words;
    let Ok(price) = form.field("price").trim().parse::<Amount>() else {
        return price_again(&app, &form, w.credits_bad_price()).await;
    };
    let currency = form.field("currency").trim().to_owned();
    let prefix = form.field("prefix").trim();
    if prefix.is_empty() {
        return change(&app, &form, |prices| {
            (prices.usual, prices.currency) = (price, currency);
        })
        .await;
    }
    let Ok(prefix) = prefix.parse::<Prefix>() else {
        return price_again(&app, &form, w.credits_bad_prefix()).await;
    };
    change(&app, &form, |prices| {
        prices.set(prefix, price);
        prices.currency = currency;
    })
    .await
}

/// `POST /credits/prices/remove`.
pub(super) async fn remove_price(State(app): State<App>, form: Form) -> Result<Response, Failure> {
    let Ok(prefix) = form.field("prefix").parse::<Prefix>() else { return Err(Failure::NotFound) };
    change(&app, &form, |prices| {
        prices.remove(&prefix);
    })
    .await
}

/// Changes the prices that the page showed.
async fn change(
    app: &App,
    form: &Form,
    make: impl FnOnce(&mut Prices) + Send,
) -> Result<Response, Failure> {
    let (visit, w) = (&form.visit, form.visit.words);
    let authority = visit.authority()?;
    let Ok(version) = form.field("version").parse::<i64>() else {
        return Err(Failure::Malformed);
    };
    let (mut prices, _) = price::show(app, authority).await?;
    make(&mut prices);
    match price::change(app, authority, prices, version).await {
        Ok(_) => Ok(visit.lead_to("/credits", Notice::done(w.credits_prices_changed()))),
        Err(NotPriced::Wrong(_)) => price_again(app, form, w.credits_bad_price()).await,
        Err(NotPriced::Meanwhile(_)) => price_again(app, form, w.credits_prices_meanwhile()).await,
        Err(NotPriced::Denied(denied)) => Err(denied.into()),
        Err(NotPriced::Store(error)) => Err(error.into()),
    }
}

async fn price_again(app: &App, form: &Form, words: String) -> Result<Response, Failure> {
    let said = Said {
        price_error: Some(words),
        prefix: again(form, "prefix"),
        price: again(form, "price"),
        currency: Some(again(form, "currency")).filter(|currency| !currency.is_empty()),
        ..Said::default()
    };
    let page = page(app, &form.visit, said).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// What was written in a field, as it stands there again.
fn again(form: &Form, name: &str) -> String {
    form.field(name).chars().take(LONGEST_NOTE).collect()
}

/// An amount with the word for its currency, if there is one.
pub(super) fn shown(amount: Amount, currency: &str) -> String {
    if currency.is_empty() { amount.to_string() } else { format!("{amount} {currency}") }
}

fn row(seen: Seen, currency: &str) -> Row {
    let Seen { account, name, limited, left, .. } = seen;
    Row { account, name, limited, left: shown(left, currency) }
}

fn price_row(one: &Price, prices: &Prices) -> PriceRow {
    PriceRow { prefix: one.prefix.to_string(), price: shown(one.price, &prices.currency) }
}

fn entry(w: Words, entry: LedgerEntry, currency: &str) -> Entry {
    let what = match entry.kind {
        LedgerKind::TopUp => w.credits_top_up(),
        LedgerKind::Charge => w.credits_charge(),
        LedgerKind::Refund => w.credits_refund(),
        LedgerKind::Correction => w.credits_correction(),
    };
    Entry {
        what,
        amount: shown(entry.amount, currency),
        note: entry.note.unwrap_or_default(),
        message: entry.message,
        at: When(entry.at),
    }
}
