//! Questions and scenarios as people write them: a line each.
//!
//! ```text
//! question = text [ " = " answer *( "," answer ) ]
//! scenario = words "=" reply
//! ```

use store::{MOST_ANSWERS, MOST_LINES, MOST_QUESTIONS, MOST_WORDS, Question, ScenarioLine};

use super::{LONGEST_LINE, NotMade};

/// What stands between a question and its answers.
const EQUALS: &str = " = ";

/// What is wrong with questions or with the lines of a scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadLines {
    /// There is no question, or there are too many.
    #[error("there are 1 to {MOST_QUESTIONS} questions")]
    Questions,
    /// A question is too long.
    #[error("a question with its answers has at most {LONGEST_LINE} characters")]
    LongQuestion,
    /// There are answers without a question.
    #[error("a question has a text")]
    NoQuestion,
    /// A question has too many answers.
    #[error("a question has at most {MOST_ANSWERS} answers")]
    Answers,
    /// A question of a quiz has no answer.
    #[error("each question has a right answer: QUESTION = ANSWER, ANSWER")]
    NoAnswer,
    /// A scenario has no line, or too many.
    #[error("there are 1 to {MOST_LINES} lines")]
    Lines,
    /// A line is too long.
    #[error("a line has at most {LONGEST_LINE} characters")]
    LongLine,
    /// A line has no sign of equality.
    #[error("a line is WORDS = ANSWER")]
    NoLine,
    /// A line begins with no words, or with too many.
    #[error("a line begins with 1 to {MOST_WORDS} words")]
    Words,
    /// Nothing is answered.
    #[error("a line ends with an answer")]
    NoReply,
    /// Two lines are for the same.
    #[error("two lines begin with the same words")]
    Twice,
}

/// Reads questions, each of which has answers where they have to be there.
pub(super) fn questions(
    field: &'static str,
    lines: &[String],
    must_have_answers: bool,
) -> Result<Vec<Question>, NotMade> {
    let wrong = |why| NotMade::Lines { field, why };
    if !(1..=MOST_QUESTIONS).contains(&lines.len()) {
        return Err(wrong(BadLines::Questions));
    }
    let mut questions = Vec::with_capacity(lines.len());
    for line in lines {
        if line.chars().count() > LONGEST_LINE {
            return Err(wrong(BadLines::LongQuestion));
        }
        let (text, answers) = line.rsplit_once(EQUALS).unwrap_or((line.as_str(), ""));
        let answers: Vec<String> = answers
            .split(',')
            .map(str::trim)
            .filter(|answer| !answer.is_empty())
            .map(str::to_owned)
            .collect();
        if text.trim().is_empty() {
            return Err(wrong(BadLines::NoQuestion));
        }
        if answers.len() > MOST_ANSWERS {
            return Err(wrong(BadLines::Answers));
        }
        if must_have_answers && answers.is_empty() {
            return Err(wrong(BadLines::NoAnswer));
        }
        questions.push(Question { text: text.trim().to_owned(), answers });
    }
    Ok(questions)
}

/// Reads the lines of a scenario.
pub(super) fn scenario(lines: &[String]) -> Result<Vec<ScenarioLine>, NotMade> {
    let wrong = |why| NotMade::Lines { field: "scenario", why };
    if !(1..=MOST_LINES).contains(&lines.len()) {
        return Err(wrong(BadLines::Lines));
    }
    let mut read: Vec<ScenarioLine> = Vec::with_capacity(lines.len());
    for line in lines {
        if line.chars().count() > LONGEST_LINE {
            return Err(wrong(BadLines::LongLine));
        }
        let (words, reply) = line.split_once('=').ok_or_else(|| wrong(BadLines::NoLine))?;
        let words: Vec<String> =
            words.to_lowercase().split_whitespace().map(str::to_owned).collect();
        if !(1..=MOST_WORDS).contains(&words.len()) {
            return Err(wrong(BadLines::Words));
        }
        if reply.trim().is_empty() {
            return Err(wrong(BadLines::NoReply));
        }
        if read.iter().any(|before| before.words == words) {
            return Err(wrong(BadLines::Twice));
        }
        read.push(ScenarioLine { words, reply: reply.trim().to_owned() });
    }
    Ok(read)
}

/// A question as it is written.
pub(crate) fn of_question(question: &Question) -> String {
    match question.answers.as_slice() {
        // Else the text would be read as one with answers.
        [] if question.text.contains(EQUALS) => format!("{}{EQUALS}", question.text),
        [] => question.text.clone(),
        answers => format!("{}{EQUALS}{}", question.text, answers.join(", ")),
    }
}

/// A line of a scenario as it is written.
pub(crate) fn of_scenario(line: &ScenarioLine) -> String {
    format!("{}{EQUALS}{}", line.words.join(" "), line.reply)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(lines: &[&str]) -> Vec<String> {
        lines.iter().map(|line| (*line).to_owned()).collect()
    }

    #[test]
    fn questions_are_read_as_they_are_written() {
        let written = lines(&["Ibu kota? = Jakarta, DKI Jakarta", "1+1=? = 2", "Nama?"]);
        let read = questions("survey", &written, false).unwrap();
        assert_eq!(read[0].answers, ["Jakarta", "DKI Jakarta"]);
        assert_eq!((read[1].text.as_str(), read[1].answers.len()), ("1+1=?", 1));
        assert_eq!((read[2].text.as_str(), read[2].answers.len()), ("Nama?", 0));
        assert_eq!(read.iter().map(of_question).collect::<Vec<_>>(), written);
        let odd = Question { text: "a = b".to_owned(), answers: Vec::new() };
        assert_eq!(questions("survey", &[of_question(&odd)], false).unwrap(), [odd]);
        let many = vec!["x".to_owned(); MOST_QUESTIONS + 1];
        let answers = format!("x = {}", "a,".repeat(MOST_ANSWERS + 1));
        for bad in [lines(&[]), lines(&[" = a"]), lines(&[""]), many, vec![answers]] {
            assert!(matches!(questions("survey", &bad, false), Err(NotMade::Lines { .. })));
        }
        for bad in ["Nama?", "Nama? = ,"] {
            assert!(questions("quiz", &lines(&[bad]), true).is_err(), "{bad}");
        }
        let long = "x".repeat(LONGEST_LINE + 1);
        assert!(questions("survey", &[long], false).is_err());
    }

    #[test]
    fn scenarios_are_read_as_they_are_written() {
        let read = scenario(&lines(&["Buka  MINGGU = Tutup", "harga=1 = satu"])).unwrap();
        assert_eq!(
            (read[0].words.join(" "), read[0].reply.as_str()),
            ("buka minggu".into(), "Tutup")
        );
        assert_eq!(read[1].reply, "1 = satu");
        assert_eq!(scenario(&read.iter().map(of_scenario).collect::<Vec<_>>()).unwrap(), read);
        let many: Vec<String> = (0..=MOST_LINES).map(|n| format!("w{n} = x")).collect();
        assert!(scenario(&many[1..]).is_ok());
        for bad in [
            many,
            lines(&[]),
            lines(&["buka"]),
            lines(&["= x"]),
            lines(&["buka ="]),
            lines(&["a b c d e f g h = x"]),
            lines(&["buka = x", "BUKA = y"]),
            vec![format!("buka = {}", "x".repeat(LONGEST_LINE))],
        ] {
            assert!(matches!(scenario(&bad), Err(NotMade::Lines { .. })), "{bad:?}");
        }
    }
}
