//! Accounts, keys, sessions, set-up, settings, numbers.

use std::time::Duration;

use contracts::config_kv::Account;
use contracts::{OrgId, UserId};
use store::{
    ChangeUserError, CreateUserError, KeyCheck, NewKey, NewSession, NewUser, Role, Scope,
    SecretHash, SetupError, Store,
};

use crate::sample::{at, org};

fn new_user(name: &str, role: Role) -> NewUser {
    NewUser {
        org: org(),
        name: name.to_owned(),
        password_hash: Some(format!("hash of {name}")),
        role,
        language: Some("id".to_owned()),
    }
}

pub(crate) async fn users_are_made_found_and_changed(store: Store) {
    let ani = store.create_user(&new_user(" Ani ", Role::User), at(1)).await.unwrap();
    assert_eq!((ani.name.as_str(), ani.enabled, ani.has_password), ("Ani", true, true));
    let again = store.create_user(&new_user("aNI", Role::User), at(2)).await.unwrap_err();
    assert_eq!(again.to_string(), "there is already a user named 'aNI'");
    let stranger = OrgId::derived("stranger");
    let nowhere = NewUser { org: stranger, ..new_user("Budi", Role::User) };
    let nowhere = store.create_user(&nowhere, at(2)).await.unwrap_err();
    assert!(matches!(nowhere, CreateUserError::NoSuchOrg(_)));

    assert_eq!(store.user_named("ANI").await.unwrap(), Some(ani.clone()));
    assert_eq!(store.user_named("nobody").await.unwrap(), None);
    assert_eq!(store.user(org(), ani.id).await.unwrap(), Some(ani.clone()));
    assert_eq!(store.user(stranger, ani.id).await.unwrap(), None);
    assert_eq!(store.users(org()).await.unwrap(), std::slice::from_ref(&ani));
    assert_eq!(store.password_hash(ani.id).await.unwrap().unwrap(), "hash of  Ani ");
    assert_eq!(store.password_hash(UserId::new()).await.unwrap(), None);

    store.set_password(org(), ani.id, Some("new")).await.unwrap();
    assert_eq!(store.password_hash(ani.id).await.unwrap().unwrap(), "new");
    store.set_password(org(), ani.id, None).await.unwrap();
    store.set_language(org(), ani.id, Some("en")).await.unwrap();
    store.set_user_enabled(org(), ani.id, false, at(3)).await.unwrap();
    let changed = store.user(org(), ani.id).await.unwrap().unwrap();
    assert!(!changed.enabled && !changed.has_password);
    assert_eq!(changed.language.as_deref(), Some("en"));
    for error in [
        store.set_password(stranger, ani.id, None).await.unwrap_err(),
        store.set_language(stranger, ani.id, None).await.unwrap_err(),
        store.set_user_enabled(stranger, ani.id, true, at(4)).await.unwrap_err(),
    ] {
        assert!(matches!(error, ChangeUserError::NoSuchUser));
    }
}

pub(crate) async fn the_last_administrator_stays(store: Store) {
    let one = store.create_user(&new_user("one", Role::Admin), at(1)).await.unwrap();
    let error = store.set_user_enabled(org(), one.id, false, at(2)).await.unwrap_err();
    assert!(matches!(error, ChangeUserError::LastAdmin));
    assert!(store.user(org(), one.id).await.unwrap().unwrap().enabled);
    store.create_user(&new_user("two", Role::Admin), at(3)).await.unwrap();
    store.set_user_enabled(org(), one.id, false, at(4)).await.unwrap();
    assert!(store.admin_exists().await.unwrap());
}

pub(crate) async fn the_first_administrator_is_made_once(store: Store) {
    let token = SecretHash::of("a link");
    assert!(!store.admin_exists().await.unwrap());
    let early = store.create_first_admin(token, &new_user("x", Role::User), at(1)).await;
    assert!(matches!(early.unwrap_err(), SetupError::Unknown));
    store.open_setup(token, at(1)).await.unwrap();
    store.check_setup(token).await.unwrap();
    store.create_user(&new_user("taken", Role::User), at(1)).await.unwrap();
    let taken = store.create_first_admin(token, &new_user("taken", Role::User), at(1)).await;
    assert!(matches!(taken.unwrap_err(), SetupError::User(CreateUserError::NameTaken(_))));
    // The token is still good: both happen or neither.
    let (a, b) = (new_user("first", Role::User), new_user("second", Role::User));
    let both = tokio::join!(
        store.create_first_admin(token, &a, at(2)),
        store.create_first_admin(token, &b, at(2))
    );
    let (made, refused) = match both {
        (Ok(user), Err(error)) | (Err(error), Ok(user)) => (user, error),
        other => panic!("exactly one may be made: {other:?}"),
    };
    assert_eq!(made.role, Role::Admin);
    assert!(matches!(refused, SetupError::Spent | SetupError::AdminExists), "{refused}");
    assert!(store.admin_exists().await.unwrap());
    assert!(matches!(store.check_setup(token).await.unwrap_err(), SetupError::Spent));
    let late = store.open_setup(SecretHash::of("another"), at(3)).await.unwrap_err();
    assert!(matches!(late, SetupError::AdminExists));
}

pub(crate) async fn a_setup_link_is_voided(store: Store) {
    let (old, new) = (SecretHash::of("old"), SecretHash::of("new"));
    store.open_setup(old, at(1)).await.unwrap();
    store.open_setup(new, at(2)).await.unwrap();
    assert!(matches!(store.check_setup(old).await.unwrap_err(), SetupError::Spent));
    store.check_setup(new).await.unwrap();
    store.create_user(&new_user("plain", Role::User), at(3)).await.unwrap();
    store.check_setup(new).await.unwrap();
    store.create_user(&new_user("boss", Role::Admin), at(3)).await.unwrap();
    assert!(matches!(store.check_setup(new).await.unwrap_err(), SetupError::Spent));
}

pub(crate) async fn keys_open_and_stop(store: Store) {
    let ani = store.create_user(&new_user("ani", Role::User), at(0)).await.unwrap();
    let budi = store.create_user(&new_user("budi", Role::User), at(0)).await.unwrap();
    let new = |owner, secret: &str| NewKey {
        org: org(),
        owner,
        name: "shop".to_owned(),
        prefix: secret.chars().take(4).collect(),
        secret: SecretHash::of(secret),
        scopes: "send read".to_owned(),
        expires_at: Some(at(1000)),
    };
    let key = store.create_key(&new(ani.id, "mk_1-secret"), at(0)).await.unwrap();
    let other = store.create_key(&new(budi.id, "mk_2-secret"), at(1)).await.unwrap();
    let check = async |secret: &str, seconds| {
        store.check_key(SecretHash::of(secret), at(seconds)).await.unwrap()
    };
    assert_eq!(check("mk_1-secre", 1).await, KeyCheck::Unknown);
    let KeyCheck::Valid { key: found, user } = check("mk_1-secret", 1).await else { panic!() };
    assert_eq!((found.id, found.last_used_at, *user), (key.id, None, ani.clone()));
    // Noted at once, then at most each minute.
    let last_used = async || store.keys(ani.scope()).await.unwrap()[0].last_used_at;
    assert_eq!(last_used().await, Some(at(1)));
    check("mk_1-secret", 60).await;
    assert_eq!(last_used().await, Some(at(1)));
    check("mk_1-secret", 61).await;
    assert_eq!(last_used().await, Some(at(61)));

    assert_eq!(store.keys(Scope::all(org())).await.unwrap().len(), 2);
    assert_eq!(store.keys(Scope::all(OrgId::derived("x"))).await.unwrap(), []);
    assert_eq!(check("mk_1-secret", 1000).await, KeyCheck::Expired(key.id));
    assert!(!store.revoke_key(ani.scope(), other.id, at(70)).await.unwrap());
    assert!(store.revoke_key(ani.scope(), key.id, at(70)).await.unwrap());
    assert!(!store.revoke_key(ani.scope(), key.id, at(71)).await.unwrap());
    assert_eq!(check("mk_1-secret", 71).await, KeyCheck::Revoked(key.id));
    store.set_user_enabled(org(), budi.id, false, at(72)).await.unwrap();
    assert_eq!(check("mk_2-secret", 73).await, KeyCheck::Disabled(other.id));
}

pub(crate) async fn sessions_last_and_end(store: Store) {
    let ani = store.create_user(&new_user("ani", Role::User), at(0)).await.unwrap();
    let idle = Duration::from_mins(10);
    let new = |token: &str| NewSession {
        token: SecretHash::of(token),
        user: ani.id,
        csrf: "csrf".to_owned(),
        idle,
        absolute: Duration::from_secs(1000),
    };
    let look = async |token: &str, seconds| {
        store.session(SecretHash::of(token), idle, at(seconds)).await.unwrap()
    };
    assert!(store.begin_session(&new("a"), at(0)).await.unwrap());
    let nobody = NewSession { user: UserId::new(), ..new("n") };
    assert!(!store.begin_session(&nobody, at(0)).await.unwrap());
    let session = look("a", 500).await.unwrap();
    assert_eq!((session.user.id, session.csrf.as_str()), (ani.id, "csrf"));
    assert!(look("a", 999).await.is_some(), "its idle time began anew at 500");
    assert!(look("a", 1001).await.is_none(), "nothing prolongs it for ever");
    assert!(store.begin_session(&new("b"), at(0)).await.unwrap());
    assert!(look("b", 601).await.is_none(), "it was not used");
    assert_eq!(store.remove_ended_sessions(at(601)).await.unwrap(), 1);

    store.end_session(SecretHash::of("a")).await.unwrap();
    assert!(look("a", 2).await.is_none());
    for end in 0..3 {
        store.begin_session(&new("c"), at(0)).await.unwrap();
        match end {
            0 => store.end_sessions(ani.id).await.unwrap(),
            1 => store.set_password(org(), ani.id, Some("new")).await.unwrap(),
            _ => store.set_user_enabled(org(), ani.id, false, at(1)).await.unwrap(),
        }
        assert!(look("c", 2).await.is_none());
    }
    assert!(!store.begin_session(&new("d"), at(0)).await.unwrap(), "a disabled user");
}

pub(crate) async fn settings_reach_the_outbox(store: Store) {
    let ani = store.create_user(&new_user("ani", Role::User), at(0)).await.unwrap();
    store.set_user_enabled(org(), ani.id, false, at(1)).await.unwrap();
    let entries = store.outbox(10).await.unwrap();
    let values: Vec<Account> = entries
        .iter()
        .map(|entry| serde_json::from_value(entry.value.clone().unwrap()).unwrap())
        .collect();
    assert!(entries.iter().all(|entry| entry.key == format!("account.{}", ani.id)));
    assert_eq!(values.iter().map(|account| account.enabled).collect::<Vec<_>>(), [true, false]);
    assert_eq!(store.outbox(1).await.unwrap(), entries[..1]);
    store.outbox_published(&[entries[0].sequence], at(2)).await.unwrap();
    assert_eq!(store.outbox(10).await.unwrap(), entries[1..]);
    let now = store.config_values().await.unwrap();
    assert_eq!(now.len(), 1);
    assert_eq!(now[0].1["enabled"], false);
}

pub(crate) async fn numbers_are_never_given_twice(store: Store) {
    let take = async || store.reserve_numbers(100).await.unwrap();
    let (a, b, c) = tokio::join!(take(), take(), take());
    let mut all: Vec<i64> = a.chain(b).chain(c).collect();
    all.sort_unstable();
    assert_eq!(all, (1..=300).collect::<Vec<_>>());
}
