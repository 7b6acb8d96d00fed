//! How much fits beside a header.

use super::TextError;
use crate::coding::Alphabet;
use crate::octets::MOST_OCTETS;
use crate::udh::{Element, Udh};
use crate::user_data::{MOST_SEPTETS, header_septets};

/// Units that a part holds beside its header: septets, UTF-16 units or octets.
pub(crate) struct Room {
    /// When it is the only one.
    pub(crate) alone: usize,
    /// When it is one of several; or why it cannot be.
    pub(crate) among_others: Result<usize, TextError>,
}

impl Room {
    pub(crate) fn new(udh: &Udh, wide: bool, alphabet: Alphabet) -> Result<Self, TextError> {
        let alone = room(alphabet, udh)?;
        if udh.concat().is_some() {
            return Ok(Self { alone, among_others: Err(TextError::AlreadyPart) });
        }
        let mut header = udh.clone();
        header.0.push(if wide {
            Element::Concat16 { reference: 0, total: 0, sequence: 0 }
        } else {
            Element::Concat8 { reference: 0, total: 0, sequence: 0 }
        });
        Ok(Self { alone, among_others: room(alphabet, &header) })
    }
}

/// At least two units, or there would be no room for an escape sequence or a surrogate pair.
fn room(alphabet: Alphabet, header: &Udh) -> Result<usize, TextError> {
    let octets = header.size();
    let units = match alphabet {
        Alphabet::Gsm7 => MOST_SEPTETS.checked_sub(header_septets(octets)),
        Alphabet::Ucs2 => MOST_OCTETS.checked_sub(octets).map(|octets| octets / 2),
        Alphabet::Data => MOST_OCTETS.checked_sub(octets),
    };
    units.filter(|&units| units >= 2).ok_or(TextError::HeaderTooLong { octets })
}
