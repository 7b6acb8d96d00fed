//! Credit of accounts, and what messages cost.

use contracts::{Amount, EventId, MessageId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// What an account may spend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Credit {
    /// The account.
    pub account: UserId,
    /// Its name.
    pub name: String,
    /// It sends only what its credit pays for. Otherwise it sends as much as it likes, and what it had is kept.
    pub limited: bool,
    /// What it has in all.
    pub left: Amount,
    /// What of that the gateway holds at this moment to pay for messages to come. It cannot be taken back meanwhile.
    pub reserved: Amount,
    /// When that changed last; absent: the account was never given credit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
}

/// The answer to `GET /credits`, sorted by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Credits {
    /// One's own, and for who manages credit those of all accounts that were ever given some.
    pub credits: Vec<Credit>,
    /// The word for the currency; empty: there is none.
    pub currency: String,
}

/// The body of `POST /credits/{id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddCredit {
    /// How much the account gets. Below zero, so much is taken back.
    pub amount: Amount,
    /// What is noted in the ledger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// The query of `GET /credits/{id}/ledger`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListLedger {
    /// How many at most; 50 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// The `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<EventId>,
}

/// The answer to `GET /credits/{id}/ledger`, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Ledger {
    /// What became of the credit.
    pub entries: Vec<LedgerLine>,
    /// `before` of the next page; absent: this was the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<EventId>,
}

/// A change of what an account has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LedgerLine {
    /// Its id.
    pub id: EventId,
    /// `top-up` (somebody gave credit), `charge` (a message was paid for), `refund` (that message was not sent), or `correction`
    /// (somebody took credit back).
    pub kind: String,
    /// By how much: below zero, the account has less.
    pub amount: Amount,
    /// The message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<MessageId>,
    /// What somebody noted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Who did it; absent: the gateway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<UserId>,
    /// When.
    pub at: Timestamp,
}

/// What a part costs to numbers that begin alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PrefixPrice {
    /// What the numbers begin with: digits, with `+` for international numbers alone.
    pub prefix: String,
    /// What a part costs.
    pub price: Amount,
}

/// The answer to `GET /prices`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Prices {
    /// The version; 0: there were never any, and everything is free.
    pub version: i64,
    /// The word for the currency, as it is shown; empty: none is.
    pub currency: String,
    /// What a part costs to numbers that begin with none of the prefixes.
    pub usual: Amount,
    /// What a part costs to numbers that begin so. The longest prefix that fits counts.
    pub prefixes: Vec<PrefixPrice>,
}

/// The body of `PUT /prices`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPrices {
    /// The version that they take the place of.
    pub version: i64,
    /// The word for the currency.
    #[serde(default)]
    pub currency: String,
    /// What a part costs to numbers that begin with none of the prefixes.
    #[serde(default)]
    pub usual: Amount,
    /// What a part costs to numbers that begin so.
    #[serde(default)]
    pub prefixes: Vec<PrefixPrice>,
}

/// The answer to `GET /prices/versions`, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PricesVersions {
    /// The versions that are kept.
    pub versions: Vec<PricesVersion>,
}

/// A version that the prices had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PricesVersion {
    /// Its number.
    pub version: i64,
    /// When the prices became so.
    pub at: Timestamp,
    /// Who made them so.
    pub by: String,
    /// How many prefixes had a price of their own.
    pub prices: u32,
}
