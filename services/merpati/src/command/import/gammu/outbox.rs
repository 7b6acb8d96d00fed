//! What gammu-smsd had not sent yet: `outbox`, and `outbox_multipart` with the parts of long messages behind the first.

use std::collections::{BTreeMap, HashMap};

use api::PastSent;
use contracts::Timestamp;

use super::super::dump::{Place, Row};
use super::super::report::Report;
use super::super::waiting::Waiting;
use super::super::whose::Whose;
use super::super::zone::Zone;
use super::{parts, time};

/// The most long messages whose parts are waited for, and the most parts of one.
const MOST: usize = 2_000;
const MOST_PARTS: usize = 255;

/// A message of which parts may come.
struct Long {
    place: Place,
    message: PastSent,
    parts: BTreeMap<i64, String>,
}

/// See the module.
pub(super) struct Outbox<'a> {
    waiting: Waiting<'a>,
    now: Timestamp,
    /// By their numbers.
    long: HashMap<i64, Long>,
    /// Parts that came before their message.
    early: HashMap<i64, BTreeMap<i64, String>>,
}

/// Words for a message that is left alone.
fn left(row: &Row, why: &str) -> String {
    let to = row.filled("destinationnumber").unwrap_or_default();
    format!("a message to {to} {why}; it is left alone, and is not sent")
}

/// Names a message that still waits.
pub(super) fn name(row: &Row, report: &mut Report) {
    report.remark(&row.place, &left(row, "still waits there"));
}

impl<'a> Outbox<'a> {
    pub(super) fn new(waiting: Waiting<'a>, now: Timestamp) -> Self {
        Self { waiting, now, long: HashMap::new(), early: HashMap::new() }
    }

    /// A row of `outbox`: sent, unless its other parts have to come first.
    pub(super) async fn message(
        &mut self,
        row: &Row,
        (whose, zone): (&Whose, &Zone),
        report: &mut Report,
    ) -> anyhow::Result<()> {
        let Some(id) = row.number("id") else { return Ok(()) };
        let due = time(row, "sendingdatetime", zone);
        let why = match parts::text(row) {
            None => Some("is data"),
            // Gammu writes a text that it has to encode itself, or only the octets of one.
            Some(text) if text.is_empty() => Some("has no text that can be read"),
            Some(_) if row.number("class") == Some(0) => Some("is to be shown at once (flash)"),
            Some(_) if due.is_some_and(|due| due > self.now) => Some("is for a later time"),
            Some(_) => None,
        };
        if let Some(why) = why {
            report.remark(&row.place, &left(row, why));
            return Ok(());
        }
        let message = PastSent {
            source: format!("outbox/{id}/{}", row.filled("insertintodb").unwrap_or_default()),
            number: None,
            owner: whose.id(),
            to: row.filled("destinationnumber").unwrap_or_default(),
            text: parts::text(row).unwrap_or_default(),
            state: "cancelled".to_owned(),
            at: time(row, "insertintodb", zone).or(due).unwrap_or(self.now),
            ended_at: None,
        };
        let multipart = row.filled("multipart").unwrap_or_default().to_ascii_lowercase();
        if !matches!(multipart.as_str(), "true" | "t" | "1") {
            return self.waiting.add(&row.place, message, report).await;
        }
        if self.long.len() >= MOST {
            report.remark(&row.place, &left(row, "is long, as too many before it are"));
            return Ok(());
        }
        let parts = self.early.remove(&id).unwrap_or_default();
        self.long.insert(id, Long { place: row.place, message, parts });
        Ok(())
    }

    /// A row of `outbox_multipart`.
    pub(super) fn part(&mut self, row: &Row) {
        let (Some(id), Some(position)) = (row.number("id"), row.number("sequenceposition")) else {
            return;
        };
        let text = parts::text(row).unwrap_or_default();
        let parts = match self.long.get_mut(&id) {
            Some(long) => &mut long.parts,
            None if self.early.len() < MOST => self.early.entry(id).or_default(),
            None => return,
        };
        if parts.len() < MOST_PARTS {
            parts.insert(position, text);
        }
    }

    /// After the last row: the long ones are sent, too, when all of their parts are there.
    pub(super) async fn rest(mut self, report: &mut Report) -> anyhow::Result<()> {
        let mut long: Vec<(i64, Long)> = self.long.drain().collect();
        long.sort_by_key(|(id, _)| *id);
        for (_, Long { place, mut message, parts }) in long {
            // The first is the row of the message itself.
            let is_whole = !parts.is_empty() && parts.keys().copied().eq((2..).take(parts.len()));
            if is_whole {
                message.text.extend(parts.into_values());
                self.waiting.add(&place, message, report).await?;
            } else {
                let words = format!(
                    "a message to {} lacks parts; it is left alone, and is not sent",
                    message.to
                );
                report.remark(&place, &words);
            }
        }
        self.waiting.send(report).await
    }
}
