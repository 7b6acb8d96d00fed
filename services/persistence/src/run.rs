//! The service: its parts, started and stopped together.

use std::sync::Arc;

use bus::{Bus, ConsumeError, Durable, Event, Requested};
use platform::{Clock, Config, Disk, Shutdown};
use store::{ScheduleBounds, SchemaError, Store};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::alarm::Alarm;
use crate::alerts::Watcher;
use crate::batch::Lane;
use crate::credit::Bank;
use crate::due::Due;
use crate::outage::Outage;
use crate::{batch, indexing, retention, schedules};

/// What persistence needs.
#[derive(Debug, Clone)]
pub struct Deps {
    /// The broker.
    pub bus: Bus,
    /// The database, its tables made.
    pub store: Store,
    /// The time of day.
    pub clock: Clock,
    /// The disk of the data folder, where broker or database are on it.
    pub disk: Option<Disk>,
}

/// Why persistence could not start.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The tables are older than this version.
    #[error("{0}; run: merpati database migrate")]
    Schema(#[source] SchemaError),
    /// Requests or events cannot be read.
    #[error("persistence cannot read its queues: {0}")]
    Consume(#[from] ConsumeError),
    /// One of its parts panicked.
    #[error("a part of persistence broke, which is a mistake in merpati: {0}")]
    Broke(#[source] tokio::task::JoinError),
}

/// Runs persistence until the soft shutdown; the batch in hand is finished before it returns.
///
/// # Errors
/// When it cannot start. Once it runs, it waits for a broker or a database that is gone.
pub async fn run(config: &Config, deps: Deps, shutdown: Shutdown) -> Result<(), RunError> {
    let Deps { bus, store, clock, disk } = deps;
    let soft = shutdown.soft.clone();
    let mut outage = Outage::new("starting");
    while let Err(error) = store.check_schema().await {
        match error {
            SchemaError::Store(error) if error.is_temporary() => {
                if outage.pause(&error, &soft).await.is_err() {
                    return Ok(());
                }
            }
            error => return Err(RunError::Schema(error)),
        }
    }
    outage.over();
    let alarm = Arc::new(Alarm::default());
    let wordless = Arc::new(Notify::new());
    let requests = bus.consume::<Requested>(&Durable::PersistenceRequests).await?;
    let events = bus.consume::<Event>(&Durable::PersistenceEvents).await?;
    let otp_requests = bus.consume::<Requested>(&Durable::PersistenceOtpRequests).await?;
    let otp_events = bus.consume::<Event>(&Durable::PersistenceOtpEvents).await?;

    // Its own set: it returns when they have ended, and leaves none behind.
    let mut tasks = JoinSet::new();
    let writer = batch::Writer {
        bus: bus.clone(),
        store: store.clone(),
        clock,
        alarm: Arc::clone(&alarm),
        wordless: Arc::clone(&wordless),
        expire_after: config.router.expire_after.duration(),
    };
    tasks.spawn(writer.clone().run(Lane::Otp, otp_requests, soft.clone()));
    tasks.spawn(writer.clone().run(Lane::Otp, otp_events, soft.clone()));
    tasks.spawn(writer.clone().run(Lane::Others, requests, soft.clone()));
    tasks.spawn(writer.run(Lane::Others, events, soft.clone()));
    let bank = Bank {
        bus: bus.clone(),
        store: store.clone(),
        clock,
        alarm: Arc::clone(&alarm),
        given: Arc::new(Notify::new()),
    };
    tasks.spawn(bank.clone().give(soft.clone()));
    tasks.spawn(bank.close(soft.clone()));
    tasks.spawn(schedules::listen(bus.clone(), clock, Arc::clone(&alarm), soft.clone()));
    let watcher = Watcher {
        bus: bus.clone(),
        store: store.clone(),
        clock,
        disk,
        config: config.alerts.clone(),
    };
    tasks.spawn(watcher.run(soft.clone()));
    let within = ScheduleBounds {
        expire_after: config.router.expire_after.duration(),
        of_account: config.limits.user_messages.map(|rate| (rate.count.get(), rate.period)),
    };
    let told = Arc::clone(&wordless);
    let plan = config.numbers.plan();
    let due = Due { bus, store: store.clone(), clock, alarm, within, plan, wordless: told };
    tasks.spawn(due.run(soft.clone()));
    tasks.spawn(indexing::run(store.clone(), wordless, soft.clone()));
    tasks.spawn(retention::run(config.retention.clone(), store, clock, soft));
    tracing::info!("persistence is ready");
    loop {
        tokio::select! {
            ended = tasks.join_next() => match ended {
                Some(ended) => ended.map_err(RunError::Broke)?,
                None => break,
            },
            () = shutdown.hard.cancelled() => {
                tracing::warn!("persistence was told to leave at once");
                return Ok(());
            }
        }
    }
    tracing::info!("persistence has stopped");
    Ok(())
}
