//! National language tables and similar characters, both ways.

use modem_sim::Make;
use serde_json::json;
use tpdu::{
    Address, Alphabet, DataCoding, Deliver, Element, Language, Scts, Shifts, Udh, UserData, gsm7,
};

use crate::rig::Rig;

/// 84 characters: two parts in UCS-2, one in the Turkish tables.
const TURKISH: &str =
    "Sayın müşterimiz, İstanbul şubemize gönderdiğiniz kargo bugün teslim alınmıştır. Şık";

#[tokio::test(flavor = "multi_thread")]
async fn tables_of_received_messages_are_read() {
    let rig = Rig::start(&[Make::Huawei]).await;
    // SMS-DELIVERs packed by hand from annex A of TS 23.038: the Turkish locking shift, then its single shift.
    let locking =
        "00440D91265817112122F20000621182120000821903250101E0A43BEC340B04D4B7D37290BD0C0A32E407";
    let single = "00440D91265817112122F20000621182120000821E03240101D84CD39B393BCD026D92FA765A0EB29741C1CD59BE4903";
    for (count, pdu) in [(1, locking), (2, single)] {
        rig.network().send_hex(1, pdu).unwrap();
        let received = rig.gateway.inbox(count).await.remove(0);
        assert_eq!(received["text"], "Şişli, İzmir ve Ağrı");
        assert_eq!(received["from"], "+6285711112222");
    }

    // Hindi with both: the digits are behind ESC.
    let text = "नमस्ते दुनिया १२३";
    let hindi = Some(Language::Hindi);
    let septets = gsm7::encode(text, Shifts { locking: hindi, single: hindi }).unwrap();
    let deliver = Deliver {
        more: false,
        loop_prevention: false,
        report: false,
        reply_path: false,
        origin: Address::number("+919812345678").unwrap(),
        protocol_id: 0,
        coding: DataCoding::new(Alphabet::Gsm7, None),
        timestamp: Scts::from_timestamp(1_790_000_000, 330).unwrap(),
        udh: Udh(vec![
            Element::LockingShift(Language::Hindi),
            Element::SingleShift(Language::Hindi),
        ]),
        data: UserData::Septets(septets),
        cut: false,
    };
    rig.network().send_deliver(1, &deliver).unwrap();
    let received = rig.gateway.inbox(3).await.remove(0);
    assert_eq!(received["text"], text);
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_are_used_to_send_when_they_are_allowed() {
    let rig = Rig::start(&[Make::Quectel]).await;
    let to = "+905321234567";
    let id = rig.gateway.send(to, TURKISH).await;
    let message = rig.gateway.until(&id, &["sent", "delivered"]).await;
    assert_eq!((&message["parts"], &message["encoding"]), (&json!(2), &json!("ucs2")));
    let sent = rig.network().sent();
    assert_eq!(sent.len(), 2);
    assert!(sent.iter().all(|part| part.submit.coding.alphabet() == Alphabet::Ucs2));
    assert_eq!(sent.iter().map(modem_sim::Sent::text).collect::<String>(), TURKISH);

    let body = json!({ "to": to, "text": TURKISH, "languages": "auto" });
    let id = rig.gateway.send_with(body).await;
    let message = rig.gateway.until(&id, &["sent", "delivered"]).await;
    assert_eq!((&message["parts"], &message["encoding"]), (&json!(1), &json!("gsm7")));
    assert_eq!(message["tables"]["locking"], "tr", "{message}");
    let sent = rig.network().sent();
    assert_eq!(sent.len(), 3, "one part");
    let submit = &sent[2].submit;
    assert_eq!(submit.coding.alphabet(), Alphabet::Gsm7);
    assert_eq!(submit.udh.shifts().locking, Some(Language::Turkish));
    assert_eq!(sent[2].text(), TURKISH);
}

#[tokio::test(flavor = "multi_thread")]
async fn similar_characters_go_out_and_the_sender_is_told() {
    let rig = Rig::start(&[Make::Sim800]).await;
    let text = "“Paket” sudah dikirim – terima kasih… ".repeat(2);
    let plain = "\"Paket\" sudah dikirim - terima kasih... ".repeat(2);
    let told = rig
        .gateway
        .cli(&["send", "--to", "+62899001", "--text", &text, "--encoding", "smart", "--wait"])
        .await;
    assert_eq!((&told["parts"], &told["encoding"]), (&json!(1), &json!("gsm7")), "{told}");
    assert_eq!(told["replaced"][0], json!({ "from": "“", "to": "\"", "times": 2 }));
    let sent = rig.network().sent();
    assert_eq!((sent.len(), sent[0].text()), (1, plain));

    let told = rig
        .gateway
        .cli(&[
            "send",
            "--to",
            "+905321234567",
            "--text",
            TURKISH,
            "--languages",
            "es,tr",
            "--wait",
        ])
        .await;
    assert_eq!((&told["parts"], &told["tables"]["locking"]), (&json!(1), &json!("tr")));
    assert_eq!(rig.network().sent()[1].text(), TURKISH);
}
