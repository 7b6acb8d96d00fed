//! Numbers for clients that need integers.

use store::Store;

pub(crate) async fn numbers_are_never_given_twice(store: Store) {
    let take = async || store.reserve_numbers(100).await.unwrap();
    let (a, b, c) = tokio::join!(take(), take(), take());
    let mut all: Vec<i64> = a.chain(b).chain(c).collect();
    all.sort_unstable();
    assert_eq!(all, (1..=300).collect::<Vec<_>>());
}
