//! What happened to modems is kept, and read newest first.

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
    let read = async |reach, since: Option<i64>, until: Option<i64>, limit| {
        let (since, until) = (since.map(at), until.map(at));
        let read = fresh.store.modem_events(reach, since, until, limit).await.unwrap();
        read.iter().map(|event| (event.kind, event.modem, event.at)).collect::<Vec<_>>()
    };
    let of = |at: usize| (events[at].kind, events[at].modem, events[at].at);
    let everything = crate::sample::everything();
    // Neither a call nor what the network wrote: they came to a SIM.
    assert_eq!(read(everything, None, None, 9).await, [of(5), of(3), of(2), of(0)]);
    assert_eq!(read(everything, Some(3), Some(6), 9).await, [of(3), of(2)]);
    assert_eq!(read(everything, None, None, 1).await, [of(5)]);
    let elsewhere = store::Reach::everything(contracts::OrgId::new());
    assert_eq!(read(elsewhere, None, None, 9).await, []);
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
