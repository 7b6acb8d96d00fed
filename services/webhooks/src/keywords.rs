//! Which keyword service takes a message.
//!
//! One service does, of those whose account may read the message and whose conditions it meets: the one that was made first of
//! those whose keyword is the first word of the message; when there is none, the first whose expression the text matches, by
//! their places; when there is none, the first whose keyword is `default`. A message whose beginning did not come is taken by
//! none, for its first word is not known: should the beginning come after all, the message is told again, and goes to the
//! right one then.
//!
//! Before all that, what comes from a phone that a service asks something, at the SIM that it was asked from, is for that service: a
//! survey takes everything, and who waits for a code takes what could be one. A wish to be sent nothing is for neither.
//!
//! What comes from a number that is blocked is taken by none. That is asked here, of the database, and not of a setting that was
//! published: a message that comes right after the block is the block's already.

use contracts::mo::{MoReceived, Wish};
use contracts::{Address, Timestamp};
use keyword::expression::Expressions;
use keyword::{first_word, is_beheaded, rule, to_group};
use store::{NewServiceCall, Service, ServiceCall, Store, StoreError};

/// See the module.
pub(crate) struct Keywords {
    store: Store,
    expressions: Expressions,
}

impl Keywords {
    pub(crate) fn new(store: Store) -> Self {
        Self { store, expressions: Expressions::default() }
    }

    /// Keeps the call of the service that takes a message, which is the caller's until then. None: no service takes it,
    /// or it was taken before.
    pub(crate) async fn call(
        &self,
        message: &MoReceived,
        now: Timestamp,
        held_until: Timestamp,
    ) -> Result<Option<ServiceCall>, StoreError> {
        if is_beheaded(message) || self.store.is_blocked(message.org, &message.from).await? {
            return Ok(None);
        }
        if let Some(service) = self.asking(message, now).await? {
            return self.keep(service, message, now, held_until).await;
        }
        let word = first_word(message);
        for taken_by in self.store.services_for(message.org, &word).await? {
            if !rule::takes(&taken_by.service.rule, message, &self.expressions)
                || !self.store.may_read(taken_by.reach, message).await?
            {
                continue;
            }
            return self.keep(taken_by.service, message, now, held_until).await;
        }
        Ok(None)
    }

    /// The service that asks the sender of a message something which the message may answer.
    async fn asking(
        &self,
        message: &MoReceived,
        now: Timestamp,
    ) -> Result<Option<Service>, StoreError> {
        let Address::Number(sender) = &message.from else { return Ok(None) };
        if message.wish == Some(Wish::Stop) || message.text.is_none() {
            return Ok(None);
        }
        let asking = self.store.asking(message.org, message.sim, sender, now).await?;
        let Some((taken_by, asking)) = asking else { return Ok(None) };
        let may_answer = asking.code.is_none() || to_group::code(message).is_some();
        let takes = may_answer && self.store.may_read(taken_by.reach, message).await?;
        Ok(takes.then_some(taken_by.service))
    }

    /// Keeps the call of a service.
    async fn keep(
        &self,
        service: Service,
        message: &MoReceived,
        now: Timestamp,
        held_until: Timestamp,
    ) -> Result<Option<ServiceCall>, StoreError> {
        let message = message.clone();
        let new = NewServiceCall { service: service.id, message, next_at: held_until };
        let kept = self.store.create_service_call(&new, now).await?;
        Ok(kept.map(|id| ServiceCall {
            id,
            service,
            message: new.message,
            reply: None,
            held_until,
            attempts: 0,
        }))
    }
}
