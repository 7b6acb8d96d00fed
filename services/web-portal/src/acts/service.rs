//! Keyword services: what is called when a message comes whose first word is a keyword, or whose text matches an expression.

mod checked;
mod deed;
mod kinds;
pub(crate) mod lines;
mod not_made;

use contracts::{ServiceId, SimId, UserId};
use store::{
    AuditAction, ChangeServiceError, CreateServiceError, LoggedCall, NewService, Reach, Service,
    ServiceAction, ServiceChange, StoreError,
};

use crate::acts::belonging::changed_by;
use crate::acts::not_read::NotRead;
use crate::acts::webhook::OfSim;
use crate::app::App;
use crate::authority::{Authority, Denied};
use crate::power::Power;
use checked::checked;
pub(crate) use deed::Deed;
use deed::resolved;
pub(crate) use kinds::{Kind, Part, must_belong};
pub(crate) use not_made::NotMade;

/// The most characters of a service's name.
pub(crate) const LONGEST_NAME: usize = 64;
/// The most aliases of a service.
pub(crate) const MOST_ALIASES: usize = 20;
/// The most characters of a text that is sent back.
pub(crate) const LONGEST_REPLY: usize = 2_000;
/// The most numbers that a text is sent on to.
pub(crate) const MOST_FORWARDS: usize = 10;
/// The most characters of a question with its answers, or of a line of a scenario.
pub(crate) const LONGEST_LINE: usize = 500;
/// The most options that senders vote for.
pub(crate) const MOST_OPTIONS: usize = 20;
/// The most characters of an option.
pub(crate) const LONGEST_OPTION: usize = 32;
/// What is sent on where the maker says nothing.
pub(crate) const FORWARDED: &str = "From {from}: {text}";
/// Of how many parts what is sent on is at most, where the maker says nothing.
pub(crate) const FORWARDED_PARTS: u8 = 4;
/// The most characters of how senders are written at the beginning.
pub(crate) const LONGEST_SENDER: usize = 20;
/// The last place that a service with an expression may have.
pub(crate) const LAST_PLACE: u16 = 9_999;
/// The keyword of what takes what no other service takes.
pub(crate) const DEFAULT: &str = "default";
/// How many calls are shown with a service.
const CALLS: u32 = 50;

/// What is wanted of a service.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    /// What it is called.
    pub(crate) name: String,
    /// Its keyword and its aliases, as they are written; empty ones where there is an expression.
    pub(crate) keywords: Vec<String>,
    /// What else a message has to be.
    pub(crate) conditions: Conditions,
    /// What it does: exactly one.
    pub(crate) deeds: Vec<Deed>,
    /// Whether what the URL answers is sent back.
    pub(crate) reply_with_body: bool,
    /// Of how many parts a reply is at most.
    pub(crate) max_messages: u8,
    /// Whether an empty answer is no reply.
    pub(crate) omit_empty: bool,
}

/// What else a message has to be, as it is written. The default lets every message through.
#[derive(Debug, Clone, Default)]
pub(crate) struct Conditions {
    /// The expression in place of keywords; empty: none.
    pub(crate) pattern: String,
    /// The place among services with expressions; none: in the middle.
    pub(crate) place: Option<u16>,
    /// The SIM that it comes to.
    pub(crate) sim: Option<SimId>,
    /// How its sender is written at the beginning; empty: anybody.
    pub(crate) from: String,
    /// When it comes; empty: at any time.
    pub(crate) when: String,
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
    /// The expression in place of keywords; empty: none.
    pub(crate) pattern: Option<String>,
    /// The place among services with expressions.
    pub(crate) place: Option<u16>,
    /// The SIM, or that any will do.
    pub(crate) sim: Option<OfSim>,
    /// How its sender is written at the beginning; empty: anybody.
    pub(crate) from: Option<String>,
    /// When it comes; empty: at any time.
    pub(crate) when: Option<String>,
    /// What it does: at most one.
    pub(crate) deeds: Vec<Deed>,
    /// Whether what the URL answers is sent back.
    pub(crate) reply_with_body: Option<bool>,
    /// Of how many parts a reply is at most.
    pub(crate) max_messages: Option<u8>,
    /// Whether an empty answer is no reply.
    pub(crate) omit_empty: Option<bool>,
}

/// Those in reach, in the order in which they are asked.
pub(crate) async fn list(app: &App, authority: &Authority) -> Result<Vec<Service>, NotRead> {
    authority.must(Power::ServicesRead)?;
    let mut services = app.store.services(authority.reach).await?;
    services.sort_by_key(turn);
    Ok(services)
}

/// When a service is asked: those with keywords first, then those with expressions by their places, then those that take the
/// rest. Of equal ones the oldest is first, as they are read.
fn turn(service: &Service) -> (u8, u16) {
    if service.rule.pattern.is_some() {
        return (1, service.rule.place);
    }
    let takes_rest = service.keywords.iter().all(|keyword| keyword == DEFAULT);
    (if takes_rest { 2 } else { 0 }, 0)
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
pub(crate) async fn find(
    app: &App,
    reach: Reach,
    said: &str,
) -> Result<Option<Service>, StoreError> {
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
    authority.must_for_good(Power::ServicesWrite)?;
    make_for(app, authority, authority.owner(), wanted).await
}

/// Makes one for an account: the caller's own, or, with the power over accounts, another's.
pub(crate) async fn make_for(
    app: &App,
    authority: &Authority,
    owner: UserId,
    wanted: Wanted,
) -> Result<Service, NotMade> {
    // It goes on when the key does not.
    authority.must_for_good(Power::ServicesWrite)?;
    let new = checked_new(app, authority, owner, wanted).await?;
    let store = app.store.audited(authority.entry(app, AuditAction::ServiceCreated));
    let made = store.create_service(authority.reach, &new, app.clock.now()).await;
    let made = made.map_err(|error| match error {
        CreateServiceError::TooMany => NotMade::TooMany,
        CreateServiceError::NameTaken(name) => NotMade::NameTaken(name),
        CreateServiceError::KeywordTaken(keyword) => NotMade::KeywordTaken(keyword),
        CreateServiceError::AddressTaken(address) => NotMade::AddressTaken(address),
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
    let reach = changed_by(authority);
    let Some(present) = find(app, reach, said).await? else { return Ok(None) };
    let is_called = changes.name.is_some();
    let omit_empty = changes.omit_empty;
    let new = checked_change(app, authority, &present, changes).await?;
    let change = ServiceChange {
        name: is_called.then_some(new.name.clone()),
        keywords: (new.keywords != present.keywords).then_some(new.keywords.clone()),
        rule: (new.rule != present.rule).then_some(new.rule.clone()),
        omit_empty,
        ..what_it_does(new)
    };
    let now = app.clock.now();
    let store = app.store.audited(authority.entry(app, AuditAction::ServiceChanged));
    let changed = store.change_service(reach, present.id, &change, now).await;
    let changed = changed.map_err(|error| match error {
        ChangeServiceError::NameTaken(name) => NotMade::NameTaken(name),
        ChangeServiceError::KeywordTaken(keyword) => NotMade::KeywordTaken(keyword),
        ChangeServiceError::AddressTaken(address) => NotMade::AddressTaken(address),
        ChangeServiceError::Store(error) => NotMade::Store(error),
    })?;
    if changed.is_some() {
        tracing::info!(service.id = %present.id, by = authority.name(), "a keyword service was changed");
    }
    Ok(changed)
}

/// A service of an account as it would be made, when it may be: what [`make_for`] asks before it keeps one.
pub(crate) async fn checked_new(
    app: &App,
    authority: &Authority,
    owner: UserId,
    wanted: Wanted,
) -> Result<NewService, NotMade> {
    authority.must_for_good(Power::ServicesWrite)?;
    if owner != authority.owner() {
        authority.must_for_good(Power::UsersManage)?;
    }
    let actions = resolved(app, authority, owner, &wanted.deeds, None).await?;
    let new = checked(owner, wanted, actions)?;
    must_do_itself(authority, &new)?;
    Ok(new)
}

/// A service as it would be after a change, when it may be. The whole is checked as one that is made: what it is told and
/// sends, whoever changes it may read and send.
pub(crate) async fn checked_change(
    app: &App,
    authority: &Authority,
    present: &Service,
    changes: Changes,
) -> Result<NewService, NotMade> {
    authority.must_for_good(Power::ServicesWrite)?;
    let does = Some(&present.action);
    let mut actions = resolved(app, authority, present.owner, &changes.deeds, does).await?;
    if actions.is_empty() {
        actions.push(present.action.clone());
    }
    let new = checked(present.owner, changed(present, changes), actions)?;
    must_do_itself(authority, &new)?;
    Ok(new)
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
    // A keyword takes the place of an expression, and an expression that of the keywords, when nothing is said of those.
    let has = |said: &Option<String>| said.as_ref().is_some_and(|said| !said.trim().is_empty());
    let (says_keyword, says_pattern) = (has(&changes.keyword), has(&changes.pattern));
    let keyword = changes.keyword.unwrap_or(if says_pattern { String::new() } else { first });
    let aliases = changes.aliases.unwrap_or(if says_pattern { Vec::new() } else { rest });
    let before = &present.rule;
    let pattern = || before.pattern.clone().filter(|_| !says_keyword).unwrap_or_default();
    let conditions = Conditions {
        pattern: changes.pattern.unwrap_or_else(pattern),
        place: Some(changes.place.unwrap_or(before.place)),
        sim: match changes.sim {
            None => before.sim,
            Some(OfSim::Any) => None,
            Some(OfSim::Only(sim)) => Some(sim),
        },
        from: changes.from.unwrap_or_else(|| before.sender.clone().unwrap_or_default()),
        when: changes.when.unwrap_or_else(|| before.times.clone().unwrap_or_default()),
    };
    Wanted {
        name: changes.name.unwrap_or_else(|| present.name.clone()),
        keywords: std::iter::once(keyword).chain(aliases).collect(),
        conditions,
        deeds: Vec::new(),
        reply_with_body: changes.reply_with_body.unwrap_or(present.reply_with_body),
        max_messages: changes.max_messages.unwrap_or(present.max_messages),
        omit_empty: changes.omit_empty.unwrap_or(present.omit_empty),
    }
}

/// Removes one in reach, by its id or its name, with its calls; false: there is none.
pub(crate) async fn remove(app: &App, authority: &Authority, said: &str) -> Result<bool, NotRead> {
    authority.must(Power::ServicesWrite)?;
    let reach = changed_by(authority);
    let Some(service) = find(app, reach, said).await? else { return Ok(false) };
    let store = app.store.audited(authority.entry(app, AuditAction::ServiceRemoved));
    let removed = store.remove_service(reach, service.id).await?;
    if removed {
        tracing::info!(service.id = %service.id, by = authority.name(), "a keyword service was removed");
    }
    Ok(removed)
}

/// Refuses who may not do what the service does: read what is received, and send what is sent back.
fn must_do_itself(authority: &Authority, new: &NewService) -> Result<(), Denied> {
    authority.must(Power::InboxRead)?;
    let replies = new.max_messages > 0 && (new.reply_with_body || new.action.has_reply());
    let sends_on = matches!(new.action, ServiceAction::Forward { .. } | ServiceAction::ToGroup(_));
    if replies || sends_on {
        authority.must(Power::MessagesSend)?;
    }
    if matches!(new.action, ServiceAction::ToGroup(_)) {
        authority.must(Power::ContactsRead)?;
    }
    if let ServiceAction::Inbox(inbox) = &new.action
        && (inbox.is_named() || inbox.users.iter().any(|user| *user != authority.owner()))
    {
        // It writes into the inboxes of others.
        authority.must(Power::UsersManage)?;
    }
    if matches!(new.action, ServiceAction::Exec(_)) {
        // It runs on the gateway's own machine.
        authority.must(Power::GatewayOperate)?;
    }
    if new.action.group().is_some() {
        authority.must(Power::ContactsWrite)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_checked_together_is_written_together() {
        let wanted = Wanted {
            name: "Info".to_owned(),
            keywords: vec!["info".to_owned()],
            conditions: Conditions::default(),
            deeds: Vec::new(),
            reply_with_body: false,
            max_messages: 0,
            omit_empty: true,
        };
        let actions = vec![ServiceAction::GetUrl("http://a.example/".to_owned())];
        let change = what_it_does(checked(UserId::internal(), wanted, actions).unwrap());
        let action = ServiceAction::GetUrl("http://a.example/".to_owned());
        let expected = ServiceChange {
            action: Some(action),
            reply_with_body: Some(false),
            max_messages: Some(0),
            ..ServiceChange::default()
        };
        assert_eq!(change, expected);
    }
}
