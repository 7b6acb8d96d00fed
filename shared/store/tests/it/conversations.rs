//! Conversations: who has which, in which order, and what is unread of them.

use contracts::config_kv::Access;
use contracts::modem::{ModemEvent, ModemEventKind};
use contracts::mt::MtRequest;
use contracts::{Address, EventId, PhoneNumber, UserId};
use store::{
    Assignment, Colleague, Conversation, ConversationChange, ConversationFilter, Cursor, Cutoffs,
    Line, MOST_UNREAD, Page, PastReceived, Reach, Reader, Role, Shelf, SimChange, Store,
    StoredEvent, StoredEventBody, StoredRequest, User,
};

use crate::contacts::new_contact;
use crate::history::{past_received, past_sent};
use crate::sample::{at, everything, mo, new_user, received, request, store_all, stored, through};

async fn user(store: &Store, name: &str, role: Role) -> User {
    store.create_user(everything(), &new_user(name, role), at(0)).await.unwrap()
}

fn to(owner: UserId, number: &str, text: &str, seconds: i64) -> MtRequest {
    MtRequest { to: PhoneNumber::parse(number).unwrap(), ..request(owner, text, seconds) }
}

const fn reader(account: UserId) -> Reader {
    Reader { account, sent: true, names: true }
}

fn text(line: &Line) -> String {
    match line {
        Line::Sent(message) => match &message.body {
            contracts::mt::Body::Text { text, .. } => text.clone(),
            contracts::mt::Body::Data { data } => data.clone(),
        },
        Line::Received(message) => message.text.clone().unwrap_or_default(),
        Line::Missed(call) => format!("call of {}", call.from),
        Line::Note(note) => format!("note of {}: {}", note.by.name, note.text),
    }
}

/// With whom, the last text, and how much is unread.
fn shown(one: &Conversation) -> (String, String, u32) {
    (one.with.to_string(), text(&one.last), one.heading.unread)
}

async fn list(store: &Store, reach: Reach, account: UserId) -> Vec<(String, String, u32)> {
    list_of(store, reach, account, Shelf::Open).await
}

async fn list_of(
    store: &Store,
    reach: Reach,
    account: UserId,
    shelf: Shelf,
) -> Vec<(String, String, u32)> {
    let filter = ConversationFilter { search: None, shelf };
    let page = store.conversations(reach, reader(account), filter, Page::default()).await.unwrap();
    page.conversations.iter().map(shown).collect()
}

async fn lines(store: &Store, reach: Reach, with: &str) -> Vec<String> {
    let with = Address::from_text(with);
    // Whose marks count is nothing to what is shown.
    let reader = reader(UserId::internal());
    let page = store.conversation(reach, reader, &with, Page::default()).await.unwrap();
    page.lines.iter().map(text).collect()
}

fn row(with: &str, text: &str, unread: u32) -> (String, String, u32) {
    (with.to_owned(), text.to_owned(), unread)
}

pub(crate) async fn a_phone_is_one_conversation(store: Store) {
    let ani = user(&store, "ani", Role::User).await;
    let own = |from: &str, text: &str, seconds| {
        let mut message = received(from, text, seconds);
        message.owner = Some(ani.id);
        message
    };
    store_all(
        &store,
        &[
            &to(ani.id, "08123456789", "national", 1),
            &to(ani.id, "+61813456789", "elsewhere", 2),
            &to(ani.id, "+62813456789", "there", 3),
            &to(ani.id, "888", "code", 4),
        ],
    )
    .await;
    let events = [
        mo(own("+628123456789", "international", 5), 1),
        mo(own("BANK", "Your code", 6), 2),
        mo(own("", "from nobody", 7), 3),
    ];
    store.project_events(&events).await.unwrap();
    let expected = [
        row("BANK", "Your code", 1),
        row("+628123456789", "international", 1),
        row("888", "code", 0),
        row("+62813456789", "there", 0),
        row("+61813456789", "elsewhere", 0),
    ];
    assert_eq!(list(&store, ani.reach(), ani.id).await, expected);
    for writing in ["+628123456789", "08123456789"] {
        assert_eq!(lines(&store, ani.reach(), writing).await, ["international", "national"]);
    }
    // Two countries may have one number each that end alike.
    assert_eq!(lines(&store, ani.reach(), "+61813456789").await, ["elsewhere"]);
    assert_eq!(lines(&store, ani.reach(), "BANK").await, ["Your code"]);
    assert_eq!(lines(&store, ani.reach(), "bank").await, [""; 0]);
    // A fuller message takes the place of the last, told twice or not.
    store.project_events(&events).await.unwrap();
    assert_eq!(list(&store, ani.reach(), ani.id).await, expected);

    let page = |before| Page { before, limit: 2 };
    let (mut place, mut all) = (None, Vec::new());
    loop {
        let filter = ConversationFilter::default();
        let found = store.conversations(ani.reach(), reader(ani.id), filter, page(place)).await;
        let found = found.unwrap();
        all.extend(found.conversations.iter().map(shown));
        place = found.next;
        if place.is_none() {
            break;
        }
    }
    assert_eq!(all, expected);
    let mut place: Option<Cursor> = None;
    let mut all = Vec::new();
    let with = Address::from_text("+628123456789");
    loop {
        let one = Page { before: place, limit: 1 };
        let found = store.conversation(ani.reach(), reader(ani.id), &with, one).await.unwrap();
        all.extend(found.lines.iter().map(text));
        place = found.next;
        if place.is_none() {
            break;
        }
    }
    assert_eq!(all, ["international", "national"]);
}

pub(crate) async fn a_conversation_shows_what_its_reader_may_read(store: Store) {
    let ani = user(&store, "ani", Role::User).await;
    let budi = user(&store, "budi", Role::User).await;
    let shop = user(&store, "shop", Role::Service).await;
    let boss = user(&store, "boss", Role::Admin).await;
    store_all(
        &store,
        &[&to(ani.id, "+6281100001", "of ani", 1), &to(budi.id, "+6281100001", "of budi", 2)],
    )
    .await;
    let code = received("+6281100001", "to the SIM", 3);
    let mut own = received("+6281100001", "to ani", 4);
    own.owner = Some(ani.id);
    store.project_events(&[mo(code.clone(), 1), mo(own, 2)]).await.unwrap();
    let number = "+6281100001";
    let seen = async |user: &User| {
        let list = list(&store, user.reach(), user.id).await;
        (list, lines(&store, user.reach(), number).await)
    };
    assert_eq!(
        seen(&ani).await,
        (vec![row(number, "to ani", 1)], vec!["to ani".to_owned(), "of ani".to_owned()])
    );
    assert_eq!(seen(&budi).await, (vec![row(number, "of budi", 0)], vec!["of budi".to_owned()]));
    let all = ["to ani", "to the SIM", "of budi", "of ani"].map(str::to_owned).to_vec();
    assert_eq!(seen(&boss).await, (vec![row(number, "to ani", 2)], all));
    // A program sees what anybody sends, and receives its own.
    let sent = ["of budi", "of ani"].map(str::to_owned).to_vec();
    assert_eq!(seen(&shop).await, (vec![row(number, "of budi", 0)], sent));

    let only = SimChange {
        senders: None,
        readers: Some(Access::only([budi.id])),
        limits: None,
        pool: None,
    };
    store.change_sim(everything(), code.sim, &only, at(5)).await.unwrap();
    let both = ["to the SIM", "of budi"].map(str::to_owned).to_vec();
    assert_eq!(seen(&budi).await, (vec![row(number, "to the SIM", 1)], both));
    let nobody =
        SimChange { senders: None, readers: Some(Access::default()), limits: None, pool: None };
    store.change_sim(everything(), code.sim, &nobody, at(6)).await.unwrap();
    assert_eq!(seen(&budi).await.1, ["of budi"]);
    // Who may not read what is sent sees what is received.
    let unsent = Reader { sent: false, ..reader(ani.id) };
    let with = Address::from_text(number);
    let page = store.conversation(ani.reach(), unsent, &with, Page::default()).await.unwrap();
    assert_eq!(page.lines.iter().map(text).collect::<Vec<_>>(), ["to ani"]);
    let unsent = Reader { sent: false, ..reader(budi.id) };
    let filter = ConversationFilter::default();
    let page = store.conversations(budi.reach(), unsent, filter, Page::default()).await.unwrap();
    assert!(page.conversations.is_empty());
}

pub(crate) async fn what_is_read_is_read_for_one(store: Store) {
    let ani = user(&store, "ani", Role::Admin).await;
    let boss = user(&store, "boss", Role::Admin).await;
    let from = Address::from_text("+6281100001");
    let events: Vec<StoredEvent> = (1..=3_i64)
        .map(|n| mo(received("+6281100001", &format!("n{n}"), n), u64::try_from(n).unwrap()))
        .collect();
    store.project_events(&events).await.unwrap();
    let unread = async |user: &User| list(&store, user.reach(), user.id).await[0].2;
    let read = async |user: &User, seconds| {
        store.read_conversation(user.reach(), user.id, &from, at(seconds)).await.unwrap()
    };
    assert_eq!((unread(&ani).await, unread(&boss).await), (3, 3));
    assert!(read(&ani, 2).await);
    assert_eq!((unread(&ani).await, unread(&boss).await), (1, 3));
    // What was read stays read.
    assert!(!read(&ani, 1).await);
    assert_eq!(unread(&ani).await, 1);
    assert!(read(&ani, 3).await);
    assert_eq!(unread(&ani).await, 0);
    // Many are counted so far and no further.
    let most = i64::from(MOST_UNREAD);
    let events: Vec<StoredEvent> = (0..most + 20)
        .map(|n| {
            mo(received("+6281100001", &format!("m{n}"), 10 + n), 10 + u64::try_from(n).unwrap())
        })
        .collect();
    store.project_events(&events).await.unwrap();
    assert_eq!(unread(&ani).await, MOST_UNREAD);
    // An account that was made later has nothing to catch up with.
    let late = store.create_user(everything(), &new_user("late", Role::Admin), at(9_999)).await;
    assert_eq!(unread(&late.unwrap()).await, 0);
}

pub(crate) async fn conversations_are_found_by_number_and_name(store: Store) {
    let ani = user(&store, "ani", Role::User).await;
    let contacts = [
        new_contact(Some(ani.id), "Siti 100%", "08123456789"),
        new_contact(None, "Kantor", "+628123456789"),
        new_contact(Some(UserId::derived("stranger")), "Rahasia", "+6281300003"),
    ];
    for contact in &contacts[..2] {
        let one = std::slice::from_ref(contact);
        store.create_contacts(everything(), one, at(1)).await.unwrap();
    }
    store_all(
        &store,
        &[
            &to(ani.id, "+628123456789", "to Siti", 1),
            &to(ani.id, "+6281300003", "to nobody known", 2),
            &to(ani.id, "888", "code", 3),
        ],
    )
    .await;
    let found = async |search: &str| {
        let filter = ConversationFilter { search: Some(search), shelf: Shelf::Any };
        let page = store.conversations(ani.reach(), reader(ani.id), filter, Page::default());
        let page = page.await.unwrap();
        page.conversations
            .iter()
            .map(|one| (one.with.to_string(), one.heading.name.clone()))
            .collect::<Vec<_>>()
    };
    let siti = ("+628123456789".to_owned(), Some("Siti 100%".to_owned()));
    for search in ["siti", "0812-3456", "+62 812", "100%", "%", "KANTOR"] {
        assert_eq!(found(search).await, std::slice::from_ref(&siti), "{search}");
    }
    assert_eq!(found("81300003").await, [("+6281300003".to_owned(), None)]);
    for search in ["rahasia", "_", "' OR 1 = 1 --", "0812345678901"] {
        assert!(found(search).await.is_empty(), "{search}");
    }
    // One's own contact goes before one that all share, and who may not read contacts reads none.
    let with = Address::from_text("08123456789");
    let heading = store.conversation_heading(ani.reach(), reader(ani.id), &with).await.unwrap();
    assert_eq!(
        (heading.contact, heading.name.as_deref()),
        (Some(contacts[0].id), Some("Siti 100%"))
    );
    let nameless = Reader { names: false, ..reader(ani.id) };
    let heading = store.conversation_heading(ani.reach(), nameless, &with).await.unwrap();
    assert_eq!((heading.contact, heading.name), (None, None));
}

pub(crate) async fn calls_that_nobody_answered_are_among_the_messages(store: Store) {
    let ani = user(&store, "ani", Role::User).await;
    let boss = user(&store, "boss", Role::Admin).await;
    let call = |from: &str, seconds| ModemEvent {
        id: EventId::derived(&format!("{from}{seconds}")),
        kind: ModemEventKind::MissedCall,
        modem: through().modem,
        sim: Some(through().sim),
        text: "A call was not answered.".to_owned(),
        from: PhoneNumber::parse(from).ok(),
        at: at(seconds),
    };
    let calls = [call("+628123456789", 2), call("08123456789", 3), call("+628123456780", 4)];
    let calls = calls.map(|event| StoredEvent { sequence: 9, body: StoredEventBody::Modem(event) });
    store.project_events(&calls).await.unwrap();
    store.project_events(&[mo(received("08123456789", "Why?", 5), 10)]).await.unwrap();
    store_all(&store, &[&to(ani.id, "+628123456789", "Halo", 1)]).await;
    let all = ["Why?", "call of 08123456789", "call of +628123456789", "Halo"];
    assert_eq!(lines(&store, boss.reach(), "+628123456789").await, all);
    // Who does not read what the SIM receives does not see who called it.
    assert_eq!(lines(&store, ani.reach(), "+628123456789").await, ["Halo"]);
    let readers =
        SimChange { senders: None, readers: Some(Access::everybody()), limits: None, pool: None };
    store.change_sim(everything(), through().sim, &readers, at(6)).await.unwrap();
    assert_eq!(lines(&store, ani.reach(), "+628123456789").await, all);
}

pub(crate) async fn many_at_once_get_their_place_later(store: Store) {
    let ani = user(&store, "ani", Role::User).await;
    let requests: Vec<StoredRequest> = (0..129_i64)
        .map(|n| stored(&to(ani.id, &format!("+62812{n:07}"), &format!("n{n}"), n)))
        .collect();
    assert!(store.project_requests(&requests).await.unwrap().wordless);
    assert!(list(&store, ani.reach(), ani.id).await.is_empty());
    assert_eq!(store.give_conversations(100).await.unwrap(), 100);
    assert_eq!(store.give_conversations(100).await.unwrap(), 29);
    assert_eq!(store.give_conversations(100).await.unwrap(), 0);
    let first = list(&store, ani.reach(), ani.id).await;
    assert_eq!((first.len(), &first[0]), (50, &row("+628120000128", "n128", 0)));
    // What another gateway did has its place at once.
    let heard =
        PastReceived { from: Address::from_text("+6281299"), ..past_received("x", Some(ani.id)) };
    let past = [past_sent("y", ani.id)];
    store.import_history(everything(), "playSMS", &past, &[heard], at(1)).await.unwrap();
    assert_eq!(lines(&store, ani.reach(), "+6281299").await, ["Kode"]);
    assert_eq!(store.give_conversations(100).await.unwrap(), 0);
}

const TO_NOTHING: ConversationChange =
    ConversationChange { assigned: None, archived: None, blocked: None };

pub(crate) async fn a_conversation_is_filed_and_comes_back(store: Store) {
    let boss = user(&store, "boss", Role::Admin).await;
    let ani = user(&store, "ani", Role::User).await;
    let number = "+628123456789";
    let with = Address::from_text(number);
    let change = async |change: ConversationChange, seconds| {
        store.change_conversation(boss.reach(), reader(boss.id), &with, change, at(seconds)).await
    };
    let archived = |is| ConversationChange { archived: Some(is), ..TO_NOTHING };
    let blocked = |is| ConversationChange { blocked: Some(is), ..TO_NOTHING };
    // With whom nobody spoke, nothing is kept.
    assert!(!change(archived(true), 1).await.unwrap());
    store.project_events(&[mo(received(number, "one", 2), 1)]).await.unwrap();
    store_all(
        &store,
        &[&to(boss.id, "08123456789", "answer", 3), &to(ani.id, number, "of ani", 1)],
    )
    .await;
    let on = async |user: &User, shelf| list_of(&store, user.reach(), user.id, shelf).await.len();
    let shelves = async |user: &User| {
        let mut counts = Vec::new();
        for shelf in Shelf::ALL {
            counts.push(on(user, shelf).await);
        }
        counts
    };
    // Open, mine, unassigned, archived, blocked, any.
    assert_eq!(shelves(&boss).await, [1, 0, 1, 0, 0, 1]);

    let to_boss = ConversationChange { assigned: Some(Assignment::To(boss.id)), ..TO_NOTHING };
    assert!(change(to_boss, 4).await.unwrap());
    assert_eq!(shelves(&boss).await, [1, 1, 0, 0, 0, 1]);
    assert_eq!(shelves(&ani).await, [1, 0, 0, 0, 0, 1]);
    let heading = store.conversation_heading(ani.reach(), reader(ani.id), &with).await.unwrap();
    let to_whom = Colleague { id: boss.id, name: "boss".to_owned() };
    assert_eq!(heading.assigned, Some(to_whom));

    // What is sent leaves it where it is, and what comes in takes it back, in each scope.
    assert!(change(archived(true), 5).await.unwrap());
    assert_eq!(shelves(&boss).await, [0, 0, 0, 1, 0, 1]);
    store_all(&store, &[&to(ani.id, number, "more", 6), &to(boss.id, number, "more", 7)]).await;
    assert_eq!(shelves(&boss).await, [0, 0, 0, 1, 0, 1]);
    assert_eq!(shelves(&ani).await, [0, 0, 0, 1, 0, 1]);
    // One that is older than the archiving is no news.
    store.project_events(&[mo(received(number, "late", 4), 2)]).await.unwrap();
    assert_eq!(shelves(&boss).await, [0, 0, 0, 1, 0, 1]);
    store.project_events(&[mo(received("08123456789", "again", 8), 3)]).await.unwrap();
    assert_eq!(shelves(&boss).await, [1, 1, 0, 0, 0, 1]);
    assert_eq!(shelves(&ani).await, [1, 0, 0, 0, 0, 1]);

    // Whoever is blocked stays where they are, and is not counted.
    assert!(change(blocked(true), 9).await.unwrap());
    store.project_events(&[mo(received(number, "spam", 10), 4)]).await.unwrap();
    let filed = list_of(&store, boss.reach(), boss.id, Shelf::Blocked).await;
    assert_eq!(filed, [row(number, "spam", 0)]);
    assert_eq!(shelves(&boss).await, [0, 0, 0, 0, 1, 1]);
    for (from, is) in
        [(number, true), ("08123456789", true), ("+618123456789", false), ("X", false)]
    {
        let blocked = store.is_blocked(boss.org, &Address::from_text(from)).await.unwrap();
        assert_eq!(blocked, is, "{from}");
    }
    assert!(change(blocked(false), 11).await.unwrap());
    assert!(!store.is_blocked(boss.org, &with).await.unwrap());
    assert_eq!(list(&store, boss.reach(), boss.id).await, [row(number, "spam", 4)]);
}

pub(crate) async fn what_a_team_keeps_is_shown_to_whoever_has_the_conversation(store: Store) {
    let boss = user(&store, "boss", Role::Admin).await;
    let ani = user(&store, "ani", Role::User).await;
    let budi = user(&store, "budi", Role::User).await;
    user(&store, "siti", Role::ReadOnly).await;
    user(&store, "shop", Role::Service).await;
    let number = "+628123456789";
    let with = Address::from_text(number);
    store.project_events(&[mo(received(number, "one", 1), 1)]).await.unwrap();
    store_all(&store, &[&to(ani.id, number, "of ani", 3)]).await;
    let offered = async |user: &User| {
        let all = store.conversation_assignees(user.reach(), reader(user.id), &with).await;
        all.unwrap().into_iter().map(|one| one.name).collect::<Vec<_>>()
    };
    assert_eq!(offered(&ani).await, ["ani", "boss"]);
    assert_eq!(offered(&budi).await, [""; 0]);
    let note = async |by: &User, text: &str, seconds| {
        let author = Colleague { id: by.id, name: by.name.clone() };
        let reader = reader(by.id);
        store
            .note_in_conversation(by.reach(), reader, &with, (&author, text), at(seconds))
            .await
            .unwrap()
    };
    assert!(note(&boss, "calls <b> at 9\0", 2).await.is_some());
    assert!(note(&budi, "no", 2).await.is_none());
    let ours = ["of ani", "note of boss: calls <b> at 9\u{fffd}"];
    assert_eq!(lines(&store, ani.reach(), number).await, ours);
    assert_eq!(lines(&store, budi.reach(), number).await, [""; 0]);
    // In pages too, each line once.
    let (mut place, mut all) = (None, Vec::new());
    loop {
        let page = Page { before: place, limit: 1 };
        let found = store.conversation(boss.reach(), reader(boss.id), &with, page).await.unwrap();
        all.extend(found.lines.iter().map(text));
        place = found.next;
        if place.is_none() {
            break;
        }
    }
    assert_eq!(all, [ours[0], ours[1], "one"]);

    // Who may read what comes to the SIM has the conversation from then on.
    let readers = SimChange {
        senders: None,
        readers: Some(Access::only([budi.id])),
        limits: None,
        pool: None,
    };
    store.change_sim(everything(), through().sim, &readers, at(4)).await.unwrap();
    assert_eq!(offered(&budi).await, ["ani", "boss", "budi"]);
    assert_eq!(lines(&store, budi.reach(), "08123456789").await, [ours[1], "one"]);

    // Who wrote to the number is told, though what they wrote is not.
    let since = |seconds| Cursor { at: at(seconds), id: contracts::MessageId::derived("") };
    let answered = async |user: &User, seconds| {
        let found =
            store.answered_since(user.reach(), reader(user.id), &with, since(seconds)).await;
        found.unwrap().and_then(|answered| answered.name)
    };
    assert_eq!(answered(&budi, 2).await.as_deref(), Some("ani"));
    assert_eq!(answered(&budi, 4).await, None);
    assert_eq!(answered(&ani, 2).await, None);

    // A mute is one's own.
    let mute = async |user: &User, since| {
        store.mute_conversation(user.reach(), reader(user.id), &with, since).await.unwrap()
    };
    let unread = async |user: &User| list(&store, user.reach(), user.id).await[0].2;
    assert_eq!((unread(&boss).await, unread(&budi).await), (1, 1));
    assert!(mute(&boss, Some(at(5))).await && mute(&boss, Some(at(6))).await);
    assert_eq!((unread(&boss).await, unread(&budi).await), (0, 1));
    assert!(mute(&boss, None).await);
    assert_eq!(unread(&boss).await, 1);

    // Notes go when messages do.
    let cutoffs = Cutoffs { messages: Some(at(9_000)), ..Cutoffs::default() };
    assert_eq!(store.remove_old(&cutoffs, 100).await.unwrap().received, 1);
    assert_eq!(lines(&store, boss.reach(), number).await, ["of ani"]);
}
