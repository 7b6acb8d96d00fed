//! From a dispatched item to the network, and what is told of it.

use std::time::Duration;

use contracts::mt::MtChange;
use contracts::{MtState, Priority, Timestamp};
use modem_sim::{Fault, FaultRule};
use testkit::wait_for;

use crate::rig::{Rig, TO};

#[tokio::test]
async fn a_message_goes_out_and_is_told() {
    let rig = Rig::new(1).await;
    let driver = rig.driver(&[1]).await;
    let id = rig.dispatch("selamat pagi").await;
    let MtChange::Sent { through, parts } = rig.events.until(id, MtState::Sent).await else {
        panic!("not sent")
    };
    assert_eq!(parts.len(), 1);
    assert_eq!(rig.events.states_of(id), [MtState::Sending, MtState::Sent]);
    let sent = rig.sim.network().sent();
    assert_eq!((sent[0].to(), sent[0].text()), (TO.to_owned(), "selamat pagi".to_owned()));
    assert_eq!(parts[0].reference, sent[0].submit.reference);
    rig.queue_is_empty().await;
    let state = &rig.online(1).await[0];
    assert_eq!(
        (state.id, state.sim.as_ref().map(|sim| sim.id)),
        (through.modem, Some(through.sim))
    );
    wait_for("the message to be counted", || async {
        (rig.states().await[0].sent_today == 1).then_some(())
    })
    .await;
    driver.stop().await;
    assert_eq!(rig.states().await[0].status, contracts::modem::ModemStatus::Offline);
}

#[tokio::test]
async fn the_parts_of_a_long_message_go_out_in_order_as_one() {
    let rig = Rig::new(1).await;
    let _driver = rig.driver(&[1]).await;
    let text = "merpati ".repeat(60);
    let id = rig.dispatch(&text).await;
    let MtChange::Sent { parts, .. } = rig.events.until(id, MtState::Sent).await else {
        panic!("not sent")
    };
    assert_eq!(parts.iter().map(|part| part.part).collect::<Vec<_>>(), [1, 2, 3, 4]);
    let sent = rig.sim.network().sent();
    let concats: Vec<_> = sent.iter().filter_map(|sent| sent.submit.concat()).collect();
    assert_eq!(concats.iter().map(|concat| concat.sequence).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert!(concats.iter().all(|concat| concat.reference == concats[0].reference));
    assert_eq!(sent.iter().map(modem_sim::Sent::text).collect::<String>(), text);
}

#[tokio::test]
async fn a_temporary_error_is_tried_again() {
    let rig = Rig::new(1).await;
    rig.sim.modem(1).fault(FaultRule::times(Fault::Cms(42), 1));
    let _driver = rig.driver(&[1]).await;
    let id = rig.dispatch("again").await;
    rig.events.until(id, MtState::Sent).await;
    let states = [MtState::Sending, MtState::Deferred, MtState::Sending, MtState::Sent];
    assert_eq!(rig.events.states_of(id), states);
    let MtChange::Deferred { error, tries: 1, .. } = &rig.events.of(id)[1] else {
        panic!("{:?}", rig.events.of(id)[1])
    };
    assert_eq!(error.code, "cms-42");
    let words = rig.events.of(id)[1].to_string();
    assert!(words.starts_with("Try 1 failed: ") && words.contains("+CMS ERROR: 42"), "{words}");
    assert_eq!(rig.times_sent("again"), 1);
}

#[tokio::test]
async fn a_permanent_error_is_the_end_and_the_next_message_goes_out() {
    let rig = Rig::new(1).await;
    rig.sim.modem(1).fault(FaultRule::times(Fault::Cms(28), 1));
    let _driver = rig.driver(&[1]).await;
    let bad = rig.dispatch("to nobody").await;
    let MtChange::Failed { error, tries: 1, .. } = rig.events.until(bad, MtState::Failed).await
    else {
        panic!("{:?}", rig.events.of(bad))
    };
    assert_eq!(error.code, "cms-28");
    let good = rig.dispatch("to somebody").await;
    rig.events.until(good, MtState::Sent).await;
    rig.queue_is_empty().await;
}

#[tokio::test]
async fn an_error_that_may_be_the_balance_has_few_tries() {
    let rig = Rig::new(1).await;
    rig.sim.modem(1).fault(Fault::Cms(38));
    let _driver = rig.driver(&[1]).await;
    let id = rig.dispatch("no credit").await;
    let failed = rig.events.until(id, MtState::Failed).await;
    let words = failed.to_string();
    assert!(words.starts_with("Given up after 3 tries: "), "{words}");
    assert!(words.contains("Network out of order") && words.contains("balance"), "{words}");
    rig.queue_is_empty().await;
    let problem = rig.online(1).await[0].problem.clone().unwrap();
    assert_eq!(problem.code, "cms-38");
}

#[tokio::test]
async fn a_longer_wait_is_the_routers() {
    let rig = Rig::new(1).await;
    rig.sim.modem(1).fault(Fault::Cms(42));
    let mut settings = rig.settings(&[1]);
    settings.retry.waits = vec![Duration::from_secs(60)];
    let _driver = rig.driver_with(settings).await;
    let id = rig.dispatch("later").await;
    let MtChange::Deferred { until, tries: 1, kept_by, .. } =
        rig.events.until(id, MtState::Deferred).await
    else {
        panic!("{:?}", rig.events.of(id))
    };
    assert_eq!(kept_by, contracts::mt::Keeper::Router);
    assert!(until > Timestamp::now().plus(Duration::from_secs(30)));
    // The item is gone; the message comes again in another round, and goes on counting.
    rig.queue_is_empty().await;
    rig.sim.modem(1).clear(None);
    let again = rig
        .dispatch_with(Priority::Normal, "later", |item| {
            (item.id, item.request.id) = (id, Some(id));
            (item.request.round, item.request.tries) = (1, 1);
        })
        .await;
    assert_ne!(again, id);
    rig.events.until(id, MtState::Sent).await;
    let tries = rig.events.of(id).into_iter().find_map(|change| match change {
        MtChange::Sending { tries, .. } if tries > 1 => Some(tries),
        _ => None,
    });
    assert_eq!(tries, Some(2));
}

#[tokio::test]
async fn a_late_message_is_not_sent() {
    let rig = Rig::new(1).await;
    let id = rig
        .dispatch_with(Priority::Normal, "late", |item| {
            item.request.not_after = Some(Timestamp::now().minus(Duration::from_secs(1)));
        })
        .await;
    let _driver = rig.driver(&[1]).await;
    rig.events.until(id, MtState::Expired).await;
    rig.queue_is_empty().await;
    assert_eq!(rig.sim.network().sent_count(), 0);
}

#[tokio::test]
async fn a_message_that_cannot_be_encoded_fails_in_words() {
    let rig = Rig::new(1).await;
    let _driver = rig.driver(&[1]).await;
    let id = rig
        .dispatch_with(Priority::Normal, "", |item| {
            let encoding = contracts::mt::Encoding::Gsm7;
            item.request.body = contracts::mt::Body::Text { text: "漢".to_owned(), encoding };
        })
        .await;
    let failed = rig.events.until(id, MtState::Failed).await;
    assert!(failed.to_string().contains("GSM 7-bit"), "{failed}");
    rig.queue_is_empty().await;
}
