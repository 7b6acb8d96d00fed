//! Registration, signal and operator (27.007, 7 and 8).

use super::readable;
use crate::fields::fields;

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
    /// Whether SMS can be sent in this registration.
    pub fn is_registered(self) -> bool {
        matches!(self, Self::Home | Self::Roaming)
    }

    fn from_number(number: u8) -> Option<Self> {
        Some(match number {
            0 => Self::Idle,
            1 | 6 | 9 => Self::Home,
            2 => Self::Searching,
            3 => Self::Denied,
            // 90 is Nordic's: the SIM failed.
            4 | 90 => Self::Unknown,
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

    /// The name of the technology, for people.
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
    /// Whether the line has the form of an answer (`<n>,<stat>`), not of an unsolicited line (`<stat>`).
    pub is_answer: bool,
}

impl RegistrationLine {
    /// Reads the value. Answer and unsolicited line differ by a number before the state: in the
    /// unsolicited line the second field is the location area, which is quoted, empty, or no number that a state has.
    pub fn parse(value: &str) -> Option<Self> {
        let fields = fields(value);
        let first = fields.first()?;
        let second = fields.get(1).filter(|second| could_be_state(first, second));
        let registration = Registration::from_number(second.unwrap_or(first).number()?)?;
        let rest = &fields[if second.is_some() { 2 } else { 1 }..];
        // <lac>,<ci>,<AcT>; LTE modems of Novatel put the routing area before the cell.
        let number = |at: usize| rest.get(at).and_then(crate::Field::number);
        let technology = number(2).or_else(|| number(3)).and_then(Technology::from_number);
        Some(Self { registration, technology, is_answer: second.is_some() })
    }
}

/// Whether the second field can be `<stat>`: bare, and `1`, `10`, or `001` where the first one has zeros too. A
/// location area may be as short as `0A` or `00`.
fn could_be_state(first: &crate::Field<'_>, second: &crate::Field<'_>) -> bool {
    let text = second.text();
    let padded = first.text().len() == 3 && text.len() == 3;
    let short = text.len() == 1 || matches!(text, "10" | "11" | "90");
    !second.is_quoted() && (padded || short) && second.number::<u8>().is_some()
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
    /// The operator's name, or its MCC and MNC.
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
