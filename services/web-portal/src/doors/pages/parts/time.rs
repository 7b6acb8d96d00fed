//! Points in time, as pages show them: all of one page in one zone, which its foot names.
//!
//! The zone is the one that the account chose, else that of the browser, which `zone.js` notes in a cookie, else that of the
//! gateway's machine. It is noted once, around all pages, and read where a time is written, so that no page can write one in
//! another zone. Rejected: a script that writes the times anew, which is a second form of each of them, and none for readers
//! without JavaScript.

use std::fmt;

use askama::filters::HtmlSafe;
use contracts::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use recurrence::LONGEST_ZONE;

use crate::doors::pages::hostile::Hostile;

tokio::task_local! {
    /// The zone of the page that is being made.
    static ZONE: TimeZone;
}

/// Does work for a reader whose clock is that of a zone.
pub(crate) async fn in_zone<T>(zone: TimeZone, work: impl Future<Output = T>) -> T {
    ZONE.scope(zone, work).await
}

/// The zone of the page that is being made. Beside all pages it is that of the machine.
pub(crate) fn zone_here() -> TimeZone {
    ZONE.try_with(TimeZone::clone).unwrap_or_else(|_| TimeZone::system())
}

/// The zone of an IANA name; none: no zone is called so.
pub(crate) fn zone_named(name: &str) -> Option<TimeZone> {
    let found = (name.len() <= LONGEST_ZONE).then(|| TimeZone::get(name).ok()).flatten();
    found.filter(|zone| !zone.is_unknown())
}

/// What encloses a point in time within a [`Sentence`]: characters that Unicode leaves to private use.
const OPEN: char = '\u{e000}';
const CLOSE: char = '\u{e001}';

/// A point in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct When(pub(crate) Timestamp);

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let local = self.0.to_jiff().to_zoned_datetime(zone_here());
        let text = local.strftime("%Y-%m-%d %H:%M:%S");
        write!(f, "<time datetime=\"{}\">{text}</time>", self.0)
    }
}

impl HtmlSafe for When {}

/// Returns the name of the zone of the page that is being made: `Asia/Jakarta`, else the abbreviation that holds now.
pub(crate) fn zone(now: Timestamp) -> String {
    let zone = zone_here();
    zone.iana_name().map_or_else(
        || now.to_jiff().to_zoned_datetime(zone.clone()).strftime("%Z").to_string(),
        str::to_owned,
    )
}

/// The begin of one day and the end of another by the clock of the reader, each none where nothing is written. None:
/// something is written that is no day.
pub(crate) fn days(from: &str, to: &str) -> Option<(Option<Timestamp>, Option<Timestamp>)> {
    let day = |written: &str| match written.trim() {
        "" => Some(None),
        written => written.parse::<Date>().ok().map(Some),
    };
    let begin = |day: Date| {
        let begin = day.to_zoned_datetime(zone_here()).ok()?;
        Some(Timestamp::from(begin.timestamp()))
    };
    let since = match day(from)? {
        Some(day) => Some(begin(day)?),
        None => None,
    };
    let until = match day(to)? {
        Some(day) => Some(begin(day.tomorrow().ok()?)?),
        None => None,
    };
    Some((since, until))
}

/// A point in time as the variable of a text that becomes a [`Sentence`].
pub(crate) fn within(at: Timestamp) -> String {
    format!("{OPEN}{}{CLOSE}", at.as_micros())
}

/// A text with points in time in it. Others may have written the rest of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Sentence(pub(crate) String);

impl Sentence {
    /// There is nothing to say.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0.as_str();
        while let Some((before, after)) = rest.split_once(OPEN) {
            write!(f, "{}", Hostile(before.to_owned()))?;
            let time = after.split_once(CLOSE).and_then(|(micros, after)| {
                let micros: i64 = micros.parse().ok()?;
                // Others may write these characters too: the years 1 to 9999 are shown, nothing else.
                let known = (-62_135_596_800_000_000..253_402_300_800_000_000).contains(&micros);
                known.then(|| (When(Timestamp::from_micros(micros)), after))
            });
            let Some((when, after)) = time else {
                rest = after;
                continue;
            };
            write!(f, "{when}")?;
            rest = after;
        }
        write!(f, "{}", Hostile(rest.to_owned()))
    }
}

impl HtmlSafe for Sentence {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_in_a_sentence_is_an_element_and_the_rest_is_escaped() {
        let at: Timestamp = "2026-11-28T16:00:00Z".parse().expect("a time");
        let shown = Sentence(format!("<b>Waits until {}: & so on", within(at))).to_string();
        assert!(
            shown.starts_with("&#60;b&#62;Waits until <time datetime=\"2026-11-28T16:00:00Z\">")
        );
        assert!(shown.ends_with("</time>: &#38; so on"), "{shown}");
    }

    #[tokio::test]
    async fn a_time_is_written_by_the_clock_of_the_reader() {
        let shown = |text: &str| When(text.parse().expect("a time")).to_string();
        for (name, at, local) in [
            ("Asia/Jakarta", "2026-11-28T18:00:00Z", "2026-11-29 01:00:00"),
            ("Asia/Kolkata", "2026-11-28T18:45:00Z", "2026-11-29 00:15:00"),
            ("Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25 02:30:00"),
            ("Europe/Berlin", "2026-10-25T01:30:00Z", "2026-10-25 02:30:00"),
            ("Europe/Berlin", "2026-10-25T02:30:00Z", "2026-10-25 03:30:00"),
        ] {
            let zone = zone_named(name).expect("a zone");
            let (text, said) = in_zone(zone, async { (shown(at), zone_name(at)) }).await;
            assert_eq!(text, format!("<time datetime=\"{at}\">{local}</time>"), "{name}");
            assert_eq!(said, name);
        }
    }

    fn zone_name(at: &str) -> String {
        zone(at.parse().expect("a time"))
    }

    #[test]
    fn what_is_no_zone_is_none() {
        for name in ["", "Mars/Olympus", "../etc/passwd", "Etc/Unknown", &"A/".repeat(40)] {
            assert!(zone_named(name).is_none(), "{name}");
        }
    }

    #[test]
    fn days_are_whole_and_what_is_no_day_is_none() {
        assert_eq!(days("", " "), Some((None, None)));
        let (since, until) = days("2026-11-28", "2026-11-28").expect("days");
        let length = until.expect("an end").since(since.expect("a begin"));
        // A day has an hour more or less when a clock is changed.
        assert!((82_800..=90_000).contains(&length.as_secs()), "{length:?}");
        for (from, to) in [("2026-02-30", ""), ("", "tomorrow"), ("9999-12-31", "9999-12-31")] {
            assert_eq!(days(from, to), None, "{from} {to}");
        }
    }

    #[test]
    fn what_others_write_between_the_marks_is_no_time() {
        for text in
            ["\u{e000}", "\u{e000}x\u{e001}", "\u{e000}9223372036854775807\u{e001}", "\u{e001}"]
        {
            assert!(!Sentence(text.to_owned()).to_string().contains("<time"), "{text:?}");
        }
    }
}
