//! PDUs from named outside sources, typed in: they decode to what the source says, and encode to the same octets.

use tpdu::{
    Address, AnyTpdu, Class, Concat, Content, Deliver, Element, MessageSpec, Outcome, Pdu, Ports,
    Received, StatusReport, Submit, Udh, UserData, Validity, Waiting, WaitingKind, compose,
    decode_any, decode_received, from_hex, join, to_hex,
};

fn deliver(hex: &str) -> Deliver {
    let pdu = Pdu::<Deliver>::from_hex(hex).unwrap();
    assert_eq!(to_hex(&pdu.encode().unwrap()), hex.to_ascii_uppercase(), "encodes to the same");
    pdu.tpdu
}

fn submit(hex: &str) -> Submit {
    let pdu = Pdu::<Submit>::from_hex(hex).unwrap();
    assert_eq!(to_hex(&pdu.encode().unwrap()), hex.to_ascii_uppercase(), "encodes to the same");
    pdu.tpdu
}

/// A `+CMT: ,35` of a user's own record (issue 2, "Real input it must handle").
#[test]
fn deliver_from_the_field() {
    let hex = "059126181642040C9126189519497500006020619041628212502B284C6EA7DDA0B03C0D5297D9E535";
    let pdu = Pdu::<Deliver>::from_hex(hex).unwrap();
    assert_eq!(pdu.smsc.as_ref().unwrap().to_string(), "+62816124");
    assert_eq!(pdu.tpdu.origin.to_string(), "+628159919457");
    assert_eq!(pdu.tpdu.text().unwrap(), "PV admin ari jelek");
    assert_eq!(pdu.tpdu.timestamp.to_string(), "2006-02-16T09:14:26+07:00");
    assert!(!pdu.tpdu.more);
    assert_eq!(pdu.to_hex().unwrap(), (35, hex.to_owned()));

    let octets = from_hex(hex).unwrap();
    let received = decode_received(&octets, Some(35)).unwrap();
    assert_eq!(received.tpdu, Received::Deliver(pdu.tpdu.clone()));
    // Without the prefix, and with a wrong length, it is still found.
    assert_eq!(decode_received(&octets[6..], Some(35)).unwrap().tpdu, received.tpdu);
    assert_eq!(decode_received(&octets, Some(41)).unwrap(), received);
    assert_eq!(decode_received(&octets, None).unwrap(), received);
}

/// "SMS and the PDU format", dreamfabric.com/sms.
#[test]
fn dreamfabric() {
    let received =
        deliver("07917283010010F5040BC87238880900F10000993092516195800AE8329BFD4697D9EC37");
    assert_eq!(received.origin.value(), "27838890001");
    assert_eq!(received.origin.kind().octet(), 0xC8);
    assert_eq!(received.timestamp.to_string(), "1999-03-29T15:16:59+02:00");
    assert_eq!(received.text().unwrap(), "hellohello");

    let hex = "0011000B916407281553F80000AA0AE8329BFD4697D9EC37";
    let sent = submit(hex);
    assert_eq!(sent.destination, Address::number("+46708251358").unwrap());
    assert_eq!(sent.validity, Some(Validity::Relative(0xAA)));
    assert_eq!(sent.data, UserData::Septets(b"hellohello".to_vec()));

    let spec = MessageSpec {
        validity: Some(Validity::at_least(std::time::Duration::from_hours(4 * 24))),
        report: false,
        ..MessageSpec::text(Address::number("+46708251358").unwrap(), "hellohello")
    };
    let made = Pdu { smsc: None, tpdu: compose(&spec).unwrap().remove(0) };
    assert_eq!(made.to_hex().unwrap(), (23, hex.to_owned()));
}

/// ofono, unit/test-sms.c: `simple_deliver`, whose zone is west of Greenwich.
#[test]
fn ofono_simple_deliver() {
    let deliver =
        deliver("07911326040000F0040B911346610089F60000208062917314480CC8F71D14969741F977FD07");
    assert_eq!(deliver.origin.to_string(), "+31641600986");
    assert_eq!(deliver.timestamp.to_string(), "2002-08-26T19:37:41-01:00");
    assert_eq!(deliver.text().unwrap(), "How are you?");
}

/// ofono, unit/test-sms.c: `alnum_sender`.
#[test]
fn ofono_name_as_sender() {
    let deliver = deliver("0791447758100650040DD0F334FC1CA6970100008080312170224008D4F29CDE0EA7D9");
    assert_eq!(deliver.origin, Address::name("sipgate").unwrap());
    assert!(deliver.origin.is_name());
    assert_eq!(deliver.text().unwrap(), "Testmail");
    assert_eq!(deliver.timestamp.to_string(), "2008-08-13T12:07:22+01:00");
}

/// The same with the name's octets counted instead of its semi-octets: no `@` is made up.
#[test]
fn name_counted_in_octets() {
    let octets = from_hex("0791447758100650040ED0F334FC1CA6970100008080312170224008D4F29CDE0EA7D9");
    let pdu = Pdu::<Deliver>::decode(&octets.unwrap()).unwrap();
    assert_eq!(pdu.tpdu.origin.value(), "sipgate");
}

/// ofono, unit/test-sms.c: `simple_mwi`, voice mail, text to be discarded.
#[test]
fn ofono_message_waiting() {
    let deliver = deliver("07913366002020F8040B913366600600F100C83180706174148000");
    let waiting = Waiting { active: true, kind: WaitingKind::Voicemail, keep: false };
    assert_eq!(deliver.coding.waiting(), Some(waiting));
    assert_eq!(deliver.timestamp.to_string(), "2013-08-07T16:47:41+02:00");
    assert_eq!(deliver.text().unwrap(), "");
}

/// ofono, unit/test-sms.c: `ems_udh_test_2`, seven text formats in the header, GSM 7-bit behind it.
#[test]
fn ofono_text_formatting() {
    let submit = submit(
        "079194712272303351030B915121340195F60000FF80230A030F07230A03\
         1806130A031E0A430A032E0D830A033D14020A035104F60A0355010600159\
         D9E83D2735018442FCFE98A243DCC4E97C92C90F8CD26B3407537B92C67A\
         7DD65320B1476934173BA3CBD2ED3D1F277FD8C76299CEF3B280C92A7CF6\
         83A28CC4E9FDD6532E8FE96935D",
    );
    assert_eq!(
        submit.text().unwrap(),
        "This is a test\nItalied, bold, underlined, and strikethrough.\nNow a right aligned word."
    );
    assert_eq!(submit.udh.0.len(), 7);
    assert_eq!(submit.udh.0[5], Element::Other { id: 0x0A, data: vec![0x51, 0x04, 0xF6] });
    assert_eq!(submit.validity, Some(Validity::Relative(0xFF)));
}

/// ofono, unit/test-sms.c: `expected_no_fragmentation_7bit`. Its encoder asks for no report and no validity.
#[test]
fn ofono_submit_encoded() {
    let to = Address::number("+358478400241").unwrap();
    let spec = MessageSpec {
        validity: Some(Validity::Relative(0xA7)),
        report: false,
        ..MessageSpec::text(to, "This is testing !")
    };
    let pdu = Pdu {
        smsc: Some(Address::number("+358405202090").unwrap()),
        tpdu: compose(&spec).unwrap().remove(0),
    };
    assert_eq!(
        pdu.to_hex().unwrap().1,
        "079153485002020911000C915348870420140000A71154747A0E4ACF41F4F29C9E769F4121"
    );
}

/// ofono, unit/test-sms.c: `assembly_pdu1` to 3, Russian in three parts of UCS-2 from a short code.
#[test]
fn ofono_three_parts() {
    let parts = [
        "038121F340048155550119906041001222048C0500\
         031E0301041804420430043A002C002004100\
         43B0435043A04410430043D04340440002000\
         200441043B044304480430043B00200437043\
         000200434043204350440044C044E00200020\
         04380020002004320441043500200431043E0\
         43B044C044804350020043F04400435043804\
         41043F043E043B043D044F043B0441044F002\
         000200433043D0435",
        "038121F340048155550119906041001222048C0500\
         031E03020432043E043C002E000A041D04300\
         43A043E043D04350446002C0020043D043500\
         200432002004410438043B043004450020043\
         40430043B043504350020044204350440043F\
         04350442044C002C0020043E043D002004410\
         44204400435043C043804420435043B044C04\
         3D043E002004320431043504360430043B002\
         004320020043A043E",
        "038121F340048155550119906041001222044A0500\
         031E0303043C043D043004420443002C00200\
         43F043E043704300431044B0432000A043404\
         3004360435002C002004470442043E0020002\
         00431044B043B0020043D04300433002E",
    ]
    .map(|hex| Pdu::<Deliver>::from_hex(hex).unwrap().tpdu);
    for (n, part) in (1..).zip(&parts) {
        assert_eq!(part.origin.value(), "5555");
        let concat = Concat { reference: 0x1E, wide: false, total: 3, sequence: n };
        assert_eq!(part.concat(), Some(concat));
    }
    let bodies = [parts[0].body(), parts[1].body(), parts[2].body()];
    assert_eq!(
        join(&bodies),
        Content::Text(
            "Итак, Александр  слушал за дверью  и  все больше преисполнялся  гневом.\n\
             Наконец, не в силах далее терпеть, он стремительно вбежал в комнату, позабыв\n\
             даже, что  был наг."
                .to_owned()
        )
    );
}

/// AOSP, GsmSmsTest.java: `testAddressing`, `testExtendedCharacterTable`, `testUcs2`.
#[test]
fn android_text() {
    let first = deliver("07914151551512f2040B916105551511f100006060605130308A04D4F29C0E");
    assert_eq!(first.origin.to_string(), "+16505551111");
    assert_eq!(first.text().unwrap(), "Test");

    let extended = deliver(
        "07914151551512f2040B916105551511f100006080615131728A44D4F29C0E2\
         AE3E96537B94C068DD16179784C2FCB41F4B0985D06B958ADD00FB0E94536AF9749\
         74DA6D281BA00E95E26D509B946FC3DBF87A25D56A04",
    );
    assert_eq!(
        extended.text().unwrap(),
        "Test extended character table .,-!?@~_\\/&\"';^|:()<{}>[]=%*+#"
    );

    let wide = deliver(
        "07912160130300F4040B914151245584F600087010807121352B10212200A900AE00680065006C006C006F",
    );
    assert_eq!(wide.text().unwrap(), "\u{2122}\u{a9}\u{ae}hello");
    assert_eq!(wide.timestamp.to_string(), "2007-01-08T17:12:53-08:00");
}

/// AOSP, GsmSmsTest.java: `testUdh`, a WAP push in two parts, data with ports.
#[test]
fn android_ports_and_concatenation() {
    let parts = [
        "07914140279510F6440A8111110301003BF56080207130138A8C0B05040B8423F\
         000032A02010106276170706C69636174696F6E2F766E642E7761702E6D6D732D\
         6D65737361676500AF848D0185B4848C8298524E453955304A6D7135514141426\
         66C414141414D7741414236514141414141008D908918802B3135313232393737\
         3638332F545950453D504C4D4E008A808E022B918805810306977F83687474703\
         A2F2F36",
        "07914140279510F6440A8111110301003BF56080207130238A3B0B05040B8423F\
         000032A0202362E3130322E3137312E3135302F524E453955304A6D7135514141\
         42666C414141414D774141423651414141414100",
    ]
    .map(deliver);
    for (n, part) in (1..).zip(&parts) {
        let concat = Concat { reference: 42, wide: false, total: 2, sequence: n };
        assert_eq!(part.concat(), Some(concat));
        assert_eq!(part.udh.ports(), Some(Ports { destination: 2948, source: 9200 }));
        assert_eq!(part.coding.class(), Some(Class::Class1));
        assert_eq!(part.text(), None);
    }
    let Content::Data(data) = join(&[parts[0].body(), parts[1].body()]) else {
        panic!("it is data");
    };
    assert!(String::from_utf8_lossy(&data).contains("http://66.102.171.150/RNE9U0Jmq5QAABfl"));
}

/// AOSP, GsmSmsTest.java: `testMultipart`, 7-bit text that begins at a septet's border behind the header.
#[test]
fn android_multipart_text() {
    let first = deliver(
        "07916163838408F6440B816105224431F700007060217175830AA0050003\
         00020162B1582C168BC562B1582C168BC562B1582C168BC562B1582C\
         168BC562B1582C168BC562B1582C168BC562B1582C168BC562B1582C\
         168BC562B1582C168BC562B1582C168BC562B1582C168BC562B1582C\
         168BC562B1582C168BC562B1582C168BC562B1582C168BC562B1582C\
         168BC562B1582C168BC562B1582C168BC562B1582C168BC562",
    );
    assert_eq!(first.text().unwrap(), "1".repeat(153));
    let second = deliver(
        "07916163838408F6440B816105224431F700007060217185000A23050003\
         00020262B1582C168BC96432994C2693C96432994C2693C96432990C",
    );
    assert_eq!(second.text().unwrap(), "1111111222222222222222222222");
    let whole = join(&[first.body(), second.body()]);
    let text = format!("{}{}", "1".repeat(160), "2".repeat(21));
    assert_eq!(whole, Content::Text(text.clone()));

    // Our own splitting gives the same two parts.
    let spec = MessageSpec {
        reference: 0,
        ..MessageSpec::text(Address::number("16502244137").unwrap(), text)
    };
    let made = compose(&spec).unwrap();
    assert_eq!((&made[0].udh, &made[0].data), (&first.udh, &first.data));
    assert_eq!((&made[1].udh, &made[1].data), (&second.udh, &second.data));
}

/// AOSP, GsmSmsTest.java: `testCPHSVoiceMail` and `testCingularVoiceMail`.
#[test]
fn android_voice_mail() {
    let cphs = deliver("07912160130310F20404D0110041006060627171118A0120");
    assert_eq!(cphs.origin.value(), "_@");
    assert_eq!(tpdu::protocol::replace_type(cphs.protocol_id), Some(1));
    assert_eq!(cphs.text().unwrap(), " ");

    // Its odd digit is filled up with 0 where the standard wants F.
    let hex = "07912180958750F84401800500C87020026195702B06040102000200";
    let special = Pdu::<Deliver>::from_hex(hex).unwrap().tpdu;
    assert_eq!(special.origin.value(), "5");
    assert_eq!(special.udh, Udh(vec![Element::Other { id: 1, data: vec![0, 2] }]));
    assert!(special.coding.waiting().unwrap().active);
}

/// gammu, tests/atgen/smsd-incoming-cds.c: `+CDS:25`.
#[test]
fn gammu_status_report() {
    let hex = "07914875215652F006360B914892347527F3817003018104808170030181448000";
    let pdu = Pdu::<StatusReport>::from_hex(hex).unwrap();
    assert_eq!(pdu.tpdu.reference, 0x36);
    assert_eq!(pdu.tpdu.recipient.to_string(), "+84294357723");
    assert_eq!(pdu.tpdu.smsc_time.to_string(), "2018-07-30T10:18:40+02:00");
    assert_eq!(pdu.tpdu.discharged.to_string(), "2018-07-30T10:18:44+02:00");
    assert_eq!(pdu.tpdu.status.outcome(), Outcome::Delivered);
    assert!(pdu.tpdu.parameters.is_empty());
    assert_eq!(pdu.to_hex().unwrap(), (25, hex.to_owned()));
    let any = decode_any(&from_hex(hex).unwrap(), true).unwrap();
    assert_eq!(any.tpdu.name(), "status-report");
    assert_eq!(any.tpdu, AnyTpdu::StatusReport(pdu.tpdu));
}
