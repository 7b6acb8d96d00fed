//! What happened becomes rows.

use std::time::Duration;

use bus::{Durable, Event};
use contracts::batch::{MtBatch, PrioritisedBatch};
use contracts::dlr::{Dlr, DlrOutcome};
use contracts::mo::{MoPart, MoReceived};
use contracts::mt::{Given, Keeper, MtChange, MtEvent, MtRequest, SendError};
use contracts::subject::Target;
use contracts::{
    Address, EventId, MessageId, MtState, OrgId, PoolId, Priority, Subject, Timestamp, UserId,
};
use store::{ConversationFilter, InboxFilter, MessageFilter, Page, Reach, Reader, Search, Store};
use testkit::wait_for;

use crate::{World, admitted, request, sending, sent, through};

/// A report on the first part of a message.
pub(crate) fn report(wanted: &MtRequest, outcome: DlrOutcome) -> Dlr {
    Dlr {
        id: EventId::new(),
        org: wanted.org,
        owner: Some(wanted.owner),
        modem: through().modem,
        sim: through().sim,
        message: wanted.id,
        part: Some(1),
        parts: Some(1),
        reference: 7,
        to: None,
        status: 0,
        outcome,
        text: "received by the recipient".to_owned(),
        discharged_at: Timestamp::now(),
        pdu: "00".to_owned(),
        received_at: Timestamp::now(),
    }
}

pub(crate) async fn a_message_gets_its_history(world: World) {
    let service = world.run().await;
    let wanted = request("Halo");
    world.request(&wanted).await;
    let accepted = world.in_state(&wanted, MtState::Accepted).await;
    assert_eq!(accepted.request, wanted);
    assert_eq!(accepted.message.number, 1);
    for change in [admitted(), MtChange::RELEASED, sending(), sent()] {
        world.tell(&wanted, change).await;
    }
    let detail = world.in_state(&wanted, MtState::Sent).await;
    let words: Vec<_> = detail.timeline.iter().map(|entry| entry.change.to_string()).collect();
    assert_eq!(
        words,
        [
            "Queued as one part.",
            "Waits for a free modem.",
            "Given to the modem, try 1.",
            "The network took it."
        ]
    );
    assert_eq!(detail.parts[0].reference, Some(7));
    world.settled(&Durable::PersistenceRequests).await;
    world.settled(&Durable::PersistenceEvents).await;
    service.stop().await;
}

pub(crate) async fn the_outcome_is_told_when_the_last_report_is_in(world: World) {
    let mut live =
        world.bus.subscribe::<Event>(&Subject::MtEvent(MtState::Delivered).into()).await.unwrap();
    let service = world.run().await;
    // The report before `sent`, and both before the request.
    let wanted = request("Halo");
    world.bus.publish(&report(&wanted, DlrOutcome::Delivered)).await.unwrap();
    world.tell(&wanted, sent()).await;
    world.request(&wanted).await;
    let detail = world.in_state(&wanted, MtState::Delivered).await;
    assert_eq!(detail.parts[0].reference, Some(7));
    let heard = tokio::time::timeout(testkit::PATIENCE, live.next()).await.unwrap().unwrap();
    let Event::Mt(event) = heard.value else { panic!("an event of a message") };
    assert_eq!((Some(event.message), event.owner), (wanted.id, wanted.owner));
    world.settled(&Durable::PersistenceEvents).await;
    service.stop().await;
}

/// What releases before told by an event each: the timeline is the same, whichever it is and however often.
pub(crate) async fn one_event_tells_what_happened_together(world: World) {
    let service = world.run().await;
    let wanted = request("Halo");
    world.request(&wanted).await;
    let event = |change| MtEvent::of(wanted.id.unwrap(), &wanted, Timestamp::now(), change);
    let admitted = MtChange::Released {
        parts: Some(1),
        target: Some(Target::Pool(PoolId::default_pool())),
        rule: None,
    };
    world.tell(&wanted, admitted).await;
    let at = Timestamp::now().minus(Duration::from_mins(1));
    let given = |tries| Given {
        at: at.plus(Duration::from_secs(tries)),
        through: through(),
        part: 1,
        parts: 1,
        tries: u32::try_from(tries).unwrap(),
    };
    let deferred = MtChange::Deferred {
        error: SendError { code: "cms-42".to_owned(), text: "Busy.".to_owned() },
        until: at,
        tries: 1,
        kept_by: Keeper::Broker,
        through: Some(through()),
    };
    world.bus.publish(&MtEvent { given: vec![given(1)], ..event(deferred) }).await.unwrap();
    let detail = world.in_state(&wanted, MtState::Deferred).await;
    assert_eq!((detail.message.tries, detail.message.modem), (1, Some(through().modem)));
    // A modem that was slow at the second try.
    let slow = MtEvent { at: given(2).at, ..event(given(2).change()) };
    world.bus.publish(&slow).await.unwrap();
    world.in_state(&wanted, MtState::Sending).await;
    world.bus.publish(&MtEvent { given: vec![given(2)], ..event(sent()) }).await.unwrap();
    world.in_state(&wanted, MtState::Sent).await;
    let report = report(&wanted, DlrOutcome::Delivered);
    world.bus.publish(&report.end(0).unwrap()).await.unwrap();
    let detail = world.in_state(&wanted, MtState::Delivered).await;
    let words: Vec<_> = detail.timeline.iter().map(|entry| entry.change.to_string()).collect();
    let failed = words.iter().position(|line| line.starts_with("Try 1 failed: Busy."));
    assert_eq!(failed, Some(3), "{words:?}");
    assert_eq!(
        [&words[..3], &words[4..]].concat(),
        [
            "Queued as one part.",
            "Waits for a free modem.",
            "Given to the modem, try 1.",
            "Given to the modem, try 2.",
            "The network took it.",
            "Delivered to the recipient's phone.",
        ]
    );
    assert_eq!((detail.timeline[2].at, detail.timeline[4].at), (given(1).at, given(2).at));
    assert_eq!((detail.message.parts, detail.message.tries), (Some(1), 2));
    let kept = detail.parts[0].report.as_ref().unwrap();
    assert_eq!((kept.outcome, kept.at), (DlrOutcome::Delivered, report.received_at));
    assert_eq!(detail.timeline[6].at, report.received_at);
    world.settled(&Durable::PersistenceEvents).await;
    service.stop().await;
    assert_eq!(world.taken("SMS_EVENT").await, 5, "the end is not told once more");
}

pub(crate) async fn a_received_message_is_in_the_inbox(world: World) {
    let service = world.run().await;
    let pdu = "059126181642040C9126189519497500006020619041628212502B284C6EA7DDA0B03C0D5297D9E535";
    let part = MoPart {
        id: MoPart::id_of(through().sim, pdu),
        org: OrgId::default_org(),
        modem: through().modem,
        sim: through().sim,
        to: None,
        pdu: pdu.to_owned(),
        received_at: Timestamp::now(),
    };
    let whole = MoReceived {
        id: MessageId::derived("PV admin ari jelek"),
        org: part.org,
        owner: None,
        modem: part.modem,
        sim: part.sim,
        to: None,
        from: Address::from_text("+628159919457"),
        text: Some("PV admin ari jelek".to_owned()),
        data: None,
        class: None,
        ports: None,
        parts: 1,
        missing: Vec::new(),
        pdus: vec![pdu.to_owned()],
        smsc_at: Some("2006-02-16T02:14:26Z".parse().unwrap()),
        received_at: part.received_at,
        wish: None,
    };
    world.bus.publish(&part).await.unwrap();
    world.bus.publish(&whole).await.unwrap();
    let one = wait_for("the message", || first_received(&world.store)).await;
    assert_eq!((one.id, one.text, one.from), (whole.id, whole.text, whole.from));
    assert_eq!((one.smsc_at, one.pdus), (whole.smsc_at, whole.pdus));
    world.settled(&Durable::PersistenceEvents).await;
    service.stop().await;
}

async fn first_received(store: &Store) -> Option<store::Received> {
    let reach = Reach::everything(OrgId::default_org());
    let page = store.inbox(reach, &InboxFilter::default(), Page::default()).await.unwrap();
    page.messages.into_iter().next()
}

pub(crate) async fn what_nobody_can_read_stops_nothing(world: World) {
    let service = world.run().await;
    let client = world.bus.client().clone();
    let context = async_nats::jetstream::new(client);
    for (subject, payload) in [
        ("sms.v1.mt.request.normal", "no JSON"),
        ("sms.v1.mt.request.bulk", r#"{"to":"nobody","text":"x"}"#),
        ("sms.v1.event.mt.sent", r#"{"message":"msg_1"}"#),
        ("sms.v1.event.later.kind", r#"{"anything":1}"#),
    ] {
        let sent = context.publish(subject, payload.into()).await.unwrap();
        sent.await.unwrap();
    }
    let wanted = request("Halo");
    world.request(&wanted).await;
    world.tell(&wanted, sent()).await;
    world.in_state(&wanted, MtState::Sent).await;
    world.settled(&Durable::PersistenceRequests).await;
    world.settled(&Durable::PersistenceEvents).await;
    // Requests are left to the router, which reads them too; the event had no other reader.
    assert_eq!(world.taken("SMS_DEAD").await, 1);
    let dead = world.bus.item(bus::Stream::Dead, 1).await.unwrap().unwrap();
    assert_eq!(dead.subject, "sms.v1.dead.event.mt.sent");
    assert!(dead.reason.unwrap().contains("msg_1"));
    service.stop().await;
}

/// Requests of which many are written at once are given their words a moment later.
pub(crate) async fn many_at_once_can_be_searched_for_soon(world: World) {
    let service = world.run().await;
    let requests = (0..300).map(|n| request(if n == 299 { "Undangan rapat" } else { "Promo" }));
    let batches = MtBatch::gather(requests);
    let priority = Priority::Bulk;
    let stored: Vec<_> = batches.iter().map(|batch| PrioritisedBatch { priority, batch }).collect();
    world.bus.publish_all(&stored).await.unwrap();
    let reach = Reach::everything(OrgId::default_org());
    let search = Search::parse("undangan").unwrap();
    let filter = MessageFilter { search, ..MessageFilter::default() };
    wait_for("the message to be found", || async {
        let found = world.store.messages(reach, &filter, Page::default()).await.unwrap();
        (found.messages.len() == 1).then_some(())
    })
    .await;
    // They are all to one number, and their conversation is there as soon.
    let reader = Reader { account: UserId::derived("ani"), sent: true, names: false };
    wait_for("the conversation", || async {
        let filter = ConversationFilter::default();
        let page = world.store.conversations(reach, reader, filter, Page::default()).await.unwrap();
        (page.conversations.len() == 1).then_some(())
    })
    .await;
    service.stop().await;
}
