//! Received messages.

use std::time::Duration;

use bus::Event;
use contracts::mo::{MoPart, MoReceived, Wish};
use contracts::{ModemId, OrgId, SimId, Timestamp};
use platform::config::{Period, Router};
use tpdu::{Address, Alphabet, DataCoding, Deliver, Element, Pdu, Scts, Udh, UserData};

use crate::gateway::{Gateway, config};

/// From the field's record: `PV admin ari jelek` from +628159919457.
const REAL: &str =
    "059126181642040C9126189519497500006020619041628212502B284C6EA7DDA0B03C0D5297D9E535";

fn part(pdu: String) -> MoPart {
    let sim = SimId::derived("a");
    MoPart {
        id: MoPart::id_of(sim, &pdu),
        org: OrgId::default_org(),
        modem: ModemId::derived("a"),
        sim,
        to: None,
        pdu,
        received_at: Timestamp::now(),
    }
}

/// A part of a UCS-2 message as a service centre would send it, which had it at that second of an epoch.
pub(crate) fn piece(reference: u8, total: u8, sequence: u8, units: &[u16], second: u32) -> MoPart {
    let tpdu = Deliver {
        more: false,
        loop_prevention: false,
        report: false,
        reply_path: false,
        origin: Address::number("+628159919457").unwrap(),
        protocol_id: 0,
        coding: DataCoding::new(Alphabet::Ucs2, None),
        timestamp: Scts::from_timestamp(1_140_056_066 + i64::from(second), 420).unwrap(),
        udh: Udh(vec![Element::Concat8 { reference, total, sequence }]),
        data: UserData::Octets(units.iter().flat_map(|unit| unit.to_be_bytes()).collect()),
        cut: false,
    };
    let smsc = Some(Address::number("+62816124").unwrap());
    part(Pdu { smsc, tpdu }.to_hex().unwrap().1)
}

pub(crate) fn units(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

pub(crate) async fn received(gateway: &mut Gateway) -> MoReceived {
    gateway
        .event(|event| match event {
            Event::MoReceived(message) => Some(message.clone()),
            _ => None,
        })
        .await
}

#[tokio::test]
async fn one_part_is_a_message() {
    let mut gateway = Gateway::start().await;
    gateway.bus.publish(&part(REAL.to_owned())).await.unwrap();
    let message = received(&mut gateway).await;
    assert_eq!(message.text.as_deref(), Some("PV admin ari jelek"));
    assert_eq!(message.from.to_string(), "+628159919457");
    assert_eq!(message.smsc_at, Some("2006-02-16T09:14:26+07:00".parse().unwrap()));
    assert_eq!((message.parts, message.missing.len(), message.sim), (1, 0, SimId::derived("a")));
}

#[tokio::test]
async fn who_writes_stop_and_nothing_else_asks_for_it() {
    let mut gateway = Gateway::start().await;
    for (text, wish) in
        [(" Stop. ", Some(Wish::Stop)), ("START", Some(Wish::Start)), ("stop it", None)]
    {
        // Of one message with another reference each, in two parts.
        let units = units(text);
        let (first, second) = units.split_at(3);
        let reference = u8::try_from(text.len()).unwrap();
        for (sequence, units) in [(1, first), (2, second)] {
            gateway.bus.publish(&piece(reference, 2, sequence, units, 1)).await.unwrap();
        }
        let message = received(&mut gateway).await;
        assert_eq!((message.text.as_deref(), message.wish), (Some(text), wish));
    }
}

/// The clock of a modem's host is an hour ahead of the router's, or the router's was set back since: the part says that
/// it came in an hour.
#[tokio::test]
async fn missing_parts_are_waited_for_by_the_router_s_own_patience() {
    let patience = Period(Duration::from_millis(200));
    let mut gateway = Gateway::start_with(Router { parts_timeout: patience, ..config() }).await;
    let mut first = piece(9, 2, 1, &units("satu"), 1);
    first.received_at = Timestamp::now().plus(Duration::from_hours(1));
    gateway.bus.publish(&first).await.unwrap();
    assert_eq!(received(&mut gateway).await.missing, [2]);
}

#[tokio::test]
async fn what_cannot_be_read_is_kept() {
    let mut gateway = Gateway::start().await;
    gateway.bus.publish(&part("0004FF".to_owned())).await.unwrap();
    let message = received(&mut gateway).await;
    assert_eq!((message.text, message.data), (None, None), "there is no user data");
    assert_eq!(message.pdus, ["0004FF"]);
}

/// B05 of the field: TP-UDL says 68 octets, and 17 came.
#[tokio::test]
async fn what_is_cut_is_read_as_far_as_it_goes() {
    let mut gateway = Gateway::start().await;
    let pdu = "0891683110304105F1240D91683167000000F100081270115183942344597D70E6597D70E651CF80A551CF80A55C";
    gateway.bus.publish(&part(pdu.to_owned())).await.unwrap();
    let message = received(&mut gateway).await;
    assert_eq!(message.text.as_deref(), Some("好烦好烦减肥减肥"));
    assert_eq!(message.from.to_string(), "+8613760000001");
    assert_eq!(message.smsc_at, Some("2021-07-11T15:38:49+08:00".parse().unwrap()));
    assert_eq!(message.pdus, [pdu]);
}

#[tokio::test]
async fn parts_come_in_any_order_and_twice() {
    let mut gateway = Gateway::start().await;
    // A bird is cut between its two halves.
    let text = units("satu 🐦 dua");
    let parts = [
        piece(7, 3, 3, &text[9..], 3),
        piece(7, 3, 1, &text[..6], 1),
        piece(7, 3, 2, &text[6..9], 2),
    ];
    for part in [&parts[0], &parts[0], &parts[1], &parts[1], &parts[2]] {
        gateway.bus.publish(part).await.unwrap();
    }
    // The same reference with another length is another message.
    gateway.bus.publish(&piece(7, 2, 1, &units("lain"), 4)).await.unwrap();
    let message = received(&mut gateway).await;
    assert_eq!(message.text.as_deref(), Some("satu 🐦 dua"));
    assert_eq!((message.parts, message.missing.len(), message.pdus.len()), (3, 0, 3));

    // Long after, the sender counts round to the same reference.
    let again = units("nomor dua");
    for (n, half) in [&again[..4], &again[4..]].into_iter().enumerate() {
        let sequence = u8::try_from(n).unwrap() + 1;
        gateway.bus.publish(&piece(9, 2, sequence, half, 10)).await.unwrap();
    }
    let first = received(&mut gateway).await;
    for (n, half) in [&again[..4], &again[4..]].into_iter().enumerate() {
        let sequence = u8::try_from(n).unwrap() + 1;
        gateway.bus.publish(&piece(9, 2, sequence, half, 30)).await.unwrap();
    }
    let second = received(&mut gateway).await;
    assert_eq!(first.text, second.text);
    assert_ne!(first.id, second.id);
}

#[tokio::test]
async fn what_is_there_is_shown_in_time_and_a_late_part_added() {
    let mut config = config();
    config.parts_timeout = Period(Duration::from_millis(300));
    let mut gateway = Gateway::start_with(config.clone()).await;
    let text = units("awal tengah akhir");
    gateway.bus.publish(&piece(1, 3, 3, &text[12..], 3)).await.unwrap();
    gateway.bus.publish(&piece(1, 3, 1, &text[..5], 1)).await.unwrap();
    let mut message = received(&mut gateway).await;
    // On a slow machine the first part may have been shown alone.
    if message.missing.len() == 2 {
        message = received(&mut gateway).await;
    }
    assert_eq!(message.text.as_deref(), Some("awal akhir"));
    assert_eq!((message.parts, message.missing.as_slice()), (3, &[2][..]));

    gateway.kill_router().await;
    gateway.start_router(config).await;
    gateway.bus.publish(&piece(1, 3, 2, &text[5..12], 2)).await.unwrap();
    let whole = received(&mut gateway).await;
    assert_eq!(whole.text.as_deref(), Some("awal tengah akhir"));
    assert_eq!((whole.id, whole.missing.len()), (message.id, 0));
}

#[tokio::test]
async fn an_impossible_part_is_a_message_by_itself() {
    let mut gateway = Gateway::start().await;
    for (total, sequence) in [(2, 0), (2, 3), (0, 1)] {
        let text = format!("part {sequence} of {total}");
        gateway.bus.publish(&piece(5, total, sequence, &units(&text), 1)).await.unwrap();
        let message = received(&mut gateway).await;
        assert_eq!((message.text, message.parts), (Some(text), 1));
    }
}

#[tokio::test]
async fn an_old_reference_joins_no_message_of_hours_ago() {
    let mut config = config();
    config.parts_timeout = Period(Duration::from_millis(300));
    let mut gateway = Gateway::start_with(config).await;
    let hours = 3 * 3_600;
    let (old, new) = (units("lama sekali"), units("baru saja"));
    // Its second part never came.
    let first = piece(8, 2, 1, &old[..5], 1);
    gateway.bus.publish(&first).await.unwrap();
    assert_eq!(received(&mut gateway).await.text.as_deref(), Some("lama "));
    // Hours later another message has the same reference, and its second part comes first.
    gateway.bus.publish(&piece(8, 2, 2, &new[4..], hours + 1)).await.unwrap();
    gateway.bus.publish(&piece(8, 2, 1, &new[..4], hours)).await.unwrap();
    let mut message = received(&mut gateway).await;
    // On a slow machine the second part may have been shown alone.
    if message.missing.len() == 1 {
        message = received(&mut gateway).await;
    }
    assert_eq!((message.text.as_deref(), message.missing.len()), (Some("baru saja"), 0));

    // The broker brings the old part again, and the network the last one, with the time it had: both were here already.
    let again = MoPart { received_at: Timestamp::now(), ..first };
    let js = async_nats::jetstream::new(gateway.bus.client().clone());
    for part in [again, piece(8, 2, 2, &new[4..], hours + 1)] {
        let payload = serde_json::to_vec(&part).unwrap();
        js.publish("sms.v1.event.mo.part", payload.into()).await.unwrap().await.unwrap();
    }
    gateway.bus.publish(&piece(1, 1, 1, &units("akhir"), 5)).await.unwrap();
    // What was here may be told once more, as it was.
    loop {
        let next = received(&mut gateway).await;
        if next.text.as_deref() == Some("akhir") {
            break;
        }
        assert_eq!((next.id, next.text), (message.id, message.text.clone()));
    }
}
