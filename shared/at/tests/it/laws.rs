//! What holds for any bytes; also run by the fuzz target `at_framer`.

use at::{Final, Framer, Item, Urc, fields, reply, ussd};

/// Cuts the bytes in pieces by `seed`, and in one: the same items come. Every reader takes every line.
pub(crate) fn hold_for(bytes: &[u8], seed: u8) {
    let whole = cut(bytes, usize::MAX);
    for chunk in [1, 2, 3, 1 + usize::from(seed)] {
        assert_eq!(cut(bytes, chunk), whole, "in pieces of {chunk}");
    }
    for item in whole {
        if let Item::Line(line) = item {
            assert!(!line.is_empty() && !line.contains(['\r', '\n']), "{line:?}");
            read(&line);
        }
    }
}

fn cut(bytes: &[u8], chunk: usize) -> Vec<Item> {
    let mut framer = Framer::new();
    framer.expect_prompt(true);
    let mut items = Vec::new();
    for piece in bytes.chunks(chunk.min(bytes.len().max(1))) {
        framer.push(piece);
        while let Some(item) = framer.pop() {
            items.push(item);
        }
    }
    items
}

/// Every reader, on any line.
pub(crate) fn read(line: &str) {
    let result = Final::parse(line);
    assert!(result.is_none() || Urc::parse(line).is_none() || line.starts_with('+'), "{line:?}");
    let _ = fields(line);
    let value = line.split_once(':').map_or(line, |(_, value)| value);
    let _ = reply::name(line);
    let _ = reply::Choices::parse(value);
    let _ = reply::AnnounceOffer::parse(value);
    let _ = reply::SimLock::parse(value);
    let _ = reply::RegistrationLine::parse(value);
    if let Some(dbm) = reply::signal(value).or_else(|| reply::extended_signal(value)) {
        assert!((-160..=-20).contains(&dbm), "{line:?} is {dbm} dBm");
    }
    let _ = reply::Operator::parse(value);
    let _ = reply::service_centre(value);
    let _ = reply::own_number(value);
    let _ = reply::storage_offer(value);
    let _ = reply::StorageUse::parse(value);
    let _ = reply::StoredHeader::in_list(value);
    let _ = reply::StoredHeader::of_one(value);
    if let Some(iccid) = reply::iccid(line) {
        assert!(iccid.starts_with("89"));
    }
    let _ = reply::long_number(line);
    let _ = reply::pin_tries(line);
    for coding in [ussd::Coding::Plain, ussd::Coding::Packed, ussd::Coding::Ucs2] {
        let _ = ussd::parse(value, coding);
        let (text, _) = ussd::encode(line, coding);
        assert!(!at::command::ussd(&text, 15).contains('\r'));
    }
    if let Some(octets) = at::command::unhex(line) {
        assert_eq!(at::command::hex(&octets), line.to_ascii_uppercase());
    }
}
