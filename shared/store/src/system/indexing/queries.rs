//! The queries by which messages get their words, and their place in conversations, that were written without.

use contracts::{Address, UserId};
use sqlx::{AssertSqlSafe, QueryBuilder};

use super::conversations::{self, Said, phone_of};
use super::{Database, Db, dialect};
use crate::StoreError;
use crate::column::{parsed, parsed_if, time};
use crate::error::failed;
use crate::search::of_message;
use crate::statement::{ROWS, pieces};

const DOING: &str = "giving messages the words by which they are found";
const GIVING: &str = "giving messages their place in conversations";

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

    pub(crate) async fn give_conversations(&self, limit: u32) -> Result<u64, StoreError> {
        let sent = again!(self.give_phones_to(
            "SELECT id, org, owner, '', COALESCE(recipient, ''), created_at FROM messages \
             WHERE phone IS NULL AND request IS NOT NULL",
            "UPDATE messages SET phone = given.column2 FROM (",
            limit
        ))?;
        let received = again!(self.give_phones_to(
            "SELECT id, org, COALESCE(owner, ''), sim, sender, received_at FROM inbox WHERE phone IS NULL",
            "UPDATE inbox SET phone = given.column2 FROM (",
            limit
        ))?;
        Ok(sent + received)
    }

    /// `select` returns id, organisation, account, SIM of what was received, number, and time.
    async fn give_phones_to(
        &self,
        select: &'static str,
        update: &'static str,
        limit: u32,
    ) -> Result<u64, StoreError> {
        let sql = format!("{select} ORDER BY id LIMIT $1 {}", dialect::SKIP_LOCKED);
        let mut tx = self.begin(GIVING).await?;
        // The text is made of constants of this crate only.
        let phoneless =
            sqlx::query_as::<_, (String, String, String, String, String, i64)>(AssertSqlSafe(sql));
        let phoneless = phoneless.bind(i64::from(limit)).fetch_all(&mut *tx).await;
        let phoneless = phoneless.map_err(failed(GIVING))?;
        let mut phones: Vec<(&str, String)> = Vec::with_capacity(phoneless.len());
        let mut said = Vec::with_capacity(2 * phoneless.len());
        for (id, org, owner, sim, number, at) in &phoneless {
            phones.push((id.as_str(), phone_of(number)));
            let (org, message) = (parsed("org", org)?, parsed("id", id)?);
            let owner = Some(owner.as_str()).filter(|owner| !owner.is_empty());
            let owner: Option<UserId> = parsed_if("owner", owner)?;
            match (owner, Address::from_text(number)) {
                (Some(owner), Address::Number(to)) if sim.is_empty() => {
                    said.extend(Said::sent(org, owner, &to, time(*at), message));
                }
                (_, from) if !sim.is_empty() => {
                    let sim = parsed("inbox.sim", sim)?;
                    said.extend(Said::received(org, owner, sim, &from, time(*at), message));
                }
                _ => {}
            }
        }
        let mut given = 0;
        for some in pieces(&phones, ROWS) {
            let mut sql = QueryBuilder::<Db>::new(update);
            sql.push_values(some, |mut row, (id, phone)| {
                row.push_bind((*id).to_owned()).push_bind(phone.clone());
            });
            sql.push(") AS given WHERE id = given.column1");
            let done = sql.build().execute(&mut *tx).await;
            given += done.map_err(failed(GIVING))?.rows_affected();
        }
        conversations::note(&mut tx, said).await?;
        tx.commit().await.map_err(failed(GIVING))?;
        Ok(given)
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
