//! The number sequence.

use std::ops::Range;

use sqlx::Transaction;

use super::{Database, Db};
use crate::StoreError;
use crate::error::failed;

const TAKE: &str = "UPDATE number_sequence SET next = next + $1 WHERE id = 1 RETURNING next";

impl Database {
    pub(crate) async fn reserve_numbers(&self, count: u32) -> Result<Range<i64>, StoreError> {
        let take = sqlx::query_scalar::<_, i64>(TAKE).bind(i64::from(count));
        let end = take.fetch_one(&self.write).await.map_err(failed("taking numbers"))?;
        Ok(end - i64::from(count)..end)
    }
}

/// Takes one inside a transaction.
pub(super) async fn take_one(tx: &mut Transaction<'static, Db>) -> Result<i64, StoreError> {
    let take = sqlx::query_scalar::<_, i64>(TAKE).bind(1_i64);
    let end = take.fetch_one(&mut **tx).await.map_err(failed("taking a number"))?;
    Ok(end - 1)
}
