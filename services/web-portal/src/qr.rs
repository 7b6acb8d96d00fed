//! QR codes as paths of SVG, made here: nothing is asked of a server elsewhere, and a page needs no script to show one.

use std::fmt::Write as _;

use qrcode::{Color, EcLevel, QrCode};

/// Modules of the quiet zone around a code.
const QUIET: usize = 4;

/// A QR code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Qr {
    /// How many modules it is wide and high, with the quiet zone.
    pub(crate) side: usize,
    /// The dark modules, as a path of SVG whose unit is a module.
    pub(crate) path: String,
}

impl Qr {
    /// The code of a text; none: the text is too long for one.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let code = QrCode::with_error_correction_level(text.as_bytes(), EcLevel::M).ok()?;
        let width = code.width();
        let mut path = String::new();
        for (row, modules) in code.to_colors().chunks(width.max(1)).enumerate() {
            let mut column = QUIET;
            // Neighbours of one colour are drawn as one.
            for run in modules.chunk_by(|one, next| one == next) {
                let long = run.len();
                if run.first() == Some(&Color::Dark) {
                    // Writing to a text does not fail.
                    let _ = write!(path, "M{column} {}h{long}v1h-{long}z", row + QUIET);
                }
                column += long;
            }
        }
        Some(Self { side: width + 2 * QUIET, path })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_three_corners() {
        let code = Qr::of("otpauth://totp/x").expect("a code");
        // Version 2 is 25 modules wide, and each corner begins with a dark row of seven.
        assert_eq!(code.side, 25 + 8);
        for (column, row) in [(4, 4), (4, 10), (22, 4), (22, 10), (4, 22), (4, 28)] {
            assert!(code.path.contains(&format!("M{column} {row}h7v1h-7z")), "{column} {row}");
        }
        assert!(!code.path.contains("M3 "), "the quiet zone is quiet");
        assert_eq!(Qr::of(&"x".repeat(10_000)), None);
    }
}
