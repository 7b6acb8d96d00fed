//! Live hints: core subscriptions, which drop what comes too fast or while nobody listens, and what is told only by them.
//!
//! For pages that follow along and for waking up loops; never for what must not be lost.

use std::marker::PhantomData;

use contracts::{Filter, Subject};
use futures_util::StreamExt as _;
use serde::Serialize;

use crate::{Bus, Cause, Payload};

/// Why there is no subscription.
#[derive(Debug, thiserror::Error)]
#[error("cannot subscribe to {filter}: {source}")]
pub struct SubscribeError {
    filter: Filter,
    #[source]
    source: Cause,
}

/// Something that passed by.
#[derive(Debug, Clone)]
pub struct Hint<T> {
    /// The subject it came on.
    pub subject: String,
    /// What was sent.
    pub value: T,
}

/// Something that passed by and was not read yet: reading costs more than hearing, and not everybody who hears reads.
#[derive(Debug, Clone)]
pub struct Unread<T> {
    subject: String,
    payload: Box<[u8]>,
    value: PhantomData<fn() -> T>,
}

impl<T> Unread<T> {
    /// How many bytes it takes.
    pub fn len(&self) -> usize {
        self.payload.len()
    }

    /// Whether it has no bytes.
    pub fn is_empty(&self) -> bool {
        self.payload.is_empty()
    }
}

impl<T: Payload> Unread<T> {
    /// Reads it; none when it does not parse.
    pub fn read(&self) -> Option<T> {
        T::decode(&self.subject, &self.payload)
            .inspect_err(|reason| {
                tracing::debug!(subject = %self.subject, "passing over a hint: {reason}");
            })
            .ok()
    }
}

/// A subscription; it comes back by itself after the connection was lost.
pub struct Subscription<T> {
    inner: async_nats::Subscriber,
    value: PhantomData<fn() -> T>,
}

impl<T> std::fmt::Debug for Subscription<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Subscription")
    }
}

impl<T: Payload> Subscription<T> {
    /// The next one; what does not parse is passed over. None when the bus was drained.
    pub async fn next(&mut self) -> Option<Hint<T>> {
        loop {
            let unread = self.next_unread().await?;
            if let Some(value) = unread.read() {
                return Some(Hint { subject: unread.subject, value });
            }
        }
    }

    /// The next one, not read. None when the bus was drained.
    pub async fn next_unread(&mut self) -> Option<Unread<T>> {
        let message = self.inner.next().await?;
        Some(Unread {
            subject: message.subject.to_string(),
            // A copy: what was received shares its memory with everything else that was received at that time.
            payload: message.payload.as_ref().into(),
            value: PhantomData,
        })
    }
}

impl Bus {
    /// Tells whoever listens at this moment; nobody keeps it, and it may be lost.
    pub async fn hint<T: Serialize + Sync>(&self, subject: &Subject, value: &T) {
        // While it is away, the client would keep hints until it is back.
        if !self.is_connected() {
            return;
        }
        let told: Result<(), Cause> = async {
            let payload = serde_json::to_vec(value)?;
            Ok(self.inner.client.publish(subject.to_string(), payload.into()).await?)
        }
        .await;
        if let Err(error) = told {
            tracing::debug!(%subject, "a hint was lost: {error}");
        }
    }

    /// Listens to what is published from now on.
    ///
    /// # Errors
    /// When the connection is closed for good.
    pub async fn subscribe<T: Payload>(
        &self,
        filter: &Filter,
    ) -> Result<Subscription<T>, SubscribeError> {
        let failed = |source: Cause| SubscribeError { filter: filter.clone(), source };
        let inner = self
            .inner
            .client
            .subscribe(filter.to_string())
            .await
            .map_err(|error| failed(Box::new(error)))?;
        // The broker knows of it when this returns: what is published next is seen.
        self.inner.client.flush().await.map_err(|error| failed(Box::new(error)))?;
        Ok(Subscription { inner, value: PhantomData })
    }
}
