//! Keyword services: what a received message sets off when its first word is a keyword or its text matches an expression, and
//! what came of the calls.

mod kinds;

use std::fmt;

use contracts::{
    CallbackId, GroupId, MessageId, OrgId, PhoneNumber, ServiceId, SimId, Timestamp, UserId,
};

use crate::column::to_json;
use crate::engine::on_engine;
use crate::{CallbackState, Reach, Store, StoreError};

pub use kinds::{
    Board, CODE_LASTS, InboxOf, LONGEST_ADDRESS, MOST_ANSWERS, MOST_CONFIRMED, MOST_INBOXES,
    MOST_LINES, MOST_OF_GROUP, MOST_QUESTIONS, MOST_SHOWN, MOST_WORDS, Question, Quiz, Scenario,
    ScenarioLine, Survey, ToGroup,
};

/// The most services of one account.
pub const MOST_SERVICES: u32 = 100;

/// What a service does with a message.
#[derive(Clone, PartialEq, Eq)]
pub enum ServiceAction {
    /// Fetches a URL with Kannel's escape codes.
    GetUrl(String),
    /// Sends the text to a URL, and the rest in Kannel's headers.
    PostUrl(String),
    /// Sends Kannel's XML to a URL.
    PostXml(String),
    /// Sends a text back.
    Reply(String),
    /// Runs a program with arguments whose fields are filled in from the message, and sends back what it writes.
    Exec(String),
    /// Sends a text on to other numbers.
    Forward {
        /// The numbers.
        to: Vec<PhoneNumber>,
        /// The text, whose fields are filled in from the message.
        text: String,
    },
    /// Puts the sender into a group of contacts.
    Subscribe {
        /// The group.
        group: GroupId,
        /// What is sent back; empty: nothing.
        reply: String,
    },
    /// Counts the vote of the sender for the option that the word after the keyword is.
    Vote {
        /// The options, in small letters.
        options: Vec<String>,
        /// What is sent back to who voted; empty: nothing.
        reply: String,
    },
    /// Takes the sender out of a group of contacts.
    Unsubscribe {
        /// The group.
        group: GroupId,
        /// What is sent back; empty: nothing.
        reply: String,
    },
    /// Says whether the answer of the sender is right.
    Quiz(Quiz),
    /// Asks the sender one question after another.
    Survey(Survey),
    /// Answers by the words that follow the keyword.
    Scenario(Scenario),
    /// Keeps what follows the keyword, and shows the last texts.
    Board(Board),
    /// Puts the message into the inboxes of accounts.
    Inbox(InboxOf),
    /// Sends what follows the keyword on to a group of contacts.
    ToGroup(ToGroup),
}

impl ServiceAction {
    /// Returns the name of the action in the database and the API.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::GetUrl(_) => "get-url",
            Self::PostUrl(_) => "post-url",
            Self::PostXml(_) => "post-xml",
            Self::Reply(_) => "reply",
            Self::Exec(_) => "exec",
            Self::Forward { .. } => "forward",
            Self::Subscribe { .. } => "subscribe",
            Self::Unsubscribe { .. } => "unsubscribe",
            Self::Vote { .. } => "vote",
            Self::Quiz(_) => "quiz",
            Self::Survey(_) => "survey",
            Self::Scenario(_) => "scenario",
            Self::Board(_) => "board",
            Self::Inbox(_) => "inbox",
            Self::ToGroup(_) => "to-group",
        }
    }

    /// Returns the URL that is called, if one is.
    pub fn url(&self) -> Option<&str> {
        match self {
            Self::GetUrl(url) | Self::PostUrl(url) | Self::PostXml(url) => Some(url),
            Self::Reply(_)
            | Self::Exec(_)
            | Self::Forward { .. }
            | Self::Subscribe { .. }
            | Self::Unsubscribe { .. }
            | Self::Vote { .. }
            | Self::Quiz(_)
            | Self::Survey(_)
            | Self::Scenario(_)
            | Self::Board(_)
            | Self::Inbox(_)
            | Self::ToGroup(_) => None,
        }
    }

    /// Returns whether the service sends something back of itself.
    pub fn has_reply(&self) -> bool {
        match self {
            Self::Reply(_)
            | Self::Exec(_)
            | Self::Survey(_)
            | Self::Scenario(_)
            | Self::ToGroup(_) => true,
            Self::Quiz(quiz) => !quiz.reply.is_empty() || !quiz.wrong.is_empty(),
            Self::Board(board) => !board.reply.is_empty(),
            Self::Inbox(inbox) => !inbox.reply.is_empty() || !inbox.unknown.is_empty(),
            Self::Subscribe { reply, .. }
            | Self::Unsubscribe { reply, .. }
            | Self::Vote { reply, .. } => !reply.is_empty(),
            Self::GetUrl(_) | Self::PostUrl(_) | Self::PostXml(_) | Self::Forward { .. } => false,
        }
    }

    /// Returns the group of contacts that the service puts senders into, or takes them out of, if it does.
    pub const fn group(&self) -> Option<GroupId> {
        match self {
            Self::Subscribe { group, .. } | Self::Unsubscribe { group, .. } => Some(*group),
            Self::GetUrl(_)
            | Self::PostUrl(_)
            | Self::PostXml(_)
            | Self::Reply(_)
            | Self::Exec(_)
            | Self::Forward { .. }
            | Self::Vote { .. }
            | Self::Quiz(_)
            | Self::Survey(_)
            | Self::Scenario(_)
            | Self::Board(_)
            | Self::Inbox(_)
            | Self::ToGroup(_) => None,
        }
    }

    /// Returns the URL or the text.
    pub fn argument(&self) -> &str {
        match self {
            Self::GetUrl(text)
            | Self::PostUrl(text)
            | Self::PostXml(text)
            | Self::Reply(text)
            | Self::Exec(text)
            | Self::Forward { text, .. }
            | Self::Subscribe { reply: text, .. }
            | Self::Unsubscribe { reply: text, .. }
            | Self::Vote { reply: text, .. } => text,
            Self::Quiz(quiz) => &quiz.reply,
            Self::Survey(survey) => &survey.reply,
            Self::Scenario(scenario) => &scenario.reply,
            Self::Board(board) => &board.reply,
            Self::Inbox(inbox) => &inbox.reply,
            Self::ToGroup(_) => "",
        }
    }

    /// Returns the same with another text. None: it has no text that could be another one.
    #[must_use]
    pub fn with_text(&self, said: String) -> Option<Self> {
        let mut changed = self.clone();
        match &mut changed {
            Self::Reply(text)
            | Self::Forward { text, .. }
            | Self::Subscribe { reply: text, .. }
            | Self::Unsubscribe { reply: text, .. }
            | Self::Vote { reply: text, .. } => *text = said,
            Self::Quiz(quiz) => quiz.reply = said,
            Self::Survey(survey) => survey.reply = said,
            Self::Scenario(scenario) => scenario.reply = said,
            Self::Board(board) => board.reply = said,
            Self::Inbox(inbox) => inbox.reply = said,
            Self::GetUrl(_)
            | Self::PostUrl(_)
            | Self::PostXml(_)
            | Self::Exec(_)
            | Self::ToGroup(_) => return None,
        }
        Some(changed)
    }

    /// Returns the public address of the board, if the service is one that everybody may see.
    pub fn address(&self) -> Option<&str> {
        match self {
            Self::Board(board) => board.address.as_deref(),
            _ => None,
        }
    }

    /// Returns what the service has besides its text, as the database has it.
    pub(crate) fn target(&self) -> Result<Option<String>, StoreError> {
        const WHAT: &str = "what a service has";
        Ok(match self {
            Self::Forward { to, .. } => {
                let numbers: Vec<&str> = to.iter().map(PhoneNumber::as_str).collect();
                Some(numbers.join(" "))
            }
            Self::Vote { options, .. } => Some(options.join(" ")),
            Self::Quiz(quiz) => Some(to_json(WHAT, quiz)?),
            Self::Survey(survey) => Some(to_json(WHAT, survey)?),
            Self::Scenario(scenario) => Some(to_json(WHAT, scenario)?),
            Self::Board(board) => Some(to_json(WHAT, board)?),
            Self::Inbox(inbox) => Some(to_json(WHAT, inbox)?),
            Self::ToGroup(to_group) => Some(to_json(WHAT, to_group)?),
            _ => self.group().map(|group| group.to_string()),
        })
    }
}

/// Leaves out the URL, which may hold a password.
impl fmt::Debug for ServiceAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Which messages a service takes beside what its keywords say. The default takes whatever has a keyword.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceRule {
    /// A regular expression that the whole text is matched with, in place of keywords.
    pub pattern: Option<String>,
    /// The place among the services with expressions, the lowest first; of equal ones, the oldest.
    pub place: u16,
    /// Only what comes to this SIM.
    pub sim: Option<SimId>,
    /// Only what comes from senders that are written so at the beginning.
    pub sender: Option<String>,
    /// Only what comes at these times, as people write them.
    pub times: Option<String>,
}

impl ServiceRule {
    /// The place of a service whose maker names none.
    pub const PLACE: u16 = 100;
}

impl Default for ServiceRule {
    fn default() -> Self {
        Self { pattern: None, place: Self::PLACE, sim: None, sender: None, times: None }
    }
}

/// A keyword service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// The id of the service.
    pub id: ServiceId,
    /// The organisation of the service.
    pub org: OrgId,
    /// The account whose service it is. It takes what the account may read, and the account sends its replies.
    pub owner: UserId,
    /// What the service is called; no other service of the organisation is called so, letter case aside.
    pub name: String,
    /// The keywords in small letters: the one that the service was made with, and its aliases. None: an expression says what
    /// the service takes.
    pub keywords: Vec<String>,
    /// What else a message has to be.
    pub rule: ServiceRule,
    /// What the service does.
    pub action: ServiceAction,
    /// Whether what the URL answers is sent back to the sender.
    pub reply_with_body: bool,
    /// Of how many parts a reply is at most; what is more is cut off. 0: nothing is sent back.
    pub max_messages: u8,
    /// Whether an empty answer is no reply.
    pub omit_empty: bool,
    /// When the service was made.
    pub created_at: Timestamp,
}

/// A service to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewService {
    /// The account whose service it is, or [`UserId::internal`] for the administrator without an account.
    pub owner: UserId,
    /// What the service is called.
    pub name: String,
    /// The keywords in small letters, at least one unless an expression takes their place.
    pub keywords: Vec<String>,
    /// What else a message has to be.
    pub rule: ServiceRule,
    /// What the service does.
    pub action: ServiceAction,
    /// Whether what the URL answers is sent back.
    pub reply_with_body: bool,
    /// Of how many parts a reply is at most.
    pub max_messages: u8,
    /// Whether an empty answer is no reply.
    pub omit_empty: bool,
}

/// A service was not made.
#[derive(Debug, thiserror::Error)]
pub enum CreateServiceError {
    /// The account has as many as it may have.
    #[error("the account has {MOST_SERVICES} services, which is the most there may be")]
    TooMany,
    /// Another service of the organisation has the name.
    #[error("there is a service '{0}' already")]
    NameTaken(String),
    /// Another service of the account has the keyword.
    #[error("another service of the account has the keyword '{0}'")]
    KeywordTaken(String),
    /// Another board has the address.
    #[error("another board has the address '{0}'")]
    AddressTaken(String),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A change of a service. A field that is none stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServiceChange {
    /// What the service is called.
    pub name: Option<String>,
    /// The keywords in small letters, at least one unless an expression takes their place.
    pub keywords: Option<Vec<String>>,
    /// What else a message has to be.
    pub rule: Option<ServiceRule>,
    /// What the service does.
    pub action: Option<ServiceAction>,
    /// Whether what the URL answers is sent back.
    pub reply_with_body: Option<bool>,
    /// Of how many parts a reply is at most.
    pub max_messages: Option<u8>,
    /// Whether an empty answer is no reply.
    pub omit_empty: Option<bool>,
}

/// A service was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeServiceError {
    /// Another service of the organisation has the name.
    #[error("there is a service '{0}' already")]
    NameTaken(String),
    /// Another service of the account has the keyword.
    #[error("another service of the account has the keyword '{0}'")]
    KeywordTaken(String),
    /// Another board has the address.
    #[error("another board has the address '{0}'")]
    AddressTaken(String),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What came of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedCall {
    /// The id of the call.
    pub id: CallbackId,
    /// The message that was received.
    pub message: MessageId,
    /// How far the call is.
    pub state: CallbackState,
    /// How many tries there were.
    pub attempts: u32,
    /// The status that the URL answered with at last, if it answered.
    pub http_status: Option<u16>,
    /// What went wrong at last, or why nothing was sent back.
    pub last_error: Option<String>,
    /// When something was sent back, if it was. The reply is the message [`MessageId::of_reply`].
    pub replied_at: Option<Timestamp>,
    /// When the next try is, while one follows.
    pub next_at: Option<Timestamp>,
    /// When the message came.
    pub created_at: Timestamp,
}

impl Store {
    /// Keeps a new service for an account in reach.
    pub async fn create_service(
        &self,
        reach: Reach,
        new: &NewService,
        at: Timestamp,
    ) -> Result<Service, CreateServiceError> {
        on_engine!(self, db => db.create_service(reach, new, at))
    }

    /// Returns the services in reach, oldest first.
    pub async fn services(&self, reach: Reach) -> Result<Vec<Service>, StoreError> {
        on_engine!(self, db => db.services(reach))
    }

    /// Returns a service in reach.
    pub async fn service(
        &self,
        reach: Reach,
        id: ServiceId,
    ) -> Result<Option<Service>, StoreError> {
        on_engine!(self, db => db.service(reach, id))
    }

    /// Returns the service in reach that is called so, letter case aside.
    pub async fn service_named(
        &self,
        reach: Reach,
        name: &str,
    ) -> Result<Option<Service>, StoreError> {
        on_engine!(self, db => db.service_named(reach, name))
    }

    /// Changes a service in reach and returns it as it is then. Returns none when there is none. What waits to be called
    /// is called as the service is then.
    pub async fn change_service(
        &self,
        reach: Reach,
        id: ServiceId,
        change: &ServiceChange,
        at: Timestamp,
    ) -> Result<Option<Service>, ChangeServiceError> {
        on_engine!(self, db => db.change_service(reach, id, change, at))
    }

    /// Removes a service in reach with its calls. Returns false when there is none.
    pub async fn remove_service(&self, reach: Reach, id: ServiceId) -> Result<bool, StoreError> {
        on_engine!(self, db => db.remove_service(reach, id))
    }

    /// Returns the last `limit` calls of a service in reach, newest first.
    pub async fn service_calls(
        &self,
        reach: Reach,
        id: ServiceId,
        limit: u32,
    ) -> Result<Vec<LoggedCall>, StoreError> {
        on_engine!(self, db => db.service_calls(reach, id, limit))
    }
}
