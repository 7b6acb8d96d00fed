//! Receiving, and answering through the SIM that was written to.

use modem_sim::Make;
use serde_json::json;

use crate::rig::Rig;

async fn receive_and_answer(make: Make) {
    let rig = Rig::start(&[make, make]).await;
    let gateway = &rig.gateway;
    rig.network().send_text(1, "+6285711112222", "Apakah toko buka?").unwrap();
    let received = gateway.inbox(1).await.remove(0);
    assert_eq!(received["from"], "+6285711112222");
    assert_eq!(received["text"], "Apakah toko buka?");
    assert!(received["received_at"].as_str().unwrap().ends_with('Z'));

    let sim = &received["sim"];
    let answer = json!({ "to": received["from"], "text": "Buka sampai jam 9.", "sim": sim });
    let id = gateway.send_with(answer).await;
    let message = gateway.until(&id, &["sent", "delivered"]).await;
    assert_eq!(message["sim"], *sim);
    let sent = rig.network().sent().pop().unwrap();
    assert_eq!((sent.modem, sent.to()), (1, "+6285711112222".to_owned()));

    // The SIM is emptied once all is stored: a SIM of few slots takes many messages one after another.
    for n in 0..30 {
        rig.network().send_text(2, "+6285711113333", &format!("nomor {n}")).unwrap();
    }
    assert_eq!(gateway.inbox(31).await.len(), 31);

    // Several parts become one message.
    let long = "panjang ".repeat(40);
    rig.network().send_text(1, "BANK", &long).unwrap();
    let received = gateway.inbox(32).await.remove(0);
    assert_eq!(received["from"], "BANK");
    assert_eq!(received["text"], long);
}

#[tokio::test(flavor = "multi_thread")]
async fn wavecom() {
    receive_and_answer(Make::Wavecom).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn huawei() {
    receive_and_answer(Make::Huawei).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sim800() {
    receive_and_answer(Make::Sim800).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn quectel() {
    receive_and_answer(Make::Quectel).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_of_2006_from_the_field() {
    let rig = Rig::start(&[Make::Wavecom]).await;
    // From the log of a Wavecom modem behind the old engine, as `+CMT: ,35`.
    let pdu = "059126181642040C9126189519497500006020619041628212502B284C6EA7DDA0B03C0D5297D9E535";
    rig.network().send_hex(1, pdu).unwrap();
    let received = rig.gateway.inbox(1).await.remove(0);
    assert_eq!(received["text"], "PV admin ari jelek");
    assert_eq!(received["from"], "+628159919457");
    assert_eq!(received["smsc_at"], "2006-02-16T02:14:26Z");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_kept_and_shown() {
    let rig = Rig::start(&[Make::Quectel]).await;
    rig.network().send_hex(1, "0004059121430000").unwrap();
    rig.network().send_text(1, "+6285711112222", "goes on").unwrap();
    let inbox = rig.gateway.inbox(2).await;
    assert!(inbox.iter().any(|m| m["text"] == "goes on"));
}
