//! SIMs, who may use them, and how much they may send.

use std::collections::{BTreeSet, HashMap};
use std::num::NonZeroU32;

use api::{Sim, SimChanges, SimLimits, SimUsed, Sims, Who};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use contracts::config_kv::{self, Access};
use contracts::limits::{Limit, Limits};
use contracts::modem::ModemState;
use contracts::{SimId, Timestamp, UserId};
use routing::Membership;
use store::{SimChange, SimError, User};

use super::body::{CheckedJson, PathId};
use super::caller::Caller;
use super::problem::{Answer, Code, Problem, sentence};
use crate::acts::sim::{self, SimKept};
use crate::acts::sim_limits::{self, NotLimits};
use crate::acts::{account, modem};
use crate::app::App;
use crate::authority::Authority;
use crate::power::Power;

/// `GET /sims`: those in modems that are known, and those for which something was set.
pub(super) async fn list(State(app): State<App>, Caller(authority): Caller) -> Answer<Json<Sims>> {
    let view = View::of(&app, &authority).await?;
    let sims = sim::list(&app, &authority, view.modems.keys().copied()).await?;
    Ok(Json(Sims { sims: sims.iter().map(|(id, sim)| view.shown(*id, sim)).collect() }))
}

/// `GET /sims/{id}`.
pub(super) async fn one(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<SimId>,
) -> Answer<Json<Sim>> {
    let sim = sim::find(&app, &authority, id).await?;
    let shown = View::of(&app, &authority).await?.shown(id, &sim);
    let used = if sim.limits.is_none() { None } else { used(&app, id, &sim.limits).await };
    Ok(Json(Sim { used, ..shown }))
}

/// `PATCH /sims/{id}`.
pub(super) async fn change(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<SimId>,
    CheckedJson(changes): CheckedJson<SimChanges>,
) -> Answer<Json<Sim>> {
    authority.must_for_good(Power::SimsManage)?;
    if changes == SimChanges::default() {
        let what = "Say what is to be changed: 'senders', 'readers', 'limits' or 'pool'.";
        return Err(Problem::malformed(what));
    }
    sim::find(&app, &authority, id).await?;
    let view = View::of(&app, &authority).await?;
    let change = SimChange {
        senders: changes.senders.map(|who| view.access(who)).transpose()?,
        readers: changes.readers.map(|who| view.access(who)).transpose()?,
        limits: changes.limits.map(|written| limits(&app, &written)).transpose()?,
        pool: changes.pool,
    };
    let sim = sim::change(&app, &authority, id, change).await?;
    Ok(Json(view.shown(id, &sim)))
}

/// What of a SIM's limits is used, where the broker says it.
async fn used(app: &App, id: SimId, limits: &Limits) -> Option<SimUsed> {
    let (usage, now) = (sim_limits::used(app, id).await?, app.clock.now());
    let today = limits.on_the_day(now, &limits.time_zone());
    let used = |limit| usage.used(limit, now);
    Some(SimUsed {
        per_minute: used(Limit::Minute),
        per_hour: used(Limit::Hour),
        per_day: used(Limit::Day),
        per_month: used(Limit::Month),
        recipients_per_month: limits.recipients_per_month.map(|_| used(Limit::Recipients)),
        spend_per_day: limits.price.map(|_| used(Limit::SpendDay)),
        spend_per_month: limits.price.map(|_| used(Limit::SpendMonth)),
        day_limit: today.most(Limit::Day),
    })
}

fn limits(app: &App, written: &SimLimits) -> Result<Limits, NotLimits> {
    let number = |written: Option<u32>| written.and_then(NonZeroU32::new);
    let limits = Limits {
        per_minute: number(written.per_minute),
        per_hour: number(written.per_hour),
        per_day: number(written.per_day),
        per_month: number(written.per_month),
        price: number(written.price),
        spend_per_day: number(written.spend_per_day),
        spend_per_month: number(written.spend_per_month),
        recipients_per_month: number(written.recipients_per_month),
        quiet: sim_limits::quiet(written.quiet.as_deref().unwrap_or_default())?,
        zone: written.zone.clone(),
        warm_up: None,
    };
    let from = written.warm_up_from.as_deref().unwrap_or_default();
    sim_limits::warmed_up(limits, written.warm_up, from, app.clock.now())
}

fn shown_limits(limits: &Limits) -> Option<SimLimits> {
    (!limits.is_unset()).then(|| SimLimits {
        per_minute: limits.most(Limit::Minute),
        per_hour: limits.most(Limit::Hour),
        per_day: limits.most(Limit::Day),
        per_month: limits.most(Limit::Month),
        price: limits.price.map(NonZeroU32::get),
        spend_per_day: limits.most(Limit::SpendDay),
        spend_per_month: limits.most(Limit::SpendMonth),
        recipients_per_month: limits.most(Limit::Recipients),
        quiet: limits.quiet.map(|quiet| quiet.to_string()),
        warm_up: limits.warm_up.map(|warm_up| warm_up.first_day.get()),
        warm_up_from: limits.warm_up.map(|warm_up| warm_up.from.to_string()),
        zone: limits.zone.clone(),
    })
}

/// What is needed to show SIMs to a caller.
struct View<'a> {
    authority: &'a Authority,
    /// The modem that each SIM is in.
    modems: HashMap<SimId, ModemState>,
    now: Timestamp,
    /// The accounts of the organisation, for administrators.
    users: Vec<User>,
    /// The place of each among them.
    places: HashMap<UserId, usize>,
    /// What the caller's own teams say of the SIMs that the caller sends through.
    teams: Option<Membership>,
}

impl<'a> View<'a> {
    async fn of(app: &App, authority: &'a Authority) -> Answer<Self> {
        let users = if authority.may(Power::SimsManage) {
            account::list(app, authority).await?
        } else {
            Vec::new()
        };
        // Who may not see modems is not told which of them a SIM is in.
        let modems = modem::list(app, authority).await.unwrap_or_default();
        let places = users.iter().zip(0..).map(|(user, place)| (user.id, place)).collect();
        let teams = app.directory.teams_of(authority.owner());
        let (modems, now) = (by_sim(modems), app.clock.now());
        Ok(Self { authority, modems, now, users, places, teams })
    }

    fn shown(&self, id: SimId, sim: &config_kv::Sim) -> Sim {
        let modem = self.modems.get(&id);
        let state = modem.and_then(|modem| modem.sim.as_ref());
        let reach = self.authority.reach;
        let is_admin = self.authority.may(Power::SimsManage);
        Sim {
            id,
            number: state.and_then(|state| state.number.clone()),
            modem: modem.map(|modem| modem.id),
            modem_name: modem.map(|modem| modem.name.clone()),
            online: modem.is_some_and(|modem| modem.is_online_at(self.now)),
            may_send: reach.sends_through(sim)
                && (sim.team.is_none() || sim.lets_through(self.authority.owner(), false))
                && self.teams.as_ref().is_none_or(|teams| teams.lets_through(id)),
            may_read: reach.reads(sim.org, None, sim),
            pool: sim.pool.clone(),
            team: sim.team.as_ref().map(|team| team.name.clone()),
            iccid: state
                .and_then(|state| state.iccid.clone())
                .filter(|_| self.authority.may(Power::ModemsOperate)),
            senders: is_admin.then(|| self.named(&sim.senders)),
            readers: is_admin.then(|| self.named(&sim.readers)),
            limits: shown_limits(&sim.limits),
            closed: modem.and_then(|modem| modem.closed.clone()),
            closed_to_new: modem.and_then(|modem| modem.closed_to_new.clone()),
            used: None,
        }
    }

    fn named(&self, access: &Access) -> Who {
        if access.everybody {
            return Who::everybody();
        }
        let places: BTreeSet<usize> =
            access.users.iter().filter_map(|user| self.places.get(user).copied()).collect();
        let named = places.into_iter().filter_map(|place| self.users.get(place));
        Who::Only(named.map(|user| user.name.clone()).collect())
    }

    fn access(&self, who: Who) -> Answer<Access> {
        let names = match who {
            Who::Everybody(_) => return Ok(Access::everybody()),
            Who::Only(names) => names,
        };
        let mut users = BTreeSet::new();
        for name in names {
            let lower = name.to_lowercase();
            let is_it =
                |user: &&User| user.name.to_lowercase() == lower || user.id.to_string() == name;
            let user = self.users.iter().find(is_it).ok_or_else(|| no_such_user(&name))?;
            users.insert(user.id);
        }
        Ok(Access { everybody: false, users })
    }
}

/// The first modem by name, where several say that they have a SIM.
fn by_sim(modems: Vec<ModemState>) -> HashMap<SimId, ModemState> {
    let sims = modems.into_iter().rev();
    sims.filter_map(|modem| Some((modem.sim.as_ref()?.id, modem))).collect()
}

fn no_such_user(name: &str) -> Problem {
    let name: String = name.chars().take(64).collect();
    let detail = format!("There is no user named '{name}'; nothing was changed.");
    Problem::new(Code::NoSuchUser, detail).answered(StatusCode::UNPROCESSABLE_ENTITY)
}

impl From<SimKept> for Problem {
    fn from(kept: SimKept) -> Self {
        match kept {
            SimKept::Denied(denied) => denied.into(),
            SimKept::Sim(error) => error.into(),
            SimKept::Limits(refused) => refused.into(),
        }
    }
}

impl From<NotLimits> for Problem {
    fn from(refused: NotLimits) -> Self {
        let field = format!("limits.{}", refused.field());
        Self::malformed(sentence(&refused.to_string())).with("field", field)
    }
}

impl From<SimError> for Problem {
    fn from(error: SimError) -> Self {
        match error {
            SimError::Elsewhere => Self::not_found("SIM of this id"),
            SimError::NoSuchUser(user) => no_such_user(&user.to_string()),
            SimError::OfTeam(_) => Self::new(Code::SimOfTeam, sentence(&error.to_string())),
            SimError::Store(error) => error.into(),
        }
    }
}
