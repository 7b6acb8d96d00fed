//! Callbacks and their attempts.

use std::time::Duration;

use contracts::mt::MtRequest;
use contracts::{OrgId, UserId};
use store::{
    CallbackAttempt, CallbackForm, CallbackState, Cutoffs, NewCallback, NextStep, Reach, Store,
};

use crate::sample::{at, org, request, stored};

async fn message(store: &Store) -> MtRequest {
    let wanted = request(UserId::new(), "Halo", 0);
    store.project_requests(&[stored(&wanted)]).await.unwrap();
    wanted
}

fn new(request: &MtRequest, key: &str, seconds: i64) -> NewCallback {
    NewCallback {
        org: org(),
        owner: request.owner,
        message: request.id.unwrap(),
        event_key: key.to_owned(),
        url: "https://shop.example/dlr?s=1".to_owned(),
        form: CallbackForm::default(),
        next_at: at(seconds),
    }
}

fn attempt(seconds: i64, error: Option<&str>) -> CallbackAttempt {
    CallbackAttempt {
        at: at(seconds),
        duration: Duration::from_millis(120),
        http_status: error.map(|_| 500).or(Some(200)),
        error: error.map(str::to_owned),
    }
}

pub(crate) async fn a_callback_is_kept_once_and_retried(store: Store) {
    let wanted = message(&store).await;
    assert_eq!(store.next_callback_at().await.unwrap(), None);
    let id = store.create_callback(&new(&wanted, "sent", 5), at(5)).await.unwrap().unwrap();
    assert_eq!(store.create_callback(&new(&wanted, "sent", 6), at(6)).await.unwrap(), None);
    assert_eq!(store.next_callback_at().await.unwrap(), Some(at(5)));
    let lease = Duration::from_mins(1);
    assert_eq!(store.take_callbacks(at(4), lease, 10).await.unwrap(), []);
    let taken = store.take_callbacks(at(5), lease, 10).await.unwrap();
    assert_eq!((taken.len(), taken[0].id, taken[0].attempts), (1, id, 0));
    assert_eq!(taken[0].url, "https://shop.example/dlr?s=1");
    assert_eq!(taken[0].form, CallbackForm::default());
    let form = CallbackForm {
        post: Some("a=1\0&b=\u{442}".to_owned()),
        signature: Some(("X-Signature".to_owned(), "abc=".to_owned())),
        expects: Some("ACK".to_owned()),
    };
    let posted = NewCallback { form: form.clone(), ..new(&wanted, "posted", 5) };
    let posted = store.create_callback(&posted, at(5)).await.unwrap().unwrap();
    let taken = store.take_callbacks(at(5), lease, 10).await.unwrap();
    assert_eq!((taken.len(), &taken[0].form), (1, &form));
    store.record_callback_attempt(posted, &attempt(5, None), NextStep::Done).await.unwrap();
    assert_eq!(store.take_callbacks(at(5), lease, 10).await.unwrap(), [], "it is taken");

    store
        .record_callback_attempt(id, &attempt(5, Some("no\0")), NextStep::Retry(at(20)))
        .await
        .unwrap();
    assert_eq!(store.next_callback_at().await.unwrap(), Some(at(20)));
    let taken = store.take_callbacks(at(20), lease, 10).await.unwrap();
    assert_eq!(taken[0].last_error.as_deref(), Some("no\u{fffd}"));
    store.record_callback_attempt(id, &attempt(20, None), NextStep::Done).await.unwrap();
    assert_eq!(store.next_callback_at().await.unwrap(), None);

    let reach = Reach::own(org(), wanted.owner);
    let list = store.callbacks(reach, wanted.id.unwrap()).await.unwrap();
    assert_eq!((list[0].state, list[0].attempts), (CallbackState::Done, 2));
    let tries = store.callback_attempts(reach, id).await.unwrap();
    assert_eq!(tries.iter().map(|one| one.number).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(tries[1].attempt, attempt(20, None));
    for stranger in [Reach::own(org(), UserId::new()), Reach::everything(OrgId::derived("x"))] {
        assert_eq!(store.callbacks(stranger, wanted.id.unwrap()).await.unwrap(), []);
        assert_eq!(store.callback_attempts(stranger, id).await.unwrap(), []);
    }
}

pub(crate) async fn a_taken_callback_is_due_again_when_its_taker_dies(store: Store) {
    let wanted = message(&store).await;
    for key in ["a", "b", "c"] {
        store.create_callback(&new(&wanted, key, 1), at(1)).await.unwrap();
    }
    let lease = Duration::from_mins(1);
    let take =
        async |seconds, limit| store.take_callbacks(at(seconds), lease, limit).await.unwrap().len();
    // Two takers that take at once share the callbacks, and neither takes what the other has.
    let (one, other) = tokio::join!(take(2, 2), take(2, 2));
    assert_eq!(one + other, 3);
    assert_eq!(take(61, 10).await, 0);
    assert_eq!(take(62, 10).await, 3);
    let list = store.callbacks(Reach::everything(org()), wanted.id.unwrap()).await.unwrap();
    store
        .record_callback_attempt(list[0].id, &attempt(62, Some("no")), NextStep::GiveUp)
        .await
        .unwrap();
    assert_eq!(take(1000, 10).await, 2);
    // A callback that was given up and is old is deleted. One that is still to be made is kept however old it is.
    let cutoffs = Cutoffs { callbacks: Some(at(5000)), ..Cutoffs::default() };
    assert_eq!(store.remove_old(&cutoffs, 10).await.unwrap().callbacks, 1);
    let list = store.callbacks(Reach::everything(org()), wanted.id.unwrap()).await.unwrap();
    assert_eq!(list.iter().filter(|one| one.state == CallbackState::Pending).count(), 2);
}

/// A callback that waits for a slow host for longer than its lease may be with another copy of the service.
pub(crate) async fn a_callback_stays_with_its_taker_or_is_somebody_elses(store: Store) {
    let wanted = message(&store).await;
    let id = store.create_callback(&new(&wanted, "sent", 5), at(5)).await.unwrap().unwrap();
    let lease = Duration::from_mins(1);
    let taken = store.take_callbacks(at(5), lease, 10).await.unwrap();
    let held = taken[0].next_at.unwrap();
    assert!(store.keep_callback(id, held, at(100)).await.unwrap());
    assert_eq!(store.take_callbacks(at(99), lease, 10).await.unwrap(), []);
    let others = store.take_callbacks(at(100), lease, 10).await.unwrap();
    assert_eq!(others.len(), 1);
    assert!(!store.keep_callback(id, at(100), at(200)).await.unwrap(), "another copy has it");

    // Both copies made the callback. The URL took it from the second copy, and it stays taken.
    store.record_callback_attempt(id, &attempt(101, None), NextStep::Done).await.unwrap();
    store
        .record_callback_attempt(id, &attempt(102, Some("no")), NextStep::Retry(at(110)))
        .await
        .unwrap();
    assert_eq!(store.next_callback_at().await.unwrap(), None);
    let list = store.callbacks(Reach::everything(org()), wanted.id.unwrap()).await.unwrap();
    assert_eq!((list[0].state, list[0].attempts), (CallbackState::Done, 2));
    assert_eq!(list[0].last_error, None);
}
