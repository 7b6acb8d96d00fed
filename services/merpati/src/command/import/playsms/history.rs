//! Messages of playSMS, as they ended there.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use api::{PastReceived, PastSent};
use contracts::{Timestamp, UserId};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::super::dump::Row;

/// The time zone in which a dump has its times.
pub(super) struct Zone(pub(super) TimeZone);

impl std::str::FromStr for Zone {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let words =
            || format!("'{text}' is no time zone: write one such as Asia/Jakarta, UTC or +07:00");
        let Some(rest) = text.strip_prefix(['+', '-']) else {
            return TimeZone::get(text).map(Self).map_err(|_| words());
        };
        let (hours, minutes) = rest.split_once(':').ok_or_else(words)?;
        let number = |text: &str| text.parse::<i32>().map_err(|_| words());
        let seconds = number(hours)? * 3_600 + number(minutes)? * 60;
        let seconds = if text.starts_with('-') { -seconds } else { seconds };
        let offset = jiff::tz::Offset::from_seconds(seconds).map_err(|_| words())?;
        Ok(Self(TimeZone::fixed(offset)))
    }
}

/// A time of a row; none: there is none that can be read.
pub(super) fn time(row: &Row, column: &str, zone: &Zone) -> Option<Timestamp> {
    let at = DateTime::strptime("%Y-%m-%d %H:%M:%S", row.filled(column)?).ok()?;
    let at = zone.0.to_timestamp(at).ok()?;
    Some(Timestamp::from_micros(at.as_microsecond()))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_names_or_offsets() {
        for good in ["UTC", "Asia/Jakarta", "+07:00", "-03:30"] {
            assert!(good.parse::<Zone>().is_ok(), "{good}");
        }
        for bad in ["", "Jakarta", "+7", "+99:00", "+a:b"] {
            assert!(bad.parse::<Zone>().is_err(), "{bad}");
        }
    }
}
