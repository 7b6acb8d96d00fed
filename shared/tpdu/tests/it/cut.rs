//! PDUs that end before their lengths say, from public reports: what is there is read, and it is said to be cut.

use tpdu::{
    Deliver, Indication, Received, Scts, Udh, UserData, Waiting, WaitingKind, decode_any,
    decode_received, from_hex, text_of_data,
};

fn received(hex: &str) -> Deliver {
    match decode_received(&from_hex(hex).unwrap(), None).unwrap().tpdu {
        Received::Deliver(deliver) => deliver,
        Received::StatusReport(report) => panic!("{report:?}"),
    }
}

/// B05: TP-UDL 68, of which 17 octets came, the last one half a character.
#[test]
fn ucs2_text_that_is_cut() {
    let hex = "0891683110304105F1240D91683167000000F100081270115183942344597D70E6597D70E6\
        51CF80A551CF80A55C";
    let hex: String = hex.split_whitespace().collect();
    let deliver = received(&hex);
    assert!(deliver.cut);
    assert_eq!(deliver.origin.to_string(), "+8613760000001");
    assert_eq!(deliver.timestamp.to_string(), "2021-07-11T15:38:49+08:00");
    assert_eq!(deliver.text().unwrap(), "好烦好烦减肥减肥");
    let pdu = decode_any(&from_hex(&hex).unwrap(), true).unwrap();
    assert_eq!(pdu.smsc.unwrap().to_string(), "+8613010314501");
    // Who asks for a whole one is told where it ends.
    let error = tpdu::Pdu::<Deliver>::from_hex(&hex).unwrap_err();
    assert_eq!(error.field, "user_data");
}

/// B05: 12 septets, of which 6 came.
#[test]
fn seven_bit_text_that_is_cut() {
    let deliver = received("07911326040000F0040B911326040010F00000208062917314480CC8F71D149697");
    assert!(deliver.cut);
    assert_eq!(deliver.origin.to_string(), "+31624000010");
    assert_eq!(deliver.timestamp.to_string(), "2002-08-26T19:37:41-01:00");
    assert_eq!(deliver.text().unwrap(), "How ar");
}

/// A whole message at every length from its timestamp on: sender and time are read, and the text is a beginning of the
/// whole one; before that it is an error.
#[test]
fn every_cut_of_a_message() {
    let whole =
        "059126181642040C9126189519497500006020619041628212502B284C6EA7DDA0B03C0D5297D9E535";
    let octets = from_hex(whole).unwrap();
    let text = received(whole).text().unwrap();
    assert!(!received(whole).cut);
    for length in 0..octets.len() {
        match decode_received(&octets[..length], None) {
            Ok(pdu) => {
                assert!(length >= 24, "{length} octets have no whole timestamp");
                let Received::Deliver(deliver) = pdu.tpdu else { panic!("{length} octets") };
                assert!(deliver.cut, "{length} octets");
                assert_eq!(deliver.origin.to_string(), "+628159919457");
                let read = deliver.text().unwrap();
                assert!(text.starts_with(&read), "{length} octets: {read:?}");
            }
            Err(_) => assert!(length < 24, "{length} octets have sender and time"),
        }
    }
}

/// A header that is cut takes the text with it, and a length beyond what is possible is a cut too.
#[test]
fn headers_and_lengths() {
    let deliver = received("07911326040000F0400181F10004321090100000000A0605000342");
    assert!(deliver.cut);
    assert_eq!((deliver.udh, deliver.data), (Udh::NONE, UserData::Octets(Vec::new())));
    let long =
        received(&format!("07911326040000F0000181F1000432109010000000FF{}", "41".repeat(150)));
    assert!(long.cut);
    assert_eq!(long.data, UserData::Octets(vec![0x41; 140]));
}

/// The octets may be no SMS-DELIVER at all: with a time that is none, they stay unread.
#[test]
fn a_cut_message_without_a_time_is_not_guessed() {
    let hex = "07911326040000F0000181F10000FFFFFFFFFFFFFF0CC8F7";
    assert!(decode_received(&from_hex(hex).unwrap(), None).is_err());
    assert!(Scts([0xFF; 7]).civil().is_none());
}

/// TS 23.040, 9.2.3.24.2, and B03 of a public report, whose TP-DCS alone says it.
#[test]
fn waiting_messages() {
    let by_coding = received(
        "07915510100102910407D1D6A4F50900C8715091415320291FD6F7B80CA297DBA018C8FDB68751F314A85D\
         76CFC3E7721BE59EA700",
    );
    let voicemail = |active, keep| Waiting { active, kind: WaitingKind::Voicemail, keep };
    assert_eq!(by_coding.waiting(), [Indication { waiting: voicemail(true, false), count: None }]);
    // Three voice mails, not to be kept; then none any more.
    let header = |count: u8| {
        let udh = Udh(vec![tpdu::Element::Other { id: 0x01, data: vec![0x00, count] }]);
        udh.waiting()
    };
    assert_eq!(header(3), [Indication { waiting: voicemail(true, false), count: Some(3) }]);
    assert_eq!(header(0), [Indication { waiting: voicemail(false, false), count: Some(0) }]);
}

/// TS 23.040, 9.2.3.24.13: of a mailbox at +628170999, with one voice mail's data after the count.
#[test]
fn enhanced_voice_mail() {
    let indications = |elements: &[(u8, &str)]| {
        let element =
            |(id, hex): &(u8, &str)| tpdu::Element::Other { id: *id, data: from_hex(hex).unwrap() };
        Udh(elements.iter().map(element).collect()).waiting()
    };
    let voicemail = |active, keep, count| {
        vec![Indication {
            waiting: Waiting { active, kind: WaitingKind::Voicemail, keep },
            count: Some(count),
        }]
    };
    let notification = (0x23, "10099126180799F903010001051E00");
    assert_eq!(indications(&[notification]), voicemail(true, true, 3));
    // The last one was deleted; the text is not to be kept.
    assert_eq!(indications(&[(0x23, "01099126180799F900010001")]), voicemail(false, false, 0));
    // It says more of the voice mails than the older indication beside it, whatever the order.
    let older = (0x01, "0001");
    assert_eq!(indications(&[older, notification]), voicemail(true, true, 3));
    assert_eq!(indications(&[notification, older]), voicemail(true, true, 3));
    let fax = (0x01, "0101");
    assert_eq!(indications(&[notification, fax]).len(), 2);
    // Cut before the count: nothing is said by it.
    for cut in ["", "10", "1009", "10099126180799F9", "10FF91"] {
        assert_eq!(indications(&[(0x23, cut)]), [], "{cut}");
    }
    assert_eq!(indications(&[(0x23, "10"), older]), voicemail(true, false, 1));
}

#[test]
fn data_that_is_text() {
    assert_eq!(text_of_data(b"T=23.5\r\nH=61").as_deref(), Some("T=23.5\r\nH=61"));
    assert_eq!(text_of_data("suhu 23 °C".as_bytes()).as_deref(), Some("suhu 23 °C"));
    assert_eq!(text_of_data(b"suhu 23 \xB0C").as_deref(), Some("suhu 23 °C"));
    for data in [&b""[..], &[0, 1, 2], b"abc\0", &[0xFF, 0xFE, 0xFD, b'a'], b"\x1b[2J"] {
        assert_eq!(text_of_data(data), None, "{data:?}");
    }
}
