//! `merpati service`: what is called when a message comes with a keyword.

use std::collections::HashMap;

use anyhow::anyhow;
use api::{
    Groups, HideEntry, Nothing, Service, ServiceCall, ServiceEntries, Services, TestServices,
    TestedServices, Users,
};
use contracts::{GroupId, UserId};
use serde_json::json;

use crate::cli::KeywordService;
use crate::client::Client;
use crate::output;

/// Makes, shows, changes, tries and removes keyword services.
pub(crate) async fn run(
    as_json: bool,
    client: &Client,
    said: KeywordService,
) -> anyhow::Result<()> {
    match said {
        KeywordService::Add(said) => {
            let new = said.new_service()?;
            let made = client.post::<Service>("/services", &new).await?;
            if as_json {
                return made.print();
            }
            let name = output::visible(&made.name);
            let takes = output::visible(&takes(&made));
            output::line(&match made.pattern {
                Some(_) => format!("The service {name} is called for messages that match {takes}."),
                None => {
                    format!("The service {name} is called for messages that begin with {takes}.")
                }
            });
            note_conflicts(&made);
        }
        KeywordService::List => list(as_json, client).await?,
        KeywordService::Show { service } => {
            let id = find(client, &service).await?.id;
            let shown = client.get::<Service>(&format!("/services/{id}")).await?;
            if as_json {
                return shown.print();
            }
            let names = Names::of(client, std::slice::from_ref(&*shown)).await;
            show(&shown, &names);
        }
        KeywordService::Change(said) => {
            let id = find(client, &said.service).await?.id;
            let changes = said.changes();
            let changed = client.patch::<Service>(&format!("/services/{id}"), &changes).await?;
            if as_json {
                return changed.print();
            }
            output::line(&format!("The service {} is changed.", output::visible(&changed.name)));
            note_conflicts(&changed);
        }
        KeywordService::Test { from, text, sim } => {
            let test = TestServices { from, text, sim };
            let tested = client.post::<TestedServices>("/services/test", &test).await?;
            if as_json {
                return tested.print();
            }
            show_test(&tested);
        }
        KeywordService::Results { service, limit } => {
            results(as_json, client, &service, limit).await?;
        }
        KeywordService::Hide { service, entry, show } => {
            let id = find(client, &service).await?.id;
            let hide = HideEntry { hidden: Some(!show) };
            let path = format!("/services/{id}/entries/{entry}");
            client.patch::<Nothing>(&path, &hide).await?;
            done(as_json, if show { "The text is shown again." } else { "The text is hidden." })?;
        }
        KeywordService::Clear { service } => {
            let id = find(client, &service).await?.id;
            client.delete::<Nothing>(&format!("/services/{id}/entries")).await?;
            done(as_json, "What the service kept is forgotten.")?;
        }
        KeywordService::Remove { service } => {
            let id = find(client, &service).await?.id;
            client.delete::<Nothing>(&format!("/services/{id}")).await?;
            done(as_json, "The service is removed.")?;
        }
    }
    Ok(())
}

/// Says what was done.
fn done(as_json: bool, words: &str) -> anyhow::Result<()> {
    if as_json {
        return output::json(&json!({ "done": words }));
    }
    output::line(words);
    Ok(())
}

/// Shows what a service keeps.
async fn results(as_json: bool, client: &Client, said: &str, limit: u32) -> anyhow::Result<()> {
    let id = find(client, said).await?.id;
    let path = format!("/services/{id}/entries?limit={limit}");
    let kept = client.get::<ServiceEntries>(&path).await?;
    if as_json {
        return kept.print();
    }
    if kept.entries.is_empty() {
        output::line("Nothing is kept yet.");
        return Ok(());
    }
    let rows: Vec<Vec<String>> = kept
        .entries
        .iter()
        .map(|entry| {
            let right = match (entry.right, entry.hidden) {
                (_, true) => "hidden",
                (Some(true), _) => "right",
                (Some(false), _) => "wrong",
                (None, _) => "-",
            };
            vec![
                output::local_time(entry.at),
                output::visible(&entry.from),
                entry.question.to_string(),
                output::visible(&entry.text),
                right.to_owned(),
                entry.id.to_string(),
            ]
        })
        .collect();
    output::table(&["CAME", "FROM", "QUESTION", "TEXT", "STATE", "ID"], &rows);
    if kept.next.is_some() {
        output::note("There are more: --limit shows up to 500, the API all of them.");
    }
    Ok(())
}

/// The service of this name, letter case aside, or of this id.
async fn find(client: &Client, said: &str) -> anyhow::Result<Service> {
    let all = client.get::<Services>("/services").await?;
    let is_meant = |service: &Service| {
        service.name.to_lowercase() == said.to_lowercase() || service.id.to_string() == said
    };
    let found = all.services.iter().find(|service| is_meant(service)).cloned();
    found.ok_or_else(|| {
        anyhow!("there is no service '{said}' here; `merpati service list` shows those there are")
    })
}

async fn list(as_json: bool, client: &Client) -> anyhow::Result<()> {
    let answer = client.get::<Services>("/services").await?;
    if as_json {
        return answer.print();
    }
    if answer.services.is_empty() {
        output::line("There are no services. merpati service add makes one.");
        return Ok(());
    }
    let names = Names::of(client, &answer.services).await;
    let rows: Vec<Vec<String>> = answer
        .services
        .iter()
        .map(|service| {
            let (action, argument) = action(service, &names);
            vec![
                output::visible(&service.name),
                output::visible(&takes(service)),
                output::visible(&conditions(service)),
                action.to_owned(),
                output::visible(&argument),
            ]
        })
        .collect();
    output::table(&["NAME", "KEYWORD OR MATCH", "ONLY", "ACTION", "URL, TEXT OR GROUP"], &rows);
    Ok(())
}

/// What groups and accounts are called, as far as it may be known.
#[derive(Default)]
struct Names {
    groups: HashMap<GroupId, String>,
    users: HashMap<UserId, String>,
}

impl Names {
    /// Those that services name.
    async fn of(client: &Client, services: &[Service]) -> Self {
        let mut names = Self::default();
        let has_group = |one: &Service| {
            one.subscribe.is_some() || one.unsubscribe.is_some() || one.to_group.is_some()
        };
        if services.iter().any(has_group)
            && let Ok(all) = client.get::<Groups>("/groups?limit=500").await
        {
            names.groups.extend(all.into_read().groups.into_iter().map(|one| (one.id, one.name)));
        }
        if services.iter().any(|one| !one.inbox.is_empty())
            && let Ok(all) = client.get::<Users>("/users").await
        {
            names.users.extend(all.into_read().users.into_iter().map(|one| (one.id, one.name)));
        }
        names
    }

    /// The name of a group, or its id.
    fn group(&self, id: GroupId) -> String {
        self.groups.get(&id).cloned().unwrap_or_else(|| id.to_string())
    }

    /// The name of an account, or its id.
    fn user(&self, id: UserId) -> String {
        self.users.get(&id).cloned().unwrap_or_else(|| id.to_string())
    }
}

fn show(service: &Service, names: &Names) {
    let (action, argument) = action(service, names);
    let answers = service.otherwise.is_some()
        || service.to_group.is_some()
        || !service.survey.is_empty()
        || !service.scenario.is_empty();
    let has_text = service.reply.is_some() || service.exec.is_some() || answers;
    let sent_back = service.max_messages > 0 && (service.reply_with_body || has_text);
    let reply = match (sent_back, service.max_messages) {
        (false, _) => "nothing is sent back".to_owned(),
        (true, 1) => "at most 1 part".to_owned(),
        (true, parts) => format!("at most {parts} parts"),
    };
    let mut facts = vec![
        ("Id", service.id.to_string()),
        ("Name", output::visible(&service.name)),
        (
            if service.pattern.is_some() { "Match" } else { "Keyword" },
            output::visible(&takes(service)),
        ),
        ("Only", output::visible(&conditions(service))),
        ("Action", format!("{action} {}", output::visible(&argument))),
        ("Reply", reply),
    ];
    if let Some(text) = service.reply.as_ref().filter(|_| action != "reply") {
        facts.push(("Text", output::visible(text)));
    }
    if let Some(text) = &service.otherwise {
        facts.push(("Otherwise", output::visible(text)));
    }
    if service.to_group.is_some() {
        let senders: Vec<String> = service.senders.iter().map(ToString::to_string).collect();
        let anybody = if service.has_pin { "anybody with the PIN" } else { "nobody" };
        let has_pin = if service.has_pin { "yes" } else { "no" };
        facts.push(("PIN", has_pin.to_owned()));
        facts.push((
            "Senders",
            if senders.is_empty() { anybody.to_owned() } else { senders.join(", ") },
        ));
    }
    output::facts(&facts);
    for kept in &service.kept {
        output::line(&format!(
            "Question {}: {} kept, {} right",
            kept.question, kept.kept, kept.right
        ));
    }
    for count in &service.votes {
        output::line(&format!("{}: {}", output::visible(&count.option), count.votes));
    }
    note_conflicts(service);
    let calls = service.calls.as_deref().unwrap_or_default();
    if calls.is_empty() {
        output::line("It was not called yet.");
        return;
    }
    let rows: Vec<Vec<String>> = calls
        .iter()
        .map(|call| {
            vec![
                output::local_time(call.created_at),
                call.state.clone(),
                call.attempts.to_string(),
                came_of(call),
                call.reply.map_or_else(|| "-".to_owned(), |reply| reply.to_string()),
            ]
        })
        .collect();
    output::table(&["CAME", "STATE", "TRIES", "LAST ANSWER", "REPLY"], &rows);
}

fn show_test(tested: &TestedServices) {
    output::line(&output::visible(&tested.summary));
    let to: Vec<String> = tested.forward_to.iter().map(ToString::to_string).collect();
    let to = Some(to.join(", ")).filter(|to| !to.is_empty());
    let run: Vec<String> = tested.exec.iter().map(|word| format!("{word:?}")).collect();
    let run = Some(run.join(" ")).filter(|run| !run.is_empty());
    let inboxes: Vec<String> = tested.inbox.iter().map(ToString::to_string).collect();
    let facts = [
        ("URL", tested.url.clone()),
        ("Run", run),
        ("Sent on", tested.forward_text.clone()),
        ("To", to),
        ("Put into", tested.subscribe.map(|group| group.to_string())),
        ("Taken out of", tested.unsubscribe.map(|group| group.to_string())),
        ("Vote", tested.vote.clone()),
        ("Question", tested.question.map(|question| question.to_string())),
        ("Kept", tested.keeps.clone()),
        ("Right", tested.right.map(|right| right.to_string())),
        ("Inboxes of", Some(inboxes.join(", ")).filter(|inboxes| !inboxes.is_empty())),
        ("To group", tested.to_group.map(|group| group.to_string())),
        ("Reply", tested.reply.clone()),
    ];
    let facts: Vec<_> = facts
        .into_iter()
        .filter_map(|(name, said)| Some((name, output::visible(&said?))))
        .collect();
    if !facts.is_empty() {
        output::facts(&facts);
    }
    output::note("Nothing was done.");
}

/// The keywords of a service, or its expression with its place.
fn takes(service: &Service) -> String {
    if let Some(pattern) = &service.pattern {
        let place = service.place.map(|place| format!(" ({place})")).unwrap_or_default();
        return format!("/{pattern}/{place}");
    }
    let all = std::iter::once(&service.keyword).chain(&service.aliases);
    all.map(String::as_str).collect::<Vec<_>>().join(" ")
}

/// What else a message has to be for a service.
fn conditions(service: &Service) -> String {
    let sim = service.sim.map(|sim| format!("to {sim}"));
    let from = service.from.as_ref().map(|from| format!("from {from}"));
    let said: Vec<String> = [sim, from, service.when.clone()].into_iter().flatten().collect();
    if said.is_empty() { "-".to_owned() } else { said.join(", ") }
}

/// Names the other services that could take the same messages.
fn note_conflicts(service: &Service) {
    for conflict in &service.conflicts {
        output::note(&output::visible(&conflict.words));
    }
}

/// What a service does, and with what.
fn action(service: &Service, names: &Names) -> (&'static str, String) {
    let reply = service.reply.clone();
    let with_reply = |group: String| match &service.reply {
        Some(reply) => format!("{group} {reply}"),
        None => group,
    };
    let group = |group: Option<GroupId>| group.map(|group| with_reply(names.group(group)));
    let to: Vec<String> = service.forward_to.iter().map(ToString::to_string).collect();
    let sent_on = service.forward_text.as_ref().map(|text| format!("{text} → {}", to.join(", ")));
    let lines = |lines: &[String]| Some(lines.join("; ")).filter(|lines| !lines.is_empty());
    let board = service.board.as_ref().map(|address| match address.as_str() {
        "" => "seen by nobody without logging in".to_owned(),
        address => format!("/boards/{address}"),
    });
    let inbox: Vec<String> = service.inbox.iter().map(|user| names.user(*user)).collect();
    let named = service.inbox_named.then(|| "of the account that is named".to_owned());
    let options = Some(service.vote.join(" ")).filter(|options| !options.is_empty());
    let actions = [
        ("get-url", service.get_url.clone()),
        ("post-url", service.post_url.clone()),
        ("post-xml", service.post_xml.clone()),
        ("exec", service.exec.clone()),
        ("forward", sent_on),
        ("subscribe", group(service.subscribe)),
        ("unsubscribe", group(service.unsubscribe)),
        ("vote", options.map(with_reply)),
        ("quiz", lines(&service.quiz)),
        ("survey", lines(&service.survey)),
        ("scenario", lines(&service.scenario)),
        ("board", board),
        ("inbox", lines(&inbox).or(named)),
        ("to-group", service.to_group.map(|group| names.group(group))),
        ("reply", reply),
    ];
    let one = actions.into_iter().find_map(|(name, said)| said.map(|said| (name, said)));
    one.unwrap_or(("-", String::new()))
}

fn came_of(call: &ServiceCall) -> String {
    match (&call.error, call.http_status) {
        (Some(error), _) => output::visible(error),
        (None, Some(status)) => format!("it answered {status}"),
        (None, None) => "-".to_owned(),
    }
}
