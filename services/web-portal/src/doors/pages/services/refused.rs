//! Why a keyword service is not made or changed, in the reader's language.
//!
//! What reads expressions, times, texts and command lines says what is wrong with them in English, for programs. Here each of
//! these reasons has words of its own in every language.

use contracts::bounds;
use keyword::command::{self, BadCommand};
use keyword::expression::{self, BadExpression};
use keyword::template::{BadTemplate, field_names};
use keyword::times::BadTimes;
use keyword::to_group::{LONGEST_PIN, SHORTEST_PIN};
use store::{
    LONGEST_ADDRESS, MOST_ANSWERS, MOST_CONFIRMED, MOST_INBOXES, MOST_LINES, MOST_QUESTIONS,
    MOST_SERVICES, MOST_SHOWN, MOST_WORDS, Survey,
};

use crate::acts::service::lines::BadLines;
use crate::acts::service::{
    LAST_PLACE, LONGEST_LINE, LONGEST_NAME, LONGEST_OPTION, LONGEST_REPLY, LONGEST_SENDER,
    MOST_ALIASES, MOST_FORWARDS, MOST_OPTIONS, NotMade,
};
use crate::doors::pages::failure::Failure;
use crate::words::Words;

/// What is wrong with questions, or with the lines of a scenario.
fn lines_words(w: Words, why: BadLines) -> String {
    match why {
        BadLines::Questions => w.services_bad_questions(MOST_QUESTIONS),
        BadLines::LongQuestion | BadLines::LongLine => w.services_long_line(LONGEST_LINE),
        BadLines::NoQuestion => w.services_no_question(),
        BadLines::Answers => w.services_bad_answers(MOST_ANSWERS),
        BadLines::NoAnswer => w.services_no_answer(),
        BadLines::Lines => w.services_bad_scenario(MOST_LINES),
        BadLines::NoLine => w.services_no_line(),
        BadLines::Words => w.services_bad_words(MOST_WORDS),
        BadLines::NoReply => w.services_no_line_reply(),
        BadLines::Twice => w.services_line_twice(),
    }
}

/// Why a service was not made or changed, for the form; what the form cannot mend is a failure.
pub(super) fn refusal(w: Words, refused: NotMade) -> Result<String, Failure> {
    Ok(match refused {
        NotMade::Denied(denied) => return Err(denied.into()),
        NotMade::Store(error) => return Err(error.into()),
        NotMade::NotOneAction | NotMade::NoText | NotMade::Beside { .. } => {
            return Err(Failure::Malformed);
        }
        NotMade::Hashing => return Err(Failure::Unavailable),
        NotMade::Lines { why, .. } => lines_words(w, why),
        NotMade::Wait => w.services_bad_wait(u64::from(Survey::MOST_MINUTES)),
        NotMade::Leave => w.services_bad_leave(bounds::KEYWORD),
        NotMade::Shown => w.services_bad_shown(usize::from(MOST_SHOWN)),
        NotMade::Address => w.services_bad_address(LONGEST_ADDRESS),
        NotMade::PublicMatch => w.services_public_match(),
        NotMade::AddressTaken(address) => w.services_address_taken(address),
        NotMade::Inboxes => w.services_bad_inboxes(MOST_INBOXES),
        NotMade::NoSuchAccount(name) => w.services_no_account(name),
        NotMade::Pin => w.services_bad_pin(LONGEST_PIN, MOST_CONFIRMED, SHORTEST_PIN),
        NotMade::ForwardTo => w.services_forward_to(MOST_FORWARDS),
        NotMade::NoPhone(written) | NotMade::NoSender(written) => w.services_no_phone(written),
        NotMade::ToOurselves(number) => w.services_forward_to_ourselves(number),
        NotMade::Exec(why) => w.services_bad_exec(command_words(w, why)),
        NotMade::NotAllowed(program) => w.services_program_not_allowed(program),
        NotMade::Options => w.services_bad_options(LONGEST_OPTION, MOST_OPTIONS),
        NotMade::NoSuchGroup(name) => w.services_no_such_group(name),
        NotMade::Name => w.services_bad_name(LONGEST_NAME),
        NotMade::Keyword => w.services_bad_keyword(bounds::KEYWORD),
        NotMade::KeywordOrMatch => w.services_keyword_or_match(),
        NotMade::Match(why) => w.services_bad_match(expression_words(w, &why)),
        NotMade::Place => w.services_bad_place(usize::from(LAST_PLACE)),
        NotMade::From => w.services_bad_from(LONGEST_SENDER),
        NotMade::When(why) => w.services_bad_when(times_words(w, why)),
        NotMade::Template(why) => w.services_bad_template(template_words(w, why)),
        NotMade::TooManyAliases => w.services_too_many_aliases(MOST_ALIASES),
        NotMade::Url { .. } => w.services_bad_url(),
        NotMade::Reply => w.services_bad_reply(LONGEST_REPLY),
        NotMade::TooMany => w.services_too_many(MOST_SERVICES),
        NotMade::NameTaken(name) => w.services_name_taken(name),
        NotMade::KeywordTaken(keyword) => w.services_keyword_taken(keyword),
    })
}

/// What is wrong with a regular expression, as the end of a sentence.
fn expression_words(w: Words, why: &BadExpression) -> String {
    match why {
        BadExpression::Empty => w.services_match_empty(),
        BadExpression::TooLong => w.services_match_long(expression::LONGEST),
        BadExpression::Invisible => w.services_match_invisible(),
        BadExpression::TooLarge => w.services_match_large(),
        BadExpression::Malformed { what, at } => w.services_match_at(*at, fault_words(w, what)),
    }
}

/// What the parser of expressions says, which says it in English. What it seldom says has common words.
fn fault_words(w: Words, what: &str) -> String {
    match what {
        "unclosed group" => w.services_fault_group_open(),
        "unopened group" => w.services_fault_group_close(),
        "unclosed character class" => w.services_fault_class_open(),
        "invalid character class range, the start must be <= the end" => {
            w.services_fault_class_range()
        }
        "repetition operator missing expression" => w.services_fault_nothing_repeated(),
        "unclosed counted repetition" | "repetition quantifier expects a valid decimal" => {
            w.services_fault_count()
        }
        "invalid repetition count range, the start must be <= the end" => {
            w.services_fault_count_range()
        }
        "unrecognized escape sequence"
        | "incomplete escape sequence, reached end of pattern prematurely"
        | "invalid escape sequence found in character class" => w.services_fault_escape(),
        "look-around, including look-ahead and look-behind, is not supported" => {
            w.services_fault_look_around()
        }
        "backreferences are not supported" => w.services_fault_back_reference(),
        _ => w.services_fault_other(),
    }
}

/// What is wrong with times, as the end of a sentence.
fn times_words(w: Words, why: BadTimes) -> String {
    match why {
        BadTimes::Form => w.services_times_form(),
        BadTimes::Day(day) => w.services_times_day(day),
        BadTimes::Hours(hours) => w.services_times_hours(hours),
        BadTimes::Zone(zone) => w.services_times_zone(zone),
    }
}

/// What is wrong with a text with fields, as the end of a sentence.
fn template_words(w: Words, why: BadTemplate) -> String {
    match why {
        BadTemplate::NoSuchField { name, nearest } => {
            let in_braces = |name: &str| format!("{{{name}}}");
            w.services_field_unknown(in_braces(&name), field_names(), in_braces(nearest))
        }
        BadTemplate::Open { at } => w.services_field_open(at),
    }
}

/// What is wrong with a command line, as the end of a sentence.
fn command_words(w: Words, why: BadCommand) -> String {
    match why {
        BadCommand::TooLong => w.services_command_long(command::MOST_ARGUMENTS, command::LONGEST),
        BadCommand::NoPath => w.services_command_path(),
        BadCommand::Argument(why) => template_words(w, why),
    }
}

#[cfg(test)]
mod tests {
    use keyword::command::CommandLine;
    use keyword::template::Template;
    use keyword::times::Times;

    use super::*;
    use crate::words::Language;

    /// The reasons that what reads them gives for texts that people write.
    fn reasons() -> Vec<NotMade> {
        let expressions = [
            "",
            "(",
            "a)",
            "[a",
            "[z-a]",
            "*",
            "a{2",
            "a{",
            "a{3,2}",
            "\\y",
            "a\\",
            "(?=a)",
            "(a)\\1",
            "(?P<a>.)(?P<a>.)",
            "a\u{7}",
            "(\\w{200}){200}",
        ];
        let long = "x".repeat(expression::LONGEST + 1);
        let expressions = expressions.into_iter().chain([long.as_str()]);
        let mut all: Vec<NotMade> =
            expressions.map(|one| expression::parse(one).expect_err(one).into()).collect();
        for times in ["mon mon", "mon,xyz 08:00-17:00", "8:00", "Asia/Nowhere"] {
            all.push(times.parse::<Times>().expect_err(times).into());
        }
        for text in ["{nama}", "Halo {from"] {
            all.push(text.parse::<Template>().expect_err(text).into());
        }
        let long = "x".repeat(command::LONGEST + 1);
        for line in ["stock", "/bin/stock {nama}", long.as_str()] {
            all.push(line.parse::<CommandLine>().expect_err(line).into());
        }
        all
    }

    #[test]
    fn each_reason_has_words_of_the_language() {
        for why in reasons() {
            let english = why.to_string();
            // What the parsers say stands after the first colon.
            let (_, inside) = english.split_once(": ").expect("a reason");
            let said = refusal(Words::of(Language::Indonesian), why).unwrap();
            assert!(!said.contains(inside), "{said}");
            for word in [" the ", " is ", " not ", " it ", " such as "] {
                assert!(!said.contains(word), "{word} in {said}");
            }
        }
    }

    #[test]
    fn what_the_parser_says_often_is_told_apart() {
        let w = Words::of(Language::Indonesian);
        let other = w.services_fault_other();
        for one in ["(", "a)", "[a", "[z-a]", "*", "a{2", "a{", "a{3,2}", "\\y", "(?=a)", "(a)\\1"]
        {
            let Err(BadExpression::Malformed { what, .. }) = expression::parse(one) else {
                panic!("{one} was taken");
            };
            assert_ne!(fault_words(w, &what), other, "{one}: {what}");
        }
    }
}
