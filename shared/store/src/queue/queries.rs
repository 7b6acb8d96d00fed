//! The queries of where messages are. Each reads one index, and no more of it than is counted.

use contracts::MtState;

use super::Database;
use crate::column::{small, time};
use crate::error::failed;
use crate::{COUNTED, Queued, Reach, StoreError};

const COUNTING: &str = "counting the messages that wait";

const OF_STATE: &str = "SELECT count(*), min(created_at) FROM (SELECT created_at FROM messages \
                        WHERE org = $1 AND state = $2 ORDER BY created_at, id LIMIT $3) AS waiting";

impl Database {
    pub(crate) async fn queue(&self, reach: Reach) -> Result<Vec<Queued>, StoreError> {
        reach.must_be_gateway(COUNTING)?;
        let limit = i64::try_from(COUNTED).unwrap_or(i64::MAX - 1) + 1;
        let mut queue = Vec::new();
        for state in MtState::ALL.into_iter().filter(|state| !state.is_settled()) {
            let count = sqlx::query_as::<_, (i64, Option<i64>)>(OF_STATE)
                .bind(reach.org.to_string())
                .bind(state.as_str())
                .bind(limit);
            let (count, oldest) = count.fetch_one(&self.read).await.map_err(failed(COUNTING))?;
            let count = small("count(messages)", count)?;
            queue.push(Queued { state, count, oldest: oldest.map(time) });
        }
        Ok(queue)
    }
}
