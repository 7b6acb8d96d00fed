//! An error names the field and where it is.

use tpdu::{
    Address, AddressError, ComposeError, DataCoding, DecodeError, Deliver, Element,
    EncodeErrorKind, MessageSpec, Pdu, StatusReport, Submit, Udh, UserData, compose, from_hex,
};

fn deliver(hex: &str) -> DecodeError {
    Pdu::<Deliver>::from_hex(hex).unwrap_err()
}

#[test]
fn every_field_is_named_where_the_octets_end() {
    // The record of issue 2, cut: 6 octets of service centre, then the TPDU.
    let whole =
        "059126181642040C9126189519497500006020619041628212502B284C6EA7DDA0B03C0D5297D9E535";
    for (octets, field, offset) in [
        (0, "smsc.length", 0),
        (1, "smsc.type", 1),
        (3, "smsc.digits", 2),
        (6, "first_octet", 6),
        (7, "origin.length", 7),
        (8, "origin.type", 8),
        (12, "origin.digits", 9),
        (15, "protocol_id", 15),
        (16, "coding", 16),
        (20, "timestamp", 17),
        (24, "user_data.length", 24),
        (40, "user_data", 25),
    ] {
        let error = deliver(&whole[..octets * 2]);
        assert_eq!((error.field.as_str(), error.offset), (field, offset), "{octets} octets");
    }
    assert_eq!(
        deliver(&whole[..24]).to_string(),
        "origin.digits, octet 9: 6 octets are needed and 3 are left"
    );
}

#[test]
fn lengths_that_cannot_be() {
    assert_eq!(
        deliver("0D91261816420011223344556677").to_string(),
        "smsc.length, octet 0: the length is 13 and at most 12 is possible"
    );
    // 161 septets; 141 octets.
    for (coding, length, most) in [("00", "A1", 160), ("04", "8D", 140)] {
        let hex = format!("00000181F100{coding}00000000000000{length}{}", "00".repeat(150));
        let error = deliver(&hex);
        assert_eq!((error.field.as_str(), error.offset), ("user_data.length", 14));
        assert!(error.to_string().ends_with(&format!("at most {most} is possible")), "{error}");
    }
    // A header that is longer than the user data it is in.
    let error = deliver("00400181F1000400000000000000030500AA");
    assert_eq!((error.field.as_str(), error.offset), ("udh.length", 16));
}

#[test]
fn the_wrong_tpdu_is_named() {
    let submit = from_hex("11000B916407281553F80000AA0AE8329BFD4697D9EC37").unwrap();
    assert_eq!(
        Deliver::decode(&submit).unwrap_err().to_string(),
        "first_octet, octet 0: the message type bits are 01, expected 00"
    );
    assert!(StatusReport::decode(&submit).is_err());
    assert!(Submit::decode(&submit).is_ok());
}

#[test]
fn text_that_is_no_hex() {
    assert_eq!(deliver("0591z").to_string(), "hex, octet 2: 'z' is no hexadecimal digit");
    assert_eq!(deliver("059").to_string(), "hex, octet 1: the number of hexadecimal digits is odd");
}

/// TS 23.040, 9.2.3.24: a header whose elements do not fill it is ignored, and what follows it is not lost.
#[test]
fn a_broken_header_is_passed_over() {
    let deliver = Pdu::<Deliver>::from_hex("00400181F100040000000000000006030005004142").unwrap();
    assert_eq!(deliver.tpdu.udh, Udh::NONE);
    assert_eq!(deliver.tpdu.data, UserData::Octets(b"AB".to_vec()));
}

/// What a program gives to be sent must be right.
#[test]
fn a_header_to_be_sent_is_checked() {
    let decode = |hex: &str| Udh::decode(&from_hex(hex).unwrap());
    assert_eq!(decode("").unwrap(), Udh::NONE);
    assert_eq!(
        decode("0500032A0201").unwrap().0,
        [Element::Concat8 { reference: 42, total: 2, sequence: 1 }]
    );
    assert_eq!(decode("0600032A0201").unwrap_err().field, "udh.length");
    assert_eq!(
        decode("0400032A0201").unwrap_err().to_string(),
        "udh.length, octet 0: 1 octets follow its end"
    );
    let error = decode("0500042A0201").unwrap_err();
    assert_eq!((error.field.as_str(), error.offset), ("udh.element.data", 3));
}

#[test]
fn values_without_octets() {
    let submit = |coding, data| Submit {
        reject_duplicates: false,
        reference: 0,
        destination: Address::number("1").unwrap(),
        protocol_id: 0,
        coding,
        validity: None,
        report: false,
        reply_path: false,
        udh: Udh::NONE,
        data,
    };
    let error = |coding, data| submit(coding, data).encode().unwrap_err();
    assert_eq!(
        error(DataCoding::GSM7, UserData::Septets(vec![0; 161])).to_string(),
        "user_data: 161 septets are too many: at most 160 fit"
    );
    assert_eq!(
        error(DataCoding::DATA, UserData::Octets(vec![0; 141])).to_string(),
        "user_data: 141 octets are too many: at most 140 fit"
    );
    assert_eq!(
        error(DataCoding::UCS2, UserData::Septets(vec![0])).kind,
        EncodeErrorKind::CodingMismatch
    );
    assert_eq!(
        error(DataCoding::GSM7, UserData::Septets(vec![0x80])).kind,
        EncodeErrorKind::NotASeptet(0x80)
    );
    let mut long = submit(DataCoding::GSM7, UserData::Septets(vec![]));
    long.udh = Udh(vec![Element::Other { id: 0x70, data: vec![0; 138] }]);
    assert_eq!(
        long.encode().unwrap_err().to_string(),
        "udh: 140 octets are too many: at most 139 fit"
    );
}

#[test]
fn addresses_that_are_none() {
    assert_eq!(Address::number(""), Err(AddressError::Empty));
    assert_eq!(Address::number("+"), Err(AddressError::Empty));
    assert_eq!(Address::number("0812-3"), Err(AddressError::Digit('-')));
    assert_eq!(Address::number(&"1".repeat(21)), Err(AddressError::TooLong(21)));
    assert_eq!(Address::name("twelve chars"), Err(AddressError::NameTooLong(12)));
    assert_eq!(
        Address::name("Меrpati").unwrap_err().to_string(),
        "names are written in the GSM 7-bit alphabet: 'М' (U+041C), 'е' (U+0435) are not in it"
    );
    let to_name = MessageSpec::text(Address::name("Merpati").unwrap(), "hi");
    assert_eq!(compose(&to_name), Err(ComposeError::Recipient));
}

/// Numbers and texts do not reach a log by `{:?}`.
#[test]
fn debug_hides_numbers_and_texts() {
    let spec = MessageSpec::text(Address::number("+628123456789").unwrap(), "my secret");
    let submit = compose(&spec).unwrap().remove(0);
    for shown in [format!("{spec:?}"), format!("{submit:?}"), format!("{:?}", submit.body())] {
        assert!(!shown.contains("8123456") && !shown.contains("secret"), "{shown}");
    }
    assert_eq!(format!("{:?}", spec.to), "+62*******789 (0x91)");
}
