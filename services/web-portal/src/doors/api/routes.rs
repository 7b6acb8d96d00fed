//! Rules that say which way messages go, and how pools share their work.

use api::{
    NewRoutes, PassedRule, PoolMember, RestoreRoutes, RouteFinding, RouteHours, RoutePool,
    RouteRule, RouteTarget, RouteWeight, Routes, RoutesVersion, RoutesVersions, TestRoutes,
    TestedRoutes,
};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use contracts::mt::SendError;
use contracts::routes::{self, Conditions, Hours, Pool, Rule, TimeOfDay, Weight};
use contracts::subject::Target;
use contracts::{OrgId, UserId};
use routing::Finding;
use routing::check::LONGEST_NAME;
use serde_json::{Value, json};
use store::User;

use super::body::{CheckedJson, PathId};
use super::caller::Caller;
use super::problem::{Answer, Code, Problem, sentence};
use crate::acts::route::{self, NotChanged, Seen};
use crate::acts::way::{self, End, Going, NotTried, Tried, Would};
use crate::app::App;

/// `GET /routes`.
pub(super) async fn show(
    State(app): State<App>,
    Caller(authority): Caller,
) -> Answer<Json<Routes>> {
    let seen = route::list(&app, &authority).await?;
    Ok(Json(shown(&app, &seen)))
}

/// `PUT /routes`.
pub(super) async fn set(
    State(app): State<App>,
    Caller(authority): Caller,
    CheckedJson(new): CheckedJson<NewRoutes>,
) -> Answer<Json<Routes>> {
    let NewRoutes { version, rules, pools } = new;
    let users = route::accounts(&app, &authority).await?;
    let routes = read(authority.org, &rules, &pools, &users)?;
    let seen = route::change(&app, &authority, routes, version).await?;
    Ok(Json(shown(&app, &seen)))
}

/// `GET /routes/versions`.
pub(super) async fn versions(
    State(app): State<App>,
    Caller(authority): Caller,
) -> Answer<Json<RoutesVersions>> {
    let versions = route::versions(&app, &authority).await?.into_iter();
    let versions = versions.map(|(one, by)| RoutesVersion {
        version: one.version,
        at: one.at,
        by,
        rules: one.rules,
    });
    Ok(Json(RoutesVersions { versions: versions.collect() }))
}

/// `GET /routes/versions/{version}`.
pub(super) async fn of_version(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(version): PathId<i64>,
) -> Answer<Json<Routes>> {
    let seen = route::of_version(&app, &authority, version).await?;
    seen.map(|seen| Json(shown(&app, &seen))).ok_or_else(|| NotChanged::NoSuchVersion.into())
}

/// `POST /routes/restore`.
pub(super) async fn restore(
    State(app): State<App>,
    Caller(authority): Caller,
    CheckedJson(RestoreRoutes { version, now }): CheckedJson<RestoreRoutes>,
) -> Answer<Json<Routes>> {
    let seen = route::restore(&app, &authority, version, now).await?;
    Ok(Json(shown(&app, &seen)))
}

/// `POST /routes/test`.
pub(super) async fn test(
    State(app): State<App>,
    Caller(authority): Caller,
    CheckedJson(test): CheckedJson<TestRoutes>,
) -> Answer<Json<TestedRoutes>> {
    let TestRoutes { to, text, account, priority, key, tag, sender, sim, pool, at } = test;
    let named = sim.map(Target::Sim).or(pool.map(Target::Pool));
    let priority = priority.unwrap_or_default();
    let tried = Tried { to, text, account, priority, key, tag, sender, named, at };
    let would = way::of(&app, &authority, &tried).await?;
    Ok(Json(tested(would)))
}

fn shown(app: &App, seen: &Seen) -> Routes {
    let there = &seen.there;
    let members = there.pools().into_iter().flat_map(|(pool, sims)| {
        let now = app.clock.now();
        sims.into_iter().map(move |sim| {
            let modem = there.modems.get(&sim);
            PoolMember {
                pool: pool.clone(),
                sim,
                modem_name: modem.map(|modem| modem.name.clone()),
                online: modem.is_some_and(|modem| modem.is_online_at(now)),
            }
        })
    });
    let is_warning = |finding: &&Finding| !finding.fault.is_error();
    Routes {
        version: seen.version,
        rules: seen.routes.rules.iter().map(|rule| shown_rule(rule, seen)).collect(),
        pools: seen.routes.pools.iter().map(shown_pool).collect(),
        warnings: seen.findings.iter().filter(is_warning).map(finding).collect(),
        members: members.collect(),
    }
}

fn shown_rule(rule: &Rule, seen: &Seen) -> RouteRule {
    let Rule { name, enabled, when, targets, refuse } = rule;
    RouteRule {
        name: name.clone(),
        enabled: *enabled,
        prefixes: when.prefixes.iter().map(ToString::to_string).collect(),
        accounts: when.accounts.iter().map(|id| seen.there.user_name(*id)).collect(),
        priorities: when.priorities.iter().copied().collect(),
        keywords: when.keywords.iter().cloned().collect(),
        keys: when.keys.iter().copied().collect(),
        tags: when.tags.iter().cloned().collect(),
        senders: when.senders.iter().cloned().collect(),
        hours: when.hours.as_ref().map(|hours| RouteHours {
            zone: hours.zone.clone(),
            from: (hours.from != TimeOfDay::default()).then(|| hours.from.to_string()),
            until: (hours.until != TimeOfDay::end_of_day()).then(|| hours.until.to_string()),
            days: hours.days.iter().copied().collect(),
        }),
        targets: targets.iter().map(shown_target).collect(),
        refuse: refuse.clone(),
    }
}

fn shown_target(target: &Target) -> RouteTarget {
    match target {
        Target::Pool(pool) => RouteTarget { pool: Some(pool.clone()), sim: None },
        Target::Sim(sim) => RouteTarget { pool: None, sim: Some(*sim) },
    }
}

fn shown_pool(pool: &Pool) -> RoutePool {
    let weight = |one: &Weight| RouteWeight { sim: one.sim, weight: one.weight };
    RoutePool {
        name: pool.name.clone(),
        strategy: pool.strategy,
        weights: pool.weights.iter().map(weight).collect(),
    }
}

fn finding(finding: &Finding) -> RouteFinding {
    RouteFinding {
        place: finding.place.to_string(),
        text: finding.fault.to_string(),
        remedy: finding.fault.remedy().to_owned(),
    }
}

/// Reads what was written. What is wrong with the whole is said by the act.
fn read(
    org: OrgId,
    rules: &[RouteRule],
    pools: &[RoutePool],
    users: &[User],
) -> Answer<routes::Routes> {
    let rules = rules.iter().zip(1..).map(|(rule, number)| {
        let wrong = |field: &str, words: &str| {
            let name: String = rule.name.chars().take(LONGEST_NAME).collect();
            let place = routing::Place::Rule(number, name);
            let detail = sentence(&format!("{place}: {words}"));
            Problem::new(Code::RoutesInvalid, detail).with("field", format!("rules.{field}"))
        };
        read_rule(rule, users, wrong)
    });
    let weight = |one: &RouteWeight| Weight { sim: one.sim, weight: one.weight };
    let pools = pools.iter().map(|pool| Pool {
        name: pool.name.clone(),
        strategy: pool.strategy,
        weights: pool.weights.iter().map(weight).collect(),
    });
    Ok(routes::Routes { org, rules: rules.collect::<Answer<_>>()?, pools: pools.collect() })
}

fn read_rule(
    rule: &RouteRule,
    users: &[User],
    wrong: impl Fn(&str, &str) -> Problem,
) -> Answer<Rule> {
    let prefixes = rule.prefixes.iter().map(|text| text.parse::<routes::Prefix>());
    let prefixes: Result<Vec<routes::Prefix>, _> = prefixes.collect();
    let prefixes = prefixes.map_err(|error| wrong("prefixes", &error.to_string()))?;
    let accounts = rule.accounts.iter().map(|said| {
        account(users, said).ok_or_else(|| {
            let said: String = said.chars().take(64).collect();
            wrong("accounts", &format!("there is no user named '{said}'"))
        })
    });
    let accounts = accounts.collect::<Answer<_>>()?;
    let time = |field: &str, text: Option<&String>, otherwise: TimeOfDay| match text {
        Some(text) => text
            .parse::<TimeOfDay>()
            .map_err(|error| wrong(&format!("hours.{field}"), &error.to_string())),
        None => Ok(otherwise),
    };
    let hours = match &rule.hours {
        Some(hours) => Some(Hours {
            zone: hours.zone.clone(),
            from: time("from", hours.from.as_ref(), TimeOfDay::default())?,
            until: time("until", hours.until.as_ref(), TimeOfDay::end_of_day())?,
            days: hours.days.iter().copied().collect(),
        }),
        None => None,
    };
    let targets = rule.targets.iter().map(|target| match (&target.pool, target.sim) {
        (Some(pool), None) => Ok(Target::Pool(pool.clone())),
        (None, Some(sim)) => Ok(Target::Sim(sim)),
        (Some(_), Some(_)) | (None, None) => {
            Err(wrong("targets", "a target is either a pool or a SIM"))
        }
    });
    Ok(Rule {
        name: rule.name.clone(),
        enabled: rule.enabled,
        when: Conditions {
            prefixes,
            accounts,
            priorities: rule.priorities.iter().copied().collect(),
            keywords: rule.keywords.iter().map(|word| word.to_lowercase()).collect(),
            keys: rule.keys.iter().copied().collect(),
            tags: rule.tags.iter().cloned().collect(),
            senders: rule.senders.iter().cloned().collect(),
            hours,
        },
        targets: targets.collect::<Answer<_>>()?,
        refuse: rule.refuse.clone(),
    })
}

/// The account of this name or id. One that is gone is named by its id, and stays.
fn account(users: &[User], said: &str) -> Option<UserId> {
    let lower = said.to_lowercase();
    let user = users.iter().find(|user| user.name.to_lowercase() == lower);
    user.map(|user| user.id).or_else(|| said.parse().ok())
}

fn tested(would: Would) -> TestedRoutes {
    let summary = summary(&would);
    let Would { passed, rule, end } = would;
    let passed: Vec<PassedRule> =
        passed.into_iter().map(|(rule, why)| PassedRule { rule, why: why.to_string() }).collect();
    let refused = |code: &str, text: String| Some(SendError { code: code.to_owned(), text });
    let never = TestedRoutes {
        summary,
        rule,
        refused: None,
        target: None,
        pool: None,
        strategy: None,
        modems: Vec::new(),
        when: "never".to_owned(),
        passed,
    };
    match end {
        End::OptedOut => {
            TestedRoutes { refused: refused("opted-out", never.summary.clone()), ..never }
        }
        End::Disabled => {
            TestedRoutes { refused: refused("account-disabled", never.summary.clone()), ..never }
        }
        End::NotThisSim => {
            TestedRoutes { refused: refused("sim-not-allowed", never.summary.clone()), ..never }
        }
        End::OfTeam(_) => {
            TestedRoutes { refused: refused("sim-of-team", never.summary.clone()), ..never }
        }
        End::KeepsToTeam(_) => {
            TestedRoutes { refused: refused("team-sims-only", never.summary.clone()), ..never }
        }
        End::Unusable(error) => {
            TestedRoutes { refused: refused(error.code(), sentence(&error.to_string())), ..never }
        }
        End::Refused(why) => TestedRoutes { refused: refused("rule-refused", why), ..never },
        End::Goes(Going { target, shared, modems, sim, .. }) => {
            let when = if modems.is_empty() {
                format!("as soon as {} is online", waited_for(&target, sim.as_deref()))
            } else {
                "as soon as it is its turn".to_owned()
            };
            TestedRoutes {
                target: Some(shown_target(&target)),
                pool: shared.as_ref().map(|(pool, _)| pool.clone()),
                strategy: shared.map(|(_, strategy)| strategy),
                modems,
                when,
                ..never
            }
        }
    }
}

/// What has to come online.
fn waited_for(target: &Target, sim: Option<&str>) -> String {
    match target {
        Target::Pool(pool) => format!("a modem of the pool {pool}"),
        Target::Sim(id) => {
            format!("the modem with the SIM {}", sim.map_or_else(|| id.to_string(), str::to_owned))
        }
    }
}

fn summary(would: &Would) -> String {
    let by = would.rule.as_ref().map(|rule| format!("rule '{rule}' takes it"));
    let going = match &would.end {
        End::OptedOut => return "Refused: the recipient asked to be sent nothing more.".to_owned(),
        End::Disabled => return "Refused: the account is disabled.".to_owned(),
        End::NotThisSim => {
            return "Refused: the account may not send through this SIM.".to_owned();
        }
        End::OfTeam(team) => return format!("Refused: the SIM belongs to the team {team}."),
        End::KeepsToTeam(team) => {
            return format!("Refused: the team {team} sends through SIMs of its own only.");
        }
        End::Unusable(error) => return format!("Refused: {error}."),
        End::Refused(why) => {
            let rule = would.rule.as_deref().unwrap_or_default();
            return format!("Refused by rule '{rule}': {why}");
        }
        End::Goes(going) => going,
    };
    let by = by.unwrap_or_else(|| "no rule matches".to_owned());
    let way = match (&going.target, &going.shared, &going.sim) {
        (Target::Pool(pool), ..) => format!("pool {pool}"),
        (Target::Sim(id), shared, sim) => {
            let sim = sim.clone().unwrap_or_else(|| id.to_string());
            match shared {
                Some((pool, strategy)) => {
                    format!("pool {pool}, whose strategy {strategy} chooses the SIM {sim}")
                }
                None => match &going.team {
                    Some(team) => format!("SIM {sim}, which belongs to the team {team}"),
                    None => format!("SIM {sim}"),
                },
            }
        }
    };
    let there = match going.modems.as_slice() {
        [] => format!(
            "no modem of it is online, so it waits until {} is",
            waited_for(&going.target, going.sim.as_deref())
        ),
        [one] => format!("modem {one} is online"),
        [others @ .., last] => format!("modems {} and {last} are online", others.join(", ")),
    };
    sentence(&format!("{by}: {way}, {there}"))
}

impl From<NotChanged> for Problem {
    fn from(refused: NotChanged) -> Self {
        let detail = sentence(&refused.to_string());
        match refused {
            NotChanged::Denied(denied) => denied.into(),
            NotChanged::Store(error) => error.into(),
            NotChanged::Meanwhile(version) => {
                Self::new(Code::RoutesChanged, detail).with("version", version)
            }
            NotChanged::NoSuchVersion => {
                Self::new(Code::NotFound, detail).answered(StatusCode::NOT_FOUND)
            }
            NotChanged::TooLarge => Self::new(Code::RoutesInvalid, detail),
            NotChanged::Wrong(findings) => {
                let errors = findings.iter().filter(|finding| finding.fault.is_error());
                let errors: Vec<RouteFinding> = errors.map(finding).collect();
                let first = errors
                    .first()
                    .map(|one| format!(" The first: {}. {} {}", one.place, one.text, one.remedy));
                let listed: Vec<Value> = errors
                    .iter()
                    .map(
                        |one| json!({ "place": one.place, "text": one.text, "remedy": one.remedy }),
                    )
                    .collect();
                let detail = format!("{detail}{}", first.unwrap_or_default());
                Self::new(Code::RoutesInvalid, detail).with("findings", listed)
            }
        }
    }
}

impl From<NotTried> for Problem {
    fn from(refused: NotTried) -> Self {
        let detail = sentence(&refused.to_string());
        match refused {
            NotTried::Denied(denied) => denied.into(),
            NotTried::Store(error) => error.into(),
            NotTried::NoNumber(_) => Self::new(Code::InvalidRecipient, detail).with("field", "to"),
            NotTried::NoSuchUser(_) => Self::new(Code::NoSuchUser, detail)
                .answered(StatusCode::UNPROCESSABLE_ENTITY)
                .with("field", "account"),
        }
    }
}
