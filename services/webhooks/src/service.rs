//! The calls of keyword services: the request to the URL, and the reply.
//!
//! A call goes in two steps, and what each comes to is in the database before the next: what is sent back, once the URL
//! has answered, and that the broker has it. A copy of the service that is killed between them leaves a call of which the
//! next copy knows the reply, so the URL is not called again; and the reply has an id that is made from the message, so
//! whoever sends it twice sends it once.

use std::time::Duration;

use bus::{Bus, PublishError};
use contracts::mt::{MtRequest, PrioritisedRequest};
use contracts::{MessageId, PhoneNumber, Priority, Timestamp};
use keyword::reply::{self, NoReply};
use keyword::{escape, request};
use platform::Clock;
use platform::config::Rate;
use store::{
    AfterCall, CallAttempt, Reach, Service, ServiceAction, ServiceCall, Store, StoreError,
};

use crate::fetch::{Answer, FetchError, Fetcher};
use crate::numbers::Numbers;
use crate::schedule::Schedule;

/// How long the broker has to take a reply.
const PATIENCE: Duration = Duration::from_secs(5);

/// What calls are made with.
#[derive(Clone)]
pub(crate) struct Caller {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) bus: Bus,
    pub(crate) fetcher: Fetcher,
    pub(crate) schedule: Schedule,
    pub(crate) numbers: Numbers,
    pub(crate) lease: Duration,
    /// How many replies one sender is sent.
    pub(crate) replies: Rate,
    /// Of how many parts a message may be for the router; a longer reply would never go out.
    pub(crate) max_parts: u8,
}

/// Why a reply did not go out.
#[derive(Debug, thiserror::Error)]
enum ReplyError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the broker did not take it: {0}")]
    Publish(#[from] PublishError),
}

impl Caller {
    /// Goes on with a call. Returns when the next try is, if one follows.
    pub(crate) async fn deliver(&self, mut call: ServiceCall) -> Option<Timestamp> {
        call.service.max_messages = call.service.max_messages.min(self.max_parts);
        match self.go_on(&call).await {
            Ok(next) => next,
            Err(error) => {
                tracing::warn!(callback.id = %call.id, "the call of a service is postponed: {error}");
                Some(self.clock.now().plus(self.lease))
            }
        }
    }

    async fn go_on(&self, call: &ServiceCall) -> Result<Option<Timestamp>, StoreError> {
        if call.reply.is_some() {
            return self.send_reply(call, call.reply.as_deref().unwrap_or_default()).await;
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
        let number = call.message.to.clone().or_else(|| self.numbers.of(call.message.sim));
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
                let text =
                    reply::of_answer(&call.service, answer.content_type.as_deref(), &answer.body);
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
            Ok(text) => match self.refusal(call).await? {
                Some(refused) => Err(refused),
                None => Ok(text),
            },
            refused => refused,
        };
        let now = self.clock.now();
        Ok(match text {
            Ok(text) => AfterCall::Reply {
                text,
                since: now.minus(self.replies.period),
                most: self.replies.count.get(),
                next_at: now.plus(self.lease),
            },
            Err(NoReply::Unwanted) => AfterCall::Done(None),
            Err(refused) => AfterCall::Done(Some(refused.to_string())),
        })
    }

    /// Why the sender is not answered, if it is not.
    async fn refusal(&self, call: &ServiceCall) -> Result<Option<NoReply>, StoreError> {
        if let Err(refused) = self.recipient(call).await {
            return Ok(Some(refused));
        }
        let reach = self.reach(&call.service).await?;
        let may = match reach {
            Some(reach) => self.store.may_send_through(reach, call.message.sim).await?,
            None => false,
        };
        Ok((!may).then_some(NoReply::SimNotYours))
    }

    /// To whom the message is answered.
    async fn recipient(&self, call: &ServiceCall) -> Result<PhoneNumber, NoReply> {
        let to = reply::recipient(&call.message)?;
        if self.numbers.is_ours(&to).await { Err(NoReply::ToOurselves) } else { Ok(to) }
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
        let after = match self.recipient(call).await {
            Ok(to) => match self.publish(call, to, text).await {
                Ok(()) => AfterCall::Done(None),
                Err(ReplyError::Store(error)) => return Err(error),
                Err(error) => {
                    tracing::warn!(callback.id = %call.id, "a reply is postponed: {error}");
                    AfterCall::Retry(self.clock.now().plus(PATIENCE))
                }
            },
            Err(refused) => AfterCall::Done(Some(refused.to_string())),
        };
        let now = self.clock.now();
        self.store.settle_service_call(call.id, None, &after, now).await?;
        Ok(match after {
            AfterCall::Retry(next) => Some(next),
            _ => None,
        })
    }

    async fn publish(
        &self,
        call: &ServiceCall,
        to: PhoneNumber,
        text: &str,
    ) -> Result<(), ReplyError> {
        let (id, service) = (MessageId::of_reply(call.id), &call.service);
        // The broker knows it again for two minutes, the database for ever.
        let known = self.store.message_states(Reach::everything(service.org), &[id]).await?;
        if known.contains_key(&id) {
            return Ok(());
        }
        let request = MtRequest {
            id: Some(id),
            org: service.org,
            owner: service.owner,
            created_at: Some(self.clock.now()),
            sim: Some(call.message.sim),
            ..MtRequest::text(to, text)
        };
        let prioritised = PrioritisedRequest { priority: Priority::Normal, request: &request };
        self.bus.publish_within(&prioritised, PATIENCE).await?;
        metrics::counter!("merpati_service_replies_total").increment(1);
        tracing::debug!(callback.id = %call.id, message.id = %id, "a reply was sent back");
        Ok(())
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
