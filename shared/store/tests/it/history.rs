//! Messages of another gateway.

use contracts::{Address, MessageId, ModemId, MtState, PhoneNumber, SimId, UserId};
use store::{
    Cutoffs, Door, InboxFilter, MessageFilter, NewKey, Page, PastReceived, PastSent, Role,
    SecretHash, Store,
};

use crate::sample::{at, everything, new_user, request, store_all};

pub(crate) fn past_sent(name: &str, owner: UserId) -> PastSent {
    PastSent {
        id: MessageId::derived(name),
        number: None,
        owner,
        to: PhoneNumber::parse("+628123456789").unwrap(),
        text: format!("Halo {name}\0"),
        state: MtState::Delivered,
        created_at: at(-900),
        updated_at: at(-800),
    }
}

pub(crate) fn past_received(name: &str, owner: Option<UserId>) -> PastReceived {
    PastReceived {
        id: MessageId::derived(name),
        number: None,
        owner,
        from: Address::from_text("BANK"),
        to: PhoneNumber::parse("+62811").ok(),
        text: "Kode".to_owned(),
        sim: SimId::derived("old"),
        modem: ModemId::derived("old"),
        received_at: at(-700),
    }
}

pub(crate) async fn what_another_gateway_did_is_brought_once(store: Store) {
    let ani = store.create_user(everything(), &new_user("ani", Role::User), at(0)).await.unwrap();
    let states = [MtState::Delivered, MtState::Sent, MtState::Failed, MtState::Cancelled];
    let sent: Vec<PastSent> = states
        .into_iter()
        .map(|state| PastSent { state, ..past_sent(state.as_str(), ani.id) })
        .collect();
    let received = [past_received("a", Some(ani.id)), past_received("b", None)];
    let bring = async || {
        store.import_history(everything(), "playSMS", &sent, &received, at(1)).await.unwrap()
    };
    assert_eq!(bring().await, 6);
    assert_eq!(bring().await, 0, "a second run");
    let page = Page::default();
    let found =
        store.messages(ani.reach(), &MessageFilter::default(), page).await.unwrap().messages;
    assert_eq!(found.len(), 4);
    for message in &found {
        assert_eq!(message.imported_from.as_deref(), Some("playSMS"));
        assert_eq!((message.created_at, message.updated_at), (at(-900), at(-800)));
        assert!(states.contains(&message.state) && message.pending.is_none(), "{message:?}");
        let detail = store.message_detail(ani.reach(), message.id).await.unwrap().unwrap();
        assert_eq!((detail.timeline.len(), detail.request.owner), (0, ani.id));
    }
    let inbox = store.inbox(ani.reach(), &InboxFilter::default(), page).await.unwrap().messages;
    assert_eq!((inbox.len(), inbox[0].imported_from.as_deref()), (1, Some("playSMS")));
    let all = store.inbox(everything(), &InboxFilter::default(), page).await.unwrap().messages;
    assert_eq!(all.len(), 2, "what is nobody's is read by administrators");
    // Nothing waits, is due, or is looked for.
    assert_eq!(store.next_due().await.unwrap(), None);
    assert_eq!(store.next_end().await.unwrap(), None);
    let before = Cutoffs { messages: Some(at(0)), ..Cutoffs::default() };
    assert_eq!(
        store.remove_old(&before, 10).await.unwrap().messages,
        4,
        "they grow old as others do"
    );

    // What is still under way is no history, and nobody brings any for a stranger.
    let waits = PastSent { state: MtState::Held, ..past_sent("x", ani.id) };
    assert!(store.import_history(everything(), "x", &[waits], &[], at(1)).await.is_err());
    let stranger = past_sent("x", UserId::new());
    assert!(store.import_history(everything(), "x", &[stranger], &[], at(1)).await.is_err());
    let nobody = past_sent("x", UserId::internal());
    assert_eq!(store.import_history(everything(), "x", &[nobody], &[], at(1)).await.unwrap(), 1);
}

pub(crate) async fn numbers_of_another_gateway_are_kept_where_they_are_free(store: Store) {
    let ani = store.create_user(everything(), &new_user("ani", Role::User), at(0)).await.unwrap();
    let own = request(ani.id, "own", 1);
    store_all(&store, &[&own]).await;
    let number_of =
        async |id: MessageId| store.message(everything(), id).await.unwrap().unwrap().number;
    let taken = number_of(own.id.unwrap()).await;
    let numbered = |name: &str, number| PastSent { number, ..past_sent(name, ani.id) };
    let sent = [
        numbered("taken", Some(taken)),
        numbered("free", Some(5_000)),
        numbered("again", Some(5_000)),
        numbered("none", None),
    ];
    let received = [PastReceived { number: Some(5_000), ..past_received("r", None) }];
    store.import_history(everything(), "playSMS", &sent, &received, at(2)).await.unwrap();
    assert_eq!(number_of(sent[1].id).await, 5_000);
    for other in [0, 2, 3] {
        assert!(number_of(sent[other].id).await > 5_000);
    }
    let read = store.received(everything(), received[0].id).await.unwrap().unwrap();
    assert_eq!(read.number, 5_000, "received messages are counted for themselves");
    assert!(store.reserve_numbers(1).await.unwrap().start > 5_000);
}

pub(crate) async fn an_old_password_is_good_until_another_is_set(store: Store) {
    let ani = store.create_user(everything(), &new_user("ani", Role::User), at(0)).await.unwrap();
    let key = NewKey {
        owner: ani.id,
        name: "playSMS".to_owned(),
        prefix: "mrp_x".to_owned(),
        secret: SecretHash::of("x"),
        scopes: "all:any".to_owned(),
        allowed: String::new(),
        expires_at: None,
    };
    let passwords = [Door::PlaySms, Door::PlaySmsPassword].map(|door| (door, format!("{door:?}")));
    store.create_key_with_passwords(ani.reach(), &key, &passwords, at(1)).await.unwrap().unwrap();
    let hash = async |door| store.door_password(door, "ANI").await.unwrap().map(|one| one.hash);
    assert_eq!(hash(Door::PlaySms).await.as_deref(), Some("PlaySms"));
    assert_eq!(hash(Door::PlaySmsPassword).await.as_deref(), Some("PlaySmsPassword"));
    store.set_password(ani.reach(), ani.id, Some("$argon2id$"), at(2)).await.unwrap();
    assert_eq!(hash(Door::PlaySmsPassword).await, None);
    assert_eq!(hash(Door::PlaySms).await.as_deref(), Some("PlaySms"), "programs go on");
    assert_eq!(hash(Door::Kannel).await, None);
}
