//! Any calls in any order with any bytes: what must hold is in `shared/modem/tests/it/ops.rs`.
#![no_main]

#[path = "../../shared/modem/tests/it/ops.rs"]
mod ops;

libfuzzer_sys::fuzz_target!(|data: &[u8]| ops::run(data));
