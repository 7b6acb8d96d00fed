//! What is kept of conversations, and how much of it.

use contracts::Address;
use store::{
    Assignment, Colleague, ConversationChange, ConversationFilter, MOST_MUTES, MOST_THREAD_NOTES,
    MuteError, Page, Reader, Role, Shelf, Store, StoredEvent, User, WriteNoteError,
};

use crate::sample::{at, everything, mo, new_user, received};

const NUMBERS: [&str; 2] = ["+628110000001", "+628110000002"];

async fn user(store: &Store, name: &str) -> User {
    store.create_user(everything(), &new_user(name, Role::Admin), at(0)).await.unwrap()
}

const fn reader(user: &User) -> Reader {
    Reader { account: user.id, sent: true, names: false }
}

async fn heard(store: &Store, number: &str, seconds: i64) {
    store.project_events(&[mo(received(number, "Halo", seconds), 1)]).await.unwrap();
}

/// With whom the conversations of a shelf are.
async fn shelf(store: &Store, user: &User, shelf: Shelf) -> Vec<String> {
    let filter = ConversationFilter { search: None, shelf };
    let page = store.conversations(user.reach(), reader(user), filter, Page::default()).await;
    page.unwrap().conversations.iter().map(|one| one.with.to_string()).collect()
}

pub(crate) async fn conversations_of_who_may_not_answer_are_nobody_s(store: Store) {
    let boss = user(&store, "boss").await;
    let (ani, budi) = (user(&store, "ani").await, user(&store, "budi").await);
    let assign = async |number: &str, to: &User| {
        let assigned = Some(Assignment::To(to.id));
        let change = ConversationChange { assigned, ..ConversationChange::default() };
        let with = Address::from_text(number);
        let done = store.change_conversation(boss.reach(), reader(&boss), &with, change, at(3));
        done.await.unwrap()
    };
    for (number, seconds) in NUMBERS.iter().zip(1..) {
        heard(&store, number, seconds).await;
    }
    assert!(assign(NUMBERS[0], &ani).await);
    assert!(assign(NUMBERS[1], &budi).await);
    assert_eq!(shelf(&store, &boss, Shelf::Unassigned).await, [""; 0]);
    assert_eq!(shelf(&store, &ani, Shelf::Mine).await, [NUMBERS[0]]);

    store.set_user_enabled(everything(), ani.id, false, at(4)).await.unwrap();
    assert_eq!(shelf(&store, &boss, Shelf::Unassigned).await, [NUMBERS[0]]);
    let with = Address::from_text(NUMBERS[0]);
    let heading = store.conversation_heading(boss.reach(), reader(&boss), &with).await.unwrap();
    assert_eq!(heading.assigned, None);
    // Whoever was about to assign another one comes too late.
    assert!(!assign(NUMBERS[1], &ani).await);
    assert_eq!(shelf(&store, &budi, Shelf::Mine).await, [NUMBERS[1]]);
    // Nor is what is said to the number later.
    heard(&store, "08110000001", 5).await;
    assert_eq!(shelf(&store, &boss, Shelf::Unassigned).await, ["08110000001"]);
    // Who is enabled again begins with none, and others keep theirs.
    store.set_user_enabled(everything(), ani.id, true, at(6)).await.unwrap();
    assert_eq!(shelf(&store, &ani, Shelf::Mine).await, [""; 0]);
    assert_eq!(shelf(&store, &budi, Shelf::Mine).await, [NUMBERS[1]]);

    store.set_role(everything(), budi.id, Role::Manager, at(7)).await.unwrap();
    assert_eq!(shelf(&store, &boss, Shelf::Unassigned).await, ["08110000001"]);
    store.set_role(everything(), budi.id, Role::ReadOnly, at(8)).await.unwrap();
    assert_eq!(shelf(&store, &boss, Shelf::Unassigned).await, ["08110000001", NUMBERS[1]]);
    assert!(!assign(NUMBERS[1], &budi).await);
}

pub(crate) async fn bounds_of_notes_and_mutes_hold(store: Store) {
    let (boss, ani) = (user(&store, "boss").await, user(&store, "ani").await);
    for number in NUMBERS {
        heard(&store, number, 1).await;
    }
    let by = Colleague { id: boss.id, name: boss.name.clone() };
    let note = async |number: &str| {
        let with = Address::from_text(number);
        store.note_in_conversation(boss.reach(), reader(&boss), &with, (&by, "x"), at(2)).await
    };
    for _ in 0..MOST_THREAD_NOTES {
        assert!(note(NUMBERS[0]).await.unwrap().is_some());
    }
    // The bound is of the phone, however its number is written.
    for writing in [NUMBERS[0], "08110000001"] {
        let refused = note(writing).await;
        assert!(matches!(refused, Err(WriteNoteError::TooMany)), "{refused:?}");
    }
    assert!(note(NUMBERS[1]).await.unwrap().is_some());

    let numbers: Vec<String> = (0..=MOST_MUTES).map(|n| format!("+62812{n:07}")).collect();
    let events: Vec<StoredEvent> =
        numbers.iter().map(|number| mo(received(number, "Halo", 3), 2)).collect();
    for some in events.chunks(100) {
        store.project_events(some).await.unwrap();
    }
    let mute = async |account: &User, number: &str, seconds: Option<i64>| {
        let with = Address::from_text(number);
        let since = seconds.map(at);
        store.mute_conversation(account.reach(), reader(account), &with, since).await
    };
    let (last, first) = numbers.split_last().unwrap();
    for number in first {
        assert!(mute(&boss, number, Some(4)).await.unwrap());
    }
    let refused = mute(&boss, last, Some(5)).await;
    assert!(matches!(refused, Err(MuteError::TooMany)), "{refused:?}");
    // What is muted may be muted again, somebody else may mute, and one that is taken back makes room.
    assert!(mute(&boss, &first[0], Some(6)).await.unwrap());
    assert!(mute(&ani, last, Some(6)).await.unwrap());
    assert!(mute(&boss, &first[0], None).await.unwrap());
    assert!(mute(&boss, last, Some(7)).await.unwrap());
}
