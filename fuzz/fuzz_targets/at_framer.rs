//! Any bytes as lines: the laws of `shared/at/tests/it/laws.rs`.
#![no_main]

#[path = "../../shared/at/tests/it/laws.rs"]
mod laws;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Some((seed, bytes)) = bytes.split_first() {
        laws::hold_for(bytes, *seed);
    }
});
