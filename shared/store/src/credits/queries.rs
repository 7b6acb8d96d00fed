//! The queries of credit and prices.

use contracts::credit::{Limited, Prices};
use contracts::{Amount, EventId, OrgId, Timestamp, UserId};
use sqlx::{AssertSqlSafe, QueryBuilder};

use super::accounts::rows::lock_org;
use super::reach::{Rows, push_in_reach};
use super::{Database, Db, Tx, dialect};
use crate::column::{json, parsed, parsed_if, small, storable, time, to_json};
use crate::error::failed;
use crate::{
    ChangeCreditError, ChangePricesError, Credit, KEPT_PRICES, LedgerEntry, LedgerKind,
    MOST_CREDIT, NewCredit, PricesVersion, Reach, StoreError,
};

const READING: &str = "reading credit";
const WRITING: &str = "changing credit";
const READING_PRICES: &str = "reading prices";
const WRITING_PRICES: &str = "changing prices";
const PRICES_NOW: &str = "SELECT value_json, version FROM settings WHERE key = $1 AND org = $2";
const CREDIT: &str = "SELECT c.account, c.limited, c.balance, CAST((SELECT COALESCE(SUM(b.amount - b.spent), 0) \
                      FROM credit_blocks b WHERE b.account = c.account) AS BIGINT), c.updated_at \
                      FROM credit_accounts c WHERE ";

/// A row of `credit_accounts`, with what is left in blocks.
type CreditRow = (String, bool, i64, i64, i64);

/// A row of `credit_ledger`.
#[derive(sqlx::FromRow)]
struct LedgerRow {
    id: String,
    account: String,
    kind: String,
    amount: i64,
    message: Option<String>,
    note: Option<String>,
    by_account: Option<String>,
    at: i64,
}

impl TryFrom<LedgerRow> for LedgerEntry {
    type Error = StoreError;

    fn try_from(row: LedgerRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: parsed("credit_ledger.id", &row.id)?,
            account: parsed("credit_ledger.account", &row.account)?,
            kind: parsed("credit_ledger.kind", &row.kind)?,
            amount: Amount::from_ten_thousandths(row.amount),
            message: parsed_if("credit_ledger.message", row.message.as_deref())?,
            note: row.note,
            by: parsed_if("credit_ledger.by_account", row.by_account.as_deref())?,
            at: time(row.at),
        })
    }
}

/// A row of `price_versions`, without the prices themselves.
type VersionRow = (i64, i64, String, i64);

impl Database {
    pub(crate) async fn credit(
        &self,
        reach: Reach,
        account: UserId,
    ) -> Result<Option<Credit>, StoreError> {
        let mut sql = QueryBuilder::<Db>::new(CREDIT);
        push_in_reach(&mut sql, &Rows::Owned("c.org", "c.account"), reach);
        sql.push(" AND c.account = ").push_bind(account.to_string());
        let row = sql.build_query_as::<CreditRow>().fetch_optional(&self.read).await;
        row.map_err(failed(READING))?.map(credit).transpose()
    }

    pub(crate) async fn credits(
        &self,
        reach: Reach,
        limit: u32,
    ) -> Result<Vec<Credit>, StoreError> {
        let mut sql = QueryBuilder::<Db>::new(CREDIT);
        push_in_reach(&mut sql, &Rows::Owned("c.org", "c.account"), reach);
        sql.push(" ORDER BY c.account LIMIT ").push_bind(i64::from(limit));
        let rows = sql.build_query_as::<CreditRow>().fetch_all(&self.read).await;
        rows.map_err(failed(READING))?.into_iter().map(credit).collect()
    }

    pub(crate) async fn credit_ledger(
        &self,
        reach: Reach,
        account: UserId,
        before: Option<EventId>,
        limit: u32,
    ) -> Result<Vec<LedgerEntry>, StoreError> {
        let mut sql = QueryBuilder::<Db>::new(
            "SELECT id, account, kind, amount, message, note, by_account, at FROM credit_ledger WHERE ",
        );
        push_in_reach(&mut sql, &Rows::Owned("org", "account"), reach);
        sql.push(" AND account = ").push_bind(account.to_string());
        if let Some(before) = before {
            sql.push(" AND (at, id) < (SELECT l.at, l.id FROM credit_ledger l WHERE l.id = ");
            sql.push_bind(before.to_string()).push(")");
        }
        sql.push(" ORDER BY at DESC, id DESC LIMIT ").push_bind(i64::from(limit));
        let rows = sql.build_query_as::<LedgerRow>().fetch_all(&self.read).await;
        rows.map_err(failed(READING))?.into_iter().map(LedgerEntry::try_from).collect()
    }

    pub(crate) async fn change_credit(
        &self,
        reach: Reach,
        new: &NewCredit,
        at: Timestamp,
    ) -> Result<Credit, ChangeCreditError> {
        reach.must_be_everything(WRITING)?;
        let mut tx = self.begin(WRITING).await?;
        if !is_account(&mut tx, reach.org, new.account).await? {
            return Err(ChangeCreditError::NoSuchAccount);
        }
        let was_limited = lock(&mut tx, reach.org, new.account, at).await?;
        let sql = "SELECT id FROM credit_ledger WHERE id = $1";
        let done = sqlx::query_scalar::<_, String>(sql).bind(new.id.to_string());
        if done.fetch_optional(&mut *tx).await.map_err(failed(WRITING))?.is_none() {
            let now = read(&mut tx, new.account).await?;
            let most = MOST_CREDIT.ten_thousandths();
            let amount = new.amount.ten_thousandths();
            let balance = now.balance.ten_thousandths().saturating_add(amount);
            if balance < 0 {
                return Err(ChangeCreditError::TooLittle(now.balance));
            }
            if balance.saturating_add(now.in_blocks.ten_thousandths()) > most {
                return Err(ChangeCreditError::TooMuch);
            }
            let sql = "UPDATE credit_accounts SET limited = $2, balance = $3, updated_at = $4, \
                       raised_at = CASE WHEN $5 THEN $4 ELSE raised_at END WHERE account = $1";
            let update = sqlx::query(sql)
                .bind(new.account.to_string())
                .bind(true)
                .bind(balance)
                .bind(at.as_micros())
                .bind(amount > 0);
            update.execute(&mut *tx).await.map_err(failed(WRITING))?;
            let kind = if amount < 0 { LedgerKind::Correction } else { LedgerKind::TopUp };
            let sql = "INSERT INTO credit_ledger (id, org, account, kind, amount, note, by_account, at) \
                       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
            let insert = sqlx::query(sql)
                .bind(new.id.to_string())
                .bind(reach.org.to_string())
                .bind(new.account.to_string())
                .bind(kind.as_str())
                .bind(amount)
                .bind(new.note.as_deref().map(storable))
                .bind(new.by.to_string())
                .bind(at.as_micros());
            insert.execute(&mut *tx).await.map_err(failed(WRITING))?;
        }
        if !was_limited {
            say_limited(&mut tx, reach.org, new.account, true, at).await?;
        }
        let credit = read(&mut tx, new.account).await?;
        tx.commit().await.map_err(failed(WRITING))?;
        Ok(credit)
    }

    pub(crate) async fn make_unlimited(
        &self,
        reach: Reach,
        account: UserId,
        at: Timestamp,
    ) -> Result<(), ChangeCreditError> {
        reach.must_be_everything(WRITING)?;
        let mut tx = self.begin(WRITING).await?;
        if !is_account(&mut tx, reach.org, account).await? {
            return Err(ChangeCreditError::NoSuchAccount);
        }
        if lock(&mut tx, reach.org, account, at).await? {
            let sql = "UPDATE credit_accounts SET limited = $2, updated_at = $3, raised_at = $3 \
                       WHERE account = $1";
            let update = sqlx::query(sql).bind(account.to_string()).bind(false);
            let update = update.bind(at.as_micros()).execute(&mut *tx).await;
            update.map_err(failed(WRITING))?;
            say_limited(&mut tx, reach.org, account, false, at).await?;
        }
        tx.commit().await.map_err(failed(WRITING))?;
        Ok(())
    }

    pub(crate) async fn prices(&self, reach: Reach) -> Result<(Prices, i64), StoreError> {
        let row = sqlx::query_as::<_, (String, i64)>(PRICES_NOW)
            .bind(prices_key(reach.org))
            .bind(reach.org.to_string())
            .fetch_optional(&self.read)
            .await;
        match row.map_err(failed(READING_PRICES))? {
            Some((value, version)) => Ok((json("settings.value_json", &value)?, version)),
            None => Ok((Prices::unset(reach.org), 0)),
        }
    }

    pub(crate) async fn change_prices(
        &self,
        reach: Reach,
        prices: &Prices,
        version: i64,
        account: UserId,
        at: Timestamp,
    ) -> Result<i64, ChangePricesError> {
        reach.must_be_everything(WRITING_PRICES)?;
        let org = reach.org;
        let prices = Prices { org, ..prices.clone() };
        let mut tx = self.begin(WRITING_PRICES).await?;
        // From here on whoever else changes them waits.
        if !lock_org(&mut tx, org, at).await? {
            return Err(StoreError::OutOfReach { doing: WRITING_PRICES }.into());
        }
        let key = prices_key(org);
        let now = sqlx::query_as::<_, (String, i64)>(PRICES_NOW).bind(key.clone());
        let now = now.bind(org.to_string()).fetch_optional(&mut *tx).await;
        let now = now.map_err(failed(WRITING_PRICES))?.map_or(0, |(_, version)| version);
        if now != version {
            return Err(ChangePricesError::Changed(now));
        }
        super::settings::write(&mut tx, org, &key, &prices, at).await?;
        let next = now + 1;
        let sql = "INSERT INTO price_versions (org, version, account, prices, value_json, changed_at) \
                   VALUES ($1, $2, $3, $4, $5, $6)";
        let insert = sqlx::query(sql)
            .bind(org.to_string())
            .bind(next)
            .bind(account.to_string())
            .bind(i64::try_from(prices.prefixes.len()).unwrap_or(i64::MAX))
            .bind(to_json("prices", &prices)?)
            .bind(at.as_micros());
        insert.execute(&mut *tx).await.map_err(failed(WRITING_PRICES))?;
        let sql = "DELETE FROM price_versions WHERE org = $1 AND version <= $2";
        let delete = sqlx::query(sql).bind(org.to_string()).bind(next - i64::from(KEPT_PRICES));
        delete.execute(&mut *tx).await.map_err(failed(WRITING_PRICES))?;
        tx.commit().await.map_err(failed(WRITING_PRICES))?;
        Ok(next)
    }

    pub(crate) async fn prices_versions(
        &self,
        reach: Reach,
    ) -> Result<Vec<PricesVersion>, StoreError> {
        reach.must_be_everything(READING_PRICES)?;
        let sql = "SELECT version, changed_at, account, prices FROM price_versions WHERE org = $1 \
                   ORDER BY version DESC LIMIT $2";
        let rows = sqlx::query_as::<_, VersionRow>(sql)
            .bind(reach.org.to_string())
            .bind(i64::from(KEPT_PRICES))
            .fetch_all(&self.read)
            .await;
        let version = |(version, at, account, prices): VersionRow| {
            Ok(PricesVersion {
                version,
                at: time(at),
                account: parsed("price_versions.account", &account)?,
                prices: small("price_versions.prices", prices)?,
            })
        };
        rows.map_err(failed(READING_PRICES))?.into_iter().map(version).collect()
    }

    pub(crate) async fn prices_of(
        &self,
        reach: Reach,
        version: i64,
    ) -> Result<Option<Prices>, StoreError> {
        reach.must_be_everything(READING_PRICES)?;
        let sql = "SELECT value_json FROM price_versions WHERE org = $1 AND version = $2";
        let row = sqlx::query_scalar::<_, String>(sql).bind(reach.org.to_string()).bind(version);
        let row = row.fetch_optional(&self.read).await.map_err(failed(READING_PRICES))?;
        row.map(|value| json("price_versions.value_json", &value)).transpose()
    }
}

fn prices_key(org: OrgId) -> String {
    format!("prices.{org}")
}

fn credit((account, limited, balance, in_blocks, at): CreditRow) -> Result<Credit, StoreError> {
    Ok(Credit {
        account: parsed("credit_accounts.account", &account)?,
        limited,
        balance: Amount::from_ten_thousandths(balance),
        in_blocks: Amount::from_ten_thousandths(in_blocks),
        updated_at: time(at),
    })
}

async fn is_account(tx: &mut Tx, org: OrgId, account: UserId) -> Result<bool, StoreError> {
    let sql = "SELECT id FROM users WHERE id = $1 AND org = $2";
    let row = sqlx::query_scalar::<_, String>(sql).bind(account.to_string()).bind(org.to_string());
    Ok(row.fetch_optional(&mut **tx).await.map_err(failed(WRITING))?.is_some())
}

/// Has whoever else changes the credit of an account wait, and returns whether the account is limited. A row is made where there is
/// none, of an account that is not.
async fn lock(tx: &mut Tx, org: OrgId, account: UserId, at: Timestamp) -> Result<bool, StoreError> {
    let sql = "INSERT INTO credit_accounts (account, org, limited, balance, raised_at, updated_at) \
               VALUES ($1, $2, $3, 0, 0, $4) ON CONFLICT (account) DO NOTHING";
    let insert = sqlx::query(sql).bind(account.to_string()).bind(org.to_string()).bind(false);
    insert.bind(at.as_micros()).execute(&mut **tx).await.map_err(failed(WRITING))?;
    let sql = format!("SELECT limited FROM credit_accounts WHERE account = $1 {}", dialect::LOCKED);
    // The text is made of constants of this crate only.
    let row = sqlx::query_scalar::<_, bool>(AssertSqlSafe(sql)).bind(account.to_string());
    row.fetch_one(&mut **tx).await.map_err(failed(WRITING))
}

/// What an account has, whose row is there.
async fn read(tx: &mut Tx, account: UserId) -> Result<Credit, StoreError> {
    let mut sql = QueryBuilder::<Db>::new(CREDIT);
    sql.push("c.account = ").push_bind(account.to_string());
    let row = sql.build_query_as::<CreditRow>().fetch_one(&mut **tx).await;
    credit(row.map_err(failed(WRITING))?)
}

async fn say_limited(
    tx: &mut Tx,
    org: OrgId,
    account: UserId,
    limited: bool,
    at: Timestamp,
) -> Result<(), StoreError> {
    let key = format!("credit.{account}");
    super::settings::write(tx, org, &key, &Limited { org, limited }, at).await
}
