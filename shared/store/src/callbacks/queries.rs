//! The queries of callbacks.

use std::time::Duration;

use contracts::{CallbackId, MessageId, Timestamp};
use sqlx::{AssertSqlSafe, QueryBuilder};

use super::reach::{Rows, push_in_reach};
use super::{Database, Db, dialect};
use crate::column::{json, parsed, small, small_if, storable, time, to_json};
use crate::error::failed;
use crate::{
    Callback, CallbackAttempt, CallbackForm, CallbackState, NewCallback, NextStep, NumberedAttempt,
    Reach, StoreError,
};

/// A row of `callbacks`.
#[derive(sqlx::FromRow)]
struct CallbackRow {
    id: String,
    org: String,
    owner: String,
    message: String,
    event_key: String,
    url: String,
    form: Option<String>,
    state: String,
    next_at: Option<i64>,
    attempts: i64,
    last_error: Option<String>,
    created_at: i64,
}

/// The columns of [`CallbackRow`].
macro_rules! callback_columns {
    () => {
        "id, org, owner, message, event_key, url, form, state, next_at, attempts, last_error, created_at"
    };
}

impl TryFrom<CallbackRow> for Callback {
    type Error = StoreError;

    fn try_from(row: CallbackRow) -> Result<Self, StoreError> {
        let state = match row.state.as_str() {
            "pending" => CallbackState::Pending,
            "done" => CallbackState::Done,
            "failed" => CallbackState::Failed,
            other => {
                let found = other.chars().take(40).collect();
                return Err(StoreError::Column { column: "callbacks.state", found });
            }
        };
        Ok(Self {
            id: parsed("callbacks.id", &row.id)?,
            org: parsed("callbacks.org", &row.org)?,
            owner: parsed("callbacks.owner", &row.owner)?,
            message: parsed("callbacks.message", &row.message)?,
            event_key: row.event_key,
            url: row.url,
            form: match row.form {
                Some(form) => json("callbacks.form", &form)?,
                None => CallbackForm::default(),
            },
            state,
            next_at: row.next_at.map(time),
            attempts: small("callbacks.attempts", row.attempts)?,
            last_error: row.last_error,
            created_at: time(row.created_at),
        })
    }
}

/// A row of `callback_attempts`.
#[derive(sqlx::FromRow)]
struct AttemptRow {
    attempt: i64,
    at: i64,
    duration_ms: i64,
    http_status: Option<i64>,
    error: Option<String>,
}

impl TryFrom<AttemptRow> for NumberedAttempt {
    type Error = StoreError;

    fn try_from(row: AttemptRow) -> Result<Self, StoreError> {
        let millis = small("callback_attempts.duration_ms", row.duration_ms)?;
        Ok(Self {
            number: small("callback_attempts.attempt", row.attempt)?,
            attempt: CallbackAttempt {
                at: time(row.at),
                duration: Duration::from_millis(millis),
                http_status: small_if("callback_attempts.http_status", row.http_status)?,
                error: row.error,
            },
        })
    }
}

impl Database {
    pub(crate) async fn create_callback(
        &self,
        new: &NewCallback,
        at: Timestamp,
    ) -> Result<Option<CallbackId>, StoreError> {
        let id = CallbackId::new();
        let form = (new.form != CallbackForm::default()).then_some(&new.form);
        let form = form.map(|form| to_json("callbacks.form", form)).transpose()?;
        let sql = "INSERT INTO callbacks (id, org, owner, message, event_key, url, form, state, next_at, \
                   attempts, created_at, updated_at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $9, 'pending', $7, 0, $8, $8) \
                   ON CONFLICT (message, event_key) DO NOTHING";
        let insert = sqlx::query(sql)
            .bind(id.to_string())
            .bind(new.org.to_string())
            .bind(new.owner.to_string())
            .bind(new.message.to_string())
            .bind(new.event_key.clone())
            .bind(storable(&new.url))
            .bind(new.next_at.as_micros())
            .bind(at.as_micros())
            .bind(form);
        let done = insert.execute(&self.write).await.map_err(failed("keeping a callback"))?;
        Ok((done.rows_affected() > 0).then_some(id))
    }

    pub(crate) async fn take_callbacks(
        &self,
        now: Timestamp,
        lease: Duration,
        limit: u32,
    ) -> Result<Vec<Callback>, StoreError> {
        let sql = format!(
            "UPDATE callbacks SET next_at = $2 WHERE id IN (SELECT id FROM callbacks \
             WHERE next_at IS NOT NULL AND next_at <= $1 ORDER BY next_at LIMIT $3 {}) RETURNING {}",
            dialect::SKIP_LOCKED,
            callback_columns!()
        );
        // The text is made of constants of this crate only.
        let rows = sqlx::query_as::<_, CallbackRow>(AssertSqlSafe(sql))
            .bind(now.as_micros())
            .bind(now.plus(lease).as_micros())
            .bind(i64::from(limit));
        let rows = rows.fetch_all(&self.write).await.map_err(failed("taking callbacks"))?;
        rows.into_iter().map(Callback::try_from).collect()
    }

    pub(crate) async fn next_callback_at(&self) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT min(next_at) FROM callbacks WHERE next_at IS NOT NULL";
        let next = sqlx::query_scalar::<_, Option<i64>>(sql).fetch_one(&self.read).await;
        Ok(next.map_err(failed("reading the next callback"))?.map(time))
    }

    pub(crate) async fn record_callback_attempt(
        &self,
        callback: CallbackId,
        attempt: &CallbackAttempt,
        next: NextStep,
    ) -> Result<(), StoreError> {
        again!(self.write_attempt(callback, attempt, next))
    }

    pub(crate) async fn keep_callback(
        &self,
        callback: CallbackId,
        held_until: Timestamp,
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE callbacks SET next_at = $3 WHERE id = $1 AND next_at = $2";
        let update = sqlx::query(sql).bind(callback.to_string());
        let update = update.bind(held_until.as_micros()).bind(until.as_micros());
        let done =
            update.execute(&self.write).await.map_err(failed("keeping a callback at hand"))?;
        Ok(done.rows_affected() > 0)
    }

    async fn write_attempt(
        &self,
        callback: CallbackId,
        attempt: &CallbackAttempt,
        next: NextStep,
    ) -> Result<(), StoreError> {
        let doing = "keeping a callback's attempt";
        let (state, next_at) = match next {
            NextStep::Done => ("done", None),
            NextStep::Retry(at) => ("pending", Some(at.as_micros())),
            NextStep::GiveUp => ("failed", None),
        };
        let error = attempt.error.as_deref().map(storable);
        let mut tx = self.begin(doing).await?;
        // A callback that the URL took stays taken, even if another try was under way.
        let sql = "UPDATE callbacks SET state = CASE WHEN state = 'done' THEN state ELSE $2 END, \
                   next_at = CASE WHEN state = 'done' THEN NULL ELSE $3 END, \
                   last_error = CASE WHEN state = 'done' THEN last_error ELSE $4 END, \
                   attempts = attempts + 1, updated_at = $5 WHERE id = $1 RETURNING attempts";
        let number = sqlx::query_scalar::<_, i64>(sql)
            .bind(callback.to_string())
            .bind(state)
            .bind(next_at)
            .bind(error.clone())
            .bind(attempt.at.as_micros());
        let number = number.fetch_optional(&mut *tx).await.map_err(failed(doing))?;
        // The callback is gone with its message, so there is nothing to keep.
        let Some(number) = number else { return Ok(()) };
        let sql = "INSERT INTO callback_attempts (callback, attempt, at, duration_ms, http_status, \
                   error) VALUES ($1, $2, $3, $4, $5, $6)";
        let insert = sqlx::query(sql)
            .bind(callback.to_string())
            .bind(number)
            .bind(attempt.at.as_micros())
            .bind(i64::try_from(attempt.duration.as_millis()).unwrap_or(i64::MAX))
            .bind(attempt.http_status.map(i64::from))
            .bind(error);
        insert.execute(&mut *tx).await.map_err(failed(doing))?;
        tx.commit().await.map_err(failed(doing))
    }

    pub(crate) async fn callbacks(
        &self,
        reach: Reach,
        message: MessageId,
    ) -> Result<Vec<Callback>, StoreError> {
        let mut sql = QueryBuilder::<Db>::new(concat!(
            "SELECT ",
            callback_columns!(),
            " FROM callbacks WHERE message = "
        ));
        sql.push_bind(message.to_string());
        sql.push(" AND ");
        push_in_reach(&mut sql, &Rows::Sent(""), reach);
        sql.push(" ORDER BY created_at, id");
        let rows = sql.build_query_as::<CallbackRow>().fetch_all(&self.read).await;
        let rows = rows.map_err(failed("reading callbacks"))?;
        rows.into_iter().map(Callback::try_from).collect()
    }

    pub(crate) async fn callback_attempts(
        &self,
        reach: Reach,
        callback: CallbackId,
    ) -> Result<Vec<NumberedAttempt>, StoreError> {
        let mut sql = QueryBuilder::<Db>::new(
            "SELECT a.attempt, a.at, a.duration_ms, a.http_status, a.error \
             FROM callback_attempts a JOIN callbacks c ON c.id = a.callback WHERE c.id = ",
        );
        sql.push_bind(callback.to_string());
        sql.push(" AND ");
        push_in_reach(&mut sql, &Rows::Sent("c."), reach);
        sql.push(" ORDER BY a.attempt");
        let rows = sql.build_query_as::<AttemptRow>().fetch_all(&self.read).await;
        let rows = rows.map_err(failed("reading a callback's attempts"))?;
        rows.into_iter().map(NumberedAttempt::try_from).collect()
    }
}
