//! What happened to modems is kept. The store has no reader for it yet, so the tests look at the rows.

use contracts::modem::{ModemEvent, ModemEventKind};
use contracts::{EventId, ModemId};
use store::{StoredEvent, StoredEventBody};

use crate::sample::{at, org, through};
use crate::{Fresh, rows};

async fn modem_events_are_kept_once(fresh: Fresh) {
    let event = |kind, seconds, name: &str| ModemEvent {
        id: EventId::new(),
        kind,
        modem: ModemId::derived(name),
        sim: Some(through().sim),
        text: "in words".to_owned(),
        from: contracts::PhoneNumber::parse("+62811").ok().filter(|_| name == "a"),
        at: at(seconds),
    };
    let events = [
        event(ModemEventKind::Online, 1, "a"),
        event(ModemEventKind::MissedCall, 2, "a"),
        event(ModemEventKind::SimChanged, 3, "b"),
        event(ModemEventKind::LowBalance, 4, "b"),
        event(ModemEventKind::Ussd, 5, "b"),
        // A kind that a later version may know.
        event(ModemEventKind::Unknown, 6, "b"),
    ];
    let stored = events
        .clone()
        .map(|event| StoredEvent { sequence: 1, body: StoredEventBody::Modem(event) });
    fresh.store.project_events(&stored).await.unwrap();
    fresh.store.project_events(&stored).await.unwrap();
    let sql = "SELECT id || ' ' || org || ' ' || kind || ' ' || modem || ' ' || sim || ' ' \
               || event_text || ' ' || COALESCE(caller, '-') || ' ' || CAST(at AS TEXT) \
               FROM modem_events ORDER BY at";
    let row = |event: &ModemEvent| {
        let caller = event.from.as_ref().map_or("-".to_owned(), ToString::to_string);
        let (id, kind, modem, text) = (event.id, event.kind, event.modem, &event.text);
        let (sim, micros) = (event.sim.unwrap(), event.at.as_micros());
        format!("{id} {} {kind} {modem} {sim} {text} {caller} {micros}", org())
    };
    assert_eq!(rows::of(&fresh.database, sql).await, events.iter().map(row).collect::<Vec<_>>());
    fresh.store.close().await;
}

#[tokio::test]
async fn modem_events_are_kept_once_on_sqlite() {
    modem_events_are_kept_once(crate::sqlite().await).await;
}

#[tokio::test]
async fn modem_events_are_kept_once_on_postgres() {
    modem_events_are_kept_once(crate::postgres().await).await;
}
