//! Keyword services.

use contracts::{GroupId, SimId, UserId};
use serde::{Deserialize, Serialize};
use store::{Board, NewService, Service, ServiceAction, Survey};

use super::check::Check;
use super::compare::{Change, Sign};
use super::kind::Kind as SettingKind;
use super::refusal::NotTaken;
use super::secrets::{HIDDEN, hidden, restored};
use super::section::{Entry, Fields, Section, written};
use super::sims::no_such_user;
use super::there::There;
use crate::acts::service::{
    self, Changes, Conditions, Deed, FORWARDED_PARTS, Kind, Part, Wanted, lines,
};
use crate::acts::webhook::OfSim;
use crate::app::App;
use crate::authority::Authority;
use crate::password;
use crate::power::Power;

/// The fields that say what a service does.
const DEEDS: [&str; 24] = [
    "get_url",
    "post_url",
    "post_xml",
    "reply",
    "exec",
    "forward_to",
    "forward_text",
    "subscribe",
    "unsubscribe",
    "vote",
    "quiz",
    "once",
    "survey",
    "leave",
    "wait_minutes",
    "scenario",
    "otherwise",
    "board",
    "shown",
    "inbox",
    "inbox_named",
    "to_group",
    "pin",
    "senders",
];

/// A service, with the fields of the API. URLs are without their secrets.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ServiceFields {
    name: String,
    /// The name of the account; absent: the administrator without an account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    keyword: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    aliases: Vec<String>,
    #[serde(default, rename = "match", skip_serializing_if = "Option::is_none")]
    pattern: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    place: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sim: Option<SimId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    when: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    get_url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    post_url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    post_xml: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reply: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    exec: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    forward_to: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    forward_text: Option<String>,
    /// The name of a group, or its id where the name means another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    subscribe: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unsubscribe: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    vote: Vec<String>,
    /// A question in a line, with its answers after ` = `.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    quiz: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    once: Option<bool>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    survey: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    leave: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    wait_minutes: Option<u32>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    scenario: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    otherwise: Option<String>,
    /// The public address; empty: there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    board: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    shown: Option<u16>,
    /// Users' names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    inbox: Vec<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    inbox_named: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to_group: Option<String>,
    /// `***` stands for the one that the gateway has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pin: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    senders: Vec<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    reply_with_body: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_messages: Option<u8>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    omit_empty: bool,
}

/// The services.
pub(super) fn section(there: &There) -> Section {
    let services = there.services.iter();
    Section::sorted(services.map(|service| {
        let fields = fields(there, &as_new(service.clone()));
        Entry::there(SettingKind::Services, fields)
    }))
}

fn as_new(service: Service) -> NewService {
    let Service { owner, name, keywords, rule, action, .. } = service;
    let (reply_with_body, max_messages) = (service.reply_with_body, service.max_messages);
    let omit_empty = service.omit_empty;
    NewService { owner, name, keywords, rule, action, reply_with_body, max_messages, omit_empty }
}

fn fields(there: &There, service: &NewService) -> Fields {
    let (keyword, aliases) = match service.keywords.split_first() {
        Some((keyword, aliases)) => (keyword.clone(), aliases.to_vec()),
        None => (String::new(), Vec::new()),
    };
    let rule = &service.rule;
    let mut fields = ServiceFields {
        name: service.name.clone(),
        owner: there.owner_name(service.owner),
        keyword,
        aliases,
        place: rule.pattern.as_ref().map(|_| rule.place),
        pattern: rule.pattern.clone(),
        sim: rule.sim,
        from: rule.sender.clone(),
        when: rule.times.clone(),
        reply_with_body: service.reply_with_body,
        max_messages: Some(service.max_messages),
        omit_empty: service.omit_empty,
        ..ServiceFields::default()
    };
    let group = |id: GroupId| Some(there.group_said(service.owner, id));
    let text = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    match &service.action {
        ServiceAction::GetUrl(url) => fields.get_url = Some(hidden(url)),
        ServiceAction::PostUrl(url) => fields.post_url = Some(hidden(url)),
        ServiceAction::PostXml(url) => fields.post_xml = Some(hidden(url)),
        ServiceAction::Reply(text) => fields.reply = Some(text.clone()),
        ServiceAction::Exec(line) => fields.exec = Some(line.clone()),
        ServiceAction::Forward { to, text } => {
            fields.forward_to = to.iter().map(ToString::to_string).collect();
            fields.forward_text = Some(text.clone());
        }
        ServiceAction::Subscribe { group: id, reply } => {
            (fields.subscribe, fields.reply) = (group(*id), text(reply));
        }
        ServiceAction::Unsubscribe { group: id, reply } => {
            (fields.unsubscribe, fields.reply) = (group(*id), text(reply));
        }
        ServiceAction::Vote { options, reply } => {
            (fields.vote, fields.reply) = (options.clone(), text(reply));
        }
        ServiceAction::Quiz(quiz) => {
            fields.quiz = quiz.questions.iter().map(lines::of_question).collect();
            fields.once = Some(quiz.once);
            (fields.otherwise, fields.reply) = (text(&quiz.wrong), text(&quiz.reply));
        }
        ServiceAction::Survey(survey) => {
            fields.survey = survey.questions.iter().map(lines::of_question).collect();
            fields.leave = Some(survey.leave.clone());
            fields.wait_minutes = Some(survey.minutes);
            (fields.otherwise, fields.reply) = (text(&survey.otherwise), text(&survey.reply));
        }
        ServiceAction::Scenario(scenario) => {
            fields.scenario = scenario.lines.iter().map(lines::of_scenario).collect();
            fields.reply = text(&scenario.reply);
        }
        ServiceAction::Board(board) => {
            fields.board = Some(board.address.clone().unwrap_or_default());
            (fields.shown, fields.reply) = (Some(board.shown), text(&board.reply));
        }
        ServiceAction::Inbox(inbox) => {
            fields.inbox = inbox.users.iter().map(|id| there.user_name(*id)).collect();
            fields.inbox_named = inbox.is_named();
            (fields.otherwise, fields.reply) = (text(&inbox.unknown), text(&inbox.reply));
        }
        ServiceAction::ToGroup(to_group) => {
            fields.to_group = group(to_group.group);
            fields.pin = to_group.pin.as_ref().map(|_| HIDDEN.to_owned());
            fields.senders = to_group.senders.iter().map(ToString::to_string).collect();
        }
    }
    written(&fields)
}

/// What a file wants of a service, when it can be.
pub(super) async fn checked(look: &Check<'_>, entry: Entry) -> Result<Entry, NotTaken> {
    let Check { app, authority, there } = *look;
    authority.must_for_good(Power::ServicesWrite)?;
    let said: ServiceFields = entry.read()?;
    let owner = owner(there, said.owner.as_deref())?;
    let present = find(there, &entry.key);
    if present.is_some() && owner != authority.owner() {
        authority.must(Power::UsersManage)?;
    }
    let pin = said.pin.clone();
    let new = if let Some(present) = present {
        let changes = changes(authority, there, present, (&entry, said, owner))?;
        service::checked_change(app, authority, present, changes).await?
    } else {
        let wanted = wanted(authority, there, owner, said)?;
        service::checked_new(app, authority, owner, wanted).await?
    };
    let before = present.map(|present| &present.action);
    let is_anew = before.is_some_and(|before| {
        before.url() != new.action.url() && before.url().map(hidden) == new.action.url().map(hidden)
    });
    let is_anew = is_anew || is_other_pin(pin, before).await;
    let kept = entry.kept(fields(there, &new));
    Ok(Entry { is_anew, ..kept })
}

/// Whether the PIN of a file is another than the one that the gateway has, which the fields do not show.
async fn is_other_pin(said: Option<String>, before: Option<&ServiceAction>) -> bool {
    let Some(said) = said.filter(|said| said != HIDDEN && !said.is_empty()) else { return false };
    match before {
        Some(ServiceAction::ToGroup(before)) if before.pin.is_some() => {
            !password::verify(said, before.pin.clone()).await
        }
        // That there is one is shown.
        _ => false,
    }
}

/// Keeps what a file wants.
pub(super) async fn apply(
    app: &App,
    authority: &Authority,
    there: &There,
    change: &Change,
) -> Result<(), NotTaken> {
    let present = find(there, &change.key);
    match (change.sign, present, &change.wanted) {
        (Sign::Add, None, Some(entry)) => {
            let said: ServiceFields = entry.read()?;
            let owner = owner(there, said.owner.as_deref())?;
            let wanted = wanted(authority, there, owner, said)?;
            service::make_for(app, authority, owner, wanted).await?;
        }
        (Sign::Change, Some(present), Some(entry)) => {
            let said: ServiceFields = entry.read()?;
            let owner = owner(there, said.owner.as_deref())?;
            let changes = changes(authority, there, present, (entry, said, owner))?;
            let id = present.id.to_string();
            let changed = service::change(app, authority, &id, changes).await?;
            changed.ok_or_else(|| NotTaken::gone("service"))?;
        }
        (Sign::Remove, Some(present), _) => {
            service::remove(app, authority, &present.id.to_string()).await?;
        }
        _ => return Err(NotTaken::gone("service")),
    }
    Ok(())
}

fn find<'a>(there: &'a There, key: &str) -> Option<&'a Service> {
    there.services.iter().find(|service| service.name.to_lowercase() == key)
}

/// The account of this name; none named: the administrator without an account.
pub(super) fn owner(there: &There, said: Option<&str>) -> Result<UserId, NotTaken> {
    let Some(said) = said.filter(|said| !said.is_empty()) else { return Ok(UserId::internal()) };
    there.user(said).ok_or_else(|| no_such_user(said))
}

/// A service to be made.
fn wanted(
    authority: &Authority,
    there: &There,
    owner: UserId,
    said: ServiceFields,
) -> Result<Wanted, NotTaken> {
    let parts = if said.forward_to.is_empty() { 1 } else { FORWARDED_PARTS };
    let deeds = deeds(authority, there, owner, (&said, None))?;
    Ok(Wanted {
        name: said.name,
        keywords: std::iter::once(said.keyword).chain(said.aliases).collect(),
        conditions: Conditions {
            pattern: said.pattern.unwrap_or_default(),
            place: said.place,
            sim: said.sim,
            from: said.from.unwrap_or_default(),
            when: said.when.unwrap_or_default(),
        },
        deeds,
        reply_with_body: said.reply_with_body,
        max_messages: said.max_messages.unwrap_or(parts),
        omit_empty: said.omit_empty,
    })
}

/// The change that makes a service as the file says. What it does is left as it is when the file says the same.
fn changes(
    authority: &Authority,
    there: &There,
    present: &Service,
    (entry, said, owner): (&Entry, ServiceFields, UserId),
) -> Result<Changes, NotTaken> {
    if owner != present.owner {
        let whose = there.owner_name(present.owner).unwrap_or_else(|| "nobody".to_owned());
        return Err(NotTaken::Wrong(format!(
            "owner: the service is of {whose}, and stays so: give it that owner, or another name to a new one"
        )));
    }
    let before = fields(there, &as_new(present.clone()));
    let is_same = DEEDS.iter().all(|field| before.get(*field) == entry.said.get(*field));
    let deeds = if is_same {
        Vec::new()
    } else {
        deeds(authority, there, owner, (&said, Some(&present.action)))?
    };
    let has_pattern = said.pattern.as_ref().is_some_and(|pattern| !pattern.trim().is_empty());
    let parts = if said.forward_to.is_empty() { 1 } else { FORWARDED_PARTS };
    Ok(Changes {
        name: Some(said.name),
        keyword: Some(said.keyword),
        aliases: Some(said.aliases),
        pattern: Some(said.pattern.unwrap_or_default()),
        place: said.place.or(has_pattern.then_some(store::ServiceRule::PLACE)),
        sim: Some(said.sim.map_or(OfSim::Any, OfSim::Only)),
        from: Some(said.from.unwrap_or_default()),
        when: Some(said.when.unwrap_or_default()),
        deeds,
        reply_with_body: Some(said.reply_with_body),
        max_messages: Some(said.max_messages.unwrap_or(parts)),
        omit_empty: Some(said.omit_empty),
    })
}

/// All that a service is to do; the act refuses it when that is not one thing.
fn deeds(
    authority: &Authority,
    there: &There,
    owner: UserId,
    (said, present): (&ServiceFields, Option<&ServiceAction>),
) -> Result<Vec<Deed>, NotTaken> {
    let mut deeds = Vec::new();
    let before = present.and_then(ServiceAction::url);
    let url = |said: &Option<String>| said.as_ref().map(|url| restored(url, before)).transpose();
    deeds.extend(url(&said.get_url)?.map(ServiceAction::GetUrl).map(Deed::Does));
    deeds.extend(url(&said.post_url)?.map(ServiceAction::PostUrl).map(Deed::Does));
    deeds.extend(url(&said.post_xml)?.map(ServiceAction::PostXml).map(Deed::Does));
    deeds.extend(said.exec.clone().map(ServiceAction::Exec).map(Deed::Does));
    if !said.forward_to.is_empty() || said.forward_text.is_some() {
        let (to, text) = (said.forward_to.clone(), said.forward_text.clone());
        deeds.push(Deed::Forward { to, text });
    }
    // What these send back is a part of what they do.
    let reply = said.reply.clone();
    let mut has_reply = reply.is_some();
    for (group, joins) in [(&said.subscribe, true), (&said.unsubscribe, false)] {
        if let Some(group) = group {
            has_reply = false;
            let reply = reply.clone().unwrap_or_default();
            deeds.push(joining(authority, there, owner, (group.as_str(), joins, reply))?);
        }
    }
    if !said.vote.is_empty() {
        has_reply = false;
        let reply = Some(reply.clone().unwrap_or_default());
        deeds.push(Deed::Vote { options: said.vote.clone(), reply });
    }
    for kind in kinds(there, owner, (said, present))? {
        has_reply = false;
        deeds.push(Deed::Kind(kind));
    }
    if has_reply {
        deeds.extend(reply.map(ServiceAction::Reply).map(Deed::Does));
    }
    Ok(deeds)
}

/// What a service is to ask, to keep or to hand on.
fn kinds(
    there: &There,
    owner: UserId,
    (said, present): (&ServiceFields, Option<&ServiceAction>),
) -> Result<Vec<Kind>, NotTaken> {
    must_belong(said)?;
    // A file says all of it: what is not in it is as usual, whatever the gateway has.
    let reply = || Some(said.reply.clone().unwrap_or_default());
    let otherwise = || Some(said.otherwise.clone().unwrap_or_default());
    let mut kinds = Vec::new();
    if !said.quiz.is_empty() {
        kinds.push(Kind::Quiz {
            questions: Some(said.quiz.clone()),
            once: Some(said.once.unwrap_or(true)),
            wrong: otherwise(),
            reply: reply(),
        });
    }
    if !said.survey.is_empty() {
        kinds.push(Kind::Survey {
            questions: Some(said.survey.clone()),
            leave: Some(said.leave.clone().unwrap_or_else(|| Survey::LEAVE.to_owned())),
            minutes: Some(said.wait_minutes.unwrap_or(Survey::MINUTES)),
            otherwise: otherwise(),
            reply: reply(),
        });
    }
    if !said.scenario.is_empty() {
        kinds.push(Kind::Scenario { lines: Some(said.scenario.clone()), reply: reply() });
    }
    if let Some(address) = said.board.clone() {
        if address.trim() == "*" {
            return Err(NotTaken::Wrong(
                "board: each import would choose another address: make it once with merpati service change NAME --board '*', then export"
                    .to_owned(),
            ));
        }
        let shown = Some(said.shown.unwrap_or(Board::SHOWN));
        kinds.push(Kind::Board { address: Some(address), shown, reply: reply() });
    }
    if !said.inbox.is_empty() || said.inbox_named {
        kinds.push(Kind::Inbox {
            users: Some(said.inbox.clone()),
            named: said.inbox_named,
            unknown: otherwise(),
            reply: reply(),
        });
    }
    if let Some(group) = &said.to_group {
        let known = there.group(owner, group);
        if known.is_none() && there.planned_group(group).is_some() {
            return Err(NotTaken::Wrong(format!(
                "to_group: the group '{group}' is made by this file: import the group first, then the service"
            )));
        }
        kinds.push(Kind::ToGroup {
            group: Some(known.map_or_else(|| group.clone(), |id| id.to_string())),
            pin: match said.pin.as_deref() {
                // The PIN that the gateway has stays.
                Some(HIDDEN) if has_pin(present) => None,
                Some(HIDDEN) => {
                    return Err(NotTaken::Wrong(format!(
                        "pin: {HIDDEN} stands for a PIN that the gateway would keep, and the gateway has none for this service: write the PIN in its place"
                    )));
                }
                pin => Some(pin.unwrap_or_default().to_owned()),
            },
            senders: Some(said.senders.clone()),
        });
    }
    Ok(kinds)
}

fn has_pin(present: Option<&ServiceAction>) -> bool {
    matches!(present, Some(ServiceAction::ToGroup(to_group)) if to_group.pin.is_some())
}

/// Refuses fields of what the service does not do.
fn must_belong(said: &ServiceFields) -> Result<(), NotTaken> {
    let does = [
        ("quiz", !said.quiz.is_empty()),
        ("survey", !said.survey.is_empty()),
        ("scenario", !said.scenario.is_empty()),
        ("board", said.board.is_some()),
        ("inbox", !said.inbox.is_empty() || said.inbox_named),
        ("to_group", said.to_group.is_some()),
    ];
    let does: Vec<&str> =
        does.into_iter().filter(|(_, is_said)| *is_said).map(|(field, _)| field).collect();
    let part = Part {
        otherwise: said.otherwise.clone(),
        once: said.once,
        leave: said.leave.clone(),
        minutes: said.wait_minutes,
        shown: said.shown,
        pin: said.pin.clone(),
        senders: Some(said.senders.clone()).filter(|senders| !senders.is_empty()),
        reply: said.reply.clone(),
    };
    service::must_belong(&does, &part.said()).map_err(NotTaken::from)
}

/// To put senders into a group, or to take them out: one that is there, or one that the same file makes first.
fn joining(
    authority: &Authority,
    there: &There,
    owner: UserId,
    (group, joins, reply): (&str, bool, String),
) -> Result<Deed, NotTaken> {
    let planned = there.planned_group(group).filter(|_| there.group(owner, group).is_none());
    let Some(id) = planned else {
        // The act looks whether the service may change the group.
        let group = there.group(owner, group).map_or_else(|| group.to_owned(), |id| id.to_string());
        return Ok(Deed::Join { group, joins, reply: Some(reply) });
    };
    if owner != authority.owner() {
        return Err(NotTaken::Wrong(format!(
            "the organisation shares the group '{group}', and only services of whoever imports may change it"
        )));
    }
    Ok(Deed::Does(if joins {
        ServiceAction::Subscribe { group: id, reply }
    } else {
        ServiceAction::Unsubscribe { group: id, reply }
    }))
}
