//! Rules that say which way messages go, and how pools share their work.

use std::collections::{BTreeMap, HashMap};

use contracts::modem::ModemState;
use contracts::routes::Routes;
use contracts::{PoolId, SimId, UserId};
use numbering::Plan;
use routing::{Finding, Known, check};
use store::{AuditAction, ChangeRoutesError, RoutesVersion, StoreError, User};

use crate::acts::not_read::NotRead;
use crate::app::App;
use crate::authority::{Authority, Denied};
use crate::power::Power;

/// The most bytes of all rules and pools, as they are kept and published.
pub(crate) const LARGEST: usize = 512 * 1024;

/// Why the rules were not changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotChanged {
    /// Not with this authority.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// Something is wrong with them.
    #[error("the rules cannot be taken like that")]
    Wrong(Vec<Finding>),
    /// They are too large together.
    #[error("the rules are larger than {} KiB together", LARGEST / 1024)]
    TooLarge,
    /// Somebody changed them meanwhile: they have this version.
    #[error("the rules were changed meanwhile and have version {0} now; nothing was done")]
    Meanwhile(i64),
    /// There is no such version any more, or not yet.
    #[error("there is no such version of the rules; the last {} are kept", store::KEPT_ROUTES)]
    NoSuchVersion,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ChangeRoutesError> for NotChanged {
    fn from(error: ChangeRoutesError) -> Self {
        match error {
            ChangeRoutesError::Changed(version) => Self::Meanwhile(version),
            ChangeRoutesError::Store(error) => Self::Store(error),
        }
    }
}

/// The rules, with what is there beside them.
#[derive(Debug)]
pub(crate) struct Seen {
    /// The rules and pools.
    pub(crate) routes: Routes,
    /// Their version; 0: they were never changed.
    pub(crate) version: i64,
    /// What is to be thought about.
    pub(crate) findings: Vec<Finding>,
    /// What they may name.
    pub(crate) there: There,
}

/// The accounts and SIMs of an organisation.
#[derive(Debug)]
pub(crate) struct There {
    /// The accounts.
    pub(crate) users: Vec<User>,
    /// The SIMs, each with its pool; none: it is in no pool, for it is not for everybody.
    pub(crate) sims: BTreeMap<SimId, Option<PoolId>>,
    /// The modems that have them.
    pub(crate) modems: HashMap<SimId, ModemState>,
}

impl There {
    async fn of(app: &App, authority: &Authority) -> Result<Self, StoreError> {
        let users = app.store.users(authority.reach).await?;
        let set = app.store.sims(authority.reach).await?;
        let mut sims = BTreeMap::new();
        let mut modems = HashMap::new();
        for modem in app.fleet.of(authority.org).await {
            let Some(sim) = modem.sim.as_ref().map(|sim| sim.id) else { continue };
            sims.insert(sim, Some(PoolId::default_pool()));
            modems.insert(sim, modem);
        }
        for (id, sim) in set {
            sims.insert(id, sim.senders.is_everybody().then_some(sim.pool));
        }
        Ok(Self { users, sims, modems })
    }

    fn known(&self) -> Known {
        let mut accounts: std::collections::BTreeSet<UserId> =
            self.users.iter().map(|user| user.id).collect();
        accounts.insert(UserId::internal());
        Known { sims: self.sims.clone(), accounts }
    }

    /// The SIMs of each pool, the default one too, sorted.
    pub(crate) fn pools(&self) -> BTreeMap<PoolId, Vec<SimId>> {
        let mut pools = BTreeMap::from([(PoolId::default_pool(), Vec::new())]);
        for (sim, pool) in &self.sims {
            if let Some(pool) = pool {
                pools.entry(pool.clone()).or_default().push(*sim);
            }
        }
        pools
    }

    /// What people know a SIM by: its number, else the modem that has it, else its id.
    pub(crate) fn name_of(&self, id: SimId) -> String {
        let modem = self.modems.get(&id);
        let sim = modem.and_then(|modem| modem.sim.as_ref());
        let number = sim.and_then(|sim| sim.number.as_ref()).map(ToString::to_string);
        let name = number.or_else(|| modem.map(|modem| modem.name.clone()));
        name.unwrap_or_else(|| id.to_string())
    }

    /// The name of an account, as far as there is one.
    pub(crate) fn user_name(&self, id: UserId) -> String {
        let user = self.users.iter().find(|user| user.id == id);
        user.map_or_else(|| id.to_string(), |user| user.name.clone())
    }
}

/// The accounts that rules may name.
pub(crate) async fn accounts(app: &App, authority: &Authority) -> Result<Vec<User>, NotRead> {
    authority.must_one_of([Power::RoutesManage, Power::RoutesRead])?;
    Ok(app.store.users(authority.reach).await?)
}

/// The rules of the organisation.
pub(crate) async fn list(app: &App, authority: &Authority) -> Result<Seen, NotRead> {
    authority.must(Power::RoutesRead)?;
    let (routes, version) = app.store.routes(authority.reach).await?;
    let there = There::of(app, authority).await?;
    let findings = check(&routes, &there.known());
    Ok(Seen { routes, version, findings, there })
}

/// The rules as they were in a version; none: it is not kept.
pub(crate) async fn of_version(
    app: &App,
    authority: &Authority,
    version: i64,
) -> Result<Option<Seen>, NotRead> {
    authority.must(Power::RoutesRead)?;
    let Some(routes) = app.store.routes_of(authority.reach, version).await? else {
        return Ok(None);
    };
    let there = There::of(app, authority).await?;
    let findings = check(&routes, &there.known());
    Ok(Some(Seen { routes, version, findings, there }))
}

/// The versions that are kept, newest first, each with the name of who made it.
pub(crate) async fn versions(
    app: &App,
    authority: &Authority,
) -> Result<Vec<(RoutesVersion, String)>, NotRead> {
    authority.must(Power::RoutesRead)?;
    let users = app.store.users(authority.reach).await?;
    let name = |account: UserId| {
        let user = users.iter().find(|user| user.id == account);
        let local = if account == UserId::internal() { "local" } else { "" };
        user.map_or_else(|| local.to_owned(), |user| user.name.clone())
    };
    let versions = app.store.routes_versions(authority.reach).await?;
    let named = |one: RoutesVersion| {
        let by = name(one.account);
        (one, by)
    };
    Ok(versions.into_iter().map(named).collect())
}

/// The rules with what numbers begin with as the router reads numbers: as they are dialled.
fn dialled(mut routes: Routes, plan: &Plan) -> Routes {
    for rule in &mut routes.rules {
        for prefix in &mut rule.when.prefixes {
            if let Ok(dialled) = plan.beginning(prefix.as_str()).parse() {
                *prefix = dialled;
            }
        }
    }
    routes
}

/// Rules and pools as they would be kept, when they may be. What numbers begin with at home is kept as what they begin with
/// abroad, once there is a home country.
pub(crate) async fn checked(
    app: &App,
    authority: &Authority,
    routes: Routes,
) -> Result<Seen, NotChanged> {
    authority.must_for_good(Power::RoutesManage)?;
    let routes = dialled(routes, &app.settings.numbering);
    let there = There::of(app, authority).await?;
    let findings = check(&routes, &there.known());
    if findings.iter().any(|finding| finding.fault.is_error()) {
        return Err(NotChanged::Wrong(findings));
    }
    let size = serde_json::to_string(&routes).map_or(usize::MAX, |json| json.len());
    if size > LARGEST {
        return Err(NotChanged::TooLarge);
    }
    Ok(Seen { routes, version: 0, findings, there })
}

/// Puts rules and pools in place of those of a version, and returns how they are then.
pub(crate) async fn change(
    app: &App,
    authority: &Authority,
    routes: Routes,
    version: i64,
) -> Result<Seen, NotChanged> {
    authority.must_for_good(Power::RoutesManage)?;
    let Seen { routes, findings, there, .. } = checked(app, authority, routes).await?;
    let (owner, now) = (authority.owner(), app.clock.now());
    let store = app.store.audited(authority.entry(app, AuditAction::RoutesChanged));
    let version = store.change_routes(authority.reach, &routes, version, owner, now).await?;
    tracing::info!(version, by = authority.name(), "the rules of messages' ways were changed");
    Ok(Seen { routes, version, findings, there })
}

/// Makes the rules like those of a version, or of the one before the present one. `now` is the version that they have; none:
/// whichever it is.
pub(crate) async fn restore(
    app: &App,
    authority: &Authority,
    version: Option<i64>,
    now: Option<i64>,
) -> Result<Seen, NotChanged> {
    authority.must_for_good(Power::RoutesManage)?;
    let (_, present) = app.store.routes(authority.reach).await?;
    let wanted = version.unwrap_or(present - 1);
    // Before the first change there were none.
    let routes = match wanted {
        0 if present > 0 => Some(Routes::unset(authority.org)),
        wanted => app.store.routes_of(authority.reach, wanted).await?,
    };
    let routes = routes.ok_or(NotChanged::NoSuchVersion)?;
    change(app, authority, routes, now.unwrap_or(present)).await
}
