//! What can be wrong with octets, and with values that should become octets.

use std::fmt;

use thiserror::Error;

/// Octets that are no TPDU: which field, where, and why.
///
/// The field is named from the outside in, as `udh.length`; the offset counts octets from the start of
/// what was given to decode, the service centre's prefix included when there is one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{field}, octet {offset}: {kind}")]
pub struct DecodeError {
    /// The field, as `destination.digits`.
    pub field: String,
    /// Octets before it.
    pub offset: usize,
    /// What is wrong with it.
    pub kind: DecodeErrorKind,
}

/// What is wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DecodeErrorKind {
    /// The octets end before the field does.
    #[error("{needed} octets are needed and {left} are left")]
    Truncated {
        /// Octets the field takes.
        needed: usize,
        /// Octets there are.
        left: usize,
    },
    /// TP-MTI is the one of another TPDU.
    #[error("the message type bits are {found:02b}, expected {expected:02b}")]
    MessageType {
        /// The two bits found.
        found: u8,
        /// The two bits of the TPDU asked for.
        expected: u8,
    },
    /// No such length is possible.
    #[error("the length is {found} and at most {most} is possible")]
    Length {
        /// The length found, in the field's own unit.
        found: usize,
        /// The greatest there is.
        most: usize,
    },
    /// More octets than the length says.
    #[error("{octets} octets follow its end")]
    Trailing {
        /// How many.
        octets: usize,
    },
    /// Not a hexadecimal digit.
    #[error("{0:?} is no hexadecimal digit")]
    NotHex(char),
    /// Half an octet at the end.
    #[error("the number of hexadecimal digits is odd")]
    HalfOctet,
}

impl DecodeError {
    pub(crate) fn new(field: &str, offset: usize, kind: DecodeErrorKind) -> Self {
        Self { field: field.to_owned(), offset, kind }
    }

    pub(crate) fn within(mut self, outer: &str) -> Self {
        self.field = format!("{outer}.{}", self.field);
        self
    }

    pub(crate) const fn shifted(mut self, octets: usize) -> Self {
        self.offset += octets;
        self
    }
}

/// A value that has no octets: which field, and why.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{field}: {kind}")]
pub struct EncodeError {
    /// The field, as `destination`.
    pub field: &'static str,
    /// What is wrong with it.
    pub kind: EncodeErrorKind,
}

/// Why a value has no octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum EncodeErrorKind {
    /// More than the field holds.
    #[error("{found} {unit} are too many: at most {most} fit")]
    TooLong {
        /// How many there are.
        found: usize,
        /// How many fit.
        most: usize,
        /// Of what.
        unit: Unit,
    },
    /// Septets with a data coding of octets, or the other way round.
    #[error("the user data does not have the form that the data coding scheme asks for")]
    CodingMismatch,
    /// A septet of more than seven bits.
    #[error("{0:#04x} has more than seven bits")]
    NotASeptet(u8),
}

/// What lengths are counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Seven bits.
    Septets,
    /// Eight bits.
    Octets,
    /// Digits of a number, four bits each.
    Digits,
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Septets => "septets",
            Self::Octets => "octets",
            Self::Digits => "digits",
        })
    }
}

pub(crate) const fn too_long(
    field: &'static str,
    found: usize,
    most: usize,
    unit: Unit,
) -> EncodeError {
    EncodeError { field, kind: EncodeErrorKind::TooLong { found, most, unit } }
}
