//! Octets from named outside sources, typed in by hand.

use tpdu::{Address, AnyTpdu, Deliver, Pdu, Scts, Submit, UserData};

/// A `+CMT: ,35` of a user's own record (issue 2, "real input it must handle").
#[test]
fn deliver_from_the_field() {
    let hex = "059126181642040C9126189519497500006020619041628212502B284C6EA7DDA0B03C0D5297D9E535";
    let pdu = Pdu::<Deliver>::from_hex(hex).unwrap();
    assert_eq!(pdu.smsc.as_ref().unwrap().to_string(), "+62816124");
    let deliver = &pdu.tpdu;
    assert_eq!(deliver.origin.to_string(), "+628159919457");
    assert_eq!(deliver.text().unwrap(), "PV admin ari jelek");
    assert_eq!(deliver.timestamp.to_string(), "2006-02-16T09:14:26+07:00");
    assert!(!deliver.more);
    let (length, again) = pdu.to_hex().unwrap();
    assert_eq!((length, again.as_str()), (35, hex));
}

/// "SMS and the PDU format", dreamfabric.com/sms: the received message.
#[test]
fn dreamfabric_deliver() {
    let hex = "07917283010010F5040BC87238880900F10000993092516195800AE8329BFD4697D9EC37";
    let pdu = Pdu::<Deliver>::from_hex(hex).unwrap();
    assert_eq!(pdu.smsc.as_ref().unwrap().to_string(), "+27381000015");
    assert_eq!(pdu.tpdu.origin.value(), "27838890001");
    assert_eq!(pdu.tpdu.origin.kind().octet(), 0xC8);
    assert_eq!(pdu.tpdu.timestamp, Scts([0x99, 0x30, 0x92, 0x51, 0x61, 0x95, 0x80]));
    assert_eq!(pdu.tpdu.text().unwrap(), "hellohello");
    assert_eq!(pdu.to_hex().unwrap().1, hex);
}

/// "SMS and the PDU format", dreamfabric.com/sms: the sent message.
#[test]
fn dreamfabric_submit() {
    let hex = "0011000B916407281553F80000AA0AE8329BFD4697D9EC37";
    let pdu = Pdu::<Submit>::from_hex(hex).unwrap();
    assert_eq!(pdu.smsc, None);
    assert_eq!(pdu.tpdu.destination, Address::number("+46708251358").unwrap());
    assert_eq!(pdu.tpdu.text().unwrap(), "hellohello");
    assert_eq!(pdu.tpdu.data, UserData::Septets(b"hellohello".to_vec()));
    assert_eq!(pdu.to_hex().unwrap(), (23, hex.to_owned()));
    assert!(matches!(
        tpdu::decode_any(&tpdu::from_hex(hex).unwrap(), true).unwrap().tpdu,
        AnyTpdu::Submit(_)
    ));
}
