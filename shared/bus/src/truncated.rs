//! Streams that the broker brought back without their end.
//!
//! nats-server confirms a message a moment before it is on the disk. A power cut or a full disk may take messages from
//! the end of a stream that were confirmed, and even read: how far each consumer has read is kept in a file of its own.
//! The broker then counts on from the stream's end, and takes whatever is stored up to a consumer's place for read
//! already. That consumer never gets it, and a stream that keeps a message only until it was read drops it at once,
//! in silence.
//!
//! So after every connect, before anything is published, the stream is counted up to the places of its consumers with
//! probes, which nobody reads (see [`crate::health`]).
//!
//! Rejected: making the consumers anew, which delivers again what was read and forgets what was delivered and not
//! acknowledged, the very messages the drivers' journal knows by their place.

use std::time::Duration;

use async_nats::jetstream::context::{Context, GetStreamErrorKind};
use async_nats::jetstream::{self, ErrorCode};
use bytes::Bytes;
use futures_util::TryStreamExt as _;
use futures_util::future::try_join_all;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::item::delete;
use crate::pause::Backoff;
use crate::stream::probe_subject;
use crate::{Cause, Stream};

/// How many probes are on their way at one time.
const PIPELINE: u64 = 256;

/// How long the streams may not be there before that is said, and how often it is said after that.
const PATIENCE: Duration = Duration::from_secs(10);
const SAY_AGAIN: Duration = Duration::from_mins(1);

/// The connection as the client library tells of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Link {
    pub(crate) up: bool,
    /// How often it came up.
    pub(crate) number: u64,
}

impl Link {
    /// Notes that the connection came up. Whether that is news.
    pub(crate) fn comes_up(&mut self) -> bool {
        let is_news = !self.up;
        if is_news {
            *self = Self { up: true, number: self.number.wrapping_add(1) };
        }
        is_news
    }
}

/// Says that the connection may be used once its streams were looked at, after each connect, until the link is closed
/// for good.
pub(crate) async fn run(
    context: Context,
    mut link: watch::Receiver<Link>,
    connected: watch::Sender<bool>,
) {
    while let Ok(now) = link.wait_for(|link| link.up).await.map(|link| *link) {
        tokio::select! {
            () = count_up_with_patience(&context) => {}
            // Lost meanwhile: the next broker is looked at anew.
            gone = link.wait_for(|link| *link != now) => match gone {
                Ok(_) => continue,
                Err(_) => return,
            },
        }
        {
            // Held, so that a loss is noted before or after, not in between.
            let link = link.borrow();
            if *link == now {
                connected.send_if_modified(|connected| !std::mem::replace(connected, true));
            }
        }
        if link.wait_for(|link| *link != now).await.is_err() {
            return;
        }
    }
}

async fn count_up_with_patience(context: &Context) {
    // JetStream reads its store for a while after the server answers.
    let mut backoff = Backoff::of_millis(50, 2_000);
    let mut say_at = Instant::now() + PATIENCE;
    while let Err(error) = count_up_all(context).await {
        tracing::debug!("the streams cannot be looked at yet: {error}");
        if say_at <= Instant::now() {
            say_at += SAY_AGAIN;
            tracing::warn!(
                "NATS answers, but its streams cannot be looked at, so nothing is published yet: {error}. Look whether \
                 JetStream is well there, and whether the user may ask $JS.API.STREAM.INFO and $JS.API.CONSUMER.LIST"
            );
        }
        backoff.wait().await;
    }
}

/// Counts up each stream that ends before the place of one of its consumers.
async fn count_up_all(context: &Context) -> Result<(), Cause> {
    try_join_all(Stream::ALL.map(|stream| count_up(context, stream))).await.map(|_| ())
}

async fn count_up(context: &Context, stream: Stream) -> Result<(), Cause> {
    let found = match context.get_stream(stream.as_str()).await {
        Ok(found) => found,
        Err(error) => match error.kind() {
            // It is made after the first connect.
            GetStreamErrorKind::JetStream(why)
                if why.error_code() == ErrorCode::STREAM_NOT_FOUND =>
            {
                return Ok(());
            }
            _ => return Err(Box::new(error)),
        },
    };
    let read = |info: jetstream::consumer::Info| {
        info.delivered.stream_sequence.max(info.ack_floor.stream_sequence)
    };
    let furthest =
        found.consumers().try_fold(0, |most, info| async move { Ok(read(info).max(most)) }).await?;
    let end = found.cached_info().state.last_sequence;
    if furthest <= end {
        return Ok(());
    }
    tracing::error!(
        stream = stream.as_str(),
        missing = furthest - end,
        "the broker came back without the end of {}: its readers are {} messages further, as after a full disk or a \
         power cut. What nobody had read of these is lost; the stream goes on behind them",
        stream.as_str(),
        furthest - end,
    );
    metrics::counter!("merpati_nats_truncated_total", "stream" => stream.as_str())
        .increment(furthest - end);
    let mut last = end;
    while last < furthest {
        let missing = (furthest - last).min(PIPELINE);
        let probes = try_join_all((0..missing).map(|_| probe(context, stream))).await?;
        last = probes.iter().copied().max().unwrap_or(last).max(last);
        if stream != Stream::Request {
            try_join_all(probes.into_iter().map(|sequence| delete(context, stream, sequence)))
                .await?;
        }
    }
    Ok(())
}

/// Stores one message of no bytes, and says at which place.
async fn probe(context: &Context, stream: Stream) -> Result<u64, Cause> {
    let answer = context.publish(probe_subject(stream.as_str()), Bytes::new()).await?.await?;
    if answer.sequence == 0 {
        return Err("the broker does not store anything".into());
    }
    Ok(answer.sequence)
}
