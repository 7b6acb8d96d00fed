//! What is sent back to the senders of messages: how much of it, and what endpoints answered.
//!
//! A reply is a row before it is sent, and its id is made from the message that it answers. So a copy of the service that
//! is killed leaves a reply that the next copy sends, and a message that is answered twice has one reply.

use std::fmt;
use std::time::Duration;

use contracts::{Address, CallbackId, MessageId, OrgId, SimId, Timestamp, UserId, WebhookId};

use crate::engine::on_engine;
use crate::{Store, StoreError};

/// How many replies there may be since a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cap {
    /// How many.
    pub most: u32,
    /// Since when they are counted.
    pub since: Timestamp,
}

/// How many replies are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReplyCaps {
    /// To one sender, by all services and endpoints of an organisation.
    pub sender: Cap,
    /// How many messages of one sender are answered before the sender is taken for a machine, which is sent nothing back for a
    /// while.
    pub machine: Cap,
    /// By all services and endpoints of one account. None: as many as it likes.
    pub account: Option<Cap>,
}

/// What follows when a reply was to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AfterReply {
    /// Nothing: it was sent, or it is not to be for the reason in words.
    Over(Option<String>),
    /// It is sent at this time.
    Retry(Timestamp),
}

/// What an endpoint answered to a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The message that was received.
    pub message: MessageId,
    /// Who sent it.
    pub sender: Address,
    /// The SIM that received it.
    pub sim: SimId,
    /// The texts that are sent back, each with its id, or the reason in words why it is not.
    pub replies: Vec<(CallbackId, Result<ReplyText, String>)>,
    /// How many are sent at most.
    pub caps: ReplyCaps,
    /// When a reply is due for others, should its taker die.
    pub next_at: Timestamp,
}

/// A text that is sent back.
#[derive(Clone, PartialEq, Eq)]
pub struct ReplyText(pub String);

/// Leaves out the text.
impl fmt::Debug for ReplyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReplyText")
    }
}

/// A reply of an endpoint that is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookReply {
    /// The id.
    pub id: CallbackId,
    /// The endpoint.
    pub webhook: WebhookId,
    /// The organisation of the endpoint.
    pub org: OrgId,
    /// The account of the endpoint, which sends the reply.
    pub owner: UserId,
    /// Who sent the message.
    pub sender: Address,
    /// The SIM that received it.
    pub sim: SimId,
    /// The text.
    pub text: ReplyText,
    /// Until then the reply is the taker's.
    pub held_until: Timestamp,
}

impl Store {
    /// Takes replies of endpoints that are due at `now`, and puts each off by `lease`. A reply whose taker dies is due
    /// again after that time.
    pub async fn take_webhook_replies(
        &self,
        now: Timestamp,
        lease: Duration,
        limit: u32,
    ) -> Result<Vec<WebhookReply>, StoreError> {
        on_engine!(self, db => db.take_webhook_replies(now, lease, limit))
    }

    /// Puts off a taken reply from `held_until` to `until`. Returns false when the reply is somebody else's by now, or is
    /// over.
    pub async fn keep_webhook_reply(
        &self,
        reply: CallbackId,
        held_until: Timestamp,
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        on_engine!(self, db => db.keep_webhook_reply(reply, held_until, until))
    }

    /// Returns when the next reply of an endpoint is due, if one is.
    pub async fn next_webhook_reply_at(&self) -> Result<Option<Timestamp>, StoreError> {
        on_engine!(self, db => db.next_webhook_reply_at())
    }

    /// Keeps what follows when a reply of an endpoint was to be sent. What is over stays so.
    pub async fn settle_webhook_reply(
        &self,
        reply: CallbackId,
        after: &AfterReply,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        on_engine!(self, db => db.settle_webhook_reply(reply, after, at))
    }
}
