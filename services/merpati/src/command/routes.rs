//! `merpati route`: which way messages go.

use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, bail};
use api::{
    NewRoutes, RestoreRoutes, RouteHours, RouteRule, RouteTarget, Routes, RoutesVersions,
    TestRoutes, TestedRoutes,
};
use contracts::{PoolId, SimId};

use crate::cli::{AddRoute, Route, TestRoute};
use crate::client::{Answer, Client};
use crate::output;

/// The most bytes of a file with rules.
const LARGEST: u64 = 1024 * 1024;

/// Shows, changes and tries the rules.
pub(crate) async fn run(as_json: bool, client: &Client, said: Route) -> anyhow::Result<()> {
    match said {
        Route::List => list(as_json, client).await,
        Route::Add(said) => add(as_json, client, said).await,
        Route::Remove { rule } => {
            let mut routes = read(client).await?;
            let place = place_of(&routes, &rule)?;
            routes.rules.remove(place);
            write(as_json, client, routes, "The rule is removed.").await
        }
        Route::Move { rule, place } => {
            let mut routes = read(client).await?;
            let from = place_of(&routes, &rule)?;
            let moved = routes.rules.remove(from);
            let to = place_among(&routes, Some(place))?;
            routes.rules.insert(to, moved);
            write(as_json, client, routes, "The rule is moved.").await
        }
        Route::Test(said) => test(as_json, client, said).await,
        Route::Export { of } => {
            let path = of.map_or_else(
                || "/routes".to_owned(),
                |version| format!("/routes/versions/{version}"),
            );
            let routes = client.get::<Routes>(&path).await?;
            output::json(&new(routes.into_read()))
        }
        Route::Import { file } => {
            let text = text_of(&file).with_context(|| format!("cannot read {}", file.display()))?;
            let wanted: NewRoutes = serde_json::from_str(&text).with_context(|| {
                format!("{} has no rules as merpati route export writes them", file.display())
            })?;
            let version = read(client).await?.version;
            write(as_json, client, NewRoutes { version, ..wanted }, "The rules are taken over.")
                .await
        }
        Route::History => history(as_json, client).await,
        Route::Undo { to } => {
            let restored = RestoreRoutes { version: to, now: None };
            let routes = client.post::<Routes>("/routes/restore", &restored).await?;
            done(as_json, &routes, "The rules are as they were.")
        }
    }
}

pub(super) async fn read(client: &Client) -> anyhow::Result<NewRoutes> {
    Ok(new(client.get::<Routes>("/routes").await?.into_read()))
}

/// The rules as they are given back.
fn new(routes: Routes) -> NewRoutes {
    NewRoutes { version: routes.version, rules: routes.rules, pools: routes.pools }
}

pub(super) async fn write(
    as_json: bool,
    client: &Client,
    routes: NewRoutes,
    words: &str,
) -> anyhow::Result<()> {
    let routes = client.put::<Routes>("/routes", &routes).await?;
    done(as_json, &routes, words)
}

fn done(as_json: bool, routes: &Answer<Routes>, words: &str) -> anyhow::Result<()> {
    if as_json {
        return routes.print();
    }
    output::line(words);
    warn(routes);
    Ok(())
}

/// Says what is to be thought about.
fn warn(routes: &Routes) {
    for one in &routes.warnings {
        let words = format!("{}: {} {}", one.place, one.text, one.remedy);
        output::note(&output::visible(&words));
    }
}

/// The place of the rule of this name, letter case aside.
fn place_of(routes: &NewRoutes, name: &str) -> anyhow::Result<usize> {
    let lower = name.to_lowercase();
    let place = routes.rules.iter().position(|rule| rule.name.to_lowercase() == lower);
    place.with_context(|| {
        format!(
            "there is no rule '{}'; `merpati route list` shows those there are",
            output::visible(name)
        )
    })
}

/// The place at which a rule is put among the others; none: the last.
fn place_among(routes: &NewRoutes, place: Option<usize>) -> anyhow::Result<usize> {
    let count = routes.rules.len();
    match place {
        None => Ok(count),
        Some(place) if (1..=count + 1).contains(&place) => Ok(place - 1),
        Some(_) => bail!("say a place from 1 to {}", count + 1),
    }
}

async fn add(as_json: bool, client: &Client, said: AddRoute) -> anyhow::Result<()> {
    let AddRoute {
        name,
        prefixes,
        accounts,
        priorities,
        keywords,
        keys,
        tags,
        senders,
        from,
        until,
        days,
        zone,
        ..
    } = said;
    let hours = zone.map(|zone| RouteHours { zone, from, until, days });
    let targets = said.through.iter().map(|way| target(way));
    let rule = RouteRule {
        name,
        enabled: !said.disabled,
        prefixes,
        accounts,
        priorities,
        keywords,
        keys,
        tags,
        senders,
        hours,
        targets: targets.collect::<anyhow::Result<_>>()?,
        refuse: said.refuse,
    };
    let mut routes = read(client).await?;
    let place = place_among(&routes, said.at)?;
    let words = format!("The rule {} is number {}.", output::visible(&rule.name), place + 1);
    routes.rules.insert(place, rule);
    write(as_json, client, routes, &words).await
}

/// `pool:NAME`, `sim:ID`, or the name of a pool or the id of a SIM alone.
fn target(said: &str) -> anyhow::Result<RouteTarget> {
    let pool = |name: &str| {
        let pool: PoolId = name.parse()?;
        anyhow::Ok(RouteTarget { pool: Some(pool), sim: None })
    };
    let sim = |id: &str| {
        let sim: SimId = id.parse()?;
        anyhow::Ok(RouteTarget { pool: None, sim: Some(sim) })
    };
    let said = said.trim();
    match said.split_once(':') {
        Some(("pool", name)) => pool(name),
        Some(("sim", id)) => sim(id),
        Some(_) => bail!("'{said}' is no way: say pool:NAME or sim:ID"),
        None if said.starts_with("sim_") => sim(said),
        None => pool(said),
    }
}

async fn list(as_json: bool, client: &Client) -> anyhow::Result<()> {
    let routes = client.get::<Routes>("/routes").await?;
    if as_json {
        return routes.print();
    }
    if routes.rules.is_empty() {
        output::line(
            "There are no rules: messages that name no SIM and no pool go through the pool default.",
        );
        return Ok(());
    }
    let rows: Vec<Vec<String>> = routes
        .rules
        .iter()
        .zip(1..)
        .map(|(rule, number)| {
            let state = if rule.enabled { "" } else { " (off)" };
            vec![
                number.to_string(),
                output::visible(&format!("{}{state}", rule.name)),
                output::visible(&conditions(rule)),
                output::visible(&way(rule)),
            ]
        })
        .collect();
    output::table(&["NO", "RULE", "TAKES", "WAY"], &rows);
    warn(&routes);
    Ok(())
}

/// Which messages a rule takes.
fn conditions(rule: &RouteRule) -> String {
    fn texts(texts: &[String]) -> Vec<&str> {
        texts.iter().map(String::as_str).collect()
    }
    let mut all = Vec::new();
    let mut add = |what: &str, words: Vec<&str>| {
        if !words.is_empty() {
            all.push(format!("{what} {}", words.join(" ")));
        }
    };
    add("to", texts(&rule.prefixes));
    add("by", texts(&rule.accounts));
    add("priority", rule.priorities.iter().map(|one| one.as_str()).collect());
    add("word", texts(&rule.keywords));
    let keys: Vec<String> = rule.keys.iter().map(ToString::to_string).collect();
    add("key", texts(&keys));
    add("tag", texts(&rule.tags));
    add("sender", texts(&rule.senders));
    if let Some(hours) = &rule.hours {
        let days: Vec<&str> = hours.days.iter().map(|day| day.as_str()).collect();
        let from = hours.from.as_deref().unwrap_or("00:00");
        let until = hours.until.as_deref().unwrap_or("24:00");
        let days = if days.is_empty() { String::new() } else { format!("{} ", days.join(" ")) };
        all.push(format!("{days}{from}-{until} {}", hours.zone));
    }
    if all.is_empty() { "everything".to_owned() } else { all.join(", ") }
}

/// Where a rule sends them.
fn way(rule: &RouteRule) -> String {
    if let Some(reason) = &rule.refuse {
        return format!("refused: {reason}");
    }
    let ways = rule.targets.iter().map(|target| match (&target.pool, target.sim) {
        (Some(pool), _) => format!("pool {pool}"),
        (None, Some(sim)) => format!("SIM {sim}"),
        (None, None) => "-".to_owned(),
    });
    ways.collect::<Vec<_>>().join(", else ")
}

async fn test(as_json: bool, client: &Client, said: TestRoute) -> anyhow::Result<()> {
    let TestRoute { to, text, account, priority, key, tag, sender, through, at } = said;
    let named = through.as_deref().map(target).transpose()?.unwrap_or_default();
    let RouteTarget { pool, sim } = named;
    let test = TestRoutes { to, text, account, priority, key, tag, sender, sim, pool, at };
    let tested = client.post::<TestedRoutes>("/routes/test", &test).await?;
    if as_json {
        return tested.print();
    }
    output::line(&output::visible(&tested.summary));
    let target = tested.target.clone().unwrap_or_default();
    let shown = |text: Option<String>| output::visible(&text.unwrap_or_else(|| "-".to_owned()));
    let pool = target.pool.or_else(|| tested.pool.clone());
    output::facts(&[
        ("Rule", shown(tested.rule.clone())),
        ("Pool", shown(pool.map(|pool| pool.to_string()))),
        ("SIM", shown(target.sim.map(|sim| sim.to_string()))),
        ("Modem", shown((!tested.modems.is_empty()).then(|| tested.modems.join(", ")))),
        ("When", output::visible(&tested.when)),
    ]);
    for one in &tested.passed {
        let words = format!("Rule '{}' does not take it: {}.", one.rule, one.why);
        output::line(&output::visible(&words));
    }
    output::note("Nothing was sent.");
    Ok(())
}

async fn history(as_json: bool, client: &Client) -> anyhow::Result<()> {
    let answer = client.get::<RoutesVersions>("/routes/versions").await?;
    if as_json {
        return answer.print();
    }
    if answer.versions.is_empty() {
        output::line("The rules were never changed.");
        return Ok(());
    }
    let row = |one: &api::RoutesVersion| {
        let (version, rules) = (one.version.to_string(), one.rules.to_string());
        vec![version, output::local_time(one.at), output::cell(Some(&one.by)), rules]
    };
    let rows: Vec<Vec<String>> = answer.versions.iter().map(row).collect();
    output::table(&["VERSION", "SINCE", "BY", "RULES"], &rows);
    Ok(())
}

/// A file's text, as far as rules may be large.
fn text_of(file: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    if file == Path::new("-") {
        std::io::stdin().lock().take(LARGEST).read_to_string(&mut text)?;
    } else {
        std::fs::File::open(file)?.take(LARGEST).read_to_string(&mut text)?;
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_is_a_pool_or_a_sim() {
        let sim = SimId::derived("1");
        let pool = |name: &str| RouteTarget { pool: Some(name.parse().unwrap()), sim: None };
        let through = RouteTarget { pool: None, sim: Some(sim) };
        assert_eq!(target("vip").unwrap(), pool("vip"));
        assert_eq!(target(" pool:vip").unwrap(), pool("vip"));
        assert_eq!(target(&format!("sim:{sim}")).unwrap(), through);
        assert_eq!(target(&sim.to_string()).unwrap(), through);
        for bad in ["", "VIP", "modem:1", "sim:1", "pool:"] {
            assert!(target(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_rule_is_put_at_its_place_or_last() {
        let rule = |name: &str| RouteRule { name: name.to_owned(), ..RouteRule::default() };
        let routes = NewRoutes { version: 0, rules: vec![rule("a"), rule("b")], pools: Vec::new() };
        assert_eq!(place_among(&routes, None).unwrap(), 2);
        assert_eq!(place_among(&routes, Some(1)).unwrap(), 0);
        assert_eq!(place_among(&routes, Some(3)).unwrap(), 2);
        assert!(place_among(&routes, Some(0)).is_err() && place_among(&routes, Some(4)).is_err());
        assert_eq!(place_of(&routes, "B").unwrap(), 1);
        assert!(place_of(&routes, "c").unwrap_err().to_string().contains("there is no rule 'c'"));
    }

    #[test]
    fn rules_are_told_in_words() {
        let rule = RouteRule {
            prefixes: vec!["+62".to_owned(), "08".to_owned()],
            keywords: vec!["promo".to_owned()],
            tags: vec!["invoices".to_owned()],
            hours: Some(RouteHours {
                zone: "UTC".to_owned(),
                from: Some("08:00".to_owned()),
                until: None,
                days: vec![contracts::routes::Day::Monday],
            }),
            targets: vec![target("vip").unwrap(), target("default").unwrap()],
            ..RouteRule::default()
        };
        assert_eq!(conditions(&rule), "to +62 08, word promo, tag invoices, mon 08:00-24:00 UTC");
        assert_eq!(way(&rule), "pool vip, else pool default");
        let refuses = RouteRule { refuse: Some("no".to_owned()), ..RouteRule::default() };
        assert_eq!(
            (conditions(&refuses), way(&refuses)),
            ("everything".to_owned(), "refused: no".to_owned())
        );
    }
}
