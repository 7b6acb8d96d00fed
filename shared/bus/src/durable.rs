//! The consumers that outlive their readers, each with its settings.

use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use contracts::subject::Target;
use contracts::{Filter, PoolId, Priority, SimId, Subject, UserId};

use crate::topology::Stream;

/// A durable consumer: it knows its stream, its name, what it reads and how long it waits for an ack.
///
/// Several processes may read from one: each message goes to one of them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Durable {
    /// The router's: requests of one priority.
    RouterRequests(Priority),
    /// Persistence's: all requests.
    PersistenceRequests,
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
    /// Persistence's: all events.
    PersistenceEvents,
    /// Webhooks': all events.
    WebhooksEvents,
}

impl Durable {
    /// Those that are made with their streams, before anything is published.
    pub const FIXED: [Self; 8] = [
        Self::RouterRequests(Priority::Otp),
        Self::RouterRequests(Priority::Normal),
        Self::RouterRequests(Priority::Bulk),
        Self::PersistenceRequests,
        Self::RouterMoParts,
        Self::RouterDeferred,
        Self::PersistenceEvents,
        Self::WebhooksEvents,
    ];

    /// The consumer of what is dispatched to a target.
    pub fn dispatch(target: &Target, priority: Priority) -> Self {
        match target {
            Target::Pool(pool) => Self::DispatchPool(pool.clone(), priority),
            Target::Sim(sim) => Self::DispatchSim(*sim, priority),
        }
    }

    /// The stream it reads.
    pub const fn stream(&self) -> Stream {
        match self {
            Self::RouterRequests(_) | Self::PersistenceRequests => Stream::Request,
            Self::Wait(..) => Stream::Wait,
            Self::DispatchPool(..) | Self::DispatchSim(..) => Stream::Dispatch,
            Self::RouterMoParts
            | Self::RouterDeferred
            | Self::PersistenceEvents
            | Self::WebhooksEvents => Stream::Event,
        }
    }

    /// Its name on the broker: letters, digits, `-` and `_`.
    pub fn name(&self) -> String {
        match self {
            Self::RouterRequests(priority) => format!("router-{priority}"),
            Self::PersistenceRequests | Self::PersistenceEvents => "persistence".to_owned(),
            Self::Wait(account, priority, Target::Pool(pool)) => {
                format!("{account}-{priority}-pool-{pool}")
            }
            Self::Wait(account, priority, Target::Sim(sim)) => {
                format!("{account}-{priority}-{sim}")
            }
            Self::DispatchPool(pool, priority) => format!("pool-{pool}-{priority}"),
            Self::DispatchSim(sim, priority) => format!("{sim}-{priority}"),
            Self::RouterMoParts => "router-mo-parts".to_owned(),
            Self::RouterDeferred => "router-deferred".to_owned(),
            Self::WebhooksEvents => "webhooks".to_owned(),
        }
    }

    /// The subjects it reads. No consumer reads all of its stream, which has probes too: see [`crate::Bus::healthy`].
    pub fn filter(&self) -> Filter {
        Filter::Only(match self {
            Self::RouterRequests(priority) => Subject::MtRequest(*priority),
            Self::Wait(account, priority, target) => {
                Subject::MtWait(*account, *priority, target.clone())
            }
            Self::DispatchPool(pool, priority) => {
                Subject::MtDispatch(Target::Pool(pool.clone()), *priority)
            }
            Self::DispatchSim(sim, priority) => Subject::MtDispatch(Target::Sim(*sim), *priority),
            Self::RouterMoParts => Subject::MoPart,
            Self::RouterDeferred => Subject::MtEvent(contracts::MtState::Deferred),
            Self::PersistenceRequests => return Filter::Mt,
            Self::PersistenceEvents | Self::WebhooksEvents => return Filter::Events,
        })
    }

    /// After this long without an ack or a sign of progress, the broker delivers again.
    pub const fn ack_wait(&self) -> Duration {
        match self {
            Self::RouterRequests(Priority::Otp)
            | Self::Wait(_, Priority::Otp, _)
            | Self::DispatchPool(_, Priority::Otp)
            | Self::DispatchSim(_, Priority::Otp) => Duration::from_secs(10),
            _ => Duration::from_secs(30),
        }
    }

    /// How many may be delivered and not yet acked; −1: any number. Shared by modems, so that a few slow
    /// ones (or delayed NAKs) do not stop the rest.
    pub(crate) const fn max_ack_pending(&self) -> i64 {
        match self {
            Self::Wait(..) | Self::DispatchPool(..) | Self::DispatchSim(..) => -1,
            Self::RouterRequests(_) | Self::RouterMoParts | Self::RouterDeferred => 1_000,
            Self::PersistenceRequests | Self::PersistenceEvents | Self::WebhooksEvents => 5_000,
        }
    }

    /// How many are asked for ahead of their use by [`crate::Bus::consume`].
    pub(crate) const fn prefetch(&self) -> usize {
        match self {
            Self::Wait(..) | Self::DispatchPool(..) | Self::DispatchSim(..) => 1,
            Self::RouterRequests(_) | Self::RouterMoParts | Self::RouterDeferred => 64,
            Self::PersistenceRequests | Self::PersistenceEvents | Self::WebhooksEvents => 500,
        }
    }

    /// What does not parse is kept as a dead letter by this reader. Persistence leaves requests to the
    /// router, which reads the same ones.
    pub(crate) const fn keeps_dead_letters(&self) -> bool {
        !matches!(self, Self::PersistenceRequests)
    }

    /// As the client library has it.
    pub(crate) fn config(&self, replicas: usize) -> pull::Config {
        pull::Config {
            durable_name: Some(self.name()),
            deliver_policy: DeliverPolicy::All,
            ack_policy: AckPolicy::Explicit,
            ack_wait: self.ack_wait(),
            filter_subject: self.filter().to_string(),
            max_ack_pending: self.max_ack_pending(),
            max_waiting: 8_192,
            num_replicas: replicas,
            ..pull::Config::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let mut names: Vec<_> = all.iter().map(|d| (d.stream().name(), d.name())).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all.len());
        for (_, name) in names {
            assert!(name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
        }
    }
}
