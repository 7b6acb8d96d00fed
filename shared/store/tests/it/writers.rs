//! Writers that meet on PostgreSQL: they take rows in one order, so none is undone for another.

use contracts::{Address, UserId};
use store::{
    ConversationChange, ConversationFilter, Cutoffs, Page, Reader, Role, StoreError, StoredEvent,
    StoredRequest,
};
use testkit::wait_for;

use crate::Fresh;
use crate::sample::{
    admitted, at, everything, mo, mt, new_user, org, received, request, sending, stored,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn writers_that_meet_are_never_deadlocked() {
    let fresh = crate::postgres().await;
    let owner = UserId::new();
    for round in 0..15_u64 {
        let all: Vec<_> = (0..60).map(|n| request(owner, "Halo", n)).collect();
        // Events made half of the rows.
        let first: Vec<_> =
            all.iter().step_by(2).map(|r| mt(r, (round + 1) * 1_000, admitted(1))).collect();
        fresh.store.project_events(&first).await.unwrap();
        let requests: Vec<StoredRequest> = all.iter().rev().map(stored).collect();
        let mut inbox: Vec<StoredEvent> = (0..10)
            .map(|n| mo(received("+62811", &format!("{round} {n}"), n), (round + 1) * 1_000 + 900))
            .collect();
        let events = |sequence: u64, backwards: bool| {
            let one = |request| mt(request, (round + 1) * 1_000 + sequence, sending(1, 1, 1));
            let mut events: Vec<StoredEvent> = all.iter().map(one).collect();
            events.extend(inbox.clone());
            if backwards {
                events.reverse();
            }
            events
        };
        let (forth, back) = (events(100, false), events(200, true));
        inbox.reverse();
        let [first, second, third, fourth, fifth] = std::array::from_fn(|_| fresh.store.clone());
        let cutoffs =
            Cutoffs { messages: None, timeline: Some(at(100_000)), callbacks: None, tallies: None };
        let (numbers, moved) = (requests.clone(), inbox);
        let tasks = [
            tokio::spawn(async move { first.project_requests(&requests).await.map(drop) }),
            tokio::spawn(async move { second.project_events(&forth).await.map(drop) }),
            tokio::spawn(async move { third.project_events(&back).await.map(drop) }),
            tokio::spawn(async move {
                fourth.project_events(&moved).await?;
                fourth.project_requests(&numbers).await.map(drop)
            }),
            tokio::spawn(async move { fifth.remove_old(&cutoffs, 500).await.map(drop) }),
        ];
        for task in tasks {
            task.await.unwrap().unwrap();
        }
    }
    assert_eq!(deadlocks(fresh).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_block_holds_against_what_comes_in_meanwhile() {
    let fresh = crate::postgres().await;
    let boss = fresh.store.create_user(everything(), &new_user("boss", Role::Admin), at(0)).await;
    let reader = Reader { account: boss.unwrap().id, sent: true, names: false };
    let archived = ConversationChange { archived: Some(true), ..ConversationChange::default() };
    let blocked = ConversationChange { blocked: Some(true), ..ConversationChange::default() };
    for round in 0..15_u64 {
        let numbers: Vec<String> = (0..10).map(|n| format!("+628{round:04}{n:05}")).collect();
        let said = |text: &str, seconds: i64| -> Vec<StoredEvent> {
            let one = |number: &String| mo(received(number, text, seconds), round * 100 + 1);
            numbers.iter().map(one).collect()
        };
        fresh.store.project_events(&said("old", 1)).await.unwrap();
        for number in &numbers {
            let with = Address::from_text(number);
            let done =
                fresh.store.change_conversation(everything(), reader, &with, archived, at(2));
            assert!(done.await.unwrap());
        }
        let (forth, mut back) = (said("new", 3), said("newer", 4));
        back.reverse();
        let [first, second, third] = std::array::from_fn(|_| fresh.store.clone());
        let to_block = numbers.clone();
        let tasks = [
            tokio::spawn(async move { first.project_events(&forth).await.map(drop) }),
            tokio::spawn(async move { second.project_events(&back).await.map(drop) }),
            tokio::spawn(async move {
                for number in to_block {
                    let with = Address::from_text(&number);
                    let done =
                        third.change_conversation(everything(), reader, &with, blocked, at(5));
                    assert!(done.await?);
                }
                Ok::<(), StoreError>(())
            }),
        ];
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        for number in &numbers {
            let with = Address::from_text(number);
            assert!(fresh.store.is_blocked(org(), &with).await.unwrap(), "{number}");
        }
        let filter = ConversationFilter::default();
        let page = fresh.store.conversations(everything(), reader, filter, Page::default()).await;
        assert!(page.unwrap().conversations.is_empty(), "those that are blocked are elsewhere");
    }
    assert_eq!(deadlocks(fresh).await, 0);
}

/// Closes a database, and returns how many deadlocks there were.
async fn deadlocks(fresh: Fresh) -> i64 {
    // PostgreSQL adds the counts of a connection when the connection ends.
    let url = fresh.database.url().to_owned();
    fresh.store.close().await;
    let pool = sqlx::PgPool::connect(&url).await.unwrap();
    let deadlocks = wait_for("the other connections to end", || async {
        let others = "SELECT count(*) FROM pg_stat_activity \
                      WHERE datname = current_database() AND application_name = 'merpati'";
        let others = sqlx::query_scalar::<_, i64>(others).fetch_one(&pool).await.unwrap();
        let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
        let deadlocks = sqlx::query_scalar::<_, i64>(deadlocks).fetch_one(&pool).await.unwrap();
        (others == 0).then_some(deadlocks)
    })
    .await;
    pool.close().await;
    deadlocks
}
