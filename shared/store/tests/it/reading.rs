//! Lists, scopes, holds, retention.

use contracts::config_kv::Access;
use contracts::mt::{MtChange, MtRequest};
use contracts::{Address, MtState, OrgId, SimId, UserId};
use store::{
    Cursor, Cutoffs, InboxFilter, MessageFilter, NewUser, Page, Removed, Role, Scope, SimChange,
    Store, StoredEvent,
};

use crate::sample::{
    admitted, at, error, held, mo, mt, org, received, report, request, sending, sent, stored,
    through,
};

async fn store_all(store: &Store, requests: &[&MtRequest]) {
    let requests: Vec<_> = requests.iter().map(|request| stored(request)).collect();
    store.project_requests(&requests).await.unwrap();
}

pub(crate) async fn lists_go_newest_first_in_pages(store: Store) {
    let owner = UserId::new();
    // Two at one moment, to be told apart by id.
    let requests: Vec<_> = [5, 1, 3, 3, 2].iter().map(|s| request(owner, "Halo", *s)).collect();
    store_all(&store, &requests.iter().collect::<Vec<_>>()).await;
    let scope = Scope::all(org());
    let mut seen = Vec::new();
    let mut page = Page { before: None, limit: 2 };
    loop {
        let found = store.messages(scope, &MessageFilter::default(), page).await.unwrap();
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
        store.messages(scope, &filter, Page::default()).await.unwrap().messages.len()
    };
    let states = vec![MtState::Sent, MtState::Failed];
    assert_eq!(count(MessageFilter { states, ..MessageFilter::default() }).await, 1);
    assert_eq!(count(MessageFilter { since: Some(at(3)), ..MessageFilter::default() }).await, 3);
    let to = contracts::PhoneNumber::parse("+62800000").ok();
    assert_eq!(count(MessageFilter { to, ..MessageFilter::default() }).await, 0);
    let to = Some(requests[0].to.clone());
    assert_eq!(count(MessageFilter { to, ..MessageFilter::default() }).await, 5);
    // A place stays good when its row is gone, and when there never was one.
    let nowhere = Cursor { at: at(3), id: "msg_ffffffffffffffffffffffffffffffff".parse().unwrap() };
    let page = Page { before: Some(nowhere), limit: 5 };
    let found = store.messages(scope, &MessageFilter::default(), page).await.unwrap().messages;
    let found: Vec<_> = found.iter().map(|message| (message.created_at, message.id)).collect();
    assert_eq!(found, expected[1..]);
}

pub(crate) async fn nobody_reads_what_is_not_theirs(store: Store) {
    let (ani, budi) = (UserId::new(), UserId::new());
    let abroad = OrgId::derived("abroad");
    let (a, b) = (request(ani, "a", 1), request(budi, "b", 2));
    let mut c = request(ani, "c", 3);
    c.org = abroad;
    store_all(&store, &[&a, &b, &c]).await;
    for (scope, visible) in [
        (Scope::all(org()), vec![&b, &a]),
        (Scope::user(org(), ani), vec![&a]),
        (Scope::user(org(), budi), vec![&b]),
        (Scope::all(abroad), vec![&c]),
        (Scope::user(abroad, ani), vec![&c]),
        (Scope::user(abroad, budi), vec![]),
    ] {
        let list = store.messages(scope, &MessageFilter::default(), Page::default()).await.unwrap();
        let ids: Vec<_> = list.messages.iter().map(|message| Some(message.id)).collect();
        assert_eq!(ids, visible.iter().map(|request| request.id).collect::<Vec<_>>());
        for request in [&a, &b, &c] {
            let id = request.id.unwrap();
            let may = visible.contains(&request);
            assert_eq!(store.message(scope, id).await.unwrap().is_some(), may, "{scope:?}");
            assert_eq!(store.message_detail(scope, id).await.unwrap().is_some(), may);
        }
    }
    // A place in a list of another organisation shows nothing of it.
    let before = Some(Cursor { at: c.created_at.unwrap(), id: c.id.unwrap() });
    let page = Page { before, limit: 5 };
    let list = store.messages(Scope::all(org()), &MessageFilter::default(), page).await.unwrap();
    assert!(list.messages.iter().all(|message| message.org == org()));
}

pub(crate) async fn the_inbox_is_shared_or_owned(store: Store) {
    let ani = UserId::new();
    let shared = received("+62811", "shared", 1);
    let mut own = received("+62812", "own", 2);
    own.owner = Some(ani);
    own.sim = SimId::derived("other");
    let mut abroad = received("+62813", "abroad", 3);
    abroad.org = OrgId::derived("abroad");
    let events = [mo(shared.clone(), 1), mo(own.clone(), 2), mo(abroad.clone(), 3)];
    store.project_events(&events).await.unwrap();
    let texts = async |scope, filter: InboxFilter, page| {
        let found = store.inbox(scope, &filter, page).await.unwrap();
        found.messages.into_iter().map(|message| message.text.unwrap()).collect::<Vec<_>>()
    };
    let all = InboxFilter::default;
    let page = Page::default();
    assert_eq!(texts(Scope::all(org()), all(), page).await, ["own", "shared"]);
    assert_eq!(texts(Scope::user(org(), ani), all(), page).await, ["own"]);
    assert_eq!(texts(Scope::user(org(), UserId::new()), all(), page).await, [""; 0]);
    let older = Page { before: Some(Cursor { at: own.received_at, id: own.id }), limit: 1 };
    assert_eq!(texts(Scope::all(org()), all(), older).await, ["shared"]);
    let filter = InboxFilter { sim: Some(own.sim), ..all() };
    assert_eq!(texts(Scope::all(org()), filter, page).await, ["own"]);
    let filter = InboxFilter { from: Some(Address::from_text("+62811")), ..all() };
    assert_eq!(texts(Scope::all(org()), filter, page).await, ["shared"]);
    let filter = InboxFilter { since: Some(at(2)), ..all() };
    assert_eq!(texts(Scope::all(org()), filter, page).await, ["own"]);

    let one = store.received(Scope::user(org(), ani), own.id).await.unwrap().unwrap();
    assert_eq!((one.from, one.pdus, one.smsc_at), (own.from, own.pdus, own.smsc_at));
    assert_eq!((one.sim, one.modem, one.received_at), (own.sim, own.modem, own.received_at));
    assert_eq!(store.received(Scope::user(org(), UserId::new()), own.id).await.unwrap(), None);
    assert_eq!(store.received(Scope::all(org()), abroad.id).await.unwrap(), None);
}

/// A one-time code that came to a SIM is for administrators, and for whom the SIM's settings let: one rule, in SQL and
/// for what happens live.
pub(crate) async fn who_reads_what_belongs_to_nobody(store: Store) {
    let code = received("BANK", "Your code is 123456", 1);
    let mut own = received("+62812", "own", 2);
    let user = async |name: &str, role| {
        let (name, password_hash, language) = (name.to_owned(), None, None);
        let new = NewUser { org: org(), name, password_hash, role, language };
        store.create_user(&new, at(0)).await.unwrap()
    };
    let (ani, budi) = (user("ani", Role::User).await, user("budi", Role::User).await);
    let (program, boss) = (user("shop", Role::Service).await, user("boss", Role::Admin).await);
    own.owner = Some(ani.id);
    store.project_events(&[mo(code.clone(), 1), mo(own.clone(), 2)]).await.unwrap();
    let readers = |readers| SimChange { senders: None, readers: Some(readers) };
    for (change, who) in [
        (None, vec![&boss]),
        (Some(readers(Access::only([budi.id]))), vec![&boss, &budi]),
        (Some(readers(Access::only([program.id]))), vec![&boss, &program]),
        (Some(readers(Access::everybody())), vec![&boss, &ani, &budi, &program]),
        (Some(readers(Access::default())), vec![&boss]),
        // Who may send through a SIM does not read it.
        (Some(SimChange { senders: Some(Access::everybody()), readers: None }), vec![&boss]),
    ] {
        if let Some(change) = change {
            store.change_sim(org(), code.sim, &change, at(3)).await.unwrap();
        }
        let sim = store.sim(code.sim).await.unwrap();
        for user in [&ani, &budi, &program, &boss] {
            let (scope, reads) = (user.scope(), who.contains(&user));
            let name = &user.name;
            let found = store.received(scope, code.id).await.unwrap();
            assert_eq!(found.is_some(), reads, "{name} {sim:?}");
            assert_eq!(scope.reads(org(), None, &sim), reads, "{name} {sim:?}");
            let list = store.inbox(scope, &InboxFilter::default(), Page::default()).await.unwrap();
            assert_eq!(list.messages.iter().any(|m| m.id == code.id), reads, "{name} {sim:?}");
            let owns = user.id == ani.id || user.id == boss.id;
            assert_eq!(list.messages.iter().any(|m| m.id == own.id), owns, "{name} {sim:?}");
            assert_eq!(scope.reads(org(), Some(ani.id), &sim), owns, "{name}");
        }
        let abroad = OrgId::derived("abroad");
        for scope in [Scope::all(abroad), Scope::user(abroad, budi.id)] {
            assert_eq!(store.received(scope, code.id).await.unwrap(), None);
            assert!(!scope.reads(org(), None, &sim));
        }
    }
}

pub(crate) async fn a_fuller_message_takes_the_place(store: Store) {
    let mut partial = received("+62811", "first … ", 1);
    partial.parts = 3;
    partial.missing = vec![2, 3];
    partial.ports = Some((2948, 9200));
    partial.class = Some(1);
    let whole = contracts::mo::MoReceived {
        text: Some("first and second and third".to_owned()),
        missing: Vec::new(),
        ..partial.clone()
    };
    let text = async |events: &[StoredEvent]| {
        store.project_events(events).await.unwrap();
        store.received(Scope::all(org()), partial.id).await.unwrap().unwrap()
    };
    let before = text(&[mo(partial.clone(), 1)]).await;
    assert_eq!((before.missing.as_slice(), before.parts), ([2, 3].as_slice(), 3));
    assert_eq!((before.ports, before.class), (Some((2948, 9200)), Some(1)));
    let after = text(&[mo(whole.clone(), 2)]).await;
    assert_eq!((after.text.clone(), after.number), (whole.text, before.number));
    assert_eq!(after.missing, Vec::<u8>::new());
    assert_eq!(text(&[mo(partial.clone(), 3)]).await, after);
}

pub(crate) async fn held_messages_are_due_once(store: Store) {
    let requests = [request(UserId::new(), "a", 1), request(UserId::new(), "b", 2)];
    store_all(&store, &requests.iter().collect::<Vec<_>>()).await;
    // The second says round 0 by mistake: it is requested as round 1 all the same.
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
    // While it waits, its request says what for.
    let pending = async || {
        let message = store.message(Scope::all(org()), requests[0].id.unwrap()).await;
        message.unwrap().unwrap().pending.map(|request| *request)
    };
    assert_eq!(pending().await, Some(requests[0].clone()));
    // Cancelled while it is held: not due any more.
    let cancelled = MtChange::Cancelled { by: None };
    store.project_events(&[mt(&requests[0], 4, cancelled)]).await.unwrap();
    assert_eq!(pending().await, None);
    assert_eq!(store.next_due().await.unwrap(), None);
    assert_eq!(store.due(at(1000), 10).await.unwrap(), []);
}

pub(crate) async fn a_held_message_is_over_at_its_end(store: Store) {
    let mut wanted = request(UserId::new(), "a", 1);
    wanted.not_after = Some(at(30));
    store_all(&store, &[&wanted]).await;
    let projected = store.project_events(&[mt(&wanted, 1, held(at(100), 1))]).await.unwrap();
    assert_eq!(projected.due, Some(at(30)));
    let due = store.due(at(30), 10).await.unwrap();
    assert!(due[0].is_over(at(30)));
    let now = store.message(Scope::all(org()), wanted.id.unwrap()).await.unwrap().unwrap();
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
    // As persistence tells it; what a driver says later is right.
    let uncertain =
        |n| MtChange::Uncertain { error: error("unheard"), through: through(), part: n };
    let told = [mt(&requests[0], 60, uncertain(2)), mt(&requests[1], 61, uncertain(1))];
    store.project_events(&told).await.unwrap();
    assert_eq!(store.next_unheard().await.unwrap(), None);
    let late = [mt(&requests[0], 70, sent(&[1, 2])), mt(&requests[1], 71, sending(1, 1, 2))];
    store.project_events(&late).await.unwrap();
    assert_eq!(store.next_unheard().await.unwrap(), Some(at(71)));
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
    let now = store.message_detail(Scope::all(org()), wanted.id.unwrap()).await.unwrap().unwrap();
    assert_eq!((now.message.state, now.request), (MtState::Held, wanted));
}

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
    assert_eq!(removed, Removed { messages: 1, received: 1, ..Removed::default() });
    let removed = store.remove_old(&cutoffs, 1).await.unwrap();
    assert_eq!(removed, Removed { messages: 1, ..Removed::default() });
    assert_eq!(store.remove_old(&cutoffs, 1).await.unwrap().total(), 0);
    // The lines of messages that went are gone with them; one line is old, one is recent.
    let cutoffs = Cutoffs { timeline: Some(at(100)), ..Cutoffs::default() };
    let removed = store.remove_old(&cutoffs, 10).await.unwrap();
    assert_eq!(removed, Removed { lines: 1, reports: 1, ..Removed::default() });
    let scope = Scope::all(org());
    let left = store.messages(scope, &MessageFilter::default(), Page::default()).await.unwrap();
    let left: Vec<_> = left.messages.iter().map(|message| Some(message.id)).collect();
    assert_eq!(left.len(), 2);
    assert!(left.contains(&requests[2].id) && left.contains(&requests[3].id));
}
