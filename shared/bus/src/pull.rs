//! One pull at a time from a durable consumer.
//!
//! Own, because the client library's streams lose time and messages at their ends: after a restart of
//! the broker two readers of one stream are open for a moment, and what is in flight to a reader that
//! is dropped waits for its `ack_wait`. Here the subscription stays over restarts, and when the reader
//! goes, what has come is given back. (Only what the broker was writing at that very moment waits.)

use std::time::Duration;

use async_nats::StatusCode;
use async_nats::Subscriber;
use futures_util::{FutureExt as _, StreamExt as _};
use serde::Serialize;

use crate::{Bus, Cause, Delivery, Durable, Stream};

/// What came.
pub(crate) enum Came {
    /// A message.
    Message(async_nats::Message),
    /// The pull is still open.
    Heartbeat,
    /// The pull is over: nothing (more) came in its time.
    Over,
    /// The broker cannot serve it: the consumer is gone, or JetStream is not ready.
    Failed(String),
}

#[derive(Serialize)]
struct Request {
    batch: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<u64>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    no_wait: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    idle_heartbeat: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_bytes: Option<usize>,
}

/// A subscription for the answers, and the pull that is open.
pub(crate) struct Pull {
    bus: Bus,
    stream: Stream,
    api: String,
    inbox: String,
    subscriber: Option<Subscriber>,
    number: u64,
}

impl Pull {
    pub(crate) async fn new(bus: &Bus, durable: &Durable) -> Result<Self, Cause> {
        let inbox = bus.inner.client.new_inbox();
        let subscriber = bus.inner.client.subscribe(format!("{inbox}.*")).await?;
        let stream = durable.stream();
        Ok(Self {
            bus: bus.clone(),
            stream,
            api: format!("$JS.API.CONSUMER.MSG.NEXT.{}.{}", stream.as_str(), durable.name()),
            inbox,
            subscriber: Some(subscriber),
            number: 0,
        })
    }

    /// Asks for messages. `expires` none: only what is there. `ahead`: for use later, with a sign of life each so long, and
    /// at most so many bytes.
    pub(crate) async fn request(
        &mut self,
        batch: usize,
        expires: Option<Duration>,
        ahead: Option<(Duration, usize)>,
    ) -> Result<(), Cause> {
        let nanos = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        let request = Request {
            batch,
            expires: expires.map(nanos),
            no_wait: expires.is_none(),
            // What is answered at once has no signs of life.
            idle_heartbeat: expires.and(ahead).map(|(heartbeat, _)| nanos(heartbeat)),
            max_bytes: ahead.map(|(_, bytes)| bytes),
        };
        self.number += 1;
        let answers_to = format!("{}.{}", self.inbox, self.number);
        let payload = serde_json::to_vec(&request)?;
        self.bus
            .inner
            .client
            .publish_with_reply(self.api.clone(), answers_to, payload.into())
            .await?;
        Ok(())
    }

    /// The next thing that comes. Safe to drop while it waits.
    pub(crate) async fn next(&mut self) -> Came {
        loop {
            let Some(subscriber) = &mut self.subscriber else {
                return std::future::pending().await;
            };
            let Some(message) = subscriber.next().await else {
                // The connection was closed for good.
                return std::future::pending().await;
            };
            if let Some(came) = self.sort(message) {
                return came;
            }
        }
    }

    /// What has come already.
    pub(crate) fn ready(&mut self) -> Option<Came> {
        loop {
            let message = self.subscriber.as_mut()?.next().now_or_never()??;
            if let Some(came) = self.sort(message) {
                return Some(came);
            }
        }
    }

    /// None for what is said about a pull that was given up.
    fn sort(&self, message: async_nats::Message) -> Option<Came> {
        let status = match message.status {
            None | Some(StatusCode::OK) => return Some(Came::Message(message)),
            Some(status) => status,
        };
        let about = message.subject.rsplit('.').next().and_then(|number| number.parse().ok());
        if about != Some(self.number) {
            return None;
        }
        Some(match status {
            StatusCode::IDLE_HEARTBEAT => Came::Heartbeat,
            StatusCode::TIMEOUT | StatusCode::NOT_FOUND => Came::Over,
            // The next message does not fit into the bytes of this pull; it comes with the next one.
            StatusCode::REQUEST_TERMINATED
                if message.description.as_deref().is_some_and(|why| why.contains("MaxBytes")) =>
            {
                Came::Over
            }
            StatusCode::NO_RESPONDERS => Came::Failed("nobody answers for the consumer".to_owned()),
            other => Came::Failed(message.description.unwrap_or_else(|| other.to_string())),
        })
    }
}

impl Drop for Pull {
    fn drop(&mut self) {
        let Some(mut subscriber) = self.subscriber.take() else { return };
        if tokio::runtime::Handle::try_current().is_err() {
            return;
        }
        let (bus, stream) = (self.bus.clone(), self.stream);
        self.bus.inner.endings.spawn(async move {
            let rest = async {
                if subscriber.drain().await.is_err() {
                    return;
                }
                while let Some(message) = subscriber.next().await {
                    if matches!(message.status, None | Some(StatusCode::OK)) {
                        drop(Delivery::of(&bus, stream, message));
                    }
                }
            };
            // Without a connection the broker has forgotten the pull anyway.
            let _ = tokio::time::timeout(Duration::from_secs(2), rest).await;
        });
    }
}
