//! Alerts: told once when something begins, by an event and by an SMS through a SIM that works, and once when it is over.

use std::time::Duration;

use bus::{Bucket, Event, Reader, Stream};
use contracts::alert::{Alert, AlertKind};
use contracts::modem::{ModemState, ModemStatus, SimState};
use contracts::mt::Body;
use contracts::{ModemId, OrgId, PhoneNumber, SimId, Timestamp, UserId};
use futures_util::StreamExt as _;
use platform::Clock;
use platform::config::{Config, Sources};
use store::{Message, MessageFilter, Page, Reach};

use crate::World;

const OPERATOR: &str = "+628123400001";

fn config() -> Config {
    let sources = Sources::new()
        .flag("alerts.sms_to", OPERATOR)
        .flag("alerts.every", "100ms")
        .flag("alerts.modem_after", "300ms")
        .flag("alerts.over_after", "500ms");
    Config::load(&sources).unwrap()
}

/// The state of a modem with a SIM of the same name.
fn modem(name: &str, status: ModemStatus) -> ModemState {
    let now = Timestamp::now();
    let sim = serde_json::json!({ "id": SimId::derived(name) });
    let sim: SimState = serde_json::from_value(sim).unwrap();
    let state = serde_json::json!({
        "id": ModemId::derived(name), "name": name, "port": format!("/dev/{name}"), "host": "attic",
        "status": status, "text": "In words.", "sim": sim, "since": now, "seen_at": now,
    });
    serde_json::from_value(state).unwrap()
}

/// Sets how modems are.
async fn put(world: &World, modems: &[ModemState]) {
    let states = world.bus.kv::<ModemState>(Bucket::Modems).await.unwrap();
    for modem in modems {
        states.put(&modem.id.to_string(), modem).await.unwrap();
    }
}

/// The next alert that is told.
async fn told(events: &mut Reader) -> Alert {
    loop {
        let next = tokio::time::timeout(testkit::PATIENCE, events.next()).await;
        if let Ok(Event::Alert(alert)) = next.expect("an alert").decode::<Event>() {
            return alert;
        }
    }
}

/// The messages that the gateway sent of itself.
async fn messages(world: &World) -> Vec<Message> {
    let internal = Reach::own(OrgId::default_org(), UserId::internal());
    let page = Page { before: None, limit: 100 };
    world.store.messages(internal, &MessageFilter::default(), page).await.unwrap().messages
}

fn said(message: &Message) -> &str {
    match &message.body {
        Body::Text { text, .. } => text,
        Body::Data { .. } => panic!("data"),
    }
}

/// A modem is unplugged and plugged in again, while two copies watch.
pub(crate) async fn a_modem_that_is_gone_is_told_once_and_when_it_is_back(world: World) {
    let mut events = world.bus.read_after(Stream::Event, 0);
    put(&world, &[modem("a", ModemStatus::Ready), modem("b", ModemStatus::Ready)]).await;
    let first = world.run_with(config(), Clock::system(), world.database.url()).await;
    let second = world.run_with(config(), Clock::system(), world.database.url()).await;
    put(&world, &[modem("a", ModemStatus::Offline)]).await;
    let opened = told(&mut events).await;
    assert_eq!(opened.kind, AlertKind::ModemOffline);
    assert_eq!((&*opened.subject, &*opened.name), (&*ModemId::derived("a").to_string(), "a"));
    assert!(opened.text.contains("Modem a is offline"), "{}", opened.text);
    assert_eq!(opened.closed_at, None);

    let message = testkit::wait_for("the SMS", || async { messages(&world).await.pop() }).await;
    assert_eq!(message.to, PhoneNumber::parse(OPERATOR).unwrap());
    // Not by the SIM of the modem that is gone.
    let request = message.pending.as_deref().expect("a message that waits");
    assert_eq!(request.sim, Some(SimId::derived("b")));
    assert_eq!(said(&message), format!("Merpati: {}", opened.text));

    put(&world, &[modem("a", ModemStatus::Ready)]).await;
    let closed = told(&mut events).await;
    assert_eq!((closed.id, closed.opened_at), (opened.id, opened.opened_at));
    assert!(closed.closed_at.is_some());

    // Again, with another one after it: nothing was told in between.
    put(&world, &[modem("b", ModemStatus::Blocked)]).await;
    let sick = told(&mut events).await;
    assert_eq!((sick.kind, &*sick.name), (AlertKind::ModemSick, "b"));
    assert_ne!(sick.id, opened.id);
    testkit::wait_for("the second SMS", || async {
        (messages(&world).await.len() == 2).then_some(())
    })
    .await;
    first.stop().await;
    second.stop().await;
    assert_eq!(messages(&world).await.len(), 2, "one SMS for each alert");
}

/// Whoever wrote an alert was killed before telling of it.
pub(crate) async fn what_was_written_and_not_told_is_told_by_the_next_one(world: World) {
    let mut events = world.bus.read_after(Stream::Event, 0);
    let new = store::NewAlert {
        kind: AlertKind::ModemOffline,
        subject: ModemId::derived("a").to_string(),
        name: "a".to_owned(),
        text: "Modem a is offline.".to_owned(),
        advice: "Plug it in.".to_owned(),
    };
    let org = OrgId::default_org();
    world.store.open_alerts(org, &[new], 1, Timestamp::now()).await.unwrap();
    put(&world, &[modem("a", ModemStatus::Offline)]).await;
    let service = world.run_with(config(), Clock::system(), world.database.url()).await;
    let opened = told(&mut events).await;
    assert_eq!((&*opened.name, opened.closed_at), ("a", None));
    let message = testkit::wait_for("the SMS", || async { messages(&world).await.pop() }).await;
    assert_eq!(said(&message), "Merpati: Modem a is offline.");
    service.stop().await;
}

/// A message that waits for too long, as the clock of the service has it.
pub(crate) async fn a_message_that_waits_for_long_is_told(world: World) {
    let mut events = world.bus.read_after(Stream::Event, 0);
    let ahead = Clock::following(Timestamp::now().plus(Duration::from_mins(20)));
    world.request(&crate::request("Halo")).await;
    let service = world.run_with(config(), ahead, world.database.url()).await;
    let opened = told(&mut events).await;
    assert_eq!((opened.kind, &*opened.subject), (AlertKind::QueueOld, "messages"));
    service.stop().await;
}

/// What was told cannot be noted for a while: nobody is sent the same SMS at each look.
#[tokio::test]
async fn an_sms_is_not_repeated_while_the_database_does_not_note_it() {
    let world = World::sqlite().await;
    let pool = sqlx::SqlitePool::connect(world.database.url()).await.unwrap();
    let trigger =
        "CREATE TRIGGER no BEFORE UPDATE ON alerts BEGIN SELECT RAISE(ABORT, 'not now'); END";
    sqlx::query(trigger).execute(&pool).await.unwrap();
    // The broker drops what it has, so what is published is heard beside its streams.
    let mut published = world.bus.client().subscribe("sms.v1.mt.request.>").await.unwrap();
    world.bus.client().flush().await.unwrap();
    put(&world, &[modem("a", ModemStatus::Offline)]).await;
    let service = world.run_with(config(), Clock::system(), world.database.url()).await;
    let first = published.next().await.unwrap();
    // At each of these looks the first alert is still to be noted.
    for (name, open) in [("b", 2), ("c", 3), ("d", 4)] {
        put(&world, &[modem(name, ModemStatus::Offline)]).await;
        testkit::wait_for("the alert", || async {
            let everything = Reach::everything(OrgId::default_org());
            let alerts = world.store.alerts(everything, false, 10).await.unwrap();
            (alerts.len() == open).then_some(())
        })
        .await;
    }
    sqlx::query("DROP TRIGGER no").execute(&pool).await.unwrap();
    let mut texts = Vec::new();
    while !texts.iter().any(|text: &String| text.contains("Modem d is offline")) {
        let next = published.next().await.unwrap();
        texts.push(String::from_utf8(next.payload.to_vec()).unwrap());
    }
    assert!(texts.iter().all(|text| !text.contains("Modem a is offline")), "{texts:?}");
    assert!(first.payload.windows(18).any(|part| part == b"Modem a is offline"));
    pool.close().await;
    service.stop().await;
}
