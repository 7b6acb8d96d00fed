//! What is kept of conversations, and how much of it.

use contracts::Address;
use store::{
    Assignment, ConversationChange, ConversationFilter, Page, Reader, Role, Shelf, Store, User,
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
        assert!(done.await.unwrap());
    };
    for (number, seconds) in NUMBERS.iter().zip(1..) {
        heard(&store, number, seconds).await;
    }
    assign(NUMBERS[0], &ani).await;
    assign(NUMBERS[1], &budi).await;
    assert_eq!(shelf(&store, &boss, Shelf::Unassigned).await, [""; 0]);
    assert_eq!(shelf(&store, &ani, Shelf::Mine).await, [NUMBERS[0]]);

    store.set_user_enabled(everything(), ani.id, false, at(4)).await.unwrap();
    assert_eq!(shelf(&store, &boss, Shelf::Unassigned).await, [NUMBERS[0]]);
    let with = Address::from_text(NUMBERS[0]);
    let heading = store.conversation_heading(boss.reach(), reader(&boss), &with).await.unwrap();
    assert_eq!(heading.assigned, None);
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
}
