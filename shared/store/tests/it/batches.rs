//! The ends of batches.

use contracts::mt::{MtChange, MtRequest};
use contracts::{BatchId, UserId};
use store::{Cutoffs, Store};

use crate::sample::{admitted, at, everything, mt, org, request, sent, store_all};

fn of_batch(size: Option<u32>, seconds: i64) -> MtRequest {
    let (batch, owner) = (Some(BatchId::derived("b")), UserId::derived("ani"));
    MtRequest { batch, batch_size: size, ..request(owner, "Halo", seconds) }
}

async fn happens(store: &Store, request: &MtRequest, sequence: u64, change: MtChange) -> bool {
    store.project_events(&[mt(request, sequence, change)]).await.unwrap().finished
}

pub(crate) async fn a_batch_comes_to_its_end_once(store: Store) {
    let all: Vec<MtRequest> = (0..4).map(|n| of_batch(Some(4), n)).collect();
    let [one, two, three, four] = &*all else { unreachable!() };
    store_all(&store, &[one, two]).await;
    assert!(!happens(&store, one, 5, admitted(1)).await);
    assert!(!happens(&store, one, 6, sent(&[1])).await);
    assert!(!happens(&store, two, 7, MtChange::Cancelled { by: None }).await);
    assert!(store.finished_batches(9).await.unwrap().is_empty(), "two are still to come");
    // One ends before its request comes.
    assert!(!happens(&store, three, 8, MtChange::Expired {}).await);
    store_all(&store, &[three, four]).await;
    assert!(store.finished_batches(9).await.unwrap().is_empty());
    // What was told before counts once, and a report ends nothing again.
    assert!(!happens(&store, one, 6, sent(&[1])).await);
    let delivered = MtChange::Delivered { discharged_at: at(9) };
    assert!(!happens(&store, one, 9, delivered.clone()).await);
    store_all(&store, &[one, two, three, four]).await;
    assert!(store.finished_batches(9).await.unwrap().is_empty());
    assert!(happens(&store, four, 12, MtChange::Cancelled { by: None }).await);

    let finished = store.finished_batches(9).await.unwrap();
    let [told] = &*finished else { panic!("{finished:?}") };
    assert_eq!((told.batch, told.org, told.owner), (BatchId::derived("b"), org(), one.owner));
    assert_eq!((told.at, told.messages), (at(12), 4));
    let mut states: Vec<_> =
        told.states.iter().map(|one| (one.state.as_str(), one.count)).collect();
    states.sort_unstable();
    assert_eq!(states, [("cancelled", 2), ("delivered", 1), ("expired", 1)]);
    store.batches_told(&[told.batch]).await.unwrap();
    assert!(store.finished_batches(9).await.unwrap().is_empty());
    assert!(!happens(&store, four, 12, MtChange::Cancelled { by: None }).await);
    assert!(store.finished_batches(9).await.unwrap().is_empty(), "it is told once");
    assert_eq!(store.batch(everything(), BatchId::derived("b")).await.unwrap().len(), 3);
    let cutoffs = Cutoffs { messages: Some(at(900)), ..Cutoffs::default() };
    assert_eq!(store.remove_old(&cutoffs, 10).await.unwrap().batches, 1);
}

pub(crate) async fn a_batch_of_unknown_size_has_no_end(store: Store) {
    let one = of_batch(None, 1);
    store_all(&store, &[&one]).await;
    assert!(!happens(&store, &one, 5, MtChange::Cancelled { by: None }).await);
    assert!(store.finished_batches(9).await.unwrap().is_empty());
}
