//! Which way a message goes: the rules of its organisation, asked with who is online now.

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use contracts::mt::{MtItem, MtRequest, SendError};
use contracts::subject::Target;
use contracts::{Priority, Timestamp};
use routing::{Decision, Membership, Message, Online, Past, Table, Way};

use crate::admission::{Routed, keeps_to_team, own_way, refusal};
use crate::settings::Settings;

/// Which SIMs take messages now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct SimsOnline {
    /// Those that take any message.
    pub(crate) all: Online,
    /// Those that take one-time passwords: the others, too, whose SIMs keep quiet otherwise.
    pub(crate) passwords: Online,
}

impl SimsOnline {
    fn of(&self, priority: Priority) -> &Online {
        match priority {
            Priority::Otp => &self.passwords,
            Priority::Normal | Priority::Bulk => &self.all,
        }
    }
}

/// What the release sees of the modems, for those who admit, and what was decided before. Clones are the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ways {
    online: Arc<RwLock<Arc<SimsOnline>>>,
    past: Arc<Mutex<Past>>,
}

impl Ways {
    /// These are online from now on.
    pub(crate) fn set_online(&self, online: SimsOnline) {
        let mut known = self.online.write().unwrap_or_else(PoisonError::into_inner);
        if **known != online {
            *known = Arc::new(online);
        }
    }

    fn online(&self) -> Arc<SimsOnline> {
        self.online.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Decides on a request that may go.
    ///
    /// # Errors
    /// A rule refuses it.
    pub(crate) fn route(
        &self,
        settings: &Settings,
        request: &MtRequest,
        priority: Priority,
        now: Timestamp,
    ) -> Result<Routed, SendError> {
        let Some((table, teams)) = asked(settings, request) else { return Ok(own_way(request)) };
        let online = self.online();
        let online = online.of(priority);
        let message = Message::of(request, priority, now).of_teams(teams.as_deref());
        let may_use = |sim| settings.may_use(request.org, request.owner, sim);
        let mut past = self.past.lock().unwrap_or_else(PoisonError::into_inner);
        let Decision { rule, way } = table.decide(&message, online, &past, may_use);
        let rule = rule.map(str::to_owned);
        match way {
            Way::Through(chosen) => {
                past.note(&chosen, online);
                Ok(Routed { target: chosen.target, rule })
            }
            Way::Refused(why) => {
                let rule = rule.unwrap_or_default();
                Err(refusal("rule-refused", format!("The rule '{rule}' refuses it: {why}")))
            }
            Way::Walled => {
                let team = teams.as_deref().and_then(Membership::keeps_to);
                Err(keeps_to_team(team.unwrap_or_default()))
            }
        }
    }

    /// An item that was admitted is not sent on the way that was chosen for it. Of one whose SIM no strategy chose nothing was counted,
    /// but a SIM is not thought to have less than nothing.
    pub(crate) fn not_taken(&self, item: &MtItem) {
        if let (Target::Sim(sim), None) = (&item.target, item.request.sim) {
            self.past.lock().unwrap_or_else(PoisonError::into_inner).take_back(*sim);
        }
    }

    /// Which way a request would go now; none: it would be refused.
    pub(crate) fn would(
        &self,
        settings: &Settings,
        request: &MtRequest,
        priority: Priority,
        now: Timestamp,
    ) -> Option<Target> {
        let Some((table, teams)) = asked(settings, request) else {
            return Some(own_way(request).target);
        };
        let message = Message::of(request, priority, now).of_teams(teams.as_deref());
        let may_use = |sim| settings.may_use(request.org, request.owner, sim);
        let past = self.past.lock().unwrap_or_else(PoisonError::into_inner);
        let online = self.online();
        match table.decide(&message, online.of(priority), &past, may_use).way {
            Way::Through(chosen) => Some(chosen.target),
            Way::Refused(_) | Way::Walled => None,
        }
    }
}

/// Whether an item goes the way that its request says, and nobody is asked about it: no rule, no strategy, no team.
pub(crate) fn is_own_way(settings: &Settings, item: &MtItem) -> bool {
    let own = || own_way(&item.request).target == item.target;
    asked(settings, &item.request).is_none() && item.rule.is_none() && own()
}

/// The rules that are asked about a request, and the teams of its account. None: there are neither, and it goes its own way.
fn asked(
    settings: &Settings,
    request: &MtRequest,
) -> Option<(Arc<Table>, Option<Arc<Membership>>)> {
    match (settings.routes(request.org), settings.teams_of(request.owner)) {
        (None, None) => None,
        (table, teams) => Some((table.unwrap_or_default(), teams)),
    }
}

#[cfg(test)]
mod tests {
    use contracts::config_kv::{Access, Sim, SimTeam, Team};
    use contracts::routes::Routes;
    use contracts::{OrgId, PoolId, SimId, TeamId, UserId};

    use super::*;

    fn routes(settings: &Settings, json: &str) {
        let org = OrgId::default_org();
        let value: serde_json::Value = serde_json::from_str(json).unwrap();
        let mut routes = serde_json::to_value(Routes::unset(org)).unwrap();
        routes["rules"] = value["rules"].clone();
        routes["pools"] = value["pools"].clone();
        settings.put(&format!("routes.{org}"), &routes);
    }

    fn request() -> MtRequest {
        MtRequest::text("+628123456789".parse().unwrap(), "Halo")
    }

    fn target(ways: &Ways, settings: &Settings, request: &MtRequest) -> Target {
        let now = Timestamp::from_micros(0);
        ways.route(settings, request, Priority::Normal, now).unwrap().target
    }

    #[test]
    fn rules_are_asked_as_they_are_set() {
        let (settings, ways) = (Settings::default(), Ways::default());
        let default = Target::Pool(PoolId::default_pool());
        assert_eq!(target(&ways, &settings, &request()), default);
        routes(&settings, r#"{"pools":[],"rules":[{"name":"vip","targets":[{"pool":"vip"}]}]}"#);
        let routed =
            ways.route(&settings, &request(), Priority::Normal, Timestamp::from_micros(0)).unwrap();
        assert_eq!(routed.rule.as_deref(), Some("vip"));
        assert_eq!(routed.target, Target::Pool("vip".parse().unwrap()));
        assert!(settings.knows_target(&routed.target), "its lanes are not those of strangers");
        routes(&settings, r#"{"pools":[],"rules":[{"name":"no","refuse":"Not today."}]}"#);
        let refused = ways.route(&settings, &request(), Priority::Otp, Timestamp::from_micros(0));
        let refused = refused.unwrap_err();
        assert_eq!(refused.code, "rule-refused");
        assert_eq!(refused.text, "The rule 'no' refuses it: Not today.");
        settings.put(&format!("routes.{}", OrgId::default_org()), &"nonsense");
        assert!(
            ways.route(&settings, &request(), Priority::Otp, Timestamp::from_micros(0)).is_err()
        );
        let abroad = MtRequest { org: OrgId::derived("abroad"), ..request() };
        assert_eq!(target(&ways, &settings, &abroad), default);
    }

    #[test]
    fn what_is_not_sent_after_all_does_not_count_as_use_of_its_sim() {
        let (settings, ways) = (Settings::default(), Ways::default());
        let (a, b) = (SimId::derived("a"), SimId::derived("b"));
        let pools = || vec![PoolId::default_pool()];
        let all = Online::new([(a, pools(), 3), (b, pools(), 5)]);
        ways.set_online(SimsOnline { passwords: all.clone(), all });
        routes(&settings, r#"{"rules":[],"pools":[{"name":"default","strategy":"least_used"}]}"#);
        let item = |target| MtItem {
            id: contracts::MessageId::new(),
            priority: Priority::Normal,
            target,
            parts: 1,
            request: request(),
            rule: None,
            others: Vec::new(),
        };
        // Three for the first: then both have sent as much.
        for _ in 0..3 {
            let chosen = target(&ways, &settings, &request());
            assert_eq!(chosen, Target::Sim(a), "it sent less");
            ways.not_taken(&item(chosen));
        }
        assert_eq!(target(&ways, &settings, &request()), Target::Sim(a), "nothing went out");
        assert_eq!(target(&ways, &settings, &request()), Target::Sim(a));
        // Nothing was counted of what names its SIM.
        let request = MtRequest { sim: Some(a), ..request() };
        ways.not_taken(&MtItem { request, ..item(Target::Sim(a)) });
        let rest: Vec<Target> = (0..2)
            .map(|_| {
                target(&ways, &settings, &MtRequest::text("+628123456789".parse().unwrap(), "Halo"))
            })
            .collect();
        assert!(rest.contains(&Target::Sim(b)), "{rest:?}");
    }

    #[test]
    fn an_item_goes_its_own_way_where_nobody_is_asked() {
        let settings = Settings::default();
        let item = |target| MtItem {
            id: contracts::MessageId::new(),
            priority: Priority::Normal,
            target,
            parts: 1,
            request: request(),
            rule: None,
            others: Vec::new(),
        };
        let default = Target::Pool(PoolId::default_pool());
        assert!(is_own_way(&settings, &item(default.clone())));
        // A strategy chose its SIM, which is set no longer.
        assert!(!is_own_way(&settings, &item(Target::Sim(SimId::derived("a")))));
        let ruled = MtItem { rule: Some("vip".to_owned()), ..item(default.clone()) };
        assert!(!is_own_way(&settings, &ruled));
        // Somebody is asked now.
        routes(&settings, r#"{"rules":[],"pools":[{"name":"default","strategy":"least_used"}]}"#);
        assert!(!is_own_way(&settings, &item(default)));
    }

    #[test]
    fn a_strategy_chooses_among_the_sims_that_the_account_may_use() {
        let (settings, ways) = (Settings::default(), Ways::default());
        let (a, b) = (SimId::derived("a"), SimId::derived("b"));
        let pools = || vec![PoolId::default_pool()];
        let all = Online::new([(a, pools(), 3), (b, pools(), 5)]);
        let passwords = Online::new([(b, pools(), 5)]);
        ways.set_online(SimsOnline { all, passwords });
        routes(&settings, r#"{"rules":[],"pools":[{"name":"default","strategy":"least_used"}]}"#);
        assert_eq!(target(&ways, &settings, &request()), Target::Sim(a));
        let now = Timestamp::from_micros(0);
        let code = ways.would(&settings, &request(), Priority::Otp, now);
        assert_eq!(code, Some(Target::Sim(b)), "the other one takes none");
        let own = Sim {
            senders: Access::only([UserId::derived("ani")]),
            ..Sim::unset(OrgId::default_org())
        };
        settings.put(&format!("sim.{a}"), &own);
        let budi = MtRequest { owner: UserId::derived("budi"), ..request() };
        assert_eq!(target(&ways, &settings, &budi), Target::Sim(b));
        let named = MtRequest { sim: Some(a), ..request() };
        assert_eq!(target(&ways, &settings, &named), Target::Sim(a));
        settings.put(&format!("sim.{b}"), &Sim::unset(OrgId::derived("abroad")));
        let default = Target::Pool(PoolId::default_pool());
        assert_eq!(target(&ways, &settings, &budi), default, "the other one is somebody else's");
    }

    #[test]
    fn what_a_team_sends_goes_through_its_sims() {
        let (settings, ways) = (Settings::default(), Ways::default());
        let (org, a, b) = (OrgId::default_org(), SimId::derived("a"), SimId::derived("b"));
        let all = Online::new([(a, Vec::new(), 3), (b, vec![PoolId::default_pool()], 0)]);
        ways.set_online(SimsOnline { passwords: all.clone(), all });
        let (ani, id) = (UserId::derived("ani"), TeamId::derived("sales"));
        let name = "Sales".to_owned();
        let team = Some(SimTeam { id, name: name.clone() });
        let of_team = Sim { senders: Access::only([ani]), team, ..Sim::unset(org) };
        settings.put(&format!("sim.{a}"), &of_team);
        let set = |own_sims_only, sims: &[SimId]| {
            let (users, sims) = ([ani].into(), sims.iter().copied().collect());
            let value = Team { org, name: name.clone(), own_sims_only, users, sims };
            settings.put(&Team::key(id), &value);
        };
        set(false, &[a]);
        let default = Target::Pool(PoolId::default_pool());
        let own = MtRequest { owner: ani, ..request() };
        assert_eq!(target(&ways, &settings, &own), Target::Sim(a), "without a rule");
        assert_eq!(target(&ways, &settings, &request()), default, "of somebody else");
        let away = Online::new([(b, vec![PoolId::default_pool()], 0)]);
        ways.set_online(SimsOnline { passwords: away.clone(), all: away });
        let now = Timestamp::from_micros(0);
        assert_eq!(ways.would(&settings, &own, Priority::Normal, now), Some(default.clone()));
        set(true, &[a]);
        assert_eq!(target(&ways, &settings, &own), Target::Sim(a), "it waits for its own");
        let named = MtRequest { pool: Some(PoolId::default_pool()), ..own.clone() };
        let refused = ways.route(&settings, &named, Priority::Normal, now).unwrap_err();
        assert_eq!(refused.code, "team-sims-only");
        assert!(refused.text.contains("The team Sales"), "{}", refused.text);
        assert_eq!(ways.would(&settings, &named, Priority::Normal, now), None);
        set(true, &[]);
        assert!(ways.route(&settings, &own, Priority::Normal, now).is_err(), "it has none");
    }
}
