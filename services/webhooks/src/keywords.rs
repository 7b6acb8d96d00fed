//! Which keyword service takes a message.
//!
//! One service does, of those whose account may read the message and whose conditions it meets: the one that was made first of
//! those whose keyword is the first word of the message; when there is none, the first whose expression the text matches, by
//! their places; when there is none, the first whose keyword is `default`. A message whose beginning did not come is taken by
//! none, for its first word is not known: should the beginning come after all, the message is told again, and goes to the
//! right one then.

use contracts::Timestamp;
use contracts::mo::MoReceived;
use keyword::expression::Expressions;
use keyword::{first_word, is_beheaded, rule};
use store::{NewServiceCall, ServiceCall, Store, StoreError};

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
        if is_beheaded(message) {
            return Ok(None);
        }
        let word = first_word(message);
        for taken_by in self.store.services_for(message.org, &word).await? {
            if !rule::takes(&taken_by.service.rule, message, &self.expressions)
                || !self.store.may_read(taken_by.reach, message).await?
            {
                continue;
            }
            let service = taken_by.service;
            let message = message.clone();
            let new = NewServiceCall { service: service.id, message, next_at: held_until };
            let kept = self.store.create_service_call(&new, now).await?;
            return Ok(kept.map(|id| ServiceCall {
                id,
                service,
                message: new.message,
                reply: None,
                held_until,
                attempts: 0,
            }));
        }
        Ok(None)
    }
}
