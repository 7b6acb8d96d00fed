//! What the services have that keep something of messages, ask something, or hand something on: one file for each.

mod board;
mod inbox;
mod quiz;
mod scenario;
mod survey;
mod to_group;

pub use board::{Board, LONGEST_ADDRESS, MOST_SHOWN};
pub use inbox::{InboxOf, MOST_INBOXES};
pub use quiz::{MOST_ANSWERS, MOST_QUESTIONS, Question, Quiz};
pub use scenario::{MOST_LINES, MOST_WORDS, Scenario, ScenarioLine};
pub use survey::Survey;
pub use to_group::{CODE_LASTS, MOST_CONFIRMED, MOST_OF_GROUP, ToGroup};
