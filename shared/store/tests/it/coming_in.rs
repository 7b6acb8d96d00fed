//! How people come in: links that work once, second factors, and the sessions that they have open.

use std::time::Duration;

use store::{
    ActedAs, AuditAction, AuditActor, AuditDoor, ChangeUserError, INVITATION_LASTS, LinkError,
    MOST_INVITATIONS, NewAuditEntry, NewInvitation, NewLogIn, NewSession, NewUser, Role,
    SecretHash, Store, User,
};

use crate::sample::{at, everything, new_user};

const DAY: i64 = 24 * 60 * 60;

fn invitation(token: &str, role: Role, maker: Option<&User>) -> NewInvitation {
    let (token, maker) = (SecretHash::of(token), maker.map(|maker| maker.id));
    NewInvitation { token, role, label: "Siti, counter 2".to_owned(), maker }
}

fn session(user: &User, token: &str) -> NewSession {
    NewSession {
        token: SecretHash::of(token),
        user: user.id,
        csrf: "csrf".to_owned(),
        idle: Duration::from_hours(24),
        absolute: Duration::from_hours(48),
        browser: format!("Browser {token}"),
        address: Some([203, 0, 113, 7].into()),
        acting: None,
    }
}

pub(crate) async fn an_invitation_makes_one_account(store: Store) {
    let boss = store.create_user(everything(), &new_user("boss", Role::Admin), at(0)).await;
    let boss = boss.unwrap();
    let new = invitation("a", Role::Manager, Some(&boss));
    let made = store.create_invitation(everything(), &new, at(1)).await.unwrap();
    assert_eq!((made.role, made.label.as_str()), (Role::Manager, "Siti, counter 2"));
    assert_eq!(store.invitations(everything(), at(1)).await.unwrap(), std::slice::from_ref(&made));
    let token = SecretHash::of("a");
    assert_eq!(store.check_invitation(token, at(1)).await.unwrap(), Role::Manager);
    let unknown = store.check_invitation(SecretHash::of("b"), at(1)).await.unwrap_err();
    assert!(matches!(unknown, LinkError::Unknown), "{unknown}");
    // It is no link for a password.
    let other = store.check_password_link(token, at(1)).await.unwrap_err();
    assert!(matches!(other, LinkError::Unknown), "{other}");
    // A name that is taken uses nothing up.
    let taken = store.take_invitation(token, &new_user("Boss", Role::User), at(2)).await;
    assert!(matches!(taken.unwrap_err(), LinkError::User(_)));
    // The role is that of the invitation, and of two at once one gets it.
    let (one, two) = (new_user("siti", Role::Admin), new_user("sari", Role::Admin));
    let both = tokio::join!(
        store.take_invitation(token, &one, at(3)),
        store.take_invitation(token, &two, at(3))
    );
    let (user, refused) = match both {
        (Ok(user), Err(error)) | (Err(error), Ok(user)) => (user, error),
        other => panic!("exactly one may be made: {other:?}"),
    };
    assert_eq!(user.role, Role::Manager);
    assert!(matches!(refused, LinkError::Spent), "{refused}");
    assert_eq!(store.invitations(everything(), at(3)).await.unwrap(), []);
    assert!(!store.revoke_invitation(everything(), made.id, at(3)).await.unwrap());
}

pub(crate) async fn an_invitation_ends(store: Store) {
    let boss = store.create_user(everything(), &new_user("boss", Role::Admin), at(0)).await;
    let boss = boss.unwrap();
    store.create_user(everything(), &new_user("root", Role::Admin), at(0)).await.unwrap();
    let make = async |token: &str, maker: Option<&User>| {
        let new = invitation(token, Role::Admin, maker);
        store.create_invitation(everything(), &new, at(1)).await.unwrap().id
    };
    let take = async |token: &str, seconds| {
        let new = new_user(token, Role::User);
        store.take_invitation(SecretHash::of(token), &new, at(seconds)).await
    };
    // By itself.
    let (old, revoked) = (make("old", None).await, make("revoked", None).await);
    let end = 1 + i64::try_from(INVITATION_LASTS.as_secs()).unwrap();
    assert_eq!(end, 1 + 7 * DAY);
    assert!(matches!(take("old", end).await.unwrap_err(), LinkError::Expired));
    assert_eq!(store.invitations(everything(), at(end)).await.unwrap(), []);
    // By hand, once.
    assert!(store.revoke_invitation(everything(), revoked, at(2)).await.unwrap());
    assert!(!store.revoke_invitation(everything(), revoked, at(2)).await.unwrap());
    assert!(matches!(take("revoked", 3).await.unwrap_err(), LinkError::Spent));
    assert!(store.revoke_invitation(everything(), old, at(2)).await.unwrap());
    // With what whoever made it might do.
    make("demoted", Some(&boss)).await;
    store.set_role(everything(), boss.id, Role::User, at(4)).await.unwrap();
    assert!(matches!(take("demoted", 5).await.unwrap_err(), LinkError::Spent));
    store.set_role(everything(), boss.id, Role::Admin, at(6)).await.unwrap();
    make("disabled", Some(&boss)).await;
    store.set_user_enabled(everything(), boss.id, false, at(7)).await.unwrap();
    assert!(matches!(take("disabled", 8).await.unwrap_err(), LinkError::Spent));
    // So many are open at once.
    for number in 0..MOST_INVITATIONS {
        make(&format!("many {number}"), None).await;
    }
    let more = invitation("more", Role::User, None);
    let refused = store.create_invitation(everything(), &more, at(1)).await.unwrap_err();
    assert!(matches!(refused, LinkError::TooMany), "{refused}");
}

pub(crate) async fn a_password_link_sets_one_password(store: Store) {
    let ani = store.create_user(everything(), &new_user("ani", Role::User), at(0)).await.unwrap();
    let shop = NewUser { password_hash: None, ..new_user("shop", Role::Service) };
    let shop = store.create_user(everything(), &shop, at(0)).await.unwrap();
    let (first, second) = (SecretHash::of("first"), SecretHash::of("second"));
    for token in [first, second] {
        store.create_password_link(everything(), ani.id, token, None, at(1)).await.unwrap();
    }
    let of_program = SecretHash::of("of a program");
    let made = store.create_password_link(everything(), shop.id, of_program, None, at(1)).await;
    let refused = made.unwrap_err();
    assert!(matches!(refused, LinkError::Change(ChangeUserError::NoSuchUser)), "{refused}");
    // A new one takes the place of the one before.
    let spent = store.check_password_link(first, at(2)).await.unwrap_err();
    assert!(matches!(spent, LinkError::Spent), "{spent}");
    assert_eq!(store.check_password_link(second, at(2)).await.unwrap().id, ani.id);
    let none = store.check_invitation(second, at(2)).await.unwrap_err();
    assert!(matches!(none, LinkError::Unknown), "{none}");
    assert!(store.begin_session(&session(&ani, "a"), at(2)).await.unwrap());
    let user = store.take_password_link(second, "another hash", at(3)).await.unwrap();
    assert_eq!(user.id, ani.id);
    assert_eq!(store.password_hash(ani.id).await.unwrap().as_deref(), Some("another hash"));
    assert_eq!(store.open_sessions(everything(), ani.id, at(3)).await.unwrap(), []);
    let again = store.take_password_link(second, "a third", at(4)).await.unwrap_err();
    assert!(matches!(again, LinkError::Spent), "{again}");
    // It ends after a day, with another password, and with the account.
    let make = async |token: &str| {
        let token = SecretHash::of(token);
        store.create_password_link(everything(), ani.id, token, None, at(5)).await.unwrap();
        token
    };
    let late = make("late").await;
    let expired = store.take_password_link(late, "x", at(5 + DAY)).await.unwrap_err();
    assert!(matches!(expired, LinkError::Expired), "{expired}");
    store.set_password(everything(), ani.id, Some("set"), at(6)).await.unwrap();
    assert!(matches!(store.check_password_link(late, at(7)).await, Err(LinkError::Spent)));
    let gone = make("gone").await;
    store.set_user_enabled(everything(), ani.id, false, at(8)).await.unwrap();
    let spent = store.take_password_link(gone, "x", at(9)).await.unwrap_err();
    assert!(matches!(spent, LinkError::Spent), "{spent}");
    assert_eq!(store.password_hash(ani.id).await.unwrap().as_deref(), Some("set"));
}

pub(crate) async fn a_code_does_once(store: Store) {
    let ani = store.create_user(everything(), &new_user("ani", Role::User), at(0)).await.unwrap();
    let reach = ani.reach();
    let has_one = async || store.user_named("ani").await.unwrap().unwrap().second_factor;
    let codes = [SecretHash::of("one"), SecretHash::of("two")];
    assert!(store.begin_second_factor(reach, ani.id, "MRUGS", at(1)).await.unwrap());
    assert!(!has_one().await, "it was not confirmed");
    assert!(!store.take_code_step(ani.id, 5).await.unwrap(), "it was not confirmed");
    // Somebody begins again, and the secret of before is nobody's any more.
    assert!(store.begin_second_factor(reach, ani.id, "GEZDG", at(2)).await.unwrap());
    let old = store.confirm_second_factor(reach, ani.id, "MRUGS", 10, &codes, at(3)).await;
    assert!(!old.unwrap());
    let new = store.confirm_second_factor(reach, ani.id, "GEZDG", 10, &codes, at(3)).await;
    assert!(new.unwrap() && has_one().await);
    assert!(!store.begin_second_factor(reach, ani.id, "ONSWG", at(4)).await.unwrap());
    let kept = store.second_factor(reach, ani.id).await.unwrap().unwrap();
    assert_eq!((kept.secret.as_str(), kept.recovery_codes), ("GEZDG", 2));
    assert!(!format!("{kept:?}").contains("GEZDG"));
    // Neither the step that confirmed it nor one before it, and each later one once.
    for (step, is_taken) in
        [(10, false), (9, false), (11, true), (11, false), (10, false), (12, true)]
    {
        assert_eq!(store.take_code_step(ani.id, step).await.unwrap(), is_taken, "{step}");
    }
    let both = tokio::join!(store.take_code_step(ani.id, 13), store.take_code_step(ani.id, 13));
    assert!(both.0.unwrap() != both.1.unwrap(), "of two at once one");
    // A recovery code, too.
    for (code, is_taken) in [("three", false), ("one", true), ("one", false)] {
        let taken = store.take_recovery_code(ani.id, SecretHash::of(code), at(5)).await.unwrap();
        assert_eq!(taken, is_taken, "{code}");
    }
    assert_eq!(store.second_factor(reach, ani.id).await.unwrap().unwrap().recovery_codes, 1);
    let more = [SecretHash::of("four")];
    assert!(store.renew_recovery_codes(reach, ani.id, &more).await.unwrap());
    assert!(!store.take_recovery_code(ani.id, codes[1], at(6)).await.unwrap(), "an old one");
    assert!(store.remove_second_factor(reach, ani.id).await.unwrap());
    assert!(!has_one().await);
    assert!(!store.take_recovery_code(ani.id, more[0], at(7)).await.unwrap());
    assert!(!store.renew_recovery_codes(reach, ani.id, &more).await.unwrap());
    assert!(store.remove_second_factor(reach, ani.id).await.unwrap(), "there is none, as asked");
    // The roles that need one.
    assert_eq!(store.second_factor_roles(reach).await.unwrap(), []);
    let roles = [Role::Operator, Role::Admin, Role::Admin];
    store.set_second_factor_roles(everything(), &roles, at(8)).await.unwrap();
    assert_eq!(store.second_factor_roles(reach).await.unwrap(), [Role::Admin, Role::Operator]);
    store.set_second_factor_roles(everything(), &[], at(9)).await.unwrap();
    assert_eq!(store.second_factor_roles(reach).await.unwrap(), []);
}

pub(crate) async fn a_log_in_waits_for_its_code(store: Store) {
    let ani = store.create_user(everything(), &new_user("ani", Role::User), at(0)).await.unwrap();
    let lasts = Duration::from_mins(10);
    let begin = async |token: &str| {
        let new = NewLogIn { token: SecretHash::of(token), user: ani.id, lasts };
        store.begin_log_in(&new, at(0)).await.unwrap()
    };
    let waits = async |token: &str, seconds| {
        let user = store.log_in(SecretHash::of(token), at(seconds)).await.unwrap();
        user.map(|user| user.id) == Some(ani.id)
    };
    assert!(begin("a").await && waits("a", 599).await && !waits("a", 600).await);
    assert!(!waits("b", 1).await);
    assert!(store.end_log_in(SecretHash::of("a")).await.unwrap());
    assert!(!store.end_log_in(SecretHash::of("a")).await.unwrap() && !waits("a", 1).await);
    // What ends the sessions of the account ends it, too.
    assert!(begin("a").await);
    store.set_password(everything(), ani.id, Some("another"), at(1)).await.unwrap();
    assert!(!waits("a", 2).await);
    assert!(begin("a").await);
    assert_eq!(store.end_open_sessions(ani.reach(), ani.id, None, at(1)).await.unwrap(), Some(0));
    assert!(!waits("a", 2).await);
    assert!(begin("a").await);
    store.set_user_enabled(everything(), ani.id, false, at(1)).await.unwrap();
    assert!(!waits("a", 2).await && !begin("b").await);
    store.set_user_enabled(everything(), ani.id, true, at(1)).await.unwrap();
    assert!(!waits("a", 2).await, "it does not come back");
    assert!(begin("a").await);
    store.remove_ended_sessions(at(600)).await.unwrap();
    assert!(!waits("a", 1).await, "it is tidied away");
}

pub(crate) async fn sessions_are_listed_and_ended(store: Store) {
    let ani = store.create_user(everything(), &new_user("ani", Role::User), at(0)).await.unwrap();
    assert_eq!(ani.seen_at, None);
    for (token, seconds) in [("a", 1), ("b", 2), ("c", 3)] {
        assert!(store.begin_session(&session(&ani, token), at(seconds)).await.unwrap());
    }
    let seen = async || store.user_named("ani").await.unwrap().unwrap().seen_at;
    assert_eq!(seen().await, Some(at(3)));
    let idle = Duration::from_hours(24);
    store.session(SecretHash::of("a"), idle, at(100)).await.unwrap().unwrap();
    assert_eq!(seen().await, Some(at(100)));
    let open = store.open_sessions(ani.reach(), ani.id, at(101)).await.unwrap();
    let browsers: Vec<&str> = open.iter().map(|one| one.browser.as_str()).collect();
    assert_eq!(browsers, ["Browser a", "Browser c", "Browser b"]);
    assert_eq!(open[0].id, SecretHash::of("a").session());
    assert_eq!(open[0].address.as_deref(), Some("203.0.113.7"));
    assert_eq!((open[0].seen_at, open[0].created_at), (at(100), at(1)));
    let id = open[1].id;
    assert!(store.end_open_session(ani.reach(), id, at(102)).await.unwrap());
    assert!(!store.end_open_session(ani.reach(), id, at(102)).await.unwrap());
    assert!(store.session_user(SecretHash::of("c"), at(103)).await.unwrap().is_none());
    assert!(store.session_user(SecretHash::of("b"), at(103)).await.unwrap().is_some());
    // All but one's own.
    let own = Some(SecretHash::of("a"));
    let ended = store.end_open_sessions(ani.reach(), ani.id, own, at(104)).await.unwrap();
    assert_eq!(ended, Some(1));
    assert!(store.session_user(SecretHash::of("a"), at(105)).await.unwrap().is_some());
    let day_later = at(100 + DAY);
    assert_eq!(store.open_sessions(ani.reach(), ani.id, day_later).await.unwrap(), []);
}

pub(crate) async fn who_acts_as_somebody_does_so_as_an_administrator(store: Store) {
    let boss = store.create_user(everything(), &new_user("boss", Role::Admin), at(0)).await;
    let boss = boss.unwrap();
    store.create_user(everything(), &new_user("root", Role::Admin), at(0)).await.unwrap();
    let ani = store.create_user(everything(), &new_user("ani", Role::User), at(0)).await.unwrap();
    let idle = Duration::from_hours(1);
    let begin = async || {
        let new = NewSession { acting: Some(boss.id), ..session(&ani, "acting") };
        assert!(store.begin_session(&new, at(1)).await.unwrap());
    };
    let look = async || store.session(SecretHash::of("acting"), idle, at(100)).await.unwrap();
    begin().await;
    let found = look().await.unwrap();
    assert_eq!(
        (found.user.id, found.acting.map(|acting| acting.name)),
        (ani.id, Some("boss".to_owned()))
    );
    let user = store.user_named("ani").await.unwrap().unwrap();
    assert_eq!(user.seen_at, None, "it was not ani who was seen");
    assert!(store.begin_session(&session(&ani, "own"), at(2)).await.unwrap());
    let own = store.session(SecretHash::of("own"), idle, at(3)).await.unwrap().unwrap();
    assert_eq!(own.acting, None);
    let open = store.open_sessions(ani.reach(), ani.id, at(3)).await.unwrap();
    assert_eq!(open.iter().filter(|open| open.acting).count(), 1);
    // It ends with what either of them may.
    for end in 0..5 {
        match end {
            0 => store.set_role(everything(), boss.id, Role::User, at(4)).await.unwrap(),
            1 => store.set_user_enabled(everything(), boss.id, false, at(4)).await.unwrap(),
            2 => store.set_password(everything(), ani.id, Some("new"), at(4)).await.unwrap(),
            3 => {
                // Whoever ends their own sessions elsewhere ends what was begun by them.
                let ended = store.end_open_sessions(boss.reach(), boss.id, None, at(4)).await;
                assert_eq!(ended.unwrap(), Some(1));
            }
            _ => {
                let ended = store.end_open_sessions(ani.reach(), ani.id, None, at(4)).await;
                assert_eq!(ended.unwrap(), Some(1));
            }
        }
        assert!(look().await.is_none(), "{end}");
        store.set_user_enabled(everything(), boss.id, true, at(5)).await.unwrap();
        store.set_role(everything(), boss.id, Role::Admin, at(5)).await.unwrap();
        assert!(look().await.is_none(), "{end}: it does not come back");
        begin().await;
    }
    assert_eq!(store.acted_as(ani.reach(), ani.id).await.unwrap(), []);
    let actor = AuditActor::account(boss.id, "boss", None);
    let entry = NewAuditEntry::new(
        ani.org,
        at(6),
        actor,
        (AuditDoor::Page, None),
        AuditAction::UserActedAs,
    );
    store.append_audit(entry.about(&ani.id, "ani")).await.unwrap();
    let acted = store.acted_as(ani.reach(), ani.id).await.unwrap();
    assert_eq!(acted, [ActedAs { at: at(6), name: "boss".to_owned() }]);
    assert!(store.acted_as(ani.reach(), boss.id).await.is_err(), "another's");
}
