//! How much a SIM may send: the second form of its page.

use std::fmt::Write as _;
use std::num::NonZeroU32;

use axum::extract::{Path, State};
use axum::response::Response;
use contracts::limits::{Limit, Limits, LimitsError, MOST, MOST_SPEND};
use contracts::{SimId, Timestamp};
use store::SimChange;

use super::failure::Failure;
use super::form::Form;
use super::notice::Notice;
use crate::acts::sim::{self, SimKept};
use crate::acts::sim_limits::{self, NotLimits};
use crate::app::App;
use crate::words::Words;

/// The name of the field for what a part costs.
const PRICE: &str = "price";

/// A field for a number of parts, of recipients, or of money.
pub(super) struct Number {
    pub(super) name: &'static str,
    pub(super) label: String,
    /// The largest number that it can be.
    pub(super) largest: u32,
    /// What it is; empty: nothing is limited.
    pub(super) value: String,
}

/// The fields for all numbers, with what is set.
pub(super) fn numbers(w: Words, limits: &Limits) -> [Number; 8] {
    let number = |limit: Limit, label| Number {
        name: limit.as_str(),
        label,
        largest: limit.largest(),
        value: limits.most(limit).map(|most| most.to_string()).unwrap_or_default(),
    };
    [
        number(Limit::Minute, w.limits_minute()),
        number(Limit::Hour, w.limits_hour()),
        number(Limit::Day, w.limits_day()),
        number(Limit::Month, w.limits_month()),
        number(Limit::Recipients, w.limits_recipients()),
        Number {
            name: PRICE,
            label: w.limits_price(),
            largest: MOST_SPEND,
            value: limits.price.map(|price| price.to_string()).unwrap_or_default(),
        },
        number(Limit::SpendDay, w.limits_spend_day()),
        number(Limit::SpendMonth, w.limits_spend_month()),
    ]
}

/// How much a SIM has sent, where the broker says it.
pub(super) async fn used(app: &App, w: Words, id: SimId, limits: &Limits) -> Option<String> {
    let (usage, now) = (sim_limits::used(app, id).await?, app.clock.now());
    let used = |limit| usage.used(limit, now);
    let (minute, hour) = (used(Limit::Minute), used(Limit::Hour));
    let (day, month) = (used(Limit::Day), used(Limit::Month));
    let mut words = w.limits_used(day, hour, minute, month);
    if limits.recipients_per_month.is_some() {
        let _ = write!(words, " {}", w.limits_used_recipients(used(Limit::Recipients)));
    }
    if limits.price.is_some() {
        let (day, month) = (used(Limit::SpendDay), used(Limit::SpendMonth));
        let _ = write!(words, " {}", w.limits_used_spend(day, month));
    }
    Some(words)
}

/// `POST /sims/{id}/limits`.
pub(super) async fn change(
    State(app): State<App>,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Failure> {
    let authority = form.visit.authority()?;
    let id: SimId = id.parse().map_err(|_| Failure::NotFound)?;
    let w = form.visit.words;
    let notice = match written(&form, app.clock.now()) {
        Err(Wrong::Number) => Notice::failed(w.limits_wrong_number(MOST)),
        Err(Wrong::Limits(refused)) => Notice::failed(words(w, &refused)),
        Ok(limits) => {
            let change = SimChange { limits: Some(limits), ..SimChange::default() };
            match sim::change(&app, authority, id, change).await {
                Ok(_) => Notice::done(w.limits_done()),
                Err(SimKept::Limits(refused)) => Notice::failed(words(w, &refused)),
                Err(kept) => return Err(kept.into()),
            }
        }
    };
    Ok(form.visit.lead_to(&format!("/sims/{id}"), notice))
}

/// What is wrong in the form.
enum Wrong {
    Number,
    Limits(NotLimits),
}

fn written(form: &Form, now: Timestamp) -> Result<Limits, Wrong> {
    let field = |name: &str| match form.field(name).trim() {
        "" => Ok(None),
        written => written.parse::<NonZeroU32>().map(Some).map_err(|_| Wrong::Number),
    };
    let number = |limit: Limit| field(limit.as_str());
    let quiet = match (form.field("quiet-from").trim(), form.field("quiet-to").trim()) {
        ("", "") => String::new(),
        (from, to) => format!("{from}-{to}"),
    };
    let limits = Limits {
        per_minute: number(Limit::Minute)?,
        per_hour: number(Limit::Hour)?,
        per_day: number(Limit::Day)?,
        per_month: number(Limit::Month)?,
        price: field(PRICE)?,
        spend_per_day: number(Limit::SpendDay)?,
        spend_per_month: number(Limit::SpendMonth)?,
        recipients_per_month: number(Limit::Recipients)?,
        quiet: sim_limits::quiet(&quiet).map_err(Wrong::Limits)?,
        zone: Some(form.field("zone").trim().to_owned()),
        warm_up: None,
    };
    let first_day = field("warm_up")?.map(NonZeroU32::get);
    sim_limits::warmed_up(limits, first_day, form.field("warm_up_from"), now).map_err(Wrong::Limits)
}

fn words(w: Words, refused: &NotLimits) -> String {
    match refused {
        NotLimits::Numbers(LimitsError::TooLarge { limit, .. }) => {
            w.limits_wrong_number(limit.largest())
        }
        NotLimits::Numbers(LimitsError::Price(_)) => w.limits_wrong_number(MOST_SPEND),
        NotLimits::Numbers(LimitsError::NoPrice(_)) => w.limits_wrong_no_price(),
        NotLimits::Numbers(LimitsError::BelowPrice { most, price, .. }) => {
            w.limits_wrong_below_price(*most, *price)
        }
        NotLimits::Numbers(LimitsError::NeverReached { above, below, .. }) => {
            w.limits_wrong_order(*above, *below)
        }
        NotLimits::Numbers(LimitsError::NotWarming { most, .. }) => {
            w.limits_wrong_warm_up_number(*most)
        }
        NotLimits::WarmUp => w.limits_wrong_warm_up(),
        NotLimits::Quiet(_) => w.limits_wrong_quiet(),
        NotLimits::Zone { found, nearest: None } => w.limits_wrong_zone(found.clone()),
        NotLimits::Zone { found, nearest: Some(nearest) } => {
            w.limits_wrong_zone_nearest(found.clone(), nearest.clone())
        }
    }
}
