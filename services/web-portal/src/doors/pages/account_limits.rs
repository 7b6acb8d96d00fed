//! How much an account may send, and how many turns it gets, for administrators.

use std::num::NonZeroU32;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use contracts::limits::{
    AccountLimits, AccountLimitsError, LONGEST_ZONE, Limit, LimitsError, MOST, MOST_WEIGHT,
};
use contracts::{Priority, Timestamp, UserId};
use store::ChangeUserError;

use super::failure::Failure;
use super::form::Form;
use super::frame::{Frame, html};
use super::notice::Notice;
use super::parts::{Sentence, closed_words, within};
use super::visit::Visit;
use crate::acts::account_limits::{self, LimitsKept, Used};
use crate::acts::sim_limits::NotLimits;
use crate::app::App;
use crate::words::Words;

#[derive(Template)]
#[template(path = "account_limits.html")]
struct AccountLimitsPage {
    w: Words,
    frame: Frame,
    id: UserId,
    name: String,
    /// That nothing goes out for now, and how much went out.
    closed: Option<Sentence>,
    used: Vec<String>,
    numbers: [Number; 4],
    passwords: String,
    weight: String,
    zone: String,
    error: Option<String>,
}

/// A field for a number of parts.
struct Number {
    name: &'static str,
    label: String,
    /// What it is; empty: nothing is limited.
    value: String,
}

/// `GET /users/{id}/limits`.
pub(super) async fn show(
    State(app): State<App>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Html<String>, Failure> {
    let id: UserId = id.parse().map_err(|_| Failure::NotFound)?;
    page(&app, &visit, id, None).await
}

/// The page: with the limits as they are, or with what was written and why that was not taken.
async fn page(
    app: &App,
    visit: &Visit,
    id: UserId,
    refused: Option<(&Form, String)>,
) -> Result<Html<String>, Failure> {
    let authority = visit.authority()?;
    let w = visit.words;
    let (name, limits) = account_limits::find(app, authority, id).await?;
    let (form, error) = refused.unzip();
    let written = |name: &str, now: String| -> String {
        match form {
            Some(form) => form.field(name).chars().take(LONGEST_ZONE).collect(),
            None => now,
        }
    };
    let mut used = Vec::new();
    let mut closed = None;
    if !limits.is_unset() {
        if let Some(of_it) = account_limits::used(app, id, &limits).await {
            used = used_words(w, &of_it, app.clock.now());
        }
        closed = app.quotas.closed(id, Priority::Normal, app.clock.now()).map(|closed| {
            Sentence(w.account_limits_closed(closed_words(w, &closed), within(closed.until)))
        });
    }
    let numbers = [
        number(&limits, Limit::Minute, w.limits_minute()),
        number(&limits, Limit::Hour, w.limits_hour()),
        number(&limits, Limit::Day, w.limits_day()),
        number(&limits, Limit::Month, w.limits_month()),
    ];
    let numbers = numbers.map(|Number { name, label, value }| Number {
        name,
        label,
        value: written(name, value),
    });
    html(&AccountLimitsPage {
        w,
        frame: Frame::of(app, visit).await,
        id,
        name,
        closed,
        used,
        numbers,
        passwords: written("otp_per_hour", shown(limits.otp_per_hour)),
        weight: written("weight", shown(limits.weight)),
        zone: written("zone", limits.zone.unwrap_or_default()),
        error,
    })
}

fn number(limits: &AccountLimits, limit: Limit, label: String) -> Number {
    let most = limits.of(Priority::Normal).most(limit);
    let value = most.map(|most| most.to_string()).unwrap_or_default();
    Number { name: limit.as_str(), label, value }
}

fn shown(number: Option<NonZeroU32>) -> String {
    number.map(|number| number.to_string()).unwrap_or_default()
}

fn used_words(w: Words, used: &Used, now: Timestamp) -> Vec<String> {
    let all = |limit| used.all.used(limit, now);
    let (minute, hour) = (all(Limit::Minute), all(Limit::Hour));
    let (day, month) = (all(Limit::Day), all(Limit::Month));
    let passwords = used.passwords.as_ref().map(|passwords| passwords.used(Limit::Hour, now));
    let passwords = passwords.map(|hour| w.account_limits_used_otp(hour));
    [w.limits_used(day, hour, minute, month)].into_iter().chain(passwords).collect()
}

/// `POST /users/{id}/limits`.
pub(super) async fn change(
    State(app): State<App>,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Failure> {
    let authority = form.visit.authority()?;
    let id: UserId = id.parse().map_err(|_| Failure::NotFound)?;
    let w = form.visit.words;
    let wrong = match written(&form) {
        None => w.limits_wrong_number(MOST),
        Some(limits) => match account_limits::change(&app, authority, id, &limits).await {
            Ok(_) => {
                let own = format!("/users/{id}/limits");
                return Ok(form.visit.lead_to(&own, Notice::done(w.limits_done())));
            }
            Err(LimitsKept::Numbers(wrong)) => numbers_words(w, &wrong),
            Err(LimitsKept::Zone(wrong)) => zone_words(w, &wrong),
            Err(kept) => return Err(kept.into()),
        },
    };
    let page = page(&app, &form.visit, id, Some((&form, wrong))).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// What the form says; `None`: a field has no number.
fn written(form: &Form) -> Option<AccountLimits> {
    let number = |name: &str| match form.field(name).trim() {
        "" => Some(None),
        written => written.parse::<NonZeroU32>().ok().map(Some),
    };
    Some(AccountLimits {
        per_minute: number(Limit::Minute.as_str())?,
        per_hour: number(Limit::Hour.as_str())?,
        per_day: number(Limit::Day.as_str())?,
        per_month: number(Limit::Month.as_str())?,
        otp_per_hour: number("otp_per_hour")?,
        weight: number("weight")?,
        zone: Some(form.field("zone").trim().to_owned()),
    })
}

fn numbers_words(w: Words, wrong: &AccountLimitsError) -> String {
    match wrong {
        AccountLimitsError::Numbers(LimitsError::NeverReached { above, below, .. }) => {
            w.limits_wrong_order(*above, *below)
        }
        AccountLimitsError::WeightTooLarge { .. } => w.account_limits_wrong_weight(MOST_WEIGHT),
        AccountLimitsError::Numbers(_) | AccountLimitsError::PasswordsTooLarge { .. } => {
            w.limits_wrong_number(MOST)
        }
    }
}

fn zone_words(w: Words, wrong: &NotLimits) -> String {
    match wrong {
        NotLimits::Zone { found, nearest: Some(nearest) } => {
            w.limits_wrong_zone_nearest(found.clone(), nearest.clone())
        }
        NotLimits::Zone { found, nearest: None } => w.limits_wrong_zone(found.clone()),
        _ => w.limits_wrong_number(MOST),
    }
}

impl From<LimitsKept> for Failure {
    fn from(kept: LimitsKept) -> Self {
        match kept {
            LimitsKept::Denied(denied) => denied.into(),
            LimitsKept::Change(ChangeUserError::NoSuchUser) => Self::NotFound,
            LimitsKept::Change(ChangeUserError::Store(error)) => error.into(),
            LimitsKept::Change(ChangeUserError::LastAdmin)
            | LimitsKept::Numbers(_)
            | LimitsKept::Zone(_) => Self::Internal,
        }
    }
}
