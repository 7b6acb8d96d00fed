//! Features of playSMS that are keyword services here: automatic answers, boards, commands, polls, quizzes, subscriptions, inboxes of
//! groups, and `custom`, which fetches a URL.

mod words;

use std::collections::HashMap;

use api::NewService;

use super::super::dump::{Place, Row};
use super::super::report::Report;
use super::subscriptions::Subscription;
use words::{LINE, REPLY, command_line, fitting, literal, pattern, with_codes};

/// The most of each.
const MOST: usize = 10_000;
/// The most members of a subscription.
const MEMBERS: usize = 100_000;
/// The most lines of a scenario, and the most options of a vote.
const LINES: usize = 50;
const OPTIONS: usize = 20;
/// The most characters of an option.
const OPTION: usize = 32;

/// A service that is to be made.
pub(super) struct PlannedService {
    pub(super) place: Place,
    pub(super) what: NewService,
    /// The subscription, by its id in playSMS, whose group it changes, and whether it puts senders in.
    pub(super) joins: Option<(i64, bool)>,
    /// The users, by their ids in playSMS, whose inboxes get what it takes.
    pub(super) users: Vec<i64>,
}

impl PlannedService {
    fn new(place: Place, what: NewService) -> Self {
        Self { place, what, joins: None, users: Vec::new() }
    }
}

/// An automatic answer.
struct Autoreply {
    place: Place,
    keyword: String,
    /// Of its scenarios: the words that they want, and what they answer.
    scenarios: Vec<(Vec<String>, String)>,
}

/// A poll, with its choices.
struct Poll {
    place: Place,
    keyword: String,
    reply: String,
    choices: Vec<String>,
}

/// The inbox of a group, with its members.
struct Inboxgroup {
    place: Place,
    keywords: Vec<String>,
    members: Vec<i64>,
}

/// See the module.
#[derive(Default)]
pub(super) struct Services {
    autoreplies: HashMap<i64, Autoreply>,
    /// Scenarios of which nothing is known yet: the table may come first.
    scenarios: Vec<(i64, Vec<String>, String)>,
    polls: HashMap<i64, Poll>,
    choices: Vec<(i64, String)>,
    inboxgroups: HashMap<i64, Inboxgroup>,
    of_inboxgroups: Vec<(i64, i64)>,
    /// By the id of the subscription: that of the member and its number.
    members: Vec<(i64, i64, String)>,
    /// Subscriptions, in the order of the dump.
    pub(super) subscriptions: Vec<Subscription>,
    /// What is to be made, in the order of the dump.
    pub(super) all: Vec<PlannedService>,
}

impl Services {
    /// A row of one of the tables.
    pub(super) fn row(&mut self, row: &Row, report: &mut Report) {
        match &*row.table {
            "featureAutoreply" => self.autoreply(row, report),
            "featureAutoreply_scenario" => self.scenario(row),
            "featureBoard" => self.board(row, report),
            "featureCommand" => self.command(row, report),
            "featurePoll" => self.poll(row, report),
            "featurePoll_choice" => {
                let choice = row.number("poll_id").zip(row.filled("choice_keyword"));
                push(&mut self.choices, choice);
            }
            "featureQuiz" => self.quiz(row, report),
            "featureSubscribe" => self.subscribe(row, report),
            "featureSubscribe_member" => {
                let of = row.number("subscribe_id").zip(row.number("member_id"));
                let member = of.zip(row.filled("member_number"));
                if self.members.len() < MEMBERS {
                    self.members.extend(member.map(|((of, id), number)| (of, id, number)));
                }
            }
            "featureInboxgroup" => self.inboxgroup(row, report),
            "featureInboxgroup_members" => {
                push(&mut self.of_inboxgroups, row.number("rid").zip(row.number("uid")));
            }
            _ => self.custom(row, report),
        }
    }

    fn add(&mut self, service: PlannedService) {
        if self.all.len() < MOST {
            self.all.push(service);
        }
    }

    fn autoreply(&mut self, row: &Row, report: &mut Report) {
        let keyword = row.filled("autoreply_keyword");
        let (Some(id), Some(keyword)) = (row.number("autoreply_id"), keyword) else { return };
        limit(row, report);
        if self.autoreplies.len() < MOST {
            let reply = Autoreply { place: row.place, keyword, scenarios: Vec::new() };
            self.autoreplies.insert(id, reply);
        }
    }

    fn scenario(&mut self, row: &Row) {
        let Some(id) = row.number("autoreply_id") else { return };
        let words = (1..=7).filter_map(|n| row.filled(&format!("autoreply_scenario_param{n}")));
        let words = words.collect();
        let result = row.text("autoreply_scenario_result").unwrap_or_default();
        push(&mut self.scenarios, Some((id, words, result)));
    }

    fn board(&mut self, row: &Row, report: &mut Report) {
        let Some(keyword) = row.filled("board_keyword") else { return };
        limit(row, report);
        let words = format!(
            "the board '{keyword}' is seen by nobody without logging in until merpati service change … --board ADDRESS is said; what was \
             written on it before is not carried over"
        );
        report.remark(&row.place, &words);
        for (column, why) in [
            ("board_forward_email", "an endpoint of a webhook may be a mailto: address"),
            ("board_access_code", "a board has an address that nobody can guess, or none"),
        ] {
            if row.filled(column).is_some() {
                let words = format!("'{column}' is not carried over: {why}");
                report.remark(&row.place, &words);
            }
        }
        let reply = row.filled("board_reply_msg").map(|text| literal(&text));
        self.add(PlannedService::new(
            row.place,
            NewService {
                name: fitting(&format!("board {keyword}")),
                keyword,
                board: Some(String::new()),
                reply,
                ..NewService::default()
            },
        ));
    }

    fn command(&mut self, row: &Row, report: &mut Report) {
        let Some(keyword) = row.filled("command_keyword") else { return };
        let line = row.filled("command_exec").unwrap_or_default();
        limit(row, report);
        let Some(line) = command_line(&line) else {
            let words = format!(
                "the command '{keyword}' is not carried over: a service runs a program by its whole path with arguments, and no shell \
                 reads them; add the program to services.programs and make the service with --exec"
            );
            return report.remark(&row.place, &words);
        };
        let replies = row.number("command_return_as_reply") == Some(1);
        self.add(PlannedService::new(
            row.place,
            NewService {
                name: fitting(&format!("command {keyword}")),
                keyword,
                exec: Some(line),
                max_messages: Some(u8::from(replies)),
                ..NewService::default()
            },
        ));
    }

    fn poll(&mut self, row: &Row, report: &mut Report) {
        let (Some(id), Some(keyword)) = (row.number("poll_id"), row.filled("poll_keyword")) else {
            return;
        };
        if is_off(row, "poll_enable", &format!("the poll '{keyword}'"), report) {
            return;
        }
        limit(row, report);
        for column in ["poll_message_invalid", "poll_message_option", "poll_access_code"] {
            if row.filled(column).is_some() {
                let words = format!(
                    "'{column}' is not carried over: to who votes for nothing that there is, nothing is sent back"
                );
                report.remark(&row.place, &words);
            }
        }
        let reply = row.filled("poll_message_valid").unwrap_or_default();
        if self.polls.len() < MOST {
            let poll = Poll { place: row.place, keyword, reply, choices: Vec::new() };
            self.polls.insert(id, poll);
        }
    }

    fn quiz(&mut self, row: &Row, report: &mut Report) {
        let Some(keyword) = row.filled("quiz_keyword") else { return };
        if is_off(row, "quiz_enable", &format!("the quiz '{keyword}'"), report) {
            return;
        }
        limit(row, report);
        let (question, answer) = (row.filled("quiz_question"), row.filled("quiz_answer"));
        let (Some(question), Some(answer)) = (question, answer) else {
            let words = format!(
                "the quiz '{keyword}' has no question or no answer, and is not carried over"
            );
            return report.remark(&row.place, &words);
        };
        let answers: Vec<&str> = answer.split(',').map(str::trim).collect();
        let text = |column: &str| row.filled(column).map(|text| literal(&text));
        self.add(PlannedService::new(
            row.place,
            NewService {
                name: fitting(&format!("quiz {keyword}")),
                keyword,
                quiz: vec![format!("{} = {}", literal(&question), answers.join(", "))],
                reply: text("quiz_msg_correct"),
                otherwise: text("quiz_msg_incorrect"),
                ..NewService::default()
            },
        ));
    }

    fn subscribe(&mut self, row: &Row, report: &mut Report) {
        let id = row.number("subscribe_id").zip(row.number("uid"));
        let (Some((id, uid)), Some(keyword)) = (id, row.filled("subscribe_keyword")) else {
            return;
        };
        if is_off(row, "subscribe_enable", &format!("the subscription '{keyword}'"), report) {
            return;
        }
        limit(row, report);
        for (column, why) in [
            (
                "forward_param",
                "a sender's number proves nothing; merpati service add … --to-group GROUP with --pin or --sender sends to the group",
            ),
            ("already_member_msg", "who is in the group already is sent what everybody is sent"),
            ("expire_msg", "nobody leaves a group of itself"),
        ] {
            if row.filled(column).is_some() {
                let words = format!("'{column}' is not carried over: {why}");
                report.remark(&row.place, &words);
            }
        }
        let word = |column: &str, usual: &str| row.filled(column).unwrap_or(usual.to_owned());
        let text = |column: &str| row.filled(column).map(|text| literal(&text));
        for (joins, does, word, reply) in [
            (true, "subscribe", word("subscribe_param", "REG"), text("subscribe_msg")),
            (false, "unsubscribe", word("unsubscribe_param", "UNREG"), text("unsubscribe_msg")),
        ] {
            let what = NewService {
                name: fitting(&format!("{does} {keyword}")),
                pattern: Some(pattern(&[&keyword, &word])),
                reply,
                ..NewService::default()
            };
            let planned = PlannedService::new(row.place, what);
            self.add(PlannedService { joins: Some((id, joins)), ..planned });
        }
        if let Some(reply) = text("unknown_format_msg") {
            let what = NewService {
                name: fitting(&format!("help {keyword}")),
                pattern: Some(pattern(&[&keyword])),
                // After both of the others.
                place: Some(200),
                reply: Some(reply),
                ..NewService::default()
            };
            self.add(PlannedService::new(row.place, what));
        }
        if self.subscriptions.len() < MOST {
            let (place, members) = (row.place, Vec::new());
            self.subscriptions.push(Subscription { place, id, uid, keyword, members });
        }
    }

    fn inboxgroup(&mut self, row: &Row, report: &mut Report) {
        let (Some(id), Some(written)) = (row.number("id"), row.filled("keywords")) else { return };
        if row.number("deleted") == Some(1) {
            return;
        }
        if row.number("status") == Some(0) {
            let words = format!(
                "the group inbox '{written}' is switched off there, and is not carried over"
            );
            return report.remark(&row.place, &words);
        }
        if row.filled("in_receiver").is_some() {
            let words =
                "'in_receiver' is not carried over: the service takes what comes to every SIM";
            report.remark(&row.place, words);
        }
        let words = written.split([',', ' ']).filter(|word| !word.is_empty()).map(str::to_owned);
        let keywords = words.collect();
        if self.inboxgroups.len() < MOST {
            let members = Vec::new();
            self.inboxgroups.insert(id, Inboxgroup { place: row.place, keywords, members });
        }
    }

    fn custom(&mut self, row: &Row, report: &mut Report) {
        let (Some(words), Some(url)) = (row.filled("custom_keyword"), row.filled("custom_url"))
        else {
            return report.remark(
                &row.place,
                "the service has no keyword or no URL, and is not carried over",
            );
        };
        limit(row, report);
        let mut words = words.split([',', ' ']).filter(|word| !word.is_empty()).map(str::to_owned);
        let Some(keyword) = words.next() else { return };
        let name = row.filled("service_name").unwrap_or_else(|| keyword.clone());
        let replies = row.number("custom_return_as_reply") == Some(1);
        let service = NewService {
            get_url: Some(with_codes(&url, &name)),
            name: fitting(&name),
            keyword,
            aliases: words.collect(),
            reply_with_body: replies,
            max_messages: Some(u8::from(replies)),
            ..NewService::default()
        };
        self.add(PlannedService::new(row.place, service));
    }

    /// After the last row: what stands in two tables is put together.
    pub(super) fn settle(&mut self, report: &mut Report) {
        for (id, words, result) in std::mem::take(&mut self.scenarios) {
            if let Some(reply) = self.autoreplies.get_mut(&id) {
                reply.scenarios.push((words, result));
            }
        }
        let replies: Vec<Autoreply> = self.autoreplies.drain().map(|(_, reply)| reply).collect();
        for reply in replies {
            let service = of_autoreply(reply, report);
            self.all.extend(service);
        }
        for (id, choice) in std::mem::take(&mut self.choices) {
            if let Some(poll) = self.polls.get_mut(&id) {
                poll.choices.push(choice);
            }
        }
        let polls: Vec<Poll> = self.polls.drain().map(|(_, poll)| poll).collect();
        for poll in polls {
            let service = of_poll(poll, report);
            self.all.extend(service);
        }
        for (id, uid) in std::mem::take(&mut self.of_inboxgroups) {
            if let Some(inbox) = self.inboxgroups.get_mut(&id) {
                inbox.members.push(uid);
            }
        }
        let inboxes: Vec<Inboxgroup> = self.inboxgroups.drain().map(|(_, inbox)| inbox).collect();
        for inbox in inboxes {
            let service = of_inboxgroup(inbox, report);
            self.all.extend(service);
        }
        for (id, member, number) in std::mem::take(&mut self.members) {
            if let Some(known) = self.subscriptions.iter_mut().find(|one| one.id == id) {
                known.members.push((member, number));
            }
        }
        self.all.sort_by_key(|one| one.place);
    }
}

/// An automatic answer: one text, or a scenario where it depends on what follows the keyword.
fn of_autoreply(autoreply: Autoreply, report: &mut Report) -> Option<PlannedService> {
    let Autoreply { place, keyword, scenarios } = autoreply;
    let (mut lines, mut reply): (Vec<String>, Option<String>) = (Vec::new(), None);
    let mut seen: Vec<String> = Vec::new();
    let mut lost = 0_usize;
    for (words, result) in scenarios {
        let text = literal(result.trim());
        let words = words.join(" ").to_lowercase();
        let fits = (1..=REPLY).contains(&text.chars().count());
        if words.is_empty() && fits && reply.is_none() {
            reply = Some(text);
            continue;
        }
        let line = format!("{words} = {text}");
        let is_line = !words.is_empty()
            && fits
            && !words.contains('=')
            && line.chars().count() <= LINE
            && !seen.contains(&words);
        if is_line && lines.len() < LINES {
            seen.push(words);
            lines.push(line);
        } else {
            lost += 1;
        }
    }
    if lost > 0 {
        let words = format!(
            "{lost} scenarios of the autoreply '{keyword}' are not carried over: they answer nothing or too much, or there are more \
             than {LINES}, or two for the same words"
        );
        report.remark(&place, &words);
    }
    if lines.is_empty() && reply.is_none() {
        return None;
    }
    let name = fitting(&format!("autoreply {keyword}"));
    let what = NewService { name, keyword, scenario: lines, reply, ..NewService::default() };
    Some(PlannedService::new(place, what))
}

/// A poll: votes for the words of its choices.
fn of_poll(poll: Poll, report: &mut Report) -> Option<PlannedService> {
    let Poll { place, keyword, reply, choices } = poll;
    let is_word = |choice: &String| {
        choice.chars().count() <= OPTION && !choice.chars().any(char::is_whitespace)
    };
    let mut options: Vec<String> =
        choices.iter().map(|choice| choice.to_lowercase()).filter(is_word).collect();
    options.sort_unstable();
    options.dedup();
    if !(2..=OPTIONS).contains(&options.len()) {
        let words = format!(
            "the poll '{keyword}' is not carried over: senders vote for 2 to {OPTIONS} options, each one word"
        );
        report.remark(&place, &words);
        return None;
    }
    let name = fitting(&format!("poll {keyword}"));
    let reply = Some(literal(&reply)).filter(|reply| !reply.is_empty());
    let what = NewService { name, keyword, vote: options, reply, ..NewService::default() };
    Some(PlannedService::new(place, what))
}

/// The inbox of a group: what has its keywords is put into the inboxes of its members.
fn of_inboxgroup(inbox: Inboxgroup, report: &mut Report) -> Option<PlannedService> {
    let Inboxgroup { place, keywords, members } = inbox;
    let mut keywords = keywords.into_iter();
    let keyword = keywords.next()?;
    if members.is_empty() {
        let words = format!("the group inbox '{keyword}' has no members, and is not carried over");
        report.remark(&place, &words);
        return None;
    }
    let name = fitting(&format!("inbox {keyword}"));
    let aliases = keywords.collect();
    let what = NewService { name, keyword, aliases, ..NewService::default() };
    Some(PlannedService { users: members, ..PlannedService::new(place, what) })
}

/// Keeps a row of a table that belongs to another, as long as there are not too many.
fn push<T>(all: &mut Vec<T>, one: Option<T>) {
    if all.len() < MOST {
        all.extend(one);
    }
}

/// Whether something is switched off in playSMS, which is named.
fn is_off(row: &Row, column: &str, what: &str, report: &mut Report) -> bool {
    let is_off = row.number(column) == Some(0);
    if is_off {
        let words = format!("{what} is switched off there, and is not carried over");
        report.remark(&row.place, &words);
    }
    is_off
}

/// Names what a service is no longer limited by.
fn limit(row: &Row, report: &mut Report) {
    for column in ["smsc", "sms_receiver"] {
        if row.filled(column).is_some() {
            let words = format!(
                "'{column}' is not carried over: the service takes what comes to every SIM"
            );
            report.remark(&row.place, &words);
        }
    }
}
