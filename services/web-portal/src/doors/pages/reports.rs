//! Reports: what became of the messages of a time, in bars and columns that are made here, each with the same in words or in a table.

mod chart;
mod period;
mod words;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{Html, Response};
use contracts::{Priority, SimId};
use jiff::tz::TimeZone;
use serde::Deserialize;
use store::{Owner, Tally};

use super::failure::Failure;
use super::frame::{Frame, html};
use super::hostile::Hostile;
use super::lists::file;
use super::parts::{zone as zone_of_page, zone_here};
use super::visit::Visit;
use crate::acts::export;
use crate::acts::report::{self, Asked, By, MOST_DAYS, NotReported, Rows, Wanted};
use crate::app::App;
use crate::authority::Authority;
use crate::words::Words;
use chart::{Bar, Bars, Chart, Column};
use period::Period;
use words::{ErrorRow, count, key_words, time_words};

/// Rows of a list of bars.
const MOST_BARS: usize = 20;

#[derive(Template)]
#[template(path = "reports.html")]
struct ReportsPage {
    w: Words,
    frame: Frame,
    periods: Vec<Link>,
    asked: Listing,
    priorities: Vec<Choice>,
    /// Messages of several users may be seen.
    several: bool,
    zone: Hostile,
    trouble: Option<String>,
    report: Option<Shown>,
}

/// A link to another time.
struct Link {
    words: String,
    href: String,
    here: bool,
}

/// Something that can be chosen.
struct Choice {
    value: String,
    words: Hostile,
    is_chosen: bool,
}

/// What a report shows.
struct Shown {
    /// Nothing was sent or received.
    is_empty: bool,
    received: String,
    parts: String,
    funnel: Bars,
    beside: Bars,
    chart: Chart,
    columns: Vec<Column>,
    times: Vec<TimeRow>,
    users: Bars,
    sims: Bars,
    /// The SIMs that can be chosen.
    sims_there: Vec<Choice>,
    errors: Vec<ErrorRow>,
    files: Vec<Link>,
}

/// How long messages took to come to a step.
struct TimeRow {
    step: String,
    messages: String,
    median: String,
    p95: String,
}

/// What is asked for.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(super) struct Listing {
    period: String,
    from: String,
    to: String,
    user: String,
    sim: String,
    priority: String,
    zone: String,
    /// By what the rows of a file are counted apart.
    by: String,
}

/// Why there is no report: in words on the page.
enum Trouble {
    /// What is wrong with what was asked for.
    Asked(NotReported),
    /// No report is asked for at all.
    Failed(Failure),
}

impl From<NotReported> for Trouble {
    fn from(refused: NotReported) -> Self {
        match refused {
            NotReported::Denied(denied) => Self::Failed(denied.into()),
            NotReported::Store(error) => Self::Failed(error.into()),
            asked => Self::Asked(asked),
        }
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl Listing {
    /// The address of the page, or of what else is at `path`, with what is asked for.
    fn address(&self, path: &str) -> String {
        let fields = [
            ("period", &self.period),
            ("from", &self.from),
            ("to", &self.to),
            ("user", &self.user),
            ("sim", &self.sim),
            ("priority", &self.priority),
            ("zone", &self.zone),
            ("by", &self.by),
        ];
        let mut filled = fields.into_iter().filter(|(_, value)| !value.is_empty()).peekable();
        if filled.peek().is_none() {
            return path.to_owned();
        }
        let mut query =
            url::form_urlencoded::Serializer::for_suffix(format!("{path}?"), path.len() + 1);
        query.extend_pairs(filled).finish()
    }

    /// The zone whose days are meant: that of the page's times when nobody says.
    fn zone(&self) -> Result<TimeZone, NotReported> {
        match self.zone.trim() {
            "" => Ok(zone_here()),
            name => report::zone(name),
        }
    }

    /// What is to be counted, in a time.
    fn wanted(&self, app: &App, zone: &TimeZone) -> Result<Wanted, Trouble> {
        let (since, until) = Period::of(&self.period).time(&self.from, &self.to, zone, app)?;
        let sim = Some(self.sim.trim()).filter(|sim| !sim.is_empty());
        let sim = sim.map(str::parse::<SimId>).transpose().map_err(|_| Failure::Malformed)?;
        let priority = Some(self.priority.trim()).filter(|priority| !priority.is_empty());
        let priority = priority.map(str::parse::<Priority>).transpose();
        Ok(Wanted {
            since: Some(since),
            until: Some(until),
            user: self.user.clone(),
            sim,
            priority: priority.map_err(|_| Failure::Malformed)?,
        })
    }
}

/// `GET /reports`.
pub(super) async fn show(
    State(app): State<App>,
    visit: Visit,
    Query(asked): Query<Listing>,
) -> Result<Html<String>, Failure> {
    let (w, authority) = (visit.words, visit.authority()?);
    let (report, trouble) = match shown(&app, w, authority, &asked).await {
        Ok(report) => (Some(report), None),
        Err(Trouble::Asked(refused)) => (None, Some(trouble_words(w, &refused))),
        Err(Trouble::Failed(failure)) => return Err(failure),
    };
    let zone = match asked.zone.trim() {
        "" => zone_of_page(app.clock.now()),
        name => name.to_owned(),
    };
    let path = asked.address("/reports");
    html(&ReportsPage {
        w,
        frame: Frame { path, ..Frame::of(&app, &visit).await },
        periods: Period::LINKS
            .into_iter()
            .map(|period| {
                let at = Listing {
                    period: period.as_str().to_owned(),
                    from: String::new(),
                    to: String::new(),
                    ..asked.clone()
                };
                let here = Period::of(&asked.period) == period;
                Link { words: period.words(w), href: at.address("/reports"), here }
            })
            .collect(),
        priorities: Priority::ALL
            .into_iter()
            .map(|priority| Choice {
                value: priority.as_str().to_owned(),
                words: Hostile(words::priority(w, priority)),
                is_chosen: asked.priority == priority.as_str(),
            })
            .collect(),
        several: are_several(authority),
        zone: Hostile(zone),
        asked,
        trouble,
        report,
    })
}

/// `GET /reports.csv`: the rows of the page.
pub(super) async fn csv(
    State(app): State<App>,
    visit: Visit,
    Query(asked): Query<Listing>,
) -> Result<Response, Failure> {
    let authority = visit.authority()?;
    let by = Some(asked.by.as_str()).filter(|by| !by.is_empty());
    let by = by.map(str::parse::<By>).transpose().map_err(|_| Failure::Malformed)?;
    let by = by.unwrap_or(By::Day);
    let read = async {
        let zone = asked.zone()?;
        let counted = Asked::of(&app, authority, &asked.wanted(&app, &zone)?).await?;
        let total = counted.total(&app, authority).await?;
        let rows = counted.rows(&app, authority, by, &zone).await?;
        Ok::<_, Trouble>(report::csv(Some(by), &total, &rows))
    };
    let text = read.await.map_err(|trouble| match trouble {
        Trouble::Asked(_) => Failure::Malformed,
        Trouble::Failed(failure) => failure,
    })?;
    Ok(file("attachment; filename=\"report.csv\"", export::whole(text)))
}

async fn shown(
    app: &App,
    w: Words,
    authority: &Authority,
    asked: &Listing,
) -> Result<Shown, Trouble> {
    let zone = asked.zone()?;
    let counted = Asked::of(app, authority, &asked.wanted(app, &zone)?).await?;
    let total = counted.total(app, authority).await?.total;
    let is_day = Period::of(&asked.period) == Period::Today;
    let by = match counted.days() {
        _ if is_day => By::Hour,
        days if days > chart::MOST_COLUMNS => By::Month,
        _ => By::Day,
    };
    let columns = counted.rows(app, authority, by, &zone).await?;
    let columns = chart::columns(w, is_day, &columns.rows);
    let sims = counted.rows(app, authority, By::Sim, &zone).await?;
    let errors = counted.rows(app, authority, By::Error, &zone).await?;
    let several = are_several(authority);
    let users = if several {
        counted.rows(app, authority, By::User, &zone).await?
    } else {
        Rows::default()
    };
    let sims_there = counted.sims(app, authority).await?.into_iter().map(|(id, name)| {
        let value = id.to_string();
        Choice { is_chosen: asked.sim == value, value, words: Hostile(name) }
    });
    let sims_there = sims_there.collect();
    let files = By::ALL.into_iter().filter(|by| several || *by != By::User).map(|by| {
        let at = Listing { by: by.as_str().to_owned(), ..asked.clone() };
        Link { words: words::by(w, by), href: at.address("/reports.csv"), here: false }
    });
    Ok(Shown {
        is_empty: total.accepted() + total.received == 0,
        received: count(w, total.received),
        parts: count(w, total.parts),
        funnel: funnel(w, &total),
        beside: beside(w, &total),
        chart: Chart::of(w, &columns),
        columns,
        times: times(w, &total),
        users: bars(w, &users, |row| {
            let user = row.name.as_ref().unwrap_or(&row.key).clone();
            Listing { user, ..asked.clone() }
        }),
        sims: bars(w, &sims, |row| Listing { sim: row.key.clone(), ..asked.clone() }),
        sims_there,
        errors: words::errors(w, &errors, MOST_BARS),
        files: files.collect(),
    })
}

/// Whether messages of several users may be seen.
const fn are_several(authority: &Authority) -> bool {
    !matches!(authority.reach.owner, Owner::Only(_))
}

/// From those that were accepted to those that were delivered.
fn funnel(w: Words, total: &Tally) -> Bars {
    let all = total.accepted();
    let steps = [
        (w.state_accepted(), all, "way"),
        (w.state_sent(), total.went_out(), "way"),
        (w.state_delivered(), total.delivered, "good"),
    ];
    let bars = steps.map(|(name, messages, tone)| Bar::of(w, name, messages, all, tone));
    Bars { bars: bars.into() }
}

/// Where the others are. What has no messages is left out.
fn beside(w: Words, total: &Tally) -> Bars {
    let all = total.accepted();
    let steps = [
        (w.reports_waiting(), total.waiting, "wait"),
        (w.reports_unreported(), total.sent, "way"),
        (w.state_undelivered(), total.undelivered, "bad"),
        (w.state_failed(), total.failed, "bad"),
        (w.state_rejected(), total.rejected, "bad"),
        (w.state_expired(), total.expired, "bad"),
        (w.state_cancelled(), total.cancelled, "odd"),
    ];
    let there = steps.into_iter().filter(|(_, messages, _)| *messages > 0);
    let bars = there.map(|(name, messages, tone)| Bar::of(w, name, messages, all, tone));
    Bars { bars: bars.collect() }
}

/// Rows as bars, the longest of which is that of the most messages. Each leads to the report of its messages alone.
fn bars(w: Words, rows: &Rows, only: impl Fn(&report::Row) -> Listing) -> Bars {
    let sent = rows.rows.iter().filter(|row| row.tally.accepted() > 0).take(MOST_BARS);
    let most = sent.clone().map(|row| row.tally.accepted()).max().unwrap_or(0);
    let bars = sent.map(|row| {
        let name = row.name.clone().unwrap_or_else(|| key_words(w, &row.key));
        let href = (!row.key.is_empty()).then(|| only(row).address("/reports"));
        let tally = &row.tally;
        let note = w.reports_of_which(
            count(w, tally.delivered),
            count(w, tally.went_out()),
            count(w, tally.went_wrong()),
        );
        Bar { note, href, ..Bar::of(w, name, tally.accepted(), most, "way").without_share() }
    });
    Bars { bars: bars.collect() }
}

fn times(w: Words, total: &Tally) -> Vec<TimeRow> {
    let steps =
        [(w.reports_to_send(), &total.to_send), (w.reports_to_deliver(), &total.to_deliver)];
    let known = steps.into_iter().filter(|(_, times)| times.messages > 0);
    known
        .map(|(step, times)| TimeRow {
            step,
            messages: count(w, times.messages),
            median: time_words(w, times.of_the_quickest(50).unwrap_or_default()),
            p95: time_words(w, times.of_the_quickest(95).unwrap_or_default()),
        })
        .collect()
}

fn trouble_words(w: Words, refused: &NotReported) -> String {
    match refused {
        NotReported::Backwards => w.reports_backwards(),
        NotReported::TooLong => w.reports_too_long(i64::from(MOST_DAYS)),
        NotReported::NoSuchUser(_) => w.reports_no_such_user(),
        NotReported::NoSuchZone(_) => w.reports_no_such_zone(),
        // Not reached: these are no words of a page.
        NotReported::Denied(_) | NotReported::Store(_) => w.error_internal(),
    }
}
