//! How much accounts may send.

use std::num::NonZeroU32;

use api::{LimitedUser, LimitedUsers, UserLimits, UserUsed};
use axum::Json;
use axum::extract::State;
use contracts::UserId;
use contracts::limits::{AccountLimits, Limit};

use super::body::{CheckedJson, PathId};
use super::caller::Caller;
use super::problem::{Answer, Problem, sentence};
use crate::acts::account_limits::{self, LimitsKept};
use crate::app::App;

/// `GET /limits`: the accounts that have some.
pub(super) async fn list(
    State(app): State<App>,
    Caller(authority): Caller,
) -> Answer<Json<LimitedUsers>> {
    let limited = account_limits::list(&app, &authority).await?.into_iter();
    let users = limited.map(|(user, name, limits)| LimitedUser {
        user,
        name,
        limits: shown(&limits),
        used: None,
    });
    Ok(Json(LimitedUsers { users: users.collect() }))
}

/// `GET /users/{id}/limits`.
pub(super) async fn one(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<UserId>,
) -> Answer<Json<LimitedUser>> {
    let (name, limits) = account_limits::find(&app, &authority, id).await?;
    let used = used(&app, id, &limits).await;
    Ok(Json(LimitedUser { user: id, name, limits: shown(&limits), used }))
}

/// `PUT /users/{id}/limits`: all of them; an empty object removes them.
pub(super) async fn set(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<UserId>,
    CheckedJson(written): CheckedJson<UserLimits>,
) -> Answer<Json<LimitedUser>> {
    let (name, limits) = account_limits::change(&app, &authority, id, &limits(&written)).await?;
    Ok(Json(LimitedUser { user: id, name, limits: shown(&limits), used: None }))
}

fn limits(written: &UserLimits) -> AccountLimits {
    let number = |written: Option<u32>| written.and_then(NonZeroU32::new);
    AccountLimits {
        per_minute: number(written.per_minute),
        per_hour: number(written.per_hour),
        per_day: number(written.per_day),
        per_month: number(written.per_month),
        otp_per_hour: number(written.otp_per_hour),
        weight: number(written.weight),
        zone: written.zone.clone(),
    }
}

fn shown(limits: &AccountLimits) -> UserLimits {
    let number = |set: Option<NonZeroU32>| set.map(NonZeroU32::get);
    UserLimits {
        per_minute: number(limits.per_minute),
        per_hour: number(limits.per_hour),
        per_day: number(limits.per_day),
        per_month: number(limits.per_month),
        otp_per_hour: number(limits.otp_per_hour),
        weight: number(limits.weight),
        zone: limits.zone.clone(),
    }
}

/// What of the limits is used, where there are some and the broker says it.
async fn used(app: &App, id: UserId, limits: &AccountLimits) -> Option<UserUsed> {
    if limits.is_unset() {
        return None;
    }
    let (used, now) = (account_limits::used(app, id, limits).await?, app.clock.now());
    let all = |limit| used.all.used(limit, now);
    Some(UserUsed {
        per_minute: all(Limit::Minute),
        per_hour: all(Limit::Hour),
        per_day: all(Limit::Day),
        per_month: all(Limit::Month),
        otp_per_hour: used.passwords.map(|passwords| passwords.used(Limit::Hour, now)),
    })
}

impl From<LimitsKept> for Problem {
    fn from(kept: LimitsKept) -> Self {
        if let Some(field) = kept.field() {
            return Self::malformed(sentence(&kept.to_string())).with("field", field);
        }
        match kept {
            LimitsKept::Denied(denied) => denied.into(),
            LimitsKept::Change(error) => error.into(),
            LimitsKept::Numbers(_) | LimitsKept::Zone(_) => Self::malformed(kept.to_string()),
        }
    }
}
