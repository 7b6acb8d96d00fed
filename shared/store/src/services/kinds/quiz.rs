//! A quiz: the word after the keyword is an answer, which is right or wrong.

use serde::{Deserialize, Serialize};

/// The most questions of a quiz or a survey.
pub const MOST_QUESTIONS: usize = 20;
/// The most answers of a question.
pub const MOST_ANSWERS: usize = 20;

/// A question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// The question.
    pub text: String,
    /// What may be answered, or what is right; empty: anything.
    #[serde(default)]
    pub answers: Vec<String>,
}

/// What a quiz has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quiz {
    /// The questions, each with the answers that are right. Of several, the number of the question, which counts from 1, stands
    /// before the answer.
    pub questions: Vec<Question>,
    /// Whether the first answer of a sender to a question counts, and no other.
    pub once: bool,
    /// What is sent back to a wrong answer; empty: nothing.
    #[serde(default)]
    pub wrong: String,
    /// What is sent back to a right answer; empty: nothing.
    #[serde(skip)]
    pub reply: String,
}
