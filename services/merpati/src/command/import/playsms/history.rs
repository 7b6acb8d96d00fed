//! Messages of playSMS, as they ended there.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use api::{PastReceived, PastSent};
use contracts::{Timestamp, UserId};
use jiff::civil::DateTime;

use super::super::dump::Row;
use super::super::zone::Zone;

/// A time of a row; none: there is none that can be read.
pub(super) fn time(row: &Row, column: &str, zone: &Zone) -> Option<Timestamp> {
    zone.at(DateTime::strptime("%Y-%m-%d %H:%M:%S", row.filled(column)?).ok()?)
}

/// What tells a received message from others, in both tables that have it.
pub(super) fn twin(row: &Row, text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    for column in ["in_sender", "in_datetime", text] {
        row.text(column).hash(&mut hasher);
    }
    hasher.finish()
}

/// A message that was sent, or was to be; none: its time cannot be read.
pub(super) fn sent(row: &Row, owner: Option<UserId>, zone: &Zone) -> Option<PastSent> {
    let at = time(row, "p_datetime", zone)?;
    let number = row.number("smslog_id").filter(|number| *number > 0);
    let id = number.or(row.number("id")).unwrap_or_default();
    let mut text = row.text("p_msg").unwrap_or_default();
    if let Some(footer) = row.filled("p_footer") {
        text = format!("{text} {footer}");
    }
    let to = row.filled("p_dst").unwrap_or_default();
    Some(PastSent {
        source: format!("out/{id}/{}/{to}", row.filled("p_datetime").unwrap_or_default()),
        number,
        owner,
        to,
        text,
        state: match row.number("p_status") {
            Some(1) => "sent",
            Some(2) => "failed",
            Some(3) => "delivered",
            // It waited, and is not sent again.
            _ => "cancelled",
        }
        .to_owned(),
        at,
        ended_at: time(row, "p_update", zone).filter(|end| *end >= at),
    })
}

/// A message that was received; none: its time cannot be read.
pub(super) fn received(row: &Row, owner: Option<UserId>, zone: &Zone) -> Option<PastReceived> {
    let is_inbox = &*row.table == "tblSMSInbox";
    let (text, kind) = if is_inbox { ("in_msg", "inbox") } else { ("in_message", "in") };
    let id = row.number("in_id").unwrap_or_default();
    Some(PastReceived {
        source: format!("{kind}/{id}/{}", row.filled("in_datetime").unwrap_or_default()),
        // The other table counts for itself.
        number: Some(id).filter(|id| is_inbox && *id > 0),
        owner,
        from: row.filled("in_sender").unwrap_or_default(),
        to: row.filled("in_receiver"),
        text: row.text(text).unwrap_or_default(),
        at: time(row, "in_datetime", zone)?,
    })
}
