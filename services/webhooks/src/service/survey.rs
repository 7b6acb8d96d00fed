//! Surveys: each message of who is asked is the answer to a question, and the next question goes back.

use keyword::reply::NoReply;
use keyword::survey::{Step, step};
use store::{
    AfterCall, Answering, Keeping, NewAsking, NewEntry, ServiceCall, ServiceDeed, StoreError,
    Survey,
};

use super::{Caller, refused};

impl Caller {
    /// Goes a step on in a survey.
    pub(super) async fn survey(
        &self,
        call: &ServiceCall,
        survey: &Survey,
    ) -> Result<(Option<ServiceDeed>, AfterCall), StoreError> {
        let sender = match self.person(call).await {
            Ok(sender) => sender,
            Err(why) => return Ok(refused(&why)),
        };
        let (message, now) = (&call.message, self.clock.now());
        let asking = self.store.asking(message.org, message.sim, &sender, now).await?;
        let asking = asking.map(|(_, asking)| asking);
        let asking = asking.filter(|one| one.service == call.service.id && one.code.is_none());
        let asked = asking.as_ref().and_then(|one| usize::try_from(one.question).ok());
        let expires_at = now.plus(survey.waits());
        match (step(&call.service, survey, message, asked), asking) {
            (Step::Begins(question), _) => {
                let after = self.after_text(call, question).await?;
                // Who cannot be asked is not waited for.
                let is_asked = matches!(after, AfterCall::Reply { .. });
                let new = NewAsking {
                    service: call.service.id,
                    sim: message.sim,
                    sender,
                    code: None,
                    body: None,
                    expires_at,
                };
                Ok((is_asked.then_some(ServiceDeed::Ask(new)), after))
            }
            (Step::Answers { question, said, next }, Some(asking)) => {
                let entry = NewEntry {
                    service: call.service.id,
                    sender: message.from.clone(),
                    question: u32::try_from(question).unwrap_or(u32::MAX),
                    body: said,
                    is_right: None,
                    keeping: Keeping::All,
                    at: message.received_at,
                };
                let answering =
                    Answering { asking: asking.id, entry, is_last: next.is_none(), expires_at };
                let after = self.after_text(call, next.unwrap_or(&survey.reply)).await?;
                Ok((Some(ServiceDeed::Answer(answering)), within(survey, after)))
            }
            (Step::NoChoice(text), Some(_)) => {
                Ok((None, within(survey, self.after_text(call, text).await?)))
            }
            (Step::Leaves, Some(asking)) => {
                let left = AfterCall::Done(Some(NoReply::Left.to_string()));
                Ok((Some(ServiceDeed::End(asking.id)), left))
            }
            _ => Ok(refused(&NoReply::NotAsked)),
        }
    }
}

/// What follows within a survey: its questions are asked beside what a sender is sent otherwise. That a survey begins counts as any
/// reply does, so two machines are stopped as ever.
fn within(survey: &Survey, after: AfterCall) -> AfterCall {
    let questions = u32::try_from(survey.questions.len()).unwrap_or(u32::MAX);
    match after {
        AfterCall::Reply { text, mut caps, next_at } => {
            caps.sender.most = caps.sender.most.saturating_add(questions);
            caps.machine.most = caps.machine.most.saturating_add(questions);
            AfterCall::Reply { text, caps, next_at }
        }
        other => other,
    }
}
