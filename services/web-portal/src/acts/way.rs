//! Which way a message would go, and why. Nothing is sent.

use std::collections::HashSet;

use contracts::modem::{ModemState, SimState};
use contracts::phone::PhoneError;
use contracts::routes::Strategy;
use contracts::subject::Target;
use contracts::{KeyId, PhoneNumber, PoolId, Priority, SimId, Timestamp, UserId};
use numbering::Unusable;
use routing::{Explained, Membership, Message, Miss, Online, Past, Table, Way};
use store::{Reach, Role, StoreError, User};

use crate::app::App;
use crate::authority::{Authority, Denied};
use crate::power::Power;

/// What was said of a number that is looked at.
const CHANGES: u32 = 100;
/// Modems that are named.
const NAMED: usize = 10;

/// A message that might be sent.
#[derive(Clone)]
pub(crate) struct Tried {
    /// The recipient, as somebody wrote it.
    pub(crate) to: String,
    /// Its text.
    pub(crate) text: Option<String>,
    /// Who sends it, by name or id; none: whoever asks.
    pub(crate) account: Option<String>,
    /// How urgent it is.
    pub(crate) priority: Priority,
    /// The key by which it is sent.
    pub(crate) key: Option<KeyId>,
    /// Its tag.
    pub(crate) tag: Option<String>,
    /// The sender that it asks for.
    pub(crate) sender: Option<String>,
    /// The SIM or pool that it names.
    pub(crate) named: Option<Target>,
    /// When; none: now.
    pub(crate) at: Option<Timestamp>,
}

/// Why it cannot be said.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotTried {
    /// Not with this authority.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The recipient is no number.
    #[error("the recipient: {0}")]
    NoNumber(#[from] PhoneError),
    /// There is no such account.
    #[error("there is no user '{0}'")]
    NoSuchUser(String),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What would become of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Would {
    /// The rules that were asked before and do not take it.
    pub(crate) passed: Vec<(String, Miss)>,
    /// The rule that takes it; none: none does.
    pub(crate) rule: Option<String>,
    /// What happens then.
    pub(crate) end: End,
}

/// What happens to a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum End {
    /// Its recipient asked to be sent nothing more.
    OptedOut,
    /// Its account is disabled.
    Disabled,
    /// Its account may not send through the SIM that it names.
    NotThisSim,
    /// The SIM that it names belongs to this team, which its account is not of.
    OfTeam(String),
    /// The users of this team, of which its account is, send through SIMs of their teams only, and that is none of them.
    KeepsToTeam(String),
    /// Its number is sent nothing.
    Unusable(Unusable),
    /// The rule refuses it, for this reason.
    Refused(String),
    /// It goes this way.
    Goes(Going),
}

/// Which way a message goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Going {
    /// Through these modems.
    pub(crate) target: Target,
    /// The pool whose strategy chose the SIM, if one did.
    pub(crate) shared: Option<(PoolId, Strategy)>,
    /// The names of the modems that could take it now, ten at most.
    pub(crate) modems: Vec<String>,
    /// What people know the SIM by, if it is one.
    pub(crate) sim: Option<String>,
    /// The team that the SIM belongs to, by its name.
    pub(crate) team: Option<String>,
}

/// Says which way a message would go.
pub(crate) async fn of(app: &App, authority: &Authority, tried: &Tried) -> Result<Would, NotTried> {
    authority.must(Power::RoutesRead)?;
    explain(app, authority, tried).await
}

/// Says which way a message of one's own would go: whoever may send it may know that.
pub(crate) async fn of_own(
    app: &App,
    authority: &Authority,
    tried: &Tried,
) -> Result<Would, NotTried> {
    authority.must(Power::MessagesSend)?;
    let own = Tried { account: None, key: authority.key(), ..tried.clone() };
    explain(app, authority, &own).await
}

async fn explain(app: &App, authority: &Authority, tried: &Tried) -> Result<Would, NotTried> {
    // As the router reads it, before it asks the rules.
    let to = match app.settings.numbering.read(&tried.to) {
        Ok(to) => to,
        Err(Unusable::Unreadable(error)) => return Err(error.into()),
        Err(error) => {
            let end = End::Unusable(error);
            return Ok(Would { passed: Vec::new(), rule: None, end });
        }
    };
    let users = app.store.users(authority.reach).await?;
    let user = match &tried.account {
        Some(said) => Some(find(&users, said)?),
        None => users.iter().find(|user| user.id == authority.owner()),
    };
    let account = user.map_or_else(UserId::internal, |user| user.id);
    let refused = |end| Would { passed: Vec::new(), rule: None, end };
    if is_out(app, authority, &to).await? {
        return Ok(refused(End::OptedOut));
    }
    if user.is_some_and(|user| !user.enabled) {
        return Ok(refused(End::Disabled));
    }
    let is_trusted = user.is_none_or(|user| user.role == Role::Admin);
    let teams = app.directory.teams_of(account);
    let keeps_to = || {
        let team = teams.as_ref().and_then(Membership::keeps_to);
        End::KeepsToTeam(team.unwrap_or_default().to_owned())
    };
    let is_walled = |id: SimId| teams.as_ref().is_some_and(|teams| !teams.lets_through(id));
    let may_use = |id: SimId| {
        let sim = app.directory.sim(id);
        sim.org == authority.org && sim.lets_through(account, is_trusted) && !is_walled(id)
    };
    if let Some(Target::Sim(id)) = tried.named
        && !may_use(id)
    {
        let sim = app.directory.sim(id);
        return Ok(refused(match sim.team {
            _ if is_walled(id) => keeps_to(),
            Some(team) if sim.org == authority.org => End::OfTeam(team.name),
            _ => End::NotThisSim,
        }));
    }
    let now = app.clock.now();
    let there = app
        .fleet
        .of(authority.org)
        .await
        .into_iter()
        .filter(|modem| is_open(modem, tried.priority, now));
    let there: Vec<Active> = there.filter_map(|modem| Active::of(app, modem)).collect();
    let online = Online::new(there.iter().map(|one| (one.sim, one.pools.clone(), one.sent_today)));
    // The rules of the organisation decide about the messages of each account in it.
    let (routes, _) = app.store.routes(Reach::everything(authority.org)).await?;
    let table = Table::new(&routes);
    let message = Message {
        to: &to,
        account,
        priority: tried.priority,
        text: Some(tried.text.as_deref().unwrap_or_default()),
        key: tried.key,
        tag: tried.tag.as_deref(),
        sender: tried.sender.as_deref(),
        named: tried.named.clone(),
        teams: teams.as_ref(),
        at: tried.at.unwrap_or(now),
    };
    let Explained { passed, decision } =
        table.explain(&message, &online, &Past::default(), may_use);
    let passed = passed.into_iter().map(|one| (one.rule.to_owned(), one.why)).collect();
    let rule = decision.rule.map(str::to_owned);
    let end = match decision.way {
        Way::Refused(why) => End::Refused(why.to_owned()),
        Way::Walled => keeps_to(),
        Way::Through(chosen) => {
            let able = there.iter().filter(|one| match &chosen.target {
                Target::Sim(wanted) => *wanted == one.sim,
                Target::Pool(wanted) => one.pools.contains(wanted),
            });
            let modems = able.map(|one| one.name.clone()).take(NAMED).collect();
            let sim = chosen.sim().map(|wanted| {
                let there = there.iter().find(|one| one.sim == wanted);
                let number = there.and_then(|one| one.number.as_ref());
                number.map_or_else(|| wanted.to_string(), ToString::to_string)
            });
            let of_team = |sim| app.directory.sim(sim).team.map(|team| team.name);
            let team = chosen.sim().and_then(of_team);
            let shared = chosen.shared.map(|pool| {
                let strategy = table.strategy(&pool);
                (pool, strategy)
            });
            End::Goes(Going { target: chosen.target, shared, modems, sim, team })
        }
    };
    Ok(Would { passed, rule, end })
}

/// Whether a modem takes messages of a priority from anybody to anybody: it is online, and its SIM has reached no limit.
fn is_open(modem: &ModemState, priority: Priority, now: Timestamp) -> bool {
    let closed = modem.closed.as_ref().filter(|closed| closed.until > now);
    let sends_to_all = modem.closed_to_new.as_ref().is_none_or(|closed| closed.until <= now);
    modem.is_online_at(now)
        && sends_to_all
        && closed.is_none_or(|closed| closed.lets_through(priority))
}

/// A SIM in a modem that is online.
struct Active {
    sim: SimId,
    number: Option<PhoneNumber>,
    pools: Vec<PoolId>,
    sent_today: u64,
    name: String,
}

impl Active {
    fn of(app: &App, modem: ModemState) -> Option<Self> {
        let ModemState { sim, pools, sent_today, name, .. } = modem;
        let SimState { id, number, .. } = sim?;
        // A SIM that is not for everybody is in no pool: it takes only what names it.
        let pools = match pools.as_slice() {
            _ if !app.directory.is_for_everybody(id) => Vec::new(),
            [] => vec![PoolId::default_pool()],
            _ => pools,
        };
        Some(Self { sim: id, number, pools, sent_today, name })
    }
}

/// The account of this name or id.
fn find<'u>(users: &'u [User], said: &str) -> Result<&'u User, NotTried> {
    let lower = said.trim().to_lowercase();
    let is_it = |user: &&User| user.name.to_lowercase() == lower || user.id.to_string() == lower;
    let found = users.iter().find(is_it);
    found.ok_or_else(|| NotTried::NoSuchUser(said.chars().take(64).collect()))
}

/// Whether a phone is sent nothing, in whatever writing of its number that was said.
async fn is_out(app: &App, authority: &Authority, to: &PhoneNumber) -> Result<bool, StoreError> {
    let changes = app.store.opt_out_changes(authority.reach, to, CHANGES).await?;
    let mut seen = HashSet::new();
    // The newest of each writing is how it is now.
    Ok(changes.iter().any(|change| seen.insert(change.number.clone()) && change.out))
}
