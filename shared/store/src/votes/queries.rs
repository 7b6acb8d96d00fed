//! The queries of votes.

use contracts::{PhoneNumber, ServiceId};
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

/// Keeps a vote, unless the phone has a later one, however its number was written then. Nobody else votes meanwhile: the caller has
/// the lock of the organisation.
pub(super) async fn cast(tx: &mut Tx, vote: &Vote) -> Result<(), StoreError> {
    let doing = "keeping a vote";
    let known = known_voter(tx, vote.service, &vote.sender).await?;
    let sql = "INSERT INTO service_votes (service, sender, choice, voted_at, phone) \
               VALUES ($1, $2, $3, $4, $5) ON CONFLICT (service, sender) DO UPDATE \
               SET choice = excluded.choice, voted_at = excluded.voted_at, phone = excluded.phone \
               WHERE excluded.voted_at >= service_votes.voted_at";
    let insert = sqlx::query(sql)
        .bind(vote.service.to_string())
        .bind(known.unwrap_or_else(|| vote.sender.to_string()))
        .bind(storable(&vote.option))
        .bind(vote.at.as_micros())
        .bind(vote.sender.phone().to_owned());
    let done = insert.execute(&mut **tx).await;
    done.map(drop).map_err(failed(doing))
}

/// The writing of a number under which a service has the vote of its phone, if it has one.
async fn known_voter(
    tx: &mut Tx,
    service: ServiceId,
    sender: &PhoneNumber,
) -> Result<Option<String>, StoreError> {
    let sql = "SELECT sender FROM service_votes WHERE service = $1 AND phone = $2 LIMIT 100";
    let known = sqlx::query_scalar::<_, String>(sql).bind(service.to_string());
    let known = known.bind(sender.phone().to_owned()).fetch_all(&mut **tx).await;
    let mut known = known.map_err(failed("reading a vote"))?.into_iter();
    Ok(known
        .find(|known| known.parse::<PhoneNumber>().is_ok_and(|known| known.is_same_phone(sender))))
}
