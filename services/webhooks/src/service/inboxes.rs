//! Services that put a message into the inboxes of accounts.
//!
//! What lies in an inbox of an account is a message that belongs to it. So each account gets a copy that is told as a message that
//! was received, with the account as its owner: whoever shows received messages, tells endpoints of them, or keeps conversations,
//! needs to know nothing of services. The copy has an id that is made of the message and the account, and a call that is over, so no
//! service takes it in turn.

use std::time::Duration;

use contracts::mo::MoReceived;
use contracts::{MessageId, UserId};
use keyword::addressed;
use keyword::reply::NoReply;
use store::{AfterCall, InboxOf, Reach, ServiceCall, StoreError};

use super::Caller;

/// How long the broker has to take a copy, and how long until it is tried again.
const PATIENCE: Duration = Duration::from_secs(5);

impl Caller {
    /// Puts a message into inboxes.
    pub(super) async fn into_inboxes(
        &self,
        call: &ServiceCall,
        inbox: &InboxOf,
    ) -> Result<AfterCall, StoreError> {
        let users = self.users(call, inbox).await?;
        if users.is_empty() {
            return match inbox.unknown.as_str() {
                "" => Ok(AfterCall::Done(Some(NoReply::NoAccount.to_string()))),
                text => self.after_text(call, text).await,
            };
        }
        let message = &call.message;
        // Who has the message already needs no copy.
        let others = users.into_iter().filter(|user| message.owner != Some(*user));
        let copies: Vec<MoReceived> = others.map(|user| copy(message, user)).collect();
        let ids: Vec<MessageId> = copies.iter().map(|copy| copy.id).collect();
        let now = self.clock.now();
        // Before they are told: else a service would take them.
        self.store.take_copies(call.service.id, message, &ids, now).await?;
        for copy in &copies {
            if let Err(error) = self.replier.bus.publish_within(copy, PATIENCE).await {
                tracing::warn!(callback.id = %call.id, "a copy is postponed: the broker did not take it: {error}");
                return Ok(AfterCall::Retry(now.plus(PATIENCE)));
            }
        }
        self.after_text(call, &inbox.reply).await
    }

    /// The accounts, as far as they are enabled.
    async fn users(&self, call: &ServiceCall, inbox: &InboxOf) -> Result<Vec<UserId>, StoreError> {
        let everybody = Reach::everything(call.service.org);
        if inbox.is_named() {
            let Some(name) = addressed::name(&call.message) else { return Ok(Vec::new()) };
            let user = self.store.find_user(everybody, &name).await?;
            return Ok(user.filter(|user| user.enabled).map(|user| user.id).into_iter().collect());
        }
        let mut users = Vec::with_capacity(inbox.users.len());
        for id in &inbox.users {
            let user = self.store.user(everybody, *id).await?;
            users.extend(user.filter(|user| user.enabled).map(|user| user.id));
        }
        Ok(users)
    }
}

/// The copy of a message that lies in the inbox of an account.
fn copy(message: &MoReceived, user: UserId) -> MoReceived {
    MoReceived {
        id: MessageId::of_copy(message.id, user),
        owner: Some(user),
        // What it asks the gateway for was done with the message.
        wish: None,
        ..message.clone()
    }
}
