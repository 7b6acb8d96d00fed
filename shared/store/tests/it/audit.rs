//! The audit log: entries with what they tell of, and a chain that shows whatever is done to it.

use std::num::NonZeroU32;

use contracts::limits::Limits;
use contracts::{KeyId, OrgId, SimId, UserId};
use serde_json::{Value, json};
use sqlx::{Connection as _, PgConnection, SqliteConnection};
use store::{
    AuditAction, AuditActor, AuditActorKind, AuditDoor, AuditEntry, AuditFault, AuditFilter,
    AuditPlace, NewAuditEntry, NewKey, Reach, Role, SecretHash, SimChange, Store,
};
use testkit::TempDatabase;

use crate::Fresh;
use crate::rows::change;
use crate::sample::{at, everything, new_user, org};

/// An entry of what the account `ani` did at `at(seconds)`.
pub(crate) fn entry(action: AuditAction, seconds: i64) -> NewAuditEntry {
    let actor = AuditActor::account(UserId::derived("ani"), "Ani", None);
    let from = (AuditDoor::Page, "203.0.113.7".parse().ok());
    NewAuditEntry::new(org(), at(seconds), actor, from, action)
}

/// All entries, oldest first.
pub(crate) async fn all(store: &Store) -> Vec<AuditEntry> {
    let mut all = store.audit(everything(), &AuditFilter::default(), None, 500).await.unwrap();
    all.reverse();
    all
}

/// The entries in short: what was done to what, and what was changed.
async fn told(store: &Store) -> Vec<(String, String, Value, Value)> {
    let all = all(store).await.into_iter();
    let short = all.map(|entry| {
        let (before, after) = (Value::Object(entry.before), Value::Object(entry.after));
        (entry.action, entry.subject_name, before, after)
    });
    short.collect()
}

pub(crate) async fn what_is_done_is_told_with_its_change(store: Store) {
    let audited = |action, seconds| store.audited(entry(action, seconds));
    let new = new_user("budi", Role::User);
    let budi = audited(AuditAction::UserCreated, 1).create_user(everything(), &new, at(1)).await;
    let budi = budi.unwrap();
    // What is refused did not happen, and what changes nothing neither.
    let taken = audited(AuditAction::UserCreated, 2).create_user(everything(), &new, at(2)).await;
    assert!(taken.is_err());
    let nobody = audited(AuditAction::UserRoleChanged, 2);
    assert!(nobody.set_role(everything(), UserId::new(), Role::Admin, at(2)).await.is_err());
    let none = audited(AuditAction::KeyRevoked, 2);
    assert!(!none.revoke_key(everything(), KeyId::new(), at(2)).await.unwrap());
    let last = audited(AuditAction::UserRoleChanged, 3);
    last.set_role(everything(), budi.id, Role::Service, at(3)).await.unwrap();
    let new = NewKey {
        owner: budi.id,
        name: "shop".to_owned(),
        prefix: "mk_1".to_owned(),
        secret: SecretHash::of("mk_1"),
        scopes: "all:any".to_owned(),
        allowed: String::new(),
        expires_at: None,
    };
    let key = audited(AuditAction::KeyCreated, 4).create_key(everything(), &new, at(4)).await;
    let revoked = audited(AuditAction::KeyRevoked, 5);
    assert!(revoked.revoke_key(everything(), key.unwrap().id, at(5)).await.unwrap());
    let sim = SimId::derived("s");
    for (limit, seconds) in [(100, 6), (50, 7)] {
        let limits = Limits { per_hour: NonZeroU32::new(limit), ..Limits::default() };
        let change = SimChange { limits: Some(limits), ..SimChange::default() };
        let limited = audited(AuditAction::SimLimitsChanged, seconds);
        limited.change_sim(everything(), sim, &change, at(seconds)).await.unwrap();
    }
    store.append_audit(entry(AuditAction::ModemReset, 8).about(&"mdm_1", "Attic")).await.unwrap();
    // A handle that tells of nothing changes without a word.
    store.set_user_enabled(everything(), budi.id, false, at(9)).await.unwrap();

    let owner = budi.id.to_string();
    let told = told(&store).await;
    let expected = [
        ("user.created", "budi", json!({}), json!({})),
        ("user.role.changed", "budi", json!({ "role": "user" }), json!({ "role": "service" })),
        ("key.created", "shop", json!({}), json!({})),
        ("key.revoked", "shop", json!({ "owner": owner, "prefix": "mk_1" }), json!({})),
        ("sim.limits.changed", "", json!({}), json!({ "limits.per_hour": 100 })),
        (
            "sim.limits.changed",
            "",
            json!({ "limits.per_hour": 100 }),
            json!({ "limits.per_hour": 50 }),
        ),
        ("modem.reset", "Attic", json!({}), json!({})),
    ];
    let expected = expected
        .map(|(action, name, before, after)| (action.to_owned(), name.to_owned(), before, after));
    assert_eq!(told, expected);

    let entries = all(&store).await;
    let first = &entries[0];
    assert_eq!((first.sequence, first.at, first.previous.as_str()), (1, at(1), ""));
    assert_eq!((first.actor_kind.as_str(), first.actor_name.as_str()), ("user", "Ani"));
    assert_eq!((first.door.as_str(), first.address.as_deref()), ("page", Some("203.0.113.7")));
    assert_eq!(first.subject, budi.id.to_string());
    for (one, next) in entries.iter().zip(&entries[1..]) {
        assert_eq!((next.sequence, &next.previous), (one.sequence + 1, &one.hash));
    }
    let verdict = store.verify_audit(everything(), 0, 1_000).await.unwrap();
    assert_eq!((verdict.checked, verdict.through, verdict.broken), (7, 7, None));
    assert_eq!(verdict.hash, entries[6].hash);
}

pub(crate) async fn entries_are_found_in_pages(store: Store) {
    // The clocks of two portals differ, and several things are done in one moment.
    for (n, seconds) in [5, 3, 5, 4, 5].into_iter().enumerate() {
        let action = if n % 2 == 0 { AuditAction::KeyCreated } else { AuditAction::KeyRevoked };
        let told = entry(action, seconds).about(&format!("key_{n}"), "");
        store.append_audit(told).await.unwrap();
    }
    let local = AuditActor::without_account(AuditActorKind::Local, "local");
    let from = (AuditDoor::Socket, None);
    let local = NewAuditEntry::new(org(), at(9), local, from, AuditAction::GatewaySuspended);
    store.append_audit(local).await.unwrap();
    let found = async |filter: AuditFilter, before, limit| {
        let all = store.audit(everything(), &filter, before, limit).await.unwrap();
        all.into_iter().map(|entry| entry.sequence).collect::<Vec<_>>()
    };
    let every = AuditFilter::default();
    assert_eq!(found(every.clone(), None, 9).await, [6, 5, 3, 1, 4, 2]);
    let place = Some(AuditPlace { at: at(5), sequence: 3 });
    assert_eq!(found(every.clone(), place, 2).await, [1, 4]);
    let actor = Some(UserId::derived("ani").to_string());
    let revoked = AuditFilter { actor, action: Some(AuditAction::KeyRevoked), ..every.clone() };
    assert_eq!(found(revoked, None, 9).await, [4, 2]);
    let local = AuditFilter { actor: Some("local".to_owned()), ..every.clone() };
    assert_eq!(found(local, None, 9).await, [6]);
    let one = AuditFilter { subject: Some("key_2".to_owned()), ..every.clone() };
    assert_eq!(found(one, None, 9).await, [3]);
    let between = AuditFilter { since: Some(at(4)), until: Some(at(5)), ..every };
    assert_eq!(found(between, None, 9).await, [4]);
    // Each organisation has a chain of its own.
    let abroad = Reach::everything(OrgId::derived("abroad"));
    assert!(store.audit(abroad, &AuditFilter::default(), None, 9).await.unwrap().is_empty());
    let verdict = store.verify_audit(abroad, 0, 9).await.unwrap();
    assert_eq!((verdict.checked, verdict.broken, verdict.more), (0, None, false));
}

pub(crate) async fn many_at_once_make_one_chain(store: Store) {
    let writers = (0..8).map(|writer| {
        let store = store.clone();
        tokio::spawn(async move {
            for n in 0..10 {
                let told = entry(AuditAction::UserCreated, n);
                if n % 2 == 0 {
                    store.append_audit(told).await.unwrap();
                } else {
                    let new = new_user(&format!("user {writer} {n}"), Role::User);
                    let made = store.audited(told).create_user(everything(), &new, at(n)).await;
                    made.unwrap();
                }
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    // In pieces: each goes on where the one before ended.
    let (mut after, mut checked) = (0, 0);
    loop {
        let verdict = store.verify_audit(everything(), after, 30).await.unwrap();
        assert_eq!(verdict.broken, None);
        checked += verdict.checked;
        after = verdict.through;
        if !verdict.more {
            break;
        }
    }
    assert_eq!((after, checked), (80, 80));
    assert_eq!(store.users(everything()).await.unwrap().len(), 40);
}

/// What the database answers to a change past the store.
async fn refused(database: &TempDatabase, sql: &'static str) -> String {
    let url = database.url();
    let done = if url.starts_with("sqlite") {
        let mut connection = SqliteConnection::connect(url).await.unwrap();
        sqlx::query(sql).execute(&mut connection).await.map(drop)
    } else {
        let mut connection = PgConnection::connect(url).await.unwrap();
        sqlx::query(sql).execute(&mut connection).await.map(drop)
    };
    done.expect_err(sql).to_string()
}

async fn verdict(fresh: &Fresh) -> Option<(i64, AuditFault)> {
    fresh.store.verify_audit(everything(), 0, 1_000).await.unwrap().broken
}

async fn whoever_changes_it_is_refused_or_found(fresh: Fresh) {
    for n in 0..6 {
        fresh.store.append_audit(entry(AuditAction::KeyRevoked, n)).await.unwrap();
    }
    for sql in [
        "UPDATE audit SET actor_name = 'Budi' WHERE sequence = 3",
        "DELETE FROM audit WHERE sequence = 6",
        "UPDATE audit_heads SET sequence = 5",
        "DELETE FROM audit_heads",
    ] {
        let words = refused(&fresh.database, sql).await;
        assert!(words.contains("the audit log"), "{sql}: {words}");
    }
    assert_eq!(verdict(&fresh).await, None);
    // Whoever owns the database can do all of it.
    let is_sqlite = fresh.store.engine_name() == "SQLite";
    let past: &[&'static str] = if is_sqlite {
        &["DROP TRIGGER audit_unchanged", "DROP TRIGGER audit_kept"]
    } else {
        &["ALTER TABLE audit DISABLE TRIGGER USER"]
    };
    for sql in past {
        change(&fresh.database, sql).await;
    }
    change(&fresh.database, "UPDATE audit SET actor_name = 'Budi' WHERE sequence = 3").await;
    assert_eq!(verdict(&fresh).await, Some((3, AuditFault::Changed)));
    // It is found, too, when only what comes after it is looked at from there.
    let from_there = fresh.store.verify_audit(everything(), 3, 1_000).await.unwrap();
    assert_eq!(from_there.broken, Some((3, AuditFault::Changed)));
    change(&fresh.database, "UPDATE audit SET actor_name = 'Ani' WHERE sequence = 3").await;
    assert_eq!(verdict(&fresh).await, None);
    change(&fresh.database, "DELETE FROM audit WHERE sequence = 6").await;
    assert_eq!(verdict(&fresh).await, Some((6, AuditFault::Missing)));
    change(&fresh.database, "DELETE FROM audit WHERE sequence = 4").await;
    assert_eq!(verdict(&fresh).await, Some((4, AuditFault::Missing)));
    fresh.store.close().await;
}

#[tokio::test]
async fn on_sqlite_whoever_changes_it_is_refused_or_found() {
    whoever_changes_it_is_refused_or_found(crate::sqlite().await).await;
}

#[tokio::test]
async fn on_postgres_whoever_changes_it_is_refused_or_found() {
    whoever_changes_it_is_refused_or_found(crate::postgres().await).await;
}
