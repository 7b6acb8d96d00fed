//! The queries of who opted out.

use contracts::config_kv::OptOut;
use contracts::mo::{MoReceived, Wish};
use contracts::{Address, EventId, PhoneNumber, Timestamp};
use serde_json::json;
use sqlx::{AssertSqlSafe, QueryBuilder};

use super::reach::{Rows, push_in_reach};
use super::{Database, Db, Tx, dialect};
use crate::column::{parsed, parsed_if, time};
use crate::error::failed;
use crate::opt_outs::Said;
use crate::{NewOptOuts, OptOutChange, OptOutSource, Reach, StoreError};

const READING: &str = "reading who opted out";
const WRITING: &str = "noting who opted out";

/// A row of `opt_outs` or `opt_out_changes`.
type OptOutRow = (String, bool, String, Option<String>, Option<String>, i64);

impl Database {
    pub(crate) async fn opt_outs(
        &self,
        reach: Reach,
        after: Option<&PhoneNumber>,
        limit: u32,
    ) -> Result<Vec<OptOutChange>, StoreError> {
        let mut sql = QueryBuilder::<Db>::new(
            "SELECT number, opted_out, source, account, message, changed_at FROM opt_outs WHERE ",
        );
        push_in_reach(&mut sql, &Rows::Shared("org"), reach);
        sql.push(" AND opted_out AND number > ");
        sql.push_bind(after.map(ToString::to_string).unwrap_or_default());
        sql.push(" ORDER BY number LIMIT ").push_bind(i64::from(limit));
        let rows = sql.build_query_as::<OptOutRow>().fetch_all(&self.read).await;
        rows.map_err(failed(READING))?.into_iter().map(change).collect()
    }

    pub(crate) async fn opted_out(
        &self,
        reach: Reach,
        numbers: &[PhoneNumber],
    ) -> Result<Vec<PhoneNumber>, StoreError> {
        let mut sql = QueryBuilder::<Db>::new("SELECT number FROM opt_outs WHERE ");
        push_in_reach(&mut sql, &Rows::Shared("org"), reach);
        sql.push(" AND opted_out AND phone IN (");
        // Of few sizes, so that there are few statements; and an empty list would be none.
        let mut list = sql.separated(", ");
        for place in 0..numbers.len().next_power_of_two() {
            let number = numbers.get(place);
            list.push_bind(number.map(|number| number.phone().to_owned()).unwrap_or_default());
        }
        sql.push(")");
        let rows = sql.build_query_scalar::<String>().fetch_all(&self.read).await;
        let out = rows.map_err(failed(READING))?.into_iter();
        let out = out.map(|number| parsed::<PhoneNumber>("opt_outs.number", &number));
        let out = out.collect::<Result<Vec<_>, _>>()?;
        let is_out = |number: &&PhoneNumber| out.iter().any(|one| one.is_same_phone(number));
        Ok(numbers.iter().filter(is_out).cloned().collect())
    }

    pub(crate) async fn opt_outs_of(
        &self,
        reach: Reach,
        numbers: &[PhoneNumber],
    ) -> Result<Vec<OptOutChange>, StoreError> {
        let mut sql = QueryBuilder::<Db>::new(
            "SELECT number, opted_out, source, account, message, changed_at FROM opt_outs WHERE ",
        );
        push_in_reach(&mut sql, &Rows::Shared("org"), reach);
        sql.push(" AND opted_out AND phone IN (");
        let mut list = sql.separated(", ");
        for place in 0..numbers.len().next_power_of_two() {
            let number = numbers.get(place);
            list.push_bind(number.map(|number| number.phone().to_owned()).unwrap_or_default());
        }
        sql.push(")");
        let rows = sql.build_query_as::<OptOutRow>().fetch_all(&self.read).await;
        rows.map_err(failed(READING))?.into_iter().map(change).collect()
    }

    pub(crate) async fn opt_out_changes(
        &self,
        reach: Reach,
        number: &PhoneNumber,
        limit: u32,
    ) -> Result<Vec<OptOutChange>, StoreError> {
        let mut sql = QueryBuilder::<Db>::new(
            "SELECT number, opted_out, source, account, message, at FROM opt_out_changes WHERE ",
        );
        push_in_reach(&mut sql, &Rows::Shared("org"), reach);
        sql.push(" AND phone = ").push_bind(number.phone().to_owned());
        sql.push(" ORDER BY at DESC, id DESC LIMIT ").push_bind(i64::from(limit));
        let rows = sql.build_query_as::<OptOutRow>().fetch_all(&self.read).await;
        let all = rows.map_err(failed(READING))?.into_iter().map(change);
        let mut all = all.collect::<Result<Vec<_>, _>>()?;
        all.retain(|change| change.number.is_same_phone(number));
        Ok(all)
    }

    pub(crate) async fn change_opt_outs(
        &self,
        reach: Reach,
        new: &NewOptOuts,
        at: Timestamp,
    ) -> Result<u64, StoreError> {
        reach.must_be_shared(WRITING)?;
        // One order of rows, so that two who change the same numbers take turns.
        let mut numbers: Vec<&PhoneNumber> = new.numbers.iter().collect();
        numbers.sort_by(|one, other| one.as_str().cmp(other.as_str()));
        numbers.dedup();
        again!(self.write_opt_outs(reach, new, &numbers, at))
    }

    async fn write_opt_outs(
        &self,
        reach: Reach,
        new: &NewOptOuts,
        numbers: &[&PhoneNumber],
        at: Timestamp,
    ) -> Result<u64, StoreError> {
        let mut tx = self.begin(WRITING).await?;
        let mut changed = 0;
        for number in numbers {
            let said = Said {
                id: EventId::new().to_string(),
                org: reach.org,
                change: OptOutChange {
                    number: (*number).clone(),
                    out: new.out,
                    source: new.source,
                    account: Some(new.account),
                    message: None,
                    at,
                },
            };
            changed += u64::from(say(&mut tx, &said).await?);
        }
        if changed == 0 {
            // Nothing was written, so nothing is told either.
            return Ok(0);
        }
        tx.changed(&json!({}), &json!({ "changed": changed }));
        tx.commit().await.map_err(failed(WRITING))?;
        Ok(changed)
    }
}

/// Does what the sender of a received message asks for, if they ask for something; told twice, it is done once.
pub(super) async fn grant(tx: &mut Tx, message: &MoReceived) -> Result<(), StoreError> {
    let out = match message.wish {
        Some(Wish::Stop) => true,
        Some(Wish::Start) => false,
        Some(Wish::Other) | None => return Ok(()),
    };
    let Address::Number(number) = &message.from else { return Ok(()) };
    let said = Said {
        id: EventId::derived(&format!("{}:opt-out", message.id)).to_string(),
        org: message.org,
        change: OptOutChange {
            number: number.clone(),
            out,
            source: OptOutSource::Message,
            account: None,
            message: Some(message.id),
            at: message.received_at,
        },
    };
    say(tx, &said).await.map(drop)
}

/// Writes a change of one writing of a number; whoever is sent messages again is that in all writings of it. Returns whether that
/// is new.
async fn say(tx: &mut Tx, said: &Said) -> Result<bool, StoreError> {
    let mut is_new = say_of_one(tx, said).await?;
    if said.change.out {
        return Ok(is_new);
    }
    let number = &said.change.number;
    let sql =
        "SELECT number FROM opt_outs WHERE org = $1 AND phone = $2 AND opted_out ORDER BY number";
    let written = sqlx::query_scalar::<_, String>(sql).bind(said.org.to_string());
    let written = written.bind(number.phone().to_owned()).fetch_all(&mut **tx).await;
    for other in written.map_err(failed(WRITING))? {
        let other: PhoneNumber = parsed("opt_outs.number", &other)?;
        if other != *number && other.is_same_phone(number) {
            let id = EventId::derived(&format!("{}:{other}", said.id)).to_string();
            let change = OptOutChange { number: other, ..said.change.clone() };
            is_new |= say_of_one(tx, &Said { id, org: said.org, change }).await?;
        }
    }
    Ok(is_new)
}

/// Writes a change: into the ledger unless it was told before, and as the way it is now unless something else goes before it.
/// Returns whether the number is out, or in again, by that.
///
/// A wish goes before what its sender wished earlier, in whatever order the two come. To be sent nothing goes before what was said
/// here meanwhile, too, for the clocks of two hosts differ, and a wish may have waited while the broker was away; to be sent messages
/// again does not. What is said here goes before everything.
async fn say_of_one(tx: &mut Tx, said: &Said) -> Result<bool, StoreError> {
    let Said { id, org, change } = said;
    let sql = format!(
        "SELECT opted_out, changed_at, wished_at FROM opt_outs WHERE org = $1 AND number = $2 {}",
        dialect::LOCKED
    );
    // The text is made of constants of this crate only.
    let now = sqlx::query_as::<_, (bool, i64, Option<i64>)>(AssertSqlSafe(sql))
        .bind(org.to_string())
        .bind(change.number.to_string());
    let now = now.fetch_optional(&mut **tx).await.map_err(failed(WRITING))?;
    let (was_out, changed_at, wished_at) = now.unwrap_or((false, i64::MIN, None));
    let is_wish = change.message.is_some();
    let at = change.at.as_micros();
    if !is_wish && was_out == change.out {
        return Ok(false);
    }
    let sql = "INSERT INTO opt_out_changes (id, org, number, opted_out, source, account, message, at, phone) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO NOTHING";
    let insert = sqlx::query(sql)
        .bind(id.clone())
        .bind(org.to_string())
        .bind(change.number.to_string())
        .bind(change.out)
        .bind(change.source.as_str())
        .bind(change.account.map(|account| account.to_string()))
        .bind(change.message.map(|message| message.to_string()))
        .bind(at)
        .bind(change.number.phone().to_owned());
    let is_new = insert.execute(&mut **tx).await.map_err(failed(WRITING))?.rows_affected() > 0;
    let is_earlier =
        is_wish && (wished_at.is_some_and(|wished| wished > at) || !change.out && changed_at > at);
    if !is_new || is_earlier {
        return Ok(false);
    }
    let sql = "INSERT INTO opt_outs (org, number, opted_out, source, account, message, changed_at, wished_at, phone) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
               ON CONFLICT (org, number) DO UPDATE SET opted_out = excluded.opted_out, \
               source = excluded.source, account = excluded.account, message = excluded.message, \
               changed_at = excluded.changed_at, wished_at = excluded.wished_at";
    let upsert = sqlx::query(sql)
        .bind(org.to_string())
        .bind(change.number.to_string())
        .bind(change.out)
        .bind(change.source.as_str())
        .bind(change.account.map(|account| account.to_string()))
        .bind(change.message.map(|message| message.to_string()))
        .bind(at)
        .bind(if is_wish { Some(at) } else { wished_at })
        .bind(change.number.phone().to_owned());
    upsert.execute(&mut **tx).await.map_err(failed(WRITING))?;
    if was_out == change.out {
        return Ok(false);
    }
    let setting = OptOut { org: *org, number: change.number.clone(), out: change.out };
    let key = OptOut::key(*org, &change.number);
    super::settings::write(tx, *org, &key, &setting, change.at).await?;
    Ok(true)
}

fn change(row: OptOutRow) -> Result<OptOutChange, StoreError> {
    let (number, out, source, account, message, at) = row;
    Ok(OptOutChange {
        number: parsed("opt_outs.number", &number)?,
        out,
        source: parsed("opt_outs.source", &source)?,
        account: parsed_if("opt_outs.account", account.as_deref())?,
        message: parsed_if("opt_outs.message", message.as_deref())?,
        at: time(at),
    })
}
