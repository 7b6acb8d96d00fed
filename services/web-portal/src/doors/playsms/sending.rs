//! `op=pv`: sending.

use contracts::Timestamp;
use contracts::mt::{Body, Encoding, SendOptions};

use super::reply::{Done, Fault, Refusal};
use super::value::Value;
use crate::acts::acceptance::{self, Acceptance};
use crate::acts::draft::{Draft, Unsendable};
use crate::app::App;
use crate::authority::Authority;
use crate::form::Form;

/// What `schedule` is written as; UTC, for accounts have no time zone.
const SCHEDULE: &str = "%Y-%m-%d %H:%M:%S";

/// All that is asked for is sent, or nothing of it.
pub(super) async fn send(app: &App, authority: &Authority, form: &Form) -> Result<Done, Refusal> {
    let draft = read(app, form)?;
    draft.is_meant()?;
    let acceptance = acceptance::accept(app, authority, &draft, None).await?;
    Ok(vec![("data", Value::List(items(&acceptance)))])
}

/// `from` is read over: the gateway chooses the modem, and a SIM's number is the sender.
fn read(app: &App, form: &Form) -> Result<Draft, Refusal> {
    let to = form.filled("to").ok_or(Unsendable::NoRecipient)?;
    let text = form.filled("msg").ok_or(Unsendable::Empty)?;
    let to: Vec<String> = to.split(',').map(|one| one.trim().to_owned()).collect();
    if let Some(group) = to.iter().find(|one| one.starts_with(['@', '#'])) {
        let kind = if group.starts_with('@') { "users" } else { "groups" };
        let words = format!("to: messages to {kind} are not sent here yet, name the numbers");
        return Err(Refusal::with(Fault::Unsent, words));
    }
    let class = match form.filled("type") {
        None | Some("text") => None,
        Some("flash") => Some(0),
        Some(_) => return Err(Refusal::with(Fault::Unsent, "type: there are text and flash")),
    };
    let encoding = match form.filled("unicode") {
        None | Some("0") => Encoding::Auto,
        Some("1") => Encoding::Ucs2,
        Some(_) => return Err(Refusal::with(Fault::Unsent, "unicode: this is 0 or 1")),
    };
    let footer =
        form.filled("footer").filter(|_| form.filled("nofooter").is_none_or(|no| no == "0"));
    let text = footer.map_or_else(|| text.to_owned(), |footer| format!("{text} {footer}"));
    let not_before = match form.filled("schedule") {
        None => None,
        Some(written) => Some(scheduled(written).ok_or_else(|| {
            Refusal::with(
                Fault::Unsent,
                "schedule: this is no time, write YYYY-MM-DD hh:mm:ss in UTC",
            )
        })?),
    };
    let options =
        SendOptions { class, languages: app.settings.languages, ..SendOptions::default() };
    let body = Body::Text { text, encoding };
    // What is sent together has one code by which `ds` finds all of it.
    Ok(Draft { to, is_batch: true, not_before, options, ..Draft::of(body) })
}

fn scheduled(written: &str) -> Option<Timestamp> {
    let at = jiff::civil::DateTime::strptime(SCHEDULE, written).ok()?;
    let at = jiff::tz::Offset::UTC.to_timestamp(at).ok()?;
    Some(Timestamp::from_micros(at.as_microsecond()))
}

fn items(acceptance: &Acceptance) -> Vec<Value> {
    let queue = acceptance.batch.map(|batch| batch.uuid().simple().to_string()).unwrap_or_default();
    let item = |message: &acceptance::Accepted| {
        let number = message.request.as_ref().and_then(|request| request.number);
        Value::Map(vec![
            ("status", Value::text("OK")),
            ("error", Value::text("0")),
            ("smslog_id", Value::text(number.map(|number| number.to_string()).unwrap_or_default())),
            ("queue", Value::text(queue.clone())),
            ("to", Value::text(message.to.as_str())),
        ])
    };
    acceptance.messages.iter().map(item).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_is_read_in_utc() {
        let at = scheduled("2027-01-02 03:04:05").unwrap();
        assert_eq!(at.to_jiff().to_string(), "2027-01-02T03:04:05Z");
        for wrong in ["2027-01-02", "2027-02-30 00:00:00", "tomorrow", "2027-01-02 03:04:05 +0700"]
        {
            assert!(scheduled(wrong).is_none(), "{wrong}");
        }
    }
}
