//! Answers by the words that follow the keyword.

use serde::{Deserialize, Serialize};

/// The most lines of a scenario.
pub const MOST_LINES: usize = 50;
/// The most words of a line.
pub const MOST_WORDS: usize = 7;

/// What is answered to which words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scenario {
    /// The lines, of which the one with the most words that fit is taken.
    pub lines: Vec<ScenarioLine>,
    /// What is sent back when no line fits; empty: nothing.
    #[serde(skip)]
    pub reply: String,
}

/// An answer, and the words that it is given to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScenarioLine {
    /// The words that follow the keyword, in small letters.
    pub words: Vec<String>,
    /// What is sent back.
    pub reply: String,
}
