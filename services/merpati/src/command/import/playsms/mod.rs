//! `merpati import playsms`: reads a dump of playSMS's database, and brings what is in it, each thing once.
//!
//! The dump is read twice. The first time all of it is looked at, so that a dump that is not whole, or that cannot be read,
//! brings nothing; users, groups, templates and services are kept in memory, and contacts and messages are counted. The second
//! time contacts and messages are brought, some hundred at a time. Each is known by what it is known by in playSMS, so that a run
//! that was ended goes on where it was, and another one makes nothing twice.

mod carry;
mod history;
mod plan;
mod services;
mod subscriptions;
mod tables;
mod users;

use std::collections::HashMap;
use std::path::Path;
use std::process::ExitCode;

use api::{
    Group, Groups, NewGroup, NewKey, NewTemplate, NewUser, Service, Services, Template, Templates,
};
use contracts::{GroupId, UserId};
use platform::config::Config;

use super::account::Accounts;
use super::dump::{self, DumpError};
use super::report::{Line, Report, State};
use super::stopped::stop;
use super::zone::Zone;
use crate::client::Client;
use crate::output;
use plan::{Plan, Planned};
use services::PlannedService;
use users::User;

/// What the keys of imported users are called.
const LABEL: &str = "playSMS";
/// Why a user is not made whose name an account has already.
const ANOTHERS: &str = "there is an account of this name that no import made, and it is given neither playSMS's token nor what belongs to the user; \
                        give it a key with the token by POST /api/v1/keys (playsms_token)";
/// What a program of playSMS does with its token.
const SCOPES: [&str; 5] =
    ["messages:send", "messages:read", "inbox:read", "contacts:read", "keys:manage"];
/// What an administrator's does beside that: `inject`, and `accountadd`, `accountban` and `accountunban`. Whoever makes an account
/// with a password has to have all that such an account may; that of an administrator is beyond the token.
const OF_ADMINISTRATORS: [&str; 18] = [
    "gateway:operate",
    "users:manage",
    "messages:cancel",
    "modems:read",
    "webhooks:read",
    "webhooks:write",
    "services:read",
    "services:write",
    "contacts:write",
    "templates:read",
    "templates:write",
    "schedules:read",
    "schedules:write",
    "broadcasts:read",
    "broadcasts:write",
    "reports:read",
    "credits:read",
    "optouts:read",
];
/// The most items of a page.
const PAGE: u32 = 500;

pub(super) async fn run(
    as_json: bool,
    config: &Config,
    file: &Path,
    (timezone, dry_run): (&str, bool),
) -> anyhow::Result<ExitCode> {
    let zone: Zone = timezone.parse().map_err(|words| anyhow::anyhow!("{words}"))?;
    let mut report = Report::new(dry_run);
    output::note("Reading the dump …");
    let plan =
        plan::read(dump::open(file)?, &zone, &mut report).map_err(|error| unread(file, &error))?;
    report.counts.extend(plan.counts());
    let client = Client::new(&config.data)?;
    let accounts = Accounts::of(&client, dry_run).await?;
    let mut importer = Importer { client, dry_run, owners: HashMap::new(), groups: HashMap::new() };
    if let Some(accounts) = &accounts {
        importer.everything_small(&plan, accounts, &mut report).await?;
    } else {
        output::note("No gateway runs here, so what is there already is not known.");
        untried(&plan, &mut report);
    }
    if !dry_run {
        let carrier = carry::Carrier { client: &importer.client, plan: &plan, zone: &zone };
        let (owners, groups) = (&importer.owners, &importer.groups);
        stop(&importer.client, &plan.stopped, &mut report).await?;
        carrier.carry(file, (owners, groups), &mut report).await?;
    }
    let code = report.show(as_json, "this dump")?;
    if !as_json {
        notes(&report);
    }
    Ok(code)
}

/// What is said at the end, to people.
fn notes(report: &Report) {
    if report.has_made("user") {
        output::note(
            "The users' tokens work at /index.php?app=ws once doors.playsms is set, and nowhere else. Nobody can log in to the pages \
                      with playSMS's password: set another one with merpati user password NAME --password-stdin.",
        );
    }
    if report.dry_run {
        output::note("Nothing was made. Without --dry-run it is.");
    }
}

fn unread(file: &Path, error: &DumpError) -> anyhow::Error {
    anyhow::anyhow!("{}: {error}; nothing was imported", file.display())
}

/// Everything in a plan, when it is not known what is there.
fn untried(plan: &Plan, report: &mut Report) {
    let users = plan.users.iter().map(|one| one.line("user", &one.what.name, State::New));
    let groups = plan.groups.iter().map(|(_, one)| one.line("group", &one.what.name, State::New));
    let templates =
        plan.templates.iter().map(|one| one.line("template", &one.what.name, State::New));
    let services = plan.services.all.iter().map(|one| Line {
        place: one.place.to_string(),
        what: "service",
        name: one.what.name.clone(),
        state: State::New,
    });
    let subscribed = plan.services.subscriptions.iter().map(|one| one.line(State::New));
    let lines = users.chain(groups).chain(templates).chain(subscribed).chain(services);
    report.lines.extend(lines);
}

impl<T> Planned<T> {
    /// What became of it.
    fn line(&self, what: &'static str, name: &str, state: State) -> Line {
        Line { place: self.place.to_string(), what, name: name.to_owned(), state }
    }
}

/// Makes what there is little of.
struct Importer {
    client: Client,
    dry_run: bool,
    /// The accounts of playSMS's users, by their ids there, with their names.
    owners: HashMap<i64, (String, Option<UserId>)>,
    /// The groups, by their ids there.
    groups: HashMap<i64, GroupId>,
}

impl Importer {
    async fn everything_small(
        &mut self,
        plan: &Plan,
        accounts: &Accounts,
        report: &mut Report,
    ) -> anyhow::Result<()> {
        for user in &plan.users {
            let (state, id) = self.user(accounts, &user.what).await;
            let is_theirs = !matches!(state, State::Failed { .. });
            report.lines.push(user.line("user", &user.what.name, state));
            if is_theirs {
                self.owners.insert(user.uid, (user.what.name.clone(), id));
            }
        }
        let known = self.known_groups().await?;
        for (id, group) in &plan.groups {
            let state = self.group(*id, group, &known).await;
            report.lines.push(group.line("group", &group.what.name, state));
        }
        let known = self.known_templates().await?;
        for template in &plan.templates {
            let state = self.template(template, &known).await;
            report.lines.push(template.line("template", &template.what.name, state));
        }
        let known = self.known_groups().await?;
        let mut subscribed = HashMap::new();
        for subscription in &plan.services.subscriptions {
            let (state, group) = self.subscription(subscription, &known).await;
            report.lines.push(subscription.line(state));
            subscribed.extend(group.map(|group| (subscription.id, group)));
        }
        let known = self.client.get::<Services>("/services").await?.into_read().services;
        for planned in &plan.services.all {
            let state = self.planned_service(planned, &subscribed, &known).await;
            let (place, name) = (planned.place.to_string(), planned.what.name.clone());
            report.lines.push(Line { place, what: "service", name, state });
        }
        Ok(())
    }

    async fn user(&self, accounts: &Accounts, user: &User) -> (State, Option<UserId>) {
        let new = NewUser { name: user.name.clone(), admin: user.admin, ..NewUser::default() };
        let allow = user.allowed.iter().map(ToString::to_string).collect::<Vec<_>>();
        let more: &[&str] = if user.admin { &OF_ADMINISTRATORS } else { &[] };
        let scopes = SCOPES.iter().chain(more);
        let key = NewKey {
            user: Some(user.name.clone()),
            label: LABEL.to_owned(),
            scopes: Some(scopes.map(|scope| (*scope).to_owned()).collect()),
            allow: (!allow.is_empty()).then_some(allow),
            playsms_token: user.token.clone(),
            playsms_password_hash: user.password_hash.clone(),
            ..NewKey::default()
        };
        accounts.bring(&self.client, &new, &key, (ANOTHERS, self.dry_run)).await
    }

    /// The name of the account that a thing of a user is made for. The error is why it is not made.
    fn owner<T>(&self, thing: &Planned<T>) -> Result<&(String, Option<UserId>), State> {
        let words = || State::Failed { error: "its user was not imported".to_owned() };
        self.owners.get(&thing.uid).ok_or_else(words)
    }

    async fn known_groups(&self) -> anyhow::Result<Vec<Group>> {
        let mut all = Vec::new();
        let mut path = format!("/groups?limit={PAGE}");
        loop {
            let Groups { groups, next } = self.client.get::<Groups>(&path).await?.into_read();
            all.extend(groups);
            let Some(next) = next else { return Ok(all) };
            path = format!("/groups?limit={PAGE}&after={}", crate::client::segment(&next));
        }
    }

    async fn known_templates(&self) -> anyhow::Result<Vec<Template>> {
        let mut all = Vec::new();
        let mut path = format!("/templates?limit={PAGE}");
        loop {
            let Templates { templates, next } =
                self.client.get::<Templates>(&path).await?.into_read();
            all.extend(templates);
            let Some(next) = next else { return Ok(all) };
            path = format!("/templates?limit={PAGE}&after={}", crate::client::segment(&next));
        }
    }

    async fn group(&mut self, id: i64, group: &Planned<NewGroup>, known: &[Group]) -> State {
        let (name, owner) = match self.owner(group) {
            Ok(owner) => owner.clone(),
            Err(state) => return state,
        };
        let is_it = |known: &&Group| {
            owner.is_some()
                && known.owner == owner
                && known.name.to_lowercase() == group.what.name.to_lowercase()
        };
        if let Some(known) = known.iter().find(is_it) {
            self.groups.insert(id, known.id);
            return State::There;
        }
        if self.dry_run {
            return State::New;
        }
        let new = NewGroup { user: Some(name), ..group.what.clone() };
        match self.client.post::<Group>("/groups", &new).await {
            Ok(made) => {
                self.groups.insert(id, made.id);
                State::Made
            }
            Err(error) => State::failed(&error),
        }
    }

    async fn template(&self, template: &Planned<NewTemplate>, known: &[Template]) -> State {
        let (name, owner) = match self.owner(template) {
            Ok(owner) => owner.clone(),
            Err(state) => return state,
        };
        let is_it = |known: &Template| {
            owner.is_some()
                && known.owner == owner
                && known.name.to_lowercase() == template.what.name.to_lowercase()
        };
        if known.iter().any(is_it) {
            return State::There;
        }
        if self.dry_run {
            return State::New;
        }
        let new = NewTemplate { user: Some(name), ..template.what.clone() };
        match self.client.post::<Template>("/templates", &new).await {
            Ok(_) => State::Made,
            Err(error) => State::failed(&error),
        }
    }

    /// Makes a service, once what it has to do with is there.
    async fn planned_service(
        &self,
        planned: &PlannedService,
        subscribed: &HashMap<i64, GroupId>,
        known: &[Service],
    ) -> State {
        let lacks = |error: &str| State::Failed { error: error.to_owned() };
        let mut new = planned.what.clone();
        if let Some((subscription, joins)) = planned.joins {
            let group = match subscribed.get(&subscription) {
                Some(group) => group.to_string(),
                None if self.dry_run => return State::New,
                None => return lacks("its group was not made"),
            };
            let field = if joins { &mut new.subscribe } else { &mut new.unsubscribe };
            *field = Some(group);
        }
        if !planned.users.is_empty() {
            let users = planned.users.iter().filter_map(|uid| self.owners.get(uid));
            new.inbox = users.map(|(name, _)| name.clone()).collect();
            if new.inbox.is_empty() {
                return lacks("none of its users was imported");
            }
        }
        self.service(&new, known).await
    }

    async fn service(&self, new: &api::NewService, known: &[Service]) -> State {
        let is_named = |known: &&Service| known.name.to_lowercase() == new.name.to_lowercase();
        if let Some(known) = known.iter().find(is_named) {
            let is_same = is_same(known, new);
            let error = "a service that does something else is called so".to_owned();
            return if is_same { State::There } else { State::Failed { error } };
        }
        if self.dry_run {
            return State::New;
        }
        match self.client.post::<Service>("/services", new).await {
            Ok(_) => State::Made,
            Err(error) => State::failed(&error),
        }
    }
}

/// Whether a service that there is does what another one would do.
fn is_same(known: &Service, new: &api::NewService) -> bool {
    let small = |lines: &[String]| lines.join("\n").to_lowercase();
    known.keyword == new.keyword.trim().to_lowercase()
        && known.pattern == new.pattern
        && (&known.get_url, &known.reply, &known.exec) == (&new.get_url, &new.reply, &new.exec)
        && small(&known.vote) == small(&new.vote)
        && small(&known.quiz) == small(&new.quiz)
        && small(&known.scenario) == small(&new.scenario)
        && known.board.is_some() == new.board.is_some()
        && known.subscribe.is_some() == new.subscribe.is_some()
        && known.unsubscribe.is_some() == new.unsubscribe.is_some()
        && known.inbox.len() == new.inbox.len()
}
