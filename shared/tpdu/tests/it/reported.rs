//! PDUs that were reported to have failed somewhere, by the number of the report in our list.

use tpdu::{
    Class, Concat, Content, Deliver, MmsNotification, Ports, Received, Status, Waiting,
    WaitingKind, decode_received, from_hex, join,
};

fn received(hex: &str) -> Deliver {
    let hex: String = hex.split_whitespace().collect();
    match decode_received(&from_hex(&hex).unwrap(), None).unwrap().tpdu {
        Received::Deliver(deliver) => deliver,
        Received::StatusReport(report) => panic!("{report:?}"),
    }
}

/// A sender whose type of number is network-specific is no international one, U+200C is kept, and the zone is +13:00.
#[test]
fn b01_network_specific_sender() {
    let deliver = received(
        "069146120621012404B6648900085221224185502524200C4F6076840020005800209A8C8BC17801662F002000340
         03000330033003000383002",
    );
    assert_eq!(deliver.origin.to_string(), "4698");
    assert!(deliver.timestamp.to_string().ends_with("+13:00"));
    assert!(deliver.text().unwrap().starts_with('\u{200C}'));
}

/// A subscriber number under the national numbering plan is digits, not a name.
#[test]
fn b02_subscriber_number_of_a_national_plan() {
    let deliver = received(
        "07914150740250F52405C90715F400004250423161226917C8A953076A96DB6F793ACC0611C379D034CC2E8700",
    );
    assert_eq!(deliver.origin.to_string(), "70514");
    assert!(!deliver.origin.is_name());
    assert_eq!(deliver.text().unwrap(), "HSN: Memorial Day Sale!");
    assert_eq!(deliver.timestamp.to_string(), "2024-05-24T13:16:22-04:00");
}

#[test]
fn b03_voice_mail_indication_with_a_name() {
    let deliver = received(
        "07915510100102910407D1D6A4F50900C8715091415320291FD6F7B80CA297DBA018C8FDB68751F314A85D76CFC3E7
         721BE59EA700",
    );
    assert_eq!(deliver.origin.to_string(), "VIVO");
    assert_eq!(deliver.text().unwrap(), "Voce tem 1 nova(s) mensagem(ns)");
    assert_eq!(deliver.timestamp.to_string(), "2017-05-19T14:35:02-03:00");
    let waiting = Waiting { active: true, kind: WaitingKind::Voicemail, keep: false };
    assert_eq!(deliver.coding.waiting(), Some(waiting));
}

/// TP-DCS FB sets the reserved bit 3.
#[test]
fn b06_reserved_bit_of_a_class_3_message() {
    let deliver = received(
        "06914977000030200B914977000010F100FB918050809053221DB11C0C0683C1603018080402816432DD0C06028182C
         221B16804",
    );
    assert_eq!(deliver.origin.to_string(), "+94770000011");
    assert_eq!(deliver.coding.class(), Some(Class::Class3));
    assert_eq!(deliver.text().unwrap(), "1900000000     22:30   ABCDEF");
    assert_eq!(deliver.timestamp.to_string(), "2019-08-05T08:09:35+05:30");
}

#[test]
fn b07_ucs2_of_class_1_with_a_reference_of_16_bits() {
    let deliver = received(
        "07919730071111F1440DD0C272999D7697010019718012214462218B06080463D005010421043F0430044104380431
         043E002C002004470442043E00200432044B043104400430043B0438002004110438043B04300439043D0021002004
         23002004320430044100200442043004400438044400200022041D043E043B044C00200441043E043C043D0435043D
         0438043900220020043104350437002004300431043E043D0435",
    );
    assert_eq!(deliver.coding.class(), Some(Class::Class1));
    let part = Concat { reference: 0x63D0, wide: true, total: 5, sequence: 1 };
    assert_eq!(deliver.concat(), Some(part));
    assert!(deliver.text().unwrap().starts_with("Спасибо, что выбрали Билайн!"));
}

#[test]
fn b10_multimedia_notification_of_two_parts() {
    let parts = [
        "07912374150000F0440B912374000000F1000471309270345080840B05040B8423F000032A02014F06226170706C6963
         6174696F6E2F766E642E7761702E6D6D732D6D65737361676500AF848C82983831343630343934406D6D7331008D92
         8918802B33323437303030303030312F545950453D504C4D4E0096008F8186818A808E03017A598805810303F48083
         687474703A2F2F6D74732F3F69643D3831",
        "07912374150000F0440B912374000000F1000471309270345080130B05040B8423F000032A020234363034393400",
    ]
    .map(received);
    assert_eq!(parts[0].udh.ports(), Some(Ports { destination: 2948, source: 9200 }));
    let Content::Data(data) = join(&[parts[0].body(), parts[1].body()]) else { panic!("text") };
    let mms = MmsNotification::decode(&data).unwrap();
    assert_eq!(mms.from.as_deref(), Some("+32470000001"));
    assert_eq!((mms.size, mms.location.as_str()), (Some(96_857), "http://mts/?id=81460494"));
    // The first part alone does not say where the message waits.
    let Content::Data(first) = parts[0].body().content() else { panic!("text") };
    assert_eq!(MmsNotification::decode(&first), None);
}

/// A sender of no digits, TP-ST 3 of the reserved ones.
#[test]
fn b13_and_b11_a_sender_of_nothing_and_a_reserved_status() {
    let deliver = received("07912801929190650400A100000211019090656304F4F29C0E");
    assert_eq!(deliver.origin.to_string(), "");
    assert_eq!(deliver.text().unwrap(), "test");

    let hex = "07919740430900F306230B919720000010F7510172505535215101725055752103";
    let Received::StatusReport(report) =
        decode_received(&from_hex(hex).unwrap(), None).unwrap().tpdu
    else {
        panic!("a message")
    };
    assert_eq!((report.reference, report.status), (0x23, Status(0x03)));
    assert_eq!(report.recipient.to_string(), "+79020000017");
    assert_eq!(report.status.outcome(), tpdu::Outcome::Undelivered);
}
