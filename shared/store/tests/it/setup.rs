//! The set-up link.

use store::{CreateUserError, Role, SecretHash, SetupError, Store};

use crate::sample::{at, everything, new_user};

pub(crate) async fn the_first_administrator_is_made_once(store: Store) {
    let token = SecretHash::of("a link");
    assert!(!store.admin_exists().await.unwrap());
    let early = store.create_first_admin(token, &new_user("x", Role::User), at(1)).await;
    assert!(matches!(early.unwrap_err(), SetupError::Unknown));
    store.open_setup(token, at(1)).await.unwrap();
    store.check_setup(token, at(1)).await.unwrap();
    store.create_user(everything(), &new_user("taken", Role::User), at(1)).await.unwrap();
    let taken = store.create_first_admin(token, &new_user("taken", Role::User), at(1)).await;
    assert!(matches!(taken.unwrap_err(), SetupError::User(CreateUserError::NameTaken(_))));
    // The token is still good, because either both things happen or neither.
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
    store.create_user(everything(), &new_user("plain", Role::User), at(3)).await.unwrap();
    store.check_setup(new, at(3)).await.unwrap();
    store.create_user(everything(), &new_user("boss", Role::Admin), at(3)).await.unwrap();
    assert!(matches!(store.check_setup(new, at(3)).await.unwrap_err(), SetupError::Spent));
}

pub(crate) async fn a_setup_link_ends_by_itself_and_not_by_a_restart(store: Store) {
    const DAY: i64 = 24 * 60 * 60;
    let token = |start: i64| SecretHash::of(&format!("link {start}"));
    store.open_setup(token(0), at(0)).await.unwrap();
    store.open_setup(token(1), at(1)).await.unwrap();
    // The gateway was started again. The link that somebody has open still works.
    store.check_setup(token(0), at(2)).await.unwrap();
    store.check_setup(token(1), at(2)).await.unwrap();
    store.check_setup(token(0), at(DAY - 1)).await.unwrap();
    let late = store.check_setup(token(0), at(DAY)).await.unwrap_err();
    assert!(matches!(late, SetupError::Expired), "{late}");
    let late = store.create_first_admin(token(0), &new_user("x", Role::User), at(DAY)).await;
    assert!(matches!(late.unwrap_err(), SetupError::Expired));
    store.check_setup(token(1), at(DAY)).await.unwrap();
    // A gateway that is started again and again keeps only a few links.
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
