//! Accounts: users are made, found and changed, and an administrator stays.

use contracts::{OrgId, UserId};
use store::{ChangeUserError, CreateUserError, NewUser, Reach, Role, Store, User};

use crate::sample::{at, everything, new_user};

pub(crate) async fn users_are_made_found_and_changed(store: Store) {
    let ani = store.create_user(everything(), &new_user(" Ani ", Role::User), at(1)).await.unwrap();
    assert_eq!((ani.name.as_str(), ani.enabled, ani.has_password), ("Ani", true, true));
    let again =
        store.create_user(everything(), &new_user("aNI", Role::User), at(2)).await.unwrap_err();
    assert_eq!(again.to_string(), "there is already a user named 'aNI'");
    let stranger = Reach::everything(OrgId::derived("stranger"));
    let nowhere = store.create_user(stranger, &new_user("Budi", Role::User), at(2)).await;
    let nowhere = nowhere.unwrap_err();
    assert!(matches!(nowhere, CreateUserError::NoSuchOrg(_)));

    assert_eq!(store.user_named("ANI").await.unwrap(), Some(ani.clone()));
    assert_eq!(store.user_named("nobody").await.unwrap(), None);
    assert_eq!(store.user(everything(), ani.id).await.unwrap(), Some(ani.clone()));
    assert_eq!(store.user(stranger, ani.id).await.unwrap(), None);
    assert_eq!(store.users(everything()).await.unwrap(), std::slice::from_ref(&ani));
    assert_eq!(store.password_hash(ani.id).await.unwrap().unwrap(), "hash of  Ani ");
    assert_eq!(store.password_hash(UserId::new()).await.unwrap(), None);

    store.set_password(everything(), ani.id, Some("new"), at(2)).await.unwrap();
    assert_eq!(store.password_hash(ani.id).await.unwrap().unwrap(), "new");
    store.set_password(everything(), ani.id, None, at(2)).await.unwrap();
    store.set_language(everything(), ani.id, Some("en")).await.unwrap();
    store.set_zone(everything(), ani.id, Some("Asia/Jakarta")).await.unwrap();
    store.set_user_enabled(everything(), ani.id, false, at(3)).await.unwrap();
    let changed = store.user(everything(), ani.id).await.unwrap().unwrap();
    assert!(!changed.enabled && !changed.has_password);
    assert_eq!(changed.language.as_deref(), Some("en"));
    assert_eq!((ani.zone, changed.zone.as_deref()), (None, Some("Asia/Jakarta")));
    for error in [
        store.set_password(stranger, ani.id, None, at(4)).await.unwrap_err(),
        store.set_role(stranger, ani.id, Role::Admin, at(4)).await.unwrap_err(),
        store.set_language(stranger, ani.id, None).await.unwrap_err(),
        store.set_zone(stranger, ani.id, None).await.unwrap_err(),
        store.set_user_enabled(stranger, ani.id, true, at(4)).await.unwrap_err(),
    ] {
        assert!(matches!(error, ChangeUserError::NoSuchUser));
    }
}

pub(crate) async fn the_last_administrator_stays(store: Store) {
    let one = store.create_user(everything(), &new_user("one", Role::Admin), at(1)).await.unwrap();
    let error = store.set_user_enabled(everything(), one.id, false, at(2)).await.unwrap_err();
    assert!(matches!(error, ChangeUserError::LastAdmin));
    assert!(store.user(everything(), one.id).await.unwrap().unwrap().enabled);
    store.create_user(everything(), &new_user("two", Role::Admin), at(3)).await.unwrap();
    store.set_user_enabled(everything(), one.id, false, at(4)).await.unwrap();
    assert!(store.admin_exists().await.unwrap());
    let two = store.user_named("two").await.unwrap().unwrap();
    // An administrator who cannot log in does not take the place of one who can.
    let by_key = NewUser { password_hash: None, ..new_user("by key", Role::Admin) };
    let by_key = store.create_user(everything(), &by_key, at(5)).await.unwrap();
    for error in [
        store.set_password(everything(), two.id, None, at(6)).await.unwrap_err(),
        store.set_role(everything(), two.id, Role::User, at(6)).await.unwrap_err(),
        store.set_role(everything(), two.id, Role::Service, at(6)).await.unwrap_err(),
        store.set_user_enabled(everything(), two.id, false, at(6)).await.unwrap_err(),
    ] {
        assert!(matches!(error, ChangeUserError::LastAdmin), "{error}");
    }
    assert_eq!(store.user(everything(), two.id).await.unwrap().unwrap(), two);
    store.set_user_enabled(everything(), by_key.id, false, at(7)).await.unwrap();
    store.set_password(everything(), two.id, Some("another"), at(8)).await.unwrap();
    store.set_user_enabled(everything(), one.id, true, at(9)).await.unwrap();
    store.set_role(everything(), two.id, Role::User, at(10)).await.unwrap();
    assert_eq!(store.user(everything(), two.id).await.unwrap().unwrap().role, Role::User);
}

/// Two administrators act at the same moment, each on the other, in every way in which one can be taken away.
pub(crate) async fn two_administrators_cannot_take_each_other_away(store: Store) {
    async fn act(store: &Store, how: usize, whom: &User) -> Result<(), ChangeUserError> {
        match how {
            0 => store.set_user_enabled(everything(), whom.id, false, at(2)).await,
            1 => store.set_password(everything(), whom.id, None, at(2)).await,
            _ => store.set_role(everything(), whom.id, Role::User, at(2)).await,
        }
    }
    let ani = store.create_user(everything(), &new_user("ani", Role::Admin), at(1)).await.unwrap();
    let budi =
        store.create_user(everything(), &new_user("budi", Role::Admin), at(1)).await.unwrap();
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
            .users(everything())
            .await
            .unwrap()
            .into_iter()
            .filter(|user| user.enabled && user.role == Role::Admin && user.has_password);
        assert_eq!(able.count(), 1);
        for user in [&ani, &budi] {
            store.set_role(everything(), user.id, Role::Admin, at(3)).await.unwrap();
            store.set_password(everything(), user.id, Some("hash"), at(3)).await.unwrap();
            store.set_user_enabled(everything(), user.id, true, at(3)).await.unwrap();
        }
    }
}
