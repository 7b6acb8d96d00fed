//! Each field of the TPDU that a program may set, as the network took it.

use modem_sim::Make;
use serde_json::{Value, json};
use tpdu::{Alphabet, Class, Element, Ports, Submit, UserData, Validity};

use crate::rig::Rig;

/// What the network took for a text with more fields; the first part.
async fn taken(rig: &Rig, more: Value) -> Submit {
    let mut body = json!({ "to": "+62899000111", "text": "hi" });
    let fields = body.as_object_mut().unwrap();
    fields.extend(more.as_object().unwrap().clone());
    if fields.contains_key("data") {
        fields.remove("text");
    }
    let before = rig.network().sent().len();
    let id = rig.gateway.send_with(body).await;
    rig.gateway.until(&id, &["sent", "delivered"]).await;
    let sent = rig.network().sent();
    assert_eq!(sent.len(), before + 1);
    sent[before].submit.clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_reaches_the_network() {
    let rig = Rig::start(&[Make::Wavecom]).await;

    let usual = taken(&rig, json!({})).await;
    assert_eq!((usual.protocol_id, usual.reply_path, usual.report), (0, false, true));
    assert_eq!((usual.coding.class(), usual.validity), (None, None));
    assert!(usual.udh.is_empty());

    for (number, class) in (0_u8..4).map(|n| (n, Class::from_number(n))) {
        let submit = taken(&rig, json!({ "class": number })).await;
        assert_eq!(submit.coding.class(), class);
    }
    let flash = taken(&rig, json!({ "flash": true })).await;
    assert_eq!(flash.coding.class().map(Class::number), Some(0));

    let day = taken(&rig, json!({ "validity_minutes": 1440 })).await;
    assert_eq!(day.validity, Some(Validity::Relative(167)));
    let rounded_up = taken(&rig, json!({ "validity_minutes": 61 })).await;
    assert_eq!(rounded_up.validity, Some(Validity::Relative(12)), "65 minutes");

    assert!(!taken(&rig, json!({ "report": false })).await.report);
    assert!(taken(&rig, json!({ "reply_path": true })).await.reply_path);
    assert_eq!(taken(&rig, json!({ "protocol_id": 65 })).await.protocol_id, 65);

    // A header of one's own: a port element, as for WAP push.
    let wap = taken(&rig, json!({ "data": "00ff10", "udh": "06050423F40000" })).await;
    assert_eq!(wap.coding.alphabet(), Alphabet::Data);
    assert_eq!(wap.data, UserData::Octets(vec![0x00, 0xff, 0x10]));
    assert_eq!(wap.udh.ports(), Some(Ports { destination: 9204, source: 0 }));

    let ports = json!({ "data": "01fe", "ports": [5505, 5506], "class": 1 });
    let binary = taken(&rig, ports).await;
    assert_eq!(binary.coding.alphabet(), Alphabet::Data);
    assert_eq!(binary.data, UserData::Octets(vec![0x01, 0xfe]));
    assert_eq!(binary.udh.0, [Element::Ports16 { destination: 5505, source: 5506 }]);
    assert_eq!(binary.coding.class().map(Class::number), Some(1));

    for dcs in [0xF0_u8, 0xC8, 0xD8, 0xE8, 0x11, 0x40] {
        assert_eq!(taken(&rig, json!({ "dcs": dcs })).await.coding.0, dcs);
    }
    let octets = taken(&rig, json!({ "data": "027000", "dcs": 0xF7, "protocol_id": 127 })).await;
    assert_eq!((octets.coding.0, octets.protocol_id), (0xF7, 127));

    let ucs2 = taken(&rig, json!({ "encoding": "ucs2" })).await;
    assert_eq!(ucs2.coding.alphabet(), Alphabet::Ucs2);
}
