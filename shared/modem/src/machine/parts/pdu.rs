//! PDUs as octets: as much of them as the machine must understand.

use crate::event::ReceivedKind;

/// The PDU with the service centre's address before it, also where the modem left that out.
pub(crate) fn with_smsc(pdu: Vec<u8>, length: Option<usize>) -> Vec<u8> {
    let smsc = pdu.first().map_or(0, |first| usize::from(*first));
    let fits = length.is_none_or(|length| 1 + smsc + length == pdu.len());
    if !fits && length == Some(pdu.len()) {
        let mut whole = vec![0];
        whole.extend_from_slice(&pdu);
        return whole;
    }
    pdu
}

/// What a received PDU is, by the two low bits after the service centre's address (23.040, 9.2.3.1).
pub(crate) fn kind(pdu: &[u8]) -> ReceivedKind {
    let smsc = pdu.first().map_or(0, |first| usize::from(*first));
    match pdu.get(1 + smsc).map(|first| first & 0b11) {
        Some(0b00) if smsc <= 12 => ReceivedKind::Deliver,
        Some(0b10) if smsc <= 12 => ReceivedKind::StatusReport,
        _ => ReceivedKind::Unknown,
    }
}

/// The same SMS-SUBMIT without TP-VP (23.040, 9.2.2.2); `None` when it has none, or is no SMS-SUBMIT.
pub(crate) fn without_validity(pdu: &[u8]) -> Option<Vec<u8>> {
    let first = *pdu.first()?;
    if first & 0b11 != 0b01 {
        return None;
    }
    let octets = match first >> 3 & 0b11 {
        0b10 => 1,
        0b01 | 0b11 => 7,
        _ => return None,
    };
    // First octet, reference, then the address: digits, type, two digits an octet; then PID and DCS.
    let digits = usize::from(*pdu.get(2)?);
    let at = 4 + digits.div_ceil(2) + 2;
    let rest = pdu.get(at + octets..)?;
    let mut shorter = pdu.get(..at)?.to_vec();
    shorter[0] = first & !0b1_1000;
    shorter.extend_from_slice(rest);
    Some(shorter)
}

/// Whether a stored PDU is this submission, but for its reference, which the modem sets.
pub(crate) fn holds(stored: &[u8], submission: &[u8]) -> bool {
    let Some(start) = stored.len().checked_sub(submission.len()) else { return false };
    let (Some([first, _, rest @ ..]), [first_own, _, own @ ..]) = (stored.get(start..), submission)
    else {
        return false;
    };
    first == first_own && rest == own
}

#[cfg(test)]
mod tests {
    use at::command;

    use super::*;

    #[test]
    fn kinds() {
        let pdu = |hex| command::unhex(hex).unwrap();
        // The record of the issue: SMS-DELIVER from +628159919457.
        let deliver =
            "059126181642040C9126189519497500006020619041628212502B284C6EA7DDA0B03C0D5297D9E535";
        assert_eq!(kind(&pdu(deliver)), ReceivedKind::Deliver);
        assert_eq!(kind(&pdu("0006")), ReceivedKind::StatusReport);
        assert_eq!(kind(&pdu("0001")), ReceivedKind::Unknown);
        assert_eq!(kind(&pdu("FF00")), ReceivedKind::Unknown);
        assert_eq!(kind(&[]), ReceivedKind::Unknown);
    }

    #[test]
    fn a_missing_service_centre_is_made_up_for() {
        assert_eq!(with_smsc(vec![6, 1, 2], Some(3)), [0, 6, 1, 2]);
        assert_eq!(with_smsc(vec![0, 6, 1], Some(2)), [0, 6, 1]);
        assert_eq!(with_smsc(vec![0, 6, 1], Some(77)), [0, 6, 1]);
    }

    #[test]
    fn validity_is_cut_out() {
        // 23.040, 9.2.2.2: SMS-SUBMIT, relative validity 0xAA, to 46708251358, "hello" in 5 septets.
        let with = command::unhex("11000B916407281553F80000AA05E8329BFD06").unwrap();
        let without = command::unhex("01000B916407281553F8000005E8329BFD06").unwrap();
        assert_eq!(without_validity(&with), Some(without.clone()));
        assert_eq!(without_validity(&without), None);
        for length in 0..with.len() {
            let _ = without_validity(&with[..length]);
        }
    }
}
