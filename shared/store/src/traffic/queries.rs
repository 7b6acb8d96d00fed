//! The queries of how much came and went.

use std::collections::BTreeMap;

use contracts::{SimId, Timestamp};

use super::Database;
use crate::column::{parsed, small};
use crate::error::failed;
use crate::{Reach, StoreError, Traffic};

const COUNTING: &str = "counting what came and went";
const RECEIVED: &str = "SELECT sim, count(*) FROM inbox \
                        WHERE org = $1 AND received_at > $2 AND received_at <= $3 GROUP BY sim";
const REPORTS: &str = "SELECT sim, count(*) FROM dlrs \
                       WHERE org = $1 AND received_at > $2 AND received_at <= $3 GROUP BY sim";
// That all parts are out is told once a message, in a line whose key says so.
const SENT: &str = "SELECT m.sim, count(*) FROM timeline t JOIN messages m ON m.id = t.message \
                    WHERE t.org = $1 AND t.at > $2 AND t.at <= $3 AND t.event_key LIKE '%:sent:%' \
                    AND m.sim IS NOT NULL GROUP BY m.sim";

impl Database {
    pub(crate) async fn traffic(
        &self,
        reach: Reach,
        since: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Traffic>, StoreError> {
        reach.must_be_gateway(COUNTING)?;
        let mut counted: BTreeMap<SimId, [u64; 3]> = BTreeMap::new();
        for (kind, sql) in [RECEIVED, SENT, REPORTS].into_iter().enumerate() {
            let rows = sqlx::query_as::<_, (String, i64)>(sql)
                .bind(reach.org.to_string())
                .bind(since.as_micros())
                .bind(until.as_micros());
            let rows = rows.fetch_all(&self.read).await.map_err(failed(COUNTING))?;
            for (sim, count) in rows {
                let counts = counted.entry(parsed("sim", &sim)?).or_default();
                counts[kind] += small::<u64>("count", count)?;
            }
        }
        let traffic = counted.into_iter();
        Ok(traffic
            .map(|(sim, [received, sent, reports])| Traffic { sim, received, sent, reports })
            .collect())
    }
}
