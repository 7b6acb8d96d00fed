//! What the service `webhooks` does with the calls of keyword services.

use std::fmt;
use std::time::Duration;

use contracts::mo::MoReceived;
use contracts::{CallbackId, GroupId, OrgId, PhoneNumber, ServiceId, Timestamp};

use crate::engine::on_engine;
use crate::{
    AfterReply, Answering, NewAsking, NewEntry, Reach, ReplyCaps, Service, Store, StoreError, Vote,
};

/// A service that may take a message, and what its owner may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenBy {
    /// The service.
    pub service: Service,
    /// What its owner may see.
    pub reach: Reach,
}

/// A call to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewServiceCall {
    /// The service.
    pub service: ServiceId,
    /// The message that it takes.
    pub message: MoReceived,
    /// When to try first.
    pub next_at: Timestamp,
}

/// A call that is to be made, or whose reply is to be sent.
#[derive(Clone, PartialEq, Eq)]
pub struct ServiceCall {
    /// The id of the call.
    pub id: CallbackId,
    /// The service, as it is now.
    pub service: Service,
    /// The message that it takes.
    pub message: MoReceived,
    /// The text that is to be sent back, once it is known.
    pub reply: Option<String>,
    /// Until then the call is the taker's.
    pub held_until: Timestamp,
    /// How many tries there were.
    pub attempts: u32,
}

/// Leaves out the texts.
impl fmt::Debug for ServiceCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, service, reply, attempts, .. } = self;
        write!(f, "ServiceCall({id} of {}, {}, {attempts})", service.id, reply.is_some())
    }
}

/// What a call does with the sender of a message and a group of contacts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joining {
    /// What the owner of the service may change.
    pub reach: Reach,
    /// The group.
    pub group: GroupId,
    /// The number of the sender.
    pub number: PhoneNumber,
    /// Whether the sender is put into the group, as a contact of whoever the group belongs to, or taken out of it.
    pub joins: bool,
}

/// What a call does with the rows of its account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServiceDeed {
    /// Puts the sender into a group of contacts, or takes it out.
    Join(Joining),
    /// Counts a vote.
    Vote(Vote),
    /// Keeps an answer, or a text of a board.
    Keep(NewEntry),
    /// Begins to ask the sender something.
    Ask(NewAsking),
    /// Keeps the answer to a question, and goes on to the next one. When another answer was first, nothing is done and the
    /// call stays as it is: it is due again.
    Answer(Answering),
    /// Ends what the sender is asked, because the sender leaves or sent the right code.
    End(CallbackId),
    /// Counts a code that is not the one which was sent.
    WrongCode(CallbackId),
}

/// One try to make a call.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CallAttempt {
    /// The status that the URL answered with, if it answered.
    pub http_status: Option<u16>,
    /// The error in words. None when the URL took the call.
    pub error: Option<String>,
}

/// What follows a try.
#[derive(Clone, PartialEq, Eq)]
pub enum AfterCall {
    /// Nothing follows; the words, if there are some, say why nothing is sent back.
    Done(Option<String>),
    /// Another try follows at this time.
    Retry(Timestamp),
    /// The call is given up.
    GiveUp,
    /// This text is sent back by the taker, unless it would be more than the caps allow. Should the taker die, the reply is
    /// due at `next_at`.
    Reply {
        /// The text.
        text: String,
        /// How many replies are sent.
        caps: ReplyCaps,
        /// When the reply is due for others.
        next_at: Timestamp,
    },
}

/// Leaves out the text.
impl fmt::Debug for AfterCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done(why) => write!(f, "Done({why:?})"),
            Self::Retry(at) => write!(f, "Retry({at})"),
            Self::GiveUp => f.write_str("GiveUp"),
            Self::Reply { caps, .. } => write!(f, "Reply({caps:?})"),
        }
    }
}

impl Store {
    /// Returns the services of enabled accounts that may take a message with this keyword, which is in small letters, in the
    /// order in which they are asked: those that have the keyword, oldest first; those with an expression, by their place; and
    /// those that take what no other takes. What else the message has to be, the caller asks.
    pub async fn services_for(
        &self,
        org: OrgId,
        keyword: &str,
    ) -> Result<Vec<TakenBy>, StoreError> {
        on_engine!(self, db => db.services_for(org, keyword))
    }

    /// Keeps a new call. Returns none when the message has one, when the service is gone, and when the call waits, because the
    /// organisation is isolated.
    pub async fn create_service_call(
        &self,
        new: &NewServiceCall,
        at: Timestamp,
    ) -> Result<Option<CallbackId>, StoreError> {
        on_engine!(self, db => db.create_service_call(new, at))
    }

    /// Takes calls that are due at `now`, and puts each off by `lease`. A call whose taker dies is due again after that
    /// time.
    pub async fn take_service_calls(
        &self,
        now: Timestamp,
        lease: Duration,
        limit: u32,
    ) -> Result<Vec<ServiceCall>, StoreError> {
        on_engine!(self, db => db.take_service_calls(now, lease, limit))
    }

    /// Puts off a taken call from `held_until` to `until`. Returns false when the call is somebody else's by now, or is
    /// over.
    pub async fn keep_service_call(
        &self,
        call: CallbackId,
        held_until: Timestamp,
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        on_engine!(self, db => db.keep_service_call(call, held_until, until))
    }

    /// Returns when the next call is due, if one is.
    pub async fn next_service_call_at(&self) -> Result<Option<Timestamp>, StoreError> {
        on_engine!(self, db => db.next_service_call_at())
    }

    /// Keeps a try, if there was one, and what follows. When the reply is known already, from another taker, nothing
    /// changes, whatever follows here: that one sends it. Returns whether a reply is to be sent: false when the sender was
    /// sent as many as it may be, or when the call was over before.
    pub async fn settle_service_call(
        &self,
        call: CallbackId,
        attempt: Option<&CallAttempt>,
        after: &AfterCall,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        on_engine!(self, db => db.settle_service_call(call, attempt, after, at))
    }

    /// Does what a call does with the rows of its account, and keeps what follows, in one transaction: once, however often the
    /// call is taken. When it cannot be done, the call is over with the reason. Returns whether a reply is to be sent.
    pub async fn settle_deed(
        &self,
        call: CallbackId,
        deed: &ServiceDeed,
        after: &AfterCall,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        on_engine!(self, db => db.settle_deed(call, deed, after, at))
    }

    /// Keeps what follows when the reply of a call, which is known, was to be sent. What is over stays so.
    pub async fn settle_service_reply(
        &self,
        call: CallbackId,
        after: &AfterReply,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        on_engine!(self, db => db.settle_service_reply(call, after, at))
    }
}
