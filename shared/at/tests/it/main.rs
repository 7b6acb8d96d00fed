//! Laws that hold for any bytes.

mod laws;

use at::ussd::{self, Coding};
use proptest::prelude::*;

/// Bytes as modems say them, mixed with any.
fn modem_bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        3 => prop::sample::select(vec![
            "\r\n", "\r", "\n", "OK", "ERROR", "+CMS ERROR: 38", "> ", "+CMTI: \"SM\",3", "\0", "+CREG: 2,1,\"00C3\"",
            "+CUSD: 1,\"", "\"", ",", "+CMT: ,35", "0591", "AT", ":", "(0-2),", "+CSQ: 20,99", "89", "É", "\u{1a}",
        ]).prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..8),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_bytes(bytes in modem_bytes(), seed in any::<u8>()) {
        laws::hold_for(&bytes, seed);
    }

    #[test]
    fn any_line(line in "\\PC{0,200}") {
        laws::read(&line);
    }

    /// What is packed is unpacked, whatever its length.
    #[test]
    fn ussd_texts_come_back(code in "[0-9*#]{1,40}") {
        let (packed, dcs) = ussd::encode(&code, Coding::Packed);
        prop_assert_eq!(ussd::decode(&packed, Some(dcs), Coding::Packed), code.clone());
        let (wide, dcs) = ussd::encode(&code, Coding::Ucs2);
        prop_assert_eq!(ussd::decode(&wide, Some(dcs), Coding::Ucs2), code);
    }

    #[test]
    fn hex_comes_back(octets in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert_eq!(at::command::unhex(&at::command::hex(&octets)), Some(octets));
    }
}
