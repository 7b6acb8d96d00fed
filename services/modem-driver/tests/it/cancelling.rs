//! A cancel and a driver at one message: the journal's entry decides, and only one of them gets it.

use std::collections::HashMap;

use bus::{Bucket, Kv};
use contracts::cancellation::{self, Cancellation, FirstPart};
use contracts::mt::MtChange;
use contracts::{MessageId, MtState, Timestamp, UserId};
use modem_sim::{Fault, FaultRule};
use testkit::wait_for;

use crate::rig::Rig;

fn by() -> UserId {
    UserId::derived("budi")
}

fn cancellation() -> FirstPart {
    let (at, round) = (Timestamp::now(), 0);
    let keep_until = at.plus(std::time::Duration::from_hours(1));
    FirstPart::Cancelled(Cancellation { by: Some(by()), round, at, keep_until })
}

async fn journal(rig: &Rig) -> Kv<FirstPart> {
    rig.bus.kv(Bucket::Attempts).await.unwrap()
}

#[tokio::test]
async fn a_cancelled_message_is_not_written_and_its_item_goes() {
    let rig = Rig::new(1).await;
    let journal = journal(&rig).await;
    // Before its item comes, as with a message that is still with the router.
    let id = MessageId::new();
    journal.create(&cancellation::key(id), &cancellation()).await.unwrap();
    let _driver = rig.driver(&[1]).await;
    rig.dispatch_with(contracts::Priority::Normal, "taken back", |item| {
        (item.id, item.request.id) = (id, Some(id));
    })
    .await;
    let told = rig.events.until(id, MtState::Cancelled).await;
    assert_eq!(told, MtChange::Cancelled { by: Some(by()) });
    rig.queue_is_empty().await;
    let other = rig.dispatch("goes").await;
    rig.events.until(other, MtState::Sent).await;
    assert_eq!((rig.times_sent("taken back"), rig.events.of(id).len()), (0, 1));
    let entry = journal.get(&cancellation::key(id)).await.unwrap().unwrap();
    assert!(matches!(entry.value, FirstPart::Cancelled(_)), "it stays as long as it was asked to");
}

#[tokio::test]
async fn between_two_tries_it_can_be_taken_back() {
    let rig = Rig::new(1).await;
    let journal = journal(&rig).await;
    rig.sim.modem(1).fault(FaultRule::times(Fault::Cms(42), 1));
    let mut settings = rig.settings(&[1]);
    settings.retry.waits = vec![std::time::Duration::from_secs(2)];
    let _driver = rig.driver_with(settings).await;
    let id = rig.dispatch("once").await;
    rig.events.until(id, MtState::Deferred).await;
    let key = cancellation::key(id);
    let entry = journal.get(&key).await.unwrap().unwrap();
    assert_eq!(entry.value, FirstPart::Waiting);
    journal.update(&key, &cancellation(), entry.revision).await.unwrap();
    rig.events.until(id, MtState::Cancelled).await;
    rig.queue_is_empty().await;
    assert_eq!(rig.times_sent("once"), 0);
}

#[tokio::test]
async fn of_a_cancel_and_a_driver_that_race_one_wins() {
    let rig = Rig::new(2).await;
    let journal = journal(&rig).await;
    let _driver = rig.driver(&[1, 2]).await;
    rig.online(2).await;
    let mut cancelled = HashMap::new();
    for n in 0..40_u64 {
        let id = rig.dispatch(&format!("race {n}")).await;
        // Sooner and later in the life of the message.
        tokio::time::sleep(std::time::Duration::from_micros(n * 150)).await;
        let won = match journal.create(&cancellation::key(id), &cancellation()).await {
            Ok(_) => true,
            Err(error) if error.is_conflict() => false,
            Err(error) => panic!("{error}"),
        };
        cancelled.insert(id, (n, won));
    }
    for (id, (n, won)) in &cancelled {
        let end = if *won { MtState::Cancelled } else { MtState::Sent };
        rig.events.until(*id, end).await;
        assert_eq!(rig.times_sent(&format!("race {n}")), usize::from(!*won), "{id}");
    }
    wait_for("nothing left", || async {
        let counts = rig.bus.subject_counts(bus::Stream::Dispatch).await.ok()?;
        counts.is_empty().then_some(())
    })
    .await;
    let won = cancelled.values().filter(|(_, won)| *won).count();
    assert!(won > 0, "no cancel was first, so nothing was shown");
}
