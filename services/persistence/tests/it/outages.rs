//! The database is away, behind, or refuses.

use bus::Durable;
use contracts::MtState;
use contracts::modem::{ModemEvent, ModemEventKind};
use contracts::{EventId, ModemId, Timestamp};
use store::{ModemEventPage, Store};
use testkit::{NatsServer, TempDatabase, wait_for};

use crate::proxy::Proxy;
use crate::{Running, World, request, sent};

#[tokio::test]
async fn a_database_that_is_away_stops_nothing_for_ever() {
    let world = World::postgres().await;
    let server = world.database.url().to_owned();
    let address = server.split(['@', '/']).nth(3).unwrap().to_owned();
    let mut proxy = Proxy::to(&address).await;
    let service = world.run_on(&server.replace(&address, &proxy.address())).await;
    let before = request("before");
    world.request(&before).await;
    world.tell(&before, sent()).await;
    world.in_state(&before, MtState::Sent).await;

    proxy.cut();
    let during = request("during");
    world.request(&during).await;
    world.tell(&during, sent()).await;
    let context = async_nats::jetstream::new(world.bus.client().clone());
    let pending = async |durable: &Durable| {
        let stream = context.get_stream(durable.stream().name()).await.unwrap();
        let info = stream.consumer_info(durable.name()).await.unwrap();
        u64::try_from(info.num_ack_pending).unwrap() + info.num_pending
    };
    wait_for("both to be delivered and not acknowledged", || async {
        let both = pending(&Durable::PersistenceRequests).await == 1
            && pending(&Durable::PersistenceEvents).await == 1;
        both.then_some(())
    })
    .await;
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
    let deps = persistence::Deps { bus: crate::connect(&nats).await, store };
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
    pool.close().await;
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
    let page = ModemEventPage { modem: None, before: None, limit: 10 };
    let events = world.store.modem_events(contracts::OrgId::default_org(), page).await.unwrap();
    let mut texts: Vec<_> = events.iter().map(|event| event.text.as_str()).collect();
    texts.sort_unstable();
    assert_eq!(texts, ["one", "two"]);
    let dead = world.bus.item(bus::Stream::Dead, 1).await.unwrap().unwrap();
    let reason = dead.reason.unwrap();
    assert!(
        reason.contains("refused writing events") && reason.contains("not this one"),
        "{reason}"
    );
    service.stop().await;
}
