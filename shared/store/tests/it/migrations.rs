//! Migrations.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use store::{Migrated, NewUser, Role, Schema, Store};

use crate::sample::{at, everything, org};

/// The steps are named by hand in each dialect, beside their files.
#[tokio::test]
async fn every_step_of_the_folder_is_taken() {
    let (sqlite, postgres) =
        (testkit::TempDatabase::sqlite(), testkit::TempDatabase::postgres().await);
    for (engine, database) in [("sqlite", sqlite), ("postgres", postgres)] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(engine);
        let steps = std::fs::read_dir(folder).unwrap().count();
        let store = Store::open(database.url()).await.unwrap();
        assert_eq!(store.schema().await.unwrap(), Schema::Behind(steps), "{engine}");
        store.close().await;
    }
}

#[tokio::test]
async fn a_new_file_is_migrated_without_a_copy_and_private() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.db");
    let url = format!("sqlite://{}", path.display());
    let store = Store::open(&url).await.unwrap();
    let Schema::Behind(steps) = store.schema().await.unwrap() else { panic!("nothing is made") };
    let error = store.check_schema().await.unwrap_err().to_string();
    assert_eq!(error, format!("the database lacks {steps} step(s) of this version's schema"));
    assert_eq!(store.migrate().await.unwrap(), Migrated { applied: steps, copy: None });
    store.check_schema().await.unwrap();
    assert_eq!(store.schema().await.unwrap(), Schema::Current);
    assert_eq!(store.migrate().await.unwrap(), Migrated { applied: 0, copy: None });
    store.healthy().await.unwrap();
    for file in ["m.db", "m.db-wal"] {
        let mode = std::fs::metadata(folder.path().join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
    store.close().await;
}

/// A database is one step behind, as after an update of the program, so its file is copied first.
#[tokio::test]
async fn a_filled_file_is_copied_before_it_is_changed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.db");
    let url = path.display().to_string();
    let store = Store::open(&url).await.unwrap();
    store.migrate().await.unwrap();
    let user =
        NewUser { name: "ani".to_owned(), password_hash: None, role: Role::User, language: None };
    store.create_user(everything(), &user, at(0)).await.unwrap();
    store.close().await;
    // The file looks as if it came from elsewhere: another program's step was made, and the first of Merpati's was
    // not.
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path);
    let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
    let rename = "UPDATE _sqlx_migrations SET version = 0 WHERE version = 1";
    sqlx::query(rename).execute(&pool).await.unwrap();
    pool.close().await;

    let store = Store::open(&url).await.unwrap();
    assert_eq!(store.schema().await.unwrap(), Schema::Behind(1));
    let error = store.migrate().await.unwrap_err().to_string();
    assert!(error.contains("cannot be brought up to date"), "{error}");
    store.close().await;
    let copy = folder.path().join("m.db.before-0001");
    assert_eq!(std::fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
    let copied = Store::open(&copy.display().to_string()).await.unwrap();
    assert_eq!(copied.user_named("ani").await.unwrap().unwrap().name, "ani");
    copied.close().await;
}

#[tokio::test]
async fn what_cannot_be_opened_says_why() {
    let error = Store::open("/nowhere/at/all/m.db").await.unwrap_err().to_string();
    assert!(error.contains("/nowhere/at/all/m.db") && error.contains("No such file"), "{error}");
    let error = Store::open("mysql://root:secret@db/x").await.unwrap_err().to_string();
    assert!(error.contains("postgres://") && !error.contains("secret"), "{error}");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("text.db");
    std::fs::write(&file, "This is a text and no database, however long it may be.").unwrap();
    let error = Store::open(&file.display().to_string()).await.unwrap_err().to_string();
    assert!(error.contains("text.db") && error.contains("not a database"), "{error}");
}

/// Accounts that are older than settings get a setting too, so that routers and portals know them.
#[tokio::test]
async fn accounts_of_before_have_settings() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.db");
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path).create_if_missing(true);
    let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
    let first = sqlx::migrate::Migration::new(
        1,
        "first".into(),
        sqlx::migrate::MigrationType::Simple,
        sqlx::SqlSafeStr::into_sql_str(include_str!("../../migrations/sqlite/0001_first.sql")),
        false,
    );
    sqlx::migrate::Migrator::with_migrations(vec![first]).run(&pool).await.unwrap();
    for sql in [
        "INSERT INTO orgs VALUES ('org_eea7e104eaa35366887617a8a0d937af', 'default', 0)",
        "INSERT INTO users VALUES ('usr_33243c59b8295bff945b9229421adcaa', \
         'org_eea7e104eaa35366887617a8a0d937af', 'ani', 'ani', NULL, 'admin', NULL, 0, 0)",
    ] {
        sqlx::query(sql).execute(&pool).await.unwrap();
    }
    pool.close().await;
    let store = Store::open(&path.display().to_string()).await.unwrap();
    store.migrate().await.unwrap();
    let settings = store.settings().await.unwrap();
    assert_eq!(settings.len(), 1);
    let account: contracts::config_kv::Account =
        serde_json::from_value(settings[0].value.clone()).unwrap();
    assert_eq!((account.org, account.enabled, account.admin), (org(), false, true));
    assert_eq!(store.unpublished_settings(10).await.unwrap().len(), 1);
    store.close().await;
}
