//! How a text goes out.

use contracts::Amount;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// In which alphabet a message goes out, and what was done to its text.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct AlphabetUse {
    /// `gsm7`, `ucs2` or `data`.
    pub encoding: String,
    /// The tables of a language that the text is written in; none: those of GSM 7-bit itself.
    pub tables: Option<Tables>,
    /// Characters that others took the place of.
    pub replaced: Vec<Replacement>,
}

/// National language tables (3GPP TS 23.038, 6.2.1), each by the language's two letters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Tables {
    /// The language whose alphabet is used.
    pub locking: Option<String>,
    /// The language whose extension table is used.
    pub single: Option<String>,
}

/// A character that another one took the place of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Replacement {
    /// The character in the text.
    #[schema(value_type = String)]
    pub from: char,
    /// What goes out in its place.
    pub to: String,
    /// How often.
    pub times: usize,
}

/// The answer to `POST /messages/preview`: how a message would go out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Preview {
    /// Characters as a reader counts them: code points; octets of data.
    pub characters: usize,
    /// Septets, UTF-16 units or octets.
    pub units: usize,
    /// Of how many parts the message is.
    pub parts: usize,
    /// Units that fit into one part.
    pub units_per_part: usize,
    /// Units that are left in the last part.
    pub units_left: usize,
    /// The most parts a message may have.
    pub limit: usize,
    /// The message has more parts than that.
    pub too_long: bool,
    /// The characters that make it UCS-2, each once.
    pub not_gsm7: String,
    /// To how many recipients it would go.
    pub recipients: usize,
    /// What it would cost to all of them, by the prices of the organisation; absent: there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Amount>,
    /// In which alphabet.
    #[serde(flatten)]
    pub alphabet: AlphabetUse,
}
