//! The inbox: who reads what, and messages whose parts come late.

use contracts::config_kv::Access;
use contracts::{Address, OrgId, SimId, UserId};
use store::{Cursor, InboxFilter, NewUser, Page, Reach, Role, SimChange, Store, StoredEvent};

use crate::sample::{at, everything, mo, org, received};

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
    let texts = async |reach, filter: InboxFilter, page| {
        let found = store.inbox(reach, &filter, page).await.unwrap();
        found.messages.into_iter().map(|message| message.text.unwrap()).collect::<Vec<_>>()
    };
    let all = InboxFilter::default;
    let page = Page::default();
    assert_eq!(texts(Reach::everything(org()), all(), page).await, ["own", "shared"]);
    assert_eq!(texts(Reach::own(org(), ani), all(), page).await, ["own"]);
    assert_eq!(texts(Reach::own(org(), UserId::new()), all(), page).await, [""; 0]);
    let older = Page { before: Some(Cursor { at: own.received_at, id: own.id }), limit: 1 };
    assert_eq!(texts(Reach::everything(org()), all(), older).await, ["shared"]);
    let filter = InboxFilter { sim: Some(own.sim), ..all() };
    assert_eq!(texts(Reach::everything(org()), filter, page).await, ["own"]);
    let filter = InboxFilter { owner: Some(ani), ..all() };
    assert_eq!(texts(Reach::everything(org()), filter.clone(), page).await, ["own"]);
    assert_eq!(texts(Reach::own(org(), UserId::new()), filter, page).await, [""; 0]);
    let filter = InboxFilter { from: Some(Address::from_text("+62811")), ..all() };
    assert_eq!(texts(Reach::everything(org()), filter, page).await, ["shared"]);
    let filter = InboxFilter { since: Some(at(2)), ..all() };
    assert_eq!(texts(Reach::everything(org()), filter, page).await, ["own"]);
    let filter = InboxFilter { until: Some(at(2)), ..all() };
    assert_eq!(texts(Reach::everything(org()), filter, page).await, ["shared"]);
    let number = store.received(Reach::everything(org()), own.id).await.unwrap().unwrap().number;
    let filter = InboxFilter { numbers: Some(number..=number), ..all() };
    assert_eq!(texts(Reach::everything(org()), filter, page).await, ["own"]);

    let one = store.received(Reach::own(org(), ani), own.id).await.unwrap().unwrap();
    assert_eq!((one.from, one.pdus, one.smsc_at), (own.from, own.pdus, own.smsc_at));
    assert_eq!((one.sim, one.modem, one.received_at), (own.sim, own.modem, own.received_at));
    assert_eq!(store.received(Reach::own(org(), UserId::new()), own.id).await.unwrap(), None);
    assert_eq!(store.received(Reach::everything(org()), abroad.id).await.unwrap(), None);
}

/// A one-time code that came to a SIM is for administrators and for the accounts that the SIM's settings let read it.
/// The rule stands once in SQL and once for what happens live, and both say the same.
pub(crate) async fn who_reads_what_belongs_to_nobody(store: Store) {
    let code = received("BANK", "Your code is 123456", 1);
    let mut own = received("+62812", "own", 2);
    let user = async |name: &str, role| {
        let (name, password_hash, language) = (name.to_owned(), None, None);
        let new = NewUser { name, password_hash, role, language };
        store.create_user(everything(), &new, at(0)).await.unwrap()
    };
    let (ani, budi) = (user("ani", Role::User).await, user("budi", Role::User).await);
    let (program, boss) = (user("shop", Role::Service).await, user("boss", Role::Admin).await);
    own.owner = Some(ani.id);
    store.project_events(&[mo(code.clone(), 1), mo(own.clone(), 2)]).await.unwrap();
    let readers = |readers| SimChange { readers: Some(readers), ..SimChange::default() };
    for (change, who) in [
        (None, vec![&boss]),
        (Some(readers(Access::only([budi.id]))), vec![&boss, &budi]),
        (Some(readers(Access::only([program.id]))), vec![&boss, &program]),
        (Some(readers(Access::everybody())), vec![&boss, &ani, &budi, &program]),
        (Some(readers(Access::default())), vec![&boss]),
        // An account that may send through a SIM does not read what comes to it.
        (
            Some(SimChange { senders: Some(Access::everybody()), ..SimChange::default() }),
            vec![&boss],
        ),
    ] {
        if let Some(change) = change {
            store.change_sim(everything(), code.sim, &change, at(3)).await.unwrap();
        }
        let sim = store.sim(everything(), code.sim).await.unwrap();
        for user in [&ani, &budi, &program, &boss] {
            let (reach, reads) = (user.reach(), who.contains(&user));
            let name = &user.name;
            let found = store.received(reach, code.id).await.unwrap();
            assert_eq!(found.is_some(), reads, "{name} {sim:?}");
            assert_eq!(reach.reads(org(), None, &sim), reads, "{name} {sim:?}");
            let list = store.inbox(reach, &InboxFilter::default(), Page::default()).await.unwrap();
            assert_eq!(list.messages.iter().any(|m| m.id == code.id), reads, "{name} {sim:?}");
            let owns = user.id == ani.id || user.id == boss.id;
            assert_eq!(list.messages.iter().any(|m| m.id == own.id), owns, "{name} {sim:?}");
            assert_eq!(reach.reads(org(), Some(ani.id), &sim), owns, "{name}");
        }
        let abroad = OrgId::derived("abroad");
        for reach in [Reach::everything(abroad), Reach::own(abroad, budi.id)] {
            assert_eq!(store.received(reach, code.id).await.unwrap(), None);
            assert!(!reach.reads(org(), None, &sim));
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
        store.received(Reach::everything(org()), partial.id).await.unwrap().unwrap()
    };
    let before = text(&[mo(partial.clone(), 1)]).await;
    assert_eq!((before.missing.as_slice(), before.parts), ([2, 3].as_slice(), 3));
    assert_eq!((before.ports, before.class), (Some((2948, 9200)), Some(1)));
    let after = text(&[mo(whole.clone(), 2)]).await;
    assert_eq!((after.text.clone(), after.number), (whole.text, before.number));
    assert_eq!(after.missing, Vec::<u8>::new());
    assert_eq!(text(&[mo(partial.clone(), 3)]).await, after);
}
