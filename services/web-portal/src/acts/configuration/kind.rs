//! The kinds of settings that the document has. Each has a file of its own here, and a line in each of the lists below.

use store::{
    MOST_GROUPS, MOST_SCHEDULES, MOST_SERVICES, MOST_TEAMS, MOST_TEMPLATES, MOST_WEBHOOKS,
};

use super::check::Check;
use super::compare::Change;
use super::refusal::NotTaken;
use super::section::{Entry, Fields, Section};
use super::there::There;
use super::{
    groups, opt_outs, pools, rules, schedules, services, sims, teams, templates, webhooks,
};
use crate::app::App;
use crate::authority::{Authority, Denied};
use crate::power::Power;

contracts::named! {
    /// A kind of settings: a list of the document. What a kind names stands before it.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub(crate) enum Kind {
        /// Teams, with their users and SIMs.
        Teams = "teams",
        /// What is set for SIMs: their pools, limits, and who may use them.
        Sims = "sims",
        /// How pools share their work.
        Pools = "pools",
        /// The rules that say which way messages go, in their order.
        Rules = "rules",
        /// Groups of contacts that the organisation shares, without the contacts.
        Groups = "groups",
        /// Templates that the organisation shares.
        Templates = "templates",
        /// Keyword services.
        Services = "services",
        /// Schedules that are not over.
        Schedules = "schedules",
        /// Endpoints for events, without their secrets.
        Webhooks = "webhooks",
        /// Numbers whose holders asked to be sent nothing more.
        OptOuts = "optouts",
    }
}

impl Kind {
    /// What one of it is called.
    pub(crate) const fn one(self) -> &'static str {
        match self {
            Self::Teams => "team",
            Self::Sims => "SIM",
            Self::Pools => "pool",
            Self::Rules => "rule",
            Self::Groups => "group",
            Self::Templates => "template",
            Self::Services => "service",
            Self::Schedules => "schedule",
            Self::Webhooks => "webhook",
            Self::OptOuts => "opt-out",
        }
    }

    /// The most entries of its list.
    pub(super) const fn most(self) -> usize {
        match self {
            Self::OptOuts => opt_outs::MOST,
            Self::Sims | Self::Schedules => 10_000,
            Self::Teams
            | Self::Rules
            | Self::Pools
            | Self::Groups
            | Self::Templates
            | Self::Services
            | Self::Webhooks => 5_000,
        }
    }

    /// The most that one account may have, or that the organisation may share; none: something else bounds them.
    pub(super) const fn most_of_account(self) -> Option<u32> {
        match self {
            Self::Teams => Some(MOST_TEAMS),
            Self::Groups => Some(MOST_GROUPS),
            Self::Templates => Some(MOST_TEMPLATES),
            Self::Services => Some(MOST_SERVICES),
            Self::Schedules => Some(MOST_SCHEDULES),
            Self::Webhooks => Some(MOST_WEBHOOKS),
            Self::Sims | Self::Pools | Self::Rules | Self::OptOuts => None,
        }
    }

    /// Whether all changes of the kind are made together, by one act.
    pub(super) const fn is_one_act(self) -> bool {
        matches!(self, Self::Pools | Self::Rules | Self::OptOuts)
    }

    /// Whether what a file does not have of the kind is removed when somebody prunes. Opt-outs are what people asked for themselves, since
    /// the file was written too.
    pub(super) const fn is_pruned(self) -> bool {
        !matches!(self, Self::OptOuts)
    }

    /// What tells one from the others, and what it is called; none: the entry does not say.
    pub(super) fn identity(self, fields: &Fields) -> Option<(String, String)> {
        let text = |field: &str| fields.get(field).and_then(serde_json::Value::as_str);
        let owner = || text("owner").unwrap_or_default().to_lowercase();
        let of = |name: &str| match text("owner") {
            Some(owner) if !owner.is_empty() => format!("{name} of {owner}"),
            _ => name.to_owned(),
        };
        match self {
            Self::Sims => text("id").map(|id| (id.to_owned(), id.to_owned())),
            Self::Pools | Self::Rules => {
                text("name").map(|name| (name.to_owned(), name.to_owned()))
            }
            Self::Teams | Self::Groups | Self::Templates | Self::Services => {
                text("name").map(|name| (name.to_lowercase(), name.to_owned()))
            }
            Self::Schedules => {
                text("name").map(|name| (format!("{}\n{}", name.to_lowercase(), owner()), of(name)))
            }
            Self::Webhooks => text("url").map(|url| {
                let url = super::secrets::hidden(url);
                (format!("{url}\n{}", owner()), of(&url))
            }),
            Self::OptOuts => text("number").map(|number| (number.to_owned(), number.to_owned())),
        }
    }

    /// The field without which an entry is none.
    pub(super) const fn named_by(self) -> &'static str {
        match self {
            Self::Sims => "id",
            Self::Webhooks => "url",
            Self::OptOuts => "number",
            Self::Teams
            | Self::Pools
            | Self::Rules
            | Self::Groups
            | Self::Templates
            | Self::Services
            | Self::Schedules => "name",
        }
    }

    /// Those of what there is.
    pub(super) fn section(self, there: &There) -> Section {
        match self {
            Self::Teams => teams::section(there),
            Self::Sims => sims::section(there),
            Self::Pools => pools::section(there),
            Self::Rules => rules::section(there),
            Self::Groups => groups::section(there),
            Self::Templates => templates::section(there),
            Self::Services => services::section(there),
            Self::Schedules => schedules::section(there),
            Self::Webhooks => webhooks::section(there),
            Self::OptOuts => opt_outs::section(there),
        }
    }

    /// An entry of a file as it would be kept, by what the act that keeps it asks. Of the kinds that are one act, the whole is
    /// looked at elsewhere.
    pub(super) async fn checked(self, look: &Check<'_>, entry: Entry) -> Result<Entry, NotTaken> {
        match self {
            Self::Teams => teams::checked(look, entry),
            Self::Sims => sims::checked(look, entry).await,
            Self::Groups => groups::checked(look, entry),
            Self::Templates => templates::checked(look, entry),
            Self::Services => services::checked(look, entry).await,
            Self::Schedules => schedules::checked(look, entry).await,
            Self::Webhooks => webhooks::checked(look, entry),
            Self::OptOuts => opt_outs::checked(look, &entry),
            Self::Pools | Self::Rules => Ok(entry),
        }
    }

    /// Refuses whoever may not remove one that is there.
    pub(super) fn may_remove(self, look: &Check<'_>, key: &str) -> Result<(), Denied> {
        let Check { authority, there, .. } = *look;
        let write = match self {
            Self::Teams => {
                authority.must_for_good(Power::UsersManage)?;
                let mut teams = there.teams.iter();
                let team = teams.find(|team| team.name.to_lowercase() == key);
                if team.is_some_and(|team| !team.sims.is_empty()) {
                    authority.must_for_good(Power::SimsManage)?;
                }
                return Ok(());
            }
            Self::Sims => return authority.must_for_good(Power::SimsManage),
            Self::Pools | Self::Rules | Self::OptOuts => {
                return authority.must_for_good(Power::RoutesManage);
            }
            Self::Groups => Power::ContactsWrite,
            Self::Templates => Power::TemplatesWrite,
            Self::Services => Power::ServicesWrite,
            Self::Schedules => Power::SchedulesWrite,
            Self::Webhooks => Power::WebhooksWrite,
        };
        authority.must(write)?;
        let is_shared = matches!(self, Self::Groups | Self::Templates);
        let owner = there.fields(self, key).and_then(|fields| fields.get("owner"));
        let owner = owner.and_then(serde_json::Value::as_str);
        let is_own = !is_shared && owner.map(str::to_owned) == there.owner_name(authority.owner());
        if is_own { Ok(()) } else { authority.must(Power::UsersManage) }
    }

    /// Makes changes: one, or all of a kind that is one act. `wanted` is the list of the kind as the file has it.
    pub(super) async fn apply(
        self,
        app: &App,
        authority: &Authority,
        there: &There,
        (changes, wanted, prune): (&[Change], &Section, bool),
    ) -> Result<(), NotTaken> {
        match self {
            Self::Pools => return pools::apply(app, authority, there, (wanted, prune)).await,
            Self::Rules => return rules::apply(app, authority, there, (wanted, prune)).await,
            Self::OptOuts => return opt_outs::apply(app, authority, changes).await,
            _ => {}
        }
        for change in changes {
            match self {
                Self::Teams => teams::apply(app, authority, there, (change, wanted)).await?,
                Self::Sims => sims::apply(app, authority, there, change).await?,
                Self::Groups => groups::apply(app, authority, there, change).await?,
                Self::Templates => templates::apply(app, authority, there, change).await?,
                Self::Services => services::apply(app, authority, there, change).await?,
                Self::Schedules => schedules::apply(app, authority, there, change).await?,
                Self::Webhooks => webhooks::apply(app, authority, there, change).await?,
                Self::Pools | Self::Rules | Self::OptOuts => {}
            }
        }
        Ok(())
    }
}
