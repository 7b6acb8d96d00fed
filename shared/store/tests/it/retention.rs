//! Deleting what is old.

use contracts::{Address, UserId};
use store::{
    ConversationChange, ConversationFilter, Cutoffs, MessageFilter, Page, Reach, Reader, Removed,
    Role, Store,
};

use crate::sample::{
    at, everything, held, mo, mt, new_user, org, received, report, request, sent, store_all,
};

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

pub(crate) async fn what_is_kept_of_a_conversation_goes_with_its_last_message(store: Store) {
    let boss = store.create_user(everything(), &new_user("boss", Role::Admin), at(0)).await;
    let boss = boss.unwrap();
    let reader = Reader { account: boss.id, sent: true, names: false };
    let numbers = ["+628110000001", "+628110000002", "+628110000003"];
    let times = [500, 500, 1];
    let events = numbers.iter().zip(times).map(|(from, time)| mo(received(from, "Halo", time), 1));
    store.project_events(&events.collect::<Vec<_>>()).await.unwrap();
    let archived = ConversationChange { archived: Some(true), ..ConversationChange::default() };
    for (number, seconds) in numbers.iter().zip(10..) {
        let (with, now) = (Address::from_text(number), at(seconds));
        let done = store.change_conversation(boss.reach(), reader, &with, archived, now).await;
        assert!(done.unwrap());
        let done = store.mute_conversation(boss.reach(), reader, &with, Some(now)).await;
        assert!(done.unwrap());
    }
    // Each time the oldest row of each kind is looked at, and no more of them. With the third number nobody speaks any more: its
    // two places in lists go, and then what was kept of it.
    let cutoffs = Cutoffs { messages: Some(at(100)), ..Cutoffs::default() };
    let mut removed = Vec::new();
    for _ in 0..4 {
        removed.push(store.remove_old(&cutoffs, 1).await.unwrap().threads);
    }
    assert_eq!(removed, [1, 1, 2, 0]);
    for number in &numbers[..2] {
        let with = Address::from_text(number);
        let heading = store.conversation_heading(boss.reach(), reader, &with).await.unwrap();
        assert!(heading.archived && heading.muted, "{number}");
    }
    // What is kept of each, its mute and its two places.
    let cutoffs = Cutoffs { messages: Some(at(1_000)), ..Cutoffs::default() };
    assert_eq!(store.remove_old(&cutoffs, 100).await.unwrap().threads, 8);
}
