//! Who a simulated modem and its SIM are.
//!
//! Everything is made from the modem's place in the simulation (1 is the first), so ids derived from
//! it are the same in every run. The network is 001-01, which is reserved for tests (3GPP TS 23.003),
//! so no identity is one of a real SIM.

/// Name of the simulated network as `+COPS?` gives it.
pub const OPERATOR: &str = "Merpati Net";
/// Its country and network code (MCC and MNC).
pub const OPERATOR_CODE: &str = "00101";
/// Number of its service centre.
pub const SMSC: &str = "+6281200000000";

/// Identities of a modem and the SIM in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// 15 digits, the last one by Luhn's rule. None: the modem does not tell one.
    pub imei: Option<String>,
    /// 19 digits, the last one by Luhn's rule.
    pub iccid: String,
    /// 15 digits.
    pub imsi: String,
    /// The SIM's own phone number, international with `+`.
    pub number: String,
}

impl Identity {
    /// The identity of modem `place`; 1 is the first.
    pub fn of(place: usize) -> Self {
        Self {
            imei: Some(with_luhn(&format!("35900100{place:06}"))),
            iccid: with_luhn(&format!("896201{place:012}")),
            imsi: format!("{OPERATOR_CODE}{place:010}"),
            number: number(place),
        }
    }
}

/// The number of modem `place`: `+6281200000001` is the first.
pub fn number(place: usize) -> String {
    format!("+62812{place:08}")
}

/// Adds the check digit of ISO/IEC 7812 (Luhn) to decimal digits.
pub(crate) fn with_luhn(digits: &str) -> String {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(at, digit)| {
            let value = u32::from(digit.wrapping_sub(b'0')) * if at % 2 == 0 { 2 } else { 1 };
            value / 10 + value % 10
        })
        .sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_follow_luhn() {
        // ISO/IEC 7812-1's own example number.
        assert_eq!(with_luhn("7992739871"), "79927398713");
        assert_eq!(with_luhn("49015420323751"), "490154203237518");
    }

    #[test]
    fn each_modem_has_its_own_and_keeps_it() {
        let (first, second) = (Identity::of(1), Identity::of(2));
        assert_eq!(first, Identity::of(1));
        assert_eq!(first.number, "+6281200000001");
        assert_ne!(first.imei, second.imei);
        assert_ne!(first.iccid, second.iccid);
        assert_ne!(first.imsi, second.imsi);
        assert_eq!(first.imei.as_ref().map(String::len), Some(15));
        assert_eq!((first.iccid.len(), first.imsi.len()), (19, 15));
    }
}
