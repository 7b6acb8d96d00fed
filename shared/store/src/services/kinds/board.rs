//! A board: what follows the keyword is kept, and may be shown to everybody.

use serde::{Deserialize, Serialize};

/// The most texts that a board shows.
pub const MOST_SHOWN: u16 = 200;
/// The most characters of the address of a board.
pub const LONGEST_ADDRESS: usize = 64;

/// What a board has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Board {
    /// The last part of the public address, `/boards/ADDRESS`, which no other board has. None: nobody sees the board without
    /// logging in.
    #[serde(default)]
    pub address: Option<String>,
    /// How many of the last texts are shown.
    pub shown: u16,
    /// What is sent back; empty: nothing.
    #[serde(skip)]
    pub reply: String,
}

impl Board {
    /// How many texts are shown where nothing is said.
    pub const SHOWN: u16 = 20;
}
