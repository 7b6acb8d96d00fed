//! The consumers that outlive their readers, each with its settings.

use std::borrow::Cow;
use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use contracts::subject::Target;
use contracts::{Filter, MtState, PoolId, Priority, SimId, Subject, UserId};

use crate::{NatsConfig, Stream};

/// A durable consumer: it knows its stream, its name, what it reads and how long it waits for an ack.
///
/// Several processes may read from one: each message goes to one of them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Durable {
    /// The router's: requests of one priority.
    RouterRequests(Priority),
    /// The router's: requests of one priority for many recipients.
    RouterBatches(Priority),
    /// Persistence's: all requests. It passes over those of one-time passwords.
    PersistenceRequests,
    /// Persistence's: requests of one-time passwords.
    PersistenceOtpRequests,
    /// The router's: the waiting messages of one account and priority for one target. Made on first use.
    Wait(UserId, Priority, Target),
    /// The modem-drivers': what any modem of a pool may send. Made on first use.
    DispatchPool(PoolId, Priority),
    /// The modem-drivers': what one SIM must send. Made on first use.
    DispatchSim(SimId, Priority),
    /// The router's: parts of received messages.
    RouterMoParts,
    /// The router's: messages whose try failed (`mt.deferred`).
    RouterDeferred,
    /// Persistence's: all events. It passes over those that have the lane of one-time passwords.
    PersistenceEvents,
    /// Persistence's: events that have the lane of one-time passwords.
    PersistenceOtpEvents,
    /// Webhooks': all events. It passes over those that have the lane of one-time passwords.
    WebhooksEvents,
    /// Webhooks': events that have the lane of one-time passwords.
    WebhooksOtpEvents,
}

impl Durable {
    /// Those that are made with their streams, before anything is published.
    pub const FIXED: [Self; 14] = [
        Self::RouterRequests(Priority::Otp),
        Self::RouterRequests(Priority::Normal),
        Self::RouterRequests(Priority::Bulk),
        Self::RouterBatches(Priority::Otp),
        Self::RouterBatches(Priority::Normal),
        Self::RouterBatches(Priority::Bulk),
        Self::PersistenceRequests,
        Self::PersistenceOtpRequests,
        Self::RouterMoParts,
        Self::RouterDeferred,
        Self::PersistenceEvents,
        Self::PersistenceOtpEvents,
        Self::WebhooksEvents,
        Self::WebhooksOtpEvents,
    ];

    /// The consumer of what is dispatched to a target.
    pub fn dispatch(target: &Target, priority: Priority) -> Self {
        match target {
            Target::Pool(pool) => Self::DispatchPool(pool.clone(), priority),
            Target::Sim(sim) => Self::DispatchSim(*sim, priority),
        }
    }

    /// The stream it reads.
    pub fn stream(&self) -> Stream {
        self.terms().stream
    }

    /// Its name on the broker: letters, digits, `-` and `_`.
    pub fn name(&self) -> String {
        self.terms().name.into_owned()
    }

    /// The subjects it reads. No consumer reads all of its stream, which has probes too: see [`crate::Bus::healthy`].
    pub fn filter(&self) -> Filter {
        self.terms().filter
    }

    /// After this long without an ack or a sign of progress, the broker delivers again.
    pub fn ack_wait(&self) -> Duration {
        self.terms().ack_wait
    }

    /// How many are asked for ahead of their use by [`crate::Bus::consume`].
    pub(crate) fn prefetch(&self) -> usize {
        self.terms().load.prefetch
    }

    /// What does not parse is kept as a dead letter by this reader.
    pub(crate) fn keeps_dead_letters(&self) -> bool {
        self.terms().keeps_dead_letters
    }

    /// As the client library has it.
    pub(crate) fn config(&self, settings: &NatsConfig) -> pull::Config {
        let Terms { name, filter, begins, ack_wait, load, .. } = self.terms();
        let ack_wait = settings.ack_wait.map_or(ack_wait, |most| ack_wait.min(most));
        pull::Config {
            durable_name: Some(name.into_owned()),
            deliver_policy: begins,
            ack_policy: AckPolicy::Explicit,
            ack_wait,
            filter_subject: filter.to_string(),
            max_ack_pending: load.max_ack_pending,
            max_waiting: 8_192,
            num_replicas: settings.replicas,
            ..pull::Config::default()
        }
    }

    /// The table of all consumers: one entry each.
    fn terms(&self) -> Terms {
        use Stream::{Dispatch, Event, Request, Wait};
        match self {
            Self::RouterRequests(priority) => Terms {
                ack_wait: ack_wait(*priority),
                ..Terms::new(
                    Request,
                    format!("router-{priority}"),
                    Subject::MtRequest(*priority),
                    DECISIONS,
                )
            },
            Self::RouterBatches(priority) => Terms {
                ack_wait: ack_wait(*priority),
                ..Terms::new(
                    Request,
                    format!("router-batches-{priority}"),
                    Subject::MtBatch(*priority),
                    BATCHES,
                )
            },
            // Requests that do not parse are left to the router, which reads the same ones.
            Self::PersistenceRequests => Terms {
                keeps_dead_letters: false,
                ..Terms::new(Request, "persistence", Filter::Mt, ROWS)
            },
            // What does not parse is told by the reader of all.
            Self::PersistenceOtpRequests => Terms {
                keeps_dead_letters: false,
                ack_wait: ack_wait(Priority::Otp),
                ..Terms::new(Request, "persistence-otp", Filter::OtpRequests, ROWS)
            },
            Self::Wait(account, priority, target) => {
                let name = match target {
                    Target::Pool(pool) => format!("{account}-{priority}-pool-{pool}"),
                    Target::Sim(sim) => format!("{account}-{priority}-{sim}"),
                };
                let filter = Subject::MtWait(*account, *priority, target.clone());
                Terms { ack_wait: ack_wait(*priority), ..Terms::new(Wait, name, filter, ITEMS) }
            }
            Self::DispatchPool(pool, priority) => {
                let filter = Subject::MtDispatch(Target::Pool(pool.clone()), *priority);
                let name = format!("pool-{pool}-{priority}");
                Terms { ack_wait: ack_wait(*priority), ..Terms::new(Dispatch, name, filter, ITEMS) }
            }
            Self::DispatchSim(sim, priority) => {
                let filter = Subject::MtDispatch(Target::Sim(*sim), *priority);
                let name = format!("{sim}-{priority}");
                Terms { ack_wait: ack_wait(*priority), ..Terms::new(Dispatch, name, filter, ITEMS) }
            }
            Self::RouterMoParts => Terms::new(Event, "router-mo-parts", Subject::MoPart, DECISIONS),
            Self::RouterDeferred => {
                let filter = Subject::MtEvent(MtState::Deferred);
                Terms::new(Event, "router-deferred", filter, DECISIONS)
            }
            Self::PersistenceEvents => Terms::new(Event, "persistence", Filter::Events, ROWS),
            Self::PersistenceOtpEvents => Terms {
                keeps_dead_letters: false,
                ack_wait: ack_wait(Priority::Otp),
                ..Terms::new(Event, "persistence-otp", Filter::OtpEvents, ROWS)
            },
            Self::WebhooksEvents => Terms::new(Event, "webhooks", Filter::Events, ROWS),
            Self::WebhooksOtpEvents => Terms {
                keeps_dead_letters: false,
                ack_wait: ack_wait(Priority::Otp),
                ..Terms::new(Event, "webhooks-otp", Filter::OtpEvents, ROWS)
            },
        }
    }
}

/// All that a consumer is: an entry of [`Durable::terms`].
struct Terms {
    stream: Stream,
    name: Cow<'static, str>,
    filter: Filter,
    /// Where in its stream it begins when it is made. The broker never changes that of a consumer it has.
    begins: DeliverPolicy,
    ack_wait: Duration,
    load: Load,
    keeps_dead_letters: bool,
}

impl Terms {
    /// Those of a consumer that begins at the start of its stream, is in no hurry, and keeps what does not parse.
    fn new(
        stream: Stream,
        name: impl Into<Cow<'static, str>>,
        filter: impl Into<Filter>,
        load: Load,
    ) -> Self {
        Self {
            stream,
            name: name.into(),
            filter: filter.into(),
            begins: DeliverPolicy::All,
            ack_wait: ack_wait(Priority::Normal),
            load,
            keeps_dead_letters: true,
        }
    }
}

/// How much a consumer has at hand.
#[derive(Clone, Copy)]
struct Load {
    /// How many may be delivered and not yet acked; −1: any number.
    max_ack_pending: i64,
    /// How many are asked for ahead of their use.
    prefetch: usize,
}

/// One by one, by whoever is free: readers share the consumer, and a few slow ones (or delayed NAKs) must not stop the rest.
const ITEMS: Load = Load { max_ack_pending: -1, prefetch: 1 };
/// Each decided for itself, many at once.
const DECISIONS: Load = Load { max_ack_pending: 1_000, prefetch: 64 };
/// Each decided for itself, and each of them may be as large as the broker takes.
const BATCHES: Load = Load { max_ack_pending: 100, prefetch: 8 };
/// Written to the database in batches.
const ROWS: Load = Load { max_ack_pending: 5_000, prefetch: 500 };

const fn ack_wait(priority: Priority) -> Duration {
    match priority {
        Priority::Otp => Duration::from_secs(10),
        Priority::Normal | Priority::Bulk => Duration::from_secs(30),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_acknowledged_is_delivered_again_within_a_time_that_has_bounds() {
        let within = |seconds| {
            let settings = NatsConfig::default().redelivering_within(Duration::from_secs(seconds));
            [Durable::PersistenceOtpEvents, Durable::PersistenceEvents]
                .map(|durable| durable.config(&settings).ack_wait.as_secs())
        };
        assert_eq!(within(0), [5, 5]);
        assert_eq!(within(7), [7, 7]);
        assert_eq!(within(20), [10, 20]);
        assert_eq!(within(90), [10, 30], "never longer than without");
        let usual = Durable::PersistenceEvents.config(&NatsConfig::default()).ack_wait;
        assert_eq!(usual, Duration::from_secs(30));
    }

    #[test]
    fn names_are_distinct_within_a_stream() {
        let account = UserId::internal();
        let pool: PoolId = "default".parse().unwrap();
        let sim = SimId::derived("8962");
        let mut all = Durable::FIXED.to_vec();
        for priority in Priority::ALL {
            for target in [Target::Pool(pool.clone()), Target::Sim(sim)] {
                all.push(Durable::Wait(account, priority, target));
            }
            all.push(Durable::DispatchPool(pool.clone(), priority));
            all.push(Durable::DispatchSim(sim, priority));
        }
        let mut names: Vec<_> = all.iter().map(|d| (d.stream().as_str(), d.name())).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all.len());
        for (_, name) in names {
            assert!(name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
        }
    }
}
