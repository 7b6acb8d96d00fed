//! Keyword services: what is called when a message comes whose first word is a keyword.

use contracts::{ServiceId, bounds};
use store::{
    CreateServiceError, LoggedCall, MOST_SERVICES, NewService, Service, ServiceAction, StoreError,
};
use url::Url;

use crate::acts::name::is_typable;
use crate::acts::not_read::NotRead;
use crate::app::App;
use crate::authority::{Authority, Denied};
use crate::power::Power;

/// The most characters of a service's name.
pub(crate) const LONGEST_NAME: usize = 64;
/// The most characters of a keyword.
pub(crate) const LONGEST_KEYWORD: usize = 64;
/// The most aliases of a service.
pub(crate) const MOST_ALIASES: usize = 20;
/// The most parts of a reply.
pub(crate) const MOST_PARTS: u8 = 20;
/// The most characters of a text that is sent back.
pub(crate) const LONGEST_REPLY: usize = 2_000;
/// How many calls are shown with a service.
const CALLS: u32 = 50;

/// Why a service was not made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotMade {
    /// Not with this authority.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The name cannot be one.
    #[error("a name is 1 to {LONGEST_NAME} characters without spaces at its ends")]
    Name,
    /// The keyword cannot be one.
    #[error("a keyword is one word of 1 to {LONGEST_KEYWORD} characters")]
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

/// Those in reach, oldest first.
pub(crate) async fn list(app: &App, authority: &Authority) -> Result<Vec<Service>, NotRead> {
    authority.must(Power::ServicesRead)?;
    Ok(app.store.services(authority.reach).await?)
}

/// One in reach with its last calls, newest first.
pub(crate) async fn one(
    app: &App,
    authority: &Authority,
    id: ServiceId,
) -> Result<Option<(Service, Vec<LoggedCall>)>, NotRead> {
    authority.must(Power::ServicesRead)?;
    let Some(service) = app.store.service(authority.reach, id).await? else { return Ok(None) };
    let calls = app.store.service_calls(authority.reach, id, CALLS).await?;
    Ok(Some((service, calls)))
}

/// Makes one for the caller's own account.
pub(crate) async fn make(
    app: &App,
    authority: &Authority,
    wanted: Wanted,
) -> Result<Service, NotMade> {
    // It goes on when the key does not.
    authority.must_for_good(Power::ServicesWrite)?;
    let new = checked(authority, wanted)?;
    // It is told what is received.
    authority.must(Power::InboxRead)?;
    if new.max_messages > 0 && (new.reply_with_body || new.action.url().is_none()) {
        authority.must(Power::MessagesSend)?;
    }
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

/// Removes one in reach with its calls; false: there is none.
pub(crate) async fn remove(
    app: &App,
    authority: &Authority,
    id: ServiceId,
) -> Result<bool, NotRead> {
    authority.must(Power::ServicesWrite)?;
    let removed = app.store.remove_service(authority.reach, id).await?;
    if removed {
        tracing::info!(service.id = %id, by = authority.name(), "a keyword service was removed");
    }
    Ok(removed)
}

fn checked(authority: &Authority, wanted: Wanted) -> Result<NewService, NotMade> {
    let is_name = (1..=LONGEST_NAME).contains(&wanted.name.chars().count());
    if !is_name || !is_typable(&wanted.name) {
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
        owner: authority.owner(),
        name: wanted.name,
        keywords,
        action,
        reply_with_body: wanted.reply_with_body,
        max_messages: wanted.max_messages.min(MOST_PARTS),
        omit_empty: wanted.omit_empty,
    })
}

/// A keyword as the first words of messages are compared with it.
fn keyword(written: &str) -> Result<String, NotMade> {
    let written = written.trim();
    let is_one = (1..=LONGEST_KEYWORD).contains(&written.chars().count())
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
        for bad in ["", " ", "two words", "a\nb", &"x".repeat(LONGEST_KEYWORD + 1)] {
            assert!(keyword(bad).is_err(), "{bad:?}");
        }
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
