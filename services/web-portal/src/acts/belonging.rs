//! Whose something is to be that is made: one's own, another account's, a team's, or all of the organisation's.

use contracts::{Holder, OrgId, UserId};
use store::{Reach, StoreError, Team};

use crate::app::App;
use crate::authority::{Authority, Denied};
use crate::power::Power;

/// Whose it is to be.
#[derive(Debug, Clone, Default)]
pub(crate) struct Belonging {
    /// All of the organisation share it.
    pub(crate) shared: bool,
    /// The name of the account; none: one's own.
    pub(crate) user: Option<String>,
    /// The name or the id of the team whose it is, of what may be a team's.
    pub(crate) team: Option<String>,
}

/// Why it cannot be that account's.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotTheirs {
    /// Not with this authority.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// There is no account of this name.
    #[error("there is no user named '{0}'")]
    NoSuchUser(String),
    /// There is no such team, or it is not one of the account's.
    #[error("there is no team '{0}' that the account is of")]
    NoSuchTeam(String),
    /// It is to be somebody's and everybody's.
    #[error("say one of 'shared', 'user' and 'team'")]
    Both,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Whose contacts, groups, templates, schedules and services are changed with an authority: one's own, with the power over what is
/// shared that too, and with the power over accounts also those of others. A key of an administrator whose scopes leave these
/// powers out changes its owner's own alone.
pub(super) fn changed_by(authority: &Authority) -> Reach {
    match authority.account() {
        Some(own) if !authority.may(Power::UsersManage) => {
            if authority.may(Power::SharedManage) {
                Reach::manager(authority.org, own)
            } else {
                Reach::own(authority.org, own)
            }
        }
        _ => authority.reach,
    }
}

/// Whether what all of the organisation share may be changed.
pub(crate) const fn may_share(authority: &Authority) -> bool {
    authority.may(Power::UsersManage) || authority.may(Power::SharedManage)
}

/// Refuses who may not change what all of the organisation share. Who manages its accounts may, too.
pub(crate) fn must_share(authority: &Authority) -> Result<(), Denied> {
    authority.must_one_of([Power::UsersManage, Power::SharedManage])
}

/// The teams whose contacts, groups and templates may be made with an authority, by name. A key that writes and does not read is told
/// its own teams too, for it names one of them.
pub(crate) async fn teams(app: &App, authority: &Authority) -> Result<Vec<Team>, StoreError> {
    let of_contacts = authority.must_one_of([Power::ContactsRead, Power::ContactsWrite]);
    let of_templates = authority.must_one_of([Power::TemplatesRead, Power::TemplatesWrite]);
    if of_contacts.is_err() && of_templates.is_err() {
        return Ok(Vec::new());
    }
    app.store.teams(changed_by(authority)).await
}

/// Refuses to go on with what is a team's when the account is not of that team any more.
pub(super) async fn must_be_of(
    app: &App,
    authority: &Authority,
    holder: Holder,
) -> Result<(), NotTheirs> {
    let Some(team) = holder.team() else { return Ok(()) };
    let is_of_it = teams(app, authority).await?.iter().any(|one| one.id == team);
    if is_of_it { Ok(()) } else { Err(NotTheirs::NoSuchTeam(team.to_string())) }
}

/// Whose groups may be named by what belongs to an account, as schedules and broadcasts do: the account's own, those of its teams, and
/// those that all share.
pub(crate) struct Lent {
    account: UserId,
    teams: Vec<Team>,
}

impl Lent {
    /// Finds out what is lent to an account.
    pub(crate) async fn to(app: &App, org: OrgId, account: UserId) -> Result<Self, StoreError> {
        let teams = app.store.teams(Reach::own(org, account)).await?;
        Ok(Self { account, teams })
    }

    /// Whether the account may name what is this one's.
    pub(crate) fn has(&self, holder: Holder) -> bool {
        match holder {
            Holder::Everybody => true,
            Holder::User(user) => user == self.account,
            Holder::Team(team) => self.teams.iter().any(|one| one.id == team),
        }
    }
}

/// The most characters of a team's name that an answer repeats.
const REPEATED: usize = 64;

impl Belonging {
    /// Whose a contact, a group or a template is to be. What is to be a team's may be made by whoever is of the team, and by whoever
    /// changes what is anybody's.
    pub(super) async fn holder(
        self,
        app: &App,
        authority: &Authority,
    ) -> Result<Holder, NotTheirs> {
        let Some(said) = self.team.clone() else {
            return Ok(self.owner(app, authority).await?.into());
        };
        if self.shared || self.user.is_some() {
            return Err(NotTheirs::Both);
        }
        let lower = said.to_lowercase();
        let teams = teams(app, authority).await?;
        let team = teams
            .iter()
            .find(|team| team.name.to_lowercase() == lower || team.id.to_string() == said);
        let nowhere = || NotTheirs::NoSuchTeam(said.chars().take(REPEATED).collect());
        team.map(|team| Holder::Team(team.id)).ok_or_else(nowhere)
    }

    /// The account; none: all of the organisation share it, as they do what the administrator without an account makes.
    pub(super) async fn owner(
        self,
        app: &App,
        authority: &Authority,
    ) -> Result<Option<UserId>, NotTheirs> {
        let own = authority.user();
        match (self.shared, self.user) {
            (true, Some(_)) => Err(NotTheirs::Both),
            (true, None) => {
                must_share(authority)?;
                Ok(None)
            }
            (false, None) => Ok(own.map(|own| own.id)),
            (false, Some(name)) => {
                if let Some(own) = own.filter(|own| own.name.to_lowercase() == name.to_lowercase())
                {
                    return Ok(Some(own.id));
                }
                authority.must(Power::UsersManage)?;
                let user = app.store.find_user(authority.reach, &name).await?;
                user.map(|user| Some(user.id)).ok_or(NotTheirs::NoSuchUser(name))
            }
        }
    }
}
