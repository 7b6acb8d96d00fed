//! The queries of the sequence of numbers.

use std::ops::Range;

use super::{Database, Tx};
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

/// Has numbers that are taken from now on be higher than one that was given elsewhere.
pub(super) async fn go_beyond(tx: &mut Tx, number: i64) -> Result<(), StoreError> {
    let sql = "UPDATE number_sequence SET next = $1 WHERE id = 1 AND next < $1";
    let update = sqlx::query(sql).bind(number.saturating_add(1));
    update.execute(&mut **tx).await.map(drop).map_err(failed("taking numbers"))
}

/// Takes numbers within a transaction. The transaction must do so before it locks anything else, because all writers
/// wait for this one row.
pub(super) async fn take(tx: &mut Tx, count: usize) -> Result<Range<i64>, StoreError> {
    if count == 0 {
        return Ok(0..0);
    }
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let take = sqlx::query_scalar::<_, i64>(TAKE).bind(count);
    let end = take.fetch_one(&mut **tx).await.map_err(failed("taking numbers"))?;
    Ok(end - count..end)
}
