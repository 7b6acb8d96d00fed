//! API keys.

use contracts::{KeyId, Timestamp};
use platform::config::Network;
use serde_json::json;
use store::{ApiKey, AuditAction, Door, NewKey, Reach, StoreError, User};

use crate::acts::not_read::NotRead;
use crate::app::App;
use crate::authority::{Authority, Denied};
use crate::old_password::{self, OldHash};
use crate::password;
use crate::power::{ALL_ANY, Power, Powers, SCOPES};
use crate::requests::Answered;
use crate::secret::KeySecret;

/// The most characters of what a key is called.
pub(crate) const LONGEST_LABEL: usize = 64;

/// The most addresses and networks that a key names.
pub(crate) const NETWORKS: usize = 32;

/// Which keys are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    /// One's own.
    Own,
    /// Those of the whole organisation, for who manages its accounts; one's own for everybody else.
    All,
}

/// A key that was just made.
#[derive(Debug, Clone)]
pub(crate) struct Made {
    /// The whole key: nobody sees it again.
    pub(crate) secret: String,
    /// What is kept of it.
    pub(crate) key: ApiKey,
    /// The name of the account whose key it is.
    pub(crate) user: String,
}

/// Why a key was not made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotMade {
    /// Not with this authority.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The local administrator, who has no account, did not say whose key it is.
    #[error("it was not said whose key it is")]
    Nobody,
    /// There is no account of this name.
    #[error("there is no user named '{0}'")]
    NoSuchUser(String),
    /// There is no such scope.
    #[error("there is no scope '{0}'")]
    NoSuchScope(String),
    /// It could be used for nothing.
    #[error("a key without scopes could be used for nothing")]
    NoScopes,
    /// A word is neither an address nor a network.
    #[error("{0}")]
    NoNetwork(String),
    /// It names too many networks.
    #[error("a key names at most {NETWORKS} addresses and networks")]
    TooManyNetworks,
    /// It would be good for longer than the key that makes it, which ends then.
    #[error("the key that makes it is good until {0}")]
    Outlives(Timestamp),
    /// The password cannot be one.
    #[error("a password is 1 to {} characters, and no key", password::MOST)]
    Password(Door),
    /// The hash is none that can be looked at.
    #[error(
        "the hash is neither bcrypt, of a cost up to {}, nor MD5 in hex",
        old_password::MOST_COST
    )]
    OldHash,
    /// The account has one at the door.
    #[error("'{0}' has a password there already; revoke the key that it stands for first")]
    HasPassword(String),
    /// There is not memory enough to hash it.
    #[error("there is not memory enough to hash the password")]
    Hashing,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn reach(authority: &Authority, whose: Whose) -> Reach {
    match whose {
        Whose::All if authority.may(Power::UsersManage) => authority.reach,
        Whose::All | Whose::Own => Reach::own(authority.org, authority.owner()),
    }
}

/// The keys, newest first, revoked ones too.
pub(crate) async fn list(
    app: &App,
    authority: &Authority,
    whose: Whose,
) -> Result<Vec<ApiKey>, NotRead> {
    authority.must(Power::KeysManage)?;
    Ok(app.store.keys(reach(authority, whose)).await?)
}

/// A key and its last requests that this copy of the portal answered, newest first; none: there is no such key.
pub(crate) async fn one(
    app: &App,
    authority: &Authority,
    whose: Whose,
    id: KeyId,
) -> Result<Option<(ApiKey, Vec<Answered>)>, NotRead> {
    authority.must(Power::KeysManage)?;
    let keys = app.store.keys(reach(authority, whose)).await?;
    let found = keys.into_iter().find(|key| key.id == id);
    Ok(found.map(|key| (key, app.requests.of(id))))
}

/// Revokes a key; false: there is none, or it was revoked before.
pub(crate) async fn revoke(
    app: &App,
    authority: &Authority,
    whose: Whose,
    id: KeyId,
) -> Result<bool, NotRead> {
    authority.must(Power::KeysManage)?;
    let store = app.store.audited(authority.entry(app, AuditAction::KeyRevoked));
    let revoked = store.revoke_key(reach(authority, whose), id, app.clock.now()).await?;
    if revoked {
        tracing::info!(key = %id, by = authority.name(), "an API key was revoked");
    }
    Ok(revoked)
}

/// What stands for a key at a door.
#[derive(Clone)]
pub(crate) enum DoorSecret {
    /// A password, as it is sent.
    Password(String),
    /// The hash that a gateway before this one has of a password.
    OldHash(String),
}

impl DoorSecret {
    /// What is kept of it.
    async fn hash(self, door: Door) -> Result<String, NotMade> {
        match self {
            Self::Password(chosen) => {
                // It was chosen elsewhere, however short; how often it can be guessed is bounded at the door.
                let is_one = (1..=password::MOST).contains(&chosen.chars().count());
                if !is_one || KeySecret::parse(&chosen).is_some() {
                    return Err(NotMade::Password(door));
                }
                password::hash(chosen).await.ok_or(NotMade::Hashing)
            }
            Self::OldHash(hash) => {
                let old = OldHash::parse(&hash).ok_or(NotMade::OldHash)?;
                old.wrapped().await.ok_or(NotMade::Hashing)
            }
        }
    }
}

/// What is wanted of a key.
#[derive(Clone, Default)]
pub(crate) struct Wanted {
    /// The name of the account whose key it is; none: one's own.
    pub(crate) user: Option<String>,
    /// What it is called.
    pub(crate) label: String,
    /// What it may do; none: what its maker's key may.
    pub(crate) scopes: Option<Vec<String>>,
    /// From which addresses and networks it works; none: from where its maker's key does.
    pub(crate) allowed: Option<Vec<String>>,
    /// When it stops working; none: when what its maker came by does.
    pub(crate) expires_at: Option<Timestamp>,
    /// Passwords that stand for the key, each at a door.
    pub(crate) door_passwords: Vec<(Door, DoorSecret)>,
}

/// Makes a key. It may no more than its maker, works from nowhere else, and is good no longer than what its maker came by.
pub(crate) async fn make(
    app: &App,
    authority: &Authority,
    wanted: Wanted,
) -> Result<Made, NotMade> {
    authority.must(Power::KeysManage)?;
    let Wanted { user, label, scopes, allowed, expires_at, door_passwords } = wanted;
    let owner = owner(app, authority, user.as_deref()).await?;
    let scopes = narrowed(authority, scopes)?;
    let allowed = within(authority, allowed)?;
    let expires_at = lasting(authority, expires_at)?;
    let secret = KeySecret::new();
    let new = NewKey {
        owner: owner.id,
        name: label.trim().to_owned(),
        prefix: secret.prefix().to_owned(),
        secret: secret.hash(),
        scopes,
        allowed,
        expires_at,
    };
    let (reach, now) = (authority.reach, app.clock.now());
    let doors: Vec<&str> = door_passwords.iter().map(|(door, _)| door.as_str()).collect();
    let entry = authority.entry(app, AuditAction::KeyCreated).with(&json!({
        "user": owner.name,
        "prefix": new.prefix,
        "scopes": new.scopes,
        "allowed": new.allowed,
        "expires_at": new.expires_at,
        "doors": Some(doors).filter(|doors| !doors.is_empty()),
    }));
    let store = app.store.audited(entry);
    let key = if door_passwords.is_empty() {
        store.create_key(reach, &new, now).await?
    } else {
        // Each stays the account's only one at its door, and nothing else can be given it as long as it is.
        authority.must_for_good(Power::KeysManage)?;
        let mut hashes = Vec::with_capacity(door_passwords.len());
        for (door, secret) in door_passwords {
            hashes.push((door, secret.hash(door).await?));
        }
        let made = store.create_key_with_passwords(reach, &new, &hashes, now).await?;
        made.ok_or_else(|| NotMade::HasPassword(owner.name.clone()))?
    };
    tracing::info!(user = %owner.name, key = secret.prefix(), by = authority.name(), "an API key was made");
    Ok(Made { secret: secret.reveal().to_owned(), key, user: owner.name })
}

/// The scopes of a key that this authority makes.
fn narrowed(authority: &Authority, wanted: Option<Vec<String>>) -> Result<String, NotMade> {
    let own = authority.scopes();
    let Some(wanted) = wanted else { return Ok(own.to_owned()) };
    if wanted.is_empty() {
        return Err(NotMade::NoScopes);
    }
    if let Some(unknown) = wanted.iter().find(|word| !SCOPES.contains(&word.as_str())) {
        return Err(NotMade::NoSuchScope(unknown.clone()));
    }
    let scopes = wanted.join(" ");
    let powers = Powers::of_scopes(&scopes);
    if powers == Powers::ALL && Powers::of_scopes(own) == Powers::ALL {
        // All that the account may, as every key that is not narrowed.
        return Ok(ALL_ANY.to_owned());
    }
    authority.must_cover(powers)?;
    Ok(scopes)
}

/// From where a key that this authority makes works, as it is kept.
fn within(authority: &Authority, wanted: Option<Vec<String>>) -> Result<String, NotMade> {
    let own = authority.allowed();
    let Some(wanted) = wanted.filter(|wanted| !wanted.is_empty()) else {
        return Ok(own.to_owned());
    };
    if wanted.len() > NETWORKS {
        return Err(NotMade::TooManyNetworks);
    }
    let read = wanted.iter().map(|one| one.parse::<Network>().map_err(NotMade::NoNetwork));
    let networks = read.collect::<Result<Vec<Network>, _>>()?;
    let own: Vec<Network> = own.split_whitespace().filter_map(|one| one.parse().ok()).collect();
    let is_covered = |network: &Network| own.iter().any(|own| own.covers(network));
    if !authority.allowed().is_empty() && !networks.iter().all(is_covered) {
        return Err(Denied::Beyond.into());
    }
    Ok(networks.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
}

/// Until when a key that this authority makes is good.
fn lasting(authority: &Authority, wanted: Option<Timestamp>) -> Result<Option<Timestamp>, NotMade> {
    match (wanted, authority.ends_at()) {
        (Some(wanted), Some(own)) if wanted > own => Err(NotMade::Outlives(own)),
        (wanted, own) => Ok(wanted.or(own)),
    }
}

async fn owner(app: &App, authority: &Authority, name: Option<&str>) -> Result<User, NotMade> {
    let own = authority.user();
    let Some(name) = name else { return own.cloned().ok_or(NotMade::Nobody) };
    if let Some(own) = own.filter(|own| own.name.to_lowercase() == name.to_lowercase()) {
        return Ok(own.clone());
    }
    authority.must(Power::UsersManage)?;
    let user = app.store.find_user(authority.reach, name).await?;
    user.ok_or_else(|| NotMade::NoSuchUser(name.to_owned()))
}
