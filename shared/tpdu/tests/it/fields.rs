//! What single fields mean: tables of TS 23.038 and 23.040, typed in.

use tpdu::{
    Alphabet, Class, Concat, DataCoding, Deliver, Element, Outcome, Pdu, Ports, Received, Status,
    TypeOfAddress, TypeOfNumber, Udh, Waiting, WaitingKind, decode_received, from_hex, protocol,
};

/// TS 23.038, 4.
#[test]
fn data_coding_schemes() {
    use Alphabet::{Data, Gsm7, Ucs2};
    for (coding, alphabet, class) in [
        (0x00, Gsm7, None),
        (0x04, Data, None),
        (0x08, Ucs2, None),
        // Reserved alphabet: read as the default one.
        (0x0C, Gsm7, None),
        (0x10, Gsm7, Some(Class::Class0)),
        (0x15, Data, Some(Class::Class1)),
        (0x1A, Ucs2, Some(Class::Class2)),
        // Class bits without the bit that gives them a meaning.
        (0x03, Gsm7, None),
        // Marked for automatic deletion.
        (0x48, Ucs2, None),
        (0x53, Gsm7, Some(Class::Class3)),
        // Reserved groups.
        (0x84, Gsm7, None),
        (0xBF, Gsm7, None),
        // Message waiting.
        (0xC8, Gsm7, None),
        (0xD0, Gsm7, None),
        (0xE0, Ucs2, None),
        // Data coding and class.
        (0xF0, Gsm7, Some(Class::Class0)),
        (0xF1, Gsm7, Some(Class::Class1)),
        (0xF6, Data, Some(Class::Class2)),
    ] {
        let coding = DataCoding(coding);
        assert_eq!((coding.alphabet(), coding.class()), (alphabet, class), "{coding:?}");
    }
    // Bit 5: compressed, in the general groups only.
    let compressed = |coding| DataCoding(coding).is_compressed();
    assert_eq!([0x20, 0x3F, 0x60].map(compressed), [true; 3]);
    assert_eq!([0x00, 0x9F, 0xA0, 0xE0, 0xF0].map(compressed), [false; 5]);
    assert!(DataCoding(0x40).deletes_itself() && !DataCoding(0x80).deletes_itself());
    for (alphabet, class, octet) in
        [(Gsm7, None, 0x00), (Data, Some(Class::Class1), 0x15), (Ucs2, Some(Class::Class0), 0x18)]
    {
        assert_eq!(DataCoding::new(alphabet, class).0, octet);
    }
}

/// TS 23.038, 4: groups 1100, 1101, 1110.
#[test]
fn message_waiting() {
    let waiting = |coding| DataCoding(coding).waiting();
    let is = |active, kind, keep| Some(Waiting { active, kind, keep });
    assert_eq!(waiting(0xC8), is(true, WaitingKind::Voicemail, false));
    assert_eq!(waiting(0xC1), is(false, WaitingKind::Fax, false));
    assert_eq!(waiting(0xDA), is(true, WaitingKind::Email, true));
    assert_eq!(waiting(0xEB), is(true, WaitingKind::Other, true));
    assert_eq!(waiting(0xF0), None);
}

/// Compressed text is handed on as the octets it is.
#[test]
fn compressed_text_is_data() {
    let pdu = Pdu::<Deliver>::from_hex("00000181F1002000000000000000 02ABCD").unwrap();
    assert_eq!(pdu.tpdu.body().content(), tpdu::Content::Data(vec![0xAB, 0xCD]));
}

/// TS 23.040, 9.2.3.15.
#[test]
fn statuses() {
    for (status, outcome) in [
        (0x00, Outcome::Delivered),
        (0x02, Outcome::Delivered),
        // Reserved values read as 0x63, service rejected.
        (0x03, Outcome::Undelivered),
        (0x0F, Outcome::Undelivered),
        (0x10, Outcome::Delivered),
        (0x1F, Outcome::Delivered),
        (0x20, Outcome::Buffered),
        (0x25, Outcome::Buffered),
        (0x26, Outcome::Undelivered),
        (0x2F, Outcome::Undelivered),
        (0x30, Outcome::Buffered),
        (0x3F, Outcome::Buffered),
        (0x40, Outcome::Undelivered),
        (0x46, Outcome::Undelivered),
        (0x4A, Outcome::Undelivered),
        (0x60, Outcome::Undelivered),
        (0x66, Outcome::Undelivered),
        (0x7F, Outcome::Undelivered),
        (0x80, Outcome::Undelivered),
        (0xFF, Outcome::Undelivered),
    ] {
        assert_eq!(Status(status).outcome(), outcome, "{status:#x}");
    }
    assert_eq!(Status::EXPIRED.words(), "the validity period is over");
    let words: std::collections::HashSet<_> = (0x40..0x4A).map(|s| Status(s).words()).collect();
    assert_eq!(words.len(), 10, "each has its own");
}

/// TS 23.040, 9.1.2.5.
#[test]
fn types_of_address() {
    for (octet, ton, plan) in [
        (0x91, TypeOfNumber::International, 1),
        (0x81, TypeOfNumber::Unknown, 1),
        (0xA1, TypeOfNumber::National, 1),
        (0xB9, TypeOfNumber::NetworkSpecific, 9),
        (0xC8, TypeOfNumber::Subscriber, 8),
        (0xD0, TypeOfNumber::Alphanumeric, 0),
        (0xE1, TypeOfNumber::Abbreviated, 1),
        // Without bit 7.
        (0x11, TypeOfNumber::International, 1),
    ] {
        let kind = TypeOfAddress::from_octet(octet);
        assert_eq!((kind.ton(), kind.plan()), (ton, plan), "{octet:#x}");
    }
}

/// TS 23.040, 9.2.3.24: of an element that comes twice the last counts; impossible ones do not count.
#[test]
fn repeated_and_impossible_elements() {
    let concat = |reference, total, sequence| Element::Concat8 { reference, total, sequence };
    let udh = Udh(vec![
        concat(1, 2, 1),
        Element::Ports8 { destination: 240, source: 241 },
        concat(7, 3, 2),
        Element::Ports16 { destination: 2948, source: 9200 },
        concat(9, 0, 0),
        concat(9, 2, 3),
    ]);
    let last = Concat { reference: 7, wide: false, total: 3, sequence: 2 };
    assert_eq!(udh.concat(), Some(last));
    assert_eq!(udh.ports(), Some(Ports { destination: 2948, source: 9200 }));
    assert_eq!(Udh(vec![concat(9, 2, 0)]).concat(), None);
}

/// TS 23.040, 9.2.3.9.
#[test]
fn protocol_identifiers() {
    assert_eq!(protocol::replace_type(protocol::TYPE_0), None);
    assert_eq!(protocol::replace_type(0x47), Some(7));
    assert_eq!(protocol::replace_type(0x48), None);
}

/// Octets that read both with a service centre before and without: the announced length decides. Invented.
#[test]
fn the_announced_length_decides() {
    let octets = from_hex("0406912143040004112233445566770241000000").unwrap();
    let origin = |announced| match decode_received(&octets, announced).unwrap() {
        Pdu { smsc, tpdu: Received::Deliver(deliver) } => (smsc.is_some(), deliver.origin),
        other => panic!("{other:?}"),
    };
    let (prefixed, address) = origin(Some(octets.len()));
    assert_eq!((prefixed, address.to_string().as_str()), (false, "+123440"));
    let (prefixed, address) = origin(Some(octets.len() - 5));
    assert_eq!((prefixed, address.is_empty()), (true, true));
}

/// TS 23.040, 9.2.3.1: the reserved type is an SMS-DELIVER.
#[test]
fn the_reserved_type_is_a_deliver() {
    let octets = from_hex("070181F1000400000000000000024142").unwrap();
    assert_eq!(Deliver::decode(&octets).unwrap().origin.value(), "1");
}

/// TS 23.040, 9.2.3.16: only the octets that the length counts are the message's; padding is passed over.
#[test]
fn padding_is_passed_over() {
    let pdu = Pdu::<Deliver>::from_hex("00000181F1000400000000000000024142FFFFFF").unwrap();
    assert_eq!(pdu.tpdu.body().content(), tpdu::Content::Data(b"AB".to_vec()));
}

/// TS 23.040, 9.2.2.3: what follows TP-ST is optional; where it is nonsense the report still counts.
#[test]
fn nonsense_behind_a_report() {
    for tail in ["", "00", "FF", "FFFFFFFF", "07", "0700", "070000A1"] {
        // The head is gammu's, `published.rs`.
        let hex =
            format!("07914875215652F006360B914892347527F3817003018104808170030181448000{tail}");
        let pdu = Pdu::<tpdu::StatusReport>::from_hex(&hex).unwrap();
        assert_eq!((pdu.tpdu.reference, pdu.tpdu.status), (0x36, Status(0)), "{tail}");
        assert!(pdu.tpdu.parameters.is_empty(), "{tail}");
    }
    let hex = "06360B914892347527F3817003018104808170030181448000070000 0141";
    let report = tpdu::StatusReport::decode(&from_hex(hex).unwrap()).unwrap();
    assert!(report.parameters.user_data.is_some());
}
