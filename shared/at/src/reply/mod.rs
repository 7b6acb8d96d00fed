//! Information lines of answers, read leniently: what modems leave out is `None`, what they add is ignored.

mod network;
mod sim;
mod stored;

use crate::command::unhex;
use crate::fields::fields;

pub use network::{Operator, Registration, RegistrationLine, Technology, extended_signal, signal};
pub use sim::{SimLock, caller, iccid, imei, long_number, own_number, pin_tries, service_centre};
pub use stored::{StorageUse, Stored, StoredHeader, storage_offer, storage_selection};

/// What stands behind `name` and its colon: `value("+CSQ: 20,99", "+CSQ")` is `20,99`.
pub fn value<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let head = line.get(..name.len())?;
    let rest = line.get(name.len()..)?.trim_start();
    head.eq_ignore_ascii_case(name).then_some(rest)?.strip_prefix(':').map(str::trim)
}

/// The name before the colon, when the line begins with one: `+CSQ`, `^RSSI`.
pub fn name(line: &str) -> Option<&str> {
    let (name, _) = line.split_once(':')?;
    let marked = name.starts_with(['+', '^', '*', '#', '%', '$', '&', '_']);
    (marked && !name.contains(' ')).then_some(name)
}

/// What a `(0-2,5)` offers; a value without brackets offers itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Choices(Vec<(u16, u16)>);

impl Choices {
    /// Reads one bracket; anything that is no number or range is passed over.
    pub fn parse(text: &str) -> Self {
        let inner = text.trim().trim_start_matches('(').trim_end_matches(')');
        let range = |part: &str| {
            let (low, high) = part.split_once('-').unwrap_or((part, part));
            Some((low.trim().parse().ok()?, high.trim().parse().ok()?))
        };
        Self(inner.split(',').filter_map(range).collect())
    }

    /// Whether a value is offered.
    pub fn has(&self, value: u16) -> bool {
        self.0.iter().any(|(low, high)| (*low..=*high).contains(&value))
    }

    /// Whether nothing could be read.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What `AT+CNMI=?` offers: `+CNMI: (0-2),(0-3),(0,2),(0-2),(0,1)` (27.005, 3.4.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnnounceOffer(Vec<Choices>);

impl AnnounceOffer {
    /// Reads the value of `+CNMI:`; `None` when it names no choices.
    pub fn parse(value: &str) -> Option<Self> {
        let offer: Vec<_> =
            fields(value).iter().map(|field| Choices::parse(field.text())).collect();
        (offer.len() >= 2 && offer.iter().any(|choices| !choices.is_empty())).then_some(Self(offer))
    }

    /// How many parameters the modem has, at most five.
    pub fn parameters(&self) -> usize {
        self.0.len().min(5)
    }

    /// Whether messages can be announced or given, and reports be given.
    pub fn has_announcing_and_reports(&self) -> bool {
        let any =
            |at, mut values: std::ops::RangeInclusive<u8>| values.any(|value| self.has(at, value));
        any(0, 1..=3) && any(1, 1..=3) && any(3, 1..=2)
    }

    /// Whether parameter `at` (0 is the mode) can have this value.
    pub fn has(&self, at: usize, value: u8) -> bool {
        self.0.get(at).is_some_and(|choices| choices.has(value.into()))
    }
}

/// The numbers of a value such as `+CNMI: 2,1,0,1,0`; what is no number is passed over.
pub fn numbers(value: &str) -> Vec<u8> {
    value.split(',').filter_map(|part| part.trim().parse().ok()).collect()
}

/// Text of the SIM that is UCS-2 in hex when `+CSCS` is `UCS2`: `002B00360032` is `+62`.
pub fn readable(text: &str) -> String {
    let text = text.trim();
    let likely = text.len() >= 8 && text.len().is_multiple_of(4) && text.starts_with("00");
    let units = if likely { unhex(text) } else { None };
    match units {
        Some(octets) => {
            let units: Vec<u16> =
                octets.as_chunks::<2>().0.iter().map(|pair| u16::from_be_bytes(*pair)).collect();
            String::from_utf16_lossy(&units)
        }
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values() {
        assert_eq!(value("+CSQ: 20,99", "+CSQ"), Some("20,99"));
        assert_eq!(value("+CSQ:20,99", "+CSQ"), Some("20,99"));
        assert_eq!(value("+CSQN: 20,99", "+CSQ"), None);
        assert_eq!(value("é", "+"), None);
        assert_eq!(name("^RSSI:20"), Some("^RSSI"));
        assert_eq!(name("MULTIBAND: 900E"), None);
    }

    #[test]
    fn choices() {
        let offer = AnnounceOffer::parse("(0-2),(0-3),(0,2),(0-2),(1)").unwrap();
        assert!(offer.has(0, 2) && offer.has(1, 3) && offer.has(2, 2) && !offer.has(2, 1));
        assert!(offer.has(4, 1) && !offer.has(4, 0) && offer.parameters() == 5);
        assert_eq!(AnnounceOffer::parse(""), None);
        assert!(Choices::parse("(0,1)").has(1));
        assert!(!Choices::parse("(x-)").has(0));
    }

    #[test]
    fn registration_lines_and_answers() {
        let read = |value| {
            let line = RegistrationLine::parse(value).unwrap();
            (line.registration, line.technology, line.is_answer)
        };
        assert_eq!(read("0,1"), (Registration::Home, None, true));
        assert_eq!(read("5"), (Registration::Roaming, None, false));
        assert_eq!(
            read(r#"2,1,"00C3","0000A1B2",7"#),
            (Registration::Home, Some(Technology::Lte), true)
        );
        assert_eq!(
            read(r#"1,"00C3","0000A1B2",2"#),
            (Registration::Home, Some(Technology::Umts), false)
        );
        assert_eq!(read("1,00C3,0000A1B2"), (Registration::Home, None, false));
        assert_eq!(read("2,6"), (Registration::Home, None, true));
        assert_eq!(read("90"), (Registration::Unknown, None, false));
        assert_eq!(RegistrationLine::parse("x"), None);
        assert_eq!(RegistrationLine::parse(""), None);
    }

    /// Location areas of two digits, zeros before the numbers, and fields in an order of their own (the modems are
    /// named in the transcripts of the crate `modem`).
    #[test]
    fn registration_lines_with_odd_fields() {
        let read = |value| {
            let line = RegistrationLine::parse(value).unwrap();
            (line.registration, line.technology, line.is_answer)
        };
        assert_eq!(read("2,1,0A,3799B"), (Registration::Home, None, true));
        assert_eq!(read("1,0A,3799B"), (Registration::Home, None, false));
        assert_eq!(read("0,00,0"), (Registration::Idle, None, false));
        assert_eq!(read("2,0,00,0"), (Registration::Idle, None, true));
        assert_eq!(read("2,,"), (Registration::Searching, None, false));
        assert_eq!(read(r#"002,001,"18d8","ffff""#), (Registration::Home, None, true));
        let gsm = Some(Technology::Gsm);
        assert_eq!(read(r#"001,"0001","0010",000"#), (Registration::Home, gsm, false));
        let lte = Some(Technology::Lte);
        assert_eq!(read("2,1, 1F00, 20 ,79D903 ,7"), (Registration::Home, lte, true));
        assert_eq!(read("1, 1F00, 20 ,79D903 ,7"), (Registration::Home, lte, false));
    }

    #[test]
    fn signals() {
        assert_eq!(signal("20,99"), Some(-73));
        assert_eq!(signal("99,99"), None);
        assert_eq!(signal("0,0"), Some(-113));
        assert_eq!(signal("146,99"), Some(-70));
        assert_eq!(extended_signal("99,99,255,255,20,45"), Some(-96));
        assert_eq!(extended_signal("30,99,255,255,255,255"), Some(-81));
        assert_eq!(extended_signal("99,99,255,255,255,255"), None);
    }

    #[test]
    fn operators_in_any_format() {
        assert_eq!(Operator::parse(r#"0,0,"TELKOMSEL",7"#).unwrap().name, "TELKOMSEL");
        assert_eq!(Operator::parse(r#"0,2,"51010""#).unwrap().name, "51010");
        assert_eq!(Operator::parse(r#"0,0,"00540045004C""#).unwrap().name, "TEL");
        assert_eq!(Operator::parse(r#"0,0,"TELE2,0"#).unwrap().name, "TELE2");
        assert_eq!(Operator::parse("0"), None);
        assert_eq!(Operator::parse(r#"0,0,"""#), None);
    }

    #[test]
    fn numbers() {
        assert_eq!(service_centre(r#""+62816124",145"#).as_deref(), Some("+62816124"));
        assert_eq!(service_centre(r#""62816124",145"#).as_deref(), Some("+62816124"));
        assert_eq!(service_centre(r#""002B003600320038",145"#).as_deref(), Some("+628"));
        assert_eq!(service_centre(r#""",129"#), None);
        assert_eq!(service_centre(r#""+","#), None);
        assert_eq!(own_number(r#""","081234567",129"#).as_deref(), Some("081234567"));
        assert_eq!(own_number(r#""Line 1","+6281234567",145,7,4"#).as_deref(), Some("+6281234567"));
        assert_eq!(caller(r#""",128"#), None);
        assert_eq!(own_number(r#""",+79130001234",145"#).as_deref(), Some("+79130001234"));
        assert_eq!(own_number(r#","15621230000",129"#).as_deref(), Some("15621230000"));
    }

    #[test]
    fn storage() {
        assert_eq!(
            storage_offer(r#"("SM","ME"),("SM"),("SM")"#),
            [vec!["SM", "ME"], vec!["SM"], vec!["SM"]]
        );
        assert_eq!(storage_offer(r#"(("SM","SR"),("SM"))"#), [vec!["SM", "SR"], vec!["SM"]]);
        assert_eq!(StorageUse::parse("3,20,3,20,3,20"), Some(StorageUse { used: 3, total: 20 }));
        assert_eq!(
            StorageUse::parse(r#""SM",20,20,"SM",20,20"#),
            Some(StorageUse { used: 20, total: 20 })
        );
        assert!(StorageUse { used: 20, total: 20 }.is_full());
        assert!(!StorageUse { used: 0, total: 0 }.is_full());
    }

    #[test]
    fn stored_headers() {
        let header = StoredHeader::in_list("1,0,,35").unwrap();
        assert_eq!(
            (header.index, header.state, header.length),
            (Some(1), Stored::Unread, Some(35))
        );
        assert_eq!(StoredHeader::in_list(r#"0,1,"",24"#).unwrap().length, Some(24));
        assert_eq!(StoredHeader::in_list(r#"1,0,"Info/Help",24"#).unwrap().length, Some(24));
        assert_eq!(StoredHeader::of_one("3,,20").unwrap().state, Stored::Sent);
        let text = StoredHeader::of_one(r#""REC UNREAD","+62",,"06/02/16,09:14:26+28""#).unwrap();
        assert_eq!((text.state, text.length), (Stored::Unread, None));
        assert_eq!(StoredHeader::in_list("x"), None);
    }

    #[test]
    fn identities() {
        assert_eq!(
            iccid(r#"+CCID: "8962101234567890123""#).as_deref(),
            Some("8962101234567890123")
        );
        assert_eq!(iccid("^ICCID: 8962101234567890123F").as_deref(), Some("8962101234567890123"));
        assert_eq!(iccid("8962101234567890123f").as_deref(), Some("8962101234567890123"));
        assert_eq!(iccid("OK"), None);
        assert_eq!(iccid("+ICCID: 898600C6112051005816").unwrap(), "898600C6112051005816");
        let with_eid = "+CCID: 8962101234567890123,89033023425120000000001234567890";
        assert_eq!(iccid(with_eid).as_deref(), Some("8962101234567890123"));
        assert_eq!(long_number("510101234567890").as_deref(), Some("510101234567890"));
        assert_eq!(long_number(r#"+CGSN: "356938035643809""#).as_deref(), Some("356938035643809"));
        assert_eq!(long_number("MULTIBAND 900E 1800"), None);
    }

    #[test]
    fn tries_left() {
        assert_eq!(pin_tries("+CPINR: SIM PIN,3,3"), Some(3));
        assert_eq!(pin_tries("+CPINR: SIM PUK,10,10"), None);
        assert_eq!(pin_tries(r#"+QPINC: "SC",2,10"#), Some(2));
        assert_eq!(pin_tries("^CPIN: SIM PIN,3,10,1,10,3"), Some(1));
        assert_eq!(pin_tries("^SPIC: 1"), Some(1));
        assert_eq!(pin_tries("+CPINC: 2,3,10,10"), Some(2));
    }
}
