//! The calls of keyword services: the request to the URL, and the reply.
//!
//! A call goes in two steps, and what each comes to is in the database before the next: what is sent back, once the URL
//! has answered, and that the broker has it. A copy of the service that is killed between them leaves a call of which the
//! next copy knows the reply, so the URL is not called again; and the reply has an id that is made from the message, so
//! whoever sends it twice sends it once.

mod inboxes;
mod keeps;
mod survey;
mod to_group;

use std::time::Duration;

use contracts::{CallbackId, PhoneNumber, Timestamp};
use keyword::command::CommandLine;
use keyword::reply::{self, NoReply, Question, Wanted};
use keyword::template::Filling;
use keyword::{escape, request, scenario, vote};
use platform::Clock;
use store::{
    AfterCall, AfterReply, CallAttempt, Joining, Reach, Service, ServiceAction, ServiceCall,
    ServiceDeed, Store, StoreError, Vote,
};

use crate::fetch::{Answer, FetchError, Fetcher};
use crate::loops::Loops;
use crate::program::Programs;
use crate::replier::{Outgoing, Replier};
use crate::schedule::Schedule;

/// What calls are made with.
#[derive(Clone)]
pub(crate) struct Caller {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) fetcher: Fetcher,
    pub(crate) schedule: Schedule,
    pub(crate) replier: Replier,
    pub(crate) loops: Loops,
    pub(crate) programs: Programs,
    pub(crate) lease: Duration,
}

impl Caller {
    /// Goes on with a call. Returns when the next try is, if one follows.
    pub(crate) async fn deliver(&self, mut call: ServiceCall) -> Option<Timestamp> {
        call.service.max_messages = call.service.max_messages.min(self.replier.max_parts);
        match self.go_on(&call).await {
            Ok(next) => next,
            Err(error) => {
                tracing::warn!(callback.id = %call.id, "the call of a service is postponed: {error}");
                Some(self.clock.now().plus(self.lease))
            }
        }
    }

    async fn go_on(&self, call: &ServiceCall) -> Result<Option<Timestamp>, StoreError> {
        if let Some(text) = &call.reply {
            return self.send_reply(call, text).await;
        }
        let mut deed = None;
        let (attempt, after) = if let Some(withdrawn) = self.withdrawn(call).await? {
            (None, AfterCall::Done(Some(withdrawn.to_owned())))
        } else {
            match &call.service.action {
                ServiceAction::Reply(text) => (None, self.after_text(call, text).await?),
                ServiceAction::Exec(line) => self.run_program(call, line).await?,
                ServiceAction::Forward { text, .. } => {
                    (None, self.after_forward(call, text).await?)
                }
                ServiceAction::Scenario(scenario) => {
                    let text = scenario::reply(scenario, &call.message);
                    (None, self.after_text(call, text).await?)
                }
                ServiceAction::Inbox(inbox) => (None, self.put_into_inboxes(call, inbox).await?),
                ServiceAction::Quiz(quiz) => {
                    let (wanted, after) = self.quiz(call, quiz).await?;
                    deed = wanted;
                    (None, after)
                }
                ServiceAction::Survey(survey) => {
                    let (wanted, after) = self.survey(call, survey).await?;
                    deed = wanted;
                    (None, after)
                }
                ServiceAction::Board(board) => {
                    let (wanted, after) = self.board(call, board).await?;
                    deed = wanted;
                    (None, after)
                }
                ServiceAction::ToGroup(to_group) => {
                    let (wanted, after) = self.to_group(call, to_group).await?;
                    deed = wanted;
                    (None, after)
                }
                ServiceAction::Subscribe { reply: text, .. }
                | ServiceAction::Unsubscribe { reply: text, .. }
                | ServiceAction::Vote { reply: text, .. } => match self.deed(call).await? {
                    Ok(wanted) => {
                        deed = Some(wanted);
                        (None, self.after_text(call, text).await?)
                    }
                    Err(refused) => (None, AfterCall::Done(Some(refused.to_string()))),
                },
                ServiceAction::GetUrl(_)
                | ServiceAction::PostUrl(_)
                | ServiceAction::PostXml(_) => self.call_url(call).await?,
            }
        };
        let now = self.clock.now();
        let replies = match &deed {
            Some(deed) => self.store.settle_deed(call.id, deed, &after, now).await?,
            None => self.store.settle_service_call(call.id, attempt.as_ref(), &after, now).await?,
        };
        if matches!(deed, Some(ServiceDeed::Answer(_))) && !replies {
            // It may be that another answer of the sender was first: then the call is due again.
            self.loops.tell().await?;
            return Ok(Some(now.plus(self.lease)));
        }
        match after {
            AfterCall::Reply { text, .. } if replies => self.send_reply(call, &text).await,
            AfterCall::Reply { .. } => {
                // It was refused, maybe because the sender is a machine.
                self.loops.tell().await?;
                Ok(None)
            }
            AfterCall::Retry(next) => Ok(Some(next)),
            _ => Ok(None),
        }
    }

    /// Why a service that took a message is not told of it after all, in words for its owner: tries may be hours apart, and
    /// its account may have lost meanwhile what it could see when the message came.
    async fn withdrawn(&self, call: &ServiceCall) -> Result<Option<&'static str>, StoreError> {
        let Some(reach) = self.reach(&call.service).await? else {
            return Ok(Some("the account of the service is disabled, so it was not told"));
        };
        if matches!(call.service.action, ServiceAction::Exec(_)) && !reach.operates() {
            return Ok(Some("the account may not run programs any more, so nothing was run"));
        }
        let may_read = self.store.may_read(reach, &call.message).await?;
        Ok((!may_read)
            .then_some("the account may not read the message any more, so it was not told"))
    }

    /// What stands in the fields of a text of the service.
    fn filling(&self, call: &ServiceCall) -> Filling {
        let number = call.message.to.clone();
        let number = number.or_else(|| self.replier.numbers.of(call.message.sim));
        Filling::by_service(&call.service, &call.message, number.as_ref())
    }

    /// Calls the URL once. Returns the try and what follows it.
    async fn call_url(
        &self,
        call: &ServiceCall,
    ) -> Result<(Option<CallAttempt>, AfterCall), StoreError> {
        let number = call.message.to.clone().or_else(|| self.replier.numbers.of(call.message.sim));
        let begun = tokio::time::Instant::now();
        let answered = match request::of(&call.service, &call.message, number) {
            Some(request) => self.fetcher.call(&request.url, request.headers, request.body).await,
            None => Err(FetchError::Url(format!(
                "with its escape codes replaced, it is longer than {} bytes",
                escape::LONGEST
            ))),
        };
        metrics::histogram!("merpati_service_call_seconds").record(begun.elapsed());
        let http_status = answered.as_ref().ok().map(|answer| answer.status);
        let is_taken = |answer: &Answer| (200..=299).contains(&answer.status);
        let (error, after) = match answered {
            Ok(answer) if is_taken(&answer) => {
                let wanted = Wanted::by_service(&call.service);
                let kind = answer.content_type.as_deref();
                let text = reply::of_answer(wanted, kind, &answer.body);
                (None, self.after_reply(call, text).await?)
            }
            Ok(answer) => (Some(answer.words()), self.after_failure(call, false)),
            Err(error) => (Some(error.to_string()), self.after_failure(call, error.is_final())),
        };
        log(call, error.as_deref(), &after);
        Ok((Some(CallAttempt { http_status, error }), after))
    }

    fn after_failure(&self, call: &ServiceCall, is_final: bool) -> AfterCall {
        let next = self.schedule.next(call.attempts + 1, self.clock.now());
        next.filter(|_| !is_final).map_or(AfterCall::GiveUp, AfterCall::Retry)
    }

    /// What follows when this is to be sent back.
    async fn after_reply(
        &self,
        call: &ServiceCall,
        text: Result<String, NoReply>,
    ) -> Result<AfterCall, StoreError> {
        let text = match text {
            Ok(text) => {
                let reach = self.reach(&call.service).await?;
                let (question, sim) = ((&call.message).into(), call.message.sim);
                let account = (reach, call.service.owner);
                let refused = self.replier.refusal(question, sim, account).await?;
                refused.map_or(Ok(text), Err)
            }
            refused => refused,
        };
        let now = self.clock.now();
        Ok(match text {
            Ok(text) => AfterCall::Reply {
                text,
                caps: self.replier.caps(now),
                next_at: now.plus(self.lease),
            },
            Err(NoReply::Unwanted) => AfterCall::Done(None),
            Err(refused) => AfterCall::Done(Some(refused.to_string())),
        })
    }

    /// Runs a program once. One that fails is not run again: nobody knows what it did before.
    async fn run_program(
        &self,
        call: &ServiceCall,
        line: &str,
    ) -> Result<(Option<CallAttempt>, AfterCall), StoreError> {
        let output = match line.parse::<CommandLine>() {
            Ok(line) => {
                let arguments = line.arguments(&self.filling(call));
                self.programs.run(&line, arguments).await.map_err(|error| error.to_string())
            }
            Err(error) => Err(format!("the command line cannot be used: {error}")),
        };
        let (error, after) = match output {
            Ok(output) => {
                let wanted = Wanted { parts: call.service.max_messages, omit_empty: true };
                let text = reply::of_answer(wanted, None, &output);
                (None, self.after_reply(call, text).await?)
            }
            Err(error) => (Some(error), AfterCall::GiveUp),
        };
        log(call, error.as_deref(), &after);
        Ok((Some(CallAttempt { http_status: None, error }), after))
    }

    /// What follows when a text of the service is to be sent back.
    async fn after_text(&self, call: &ServiceCall, text: &str) -> Result<AfterCall, StoreError> {
        let text = reply::of_text(&call.service, text, &self.filling(call));
        self.after_reply(call, text).await
    }

    /// What follows when a text of the service is to be sent on. It counts as a reply to the sender of the message: who writes
    /// without an end has no more sent on.
    async fn after_forward(&self, call: &ServiceCall, text: &str) -> Result<AfterCall, StoreError> {
        let text = reply::of_forward(
            &call.service,
            text,
            &self.filling(call),
            Question::from(&call.message),
        );
        let may = self.may_send(call).await?;
        let now = self.clock.now();
        Ok(match text {
            Ok(text) if may => AfterCall::Reply {
                text,
                caps: self.replier.caps(now),
                next_at: now.plus(self.lease),
            },
            Ok(_) => AfterCall::Done(Some(NoReply::SimNotYours.to_string())),
            Err(refused) => AfterCall::Done(Some(refused.to_string())),
        })
    }

    /// What a service does with the rows of its account: with a group of contacts, or a vote.
    async fn deed(&self, call: &ServiceCall) -> Result<Result<ServiceDeed, NoReply>, StoreError> {
        let action = &call.service.action;
        let leaves = matches!(action, ServiceAction::Unsubscribe { .. });
        let number = match self.person(call).await {
            Ok(number) => number,
            Err(refused) => return Ok(Err(refused)),
        };
        if let ServiceAction::Vote { options, .. } = action {
            let Some(option) = vote::option(options, &call.message) else {
                return Ok(Err(NoReply::NoOption));
            };
            let (service, option) = (call.service.id, option.to_owned());
            let vote = Vote { service, sender: number, option, at: call.message.received_at };
            return Ok(Ok(ServiceDeed::Vote(vote)));
        }
        let Some(group) = action.group() else { return Ok(Err(NoReply::Unwanted)) };
        let reach = self.reach(&call.service).await?;
        let reach = reach.unwrap_or_else(|| Reach::own(call.service.org, call.service.owner));
        Ok(Ok(ServiceDeed::Join(Joining { reach, group, number, joins: !leaves })))
    }

    /// The number of the person who wrote a message. Who asks to be sent nothing may be taken out of a group, and nothing else is
    /// done with the message.
    async fn person(&self, call: &ServiceCall) -> Result<PhoneNumber, NoReply> {
        let leaves = matches!(call.service.action, ServiceAction::Unsubscribe { .. });
        let wish = call.message.wish.filter(|_| !leaves);
        let question = Question { wish, ..Question::from(&call.message) };
        self.replier.recipient(question).await
    }

    /// What the account of a service may see and use. None: it is disabled.
    async fn reach(&self, service: &Service) -> Result<Option<Reach>, StoreError> {
        let everything = Reach::everything(service.org);
        if service.owner == contracts::UserId::internal() {
            return Ok(Some(everything));
        }
        let user = self.store.user(everything, service.owner).await?;
        Ok(user.filter(|user| user.enabled).map(|user| user.reach()))
    }

    /// Whether the account of a service may send through the SIM that a message came to.
    async fn may_send(&self, call: &ServiceCall) -> Result<bool, StoreError> {
        let ServiceCall { service, message, .. } = call;
        match self.reach(service).await? {
            Some(reach) => self.store.may_send_through(reach, service.owner, message.sim).await,
            None => Ok(false),
        }
    }

    /// Sends a reply that is in the database, or sends it on. Returns when it is tried again, if it is.
    async fn send_reply(
        &self,
        call: &ServiceCall,
        text: &str,
    ) -> Result<Option<Timestamp>, StoreError> {
        let goes_on_to = match &call.service.action {
            ServiceAction::Forward { to, .. } => Some(to.clone()),
            ServiceAction::ToGroup(to_group) => {
                // What asks for a code goes to the sender.
                let is_asking = self.store.is_asking(call.id).await?;
                if is_asking { None } else { Some(self.members(call, to_group.group).await?) }
            }
            _ => None,
        };
        let after = if let Some(to) = goes_on_to {
            self.send_on(call, &to, text).await?
        } else {
            match self.replier.recipient((&call.message).into()).await {
                Ok(to) => {
                    let Service { org, owner, .. } = call.service;
                    let (id, sim) = (call.id, call.message.sim);
                    self.replier.publish(&Outgoing { id, org, owner, sim, to, text }).await?
                }
                Err(refused) => AfterReply::Over(Some(refused.to_string())),
            }
        };
        self.store.settle_service_reply(call.id, &after, self.clock.now()).await?;
        Ok(match after {
            AfterReply::Retry(next) => Some(next),
            AfterReply::Over(_) => None,
        })
    }
}

impl Caller {
    /// Sends a text on to each of these numbers, once, however often this is done.
    async fn send_on(
        &self,
        call: &ServiceCall,
        to: &[PhoneNumber],
        text: &str,
    ) -> Result<AfterReply, StoreError> {
        let mut ours = Vec::new();
        for number in to {
            if self.replier.numbers.is_ours(number).await {
                ours.push(number);
            }
        }
        let is_ours = |number: &PhoneNumber| ours.contains(&number);
        let numbers = reply::forwarded(to, &call.message.from, is_ours);
        if numbers.is_empty() {
            return Ok(AfterReply::Over(Some(NoReply::ToNobody.to_string())));
        }
        let Service { org, owner, .. } = call.service;
        for to in numbers {
            let (id, sim) = (CallbackId::of_forward(call.id, to), call.message.sim);
            let outgoing = Outgoing { id, org, owner, sim, to: to.clone(), text };
            if let AfterReply::Retry(next) = self.replier.publish(&outgoing).await? {
                return Ok(AfterReply::Retry(next));
            }
        }
        Ok(AfterReply::Over(None))
    }
}

/// Nothing is done with a message, for this reason.
fn refused(why: &NoReply) -> (Option<ServiceDeed>, AfterCall) {
    (None, AfterCall::Done(Some(why.to_string())))
}

fn log(call: &ServiceCall, error: Option<&str>, after: &AfterCall) {
    let result = match (error, after) {
        (None, _) => "done",
        (Some(_), AfterCall::Retry(_)) => "retry",
        (Some(_), _) => "given_up",
    };
    metrics::counter!("merpati_service_calls_total", "result" => result).increment(1);
    let (id, service) = (call.id, call.service.id);
    match (error, after) {
        (None, _) => {
            tracing::debug!(callback.id = %id, service.id = %service, "a service was called");
        }
        (Some(error), AfterCall::Retry(at)) => tracing::info!(
            callback.id = %id,
            service.id = %service,
            "the call of a service failed: {error}; it is tried again at {at}"
        ),
        (Some(error), _) => tracing::info!(
            callback.id = %id,
            service.id = %service,
            "the call of a service failed: {error}; it is given up"
        ),
    }
}
