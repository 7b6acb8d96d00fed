//! Reports: how many messages of a time came to which end, and how long they took.
//!
//! What is reported was counted when messages were written ([`store::Tally`]), hour by hour, so a report costs the same for few messages and for many. Days are
//! those of a zone: an hour belongs to the day in which it begins there.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use contracts::modem::ModemState;
use contracts::{Priority, SimId, Timestamp, UserId};
use jiff::Span;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use recurrence::LONGEST_ZONE;
use store::{LOCAL, StoreError, Tally, TallyBy, TallyFilter, TallyKey};

use crate::acts::named;
use crate::acts::not_read::NotRead;
use crate::app::App;
use crate::authority::{Authority, Denied};
use crate::csv::row;
use crate::power::Power;

/// The most days of a report.
pub(crate) const MOST_DAYS: u16 = 400;
/// The most rows of a report. Those of the most messages are kept.
pub(crate) const MOST_ROWS: usize = 1_000;
/// How long a report reaches back when nobody says.
const USUAL: Duration = Duration::from_hours(7 * 24);
/// The most changes of a zone's clock within a report. No zone comes near.
const MOST_CHANGES: usize = 64;

contracts::named! {
    /// By what messages are counted apart.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(crate) enum By {
        /// Day by day.
        Day = "day",
        /// Month by month.
        Month = "month",
        /// By the hour of the day.
        Hour = "hour",
        /// By the account.
        User = "user",
        /// By the SIM.
        Sim = "sim",
        /// By the priority.
        Priority = "priority",
        /// By what went wrong.
        Error = "error",
    }
}

/// The words of [`By`].
pub(crate) const WAYS: [&str; By::ALL.len()] = {
    let mut words = [""; By::ALL.len()];
    let mut n = 0;
    while n < words.len() {
        words[n] = By::ALL[n].as_str();
        n += 1;
    }
    words
};

/// Why nothing is reported.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotReported {
    /// Not with this authority.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The time ends before it begins.
    #[error("'until' has to be later than 'since'")]
    Backwards,
    /// The time is too long.
    #[error(
        "a report is of {} days at most: ask for less, or for one year after the other",
        MOST_DAYS
    )]
    TooLong,
    /// Nobody is called so who is in reach.
    #[error("there is no user '{0}' whose messages you may see")]
    NoSuchUser(String),
    /// The zone.
    #[error("'{0}' is no time zone that is known here: write one such as Asia/Jakarta")]
    NoSuchZone(String),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<NotRead> for NotReported {
    fn from(not_read: NotRead) -> Self {
        match not_read {
            NotRead::Denied(denied) => Self::Denied(denied),
            NotRead::Store(error) => Self::Store(error),
        }
    }
}

/// What is to be reported. What is empty is not asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    /// Messages that were accepted or received at this time or later, to the hour; none: in the seven days before the end.
    pub(crate) since: Option<Timestamp>,
    /// Messages of before this time, to the hour; none: until now.
    pub(crate) until: Option<Timestamp>,
    /// The name or the id of an account.
    pub(crate) user: String,
    /// Only those through this SIM.
    pub(crate) sim: Option<SimId>,
    /// Only those of this priority; what was received has none.
    pub(crate) priority: Option<Priority>,
}

/// The messages of a time, counted.
#[derive(Debug, Clone)]
pub(crate) struct Report {
    /// The begin of the first hour.
    pub(crate) since: Timestamp,
    /// The end of the last hour.
    pub(crate) until: Timestamp,
    /// All of them.
    pub(crate) total: Tally,
}

/// Messages that have something in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    /// A day as `2026-12-01`, a month as `2026-12`, an hour of the day, an id, a word, or the code of what went wrong; empty: none of these.
    pub(crate) key: String,
    /// What it is called, where it has a name.
    pub(crate) name: Option<String>,
    /// How many they are.
    pub(crate) tally: Tally,
}

/// The rows of a report.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rows {
    /// Days and hours in their order, with those that have nothing; all others by how many messages they have.
    pub(crate) rows: Vec<Row>,
    /// How many rows more there would be.
    pub(crate) more: usize,
}

/// The zone of a name.
pub(crate) fn zone(name: &str) -> Result<TimeZone, NotReported> {
    let unknown = || NotReported::NoSuchZone(name.chars().take(LONGEST_ZONE).collect());
    let found = (name.len() <= LONGEST_ZONE).then(|| TimeZone::get(name).ok()).flatten();
    found.filter(|zone| !zone.is_unknown()).ok_or_else(unknown)
}

/// What a report counts, checked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked {
    filter: TallyFilter,
}

impl Asked {
    /// Checks what is wanted, and looks for whom it is about.
    pub(crate) async fn of(
        app: &App,
        authority: &Authority,
        wanted: &Wanted,
    ) -> Result<Self, NotReported> {
        authority.must(Power::ReportsRead)?;
        let until = wanted.until.unwrap_or_else(|| {
            // Of a time that has not come there is nothing yet.
            let begun = wanted.since.map(|since| since.plus(Duration::from_hours(1)));
            begun.into_iter().fold(app.clock.now(), Timestamp::max)
        });
        let since = wanted.since.unwrap_or_else(|| until.minus(USUAL));
        if since >= until {
            return Err(NotReported::Backwards);
        }
        if until.since(since) > Duration::from_hours(24) * u32::from(MOST_DAYS) {
            return Err(NotReported::TooLong);
        }
        let account = match wanted.user.trim() {
            "" => None,
            said => Some(account(app, authority, said).await?),
        };
        let (since, until) = (next_hour(since), next_hour(until));
        let (sim, priority) = (wanted.sim, wanted.priority);
        Ok(Self { filter: TallyFilter { since, until, account, sim, priority } })
    }

    /// All messages together.
    pub(crate) async fn total(
        &self,
        app: &App,
        authority: &Authority,
    ) -> Result<Report, NotReported> {
        authority.must(Power::ReportsRead)?;
        let all = app.store.tallies(authority.reach, &self.filter, TallyBy::All).await?;
        let total = all.into_iter().next().map(|(_, tally)| tally).unwrap_or_default();
        Ok(Report { since: self.filter.since, until: self.filter.until, total })
    }

    /// The messages counted apart, days and hours by the clocks of a zone.
    pub(crate) async fn rows(
        &self,
        app: &App,
        authority: &Authority,
        by: By,
        zone: &TimeZone,
    ) -> Result<Rows, NotReported> {
        authority.must(Power::ReportsRead)?;
        let (store, reach) = (&app.store, authority.reach);
        let mut rows = match by {
            By::Day => return self.by_clock(app, authority, zone, TallyBy::Day).await,
            By::Hour => return self.by_clock(app, authority, zone, TallyBy::Hour).await,
            By::Month => return self.by_month(app, authority, zone).await,
            By::User => {
                let found = store.tallies(reach, &self.filter, TallyBy::Account).await?;
                // Many at once, for a name each would be a query each.
                let users = store.users(reach).await?;
                // What the command line and services without an account send has one without a name.
                let mut names: HashMap<UserId, String> = users
                    .into_iter()
                    .map(|user| (user.id, user.name))
                    .chain([(UserId::internal(), LOCAL.to_owned())])
                    .collect();
                // The accounts of those whom a manager leads are not the manager's, and are not many.
                for (key, _) in found.iter().filter(|_| reach.leads().is_some()) {
                    if let TallyKey::Account(Some(id)) = key
                        && !names.contains_key(id)
                        && let Some(name) = store.user_name(reach, *id).await?
                    {
                        names.insert(*id, name);
                    }
                }
                keyed(found, |key| match key {
                    TallyKey::Account(Some(id)) => (id.to_string(), names.get(id).cloned()),
                    _ => (String::new(), None),
                })
            }
            By::Sim => {
                let found = store.tallies(reach, &self.filter, TallyBy::Sim).await?;
                let names = sim_names(app, authority).await;
                keyed(found, |key| match key {
                    TallyKey::Sim(Some(id)) => (id.to_string(), names.get(id).cloned()),
                    _ => (String::new(), None),
                })
            }
            By::Priority => {
                let found = store.tallies(reach, &self.filter, TallyBy::Priority).await?;
                keyed(found, |key| match key {
                    TallyKey::Priority(priority) => (priority.as_str().to_owned(), None),
                    _ => (String::new(), None),
                })
            }
            By::Error => {
                let found = store.tallies(reach, &self.filter, TallyBy::Error).await?;
                let all = keyed(found, |key| match key {
                    TallyKey::Error(code) => (code.clone(), None),
                    _ => (String::new(), None),
                });
                // What did not go wrong is no error.
                all.into_iter()
                    .filter(|row| row.tally.went_wrong() > 0 && !row.key.is_empty())
                    .collect()
            }
        };
        rows.sort_by_cached_key(|row| {
            (Reverse(row.tally.accepted() + row.tally.received), row.key.clone())
        });
        let more = rows.len().saturating_sub(MOST_ROWS);
        rows.truncate(MOST_ROWS);
        Ok(Rows { rows, more })
    }

    /// The SIMs that are in modems, by their names.
    pub(crate) async fn sims(
        &self,
        app: &App,
        authority: &Authority,
    ) -> Result<Vec<(SimId, String)>, NotReported> {
        authority.must(Power::ReportsRead)?;
        let mut sims: Vec<_> = sim_names(app, authority).await.into_iter().collect();
        sims.sort_by(|(_, a), (_, b)| a.cmp(b));
        Ok(sims)
    }

    /// How many days the time has, begun ones too.
    pub(crate) fn days(&self) -> u64 {
        self.filter.until.since(self.filter.since).as_secs().div_ceil(86_400)
    }

    /// The messages month by month: each is counted by its days, which are few.
    async fn by_month(
        &self,
        app: &App,
        authority: &Authority,
        zone: &TimeZone,
    ) -> Result<Rows, NotReported> {
        authority.must(Power::ReportsRead)?;
        let mut rows = Vec::new();
        let mut since = self.filter.since;
        while since < self.filter.until {
            let month = zone.to_datetime(since.to_jiff()).date().first_of_month();
            let until = next_month(month, zone).map_or(self.filter.until, next_hour);
            // The begin of a month is never before one of its hours.
            let until =
                until.max(next_hour(since.plus(Duration::from_secs(1)))).min(self.filter.until);
            let filter = TallyFilter { since, until, ..self.filter };
            let all = app.store.tallies(authority.reach, &filter, TallyBy::All).await?;
            let tally = all.into_iter().next().map(|(_, tally)| tally).unwrap_or_default();
            rows.push(Row { key: month.strftime("%Y-%m").to_string(), name: None, tally });
            since = until;
        }
        Ok(Rows { rows, more: 0 })
    }

    /// The messages by what a clock shows, piece by piece of the time in which the clock was not set.
    async fn by_clock(
        &self,
        app: &App,
        authority: &Authority,
        zone: &TimeZone,
        by: fn(i32) -> TallyBy,
    ) -> Result<Rows, NotReported> {
        authority.must(Power::ReportsRead)?;
        let mut all: BTreeMap<i64, Tally> = BTreeMap::new();
        for (since, until, minutes) in steady(zone, self.filter.since, self.filter.until) {
            let filter = TallyFilter { since, until, ..self.filter };
            for (key, tally) in app.store.tallies(authority.reach, &filter, by(minutes)).await? {
                let place = match key {
                    TallyKey::Day(day) => day,
                    TallyKey::Hour(hour) => i64::from(hour),
                    _ => continue,
                };
                all.entry(place).or_default().add(&tally);
            }
        }
        let places = if by(0) == TallyBy::Hour(0) {
            0..=23
        } else {
            // The last hour begins in the last day, whether the zone's days begin with an hour or not.
            let last = self.filter.until.minus(Duration::from_hours(1));
            day_of(zone, self.filter.since)..=day_of(zone, last)
        };
        let is_day = by(0) == TallyBy::Day(0);
        let rows = places.map(|place| Row {
            key: if is_day { date(place).to_string() } else { format!("{place:02}") },
            name: None,
            tally: all.get(&place).copied().unwrap_or_default(),
        });
        Ok(Rows { rows: rows.collect(), more: 0 })
    }
}

/// The account of a name or an id. One of a name has to be in reach; whatever is asked for, no more than what is in reach is counted.
async fn account(app: &App, authority: &Authority, said: &str) -> Result<UserId, NotReported> {
    let found = named::account(app, authority, said).await?;
    found.ok_or_else(|| NotReported::NoSuchUser(said.to_owned()))
}

/// What SIMs are called, by those who may see modems: the modem that each is in, its number, and the operator whose network it is in.
async fn sim_names(app: &App, authority: &Authority) -> HashMap<SimId, String> {
    if !authority.may(Power::ModemsRead) {
        return HashMap::new();
    }
    let named = |modem: ModemState| {
        let sim = modem.sim?;
        let number = sim.number.map(|number| number.to_string());
        let parts = [Some(modem.name), number, modem.operator];
        let name = parts.into_iter().flatten().collect::<Vec<_>>().join(" · ");
        Some((sim.id, name))
    };
    app.fleet.of(authority.org).await.into_iter().filter_map(named).collect()
}

/// The first whole hour at a time or later.
fn next_hour(at: Timestamp) -> Timestamp {
    const HOUR: i64 = 3_600_000_000;
    let hours = at.as_micros().saturating_add(HOUR - 1).div_euclid(HOUR);
    Timestamp::from_micros(hours.saturating_mul(HOUR))
}

fn keyed(
    found: Vec<(TallyKey, Tally)>,
    name: impl Fn(&TallyKey) -> (String, Option<String>),
) -> Vec<Row> {
    let rows = found.into_iter().map(|(by, tally)| {
        let (key, name) = name(&by);
        Row { key, name, tally }
    });
    rows.collect()
}

/// The pieces of a time in each of which a zone's clock is ahead of UTC by the same, each with the minutes.
fn steady(zone: &TimeZone, since: Timestamp, until: Timestamp) -> Vec<(Timestamp, Timestamp, i32)> {
    let mut pieces = Vec::new();
    let mut from = since;
    let changes = zone.following(since.to_jiff()).map(|change| Timestamp::from(change.timestamp()));
    let changes = changes.take_while(|change| *change < until).take(MOST_CHANGES);
    for to in changes.chain([until]) {
        if from < to {
            pieces.push((from, to, zone.to_offset(from.to_jiff()).seconds() / 60));
        }
        from = to;
    }
    pieces
}

/// The begin of the month after one, by the clocks of a zone. None: it is in no year there is.
fn next_month(month: Date, zone: &TimeZone) -> Option<Timestamp> {
    let next = month.checked_add(Span::new().try_months(1).ok()?).ok()?;
    Some(Timestamp::from(next.to_zoned_datetime(zone.clone()).ok()?.timestamp()))
}

/// The local day of a time, in days since 1970-01-01.
fn day_of(zone: &TimeZone, at: Timestamp) -> i64 {
    let seconds = at.as_micros().div_euclid(1_000_000);
    let local = seconds + i64::from(zone.to_offset(at.to_jiff()).seconds());
    local.div_euclid(86_400)
}

/// The date of a day, in days since 1970-01-01.
fn date(days: i64) -> Date {
    let epoch = Date::constant(1970, 1, 1);
    // What is counted has a date.
    let span = Span::new().try_days(days);
    span.and_then(|span| epoch.checked_add(span)).unwrap_or(epoch)
}

/// The rows as CSV; without rows, all together.
pub(crate) fn csv(by: Option<By>, report: &Report, rows: &Rows) -> String {
    let first = by.map_or("all", By::as_str);
    let mut text = row(&[
        first,
        "name",
        "accepted",
        "waiting",
        "sent",
        "delivered",
        "undelivered",
        "failed",
        "rejected",
        "expired",
        "cancelled",
        "parts",
        "received",
        "send_median_ms",
        "send_p95_ms",
        "deliver_median_ms",
        "deliver_p95_ms",
    ]);
    if by.is_none() {
        text.push_str(&line("all", "", &report.total));
    }
    for one in &rows.rows {
        text.push_str(&line(&one.key, one.name.as_deref().unwrap_or_default(), &one.tally));
    }
    text
}

fn line(key: &str, name: &str, tally: &Tally) -> String {
    let millis =
        |time: Option<Duration>| time.map(|time| time.as_millis().to_string()).unwrap_or_default();
    let counts = [
        tally.accepted(),
        tally.waiting,
        tally.went_out(),
        tally.delivered,
        tally.undelivered,
        tally.failed,
        tally.rejected,
        tally.expired,
        tally.cancelled,
        tally.parts,
        tally.received,
    ];
    let times = [
        tally.to_send.of_the_quickest(50),
        tally.to_send.of_the_quickest(95),
        tally.to_deliver.of_the_quickest(50),
        tally.to_deliver.of_the_quickest(95),
    ];
    let mut cells = vec![key.to_owned(), name.to_owned()];
    cells.extend(counts.map(|count| count.to_string()));
    cells.extend(times.map(millis));
    row(&cells)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_time_is_cut_where_clocks_are_set() {
        let zone = zone("Europe/Berlin").unwrap();
        let (since, until) = (at("2026-03-28T23:00:00Z"), at("2026-10-31T00:00:00Z"));
        let pieces = steady(&zone, since, until);
        assert_eq!(
            pieces,
            [
                (since, at("2026-03-29T01:00:00Z"), 60),
                (at("2026-03-29T01:00:00Z"), at("2026-10-25T01:00:00Z"), 120),
                (at("2026-10-25T01:00:00Z"), until, 60),
            ]
        );
        let jakarta = super::zone("Asia/Jakarta").unwrap();
        assert_eq!(steady(&jakarta, since, until), [(since, until, 420)]);
        assert_eq!(steady(&TimeZone::UTC, since, until), [(since, until, 0)]);
    }

    #[test]
    fn days_are_those_of_the_zone() {
        let jakarta = zone("Asia/Jakarta").unwrap();
        let day = |text| date(day_of(&jakarta, at(text))).to_string();
        assert_eq!(day("2026-11-30T16:59:59Z"), "2026-11-30");
        assert_eq!(day("2026-11-30T17:00:00Z"), "2026-12-01");
        assert_eq!(next_hour(at("2026-12-01T00:00:00Z")), at("2026-12-01T00:00:00Z"));
        assert_eq!(next_hour(at("2026-12-01T00:00:01Z")), at("2026-12-01T01:00:00Z"));
    }

    #[test]
    fn what_is_no_zone_is_refused() {
        for name in ["", "Jakarta", "../etc/passwd", "Etc/Unknown", &"x".repeat(10_000)] {
            let refused = zone(name).unwrap_err().to_string();
            assert!(refused.len() < 200 && refused.contains("no time zone"), "{refused}");
        }
    }

    #[test]
    fn a_name_is_no_formula() {
        let tally = Tally { delivered: 2, sent: 1, ..Tally::default() };
        let report = Report {
            since: at("2026-12-01T00:00:00Z"),
            until: at("2026-12-02T00:00:00Z"),
            total: tally,
        };
        let named = Row { key: "usr_1".to_owned(), name: Some("=1+1".to_owned()), tally };
        let text = csv(Some(By::User), &report, &Rows { rows: vec![named], more: 0 });
        assert!(text.starts_with("\"user\",\"name\",\"accepted\""), "{text}");
        assert!(text.contains("\"usr_1\",\"'=1+1\",\"3\",\"0\",\"3\",\"2\""), "{text}");
        let all = csv(None, &report, &Rows::default());
        assert!(all.contains("\"all\",\"\",\"3\""), "{all}");
    }
}
