//! The SIM: its lock, its identities, its numbers.

use super::{readable, value};
use crate::fields::fields;

/// Whether a SIM asks for a code: `+CPIN:` (27.007, 8.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SimLock {
    /// `READY`: the SIM asks for nothing.
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

/// The digits of an ICCID from `+CCID: "8962…"`, `^ICCID: 8962…F`, `+ICCID: 8962…`, a bare line, or before the EID
/// of an eSIM. It has 18 to 20 digits and begins with 89 (ITU-T E.118); some operators' cards have letters in it
/// all the same (`898600C6…`).
///
/// In `+CRSM: 144,0,"98…"` it stands as the file has it, two digits an octet, the second first (31.102, 4.2.1).
pub fn iccid(line: &str) -> Option<String> {
    if let Some(answer) = value(line, "+CRSM") {
        let fields = fields(answer);
        let read = fields.first().and_then(crate::Field::number::<u8>) == Some(144);
        let file = fields.get(2).filter(|_| read)?.text();
        let digits = file.as_bytes().chunks(2).flat_map(|pair| pair.iter().rev().copied());
        return iccid(&digits.map(char::from).collect::<String>());
    }
    line.split([':', ',']).find_map(|part| {
        let text = part.trim().trim_matches('"').to_ascii_uppercase();
        let text = text.trim_end_matches('F');
        let is_hex = text.bytes().all(|byte| byte.is_ascii_hexdigit());
        (is_hex && (18..=22).contains(&text.len()) && text.starts_with("89"))
            .then(|| text.to_owned())
    })
}

/// 15 digits of an IMSI, or 14 to 17 of an IMEI, in a line of their own or behind a name.
pub fn long_number(line: &str) -> Option<String> {
    let text = line.rsplit(':').next()?.trim().trim_matches('"');
    let text = text.split(',').next()?.trim();
    let all_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    (all_digits && (14..=17).contains(&text.len())).then(|| text.to_owned())
}

/// The IMEI in a line of its own or behind a name. Modems that were never given one say zeros, or a serial number of the
/// maker that is shorter.
pub fn imei(line: &str) -> Option<String> {
    long_number(line).filter(|number| number.bytes().any(|digit| digit != b'0'))
}

/// The PIN's tries left, from `+CPINR: SIM PIN,3,3`, `^CPIN: READY,10,3,10,3`, `+QPINC: "SC",3,10`,
/// `^SPIC: 3`, `+SPIC: 3,10,3,10`, `+CPINC: 3,3,10,10`.
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
    let first = ["^SPIC", "+SPIC", "+CPINC"].iter().find_map(|name| value(line, name))?;
    number(first, 0)
}
