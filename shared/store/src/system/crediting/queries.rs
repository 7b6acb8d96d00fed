//! The queries of blocks, charges and refunds.
//!
//! Whoever changes what an account has locks its row in `credit_accounts` first, by the ids of the accounts. The rows of messages are
//! locked before these, never after.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::time::Duration;

use contracts::credit::{BlockAnswer, Charged, TakeBlock};
use contracts::mt::{Gate, MtChange, MtEvent};
use contracts::{Amount, BlockId, EventId, MtState, OrgId, Timestamp, UserId};
use sqlx::{AssertSqlSafe, QueryBuilder};

use super::projection::{lock as lock_messages, push_list};
use super::{Database, Db, Tx, dialect};
use crate::column::{json, parsed, time};
use crate::error::failed;
use crate::statement::{LIST, ROWS, pieces};
use crate::system::crediting::{CLOCKS_AGREE, RAISED_LATELY, SOON, WOKEN_AT_ONCE};
use crate::{LedgerKind, StoreError};

const TAKING: &str = "taking credit for a router";
const CLOSING: &str = "giving back what a router did not spend";
const CHARGING: &str = "charging messages";
const REFUNDING: &str = "refunding messages";
const WAKING: &str = "waking messages that wait for credit";

/// A row of `credit_accounts` that is locked.
struct Purse {
    org: String,
    limited: bool,
    balance: i64,
    raised_at: i64,
    /// Whether it has to be written.
    changed: bool,
}

impl Purse {
    fn raise(&mut self, amount: i64, at: Timestamp) {
        self.balance = self.balance.saturating_add(amount);
        self.raised_at = self.raised_at.max(at.as_micros());
        self.changed = true;
    }
}

/// A row to be written to `credit_ledger`.
struct Entry {
    org: String,
    account: UserId,
    kind: LedgerKind,
    amount: i64,
    message: String,
    at: Timestamp,
}

impl Database {
    pub(crate) async fn take_block(
        &self,
        wanted: &TakeBlock,
        lasts: Duration,
        closes_at: Timestamp,
        now: Timestamp,
    ) -> Result<BlockAnswer, StoreError> {
        again!(self.write_block(wanted, lasts, closes_at, now))
    }

    async fn write_block(
        &self,
        wanted: &TakeBlock,
        lasts: Duration,
        closes_at: Timestamp,
        now: Timestamp,
    ) -> Result<BlockAnswer, StoreError> {
        let lasts_seconds = u32::try_from(lasts.as_secs()).unwrap_or(u32::MAX);
        let mut tx = self.begin(TAKING).await?;
        let mut purses = purses(&mut tx, &BTreeSet::from([wanted.account]), TAKING).await?;
        let purse = purses.get_mut(&wanted.account);
        let org = wanted.org.to_string();
        let Some(purse) = purse.filter(|purse| purse.limited && purse.org == org) else {
            return Ok(BlockAnswer::Unlimited);
        };
        let sql = "SELECT amount FROM credit_blocks WHERE id = $1 AND account = $2";
        let there = sqlx::query_scalar::<_, i64>(sql).bind(wanted.id.to_string());
        let there = there.bind(wanted.account.to_string()).fetch_optional(&mut *tx).await;
        if let Some(amount) = there.map_err(failed(TAKING))? {
            let amount = Amount::from_ten_thousandths(amount);
            return Ok(BlockAnswer::Granted { amount, lasts_seconds });
        }
        let (needed, wished) = (wanted.needed.ten_thousandths(), wanted.wished.ten_thousandths());
        let Some(amount) = granted(purse.balance, needed, wished, wanted.ahead) else {
            let left = Amount::from_ten_thousandths(purse.balance);
            return Ok(BlockAnswer::Out { left });
        };
        purse.balance -= amount;
        purse.changed = true;
        let sql = "INSERT INTO credit_blocks (id, org, account, amount, spent, closes_at) \
                   VALUES ($1, $2, $3, $4, 0, $5) ON CONFLICT (id) DO NOTHING";
        let insert = sqlx::query(sql)
            .bind(wanted.id.to_string())
            .bind(org)
            .bind(wanted.account.to_string())
            .bind(amount)
            .bind(closes_at.as_micros());
        let made = insert.execute(&mut *tx).await.map_err(failed(TAKING))?.rows_affected();
        if made == 0 {
            // The id is that of another account's block.
            return Ok(BlockAnswer::Other);
        }
        keep(&mut tx, &purses, now, TAKING).await?;
        tx.commit().await.map_err(failed(TAKING))?;
        let amount = Amount::from_ten_thousandths(amount);
        Ok(BlockAnswer::Granted { amount, lasts_seconds })
    }

    pub(crate) async fn next_block_end(&self) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT closes_at FROM credit_blocks ORDER BY closes_at LIMIT 1";
        let next = sqlx::query_scalar::<_, i64>(sql).fetch_optional(&self.read).await;
        Ok(next.map_err(failed(CLOSING))?.map(time))
    }

    pub(crate) async fn blocks_over(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<BlockId>, StoreError> {
        let sql = "SELECT id FROM credit_blocks WHERE closes_at <= $1 ORDER BY closes_at LIMIT $2";
        let ids = sqlx::query_scalar::<_, String>(sql).bind(now.as_micros()).bind(i64::from(limit));
        let ids = ids.fetch_all(&self.read).await.map_err(failed(CLOSING))?;
        ids.iter().map(|id| parsed("credit_blocks.id", id)).collect()
    }

    pub(crate) async fn close_blocks(
        &self,
        blocks: &[BlockId],
        now: Timestamp,
    ) -> Result<Vec<UserId>, StoreError> {
        again!(self.write_closed_blocks(blocks, now))
    }

    async fn write_closed_blocks(
        &self,
        blocks: &[BlockId],
        now: Timestamp,
    ) -> Result<Vec<UserId>, StoreError> {
        let ids: Vec<String> = blocks.iter().map(ToString::to_string).collect();
        let mut tx = self.begin(CLOSING).await?;
        let mut accounts = BTreeSet::new();
        for some in pieces(&ids, LIST) {
            let mut sql =
                QueryBuilder::<Db>::new("SELECT account FROM credit_blocks WHERE id IN (");
            push_list(&mut sql, some);
            sql.push(")");
            let found = sql.build_query_scalar::<String>().fetch_all(&mut *tx).await;
            for account in found.map_err(failed(CLOSING))? {
                accounts.insert(parsed("credit_blocks.account", &account)?);
            }
        }
        let mut purses = purses(&mut tx, &accounts, CLOSING).await?;
        let mut raised = BTreeSet::new();
        for some in pieces(&ids, LIST) {
            let mut sql = QueryBuilder::<Db>::new("DELETE FROM credit_blocks WHERE id IN (");
            push_list(&mut sql, some);
            sql.push(") RETURNING account, amount - spent");
            let rows = sql.build_query_as::<(String, i64)>().fetch_all(&mut *tx).await;
            for (account, left) in rows.map_err(failed(CLOSING))? {
                let account = parsed("credit_blocks.account", &account)?;
                if let Some(purse) = purses.get_mut(&account).filter(|_| left > 0) {
                    purse.raise(left, now);
                    raised.insert(account);
                }
            }
        }
        keep(&mut tx, &purses, now, CLOSING).await?;
        tx.commit().await.map_err(failed(CLOSING))?;
        Ok(raised.into_iter().collect())
    }

    pub(crate) async fn wake_for_credit(
        &self,
        accounts: &[UserId],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut any = false;
        for account in accounts {
            any |= again!(self.wake_one(*account, now))?;
        }
        Ok(any)
    }

    async fn wake_one(&self, account: UserId, now: Timestamp) -> Result<bool, StoreError> {
        let sql = "SELECT limited, balance FROM credit_accounts WHERE account = $1";
        let has = sqlx::query_as::<_, (bool, i64)>(sql).bind(account.to_string());
        let has = has.fetch_optional(&self.read).await.map_err(failed(WAKING))?;
        let Some((_, balance)) = has.filter(|(limited, _)| *limited) else {
            // Nothing of what goes on is charged, and so nothing wakes the next ones.
            return self.wake_all(account, now).await;
        };
        if balance == 0 {
            return Ok(false);
        }
        let sql = "SELECT id FROM messages WHERE owner = $1 AND gate = 'credit' AND due_at <= $2 \
                   LIMIT 1";
        let due = sqlx::query_scalar::<_, String>(sql).bind(account.to_string());
        let due = due.bind(now.as_micros()).fetch_optional(&self.read).await;
        if due.map_err(failed(WAKING))?.is_some() {
            return Ok(false);
        }
        Ok(self.wake_some(account, now).await? > 0)
    }

    /// Makes all messages of an account due at a time that wait for credit for longer, piece by piece.
    async fn wake_all(&self, account: UserId, due: Timestamp) -> Result<bool, StoreError> {
        let mut any = false;
        while self.wake_some(account, due).await? > 0 {
            any = true;
        }
        Ok(any)
    }

    async fn wake_some(&self, account: UserId, due: Timestamp) -> Result<u64, StoreError> {
        let sql = "SELECT id FROM messages WHERE owner = $1 AND gate = 'credit' AND due_at > $2 \
                   ORDER BY due_at LIMIT $3";
        let ids = sqlx::query_scalar::<_, String>(sql).bind(account.to_string());
        let ids = ids.bind(due.as_micros()).bind(i64::from(WOKEN_AT_ONCE));
        let ids = ids.fetch_all(&self.read).await.map_err(failed(WAKING))?;
        if ids.is_empty() {
            return Ok(0);
        }
        let mut tx = self.begin_after(WAKING).await?;
        lock_messages(&mut tx, ids.clone(), WAKING).await?;
        let woken = wake(&mut tx, &ids, due).await?;
        tx.commit().await.map_err(failed(WAKING))?;
        Ok(woken)
    }

    pub(crate) async fn wake_for_prices(
        &self,
        org: OrgId,
        due: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "SELECT account FROM credit_accounts WHERE org = $1 AND limited";
        let accounts = sqlx::query_scalar::<_, String>(sql).bind(org.to_string());
        let accounts = accounts.fetch_all(&self.read).await.map_err(failed(WAKING))?;
        let mut any = false;
        for account in accounts {
            let account = parsed("credit_accounts.account", &account)?;
            any |= again!(self.wake_all(account, due))?;
        }
        Ok(any)
    }
}

/// Makes those of these messages, whose rows are locked, due at a time that wait for credit for longer. Returns how many those are.
async fn wake(tx: &mut Tx, ids: &[String], due: Timestamp) -> Result<u64, StoreError> {
    let mut woken = 0;
    for some in pieces(ids, LIST) {
        let mut sql = QueryBuilder::<Db>::new("UPDATE messages SET due_at = ");
        sql.push_bind(due.as_micros()).push(", held_until = ").push_bind(due.as_micros());
        sql.push(" WHERE state = 'held' AND gate = 'credit' AND due_at > ");
        sql.push_bind(due.as_micros()).push(" AND id IN (");
        push_list(&mut sql, some);
        sql.push(")");
        let done = sql.build().execute(&mut **tx).await.map_err(failed(WAKING))?;
        woken += done.rows_affected();
    }
    Ok(woken)
}

/// How much of a balance a router is given; none: there is not enough.
///
/// It gets a quarter of the balance at most, so that others find something, but what it needs in any case; and so many times what
/// it needs that nothing is left over when all messages cost as much.
fn granted(balance: i64, needed: i64, wished: i64, ahead: bool) -> Option<i64> {
    let needed = needed.max(1);
    let share = wished.min(balance / 4);
    if ahead && share < needed || balance < needed {
        return None;
    }
    let amount = share.max(needed);
    Some(amount - amount % needed)
}

/// Locks the rows of these accounts, as far as there are any.
async fn purses(
    tx: &mut Tx,
    accounts: &BTreeSet<UserId>,
    doing: &'static str,
) -> Result<HashMap<UserId, Purse>, StoreError> {
    let mut purses = HashMap::with_capacity(accounts.len());
    for account in accounts {
        let sql = format!(
            "SELECT org, limited, balance, raised_at FROM credit_accounts WHERE account = $1 {}",
            dialect::LOCKED
        );
        // The text is made of constants of this crate only.
        let row = sqlx::query_as::<_, (String, bool, i64, i64)>(AssertSqlSafe(sql));
        let row = row.bind(account.to_string()).fetch_optional(&mut **tx).await;
        if let Some((org, limited, balance, raised_at)) = row.map_err(failed(doing))? {
            let purse = Purse { org, limited, balance, raised_at, changed: false };
            purses.insert(*account, purse);
        }
    }
    Ok(purses)
}

/// Locks the rows of all accounts whose credit these events are about, so that each of the steps that follow finds its own locked.
/// Were they locked step by step, two writers could wait for each other.
pub(super) async fn lock(
    tx: &mut Tx,
    charged: &[&Charged],
    ended: &BTreeSet<String>,
    held: &[&MtEvent],
) -> Result<(), StoreError> {
    if dialect::LOCKED.is_empty() {
        return Ok(());
    }
    let mut accounts: BTreeSet<UserId> = charged.iter().map(|one| one.account).collect();
    accounts.extend(held.iter().map(|event| event.owner));
    let ids: Vec<String> = ended.iter().cloned().collect();
    for some in pieces(&ids, LIST) {
        let mut sql = QueryBuilder::<Db>::new(
            "SELECT DISTINCT owner FROM messages WHERE cost > 0 AND id IN (",
        );
        push_list(&mut sql, some);
        sql.push(")");
        let owners = sql.build_query_scalar::<String>().fetch_all(&mut **tx).await;
        for owner in owners.map_err(failed(REFUNDING))? {
            accounts.insert(parsed("messages.owner", &owner)?);
        }
    }
    purses(tx, &accounts, CHARGING).await.map(drop)
}

/// Writes what accounts have.
async fn keep(
    tx: &mut Tx,
    purses: &HashMap<UserId, Purse>,
    at: Timestamp,
    doing: &'static str,
) -> Result<(), StoreError> {
    for (account, purse) in purses.iter().filter(|(_, purse)| purse.changed) {
        let sql = "UPDATE credit_accounts SET balance = $2, raised_at = $3, updated_at = $4 \
                   WHERE account = $1";
        let update = sqlx::query(sql)
            .bind(account.to_string())
            .bind(purse.balance)
            .bind(purse.raised_at)
            .bind(at.as_micros());
        update.execute(&mut **tx).await.map_err(failed(doing))?;
    }
    Ok(())
}

/// Writes entries of the ledger, of messages that have none of their kind.
async fn enter(tx: &mut Tx, entries: &[Entry], doing: &'static str) -> Result<(), StoreError> {
    for some in pieces(entries, ROWS) {
        let mut sql = QueryBuilder::<Db>::new(
            "INSERT INTO credit_ledger (id, org, account, kind, amount, message, at) ",
        );
        sql.push_values(some, |mut row, entry| {
            let id = EventId::derived(&format!("{}:{}", entry.message, entry.kind.as_str()));
            row.push_bind(id.to_string())
                .push_bind(entry.org.clone())
                .push_bind(entry.account.to_string())
                .push_bind(entry.kind.as_str())
                .push_bind(entry.amount)
                .push_bind(entry.message.clone())
                .push_bind(entry.at.as_micros());
        });
        sql.push(" ON CONFLICT DO NOTHING");
        sql.build().execute(&mut **tx).await.map_err(failed(doing))?;
    }
    Ok(())
}

/// Charges messages, whose rows are locked: each once, however often it is told. Returns the accounts that were charged, and whether
/// messages are due by that which another router had told to be out of credit.
///
/// What a block cannot pay, because it was told after the block was closed, is taken from the balance as far as that goes.
pub(super) async fn charge(
    tx: &mut Tx,
    charged: &[&Charged],
    now: Timestamp,
) -> Result<(BTreeSet<UserId>, bool), StoreError> {
    if charged.is_empty() {
        return Ok((BTreeSet::new(), false));
    }
    let accounts: BTreeSet<UserId> = charged.iter().map(|one| one.account).collect();
    let mut purses = purses(tx, &accounts, CHARGING).await?;
    let all = charged.iter().flat_map(|one| &one.charges);
    let ids: BTreeSet<String> = all.map(|charge| charge.message.to_string()).collect();
    let mut known = entered(tx, &ids, LedgerKind::Charge).await?;
    let mut entries = Vec::new();
    let mut by_cost: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    let mut paid = BTreeSet::new();
    for one in charged {
        let Some(purse) = purses.get_mut(&one.account) else { continue };
        let sql = "SELECT amount - spent FROM credit_blocks WHERE id = $1 AND account = $2";
        let block = sqlx::query_scalar::<_, i64>(sql).bind(one.block.to_string());
        let block = block.bind(one.account.to_string()).fetch_optional(&mut **tx).await;
        let had = block.map_err(failed(CHARGING))?.unwrap_or(0);
        let mut left = had;
        for charge in &one.charges {
            let message = charge.message.to_string();
            if !known.insert(message.clone()) {
                continue;
            }
            let cost = charge.cost.ten_thousandths().max(0);
            let of_block = cost.min(left);
            let of_balance = (cost - of_block).min(purse.balance);
            left -= of_block;
            purse.balance -= of_balance;
            purse.changed |= of_balance > 0;
            let amount = of_block + of_balance;
            if amount < cost {
                tracing::warn!(account = %one.account, message.id = %message, "a message was paid for after its block was closed, and the credit does not cover all of it");
            }
            by_cost.entry(amount).or_default().push(message.clone());
            let (org, account, at) = (purse.org.clone(), one.account, one.at);
            let kind = LedgerKind::Charge;
            entries.push(Entry { org, account, kind, amount: -amount, message, at });
            paid.insert(one.account);
        }
        if left < had {
            let sql = "UPDATE credit_blocks SET spent = spent + $2 WHERE id = $1";
            let update = sqlx::query(sql).bind(one.block.to_string()).bind(had - left);
            update.execute(&mut **tx).await.map_err(failed(CHARGING))?;
        }
    }
    enter(tx, &entries, CHARGING).await?;
    for (cost, messages) in by_cost {
        price(tx, &messages, cost, CHARGING).await?;
    }
    keep(tx, &purses, now, CHARGING).await?;
    let ids: Vec<String> = ids.into_iter().collect();
    let woken = wake(tx, &ids, now).await?;
    Ok((paid, woken > 0))
}

/// Those of these messages that the ledger has an entry of this kind for.
async fn entered(
    tx: &mut Tx,
    ids: &BTreeSet<String>,
    kind: LedgerKind,
) -> Result<HashSet<String>, StoreError> {
    let ids: Vec<String> = ids.iter().cloned().collect();
    let mut known = HashSet::new();
    for some in pieces(&ids, LIST) {
        let mut sql = QueryBuilder::<Db>::new(
            "SELECT message FROM credit_ledger WHERE message IS NOT NULL AND kind = ",
        );
        sql.push_bind(kind.as_str()).push(" AND message IN (");
        push_list(&mut sql, some);
        sql.push(")");
        let found = sql.build_query_scalar::<String>().fetch_all(&mut **tx).await;
        known.extend(found.map_err(failed(CHARGING))?);
    }
    Ok(known)
}

/// Notes what messages cost.
async fn price(
    tx: &mut Tx,
    messages: &[String],
    cost: i64,
    doing: &'static str,
) -> Result<(), StoreError> {
    for some in pieces(messages, LIST) {
        let mut sql = QueryBuilder::<Db>::new("UPDATE messages SET cost = ");
        sql.push_bind(cost).push(" WHERE id IN (");
        push_list(&mut sql, some);
        sql.push(")");
        sql.build().execute(&mut **tx).await.map_err(failed(doing))?;
    }
    Ok(())
}

/// Refunds those of these messages, whose rows are locked, that were charged and ended without being sent: each once. Returns the
/// accounts that have more by that.
pub(super) async fn refund(
    tx: &mut Tx,
    messages: &BTreeSet<String>,
    at: Timestamp,
) -> Result<BTreeSet<UserId>, StoreError> {
    let ids: Vec<String> = messages.iter().cloned().collect();
    let mut ended = Vec::new();
    for some in pieces(&ids, LIST) {
        let mut sql = QueryBuilder::<Db>::new(
            "SELECT id, owner, cost, state, parts FROM messages WHERE cost > 0 \
             AND state IN ('rejected', 'failed', 'expired', 'cancelled') AND id IN (",
        );
        push_list(&mut sql, some);
        sql.push(")");
        let rows = sql.build_query_as::<(String, String, i64, String, Option<i64>)>();
        ended.extend(rows.fetch_all(&mut **tx).await.map_err(failed(REFUNDING))?);
    }
    if ended.is_empty() {
        return Ok(BTreeSet::new());
    }
    let mut unsent = Vec::new();
    for (id, owner, cost, state, parts) in ended {
        if !may_have_gone(tx, &id, MtState::from_name(&state), parts).await? {
            unsent.push((id, parsed::<UserId>("messages.owner", &owner)?, cost));
        }
    }
    let accounts: BTreeSet<UserId> = unsent.iter().map(|(_, owner, _)| *owner).collect();
    let mut purses = purses(tx, &accounts, REFUNDING).await?;
    let (mut entries, mut refunded) = (Vec::new(), Vec::new());
    for (message, account, cost) in unsent {
        let Some(purse) = purses.get_mut(&account) else { continue };
        purse.raise(cost, at);
        refunded.push(message.clone());
        let (org, kind) = (purse.org.clone(), LedgerKind::Refund);
        entries.push(Entry { org, account, kind, amount: cost, message, at });
    }
    enter(tx, &entries, REFUNDING).await?;
    price(tx, &refunded, 0, REFUNDING).await?;
    keep(tx, &purses, at, REFUNDING).await?;
    Ok(accounts)
}

/// Whether a part of a message that ended may have gone out, by what modems told: one of which nobody knows whether it did, one after
/// the first, or the first of several unless that is what failed.
async fn may_have_gone(
    tx: &mut Tx,
    message: &str,
    state: MtState,
    parts: Option<i64>,
) -> Result<bool, StoreError> {
    let sql = "SELECT change_json FROM timeline WHERE message = $1";
    let lines = sqlx::query_scalar::<_, String>(sql).bind(message.to_owned());
    for line in lines.fetch_all(&mut **tx).await.map_err(failed(REFUNDING))? {
        let gone = match json::<MtChange>("timeline.change_json", &line)? {
            MtChange::Uncertain { .. } | MtChange::Sent { .. } => true,
            MtChange::Sending { part, .. } => {
                part > 1 || parts.unwrap_or(1) > 1 && state != MtState::Failed
            }
            _ => false,
        };
        if gone {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Makes messages due soon that were held for lack of credit, whose rows are locked, where that is over: the account was given some
/// and the router did not know, or the message was paid for before. Returns when the first of them is due.
pub(super) async fn reconsider(
    tx: &mut Tx,
    held: &[&MtEvent],
) -> Result<Option<Timestamp>, StoreError> {
    if held.is_empty() {
        return Ok(None);
    }
    let ids: Vec<String> = held.iter().map(|event| event.message.to_string()).collect();
    let mut paid = HashSet::new();
    for some in pieces(&ids, LIST) {
        let mut sql =
            QueryBuilder::<Db>::new("SELECT id FROM messages WHERE cost IS NOT NULL AND id IN (");
        push_list(&mut sql, some);
        sql.push(")");
        let found = sql.build_query_scalar::<String>().fetch_all(&mut **tx).await;
        paid.extend(found.map_err(failed(WAKING))?);
    }
    let accounts: BTreeSet<UserId> = held.iter().map(|event| event.owner).collect();
    let purses = purses(tx, &accounts, WAKING).await?;
    let mut first = None;
    for event in held {
        let lately = event.at.minus(RAISED_LATELY).as_micros();
        // A clock that is behind by more would take one rise for new each time.
        let then = event.at.plus(CLOCKS_AGREE).as_micros();
        let raised = purses
            .get(&event.owner)
            .is_some_and(|purse| (lately..=then).contains(&purse.raised_at));
        let id = event.message.to_string();
        if !raised && !paid.contains(&id) {
            continue;
        }
        let due = event.at.plus(SOON);
        let sql = "UPDATE messages SET due_at = $2, held_until = $2 WHERE id = $1 \
                   AND state = 'held' AND gate = 'credit' AND due_at > $2";
        let update = sqlx::query(sql).bind(id).bind(due.as_micros()).execute(&mut **tx).await;
        if update.map_err(failed(WAKING))?.rows_affected() > 0 {
            first = first.into_iter().chain([due]).min();
        }
    }
    Ok(first)
}

/// Whether an event says that a message ended without being sent.
pub(super) fn is_unsent(event: &MtEvent) -> bool {
    matches!(
        event.change.state(),
        MtState::Rejected | MtState::Failed | MtState::Expired | MtState::Cancelled
    )
}

/// Whether an event says that a message is held for lack of credit.
pub(super) fn is_out_of_credit(event: &MtEvent) -> bool {
    matches!(event.change, MtChange::Held { gate: Gate::Credit, .. })
}
