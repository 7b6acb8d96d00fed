//! Sessions of browsers, and what looks at them or at a key without using it.

use std::time::Duration;

use contracts::UserId;
use store::{KeyCheck, NewKey, NewSession, Role, SecretHash, Store};

use crate::sample::{at, everything, new_user};

pub(crate) async fn sessions_last_and_end(store: Store) {
    let ani = store.create_user(everything(), &new_user("ani", Role::User), at(0)).await.unwrap();
    let idle = Duration::from_mins(10);
    let new = |token: &str| NewSession {
        token: SecretHash::of(token),
        user: ani.id,
        csrf: "csrf".to_owned(),
        idle,
        absolute: Duration::from_secs(1000),
        browser: "Firefox".to_owned(),
        address: None,
        acting: None,
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
            0 => store.set_role(everything(), ani.id, Role::User, at(1)).await.unwrap(),
            1 => store.set_password(everything(), ani.id, Some("new"), at(1)).await.unwrap(),
            _ => store.set_user_enabled(everything(), ani.id, false, at(1)).await.unwrap(),
        }
        assert!(look("c", 2).await.is_none());
    }
    assert!(!store.begin_session(&new("d"), at(0)).await.unwrap(), "a disabled user");
    store.set_user_enabled(everything(), ani.id, true, at(2)).await.unwrap();
    store.set_role(everything(), ani.id, Role::Service, at(2)).await.unwrap();
    assert!(!store.begin_session(&new("d"), at(2)).await.unwrap(), "a program has keys");
}

/// Looking whether a page may stay open is no use of its session or key, and must not prolong either.
pub(crate) async fn looking_prolongs_nothing(store: Store) {
    let ani = store.create_user(everything(), &new_user("ani", Role::User), at(0)).await.unwrap();
    let idle = Duration::from_mins(10);
    let token = SecretHash::of("a");
    let (csrf, absolute) = ("csrf".to_owned(), Duration::from_hours(1));
    let (browser, address, acting) = (String::new(), None, None);
    let session =
        NewSession { token, user: ani.id, csrf, idle, absolute, browser, address, acting };
    assert!(store.begin_session(&session, at(0)).await.unwrap());
    assert!(store.session_user(token, at(500)).await.unwrap().is_some());
    assert!(store.session_user(token, at(601)).await.unwrap().is_none(), "nobody used it");
    let key = NewKey {
        owner: ani.id,
        name: String::new(),
        prefix: "p".to_owned(),
        secret: SecretHash::of("k"),
        scopes: String::new(),
        allowed: String::new(),
        expires_at: None,
    };
    store.create_key(everything(), &key, at(0)).await.unwrap();
    let found = store.look_at_key(SecretHash::of("k"), at(1)).await.unwrap();
    assert!(matches!(found, KeyCheck::Valid { .. }));
    assert_eq!(store.keys(ani.reach()).await.unwrap()[0].last_used_at, None);
}
