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

/// Reads questions, each of which has answers where they have to be there.
pub(super) fn questions(
    field: &'static str,
    lines: &[String],
    must_have_answers: bool,
) -> Result<Vec<Question>, NotMade> {
    let wrong = |why| NotMade::Lines { field, why };
    if !(1..=MOST_QUESTIONS).contains(&lines.len()) {
        return Err(wrong("there are 1 to 20 questions"));
    }
    let mut questions = Vec::with_capacity(lines.len());
    for line in lines {
        if line.chars().count() > LONGEST_LINE {
            return Err(wrong("a question with its answers has at most 500 characters"));
        }
        let (text, answers) = line.rsplit_once(EQUALS).unwrap_or((line.as_str(), ""));
        let answers: Vec<String> = answers
            .split(',')
            .map(str::trim)
            .filter(|answer| !answer.is_empty())
            .map(str::to_owned)
            .collect();
        if text.trim().is_empty() {
            return Err(wrong("a question has a text"));
        }
        if answers.len() > MOST_ANSWERS {
            return Err(wrong("a question has at most 20 answers"));
        }
        if must_have_answers && answers.is_empty() {
            return Err(wrong("each question has a right answer: QUESTION = ANSWER, ANSWER"));
        }
        questions.push(Question { text: text.trim().to_owned(), answers });
    }
    Ok(questions)
}

/// Reads the lines of a scenario.
pub(super) fn scenario(lines: &[String]) -> Result<Vec<ScenarioLine>, NotMade> {
    let wrong = |why| NotMade::Lines { field: "scenario", why };
    if !(1..=MOST_LINES).contains(&lines.len()) {
        return Err(wrong("there are 1 to 50 lines"));
    }
    let mut read: Vec<ScenarioLine> = Vec::with_capacity(lines.len());
    for line in lines {
        if line.chars().count() > LONGEST_LINE {
            return Err(wrong("a line has at most 500 characters"));
        }
        let (words, reply) =
            line.split_once('=').ok_or_else(|| wrong("a line is WORDS = ANSWER"))?;
        let words: Vec<String> =
            words.to_lowercase().split_whitespace().map(str::to_owned).collect();
        if !(1..=MOST_WORDS).contains(&words.len()) {
            return Err(wrong("a line begins with 1 to 7 words"));
        }
        if reply.trim().is_empty() {
            return Err(wrong("a line ends with an answer"));
        }
        if read.iter().any(|before| before.words == words) {
            return Err(wrong("two lines begin with the same words"));
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
