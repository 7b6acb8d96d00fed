//! A message that was delivered, and its receipt: settled, or given back when dropped.

use std::time::Duration;

use async_nats::HeaderMap;
use async_nats::jetstream::AckKind;
use bytes::Bytes;
use contracts::Timestamp;
use tokio::sync::{mpsc, oneshot};

use crate::{Bus, Cause, PublishError, Stream, trace};

/// What is said about a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ack {
    /// Done: it goes out of the work queue.
    Done,
    /// Deliver it again, now or after a while.
    Again(Option<Duration>),
    /// Still at it: the time for the ack begins anew.
    Progress,
    /// Never deliver it again.
    Never,
}

impl From<Ack> for AckKind {
    fn from(ack: Ack) -> Self {
        match ack {
            Ack::Done => Self::Ack,
            Ack::Again(delay) => Self::Nak(delay),
            Ack::Progress => Self::Progress,
            Ack::Never => Self::Term,
        }
    }
}

/// Why an acknowledgement did not get through. The broker will deliver the message again.
#[derive(Debug, thiserror::Error)]
pub enum AckError {
    /// The connection is closed, or the broker did not confirm.
    #[error("the acknowledgement was not confirmed by the broker: {0}")]
    Unconfirmed(#[source] Cause),
    /// The dead letter could not be kept; the message stays where it is.
    #[error("the message could not be kept as a dead letter: {0}")]
    DeadLetter(#[from] PublishError),
}

/// A message and its receipt. Dropped without a word, it is given back to the broker at once (after
/// repeated deliveries, a little later each time).
#[derive(Debug)]
pub struct Delivery<T> {
    /// What was sent.
    pub value: T,
    /// The subject it came on.
    pub subject: String,
    /// Its place in its stream.
    pub sequence: u64,
    /// When the broker stored it.
    pub stored_at: Timestamp,
    /// How often it was delivered; 1 is the first time.
    pub delivered: u64,
    /// The sender's trace context, as it stood in the header.
    pub traceparent: Option<String>,
    /// The bytes as they came.
    pub payload: Bytes,
    /// Settles it.
    pub receipt: Receipt,
}

impl<T> Delivery<T> {
    /// A span for handling it, the child of the sender's.
    pub fn span(&self, name: &'static str) -> tracing::Span {
        let span = tracing::info_span!(
            "handle",
            otel.name = name,
            otel.kind = "consumer",
            messaging.system = "nats",
            messaging.destination.name = self.subject,
        );
        if let Some(traceparent) = &self.traceparent {
            trace::follow(&span, traceparent);
        }
        span
    }

    /// Done. Fire and forget: see [`Delivery::double_ack`].
    ///
    /// # Errors
    /// When the connection is closed for good.
    pub async fn ack(self) -> Result<(), AckError> {
        self.receipt.ack().await
    }

    /// Done, and the broker has confirmed it: for what costs money when it is done twice.
    ///
    /// # Errors
    /// When no confirmation comes; it may be delivered again.
    pub async fn double_ack(self) -> Result<(), AckError> {
        self.receipt.double_ack().await
    }

    /// Deliver it again, now or after a while (under 30 s; longer waits leave the broker).
    ///
    /// # Errors
    /// When the connection is closed for good.
    pub async fn nak(self, delay: Option<Duration>) -> Result<(), AckError> {
        self.receipt.nak(delay).await
    }

    /// Still at it: the time for the ack begins anew.
    ///
    /// # Errors
    /// When the connection is closed for good.
    pub async fn progress(&self) -> Result<(), AckError> {
        self.receipt.progress().await
    }

    /// Give it up: a copy is kept in `SMS_DEAD` with the reason, and it is not delivered again.
    ///
    /// # Errors
    /// When the copy could not be kept; then it is delivered again.
    pub async fn dead(self, reason: &str) -> Result<(), AckError> {
        self.receipt.dead(&self.subject, self.payload, reason).await
    }

    /// Where its acks go: whoever has this text can settle it, also another process after a restart,
    /// by [`Bus::acknowledge`].
    pub fn ack_subject(&self) -> &str {
        self.receipt.ack_subject()
    }

    /// The value and the receipt apart.
    pub fn into_parts(self) -> (T, Receipt) {
        (self.value, self.receipt)
    }

    pub(crate) fn with_value<U>(self, value: U) -> Delivery<U> {
        Delivery {
            value,
            subject: self.subject,
            sequence: self.sequence,
            stored_at: self.stored_at,
            delivered: self.delivered,
            traceparent: self.traceparent,
            payload: self.payload,
            receipt: self.receipt,
        }
    }
}

impl Delivery<()> {
    /// None for what is no delivery of JetStream.
    pub(crate) fn of(bus: &Bus, stream: Stream, message: async_nats::Message) -> Option<Self> {
        let ack_subject = message.reply.as_ref()?.to_string();
        let traceparent = message.headers.as_ref().and_then(trace::extract).map(str::to_owned);
        let subject = message.subject.to_string();
        let payload = message.payload.clone();
        let message =
            async_nats::jetstream::Message { message, context: bus.inner.context.clone() };
        let info = message.info().ok()?;
        let delivered = u64::try_from(info.delivered).unwrap_or(1);
        let nanos = info.published.unix_timestamp_nanos();
        let stored_at = Timestamp::from_micros(i64::try_from(nanos / 1000).unwrap_or_default());
        let sequence = info.stream_sequence;
        Some(Self {
            value: (),
            subject,
            sequence,
            stored_at,
            delivered,
            traceparent,
            payload,
            receipt: Receipt {
                bus: bus.clone(),
                stream,
                sequence,
                delivered,
                ack_subject,
                settled: false,
            },
        })
    }
}

/// The right to settle a delivery. Dropped unsettled, the message is given back.
pub struct Receipt {
    bus: Bus,
    stream: Stream,
    sequence: u64,
    delivered: u64,
    ack_subject: String,
    settled: bool,
}

impl std::fmt::Debug for Receipt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Receipt({} {})", self.stream.as_str(), self.sequence)
    }
}

impl Receipt {
    /// See [`Delivery::ack`].
    ///
    /// # Errors
    /// When the connection is closed for good.
    pub async fn ack(mut self) -> Result<(), AckError> {
        self.say(Ack::Done).await
    }

    /// See [`Delivery::double_ack`].
    ///
    /// # Errors
    /// When no confirmation comes.
    pub async fn double_ack(mut self) -> Result<(), AckError> {
        self.settled = true;
        self.bus.acknowledge(&self.ack_subject, Ack::Done).await
    }

    /// See [`Delivery::nak`].
    ///
    /// # Errors
    /// When the connection is closed for good.
    pub async fn nak(mut self, delay: Option<Duration>) -> Result<(), AckError> {
        self.say(Ack::Again(delay)).await
    }

    /// See [`Delivery::progress`].
    ///
    /// # Errors
    /// When the connection is closed for good.
    pub async fn progress(&self) -> Result<(), AckError> {
        self.bus.tell(&self.ack_subject, Ack::Progress).await
    }

    /// Never deliver it again, without a dead letter: it was read and is of no use to this reader.
    ///
    /// # Errors
    /// When the connection is closed for good.
    pub async fn term(mut self) -> Result<(), AckError> {
        self.say(Ack::Never).await
    }

    /// See [`Delivery::dead`].
    ///
    /// # Errors
    /// When the copy could not be kept.
    pub async fn dead(
        mut self,
        subject: &str,
        payload: Bytes,
        reason: &str,
    ) -> Result<(), AckError> {
        let id = format!("dead:{}:{}", self.stream.as_str(), self.sequence);
        self.bus.bury(subject, payload, reason, &id).await?;
        self.say(Ack::Never).await
    }

    /// See [`Delivery::ack_subject`].
    pub fn ack_subject(&self) -> &str {
        &self.ack_subject
    }

    /// Lets go without giving it back: it is settled later by its ack subject, or delivered again when
    /// its time is over.
    pub fn leave(mut self) -> String {
        self.settled = true;
        std::mem::take(&mut self.ack_subject)
    }

    async fn say(&mut self, ack: Ack) -> Result<(), AckError> {
        self.settled = true;
        self.bus.tell(&self.ack_subject, ack).await
    }
}

impl Drop for Receipt {
    fn drop(&mut self) {
        if !self.settled {
            let delay = back_off(self.delivered);
            self.bus.inner.naks.give_back(std::mem::take(&mut self.ack_subject), delay);
        }
    }
}

/// None for the first time; then 100 ms, doubled each time, at most ten seconds, so that a message
/// that always fails does not spin.
fn back_off(delivered: u64) -> Option<Duration> {
    let doublings = u32::try_from(delivered.saturating_sub(2)).unwrap_or(u32::MAX).min(7);
    (delivered > 1).then(|| Duration::from_millis((100 << doublings).min(10_000)))
}

impl Bus {
    /// Settles a delivery by its ack subject, and waits for the broker's confirmation.
    ///
    /// # Errors
    /// When no confirmation comes.
    pub async fn acknowledge(&self, ack_subject: &str, ack: Ack) -> Result<(), AckError> {
        let payload: Bytes = AckKind::from(ack).into();
        let request = self.inner.client.request(ack_subject.to_owned(), payload);
        match tokio::time::timeout(Duration::from_secs(5), request).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(AckError::Unconfirmed(Box::new(error))),
            Err(elapsed) => Err(AckError::Unconfirmed(Box::new(elapsed))),
        }
    }

    /// Without confirmation.
    async fn tell(&self, ack_subject: &str, ack: Ack) -> Result<(), AckError> {
        let payload: Bytes = AckKind::from(ack).into();
        self.inner
            .client
            .publish(ack_subject.to_owned(), payload)
            .await
            .map_err(|error| AckError::Unconfirmed(Box::new(error)))
    }
}

/// Where dropped receipts go: dropping cannot wait, so a task sends for it.
#[derive(Debug, Clone)]
pub(crate) struct Naks(pub(crate) mpsc::UnboundedSender<GivenBack>);

#[derive(Debug)]
pub(crate) enum GivenBack {
    Nak(String, Option<Duration>),
    Flush(oneshot::Sender<()>),
}

impl Naks {
    fn give_back(&self, ack_subject: String, delay: Option<Duration>) {
        // Nobody listens any more only after the connection was drained.
        let _ = self.0.send(GivenBack::Nak(ack_subject, delay));
    }

    /// Returns when all that was given back so far is sent.
    pub(crate) async fn flushed(&self) {
        let (done, wait) = oneshot::channel();
        if self.0.send(GivenBack::Flush(done)).is_ok() {
            let _ = tokio::time::timeout(Duration::from_secs(5), wait).await;
        }
    }
}

/// Ends when the last [`Bus`] and the last receipt are gone.
pub(crate) async fn give_back(
    client: async_nats::Client,
    mut given_back: mpsc::UnboundedReceiver<GivenBack>,
) {
    while let Some(item) = given_back.recv().await {
        match item {
            GivenBack::Nak(subject, delay) => {
                if client.publish(subject, AckKind::Nak(delay).into()).await.is_err() {
                    tracing::debug!("a message could not be given back: the connection is closed");
                }
            }
            GivenBack::Flush(done) => {
                let _ = done.send(());
            }
        }
    }
}

/// The headers as the broker has them, none when there are none.
pub(crate) fn traceparent_of(headers: &HeaderMap) -> Option<String> {
    trace::extract(headers).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn giving_back_slows_down() {
        assert_eq!(back_off(1), None);
        assert_eq!(back_off(2), Some(Duration::from_millis(100)));
        assert_eq!(back_off(4), Some(Duration::from_millis(400)));
        assert_eq!(back_off(40), Some(Duration::from_secs(10)));
    }
}
