//! Services that keep something of a message: quizzes and boards.

use keyword::board;
use keyword::quiz;
use keyword::reply::NoReply;
use store::{AfterCall, Board, Keeping, NewEntry, Quiz, ServiceCall, ServiceDeed, StoreError};

use super::{Caller, refused};

/// The most characters of a text of a board.
const LONGEST_TEXT: usize = 1_000;

impl Caller {
    /// Keeps whether an answer is right, and says so.
    pub(super) async fn quiz(
        &self,
        call: &ServiceCall,
        quiz: &Quiz,
    ) -> Result<(Option<ServiceDeed>, AfterCall), StoreError> {
        if let Err(why) = self.person(call).await {
            return Ok(refused(&why));
        }
        let Some(answer) = quiz::answer(quiz, &call.message) else {
            return Ok(refused(&NoReply::NoText));
        };
        let entry = NewEntry {
            service: call.service.id,
            sender: call.message.from.clone(),
            question: u32::try_from(answer.question).unwrap_or(u32::MAX),
            body: answer.said,
            is_right: Some(answer.is_right),
            keeping: if quiz.once { Keeping::First } else { Keeping::All },
            at: call.message.received_at,
        };
        let text = if answer.is_right { &quiz.reply } else { &quiz.wrong };
        Ok((Some(ServiceDeed::Keep(entry)), self.after_text(call, text).await?))
    }

    /// Keeps a text of a board.
    pub(super) async fn board(
        &self,
        call: &ServiceCall,
        board: &Board,
    ) -> Result<(Option<ServiceDeed>, AfterCall), StoreError> {
        if let Err(why) = self.person(call).await {
            return Ok(refused(&why));
        }
        let text = board::text(&call.service, &call.message);
        let body: String = text.chars().take(LONGEST_TEXT).collect();
        if body.is_empty() {
            return Ok(refused(&NoReply::NoText));
        }
        let entry = NewEntry {
            service: call.service.id,
            sender: call.message.from.clone(),
            question: 0,
            body,
            is_right: None,
            keeping: Keeping::Last,
            at: call.message.received_at,
        };
        Ok((Some(ServiceDeed::Keep(entry)), self.after_text(call, &board.reply).await?))
    }
}
