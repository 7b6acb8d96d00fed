//! What is set in the gateway, as far as somebody may read it.

use std::collections::BTreeMap;

use contracts::config_kv::Sim;
use contracts::routes::Routes;
use contracts::{GroupId, PhoneNumber, SimId, UserId};
use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};
use store::{Group, NamePage, NamePlace, Schedule, Service, Team, Template, User, Webhook};

use super::kind::Kind;
use super::opt_outs;
use super::section::{Fields, Section};
use crate::acts::not_read::NotRead;
use crate::acts::{group, route, schedule, service, sim, team, template, webhook};
use crate::app::App;
use crate::authority::{Authority, Denied};
use crate::power::Power;

/// The entries of a page that lists are read in.
const PAGE: u32 = 1_000;
/// Bytes of the hash that a version is.
const VERSION: usize = 16;

/// See the module.
pub(super) struct There {
    /// The accounts of the organisation.
    pub(super) users: Vec<User>,
    /// Rules and pools, and their version.
    pub(super) routes: Routes,
    pub(super) routes_version: i64,
    /// Teams.
    pub(super) teams: Vec<Team>,
    /// What is set for SIMs.
    pub(super) sims: BTreeMap<SimId, Sim>,
    /// Groups, also those of accounts, which services and schedules name.
    pub(super) groups: Vec<Group>,
    /// Groups that a file would make, which are named like those that there are.
    pub(super) planned: Vec<(GroupId, String)>,
    /// Templates that all share.
    pub(super) templates: Vec<Template>,
    /// Keyword services.
    pub(super) services: Vec<Service>,
    /// Schedules.
    pub(super) schedules: Vec<Schedule>,
    /// Endpoints, oldest first.
    pub(super) webhooks: Vec<Webhook>,
    /// Numbers that are sent nothing; empty: nobody asked for them.
    pub(super) opt_outs: Vec<PhoneNumber>,
    /// The lists of the kinds that may be read.
    pub(super) sections: BTreeMap<Kind, Section>,
    /// The kinds that may not be read, and why.
    pub(super) left_out: Vec<(Kind, Denied)>,
}

impl There {
    /// Reads all of it, or what the authority lets it; opt-outs when they are wanted.
    pub(super) async fn of(
        app: &App,
        authority: &Authority,
        has_opt_outs: bool,
    ) -> Result<Self, NotRead> {
        let mut there = Self {
            users: route::accounts(app, authority).await?,
            routes: Routes::unset(authority.org),
            routes_version: 0,
            teams: Vec::new(),
            sims: BTreeMap::new(),
            groups: Vec::new(),
            planned: Vec::new(),
            templates: Vec::new(),
            services: Vec::new(),
            schedules: Vec::new(),
            webhooks: Vec::new(),
            opt_outs: Vec::new(),
            sections: BTreeMap::new(),
            left_out: Vec::new(),
        };
        let mut readable = Vec::new();
        for kind in Kind::ALL {
            if kind == Kind::OptOuts && !has_opt_outs {
                continue;
            }
            match there.load(app, authority, kind).await {
                Ok(()) => readable.push(kind),
                Err(NotRead::Denied(denied)) => there.left_out.push((kind, denied)),
                Err(error) => return Err(error),
            }
        }
        for kind in readable {
            let section = kind.section(&there);
            there.sections.insert(kind, section);
        }
        Ok(there)
    }

    async fn load(&mut self, app: &App, authority: &Authority, kind: Kind) -> Result<(), NotRead> {
        match kind {
            Kind::Teams => self.teams = team::list(app, authority).await?,
            Kind::Sims => {
                // Who may use one is for those alone who say so.
                authority.must(Power::SimsManage)?;
                self.sims = sim::list(app, authority, std::iter::empty()).await?;
            }
            Kind::Pools | Kind::Rules => {
                let seen = route::list(app, authority).await?;
                (self.routes, self.routes_version) = (seen.routes, seen.version);
            }
            Kind::Groups => {
                let mut after: Option<NamePlace> = None;
                loop {
                    let page = NamePage { after, limit: PAGE };
                    let (groups, next) = group::list(app, authority, None, &page).await?;
                    self.groups.extend(groups);
                    let Some(next) = next else { break };
                    after = Some(next);
                }
            }
            Kind::Templates => {
                let mut after: Option<NamePlace> = None;
                loop {
                    let page = NamePage { after, limit: PAGE };
                    let (templates, next) = template::list(app, authority, None, &page).await?;
                    self.templates
                        .extend(templates.into_iter().filter(|one| one.owner.is_everybody()));
                    let Some(next) = next else { break };
                    after = Some(next);
                }
            }
            Kind::Services => self.services = service::list(app, authority).await?,
            Kind::Schedules => {
                let mut after: Option<NamePlace> = None;
                loop {
                    let page = NamePage { after, limit: PAGE };
                    let (schedules, next) = schedule::list(app, authority, None, &page).await?;
                    self.schedules.extend(schedules);
                    let Some(next) = next else { break };
                    after = Some(next);
                }
            }
            Kind::Webhooks => {
                self.webhooks = webhook::list(app, authority).await?;
                // Of two with one URL, the older is the first in a file.
                self.webhooks.sort_by_key(|one| (one.created_at, one.id));
            }
            Kind::OptOuts => self.opt_outs = opt_outs::read(app, authority).await?,
        }
        Ok(())
    }

    /// The list of a kind that may be read.
    pub(super) fn section(&self, kind: Kind) -> Option<&Section> {
        self.sections.get(&kind)
    }

    /// The fields of an entry that is there.
    pub(super) fn fields(&self, kind: Kind, key: &str) -> Option<&Fields> {
        Some(&self.section(kind)?.find(key)?.fields)
    }

    /// The document.
    pub(super) fn document(&self) -> Fields {
        let lists = self.sections.iter();
        lists.map(|(kind, section)| (kind.to_string(), section.written(*kind))).collect()
    }

    /// What tells this state of the settings from others. Opt-outs are not in it, for people send STOP at any time.
    pub(super) fn version(&self) -> String {
        let mut document = self.document();
        document.remove(Kind::OptOuts.as_str());
        let text = serde_json::Value::Object(document).to_string();
        let digest = Sha256::digest(text.as_bytes());
        HEXLOWER.encode(&digest[..VERSION])
    }

    /// The name of an account, as it is written: none for what belongs to the administrator without an account.
    pub(super) fn owner_name(&self, id: UserId) -> Option<String> {
        (id != UserId::internal()).then(|| self.user_name(id))
    }

    /// The name of an account, or its id where it has none any more.
    pub(super) fn user_name(&self, id: UserId) -> String {
        let user = self.users.iter().find(|user| user.id == id);
        user.map_or_else(|| id.to_string(), |user| user.name.clone())
    }

    /// The account of this name or id.
    pub(super) fn user(&self, said: &str) -> Option<UserId> {
        let lower = said.to_lowercase();
        let user = self
            .users
            .iter()
            .find(|user| user.name.to_lowercase() == lower || user.id.to_string() == said);
        user.map(|user| user.id)
    }

    /// The group that somebody means who speaks for an account: one of the account's own before others, by name or id.
    pub(super) fn group(&self, owner: UserId, said: &str) -> Option<GroupId> {
        let lower = said.to_lowercase();
        let of_name = |group: &&Group| group.name.to_lowercase() == lower;
        let own =
            self.groups.iter().filter(of_name).find(|group| group.owner.user() == Some(owner));
        let any = || self.groups.iter().filter(of_name).find(|group| group.owner.is_everybody());
        let by_id = || self.groups.iter().find(|group| group.id.to_string() == said);
        own.or_else(any).or_else(by_id).map(|group| group.id)
    }

    /// The group of this name that the file would make.
    pub(super) fn planned_group(&self, said: &str) -> Option<GroupId> {
        let lower = said.to_lowercase();
        self.planned.iter().find(|(_, name)| name.to_lowercase() == lower).map(|(id, _)| *id)
    }

    /// How a group is named by who speaks for an account: by its name where that means this one, else by its id.
    pub(super) fn group_said(&self, owner: UserId, id: GroupId) -> String {
        if let Some((_, name)) = self.planned.iter().find(|(planned, _)| *planned == id) {
            return name.clone();
        }
        let Some(group) = self.groups.iter().find(|group| group.id == id) else {
            return id.to_string();
        };
        let lower = group.name.to_lowercase();
        let others = self.groups.iter().filter(|one| one.name.to_lowercase() == lower).count() > 1;
        let is_meant = self.group(owner, &group.name) == Some(id);
        if is_meant && (!others || group.owner.user() == Some(owner)) {
            group.name.clone()
        } else {
            id.to_string()
        }
    }
}
