//! `GET Messages.json`: messages sent and received, together, newest first.

use axum::response::Response;
use contracts::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use store::{Cursor, InboxFilter, MessageFilter, Page};

use super::Asked;
use super::reply::{self, Code, Refusal};
use super::shown::{Numbers, Shown};
use crate::acts::{history, inbox, sim};
use crate::app::{App, Settings};
use crate::doors::refused::Refused;
use crate::form::Form;
use crate::power::Power;

/// How many a page has when nobody says, and at most.
const USUAL: u32 = 50;
const MOST: u32 = 1_000;
/// What of a request stands in the address of the next page, too.
const KEPT: [&str; 5] = ["To", "From", "DateSent", "DateSent>", "DateSent<"];

/// Where a page begins in each of the two lists. None: at its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Place {
    sent: Option<Cursor>,
    received: Option<Cursor>,
}

impl Place {
    /// Both, as they stand in the address of a page.
    fn written(self) -> String {
        let one =
            |cursor: Option<Cursor>| cursor.map(|cursor| cursor.to_string()).unwrap_or_default();
        format!("{}~{}", one(self.sent), one(self.received))
    }

    fn read(text: &str) -> Option<Self> {
        let one = |text: &str| match text {
            "" => Some(None),
            text => text.parse().ok().map(Some),
        };
        let (sent, received) = text.split_once('~')?;
        Some(Self { sent: one(sent)?, received: one(received)? })
    }
}

/// What is wanted of each list. None: nothing of it.
struct Wanted {
    sent: Option<MessageFilter>,
    received: Option<InboxFilter>,
}

pub(super) async fn list(app: &App, asked: &Asked) -> Result<Response, Refusal> {
    let (form, authority) = (&asked.form, &asked.authority);
    let number = |name: &str, most: u32| match form.filled(name).map(str::parse::<u32>) {
        None => Ok(None),
        Some(Ok(number)) if number <= most => Ok(Some(number)),
        Some(_) => {
            let words = format!("{name}: this is a number, and at most {most}");
            Err(Refusal::new(Code::Invalid, words))
        }
    };
    let size = number("PageSize", MOST)?.filter(|size| *size > 0).unwrap_or(USUAL);
    let page = number("Page", u32::MAX - 1)?.unwrap_or_default();
    let place = form.filled("PageToken").map_or(Some(Place::default()), Place::read);
    let place = place.ok_or_else(|| {
        Refusal::new(Code::Invalid, "PageToken: take it from next_page_uri of the page before")
    })?;
    let numbers = app.fleet.numbers(authority.org).await;
    let mut wanted = wanted(form, &numbers, &app.settings)?;
    if !authority.may(Power::InboxRead) {
        wanted.received = None;
    }
    let mut sent = Vec::new();
    let mut more = false;
    if let Some(filter) = &wanted.sent {
        let found = Page { before: place.sent, limit: size };
        let found = history::list(app, authority, filter, found).await.map_err(Refused::from)?;
        (sent, more) = (found.messages, found.next.is_some());
    } else {
        authority.must(Power::MessagesRead).map_err(Refused::from)?;
    }
    let mut received = Vec::new();
    if let Some(filter) = &wanted.received {
        let found = Page { before: place.received, limit: size };
        let found = inbox::list(app, authority, filter, found).await.map_err(Refused::from)?;
        more |= found.next.is_some();
        received = found.messages;
    }
    let (mut next, mut messages) = (place, Vec::new());
    let (mut sent, mut received) = (sent.iter().peekable(), received.iter().peekable());
    while messages.len() < usize::try_from(size).unwrap_or(usize::MAX) {
        let is_sent = match (sent.peek(), received.peek()) {
            (None, None) => break,
            (Some(out), Some(come)) => out.created_at >= come.received_at,
            (out, _) => out.is_some(),
        };
        if is_sent {
            let Some(message) = sent.next() else { break };
            next.sent = Some(message.cursor());
            messages.push(Shown::sent(message, &asked.account, &numbers));
        } else {
            let Some(message) = received.next() else { break };
            next.received = Some(message.cursor());
            messages.push(Shown::received(message, &asked.account, &numbers));
        }
    }
    more |= sent.peek().is_some() || received.peek().is_some();
    let uri = |page: u32, place: Option<Place>| address(asked, size, page, place);
    Ok(reply::list(&reply::List {
        first_page_uri: uri(0, None),
        end: messages.len().saturating_sub(1),
        previous_page_uri: None,
        uri: uri(page, (page > 0).then_some(place)),
        page_size: size,
        start: 0,
        next_page_uri: more.then(|| uri(page.saturating_add(1), Some(next))),
        page,
        messages,
    }))
}

fn wanted(form: &Form, numbers: &Numbers, settings: &Settings) -> Result<Wanted, Refusal> {
    let (since, until) = period(form)?;
    let mut sent = Some(MessageFilter { since, until, ..MessageFilter::default() });
    let mut received = Some(InboxFilter { since, until, ..InboxFilter::default() });
    let sim_of = |written: &str| sim::with_number(numbers, written);
    if let Some(to) = form.filled("To") {
        let number = settings.numbering.written(to).map_err(|error| {
            Refusal::new(Code::BadTo, format!("Invalid 'To' Phone Number: {error}"))
        })?;
        sent = sent.map(|filter| MessageFilter { to: Some(number), ..filter });
        let sim = sim_of(to);
        received = sim.and_then(|sim| Some(InboxFilter { sim: Some(sim), ..received? }));
    }
    if let Some(from) = form.filled("From") {
        let sim = sim_of(from);
        sent = sim.and_then(|sim| Some(MessageFilter { sim: Some(sim), ..sent? }));
        let sender = Some(settings.address(from));
        received = received.map(|filter| InboxFilter { from: sender, ..filter });
    }
    Ok(Wanted { sent, received })
}

type Period = (Option<Timestamp>, Option<Timestamp>);

/// A day, or what is after or before a day or a time; a message is of the time when it was accepted.
fn period(form: &Form) -> Result<Period, Refusal> {
    let at = |name: &str| match form.filled(name) {
        None => Ok(None),
        Some(written) => time(written).map(Some).ok_or_else(|| {
            let words =
                format!("{name}: this is no time, write 2026-11-30 or 2026-11-30T20:36:27Z");
            Refusal::new(Code::Invalid, words)
        }),
    };
    if let Some(day) = at("DateSent")? {
        return Ok((Some(day), Some(day.plus(std::time::Duration::from_hours(24)))));
    }
    Ok((at("DateSent>")?, at("DateSent<")?))
}

fn time(written: &str) -> Option<Timestamp> {
    let at = if let Ok(at) = written.parse::<jiff::Timestamp>() {
        at
    } else {
        let day = Date::strptime("%Y-%m-%d", written).ok()?;
        tz::Offset::UTC.to_timestamp(day.to_datetime(Time::midnight())).ok()?
    };
    Some(Timestamp::from_micros(at.as_microsecond()))
}

/// The address of a page, with what was asked for.
fn address(asked: &Asked, size: u32, page: u32, place: Option<Place>) -> String {
    let mut fields =
        vec![("PageSize".to_owned(), size.to_string()), ("Page".to_owned(), page.to_string())];
    for name in KEPT {
        if let Some(value) = asked.form.filled(name) {
            fields.push((name.to_owned(), value.to_owned()));
        }
    }
    if let Some(place) = place {
        fields.push(("PageToken".to_owned(), place.written()));
    }
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let fields: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)))
        .collect();
    format!("/2010-04-01/Accounts/{}/Messages.json?{}", asked.account, fields.join("&"))
}

#[cfg(test)]
mod tests {
    use contracts::MessageId;

    use super::*;

    #[test]
    fn a_place_is_read_back() {
        let cursor = Cursor { at: Timestamp::from_micros(7), id: MessageId::derived("x") };
        for place in [
            Place::default(),
            Place { sent: Some(cursor), received: None },
            Place { sent: Some(cursor), received: Some(cursor) },
        ] {
            assert_eq!(Place::read(&place.written()), Some(place));
        }
        for wrong in ["", "x", "x~", "~x", "~~"] {
            assert_eq!(Place::read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_time_is_a_day_or_a_moment() {
        let time = |written| super::time(written).map(|at| at.to_jiff().to_string());
        assert_eq!(time("2026-11-30").as_deref(), Some("2026-11-30T00:00:00Z"));
        assert_eq!(time("2026-11-30T20:36:27+07:00").as_deref(), Some("2026-11-30T13:36:27Z"));
        assert_eq!(time("yesterday"), None);
    }
}
