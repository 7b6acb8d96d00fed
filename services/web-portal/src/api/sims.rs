//! SIMs, and who may use them.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json as Answered;
use axum::extract::State;
use axum::http::StatusCode;
use contracts::config_kv::{Access, Sim};
use contracts::modem::ModemState;
use contracts::{SimId, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};
use store::{SimChange, SimError, User};

use super::body::{Id, Json};
use crate::app::App;
use crate::caller::Caller;
use crate::problem::{Answer, Problem};

/// `GET /sims`: those in modems that are known, and those for which something was set.
pub(super) async fn list(State(app): State<App>, caller: Caller) -> Answer<Answered<Value>> {
    let view = View::of(&app, &caller).await?;
    let set = app.store.sims(caller.org).await?;
    let mut sims: BTreeMap<SimId, Sim> = view
        .modems
        .iter()
        .filter_map(|modem| modem.sim.as_ref())
        .map(|sim| (sim.id, Sim::unset(caller.org)))
        .collect();
    sims.extend(set);
    let sims: Vec<Value> = sims.iter().map(|(id, sim)| view.shown(*id, sim)).collect();
    Ok(Answered(json!({ "sims": sims })))
}

/// `GET /sims/{id}`.
pub(super) async fn one(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<SimId>,
) -> Answer<Answered<Value>> {
    let sim = find(&app, &caller, id).await?;
    Ok(Answered(View::of(&app, &caller).await?.shown(id, &sim)))
}

/// A SIM of the caller's organisation.
async fn find(app: &App, caller: &Caller, id: SimId) -> Answer<Sim> {
    let sim = app.store.sim(id).await?;
    if sim.org == caller.org { Ok(sim) } else { Err(Problem::not_found("SIM of this id")) }
}

/// Everybody, or accounts by name or id; an empty list leaves only administrators.
#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "\"everybody\", or a list of users' names")]
enum Who {
    Everybody(Everybody),
    Only(Vec<String>),
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Everybody {
    Everybody,
}

/// Who may, from now on; what is not named stays.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Changes {
    senders: Option<Who>,
    readers: Option<Who>,
}

/// `PATCH /sims/{id}`.
pub(super) async fn change(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<SimId>,
    Json(changes): Json<Changes>,
) -> Answer<Answered<Value>> {
    caller.must_give_for_good()?;
    if changes.senders.is_none() && changes.readers.is_none() {
        return Err(Problem::malformed("Say what is to be changed: 'senders' or 'readers'."));
    }
    find(&app, &caller, id).await?;
    let view = View::of(&app, &caller).await?;
    let change = SimChange {
        senders: changes.senders.map(|who| view.access(who)).transpose()?,
        readers: changes.readers.map(|who| view.access(who)).transpose()?,
    };
    let sim = app.store.change_sim(caller.org, id, &change, Timestamp::now()).await?;
    tracing::info!(sim = %id, by = caller.name(), "who may use a SIM was changed");
    Ok(Answered(view.shown(id, &sim)))
}

/// What is needed to show SIMs to a caller.
struct View<'a> {
    caller: &'a Caller,
    modems: Vec<ModemState>,
    /// The accounts of the organisation, for administrators.
    users: Vec<User>,
}

impl<'a> View<'a> {
    async fn of(app: &App, caller: &'a Caller) -> Answer<Self> {
        let users = if caller.admin { app.store.users(caller.org).await? } else { Vec::new() };
        Ok(Self { caller, modems: app.fleet.of(caller.org).await, users })
    }

    fn shown(&self, id: SimId, sim: &Sim) -> Value {
        let is_in = |modem: &&ModemState| modem.sim.as_ref().is_some_and(|sim| sim.id == id);
        let modem = self.modems.iter().find(is_in);
        let scope = self.caller.scope;
        let mut value = json!({
            "id": id,
            "number": modem.and_then(|modem| modem.sim.as_ref()?.number.as_ref()),
            "modem": modem.map(|modem| modem.id),
            "modem_name": modem.map(|modem| &modem.name),
            "online": modem.is_some_and(|modem| modem.is_online_at(Timestamp::now())),
            "may_send": scope.sends_through(sim),
            "may_read": scope.reads(sim.org, None, sim),
        });
        if self.caller.admin {
            value["iccid"] = json!(modem.and_then(|modem| modem.sim.as_ref()?.iccid.as_ref()));
            value["senders"] = self.named(&sim.senders);
            value["readers"] = self.named(&sim.readers);
        }
        value
    }

    fn named(&self, access: &Access) -> Value {
        if access.everybody {
            return json!("everybody");
        }
        let named = self.users.iter().filter(|user| access.users.contains(&user.id));
        json!(named.map(|user| user.name.as_str()).collect::<Vec<_>>())
    }

    fn access(&self, who: Who) -> Answer<Access> {
        let names = match who {
            Who::Everybody(Everybody::Everybody) => return Ok(Access::everybody()),
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

fn no_such_user(name: &str) -> Problem {
    let name: String = name.chars().take(64).collect();
    let detail = format!("There is no user named '{name}'; nothing was changed.");
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "no-such-user", "There is no such user", detail)
}

impl From<SimError> for Problem {
    fn from(error: SimError) -> Self {
        match error {
            SimError::Elsewhere => Self::not_found("SIM of this id"),
            SimError::NoSuchUser(user) => no_such_user(&user.to_string()),
            SimError::Store(error) => error.into(),
        }
    }
}
