//! API keys.

use contracts::OrgId;
use store::{Door, KeyCheck, NewKey, Reach, Role, SecretHash, Store};

use crate::sample::{at, everything, new_user, org};

pub(crate) async fn keys_open_and_stop(store: Store) {
    let ani = store.create_user(everything(), &new_user("ani", Role::User), at(0)).await.unwrap();
    let budi = store.create_user(everything(), &new_user("budi", Role::User), at(0)).await.unwrap();
    let new = |owner, secret: &str| NewKey {
        owner,
        name: "shop".to_owned(),
        prefix: secret.chars().take(4).collect(),
        secret: SecretHash::of(secret),
        scopes: "send read".to_owned(),
        allowed: "10.0.0.0/8 ::1".to_owned(),
        expires_at: Some(at(1000)),
    };
    let key = store.create_key(everything(), &new(ani.id, "mk_1-secret"), at(0)).await.unwrap();
    let other = store.create_key(everything(), &new(budi.id, "mk_2-secret"), at(1)).await.unwrap();
    let check = async |secret: &str, seconds| {
        store.check_key(SecretHash::of(secret), at(seconds)).await.unwrap()
    };
    assert_eq!(check("mk_1-secre", 1).await, KeyCheck::Unknown);
    let KeyCheck::Valid { key: found, user } = check("mk_1-secret", 1).await else { panic!() };
    assert_eq!((found.id, found.last_used_at, *user), (key.id, None, ani.clone()));
    assert_eq!(
        (found.allowed.as_str(), key.allowed.as_str()),
        ("10.0.0.0/8 ::1", "10.0.0.0/8 ::1")
    );
    // A use is noted at once, and then at most once a minute.
    let last_used = async || store.keys(ani.reach()).await.unwrap()[0].last_used_at;
    assert_eq!(last_used().await, Some(at(1)));
    check("mk_1-secret", 60).await;
    assert_eq!(last_used().await, Some(at(1)));
    check("mk_1-secret", 61).await;
    assert_eq!(last_used().await, Some(at(61)));

    assert_eq!(store.keys(Reach::everything(org())).await.unwrap().len(), 2);
    assert_eq!(store.keys(Reach::everything(OrgId::derived("x"))).await.unwrap(), []);
    assert_eq!(check("mk_1-secret", 1000).await, KeyCheck::Expired(key.id));
    assert!(!store.revoke_key(ani.reach(), other.id, at(70)).await.unwrap());
    assert!(store.revoke_key(ani.reach(), key.id, at(70)).await.unwrap());
    assert!(!store.revoke_key(ani.reach(), key.id, at(71)).await.unwrap());
    assert_eq!(check("mk_1-secret", 71).await, KeyCheck::Revoked(key.id));
    store.set_user_enabled(everything(), budi.id, false, at(72)).await.unwrap();
    assert_eq!(check("mk_2-secret", 73).await, KeyCheck::Disabled(other.id));
}

pub(crate) async fn a_password_stands_for_a_key_at_its_door(store: Store) {
    let ani = store.create_user(everything(), &new_user("Ani", Role::User), at(0)).await.unwrap();
    let new = |secret: &str| NewKey {
        owner: ani.id,
        name: "kannel.conf".to_owned(),
        prefix: secret.to_owned(),
        secret: SecretHash::of(secret),
        scopes: "messages:send".to_owned(),
        allowed: String::new(),
        expires_at: None,
    };
    let named = async |name: &str| store.door_password(Door::Kannel, name).await.unwrap();
    assert_eq!(named("ani").await, None);
    let give = async |secret: &str, hash: &str, seconds: i64| {
        let new = new(secret);
        let passwords = [(Door::Kannel, hash.to_owned())];
        let given = store.create_key_with_passwords(ani.reach(), &new, &passwords, at(seconds));
        given.await.unwrap()
    };
    let key = give("one", "$argon2id$1", 1).await.unwrap();
    assert_eq!(store.keys(ani.reach()).await.unwrap(), std::slice::from_ref(&key));
    let kept = named(" ANI ").await.unwrap();
    assert_eq!((kept.hash.as_str(), kept.key), ("$argon2id$1", SecretHash::of("one")));
    // Another one takes its place only when it is good for nothing any more.
    assert_eq!(give("two", "$argon2id$2", 2).await, None);
    assert_eq!(named("ani").await.unwrap().hash, "$argon2id$1");
    assert_eq!(store.keys(ani.reach()).await.unwrap(), std::slice::from_ref(&key));
    assert!(store.revoke_key(ani.reach(), key.id, at(3)).await.unwrap());
    give("two", "$argon2id$2", 4).await.unwrap();
    let kept = named("ani").await.unwrap();
    assert_eq!((kept.hash.as_str(), kept.key), ("$argon2id$2", SecretHash::of("two")));
    assert_eq!(store.keys(ani.reach()).await.unwrap().len(), 2);
    assert_eq!(format!("{kept:?}"), "DoorPassword");
}
