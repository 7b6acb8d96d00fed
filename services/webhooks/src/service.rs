//! The calls of keyword services: the request to the URL, and the reply.
//!
//! A call goes in two steps, and what each comes to is in the database before the next: what is sent back, once the URL
//! has answered, and that the broker has it. A copy of the service that is killed between them leaves a call of which the
//! next copy knows the reply, so the URL is not called again; and the reply has an id that is made from the message, so
//! whoever sends it twice sends it once.

use std::time::Duration;

use contracts::Timestamp;
use keyword::reply::{self, NoReply, Wanted};
use keyword::{escape, request};
use platform::Clock;
use store::{
    AfterCall, AfterReply, CallAttempt, Reach, Service, ServiceAction, ServiceCall, Store,
    StoreError,
};

use crate::fetch::{Answer, FetchError, Fetcher};
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
        let (attempt, after) = if let Some(withdrawn) = self.withdrawn(call).await? {
            (None, AfterCall::Done(Some(withdrawn.to_owned())))
        } else if let ServiceAction::Reply(text) = &call.service.action {
            (None, self.after_reply(call, reply::of_text(&call.service, text)).await?)
        } else {
            self.call_url(call).await?
        };
        let now = self.clock.now();
        let replies =
            self.store.settle_service_call(call.id, attempt.as_ref(), &after, now).await?;
        match after {
            AfterCall::Reply { text, .. } if replies => self.send_reply(call, &text).await,
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
        let may_read = self.store.may_read(reach, &call.message).await?;
        Ok((!may_read)
            .then_some("the account may not read the message any more, so it was not told"))
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
                let refused = self.replier.refusal(question, sim, reach).await?;
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

    /// What the account of a service may see and use. None: it is disabled.
    async fn reach(&self, service: &Service) -> Result<Option<Reach>, StoreError> {
        let everything = Reach::everything(service.org);
        if service.owner == contracts::UserId::internal() {
            return Ok(Some(everything));
        }
        let user = self.store.user(everything, service.owner).await?;
        Ok(user.filter(|user| user.enabled).map(|user| user.reach()))
    }

    /// Sends a reply that is in the database. Returns when it is tried again, if it is.
    async fn send_reply(
        &self,
        call: &ServiceCall,
        text: &str,
    ) -> Result<Option<Timestamp>, StoreError> {
        let after = match self.replier.recipient((&call.message).into()).await {
            Ok(to) => {
                let Service { org, owner, .. } = call.service;
                let (id, sim) = (call.id, call.message.sim);
                self.replier.publish(&Outgoing { id, org, owner, sim, to, text }).await?
            }
            Err(refused) => AfterReply::Over(Some(refused.to_string())),
        };
        self.store.settle_service_reply(call.id, &after, self.clock.now()).await?;
        Ok(match after {
            AfterReply::Retry(next) => Some(next),
            AfterReply::Over(_) => None,
        })
    }
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
