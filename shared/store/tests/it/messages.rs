//! Messages to be sent: lists and scopes.

use contracts::mt::{MtChange, MtRequest};
use contracts::{BatchId, MessageId, MtState, OrgId, UserId};
use store::{Cursor, MessageFilter, Page, Reach, Store};

use crate::sample::{at, error, mt, org, request, sent, store_all};

pub(crate) async fn lists_go_newest_first_in_pages(store: Store) {
    let owner = UserId::new();
    // Two of the messages were accepted at one moment and are told apart by id.
    let requests: Vec<_> = [5, 1, 3, 3, 2].iter().map(|s| request(owner, "Halo", *s)).collect();
    store_all(&store, &requests.iter().collect::<Vec<_>>()).await;
    let reach = Reach::everything(org());
    let mut seen = Vec::new();
    let mut page = Page { before: None, limit: 2 };
    loop {
        let found = store.messages(reach, &MessageFilter::default(), page).await.unwrap();
        assert!(found.messages.len() <= 2);
        seen.extend(found.messages.iter().map(|message| (message.created_at, message.id)));
        match found.next {
            Some(next) => page.before = Some(next),
            None => break,
        }
    }
    let mut expected: Vec<_> =
        requests.iter().map(|request| (request.created_at.unwrap(), request.id.unwrap())).collect();
    expected.sort_unstable_by(|a, b| b.cmp(a));
    assert_eq!(seen, expected);

    store.project_events(&[mt(&requests[0], 9, sent(&[1]))]).await.unwrap();
    let count = async |filter: MessageFilter| {
        store.messages(reach, &filter, Page::default()).await.unwrap().messages.len()
    };
    let states = vec![MtState::Sent, MtState::Failed];
    assert_eq!(count(MessageFilter { states, ..MessageFilter::default() }).await, 1);
    assert_eq!(count(MessageFilter { since: Some(at(3)), ..MessageFilter::default() }).await, 3);
    assert_eq!(count(MessageFilter { until: Some(at(3)), ..MessageFilter::default() }).await, 2);
    let message = store.message(reach, requests[0].id.unwrap()).await.unwrap().unwrap();
    assert_eq!(count(MessageFilter { sim: message.sim, ..MessageFilter::default() }).await, 1);
    let number = async |request: &MtRequest| {
        store.message(reach, request.id.unwrap()).await.unwrap().unwrap().number
    };
    let (first, last) = (number(&requests[0]).await, number(&requests[4]).await);
    let numbered = |numbers| MessageFilter { numbers: Some(numbers), ..MessageFilter::default() };
    assert_eq!(count(numbered(first..=first)).await, 1);
    assert_eq!(count(numbered(last + 1..=i64::MAX)).await, 0);
    let third =
        MessageFilter { since: Some(at(3)), until: Some(at(4)), ..MessageFilter::default() };
    assert_eq!(count(third).await, 2);
    let to = contracts::PhoneNumber::parse("+62800000").ok();
    assert_eq!(count(MessageFilter { to, ..MessageFilter::default() }).await, 0);
    let to = Some(requests[0].to.clone());
    assert_eq!(count(MessageFilter { to, ..MessageFilter::default() }).await, 5);
    let of = |owner| MessageFilter { owner: Some(owner), ..MessageFilter::default() };
    assert_eq!((count(of(owner)).await, count(of(UserId::new())).await), (5, 0));
    // Who asks for what another one sends is given nothing that is out of reach.
    let other = Reach::own(org(), UserId::new());
    let found = store.messages(other, &of(owner), Page::default()).await.unwrap();
    assert!(found.messages.is_empty());
    // A place stays good when its row is gone, and when there never was one.
    let nowhere = Cursor { at: at(3), id: "msg_ffffffffffffffffffffffffffffffff".parse().unwrap() };
    let page = Page { before: Some(nowhere), limit: 5 };
    let found = store.messages(reach, &MessageFilter::default(), page).await.unwrap().messages;
    let found: Vec<_> = found.iter().map(|message| (message.created_at, message.id)).collect();
    assert_eq!(found, expected[1..]);
}

pub(crate) async fn lists_of_several_states_and_of_a_batch_go_newest_first(store: Store) {
    let (owner, batch) = (UserId::new(), BatchId::derived("promo"));
    let requests: Vec<_> = (0..12)
        .map(|n| MtRequest { batch: (n < 9).then_some(batch), ..request(owner, "Halo", n / 2) })
        .collect();
    store_all(&store, &requests.iter().collect::<Vec<_>>()).await;
    // One in three was sent, and one in three failed.
    let events = requests.iter().zip(9..).filter_map(|(request, sequence)| match sequence % 3 {
        0 => Some(mt(request, sequence, sent(&[1]))),
        1 => Some(mt(
            request,
            sequence,
            MtChange::Failed { error: error("cms-1"), through: None, tries: 1 },
        )),
        _ => None,
    });
    store.project_events(&events.collect::<Vec<_>>()).await.unwrap();
    let all: Vec<MessageId> = requests.iter().map(|request| request.id.unwrap()).collect();
    let states = store.message_states(Reach::own(org(), owner), &all).await.unwrap();
    assert_eq!(states.len(), all.len());
    for reach in [Reach::everything(org()), Reach::own(org(), owner)] {
        for (wanted, batch) in [
            (vec![MtState::Sent, MtState::Failed, MtState::Sent], None),
            (vec![MtState::Accepted, MtState::Failed], Some(batch)),
            (vec![MtState::Sent], Some(batch)),
            (vec![], Some(batch)),
        ] {
            let filter =
                MessageFilter { states: wanted.clone(), batch, ..MessageFilter::default() };
            let mut expected: Vec<_> = requests
                .iter()
                .filter(|request| batch.is_none() || request.batch == batch)
                .map(|request| (request.created_at.unwrap(), request.id.unwrap()))
                .filter(|(_, id)| wanted.is_empty() || wanted.contains(&states[id]))
                .collect();
            expected.sort_unstable_by(|a, b| b.cmp(a));
            let (mut seen, mut before) = (Vec::new(), None);
            loop {
                let page = Page { before, limit: 2 };
                let found = store.messages(reach, &filter, page).await.unwrap();
                seen.extend(found.messages.iter().map(|one| (one.created_at, one.id)));
                before = found.next;
                if before.is_none() {
                    break;
                }
            }
            assert_eq!(seen, expected, "{filter:?}");
        }
    }
    let nobody = Reach::own(org(), UserId::new());
    assert!(store.message_states(nobody, &all).await.unwrap().is_empty());
}

pub(crate) async fn nobody_reads_what_is_not_theirs(store: Store) {
    let (ani, budi) = (UserId::new(), UserId::new());
    let abroad = OrgId::derived("abroad");
    let (a, b) = (request(ani, "a", 1), request(budi, "b", 2));
    let mut c = request(ani, "c", 3);
    c.org = abroad;
    store_all(&store, &[&a, &b, &c]).await;
    for (reach, visible) in [
        (Reach::everything(org()), vec![&b, &a]),
        (Reach::own(org(), ani), vec![&a]),
        (Reach::own(org(), budi), vec![&b]),
        (Reach::everything(abroad), vec![&c]),
        (Reach::own(abroad, ani), vec![&c]),
        (Reach::own(abroad, budi), vec![]),
    ] {
        let list = store.messages(reach, &MessageFilter::default(), Page::default()).await.unwrap();
        let ids: Vec<_> = list.messages.iter().map(|message| Some(message.id)).collect();
        assert_eq!(ids, visible.iter().map(|request| request.id).collect::<Vec<_>>());
        for request in [&a, &b, &c] {
            let id = request.id.unwrap();
            let may = visible.contains(&request);
            assert_eq!(store.message(reach, id).await.unwrap().is_some(), may, "{reach:?}");
            assert_eq!(store.message_detail(reach, id).await.unwrap().is_some(), may);
        }
    }
    // A place in a list of another organisation shows nothing of it.
    let before = Some(Cursor { at: c.created_at.unwrap(), id: c.id.unwrap() });
    let page = Page { before, limit: 5 };
    let list =
        store.messages(Reach::everything(org()), &MessageFilter::default(), page).await.unwrap();
    assert!(list.messages.iter().all(|message| message.org == org()));
}
