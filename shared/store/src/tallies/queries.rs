//! The queries of tallies.

use std::collections::BTreeMap;

use contracts::{MtState, Timestamp};
use sqlx::QueryBuilder;

use super::reach::{Rows, push_in_reach};
use super::{Database, Db};
use crate::column::{parsed, parsed_if, small};
use crate::error::failed;
use crate::tallies::{DAY_GRAIN, HOUR, HOUR_GRAIN};
use crate::{Reach, StoreError, Tally, TallyBy, TallyFilter, TallyKey};

const COUNTING: &str = "reading what was counted";

impl Database {
    pub(crate) async fn tallies(
        &self,
        reach: Reach,
        filter: &TallyFilter,
        by: TallyBy,
    ) -> Result<Vec<(TallyKey, Tally)>, StoreError> {
        let mut all: BTreeMap<String, Tally> = BTreeMap::new();
        for span in spans(filter, by) {
            self.tally_states(reach, (filter, span), by, &mut all).await?;
            if by == TallyBy::Error {
                continue;
            }
            self.tally_times(reach, (filter, span), by, &mut all).await?;
            if by != TallyBy::Priority && filter.priority.is_none() {
                self.tally_received(reach, (filter, span), by, &mut all).await?;
            }
        }
        let all = all.into_iter().filter(|(_, tally)| tally.accepted() + tally.received > 0);
        all.map(|(key, tally)| Ok((key_of(by, &key)?, tally))).collect()
    }

    async fn tally_states(
        &self,
        reach: Reach,
        (filter, span): (&TallyFilter, Span),
        by: TallyBy,
        all: &mut BTreeMap<String, Tally>,
    ) -> Result<(), StoreError> {
        let mut sql = QueryBuilder::<Db>::new("SELECT ");
        push_key(&mut sql, by);
        sql.push(
            " AS grouped, state, CAST(SUM(messages) AS BIGINT), CAST(SUM(parts) AS BIGINT) \
             FROM tallies WHERE ",
        );
        push_in_reach(&mut sql, &Rows::Sent(""), reach);
        push_filter(&mut sql, filter, span);
        if let Some(priority) = filter.priority {
            sql.push(" AND priority = ").push_bind(priority.as_str());
        }
        sql.push(" GROUP BY 1, 2");
        let rows = sql.build_query_as::<(String, String, i64, i64)>().fetch_all(&self.read).await;
        for (key, state, messages, parts) in rows.map_err(failed(COUNTING))? {
            let tally = all.entry(key).or_default();
            tally.count(MtState::from_name(&state), no_less(messages));
            tally.parts += no_less(parts);
        }
        Ok(())
    }

    async fn tally_times(
        &self,
        reach: Reach,
        (filter, span): (&TallyFilter, Span),
        by: TallyBy,
        all: &mut BTreeMap<String, Tally>,
    ) -> Result<(), StoreError> {
        let mut sql = QueryBuilder::<Db>::new("SELECT ");
        push_key(&mut sql, by);
        sql.push(
            " AS grouped, step, bin, CAST(SUM(messages) AS BIGINT), CAST(SUM(millis) AS BIGINT) \
             FROM tally_times WHERE ",
        );
        push_in_reach(&mut sql, &Rows::Sent(""), reach);
        push_filter(&mut sql, filter, span);
        if let Some(priority) = filter.priority {
            sql.push(" AND priority = ").push_bind(priority.as_str());
        }
        sql.push(" GROUP BY 1, 2, 3");
        let rows = sql.build_query_as::<(String, String, i64, i64, i64)>();
        let rows = rows.fetch_all(&self.read).await;
        for (key, step, bin, messages, millis) in rows.map_err(failed(COUNTING))? {
            let tally = all.entry(key).or_default();
            let times = match step.as_str() {
                "send" => &mut tally.to_send,
                "deliver" => &mut tally.to_deliver,
                // Of a later version.
                _ => continue,
            };
            times.count(small("tally_times.bin", bin)?, no_less(messages), no_less(millis));
        }
        Ok(())
    }

    async fn tally_received(
        &self,
        reach: Reach,
        (filter, span): (&TallyFilter, Span),
        by: TallyBy,
        all: &mut BTreeMap<String, Tally>,
    ) -> Result<(), StoreError> {
        let mut sql = QueryBuilder::<Db>::new("SELECT ");
        push_key(&mut sql, by);
        sql.push(" AS grouped, CAST(SUM(messages) AS BIGINT) FROM tally_received WHERE ");
        push_in_reach(&mut sql, &Rows::CountsOfReceived, reach);
        push_filter(&mut sql, filter, span);
        sql.push(" GROUP BY 1");
        let rows = sql.build_query_as::<(String, i64)>().fetch_all(&self.read).await;
        for (key, messages) in rows.map_err(failed(COUNTING))? {
            all.entry(key).or_default().received += no_less(messages);
        }
        Ok(())
    }
}

/// A count. One of a state that only a copy of an earlier release saw, which counts nothing, may be less than nothing.
fn no_less(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}

/// Adds what rows are grouped by, as a text.
fn push_key(sql: &mut QueryBuilder<Db>, by: TallyBy) {
    match by {
        TallyBy::All => sql.push("''"),
        TallyBy::Day(minutes) => {
            sql.push("CAST((hour * 60 + ").push_bind(i64::from(minutes)).push(") / 1440 AS TEXT)")
        }
        TallyBy::Hour(minutes) => sql
            .push("CAST((hour * 60 + ")
            .push_bind(i64::from(minutes))
            .push(") / 60 % 24 AS TEXT)"),
        TallyBy::Account => sql.push("owner"),
        TallyBy::Sim => sql.push("sim"),
        TallyBy::Priority => sql.push("priority"),
        TallyBy::Error => sql.push("error"),
    };
}

fn push_filter(sql: &mut QueryBuilder<Db>, filter: &TallyFilter, span: Span) {
    sql.push(" AND grain = ").push_bind(span.grain);
    sql.push(" AND hour >= ").push_bind(span.from);
    sql.push(" AND hour < ").push_bind(span.to);
    if let Some(account) = filter.account {
        sql.push(" AND owner = ").push_bind(account.to_string());
    }
    if let Some(sim) = filter.sim {
        sql.push(" AND sim = ").push_bind(sim.to_string());
    }
}

/// A piece of a time that is read at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    grain: &'static str,
    /// Its first hour, since 1970.
    from: i64,
    /// The hour after its last one.
    to: i64,
}

/// The pieces of a time: its whole days, and the hours before and after these. What is counted apart by a clock is read by hours alone.
fn spans(filter: &TallyFilter, by: TallyBy) -> Vec<Span> {
    let (from, to) = (first_hour(filter.since), first_hour(filter.until));
    let (first_day, last_day) = ((from + 23).div_euclid(24) * 24, to.div_euclid(24) * 24);
    let hours = |from, to| Span { grain: HOUR_GRAIN, from, to };
    let is_by_clock = matches!(by, TallyBy::Day(_) | TallyBy::Hour(_));
    let mut spans = if is_by_clock || first_day >= last_day {
        vec![hours(from, to)]
    } else {
        let days = Span { grain: DAY_GRAIN, from: first_day, to: last_day };
        vec![hours(from, first_day), days, hours(last_day, to)]
    };
    spans.retain(|span| span.from < span.to);
    spans
}

/// The first hour that begins at a time or later.
fn first_hour(at: Timestamp) -> i64 {
    at.as_micros().saturating_add(HOUR - 1).div_euclid(HOUR)
}

fn key_of(by: TallyBy, text: &str) -> Result<TallyKey, StoreError> {
    let filled = Some(text).filter(|text| !text.is_empty());
    Ok(match by {
        TallyBy::All => TallyKey::All,
        TallyBy::Day(_) => TallyKey::Day(parsed("tallies.hour", text)?),
        TallyBy::Hour(_) => TallyKey::Hour(parsed("tallies.hour", text)?),
        TallyBy::Account => TallyKey::Account(parsed_if("tallies.owner", filled)?),
        TallyBy::Sim => TallyKey::Sim(parsed_if("tallies.sim", filled)?),
        TallyBy::Priority => TallyKey::Priority(parsed("tallies.priority", text)?),
        TallyBy::Error => TallyKey::Error(text.to_owned()),
    })
}
