//! Deleting what is old.

use contracts::UserId;
use store::{ConversationFilter, Cutoffs, MessageFilter, Page, Reach, Reader, Removed, Store};

use crate::sample::{at, held, mo, mt, org, received, report, request, sent, store_all};

pub(crate) async fn old_rows_are_removed(store: Store) {
    let requests = [
        request(UserId::new(), "sent", 1),
        request(UserId::new(), "also sent", 2),
        request(UserId::new(), "waiting", 1),
        request(UserId::new(), "recent", 1),
    ];
    store_all(&store, &requests.iter().collect::<Vec<_>>()).await;
    let events = [
        mt(&requests[0], 1, sent(&[1])),
        mt(&requests[1], 2, sent(&[1])),
        mt(&requests[2], 3, held(at(9000), 1)),
        mt(&requests[3], 500, sent(&[1])),
        report(requests[0].id, 5, 1, 1, contracts::dlr::DlrOutcome::Delivered),
        mo(received("+62811", "old", 6), 6),
        mo(received("+62811", "new", 600), 7),
    ];
    store.project_events(&events).await.unwrap();
    let nothing = store.remove_old(&Cutoffs::default(), 10).await.unwrap();
    assert_eq!(nothing, Removed::default());
    let cutoffs = Cutoffs { messages: Some(at(100)), ..Cutoffs::default() };
    let removed = store.remove_old(&cutoffs, 1).await.unwrap();
    assert_eq!(removed, Removed { messages: 1, received: 1, threads: 1, ..Removed::default() });
    let removed = store.remove_old(&cutoffs, 1).await.unwrap();
    assert_eq!(removed, Removed { messages: 1, threads: 1, ..Removed::default() });
    // Of what is deleted each account wrote to the number, and so did anybody. What waits, and what went out late, stays in the
    // lists.
    let mut threads = 2;
    loop {
        let removed = store.remove_old(&cutoffs, 1).await.unwrap();
        assert_eq!(removed.total(), removed.threads);
        if removed.threads == 0 {
            break;
        }
        threads += removed.threads;
    }
    assert_eq!(threads, 3);
    for (of, listed) in requests.iter().zip([0, 0, 1, 1]) {
        let reader = Reader { account: of.owner, sent: true, names: false };
        let own = Reach::own(org(), of.owner);
        let filter = ConversationFilter::default();
        let page = store.conversations(own, reader, filter, Page::default()).await.unwrap();
        assert_eq!(page.conversations.len(), listed);
    }
    // The lines of deleted messages are gone with them. Of the other two lines one is old and one is recent.
    let cutoffs = Cutoffs { timeline: Some(at(100)), ..Cutoffs::default() };
    let removed = store.remove_old(&cutoffs, 10).await.unwrap();
    assert_eq!(removed, Removed { lines: 1, reports: 1, ..Removed::default() });
    let reach = Reach::everything(org());
    let left = store.messages(reach, &MessageFilter::default(), Page::default()).await.unwrap();
    let left: Vec<_> = left.messages.iter().map(|message| Some(message.id)).collect();
    assert_eq!(left.len(), 2);
    assert!(left.contains(&requests[2].id) && left.contains(&requests[3].id));
}
