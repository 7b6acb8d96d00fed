//! What the form of a keyword service has in it for services that ask, keep and hand on.

use std::fmt;

use contracts::bounds;
use keyword::to_group::LONGEST_PIN;
use store::{
    Board, LONGEST_ADDRESS, MOST_CONFIRMED, MOST_INBOXES, MOST_LINES, ServiceAction, Survey,
};

use super::super::failure::Failure;
use super::super::form::Form;
use super::written::numbers;
use crate::acts::account::LONGEST_NAME;
use crate::acts::service::{Kind, LONGEST_LINE, LONGEST_REPLY, lines};

/// The most characters of a number as people write it.
const WRITTEN_NUMBER: usize = 64;

/// What the form has in it.
#[derive(Clone)]
pub(crate) struct Kinds {
    pub(crate) lines: String,
    pub(crate) otherwise: String,
    pub(crate) once: bool,
    pub(crate) leave: String,
    pub(crate) minutes: String,
    pub(crate) address: String,
    pub(crate) shown: String,
    pub(crate) users: String,
    pub(crate) named: bool,
    /// Never shown again.
    pin: String,
    pub(crate) senders: String,
}

/// Leaves out the texts and the PIN.
impl fmt::Debug for Kinds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Kinds")
    }
}

impl Kinds {
    /// An empty form.
    pub(super) fn new() -> Self {
        Self {
            lines: String::new(),
            otherwise: String::new(),
            once: true,
            leave: Survey::LEAVE.to_owned(),
            minutes: Survey::MINUTES.to_string(),
            address: String::new(),
            shown: Board::SHOWN.to_string(),
            users: String::new(),
            named: false,
            pin: String::new(),
            senders: String::new(),
        }
    }

    /// What a service does.
    pub(super) fn of(action: &ServiceAction) -> Self {
        let mut kinds = Self::new();
        let together = |lines: Vec<String>| lines.join("\n");
        match action {
            ServiceAction::Quiz(quiz) => {
                kinds.lines = together(quiz.questions.iter().map(lines::of_question).collect());
                (kinds.once, kinds.otherwise) = (quiz.once, quiz.wrong.clone());
            }
            ServiceAction::Survey(survey) => {
                kinds.lines = together(survey.questions.iter().map(lines::of_question).collect());
                kinds.leave.clone_from(&survey.leave);
                kinds.minutes = survey.minutes.to_string();
                kinds.otherwise.clone_from(&survey.otherwise);
            }
            ServiceAction::Scenario(scenario) => {
                kinds.lines = together(scenario.lines.iter().map(lines::of_scenario).collect());
            }
            ServiceAction::Board(board) => {
                kinds.address = board.address.clone().unwrap_or_default();
                kinds.shown = board.shown.to_string();
            }
            ServiceAction::Inbox(inbox) => {
                let users: Vec<String> = inbox.users.iter().map(ToString::to_string).collect();
                (kinds.users, kinds.named) = (users.join(", "), inbox.is_named());
                kinds.otherwise.clone_from(&inbox.unknown);
            }
            ServiceAction::ToGroup(to_group) => kinds.senders = numbers(&to_group.senders),
            _ => {}
        }
        kinds
    }

    /// Whether something is written beside what stands there at first.
    pub(crate) fn has_some(&self) -> bool {
        let written = [&self.lines, &self.otherwise, &self.address, &self.users, &self.senders];
        self.named || written.iter().any(|one| !one.is_empty())
    }

    /// What was filled in.
    pub(super) fn from(form: &Form) -> Result<Self, Failure> {
        let field = |name: &'static str, most: usize| {
            let text = form.field(name).trim();
            let fits = text.chars().count() <= most;
            fits.then(|| text.to_owned()).ok_or(Failure::TooLarge { field: name, most })
        };
        Ok(Self {
            lines: field("lines", MOST_LINES * (LONGEST_LINE + 2))?,
            otherwise: field("otherwise", LONGEST_REPLY)?,
            once: form.field("once") == "yes",
            leave: field("leave", bounds::KEYWORD)?,
            minutes: field("minutes", 5)?,
            address: field("address", LONGEST_ADDRESS)?,
            shown: field("shown", 3)?,
            users: field("users", MOST_INBOXES * (LONGEST_NAME + 2))?,
            named: form.field("named") == "yes",
            pin: field("pin", LONGEST_PIN)?,
            senders: field("senders", MOST_CONFIRMED * (WRITTEN_NUMBER + 2))?,
        })
    }

    /// What is wanted by this name, with this text. None: no service does such a thing.
    pub(super) fn kind(
        &self,
        action: &str,
        group: &str,
        reply: String,
    ) -> Result<Option<Kind>, Failure> {
        let lines = self.lines.lines().map(str::trim).filter(|line| !line.is_empty());
        let lines: Vec<String> = lines.map(str::to_owned).collect();
        let (otherwise, reply) = (Some(self.otherwise.clone()), Some(reply));
        Ok(Some(match action {
            "quiz" => Kind::Quiz {
                questions: Some(lines),
                once: Some(self.once),
                wrong: otherwise,
                reply,
            },
            "survey" => Kind::Survey {
                questions: Some(lines),
                leave: Some(match self.leave.as_str() {
                    "" => Survey::LEAVE.to_owned(),
                    leave => leave.to_owned(),
                }),
                minutes: Some(number(&self.minutes)?.unwrap_or(Survey::MINUTES)),
                otherwise,
                reply,
            },
            "scenario" => Kind::Scenario { lines: Some(lines), reply },
            "board" => Kind::Board {
                address: Some(self.address.clone()),
                shown: Some(number(&self.shown)?.unwrap_or(Board::SHOWN)),
                reply,
            },
            "inbox" => Kind::Inbox {
                users: Some(list(&self.users)),
                named: self.named,
                unknown: otherwise,
                reply,
            },
            "to-group" => Kind::ToGroup {
                group: Some(group.to_owned()),
                pin: Some(self.pin.clone()).filter(|pin| !pin.is_empty()),
                senders: Some(list(&self.senders)),
            },
            _ => return Ok(None),
        }))
    }
}

/// What stands between commas.
fn list(written: &str) -> Vec<String> {
    let all = written.split([',', ';', '\n']).map(str::trim);
    all.filter(|one| !one.is_empty()).map(str::to_owned).collect()
}

/// A number; none: nothing is written.
fn number<T: std::str::FromStr>(written: &str) -> Result<Option<T>, Failure> {
    if written.is_empty() {
        return Ok(None);
    }
    written.parse().map(Some).map_err(|_| Failure::Malformed)
}
