//! What was told of late: the events of one subject, read from the stream of events as far back as they matter.
//!
//! While they are read, nothing is released, or decided on, one-time passwords neither. So what is read has a bound, however much was told:
//! each event is handed on and forgotten, and of more than the bound the latest are read. Where they begin is found by halving the time, for
//! the broker says of any moment how much was told since. (Rejected: to read all of it and keep the last, for after a week of messages that
//! a limit holds it is millions.)

use std::time::Duration;

use async_nats::datetime::DateTime;
use async_nats::jetstream::consumer::{Consumer, DeliverPolicy, pull};
use async_nats::jetstream::stream::LastRawMessageErrorKind;
use async_nats::jetstream::{self, ErrorCode};
use bus::Stream;
use contracts::Subject;
use contracts::mt::MtEvent;
use futures_util::StreamExt as _;

/// What is read of the events at least: so far back from the last one there was.
const BEFORE_THE_LAST: Duration = Duration::from_mins(10);
/// The broker is taken not to answer when it says nothing for so long.
const SILENCE: Duration = Duration::from_secs(5);
/// How often the time is halved at most: a week to 36 ms, and ten minutes to 36 µs.
const HALVINGS: usize = 24;

/// How far back events are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// The minutes before the last of them.
    Minutes,
    /// These minutes, and all the time for which the oldest of what a stream has has been there: whatever was told of something that
    /// still stands there.
    Standing(Stream),
}

/// Why it is not known what was released or held.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RecallError {
    /// The last event cannot be found.
    #[error("cannot find the last event of a kind in the stream of events: {0}")]
    Last(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Events cannot be read from there on.
    #[error("cannot read the last events of a kind from the stream of events: {0}")]
    Events(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Since when something waits is not known.
    #[error("cannot see since when something waits: {0}")]
    Waiting(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The items to be sent cannot be looked at.
    #[error("cannot see what is to be sent: {0}")]
    Standing(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Reads the last events of one subject and hands each to `hear`: all within reach, or of more than twice `most` the latest, `most` at least.
/// What was read to `read_to` before is read no second time, but for some minutes. Returns to which time the events are read now.
pub(crate) async fn last_told(
    context: &jetstream::Context,
    subject: &Subject,
    reach: Reach,
    read_to: Option<DateTime>,
    most: u64,
    mut hear: impl FnMut(MtEvent) + Send,
) -> Result<Option<DateTime>, RecallError> {
    let subject = subject.to_string();
    let stream = context
        .get_stream_no_info(Stream::Event.as_str())
        .await
        .map_err(|error| RecallError::Last(error.into()))?;
    let last = match stream.get_last_raw_message_by_subject(&subject).await {
        Ok(last) => last,
        Err(error) if is_nothing(error.kind()) => return Ok(read_to),
        Err(error) => return Err(RecallError::Last(error.into())),
    };
    let oldest = match reach {
        Reach::Minutes => None,
        Reach::Standing(waiting) => {
            let waiting = context.get_stream(waiting.as_str()).await;
            let waiting = waiting.map_err(|error| RecallError::Waiting(error.into()))?;
            let state = &waiting.cached_info().state;
            (state.messages > 0).then_some(state.first_timestamp)
        }
    };
    let from = begin(last.time, oldest, read_to);
    let mut consumer = told_since(&stream, &subject, from).await?;
    if consumer.cached_info().num_pending > 2 * most {
        if reach != Reach::Minutes {
            tracing::warn!(
                "so much was told as {subject} since the oldest of what waits that only the last of it is read; what of the rest was not settled as its router was killed may go out twice"
            );
        }
        consumer = latest(&stream, &subject, (from, last.time), most, consumer).await?;
    }
    let mut events =
        consumer.messages().await.map_err(|error| RecallError::Events(error.into()))?;
    loop {
        let next = tokio::time::timeout(SILENCE, events.next()).await;
        let Some(event) = next.map_err(|error| RecallError::Events(error.into()))? else { break };
        let event = event.map_err(|error| RecallError::Events(error.into()))?;
        let sequence = event.info().map_err(RecallError::Events)?.stream_sequence;
        if let Ok(event) = serde_json::from_slice(&event.payload) {
            hear(event);
        }
        if sequence >= last.sequence {
            break;
        }
    }
    Ok(Some(last.time))
}

/// Since when events are read of which the last was told at `last`. What was read by a clock that was set back since then is read again.
fn begin(last: DateTime, oldest: Option<DateTime>, read_to: Option<DateTime>) -> DateTime {
    let minutes = last - BEFORE_THE_LAST;
    let from = oldest.map_or(minutes, |oldest| oldest.min(minutes));
    let read_to = read_to.filter(|read_to| *read_to <= last);
    read_to.map_or(from, |read_to| from.max(read_to - BEFORE_THE_LAST))
}

/// The events of a subject that were stored since then.
async fn told_since(
    stream: &jetstream::stream::Stream<()>,
    subject: &str,
    start_time: DateTime,
) -> Result<Consumer<pull::OrderedConfig>, RecallError> {
    let config = pull::OrderedConfig {
        deliver_policy: DeliverPolicy::ByStartTime { start_time },
        filter_subject: subject.to_owned(),
        ..Default::default()
    };
    stream.create_consumer(config).await.map_err(|error| RecallError::Events(error.into()))
}

/// The latest events of a subject, of which `all` were stored between the two times: `most` of them at least, and at most twice as many
/// unless they were stored in one moment. The broker removes the consumers that only counted.
async fn latest(
    stream: &jetstream::stream::Stream<()>,
    subject: &str,
    (mut from, mut to): (DateTime, DateTime),
    most: u64,
    all: Consumer<pull::OrderedConfig>,
) -> Result<Consumer<pull::OrderedConfig>, RecallError> {
    let mut found = all;
    for _ in 0..HALVINGS {
        if found.cached_info().num_pending <= 2 * most {
            break;
        }
        let middle = from + (to - from) / 2_i32;
        let later = told_since(stream, subject, middle).await?;
        if later.cached_info().num_pending >= most {
            (found, from) = (later, middle);
        } else {
            to = middle;
        }
    }
    Ok(found)
}

/// The broker has no (further) message there.
pub(crate) fn is_nothing(kind: LastRawMessageErrorKind) -> bool {
    match kind {
        LastRawMessageErrorKind::NoMessageFound => true,
        LastRawMessageErrorKind::JetStream(why) => why.error_code() == ErrorCode::NO_MESSAGE_FOUND,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use bus::{Bus, NatsConfig};
    use contracts::mt::{Gate, MtChange, MtRequest};
    use contracts::{MessageId, MtState, PhoneNumber, Timestamp};
    use testkit::NatsServer;

    use super::*;

    #[test]
    fn events_are_read_since_the_oldest_of_what_waits_and_no_second_time() {
        let at = |seconds: i128| async_nats::datetime::from_nanos(seconds * 1_000_000_000).unwrap();
        let last = at(100_000);
        assert_eq!(begin(last, None, None), at(99_400));
        assert_eq!(begin(last, Some(at(5_000)), None), at(5_000));
        assert_eq!(begin(last, Some(at(99_900)), None), at(99_400));
        assert_eq!(begin(last, Some(at(5_000)), Some(at(50_000))), at(49_400));
        assert_eq!(begin(last, Some(at(60_000)), Some(at(50_000))), at(60_000));
        assert_eq!(begin(last, None, Some(at(50_000))), at(99_400));
        assert_eq!(begin(last, Some(at(5_000)), Some(at(200_000))), at(5_000), "set back");
    }

    #[tokio::test]
    async fn of_more_than_the_bound_the_latest_are_read() {
        for program in testkit::nats_servers() {
            let server = NatsServer::start_program(program, "").await;
            let settings = NatsConfig::new(server.url(), server.user(), server.password());
            let stop = tokio_util::sync::CancellationToken::new();
            let bus = Bus::connect(&settings, "test", &stop).await.unwrap();
            let context = jetstream::new(bus.client().clone());
            let subject = Subject::MtEvent(MtState::Held);
            let nothing = last_told(&context, &subject, Reach::Minutes, None, 10, |_| {}).await;
            assert_eq!(nothing.unwrap(), None);

            let request = MtRequest::text(PhoneNumber::parse("888").unwrap(), "hi");
            let (at, until) = (Timestamp::from_micros(0), Timestamp::from_micros(1));
            let ids: Vec<MessageId> =
                (0..100).map(|n| MessageId::derived(&format!("{n}"))).collect();
            for id in &ids {
                let change = MtChange::Held { gate: Gate::Credit, until, tries: 0, round: 1 };
                bus.publish(&MtEvent::of(*id, &request, at, change)).await.unwrap();
            }
            for (reach, most) in [
                (Reach::Minutes, 10),
                (Reach::Standing(Stream::Wait), 10),
                (Reach::Minutes, 50),
                (Reach::Minutes, 1_000),
            ] {
                let mut heard = Vec::new();
                let hear = |event: MtEvent| heard.push(event.message);
                let read_to = last_told(&context, &subject, reach, None, most, hear).await.unwrap();
                assert!(read_to.is_some());
                let (count, most) = (heard.len(), usize::try_from(most).unwrap());
                assert!((most.min(100)..=most * 2).contains(&count), "{count} of {most}");
                assert_eq!(heard, ids[100 - count..], "the latest, in their order");
            }
        }
    }
}
