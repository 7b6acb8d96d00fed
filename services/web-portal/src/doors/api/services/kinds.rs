//! What a body says of services that ask, keep and hand on.

use crate::acts::service::{Deed, Kind, NotMade};

/// The fields of a body that say so.
pub(super) struct Kinds {
    pub(super) quiz: Option<Vec<String>>,
    pub(super) survey: Option<Vec<String>>,
    pub(super) scenario: Option<Vec<String>>,
    pub(super) otherwise: Option<String>,
    pub(super) once: Option<bool>,
    pub(super) leave: Option<String>,
    pub(super) wait_minutes: Option<u32>,
    pub(super) board: Option<String>,
    pub(super) shown: Option<u16>,
    pub(super) inbox: Option<Vec<String>>,
    pub(super) inbox_named: Option<bool>,
    pub(super) to_group: Option<String>,
    pub(super) pin: Option<String>,
    pub(super) senders: Option<Vec<String>>,
}

impl Kinds {
    /// The deeds, with the text that stands beside them, if one does.
    pub(super) fn deeds(self, reply: Option<&String>) -> Result<Vec<Deed>, NotMade> {
        self.must_belong(reply)?;
        let text = || reply.cloned().unwrap_or_default();
        let otherwise = self.otherwise.unwrap_or_default();
        let mut kinds = Vec::new();
        kinds.extend(self.quiz.map(|questions| Kind::Quiz {
            questions,
            once: self.once.unwrap_or(true),
            wrong: otherwise.clone(),
            reply: text(),
        }));
        kinds.extend(self.survey.map(|questions| Kind::Survey {
            questions,
            leave: self.leave,
            minutes: self.wait_minutes,
            otherwise: otherwise.clone(),
            reply: text(),
        }));
        kinds.extend(self.scenario.map(|lines| Kind::Scenario { lines, reply: text() }));
        kinds.extend(self.board.map(|address| Kind::Board {
            address,
            shown: self.shown,
            reply: text(),
        }));
        let named = self.inbox_named.unwrap_or(false);
        if self.inbox.is_some() || named {
            let users = self.inbox.unwrap_or_default();
            kinds.push(Kind::Inbox { users, named, unknown: otherwise, reply: text() });
        }
        kinds.extend(self.to_group.map(|group| Kind::ToGroup {
            group,
            pin: self.pin,
            senders: self.senders.unwrap_or_default(),
        }));
        Ok(kinds.into_iter().map(Deed::Kind).collect())
    }

    /// Refuses what is said of something that is not there.
    fn must_belong(&self, reply: Option<&String>) -> Result<(), NotMade> {
        let is_inbox = self.inbox.is_some() || self.inbox_named == Some(true);
        let has_otherwise = self.quiz.is_some() || self.survey.is_some() || is_inbox;
        let of_survey = "survey";
        let of_group = "to_group";
        for (is_said, belongs, field, with) in [
            (self.otherwise.is_some(), has_otherwise, "otherwise", "quiz, survey or inbox"),
            (self.once.is_some(), self.quiz.is_some(), "once", "quiz"),
            (self.leave.is_some(), self.survey.is_some(), "leave", of_survey),
            (self.wait_minutes.is_some(), self.survey.is_some(), "wait_minutes", of_survey),
            (self.shown.is_some(), self.board.is_some(), "shown", "board"),
            (self.pin.is_some(), self.to_group.is_some(), "pin", of_group),
            (self.senders.is_some(), self.to_group.is_some(), "senders", of_group),
            (
                reply.is_some(),
                self.to_group.is_none(),
                "reply",
                "what sends a text back, and to_group sends none",
            ),
        ] {
            if is_said && !belongs {
                return Err(NotMade::Beside { field, with });
            }
        }
        Ok(())
    }
}
