//! Laws that hold for any octets. The fuzz target `tpdu_decode` includes this file, so it names only `tpdu`.

use tpdu::{
    AnyTpdu, Content, DecodeError, Deliver, DeliverReport, Received, StatusReport, Submit,
    SubmitReport, Tpdu, Udh, decode_any, decode_received,
};

/// Decoding never panics; an error lies within the octets; what was decoded can be encoded, and decodes to itself.
pub(crate) fn hold_for(octets: &[u8]) {
    stable::<Submit>(octets);
    stable::<Deliver>(octets);
    stable::<StatusReport>(octets);
    stable::<DeliverReport>(octets);
    stable::<SubmitReport>(octets);
    stable::<AnyTpdu>(octets);
    stable::<Received>(octets);
    for with_smsc in [false, true] {
        match decode_any(octets, with_smsc) {
            Ok(mut pdu) => {
                // What was cut is whole when it is written again, for no length in it says otherwise.
                if let AnyTpdu::Deliver(deliver) = &mut pdu.tpdu {
                    deliver.cut = false;
                }
                if let Ok(again) = pdu.encode() {
                    assert_eq!(decode_any(&again, true).as_ref(), Ok(&pdu));
                }
                look_at(&pdu.tpdu);
            }
            Err(error) => within(octets, &error),
        }
    }
    for announced in [None, Some(octets.len()), Some(octets.len().saturating_sub(8))] {
        if let Err(error) = decode_received(octets, announced) {
            within(octets, &error);
        }
    }
    if let Ok(udh) = Udh::decode(octets) {
        assert_eq!(udh.encode().map(|again| Udh::decode(&again)), Ok(Ok(udh)));
    }
    if let Some(text) = tpdu::text_of_data(octets) {
        assert!(text.chars().count() <= octets.len());
    }
    if let Some(mms) = tpdu::MmsNotification::decode(octets) {
        let longest = [&mms.location].into_iter().chain(&mms.from).chain(&mms.subject);
        assert!(longest.map(|text| text.chars().count()).max() <= Some(octets.len() * 2));
    }
    let _ = tpdu::ucs2::decode(octets);
    let _ = tpdu::from_hex(&String::from_utf8_lossy(octets));
}

fn stable<T: Tpdu + PartialEq + std::fmt::Debug>(octets: &[u8]) {
    let first = match T::decode(octets) {
        Ok(first) => first,
        Err(error) => return within(octets, &error),
    };
    // The one thing that is read and not written is an address of more than 20 semi-octets.
    let Ok(again) = first.encode() else { return };
    let second = T::decode(&again);
    assert_eq!(second.as_ref(), Ok(&first), "decodes to itself");
    assert_eq!(second.map(|second| second.encode()), Ok(Ok(again)), "encodes to itself");
}

fn within(octets: &[u8], error: &DecodeError) {
    assert!(error.offset <= octets.len(), "{error} is within {} octets", octets.len());
    assert!(!error.field.is_empty() && !error.field.starts_with('.'));
}

/// Reads all that can be read.
fn look_at(tpdu: &AnyTpdu) {
    let body = match tpdu {
        AnyTpdu::Submit(submit) => {
            let _ = submit.validity.map(tpdu::Validity::period);
            submit.body()
        }
        AnyTpdu::Deliver(deliver) => {
            let _ = (deliver.timestamp.to_string(), deliver.timestamp.to_timestamp());
            let _ = deliver.waiting();
            deliver.body()
        }
        AnyTpdu::StatusReport(report) => {
            let _ = (report.status.words(), report.discharged.to_timestamp());
            return;
        }
    };
    let _ = (body.concat(), body.udh.ports(), body.coding.class(), body.coding.waiting());
    match (body.content(), tpdu::join(&[body, body])) {
        (Content::Text(_), Content::Text(_)) => {}
        (Content::Data(once), Content::Data(twice)) => assert_eq!(once.len() * 2, twice.len()),
        _ => panic!("a body joined to itself changes its form"),
    }
}
