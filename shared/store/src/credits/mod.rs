//! Credit of accounts, and what messages cost.
//!
//! An account without a row in `credit_accounts` is unlimited, as is one whose row says so. What a limited account has is its
//! balance and what is left in the blocks that routers hold of it; the sum of its rows in `credit_ledger`, from which nothing is
//! ever removed, is the same. Prices are a setting, which routers follow; `price_versions` keeps them with those before.

use contracts::credit::Prices;
use contracts::{Amount, EventId, MessageId, Timestamp, UserId};

use crate::engine::on_engine;
use crate::{Reach, Store, StoreError};

/// How many versions of prices are kept, the one in force among them.
pub const KEPT_PRICES: u32 = 50;

/// The most credit that an account may have: a million million units.
pub const MOST_CREDIT: Amount = Amount::from_ten_thousandths(10_000_000_000_000_000);

/// The most characters of a note in the ledger.
pub const LONGEST_NOTE: usize = 200;

contracts::named! {
    /// Why the credit of an account changed.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum LedgerKind {
        /// Somebody gave the account credit.
        TopUp = "top-up",
        /// A message was paid for.
        Charge = "charge",
        /// A message that was paid for was not sent.
        Refund = "refund",
        /// Somebody took credit back.
        Correction = "correction",
    }
}

/// What a limited account has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Credit {
    /// The account.
    pub account: UserId,
    /// Whether the account sends only what its credit pays for. What an unlimited account had is kept.
    pub limited: bool,
    /// What is left and is in nobody's block.
    pub balance: Amount,
    /// What is left in blocks that routers hold.
    pub in_blocks: Amount,
    /// When the row changed last.
    pub updated_at: Timestamp,
}

impl Credit {
    /// What the account has in all.
    pub const fn left(&self) -> Amount {
        Amount::from_ten_thousandths(
            self.balance.ten_thousandths().saturating_add(self.in_blocks.ten_thousandths()),
        )
    }
}

/// A change of what an account has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerEntry {
    /// Its id.
    pub id: EventId,
    /// The account.
    pub account: UserId,
    /// Why.
    pub kind: LedgerKind,
    /// By how much: below zero, the account has less.
    pub amount: Amount,
    /// The message that was paid for, or was not sent.
    pub message: Option<MessageId>,
    /// What somebody noted.
    pub note: Option<String>,
    /// Who did it; none: the gateway.
    pub by: Option<UserId>,
    /// When.
    pub at: Timestamp,
}

/// Credit that is given to an account, or taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCredit {
    /// The id of the entry in the ledger. What is asked for twice under one id is done once.
    pub id: EventId,
    /// The account, which is limited from then on.
    pub account: UserId,
    /// How much; below zero, it is taken back.
    pub amount: Amount,
    /// What is noted, at most [`LONGEST_NOTE`] characters.
    pub note: Option<String>,
    /// Who does it.
    pub by: UserId,
}

/// The credit of an account could not be changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeCreditError {
    /// There is no such account in reach.
    #[error("there is no such account")]
    NoSuchAccount,
    /// The account would have less than nothing.
    #[error("the account has only {0} that is in no router's hands")]
    TooLittle(Amount),
    /// The account would have more than is possible.
    #[error("an account may have at most {most}", most = MOST_CREDIT)]
    TooMuch,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A version that the prices had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PricesVersion {
    /// Its number, which grows by one with each change.
    pub version: i64,
    /// When the prices became so.
    pub at: Timestamp,
    /// Who made them so.
    pub account: UserId,
    /// How many prefixes had a price of their own.
    pub prices: u32,
}

/// The prices could not be changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangePricesError {
    /// Somebody changed them meanwhile: they have this version.
    #[error("the prices were changed meanwhile: they have version {0} now")]
    Changed(i64),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Returns what an account in reach has. None: it is unlimited and never was anything else, or is not in reach.
    pub async fn credit(
        &self,
        reach: Reach,
        account: UserId,
    ) -> Result<Option<Credit>, StoreError> {
        on_engine!(self, db => db.credit(reach, account))
    }

    /// Returns what the accounts in reach have that ever were limited, at most `limit`, sorted by the ids of the accounts.
    pub async fn credits(&self, reach: Reach, limit: u32) -> Result<Vec<Credit>, StoreError> {
        on_engine!(self, db => db.credits(reach, limit))
    }

    /// Returns the changes of what an account in reach has, newest first, at most `limit` of those before `before`.
    pub async fn credit_ledger(
        &self,
        reach: Reach,
        account: UserId,
        before: Option<EventId>,
        limit: u32,
    ) -> Result<Vec<LedgerEntry>, StoreError> {
        on_engine!(self, db => db.credit_ledger(reach, account, before, limit))
    }

    /// Gives credit to an account, or takes some back, for whoever reaches everything in the organisation. The account is limited
    /// from then on. Messages of the account that wait for credit are due when it got some.
    pub async fn change_credit(
        &self,
        reach: Reach,
        new: &NewCredit,
        at: Timestamp,
    ) -> Result<Credit, ChangeCreditError> {
        let changed = on_engine!(self, db => db.change_credit(reach, new, at));
        let credit = self.waking(changed)?;
        self.wake_after(new.account, at).await;
        Ok(credit)
    }

    /// Lets an account send as much as it likes, for whoever reaches everything in the organisation. What it had is kept.
    pub async fn make_unlimited(
        &self,
        reach: Reach,
        account: UserId,
        at: Timestamp,
    ) -> Result<(), ChangeCreditError> {
        let changed = on_engine!(self, db => db.make_unlimited(reach, account, at));
        self.waking(changed)?;
        self.wake_after(account, at).await;
        Ok(())
    }

    /// Makes messages due that wait for credit which is there now. What cannot be done here is done at the time that they have.
    async fn wake_after(&self, account: UserId, at: Timestamp) {
        if let Err(error) = self.wake_for_credit(&[account], at).await {
            tracing::warn!(%account, "messages that wait for credit go on later: {error}");
        }
    }

    /// Returns the prices of the organisation with their version, which is 0 when they were never changed. Everybody in it may
    /// know them.
    pub async fn prices(&self, reach: Reach) -> Result<(Prices, i64), StoreError> {
        on_engine!(self, db => db.prices(reach))
    }

    /// Puts prices in the place of those of a version, for whoever reaches everything in the organisation, and returns their
    /// version. Of the versions before, the last [`KEPT_PRICES`] are kept. Messages that wait for credit are looked at again.
    pub async fn change_prices(
        &self,
        reach: Reach,
        prices: &Prices,
        version: i64,
        account: UserId,
        at: Timestamp,
    ) -> Result<i64, ChangePricesError> {
        let changed = on_engine!(self, db => db.change_prices(reach, prices, version, account, at));
        let version = self.waking(changed)?;
        if let Err(error) = self.wake_for_prices(reach.org, at).await {
            tracing::warn!("messages that wait for credit are looked at later: {error}");
        }
        Ok(version)
    }

    /// Returns the versions that are kept, newest first, for whoever reaches everything in the organisation.
    pub async fn prices_versions(&self, reach: Reach) -> Result<Vec<PricesVersion>, StoreError> {
        on_engine!(self, db => db.prices_versions(reach))
    }

    /// Returns the prices as they were in a version, if that is kept, for whoever reaches everything in the organisation.
    pub async fn prices_of(
        &self,
        reach: Reach,
        version: i64,
    ) -> Result<Option<Prices>, StoreError> {
        on_engine!(self, db => db.prices_of(reach, version))
    }
}
