//! What a message is to a survey that its sender is asked.

use contracts::mo::MoReceived;
use store::{Service, Survey};

use crate::expression::Expressions;
use crate::quiz::{LONGEST_ANSWER, is_one};
use crate::{first_word, text_of};

/// What a message is to a survey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step<'a> {
    /// It begins the survey, with the first question.
    Begins(&'a str),
    /// It answers a question.
    Answers {
        /// The question, counted from 0.
        question: usize,
        /// The answer.
        said: String,
        /// The next question. None: it was the last one.
        next: Option<&'a str>,
    },
    /// It is none of the answers that may be given; this is sent back.
    NoChoice(&'a str),
    /// Its sender leaves.
    Leaves,
    /// Its sender is asked nothing, and it begins nothing.
    Over,
}

/// Returns what a message is to the survey of a service. `asked` is the question that its sender is asked, counted from 0, if one is.
pub fn step<'a>(
    service: &Service,
    survey: &'a Survey,
    message: &MoReceived,
    asked: Option<usize>,
) -> Step<'a> {
    let text = text_of(message);
    let said = text.trim();
    if begins(service, message, asked.is_some()) {
        return survey.questions.first().map_or(Step::Over, |first| Step::Begins(&first.text));
    }
    let Some((question, asked)) = asked.and_then(|at| Some((at, survey.questions.get(at)?))) else {
        return Step::Over;
    };
    if said.to_lowercase() == survey.leave {
        return Step::Leaves;
    }
    let said = match is_one(asked, said) {
        Some(choice) => choice.to_owned(),
        None if asked.answers.is_empty() && !said.is_empty() => {
            said.chars().take(LONGEST_ANSWER).collect()
        }
        None if survey.otherwise.is_empty() => return Step::NoChoice(&asked.text),
        None => return Step::NoChoice(&survey.otherwise),
    };
    let next = survey.questions.get(question + 1).map(|next| next.text.as_str());
    Step::Answers { question, said, next }
}

/// Whether a message begins a survey. While its sender is asked, only a keyword does: an expression could match any answer.
fn begins(service: &Service, message: &MoReceived, is_asked: bool) -> bool {
    match &service.rule.pattern {
        Some(_) if is_asked => false,
        Some(pattern) => Expressions::default().matches(pattern, &text_of(message)),
        None => service.keywords.contains(&first_word(message)),
    }
}

#[cfg(test)]
mod tests {
    use contracts::{OrgId, ServiceId, Timestamp, UserId};
    use store::{Question, ServiceAction, ServiceRule};

    use super::*;
    use crate::sample::message;

    fn survey() -> Survey {
        let question = |text: &str, answers: &[&str]| Question {
            text: text.to_owned(),
            answers: answers.iter().map(|answer| (*answer).to_owned()).collect(),
        };
        Survey {
            questions: vec![question("Nama?", &[]), question("Puas?", &["Ya", "Tidak"])],
            leave: "exit".to_owned(),
            minutes: Survey::MINUTES,
            otherwise: String::new(),
            reply: "Terima kasih".to_owned(),
        }
    }

    fn service(survey: &Survey) -> Service {
        Service {
            id: ServiceId::derived("1"),
            org: OrgId::default_org(),
            owner: UserId::internal(),
            name: "survei".to_owned(),
            keywords: vec!["survei".to_owned()],
            rule: ServiceRule::default(),
            action: ServiceAction::Survey(survey.clone()),
            reply_with_body: false,
            max_messages: 1,
            omit_empty: false,
            created_at: Timestamp::from_micros(0),
        }
    }

    #[test]
    fn questions_are_asked_one_after_another() {
        let survey = survey();
        let service = service(&survey);
        let of = |text: &str, asked| step(&service, &survey, &message(text), asked);
        assert_eq!(of("SURVEI", None), Step::Begins("Nama?"));
        assert_eq!(of("survei lagi", Some(1)), Step::Begins("Nama?"), "it begins anew");
        let said = "Ani".to_owned();
        assert_eq!(of(" Ani ", Some(0)), Step::Answers { question: 0, said, next: Some("Puas?") });
        let said = "Ya".to_owned();
        assert_eq!(of("ya", Some(1)), Step::Answers { question: 1, said, next: None });
        assert_eq!(of("mungkin", Some(1)), Step::NoChoice("Puas?"));
        assert_eq!(of("", Some(0)), Step::NoChoice("Nama?"));
        assert_eq!(of("EXIT", Some(1)), Step::Leaves);
        assert_eq!(of("Ani", None), Step::Over);
        assert_eq!(of("Ani", Some(2)), Step::Over, "the survey has fewer questions now");
        let rule = ServiceRule { pattern: Some(".".to_owned()), ..ServiceRule::default() };
        let by_match = Service { keywords: Vec::new(), rule, ..service.clone() };
        let of_match = |asked| step(&by_match, &survey, &message("Ani"), asked);
        assert_eq!(of_match(None), Step::Begins("Nama?"));
        assert!(matches!(of_match(Some(0)), Step::Answers { .. }));
        let strict = Survey { otherwise: "Balas Ya atau Tidak".to_owned(), ..survey.clone() };
        let no_choice = step(&service, &strict, &message("mungkin"), Some(1));
        assert_eq!(no_choice, Step::NoChoice("Balas Ya atau Tidak"));
    }
}
