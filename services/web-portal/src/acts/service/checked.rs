//! What a service has to be to be made or changed.

use contracts::{UserId, bounds};
use keyword::expression;
use keyword::template::Template;
use keyword::times::Times;
use store::{Board, InboxOf, NewService, Quiz, Scenario, ServiceAction, ServiceRule, Survey};
use url::Url;

use super::{
    Conditions, LAST_PLACE, LONGEST_NAME, LONGEST_REPLY, LONGEST_SENDER, MOST_ALIASES, NotMade,
    Wanted,
};
use crate::acts::name::is_name;

/// A service that is wanted, when it can be one.
pub(super) fn checked(
    owner: UserId,
    wanted: Wanted,
    actions: Vec<ServiceAction>,
) -> Result<NewService, NotMade> {
    let Ok([action]) = <[ServiceAction; 1]>::try_from(actions) else {
        return Err(NotMade::NotOneAction);
    };
    if !is_name(&wanted.name, LONGEST_NAME) {
        return Err(NotMade::Name);
    }
    if wanted.keywords.len() > 1 + MOST_ALIASES {
        return Err(NotMade::TooManyAliases);
    }
    let has_pattern = !wanted.conditions.pattern.trim().is_empty();
    let has_keyword = wanted.keywords.iter().any(|written| !written.trim().is_empty());
    if has_pattern == has_keyword {
        return Err(NotMade::KeywordOrMatch);
    }
    let mut keywords: Vec<String> = Vec::new();
    for written in wanted.keywords.iter().filter(|_| has_keyword) {
        let keyword = keyword(written)?;
        if !keywords.contains(&keyword) {
            keywords.push(keyword);
        }
    }
    let rule = checked_rule(wanted.conditions)?;
    let action = checked_action(action)?;
    if rule.pattern.is_some() && action.address().is_some() {
        return Err(NotMade::PublicMatch);
    }
    Ok(NewService {
        owner,
        name: wanted.name,
        keywords,
        rule,
        action,
        reply_with_body: wanted.reply_with_body,
        max_messages: wanted.max_messages.min(bounds::REPLY_PARTS),
        omit_empty: wanted.omit_empty,
    })
}

/// What else a message has to be, as it is asked of each.
fn checked_rule(conditions: Conditions) -> Result<ServiceRule, NotMade> {
    let Conditions { pattern, place, sim, from, when } = conditions;
    let pattern = Some(pattern.trim()).filter(|pattern| !pattern.is_empty());
    if let Some(pattern) = pattern {
        expression::parse(pattern)?;
    }
    let place = place.unwrap_or(ServiceRule::PLACE);
    if !(1..=LAST_PLACE).contains(&place) {
        return Err(NotMade::Place);
    }
    let times = when.split_whitespace().collect::<Vec<_>>().join(" ");
    if !times.is_empty() {
        times.parse::<Times>()?;
    }
    Ok(ServiceRule {
        pattern: pattern.map(str::to_owned),
        place,
        sim,
        sender: checked_sender(&from)?,
        times: Some(times).filter(|times| !times.is_empty()),
    })
}

/// How senders are written at the beginning; none: anybody.
fn checked_sender(written: &str) -> Result<Option<String>, NotMade> {
    let written = written.trim();
    if written.is_empty() {
        return Ok(None);
    }
    // A number may be written with what people put between its digits.
    let is_number = written.starts_with(['+', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    let between = |c: &char| is_number && matches!(c, ' ' | '-' | '.' | '(' | ')');
    let begin: String = written.chars().filter(|c| !between(c)).collect();
    let is_one = (1..=LONGEST_SENDER).contains(&begin.chars().count())
        && !begin.chars().any(|c| c.is_whitespace() || c.is_control());
    if is_one { Ok(Some(begin)) } else { Err(NotMade::From) }
}

/// A keyword as the first words of messages are compared with it.
fn keyword(written: &str) -> Result<String, NotMade> {
    let written = written.trim();
    let is_one = (1..=bounds::KEYWORD).contains(&written.chars().count())
        && !written.chars().any(|c| c.is_whitespace() || c.is_control());
    if is_one { Ok(written.to_lowercase()) } else { Err(NotMade::Keyword) }
}

fn checked_action(action: ServiceAction) -> Result<ServiceAction, NotMade> {
    Ok(match action {
        ServiceAction::GetUrl(url) => ServiceAction::GetUrl(checked_url("get_url", &url)?),
        ServiceAction::PostUrl(url) => ServiceAction::PostUrl(checked_url("post_url", &url)?),
        ServiceAction::PostXml(url) => ServiceAction::PostXml(checked_url("post_xml", &url)?),
        ServiceAction::Reply(text) => {
            if text.trim().is_empty() {
                return Err(NotMade::Reply);
            }
            ServiceAction::Reply(checked_text(&text)?)
        }
        // Whether it may be run was asked before.
        ServiceAction::Exec(line) => ServiceAction::Exec(line),
        ServiceAction::Forward { to, text } => {
            if text.trim().is_empty() {
                return Err(NotMade::Reply);
            }
            ServiceAction::Forward { to, text: checked_text(&text)? }
        }
        ServiceAction::Subscribe { group, reply } => {
            ServiceAction::Subscribe { group, reply: checked_text(&reply)? }
        }
        ServiceAction::Unsubscribe { group, reply } => {
            ServiceAction::Unsubscribe { group, reply: checked_text(&reply)? }
        }
        ServiceAction::Vote { options, reply } => {
            ServiceAction::Vote { options, reply: checked_text(&reply)? }
        }
        ServiceAction::Quiz(quiz) => {
            let (wrong, reply) = (checked_text(&quiz.wrong)?, checked_text(&quiz.reply)?);
            ServiceAction::Quiz(Quiz { wrong, reply, ..quiz })
        }
        ServiceAction::Survey(survey) => {
            for question in &survey.questions {
                checked_text(&question.text)?;
            }
            let (otherwise, reply) =
                (checked_text(&survey.otherwise)?, checked_text(&survey.reply)?);
            ServiceAction::Survey(Survey { otherwise, reply, ..survey })
        }
        ServiceAction::Scenario(scenario) => {
            for line in &scenario.lines {
                checked_text(&line.reply)?;
            }
            let reply = checked_text(&scenario.reply)?;
            ServiceAction::Scenario(Scenario { reply, ..scenario })
        }
        ServiceAction::Board(board) => {
            ServiceAction::Board(Board { reply: checked_text(&board.reply)?, ..board })
        }
        ServiceAction::Inbox(inbox) => {
            let (unknown, reply) = (checked_text(&inbox.unknown)?, checked_text(&inbox.reply)?);
            ServiceAction::Inbox(InboxOf { unknown, reply, ..inbox })
        }
        // Group, PIN and senders were looked at before.
        ServiceAction::ToGroup(to_group) => ServiceAction::ToGroup(to_group),
    })
}

/// A text with fields, which may be empty.
fn checked_text(text: &str) -> Result<String, NotMade> {
    let text = text.trim();
    if text.chars().count() > LONGEST_REPLY {
        return Err(NotMade::Reply);
    }
    text.parse::<Template>()?;
    Ok(text.to_owned())
}

/// The URL, when it can be called; its escape codes may stand behind the host. Whether its host may be called is asked
/// each time that it is.
fn checked_url(field: &'static str, text: &str) -> Result<String, NotMade> {
    let unusable = |why| NotMade::Url { field, why };
    let text = text.trim();
    if text.len() > bounds::URL {
        return Err(unusable("it is too long"));
    }
    let host = text.split_once("://").map_or("", |(_, rest)| rest);
    let host = host.split(['/', '?', '#']).next().unwrap_or_default();
    if host.contains('%') {
        // Otherwise the sender of a message would say which host is called.
        return Err(unusable("an escape code stands in its host"));
    }
    let url = Url::parse(text).map_err(|_| unusable("it is no URL"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(unusable("it does not begin with http:// or https://"));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keyword_is_one_word_in_small_letters() {
        assert_eq!(keyword(" INFO ").unwrap(), "info");
        assert_eq!(keyword("ÇOK").unwrap(), "çok");
        for bad in ["", " ", "two words", "a\nb", &"x".repeat(bounds::KEYWORD + 1)] {
            assert!(keyword(bad).is_err(), "{bad:?}");
        }
    }

    fn wanted(keyword: &str, conditions: Conditions) -> Wanted {
        Wanted {
            name: "Info".to_owned(),
            keywords: vec![keyword.to_owned()],
            conditions,
            deeds: Vec::new(),
            reply_with_body: false,
            max_messages: 1,
            omit_empty: false,
        }
    }

    #[test]
    fn a_service_has_a_keyword_or_an_expression_and_conditions_that_can_be_met() {
        let check = |keyword: &str, conditions: Conditions| {
            let actions = vec![ServiceAction::Reply("Halo".to_owned())];
            checked(UserId::internal(), wanted(keyword, conditions), actions)
        };
        let of =
            |pattern: &str| Conditions { pattern: pattern.to_owned(), ..Conditions::default() };
        let made = check("", of(" ^order ")).unwrap();
        assert_eq!((made.keywords, made.rule.pattern.as_deref()), (vec![], Some("^order")));
        assert!(matches!(check("", of("")), Err(NotMade::KeywordOrMatch)));
        assert!(matches!(check("info", of("x")), Err(NotMade::KeywordOrMatch)));
        assert!(matches!(check("", of("(")), Err(NotMade::Match(_))));
        let from = |from: &str| Conditions { from: from.to_owned(), ..Conditions::default() };
        let sender = |written: &str| check("info", from(written)).map(|made| made.rule.sender);
        assert_eq!(sender(" +62 (812) ").unwrap().as_deref(), Some("+62812"));
        assert_eq!(sender("BANK-").unwrap().as_deref(), Some("BANK-"));
        for bad in ["two words", &"x".repeat(LONGEST_SENDER + 1), "a\u{0}b"] {
            assert!(matches!(sender(bad), Err(NotMade::From)), "{bad:?}");
        }
        for place in [0, LAST_PLACE + 1] {
            let place = Conditions { place: Some(place), ..Conditions::default() };
            assert!(matches!(check("info", place), Err(NotMade::Place)));
        }
        let when = |when: &str| Conditions { when: when.to_owned(), ..Conditions::default() };
        assert_eq!(
            check("info", when(" mon-fri  08:00-17:00 UTC")).unwrap().rule.times.as_deref(),
            Some("mon-fri 08:00-17:00 UTC")
        );
        assert!(matches!(check("info", when("noon")), Err(NotMade::When(_))));
        for (address, is_good) in [(None, true), (Some("papan".to_owned()), false)] {
            let board = Board { address, shown: 5, reply: String::new() };
            let actions = vec![ServiceAction::Board(board)];
            let made = checked(UserId::internal(), wanted("", of("banjir")), actions);
            assert_eq!(made.is_ok(), is_good);
        }
        let group = contracts::GroupId::derived("g");
        for (action, is_good) in [
            (ServiceAction::Reply("Dari {frm}".to_owned()), false),
            (ServiceAction::Subscribe { group, reply: "{frm}".to_owned() }, false),
            (ServiceAction::Unsubscribe { group, reply: String::new() }, true),
        ] {
            let made =
                checked(UserId::internal(), wanted("info", Conditions::default()), vec![action]);
            assert_eq!(made.is_ok(), is_good);
            assert!(is_good || matches!(made, Err(NotMade::Template(_))));
        }
        for text in [String::new(), "x".repeat(LONGEST_REPLY + 1)] {
            let action = ServiceAction::Reply(text);
            let wanted = wanted("info", Conditions::default());
            let made = checked(UserId::internal(), wanted, vec![action]);
            assert!(matches!(made, Err(NotMade::Reply)));
        }
    }

    #[test]
    fn no_message_says_which_host_is_called() {
        assert_eq!(
            checked_url("get_url", " http://a.example/?t=%a&q=%q ").unwrap(),
            "http://a.example/?t=%a&q=%q"
        );
        assert!(checked_url("get_url", "http://a.example?%a").is_ok());
        for bad in [
            "http://%k.example/",
            "http://a.example%a/",
            "http://%s@a.example/",
            "a.example",
            "ftp://a.example/",
            "http://",
        ] {
            assert!(checked_url("get_url", bad).is_err(), "{bad}");
        }
        assert!(
            checked_url("get_url", &format!("http://a.example/{}", "x".repeat(bounds::URL)))
                .is_err()
        );
    }
}
