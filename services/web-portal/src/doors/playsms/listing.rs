//! `op=ds`, `in`, `ix` and `sx`: what was sent, and what was received. Newest first; times are in UTC.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use contracts::{Address, BatchId, MtState, PhoneNumber, SimId, Timestamp};
use jiff::civil::{Date, DateTime, Time};
use jiff::{Span, tz};
use store::{InboxFilter, Message, MessageFilter, Page, Received};
use uuid::Uuid;

use super::reply::{Done, Fault, Refusal, data};
use super::value::Value;
use crate::acts::batch::{self, BatchError};
use crate::acts::{history, inbox, sim};
use crate::app::App;
use crate::authority::Authority;
use crate::form::Form;
use crate::power::Power;

/// How many are listed when nobody says.
const USUAL: u32 = 100;
/// How many are listed at most.
const MOST: u32 = 1_000;
/// Pages of [`MOST`] that are looked through for a keyword.
const PAGES: usize = 10;

/// `ds`: messages sent, each with what became of it.
pub(super) async fn sent(app: &App, authority: &Authority, form: &Form) -> Result<Done, Refusal> {
    let no_status = || Refusal::of(Fault::NoStatus);
    let numbers = app.fleet.numbers(authority.org).await;
    let item = |message: &Message| outgoing(message, &numbers);
    // playSMS takes 0 for none, too.
    if let Some(number) = number(form, "smslog_id")?.filter(|number| *number != 0) {
        let found = history::numbered(app, authority, number).await?;
        return data(vec![item(&found.ok_or_else(no_status)?)]);
    }
    let batch = match form.filled("queue") {
        None => None,
        Some(queue) => {
            let id = Uuid::try_parse(queue).map(BatchId::from_uuid).map_err(|_| no_status())?;
            // The rows of a batch that was just accepted are waited for.
            match batch::progress(app, authority, id).await {
                Ok(_) => Some(id),
                Err(BatchError::NoSuchBatch) => return Err(no_status()),
                Err(BatchError::Denied(denied)) => return Err(denied.into()),
                Err(other) => return Err(Refusal::later(Fault::NoStatus, &other)),
            }
        }
    };
    let to = form.filled("dst").map(|to| app.settings.numbering.written(to)).transpose();
    let to = to.map_err(|_| no_status())?;
    let sim = match form.filled("src") {
        None => None,
        Some(from) => Some(sim::with_number(&numbers, from).ok_or_else(no_status)?),
    };
    let (since, until) = period(form)?;
    let filter = MessageFilter {
        to,
        sim,
        batch,
        since,
        until,
        numbers: after(form)?,
        ..MessageFilter::default()
    };
    let page = history::list(app, authority, &filter, page(form)?).await?;
    let items: Vec<Value> = page.messages.iter().map(item).collect();
    if items.is_empty() { Err(no_status()) } else { data(items) }
}

/// `ix`: messages received.
pub(super) async fn received(
    app: &App,
    authority: &Authority,
    form: &Form,
) -> Result<Done, Refusal> {
    let Some(filter) = filter(app, authority, form).await? else { return data(Vec::new()) };
    let page = inbox::list(app, authority, &filter, page(form)?).await?;
    data(page.messages.iter().map(incoming).collect())
}

/// `sx`: messages received, for administrators; what no feature took for itself.
pub(super) async fn of_everybody(
    app: &App,
    authority: &Authority,
    form: &Form,
) -> Result<Done, Refusal> {
    if !authority.may(Power::UsersManage) {
        return Err(Refusal::of(Fault::Nothing));
    }
    received(app, authority, form).await
}

/// `in`: messages received, each by its first word.
pub(super) async fn by_keyword(
    app: &App,
    authority: &Authority,
    form: &Form,
) -> Result<Done, Refusal> {
    let Some(filter) = filter(app, authority, form).await? else { return data(Vec::new()) };
    let wanted = page(form)?.limit;
    let keyword = form.filled("kwd").map(str::to_uppercase);
    let mut items = Vec::new();
    let mut page = Page { before: None, limit: if keyword.is_some() { MOST } else { wanted } };
    for _ in 0..PAGES {
        let found = inbox::list(app, authority, &filter, page).await?;
        let fits = found.messages.iter().filter_map(|one| {
            let (word, rest) = split(one)?;
            keyword.as_ref().is_none_or(|keyword| word == *keyword).then(|| keyed(one, word, rest))
        });
        items.extend(fits);
        page.before = found.next;
        if items.len() >= usize::try_from(wanted).unwrap_or(usize::MAX) || page.before.is_none() {
            break;
        }
    }
    items.truncate(usize::try_from(wanted).unwrap_or(usize::MAX));
    data(items)
}

/// The first word, in upper case, and what follows it.
fn split(received: &Received) -> Option<(String, &str)> {
    let text = received.text.as_deref()?.trim();
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    (!word.is_empty()).then(|| (word.to_uppercase(), rest.trim_start()))
}

/// None where it is to be one that came to a number which no SIM has.
async fn filter(
    app: &App,
    authority: &Authority,
    form: &Form,
) -> Result<Option<InboxFilter>, Refusal> {
    let from = form.filled("src").map(Address::from_text);
    let (since, until) = period(form)?;
    let mut filter =
        InboxFilter { from, since, until, numbers: after(form)?, ..InboxFilter::default() };
    if let Some(to) = form.filled("dst") {
        let numbers = app.fleet.numbers(authority.org).await;
        let Some(sim) = sim::with_number(&numbers, to) else { return Ok(None) };
        filter.sim = Some(sim);
    }
    Ok(Some(filter))
}

fn page(form: &Form) -> Result<Page, Refusal> {
    Ok(Page { before: None, limit: count(form)? })
}

/// How many are asked for.
pub(super) fn count(form: &Form) -> Result<u32, Refusal> {
    let count = number(form, "c")?.filter(|count| *count > 0);
    Ok(count.map_or(USUAL, |count| u32::try_from(count).unwrap_or(MOST).min(MOST)))
}

/// Only what has a higher number than `last`.
fn after(form: &Form) -> Result<Option<RangeInclusive<i64>>, Refusal> {
    Ok(number(form, "last")?.map(|last| last.saturating_add(1)..=i64::MAX))
}

fn number(form: &Form, name: &str) -> Result<Option<i64>, Refusal> {
    let number = form.filled(name).map(str::parse::<i64>).transpose();
    number.map_err(|_| Refusal::with(Fault::Nothing, format!("{name}: this is no number")))
}

/// The times that `dt` is the beginning of: a day, an hour, a minute or a second.
fn period(form: &Form) -> Result<(Option<Timestamp>, Option<Timestamp>), Refusal> {
    let Some(written) = form.filled("dt") else { return Ok((None, None)) };
    let period = moments(written).ok_or_else(|| {
        let words = "dt: this is no time, write YYYY-MM-DD or YYYY-MM-DD hh:mm:ss in UTC";
        Refusal::with(Fault::Nothing, words)
    })?;
    Ok((Some(period.0), Some(period.1)))
}

fn moments(written: &str) -> Option<(Timestamp, Timestamp)> {
    let (date, time) = written.split_once(' ').unwrap_or((written, ""));
    let date = Date::strptime("%Y-%m-%d", date).ok()?;
    let (time, length) = match time.split(':').count() {
        _ if time.is_empty() => (Time::midnight(), Span::new().days(1)),
        1 => (Time::strptime("%H:%M", format!("{time}:00")).ok()?, Span::new().hours(1)),
        2 => (Time::strptime("%H:%M", time).ok()?, Span::new().minutes(1)),
        _ => (Time::strptime("%H:%M:%S", time).ok()?, Span::new().seconds(1)),
    };
    let begin = DateTime::from_parts(date, time);
    let end = begin.checked_add(length).ok()?;
    Some((in_utc(begin)?, in_utc(end)?))
}

fn in_utc(at: DateTime) -> Option<Timestamp> {
    let at = tz::Offset::UTC.to_timestamp(at).ok()?;
    Some(Timestamp::from_micros(at.as_microsecond()))
}

/// A time as playSMS writes it.
fn written(at: Timestamp) -> Value {
    Value::Text(at.to_jiff().strftime("%Y-%m-%d %H:%M:%S").to_string())
}

fn source<'a>(message: &Message, numbers: &'a HashMap<SimId, PhoneNumber>) -> &'a str {
    message.sim.and_then(|sim| numbers.get(&sim)).map_or("", PhoneNumber::as_str)
}

fn outgoing(message: &Message, numbers: &HashMap<SimId, PhoneNumber>) -> Value {
    let text = match &message.body {
        contracts::mt::Body::Text { text, .. } => text,
        contracts::mt::Body::Data { data } => data,
    };
    Value::Map(vec![
        ("smslog_id", Value::Text(message.number.to_string())),
        ("src", Value::text(source(message, numbers))),
        ("dst", Value::text(message.to.as_str())),
        ("msg", Value::text(text)),
        ("dt", written(message.created_at)),
        ("update", written(message.updated_at)),
        ("status", Value::text(status(message.state))),
    ])
}

/// 0 on its way, 1 sent, 2 failed, 3 delivered.
const fn status(state: MtState) -> &'static str {
    match state {
        MtState::Accepted
        | MtState::Admitted
        | MtState::Held
        | MtState::Released
        | MtState::Deferred
        | MtState::Sending
        | MtState::Uncertain
        | MtState::Unknown => "0",
        MtState::Sent => "1",
        MtState::Rejected
        | MtState::Cancelled
        | MtState::Expired
        | MtState::Failed
        | MtState::Undelivered => "2",
        MtState::Delivered => "3",
    }
}

fn incoming(received: &Received) -> Value {
    let text = received.text.as_ref().or(received.data.as_ref());
    let text = text.map(String::as_str).unwrap_or_default();
    let mut fields = head(received);
    fields.push(("msg", Value::text(text)));
    fields.push(("dt", written(received.received_at)));
    Value::Map(fields)
}

fn keyed(received: &Received, word: String, rest: &str) -> Value {
    let mut fields = head(received);
    fields.push(("kwd", Value::Text(word)));
    fields.push(("msg", Value::text(rest)));
    fields.push(("dt", written(received.received_at)));
    fields.push(("status", Value::text("1")));
    Value::Map(fields)
}

fn head(received: &Received) -> Vec<(&'static str, Value)> {
    let to = received.to.as_ref().map(PhoneNumber::as_str).unwrap_or_default();
    vec![
        ("id", Value::Text(received.number.to_string())),
        ("src", Value::Text(received.from.to_string())),
        ("dst", Value::text(to)),
    ]
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_time_may_be_cut_anywhere() {
        let moments = |written: &str| {
            let (begin, end) = super::moments(written)?;
            Some(format!("{}/{}", begin.to_jiff(), end.to_jiff()))
        };
        let is = |text: &str| Some(text.to_owned());
        assert_eq!(moments("2026-12-31"), is("2026-12-31T00:00:00Z/2027-01-01T00:00:00Z"));
        assert_eq!(moments("2026-11-30 14"), is("2026-11-30T14:00:00Z/2026-11-30T15:00:00Z"));
        assert_eq!(moments("2026-11-30 14:05"), is("2026-11-30T14:05:00Z/2026-11-30T14:06:00Z"));
        assert_eq!(moments("2026-11-30 14:05:06"), is("2026-11-30T14:05:06Z/2026-11-30T14:05:07Z"));
        for wrong in ["", "x", "2026-13-01", "2026-11-30 25", "2026-11-30 14:05:06:07"] {
            assert_eq!(moments(wrong), None, "{wrong}");
        }
    }
}
