//! What is in a bucket and what changes there.
//!
//! The client library's watch does not say when the present entries are through if the bucket is
//! empty, and sends a list of filters that 2.9 drops. So this is a reader of the bucket's stream:
//! one ordered consumer, opened anew whenever the connection was lost.

use std::marker::PhantomData;
use std::time::Duration;

use async_nats::jetstream::consumer::{DeliverPolicy, push};
use futures_util::StreamExt as _;
use serde::de::DeserializeOwned;
use tokio::sync::watch;

use crate::{Bucket, Bus, Cause};

/// Something about a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change<T> {
    /// A key has this value.
    Put {
        /// The key.
        key: String,
        /// Its value.
        value: T,
        /// Its revision.
        revision: u64,
    },
    /// A key was removed. An entry that went by its age is not told.
    Deleted {
        /// The key.
        key: String,
    },
    /// All that was there has been told. It comes again after the connection was lost, for then all
    /// is told again.
    Complete,
}

/// A watch on a bucket: [`crate::Kv::watch`].
pub struct Watch<T> {
    bus: Bus,
    bucket: Bucket,
    filter: String,
    connected: watch::Receiver<bool>,
    messages: Option<push::Ordered>,
    /// How many of the entries that were there are still to come; none: all were told.
    to_come: Option<u64>,
    value: PhantomData<fn() -> T>,
}

impl<T> std::fmt::Debug for Watch<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Watch({} {})", self.bucket.as_str(), self.filter)
    }
}

impl<T: DeserializeOwned> Watch<T> {
    pub(crate) async fn open(bus: Bus, bucket: Bucket, filter: &str) -> Result<Self, Cause> {
        let mut watch = Self {
            connected: bus.inner.connected.clone(),
            bus,
            bucket,
            filter: filter.to_owned(),
            messages: None,
            to_come: None,
            value: PhantomData,
        };
        watch.listen().await?;
        Ok(watch)
    }

    /// The next change. Safe to drop while it waits. Values that do not parse are passed over.
    pub async fn next(&mut self) -> Change<T> {
        loop {
            if self.to_come == Some(0) {
                self.to_come = None;
                return Change::Complete;
            }
            let Some(messages) = &mut self.messages else {
                self.listen_again().await;
                continue;
            };
            let message = tokio::select! {
                biased;
                item = messages.next() => match item {
                    Some(Ok(message)) => message,
                    Some(Err(error)) => {
                        tracing::debug!(bucket = self.bucket.as_str(), "the watch ended: {error}");
                        self.messages = None;
                        continue;
                    }
                    None => {
                        self.messages = None;
                        continue;
                    }
                },
                changed = self.connected.changed() => {
                    if changed.is_err() {
                        return std::future::pending().await;
                    }
                    self.messages = None;
                    continue;
                }
                // Entries that were counted can go by their age before they come.
                () = tokio::time::sleep(Duration::from_secs(1)), if self.to_come.is_some() => {
                    self.to_come = Some(0);
                    continue;
                }
            };
            let Ok(info) = message.info() else { continue };
            let (revision, pending) = (info.stream_sequence, info.pending);
            if let Some(left) = self.to_come {
                self.to_come = Some(if pending == 0 { 0 } else { left.saturating_sub(1) });
            }
            if let Some(change) = self.read(&message.message, revision) {
                return change;
            }
        }
    }

    fn read(&self, message: &async_nats::Message, revision: u64) -> Option<Change<T>> {
        let key =
            message.subject.strip_prefix(&format!("$KV.{}.", self.bucket.as_str()))?.to_owned();
        let operation = message.headers.as_ref().and_then(|headers| headers.get("KV-Operation"));
        if operation.is_some_and(|operation| matches!(operation.as_str(), "DEL" | "PURGE")) {
            return Some(Change::Deleted { key });
        }
        match serde_json::from_slice(&message.payload) {
            Ok(value) => Some(Change::Put { key, value, revision }),
            Err(error) => {
                tracing::warn!(
                    bucket = self.bucket.as_str(),
                    key,
                    "passing over an entry that is not the expected JSON: {error}"
                );
                None
            }
        }
    }

    async fn listen_again(&mut self) {
        if self.connected.wait_for(|connected| *connected).await.is_err() {
            return std::future::pending().await;
        }
        if let Err(error) = self.listen().await {
            tracing::debug!(bucket = self.bucket.as_str(), "cannot watch yet: {error}");
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    }

    async fn listen(&mut self) -> Result<(), Cause> {
        self.connected.borrow_and_update();
        let consumer = self
            .bus
            .inner
            .context
            .create_consumer_on_stream(
                push::OrderedConfig {
                    deliver_subject: self.bus.inner.client.new_inbox(),
                    filter_subject: format!("$KV.{}.{}", self.bucket.as_str(), self.filter),
                    deliver_policy: DeliverPolicy::LastPerSubject,
                    ..push::OrderedConfig::default()
                },
                self.bucket.stream_name(),
            )
            .await?;
        let info = consumer.cached_info();
        let present = info.num_pending.saturating_add(info.delivered.consumer_sequence);
        self.messages = Some(consumer.messages().await?);
        self.to_come = Some(present);
        Ok(())
    }
}
