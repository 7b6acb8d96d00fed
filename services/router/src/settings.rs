//! What the router knows of accounts, SIMs and numbers: the bucket `config`, watched.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use bus::{Bucket, Bus, Change, KvError, Watch};
use contracts::config_kv::{Account, LimitedAccount, OptOut, Sim, Team};
use contracts::credit::{Limited, Prices};
use contracts::limits::{AccountCounter, AccountLimits};
use contracts::routes::Routes;
use contracts::subject::Target;
use contracts::{OrgId, PhoneNumber, Priority, SimId, TeamId, UserId};
use routing::{Membership, Table};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::admission::Standing;
use crate::heard::Heard;
use crate::opted_out::OptedOut;
use crate::quotas::Quota;

/// Accounts, SIMs, rules and who opted out. Clones are the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings(Arc<RwLock<Known>>);

#[derive(Debug, Default)]
struct Known {
    accounts: HashMap<UserId, Account>,
    limits: HashMap<UserId, AccountQuotas>,
    sims: HashMap<SimId, Sim>,
    routes: HashMap<OrgId, Arc<Table>>,
    opted_out: HashMap<OrgId, OptedOut>,
    prices: HashMap<OrgId, Arc<Prices>>,
    limited: HashMap<UserId, Limited>,
    teams: HashMap<TeamId, Team>,
    /// What the teams of each account say, made ready.
    memberships: HashMap<UserId, Arc<Membership>>,
}

/// An account that has limits or a weight, made ready for each message.
#[derive(Debug)]
struct AccountQuotas {
    /// By priority.
    quotas: [Option<Arc<Quota>>; Priority::ALL.len()],
    turns: u32,
}

impl AccountQuotas {
    fn new(account: UserId, limits: &AccountLimits) -> Self {
        let quota = |priority| Quota::of(account, limits, priority).map(Arc::new);
        Self { quotas: Priority::ALL.map(quota), turns: limits.turns() }
    }

    fn quota(&self, priority: Priority) -> Option<&Arc<Quota>> {
        let of = Priority::ALL.into_iter().zip(&self.quotas).find(|(of, _)| *of == priority);
        of.and_then(|(_, quota)| quota.as_ref())
    }
}

impl Settings {
    /// Whether an account may send a message. One that is not there may; so may services of the inside, whose account is none.
    /// Nobody may send to who opted out.
    pub(crate) fn standing(
        &self,
        org: OrgId,
        account: UserId,
        sim: Option<SimId>,
        to: &PhoneNumber,
    ) -> Standing {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if known.opted_out.get(&org).is_some_and(|numbers| numbers.has(to)) {
            return Standing::OptedOut;
        }
        let is_own = |sim: SimId| known.sims.get(&sim).is_none_or(|sim| sim.org == org);
        match known.standing(account, sim) {
            // Which team it is of there is nobody's business here.
            Standing::Good | Standing::OfTeam(_) if !sim.is_none_or(is_own) => Standing::NotThisSim,
            standing => standing,
        }
    }

    /// Whether somebody has set something of this SIM, put a SIM into this pool, or made a rule that names it.
    pub(crate) fn knows_target(&self, target: &Target) -> bool {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let is_set = match target {
            Target::Sim(sim) => known.sims.contains_key(sim),
            Target::Pool(pool) => known.sims.values().any(|sim| sim.pool == *pool),
        };
        is_set || known.routes.values().any(|table| table.names(target))
    }

    /// The rules of an organisation; none: nobody set any.
    pub(crate) fn routes(&self, org: OrgId) -> Option<Arc<Table>> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.routes.get(&org).cloned()
    }

    /// What messages of an organisation cost; none: nothing.
    pub(crate) fn prices(&self, org: OrgId) -> Option<Arc<Prices>> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.prices.get(&org).cloned()
    }

    /// Whether an account sends only what its credit pays for.
    pub(crate) fn is_limited(&self, account: UserId) -> bool {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.limited.get(&account).is_some_and(|credit| credit.limited)
    }

    /// Whether an account of an organisation may send through a SIM.
    pub(crate) fn may_use(&self, org: OrgId, account: UserId, sim: SimId) -> bool {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let is_own = known.sims.get(&sim).is_none_or(|sim| sim.org == org);
        is_own && known.standing(account, Some(sim)) == Standing::Good
    }

    /// What the teams of an account say of its ways; none: it is of none.
    pub(crate) fn teams_of(&self, account: UserId) -> Option<Arc<Membership>> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.memberships.get(&account).cloned()
    }

    /// Whether messages of an account leave by SIMs of its teams only, and so through no pool.
    pub(crate) fn keeps_to_team(&self, account: UserId) -> bool {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.keeps_to_team(account).is_some()
    }

    /// The limits of an account for messages of a priority; none: it sends as much as comes.
    pub(crate) fn quota(&self, account: UserId, priority: Priority) -> Option<Arc<Quota>> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.limits.get(&account)?.quota(priority).cloned()
    }

    /// Whether an account has limits that count like this.
    pub(crate) fn counts(&self, counter: AccountCounter) -> bool {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let quotas = known.limits.get(&counter.account).map(|limited| &limited.quotas);
        quotas.into_iter().flatten().flatten().any(|quota| quota.counter == counter)
    }

    /// How many turns an account has in a round.
    pub(crate) fn turns_of(&self, account: UserId) -> u32 {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.limits.get(&account).map_or(1, |limited| limited.turns)
    }

    /// Whether there is such an account.
    pub(crate) fn knows_account(&self, account: UserId) -> bool {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.accounts.contains_key(&account)
    }

    /// Whether nothing that an account has waiting for this target may go out, whatever its organisation is.
    pub(crate) fn refuses(&self, account: UserId, target: &Target) -> bool {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let sim = match target {
            Target::Sim(sim) => Some(*sim),
            Target::Pool(_) if known.keeps_to_team(account).is_some() => return true,
            Target::Pool(_) => None,
        };
        known.standing(account, sim) != Standing::Good
    }

    /// What people know a SIM by: its number when somebody said it, else its id.
    pub(crate) fn name_of(&self, sim: SimId) -> String {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let number = known.sims.get(&sim).and_then(|sim| sim.number.as_ref());
        number.map_or_else(|| sim.to_string(), ToString::to_string)
    }

    /// Whether a SIM takes messages that do not name it: one that is not for everybody does not.
    pub(crate) fn is_in_pools(&self, sim: SimId) -> bool {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.sims.get(&sim).is_none_or(|sim| sim.senders.is_everybody())
    }

    /// The account that a SIM's received messages belong to; none: nobody.
    pub(crate) fn owner_of(&self, sim: SimId) -> Option<UserId> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.sims.get(&sim).and_then(|sim| sim.owner)
    }

    /// Reads what there is, and then follows every change until `soft` is cancelled. The first part is
    /// awaited before anything is decided.
    pub(crate) async fn watch(&self, bus: &Bus) -> Result<Follow, KvError> {
        let kv = bus.kv::<serde_json::Value>(Bucket::Config).await?;
        let mut follow = Follow { settings: self.clone(), watch: kv.watch().await? };
        while follow.step().await {}
        Ok(follow)
    }

    fn set(&self, key: &str, value: Option<serde_json::Value>) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        match key.split_once('.') {
            Some(("account", id)) => put(&mut known.accounts, id, value),
            Some(("limits", account)) => known.set_limits(account, value),
            Some(("sim", id)) => put(&mut known.sims, id, value),
            Some(("optout", _)) => known.opt_out(value),
            Some(("routes", org)) => known.set_routes(org, value),
            Some(("prices", org)) => known.set_prices(org, value),
            Some(("credit", id)) => put(&mut known.limited, id, value),
            Some(("team", id)) => known.set_team(id, value),
            // Of a later version.
            _ => {}
        }
    }
}

impl Known {
    /// Somebody opted out, or in again. An entry says of which number it is; none is ever deleted.
    fn opt_out(&mut self, value: Option<serde_json::Value>) {
        match value.map(serde_json::from_value::<OptOut>) {
            Some(Ok(OptOut { org, number, out })) => {
                self.opted_out.entry(org).or_default().put(number, out);
            }
            Some(Err(error)) => {
                tracing::warn!("passing over an opt-out that cannot be read: {error}");
            }
            None => {}
        }
    }

    /// How much an account may send.
    fn set_limits(&mut self, account: &str, value: Option<serde_json::Value>) {
        let Ok(account) = account.parse() else { return };
        match value.map(serde_json::from_value::<LimitedAccount>) {
            Some(Ok(LimitedAccount { limits, .. })) if !limits.is_unset() => {
                self.limits.insert(account, AccountQuotas::new(account, &limits));
            }
            Some(Err(error)) => tracing::warn!("passing over limits that cannot be read: {error}"),
            Some(Ok(_)) | None => {
                self.limits.remove(&account);
            }
        }
    }

    /// The rules of an organisation are made ready here, once, and not for each message.
    fn set_routes(&mut self, org: &str, value: Option<serde_json::Value>) {
        let Ok(org) = org.parse() else { return };
        match value.map(serde_json::from_value::<Routes>) {
            Some(Ok(routes)) => {
                self.routes.insert(org, Arc::new(Table::new(&routes)));
            }
            Some(Err(error)) => tracing::warn!("passing over rules that cannot be read: {error}"),
            None => {
                self.routes.remove(&org);
            }
        }
    }

    fn set_prices(&mut self, org: &str, value: Option<serde_json::Value>) {
        let Ok(org) = org.parse() else { return };
        match value.map(serde_json::from_value::<Prices>) {
            Some(Ok(prices)) => {
                self.prices.insert(org, Arc::new(prices));
            }
            Some(Err(error)) => tracing::warn!("passing over prices that cannot be read: {error}"),
            None => {
                self.prices.remove(&org);
            }
        }
    }

    /// Who is of which team is made ready here, once, and not for each message.
    fn set_team(&mut self, id: &str, value: Option<serde_json::Value>) {
        put(&mut self.teams, id, value);
        let mut of: HashMap<UserId, Vec<&Team>> = HashMap::new();
        for team in self.teams.values() {
            for user in &team.users {
                of.entry(*user).or_default().push(team);
            }
        }
        let ready = |(user, teams): (UserId, Vec<&Team>)| (user, Arc::new(Membership::of(teams)));
        self.memberships = of.into_iter().map(ready).collect();
    }

    /// The team whose users send through SIMs of their teams only, of those that an account is of.
    fn keeps_to_team(&self, account: UserId) -> Option<&str> {
        self.memberships.get(&account)?.keeps_to()
    }

    /// What an account may do, as far as that does not depend on its organisation.
    fn standing(&self, account: UserId, sim: Option<SimId>) -> Standing {
        let user = self.accounts.get(&account);
        if user.is_some_and(|user| !user.enabled) {
            return Standing::Disabled;
        }
        let Some(sim) = sim else { return Standing::Good };
        if let Some(teams) = self.memberships.get(&account).filter(|teams| !teams.lets_through(sim))
        {
            return Standing::KeepsToTeam(teams.keeps_to().unwrap_or_default().to_owned());
        }
        let Some(sim) = self.sims.get(&sim) else { return Standing::Good };
        let is_trusted = account == UserId::internal() || user.is_some_and(|user| user.admin);
        match &sim.team {
            _ if sim.lets_through(account, is_trusted) => Standing::Good,
            Some(team) => Standing::OfTeam(team.name.clone()),
            None => Standing::NotThisSim,
        }
    }
}

#[cfg(test)]
impl Settings {
    /// A setting was heard.
    pub(crate) fn put<T: serde::Serialize>(&self, key: &str, value: &T) {
        self.set(key, serde_json::to_value(value).ok());
    }
}

fn put<K, V>(map: &mut HashMap<K, V>, id: &str, value: Option<serde_json::Value>)
where
    K: std::str::FromStr + Eq + std::hash::Hash,
    V: serde::de::DeserializeOwned,
{
    let Ok(id) = id.parse() else { return };
    match value.map(serde_json::from_value) {
        Some(Ok(value)) => {
            map.insert(id, value);
        }
        Some(Err(error)) => tracing::warn!("passing over a setting that cannot be read: {error}"),
        None => {
            map.remove(&id);
        }
    }
}

/// The watch, after what was there has been read.
pub(crate) struct Follow {
    settings: Settings,
    watch: Watch<serde_json::Value>,
}

impl Follow {
    /// Follows until `soft` is cancelled, and lets the release know of each change: what waits may be refused by it.
    pub(crate) async fn run(mut self, release: mpsc::Sender<Heard>, soft: CancellationToken) {
        let follow = async {
            loop {
                self.step().await;
                if release.send(Heard::Settings).await.is_err() {
                    break;
                }
            }
        };
        soft.run_until_cancelled(follow).await;
    }

    /// One change; false when it was the end of what was there.
    async fn step(&mut self) -> bool {
        match self.watch.next().await {
            Change::Put { key, value, .. } => self.settings.set(&key, Some(value)),
            Change::Deleted { key } => self.settings.set(&key, None),
            Change::Complete => return false,
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use contracts::config_kv::{Access, SimTeam};

    use super::*;

    fn put<T: serde::Serialize>(settings: &Settings, key: &str, value: T) {
        settings.set(key, serde_json::to_value(value).ok());
    }

    fn number() -> PhoneNumber {
        PhoneNumber::parse("+628123456789").unwrap()
    }

    #[test]
    fn nobody_sends_to_who_opted_out() {
        let settings = Settings::default();
        let (org, abroad) = (OrgId::default_org(), OrgId::derived("abroad"));
        let key = OptOut::key(org, &number());
        let standing =
            |org, number: &PhoneNumber| settings.standing(org, UserId::internal(), None, number);
        put(&settings, &key, OptOut { org, number: number(), out: true });
        assert_eq!(standing(org, &number()), Standing::OptedOut);
        assert_eq!(standing(abroad, &number()), Standing::Good, "each organisation for itself");
        let other = PhoneNumber::parse("+628123456780").unwrap();
        assert_eq!(standing(org, &other), Standing::Good);
        for same in ["08123456789", "628123456789", "8123456789"] {
            let same = PhoneNumber::parse(same).unwrap();
            assert_eq!(standing(org, &same), Standing::OptedOut, "{same} is the same phone");
        }
        let elsewhere = PhoneNumber::parse("+608123456789").unwrap();
        assert_eq!(standing(org, &elsewhere), Standing::Good, "of another country");
        settings.set(&key, Some(serde_json::json!({ "out": "perhaps" })));
        assert_eq!(standing(org, &number()), Standing::OptedOut, "nonsense changes nothing");
        put(&settings, &key, OptOut { org, number: number(), out: false });
        assert_eq!(standing(org, &number()), Standing::Good);
        // As a network delivers it, and as lists have it.
        let national = PhoneNumber::parse("0811-222-333-4").unwrap();
        let key = OptOut::key(org, &national);
        put(&settings, &key, OptOut { org, number: national, out: true });
        let to = |text: &str| standing(org, &PhoneNumber::parse(text).unwrap());
        assert_eq!(to("+628112223334"), Standing::OptedOut);
        assert_eq!(to("2223334"), Standing::Good, "a shorter number is another one");
    }

    #[test]
    fn an_account_that_is_not_there_may_send() {
        let settings = Settings::default();
        let (org, account) = (OrgId::default_org(), UserId::derived("a"));
        let key = format!("account.{account}");
        let may_send = || settings.standing(org, account, None, &number()) == Standing::Good;
        assert!(may_send());
        let value = |enabled| Account { org, enabled, admin: false };
        put(&settings, &key, value(false));
        assert!(!may_send());
        settings.set(&key, Some(serde_json::json!("nonsense")));
        assert!(!may_send(), "nonsense changes nothing");
        put(&settings, &key, value(true));
        assert!(may_send());
        put(&settings, &key, value(false));
        settings.set(&key, None);
        assert!(may_send());
        settings.set("rule.1", Some(serde_json::json!({})));
    }

    #[test]
    fn an_account_is_unlimited_unless_it_is_said_otherwise() {
        let settings = Settings::default();
        let (org, account) = (OrgId::default_org(), UserId::derived("a"));
        assert!(!settings.is_limited(account) && settings.prices(org).is_none());
        put(&settings, &format!("credit.{account}"), Limited { org, limited: true });
        let mut prices = Prices::unset(org);
        prices.set("+62".parse().unwrap(), "350".parse().unwrap());
        put(&settings, &format!("prices.{org}"), prices);
        assert!(settings.is_limited(account));
        let price = settings.prices(org).map(|prices| prices.of(&number()));
        assert_eq!(price, "350".parse().ok());
        settings.set(&format!("prices.{org}"), Some(serde_json::json!({ "usual": "much" })));
        assert!(settings.prices(org).is_some(), "nonsense changes nothing");
        put(&settings, &format!("credit.{account}"), Limited { org, limited: false });
        assert!(!settings.is_limited(account));
    }

    #[test]
    fn limits_of_an_account_are_as_they_were_set_last() {
        let settings = Settings::default();
        let (org, account) = (OrgId::default_org(), UserId::derived("a"));
        let key = LimitedAccount::key(account);
        let set = |json: &str| {
            let limits = serde_json::from_str(json).unwrap();
            put(&settings, &key, LimitedAccount { org, limits });
        };
        let is_limited = |priority| settings.quota(account, priority).is_some();
        assert!(!is_limited(Priority::Otp) && settings.turns_of(account) == 1);
        set(r#"{"otp_per_hour":3,"weight":5}"#);
        assert!(is_limited(Priority::Otp) && !is_limited(Priority::Bulk));
        assert_eq!(settings.turns_of(account), 5);
        assert!(settings.counts(AccountCounter { account, passwords: true }));
        assert!(!settings.counts(AccountCounter { account, passwords: false }));
        settings.set(&key, Some(serde_json::json!({ "org": org, "per_hour": "many" })));
        assert!(is_limited(Priority::Otp), "nonsense changes nothing");
        set(r#"{"per_hour":3}"#);
        assert!(is_limited(Priority::Otp) && is_limited(Priority::Bulk));
        set("{}");
        assert!(!is_limited(Priority::Otp) && !is_limited(Priority::Bulk));
    }

    #[test]
    fn a_sim_may_have_an_owner() {
        let settings = Settings::default();
        let (sim, owner) = (SimId::derived("1"), UserId::derived("a"));
        assert_eq!(settings.owner_of(sim), None);
        let value = Sim { owner: Some(owner), ..Sim::unset(OrgId::default_org()) };
        put(&settings, &format!("sim.{sim}"), value);
        assert_eq!(settings.owner_of(sim), Some(owner));
    }

    #[test]
    fn a_sim_says_who_may_send_through_it() {
        let settings = Settings::default();
        let (org, sim) = (OrgId::default_org(), SimId::derived("1"));
        let (ani, budi, boss) =
            (UserId::derived("ani"), UserId::derived("budi"), UserId::derived("boss"));
        put(&settings, &format!("account.{boss}"), Account { org, enabled: true, admin: true });
        let standing = |account, through| settings.standing(org, account, through, &number());
        assert_eq!(standing(budi, Some(sim)), Standing::Good, "nobody set anything");
        assert!(settings.is_in_pools(sim));
        let only_ani = Sim { senders: Access::only([ani]), ..Sim::unset(org) };
        put(&settings, &format!("sim.{sim}"), only_ani);
        for (account, expected) in [
            (ani, Standing::Good),
            (boss, Standing::Good),
            (UserId::internal(), Standing::Good),
            (budi, Standing::NotThisSim),
        ] {
            assert_eq!(standing(account, Some(sim)), expected);
            assert_eq!(standing(account, None), Standing::Good);
        }
        assert!(!settings.is_in_pools(sim), "what does not name it goes out through others");
        let abroad = OrgId::derived("abroad");
        assert_eq!(settings.standing(abroad, boss, Some(sim), &number()), Standing::NotThisSim);
        put(&settings, &format!("account.{ani}"), Account { org, enabled: false, admin: false });
        assert_eq!(standing(ani, Some(sim)), Standing::Disabled);
    }

    #[test]
    fn a_sim_of_a_team_is_for_its_users_alone() {
        let settings = Settings::default();
        let (org, sim, free) = (OrgId::default_org(), SimId::derived("1"), SimId::derived("2"));
        let (ani, budi, boss) =
            (UserId::derived("ani"), UserId::derived("budi"), UserId::derived("boss"));
        let (id, name) = (TeamId::derived("sales"), "Sales".to_owned());
        put(&settings, &format!("account.{boss}"), Account { org, enabled: true, admin: true });
        let team = Some(SimTeam { id, name: name.clone() });
        let of_team = Sim { senders: Access::only([ani]), team, ..Sim::unset(org) };
        put(&settings, &format!("sim.{sim}"), of_team);
        let set = |own_sims_only, users: &[UserId]| {
            let (users, sims) = (users.iter().copied().collect(), [sim].into());
            let value = Team { org, name: name.clone(), own_sims_only, users, sims };
            put(&settings, &Team::key(id), value);
        };
        set(false, &[ani]);
        let standing = |account, through| settings.standing(org, account, through, &number());
        for account in [budi, boss, UserId::internal()] {
            assert_eq!(standing(account, Some(sim)), Standing::OfTeam(name.clone()), "{account}");
            assert!(!settings.may_use(org, account, sim) && settings.may_use(org, account, free));
            assert!(settings.refuses(account, &Target::Sim(sim)));
        }
        assert!(settings.may_use(org, ani, sim) && settings.may_use(org, ani, free));
        assert!(!settings.is_in_pools(sim));
        let abroad = OrgId::derived("abroad");
        assert_eq!(settings.standing(abroad, budi, Some(sim), &number()), Standing::NotThisSim);
        // Its users may be kept to it, and then no pool is theirs.
        let default = Target::Pool(contracts::PoolId::default_pool());
        assert!(!settings.keeps_to_team(ani) && !settings.refuses(ani, &default));
        set(true, &[ani]);
        assert_eq!(standing(ani, Some(free)), Standing::KeepsToTeam(name.clone()));
        assert_eq!(standing(ani, Some(sim)), Standing::Good);
        assert_eq!(standing(ani, None), Standing::Good);
        assert!(settings.refuses(ani, &default) && !settings.refuses(budi, &default));
        settings.set(&Team::key(id), Some(serde_json::json!({ "own_sims_only": "perhaps" })));
        assert!(settings.keeps_to_team(ani), "nonsense changes nothing");
        set(true, &[]);
        assert!(settings.teams_of(ani).is_none() && !settings.refuses(ani, &default));
    }
}
