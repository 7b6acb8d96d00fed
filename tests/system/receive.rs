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

/// What networks really deliver that is no plain text, as a person and a program see it: a message that was cut, a
/// waiting voice mail, a picture message of two parts, a meter's text as 8-bit data.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_plain_text_is_shown_as_what_it_is() {
    let rig = Rig::start(&[Make::Quectel]).await;
    let network = rig.network();
    network
        .send_hex(1, "07911326040000F0040B911326040010F00000208062917314480CC8F71D149697")
        .unwrap();
    let inbox = rig.gateway.inbox(1).await;
    assert_eq!((&inbox[0]["text"], &inbox[0]["cut"]), (&json!("How ar"), &json!(true)));

    network.send_hex(1, "07915510100102910407D1D6A4F50900C8715091415320291FD6F7B80CA297DBA018C8FDB68751F314A85D76CFC3E7721BE59EA700").unwrap();
    let inbox = rig.gateway.inbox(2).await;
    assert_eq!(inbox[0]["text"], "Voce tem 1 nova(s) mensagem(ns)");
    assert_eq!(
        inbox[0]["waiting"],
        json!([{ "kind": "voicemail", "active": true, "count": null }])
    );

    for part in [
        "07912374150000F0440B912374000000F1000471309270345080840B05040B8423F000032A02014F06226170706C69636174696F6E2F766E642E7761702E6D6D732D6D65737361676500AF848C82983831343630343934406D6D7331008D928918802B33323437303030303030312F545950453D504C4D4E0096008F8186818A808E03017A598805810303F48083687474703A2F2F6D74732F3F69643D3831",
        "07912374150000F0440B912374000000F1000471309270345080130B05040B8423F000032A020234363034393400",
    ] {
        network.send_hex(1, part).unwrap();
    }
    let inbox = rig.gateway.inbox(3).await;
    let mms = &inbox[0]["mms"];
    assert_eq!((&mms["from"], &mms["size"]), (&json!("+32470000001"), &json!(96_857)));
    assert_eq!(mms["location"], "http://mts/?id=81460494");
    assert!(mms["expires_at"].is_string(), "{mms}");

    // TP-DCS 04: "T=23.5".
    network.send_hex(1, "00040B912374000000F100047130927034508006543D32332E35").unwrap();
    let inbox = rig.gateway.inbox(4).await;
    assert_eq!((&inbox[0]["text"], &inbox[0]["data"]), (&json!(null), &json!("543D32332E35")));
    assert_eq!(inbox[0]["data_text"], "T=23.5");
    assert_eq!((&inbox[0]["mms"], &inbox[0]["cut"]), (&json!(null), &json!(false)));
}
