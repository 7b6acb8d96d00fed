//! Septets packed into octets, least significant bit first (TS 23.038, 6.1.2.1).

/// `count` septets that begin at bit `from`; fewer when the octets end before.
pub(crate) fn unpack(octets: &[u8], from: usize, count: usize) -> Vec<u8> {
    let there = (octets.len() * 8).saturating_sub(from) / 7;
    (0..count.min(there))
        .map(|n| {
            let bit = from + n * 7;
            let low = u16::from(octets[bit / 8]);
            let high = octets.get(bit / 8 + 1).map_or(0, |&o| u16::from(o));
            ((high << 8 | low) >> (bit % 8)).to_le_bytes()[0] & 0x7F
        })
        .collect()
}

/// Septets as octets, after `fill` bits of zeros.
pub(crate) fn pack(septets: &[u8], fill: usize) -> Vec<u8> {
    let mut octets = vec![0; (fill + septets.len() * 7).div_ceil(8)];
    for (n, septet) in septets.iter().enumerate() {
        let bit = fill + n * 7;
        let [low, high] = (u16::from(septet & 0x7F) << (bit % 8)).to_le_bytes();
        octets[bit / 8] |= low;
        if high != 0 {
            octets[bit / 8 + 1] |= high;
        }
    }
    octets
}

#[cfg(test)]
mod tests {
    use super::*;

    /// "hellohello" packed, from the widely copied page "SMS and the PDU format" (dreamfabric.com).
    #[test]
    fn hellohello() {
        let packed = [0xE8, 0x32, 0x9B, 0xFD, 0x46, 0x97, 0xD9, 0xEC, 0x37];
        assert_eq!(pack(b"hellohello", 0), packed);
        assert_eq!(unpack(&packed, 0, 10), b"hellohello");
    }

    #[test]
    fn octets_that_end_early_give_fewer_septets() {
        assert_eq!(unpack(&[0xE8, 0x32], 0, 10).len(), 2);
        assert_eq!(unpack(&[], 1, 10).len(), 0);
    }
}
