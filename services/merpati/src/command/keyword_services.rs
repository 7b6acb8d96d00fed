//! `merpati service`: what is called when a message comes with a keyword.

use anyhow::anyhow;
use api::{
    NewService, Nothing, Service, ServiceCall, ServiceChanges, Services, TestServices,
    TestedServices,
};
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
            let new = NewService {
                name: said.name,
                keyword: said.keyword,
                aliases: said.aliases,
                get_url: said.get_url,
                post_url: said.post_url,
                post_xml: said.post_xml,
                reply: said.reply,
                reply_with_body: said.reply_with_body,
                max_messages: Some(said.max_messages),
                omit_empty: said.omit_empty,
            };
            let made = client.post::<Service>("/services", &new).await?;
            if as_json {
                return made.print();
            }
            output::line(&format!(
                "The service {} is called for messages that begin with {}.",
                output::visible(&made.name),
                output::visible(&made.keyword)
            ));
        }
        KeywordService::List => list(as_json, client).await?,
        KeywordService::Show { service } => {
            let id = find(client, &service).await?.id;
            let shown = client.get::<Service>(&format!("/services/{id}")).await?;
            if as_json {
                return shown.print();
            }
            show(&shown);
        }
        KeywordService::Change(said) => {
            let id = find(client, &said.service).await?.id;
            let changes = ServiceChanges {
                name: said.name,
                keyword: said.keyword,
                aliases: (said.no_aliases || !said.aliases.is_empty()).then_some(said.aliases),
                get_url: said.get_url,
                post_url: said.post_url,
                post_xml: said.post_xml,
                reply: said.reply,
                reply_with_body: said.reply_with_body,
                max_messages: said.max_messages,
                omit_empty: said.omit_empty,
            };
            let changed = client.patch::<Service>(&format!("/services/{id}"), &changes).await?;
            if as_json {
                return changed.print();
            }
            output::line(&format!("The service {} is changed.", output::visible(&changed.name)));
        }
        KeywordService::Test { from, text, sim } => {
            let test = TestServices { from, text, sim };
            let tested = client.post::<TestedServices>("/services/test", &test).await?;
            if as_json {
                return tested.print();
            }
            show_test(&tested);
        }
        KeywordService::Remove { service } => {
            let id = find(client, &service).await?.id;
            client.delete::<Nothing>(&format!("/services/{id}")).await?;
            let words = "The service is removed.";
            if as_json {
                return output::json(&json!({ "done": words }));
            }
            output::line(words);
        }
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
    let rows: Vec<Vec<String>> = answer
        .services
        .iter()
        .map(|service| {
            let (action, argument) = action(service);
            vec![
                output::visible(&service.name),
                output::visible(&keywords(service)),
                action.to_owned(),
                output::visible(argument),
            ]
        })
        .collect();
    output::table(&["NAME", "KEYWORD", "ACTION", "URL OR TEXT"], &rows);
    Ok(())
}

fn show(service: &Service) {
    let (action, argument) = action(service);
    let sent_back = service.max_messages > 0 && (service.reply_with_body || action == "reply");
    let reply = match (sent_back, service.max_messages) {
        (false, _) => "nothing is sent back".to_owned(),
        (true, 1) => "at most 1 part".to_owned(),
        (true, parts) => format!("at most {parts} parts"),
    };
    output::facts(&[
        ("Id", service.id.to_string()),
        ("Name", output::visible(&service.name)),
        ("Keyword", output::visible(&keywords(service))),
        ("Action", format!("{action} {}", output::visible(argument))),
        ("Reply", reply),
    ]);
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
    let facts = [("URL", &tested.url), ("Reply", &tested.reply)];
    let facts: Vec<_> = facts
        .into_iter()
        .filter_map(|(name, said)| Some((name, output::visible(said.as_deref()?))))
        .collect();
    if !facts.is_empty() {
        output::facts(&facts);
    }
    output::note("Nothing was done.");
}

fn keywords(service: &Service) -> String {
    let all = std::iter::once(&service.keyword).chain(&service.aliases);
    all.map(String::as_str).collect::<Vec<_>>().join(" ")
}

/// What a service does, and with what.
fn action(service: &Service) -> (&'static str, &str) {
    let actions = [
        ("get-url", &service.get_url),
        ("post-url", &service.post_url),
        ("post-xml", &service.post_xml),
        ("reply", &service.reply),
    ];
    let one = actions.into_iter().find_map(|(name, said)| said.as_deref().map(|said| (name, said)));
    one.unwrap_or(("-", ""))
}

fn came_of(call: &ServiceCall) -> String {
    match (&call.error, call.http_status) {
        (Some(error), _) => output::visible(error),
        (None, Some(status)) => format!("it answered {status}"),
        (None, None) => "-".to_owned(),
    }
}
