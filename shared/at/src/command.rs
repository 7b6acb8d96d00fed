//! Commands as text, without the CR that ends them.
//!
//! Only those with a value are here; a command without one is its own text. Values that come from
//! people or from the SIM pass [`quoted`], so none of them can end a command and begin another.

/// The ESC that cancels a prompt.
pub const ESC: u8 = 0x1B;
/// The Ctrl-Z that ends a PDU and sends it.
pub const CTRL_Z: u8 = 0x1A;

/// `AT+CMGS=<n>`: send a TPDU of `octets` octets, the service centre's address not counted (27.005, 4.3).
pub fn send(octets: usize) -> String {
    format!("AT+CMGS={octets}")
}

/// `AT+CMGW=<n>`: store a TPDU of `octets` octets for sending (27.005, 4.4).
pub fn store(octets: usize) -> String {
    format!("AT+CMGW={octets}")
}

/// `AT+CMSS=<index>`: send a stored message (27.005, 3.5.2).
pub fn send_stored(index: u32) -> String {
    format!("AT+CMSS={index}")
}

/// `AT+CMGR=<index>`: read a stored message.
pub fn read(index: u32) -> String {
    format!("AT+CMGR={index}")
}

/// `AT+CMGD=<index>`: delete one stored message. The form that deletes many is not offered: it deletes
/// what came in since the list was read.
pub fn delete(index: u32) -> String {
    format!("AT+CMGD={index}")
}

/// `AT+CPIN="<pin>"`.
pub fn enter_pin(pin: &str) -> String {
    format!("AT+CPIN={}", quoted(pin))
}

/// `AT+CSCA="<number>",<type>`: the service centre's number; 145 with `+`, else 129.
pub fn set_service_centre(number: &str) -> String {
    let kind = if number.starts_with('+') { 145 } else { 129 };
    format!("AT+CSCA={},{kind}", quoted(number))
}

/// `AT+CPMS="<m>","<m>","<m>"`, as many times as the modem knows memories.
pub fn select_storage(memories: &[String]) -> String {
    let list: Vec<_> = memories.iter().map(|memory| quoted(memory)).collect();
    format!("AT+CPMS={}", list.join(","))
}

/// `AT+CNMI=…`: which messages are announced and how (27.005, 3.4.1).
pub fn announce(values: &[u8]) -> String {
    let list: Vec<_> = values.iter().map(u8::to_string).collect();
    format!("AT+CNMI={}", list.join(","))
}

/// `AT+CUSD=1,"<text>",<dcs>`: `text` is already as the modem wants it (see [`crate::ussd::encode`]).
pub fn ussd(text: &str, dcs: u8) -> String {
    format!("AT+CUSD=1,{},{dcs}", quoted(text))
}

/// A PDU in hex and Ctrl-Z, in one write: no CR, which some modems take for its end.
pub fn pdu(smsc_and_tpdu: &[u8]) -> Vec<u8> {
    let mut text = hex(smsc_and_tpdu).into_bytes();
    text.push(CTRL_Z);
    text
}

/// Octets in upper-case hex.
pub fn hex(octets: &[u8]) -> String {
    let digit = |value: u8| char::from(b"0123456789ABCDEF"[usize::from(value)]);
    // One more than the digits take: Ctrl-Z comes behind a PDU.
    let mut text = String::with_capacity(octets.len() * 2 + 1);
    text.extend(octets.iter().flat_map(|octet| [digit(octet >> 4), digit(octet & 15)]));
    text
}

/// Hex to octets; `None` when it is not hex, or odd.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .bytes()
        .map(|byte| char::from(byte).to_digit(16).and_then(|d| u8::try_from(d).ok()))
        .collect();
    let digits = digits?;
    let (pairs, rest) = digits.as_chunks::<2>();
    rest.is_empty().then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

/// In quotes, without what could end the quotes or the command.
pub fn quoted(text: &str) -> String {
    let inner: String =
        text.chars().filter(|letter| *letter != '"' && !letter.is_control()).collect();
    format!("\"{inner}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_ends_the_command() {
        assert_eq!(enter_pin("1234\"\r\nAT+CFUN=0\r"), "AT+CPIN=\"1234AT+CFUN=0\"");
    }

    #[test]
    fn commands() {
        assert_eq!(set_service_centre("+62816124"), "AT+CSCA=\"+62816124\",145");
        assert_eq!(set_service_centre("0816124"), "AT+CSCA=\"0816124\",129");
        assert_eq!(select_storage(&["SM".into(), "SM".into()]), "AT+CPMS=\"SM\",\"SM\"");
        assert_eq!(announce(&[2, 1, 0, 1, 0]), "AT+CNMI=2,1,0,1,0");
        assert_eq!(pdu(&[0, 0xA1]), b"00A1\x1a");
    }

    #[test]
    fn hex_both_ways() {
        assert_eq!(hex(&[0, 0xA1, 0xFF]), "00A1FF");
        assert_eq!(unhex("00a1Ff"), Some(vec![0, 0xA1, 0xFF]));
        assert_eq!(unhex("00a"), None);
        assert_eq!(unhex("0x"), None);
        assert_eq!(unhex(""), Some(vec![]));
    }
}
