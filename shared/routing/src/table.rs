//! The rules and pools of an organisation, made ready.

use std::collections::{HashMap, HashSet};

use contracts::routes::{Routes, Rule, Strategy};
use contracts::subject::Target;
use contracts::{PoolId, SimId};

use crate::conditions::{Asked, Questions, Zones};
use crate::decision::{Chosen, Decision, Explained, Miss, Passed, Way};
use crate::share::Share;
use crate::{Message, Online, Past};

/// See the module. What is wrong with a rule is no matter here: a rule that cannot be asked takes nothing.
#[derive(Debug, Clone, Default)]
pub struct Table {
    rules: Vec<Ready>,
    zones: Zones,
    pools: HashMap<PoolId, Share>,
    targets: HashSet<Target>,
}

/// A rule, made ready.
#[derive(Debug, Clone)]
struct Ready {
    name: String,
    enabled: bool,
    questions: Questions,
    targets: Vec<Target>,
    refuse: Option<String>,
}

impl Ready {
    fn new(rule: &Rule, zones: &mut Zones) -> Self {
        Self {
            name: rule.name.clone(),
            enabled: rule.enabled,
            questions: Questions::new(&rule.when, zones),
            targets: rule.targets.clone(),
            refuse: rule.refuse.clone(),
        }
    }
}

impl Table {
    /// Makes them ready.
    pub fn new(routes: &Routes) -> Self {
        let mut zones = Zones::default();
        let rules: Vec<Ready> =
            routes.rules.iter().map(|rule| Ready::new(rule, &mut zones)).collect();
        let pools = routes.pools.iter().map(|pool| (pool.name.clone(), Share::new(pool))).collect();
        let targets = routes.rules.iter().flat_map(|rule| &rule.targets).cloned().collect();
        Self { rules, zones, pools, targets }
    }

    /// Whether a rule names this target.
    pub fn names(&self, target: &Target) -> bool {
        self.targets.contains(target)
    }

    /// How the SIMs of a pool share what goes through it.
    pub fn strategy(&self, pool: &PoolId) -> Strategy {
        self.pools.get(pool).map_or(Strategy::AsFree, Share::strategy)
    }

    /// Decides which way a message goes. `may_use` says whether its account may send through a SIM.
    pub fn decide(
        &self,
        message: &Message<'_>,
        online: &Online,
        past: &Past,
        may_use: impl Fn(SimId) -> bool,
    ) -> Decision<'_> {
        self.look(message, online, past, &may_use, |_| {})
    }

    /// Decides like [`Self::decide`], and says of each rule that was asked before why it does not take the message.
    pub fn explain(
        &self,
        message: &Message<'_>,
        online: &Online,
        past: &Past,
        may_use: impl Fn(SimId) -> bool,
    ) -> Explained<'_> {
        let mut passed = Vec::new();
        let decision = self.look(message, online, past, &may_use, |one| passed.push(one));
        Explained { passed, decision }
    }

    fn look<'t>(
        &'t self,
        message: &Message<'_>,
        online: &Online,
        past: &Past,
        may_use: &impl Fn(SimId) -> bool,
        mut passed: impl FnMut(Passed<'t>),
    ) -> Decision<'t> {
        let asked = Asked::new(message, &self.zones);
        for rule in &self.rules {
            let way = rule.take(&asked, online, may_use);
            let target = match way {
                Ok(Taken::Refused(why)) => {
                    return Decision { rule: Some(&rule.name), way: Way::Refused(why) };
                }
                Ok(Taken::To(target)) => target.clone(),
                Err(why) => {
                    passed(Passed { rule: &rule.name, why });
                    continue;
                }
            };
            let chosen = self.chosen(target, message, online, past, may_use);
            return Decision { rule: Some(&rule.name), way: Way::Through(chosen) };
        }
        if let Some(way) = way_of_team(message, online, past, may_use) {
            return Decision { rule: None, way };
        }
        let chosen = self.chosen(message.own_way(), message, online, past, may_use);
        Decision { rule: None, way: Way::Through(chosen) }
    }

    /// Which modems of a target: one SIM of a pool when the pool has a strategy that chooses one.
    fn chosen(
        &self,
        target: Target,
        message: &Message<'_>,
        online: &Online,
        past: &Past,
        may_use: impl Fn(SimId) -> bool,
    ) -> Chosen {
        if let Target::Pool(pool) = &target
            && let Some(share) = self.pools.get(pool)
            && let Some(sim) = share.choose(pool, message.to, online, past, may_use)
        {
            let shared = Some(pool.clone());
            return Chosen { target: Target::Sim(sim), shared, of_team: false, online: true };
        }
        let online = online.has(&target);
        Chosen { target, shared: None, of_team: false, online }
    }
}

/// The way that the teams of an account say, of a message that no rule takes: through one of their SIMs that is online, else, where it may
/// leave by others and one of these is online, the usual one, else through a SIM of theirs that is away. None: the usual way.
fn way_of_team<'t>(
    message: &Message<'_>,
    online: &Online,
    past: &Past,
    may_use: &impl Fn(SimId) -> bool,
) -> Option<Way<'t>> {
    let teams = message.teams?;
    let keeps_to_team = message.keeps_to_team();
    match &message.named {
        Some(Target::Pool(_)) if keeps_to_team => return Some(Way::Walled),
        Some(_) => return None,
        None => {}
    }
    let through = |sim, online| {
        Way::Through(Chosen { target: Target::Sim(sim), shared: None, of_team: true, online })
    };
    if let Some(sim) = teams.choose(online, past, may_use) {
        return Some(through(sim, true));
    }
    if !keeps_to_team && online.has(&message.own_way()) {
        return None;
    }
    match teams.first(may_use) {
        Some(sim) => Some(through(sim, false)),
        None => keeps_to_team.then_some(Way::Walled),
    }
}

/// What a rule does with a message that it takes.
enum Taken<'t> {
    To(&'t Target),
    Refused(&'t str),
}

impl Ready {
    fn take(
        &self,
        asked: &Asked<'_>,
        online: &Online,
        may_use: &impl Fn(SimId) -> bool,
    ) -> Result<Taken<'_>, Miss> {
        if !self.enabled {
            return Err(Miss::Disabled);
        }
        if self.refuse.is_none() && asked.message.named.is_some() {
            return Err(Miss::Named);
        }
        if let Some(miss) = self.questions.miss(asked) {
            return Err(miss);
        }
        if let Some(why) = &self.refuse {
            return Ok(Taken::Refused(why));
        }
        let is_open = |target: &&Target| match target {
            Target::Sim(sim) => may_use(*sim),
            Target::Pool(_) => !asked.message.keeps_to_team(),
        };
        let mut open = self.targets.iter().filter(is_open);
        let first = open.next().ok_or(Miss::Walled)?;
        let all = std::iter::once(first).chain(open);
        let found = all.into_iter().find(|target| online.has(target));
        Ok(Taken::To(found.unwrap_or(first)))
    }
}
