//! Requests that name accounts, pools and SIMs which nobody here knows.

use bus::{Durable, Stream};
use contracts::modem::ModemStatus;
use contracts::mt::{MtChange, MtRequest};
use contracts::subject::Target;
use contracts::{MtState, Priority, SimId, UserId};
use testkit::wait_for;

use crate::gateway::{Gateway, pool, to};

/// As many as the router lets wait.
const AT_MOST: usize = 1_000;

fn for_sim(name: &str) -> MtRequest {
    let mut request = MtRequest::text(to(), "halo");
    request.sim = Some(SimId::derived(name));
    request
}

/// Walks through names, as a program would that is broken or means harm.
#[tokio::test]
async fn a_service_that_counts_up_through_sims_is_refused_in_words() {
    let mut gateway = Gateway::start().await;
    let mut last = None;
    for n in 0..AT_MOST {
        last = Some(gateway.request(Priority::Bulk, for_sim(&format!("unknown {n}"))).await);
    }
    gateway.change(last.unwrap(), MtState::Admitted).await;
    let one_more = gateway.request(Priority::Bulk, for_sim("one more")).await;
    let MtChange::Rejected { error } = gateway.change(one_more, MtState::Rejected).await else {
        panic!("another state");
    };
    assert_eq!(error.code, "too-many-unknown");
    assert!(error.text.contains("1000 accounts, pools and SIMs"), "{}", error.text);
    let lanes = gateway.bus.subject_counts(Stream::Wait).await.unwrap();
    assert_eq!(lanes.len(), AT_MOST);
    // Others are not disturbed: not who names nothing, and not a SIM that was never here and now is.
    let plain = gateway.request(Priority::Bulk, MtRequest::text(to(), "biasa")).await;
    gateway.change(plain, MtState::Admitted).await;
    gateway.modem("one more", ModemStatus::Ready).await;
    gateway.change(plain, MtState::Released).await;
    let late = gateway.request(Priority::Bulk, for_sim("one more")).await;
    gateway.change(late, MtState::Released).await;
}

/// What earlier names left at the broker does not stay there.
#[tokio::test]
async fn the_consumers_of_unknown_lanes_are_removed_when_nothing_waits_there() {
    let mut gateway = Gateway::start().await;
    gateway.stop_router().await;
    let unknown = |name: &str| Target::Sim(SimId::derived(name));
    for n in 0..50 {
        let target = unknown(&format!("gone {n}"));
        gateway
            .bus
            .ensure(&Durable::Wait(UserId::internal(), Priority::Otp, target))
            .await
            .unwrap();
    }
    let waiting = Durable::Wait(UserId::internal(), Priority::Bulk, unknown("awaited"));
    let known = Durable::Wait(UserId::internal(), Priority::Bulk, pool());
    gateway.bus.ensure(&waiting).await.unwrap();
    gateway.bus.ensure(&known).await.unwrap();
    gateway.start_router(crate::gateway::config()).await;
    let id = gateway.request(Priority::Bulk, for_sim("awaited")).await;
    gateway.change(id, MtState::Admitted).await;
    let mut expected = [waiting.name(), known.name()];
    expected.sort();
    wait_for("the consumers to be removed", || async {
        let mut names = gateway.bus.durables(Stream::Wait).await.ok()?;
        names.sort();
        names.retain(|name| *name != expected[0] && *name != expected[1]);
        names.is_empty().then_some(())
    })
    .await;
    gateway.modem("awaited", ModemStatus::Ready).await;
    gateway.change(id, MtState::Released).await;
}
