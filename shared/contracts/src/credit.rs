//! Credit: what messages cost, and how routers pay for them.
//!
//! An account is unlimited unless somebody gave it credit. The router takes credit of an account in blocks, from persistence, by
//! request and reply ([`TAKE`]), and pays for messages out of them without asking again. What it paid it says in [`Charged`], which
//! the broker has before the messages go on; persistence writes that into the ledger, and returns to the account what is left of a
//! block when its time is over and everything was read that was told before.

use serde::{Deserialize, Serialize};

use crate::routes::Prefix;
use crate::{
    Amount, BlockId, EventId, Message, MessageId, OrgId, PhoneNumber, Subject, Timestamp, UserId,
};

/// The most prefixes that have a price of their own.
pub const MOST_PRICES: usize = 1_000;

/// The largest price of a part: a thousand million units.
pub const LARGEST_PRICE: Amount = Amount::from_ten_thousandths(10_000_000_000_000);

/// The most characters of the word for the currency.
pub const LONGEST_CURRENCY: usize = 8;

/// The subject on which persistence is asked for a block: [`TakeBlock`] → [`BlockAnswer`], in JSON. One copy of persistence
/// answers ([`GROUP`]).
pub const TAKE: &str = "sms.v1.credit.take";

/// The queue group of those who answer.
pub const GROUP: &str = "persistence";

/// What a part of a message costs in an organisation: key `prices.<org id>` of the bucket `config`. A missing entry means
/// [`Prices::unset`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prices {
    /// The organisation.
    pub org: OrgId,
    /// The word for the currency, as it is shown; empty: none is.
    #[serde(default)]
    pub currency: String,
    /// What a part to a number costs that begins with none of the prefixes.
    #[serde(default)]
    pub usual: Amount,
    /// What a part to a number costs that begins so. No prefix is there twice.
    #[serde(default)]
    pub prefixes: Vec<Price>,
}

/// The price of a part to numbers that begin alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    /// What the numbers begin with.
    pub prefix: Prefix,
    /// What a part to them costs.
    pub price: Amount,
}

/// What is wrong with prices.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PricesError {
    /// There are too many.
    #[error("there are {0} prefixes; at most {most} may have a price of their own", most = MOST_PRICES)]
    TooMany(usize),
    /// One is there twice.
    #[error("the prefix {0} is there twice")]
    Twice(Prefix),
    /// A price is below zero, or too high.
    #[error("the price {0} is not between 0 and {largest}", largest = LARGEST_PRICE)]
    OutOfRange(Amount),
    /// The word for the currency is too long, or none.
    #[error("the currency is a word of at most {longest} letters and digits, such as IDR", longest = LONGEST_CURRENCY)]
    Currency,
}

impl Prices {
    /// Everything is free.
    pub const fn unset(org: OrgId) -> Self {
        let usual = Amount::from_ten_thousandths(0);
        Self { org, currency: String::new(), usual, prefixes: Vec::new() }
    }

    /// Whether there is nothing that a message could cost.
    pub fn is_free(&self) -> bool {
        let free = Amount::default();
        self.usual <= free && self.prefixes.iter().all(|one| one.price <= free)
    }

    /// What a part to a number costs: by the longest prefix that the number begins with; of two that are as long, by the one for
    /// international numbers alone.
    pub fn of(&self, to: &PhoneNumber) -> Amount {
        let (digits, is_international) = (to.digits(), to.is_international());
        let fits = |prefix: &Prefix| {
            (is_international || !prefix.is_international()) && digits.starts_with(prefix.digits())
        };
        let fitting = self.prefixes.iter().filter(|one| fits(&one.prefix));
        let best =
            fitting.max_by_key(|one| (one.prefix.digits().len(), one.prefix.is_international()));
        best.map_or(self.usual, |one| one.price)
    }

    /// What a message of so many parts costs.
    pub fn cost(&self, to: &PhoneNumber, parts: u8) -> Amount {
        self.of(to).times(parts)
    }

    /// Whether they can be kept.
    ///
    /// # Errors
    /// What is wrong with them first.
    pub fn check(&self) -> Result<(), PricesError> {
        if self.prefixes.len() > MOST_PRICES {
            return Err(PricesError::TooMany(self.prefixes.len()));
        }
        let is_word = self.currency.chars().all(char::is_alphanumeric);
        if self.currency.chars().count() > LONGEST_CURRENCY || !is_word {
            return Err(PricesError::Currency);
        }
        let mut all = self.prefixes.iter().map(|one| one.price).chain([self.usual]);
        let in_range = |price: &Amount| (Amount::default()..=LARGEST_PRICE).contains(price);
        if let Some(price) = all.find(|price| !in_range(price)) {
            return Err(PricesError::OutOfRange(price));
        }
        let mut seen = std::collections::BTreeSet::new();
        match self.prefixes.iter().find(|one| !seen.insert(&one.prefix)) {
            Some(one) => Err(PricesError::Twice(one.prefix.clone())),
            None => Ok(()),
        }
    }

    /// Gives a prefix a price, in place of the one that it had.
    pub fn set(&mut self, prefix: Prefix, price: Amount) {
        match self.prefixes.iter_mut().find(|one| one.prefix == prefix) {
            Some(one) => one.price = price,
            None => self.prefixes.push(Price { prefix, price }),
        }
        self.prefixes.sort_by(|one, other| one.prefix.cmp(&other.prefix));
    }

    /// Takes the price of a prefix away; whether it had one.
    pub fn remove(&mut self, prefix: &Prefix) -> bool {
        let before = self.prefixes.len();
        self.prefixes.retain(|one| one.prefix != *prefix);
        self.prefixes.len() < before
    }
}

/// Whether an account pays for what it sends: key `credit.<user id>` of the bucket `config`. A missing entry means that it does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limited {
    /// The organisation of the account.
    pub org: OrgId,
    /// Whether it sends only what its credit pays for.
    pub limited: bool,
}

/// What a message costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charge {
    /// The message. It is charged once, however often that is told.
    pub message: MessageId,
    /// What all of its parts cost.
    pub cost: Amount,
}

/// Messages were paid for out of a block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charged {
    /// The block.
    pub block: BlockId,
    /// The organisation of the account.
    pub org: OrgId,
    /// The account.
    pub account: UserId,
    /// When.
    pub at: Timestamp,
    /// What was paid for.
    pub charges: Vec<Charge>,
}

impl Message for Charged {
    fn subject(&self) -> Subject {
        Subject::Charged
    }

    fn msg_id(&self) -> String {
        let Self { block, charges, .. } = self;
        match charges.first() {
            Some(first) => {
                // The same messages may be paid for again out of the same block together with others.
                let all: Vec<String> =
                    charges.iter().map(|charge| charge.message.to_string()).collect();
                let print = EventId::derived(&all.join(" "));
                format!("{}:charged:{block}:{print}", first.message)
            }
            None => format!("{block}:charged"),
        }
    }
}

/// A router asks for credit of an account. Asked again with the same id, the answer is the same block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakeBlock {
    /// The id that the block is to have.
    pub id: BlockId,
    /// The organisation of the account.
    pub org: OrgId,
    /// The account.
    pub account: UserId,
    /// What has to be paid at once. A block is never less.
    pub needed: Amount,
    /// How much is likely to be spent within the time of a block.
    pub wished: Amount,
    /// Nothing has to be paid yet: when there is little left, the answer is that there is none.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ahead: bool,
}

/// What a router is answered that asks for credit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum BlockAnswer {
    /// The block is there.
    Granted {
        /// How much is in it.
        amount: Amount,
        /// How long after it was asked for the block may be spent.
        lasts_seconds: u32,
    },
    /// The account has not enough credit.
    Out {
        /// What is left and is not in anybody's block.
        left: Amount,
    },
    /// The account does not pay for what it sends.
    Unlimited,
    /// An answer of a later version: as if there were none.
    #[serde(other)]
    Other,
}

#[cfg(test)]
mod tests;
