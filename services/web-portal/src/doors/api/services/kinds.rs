//! What a body says of services that ask, keep and hand on.

use crate::acts::service::{Deed, Kind, NotMade, Part, must_belong};

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
    /// The deeds, with the text that stands beside them, if one does. Where `is_alone`, what goes with one may be said without it, of what the
    /// service does already.
    pub(super) fn deeds(
        self,
        reply: Option<&String>,
        is_alone: bool,
    ) -> Result<Vec<Deed>, NotMade> {
        let Self { quiz, survey, scenario, board, inbox, inbox_named, to_group, .. } = self;
        let part = Part {
            otherwise: self.otherwise,
            once: self.once,
            leave: self.leave,
            minutes: self.wait_minutes,
            shown: self.shown,
            pin: self.pin,
            senders: self.senders,
            reply: reply.cloned(),
        };
        let named = inbox_named.unwrap_or(false);
        let does = [
            ("quiz", quiz.is_some()),
            ("survey", survey.is_some()),
            ("scenario", scenario.is_some()),
            ("board", board.is_some()),
            ("inbox", inbox.is_some() || named),
            ("to_group", to_group.is_some()),
        ];
        let does: Vec<&str> =
            does.into_iter().filter(|(_, is_said)| *is_said).map(|(field, _)| field).collect();
        let said = part.said();
        if is_alone && does.is_empty() && said.iter().any(|field| *field != "reply") {
            return Ok(vec![Deed::Kind(Kind::Part(part))]);
        }
        must_belong(&does, &said)?;
        let Part { otherwise, once, leave, minutes, shown, pin, senders, reply } = part;
        let mut kinds = Vec::new();
        kinds.extend(quiz.map(|questions| Kind::Quiz {
            questions: Some(questions),
            once,
            wrong: otherwise.clone(),
            reply: reply.clone(),
        }));
        kinds.extend(survey.map(|questions| Kind::Survey {
            questions: Some(questions),
            leave,
            minutes,
            otherwise: otherwise.clone(),
            reply: reply.clone(),
        }));
        kinds.extend(
            scenario.map(|lines| Kind::Scenario { lines: Some(lines), reply: reply.clone() }),
        );
        kinds.extend(board.map(|address| Kind::Board {
            address: Some(address),
            shown,
            reply: reply.clone(),
        }));
        if inbox.is_some() || named {
            kinds.push(Kind::Inbox { users: inbox, named, unknown: otherwise, reply });
        }
        kinds.extend(to_group.map(|group| Kind::ToGroup { group: Some(group), pin, senders }));
        Ok(kinds.into_iter().map(Deed::Kind).collect())
    }
}
