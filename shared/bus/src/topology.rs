//! All streams, consumers and buckets, declared in one place and ensured by every service at start.
//!
//! Ensuring looks before it writes, so a service whose user may not change streams starts as long as
//! they are there. It only ever adds: a release that is one step behind must not take away subjects
//! the next one has added. What the broker echoes is compared with what was asked for, because 2.9
//! drops unknown settings in silence.
//!
//! `SMS_REQUEST` keeps a message while a consumer has not acked it, and drops one for which there is
//! no consumer; so its consumers are made right after it, before this process publishes anything.

use std::time::Duration;

use async_nats::jetstream::context::{
    Context, CreateStreamError, CreateStreamErrorKind, GetStreamErrorKind,
};
use async_nats::jetstream::stream::{
    Config, ConsumerErrorKind, DiscardPolicy, RetentionPolicy, StorageType,
};
use async_nats::jetstream::{ErrorCode, consumer};

use crate::stream::probe_subject;
use crate::{Bucket, Cause, Durable, NatsConfig, Stream};

impl Bucket {
    fn config(self, settings: &NatsConfig) -> Config {
        let max_age = self.max_age().unwrap_or_default();
        let window = Duration::from_secs(30);
        Config {
            name: self.stream_name(),
            subjects: vec![format!("$KV.{}.>", self.as_str()), probe_subject(&self.stream_name())],
            retention: RetentionPolicy::Limits,
            // What may be forgotten is, rather than that nothing new is remembered.
            discard: if self.max_entries().is_some() {
                DiscardPolicy::Old
            } else {
                DiscardPolicy::New
            },
            max_age,
            max_bytes: -1,
            max_messages: self.max_entries().unwrap_or(-1),
            max_messages_per_subject: 1,
            storage: StorageType::File,
            num_replicas: settings.replicas,
            duplicate_window: if max_age.is_zero() { window } else { window.min(max_age) },
            allow_rollup: true,
            deny_delete: true,
            allow_direct: true,
            ..Config::default()
        }
    }
}

/// Why the broker does not have what the services need.
#[derive(Debug, thiserror::Error)]
pub enum TopologyError {
    /// A stream or bucket cannot be looked at.
    #[error("cannot look at the stream {stream}: {source}")]
    Look {
        /// Its name.
        stream: String,
        /// Why.
        #[source]
        source: Cause,
    },
    /// A stream or bucket cannot be made or changed.
    #[error("cannot set up the stream {stream}: {source}")]
    SetUp {
        /// Its name.
        stream: String,
        /// Why.
        #[source]
        source: Cause,
    },
    /// The broker has other settings than were asked for.
    #[error(
        "{what} on the broker is not as it must be ({differences}). It was made by something else, \
         or the server does not know a setting; move its messages away and delete it, or use a server \
         that is 2.9.10 or newer"
    )]
    Differs {
        /// Which stream or consumer.
        what: String,
        /// Setting by setting.
        differences: String,
    },
    /// A consumer cannot be looked at or made.
    #[error("cannot set up the consumer {consumer} of {stream}: {source}")]
    Consumer {
        /// Its name.
        consumer: String,
        /// Its stream.
        stream: &'static str,
        /// Why.
        #[source]
        source: Cause,
    },
}

impl TopologyError {
    /// Waiting does not mend it: the broker has decided.
    pub(crate) fn is_final(&self) -> bool {
        match self {
            Self::Differs { .. } => true,
            Self::SetUp { source, .. } => {
                let kind = source.downcast_ref::<CreateStreamError>().map(CreateStreamError::kind);
                matches!(kind, Some(CreateStreamErrorKind::JetStream(why))
                    if why.error_code() == ErrorCode::STREAM_INVALID_CONFIG)
            }
            Self::Look { .. } | Self::Consumer { .. } => false,
        }
    }
}

/// Makes everything that is fixed, or sees that it is there.
pub(crate) async fn ensure_all(
    context: &Context,
    settings: &NatsConfig,
) -> Result<(), TopologyError> {
    for stream in Stream::ALL {
        ensure_stream(context, stream.config(settings)).await?;
        for durable in Durable::FIXED.iter().filter(|durable| durable.stream() == stream) {
            ensure_durable(context, durable, settings).await?;
        }
    }
    for bucket in Bucket::ALL {
        ensure_stream(context, bucket.config(settings)).await?;
    }
    Ok(())
}

async fn ensure_stream(context: &Context, wanted: Config) -> Result<(), TopologyError> {
    let stream = wanted.name.clone();
    let found = match context.get_stream(&stream).await {
        Ok(found) => found.cached_info().config.clone(),
        Err(error) => match error.kind() {
            GetStreamErrorKind::JetStream(why)
                if why.error_code() == ErrorCode::STREAM_NOT_FOUND =>
            {
                create_stream(context, &wanted).await?
            }
            _ => return Err(TopologyError::Look { stream, source: Box::new(error) }),
        },
    };
    let target = merged(&found, &wanted);
    if stream_differences(&found, &target).is_empty() {
        return Ok(());
    }
    tracing::info!(%stream, "changing the stream {stream}: {}", stream_differences(&found, &target));
    let echoed = context
        .update_stream(&target)
        .await
        .map_err(|source| TopologyError::SetUp {
            stream: stream.clone(),
            source: Box::new(source),
        })?
        .config;
    differ(format!("the stream {stream}"), stream_differences(&echoed, &target))
}

async fn create_stream(context: &Context, wanted: &Config) -> Result<Config, TopologyError> {
    let stream = wanted.name.clone();
    match context.create_stream(wanted).await {
        Ok(made) => {
            tracing::info!(%stream, "made the stream {stream}");
            let echoed = made.cached_info().config.clone();
            differ(format!("the stream {stream}"), stream_differences(&echoed, wanted))?;
            Ok(echoed)
        }
        // Another service made it just now, with the settings of its release.
        Err(error) => match context.get_stream(&stream).await {
            Ok(found) => Ok(found.cached_info().config.clone()),
            Err(_) => Err(TopologyError::SetUp { stream, source: Box::new(error) }),
        },
    }
}

/// What the stream should have: what it has, and what we need beyond that.
fn merged(found: &Config, wanted: &Config) -> Config {
    let mut target = wanted.clone();
    target.subjects.clone_from(&found.subjects);
    for subject in &wanted.subjects {
        if !target.subjects.contains(subject) {
            target.subjects.push(subject.clone());
        }
    }
    if wanted.max_bytes < 0 {
        target.max_bytes = found.max_bytes;
    }
    target.duplicate_window = wanted.duplicate_window.max(found.duplicate_window);
    target.placement.clone_from(&found.placement);
    target.republish.clone_from(&found.republish);
    target.description.clone_from(&found.description);
    target
}

fn stream_differences(found: &Config, wanted: &Config) -> String {
    let mut list = Differences::default();
    let mut here = found.subjects.clone();
    let mut there = wanted.subjects.clone();
    here.sort();
    there.sort();
    list.compare("subjects", &here, &there);
    list.compare("retention", &found.retention, &wanted.retention);
    list.compare("storage", &found.storage, &wanted.storage);
    list.compare("discard", &found.discard, &wanted.discard);
    list.compare("max_age", &found.max_age, &wanted.max_age);
    list.compare("max_bytes", &limit(found.max_bytes), &limit(wanted.max_bytes));
    list.compare("max_msgs", &limit(found.max_messages), &limit(wanted.max_messages));
    list.compare(
        "max_msgs_per_subject",
        &limit(found.max_messages_per_subject),
        &limit(wanted.max_messages_per_subject),
    );
    list.compare("num_replicas", &found.num_replicas, &wanted.num_replicas);
    list.compare("duplicate_window", &found.duplicate_window, &wanted.duplicate_window);
    list.compare("allow_rollup_hdrs", &found.allow_rollup, &wanted.allow_rollup);
    list.compare("deny_delete", &found.deny_delete, &wanted.deny_delete);
    list.compare("allow_direct", &found.allow_direct, &wanted.allow_direct);
    list.0.join("; ")
}

/// Sees that a consumer is there with its settings.
pub(crate) async fn ensure_durable(
    context: &Context,
    durable: &Durable,
    settings: &NatsConfig,
) -> Result<(), TopologyError> {
    let (stream, name) = (durable.stream().as_str(), durable.name());
    let wanted = durable.config(settings);
    let failed = |source: Cause| TopologyError::Consumer { consumer: name.clone(), stream, source };
    match context.get_consumer_from_stream::<consumer::pull::Config, _, _>(&name, stream).await {
        Ok(found) if consumer_differences(&found.cached_info().config, &wanted).is_empty() => {
            return Ok(());
        }
        Ok(_) => {}
        Err(error) => match error.kind() {
            ConsumerErrorKind::JetStream(why)
                if why.error_code() == ErrorCode::CONSUMER_NOT_FOUND => {}
            _ => return Err(failed(Box::new(error))),
        },
    }
    let made = context
        .create_consumer_on_stream(wanted.clone(), stream)
        .await
        .map_err(|error| failed(Box::new(error)))?;
    let differences = consumer_differences(&made.cached_info().config, &wanted);
    differ(format!("the consumer {name} of {stream}"), differences)
}

fn consumer_differences(found: &consumer::Config, wanted: &consumer::pull::Config) -> String {
    let mut list = Differences::default();
    list.compare("durable_name", &found.durable_name, &wanted.durable_name);
    list.compare("filter_subject", &found.filter_subject, &wanted.filter_subject);
    list.compare("ack_policy", &found.ack_policy, &wanted.ack_policy);
    list.compare("ack_wait", &found.ack_wait, &wanted.ack_wait);
    list.compare("max_ack_pending", &found.max_ack_pending, &wanted.max_ack_pending);
    list.compare("max_waiting", &found.max_waiting, &wanted.max_waiting);
    list.compare("max_deliver", &limit(found.max_deliver), &limit(wanted.max_deliver));
    list.0.join("; ")
}

/// Zero and below mean no limit, both ways.
fn limit(value: i64) -> i64 {
    if value <= 0 { -1 } else { value }
}

fn differ(what: String, differences: String) -> Result<(), TopologyError> {
    if differences.is_empty() { Ok(()) } else { Err(TopologyError::Differs { what, differences }) }
}

#[derive(Default)]
struct Differences(Vec<String>);

impl Differences {
    fn compare<T: PartialEq + std::fmt::Debug>(&mut self, name: &str, found: &T, wanted: &T) {
        if found != wanted {
            self.0.push(format!("{name} is {found:?}, wanted {wanted:?}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_published_after_a_redelivery_is_known_as_the_same() {
        let target = contracts::subject::Target::Pool(contracts::PoolId::default_pool());
        let normal = contracts::Priority::Normal;
        let waiting = Durable::Wait(contracts::UserId::internal(), normal, target);
        // From requests to what waits, and from what waits to what is sent now.
        for (reader, stream) in
            [(Durable::RouterRequests(normal), Stream::Wait), (waiting, Stream::Dispatch)]
        {
            let window = stream.config(&NatsConfig::default()).duplicate_window;
            assert!(
                window >= 2 * (reader.ack_wait() + crate::publish::PATIENCE),
                "{stream:?}: {window:?}"
            );
        }
    }

    #[test]
    fn subjects_of_a_later_release_are_kept() {
        let wanted = Stream::Dead.config(&NatsConfig::default());
        let mut found = wanted.clone();
        found.subjects.push("sms.v2.dead.>".to_owned());
        found.max_bytes = 5_000;
        let target = merged(&found, &wanted);
        assert_eq!(stream_differences(&found, &target), "");
    }
}
