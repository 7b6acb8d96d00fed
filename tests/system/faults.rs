//! Modems and networks that fail, and what the message's timeline says of it.

use modem_sim::{Fault, FaultRule, Make};

use crate::rig::{Rig, words};

/// Retries at once, so that no test waits.
const AT_ONCE: &[(&str, &str)] = &[("MERPATI__MODEMS__RETRY", "1ms")];

#[tokio::test(flavor = "multi_thread")]
async fn network_out_of_order_names_the_balance_and_is_given_up_in_the_end() {
    let rig = Rig::start_with(&[Make::Wavecom], AT_ONCE).await;
    rig.modem(1).fault(Fault::Cms(38));
    let id = rig.gateway.send("+6281234567890", "tanpa pulsa").await;
    let message = rig.gateway.until(&id, &["failed"]).await;
    let words = words(&message);
    let tries: Vec<&String> = words.iter().filter(|line| line.contains("failed:")).collect();
    assert!(!tries.is_empty() && tries.len() < 10, "bounded tries: {words:?}");
    assert!(tries[0].contains("Network out of order"), "{words:?}");
    assert!(tries[0].contains("balance"), "{words:?}");
    assert!(tries[0].contains("tried again at"), "it says until when it waits: {words:?}");
    assert!(words.last().unwrap().starts_with("Given up after"), "{words:?}");
    assert_eq!(message["error"]["code"], "cms-38");
    assert_eq!(rig.network().sent_count(), 0);
    let modems = rig.gateway.cli(&["modems"]).await;
    assert!(modems.to_string().contains("balance"), "the modem says it too: {modems}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_temporary_error_and_then_success() {
    let rig = Rig::start_with(&[Make::Huawei], AT_ONCE).await;
    rig.modem(1).fault(FaultRule::times(Fault::Cms(42), 1));
    let id = rig.gateway.send("+6281234567890", "ramai").await;
    let message = rig.gateway.until(&id, &["sent", "delivered"]).await;
    let words = words(&message);
    assert!(words.iter().any(|line| line.starts_with("Try 1 failed:")), "{words:?}");
    assert!(words.iter().any(|line| line == "Given to the modem, try 2."), "{words:?}");
    assert_eq!(rig.network().sent_count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_number_fails_at_once_and_holds_up_nobody() {
    let rig = Rig::start(&[Make::Sim800]).await;
    rig.modem(1).fault(FaultRule::times(Fault::Cms(28), 1));
    let bad = rig.gateway.send("+6281000000000", "siapa?").await;
    let message = rig.gateway.until(&bad, &["failed"]).await;
    assert_eq!(message["error"]["code"], "cms-28");
    let good = rig.gateway.send("+6281234567890", "halo").await;
    rig.gateway.until(&good, &["sent", "delivered"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_before_the_answer_counts() {
    let rig = Rig::start(&[Make::Quectel]).await;
    rig.modem(1).fault(FaultRule::times(Fault::ReportFirst, 1));
    let id = rig.gateway.send("+6281234567890", "cepat").await;
    let message = rig.gateway.until(&id, &["delivered"]).await;
    assert_eq!(words(&message).last().unwrap(), "Delivered to the recipient's phone.");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_prompt_is_tried_again_and_sent_once() {
    let rig = Rig::start_with(&[Make::Wavecom], AT_ONCE).await;
    rig.modem(1).fault(FaultRule::times(Fault::NoPrompt, 1));
    let id = rig.gateway.send("+6281234567890", "sabar").await;
    rig.gateway.until(&id, &["sent", "delivered"]).await;
    assert_eq!(rig.network().sent_count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_modem_that_is_pulled_out_leaves_its_work_to_the_others_and_comes_back() {
    let rig = Rig::start(&[Make::Wavecom, Make::Huawei]).await;
    rig.modem(1).unplug().await;
    for n in 0..4 {
        let id = rig.gateway.send("+6281234567890", &format!("pesan {n}")).await;
        let message = rig.gateway.until(&id, &["sent", "delivered"]).await;
        assert_eq!(message["state"].as_str().map(|s| s == "sent" || s == "delivered"), Some(true));
    }
    assert!(rig.network().sent().iter().all(|sent| sent.modem == 2));
    rig.modem(1).replug(None).await.unwrap();
    rig.gateway.modems_ready(2).await;
    rig.modem(2).unplug().await;
    let id = rig.gateway.send("+6281234567890", "kembali").await;
    rig.gateway.until(&id, &["sent", "delivered"]).await;
    assert_eq!(rig.network().sent().pop().unwrap().modem, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn unplugged_in_the_middle_is_uncertain_until_the_report_settles_it() {
    let rig = Rig::start(&[Make::Wavecom]).await;
    // The report comes when the modem is back: before it is set up, it would take it and forget it.
    rig.network().configure(|network| network.report_delay = std::time::Duration::from_secs(5));
    rig.modem(1).fault(FaultRule::times(Fault::UnplugAfter, 1));
    let id = rig.gateway.send("+6281234567890", "di tengah").await;
    let message = rig.gateway.until(&id, &["uncertain"]).await;
    let words = words(&message);
    assert!(words.last().unwrap().starts_with("Nobody knows whether part 1 went out"), "{words:?}");
    rig.modem(1).replug(None).await.unwrap();
    rig.gateway.until(&id, &["delivered"]).await;
    assert_eq!(rig.network().sent_count(), 1, "never sent again in silence");
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_on_one_modem_does_not_concern_the_other() {
    let rig = Rig::start(&[Make::Wavecom, Make::Quectel]).await;
    rig.modem(1).fault(Fault::Garbage);
    rig.modem(1).reboot();
    for _ in 0..3 {
        let id = rig.gateway.send("+6281234567890", "tetap jalan").await;
        rig.gateway.until(&id, &["sent", "delivered"]).await;
    }
    assert!(rig.network().sent().iter().all(|sent| sent.modem == 2));
}
