//! How urgent a message is.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One-time passwords go first, bulk last. A token of the subjects.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Priority {
    /// A person is waiting for it.
    Otp,
    /// What is not said to be otherwise.
    #[default]
    Normal,
    /// Many at once, none of them urgent.
    Bulk,
}

impl Priority {
    /// All, most urgent first.
    pub const ALL: [Self; 3] = [Self::Otp, Self::Normal, Self::Bulk];

    /// Its subject token.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Otp => "otp",
            Self::Normal => "normal",
            Self::Bulk => "bulk",
        }
    }
}

impl fmt::Display for Priority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that names no priority.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a priority: use otp, normal or bulk")]
pub struct ParsePriorityError(String);

impl FromStr for Priority {
    type Err = ParsePriorityError;

    fn from_str(text: &str) -> Result<Self, ParsePriorityError> {
        Self::ALL
            .into_iter()
            .find(|p| p.as_str() == text)
            .ok_or_else(|| ParsePriorityError(text.chars().take(32).collect()))
    }
}
