//! The database is away, behind, or refuses.

use std::path::PathBuf;
use std::time::Duration;

use bus::Durable;
use contracts::MtState;
use contracts::modem::{ModemEvent, ModemEventKind};
use contracts::mt::MtRequest;
use contracts::{EventId, ModemId, Timestamp};
use store::Store;
use testkit::{NatsServer, PostgresServer, TempDatabase, Unwritable, wait_for};

use crate::proxy::Proxy;
use crate::{Running, World, request, sent};

/// How long a call has where the database is silent, in place of half a minute.
const CALL: Duration = Duration::from_secs(4);

/// A message comes, and is told to be sent.
async fn comes(world: &World, text: &str) -> MtRequest {
    let message = request(text);
    world.request(&message).await;
    world.tell(&message, sent()).await;
    message
}

#[tokio::test]
async fn a_database_that_is_away_stops_nothing_for_ever() {
    let world = World::postgres().await;
    let server = world.database.url().to_owned();
    let address = server.split(['@', '/']).nth(3).unwrap().to_owned();
    let mut proxy = Proxy::to(&address).await;
    let service = world.run_on(&server.replace(&address, &proxy.address())).await;
    let before = comes(&world, "before").await;
    world.in_state(&before, MtState::Sent).await;

    proxy.cut();
    let during = comes(&world, "during").await;
    world.stand_still().await;
    proxy.mend().await;
    world.in_state(&during, MtState::Sent).await;
    world.settled(&Durable::PersistenceRequests).await;
    world.settled(&Durable::PersistenceEvents).await;
    service.stop().await;
}

#[tokio::test]
async fn tables_that_lack_a_step_are_refused_in_words() {
    let database = TempDatabase::sqlite();
    let nats = NatsServer::start().await;
    let store = Store::open(database.url()).await.unwrap();
    let deps = persistence::Deps {
        bus: crate::connect(&nats).await,
        store,
        clock: platform::Clock::system(),
        disk: None,
    };
    let config = platform::Config::load(&platform::config::Sources::default()).unwrap();
    let error = persistence::run(&config, deps, platform::Shutdown::new()).await.unwrap_err();
    let words = error.to_string();
    assert!(
        words.contains("the database lacks") && words.contains("merpati database migrate"),
        "{words}"
    );
}

/// A database that refuses one row for ever: it becomes a dead letter, and the others of its batch do not suffer.
#[tokio::test]
async fn a_refused_row_becomes_a_dead_letter() {
    let world = World::sqlite().await;
    let pool = sqlx::SqlitePool::connect(world.database.url()).await.unwrap();
    let trigger = "CREATE TRIGGER no BEFORE INSERT ON modem_events WHEN new.event_text = 'poison' \
                   BEGIN SELECT RAISE(ABORT, 'not this one'); END";
    sqlx::query(trigger).execute(&pool).await.unwrap();
    let event = |text: &str| ModemEvent {
        id: EventId::new(),
        kind: ModemEventKind::Online,
        modem: ModemId::derived("m"),
        sim: None,
        text: text.to_owned(),
        from: None,
        at: Timestamp::now(),
    };
    // All there before the service: one batch.
    for text in ["one", "poison", "two"] {
        world.bus.publish(&event(text)).await.unwrap();
    }
    let service: Running = world.run().await;
    world.settled(&Durable::PersistenceEvents).await;
    let kept = "SELECT event_text FROM modem_events ORDER BY event_text";
    let kept: Vec<String> = sqlx::query_scalar(kept).fetch_all(&pool).await.unwrap();
    assert_eq!(kept, ["one", "two"]);
    pool.close().await;
    let dead = world.bus.item(bus::Stream::Dead, 1).await.unwrap().unwrap();
    let reason = dead.reason.unwrap();
    assert!(
        reason.contains("refused writing events") && reason.contains("not this one"),
        "{reason}"
    );
    service.stop().await;
}

/// Connections that neither answer nor end: when a call is given up, other ones are made.
#[tokio::test]
async fn a_database_that_is_silent_is_asked_again_on_other_connections() {
    let world = World::postgres().await;
    let server = world.database.url().to_owned();
    let address = server.split(['@', '/']).nth(3).unwrap().to_owned();
    let proxy = Proxy::to(&address).await;
    let service = world.run_impatient(CALL, &server.replace(&address, &proxy.address())).await;
    let before = comes(&world, "before").await;
    world.in_state(&before, MtState::Sent).await;
    proxy.swallow();
    let during = comes(&world, "during").await;
    world.in_state(&during, MtState::Sent).await;
    world.settled(&Durable::PersistenceRequests).await;
    service.stop().await;
}

/// A server that takes no writes for a while, as a replica that was promoted to nothing.
#[tokio::test]
async fn a_database_that_is_read_only_is_waited_for() {
    let world = World::postgres().await;
    // One connection, which keeps the setting that it began with.
    let one = sqlx::postgres::PgPoolOptions::new().max_connections(1);
    let pool = one.connect(world.database.url()).await.unwrap();
    let name: String =
        sqlx::query_scalar("SELECT current_database()").fetch_one(&pool).await.unwrap();
    let set = |value: &str| {
        sqlx::AssertSqlSafe(format!(
            "ALTER DATABASE \"{name}\" SET default_transaction_read_only = {value}"
        ))
    };
    let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                  WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let service = world.run_on(world.database.url()).await;
    sqlx::query(set("on")).execute(&pool).await.unwrap();
    sqlx::query(others).execute(&pool).await.unwrap();
    let during = comes(&world, "during").await;
    // Tried, and tried again.
    let undone = "SELECT xact_rollback FROM pg_stat_database WHERE datname = current_database()";
    let undone = async || sqlx::query_scalar::<_, i64>(undone).fetch_one(&pool).await.unwrap();
    let before = undone().await;
    wait_for("writes to be refused", || async { (undone().await > before + 1).then_some(()) })
        .await;
    world.stand_still().await;
    let reach = store::Reach::everything(contracts::OrgId::default_org());
    let found = world.store.message_detail(reach, during.id.unwrap()).await.unwrap();
    assert!(found.is_none(), "nothing can be written");
    sqlx::query(set("off")).execute(&pool).await.unwrap();
    sqlx::query(others).execute(&pool).await.unwrap();
    world.in_state(&during, MtState::Sent).await;
    world.settled(&Durable::PersistenceRequests).await;
    service.stop().await;
}

/// Another program holds the file's write lock for longer than SQLite waits for it.
#[tokio::test]
async fn a_file_that_a_stranger_has_locked_is_waited_for() {
    let world = World::sqlite().await;
    let service = world.run_on(world.database.url()).await;
    let options = sqlx::sqlite::SqlitePoolOptions::new().max_connections(1);
    let stranger = options.connect(world.database.url()).await.unwrap();
    let mut lock = stranger.acquire().await.unwrap();
    sqlx::query("BEGIN IMMEDIATE").execute(&mut *lock).await.unwrap();
    let during = comes(&world, "during").await;
    world.stand_still().await;
    // SQLite itself waits for 10 s: only the time tells that it gave up at least once.
    tokio::time::sleep(Duration::from_secs(12)).await;
    sqlx::query("ROLLBACK").execute(&mut *lock).await.unwrap();
    world.in_state(&during, MtState::Sent).await;
    world.settled(&Durable::PersistenceRequests).await;
    service.stop().await;
}

/// The file is there and open, and the system takes no more writes to it, as after a fault of the disk.
#[tokio::test]
async fn a_file_that_became_unwritable_is_waited_for() {
    let world = World::sqlite().await;
    let service = world.run_on(world.database.url()).await;
    let before = comes(&world, "before").await;
    world.in_state(&before, MtState::Sent).await;
    let file = world.database.url().strip_prefix("sqlite://").unwrap();
    let files = [PathBuf::from(file), PathBuf::from(format!("{file}-wal"))];
    let Some(unwritable) = Unwritable::make(&files) else { return };
    let during = comes(&world, "during").await;
    world.stand_still().await;
    let reach = store::Reach::everything(contracts::OrgId::default_org());
    let found = world.store.message_detail(reach, during.id.unwrap()).await.unwrap();
    assert!(found.is_none(), "nothing can be written");
    drop(unwritable);
    world.in_state(&during, MtState::Sent).await;
    world.settled(&Durable::PersistenceRequests).await;
    service.stop().await;
}

/// The server is killed, stays away, and is started again on its data.
#[tokio::test]
async fn a_server_that_is_killed_and_started_again_goes_on() {
    let mut server = PostgresServer::start().await;
    let world = World::with(server.database()).await;
    let service = world.run().await;
    let before = comes(&world, "before").await;
    world.in_state(&before, MtState::Sent).await;
    server.kill9();
    let during = comes(&world, "during").await;
    world.stand_still().await;
    server.restart().await;
    world.in_state(&during, MtState::Sent).await;
    world.settled(&Durable::PersistenceRequests).await;
    service.stop().await;
}

/// The server does not let the service in any more: a password was changed, a role was taken away.
#[tokio::test]
async fn a_server_that_refuses_the_service_is_asked_again() {
    let world = World::postgres().await;
    let pool = sqlx::PgPool::connect(world.database.url()).await.unwrap();
    // The server is shared by all tests of this process, and so are its roles.
    let role = "refused_for_a_while";
    let run = async |statement: String| {
        sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&pool).await.unwrap();
    };
    run(format!("CREATE ROLE {role} SUPERUSER LOGIN")).await;
    let url = world.database.url().replacen("merpati@", &format!("{role}@"), 1);
    let service = world.run_on(&url).await;
    let before = comes(&world, "before").await;
    world.in_state(&before, MtState::Sent).await;
    run(format!("ALTER ROLE {role} NOLOGIN")).await;
    let out =
        format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{role}'");
    run(out).await;
    let left = format!("SELECT count(*) FROM pg_stat_activity WHERE usename = '{role}'");
    wait_for("its connections to end", || async {
        let left = sqlx::query_scalar::<_, i64>(sqlx::AssertSqlSafe(left.clone()));
        (left.fetch_one(&pool).await.unwrap() == 0).then_some(())
    })
    .await;
    let during = comes(&world, "during").await;
    world.stand_still().await;
    run(format!("ALTER ROLE {role} LOGIN")).await;
    world.in_state(&during, MtState::Sent).await;
    world.settled(&Durable::PersistenceRequests).await;
    service.stop().await;
}

/// The server and all of its connections stand still, and so does every new connection, for longer than a call may take.
#[tokio::test]
async fn a_server_that_stands_still_goes_on_where_it_was() {
    let server = PostgresServer::start().await;
    let world = World::with(server.database()).await;
    let service = world.run_impatient(CALL, world.database.url()).await;
    let before = comes(&world, "before").await;
    world.in_state(&before, MtState::Sent).await;
    server.pause();
    let during = comes(&world, "during").await;
    world.stand_still().await;
    // The time itself is what is tried: a call is given up, what it had begun is waited for, and connecting anew is given up too.
    tokio::time::sleep(CALL * 4).await;
    server.resume();
    let detail = world.in_state(&during, MtState::Sent).await;
    assert_eq!(detail.timeline.len(), 1, "written once: {:?}", detail.timeline);
    world.settled(&Durable::PersistenceRequests).await;
    service.stop().await;
}
