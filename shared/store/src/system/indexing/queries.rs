//! The queries by which messages get their words that were written without.

use sqlx::{AssertSqlSafe, QueryBuilder};

use super::{Database, Db, dialect};
use crate::StoreError;
use crate::error::failed;
use crate::search::of_message;
use crate::statement::{ROWS, pieces};

const DOING: &str = "giving messages the words by which they are found";

impl Database {
    pub(crate) async fn give_words(&self, limit: u32) -> Result<u64, StoreError> {
        let sent = again!(self.give_words_to(
            "SELECT id, recipient, body FROM messages WHERE words IS NULL AND request IS NOT NULL",
            "UPDATE messages SET words = given.column2 FROM (",
            limit
        ))?;
        let received = again!(self.give_words_to(
            "SELECT id, sender, body FROM inbox WHERE words IS NULL",
            "UPDATE inbox SET words = given.column2 FROM (",
            limit
        ))?;
        Ok(sent + received)
    }

    async fn give_words_to(
        &self,
        select: &'static str,
        update: &'static str,
        limit: u32,
    ) -> Result<u64, StoreError> {
        let sql = format!("{select} ORDER BY id LIMIT $1 {}", dialect::SKIP_LOCKED);
        let mut tx = self.begin(DOING).await?;
        // The text is made of constants of this crate only.
        let wordless =
            sqlx::query_as::<_, (String, Option<String>, Option<String>)>(AssertSqlSafe(sql));
        let wordless = wordless.bind(i64::from(limit)).fetch_all(&mut *tx).await;
        let wordless = wordless.map_err(failed(DOING))?;
        let words: Vec<(String, String)> = wordless
            .into_iter()
            .map(|(id, other, body)| {
                let words = of_message(body.as_deref(), other.as_deref().unwrap_or_default());
                (id, words)
            })
            .collect();
        let mut given = 0;
        for some in pieces(&words, ROWS) {
            let mut sql = QueryBuilder::<Db>::new(update);
            sql.push_values(some, |mut row, (id, words)| {
                row.push_bind(id).push_bind(words);
            });
            sql.push(") AS given WHERE id = given.column1");
            let done = sql.build().execute(&mut *tx).await;
            given += done.map_err(failed(DOING))?.rows_affected();
        }
        tx.commit().await.map_err(failed(DOING))?;
        Ok(given)
    }
}
