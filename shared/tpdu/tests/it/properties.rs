//! Laws for any value.

use proptest::prelude::*;
use tpdu::text::{Encoding, Options, TextError, plan};
use tpdu::{
    Address, Content, DataCoding, Deliver, DeliverReport, Element, Language, MessageBody,
    MessageSpec, Parameters, Pdu, Scts, Status, StatusReport, Submit, SubmitReport, Tpdu,
    TypeOfAddress, Udh, UserData, Validity, compose, decode_received, join,
};

use crate::laws;

fn address() -> impl Strategy<Value = Address> {
    let numbers = ("[0-9*#a-c]{1,20}", 0x80_u8..).prop_filter_map("a name", |(digits, kind)| {
        Address::with_type(TypeOfAddress::from_octet(kind), &digits)
            .ok()
            .filter(|address| !address.is_name())
    });
    let names = "[A-Za-z0-9 !èéùÄÖΔ_]{1,11}".prop_map(|name| Address::name(&name).unwrap());
    prop_oneof![3 => numbers, 1 => names]
}

fn element() -> impl Strategy<Value = Element> {
    prop_oneof![
        any::<(u8, u8, u8)>().prop_map(|(reference, total, sequence)| Element::Concat8 {
            reference,
            total,
            sequence
        }),
        any::<(u16, u8, u8)>().prop_map(|(reference, total, sequence)| Element::Concat16 {
            reference,
            total,
            sequence
        }),
        any::<(u8, u8)>().prop_map(|(destination, source)| Element::Ports8 { destination, source }),
        any::<(u16, u16)>()
            .prop_map(|(destination, source)| Element::Ports16 { destination, source }),
        language().prop_map(Element::SingleShift),
        language().prop_map(Element::LockingShift),
        (any::<u8>(), prop::collection::vec(any::<u8>(), 0..12))
            .prop_map(|(id, data)| Element::new(id, &data)),
    ]
}

fn language() -> impl Strategy<Value = Language> {
    prop::sample::select(Language::ALL.to_vec())
}

fn udh() -> impl Strategy<Value = Udh> {
    prop::collection::vec(element(), 0..5).prop_map(Udh)
}

/// Any coding with data of its form that fits.
fn user_data() -> impl Strategy<Value = (DataCoding, Udh, UserData)> {
    (any::<u8>(), udh(), prop::collection::vec(any::<u8>(), 0..141)).prop_map(
        |(coding, udh, mut octets)| {
            let coding = DataCoding(coding);
            octets.truncate(140 - udh.size());
            let data = if coding.is_septets() {
                octets.truncate(160 - (udh.size() * 8).div_ceil(7));
                UserData::Septets(octets.into_iter().map(|octet| octet & 0x7F).collect())
            } else {
                UserData::Octets(octets)
            };
            (coding, udh, data)
        },
    )
}

fn validity() -> impl Strategy<Value = Validity> {
    prop_oneof![
        any::<u8>().prop_map(Validity::Relative),
        any::<[u8; 7]>().prop_map(|octets| Validity::Absolute(Scts(octets))),
        any::<[u8; 7]>().prop_map(Validity::Enhanced),
    ]
}

prop_compose! {
    fn submit()(
        reject_duplicates: bool,
        reference: u8,
        destination in address(),
        protocol_id: u8,
        (coding, udh, data) in user_data(),
        validity in prop::option::of(validity()),
        report: bool,
        reply_path: bool,
    ) -> Submit {
        Submit {
            reject_duplicates, reference, destination, protocol_id, coding, validity, report,
            reply_path, udh, data,
        }
    }
}

prop_compose! {
    fn deliver()(
        more: bool,
        loop_prevention: bool,
        report: bool,
        reply_path: bool,
        origin in address(),
        protocol_id: u8,
        (coding, udh, data) in user_data(),
        timestamp: [u8; 7],
    ) -> Deliver {
        Deliver {
            more, loop_prevention, report, reply_path, origin, protocol_id, coding,
            timestamp: Scts(timestamp), udh, data, cut: false,
        }
    }
}

fn parameters() -> impl Strategy<Value = Parameters> {
    let with = (any::<Option<u8>>(), user_data()).prop_map(|(protocol_id, (coding, udh, data))| {
        Parameters { protocol_id, coding: Some(coding), user_data: Some((udh, data)) }
    });
    let without = any::<(Option<u8>, Option<u8>)>().prop_map(|(protocol_id, coding)| Parameters {
        protocol_id,
        coding: coding.map(DataCoding),
        user_data: None,
    });
    prop_oneof![with, without]
}

prop_compose! {
    fn status_report()(
        more: bool,
        loop_prevention: bool,
        of_command: bool,
        reference: u8,
        recipient in address(),
        smsc_time: [u8; 7],
        discharged: [u8; 7],
        status: u8,
        parameters in parameters(),
    ) -> StatusReport {
        StatusReport {
            more, loop_prevention, of_command, reference, recipient, smsc_time: Scts(smsc_time),
            discharged: Scts(discharged), status: Status(status), parameters,
        }
    }
}

fn round_trip<T: Tpdu + PartialEq + std::fmt::Debug + Clone>(smsc: Option<Address>, tpdu: &T) {
    let octets = tpdu.encode().unwrap();
    assert_eq!(T::decode(&octets).as_ref(), Ok(tpdu));
    let pdu = Pdu { smsc, tpdu: tpdu.clone() };
    let (length, hex) = pdu.to_hex().unwrap();
    assert_eq!(length, octets.len());
    assert_eq!(Pdu::<T>::from_hex(&hex), Ok(pdu));
}

fn smsc() -> impl Strategy<Value = Option<Address>> {
    prop::option::of("[+]?[0-9]{1,20}".prop_map(|number| Address::number(&number).unwrap()))
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~\n€]{0,400}",
        "[a-zA-Z ğşıİç{}]{0,400}",
        "[अ-ह़-् a-z0-9]{0,400}",
        "[a-z‘’“”…–éÀ]{0,400}",
        "\\PC{0,300}",
        ".{0,200}",
        prop::collection::vec(
            prop::sample::select(vec!["👨‍👩‍👧", "🇮🇩", "e\u{301}", "🕊", "a", "\r\n", "क्षि", "^"]),
            0..120
        )
        .prop_map(|pieces| pieces.concat()),
    ]
}

fn encoding() -> impl Strategy<Value = Encoding> {
    prop::sample::select(vec![Encoding::Auto, Encoding::Gsm7, Encoding::Smart, Encoding::Ucs2])
}

proptest! {
    #[test]
    fn submits(smsc in smsc(), tpdu in submit()) {
        round_trip(smsc, &tpdu);
    }

    #[test]
    fn delivers(smsc in smsc(), tpdu in deliver()) {
        round_trip(smsc, &tpdu);
        let octets = tpdu.encode().unwrap();
        let received = decode_received(&octets, Some(octets.len()));
        prop_assert!(received.is_ok());
    }

    #[test]
    fn status_reports(smsc in smsc(), tpdu in status_report()) {
        round_trip(smsc, &tpdu);
    }

    #[test]
    fn acknowledgements(
        failure in prop::option::of(0x80_u8..),
        parameters in parameters(),
        timestamp: [u8; 7],
    ) {
        let timestamp = Scts(timestamp);
        let report = SubmitReport { failure, timestamp, parameters: parameters.clone() };
        prop_assert_eq!(SubmitReport::decode(&report.encode().unwrap()), Ok(report));
        let report = DeliverReport { failure, parameters };
        prop_assert_eq!(DeliverReport::decode(&report.encode().unwrap()), Ok(report));
    }

    #[test]
    fn any_octets(octets in prop::collection::vec(any::<u8>(), 0..200)) {
        laws::hold_for(&octets);
    }

    #[test]
    fn moments(seconds in 631_152_000_i64..3_786_000_000, quarters in -56_i16..=56) {
        let scts = Scts::from_timestamp(seconds, quarters * 15).unwrap();
        prop_assert_eq!(scts.to_timestamp(), Some(seconds));
        prop_assert_eq!(Scts::from_civil(scts.civil().unwrap()), Some(scts));
    }

    #[test]
    fn parts_rejoin_to_the_text(
        text in text(),
        encoding in encoding(),
        languages in prop::collection::vec(language(), 0..3),
        wide_reference: bool,
        reference: u16,
    ) {
        let spec = MessageSpec {
            body: MessageBody::Text { text: text.clone(), encoding, languages: languages.clone() },
            reference,
            wide_reference,
            ..MessageSpec::text(Address::number("+628123456789").unwrap(), "")
        };
        let options = Options { encoding, languages, udh: Udh::NONE, wide_reference };
        let plan = match plan(&text, &options) {
            Ok(plan) => plan,
            Err(TextError::NotInAlphabet(missing)) => {
                prop_assert_eq!(encoding, Encoding::Gsm7);
                prop_assert!(missing.characters.iter().all(|&c| text.contains(c)));
                return Ok(());
            }
            Err(error) => panic!("{error}"),
        };
        let submits = compose(&spec).unwrap();
        prop_assert_eq!(submits.len(), plan.parts.len());
        let outline = spec.outline().unwrap();
        prop_assert_eq!(outline.parts, plan.parts.len());
        prop_assert_eq!((outline.alphabet, outline.shifts), (plan.alphabet, plan.shifts));
        prop_assert_eq!((outline.units, outline.left), (plan.units, plan.left()));

        let shown: String = plan.parts.iter().map(|part| part.text.as_str()).collect();
        let bodies: Vec<_> = submits.iter().map(Submit::body).collect();
        prop_assert_eq!(join(&bodies), Content::Text(shown.clone()));
        for (part, submit) in plan.parts.iter().zip(&submits) {
            prop_assert_eq!(submit.text(), Some(part.text.clone()), "no pair is split");
            prop_assert!(part.units <= plan.per_part);
            prop_assert!(!part.text.is_empty() || plan.parts.len() == 1);
            let octets = submit.encode().unwrap();
            prop_assert_eq!(&Submit::decode(&octets).unwrap(), submit);
        }
        if plan.replaced.is_empty() {
            prop_assert_eq!(shown, text);
        } else {
            prop_assert_eq!(encoding, Encoding::Smart);
            let exact = tpdu::text::plan(&text, &Options { encoding: Encoding::Auto, ..options });
            prop_assert!(plan.parts.len() < exact.unwrap().parts.len(), "it saves parts");
        }
    }
}
