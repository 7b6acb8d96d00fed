//! Keyword services: what is called when a message comes whose first word is a keyword.

use contracts::{ServiceId, UserId, bounds};
use store::{
    ChangeServiceError, CreateServiceError, LoggedCall, MOST_SERVICES, NewService, Reach, Service,
    ServiceAction, ServiceChange, StoreError,
};
use url::Url;

use crate::acts::name::is_name;
use crate::acts::not_read::NotRead;
use crate::app::App;
use crate::authority::{Authority, Denied};
use crate::power::Power;

/// The most characters of a service's name.
pub(crate) const LONGEST_NAME: usize = 64;
/// The most aliases of a service.
pub(crate) const MOST_ALIASES: usize = 20;
/// The most characters of a text that is sent back.
pub(crate) const LONGEST_REPLY: usize = 2_000;
/// How many calls are shown with a service.
const CALLS: u32 = 50;

/// Why a service was not made or changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotMade {
    /// Not with this authority.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The name cannot be one.
    #[error("a name is 1 to {LONGEST_NAME} characters without spaces at its ends")]
    Name,
    /// The keyword cannot be one.
    #[error("a keyword is one word of 1 to {} characters", bounds::KEYWORD)]
    Keyword,
    /// There are too many of them.
    #[error("a service has at most {MOST_ALIASES} aliases")]
    TooManyAliases,
    /// The URL is none that can be called.
    #[error("the URL cannot be used: {why}")]
    Url {
        /// Which one.
        field: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Nothing is to be sent back, or too much.
    #[error("a reply is a text of 1 to {LONGEST_REPLY} characters")]
    Reply,
    /// It is to do nothing, or two things.
    #[error("say one of get_url, post_url, post_xml and reply")]
    NotOneAction,
    /// The account has as many as it may have.
    #[error("the account has {MOST_SERVICES} services, which is the most there may be")]
    TooMany,
    /// Another service is called so.
    #[error("there is a service '{0}' already; choose another name or remove that one")]
    NameTaken(String),
    /// Another service of the account has the keyword.
    #[error(
        "another service of the account has the keyword '{0}'; choose another, or remove that service"
    )]
    KeywordTaken(String),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is wanted of a service.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    /// What it is called.
    pub(crate) name: String,
    /// Its keyword and its aliases, as they are written.
    pub(crate) keywords: Vec<String>,
    /// What it does: exactly one.
    pub(crate) actions: Vec<ServiceAction>,
    /// Whether what the URL answers is sent back.
    pub(crate) reply_with_body: bool,
    /// Of how many parts a reply is at most.
    pub(crate) max_messages: u8,
    /// Whether an empty answer is no reply.
    pub(crate) omit_empty: bool,
}

/// A change of a service. What is none stays as it is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Changes {
    /// What it is called.
    pub(crate) name: Option<String>,
    /// Its keyword, as it is written.
    pub(crate) keyword: Option<String>,
    /// Its aliases, as they are written.
    pub(crate) aliases: Option<Vec<String>>,
    /// What it does: at most one.
    pub(crate) actions: Vec<ServiceAction>,
    /// Whether what the URL answers is sent back.
    pub(crate) reply_with_body: Option<bool>,
    /// Of how many parts a reply is at most.
    pub(crate) max_messages: Option<u8>,
    /// Whether an empty answer is no reply.
    pub(crate) omit_empty: Option<bool>,
}

/// Those in reach, oldest first.
pub(crate) async fn list(app: &App, authority: &Authority) -> Result<Vec<Service>, NotRead> {
    authority.must(Power::ServicesRead)?;
    Ok(app.store.services(authority.reach).await?)
}

/// One in reach, by its id or its name, with its last calls, newest first.
pub(crate) async fn one(
    app: &App,
    authority: &Authority,
    said: &str,
) -> Result<Option<(Service, Vec<LoggedCall>)>, NotRead> {
    authority.must(Power::ServicesRead)?;
    let Some(service) = find(app, authority.reach, said).await? else { return Ok(None) };
    let calls = app.store.service_calls(authority.reach, service.id, CALLS).await?;
    Ok(Some((service, calls)))
}

/// The service of this id or of this name, letter case aside.
async fn find(app: &App, reach: Reach, said: &str) -> Result<Option<Service>, StoreError> {
    if let Ok(id) = said.parse::<ServiceId>()
        && let Some(service) = app.store.service(reach, id).await?
    {
        return Ok(Some(service));
    }
    if said.chars().count() > LONGEST_NAME {
        return Ok(None);
    }
    app.store.service_named(reach, said).await
}

/// Makes one for the caller's own account.
pub(crate) async fn make(
    app: &App,
    authority: &Authority,
    wanted: Wanted,
) -> Result<Service, NotMade> {
    // It goes on when the key does not.
    authority.must_for_good(Power::ServicesWrite)?;
    let new = checked(authority.owner(), wanted)?;
    must_do_itself(authority, &new)?;
    let made = app.store.create_service(authority.reach, &new, app.clock.now()).await;
    let made = made.map_err(|error| match error {
        CreateServiceError::TooMany => NotMade::TooMany,
        CreateServiceError::NameTaken(name) => NotMade::NameTaken(name),
        CreateServiceError::KeywordTaken(keyword) => NotMade::KeywordTaken(keyword),
        CreateServiceError::Store(error) => NotMade::Store(error),
    })?;
    tracing::info!(service.id = %made.id, by = authority.name(), "a keyword service was made");
    Ok(made)
}

/// Changes one in reach, by its id or its name; none: there is none.
pub(crate) async fn change(
    app: &App,
    authority: &Authority,
    said: &str,
    changes: Changes,
) -> Result<Option<Service>, NotMade> {
    authority.must_for_good(Power::ServicesWrite)?;
    let Some(present) = find(app, authority.reach, said).await? else { return Ok(None) };
    let is_called = changes.name.is_some();
    let has_keywords = changes.keyword.is_some() || changes.aliases.is_some();
    let omit_empty = changes.omit_empty;
    // The whole is checked as one that is made: what it is told and sends, whoever changes it may read and send.
    let new = checked(present.owner, changed(&present, changes))?;
    must_do_itself(authority, &new)?;
    let change = ServiceChange {
        name: is_called.then_some(new.name.clone()),
        keywords: has_keywords.then_some(new.keywords.clone()),
        omit_empty,
        ..what_it_does(new)
    };
    let now = app.clock.now();
    let changed = app.store.change_service(authority.reach, present.id, &change, now).await;
    let changed = changed.map_err(|error| match error {
        ChangeServiceError::NameTaken(name) => NotMade::NameTaken(name),
        ChangeServiceError::KeywordTaken(keyword) => NotMade::KeywordTaken(keyword),
        ChangeServiceError::Store(error) => NotMade::Store(error),
    })?;
    if changed.is_some() {
        tracing::info!(service.id = %present.id, by = authority.name(), "a keyword service was changed");
    }
    Ok(changed)
}

/// What a service does, as the change that makes it so. What [`must_do_itself`] asks about is written together, whatever of it
/// is changed: otherwise two changes at one time, each of which is allowed, made a service that neither was allowed to.
fn what_it_does(checked: NewService) -> ServiceChange {
    ServiceChange {
        action: Some(checked.action),
        reply_with_body: Some(checked.reply_with_body),
        max_messages: Some(checked.max_messages),
        ..ServiceChange::default()
    }
}

/// A service as it is wanted when this is changed of it.
fn changed(present: &Service, changes: Changes) -> Wanted {
    let (first, rest) = present.keywords.split_first().map_or_else(
        || (String::new(), Vec::new()),
        |(first, rest)| (first.clone(), rest.to_vec()),
    );
    let keyword = changes.keyword.unwrap_or(first);
    let aliases = changes.aliases.unwrap_or(rest);
    let mut actions = changes.actions;
    if actions.is_empty() {
        actions.push(present.action.clone());
    }
    Wanted {
        name: changes.name.unwrap_or_else(|| present.name.clone()),
        keywords: std::iter::once(keyword).chain(aliases).collect(),
        actions,
        reply_with_body: changes.reply_with_body.unwrap_or(present.reply_with_body),
        max_messages: changes.max_messages.unwrap_or(present.max_messages),
        omit_empty: changes.omit_empty.unwrap_or(present.omit_empty),
    }
}

/// Removes one in reach, by its id or its name, with its calls; false: there is none.
pub(crate) async fn remove(app: &App, authority: &Authority, said: &str) -> Result<bool, NotRead> {
    authority.must(Power::ServicesWrite)?;
    let Some(service) = find(app, authority.reach, said).await? else { return Ok(false) };
    let removed = app.store.remove_service(authority.reach, service.id).await?;
    if removed {
        tracing::info!(service.id = %service.id, by = authority.name(), "a keyword service was removed");
    }
    Ok(removed)
}

/// Refuses who may not do what the service does: read what is received, and send what is sent back.
fn must_do_itself(authority: &Authority, new: &NewService) -> Result<(), Denied> {
    authority.must(Power::InboxRead)?;
    if new.max_messages > 0 && (new.reply_with_body || new.action.url().is_none()) {
        authority.must(Power::MessagesSend)?;
    }
    Ok(())
}

fn checked(owner: UserId, wanted: Wanted) -> Result<NewService, NotMade> {
    if !is_name(&wanted.name, LONGEST_NAME) {
        return Err(NotMade::Name);
    }
    if wanted.keywords.len() > 1 + MOST_ALIASES {
        return Err(NotMade::TooManyAliases);
    }
    let mut keywords: Vec<String> = Vec::new();
    for written in &wanted.keywords {
        let keyword = keyword(written)?;
        if !keywords.contains(&keyword) {
            keywords.push(keyword);
        }
    }
    if keywords.is_empty() {
        return Err(NotMade::Keyword);
    }
    let action = match <[ServiceAction; 1]>::try_from(wanted.actions) {
        Ok([action]) => checked_action(action)?,
        Err(_) => return Err(NotMade::NotOneAction),
    };
    Ok(NewService {
        owner,
        name: wanted.name,
        keywords,
        action,
        reply_with_body: wanted.reply_with_body,
        max_messages: wanted.max_messages.min(bounds::REPLY_PARTS),
        omit_empty: wanted.omit_empty,
    })
}

/// A keyword as the first words of messages are compared with it.
fn keyword(written: &str) -> Result<String, NotMade> {
    let written = written.trim();
    let is_one = (1..=bounds::KEYWORD).contains(&written.chars().count())
        && !written.chars().any(|c| c.is_whitespace() || c.is_control());
    if is_one { Ok(written.to_lowercase()) } else { Err(NotMade::Keyword) }
}

fn checked_action(action: ServiceAction) -> Result<ServiceAction, NotMade> {
    Ok(match action {
        ServiceAction::GetUrl(url) => ServiceAction::GetUrl(checked_url("get_url", &url)?),
        ServiceAction::PostUrl(url) => ServiceAction::PostUrl(checked_url("post_url", &url)?),
        ServiceAction::PostXml(url) => ServiceAction::PostXml(checked_url("post_xml", &url)?),
        ServiceAction::Reply(text) => {
            let is_text = (1..=LONGEST_REPLY).contains(&text.trim().chars().count());
            if !is_text {
                return Err(NotMade::Reply);
            }
            ServiceAction::Reply(text.trim().to_owned())
        }
    })
}

/// The URL, when it can be called; its escape codes may stand behind the host. Whether its host may be called is asked
/// each time that it is.
fn checked_url(field: &'static str, text: &str) -> Result<String, NotMade> {
    let unusable = |why| NotMade::Url { field, why };
    let text = text.trim();
    if text.len() > bounds::URL {
        return Err(unusable("it is too long"));
    }
    let host = text.split_once("://").map_or("", |(_, rest)| rest);
    let host = host.split(['/', '?', '#']).next().unwrap_or_default();
    if host.contains('%') {
        // Otherwise the sender of a message would say which host is called.
        return Err(unusable("an escape code stands in its host"));
    }
    let url = Url::parse(text).map_err(|_| unusable("it is no URL"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(unusable("it does not begin with http:// or https://"));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keyword_is_one_word_in_small_letters() {
        assert_eq!(keyword(" INFO ").unwrap(), "info");
        assert_eq!(keyword("ÇOK").unwrap(), "çok");
        for bad in ["", " ", "two words", "a\nb", &"x".repeat(bounds::KEYWORD + 1)] {
            assert!(keyword(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn what_was_checked_together_is_written_together() {
        let wanted = Wanted {
            name: "Info".to_owned(),
            keywords: vec!["info".to_owned()],
            actions: vec![ServiceAction::GetUrl("http://a.example/".to_owned())],
            reply_with_body: false,
            max_messages: 0,
            omit_empty: true,
        };
        let change = what_it_does(checked(UserId::internal(), wanted).unwrap());
        let action = ServiceAction::GetUrl("http://a.example/".to_owned());
        let expected = ServiceChange {
            action: Some(action),
            reply_with_body: Some(false),
            max_messages: Some(0),
            ..ServiceChange::default()
        };
        assert_eq!(change, expected);
    }

    #[test]
    fn no_message_says_which_host_is_called() {
        assert_eq!(
            checked_url("get_url", " http://a.example/?t=%a&q=%q ").unwrap(),
            "http://a.example/?t=%a&q=%q"
        );
        assert!(checked_url("get_url", "http://a.example?%a").is_ok());
        for bad in [
            "http://%k.example/",
            "http://a.example%a/",
            "http://%s@a.example/",
            "a.example",
            "ftp://a.example/",
            "http://",
        ] {
            assert!(checked_url("get_url", bad).is_err(), "{bad}");
        }
        assert!(
            checked_url("get_url", &format!("http://a.example/{}", "x".repeat(bounds::URL)))
                .is_err()
        );
    }
}
