//! With what authority something is done: for which organisation, by whom, with which powers, and what they reach.
//!
//! An [`Authority`] is made here alone: from a browser's session, from an API key, or for the local socket. Every act
//! takes one.

use std::sync::Arc;
use std::time::Duration;

use contracts::{KeyId, OrgId, Timestamp, UserId};
use store::{
    Acting, ApiKey, AuditAction, AuditActor, AuditActorKind, AuditDoor, Door, NewAuditEntry, Reach,
    SecretHash, StoreError, User,
};

use crate::app::App;
use crate::door_passwords;
use crate::known_keys::GoodKey;
use crate::limits::{Left, TooMuch};
use crate::origin::{self, Origin};
use crate::power::{ALL_ANY, Power, Powers};
use crate::requests;
use crate::secret::KeySecret;

/// Somebody's authority, as it was when they came in.
#[derive(Debug, Clone)]
pub(crate) struct Authority {
    /// The organisation: nothing outside of it is seen or changed.
    pub(crate) org: OrgId,
    /// Who acts.
    pub(crate) actor: Actor,
    /// What they may do: what the account may, as far as the scopes of the key name it.
    powers: Powers,
    /// Whose messages and SIMs they may do it with.
    pub(crate) reach: Reach,
    /// From where they came.
    pub(crate) origin: Origin,
    /// What was left of the limits of their key when they came in.
    pub(crate) left: Vec<Left>,
}

/// Who acts, and by what they came in.
#[derive(Debug, Clone)]
pub(crate) enum Actor {
    /// The gateway's own user, by the socket in the data folder.
    Local,
    /// A person, by a browser's session.
    Person {
        /// The account.
        user: Arc<User>,
        /// The hash of the session's cookie.
        session: SecretHash,
        /// The administrator who acts as the account, if one does.
        acting: Option<Arc<Acting>>,
    },
    /// A program, by an API key.
    Program {
        /// The account whose key it is.
        user: Arc<User>,
        /// The key.
        key: Arc<ApiKey>,
        /// The hash of the key.
        secret: SecretHash,
    },
}

/// Why a key was not looked at to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unchecked {
    /// There were too many tries with a password; how long until the next.
    #[error("there were too many tries")]
    TooOften(Duration),
    /// The key or its account asks for more than it may.
    #[error(transparent)]
    TooMuch(#[from] TooMuch),
    /// The key works from other addresses only.
    #[error("the key does not work from this address")]
    Elsewhere,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An entry of the audit log of what is done by somebody who has no authority: who comes in, or tries to.
pub(crate) fn entry_by(
    app: &App,
    org: OrgId,
    actor: AuditActor,
    action: AuditAction,
) -> NewAuditEntry {
    let Origin { door, address } = Origin::of_this_request();
    NewAuditEntry::new(org, app.clock.now(), actor, (door, address), action)
}

/// Something that may not be done with this authority.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Denied {
    /// The account does not have the power.
    #[error("this needs the power {}", .0.as_str())]
    Powerless(Power),
    /// The account has the power, and the scopes of the key leave it out.
    #[error("the scopes of the key lack {}", .0.as_str())]
    OutOfScope(Power),
    /// It would give more powers than it is given with.
    #[error("it would give more powers than it is given with")]
    Beyond,
    /// It would stay when the key, which ends then, does not.
    #[error("the key is good until {0}, and what it gives would stay")]
    Lasting(Timestamp),
}

/// What is needed to come to a call or a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// Nothing: it is for who has not come in, too.
    Nothing,
    /// To have come in.
    Somebody,
    /// A power.
    Power(Power),
}

/// A call of the API, a page or a form, and what it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Declared {
    /// Its method.
    pub method: &'static str,
    /// Its path, of a call without `/api/v1`; `{…}` stands for any one segment.
    pub path: &'static str,
    /// The word of the power. None where no power is needed.
    pub power: Option<&'static str>,
    /// It is for who has not come in, too.
    pub public: bool,
}

impl Need {
    /// A call, a page or a form that needs this.
    pub(crate) fn declared(self, method: &'static str, path: &'static str) -> Declared {
        Declared { method, path, power: self.power(), public: self == Self::Nothing }
    }

    /// The word of the power.
    fn power(self) -> Option<&'static str> {
        match self {
            Self::Power(power) => Some(power.as_str()),
            Self::Nothing | Self::Somebody => None,
        }
    }

    /// Refuses an authority that lacks what is needed.
    pub(crate) fn check(self, authority: &Authority) -> Result<(), Denied> {
        match self {
            Self::Power(power) => authority.must(power),
            Self::Nothing | Self::Somebody => Ok(()),
        }
    }
}

impl From<Power> for Need {
    fn from(power: Power) -> Self {
        Self::Power(power)
    }
}

impl Authority {
    /// The administrator behind the local socket. Only the gateway's own user can open it, and that user can read
    /// everything in the data folder anyway.
    pub(crate) fn local() -> Self {
        let org = OrgId::default_org();
        let (actor, reach) = (Actor::Local, Reach::everything(org));
        let origin = Origin::of_this_request();
        Self { org, actor, powers: Powers::ALL, reach, origin, left: Vec::new() }
    }

    /// That of who knows the password of Kannel's admin pages: to look at modems and messages, and to start and stop modems.
    pub(crate) fn of_kannel_admin() -> Self {
        let powers = Powers::of_scopes("modems:read messages:read modems:operate");
        Self { powers, ..Self::local() }
    }

    /// That of a person who is logged in; `session` is the hash of the cookie.
    pub(crate) fn by_session(user: User, session: SecretHash) -> Self {
        Self {
            org: user.org,
            powers: Powers::of_role(user.role),
            reach: user.reach(),
            origin: Origin::of_this_request(),
            actor: Actor::Person { user: Arc::new(user), session, acting: None },
            left: Vec::new(),
        }
    }

    /// That of an administrator who acts as somebody; `session` is the hash of the cookie.
    pub(crate) fn acting_as(user: User, session: SecretHash, acting: Acting) -> Self {
        let powers = Powers::of_role(user.role).when_acting();
        let own = Self::by_session(user, session);
        let actor = match own.actor {
            Actor::Person { user, session, .. } => {
                Actor::Person { user, session, acting: Some(Arc::new(acting)) }
            }
            other => other,
        };
        Self { actor, powers, ..own }
    }

    /// The account of a person who came by a session of their own; none: a program, the local administrator, or somebody who
    /// acts as another.
    pub(crate) fn person(&self) -> Option<&User> {
        match &self.actor {
            Actor::Person { user, acting: None, .. } => Some(user),
            Actor::Person { .. } | Actor::Program { .. } | Actor::Local => None,
        }
    }

    /// The administrator who acts as the account, if one does.
    pub(crate) fn acting(&self) -> Option<&Acting> {
        match &self.actor {
            Actor::Person { acting, .. } => acting.as_deref(),
            Actor::Program { .. } | Actor::Local => None,
        }
    }

    /// That of a key; none: the key is nobody's. Each time counts as a request of the key and of its account. From where the
    /// request came is not for doors to say: see [`origin`].
    pub(crate) async fn by_key(app: &App, text: &str) -> Result<Option<Self>, Unchecked> {
        let Some(key) = KeySecret::parse(text) else { return Ok(None) };
        Self::by_secret(app, key.hash()).await
    }

    async fn by_secret(app: &App, secret: SecretHash) -> Result<Option<Self>, Unchecked> {
        let known = app.known_keys.check(&app.store, secret, app.clock.now()).await?;
        let Some(good) = known else { return Ok(None) };
        requests::came_by(good.key.id);
        if !good.works_from(origin::of_this_request()) {
            tracing::info!(key = %good.key.id, "a key was refused from an address that it does not allow");
            return Err(Unchecked::Elsewhere);
        }
        let GoodKey { key, user, .. } = good;
        let left = app.limits.request(user.id, key.id)?;
        Ok(Some(Self {
            org: user.org,
            powers: Powers::of_role(user.role).common(Powers::of_scopes(&key.scopes)),
            reach: user.reach(),
            origin: Origin::of_this_request(),
            actor: Actor::Program { user, key, secret },
            left,
        }))
    }

    /// That of a key, where the name is that of the account whose key it is: doors whose clients send a name and a password
    /// take them so. None: they do not belong together.
    pub(crate) async fn by_name_and_key(
        app: &App,
        name: &str,
        key: &str,
    ) -> Result<Option<Self>, Unchecked> {
        let authority = Self::by_key(app, key).await?;
        let name = name.trim().to_lowercase();
        Ok(authority.filter(|authority| authority.name().to_lowercase() == name))
    }

    /// That of a password that stands for a key at a door; none: it stands for none. Each time counts as a request of the
    /// key and of its account.
    pub(crate) async fn by_door_password(
        app: &App,
        said: (Door, &str, &str),
    ) -> Result<Option<Self>, Unchecked> {
        let address = origin::of_this_request();
        let checked = app.door_passwords.check(&app.store, &app.throttle, said, address).await;
        let checked = checked.map_err(|error| match error {
            door_passwords::Unchecked::TooOften(wait) => Unchecked::TooOften(wait),
            door_passwords::Unchecked::Store(error) => Unchecked::Store(error),
        })?;
        match checked {
            Some(secret) => Self::by_secret(app, secret).await,
            None => Ok(None),
        }
    }

    /// The account; none: it is the local administrator.
    pub(crate) fn user(&self) -> Option<&User> {
        match &self.actor {
            Actor::Local => None,
            Actor::Person { user, .. } | Actor::Program { user, .. } => Some(user),
        }
    }

    /// The id of the account; none: it is the local administrator.
    pub(crate) fn account(&self) -> Option<UserId> {
        self.user().map(|user| user.id)
    }

    /// The account for which messages are sent.
    pub(crate) fn owner(&self) -> UserId {
        self.account().unwrap_or_else(UserId::internal)
    }

    /// Who it is, for the log.
    pub(crate) fn name(&self) -> &str {
        self.user().map_or("local", |user| user.name.as_str())
    }

    /// An entry of the audit log of what is done with this authority. What it is done to, and what is changed, is added by
    /// whoever does it.
    pub(crate) fn entry(&self, app: &App, action: AuditAction) -> NewAuditEntry {
        let actor = match &self.actor {
            Actor::Person { user, acting: Some(acting), .. } => {
                AuditActor::account(acting.id, &format!("{} as {}", acting.name, user.name), None)
            }
            Actor::Person { user, .. } => AuditActor::account(user.id, &user.name, None),
            Actor::Program { user, key, .. } => {
                AuditActor::account(user.id, &user.name, Some(key.id))
            }
            Actor::Local if self.origin.door == AuditDoor::KannelAdmin => {
                AuditActor::without_account(AuditActorKind::Service, "kannel")
            }
            Actor::Local => AuditActor::without_account(AuditActorKind::Local, "local"),
        };
        let from = (self.origin.door, self.origin.address);
        NewAuditEntry::new(self.org, app.clock.now(), actor, from, action)
    }

    /// The key by which a program came in.
    pub(crate) fn key(&self) -> Option<KeyId> {
        match &self.actor {
            Actor::Program { key, .. } => Some(key.id),
            Actor::Local | Actor::Person { .. } => None,
        }
    }

    /// When the authority ends, where that is known.
    pub(crate) fn ends_at(&self) -> Option<Timestamp> {
        match &self.actor {
            Actor::Program { key, .. } => key.expires_at,
            Actor::Local | Actor::Person { .. } => None,
        }
    }

    /// Whether something may be done.
    pub(crate) const fn may(&self, power: Power) -> bool {
        self.powers.has(power)
    }

    /// Refuses what may not be done.
    pub(crate) fn must(&self, power: Power) -> Result<(), Denied> {
        if self.may(power) {
            return Ok(());
        }
        let of_account = self.user().map(|user| Powers::of_role(user.role));
        Err(match of_account {
            Some(powers) if powers.has(power) => Denied::OutOfScope(power),
            _ => Denied::Powerless(power),
        })
    }

    /// Refuses what may be done with any of some powers, when there is none of them. The first is said to be missing.
    pub(crate) fn must_one_of(&self, powers: [Power; 2]) -> Result<(), Denied> {
        if self.may(powers[1]) { Ok(()) } else { self.must(powers[0]) }
    }

    /// Refuses to give somebody powers beyond one's own.
    pub(crate) const fn must_cover(&self, powers: Powers) -> Result<(), Denied> {
        if self.powers.cover(powers) { Ok(()) } else { Err(Denied::Beyond) }
    }

    /// The scopes of the key, as they are kept; those of who came without a key are not narrowed.
    pub(crate) fn scopes(&self) -> &str {
        match &self.actor {
            Actor::Program { key, .. } => &key.scopes,
            Actor::Local | Actor::Person { .. } => ALL_ANY,
        }
    }

    /// From which addresses the key works, as it is kept; empty: from anywhere.
    pub(crate) fn allowed(&self) -> &str {
        match &self.actor {
            Actor::Program { key, .. } => &key.allowed,
            Actor::Local | Actor::Person { .. } => "",
        }
    }

    /// Refuses those who may not give an account something that it keeps: who does not have the power, and who comes by a key
    /// that expires, for what that key gave would still be there when the key is not.
    pub(crate) fn must_for_good(&self, power: Power) -> Result<(), Denied> {
        self.must(power)?;
        self.ends_at().map_or(Ok(()), |end| Err(Denied::Lasting(end)))
    }
}
