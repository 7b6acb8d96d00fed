//! Keyword services.

use contracts::{CallbackId, GroupId, MessageId, PhoneNumber, ServiceId, SimId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// The answer to `GET /services`, in the order in which they are asked: those with keywords, oldest first, those with an
/// expression by their places, and those that take the rest.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct Services {
    /// The caller's, or all of the organisation for administrators.
    pub services: Vec<Service>,
}

/// What is done when a message comes whose first word is a keyword, or whose text matches an expression.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Service {
    /// Its id.
    pub id: ServiceId,
    /// Whose it is. It takes messages that this account may read, and this account sends its replies.
    pub owner: UserId,
    /// What it is called.
    pub name: String,
    /// Its keyword in small letters; `default` takes what no other takes. Empty where there is an expression.
    pub keyword: String,
    /// Other words that do as well.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// A regular expression that the whole text is matched with, letter case aside, in place of a keyword.
    #[serde(default, rename = "match", skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// The place among services with expressions: the lowest is asked first, of equal ones the oldest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<u16>,
    /// It takes only what comes to this SIM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sim: Option<SimId>,
    /// It takes only what comes from senders that are written so at the beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// It takes only what comes at these times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// A URL with Kannel's escape codes that is fetched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub get_url: Option<String>,
    /// A URL that the text is sent to, with the rest in Kannel's headers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post_url: Option<String>,
    /// A URL that Kannel's XML is sent to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post_xml: Option<String>,
    /// A text that is sent back, with the fields `{from}`, `{text}`, `{keyword}`, `{rest}`, `{word1}` to `{word9}`, `{time}` and
    /// `{sim}`; `{{` is a brace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<String>,
    /// The program that is run, with its arguments, whose output is sent back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exec: Option<String>,
    /// The numbers that a text is sent on to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forward_to: Vec<PhoneNumber>,
    /// The text that is sent on, with the fields of `reply`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forward_text: Option<String>,
    /// The group of contacts that the sender is put into.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscribe: Option<GroupId>,
    /// The group of contacts that the sender is taken out of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unsubscribe: Option<GroupId>,
    /// The options that senders vote for: the word after the keyword, letter case aside.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vote: Vec<String>,
    /// How many senders chose each option. Only in the answer to `GET /services/{id}`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub votes: Vec<VoteCount>,
    /// Questions with the answers that are right, each as `QUESTION = ANSWER, ANSWER`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quiz: Vec<String>,
    /// Questions that are asked one after another, each as `QUESTION` or `QUESTION = ANSWER, ANSWER`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub survey: Vec<String>,
    /// Answers by the words that follow the keyword, each as `WORDS = ANSWER`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scenario: Vec<String>,
    /// What is sent back to a wrong answer of a quiz, to what may not be answered in a survey, or to who names no account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<String>,
    /// Of a quiz: whether the first answer of a sender to a question counts, and no other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub once: Option<bool>,
    /// Of a survey: the word that ends it for its sender.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leave: Option<String>,
    /// Of a survey: for how many minutes a question waits for its answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait_minutes: Option<u32>,
    /// Of a board: its public address, `/boards/ADDRESS`; empty: nobody sees it without logging in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub board: Option<String>,
    /// Of a board: how many of the last texts it shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown: Option<u16>,
    /// Accounts that get the message in their inboxes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inbox: Vec<UserId>,
    /// Whether the message names the account that gets it in its inbox.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub inbox_named: bool,
    /// The group of contacts that the text after the keyword is sent on to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_group: Option<GroupId>,
    /// Whether a PIN stands before what is sent on to the group. The PIN itself is kept as a hash.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_pin: bool,
    /// Who may send to the group.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub senders: Vec<PhoneNumber>,
    /// How many answers or texts are kept, by question. Only in the answer to `GET /services/{id}`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<KeptCount>,
    /// Whether the plain text that the URL answers is sent back to the sender.
    pub reply_with_body: bool,
    /// Of how many parts a reply is at most; the rest is cut off. 0: nothing is sent back.
    pub max_messages: u8,
    /// Whether an empty answer is no reply.
    pub omit_empty: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// Its last calls, newest first. Only in the answer to `GET /services/{id}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calls: Option<Vec<ServiceCall>>,
    /// Other services that could take the same messages. In the answers that have one service.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conflicts: Vec<ServiceConflict>,
}

/// How many senders chose an option.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VoteCount {
    /// The option.
    pub option: String,
    /// How many chose it, each sender once.
    pub votes: u64,
}

/// How many answers a question has, or how many texts a board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct KeptCount {
    /// The question, counted from 1; of a board 1.
    pub question: u32,
    /// How many are kept.
    pub kept: u64,
    /// How many of them are right, of a quiz.
    pub right: u64,
}

/// The answer to `GET /services/{id}/entries`, newest first. With `Accept: text/csv` it is a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ServiceEntries {
    /// The entries.
    pub entries: Vec<ServiceEntry>,
    /// What `after` of the next page is; absent: this page is the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// An answer to a quiz or a survey, or a text of a board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ServiceEntry {
    /// Its id.
    pub id: CallbackId,
    /// Who wrote it: a number or a name, which proves nothing.
    pub from: String,
    /// The question, counted from 1; of a board 1.
    pub question: u32,
    /// The answer, or the text.
    pub text: String,
    /// Of a quiz: whether the answer is right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub right: Option<bool>,
    /// Of a survey: what the answers of one sender to its questions have in common.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<CallbackId>,
    /// Whether the board does not show it.
    pub hidden: bool,
    /// When the message came.
    pub at: Timestamp,
}

/// The query of `GET /services/{id}/entries`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
pub struct ListEntries {
    /// At most so many; 50 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Those after `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// The body of `PATCH /services/{id}/entries/{entry}`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HideEntry {
    /// Whether the board does not show it; true when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hidden: Option<bool>,
}

/// Another service that could take the same messages, of which the first that is asked takes them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ServiceConflict {
    /// Its id.
    pub service: ServiceId,
    /// What it is called.
    pub name: String,
    /// What both have, and which of them takes a message, in words.
    pub words: String,
}

/// What came of a message that a service took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ServiceCall {
    /// Its id.
    pub id: CallbackId,
    /// The message that was received.
    pub message: MessageId,
    /// `pending`, `done` or `failed`.
    pub state: String,
    /// How many tries there were.
    pub attempts: u32,
    /// What the URL answered at last, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http_status: Option<u16>,
    /// What went wrong, or why nothing was sent back, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The message that was sent back, if one was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<MessageId>,
    /// The messages that were sent on, if it was. Of a number that is the sender's own, or one of this gateway's SIMs, there is
    /// none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forwarded: Vec<MessageId>,
    /// When the next try is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_at: Option<Timestamp>,
    /// When the message came.
    pub created_at: Timestamp,
}

/// The body of `POST /services`: one of `keyword` and `match`, and one of `get_url`, `post_url`, `post_xml`, `reply`,
/// `forward_to`, `subscribe`, `unsubscribe`, `vote`, `quiz`, `survey`, `scenario`, `board`, `inbox`, `to_group` and `exec`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewService {
    /// What it is called.
    pub name: String,
    /// Its keyword, letter case aside; `default` takes what no other takes. This or `match`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub keyword: String,
    /// Other words that do as well.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// A regular expression that the whole text is matched with, letter case aside, in place of a keyword.
    #[serde(default, rename = "match", skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// The place among services with expressions, from 1 to 9999: the lowest is asked first. 100 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<u16>,
    /// It takes only what comes to this SIM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sim: Option<SimId>,
    /// It takes only what comes from senders that are written so at the beginning, such as `+628`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// It takes only what comes at these times: days, hours and a zone, such as `mon-fri 08:00-17:00 Asia/Jakarta`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// A URL with Kannel's escape codes that is fetched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub get_url: Option<String>,
    /// A URL that the text is sent to, with the rest in Kannel's headers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post_url: Option<String>,
    /// A URL that Kannel's XML is sent to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post_xml: Option<String>,
    /// A text that is sent back, with the fields `{from}`, `{text}`, `{keyword}`, `{rest}`, `{word1}` to `{word9}`, `{time}` and
    /// `{sim}`; `{{` is a brace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<String>,
    /// A program of `services.programs` by its whole path, with arguments that have the fields of `reply`, split at blanks
    /// before those are filled in; what it writes is sent back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exec: Option<String>,
    /// Numbers that a text is sent on to, as a message of the service's account: at most 10.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forward_to: Vec<String>,
    /// The text that is sent on, with the fields of `reply`; `From {from}: {text}` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forward_text: Option<String>,
    /// The name or the id of a group of contacts that the sender is put into; `reply` may say what is sent back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscribe: Option<String>,
    /// The name or the id of a group of contacts that the sender is taken out of; `reply` may say what is sent back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unsubscribe: Option<String>,
    /// Options that senders vote for, 2 to 20 words; `reply` may say what is sent back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vote: Vec<String>,
    /// Questions with the answers that are right, each as `QUESTION = ANSWER, ANSWER`: the answer follows the keyword, and of several
    /// questions the number of the question stands before it. `reply` and `otherwise` are sent back to right and wrong answers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quiz: Vec<String>,
    /// Questions that are asked one after another, each as `QUESTION` or, with what may be answered, `QUESTION = ANSWER, ANSWER`. The
    /// next messages of the sender to the SIM are the answers; `reply` is sent back after the last one, and `otherwise` to what may not be answered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub survey: Vec<String>,
    /// Answers by the words that follow the keyword, each as `WORDS = ANSWER`; `reply` is sent back when none fits.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scenario: Vec<String>,
    /// What is sent back to a wrong answer of a quiz, to what may not be answered in a survey, or to who names no account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<String>,
    /// Whether the first answer of a sender to a question of the quiz counts, and no other; true when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub once: Option<bool>,
    /// The word that ends the survey for its sender; `exit` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leave: Option<String>,
    /// For how many minutes a question of the survey waits for its answer, at most 43200; a day when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait_minutes: Option<u32>,
    /// That what follows the keyword is kept on a board: under which public address, `/boards/ADDRESS`, everybody may see it. 3 to 64
    /// small letters, digits and hyphens; `*`: one that nobody can guess; empty: nobody sees it without logging in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub board: Option<String>,
    /// How many of the last texts the board shows, at most 200; 20 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown: Option<u16>,
    /// Accounts that get the message in their inboxes, by name or id: at most 20.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inbox: Vec<String>,
    /// Whether the message names the account that gets it in its inbox: `@NAME text`, or `PV NAME text` with the keyword `PV`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub inbox_named: bool,
    /// The name or the id of a group of contacts that the text after the keyword is sent on to: at most 500 contacts. Needs `pin` or `senders`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_group: Option<String>,
    /// A PIN of 6 to 32 characters that stands between the keyword and the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pin: Option<String>,
    /// Who may send to the group: at most 20 numbers. Without `pin`, a code is sent to the number, and the text goes out when it comes back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub senders: Vec<String>,
    /// Whether the plain text that the URL answers is sent back to the sender.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reply_with_body: bool,
    /// Of how many parts a reply is at most; 1 when absent, and 4 of what is sent on. 0: nothing is sent back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_messages: Option<u8>,
    /// Whether an empty answer is no reply.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub omit_empty: bool,
}

/// The body of `PATCH /services/{id}`. What is absent stays as it is; one of `get_url`, `post_url`, `post_xml`, `reply`,
/// `forward_to`, `subscribe`, `unsubscribe`, `vote`, `quiz`, `survey`, `scenario`, `board`, `inbox`, `to_group` and `exec` takes the
/// place of what the service did. `reply` alone changes the text that the service has, whatever it does, and `otherwise`, `once`, `leave`,
/// `wait_minutes`, `shown`, `pin` and `senders` alone change that of what it does.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceChanges {
    /// What it is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its keyword, letter case aside; `default` takes what no other takes. It takes the place of an expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keyword: Option<String>,
    /// Other words that do as well, in place of those that it had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aliases: Option<Vec<String>>,
    /// A regular expression, which takes the place of keywords.
    #[serde(default, rename = "match", skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// The place among services with expressions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<u16>,
    /// The id of the SIM; empty: any SIM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sim: Option<String>,
    /// How senders are written at the beginning; empty: anybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Days, hours and a zone; empty: at any time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// A URL with Kannel's escape codes that is fetched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub get_url: Option<String>,
    /// A URL that the text is sent to, with the rest in Kannel's headers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post_url: Option<String>,
    /// A URL that Kannel's XML is sent to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post_xml: Option<String>,
    /// A text that is sent back, with the fields `{from}`, `{text}`, `{keyword}`, `{rest}`, `{word1}` to `{word9}`, `{time}` and
    /// `{sim}`; `{{` is a brace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<String>,
    /// A program of `services.programs` with its arguments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exec: Option<String>,
    /// Numbers that a text is sent on to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forward_to: Option<Vec<String>>,
    /// The text that is sent on to `forward_to`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forward_text: Option<String>,
    /// The name or the id of a group of contacts that the sender is put into, with `reply` if something is sent back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscribe: Option<String>,
    /// The name or the id of a group of contacts that the sender is taken out of, with `reply` if something is sent back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unsubscribe: Option<String>,
    /// Options that senders vote for, with `reply` if something is sent back. The votes for options that stay do so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vote: Option<Vec<String>>,
    /// Questions with the answers that are right, each as `QUESTION = ANSWER, ANSWER`: the answer follows the keyword, and of several
    /// questions the number of the question stands before it. `reply` and `otherwise` are sent back to right and wrong answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiz: Option<Vec<String>>,
    /// Questions that are asked one after another, each as `QUESTION` or, with what may be answered, `QUESTION = ANSWER, ANSWER`. The
    /// next messages of the sender to the SIM are the answers; `reply` is sent back after the last one, and `otherwise` to what may not be answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub survey: Option<Vec<String>>,
    /// Answers by the words that follow the keyword, each as `WORDS = ANSWER`; `reply` is sent back when none fits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<Vec<String>>,
    /// What is sent back to a wrong answer of a quiz, to what may not be answered in a survey, or to who names no account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<String>,
    /// Whether the first answer of a sender to a question of the quiz counts, and no other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub once: Option<bool>,
    /// The word that ends the survey for its sender.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leave: Option<String>,
    /// For how many minutes a question of the survey waits for its answer, at most 43200.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait_minutes: Option<u32>,
    /// That what follows the keyword is kept on a board: under which public address, `/boards/ADDRESS`, everybody may see it. 3 to 64
    /// small letters, digits and hyphens; `*`: one that nobody can guess; empty: nobody sees it without logging in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub board: Option<String>,
    /// How many of the last texts the board shows, at most 200.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown: Option<u16>,
    /// Accounts that get the message in their inboxes, by name or id: at most 20.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inbox: Option<Vec<String>>,
    /// Whether the message names the account that gets it in its inbox: `@NAME text`, or `PV NAME text` with the keyword `PV`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inbox_named: Option<bool>,
    /// The name or the id of a group of contacts that the text after the keyword is sent on to: at most 500 contacts. Needs `pin` or `senders`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_group: Option<String>,
    /// A PIN of 6 to 32 characters that stands between the keyword and the text. When absent, the one that there is stays; empty: there is none any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pin: Option<String>,
    /// Who may send to the group: at most 20 numbers. Without `pin`, a code is sent to the number, and the text goes out when it comes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub senders: Option<Vec<String>>,
    /// Whether the plain text that the URL answers is sent back to the sender.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_with_body: Option<bool>,
    /// Of how many parts a reply is at most. 0: nothing is sent back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_messages: Option<u8>,
    /// Whether an empty answer is no reply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub omit_empty: Option<bool>,
}

/// The body of `POST /services/test`: a message that might come.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TestServices {
    /// From whom: a number or a name.
    pub from: String,
    /// Its text.
    pub text: String,
    /// The SIM that it comes to; the first that there is when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sim: Option<SimId>,
}

/// The answer to `POST /services/test`: what would become of the message. Nothing was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TestedServices {
    /// In a sentence.
    pub summary: String,
    /// The first word of the message, in small letters.
    pub word: String,
    /// The SIM that it would come to, if one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sim: Option<SimId>,
    /// The service that would take it, if one would.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<Service>,
    /// Whether a service of another account would take it, of which nothing is said.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub elsewhere: bool,
    /// What would be called, with its escape codes replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The text that would be sent back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<String>,
    /// The program that would be run, and its arguments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exec: Vec<String>,
    /// The numbers that a text would be sent on to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forward_to: Vec<PhoneNumber>,
    /// The text that would be sent on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forward_text: Option<String>,
    /// The group of contacts that the sender would be put into.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscribe: Option<GroupId>,
    /// The group of contacts that the sender would be taken out of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unsubscribe: Option<GroupId>,
    /// The option that the sender would vote for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vote: Option<String>,
    /// The question that the message would answer, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<u32>,
    /// Whether its answer to a quiz would be right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub right: Option<bool>,
    /// The answer, or the text of a board, that would be kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keeps: Option<String>,
    /// The accounts that would get the message in their inboxes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inbox: Vec<UserId>,
    /// The group of contacts that the text would be sent on to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_group: Option<GroupId>,
    /// Whether the service asks the sender something at present, so that the message goes to it before any keyword is looked at.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_asking: bool,
    /// Whether what the URL answers would be sent back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reply_with_body: bool,
    /// Why nothing would be sent back, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_reply: Option<String>,
}
