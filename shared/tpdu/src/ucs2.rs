//! UCS-2 text, in practice UTF-16, most significant octet first (TS 23.038, 6.2.3).

/// Text as octets.
pub fn encode(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

/// Octets as text; never fails. A lone surrogate and an odd last octet read as U+FFFD.
///
/// Senders split surrogate pairs between parts: join the octets of the parts before.
pub fn decode(octets: &[u8]) -> String {
    let (pairs, odd) = octets.as_chunks::<2>();
    let units = pairs.iter().map(|&pair| u16::from_be_bytes(pair));
    let mut text: String =
        char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    if !odd.is_empty() {
        text.push(char::REPLACEMENT_CHARACTER);
    }
    text
}
