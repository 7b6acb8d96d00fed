//! Single messages in streams, by their place: for the sweep after a restart, and for people.

use std::collections::HashMap;
use std::time::Duration;

use async_nats::jetstream::Context;
use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::consumer::pull;
use async_nats::jetstream::response::Response;
use async_nats::jetstream::stream::{ConsumerErrorKind, DeleteStatus, LastRawMessageErrorKind};
use bytes::Bytes;
use contracts::{Filter, Timestamp};
use futures_util::TryStreamExt as _;

use crate::delivery::traceparent_of;
use crate::publish::REASON;
use crate::{Bus, Cause, Durable, Payload, Stream};

/// How often it is looked whether a consumer has caught up.
const LOOK_EACH: Duration = Duration::from_millis(100);

/// Why a stream could not be read or changed.
#[derive(Debug, thiserror::Error)]
#[error("cannot {doing} of {stream}: {source}")]
pub struct ItemError {
    doing: &'static str,
    stream: &'static str,
    #[source]
    source: Cause,
}

/// A message as it is stored.
#[derive(Debug, Clone)]
pub struct Stored {
    /// Its place.
    pub sequence: u64,
    /// Its subject.
    pub subject: String,
    /// When it was stored.
    pub stored_at: Timestamp,
    /// Its bytes.
    pub payload: Bytes,
    /// Its sender's trace context.
    pub traceparent: Option<String>,
    /// Why it was given up: for dead letters.
    pub reason: Option<String>,
}

impl Stored {
    /// Reads its bytes.
    ///
    /// # Errors
    /// In words, when they are not what is expected.
    pub fn decode<T: Payload>(&self) -> Result<T, String> {
        T::decode(&self.subject, &self.payload)
    }
}

impl Bus {
    /// The message at a place of a stream; none when it is gone.
    ///
    /// # Errors
    /// When the broker does not answer.
    pub async fn item(&self, stream: Stream, sequence: u64) -> Result<Option<Stored>, ItemError> {
        let failed = failed("read a message", stream);
        let handle = self
            .inner
            .context
            .get_stream_no_info(stream.as_str())
            .await
            .map_err(|error| failed(Box::new(error)))?;
        let message = match handle.get_raw_message(sequence).await {
            Ok(message) => message,
            Err(error) => {
                let gone = match error.kind() {
                    LastRawMessageErrorKind::NoMessageFound => true,
                    LastRawMessageErrorKind::JetStream(why) => {
                        why.error_code() == ErrorCode::NO_MESSAGE_FOUND
                    }
                    _ => false,
                };
                return if gone { Ok(None) } else { Err(failed(Box::new(error))) };
            }
        };
        let micros = i64::try_from(message.time.unix_timestamp_nanos() / 1000).unwrap_or_default();
        Ok(Some(Stored {
            sequence: message.sequence,
            subject: message.subject.to_string(),
            stored_at: Timestamp::from_micros(micros),
            traceparent: traceparent_of(&message.headers),
            reason: message.headers.get(REASON).map(|reason| reason.as_str().to_owned()),
            payload: message.payload,
        }))
    }

    /// The first place of a stream at which a message may be: all before are gone.
    ///
    /// # Errors
    /// When the broker does not answer.
    pub async fn first_place(&self, stream: Stream) -> Result<u64, ItemError> {
        let failed = failed("see the beginning", stream);
        let handle = self.inner.context.get_stream(stream.as_str()).await;
        let handle = handle.map_err(|error| failed(Box::new(error)))?;
        Ok(handle.cached_info().state.first_sequence)
    }

    /// Removes the message at a place of a stream; false when it was gone already.
    ///
    /// Its bytes are not overwritten. Of a message that was, nats-server 2.9.10 keeps a ghost after a
    /// `kill -9`: it is counted, and can be neither read nor deleted for ever. One that was only taken out
    /// comes back whole, and can be taken out again.
    ///
    /// # Errors
    /// When the broker does not answer.
    pub async fn delete_item(&self, stream: Stream, sequence: u64) -> Result<bool, ItemError> {
        delete(&self.inner.context, stream, sequence).await
    }

    /// Waits until persistence has written every event that is stored now. May be dropped while it waits.
    ///
    /// # Errors
    /// When the broker does not answer.
    pub async fn history_caught_up(&self) -> Result<(), ItemError> {
        self.caught_up(&Durable::PersistenceOtpEvents).await?;
        self.caught_up(&Durable::PersistenceEvents).await
    }

    /// Waits until a consumer has acknowledged everything that its stream holds now. May be dropped while it waits.
    ///
    /// # Errors
    /// When the broker does not answer.
    pub async fn caught_up(&self, durable: &Durable) -> Result<(), ItemError> {
        let failed = failed("see how far a consumer is", durable.stream());
        let stream = self.inner.context.get_stream(durable.stream().as_str()).await;
        let stream = stream.map_err(|error| failed(Box::new(error)))?;
        let last = stream.cached_info().state.last_sequence;
        let consumer = stream.get_consumer::<pull::Config>(&durable.name()).await;
        let mut consumer = consumer.map_err(&failed)?;
        loop {
            let info = consumer.info().await.map_err(|error| failed(Box::new(error)))?;
            let read_all = info.num_pending == 0 && info.num_ack_pending == 0;
            if read_all || info.ack_floor.stream_sequence >= last {
                return Ok(());
            }
            tokio::time::sleep(LOOK_EACH).await;
        }
    }

    /// The names of all consumers of a stream.
    ///
    /// # Errors
    /// When the broker does not answer.
    pub async fn durables(&self, stream: Stream) -> Result<Vec<String>, ItemError> {
        let failed = failed("list the consumers", stream);
        let handle = self.inner.context.get_stream_no_info(stream.as_str()).await;
        let handle = handle.map_err(|error| failed(Box::new(error)))?;
        handle.consumer_names().try_collect().await.map_err(|error| failed(Box::new(error)))
    }

    /// How many messages each consumer of a stream has still to deliver, or has delivered and waits for an answer: by its
    /// name. One question for some hundred consumers.
    ///
    /// # Errors
    /// When the broker does not answer.
    pub async fn left_to_consumers(
        &self,
        stream: Stream,
    ) -> Result<HashMap<String, u64>, ItemError> {
        let failed = failed("see how far the consumers are", stream);
        let handle = self.inner.context.get_stream_no_info(stream.as_str()).await;
        let handle = handle.map_err(|error| failed(Box::new(error)))?;
        let left = handle.consumers().map_ok(|info| {
            let left = info.num_pending.saturating_add(info.num_ack_pending as u64);
            (info.name, left)
        });
        left.try_collect().await.map_err(|error| failed(Box::new(error)))
    }

    /// Removes a consumer; nothing happens when there is none. What it would have delivered stays in the stream, and
    /// the consumer is made again by whoever reads with it next.
    ///
    /// # Errors
    /// When the broker does not answer.
    pub async fn remove_durable(&self, durable: &Durable) -> Result<(), ItemError> {
        let stream = durable.stream();
        let failed = failed("remove a consumer", stream);
        self.forget(durable).await;
        let context = &self.inner.context;
        match context.delete_consumer_from_stream(durable.name(), stream.as_str()).await {
            Ok(_) => Ok(()),
            Err(error) => match error.kind() {
                ConsumerErrorKind::JetStream(why)
                    if why.error_code() == ErrorCode::CONSUMER_NOT_FOUND =>
                {
                    Ok(())
                }
                _ => Err(failed(Box::new(error))),
            },
        }
    }

    /// How many messages each subject of a stream has.
    ///
    /// # Errors
    /// When the broker does not answer.
    pub async fn subject_counts(&self, stream: Stream) -> Result<HashMap<String, u64>, ItemError> {
        let failed = failed("count the messages", stream);
        let handle = self
            .inner
            .context
            .get_stream_no_info(stream.as_str())
            .await
            .map_err(|error| failed(Box::new(error)))?;
        let counts = handle
            .info_with_subjects(Filter::All.to_string())
            .await
            .map_err(|error| failed(Box::new(error)))?;
        counts
            .map_ok(|(subject, count)| (subject, count as u64))
            .try_collect()
            .await
            .map_err(|error| failed(Box::new(error)))
    }
}

/// See [`Bus::delete_item`].
pub(crate) async fn delete(
    context: &Context,
    stream: Stream,
    sequence: u64,
) -> Result<bool, ItemError> {
    let failed = failed("delete a message", stream);
    let subject = format!("STREAM.MSG.DELETE.{}", stream.as_str());
    let wanted = serde_json::json!({ "seq": sequence, "no_erase": true });
    let response: Response<DeleteStatus> =
        context.request(subject, &wanted).await.map_err(|error| failed(Box::new(error)))?;
    match response {
        Response::Ok(status) => Ok(status.success),
        Response::Err { error }
            if matches!(
                error.error_code(),
                ErrorCode::NO_MESSAGE_FOUND
                    | ErrorCode::SEQUENCE_NOT_FOUND
                    | ErrorCode::STREAM_MESSAGE_DELETE_FAILED
            ) =>
        {
            Ok(false)
        }
        Response::Err { error } => Err(failed(Box::new(error))),
    }
}

pub(crate) fn failed(doing: &'static str, stream: Stream) -> impl Fn(Cause) -> ItemError {
    move |source| ItemError { doing, stream: stream.as_str(), source }
}
