//! `merpati schedule`: what is sent at a time, once or again and again.

use anyhow::{anyhow, bail, ensure};
use api::{BatchAcceptance, Groups, NewSchedule, Nothing, Schedule, ScheduleRun, Schedules};
use contracts::{GroupId, ScheduleId};
use jiff::tz::TimeZone;
use recurrence::{Language, Plan};
use serde_json::json;

use crate::cli::{self, AddSchedule};
use crate::client::{Client, segment};
use crate::output;

/// Schedules of one page.
const PAGE: usize = 500;

/// Makes, shows, pauses, sends and removes schedules.
pub(crate) async fn run(as_json: bool, client: &Client, said: cli::Schedule) -> anyhow::Result<()> {
    match said {
        cli::Schedule::Add(said) => add(as_json, client, said).await,
        cli::Schedule::List => list(as_json, client).await,
        cli::Schedule::Show { schedule } => {
            let id = find(client, &schedule).await?;
            let shown = client.get::<Schedule>(&format!("/schedules/{id}")).await?;
            if as_json {
                return shown.print();
            }
            show(&shown);
            Ok(())
        }
        cli::Schedule::Pause { schedule } => {
            let id = find(client, &schedule).await?;
            let path = format!("/schedules/{id}/pause");
            let now = client.post::<Schedule>(&path, &Nothing {}).await?;
            if as_json {
                return now.print();
            }
            output::line(&format!("The schedule {} is paused.", output::visible(&now.name)));
            Ok(())
        }
        cli::Schedule::Resume { schedule } => {
            let id = find(client, &schedule).await?;
            let path = format!("/schedules/{id}/resume");
            let now = client.post::<Schedule>(&path, &Nothing {}).await?;
            if as_json {
                return now.print();
            }
            output::line(&goes_next(&now));
            Ok(())
        }
        cli::Schedule::Run { schedule } => {
            let id = find(client, &schedule).await?;
            let path = format!("/schedules/{id}/run");
            let sent = client.post::<BatchAcceptance>(&path, &Nothing {}).await?;
            if as_json {
                return sent.print();
            }
            output::line(&format!("Accepted: the batch {}, {} messages.", sent.id, sent.total));
            Ok(())
        }
        cli::Schedule::Remove { schedule } => {
            let id = find(client, &schedule).await?;
            client.delete::<Nothing>(&format!("/schedules/{id}")).await?;
            let words = "The schedule is removed; what it sent stays.";
            if as_json {
                return output::json(&json!({ "done": words }));
            }
            output::line(words);
            Ok(())
        }
    }
}

async fn add(as_json: bool, client: &Client, said: AddSchedule) -> anyhow::Result<()> {
    let mut groups = Vec::with_capacity(said.groups.len());
    for group in &said.groups {
        groups.push(group_called(client, group).await?);
    }
    let zone = match said.zone {
        Some(zone) => zone,
        None => zone_of_this_machine()?,
    };
    let new = NewSchedule {
        name: said.name,
        to: said.to,
        groups,
        text: said.text,
        at: said.at,
        zone,
        repeat: said.repeat,
        priority: said.priority.unwrap_or_default(),
        user: said.user,
        ..NewSchedule::default()
    };
    let made = client.post::<Schedule>("/schedules", &new).await?;
    if as_json {
        return made.print();
    }
    output::line(&goes_next(&made));
    Ok(())
}

/// The name of the zone of this machine.
pub(super) fn zone_of_this_machine() -> anyhow::Result<String> {
    let zone = TimeZone::system();
    let name = zone.iana_name().filter(|_| !zone.is_unknown());
    let name =
        name.ok_or_else(|| anyhow!("this machine does not say its time zone: say --zone"))?;
    Ok(name.to_owned())
}

/// The group of this name or code, letter case aside, or of this id.
pub(super) async fn group_called(client: &Client, said: &str) -> anyhow::Result<GroupId> {
    if let Ok(id) = said.parse() {
        return Ok(id);
    }
    let all = client.get::<Groups>(&format!("/groups?limit={PAGE}&q={}", segment(said))).await?;
    let wanted = said.to_lowercase();
    let is_meant = |group: &&api::Group| {
        let code = group.code.as_deref().unwrap_or_default();
        group.name.to_lowercase() == wanted || code.to_lowercase() == wanted
    };
    let mut found = all.groups.iter().filter(is_meant);
    let one = found.next().ok_or_else(|| anyhow!("there is no group '{said}' here"))?;
    ensure!(found.next().is_none(), "there are several groups '{said}': say the id of one");
    Ok(one.id)
}

/// The schedule of this name, letter case aside, or of this id.
async fn find(client: &Client, said: &str) -> anyhow::Result<ScheduleId> {
    if let Ok(id) = said.parse() {
        return Ok(id);
    }
    let path = format!("/schedules?limit={PAGE}&q={}", segment(said));
    let all = client.get::<Schedules>(&path).await?;
    let wanted = said.to_lowercase();
    let found = all.schedules.iter().filter(|one| one.name.to_lowercase() == wanted);
    let ids: Vec<ScheduleId> = found.map(|one| one.id).collect();
    match ids.as_slice() {
        [] => bail!(
            "there is no schedule '{said}' here; `merpati schedule list` shows those there are"
        ),
        [one] => Ok(*one),
        several => {
            let ids: Vec<String> = several.iter().map(ToString::to_string).collect();
            bail!("several accounts have a schedule '{said}': say one of {}", ids.join(", "))
        }
    }
}

async fn list(as_json: bool, client: &Client) -> anyhow::Result<()> {
    let mut all: Vec<Schedule> = Vec::new();
    let mut after = String::new();
    loop {
        let page = client.get::<Schedules>(&format!("/schedules?limit={PAGE}{after}")).await?;
        let Schedules { schedules, next } = page.into_read();
        all.extend(schedules);
        let Some(next) = next else { break };
        after = format!("&after={}", segment(&next));
    }
    if as_json {
        return output::json(&Schedules { schedules: all, next: None });
    }
    if all.is_empty() {
        output::line("There are no schedules. merpati schedule add makes one.");
        return Ok(());
    }
    let rows = all
        .iter()
        .map(|schedule| vec![output::visible(&schedule.name), next_time(schedule), when(schedule)]);
    output::table(&["NAME", "NEXT", "WHEN"], &rows.collect::<Vec<_>>());
    Ok(())
}

fn show(schedule: &Schedule) {
    let numbers: Vec<String> = schedule.to.iter().map(ToString::to_string).collect();
    let groups: Vec<String> = schedule.groups.iter().map(ToString::to_string).collect();
    let times: Vec<String> = schedule.next.iter().map(|at| output::local_time(*at)).collect();
    let next = if times.is_empty() { next_time(schedule) } else { times.join(", ") };
    let mut facts = vec![
        ("Id", schedule.id.to_string()),
        ("Name", output::visible(&schedule.name)),
        ("When", when(schedule)),
        ("Next", next),
        ("To", output::cell(Some(&[numbers, groups].concat().join(", ")))),
        ("Text", output::visible(&schedule.text)),
    ];
    if let Some(last) = &schedule.last {
        facts.push(("Last", came_of(last)));
    }
    output::facts(&facts);
}

fn goes_next(schedule: &Schedule) -> String {
    let name = output::visible(&schedule.name);
    match schedule.next.first() {
        Some(next) => {
            format!("The schedule {name} is sent next at {}.", output::local_time(*next))
        }
        None => format!("The schedule {name} has no next time."),
    }
}

fn next_time(schedule: &Schedule) -> String {
    match schedule.next.first() {
        Some(next) => output::local_time(*next),
        None if schedule.paused => "paused".to_owned(),
        None => "over".to_owned(),
    }
}

/// When it is sent, in words.
fn when(schedule: &Schedule) -> String {
    let Schedule { at, zone, repeat, .. } = schedule;
    let plan = Plan::parse(at, zone, repeat.as_deref()).ok();
    match (plan.and_then(|plan| plan.words(Language::English)), repeat) {
        (Some(words), _) => format!("from {at} ({zone}), {words}"),
        (None, Some(rule)) => format!("from {at} ({zone}), {}", output::visible(rule)),
        (None, None) => format!("once, at {at} ({zone})"),
    }
}

fn came_of(run: &ScheduleRun) -> String {
    let at = output::local_time(run.at);
    match (run.trouble.as_deref(), run.batch) {
        (Some("missed"), _) => format!("missed at {at}: nobody was there to send it"),
        (Some("nobody"), _) => format!("nobody to send it to at {at}"),
        (Some("too-many"), _) => format!("too many recipients at {at}"),
        (Some("over-limit"), _) => format!("more than the account may send at {at}"),
        (Some("unreadable"), _) => format!("the zone or the rule was not known at {at}"),
        (Some(trouble), _) => format!("{} at {at}", output::visible(trouble)),
        (None, Some(batch)) => format!("{} messages at {at}, the batch {batch}", run.messages),
        (None, None) => format!("{} messages at {at}", run.messages),
    }
}
