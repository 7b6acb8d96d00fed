//! The service: its parts, started and stopped together.

use std::sync::Arc;

use bus::{Bucket, Bus, ConsumeError, Durable, KvError};
use contracts::modem::ModemState;
use platform::config::Period;
use platform::{Clock, Shutdown};
use store::Store;
use tokio::sync::mpsc;
use tokio_util::task::TaskTracker;

use crate::address::{AllowList, ParseAllowedError};
use crate::courier::{self, Courier};
use crate::fetch::{Fetcher, SetupError};
use crate::notice::Notice;
use crate::numbers::Numbers;
use crate::resolver::{Guarded, Resolver, SystemResolver};
use crate::schedule::Schedule;

/// New callbacks on their way from the events to the courier.
const HANDED_OVER: usize = 256;

/// What the service needs.
#[derive(Clone)]
pub struct Deps {
    /// The broker.
    pub bus: Bus,
    /// The database.
    pub store: Store,
    /// The time of day.
    pub clock: Clock,
    /// Who knows the addresses of host names.
    pub resolver: Arc<dyn Resolver>,
}

impl Deps {
    /// With the clock and the resolver of the system.
    pub fn new(bus: Bus, store: Store) -> Self {
        Self { bus, store, clock: Clock::system(), resolver: Arc::new(SystemResolver) }
    }
}

/// Why the service could not start.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// `webhooks.allow` has an entry that is nothing.
    #[error(transparent)]
    Allow(#[from] ParseAllowedError),
    /// The HTTP client cannot be made.
    #[error(transparent)]
    Client(#[from] SetupError),
    /// The modems' states cannot be read.
    #[error("webhooks cannot read from the broker's buckets: {0}")]
    Bucket(#[from] KvError),
    /// Events cannot be read.
    #[error("webhooks cannot read the events: {0}")]
    Consume(#[from] ConsumeError),
}

/// Makes callbacks until the soft shutdown; fetches under way are finished before it returns.
///
/// For `https` URLs a rustls crypto provider must be installed in the process.
///
/// # Errors
/// When it cannot start. Once it runs, it waits for a broker or database that is gone.
pub async fn run(
    config: &platform::config::Webhooks,
    deps: Deps,
    shutdown: Shutdown,
) -> Result<(), RunError> {
    let Deps { bus, store, clock, resolver } = deps;
    let soft = shutdown.soft.clone();
    let guard = Guarded::new(resolver, AllowList::parse(&config.allow)?);
    let fetcher = Fetcher::new(guard, config.timeout.duration())?;
    let schedule = Schedule::new(config.retry.iter().copied().map(Period::duration).collect());
    let lease = courier::lease(config.timeout.duration());
    let courier = Courier::new(store.clone(), clock, fetcher, schedule, lease, config.concurrency);
    let states = bus.kv::<ModemState>(Bucket::Modems).await?.watch().await?;
    let events = bus.consume(&Durable::WebhooksEvents).await?;
    let (hand_over, handed_over) = mpsc::channel(HANDED_OVER);
    let numbers = Numbers::default();
    let notice = Notice { store, clock, numbers: numbers.clone(), courier: hand_over, lease };

    let tasks = TaskTracker::new();
    tasks.spawn(numbers.follow(states, soft.clone()));
    tasks.spawn(notice.run(events, soft.clone()));
    tasks.spawn(courier.run(handed_over, soft));
    tasks.close();
    tracing::info!("webhooks is ready");
    tokio::select! {
        () = tasks.wait() => tracing::info!("webhooks has stopped"),
        () = shutdown.hard.cancelled() => tracing::warn!("webhooks was told to stop at once"),
    }
    Ok(())
}
