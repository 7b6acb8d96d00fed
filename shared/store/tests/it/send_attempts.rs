//! Attempts to send.

use std::time::Duration;

use contracts::UserId;
use store::{ATTEMPT_IS_KNOWN_FOR, NewSendAttempt, SecretHash, SendAttempt, Store};

use crate::sample::{at, everything};

fn attempt(owner: UserId, key: &str, request: &str, seed: &str) -> NewSendAttempt {
    NewSendAttempt {
        owner,
        key: SecretHash::of(key),
        fingerprint: SecretHash::of(request),
        seed: seed.to_owned(),
    }
}

pub(crate) async fn an_attempt_is_known_again_for_a_day(store: Store) {
    let (ani, budi) = (UserId::new(), UserId::new());
    let note = async |new: NewSendAttempt, now| {
        store.note_send_attempt(everything(), &new, now).await.unwrap()
    };
    let again = |accepted| SendAttempt::Again { seed: "one".to_owned(), accepted };
    assert_eq!(note(attempt(ani, "order-1", "a", "one"), at(0)).await, SendAttempt::First);
    assert_eq!(note(attempt(ani, "order-1", "a", "two"), at(1)).await, again(false));
    assert_eq!(note(attempt(ani, "order-1", "b", "two"), at(1)).await, SendAttempt::Other);
    assert_eq!(note(attempt(ani, "order-2", "b", "two"), at(1)).await, SendAttempt::First);
    assert_eq!(note(attempt(budi, "order-1", "b", "six"), at(1)).await, SendAttempt::First);
    store.send_attempt_accepted(everything(), ani, SecretHash::of("order-1"), at(2)).await.unwrap();
    assert_eq!(note(attempt(ani, "order-1", "a", "two"), at(3)).await, again(true));

    // Another request may have the key after a day, whether the old one was removed or not.
    let almost = at(0).plus(ATTEMPT_IS_KNOWN_FOR).minus(Duration::from_micros(1));
    assert_eq!(note(attempt(ani, "order-1", "a", "two"), almost).await, again(true));
    let over = at(0).plus(ATTEMPT_IS_KNOWN_FOR);
    assert_eq!(note(attempt(ani, "order-1", "b", "new"), over).await, SendAttempt::First);
    let seed = "new".to_owned();
    let renewed = SendAttempt::Again { seed, accepted: false };
    assert_eq!(note(attempt(ani, "order-1", "b", "two"), over).await, renewed);
    assert_eq!(store.remove_old_send_attempts(over.plus(Duration::from_secs(2))).await.unwrap(), 2);
    assert_eq!(note(attempt(ani, "order-1", "b", "two"), over).await, renewed);
}

pub(crate) async fn of_many_at_once_one_is_first(store: Store) {
    let ani = UserId::new();
    let tries = (0..16).map(|n| {
        let (store, new) = (store.clone(), attempt(ani, "order", "a", &n.to_string()));
        tokio::spawn(
            async move { store.note_send_attempt(everything(), &new, at(0)).await.unwrap() },
        )
    });
    let (mut first, mut seeds) = (0, std::collections::HashSet::new());
    for told in tries.collect::<Vec<_>>() {
        match told.await.unwrap() {
            SendAttempt::First => first += 1,
            SendAttempt::Again { seed, .. } => drop(seeds.insert(seed)),
            SendAttempt::Other => panic!("it is the same request"),
        }
    }
    assert_eq!((first, seeds.len()), (1, 1));
}
