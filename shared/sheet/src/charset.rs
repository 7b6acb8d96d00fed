//! The charset of a text file: UTF-8 and UTF-16 by their marks, UTF-16 without one by its zeros, UTF-8 where all of it is, and
//! else Windows-1252, which Excel writes.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// How many bytes are looked at for the zeros of UTF-16.
const LOOKED_AT: usize = 1_024;

/// The file as text; none: it is no text.
pub(crate) fn decoded(file: &[u8]) -> Option<Cow<'_, str>> {
    let (encoding, mark) = encoding(file);
    let text = file.get(mark..).unwrap_or_default();
    let (text, _) = encoding.decode_without_bom_handling(text);
    // No text has a zero in it, and every other file has.
    if text.contains('\0') { None } else { Some(text) }
}

/// The encoding, and how many bytes its mark has.
fn encoding(file: &[u8]) -> (&'static Encoding, usize) {
    if let Some(marked) = Encoding::for_bom(file) {
        return marked;
    }
    let begin = &file[..file.len().min(LOOKED_AT)];
    let zeros = |from: usize| begin.iter().skip(from).step_by(2).filter(|b| **b == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    // Separators and digits are two bytes, one of which is zero.
    let is_wide = (even + odd) * 4 > begin.len();
    match (is_wide, even < odd) {
        (true, true) => (UTF_16LE, 0),
        (true, false) => (UTF_16BE, 0),
        (false, _) if std::str::from_utf8(file).is_ok() => (UTF_8, 0),
        (false, _) => (WINDOWS_1252, 0),
    }
}
