//! Any octets as every TPDU: the laws of `shared/tpdu/tests/it/laws.rs`.
#![no_main]

#[path = "../../shared/tpdu/tests/it/laws.rs"]
mod laws;

libfuzzer_sys::fuzz_target!(|octets: &[u8]| laws::hold_for(octets));
