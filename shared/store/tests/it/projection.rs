//! The projection: requests and events become rows.

use contracts::dlr::DlrOutcome::{Buffered, Delivered, Undelivered};
use contracts::mt::{Body, Encoding, Keeper, MtChange, MtRequest};
use contracts::subject::Target;
use contracts::{MtState, OrgId, SimId, UserId};
use store::{MessageDetail, Reach, Store, StoredEvent, StoredEventBody};

use crate::sample::{
    admitted, at, deferred, error, held, mo, mt, org, received, report, request, sending, sent,
    stored, through,
};

/// Returns the outcomes of the last batch as events, as the stream would have them next.
fn published(outcomes: &[contracts::mt::MtEvent], from: u64) -> Vec<StoredEvent> {
    let body = |event: &contracts::mt::MtEvent| StoredEventBody::Mt(event.clone());
    outcomes
        .iter()
        .zip(from..)
        .map(|(event, sequence)| StoredEvent { sequence, body: body(event) })
        .collect()
}

async fn detail(store: &Store, request: &MtRequest) -> MessageDetail {
    let found = store.message_detail(Reach::everything(org()), request.id.unwrap()).await.unwrap();
    found.expect("the message is there")
}

fn states(detail: &MessageDetail) -> Vec<MtState> {
    detail.timeline.iter().map(|entry| entry.change.state()).collect()
}

pub(crate) async fn a_message_travels_to_delivered(store: Store) {
    let mut wanted = request(UserId::new(), "Halo é", 0);
    wanted.number = Some(42);
    wanted.dlr = Some(contracts::mt::DlrCallback { url: "http://x/%d".to_owned(), mask: 31 });
    store.project_requests(&[stored(&wanted)]).await.unwrap();
    let fresh = detail(&store, &wanted).await;
    assert_eq!(fresh.request, wanted);
    let message = fresh.message;
    assert_eq!((message.number, message.state), (42, MtState::Accepted));
    assert_eq!((message.created_at, message.updated_at), (at(0), at(0)));
    assert_eq!(message.body, Body::Text { text: "Halo é".to_owned(), encoding: Encoding::Auto });
    assert_eq!((message.to, message.dlr), (wanted.to.clone(), wanted.dlr.clone()));

    let events = [
        mt(&wanted, 1, admitted(2)),
        mt(&wanted, 2, MtChange::RELEASED),
        mt(&wanted, 3, sending(1, 2, 1)),
        mt(&wanted, 4, sending(2, 2, 1)),
        mt(&wanted, 5, sent(&[7, 8])),
        report(wanted.id, 6, 1, 2, Delivered),
    ];
    let projected = store.project_events(&events).await.unwrap();
    assert_eq!(projected, store::Projected::default(), "one part has no report yet");
    let now = detail(&store, &wanted).await;
    assert_eq!((now.message.state, now.message.parts), (MtState::Sent, Some(2)));
    assert_eq!(now.message.modem, Some(through().modem));
    assert_eq!(now.message.sim, Some(through().sim));
    assert_eq!(now.message.tries, 1);
    assert_eq!(now.parts[0].reference, Some(7));
    assert_eq!(now.parts[0].report.as_ref().unwrap().outcome, Delivered);
    assert_eq!((now.parts[1].reference, now.parts[1].report.as_ref()), (Some(8), None));

    let last = store.project_events(&[report(wanted.id, 7, 2, 2, Delivered)]).await.unwrap();
    assert_eq!(last.outcomes.len(), 1);
    assert_eq!(last.outcomes[0].change, MtChange::Delivered { discharged_at: at(6) });
    assert_eq!((last.outcomes[0].owner, last.outcomes[0].org), (wanted.owner, org()));
    let after = store.project_events(&published(&last.outcomes, 8)).await.unwrap();
    assert!(after.outcomes.is_empty());
    let end = detail(&store, &wanted).await;
    assert_eq!(end.message.state, MtState::Delivered);
    assert_eq!(
        states(&end),
        [
            MtState::Admitted,
            MtState::Released,
            MtState::Sending,
            MtState::Sending,
            MtState::Sent,
            MtState::Delivered
        ]
    );
    assert_eq!(end.timeline[0].change.to_string(), "Queued as 2 parts.");
}

pub(crate) async fn a_repeated_batch_changes_nothing(store: Store) {
    let wanted = request(UserId::new(), "Halo", 0);
    let requests = [stored(&wanted), stored(&wanted)];
    let events = [
        mt(&wanted, 1, admitted(1)),
        mt(&wanted, 2, sending(1, 1, 1)),
        mt(&wanted, 3, sent(&[9])),
        report(wanted.id, 4, 1, 1, Undelivered),
        mo(received("+62811", "Hai", 5), 5),
    ];
    store.project_requests(&requests).await.unwrap();
    let first = store.project_events(&events).await.unwrap();
    let before = detail(&store, &wanted).await;
    store.project_requests(&requests).await.unwrap();
    let second = store.project_events(&events).await.unwrap();
    assert_eq!(before, detail(&store, &wanted).await);
    assert_eq!(first, second, "the outcome is told again until its event came back");
    // The same events again, published anew under other sequences: the sender died before it knew.
    let anew = [mt(&wanted, 11, admitted(1)), mt(&wanted, 13, sent(&[9]))];
    store.project_events(&anew).await.unwrap();
    assert_eq!(before, detail(&store, &wanted).await);
    store.project_events(&published(&first.outcomes, 14)).await.unwrap();
    let end = detail(&store, &wanted).await;
    assert_eq!(end.message.state, MtState::Undelivered);
    assert_eq!(end.message.error.unwrap().code, "report-65");
    assert!(store.project_events(&events).await.unwrap().outcomes.is_empty());
}

pub(crate) async fn events_may_come_before_the_request(store: Store) {
    let mut wanted = request(UserId::new(), "Halo", 0);
    wanted.not_after = Some(at(200));
    let early = [mt(&wanted, 1, admitted(1)), mt(&wanted, 2, held(at(500), 1))];
    let projected = store.project_events(&early).await.unwrap();
    assert_eq!(projected.due, Some(at(500)));
    let reach = Reach::everything(org());
    assert_eq!(store.message(reach, wanted.id.unwrap()).await.unwrap(), None);
    assert_eq!(store.next_due().await.unwrap(), None, "there is nothing to request yet");
    let projected = store.project_requests(&[stored(&wanted)]).await.unwrap();
    assert_eq!(projected.due, Some(at(200)), "its end comes before its hold's");
    assert_eq!(store.next_due().await.unwrap(), Some(at(200)));
    let now = detail(&store, &wanted).await;
    assert_eq!((now.message.state, now.message.held_until), (MtState::Held, Some(at(500))));
    assert_eq!((now.message.created_at, now.message.parts), (at(0), Some(1)));
    assert_eq!(states(&now), [MtState::Admitted, MtState::Held]);
}

pub(crate) async fn states_only_move_forward(store: Store) {
    let wanted = request(UserId::new(), "Halo", 0);
    store.project_requests(&[stored(&wanted)]).await.unwrap();
    let state = async |events: &[StoredEvent]| {
        store.project_events(events).await.unwrap();
        detail(&store, &wanted).await.message
    };
    let now = state(&[mt(&wanted, 10, deferred(1))]).await;
    assert_eq!((now.state, now.held_until), (MtState::Deferred, Some(at(900))));
    assert_eq!(now.error, Some(error("cms-38")));
    let now = state(&[mt(&wanted, 9, sending(1, 1, 1))]).await;
    assert_eq!(now.state, MtState::Deferred, "an earlier event comes late");
    let now = state(&[mt(&wanted, 11, sending(1, 1, 2))]).await;
    assert_eq!((now.state, now.held_until, now.tries), (MtState::Sending, None, 2));
    assert_eq!(now.error, Some(error("cms-38")), "why it took two tries");
    let now = state(&[mt(&wanted, 12, sent(&[1]))]).await;
    assert_eq!((now.state, now.error), (MtState::Sent, None));
    let delivered = MtChange::Delivered { discharged_at: at(20) };
    assert_eq!(state(&[mt(&wanted, 13, delivered)]).await.state, MtState::Delivered);
    for late in [sent(&[1]), deferred(3), held(at(1), 1), MtChange::Expired {}] {
        assert_eq!(state(&[mt(&wanted, 14, late)]).await.state, MtState::Delivered);
    }
    assert_eq!(store.next_due().await.unwrap(), None, "what is settled is never requested again");
}

/// One event tells that a message was admitted and that it was released.
pub(crate) async fn admitted_and_released_may_be_one_event(store: Store) {
    let wanted = request(UserId::new(), "Halo", 0);
    store.project_requests(&[stored(&wanted)]).await.unwrap();
    let events = [mt(&wanted, 3, admitted(2)), mt(&wanted, 3, MtChange::RELEASED)];
    store.project_events(&events).await.unwrap();
    let now = detail(&store, &wanted).await;
    assert_eq!((now.message.state, now.message.parts), (MtState::Released, Some(2)));
    assert_eq!(states(&now), [MtState::Admitted, MtState::Released]);
    // Told again, and told late, it changes nothing.
    store.project_events(&events).await.unwrap();
    assert_eq!(detail(&store, &wanted).await.message.state, MtState::Released);
    let late = request(UserId::new(), "Halo", 1);
    store.project_requests(&[stored(&late)]).await.unwrap();
    let events = [
        mt(&late, 5, sending(1, 2, 1)),
        mt(&late, 6, admitted(2)),
        mt(&late, 6, MtChange::RELEASED),
    ];
    store.project_events(&events).await.unwrap();
    assert_eq!(detail(&store, &late).await.message.state, MtState::Sending);
}

pub(crate) async fn where_a_message_was_admitted_to_go_is_kept_until_it_is_admitted_again(
    store: Store,
) {
    let wanted = request(UserId::new(), "Halo", 0);
    store.project_requests(&[stored(&wanted)]).await.unwrap();
    let target = async || detail(&store, &wanted).await.message.target;
    assert_eq!(target().await, None);
    let vip = Target::Pool("vip".parse().unwrap());
    let by_rule = MtChange::admitted(1, vip.clone()).by_rule(Some("vip".to_owned()));
    let events = [mt(&wanted, 3, by_rule), mt(&wanted, 4, MtChange::RELEASED)];
    store.project_events(&events).await.unwrap();
    assert_eq!(target().await, Some(vip));
    let again = MtRequest { round: 1, ..wanted.clone() };
    store.project_events(&[mt(&again, 5, admitted(1))]).await.unwrap();
    assert_eq!(target().await, None, "the default pool");
    let sim = Target::Sim(SimId::derived("1"));
    let again = MtRequest { round: 2, ..wanted.clone() };
    store.project_events(&[mt(&again, 6, MtChange::admitted(1, sim.clone()))]).await.unwrap();
    assert_eq!(target().await, Some(sim));
}

pub(crate) async fn released_told_after_sending_is_late(store: Store) {
    let wanted = request(UserId::new(), "Halo", 0);
    store.project_requests(&[stored(&wanted)]).await.unwrap();
    let events = [mt(&wanted, 3, sending(1, 1, 1)), mt(&wanted, 4, MtChange::RELEASED)];
    store.project_events(&events).await.unwrap();
    let now = detail(&store, &wanted).await;
    assert_eq!(now.message.state, MtState::Sending);
    assert_eq!(states(&now), [MtState::Released, MtState::Sending]);
}

/// A message that is no longer held is never requested again.
pub(crate) async fn what_the_router_tells_late_ends_no_hold(store: Store) {
    let wanted = request(UserId::new(), "Halo", 0);
    store.project_requests(&[stored(&wanted)]).await.unwrap();
    let events = [
        mt(&wanted, 3, sending(1, 1, 1)),
        mt(&wanted, 4, held(at(900), 1)),
        mt(&wanted, 5, MtChange::RELEASED),
        mt(&wanted, 6, admitted(1)),
    ];
    store.project_events(&events).await.unwrap();
    let now = detail(&store, &wanted).await;
    assert_eq!((now.message.state, now.message.held_until), (MtState::Held, Some(at(900))));
    assert_eq!(store.next_due().await.unwrap(), Some(at(900)));
    // The router took it out of the queue of a SIM that is away, and a driver hands the same round over.
    let other = request(UserId::new(), "Hai", 1);
    store.project_requests(&[stored(&other)]).await.unwrap();
    let deferred = MtChange::Deferred {
        error: error("sim-away"),
        until: at(810),
        tries: 0,
        kept_by: Keeper::Router,
        through: None,
    };
    let events = [
        mt(&other, 10, held(at(800), 1)),
        mt(&other, 11, deferred),
        mt(&other, 12, held(at(810), 1)),
    ];
    store.project_events(&events).await.unwrap();
    let now = detail(&store, &other).await;
    assert_eq!((now.message.state, now.message.held_until), (MtState::Held, Some(at(800))));
    assert_eq!(store.next_due().await.unwrap(), Some(at(800)));
}

pub(crate) async fn a_state_of_an_earlier_round_is_late(store: Store) {
    let mut wanted = request(UserId::new(), "Halo", 0);
    store.project_requests(&[stored(&wanted)]).await.unwrap();
    wanted.round = 1;
    // The broker was set up anew, so its sequences began again.
    store.project_events(&[mt(&wanted, 3, admitted(1))]).await.unwrap();
    wanted.round = 0;
    store.project_events(&[mt(&wanted, 90, deferred(1))]).await.unwrap();
    let now = detail(&store, &wanted).await;
    assert_eq!((now.message.state, now.message.round), (MtState::Admitted, 1));
    assert_eq!(states(&now), [MtState::Deferred, MtState::Admitted], "in order of rounds");
}

pub(crate) async fn a_part_has_the_best_of_its_reports(store: Store) {
    let wanted = request(UserId::new(), "Halo", 0);
    store.project_requests(&[stored(&wanted)]).await.unwrap();
    store.project_events(&[mt(&wanted, 1, sent(&[7]))]).await.unwrap();
    let outcome = async |sequence, report_of| {
        let event = report(wanted.id, sequence, 1, 1, report_of);
        let projected = store.project_events(&[event]).await.unwrap();
        let part = detail(&store, &wanted).await.parts[0].clone();
        let states = projected.outcomes.iter().map(|event| event.change.state());
        (part.report.unwrap().outcome, states.collect::<Vec<_>>())
    };
    assert_eq!(outcome(2, Buffered).await, (Buffered, vec![]));
    assert_eq!(outcome(3, Undelivered).await, (Undelivered, vec![MtState::Undelivered]));
    assert_eq!(outcome(4, Buffered).await, (Undelivered, vec![MtState::Undelivered]));
    assert_eq!(outcome(5, Delivered).await, (Delivered, vec![MtState::Delivered]));
    assert_eq!(outcome(6, Undelivered).await, (Delivered, vec![MtState::Delivered]));
}

pub(crate) async fn a_report_before_sent_counts(store: Store) {
    let wanted = request(UserId::new(), "Halo", 0);
    let first = store.project_events(&[report(wanted.id, 1, 1, 2, Delivered)]).await.unwrap();
    assert!(first.outcomes.is_empty());
    store.project_requests(&[stored(&wanted)]).await.unwrap();
    // The message knows from its reports alone how many parts it has, as no other event has said so.
    let second = store.project_events(&[report(wanted.id, 2, 2, 2, Delivered)]).await.unwrap();
    assert_eq!(second.outcomes.len(), 1);
    store.project_events(&published(&second.outcomes, 3)).await.unwrap();
    store.project_events(&[mt(&wanted, 4, sent(&[7, 8]))]).await.unwrap();
    let now = detail(&store, &wanted).await;
    assert_eq!(now.message.state, MtState::Delivered);
    assert_eq!(now.message.sim, Some(through().sim), "late, but told by nobody else");
    assert_eq!(now.parts[1].reference, Some(8));
    assert!(now.parts[1].report.is_some());
}

pub(crate) async fn a_report_about_nothing_is_kept(store: Store) {
    let event = report(None, 1, 0, 0, Delivered);
    let projected = store.project_events(&[event.clone(), event]).await.unwrap();
    assert!(projected.outcomes.is_empty());
    let cutoffs = store::Cutoffs { timeline: Some(at(100)), ..store::Cutoffs::default() };
    assert_eq!(store.remove_old(&cutoffs, 10).await.unwrap().reports, 1);
}

pub(crate) async fn numbers_are_given_where_none_is(store: Store) {
    let (a, b) = (request(UserId::new(), "a", 0), request(UserId::new(), "b", 1));
    store.project_requests(&[stored(&a), stored(&b)]).await.unwrap();
    store.project_events(&[mo(received("+62811", "c", 2), 1)]).await.unwrap();
    let (reach, all) = (Reach::everything(org()), store::InboxFilter::default());
    let inbox = store.inbox(reach, &all, store::Page::default()).await.unwrap();
    let numbers = [
        detail(&store, &a).await.message.number,
        detail(&store, &b).await.message.number,
        inbox.messages[0].number,
    ];
    assert_eq!(numbers, [1, 2, 3]);
}

pub(crate) async fn a_number_that_is_taken_is_replaced(store: Store) {
    let mut a = request(UserId::new(), "a", 0);
    let mut b = request(UserId::new(), "b", 0);
    let mut c = request(UserId::new(), "c", 0);
    for request in [&mut a, &mut b, &mut c] {
        request.number = Some(900);
    }
    store.project_requests(&[stored(&a), stored(&b)]).await.unwrap();
    store.project_requests(&[stored(&c), stored(&a)]).await.unwrap();
    let mut numbers = Vec::new();
    for request in [&a, &b, &c] {
        numbers.push(detail(&store, request).await.message.number);
    }
    assert_eq!(numbers, [900, 1, 2]);
}

pub(crate) async fn hostile_text_is_kept(store: Store) {
    let wanted = request(UserId::new(), "a\0b'; DROP TABLE messages; -- \u{202e}😀", 0);
    store.project_requests(&[stored(&wanted)]).await.unwrap();
    let now = detail(&store, &wanted).await;
    assert_eq!(now.request, wanted, "the request is kept as it came");
    let Body::Text { text, .. } = now.message.body else { panic!() };
    assert_eq!(text, "a\u{fffd}b'; DROP TABLE messages; -- \u{202e}😀");
    let failed = MtChange::Failed { error: error("a\0b"), through: None, tries: 1 };
    store.project_events(&[mt(&wanted, 1, failed)]).await.unwrap();
    assert_eq!(detail(&store, &wanted).await.message.error.unwrap().code, "a\u{fffd}b");
    store.project_events(&[mo(received("Bank\0<b>", "<script>\0", 2), 2)]).await.unwrap();
    let reach = Reach::everything(OrgId::default_org());
    let inbox = store.inbox(reach, &store::InboxFilter::default(), store::Page::default()).await;
    let message = inbox.unwrap().messages.remove(0);
    assert_eq!(message.text.as_deref(), Some("<script>\u{fffd}"));
    assert_eq!(message.from.to_string(), "Bank\u{fffd}<b>");
}

pub(crate) async fn an_uncertain_resend_is_uncertain_again(store: Store) {
    let wanted = request(UserId::new(), "Halo", 0);
    store.project_requests(&[stored(&wanted)]).await.unwrap();
    let uncertain =
        || MtChange::Uncertain { error: error("port-lost"), through: through(), part: 1 };
    let events = [
        mt(&wanted, 1, sending(1, 1, 1)),
        mt(&wanted, 2, uncertain()),
        mt(&wanted, 3, sending(1, 1, 2)),
        mt(&wanted, 4, uncertain()),
    ];
    store.project_events(&events).await.unwrap();
    let now = detail(&store, &wanted).await;
    assert_eq!((now.message.state, now.timeline.len()), (MtState::Uncertain, 4));
    // The report of the message settles it.
    let last = store.project_events(&[report(wanted.id, 5, 1, 1, Delivered)]).await.unwrap();
    assert_eq!(last.outcomes[0].change.state(), MtState::Delivered);
}
