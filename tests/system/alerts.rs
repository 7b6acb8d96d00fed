//! A modem is pulled out: its operators are told once, by a webhook and by an SMS through the other modem, and once when it is back.

use modem_sim::Make;
use serde_json::{Value, json};
use testkit::wait_for_within;

use crate::gateway::PATIENCE;
use crate::rig::Rig;
use crate::webhooks::{ALLOWED, Program, add};

const OPERATOR: &str = "+6285799990000";

/// The next event about a modem that is gone.
async fn told(program: &mut Program, secret: &str, event: &str) -> Value {
    loop {
        let (_, told) = program.told(secret).await;
        if told["data"]["kind"] == "modem_offline" {
            assert_eq!(told["type"], event, "{told}");
            return told["data"].clone();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_modem_that_is_pulled_out_is_told_once_and_when_it_is_back() {
    let environment = [
        ALLOWED[0],
        ("MERPATI__ALERTS__EVERY", "200ms"),
        ("MERPATI__ALERTS__MODEM_AFTER", "2s"),
        ("MERPATI__ALERTS__OVER_AFTER", "1s"),
        ("MERPATI__ALERTS__SMS_TO", OPERATOR),
        // Whatever the disk of the machine that tests is like.
        ("MERPATI__ALERTS__DISK_FREE", "0B"),
    ];
    let rig = Rig::start_with(&[Make::Wavecom, Make::Huawei], &environment).await;
    let mut program = Program::start("127.0.0.1:0".parse().unwrap()).await;
    let (_, secret) = add(&rig, &program.url(), &["alert.opened", "alert.closed"]).await;

    rig.modem(1).unplug().await;
    let opened = told(&mut program, &secret, "alert.opened").await;
    assert!(opened["text"].as_str().unwrap().contains("is offline"), "{opened}");
    assert!(!opened["advice"].as_str().unwrap().is_empty(), "{opened}");
    let to_operator = || {
        let sent = rig.network().sent().into_iter().filter(|sent| sent.to() == OPERATOR);
        sent.map(|sent| (sent.modem, sent.text())).collect::<Vec<_>>()
    };
    let sms = wait_for_within(PATIENCE, "the SMS to the operator", || async {
        to_operator().into_iter().next()
    })
    .await;
    assert_eq!(sms.0, 2, "by the modem that is there");
    assert!(sms.1.starts_with("Merpati: Modem "), "{}", sms.1);
    let open = rig.gateway.cli(&["alerts"]).await;
    assert_eq!(open["alerts"][0]["id"], opened["id"], "{open}");

    rig.modem(1).replug(None).await.unwrap();
    let closed = told(&mut program, &secret, "alert.closed").await;
    assert_eq!(closed["id"], opened["id"]);
    assert!(closed["closed_at"].is_string(), "{closed}");
    let of_modem = |list: &Value| {
        let alerts = list["alerts"].as_array().unwrap().iter();
        alerts.filter(|alert| alert["kind"] == "modem_offline").count()
    };
    assert_eq!(of_modem(&rig.gateway.cli(&["alerts"]).await), 0);
    assert_eq!(of_modem(&rig.gateway.cli(&["alerts", "--all"]).await), 1);
    let of_modem: Vec<_> =
        to_operator().into_iter().filter(|(_, text)| text.contains("is offline")).collect();
    assert_eq!(of_modem.len(), 1, "{of_modem:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn why_a_message_waits_is_said_by_one_command() {
    let rig = Rig::start(&[Make::Wavecom]).await;
    let sent = rig.gateway.send("+6285711113333", "Halo").await;
    rig.gateway.until(&sent, &["sent", "delivered"]).await;
    let why = rig.gateway.cli(&["why", &sent]).await;
    assert!(why["waiting"].is_null(), "{why}");
    rig.modem(1).unplug().await;
    wait_for_within(PATIENCE, "the modem to be gone", || async {
        let modems = rig.gateway.cli(&["modems"]).await;
        (modems["modems"][0]["status"] == "offline").then_some(())
    })
    .await;
    let waits = rig.gateway.send("+6285711113333", "Apa kabar?").await;
    let why = rig.gateway.cli(&["why", &waits]).await;
    assert_eq!(why["waiting"]["code"], json!("no-modem"), "{why}");
}
