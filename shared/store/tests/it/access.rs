//! Accounts, keys, sessions, set-up, settings, numbers.

use std::time::Duration;

use contracts::config_kv::{Access, Account, Modem, Sim};
use contracts::{ModemId, OrgId, SimId, UserId};
use store::{
    ChangeUserError, CreateUserError, KeyCheck, ModemChange, ModemError, NewKey, NewSession,
    NewUser, Role, Scope, SecretHash, Setting, SetupError, SimChange, SimError, Store, User,
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

    store.set_password(org(), ani.id, Some("new"), at(2)).await.unwrap();
    assert_eq!(store.password_hash(ani.id).await.unwrap().unwrap(), "new");
    store.set_password(org(), ani.id, None, at(2)).await.unwrap();
    store.set_language(org(), ani.id, Some("en")).await.unwrap();
    store.set_user_enabled(org(), ani.id, false, at(3)).await.unwrap();
    let changed = store.user(org(), ani.id).await.unwrap().unwrap();
    assert!(!changed.enabled && !changed.has_password);
    assert_eq!(changed.language.as_deref(), Some("en"));
    for error in [
        store.set_password(stranger, ani.id, None, at(4)).await.unwrap_err(),
        store.set_role(stranger, ani.id, Role::Admin, at(4)).await.unwrap_err(),
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
    let two = store.user_named("two").await.unwrap().unwrap();
    // One who cannot log in does not take the place of one who can.
    let by_key = NewUser { password_hash: None, ..new_user("by key", Role::Admin) };
    let by_key = store.create_user(&by_key, at(5)).await.unwrap();
    for error in [
        store.set_password(org(), two.id, None, at(6)).await.unwrap_err(),
        store.set_role(org(), two.id, Role::User, at(6)).await.unwrap_err(),
        store.set_role(org(), two.id, Role::Service, at(6)).await.unwrap_err(),
        store.set_user_enabled(org(), two.id, false, at(6)).await.unwrap_err(),
    ] {
        assert!(matches!(error, ChangeUserError::LastAdmin), "{error}");
    }
    assert_eq!(store.user(org(), two.id).await.unwrap().unwrap(), two);
    store.set_user_enabled(org(), by_key.id, false, at(7)).await.unwrap();
    store.set_password(org(), two.id, Some("another"), at(8)).await.unwrap();
    store.set_user_enabled(org(), one.id, true, at(9)).await.unwrap();
    store.set_role(org(), two.id, Role::User, at(10)).await.unwrap();
    assert_eq!(store.user(org(), two.id).await.unwrap().unwrap().role, Role::User);
}

/// Two administrators act at the same moment, each on the other, in every way in which one can be taken away.
pub(crate) async fn two_administrators_cannot_take_each_other_away(store: Store) {
    async fn act(store: &Store, how: usize, whom: &User) -> Result<(), ChangeUserError> {
        match how {
            0 => store.set_user_enabled(org(), whom.id, false, at(2)).await,
            1 => store.set_password(org(), whom.id, None, at(2)).await,
            _ => store.set_role(org(), whom.id, Role::User, at(2)).await,
        }
    }
    let ani = store.create_user(&new_user("ani", Role::Admin), at(1)).await.unwrap();
    let budi = store.create_user(&new_user("budi", Role::Admin), at(1)).await.unwrap();
    for round in 0..27 {
        let (first, second) = (round % 3, round / 3 % 3);
        let (to_budi, to_ani) = (store.clone(), store.clone());
        let (ani_s, budi_s) = (ani.clone(), budi.clone());
        let one = tokio::spawn(async move { act(&to_budi, first, &budi_s).await });
        let other = tokio::spawn(async move { act(&to_ani, second, &ani_s).await });
        let (one, other) = (one.await.unwrap(), other.await.unwrap());
        let refused = [&one, &other]
            .into_iter()
            .filter(|done| matches!(done, Err(ChangeUserError::LastAdmin)))
            .count();
        assert_eq!(refused, 1, "one of both stays: {one:?}, {other:?}");
        assert!(one.is_ok() || other.is_ok(), "{one:?}, {other:?}");
        let able = store
            .users(org())
            .await
            .unwrap()
            .into_iter()
            .filter(|user| user.enabled && user.role == Role::Admin && user.has_password);
        assert_eq!(able.count(), 1);
        for user in [&ani, &budi] {
            store.set_role(org(), user.id, Role::Admin, at(3)).await.unwrap();
            store.set_password(org(), user.id, Some("hash"), at(3)).await.unwrap();
            store.set_user_enabled(org(), user.id, true, at(3)).await.unwrap();
        }
    }
}

pub(crate) async fn the_first_administrator_is_made_once(store: Store) {
    let token = SecretHash::of("a link");
    assert!(!store.admin_exists().await.unwrap());
    let early = store.create_first_admin(token, &new_user("x", Role::User), at(1)).await;
    assert!(matches!(early.unwrap_err(), SetupError::Unknown));
    store.open_setup(token, at(1)).await.unwrap();
    store.check_setup(token, at(1)).await.unwrap();
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
    assert!(matches!(store.check_setup(token, at(2)).await.unwrap_err(), SetupError::Spent));
    let late = store.open_setup(SecretHash::of("another"), at(3)).await.unwrap_err();
    assert!(matches!(late, SetupError::AdminExists));
}

pub(crate) async fn a_setup_link_is_voided(store: Store) {
    let (old, new) = (SecretHash::of("old"), SecretHash::of("new"));
    store.open_setup(old, at(1)).await.unwrap();
    store.renew_setup(new, at(2)).await.unwrap();
    assert!(matches!(store.check_setup(old, at(3)).await.unwrap_err(), SetupError::Spent));
    store.check_setup(new, at(3)).await.unwrap();
    store.create_user(&new_user("plain", Role::User), at(3)).await.unwrap();
    store.check_setup(new, at(3)).await.unwrap();
    store.create_user(&new_user("boss", Role::Admin), at(3)).await.unwrap();
    assert!(matches!(store.check_setup(new, at(3)).await.unwrap_err(), SetupError::Spent));
}

pub(crate) async fn a_setup_link_ends_by_itself_and_not_by_a_restart(store: Store) {
    const DAY: i64 = 24 * 60 * 60;
    let token = |start: i64| SecretHash::of(&format!("link {start}"));
    store.open_setup(token(0), at(0)).await.unwrap();
    store.open_setup(token(1), at(1)).await.unwrap();
    // The gateway was started again: the link that somebody has open still works.
    store.check_setup(token(0), at(2)).await.unwrap();
    store.check_setup(token(1), at(2)).await.unwrap();
    store.check_setup(token(0), at(DAY - 1)).await.unwrap();
    let late = store.check_setup(token(0), at(DAY)).await.unwrap_err();
    assert!(matches!(late, SetupError::Expired), "{late}");
    let late = store.create_first_admin(token(0), &new_user("x", Role::User), at(DAY)).await;
    assert!(matches!(late.unwrap_err(), SetupError::Expired));
    store.check_setup(token(1), at(DAY)).await.unwrap();
    // A gateway that is started again and again keeps a few.
    for start in 2..40 {
        store.open_setup(token(start), at(start)).await.unwrap();
    }
    let mut open = 0;
    for start in 0..40 {
        open += i32::from(store.check_setup(token(start), at(41)).await.is_ok());
    }
    assert_eq!(open, 10);
    store.create_first_admin(token(35), &new_user("x", Role::User), at(41)).await.unwrap();
    for start in 0..40 {
        let spent = store.check_setup(token(start), at(42)).await.unwrap_err();
        assert!(matches!(spent, SetupError::Spent), "{start}: {spent}");
    }
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

    let user = store.session_user(SecretHash::of("a"), at(600)).await.unwrap();
    assert_eq!(user.map(|user| user.id), Some(ani.id));
    store.end_session(SecretHash::of("a"), at(601)).await.unwrap();
    assert!(look("a", 2).await.is_none());
    for end in 0..3 {
        store.begin_session(&new("c"), at(0)).await.unwrap();
        match end {
            0 => store.set_role(org(), ani.id, Role::User, at(1)).await.unwrap(),
            1 => store.set_password(org(), ani.id, Some("new"), at(1)).await.unwrap(),
            _ => store.set_user_enabled(org(), ani.id, false, at(1)).await.unwrap(),
        }
        assert!(look("c", 2).await.is_none());
    }
    assert!(!store.begin_session(&new("d"), at(0)).await.unwrap(), "a disabled user");
    store.set_user_enabled(org(), ani.id, true, at(2)).await.unwrap();
    store.set_role(org(), ani.id, Role::Service, at(2)).await.unwrap();
    assert!(!store.begin_session(&new("d"), at(2)).await.unwrap(), "a program has keys");
}

/// What stays open is not used: looking whether it may stay open must not keep it so.
pub(crate) async fn looking_prolongs_nothing(store: Store) {
    let ani = store.create_user(&new_user("ani", Role::User), at(0)).await.unwrap();
    let idle = Duration::from_mins(10);
    let token = SecretHash::of("a");
    let (csrf, absolute) = ("csrf".to_owned(), Duration::from_hours(1));
    let session = NewSession { token, user: ani.id, csrf, idle, absolute };
    assert!(store.begin_session(&session, at(0)).await.unwrap());
    assert!(store.session_user(token, at(500)).await.unwrap().is_some());
    assert!(store.session_user(token, at(601)).await.unwrap().is_none(), "nobody used it");
    let key = NewKey {
        org: org(),
        owner: ani.id,
        name: String::new(),
        prefix: "p".to_owned(),
        secret: SecretHash::of("k"),
        scopes: String::new(),
        expires_at: None,
    };
    store.create_key(&key, at(0)).await.unwrap();
    let found = store.look_at_key(SecretHash::of("k"), at(1)).await.unwrap();
    assert!(matches!(found, KeyCheck::Valid { .. }));
    assert_eq!(store.keys(ani.scope()).await.unwrap()[0].last_used_at, None);
}

fn account(setting: &Setting) -> Account {
    serde_json::from_value(setting.value.clone()).unwrap()
}

pub(crate) async fn settings_are_as_they_are_now(store: Store) {
    let ani = store.create_user(&new_user("ani", Role::User), at(0)).await.unwrap();
    let key = format!("account.{}", ani.id);
    let now = async || store.setting(&key).await.unwrap().unwrap();
    let first = now().await;
    assert_eq!(account(&first), Account { org: org(), enabled: true, admin: false });
    assert_eq!((first.version, &first.value["version"]), (1, &1.into()));
    store.set_user_enabled(org(), ani.id, false, at(1)).await.unwrap();
    let second = now().await;
    assert_eq!((account(&second).enabled, second.version), (false, 2));
    assert_eq!(store.settings().await.unwrap(), std::slice::from_ref(&second));
    assert_eq!(store.unpublished_settings(10).await.unwrap(), std::slice::from_ref(&key));
    // A publisher that was slow and had the first version does not hide the second.
    store.setting_published(&key, first.version).await.unwrap();
    assert_eq!(store.unpublished_settings(10).await.unwrap(), std::slice::from_ref(&key));
    store.setting_published(&key, second.version).await.unwrap();
    store.setting_published(&key, first.version).await.unwrap();
    assert_eq!(store.unpublished_settings(10).await.unwrap(), Vec::<String>::new());
    assert_eq!(store.setting("account.nobody").await.unwrap(), None);
}

/// Whatever is taken from an account makes the next version of its setting, which is what open streams look at.
pub(crate) async fn what_is_taken_away_is_told(store: Store) {
    let ani = store.create_user(&new_user("ani", Role::Admin), at(0)).await.unwrap();
    store.create_user(&new_user("boss", Role::Admin), at(0)).await.unwrap();
    let key = format!("account.{}", ani.id);
    let version = async || store.setting(&key).await.unwrap().unwrap().version;
    let token = SecretHash::of("a");
    let session = NewSession {
        token,
        user: ani.id,
        csrf: String::new(),
        idle: Duration::from_mins(10),
        absolute: Duration::from_mins(10),
    };
    assert!(store.begin_session(&session, at(0)).await.unwrap());
    let new = NewKey {
        org: org(),
        owner: ani.id,
        name: String::new(),
        prefix: "p".to_owned(),
        secret: SecretHash::of("k"),
        scopes: String::new(),
        expires_at: None,
    };
    let api_key = store.create_key(&new, at(0)).await.unwrap();
    assert_eq!(version().await, 1, "what is given takes nothing away");
    store.end_session(token, at(1)).await.unwrap();
    assert_eq!(version().await, 2);
    store.end_session(token, at(1)).await.unwrap();
    assert_eq!(version().await, 2, "it was over");
    assert!(store.revoke_key(ani.scope(), api_key.id, at(1)).await.unwrap());
    assert_eq!(version().await, 3);
    store.set_password(org(), ani.id, Some("new"), at(1)).await.unwrap();
    assert_eq!(version().await, 4);
    store.set_role(org(), ani.id, Role::User, at(1)).await.unwrap();
    assert_eq!(version().await, 5);
    store.set_user_enabled(org(), ani.id, false, at(1)).await.unwrap();
    assert_eq!(version().await, 6);
    let now = account(&store.setting(&key).await.unwrap().unwrap());
    assert_eq!(now, Account { org: org(), enabled: false, admin: false });
}

pub(crate) async fn a_sim_says_who_may_use_it(store: Store) {
    let sim = SimId::derived("1");
    let (ani, budi) = (
        store.create_user(&new_user("ani", Role::User), at(0)).await.unwrap(),
        store.create_user(&new_user("budi", Role::Service), at(0)).await.unwrap(),
    );
    let abroad = OrgId::derived("abroad");
    assert_eq!(store.sim(sim).await.unwrap(), Sim::unset(org()));
    assert_eq!(store.sims(org()).await.unwrap(), []);
    let may = async |scope| store.may_send_through(scope, sim).await.unwrap();
    assert!(may(ani.scope()).await && may(budi.scope()).await && may(Scope::all(org())).await);
    assert!(!may(Scope::all(abroad)).await, "it is another organisation's");

    let only_budi = SimChange {
        senders: Some(Access::only([budi.id])),
        readers: Some(Access::only([ani.id, budi.id])),
    };
    let now = store.change_sim(org(), sim, &only_budi, at(1)).await.unwrap();
    assert_eq!(store.sim(sim).await.unwrap(), now);
    assert_eq!(store.sims(org()).await.unwrap(), [(sim, now.clone())]);
    assert!(!may(ani.scope()).await && may(budi.scope()).await && may(Scope::all(org())).await);
    let setting = store.setting(&format!("sim.{sim}")).await.unwrap().unwrap();
    assert_eq!(serde_json::from_value::<Sim>(setting.value).unwrap(), now);

    // What is not named stays.
    let everybody = SimChange { senders: Some(Access::everybody()), readers: None };
    let now = store.change_sim(org(), sim, &everybody, at(2)).await.unwrap();
    assert_eq!((now.senders, now.readers.users.len()), (Access::everybody(), 2));
    assert!(may(ani.scope()).await);

    let stranger = SimChange { senders: Some(Access::only([UserId::new()])), readers: None };
    let error = store.change_sim(org(), sim, &stranger, at(3)).await.unwrap_err();
    assert!(matches!(error, SimError::NoSuchUser(_)), "{error}");
    assert!(may(ani.scope()).await, "nothing was changed");
    let error = store.change_sim(abroad, sim, &everybody, at(3)).await.unwrap_err();
    assert!(matches!(error, SimError::Elsewhere), "{error}");
}

pub(crate) async fn a_modem_is_named_and_disabled(store: Store) {
    let (one, two) = (ModemId::derived("1"), ModemId::derived("2"));
    let change =
        async |modem, change: ModemChange| store.change_modem(org(), modem, &change, at(1)).await;
    let attic = ModemChange { name: Some("Attic".to_owned()), enabled: None };
    let now = change(one, attic.clone()).await.unwrap();
    assert_eq!(now, Modem { org: org(), name: Some("Attic".to_owned()), enabled: true });
    let error = change(two, attic.clone()).await.unwrap_err();
    assert!(matches!(&error, ModemError::NameTaken(name) if name == "Attic"), "{error}");
    change(one, attic.clone()).await.unwrap();
    let off = ModemChange { name: None, enabled: Some(false) };
    let now = change(one, off).await.unwrap();
    assert_eq!((now.name.as_deref(), now.enabled), (Some("Attic"), false));
    let setting = store.setting(&format!("modem.{one}")).await.unwrap().unwrap();
    assert_eq!(serde_json::from_value::<Modem>(setting.value).unwrap(), now);
    let now = change(one, ModemChange::forget()).await.unwrap();
    assert_eq!(now, Modem { org: org(), name: None, enabled: true });
    change(two, attic).await.unwrap();
    let abroad = OrgId::derived("abroad");
    let error = store.change_modem(abroad, two, &ModemChange::forget(), at(2)).await.unwrap_err();
    assert!(matches!(error, ModemError::Elsewhere | ModemError::Store(_)), "{error}");
}

pub(crate) async fn numbers_are_never_given_twice(store: Store) {
    let take = async || store.reserve_numbers(100).await.unwrap();
    let (a, b, c) = tokio::join!(take(), take(), take());
    let mut all: Vec<i64> = a.chain(b).chain(c).collect();
    all.sort_unstable();
    assert_eq!(all, (1..=300).collect::<Vec<_>>());
}
