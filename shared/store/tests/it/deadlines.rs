//! Holds, ends, and modems of which nothing is heard.

use contracts::mt::{Gate, MtChange, MtRequest};
use contracts::{MtState, UserId};
use store::{Reach, Store, StoredEvent};

use crate::sample::{
    admitted, at, error, held, mt, org, request, sending, sent, store_all, through,
};

pub(crate) async fn held_messages_are_due_once(store: Store) {
    let requests = [request(UserId::new(), "a", 1), request(UserId::new(), "b", 2)];
    store_all(&store, &requests.iter().collect::<Vec<_>>()).await;
    // The second hold says round 0 by mistake. Its message is requested as round 1 all the same.
    let events = [
        mt(&requests[0], 1, admitted(1)),
        mt(&requests[0], 2, held(at(100), 1)),
        mt(&requests[1], 3, held(at(50), 0)),
    ];
    assert_eq!(store.project_events(&events).await.unwrap().due, Some(at(50)));
    assert_eq!(store.next_due().await.unwrap(), Some(at(50)));
    assert_eq!(store.due(at(49), 10).await.unwrap(), []);
    let due = store.due(at(100), 10).await.unwrap();
    assert_eq!(
        due.iter().map(|held| Some(held.id)).collect::<Vec<_>>(),
        [requests[1].id, requests[0].id]
    );
    let expected = MtRequest { round: 1, tries: 2, ..requests[1].clone() };
    assert_eq!(due[0].request, expected);
    assert!(!due[0].is_over(at(100)));
    assert_eq!(store.due(at(100), 1).await.unwrap(), due[..1]);
    store.settle_due(&due[..1]).await.unwrap();
    assert_eq!(store.next_due().await.unwrap(), Some(at(100)));
    // While a message waits, its request says what for.
    let pending = async || {
        let message = store.message(Reach::everything(org()), requests[0].id.unwrap()).await;
        message.unwrap().unwrap().pending.map(|request| *request)
    };
    assert_eq!(pending().await, Some(requests[0].clone()));
    // A message that is cancelled while it is held is not due any more.
    let cancelled = MtChange::Cancelled { by: None };
    store.project_events(&[mt(&requests[0], 4, cancelled)]).await.unwrap();
    assert_eq!(pending().await, None);
    assert_eq!(store.next_due().await.unwrap(), None);
    assert_eq!(store.due(at(1000), 10).await.unwrap(), []);
}

pub(crate) async fn what_was_given_to_modems_before_counts_no_more(store: Store) {
    let requests = [request(UserId::new(), "a", 1), request(UserId::new(), "b", 2)];
    store_all(&store, &requests.iter().collect::<Vec<_>>()).await;
    let handed_over = |until| MtChange::Held { gate: Gate::Route, until, tries: 0, round: 1 };
    let events = [
        mt(&requests[0], 1, MtChange::RELEASED),
        mt(&requests[0], 2, handed_over(at(50))),
        mt(&requests[1], 3, admitted(1)),
        mt(&requests[1], 4, handed_over(at(51))),
    ];
    store.project_events(&events).await.unwrap();
    let due = store.due(at(100), 10).await.unwrap();
    let counted: Vec<_> = due.iter().map(|due| (Some(due.id), due.request.counted)).collect();
    assert_eq!(counted, [(requests[0].id, true), (requests[1].id, false)]);
    assert!(due[0].request.is_counted() && !due[1].request.is_counted());
}

pub(crate) async fn a_held_message_is_over_at_its_end(store: Store) {
    let mut wanted = request(UserId::new(), "a", 1);
    wanted.not_after = Some(at(30));
    store_all(&store, &[&wanted]).await;
    let projected = store.project_events(&[mt(&wanted, 1, held(at(100), 1))]).await.unwrap();
    assert_eq!(projected.due, Some(at(30)));
    let due = store.due(at(30), 10).await.unwrap();
    assert!(due[0].is_over(at(30)));
    let now = store.message(Reach::everything(org()), wanted.id.unwrap()).await.unwrap().unwrap();
    assert_eq!(now.held_until, Some(at(100)), "people are told what the hold says");
}

pub(crate) async fn what_a_modem_has_is_found_when_nothing_is_heard_of_it(store: Store) {
    let requests = [1, 2, 3].map(|n| request(UserId::new(), "a", n));
    store_all(&store, &requests.iter().collect::<Vec<_>>()).await;
    assert_eq!(store.next_unheard().await.unwrap(), None);
    let events = [
        mt(&requests[0], 10, sending(1, 2, 1)),
        mt(&requests[1], 20, sending(1, 1, 1)),
        mt(&requests[2], 30, sending(1, 1, 1)),
        mt(&requests[0], 40, sending(2, 2, 1)),
        mt(&requests[2], 50, sent(&[1])),
    ];
    store.project_events(&events).await.unwrap();
    assert_eq!(store.next_unheard().await.unwrap(), Some(at(20)));
    assert_eq!(store.unheard(at(19), 10).await.unwrap(), []);
    let unheard = store.unheard(at(40), 10).await.unwrap();
    let found: Vec<_> = unheard.iter().map(|one| (Some(one.message), one.part)).collect();
    assert_eq!(found, [(requests[1].id, 1), (requests[0].id, 2)], "the longest silent first");
    assert_eq!((unheard[0].owner, unheard[0].through), (requests[1].owner, through()));
    assert_eq!(store.unheard(at(40), 1).await.unwrap(), unheard[..1]);
    // Persistence tells that these are uncertain. What a driver says later is right.
    let uncertain =
        |n| MtChange::Uncertain { error: error("unheard"), through: through(), part: n };
    let told = [mt(&requests[0], 60, uncertain(2)), mt(&requests[1], 61, uncertain(1))];
    store.project_events(&told).await.unwrap();
    assert_eq!(store.next_unheard().await.unwrap(), None);
    let late = [mt(&requests[0], 70, sent(&[1, 2])), mt(&requests[1], 71, sending(1, 1, 2))];
    store.project_events(&late).await.unwrap();
    assert_eq!(store.next_unheard().await.unwrap(), Some(at(71)));
}

pub(crate) async fn what_modems_were_to_take_is_found_page_by_page(store: Store) {
    let requests = [1, 2, 3, 4, 5, 6].map(|n| request(UserId::new(), "a", n));
    store_all(&store, &requests[..5].iter().collect::<Vec<_>>()).await;
    let events = [
        mt(&requests[0], 10, MtChange::RELEASED),
        // Two in one moment.
        mt(&requests[1], 20, MtChange::RELEASED),
        StoredEvent { sequence: 21, ..mt(&requests[2], 20, MtChange::RELEASED) },
        mt(&requests[3], 30, sending(1, 1, 1)),
        mt(&requests[4], 40, MtChange::RELEASED),
        // Of this one no request came yet.
        mt(&requests[5], 15, MtChange::RELEASED),
    ];
    store.project_events(&events).await.unwrap();
    let mut found = Vec::new();
    let mut last = None;
    loop {
        let page = store.silent(at(39), last.as_ref(), 1).await.unwrap();
        assert!(page.len() <= 1);
        let Some(one) = page.into_iter().next() else { break };
        found.push(one.message);
        last = Some(one);
    }
    let mut alike = [requests[1].id.unwrap(), requests[2].id.unwrap()];
    alike.sort_by_key(ToString::to_string);
    assert_eq!(found, [requests[0].id.unwrap(), alike[0], alike[1]]);
}

pub(crate) async fn a_request_come_again_settles_its_hold(store: Store) {
    let wanted = request(UserId::new(), "a", 1);
    store_all(&store, &[&wanted]).await;
    store.project_events(&[mt(&wanted, 1, held(at(100), 2))]).await.unwrap();
    let again = |round| MtRequest { round, ..wanted.clone() };
    store_all(&store, &[&again(1)]).await;
    assert_eq!(store.next_due().await.unwrap(), Some(at(100)), "an older round");
    store_all(&store, &[&again(2)]).await;
    assert_eq!(store.next_due().await.unwrap(), None);
    let now =
        store.message_detail(Reach::everything(org()), wanted.id.unwrap()).await.unwrap().unwrap();
    assert_eq!((now.message.state, now.request), (MtState::Held, wanted));
}
