//! Reports.

use std::time::Duration;

use api::{Report, ReportCounts, ReportRow, ReportTimes, ShowReport};
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use jiff::tz::TimeZone;
use store::{Tally, Times};

use super::body::CheckedQuery;
use super::caller::Caller;
use super::csv;
use super::problem::{Answer, Code, Problem, sentence};
use crate::acts::export;
use crate::acts::report::{self, Asked, By, NotReported, Rows, WAYS, Wanted};
use crate::app::App;

/// `GET /reports`: JSON, or the rows as CSV.
pub(super) async fn show(
    State(app): State<App>,
    Caller(authority): Caller,
    headers: HeaderMap,
    CheckedQuery(asked): CheckedQuery<ShowReport>,
) -> Answer<Response> {
    let by = asked.by.as_deref().map(str::parse::<By>).transpose();
    let by = by.map_err(|_| {
        Problem::malformed(format!("by is one of {}.", WAYS.join(", "))).with("field", "by")
    })?;
    let zone = match asked.zone.as_deref() {
        None => TimeZone::UTC,
        Some(name) => report::zone(name)?,
    };
    let wanted = Wanted {
        since: asked.since,
        until: asked.until,
        user: asked.user.unwrap_or_default(),
        sim: asked.sim,
        priority: asked.priority,
    };
    let asked = Asked::of(&app, &authority, &wanted).await?;
    let total = asked.total(&app, &authority).await?;
    let rows = match by {
        None => Rows::default(),
        Some(by) => asked.rows(&app, &authority, by, &zone).await?,
    };
    if csv::is_wanted(&headers) {
        return Ok(csv::answer(export::whole(report::csv(by, &total, &rows))));
    }
    let shown = rows.rows.into_iter().map(|row| ReportRow {
        key: row.key,
        name: row.name,
        counts: counts(&row.tally),
    });
    let answer = Report {
        since: total.since,
        until: total.until,
        total: counts(&total.total),
        rows: shown.collect(),
        more: u64::try_from(rows.more).unwrap_or(u64::MAX),
    };
    Ok(Json(answer).into_response())
}

fn counts(tally: &Tally) -> ReportCounts {
    ReportCounts {
        accepted: tally.accepted(),
        waiting: tally.waiting,
        sent: tally.went_out(),
        delivered: tally.delivered,
        undelivered: tally.undelivered,
        failed: tally.failed,
        rejected: tally.rejected,
        expired: tally.expired,
        cancelled: tally.cancelled,
        parts: tally.parts,
        received: tally.received,
        time_to_send: times(&tally.to_send),
        time_to_deliver: times(&tally.to_deliver),
    }
}

fn times(times: &Times) -> Option<ReportTimes> {
    let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    Some(ReportTimes {
        messages: times.messages,
        mean_ms: millis(times.mean()?),
        median_ms: millis(times.of_the_quickest(50)?),
        p95_ms: millis(times.of_the_quickest(95)?),
    })
}

impl From<NotReported> for Problem {
    fn from(refused: NotReported) -> Self {
        let detail = sentence(&refused.to_string());
        match refused {
            NotReported::Denied(denied) => denied.into(),
            NotReported::Backwards | NotReported::TooLong => {
                Self::malformed(detail).with("field", "since")
            }
            NotReported::NoSuchUser(_) => Self::new(Code::NoSuchUser, detail),
            NotReported::NoSuchZone(_) => Self::malformed(detail).with("field", "zone"),
            NotReported::Store(error) => error.into(),
        }
    }
}
