//! Lists as CSV: all that a filter leaves, page by page, so that no more than a page of it is ever held.

use contracts::mt::Body;
use futures_util::future::{BoxFuture, FutureExt as _, ready};
use futures_util::stream::{self, BoxStream, StreamExt as _};
use store::{AuditEntry, AuditPlace, Cursor, InboxFilter, Message, MessageFilter, Page, Received};
use tokio::sync::Semaphore;

use super::audit::{self, NotShown};
use super::{history, inbox};
use crate::acts::not_read::NotRead;
use crate::app::App;
use crate::authority::Authority;
use crate::csv::row;
use crate::power::Power;

/// The most messages of an export.
const MOST_ROWS: usize = 100_000;
/// Messages that are read at once.
const AT_ONCE: u32 = 500;
/// What stands in the last row when there are more.
const CUT: &str =
    "There are more: this has the newest 100000. Ask for less, such as for a shorter time.";

const SENT: [&str; 11] = [
    "id",
    "accepted_at",
    "to",
    "text",
    "data",
    "state",
    "updated_at",
    "parts",
    "sim",
    "error",
    "batch",
];
const RECEIVED: [&str; 9] =
    ["id", "received_at", "from", "to", "text", "data", "parts", "sim", "modem"];

const AUDIT: [&str; 14] = [
    "sequence",
    "at",
    "actor_kind",
    "actor",
    "actor_name",
    "key",
    "door",
    "address",
    "action",
    "subject",
    "subject_name",
    "before",
    "after",
    "hash",
];

/// CSV, piece by piece.
pub(crate) type Csv = BoxStream<'static, Result<String, NotRead>>;

/// A page of rows, and where the next one begins.
type Rows<P> = Result<(Vec<String>, Option<P>), NotRead>;
/// Reads the page of rows after a place; none: the first.
type Read<P> = Box<dyn Fn(Option<P>) -> BoxFuture<'static, Rows<P>> + Send + Sync>;

/// The sent messages in reach that a filter leaves, newest first.
pub(crate) async fn sent(
    app: &App,
    authority: &Authority,
    filter: MessageFilter,
) -> Result<Csv, NotRead> {
    authority.must(Power::MessagesRead)?;
    let (app, authority) = (app.clone(), authority.clone());
    let read: Read<Cursor> = Box::new(move |before| {
        let (app, authority, filter) = (app.clone(), authority.clone(), filter.clone());
        async move {
            let page = Page { before, limit: AT_ONCE };
            let page = history::list(&app, &authority, &filter, page).await?;
            let rows: Vec<String> = page.messages.iter().map(sent_row).collect();
            Rows::Ok((rows, page.next))
        }
        .boxed()
    });
    written(&SENT, read).await
}

/// The received messages in reach that a filter leaves, newest first.
pub(crate) async fn received(
    app: &App,
    authority: &Authority,
    filter: InboxFilter,
) -> Result<Csv, NotRead> {
    authority.must(Power::InboxRead)?;
    let (app, authority) = (app.clone(), authority.clone());
    let read: Read<Cursor> = Box::new(move |before| {
        let (app, authority, filter) = (app.clone(), authority.clone(), filter.clone());
        async move {
            let page = Page { before, limit: AT_ONCE };
            let page = inbox::list(&app, &authority, &filter, page).await?;
            let rows: Vec<String> = page.messages.iter().map(received_row).collect();
            Rows::Ok((rows, page.next))
        }
        .boxed()
    });
    written(&RECEIVED, read).await
}

/// The entries of the audit log that are wanted, newest first.
pub(crate) async fn audit_log(
    app: &App,
    authority: &Authority,
    wanted: &audit::Wanted,
) -> Result<Csv, NotShown> {
    authority.must(Power::AuditRead)?;
    let filter = audit::filter(app, authority, wanted).await?;
    let (app, authority) = (app.clone(), authority.clone());
    let read: Read<AuditPlace> = Box::new(move |before| {
        let (app, authority, filter) = (app.clone(), authority.clone(), filter.clone());
        async move {
            let page = audit::page(&app, &authority, &filter, before, AT_ONCE).await?;
            let rows: Vec<String> = page.entries.iter().map(audit_row).collect();
            Rows::Ok((rows, page.next))
        }
        .boxed()
    });
    Ok(written(&AUDIT, read).await?)
}

/// CSV that is there as a whole.
pub(crate) fn whole(text: String) -> Csv {
    stream::once(ready(Ok(text))).boxed()
}

/// Pages of exports that are read at one time.
static READING: Semaphore = Semaphore::const_new(2);

/// What is left to be written.
struct Going<P> {
    read: Read<P>,
    next: Option<P>,
    rows: usize,
}

/// Reads the first page at once, so that what cannot be read is known before anything is written.
async fn written<P: Send + 'static>(columns: &[&str], read: Read<P>) -> Result<Csv, NotRead> {
    let (rows, next) = in_turn(read(None)).await?;
    let first = row(columns) + &rows.concat();
    let going = Going { read, next, rows: rows.len() };
    let rest = stream::unfold(going, |mut going| async move {
        let before = Some(going.next.take()?);
        if going.rows >= MOST_ROWS {
            return Some((Ok(row(&[CUT])), going));
        }
        match in_turn((going.read)(before)).await {
            Ok((rows, next)) => {
                going.next = next;
                going.rows += rows.len();
                Some((Ok(rows.concat()), going))
            }
            Err(error) => Some((Err(error), going)),
        }
    });
    Ok(stream::once(ready(Ok(first))).chain(rest).boxed())
}

/// Reads a page when few others are being read, so that many who export leave the database to those who send.
pub(super) async fn in_turn<T>(read: impl Future<Output = T>) -> T {
    // Nobody closes it.
    let _place = READING.acquire().await;
    read.await
}

fn sent_row(message: &Message) -> String {
    let (text, data) = match &message.body {
        Body::Text { text, .. } => (text.clone(), String::new()),
        Body::Data { data } => (String::new(), data.clone()),
    };
    row(&[
        message.id.to_string(),
        message.created_at.to_string(),
        message.to.to_string(),
        text,
        data,
        message.state.as_str().to_owned(),
        message.updated_at.to_string(),
        message.parts.map(|parts| parts.to_string()).unwrap_or_default(),
        message.sim.map(|sim| sim.to_string()).unwrap_or_default(),
        message.error.as_ref().map(|error| error.text.clone()).unwrap_or_default(),
        message.batch.map(|batch| batch.to_string()).unwrap_or_default(),
    ])
}

fn received_row(message: &Received) -> String {
    row(&[
        message.id.to_string(),
        message.received_at.to_string(),
        message.from.to_string(),
        message.to.as_ref().map(ToString::to_string).unwrap_or_default(),
        message.text.clone().unwrap_or_default(),
        message.data.clone().unwrap_or_default(),
        message.parts.to_string(),
        message.sim.to_string(),
        message.modem.to_string(),
    ])
}

fn audit_row(entry: &AuditEntry) -> String {
    let json = |fields: &serde_json::Map<String, serde_json::Value>| {
        if fields.is_empty() {
            return String::new();
        }
        serde_json::Value::Object(fields.clone()).to_string()
    };
    row(&[
        entry.sequence.to_string(),
        entry.at.to_string(),
        entry.actor_kind.clone(),
        entry.actor.clone(),
        entry.actor_name.clone(),
        entry.actor_key.clone().unwrap_or_default(),
        entry.door.clone(),
        entry.address.clone().unwrap_or_default(),
        entry.action.clone(),
        entry.subject.clone(),
        entry.subject_name.clone(),
        json(&entry.before),
        json(&entry.after),
        entry.hash.clone(),
    ])
}

#[cfg(test)]
mod tests {
    use tokio::sync::{mpsc, oneshot};

    use super::*;

    #[tokio::test]
    async fn two_exports_read_and_the_others_wait_for_their_turn() {
        let (begun, mut begins) = mpsc::unbounded_channel();
        let mut ends = Vec::new();
        let mut reading = Vec::new();
        for number in 0..4 {
            let (end, ended) = oneshot::channel::<()>();
            let begun = begun.clone();
            ends.push(Some(end));
            reading.push(tokio::spawn(in_turn(async move {
                begun.send(number).unwrap();
                let _ = ended.await;
            })));
        }
        let mut first = [begins.recv().await.unwrap(), begins.recv().await.unwrap()];
        first.sort_unstable();
        assert!(begins.try_recv().is_err() && READING.available_permits() == 0);
        // Each that ends makes room for one.
        for ended in 0..2 {
            let end = ends[first[ended]].take().unwrap();
            end.send(()).unwrap();
            begins.recv().await.unwrap();
            assert!(begins.try_recv().is_err() && READING.available_permits() == 0);
        }
        ends.clear();
        for read in reading {
            read.await.unwrap();
        }
        assert_eq!(READING.available_permits(), 2);
    }
}
