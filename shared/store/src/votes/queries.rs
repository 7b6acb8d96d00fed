//! The queries of votes.

use contracts::ServiceId;
use sqlx::QueryBuilder;

use super::reach::{Rows, push_in_reach};
use super::{Database, Db, Tx};
use crate::column::storable;
use crate::error::failed;
use crate::{Reach, StoreError, Vote};

impl Database {
    pub(crate) async fn service_votes(
        &self,
        reach: Reach,
        id: ServiceId,
    ) -> Result<Vec<(String, u64)>, StoreError> {
        let mut sql = QueryBuilder::<Db>::new(
            "SELECT v.choice, count(*) FROM service_votes v JOIN services s ON s.id = v.service \
             WHERE v.service = ",
        );
        sql.push_bind(id.to_string()).push(" AND ");
        push_in_reach(&mut sql, &Rows::Owned("s.org", "s.owner"), reach);
        sql.push(" GROUP BY v.choice ORDER BY v.choice");
        let rows = sql.build_query_as::<(String, i64)>().fetch_all(&self.read).await;
        let rows = rows.map_err(failed("counting the votes of a service"))?;
        Ok(rows.into_iter().map(|(option, count)| (option, count.unsigned_abs())).collect())
    }
}

/// Keeps a vote, unless the sender has a later one.
pub(super) async fn cast(tx: &mut Tx, vote: &Vote) -> Result<(), StoreError> {
    let sql = "INSERT INTO service_votes (service, sender, choice, voted_at) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (service, sender) DO UPDATE SET choice = excluded.choice, \
               voted_at = excluded.voted_at WHERE excluded.voted_at >= service_votes.voted_at";
    let insert = sqlx::query(sql)
        .bind(vote.service.to_string())
        .bind(vote.sender.to_string())
        .bind(storable(&vote.option))
        .bind(vote.at.as_micros());
    let done = insert.execute(&mut **tx).await;
    done.map(drop).map_err(failed("keeping a vote"))
}
