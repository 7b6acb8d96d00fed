//! A survey: senders are asked one question after another.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Question;

/// What a survey has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Survey {
    /// The questions, in their order, each with what may be answered.
    pub questions: Vec<Question>,
    /// The word that ends the survey for a sender, in small letters.
    pub leave: String,
    /// For how many minutes a question waits for its answer.
    pub minutes: u32,
    /// What is sent back to an answer that may not be given; empty: the question once more.
    #[serde(default)]
    pub otherwise: String,
    /// What is sent back after the last answer; empty: nothing.
    #[serde(skip)]
    pub reply: String,
}

impl Survey {
    /// For how many minutes a question waits for its answer where nothing is said: a day.
    pub const MINUTES: u32 = 24 * 60;
    /// For how many minutes it waits at most: 30 days.
    pub const MOST_MINUTES: u32 = 30 * 24 * 60;
    /// The word that ends a survey where nothing is said.
    pub const LEAVE: &'static str = "exit";

    /// Returns for how long a question waits for its answer.
    pub fn waits(&self) -> Duration {
        Duration::from_secs(u64::from(self.minutes) * 60)
    }
}
