//! Sends what is kept to be sent back, and says how much of it may be.

use std::time::Duration;

use bus::Bus;
use contracts::mt::{MtRequest, PrioritisedRequest};
use contracts::{CallbackId, MessageId, OrgId, PhoneNumber, Priority, SimId, Timestamp, UserId};
use keyword::reply::{self, NoReply, Question};
use platform::Clock;
use platform::config::Rate;
use store::{AfterReply, Cap, Reach, ReplyCaps, Store, StoreError, WebhookReply};

use crate::numbers::Numbers;

/// How long the broker has to take a reply.
const PATIENCE: Duration = Duration::from_secs(5);

/// What replies are sent with.
#[derive(Clone)]
pub(crate) struct Replier {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) bus: Bus,
    pub(crate) numbers: Numbers,
    /// For how long a reply is its taker's.
    pub(crate) lease: Duration,
    /// How many replies one sender is sent.
    pub(crate) replies: Rate,
    /// How many messages of one sender are answered before the sender is taken for a machine.
    pub(crate) machine: Rate,
    /// How many messages one account may send: as many replies, if any number.
    pub(crate) of_account: Option<Rate>,
    /// Of how many parts a message may be for the router; a longer reply would never go out.
    pub(crate) max_parts: u8,
}

/// A message that is sent back.
pub(crate) struct Outgoing<'a> {
    pub(crate) id: CallbackId,
    pub(crate) org: OrgId,
    pub(crate) owner: UserId,
    pub(crate) sim: SimId,
    pub(crate) to: PhoneNumber,
    pub(crate) text: &'a str,
}

impl Replier {
    /// How many replies there may be at a time.
    pub(crate) fn caps(&self, now: Timestamp) -> ReplyCaps {
        let cap = |rate: Rate| Cap { most: rate.count.get(), since: now.minus(rate.period) };
        ReplyCaps {
            sender: cap(self.replies),
            machine: cap(self.machine),
            account: self.of_account.map(cap),
        }
    }

    /// To whom a message is answered.
    pub(crate) async fn recipient(&self, question: Question<'_>) -> Result<PhoneNumber, NoReply> {
        let to = reply::recipient(question)?;
        if self.numbers.is_ours(&to).await { Err(NoReply::ToOurselves) } else { Ok(to) }
    }

    /// Why the sender of a message that came to a SIM is not answered by an account, if it is not. Without a reach, the
    /// account is disabled.
    pub(crate) async fn refusal(
        &self,
        question: Question<'_>,
        sim: SimId,
        (reach, owner): (Option<Reach>, UserId),
    ) -> Result<Option<NoReply>, StoreError> {
        if let Err(refused) = self.recipient(question).await {
            return Ok(Some(refused));
        }
        let may = match reach {
            Some(reach) => self.store.may_send_through(reach, owner, sim).await?,
            None => false,
        };
        Ok((!may).then_some(NoReply::SimNotYours))
    }

    /// Sends the reply of an endpoint that is at hand. Returns when it is tried again, if it is.
    pub(crate) async fn send(&self, reply: &WebhookReply) -> Option<Timestamp> {
        let done = async {
            // What else matters of the message was looked at before the reply was kept.
            let question =
                Question { from: &reply.sender, to: None, is_of_person: true, wish: None };
            let after = match self.recipient(question).await {
                Ok(to) => {
                    let WebhookReply { id, org, owner, sim, .. } = *reply;
                    let text = &reply.text.0;
                    self.publish(&Outgoing { id, org, owner, sim, to, text }).await?
                }
                Err(refused) => AfterReply::Over(Some(refused.to_string())),
            };
            self.store.settle_webhook_reply(reply.id, &after, self.clock.now()).await?;
            Ok::<_, StoreError>(after)
        };
        match done.await {
            Ok(AfterReply::Over(_)) => None,
            Ok(AfterReply::Retry(next)) => Some(next),
            Err(error) => {
                tracing::warn!(callback.id = %reply.id, "a reply is postponed: {error}");
                Some(self.clock.now().plus(self.lease))
            }
        }
    }

    /// Asks for a message to be sent, once however often this is done.
    pub(crate) async fn publish(&self, reply: &Outgoing<'_>) -> Result<AfterReply, StoreError> {
        let id = MessageId::of_reply(reply.id);
        // The broker knows it again for two minutes, the database for ever.
        let known = self.store.message_states(Reach::everything(reply.org), &[id]).await?;
        if known.contains_key(&id) {
            return Ok(AfterReply::Over(None));
        }
        let request = MtRequest {
            id: Some(id),
            org: reply.org,
            owner: reply.owner,
            created_at: Some(self.clock.now()),
            sim: Some(reply.sim),
            ..MtRequest::text(reply.to.clone(), reply.text)
        };
        let prioritised = PrioritisedRequest { priority: Priority::Normal, request: &request };
        if let Err(error) = self.bus.publish_within(&prioritised, PATIENCE).await {
            tracing::warn!(callback.id = %reply.id, "a reply is postponed: the broker did not take it: {error}");
            return Ok(AfterReply::Retry(self.clock.now().plus(PATIENCE)));
        }
        metrics::counter!("merpati_service_replies_total").increment(1);
        tracing::debug!(callback.id = %reply.id, message.id = %id, "a reply was sent back");
        Ok(AfterReply::Over(None))
    }
}
