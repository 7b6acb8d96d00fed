//! The queries of notes, which people write into conversations for colleagues.

use contracts::{Address, NoteId, Timestamp};
use sqlx::QueryBuilder;

use super::super::accounts::rows::lock_org;
use super::super::reach::{Rows, push_in_reach};
use super::super::{Database, Db, dialect};
use super::{phone_of, push_writings};
use crate::column::{parsed, storable, time};
use crate::error::failed;
use crate::{Colleague, MOST_THREAD_NOTES, Note, Page, Reach, Reader, StoreError, WriteNoteError};

const READING: &str = "reading the notes of a conversation";
const WRITING: &str = "writing a note";

impl Database {
    pub(crate) async fn note_in_conversation(
        &self,
        reach: Reach,
        reader: Reader,
        with: &Address,
        (by, text): (&Colleague, &str),
        at: Timestamp,
    ) -> Result<Option<Note>, WriteNoteError> {
        reach.must_own(by.id, WRITING)?;
        if !self.conversation_is_there(reach, reader, with).await? {
            return Ok(None);
        }
        let number = storable(&with.to_string());
        let phone = phone_of(&number);
        let mut tx = self.begin(WRITING).await?;
        // From here on another one who writes a note waits, so they are counted rightly.
        lock_org(&mut tx, reach.org, at).await?;
        let sql = "SELECT count(*) FROM thread_notes WHERE org = $1 AND phone = $2";
        let count = sqlx::query_scalar::<_, i64>(sql).bind(reach.org.to_string());
        let count = count.bind(phone.clone()).fetch_one(&mut *tx).await;
        if count.map_err(failed(WRITING))? >= i64::from(MOST_THREAD_NOTES) {
            return Err(WriteNoteError::TooMany);
        }
        let note = Note { id: NoteId::new(), by: by.clone(), text: storable(text), at };
        let sql = "INSERT INTO thread_notes (id, org, phone, number, author, author_name, body, at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        let insert = sqlx::query(sql)
            .bind(note.id.to_string())
            .bind(reach.org.to_string())
            .bind(phone)
            .bind(number)
            .bind(note.by.id.to_string())
            .bind(note.by.name.clone())
            .bind(note.text.clone())
            .bind(at.as_micros());
        insert.execute(&mut *tx).await.map_err(failed(WRITING))?;
        tx.commit().await.map_err(failed(WRITING))?;
        Ok(Some(note))
    }

    /// Reads the notes of a page of the conversation with a number or a name, which is in reach.
    pub(super) async fn notes_with(
        &self,
        reach: Reach,
        with: &Address,
        page: Page,
    ) -> Result<Vec<Note>, StoreError> {
        let mut sql =
            QueryBuilder::<Db>::new("SELECT id, author, author_name, body, at FROM thread_notes");
        sql.push(dialect::along("thread_notes_phone")).push(" WHERE ");
        push_in_reach(&mut sql, &Rows::Shared("org"), reach);
        push_writings(&mut sql, "number", with);
        if let Some(before) = page.before {
            sql.push(" AND (at, id) < (").push_bind(before.at.as_micros()).push(", ");
            sql.push_bind(NoteId::from_uuid(before.id.uuid()).to_string()).push(")");
        }
        sql.push(" ORDER BY at DESC, id DESC LIMIT ");
        sql.push_bind(i64::try_from(page.rows() + 1).unwrap_or(i64::MAX));
        let rows = sql.build_query_as::<(String, String, String, String, i64)>();
        let rows = rows.fetch_all(&self.read).await.map_err(failed(READING))?;
        rows.into_iter()
            .map(|(id, author, name, text, at)| {
                let by = Colleague { id: parsed("thread_notes.author", &author)?, name };
                Ok(Note { id: parsed("thread_notes.id", &id)?, by, text, at: time(at) })
            })
            .collect()
    }
}
