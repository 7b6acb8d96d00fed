//! Reading from durable consumers: for ever, or what is there now.

use std::collections::VecDeque;
use std::marker::PhantomData;
use std::sync::atomic::Ordering;
use std::time::Duration;

use async_nats::jetstream::consumer::{PullConsumer, pull};
use futures_util::{FutureExt as _, StreamExt as _};
use tokio::sync::watch;

use crate::{Bus, Cause, Delivery, Durable, Payload, TopologyError, topology};

/// How long a pull stays open at the server: longer ones of a stopped client swallow messages.
const EXPIRES: Duration = Duration::from_secs(10);

/// How often the server says that a pull is still open.
const HEARTBEAT: Duration = Duration::from_secs(3);

/// How long [`Bus::fetch`] waits for messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// Not at all: what is there.
    None,
    /// Until one comes, at most this long (ten seconds are the most).
    UpTo(Duration),
}

/// Why nothing can be read.
#[derive(Debug, thiserror::Error)]
pub enum ConsumeError {
    /// The consumer is not right.
    #[error(transparent)]
    Topology(#[from] TopologyError),
    /// The broker did not answer the pull.
    #[error("cannot read from {durable}: {source}")]
    Pull {
        /// The consumer.
        durable: String,
        /// Why.
        #[source]
        source: Cause,
    },
    /// There is no connection.
    #[error("no connection to the broker")]
    NotConnected,
}

impl Bus {
    /// Sees that the consumer is there: for those that are made on first use.
    ///
    /// # Errors
    /// When it cannot be made.
    pub async fn ensure(&self, durable: &Durable) -> Result<(), TopologyError> {
        self.consumer(durable).await.map(|_| ())
    }

    /// Reads for ever. It goes on by itself when the broker comes back; what does not parse is kept as a
    /// dead letter and passed over.
    ///
    /// # Errors
    /// When the consumer cannot be made.
    pub async fn consume<T: Payload>(
        &self,
        durable: &Durable,
    ) -> Result<Deliveries<T>, ConsumeError> {
        let mut deliveries = Deliveries {
            connected: self.inner.connected.clone(),
            bus: self.clone(),
            durable: durable.clone(),
            pull: None,
            left: VecDeque::new(),
            wait: Duration::ZERO,
            value: PhantomData,
        };
        deliveries.open().await?;
        Ok(deliveries)
    }

    /// Reads at most `max` messages now.
    ///
    /// # Errors
    /// When the consumer cannot be made, or the broker does not answer.
    pub async fn fetch<T: Payload>(
        &self,
        durable: &Durable,
        max: usize,
        wait: Wait,
    ) -> Result<Vec<Delivery<T>>, ConsumeError> {
        if !self.is_connected() {
            return Err(ConsumeError::NotConnected);
        }
        let consumer = self.consumer(durable).await?;
        let failed = |source: Cause| ConsumeError::Pull { durable: durable.name(), source };
        let (messages, limit) = match wait {
            Wait::None => {
                (consumer.fetch().max_messages(max).messages().await, Duration::from_secs(5))
            }
            Wait::UpTo(time) => {
                let expires = time.clamp(Duration::from_millis(1), EXPIRES);
                let batch = consumer.batch().max_messages(max).expires(expires);
                (batch.messages().await, expires + Duration::from_secs(2))
            }
        };
        let mut messages = messages.map_err(|error| failed(Box::new(error)))?;
        let deadline = tokio::time::Instant::now() + limit;
        let mut all = Vec::new();
        loop {
            match tokio::time::timeout_at(deadline, messages.next()).await {
                Ok(Some(Ok(message))) => {
                    all.extend(self.decode(durable, message.message).await);
                    // One that was waited for is not held back for more that may come.
                    if matches!(wait, Wait::UpTo(_)) && all.len() < max {
                        while let Some(Some(Ok(more))) = messages.next().now_or_never() {
                            all.extend(self.decode(durable, more.message).await);
                        }
                        if !all.is_empty() {
                            return Ok(all);
                        }
                    }
                }
                Ok(None) => return Ok(all),
                Ok(Some(Err(error))) => {
                    self.forget(durable).await;
                    return if all.is_empty() { Err(failed(error)) } else { Ok(all) };
                }
                Err(elapsed) => {
                    self.forget(durable).await;
                    return if all.is_empty() { Err(failed(Box::new(elapsed))) } else { Ok(all) };
                }
            }
        }
    }

    async fn consumer(&self, durable: &Durable) -> Result<PullConsumer, TopologyError> {
        if let Some(known) = self.inner.consumers.read().await.get(durable) {
            return Ok(known.clone());
        }
        let replicas = self.inner.settings.replicas;
        let made = topology::ensure_durable(&self.inner.context, durable, replicas).await?;
        self.inner.consumers.write().await.insert(durable.clone(), made.clone());
        Ok(made)
    }

    /// It may be gone: look again next time.
    async fn forget(&self, durable: &Durable) {
        self.inner.consumers.write().await.remove(durable);
    }

    /// None when it was a dead letter.
    async fn decode<T: Payload>(
        &self,
        durable: &Durable,
        message: async_nats::Message,
    ) -> Option<Delivery<T>> {
        let delivery = Delivery::of(self, durable.stream(), message)?;
        let reason = match T::decode(&delivery.subject, &delivery.payload) {
            Ok(value) => return Some(delivery.with_value(value)),
            Err(reason) => reason,
        };
        let settled = if durable.keeps_dead_letters() {
            delivery.dead(&reason).await
        } else {
            tracing::debug!(subject = delivery.subject, "passing over a message: {reason}");
            delivery.receipt.term().await
        };
        if let Err(error) = settled {
            tracing::warn!("a message that does not parse stays in the queue for now: {error}");
        }
        None
    }
}

/// Deliveries without end: see [`Bus::consume`].
pub struct Deliveries<T> {
    bus: Bus,
    durable: Durable,
    connected: watch::Receiver<bool>,
    pull: Option<pull::Stream>,
    left: VecDeque<async_nats::Message>,
    wait: Duration,
    value: PhantomData<fn() -> T>,
}

impl<T> std::fmt::Debug for Deliveries<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Deliveries({:?})", self.durable)
    }
}

impl<T: Payload> Deliveries<T> {
    /// The next one. Safe to drop while it waits: nothing is lost. After the bus was drained it waits
    /// for ever.
    pub async fn next(&mut self) -> Delivery<T> {
        loop {
            let message = match self.left.pop_front() {
                Some(message) => message,
                None => self.receive().await,
            };
            if let Some(delivery) = self.bus.decode(&self.durable, message).await {
                return delivery;
            }
        }
    }

    /// The next one and what comes within `linger` after it, at most `max`: for readers that work in
    /// batches. Dropped while it waits, what it already had is given back.
    pub async fn batch(&mut self, max: usize, linger: Duration) -> Vec<Delivery<T>> {
        let mut all = vec![self.next().await];
        let deadline = tokio::time::Instant::now() + linger;
        while all.len() < max {
            match tokio::time::timeout_at(deadline, self.next()).await {
                Ok(delivery) => all.push(delivery),
                Err(_) => break,
            }
        }
        all
    }

    async fn receive(&mut self) -> async_nats::Message {
        loop {
            if self.bus.inner.draining.load(Ordering::Relaxed) {
                return std::future::pending().await;
            }
            let Some(pull) = &mut self.pull else {
                self.reopen().await;
                continue;
            };
            tokio::select! {
                biased;
                item = pull.next() => match item {
                    Some(Ok(message)) => return message.message,
                    Some(Err(error)) => {
                        tracing::debug!(durable = self.durable.name(), "the pull ended: {error}");
                        self.close().await;
                    }
                    None => self.close().await,
                },
                // The broker forgets open pulls when it dies; the client library would notice only by
                // a missing heartbeat.
                changed = self.connected.changed() => {
                    if changed.is_err() {
                        return std::future::pending().await;
                    }
                    self.close().await;
                }
            }
            if let Some(message) = self.left.pop_front() {
                return message;
            }
        }
    }

    /// Waits for the connection and pulls anew; on an error, waits a little longer each time.
    async fn reopen(&mut self) {
        if !self.wait.is_zero() {
            tokio::time::sleep(self.wait).await;
        }
        if self.connected.wait_for(|connected| *connected).await.is_err() {
            return std::future::pending().await;
        }
        match self.open().await {
            Ok(()) => self.wait = Duration::ZERO,
            Err(error) => {
                if self.wait.is_zero() {
                    tracing::warn!(durable = self.durable.name(), "{error}; trying again");
                }
                self.wait =
                    (self.wait * 2).clamp(Duration::from_millis(50), Duration::from_secs(5));
            }
        }
    }

    async fn open(&mut self) -> Result<(), ConsumeError> {
        self.connected.borrow_and_update();
        let consumer = self.bus.consumer(&self.durable).await?;
        let pull = consumer
            .stream()
            .max_messages_per_batch(self.durable.prefetch())
            .expires(EXPIRES)
            .heartbeat(HEARTBEAT)
            .messages()
            .await
            .map_err(|error| ConsumeError::Pull {
                durable: self.durable.name(),
                source: Box::new(error),
            })?;
        self.pull = Some(pull);
        Ok(())
    }

    /// Ends the pull, keeping what was already here.
    async fn close(&mut self) {
        self.left.extend(ready(&mut self.pull));
        self.pull = None;
        self.bus.forget(&self.durable).await;
    }
}

/// What has arrived and was not yet looked at.
fn ready(pull: &mut Option<pull::Stream>) -> Vec<async_nats::Message> {
    let mut all = Vec::new();
    if let Some(pull) = pull {
        while let Some(Some(Ok(message))) = pull.next().now_or_never() {
            all.push(message.message);
        }
    }
    all
}

impl<T> Drop for Deliveries<T> {
    fn drop(&mut self) {
        // What was asked for ahead goes back at once, not when its time is over.
        if tokio::runtime::Handle::try_current().is_ok() {
            self.left.extend(ready(&mut self.pull));
        }
        for message in self.left.drain(..) {
            drop(Delivery::of(&self.bus, self.durable.stream(), message));
        }
    }
}
