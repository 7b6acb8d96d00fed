//! The queries of what a team keeps of a conversation: to whom it is assigned, that it is archived or blocked, and who is told
//! nothing of it.

use contracts::{Address, OrgId, Timestamp, UserId};
use serde_json::json;
use sqlx::{AssertSqlSafe, QueryBuilder};

use super::super::accounts::rows::lock_org;
use super::super::reach::{Rows, push_in_reach};
use super::super::{Database, Db, Tx, dialect};
use super::{ARCHIVED, BLOCKED, OPEN, padded, phone_of, push_texts, push_writings};
use crate::column::{parsed, parsed_if, storable, time};
use crate::error::failed;
use crate::{
    AnsweredBy, Assignment, Colleague, ConversationChange, Cursor, MOST_ASSIGNEES, MOST_MUTES,
    MuteError, Reach, Reader, StoreError,
};

const READING: &str = "reading what is kept of a conversation";
const CHANGING: &str = "changing a conversation";
const MUTING: &str = "muting a conversation";

/// What is kept of a conversation, as it is shown.
pub(super) struct Mark {
    pub(super) with: Address,
    pub(super) assigned: Option<Colleague>,
    pub(super) is_archived: bool,
    pub(super) filed: i64,
}

/// A row of `thread_marks`.
#[derive(sqlx::FromRow)]
struct MarkRow {
    number: String,
    assigned: Option<String>,
    archived_at: Option<i64>,
    blocked_at: Option<i64>,
}

impl MarkRow {
    const fn filed(&self) -> i64 {
        match (self.blocked_at, self.archived_at) {
            (Some(_), _) => BLOCKED,
            (None, Some(_)) => ARCHIVED,
            (None, None) => OPEN,
        }
    }

    /// As the audit log shows it.
    fn shown(&self) -> serde_json::Value {
        json!({
            "assigned_to": self.assigned,
            "archived": self.archived_at.is_some(),
            "blocked": self.blocked_at.is_some(),
        })
    }
}

/// Takes the conversations from an account that are assigned to it, so that they are among those of nobody. Rows are locked in
/// the order in which [`super::note`] locks them, by a statement of its own: a statement does not see rows of `threads` that
/// somebody else inserts while it waits for a lock.
pub(in super::super) async fn leave_to_nobody(
    tx: &mut Tx,
    org: OrgId,
    account: UserId,
) -> Result<(), StoreError> {
    let locked = format!(
        "SELECT phone FROM thread_marks WHERE org = $1 AND assigned = $2 ORDER BY phone, number {}",
        dialect::LOCKED
    );
    let threads = "UPDATE threads SET assigned = NULL WHERE org = $1 AND assigned = $2 AND phone IN \
                   (SELECT phone FROM thread_marks WHERE org = $1 AND assigned = $2)";
    let marks = "UPDATE thread_marks SET assigned = NULL WHERE org = $1 AND assigned = $2";
    for sql in [locked, threads.to_owned(), marks.to_owned()] {
        // The texts are made of constants of this crate only.
        let update = sqlx::query(AssertSqlSafe(sql)).bind(org.to_string());
        let update = update.bind(account.to_string()).execute(&mut **tx).await;
        update.map_err(failed(CHANGING))?;
    }
    Ok(())
}

/// Returns whether an account may have conversations, which stays so until the transaction ends. The account is locked before any row
/// of `thread_marks` is, as it is where [`leave_to_nobody`] is called.
async fn may_be_assigned(tx: &mut Tx, org: OrgId, account: UserId) -> Result<bool, StoreError> {
    let sql = format!(
        "SELECT id FROM users WHERE id = $1 AND org = $2 AND enabled = $3 \
         AND role IN ('admin', 'operator', 'manager', 'user') {}",
        dialect::LOCKED
    );
    // The text is made of constants of this crate only.
    let row = sqlx::query_scalar::<_, String>(AssertSqlSafe(sql)).bind(account.to_string());
    let row = row.bind(org.to_string()).bind(true).fetch_optional(&mut **tx).await;
    Ok(row.map_err(failed(CHANGING))?.is_some())
}

impl Database {
    /// Reads what is kept of the conversations with these.
    pub(super) async fn marks_of(
        &self,
        reach: Reach,
        with: &[Address],
    ) -> Result<Vec<Mark>, StoreError> {
        let mut sql = QueryBuilder::<Db>::new(
            "SELECT m.number, m.assigned, u.name, m.archived_at, m.filed FROM thread_marks m \
             LEFT JOIN users u ON u.id = m.assigned WHERE ",
        );
        push_in_reach(&mut sql, &Rows::Shared("m.org"), reach);
        sql.push(" AND m.phone IN (");
        push_texts(&mut sql, &padded(with.iter().map(|one| phone_of(&one.to_string()))));
        sql.push(")");
        let rows =
            sql.build_query_as::<(String, Option<String>, Option<String>, Option<i64>, i64)>();
        let rows = rows.fetch_all(&self.read).await.map_err(failed(READING))?.into_iter();
        rows.map(|(number, assigned, name, archived_at, filed)| {
            let id: Option<UserId> = parsed_if("thread_marks.assigned", assigned.as_deref())?;
            Ok(Mark {
                with: Address::from_text(&number),
                assigned: id.zip(name).map(|(id, name)| Colleague { id, name }),
                is_archived: archived_at.is_some(),
                filed,
            })
        })
        .collect()
    }

    /// Reads which of the phones of these an account has muted.
    pub(super) async fn mutes_of(
        &self,
        reach: Reach,
        account: UserId,
        with: &[Address],
    ) -> Result<Vec<String>, StoreError> {
        let mut sql = QueryBuilder::<Db>::new("SELECT phone FROM thread_mutes WHERE ");
        push_in_reach(&mut sql, &Rows::Shared("org"), reach);
        sql.push(" AND account = ").push_bind(account.to_string()).push(" AND phone IN (");
        push_texts(&mut sql, &padded(with.iter().map(|one| phone_of(&one.to_string()))));
        sql.push(")");
        let rows = sql.build_query_scalar::<String>().fetch_all(&self.read).await;
        rows.map_err(failed(READING))
    }

    pub(crate) async fn conversation_is_there(
        &self,
        reach: Reach,
        reader: Reader,
        with: &Address,
    ) -> Result<bool, StoreError> {
        let scopes = self.scopes(reach, reader.sent).await?;
        if scopes.is_empty() {
            return Ok(false);
        }
        let mut sql = QueryBuilder::<Db>::new("SELECT id FROM threads WHERE ");
        push_in_reach(&mut sql, &Rows::Shared("org"), reach);
        sql.push(" AND scope IN (");
        push_texts(&mut sql, &padded(scopes.into_iter()));
        sql.push(")");
        push_writings(&mut sql, "number", with);
        sql.push(" LIMIT 1");
        let row = sql.build_query_scalar::<String>().fetch_optional(&self.read).await;
        Ok(row.map_err(failed(READING))?.is_some())
    }

    pub(crate) async fn conversation_assignees(
        &self,
        reach: Reach,
        reader: Reader,
        with: &Address,
    ) -> Result<Vec<Colleague>, StoreError> {
        if !self.conversation_is_there(reach, reader, with).await? {
            return Ok(Vec::new());
        }
        // This is who reaches what, asked the other way round: `Database::scopes` says the same for one account.
        let mut sql = QueryBuilder::<Db>::new("SELECT u.id, u.name FROM users u WHERE ");
        push_in_reach(&mut sql, &Rows::Shared("u.org"), reach);
        sql.push(" AND u.enabled = ").push_bind(true);
        sql.push(
            " AND u.role IN ('admin', 'operator', 'manager', 'user') AND (u.role = 'admin' \
             OR EXISTS (SELECT 1 FROM threads t WHERE t.org = u.org AND t.scope IN (u.id, 'sent ' || u.id)",
        );
        push_writings(&mut sql, "t.number", with);
        sql.push(
            ") OR (u.role = 'manager' AND EXISTS (SELECT 1 FROM team_members tm \
             JOIN team_members tc ON tc.team = tm.team \
             JOIN threads t ON t.org = u.org AND t.scope IN (tc.account, 'sent ' || tc.account) \
             WHERE tm.account = u.id",
        );
        push_writings(&mut sql, "t.number", with);
        sql.push(
            ")) OR EXISTS (SELECT 1 FROM sims s JOIN threads t ON t.org = s.org AND t.scope = s.id \
             WHERE s.org = u.org AND (s.everybody_reads = ",
        );
        sql.push_bind(true);
        sql.push(
            " OR EXISTS (SELECT 1 FROM sim_members m WHERE m.sim = s.id AND m.account = u.id AND m.reads = ",
        );
        sql.push_bind(true).push("))");
        push_writings(&mut sql, "t.number", with);
        sql.push(")) ORDER BY u.name_key LIMIT ").push_bind(i64::from(MOST_ASSIGNEES));
        let rows = sql.build_query_as::<(String, String)>().fetch_all(&self.read).await;
        let rows = rows.map_err(failed(READING))?.into_iter();
        rows.map(|(id, name)| Ok(Colleague { id: parsed("users.id", &id)?, name })).collect()
    }

    pub(crate) async fn change_conversation(
        &self,
        reach: Reach,
        reader: Reader,
        with: &Address,
        change: ConversationChange,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        if !self.conversation_is_there(reach, reader, with).await? {
            return Ok(false);
        }
        again!(self.write_mark(reach.org, with, change, at))
    }

    /// Returns whether it is as it is to be: it is assigned to no account that may not have it.
    async fn write_mark(
        &self,
        org: OrgId,
        with: &Address,
        change: ConversationChange,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin(CHANGING).await?;
        if let Some(Assignment::To(account)) = change.assigned
            && !may_be_assigned(&mut tx, org, account).await?
        {
            return Ok(false);
        }
        let (org, number) = (org.to_string(), storable(&with.to_string()));
        let phone = phone_of(&number);
        let sql = format!(
            "SELECT number, assigned, archived_at, blocked_at FROM thread_marks \
             WHERE org = $1 AND phone = $2 ORDER BY number {}",
            dialect::LOCKED
        );
        // The text is made of constants of this crate only.
        let rows = sqlx::query_as::<_, MarkRow>(AssertSqlSafe(sql)).bind(org.clone());
        let rows = rows.bind(phone.clone()).fetch_all(&mut *tx).await.map_err(failed(CHANGING))?;
        let known = rows.into_iter().find(|row| Address::from_text(&row.number).is_same(with));
        let before = known.unwrap_or(MarkRow {
            number,
            assigned: None,
            archived_at: None,
            blocked_at: None,
        });
        // What is set already stays as old as it is.
        let since = |is: Option<i64>, to_be: Option<bool>| match to_be {
            None => is,
            Some(true) => is.or(Some(at.as_micros())),
            Some(false) => None,
        };
        let after = MarkRow {
            number: before.number.clone(),
            assigned: match change.assigned {
                None => before.assigned.clone(),
                Some(Assignment::Nobody) => None,
                Some(Assignment::To(account)) => Some(account.to_string()),
            },
            archived_at: since(before.archived_at, change.archived),
            blocked_at: since(before.blocked_at, change.blocked),
        };
        if after.shown() == before.shown() {
            return Ok(true);
        }
        let sql = "INSERT INTO thread_marks \
                   (org, phone, number, assigned, archived_at, blocked_at, filed, updated_at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (org, phone, number) DO UPDATE SET \
                   assigned = excluded.assigned, archived_at = excluded.archived_at, \
                   blocked_at = excluded.blocked_at, filed = excluded.filed, updated_at = excluded.updated_at";
        let insert = sqlx::query(sql)
            .bind(org.clone())
            .bind(phone)
            .bind(after.number.clone())
            .bind(after.assigned.clone())
            .bind(after.archived_at)
            .bind(after.blocked_at)
            .bind(after.filed())
            .bind(at.as_micros());
        insert.execute(&mut *tx).await.map_err(failed(CHANGING))?;
        let mut sql = QueryBuilder::<Db>::new("UPDATE threads SET filed = ");
        sql.push_bind(after.filed()).push(", assigned = ").push_bind(after.assigned.clone());
        sql.push(" WHERE org = ").push_bind(org);
        push_writings(&mut sql, "number", &Address::from_text(&after.number));
        sql.build().execute(&mut *tx).await.map_err(failed(CHANGING))?;
        tx.about(&with.masked(), "");
        tx.changed(&before.shown(), &after.shown());
        tx.commit().await.map_err(failed(CHANGING))?;
        Ok(true)
    }

    pub(crate) async fn mute_conversation(
        &self,
        reach: Reach,
        reader: Reader,
        with: &Address,
        muted: Option<Timestamp>,
    ) -> Result<bool, MuteError> {
        reach.must_own(reader.account, MUTING)?;
        if !self.conversation_is_there(reach, reader, with).await? {
            return Ok(false);
        }
        let (org, account) = (reach.org.to_string(), reader.account.to_string());
        let phone = phone_of(&with.to_string());
        let mut tx = self.begin(MUTING).await?;
        if let Some(at) = muted {
            // From here on another mute waits, so they are counted rightly.
            lock_org(&mut tx, reach.org, at).await?;
            let sql = "SELECT count(*) FROM thread_mutes \
                           WHERE org = $1 AND account = $2 AND phone <> $3";
            let others = sqlx::query_scalar::<_, i64>(sql).bind(org.clone());
            let others = others.bind(account.clone()).bind(phone.clone());
            let others = others.fetch_one(&mut *tx).await.map_err(failed(MUTING))?;
            if others >= i64::from(MOST_MUTES) {
                return Err(MuteError::TooMany);
            }
            let sql = "INSERT INTO thread_mutes (org, account, phone, at) \
                           VALUES ($1, $2, $3, $4) ON CONFLICT (org, account, phone) DO NOTHING";
            let mute = sqlx::query(sql).bind(org).bind(account).bind(phone);
            let mute = mute.bind(at.as_micros()).execute(&mut *tx).await;
            mute.map_err(failed(MUTING))?;
        } else {
            let sql = "DELETE FROM thread_mutes WHERE org = $1 AND account = $2 AND phone = $3";
            let unmute = sqlx::query(sql).bind(org).bind(account).bind(phone);
            unmute.execute(&mut *tx).await.map_err(failed(MUTING))?;
        }
        tx.commit().await.map_err(failed(MUTING))?;
        Ok(true)
    }

    pub(crate) async fn answered_since(
        &self,
        reach: Reach,
        reader: Reader,
        with: &Address,
        since: Cursor,
    ) -> Result<Option<AnsweredBy>, StoreError> {
        if !self.conversation_is_there(reach, reader, with).await? {
            return Ok(None);
        }
        let mut sql = QueryBuilder::<Db>::new("SELECT m.id, m.created_at, u.name FROM messages m");
        sql.push(dialect::along("messages_phone"));
        sql.push(" LEFT JOIN users u ON u.id = m.owner WHERE ");
        push_in_reach(&mut sql, &Rows::Shared("m.org"), reach);
        push_writings(&mut sql, "m.recipient", with);
        sql.push(" AND (m.created_at, m.id) > (").push_bind(since.at.as_micros()).push(", ");
        sql.push_bind(since.id.to_string()).push(") AND m.owner <> ");
        sql.push_bind(reader.account.to_string());
        sql.push(" ORDER BY m.created_at DESC, m.id DESC LIMIT 1");
        let row = sql.build_query_as::<(String, i64, Option<String>)>();
        let row = row.fetch_optional(&self.read).await.map_err(failed(READING))?;
        row.map(|(id, at, name)| {
            let id = parsed("messages.id", &id)?;
            Ok(AnsweredBy { name, place: Cursor { at: time(at), id } })
        })
        .transpose()
    }

    pub(crate) async fn is_blocked(&self, org: OrgId, from: &Address) -> Result<bool, StoreError> {
        let sql = "SELECT number FROM thread_marks \
                   WHERE org = $1 AND phone = $2 AND blocked_at IS NOT NULL";
        let rows = sqlx::query_scalar::<_, String>(sql)
            .bind(org.to_string())
            .bind(phone_of(&from.to_string()));
        let rows = rows.fetch_all(&self.read).await.map_err(failed(READING))?;
        Ok(rows.iter().any(|number| Address::from_text(number).is_same(from)))
    }
}
