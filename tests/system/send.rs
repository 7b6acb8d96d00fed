//! Sending, on modems of all four makes.

use modem_sim::Make;
use serde_json::json;

use crate::gateway::Gateway;
use crate::rig::{Rig, words};

/// The numbers of the simulated modems of `merpati up --sim 2`.
pub(crate) async fn numbers(gateway: &Gateway) -> [String; 2] {
    testkit::wait_for("the numbers of both SIMs", || async {
        let modems = gateway.modems_ready(2).await;
        let numbers = modems.iter().map(|m| Some(m["sim"]["number"].as_str()?.to_owned()));
        let mut numbers: Vec<String> = numbers.collect::<Option<_>>()?;
        numbers.sort();
        numbers.try_into().ok()
    })
    .await
}

/// A text that needs three parts, whose end shows that nothing is missing.
fn long_text() -> String {
    let mut text = "Bhinneka Tunggal Ika. ".repeat(16);
    text.push_str("Tan hana dharma mangrwa.");
    text
}

async fn send_all_kinds(make: Make) {
    let rig = Rig::start(&[make, make]).await;
    let (gateway, to) = (&rig.gateway, rig.number(2));

    // A text, and its report.
    let id = gateway.send(&to, "Halo {dunia} €").await;
    let message = gateway.until(&id, &["delivered"]).await;
    assert_eq!(message["parts"], 1);
    assert_eq!(message["text"], "Halo {dunia} €");
    assert!(message["modem"].as_str().unwrap().starts_with("mdm_"));
    assert!(message["sim"].as_str().unwrap().starts_with("sim_"));
    assert_eq!(
        words(&message),
        [
            "Accepted: the gateway has it, and keeps it.",
            "Queued as one part.",
            "Waits for a free modem.",
            "Given to the modem, try 1.",
            "The network took it.",
            "Delivered to the recipient's phone.",
        ]
    );

    // Several parts go through one SIM.
    let id = gateway.send(&to, &long_text()).await;
    let message = gateway.until(&id, &["delivered"]).await;
    assert_eq!(message["parts"], 3);
    let sent = rig.network().sent();
    let parts: Vec<_> = sent.iter().filter(|sent| sent.submit.concat().is_some()).collect();
    assert_eq!(parts.len(), 3);
    assert!(parts.iter().all(|part| part.modem == parts[0].modem), "one SIM");
    let sequence: Vec<u8> = parts.iter().map(|p| p.submit.concat().unwrap().sequence).collect();
    assert_eq!(sequence, [1, 2, 3]);

    // Other alphabets, and a flash message.
    let id = gateway.send(&to, "Selamat pagi 🌅 日本").await;
    gateway.until(&id, &["delivered"]).await;
    let id = gateway.send_with(json!({ "to": [to], "text": "flash", "flash": true })).await;
    gateway.until(&id, &["delivered"]).await;
    let flash = rig.network().sent().pop().unwrap();
    assert_eq!(flash.submit.coding.class().map(tpdu::Class::number), Some(0));

    // All of it arrived, whole.
    let inbox = gateway.inbox(4).await;
    let mut texts: Vec<&str> = inbox.iter().map(|m| m["text"].as_str().unwrap()).collect();
    texts.sort_unstable();
    let long = long_text();
    assert_eq!(texts, [long.as_str(), "Halo {dunia} €", "Selamat pagi 🌅 日本", "flash"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn wavecom() {
    send_all_kinds(Make::Wavecom).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn huawei() {
    send_all_kinds(Make::Huawei).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sim800() {
    send_all_kinds(Make::Sim800).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn quectel() {
    send_all_kinds(Make::Quectel).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_work_is_shared_and_nothing_is_sent_twice() {
    let rig = Rig::start(&[Make::Wavecom, Make::Huawei, Make::Sim800, Make::Quectel]).await;
    let to: Vec<String> = (0..40).map(|n| format!("+62899{n:07}")).collect();
    let (status, answer) = rig.gateway.post("/messages", &json!({ "to": to, "text": "hi" })).await;
    assert_eq!(status, 202, "{answer}");
    for message in answer["messages"].as_array().unwrap() {
        rig.gateway.until(message["id"].as_str().unwrap(), &["sent", "delivered"]).await;
    }
    let sent = rig.network().sent();
    let mut recipients: Vec<String> = sent.iter().map(modem_sim::Sent::to).collect();
    recipients.sort();
    assert_eq!(recipients, to, "each once");
}
