//! `merpati report`: how many messages came to which end, and how long they took.

use std::time::Duration;

use api::{Report, ReportCounts, ReportRow, ReportTimes};

use crate::cli::{self, ReportBy};
use crate::client::Client;
use crate::output;

/// What stands above the columns of numbers.
const COLUMNS: [&str; 9] = [
    "ACCEPTED",
    "SENT",
    "DELIVERED",
    "NOT DELIVERED",
    "FAILED",
    "CANCELLED",
    "WAITING",
    "RECEIVED",
    "TO SEND",
];

/// Shows a report as a table, or as CSV.
pub(crate) async fn run(as_json: bool, client: &Client, said: cli::Report) -> anyhow::Result<()> {
    let path = path(&said);
    if said.csv {
        // The text ends with the end of a line.
        output::line(client.csv(&path).await?.trim_end_matches(['\r', '\n']));
        return Ok(());
    }
    let report = client.get::<Report>(&path).await?;
    if as_json {
        return report.print();
    }
    if report.total.accepted + report.total.received == 0 {
        output::line("No message was accepted or received in this time.");
        return Ok(());
    }
    let mut header = vec![heading(said.by)];
    header.extend(COLUMNS);
    let mut rows: Vec<Vec<String>> =
        report.rows.iter().map(|row| cells(&name(row), &row.counts)).collect();
    rows.push(cells("all", &report.total));
    output::table(&header, &rows);
    if report.more > 0 {
        output::note(&format!("{} more are left out; --csv has as many rows.", report.more));
    }
    for (what, times) in [
        ("until the network had them", report.total.time_to_send),
        ("from there until they were reported to be delivered", report.total.time_to_deliver),
    ] {
        if let Some(ReportTimes { median_ms, p95_ms, .. }) = times {
            let (median, p95) = (short(median_ms), short(p95_ms));
            output::line(&format!("Half took about {median}, 95 of 100 about {p95}: {what}."));
        }
    }
    Ok(())
}

/// The call, with what is asked for.
fn path(said: &cli::Report) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("by", said.by.as_str());
    let zone = jiff::tz::TimeZone::system();
    let zone = said.zone.clone().or_else(|| zone.iana_name().map(str::to_owned));
    let asked = [
        ("since", said.since.map(|since| since.to_string())),
        ("until", said.until.map(|until| until.to_string())),
        ("user", said.user.clone()),
        ("sim", said.sim.clone()),
        ("priority", said.priority.map(|priority| priority.to_string())),
        ("zone", zone),
    ];
    for (name, value) in asked {
        if let Some(value) = value {
            query.append_pair(name, &value);
        }
    }
    format!("/reports?{}", query.finish())
}

const fn heading(by: ReportBy) -> &'static str {
    match by {
        ReportBy::Day => "DAY",
        ReportBy::Month => "MONTH",
        ReportBy::Hour => "HOUR",
        ReportBy::User => "USER",
        ReportBy::Sim => "SIM",
        ReportBy::Priority => "PRIORITY",
        ReportBy::Error => "ERROR",
    }
}

fn name(row: &ReportRow) -> String {
    output::cell(Some(row.name.as_ref().unwrap_or(&row.key)))
}

fn cells(name: &str, counts: &ReportCounts) -> Vec<String> {
    let failed = counts.failed + counts.rejected + counts.expired;
    let numbers = [
        counts.accepted,
        counts.sent,
        counts.delivered,
        counts.undelivered,
        failed,
        counts.cancelled,
        counts.waiting,
        counts.received,
    ];
    let mut cells = vec![name.to_owned()];
    cells.extend(numbers.map(|number| number.to_string()));
    cells.push(counts.time_to_send.map_or_else(|| "-".to_owned(), |times| short(times.median_ms)));
    cells
}

/// A time as people say it: how it was counted says no more.
fn short(millis: u64) -> String {
    let time = Duration::from_millis(millis);
    match time.as_secs() {
        0..10 => format!("{}.{} s", time.as_secs(), time.subsec_millis() / 100),
        seconds @ 10..120 => format!("{seconds} s"),
        seconds @ 120..7_200 => format!("{} min", seconds / 60),
        seconds => format!("{} h", seconds / 3_600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_its_numbers_under_their_names() {
        let times = ReportTimes { messages: 2, mean_ms: 1, median_ms: 1_250, p95_ms: 9 };
        let counts = ReportCounts {
            accepted: 9,
            sent: 5,
            delivered: 3,
            undelivered: 1,
            failed: 1,
            rejected: 1,
            expired: 1,
            cancelled: 0,
            waiting: 1,
            received: 7,
            time_to_send: Some(times),
            ..ReportCounts::default()
        };
        let row = cells("2026-12-01", &counts);
        assert_eq!(row, ["2026-12-01", "9", "5", "3", "1", "3", "0", "1", "7", "1.2 s"]);
        assert_eq!(row.len(), COLUMNS.len() + 1);
        assert_eq!((short(150_000), short(7_200_000)), ("2 min".to_owned(), "2 h".to_owned()));
    }
}
