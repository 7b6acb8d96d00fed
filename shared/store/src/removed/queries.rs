//! The queries of what was removed a moment ago.

use contracts::{GroupId, OrgId, PhoneNumber, Timestamp};
use sqlx::{AssertSqlSafe, QueryBuilder};

use super::accounts::rows::lock_org;
use super::following::{follow, follow_rule};
use super::reach::{Rows, push_in_reach};
use super::{Database, Db, Tx};
use crate::column::json;
use crate::contacts::MOST_GROUPS_OF_CONTACT;
use crate::error::failed;
use crate::groups::MOST_GROUP_RULES;
use crate::groups::rule::GroupRule;
use crate::removed::{MOST_REMOVED, REMOVED_KEPT, TABLES};
use crate::{Joining, Reach, Restorable, RestoreError, StoreError};

const REMOVING: &str = "removing something";
const RESTORING: &str = "bringing back what was removed";
const LEAVING: &str = "taking a sender out of what was removed";
const SWEEPING: &str = "deleting what was removed";
/// Who removes something.
const OWNED: Rows = Rows::Kept("org", "owner");
/// Who brings it back.
const LEFT: Rows = Rows::Kept("removed_from", "owner");
/// The most rows of a table that are deleted at once.
const AT_ONCE: i64 = 1_000;

impl Database {
    pub(crate) async fn restore(
        &self,
        reach: Reach,
        what: Restorable,
        at: Timestamp,
    ) -> Result<(), RestoreError> {
        let (table, id) = (what.table(), what.id());
        let mut tx = self.begin(RESTORING).await?;
        // From here on another one who makes one waits, so they are counted rightly.
        lock_org(&mut tx, reach.org, at).await?;
        let mut sql = QueryBuilder::<Db>::new("SELECT name, name_key, owner FROM ");
        sql.push(table).push(" WHERE id = ").push_bind(id.clone());
        sql.push(" AND removed_at > ").push_bind(at.minus(REMOVED_KEPT).as_micros());
        sql.push(" AND ");
        push_in_reach(&mut sql, &LEFT, reach);
        let row = sql.build_query_as::<(String, String, String)>().fetch_optional(&mut *tx).await;
        let Some((name, name_key, owner)) = row.map_err(failed(RESTORING))? else {
            return Err(RestoreError::Gone);
        };
        let mut sql = QueryBuilder::<Db>::new("SELECT count(*) FROM ");
        sql.push(table).push(" WHERE org = ").push_bind(reach.org.to_string());
        if !what.shares_names() {
            sql.push(" AND owner = ").push_bind(owner.clone());
        }
        let count = sql.build_query_scalar::<i64>().fetch_one(&mut *tx).await;
        if count.map_err(failed(RESTORING))? >= i64::from(what.most()) {
            return Err(RestoreError::TooMany(what.most()));
        }
        if !what.shares_names() {
            let mut sql = QueryBuilder::<Db>::new("SELECT count(*) FROM ");
            sql.push(table).push(" WHERE org = ").push_bind(reach.org.to_string());
            sql.push(" AND owner = ").push_bind(owner);
            sql.push(" AND name_key = ").push_bind(name_key);
            let taken = sql.build_query_scalar::<i64>().fetch_one(&mut *tx).await;
            if taken.map_err(failed(RESTORING))? > 0 {
                return Err(RestoreError::NameTaken(name));
            }
        }
        let sql = format!(
            "UPDATE {table} SET org = removed_from, removed_from = NULL, removed_at = NULL WHERE id = $1"
        );
        // The texts are made of constants of this crate only.
        let update = sqlx::query(AssertSqlSafe(sql)).bind(id.clone());
        update.execute(&mut *tx).await.map_err(failed(RESTORING))?;
        if let Some((own, other, others)) = what.member() {
            let sql = format!(
                "INSERT INTO contact_group_members (contact_group, contact) \
                 SELECT r.contact_group, r.contact FROM removed_members r \
                 JOIN {others} o ON o.id = r.{other} WHERE r.{own} = $1 AND o.removed_at IS NULL \
                 AND (SELECT count(*) FROM contact_group_members m WHERE m.contact = r.contact) < $2 \
                 ON CONFLICT (contact_group, contact) DO NOTHING"
            );
            let most = i64::try_from(MOST_GROUPS_OF_CONTACT).unwrap_or(i64::MAX);
            let insert = sqlx::query(AssertSqlSafe(sql)).bind(id.clone()).bind(most);
            insert.execute(&mut *tx).await.map_err(failed(RESTORING))?;
            // What was removed on the other side too waits for that to come back.
            let sql = format!(
                "DELETE FROM removed_members WHERE {own} = $1 AND NOT EXISTS (SELECT 1 FROM {others} o \
                 WHERE o.id = removed_members.{other} AND o.removed_at IS NOT NULL)"
            );
            let delete = sqlx::query(AssertSqlSafe(sql)).bind(id.clone());
            delete.execute(&mut *tx).await.map_err(failed(RESTORING))?;
        }
        match what {
            Restorable::Contact(contact) => follow(&mut tx, reach.org, &[contact]).await?,
            Restorable::Group(group) => follow_again(&mut tx, reach.org, group).await?,
            Restorable::Template(_) => {}
        }
        tx.about(&id, &name);
        tx.commit().await.map_err(failed(RESTORING))?;
        Ok(())
    }

    pub(crate) async fn remove_old_removed(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut removed = 0;
        for table in TABLES {
            let sql = format!(
                "DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE removed_at <= $1 \
                 ORDER BY removed_at LIMIT $2)"
            );
            // The text is made of constants of this crate only.
            let delete = sqlx::query(AssertSqlSafe(sql)).bind(now.minus(REMOVED_KEPT).as_micros());
            let done = delete.bind(AT_ONCE).execute(&self.write).await;
            removed += done.map_err(failed(SWEEPING))?.rows_affected();
        }
        Ok(removed)
    }
}

/// Writes down who is in a group that is there again, when it is one by rule: contacts and their tags may be others by now.
async fn follow_again(tx: &mut Tx, org: OrgId, group: GroupId) -> Result<(), RestoreError> {
    let sql = "SELECT owner, rule FROM contact_groups WHERE id = $1 AND rule IS NOT NULL";
    let row = sqlx::query_as::<_, (String, String)>(sql).bind(group.to_string());
    let row = row.fetch_optional(&mut **tx).await.map_err(failed(RESTORING))?;
    let Some((owner, rule)) = row else { return Ok(()) };
    let sql = "SELECT count(*) FROM contact_groups WHERE org = $1 AND owner = $2 \
               AND rule IS NOT NULL";
    let count = sqlx::query_scalar::<_, i64>(sql).bind(org.to_string()).bind(owner.clone());
    let count = count.fetch_one(&mut **tx).await.map_err(failed(RESTORING))?;
    // The group is one of them by now.
    if count > i64::from(MOST_GROUP_RULES) {
        return Err(RestoreError::TooMany(MOST_GROUP_RULES));
    }
    let rule: GroupRule = json("contact_groups.rule", &rule)?;
    Ok(follow_rule(tx, org, (group, &owner), &rule).await?)
}

/// Takes something out of its organisation, as whoever may change it. Returns its name; none: there is no such thing.
pub(super) async fn set_aside(
    tx: &mut Tx,
    reach: Reach,
    what: Restorable,
    at: Timestamp,
) -> Result<Option<String>, StoreError> {
    let (table, id) = (what.table(), what.id());
    // Whoever puts contacts into groups meanwhile waits, so that nobody is put into one beside what is written down here.
    lock_org(tx, reach.org, at).await?;
    let mut sql = QueryBuilder::<Db>::new("UPDATE ");
    sql.push(table).push(" SET removed_from = org, org = id, removed_at = ");
    sql.push_bind(at.as_micros());
    sql.push(" WHERE id = ").push_bind(id.clone()).push(" AND ");
    push_in_reach(&mut sql, &OWNED, reach);
    sql.push(" RETURNING name");
    let name = sql.build_query_scalar::<String>().fetch_optional(&mut **tx).await;
    let Some(name) = name.map_err(failed(REMOVING))? else { return Ok(None) };
    if let Some((own, ..)) = what.member() {
        // Who is in a group by rule is found anew when it comes back, or the contact does.
        for sql in [
            format!(
                "INSERT INTO removed_members (contact_group, contact) \
                 SELECT m.contact_group, m.contact FROM contact_group_members m \
                 JOIN contact_groups g ON g.id = m.contact_group \
                 WHERE m.{own} = $1 AND g.rule IS NULL \
                 ON CONFLICT (contact_group, contact) DO NOTHING"
            ),
            format!("DELETE FROM contact_group_members WHERE {own} = $1"),
        ] {
            // The texts are made of constants of this crate only.
            let query = sqlx::query(AssertSqlSafe(sql)).bind(id.clone());
            query.execute(&mut **tx).await.map_err(failed(REMOVING))?;
        }
    }
    // Those that were removed before as many others are gone.
    let sql = format!(
        "DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE removed_at IS NOT NULL \
         AND removed_from = $1 ORDER BY removed_at DESC, id LIMIT $2 OFFSET $3)"
    );
    // The text is made of constants of this crate only.
    let delete = sqlx::query(AssertSqlSafe(sql)).bind(reach.org.to_string());
    let delete = delete.bind(AT_ONCE).bind(i64::from(MOST_REMOVED));
    delete.execute(&mut **tx).await.map_err(failed(REMOVING))?;
    Ok(Some(name))
}

/// Forgets that a phone which leaves a group was in it when the group, or a contact of the phone, was removed: what comes back does
/// not bring the phone back into the group.
pub(super) async fn leave(tx: &mut Tx, joining: &Joining, at: Timestamp) -> Result<(), StoreError> {
    let Joining { reach, group, number, .. } = joining;
    let since = at.minus(REMOVED_KEPT).as_micros();
    let mut sql = QueryBuilder::<Db>::new("SELECT owner FROM contact_groups WHERE id = ");
    sql.push_bind(group.to_string()).push(" AND rule IS NULL AND ((");
    push_in_reach(&mut sql, &OWNED, *reach);
    sql.push(") OR (removed_at > ").push_bind(since).push(" AND ");
    push_in_reach(&mut sql, &LEFT, *reach);
    sql.push("))");
    let owner = sql.build_query_scalar::<String>().fetch_optional(&mut **tx).await;
    let Some(owner) = owner.map_err(failed(LEAVING))? else { return Ok(()) };
    let sql = "SELECT id, number FROM contacts WHERE removed_at > $1 AND removed_from = $2 \
               AND owner = $3 AND phone = $4 UNION ALL \
               SELECT id, number FROM contacts WHERE org = $2 AND owner = $3 AND phone = $4";
    let rows = sqlx::query_as::<_, (String, String)>(sql)
        .bind(since)
        .bind(reach.org.to_string())
        .bind(owner)
        .bind(number.phone().to_owned());
    let rows = rows.fetch_all(&mut **tx).await.map_err(failed(LEAVING))?;
    let same = rows.into_iter().filter(|(_, written)| {
        written.parse::<PhoneNumber>().is_ok_and(|written| written.is_same_phone(number))
    });
    for (contact, _) in same {
        let sql = "DELETE FROM removed_members WHERE contact_group = $1 AND contact = $2";
        let delete = sqlx::query(sql).bind(group.to_string()).bind(contact);
        delete.execute(&mut **tx).await.map_err(failed(LEAVING))?;
    }
    Ok(())
}

/// Forgets which of these contacts were removed, because they are brought from elsewhere once more.
pub(super) async fn forget_contacts(
    tx: &mut Tx,
    reach: Reach,
    ids: impl Iterator<Item = String>,
) -> Result<(), StoreError> {
    let mut sql = QueryBuilder::<Db>::new("DELETE FROM contacts WHERE removed_from = ");
    sql.push_bind(reach.org.to_string()).push(" AND removed_at IS NOT NULL AND id IN (");
    let mut list = sql.separated(", ");
    for id in ids {
        list.push_bind(id);
    }
    sql.push(")");
    sql.build().execute(&mut **tx).await.map_err(failed(REMOVING))?;
    Ok(())
}
