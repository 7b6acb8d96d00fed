//! Sends what waits for endpoints: one lane an endpoint, one request at a time, in order.
//!
//! A lane is taken for a time, its lease, and belongs to nobody else meanwhile, so two copies of the service never send
//! one event at the same time. A request that takes long, as a mail may, keeps its lane meanwhile. A copy that is killed
//! loses nothing: the lane is due again after the lease. Nothing polls: the loop sleeps until a lane is due or somebody
//! says that one may be.

use std::sync::Arc;
use std::time::Duration;

use contracts::{Timestamp, WebhookId};
use platform::Clock;
use store::{
    AfterTry, Answered, Listener, Reach, Store, StoreError, Webhook, WebhookAttempt,
    WebhookDelivery, WebhookForm,
};
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::announcer::tell_disabled;
use crate::fetch::{Answer, FORM, FetchError, Fetcher};
use crate::listeners::may_still_be_told;
use crate::loops::Loops;
use crate::mailer::Mailer;
use crate::parcel::Parcel;
use crate::replier::Replier;
use crate::schedule::Schedule;
use crate::verdict::{Standing, after, is_refusal};
use crate::{answers, post, smsgate, twilio};

/// The type of what is told in most forms.
const JSON: &str = "application/json";
/// Events of a lane that are read at once.
const ROWS: u32 = 20;
/// Events of a lane that are sent before other lanes have their turn.
const A_TURN: u32 = 100;
/// How long a lane is worked before other lanes have their turn; a request that was begun then is finished.
const LONGEST_TURN: Duration = Duration::from_secs(10);
/// The longest sleep: another copy, or a clock that was set, may have made a lane due.
const LONGEST_SLEEP: Duration = Duration::from_mins(1);
/// The rest when a lane is due that cannot be taken: its row is locked by somebody else.
const WHILE_LOCKED: Duration = Duration::from_millis(100);
/// The rest when the database does not answer.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// What a lane is worked with.
#[derive(Clone)]
pub(crate) struct Lanes {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) fetcher: Fetcher,
    pub(crate) mailer: Mailer,
    pub(crate) schedule: Schedule,
    pub(crate) lease: Duration,
    /// Lanes at one time.
    pub(crate) concurrency: usize,
    /// What an endpoint's answer is sent back with.
    pub(crate) replier: Replier,
    /// Who sends it.
    pub(crate) courier: mpsc::Sender<Parcel>,
    /// Who says that a sender is a machine, which is sent nothing back.
    pub(crate) loops: Loops,
    /// A lane may be due.
    pub(crate) wake: Arc<Notify>,
}

impl Lanes {
    /// Runs until `soft` is cancelled, then finishes the requests under way.
    pub(crate) async fn run(self, soft: CancellationToken) {
        let mut under_way = JoinSet::new();
        let mut look_at = Instant::now();
        loop {
            tokio::select! {
                () = soft.cancelled() => break,
                () = self.wake.notified() => {}
                Some(_) = under_way.join_next() => {}
                () = tokio::time::sleep_until(look_at) => {}
            }
            look_at = match self.look(&mut under_way, &soft).await {
                Ok(next) => Instant::now() + next,
                Err(error) => {
                    tracing::warn!("webhooks that are due cannot be read: {error}; trying again");
                    Instant::now() + AFTER_FAILURE
                }
            };
        }
        while under_way.join_next().await.is_some() {}
    }

    /// Starts the lanes that are due, as many as there is room for. Returns how long to sleep.
    async fn look(
        &self,
        under_way: &mut JoinSet<()>,
        soft: &CancellationToken,
    ) -> Result<Duration, StoreError> {
        let room = self.concurrency.saturating_sub(under_way.len());
        if room == 0 {
            // The end of one is waited for.
            return Ok(LONGEST_SLEEP);
        }
        let now = self.clock.now();
        let limit = u32::try_from(room).unwrap_or(u32::MAX);
        let places = self.places();
        let taken = self.store.take_lanes(now, self.lease, limit, places).await?;
        let took = !taken.is_empty();
        for id in taken {
            let (lanes, soft) = (self.clone(), soft.clone());
            under_way.spawn(async move { lanes.work(id, now.plus(lanes.lease), &soft).await });
        }
        let now = self.clock.now();
        let next = self.store.next_lane_at(now, places).await?;
        Ok(sleep_for(next, now, took))
    }

    /// Lanes of one account at one time: the endpoints of one that all take their time leave room for others.
    fn places(&self) -> u32 {
        u32::try_from(self.concurrency / 4).unwrap_or(u32::MAX).max(1)
    }

    /// Works a lane that was taken until then.
    async fn work(&self, id: WebhookId, held: Timestamp, soft: &CancellationToken) {
        if let Err(error) = self.send_waiting(id, held, soft).await {
            // Due again after the lease.
            tracing::warn!(webhook.id = %id, "a webhook is postponed: {error}");
        }
    }

    async fn send_waiting(
        &self,
        id: WebhookId,
        mut held: Timestamp,
        soft: &CancellationToken,
    ) -> Result<(), StoreError> {
        let (mut sent, begun) = (0, Instant::now());
        loop {
            let Some((listener, waiting)) = self.store.lane(id, held, ROWS).await? else {
                tracing::debug!(webhook.id = %id, "another copy has the webhook");
                return Ok(());
            };
            let mut failures = listener.webhook.failures;
            let is_empty = waiting.is_empty();
            let Some(waiting) = self.still_told(&listener, held, waiting).await? else {
                return Ok(());
            };
            if is_empty {
                return self.store.release_lane(id, held, self.clock.now()).await;
            }
            for delivery in waiting {
                if is_over(sent, begun.elapsed()) || soft.is_cancelled() {
                    return self.store.release_lane(id, held, self.clock.now()).await;
                }
                sent += 1;
                let now = self.clock.now();
                // So there is time to keep the lane while a request takes long.
                if held.since(now) < self.lease / 2 {
                    let until = now.plus(self.lease);
                    if !self.store.keep_lane(id, held, until).await? {
                        return Ok(());
                    }
                    held = until;
                }
                match self.send(&listener, failures, &delivery, &mut held).await? {
                    Some(so_far) => failures = so_far,
                    None => return Ok(()),
                }
            }
        }
    }

    /// Leaves out what the owner of an endpoint could see when it happened and may not see any more, and deletes it. None: the
    /// lane is somebody else's.
    async fn still_told(
        &self,
        listener: &Listener,
        held: Timestamp,
        waiting: Vec<WebhookDelivery>,
    ) -> Result<Option<Vec<WebhookDelivery>>, StoreError> {
        let (mut told, mut withdrawn) = (Vec::with_capacity(waiting.len()), Vec::new());
        for delivery in waiting {
            if may_still_be_told(&self.store, listener.reach, &delivery).await? {
                told.push(delivery);
            } else {
                withdrawn.push(delivery.id);
            }
        }
        if withdrawn.is_empty() {
            return Ok(Some(told));
        }
        let id = listener.webhook.id;
        let is_held = self.store.withdraw_deliveries(id, held, &withdrawn).await?;
        tracing::info!(
            webhook.id = %id,
            events = withdrawn.len(),
            "events are not told, because the account may not see any more what they tell"
        );
        Ok(is_held.then_some(told))
    }

    /// Sends one event and keeps what came of it. Returns the failures in a row so far when the lane goes on.
    async fn send(
        &self,
        listener: &Listener,
        failures: u32,
        delivery: &WebhookDelivery,
        held: &mut Timestamp,
    ) -> Result<Option<u32>, StoreError> {
        let webhook = &listener.webhook;
        let (at, begun) = (self.clock.now(), Instant::now());
        let tried = self.try_and_keep(webhook, delivery, at, held).await;
        let held = *held;
        let duration = begun.elapsed();
        let now = self.clock.now();
        let is_test = delivery.event.is_none();
        let refusals = match &tried {
            Ok(answer) if is_refusal(answer.status) => self.refusals(webhook, delivery).await?,
            _ => 0,
        };
        let standing = Standing { is_test, refusals, failures };
        let next = after(standing, &tried, &self.schedule, now);
        log(webhook, delivery, &tried, &next);
        let answered = match &tried {
            Ok(answer) if next == AfterTry::Taken => {
                answers::of(&self.replier, listener, delivery, answer, now).await?
            }
            _ => None,
        };
        let result = match next {
            AfterTry::Taken => "done",
            AfterTry::Wait(_) => "retry",
            AfterTry::GivenUp(_) => "given_up",
            AfterTry::Disable(_) => "disabled",
        };
        metrics::counter!("merpati_webhook_attempts_total", "result" => result).increment(1);
        metrics::histogram!("merpati_webhook_seconds").record(duration);
        let attempt = WebhookAttempt {
            at,
            duration,
            http_status: tried.as_ref().ok().map(|answer| answer.status),
            error: match &tried {
                Ok(answer) if (200..=299).contains(&answer.status) => None,
                Ok(answer) => Some(answer.words()),
                Err(error) => Some(error.to_string()),
            },
            answer: tried.ok().map(|answer| answer.begins()).filter(|begins| !begins.is_empty()),
        };
        if let AfterTry::Disable(reason) = &next
            && self.store.keep_lane(webhook.id, held, held).await?
        {
            // Before the endpoint is: should this copy be killed between, both are done again.
            let id = format!("{}:{}", delivery.id, delivery.tries);
            tell_disabled(&self.store, webhook, &id, reason, now).await?;
            self.wake.notify_one();
        }
        let goes_on = match answered {
            Some(answered) => self.settle_answered(delivery, held, &attempt, &answered).await?,
            None => self.store.settle_delivery(delivery, held, &attempt, &next).await?,
        };
        let failures = match next {
            AfterTry::Taken => 0,
            _ if is_test => failures,
            _ => failures + 1,
        };
        Ok(goes_on.then_some(failures))
    }

    /// Keeps what an endpoint took and answered, and has the answers sent. Returns whether the lane goes on.
    async fn settle_answered(
        &self,
        delivery: &WebhookDelivery,
        held: Timestamp,
        attempt: &WebhookAttempt,
        answered: &Answered,
    ) -> Result<bool, StoreError> {
        let (goes_on, replies) =
            self.store.settle_answered(delivery, held, attempt, answered).await?;
        let wanted = answered.replies.iter().filter(|(_, text)| text.is_ok()).count();
        if replies.len() < wanted {
            self.loops.tell().await?;
        }
        for reply in replies {
            // It is gone only when the service stops; the row stays.
            let _ = self.courier.send(reply.into()).await;
        }
        Ok(goes_on)
    }

    /// Counts the tries of an event since it came or was replayed that were refusals.
    async fn refusals(
        &self,
        webhook: &Webhook,
        delivery: &WebhookDelivery,
    ) -> Result<u32, StoreError> {
        if delivery.tries == 0 {
            return Ok(0);
        }
        let reach = Reach::everything(webhook.org);
        let logged = self.store.webhook_delivery(reach, webhook.id, delivery.id).await?;
        let attempts = logged.map(|logged| logged.attempts).unwrap_or_default();
        let tries = usize::try_from(delivery.tries).unwrap_or(usize::MAX);
        let refused = attempts.iter().rev().take(tries).filter_map(|attempt| attempt.http_status);
        Ok(u32::try_from(refused.filter(|status| is_refusal(*status)).count()).unwrap_or(u32::MAX))
    }

    /// Tries once, and keeps the lane as long as that takes. `held` is until when the lane is held then.
    async fn try_and_keep(
        &self,
        webhook: &Webhook,
        delivery: &WebhookDelivery,
        now: Timestamp,
        held: &mut Timestamp,
    ) -> Result<Answer, FetchError> {
        let mut tried = Box::pin(self.try_once(webhook, delivery, now));
        loop {
            tokio::select! {
                tried = &mut tried => return tried,
                () = tokio::time::sleep(self.lease / 4) => {}
            }
            // Not beside the request: a write that is given up may be done, and nobody knew until when the lane is held.
            let until = self.clock.now().plus(self.lease);
            match self.store.keep_lane(webhook.id, *held, until).await {
                Ok(true) => *held = until,
                // Somebody else has the lane, and what was begun is finished.
                Ok(false) => return tried.await,
                Err(error) => {
                    tracing::warn!(webhook.id = %webhook.id, "a webhook's lane is not kept yet: {error}");
                }
            }
        }
    }

    async fn try_once(
        &self,
        webhook: &Webhook,
        delivery: &WebhookDelivery,
        now: Timestamp,
    ) -> Result<Answer, FetchError> {
        if Mailer::is_meant(webhook) {
            return self.mailer.send(webhook, delivery).await;
        }
        let url = &webhook.url;
        let (answer, broken_off) = match webhook.form {
            WebhookForm::Smsgate => {
                let (headers, body) = smsgate::request(webhook, delivery, now);
                self.fetcher.post(url, JSON, headers, body).await?
            }
            WebhookForm::Twilio => {
                let (headers, body) = twilio::request(webhook, delivery);
                self.fetcher.post(url, FORM, headers, body).await?
            }
            WebhookForm::Standard => {
                let headers = post::headers(webhook, delivery, now)
                    .map_err(|error| FetchError::Url(format!("it cannot be signed: {error}")))?;
                self.fetcher.post(url, JSON, headers, delivery.payload.clone()).await?
            }
        };
        match broken_off {
            // What is only shown may be cut short, and what is sent back may not.
            Some(error) if webhook.reply_with_body => Err(error),
            _ => Ok(answer),
        }
    }
}

/// How long to sleep when the next lane is due at `next`, after lanes were taken or none was.
fn sleep_for(next: Option<Timestamp>, now: Timestamp, took: bool) -> Duration {
    let least = if took { Duration::ZERO } else { WHILE_LOCKED };
    next.map_or(LONGEST_SLEEP, |next| next.since(now)).clamp(least, LONGEST_SLEEP)
}

/// Whether a lane's turn is over after so many events and so much time. One event is sent in any case.
fn is_over(sent: u32, worked: Duration) -> bool {
    sent >= A_TURN || (sent > 0 && worked >= LONGEST_TURN)
}

fn log(
    webhook: &Webhook,
    delivery: &WebhookDelivery,
    tried: &Result<Answer, FetchError>,
    next: &AfterTry,
) {
    let error = tried.as_ref().map_or_else(ToString::to_string, Answer::words);
    let (webhook, delivery) = (webhook.id, delivery.id);
    match next {
        AfterTry::Taken => {
            tracing::debug!(webhook.id = %webhook, delivery.id = %delivery, "a webhook took an event");
        }
        AfterTry::GivenUp(_) => tracing::info!(
            webhook.id = %webhook,
            delivery.id = %delivery,
            "an event for a webhook is given up: {error}"
        ),
        AfterTry::Wait(at) => tracing::info!(
            webhook.id = %webhook,
            delivery.id = %delivery,
            "a webhook failed: {error}; it is tried again at {at}"
        ),
        AfterTry::Disable(reason) => tracing::warn!(
            webhook.id = %webhook,
            "a webhook is disabled, and what waits for it is kept: {reason}"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lane_that_is_due_and_locked_is_not_asked_for_without_rest() {
        let now = Timestamp::from_micros(7_200_000_000);
        let past = Some(now.minus(Duration::from_secs(1)));
        assert_eq!(sleep_for(past, now, false), WHILE_LOCKED);
        assert_eq!(sleep_for(past, now, true), Duration::ZERO);
        let soon = Some(now.plus(Duration::from_secs(3)));
        assert_eq!(sleep_for(soon, now, false), Duration::from_secs(3));
        assert_eq!(sleep_for(None, now, false), LONGEST_SLEEP);
        assert_eq!(sleep_for(Some(now.plus(2 * LONGEST_SLEEP)), now, true), LONGEST_SLEEP);
    }

    #[test]
    fn a_turn_ends_by_number_and_by_time_and_has_one_event_at_least() {
        let moment = Duration::from_millis(1);
        assert!(!is_over(A_TURN - 1, moment));
        assert!(is_over(A_TURN, moment));
        assert!(is_over(1, LONGEST_TURN));
        assert!(!is_over(0, 2 * LONGEST_TURN));
    }
}
