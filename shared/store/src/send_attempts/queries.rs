//! The queries of attempts to send.

use contracts::{Timestamp, UserId};

use sqlx::QueryBuilder;

use super::reach::{Rows, push_in_reach};
use super::{Database, Db};
use crate::error::failed;
use crate::send_attempts::ATTEMPT_IS_KNOWN_FOR;
use crate::{NewSendAttempt, Reach, SecretHash, SendAttempt, StoreError};

const DOING: &str = "noting an attempt to send";

impl Database {
    pub(crate) async fn note_send_attempt(
        &self,
        reach: Reach,
        new: &NewSendAttempt,
        now: Timestamp,
    ) -> Result<SendAttempt, StoreError> {
        reach.must_own(new.owner, DOING)?;
        self.must_not_be_elsewhere(reach, new.owner).await?;
        let (owner, key) = (new.owner.to_string(), new.key.column());
        let fingerprint = new.fingerprint.column();
        loop {
            // Where a younger attempt has the key, nothing is changed and nothing is returned.
            let sql = "INSERT INTO send_attempts (owner, key_sha256, org, fingerprint, seed, created_at) \
                       VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (owner, key_sha256) DO UPDATE SET \
                       org = excluded.org, fingerprint = excluded.fingerprint, seed = excluded.seed, \
                       created_at = excluded.created_at, accepted_at = NULL \
                       WHERE send_attempts.created_at <= $7 RETURNING seed";
            let insert = sqlx::query_scalar::<_, String>(sql)
                .bind(owner.clone())
                .bind(key.clone())
                .bind(reach.org.to_string())
                .bind(fingerprint.clone())
                .bind(new.seed.clone())
                .bind(now.as_micros())
                .bind(now.minus(ATTEMPT_IS_KNOWN_FOR).as_micros());
            if insert.fetch_optional(&self.write).await.map_err(failed(DOING))?.is_some() {
                return Ok(SendAttempt::First);
            }
            let sql = "SELECT fingerprint, seed, accepted_at FROM send_attempts \
                       WHERE owner = $1 AND key_sha256 = $2";
            let row = sqlx::query_as::<_, (String, String, Option<i64>)>(sql);
            let row = row.bind(owner.clone()).bind(key.clone());
            // The writer is asked, which has just seen the row. When the row is gone by now, the attempt is noted
            // anew.
            let row = row.fetch_optional(&self.write).await.map_err(failed(DOING))?;
            if let Some((of, seed, accepted)) = row {
                let accepted = accepted.is_some();
                let same = of == fingerprint;
                return Ok(if same {
                    SendAttempt::Again { seed, accepted }
                } else {
                    SendAttempt::Other
                });
            }
        }
    }

    /// Refuses an account of another organisation. The gateway's own sender is no account, and is in all of them.
    async fn must_not_be_elsewhere(&self, reach: Reach, owner: UserId) -> Result<(), StoreError> {
        let sql = "SELECT count(*) FROM users WHERE id = $1 AND org <> $2";
        let elsewhere = sqlx::query_scalar::<_, i64>(sql).bind(owner.to_string());
        let elsewhere = elsewhere.bind(reach.org.to_string()).fetch_one(&self.read).await;
        match elsewhere.map_err(failed(DOING))? {
            0 => Ok(()),
            _ => Err(StoreError::OutOfReach { doing: DOING }),
        }
    }

    pub(crate) async fn send_attempt_accepted(
        &self,
        reach: Reach,
        owner: UserId,
        key: SecretHash,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut sql = QueryBuilder::<Db>::new("UPDATE send_attempts SET accepted_at = ");
        sql.push_bind(now.as_micros()).push(" WHERE owner = ").push_bind(owner.to_string());
        sql.push(" AND key_sha256 = ").push_bind(key.column()).push(" AND ");
        push_in_reach(&mut sql, &Rows::Owned("org", "owner"), reach);
        let done = sql.build().execute(&self.write).await;
        done.map(drop).map_err(failed(DOING))
    }

    pub(crate) async fn remove_old_send_attempts(&self, now: Timestamp) -> Result<u64, StoreError> {
        let sql = "DELETE FROM send_attempts WHERE created_at <= $1";
        let delete = sqlx::query(sql).bind(now.minus(ATTEMPT_IS_KNOWN_FOR).as_micros());
        let done =
            delete.execute(&self.write).await.map_err(failed("forgetting attempts to send"))?;
        Ok(done.rows_affected())
    }
}
