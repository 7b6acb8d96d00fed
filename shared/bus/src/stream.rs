//! The streams: what each keeps, for how long, and how much of it.

use std::time::Duration;

use async_nats::jetstream::stream::{Config, DiscardPolicy, RetentionPolicy, StorageType};
use contracts::{Filter, Priority, Subject};

use crate::NatsConfig;

const DAY: Duration = Duration::from_hours(24);

contracts::named! {
    /// A stream.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum Stream {
        /// Requests, kept until router and persistence both have them.
        Request = "SMS_REQUEST",
        /// Admitted messages, waiting their account's turn.
        Wait = "SMS_WAIT",
        /// Messages to be sent now.
        Dispatch = "SMS_DISPATCH",
        /// What happened, for seven days.
        Event = "SMS_EVENT",
        /// What was given up, for people to look at.
        Dead = "SMS_DEAD",
    }
}

impl Stream {
    fn subjects(self) -> Vec<String> {
        let filters = match self {
            // One by one: a priority that does not exist is refused when it is published.
            Self::Request => Priority::ALL
                .into_iter()
                .flat_map(|each| [Subject::MtRequest(each), Subject::MtBatch(each)])
                .map(Filter::from)
                .collect(),
            Self::Wait => vec![Filter::MtWait],
            Self::Dispatch => vec![Filter::MtDispatch],
            Self::Event => vec![Filter::Events],
            Self::Dead => vec![Filter::Dead],
        };
        let subjects = filters.iter().map(Filter::to_string);
        subjects.chain([probe_subject(self.as_str())]).collect()
    }

    /// Its part of the bytes for all, in hundredths. A twentieth is left for the buckets.
    const fn share(self) -> u64 {
        match self {
            Self::Request => 20,
            Self::Wait => 40,
            Self::Dispatch | Self::Dead => 5,
            Self::Event => 25,
        }
    }

    /// How long the broker knows a message by its id.
    ///
    /// What is published into a stream of work follows from a delivery that comes again when its `ack_wait` is over
    /// (30 s at most), and the publish before may have taken [`crate::publish::PATIENCE`]: so the window is several times
    /// both, or the second publish would be stored beside the first. Events are kept once by their readers.
    const fn duplicate_window(self) -> Duration {
        match self {
            Self::Request | Self::Wait | Self::Dispatch => Duration::from_mins(2),
            Self::Event | Self::Dead => Duration::from_secs(30),
        }
    }

    pub(crate) fn config(self, settings: &NatsConfig) -> Config {
        let (retention, discard, max_age) = match self {
            Self::Request => (RetentionPolicy::Interest, DiscardPolicy::New, Duration::ZERO),
            Self::Wait | Self::Dispatch => {
                (RetentionPolicy::WorkQueue, DiscardPolicy::New, Duration::ZERO)
            }
            Self::Event => (RetentionPolicy::Limits, DiscardPolicy::Old, DAY * 7),
            Self::Dead => (RetentionPolicy::Limits, DiscardPolicy::Old, DAY * 90),
        };
        let max_bytes = settings.max_bytes.map_or(-1, |all| {
            i64::try_from(all / 100)
                .unwrap_or(i64::MAX / 100)
                .saturating_mul(i64::try_from(self.share()).unwrap_or(1))
        });
        Config {
            name: self.as_str().to_owned(),
            subjects: self.subjects(),
            retention,
            discard,
            max_age,
            max_bytes,
            max_messages: -1,
            max_messages_per_subject: -1,
            storage: StorageType::File,
            num_replicas: settings.replicas,
            duplicate_window: self.duplicate_window(),
            ..Config::default()
        }
    }
}

/// The subject of a stream's probes.
pub(crate) fn probe_subject(stream: &str) -> String {
    format!("sms.v1.probe.{stream}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shares_leave_room() {
        let all: u64 = Stream::ALL.iter().map(|stream| stream.share()).sum();
        assert_eq!(all, 95);
        let settings = NatsConfig { max_bytes: Some(1_000_000), ..NatsConfig::default() };
        assert_eq!(Stream::Wait.config(&settings).max_bytes, 400_000);
    }
}
