//! Information lines of answers, read leniently: what modems leave out is `None`, what they add is ignored.

use crate::command::unhex;
use crate::fields::fields;

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

    /// Nothing could be read.
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

    /// Whether parameter `at` (0 is the mode) can have this value.
    pub fn has(&self, at: usize, value: u8) -> bool {
        self.0.get(at).is_some_and(|choices| choices.has(value.into()))
    }
}

/// The numbers of a value such as `+CNMI: 2,1,0,1,0`; what is no number is passed over.
pub fn numbers(value: &str) -> Vec<u8> {
    value.split(',').filter_map(|part| part.trim().parse().ok()).collect()
}

/// Whether a SIM asks for a code: `+CPIN:` (27.007, 8.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SimLock {
    /// It asks for nothing.
    Ready,
    /// `SIM PIN`.
    Pin,
    /// `SIM PUK`.
    Puk,
    /// `SIM PIN2`, `SIM PUK2`: sending does not need them.
    Second,
    /// `PH-SIM PIN`, `PH-NET PIN` and the like: the modem is locked.
    Phone,
    /// `NOT READY`: not yet.
    NotReady,
    /// `NOT INSERTED`, `REMOVED`.
    Absent,
    /// Another text.
    Unknown,
}

impl SimLock {
    /// Reads the value of `+CPIN:`.
    pub fn parse(value: &str) -> Self {
        let text = value.trim().trim_matches('"').to_ascii_uppercase();
        match text.as_str() {
            "READY" => Self::Ready,
            "SIM PIN" => Self::Pin,
            "SIM PUK" => Self::Puk,
            "SIM PIN2" | "SIM PUK2" => Self::Second,
            "NOT READY" | "SIM BUSY" => Self::NotReady,
            "NOT INSERTED" | "SIM REMOVED" | "REMOVED" | "NO SIM" | "SIM NOT INSERTED" => {
                Self::Absent
            }
            _ if text.starts_with("PH-") => Self::Phone,
            _ => Self::Unknown,
        }
    }
}

/// Registration in a network (27.007, 7.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Registration {
    /// 0: no, and not searching.
    Idle,
    /// 1, or 6 for SMS only.
    Home,
    /// 2: searching.
    Searching,
    /// 3: refused.
    Denied,
    /// 4: not known, often out of coverage.
    #[default]
    Unknown,
    /// 5, or 7 for SMS only.
    Roaming,
    /// 8: emergency calls only.
    Emergency,
}

impl Registration {
    /// It can send SMS.
    pub fn is_registered(self) -> bool {
        matches!(self, Self::Home | Self::Roaming)
    }

    fn from_number(number: u8) -> Option<Self> {
        Some(match number {
            0 => Self::Idle,
            1 | 6 | 9 => Self::Home,
            2 => Self::Searching,
            3 => Self::Denied,
            4 => Self::Unknown,
            5 | 7 | 10 => Self::Roaming,
            8 | 11 => Self::Emergency,
            _ => return None,
        })
    }
}

/// Radio access technology (27.007, 7.3, `<AcT>`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Technology {
    /// 2G.
    Gsm,
    /// 2.5G.
    Edge,
    /// 3G.
    Umts,
    /// 3.5G.
    Hspa,
    /// 4G.
    Lte,
    /// 4G for things: NB-IoT, EC-GSM, LTE-M.
    Iot,
    /// 5G.
    Nr,
}

impl Technology {
    /// From `<AcT>`.
    pub fn from_number(number: u8) -> Option<Self> {
        Some(match number {
            0 | 1 => Self::Gsm,
            2 => Self::Umts,
            3 => Self::Edge,
            4..=6 => Self::Hspa,
            7 | 10 | 13 => Self::Lte,
            8 | 9 => Self::Iot,
            11 | 12 => Self::Nr,
            _ => return None,
        })
    }

    /// Its name for people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gsm => "GSM",
            Self::Edge => "EDGE",
            Self::Umts => "UMTS",
            Self::Hspa => "HSPA",
            Self::Lte => "LTE",
            Self::Iot => "LTE-M/NB-IoT",
            Self::Nr => "5G NR",
        }
    }
}

/// A `+CREG:`, `+CGREG:` or `+CEREG:` line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegistrationLine {
    /// The state.
    pub registration: Registration,
    /// The technology, where told.
    pub technology: Option<Technology>,
    /// The line has the form of an answer (`<n>,<stat>`), not of an unsolicited line (`<stat>`).
    pub is_answer: bool,
}

impl RegistrationLine {
    /// Reads the value. Answer and unsolicited line differ by a number before the state: in the
    /// unsolicited line the second field is the location area, which is quoted or has 4 hex digits.
    pub fn parse(value: &str) -> Option<Self> {
        let fields = fields(value);
        let second = fields.get(1);
        let is_answer = second.is_some_and(|field| !field.is_quoted() && field.text().len() <= 2);
        let state = if is_answer { second? } else { fields.first()? };
        let registration = Registration::from_number(state.number()?)?;
        let rest = &fields[if is_answer { 2 } else { 1 }..];
        let technology =
            rest.get(2).and_then(crate::Field::number).and_then(Technology::from_number);
        Some(Self { registration, technology, is_answer })
    }
}

/// `+CSQ: <rssi>,<ber>` in dBm; `None` when unknown (27.007, 8.5).
pub fn signal(value: &str) -> Option<i16> {
    match fields(value).first()?.number::<i16>()? {
        rssi @ 0..=31 => Some(2 * rssi - 113),
        // Extension of some makers for TD-SCDMA: 100 is -116 dBm.
        rssi @ 100..=191 => Some(rssi - 216),
        _ => None,
    }
}

/// `+CESQ: <rxlev>,<ber>,<rscp>,<ecno>,<rsrq>,<rsrp>[,…,<ss_rsrp>]` in dBm (27.007, 8.69).
pub fn extended_signal(value: &str) -> Option<i16> {
    let fields = fields(value);
    let number = |at: usize| fields.get(at).and_then(crate::Field::number::<i16>);
    let known = |value: Option<i16>, top: i16| value.filter(|v| (0..=top).contains(v));
    known(number(8), 126)
        .map(|v| v - 156)
        .or_else(|| known(number(5), 97).map(|v| v - 141))
        .or_else(|| known(number(2), 96).map(|v| v - 121))
        .or_else(|| known(number(0), 63).map(|v| v - 111))
}

/// `+COPS: <mode>[,<format>,<name>[,<AcT>]]`, any format (27.007, 7.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// Its name, or its MCC and MNC.
    pub name: String,
    /// The technology, where told.
    pub technology: Option<Technology>,
}

impl Operator {
    /// Reads the value; `None` when there is no operator.
    pub fn parse(value: &str) -> Option<Self> {
        let fields = fields(value);
        let name = readable(fields.get(2)?.text());
        let technology =
            fields.get(3).and_then(crate::Field::number).and_then(Technology::from_number);
        (!name.is_empty()).then_some(Self { name, technology })
    }
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

/// `+CSCA: "<number>",<type>`: the service centre's number with `+` where international; `None` when empty.
pub fn service_centre(value: &str) -> Option<String> {
    let fields = fields(value);
    international(&readable(fields.first()?.text()), fields.get(1).and_then(crate::Field::number))
}

/// `+CNUM: [<name>],"<number>",<type>`: the SIM's own number.
pub fn own_number(value: &str) -> Option<String> {
    let fields = fields(value);
    international(&readable(fields.get(1)?.text()), fields.get(2).and_then(crate::Field::number))
}

/// `+CLIP: "<number>",<type>`: who calls; `None` when withheld.
pub fn caller(value: &str) -> Option<String> {
    let fields = fields(value);
    international(&readable(fields.first()?.text()), fields.get(1).and_then(crate::Field::number))
}

fn international(number: &str, kind: Option<u8>) -> Option<String> {
    let digits: String = number.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
    if digits.trim_matches('+').is_empty() {
        return None;
    }
    Some(if kind == Some(145) && !digits.starts_with('+') { format!("+{digits}") } else { digits })
}

/// `+CPMS: ("SM","ME"),("SM","ME"),("SM")`: the memories offered for reading, for sending and for receiving.
pub fn storage_offer(value: &str) -> Vec<Vec<String>> {
    let names = |text: &str| {
        text.trim_matches(['(', ')'])
            .split(',')
            .map(|name| name.trim().trim_matches('"').to_owned())
            .filter(|name| !name.is_empty())
            .collect::<Vec<_>>()
    };
    fields(value).iter().map(|field| names(field.text())).filter(|list| !list.is_empty()).collect()
}

/// How full the memory for reading is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StorageUse {
    /// Messages in it.
    pub used: u32,
    /// Room for so many.
    pub total: u32,
}

impl StorageUse {
    /// Reads `+CPMS: 3,20,3,20,3,20` and `+CPMS: "SM",3,20,…`, of which the first pair counts.
    pub fn parse(value: &str) -> Option<Self> {
        let fields = fields(value);
        let mut numbers = fields.iter().filter(|f| !f.is_quoted()).filter_map(crate::Field::number);
        Some(Self { used: numbers.next()?, total: numbers.next()? })
    }

    /// There is no room.
    pub fn is_full(self) -> bool {
        self.total > 0 && self.used >= self.total
    }
}

/// State of a stored message in PDU mode (27.005, 3.1, `<stat>`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// 0: received, not read.
    Unread,
    /// 1: received, read.
    Read,
    /// 2: to be sent.
    Unsent,
    /// 3: sent.
    Sent,
    /// Something else.
    Other,
}

impl Stored {
    fn parse(text: &str) -> Self {
        match text {
            "0" | "REC UNREAD" => Self::Unread,
            "1" | "REC READ" => Self::Read,
            "2" | "STO UNSENT" => Self::Unsent,
            "3" | "STO SENT" => Self::Sent,
            _ => Self::Other,
        }
    }

    /// It came from the network.
    pub fn is_received(self) -> bool {
        matches!(self, Self::Unread | Self::Read | Self::Other)
    }
}

/// The line before a PDU: `+CMGL: <index>,<stat>,[<alpha>],<length>` or `+CMGR: <stat>,[<alpha>],<length>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredHeader {
    /// The slot; only in a list.
    pub index: Option<u32>,
    /// Its state.
    pub state: Stored,
    /// Octets of the TPDU, the service centre's address not counted; `None` in text mode.
    pub length: Option<usize>,
}

impl StoredHeader {
    /// Of a list.
    pub fn in_list(value: &str) -> Option<Self> {
        let fields = fields(value);
        let index = fields.first()?.number()?;
        let state = Stored::parse(fields.get(1)?.text());
        Some(Self { index: Some(index), state, length: length(&fields) })
    }

    /// Of one message.
    pub fn of_one(value: &str) -> Option<Self> {
        let fields = fields(value);
        let state = Stored::parse(fields.first()?.text());
        Some(Self { index: None, state, length: length(&fields) })
    }
}

/// The last field as a length; text mode has a date or a number in quotes somewhere instead.
fn length(fields: &[crate::Field<'_>]) -> Option<usize> {
    let text_mode = fields.iter().any(|field| field.text().contains('/'));
    let last = fields.last().filter(|field| !field.is_quoted() && !text_mode)?;
    last.number::<usize>().filter(|length| *length <= 255)
}

/// The digits of an ICCID from `+CCID: "8962…"`, `^ICCID: 8962…F`, `+ICCID: 8962…`, or a bare line.
/// It has 18 to 20 digits and begins with 89 (ITU-T E.118).
pub fn iccid(line: &str) -> Option<String> {
    let text =
        line.rsplit([':', ',']).next()?.trim().trim_matches('"').trim_end_matches(['F', 'f']);
    let all_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    (all_digits && (18..=22).contains(&text.len()) && text.starts_with("89"))
        .then(|| text.to_owned())
}

/// 15 digits of an IMSI, or 14 to 17 of an IMEI, in a line of their own or behind a name.
pub fn long_number(line: &str) -> Option<String> {
    let text = line.rsplit(':').next()?.trim().trim_matches('"');
    let text = text.split(',').next()?.trim();
    let all_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    (all_digits && (14..=17).contains(&text.len())).then(|| text.to_owned())
}

/// The PIN's tries left, from `+CPINR: SIM PIN,3,3`, `^CPIN: READY,10,3,10,3`, `+QPINC: "SC",3,10`,
/// `^SPIC: 3`, `+SPIC: 3,10,3,10`.
pub fn pin_tries(line: &str) -> Option<u8> {
    let number = |value: &str, at: usize| fields(value).get(at).and_then(crate::Field::number);
    if let Some(value) = value(line, "+CPINR").or_else(|| value(line, "+QPINC")) {
        let which = fields(value).first()?.text().to_ascii_uppercase();
        return if which == "SIM PIN" || which == "SC" { number(value, 1) } else { None };
    }
    if let Some(value) = value(line, "^CPIN") {
        // <code>,<times>,<puk>,<pin>,<puk2>,<pin2>
        return number(value, 3).or_else(|| number(value, 1));
    }
    number(value(line, "^SPIC").or_else(|| value(line, "+SPIC"))?, 0)
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
        assert_eq!(RegistrationLine::parse("x"), None);
        assert_eq!(RegistrationLine::parse(""), None);
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
    }

    #[test]
    fn storage() {
        assert_eq!(
            storage_offer(r#"("SM","ME"),("SM"),("SM")"#),
            [vec!["SM", "ME"], vec!["SM"], vec!["SM"]]
        );
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
    }
}
