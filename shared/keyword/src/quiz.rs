//! Which question of a quiz a message answers, and whether the answer is right.

use contracts::mo::MoReceived;
use store::{Question, Quiz};

use crate::after_keyword;

/// The most characters of an answer that are kept.
pub const LONGEST_ANSWER: usize = 1_000;

/// An answer to a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The question, counted from 0.
    pub question: usize,
    /// The answer as it was written.
    pub said: String,
    /// Whether it is right.
    pub is_right: bool,
}

/// Returns what a message answers. None: it has no answer, or names no question of several.
pub fn answer(quiz: &Quiz, message: &MoReceived) -> Option<Answer> {
    let rest = after_keyword(message);
    let (question, said) = if quiz.questions.len() == 1 {
        (0, rest.as_str())
    } else {
        let (number, said) = rest.split_once(char::is_whitespace)?;
        (number.parse::<usize>().ok()?.checked_sub(1)?, said.trim())
    };
    let asked = quiz.questions.get(question)?;
    let said: String = said.chars().take(LONGEST_ANSWER).collect();
    (!said.is_empty()).then(|| Answer { question, is_right: is_one(asked, &said).is_some(), said })
}

/// Returns which of the answers of a question this is, blanks and letter case aside. None: it is none of them.
pub fn is_one<'a>(question: &'a Question, said: &str) -> Option<&'a str> {
    let said = folded(said);
    let answer = question.answers.iter().find(|answer| folded(answer) == said);
    answer.map(String::as_str)
}

/// A text as answers are compared.
fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::message;

    fn question(text: &str, answers: &[&str]) -> Question {
        let answers = answers.iter().map(|answer| (*answer).to_owned()).collect();
        Question { text: text.to_owned(), answers }
    }

    fn quiz(questions: Vec<Question>) -> Quiz {
        Quiz { questions, once: true, wrong: String::new(), reply: String::new() }
    }

    #[test]
    fn what_follows_the_keyword_is_the_answer() {
        let quiz = quiz(vec![question("Ibu kota?", &["Jakarta", "DKI Jakarta"])]);
        for (text, said, is_right) in [
            ("KUIS jakarta", "jakarta", true),
            ("kuis  DKI   Jakarta ", "DKI   Jakarta", true),
            ("kuis Bandung", "Bandung", false),
            ("kuis jakarta selatan", "jakarta selatan", false),
        ] {
            let answer = answer(&quiz, &message(text)).unwrap();
            assert_eq!(
                (answer.said.as_str(), answer.is_right, answer.question),
                (said, is_right, 0)
            );
        }
        assert_eq!(answer(&quiz, &message("kuis")), None);
        assert_eq!(answer(&quiz, &message("")), None);
        let long = format!("kuis {}", "x".repeat(5_000));
        assert_eq!(answer(&quiz, &message(&long)).unwrap().said.len(), LONGEST_ANSWER);
    }

    #[test]
    fn of_several_questions_the_number_says_which() {
        let quiz = quiz(vec![question("1+1?", &["2"]), question("2+2?", &["4", "empat"])]);
        let of = |text: &str| answer(&quiz, &message(text)).map(|one| (one.question, one.is_right));
        assert_eq!(of("kuis 1 2"), Some((0, true)));
        assert_eq!(of("kuis 2 EMPAT"), Some((1, true)));
        assert_eq!(of("kuis 2 2"), Some((1, false)));
        for none in ["kuis 2", "kuis 0 4", "kuis 3 4", "kuis empat 4", "kuis -1 4"] {
            assert_eq!(of(none), None, "{none}");
        }
    }
}
