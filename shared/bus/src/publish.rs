//! Publishing: awaited, with an id, tried again with the same id.

use std::time::Duration;

use async_nats::HeaderMap;
use async_nats::jetstream::context::PublishErrorKind;
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::publish::PublishAck;
use async_nats::jetstream::{self, ErrorCode};
use bytes::Bytes;
use contracts::Message;
use tokio::time::Instant;
use tracing::Instrument as _;

use crate::{Bus, Cause, trace};

/// How long [`Bus::publish`] tries.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// How long an answer may take before the message is sent again.
const ANSWER: Duration = Duration::from_secs(2);

/// The header of a dead letter that says why it was given up.
pub const REASON: &str = "Merpati-Reason";

/// The header of a dead letter with the subject it had.
pub const ORIGINAL_SUBJECT: &str = "Merpati-Subject";

/// How many of [`Bus::publish_all`] are on their way at one time.
const PIPELINE: usize = 256;

/// The broker's confirmation that it has a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Published {
    /// The message's place in its stream.
    pub sequence: u64,
    /// Whether the broker had the message already, published before with the same id.
    pub duplicate: bool,
}

/// Why a publish did not come to a good end.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// No answer came: **the message may be stored**. Publishing it again with the same id is safe.
    #[error("no answer from the broker for {subject} within {waited:?}; it may have the message")]
    Unknown {
        /// The subject.
        subject: String,
        /// How long was waited.
        waited: Duration,
    },
    /// There was no connection all the time: the message is not stored.
    #[error("no connection to the broker for {waited:?}; {subject} was not sent")]
    NotConnected {
        /// The subject.
        subject: String,
        /// How long was waited.
        waited: Duration,
    },
    /// The stream or the broker's disk is full: the message is not stored.
    #[error("the broker's store for {subject} is full")]
    Full {
        /// The subject.
        subject: String,
    },
    /// The message is larger than the broker takes.
    #[error("the message for {subject} is too large for the broker")]
    TooLarge {
        /// The subject.
        subject: String,
    },
    /// The broker refuses it: the message is not stored.
    #[error("the broker refuses {subject}: {source}")]
    Refused {
        /// The subject.
        subject: String,
        /// Why.
        #[source]
        source: Cause,
    },
    /// The message cannot be written as JSON.
    #[error("cannot write the message for {subject} as JSON: {source}")]
    Encode {
        /// The subject.
        subject: String,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
}

impl PublishError {
    /// Whether the broker may have the message all the same.
    pub const fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown { .. })
    }
}

/// A message ready to be sent, again and again with the same id.
#[derive(Clone)]
pub(crate) struct Outgoing {
    pub(crate) subject: String,
    pub(crate) payload: Bytes,
    pub(crate) headers: HeaderMap,
}

impl Outgoing {
    fn new<M: Message>(message: &M) -> Result<Self, PublishError> {
        let subject = message.subject().to_string();
        let payload = serde_json::to_vec(message)
            .map_err(|source| PublishError::Encode { subject: subject.clone(), source })?;
        let mut headers = HeaderMap::new();
        headers.insert(async_nats::header::NATS_MESSAGE_ID, message.msg_id().as_str());
        trace::inject(&mut headers);
        Ok(Self { subject, payload: payload.into(), headers })
    }

    fn message(&self) -> PublishMessage {
        PublishMessage::build().payload(self.payload.clone()).headers(self.headers.clone())
    }
}

impl Bus {
    /// Publishes and waits until the broker has it, ten seconds at most.
    ///
    /// Within that time it is sent again, with the same id, when no answer comes, so it is stored once.
    ///
    /// # Errors
    /// See [`PublishError`]; after [`PublishError::Unknown`] it may be stored.
    pub async fn publish<M: Message>(&self, message: &M) -> Result<Published, PublishError> {
        self.publish_within(message, PATIENCE).await
    }

    /// Like [`Bus::publish`], with its own patience.
    ///
    /// # Errors
    /// As [`Bus::publish`].
    pub async fn publish_within<M: Message>(
        &self,
        message: &M,
        patience: Duration,
    ) -> Result<Published, PublishError> {
        let subject = message.subject().to_string();
        let span = tracing::info_span!(
            "publish",
            otel.kind = "producer",
            messaging.system = "nats",
            messaging.destination.name = subject,
        );
        async {
            let outgoing = Outgoing::new(message)?;
            self.send(&outgoing, patience).await
        }
        .instrument(span)
        .await
    }

    /// Publishes many: all on their way at once, then all awaited. Their order is kept as long as none
    /// has to be sent again.
    ///
    /// # Errors
    /// The first that did not come to a good end; those before it are stored, and publishing all again
    /// with the same ids is safe.
    pub async fn publish_all<M: Message>(&self, messages: &[M]) -> Result<(), PublishError> {
        for chunk in messages.chunks(PIPELINE) {
            let mut pending = Vec::with_capacity(chunk.len());
            for message in chunk {
                let outgoing = Outgoing::new(message)?;
                let sent = if self.is_connected() {
                    let subject = outgoing.subject.clone();
                    self.inner.context.send_publish(subject, outgoing.message()).await.ok()
                } else {
                    None
                };
                pending.push((outgoing, sent));
            }
            for (outgoing, sent) in pending {
                let answered = match sent {
                    Some(answer) => answer.await.is_ok_and(|ack| ack.sequence > 0),
                    None => false,
                };
                if !answered {
                    self.send(&outgoing, PATIENCE).await?;
                }
            }
        }
        Ok(())
    }

    /// Keeps a message that was given up, with the reason, for people to look at.
    ///
    /// # Errors
    /// As [`Bus::publish`].
    pub async fn dead_letter(
        &self,
        original_subject: &str,
        payload: Bytes,
        reason: &str,
    ) -> Result<(), PublishError> {
        let id = contracts::EventId::new().to_string();
        self.bury(original_subject, payload, reason, &id).await
    }

    /// Like [`Bus::dead_letter`], with an id that makes it one even when it is told twice.
    pub(crate) async fn bury(
        &self,
        original_subject: &str,
        payload: Bytes,
        reason: &str,
        id: &str,
    ) -> Result<(), PublishError> {
        let one_line: String =
            reason.chars().map(|c| if c.is_control() { ' ' } else { c }).take(500).collect();
        tracing::warn!(subject = original_subject, "giving up a message: {one_line}");
        metrics::counter!("merpati_dead_letters_total").increment(1);
        let mut headers = HeaderMap::new();
        headers.insert(async_nats::header::NATS_MESSAGE_ID, id);
        headers.insert(REASON, one_line.as_str());
        headers.insert(ORIGINAL_SUBJECT, original_subject);
        trace::inject(&mut headers);
        let subject = contracts::subject::dead(original_subject);
        self.send(&Outgoing { subject, payload, headers }, PATIENCE).await.map(|_| ())
    }

    pub(crate) async fn send(
        &self,
        outgoing: &Outgoing,
        patience: Duration,
    ) -> Result<Published, PublishError> {
        let begun = Instant::now();
        let deadline = begun + patience;
        let subject = || outgoing.subject.clone();
        let mut sent_once = false;
        let mut last: Option<Cause> = None;
        loop {
            if !self.connected_before(deadline).await || Instant::now() >= deadline {
                let (subject, waited) = (subject(), begun.elapsed());
                return Err(match last {
                    _ if sent_once => PublishError::Unknown { subject, waited },
                    Some(source) => PublishError::Refused { subject, source },
                    None => PublishError::NotConnected { subject, waited },
                });
            }
            match self.attempt(outgoing, deadline).await {
                Ok(ack) => {
                    return Ok(Published { sequence: ack.sequence, duplicate: ack.duplicate });
                }
                Err(Attempt::NoAnswer) => {
                    sent_once = true;
                    self.doubt();
                    metrics::counter!("merpati_nats_unanswered_total").increment(1);
                }
                Err(Attempt::NotReady(why)) => {
                    last = Some(why);
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                Err(Attempt::Final(error)) => {
                    if matches!(error, PublishError::Full { .. }) {
                        self.doubt();
                    }
                    return Err(error);
                }
            }
        }
    }

    async fn attempt(&self, outgoing: &Outgoing, deadline: Instant) -> Result<PublishAck, Attempt> {
        let send = async {
            let sent =
                self.inner.context.send_publish(outgoing.subject.clone(), outgoing.message());
            sent.await?.await
        };
        let mut connected = self.inner.connected.clone();
        connected.borrow_and_update();
        let answer = tokio::select! {
            answer = send => answer,
            // The answer was lost with the connection.
            _ = connected.changed() => return Err(Attempt::NoAnswer),
            () = tokio::time::sleep_until(deadline.min(Instant::now() + ANSWER)) => {
                return Err(Attempt::NoAnswer);
            }
        };
        if let Ok(ack) = &answer
            && ack.sequence == 0
        {
            // A message has a number from 1 on. nats-server 2.15 says 0 when it could not write.
            return Err(Attempt::Final(PublishError::Full { subject: outgoing.subject.clone() }));
        }
        answer.map_err(|error| {
            let subject = outgoing.subject.clone();
            match error.kind() {
                PublishErrorKind::TimedOut
                | PublishErrorKind::BrokenPipe
                | PublishErrorKind::MaxAckPending => Attempt::NoAnswer,
                PublishErrorKind::MaxPayloadExceeded => {
                    Attempt::Final(PublishError::TooLarge { subject })
                }
                // Nobody answers for the subject while JetStream reads its store.
                PublishErrorKind::StreamNotFound => Attempt::NotReady(Box::new(error)),
                _ => refused(subject, Box::new(error)),
            }
        })
    }
}

/// What it says when a stream has as many bytes as it may have.
pub(crate) const MAX_BYTES: &str = "maximum bytes exceeded";

/// What the broker says of a limit that was set: there is no room, and all works as it should.
pub(crate) fn is_limit(text: &str) -> bool {
    let limits =
        [MAX_BYTES, "maximum messages exceeded", "insufficient", "resource limits exceeded"];
    limits.iter().any(|words| text.contains(words))
}

enum Attempt {
    NoAnswer,
    NotReady(Cause),
    Final(PublishError),
}

fn refused(subject: String, source: Cause) -> Attempt {
    match code_of(source.as_ref()) {
        // A limit that was set, or a disk that takes no more.
        Some(
            ErrorCode::STREAM_STORE_FAILED
            | ErrorCode::INSUFFICIENT_RESOURCES
            | ErrorCode::STORAGE_RESOURCES_EXCEEDED
            | ErrorCode::MEMORY_RESOURCES_EXCEEDED
            | ErrorCode::ACCOUNT_RESOURCES_EXCEEDED,
        ) => Attempt::Final(PublishError::Full { subject }),
        Some(ErrorCode::CLUSTER_NOT_AVAILABLE | ErrorCode::CLUSTER_NOT_LEADER) => {
            Attempt::NotReady(source)
        }
        _ => Attempt::Final(PublishError::Refused { subject, source }),
    }
}

/// The code of the broker's refusal, where it is among the causes of an error.
fn code_of(error: &(dyn std::error::Error + 'static)) -> Option<ErrorCode> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(refusal) = error.downcast_ref::<jetstream::Error>() {
            return Some(refusal.error_code());
        }
        cause = error.source();
    }
    None
}
